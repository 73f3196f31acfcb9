"""Smooth reducers as sums of terms: softmax weights, log-mean-exp, means of powers, at the speed of averages.

Where exponentials or powers of the elements themselves neither overflow nor underflow, windows need not be
gathered: each element is taken to one or two terms, and windows of terms are added up by the kernel for
sums. Windows with an element for which that does not hold come to NaN here and are left to
`_dispatch.panel`, so that a window depends on nothing outside of it.
"""

from functools import lru_cache
from math import log2, prod
from typing import NamedTuple

import numpy as np

from . import _dispatch, _geometry, _masks

_KINDS = {"soft": 0, "softmax": 0, "lip": 0, "lse": 1, "gem": 3}
_CUBES = 2
_AT_A_TIME = 512 * 1024  # bytes of terms that are made before they are added up
_MOST = {4: 60.0, 8: 400.0}  # exponents, in powers of two
_MOST_OF_POWERS = {4: 110.0, 8: 900.0}
_REACH = 16  # powers of two by which elements may differ from 1
_WIDE = 64  # taps that float will add up
_MANY = 64 * 1024  # windows whose counts are not kept


class _Terms(NamedTuple):
    """How terms are made: the kind, the dtype, the parameters, and what smaller elements are raised to."""

    kind: int
    cell: np.dtype
    values: np.ndarray
    least: float
    most: float


def _ways(op, params, cell):
    """How the kernel makes terms of these parameters; None if they are not for it."""
    usual = _Terms(_KINDS[op], cell, np.ones(1), 0.0, _MOST[cell.itemsize])
    if op == "lip":
        return usual
    if len(params) < (2 if op == "gem" else 1) or not len(params[0]):
        return None
    values = params[0]
    if op == "gem":
        least = params[1]
        return _powers(values, float(least[0]), cell) if (least == least[0]).all() else None
    with np.errstate(divide="ignore"):
        values = 1 / values if op == "softmax" else values
    known = ((abs(values) >= 1e-3) & (abs(values) <= 1e3)).all()
    return usual._replace(values=values) if known else None


@lru_cache(64)
def _way(op, cell, *params):
    """The same of single numbers, of which most calls have the same: a fifth of the time of a small one."""
    return _ways(op, [np.array([p]) for p in params], cell)


def _powers(values, least, cell):
    if (values == 3).all() and (least == 0 or 2.0 ** (-40 if cell.itemsize == 4 else -190) <= least <= 1):
        return _Terms(_CUBES, cell, values, least, 0.0)
    reach = max(_REACH, abs(log2(least)) if least else 0)
    largest = abs(values).max() * reach
    if not ((abs(values) >= 0.5).all() and largest <= _MOST_OF_POWERS[8]):
        return None
    if largest > _MOST_OF_POWERS[cell.itemsize]:
        cell = np.dtype(np.float64)
    return _Terms(_KINDS["gem"], cell, values, least, _MOST_OF_POWERS[cell.itemsize])


def forward(op, x, out, plan, threads, params, second, mask, omit):
    """Write the reducer `op` over x into out; return False if it is not one for which this is the way."""
    arrays = [a for a in (x, out, second) if a is not None]
    if op not in _KINDS or x.dtype.kind in "biu" or not x.size:
        return False
    cell = np.dtype(np.float64 if 8 in [a.itemsize for a in arrays] else np.float32)
    if all(len(p) == 1 for p in params):
        way = _way(op, cell, *(p.item() for p in params))
    else:
        way = _ways(op, params, cell)
    if way is None:
        return False
    many = len(way.values)
    if many > 1 and (plan.inner != many if plan.inner > 1 else x.shape[0] % many):
        return False
    if way.cell != cell and _dispatch.most_taps(plan) * out.size < 2 * x.size:
        return False  # a power in double for each element takes longer than one in float for each tap
    cell = way.cell
    odd = np.zeros(x.shape[0], np.uint8)
    if mask is None and not omit and _in_pairs(plan) and all(a.dtype == cell for a in arrays):
        _dispatch.masked_kernel().term_pairs(
            way.kind, x, _dispatch.code_of(cell), second, out, odd, way.values, way.least, way.most, threads)
        return odd
    wide = cell if _dispatch.most_taps(plan) <= _WIDE else np.dtype(np.float64)
    most = _AT_A_TIME if threads == 1 else min(_AT_A_TIME, max(x.nbytes // (4 * threads), 16 * 1024))
    at_a_time = max(1, min(x.shape[0], most // max(prod(x.shape[1:]) * cell.itemsize, 1)))
    known = _pieces if prod(a.out for a in plan.axes) <= _MANY else _pieces.__wrapped__
    per, bands, jobs, taps = known(plan, x.shape[0], at_a_time, most, cell, wide)
    _dispatch.masked_kernel().terms(
        way.kind, x, _dispatch.code(x), second, _dispatch.code(x if second is None else second), mask,
        _masks.limits("sum", x.dtype, omit), per, bands, jobs, out, _dispatch.code(out), odd, way.values,
        taps, way.least, way.most, _dispatch.code_of(cell), _dispatch.code_of(wide),
        _dispatch.most_taps(plan) < 256, threads)
    return odd


def _in_pairs(plan):
    """Whether windows are 2 x 2, do not overlap and lie in x."""
    d, *axes = plan.axes
    return d.n == d.out == 1 and all(
        not a.adaptive and a.kernel == a.stride == 2 and a.dilation == 1 and a.lo == a.hi == 0
        and 2 * a.out <= a.n for a in axes)


@lru_cache(64)
def _pieces(plan, planes, at_a_time, most, cell, wide):
    """What the kernel is told of windows: 60 us, where the call of an average takes one."""
    parts = _masks.pieces(
        _dispatch.forward_name("sum", plan), plan._replace(divisor=None), planes, at_a_time, most,
        [cell, wide], op=_dispatch.OPS["sum"], out_code=_dispatch.code_of(wide))
    return *parts, _taps(plan, wide)


def _taps(plan, dtype):
    """How many taps of each window lie in x; one number if all have as many."""
    counts = [_geometry.axis_bounds(axis, np.arange(axis.out), np.clip)[1] for axis in plan.axes]
    if all((taps == taps[0]).all() for taps in counts):
        return np.array([prod(int(taps[0]) for taps in counts)], dtype)
    d, h, w = counts
    return (d[:, None, None] * h[:, None] * w).astype(dtype).reshape(-1)
