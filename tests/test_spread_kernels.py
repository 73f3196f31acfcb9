"""The backward kernels of sums, averages and norms against loops over windows, plan by plan."""

import itertools

import numpy as np
import pytest

pytest.importorskip("cpool._plan")
norms = pytest.importorskip("cpool._kernels.norms")

from cpool._plan import Job  # noqa: E402

from cpool import _dispatch  # noqa: E402
from cpool._geometry import Axis, Plan  # noqa: E402

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

kernels = _dispatch.kernel("spread")

CODES = {"float32": 8, "float64": 9, "float16": 10, "bfloat16": 11}
EPS = {"float32": 2.0**-24, "float64": 2.0**-53, "float16": 2.0**-11, "bfloat16": 2.0**-8}
TINY = {"float32": 2.0**-149, "float64": 2.0**-1074, "float16": 2.0**-24, "bfloat16": 2.0**-133}
DTYPES = [name for name in CODES if name != "bfloat16" or ml_dtypes]
UNIT = Axis(1, 1, 1, 1, 1, 0, 0, False)


def dtype_of(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def regular(n, k, s=1, d=1, lo=0, hi=None, ceil=False):
    """An axis of regular windows, sized as the contract says."""
    hi = lo if hi is None else hi
    room = n + lo + hi - d * (k - 1) - 1
    if ceil:
        out = max(-(-room // s) + 1, 1)
        if (out - 1) * s >= n + lo:
            out -= 1
    else:
        assert room >= 0
        out = room // s + 1
    return Axis(n, out, k, s, d, lo, hi, False)


def adaptive(n, out):
    return Axis(n, out, 1, 1, 1, 0, 0, True)


def make_plan(*axes, outer=1, inner=1, include_pad=True, divisor=None):
    axes = (UNIT,) * (3 - len(axes)) + axes
    return Plan(3, (), inner > 1, outer, axes, inner, (), include_pad, divisor)


def taps(axis, o):
    """Real taps and number of divisor taps of window `o`."""
    if axis.adaptive:
        real = np.arange(o * axis.n // axis.out, -(-(o + 1) * axis.n // axis.out))
        return real, len(real)
    at = range(
        o * axis.stride - axis.lo, o * axis.stride - axis.lo + axis.kernel * axis.dilation, axis.dilation
    )
    real = range(
        at.start - min(at.start, 0) // axis.dilation * axis.dilation, min(at.stop, axis.n), axis.dilation
    )
    return np.array([i for i in real if i in at], int), len(
        range(at.start, min(at.stop, axis.n + axis.hi), axis.dilation)
    )


def run(api, plan, *arrays, threads, **task):
    arrays = [np.ascontiguousarray(a) for a in arrays]
    job = Job(api, plan, [a.nbytes for a in arrays], code=CODES[arrays[0].dtype.name], **task)
    job.run(arrays, threads)


BOXES, STRIPS = 1, 2


def run_spread(plan, g, average, threads=1, way=0):
    gx = np.full(plan.canonical_shape, np.nan, g.dtype)
    run(kernels.apis["spread"], plan, g, gx, threads=threads, op=3 if average else 2, mode=way)
    return gx


def slow_spread(plan, g, average):
    """The gradient, and the sum of the sizes of its terms."""
    wide = g.astype(np.longdouble)
    counts = [
        np.array([taps(a, o)[1] if plan.include_pad else len(taps(a, o)[0]) for o in range(a.out)], float)
        for a in plan.axes
    ]
    if average:
        divisor = counts[0][:, None, None] * counts[1][:, None] * counts[2]
        if plan.divisor is not None:
            divisor = np.full_like(divisor, plan.divisor)
        with np.errstate(all="ignore"):
            wide = wide / np.where(divisor == 0, 1, divisor)[None, ..., None].astype(np.longdouble)
    size = abs(wide)
    for i, axis in enumerate(plan.axes):
        moved, moved_size = np.moveaxis(wide, i + 1, 0), np.moveaxis(size, i + 1, 0)
        total = np.zeros((axis.n, *moved.shape[1:]), np.longdouble)
        total_size = total.copy()
        for o in range(axis.out):
            at = taps(axis, o)[0]
            total[at] += moved[o]  # a window has no tap twice
            total_size[at] += moved_size[o]
        wide, size = np.moveaxis(total, 0, i + 1), np.moveaxis(total_size, 0, i + 1)
    return wide, size


def check(plan, dtype="float32", average=True, threads=1, seed=0, way=0):
    rng = np.random.default_rng(seed)
    g = rng.standard_normal(plan.canonical_out).astype(dtype_of(dtype))
    got = run_spread(plan, g, average, threads, way)
    want, size = slow_spread(plan, g, average)
    accumulator = EPS["float64" if dtype == "float64" else "float32"]
    with np.errstate(all="ignore"):
        off = (
            abs(got.astype(np.longdouble) - want)
            > 1.01 * EPS[dtype] * abs(want) + 6 * accumulator * size + TINY[dtype]
        )
    assert not off.any() and not np.isnan(got.astype(np.float64)).any(), (
        plan,
        dtype,
        average,
        threads,
        np.argwhere(off)[:3],
    )


WINDOWS = [
    regular(35, 3, 1, lo=1),
    regular(56, 2, 2),
    regular(57, 2, 2),
    regular(56, 3, 2, lo=1),
    regular(9, 5, 2, lo=2),
    regular(17, 3, 3),
    regular(18, 3, 3, ceil=True),
    regular(23, 4, 3, lo=1, ceil=True),
    regular(40, 8, 8),
    regular(40, 20, 20),
    regular(41, 20, 20, ceil=True),
    regular(30, 3, 5),
    regular(30, 1, 2),
    regular(31, 1, 1),
    regular(12, 1, 1, lo=2),
    regular(30, 3, 1, 4),
    regular(30, 3, 2, 2),
    regular(31, 3, 2, 3, lo=4),
    regular(33, 4, 4, 2),
    regular(33, 2, 4, 2),
    regular(60, 5, 3, 7, lo=9),
    regular(60, 31, 1, lo=15),
    regular(60, 31, 2, lo=15),
    regular(70, 25, 1, 2, lo=20),
    regular(70, 25, 3, 2, lo=20),
    regular(5, 9, 1, lo=40),
    regular(5, 100, 1, lo=99),
    regular(4, 2**31 - 2, 1, lo=2**30, hi=2**30 + 3),
    regular(6, 2, 2**31 - 2, lo=3),
    regular(6, 3, 1, 2**30, lo=2**30),
    regular(1, 1, 1),
    regular(2, 2, 1, lo=1),
    regular(7, 2, 1, lo=5),
    regular(7, 7, 7),
    regular(20, 2, 2, lo=1, hi=0),
    adaptive(30, 7),
    adaptive(7, 30),
    adaptive(13, 6),
    adaptive(13, 13),
    adaptive(20, 1),
    adaptive(1, 5),
    adaptive(8, 4),
    adaptive(3, 100),
    adaptive(100, 3),
]


@pytest.mark.parametrize("axis", WINDOWS, ids=str)
def test_strips_give_the_bits_of_boxes(axis):
    """Rows longer and shorter than vectors, and what must not spread: NaN, infinities, the sign of zero."""
    rng = np.random.default_rng(axis.n)
    others = (
        regular(4, 2, 1), regular(37, 3, 1, lo=1), regular(37, 3, 2, lo=1), adaptive(19, 8), adaptive(5, 9)
    )
    for other, outer, average in itertools.product(others, (1, 5), (True, False)):
        for axes in ((axis, other), (other, axis)):
            plan = make_plan(*axes, outer=outer, include_pad=outer == 1)
            g = rng.standard_normal(plan.canonical_out).astype(np.float32)
            for special in (None, -0.0, np.nan, -np.inf):
                if special is not None:
                    g[rng.random(g.shape) < 0.3] = special
                want = run_spread(plan, g, average, way=BOXES)
                for threads in (1, 3):
                    got = run_spread(plan, g, average, threads, STRIPS)
                    assert np.array_equal(got, want, equal_nan=True), (plan, special)
                    assert np.array_equal(np.signbit(got[got == 0]), np.signbit(want[want == 0]))


@pytest.mark.parametrize("axis", WINDOWS, ids=str)
@pytest.mark.parametrize("inner", [1, 3, 20])
def test_each_axis(axis, inner):
    small = regular(4, 2, 1)
    for axes in [(axis,), (axis, small), (small, axis), (axis, small, small), (axis, axis)]:
        for include_pad in (True, False):
            check(make_plan(*axes, outer=3, inner=inner, include_pad=include_pad), way=STRIPS)
        check(make_plan(*axes, outer=2, inner=inner), average=False)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    pick = [WINDOWS[i] for i in (0, 1, 3, 5, 7, 15, 21, 22, 35, 36)]
    for a, b in itertools.product(pick, pick[:8:2]):
        for inner, average in ((1, True), (5, False)):
            check(make_plan(b, a, outer=2, inner=inner, include_pad=False), dtype, average)


def test_volumes():
    pick = [
        regular(9, 3, 1, lo=1),
        regular(8, 2, 2),
        regular(9, 3, 2),
        adaptive(9, 4),
        regular(12, 11, 1, lo=5),
    ]
    for axes in itertools.product(pick, repeat=3):
        check(make_plan(*axes, outer=2))
    check(make_plan(*pick[:3], outer=1, inner=7), "float64")


def test_divisor():
    for divisor in (7, -3, 2**62):
        check(
            make_plan(regular(9, 3, 1, lo=1), regular(9, 3, 2, lo=1), divisor=divisor),
            (divisor != 7 and "float64") or "float32",
        )


@pytest.mark.parametrize(
    "shape", [(1, 1, 3000, 70), (1, 1, 70, 5000), (1, 1, 1, 100_000), (1, 60, 60, 60), (2, 1, 200, 300)]
)
def test_cut_into_parts(shape):
    """Planes larger than a box; the same bits for every number of threads."""
    outer, d, h, w = shape
    for kernel, stride, lo in ((3, 1, 1), (2, 2, 0), (3, 2, 1), (31, 1, 15), (31, 4, 15)):
        axes = [
            regular(n, min(kernel, 2 * n - 1), stride, lo=min(lo, n - 1)) if n > 1 else UNIT
            for n in (d, h, w)
        ]
        if d > 1 and kernel > 3:
            continue
        plan = make_plan(*axes, outer=outer, include_pad=False)
        check(plan)
        g = np.random.default_rng(1).standard_normal(plan.canonical_out).astype(np.float32)
        one = run_spread(plan, g, True, 1)
        for threads in (2, 3, 7):
            assert one.tobytes() == run_spread(plan, g, True, threads).tobytes()


def test_many_channels():
    check(make_plan(regular(6, 3, 1, lo=1), regular(5, 2, 2), inner=20_000))
    check(make_plan(adaptive(6, 4), regular(9, 3, 2), inner=9_000, outer=2), threads=2)
    check(make_plan(UNIT, UNIT, regular(1, 1, 1), inner=200_000, outer=1), threads=2)


def test_not_a_number_stays_in_its_windows():
    plan = make_plan(regular(40, 11, 1, lo=5), regular(40, 11, 1, lo=5))
    g = np.ones(plan.canonical_out, np.float32)
    g[0, 0, 20, 20, 0] = np.nan
    g[0, 0, 3, 3, 0] = np.inf
    got = run_spread(plan, g, True)[0, 0, :, :, 0]
    where = np.zeros((40, 40), bool)
    where[15:26, 15:26] = True
    assert np.array_equal(np.isnan(got), where)
    assert np.array_equal(np.isinf(got), np.pad(np.ones((9, 9), bool), ((0, 31), (0, 31))))


def test_nothing_to_spread():
    plan = make_plan(regular(5, 3, 1), adaptive(4, 0), outer=2)
    assert not run_spread(plan, np.empty(plan.canonical_out, np.float32), True).any()
    plan = make_plan(regular(5, 3, 1), regular(5, 2, 1), outer=0)
    assert run_spread(plan, np.empty(plan.canonical_out, np.float32), True).size == 0


# ---- norms ----


def run_norm(plan, g, x, p, normalize=False, threads=1):
    gx = np.full(plan.canonical_shape, 7, x.dtype)
    run(norms.apis["lp_backward"], plan, g, x, gx, threads=threads, p=p, normalize=normalize)
    return gx


def slow_norm(plan, g, x, p, normalize):
    """The gradient, window by window, and the sum of the sizes of its terms."""
    wide, g = x.astype(np.longdouble), g.astype(np.longdouble)
    total = np.zeros(x.shape, np.longdouble)
    size = total.copy()
    for place in itertools.product(*(range(a.out) for a in plan.axes)):
        at = [taps(a, o)[0] for a, o in zip(plan.axes, place, strict=True)]
        if not all(len(t) for t in at):
            continue
        index = (slice(None), *np.ix_(*at), slice(None))
        values = wide[index]
        flat = values.reshape(len(x), -1, x.shape[-1])
        count = flat.shape[1] if normalize and p != np.inf else 1
        if p == np.inf:
            first = abs(flat).argmax(axis=1)[:, None]
            slope = np.zeros_like(flat)
            np.put_along_axis(slope, first, np.sign(np.take_along_axis(flat, first, axis=1)), axis=1)
            slope = slope.reshape(values.shape)
        else:
            top = abs(flat).max(axis=1)[:, None, None, None]
            top = np.where((top == 0) | np.isinf(top), 1, top)
            y = top * ((abs(values) / top) ** p).sum(axis=(1, 2, 3), keepdims=True) ** (np.longdouble(1) / p)
            y = y / np.longdouble(count) ** (np.longdouble(1) / p)
            zero = (values == 0) | (y == 0)
            slope = np.sign(values) * (
                abs(np.where(zero, 1, values)) / np.where(y == 0, 1, y)
            ) ** np.longdouble(p - 1)
            slope = np.where(zero, 0, slope / count)
        term = g[(slice(None), *place)][:, None, None, None] * slope
        total[index] += term
        size[index] += abs(term)
    return total, size


@np.errstate(all="ignore")
def check_norm(plan, p, dtype="float32", normalize=False, threads=1, scale=1.0):
    rng = np.random.default_rng(5)
    g = rng.standard_normal(plan.canonical_out).astype(dtype_of(dtype))
    x = (rng.standard_normal(plan.canonical_shape) * scale).astype(dtype_of(dtype))
    x[rng.random(x.shape) < 0.2] = 0
    got = run_norm(plan, g, x, p, normalize, threads)
    want, size = slow_norm(plan, g, x, p, normalize)
    off = (
        abs(got.astype(np.longdouble) - want)
        > 1.01 * EPS[dtype] * abs(want) + 16 * (p if p < 99 else 1) * EPS["float64"] * size + TINY[dtype]
    )
    assert not off.any() and not np.isnan(got.astype(np.float64)).any(), (
        plan,
        p,
        dtype,
        normalize,
        np.argwhere(off)[:3],
        got[off][:3],
        want[off][:3],
    )


POWERS = [1, 2, 3, 0.5, 2.5, 40, np.inf]


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("axis", WINDOWS, ids=str)
def test_norm_each_axis(axis, p):
    small = regular(4, 2, 1)
    for axes, inner in [((axis,), 1), ((axis, small), 3), ((small, axis), 1), ((small, axis, small), 1)]:
        check_norm(make_plan(*axes, outer=2, inner=inner), p, normalize=inner == 3)


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_norm_dtypes(dtype, p):
    for inner, normalize in itertools.product((1, 5), (False, True)):
        check_norm(
            make_plan(regular(9, 3, 2, lo=1), regular(9, 3, 1, lo=1), outer=2, inner=inner),
            p,
            dtype,
            normalize,
        )
        check_norm(
            make_plan(regular(9, 2, 2), regular(9, 2, 2, ceil=True), outer=2, inner=inner),
            p,
            dtype,
            normalize,
        )


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e-300, 1e300])
def test_norm_extremes(p, scale):
    plan = make_plan(regular(9, 3, 2, lo=1), regular(9, 3, 1, lo=1), outer=2)
    check_norm(plan, p, "float64", scale=scale)
    if 1e-40 < scale < 1e40:
        check_norm(plan, p, "float32", scale=scale)


@pytest.mark.parametrize("p", [1, 2, 3, np.inf])
def test_norm_cut_into_parts(p):
    """Planes larger than a box, windows larger than a box; the same bits for every number of threads."""
    plans = [
        make_plan(regular(300, 3, 1, lo=1), regular(400, 3, 2, lo=1)),
        make_plan(regular(100_000, 2, 2)),
        make_plan(adaptive(300, 1), adaptive(500, 2)),
        make_plan(adaptive(90_000, 1)),
        make_plan(adaptive(20, 2), adaptive(20, 2), inner=300),
        make_plan(adaptive(100_000, 5), outer=2),
    ]
    for plan in plans:
        check_norm(plan, p, normalize=True)
        rng = np.random.default_rng(1)
        g = rng.standard_normal(plan.canonical_out).astype(np.float32)
        x = rng.standard_normal(plan.canonical_shape).astype(np.float32)
        one = run_norm(plan, g, x, p)
        for threads in (2, 7):
            assert one.tobytes() == run_norm(plan, g, x, p, threads=threads).tobytes()


@pytest.mark.parametrize("p", POWERS)
@np.errstate(all="ignore")
def test_norm_of_special_values(p):
    plan = make_plan(regular(8, 4, 4))
    x = np.array([1, np.inf, -2, 0, 3, np.nan, -np.nan, 0], np.float32).reshape(plan.canonical_shape)
    got = run_norm(plan, np.ones(plan.canonical_out, np.float32), x, p).ravel()
    want, _ = slow_norm(plan, np.ones(plan.canonical_out), x, p, False)
    if p == np.inf:
        want[..., 4:, :] = np.array([0, np.nan, 0, 0])[:, None]
    np.testing.assert_array_equal(got, want.ravel().astype(np.float32))
