"""Public functions from one definition: the operators that need their whole window.

An operator is written once, as a function of its own arguments with a numpydoc docstring::

    @operator(accepts=FLOATS, learned={"p": 0}, ...)
    def gem_pool(problem, p, *, eps=1e-6):
        \"\"\"Take the generalised mean of every {nD}window. ...\"\"\"
        return Task("gem", (...))

From this come ``gem_pool1d``, ``2d``, ``3d``, ``adaptive_gem_pool1d``, ``2d``, ``3d`` and ``global_gem_pool``,
for each of these ``..._backward`` and ``..._jvp``, and (in `_whole_layers`) a layer. What they have in common is
here and in `_texts`: the other arguments and what is said of them. Execution is in `_panels`.

Signatures are real: functions are compiled from them, as `dataclasses` compiles ``__init__``, each distinct one
once.
"""

import inspect
from dataclasses import dataclass
from functools import cache, partial

from . import _arguments, _panels, _texts
from ._execute import DEFAULT_FORMAT

KINDS = (("windowed", 1), ("windowed", 2), ("windowed", 3), ("adaptive", 1), ("adaptive", 2), ("adaptive", 3),
         ("global", None))
ACTIONS = ("", "_backward", "_jvp")
MODULE = "cpool.functional"  # where users, and unpickling, find the functions

_GEOMETRY = {
    "windowed": "kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False",
    "adaptive": "output_size",
    "global": "spatial_ndim=None, keepdims=False",
}


@dataclass(frozen=True)
class Example:
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


@dataclass(frozen=True)
class Operator:
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
    text: dict
    example: Example

    @property
    def name(self):
        """The name in messages: "median"."""
        return self.pool.removesuffix("_pool")

    def called(self, kind, nd, action=""):
        """The name of one of its functions."""
        name = {"windowed": "", "adaptive": "adaptive_", "global": "global_"}[kind] + self.pool
        return f"{name}{nd or ''}{'d' if nd else ''}{action}"


def operator(
    *, example, words, accepts=_arguments.DTYPES, integers="same", casts=True, flag=None, second=None,
    second_like="x", learned=None, differentiable=True,
):
    """Make an `Operator` from a function of a problem and its own arguments; see the module.

    Arguments before ``*`` come before those of the windows and have no default; `second` is one of these.
    """

    def made(function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        lead = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
        keywords = tuple((p.name, p.default) for p in parameters if p.kind is p.KEYWORD_ONLY)
        text = _texts.sections(function.__doc__) | words
        return Operator(
            function.__name__, function, lead, keywords, accepts, integers, casts, flag, second, second_like,
            learned or {}, differentiable, text, example,
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
        start = [*first, *op.lead, _GEOMETRY[kind], *flag]
        keywords = [*own, *layout, *index_dtype, *rest]
    return f"{', '.join(start)}, *, {', '.join(keywords)}"


@cache
def compiled(arguments, call):
    """A function that, given `run`, makes a function of these arguments that calls it."""
    source = f"def make(run):\n    def function({arguments}):\n        return run({call})\n    return function\n"
    space = {"DEFAULT_FORMAT": DEFAULT_FORMAT, "__name__": MODULE}
    exec(compile(source, f"<{MODULE}>", "exec"), space)
    return space["make"]


def named(function, name, document, module=MODULE):
    """The function under a name of its own, with its docstring."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = document
    function.__code__ = function.__code__.replace(co_name=name, co_qualname=name)
    return function


def functions(op):
    """All functions of an operator by name."""
    made = {}
    for kind, nd in KINDS:
        for action in ACTIONS if op.differentiable else ACTIONS[:1]:
            where = [part.split("=")[0] for part in _GEOMETRY[kind].split(", ")]
            own = [*op.lead, *(name for name, _ in op.keywords)]
            first = {"": "x", "_backward": "grad_output, x", "_jvp": "tangent, x"}[action]
            call = [first, _tuple(own)]
            if action == "_jvp":
                call.append(_tuple(tangents(op)))
            call += [_tuple(where), "data_format, axis, nan_policy, mask, out"]
            call += [f"{op.flag}, index_dtype" if op.flag else "False, None", "dtype" if op.casts else "None"]
            make = compiled(signature(op, kind, action), ", ".join(call))
            run = {"": _panels.forward, "_backward": _panels.backward, "_jvp": _panels.jvp}[action]
            name = op.called(kind, nd, action)
            text = {"": _forward_text, "_backward": _backward_text, "_jvp": _jvp_text}[action](op, kind, nd)
            made[name] = named(make(partial(run, op, kind, nd)), name, text)
    return made


def _tuple(names):
    return f"({''.join(name + ', ' for name in names)})"


def publish(space, *operators):
    """Put the functions of operators into a module's names; return their names, sorted."""
    names = []
    for op in operators:
        made = functions(op)
        space.update(made)
        names += made
    return sorted(names)


# ---- docstrings ----


def _words(op, kind, nd):
    words = _texts.words(nd)
    more = "indices" if op.flag == "return_indices" else "counts"
    name, fixed = op.called(kind, nd), {"more": more, "flag": op.flag or ""}
    text = {key: value for key, value in op.text.items() if key and key[0].islower()}
    return words | fixed | {"name": name} | text


def _own_entries(op):
    return _texts.entries(op.text.get("Parameters", ""))


def _parameters(op, kind, words):
    """The entries of a forward function's Parameters section, in the order of its signature."""
    place = "global" if kind == "global" else "sized"
    shared = _texts.ARGUMENTS | _own_entries(op) | {
        "x": _texts.X[place], "data_format": _texts.DATA_FORMAT[place], "axis": _texts.AXIS[place],
        "out": _texts.OUT["pair" if op.flag else "plain"],
    }
    names = [part.split("=")[0] for part in signature(op, kind, "").split(", ") if part != "*"]
    return _texts.fill("\n".join(shared[name] for name in names), words)


def _forward_text(op, kind, nd):
    words = _words(op, kind, nd)
    summary = _texts.fill(op.text[""], words)
    if kind == "adaptive":
        summary = summary.replace(f"every {nd}-D window", f"{nd}-D windows that follow from the size of the output", 1)
    if kind == "global":
        summary = summary.replace("every window", "all spatial axes", 1).replace("of all spatial", "over all spatial", 1)
    returns = _texts.RETURNS[kind] + ("\n" + _texts.MORE[op.flag] if op.flag else "")
    refused = words.get("refused", "")
    notes = _texts.fill(op.text.get("Notes", ""), words)
    if kind == "adaptive":
        notes = f"{notes}\n\n{_texts.WINDOWS}".strip()
    own = op.called(kind, nd)
    others = [own + action for action in ACTIONS[1:] if op.differentiable]
    others += [op.called(k, None if k == "global" else nd or 2) for k, n in (KINDS[0], KINDS[3], KINDS[6]) if k != kind]
    return _texts.document(summary, [
        ("Parameters", _parameters(op, kind, words)),
        ("Returns", _texts.fill(returns, words)),
        ("Raises", _texts.fill(_texts.RAISES, words | {"refused": refused})),
        ("See Also", ", ".join(others)),
        ("Notes", notes),
        ("References", op.text.get("References", "")),
        ("Examples", _examples(op, kind, nd, "")),
    ])


def _shared_entry(op, kind, name):
    """All arguments of the forward call but its arrays, for the functions that take them as well."""
    skipped = {"x", "*", "out", op.flag, "index_dtype", op.second, *op.learned}
    names = [part.split("=")[0] for part in signature(op, kind, "").split(", ")]
    entry = ", ".join(n for n in names if n not in skipped) + f"\n    As in the call of `{name}`."
    if op.flag:
        entry += f"\n{op.flag}, index_dtype\n    Ignored; they are here so that one dict of arguments serves both functions."
    return entry


def _own_arrays(op, words):
    own = _own_entries(op)
    return [_texts.fill(own[n], words) for n in ([op.second] if op.second else []) + list(op.learned)]


def _backward_text(op, kind, nd):
    words = _words(op, kind, nd)
    name = words["name"]
    others = ([op.second] if op.second and op.second_like == "x" else []) + list(op.learned)
    to = "its input" if not others else "its input and " + " and ".join(f"`{n}`" for n in others)
    returns = "ndarray\n    Gradient of the shape and dtype of `x`."
    if others:
        returns = "grad_x : ndarray\n    Gradient with respect to `x`, of its shape and dtype."
        for n in others:
            kept = "its shape and dtype" if n == op.second else "its shape, in float64"
            returns += f"\ngrad_{n} : ndarray\n    Gradient with respect to `{n}`, of {kept}."
    parameters = [
        f"grad_output : array_like\n    Gradient with respect to the result of `{name}`, of its shape and dtype.",
        "x : array_like\n    The floating-point array that was pooled.",
        *_own_arrays(op, words),
        _shared_entry(op, kind, name),
        "out : ndarray, optional\n    Array for the gradient of `x`: of exactly its shape and dtype, writeable, and apart "
        "from the other\n    arrays in memory. It is returned.",
    ]
    raises = _texts.fill(_texts.GRADIENT_RAISES, {"tangent": "grad_output", "what": "the forward result"})
    return _texts.document(f"Gradient of `{name}` with respect to {to}.", [
        ("Parameters", "\n".join(parameters)),
        ("Returns", returns),
        ("Raises", raises),
        ("See Also", f"{name}, {name}_jvp"),
        ("Notes", _texts.fill(op.text["Gradient"], words)),
        ("Examples", _examples(op, kind, nd, "_backward")),
    ])


def _jvp_text(op, kind, nd):
    words = _words(op, kind, nd)
    name = words["name"]
    parameters = [
        "tangent : array_like\n    Direction in which `x` changes, of its shape and dtype.",
        "x : array_like\n    The floating-point array that is pooled.",
        *_own_arrays(op, words),
    ]
    for n in tangents(op):
        of = n.removesuffix("_tangent")
        parameters.append(f"{n} : array_like, optional\n    Direction in which `{of}` changes, of its shape; none by default.")
    parameters += [
        _shared_entry(op, kind, name),
        _texts.OUT["plain"],
    ]
    raises = _texts.fill(_texts.GRADIENT_RAISES, {"tangent": "tangent", "what": "`x`"})
    return _texts.document(f"Derivative of `{name}` along a tangent.", [
        ("Parameters", "\n".join(parameters)),
        ("Returns", f"ndarray\n    What `{name}` changes by, to first order: of the shape and dtype of its result."),
        ("Raises", raises),
        ("See Also", f"{name}, {name}_backward"),
        ("Notes", "The forward-mode derivative: its product with any gradient of the result is that of the tangent with\n"
                  f"what `{name}_backward` makes of this gradient."),
        ("Examples", _examples(op, kind, nd, "_jvp")),
    ])


def _examples(op, kind, nd, action):
    """The example of four numbers, after those that the operator's docstring has for this very function."""
    name = op.called(kind, nd, action)
    found = [part for part in op.text.get("Examples", "").split("\n\n") if f"{name}(" in part]
    example = op.example
    a, b, c, d = example.x
    x = {1: f"[{a}, {b}, {c}, {d}]", 2: f"[[{a}, {b}], [{c}, {d}]]", 3: f"[[[{a}, {b}], [{c}, {d}]]]"}[nd or 2]
    window = {"windowed": {1: "4", 2: "2", 3: "(1, 2, 2)"}.get(nd), "adaptive": "1", "global": ""}[kind]
    options = example.options + (", spatial_ndim=2" if kind == "global" else "")
    lead = example.lead
    if kind == "global":
        lead = lead.removesuffix(", ")
        lead, options = (lead, options) if lead else ("", options.removeprefix(", "))
    arguments = f"x, {lead}{window}{options}"
    depth = nd or 0
    if action == "_backward":
        arguments = f"{'[' * depth}10.0{']' * depth}, {arguments}"
    if action == "_jvp":
        arguments = f"x, {arguments}"
    several = action == "_backward" and (op.second_like == "x" and op.second or op.learned)
    result = {"": example.value, "_backward": example.gradient, "_jvp": example.tangent}[action]
    lines = ["import cpool", *example.setup, f"x = {x}", f"cpool.{name}({arguments}){'[0]' if several else ''}.ravel()"]
    if any("np." in line for line in lines):
        lines.insert(0, "import numpy as np")
    found.append("\n".join(f">>> {line}" for line in lines) + f"\n{result}")
    return "\n\n".join(found)
