"""Pooling of a block of an array that is elsewhere: which elements it needs, and what becomes of them.

What `cpool.dask` has its workers do; nothing here knows of dask.

a) A block of a result is a range of windows along each spatial axis, a `Span`. The elements that these hold
   follow from `_geometry`: a slice, with which comes what part of the padding the block has. The function of
   cpool is called with that padding, and its indices are counted anew in the whole array.
b) Adaptive windows do not look the same from within. Those of one size are pooled together, each group by a
   windowed call: on a slice if they are evenly spaced, else on a copy in which they stand side by side.
c) Windows that are larger than chunks are pooled chunk by chunk, if the operator lets parts be put together
   (`PARTS`): a chunk is looked at as if all else were padding.
"""

import itertools
from dataclasses import dataclass, field, replace
from functools import reduce
from math import prod
from typing import NamedTuple

import numpy as np

from . import _arguments, _geometry, _masks, functional
from ._block_derivatives import block_reduce_backward
from ._blocks import block_reduce
from ._threads import num_threads


@dataclass(frozen=True)
class Call:
    """A function of cpool and its arguments, but for those that say where windows are.

    Attributes
    ----------
    pool : str
        "max_pool"
    whole : bool
        Whether one window holds all spatial axes.
    axis : tuple of int
        The spatial axes in the order of the window.
    sizes : tuple of int
        Elements along these in the whole array.
    options : dict
        What is handed on.
    second : str or None
        An argument that is an array alongside x and has a gradient.
    counted : bool
        Whether the values or a mask say how many elements take part.
    threads : int
    """

    pool: str
    whole: bool
    axis: tuple
    sizes: tuple
    options: dict = field(default_factory=dict)
    second: str | None = None
    counted: bool = False
    threads: int = 1

    def but(self, **options):
        """The call with other options; None takes one away."""
        given = {name: value for name, value in (self.options | options).items() if value is not None}
        return replace(self, options=given)

    def __call__(self, action, arrays, windows):
        """Call the function, or with an `action` its backward; a window is what a `Run` says of an axis."""
        if self.whole:
            name, where = f"global_{self.pool}", {"keepdims": True}
        else:
            name = f"{self.pool}{len(self.axis)}d"
            keys = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
            where = dict(zip(keys, zip(*windows, strict=True), strict=True))
            where["ceil_mode"] = any(where["ceil_mode"])
        with num_threads(self.threads):
            found = getattr(functional, name + action)(**arrays, **where, **self.options, axis=self.axis)
        return found if isinstance(found, tuple) else (found,)


# ---- geometry of a block ----


class Span(NamedTuple):
    """Windows `first` .. `stop` - 1 of an axis, as seen from its elements `low` .. `high` - 1."""

    axis: _geometry.Axis
    first: int
    stop: int
    low: int
    high: int

    @property
    def reach(self):
        """From the first place of the first window to the end of the last, padding included."""
        return extent(self.axis, self.first)[0], extent(self.axis, self.stop - 1)[1]

    @property
    def elements(self):
        """First and end of what they hold; if that is nothing, one element beside them."""
        a, b = (min(max(place, self.low), self.high) for place in self.reach)
        if a >= b:
            a = min(a, self.high - 1)
            b = a + 1
        return a, b

    @property
    def taps(self):
        """Real taps and divisor taps of each window."""
        return _geometry.axis_bounds(self.axis, np.arange(self.first, self.stop), np.clip)[1:]


class Run(NamedTuple):
    """Windows of one size: which of the block, on which of its elements, and the arguments of the call.

    `misses` says that they hold nothing; then the call may give more windows than asked for, at the end.
    """

    places: slice | np.ndarray
    take: slice | np.ndarray
    window: tuple
    misses: bool = False


def extent(axis, o):
    """First place and end of window `o`, padding included; `o` may be an array."""
    if axis.adaptive:
        start, taps, _ = _geometry.axis_bounds(axis, o)
        return start, start + taps
    start = o * axis.stride - axis.lo
    return start, start + axis.dilation * (axis.kernel - 1) + 1


def runs(span, divided=True):
    """The windows of a span, in groups; `divided`: padding counts in a divisor."""
    axis, first, stop, _, high = span
    a, b = span.elements
    count = stop - first
    if axis.adaptive:
        return list(_adaptive_runs(span, a))
    start, end = span.reach
    _, _, kernel, stride, dilation, _, hi, _ = axis
    if start >= b or end <= a:
        padding = end - start, 0
        window = kernel, stride, padding, dilation, False
        return [Run(slice(0, count), slice(0, 1), window, True)]
    edge = axis.n + hi
    # what ceil_mode adds is no padding; but a part has windows that ceil_mode would leave out
    ceil = divided and end > edge and high == axis.n
    padding = a - start, (edge if ceil else end) - b
    return [Run(slice(0, count), slice(0, b - a), (kernel, stride, padding, dilation, ceil))]


def _adaptive_runs(span, a):
    begin, taps, _ = _geometry.axis_bounds(span.axis, np.arange(span.first, span.stop), np.clip)
    end = np.clip(begin + taps, span.low, span.high)
    begin = np.clip(begin, span.low, span.high)
    taps = end - begin
    for size in np.unique(taps).tolist():
        places = np.flatnonzero(taps == size)
        starts = begin[places] - a
        if size == 0:
            yield Run(_tidy(places), slice(0, 1), (1, 1, (len(places), 0), 1, False), True)
            continue
        step = int(starts[1] - starts[0]) if len(starts) > 1 else size
        if step > 0 and (np.diff(starts) == step).all():
            take = slice(int(starts[0]), int(starts[-1]) + size)
        else:
            take, step = (starts[:, None] + np.arange(size)).ravel(), size
        yield Run(_tidy(places), take, (size, step, (0, 0), 1, False))


def _tidy(places):
    """Places as a slice if they follow one another."""
    start, stop = int(places[0]), int(places[-1]) + 1
    return slice(start, stop) if stop - start == len(places) else places


def _grouped(call, spans):
    """Every combination of the groups of all axes."""
    if call.whole:
        return [tuple(Run(slice(0, 1), slice(0, b - a), ()) for a, b in (s.elements for s in spans))]
    return list(itertools.product(*(runs(span, call.pool == "avg_pool") for span in spans)))


def _taken(array, axis, run):
    """The elements of an array that a group of windows needs."""
    where = [slice(None)] * array.ndim
    for i, each in zip(axis, run, strict=True):
        if isinstance(each.take, slice):
            where[i] = each.take
    array = array[tuple(where)]
    for i, each in zip(axis, run, strict=True):
        if not isinstance(each.take, slice):
            array = array.take(each.take, i)
    return array


def _index(shape, axis, places):
    """An index of all that is at these places of some axes."""
    if all(isinstance(each, slice) for each in places):
        where = [slice(None)] * len(shape)
        for i, each in zip(axis, places, strict=True):
            where[i] = each
        return tuple(where)
    where = [np.arange(n) for n in shape]
    for i, each in zip(axis, places, strict=True):
        where[i] = where[i][each]
    return np.ix_(*where)


def _counted(at, call, run, spans, shape):
    """Indices in the plane of a group, as they are in the whole array."""
    rest, factor = at.astype(np.int64), 1
    found = np.zeros(at.shape, np.int64)
    for i, each, span, n in reversed(list(zip(call.axis, run, spans, call.sizes, strict=True))):
        rest, place = np.divmod(rest, shape[i])
        take = each.take
        place = place + take.start if isinstance(take, slice) else take[place]
        found += (place + span.elements[0]) * factor
        factor *= n
    return np.where(at < 0, -1, found).astype(at.dtype)


# ---- blocks of results ----


def joined(pieces):
    """One array of those in nested lists, one level of lists for each axis."""
    count, one = 1, pieces
    while isinstance(one, list):
        count *= len(one)
        one = one[0]
    return one if count == 1 else np.block(pieces)


def part(bounds, chunk):
    """A part of a chunk; a copy if it is small, so that it does not keep the chunk in memory."""
    found = chunk[tuple(slice(a, b) for a, b in bounds)]
    return found.copy() if 2 * found.size < chunk.size else found


def forward(call, spans, names, *pieces):
    """The results of a block; `pieces` are those of x and of the arrays with these names."""
    arrays = dict(zip(("x", *names), map(joined, pieces), strict=True))
    return _forward(call, spans, arrays)


def _forward(call, spans, arrays):
    found = []
    groups = _grouped(call, spans)
    shape = list(arrays["x"].shape)
    for i, span in zip(call.axis, spans, strict=True):
        shape[i] = span.stop - span.first
    for run in groups:
        parts = {name: _taken(array, call.axis, run) for name, array in arrays.items()}
        results = list(call("", parts, [each.window for each in run]))
        if call.options.get("return_indices"):
            results[1] = _counted(results[1], call, run, spans, parts["x"].shape)
        if any(each.misses for each in run):
            counts = [slice(0, _count(each.places)) for each in run]
            results = [each[_index(each.shape, call.axis, counts)] for each in results]
        if len(groups) == 1:
            found = results
            break
        found = found or [np.empty(shape, each.dtype) for each in results]
        where = _index(shape, call.axis, [each.places for each in run])
        for whole, each in zip(found, results, strict=True):
            whole[where] = each
    return tuple(found) if len(found) > 1 else found[0]


def _count(places):
    return places.stop - places.start if isinstance(places, slice) else len(places)


# ---- windows in parts ----


class Part(NamedTuple):
    """How an operator of large windows is put together.

    Attributes
    ----------
    start : function
        From a call, spans and arrays to what is known of the windows from one chunk: a list of arrays.
    join : function
        From a call and two of these to one.
    finish : function
        From a call, spans, what is known of whole windows and the dtypes of the results and of x to these.
    """

    start: object
    join: object
    finish: object


def _selected(call, spans, arrays):
    found = _forward(call, spans, arrays)
    return list(found) if isinstance(found, tuple) else [found]


def _better(call, a, b):
    """The larger (smaller) of two by place; of equals that which comes first, NaN before all else."""
    if len(a) == 1:
        return [(np.maximum if call.pool == "max_pool" else np.minimum)(a[0], b[0])]
    (x, i), (y, j) = a, b
    beyond, nan = x != x, y != y
    wins = (nan & ~beyond) | ((y > x) if call.pool == "max_pool" else (y < x))
    ties = (nan & beyond) | (x == y)
    second = (j >= 0) & ((i < 0) | wins | (ties & (j < i)))
    return [np.where(second, y, x), np.where(second, j, i)]


def _floating(dtype):
    return _arguments.dtype_name(dtype) in _arguments.FLOATS


def _sums(call):
    """The call for sums over the same windows, of all elements."""
    return replace(call, pool="sum_pool", options={}, second=None, counted=False)


def _with_count(call, spans, arrays, found):
    """What was found, and the number of elements if it depends on the values or a mask."""
    if not call.counted or call.pool == "sum_pool":
        return found
    x, mask = arrays["x"], arrays.get("mask")
    present = np.broadcast_to(True if mask is None else mask, x.shape)
    if call.options.get("nan_policy") == "omit":
        present = present & (x == x)
    return [*found, _forward(_sums(call), spans, {"x": np.ascontiguousarray(present)})]


def _totals(call, spans, arrays):
    x = arrays["x"]
    summed = _sums(call).but(
        dtype=np.float64 if _floating(x.dtype) else None, nan_policy=call.options.get("nan_policy")
    )
    halves = [x]
    if _halved(call, x.dtype):  # of the bits, so that no sum leaves 64 of them
        halves = [x >> np.array(32, x.dtype), x & np.array(0xFFFFFFFF, x.dtype)]
    found = [_forward(summed, spans, arrays | {"x": half}) for half in halves]
    return _with_count(call, spans, arrays, found)


def _halved(call, dtype):
    """Whether sums of integers are needed as they are, where others wrap."""
    asked = call.options.get("dtype")
    exact = call.pool == "avg_pool" or (asked is not None and _floating(asked))
    return exact and not _floating(dtype) and dtype.itemsize == 8


def _added(call, a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def _taps(call, spans, ndim):
    """Numbers of real taps and of divisor taps of the windows of a block, which broadcast to its results."""
    real, divisor = np.int64(1), np.int64(1)
    for i, span in zip(call.axis, spans, strict=True):
        shape = [1] * ndim
        shape[i] = -1
        some = span.taps
        real, divisor = real * some[0].reshape(shape), divisor * some[1].reshape(shape)
    return real, divisor


def _divisor(call, spans, ndim, count=None):
    """What averages are divided by; 0 where there is nothing."""
    options = call.options
    real, places = _taps(call, spans, ndim)
    pads = places - real if options.get("count_include_pad") else 0
    fixed = options.get("divisor_override")
    return np.asarray((real if count is None else count) + pads if fixed is None else fixed)


def _averaged(call, spans, found, dtype, x_dtype):
    *found, count = found if call.counted else [*found, None]
    divisor = np.broadcast_to(_divisor(call, spans, found[0].ndim, count), found[0].shape)
    empty = divisor == 0
    divisor = np.where(empty, 1, divisor)
    if _floating(x_dtype):
        result = (found[0] / divisor).astype(dtype)
    else:
        result = _quotients(_whole(call, found, x_dtype), divisor, dtype)
    if empty.any():
        zero = call.options.get("count_include_pad") or not _floating(dtype)
        result[empty] = 0 if zero else np.nan
    return result


def _whole(call, found, x_dtype):
    """Sums of integers as Python has them, from those of halves."""
    total = found[0].astype(object)
    return total * 2**32 + found[1].astype(object) if _halved(call, x_dtype) else total


def _summed(call, spans, found, dtype, x_dtype):
    if not _halved(call, x_dtype):
        return found[0].astype(dtype)
    return _quotients(_whole(call, found, x_dtype), np.ones(found[0].shape, int), dtype)


def _quotients(totals, divisors, dtype):
    """Exact quotients of ints, rounded once: to the nearest, ties to even."""
    quotients = []
    for pair in zip(totals.ravel().tolist(), divisors.ravel().tolist(), strict=True):
        total, divisor = pair if pair[1] > 0 else (-pair[0], -pair[1])
        whole, rest = divmod(total, divisor)
        up = 2 * rest > divisor or (2 * rest == divisor and whole % 2)
        quotients.append(total / divisor if _floating(dtype) else (whole + up) % 2**64)
    return (
        np.array(quotients, np.float64 if _floating(dtype) else np.uint64).astype(dtype).reshape(totals.shape)
    )


def _norms(call, spans, arrays):
    plain = call.but(dtype=np.float64, normalize=None)
    return _with_count(call, spans, arrays, [_forward(plain, spans, arrays)])


def _norm(call, a, b):
    """The norm of two norms."""
    pair = np.stack([a[0], b[0]], -1)
    joint = functional.lp_pool1d(pair, call.options["norm_type"], 2)[..., 0]
    return [joint, *_added(call, a[1:], b[1:])]


def _normed(call, spans, found, dtype, x_dtype):
    norm, *count = found
    if call.options.get("normalize"):
        count = count[0] if count else _taps(call, spans, norm.ndim)[0]
        norm = norm / np.maximum(count, 1) ** (1 / call.options["norm_type"])
    result = np.empty(norm.shape, dtype)
    _masks._round(norm, result)
    return result


def _as_found(call, spans, found, dtype, x_dtype):
    return tuple(found) if len(found) > 1 else found[0]


PARTS = {
    "max_pool": Part(_selected, _better, _as_found),
    "min_pool": Part(_selected, _better, _as_found),
    "sum_pool": Part(_totals, _added, _summed),
    "avg_pool": Part(_totals, _added, _averaged),
    "lp_pool": Part(_norms, _norm, _normed),
}


def started(call, spans, names, *pieces):
    """What is known of windows from one chunk."""
    arrays = dict(zip(("x", *names), map(joined, pieces), strict=True))
    return PARTS[call.pool].start(call, spans, arrays)


def combined(call, several):
    """What is known from several chunks."""
    return reduce(lambda a, b: PARTS[call.pool].join(call, a, b), several)


def finished(call, spans, dtype, x_dtype, several):
    """The results of a block."""
    return PARTS[call.pool].finish(call, spans, combined(call, several), dtype, x_dtype)


# ---- gradients of a chunk ----


def backward(call, spans, bounds, dtypes, names, *pieces):
    """Gradients of the elements in `bounds`, from the windows that reach into them.

    They are those of x, and of `call.second`; `pieces` are those of grad_output and of the arrays with these
    names, of which x may be missing if only its shape matters.
    """
    arrays = dict(zip(("grad_output", *names), map(joined, pieces), strict=True))
    if "x" not in arrays and arrays["grad_output"].itemsize < np.dtype(dtypes[0]).itemsize:
        # a shape says no dtype: without this, wider gradients would be rounded to that of grad_output
        arrays["grad_output"], call = arrays["grad_output"].astype(dtypes[0]), call.but(dtype=None)
    return _cut(call, spans, bounds, dtypes, _gradients(call, spans, arrays))


def _gradients(call, spans, arrays):
    """The gradients of all elements that the windows hold; each of these reaches into the chunk."""
    count = 1 + (call.second is not None)
    groups = _grouped(call, spans)
    shape = list(arrays["grad_output"].shape)
    for i, span in zip(call.axis, spans, strict=True):
        shape[i] = span.elements[1] - span.elements[0]
    total = None
    for run in groups:
        parts = _parts(call, run, arrays, shape)
        if len(groups) == 1 and all(isinstance(each.take, slice) for each in run):
            return call("_backward", parts, [each.window for each in run])[:count]
        if total is None:
            total = [np.zeros(shape) for _ in range(count)]
        wide = {
            name: a.astype(np.float64) if hasattr(a, "dtype") and _floating(a.dtype) else a
            for name, a in parts.items()
        }
        found = call.but(dtype=None)("_backward", wide, [each.window for each in run])
        for sums, each in zip(total, found, strict=False):
            _spread(sums, each, call.axis, run)
    return total


def _parts(call, run, arrays, shape):
    """What the backward of a group of windows is given."""
    parts = {name: _taken(a, call.axis, run) for name, a in arrays.items() if name != "grad_output"}
    g = arrays["grad_output"]
    parts["grad_output"] = g if call.whole else g[_index(g.shape, call.axis, [each.places for each in run])]
    if "x" not in parts:
        sizes = list(shape)
        for i, each in zip(call.axis, run, strict=True):
            sizes[i] = _count(each.take)
        parts["x"] = tuple(sizes)
    return parts


def _spread(total, grad, axis, run):
    """Add the gradient of a group of windows where their elements are."""
    places = []
    for i, each in zip(axis, run, strict=True):
        take = each.take
        if not isinstance(take, slice):
            order = np.argsort(take, kind="stable")
            take, first = np.unique(take[order], return_index=True)
            grad = np.add.reduceat(grad.take(order, i), first, axis=i)
        places.append(take)
    total[_index(total.shape, axis, places)] += grad


def _cut(call, spans, bounds, dtypes, grads):
    """The part of gradients that lies in the bounds; 0 where no window is."""
    inner, outer = [slice(None)] * len(bounds), [slice(None)] * len(bounds)
    for i, span in zip(call.axis, spans, strict=True):
        (low, high), (a, b) = bounds[i], span.elements
        start, stop = max(low, a), max(min(high, b), low, a)
        inner[i], outer[i] = slice(start - a, stop - a), slice(start - low, stop - low)
    shape = [high - low for low, high in bounds]
    if all(bounds[i] == span.elements for i, span in zip(call.axis, spans, strict=True)):
        found = [each.astype(dtype, copy=False) for each, dtype in zip(grads, dtypes, strict=True)]
    else:
        found = [np.zeros(shape, dtype) for dtype in dtypes]
        for whole, each in zip(found, grads, strict=True):
            whole[tuple(outer)] = each[tuple(inner)]
    return tuple(found) if len(found) > 1 else found[0]


def zeros(bounds, dtypes):
    """The gradients of elements into which no window reaches."""
    found = tuple(np.zeros([b - a for a, b in bounds], dtype) for dtype in dtypes)
    return found if len(found) > 1 else found[0]


def shared(call, spans, bounds, dtypes, names, *pieces):
    """The same from windows of which only the elements in `bounds` are seen; "norms" are those of all."""
    arrays = dict(zip(("grad_output", *names), map(joined, pieces), strict=True))
    g, ndim = arrays["grad_output"].astype(np.float64), arrays["grad_output"].ndim
    if call.pool == "lp_pool":
        p, x, norms = call.options["norm_type"], arrays["x"].astype(np.float64), arrays["norms"]
        own = _norms(call, spans, {"x": x})[0]
        some = (norms != 0) & (own != 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where((own == norms) | ~some, 1, own / norms)    # of what may be infinite, too
            g = g * share ** (p - 1) * some
        if call.options.get("normalize"):
            g = g / np.maximum(_taps(call, spans, ndim)[0], 1) ** (1 / p)
        call, arrays = call.but(dtype=None, normalize=None), {"x": x}
    else:
        if call.pool == "avg_pool":
            divisor = _divisor(call, spans, ndim)
            g = g / np.where(divisor == 0, 1, divisor)
        call, arrays = _sums(call), {}
    return _cut(call, spans, bounds, dtypes, _gradients(call, spans, arrays | {"grad_output": g}))


def scattered(call, spans, bounds, dtypes, names, *pieces):
    """The gradients of the elements in `bounds` by indices, which count in the whole array."""
    g, at = map(joined, pieces)
    _arguments.check_range(at, prod(call.sizes))
    rest, place, factor, inside = at.astype(np.int64), 0, 1, at >= 0
    for i, span, n in reversed(list(zip(call.axis, spans, call.sizes, strict=True))):
        rest, here = np.divmod(rest, n)
        low, high = bounds[i]
        _check_windows(here, at, i, span)
        inside &= (here >= low) & (here < high)
        place, factor = place + (here - low) * factor, factor * (high - low)
    nd = len(call.axis)
    g, local = (np.moveaxis(a, call.axis, range(-nd, 0)) for a in (g, np.where(inside, place, -1)))
    lead = g.shape[:-nd]
    flat = (a.reshape(*lead, -1) for a in (g, local))
    g, local = map(np.ascontiguousarray, flat)
    with num_threads(call.threads):
        grad = functional.adaptive_max_pool1d_backward(g, (*lead, factor), g.shape[-1], indices=local)
    sizes = [bounds[i][1] - bounds[i][0] for i in call.axis]
    grad = np.moveaxis(grad.reshape(*lead, *sizes), range(-nd, 0), call.axis)
    return np.ascontiguousarray(grad, dtypes[0])


def _check_windows(here, at, i, span):
    """Refuse indices outside their windows: the chunks in which these lie are not looked at."""
    places = np.arange(span.first, span.stop).reshape(-1, *(1,) * (here.ndim - 1 - i))
    start, end = extent(span.axis, places)
    if ((at >= 0) & ((here < start) | (here >= end))).any():
        raise ValueError("indices must lie in their windows, as those of the forward call do")


def learned(call, spans, names, *pieces):
    """Gradients of the parameters from a block of windows."""
    arrays = dict(zip(("grad_output", *names), map(joined, pieces), strict=True))
    total = None
    for run in _grouped(call, spans):
        if any(each.misses for each in run if not call.whole):
            continue
        grads = call("_backward", _parts(call, run, arrays, ()), [each.window for each in run])
        grads = grads[1 + (call.second is not None) :]
        total = added([total, grads])
    return total


def added(several):
    """Sums of lists of arrays, of which some may be missing."""
    present = [each for each in several if each is not None]
    return [None if each[0] is None else sum(each) for each in zip(*present, strict=True)] or None


def parameter(i, shape, found):
    """The gradient of a parameter."""
    return np.zeros(shape) if found is None else found[i].reshape(shape)


# ---- blocks of cells, pyramids ----


def reduced(options, threads, pieces):
    """`block_reduce` of a block."""
    with num_threads(threads):
        return block_reduce(joined(pieces), **options)


def unreduced(options, threads, spans, bounds, dtype, g, x=None):
    """The gradient of the elements in `bounds` from blocks that reach into them."""
    g, shape = joined(g), tuple(b - a for a, b in (span.elements for span in spans))
    with num_threads(threads):
        grad = block_reduce_backward(g, shape if x is None else joined(x), **options)
    axes = tuple(range(len(bounds)))
    return _cut(Call("", False, axes, ()), spans, bounds, [dtype], [grad])


def pyramid(parts, factor, threads, pieces):
    """All levels of a block."""
    x = joined(pieces)
    with num_threads(threads):
        more = {"spatial_ndim": parts[0].nd, "data_format": parts[0].data_format}
        return functional.pool_pyramid(x, len(parts), factor, parts[0].op, **more)
