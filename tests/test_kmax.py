"""k-max pooling against its plain version, and the k of dynamic pooling."""

import numpy as np
import pytest
from compare import DTYPES, FLOATS, assert_same, is_float, outcome, values
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays

import cpool
from cpool import reference

LINES = [((23,), 0), ((3, 4, 11), -1), ((3, 12, 5), 1), ((9, 2, 3), 0), ((0, 4), 1), ((2, 0), 0)]


def check(x, k, **options):
    policy = options.pop("nan_policy", "propagate")
    want = reference.kmax_pool(x, k, omit_nan=policy == "omit", **options)
    got = cpool.kmax_pool(x, k, True, nan_policy=policy, **options)
    message = f"{x.dtype}{x.shape} {k} {options}"
    assert_same(got[0], np.ascontiguousarray(want[0]), message)
    assert_same(got[1], np.ascontiguousarray(want[1]), message)
    assert_same(cpool.kmax_pool(x, k, nan_policy=policy, **options), got[0], message)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(dtype):
    for flavour in "plain", "special", "extreme":
        for shape, axis in LINES:
            x = values(shape, dtype, flavour, 1)
            for k in 1, 2, 5, 9, 30:
                check(x, k, axis=axis)
            mask = np.random.default_rng(2).random(shape) < 0.4
            check(x, 3, axis=axis, mask=mask)
            if is_float(dtype):
                check(x, 3, axis=axis, nan_policy="omit", mask=mask)


@given(st.data())
def test_drawn(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 7), min_size=1, max_size=3)))
    x = data.draw(arrays(shape))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    options = {"axis": axis, "nan_policy": data.draw(st.sampled_from(["propagate", "omit"]))}
    if data.draw(st.booleans()):
        options["mask"] = np.random.default_rng(1).random(shape) < 0.5
    check(x, data.draw(st.integers(1, 9)), **options)


def test_sorting_says_the_same():
    x = np.random.default_rng(0).permutation(3 * 40).reshape(3, 40)
    for k in 1, 7, 40:
        got, where = cpool.kmax_pool(x, k, True)
        np.testing.assert_array_equal(np.sort(got, -1), np.sort(x, -1)[:, 40 - k:])
        assert (np.diff(where, axis=-1) > 0).all()
        np.testing.assert_array_equal(np.take_along_axis(x, where, -1), got)
    np.testing.assert_array_equal(cpool.kmax_pool(x, 1)[:, 0], cpool.global_max_pool(x, spatial_ndim=1))


def test_of_equal_ones_the_first():
    values_, where = cpool.kmax_pool([2, 5, 5, 5, 1], 2, True)
    assert values_.tolist() == [5, 5] and where.tolist() == [1, 2]


def test_what_is_missing():
    for dtype in DTYPES:
        x = values((3,), dtype, "plain")
        got, where = cpool.kmax_pool(x, 5, True, mask=[True, False, True])
        assert got[:2].tolist() == x[::2].tolist() and where.tolist() == [0, 2, -1, -1, -1]
        lowest = -np.inf if is_float(dtype) else False if dtype == np.bool_ else np.iinfo(dtype).min
        assert (got[2:] == lowest).all()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_gradients(dtype):
    for shape, axis, k in ((4, 9), 1, 3), ((3, 9, 5), 1, 4), ((7, 2, 3), 0, 9):
        x, t = values(shape, dtype, seed=1), values(shape, dtype, seed=2)
        y, where = cpool.kmax_pool(x, k, True, axis=axis)
        g = values(y.shape, dtype, seed=3)
        grad = cpool.kmax_pool_backward(g, x, k, axis=axis)
        want = np.zeros(shape)
        found = np.moveaxis(where, axis, -1)
        for at in np.ndindex(found.shape[:-1]):
            for j, i in enumerate(found[at]):
                if i >= 0:
                    np.moveaxis(want, axis, -1)[(*at, i)] += np.moveaxis(g, axis, -1)[(*at, j)].astype(float)
        assert grad.dtype == dtype
        np.testing.assert_array_equal(grad.astype(float), want)
        np.testing.assert_array_equal(cpool.kmax_pool_backward(g, x, k, axis=axis, indices=where), grad)
        given_shape = cpool.kmax_pool_backward(g, shape, k, axis=axis, indices=where.astype(np.int32))
        np.testing.assert_array_equal(given_shape, grad)
        along = cpool.kmax_pool_jvp(t, x, k, axis=axis)
        taken = np.take_along_axis(t, np.maximum(where, 0), axis)
        np.testing.assert_array_equal(along, np.where(where < 0, 0, taken).astype(dtype))
    empty = cpool.kmax_pool_backward(np.zeros((0, 2), dtype), np.zeros((0, 5), dtype), 2)
    assert empty.shape == (0, 5)
    assert (cpool.kmax_pool_jvp(np.zeros((2, 0), dtype), np.zeros((2, 0), dtype), 2) == 0).all()
    assert cpool.kmax_pool_backward(np.ones((2, 2), dtype), np.zeros((2, 0), dtype), 2).shape == (2, 0)


def test_finite_differences():
    x = np.random.default_rng(1).permutation(np.arange(20.0)).reshape(2, 10)
    t = np.random.default_rng(2).standard_normal(x.shape)
    slope = (cpool.kmax_pool(x + 1e-3 * t, 4) - cpool.kmax_pool(x - 1e-3 * t, 4)) / 2e-3
    np.testing.assert_allclose(cpool.kmax_pool_jvp(t, x, 4), slope, rtol=1e-9)
    g = np.ones(slope.shape)
    np.testing.assert_allclose((cpool.kmax_pool_backward(g, x, 4) * t).sum(), slope.sum())


def test_threads_and_forms():
    x = values((64, 3, 401), np.float32, "plain", 1)
    want = cpool.kmax_pool(x, 20, True)
    for threads in 1, 2, 3, 7:
        with cpool.num_threads(threads):
            got = cpool.kmax_pool(x, 20, True)
            assert all((a == b).all() for a, b in zip(got, want, strict=True))
    for form in np.asfortranarray(x), x.astype(">f4"), np.moveaxis(np.moveaxis(x, 2, 0).copy(), 0, 2):
        np.testing.assert_array_equal(cpool.kmax_pool(form, 20), want[0])
    out = np.empty((64, 3, 20), np.float32, order="F"), np.empty((64, 3, 20), np.int32)
    assert cpool.kmax_pool(x, 20, True, out=out, index_dtype=np.int32)[0] is out[0]
    np.testing.assert_array_equal(out[0], want[0])
    np.testing.assert_array_equal(out[1], want[1])


@pytest.mark.parametrize("options, error, word", [
    ({"k": 0}, ValueError, "k "), ({"k": 2.0}, TypeError, "k "), ({"k": True}, TypeError, "k "),
    ({"k": 2**31}, ValueError, "k "), ({"axis": 2}, ValueError, "axis"),
    ({"axis": (0, 1)}, ValueError, "axis"),
    ({"axis": 1.0}, TypeError, "axis"), ({"mask": np.ones(5, bool)}, ValueError, "mask"),
    ({"mask": np.ones(4)}, TypeError, "mask"), ({"nan_policy": "drop"}, ValueError, "nan_policy"),
    ({"return_indices": 1}, TypeError, "return_indices"), ({"index_dtype": "f4"}, TypeError, "index_dtype"),
    ({"out": np.zeros((3, 3))}, ValueError, "out"), ({"k": 2**30}, MemoryError, "output"),
])
def test_refusals(options, error, word):
    x = np.ones((2**14 if options.get("k") == 2**30 else 3, 4))
    with pytest.raises(error, match=word):
        cpool.kmax_pool(x, **{"k": 2} | options)


def test_refused_gradients():
    x, g = np.ones((3, 4)), np.ones((3, 2))
    with pytest.raises(ValueError, match="x must not hold NaN"):
        cpool.kmax_pool(x * np.nan, 2, nan_policy="raise")
    assert isinstance(outcome(cpool.kmax_pool_backward, g, (3, 4), 2), TypeError)
    assert isinstance(outcome(cpool.kmax_pool_backward, g.astype(int), x, 2), TypeError)
    assert isinstance(outcome(cpool.kmax_pool_backward, g[:, :1], x, 2), ValueError)
    for wrong in np.full((3, 2), 4), np.full((3, 2), -2), np.zeros((3, 1), int):
        with pytest.raises(ValueError, match="indices"):
            cpool.kmax_pool_backward(g, x, 2, indices=wrong)
    with pytest.raises(TypeError, match="tangent"):
        cpool.kmax_pool_jvp(x.astype(np.float32), x, 2)
    with pytest.raises(ValueError, match="mask"):
        cpool.kmax_pool_backward(g, x, 2, indices=np.zeros((3, 2), int), mask=np.ones(3, bool))


def test_dynamic_k():
    for layers in range(1, 6):
        for layer in range(1, layers + 1):
            for length in range(40):
                want = max(4, int(np.ceil((layers - layer) / layers * length - 1e-9)))
                assert cpool.dynamic_k(4, layer, layers, length) == want
                assert reference.dynamic_k(4, layer, layers, length) == want
    for wrong in (0, 1, 3, 10), (4, 0, 3, 10), (4, 4, 3, 10), (4, 1, 0, 10), (4, 1, 3, -1):
        with pytest.raises(ValueError):
            cpool.dynamic_k(*wrong)
    with pytest.raises(TypeError, match="k_top"):
        cpool.dynamic_k(4.0, 1, 3, 10)
