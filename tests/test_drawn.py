"""Fractional pooling and S3Pool: windows that are drawn or listed, for every plane or for all."""

import itertools

import numpy as np
import pytest
from compare import DTYPES, FLOATS, INTS, LAYOUTS, assert_close, assert_same, is_float, ulp, values
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from strategies import arrays

import cpool
from cpool import reference

SPATIAL = {1: (37,), 2: (9, 23), 3: (5, 7, 11)}
KERNEL = {1: 3, 2: (3, 2), 3: (2, 3, 2)}
OUT = {1: 20, 2: (6, 13), 3: (3, 4, 7)}


def function(name, nd, action=""):
    return getattr(cpool, f"{name}_pool{nd}d{action}")


def shape_of(nd, layout, lead=(2,), channels=3):
    return (*lead, *SPATIAL[nd], channels) if layout == "channels_last" else (*lead, channels, *SPATIAL[nd])


def samples_of(nd, planes=(2, 3), dtype=np.float64, seed=0):
    return np.random.default_rng(seed).random((*planes, nd)).astype(dtype)


def edges_of(n, count, rng):
    """Edges with windows of at least one element."""
    inside = np.sort(rng.choice(np.arange(1, n), count - 1, replace=False))
    return np.concatenate([[0], inside, [n]])


def pairs_of(n, count, rng, planes=()):
    """Overlapping windows: starts and stops that do not fall."""
    start = np.sort(rng.integers(0, n, (*planes, count)), axis=-1)
    stop = np.maximum.accumulate(start + rng.integers(1, max(n // 2, 2), start.shape), axis=-1)
    return np.stack([start, np.minimum(stop, n)], axis=-1)


def windows_of(nd, seed=0):
    """Every way of saying which windows, as keyword arguments and the numbers that they come to."""
    rng = np.random.default_rng(seed)
    yield {"random_samples": samples_of(nd), "output_size": OUT[nd]}
    yield {"random_samples": samples_of(nd, ()), "output_size": OUT[nd]}
    yield {"random_samples": samples_of(nd, (2, 1)), "output_ratio": 0.6}
    yield {"random_samples": samples_of(nd, (2, 3), np.float32), "output_size": 1}
    yield {"random_samples": 0.3, "output_size": OUT[nd]}
    yield {"random_samples": samples_of(nd)[..., :1], "output_size": OUT[nd]}
    yield {"boundaries": [edges_of(n, n // 2, rng) for n in SPATIAL[nd]]}
    yield {"boundaries": [pairs_of(n, n + 3, rng) for n in SPATIAL[nd]]}
    yield {"boundaries": [pairs_of(n, n // 2, rng, (2, 3)) for n in SPATIAL[nd]]}
    yield {"boundaries": [pairs_of(n, 4, rng, [(), (1, 3), (2, 1)][i]) for i, n in enumerate(SPATIAL[nd])]}


def average_error(want, x, given, **layout):
    """What averages may be off by: 4 ulp, and 8 eps of the mean size of the elements."""
    if not is_float(want.dtype):
        return 0
    wide = reference.fractional_avg_pool(abs(x.astype(np.longdouble)), **given, **layout)
    with np.errstate(all="ignore"):
        error = 4 * ulp(want, want.dtype) + 8 * 2.0 ** (-52 if want.dtype == np.float64 else -23) * wide
    return np.where(np.isfinite(error), error, 0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_grid(nd, layout, dtype):
    x = values(shape_of(nd, layout), dtype, "special" if is_float(dtype) else "plain")
    for given in windows_of(nd):
        where = {"data_format": layout}
        want, at = reference.fractional_max_pool(x, KERNEL[nd], return_indices=True, nd=nd, **given, **where)
        before = x.tobytes()
        got, indices = function("fractional_max", nd)(x, KERNEL[nd], return_indices=True, **given, **where)
        assert x.tobytes() == before
        assert_same(got, want, f"{list(given)}")
        assert_same(indices, at, f"{list(given)} indices")
        assert_same(function("fractional_max", nd)(x, KERNEL[nd], **given, **where), want)

        options = {"dtype": np.float32} if dtype == np.bool_ else {}
        want = reference.fractional_avg_pool(x, KERNEL[nd], nd=nd, **given, **where, **options)
        got = function("fractional_avg", nd)(x, KERNEL[nd], **given, **where, **options)
        rest = {"nd": nd, "kernel_size": KERNEL[nd]} | where
        assert_close(got, want, average_error(want, x, given, **rest), f"{list(given)}")


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_gradients(nd, layout, dtype):
    x = values(shape_of(nd, layout), dtype, "special")
    eps = 2.0 ** (-52 if dtype == np.float64 else -23)
    for given in windows_of(nd, 1):
        rest = {"kernel_size": KERNEL[nd], "data_format": layout} | given
        shape = reference.fractional_max_pool(x, nd=nd, **rest).shape
        g, t = values(shape, dtype, seed=1), values(x.shape, dtype, seed=2)
        for name in "fractional_max", "fractional_avg":
            slow = getattr(reference, f"{name}_pool_backward")
            want = slow(g, x, nd=nd, **rest)
            with np.errstate(all="ignore"):
                size = slow(abs(g.astype(np.longdouble)), x.astype(np.longdouble), nd=nd, **rest)
            got = function(name, nd, "_backward")(g, x, **rest)
            assert_close(got, want, 4 * ulp(want, dtype) + 8 * eps * size, name)
            want = getattr(reference, f"{name}_pool_jvp")(t, x, nd=nd, **rest)
            got = function(name, nd, "_jvp")(t, x, **rest)
            bound = average_error(want, t, given, nd=nd, kernel_size=KERNEL[nd], data_format=layout)
            assert_close(got, want, bound if "avg" in name else 0, name)
        # with indices nobody has to know the windows, or more of x than its shape
        _, at = function("fractional_max", nd)(x, return_indices=True, **rest)
        drawn = {k: v for k, v in rest.items() if k != "random_samples"}
        for action, array in ("_backward", g), ("_jvp", t):
            same = function("fractional_max", nd, action)
            assert_same(same(array, x.shape, indices=at, **drawn), same(array, x, **rest))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("nd", [2, 3])
def test_same_as_torch(nd, dtype):
    torch = pytest.importorskip("torch")
    pool = getattr(torch.nn.functional, f"fractional_max_pool{nd}d")
    rng = np.random.default_rng(nd)
    for spatial, kernel, out in [
        ((17, 23, 11)[:nd], 2, (10, 15, 7)[:nd]),
        ((9, 9, 9)[:nd], (3, 1, 2)[:nd], (1, 8, 7)[:nd]),
        ((40, 8, 31)[-nd:], 3, (25, 5, 21)[-nd:]),
        ((5, 6, 5)[-nd:], (4, 5, 4)[-nd:], 1),
    ]:
        x = np.round(rng.standard_normal((3, 4, *spatial)) * 3).astype(dtype)
        samples = rng.random((3, 4, nd)).astype(dtype)
        want, at = pool(
            torch.from_numpy(x),
            kernel,
            output_size=out,
            return_indices=True,
            _random_samples=torch.from_numpy(samples),
        )
        got, indices = function("fractional_max", nd)(
            x, kernel, out, return_indices=True, random_samples=samples
        )
        assert_same(got, want.numpy())
        assert_same(indices, at.numpy())
        # an unbatched input has samples of shape (1, C, n)
        got = function("fractional_max", nd)(x[0], kernel, out, random_samples=samples[:1])
        assert_same(got, want.numpy()[0])

        xt = torch.from_numpy(x.astype(np.float64)).requires_grad_()
        wide = torch.from_numpy(samples.astype(np.float64))
        y = pool(xt, kernel, output_size=out, _random_samples=wide)
        g = rng.standard_normal(y.shape)
        y.backward(torch.from_numpy(g))
        got = function("fractional_max", nd, "_backward")(
            g, xt.detach().numpy(), kernel, out, random_samples=wide.numpy()
        )
        assert_close(got, xt.grad.numpy(), 1e-14)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_axes_in_any_place(nd):
    x = values((2, 3, *SPATIAL[nd]), np.float32)
    samples = samples_of(nd)
    want, at = function("fractional_max", nd)(
        x, KERNEL[nd], OUT[nd], return_indices=True, random_samples=samples
    )
    mean = function("fractional_avg", nd)(x, KERNEL[nd], OUT[nd], random_samples=samples)
    order = [*range(2, 2 + nd), 0, 1]
    axis = tuple(range(nd))
    given = {"random_samples": samples, "axis": axis}
    for moved in x.transpose(order), np.ascontiguousarray(x.transpose(order)):
        got, indices = function("fractional_max", nd)(
            moved, KERNEL[nd], OUT[nd], return_indices=True, **given
        )
        assert_same(got, np.ascontiguousarray(want.transpose(order)))
        assert_same(indices, np.ascontiguousarray(at.transpose(order)))
        got = function("fractional_avg", nd)(moved, KERNEL[nd], OUT[nd], **given)
        assert_same(got, np.ascontiguousarray(mean.transpose(order)))
        shared = function("fractional_max", nd)(
            moved, KERNEL[nd], OUT[nd], random_samples=samples[0, 0], axis=axis
        )
        plain = function("fractional_max", nd)(x, KERNEL[nd], OUT[nd], random_samples=samples[0, 0])
        assert_same(shared, np.ascontiguousarray(plain.transpose(order)))
    g = values(want.shape, np.float32, seed=3)
    for name in "fractional_max", "fractional_avg":
        backward = function(name, nd, "_backward")
        plain = backward(g, x, KERNEL[nd], OUT[nd], random_samples=samples)
        got = backward(g.transpose(order), x.transpose(order), KERNEL[nd], OUT[nd], **given)
        assert_close(got, np.ascontiguousarray(plain.transpose(order)), 1e-5)


def test_samples_of_each_axis():
    """(W, H) in two dimensions, (D, H, W) in three: with the sample of one axis alone only that one moves."""
    x = np.arange(14.0).reshape(2, 7)
    still = cpool.fractional_max_pool2d(x, (1, 2), (2, 4), random_samples=[0.0, 0.9])
    moved = cpool.fractional_max_pool2d(x, (1, 2), (2, 4), random_samples=[0.9, 0.0])
    assert still.tolist() == [[1, 2, 4, 6], [8, 9, 11, 13]]
    assert moved.tolist() == [[1, 3, 4, 6], [8, 10, 11, 13]]
    x = x.reshape(1, 2, 7)
    got = cpool.fractional_max_pool3d(x, (1, 1, 2), (1, 2, 4), random_samples=[0.0, 0.0, 0.9])
    assert got.tolist() == [moved.tolist()]


@pytest.mark.parametrize(
    "shape, bounds",
    [
        ((3, 5000), [[0, 1, 4990, 5000]]),  # one window wider than a piece of a row
        ((2, 6, 3000), [[0, 3, 6], [0, 2500, 3000]]),
        ((5, 7, 700), [[0, 2, 5], [0, 1, 7]]),  # more channels than a piece
        ((40, 9, 2100), [[0, 39, 40], [0, 4, 9]]),
    ],
)
def test_wide_windows(shape, bounds):
    nd = len(bounds)
    last = "channels_last" if len(shape) > nd + (shape[-1] in (5000, 3000)) else "channels_first"
    for dtype in np.float32, np.float64, np.uint8, np.int64:
        x = values(shape, dtype)
        given = {"boundaries": bounds, "data_format": last}
        want, at = reference.fractional_max_pool(x, nd=nd, return_indices=True, **given)
        got, indices = function("fractional_max", nd)(x, None, return_indices=True, **given)
        assert_same(got, want)
        assert_same(indices, at)
        want = reference.fractional_avg_pool(x, nd=nd, **given)
        got = function("fractional_avg", nd)(x, None, **given)
        assert_close(got, want, average_error(want, x, given | {"nd": nd}))
        if is_float(dtype):
            g = values(want.shape, dtype, seed=1)
            want = reference.fractional_avg_pool_backward(g, x, nd=nd, **given)
            got = function("fractional_avg", nd, "_backward")(g, x, None, **given)
            assert_close(got, want, 4 * ulp(want, dtype))


def test_many_windows_over_few_elements():
    pairs = np.array([[0, 2]] * 3000 + [[1, 3]] * 3000)
    x = np.array([[1.0, 5.0, 2.0], [7.0, 3.0, 4.0]])
    got, at = cpool.fractional_max_pool1d(x, None, boundaries=[pairs], return_indices=True)
    assert got.tolist() == [[5.0] * 6000, [7.0] * 3000 + [4.0] * 3000]
    assert at.tolist() == [[1] * 6000, [0] * 3000 + [2] * 3000]
    assert cpool.fractional_avg_pool1d(x, None, boundaries=[pairs]).tolist() == [
        [3.0] * 3000 + [3.5] * 3000,
        [5.0] * 3000 + [3.5] * 3000,
    ]
    g = np.ones((2, 6000))
    assert (
        cpool.fractional_avg_pool1d_backward(g, x, None, boundaries=[pairs]).tolist()
        == [[1500, 3000, 1500]] * 2
    )


@pytest.mark.parametrize("dtype", INTS, ids=str)
def test_averages_of_integers_are_exact(dtype):
    x = values((4, 3, 50), dtype, "extreme")
    x[1] = np.iinfo(dtype).max
    x[2] = np.iinfo(dtype).min
    for edges in [0, 1, 3, 6, 10, 50], [0, 7, 50], [0, 25, 50]:
        want = reference.fractional_avg_pool(x, nd=1, boundaries=[edges])
        assert_same(cpool.fractional_avg_pool1d(x, None, boundaries=edges), want)
        got = cpool.fractional_avg_pool1d(x, None, boundaries=edges, dtype=np.float64)
        want = reference.fractional_avg_pool(x, nd=1, boundaries=[edges], dtype=np.float64)
        assert_close(got, want, ulp(want, np.float64))


def test_sums_of_float64_lose_nothing():
    x = np.random.default_rng(0).standard_normal((1, 300, 300)) + 1e8
    exact = x.astype(np.longdouble).mean()
    got = cpool.fractional_avg_pool2d(x, None, boundaries=([0, 300], [0, 300]))
    assert abs(got[0, 0, 0] - exact) <= 4 * ulp(np.array(exact), np.float64)
    x[0, 5, 5], x[0, 6, 6] = np.inf, 3.0
    assert cpool.fractional_avg_pool2d(x, None, boundaries=([0, 300], [0, 300]))[0, 0, 0] == np.inf
    x[0, 7, 7] = -np.inf
    assert np.isnan(cpool.fractional_avg_pool2d(x, None, boundaries=([0, 300], [0, 300]))[0, 0, 0])


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_threads_make_no_difference(nd):
    x = values((5, 3, *SPATIAL[nd]), np.float32)
    for layout in LAYOUTS:
        for samples in (
            samples_of(nd, (5, SPATIAL[nd][0] if layout == "channels_last" else 3)),
            samples_of(nd, ()),
        ):
            view = x if layout == "channels_first" else np.moveaxis(x, 2, -1)
            spatial = view.shape[1:-1] if layout == "channels_last" else view.shape[2:]
            out = tuple(max(n // 2, 1) for n in spatial)
            given = {
                "kernel_size": 2 if min(spatial) > 2 else 1,
                "output_size": out,
                "random_samples": samples,
                "data_format": layout,
            }
            found = []
            for n in 1, 2, 3, 7:
                with cpool.num_threads(n):
                    y, at = function("fractional_max", nd)(view, return_indices=True, **given)
                    mean = function("fractional_avg", nd)(view, **given)
                    grads = [
                        function(name, nd, "_backward")(y, view, **given)
                        for name in ("fractional_max", "fractional_avg")
                    ]
                    found.append([a.tobytes() for a in (y, at, mean, *grads)])
            assert all(one == found[0] for one in found)


def test_large_problems_use_threads():
    """The same bits where the work is enough for several threads, whole planes and bands of one."""
    for shape, out in ((16, 8, 96, 96), (60, 60)), ((1, 1, 700, 701), (400, 500)):
        x = values(shape, np.float32)
        g = values((*shape[:2], *out), np.float32, seed=1)
        samples = samples_of(2, shape[:2])
        found = []
        for n in 1, 3:
            with cpool.num_threads(n):
                y, at = cpool.fractional_max_pool2d(x, 3, out, return_indices=True, random_samples=samples)
                mean = cpool.fractional_avg_pool2d(x, 3, out, random_samples=samples)
                gx = cpool.fractional_avg_pool2d_backward(g, x, 3, out, random_samples=samples)
                found.append([a.tobytes() for a in (y, at, mean, gx)])
        assert found[0] == found[1]
        want, index = reference.fractional_max_pool(
            x[:1, :1, :40], 3, (20, out[1]), return_indices=True, nd=2, random_samples=samples[:1, :1]
        )
        got, at = cpool.fractional_max_pool2d(
            x[:1, :1, :40], 3, (20, out[1]), return_indices=True, random_samples=samples[:1, :1]
        )
        assert_same(got, want)
        assert_same(at, index)


# ---- what is drawn ----


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("name", ["fractional_max", "fractional_avg"])
def test_calls_are_replayed(name, nd):
    x = values((2, 3, *SPATIAL[nd]), np.float64)
    pool, backward = function(name, nd), function(name, nd, "_backward")
    state = np.random.get_state()[1].tobytes()
    y, samples = pool(x, 2, OUT[nd], rng=np.random.default_rng(5), return_samples=True)
    assert samples.shape == (2, 3, nd) and len(np.unique(samples)) == samples.size
    assert np.random.get_state()[1].tobytes() == state
    assert_same(pool(x, 2, OUT[nd], rng=np.random.default_rng(5)), y)
    assert_same(pool(x, 2, OUT[nd], random_samples=samples), y)
    assert not np.array_equal(pool(x, 2, OUT[nd], rng=np.random.default_rng(6)), y)
    free, samples2 = pool(x, 2, OUT[nd], return_samples=True)
    assert not np.array_equal(samples, samples2)
    assert_same(pool(x, 2, OUT[nd], random_samples=samples2), free)
    want = backward(y, x, 2, OUT[nd], random_samples=samples)
    assert_same(backward(y, x, 2, OUT[nd], rng=np.random.default_rng(5), return_samples=True), want)
    shared, samples = pool(x, 2, OUT[nd], random_samples=samples[0, 0], return_samples=True)
    assert samples.shape == (2, 3, nd)
    assert_same(pool(x, 2, OUT[nd], random_samples=samples), shared)


def test_samples_cover_their_range():
    """0 and 1 are samples, and no dtype makes a window leave the axis."""
    for dtype in FLOATS:
        for n, k, out in (3000, 2, 2001), (11, 1, 11), (97, 5, 50):
            x = np.arange(float(n))
            for u in 0.0, 0.5, 0.999, 1.0:
                got = cpool.fractional_max_pool1d(x, k, out, random_samples=np.array([u]).astype(dtype))
                assert got[0] == k - 1 and got[-1] == n - 1 and (np.diff(got) >= 0).all()


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_empty_arrays(nd):
    x = np.empty((0, 3, *SPATIAL[nd]), np.float32)
    y, at, samples = function("fractional_max", nd)(x, 2, 2, return_indices=True, return_samples=True)
    assert y.shape == at.shape == (0, 3, *[2] * nd) and samples.shape == (0, 3, nd)
    gx = function("fractional_max", nd, "_backward")(y, x, 2, 2, random_samples=samples)
    assert gx.shape == x.shape
    gx = function("fractional_avg", nd, "_backward")(y, x, 2, 2, random_samples=samples)
    assert gx.shape == x.shape
    assert function("fractional_avg", nd, "_jvp")(x, x, 2, 2, random_samples=samples).shape == y.shape


@pytest.mark.parametrize("layout", LAYOUTS)
def test_out(layout):
    x = values(shape_of(2, layout), np.float32)
    given = {"random_samples": samples_of(2), "data_format": layout}
    want, at = cpool.fractional_max_pool2d(x, 2, 5, return_indices=True, **given)
    y, index = np.full_like(want, 7), np.full_like(at, 7)
    found = cpool.fractional_max_pool2d(x, 2, 5, return_indices=True, out=(y, index), **given)
    assert found[0] is y and found[1] is index
    assert_same(y, want)
    assert_same(index, at)
    assert cpool.fractional_avg_pool2d(x, 2, 5, out=y, **given) is y
    gx = np.full_like(x, 7)
    for backward in cpool.fractional_max_pool2d_backward, cpool.fractional_avg_pool2d_backward:
        assert backward(y, x, 2, 5, out=gx, **given) is gx
        assert_same(gx, backward(y, x, 2, 5, **given))
        with pytest.raises(ValueError, match="memory"):
            backward(y, x, 2, 5, out=x, **given)
    with pytest.raises(ValueError, match="memory"):
        cpool.fractional_avg_pool2d_jvp(
            gx,
            x,
            9 if layout == "never" else 1,
            x.shape[1:3] if layout == "channels_last" else x.shape[2:],
            out=x,
            **given,
        )


# ---- properties ----


@st.composite
def listed(draw, dtypes=FLOATS):
    """An x, a layout, and windows of any kind."""
    nd = draw(st.integers(1, 3))
    spatial = tuple(draw(st.integers(1, {1: 30, 2: 9, 3: 5}[nd])) for _ in range(nd))
    lead = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    layout = draw(st.sampled_from(LAYOUTS))
    channels = draw(st.integers(1, 4))
    shape = (*lead, *spatial, channels) if layout == "channels_last" else (*lead, *spatial)
    planes = (*lead, channels) if layout == "channels_last" else lead
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        kernel = tuple(draw(st.integers(1, n)) for n in spatial)
        out = tuple(draw(st.integers(1, n - k + 1)) for n, k in zip(spatial, kernel, strict=True))
        samples = rng.random((*(planes if draw(st.booleans()) else ()), nd))
        given = {"kernel_size": kernel, "output_size": out, "random_samples": samples}
    else:
        bounds = [
            pairs_of(n, draw(st.integers(1, 12)), rng, planes if draw(st.booleans()) else ()) for n in spatial
        ]
        given = {"kernel_size": None, "boundaries": bounds}
    return nd, draw(arrays(shape, dtypes)), given | {"data_format": layout}


@settings(max_examples=120)
@drawn(listed(DTYPES))
def test_any_call(call):
    nd, x, given = call
    want, at = reference.fractional_max_pool(x, nd=nd, return_indices=True, **given)
    got, indices = function("fractional_max", nd)(x, return_indices=True, **given)
    assert_same(got, want)
    assert_same(indices, at)


@settings(max_examples=80)
@drawn(listed([np.dtype(np.float64)]), st.integers(0, 2**32))
def test_adjoint(call, seed):
    nd, x, given = call
    rng = np.random.default_rng(seed)
    x = np.where(np.isfinite(x), x, 0)
    for name in "fractional_max", "fractional_avg":
        t = rng.standard_normal(x.shape)
        along = function(name, nd, "_jvp")(t, x, **given)
        g = rng.standard_normal(along.shape)
        back = function(name, nd, "_backward")(g, x, **given)
        assert np.isclose((along * g).sum(), (t * back).sum(), rtol=1e-10, atol=1e-10)


# ---- S3Pool ----


def s3_windows(nd, rng):
    for kernel, stride, grid in (2, None, None), (3, 2, 4), (1, 1, 1), (4, 2, 2):
        sizes = SPATIAL[nd]
        kept = []
        s, g = (stride or kernel), (grid or stride or kernel)
        for n in sizes:
            g_n = min(g, n // s * s) if n < g else g
            assert g_n == g
            edges = [*range(0, n - n % g, g), n]
            kept.append(
                np.concatenate(
                    [
                        np.sort(rng.choice(np.arange(a, b), g // s, replace=False))
                        for a, b in itertools.pairwise(edges)
                    ]
                )
            )
        yield (kernel, stride, grid), kept


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_s3(nd, layout, dtype):
    x = values(shape_of(nd, layout), dtype, "special")
    where = {"data_format": layout}
    for sizes, kept in s3_windows(nd, np.random.default_rng(nd)):
        want, at = reference.s3_pool(x, *sizes, return_indices=True, nd=nd, positions=kept, **where)
        got, indices = function("s3", nd)(x, *sizes, return_indices=True, positions=kept, **where)
        assert_same(got, want)
        assert_same(indices, at)
        # what stays is what max pooling with stride 1 gives there
        every = function("max", nd)(x, sizes[0], 1, "same", **where)
        first = 1 if layout == "channels_last" else 2
        for i, positions in enumerate(kept):
            every = every.take(positions, first + i)
        assert_same(got, every)
        if dtype == np.bool_:
            with pytest.raises(TypeError, match="bool"):
                function("s3", nd)(x, *sizes, training=False, **where)
            continue
        want = reference.s3_pool(x, *sizes, nd=nd, training=False, **where)
        got = function("s3", nd)(x, *sizes, training=False, **where)
        assert want.shape == at.shape
        with np.errstate(all="ignore"):
            assert_close(got, want, 4 * ulp(want, dtype) + 1e-5 * abs(want) if is_float(dtype) else 0)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_s3_gradients(nd, layout, dtype):
    x, where = values(shape_of(nd, layout), dtype), {"data_format": layout}
    backward, jvp = function("s3", nd, "_backward"), function("s3", nd, "_jvp")
    for sizes, kept in s3_windows(nd, np.random.default_rng(nd)):
        y, at = function("s3", nd)(x, *sizes, return_indices=True, positions=kept, **where)
        g, t = values(y.shape, dtype, seed=1), values(x.shape, dtype, seed=2)
        for training in True, False:
            rest = {"positions": kept, "training": training} | where
            want = reference.s3_pool_backward(g, x, *sizes, nd=nd, **rest)
            got = backward(g, x, *sizes, **rest)
            # the test form rounds the gradient of the averages to the dtype in between
            allowed = 4 * ulp(want, dtype) + (1e-5 if training else 16 * ulp(abs(g).max(), dtype))
            assert_close(got, want, allowed)
            want = reference.s3_pool_jvp(t, x, *sizes, nd=nd, **rest)
            got = jvp(t, x, *sizes, **rest)
            assert_close(got, want, 0 if training else 4 * ulp(want, dtype) + 1e-5)
        assert_same(
            backward(g, x.shape, *sizes, indices=at, **where), backward(g, x, *sizes, positions=kept, **where)
        )
        assert_same(jvp(t, x.shape, *sizes, indices=at, **where), jvp(t, x, *sizes, positions=kept, **where))


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_s3_draws(nd):
    x = values((2, 3, *SPATIAL[nd]), np.float64)
    state = np.random.get_state()[1].tobytes()
    pool = function("s3", nd)
    y, at, kept = pool(x, 2, 2, 4, return_indices=True, rng=np.random.default_rng(3), return_positions=True)
    assert np.random.get_state()[1].tobytes() == state
    assert_same(pool(x, 2, 2, 4, positions=kept), y)
    assert_same(pool(x, 2, 2, 4, rng=np.random.default_rng(3)), y)
    again = function("s3", nd, "_backward")(y, x, 2, 2, 4, rng=np.random.default_rng(3))
    assert_same(again, function("s3", nd, "_backward")(y, x.shape, 2, 2, 4, indices=at))
    seen = [set() for _ in kept]
    for seed in range(60):
        _, kept = pool(x, 2, 2, 4, rng=np.random.default_rng(seed), return_positions=True)
        for n, positions, places in zip(SPATIAL[nd], kept, seen, strict=True):
            strips = np.minimum(positions // 4, n // 4 - 1)
            assert (np.diff(positions) > 0).all() and (np.bincount(strips) == 2).all()
            places.update(positions.tolist())
    assert seen == [set(range(n)) for n in SPATIAL[nd]]  # every position can stay


# ---- layers ----


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_layers(nd):
    x = values((2, 3, *SPATIAL[nd]), np.float64)

    def layer(name, *args, **keywords):
        return getattr(cpool, f"{name}Pool{nd}d")(*args, **keywords)

    for name, small in ("FractionalMax", "fractional_max"), ("FractionalAvg", "fractional_avg"):
        made = layer(name, 2, OUT[nd], rng=np.random.default_rng(1))
        y = made(x)
        want, samples = function(small, nd)(x, 2, OUT[nd], rng=np.random.default_rng(1), return_samples=True)
        assert_same(y, want)
        backward = function(small, nd, "_backward")
        assert_same(made.backward(y), backward(y, x, 2, OUT[nd], random_samples=samples))
        assert not np.array_equal(made(x), y)  # drawn anew
        fixed = layer(name, 2, OUT[nd], random_samples=samples)
        assert_same(fixed(x), y)
        assert_same(fixed.backward(y), made_gradient(backward, y, x, OUT[nd], samples))
        bounds = [np.array([0, n // 2, n]) for n in SPATIAL[nd]]
        listed = layer(name, None, boundaries=bounds)
        y = listed(x)
        assert_same(y, function(small, nd)(x, None, boundaries=bounds))
        assert_same(listed.backward(y), backward(y, x, None, boundaries=bounds))
        with pytest.raises(RuntimeError):
            layer(name, 2, OUT[nd]).backward(y)
    values_, indices = layer("FractionalMax", 2, 2, return_indices=True)(x)
    assert values_.shape == indices.shape

    made = layer("S3", 2, grid_size=4, rng=np.random.default_rng(1))
    y, kept = function("s3", nd)(x, 2, grid_size=4, rng=np.random.default_rng(1), return_positions=True)
    assert_same(made(x), y)
    backward = function("s3", nd, "_backward")
    assert_same(made.backward(y), backward(y, x, 2, grid_size=4, positions=kept))
    made.training = False
    assert_same(made(x), function("s3", nd)(x, 2, grid_size=4, training=False))
    assert_same(made.backward(y), backward(y, x, 2, grid_size=4, training=False))
    with pytest.raises(RuntimeError):
        layer("S3", 2).backward(y)


def made_gradient(backward, y, x, out, samples):
    return backward(y, x, 2, out, random_samples=samples)


# ---- bad input ----

X = np.ones((2, 3, 8, 8))
BAD = [
    ({"output_size": 4, "output_ratio": 0.5}, ValueError, "output_size or output_ratio"),
    ({}, ValueError, "output_size or output_ratio"),
    ({"output_size": 0}, ValueError, "output_size"),
    ({"output_size": 8}, ValueError, "output_size must give"),
    ({"output_size": 4.0}, TypeError, "output_size"),
    ({"output_size": (4, 4, 4)}, ValueError, "output_size"),
    ({"output_ratio": 1.0}, ValueError, "output_ratio"),
    ({"output_ratio": 0.0}, ValueError, "output_ratio"),
    ({"output_ratio": 0.01}, ValueError, "output_ratio must give"),
    ({"output_ratio": float("nan")}, ValueError, "output_ratio"),
    ({"output_ratio": "half"}, TypeError, "output_ratio"),
    ({"output_ratio": (0.5,)}, ValueError, "output_ratio"),
    ({"output_ratio": (0.5, True)}, TypeError, "output_ratio"),
    ({"output_size": 4, "random_samples": np.full((2, 3, 2), np.nan)}, ValueError, "random_samples"),
    ({"output_size": 4, "random_samples": np.full((2, 3, 2), 1.5)}, ValueError, "random_samples"),
    ({"output_size": 4, "random_samples": np.full((2, 3, 2), -0.1)}, ValueError, "random_samples"),
    ({"output_size": 4, "random_samples": np.ones((2, 3, 3))}, ValueError, "random_samples"),
    ({"output_size": 4, "random_samples": np.ones((3, 2, 2))}, ValueError, "random_samples"),
    ({"output_size": 4, "random_samples": np.ones((2, 3, 2), int)}, TypeError, "random_samples"),
    ({"output_size": 4, "random_samples": 1.5}, ValueError, "random_samples"),
    ({"output_size": 4, "rng": 5}, TypeError, "rng"),
    ({"output_size": 4, "rng": np.random.RandomState(1)}, TypeError, "rng"),
    ({"output_size": 4, "rng": np.random.default_rng(), "random_samples": [0.5, 0.5]}, ValueError, "rng"),
    ({"output_size": 4, "return_samples": 1}, TypeError, "return_samples"),
    ({"boundaries": ([0, 8], [0, 8]), "output_size": 1}, ValueError, "output_size"),
    ({"boundaries": ([0, 8], [0, 8]), "rng": np.random.default_rng()}, ValueError, "rng"),
    ({"boundaries": ([0, 8], [0, 8]), "return_samples": True}, ValueError, "return_samples"),
    ({"boundaries": ([0, 8],)}, ValueError, "boundaries"),
    ({"boundaries": 3}, TypeError, "boundaries"),
    ({"boundaries": ([0, 9], [0, 8])}, ValueError, "boundaries must not exceed 8"),
    ({"boundaries": ([-1, 8], [0, 8])}, ValueError, "boundaries"),
    ({"boundaries": ([0, 4, 4, 8], [0, 8])}, ValueError, "boundaries"),
    ({"boundaries": ([[3, 5], [2, 6]], [0, 8])}, ValueError, "fall"),
    ({"boundaries": ([[3, 7], [4, 6]], [0, 8])}, ValueError, "fall"),
    ({"boundaries": ([0.0, 8.0], [0, 8])}, TypeError, "boundaries"),
    ({"boundaries": (np.zeros((5, 3, 2, 2), int), [0, 8])}, ValueError, "boundaries"),
    ({"boundaries": ([0], [0, 8])}, ValueError, "boundaries"),
    ({"boundaries": ([0, 8], [0, 8]), "kernel_size": 2.5}, TypeError, "kernel_size"),
    ({"output_size": 4, "kernel_size": None}, TypeError, "kernel_size"),
    ({"output_size": 4, "kernel_size": 9}, ValueError, "output_size must give"),
]


@pytest.mark.parametrize("given, error, message", BAD)
@pytest.mark.parametrize("name", ["fractional_max", "fractional_avg"])
def test_bad_fractional_arguments(name, given, error, message):
    with pytest.raises(error, match=message):
        function(name, 2)(X, **{"kernel_size": 2} | given)
    g = np.ones((2, 3, 4, 4))
    if "return_samples" not in given:
        with pytest.raises(error, match=message):
            function(name, 2, "_backward")(g, X, **{"kernel_size": 2} | given)


def test_float16_samples_are_for_short_axes():
    with pytest.raises(ValueError, match="float16"):
        cpool.fractional_max_pool1d(np.zeros(70000), 2, 5, random_samples=np.array([0.5], np.float16))


@pytest.mark.parametrize("name", ["fractional_max", "fractional_avg", "s3"])
def test_a_gradient_needs_the_windows(name):
    sizes = (2, 4) if name != "s3" else (2,)
    for action, array in ("_backward", np.ones((2, 3, 4, 4))), ("_jvp", X):
        with pytest.raises(ValueError, match="rng must say"):
            function(name, 2, action)(array, X, *sizes)
        with pytest.raises((TypeError, ValueError)):
            function(name, 2, action)(array[:1], X, *sizes, rng=np.random.default_rng(0))
        with pytest.raises(TypeError):
            function(name, 2, action)(array.astype(np.float32), X, *sizes, rng=np.random.default_rng(0))
        with pytest.raises(TypeError):
            function(name, 2, action)(array.astype(int), X, *sizes, rng=np.random.default_rng(0))
    if name != "fractional_avg":
        with pytest.raises(TypeError, match="shape"):
            function(name, 2, "_backward")(
                np.ones((2, 3, 4, 4)), X.shape, *sizes, rng=np.random.default_rng(0)
            )
        with pytest.raises(ValueError, match="indices"):
            function(name, 2, "_backward")(
                np.ones((2, 3, 4, 4)), X, *sizes, indices=np.full((2, 3, 4, 4), 64)
            )


BAD_S3 = [
    ({"kernel_size": 0}, ValueError, "kernel_size"),
    ({"stride": 9}, ValueError, "grid_size"),
    ({"grid_size": 3}, ValueError, "grid_size"),
    ({"grid_size": 10}, ValueError, "grid_size"),
    ({"positions": 4}, TypeError, "positions"),
    ({"positions": ([0, 1],)}, ValueError, "positions"),
    ({"positions": ([0, 8], [0])}, ValueError, "positions"),
    ({"positions": ([-1, 3], [0])}, ValueError, "positions"),
    ({"positions": ([3, 2], [0])}, ValueError, "positions"),
    ({"positions": ([], [0])}, (TypeError, ValueError), "positions"),
    ({"positions": ([0.5], [0])}, TypeError, "positions"),
    ({"positions": ([0], [0]), "rng": np.random.default_rng()}, ValueError, "rng"),
    ({"rng": np.random}, TypeError, "rng"),
    ({"training": 0}, TypeError, "training"),
    ({"training": False, "return_indices": True}, ValueError, "return_indices"),
    ({"training": False, "return_positions": True}, ValueError, "return_positions"),
]


@pytest.mark.parametrize("given, error, message", BAD_S3)
def test_bad_s3_arguments(given, error, message):
    with pytest.raises(error, match=message):
        cpool.s3_pool2d(X, **{"kernel_size": 2} | given)


def test_the_test_form_has_no_indices():
    g, at = np.ones((2, 3, 4, 4)), np.zeros((2, 3, 4, 4), int)
    for function_, array in (cpool.s3_pool2d_backward, g), (cpool.s3_pool2d_jvp, X):
        with pytest.raises(ValueError, match="indices"):
            function_(array, X, 2, training=False, indices=at)
        with pytest.raises(TypeError, match="shape"):
            function_(array, X.shape, 2, training=False)
