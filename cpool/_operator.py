"""What an operator that needs its whole window is, and the argument lists of its functions.

An operator is written once, as a function of its own arguments with a numpydoc docstring::

    @operator(accepts=FLOATS, learned={"p": 0}, ...)
    def gem_pool(problem, p, *, eps=1e-6):
        \"\"\"Take the generalised mean {over}. ...\"\"\"
        return Task("gem", (...))

From this come ``gem_pool1d``, ``2d``, ``3d``, ``adaptive_gem_pool1d``, ``2d``, ``3d`` and
``global_gem_pool``, for each of these ``..._backward`` and ``..._jvp`` (`_factory`), and layers
(`_whole_layers`). What they have in common, the other arguments and what is said of them, is here, in
`_texts` and `_documents`; `_panels` runs them.
"""

import inspect
from typing import NamedTuple

from . import _arguments, _lazy, _texts

GEOMETRY = {
    "windowed": "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False",
    "adaptive": "output_size",
    "global": "spatial_ndim=None, keepdims=False",
}


class Example(NamedTuple):
    """What the operator makes of 1, 2, 4 and 3 in one window, as text that `repr` gives.

    Attributes
    ----------
    value : str
        The result.
    gradient : str, optional
        Its gradient (of x) times 10.
    tangent : str, optional
        Its derivative along x itself.
    lead, options : str, optional
        The operator's own arguments as the call has them, the first before the window's: "3.0, " and
        ", q=0.25".
    setup : tuple of str, optional
        Lines before the call.
    x : tuple of str, optional
        Other numbers than these.
    """

    value: str
    gradient: str = ""
    tangent: str = ""
    lead: str = ""
    options: str = ""
    setup: tuple = ()
    x: tuple = ("1.0", "2.0", "4.0", "3.0")


class Operator(NamedTuple):
    """All that is known of an operator.

    Attributes
    ----------
    pool : str
        Its name, "median_pool".
    task : function
        From a `_panels.Problem` and the operator's own arguments to a `_panels.Task`.
    accepts : container of str
        Accepted dtypes of x.
    integers : str
        The dtype of results from integers: see `_arguments.result_dtype`.
    casts : bool
        Whether there is a `dtype` argument.
    flag : str or None
        The argument that asks for a second result: "return_indices" or "return_counts".
    second : str or None
        Which of its own arguments is an array that is pooled alongside x.
    second_like : {"x", "output"}
        Whose shape that broadcasts to.
    learned : dict
        Which of its own arguments are parameters to learn, and their places in ``Task.params``.
    differentiable : bool
        Whether it has a gradient.
    kinds : tuple of str
        "windowed", "adaptive", "global": which of these there are.
    draws : bool
        Whether it draws elements, which an array `indices` or `random_samples` can replay.
    prepared : bool
        Whether its kernel is prepared, for `_call` to keep.
    text : dict
        Sections of the docstring, and the words "dtypes", "nan", "found", "default dtype", "result dtype".
    example : Example
    """

    pool: str
    task: object
    lead: tuple
    keywords: tuple
    accepts: object
    integers: str
    casts: bool
    flag: str | None
    second: str | None
    second_like: str
    learned: dict
    differentiable: bool
    kinds: tuple
    draws: bool
    prepared: bool
    text: dict
    example: Example

    @property
    def name(self):
        """The name in messages: "median"."""
        return self.pool.removesuffix("_pool")

    def understood(self, problem, own):
        """The task that its own arguments, in the order of its definition, amount to."""
        count = len(self.lead)
        names = [name for name, _ in self.keywords]
        return self.task(problem, *own[:count], **dict(zip(names, own[count:], strict=True)))

    @property
    def forms(self):
        """Its kinds with their numbers of spatial axes."""
        return _lazy.forms(self.pool)

    def named(self, own):
        """Values of its own arguments by name."""
        return dict(zip((*self.lead, *(name for name, _ in self.keywords)), own, strict=True))

    def called(self, kind, nd, action=""):
        """The name of one of its functions."""
        return _lazy.called(self.pool, kind, nd, action)


def operator(
    *, example, words, accepts=_arguments.DTYPES, integers="same", casts=True, flag=None, second=None,
    second_like="x", learned=None, draws=False, prepared=False,
):
    """Make an `Operator` from a function of a problem and its own arguments; see the module.

    Arguments before ``*`` come before those of the windows and have no default; `second` is one of these.
    `_lazy` knows its name, in which forms it exists and whether it has a gradient.
    """

    def made(function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        lead = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
        keywords = tuple((p.name, p.default) for p in parameters if p.kind is p.KEYWORD_ONLY)
        text = _texts.sections(_texts.docstring(function)) | words
        pool = function.__name__
        return Operator(
            pool, function, lead, keywords, accepts, integers, casts, flag, second, second_like,
            learned or {}, _lazy.differentiable(pool), _lazy.kinds(pool), draws, prepared, text, example,
        )

    return made


# ---- signatures ----


def tangents(op):
    """The arguments of a jvp for everything but x."""
    names = ([op.second] if op.second and op.second_like == "x" else []) + list(op.learned)
    return tuple(f"{name}_tangent" for name in names)


def signature(op, kind, action):
    """The argument list of one of the functions, as text."""
    first = {"": ["x"], "_backward": ["grad_output", "x"], "_jvp": ["tangent", "x"]}[action]
    own = [f"{name}={default!r}" for name, default in op.keywords]
    if action == "_jvp":
        own += [f"{name}=None" for name in tangents(op)]
    if op.casts:
        own.append("dtype=None")
    layout = ["data_format=DEFAULT_FORMAT", "axis=None"]
    flag = [f"{op.flag}=False"] if op.flag else []
    index_dtype = ["index_dtype=None"] if op.flag else []
    rest = ["nan_policy='propagate'", "mask=None", "out=None"]
    if kind == "global":
        start = [*first, *op.lead]
        keywords = ["spatial_ndim=None", *layout, "keepdims=False", *flag, *index_dtype, *own, *rest]
    else:
        start = [*first, *op.lead, GEOMETRY[kind], *flag]
        keywords = [*own, *layout, *index_dtype, *rest]
    return f"{', '.join(start)}, *, {', '.join(keywords)}"


def layer_signature(op, kind):
    """The argument list of a layer, as text: all but the arrays."""
    arrays = ("x", op.second, "mask", "out", *(("random_samples", "indices") if op.draws else ()))
    return ", ".join(part for part in signature(op, kind, "").split(", ") if part.split("=")[0] not in arrays)


def layer_name(op, kind, nd):
    """The name of a layer: "MedianPool2d"."""
    return _lazy.layer_called(op.called(kind, nd))
