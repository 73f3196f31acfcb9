"""Write the stub of cpool.torch, from its functions and modules.

Run in the root of the repository, where PyTorch is installed: ``python .ci/write_torch_stub.py``. The types
of arguments are in `TYPES`; what is not there is a tensor.
"""

import inspect
from pathlib import Path

from torch import nn
from write_stubs import definition, listed

import cpool.torch
from cpool._torch import _modules
from cpool._torch._names import differentiable

HEAD = '''from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypeVar, overload

from torch import Tensor, nn

__all__ = [
{names}]

_Model = TypeVar("_Model", bound=nn.Module)
_Size: TypeAlias = int | Sequence[int]
_OutputSize: TypeAlias = int | Sequence[int | None] | None
_Word: TypeAlias = Literal["valid", "same", "same_lower"]
_Padding: TypeAlias = int | Sequence[int] | Sequence[tuple[int, int]] | _Word
_Pair: TypeAlias = tuple[Tensor, Tensor]

class PoolingError(ValueError, RuntimeError): ...

def replace(model: _Model) -> _Model: ...
def restore(model: _Model) -> _Model: ...
'''
TYPES = {
    "input": "Tensor", "kernel_size": "_Size", "stride": "_Size | None", "padding": "_Padding",
    "dilation": "_Size", "ceil_mode": "bool", "return_indices": "bool", "return_counts": "bool",
    "return_weights": "bool", "count_include_pad": "bool", "divisor_override": "int | None",
    "norm_type": "float", "normalize": "bool", "output_size": "_OutputSize", "keepdims": "bool",
    "output_ratio": "float | Sequence[float] | None", "spatial_ndim": "int | None", "nan_policy": "str",
    "mask": "Tensor | None", "logits": "Tensor", "eps": "float", "symmetric": "bool",
    "filter": "Tensor | None", "rank": "int | None", "q": "float | None", "method": "str",
    "ignore_label": "int | None", "correction": "float", "training": "bool",
    "random_samples": "Tensor | None", "_random_samples": "Tensor | None",
    "boundaries": "Sequence[Any] | Tensor | None",
    "indices": "Tensor", "positions": "Sequence[Any] | Tensor | None", "grid_size": "_Size | None",
    "boxes": "Tensor | Sequence[Tensor]", "batch_indices": "Tensor | Sequence[int] | None",
    "spatial_scale": "float", "sampling_ratio": "int", "aligned": "bool", "mode": "str | Sequence[str]",
    "coordinate_transformation_mode": "str | None", "k": "int | None", "dim": "int", "op": "str",
    "ops": "Sequence[str]", "levels": "Any", "factor": "_Size", "offsets": "Tensor | Sequence[int] | None",
    "lengths": "Tensor | Sequence[int] | None", "weights": "Tensor | None", "empty": "float | None",
    "scores": "Tensor | None", "query": "Tensor | None", "scale": "float", "blur_size": "int",
    "gate": "Tensor", "gates": "Tensor", "leaves": "Tensor", "rank_weights": "Tensor",
}
OWN = {
    "fractional": {"kernel_size": "_Size | None", "output_size": "_Size | None"},
    "unpool": {"padding": "_Size", "output_size": "Sequence[int] | None"},
    "stochastic": {"indices": "Tensor | None"}, "blur": {"padding": "str"},
    "roi": {"output_size": "_Size", "mode": "str"},
}
FLAGS = ("return_indices", "return_counts", "return_weights")
LISTS = ("pool_pyramid", "strip_pool")


def types_of(name):
    """The types of a function's arguments."""
    found = TYPES | {n: "float | Tensor" for n in differentiable(name)[1:] if n not in TYPES}
    for stem, own in OWN.items():
        if stem in name:
            found = found | own
    return found


def functions():
    """Definitions of functions; those of 2 and 3 dimensions are that of one."""
    for name, function in sorted(_modules.FUNCTIONS.items()):
        if name[-2:] in ("2d", "3d"):
            continue
        parts, types = listed(function), types_of(name)
        flag = next((f for f in FLAGS if f"{f}=False" in parts), None)
        returns = "list[Tensor]" if name in LISTS else "Tensor"
        if flag is None:
            yield definition(name, parts, returns, types)
        else:
            at = parts.index(f"{flag}=False")
            star = parts.index("*") if "*" in parts else len(parts)
            yield "@overload"
            yield definition(name, parts, "Tensor", types | {flag: "Literal[False]"})
            first = min(at, star)
            rest = [p for p in parts[first:] if p not in ("*", f"{flag}=False")]
            keyword = [*parts[:first], "*", f"{flag}=False", *rest]
            yield "@overload"
            yield definition(name, keyword, "_Pair", types | {flag: "Literal[True]"})
            if at < star:           # all arguments before it by position
                required = [p.partition("=")[0] for p in parts[:at]]
                yield "@overload"
                yield definition(name, [*required, *parts[at:]], "_Pair", types | {flag: "Literal[True]"})
            yield "@overload"
            yield definition(name, parts, "Tensor | _Pair", types)
        if name.endswith("1d"):
            yield from (f"{name.replace('1d', d)} = {name}" for d in ("2d", "3d"))


def layers():
    """The classes; what those of 1, 2 and 3 dimensions have in common is in one of no dimension."""
    shared = set()
    for function in _modules.FUNCTIONS:
        name = _modules.called(function)
        layer = _modules.LAYERS[name]
        theirs = hasattr(nn, name)
        family = {_modules.called(function[:-2] + d) for d in ("1d", "2d", "3d")}
        alike = len({str(listed(_modules.LAYERS[n].__init__)) for n in family & set(_modules.LAYERS)}) == 1
        own = f"_{name[:-2]}" if name.endswith("d") and alike else name
        if own not in shared:
            shared.add(own)
            types = types_of(function)
            init = definition("__init__", listed(layer.__init__), "None", types, indent="    ")
            forward = listed(layer.forward)
            several = any(f in inspect.signature(layer.__init__).parameters for f in FLAGS)
            returns = "Any" if several else "list[Tensor]" if function in LISTS else "Tensor"
            yield f"class {own}({f'nn.{name}' if theirs and own == name else 'nn.Module'}):"
            yield init
            yield definition("forward", forward, returns, types, indent="    ")
        if own != name:
            bases = f"{own}, nn.{name}" if theirs else own
            yield f"class {name}({bases}): ..."


def main():
    """Write it."""
    names = "".join(f'    "{name}",\n' for name in cpool.torch.__all__)
    text = HEAD.replace("{names}", names) + "\n".join([*functions(), *layers()]) + "\n"
    Path(cpool.torch.__file__).with_suffix(".pyi").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
