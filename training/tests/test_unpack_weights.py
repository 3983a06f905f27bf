"""A package's weights go back into the network that it was exported from."""

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from axial_training.architectures.plain_cnn import AlexNetSlices, Vgg16
from axial_training.learning.normalisation import normalise, to_unit
from axial_training.package.unpack_weights import origin_of, unpack_package

(PACKAGE,) = (Path(__file__).parents[2] / "models" / "knee-acl-vgg16-svc").iterdir()


@torch.inference_mode()
def test_the_network_answers_as_the_package_does(tmp_path: Path):
    network = Vgg16(3)
    unpack_package(PACKAGE, network, tmp_path)
    network.load_state_dict(torch.load(tmp_path / "best.pt", weights_only=True))
    temperature = json.loads((PACKAGE / "model.json").read_text())["calibration"]["temperature"]
    for case in json.loads((PACKAGE / "golden.json").read_text())["cases"]:
        pixels = np.frombuffer(zlib.decompress(base64.b64decode(case["input"]["data"])), np.uint8)
        image = torch.from_numpy(pixels.reshape(case["input"]["shape"]).copy())
        found = torch.softmax(network.eval()(normalise(to_unit(image))) / temperature, 1)[0]
        np.testing.assert_allclose(found, case["outputs"]["probabilities"], atol=1e-3)
    assert origin_of(tmp_path) == f"{PACKAGE.parent.name} {PACKAGE.name}"


def test_weights_of_another_network_are_refused(tmp_path: Path):
    with pytest.raises((ValueError, RuntimeError), match="another network|size mismatch"):
        unpack_package(PACKAGE, AlexNetSlices(3), tmp_path)
