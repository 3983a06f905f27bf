"""A DICOM classifier as one writes it with Ray Serve: @serve.batch, pydicom, ONNX Runtime.

Started by the bench: MODEL is a model package, REPLICAS how many processes of one thread serve
it, BATCH the largest batch. A request names a file and gets its probabilities.
"""

import json
import os
import sys
import threading
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pydicom
import ray
from PIL import Image
from ray import serve
from starlette.requests import Request

BATCH_WAIT_SECONDS = 0.005
MAX_ONGOING_REQUESTS = 256

MODEL = Path(os.environ["MODEL"])
REPLICAS = int(os.environ["REPLICAS"])
BATCH = int(os.environ["BATCH"])
PORT = int(os.environ["PORT"])


def prepare(path: str, manifest: dict) -> np.ndarray:
    """The model's input from one file: percentiles, letterbox, 8 bits."""
    dataset = pydicom.dcmread(path)
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
    return out


@serve.deployment(
    num_replicas=REPLICAS,
    max_ongoing_requests=MAX_ONGOING_REQUESTS,
    ray_actor_options={"num_cpus": 1},
)
class Classifier:
    def __init__(self) -> None:
        self.manifest = json.loads((MODEL / "model.json").read_text())
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        weights = str(MODEL / self.manifest["weights"]["file"])
        self.session = ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self.outputs = [head["output"] for head in self.manifest["heads"]]

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=BATCH_WAIT_SECONDS)
    async def classify(self, paths: list[str]) -> list[list[float]]:
        batch = np.stack([prepare(path, self.manifest) for path in paths])
        first, *_ = self.session.run(self.outputs, {self.manifest["input"]["name"]: batch})
        return first.tolist()

    async def __call__(self, request: Request) -> list[float]:
        return await self.classify(request.query_params["path"])


def main() -> None:
    ray.init(address="local", num_cpus=REPLICAS, include_dashboard=False, logging_level="ERROR")
    quiet = {"log_level": "ERROR"}
    serve.start(http_options={"host": "127.0.0.1", "port": PORT}, logging_config=quiet)
    serve.run(Classifier.bind(), logging_config=quiet)
    print("ready", flush=True)
    # Ends with the bench, which holds the other end of standard input.
    reader = threading.Thread(target=sys.stdin.read)
    reader.start()
    reader.join()
    serve.shutdown()
    ray.shutdown()


main()
