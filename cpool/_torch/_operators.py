"""The seven operators below all pooling of tensors, in each form that PyTorch asks for.

a) `pool` and `select` (max and min with their places) go from the large side to the small one; `spread`,
   `scatter` and `unpool` are their transposes, `gather` that of `unpool`; `lp_gradient` is the one that is
   not linear. The gradient of each is another of them, so every derivative exists.
b) An operator is a few functions: what runs it on arrays (`run`), the shape and strides of its result
   (`fake`), what its derivatives need (`save`), and these (`backward`, `tangent`). `_forms` makes the rest.
c) What is to be computed is one tuple, `spec`, with the fields of `SPEC`; in a custom operator its entries
   are arguments of their own. Tensors may have any number of axes before the channels: vmap is one more.
"""

import torch
from torch import _C
from torch.autograd import forward_ad

from .. import functional
from .._geometry import _window_axis
from ._forms import Forms, at_front, eager, is_compiling, transforming
from ._tensors import (
    PoolingError,
    array,
    call,
    check,
    empty,
    follow,
    shape_of,
    tensor,
    threads,
)

# kernel_size is None where output_size decides; padding is an int, ints, pairs or a word as in cpool.
SPEC = (
    ("op", "str"), ("nd", "int"), ("output_size", "SymInt[]"), ("kernel_size", "SymInt[]?"),
    ("stride", "SymInt[]"), ("padding", "SymInt[]"), ("dilation", "SymInt[]"), ("ceil_mode", "bool"),
    ("count_include_pad", "bool"), ("divisor_override", "SymInt?"), ("norm_type", "float"),
    ("normalize", "bool"), ("channels_last", "bool"),
)
SELECTS = ("max", "min")
_FUNCTIONS = {
    (op, nd): tuple(
        getattr(functional, f"{prefix}{op}_pool{nd}d{suffix}") for suffix in ("", "_backward")
        for prefix in ("", "adaptive_")
    )
    for op in ("max", "min", "avg", "sum", "lp") for nd in (1, 2, 3)
}
_WORDS = "'valid', 'same' or 'same_lower'"


def windows(
    op, nd, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, count_include_pad=True,
    divisor_override=None, norm_type=2.0, normalize=False, channels_last=False,
):
    """The spec of windows of a given size."""
    return (op, nd, None, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad,
            divisor_override, norm_type, normalize, channels_last)


def adaptive(op, nd, output_size, norm_type=2.0, normalize=False, channels_last=False):
    """The spec of windows that follow from the size of the output."""
    return (op, nd, output_size, None, None, 0, 1, False, True, None, norm_type, normalize, channels_last)


def places(nd, channels_last, op="last"):
    """The spec of `gather` and of `unpool`, whose `op` says what duplicates do:
    "last" or "sum".
    """
    return (op, nd, (), None, (), 0, (), False, True, None, 2.0, False, channels_last)


def _invoke(spec, arrays, backward=False, **keywords):
    """Call the function of cpool that a spec describes; the first of the arrays may be a gradient."""
    (op, nd, output_size, kernel, stride, padding, dilation, ceil_mode, include_pad, divisor, p, normalize,
     last) = spec
    function = _FUNCTIONS[op, nd][2 * backward + (kernel is None)]
    if op == "lp":
        keywords["normalize"] = normalize
        arrays = (*arrays, p)
    if kernel is None:
        args = (*arrays, output_size)
    elif op in SELECTS:
        args = (*arrays, kernel, stride, padding, dilation, ceil_mode)
    elif op == "avg":
        args = (*arrays, kernel, stride, padding, ceil_mode, include_pad, divisor)
        keywords["dilation"] = dilation
    elif op == "sum":
        args = (*arrays, kernel, stride, padding, ceil_mode)
        keywords["dilation"] = dilation
    else:
        args = (*arrays, kernel, stride, ceil_mode)
        keywords["padding"], keywords["dilation"] = padding, dilation
    return call(function, args, keywords, last)


# ---- small tensors ----

_REMEMBERED = {}        # exact arguments of calls that were right, and how cpool is called with these


def remember(key):
    """Let `quickly` take calls with these arguments: op, nd and exact numbers and
    flags.
    """
    if key not in _REMEMBERED and len(_REMEMBERED) < 4096 and not is_compiling():
        op, nd, kernel, stride, padding, dilation, ceil_mode, include_pad = key
        args = {"max": (dilation, ceil_mode), "avg": (ceil_mode, include_pad), "sum": (ceil_mode,)}
        keywords = {} if op in SELECTS else {"dilation": dilation}
        args = kernel, stride, padding, *args["max" if op in SELECTS else op]
        _REMEMBERED[key] = _FUNCTIONS[op, nd][0], args, keywords


def quickly(key, nd, t):
    """What is remembered, of a plain tensor without a gradient; None if anything
    is otherwise.

    All that the long way would find out of a contiguous tensor is known; where
    cpool refuses it, the long way says why.
    """
    if is_compiling():      # pragma: no cover (the compiler reads this, and never runs it)
        return None
    found = _REMEMBERED.get(key)
    if (
        found is None or (t.requires_grad and torch.is_grad_enabled()) or not eager(t)
        or not t.is_contiguous() or t.dim() != nd + 2 or t.dtype is torch.bfloat16
        or forward_ad._current_level >= 0
    ):
        return None
    try:
        a = t.detach().numpy() if t.requires_grad else t.numpy()
        if a.shape[-1] < 2 or a.size == 0:
            return None
        function, args, keywords = found
        token = follow.set(threads())
        try:
            return torch.from_numpy(function(a, *args, **keywords))
        finally:
            follow.reset(token)
    except (ValueError, TypeError, RuntimeError):
        return None


# ---- canonical arguments ----


def _each(value, nd):
    """One entry for each axis."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * nd


def _flat(spec, sizes):
    """The arguments of a custom operator: the entries of a spec, lists in their longest form."""
    (op, nd, output_size, kernel, stride, padding, dilation, *rest) = spec
    if kernel is None:
        given = _each(output_size, nd)
        if len(given) == nd:
            given = [n if o is None else o for o, n in zip(given, sizes, strict=True)]
        return (op, nd, given, None, [], [], [], *rest)
    kernel, dilation = _each(kernel, nd), _each(dilation, nd)
    stride = kernel if stride is None else _each(stride, nd)
    if isinstance(padding, str):
        if padding == "valid":
            padding = 0
        elif padding in ("same", "same_lower"):
            padding = tuple(
                _window_axis(0, n, k, s, padding, d, False)[5:7]
                for n, k, s, d in zip(sizes, kernel, stride, dilation, strict=True)
            )
        else:
            raise PoolingError(f"padding must be ints, pairs, {_WORDS}; got {padding!r}")
    pairs = [each if isinstance(each, (tuple, list)) else (each, each) for each in _each(padding, nd)]
    flat = [n for pair in pairs for n in pair]
    return (op, nd, [], list(kernel), list(stride), flat, list(dilation), *rest)


def _spec(flat):
    """The spec that `_flat` took apart."""
    (op, nd, output_size, kernel, stride, padding, dilation, *rest) = flat
    if kernel is None:
        return (op, nd, tuple(output_size), None, None, 0, 1, *rest)
    pairs = tuple(zip(padding[::2], padding[1::2], strict=True))
    return (op, nd, None, tuple(kernel), tuple(stride), pairs, tuple(dilation), *rest)


def _out_sizes(sizes, spec):
    """The number of windows along each axis; sizes may be symbols."""
    (_, nd, output_size, kernel, stride, padding, dilation, ceil_mode, *_) = spec
    if any(n < 1 for n in sizes):
        raise PoolingError(f"input must have spatial sizes of at least 1; got {tuple(sizes)}")
    if kernel is None:
        _at_least(output_size, "output_size", nd, 0)
        return tuple(output_size)
    for name, value, least in ("kernel_size", kernel, 1), ("stride", stride, 1), ("dilation", dilation, 1):
        _at_least(value, name, nd, least)
    for pair in padding:
        _at_least(pair, "padding", 2, 0)
    try:
        axes = map(_window_axis, range(nd), sizes, kernel, stride, padding, dilation, (ceil_mode,) * nd)
        return tuple(axis.out for axis in axes)
    except ValueError as error:
        raise PoolingError(str(error)) from None


def _at_least(values, name, count, least):
    if len(values) != count or any(value < least for value in values):
        raise PoolingError(f"{name} must be an int or {count} ints, from {least}; got {tuple(values)}")


# ---- the forms of an operator ----


class Operator:
    """An operator that takes tensors, the sizes of the large side if it cannot
    know them, and a spec.
    """

    def __init__(self, form):
        self.name, self.count, self.sized = form.__name__, len(form.tensors), form.sized
        schema = ", ".join(
            [f"Tensor {name}" for name in form.tensors] + ["SymInt[] sizes"] * form.sized
            + [f"{kind} {name}" for name, kind in SPEC]
        )

        def fake(*args):
            for t in args[:self.count]:
                check(t, f"the input of {self.name}")
            return form.fake(*args)

        self.forms = Forms(
            self.name, f"({schema}) -> {'(Tensor, Tensor)' if form.pair else 'Tensor'}", form.run, fake,
            form.save, form.backward, form.tangent, self._batched, self._flat, self._packed,
        )
        self.op = self.forms.op

    def __call__(self, *args):
        return self.forms(args[:self.count], *args)

    def _flat(self, *args):
        *before, spec = args
        return (*before, *_flat(spec, before[-1] if self.sized else spatial(args[0], spec[1])))

    def _packed(self, *args):
        rest = (tuple(args[self.count]),) if self.sized else ()
        return (*args[:self.count], *rest, _spec(args[self.count + self.sized:]))

    def _batched(self, info, in_dims, *args):
        """The operator with one more axis at the front."""
        output = self.op(*at_front(info.batch_size, in_dims, args[:self.count]), *args[self.count:])
        return output, (0, 0) if type(output) is tuple else 0


def _leading(t, nd):
    return tuple(t.shape[:t.dim() - nd])


def spatial(t, nd):
    sizes = t.shape[t.dim() - nd:]
    if not is_compiling() and torch.jit.is_tracing():
        return tuple(map(int, sizes))           # which torch.jit.trace makes tensors
    return tuple(sizes)


# ---- the operators ----


@Operator
class pool:
    """The values of windows: max, min, avg, sum or lp of `x`."""

    tensors, sized, pair = ("x",), False, False

    def run(x, spec):
        nd, last = spec[1], spec[-1]
        return tensor(_invoke(spec, (array(x, nd, last),)), nd, last)

    def fake(x, spec):
        op, nd, last = spec[0], spec[1], spec[-1]
        dtype = x.dtype
        if not dtype.is_floating_point:
            if op == "sum":
                dtype = torch.int64 if dtype.is_signed or dtype is torch.bool else torch.uint64
            elif op in ("avg", "lp") and dtype is torch.bool:
                raise TypeError(f"input must be of numbers for {op} pooling; got {dtype}")
        return empty(x, _leading(x, nd), _out_sizes(spatial(x, nd), spec), last, dtype)

    def save(ctx, x, spec, output):
        ctx.spec, ctx.sizes = spec, spatial(x, spec[1])
        ctx.set_materialize_grads(False)
        if spec[0] not in ("avg", "sum"):
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)

    def backward(ctx, g):
        spec = ctx.spec
        if spec[0] in ("avg", "sum"):
            return spread(g, ctx.sizes, spec)
        (x,) = ctx.saved_tensors
        if spec[0] == "lp":
            return lp_gradient(g, x, spec)
        return scatter(g, select(x, spec)[1], ctx.sizes, spec)

    def tangent(ctx, x_t, *_):
        spec = ctx.spec
        if spec[0] in ("avg", "sum"):
            return pool(x_t, spec)
        (x,) = ctx.saved_tensors
        if spec[0] == "lp":
            return _Norm(x, spec).directional(x_t)
        return gather(x_t, select(x, spec)[1], places(spec[1], spec[-1]))


@Operator
class select:
    """The largest or smallest elements of windows, and their places."""

    tensors, sized, pair = ("x",), False, True

    def run(x, spec):
        nd, last = spec[1], spec[-1]
        values, indices = _invoke(spec, (array(x, nd, last),), return_indices=True)
        return tensor(values, nd, last), tensor(indices, nd, last)

    def fake(x, spec):
        nd, last = spec[1], spec[-1]
        leading, sizes = _leading(x, nd), _out_sizes(spatial(x, nd), spec)
        return empty(x, leading, sizes, last), empty(x, leading, sizes, last, torch.int64)

    def save(ctx, x, spec, output):
        _, indices = output
        ctx.spec, ctx.sizes = spec, spatial(x, spec[1])
        ctx.mark_non_differentiable(indices)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(indices)
        ctx.save_for_forward(indices)

    def backward(ctx, g, _):
        return scatter(g, *ctx.saved_tensors, ctx.sizes, ctx.spec)

    def tangent(ctx, x_t, *_):
        (indices,) = ctx.saved_tensors
        return None if x_t is None else gather(x_t, indices, places(ctx.spec[1], ctx.spec[-1])), None


@Operator
class scatter:
    """The gradient of `select`: each element of `g` added at its place in its
    window.
    """

    tensors, sized, pair = ("g", "indices"), True, False

    def run(g, indices, sizes, spec):
        nd, last = spec[1], spec[-1]
        shape = shape_of(_leading(g, nd), sizes, last)
        if 0 in g.shape:
            return tensor_of_zeros(g, sizes, spec)
        arrays = array(g, nd, last), shape
        return tensor(_invoke(spec, arrays, True, indices=array(indices, nd, last)), nd, last)

    def fake(g, indices, sizes, spec):
        return empty(g, _leading(g, spec[1]), sizes, spec[-1])

    def save(ctx, g, indices, sizes, spec, output):
        ctx.spec, ctx.sizes = spec, sizes
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(indices)
        ctx.save_for_forward(indices)

    def backward(ctx, h):
        return gather(h, *ctx.saved_tensors, places(ctx.spec[1], ctx.spec[-1]))

    def tangent(ctx, g_t, *_):
        return None if g_t is None else scatter(g_t, *ctx.saved_tensors, ctx.sizes, ctx.spec)


@Operator
class spread:
    """The gradient of averages and sums."""

    tensors, sized, pair = ("g",), True, False

    def run(g, sizes, spec):
        nd, last = spec[1], spec[-1]
        if 0 in g.shape:
            return tensor_of_zeros(g, sizes, spec)
        arrays = array(g, nd, last), shape_of(_leading(g, nd), sizes, last)
        return tensor(_invoke(spec, arrays, True), nd, last)

    def fake(g, sizes, spec):
        return empty(g, _leading(g, spec[1]), sizes, spec[-1])

    def save(ctx, g, sizes, spec, output):
        ctx.spec, ctx.sizes = spec, sizes
        ctx.set_materialize_grads(False)

    def backward(ctx, h):
        return pool(h, ctx.spec)

    def tangent(ctx, g_t, *_):
        return None if g_t is None else spread(g_t, ctx.sizes, ctx.spec)


@Operator
class lp_gradient:
    """The gradient of Lp norms of `x`."""

    tensors, sized, pair = ("g", "x"), False, False

    def run(g, x, spec):
        nd, last = spec[1], spec[-1]
        if 0 in g.shape:
            return tensor_of_zeros(g, spatial(x, nd), spec)
        return tensor(_invoke(spec, (array(g, nd, last), array(x, nd, last)), True), nd, last)

    def fake(g, x, spec):
        nd = spec[1]
        return empty(x, _leading(x, nd), spatial(x, nd), spec[-1])

    def save(ctx, g, x, spec, output):
        ctx.spec = spec
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(g, x)
        ctx.save_for_forward(g, x)

    def backward(ctx, h):
        g, x = ctx.saved_tensors
        norm = _Norm(x, ctx.spec)
        by_g = norm.directional(h) if ctx.needs_input_grad[0] else None
        return by_g, norm.curvature(g, h) if ctx.needs_input_grad[1] else None

    def tangent(ctx, g_t, x_t, *_):
        g, x = ctx.saved_tensors
        parts = [] if g_t is None else [lp_gradient(g_t, x, ctx.spec)]
        if x_t is not None:
            parts.append(_Norm(x, ctx.spec).curvature(g, x_t))
        return sum(parts) if parts else None


@Operator
class unpool:
    """`x` at the places that `indices` name, zero elsewhere."""

    tensors, sized, pair = ("x", "indices"), True, False

    def run(x, indices, sizes, spec):
        nd, last = spec[1], spec[-1]
        if 0 in x.shape:
            return tensor_of_zeros(x, sizes, spec)
        function = getattr(functional, f"max_unpool{nd}d")
        args = (array(x, nd, last), array(indices, nd, last), *_undone(x, sizes))
        return tensor(call(function, args, {"mode": spec[0]}, last), nd, last)

    def fake(x, indices, sizes, spec):
        return empty(x, _leading(x, spec[1]), sizes, spec[-1])

    def save(ctx, x, indices, sizes, spec, output):
        ctx.spec, ctx.sizes = spec, sizes
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(indices)
        ctx.save_for_forward(indices)

    def backward(ctx, g):
        return gather(g, *ctx.saved_tensors, ctx.spec)

    def tangent(ctx, x_t, *_):
        return None if x_t is None else unpool(x_t, *ctx.saved_tensors, ctx.sizes, ctx.spec)


@Operator
class gather:
    """The elements of `x` at `indices`, zero where an index is -1."""

    tensors, sized, pair = ("x", "indices"), False, False

    def run(x, indices, spec):
        nd, last = spec[1], spec[-1]
        if 0 in indices.shape:
            return empty(x, _leading(x, nd), spatial(indices, nd), last)
        function = getattr(functional, f"max_unpool{nd}d_backward")
        shape = shape_of(_leading(x, nd), spatial(indices, nd), last)
        args = (array(x, nd, last), shape, array(indices, nd, last), *_undone(indices, spatial(x, nd)))
        return tensor(call(function, args, None, last), nd, last)

    def fake(x, indices, spec):
        nd = spec[1]
        return empty(x, _leading(x, nd), spatial(indices, nd), spec[-1])

    def save(ctx, x, indices, spec, output):
        ctx.spec, ctx.sizes = spec, spatial(x, spec[1])
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(indices)
        ctx.save_for_forward(indices)

    def backward(ctx, h):
        return unpool(h, *ctx.saved_tensors, ctx.sizes, places(ctx.spec[1], ctx.spec[-1], "sum"))

    def tangent(ctx, x_t, *_):
        return None if x_t is None else gather(x_t, *ctx.saved_tensors, ctx.spec)


def tensor_of_zeros(like, sizes, spec):
    """The gradient where there is no window."""
    return empty(like, _leading(like, len(sizes)), sizes, spec[-1]).zero_()


def _undone(small, sizes):
    """Kernel size, stride and padding whose unpooling of a small tensor has these sizes: any will do."""
    grown = [(n, large) for n, large in zip(small.shape[-len(sizes):], sizes, strict=True)]
    kernel = tuple(max(large - n + 1, 1) for n, large in grown)
    return kernel, 1, [(max(n - large, 0), 0) for n, large in grown]


def lp_values(x, spec):
    """The norms by way of `pool`, unless forward derivatives are nested.

    PyTorch passes a tangent of an autograd.Function what the innermost level
    knows of its inputs, so that the second derivative would be that of a linear
    function.
    """
    if not is_compiling() and transforming():
        levels = [level.key() for level in _C._functorch.get_interpreter_stack()]
        if levels.count(_C._functorch.TransformType.Jvp) > 1:
            return _Norm(x, spec).values()
    return pool(x, spec)


class _Norm:
    """Derivatives of Lp norms beyond the first, in operations that can be differentiated themselves.

    With u = x / scale, a = sign(u) |u|^(p-1), y the norms of u and P the sums of windows (or means, if
    `normalize`), y = P(|u|^p)^(1/p); the derivative in the direction h is P(a h) y^(1-p).
    """

    def __init__(self, x, spec):
        self.spec, self.p = spec, float(spec[10])
        self.x = x if x.dtype in (torch.float32, torch.float64) else x.float()
        self.dtype = x.dtype
        op = "avg" if spec[11] else "sum"
        self.linear = (op, *spec[1:8], False, None, *spec[10:])
        self.sizes = spatial(x, spec[1])
        if self.p == float("inf"):
            self.largest = ("max", *spec[1:])
            self.indices = select(self.x.detach().abs(), self.largest)[1]
            return
        scale = self.x.detach().abs().amax() if x.numel() else torch.ones((), dtype=self.x.dtype)
        self.scale = torch.where((scale > 0) & torch.isfinite(scale), scale, torch.ones_like(scale))
        u = self.x / self.scale
        y = pool(u, spec)
        self.u, self.y = u, y
        self.a = u.sign() * self._power(u.abs(), self.p - 1)
        self.w = self._power(y, 1 - self.p)

    @staticmethod
    def _power(base, exponent):
        """base ** exponent, and 0 where the base is 0, with a gradient of 0 there."""
        zero = base == 0
        return torch.where(zero, 0.0, torch.where(zero, 1.0, base) ** exponent)

    def values(self):
        """The norms."""
        if self.p == float("inf"):
            return pool(self.x.abs(), self.largest).to(self.dtype)
        power = self._power(self.u.abs(), self.p)
        return (self.scale * self._power(pool(power, self.linear), 1 / self.p)).to(self.dtype)

    def directional(self, h):
        """The derivative in a direction."""
        h = h.to(self.x.dtype)
        if self.p == float("inf"):
            where = places(self.spec[1], self.spec[-1])
            return gather(h * self.x.sign(), self.indices, where).to(self.dtype)
        return (self.w * pool(h * self.a, self.linear)).to(self.dtype)

    def curvature(self, g, h):
        """The second derivative of the sum of g times the norms, in the direction h."""
        g, h = g.to(self.x.dtype), h.to(self.x.dtype)
        p = self.p
        if p in (1.0, float("inf")):
            return torch.zeros_like(self.x, dtype=self.dtype)
        inner = spread(g * self.w, self.sizes, self.linear)
        outer = g * pool(h * self.a, self.linear) * self.w * self._power(self.y, -p)
        slope = self._power(self.u.abs(), p - 2)
        found = (p - 1) * (h * slope * inner - self.a * spread(outer, self.sizes, self.linear))
        return (found / self.scale).to(self.dtype)
