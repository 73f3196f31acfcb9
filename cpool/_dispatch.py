"""From canonical arrays to kernels: one level of compiled modules, chosen once, and the calls into them.

All arrays are 5-D, (outer, D, H, W, inner), C-contiguous, aligned and of native byte order; nothing here validates
what the user passed. What decides between kernels is the plan and the dtype, never the CPU level or the threads.
"""

from importlib import import_module

import numpy as np

from ._block import Block
from ._cpu import best_level
from ._plan import Windows

LEVEL = best_level()


def kernel(name):
    """Return the module `name` of the CPU level in use. A level that does not import is an error, not a fallback."""
    return import_module(f"cpool._kernels.{name}" + ("" if LEVEL == "baseline" else f"_{LEVEL}"))


_reduce = kernel("reduce")

CODES = {
    "bool": 0, "uint8": 0, "int8": 1, "uint16": 2, "int16": 3, "uint32": 4, "int32": 5, "uint64": 6, "int64": 7,
    "float32": 8, "float64": 9, "float16": 10, "bfloat16": 11,
}
OPS = {"max": 0, "min": 1, "sum": 2, "avg": 3, "lp": 4}


def block(array, writable=False):
    """Return the bytes of a canonical array as the kernels take them."""
    outer, d, h, w, inner = array.shape
    return Block(array, outer, d, h, w * inner * array.itemsize, writable)


def code(array):
    return CODES[array.dtype.name]


def reduce(op, x, out, plan, threads, p=2.0, normalize=False):
    """Write the forward pass of `op` (max, min, sum, avg, lp) over x into out."""
    _reduce.reduce(OPS[op], code(x), code(out), block(x), block(out, True), Windows(plan), p, normalize,
                   x.dtype == np.bool_, threads)


def reduce_api():
    """Return the capsule with the C functions of the forward kernel."""
    return _reduce.api


def prepare_reduce(memory, op, dtype, out_dtype, plan, p, normalize):
    """Prepare a forward pass in `memory`, for `_call` to run whenever its signature comes up."""
    _reduce.prepare_into(memory, OPS[op], CODES[dtype.name], CODES[out_dtype.name], Windows(plan), p, normalize,
                         dtype == np.bool_)
