"""Every committed package is whole: checksum, graph, golden outputs, sizes."""

import base64
import hashlib
import json
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from axial_training.families.registry import FAMILIES

MODELS = Path(__file__).parents[2] / "models"
PACKAGES = sorted(path.parent for path in MODELS.glob("*/*/model.json"))
LARGEST_FILE, LARGEST_SUM = 12_000_000, 80_000_000
LARGER = {"brain-tumour-inceptionv3": 24_000_000}  # 22 million weights, each in eight bits


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.parent.name)
def test_package_is_whole(folder: Path):
    manifest = json.loads((folder / "model.json").read_text())
    weights = folder / manifest["weights"]["file"]
    content = weights.read_bytes()
    assert (manifest["id"], manifest["version"]) == (folder.parent.name, folder.name)
    assert hashlib.sha256(content).hexdigest() == manifest["weights"]["sha256"]
    assert len(content) == manifest["weights"]["bytes"] <= LARGER.get(manifest["id"], LARGEST_FILE)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert all(entry.version >= 17 for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    assert not any(initializer.external_data for initializer in model.graph.initializer)
    for picture in ("confusion", "curves", "calibration"):
        assert list(folder.glob(f"{picture}*.png"))


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.parent.name)
def test_package_takes_what_its_family_says(folder: Path):
    manifest, family = json.loads((folder / "model.json").read_text()), FAMILIES[folder.parent.name].manifest()
    for rule in ("selector", "slices", "stack", "preprocessing"):
        assert manifest.get(rule) == family.get(rule), rule


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.parent.name)
def test_golden_outputs_are_reproduced(folder: Path):
    manifest = json.loads((folder / "model.json").read_text())
    golden = json.loads((folder / "golden.json").read_text())
    session = onnxruntime.InferenceSession(str(folder / "weights.onnx"), providers=["CPUExecutionProvider"])
    assert len(golden["cases"]) >= 3
    for case in golden["cases"]:
        data = zlib.decompress(base64.b64decode(case["input"]["data"]))
        image = np.frombuffer(data, np.uint8).reshape(case["input"]["shape"])
        for head in manifest["heads"]:
            (found,) = session.run([head["output"]], {manifest["input"]["name"]: image})
            assert found.shape == (1, len(head["labels"]))
            np.testing.assert_allclose(found[0], case["outputs"][head["output"]], atol=golden["tolerance"])
        (maps,) = session.run([manifest["explanation"]["output"]], {manifest["input"]["name"]: image})
        assert maps.shape[:2] == (1, len(manifest["heads"][0]["labels"]))


def test_weights_stay_small():
    assert sum(path.stat().st_size for path in MODELS.rglob("weights.onnx")) < LARGEST_SUM
