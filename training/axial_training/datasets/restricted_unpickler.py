"""Reading pickled NumPy arrays without running what a pickle asks for."""

import io
import pickle
from pathlib import Path

import numpy as np

LARGEST_FILE = 1 << 30  # bytes; a KneeMRI volume has about 7 MB
ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
    ("_codecs", "encode"),  # how Python 2 byte strings are written by protocol 2
}


class ForbiddenPickleError(pickle.UnpicklingError):
    """The pickle names something that an array does not need."""


class ArrayUnpickler(pickle.Unpickler):
    """Resolves the few names that a pickled array needs and refuses every other one."""

    def find_class(self, module: str, name: str):  # noqa: ANN201 - what pickle asks for
        """Called for every global that the pickle names."""
        if (module, name) not in ALLOWED:
            raise ForbiddenPickleError(f"the pickle asks for {module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pickled_array(path: Path) -> np.ndarray:
    """Read one array; Python 2 pickles too."""
    if path.stat().st_size > LARGEST_FILE:
        raise ForbiddenPickleError(f"{path.name} is larger than {LARGEST_FILE} bytes")
    array = ArrayUnpickler(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    if not isinstance(array, np.ndarray) or array.dtype.hasobject:
        raise ForbiddenPickleError(f"{path.name} does not hold a plain array")
    return array
