"""One definition for 1, 2 and 3 dimensions.

A function ``name_pool(nd, x, ...)`` becomes ``name_pool1d(x, ...)``, ``2d`` and ``3d``. Its docstring holds
``{word}`` for what depends on the dimensions: see `_texts.words`, and `_words` here.
"""

import inspect
from functools import partial

from . import _texts
from ._execute import DEFAULT_FORMAT
from ._factory import compiled, named

SHARED = {
    "x": _texts.X["sized"],
    "data_format": _texts.DATA_FORMAT["sized"],
    "axis": _texts.AXIS["sized"],
    "out": _texts.OUT["plain"],
    "out pair": _texts.OUT["pair"],
    "raises": """TypeError
    If an argument is of the wrong kind: a dtype that is not accepted, a float or a bool for an int.
ValueError
    If an argument has a value that is not accepted.
MemoryError
    If the result cannot fit the memory of this machine.""",
    "gradient raises": """TypeError
    If an array is not floating, `grad_output` has another dtype than the forward result, or an argument is
    of the wrong kind.
ValueError
    If `grad_output` has the wrong shape, or an argument has a value that is not accepted.""",
    "tangent raises": """TypeError
    If an array is not floating, `tangent` has another dtype than `x`, or an argument is of the wrong kind.
ValueError
    If `tangent` has the wrong shape, or an argument has a value that is not accepted.""",
    "adjoint": """The forward-mode derivative: its product with any gradient of the result is that of the
tangent with what `{forward}_backward` makes of this gradient.""",
    "grad_output": """grad_output : array_like
    Gradient with respect to the result of `{forward}`, of its shape and dtype.""",
    "tangent": """tangent : array_like
    Direction in which `x` changes, of its shape and dtype.""",
}


class template:
    """Marks a function as a definition: its docstring is not one yet."""

    def __init__(self, function):
        self.function = function


def name_of(function, nd):
    """The name for `nd` dimensions: "max_pool2d_backward" of "max_pool_backward"."""
    stem, _, action = function.partition("pool")
    return f"{stem}pool{nd}d{action}"


def numbered(*templates, more=None):
    """The functions for 1, 2 and 3 dimensions by name; `more` gives words for a number of dimensions."""
    found = {}
    for each in templates:
        function = each.function
        parameters = list(inspect.signature(function).parameters.values())[1:]
        make = compiled(listed(parameters), handed_on(parameters))
        text = _texts.docstring(function)
        for nd in 1, 2, 3:
            name = name_of(function.__name__, nd)
            words = SHARED | _words(name, nd) | (more(nd) if more else {})
            found[name] = named(make(partial(function, nd)), name, documented(text, words))
    return found


def _words(name, nd):
    forward = name.removesuffix("_backward").removesuffix("_jvp")
    return _texts.words("windowed", nd) | {"name": name, "forward": forward}


def documented(text, words):
    """A docstring with its words filled in."""
    for _ in range(3):  # words in words
        text = _texts.fill(text, words)
    return _texts.shown(text)


def listed(parameters):
    """Parameters as the text of an argument list."""
    parts = []
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = "DEFAULT_FORMAT" if p.default is DEFAULT_FORMAT else repr(p.default)
        parts.append(p.name if p.default is p.empty else f"{p.name}={default}")
    return ", ".join(parts)


def handed_on(parameters):
    """The same parameters as the text of a call."""
    return ", ".join(f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else p.name for p in parameters)
