"""Start weights are read from JavaScript modules without running them."""

import base64
from pathlib import Path

import numpy as np
import pytest

from axial_training.architectures.tfjs_weights import read_tfjs_weights

MODULE = "!function(a){module.exports=a()}((function(){return {1:[function(a,n,i){n.exports=%s},{}]}}));"
ENTRY = '{name:"%s",shape:[%s],dtype:"float32",quantization:{min:%s,scale:%s,dtype:"uint8"}}'


def write_model(folder: Path, kernel: np.ndarray, bias: np.ndarray, left_out: int = 0) -> None:
    """Two arrays over two shards, divided in the middle of the first."""
    content = kernel.tobytes() + bias.tobytes()
    middle = kernel.size // 2
    entries = ",".join([ENTRY % ("c/kernel", "3,3,4,8", "-.5", ".0125"), ENTRY % ("c/bias", str(bias.size), "1e-3", "2e-2")])
    manifest = '{paths:["s1","s2"],weights:[' + entries + "]}"
    topology = '{modelTopology:{name:"c",shape:[1]},weightsManifest:[' + manifest + "]}"
    (folder / "model.min.js").write_text(MODULE % topology)
    for name, part in (("s1", content[:middle]), ("s2", content[middle : len(content) - left_out])):
        (folder / f"{name}.min.js").write_text(MODULE % f'"{base64.b64encode(part).decode()}"')


def test_bytes_become_numbers(tmp_path: Path):
    random = np.random.default_rng(4)
    kernel, bias = (random.integers(0, 256, shape, dtype=np.uint8) for shape in ((3, 3, 4, 8), (100,)))
    write_model(tmp_path, kernel, bias)
    arrays = read_tfjs_weights(tmp_path)
    assert list(arrays) == ["c/kernel", "c/bias"]
    np.testing.assert_allclose(arrays["c/kernel"], kernel * 0.0125 - 0.5, atol=1e-6)
    np.testing.assert_allclose(arrays["c/bias"], bias * 0.02 + 0.001, atol=1e-6)


def test_missing_bytes_are_an_error(tmp_path: Path):
    write_model(tmp_path, np.zeros((3, 3, 4, 8), np.uint8), np.zeros(100, np.uint8), left_out=5)
    with pytest.raises(ValueError):
        read_tfjs_weights(tmp_path)
