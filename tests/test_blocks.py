"""Block reduction: scikit-image's function with its arguments, and what it does not have."""

import numpy as np
import pytest
from compare import DTYPES, assert_same, is_float, outcome, values

import cpool

NAMED = {
    "max": np.max, "min": np.min, "sum": np.sum, "mean": np.mean, "median": np.median, "std": np.std,
    "var": np.var,
}
SHAPES = [((8, 12), 2), ((7, 11), 2), ((7, 11), (3, 4)), ((6, 9, 3), (2, 4, 1)), ((5, 6, 7), 3), ((13,), 5),
          ((4, 5, 3, 6), 2), ((9, 4), (1, 3)), ((3, 2), 4), ((5, 4), 1)]


def plain(x, block_size, func, cval=0, func_kwargs=None):
    """What scikit-image computes, in NumPy."""
    block = (block_size,) * x.ndim if isinstance(block_size, int) else block_size
    x = np.pad(x, [(0, -n % b) for n, b in zip(x.shape, block, strict=True)], constant_values=cval)
    sizes = [k for n, b in zip(x.shape, block, strict=True) for k in (n // b, b)]
    blocks = x.reshape(sizes).transpose([*range(0, 2 * x.ndim, 2), *range(1, 2 * x.ndim, 2)])
    return func(blocks, axis=tuple(range(x.ndim, 2 * x.ndim)), **(func_kwargs or {}))


def check(got, want, x):
    assert got.dtype == want.dtype and got.shape == want.shape
    if is_float(want.dtype):
        eps = {2: 2e-3, 4: 1e-6, 8: 1e-12}[min(want.itemsize, x.itemsize if is_float(x.dtype) else 8)]
        size = abs(x.astype(float)).max()
        np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=4 * eps, atol=eps * size)
    else:
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("shape, block", SHAPES, ids=str)
@pytest.mark.parametrize("name", NAMED)
def test_padded(name, shape, block):
    for dtype in (np.uint8, np.int32, np.float32, np.float64):
        x = values(shape, dtype, "plain", 1)
        if dtype == np.int32:
            x %= 1000
        for cval in 0, 3:
            want = plain(x, block, NAMED[name], cval)
            check(cpool.block_reduce(x, block, NAMED[name], cval), want, x)
            check(cpool.block_reduce(x, block, name, cval=cval), want, x)


@pytest.mark.parametrize("shape, block", SHAPES, ids=str)
def test_scikit_image(shape, block):
    measure = pytest.importorskip("skimage.measure")
    for dtype in (np.uint8, np.float64):
        x = values(shape, dtype, "plain", 2)
        for func in NAMED.values():
            for cval in 0, 7:
                check(cpool.block_reduce(x, block, func, cval), measure.block_reduce(x, block, func, cval), x)
        check(cpool.block_reduce(x, block), measure.block_reduce(x, block), x)
        wide = {"dtype": np.float64}
        given = x, block, np.mean, 0, wide
        check(cpool.block_reduce(*given), measure.block_reduce(*given), x)
        check(cpool.block_reduce(x, block, np.ptp), measure.block_reduce(x, block, np.ptp), x)
    image = values((40, 33, 3), np.uint8, "plain", 3)
    blocks = (2, 2, 1)
    check(cpool.block_reduce(image, blocks, np.mean), measure.block_reduce(image, blocks, np.mean), image)


@pytest.mark.parametrize("name", [*NAMED, "mode"])
def test_edges(name):
    x = values((3, 7, 10), np.uint8, "special" if name == "mode" else "plain", 4)
    block = (1, 3, 4)
    func = NAMED.get(name)
    trim = cpool.block_reduce(x, block, name, edge="trim")
    partial = cpool.block_reduce(x, block, name, edge="partial")
    assert trim.shape == (3, 2, 2) and partial.shape == (3, 3, 3)
    np.testing.assert_array_equal(partial[:, :2, :2], trim)
    corner = x[:, 6:, 8:].reshape(3, -1)
    if func:
        np.testing.assert_allclose(partial[:, 2, 2], func(corner, axis=1), rtol=1e-12)
        np.testing.assert_allclose(trim, plain(x[:, :6, :8], block, func), rtol=1e-12)
    else:
        np.testing.assert_array_equal(partial[:, 2, 2], [np.bincount(c).argmax() for c in corner])
    with pytest.raises(ValueError, match="block_size"):
        cpool.block_reduce(x, block, name, edge="error")
    np.testing.assert_array_equal(cpool.block_reduce(x[:, :6, :8], block, name, edge="error"), trim)
    padded = np.pad(x, ((0, 0), (0, 2), (0, 2)))
    want = cpool.block_reduce(padded, block, name)
    np.testing.assert_array_equal(cpool.block_reduce(x, block, name), want)


@pytest.mark.parametrize("edge", ["pad", "trim", "partial"])
def test_more_axes_and_functions_of_your_own(edge):
    x = values((3, 4, 5, 3, 7), np.int16, "plain", 5)
    for name, func in NAMED.items():
        own = cpool.block_reduce(x, 2, lambda b, axis, func=func: func(b, axis=axis), edge=edge)
        check(cpool.block_reduce(x, 2, name, edge=edge), own, x)

    def scaled(b, axis, scale):
        return b.sum(axis) * scale

    weighted = cpool.block_reduce(x, 2, scaled, 0, {"scale": 3}, edge=edge)
    np.testing.assert_array_equal(weighted, 3 * cpool.block_reduce(x, 2, np.sum, edge=edge))
    labels = (x % 4).astype(np.uint8)
    got = cpool.block_reduce(labels, (2, 2, 1, 2, 2), "mode", edge="trim")
    part = labels[:2, :4, :, :2, :6].reshape(1, 2, 2, 2, 5, 1, 2, 3, 2).transpose(0, 2, 4, 5, 7, 1, 3, 6, 8)
    want = [np.bincount(b).argmax() for b in part.reshape(-1, 16)]
    np.testing.assert_array_equal(got.ravel(), want)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(dtype):
    x = values((6, 8), dtype, "plain", 6)
    for name in NAMED:
        got = cpool.block_reduce(x, 2, name)
        if dtype.name != "bfloat16":
            assert got.dtype == NAMED[name](x, axis=0).dtype, name
    assert cpool.block_reduce(x, 2, "max").dtype == dtype
    assert cpool.block_reduce(x, 2, "std", 0, {"dtype": np.float32, "ddof": 1}).dtype == np.float32
    if not is_float(dtype):
        assert_same(cpool.block_reduce(x, 2, "mode"), cpool.mode_pool2d(x, 2))


def test_small_ones():
    assert cpool.block_reduce(np.array(5), (), "sum") == 5
    assert cpool.block_reduce(np.array(5.0), 2, np.mean).shape == ()
    assert cpool.block_reduce([1, 2, 3]).tolist() == [3, 3]


@pytest.mark.parametrize("arguments, error, word", [
    ({"block_size": 0}, ValueError, "block_size"), ({"block_size": 2.0}, TypeError, "block_size"),
    ({"block_size": (2,)}, ValueError, "block_size"), ({"func": "average"}, ValueError, "func"),
    ({"func": None}, TypeError, "func"), ({"edge": "wrap"}, ValueError, "edge"),
    ({"edge": None}, TypeError, "edge"), ({"cval": 300}, ValueError, "cval"),
    ({"cval": [1]}, TypeError, "cval"), ({"cval": "1"}, TypeError, "cval"),
    ({"cval": 0.5}, ValueError, "cval"),
    ({"func_kwargs": []}, TypeError, "func_kwargs"), ({"func_kwargs": {1: 2}}, TypeError, "func_kwargs"),
    ({"func_kwargs": {"axis": 0}}, TypeError, "func_kwargs"),
    ({"func": "mean", "func_kwargs": {"ddof": 1}}, TypeError, "func_kwargs"),
    ({"func": "std", "func_kwargs": {"ddof": "1"}}, TypeError, "ddof|correction"),
    ({"x": np.zeros((3, 3), complex)}, TypeError, "x must"),
    ({"block_size": 9, "edge": "trim"}, ValueError, "block_size"),
])
def test_refusals(arguments, error, word):
    usual = {"x": np.ones((5, 5), np.uint8), "block_size": 2, "func": np.max}
    assert not isinstance(outcome(cpool.block_reduce, **usual), Exception)
    with pytest.raises(error, match=word):
        cpool.block_reduce(**usual | arguments)
