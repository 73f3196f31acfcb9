"""Pooling of labelled arrays: dimensions by name, and coordinates that are
coarsened with the values.

a) Sizes come as mappings from a dimension to its number, or as one number for
   the dimensions that the first mapping (`kernel_size` or `output_size`)
   names. The order of its names is that of the window, which decides among
   equal maxima and counts the indices.
b) A coordinate along a pooled dimension is reduced over the elements of each
   window, those beyond the edges left out, as ``DataArray.coarsen`` does: with
   windows side by side and no padding the two agree.
c) What is read lazily is loaded, except arrays of dask: they stay lazy, in
   chunks of any kind (`cpool.dask`).
"""

import itertools
from collections.abc import Mapping

import numpy as np

from . import _arguments, _geometry, functional
from ._optional import package

xarray = package("xarray", "xarray")

__all__ = [
    "adaptive_avg_pool",
    "adaptive_lp_pool",
    "adaptive_max_pool",
    "adaptive_min_pool",
    "adaptive_sum_pool",
    "avg_pool",
    "lp_pool",
    "max_pool",
    "min_pool",
    "sum_pool",
]


# ---- arguments ----


def _dims(x, sizes, name):
    """The pooled dimensions, which the mapping `sizes` names."""
    if not isinstance(x, xarray.DataArray):
        raise TypeError(f"x must be an xarray.DataArray; got {type(x).__name__}")
    if not isinstance(sizes, Mapping):
        raise TypeError(f"{name} must be a mapping from dimensions to sizes; got {sizes!r}")
    _check_dims(sizes, x.dims, name)
    if not 1 <= len(sizes) <= 3:
        raise ValueError(f"{name} must name 1 to 3 dimensions; got {dict(sizes)!r}")
    return tuple(sizes)


def _check_dims(sizes, dims, name):
    unknown = [dim for dim in sizes if dim not in dims]
    if unknown:
        raise ValueError(f"{name} must name dimensions out of {dims}; got {unknown}")


def _per_dim(value, dims, name, default):
    """A mapping as one entry for each pooled dimension; anything else as it is."""
    if not isinstance(value, Mapping):
        if _arguments.is_sequence(value):
            raise TypeError(f"{name} must be one number for all dimensions or a mapping; got {value!r}")
        return value
    _check_dims(value, dims, name)
    return tuple(value.get(dim, usual) for dim, usual in zip(dims, default, strict=True))


def _padding(value, dims):
    """`padding` as cpool takes it: a number, a word or one pair for each dimension."""
    given = _per_dim(value, dims, "padding", (0,) * len(dims))
    if not isinstance(given, tuple):
        return given
    return tuple(one if _arguments.is_sequence(one) else (one, one) for one in given)


# ---- coordinates ----


def _bounds(plan, dims):
    """For each pooled dimension the first element, the number of elements and their distance, by window."""
    axes = plan.axes[3 - plan.nd :]
    found = {}
    for dim, axis in zip(dims, axes, strict=True):
        places = np.arange(axis.out, dtype=np.int64)
        first, taps, _ = _geometry.axis_bounds(axis, places, np.clip) if axis.out else (places,) * 3
        found[dim] = first, taps, axis.dilation
    return found


def _groups(first, taps, step):
    """Windows of equal length together: which they are, and their elements."""
    for count in np.unique(taps):
        places = np.flatnonzero(taps == count)
        yield places, first[places, None] + step * np.arange(count)


_REDUCTIONS = ("mean", "median", "min", "max", "sum", "prod", "std", "var", "count", "any", "all")


def _reduction(name, given):
    """A function of an array and a tuple of axes."""
    if callable(given):
        return given
    if given not in _REDUCTIONS:
        accepts = f"a function of (array, axis=) or one of {', '.join(map(repr, _REDUCTIONS))}"
        kind = ValueError if isinstance(given, str) else TypeError
        raise kind(f"coord_func must be {accepts}; got {given!r} for {name!r}")

    def reduced(array, axis):
        dims = [f"axis {i}" for i in range(array.ndim)]
        return getattr(xarray.Variable(dims, array), given)([dims[i] for i in axis]).data

    return reduced


def _coarsened(name, variable, bounds, function, keep_attrs):
    """A coordinate, reduced over the windows of the pooled dimensions that it has."""
    pooled = [dim for dim in variable.dims if dim in bounds]
    for dim in pooled:
        if not bounds[dim][1].all():
            raise ValueError(
                f"padding must leave every window an element along {dim!r}, as the coordinate {name!r} has "
                "none outside (drop_vars removes the coordinate)"
            )
    reduce = _reduction(name, function)
    values = variable.values
    shape = tuple(len(bounds[dim][0]) if dim in bounds else n for dim, n in variable.sizes.items())
    result = None
    for parts in itertools.product(*(list(_groups(*bounds[dim])) for dim in pooled)):
        part, axes, place = values, [], []
        chosen = dict(zip(pooled, parts, strict=True))
        for dim in variable.dims:
            if dim not in chosen:
                place.append(np.arange(variable.sizes[dim]))
                continue
            places, elements = chosen[dim]
            axis = len(place) + len(axes)
            part = part.take(elements, axis)
            axes.append(axis + 1)
            place.append(places)
        try:
            part = np.asarray(reduce(part, axis=tuple(axes)))
        except TypeError as exc:
            raise TypeError(
                f"coord_func must suit the coordinate {name!r}, of dtype {variable.dtype}; {function!r} does "
                f"not ({exc}); give it another one, or leave the coordinate away by drop_vars"
            ) from exc
        if part.shape == shape:
            result = part
        else:
            result = np.empty(shape, part.dtype) if result is None else result
            result[np.ix_(*place)] = part
    if result is None:      # adaptive pooling to size 0
        result = np.empty(shape, values.dtype)
    return xarray.Variable(variable.dims, result, variable.attrs if keep_attrs else None)


def _coordinates(x, values, bounds, coord_func, keep_attrs):
    """The coordinates of the result; as in `coarsen`, one function is for the dimensions' own coordinates."""
    functions = coord_func if isinstance(coord_func, Mapping) else dict.fromkeys(x.dims, coord_func)
    found = {}
    for name, coord in x.coords.items():
        if not any(dim in bounds for dim in coord.dims):
            found[name] = coord
        elif name == x.name:
            found[name] = xarray.Variable(x.dims, values, x.attrs if keep_attrs else None)
        else:
            found[name] = _coarsened(name, coord.variable, bounds, functions.get(name, "mean"), keep_attrs)
    return found


# ---- pooling ----


def _windowed(op, x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs, **rest):
    dims = _dims(x, kernel_size, "kernel_size")
    kernel = tuple(kernel_size.values())
    arguments = {
        "kernel_size": kernel,
        "stride": _per_dim(stride, dims, "stride", kernel),
        "padding": _padding(padding, dims),
        "dilation": _per_dim(dilation, dims, "dilation", (1,) * len(dims)),
        "ceil_mode": ceil_mode,
    }
    shape = tuple(x.sizes[dim] for dim in dims)
    plan = _geometry.window_plan(
        shape, len(dims), **arguments, count_include_pad=None, divisor_override=None, channels_last=False
    )
    return _pooled(x, f"{op}_pool{len(dims)}d", plan, dims, arguments | rest, coord_func, keep_attrs)


def _adaptive(op, x, output_size, coord_func, keep_attrs, **rest):
    dims = _dims(x, output_size, "output_size")
    sizes = tuple(output_size.values())
    plan = _geometry.adaptive_plan(tuple(x.sizes[dim] for dim in dims), len(dims), sizes, channels_last=False)
    arguments = {"output_size": sizes, **rest}
    return _pooled(x, f"adaptive_{op}_pool{len(dims)}d", plan, dims, arguments, coord_func, keep_attrs)


def _pooled(x, name, plan, dims, arguments, coord_func, keep_attrs):
    """The values, and what is around them."""
    if keep_attrs is None:
        chosen = xarray.get_options()["keep_attrs"]
        keep_attrs = True if chosen == "default" else chosen
    keep_attrs = _arguments.flag(keep_attrs, "keep_attrs")
    axis = tuple(x.get_axis_num(dim) for dim in dims)
    if x.chunks is None:
        found = getattr(functional, name)(x.values, axis=axis, **arguments)
    else:
        from . import dask  # whose arrays these are

        found = getattr(dask, name)(x.data, axis=axis, **arguments)
    values, *indices = found if isinstance(found, tuple) else (found,)
    coords = _coordinates(x, values, _bounds(plan, dims), coord_func, keep_attrs)
    result = xarray.DataArray(values, coords, x.dims, x.name, x.attrs if keep_attrs else None)
    if not indices:
        return result
    return result, xarray.DataArray(indices[0], result.coords, x.dims, "indices")


_DOCUMENTATION = """

Parameters
----------
x : xarray.DataArray
    Of any dtype that cpool pools.
{parameters}coord_func : str, callable, or mapping from names of coordinates to these, default "mean"
    What is taken of the coordinates in each window: the name of a reduction of xarray, or a function of
    (array, axis=). One for all is for the coordinates that have the name of their dimension; others are
    averaged unless a mapping says otherwise.
keep_attrs : bool, optional
    Whether the result and its coordinates have the attributes of `x`; by default as xarray's options say,
    which is yes.

Returns
-------
xarray.DataArray
    With the dimensions and the name of `x`. {returns}

Raises
------
TypeError, ValueError
    If an argument is not accepted, a dimension is unknown, or a coordinate does not suit its `coord_func`.

Notes
-----
The values are those of ``cpool.{operator}1d``, ``2d`` or ``3d``. A NaN makes the windows that hold it
NaN; the reductions of ``coarsen`` pass over it unless told not to.

Examples
--------
>>> import numpy as np, xarray
>>> import cpool.xarray
>>> x = xarray.DataArray(np.arange(8.0).reshape(2, 4), {{"y": [10, 20], "x": [1, 2, 3, 4]}}, ("y", "x"))
>>> y = cpool.xarray.{call}
>>> y.values, y["x"].values
{example}
"""

_PARAMETERS = {
    "norm_type": """float
    The p of the p-norm, > 0 or inf.""",
    "kernel_size": """mapping from 1 to 3 dimensions to int
    Size of the window.""",
    "stride": """int or mapping, optional
    Distance between windows; `kernel_size` by default, which leaves no gap.""",
    "padding": """int, str, or mapping to ints or (before, after) pairs, default 0
    Room for windows beyond the edges, or "valid", "same", "same_lower".""",
    "dilation": """int or mapping, default 1
    Distance between the elements of a window.""",
    "ceil_mode": """bool, default False
    Round the number of windows up, so that the last may be cut off by the edge.""",
    "count_include_pad": """bool, optional
    Whether padding counts in the mean; by default if it is given as numbers.""",
    "divisor_override": """int, optional
    Divide by this instead.""",
    "normalize": """bool, default False
    Divide the sum by the number of elements first; with p = 2 this is the root mean square.""",
    "output_size": """mapping from 1 to 3 dimensions to int
    Size of the result; windows follow from it.""",
    "return_indices": """bool, default False
    Return where each element was found, too.""",
    "dtype": """dtype, optional
    float32 or float64 instead of the dtype of `x`; for sums of integers an integer dtype, too.""",
}


_INDICES = """With ``return_indices=True`` two: the second
    holds positions in the plane of the pooled dimensions, in row-major order of their names as given; -1
    where a window is empty."""


def _documented(example):
    """Add to a function's first line what all of them share; `example` is what the call in it gives."""

    def add(function):
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        norm = "2, " if "norm_type" in names else ""
        function.__doc__ = (function.__doc__ or "") + _DOCUMENTATION.format(
            parameters="".join(f"{name} : {_PARAMETERS[name]}\n" for name in names if name in _PARAMETERS),
            returns=_INDICES if "return_indices" in names else "",
            operator=function.__name__,
            call=f'{function.__name__}(x, {norm}{{"x": 2}})',
            example=example,
        )
        return function

    return add


@_documented("(array([[1., 3.],\n       [5., 7.]]), array([1.5, 3.5]))")
def max_pool(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    coord_func="mean", keep_attrs=None,
):
    """Take the maximum of every window along named dimensions."""
    return _windowed(
        "max", x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs,
        return_indices=return_indices,
    )


@_documented("(array([[0., 2.],\n       [4., 6.]]), array([1.5, 3.5]))")
def min_pool(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *,
    coord_func="mean", keep_attrs=None,
):
    """Take the minimum of every window along named dimensions."""
    return _windowed(
        "min", x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs,
        return_indices=return_indices,
    )


@_documented("(array([[0.5, 2.5],\n       [4.5, 6.5]]), array([1.5, 3.5]))")
def avg_pool(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=None, divisor_override=None, *,
    dilation=1, dtype=None, coord_func="mean", keep_attrs=None,
):
    """Take the mean of every window along named dimensions."""
    return _windowed(
        "avg", x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs,
        count_include_pad=count_include_pad, divisor_override=divisor_override, dtype=dtype,
    )


@_documented("(array([[ 1.,  5.],\n       [ 9., 13.]]), array([1.5, 3.5]))")
def sum_pool(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, dtype=None, coord_func="mean",
    keep_attrs=None,
):
    """Take the sum of every window along named dimensions."""
    return _windowed(
        "sum", x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs, dtype=dtype
    )


@_documented("(array([[1.        , 3.60555128],\n       [6.40312424, 9.21954446]]), array([1.5, 3.5]))")
def lp_pool(
    x, norm_type, kernel_size, stride=None, ceil_mode=False, *, padding=0, dilation=1, normalize=False,
    dtype=None, coord_func="mean", keep_attrs=None,
):
    """Take the p-norm of every window along named dimensions."""
    return _windowed(
        "lp", x, kernel_size, stride, padding, dilation, ceil_mode, coord_func, keep_attrs,
        norm_type=norm_type, normalize=normalize, dtype=dtype,
    )


@_documented("(array([[1., 3.],\n       [5., 7.]]), array([1.5, 3.5]))")
def adaptive_max_pool(x, output_size, return_indices=False, *, coord_func="mean", keep_attrs=None):
    """Pool named dimensions to given sizes: the maximum of every window."""
    return _adaptive("max", x, output_size, coord_func, keep_attrs, return_indices=return_indices)


@_documented("(array([[0., 2.],\n       [4., 6.]]), array([1.5, 3.5]))")
def adaptive_min_pool(x, output_size, return_indices=False, *, coord_func="mean", keep_attrs=None):
    """Pool named dimensions to given sizes: the minimum of every window."""
    return _adaptive("min", x, output_size, coord_func, keep_attrs, return_indices=return_indices)


@_documented("(array([[0.5, 2.5],\n       [4.5, 6.5]]), array([1.5, 3.5]))")
def adaptive_avg_pool(x, output_size, *, dtype=None, coord_func="mean", keep_attrs=None):
    """Pool named dimensions to given sizes: the mean of every window."""
    return _adaptive("avg", x, output_size, coord_func, keep_attrs, dtype=dtype)


@_documented("(array([[ 1.,  5.],\n       [ 9., 13.]]), array([1.5, 3.5]))")
def adaptive_sum_pool(x, output_size, *, dtype=None, coord_func="mean", keep_attrs=None):
    """Pool named dimensions to given sizes: the sum of every window."""
    return _adaptive("sum", x, output_size, coord_func, keep_attrs, dtype=dtype)


@_documented("(array([[1.        , 3.60555128],\n       [6.40312424, 9.21954446]]), array([1.5, 3.5]))")
def adaptive_lp_pool(
    x, norm_type, output_size, *, normalize=False, dtype=None, coord_func="mean", keep_attrs=None
):
    """Pool named dimensions to given sizes: the p-norm of every window."""
    return _adaptive(
        "lp", x, output_size, coord_func, keep_attrs, norm_type=norm_type, normalize=normalize, dtype=dtype
    )
