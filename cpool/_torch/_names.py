"""What the names and arguments of cpool's functions say of them."""

import inspect
import re
from functools import cache

import cpool

from .._lazy import WHOLE

_NAME = re.compile(r"(adaptive_|global_)?(\w+?)_pool(?:(\d)d)?")
_KINDS = {"adaptive_": "adaptive", "global_": "global", None: "windowed"}
# made by one definition: their gradients are always a tuple of all
_ALL = {pool.removesuffix("_pool") for pools in WHOLE.values() for pool in pools} | {"prroi"}


@cache
def parsed(name):
    """Kind, operator and number of spatial axes: ("adaptive", "lse", 2) of "adaptive_lse_pool2d"."""
    found = _NAME.fullmatch(name)
    if found is None:                   # roi_align, pool_pyramid
        return "other", name, 0
    kind, stem, nd = found.groups()
    return _KINDS[kind], stem, int(nd or 0)


@cache
def parameters(name):
    """The parameters of a function of cpool by name."""
    return inspect.signature(getattr(cpool, name)).parameters


@cache
def differentiable(name):
    """The arguments for which a function has a derivative, the input first; none if it has no derivative."""
    if not hasattr(cpool, f"{name}_jvp"):
        return ()
    tangents = [p for p in parameters(f"{name}_jvp") if p.endswith("_tangent")]
    return ("x", *(p.removesuffix("_tangent") for p in tangents))


def by_name(name, gradients, given):
    """What ``..._backward`` returned, by the names of arguments; `given` are those of the call."""
    if not isinstance(gradients, tuple):
        return {"x": gradients}
    names = differentiable(name)
    if parsed(name)[1] not in _ALL:
        names = [n for n in names if n == "x" or given.get(n) is not None]
    return dict(zip(names, gradients, strict=True))
