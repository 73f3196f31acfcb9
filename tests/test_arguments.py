"""What each argument accepts, what it becomes, and what is said about the rest."""

import array
import ctypes
import enum
import math
import os
import re
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from arraylikes import BrokenArray, WithArray, WithDLPack, WithInterface
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from cpool import _arguments as arguments

LIMIT = 2**31 - 1


class Index:
    """Something that is an integer by its own account."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Integer(int):
    pass


class Size(enum.IntEnum):
    TWO = 2


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no")


TWOS = [2, Index(2), Integer(2), Size.TWO, np.int8(2), np.uint64(2), np.array(2)]
NO_INTS = [
    2.0, np.float64(2), True, False, np.True_, np.array(True), np.array(2.0), "2", b"2", bytearray(b"22"),
    None, 2j, Decimal(2), {2}, {2: 2}, object(), Unprintable(), iter([2, 2]), np.array([2.0, 2.0]),
    np.array([True, True]), [2.0, 2], (True, 2), [None, 2], ["2", 2],
]
HUGE = [LIMIT, LIMIT + 1, 2**63 - 1, 2**63, 2**64, 10**400, np.uint64(2**64 - 1)]
DIGITS = 10**5000  # more than Python converts to text


ENDLESS = range(10**30)  # of a length that len() cannot say


def name_of(value):
    """A test's name that does not print the value."""
    return type(value).__name__


def is_exact(value):
    return type(value) is int or (type(value) is tuple and all(map(is_exact, value)))


def refused(kind, name, call, *args, **kwargs):
    """The message of an error of exactly this kind that names the argument and what it got."""
    with pytest.raises(kind) as info:
        call(*args, **kwargs)
    assert info.type is kind
    message = str(info.value)
    assert message.startswith(name + " ")
    assert "; got " in message
    assert len(message) < 600
    return message


# ---- ints ----


@pytest.mark.parametrize("value", TWOS)
def test_ints_of_all_kinds(value):
    for given_ in (value, [value, 2], (2, value)):
        found = arguments.int_tuple(given_, 2, "stride", 1)
        assert found == (2, 2) and is_exact(found)
    assert is_exact(arguments.int_value(value, "n", 1))
    assert arguments.int_tuple(value, 3, "stride", 1) == (2, 2, 2)
    assert arguments.parse_divisor(value) == 2


def test_sequences_of_ints():
    for value in ([1, 2], (1, 2), np.array([1, 2]), range(1, 3), array.array("i", [1, 2])[:].tolist()):
        found = arguments.int_tuple(value, 2, "stride", 1)
        assert found == (1, 2) and is_exact(found)


@pytest.mark.parametrize("value", NO_INTS, ids=name_of)
def test_no_ints(value):
    message = refused(TypeError, "stride", arguments.int_tuple, value, 2, "stride", 1)
    assert "an int or 2 ints, from 1 to 2147483646" in message
    if not isinstance(value, str):
        refused(TypeError, "padding", arguments.parse_padding, value, 2)
    if value is not None:
        refused(TypeError, "output_size", arguments.parse_output_size, (1, value), (5, 5))
    if not arguments.is_sequence(value):
        refused(TypeError, "n", arguments.int_value, value, "n", 1)
        refused(TypeError, "input_shape", arguments.parse_shape, value)
        refused(TypeError, "axis", arguments.check_axis, value, 4, 1)
        refused(TypeError, "input_shape", arguments.parse_shape, (value, 2))


@pytest.mark.parametrize("value", [*HUGE, 0, -1, -(2**63), -(10**400), DIGITS, -DIGITS], ids=name_of)
def test_ints_out_of_range(value):
    for given_ in (value, (1, value)):
        refused(ValueError, "stride", arguments.int_tuple, given_, 2, "stride", 1)
        if value != 0:
            refused(ValueError, "padding", arguments.parse_padding, given_, 2)
            refused(ValueError, "output_size", arguments.parse_output_size, given_, (5, 5))
    refused(ValueError, "n", arguments.int_value, value, "n", 1)
    refused(ValueError, "n", arguments.parse_threads, value)


def test_largest_int():
    assert arguments.int_value(LIMIT - 1, "n", 1) == LIMIT - 1
    assert arguments.int_tuple((1, LIMIT - 1), 2, "stride", 1) == (1, LIMIT - 1)


@pytest.mark.parametrize("value", [
    (), (2,), (2, 2, 2), [2] * 1000, np.array([2]), range(10**12), ENDLESS,
], ids=name_of)
def test_wrong_number_of_ints(value):
    message = refused(ValueError, "stride", arguments.int_tuple, value, 2, "stride", 1)
    assert "an int or 2 ints" in message
    refused(ValueError, "padding", arguments.parse_padding, value, 2)
    refused(ValueError, "output_size", arguments.parse_output_size, value, (5, 5))
    refused(ValueError, "axis", arguments.check_axis, value, 4, 2)
    refused(ValueError, "spatial_ndim", arguments.count_axes, value, 2)
    refused(ValueError, "output_size", arguments.parse_unpool_size, value, (5, 5), (2, 2), (1, 1), ())


def test_one_axis_is_named_in_the_singular():
    assert "an int or 1 int, from" in refused(TypeError, "stride", arguments.int_tuple, 2.0, 1, "stride", 1)


@given(st.integers(-(2**70), 2**70), st.integers(-3, 3))
def test_int_range(value, minimum):
    if minimum <= value < LIMIT:
        assert arguments.int_tuple(value, 2, "stride", minimum) == (value, value)
    else:
        refused(ValueError, "stride", arguments.int_tuple, value, 2, "stride", minimum)


def test_a_message_shows_anything():
    endless = []
    endless.append(endless)
    long = [[0] * 1000] * 1000
    for value in (endless, Unprintable(), "x" * 10**6, {DIGITS: 1}, np.zeros((100, 100)), long):
        refused(TypeError, "stride", arguments.int_value, value, "stride", 1)
    assert refused(ValueError, "n", arguments.parse_threads, DIGITS).endswith("got <int>")


# ---- output sizes, padding, shapes, divisor ----


def test_output_size():
    assert arguments.parse_output_size(3, (5, 6)) == (3, 3)
    assert arguments.parse_output_size(None, (5, 6)) == (5, 6)
    assert arguments.parse_output_size((None, 0), (5, 6)) == (5, 0)
    assert arguments.parse_output_size([np.int8(2), None], (5, 2**40)) == (2, 2**40)
    assert is_exact(arguments.parse_output_size(np.array([1, 2]), (5, 6)))
    assert "None" in refused(TypeError, "output_size", arguments.parse_output_size, (2, (2,)), (5, 6))


@pytest.mark.parametrize("value, pairs", [
    (1, ((1, 1), (1, 1))),
    ((1, 2), ((1, 1), (2, 2))),
    (((1, 2), (3, 4)), ((1, 2), (3, 4))),
    ([[0, 2], (np.int8(3), Index(4))], ((0, 2), (3, 4))),
    (np.array([[1, 2], [3, 4]]), ((1, 2), (3, 4))),
    ("valid", ((0, 0), (0, 0))),
])
def test_padding(value, pairs):
    found = arguments.parse_padding(value, 2)
    assert found == pairs and is_exact(found)


def test_padding_words():
    assert [type(arguments.parse_padding(np.str_(word), 2)) for word in ("same", "same_lower")] == [str, str]
    assert arguments.parse_padding("same", 1) == "same"
    message = refused(ValueError, "padding", arguments.parse_padding, "SAME", 2)
    assert "an int, 2 ints or 2 (before, after) pairs" in message
    assert "'valid' or 'same' or 'same_lower'; got 'SAME'" in message
    refused(ValueError, "padding", arguments.parse_padding, "same", 2, ("valid",))


def test_padding_of_one_axis():
    assert arguments.parse_padding(((1, 2),), 1) == ((1, 2),)
    assert arguments.parse_padding([3], 1) == ((3, 3),)
    message = refused(ValueError, "padding", arguments.parse_padding, (1, 2), 1)
    assert "1 int or 1 (before, after) pair" in message


@pytest.mark.parametrize("kind, value", [
    (ValueError, ((1, 2, 3), (1, 2))), (ValueError, ((1,), (2,))), (ValueError, ((1, 2), (3, -4))),
    (ValueError, ((1, 2), (3, LIMIT))), (ValueError, ((1, 2),)), (ValueError, ((1, 1), (1, 1), (1, 1))),
    (ValueError, (ENDLESS, (1, 1))), (TypeError, ((1, 2), 3)), (TypeError, ((1, 2.0), (3, 4))),
    (TypeError, ((1, True), (3, 4))), (TypeError, ("same", "same")), (TypeError, 1.0), (TypeError, None),
])
def test_wrong_padding(kind, value):
    refused(kind, "padding", arguments.parse_padding, value, 2)


def test_shape():
    assert arguments.parse_shape([np.int64(2), 0, 2**40]) == (2, 0, 2**40)
    assert arguments.parse_shape(()) == ()
    assert is_exact(arguments.parse_shape(np.array([1, 2])))
    for value in ((-1,), (2**62 + 1,), (DIGITS,), (1,) * 65, ENDLESS):
        refused(ValueError, "input_shape", arguments.parse_shape, value)


def test_divisor():
    assert arguments.parse_divisor(None) is None
    assert arguments.parse_divisor(-3) == -3
    assert arguments.parse_divisor(-(2**63) + 1) == -(2**63) + 1
    for value in (0, 2**63, -(2**63), DIGITS):
        refused(ValueError, "divisor_override", arguments.parse_divisor, value)
    for value in (True, 2.0, "2", (2,)):
        refused(TypeError, "divisor_override", arguments.parse_divisor, value)


# ---- words, flags and numbers ----


def test_flags():
    for value in (True, False, np.True_, np.False_):
        assert arguments.flag(value, "ceil_mode") is bool(value)
    for value in (0, 1, None, "yes", [], np.array(True), 1.0):
        refused(TypeError, "ceil_mode", arguments.flag, value, "ceil_mode")


def test_words():
    assert arguments.parse_mode("sum") == "sum"
    assert type(arguments.parse_mode(np.str_("last"))) is str
    assert "one of 'last', 'sum'; got 'first'" in refused(ValueError, "mode", arguments.parse_mode, "first")
    for value in (None, 1, b"sum", ["sum"]):
        refused(TypeError, "mode", arguments.parse_mode, value)


def test_nan_policy():
    for policy in ("propagate", "omit", "raise"):
        assert arguments.parse_nan_policy(policy) == policy
    refused(ValueError, "nan_policy", arguments.parse_nan_policy, "ignore")
    refused(TypeError, "nan_policy", arguments.parse_nan_policy, None)


def test_weights():
    def weights(value, op="avg", dtype="float32", divisor=None):
        return arguments.as_weights(op, value, (2, 3), np.dtype(dtype), divisor, np.dtype("uint8"))

    assert weights(np.ones(3, np.float16)).dtype == np.float16
    assert weights(np.ones(3, np.uint8)).dtype == np.float32
    assert weights([1, 2, 3]).dtype == np.float64
    assert "None here" in refused(ValueError, "weights", weights, np.ones(3), "sum")
    arguments.refuse(None, "weights")
    refused(ValueError, "weights", weights, np.ones(2))
    refused(ValueError, "divisor_override", weights, np.ones(3), "avg", "float32", 2)
    refused(TypeError, "dtype", weights, np.ones(3), "avg", "uint8")


def test_values_needed():
    assert "with weights" in refused(TypeError, "x", arguments.need_values, (2, 3), "weights")


@pytest.mark.parametrize("value, p", [
    (2, 2.0), (2.5, 2.5), (np.float32(0.5), 0.5), (np.int8(3), 3.0), (Fraction(1, 4), 0.25), (np.inf, np.inf),
    (Index(2), 2.0), (np.longdouble(2), 2.0), (5e-324, 5e-324), (2**70, 2.0**70),
])
def test_norm_type(value, p):
    found = arguments.parse_norm_type(value)
    assert found == p and type(found) is float


@pytest.mark.parametrize("kind, value", [
    *((ValueError, value) for value in (0, -1, -0.0, np.nan, -np.inf, 10**400, Fraction(10**400), DIGITS)),
    (ValueError, Fraction(1, 10**400)),
    *((TypeError, value) for value in (True, np.True_, "2", None, 2j, (2,), Decimal(2), np.array([2.0]))),
], ids=name_of)
def test_wrong_norm_type(kind, value):
    refused(kind, "norm_type", arguments.parse_norm_type, value)


# ---- layouts and axes ----

ALIASES = {1: ("NCW", "NWC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_data_format(nd):
    for count, (first, last) in ALIASES.items():
        assert arguments.parse_data_format(first) is False
        assert arguments.parse_data_format(last) is True
        if count == nd:
            assert arguments.parse_data_format(first, nd) is False
            assert arguments.parse_data_format(last, nd) is True
        else:
            message = refused(ValueError, "data_format", arguments.parse_data_format, first, nd)
            assert ALIASES[nd][0] in message and ALIASES[nd][1] in message
            refused(ValueError, "data_format", arguments.parse_data_format, last, nd)
    assert arguments.parse_data_format("channels_first", nd) is False
    assert arguments.parse_data_format("channels_last", nd) is True
    refused(ValueError, "data_format", arguments.parse_data_format, "nchw", nd)
    for value in (None, 1, True, b"NCHW", ("NCHW",), ["NCHW"]):
        refused(TypeError, "data_format", arguments.parse_data_format, value, nd)


def test_infer_nd():
    infer = arguments.infer_nd
    assert infer((1, 2, 3), "NDHWC", kernel_size=(1, 2)) == 3
    assert infer((1, 2, 3), "channels_first", kernel_size=1, stride=(1, 2)) == 2
    assert [infer((9,) * n, "channels_first") for n in (1, 2, 3, 4, 5)] == [1, 2, 1, 2, 3]
    assert [infer((9,) * n, "channels_last") for n in (2, 3, 4, 5)] == [1, 1, 2, 3]
    for shape in ((), (9,) * 6):
        refused(ValueError, "input_shape", infer, shape, "channels_first")
    refused(ValueError, "input_shape", infer, (9,), "channels_last")
    for value in ((), (1,) * 4):
        refused(ValueError, "padding", infer, (9,), "channels_first", padding=value)


def test_spatial_ndim():
    parse = arguments.parse_spatial_ndim
    assert [parse(None, ndim, "channels_first") for ndim in (3, 4, 6)] == [1, 2, 4]
    assert [parse(None, ndim, "channels_last") for ndim in (3, 4, 6)] == [1, 2, 4]
    assert parse(4, 4, "channels_first") == 4
    assert parse(np.int8(3), 4, "channels_last") == 3
    assert parse(2, 7, "NHWC") == 2
    for ndim in (0, 1, 2):
        message = refused(ValueError, "spatial_ndim", parse, None, ndim, "channels_last")
        assert f"got None and {ndim} axes" in message
    for value in (0, 5, -1, DIGITS):
        refused(ValueError, "spatial_ndim", parse, value, 4, "channels_first")
    refused(ValueError, "spatial_ndim", parse, 4, 4, "channels_last")
    for value in (2.0, True, "2", (2,)):
        refused(TypeError, "spatial_ndim", parse, value, 4, "channels_first")
    refused(ValueError, "data_format", parse, None, 5, "NCHW")
    refused(ValueError, "data_format", parse, 4, 5, "NCHW")
    refused(TypeError, "data_format", parse, None, 5, None)


def test_count_axes():
    assert arguments.count_axes(1) == 1
    assert arguments.count_axes((1, 2, 0)) == 3
    assert arguments.count_axes([1, 2], np.int8(2)) == 2
    refused(ValueError, "spatial_ndim", arguments.count_axes, (1, 2), 3)
    refused(TypeError, "spatial_ndim", arguments.count_axes, (1, 2), 2.0)


def test_axis():
    assert arguments.check_axis((1, -1), 4, 2) == (1, 3)
    assert arguments.check_axis([3, 0], 4, 2) == (3, 0)
    assert arguments.check_axis(-4, 4, 1) == (0,)
    assert is_exact(arguments.check_axis(np.array([0, -1]), 4, 2))
    for value in ((1, 1), (1, -3), (0,), (0, 1, 2), (0, 4), (0, -5), (0, DIGITS), 0):
        message = refused(ValueError, "axis", arguments.check_axis, value, 4, 2)
        assert "2 different ints from -4 to 3" in message
    assert "an int from -4 to 3" in refused(ValueError, "axis", arguments.check_axis, 4, 4, 1)
    refused(ValueError, "axis", arguments.check_axis, (), 4, 0)
    for value in (None, (0, 1.0), (0, None), 1.0, "0", (0, True)):
        refused(TypeError, "axis", arguments.check_axis, value, 4, 2)


def test_axis_beside_data_format():
    arguments.check_axis_alone(True, "channels_first")
    refused(ValueError, "data_format", arguments.check_axis_alone, False, "channels_first")


def test_split_shape():
    split = arguments.split_shape
    assert split((1, 2, 3, 4), 2, False) == ((1, 2), (3, 4), ())
    assert split((1, 2, 3, 4), 2, True) == ((1,), (2, 3), (4,))
    assert split((3, 4), 2, False) == ((), (3, 4), ())
    assert split((3, 0), 1, True) == ((), (3,), (0,))
    message = refused(ValueError, "x", split, (3, 4), 2, True)
    assert "at least 3 axes for 2 spatial ones in channels_last" in message
    message = refused(ValueError, "y", split, (2, 0, 4), 2, False, "y")
    assert "got (0, 4) in the shape (2, 0, 4)" in message


def test_window_too_large():
    error = arguments.window_too_large(1, 5, 4, 2, 0, 1)
    assert isinstance(error, ValueError)
    assert str(error) == (
        "kernel_size must leave room for a window in spatial axis 1, of size 5 padded by 0 and 1; got 4, "
        "which spans 7 with dilation 2"
    )


# ---- dtypes ----

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NAMES = ["bool", *INTEGERS, "float16", "float32", "float64"]


@pytest.fixture
def bfloat16():
    return np.dtype(pytest.importorskip("ml_dtypes").bfloat16)


def test_table():
    assert set(arguments.DTYPES) == {*NAMES, "bfloat16"}
    for name, row in arguments.DTYPES.items():
        if name != "bfloat16":
            dtype = np.dtype(name)
            assert row.kind == {"b": "bool", "i": "int", "u": "uint", "f": "float"}[dtype.kind]
            if dtype.kind != "f":
                assert row.sum == np.zeros(1, dtype).sum().dtype.name  # as NumPy's, on 64-bit platforms
    assert arguments.dtype_name(np.dtype(">f4")) == "float32"


@pytest.mark.parametrize("name", NAMES)
def test_default_dtype(name):
    for x_dtype in (np.dtype(name), np.dtype(name).newbyteorder(">")):
        for op in ("max", "min"):
            assert arguments.parse_dtype(op, None, x_dtype) == np.dtype(name)
        wide = {"b": "int64", "i": "int64", "u": "uint64", "f": name}[x_dtype.kind]
        assert arguments.parse_dtype("sum", None, x_dtype) == np.dtype(wide)
        for op in ("avg", "lp"):
            if name == "bool":
                message = refused(TypeError, "dtype", arguments.parse_dtype, op, None, x_dtype)
                assert "float32 or float64" in message
            else:
                assert arguments.parse_dtype(op, None, x_dtype) == np.dtype(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("asked", [*NAMES, ">f4", "c8", "O", "M8[s]", "S3", "i4,i4"])
def test_given_dtype(name, asked):
    x_dtype = np.dtype(name)
    floats = ["float32", "float64"]
    accepted = {"max": [], "min": [], "avg": floats, "lp": floats, "sum": floats}
    if x_dtype.kind != "f":
        accepted["sum"] = floats + INTEGERS
    for op, names in accepted.items():
        for value in (asked, np.dtype(asked)):
            if asked in names:
                assert arguments.parse_dtype(op, value, x_dtype) == np.dtype(asked)
            else:
                refused(TypeError, "dtype", arguments.parse_dtype, op, value, x_dtype)


@pytest.mark.parametrize("value", ["quadruple", 5, [1], Unprintable(), {"names": 3}], ids=name_of)
def test_no_dtype(value):
    refused(TypeError, "dtype", arguments.parse_dtype, "avg", value, np.dtype("f4"))
    refused(TypeError, "index_dtype", arguments.parse_index_dtype, value, 10)


def test_bfloat16(bfloat16):
    x = np.ones((2, 3), bfloat16)
    assert arguments.as_array(x) is x
    assert arguments.dtype_name(x.dtype) == "bfloat16"
    for op in ("max", "sum", "avg", "lp"):
        assert arguments.parse_dtype(op, None, bfloat16) == bfloat16
    assert arguments.parse_dtype("sum", "float32", bfloat16) == np.float32
    refused(TypeError, "dtype", arguments.parse_dtype, "sum", bfloat16, bfloat16)
    refused(TypeError, "dtype", arguments.parse_dtype, "sum", "int64", bfloat16)
    arguments.check_gradient(x, (2, 3), bfloat16)
    refused(TypeError, "grad_output", arguments.check_gradient, x, (2, 3), np.dtype("f2"))
    assert arguments.check_out(x, (2, 3), bfloat16) is not None
    others = pytest.importorskip("ml_dtypes")
    refused(TypeError, "x", arguments.as_array, np.ones(3, others.float8_e5m2))
    refused(TypeError, "x", arguments.as_array, np.ones(3, others.int4))


def test_index_dtype():
    parse = arguments.parse_index_dtype
    assert parse(None, 2**40) == np.int64
    assert parse(np.int64, 2**40) == np.int64
    assert parse("int32", 2**31) == np.int32
    assert "2147483649 elements" in refused(ValueError, "index_dtype", parse, np.int32, 2**31 + 1)
    for value in (np.uint8, np.uint64, np.float64, bool, ">i4" if sys.byteorder == "little" else "<i4"):
        assert "int32, int64" in refused(TypeError, "index_dtype", parse, value, 10)


# ---- arrays in ----


def test_arrays_pass_unchanged():
    for x in (np.zeros((2, 3)), np.zeros((2, 3), ">f4"), np.zeros((2, 3))[::-1, ::2].T, np.zeros(())):
        assert arguments.as_array(x) is x
    x = np.zeros((2, 3))
    x.flags.writeable = False
    assert arguments.as_array(x) is x


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("wrap", [
    WithArray, WithInterface, WithDLPack, memoryview, np.asmatrix, lambda x: x.view(np.recarray),
])
def test_arrays_of_other_kinds_are_not_copied(wrap):
    x = np.arange(6.0).reshape(2, 3)
    found = arguments.as_array(wrap(x))
    assert type(found) is np.ndarray
    assert np.shares_memory(found, x)
    np.testing.assert_array_equal(found, x)


def test_buffers():
    for buffer in (array.array("d", [1, 2, 3]), bytearray(b"123"), (ctypes.c_int32 * 3)(1, 2, 3)):
        found = arguments.as_array(buffer)
        found[0] = 7
        assert np.asarray(buffer)[0] == 7


def test_memory_maps(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(6.0))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    found = arguments.as_array(x)
    assert type(found) is np.ndarray
    assert np.shares_memory(found, x)
    del found, x


def test_tensors():
    torch = pytest.importorskip("torch")
    x = torch.arange(6.0).reshape(2, 3)
    assert arguments.as_array(x).ctypes.data == x.data_ptr()
    refused(TypeError, "x", arguments.as_array, x.requires_grad_())
    assert arguments.as_array(x.detach().bfloat16()).dtype.name == "bfloat16"
    refused(TypeError, "x", arguments.as_array, torch.empty(3, device="meta"))
    assert arguments.as_shape(torch.zeros(2, 3).shape) == (2, 3)


def test_lists():
    assert arguments.as_array([[1, 2], [3, 4]]).dtype == np.int64
    assert arguments.as_array([[1.5, 2]]).dtype == np.float64
    assert arguments.as_array(((True, False),)).dtype == bool
    assert arguments.as_array([]).shape == (0,)
    assert arguments.as_array(3).shape == ()
    assert arguments.as_array([np.zeros(3, "f4"), np.ones(3, "f4")]).dtype == np.float32


@pytest.mark.parametrize("x", [
    *(np.zeros(3, dtype) for dtype in (complex, object, "U1", "S1", "M8[s]", "m8[s]", [("a", "f4")], "V2")),
    "text", b"bytes", None, object(), {1, 2}, {1: 2}, iter([1]), [2**70], [1j], [None], [["a"]], np.float64,
    Unprintable(), len,
], ids=name_of)
def test_wrong_dtypes(x):
    message = refused(TypeError, "x", arguments.as_array, x)
    assert "bool, int8, int16, int32, int64, uint8" in message and "bfloat16" in message


@pytest.mark.skipif(np.dtype("longdouble").itemsize == 8, reason="long double is float64 here")
def test_long_double():
    refused(TypeError, "x", arguments.as_array, np.zeros(3, "longdouble"))


def test_masked_arrays():
    for x in (np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.masked):
        assert "mask=" in refused(TypeError, "x", arguments.as_array, x)


def test_masked_arrays_may_not_even_exist(monkeypatch):
    monkeypatch.delitem(sys.modules, "numpy.ma")
    assert arguments.as_array([1]).tolist() == [1]


def test_what_does_not_convert():
    assert "no" in refused(TypeError, "x", arguments.as_array, BrokenArray(RuntimeError("no")))
    refused(ValueError, "x", arguments.as_array, BrokenArray(ValueError("no")))
    with pytest.raises(MemoryError):
        arguments.as_array(BrokenArray(MemoryError()))
    refused(ValueError, "x", arguments.as_array, [[1, 2], [3]])
    endless = []
    endless.append(endless)
    with pytest.raises((TypeError, ValueError), match="x must be"):
        arguments.as_array(endless)

    class Elsewhere(WithDLPack):
        def __dlpack_device__(self):
            return (2, 0)

        def __dlpack__(self, **options):
            raise BufferError("not on the CPU")

    refused(TypeError, "x", arguments.as_array, Elsewhere(np.zeros(3)))


def test_buffers_hold_what_they_are_said_to_hold():
    class Described:
        def __init__(self, **description):
            self.__array_interface__ = {"version": 3, "typestr": "<i2", "shape": (2,)} | description

    assert arguments.as_array(Described(data=b"1234")).tolist() == [0x3231, 0x3433]
    assert arguments.as_array(Described(data=b"1234", strides=(-2,), offset=2)).tolist() == [0x3433, 0x3231]
    assert arguments.as_array(Described(data=b"12", shape=(0, 7))).shape == (0, 7)
    kept = np.arange(2, dtype=np.int16)
    assert arguments.as_array(Described(data=kept.__array_interface__["data"])).tolist() == [0, 1]
    for wrong in {"shape": (1 << 20, 4)}, {"offset": 2}, {"strides": (-2,)}, {"strides": (1 << 40,)}:
        said = refused(ValueError, "x", arguments.as_array, Described(data=b"1234", **wrong))
        assert "its buffer of 4 bytes does not hold the shape" in said
    refused(ValueError, "x", arguments.as_array, Described())
    described = Described()
    described.__array_interface__ = "rubbish"
    refused(ValueError, "x", arguments.as_array, described)


def test_what_numpy_cannot_read_of_dlpack(monkeypatch):
    """test_array_protocol.py has the memory that this is about."""

    class Half(WithDLPack):
        def __dlpack__(self, **options):
            raise BufferError("no")

    class Both(Half):
        def __array__(self, dtype=None, copy=None):
            raise TypeError("not so")

    numbers = np.zeros(3)
    assert "(no)" in refused(TypeError, "x", arguments.as_array, Half(numbers))
    assert "(not so)" in refused(TypeError, "x", arguments.as_array, Both(numbers))
    for tensor in (Half(numbers), Both(numbers)):
        monkeypatch.setattr(arguments, "_dlpack_bfloat16", lambda x: numbers)
        assert arguments.as_array(tensor) is numbers
        monkeypatch.setattr(arguments, "_dlpack_bfloat16", lambda x: None)
        refused(TypeError, "x", arguments.as_array, tensor)


def test_accepted_names():
    message = refused(TypeError, "g", arguments.as_array, [1, 2], "g", arguments.FLOATS)
    assert message == "g must have one of the dtypes float16, bfloat16, float32, float64; got int64"


def test_as_shape():
    assert arguments.as_shape((2, np.int8(3))) == (2, 3)
    assert is_exact(arguments.as_shape((2, Index(3))))
    assert arguments.as_shape(()) == ()
    for x in ([2, 3], (2.0, 3), ((2, 3), (4, 5)), np.zeros((2, 3)), 2, None):
        assert arguments.as_shape(x) is None
    refused(ValueError, "x", arguments.as_shape, (2, -3))
    assert "unless indices are given" in refused(TypeError, "x", arguments.refuse_shape, "max", (2, 3))
    assert "indices" not in refused(TypeError, "x", arguments.refuse_shape, "lp", (2, 3))


def test_gradients():
    check = arguments.check_gradient
    check(np.zeros((2, 3), ">f4"), (2, 3), np.dtype("f4"))
    assert "float64" in refused(TypeError, "grad_output", check, np.zeros((2, 3)), (2, 3), np.dtype("f4"))
    assert "float16" in refused(TypeError, "grad_output", check, np.zeros((2, 3), int), (2, 3), np.dtype(int))
    message = refused(ValueError, "grad_output", check, np.zeros((3, 2)), (2, 3), np.dtype(float))
    assert "(2, 3); got (3, 2)" in message


def test_indices():
    for dtype in (np.int32, np.int64, ">i8"):
        x = np.zeros((2, 3), dtype)
        assert arguments.as_indices(x, "indices", (2, 3)) is x
    assert arguments.as_indices([[1, 2]], "indices", None).dtype == np.int64
    for dtype in (np.int8, np.uint8, np.uint64):
        found = arguments.as_indices(np.array([3], dtype), "indices", (1,))
        assert found.dtype == np.int64 and found.tolist() == [3]
    assert arguments.as_indices(np.zeros((0, 3), np.uint64), "indices", (0, 3)).shape == (0, 3)
    refused(ValueError, "indices", arguments.as_indices, np.array([2**63], np.uint64), "indices", (1,))
    refused(ValueError, "indices", arguments.as_indices, np.zeros((2, 3), int), "indices", (2, 4))
    for x in (np.zeros(3), np.zeros(3, bool), ["a"]):
        refused(TypeError, "indices", arguments.as_indices, x, "indices", (3,))


# ---- arrays out ----


def test_split_out():
    a, b = np.zeros(3), np.zeros(3, int)
    assert arguments.split_out(None, False) == (None, None)
    assert arguments.split_out(None, True) == (None, None)
    assert arguments.split_out(a, True)[0] is a
    assert arguments.split_out((a, b), True)[1] is b
    assert arguments.split_out([a, None], True)[1] is None
    pair = (a, b)
    assert arguments.split_out(pair, False)[0] is pair  # for check_out to refuse
    for out in ((), (a,), (a, b, b)):
        refused(ValueError, "out", arguments.split_out, out, True)


F4 = np.dtype("f4")


def test_out():
    x = np.zeros((4, 6), F4)
    for out in (x, x.T, x[::-2], x[:0], x[:, 1:2], np.zeros((), F4), as_strided(x, (1, 4), (0, 24))):
        found = arguments.check_out(out, out.shape, F4, [np.zeros(3)])
        assert type(found) is np.ndarray
        assert found.size == 0 or np.shares_memory(found, out)
    x = np.zeros((4, 6), F4)
    assert arguments.check_out(x[:, ::2], (4, 3), F4, [x[:, 1::2]]) is not None  # interleaved, not shared


def test_subclasses_as_out(tmp_path):
    out = np.memmap(tmp_path / "out.bin", F4, "w+", shape=(2, 3))
    found = arguments.check_out(out, (2, 3), F4)
    assert type(found) is np.ndarray
    found[...] = 5
    assert (out == 5).all()
    del found, out


@pytest.mark.parametrize("kind, out", [
    (TypeError, [[0.0, 0, 0]] * 2), (TypeError, "out"), (TypeError, (np.zeros((2, 3), F4),)), (TypeError, 3),
    (TypeError, np.ma.zeros((2, 3), F4)), (TypeError, np.zeros((2, 3))), (TypeError, np.zeros((2, 3), "i4")),
    (TypeError, np.zeros((2, 3), F4.newbyteorder("S"))), (TypeError, memoryview(np.zeros((2, 3), F4))),
    (ValueError, np.zeros((3, 2), F4)), (ValueError, np.zeros((1, 2, 3), F4)), (ValueError, np.zeros(6, F4)),
    (ValueError, np.broadcast_to(np.zeros(3, F4), (2, 3))),
    *((ValueError, as_strided(np.zeros(9, F4), (2, 3), strides)) for strides in ((0, 4), (4, 4), (2, 4))),
])
def test_wrong_out(kind, out):
    refused(kind, "out", arguments.check_out, out, (2, 3), F4)


def test_read_only_out():
    out = np.zeros((2, 3), F4)
    out.flags.writeable = False
    assert "writeable" in refused(ValueError, "out[0]", arguments.check_out, out, (2, 3), F4, (), "out[0]")


def test_out_apart_from_the_inputs():
    memory = np.zeros(24, F4)
    out = memory[:6].reshape(2, 3)
    for other in (memory, out, out[::-1].T, memory.view("u1")[20:30], memory[5:]):
        inputs = [np.zeros(3), other]
        assert "share memory" in refused(ValueError, "out", arguments.check_out, out, (2, 3), F4, inputs)
    arguments.check_out(out, (2, 3), F4, [memory[6:], np.zeros(0, F4), memory[6:6]])


def test_too_hard_to_tell(monkeypatch):
    # a Diophantine problem with many unknowns; the limit on the work is what is tested
    monkeypatch.setattr(arguments, "_SHARE_WORK", 1)
    memory = np.zeros(2 * 10**6, "u1")
    out = as_strided(memory, (7, 11, 13), (1009, 9973, 150011))
    other = as_strided(memory[1:], (5, 9, 11, 3), (1013, 9967, 89989, 7))
    message = refused(ValueError, "out", arguments.check_out, out, out.shape, np.dtype("u1"), [other])
    assert "too hard" in message


# ---- memory ----


def test_small_outputs_are_not_asked_about(monkeypatch):
    monkeypatch.setattr(arguments, "memory_limit", lambda: 0)
    arguments.check_memory((), 8)
    arguments.check_memory((2**17,), 8)
    with pytest.raises(MemoryError):
        arguments.check_memory((2**17 + 1,), 8)


def test_outputs_that_do_not_fit():
    arguments.check_memory((arguments.memory_limit(),), 1)
    for shape in ((arguments.memory_limit() + 1,), (2**20, 2**20, 2**20), (2**62,) * 3):
        with pytest.raises(MemoryError, match=r"gradients of shape .* bytes; this machine has \d+"):
            arguments.check_memory(shape, 1, "gradients")


def test_empty_outputs_fit_unless_numpy_cannot_describe_them():
    arguments.check_memory((0, 2**40), 8)
    np.empty((0, 2**40))
    with pytest.raises(MemoryError):
        arguments.check_memory((0, 2**40, 2**40), 8)


@pytest.fixture
def fresh_limit():
    arguments.memory_limit.cache_clear()
    yield
    arguments.memory_limit.cache_clear()


def test_memory_limit(fresh_limit):
    limit = arguments.memory_limit()
    assert type(limit) is int
    assert 2**20 < limit <= sys.maxsize
    assert limit <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_memory_limit_of_a_container(fresh_limit, monkeypatch, tmp_path):
    files = {"none": None, "unlimited": "max\n", "huge": "9223372036854771712\n", "small": "123456789\n"}
    for name, text in files.items():
        if text:
            (tmp_path / name).write_text(text)
    monkeypatch.setattr(arguments, "_limit_files", lambda: [str(tmp_path / name) for name in files])
    assert arguments.memory_limit() == 123456789


@pytest.mark.parametrize("error", [AttributeError, ValueError, OSError])
def test_memory_limit_of_an_unknown_system(fresh_limit, monkeypatch, error):
    def sysconf(name):
        raise error(name)

    monkeypatch.setattr(os, "sysconf", sysconf, raising=False)
    monkeypatch.setattr(arguments, "_limit_files", lambda: [])
    assert arguments.memory_limit() == sys.maxsize


def test_memory_limit_that_is_no_number(fresh_limit, monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: -1 if name == "SC_PHYS_PAGES" else 4096, raising=False)
    monkeypatch.setattr(arguments, "_limit_files", lambda: [])
    assert arguments.memory_limit() == sys.maxsize


def test_limit_files(tmp_path):
    groups = tmp_path / "cgroup"
    assert arguments._limit_files("/cg", str(groups)) == []
    groups.write_text("0::/a/b\n")
    assert arguments._limit_files("/cg", str(groups)) == [
        "/cg/memory.max", "/cg/a/memory.max", "/cg/a/b/memory.max"]
    groups.write_text("5:cpu,cpuacct:/x\n4:memory:/docker\n0::/\n1:name=systemd:/odd:path\n")
    assert arguments._limit_files("/cg", str(groups)) == [
        "/cg/memory/memory.limit_in_bytes", "/cg/memory/docker/memory.limit_in_bytes", "/cg/memory.max"]
    for text in ("nonsense\n", "0:\n", "", "\xff\n"):
        groups.write_text(text, encoding="latin-1")
        assert arguments._limit_files("/cg", str(groups)) == []


# ---- every message ----


def test_messages_are_made_here():
    """Arguments are refused in `_arguments` alone, so that all messages have one form."""
    here = os.path.dirname(arguments.__file__)
    with open(os.path.join(here, "_geometry.py"), encoding="utf-8") as file:
        raised = re.findall(r"raise (\S+)", file.read())
    assert raised == ["_arguments.window_too_large(i,"]


# ---- regions ----


class TestBoxes:
    CORNERS = np.array([[0.0, 1, 2, 3], [4, 5, 6, 7]])

    def test_forms(self):
        rows = np.column_stack([[1, 0], self.CORNERS])
        for boxes, batch in [
            (rows, None),
            (rows.tolist(), None),
            (self.CORNERS, [1, 0]),
            (tuple(rows), None),
        ]:
            corners, images, given = arguments.parse_boxes(boxes, batch, 2)
            np.testing.assert_array_equal(corners, self.CORNERS)
            assert images.tolist() == [1, 0] and images.dtype == np.int64 and len(given) == 1
            assert corners.dtype == np.float64 and corners.flags.c_contiguous
        for boxes in (
            [self.CORNERS, self.CORNERS[:1]],
            [self.CORNERS.tolist(), self.CORNERS[:1]],
            (self.CORNERS.astype(np.float32), self.CORNERS[:1].astype(int)),
        ):
            corners, images, given = arguments.parse_boxes(boxes, None, 2)
            assert images.tolist() == [0, 0, 1] and len(corners) == 3 and len(given) == 2
        assert arguments.parse_boxes([[], self.CORNERS], None, 2)[1].tolist() == [1, 1]
        assert arguments.parse_boxes(self.CORNERS, None, 1)[1].tolist() == [0, 0]
        assert arguments.parse_boxes([], None, 1)[0].shape == (0, 4)

    @pytest.mark.parametrize(
        "boxes, batch, images, error, words",
        [
            ([CORNERS], None, 2, ValueError, "a list of 1 for 2 images"),
            ([CORNERS[:, :3]], None, 1, ValueError, r"shape \(2, 3\) in a list"),
            (CORNERS[0], None, 1, ValueError, r"shape \(4,\)"),
            (CORNERS[:, :3], None, 1, ValueError, r"shape \(2, 3\)"),
            (np.zeros((1, 5)), [0], 1, ValueError, r"shape \(1, 5\)"),
            (CORNERS, None, 2, ValueError, "for 2 images"),
            (CORNERS, [0], 1, ValueError, "batch_indices must have the shape"),
            (CORNERS, [0.0, 0.0], 1, TypeError, "batch_indices"),
            (CORNERS, [0, 1], 1, ValueError, "batch_indices must name images"),
            ([[3, 0, 0, 1, 1]], None, 1, ValueError, "boxes must name images"),
            ([[0.5, 0, 0, 1, 1]], None, 1, ValueError, "boxes must name images"),
            (CORNERS * np.nan, None, 1, ValueError, "finite"),
            ("text", None, 1, TypeError, "boxes must be numbers"),
            ([[1, 2], [3]], None, 1, ValueError, "boxes must be numbers"),
            (CORNERS > 0, None, 1, TypeError, "boxes must be numbers"),
        ],
    )
    def test_refusals(self, boxes, batch, images, error, words):
        with pytest.raises(error, match=words) as caught:
            arguments.parse_boxes(boxes, batch, images)
        assert caught.type is error

    def test_scale(self):
        for value in (1, 0.5, np.float32(2), np.int8(3)):
            assert arguments.parse_scale(value) == float(value)
        for value, error in [
            (True, TypeError),
            ("1", TypeError),
            (None, TypeError),
            (0, ValueError),
            (-1, ValueError),
            (np.nan, ValueError),
            (np.inf, ValueError),
            (10**400, ValueError),
        ]:
            with pytest.raises(error, match="spatial_scale"):
                arguments.parse_scale(value)

    def test_sampling(self):
        assert [arguments.parse_sampling(n) for n in (-1, 0, 3, 2**15 - 1)] == [0, 0, 3, 2**15 - 1]
        for value, error in [(-2, ValueError), (2**15, ValueError), (1.0, TypeError), (True, TypeError)]:
            with pytest.raises(error, match="sampling_ratio"):
                arguments.parse_sampling(value)

    def test_coordinates(self):
        found = [
            arguments.parse_coordinates(*pair)
            for pair in [
                (None, False),
                (None, True),
                ("half_pixel", False),
                ("half_pixel", True),
                ("output_half_pixel", False),
            ]
        ]
        assert found == [False, True, True, True, False]
        for pair, error in [
            (("output_half_pixel", True), ValueError),
            (("half", False), ValueError),
            ((1, False), TypeError),
            ((None, 1), TypeError),
        ]:
            with pytest.raises(error, match=r"aligned|coordinate_transformation_mode"):
                arguments.parse_coordinates(*pair)

    def test_images(self):
        assert arguments.check_images((2, 3, 4, 5), False) == (2, 3, 4, 5)
        assert arguments.check_images((2, 4, 5, 3), True) == (2, 3, 4, 5)
        assert (
            arguments.check_images((3, 4, 5), False)
            == arguments.check_images((4, 5, 3), True)
            == (1, 3, 4, 5)
        )
        for shape in [(4, 5), (1, 1, 1, 4, 5), (1, 1, 0, 5), (1, 1, 4, 0), (1, 1, 2**31, 1)]:
            with pytest.raises(ValueError, match="x must"):
                arguments.check_images(shape, False)
        with pytest.raises(ValueError, match="channels"):
            arguments.check_images((4, 5), True)

    def test_channels_of_bins(self):
        assert arguments.split_channels(12, (2, 3)) == 2
        with pytest.raises(ValueError, match="output_size"):
            arguments.split_channels(13, (2, 3))

    def test_range_and_likeness(self):
        arguments.check_range(np.array([-1, 0, 5]), 6)
        for wrong in (-2, 6):
            with pytest.raises(ValueError, match="indices"):
                arguments.check_range(np.array([0, wrong]), 6)
        x = np.zeros((2, 3), np.float32)
        arguments.check_like(x, "tangent", (2, 3), x.dtype)
        for shape, dtype, error in [((3, 2), x.dtype, ValueError), ((2, 3), np.dtype(np.float64), TypeError)]:
            with pytest.raises(error, match="tangent"):
                arguments.check_like(x, "tangent", shape, dtype)


def test_nothing_to_convert_to():
    error = arguments.convert_error(TypeError, "node", "a node", 3)
    assert type(error) is TypeError and str(error) == "node must be a node; got 3"


# ---- operators that need their whole window ----


def test_real_values():
    for value in (1, 1.5, np.float32(1.5), Fraction(1, 2), np.int8(2)):
        assert arguments.real_value(value, "q", "x") == float(value)
    assert arguments.real_value(0, "q", "x", 0, 1) == 0 and arguments.real_value(1, "q", "x", 0, 1) == 1
    for value in (-1e-9, 1.001, np.nan, np.inf, 10**400):
        refused(ValueError, "q", arguments.real_value, value, "q", "from 0 to 1", 0, 1)
    for value in (True, "1", None, 1j, np.zeros(2)):
        refused(TypeError, "q", arguments.real_value, value, "q", "from 0 to 1", 0, 1)


def test_ranks():
    assert arguments.parse_rank(2, None, "linear") == (2, None, "linear")
    assert arguments.parse_rank(-1, None, "linear") == (-1, None, "linear")
    for method in arguments.METHODS:
        assert arguments.parse_rank(None, 0.5, method) == (None, 0.5, method)
    refused(ValueError, "rank or q", arguments.parse_rank, None, None, "linear")
    refused(ValueError, "rank or q", arguments.parse_rank, 1, 0.5, "linear")
    refused(ValueError, "method", arguments.parse_rank, 1, None, "lower")
    refused(ValueError, "method", arguments.parse_rank, None, 0.5, "hazen")
    refused(TypeError, "method", arguments.parse_rank, None, 0.5, None)
    refused(ValueError, "q", arguments.parse_rank, None, 50, "linear")
    refused(TypeError, "rank", arguments.parse_rank, 1.0, None, "linear")
    refused(ValueError, "rank", arguments.parse_rank, 2**31, None, "linear")


def test_corrections():
    assert arguments.parse_correction(1) == 1.0 and arguments.parse_correction(-2.5) == -2.5
    for value in (np.inf, -np.inf, np.nan):
        refused(ValueError, "correction", arguments.parse_correction, value)
    refused(TypeError, "correction", arguments.parse_correction, None)


def test_labels():
    assert arguments.parse_label(None, np.dtype(np.uint8)) is None
    assert arguments.parse_label(255, np.dtype(np.uint8)) == 255
    assert arguments.parse_label(2**64 - 1, np.dtype(np.uint64)) == 2**64 - 1
    assert arguments.parse_label(-(2**63), np.dtype(np.int64)) == -(2**63)
    assert arguments.parse_label(True, np.dtype(bool)) == 1
    assert arguments.parse_label(np.False_, np.dtype(bool)) == 0
    refused(ValueError, "ignore_label", arguments.parse_label, 256, np.dtype(np.uint8))
    refused(ValueError, "ignore_label", arguments.parse_label, -1, np.dtype(np.uint8))
    refused(TypeError, "ignore_label", arguments.parse_label, 1.0, np.dtype(np.uint8))
    refused(TypeError, "ignore_label", arguments.parse_label, 1, np.dtype(bool))


def test_dtypes_of_results():
    def result(x, integers, dtype=None):
        return arguments.result_dtype("median", dtype, np.dtype(x), integers)

    for integers in ("same", "unsigned", "float64", "refuse"):
        assert result("float16", integers) == "float16" and result(">f4", integers) == "float32"
        assert result("int8", integers, "float32") == "float32"
        refused(TypeError, "dtype", result, "int8", integers, "float16")
        refused(TypeError, "dtype", result, "float32", integers, int)
    assert result(">i4", "same") == np.dtype("int32") and result("bool", "same") == "bool"
    assert result("int16", "unsigned") == "uint16" and result("uint8", "unsigned") == "uint8"
    assert result("bool", "unsigned") == "bool" and result("int64", "float64") == "float64"
    assert "None" in refused(TypeError, "dtype", result, "uint8", "refuse")


def test_masks():
    shape = (2, 3, 4)
    for own in (shape, (4,), (3, 1), (), (1, 1, 1)):
        mask = np.ones(own, bool)
        assert arguments.as_mask(mask, shape) is mask
    assert arguments.as_mask([True, False, True, True], shape).shape == (4,)
    for own in ((3,), (2, 3, 4, 1), (1, 2, 3, 4), (0,), (2, 3)):
        refused(ValueError, "mask", arguments.as_mask, np.ones(own, bool), shape)
    for wrong in (np.ones(shape), np.ones(shape, np.uint8), "text", [1, 0, 1, 1]):
        refused(TypeError, "mask", arguments.as_mask, wrong, shape)
    refused(ValueError, "mask", arguments.as_mask, np.ones((1, 4), bool), (0, 3))


def test_nan_is_looked_for_where_it_counts():
    x = np.array([1.0, np.nan, 2.0])
    arguments.refuse_nan(np.array([1, 2]), None)
    arguments.refuse_nan(x[::2], None)
    arguments.refuse_nan(x, np.array([True, False, True]))
    assert "got 1" in refused(ValueError, "x", arguments.refuse_nan, x, None)
    refused(ValueError, "x", arguments.refuse_nan, x, np.array(True))


def test_tangents():
    t = np.ones((2, 3), np.float32)
    assert arguments.as_tangent(t, "tangent", (2, 3), np.dtype(np.float32)) is t
    refused(TypeError, "tangent", arguments.as_tangent, t, "tangent", (2, 3), np.dtype(np.float64))
    refused(TypeError, "tangent", arguments.as_tangent, t.astype(int), "tangent", (2, 3), np.dtype("f8"))
    refused(ValueError, "tangent", arguments.as_tangent, t, "tangent", (3, 2), np.dtype(np.float32))


def test_parameters():
    shapes = ((), (3,))
    for value in (2, 2.5, np.float32(2), [1, 2, 3], np.ones(3)[::-1]):
        found = arguments.as_parameter(value, "p", shapes)
        assert found.dtype == np.float64 and found.flags.c_contiguous
        assert found.shape == np.shape(value) and (found == np.asarray(value)).all()
    refused(ValueError, "p", arguments.as_parameter, [1.0, 2.0], "p", shapes)
    assert "(2, 2)" in refused(ValueError, "p", arguments.as_parameter, [1.0], "p", ((2, 2),))
    refused(TypeError, "p", arguments.as_parameter, True, "p", shapes)
    refused(TypeError, "p", arguments.as_parameter, 1j, "p", shapes)


@pytest.mark.parametrize(("accepted", "good", "bad"), [
    ("any", (0, -1.5, math.inf, -math.inf), (math.nan,)),
    ("finite", (0, -1.5), (math.nan, math.inf, -math.inf)),
    ("positive", (1e-300, math.inf), (0, -1, math.nan, -math.inf)),
    ("finite and positive", (1e-300, 2), (0, -1, math.nan, math.inf)),
    ("not negative", (0, 2), (-1e-9, math.nan, math.inf)),
])  # fmt: skip
def test_parameters_in_a_range(accepted, good, bad):
    for value in good:
        assert arguments.as_numbers(value, "p", ((), (2,)), accepted) == value
        assert arguments.as_numbers([value, 1.0], "p", ((), (2,)), accepted).tolist() == [value, 1.0]
    for value in bad:
        refused(ValueError, "p", arguments.as_numbers, value, "p", ((), (2,)), accepted)
        refused(ValueError, "p", arguments.as_numbers, [1.0, value], "p", ((), (2,)), accepted)
    refused(TypeError, "p", arguments.as_numbers, "1", "p", ((),), accepted)


def test_shapes_of_tangents():
    assert arguments.tangent_shape(2.0, "p") == () and arguments.tangent_shape([[1, 2]], "p") == (1, 2)
    refused(ValueError, "p_tangent", arguments.tangent_shape, None, "p")


def test_gates():
    for count in 1, 3, 7, 15:
        assert arguments.count_gates(np.ones((count, 2, 2)), 2) == count
        assert arguments.count_gates(np.ones((5, count, 2)), 1) == count
    for shape in (2, 2, 2), (0, 2, 2), (31, 2, 2), (2, 2), (1,), ():
        refused(ValueError, "gates", arguments.count_gates, np.ones(shape), 2)
    refused(TypeError, "gates", arguments.count_gates, "gates", 1)
    arguments.check_alike(3, 3)
    refused(ValueError, "gates", arguments.check_alike, 3, 2)


def test_samples_and_generators():
    rng = np.random.default_rng(3)
    assert arguments.parse_rng(rng) is rng
    assert isinstance(arguments.parse_rng(None), np.random.Generator)
    for value in 0, np.random.RandomState(0), "pcg64":
        refused(TypeError, "rng", arguments.parse_rng, value)
    samples = arguments.draw(rng, (2, 3))
    assert samples.shape == (2, 3) and samples.dtype == np.float64
    assert arguments.draw(rng, ()).shape == ()
    assert arguments.as_samples(samples[:1], (2, 3)) is not None
    assert arguments.as_samples([0.0, 1.0], (2,)).tolist() == [0, 1]
    for value in -0.1, 1.1, math.nan:
        refused(ValueError, "random_samples", arguments.as_samples, [0.5, value], (2,))
    refused(ValueError, "random_samples", arguments.as_samples, [0.5, 0.5], (3,))
    refused(TypeError, "random_samples", arguments.as_samples, [0, 1], (2,))
    for error in arguments.nothing_drawn(), arguments.no_indices():
        assert type(error) is ValueError and "; got " in str(error)


# ---- blocks ----


def test_blocks():
    arguments.check_blocks((4, 6), (2, 3))
    refused(ValueError, "block_size", arguments.check_blocks, (4, 7), (2, 3))
    arguments.check_whole_blocks((4, 7), (4, 3))
    refused(ValueError, "block_size", arguments.check_whole_blocks, (4, 7), (5, 3))
    arguments.check_callable(len, "func")
    refused(TypeError, "func", arguments.check_callable, 3, "func")


def test_options_of_functions():
    given = {"dtype": int}
    found = arguments.as_options(given, "func_kwargs")
    assert found == given and found is not given
    for wrong in ([], None, {1: 2}):
        refused(TypeError, "func_kwargs", arguments.as_options, wrong, "func_kwargs")
    arguments.check_options({}, (), "func_kwargs", "max")
    arguments.check_options({"dtype": 1}, {"dtype"}, "func_kwargs", "mean")

    def wrong(known):
        return refused(TypeError, "options", arguments.check_options, {"a": 1}, known, "options", "mean")

    assert "dtype" in wrong({"dtype"}) and "'a'" in wrong({"dtype"})
    assert "empty" in wrong(())


def test_elements():
    good = ((3, "uint8"), (2.0, "int16"), (True, "bool"), (np.nan, "float32"), (1e300, "float16"))
    for value, dtype in good:
        found = arguments.as_element(value, np.dtype(dtype), "cval")
        assert found.dtype == dtype and found.shape == ()
    for value, dtype in ((-1, "uint8"), (256, "uint8"), (0.5, "int32"), (2, "bool"), (np.inf, "int64")):
        refused(ValueError, "cval", arguments.as_element, value, np.dtype(dtype), "cval")
    for value in ([1], "1", None, 1j):
        refused(TypeError, "cval", arguments.as_element, value, np.dtype("uint8"), "cval")


# ---- windows that are drawn or listed ----


def test_refusals_beside_other_arguments():
    arguments.refuse_beside(None, "rng", "boundaries")
    with pytest.raises(ValueError, match="rng must be left out if boundaries"):
        arguments.refuse_beside(1, "rng", "boundaries")
    arguments.refuse_set(False, "return_indices", "training is False")
    with pytest.raises(ValueError, match="return_indices must be False if training"):
        arguments.refuse_set(True, "return_indices", "training is False")
    assert "return_samples" in str(arguments.no_samples())
    assert "indices or rng" in str(arguments.windows_unknown("indices"))
    assert "nan_policy" in str(arguments.values_needed("omit"))
    out = np.zeros(4)
    arguments.check_apart(None, [out])
    arguments.check_apart(out, [np.zeros(4)])
    with pytest.raises(ValueError, match="memory"):
        arguments.check_apart(out, [np.zeros(2), out[1:]])


def test_fractions():
    assert arguments.parse_fraction(3, None, (8, 9), (2, 2)) == (3, 3)
    assert arguments.parse_fraction(None, 0.5, (8, 9), (2, 2)) == (4, 4)
    assert arguments.parse_fraction(None, (0.5, 0.25), (8, 9), (2, 2)) == (4, 2)
    for size, ratio in (None, None), (3, 0.5), (8, None), (0, None), (None, 0.1), (None, 1.0), (None, (0.5,)):
        with pytest.raises(ValueError, match="output_"):
            arguments.parse_fraction(size, ratio, (8, 9), (2, 2))
    for ratio in "half", True, (0.5, None):
        with pytest.raises(TypeError, match="output_ratio"):
            arguments.parse_fraction(None, ratio, (8, 9), (2, 2))


def test_grids():
    assert arguments.parse_grid(None, None, (2, 3), (8, 9)) == ((2, 3), (2, 3))
    assert arguments.parse_grid(2, (4, 6), (3, 3), (8, 9)) == ((2, 2), (4, 6))
    for stride, grid in (2, 3), (2, 10), (9, None):
        with pytest.raises(ValueError, match="grid_size"):
            arguments.parse_grid(stride, grid, (2, 2), (8, 9))


def test_positions():
    found = arguments.parse_positions(([0, 3], np.array([2, 2], np.uint8)), (4, 4))
    assert [p.tolist() for p in found] == [[0, 3], [2, 2]] and found[1].dtype == np.int64
    for one in ([1, 2],), [1, 2], np.array([1, 2]):
        assert arguments.parse_positions(one, (4,))[0].tolist() == [1, 2]
    with pytest.raises(TypeError, match="positions"):
        arguments.parse_positions(3, (4,))
    for wrong in [3, 2], [-1, 2], [1, 4], np.zeros(0, int), np.zeros((2, 2), int):
        with pytest.raises(ValueError, match="positions"):
            arguments.parse_positions((wrong, [0]), (4, 4))
    with pytest.raises(ValueError, match="positions"):
        arguments.parse_positions(([0],), (4, 4))


def test_samples():
    planes = (2, 3)
    assert arguments.parse_samples(np.full((2, 3, 2), 0.5), planes, 2, 9).shape == (2, 3, 2)
    assert arguments.parse_samples(np.full((3, 2), 0.5, ">f4"), planes, 2, 9).shape == (2, 3, 2)
    for shared in [0.5, 0.0], [[[0.5, 0.0]]]:
        assert arguments.parse_samples(shared, planes, 2, 9).tolist() == [0.5, 0.0]
    assert arguments.parse_samples(np.ones((1, 3, 2)), (3,), 2, 9).shape == (3, 2)
    assert arguments.parse_samples(np.ones(1, np.float16), (), 1, 65504).shape == (1,)
    shapes = np.ones((2, 3)), np.ones((3, 3, 2)), np.ones((2, 2, 3, 2))
    for wrong in *shapes, [0.5, 1.5], [0.5, np.nan], [-1.0, 0.0]:
        with pytest.raises(ValueError, match="random_samples"):
            arguments.parse_samples(wrong, planes, 2, 9)
    with pytest.raises(ValueError, match="float16"):
        arguments.parse_samples(np.ones(1, np.float16), (), 1, 65505)
    with pytest.raises(TypeError, match="random_samples"):
        arguments.parse_samples([1, 0], planes, 2, 9)


def test_boundaries():
    planes, sizes = (2, 3), (8, 9)

    def found(*given):
        return [(a.tolist(), b.tolist()) for a, b in arguments.parse_boundaries(given, planes, sizes)]

    assert found([0, 3, 8], [[0, 4], [2, 9]]) == [([0, 3], [3, 8]), ([0, 2], [4, 9])]
    start, stop = arguments.parse_boundaries((np.array([[[0, 8]]]), [0, 9]), planes, sizes)[0]
    assert (start.tolist(), stop.tolist()) == ([0], [8])
    each = np.tile(np.array([[0, 4], [4, 8]]), (3, 1, 1))[None]
    start, stop = arguments.parse_boundaries((each, [0, 9]), planes, sizes)[0]
    assert start.shape == stop.shape == (2, 3, 2)
    whole = np.tile(each, (2, 1, 1, 1))
    assert arguments.parse_boundaries((whole, [0, 9]), planes, sizes)[0][0].shape == (2, 3, 2)
    for one in [0, 3], [[0, 3]], [[0, 3], [1, 4]], ([0, 3],), np.array([0, 3]):
        assert arguments.parse_boundaries(one, (), (5,))[0][0][0] == 0
    with pytest.raises(TypeError, match="boundaries"):
        arguments.parse_boundaries(3, planes, sizes)
    with pytest.raises(TypeError, match="boundaries"):
        found([0.0, 3.0], [0, 9])
    wrong = [[0], [0, 9]], [3, [0, 9]], [np.zeros((5, 3, 2, 2), int), [0, 9]], [np.zeros((0, 2), int), [0, 9]]
    for entries in [[0, 3]], [[0, 9], [0, 9]], [[0, 3, 3], [0, 9]], [[-1, 3], [0, 9]], *wrong:
        with pytest.raises(ValueError, match="boundaries"):
            found(*entries)
    for pairs in [[2, 4], [1, 5]], [[1, 5], [2, 4]]:
        with pytest.raises(ValueError, match="fall"):
            found(pairs, [0, 9])
