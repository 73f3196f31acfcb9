"""The docstrings of an operator's functions and layers, from its own and the shared texts."""

from . import _texts
from ._lazy import ACTIONS
from ._operator import layer_name, layer_signature, signature, tangents

_OUT = """out : ndarray, optional
    Array for the gradient of `x`: of exactly its shape and dtype, writeable, and apart from the other
    arrays in memory. It is returned."""
_ADJOINT = """The forward-mode derivative: its product with any gradient of the result is that of the tangent
with what `{name}_backward` makes of this gradient."""
_KEEPS = """Until the next call the layer keeps the input itself, not a copy: do not change it before
`backward`."""


def document(op, kind, nd, action):
    """The docstring of one of an operator's functions; "" where Python drops docstrings (-OO)."""
    if not op.text[""]:
        return ""
    return {"": forward, "_backward": backward, "_jvp": jvp}[action](op, kind, nd)


def _words(op, kind, nd):
    words = _texts.words(kind, nd)
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


def forward(op, kind, nd):
    """That of the function itself."""
    words = _words(op, kind, nd)
    summary = _texts.fill(op.text[""], words)
    returns = _texts.RETURNS[kind]
    if op.flag:
        returns += "\n" + op.text.get("indices", _texts.MORE[op.flag])
    refused = words.get("refused", "")
    notes = _texts.fill(op.text.get("Notes", ""), words)
    if kind == "adaptive":
        notes = f"{notes}\n\n{_texts.WINDOWS}".strip()
    own = op.called(kind, nd)
    others = [own + action for action in ACTIONS[1:] if op.differentiable]
    others += [op.called(k, None if k == "global" else nd or 2) for k in op.kinds if k != kind]
    return _texts.document(summary, [
        ("Parameters", _parameters(op, kind, words)),
        ("Returns", _texts.fill(returns, words)),
        ("Raises", _texts.fill(_texts.RAISES, words | {"refused": refused})),
        ("See Also", _texts.heads(others)),
        ("Notes", notes),
        ("References", op.text.get("References", "")),
        ("Examples", examples(op, kind, nd, "")),
    ])


def _shared_entry(op, kind, name):
    """All arguments of the forward call but its arrays, for the functions that take them as well."""
    skipped = {"x", "*", "out", op.flag, "index_dtype", op.second, *op.learned}
    names = [part.split("=")[0] for part in signature(op, kind, "").split(", ")]
    entry = _texts.heads(n for n in names if n not in skipped) + f"\n    As in the call of `{name}`."
    if op.flag:
        entry += f"\n{op.flag}, index_dtype\n    "
        entry += "Ignored; they are here so that one dict of arguments serves both functions."
    return entry


def _own_arrays(op, words):
    own = _own_entries(op)
    return [_texts.fill(own[n], words) for n in ([op.second] if op.second else []) + list(op.learned)]


def backward(op, kind, nd):
    """That of the gradient."""
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
        "grad_output : array_like\n    "
        f"Gradient with respect to the result of `{name}`, of its shape and dtype.",
        "x : array_like\n    The floating-point array that was pooled.",
        *_own_arrays(op, words),
        _shared_entry(op, kind, name),
        _OUT,
    ]
    raises = _texts.fill(_texts.GRADIENT_RAISES, {"tangent": "grad_output", "what": "the forward result"})
    return _texts.document(f"Gradient of `{name}` with respect to {to}.", [
        ("Parameters", "\n".join(parameters)),
        ("Returns", returns),
        ("Raises", raises),
        ("See Also", f"{name}, {name}_jvp"),
        ("Notes", _texts.fill(op.text["Gradient"], words)),
        ("Examples", examples(op, kind, nd, "_backward")),
    ])


def jvp(op, kind, nd):
    """That of the derivative along a tangent."""
    words = _words(op, kind, nd)
    name = words["name"]
    parameters = [
        "tangent : array_like\n    Direction in which `x` changes, of its shape and dtype.",
        "x : array_like\n    The floating-point array that is pooled.",
        *_own_arrays(op, words),
    ]
    for n in tangents(op):
        of = n.removesuffix("_tangent")
        parameters.append(
            f"{n} : array_like, optional\n    "
            f"Direction in which `{of}` changes, of its shape; none by default."
        )
    parameters += [
        _shared_entry(op, kind, name),
        _texts.OUT["plain"],
    ]
    raises = _texts.fill(_texts.GRADIENT_RAISES, {"tangent": "tangent", "what": "`x`"})
    return _texts.document(f"Derivative of `{name}` along a tangent.", [
        ("Parameters", "\n".join(parameters)),
        ("Returns", f"ndarray\n    First-order change of `{name}`, of the shape and dtype of its result."),
        ("Raises", raises),
        ("See Also", f"{name}, {name}_backward"),
        ("Notes", _texts.fill(_ADJOINT, words)),
        ("Examples", examples(op, kind, nd, "_jvp")),
    ])


def examples(op, kind, nd, action):
    """The example of four numbers, after those that the operator's docstring has for this very function."""
    name = op.called(kind, nd, action)
    found = [part for part in op.text.get("Examples", "").split("\n\n") if f"{name}(" in part]
    example = op.example
    a, b, c, d = example.x
    pair = f"[[{a}, {b}], [{c}, {d}]]"
    x = {1: f"[{a}, {b}, {c}, {d}]", 2: pair, 3: f"[{pair}]"}[nd or 2]
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
    several = action == "_backward" and (op.learned or (op.second and op.second_like == "x"))
    result = {"": example.value, "_backward": example.gradient, "_jvp": example.tangent}[action]
    call = f"cpool.{name}({arguments}){'[0]' if several else ''}.ravel()"
    lines = ["import cpool", *example.setup, f"x = {x}", call]
    if any("np." in line for line in lines):
        lines.insert(0, "import numpy as np")
    found.append("\n".join(f">>> {line}" for line in lines) + f"\n{result}")
    return "\n\n".join(found)


def layer(op, kind, nd, function):
    """The docstring of a layer, whose function is given."""
    name = layer_name(op, kind, nd)
    names = [part.split("=")[0] for part in layer_signature(op, kind).split(", ") if part != "*"]
    notes = _KEEPS
    if not op.differentiable:
        notes = "The labels of windows have no gradient: `backward` is a TypeError."
    if op.learned:
        learned = ", ".join(f"`grad_{n}`" for n in op.learned)
        notes += f"\n`backward` leaves the gradients of the parameters in {learned}."
    if op.second:
        notes += f"\nCalled with the input and `{op.second}`."
    if op.draws:
        notes += "\nIt keeps what was drawn as well. A call may have `random_samples` or `indices`."
    return _texts.document(_texts.docstring(function).split("\n\n")[0], [
        ("Parameters", f"{_texts.heads(names)}\n    The arguments of `{function.__name__}`."),
        ("Notes", notes),
        ("Examples", _layer_example(op, kind, nd, name)),
    ])


def _layer_example(op, kind, nd, name):
    *lines, call, _ = examples(op, kind, nd, "").split("\n\n")[-1].split("\n")
    arguments = call.partition("(x, ")[2].removesuffix(").ravel()")
    second = ""
    if op.second:
        second, _, arguments = arguments.partition(", ")
        second = f", {second}"
    lines += [f">>> layer = cpool.{name}({arguments})", f">>> layer(x{second}).ravel()", op.example.value]
    if op.differentiable:
        depth = nd or 0
        grad = f"{'[' * depth}10.0{']' * depth}"
        several = "[0]" if op.second and op.second_like == "x" else ""
        lines += [f">>> layer.backward({grad}){several}.ravel()", op.example.gradient]
    return "\n".join(lines)
