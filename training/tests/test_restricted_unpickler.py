"""Only arrays come out of a pickle, and nothing runs."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from axial_training.datasets.restricted_unpickler import ForbiddenPickleError, read_pickled_array


class Malicious:
    """Would create a file when unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


class Callback:
    """Would call an allowed-looking function of another module."""

    def __reduce__(self):
        return (eval, ("1 + 1",))


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_reads_arrays_of_every_protocol(tmp_path: Path, protocol: int):
    volume = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    path = tmp_path / "volume.pck"
    path.write_bytes(pickle.dumps(volume, protocol))
    np.testing.assert_array_equal(read_pickled_array(path), volume)


def test_reads_names_of_older_numpy(tmp_path: Path):
    path = tmp_path / "volume.pck"
    content = pickle.dumps(np.zeros(3, np.uint8), 2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    path.write_bytes(content)
    assert read_pickled_array(path).shape == (3,)


@pytest.mark.parametrize("protocol", [2, 4])
def test_refuses_code(tmp_path: Path, protocol: int):
    path, touched = tmp_path / "evil.pck", tmp_path / "touched"
    path.write_bytes(pickle.dumps(Malicious(touched), protocol))
    with pytest.raises(ForbiddenPickleError):
        read_pickled_array(path)
    assert not touched.exists()


def test_refuses_builtins(tmp_path: Path):
    path = tmp_path / "evil.pck"
    path.write_bytes(pickle.dumps(Callback()))
    with pytest.raises(ForbiddenPickleError, match="builtins.eval"):
        read_pickled_array(path)


def test_refuses_arrays_of_objects_and_other_values(tmp_path: Path):
    path = tmp_path / "objects.pck"
    path.write_bytes(pickle.dumps(np.array([None, 1], dtype=object)))
    with pytest.raises(ForbiddenPickleError):
        read_pickled_array(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ForbiddenPickleError):
        read_pickled_array(path)
