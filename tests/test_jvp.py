"""Derivatives along tangents: the reference, finite differences, torch.func, and the adjoint identity."""

import re

import numpy as np
import pytest
from compare import FLOATS, LAYOUTS, OPS, assert_close, assert_same, outcome, ulp, values
from hypothesis import given, settings
from strategies import adaptive_calls, global_calls, window_calls

import cpool
from cpool import reference

SPATIAL = {1: (23,), 2: (7, 12), 3: (4, 5, 8)}
WINDOWS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": "same", "dilation": 2},
    {"kernel_size": 4, "stride": 3, "padding": 3, "ceil_mode": True},
    {"kernel_size": 2, "stride": 1, "padding": 4},
]


def names(kind, op, nd):
    """The name of a function, and of its reference."""
    if kind == "global":
        return f"global_{op}_pool", f"global_{op}_pool"
    prefix = "adaptive_" if kind == "adaptive" else ""
    return f"{prefix}{op}_pool{nd}d", f"{prefix}{op}_pool"


def cases(kind, op, nd):
    """Arguments worth trying."""
    own = [{}]
    if op == "lp":
        own = [{"norm_type": p, "normalize": n} for p in (1, 2, 3, 0.5, 2.7, np.inf) for n in (False, True)]
    if kind == "windowed" and op == "avg":
        own = [{}, {"count_include_pad": False}, {"divisor_override": 5}]
    places = {
        "windowed": WINDOWS,
        "adaptive": [{"output_size": 1}, {"output_size": 3}, {"output_size": None}],
        "global": [{"spatial_ndim": nd}, {"spatial_ndim": nd, "keepdims": True}],
    }[kind]
    return [place | more for place in places for more in own]


def check(kind, op, nd, x, t, **options):
    """Against the reference, to the accuracy of a gradient."""
    fast, slow = names(kind, op, nd)
    keywords = options if kind == "global" else options | {"nd": nd}
    want = outcome(getattr(reference, slow + "_jvp"), t, x, **keywords)
    if isinstance(want, Exception):
        assert isinstance(outcome(getattr(cpool, fast + "_jvp"), t, x, **options), Exception)
        return
    before = x.tobytes(), t.tobytes()
    got = getattr(cpool, fast + "_jvp")(t, x, **options)
    assert (x.tobytes(), t.tobytes()) == before
    if op in ("max", "min"):
        assert_same(got, want, f"{fast} {options}")
        return
    with np.errstate(all="ignore"):
        # the slopes of a norm and the weights of a sum have the sign of x at most
        wide = abs(t.astype(np.longdouble)), abs(x.astype(np.longdouble))
        size = getattr(reference, slow + "_jvp")(*wide, **{k: v for k, v in keywords.items() if k != "dtype"})
        eps = 2.0 ** (-52 if 8 in (x.itemsize, want.itemsize) else -23)
        allowed = 4 * ulp(want, want.dtype) + (64 if op == "lp" else 8) * eps * abs(size)
    assert_close(got, want, np.where(np.isfinite(allowed), allowed, 0), f"{fast} {options}")


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("kind", ["windowed", "adaptive", "global"])
def test_grid(kind, op, nd, layout, dtype):
    shape = (2, *SPATIAL[nd], 3) if layout == "channels_last" else (2, 3, *SPATIAL[nd])
    x, t = values(shape, dtype), values(shape, dtype, seed=1)
    for options in cases(kind, op, nd):
        check(kind, op, nd, x, t, data_format=layout, **options)


@pytest.mark.parametrize("op", OPS)
def test_nan_and_infinity(op):
    x, t = values((3, 7, 12), np.float32, "special"), values((3, 7, 12), np.float32, seed=1)
    for options in cases("windowed", op, 2):
        p = options.get("norm_type")
        if p is None:
            check("windowed", op, 2, x, t, **options)
            continue
        # NaN only: how infinite taps of an infinite norm change it is nobody's to say
        check("windowed", op, 2, np.where(np.isinf(x), 1, x).astype(np.float32), t, **options)


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, 7.5, np.inf])
def test_norms_of_any_size(p):
    """No overflow for 1e30 and no underflow for 1e-30; zero windows and zero elements have no slope."""
    for scale in 1e-30, 1, 1e30:
        x = (values((2, 9, 9), np.float32) * np.float32(scale)).astype(np.float32)
        x[0, :4] = 0
        t = values(x.shape, np.float32, seed=2)
        for options in {"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1, "normalize": True}:
            check("windowed", "lp", 2, x, t, norm_type=p, **options)
    got = cpool.lp_pool1d_jvp(np.ones(4), np.zeros(4), p, 2)
    assert got.tolist() == [0, 0]


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_dtype_of_the_result(nd):
    x = values((2, *SPATIAL[nd]), np.float32)
    for op in "avg", "sum", "lp":
        for dtype in np.float32, np.float64:
            options = {"dtype": dtype, "kernel_size": 2} | ({"norm_type": 2} if op == "lp" else {})
            check("windowed", op, nd, x, values(x.shape, np.float32, seed=1), **options)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("kind", ["windowed", "adaptive", "global"])
def test_indices_spare_the_search(kind, op, nd):
    name, _ = names(kind, op, nd)
    where = {
        "windowed": {"kernel_size": 3, "stride": 2, "padding": 2},
        "adaptive": {"output_size": 3},
        "global": {"spatial_ndim": nd},
    }[kind]
    for dtype in FLOATS:
        x, t = values((2, 3, *SPATIAL[nd]), dtype), values((2, 3, *SPATIAL[nd]), dtype, seed=1)
        _, at = getattr(cpool, name)(x, return_indices=True, **where)
        jvp = getattr(cpool, name + "_jvp")
        want = jvp(t, x, **where)
        assert_same(jvp(t, x, indices=at, **where), want)
        assert_same(jvp(t, x.shape, indices=at.astype(np.int32), return_indices=True, **where), want)
        with pytest.raises(TypeError, match="shape"):
            jvp(t, x.shape, **where)
        for known in ({}, {"indices": at}):
            assert_same(jvp(t, x, index_dtype="int32", **known, **where), want)
            for wrong in (3, "nothing", np.int16, np.float32):
                with pytest.raises(TypeError, match="index_dtype must be one of the dtypes int32, int64"):
                    jvp(t, x, index_dtype=wrong, **known, **where)
        with pytest.raises(ValueError, match="indices"):
            jvp(t, x, indices=at + x.size, **where)
        with pytest.raises(ValueError, match="indices"):
            jvp(t, x, indices=at[:1], **where)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_unpooling(nd):
    x, t = values((2, 3, *SPATIAL[nd]), np.float32), values((2, 3, *SPATIAL[nd]), np.float32, seed=1)
    y, at = getattr(cpool, f"max_pool{nd}d")(x, 2, return_indices=True)
    ty = t[tuple(slice(n) for n in y.shape)]
    unpool, jvp = getattr(cpool, f"max_unpool{nd}d"), getattr(cpool, f"max_unpool{nd}d_jvp")
    for mode in "last", "sum":
        size = {"mode": mode, "output_size": SPATIAL[nd]}
        want = reference.max_unpool_jvp(ty, y, at, 2, nd=nd, **size)
        assert_same(jvp(ty, y, at, 2, **size), want)
        assert_same(jvp(ty, y.shape, at, 2, **size), unpool(ty, at, 2, **size))


@pytest.mark.parametrize("kind", ["windowed", "adaptive", "global"])
@pytest.mark.parametrize("op", OPS)
def test_finite_differences(op, kind):
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((2, 7, 12)), rng.standard_normal((2, 7, 12))
    name, _ = names(kind, op, 2)
    for options in cases(kind, op, 2):
        f, h = getattr(cpool, name), 1e-6
        with np.errstate(invalid="ignore"):
            want = (f(x + h * t, **options) - f(x - h * t, **options)) / (2 * h)
        if "pool2d" in name and options.get("padding") in (4, 3):
            want = np.nan_to_num(want)  # windows without an element: infinite before and after
        got = getattr(cpool, name + "_jvp")(t, x, **options)
        p = options.get("norm_type", 2)
        if p < 1:
            continue  # steep at zero: the reference above has these
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_same_as_torch(nd):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    rng = np.random.default_rng(nd)
    x, t = rng.standard_normal((2, 3, *SPATIAL[nd])), rng.standard_normal((2, 3, *SPATIAL[nd]))
    xt, tt = torch.from_numpy(x), torch.from_numpy(t)
    for name, args in [
        ("max_pool", (3, 2, 1)),
        ("avg_pool", (3, 2, 1)),
        ("lp_pool", (2, 3, 2)),
        ("lp_pool", (3, 2)),
        ("adaptive_max_pool", (3,)),
        ("adaptive_avg_pool", (3,)),
    ]:
        f = getattr(functional, f"{name}{nd}d")
        positive = name == "lp_pool"  # torch has no norm of negative numbers
        here = xt.abs() if positive else xt
        # a column of the double-backward trick: the derivative of <J^T v, t> with respect to v
        variable = here.clone().requires_grad_()
        y = f(variable, *args)
        v = torch.zeros_like(y, requires_grad=True)
        (back,) = torch.autograd.grad(y, variable, v, create_graph=True)
        (want,) = torch.autograd.grad(back, v, tt)
        got = getattr(cpool, f"{name}{nd}d_jvp")(t, here.numpy(), *args)
        np.testing.assert_allclose(got, want.numpy(), rtol=1e-9, atol=1e-9)
    f = functional.avg_pool2d if nd == 2 else None
    if f is not None:
        _, want = torch.func.jvp(lambda x: f(x, 3, 2, 1), (xt,), (tt,))
        np.testing.assert_allclose(cpool.avg_pool2d_jvp(t, x, 3, 2, 1), want.numpy(), rtol=1e-12, atol=1e-12)


def adjoint(name, x, options):
    """<jvp(t), g> = <t, backward(g)>."""
    rng = np.random.default_rng(x.size)
    x = np.where(np.isfinite(x), np.clip(x, -100, 100), 1)
    options = {k: v for k, v in options.items() if k not in ("dtype", "index_dtype", "return_indices")}
    t = rng.standard_normal(x.shape)
    along = outcome(getattr(cpool, name + "_jvp"), t, x, **options)
    if isinstance(along, Exception):
        assert isinstance(outcome(getattr(cpool, re.sub("_jvp$", "", name)), x, **options), Exception)
        return
    along = np.nan_to_num(along)  # averages of nothing
    g = rng.standard_normal(along.shape)
    back = getattr(cpool, name + "_backward")(g, x, **options)
    scale = abs(t).sum() * abs(g).sum() + 1
    steep = 1e3 ** max(1 / options.get("norm_type", 1) - 1, 0)
    assert abs((along * g).sum() - (t * back).sum()) <= 1e-12 * scale * steep


@settings(max_examples=100)
@given(window_calls([np.dtype(np.float64)]))
def test_adjoint_of_windows(call):
    op, nd, x, options = call
    adjoint(f"{op}_pool{nd}d", x, options)


@settings(max_examples=60)
@given(adaptive_calls([np.dtype(np.float64)]))
def test_adjoint_of_adaptive(call):
    op, nd, x, options = call
    adjoint(f"adaptive_{op}_pool{nd}d", x, options)


@settings(max_examples=60)
@given(global_calls([np.dtype(np.float64)]))
def test_adjoint_of_global(call):
    op, x, options = call
    adjoint(f"global_{op}_pool", x, options)


@pytest.mark.parametrize(
    "name", [n for n in cpool.__all__ if re.fullmatch(r"(max|min|avg|sum|lp)_pool2d_jvp", n)]
)
def test_bad_input(name):
    jvp = getattr(cpool, name)
    x, lead = np.ones((2, 6, 6), np.float32), (2,) if "lp" in name else ()
    for tangent, x_given, error in [
        (x[:1], x, ValueError),
        (x.astype(np.float64), x, TypeError),
        (x.astype(int), x, TypeError),
        (x, x.astype(int), TypeError),
        (x.astype(int), x.astype(int), TypeError),
        (None, x, TypeError),
        (x, np.ones((2, 6, 5), np.float32), ValueError),
        (x, (2, 6, 5), (TypeError, ValueError)),
    ]:
        with pytest.raises(error):
            jvp(tangent, x_given, *lead, 2)
    with pytest.raises(ValueError, match="kernel_size"):
        jvp(x, x, *lead, 7)
    for out, error in (
        (x, ValueError),
        (np.empty((2, 3, 3)), TypeError),
        (np.empty((2, 3, 2), np.float32), ValueError),
    ):
        with pytest.raises(error):
            jvp(np.ones_like(x), x, *lead, 2 if out is not x else 1, out=out)
    out = np.empty((2, 3, 3), np.float32)
    assert jvp(x, x, *lead, 2, out=out) is out


def test_many_axes():
    """A global norm over more than three axes, in place of their own."""
    x, t = values((2, 3, 2, 3, 2, 2), np.float64), values((2, 3, 2, 3, 2, 2), np.float64, seed=1)
    for options in {"axis": (5, 0, 3, 2)}, {"spatial_ndim": 5, "keepdims": True}, {"spatial_ndim": 6}:
        for normalize in True, False:
            check("global", "lp", None, x, t, norm_type=3, normalize=normalize, **options)
            check("global", "max", None, x, t, **options)
