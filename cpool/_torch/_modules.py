"""Pooling layers as modules, made from the functions: those of `torch.nn`, and cpool's own beside them.

A class with the name of one of `torch.nn` is derived from it, so that whatever looks for it finds it.
Arguments that are learned become parameters of the module.
"""

import inspect

import torch
from torch import nn

import cpool

from .._factory import compiled
from .._lazy import layer_called
from .._numbered import listed
from .._texts import wrapped
from . import _adaptive, _general, _others, _unpool, _windows
from ._names import differentiable

FUNCTIONS = {
    name: getattr(module, name) for module in (_windows, _adaptive, _unpool) for name in module.__all__
} | _others.FUNCTIONS
_ACRONYMS = {
    "RoiPool": "RoIPool", "RoiAlign": "RoIAlign", "PsRoiPool": "PSRoIPool", "PsRoiAlign": "PSRoIAlign",
    "PrroiPool": "PrRoIPool", "KmaxPool": "KMaxPool",
}
_TEXT = """{summary}

Its arguments are those of the function{but}.{learned}

Examples
--------
>>> import torch
>>> import cpool.torch
>>> layer = cpool.torch.{name}({init})
>>> layer({call}){first}.shape
torch.Size({shape})
"""


class _Pool(nn.Module):
    """A module of nothing but arguments: `_shown` are their names."""

    def extra_repr(self):
        return ", ".join(f"{name}={_brief(getattr(self, name))}" for name in self._shown)


def _brief(value):
    if isinstance(value, torch.Tensor):
        return repr(value.item()) if value.dim() == 0 else f"({', '.join(map(str, value.shape))})"
    return repr(value)


def _set(module, given, learned):
    for name, value in given.items():
        if name in learned and value is not None:
            value = torch.as_tensor(value)
            value = value if value.is_floating_point() else value.to(torch.get_default_dtype())
            value = nn.Parameter(value.detach().clone())
        setattr(module, name, value)


def _initialiser(base, parameters, learned):
    """``__init__`` with these parameters; what the base class takes goes there."""
    theirs = () if base is _Pool else tuple(inspect.signature(base.__init__).parameters)[1:]

    def run(self, *values):
        given = dict(zip((p.name for p in parameters), values, strict=True))
        # what PyTorch does not know as padding is put in place afterwards
        padding = given.get("padding", 0)
        plain = isinstance(padding, int) or base is not nn.AvgPool1d
        base.__init__(self, **{n: given[n] if n != "padding" or plain else 0 for n in theirs})
        _set(self, {n: v for n, v in given.items() if n not in theirs}, learned)
        if not plain:
            self.padding = padding
    names = ", ".join(["self", *(p.name for p in parameters)])
    return compiled(f"self, {listed(parameters)}".removesuffix(", "), names)(run)


def _forward(function, own, trains):
    """``forward`` of the input and of all arguments of the function that are not the layer's own."""
    options = inspect.signature(function).parameters
    rest = [p for name, p in options.items() if name not in (*own, "training")]
    call = []
    for name, p in options.items():
        value = f"self.{name}" if name in own or (name == "training" and trains) else name
        call.append(f"{name}={value}" if p.kind is p.KEYWORD_ONLY else value)
    return compiled(f"self, {listed(rest)}", ", ".join(call))(function)


def _made(function_name, name):
    function = FUNCTIONS[function_name]
    base = getattr(nn, name, _Pool)
    layer = getattr(cpool, name.replace("LP", "Lp"))
    stored = {_others.RENAMED.get(n, n) for n in inspect.signature(layer).parameters}
    stored |= {"dim"} if name == "KMaxPool" else set()
    options = inspect.signature(function).parameters
    trains = "training" in options and "training" in stored
    parameters = [p for n, p in options.items() if n in stored and n != "training"]
    if base is not _Pool:           # in PyTorch's order, then cpool's own
        theirs = inspect.signature(base).parameters
        more = [p.replace(kind=p.KEYWORD_ONLY) for p in parameters if p.name not in theirs]
        parameters = [*(p.replace(annotation=p.empty) for p in theirs.values()), *more]
    elif name.startswith("MinPool"):         # the order of nn.MaxPool
        parameters.sort(key=lambda p: p.name == "ceil_mode")
    own = tuple(p.name for p in parameters if p.name in options)
    learned = [n for n in own if n in differentiable(function_name)]
    space = {"__init__": _initialiser(base, parameters, learned), "forward": _forward(function, own, trains),
             "__doc__": _document(name, function_name, base, learned, trains), "_shown": own}
    if base is not _Pool:           # of layers that `replace` has swapped
        space |= {p.name: p.default for p in parameters if p.name not in theirs}
    for each in ("__init__", "forward"):
        space[each].__name__, space[each].__qualname__ = each, f"{name}.{each}"
    return type(name, (base,), space)


def _document(name, function, base, learned, trains):
    sizes, forward, init, shape = _others.example(function)
    summary = f"`cpool.torch.{function}` as a module."
    if base is not _Pool:
        summary = f"`torch.nn.{name}` by way of `cpool.torch.{function}`."
    x = f"torch.ones({sizes}, dtype=torch.int32)" if "mode_pool" in function else f"torch.rand({sizes})"
    but = " but the arrays, which a call takes" if forward else ""
    if trains:
        but += "; it draws while it is in training mode" if but else ", and it draws while in training mode"
    text = f"\n\nParameters of the module, to be learned: {', '.join(learned)}." if learned else ""
    return wrapped(_TEXT.format(
        summary=summary, but=but, learned=text, name=name, init=init, shape=list(shape),
        first="[0]" * (function in _general.SEVERAL), call=x + (f", {forward}" if forward else "")))


def called(function):
    """The name of the layer of a function."""
    name = layer_called(function)
    return _ACRONYMS.get(name, name.replace("Lp", "LP") if "LpPool" in name else name)


LAYERS = {called(name): _made(name, called(name)) for name in FUNCTIONS}
__all__ = sorted(LAYERS)
globals().update(LAYERS)
