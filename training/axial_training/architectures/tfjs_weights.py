"""Weights of a TF.js layers model that an npm package carries as JavaScript modules.

`model.min.js` holds the manifest as an object literal, every shard (`group1-shard1of6.min.js`) its bytes as base64.
The files are read as text and never run.
"""

import base64
import re
from pathlib import Path

import numpy as np

ENTRY = re.compile(
    r'\{name:"(?P<name>[^"]+)",shape:\[(?P<shape>[\d,]*)\],dtype:"float32",'
    r'quantization:\{min:(?P<low>[-+.\de]+),scale:(?P<step>[-+.\de]+),dtype:"uint8"\}\}'
)
PATHS = re.compile(r"paths:\[([^\]]*)\]")
PAYLOAD = re.compile(r'"([A-Za-z0-9+/]{64,}={0,2})"')


def read_tfjs_weights(folder: Path) -> dict[str, np.ndarray]:
    """Name → float32 array in TensorFlow's layout, widened from eight bits."""
    text = (folder / "model.min.js").read_text()
    manifest = text[text.index("weightsManifest") :]
    names = re.findall(r'"([^"]+)"', PATHS.search(manifest)[1])
    content = b"".join(read_shard(folder / f"{name}.min.js") for name in names)
    arrays, start = {}, 0
    for entry in ENTRY.finditer(manifest):
        shape = tuple(int(part) for part in entry["shape"].split(",") if part)
        count = int(np.prod(shape))
        stored = np.frombuffer(content, np.uint8, count, start).reshape(shape)
        arrays[entry["name"]] = stored.astype(np.float32) * float(entry["step"]) + np.float32(entry["low"])
        start += count
    if start != len(content) or len(arrays) != manifest.count("{name:"):
        raise ValueError(f"{folder}: the manifest describes {start} of {len(content)} bytes")
    return arrays


def read_shard(path: Path) -> bytes:
    """The base64 string of one module."""
    return base64.b64decode(PAYLOAD.search(path.read_text())[1], validate=True)
