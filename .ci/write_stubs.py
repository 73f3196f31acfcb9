"""Write the stubs of the operators that are made from definitions, from these definitions.

Run in the root of the repository after a change to an operator: ``python .ci/write_stubs.py``. The types of
arguments that only one operator has are in `TYPES`; what is not there is an array.
"""

import importlib
import inspect
import textwrap
from pathlib import Path

from cpool import _lazy, _operator

FAMILIES = ("_order", "_smooth", "_stochastic")
TYPES = {
    "kernel_size": "_Ints", "stride": "_Ints | None", "padding": "_Padding", "dilation": "_Ints",
    "ceil_mode": "bool", "output_size": "_Sizes", "spatial_ndim": "SupportsIndex | None", "keepdims": "bool",
    "return_indices": "bool", "return_counts": "bool", "data_format": "str", "axis": "_Ints | None",
    "index_dtype": "DTypeLike | None", "dtype": "DTypeLike | None", "nan_policy": "str",
    "mask": "ArrayLike | None", "out": "_Array | None",
    "rank": "SupportsIndex | None", "q": "float | None", "method": "str", "ignore_label": "int | None",
    "correction": "float", "eps": "float", "symmetric": "bool", "filter": "ArrayLike | None",
    "output_ratio": "_Ratios | None", "random_samples": "ArrayLike | None", "rng": "Generator | None",
    "boundaries": "ArrayLike | Sequence[ArrayLike] | None", "return_samples": "bool",
    "indices": "ArrayLike | None",
    "grid_size": "_Ints | None", "training": "bool", "positions": "ArrayLike | Sequence[ArrayLike] | None",
    "return_positions": "bool", "norm_type": "float", "normalize": "bool", "count_include_pad": "bool | None",
    "divisor_override": "SupportsIndex | None", "weights": "ArrayLike | None", "mode": "str",
}
RANDOM = {"output_size": "_Ints | None", "kernel_size": "_Ints | None"}
NUMBERED = {"_fractional": RANDOM, "_s3": {}, "_derivatives": {}}
FLAGS = ("return_indices", "return_samples", "return_positions")
PAIRS = {"out": "_Array | tuple[_Array, _Array] | None"}
FORMS = (("windowed", 1), ("adaptive", 1), ("global", None))
IMPORTS = """
from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, overload

from numpy.typing import ArrayLike, DTypeLike, NDArray
"""
PLAIN_IMPORTS = IMPORTS.replace("Literal, ", "").replace(", overload", "")
ALIASES = """
_Array: TypeAlias = NDArray[Any]
_Ints: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Sizes: TypeAlias = SupportsIndex | Sequence[SupportsIndex | None] | None
_Padding: TypeAlias = _Ints | Sequence[Sequence[SupportsIndex]] | str
"""
LAYER = """class WholeLayer(_Layer):
    operator: Any
    def __call__(self, x: ArrayLike, *arrays: ArrayLike, mask: ArrayLike | None = None) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> Any: ...
class DrawingLayer(WholeLayer):
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, *, mask: ArrayLike | None = None, random_samples: ArrayLike | None = None,
        indices: ArrayLike | None = None,
    ) -> Any: ..."""


def typed(part, types):
    """An argument of a signature with its type."""
    if part == "*":
        return part
    name, _, default = part.partition("=")
    kind = types.get(name, "ArrayLike | None" if name.endswith("_tangent") else "ArrayLike")
    if not default or kind == "Literal[True]":
        return f"{name}: {kind}"
    default = '"channels_first"' if default == "DEFAULT_FORMAT" else default.replace("'", '"')
    return f"{name}: {kind} = {default}"


def wrapped(parts, width):
    """Arguments in lines, none of them broken."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) + 2 > width:
            lines.append("")
        lines[-1] += f"{part}, " if part != parts[-1] else f"{part},"
    return "\n".join(line.rstrip() for line in lines)


def definition(name, parts, returns, types=None, indent=""):
    """A `def` of a stub."""
    parts = [typed(part, TYPES | (types or {})) if part != "self" else part for part in parts]
    body = wrapped(parts, 106 - len(indent))
    body = textwrap.indent(body, "    ")
    return textwrap.indent(f"def {name}(\n{body}\n) -> {returns}: ...", indent)


def functions(op):
    """Definitions of an operator's functions; those of 2 and 3 dimensions are that of one."""
    for kind, nd in FORMS:
        if kind not in op.kinds:
            continue
        for action in _lazy.ACTIONS if op.differentiable else ("",):
            parts = _operator.signature(op, kind, action).split(", ")
            name = op.called(kind, nd, action)
            grads = len(op.learned) + (op.second is not None and op.second_like == "x")
            if action == "" and op.flag:
                yield "@overload"
                yield definition(name, parts, "_Array", {op.flag: "Literal[False]"})
                flag, star = parts.index(f"{op.flag}=False"), parts.index("*")
                if flag < star:  # required, and behind arguments that are not: by keyword
                    parts.insert(star, parts.pop(flag))
                yield "@overload"
                pair = {op.flag: "Literal[True]", "out": "_Array | tuple[_Array, _Array] | None"}
                yield definition(name, parts, "tuple[_Array, _Array]", pair)
            elif action == "_backward" and grads:
                yield definition(name, parts, f"tuple[{', '.join(['_Array'] * (1 + grads))}]")
            else:
                yield definition(name, parts, "_Array")
            if nd:
                yield from (f"{op.called(kind, d, action)} = {name}" for d in (2, 3))


def layers(op):
    """The classes of an operator's layers."""
    for kind, nd in FORMS:
        if kind not in op.kinds:
            continue
        parts = _operator.layer_signature(op, kind).split(", ")
        init = definition("__init__", ["self", *parts], "None", indent="    ")
        parent = "DrawingLayer" if op.draws else "WholeLayer"
        if nd is None:
            yield f"class {_operator.layer_name(op, kind, None)}({parent}):\n{init}"
        else:
            base = "_" + _operator.layer_name(op, kind, 1).replace("Pool1d", "Arguments")
            yield f"class {base}({parent}):\n{init}"
            yield from (f"class {_operator.layer_name(op, kind, d)}({base}): ..." for d in (1, 2, 3))


def numbered(module, types):
    """Definitions of functions that exist in 1, 2 and 3 dimensions."""
    for name, function in module.FUNCTIONS.items():
        if "2d" in name or "3d" in name:
            continue
        parts, flags = listed(function), {}
        if not name.endswith(("_backward", "_jvp")):
            flags = {p: "Literal[False]" for p in FLAGS if f"{p}=False" in parts}
            yield "@overload"
            yield definition(name, parts, "_Array", types | flags)
            yield "@overload"
        own = {"output_size": "_Ints | None"} if "unpool" in name else {}
        yield definition(name, parts, "Any" if flags else "_Array", types | own | (PAIRS if flags else {}))
        if "1d" in name:
            yield from (f"{name.replace('1d', d)} = {name}" for d in ("2d", "3d"))


def listed(function):
    """The argument list of a function in parts."""
    parts = []
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = "DEFAULT_FORMAT" if p.name == "data_format" else repr(p.default)
        parts.append(p.name if p.default is p.empty else f"{p.name}={default}")
    return parts


def drawn_layers(module, types):
    """Classes of layers with the arguments of functions."""
    for name, layer in module.LAYERS.items():
        if not name.endswith("1d"):
            continue
        base = f"_{name.replace('Pool1d', '')}Arguments"
        init = definition("__init__", listed(layer.__init__), "None", types, indent="    ")
        yield f"class {base}(_Layer):\n{init}"
        yield from (f"class {name.replace('1d', d)}({base}): ..." for d in ("1d", "2d", "3d"))


def write(module, names, imports, lines):
    """Write the stub of a module."""
    path = Path(module.__file__).with_suffix(".pyi")
    if "Generator" in "".join(lines):
        typing = "from numpy.typing"
        imports = imports.replace(typing, f"from numpy.random import Generator\n{typing}")
    head = f'"""{module.__doc__.splitlines()[0]}"""\n{imports}{ALIASES}\n__all__ = [\n'
    listed = "".join(f'    "{name}",\n' for name in names)
    path.write_text(head + listed + "]\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def write_drawn(module, lines, more=""):
    """Write the stub of a module that may speak of generators and ratios."""
    text = "\n".join(lines)
    imports = IMPORTS if "@overload" in lines else PLAIN_IMPORTS
    ratios = ["_Ratios: TypeAlias = float | Sequence[float]", ""] if "_Ratios" in text else []
    write(module, module.__all__, imports + more, ratios + lines)


def main():
    """Write all of them."""
    operators = []
    for family in FAMILIES:
        module = importlib.import_module(f"cpool.{family}")
        operators += module.OPERATORS
        lines = [line for op in module.OPERATORS for line in functions(op)]
        lines = [*getattr(module, "STUB", ()), *lines]
        write(module, module.__all__, IMPORTS if "@overload" in lines else PLAIN_IMPORTS, lines)
    for family, types in NUMBERED.items():
        module = importlib.import_module(f"cpool.{family}")
        write_drawn(module, list(numbered(module, types)))
    module = importlib.import_module("cpool._whole_layers")
    imports = PLAIN_IMPORTS + "\nfrom cpool import _Layer\n"
    write(module, module.__all__, imports, [LAYER, *(line for op in operators for line in layers(op))])
    module = importlib.import_module("cpool._drawn_layers")
    write_drawn(module, list(drawn_layers(module, RANDOM)), "\nfrom cpool import _Layer\n")


if __name__ == "__main__":
    main()
