"""One operator that calls any function of cpool, with its derivatives, in each form that PyTorch asks for.

a) A `Call` says what to do: which function or derivative of it, with which tensors and other arguments.
b) The gradient is that of cpool, and so is the derivative along a tangent. They are each other's transposes:
   where a function is linear in its tensors, or piecewise so, this gives the derivatives of any order. Those
   of the others come from their definitions in `_formulas`.
c) As ``torch.ops.cpool.call`` it takes a list of tensors, the text of a `Call` and the numbers in this, which
   may be symbols.
d) bfloat16, which NumPy has not, is widened to float32 here, and results are rounded once.
"""

import ast
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch

import cpool

from ._forms import Forms
from ._formulas import formula
from ._names import by_name, differentiable, parsed
from ._shapes import shapes
from ._tensors import array, call, empty, tensor

SEVERAL = ("pool_pyramid", "strip_pool")         # which return lists
SPATIAL = ("x", "logits", "mask")


@dataclass(frozen=True)
class Call:
    """A call of a function of cpool.

    Attributes
    ----------
    name, action : str
        The function, and "", "_backward" or "_jvp".
    tensors : tuple of str
        Which of its arguments are tensors, the first of them "x".
    given : tuple of (str, object)
        The others.
    last : int
        How many spatial axes tensors with their channels last have; 0 if none
        has.
    """

    name: str
    action: str
    tensors: tuple
    given: tuple
    last: int

    @property
    def active(self):
        """The tensors that have a derivative."""
        return tuple(n for n in self.tensors if n in differentiable(self.name))


def run(this, *tensors):
    """Call cpool; a tuple of tensors."""
    own = tensors[len(tensors) - len(this.tensors):]
    before = tensors[:len(tensors) - len(own)]
    arrays = {n: _array(this, n, t) for n, t in zip(this.tensors, own, strict=True)}
    keywords = _collected(dict(this.given) | arrays)
    x = keywords.pop("x")
    if this.action == "_jvp":
        tangents = {n: _array(this, n, t) for n, t in zip(this.active, before, strict=True)}
        args = tangents.pop("x"), x
        keywords |= {f"{n}_tangent": t for n, t in tangents.items()}
    elif this.action:
        gradients = [_array(this, "x", g) for g in before]
        args = gradients if _several(this) else gradients[0], x
    else:
        args = (x,)
    found = call(getattr(cpool, this.name + this.action), args, keywords, bool(this.last))
    if this.action == "_backward":
        found = by_name(this.name, found, dict(this.given) | arrays)
        given = dict(zip(this.tensors, own, strict=True))
        return tuple(_gradient(this, n, found[n], given[n]) for n in this.active)
    found = found if isinstance(found, (tuple, list)) else (found,)
    narrow = own[0].dtype is torch.bfloat16
    found = [_tensor(a, this.last) for a in found]
    return tuple(t.bfloat16() if narrow and t.dtype is torch.float32 else t for t in found)


def _collected(given):
    """Arguments of which there is an array for each axis, "positions.0" and so on, put together."""
    found = {name: value for name, value in given.items() if "." not in name}
    for name, value in given.items():
        if "." in name:
            first = name.partition(".")[0]
            found[first] = (*found.get(first, ()), value)
    return found


def _several(this):
    return this.name in SEVERAL


def _spatial(this, name, t):
    return name in SPATIAL or (t.dim() > 0 and "stochastic" in this.name)


def _array(this, name, t):
    """The array of an argument; parameters in 16 bits are widened."""
    spatial = _spatial(this, name, t)
    if t.dtype is torch.bfloat16 or (t.dtype is torch.float16 and not spatial and name != "random_samples"):
        t = t.detach().float()
    return array(t, this.last, bool(this.last)) if spatial else array(t, 0, False)


def _tensor(a, last):
    return tensor(np.ascontiguousarray(a), last, bool(last))


def _gradient(this, name, a, like):
    if isinstance(a, np.ndarray) and name in SPATIAL:
        return _tensor(a.reshape(_shape(like, this.last)), this.last).to(like.dtype)
    return torch.from_numpy(np.array(a).reshape(like.shape)).to(like.dtype)


def _shape(t, last):
    shape = tuple(t.shape)
    channel = len(shape) - last - 1
    return (*shape[:channel], *shape[channel + 1:], shape[channel]) if last else shape


def fake(this, *tensors):
    """What `run` would return, without values."""
    own = tensors[len(tensors) - len(this.tensors):]
    given = dict(zip(this.tensors, own, strict=True))
    if this.action == "_backward":
        return tuple(_empty(own[0], given[n].shape, this.last if n in SPATIAL else 0, given[n].dtype)
                     for n in this.active)
    found = shapes(this.name, dict(this.given) | given, own[0])
    found = [(s, own[0].dtype if d is None else d) for s, d in found]
    if this.action:
        found = found if _several(this) else found[:1]
    return tuple(_empty(own[0], shape, this.last, dtype) for shape, dtype in found)


def _empty(like, shape, last, dtype):
    shape = tuple(shape)
    if not last:
        return like.new_empty(shape, dtype=dtype)
    return empty(like, shape[:-last], shape[-last:], True, dtype)


# ---- derivatives ----


def save(ctx, this, *args):
    """Keep what derivatives need."""
    *tensors, output = args
    ctx.this = this
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)
    if not this.action and not _several(this):
        ctx.mark_non_differentiable(*output[1:], *([] if this.active else output[:1]))


def backward(ctx, *gradients):
    """The gradients of all tensors."""
    this, tensors = ctx.this, ctx.saved_tensors
    gradients = gradients if this.action or _several(this) else gradients[:1]
    if not this.action:
        return _spread(this, tensors, apply(replace(this, action="_backward"), *gradients, *tensors))
    before, own = tensors[:len(tensors) - len(this.tensors)], tensors[len(tensors) - len(this.tensors):]
    pure = _pure(this)
    if pure is not None:
        active = [i for i, n in enumerate(this.tensors) if n in this.active]

        def function(*args):
            own_ = list(own)
            for i, t in zip(active, args[len(before):], strict=True):
                own_[i] = t
            return pure(*args[:len(before)], *own_)
        found = torch.func.vjp(function, *before, *(own[i] for i in active))[1](tuple(gradients))
        return (*found[:len(before)], *_spread(this, own, found[len(before):]))
    other = replace(this, action="_jvp" if this.action == "_backward" else "_backward")
    return (*apply(other, *gradients, *own), *(None for _ in own))


def _spread(this, tensors, found):
    found = dict(zip(this.active, found, strict=True))
    return tuple(found.get(n) for n in this.tensors)


def tangent(ctx, _, *tangents):
    """The derivatives of all results along tangents."""
    this, tensors = ctx.this, ctx.saved_tensors
    tangents = [torch.zeros_like(t) if d is None else d for d, t in zip(tangents, tensors, strict=True)]
    if not this.action:
        along = [d for d, n in zip(tangents, this.tensors, strict=True) if n in this.active]
        found = apply(replace(this, action="_jvp"), *along, *tensors)
        return found if _several(this) else (*found, *(None for _ in range(_more(this))))
    count = len(tensors) - len(this.tensors)
    pure = _pure(this)
    if pure is None:
        return apply(this, *tangents[:count], *tensors[count:])
    active = [i for i in range(len(tensors)) if i < count or this.tensors[i - count] in this.active]

    def function(*args):
        whole = list(tensors)
        for i, t in zip(active, args, strict=True):
            whole[i] = t
        return pure(*whole)
    return _along(function, [tensors[i] for i in active], [tangents[i] for i in active])


def _more(this):
    """How many results have no derivative."""
    given = dict(this.given)
    return sum(given.get(f"return_{what}", False) is True for what in ("indices", "counts", "weights"))


def _along(function, args, tangents):
    """The derivative along tangents by two transposes, which any function allows."""
    outputs, transpose = torch.func.vjp(function, *args)
    zeros = tuple(torch.zeros_like(y) for y in outputs)
    return torch.func.vjp(lambda *g: transpose(tuple(g)), *zeros)[1](tuple(tangents))


def _pure(this):
    """A call in PyTorch's own operations, of all its tensors; None if its Jacobian is constant."""
    first = formula(this)
    if first is None:
        return None
    active = [i for i, n in enumerate(this.tensors) if n in this.active]

    def some(own):
        def function(*args):
            whole = list(own)
            for i, t in zip(active, args, strict=True):
                whole[i] = t
            return first(*whole)
        return function, [own[i] for i in active]

    def backwards(*tensors):
        function, args = some(tensors[1:])
        return torch.func.vjp(function, *args)[1]((tensors[0],))

    def along(*tensors):
        function, args = some(tensors[len(active):])
        return _along(function, args, tensors[:len(active)])
    return {"": first, "_backward": backwards, "_jvp": along}[this.action]


# ---- forms ----


def _written(this, *tensors):
    """The arguments of the operator: numbers stand in lists of their own, and in the text their places."""
    sizes, numbers = [], []

    def text(value):
        if isinstance(value, (tuple, list)):
            return "(" + "".join([text(each) + "," for each in value]) + ")"
        if value is None or isinstance(value, (bool, str)):
            return repr(value)
        place, kept = ("s", sizes) if isinstance(value, (int, torch.SymInt)) else ("n", numbers)
        kept.append(value)
        return f"b'{place}{len(kept) - 1}'"
    fields = text((this.name, this.action, this.tensors, this.given, this.last))
    return list(tensors), fields, sizes, numbers


@cache
def _parsed(text):
    return ast.literal_eval(text)


def _read(tensors, text, sizes, numbers):
    """The call and its tensors."""
    def filled(value):
        if isinstance(value, bytes):
            return (sizes if value[:1] == b"s" else numbers)[int(value[1:])]
        return tuple([filled(each) for each in value]) if isinstance(value, tuple) else value
    return Call(*filled(_parsed(text))), *tensors


def _batched(info, in_dims, tensors, *rest):
    """The call for each entry of the mapped axis, or with one more axis in front if all goes by planes."""
    this, size = _read(tensors, *rest)[0], info.batch_size
    by_plane = this.tensors == ("x",) and (parsed(this.name)[2] or "spatial_ndim" in dict(this.given)) \
        and "random_samples" not in dict(this.given)
    if by_plane and size:
        moved = [t.unsqueeze(0).expand(size, *t.shape) if d is None else t.movedim(d, 0)
                 for t, d in zip(tensors, in_dims[0], strict=True)]
        output = _FORMS.op(moved, *rest)
    else:
        each = [[t if d is None else t.select(d, i) for t, d in zip(tensors, in_dims[0], strict=True)]
                for i in range(size)]
        output = [torch.stack(parts) for parts in zip(*(_FORMS.op(one, *rest) for one in each), strict=True)]
    return output, [0] * len(output)


def _plain(this, *tensors):
    """The call in PyTorch's own operations, or None."""
    pure = None if this.action or _more(this) else formula(this)
    return None if pure is None else pure(*tensors)


_FORMS = Forms(
    "call", "(Tensor[] tensors, str call, SymInt[] sizes, float[] numbers) -> Tensor[]", run, fake, save,
    backward, tangent, _batched, _written, _read, _plain,
)


def apply(this, *tensors):
    """The results of a call, as a tuple."""
    return tuple(_FORMS(tensors, this, *tensors))
