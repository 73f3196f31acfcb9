"""The one DLPack type that NumPy does not read: bfloat16 on the CPU, as an array of ml_dtypes in place.

The layouts are those of ``dlpack.h``, before and since version 1
(https://dmlc.github.io/dlpack/latest/c_api.html).
"""

import ctypes

import numpy as np

_CPU = 1
_BFLOAT, _BITS = 4, 16


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class _ManagedVersioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


_LAYOUTS = {b"dltensor": _Managed, b"dltensor_versioned": _ManagedVersioned}

_name = ctypes.pythonapi.PyCapsule_GetName
_name.restype, _name.argtypes = ctypes.c_char_p, [ctypes.py_object]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class _Bits:
    """Memory that an array is made of. The capsule is kept unused: it frees the memory when it goes."""

    def __init__(self, capsule, tensor):
        shape = tuple(tensor.shape[: tensor.ndim])
        strides = tuple(2 * n for n in tensor.strides[: tensor.ndim]) if tensor.strides else None
        self.capsule = capsule
        self.__array_interface__ = {
            "version": 3,
            "data": ((tensor.data or 0) + tensor.byte_offset, True),  # read-only: nothing here writes to it
            "shape": shape,
            "strides": strides,
            "typestr": np.dtype(np.uint16).str,
        }


def bfloat16(x):
    """An object's memory as an array of bfloat16, without a copy.

    Parameters
    ----------
    x : object
        One with ``__dlpack__``.

    Returns
    -------
    numpy.ndarray or None
        Read-only; None if its elements are of another type or not on the CPU.

    Raises
    ------
    ModuleNotFoundError
        If the elements are bfloat16 and ml_dtypes, which knows that type, is not installed.
    """
    if x.__dlpack_device__()[0] != _CPU:
        return None
    try:
        capsule = x.__dlpack__(max_version=(1, 0))
    except TypeError:  # from before there were versions
        capsule = x.__dlpack__()
    name = _name(capsule)
    if name not in _LAYOUTS:
        return None
    managed = _LAYOUTS[name].from_address(_pointer(capsule, name))
    if name == b"dltensor_versioned" and managed.major != 1:
        return None
    tensor = managed.tensor
    if (tensor.code, tensor.bits, tensor.lanes) != (_BFLOAT, _BITS, 1):
        return None
    try:
        from ml_dtypes import bfloat16 as dtype
    except ModuleNotFoundError as exc:
        raise ModuleNotFoundError(
            "elements of bfloat16 need ml_dtypes, which is not installed: pip install ml_dtypes",
            name=exc.name,
        ) from exc
    if 0 in tensor.shape[: tensor.ndim]:
        return np.empty(tuple(tensor.shape[: tensor.ndim]), dtype)
    return np.asarray(_Bits(capsule, tensor)).view(dtype)
