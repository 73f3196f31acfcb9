"""Gradients: against the reference, by finite differences, by the adjoint identity."""

import math

import numpy as np
import pytest
from compare import (
    DTYPES,
    FLOATS,
    LAYOUTS,
    OPS,
    assert_close,
    assert_same,
    check_backward,
    function,
    is_float,
    ulp,
    values,
)
from hypothesis import given
from strategies import window_calls
from test_window import GEOMETRIES, LAST_SHAPES, SHAPES

import cpool
from cpool import reference

BACKWARD_VARIANTS = {
    "max": [{}],
    "min": [{}],
    "sum": [{}],
    "avg": [{}, {"count_include_pad": False}, {"divisor_override": -3}],
    "lp": [
        {},
        {"norm_type": 1},
        {"norm_type": 3, "normalize": True},
        {"norm_type": np.inf},
        {"norm_type": 1.5},
    ],
}


def without(options, *names):
    return {k: v for k, v in options.items() if k not in names}


# --- against the reference -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_grid(op, nd, layout, dtype):
    shape = (SHAPES if layout == "channels_first" else LAST_SHAPES)[nd]
    for number, geometry in enumerate(GEOMETRIES.values()):
        variants = BACKWARD_VARIANTS[op]
        options = geometry(nd) | variants[number % len(variants)] | {"data_format": layout}
        got = check_backward("pool", op, nd, values(shape, dtype, "plain", number), taps=1, **options)
        assert got.dtype == dtype and got.shape == shape and got.flags.c_contiguous


@given(window_calls(dtypes=FLOATS))
def test_drawn(call):
    op, nd, x, options = call
    if op == "lp":
        x = np.where(np.isfinite(x) & (abs(x) < 1e4), x, 1).astype(x.dtype)
        options = options | ({} if options["norm_type"] >= 1 else {"norm_type": 1})
    check_backward("pool", op, nd, x, taps=1, **without(options, "return_indices", "index_dtype"))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ["max", "min"])
def test_indices_and_the_search_agree(op, nd, layout, dtype):
    shape = (SHAPES if layout == "channels_first" else LAST_SHAPES)[nd]
    for geometry in GEOMETRIES.values():
        options = geometry(nd) | {"data_format": layout}
        x = values(shape, dtype, "special")
        fast, _ = function("pool", op, nd)
        back, _ = function("pool", op, nd, backward=True)
        y, indices = fast(x, **options, return_indices=True)
        g = values(y.shape, dtype, seed=2)
        want = back(g, x, **options)
        assert_same(back(g, x, **options, indices=indices), want)
        assert_same(back(g, shape, **options, indices=indices.astype(np.int32)), want)
        assert_same(back(g, x, **options, return_indices=True, index_dtype=np.int32), want)
        check_backward("pool", op, nd, x, taps=1, **options)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("op", ["max", "min"])
def test_indices_from_anywhere_in_the_plane(op, layout, dtype):
    """Indices need not lie in their windows; -1 takes nothing."""
    shape = (2, 9, 40, 3) if layout == "channels_last" else (2, 3, 9, 40)
    x = values(shape, dtype)
    y = function("pool", op, 2)[0](x, 3, 2, 1, data_format=layout)
    g = values(y.shape, dtype, seed=2)
    indices = np.random.default_rng(0).integers(-1, 360, y.shape)
    back, slow = function("pool", op, 2, backward=True)
    want = slow(g, x, 3, 2, 1, data_format=layout, indices=indices)
    terms = slow(abs(g).astype(float), x.astype(float), 3, 2, 1, data_format=layout, indices=indices)
    eps = 2.0**-52 if dtype == np.float64 else 2.0**-23
    assert_close(
        back(g, x, 3, 2, 1, data_format=layout, indices=indices), want, 4 * ulp(want, dtype) + 8 * eps * terms
    )


@pytest.mark.parametrize("op", ["avg", "sum"])
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_shape_serves_as_x(op, nd, layout):
    shape = (SHAPES if layout == "channels_first" else LAST_SHAPES)[nd]
    options = GEOMETRIES["3/2 pad 1"](nd) | {"data_format": layout}
    y = function("pool", op, nd)[0](np.zeros(shape, np.float32), **options)
    back, _ = function("pool", op, nd, backward=True)
    g = values(y.shape, np.float32)
    assert_same(back(g, shape, **options), back(g, np.zeros(shape, np.float32), **options))
    kind = getattr(cpool, f"adaptive_{op}_pool{nd}d_backward")
    g = values(
        kind and getattr(cpool, f"adaptive_{op}_pool{nd}d")(np.zeros(shape), 2, data_format=layout).shape,
        np.float64,
    )
    assert_same(kind(g, shape, 2, data_format=layout), kind(g, np.zeros(shape), 2, data_format=layout))


@pytest.mark.parametrize("x_dtype", FLOATS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("op", ["avg", "sum", "lp"])
def test_dtype_of_the_gradients(op, x_dtype, dtype):
    """grad_output has the dtype of the output, grad_x that of x."""
    x = values((2, 3, 30), x_dtype)
    got = check_backward("pool", op, 1, x, taps=3, kernel_size=3, stride=2, dtype=dtype)
    assert got.dtype == x_dtype
    lead = (2,) if op == "lp" else ()
    wrong = np.float64 if dtype == np.float32 else np.float32
    y = function("pool", op, 1)[0](x, *lead, 3, stride=2)
    with pytest.raises((TypeError, ValueError), match="grad_output"):
        function("pool", op, 1, backward=True)[0](y.astype(wrong), x, *lead, 3, stride=2, dtype=dtype)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", [d for d in DTYPES if not is_float(d)], ids=str)
def test_integer_gradients_are_refused(op, dtype):
    lead = (2,) if op == "lp" else ()
    back, _ = function("pool", op, 1, backward=True)
    with pytest.raises(TypeError):
        back(np.ones(2, dtype), np.ones(4, dtype), *lead, kernel_size=2)
    with pytest.raises(TypeError):
        back(np.ones(2, np.float32), np.ones(4, dtype), *lead, kernel_size=2)
    with pytest.raises(TypeError):
        back(np.ones(2, dtype), np.ones(4, np.float32), *lead, kernel_size=2)


def test_empty_windows_pass_nothing_on():
    x = np.ones((1, 4), np.float32)
    for op in OPS:
        lead = (2,) if op == "lp" else ()
        options = {"kernel_size": 1, "stride": 1, "padding": 3}
        got = function("pool", op, 1, backward=True)[0](np.full((1, 10), 9, np.float32), x, *lead, **options)
        assert got.tolist() == [[9, 9, 9, 9]], op
        got = function("pool", op, 2, backward=True)[0](
            np.ones((7, 6)),
            np.zeros((1, 1)),
            *lead,
            kernel_size=(2, 1),
            dilation=(3, 1),
            stride=1,
            padding=((4, 5), (2, 3)),
        )
        want = function("pool", op, 2, backward=True)[1](
            np.ones((7, 6)),
            np.zeros((1, 1)),
            *lead,
            kernel_size=(2, 1),
            dilation=(3, 1),
            stride=1,
            padding=((4, 5), (2, 3)),
        )
        assert got.tolist() == want.tolist(), op


@pytest.mark.parametrize("op", OPS)
def test_kinks_of_the_norm(op):
    if op != "lp":
        return
    back = cpool.lp_pool1d_backward
    for p in 2, 3, 1, 0.5, np.inf:
        assert back([5.0], [0.0, -0.0], p, 2).tolist() == [0, 0], p
    assert back([5.0], [0.0, 2.0], 1, 2).tolist() == [0, 5]
    assert back([5.0], [0.0, -2.0], 0.5, 2).tolist() == pytest.approx([0, -5], rel=1e-14)
    assert back([5.0], [-3.0, 3.0], np.inf, 2).tolist() == [-5, 0]
    assert back([5.0], [1.0, -3.0], np.inf, 2).tolist() == [0, -5]
    assert np.allclose(back(np.float32([5]), np.float32([3e30, -4e30]), 2, 2), [3, -4])
    assert np.allclose(back(np.float32([5]), np.float32([3e-30, -4e-30]), 2, 2), [3, -4])


# --- without the reference ---------------------------------------------------------------------------

SMOOTH = {
    "3/2 pad 1": {"kernel_size": 3, "stride": 2, "padding": 1},
    "overlap": {"kernel_size": 3, "stride": 1},
    "dilated": {"kernel_size": 2, "stride": 1, "dilation": 2, "padding": 1},
    "ceil": {"kernel_size": 2, "ceil_mode": True},
    "same": {"kernel_size": 3, "stride": 2, "padding": "same"},
}


@pytest.mark.parametrize("options", SMOOTH.values(), ids=SMOOTH)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_finite_differences(op, nd, layout, options):
    shape = (
        {1: (1, 2, 7), 2: (2, 4, 5), 3: (1, 3, 4, 3)}[nd]
        if layout == "channels_first"
        else {1: (7, 2), 2: (4, 5, 2), 3: (3, 4, 3, 2)}[nd]
    )
    rng = np.random.default_rng(0)
    x = rng.permutation(math.prod(shape)).reshape(shape) * 0.1 + 0.3  # distinct: no kink within a step
    x *= rng.choice([-1, 1], shape)
    forward, _ = function("pool", op, nd)
    back, _ = function("pool", op, nd, backward=True)
    for p in (2, 1, 3.5, 0.7) if op == "lp" else (None,):
        lead = () if p is None else (p,)
        call = options | {"data_format": layout}
        g = rng.standard_normal(forward(x, *lead, **call).shape)
        grad = back(g, x, *lead, **call)
        step = 1e-5
        for at in np.ndindex(shape):
            up, down = x.copy(), x.copy()
            up[at] += step
            down[at] -= step
            slope = np.sum(g * (forward(up, *lead, **call) - forward(down, *lead, **call))) / (2 * step)
            assert grad[at] == pytest.approx(slope, rel=1e-5, abs=1e-6), (at, p)


@pytest.mark.parametrize("name", GEOMETRIES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_adjoint(op, nd, layout, name):
    """<f(x), g> = <x, f_backward(g)>: the linear operators by definition, the others as they scale with x."""
    x = values((SHAPES if layout == "channels_first" else LAST_SHAPES)[nd], np.float64)
    options = GEOMETRIES[name](nd) | {"data_format": layout}
    lead = (3,) if op == "lp" else ()
    y = function("pool", op, nd)[0](x, *lead, **options)
    g = values(y.shape, np.float64, seed=8)
    g[~np.isfinite(y)] = 0
    y[~np.isfinite(y)] = 0
    grad = function("pool", op, nd, backward=True)[0](g, x, *lead, **options)
    assert np.vdot(y, g) == pytest.approx(np.vdot(x, grad), rel=1e-11, abs=1e-9)
    if op in ("avg", "sum"):  # linear: any other point will do as well
        other = values(x.shape, np.float64, seed=77)
        y = function("pool", op, nd)[0](other, **options)
        assert np.vdot(y, g) == pytest.approx(np.vdot(other, grad), rel=1e-11, abs=1e-9)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("kind", ["adaptive", "global"])
def test_adjoint_of_the_other_kinds(op, kind):
    lead = (3,) if op == "lp" else ()
    for layout in LAYOUTS:
        for size in ((3, 2), (9, 11), (1, 5)) if kind == "adaptive" else (None,):
            x = values((2, 7, 8, 5), np.float64)
            options = {"data_format": layout} | ({"output_size": size} if size else {})
            y = function(kind, op, 2)[0](x, *lead, **options)
            g = values(y.shape, np.float64, seed=8)
            grad = function(kind, op, 2, backward=True)[0](g, x, *lead, **options)
            assert np.vdot(y, g) == pytest.approx(np.vdot(x, grad), rel=1e-11)


# --- large -----------------------------------------------------------------------------------------

LARGE = [
    (2, (1, 1, 500, 700), {"kernel_size": 3, "stride": 2, "padding": 1}),
    (2, (2, 3, 130, 257), {"kernel_size": 2}),
    (2, (1, 2, 200, 300), {"kernel_size": 5, "stride": 1, "padding": 2}),
    (2, (1, 1, 120, 260), {"kernel_size": 31, "stride": 1, "padding": 15}),
    (2, (300, 3, 7, 9), {"kernel_size": 3, "stride": 1}),
    (1, (1, 20000), {"kernel_size": 9, "stride": 4, "padding": 3}),
    (3, (1, 1, 20, 40, 70), {"kernel_size": 3, "stride": 2, "padding": 1}),
]


@pytest.mark.parametrize("case", range(len(LARGE)))
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_large(case, dtype, layout):
    nd, shape, options = LARGE[case]
    if layout == "channels_last":
        shape = (1, *shape[-nd:], 7) if math.prod(shape[-nd:]) < 40000 else (*shape[-nd:], 2)
    options = options | {"data_format": layout}
    inner = layout == "channels_last"
    spatial = shape[len(shape) - nd - inner : len(shape) - inner]
    x = np.random.default_rng(1).permutation(math.prod(shape)).reshape(shape).astype(dtype)
    y, indices = function("pool", "max", nd)[0](x, **options, return_indices=True)
    g = values(y.shape, dtype, seed=3)
    g3 = g.reshape(
        -1, math.prod(y.shape[len(y.shape) - nd - inner : len(y.shape) - inner]), shape[-1] if inner else 1
    )
    eps = 2.0**-52 if dtype == np.float64 else 2.0**-23

    def scattered(weights):
        total = np.zeros((g3.shape[0], math.prod(spatial), g3.shape[2]))
        rows, _, columns = np.ogrid[: g3.shape[0], :1, : g3.shape[2]]
        np.add.at(total, (rows, indices.reshape(g3.shape), columns), weights)
        return total.reshape(shape)

    want = scattered(g3.astype(float)).astype(dtype)
    allowed = 4 * ulp(want, dtype) + 8 * eps * scattered(abs(g3.astype(float)))
    for got in (
        function("pool", "max", nd, True)[0](g, x, **options),
        function("pool", "max", nd, True)[0](g, shape, **options, indices=indices),
    ):
        assert_close(got, want, allowed)

    axes = reference._regular(
        spatial,
        **(
            {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
            | without(options, "data_format")
        ),
    )

    def spread(values5):
        """Backward of sum: one axis after the other, every output adds to all its taps."""
        for d, axis in enumerate(axes):
            grown = np.zeros((*values5.shape[: d + 1], spatial[d], *values5.shape[d + 2 :]))
            into, out_of = np.moveaxis(grown, d + 1, 0), np.moveaxis(values5, d + 1, 0)
            for o, (taps, _) in enumerate(axis):
                into[taps] += out_of[o]
            values5 = grown
        return values5.reshape(shape)

    g5 = g.astype(float).reshape(-1, *map(len, axes), g3.shape[2])
    count = math.prod(options["kernel_size"] for _ in range(nd))
    for op, scale in ("sum", 1), ("avg", 1 / count):
        want = (spread(g5) * scale).astype(dtype)
        allowed = 4 * ulp(want, dtype) + 8 * eps * spread(abs(g5)) * scale
        assert_close(function("pool", op, nd, True)[0](g, shape, **options), want, allowed, op)


# --- bad calls -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("shape", [(3, 4), (3, 5, 1), (1, 3, 5), (15,), (0, 5), ()])
def test_grad_output_of_the_wrong_shape(op, shape):
    lead = (2,) if op == "lp" else ()
    out = np.full((6, 10), 7.0)
    with pytest.raises(ValueError, match="grad_output"):
        function("pool", op, 2, True)[0](np.ones(shape), np.ones((6, 10)), *lead, 2, out=out)
    assert (out == 7).all()


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("wrong", [60, -2, 2**31, -(2**31), 2**62])
def test_indices_out_of_range(op, wrong):
    out = np.full((2, 6, 10), 7.0)
    for where in (0, 0, 0), (1, 2, 4), (0, 1, 3):
        indices = np.zeros((2, 3, 5), np.int64)
        indices[where] = wrong
        for x in np.ones((2, 6, 10)), (2, 6, 10):
            with pytest.raises(ValueError, match="indices"):
                function("pool", op, 2, True)[0](np.ones((2, 3, 5)), x, 2, indices=indices, out=out)
            assert (out == 7).all()


@pytest.mark.parametrize(
    "indices",
    [
        np.zeros((3, 5)),
        np.zeros((3, 5), bool),
        np.zeros((3, 5), "m8"),
        np.zeros((3, 4), int),
        np.zeros((1, 3, 5), int),
        0,
        "x",
        np.zeros((3, 5), object),
    ],
    ids=repr,
)
def test_indices_of_the_wrong_kind(indices):
    for op in "max", "min":
        with pytest.raises((TypeError, ValueError), match="indices"):
            function("pool", op, 2, True)[0](np.ones((3, 5)), np.ones((6, 10)), 2, indices=indices)


def test_a_shape_is_not_enough_where_values_matter():
    for op in "max", "min":
        with pytest.raises((TypeError, ValueError)):
            function("pool", op, 2, True)[0](np.ones((3, 5)), (6, 10), 2)
    with pytest.raises((TypeError, ValueError)):
        cpool.lp_pool2d_backward(np.ones((3, 5)), (6, 10), 2, 2)


@pytest.mark.parametrize("threads", [1, 16])
@pytest.mark.parametrize("shape, kernel, stride", [
    ((1, 2, 31, 41, 43), 4, 4), ((1, 1, 50, 60, 61), 1, 5), ((2, 31, 400, 63), 3, 40), ((1, 700, 701), 2, 9),
    ((1, 1, 61, 161, 163), 60, 60),
])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_no_window_reaches_gets_nothing(dtype, shape, kernel, stride, threads):
    """Between windows and behind the last one, in whatever pieces the gradient is worked out."""
    nd = min(len(shape) - 1, 3)
    taken = np.ones((), int)
    for n in shape[-nd:]:
        at = np.arange(n)
        taken = np.multiply.outer(taken, (at % stride < kernel) & (at // stride * stride + kernel <= n))
    y = cpool.output_shape(shape, (kernel,) * nd, stride)
    for op, value in ("sum", 1), ("avg", kernel**-nd):
        with cpool.num_threads(threads):
            got = getattr(cpool, f"{op}_pool{nd}d_backward")(np.ones(y, dtype), shape, kernel, stride)
        assert_close(got, np.broadcast_to(taken * value, shape).astype(dtype), 1e-6 * value)
