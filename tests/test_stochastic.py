"""Stochastic pooling: what is drawn, how often, how it is replayed, and what is drawn on average."""

import math

import numpy as np
import pytest
from compare import DTYPES, FLOATS, LAYOUTS, assert_same, is_float, outcome
from hypothesis import given
from hypothesis import strategies as st
from strategies import geometries, shapes
from test_window import GEOMETRIES

import cpool
from cpool import reference

SHAPES = {1: (2, 2, 41), 2: (2, 4, 13), 3: (1, 3, 4, 11)}
LAST_SHAPES = {1: (2, 19, 3), 2: (1, 4, 9, 5), 3: (1, 3, 4, 6, 5)}
NAMES = [name for name in cpool.__all__ if "stochastic_pool" in name]


def numbers(shape, dtype, seed=0):
    """Small multiples of 1/8, a third of them not above 0: their sums are exact."""
    return (np.random.default_rng([seed, *shape]).integers(-8, 16, shape) / 8).astype(dtype)


def pool(nd, action="", kind=""):
    return getattr(cpool, f"{kind}stochastic_pool{nd}d{action}")


def check(nd, x, **options):
    """Drawn elements against the plain version, gradients against scatter and gather at the indices."""
    where = {k: v for k, v in options.items() if k not in ("mask", "nan_policy", "random_samples")}
    first = outcome(pool(nd), x, **where, random_samples=0.5)
    if isinstance(first, Exception):
        sizes = {k: v for k, v in where.items() if k != "dtype"}
        assert isinstance(outcome(reference.max_pool, x, **sizes, nd=nd), Exception)
        return None
    shape = first.shape
    sample = np.random.default_rng(5).random(shape)
    values, indices = pool(nd)(x, **options, random_samples=sample, return_indices=True)
    plain = {k: v for k, v in options.items() if k != "nan_policy"} | {"nd": nd}
    plain["omit_nan"] = options.get("nan_policy") == "omit"
    want, positions = reference.stochastic_pool(x, sample, **plain)
    assert_same(values, want)
    assert_same(indices, positions)
    assert_same(pool(nd)(x, **options, random_samples=sample), values)
    where = {k: v for k, v in where.items() if k not in ("dtype",)}
    replayed = pool(nd)(x, **options, indices=indices.astype(np.int32), return_indices=True)
    assert_same(replayed[0], values)
    assert_same(replayed[1], indices)
    g, t = numbers(shape, x.dtype, 1), numbers(x.shape, x.dtype, 2)
    grad = pool(nd, "_backward")(g, x, **options, random_samples=sample)
    assert_same(pool(nd, "_backward")(g, x, **options, indices=indices), grad)
    assert grad.dtype == x.dtype and grad.shape == x.shape
    largest = getattr(cpool, f"max_pool{nd}d_backward")
    assert_same(grad, largest(g, x, **where, indices=indices))
    along = pool(nd, "_jvp")(t, x, **options, random_samples=sample)
    assert_same(along, pool(nd, "_jvp")(t, x, **options, indices=indices))
    if nd == 1 and x.ndim == 1:
        assert_same(along, np.where(indices < 0, 0, t[indices]).astype(x.dtype))
    one = (along.astype(float) * g.astype(float)).sum()
    other = (t.astype(float) * grad.astype(float)).sum()
    assert one == pytest.approx(other, abs=0.5 if x.itemsize == 2 else 1e-9)
    return values


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_geometries(nd, layout):
    for number, (name, geometry) in enumerate(GEOMETRIES.items()):
        if name == "wider than the input" and nd == 3:
            continue
        shape = SHAPES[nd] if layout == "channels_first" else LAST_SHAPES[nd]
        x = numbers(shape, FLOATS[number % len(FLOATS)], number)
        assert check(nd, x, **geometry(nd), data_format=layout) is not None


@st.composite
def calls(draw):
    nd, last = draw(st.integers(1, 3)), draw(st.booleans())
    shape = draw(shapes(nd, last))
    options = draw(geometries(nd))
    x = numbers(shape, draw(st.sampled_from(FLOATS)), draw(st.integers(0, 99)))
    if last:
        options["data_format"] = "channels_last"
    if draw(st.booleans()):
        options["mask"] = np.random.default_rng(draw(st.integers(0, 9))).random(shape) < 0.7
    if draw(st.booleans()):
        x[np.random.default_rng(1).random(shape) < 0.2] = np.nan
        options["nan_policy"] = "omit"
    return nd, x, options


@given(calls())
def test_drawn(call):
    nd, x, options = call
    check(nd, x, **options)


def test_how_often():
    """Each element is drawn in proportion to what it holds, and the average is the test form."""
    x = np.tile(np.array([1.0, 0.0, 2.0, -3.0, 5.0]), 20_000)
    values, indices = cpool.stochastic_pool1d(x, 5, rng=np.random.default_rng(0), return_indices=True)
    counts = np.bincount(indices % 5, minlength=5)
    assert counts[1] == counts[3] == 0
    np.testing.assert_allclose(counts / 20_000, [1 / 8, 0, 1 / 4, 0, 5 / 8], atol=0.012)
    expected = cpool.stochastic_pool1d(x[:5], 5, training=False)
    np.testing.assert_allclose(expected, (1 + 4 + 25) / 8)
    assert abs(values.mean() - expected[0]) < 0.04


def test_generators():
    """A generator gives one sample for each window, in the order of the result, whatever the memory's."""
    x = np.random.default_rng(1).random((2, 3, 6, 8))
    want = cpool.stochastic_pool2d(x, 2, rng=np.random.default_rng(7))
    sample = np.random.default_rng(7).random(want.shape)
    assert_same(cpool.stochastic_pool2d(x, 2, random_samples=sample), want)
    for order in (0, 2, 3, 1), (2, 3, 0, 1), (0, 1, 3, 2):
        memory = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
        assert_same(cpool.stochastic_pool2d(memory, 2, rng=np.random.default_rng(7)), want)
    assert_same(cpool.stochastic_pool2d(x.astype(np.float64), 2, rng=np.random.default_rng(7)), want)
    rng = np.random.default_rng(7)
    first = cpool.stochastic_pool2d(x, 2, rng=rng)
    assert not np.array_equal(first, cpool.stochastic_pool2d(x, 2, rng=rng))
    assert not np.array_equal(cpool.stochastic_pool2d(x, 2), cpool.stochastic_pool2d(x, 2))
    state = np.random.get_state()[1].tobytes()
    cpool.stochastic_pool2d(x, 2)
    assert np.random.get_state()[1].tobytes() == state
    g = np.ones(want.shape)
    grad = cpool.stochastic_pool2d_backward(g, x, 2, rng=np.random.default_rng(7))
    assert_same(grad, cpool.stochastic_pool2d_backward(g, x, 2, random_samples=sample))
    shared = sample[:1, :1]
    full = np.broadcast_to(shared, sample.shape)
    got = cpool.stochastic_pool2d(x, 2, random_samples=shared)
    assert_same(got, cpool.stochastic_pool2d(x, 2, random_samples=full))


def test_ends_of_samples():
    x = np.array([0.0, 1.0, 3.0, 0.0])
    for u, want in (0.0, 1), (0.24, 1), (0.25, 3), (0.999, 3), (1.0, 3):
        assert cpool.stochastic_pool1d(x, 4, random_samples=u) == [want]


def test_special_values():
    nan, inf = math.nan, math.inf
    x = np.array([0, -1, nan, 1, inf, 2, 3, inf, -inf, -2, 0, -0.0])
    values, indices = cpool.stochastic_pool1d(x, 4, random_samples=0.9, return_indices=True)
    np.testing.assert_array_equal(values, [nan, inf, 0])
    assert indices.tolist() == [2, 4, -1]
    omit = {"nan_policy": "omit", "return_indices": True}
    values, indices = cpool.stochastic_pool1d(x, 4, random_samples=0.9, **omit)
    assert values.tolist() == [1, inf, 0] and indices.tolist() == [3, 4, -1]
    np.testing.assert_array_equal(cpool.stochastic_pool1d(x, 4, training=False), [nan, inf, 0])
    with pytest.raises(ValueError, match="x must not hold NaN"):
        cpool.stochastic_pool1d(x, 4, nan_policy="raise")
    none = np.zeros(12, bool)
    assert cpool.stochastic_pool1d(x, 4, mask=none).tolist() == [0, 0, 0]
    assert cpool.stochastic_pool1d(x, 4, mask=none, training=False).tolist() == [0, 0, 0]
    big = np.array([1e30, 3e30, -1e30, 1e30], np.float32)
    assert cpool.stochastic_pool1d(big, 4, random_samples=0.5) == np.float32(3e30)
    np.testing.assert_allclose(cpool.stochastic_pool1d(big, 4, training=False), 11 / 5 * 1e30, rtol=1e-6)
    assert cpool.stochastic_pool1d(big, 1, rng=np.random.default_rng(0)).tolist() == [*big[:2], 0, big[3]]
    grad = cpool.stochastic_pool1d_backward([1.0, 1.0, 1.0], x, 4, indices=[3, -1, 8])
    assert np.flatnonzero(grad).tolist() == [3, 8]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(dtype):
    x = abs(numbers((3, 6, 8), np.float64) * 8).astype(dtype)
    sample = np.random.default_rng(2).random((3, 3, 4))
    for wide in np.float32, np.float64:
        got = cpool.stochastic_pool2d(x, 2, random_samples=sample, dtype=wide)
        assert_same(got, cpool.stochastic_pool2d(x.astype(wide), 2, random_samples=sample))
        test = cpool.stochastic_pool2d(x, 2, training=False, dtype=wide)
        want = cpool.stochastic_pool2d(x.astype(wide), 2, training=False)
        np.testing.assert_allclose(test, want, rtol=1e-6)
        if is_float(dtype):
            grad = cpool.stochastic_pool2d_backward(
                np.ones((3, 3, 4), wide), x, 2, random_samples=sample, dtype=wide)
            assert grad.dtype == dtype and grad.sum() == (x.reshape(3, 3, 2, 4, 2).max((2, 4)) > 0).sum()
            along = cpool.stochastic_pool2d_jvp(x, x, 2, random_samples=sample, dtype=wide)
            assert_same(along, got)
    if not is_float(dtype):
        with pytest.raises(TypeError, match="dtype must be float32 or float64 for stochastic pooling"):
            cpool.stochastic_pool2d(x, 2)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_average_of_draws(nd):
    """The test form against the plain version, with its gradient and derivative."""
    for number, (name, geometry) in enumerate(GEOMETRIES.items()):
        if name == "wider than the input" and nd == 3:
            continue
        x = numbers(SHAPES[nd], (np.float32, np.float64)[number % 2], number)
        options = geometry(nd)
        got, want = pool(nd)(x, **options, training=False), reference.expected_pool(x, **options, nd=nd)
        close = {"rtol": 1e-6 if number % 2 == 0 else 1e-13}
        np.testing.assert_allclose(got, want, **close)
        g, t = numbers(got.shape, x.dtype, 1), numbers(x.shape, x.dtype, 2)
        close["atol"] = 1e-5 if number % 2 == 0 else 1e-12
        grad = pool(nd, "_backward")(g, x, **options, training=False)
        np.testing.assert_allclose(grad, reference.expected_pool_backward(g, x, **options, nd=nd)[0], **close)
        along = pool(nd, "_jvp")(t, x, **options, training=False)
        np.testing.assert_allclose(along, reference.expected_pool_jvp(t, x, **options, nd=nd), **close)


def test_adaptive_and_global():
    x = np.random.default_rng(1).random((2, 3, 5, 8))
    sample = np.random.default_rng(2).random((2, 3, 2, 3))
    values, indices = cpool.adaptive_stochastic_pool2d(x, (2, 3), random_samples=sample, return_indices=True)
    flat = x.reshape(2, 3, -1)
    taken = np.take_along_axis(flat, indices.reshape(2, 3, -1), 2).reshape(values.shape)
    assert_same(values, taken)
    assert_same(cpool.adaptive_stochastic_pool2d(x, (2, 3), indices=indices), values)
    grad = cpool.adaptive_stochastic_pool2d_backward(np.ones(values.shape), x, (2, 3), indices=indices)
    assert grad.sum() == values.size
    assert_same(cpool.adaptive_stochastic_pool2d_jvp(x, x, (2, 3), random_samples=sample), values)
    values, indices = cpool.global_stochastic_pool(x, rng=np.random.default_rng(0), return_indices=True)
    assert_same(values, np.take_along_axis(flat, indices[..., None], 2)[..., 0])
    assert_same(cpool.global_stochastic_pool(x, indices=indices), values)
    kept = cpool.global_stochastic_pool(x, rng=np.random.default_rng(0), keepdims=True)
    assert_same(kept[..., 0, 0], values)
    grad = cpool.global_stochastic_pool_backward(np.ones((2, 3)), x, indices=indices)
    assert_same(grad, cpool.global_stochastic_pool_backward(np.ones((2, 3)), x, rng=np.random.default_rng(0)))
    assert_same(cpool.global_stochastic_pool_jvp(x, x, indices=indices), values)
    np.testing.assert_allclose(
        cpool.global_stochastic_pool(x, training=False), (flat**2).sum(-1) / flat.sum(-1), rtol=1e-13)
    assert cpool.global_stochastic_pool([1.0, 3.0], spatial_ndim=1, random_samples=0.5) == 3


def test_threads():
    x = np.random.default_rng(1).random((40, 3, 30, 31)).astype(np.float32)
    sample = np.random.default_rng(2).random((40, 3, 15, 15))
    results = []
    for threads in 1, 2, 3, 7:
        with cpool.num_threads(threads):
            values, indices = cpool.stochastic_pool2d(x, 2, random_samples=sample, return_indices=True)
            grad = cpool.stochastic_pool2d_backward(values, x, 2, random_samples=sample)
            test = cpool.stochastic_pool2d(x, 2, training=False)
            results.append([values, indices, grad, test])
    for other in results[1:]:
        assert all(a.tobytes() == b.tobytes() for a, b in zip(results[0], other, strict=True))


def test_out():
    x = np.random.default_rng(1).random((4, 6))
    sample = np.random.default_rng(2).random((2, 3))
    pair = np.empty((2, 3)), np.empty((2, 3), np.int32)
    found = cpool.stochastic_pool2d(
        x, 2, random_samples=sample, return_indices=True, index_dtype=np.int32, out=pair)
    assert found[0] is pair[0] and found[1] is pair[1]
    assert_same(pair[0], np.take(x, pair[1]))
    with pytest.raises(ValueError, match="out must not share memory"):
        cpool.stochastic_pool2d(x, 2, random_samples=sample, out=sample)
    grad = np.empty(x.shape)
    assert cpool.stochastic_pool2d_backward(np.ones((2, 3)), x, 2, indices=pair[1], out=grad) is grad


RNG = np.random.default_rng(0)
REFUSED = [
    ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator or None; got 0"),
    ({"rng": np.random.RandomState(0)}, TypeError, "rng must be"),
    ({"random_samples": math.nan}, ValueError, "random_samples must be numbers from 0 to 1"),
    ({"random_samples": -0.1}, ValueError, "random_samples must be numbers from 0 to 1"),
    ({"random_samples": 1.1}, ValueError, "random_samples must be numbers from 0 to 1"),
    ({"random_samples": np.zeros(3)}, ValueError, "random_samples must"),
    ({"random_samples": 1}, TypeError, "random_samples must have one of the dtypes float16"),
    ({"random_samples": "0.5"}, TypeError, "random_samples must"),
    ({"indices": np.zeros((3, 3), int)}, ValueError, r"indices must have the shape \(2, 2\)"),
    ({"indices": np.zeros((2, 2))}, TypeError, "indices must have one of the dtypes int8"),
    ({"indices": np.full((2, 2), 16)}, ValueError, "indices must be positions in a plane of 16"),
    ({"indices": np.full((2, 2), -2)}, ValueError, "indices must be positions in a plane of 16"),
    ({"training": 1}, TypeError, "training must be True or False"),
    ({"return_indices": 1}, TypeError, "return_indices must be True or False"),
    ({"training": False, "return_indices": True}, ValueError, "return_indices must be False if training is"),
]


@pytest.mark.parametrize("options, error, message", REFUSED)
def test_refused(options, error, message):
    x = np.ones((4, 4))
    with pytest.raises(error, match=message):
        cpool.stochastic_pool2d(x, 2, **options)
    if "return_indices" not in options:
        with pytest.raises(error, match=message):
            cpool.stochastic_pool2d_backward(np.ones((2, 2)), x, 2, **options)
        with pytest.raises(error, match=message):
            cpool.stochastic_pool2d_jvp(x, x, 2, **options)


def test_gradients_need_to_know_what_was_drawn():
    x = np.ones((4, 4))
    for call in (
        lambda: cpool.stochastic_pool2d_backward(np.ones((2, 2)), x, 2),
        lambda: cpool.stochastic_pool2d_jvp(x, x, 2),
    ):
        with pytest.raises(ValueError, match="indices, random_samples or rng must say what"):
            call()


def test_layers():
    x = np.random.default_rng(3).random((2, 3, 6, 8))
    layer = cpool.StochasticPool2d(2, rng=np.random.default_rng(1), return_indices=True)
    values, indices = layer(x)
    assert_same(values, cpool.stochastic_pool2d(x, 2, rng=np.random.default_rng(1)))
    g = np.random.default_rng(4).standard_normal(values.shape)
    want = cpool.stochastic_pool2d_backward(g, x, 2, indices=indices)
    assert_same(layer.backward(g), want)
    assert_same(layer.backward(g), want)
    layer.return_indices = False
    assert_same(layer(x, indices=indices), values)
    assert_same(layer.backward(g), want)
    sample = np.random.default_rng(1).random(values.shape)
    assert_same(layer(x, random_samples=sample), values)
    layer.training = False
    assert_same(layer(x), cpool.stochastic_pool2d(x, 2, training=False))
    assert_same(layer.backward(g), cpool.stochastic_pool2d_backward(g, x, 2, training=False))
    layer = cpool.GlobalStochasticPool()
    values = layer(x)
    assert values.shape == (2, 3) and layer.backward(np.ones((2, 3))).sum() == 6
    mask = np.zeros((6, 8), bool)
    mask[1, 2] = True
    assert_same(layer(x, mask=mask), x[:, :, 1, 2])
    assert np.argwhere(layer.backward(np.ones((2, 3)))[0, 0]).tolist() == [[1, 2]]
    layer.return_indices = 1
    with pytest.raises(TypeError, match="return_indices"):
        layer(x)
