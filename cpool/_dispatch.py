"""From canonical arrays to kernels: one level of compiled modules, chosen once, and the calls into them.

All arrays are 5-D, (outer, D, H, W, inner), C-contiguous, aligned and of native byte order; nothing here
validates what the user passed. What decides between kernels is the plan and the dtype, never the CPU level or
the threads.
"""

from importlib import import_module

import numpy as np

from ._block import Block
from ._cpu import best_level
from ._plan import Windows

LEVEL = best_level()


# Kernels not compiled for the levels above this one (setup.py reads this table), to keep the wheel small:
# norms spends its time in pow.
HIGHEST = {"norms": "baseline"}
_LEVELS = ("baseline", "v3", "v4")


def kernel(name):
    """Return the module `name` of the CPU level in use.

    A level that does not import is an error, not a fallback.
    """
    level = min(LEVEL, HIGHEST.get(name, LEVEL), key=_LEVELS.index)
    return import_module(f"cpool._kernels.{name}" + ("" if level == "baseline" else f"_{level}"))


_norms, _reduce, _scatter, _select, _spread, _wholeaxis = map(
    kernel, ("norms", "reduce", "scatter", "select", "spread", "wholeaxis"))

CODES = {
    "bool": 0, "uint8": 0, "int8": 1, "uint16": 2, "int16": 3, "uint32": 4, "int32": 5, "uint64": 6,
    "int64": 7, "float32": 8, "float64": 9, "float16": 10, "bfloat16": 11,
}
OPS = {"max": 0, "min": 1, "sum": 2, "avg": 3, "lp": 4}


def block(array, writable=False):
    """Return the bytes of a canonical array as the kernels take them."""
    outer, d, h, w, inner = array.shape
    return Block(array, outer, d, h, w * inner * array.itemsize, writable)


_BY_DTYPE = {np.dtype(name): number for name, number in CODES.items() if name != "bfloat16"}


def code_of(dtype):
    """Return the code of a dtype; looking at its name is slow, and needed for bfloat16 alone."""
    found = _BY_DTYPE.get(dtype)
    return CODES[dtype.name] if found is None else found


def code(array):
    return code_of(array.dtype)


def whole(op, plan):
    """Whether every window is a whole plane, and the reducer one that has a kernel for that."""
    return op != "lp" and all(
        a.out == 1 and (a.adaptive or (a.lo == a.hi == 0 and a.kernel == a.n and a.dilation == 1))
        for a in plan.axes
    )


def reduce(op, x, out, plan, threads, p=2.0, normalize=False):
    """Write the forward pass of `op` (max, min, sum, avg, lp) over x into out."""
    if whole(op, plan):
        _wholeaxis.wholeaxis(OPS[op], code(x), block(x), block(out, True), code(out), Windows(plan), threads,
                             x.dtype == np.bool_)
    else:
        _reduce.reduce(OPS[op], code(x), code(out), block(x), block(out, True), Windows(plan), p, normalize,
                       x.dtype == np.bool_, threads)


def argreduce(op, x, out, idx, plan, threads):
    """Write max or min over x into out and the positions of the first winners into idx."""
    _select.argreduce(OPS[op], code(x), block(x), block(out, True), block(idx, True), idx.itemsize,
                      Windows(plan), threads, x.dtype == np.bool_)


def select_backward(op, g, x, idx, gx, plan, threads, fresh=False):
    """Write the gradient of max or min: at the indices given or where a search of x finds the winners.

    fresh: gx may be left half-written when an index is out of range, which is a ValueError.
    """
    if idx is None:
        _select.search_backward(OPS[op], code(gx), block(g), block(x), block(gx, True), Windows(plan),
                                threads)
        return
    plane = gx.shape[1] * gx.shape[2] * gx.shape[3]
    i = block(idx)
    good = fresh or _scatter.indices_inside(i, idx.itemsize, plane, threads)
    if not (good and _scatter.select_backward(code(gx), block(g), i, idx.itemsize, block(gx, True),
                                              Windows(plan), threads, not fresh)):
        _refuse_indices(idx, plane)


def spread(op, g, gx, plan, threads):
    """Write the gradient of a sum or an average."""
    with_one_dtype(g, None, gx, lambda g, _, gx: _spread.spread(
        code(gx), block(g), block(gx, True), Windows(plan), op == "avg", threads))


def lp_backward(g, x, gx, plan, threads, p, normalize):
    """Write the gradient of an Lp norm."""
    with_one_dtype(g, x, gx, lambda g, x, gx: _norms.lp_backward(
        code(gx), block(g), block(x), block(gx, True), Windows(plan), p, normalize, threads))


def with_one_dtype(g, x, gx, run):
    """Run a backward kernel, which reads and writes one dtype.

    If `dtype=` gave g another than x has, run it in the wider of both and round once.
    """
    if g.dtype == gx.dtype:
        run(g, x, gx)
        return
    dtype = np.dtype(np.float64 if 8 in (g.itemsize, gx.itemsize) else np.float32)
    wide = np.empty(gx.shape, dtype)
    run(g.astype(dtype), None if x is None else x.astype(dtype), wide)
    gx[...] = wide


def unpool(x, idx, out, mode, threads):
    """Write zero, and x at the indices, into out."""
    if not _scatter.unpool(code(x), block(x), block(idx), idx.itemsize, block(out, True), int(mode == "sum"),
                           x.shape[-1], threads, x.dtype == np.bool_):
        _refuse_indices(idx, out.shape[1] * out.shape[2] * out.shape[3])


def unpool_backward(g, idx, gx, threads):
    """Write g at the indices into gx."""
    if not _scatter.unpool_backward(code(g), block(g), block(idx), idx.itemsize, block(gx, True), g.shape[-1],
                                    threads):
        _refuse_indices(idx, g.shape[1] * g.shape[2] * g.shape[3])


def _refuse_indices(idx, plane):
    bad = idx[(idx < -1) | (idx >= plane)]
    raise ValueError(f"indices must be positions in a plane of {plane} elements, 0 to {plane - 1}, or -1 for "
                     f"none; got {bad.flat[0]}")


def reduce_api():
    """Return the capsule with the C functions of the forward kernel."""
    return _reduce.api


def prepare_reduce(address, op, dtype, out_dtype, plan, p, normalize):
    """Prepare a forward pass in the memory at `address`, for `_call` to run whenever its signature comes."""
    _reduce.prepare_into(address, OPS[op], code_of(dtype), code_of(out_dtype), Windows(plan), p, normalize,
                         dtype == np.bool_)
