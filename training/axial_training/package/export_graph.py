"""The network as one ONNX graph: bytes in, probabilities and class maps out."""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from axial_training.evaluation.calibration import Calibration
from axial_training.evaluation.ordinal_readout import OrdinalReadout
from axial_training.families.family import Head
from axial_training.learning.normalisation import normalise, to_unit
from axial_training.package.contrast_maps import contrast_maps

OPSET = 18
INPUT = "image"
MAPS_OUTPUT = "cam"


class PackagedNetwork(nn.Module):
    """uint8 [N, 1, H, W] → one tensor of probabilities [N, labels] per head, then the first head's maps.

    With `mirrored` the logits and maps are means over the image and its mirror image. A head with a readout answers by
    its expectation.
    """

    def __init__(
        self,
        network: nn.Module,
        heads: tuple[Head, ...],
        calibration: Calibration,
        explainer: nn.Module | None = None,
        mirrored: bool = False,
        readouts: tuple[OrdinalReadout | None, ...] = (),
    ):
        super().__init__()
        self.network = network.eval()
        self.explainer = explainer
        self.heads = heads
        self.calibration = calibration
        self.mirrored = mirrored
        self.readouts = readouts or (None,) * len(heads)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Probabilities of each head, un-normalised maps of the first."""
        logits, maps = self.both_ways(normalise(to_unit(image)))
        return (*answers(logits, self.heads, self.calibration, self.readouts), maps)

    def both_ways(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and maps, averaged with the mirror image's where the package wants that."""
        logits, maps = self.logits_and_maps(images)
        if not self.mirrored:
            return logits, maps
        other_logits, other_maps = self.logits_and_maps(images.flip(-1))
        return (logits + other_logits) / 2, (maps + other_maps.flip(-1)) / 2

    def logits_and_maps(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Maps come from the explainer where there is one, else from the class maps of the network."""
        if self.explainer is not None:
            logits, features = self.network.logits_and_features(images)
            return logits, self.explainer(features)
        logits, maps = self.network.explain(images)
        labels = len(self.heads[0].labels)
        rivals = labels + self.heads[0].hidden
        return logits, contrast_maps(logits[:, :rivals], maps[:, :rivals])[:, :labels]


def answers(
    logits: Tensor,
    heads: tuple[Head, ...],
    calibration: Calibration,
    readouts: tuple[OrdinalReadout | None, ...],
) -> list[Tensor]:
    """Logits of all heads side by side → probabilities [N, labels] of each."""
    parts = logits.split([len(head.labels) + head.hidden for head in heads], dim=1)
    given = []
    for column, (part, head, readout) in enumerate(zip(parts, heads, readouts, strict=True)):
        probabilities = torch.softmax(calibration.of(column, part), 1)[:, : len(head.labels)]
        given.append(readout(probabilities) if readout else probabilities)
    return given


def export_onnx(packaged: PackagedNetwork, size: int, destination: Path) -> onnx.ModelProto:
    """Export with a dynamic first axis named "batch", check the graph and write it in float32."""
    example = torch.zeros(2, 1, size, size, dtype=torch.uint8)
    outputs = [head.output for head in packaged.heads] + [MAPS_OUTPUT]
    program = torch.onnx.export(
        packaged.eval(),
        (example,),
        input_names=[INPUT],
        output_names=outputs,
        dynamic_shapes={"image": {0: torch.export.Dim("batch")}},
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    model = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:  # the exporter records source paths
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, destination)
    return model
