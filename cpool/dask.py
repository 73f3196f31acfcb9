"""Pooling of arrays of dask: larger than memory, on many processes, exact
however the chunks lie.

a) The functions take the arguments of those of cpool and an array of dask with
   known chunks, and return such arrays, lazily: ``chunks`` and ``dtype`` are
   right before anything is computed, and so are wrong arguments refused.
   Chunks of a result are those of `x`, made smaller: a window belongs to the
   chunk in which its middle is. Gradients have the chunks of `x`.
b) A block of a result is one task, which gets the chunk that it belongs to and
   what its windows hold of the neighbours; that part of a neighbour is cut out
   where the neighbour is. Every chunk is computed once, and there are as many
   tasks as chunks, times what is cut out.
c) Windows larger than chunks: maxima, minima, sums, averages and norms are put
   together from what each chunk has to say, in a tree. Other operators need
   the whole of a window in one task.
d) A task uses one thread of cpool: dask runs several of them side by side. For
   more, ``dask.config.set({"cpool.num-threads": 4})`` where the function is
   called.
"""

import inspect
import itertools
import re
from functools import partial
from math import prod

import numpy as np

from . import _arguments, _chunks, _execute, _geometry, _lazy, _order, _scales, _smooth, _texts, functional
from ._chunks import Call, Span
from ._factory import compiled, named
from ._numbered import listed
from ._optional import package

dask = package("dask", "dask", "dask.array")
da = dask.array

from ._dask.blocks import block_reduce, block_reduce_backward  # noqa: E402  (dask is there)
from ._dask.graphs import (  # noqa: E402
    Source,
    array_of,
    blocks_of,
    by_chunk,
    checked,
    joined,
    over,
    ranges_of,
    several,
    task_of,
    threads,
)

_SMALL = 1 << 23  # bytes that a task may take in, however small the chunks are
_FEW = 4  # chunks that it may take in

_OPERATORS = {op.pool: op for op in (*_order.OPERATORS, *_smooth.OPERATORS)}
_POOLS = (*(f"{op}_pool" for op in ("max", "min", "avg", "sum", "lp")), *_OPERATORS)
_WHERE = {
    "windowed": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "adaptive": ("output_size",),
    "global": ("spatial_ndim", "keepdims"),
}
_ARRAYS = ("mask", "weights", "logits")  # what lies alongside x


# ---- arguments ----


def _alongside(value, x, name):
    """An array that broadcasts to x, in the chunks of x."""
    value = checked(value, name) if isinstance(value, da.Array) else np.asarray(value)
    _arguments.check_broadcast(value, x.shape, name)
    value = da.asarray(value)
    return da.broadcast_to(value, x.shape).rechunk(x.chunks)


class _Problem:
    """The call of a function, understood: what forward and backward have in common."""

    def __init__(self, pool, kind, nd, given):
        given = dict(given)
        self.pool, self.kind = pool, kind
        x = checked(given.pop("x"))
        layout, axis = given.pop("data_format"), given.pop("axis")
        where = {name: given.pop(name) for name in _WHERE[kind]}
        self.keepdims = True
        if kind == "global":
            self.keepdims = _arguments.flag(where["keepdims"], "keepdims")
            spatial, shape, last = _execute._global_spatial(x.shape, where["spatial_ndim"], layout, axis)
            where = {"keepdims": True}
            self.axes = tuple(_geometry.adaptive_plan((x.shape[i],), 1, 1, False).axes[2] for i in spatial)
        else:
            spatial, shape, last = _execute._spatial(x.shape, nd, layout, axis)
            if kind == "adaptive":
                plan = _geometry.adaptive_plan(shape, nd, where["output_size"], last)
            else:
                more = given.get("count_include_pad"), given.get("divisor_override")
                plan = _geometry.window_plan(shape, nd, *where.values(), *more, last)
                if pool == "avg_pool":
                    given["count_include_pad"] = plan.include_pad
            self.axes = plan.axes[3 - nd :]
        self.spatial = spatial
        self.name = _lazy.called(pool, kind, nd)
        self.arrays = {}
        learned = _OPERATORS[pool].learned if pool in _OPERATORS else {}
        if any(np.ndim(given[name]) for name in learned) and len(spatial) < x.ndim:
            rest = [i for i in range(x.ndim) if i not in spatial]
            x = x.rechunk({rest[-1]: -1})  # parameters by channel
        self.second_shape = None
        for name in _ARRAYS:
            if given.get(name) is not None:
                if name != "mask":
                    self.second_shape = np.shape(given[name])
                self.arrays[name] = _alongside(given.pop(name), x, name)
        self.x = x
        self.learned = {name: np.shape(given[name]) for name in learned}
        second = next((name for name in _ARRAYS[1:] if name in self.arrays), None)
        floating = _arguments.dtype_name(x.dtype) in _arguments.FLOATS
        self.shape = list(x.shape)  # of the result, with the spatial axes
        for i, each in zip(spatial, self.axes, strict=True):
            self.shape[i] = each.out
        results = self.sample(given, where)
        self.dtypes = [each.dtype for each in results]
        self.given, self.where = given, where
        given = {name: value for name, value in given.items() if value is not None}
        for name in ("dtype", "index_dtype"):
            if name in given:
                given[name] = np.dtype(given[name])
        if pool == "avg_pool" and kind == "adaptive":
            given["count_include_pad"] = False  # as windows that are given would
        omit = floating and given.get("nan_policy") == "omit"
        sizes = tuple(x.shape[i] for i in spatial)
        threads = _arguments.int_value(dask.config.get("cpool.num-threads", 1), "cpool.num-threads", 1)
        self.call = Call(
            pool, kind == "global", spatial, sizes, given, second, omit or "mask" in self.arrays, threads
        )

    def sample(self, given, where, action="", **more):
        """What the function makes of no rows, which checks what is left to check."""
        x = self.x
        lead = (0,) if len(self.spatial) < x.ndim else (0, 1)
        arrays = {name: np.empty((1,) * x.ndim, a.dtype) for name, a in self.arrays.items()}
        arrays["x"] = np.empty((*lead, *x.shape), x.dtype)
        arrays |= {name: np.empty((*lead, *a.shape), a.dtype) for name, a in more.items()}
        axis = tuple(i - x.ndim for i in self.spatial)
        if given.get("index_dtype") is not None:
            plane = prod(x.shape[i] for i in self.spatial)
            _arguments.parse_index_dtype(given["index_dtype"], plane)
        found = getattr(functional, self.name + action)(**arrays, **given, **where, axis=axis)
        return found if isinstance(found, tuple) else (found,)

    @property
    def names(self):
        return tuple(self.arrays)

    def token(self, what, *more):
        return f"{self.name}-{what}-" + dask.base.tokenize(
            self.x, *self.arrays.values(), self.call, self.axes, *more
        )

    def windows(self):
        """For each spatial axis the ranges of windows that are blocks of the result."""
        return [ranges_of(axis, self.x.chunks[i]) for i, axis in zip(self.spatial, self.axes, strict=True)]

    def in_parts(self, needs_all=False):
        """Whether windows are put together from parts, as they are larger than a task
        should take in.
        """
        if self.pool not in _chunks.PARTS or self.call.second or needs_all or 0 in self.shape:
            return False
        most = chunk = self.x.dtype.itemsize
        for i, sizes in enumerate(self.x.chunks):
            chunk *= max(sizes, default=0)
            if i not in self.spatial:
                most *= max(sizes, default=0)
        for i, axis, ranges in zip(self.spatial, self.axes, self.windows(), strict=True):
            n = self.x.shape[i]
            held = (Span(axis, *each, 0, n).elements for each in ranges)
            size = max((b - a for a, b in held), default=0)
            most *= size
            start, end = _chunks.extent(axis, 0)
            if size > 2 * max(self.x.chunks[i]) and not axis.adaptive and end - start > 2 * axis.stride:
                return False  # every chunk would be in many windows
        return most > max(_FEW * chunk, _SMALL)


# ---- results ----


def _forward(problem):
    """The results, with the spatial axes."""
    x, spatial, call = problem.x, problem.spatial, problem.call
    ranges = problem.windows()
    chunks = list(x.chunks)
    for i, each in zip(spatial, ranges, strict=True):
        chunks[i] = tuple(stop - first for first, stop in each) or (0,)
    if 0 in problem.shape or 0 in x.shape:
        return [da.zeros(problem.shape, dtype=dtype, chunks=tuple(chunks)) for dtype in problem.dtypes]
    token = problem.token("blocks")
    arrays = [x, *problem.arrays.values()]
    sources = [Source(each, token) for each in arrays]
    parts = problem.in_parts()
    tasks = {}
    for index, chosen in blocks_of(x, spatial, ranges):
        spans = tuple(
            Span(axis, *chosen[i], 0, x.shape[i]) for i, axis in zip(spatial, problem.axes, strict=True)
        )
        key = (token, *index)
        if parts:
            tasks |= _tree(problem, token, key, spans, chosen, sources)
        else:
            tasks[key] = task_of(_chunks.forward, call, spans, problem.names, chosen, sources)
    for source in sources:
        tasks |= source.tasks
    found = array_of(token, tasks, arrays, tuple(chunks), problem.dtypes[0])
    return several(found, [chunks] * len(problem.dtypes), problem.dtypes)


def _tree(problem, token, key, spans, chosen, sources):
    """The tasks of a block whose windows are put together from parts."""
    call, tasks = problem.call, {}
    looks = []  # along each spatial axis the spans as seen from one chunk
    for i, span in zip(problem.spatial, spans, strict=True):
        a, b = span.elements
        edges = itertools.pairwise(sources[0].edges[i])
        looks.append([span._replace(low=low, high=high) for low, high in edges if low < b and high > a])
    level = []
    for number, seen in enumerate(itertools.product(*looks)):
        level.append((f"{token}-start", *key[1:], number))
        tasks[level[-1]] = task_of(_chunks.started, call, seen, problem.names, chosen, sources)
    level, more = joined(level, token, partial(_chunks.combined, call), key[1:])
    last = partial(_chunks.finished, call, spans, problem.dtypes[0], problem.x.dtype)
    return tasks | more | {key: (last, level)}


def _forward_function(pool, kind, nd, given):
    problem = _Problem(pool, kind, nd, given)
    found = _forward(problem)
    if not problem.keepdims:
        found = [each.squeeze(problem.spatial) for each in found]
    return tuple(found) if len(found) > 1 else found[0]


# ---- gradients ----


def _backward_function(pool, kind, nd, given):
    given = dict(given)
    g, indices = given.pop("grad_output"), given.pop("indices", None)
    for flag in ("return_indices", "index_dtype"):  # accepted and of no account
        if flag in given:
            given[flag] = None if flag == "index_dtype" else False
    problem = _Problem(pool, kind, nd, given)
    arrays = [_output_like(g, problem, "grad_output")]
    sample = problem.sample(problem.given, problem.where, "_backward", grad_output=arrays[0])
    _check_gradient(g, problem)
    if indices is not None:
        arrays.append(_output_like(indices, problem, "indices"))
        _arguments.as_indices(np.empty(0, arrays[1].dtype), "indices", None)
    found = list(
        _gradients(problem, arrays, [each.dtype for each in sample[: 1 + bool(problem.call.second)]])
    )
    if len(found) > 1 and problem.second_shape != problem.x.shape:
        found[1] = _summed(found[1], problem.second_shape).astype(sample[1].dtype)
    if problem.learned:
        found += _learned(problem, arrays[0], sample[len(found) :])
    return tuple(found) if len(found) > 1 else found[0]


def _shape(problem):
    if problem.keepdims:
        return tuple(problem.shape)
    return tuple(n for i, n in enumerate(problem.shape) if i not in problem.spatial)


def _check_gradient(g, problem):
    stand_in = np.broadcast_to(np.empty((), g.dtype), g.shape)
    _arguments.check_gradient(stand_in, _shape(problem), problem.dtypes[0])


def _output_like(array, problem, name):
    """An array of the shape of the result, with the spatial axes and otherwise in the chunks of x."""
    array = da.asarray(array) if not isinstance(array, da.Array) else checked(array, name)
    if array.shape != _shape(problem):
        raise ValueError(f"{name} must have the shape {_shape(problem)}; got {array.shape}")
    if not problem.keepdims:
        array = array[tuple(None if i in problem.spatial else slice(None) for i in range(problem.x.ndim))]
    rest = {i: sizes for i, sizes in enumerate(problem.x.chunks) if i not in problem.spatial}
    return array.rechunk(rest)


def _summed(array, shape):
    """The gradient of what has been broadcast."""
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    return array.sum(axis=tuple(i for i, n in enumerate(shape) if n != array.shape[i]), keepdims=True)


def _gradients(problem, arrays, dtypes):
    """The gradients of x and of the second input, in the chunks of x."""
    x, call = problem.x, problem.call
    function, names, low_high = _chunks.backward, problem.names, False
    beside = list(problem.arrays.values())
    if call.second and problem.second_shape != x.shape:  # sums over many windows: in double
        beside = [a if name == "mask" else a.astype(np.float64) for name, a in problem.arrays.items()]
        dtypes = [dtypes[0], np.dtype(np.float64)]
    selects = problem.pool in ("max_pool", "min_pool")
    norm = call.options.get("norm_type")
    if len(arrays) == 2 or (selects and problem.in_parts()):
        if len(arrays) == 1:
            problem.dtypes, problem.call = [x.dtype, np.dtype(np.int64)], call.but(return_indices=True)
            arrays = [*arrays, _forward(problem)[1]]
        function, names, beside = _chunks.scattered, (), []
    elif problem.in_parts(bool(names) or call.counted or norm == np.inf):
        function, low_high, beside = _chunks.shared, True, []
        if norm is not None:
            problem.dtypes, problem.call = (
                [np.dtype(np.float64)],
                call.but(dtype=np.dtype(float), normalize=None),
            )
            arrays, beside, names = [*arrays, _forward(problem)[0]], [x], ("norms", "x")
    elif (
        problem.pool in ("avg_pool", "sum_pool")
        and not names
        and call.options.get("nan_policy", "propagate") == "propagate"
    ):
        pass  # the shape of x is enough
    else:
        names, beside = (*names, "x"), [*beside, x]
    token = problem.token("gradients", *arrays)
    found = by_chunk(
        x,
        problem.spatial,
        problem.axes,
        token,
        arrays,
        beside,
        dtypes,
        low_high,
        lambda spans, bounds: partial(function, call, spans, bounds, dtypes, names),
    )
    return several(found, [x.chunks] * len(dtypes), dtypes)


def _learned(problem, g, sample):
    """The gradients of the parameters, each of which is one chunk."""
    x, call, axes = problem.x, problem.call, problem.axes
    names = (*problem.names, "x")
    arrays = [g, *problem.arrays.values(), x]
    token = problem.token("learned", g)
    sources = [Source(each, token) for each in arrays]
    tasks, level = {}, []
    if 0 not in x.shape and 0 not in problem.shape:
        for index, chosen in blocks_of(x, problem.spatial, problem.windows()):
            ends = zip(problem.spatial, axes, strict=True)
            spans = tuple(Span(axis, *chosen[i], 0, x.shape[i]) for i, axis in ends)
            held = over(problem.spatial, chosen, spans)
            pieces = [s.pieces(held if n else chosen) for n, s in enumerate(sources)]
            level.append((token, *index))
            tasks[level[-1]] = (partial(_chunks.learned, call, spans, names), *pieces)
    for source in sources:
        tasks |= source.tasks
    level, more = joined(level, token, _chunks.added)
    found = []
    for i, (each, shape) in enumerate(zip(sample, problem.learned.values(), strict=True)):
        name = f"{token}-{i}"
        last = (partial(_chunks.parameter, i, shape), (_chunks.added, level))
        graph = tasks | more | {(name, *(0,) * len(shape)): last}
        found.append(
            None if each is None else array_of(name, graph, arrays, tuple((n,) for n in shape), each.dtype)
        )
    return found


# ---- functions ----


_RUN = {"": _forward_function, "_backward": _backward_function}


def _made(pool, kind, nd, action):
    """A function for arrays of dask."""
    name = _lazy.called(pool, kind, nd, action)
    original = getattr(functional, name)
    parameters = [p for p in inspect.signature(original).parameters.values() if p.name != "out"]
    names = ", ".join(f"{p.name!r}: {p.name}" for p in parameters)
    make = compiled(listed(parameters), f"{{{names}}}")
    document = _document(original, pool, kind, nd or 2, action)
    return named(make(partial(_RUN[action], pool, kind, nd)), name, document, __name__)


_MORE = """

Notes
-----
Nothing is computed yet, and wrong arguments are refused at once. {chunks}

Examples
--------
>>> import numpy as np
>>> import dask.array as da
>>> import cpool.dask
>>> x = da.ones({shape}, chunks=3{dtype})
>>> y = cpool.dask.{forward}
>>> {show}
{result}
"""


def _document(original, pool, kind, nd, action):
    """The docstring of a function, about arrays of dask."""
    text = _texts.docstring(original).partition("\nSee Also\n")[0].partition("\nNotes\n")[0].rstrip()
    text = re.sub(r"^out : .*\n(?: .*\n)*", "", text, flags=re.MULTILINE)
    text = re.sub(r"\barray_like\b|\bndarray\b", "dask.array.Array", text)
    k = (2,) * nd
    own = {
        "lp_pool": "2.0",
        "lip_pool": "x",
        "gated_pool": f"np.ones({k})",
        "ordinal_pool": f"np.ones({2**nd})",
        "tree_pool": f"np.ones({(1, *k)}), np.ones({(2, *k)})",
    }.get(pool, "")
    given = ["x", own, "" if kind == "global" else "2", "q=0.5" if pool == "rank_pool" else ""]
    call = f"{original.__name__}({', '.join(filter(None, given))})"
    shape, out = (2, 3, *(6,) * nd), (2, 3, *{"windowed": (3,), "adaptive": (2,), "global": ()}[kind] * nd)
    show, result, chunks = "y.shape", out, "A window belongs to the chunk of `x` in which its middle is."
    if action:
        chunks = "The gradient has the chunks of `x`."
        learned = pool == "lip_pool" or (pool in _OPERATORS and _OPERATORS[pool].learned)
        call = call.replace("_backward", "")
        rest = call.partition("(")[2] + ("[0]" if learned else "")
        show = f"cpool.dask.{original.__name__}(y, {rest}.chunks == x.chunks"
        result = True
    dtype = ", dtype=int" if pool == "mode_pool" else ""
    return _texts.wrapped(text + _MORE.format(
        chunks=chunks, shape=shape, dtype=dtype, forward=call, show=show, result=result
    ))


_NAMES = {
    _lazy.called(pool, *form, action): (pool, *form, action)
    for pool in _POOLS
    for form in (_lazy.forms(pool) if pool in _OPERATORS else _lazy.KINDS)
    for action in _RUN
    if not action or _lazy.differentiable(pool)
}
globals().update({name: _made(*key) for name, key in _NAMES.items()})

# ---- pyramids ----


def pool_pyramid(x, levels, factor=2, op="avg", *, spatial_ndim=None, data_format=_execute.DEFAULT_FORMAT):
    """Pool an array of dask at several scales, each a multiple of the one before,
    reading it once.

    Parameters
    ----------
    x : dask.array.Array
        Of any shape and dtype that `cpool.pool_pyramid` takes.
    levels, factor, op, spatial_ndim, data_format
        As in `cpool.pool_pyramid`.

    Returns
    -------
    list of dask.array.Array
        The levels. Computed together (`dask.compute`), they read each chunk
        once.

    Raises
    ------
    TypeError, ValueError
        As `cpool.pool_pyramid` does, and for an `x` that is no array of dask or
        has unknown chunks.

    Examples
    --------
    >>> import dask.array as da
    >>> import cpool.dask
    >>> x = da.arange(64, chunks=24).reshape(8, 8)
    >>> [level.shape for level in cpool.dask.pool_pyramid(x, 2, op="max",
    ...     spatial_ndim=2)]
    [(4, 4), (2, 2)]
    """
    x = checked(x)
    parts, factor, start = _understood(x, levels, factor, op, spatial_ndim, data_format)
    nd, spatial, steps = parts[0].nd, range(start, start + parts[0].nd), parts[-1].arguments["kernel_size"]
    last = [
        _geometry.Axis(n, n // k, k, k, 1, 0, 0, False)
        for n, k in zip(x.shape[start : start + nd], steps, strict=True)
    ]
    ranges = [ranges_of(axis, x.chunks[i]) for i, axis in zip(spatial, last, strict=True)]
    held = {
        i: [(first * axis.stride, axis.n if stop == axis.out else stop * axis.stride) for first, stop in each]
        for i, axis, each in zip(spatial, last, ranges, strict=True)
    }
    chunk = x.dtype.itemsize * prod(max(sizes, default=0) for sizes in x.chunks)
    most = x.dtype.itemsize * prod(
        max((b - a for a, b in held[i]) if i in held else sizes, default=0)
        for i, sizes in enumerate(x.chunks)
    )
    if 0 in x.shape or most > max(_FEW * chunk, _SMALL):
        own = [globals()[f"{op}_pool{nd}d"] for _ in parts]
        return [
            f(x, data_format=part.data_format, **part.arguments) for f, part in zip(own, parts, strict=True)
        ]
    token = "pool_pyramid-" + dask.base.tokenize(x, parts)
    source, tasks = Source(x, token), {}
    pool = partial(_chunks.pyramid, parts, factor, threads())
    for index, chosen in blocks_of(x, spatial, list(held.values())):
        tasks[(token, *index)] = (pool, source.pieces(chosen))
    dtype = getattr(functional, f"{op}_pool1d")(np.empty((0, 1), x.dtype), 1).dtype
    chunks = []
    for part in parts:
        chunks.append(list(x.chunks))
        for i, k in zip(spatial, part.arguments["kernel_size"], strict=True):
            chunks[-1][i] = tuple((b - a) // k for a, b in held[i])
    base = array_of(token, tasks | source.tasks, [x], tuple(chunks[0]), dtype)
    return several(base, chunks, [dtype] * len(parts), always=True)


def _understood(x, levels, factor, op, spatial_ndim, data_format):
    """The operators of the levels, the factor of each axis, and the first spatial axis."""
    _arguments.parse_choice(op, (*_scales._OPS, "mode"), "op")
    _scales._array(np.empty(0, x.dtype), [op])
    return _scales._pyramid(x.shape, levels, factor, op, spatial_ndim, data_format)


def pool_pyramid_backward(
    grad_output,
    x,
    levels,
    factor=2,
    op="avg",
    *,
    spatial_ndim=None,
    data_format=_execute.DEFAULT_FORMAT,
):
    """Gradient of `pool_pyramid` with respect to its input.

    Parameters
    ----------
    grad_output : list of dask.array.Array
        Gradients with respect to the levels, each of its shape and dtype.
    x : dask.array.Array
        The array that was pooled.
    levels, factor, op, spatial_ndim, data_format
        As in the call of `pool_pyramid`, where `op` is not "mode".

    Returns
    -------
    dask.array.Array
        Of the shape, chunks and dtype of `x`.

    Raises
    ------
    TypeError, ValueError
        As `cpool.pool_pyramid_backward` does, and for an `x` that is no array
        of dask or has unknown chunks.

    Examples
    --------
    >>> import dask.array as da
    >>> import cpool.dask
    >>> x = da.zeros(4, chunks=3)
    >>> g = [da.array([2.0, 4.0]), da.array([2.0])]
    >>> cpool.dask.pool_pyramid_backward(g, x, 2, spatial_ndim=1).compute()
    array([1.5, 1.5, 2.5, 2.5])
    """
    x = checked(x)
    op = _arguments.parse_choice(op, _scales._OPS, "op")
    parts, _, _ = _understood(x, levels, factor, op, spatial_ndim, data_format)
    if not isinstance(grad_output, (list, tuple)) or len(grad_output) != len(parts):
        raise _arguments.convert_error(
            ValueError, "grad_output", f"a list of {len(parts)} arrays", grad_output
        )
    function = globals()[f"{op}_pool{parts[0].nd}d_backward"]
    found = [
        function(g, x, data_format=part.data_format, **part.arguments)
        for g, part in zip(grad_output, parts, strict=True)
    ]
    return sum(each.astype(np.float64) for each in found).astype(x.dtype) if len(found) > 1 else found[0]


for _each in (block_reduce, block_reduce_backward):
    _each.__module__ = __name__
_OTHERS = block_reduce, block_reduce_backward, pool_pyramid, pool_pyramid_backward
__all__ = sorted([*_NAMES, *(each.__name__ for each in _OTHERS)])
