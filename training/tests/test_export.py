"""The exported graph answers as PyTorch does, for every architecture; no training is needed for that."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from axial_training.architectures.ensemble import Ensemble
from axial_training.architectures.inception_v3 import InceptionV3
from axial_training.architectures.knee_joint import SIDE, KneeJointNetwork
from axial_training.architectures.mobilenet_v2 import MobileNetV2
from axial_training.architectures.occlusion_explainer import OcclusionExplainer
from axial_training.architectures.plain_cnn import AlexNetSlices, BaselineCnn, LumbarCnn, SeriesNetwork, Vgg16
from axial_training.architectures.same_padding import same_padding
from axial_training.evaluation.calibration import Calibration, as_it_is
from axial_training.families.family import Head, Label
from axial_training.package.contrast_maps import contrast_maps
from axial_training.package.export_graph import PackagedNetwork, export_onnx
from axial_training.package.golden_patterns import golden_patterns
from axial_training.package.parity import largest_difference
from axial_training.package.small_storage import STORAGES

HEAD = Head("first", "probabilities", tuple(Label(str(i), str(i)) for i in range(3)))
HEADS = (HEAD,)
NETWORKS = {
    "mobilenet": (lambda: MobileNetV2(3), 96),
    "baseline": (lambda: BaselineCnn(3), 128),
    "inception": (lambda: InceptionV3(3), 96),
    "knee films": (lambda: Ensemble([MobileNetV2(3), KneeJointNetwork(MobileNetV2(3))], (96, SIDE)), SIDE),
    "vgg16": (lambda: Vgg16(3), 64),
    "lumbar": (lambda: LumbarCnn(3), 64),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_graph_agrees_with_pytorch(name: str, tmp_path: Path):
    torch.manual_seed(0)
    build, size = NETWORKS[name]
    network = build()
    explainer = OcclusionExplainer(network.feature_channels, 3, 7) if hasattr(network, "feature_channels") else None
    packaged = PackagedNetwork(network, HEADS, Calibration((1.1,)), explainer)
    images = np.concatenate(list(golden_patterns(size, size).values()))
    weights = tmp_path / "weights.onnx"
    exact = export_onnx(packaged, size, weights)
    assert largest_difference(packaged, weights, images) < 1e-4
    assert exact.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert exact.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    full = weights.stat().st_size
    for storage, share in (("float16", 0.6), ("int8", 0.4)):
        onnx.save(STORAGES[storage](exact), weights)
        assert largest_difference(packaged, weights, images) < 1e-2
        assert weights.stat().st_size < share * full


def test_hidden_answers_stay_inside(tmp_path: Path):
    """A slice that shows nothing gives its probability to an answer that is not given out."""
    torch.manual_seed(0)
    heads = (replace(HEAD, hidden=1),)
    packaged = PackagedNetwork(SeriesNetwork(AlexNetSlices(4)), heads, as_it_is(heads))
    export_onnx(packaged, 64, tmp_path / "weights.onnx")
    images = np.concatenate(list(golden_patterns(64, 64).values()))
    assert largest_difference(packaged, tmp_path / "weights.onnx", images) < 1e-4
    probabilities, maps = packaged(torch.from_numpy(images))
    assert probabilities.shape == (3, 3) and maps.shape[:2] == (3, 3)
    assert (probabilities.sum(1) < 0.999).all()


def test_contrast_keeps_what_decides():
    """The mean of a contrasted map is the logit less its competitors' weighted logits, so a common part cancels."""
    logits = torch.tensor([[2.0, 1.0, -1.0]])
    maps = logits[:, :, None, None] + torch.randn(1, 3, 4, 4)
    common = torch.randn(1, 1, 4, 4)
    torch.testing.assert_close(contrast_maps(logits, maps + common), contrast_maps(logits, maps))


def test_same_padding_puts_the_odd_pixel_behind():
    assert same_padding(224, 3, 2) == (0, 1)
    assert same_padding(225, 3, 2) == (1, 1)
    assert same_padding(7, 3, 1) == (1, 1)
    assert same_padding(7, 1, 1) == (0, 0)
