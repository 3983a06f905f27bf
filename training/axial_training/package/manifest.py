"""model.json: the manifest of a package."""

import hashlib
import json
from pathlib import Path

SCHEMA_VERSION = 1
WEIGHTS_FILE = "weights.onnx"


def write_manifest(folder: Path, manifest: dict) -> None:
    """Complete `manifest` with the weights' checksum and size and write it to `folder`/model.json."""
    weights = folder / WEIGHTS_FILE
    content = weights.read_bytes()
    complete = {
        "schemaVersion": SCHEMA_VERSION,
        "runtime": "onnx",
        "weights": {"file": WEIGHTS_FILE, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)},
        **manifest,
    }
    (folder / "model.json").write_text(json.dumps(ordered(complete), indent=2, ensure_ascii=False) + "\n")


KEY_ORDER = (
    "schemaVersion", "id", "version", "title", "runtime", "evidence", "onRequest", "intendedUse", "licence", "weights",
    "input", "preprocessing", "slices", "stack", "answerFor", "selector", "heads", "aggregation", "explanation",
    "calibration", "domain", "abstention", "reference", "metrics",
)  # fmt: skip


def ordered(manifest: dict) -> dict:
    """The manifest with its keys in the format's order; an unknown key is an error."""
    unknown = set(manifest) - set(KEY_ORDER)
    if unknown:
        raise ValueError(f"unknown manifest keys: {sorted(unknown)}")
    return {key: manifest[key] for key in KEY_ORDER if key in manifest}
