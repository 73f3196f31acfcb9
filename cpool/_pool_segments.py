"""Sequence pooling from user arguments to results: the calls behind `_sequence`.

Every operator is a list of `Part`: a reduction of each segment, and the columns of the result where it goes.
`_forward`, `_backward` and `_tangent` know what each reduction comes to; nothing else does.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments
from . import _segments as kernels
from . import _sequence_arguments as given
from ._execute import _beside, _results
from ._segments import Ragged

_quiet = np.errstate(all="ignore")  # NaN and infinity are ordinary values here

TOKEN_OPS = {
    "cls": "first",
    "mean": "mean",
    "max": "max",
    "mean_sqrt_len_tokens": "scaled",
    "weightedmean": "mean",
    "lasttoken": "last",
}


class Part(NamedTuple):
    """A reduction and where its result goes.

    Attributes
    ----------
    op : str
        sum, mean, scaled (sum over the root of the count), max, min, first,
        last, lse, std or stats (both).
    offset : int
        First column of the result.
    weights : ndarray of shape (rows, heads) or None
    divisor : ndarray of shape (segments, heads) or None
        What a sum is divided by.
    second : ndarray of shape (segments, heads) or None
        What the squares are divided by.
    """

    op: str
    offset: int = 0
    weights: np.ndarray | None = None
    divisor: np.ndarray | None = None
    second: np.ndarray | None = None

    def columns(self, width):
        """The columns of the result."""
        return slice(self.offset, self.offset + width * (2 if self.op == "stats" else 1))


def _part(r, op, offset=0, weights=None, correction=0.0):
    divisor = second = None
    if op == "scaled":
        divisor = np.sqrt(r.each)
    elif op in ("mean", "std", "stats"):
        divisor = r.each if weights is None else r.weight_totals(weights)
    if op in ("std", "stats"):
        second = np.maximum(divisor - correction, 0)
    return Part(op, offset, weights, divisor, second)


# ---- the three passes ----


def _forward(r, parts, out):
    """Write the result of each part, for the segments that have rows."""
    terms, later = [], []
    is_float = _arguments.DTYPES[_arguments.dtype_name(r.x.dtype)].kind == "float"
    for part in parts:
        columns = part.columns(r.width)
        if part.op in ("first", "last"):
            r.edge(part.op, out[:, columns])
        elif not is_float and part.weights is None and part.op in ("sum", "mean", "max", "min"):
            exact = part.op in ("max", "min") or out.dtype.kind not in "f"
            whole = np.zeros((len(r.count), r.width), np.int64 if exact else np.float64)
            op, flag = (
                (kernels.KEYS, part.op == "min")
                if part.op in ("max", "min")
                else (kernels.INTEGERS, part.op == "mean")
            )
            terms.append({"op": op, "flag": flag, "out": whole})
            unsigned = exact and r.x.dtype.kind == "u" and r.x.dtype.itemsize == 8
            later.append((columns, whole.view(np.uint64) if unsigned else whole))
        elif part.op in ("std", "stats"):
            place = (-1, part.offset) if part.op == "std" else (part.offset, part.offset + r.width)
            terms.append(kernels.stats_term(out, *place, part.weights, part.divisor, part.second))
        else:
            op = {"max": kernels.LARGEST, "min": kernels.SMALLEST, "lse": kernels.LSE}.get(
                part.op, kernels.SUM
            )
            term = {"op": op, "out": out, "offset": part.offset, "divisor": part.divisor}
            terms.append(term | kernels._weights(part.weights))
    if terms:
        r.reduce(*terms, factor=4 if any(part.op == "lse" for part in parts) else 1)
    for columns, whole in later:
        if r.full:
            out[:, columns] = whole
        else:
            out[r.used, columns] = whole[r.used]


def _statistics(r, part):
    """Mean and deviation of a part as float64, and 1 / (deviation * divisor), 0 where the deviation is 0."""
    both = r.statistics(part.weights, part.divisor, part.second)
    mean, std = np.ascontiguousarray(both[:, : r.width]), np.ascontiguousarray(both[:, r.width :])
    with np.errstate(all="ignore"):
        slope = 1 / (std * kernels.expand(part.second, r.width))
    slope[(std == 0) | ~r.used[:, None]] = 0
    return mean, std, slope


@_quiet
def _backward(r, parts, g, gx):
    """Write the gradient of the rows; return that of the weights of the one part that has any, or None."""
    terms, grad_weights = [], None
    for part in parts:
        a = g[:, part.columns(r.width)].astype(np.float64)
        a[~r.used] = 0
        if part.op in ("max", "min", "first", "last"):
            at = (r.positions(1, part.op == "min") if part.op in ("max", "min") else r.one_position(part.op))[
                :, 0
            ]
            if len(parts) == 1:
                return _scatter(r, a[:, None], at[:, None], gx)
            terms.append(kernels.picked_term(a, at))
        elif part.op == "lse":
            shift, total = r.exponentials()
            terms.append(kernels.exponential_term(a / total, shift))
        elif part.op in ("std", "stats"):
            mean, std, slope = _statistics(r, part)
            by = kernels.expand(part.divisor, r.width)
            a, b = (a[:, : r.width] / by, a[:, r.width :]) if part.op == "stats" else (np.zeros_like(a), a)
            terms.append(kernels.line_term(a, b * slope, mean, part.weights))
            if part.weights is not None:
                heads = part.weights.shape[1]
                grad_weights = r.dots(heads, np.ascontiguousarray(a), b * slope / 2, mean)
                shift = b * std / (2 * kernels.expand(part.second, r.width))
                shift[slope == 0] = 0
                grad_weights -= r.per_row(kernels.by_head(shift, heads))
        else:
            if part.divisor is not None:
                a /= kernels.expand(part.divisor, r.width)
            terms.append(kernels.constant_term(a, part.weights))
            if part.weights is not None and r.x is not None:
                m = (
                    r.statistics(part.weights, part.divisor, part.divisor)[:, : r.width]
                    if part.op == "mean"
                    else None
                )
                grad_weights = r.dots(
                    part.weights.shape[1], a, None, None if m is None else np.ascontiguousarray(m)
                )
    r.spread(gx, *terms)
    return grad_weights


def _scatter(r, g, at, gx):
    """Write g at positions of shape (segments, k, width), zeros elsewhere."""
    gx[...] = 0
    s, k, c = np.nonzero(at >= 0)
    gx[at[s, k, c], c] = g[s, k, c]


@_quiet
def _tangent(r, t, parts, out):
    """Write the tangent of each part for the tangent t of the rows; 0 for segments without rows."""
    for part in parts:
        columns = part.columns(r.width)
        if part.op in ("max", "min", "first", "last"):
            at = r.positions(1, part.op == "min") if part.op in ("max", "min") else r.one_position(part.op)
            change = np.where(at >= 0, t.gather(at), 0)[:, 0]
        elif part.op == "lse":
            shift, total = r.exponentials()
            change = r.products(t, m=shift, exponentials=True) / total
        elif part.op in ("std", "stats"):
            mean, _, slope = _statistics(r, part)
            change = r.products(t, m=mean, weights=part.weights) * slope
            if part.op == "stats":
                means = t.total(part.weights) / kernels.expand(part.divisor, r.width)
                change = np.concatenate([means, change], axis=1)
        else:
            change = t.total(part.weights)
            if part.divisor is not None:
                change /= kernels.expand(part.divisor, r.width)
        change[~r.used] = 0
        out[:, columns] = change


@_quiet
def _weights_tangent(r, part, dw, out):
    """Add to out what a change of the weights does."""
    total = r.weight_totals(dw)
    if part.op == "sum":
        out[r.used] += r.total(dw)[r.used]
        return
    mean, std, slope = _statistics(
        r, part._replace(second=part.divisor if part.second is None else part.second)
    )
    by = kernels.expand(part.divisor, r.width)
    centred = r.total(dw) - mean * kernels.expand(total, r.width)
    with np.errstate(all="ignore"):
        change = [centred / by]
        if part.op != "mean":
            squares = r.products(r, m=mean, b=mean, weights=dw)
            both = (
                squares * slope - kernels.expand(total, r.width) * std / kernels.expand(part.second, r.width)
            ) / 2
            both[slope == 0] = 0
            change = [*change, both] if part.op == "stats" else [both]
    out[r.used, part.columns(r.width)] += np.concatenate(change, axis=1)[r.used]


# ---- frames: x and what is around it ----


def _tokens(x, mask, lengths, name="x", accepted=_arguments.DTYPES):
    """x as an array, and its shape and segments."""
    x = _arguments.as_array(x, name, accepted)
    leading, tokens, width = given.split_tokens(x.shape, name)
    segments = given.token_segments(leading, tokens, mask, lengths)
    return x, segments, (prod(leading) * tokens, width)


def _ragged(x, offsets, lengths, name="x", accepted=_arguments.DTYPES):
    x = _arguments.as_array(x, name, accepted)
    if x.ndim == 0:
        raise ValueError(f"{name} must have at least 1 axis, of the rows; got a number")
    return x, given.ragged_segments(x.shape[0], offsets, lengths), (x.shape[0], prod(x.shape[1:]))


def _without_dead(segments, totals):
    """Segments whose weights add up to 0 have no rows."""
    dead = (totals == 0).all(1)
    return segments._replace(count=np.where(dead, 0, segments.count)) if dead.any() else segments


def _finish(r, result, columns, value):
    if not r.full:
        result[~r.used, columns] = value


def _flat(array, rows, columns):
    """A C-contiguous array to be written as (rows, columns), and whether it is not `array` itself."""
    if array.flags.c_contiguous and array.flags.aligned:
        return array.reshape(rows, columns), False
    return np.empty((rows, columns), array.dtype), True


def _run(r, parts, shape, columns, dtype, out, inputs, values):
    """Forward: allocate, pool, fill what is empty. values: what an empty segment gives, by part."""
    (result,), (returned,) = _results(out, shape, [dtype], inputs)
    flat, copied = _flat(result, len(r.count), columns)
    _forward(r, parts, flat)
    for part, value in zip(parts, values, strict=True):
        _finish(r, flat, part.columns(r.width), value)
    if copied:
        result[...] = flat.reshape(shape)
    return returned


def _gradient(grad_output, shape, dtype):
    g = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    _arguments.check_gradient(g, shape, dtype)
    return g


def _run_backward(r, parts, grad_output, columns, x_shape, x_dtype, out, inputs):
    (result,), (returned,) = _results(out, x_shape, [x_dtype], inputs)
    flat, copied = _flat(result, r.n, r.width)
    grads = _backward(r, parts, grad_output.reshape(len(r.count), columns), flat)
    if copied:
        result[...] = flat.reshape(x_shape)
    return returned, grads


def _native(dtype):
    return dtype.newbyteorder("=")


def _tangents(tangent, x):
    """The tangent of x: floating, of its shape."""
    t = _arguments.as_array(tangent, "tangent", _arguments.FLOATS)
    if t.shape != x.shape:
        raise ValueError(f"tangent must have the shape of x, {x.shape}; got {t.shape}")
    if t.dtype.newbyteorder("=") != x.dtype.newbyteorder("="):
        raise TypeError(f"tangent must have the dtype of x, {x.dtype}; got {t.dtype}")
    return t


# ---- tokens ----


def _token_parts(r, modes):
    weights = r.counted() if "weightedmean" in modes else None
    return [
        _part(r, TOKEN_OPS[mode], i * r.width, weights if mode == "weightedmean" else None)
        for i, mode in enumerate(modes)
    ]


def token(x, mask, lengths, mode, dtype, empty, out):
    """Forward pass of `token_pool`."""
    modes = given.parse_modes(mode)
    x, segments, shape = _tokens(x, mask, lengths)
    dtype = given.mode_dtype(modes, dtype, x.dtype)
    r = Ragged(x, segments, shape)
    value = given.empty_value(empty, dtype, None, not r.full)
    parts = _token_parts(r, modes)
    columns = r.width * len(modes)
    return _run(r, parts, (*x.shape[:-2], columns), columns, dtype, out,
                [x, *_beside(out, mask, lengths)], [value] * len(parts))


def token_backward(grad_output, x, mask, lengths, mode, dtype, empty, out):
    """Gradient of `token`."""
    modes = given.parse_modes(mode)
    x_shape = _arguments.as_shape(x)
    if x_shape is not None:
        if "max" in modes:
            raise TypeError(f"x must be an array, not a shape, for the gradient of mode 'max'; got {x_shape}")
        leading, tokens, width = given.split_tokens(x_shape)
        segments, shape = (
            given.token_segments(leading, tokens, mask, lengths),
            (prod(leading) * tokens, width),
        )
        grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
        x_dtype, inputs, rows = _native(grad_output.dtype), [grad_output], None
    else:
        rows, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
        x_shape, x_dtype, inputs = rows.shape, _native(rows.dtype), [rows]
    columns = shape[1] * len(modes)
    g = _gradient(grad_output, (*x_shape[:-2], columns), given.mode_dtype(modes, dtype, x_dtype))
    given.empty_value(empty, _native(g.dtype), None, False)
    r = Ragged(rows if "max" in modes else None, segments, shape)
    return _run_backward(r, _token_parts(r, modes), g, columns, x_shape, x_dtype, out,
                         [*inputs, g, *_beside(out, mask, lengths)])[0]


def token_jvp(tangent, x, mask, lengths, mode, dtype, empty, out):
    """Tangent of `token`."""
    modes = given.parse_modes(mode)
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    t = _tangents(tangent, x)
    dtype = given.mode_dtype(modes, dtype, x.dtype)
    given.empty_value(empty, dtype, None, False)
    r = Ragged(x, segments, shape)
    columns = r.width * len(modes)
    return _run_tangent(
        r, r.beside(t), _token_parts(r, modes), (*x.shape[:-2], columns), columns, dtype, out,
        [x, t, *_beside(out, mask, lengths)]
    )


def _run_tangent(r, t, parts, shape, columns, dtype, out, inputs, weights_tangent=None):
    (result,), (returned,) = _results(out, shape, [dtype], inputs)
    wide = np.zeros((len(r.count), columns))
    _tangent(r, t, parts, wide)
    if weights_tangent is not None:
        _weights_tangent(r, parts[0], weights_tangent, wide)
    result[...] = wide.reshape(shape).astype(dtype)
    return returned


# ---- ragged rows ----


def _segment_setup(x, segments, shape, op, weights, correction, k):
    """The rows, the part and the shape of the weights as given."""
    if weights is None:
        return Ragged(x, segments, shape), None
    if op not in ("sum", "mean", "std"):
        raise ValueError(f"weights must be left out for op {op!r}; they go with 'sum', 'mean' and 'std'")
    weights = given.as_coefficients(weights, "weights", (shape[0],), shape[1], 0)
    if op != "sum":
        totals = Ragged(weights, segments, weights.shape).total()
        segments = _without_dead(segments, totals)
    return Ragged(x, segments, shape), weights


def _segment_arguments(op, k, correction, return_indices, shape, index_dtype):
    op = _arguments.parse_choice(op, given.SEGMENT_OPS, "op")
    k = given.parse_k(k, op)
    correction = given.real_value(correction, "correction")
    return_indices = _arguments.flag(return_indices, "return_indices")
    if return_indices and op not in ("max", "min", "kmax"):
        raise ValueError(
            f"return_indices must be False for op {op!r}, which selects no element of each column"
        )
    return op, k, correction, return_indices, _arguments.parse_index_dtype(index_dtype, shape[0])


def segment(x, offsets, op, lengths, weights, k, correction, return_indices, index_dtype, dtype, empty, out):
    """Forward pass of `segment_pool`."""
    x, segments, shape = _ragged(x, offsets, lengths)
    op, k, correction, return_indices, index_dtype = _segment_arguments(
        op, k, correction, return_indices, shape, index_dtype
    )
    dtype = given.result_dtype(op if weights is None or op == "std" else "weighted", dtype, x.dtype)
    r, weights = _segment_setup(x, segments, shape, op, weights, correction, k)
    short = not r.full if k is None else bool((r.count < k).any())
    value = given.empty_value(empty, dtype, 0 if op == "sum" else None, short)
    if op == "kmax" or return_indices:
        return _selected(r, x, op, k, return_indices, index_dtype, dtype, value, out,
                         [x, *_beside(out, offsets, lengths, weights)])
    part = _part(r, op, 0, weights, correction)
    return _run(r, [part], (len(r.count), *x.shape[1:]), r.width, dtype, out,
                [x, *_beside(out, offsets, lengths, weights)], [value])


def _selected(r, x, op, k, return_indices, index_dtype, dtype, value, out, inputs):
    shape = (len(r.count), *(() if k is None else (k,)), *x.shape[1:])
    written, returned = _results(out, shape, [dtype, index_dtype] if return_indices else [dtype], inputs)
    at = r.positions(k or 1, op == "min")
    written[0][...] = np.where(at >= 0, r.gather(at), value).reshape(shape)
    if return_indices:
        written[1][...] = at.reshape(shape)
    return tuple(returned) if return_indices else returned[0]


def _picked_rows(indices, r, k, shape):
    """Indices of the forward pass as positions, held to the rows of their segments."""
    at = _arguments.as_indices(indices, "indices", shape)
    at = np.asarray(at, np.int64).reshape(len(r.count), k or 1, r.width)
    low = r.begin[:, None, None]
    wrong = (at != -1) & ((at < low) | (at >= low + r.count[:, None, None]))
    if wrong.any():
        raise ValueError(f"indices must be -1 or rows of their own segment; got {at[wrong][0]}")
    return at


def segment_backward(
    grad_output,
    x,
    offsets,
    op,
    lengths,
    weights,
    k,
    correction,
    return_indices,
    index_dtype,
    dtype,
    empty,
    out,
    indices,
):
    """Gradient of `segment`, and of its weights if there are any."""
    x_shape = _arguments.as_shape(x)
    if x_shape is None:
        rows = _arguments.as_array(x, "x", _arguments.FLOATS)
        x_shape, x_dtype, inputs = rows.shape, _native(rows.dtype), [rows]
    else:
        rows, inputs = None, []
        x_dtype = _native(_arguments.as_array(grad_output, "grad_output", _arguments.FLOATS).dtype)
    if not x_shape:
        raise ValueError("x must have at least 1 axis, of the rows; got a number")
    segments, shape = given.ragged_segments(x_shape[0], offsets, lengths), (x_shape[0], prod(x_shape[1:]))
    op, k, correction, _, _ = _segment_arguments(op, k, correction, False, shape, index_dtype)
    _arguments.flag(return_indices, "return_indices")
    if indices is not None and op not in ("max", "min", "kmax"):
        raise ValueError(f"indices must be left out for op {op!r}")
    needs = op in ("std", "lse") or weights is not None or (op in ("max", "min", "kmax") and indices is None)
    if rows is None and needs:
        raise TypeError(f"x must be an array, not a shape, for this gradient of op {op!r}; got {x_shape}")
    y_dtype = given.result_dtype(op if weights is None or op == "std" else "weighted", dtype, x_dtype)
    y_shape = (len(segments.count), *(() if k is None else (k,)), *x_shape[1:])
    g = _gradient(grad_output, y_shape, y_dtype)
    given.empty_value(empty, y_dtype, 0, False)
    given_weights = weights
    r, weights = _segment_setup(rows if needs else None, segments, shape, op, weights, correction, k)
    inputs += [g, *_beside(out, offsets, lengths, given_weights, indices)]
    if op in ("max", "min", "kmax"):
        at = r.positions(k or 1, op == "min") if indices is None else _picked_rows(indices, r, k, y_shape)
        (result,), (returned,) = _results(out, x_shape, [x_dtype], inputs)
        flat, copied = _flat(result, r.n, r.width)
        _scatter(r, g.reshape(at.shape), at, flat)
        if copied:
            result[...] = flat.reshape(x_shape)
        return returned
    part = _part(r, op, 0, weights, correction)
    grad_x, grads = _run_backward(r, [part], g, r.width, x_shape, x_dtype, out, inputs)
    return grad_x if weights is None else (grad_x, grads.reshape(np.shape(given_weights)))


def segment_jvp(
    tangent,
    x,
    offsets,
    op,
    lengths,
    weights,
    k,
    correction,
    return_indices,
    index_dtype,
    dtype,
    empty,
    weights_tangent,
    out,
):
    """Tangent of `segment`."""
    x, segments, shape = _ragged(x, offsets, lengths, "x", _arguments.FLOATS)
    t = _tangents(tangent, x)
    op, k, correction, _, _ = _segment_arguments(op, k, correction, False, shape, index_dtype)
    _arguments.flag(return_indices, "return_indices")
    dtype = given.result_dtype(op if weights is None or op == "std" else "weighted", dtype, x.dtype)
    given.empty_value(empty, dtype, 0, False)
    dw = _weights_change(weights_tangent, weights, shape)
    r, weights = _segment_setup(x, segments, shape, op, weights, correction, k)
    inputs = [x, t, *_beside(out, offsets, lengths, weights, weights_tangent)]
    if op == "kmax":
        y_shape = (len(r.count), k, *x.shape[1:])
        (result,), (returned,) = _results(out, y_shape, [dtype], inputs)
        at = r.positions(k)
        result[...] = np.where(at >= 0, r.beside(t).gather(at), 0).reshape(y_shape)
        return returned
    parts = [_part(r, op, 0, weights, correction)]
    return _run_tangent(r, r.beside(t), parts, (len(r.count), *x.shape[1:]), r.width, dtype, out, inputs, dw)


def _weights_change(change, weights, shape, name="weights"):
    if change is None:
        return None
    if weights is None:
        raise ValueError(f"{name}_tangent must be left out where there are no {name}")
    dw = given.as_coefficients(change, f"{name}_tangent", shape[:-1], shape[-1])
    if np.shape(change) != np.shape(weights):
        raise ValueError(
            f"{name}_tangent must have the shape of {name}, {np.shape(weights)}; got {np.shape(change)}"
        )
    return dw


# ---- statistics ----


def _stats_setup(x, segments, shape, weights, correction, lead):
    correction = given.real_value(correction, "correction")
    if weights is not None:
        weights = given.as_coefficients(weights, "weights", lead, shape[1], 0)
        segments = _without_dead(segments, Ragged(weights, segments, weights.shape).total())
    r = Ragged(x, segments, shape)
    return r, _part(r, "stats", 0, weights, correction)


def stats(x, mask, lengths, weights, correction, dtype, empty, out):
    """Forward pass of `stats_pool`."""
    x, segments, shape = _tokens(x, mask, lengths)
    dtype = given.result_dtype("statistics", dtype, x.dtype)
    r, part = _stats_setup(x, segments, shape, weights, correction, x.shape[:-1])
    value = given.empty_value(empty, dtype, None, False)
    return _run(r, [part], (*x.shape[:-2], 2 * r.width), 2 * r.width, dtype, out,
                [x, *_beside(out, mask, lengths, weights)], [value])


def stats_backward(grad_output, x, mask, lengths, weights, correction, dtype, empty, out):
    """Gradient of `stats`, and of its weights if there are any."""
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    y_dtype = given.result_dtype("statistics", dtype, x.dtype)
    r, part = _stats_setup(x, segments, shape, weights, correction, x.shape[:-1])
    g = _gradient(grad_output, (*x.shape[:-2], 2 * r.width), y_dtype)
    given.empty_value(empty, y_dtype, None, False)
    grad_x, grads = _run_backward(r, [part], g, 2 * r.width, x.shape, _native(x.dtype), out,
                                   [x, g, *_beside(out, mask, lengths, weights)])
    return grad_x if weights is None else (grad_x, grads.reshape(np.shape(weights)))


def stats_jvp(tangent, x, mask, lengths, weights, correction, dtype, empty, weights_tangent, out):
    """Tangent of `stats`."""
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    t = _tangents(tangent, x)
    dtype = given.result_dtype("statistics", dtype, x.dtype)
    dw = _weights_change(weights_tangent, weights, x.shape)
    r, part = _stats_setup(x, segments, shape, weights, correction, x.shape[:-1])
    given.empty_value(empty, dtype, None, False)
    y_shape = (*x.shape[:-2], 2 * r.width)
    return _run_tangent(r, r.beside(t), [part], y_shape, 2 * r.width, dtype, out,
                        [x, t, *_beside(out, mask, lengths, weights, weights_tangent)], dw)


# ---- attention ----


class Attention(NamedTuple):
    """What the softmax of an attention comes to.

    Attributes
    ----------
    r : Ragged
        The rows.
    weights : ndarray of shape (rows, heads)
        They add up to 1 over each segment.
    query : ndarray of shape (1, width) or None
        The query times the scale.
    part : Part
    """

    r: Ragged
    weights: np.ndarray
    query: np.ndarray | None
    scale: float
    part: Part


def _attention(op, x, segments, shape, scores, query, scale, lead):
    if (scores is None) == (query is None):
        said = "neither" if scores is None else "both"
        raise ValueError(f"scores or query must be given, one of the two; got {said}")
    scale = given.real_value(scale, "scale")
    r = Ragged(x, segments, shape)
    if query is None:
        if scale != 1:
            raise ValueError(f"scale must be left out where scores are given; got {scale:g}")
        scores = given.as_coefficients(scores, "scores", lead, r.width)
    else:
        query = given.as_query(query, r.width) * scale
        heads = len(query)
        query = query.reshape(1, -1)
        scores = r.dots(heads, query)
    weights = r.softmax(scores)
    ones = np.ones((len(r.count), weights.shape[1]))
    return Attention(r, weights, query, scale, Part(op, 0, weights, ones, ones))


def attention(op, x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out):
    """Forward pass of `attention_pool` (op "mean") and `attentive_stats_pool` (op
    "stats").
    """
    return_weights = _arguments.flag(return_weights, "return_weights")
    x, segments, shape = _tokens(x, mask, lengths)
    dtype = given.result_dtype("attention", dtype, x.dtype)
    a = _attention(op, x, segments, shape, scores, query, scale, x.shape[:-1])
    value = given.empty_value(empty, dtype, None, False)
    columns = a.r.width * (2 if op == "stats" else 1)
    y = _run(a.r, [a.part], (*x.shape[:-2], columns), columns, dtype, out,
             [x, *_beside(out, scores, mask, query, lengths)], [value])
    if not return_weights:
        return y
    given_shape = (
        np.shape(scores) if query is None else (*x.shape[:-1], *((len(query),) if np.ndim(query) > 1 else ()))
    )
    return y, a.weights.reshape(given_shape).astype(dtype)


@_quiet
def attention_backward(
    op, grad_output, x, scores, mask, query, scale, lengths, return_weights, dtype, empty, out
):
    """Gradients with respect to x, and to scores or query."""
    _arguments.flag(return_weights, "return_weights")
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    y_dtype = given.result_dtype("attention", dtype, x.dtype)
    r, weights, q, scale, part = _attention(op, x, segments, shape, scores, query, scale, x.shape[:-1])
    columns = r.width * (2 if op == "stats" else 1)
    g = _gradient(grad_output, (*x.shape[:-2], columns), y_dtype)
    given.empty_value(empty, y_dtype, None, False)
    inputs = [x, g, *_beside(out, scores, mask, query, lengths)]
    (result,), (returned,) = _results(out, x.shape, [_native(x.dtype)], inputs)
    flat, copied = _flat(result, r.n, r.width)
    wide = g.reshape(len(r.count), columns).astype(np.float64)
    wide[~r.used] = 0
    heads = weights.shape[1]
    mean, std, slope = _statistics(r, part)
    a = np.ascontiguousarray(wide[:, : r.width])
    b = wide[:, r.width :] if op == "stats" else np.zeros_like(a)
    grad_scores = r.dots(heads, a, b * slope / 2, mean)
    if op == "stats":
        shift = b * std / 2
        shift[slope == 0] = 0
        grad_scores -= r.per_row(kernels.by_head(shift, heads))
    grad_scores *= weights
    terms = [
        kernels.line_term(a, b * slope, mean, weights) if op == "stats" else kernels.constant_term(a, weights)
    ]
    if q is not None:
        terms.append(kernels.constant_term(np.broadcast_to(q, (len(r.count), r.width)), grad_scores))
    r.spread(flat, *terms)
    if copied:
        result[...] = flat.reshape(x.shape)
    if q is None:
        return returned, grad_scores.reshape(np.shape(scores)).astype(_float_like(scores))
    everything = given.Segments(np.zeros(1, np.intp), np.array([r.n]), None)
    grad_query = Ragged(r.x, everything, (r.n, r.width)).total(grad_scores) * scale
    return returned, grad_query.reshape(np.shape(query)).astype(_float_like(query))


def _float_like(array):
    dtype = _arguments.as_array(array, "scores").dtype
    return _native(dtype) if _arguments.dtype_name(dtype) in _arguments.FLOATS else np.dtype(np.float64)


def attention_jvp(
    op,
    tangent,
    x,
    scores,
    mask,
    query,
    scale,
    lengths,
    return_weights,
    dtype,
    empty,
    scores_tangent,
    query_tangent,
    out,
):
    """Tangent of `attention`."""
    _arguments.flag(return_weights, "return_weights")
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    t = _tangents(tangent, x)
    dtype = given.result_dtype("attention", dtype, x.dtype)
    change = _weights_change(scores_tangent, scores, x.shape, "scores")
    r, weights, q, scale, part = _attention(op, x, segments, shape, scores, query, scale, x.shape[:-1])
    given.empty_value(empty, dtype, None, False)
    other = r.beside(t)
    if q is not None:
        change = other.dots(weights.shape[1], q)
    if query_tangent is not None:
        if query is None:
            raise ValueError("query_tangent must be left out where there is no query")
        moved = given.as_query(query_tangent, r.width, "query_tangent")
        if moved.shape != given.as_query(query, r.width).shape:
            raise ValueError(f"query_tangent must have the shape of query, {np.shape(query)}; got another")
        change += r.dots(len(moved), moved.reshape(1, -1) * scale)
    columns = r.width * (2 if op == "stats" else 1)
    dw = None if change is None else weights * change
    inputs = [x, t, *_beside(out, scores, mask, query, lengths, scores_tangent, query_tangent)]
    return _run_tangent(r, other, [part], (*x.shape[:-2], columns), columns, dtype, out, inputs, dw)


# ---- the maximum over time ----


def over_time(x, mask, lengths, return_indices, index_dtype, empty, out):
    """Forward pass of `max_over_time_pool`."""
    return_indices = _arguments.flag(return_indices, "return_indices")
    x, segments, shape = _tokens(x, mask, lengths)
    index_dtype = _arguments.parse_index_dtype(index_dtype, x.shape[-2])
    dtype = _arguments.parse_dtype("max", None, x.dtype)
    r = Ragged(x, segments, shape)
    value = given.empty_value(empty, dtype, None, not r.full)
    y_shape = (*x.shape[:-2], r.width)
    inputs = [x, *_beside(out, mask, lengths)]
    if not return_indices:
        return _run(r, [_part(r, "max")], y_shape, r.width, dtype, out,
                    inputs, [value])
    written, returned = _results(out, y_shape, [dtype, index_dtype], inputs)
    at = r.positions()[:, 0]
    written[0][...] = np.where(at >= 0, r.gather(at), value).reshape(y_shape)
    written[1][...] = np.where(at >= 0, at % max(x.shape[-2], 1), -1).reshape(y_shape)
    return tuple(returned)


def over_time_backward(grad_output, x, mask, lengths, return_indices, index_dtype, empty, out, indices):
    """Gradient of `over_time`."""
    _arguments.flag(return_indices, "return_indices")
    x_shape, rows = _arguments.as_shape(x), None
    if x_shape is None:
        rows = _arguments.as_array(x, "x", _arguments.FLOATS)
        x_shape = rows.shape
    elif indices is None:
        _arguments.refuse_shape("max", x_shape)
    leading, tokens, width = given.split_tokens(x_shape)
    segments, shape = given.token_segments(leading, tokens, mask, lengths), (prod(leading) * tokens, width)
    _arguments.parse_index_dtype(index_dtype, tokens)
    g = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    x_dtype = _native((g if rows is None else rows).dtype)
    g = _gradient(g, (*leading, width), x_dtype)
    given.empty_value(empty, x_dtype, None, False)
    r = Ragged(rows if indices is None else None, segments, shape)
    if indices is None:
        at = r.positions()
    else:
        at = np.asarray(_arguments.as_indices(indices, "indices", g.shape), np.int64).reshape(-1, 1, width)
        if at.size and (at.min() < -1 or at.max() >= tokens):
            wrong = at[(at < -1) | (at >= tokens)][0]
            raise ValueError(f"indices must be from 0 to {tokens - 1}, or -1 for none; got {wrong}")
        at = np.where(at >= 0, at + (np.arange(len(at)) * tokens)[:, None, None], -1)
    inputs = [g, *([] if rows is None else [rows]), *_beside(out, mask, lengths, indices)]
    (result,), (returned,) = _results(out, x_shape, [x_dtype], inputs)
    flat, copied = _flat(result, r.n, width)
    _scatter(r, g.reshape(at.shape), at, flat)
    if copied:
        result[...] = flat.reshape(x_shape)
    return returned


def over_time_jvp(tangent, x, mask, lengths, return_indices, index_dtype, empty, out):
    """Tangent of `over_time`."""
    _arguments.flag(return_indices, "return_indices")
    x, segments, shape = _tokens(x, mask, lengths, "x", _arguments.FLOATS)
    t = _tangents(tangent, x)
    _arguments.parse_index_dtype(index_dtype, x.shape[-2])
    dtype = _native(x.dtype)
    given.empty_value(empty, dtype, None, False)
    r = Ragged(x, segments, shape)
    return _run_tangent(
        r, r.beside(t), [_part(r, "max")], (*x.shape[:-2], r.width), r.width, dtype, out,
        [x, t, *_beside(out, mask, lengths)]
    )
