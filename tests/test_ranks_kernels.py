"""Order statistics of windows and k-max against the plain loops of `reference`, on canonical arrays."""

import numpy as np
import pytest

pytest.importorskip("cpool._plan")

from cpool import _dispatch, _geometry, reference

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

FLOATS = ["float32", "float64", "float16"] + ["bfloat16"] * bool(ml_dtypes)
INTEGERS = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
METHODS = ["linear", "lower", "higher", "nearest", "midpoint"]


def dtype_of(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def sample(shape, dtype, rng, kind="wide"):
    """Random values: a few that tie, or the whole range of an integer type."""
    dtype = dtype_of(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if kind == "ties":
        return rng.integers(0, 4, shape).astype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        x = rng.integers(info.min, info.max, shape, dtype, endpoint=True)
        x[rng.random(shape) < 0.2] = info.max           # the key of a tap that is not there
        return x
    return rng.standard_normal(shape).astype(dtype)


def plan_of(shape, kernel=None, output_size=None, stride=None, padding=0, dilation=1, ceil_mode=False):
    if output_size is not None:
        return _geometry.adaptive_plan(shape, 3, output_size, True)
    return _geometry.window_plan(shape, 3, kernel, stride, padding, dilation, ceil_mode, None, None, True)


def parameters(op, options):
    return {"quantile": ("q", "method"), "rank": ("k",), "mode": ("ignore_label",)}.get(op, ()), options


def check(op, x5, threads=1, mask=None, omit_nan=False, options=None, index_dtype=np.int64, gradients=True,
          **geometry):
    """Forward, positions, backward and jvp of one statistic."""
    options = options or {}
    names, _ = parameters(op, options)
    params = tuple(options.get(name) for name in names)
    plan = plan_of(x5.shape, **geometry)
    twin = f"{'adaptive_' if 'output_size' in geometry else ''}{op}_pool"
    keywords = dict(geometry, nd=3, data_format="channels_last", mask=mask, **options)
    if "kernel" in keywords:
        keywords["kernel_size"] = keywords.pop("kernel")
    if op != "mode":
        keywords["omit_nan"] = omit_nan
    want, where = getattr(reference, twin)(x5, **keywords)
    given = {"params": params, "mask": mask, "omit_nan": omit_nan}
    out = np.empty(want.shape, want.dtype)
    _dispatch.ordered(op, x5, out, plan, threads, **given)
    real = want.dtype.kind not in "biu"
    np.testing.assert_array_equal(out.astype(float) if real else out, want.astype(float) if real else want)
    if op != "range":
        out2, idx = np.empty_like(out), np.empty(out.shape, index_dtype)
        _dispatch.ordered(op, x5, out2, plan, threads, idx5=idx, **given)
        np.testing.assert_array_equal(idx, where)
        as_kind = float if real else x5.dtype
        np.testing.assert_array_equal(out2.astype(as_kind), want.astype(as_kind))
    if not real or op == "mode" or not gradients:
        return out
    rng = np.random.default_rng(7)
    g5, t5 = rng.standard_normal(out.shape).astype(x5.dtype), rng.standard_normal(x5.shape).astype(x5.dtype)
    near = {"rtol": 2.0 ** -6 if x5.itemsize == 2 else 1e-6, "atol": 1e-6 if x5.itemsize > 2 else 0.02}
    gx5 = np.full_like(x5, 5)
    _dispatch.ordered_backward(op, g5, x5, gx5, plan, threads, **given)
    want = getattr(reference, twin + "_backward")(g5, x5, **keywords)
    np.testing.assert_allclose(gx5.astype(float), want.astype(float), **near)
    jvp = np.empty_like(out)
    _dispatch.ordered_jvp(op, t5, x5, jvp, plan, threads, **given)
    want = getattr(reference, twin + "_jvp")(t5, x5, **keywords)
    np.testing.assert_allclose(jvp.astype(float), want.astype(float), **near)
    return out


CASES = [
    ("median", {}), ("quantile", {"q": 0.25, "method": "linear"}), ("rank", {"k": 2}), ("rank", {"k": -1}),
    ("range", {}),
    ("mode", {}),
]
WINDOWS = [
    ((2, 1, 7, 30, 1), {"kernel": (1, 3, 3), "stride": 1}),
    ((1, 1, 8, 40, 1), {"kernel": (1, 5, 5), "stride": 1, "padding": (0, 2, 2)}),
    ((1, 1, 6, 20, 3), {"kernel": (1, 5, 5), "stride": 1}),
    ((1, 4, 6, 8, 2), {"kernel": 2}),
    ((1, 3, 5, 9, 5), {"kernel": (2, 3, 2), "stride": (1, 2, 3), "padding": (1, 1, 0)}),
    ((2, 1, 1, 50, 1), {"kernel": (1, 1, 7), "stride": (1, 1, 2), "dilation": (1, 1, 3),
                              "padding": ((0, 0), (0, 0), (4, 1))}),
    ((1, 1, 9, 12, 1), {"kernel": (1, 4, 4), "stride": (1, 3, 3), "ceil_mode": True}),
    ((1, 1, 4, 60, 2), {"kernel": (1, 2, 3), "stride": 1, "dilation": (1, 2, 20)}),
    ((1, 2, 7, 11, 2), {"output_size": (1, 3, 4)}),
    ((1, 1, 4, 9, 1), {"output_size": (1, 2, 3)}),
    ((1, 1, 3, 3, 1), {"kernel": (1, 1, 5), "stride": 1, "padding": (0, 0, 7)}),
]


@pytest.mark.parametrize(("op", "options"), CASES, ids=[f"{op}{list(o.values())}" for op, o in CASES])
def test_windows(op, options):
    rng = np.random.default_rng(0)
    for shape, geometry in WINDOWS:
        for dtype, kind in (("float32", "ties"), ("uint8", "wide"), ("int64", "ties")):
            if op != "mode" or dtype != "float32":
                check(op, sample(shape, dtype, rng, kind), options=options, **geometry)


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_dtypes(dtype):
    rng = np.random.default_rng(1)
    shape, geometry = (2, 2, 5, 12, 2), {"kernel": (2, 2, 3), "stride": (1, 1, 2), "padding": (0, 1, 1)}
    for op, options in CASES:
        for kind in ("ties", "wide"):
            if op == "mode" and dtype in FLOATS:
                continue
            x5 = sample(shape, dtype, rng, kind)
            if op == "quantile" and x5.itemsize == 8 and x5.dtype.kind in "iu":
                x5 = x5 >> np.array(12, x5.dtype)       # differences that a double holds
            check(op, x5, options=options, **geometry)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("q", [0.0, 0.1, 0.5, 2 / 3, 1.0])
def test_quantiles_are_numpys(q, method):
    rng = np.random.default_rng(2)
    x5 = rng.standard_normal((1, 1, 9, 30, 1))
    plan = plan_of(x5.shape, (1, 3, 4), stride=1)
    out = np.empty(plan.canonical_out)
    _dispatch.ordered("quantile", x5, out, plan, 1, params=(q, method))
    windows = np.lib.stride_tricks.sliding_window_view(x5[0, 0, :, :, 0], (3, 4))
    want = np.quantile(windows, q, axis=(2, 3), method=method)
    np.testing.assert_allclose(out[0, 0, :, :, 0], want, rtol=1e-12, atol=1e-15)
    check("quantile", x5, options={"q": q, "method": method}, kernel=(1, 3, 4), stride=1, padding=(0, 1, 1))


@pytest.mark.parametrize(("op", "options"), CASES, ids=[f"{op}{list(o.values())}" for op, o in CASES])
def test_masks_and_nan(op, options):
    rng = np.random.default_rng(3)
    for shape, geometry in [*WINDOWS[:5], ((1, 1, 20, 33, 1), {"kernel": (1, 14, 15), "stride": 1})]:
        x5 = sample(shape, "int32" if op == "mode" else "float32", rng, "ties")
        check(op, x5, mask=rng.random(shape) < 0.6, options=options, **geometry)
        check(op, x5, mask=np.zeros(shape, bool), options=options, **geometry)
        if op == "mode":
            check(op, x5, options={"ignore_label": 1}, **geometry)
            continue
        x5[rng.random(shape) < 0.1] = np.nan
        x5[rng.random(shape) < 0.1] = -np.inf
        check(op, x5, options=options, **geometry)
        check(op, x5, options=options, omit_nan=True, **geometry)
        check(op, x5, options=options, omit_nan=True, mask=rng.random(shape) < 0.6, **geometry)


LARGE = [
    ((1, 1, 40, 60, 1), {"kernel": (1, 14, 15), "stride": 1}),
    ((1, 1, 30, 40, 2), {"kernel": (1, 15, 20), "stride": (1, 2, 3), "padding": (0, 7, 4)}),
    ((1, 3, 12, 24, 1), {"kernel": (2, 9, 12), "stride": (1, 1, 2), "dilation": (1, 1, 2)}),
    ((2, 1, 20, 30, 3), {"output_size": 1}),
    ((1, 1, 50, 50, 1), {"kernel": (1, 17, 17)}),
    ((1, 1, 40, 30, 1), {"output_size": (1, 5, 2)}),
]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "uint64", "float64"])
def test_large_windows(dtype):
    rng = np.random.default_rng(4)
    for shape, geometry in LARGE:
        for op, options in CASES:
            if op != "mode" or dtype not in FLOATS:
                x5 = sample(shape, dtype, rng, "ties" if op == "mode" else "wide")
                if op == "quantile" and dtype == "uint64":
                    continue
                check(op, x5, options=options, gradients=op in ("median", "range"), **geometry)


def test_windows_larger_than_the_scratch():
    rng = np.random.default_rng(5)
    for x in (rng.standard_normal(90000).astype(np.float32), rng.integers(0, 5, 90000).astype(np.int32),
              np.full(90000, 3.0)):
        x5 = x.reshape(1, 1, 300, 300, 1)
        plan = plan_of(x5.shape, output_size=1)
        ranked = np.sort(x)
        for op, params, want in (
                ("median", (), ranked[44999:45001].mean()), ("rank", (7,), ranked[7]),
                ("range", (), ranked[-1] - ranked[0]), ("quantile", (0.9, "lower"), ranked[80999])):
            out = np.empty(plan.canonical_out, x.dtype)
            idx = None if op == "range" else np.empty(out.shape, np.int64)
            if op == "range":
                out = np.empty(plan.canonical_out, "u4" if x.dtype.kind == "i" else x.dtype)
            _dispatch.ordered(op, x5, out, plan, 1, params=params, idx5=idx, mask=np.ones(x5.shape, bool))
            assert out.ravel()[0] == np.asarray(want).astype(out.dtype)
            if op == "rank":
                assert idx.ravel()[0] == np.flatnonzero(x == want)[0]
    labels = np.arange(90000).reshape(1, 1, 300, 300, 1) % 44999
    out, counts = np.empty((1, 1, 1, 1, 1), labels.dtype), np.empty((1, 1, 1, 1, 1), np.int64)
    _dispatch.ordered("mode", labels, out, plan_of(labels.shape, output_size=1), 1, idx5=counts)
    assert (out.ravel()[0], counts.ravel()[0]) == (0, 3)


def test_every_size_of_network():
    """All taps of all networks in one column, and in one row, arrive in order."""
    rng = np.random.default_rng(6)
    for taps in [*range(1, 40), 48, 63, 100, 128, 168, 169]:
        for kernel, shape in (((1, taps, 1), (1, 1, taps, 70, 1)), ((1, 1, taps), (1, 1, 1, taps + 40, 1))):
            x5 = sample(shape, "int16", rng)
            plan = plan_of(shape, kernel, stride=1)
            out = np.empty(plan.canonical_out, x5.dtype)
            windows = np.lib.stride_tricks.sliding_window_view(x5[0, 0, :, :, 0], kernel[1:])
            ordered = np.sort(windows.reshape(*windows.shape[:2], -1), axis=-1)
            for k in {0, taps // 3, taps // 2, taps - 1}:
                _dispatch.ordered("rank", x5, out, plan, 1, params=(k,))
                np.testing.assert_array_equal(out[0, 0, :, :, 0], ordered[:, :, k])


TALL = [
    ((1, 1, 23, 140, 1), {"kernel": (1, 3, 3), "stride": 1, "padding": (0, 1, 1)}),
    ((2, 1, 17, 30, 3), {"kernel": (1, 3, 3), "stride": 1, "padding": (0, 0, 1)}),
    ((1, 2, 18, 70, 1), {"kernel": (1, 5, 5), "stride": 1, "padding": (0, 2, 2)}),
    ((1, 2, 17, 9, 2), {"kernel": (2, 3, 4), "stride": (1, 1, 2), "padding": (0, 1, 2)}),
    ((2, 1, 40, 6, 1), {"kernel": (1, 2, 3), "stride": (1, 2, 1), "padding": (0, 1, 2),
                         "dilation": (1, 1, 2)}),
    ((1, 1, 16, 5, 1), {"kernel": (1, 1, 7), "stride": 1, "padding": (0, 0, 6)}),
]


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_rows_of_medians(dtype):
    """Four rows of windows at a time, and windows at the ends of W, which are formed as rows."""
    rng = np.random.default_rng(21)
    for shape, geometry in TALL:
        x5 = sample(shape, dtype, rng)
        for threads in (1, 3):
            check("median", x5, threads, gradients=False, **geometry)
        if dtype in FLOATS:
            x5[rng.random(shape) < 0.004] = np.nan
            check("median", x5, gradients=False, **geometry)
            check("median", x5, omit_nan=True, gradients=False, **geometry)


@pytest.mark.parametrize(("op", "options"), CASES, ids=[f"{op}{list(o.values())}" for op, o in CASES])
def test_ends_of_rows(op, options):
    rng = np.random.default_rng(22)
    for shape, geometry in TALL[1:]:
        for dtype in ("float32", "uint8", "int16"):
            if op == "mode" and dtype == "float32":
                continue
            x5 = sample(shape, dtype, rng, "ties")
            check(op, x5, options=options, gradients=False, **geometry)
            mask = rng.random(shape) < 0.7
            check(op, x5, 2, mask=mask, options=options, gradients=False, **geometry)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("k", [3, 5])
def test_zeros_are_in_order(dtype, k):
    """-0 comes before 0: inside, at the ends of rows, beside NaN, for any number of threads."""
    rng = np.random.default_rng(23)
    x5 = rng.choice(np.array([-1, -0.0, 0.0, 1]), (2, 1, 21, 90, 1), p=[0.1, 0.4, 0.4, 0.1])
    x5 = x5.astype(dtype_of(dtype))
    x5[1, 0, 9, 40] = np.nan
    plan = plan_of(x5.shape, (1, k, k), stride=1, padding=(0, k // 2, k // 2))
    order = np.where(np.signbit(x5), 2 * x5.astype(float) - 1, 2 * x5.astype(float))      # -3, -1, 0, 2
    windows = np.lib.stride_tricks.sliding_window_view(order[:, 0, :, :, 0], (k, k), (1, 2))
    middle = np.median(windows, (-2, -1))
    edge = k // 2
    for threads in (1, 3):
        out = np.empty_like(x5)
        _dispatch.ordered("median", x5, out, plan, threads)
        inside = out[:, 0, edge:-edge, edge:-edge, 0]
        assert (np.isnan(inside.astype(float)) == np.isnan(middle)).all()
        known = ~np.isnan(middle)
        np.testing.assert_array_equal(np.signbit(inside)[known], middle[known] < 0)


@pytest.mark.parametrize("dtype", FLOATS)
def test_one_nan(dtype):
    """Of either sign, in any row of four and any column, beside infinities: in its own windows alone."""
    rng = np.random.default_rng(24)
    for width, times in ((35, 40), (1100, 4)):
        plan = plan_of((1, 1, 20, width, 1), (1, 3, 3), stride=1)
        for _ in range(times):
            x = rng.standard_normal((20, width)).astype(dtype_of(dtype))
            x[rng.random(x.shape) < 0.1] = np.inf
            x[rng.random(x.shape) < 0.1] = -np.inf
            x[rng.integers(20), rng.integers(width)] = rng.choice([np.nan, -np.nan])
            out = np.empty((1, 1, 18, width - 2, 1), x.dtype)
            _dispatch.ordered("median", x.reshape(1, 1, 20, width, 1), out, plan, 1)
            windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), (3, 3))
            np.testing.assert_array_equal(out[0, 0, ..., 0].astype(float), np.median(windows, (-2, -1)))


@pytest.mark.parametrize("shape", [(1, 1, 90, 64, 1), (2, 3, 20, 33, 2)])
def test_threads_and_bands(shape):
    rng = np.random.default_rng(8)
    x5, t5 = (rng.standard_normal(shape).astype(np.float32) for _ in range(2))
    for op, params in (("median", ()), ("quantile", (0.3, "linear")), ("range", ())):
        for kernel in ((1, 4, 4), (1, 15, 13)):
            plan = plan_of(shape, kernel, stride=1)
            g5 = rng.standard_normal(plan.canonical_out).astype(np.float32)
            results = set()
            for threads in (1, 2, 3, 7):
                out, jvp, gx5 = np.empty_like(g5), np.empty_like(g5), np.empty_like(x5)
                _dispatch.ordered(op, x5, out, plan, threads, params=params)
                _dispatch.ordered_backward(op, g5, x5, gx5, plan, threads, params=params)
                _dispatch.ordered_jvp(op, t5, x5, jvp, plan, threads, params=params)
                results.add((out.tobytes(), gx5.tobytes(), jvp.tobytes()))
            assert len(results) == 1


def test_integers_are_exact():
    """Means of two are rounded to the nearest, ties to even; ranges fit the unsigned type."""
    for a, b, mean in ((2, 3, 2), (3, 4, 4), (-3, -2, -2), (-2**63, 2**63 - 1, 0),
                       (2**63 - 2, 2**63 - 1, 2**63 - 2)):
        x5 = np.array([a, b], np.int64).reshape(1, 1, 1, 2, 1)
        plan = plan_of(x5.shape, (1, 1, 2))
        out, span = np.empty((1, 1, 1, 1, 1), np.int64), np.empty((1, 1, 1, 1, 1), np.uint64)
        _dispatch.ordered("median", x5, out, plan, 1)
        _dispatch.ordered("range", x5, span, plan, 1)
        assert (int(out.ravel()[0]), int(span.ravel()[0])) == (mean, b - a)


def test_integers_as_floats():
    x5 = np.array([1, 2, 4, 8], np.int64).reshape(1, 1, 1, 4, 1)
    plan = plan_of(x5.shape, (1, 1, 2))
    for dtype in (np.float32, np.float64):
        for op, want in (("median", [1.5, 6]), ("range", [1, 4])):
            out = np.empty((1, 1, 1, 2, 1), dtype)
            _dispatch.ordered(op, x5, out, plan, 1)
            assert out.ravel().tolist() == want


def test_no_gradient_of_integers_and_labels():
    x5, x5f = np.zeros((1, 1, 1, 4, 1), np.int32), np.zeros((1, 1, 1, 4, 1), np.float32)
    plan = plan_of(x5.shape, (1, 1, 2))
    with pytest.raises(TypeError):
        _dispatch.ordered_backward("median", x5[..., :2, :].copy(), x5, x5.copy(), plan, 1)
    with pytest.raises(TypeError):
        _dispatch.ordered_backward("mode", x5f[..., :2, :].copy(), x5f, x5f.copy(), plan, 1)


def test_differences():
    """Where no two taps are close, the derivative is that of the value."""
    rng = np.random.default_rng(9)
    x5 = rng.permutation(240).reshape(1, 1, 12, 20, 1) / 8.0
    t5 = rng.standard_normal(x5.shape)
    plan = plan_of(x5.shape, (1, 3, 4), stride=1, padding=(0, 1, 1))
    for op, params in (("median", ()), ("quantile", (0.3, "linear")), ("rank", (1,)), ("range", ())):
        up, down, jvp = (np.empty(plan.canonical_out) for _ in range(3))
        step = 2.0 ** -12
        _dispatch.ordered(op, x5 + step * t5, up, plan, 1, params=params)
        _dispatch.ordered(op, x5 - step * t5, down, plan, 1, params=params)
        _dispatch.ordered_jvp(op, t5, x5, jvp, plan, 1, params=params)
        np.testing.assert_allclose((up - down) / (2 * step), jvp, atol=1e-8)
        g5, gx5 = rng.standard_normal(jvp.shape), np.empty_like(x5)
        _dispatch.ordered_backward(op, g5, x5, gx5, plan, 1, params=params)
        np.testing.assert_allclose((g5 * jvp).sum(), (gx5 * t5).sum())


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_kmax(dtype):
    rng = np.random.default_rng(10)
    for n, inner in ((12, 1), (30, 5), (1, 2)):
        for kind in ("ties", "wide"):
            x5 = sample((3, 1, 1, n, inner), dtype, rng, kind)
            if dtype in FLOATS:
                x5[rng.random(x5.shape) < 0.1] = np.nan
            for k in (1, 3, n, n + 2):
                for mask in (None, rng.random(x5.shape) < 0.6):
                    for omit in (False, True):
                        out = np.empty((3, 1, 1, k, inner), x5.dtype)
                        idx = np.empty(out.shape, np.int32 if k == 3 else np.int64)
                        _dispatch.kmax(x5, out, idx, 1 + k % 3, mask=mask, omit_nan=omit)
                        want, where = reference.kmax_pool(x5, k, axis=3, mask=mask,
                                                          omit_nan=omit and dtype in FLOATS)
                        np.testing.assert_array_equal(idx, where)
                        if dtype in FLOATS:
                            out, want = out.astype(float), want.astype(float)
                        np.testing.assert_array_equal(out, want)


def test_kmax_gradient():
    rng = np.random.default_rng(11)
    x5, g5 = rng.standard_normal((2, 1, 1, 9, 3)), rng.standard_normal((2, 1, 1, 4, 3))
    out, idx, gx5 = np.empty_like(g5), np.empty(g5.shape, np.int64), np.empty_like(x5)
    _dispatch.kmax(x5, out, idx, 1)
    lines = _geometry.UnpoolPlan(3, g5.shape, True, 2, g5.shape[1:4], x5.shape[1:4], 3, x5.shape)
    _dispatch.unpool(g5, idx, gx5, "last", lines, 1)
    want = np.zeros_like(x5)
    np.put_along_axis(want, idx, g5, axis=3)
    np.testing.assert_array_equal(gx5, want)
    back = np.empty_like(g5)
    _dispatch.unpool_backward(x5, idx, back, lines, 1)
    np.testing.assert_array_equal(back, out)


def test_dynamic_k():
    assert [reference.dynamic_k(3, layer, 3, 18) for layer in (1, 2, 3)] == [12, 6, 3]
