"""What one writes around Orthanc: follow its changes, fetch each instance, classify it, keep a row.

Started by the bench: MODEL is a model package, URL Orthanc's REST API, INSTANCES how many to
classify, ROWS a SQLite file for the rows. Prints "ready", and a line "done" after the last commit.
"""

import io
import json
import os
import sqlite3
import time
import urllib.request
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pydicom
from PIL import Image

MODEL = Path(os.environ["MODEL"])
URL = os.environ["URL"]
INSTANCES = int(os.environ["INSTANCES"])
ROWS = os.environ["ROWS"]
BATCH = 16
POLL_SECONDS = 0.05


def get(path: str) -> bytes:
    with urllib.request.urlopen(URL + path) as answer:
        return answer.read()


def prepare(file: bytes, manifest: dict) -> tuple[pydicom.Dataset, np.ndarray]:
    """The model's input from one file: percentiles, letterbox, 8 bits."""
    dataset = pydicom.dcmread(io.BytesIO(file))
    pixels = dataset.pixel_array.astype(np.float32)
    intensity = manifest["preprocessing"]["intensity"]
    low, high = np.percentile(pixels, [intensity["low"], intensity["high"]])
    grey = np.clip((pixels - low) * (255 / max(high - low, 1e-6)), 0, 255).round()
    height, width = manifest["input"]["height"], manifest["input"]["width"]
    scale = min(height / grey.shape[0], width / grey.shape[1])
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    small = np.asarray(Image.fromarray(grey.astype(np.uint8)).resize(size, Image.BILINEAR))
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    out = np.zeros((1, height, width), np.uint8)
    out[0, top : top + size[1], left : left + size[0]] = small
    return dataset, out


def main() -> None:
    manifest = json.loads((MODEL / "model.json").read_text())
    weights = str(MODEL / manifest["weights"]["file"])
    session = ort.InferenceSession(weights, providers=["CPUExecutionProvider"])
    outputs = [head["output"] for head in manifest["heads"]]
    rows = sqlite3.connect(ROWS)
    rows.execute("PRAGMA synchronous = FULL")
    rows.execute("CREATE TABLE row (study TEXT, instance TEXT PRIMARY KEY, probabilities TEXT)")
    print("ready", flush=True)
    since, done = 0, 0
    while done < INSTANCES:
        page = json.loads(get(f"/changes?since={since}&limit=100"))
        new = [one["ID"] for one in page["Changes"] if one["ChangeType"] == "NewInstance"]
        for start in range(0, len(new), BATCH):
            some = new[start : start + BATCH]
            read = [prepare(get(f"/instances/{one}/file"), manifest) for one in some]
            batch = np.stack([image for _, image in read])
            first, *_ = session.run(outputs, {manifest["input"]["name"]: batch})
            rows.executemany(
                "INSERT OR IGNORE INTO row VALUES (?, ?, ?)",
                [
                    (dataset.StudyInstanceUID, dataset.SOPInstanceUID, json.dumps(found.tolist()))
                    for (dataset, _), found in zip(read, first)
                ],
            )
            rows.commit()
            done += len(some)
        since = page["Last"]
        if not new:
            time.sleep(POLL_SECONDS)
    print("done", rows.execute("SELECT count(*) FROM row").fetchone()[0], flush=True)


main()
