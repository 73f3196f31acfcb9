"""Arguments of sequence pooling: which rows belong together, and with what weights.

A `Segments` is what the kernels read: segment s holds ``count[s]`` rows from ``begin[s]`` on, of the matrix
itself or of the list of rows that take part.
"""

from math import isfinite, prod
from typing import NamedTuple

import numpy as np

from . import _arguments
from ._arguments import DTYPES, FLOATS, INTEGERS, _error, _show, as_array, dtype_name, kernel_array

MODES = ("cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
SEGMENT_OPS = ("sum", "mean", "max", "min", "std", "lse", "first", "last", "kmax")


class Segments(NamedTuple):
    """Which rows of a matrix make up each segment.

    Attributes
    ----------
    begin, count : ndarray of intp
        One entry for each segment.
    rows : ndarray of intp or None
        The rows that take part, in order, if `begin` counts in this list rather than in the matrix.
    """

    begin: np.ndarray
    count: np.ndarray
    rows: np.ndarray | None

    def first(self):
        """The first row of each segment; anything where there is none."""
        return self._rows(self.begin)

    def last(self):
        """The last row of each segment; anything where there is none."""
        return self._rows(self.begin + self.count - 1)

    def _rows(self, place):
        if self.rows is None:
            return place
        return self.rows[np.clip(place, 0, len(self.rows) - 1)] if len(self.rows) else place * 0


# ---- tokens ----


def split_tokens(shape, name="x"):
    """Leading sizes, number of tokens and width of a (..., tokens, width) shape."""
    if len(shape) < 2:
        raise ValueError(
            f"{name} must have the shape (..., tokens, width), at least 2 axes; got {_show(shape)}"
        )
    return shape[:-2], shape[-2], shape[-1]


def as_mask(mask, shape):
    """`mask` as bools of the given shape, None if it is None.

    Parameters
    ----------
    mask : array_like or None
        bool, or integers or floats that are 0 or 1; broadcast to `shape`.
    shape : tuple of int
        Shape of x without its last axis.
    """
    if mask is None:
        return None
    found = as_array(mask, "mask")
    if found.dtype != np.bool_:
        taken = found != 0
        if not (taken == found).all():
            wrong = found[taken != found].flat[0]
            raise ValueError(
                f"mask must hold nothing but 0 and 1 (True: take part); got {wrong} (weights go elsewhere)"
            )
        found = taken
    if found.shape == shape:
        return found
    try:
        return np.broadcast_to(found, shape)
    except ValueError:
        raise ValueError(
            f"mask must have the shape {shape}, that of x without its last axis, or broadcast to it; "
            f"got {found.shape}"
        ) from None


def as_lengths(lengths, shape, tokens):
    """`lengths` as intp of the given shape, each from 0 to `tokens`."""
    found = as_array(lengths, "lengths", INTEGERS)
    if found.shape != shape:
        raise ValueError(f"lengths must have the shape {shape}, one for each sequence; got {found.shape}")
    if found.size and (found.min() < 0 or found.max() > tokens):
        wrong = found[(found < 0) | (found > tokens)].flat[0]
        raise ValueError(f"lengths must be from 0 to {tokens}, the number of tokens; got {wrong}")
    return found.astype(np.intp)


def token_segments(leading, tokens, mask, lengths):
    """The `Segments` of padded sequences, and which rows take part (None: all, or those of `lengths`)."""
    sequences = prod(leading)
    begin = np.arange(sequences, dtype=np.intp) * tokens
    if mask is not None and lengths is not None:
        raise ValueError("lengths must be left out if mask is given, which says the same")
    if lengths is not None:
        return Segments(begin, as_lengths(lengths, leading, tokens).reshape(-1), None)
    mask = as_mask(mask, (*leading, tokens))
    if mask is None:
        return Segments(begin, np.full(sequences, tokens, np.intp), None)
    mask = mask.reshape(sequences, tokens)
    if mask.size == 0:
        return Segments(begin, np.zeros(sequences, np.intp), None)
    count = np.where(mask[:, -1], tokens, mask.argmin(1))
    if (mask == (np.arange(tokens) < count[:, None])).all():  # padding at the end alone
        return Segments(begin, count, None)
    count = np.count_nonzero(mask, axis=1).astype(np.intp)
    first = mask.argmax(1)
    last = tokens - 1 - mask[:, ::-1].argmax(1)
    if np.array_equal(np.where(count > 0, last - first + 1, 0), count):  # padding at the ends alone
        return Segments(begin + first, count, None)
    return Segments(np.cumsum(count) - count, count, np.flatnonzero(mask))


def parse_modes(mode):
    """`mode` of token pooling as a tuple of words: one, or a sequence of different ones."""
    if isinstance(mode, str):
        return (_arguments.parse_choice(mode, MODES, "mode"),)
    accepts = f"one of {', '.join(map(repr, MODES))}, or a sequence of different ones"
    if not isinstance(mode, (tuple, list)):
        raise _error(TypeError, "mode", accepts, mode)
    if not all(isinstance(one, str) for one in mode):
        raise _error(TypeError, "mode", accepts, mode)
    if not mode or len(set(mode)) != len(mode) or not set(mode) <= set(MODES):
        raise _error(ValueError, "mode", accepts, mode)
    return tuple(map(str, mode))


# ---- ragged rows ----


def ragged_segments(rows, offsets, lengths):
    """The `Segments` of `rows` rows that lie one behind the other, by offsets or lengths.

    Parameters
    ----------
    rows : int
    offsets : array_like of int or None
        Where each segment starts, and behind them the number of rows.
    lengths : array_like of int or None
        The rows of each segment, which add up to all.
    """
    if (offsets is None) == (lengths is None):
        given = "neither" if offsets is None else "both"
        raise ValueError(f"offsets or lengths must be given, one of the two; got {given}")
    name = "offsets" if lengths is None else "lengths"
    found = as_array(offsets if lengths is None else lengths, name, INTEGERS)
    if found.ndim != 1:
        raise ValueError(f"{name} must have one axis; got the shape {found.shape}")
    if found.size and (found.min() < 0 or found.max() > rows):
        wrong = found[(found < 0) | (found > rows)].flat[0]
        raise ValueError(f"{name} must be from 0 to {rows}, the number of rows of x; got {wrong}")
    found = found.astype(np.intp)
    if lengths is not None:
        ends = np.cumsum(found)
        total = int(ends[-1]) if len(ends) else 0
        if total != rows:
            raise ValueError(f"lengths must add up to {rows}, the number of rows of x; got {total}")
        return Segments(ends - found, found, None)
    if not found.size or found[0] != 0 or found[-1] != rows:
        raise ValueError(
            f"offsets must start with 0 and end with {rows}, the number of rows of x; got {_show(offsets)}"
        )
    count = np.diff(found)
    if count.size and count.min() < 0:
        raise ValueError(f"offsets must not decrease; got {_show(offsets)}")
    return Segments(found[:-1], count, None)


def parse_k(k, op):
    """`k` of the k largest: an int >= 1 for "kmax", None for the others."""
    if op == "kmax":
        return _arguments.int_value(k, "k", 1)
    if k is not None:
        raise ValueError(f"k must be left out unless op is 'kmax'; got {_show(k)}")
    return None


# ---- numbers ----


def real_value(value, name):
    """A finite real number as a float."""
    accepts = "a finite real number"
    if isinstance(value, (bool, np.bool_, str, bytes, np.ndarray)) or not hasattr(value, "__float__"):
        raise _error(TypeError, name, accepts, value)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as exc:
        raise _error(
            ValueError if isinstance(exc, OverflowError) else TypeError, name, accepts, value
        ) from exc
    if not isfinite(number):
        raise _error(ValueError, name, accepts, value)
    return number


def empty_value(empty, dtype, default, any_empty):
    """What an empty segment gives: `empty` as a scalar, else `default` (None: NaN, refused for integers)."""
    kind = DTYPES[dtype_name(dtype)].kind
    if empty is None:
        if default is not None or kind == "float":
            return dtype.type(np.nan if default is None else default)
        if any_empty:
            raise ValueError(
                f"empty must be given where {dtype} is pooled and a segment or sequence has no rows; got None"
            )
        return dtype.type(0)
    accepts = "None or a real number" if kind == "float" else f"None or a number that {dtype} can hold"
    if isinstance(empty, (str, bytes)) or not isinstance(empty, (int, float, np.generic)):
        raise _error(TypeError, "empty", accepts, empty)
    try:
        number = np.asarray(empty)[()]
        with np.errstate(over="ignore"):
            value = np.asarray(number).astype(dtype)[()]
        same = kind == "float" or (np.asarray(number).dtype.kind in "biuf" and value == number)
    except (TypeError, ValueError, OverflowError) as exc:
        raise _error(TypeError, "empty", accepts, empty) from exc
    if not same:
        raise _error(ValueError, "empty", accepts, empty)
    return value


def as_coefficients(value, name, shape, width, least=None):
    """Weights or scores as a float64 matrix (rows, heads).

    Parameters
    ----------
    value : array_like
        Of the shape `shape`, or with one more axis, of heads among which the width is divided evenly.
    name : str
        The argument, for the message.
    shape : tuple of int
        Shape of x without its last axis.
    width : int
    least : float, optional
        Refuse what is smaller, infinite or NaN.

    Returns
    -------
    ndarray of shape (rows, heads)
    """
    found = as_array(value, name, [n for n in DTYPES if n != "bool"])
    if found.shape != shape and (
        found.shape[:-1] != shape or not 1 <= found.shape[-1] <= max(width, 1) or width % found.shape[-1]
    ):
        raise ValueError(
            f"{name} must have the shape {shape}, or one more axis whose size divides the width {width}; "
            f"got {found.shape}"
        )
    heads = 1 if found.shape == shape else found.shape[-1]
    result = kernel_array(found, np.float64).reshape(prod(shape), heads)
    if least is not None and result.size and not (result.min() >= least and result.max() < np.inf):
        wrong = result[~((result >= least) & (result < np.inf))].flat[0]
        raise ValueError(f"{name} must be finite and at least {least:g}; got {wrong}")
    return result


def as_query(query, width, name="query"):
    """`query` as float64 of shape (heads, width / heads)."""
    found = as_array(query, name, FLOATS)
    if found.shape != (width,) and (found.ndim != 2 or found.size != width):
        raise ValueError(
            f"{name} must have the shape ({width},), that of x, or (heads, width / heads); got {found.shape}"
        )
    return kernel_array(found, np.float64).reshape(-1, width if found.ndim == 1 else found.shape[1])


def result_dtype(op, dtype, x_dtype):
    """The dtype of a pooled result; integers need `dtype` unless the operator is exact on them."""
    if op in ("max", "min", "first", "last", "kmax"):
        return _arguments.parse_dtype("max", dtype, x_dtype)
    if op in ("sum", "mean"):
        return _arguments.parse_dtype("sum" if op == "sum" else "avg", dtype, x_dtype)
    if dtype is None and dtype_name(x_dtype) not in FLOATS:
        raise TypeError(
            f"dtype must be float32 or float64 for {op} pooling of {dtype_name(x_dtype)}; got None"
        )
    return _arguments.parse_dtype("lp", dtype, x_dtype)


def mode_dtype(modes, dtype, x_dtype):
    """The dtype of token pooling by several modes."""
    if (
        dtype is None
        and dtype_name(x_dtype) not in FLOATS
        and set(modes) & {"mean_sqrt_len_tokens", "weightedmean"}
    ):
        raise TypeError(
            f"dtype must be float32 or float64 for these modes of {dtype_name(x_dtype)}; got None"
        )
    if "mean" in modes or dtype is not None:
        return _arguments.parse_dtype("avg", dtype, x_dtype)
    return _arguments.parse_dtype("max", None, x_dtype)
