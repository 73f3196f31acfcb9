"""Block reduction: an array of any number of axes made smaller, block by block, by any reducer."""

from math import prod

import numpy as np

from . import _arguments, functional

__all__ = ["block_reduce"]

# what NumPy calls the reducers that have kernels
_NAMES = {
    "max": (np.max, np.amax), "min": (np.min, np.amin), "sum": (np.sum,), "mean": (np.mean,),
    "median": (np.median,), "std": (np.std,), "var": (np.var,), "mode": (),
}
_OPTIONS = {"sum": {"dtype"}, "mean": {"dtype"}, "std": {"dtype", "ddof"}, "var": {"dtype", "ddof"}}
_EDGES = ("pad", "trim", "partial", "error")


def block_reduce(x, block_size=2, func="sum", cval=0, func_kwargs=None, *, edge="pad"):
    """Reduce every block of an array to one element.

    Parameters
    ----------
    x : array_like
        Any bool, integer or floating-point dtype, float16 and bfloat16
        included, and any number of axes.
    block_size : int or sequence of int, default 2
        Size of a block, one int for all axes or one for each; 1 leaves an axis
        as it is.
    func : str or callable, default "sum"
        The reducer: "sum", "mean", "max", "min", "median", "std", "var" or
        "mode", or the NumPy function of that name. Any other function is called
        as ``func(blocks, axis=axes)`` with the elements of the blocks along the
        axes given.
    cval : number, default 0
        What the array is padded with for ``edge="pad"``.
    func_kwargs : dict, optional
        Arguments for `func`: "dtype" (float32 or float64) for sums, means and
        spreads, "ddof" for spreads; any for a function of your own.
    edge : {"pad", "trim", "partial", "error"}, default "pad"
        What becomes of blocks that reach beyond the end: the array is padded
        with `cval`, such blocks are left out, they are reduced as far as they
        go, or it is a ValueError if there are any.

    Returns
    -------
    ndarray
        With one element for each block. The dtype is that of `x` for "max",
        "min" and "mode", as NumPy has it for the others: sums of integers are
        int64 or uint64, means, medians and spreads of them float64.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or `func` has no such argument as
        `func_kwargs` names.
    ValueError
        If an argument has a value that is not accepted; no block is whole for
        ``edge="trim"``.
    MemoryError
        If the result cannot fit the memory of this machine.

    See Also
    --------
    block_reduce_backward, block_reduce_jvp, sum_pool2d, avg_pool2d, max_pool2d,
    min_pool2d, median_pool2d, std_pool2d, mode_pool2d

    Notes
    -----
    Arguments, their order and their defaults are those of
    ``skimage.measure.block_reduce`` [1]_; `edge` is new, and so is "mode", the
    most frequent label of a block. Up to three axes with blocks larger than 1
    are pooled in place; more of them, and padded arrays, are copied once.

    References
    ----------
    .. [1] S. van der Walt et al., "scikit-image: image processing in Python",
       PeerJ 2, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import cpool
    >>> x = np.arange(20).reshape(4, 5)
    >>> cpool.block_reduce(x, 2, np.max)
    array([[ 6,  8,  9],
           [16, 18, 19]])
    >>> cpool.block_reduce(x, (2, 3), "mean", edge="partial")
    array([[ 3.5,  6. ],
           [13.5, 16. ]])
    >>> cpool.block_reduce(x, 2, lambda blocks, axis: np.ptp(blocks, axis),
    ...     edge="trim")
    array([[6, 6],
           [6, 6]])
    """
    x = _arguments.as_array(x)
    block, name, options, kept, after = understood(x.shape, block_size, func, func_kwargs, edge)
    partial = edge == "partial"
    x = fitted(x, kept, after, cval)
    axes = tuple(i for i, b in enumerate(block) if b > 1)
    if name is None:
        return _applied(x, block, partial, func, options)
    if not axes:
        axes = (0,)
    if len(axes) <= 3 and x.ndim:
        return _pooled(x, axes, tuple(block[i] for i in axes), name, options)
    return _applied(x, block, partial, _over(name), options)


def understood(shape, block_size, func, func_kwargs, edge):
    """What the arguments mean for an array of that shape.

    Returns
    -------
    block : tuple of int
    name : str or None
        Of a reducer that has a kernel.
    options : dict
        For it.
    kept : tuple of int
        How much of every axis is reduced.
    after : list of int or None
        What is padded at the ends; None: nothing.
    """
    edge = _arguments.parse_choice(edge, _EDGES, "edge")
    block = _arguments.int_tuple(block_size, len(shape), "block_size", 1)
    name, options = _reducer(func, func_kwargs)
    rest = [n % b for n, b in zip(shape, block, strict=True)]
    kept, after = tuple(shape), None
    if edge == "error":
        _arguments.check_blocks(shape, block)
    elif edge == "trim":
        _arguments.check_whole_blocks(shape, block)
        kept = tuple(n - r for n, r in zip(shape, rest, strict=True))
    elif edge == "pad" and any(rest):
        after = [(b - r) % b for b, r in zip(block, rest, strict=True)]
    return block, name, options, kept, after


def fitted(x, kept, after, cval):
    """The array as it is reduced: cut, or with `cval` at its ends."""
    x = x[tuple(slice(0, n) for n in kept)]
    return x if after is None else _padded(x, after, cval)


def _reducer(func, func_kwargs):
    """The name of a reducer that has a kernel (else None) and its options."""
    name = func if isinstance(func, str) else None
    if name is not None:
        _arguments.parse_choice(name, tuple(_NAMES), "func")
    else:
        _arguments.check_callable(func, "func")
        name = next((name for name, functions in _NAMES.items() if any(func is f for f in functions)), None)
    options = {} if func_kwargs is None else _arguments.as_options(func_kwargs, "func_kwargs")
    if name is not None:
        _arguments.check_options(options, _OPTIONS.get(name, ()), "func_kwargs", name)
    return name, options


def _padded(x, after, cval):
    """The array with `cval` at the ends of its axes."""
    shape = tuple(n + a for n, a in zip(x.shape, after, strict=True))
    _arguments.check_memory(shape, x.itemsize, "the padded array")
    padded = np.full(shape, _arguments.as_element(cval, x.dtype, "cval"), x.dtype.newbyteorder("="))
    padded[tuple(slice(0, n) for n in x.shape)] = x
    return padded


def _pooled(x, axes, block, name, options):
    """Reduce blocks along up to three axes with the windowed functions."""
    pool, options = as_pooling(name, options, _arguments.dtype_name(x.dtype) not in _arguments.FLOATS)
    return getattr(functional, f"{pool}_pool{len(axes)}d")(x, block, axis=axes, ceil_mode=True, **options)


def as_pooling(name, options, integers=False):
    """The operator that a reducer is, and its options."""
    options = dict(options)
    if "ddof" in options:
        options["correction"] = options.pop("ddof")
    if name in ("mean", "median") and integers:
        options.setdefault("dtype", np.float64)
    return {"mean": "avg"}.get(name, name), options


def _over(name):
    """A reducer over several axes at once, by the function that pools one."""

    def reduced(blocks, axis, **options):
        kept = blocks.shape[: blocks.ndim - len(axis)]
        lines = np.ascontiguousarray(blocks).reshape(*kept, prod(blocks.shape[blocks.ndim - len(axis) :]))
        return _pooled(lines, (lines.ndim - 1,), (lines.shape[-1],), name, options)[..., 0]

    return reduced


def _applied(x, block, partial, func, options):
    """Call a function with the elements of the blocks along the last axes, block by block at the ends."""
    axes = tuple(range(x.ndim, 2 * x.ndim))
    if not partial or not any(n % b for n, b in zip(x.shape, block, strict=True)):
        sizes = [k for n, b in zip(x.shape, block, strict=True) for k in (n // b, b)]
        blocks = x.reshape(sizes).transpose((*range(0, 2 * x.ndim, 2), *range(1, 2 * x.ndim, 2)))
        return np.asarray(func(blocks, axis=axes, **options))
    # the whole blocks and those at the end of the first axis that has such ones, each in turn
    i = next(i for i, (n, b) in enumerate(zip(x.shape, block, strict=True)) if n % b)
    whole = x.shape[i] // block[i] * block[i]
    parts = []
    for start, stop, size in ((0, whole, block[i]), (whole, x.shape[i], x.shape[i] - whole)):
        if stop > start:
            part = x[(slice(None),) * i + (slice(start, stop),)]
            parts.append(_applied(part, (*block[:i], size, *block[i + 1 :]), True, func, options))
    return np.concatenate(parts, axis=i)
