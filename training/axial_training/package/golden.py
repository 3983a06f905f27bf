"""golden.json: inputs and the outputs that a loaded model must reproduce."""

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch

TOLERANCE = 0.001


def write_golden(weights: Path, destination: Path, inputs: dict[str, np.ndarray], outputs: list[str]) -> None:
    """Run each uint8 input [1, C, H, W] through the exported graph on the CPU and record the outputs."""
    session = cpu_session(weights)
    cases = [golden_case(session, name, image, outputs) for name, image in inputs.items()]
    destination.write_text(json.dumps({"tolerance": TOLERANCE, "cases": cases}, indent=1) + "\n")


def golden_case(session: onnxruntime.InferenceSession, name: str, image: np.ndarray, outputs: list[str]) -> dict:
    """One case: the encoded input and the first row of each named output."""
    values = session.run(outputs, {session.get_inputs()[0].name: image})
    return {
        "name": name,
        "input": {
            "shape": list(image.shape),
            "dtype": "uint8",
            "encoding": "deflate+base64",
            "data": base64.b64encode(zlib.compress(image.tobytes(), 9)).decode("ascii"),
        },
        "outputs": {
            output: [round(float(v), 7) for v in value[0].ravel()] for output, value in zip(outputs, values, strict=True)
        },
    }


def cpu_session(weights: Path, threads: int = 0) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the CPU provider; 0 threads: as many as PyTorch has."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or torch.get_num_threads()
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
