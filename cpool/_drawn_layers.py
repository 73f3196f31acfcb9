"""Layers of fractional pooling and S3Pool, made from their functions."""

import inspect

from . import _arguments, _layer, _numbered, _texts, functional
from ._execute import DEFAULT_FORMAT
from ._fractional import nested, sized
from ._lazy import layer_called

MODULE = "cpool.layers"
_ARRAYS = ("x", "out", "return_samples", "return_positions")


class _Sampling(_layer.Layer):
    """A layer whose windows are drawn in every call, unless it has been given them: it keeps the samples."""

    def __call__(self, x):
        """Pool `x` and keep what was drawn."""
        x = _arguments.as_array(x)
        arguments = self._call_arguments()
        if self.boundaries is not None:
            values, found = self.forward_function(x, **arguments), {}
        else:
            values, samples = self.forward_function(x, return_samples=True, **arguments)
            found = {"random_samples": samples}
        vars(self)["_last"] = self._kept(x), found
        return values

    def backward(self, grad_output):
        kept, found = self._previous()
        arguments = self._call_arguments()
        if found:
            del arguments["rng"]
        return self.backward_function(grad_output, self._input(kept), **arguments | found)


class _Choosing(_layer.Selecting):
    """A layer that keeps the indices of the elements it has selected."""


class _Training(_Choosing):
    """The same, with a form to test with, which has to keep the input."""

    def __call__(self, x):
        """Pool `x` and keep the indices; with ``training=False`` the input."""
        if _arguments.flag(self.training, "training"):
            return super().__call__(x)
        x = _arguments.as_array(x)
        vars(self)["_last"] = x, (), None
        return self.forward_function(x, **self._call_arguments())

    def backward(self, grad_output):
        if self._last is None or self._last[-1] is not None:
            return super().backward(grad_output)
        arguments = self._call_arguments() | {"training": False}
        return self.backward_function(grad_output, self._last[0], **arguments)


for _class in _Sampling, _Training:
    _class.backward.__doc__ = _layer.Layer.backward.__doc__


def _layer_of(pool, base, nd, text, words):
    forward = _numbered.name_of(pool, nd)
    name = layer_called(forward)
    function = getattr(functional, forward)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name not in _ARRAYS]
    init = _initialiser(_numbered.listed(parameters), ", ".join(f"{p.name}={p.name}" for p in parameters))
    arguments = _texts.heads([p.name for p in parameters])
    words = words | {"layer": name, "forward": forward, "arguments": arguments}
    return name, type(name, (base,), {
        "__module__": MODULE,
        "__doc__": _numbered.documented(inspect.cleandoc(text), words),
        "__init__": init,
        "forward_function": staticmethod(function),
        "backward_function": staticmethod(getattr(functional, forward + "_backward")),
    })


def _initialiser(arguments, call):
    source = f"def __init__(self, {arguments}):\n    start(self, {call})\n"
    space = {"DEFAULT_FORMAT": DEFAULT_FORMAT, "start": _layer.Layer.__init__, "__name__": MODULE}
    exec(compile(source, f"<{MODULE}>", "exec"), space)
    return space["__init__"]


_MAX = """Take the maximum of {nd}-D windows that lie at random distances.

Parameters
----------
{arguments}
    The arguments of `{forward}`.

Notes
-----
Windows are drawn anew in every call, unless the arguments fix them. Until the next call the layer keeps the
indices and the shape of the input.

Examples
--------
>>> import cpool
>>> layer = cpool.{layer}({two}, {four}, random_samples={u})
>>> layer({row}).ravel()
array([5., 4., 3., 6.])
>>> layer.backward({gradient}).ravel()
array([0., 1., 0., 2., 3., 0., 4.])
"""
_AVG = """Take the average of {nd}-D windows that lie at random distances.

Parameters
----------
{arguments}
    The arguments of `{forward}`.

Notes
-----
Windows are drawn anew in every call, unless the arguments fix them. Until the next call the layer keeps the
samples and the shape of the input.

Examples
--------
>>> import cpool
>>> layer = cpool.{layer}({two}, {four}, random_samples={u})
>>> layer({row}).ravel()
array([3. , 3. , 1.5, 3. ])
>>> layer.backward({gradient}).ravel()
array([0.5, 0.5, 1. , 1. , 1.5, 3.5, 2. ])
"""
_S3 = """Take {nd}-D maxima at stride 1 and keep a random choice of their rows and columns.

Parameters
----------
{arguments}
    The arguments of `{forward}`.

Notes
-----
Positions are drawn anew in every call, unless the arguments fix them. Until the next call the layer keeps the
indices and the shape of the input, or, with ``training=False``, the input itself. `training` can be set.

Examples
--------
>>> import cpool
>>> layer = cpool.{layer}({two}, grid_size={s four}, positions={positions})
>>> layer({s row}).ravel()
array([5., 5.])
>>> layer.backward({s gradient}).ravel()
array([0., 3., 0., 0.])
>>> layer.training = False
>>> layer({s row}).ravel()
array([5., 3.])
"""


def _words(nd):
    zeros = "[0], " * (nd - 1)
    return {
        "nd": str(nd), "two": sized(nd, 2), "four": sized(nd, 4),
        "row": nested(nd, "1.0, 5.0, 2.0, 4.0, 3.0, 0.0, 6.0"),
        "u": {1: "[0.5]", 2: "[0.5, 0.0]", 3: "[0.0, 0.0, 0.5]"}[nd],
        "gradient": nested(nd, "1.0, 2.0, 3.0, 4.0"), "s row": nested(nd, "1.0, 5.0, 2.0, 3.0"),
        "s four": sized(nd, 4), "s gradient": nested(nd, "1.0, 2.0"),
        "positions": "[0, 1]" if nd == 1 else f"({zeros}[0, 1])",
    }


LAYERS = dict(
    _layer_of(pool, base, nd, text, _words(nd))
    for pool, base, text in (
        ("fractional_max_pool", _Choosing, _MAX), ("fractional_avg_pool", _Sampling, _AVG),
        ("s3_pool", _Training, _S3))
    for nd in (1, 2, 3)
)
globals().update(LAYERS)
__all__ = sorted(LAYERS)
