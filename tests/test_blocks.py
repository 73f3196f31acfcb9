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


def gradient_of(x, g, func, block, edge, ddof=0):
    """Block after block; max, min and median go to the first elements that hold them."""
    grad = np.zeros(x.shape)
    for at in np.ndindex(*g.shape):
        cut = tuple(slice(i * b, (i + 1) * b) for i, b in zip(at, block, strict=True))
        v = x[cut].ravel()
        share = np.zeros(v.size)
        if func in ("max", "min"):
            share[getattr(v, f"arg{func}")()] = 1
        elif func == "median":
            for k in ((v.size - 1) // 2, v.size // 2):
                share[np.flatnonzero(v == np.sort(v)[k])[0]] += 0.5
        elif func in ("sum", "mean"):
            share += 1 if func == "sum" else 1 / v.size
        else:
            share += 2 * (v - v.mean()) / (v.size - ddof)
            if func == "std":
                share /= 2 * v.std(ddof=ddof) or np.inf
        grad[cut] += g[at] * share.reshape(x[cut].shape)
    return grad


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("edge", ["pad", "trim", "partial"])
def test_derivatives(name, edge):
    rng = np.random.default_rng(7)
    for shape, block in (((7, 11), (2, 3)), ((6, 9, 3), (2, 4, 1)), ((5, 6, 7), (3, 3, 3)), ((13,), (5,)),
                         ((4, 5, 3, 6), (2, 2, 2, 4)), ((5, 4), (1, 1))):
        x = rng.standard_normal(shape)
        options = {"block_size": block, "func": name, "cval": 0.5, "edge": edge}
        if edge == "partial" and name in ("std", "var"):
            options["edge"] = "trim"            # a block of one element has no gradient of its deviation
        y = cpool.block_reduce(x, **options)
        g, t = rng.standard_normal(y.shape), rng.standard_normal(shape)
        reduced = x
        if edge == "pad":
            reduced = np.pad(x, [(0, -n % b) for n, b in zip(shape, block, strict=True)], constant_values=0.5)
        want = gradient_of(reduced, g, name, block, edge)[tuple(slice(0, n) for n in shape)]
        got = cpool.block_reduce_backward(g, x, **options)
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)
        along = cpool.block_reduce_jvp(t, x, **options)
        assert along.shape == y.shape and along.dtype == y.dtype
        np.testing.assert_allclose((along * g).sum(), (got * t).sum(), rtol=1e-10, atol=1e-12)
        out = np.empty_like(x)
        assert cpool.block_reduce_backward(g, x, out=out, **options) is out
        np.testing.assert_array_equal(out, got)
        out = np.empty_like(y)
        assert cpool.block_reduce_jvp(t, x, out=out, **options) is out
        if name in ("sum", "mean"):
            np.testing.assert_array_equal(cpool.block_reduce_backward(g, shape, **options), got)
            np.testing.assert_array_equal(cpool.block_reduce_jvp(t, shape, **options), along)
        # the function that has the name
        options["func"] = NAMED[name]
        np.testing.assert_array_equal(cpool.block_reduce_backward(g, x, **options), got)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if is_float(d)], ids=str)
def test_dtypes_of_derivatives(dtype):
    x = values((5, 6), dtype, "plain", 8)
    for name in NAMED:
        y = cpool.block_reduce(x, 2, name)
        grad = cpool.block_reduce_backward(y, x, 2, name)
        assert grad.dtype == x.dtype and grad.shape == x.shape
        assert cpool.block_reduce_jvp(x, x, 2, name).dtype == y.dtype
    wide = {"dtype": np.float64, "ddof": 1}
    y = cpool.block_reduce(x, 2, "var", 0, wide)
    grad = cpool.block_reduce_backward(y, x, 2, "var", 0, wide)
    assert grad.dtype == x.dtype
    assert cpool.block_reduce_jvp(x, x, 2, "var", 0, wide).dtype == np.float64
    assert cpool.block_reduce_backward(y, x, 2, "var", 0, {"dtype": np.float64}).tobytes() != grad.tobytes()


def test_derivatives_of_a_single_number():
    x = np.array(3.0)
    assert cpool.block_reduce_backward(np.array(2.0), x, func="max") == 2
    assert cpool.block_reduce_jvp(np.array(2.0), x, func="max") == 2


@pytest.mark.parametrize("function", [cpool.block_reduce_backward, cpool.block_reduce_jvp])
def test_refused_derivatives(function):
    x = np.ones((4, 4))
    first = np.ones((2, 2)) if function is cpool.block_reduce_backward else x
    for arguments, error, word in (
        ({"func": "mode"}, ValueError, "func"), ({"func": np.ptp}, TypeError, "func"),
        ({"func": "most"}, ValueError, "func"), ({"edge": "wrap"}, ValueError, "edge"),
        ({"block_size": 0}, ValueError, "block_size"),
        ({"block_size": 3, "edge": "error"}, ValueError, "block_size"),
        ({"func_kwargs": {"ddof": 1}}, TypeError, "func_kwargs"),
        ({"x": (4, 4), "func": "max"}, TypeError, "x"),
        ({"x": x.astype(int)}, TypeError, "x"), ({"out": np.ones(3)}, ValueError, "out"),
    ):
        with pytest.raises(error, match=word):
            function(first, **({"x": x} | arguments))
    for wrong in (np.ones((3, 3)), np.ones((2, 2), "f4"), np.ones((2, 2), int)):
        with pytest.raises((TypeError, ValueError), match=r"grad_output|tangent"):
            function(wrong, x)
