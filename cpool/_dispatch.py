"""From canonical arrays to kernels: one level of compiled modules, chosen once, and the calls into them.

All arrays are 5-D, (outer, D, H, W, inner), C-contiguous, aligned and of native byte order; nothing here
validates what the user passed. What decides between kernels is the plan and the dtype, never the CPU level or
the threads.

Each function runs a kernel and returns the `Job` that it prepared for it, which `_call` keeps and runs again;
None if the call was more than that one kernel.
"""

from importlib import import_module

import numpy as np

from ._cpu import best_level
from ._plan import Job

LEVEL = best_level()


# Kernels not compiled for the levels above this one (setup.py reads this table), to keep the wheel small:
# norms spends its time in pow.
HIGHEST = {"norms": "baseline", "regions": "v3"}
_LEVELS = ("baseline", "v3", "v4")


def kernel(name):
    """Return the module `name` of the CPU level in use.

    A level that does not import is an error, not a fallback.
    """
    level = min(LEVEL, HIGHEST.get(name, LEVEL), key=_LEVELS.index)
    return import_module(f"cpool._kernels.{name}" + ("" if level == "baseline" else f"_{level}"))


_norms, _reduce, _scatter, _select, _spread, _wholeaxis = map(
    kernel, ("norms", "reduce", "scatter", "select", "spread", "wholeaxis"))
regions = kernel("regions")     # no plan, no job: `_execute_regions` calls it

segments = kernel("sequence")        # rows in segments: called by `_segments` alone

_APIS = {name: api for module in (_norms, _reduce, _scatter, _select, _spread, _wholeaxis)
         for name, api in module.apis.items()}

CODES = {
    "bool": 0, "uint8": 0, "int8": 1, "uint16": 2, "int16": 3, "uint32": 4, "int32": 5, "uint64": 6,
    "int64": 7, "float32": 8, "float64": 9, "float16": 10, "bfloat16": 11,
}
OPS = {"max": 0, "min": 1, "sum": 2, "avg": 3, "lp": 4}
_BY_DTYPE = {np.dtype(name): number for name, number in CODES.items() if name != "bfloat16"}


def code(array):
    """Return the code of an array's dtype; looking at its name is slow, and needed for bfloat16 alone."""
    found = _BY_DTYPE.get(array.dtype)
    return CODES[array.dtype.name] if found is None else found


def _prepare(name, arrays, plan, **task):
    """Return the job of a kernel for arrays like these, the first of which has the dtype."""
    first = arrays[0]
    sizes = [a.nbytes for a in arrays]
    return Job(_APIS[name], plan, sizes, code=code(first), boolean=first.dtype == np.bool_, **task)


def whole(op, plan):
    """Whether every window is a whole plane, and the reducer one that has a kernel for that."""
    return op != "lp" and all(
        a.out == 1 and (a.adaptive or (a.lo == a.hi == 0 and a.kernel == a.n and a.dilation == 1))
        for a in plan.axes
    )


def reduce(op, x, out, plan, threads, p=2.0, normalize=False):
    """Write the forward pass of `op` (max, min, sum, avg, lp) over x into out."""
    name = "wholeaxis" if whole(op, plan) else "reduce"
    job = _prepare(name, (x, out), plan, op=OPS[op], out_code=code(out), p=p, normalize=normalize)
    job.run((x, out), threads)
    return job


def argreduce(op, x, out, idx, plan, threads):
    """Write max or min over x into out and the positions of the first winners into idx."""
    job = _prepare("argreduce", (x, out, idx), plan, op=OPS[op], index_bytes=idx.itemsize)
    job.run((x, out, idx), threads)
    return job


def select_backward(op, g, x, idx, gx, plan, threads, fresh=False):
    """Write the gradient of max or min: at the indices given or where a search of x finds the winners.

    fresh: gx may be left half-written when an index is out of range, which is a ValueError.
    """
    if idx is None:
        job = _prepare("search_backward", (g, x, gx), plan, op=OPS[op])
        job.run((g, x, gx), threads)
        return job
    job = _prepare("select_backward", (g, idx, gx), plan, index_bytes=idx.itemsize, careful=not fresh)
    if not job.run((g, idx, gx), threads):
        _refuse_indices(idx, gx)
    return job


def spread(op, g, gx, plan, threads):
    """Write the gradient of a sum or an average."""
    return _with_one_dtype(lambda arrays: _prepare("spread", arrays, plan, op=OPS[op]), (g, gx), threads)


def lp_backward(g, x, gx, plan, threads, p, normalize):
    """Write the gradient of an Lp norm."""
    return _with_one_dtype(lambda arrays: _prepare("lp_backward", arrays, plan, p=p, normalize=normalize),
                           (g, x, gx), threads)


def _with_one_dtype(prepare, arrays, threads):
    """Run a backward kernel, which reads and writes one dtype.

    If `dtype=` gave g another than x has, run it in the wider of both and round once.
    """
    g, *between, gx = arrays
    if g.dtype == gx.dtype:
        job = prepare(arrays)
        job.run(arrays, threads)
        return job
    dtype = np.dtype(np.float64 if 8 in (g.itemsize, gx.itemsize) else np.float32)
    wide = (*(a.astype(dtype) for a in (g, *between)), np.empty(gx.shape, dtype))
    prepare(wide).run(wide, threads)
    gx[...] = wide[-1]
    return None


def unpool(x, idx, out, mode, plan, threads):
    """Write zero, and x at the indices, into out."""
    job = _prepare("unpool", (x, idx, out), plan, index_bytes=idx.itemsize, mode=int(mode == "sum"))
    if not job.run((x, idx, out), threads):
        _refuse_indices(idx, out)
    return job


def unpool_backward(g, idx, gx, plan, threads):
    """Write g at the indices into gx."""
    job = _prepare("unpool_backward", (g, idx, gx), plan, index_bytes=idx.itemsize)
    if not job.run((g, idx, gx), threads):
        _refuse_indices(idx, g)
    return job


def _refuse_indices(idx, large):
    plane = large.shape[1] * large.shape[2] * large.shape[3]
    bad = idx[(idx < -1) | (idx >= plane)]
    raise ValueError(f"indices must be positions in a plane of {plane} elements, 0 to {plane - 1}, or -1 for "
                     f"none; got {bad.flat[0]}")
