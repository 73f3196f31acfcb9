"""How exact long windows are: sums against integer arithmetic, up to a million elements, and all at once."""

from fractions import Fraction

import everything
import numpy as np
import pytest
from compare import FLOATS, INTS, ulp
from exact import distance, exact_sums, fixed, totals

import cpool

SIZES = [2, 64, 65, 1000, 4096, 65536, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_averages(dtype, size):
    """Within 4 ulp of the exact average; where terms cancel, 4 ulp of the average of their sizes."""
    many = max(1, min(16, 65536 // size))
    for kind in "positive", "mixed":
        x, whole, digits = fixed((many, size), dtype, kind)
        sums = [Fraction(s, size << digits) for s in exact_sums(whole)]
        scale = [Fraction(s, size << digits) for s in exact_sums(abs(whole))]
        for got in cpool.avg_pool1d(x, size)[:, 0], cpool.global_avg_pool(x, spatial_ndim=1):
            assert max(map(distance, got, sums, scale, [dtype] * many)) <= 4


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["global_sum_pool", "global_sum_pool_backward", "segment_pool"])
def test_sums_of_float64(name, size):
    """Within 4 ulp of the sum of the sizes."""
    x, whole, digits = fixed((1, size), np.dtype(np.float64), "mixed")
    want, scale = (Fraction(exact_sums(v)[0], 1 << digits) for v in (whole, abs(whole)))
    if name == "segment_pool":
        got = cpool.segment_pool(x.reshape(-1, 1), [0, size])[0, 0]
    elif name == "global_sum_pool":
        got = cpool.global_sum_pool(x, spatial_ndim=1)[0]
    else:  # every element gets the whole gradient
        assert (cpool.global_sum_pool_backward(np.array([3.0]), x, spatial_ndim=1) == 3).all()
        return
    assert distance(got, want, scale, np.dtype(np.float64)) <= 4


@pytest.mark.parametrize("dtype", [d for d in FLOATS if d.itemsize > 2], ids=str)
def test_a_constant_stays(dtype):
    """The average of 4096 x 4096 times 0.1 is 0.1; of float64, where errors have one sign, within 12 ulp."""
    x = np.full((1, 4096, 4096), 0.1, dtype)
    allowed = ulp(x[0, 0, 0], dtype) * (12 if dtype.itemsize == 8 else 0.5)
    assert abs(cpool.global_avg_pool(x, spatial_ndim=2)[0] - x[0, 0, 0]) <= allowed


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", INTS, ids=str)
def test_averages_of_integers(dtype, size):
    """Exact, rounded to nearest, halves to even: drawn, both ends of the type, one end."""
    many = max(1, min(16, 65536 // size))
    limits = [np.array(v, dtype) for v in (np.iinfo(dtype).max, np.iinfo(dtype).min)]
    ends = everything.words((many, size), 9) >> np.uint64(63) == 0
    drawn = everything.numbers((many, size), dtype, 9)
    for x in drawn, np.where(ends, *limits), np.full_like(drawn, limits[0]):
        want = [round(Fraction(total, size)) for total in totals(x)]
        assert cpool.avg_pool1d(x, size)[:, 0].tolist() == want
        assert cpool.global_avg_pool(x, spatial_ndim=1).tolist() == want
