"""An array in the forms in which a function may get it: views, a subclass, objects that have a protocol."""

import numpy as np


class Subclass(np.ndarray):
    """A subclass that changes nothing: the result is a plain ndarray all the same."""


class WithArray:
    """Has ``__array__`` and nothing else."""

    def __init__(self, data):
        self.data = data

    def __array__(self, dtype=None, copy=None):
        return self.data if dtype is None else self.data.astype(dtype)


class WithInterface:
    """Has ``__array_interface__`` and nothing else."""

    def __init__(self, data):
        self.data, self.__array_interface__ = data, data.__array_interface__


class WithDLPack:
    """Has DLPack and nothing else, as an old or a new library; `asked` is what it was asked for."""

    def __init__(self, data, versions=True):
        self.data, self.versions, self.asked = data, versions, []

    def __dlpack__(self, **options):
        self.asked.append(options)
        if options and not self.versions:
            raise TypeError("unexpected keyword argument")
        return self.data.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.data.__dlpack_device__()


class BrokenArray:
    """An ``__array__`` that raises."""

    def __init__(self, error=None):
        self.error = error or ValueError("no array today")

    def __array__(self, dtype=None, copy=None):
        raise self.error


def unaligned(x):
    """Return a copy one byte off."""
    raw = np.empty(x.nbytes + 1, np.uint8)
    found = np.ndarray(x.shape, x.dtype, raw.data, 1)
    found[...] = x
    assert x.itemsize == 1 or not x.size or not found.flags.aligned
    return found


def read_only(x):
    """Return a copy that cannot be written."""
    found = np.array(x)
    found.flags.writeable = False
    return found


def swapped(x):
    """Return a copy in the other byte order; bfloat16 has none in NumPy."""
    return x.astype(x.dtype.newbyteorder()) if x.dtype.name != "bfloat16" else x
