"""Median, rank, quantile, mode, range, variance and deviation: every dimension, dtype, layout and option."""

import math
from fractions import Fraction

import numpy as np
import pytest
from compare import BFLOAT16, DTYPES, FLOATS, INTS, LAYOUTS, is_float, outcome, values
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import arrays, geometries, shapes
from test_window import GEOMETRIES
from whole import CASES, FLAGS, ORDER, check, check_gradients, function

import cpool

SHAPES = {1: (2, 2, 41), 2: (2, 4, 23), 3: (1, 3, 4, 17)}
LAST_SHAPES = {1: (2, 19, 3), 2: (1, 4, 9, 5), 3: (1, 3, 4, 6, 5)}
SMOOTH = [op for op in ORDER if op != "mode"]
NO_FLOATS = [np.dtype(bool), *INTS]


def shape_of(nd, layout):
    return SHAPES[nd] if layout == "channels_first" else LAST_SHAPES[nd]


def accepted(op, dtypes=DTYPES):
    return [d for d in dtypes if op != "mode" or not is_float(d)]


def fits(op, dtype, options):
    """Labels to ignore must be of x's kind."""
    if options.get("ignore_label") is not None and dtype == np.bool_:
        return options | {"ignore_label": bool(options["ignore_label"])}
    return options


# ---- values ----


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ORDER)
def test_geometries(op, nd, layout):
    for number, (name, geometry) in enumerate(GEOMETRIES.items()):
        if name == "wider than the input" and nd == 3:
            continue
        dtypes = accepted(op)
        dtype = dtypes[number * 5 % len(dtypes)]
        own = fits(op, dtype, CASES[op][number % len(CASES[op])])
        x = values(shape_of(nd, layout), dtype, ("plain", "special", "extreme")[number % 3], number)
        if op in ("var", "std") and number % 3 == 2:
            x = values(shape_of(nd, layout), dtype, "plain", number)
        assert check("windowed", op, nd, x, **geometry(nd), data_format=layout, **own) is not None


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("op", ORDER)
def test_dtypes(op, dtype):
    for number, own in enumerate(CASES[op]):
        for flavour in "plain", "special":
            x = values((2, 7, 9), dtype, flavour, number)
            if op == "mode" and is_float(dtype):
                assert isinstance(outcome(cpool.mode_pool2d, x, 2), TypeError)
                continue
            geometry = {"kernel_size": (2, 3), "stride": (1, 2), "padding": 1}
            own = fits(op, dtype, own)
            assert check("windowed", op, 2, x, **geometry, **own) is not None
            if op not in ("mode", "range"):
                for wide in np.float32, np.float64:
                    check("windowed", op, 2, x, **geometry, **own, dtype=wide)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ORDER)
def test_adaptive(op, nd, layout):
    for number, size in enumerate((1, 2, 3, 5, None, 0, tuple(range(2, 2 + nd)))):
        dtypes = accepted(op)
        dtype = dtypes[number * 3 % len(dtypes)]
        own = fits(op, dtype, CASES[op][number % len(CASES[op])])
        x = values(shape_of(nd, layout), dtype, "special", number)
        assert check("adaptive", op, nd, x, output_size=size, data_format=layout, **own) is not None


@pytest.mark.parametrize("options", [
    {}, {"keepdims": True}, {"data_format": "channels_last"}, {"spatial_ndim": 1}, {"spatial_ndim": 4},
    {"axis": 1}, {"axis": (0, 2)}, {"axis": (3, 1), "keepdims": True}, {"axis": (3, 2, 1, 0)},
    {"spatial_ndim": 3, "data_format": "channels_last"},
], ids=str)
@pytest.mark.parametrize("op", ORDER)
def test_global(op, options):
    for number, own in enumerate(CASES[op]):
        dtypes = accepted(op)
        dtype = dtypes[number * 4 % len(dtypes)]
        x = values((3, 2, 4, 5), dtype, "special", number)
        assert check("global", op, None, x, **options, **fits(op, dtype, own)) is not None


@st.composite
def calls(draw):
    op, nd = draw(st.sampled_from(ORDER)), draw(st.integers(1, 3))
    channels_last = draw(st.booleans())
    kind = draw(st.sampled_from(["windowed", "windowed", "adaptive"]))
    shape = draw(shapes(nd, channels_last))
    sizes = st.builds(dict, output_size=st.integers(0, 6))
    options = draw(geometries(nd) if kind == "windowed" else sizes)
    x = draw(arrays(shape, accepted(op)))
    if channels_last:
        options["data_format"] = "channels_last"
    elif draw(st.booleans()):
        options["axis"] = draw(st.permutations(range(x.ndim)).map(lambda p: tuple(p[:nd])))
    options |= fits(op, x.dtype, draw(st.sampled_from(CASES[op])))
    if draw(st.booleans()):
        options["mask"] = np.random.default_rng(draw(st.integers(0, 9))).random(shape) < 0.7
    options["nan_policy"] = draw(st.sampled_from(["propagate", "propagate", "omit", "raise"]))
    return kind, op, nd, x, options


@given(calls())
@settings(max_examples=120)
def test_drawn(call):
    kind, op, nd, x, options = call
    if op in ("var", "std") and is_float(x.dtype):
        x = np.where(abs(x) > 1e4, x.dtype.type(7), x)
    check(kind, op, nd, x, **options)


# ---- gradients ----


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", SMOOTH)
def test_gradients(op, nd, dtype):
    names = list(GEOMETRIES)
    for number, name in enumerate(names):
        if name == "wider than the input" and nd == 3:
            continue
        layout = LAYOUTS[number % 2]
        x = values(shape_of(nd, layout), dtype, "plain", number)
        own = CASES[op][number % len(CASES[op])]
        options = GEOMETRIES[name](nd) | own | {"data_format": layout}
        if op != "range" and number % 5 == 0:
            options["dtype"] = np.float64
        assert check_gradients("windowed", op, nd, x, **options) is not None


@pytest.mark.parametrize("op", SMOOTH)
def test_gradients_of_other_windows(op):
    for number, own in enumerate(CASES[op]):
        x = values((2, 3, 5, 7), np.float64, "plain", number)
        check_gradients("adaptive", op, 2, x, output_size=(2, 4), **own)
        check_gradients("adaptive", op, 1, x, output_size=3, axis=1, **own)
        check_gradients("global", op, None, x, keepdims=True, **own)
        check_gradients("global", op, None, x, axis=(3, 1), **own)
        mask = np.random.default_rng(number).random((3, 1, 7)) < 0.6
        check_gradients("windowed", op, 2, x, kernel_size=3, stride=2, padding=1, mask=mask, **own)
        x[x > 12] = np.nan
        check_gradients("windowed", op, 2, x, kernel_size=3, nan_policy="omit", **own)


@pytest.mark.parametrize("op", SMOOTH)
def test_gradients_by_finite_differences(op):
    rng = np.random.default_rng(5)
    for own in CASES[op]:
        x = rng.permutation(np.arange(6.0 * 8)).reshape(6, 8)  # no ties, gaps of 1
        options = {"kernel_size": 3, "stride": 2, "padding": 1} | own
        pool = function("windowed", op, 2)
        y = pool(x, **options)
        g, t = rng.standard_normal(y.shape), rng.standard_normal(x.shape)
        t /= abs(t).max()
        step = 1e-4
        slope = (pool(x + step * t, **options) - pool(x - step * t, **options)) / (2 * step)
        grad = function("windowed", op, 2, "_backward")(g, x, **options)
        along = function("windowed", op, 2, "_jvp")(t, x, **options)
        np.testing.assert_allclose(along, slope, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose((grad * t).sum(), (g * slope).sum(), rtol=1e-6)


# ---- other oracles ----


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_numpy(dtype):
    x = values((3, 11, 14), dtype, "plain", 3)
    for kernel, stride in ((2, 2), ((3, 4), 1), ((5, 2), (2, 3)), (9, 1)):
        k = (kernel,) * 2 if isinstance(kernel, int) else kernel
        s = (stride,) * 2 if isinstance(stride, int) else stride
        windows = np.lib.stride_tricks.sliding_window_view(x, k, (1, 2))[:, :: s[0], :: s[1]]
        flat = windows.reshape(*windows.shape[:3], -1)
        wide = {"dtype": np.float64}
        np.testing.assert_array_equal(
            cpool.median_pool2d(x, kernel, stride, **wide), np.median(flat.astype(float), -1))
        for method in "linear", "lower", "higher", "nearest", "midpoint":
            for q in 0, 0.1, 0.5, 0.77, 1:
                np.testing.assert_allclose(
                    cpool.rank_pool2d(x, kernel, stride, q=q, method=method, **wide),
                    np.quantile(flat.astype(float), q, -1, method=method), rtol=1e-13, atol=1e-13)
        for rank in 0, 1, flat.shape[-1] // 2, -1, -flat.shape[-1]:
            np.testing.assert_array_equal(
                cpool.rank_pool2d(x, kernel, stride, rank=rank), np.sort(flat, -1)[..., rank])
        difference = flat.max(-1).astype(float) - flat.min(-1)
        np.testing.assert_allclose(cpool.range_pool2d(x, kernel, stride), difference, rtol=1e-7)
        tolerance = 1e-6 if dtype == np.float32 else 1e-13
        for correction in 0, 1, 0.5:
            np.testing.assert_allclose(
                cpool.var_pool2d(x, kernel, stride, correction=correction),
                flat.astype(float).var(-1, ddof=correction), rtol=tolerance)
            np.testing.assert_allclose(
                cpool.std_pool2d(x, kernel, stride, correction=correction),
                flat.astype(float).std(-1, ddof=correction), rtol=tolerance)


def test_scipy():
    ndimage, stats = pytest.importorskip("scipy.ndimage"), pytest.importorskip("scipy.stats")
    x = values((9, 12, 13), np.int16, "plain", 1)
    inner = (slice(1, -1),) * 3
    np.testing.assert_array_equal(cpool.median_pool3d(x, 3, 1), ndimage.median_filter(x, 3)[inner])
    np.testing.assert_array_equal(cpool.rank_pool3d(x, 3, 1, rank=5), ndimage.rank_filter(x, 5, 3)[inner])
    np.testing.assert_array_equal(
        cpool.rank_pool3d(x, 3, 1, rank=-3), ndimage.rank_filter(x, -3, 3)[inner])
    np.testing.assert_array_equal(
        cpool.range_pool3d(x, 3, 1), ndimage.morphological_gradient(x.astype(int), 3)[inner])
    labels = values((4, 6, 8), np.uint8, "special", 2)
    blocks = labels.reshape(2, 2, 3, 2, 4, 2).transpose(0, 2, 4, 1, 3, 5).reshape(2, 3, 4, 8)
    want = stats.mode(blocks, axis=-1)
    got, counts = cpool.mode_pool3d(labels, 2, return_counts=True)
    np.testing.assert_array_equal(got, want.mode)
    np.testing.assert_array_equal(counts, want.count)


def test_torch():
    torch = pytest.importorskip("torch")
    x = values((2, 3, 9, 11), np.float32, "plain", 1)
    windows = torch.from_numpy(x).unfold(2, 3, 2).unfold(3, 3, 2).reshape(2, 3, 4, 5, 9)
    np.testing.assert_array_equal(cpool.median_pool2d(x, 3, 2), windows.median(-1).values.numpy())
    leaf = torch.tensor(x.astype(np.float64), requires_grad=True)
    spread = leaf.unfold(2, 3, 2).unfold(3, 3, 2).reshape(2, 3, 4, 5, 9).std(-1, correction=1)
    g = values(spread.shape, np.float64, seed=4)
    spread.backward(torch.from_numpy(g))
    wide = x.astype(np.float64)
    y = cpool.std_pool2d(wide, 3, 2, correction=1)
    np.testing.assert_allclose(y, spread.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(
        cpool.std_pool2d_backward(g, wide, 3, 2, correction=1), leaf.grad.numpy(), rtol=1e-9, atol=1e-12)


# ---- what is special ----


def test_a_single_outlier_does_not_move_a_median():
    x = np.full((9, 9), 7.0)
    x[1::3, 1::3] = 1e30
    assert (cpool.median_pool2d(x, 3) == 7).all() and (cpool.median_pool2d(x, 3, 1) == 7).all()


def test_integers_are_rounded_to_even():
    assert cpool.median_pool1d([0, 1, 1, 2, -1, -2, 2, 3], 2).tolist() == [0, 2, -2, 2]
    assert cpool.rank_pool1d(np.array([0, 10], np.uint8), 2, q=0.25).tolist() == [2]
    top = np.iinfo(np.uint64).max
    assert cpool.median_pool1d(np.array([top, top - 1, top, top], np.uint64), 2).tolist() == [top - 1, top]


@pytest.mark.parametrize("op", ORDER)
def test_windows_without_elements(op):
    none = {"kernel_size": 2, "stride": 3, "padding": 3}
    own = CASES[op][0]
    for dtype in accepted(op):
        x = values((5,), dtype, "plain", 1)
        y = function("windowed", op, 1)(x, **none, **own)
        empty = math.nan if is_float(y.dtype) else 0
        np.testing.assert_array_equal(y[0].astype(float), empty)
        y = function("global", op, None)(x, spatial_ndim=1, mask=np.zeros(5, bool), **own)
        np.testing.assert_array_equal(y.astype(float), empty)
        if is_float(dtype):
            g = np.ones((), y.dtype)
            back = function("global", op, None, "_backward")
            assert (back(g, x, spatial_ndim=1, mask=np.zeros(5, bool), **own) == 0).all()
            x = np.full(5, np.nan, dtype)
            y = function("global", op, None)(x, spatial_ndim=1, nan_policy="omit", **own)
            assert y != y
    if op in FLAGS:
        second = function("windowed", op, 1)(values((5,), np.int8), **none, **own, **{FLAGS[op]: True})[1]
        assert second[0] == (0 if op == "mode" else -1)


def test_a_rank_beyond_the_window_is_its_end():
    x = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    for far in 4, 100, 2**31 - 2:
        assert cpool.rank_pool1d(x, 3, 2, rank=far).tolist() == [3, 5]
        assert cpool.rank_pool1d(x, 3, 2, rank=-far).tolist() == [1, 2]
        assert cpool.rank_pool1d(x, 3, 2, rank=far, mask=x != 5).tolist() == [3, 4]
    assert cpool.rank_pool1d(x, 1, rank=7).tolist() == x.tolist()


@pytest.mark.parametrize("op", ["var", "std"])
def test_constant_windows_have_no_spread(op):
    for dtype in FLOATS:
        x = np.full((4, 6), 0.1, dtype)
        for correction in 0, 1, 4, 9:
            y = function("windowed", op, 2)(x, 2, correction=correction)
            assert (y == 0).all()
            grad = function("windowed", op, 2, "_backward")(np.ones_like(y), x, 2, correction=correction)
            assert (grad == 0).all()
        one = np.arange(6).astype(dtype)
        assert (function("windowed", op, 1)(one, 1, correction=1) == 0).all()
        two = function("windowed", op, 1)(one, 2, correction=2)
        assert (two != two).all()


def test_spreads_far_from_zero():
    x = 1e9 + np.arange(12.0)
    assert (cpool.var_pool1d(x, 4) == 1.25).all()
    x = np.float32(4096) + np.arange(12, dtype=np.float32) / 8
    np.testing.assert_allclose(cpool.var_pool1d(x, 4), 1.25 / 64, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_spreads_of_long_integers(dtype):
    """Differences of integers that are no doubles are exact, wherever the integers are."""
    rng = np.random.default_rng(12)
    limits = np.iinfo(dtype)
    near = [int(limits.min), int(limits.max) - 40, 2**62, 2**62 + 1, 2**53, 2**60 - 20]
    x = np.array([[base + int(d) for d in rng.integers(0, 40, 60)] for base in near], dtype)
    x[0, 30:] = limits.max                      # next to the smallest
    mask = rng.random(x.shape) < 0.8
    for kernel, stride, valid in ((4, 3, None), (4, 3, mask), (60, 1, None), (1, 7, None)):
        keywords = {} if valid is None else {"mask": valid}
        keep = np.ones(x.shape, bool) if valid is None else valid
        got = cpool.var_pool1d(x, kernel, stride, **keywords)
        root = cpool.std_pool1d(x, kernel, stride, **keywords)
        for (row, o), value in np.ndenumerate(got):
            taps = [int(v) for v, on in zip(x[row, o * stride:][:kernel], keep[row, o * stride:][:kernel],
                                            strict=True) if on]
            n = len(taps)
            if not n:
                assert np.isnan(value)
                continue
            exact = float(Fraction(n * sum(v * v for v in taps) - sum(taps) ** 2, n * n))
            assert abs(value - exact) <= 8 * np.spacing(exact)
            assert abs(root[row, o] - math.sqrt(exact)) <= 8 * np.spacing(math.sqrt(exact))
    y, x2 = cpool.var_pool2d(x, (2, 5)), x.astype(object)
    first = [v - x2[0, 0] for v in x2[:2, :5].ravel()]
    exact = Fraction(10 * sum(v * v for v in first) - sum(first) ** 2, 100)
    assert abs(y[0, 0] - float(exact)) <= 8 * np.spacing(float(exact))


def test_ignored_labels():
    labels = np.array([[0, 0, 0, 5], [0, 0, 0, 0], [7, 7, 0, 0], [7, 8, 0, 9]], np.uint32)
    assert cpool.mode_pool2d(labels, 2, ignore_label=0).tolist() == [[0, 5], [7, 9]]
    assert cpool.mode_pool2d(labels, 4, ignore_label=7).tolist() == [[0]]
    full = np.full((2, 2), 255, np.uint8)
    label, count = cpool.mode_pool2d(full, 2, ignore_label=255, return_counts=True)
    assert label == 255 and count == 0
    bits = np.array([True, False, False, True, True, True])
    assert cpool.mode_pool1d(bits, 2).tolist() == [False, False, True]
    assert cpool.mode_pool1d(bits, 3, ignore_label=False).tolist() == [True, True]


def test_labels_are_never_averaged():
    rng = np.random.default_rng(0)
    for dtype in INTS:
        labels = rng.choice(np.array([3, 100, 7, 41], dtype), (4, 9, 12))
        for factor in (2, 2, 2), (1, 3, 3), (3, 2, 5), (4, 9, 12):
            assert np.isin(cpool.mode_pool3d(labels, factor), labels).all()


def test_ties_take_the_smallest_label():
    assert cpool.mode_pool1d([9, 3, 9, 3, 5, 5], 6).tolist() == [3]
    assert cpool.mode_pool1d(np.array([-1, 4, -7, 4, -7, 9]), 6).tolist() == [-7]
    for shape in (2, 2), (2, 2, 2), (3, 4):
        labels = np.arange(math.prod(shape), dtype=np.uint64)[::-1].reshape(shape) + 10
        assert cpool.global_mode_pool(labels, spatial_ndim=len(shape)) == 10


def test_nan_policies():
    x = np.array([1.0, np.nan, 3.0, 2.0, 5.0, 4.0])
    for op in SMOOTH:
        own = CASES[op][0]
        pool = function("windowed", op, 1)
        y = pool(x, 3, **own)
        assert (y[0] != y[0]) == (op != "rank") and y[1] == y[1]
        omitted = pool(x, 3, nan_policy="omit", **own)
        np.testing.assert_array_equal(omitted[0], pool(x[[0, 2]], 2, **own)[0])
        np.testing.assert_array_equal(omitted, pool(x, 3, mask=x == x, **own))
        with pytest.raises(ValueError, match="x must not hold NaN"):
            pool(x, 3, nan_policy="raise", **own)
        np.testing.assert_array_equal(pool(x, 3, nan_policy="raise", mask=x == x, **own), omitted)
    largest = cpool.rank_pool1d(x, 3, rank=-1)
    assert math.isnan(largest[0]) and largest[1] == 5


def test_masks_broadcast():
    x = values((2, 3, 6, 8), np.float32, "plain", 0)
    rng = np.random.default_rng(1)
    for shape in (6, 8), (3, 1, 1), (2, 1, 6, 8), (8,), (), (2, 3, 6, 8):
        mask = rng.random(shape) < 0.7
        full = np.broadcast_to(mask, x.shape).copy()
        for op in SMOOTH:
            own = CASES[op][0]
            got = function("windowed", op, 2)(x, 2, mask=mask, **own)
            np.testing.assert_array_equal(got, function("windowed", op, 2)(x, 2, mask=full, **own))
            last = function("windowed", op, 2)(
                np.moveaxis(x, 1, -1), 2, mask=np.moveaxis(full, 1, -1), data_format="channels_last", **own)
            np.testing.assert_array_equal(np.moveaxis(last, -1, 1), got)


@pytest.mark.parametrize("op", ORDER)
def test_forms_of_arrays(op):
    own = CASES[op][0]
    x = values((2, 3, 6, 9), np.int32 if op == "mode" else np.float64, "plain", 0)
    pool = function("windowed", op, 2)
    want = pool(x, 3, **own)
    for form in (
        np.asfortranarray(x), x.astype(x.dtype.newbyteorder()), np.repeat(x, 2, -1)[..., ::2],
        np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2), x[::-1].copy()[::-1],
    ):
        got = pool(form, 3, **own)
        np.testing.assert_array_equal(got, want)
        assert got.flags.c_contiguous and got.dtype.isnative
    assert pool(x.tolist(), 3, **own).tolist() == want.tolist()
    out = np.empty(want.shape, want.dtype, order="F")
    assert pool(x, 3, out=out, **own) is out
    np.testing.assert_array_equal(out, want)
    with pytest.raises(ValueError, match="out must not share"):
        pool(x, 1, out=x, **own)
    if op in FLAGS:
        pair = np.empty(want.shape, want.dtype), np.empty(want.shape, np.int32)
        found = pool(x, 3, out=pair, index_dtype=np.int32, **own, **{FLAGS[op]: True})
        assert found[0] is pair[0] and found[1] is pair[1]
        np.testing.assert_array_equal(pair[0], want)
    if op != "mode":
        g = values(want.shape, want.dtype, seed=3)
        back = function("windowed", op, 2, "_backward")
        grad, out = back(g, x, 3, **own), np.empty(x.shape)
        assert back(g, x, 3, out=out, **own) is out
        np.testing.assert_array_equal(out, grad)
        for bad in x, np.broadcast_to(out[:1], x.shape):
            with pytest.raises(ValueError, match="out"):
                back(g, x, 3, out=bad, **own)


@pytest.mark.parametrize("op, options, error, word", [
    ("median", {"dtype": np.float16}, TypeError, "dtype"),
    ("median", {"mask": np.ones((5, 5), bool)}, ValueError, "mask"),
    ("median", {"mask": np.ones((6, 8))}, TypeError, "mask"),
    ("median", {"nan_policy": "ignore"}, ValueError, "nan_policy"),
    ("median", {"return_indices": 1}, TypeError, "return_indices"),
    ("median", {"index_dtype": np.int8}, TypeError, "index_dtype"),
    ("median", {"kernel_size": 2.0}, TypeError, "kernel_size"),
    ("median", {"kernel_size": 9}, ValueError, "kernel_size"),
    ("rank", {"rank": None}, ValueError, "rank or q"),
    ("rank", {"q": 0.5}, ValueError, "rank or q"),
    ("rank", {"rank": 1.5}, TypeError, "rank"),
    ("rank", {"rank": None, "q": 1.5}, ValueError, "q "),
    ("rank", {"rank": None, "q": np.nan}, ValueError, "q "),
    ("rank", {"rank": None, "q": 0.5, "method": "weibull"}, ValueError, "method"),
    ("mode", {"ignore_label": 2**70}, ValueError, "ignore_label"),
    ("mode", {"ignore_label": 1.0}, TypeError, "ignore_label"),
    ("mode", {"return_counts": "yes"}, TypeError, "return_counts"),
    ("var", {"correction": np.inf}, ValueError, "correction"),
    ("std", {"correction": "1"}, TypeError, "correction"),
    ("std", {"dtype": int}, TypeError, "dtype"),
])
def test_refusals(op, options, error, word):
    x = values((2, 6, 8), np.int64 if op == "mode" else np.float64)
    usual = {"kernel_size": 2} | CASES[op][0]
    shape = (2, 3, 4)
    out = np.full(shape, 77, x.dtype)
    with pytest.raises(error, match=word):
        function("windowed", op, 2)(x, out=out, **usual | options)
    assert (out == 77).all()
    if op != "mode" and not {"return_indices", "index_dtype"} & options.keys():
        for action, first in ("_backward", np.ones(shape)), ("_jvp", x):
            with pytest.raises(error, match=word):
                function("windowed", op, 2, action)(first, x, **usual | options)


@pytest.mark.parametrize("op", SMOOTH)
def test_refused_gradients(op):
    x, own = values((2, 6, 8), np.float64), {"kernel_size": 2} | CASES[op][0]
    g = np.ones((2, 3, 4))
    backward, jvp = function("windowed", op, 2, "_backward"), function("windowed", op, 2, "_jvp")
    for first, pooled, error, word in [
        (g[:1], x, ValueError, "grad_output"), (g.astype(np.float32), x, TypeError, "grad_output"),
        (g.astype(int), x, TypeError, "grad_output"), (g, x.astype(int), TypeError, "x must"),
        (g, (2, 6, 8), TypeError, "x must|grad_output"),
    ]:
        with pytest.raises((error, ValueError), match=word):
            backward(first, pooled, **own)
    for tangent, pooled, error, word in [
        (x[:1], x, ValueError, "tangent"), (x.astype(np.float32), x, TypeError, "tangent"),
        (x.astype(int), x, TypeError, "tangent"), (x, x.astype(int), TypeError, "x must"),
        (None, x, TypeError, "tangent"),
    ]:
        with pytest.raises(error, match=word):
            jvp(tangent, pooled, **own)


# ---- the same bits ----


@pytest.mark.parametrize("op", ORDER)
def test_threads(op):
    own = CASES[op][-1]
    dtype = np.int32 if op == "mode" else np.float32
    for shape, options in (
        ((1, 1, 301, 403), {"kernel_size": 3, "stride": 1, "padding": 1}),
        ((6, 5, 60, 71), {"kernel_size": 2}),
        ((1, 200, 201, 3), {"kernel_size": 5, "stride": 2, "data_format": "channels_last"}),
    ):
        x = values(shape, dtype, "plain", 1)
        found = []
        for threads in 1, 2, 3, 7:
            with cpool.num_threads(threads):
                y = function("windowed", op, 2)(x, **options, **own)
                results = [y]
                if op != "mode":
                    g = values(y.shape, y.dtype, seed=2)
                    results.append(function("windowed", op, 2, "_backward")(g, x, **options, **own))
                    results.append(function("windowed", op, 2, "_jvp")(x, x, **options, **own))
                found.append([r.tobytes() for r in results])
        assert found[0] == found[1] == found[2] == found[3]


@pytest.mark.parametrize("dtype", [*FLOATS[:1], *BFLOAT16], ids=str)
def test_16_bit_floats_are_rounded_once(dtype):
    x = values((64,), dtype, "plain", 5)
    wide = cpool.std_pool1d(x.astype(np.float64), 8)
    np.testing.assert_array_equal(cpool.std_pool1d(x, 8), wide.astype(dtype))
