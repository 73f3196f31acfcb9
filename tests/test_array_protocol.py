"""What counts as an array: all with `__dlpack__`, `__array__` or a buffer, in place where that can be."""

import array
import ctypes
import mmap
import sys

import numpy as np
import pytest
from arraylikes import WithArray, WithDLPack, WithInterface

import cpool
from cpool import _arguments, _execute

NUMBERS = np.arange(24.0, dtype=np.float32).reshape(4, 6)


def buffer(kind, data):
    if kind == "array":
        return array.array("f", data.ravel().tolist())
    if kind == "memoryview":
        return memoryview(data)
    if kind == "bytearray":
        return bytearray(data.astype(np.uint8).tobytes())
    if kind == "ctypes":
        return (ctypes.c_float * 6 * 4)(*map(tuple, data.tolist()))
    area = mmap.mmap(-1, 24)
    area.write(data.astype(np.uint8).tobytes())
    return area


def unversioned(data):
    return WithDLPack(data, versions=False)


@pytest.mark.parametrize("kind", [WithDLPack, unversioned, WithInterface, WithArray, memoryview])
@pytest.mark.parametrize("data", [NUMBERS, NUMBERS.T, NUMBERS[::2, ::-1], NUMBERS.astype(np.int16)])
def test_read_in_place(kind, data):
    given = kind(data)
    found = _arguments.as_array(given)
    assert type(found) is np.ndarray and np.shares_memory(found, data) and found.dtype == data.dtype
    np.testing.assert_array_equal(found, data)
    for _ in range(3):  # the complete path, then the two ways of recognising a call
        np.testing.assert_array_equal(cpool.max_pool2d(given, 2), cpool.max_pool2d(data, 2))


@pytest.mark.parametrize("kind", ["array", "memoryview", "bytearray", "ctypes", "mmap"])
def test_buffers(kind):
    given = buffer(kind, NUMBERS)
    found = _arguments.as_array(given)
    assert np.shares_memory(found, np.asarray(given))
    np.testing.assert_array_equal(found.ravel(), NUMBERS.ravel())
    got = cpool.avg_pool1d(given, 2, dtype="float64")
    np.testing.assert_array_equal(got.ravel(), NUMBERS.reshape(-1, 2).mean(1))


def test_memory_map(tmp_path):
    path = tmp_path / "numbers"
    NUMBERS.tofile(path)
    mapped = np.memmap(path, np.float32, "r", shape=(4, 6))
    assert np.shares_memory(_arguments.as_array(mapped), mapped)
    got = cpool.max_pool2d(mapped, 2)
    assert type(got) is np.ndarray
    np.testing.assert_array_equal(got, cpool.max_pool2d(NUMBERS, 2))
    out = np.memmap(tmp_path / "out", np.float32, "w+", shape=(2, 3))
    for _ in range(3):
        out[...] = 0
        assert cpool.max_pool2d(mapped, 2, out=out) is out
        np.testing.assert_array_equal(out, got)
    np.save(tmp_path / "saved.npy", NUMBERS)
    loaded = np.load(tmp_path / "saved.npy", mmap_mode="r")
    expected = cpool.max_pool2d_backward(got, NUMBERS, 2)
    np.testing.assert_array_equal(cpool.max_pool2d_backward(got, loaded, 2), expected)


@pytest.mark.parametrize("wrap", [WithDLPack, WithArray, memoryview, np.ndarray.tolist])
def test_every_array_argument(wrap):
    values, indices = cpool.max_pool2d(NUMBERS.astype(float), 2, return_indices=True)
    for _ in range(3):
        got = cpool.max_pool2d_backward(wrap(values), (4, 6), 2, indices=wrap(indices))
        np.testing.assert_array_equal(got, cpool.max_pool2d_backward(values, (4, 6), 2, indices=indices))
        got = cpool.max_unpool2d(wrap(values), wrap(indices), 2)
        np.testing.assert_array_equal(got, cpool.max_unpool2d(values, indices, 2))
        layer = cpool.AvgPool2d(2)
        np.testing.assert_array_equal(layer(wrap(values)), cpool.avg_pool2d(values, 2))


def test_the_second_call_is_recognised(monkeypatch):
    """What is no ndarray takes the fast path as well, and only as long as it is of the same kind."""
    seen = []
    original = _execute._forward
    monkeypatch.setattr(_execute, "_forward", lambda *a: seen.append(1) or original(*a))
    given = memoryview(NUMBERS + 1)
    for _ in range(3):
        cpool.max_pool2d(given, (3, 1), 1)
    cpool.max_pool2d(NUMBERS, (3, 1), 1)
    assert len(seen) <= 1
    before = len(seen)
    cpool.max_pool2d(memoryview(NUMBERS.astype(np.int8)), (3, 1), 1)
    assert len(seen) == before + 1


def test_a_shape_stays_a_shape():
    """A tuple of ints stands for x in a gradient, of whatever class: `torch.Size` is one."""

    class Size(tuple):
        pass

    for _ in range(3):
        got = cpool.avg_pool2d_backward(NUMBERS[:2, :3], Size((4, 6)), 2)
        np.testing.assert_array_equal(got, cpool.avg_pool2d_backward(NUMBERS[:2, :3], NUMBERS, 2))


def test_errors_stay_as_they_are():
    """The order of checks is that of the complete path, whatever x is."""
    with pytest.raises(ValueError, match="nan_policy must be"):
        cpool.max_pool2d([[1.0, 2.0]], (1, 2), nan_policy="ignore")
    with pytest.raises(TypeError, match="x must have one of the dtypes"):
        cpool.max_pool2d("text", 2)
    with pytest.raises(ValueError, match="x must be array_like"):
        cpool.max_pool2d([[1], [2, 3]], 1)


# ---- bfloat16 by DLPack, which NumPy does not read ----


class Tensor(ctypes.Structure):
    """A DLTensor inside what manages it, before version 1."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", ctypes.c_int32 * 2),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("offset", ctypes.c_uint64),
    )


class Managed(ctypes.Structure):
    _fields_ = (("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


class Versioned(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint32 * 2),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    )


class Exporter:
    """bfloat16 (or anything of 16 bits) that only DLPack can hand over."""

    def __init__(self, data, *, code=4, device=1, version=None, strides=True, name=None):
        self.data, self.device, self.version, self.name = data, device, version, name
        sizes = (ctypes.c_int64 * data.ndim)(*data.shape)
        steps = (ctypes.c_int64 * data.ndim)(*(n // data.itemsize for n in data.strides)) if strides else None
        address = data.ctypes.data - 2
        tensor = Tensor(address, (device, 0), data.ndim, code, 16, 1, sizes, steps, 2)
        managed = Managed(tensor) if version is None else Versioned((version, 0), tensor=tensor)
        self.kept = sizes, steps, managed

    def __dlpack_device__(self):
        return self.device, 0

    def __dlpack__(self, **arguments):
        if self.version is None and arguments:
            raise TypeError("max_version")
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        self.text = self.name or (b"dltensor" if self.version is None else b"dltensor_versioned")
        return new(ctypes.addressof(self.kept[-1]), self.text, None)


@pytest.fixture
def halves():
    dtype = pytest.importorskip("ml_dtypes").bfloat16
    return np.arange(24).reshape(4, 6).astype(dtype)


@pytest.mark.parametrize("arguments", [{}, {"version": 1}, {"strides": False}])
def test_bfloat16(halves, arguments):
    for data in [halves] if "strides" in arguments else [halves, halves.T, halves[1:, ::-2]]:
        found = _arguments.as_array(Exporter(data.view(np.uint16) if data is halves else data, **arguments))
        assert found.dtype == data.dtype and not found.flags.writeable and np.shares_memory(found, data)
        np.testing.assert_array_equal(found, data)
        for _ in range(3):
            got = cpool.max_pool2d(Exporter(data, **arguments), 2)
            np.testing.assert_array_equal(got, cpool.max_pool2d(data, 2))


def test_bfloat16_of_no_elements(halves):
    found = _arguments.as_array(Exporter(halves[:0]))
    assert found.shape == (0, 6) and found.dtype == halves.dtype


@pytest.mark.parametrize(
    "arguments", [{"code": 3}, {"device": 2}, {"version": 2}, {"name": b"used_dltensor"}, {"code": 5}]
)
def test_what_else_dlpack_may_hold(halves, arguments):
    kind = ValueError if "name" in arguments else TypeError
    with pytest.raises(kind, match="x must be array_like"):
        _arguments.as_array(Exporter(halves, **arguments))


def test_bfloat16_without_ml_dtypes(halves, monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(TypeError, match=r"bfloat16 need ml_dtypes.*pip install ml_dtypes"):
        cpool.max_pool2d(Exporter(halves), 2)


# ---- the libraries themselves ----


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int8", "int64", "bool"])
def test_torch(dtype):
    torch = pytest.importorskip("torch")
    x = torch.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8).to(getattr(torch, dtype))
    found = _arguments.as_array(x)
    assert found.dtype.name == dtype and found.ctypes.data == x.data_ptr()
    expected = cpool.max_pool2d(found.copy(), 2)
    for given in (x, x.contiguous(memory_format=torch.channels_last), x.transpose(2, 3).transpose(2, 3)):
        np.testing.assert_array_equal(cpool.max_pool2d(given, 2), expected)


def test_torch_that_has_no_elements_here():
    torch = pytest.importorskip("torch")
    for given, why in [
        (torch.ones(4, 4, requires_grad=True), "detach"),
        (torch.ones(4, 4, device="meta"), "meta"),
        (torch.eye(4).to_sparse(), "[Ss]parse"),
        (torch.ones(4, 4, dtype=torch.bfloat16, requires_grad=True), "grad"),
    ]:
        with pytest.raises(TypeError, match=f"x must be array_like(?s:.*){why}"):
            cpool.max_pool2d(given, 2)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int8", "bool"])
def test_jax(dtype):
    jnp = pytest.importorskip("jax.numpy")
    x = jnp.arange(64).reshape(8, 8).astype(dtype)
    found = _arguments.as_array(x)
    assert found.dtype.name == dtype and found.ctypes.data == x.unsafe_buffer_pointer()
    np.testing.assert_array_equal(cpool.max_pool2d(x, 2), cpool.max_pool2d(np.array(x), 2))


def test_pandas_and_xarray():
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    for given in (pandas.DataFrame(NUMBERS), xarray.DataArray(NUMBERS)):
        got = cpool.max_pool2d(given, 2)
        assert type(got) is np.ndarray
        np.testing.assert_array_equal(got, cpool.max_pool2d(NUMBERS, 2))
