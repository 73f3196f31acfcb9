"""Operators that are curved, in operations that PyTorch differentiates: for derivatives beyond the first.

`formula` gives the definition of a call on the windows laid out side by side. It takes the memory of all
taps, which the kernels do not; values and first derivatives of eager calls never come from here.
"""

import torch

from .._geometry import _window_axis
from ._names import parsed
from ._operators import _each

_FILL = {"lse": float("-inf"), "stochastic": 0.0}      # of empty windows; NaN for the others


def formula(call):
    """The function of the tensors of a call, which returns a tuple; None if its Jacobian is constant."""
    if call.name in _SEQUENCES:
        definition = _SEQUENCES[call.name]
        if call.name == "segment_pool" and dict(call.given).get("op") not in ("std", "lse") \
                and "weights" not in call.tensors:
            return None
    else:
        _, stem, _ = parsed(call.name)
        definition = _pooled if stem in _DEFINITIONS else None
        if stem == "stochastic" and dict(call.given).get("training", True):
            return None
    if definition is None:
        return None

    def pure(*tensors):
        given = dict(call.given) | dict(zip(call.tensors, tensors, strict=True))
        dtype = tensors[0].dtype
        wide = {n: t.float() if isinstance(t, torch.Tensor) and t.is_floating_point() and t.dtype.itemsize < 4
                else t for n, t in given.items()}
        return (definition(call, **wide).to(dtype),)
    return pure


def _number(value, like):
    return value.to(like.dtype) if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=like.dtype)


# ---- windows ----


def _places(call, sizes, given):
    """For each spatial axis the positions of the taps of every window, and whether they are there."""
    kind, _, nd = parsed(call.name)
    if kind == "windowed":
        kernel, dilation = _each(given["kernel_size"], nd), _each(given.get("dilation", 1), nd)
        stride, padding = given.get("stride"), given.get("padding", 0)
        stride = kernel if stride is None else _each(stride, nd)
        padding = (0,) * nd if padding == "valid" else _each(padding, nd)
        for i, n in enumerate(sizes):
            pad = padding[i] if isinstance(padding[i], (str, tuple)) else (padding[i],) * 2
            ceil = given.get("ceil_mode", False)
            axis = _window_axis(i, n, kernel[i], stride[i], pad, dilation[i], ceil)
            taps = torch.arange(axis.out)[:, None] * axis.stride - axis.lo
            taps = taps + torch.arange(axis.kernel) * axis.dilation
            yield taps.clamp(0, n - 1), (taps >= 0) & (taps < n)
    else:
        outs = (1,) * len(sizes) if kind == "global" else _each(given["output_size"], nd)
        for n, out in zip(sizes, outs, strict=True):
            o = torch.arange(n if out is None else out)
            start, stop = o * n // len(o), -(-(o + 1) * n // len(o))
            taps = start[:, None] + torch.arange(int((stop - start).max()) if len(o) else 1)
            yield taps.clamp(max=n - 1), taps < stop[:, None]


def _laid_out(t, places):
    """The taps of all windows as one last axis."""
    nd = len(places)
    first = t.dim() - nd
    for i in reversed(range(nd)):
        taps, _ = places[i]
        t = t.index_select(first + i, taps.flatten()).unflatten(first + i, taps.shape)
    outs = [first + 2 * i for i in range(nd)]
    return t.permute(*range(first), *outs, *(i + 1 for i in outs)).flatten(first + nd)


def _pooled(call, x, mask=None, nan_policy="propagate", spatial_ndim=None, keepdims=False, **own):
    _, stem, nd = parsed(call.name)
    nd = spatial_ndim or nd
    places = list(_places(call, x.shape[-nd:], own))
    w = _laid_out(x, places)
    on = torch.ones((), dtype=torch.bool)
    for i, (_, there) in enumerate(places):
        shape = [1] * 2 * nd
        shape[i], shape[nd + i] = there.shape
        on = on & there.reshape(shape)
    on = on.flatten(nd).expand(w.shape)
    if mask is not None:
        on = on & _laid_out(mask.expand(x.shape) != 0, places)
    if nan_policy == "omit":
        on = on & (w == w)
    empty = ~on.any(-1)
    on = on | (empty[..., None] & (torch.arange(w.shape[-1]) == 0))
    w = w.where(on, 0)

    def by_channel(p, taps=0, rest=()):
        """A parameter for all channels or for each, as it broadcasts to the windows."""
        p = _number(p, w)
        p = p.flatten(p.dim() - taps) if taps else p
        p = p.unflatten(-1, rest) if rest else p
        if p.dim() > bool(taps) + bool(rest):
            p = p.reshape(p.shape[0], *(1,) * nd, *p.shape[1:])
        return p

    if "logits" in own:
        own["logits"] = _laid_out(own["logits"].expand(x.shape), places)
    for name in "kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size":
        own.pop(name, None)
    y = _DEFINITIONS[stem](w, on, by_channel, nd=nd, **own)
    y = torch.where(empty, _FILL.get(stem, float("nan")), y)
    if parsed(call.name)[0] == "global" and not keepdims:
        y = y.flatten(x.dim() - nd).squeeze(-1)
    return y


# ---- definitions ----


def _mean(w, on):
    return w.where(on, 0).sum(-1) / on.sum(-1)


def _weights(z, on):
    return z.where(on, float("-inf")).softmax(-1)


def _mixture(w, on, share):
    most = w.where(on, float("-inf")).max(-1).values
    return share * most + (1 - share) * _mean(w, on)


def _lse(w, on, rate, count=None):
    """log(mean(exp(rate w))) / rate, with the mean over `count` elements; about 0 by its first terms."""
    count = on.sum(-1) if count is None else count
    mean = _mean(w, on)
    off = (w - mean[..., None]).where(on, 0)
    none = torch.where(rate == 0, rate, 0.0)
    near = mean + none * (off ** 2).sum(-1) / count / 2 + none ** 2 * (off ** 3).sum(-1) / count / 6
    plain = (rate != 0) & torch.isfinite(rate)
    some = torch.where(plain, rate, 1.0)
    z = (some[..., None] * w).where(on, float("-inf"))
    y = torch.where(plain, (z.logsumexp(-1) - count.log()) / some, near)
    y = torch.where(rate == float("inf"), w.where(on, float("-inf")).max(-1).values, y)
    return torch.where(rate == float("-inf"), w.where(on, float("inf")).min(-1).values, y)


def _softmax(w, on, t):
    plain = (t != 0) & torch.isfinite(t)
    some = torch.where(plain, t, 1.0)
    y = (_weights(w / some[..., None], on) * w).sum(-1)
    largest = w.where(on, float("-inf")).max(-1).values
    return torch.where(plain, y, torch.where(t == 0, largest, _mean(w, on)))


def _learned_norm(w, on, p, c):
    off = (w - c[..., None]).abs()
    some = on & (off > 0)
    zero = ~some.any(-1)
    some = some | (zero[..., None] & (torch.arange(w.shape[-1]) == 0))
    y = _lse(torch.where(some & (off > 0), off, 1.0).log(), some, p, on.sum(-1)).exp()
    return torch.where(zero, 0.0, y)


def _tree(w, gates, leaves):
    gate = (gates * w[..., None, :]).sum(-1).sigmoid()
    value = [None] * gate.shape[-1] + list((leaves * w[..., None, :]).sum(-1).unbind(-1))
    for i in reversed(range(gate.shape[-1])):
        value[i] = gate[..., i] * value[2 * i + 1] + (1 - gate[..., i]) * value[2 * i + 2]
    return value[0]


def _detail(w, on, by, nd, alpha=0.0, lam=1.0, eps=1e-3, filter=None, symmetric=True):
    smooth = _mean(w, on) if filter is None else (by(filter, nd) * w).sum(-1)
    off = w - smooth[..., None]
    off = off if symmetric else off.clamp(min=0)
    rise = (off ** 2 + max(eps, 1e-150) ** 2) ** (by(lam)[..., None] / 2)
    weights = (by(alpha)[..., None] + rise).where(on, 0)
    return (weights * w).sum(-1) / weights.sum(-1)


def _ordinal(w, on, weights):
    order = torch.sort(w.where(on, float("-inf")), dim=-1, descending=True, stable=True).indices
    return (weights * w.gather(-1, order).where(on.gather(-1, order), 0)).sum(-1)


def _variance(w, on, correction=0, weights=None):
    """sum(weights (w - mean)^2) / (sum(weights) - correction), and 0 with no slope where all are equal."""
    weights = on.to(w.dtype) if weights is None else weights
    total = weights.sum(-1)
    off = w - ((weights * w).sum(-1) / total)[..., None]
    squares = (weights * off ** 2).sum(-1)
    flat = w.where(on, float("inf")).amin(-1) == w.where(on, float("-inf")).amax(-1)
    divisor = torch.where(flat, 1.0, total - correction)
    return torch.where(flat, 0.0, squares / torch.where(divisor > 0, divisor, float("nan")))


def _root(variance):
    zero = variance == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, variance).sqrt())


def _expected(w):
    w = w.clamp(min=0)
    total = w.sum(-1)
    return (w ** 2).sum(-1) / torch.where(total == 0, 1.0, total)


_DEFINITIONS = {
    "lse": lambda w, on, by, nd, r=1.0: _lse(w, on, by(r)),
    "soft": lambda w, on, by, nd: (_weights(w, on) * w).sum(-1),
    "softmax": lambda w, on, by, nd, temperature=1.0: _softmax(w, on, by(temperature)),
    "lip": lambda w, on, by, nd, logits: (_weights(logits, on) * w).sum(-1),
    "gem": lambda w, on, by, nd, p=3.0, eps=1e-6: _lse(w.clamp(min=max(eps, 1e-300)).log(), on, by(p)).exp(),
    "learned_norm": lambda w, on, by, nd, p=2.0, c=0.0: _learned_norm(w, on, by(p), by(c)),
    "mixed": lambda w, on, by, nd, alpha=0.5: _mixture(w, on, by(alpha)),
    "gated": lambda w, on, by, nd, gate, bias=0.0: _mixture(
        w, on, ((by(gate, nd) * w).sum(-1) + by(bias)).sigmoid()),
    "tree": lambda w, on, by, nd, gates, leaves: _tree(
        w, *(by(t, nd + 1, (t.shape[-nd - 1], -1)) for t in (_number(gates, w), _number(leaves, w)))),
    "detail": _detail,
    "ordinal": lambda w, on, by, nd, rank_weights: _ordinal(w, on, by(rank_weights, 1)),
    "var": lambda w, on, by, nd, correction=0: _variance(w, on, correction),
    "std": lambda w, on, by, nd, correction=0: _root(_variance(w, on, correction)),
    "stochastic": lambda w, on, by, nd, training: _expected(w),
}


# ---- sequences ----


def _rows(offsets):
    offsets = torch.tensor(offsets)
    lengths = offsets.diff()
    taps = offsets[:-1, None] + torch.arange(max(int(lengths.max()), 1) if len(lengths) else 1)
    return taps, taps < offsets[1:, None]


def _by_head(t, width):
    """Weights or scores of shape (..., tokens[, heads]) as (..., tokens, width)."""
    return t.repeat_interleave(width // t.shape[-1], -1)


def _taking_part(x, mask, lengths):
    on = torch.ones(x.shape[:-1], dtype=torch.bool)
    if mask is not None:
        on = mask.expand(on.shape) != 0
    elif lengths is not None:
        on = torch.arange(x.shape[-2]) < torch.as_tensor(lengths)[..., None]
    return on.expand(x.shape[:-1])[..., None].expand(x.shape).movedim(-2, -1)


def _headed(weights, x):
    """Weights of tokens, as they are laid out for each feature: (..., width, tokens)."""
    weights = _number(weights, x)
    weights = weights[..., None] if weights.dim() < x.dim() else weights
    return _by_head(weights, x.shape[-1]).movedim(-2, -1)


def _attention(call, x, scores=None, mask=None, query=None, scale=1.0, lengths=None, empty=None,
               return_weights=False):
    if scores is None:
        query = _number(query, x)
        heads = query.reshape(-1, x.shape[-1]) if query.dim() == 1 else query
        scores = scale * (x.unflatten(-1, (heads.shape[0], -1)) * heads.reshape(heads.shape[0], -1)).sum(-1)
    on, w = _taking_part(x, mask, lengths), x.movedim(-2, -1)
    weights = _headed(scores, x).where(on, float("-inf")).softmax(-1)
    mean = (weights * w.where(on, 0)).sum(-1)
    if call.name == "attention_pool":
        return mean
    return torch.cat([mean, _root(_variance(w.where(on, 0), on, 0, weights))], -1)


def _stats(call, x, mask=None, lengths=None, weights=None, correction=0, empty=None):
    on = _taking_part(x, mask, lengths)
    w = x.movedim(-2, -1).where(on, 0)
    weights = on.to(x.dtype) if weights is None else _headed(weights, x).where(on, 0)
    single = on.sum(-1) == 1
    mean = (weights * w).sum(-1) / weights.sum(-1)
    return torch.cat([mean, torch.where(single, 0.0, _root(_variance(w, on, correction, weights)))], -1)


def _segments(call, x, offsets=None, op="sum", lengths=None, weights=None, correction=0, empty=None, **_):
    if offsets is None:
        offsets = torch.nn.functional.pad(torch.as_tensor(lengths).cumsum(0), (1, 0))
    taps, on = _rows(tuple(torch.as_tensor(offsets).tolist()))
    flat = x.reshape(len(x), -1)

    def laid(t):
        return t.index_select(0, taps.clamp(max=max(len(x) - 1, 0)).flatten()).unflatten(0, taps.shape) \
            .movedim(1, -1)
    w, on = laid(flat), on[:, None].expand(len(taps), flat.shape[1], -1)
    some = on.any(-1)
    on = on | (~some[..., None] & (torch.arange(on.shape[-1]) == 0))
    w = w.where(on, 0)
    if weights is None:
        weights = on.to(x.dtype)
    else:
        weights = _number(weights, x)
        weights = _by_head(weights[:, None] if weights.dim() == 1 else weights, flat.shape[1])
        weights = laid(weights).where(on, 0)
        if op != "sum":
            some = some & (weights.sum(-1) > 0)
            weights = weights.where(some[..., None], 1)
    if op == "lse":
        y = w.where(on, float("-inf")).logsumexp(-1)
    elif op == "std":
        y = _root(_variance(w, on, correction, weights))
        y = torch.where(on.sum(-1) == 1, 0.0, y)
    else:
        y = (weights * w).sum(-1) / (weights.sum(-1) if op == "mean" else 1)
    fill = empty if empty is not None else 0.0 if op == "sum" else float("nan")
    return torch.where(some, y, fill).reshape(len(taps), *x.shape[1:])


# ---- precise regions ----


def _ramp(n, at):
    """The integral of the hats around 0 to n - 1 up to each place."""
    t = (at[..., None] - torch.arange(n)).clamp(-1, 1)
    return torch.where(t < 0, (t + 1) ** 2 / 2, 1 - (1 - t) ** 2 / 2)


def _precise(call, x, boxes, output_size, spatial_scale=1.0, batch_indices=None):
    boxes = _number(boxes, x)
    if batch_indices is None:
        batch_indices, boxes = boxes[:, 0], boxes[:, 1:]
    planes = x[torch.as_tensor(batch_indices).long()] if x.dim() > 3 else x.expand(len(boxes), *x.shape)
    x1, y1, x2, y2 = (boxes * spatial_scale).unbind(-1)
    shares, sizes = [], []
    for start, stop, n, out in zip((y1, x1), (y2, x2), x.shape[-2:], _each(output_size, 2), strict=True):
        edges = start[:, None] + (stop - start)[:, None] * torch.arange(out + 1) / out
        shares.append(_ramp(n, edges).diff(dim=1))
        sizes.append((stop - start) / out)
    area = sizes[0] * sizes[1]
    flat = ~((sizes[0] > 0) & (sizes[1] > 0))
    area, flat = (t[:, None, None, None] for t in (torch.where(flat, 1.0, area), flat))
    return torch.where(flat, 0.0, torch.einsum("kchw,koh,kpw->kcop", planes, *shares) / area)


_SEQUENCES = {
    "attention_pool": _attention, "attentive_stats_pool": _attention, "stats_pool": _stats,
    "segment_pool": _segments, "prroi_pool": _precise,
}
