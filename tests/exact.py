"""Sums that are exact, of numbers that are whole multiples of a power of two, and distances from them."""

from fractions import Fraction

import everything
import numpy as np
from compare import ulp


def fixed(shape, dtype, kind):
    """Numbers that are whole multiples of 2**-20 (of 2**-50 in float64), and how many multiples."""
    digits = {"float64": 50, "float32": 20, "float16": 8}.get(np.dtype(dtype).name, 5)
    z = everything.words(shape, 3)
    whole = (z >> np.uint64(64 - digits - 2)).astype(np.int64)
    size = 11 if dtype == np.float16 else 8 if dtype.name == "bfloat16" else 24 if dtype == np.float32 else 53
    whole &= ~((1 << max(digits + 2 - size, 0)) - 1)
    if kind == "mixed":
        whole = np.where(everything.words(shape, 4) >> np.uint64(63) == 0, whole, -whole)
    return np.ldexp(whole.astype(np.float64), -digits).astype(dtype), whole, digits


def exact_sums(whole):
    """Sums over the last axis as Python integers."""
    high, low = whole >> 20, whole & ((1 << 20) - 1)
    return [(int(h) << 20) + int(v) for h, v in zip(high.sum(-1), low.sum(-1), strict=True)]


def distance(got, exact, scale, dtype):
    """|got - exact| in units of the last place of `scale`, all of it rational."""
    unit = Fraction(2) ** int(np.log2(float(ulp(np.array(float(abs(scale)), float), dtype))))
    return float(abs(Fraction(float(got)) - exact) / unit)


def totals(x):
    """Sums of integers of any type over the last axis as Python integers."""
    half = 4 * x.itemsize
    high, low = x >> np.array(half, x.dtype), x & np.array((1 << half) - 1, x.dtype)
    pairs = zip(high.sum(-1), low.sum(-1, dtype=np.uint64), strict=True)
    return [(int(h) << half) + int(v) for h, v in pairs]
