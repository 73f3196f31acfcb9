"""User arguments to exact tuples, and every error message about them.

Nothing here pools or computes a size. Each function takes one argument as the user gave it, and returns it
in the one form that the rest of the package understands: exact Python ints, tuples of them, native dtypes,
base ndarrays. A wrong kind of thing is a TypeError, a wrong value a ValueError, and a legal result that no
memory can hold a MemoryError; each message names the argument, says what it accepts and what it got.

The table `DTYPES` is the only list of accepted dtypes: their class, and what a sum of them comes out as.
"""

import functools
import numbers
import operator
import os
import reprlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from math import prod
from typing import NamedTuple

import numpy as np

LIMIT = 2**31 - 1  # first size (kernel, stride, padding, dilation, output_size) that is refused
_INT64_MAX = 2**63 - 1
_NDIM_MAX = 64  # axes of a NumPy array
_SIZE_MAX = 2**62  # of an axis, so that sums of sizes and paddings fit int64
_SHARE_WORK = 100_000  # steps that the exact overlap test may take before it is "too hard to tell"
_SMALL_OUTPUT = 2**20  # bytes; below this nobody asks how large the machine is


# ---- messages ----

_repr = reprlib.Repr()
_repr.maxtuple = _repr.maxlist = _repr.maxarray = 16
_repr.maxstring = _repr.maxother = 80


def _show(value):
    """`value` for an error message: short, and safe for recursive, endless or unprintable objects."""
    try:
        text = _repr.repr(value)
    except Exception:  # an int of more digits than Python converts, or a broken __repr__
        return f"<{type(value).__name__}>"
    return text if len(text) <= 200 else text[:197] + "..."


def _error(kind, name, accepts, got):
    return kind(f"{name} must be {accepts}; got {_show(got)}")


def convert_error(kind, name, accepts, got):
    """The error about something of another library that has no equal here.

    Parameters
    ----------
    kind : type
        TypeError or ValueError.
    name, accepts : str
        The argument, and what it may be.
    got : object
        What the user gave.

    Returns
    -------
    Exception
    """
    return _error(kind, name, accepts, got)


# ---- ints ----


def _index(value):
    """`value` as an exact int, or None if it is not an integer (bools are not)."""
    if type(value) is int:
        return value
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return int(operator.index(value))
    except TypeError:
        return None


def is_sequence(value):
    """Whether `value` counts as "several", as opposed to one number (text never does)."""
    if type(value) in (tuple, list, int):
        return type(value) is not int
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview))


def _length(several):
    """Number of entries, for comparing: that of an endless range does not fit what `len` may say."""
    try:
        return len(several)
    except OverflowError:
        return LIMIT


def int_value(value, name, minimum, below=LIMIT):
    """One int with `minimum <= value < below`.

    Parameters
    ----------
    value : object
        Anything with ``__index__`` but a bool.
    name : str
        The argument, for the message.
    minimum, below : int
        The accepted half-open range.

    Returns
    -------
    int
    """
    accepts = f"an int from {minimum} to {below - 1}"
    number = _index(value)
    if number is None:
        raise _error(TypeError, name, accepts, value)
    if not minimum <= number < below:
        raise _error(ValueError, name, accepts, value)
    return number


def int_tuple(value, n, name, minimum):
    """One int for all `n` axes, or exactly `n` ints.

    Parameters
    ----------
    value : object
        An int, or a sequence of `n` of them (anything with ``__index__``; floats and bools are refused).
    n : int
        Number of axes.
    name : str
        The argument, for the message.
    minimum : int
        Smallest accepted int; the largest is ``2**31 - 2``.

    Returns
    -------
    tuple of int
    """
    if type(value) is int and minimum <= value < LIMIT:
        return (value,) * n
    accepts = f"an int or {_count(n, 'int')}, from {minimum} to {LIMIT - 1}"
    found = _ints(value, n, name, accepts)
    if any(not minimum <= number < LIMIT for number in found):
        raise _error(ValueError, name, accepts, value)
    return found


def _ints(value, n, name, accepts):
    """`n` ints of any size from an int or a sequence."""
    number = _index(value)
    if number is not None:
        return (number,) * n
    if not is_sequence(value):
        raise _error(TypeError, name, accepts, value)
    if _length(value) != n:
        raise _error(ValueError, name, accepts, value)
    found = tuple(map(_index, value))
    if None in found:
        raise _error(TypeError, name, accepts, value)
    return found


def _count(n, what):
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def parse_output_size(value, sizes):
    """`output_size` of adaptive pooling: an int, or one int or None per axis; None keeps that axis' size.

    Parameters
    ----------
    value : object
        What the user gave.
    sizes : tuple of int
        The spatial sizes of the input.

    Returns
    -------
    tuple of int
    """
    n = len(sizes)
    accepts = f"an int from 0 to {LIMIT - 1}, None, or {n} of these"
    entries = value if is_sequence(value) else (value,) * n
    if _length(entries) != n:
        raise _error(ValueError, "output_size", accepts, value)
    given = [0 if entry is None else _index(entry) for entry in entries]
    if None in given:
        raise _error(TypeError, "output_size", accepts, value)
    if any(not 0 <= number < LIMIT for number in given):
        raise _error(ValueError, "output_size", accepts, value)
    return tuple(n if e is None else number for e, number, n in zip(entries, given, sizes, strict=True))


def parse_unpool_size(value, default, stride, leading, channels):
    """`output_size` of unpooling: within one stride of the default on every axis.

    Parameters
    ----------
    value : object
        What the user gave: None, spatial sizes, or a full shape.
    default, stride : tuple of int
        The default spatial sizes, and the strides.
    leading, channels : tuple of int
        The sizes around the spatial ones, which a full shape must repeat.

    Returns
    -------
    tuple of int
    """
    nd = len(default)
    if value is None:
        if min(default) < 1:
            raise ValueError(
                f"padding must leave an output of at least 1 element per axis; got an output of {default}"
            )
        return default
    low = tuple(max(n - s + 1, 1) for n, s in zip(default, stride, strict=True))
    high = tuple(n + s - 1 for n, s in zip(default, stride, strict=True))
    accepts = f"None, {_count(nd, 'int')} from {low} to {high}, or the full shape with these in their place"
    before = len(leading)
    whole = len(leading) + nd + len(channels)
    full = is_sequence(value) and _length(value) == whole
    sizes = _ints(value, whole if full else nd, "output_size", accepts)
    if full:
        if sizes[:before] != leading or sizes[before + nd :] != channels:
            raise _error(ValueError, "output_size", accepts, value)
        sizes = sizes[before : before + nd]
    if any(not a <= n <= b for a, n, b in zip(low, sizes, high, strict=True)):
        raise _error(ValueError, "output_size", accepts, value)
    return sizes


def parse_padding(value, nd, words=("valid", "same", "same_lower")):
    """`padding` in one of its two canonical forms.

    Parameters
    ----------
    value : object
        An int, `nd` ints, `nd` (before, after) pairs, or one of `words`.
    nd : int
        Number of spatial axes.
    words : tuple of str, optional
        The accepted words.

    Returns
    -------
    str or tuple of (int, int)
        "same" or "same_lower", whose amounts depend on the sizes; else `nd` exact pairs.
    """
    if type(value) is int and 0 <= value < LIMIT:
        return ((value, value),) * nd
    accepts = (
        f"an int, {_count(nd, 'int')} or {_count(nd, '(before, after) pair')}, from 0 to {LIMIT - 1}, or "
        + " or ".join(map(repr, words))
    )
    if isinstance(value, str):
        if value not in words:
            raise _error(ValueError, "padding", accepts, value)
        return ((0, 0),) * nd if value == "valid" else str(value)
    if is_sequence(value) and _length(value) == nd and all(map(is_sequence, value)):
        pairs = tuple(_ints(pair, 2, "padding", accepts) for pair in value)
    else:
        pairs = tuple((number, number) for number in _ints(value, nd, "padding", accepts))
    if any(not 0 <= number < LIMIT for pair in pairs for number in pair):
        raise _error(ValueError, "padding", accepts, value)
    return pairs


def parse_shape(value, name="input_shape"):
    """A shape given as such: a sequence of ints >= 0.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str, optional
        The argument, for the message.

    Returns
    -------
    tuple of int
    """
    accepts = f"a shape, a sequence of at most {_NDIM_MAX} ints from 0 to {_SIZE_MAX}"
    if not is_sequence(value):
        raise _error(TypeError, name, accepts, value)
    shape = _ints(value, min(_length(value), _NDIM_MAX), name, accepts)
    if any(not 0 <= size <= _SIZE_MAX for size in shape):
        raise _error(ValueError, name, accepts, value)
    return shape


def parse_divisor(value):
    """`divisor_override`: None, or any int but 0 (within int64).

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    int or None
    """
    if value is None:
        return None
    accepts = f"None or an int other than 0 (at most {_INT64_MAX} in size)"
    number = _index(value)
    if number is None:
        raise _error(TypeError, "divisor_override", accepts, value)
    if not 0 < abs(number) <= _INT64_MAX:
        raise _error(ValueError, "divisor_override", accepts, value)
    return number


def parse_threads(value, name="n"):
    """A number of threads: an int >= 1.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str, optional
        The argument, for the message.

    Returns
    -------
    int
    """
    return int_value(value, name, 1)


# ---- words, flags and numbers ----


def flag(value, name):
    """A bool, and nothing that merely has a truth value.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str
        The argument, for the message.

    Returns
    -------
    bool
    """
    if value is True or value is False or isinstance(value, np.bool_):
        return bool(value)
    raise _error(TypeError, name, "True or False", value)


def parse_choice(value, choices, name):
    """One of a few words.

    Parameters
    ----------
    value : object
        What the user gave.
    choices : tuple of str
        The accepted words.
    name : str
        The argument, for the message.

    Returns
    -------
    str
    """
    if isinstance(value, str) and value in choices:
        return str(value)
    kind = ValueError if isinstance(value, str) else TypeError
    raise _error(kind, name, f"one of {', '.join(map(repr, choices))}", value)


def parse_nan_policy(value):
    """`nan_policy`: what becomes of NaN.

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    str
        "propagate", "omit" or "raise".
    """
    return parse_choice(value, ("propagate", "omit", "raise"), "nan_policy")


def parse_mode(value):
    """`mode` of unpooling: what happens where several elements name one place.

    Parameters
    ----------
    value : object
        "last" (the last in row-major order wins) or "sum".

    Returns
    -------
    str
    """
    return parse_choice(value, ("last", "sum"), "mode")


def refuse(value, name):
    """Refuse an argument that the signature has but that says nothing here, unless None.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str
        The argument, for the message.
    """
    if value is not None:
        raise _error(ValueError, name, "None here", value)


def real_value(value, name, accepts, low=None, high=None):
    """A real number, no less than `low` and no more than `high` if these are given; NaN is refused.

    Parameters
    ----------
    value : object
        What the user gave; a bool is no number.
    name : str
        The argument, for the message.
    accepts : str
        What is accepted, in words.
    low, high : float, optional
        Bounds, themselves accepted.

    Returns
    -------
    float
    """
    number = _index(value)
    if number is None:
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            raise _error(TypeError, name, accepts, value)
        number = value
    try:
        number = float(number)
    except OverflowError:
        raise _error(ValueError, name, accepts + " (within float64)", value) from None
    if number != number or (low is not None and number < low) or (high is not None and number > high):
        raise _error(ValueError, name, accepts, value)
    return number


def parse_norm_type(value):
    """`norm_type` of Lp pooling: a real number > 0, or inf.

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    float
    """
    accepts = "a real number > 0, or inf"
    p = real_value(value, "norm_type", accepts, 0)
    if p == 0:
        raise _error(ValueError, "norm_type", accepts, value)
    return p


# how a quantile between two elements is formed: NumPy's names
METHODS = ("linear", "lower", "higher", "nearest", "midpoint")


def parse_rank(rank, q, method):
    """`rank`, `q` and `method` of rank pooling, exactly one of the first two.

    Parameters
    ----------
    rank, q, method : object
        What the user gave.

    Returns
    -------
    rank : int or None
        Which element in ascending order, from the end if negative.
    q : float or None
        The quantile, from 0 to 1.
    method : str
        One of `METHODS`.
    """
    method = parse_choice(method, METHODS, "method")
    if (rank is None) == (q is None):
        both = "both" if rank is not None else "neither"
        raise ValueError(f"rank or q must be given, and not both; got {both}")
    if q is not None:
        return None, real_value(q, "q", "a real number from 0 to 1", 0, 1), method
    if method != "linear":
        raise ValueError(f"method must be left out if rank is given; got {method!r}")
    return int_value(rank, "rank", -LIMIT + 1), None, method


def parse_correction(value):
    """`correction` of variances, which the number of elements is lessened by: a finite real number.

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    float
    """
    accepts = "a finite real number"
    correction = real_value(value, "correction", accepts)
    if abs(correction) == float("inf"):
        raise _error(ValueError, "correction", accepts, value)
    return correction


def parse_label(value, dtype):
    """`ignore_label`: None, or a label that x can hold.

    Parameters
    ----------
    value : object
        What the user gave.
    dtype : numpy.dtype
        That of x: bool or an integer.

    Returns
    -------
    int or None
    """
    if value is None:
        return None
    if dtype.kind == "b":
        if value is True or value is False or isinstance(value, np.bool_):
            return int(value)
        raise _error(TypeError, "ignore_label", "None, True or False for an x of bool", value)
    limits = np.iinfo(dtype)
    return int_value(value, "ignore_label", int(limits.min), int(limits.max) + 1)


# ---- layouts and axes ----

_ALIASES = {"NCW": 1, "NWC": 1, "NCHW": 2, "NHWC": 2, "NCDHW": 3, "NDHWC": 3}  # name: spatial axes


def parse_data_format(value, nd=None):
    """Whether `data_format` puts the channels last.

    Parameters
    ----------
    value : object
        "channels_first" or "channels_last", or the alias for `nd` spatial axes ("NCHW", "NHWC" for 2).
    nd : int or None, optional
        Number of spatial axes. None: not known yet, every alias will do.

    Returns
    -------
    bool
    """
    aliases = [name for name, count in _ALIASES.items() if nd in (None, count)]
    name = parse_choice(value, ("channels_first", "channels_last", *aliases), "data_format")
    return name == "channels_last" or name.endswith("C")


def infer_nd(shape, data_format, **several):
    """How many spatial axes a function without a number in its name is asked about.

    Parameters
    ----------
    shape : tuple of int
        The `input_shape`.
    data_format : str
        One that `parse_data_format` has accepted. An alias decides.
    **several : object
        Arguments that may hold one entry per axis. The first sequence among them decides next.

    Returns
    -------
    int
        Failing both, all axes but two (batch and channels), or if there are fewer than three, all (but the
        channels if they come last).
    """
    if data_format in _ALIASES:
        return _ALIASES[data_format]
    for name, value in several.items():
        if is_sequence(value):
            count = _length(value)
            if not 1 <= count <= 3:
                raise _error(ValueError, name, "an int or 1 to 3 entries, one for each spatial axis", value)
            return count
    nd = len(shape) - 2 if len(shape) > 2 else len(shape) - (data_format == "channels_last")
    if not 1 <= nd <= 3:
        raise ValueError(
            f"input_shape must have 1 to 3 spatial axes beside batch and channels; got {_show(shape)}"
        )
    return nd


def parse_spatial_ndim(value, ndim, data_format):
    """`spatial_ndim` of whole-axis pooling.

    Parameters
    ----------
    value : object
        An int >= 1, or None for every axis but two (batch and channels).
    ndim : int
        Number of axes of x.
    data_format : object
        What the user gave; an alias must agree with the number of spatial axes.

    Returns
    -------
    int
    """
    channels_last = parse_data_format(data_format)
    if value is None:
        if ndim < 3:
            raise ValueError(
                "spatial_ndim must be given for an x of fewer than 3 axes (None: all but batch and channel); "
                f"got None and {ndim} axes"
            )
        number = ndim - 2
    else:
        most = ndim - channels_last
        accepts = f"None or an int from 1 to {most} for an x with {ndim} axes"
        number = _index(value)
        if number is None:
            raise _error(TypeError, "spatial_ndim", accepts, value)
        if not 1 <= number <= most:
            raise _error(ValueError, "spatial_ndim", accepts, value)
    parse_data_format(data_format, number)
    return number


def count_axes(axis, spatial_ndim=None):
    """How many axes whole-axis pooling has been given with `axis`, which `spatial_ndim` must not contradict.

    Parameters
    ----------
    axis : object
        What the user gave; not None.
    spatial_ndim : object, optional
        What the user gave.

    Returns
    -------
    int
    """
    count = _length(axis) if is_sequence(axis) else 1
    if spatial_ndim is not None:
        number = _index(spatial_ndim)
        accepts = f"None or {count}, the number of axes in axis"
        if number is None:
            raise _error(TypeError, "spatial_ndim", accepts, spatial_ndim)
        if number != count:
            raise _error(ValueError, "spatial_ndim", accepts, spatial_ndim)
    return count


def check_axis_alone(is_default, data_format):
    """Refuse `axis` beside a `data_format` that the caller has written down.

    Parameters
    ----------
    is_default : bool
        Whether data_format was left out.
    data_format : object
        What the user gave.
    """
    if not is_default:
        raise ValueError(f"data_format must be left out if axis is given; got {_show(data_format)}")


def check_axis(axis, ndim, n):
    """`axis` as non-negative axis numbers, in the order given.

    Parameters
    ----------
    axis : object
        An int or a sequence of ints, counted from the end if negative.
    ndim : int
        Number of axes of x.
    n : int
        How many there must be.

    Returns
    -------
    tuple of int
    """
    accepts = f"{'an int' if n == 1 else f'{n} different ints'} from {-ndim} to {ndim - 1}"
    count = _length(axis) if is_sequence(axis) else 1
    axes = _ints(axis, min(count, _NDIM_MAX), "axis", accepts)
    if count != n or n == 0 or any(not -ndim <= number < ndim for number in axes):
        raise _error(ValueError, "axis", accepts, axis)
    axes = tuple(number % ndim for number in axes)
    if len(set(axes)) != n:
        raise _error(ValueError, "axis", accepts, axis)
    return axes


def check_ndim(shape, nd, channels_last, name="x"):
    """Refuse a shape with fewer axes than the spatial ones (and the channels, if they come last).

    Parameters
    ----------
    shape : tuple of int
        Exact ints.
    nd : int
        Number of spatial axes.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that has this shape, for the message.
    """
    least = nd + channels_last
    if len(shape) < least:
        layout = "channels_last" if channels_last else "channels_first"
        raise ValueError(
            f"{name} must have at least {least} axes for {nd} spatial ones in {layout} order; "
            f"got the shape {shape}"
        )


def split_shape(shape, nd, channels_last, name="x"):
    """A shape's leading sizes, spatial sizes and channels; refuses too few axes and empty spatial ones.

    Parameters
    ----------
    shape : tuple of int
        Exact ints.
    nd : int
        Number of spatial axes.
    channels_last : bool
        Whether the last axis holds channels.
    name : str, optional
        The argument that has this shape, for the message.

    Returns
    -------
    leading, spatial, channels : tuple of int
        `channels` holds one size or none.
    """
    check_ndim(shape, nd, channels_last, name)
    end = len(shape) - channels_last
    leading, spatial, channels = shape[: end - nd], shape[end - nd : end], shape[end:]
    if 0 in spatial:
        raise ValueError(f"{name} must have spatial sizes of at least 1; got {spatial} in the shape {shape}")
    return leading, spatial, channels


def window_too_large(i, n, kernel, dilation, lo, hi):
    """The error about an axis in which not one window has room.

    Parameters
    ----------
    i : int
        Which spatial axis.
    n, kernel, dilation, lo, hi : int
        As in an `Axis`.

    Returns
    -------
    ValueError
    """
    return ValueError(
        f"kernel_size must leave room for a window in spatial axis {i}, of size {n} padded by {lo} and {hi}; "
        f"got {kernel}, which spans {dilation * (kernel - 1) + 1} with dilation {dilation}"
    )


# ---- dtypes ----


class DType(NamedTuple):
    """A row of `DTYPES`.

    Attributes
    ----------
    kind : str
        "bool", "int", "uint" or "float".
    sum : str
        Name of the dtype in which sums come out by default.
    """

    kind: str
    sum: str


DTYPES = {
    "bool": DType("bool", "int64"),
    "int8": DType("int", "int64"),
    "int16": DType("int", "int64"),
    "int32": DType("int", "int64"),
    "int64": DType("int", "int64"),
    "uint8": DType("uint", "uint64"),
    "uint16": DType("uint", "uint64"),
    "uint32": DType("uint", "uint64"),
    "uint64": DType("uint", "uint64"),
    "float16": DType("float", "float16"),
    "bfloat16": DType("float", "bfloat16"),
    "float32": DType("float", "float32"),
    "float64": DType("float", "float64"),
}
FLOATS = tuple(name for name, row in DTYPES.items() if row.kind == "float")
INTEGERS = tuple(name for name, row in DTYPES.items() if row.kind in ("int", "uint"))
_NATIVE = {np.dtype(name): name for name in DTYPES if name != "bfloat16"}  # dtype.name costs a microsecond


def dtype_name(dtype):
    """Name of a dtype, byte order left out ("float32"); the key into `DTYPES`, if it is there.

    Parameters
    ----------
    dtype : numpy.dtype

    Returns
    -------
    str
    """
    return _NATIVE.get(dtype) or dtype.name


def _named(names):
    return ", ".join(names)


def _dtype_argument(value, names, name, note):
    """`value` as a native dtype that is one of `names`, or TypeError."""
    accepts = f"one of the dtypes {_named(names)}{note}"
    try:
        dtype = np.dtype(value)
    except Exception as exc:
        raise _error(TypeError, name, accepts, value) from exc
    if dtype_name(dtype) not in names or not dtype.isnative:
        raise _error(TypeError, name, accepts, value)
    return dtype


def parse_dtype(op, dtype, x_dtype):
    """The dtype of an operator's output.

    Parameters
    ----------
    op : str
        "max", "min", "sum", "avg" or "lp".
    dtype : object
        The `dtype` argument, None by default.
    x_dtype : numpy.dtype
        One that `as_array` has accepted.

    Returns
    -------
    numpy.dtype
        In native byte order.

    Notes
    -----
    By default it is x's dtype, but int64 or uint64 for sums of integers and bool. avg and lp of integers
    round to nearest, ties to even, and lp saturates at the dtype's bounds; of bool they exist only with
    ``dtype=``. ``dtype=`` is float32 or float64, and for sums of integers and bool any integer dtype as well.
    """
    row = DTYPES[dtype_name(x_dtype)]
    if dtype is not None:
        if op in ("max", "min"):
            raise _error(TypeError, "dtype", f"None for {op} pooling, which keeps the dtype of x", dtype)
        names = ("float32", "float64")
        if op == "sum" and row.kind != "float":
            names = INTEGERS + names
        return _dtype_argument(dtype, names, "dtype", f" for {op} pooling of {dtype_name(x_dtype)}, or None")
    if op == "sum" and row.kind != "float":
        return np.dtype(row.sum)
    if op in ("avg", "lp") and row.kind == "bool":
        raise TypeError(f"dtype must be float32 or float64 for {op} pooling of bool; got None")
    return x_dtype if x_dtype.isnative else x_dtype.newbyteorder("=")


def result_dtype(op, dtype, x_dtype, integers):
    """The dtype of the output of an operator that needs its whole window.

    Parameters
    ----------
    op : str
        Its name, for messages.
    dtype : object
        The `dtype` argument, None by default.
    x_dtype : numpy.dtype
        One that `as_array` has accepted.
    integers : {"same", "unsigned", "float64", "refuse"}
        What integers and bool come out as by default: their own dtype, the unsigned one of their size,
        float64, or not at all.

    Returns
    -------
    numpy.dtype
        In native byte order.
    """
    if dtype is not None:
        note = f" for {op} pooling of {dtype_name(x_dtype)}, or None"
        return _dtype_argument(dtype, ("float32", "float64"), "dtype", note)
    native = x_dtype if x_dtype.isnative else x_dtype.newbyteorder("=")
    if dtype_name(native) in FLOATS or integers == "same":
        return native
    if integers == "refuse":
        name = dtype_name(native)
        raise TypeError(f"dtype must be float32 or float64 for {op} pooling of {name}; got None")
    if integers == "unsigned":
        return np.dtype(f"u{native.itemsize}") if native.kind == "i" else native
    return np.dtype(np.float64)


def parse_index_dtype(value, plane):
    """The dtype of returned indices.

    Parameters
    ----------
    value : object
        The `index_dtype` argument: None or int64, or int32.
    plane : int
        Number of elements of one spatial plane.

    Returns
    -------
    numpy.dtype
    """
    if value is None:
        return np.dtype(np.int64)
    dtype = _dtype_argument(value, ("int32", "int64"), "index_dtype", ", or None (int64)")
    if dtype.itemsize == 4 and plane > 2**31:
        raise ValueError(
            f"index_dtype must be int64 for a plane of {plane} elements, more than 2**31; got {_show(value)}"
        )
    return dtype


# ---- arrays ----


def as_array(x, name="x", accepted=DTYPES):
    """`x` as a base ndarray of an accepted dtype, without a copy where there is a way.

    Parameters
    ----------
    x : array_like
        An ndarray, nested lists of numbers, or anything with ``__array__``, the buffer protocol or
        ``__dlpack__`` on the CPU.
    name : str, optional
        The argument, for the message.
    accepted : container of str, optional
        Names of the accepted dtypes.

    Returns
    -------
    numpy.ndarray
        Any strides, alignment and byte order; may be read-only; must not be written to.
    """
    if type(x) is not np.ndarray:
        x = _convert(x, name, accepted)
    if dtype_name(x.dtype) not in accepted:
        raise TypeError(f"{name} must have one of the dtypes {_named(accepted)}; got {x.dtype}")
    return x


def _is_masked(x):
    module = sys.modules.get("numpy.ma")  # not imported: no masked array can exist
    return module is not None and isinstance(x, module.MaskedArray)


def _convert(x, name, accepted):
    """What is not an exact ndarray, as one."""
    accepts = f"array_like with one of the dtypes {_named(accepted)}"
    if _is_masked(x):
        raise TypeError(f"{name} must be {accepts}; got a masked array: mask= is where the mask belongs")
    foreign = hasattr(x, "__dlpack__")
    try:
        if hasattr(x, "__array_interface__") and not isinstance(x, (np.ndarray, np.generic)):
            return _from_interface(x)
        return np.from_dlpack(x) if foreign and not hasattr(x, "__array__") else np.asarray(x)
    except MemoryError as exc:
        raise MemoryError(f"{name} does not fit the memory; got {_show(x)}") from exc
    except Exception as exc:
        reason = exc
    if foreign:
        try:
            found = _dlpack_bfloat16(x)
        except Exception as exc:  # not there for this object, or ml_dtypes is not
            reason = exc if isinstance(exc, ModuleNotFoundError) else reason
        else:
            if found is not None:
                return found
    kind = ValueError if isinstance(reason, ValueError) else TypeError  # ValueError: lists of uneven length
    raise kind(f"{name} must be {accepts}; got {_show(x)}, which does not convert ({reason})") from reason


class _Described:
    """An object with nothing but a description of an array, which stays as it is."""

    def __init__(self, description):
        self.__array_interface__ = description


def _from_interface(x):
    """An object with ``__array_interface__`` as an array; NumPy takes it that its buffer is large enough."""
    description = x.__array_interface__
    data = description.get("data") if isinstance(description, dict) else None
    if data is None or isinstance(data, tuple):     # not described so, or an address, which is to be trusted
        return np.asarray(x)
    found = np.asarray(_Described(description))
    (start, stop), (first, last) = _extent(np.frombuffer(data, np.uint8)), _extent(found)
    if found.size and (first < start or last > stop):
        raise ValueError(f"its buffer of {stop - start} bytes does not hold the shape {found.shape}")
    return found


def _extent(array):
    """Addresses of the first byte of an array and of the one after the last."""
    start = array.__array_interface__["data"][0]
    ways = [(n - 1) * stride for n, stride in zip(array.shape, array.strides, strict=True)]
    return start + sum(min(way, 0) for way in ways), start + sum(max(way, 0) for way in ways) + array.itemsize


def _dlpack_bfloat16(x):
    from ._dlpack import bfloat16  # loads ctypes, for the few who need it

    return bfloat16(x)


def as_shape(x, name="x"):
    """The shape, if `x` is one: a tuple of ints stands for an array where only the shape matters.

    Parameters
    ----------
    x : object
        What the user gave. A list is data; so is a tuple that holds anything but ints.
    name : str, optional
        The argument, for the message.

    Returns
    -------
    tuple of int or None
    """
    if isinstance(x, tuple) and all(_index(size) is not None for size in x):
        return parse_shape(x, name)
    return None


def refuse_shape(op, shape):
    """Say that a shape does not do for `x`, as the gradient depends on its values.

    Parameters
    ----------
    op : str
        The operator.
    shape : tuple of int
        What the user gave.
    """
    hint = "" if op == "lp" else " unless indices are given"
    raise _error(TypeError, "x", f"an array, not a shape, for the gradient of {op} pooling{hint}", shape)


def need_values(shape, what):
    """Say that a shape does not do for `x` with an argument that looks at the values.

    Parameters
    ----------
    shape : tuple of int
        What the user gave.
    what : str
        The argument.
    """
    raise _error(TypeError, "x", f"an array, not a shape, with {what}", shape)


def check_gradient(grad_output, shape, dtype):
    """Refuse a gradient that is not floating, or not of exactly the forward output's dtype and shape.

    Parameters
    ----------
    grad_output : numpy.ndarray
        From `as_array`.
    shape : tuple of int
        Shape of the forward output.
    dtype : numpy.dtype
        dtype of the forward output.
    """
    got, expected = dtype_name(grad_output.dtype), dtype_name(dtype)
    if got not in FLOATS:
        raise TypeError(f"grad_output must have one of the dtypes {_named(FLOATS)}; got {got}")
    if got != expected:
        raise TypeError(f"grad_output must have the dtype of the forward output, {expected}; got {got}")
    _check_shape(grad_output, shape, "grad_output")


def as_mask(mask, shape):
    """`mask` as an array of bool that broadcasts to x.

    Parameters
    ----------
    mask : array_like of bool
        What the user gave: True where an element takes part.
    shape : tuple of int
        Shape of x.

    Returns
    -------
    numpy.ndarray
    """
    mask = as_array(mask, "mask", ("bool",))
    return check_broadcast(mask, shape, "mask")


def as_weights(op, weights, shape, dtype, divisor, x_dtype):
    """`weights` of an average as a floating-point array that broadcasts to x.

    Parameters
    ----------
    op : str
        The operator: others than "avg" have no weights.
    weights : array_like
        What the user gave: integers and bools are converted.
    shape : tuple of int
        Shape of x.
    dtype, x_dtype : numpy.dtype
        dtypes of the result and of x.
    divisor : int or None
        The divisor_override.

    Returns
    -------
    numpy.ndarray
    """
    if op != "avg":
        refuse(weights, "weights")
    weights = as_array(weights, "weights")
    check_broadcast(weights, shape, "weights")
    if divisor is not None:
        raise ValueError(f"divisor_override must be None beside weights, whose sum divides; got {divisor}")
    if dtype_name(dtype) not in FLOATS:
        raise TypeError(f"dtype must be float32 or float64 to average {x_dtype} by weights; got {dtype}")
    if dtype_name(weights.dtype) not in FLOATS:
        weights = weights.astype(np.float32 if weights.itemsize < 4 else np.float64)
    return weights


def check_broadcast(array, shape, name):
    """Refuse an array that does not broadcast to a shape.

    Parameters
    ----------
    array : numpy.ndarray
        From `as_array`.
    shape : tuple of int
        What it is to be broadcast to.
    name : str
        The argument, for the message.

    Returns
    -------
    numpy.ndarray
        The array.
    """
    own = array.shape
    if len(own) > len(shape) or any(n not in (1, m) for n, m in zip(own[::-1], shape[::-1], strict=False)):
        raise _error(ValueError, name, f"an array that broadcasts to the shape {_show(tuple(shape))}", own)
    return array


def refuse_nan(x, mask):
    """Refuse NaN in x, where the mask has it take part.

    Parameters
    ----------
    x : numpy.ndarray
        From `as_array`.
    mask : numpy.ndarray or None
        From `as_mask`.
    """
    if dtype_name(x.dtype) not in FLOATS:
        return
    nan = x != x
    if mask is not None:
        nan &= mask
    if nan.any():
        raise ValueError(f"x must not hold NaN with nan_policy 'raise'; got {int(nan.sum())} of them")


def as_tangent(tangent, name, shape, dtype):
    """A tangent as an array of exactly the shape and dtype of what it belongs to.

    Parameters
    ----------
    tangent : array_like
        What the user gave.
    name : str
        The argument, for the message.
    shape : tuple of int
        The accepted shape.
    dtype : numpy.dtype
        The accepted dtype, native.

    Returns
    -------
    numpy.ndarray
    """
    tangent = as_array(tangent, name, FLOATS)
    got, expected = dtype_name(tangent.dtype), dtype_name(dtype)
    if got != expected:
        raise TypeError(f"{name} must have the dtype of what it is a tangent of, {expected}; got {got}")
    _check_shape(tangent, shape, name)
    return tangent


def kernel_array(array, dtype=None):
    """Return an array as kernels take it: C-contiguous, aligned, of native byte order, copied only if not.

    Parameters
    ----------
    array : numpy.ndarray
    dtype : dtype_like, optional
        That of `array` if not given.

    Returns
    -------
    numpy.ndarray
    """
    return np.require(array, array.dtype.newbyteorder("=") if dtype is None else dtype, ["C", "A"])


def as_parameter(value, name, shapes):
    """A learnable parameter as float64: a number or an array of an accepted shape.

    Parameters
    ----------
    value : array_like of real numbers
        What the user gave.
    name : str
        The argument, for the message.
    shapes : tuple of tuple of int
        The accepted shapes.

    Returns
    -------
    numpy.ndarray of float64
        C-contiguous.
    """
    given = as_array(value, name, (*INTEGERS, *FLOATS))
    value = kernel_array(given, np.float64)
    if value.shape not in shapes:
        accepts = " or ".join("a number" if shape == () else f"of shape {shape}" for shape in shapes)
        raise _error(ValueError, name, accepts, value.shape)
    return value


_RANGES = {
    "any": ("not NaN", lambda v: v == v),
    "finite": ("finite", np.isfinite),
    "positive": ("above 0, or inf", lambda v: v > 0),
    "finite and positive": ("finite and above 0", lambda v: (v > 0) & (v < np.inf)),
    "not negative": ("finite and not negative", lambda v: (v >= 0) & (v < np.inf)),
}


def as_numbers(value, name, shapes, accepted):
    """Parameters as float64, in a range.

    Parameters
    ----------
    value : array_like of real numbers
        What the user gave.
    name : str
        The argument, for the message.
    shapes : tuple of tuple of int
        The accepted shapes.
    accepted : str
        A key of `_RANGES`.

    Returns
    -------
    numpy.ndarray of float64
        C-contiguous.
    """
    numbers = as_parameter(value, name, shapes)
    words, good = _RANGES[accepted]
    if not np.all(good(numbers)):
        raise _error(ValueError, name, words, value)
    return numbers


def parse_rng(value):
    """A `numpy.random.Generator`; a new one, seeded by the operating system, for None.

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    numpy.random.Generator
    """
    if value is None:
        return np.random.default_rng()
    if not isinstance(value, np.random.Generator):
        raise _error(TypeError, "rng", "a numpy.random.Generator or None", value)
    return value


def draw(rng, shape):
    """Samples of stochastic pooling, one from [0, 1) for each window.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        Shape of the result.

    Returns
    -------
    numpy.ndarray of float64
    """
    check_memory(shape, 8, "the array of samples")
    return np.asarray(rng.random(shape))


def as_samples(value, shape):
    """`random_samples` of stochastic pooling: numbers from 0 to 1 that broadcast to the result.

    Parameters
    ----------
    value : array_like
        What the user gave.
    shape : tuple of int
        Shape of the result.

    Returns
    -------
    numpy.ndarray
    """
    samples = check_broadcast(as_array(value, "random_samples", FLOATS), shape, "random_samples")
    if not ((samples >= 0) & (samples <= 1)).all():
        raise _error(ValueError, "random_samples", "numbers from 0 to 1", value)
    return samples


def nothing_drawn():
    """The error about a gradient of stochastic pooling that does not know what was drawn.

    Returns
    -------
    ValueError
    """
    return ValueError("indices, random_samples or rng must say what the forward call drew; got None")


def no_indices():
    """The error about indices where nothing is drawn.

    Returns
    -------
    ValueError
    """
    return ValueError("return_indices must be False if training is False, as nothing is drawn; got True")


def tangent_shape(value, name):
    """The shape that a tangent of a parameter has, which is that of the parameter.

    Parameters
    ----------
    value : array_like or None
        The parameter, or None if there is none.
    name : str
        The argument, for the message.

    Returns
    -------
    tuple of int
    """
    if value is None:
        raise ValueError(f"{name}_tangent must be None as {name} is None; got a tangent")
    return np.shape(value)


def count_gates(gates, nd):
    """How many gates a tree has: 1, 3, 7 or 15, for a depth of 1 to 4.

    Parameters
    ----------
    gates : array_like
        What the user gave.
    nd : int
        Number of spatial axes.

    Returns
    -------
    int
    """
    shape = as_array(gates, "gates", (*INTEGERS, *FLOATS)).shape
    count = shape[-nd - 1] if len(shape) > nd else 0
    if count not in (1, 3, 7, 15):
        accepts = "1, 3, 7 or 15 arrays of the shape of the window, for all channels or for each"
        raise _error(ValueError, "gates", accepts, shape)
    return count


def check_alike(gates_ndim, leaves_ndim):
    """Refuse gates for each channel beside leaves for all of them, and the reverse.

    Parameters
    ----------
    gates_ndim, leaves_ndim : int
        Their numbers of axes.
    """
    if gates_ndim != leaves_ndim:
        raise ValueError("gates and leaves must both be for all channels, or both for each; got one of each")


def as_indices(indices, name, shape):
    """Indices as int32 or int64 of exactly the given shape; their range is the kernels' to check.

    Parameters
    ----------
    indices : array_like of integers
        What the user gave. Other integer dtypes are converted to int64.
    name : str
        The argument, for the message.
    shape : tuple of int or None
        The accepted shape; None: any.

    Returns
    -------
    numpy.ndarray
    """
    indices = as_array(indices, name, INTEGERS)
    if shape is not None:
        _check_shape(indices, shape, name)
    if dtype_name(indices.dtype) in ("int32", "int64"):
        return indices
    if indices.size and int(indices.max()) > _INT64_MAX:
        raise ValueError(f"{name} must be below 2**63; got {int(indices.max())}")
    return indices.astype(np.int64)


def _check_shape(array, shape, name):
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have the shape {_show(tuple(shape))}; got {_show(array.shape)}")


def split_out(out, return_indices):
    """`out` as two outputs: one for the values, one for the indices.

    Parameters
    ----------
    out : object
        None, an array, or with `return_indices` also a (values, indices) pair.
    return_indices : bool

    Returns
    -------
    values, indices : object or None
        Unchecked; each goes to `check_out`.
    """
    if not return_indices or not isinstance(out, (tuple, list)):
        return out, None
    if len(out) != 2:
        raise ValueError(f"out must be an ndarray or a (values, indices) pair; got a sequence of {len(out)}")
    return out[0], out[1]


def check_out(out, shape, dtype, others=(), name="out"):
    """Whether results may be written into `out`; raises if not.

    Parameters
    ----------
    out : object
        What the user gave.
    shape : tuple of int
        The result's shape.
    dtype : numpy.dtype
        The result's dtype, native.
    others : iterable of numpy.ndarray, optional
        The arrays with which it must not share memory.
    name : str, optional
        The argument, for the message.

    Returns
    -------
    numpy.ndarray
        `out` as a base ndarray over the same memory.
    """
    if not isinstance(out, np.ndarray) or _is_masked(out):
        raise _error(TypeError, name, f"an ndarray of dtype {dtype}", out)
    if out.dtype != dtype or not out.dtype.isnative:
        raise TypeError(f"{name} must have the dtype {dtype} in native byte order; got {out.dtype!r}")
    out = out.view(np.ndarray)
    _check_shape(out, shape, name)
    if not out.flags.writeable:
        raise ValueError(f"{name} must be writeable; got a read-only array")
    if _may_overlap_itself(out):
        raise ValueError(
            f"{name} must have memory of its own for each element; got strides {out.strides} for {out.shape}"
        )
    check_apart(out, others, name)
    return out


def check_apart(out, others, name="out"):
    """Refuse an output that shares memory with another array of the call.

    Parameters
    ----------
    out : object
        What the user gave; only an ndarray is looked at.
    others : iterable of numpy.ndarray
        The other arrays.
    name : str, optional
        The argument, for the message.
    """
    if isinstance(out, np.ndarray) and any(_may_overlap(out, other) for other in others):
        raise ValueError(
            f"{name} must not share memory with any other array of the call; got one that does, or whose "
            "strides make it too hard to tell"
        )


def _may_overlap_itself(array):
    """Whether elements of `array` may lie on one another: a stride must step over all that is inside it."""
    if array.size == 0 or array.flags.c_contiguous:
        return False
    reach = array.itemsize
    steps = zip(map(abs, array.strides), array.shape, strict=True)
    for stride, size in sorted(step for step in steps if step[1] > 1):
        if stride < reach:
            return True
        reach += stride * (size - 1)
    return False


def _may_overlap(a, b):
    """Whether two arrays share memory, or may do so for all that `_SHARE_WORK` steps can tell."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=_SHARE_WORK)
    except (np.exceptions.TooHardError, OverflowError):
        return True


def check_index_layout(indices_shape, leading, nd, channels, shape):
    """Refuse indices that cannot come from pooling an array of shape `shape`.

    Parameters
    ----------
    indices_shape : tuple of int
        Shape of the indices.
    leading, channels : tuple of int
        The sizes around the spatial ones.
    nd : int
        Number of spatial axes.
    shape : tuple of int
        The `input_shape`.
    """
    before = len(leading)
    if (
        len(indices_shape) != len(shape)
        or indices_shape[:before] != leading
        or indices_shape[before + nd :] != channels
    ):
        accepted = ", ".join([*map(str, leading), *["any"] * nd, *map(str, channels)])
        raise ValueError(
            f"indices must have the shape ({accepted}) for input_shape {shape} with {nd} spatial axes; got "
            f"{indices_shape} (a data_format such as 'NCHW' fixes how many axes are spatial)"
        )
    if prod(n or 1 for n in shape) > _INT64_MAX:
        raise _error(ValueError, "input_shape", "small enough for int64 indices", shape)


def check_index_range(indices, wrong, source, shape):
    """Refuse indices that name no element, or one in another plane than their own.

    Parameters
    ----------
    indices, wrong : numpy.ndarray
        The indices, and which of them are wrong.
    source : str
        The convention they are said to follow.
    shape : tuple of int
        The `input_shape`.
    """
    if wrong.any():
        raise ValueError(
            f"indices must be -1 or lie in their own plane of input_shape {shape}, as {source} counts; "
            f"got {indices[wrong][0]}"
        )


# ---- regions ----


def parse_boxes(boxes, batch_indices, images):
    """Boxes as corners and the image that each one lies in.

    Parameters
    ----------
    boxes : object
        What the user gave: (boxes, 5) with the image in the first column, (boxes, 4), or a list of one
        (boxes, 4) for each image.
    batch_indices : object
        The images of (boxes, 4), one each, or None.
    images : int
        How many there are.

    Returns
    -------
    corners : ndarray of shape (boxes, 4)
        x1, y1, x2, y2 in float64, finite.
    batch : ndarray of int64
    given : list of ndarray
        What the user gave, as arrays.
    """
    accepts = (
        "numbers of shape (boxes, 5), an image and x1, y1, x2, y2, or (boxes, 4) with batch_indices (or one "
        "image only), or a list of one (boxes, 4) for each image"
    )
    if batch_indices is None and isinstance(boxes, (list, tuple)) and boxes and all(map(_is_table, boxes)):
        given = [_boxes_array(each, accepts) for each in boxes]
        if len(given) != images:
            raise ValueError(f"boxes must be {accepts}; got a list of {len(given)} for {images} images")
        for each in given:
            if each.shape[1:] != (4,):
                raise ValueError(f"boxes must be {accepts}; got the shape {each.shape} in a list")
        batch = np.repeat(np.arange(images), [len(each) for each in given])
        corners = np.concatenate([each.astype(np.float64) for each in given])
    else:
        found = _boxes_array(boxes, accepts)
        given = [found]
        columns = found.shape[1] if found.ndim == 2 else 0
        if columns not in (4, 5) or (columns == 5 and batch_indices is not None):
            raise ValueError(f"boxes must be {accepts}; got the shape {found.shape}")
        corners = found[:, columns - 4 :].astype(np.float64)
        if batch_indices is not None:
            batch = as_array(batch_indices, "batch_indices", INTEGERS)
            _check_shape(batch, (len(corners),), "batch_indices")
        elif columns == 5:
            batch = found[:, 0].astype(np.float64)
        elif images == 1:
            batch = np.zeros(len(corners), np.int64)
        else:
            raise ValueError(f"boxes must be {accepts}; got the shape {found.shape} for {images} images")
    if not np.isfinite(corners).all():
        wrong = corners[~np.isfinite(corners).all(1)][0]
        raise ValueError(f"boxes must have finite coordinates; got {wrong.tolist()}")
    outside = ~((batch >= 0) & (batch < images) & (batch == np.floor(batch)))
    if outside.any():
        name = "boxes" if batch_indices is None else "batch_indices"
        raise ValueError(f"{name} must name images from 0 to {images - 1}; got {batch[outside][0]}")
    return np.ascontiguousarray(corners), batch.astype(np.int64), given


def _is_table(value):
    """Whether `value` stands for a 2-D array, as opposed to one of its rows."""
    if isinstance(value, (list, tuple)):
        return not value or is_sequence(value[0])
    return getattr(value, "ndim", 1) == 2


def _boxes_array(boxes, accepts):
    if isinstance(boxes, list) and not boxes:
        return np.zeros((0, 4))
    try:
        return as_array(boxes, "boxes", INTEGERS + FLOATS)
    except (TypeError, ValueError) as error:
        raise type(error)(f"boxes must be {accepts}: {error}") from None


def parse_scale(value, name="spatial_scale"):
    """How many pixels one unit of a box is: a real number > 0.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str, optional
        The argument, for the message.

    Returns
    -------
    float
    """
    accepts = "a finite real number > 0"
    if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_)):
        raise _error(TypeError, name, accepts, value)
    try:
        number = float(value)
    except OverflowError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise _error(ValueError, name, accepts, value)
    return number


def parse_sampling(value):
    """`sampling_ratio`: samples of a bin along each axis; 0 and -1: as many as it has pixels.

    Parameters
    ----------
    value : object
        What the user gave.

    Returns
    -------
    int
        0 or more.
    """
    return max(int_value(value, "sampling_ratio", -1, 2**15), 0)


def parse_coordinates(mode, aligned):
    """Whether pixel centres lie at halves, from PyTorch's argument and from that of ONNX.

    Parameters
    ----------
    mode : object
        `coordinate_transformation_mode`: None, "half_pixel" or "output_half_pixel".
    aligned : object
        What the user gave.

    Returns
    -------
    bool
    """
    aligned = flag(aligned, "aligned")
    if mode is None:
        return aligned
    half = (
        parse_choice(mode, ("half_pixel", "output_half_pixel"), "coordinate_transformation_mode")
        == "half_pixel"
    )
    if aligned and not half:
        raise ValueError(
            "coordinate_transformation_mode must be None or 'half_pixel' if aligned is True; "
            "got 'output_half_pixel'"
        )
    return half


def check_images(shape, channels_last):
    """A batch of images, or one: the sizes of a 4-D or 3-D array.

    Parameters
    ----------
    shape : tuple of int
        Exact ints.
    channels_last : bool
        Whether the last axis holds channels.

    Returns
    -------
    images, channels, height, width : int
    """
    order = "([images,] height, width, channels)" if channels_last else "([images,] channels, height, width)"
    if len(shape) not in (3, 4):
        raise ValueError(f"x must have 3 or 4 axes, {order}; got the shape {shape}")
    images, *rest = shape if len(shape) == 4 else (1, *shape)
    height, width = rest[:2] if channels_last else rest[1:]
    if not (0 < height < LIMIT and 0 < width < LIMIT):
        raise ValueError(f"x must have a height and a width from 1 to {LIMIT - 1}; got {height} and {width}")
    return images, rest[2 if channels_last else 0], height, width


def split_channels(channels, bins):
    """Channels of a result whose every bin has channels of its own.

    Parameters
    ----------
    channels : int
        Of x.
    bins : tuple of int
        Rows and columns of the result.

    Returns
    -------
    int
    """
    if channels % prod(bins):
        raise ValueError(
            f"output_size must divide the channels of x, {channels}, into {prod(bins)} bins of equally many; "
            f"got {bins}"
        )
    return channels // prod(bins)


def check_range(indices, plane):
    """Refuse indices that are no position in a plane of so many elements, nor -1.

    Parameters
    ----------
    indices : numpy.ndarray
        From `as_indices`.
    plane : int
    """
    wrong = indices[(indices < -1) | (indices >= plane)]
    if wrong.size:
        raise ValueError(f"indices must be from 0 to {plane - 1}, or -1 for none; got {wrong[0]}")


def check_like(array, name, shape, dtype):
    """Refuse an array that is not of exactly the shape and dtype of another one.

    Parameters
    ----------
    array : numpy.ndarray
        From `as_array`.
    name : str
        The argument, for the message.
    shape : tuple of int
    dtype : numpy.dtype
    """
    if dtype_name(array.dtype) != dtype_name(dtype):
        raise TypeError(f"{name} must have the dtype {dtype_name(dtype)}; got {dtype_name(array.dtype)}")
    _check_shape(array, shape, name)


# ---- blocks ----


def check_blocks(shape, block):
    """Refuse blocks that do not divide a shape.

    Parameters
    ----------
    shape, block : tuple of int
        Sizes of the array and of the blocks.
    """
    if any(n % b for n, b in zip(shape, block, strict=True)):
        raise _error(ValueError, "block_size", f"sizes that divide the shape {_show(shape)} of x", block)


def check_whole_blocks(shape, block):
    """Refuse blocks of which not one is whole.

    Parameters
    ----------
    shape, block : tuple of int
        Sizes of the array and of the blocks.
    """
    if any(n < b for n, b in zip(shape, block, strict=True)):
        raise _error(ValueError, "block_size", f"no larger than the shape {_show(shape)} of x", block)


def check_callable(value, name):
    """Refuse what cannot be called.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str
        The argument, for the message.
    """
    if not callable(value):
        raise _error(TypeError, name, "a name or a function", value)


def as_options(value, name):
    """Arguments for another function: a dict with names as keys.

    Parameters
    ----------
    value : object
        What the user gave.
    name : str
        The argument, for the message.

    Returns
    -------
    dict
    """
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _error(TypeError, name, "a dict with names as keys", value)
    return dict(value)


def check_options(options, known, name, of):
    """Refuse options that a reducer does not have.

    Parameters
    ----------
    options : dict
        From `as_options`.
    known : iterable of str
        Those that it has.
    name : str
        The argument, for the message.
    of : str
        The reducer.
    """
    wrong = [key for key in options if key not in known]
    if wrong:
        accepts = f"a dict with {_named(sorted(known))}" if known else "empty"
        raise _error(TypeError, name, f"{accepts} for func {of!r}", wrong[0])


def as_element(value, dtype, name):
    """A number as an element of a dtype, which must be able to hold it.

    Parameters
    ----------
    value : object
        What the user gave.
    dtype : numpy.dtype
        One that `as_array` has accepted.
    name : str
        The argument, for the message.

    Returns
    -------
    numpy.ndarray
        Without axes.
    """
    accepts = f"a number that {dtype_name(dtype)} holds"
    given = as_array(value, name)
    if given.ndim:
        raise _error(TypeError, name, accepts, value)
    with np.errstate(all="ignore"):
        element = given.astype(dtype)
    if dtype_name(dtype) not in FLOATS and element != given:
        raise _error(ValueError, name, accepts, value)
    return element


# ---- windows that are drawn or listed ----


def refuse_beside(value, name, other):
    """Refuse an argument, unless None, that has no meaning beside another.

    Parameters
    ----------
    value : object
        What the user gave.
    name, other : str
        The argument, and the one that decides.
    """
    if value is not None:
        raise ValueError(f"{name} must be left out if {other} is given; got {_show(value)}")


def refuse_set(value, name, reason):
    """Refuse a flag that is set where it has no meaning.

    Parameters
    ----------
    value : object
        What the user gave.
    name, reason : str
        The argument, and why.
    """
    if flag(value, name):
        raise ValueError(f"{name} must be False if {reason}; got True")


def values_needed(policy):
    """The error about a NaN policy where only the shape of x is known.

    Parameters
    ----------
    policy : object
        What the user gave.

    Returns
    -------
    TypeError
    """
    return _error(TypeError, "x", "an array, not a shape, unless nan_policy is 'propagate'", policy)


def no_samples():
    """The error about samples asked for where nothing is drawn.

    Returns
    -------
    ValueError
    """
    return ValueError("return_samples must be False if boundaries are given: nothing is drawn; got True")


def windows_unknown(names):
    """The error about a gradient whose call does not say which windows were drawn.

    Parameters
    ----------
    names : str
        The arguments that can say it, beside `rng`.

    Returns
    -------
    ValueError
    """
    return ValueError(f"{names} or rng must say which windows the forward call had; got None")


def parse_fraction(output_size, output_ratio, sizes, kernel):
    """The number of windows of fractional pooling along each axis.

    Parameters
    ----------
    output_size, output_ratio : object
        As the user gave them: exactly one is not None.
    sizes, kernel : tuple of int
        The spatial sizes of the input, and of the windows.

    Returns
    -------
    tuple of int
    """
    nd = len(sizes)
    if (output_size is None) == (output_ratio is None):
        raise ValueError(
            "output_size or output_ratio must be given, and not both; "
            f"got {_show(output_size)} and {_show(output_ratio)}"
        )
    name, given = "output_size", output_size
    if output_ratio is None:
        outs = int_tuple(output_size, nd, "output_size", 1)
    else:
        name, given = "output_ratio", output_ratio
        outs = tuple(
            int(n * ratio) for n, ratio in zip(sizes, _ratios(output_ratio, nd), strict=True)
        )
    most = tuple(n - k + 1 for n, k in zip(sizes, kernel, strict=True))
    if any(not 1 <= out <= top for out, top in zip(outs, most, strict=True)):
        raise ValueError(
            f"{name} must give from 1 to size - kernel_size + 1 = {most} windows along the axes of {sizes}; "
            f"got {_show(given)}, which gives {outs}"
        )
    return outs


def _ratios(value, nd):
    accepts = f"a real number between 0 and 1, or {nd} of them"
    several = is_sequence(value)
    if several and _length(value) != nd:
        raise _error(ValueError, "output_ratio", accepts, value)
    entries = tuple(value) if several else (value,) * nd
    if not all(isinstance(r, numbers.Real) and not isinstance(r, bool) for r in entries):
        raise _error(TypeError, "output_ratio", accepts, value)
    if not all(0 < r < 1 for r in entries):
        raise _error(ValueError, "output_ratio", accepts, value)
    return tuple(map(float, entries))


def parse_grid(stride, grid_size, kernel, sizes):
    """`stride` and `grid_size` of S3Pool.

    Parameters
    ----------
    stride, grid_size : object
        As the user gave them; None: the kernel size, and the stride.
    kernel, sizes : tuple of int
        Size of the windows, and spatial sizes of the input.

    Returns
    -------
    stride, grid : tuple of int
    """
    nd = len(sizes)
    stride = kernel if stride is None else int_tuple(stride, nd, "stride", 1)
    grid = stride if grid_size is None else int_tuple(grid_size, nd, "grid_size", 1)
    if any(g % s or g > n for g, s, n in zip(grid, stride, sizes, strict=True)):
        raise ValueError(
            f"grid_size must be a multiple of the stride {stride} and at most the size {sizes} of the input; "
            f"got {grid}"
        )
    return stride, grid


def parse_positions(value, sizes):
    """`positions` of S3Pool: which rows, columns and so on stay.

    Parameters
    ----------
    value : object
        What the user gave: for each axis ints that do not fall. One axis needs no sequence around it.
    sizes : tuple of int
        The spatial sizes of the input.

    Returns
    -------
    tuple of numpy.ndarray of int64
    """
    nd = len(sizes)
    accepts = f"{_count(nd, 'sequence')} of positions in the axis, none before the one in front of it"
    if not is_sequence(value):
        raise _error(TypeError, "positions", accepts, value)
    if nd == 1 and not (_length(value) == 1 and is_sequence(value[0])):
        value = [value]
    if _length(value) != nd:
        raise _error(ValueError, "positions", accepts, value)
    found = []
    for given, n in zip(value, sizes, strict=True):
        kept = as_array(given, "positions", INTEGERS)
        rises = kept.ndim == 1 and kept.size > 0 and (kept[1:] >= kept[:-1]).all()
        if not rises or not 0 <= int(kept[0]) <= int(kept[-1]) < n:
            raise _error(ValueError, "positions", accepts, given)
        found.append(kept.astype(np.int64))
    return tuple(found)


def parse_samples(value, planes, nd, span):
    """`random_samples`: numbers from 0 to 1, one for each plane and axis.

    Parameters
    ----------
    value : array_like
        What the user gave: of a shape that broadcasts to ``(*planes, nd)``.
    planes : tuple of int
        The sizes of the axes that are not spatial.
    nd : int
        Number of spatial axes.
    span : int
        The largest number that the dtype has to hold.

    Returns
    -------
    numpy.ndarray
        In native byte order, of the shape ``(*planes, nd)``, or ``(nd,)`` if all planes share them.
    """
    name, shape = "random_samples", (*planes, nd)
    samples = as_array(value, name, FLOATS)
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    while samples.ndim > len(shape) and samples.shape[0] == 1:
        samples = samples[0]
    fits = samples.ndim <= len(shape) and all(
        m in (1, n) for m, n in zip(samples.shape[::-1], shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(f"{name} must have a shape that broadcasts to {shape}; got {np.shape(value)}")
    if not ((samples >= 0) & (samples <= 1)).all():
        raise ValueError(f"{name} must be numbers from 0 to 1; got {_show(samples)}")
    if dtype_name(samples.dtype) == "float16" and span > 65504:
        raise ValueError(f"{name} must not be float16 for sizes beyond 65504; got float16 and {span}")
    if prod(samples.shape[:-1]) == 1:
        return np.broadcast_to(samples.reshape(samples.shape[-1:]), (nd,))
    return np.broadcast_to(samples, shape)


def parse_boundaries(value, planes, sizes):
    """`boundaries`: where every window starts and stops.

    Parameters
    ----------
    value : object
        What the user gave: for each axis edges, of which two neighbours bound a window, or (start, stop)
        pairs; with axes in front that broadcast to `planes`. One axis needs no sequence around it.
    planes, sizes : tuple of int
        The sizes of the axes that are not spatial, and of those that are.

    Returns
    -------
    list of (numpy.ndarray, numpy.ndarray)
        Starts and stops of each axis as int64, of one axis or with `planes` in front.
    """
    nd = len(sizes)
    accepts = (
        f"{_count(nd, 'array')} of int, one for each spatial axis: edges, or (start, stop) pairs"
        + (f", with leading axes that broadcast to {planes}" if planes else "")
    )
    if not is_sequence(value):
        raise _error(TypeError, "boundaries", accepts, value)
    if nd == 1 and not (_length(value) == 1 and is_sequence(value[0])):
        value = [value]
    if _length(value) != nd:
        raise _error(ValueError, "boundaries", accepts, value)
    found = []
    for given, n in zip(value, sizes, strict=True):
        array = as_array(given, "boundaries", INTEGERS)
        pairs = array.ndim > 1 and array.shape[-1] == 2 and array.ndim in (2, len(planes) + 2)
        core = 2 if pairs else 1
        lead = array.shape[: array.ndim - core]
        broadcasts = len(lead) <= len(planes) and all(
            m in (1, k) for m, k in zip(lead[::-1], planes[::-1], strict=False)
        )
        if array.ndim < 1 or not broadcasts or array.shape[-1] < 2 or 0 in array.shape[array.ndim - core:]:
            raise _error(ValueError, "boundaries", accepts, given)
        if array.size and int(array.max()) > n:
            top = int(array.max())
            raise ValueError(f"boundaries must not exceed {n}, the size of their axis; got {top}")
        array = array.astype(np.int64)
        start, stop = (array[..., 0], array[..., 1]) if pairs else (array[..., :-1], array[..., 1:])
        if (start < 0).any() or (start >= stop).any():
            raise ValueError(f"boundaries must hold windows with 0 <= start < stop; got {_show(given)}")
        if (np.diff(start) < 0).any() or (np.diff(stop) < 0).any():
            raise ValueError(f"boundaries must not fall from one window to the next; got {_show(given)}")
        if prod(lead) == 1:
            start, stop = start.reshape(-1), stop.reshape(-1)
        elif lead != planes:
            start, stop = (np.broadcast_to(a, (*planes, a.shape[-1])) for a in (start, stop))
        found.append((start, stop))
    return found


# ---- memory ----


def check_memory(shape, itemsize, name="the output"):
    """Refuse an array that this machine cannot hold, before anything is allocated.

    Parameters
    ----------
    shape : tuple of int
        The array's shape.
    itemsize : int
        Bytes of an element.
    name : str, optional
        What the array is, for the message.
    """
    size = itemsize
    for n in shape:
        size *= n or 1  # NumPy multiplies the other sizes even if one is 0
    if size <= _SMALL_OUTPUT:
        return
    limit = sys.maxsize if 0 in shape else memory_limit()
    if size > limit:
        raise MemoryError(f"{name} of shape {_show(shape)} needs {size} bytes; this machine has {limit}")


@functools.cache
def memory_limit():
    """Bytes of memory that this process can have at most: the machine's, or its container's if that is less.

    Returns
    -------
    int
    """
    limits = [sys.maxsize]
    with suppress(AttributeError, ValueError, OSError):  # not a POSIX system, or it does not say
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in _limit_files():
        with suppress(OSError, ValueError), open(path, encoding="ascii") as file:  # no such group, or "max"
            limits.append(int(file.read()))
    return min(limit for limit in limits if limit > 0)


def _limit_files(root="/sys/fs/cgroup", groups="/proc/self/cgroup"):
    """The files that may hold this process' memory limit: of its control group and of all around it."""
    files = []
    try:
        with open(groups, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        return files
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, found, path = rest.partition(":")
        if found and controllers == "":
            top, leaf = root, "memory.max"
        elif found and "memory" in controllers.split(","):
            top, leaf = f"{root}/memory", "memory.limit_in_bytes"
        else:
            continue
        parts = [part for part in path.split("/") if part]
        files += ["/".join([top, *parts[:depth], leaf]) for depth in range(len(parts) + 1)]
    return files
