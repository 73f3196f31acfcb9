"""The reducers of whole windows against the plain loops of `reference`, on canonical arrays."""

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
BITS = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}


def dtype_of(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


class Case:
    """One operator with its parameters, and the names that the reference has for them."""

    def __init__(self, op, twin=None, second=None, tables=(), **params):
        self.op, self.twin, self.second, self.params = op, twin or op, second, params
        self.tables = tables  # rows of weights of each table

    def __repr__(self):
        return f"{self.op}({', '.join(f'{k}={v}' for k, v in self.params.items())})"

    @property
    def learned(self):
        return reference._WHOLE[self.twin][2]


SMOOTH = [
    Case("lse", r=1.0),
    Case("lse", r=-2.5),
    Case("lse", r=7.0),
    Case("lse", r=1e-3),
    Case("soft", alpha=1.0),
    Case("soft", alpha=-0.5),
    Case("soft", alpha=6.0),
    Case("soft", alpha=0.0),
    Case("softmax", temperature=1.0),
    Case("softmax", temperature=-0.4),
    Case("softmax", temperature=3.0),
]
LEARNED = [
    Case("gem", p=3.0, eps=1e-6),
    Case("gem", p=1.7, eps=0.5),
    Case("gem", p=-2.0, eps=0.1),
    Case("gem", p=20.0, eps=1e-3),
    Case("norm", "learned_norm", p=2.0, c=0.3),
    Case("norm", "learned_norm", p=3.0, c=0.0),
    Case("mixed", alpha=0.3),
    Case("mixed", alpha=1.0),
    Case("gated", bias=0.2, tables=(1,)),
    Case("tree", tables=(1, 2)),
    Case("tree", tables=(7, 8)),
    Case("lip", second="logits"),
    Case("weighted", second="weights"),
    Case("dpp", "detail", alpha=0.4, lam=1.0, eps=0.1),
    Case("dpp", "detail", alpha=0.2, lam=0.7, eps=0.1, tables=(1,)),
    Case("dpp_above", "detail_above", alpha=0.4, lam=1.5, eps=0.2),
    Case("ordinal", tables=(1,)),
    Case("var", correction=0.0),
    Case("std", correction=0.0),
    Case("expected"),
]
CASES = SMOOTH + LEARNED


def problem(case, plan_x, kernel, dtype, rng, channels=0, **geometry):
    """Canonical arrays, the plan and the parameters, which differ between so many channels."""
    x5 = rng.standard_normal(plan_x)
    x5 = (x5 * 2 if case.params.get("eps", 1) >= 0.1 else abs(x5)).astype(dtype_of(dtype))
    if "output_size" in geometry:
        plan = _geometry.adaptive_plan(plan_x, 3, geometry["output_size"], True)
    else:
        plan = _geometry.window_plan(
            plan_x,
            3,
            kernel,
            geometry.get("stride"),
            geometry.get("padding", 0),
            geometry.get("dilation", 1),
            geometry.get("ceil_mode", False),
            None,
            None,
            True,
        )
    params = {
        name: np.array([value * (1 + 0.25 * i) for i in range(channels or 1)])
        for name, value in case.params.items()
    }
    second = None
    if case.second:
        second = rng.standard_normal(plan_x)
        second = (abs(second) + 0.1 if case.second == "weights" else second).astype(dtype_of(dtype))
    taps = int(np.prod(kernel)) if kernel is not None else 1
    if "output_size" in geometry:
        sizes = [max(-(-(o + 1) * a.n // a.out) - o * a.n // a.out for o in range(a.out)) for a in plan.axes]
        taps = int(np.prod(sizes))
    lead = (channels,) if channels else ()
    tables = tuple(rng.standard_normal((*lead, rows, taps)) / taps**0.5 for rows in case.tables)
    return x5, plan, params, second, tables


def user(array, channels_first):
    """The array as the reference takes it: inner = 1 with parameters per channel is channels-first."""
    return array if not channels_first or array is None else array[..., 0][None]


def twin(case, kind, x5, params, second, tables, kernel, channels_first=False, **geometry):
    name = f"{'adaptive_' if 'output_size' in geometry else ''}{case.twin}_pool{kind}"
    keywords = dict(
        geometry, nd=3, data_format="channels_first" if channels_first else "channels_last", **params
    )
    if "output_size" not in geometry:
        keywords["kernel_size"] = kernel
    if second is not None:
        keywords["second"] = user(second, channels_first)
    if tables:
        keywords["tables"] = tables
    return getattr(reference, name), keywords


def near(got, want, dtype, size, eps=None):
    """4 ulp of the result and 8 eps of the accumulator times what was added up."""
    got, want = got.astype(np.longdouble), want.astype(np.longdouble)
    bits = BITS[dtype]
    eps = eps or 2.0 ** -(52 if dtype == "float64" else 23)
    tiny = {"float16": 2.0**-24, "bfloat16": 2.0**-133}.get(dtype, 0)
    with np.errstate(all="ignore"):
        good = abs(got - want) <= 4 * 2.0**-bits * abs(want) + 8 * eps * size + tiny
        good |= (got == want) | (np.isnan(got) & np.isnan(want))
    assert good.all(), (np.argwhere(~good)[:3], got[~good][:3], want[~good][:3], (got - want)[~good][:3])


def size_of(x5, kernel, **geometry):
    """Mean of |x| in every window."""
    wide = abs(x5.astype(np.float64))
    name = "adaptive_avg_pool" if "output_size" in geometry else "avg_pool"
    if "output_size" not in geometry:
        geometry = dict(geometry, kernel_size=kernel, count_include_pad=False)
    return getattr(reference, name)(wide, nd=3, data_format="channels_last", **geometry)


def check(
    case,
    shape,
    kernel=None,
    dtype="float32",
    *,
    channels=0,
    mask=None,
    threads=1,
    seed=0,
    scale=1,
    **geometry,
):
    rng = np.random.default_rng(seed)
    x5, plan, params, second, tables = problem(case, shape, kernel, dtype, rng, channels, **geometry)
    x5 *= scale
    first = bool(channels) and shape[-1] == 1
    masks = {}
    if mask is not None:
        mask = rng.random(shape) < mask
        masks = {"mask": user(mask, first)}
    given = {"params": (*params.values(), *tables), "second": second, "mask": mask}
    forward, keywords = twin(case, "", x5, params, second, tables, kernel, first, **geometry)
    out = np.full(plan.canonical_out, 7, x5.dtype)
    _dispatch.panel(case.op, x5, out, plan, threads, **given)
    want = np.reshape(forward(user(x5, first), **keywords, **masks, dtype=np.longdouble), out.shape)
    size = size_of(x5, kernel, **geometry)
    near(
        out,
        want,
        dtype,
        np.maximum(size, abs(np.where(np.isfinite(want), want, 0)))
        * (1 if mask is None else 4)
        * (8 if case.tables else 1),
    )

    backward, keywords = twin(case, "_backward", x5, params, second, tables, kernel, first, **geometry)
    g5 = rng.standard_normal(plan.canonical_out).astype(x5.dtype)
    gx5 = np.full(shape, 7, x5.dtype)
    gsecond = None if second is None else np.full(shape, 7, x5.dtype)
    gparams = [np.full(p.shape, 7.0) for p in list(params.values())[: len(case.learned)]]
    gparams += [None] * (len(params) - len(gparams)) + [np.full(t.shape, 7.0) for t in tables]
    _dispatch.panel_backward(case.op, g5, x5, gx5, plan, threads, gsecond5=gsecond, gparams=gparams, **given)
    wide = x5.astype(np.longdouble)
    found = backward(user(g5, first), user(wide, first), **keywords, **masks)
    found = list(found)
    loose = 1e-11 * (1 + 40 * abs(np.asarray(next(iter(case.params.values()), 0))))
    near(gx5, np.reshape(found.pop(0), shape), dtype, loose + 0 * gx5.astype(float), 1)
    if second is not None:
        near(gsecond, np.reshape(found.pop(0), shape), dtype, loose + 0 * gx5.astype(float), 1)
    for got, expected in zip([p for p in gparams if p is not None], found, strict=True):
        np.testing.assert_allclose(
            got, np.reshape(expected, got.shape), rtol=1e-8, atol=1e-8 * np.sqrt(g5.size)
        )

    jvp, keywords = twin(case, "_jvp", x5, params, second, tables, kernel, first, **geometry)
    t5 = rng.standard_normal(shape).astype(x5.dtype)
    tsecond = None if second is None else rng.standard_normal(shape).astype(x5.dtype)
    tangents = {name: rng.standard_normal(params[name].shape) for name in case.learned}
    ttables = tuple(rng.standard_normal(t.shape) for t in tables)
    tparams = [tangents.get(name) for name in params] + list(ttables)
    out = np.full(plan.canonical_out, 7, x5.dtype)
    _dispatch.panel_jvp(case.op, t5, x5, out, plan, threads, tsecond5=tsecond, tparams=tparams, **given)
    extra = {"tangent_tables": ttables} if tables else {}
    if second is not None:
        extra["tangent_second"] = user(tsecond, first)
    want = jvp(user(t5, first), user(wide, first), **keywords, **masks, **extra, tangents=tangents)
    near(out, np.reshape(want, out.shape), dtype, 1e-9 + 0 * out.astype(float), 1)
    return x5, plan, given


GEOMETRIES = [
    ((2, 1, 9, 20, 1), (1, 3, 3), {"stride": (1, 2, 2), "padding": (0, 1, 1)}),
    ((3, 1, 8, 150, 1), (1, 2, 2), {}),
    ((2, 1, 7, 9, 1), (1, 3, 3), {"stride": 1, "padding": (0, 1, 1)}),
    ((2, 1, 7, 9, 3), (1, 3, 2), {"stride": (1, 2, 1), "padding": (0, 1, 0)}),
    ((2, 1, 5, 6, 40), (1, 2, 3), {"stride": (1, 2, 1)}),
    ((1, 1, 3, 6, 200), (1, 2, 3), {"stride": (1, 2, 2), "padding": (0, 0, 1)}),
    ((2, 4, 5, 6, 1), (2, 3, 2), {"stride": 1}),
    ((1, 4, 5, 6, 5), (3, 3, 3), {"stride": 2, "padding": 1}),
    ((3, 1, 1, 31, 1), (1, 1, 5), {"stride": (1, 1, 3), "dilation": (1, 1, 2), "padding": (0, 0, 4)}),
    ((2, 1, 1, 21, 2), (1, 1, 4), {"stride": (1, 1, 3), "ceil_mode": True}),
    ((5, 1, 6, 6, 1), (1, 6, 6), {}),
    ((2, 1, 12, 11, 1), (1, 9, 9), {"stride": 1}),
    ((2, 1, 12, 11, 3), (1, 9, 9), {"stride": 2, "padding": (0, 4, 4)}),
    ((40, 1, 10, 10, 1), (1, 10, 10), {}),
    ((2, 1, 1, 5, 1), (1, 1, 100), {"stride": 1, "padding": (0, 0, 60)}),
    ((2, 1, 4, 4, 1), (1, 2, 2), {"stride": (1, 3, 3), "padding": (0, 3, 3)}),
]
ADAPTIVE = [
    ((2, 1, 9, 20, 1), (1, 4, 7)),
    ((2, 1, 7, 9, 3), (1, 3, 3)),
    ((2, 1, 3, 5, 20), (1, 7, 9)),
    ((3, 1, 8, 8, 1), (1, 1, 1)),
    ((2, 5, 6, 7, 1), (2, 3, 1)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_windows(case):
    for i, (shape, kernel, options) in enumerate(GEOMETRIES):
        check(case, shape, kernel, "float32" if i % 2 else "float64", **options)


@pytest.mark.parametrize("case", [case for case in CASES if not case.tables or case.op == "ordinal"], ids=str)
def test_adaptive(case):
    for shape, size in ADAPTIVE:
        check(case, shape, None, "float32", output_size=size)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_dtypes(case, dtype):
    for i in 0, 3, 4, 12:
        shape, kernel, options = GEOMETRIES[i]
        check(case, shape, kernel, dtype, **options)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_masks(case):
    for i in (0, 3, 4, 11):
        shape, kernel, options = GEOMETRIES[i]
        check(case, shape, kernel, "float32", mask=0.6, **options)
        check(case, shape, kernel, "float64", mask=0.15, **options)


@pytest.mark.parametrize("case", [case for case in CASES if case.params or case.tables], ids=str)
def test_parameters_of_channels(case):
    check(case, (6, 1, 7, 9, 1), (1, 3, 3), channels=3, padding=(0, 1, 1))
    check(case, (2, 1, 7, 9, 4), (1, 3, 3), channels=4, padding=(0, 1, 1))
    check(case, (2, 1, 5, 4, 33), (1, 3, 3), channels=33, stride=1)
    check(case, (12, 1, 3, 3, 1), (1, 3, 3), channels=6)


def all_results(case, threads, shape, kernel, **options):
    rng = np.random.default_rng(3)
    x5, plan, params, second, tables = problem(case, shape, kernel, "float32", rng, **options)
    given = {"params": (*params.values(), *tables), "second": second}
    out, jvp = (np.full(plan.canonical_out, 7, np.float32) for _ in range(2))
    g5, t5 = rng.standard_normal(plan.canonical_out).astype("f4"), rng.standard_normal(shape).astype("f4")
    gx5, gsecond = np.full(shape, 7, np.float32), None if second is None else np.full(shape, 7, np.float32)
    gparams = [
        np.zeros(p.shape) if i < len(case.learned) or i >= len(params) else None
        for i, p in enumerate(given["params"])
    ]
    _dispatch.panel(case.op, x5, out, plan, threads, **given)
    _dispatch.panel_backward(case.op, g5, x5, gx5, plan, threads, gsecond5=gsecond, gparams=gparams, **given)
    _dispatch.panel_jvp(case.op, t5, x5, jvp, plan, threads, **given)
    return [a.tobytes() for a in (out, gx5, gsecond, jvp, *gparams) if a is not None]


@pytest.mark.parametrize("case", CASES[::2], ids=str)
@pytest.mark.parametrize(
    "shape",
    [(70, 1, 30, 30, 1), (1, 1, 300, 400, 1), (1, 1, 1, 70_000, 1), (2, 1, 60, 40, 24), (1, 30, 40, 50, 1)],
    ids=str,
)
def test_threads_and_bands(case, shape):
    """The same bits for every number of threads, on planes that are cut into bands."""
    kernel = tuple(3 if n > 1 else 1 for n in shape[1:4])
    options = {"stride": tuple(min(2, k) for k in kernel), "padding": tuple(k // 2 for k in kernel)}
    one = all_results(case, 1, shape, kernel, **options)
    for threads in (2, 3, 7):
        assert all_results(case, threads, shape, kernel, **options) == one


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bands_are_right(case):
    check(case, (1, 1, 130, 700, 1), (1, 7, 8), stride=(1, 6, 7), padding=(0, 1, 1))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_layouts_agree(case):
    """Channels-last gives what each channel gives alone."""
    if case.tables:
        return
    rng = np.random.default_rng(5)
    shape, kernel = (2, 1, 11, 13, 20), (1, 3, 3)
    x5, plan, params, second, _ = problem(case, shape, kernel, "float32", rng, stride=(1, 2, 2))
    given = tuple(params.values())

    def run(x5, second, g5, plan):
        out, gx5 = np.empty(plan.canonical_out, "f4"), np.empty(x5.shape, "f4")
        gsecond = None if second is None else np.empty(x5.shape, "f4")
        _dispatch.panel(case.op, x5, out, plan, 1, params=given, second=second)
        _dispatch.panel_backward(case.op, g5, x5, gx5, plan, 1, params=given, second=second, gsecond5=gsecond)
        return [a for a in (out, gx5, gsecond) if a is not None]

    g5 = rng.standard_normal(plan.canonical_out).astype("f4")
    last = run(x5, second, g5, plan)
    first = [
        np.ascontiguousarray(np.moveaxis(a, -1, 1)).reshape(40, 1, *a.shape[2:4], 1)
        for a in (x5, x5 if second is None else second, g5)
    ]
    plan = plan._replace(outer=40, inner=1)
    for a, b in zip(last, run(first[0], None if second is None else first[1], first[2], plan), strict=True):
        b = np.moveaxis(b.reshape(2, 20, 1, *b.shape[2:4]), 1, -1)
        assert np.array_equal(a, b)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_not_a_number(case):
    """It stays in its windows; left out, it is as if masked."""
    shape, kernel, options = (1, 1, 8, 30, 1), (1, 3, 3), {"stride": (1, 2, 2)}
    rng = np.random.default_rng(5)
    x5, plan, params, second, tables = problem(case, shape, kernel, "float32", rng, **options)
    given = {"params": (*params.values(), *tables), "second": second}
    clean, dirty, omitted, masked = (np.empty(plan.canonical_out, "f4") for _ in range(4))
    _dispatch.panel(case.op, x5, clean, plan, 1, **given)
    x5[0, 0, 2, 4, 0] = x5[0, 0, 7, 20, 0] = np.nan
    x5[0, 0, :3, :3, 0] = np.nan
    _dispatch.panel(case.op, x5, dirty, plan, 1, **given)
    mask = x5 == x5
    holds = reference.max_pool(~mask, kernel, nd=3, data_format="channels_last", **options)
    assert np.array_equal(np.isnan(dirty), holds)
    assert np.array_equal(dirty[~holds], clean[~holds])
    _dispatch.panel(case.op, x5, omitted, plan, 1, omit_nan=True, **given)
    _dispatch.panel(case.op, x5, masked, plan, 1, mask=mask, **given)
    assert omitted.tobytes() == masked.tobytes()
    empty = omitted[0, 0, 0, 0, 0]
    expected = reference._WHOLE[case.twin][4]
    assert empty == expected or (np.isnan(empty) and np.isnan(expected))
    gx5 = np.full(shape, 7, "f4")
    _dispatch.panel_backward(
        case.op, np.ones(plan.canonical_out, "f4"), x5, gx5, plan, 1, omit_nan=True, **given
    )
    assert np.isfinite(gx5).all() and not gx5[~mask].any()


@pytest.mark.parametrize("case", SMOOTH, ids=str)
def test_large_and_infinite(case):
    """No overflow, the infinite tap that counts is the answer."""
    plan = _geometry.window_plan((1, 1, 1, 24, 1), 3, (1, 1, 4), None, 0, 1, False, None, None, True)
    top = 3e38
    x5 = np.array(
        [
            top,
            -top,
            0,
            1,
            top,
            top,
            top,
            top,
            -top,
            -top,
            -top,
            -top,
            np.inf,
            1,
            2,
            -np.inf,
            -np.inf,
            1,
            2,
            3,
            -np.inf,
            -np.inf,
            -np.inf,
            -np.inf,
        ],
        "f4",
    ).reshape(1, 1, 1, 24, 1)
    out = np.empty(plan.canonical_out, "f4")
    _dispatch.panel(case.op, x5, out, plan, 1, params=tuple(case.params.values()))
    out = out.ravel()
    up = next(iter(case.params.values())) > 0
    assert not np.isnan(out[[0, 1, 2, 5]]).any()
    assert abs(out[1] / top - 1) < 1e-6 and abs(out[2] / top + 1) < 1e-6 and out[5] == -np.inf
    if next(iter(case.params.values())):
        assert out[3] == (np.inf if up else -np.inf)
        assert (np.isfinite(out[4]) and out[4] <= 3) if up else out[4] == -np.inf


def differences(case, shape, kernel, **options):
    """The gradient by differences, in float64."""
    rng = np.random.default_rng(8)
    x5, plan, params, second, tables = problem(case, shape, kernel, "float64", rng, **options)
    given = [*params.values(), *tables]
    g5 = rng.standard_normal(plan.canonical_out)

    def value(x5, second, given):
        out = np.empty(plan.canonical_out)
        _dispatch.panel(case.op, x5, out, plan, 1, params=given, second=second)
        return (out * g5).sum()

    gx5, gsecond = np.empty(shape), None if second is None else np.empty(shape)
    gparams = [
        np.empty(p.shape) if i < len(case.learned) or i >= len(params) else None for i, p in enumerate(given)
    ]
    _dispatch.panel_backward(
        case.op, g5, x5, gx5, plan, 1, params=given, second=second, gsecond5=gsecond, gparams=gparams
    )
    arrays = [(x5, gx5), (second, gsecond), *zip(given, gparams, strict=True)]
    for array, gradient in arrays:
        if gradient is None:
            continue
        for at in list(np.ndindex(array.shape))[:60]:
            kept = array[at]
            step = 1e-5 * max(1, abs(kept))
            array[at] = kept + step
            high = value(x5, second, given)
            array[at] = kept - step
            low = value(x5, second, given)
            array[at] = kept
            assert abs((high - low) / (2 * step) - gradient[at]) < 1e-6 * (1 + abs(gradient[at])), (
                at,
                gradient[at],
            )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_differences(case):
    differences(case, (2, 1, 5, 6, 1), (1, 3, 3), stride=(1, 2, 1))
    differences(case, (1, 1, 4, 5, 2), (1, 2, 3), stride=(1, 1, 2), padding=(0, 1, 1))


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("op", ["var", "std"])
def test_integers(op, name):
    rng = np.random.default_rng(2)
    shape, options = (2, 1, 9, 21, 1), {"stride": (1, 2, 2), "padding": (0, 1, 1)}
    x5 = (
        rng.integers(0, 2, shape).astype(bool)
        if name == "bool"
        else rng.integers(
            max(np.iinfo(name).min, -(2**40)), min(np.iinfo(name).max, 2**40), shape, endpoint=True
        ).astype(name)
    )
    plan = _geometry.window_plan(
        shape, 3, (1, 3, 3), options["stride"], options["padding"], 1, False, None, None, True
    )
    for dtype in "float32", "float64":
        out = np.empty(plan.canonical_out, dtype)
        _dispatch.panel(op, x5, out, plan, 1, params=(1.0,))
        want = getattr(reference, op + "_pool")(
            x5.astype(float), (1, 3, 3), nd=3, data_format="channels_last", correction=1.0, **options
        )
        np.testing.assert_allclose(out, want, rtol=1e-6 if dtype == "float32" else 1e-13)


def test_constant_windows():
    plan = _geometry.window_plan((1, 1, 6, 6, 1), 3, (1, 3, 3), None, 0, 1, False, None, None, True)
    for value in (0.1, 1e30, -7.3):
        x5, gx5 = np.full(plan.canonical_shape, value, "f4"), np.full(plan.canonical_shape, 7, "f4")
        out = np.full(plan.canonical_out, 7, "f4")
        for op in "var", "std":
            for correction in 0, 1:
                _dispatch.panel(op, x5, out, plan, 1, params=(correction,))
                _dispatch.panel_backward(op, np.ones_like(out), x5, gx5, plan, 1, params=(correction,))
                assert not out.any() and not gx5.any()
        for op, params in [("soft", (2.0,)), ("lse", (3.0,)), ("mixed", (0.5,)), ("dpp", (0.5, 1.0, 0.1))]:
            _dispatch.panel(op, x5, out, plan, 1, params=params)
            np.testing.assert_allclose(out, x5[0, 0, 0, 0, 0], rtol=3e-7)
    one = _geometry.window_plan((1, 1, 6, 6, 1), 3, (1, 1, 1), None, 0, 1, False, None, None, True)
    x5 = np.random.default_rng(0).standard_normal(one.canonical_shape).astype("f4")
    out = np.empty(one.canonical_out, "f4")
    _dispatch.panel("std", x5, out, one, 1, params=(1,))
    assert not out.any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stochastic(dtype):
    rng = np.random.default_rng(4)
    for shape, kernel, options in GEOMETRIES:
        x5 = np.rint(rng.standard_normal(shape) * 4).astype(dtype)
        plan = _geometry.window_plan(
            shape,
            3,
            kernel,
            options.get("stride"),
            options.get("padding", 0),
            options.get("dilation", 1),
            options.get("ceil_mode", False),
            None,
            None,
            True,
        )
        sample = rng.random(plan.canonical_out)
        out, idx5 = np.empty(plan.canonical_out, dtype), np.empty(plan.canonical_out, np.int64)
        for mask in None, rng.random(shape) < 0.4:
            _dispatch.panel("stochastic", x5, out, plan, 2, second=sample, idx5=idx5, mask=mask)
            want, where = reference.stochastic_pool(
                x5, sample, kernel, nd=3, data_format="channels_last", mask=mask, **options
            )
            assert np.array_equal(idx5, where) and np.array_equal(out, want)
    x5 = np.array([0, 0, np.nan, 1, np.inf, 2, 3, -1, 0, -1, -2, 0], dtype).reshape(1, 1, 1, 12, 1)
    plan = _geometry.window_plan(x5.shape, 3, (1, 1, 4), None, 0, 1, False, None, None, True)
    out, idx5 = np.empty(plan.canonical_out, dtype), np.empty(plan.canonical_out, np.int32)
    _dispatch.panel("stochastic", x5, out, plan, 1, second=np.full(out.shape, 0.5, "f4"), idx5=idx5)
    assert (
        np.isnan(out.flat[0])
        and out.ravel()[1:].tolist() == [np.inf, 0]
        and idx5.ravel().tolist() == [2, 4, -1]
    )


def test_nothing_to_do():
    for shape, out_shape in [((0, 1, 4, 4, 1), (0, 1, 2, 2, 1)), ((2, 1, 4, 4, 0), (2, 1, 2, 2, 0))]:
        plan = _geometry.window_plan(shape, 3, (1, 2, 2), None, 0, 1, False, None, None, True)
        out = np.empty(out_shape, "f4")
        _dispatch.panel("soft", np.empty(shape, "f4"), out, plan, 2, params=(1.0,))
        _dispatch.panel_backward(
            "soft", out, np.empty(shape, "f4"), np.empty(shape, "f4"), plan, 2, params=(1.0,)
        )


def test_wrong_numbers_of_parameters():
    plan = _geometry.window_plan((6, 1, 4, 4, 1), 3, (1, 2, 2), None, 0, 1, False, None, None, True)
    x, out = np.zeros(plan.canonical_shape, "f4"), np.zeros(plan.canonical_out, "f4")
    for params in ((), (np.ones(4),), (np.ones(0),)):
        with pytest.raises(ValueError):
            _dispatch.panel("soft", x, out, plan, 1, params=params)


LARGE = 1e300  # a rate that leaves nothing of what is not extreme
EXTREMES = [
    ("lse", 0.0, np.mean), ("lse", np.inf, np.max), ("lse", -np.inf, np.min), ("lse", 1e-60, np.mean),
    ("soft", 0.0, np.mean), ("soft", np.inf, np.max), ("soft", -np.inf, np.min), ("soft", LARGE, np.max),
    ("softmax", 0.0, np.max), ("softmax", np.inf, np.mean), ("softmax", 1e-60, np.max),
    ("gem", 0.0, lambda x: np.exp(np.log(x).mean())), ("gem", np.inf, np.max), ("gem", -np.inf, np.min),
    ("gem", 1e-12, lambda x: np.exp(np.log(x).mean())), ("gem", LARGE, np.max), ("gem", -LARGE, np.min),
    ("norm", np.inf, np.max), ("norm", LARGE, np.max),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op, parameter, limit", EXTREMES)
def test_extreme_parameters(op, parameter, limit, dtype):
    """What exponents of 0 and infinity stand for, and that what is next to them is no different."""
    rng = np.random.default_rng(6)
    plan = _geometry.window_plan((1, 1, 1, 40, 1), 3, (1, 1, 8), None, 0, 1, False, None, None, True)
    for scale in (1e-30, 1e-3, 1, 1e30):
        x5 = (abs(rng.standard_normal(plan.canonical_shape)) * scale).astype(dtype)
        out, gx5, slope = np.empty(plan.canonical_out, dtype), np.empty_like(x5), np.empty(1)
        params = (parameter, *((0.0,) if op in ("gem", "norm") else ()))
        _dispatch.panel(op, x5, out, plan, 1, params=params)
        want = np.array([limit(row) for row in x5.reshape(5, 8).astype(np.float64)])
        np.testing.assert_allclose(out.ravel(), want, rtol=1e-6 if dtype == "float32" else 1e-11)
        gparams = [slope, *([None] * (len(params) - 1))]
        _dispatch.panel_backward(op, np.ones_like(out), x5, gx5, plan, 1, params=params, gparams=gparams)
        assert np.isfinite(gx5).all() and np.isfinite(slope).all()
        if limit in (np.max, np.min):
            hit = x5.reshape(5, 8) == want[:, None]
            assert np.array_equal(gx5.reshape(5, 8), hit) and abs(slope) <= 1e-12 * scale


def slope_in_parameter(op, parameter, x):
    """In long double, by the integral form of the derivative: all of its terms have one sign."""
    v = x.astype(np.longdouble)
    v = np.log(v) if op == "gem" else v
    if op in ("soft", "softmax"):
        r = np.longdouble(parameter) if op == "soft" else 1 / np.longdouble(parameter)
        w = np.exp(r * (v - v.max()))
        w /= w.sum()
        mean = (w * v).sum()
        return (w * (v - mean) ** 2).sum() * (1 if op == "soft" else -(r**2))
    # d/dr log(mean(exp(r v))) / r is the mean of s Var_s over s from 0 to r, divided by r: Gauss-Legendre
    node, weight = np.polynomial.legendre.leggauss(40)
    total = 0
    for s, a in zip((node + 1) / 2, weight / 2, strict=True):
        w = np.exp(np.longdouble(parameter) * s * (v - v.max()))
        w /= w.sum()
        total += a * s * (w * (v - (w * v).sum()) ** 2).sum()
    return total * (np.exp(reference_lse(parameter, v)) if op == "gem" else 1)


def reference_lse(r, v):
    """log(mean(exp(r v))) / r to first order where r is tiny."""
    if abs(r) < 1e-9:
        return v.mean() + r * v.var() / 2
    return (np.log(np.mean(np.exp(r * (v - v.max())))) + r * v.max()) / r


@pytest.mark.parametrize("parameter", [0.0, 1e-200, 1e-12, -1e-6, 1e-3, 0.3, -2.0])
@pytest.mark.parametrize("op", ["lse", "soft", "gem"])
def test_slopes_near_zero(op, parameter):
    """The gradient of a rate is no difference of nearly equal numbers."""
    rng = np.random.default_rng(6)
    plan = _geometry.window_plan((1, 1, 1, 8, 1), 3, (1, 1, 8), None, 0, 1, False, None, None, True)
    for scale in (1e-3, 1.0):
        x5 = 1 + rng.random(plan.canonical_shape) * scale
        gx5, slope = np.empty_like(x5), np.empty(1)
        params = (parameter, *((0.0,) if op == "gem" else ()))
        gparams = [slope, *([None] * (len(params) - 1))]
        g5 = np.ones(plan.canonical_out)
        _dispatch.panel_backward(op, g5, x5, gx5, plan, 1, params=params, gparams=gparams)
        np.testing.assert_allclose(slope[0], float(slope_in_parameter(op, parameter, x5.ravel())), rtol=1e-9)
