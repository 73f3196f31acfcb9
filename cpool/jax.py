"""Pooling for JAX: the functions of cpool on JAX arrays, under jit, vmap, grad
and jvp.

a) A function's arguments become exact ints, tuples and dtypes when it is
   traced, so that equal calls are compiled once; wrong ones raise the errors
   of cpool, at that time.
b) On the CPU, XLA calls cpool by its foreign function interface, on its own
   buffers; with other devices, the arrays go to the host and back by
   ``jax.pure_callback``. Mapped axes become leading axes of one call.
c) Gradients are those of cpool, and all of it can be differentiated again,
   forward (``jvp``, ``jacfwd``, ``hessian``) and in reverse: what is linear is
   a primitive of JAX that knows its transpose.
d) Without 64-bit types (``jax_enable_x64``) indices and sums of integers are
   32 bits wide, as JAX has them.
"""

import ast
import inspect
import re
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from . import _arguments, _geometry, _texts, _xla, functional
from ._execute import DEFAULT_FORMAT
from ._optional import package

jax = package("jax", "jax")
core, ad, batching, mlir = (package(f"jax.{name}", "jax") for name in (
    "extend.core", "interpreters.ad", "interpreters.batching", "interpreters.mlir"))
jnp = jax.numpy

_NAMES = [
    *(
        f"{adaptive}{op}_pool{nd}d"
        for adaptive in ("", "adaptive_")
        for op in ("max", "min", "avg", "sum", "lp")
        for nd in (1, 2, 3)
    ),
    *(f"global_{op}_pool" for op in ("max", "min", "avg", "sum", "lp")),
    *(f"max_unpool{nd}d" for nd in (1, 2, 3)),
]
__all__ = sorted(_NAMES)

_LEFT_OUT = ("mask", "nan_policy", "out", "weights")  # arguments of cpool that are not for here


class _Call(NamedTuple):
    """A function and its arguments in exact forms, and the array it is called with (mapped axes left out)."""

    name: str
    arguments: tuple
    axis: tuple  # the spatial axes, counted from the end
    shape: tuple
    dtype: np.dtype

    @property
    def op(self):
        return self.name.removeprefix("adaptive_").removeprefix("global_").partition("_")[0]

    def but(self, **changes):
        """The call with other arguments; None takes one away."""
        arguments = {name: v for name, v in (dict(self.arguments) | changes).items() if v is not None}
        return self._replace(arguments=tuple(sorted(arguments.items())))


# ---- arguments ----

_EXACT = {
    "kernel_size": lambda value, nd: _arguments.int_tuple(value, nd, "kernel_size", 1),
    "stride": lambda value, nd: _arguments.int_tuple(value, nd, "stride", 1),
    "padding": _arguments.parse_padding,
    "dilation": lambda value, nd: _arguments.int_tuple(value, nd, "dilation", 1),
    "ceil_mode": lambda value, nd: _arguments.flag(value, "ceil_mode"),
    "count_include_pad": lambda value, nd: _arguments.flag(value, "count_include_pad"),
    "divisor_override": lambda value, nd: _arguments.parse_divisor(value),
    "norm_type": lambda value, nd: _arguments.parse_norm_type(value),
    "normalize": lambda value, nd: _arguments.flag(value, "normalize"),
    "return_indices": lambda value, nd: _arguments.flag(value, "return_indices"),
    "keepdims": lambda value, nd: _arguments.flag(value, "keepdims"),
    "mode": lambda value, nd: _arguments.parse_mode(value),
    "dtype": lambda value, nd: jax.dtypes.canonicalize_dtype(value).name,
    "index_dtype": lambda value, nd: jax.dtypes.canonicalize_dtype(value).name,
}


def _call(name, given, shape, dtype):
    """The call in exact forms: `given` are the arguments beside the arrays, as the user gave them."""
    given = dict(given)
    layout, axis = given.pop("data_format"), given.pop("axis", None)
    arguments = {}
    if name.startswith("global"):
        spatial_ndim = given.pop("spatial_ndim")
        if axis is None:
            nd = _arguments.parse_spatial_ndim(spatial_ndim, len(shape), layout)
        else:
            nd = _arguments.count_axes(axis, spatial_ndim)
    else:
        nd = int(name[-2])
    if axis is None:
        last = _arguments.parse_data_format(layout, nd)
        _arguments.check_ndim(shape, nd, last)
        axis = tuple(range(-nd - last, -last))
    else:
        _arguments.check_axis_alone(layout is DEFAULT_FORMAT, layout)
        axis = tuple(i - len(shape) for i in _arguments.check_axis(axis, len(shape), nd))
    if "unpool" in name:  # the only one without `axis`
        arguments["data_format"] = "channels_last" if last else "channels_first"
        plan = _geometry.unpool_plan(
            shape, nd, given["kernel_size"], given["stride"], given["padding"], given["output_size"], last
        )
        arguments["output_size"] = plan.out_sizes[3 - nd :]
    else:
        arguments["axis"] = axis
        if "output_size" in given:
            sizes = tuple(shape[i] for i in axis)
            arguments["output_size"] = _arguments.parse_output_size(given["output_size"], sizes)
    for key, value in given.items():
        if value is not None and key in _EXACT:
            arguments[key] = _EXACT[key](value, nd)
    call = _Call(name, tuple(sorted(arguments.items())), axis, shape, dtype)
    if call.op == "sum" and "dtype" not in arguments and dtype.kind in "biu":
        call = call.but(dtype=jax.dtypes.canonicalize_dtype(_arguments.parse_dtype("sum", None, dtype)).name)
    if arguments.get("return_indices"):
        call = call.but(index_dtype=arguments.get("index_dtype", _index_dtype()))
    return call


def _index_dtype():
    return jax.dtypes.canonicalize_dtype(np.int64).name


@lru_cache(maxsize=4096)
def _results(call):
    """Shape and dtype of each result: of a call with no rows, which checks what is left to check."""
    x = np.empty((0, *call.shape), call.dtype)
    if "unpool" in call.name:
        found = getattr(functional, call.name)(x, np.empty(x.shape, np.int32), **dict(call.arguments))
    else:
        found = getattr(functional, call.name)(x, **dict(call.arguments))
    found = found if isinstance(found, tuple) else (found,)
    return tuple(jax.ShapeDtypeStruct(each.shape[1:], each.dtype) for each in found)


# ---- on the host ----


def _host(function, call, results, *arrays):
    """Call a function of the host with arrays in front of whose axes mapped ones may stand."""
    if jax.default_backend() == "cpu" and _registered():
        target = jax.ffi.ffi_call(_TARGET, results, vmap_method="broadcast_all")
        return target(*arrays, call=_written(function, call))
    return jax.pure_callback(partial(function, call), results, *arrays, vmap_method="broadcast_all")


def _forward(call, *arrays, out=None):
    return getattr(functional, call.name)(*map(np.asarray, arrays), **dict(call.arguments), out=out)


def _backward(call, grad, *rest, out=None):
    """The gradient with respect to x, of which the values matter for norms alone; indices come after x."""
    grad, rest = np.asarray(grad), list(map(np.asarray, rest))
    mapped = grad.shape[: grad.ndim - len(_results(call)[0].shape)]
    arguments = dict(call.arguments)
    x = rest.pop() if call.op == "lp" else np.broadcast_to(call.dtype.type(0), mapped + call.shape)
    if rest:
        arguments["indices"] = rest[0]
    return getattr(functional, f"{call.name}_backward")(grad, x, **arguments, out=out)


_TARGET = "cpool"
_FUNCTIONS = {"forward": _forward, "backward": _backward}


def _written(function, call):
    """A call as text, which stays right in a program that JAX has stored for another process."""
    fields = tuple(call._replace(dtype=call.dtype.name))
    return repr((function.__name__.removeprefix("_"), fields)).replace("inf", "1e999")


@lru_cache(maxsize=4096)
def _read(text):
    name, fields = ast.literal_eval(text)
    call = _Call(*fields)
    return _FUNCTIONS[name], call._replace(dtype=jnp.dtype(call.dtype))


def _called(text, inputs, outputs):
    """What XLA calls."""
    function, call = _read(text)
    function(call, *inputs, out=tuple(outputs) if len(outputs) > 1 else outputs[0])


@lru_cache(maxsize=1)
def _registered():
    """The handler, if XLA takes it; None if its version of the interface is another one."""
    handler = _xla.handler(_called)
    try:
        jax.ffi.register_ffi_target(_TARGET, jax.ffi.pycapsule(handler), platform="cpu")
    except Exception:
        return None
    return handler


# ---- what is linear in its first argument ----


class _Linear:
    """A primitive of JAX: a call of a function that is linear in its first array, with its transpose.

    Parameters
    ----------
    function : function
        Of a `_Call`, what the result is like, and arrays, in front of whose axes mapped ones may stand.
    before, after : str
        Whether what goes in and what comes out is as "large" as x or as "small" as the result.
    """

    def __init__(self, name, function, before, after):
        self.function, self.sides = function, (before, after)
        self.primitive = core.Primitive(f"cpool_{name}")
        self.primitive.def_impl(jax.jit(self._run, static_argnames="call"))
        self.primitive.def_abstract_eval(self._abstract)
        mlir.register_lowering(self.primitive, mlir.lower_fun(self._run, multiple_results=False))
        ad.primitive_jvps[self.primitive] = self._jvp
        ad.primitive_transposes[self.primitive] = self._transposed
        batching.primitive_batchers[self.primitive] = self._batched

    def __call__(self, call, *arrays):
        return self.primitive.bind(*arrays, call=call)

    def _side(self, call, end):
        large = jax.ShapeDtypeStruct(call.shape, call.dtype)
        if "unpool" in call.name:       # whose x is the small side
            return (_results(call)[0], large)[self.sides[end] == "small"]
        return (large, _results(call)[0])[self.sides[end] == "small"]

    def _run(self, *arrays, call):
        return self.function(call, self._result(call, arrays[0]), *arrays)

    def _result(self, call, first):
        mapped = first.shape[: first.ndim - len(self._side(call, 0).shape)]
        side = self._side(call, 1)
        return jax.ShapeDtypeStruct((*mapped, *side.shape), side.dtype)

    def _abstract(self, *arrays, call):
        result = self._result(call, arrays[0])
        return jax.core.ShapedArray(result.shape, result.dtype)

    def _batched(self, arrays, axes, *, call):
        (size,) = {a.shape[i] for a, i in zip(arrays, axes, strict=True) if i is not None}
        moved = [
            jnp.broadcast_to(a, (size, *a.shape)) if i is None else jnp.moveaxis(a, i, 0)
            for a, i in zip(arrays, axes, strict=True)
        ]
        return self(call, *moved), 0

    def _jvp(self, primals, tangents, *, call):
        """Along the first array; along x, which norms have behind it, by their formula."""
        first, *rest = primals
        along, *more = tangents
        parts = [] if type(along) is ad.Zero else [self(call, along, *rest)]
        if call.op == "lp" and more and type(more[0]) is not ad.Zero:
            formula = partial(_FORMULAS[self], call, first)
            parts.append(jax.jvp(formula, tuple(rest), tuple(more))[1])
        result = self(call, *primals)
        return result, sum(parts[1:], parts[0]) if parts else ad.Zero.from_primal_value(result)

    def _transposed(self, grad, first, *rest, call):
        if type(grad) is ad.Zero:
            return [ad.Zero(first.aval), *(None for _ in rest)]
        if self is _gather and "unpool" in call.name:
            return [_unpool(call.but(mode="sum"), grad, *rest), None]
        return [_TRANSPOSES[self](call, grad, *rest), *(None for _ in rest)]


def _forwards(call, result, x, *indices):
    return _host(_forward, call, result, x, *indices)


def _backwards(call, result, grad, *rest):
    return _host(_backward, call, result, grad, *rest)


def _gathered(call, result, x, indices):
    """The elements of x that the indices name, counted in the plane of its axes; 0 for -1."""
    axis = call.axis
    nd = len(axis)
    shape = indices.shape
    planes = jnp.moveaxis(x, axis, range(-nd, 0))
    planes = planes.reshape(*planes.shape[:-nd], -1)
    if indices.ndim == x.ndim:
        indices = jnp.moveaxis(indices, axis, range(-nd, 0))
        shape = indices.shape
    places = indices.reshape(*planes.shape[:-1], -1)
    found = jnp.take_along_axis(planes, jnp.maximum(places, 0), -1)
    found = jnp.where(places < 0, jnp.zeros_like(found), found).reshape(shape)
    return found if len(shape) < x.ndim else jnp.moveaxis(found, range(-nd, 0), axis)


_linear = _Linear("linear", _forwards, "large", "small")
_linear_back = _Linear("linear_back", _backwards, "small", "large")
_gather = _Linear("gather", _gathered, "large", "small")
_scatter = _Linear("scatter", _backwards, "small", "large")
_unpool = _Linear("unpool", _forwards, "small", "large")
_norm_along = _Linear("norm_along", lambda call, _, *arrays: _along_formula(call, *arrays), "large", "small")
_norm_back = _Linear("norm_back", _backwards, "small", "large")
_TRANSPOSES = {
    _linear: _linear_back, _linear_back: _linear, _gather: _scatter, _scatter: _gather, _unpool: _gather,
    _norm_along: _norm_back, _norm_back: _norm_along,
}


def _mapped(call, x):
    """The results of a call with the mapped axes that stand in front of x."""
    mapped = x.shape[: x.ndim - len(call.shape)]
    return tuple(jax.ShapeDtypeStruct((*mapped, *each.shape), each.dtype) for each in _results(call))


# ---- max and min: their gradient goes where the indices say ----


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _select(call, x):
    found = _host(_forward, call, _mapped(call, x), x)
    return found if len(found) == 2 else found[0]


@_select.defjvp
def _select_along(call, primals, tangents):
    given = dict(call.arguments)
    several = call.but(return_indices=True, index_dtype=given.get("index_dtype", _index_dtype()))
    values, indices = _select(several, *primals)     # not the host's: this is differentiated, too
    along = _gather(call.but(return_indices=None, index_dtype=None), tangents[0], indices)
    if not given.get("return_indices"):
        return values, along
    return (values, indices), (along, np.zeros(indices.shape, jax.dtypes.float0))


# ---- norms: their gradient depends on x ----


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _norm(call, x):
    return _host(_forward, call, _mapped(call, x)[0], x)


_norm.defjvp(lambda call, primals, tangents: (
    _norm(call, *primals), _norm_along(call, tangents[0], primals[0])))


def _parts(call, x):
    """Of a norm below inf: its slope by |x|^(p-1) sign(x), norm^(1-p), and the sum or mean of its windows."""
    given = dict(call.arguments)
    p = given["norm_type"]
    y = _norm(call, x)
    some, other = y > 0, x != 0
    weights = jnp.where(some, jnp.where(some, y, 1) ** (1 - p), 0)
    powers = jnp.where(other, jnp.abs(jnp.where(other, x, 1)) ** (p - 1), p == 1)
    taps = call.but(norm_type=None, normalize=None)
    taps = taps._replace(name=call.name.replace("lp", "avg" if given.get("normalize") else "sum"))
    if taps.op == "avg" and not taps.name.startswith(("adaptive", "global")):
        taps = taps.but(count_include_pad=False)
    return (powers * jnp.sign(x)).astype(x.dtype), weights, taps


def _largest(call, x):
    """Of the norm inf: the call of the maximum, and its indices."""
    call = call.but(norm_type=None, normalize=None, dtype=None)
    call = call._replace(name=call.name.replace("lp", "max"))
    return call, _select(call.but(return_indices=True, index_dtype=_index_dtype()), jnp.abs(x))[1]


def _along_formula(call, tangent, x):
    """norm^(1-p) times the sum of |x|^(p-1) sign(x) tangent."""
    dtype = _results(call)[0].dtype
    if dict(call.arguments)["norm_type"] == float("inf"):
        return _gather(*_with(_largest(call, x), tangent * jnp.sign(x))).astype(dtype)
    slope, weights, taps = _parts(call, x)
    return (weights * _linear(taps, tangent * slope)).astype(dtype)


def _back_formula(call, grad, x):
    """grad * norm^(1-p), spread, times |x|^(p-1) sign(x)."""
    if dict(call.arguments)["norm_type"] == float("inf"):
        return _scatter(*_with(_largest(call, x), grad.astype(x.dtype))) * jnp.sign(x)
    slope, weights, taps = _parts(call, x)
    return _linear_back(taps, grad * weights) * slope


def _with(largest, array):
    call, indices = largest
    return call, array, indices


_FORMULAS = {_norm_along: _along_formula, _norm_back: _back_formula}


# ---- the functions ----

_KINDS = {"max": _select, "min": _select, "avg": _linear, "sum": _linear, "lp": _norm}


@partial(jax.jit, static_argnums=0)
def _run(call, *arrays):
    return (_unpool if len(arrays) == 2 else _KINDS[call.op])(call, *arrays)


_EXAMPLES = """
Examples
--------
>>> import jax, jax.numpy as jnp
>>> import cpool.jax
>>> x = jnp.ones({shape})
>>> jax.jit(lambda x: cpool.jax.{call})(x).shape
{result}
>>> jax.grad(lambda x: cpool.jax.{call}.sum())(x).shape
{shape}
"""


def _document(name, original):
    """The docstring of a function, about arrays of JAX and without the arguments that are left out."""
    text = _texts.docstring(original).partition("\nSee Also\n")[0].partition("\nNotes\n")[0]
    names = "|".join(_LEFT_OUT)
    text = re.sub(rf"^(?:{names})(?:, (?:{names}))* : .*\n(?: .*\n)*", "", text, flags=re.MULTILINE)
    text = re.sub("array_like|ndarray", "jax.Array", text)
    nd = 2 if "global" in name else int(name[-2])
    shape, norm = (1, 2, *(4,) * nd), "2.0, " if "lp" in name else ""
    call, result = f"{name}(x, {norm}2)", (1, 2, *(2,) * nd)
    if "global" in name:
        call, result = f"{name}({f'x, {norm}'.removesuffix(', ')})", (1, 2)
    elif "unpool" in name:
        call, result = f"{name}(x, jnp.zeros(x.shape, int), 2)", (1, 2, *(8,) * nd)
    return _texts.wrapped(text + _EXAMPLES.format(shape=shape, call=call, result=result))


def _made(name):
    """The function for JAX arrays."""
    original = getattr(functional, name)
    whole = inspect.signature(original)
    signature = whole.replace(
        parameters=[each for each in whole.parameters.values() if each.name not in _LEFT_OUT]
    )
    operands = ("x", "indices") if "unpool" in name else ("x",)

    def pooled(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        given = given.arguments
        arrays = [_operand(given.pop(each), each) for each in operands]
        x = arrays[0]
        call = _call(name, given, tuple(x.shape), np.dtype(x.dtype))
        if len(arrays) == 2 and arrays[1].shape != x.shape:
            raise ValueError(f"indices must have the shape {x.shape} of x; got {arrays[1].shape}")
        _results(call)
        return _run(call, *arrays)

    pooled.__name__ = pooled.__qualname__ = name
    pooled.__signature__ = signature
    pooled.__doc__ = _document(name, original)
    return pooled


def _operand(value, name):
    """An array of JAX; it takes arrays and numbers, and so do these functions."""
    if not isinstance(value, (jax.Array, np.ndarray, np.generic, int, float)):
        raise TypeError(f"{name} must be an array of JAX or NumPy; got {type(value).__name__}")
    array = jnp.asarray(value)
    accepted = _arguments.INTEGERS if name == "indices" else _arguments.DTYPES
    if array.dtype.name not in accepted:
        raise TypeError(f"{name} must have one of the dtypes {', '.join(accepted)}; got {array.dtype}")
    return array


for _name in _NAMES:
    globals()[_name] = _made(_name)
