"""Public functions from one definition each: see `_operator`.

Signatures are real: functions are compiled from them, as named tuples compile ``__new__``, each distinct
one once.
"""

from functools import cache, partial

from . import _documents, _panels
from ._call import remembered
from ._execute import DEFAULT_FORMAT
from ._lazy import ACTIONS
from ._operator import GEOMETRY, signature, tangents

MODULE = "cpool.functional"  # where users, and unpickling, find the functions

_RUN = {"": _panels.forward, "_backward": _panels.backward, "_jvp": _panels.jvp}
_REMEMBERED = {action: remembered(run) for action, run in _RUN.items()}


@cache
def compiled(arguments, call):
    """A function that, given `run`, makes a function of these arguments that calls it."""
    body = (f"    def function({arguments}):", f"        return run({call})")
    lines = ("def make(run):", *body, "    return function")
    source = "\n".join(lines)
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
    for kind, nd in op.forms:
        for action in ACTIONS if op.differentiable else ACTIONS[:1]:
            where = [part.split("=")[0] for part in GEOMETRY[kind].split(", ")]
            own = [*op.lead, *(name for name, _ in op.keywords)]
            first = {"": "x", "_backward": "grad_output, x", "_jvp": "tangent, x"}[action]
            call = [first, _tuple(own)]
            if action == "_jvp":
                call.append(_tuple(tangents(op)))
            call += [_tuple(where), "data_format, axis, nan_policy, mask, out"]
            call += [f"{op.flag}, index_dtype" if op.flag else "False, None", "dtype" if op.casts else "None"]
            make = compiled(signature(op, kind, action), ", ".join(call))
            run = (_REMEMBERED if op.prepared else _RUN)[action]
            name = op.called(kind, nd, action)
            text = _documents.document(op, kind, nd, action)
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
