"""max, min, avg, sum and lp over windows: every dimension, dtype, layout and option against the reference."""

import math

import numpy as np
import pytest
from compare import (
    BFLOAT16,
    DTYPES,
    FLOATS,
    INTS,
    LAYOUTS,
    OPS,
    assert_same,
    check,
    check_values,
    function,
    is_float,
    product,
    separable,
    values,
)
from hypothesis import given
from strategies import window_calls

import cpool
from cpool import reference


def each(nd, *per_axis):
    """The last `nd` of three per-axis values: every axis has its own, so that swapped axes show."""
    return per_axis[3 - nd :]


GEOMETRIES = {
    "2/2": lambda nd: {"kernel_size": 2},
    "2/1": lambda nd: {"kernel_size": 2, "stride": 1},
    "3/2 pad 1": lambda nd: {"kernel_size": 3, "stride": 2, "padding": 1},
    "3/1 pad 1": lambda nd: {"kernel_size": 3, "stride": 1, "padding": 1},
    "one axis each": lambda nd: {
        "kernel_size": each(nd, 1, 2, 4),
        "stride": each(nd, 2, 3, 1),
        "padding": each(nd, 0, 1, 2),
    },
    "pairs": lambda nd: {
        "kernel_size": 3,
        "stride": each(nd, 1, 2, 2),
        "padding": each(nd, (0, 2), (2, 0), (1, 4)),
    },
    "same": lambda nd: {"kernel_size": each(nd, 2, 3, 4), "stride": 2, "padding": "same"},
    "same_lower": lambda nd: {
        "kernel_size": each(nd, 2, 3, 4),
        "stride": each(nd, 1, 2, 3),
        "padding": "same_lower",
    },
    "valid ceil": lambda nd: {"kernel_size": 3, "stride": 2, "padding": "valid", "ceil_mode": True},
    "ceil pad": lambda nd: {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True},
    "dilated": lambda nd: {
        "kernel_size": each(nd, 2, 2, 3),
        "stride": 1,
        "dilation": each(nd, 2, 3, 2),
        "padding": 1,
    },
    "dilated stride": lambda nd: {"kernel_size": 3, "stride": 2, "dilation": each(nd, 1, 2, 5), "padding": 5},
    "far padding": lambda nd: {"kernel_size": 2, "stride": 3, "padding": each(nd, 3, 6, 40)},
    "wider than the input": lambda nd: {
        "kernel_size": each(nd, 5, 9, 60),
        "stride": 5,
        "padding": each(nd, 2, 4, 30),
    },
    "1/1": lambda nd: {"kernel_size": 1},
    "sparse": lambda nd: {"kernel_size": 1, "stride": each(nd, 2, 3, 7)},
    "3/3 ceil": lambda nd: {"kernel_size": 3, "ceil_mode": True},
}
# rows long enough for several vectors and a tail
SHAPES = {1: (2, 3, 75), 2: (2, 5, 39), 3: (1, 4, 5, 37)}
LAST_SHAPES = {1: (2, 19, 7), 2: (2, 5, 9, 19), 3: (3, 4, 5, 35)}
VARIANTS = {
    "max": [{"return_indices": True}, {}],
    "min": [{"return_indices": True, "index_dtype": np.int32}, {}],
    "avg": [{}, {"count_include_pad": False}, {"divisor_override": 3}],
    "sum": [{}],
    "lp": [{}, {"norm_type": 3, "normalize": True}],
}


def taps_of(options, nd):
    kernel = options["kernel_size"]
    return math.prod(kernel) if isinstance(kernel, tuple) else kernel**nd


def shape_of(nd, layout):
    return SHAPES[nd] if layout == "channels_first" else LAST_SHAPES[nd]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_grid(op, nd, layout, dtype):
    for number, geometry in enumerate(GEOMETRIES.values()):
        options = geometry(nd) | {"data_format": layout}
        options |= VARIANTS[op][number % len(VARIANTS[op])]
        if dtype == np.bool_ and op in ("avg", "lp"):
            assert check("pool", op, nd, values(shape_of(nd, layout), dtype), taps=1, **options) is None
            options["dtype"] = np.float32
        flavour = ("plain", "special", "extreme")[number % 3]
        x = values(shape_of(nd, layout), dtype, flavour, number)
        assert check("pool", op, nd, x, taps=taps_of(options, nd), **options) is not None


@pytest.mark.parametrize("flavour", ["plain", "special", "extreme"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_variants(op, dtype, flavour):
    """Every option of the reducer with a few geometries, in every flavour of contents."""
    for variant in VARIANTS[op]:
        for name in "2/2", "3/2 pad 1", "same", "ceil pad", "far padding":
            options = GEOMETRIES[name](2) | variant
            if dtype == np.bool_ and op in ("avg", "lp"):
                options["dtype"] = np.float64
            for layout in LAYOUTS:
                x = values(shape_of(2, layout), dtype, flavour)
                check("pool", op, 2, x, taps=taps_of(options, 2), data_format=layout, **options)


@given(window_calls())
def test_drawn(call):
    op, nd, x, options = call
    check("pool", op, nd, x, taps=taps_of(options, nd), **options)


# --- options of the reducers -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("override", [1, 3, -7, 255, 2**31, -(2**40), 2**63 - 1])
def test_divisor_override(dtype, override):
    x = values((3, 6, 20), dtype, "extreme")
    wide = {"dtype": np.float32} if dtype == np.bool_ else {}
    check("pool", "avg", 2, x, taps=4, kernel_size=2, divisor_override=override, **wide)
    check(
        "pool",
        "avg",
        2,
        x,
        taps=9,
        kernel_size=3,
        padding=1,
        ceil_mode=True,
        count_include_pad=False,
        divisor_override=override,
        **wide,
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("include", [True, False, None])
def test_count_include_pad(dtype, include):
    x = values((2, 7, 21), dtype)
    wide = {"dtype": np.float64} if dtype == np.bool_ else {}
    for name in (
        "pairs",
        "same",
        "ceil pad",
        "dilated stride",
        "far padding",
        "valid ceil",
        "wider than the input",
    ):
        options = GEOMETRIES[name](2) | wide
        check("pool", "avg", 2, x, taps=taps_of(options, 2), count_include_pad=include, **options)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    "wanted",
    [
        np.float32,
        np.float64,
        "float64",
        np.int8,
        np.uint8,
        np.int32,
        np.uint64,
        np.int64,
        np.float16,
        np.bool_,
        np.complex64,
    ],
    ids=str,
)
@pytest.mark.parametrize("op", ["avg", "sum", "lp"])
def test_dtype(op, dtype, wanted):
    """Legal for every dtype are float32 and float64, for integer sums any integer type too."""
    for layout in LAYOUTS:
        x = values((2, 5, 33), dtype, "extreme" if not is_float(dtype) else "plain")
        got = check("pool", op, 1, x, taps=3, kernel_size=3, stride=2, dtype=wanted, data_format=layout)
        legal = np.dtype(wanted) in (np.float32, np.float64) or (
            op == "sum" and not is_float(dtype) and np.dtype(wanted).kind in "iu"
        )
        assert (got is not None) == legal


@pytest.mark.parametrize("dtype", [*INTS, *FLOATS], ids=str)
@pytest.mark.parametrize("p", [1, 2, 3, 0.5, 2.5, 10, 100, np.inf])
def test_norm_types(dtype, p):
    for normalize in False, True:
        for layout in LAYOUTS:
            x = values((3, 6, 21), dtype)
            check(
                "pool",
                "lp",
                2,
                x,
                taps=9,
                kernel_size=3,
                stride=2,
                padding=1,
                norm_type=p,
                normalize=normalize,
                data_format=layout,
            )


@pytest.mark.parametrize("scale", [1e30, 1e-30, 3e38, 1e-44])
@pytest.mark.parametrize("p", [2, 3, 0.5, 40, np.inf])
def test_norms_neither_overflow_nor_vanish(scale, p):
    x = np.full((2, 3, 24), scale, np.float32)
    got = check("pool", "lp", 2, x, taps=2, kernel_size=(1, 2), norm_type=p)
    exact = scale * 2 ** (1 / p)
    assert np.isinf(got).all() if exact > 3.4028235e38 else np.allclose(got, exact, rtol=1e-6, atol=2e-45)
    wide = x.astype(float) ** 7
    got = check("pool", "lp", 2, wide, taps=2, kernel_size=(1, 2), norm_type=p)
    assert np.allclose(got / wide[..., ::2], 2 ** (1 / p), rtol=1e-12) or wide[0, 0, 0] == 0


def test_infinite_taps_and_nan_of_norms():
    for p in 1, 2, 3, 0.5, np.inf:
        x = np.array([np.inf, 1, -np.inf, np.inf, np.nan, np.inf, 0, 0], np.float32)
        got = cpool.lp_pool1d(x, p, 2)
        assert np.array_equal(got, [np.inf, np.inf, np.nan, 0], equal_nan=True), p


# --- NaN, ties, zeros ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kernel", [2, 3, 7, 19])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nan_reaches_exactly_the_windows_that_hold_it(dtype, kernel, layout):
    x = np.ones((3, 30, 45), dtype)
    x[1, 21, 34] = x[1, 22, 36] = np.nan
    nd = 2 if layout == "channels_first" else 1
    want = reference.max_pool(x != x, kernel, 1, nd=nd, data_format=layout)
    for op in OPS:
        lead = (2,) if op == "lp" else ()
        got = function("pool", op, nd)[0](x, *lead, kernel, 1, data_format=layout)
        assert np.array_equal(got != got, want), op


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("geometry", ["2/2", "3/1 pad 1", "dilated", "wider than the input"])
def test_constant_planes_give_the_first_tap(dtype, layout, geometry):
    """All elements equal, whatever they equal: -inf, +inf, NaN, zero or a limit of the type."""
    limits = (
        [-np.inf, np.inf, np.nan, 0]
        if is_float(dtype)
        else [0, 1]
        if dtype == np.bool_
        else [np.iinfo(dtype).min, np.iinfo(dtype).max]
    )
    for value in limits:
        x = np.full(shape_of(3, layout), value, dtype)
        for op in "max", "min":
            check(
                "pool", op, 3, x, taps=1, return_indices=True, data_format=layout, **GEOMETRIES[geometry](3)
            )


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_with_indices_the_value_is_the_element(dtype, layout):
    """Down to the sign of zero."""
    x = np.where(np.random.default_rng(3).random((3, 4, 64)) < 0.5, 0.0, -0.0).astype(dtype)
    for op in "max", "min":
        y, i = function("pool", op, 1)[0](x, 3, 1, return_indices=True, data_format=layout)
        taken = np.take_along_axis(x, i, -1 if layout == "channels_first" else 1)
        assert np.array_equal(np.signbit(y.astype(np.float32)), np.signbit(taken.astype(np.float32)))
        assert (
            i == (np.arange(y.shape[-1]) if layout == "channels_first" else np.arange(y.shape[1])[:, None])
        ).all()


def test_an_index_names_its_element():
    x = values((2, 3, 17, 40), np.float32)
    y, i = cpool.max_pool2d(x, 5, 2, 2, return_indices=True)
    assert_same(y, np.take_along_axis(x.reshape(2, 3, -1), i.reshape(2, 3, -1), 2).reshape(y.shape))


# --- accuracy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kernel", [(8, 8), (13, 13), (1, 257), (40, 3), (64, 100)])
def test_wide_sums_are_accurate(dtype, layout, kernel):
    x = (
        np.random.default_rng(1).random((70, 300) if layout == "channels_first" else (70, 110, 3)) + 0.5
    ).astype(dtype)
    for op in "avg", "sum":
        check(
            "pool",
            op,
            2,
            x,
            taps=math.prod(kernel),
            kernel_size=kernel,
            stride=(9, 23),
            padding=2,
            data_format=layout,
        )


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_cancellation_is_no_excuse(dtype):
    """Large terms that cancel leave an error in proportion to their mean size only in their own window."""
    x = np.tile(np.array([1, 0.001], np.float64), 200)
    x[100:108:2], x[101:109:2] = 1e4, -1e4
    check("pool", "sum", 1, x.astype(dtype), taps=16, kernel_size=16, stride=1)
    check("pool", "avg", 1, x.astype(dtype), taps=200, kernel_size=200, stride=1)


def test_a_long_mean_stays_exact():
    tenth = np.float32(0.1)
    x = np.full((1, 1, 1024, 1024), tenth)
    assert cpool.avg_pool2d(x, 1024)[0, 0, 0, 0] == tenth
    assert cpool.avg_pool2d(x, 1000, 24)[0, 0, 1, 1] == tenth


@pytest.mark.skipif(not BFLOAT16, reason="ml_dtypes is not installed")
def test_bfloat16_is_not_rounded_on_the_way():
    x = np.ones((1, 1, 64, 64), BFLOAT16[0])
    assert cpool.sum_pool2d(x, 64)[0, 0, 0, 0] == 4096
    assert cpool.avg_pool2d(x, 64)[0, 0, 0, 0] == 1


def test_float16_sums_outgrow_their_type_only_at_the_end():
    x = np.full((1, 32, 32), 60000, np.float16)
    assert cpool.avg_pool2d(x, 32)[0, 0, 0] == np.float16(60000)
    assert np.isinf(cpool.sum_pool2d(x, 32)[0, 0, 0])
    assert cpool.sum_pool2d(x, 32, dtype=np.float32)[0, 0, 0] == np.float32(60000 * 1024)


# --- arrays large enough for threads and tiles -------------------------------------------------------

LARGE = {
    "image": ((1, 1, 700, 900), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "image 2/2": ((1, 1, 700, 901), {"kernel_size": 2}),
    "image 31": ((1, 1, 500, 640), {"kernel_size": 31, "stride": 1, "padding": 15}),
    "odd rows": ((2, 3, 130, 257), {"kernel_size": 5, "stride": 1, "padding": 2}),
    "dilated": ((2, 3, 130, 257), {"kernel_size": 3, "stride": 1, "dilation": (7, 40), "padding": 9}),
    "window 255": ((1, 1, 300, 700), {"kernel_size": 255, "stride": 3, "padding": 100}),
    "wider than all": ((1, 2, 90, 200), {"kernel_size": 301, "stride": 1, "padding": 150}),
    "far padding": ((3, 40, 60), {"kernel_size": 4, "stride": 7, "padding": 900}),
    "ceil": ((5, 7, 63, 64), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    "tall": ((1, 1, 3000, 5), {"kernel_size": (64, 2), "stride": (5, 1)}),
    "many small": ((400, 9, 7, 7), {"kernel_size": 3, "stride": 2, "padding": 1}),
}
LARGE_LAST = {
    f"{channels} channels": ((2, 60, 61, channels), {"kernel_size": 3, "stride": 2, "padding": 1})
    for channels in (1, 2, 3, 7, 8, 16, 33, 200)
} | {
    "wide 31": ((1, 130, 150, 7), {"kernel_size": 31, "stride": 1, "padding": 15}),
    "wide 16": ((1, 130, 150, 16), {"kernel_size": 31, "stride": 2}),
    "dilated": ((1, 99, 120, 33), {"kernel_size": 3, "dilation": (4, 9), "stride": 1, "padding": 5}),
    "window 255": ((1, 260, 280, 3), {"kernel_size": 255, "stride": (1, 2), "padding": 3}),
}
LONG = {
    "2/2": ((1, 1, 20000), {"kernel_size": 2}),
    "2/1": ((3, 20000), {"kernel_size": 2, "stride": 1}),
    "255/1": ((1, 20000), {"kernel_size": 255, "stride": 1, "padding": 7}),
    "1000/1": ((2, 9000), {"kernel_size": 1000, "stride": 1}),
    "25/10 dilated": ((2, 20000), {"kernel_size": 25, "stride": 10, "dilation": 31, "padding": 300}),
    "wider": ((1, 5000), {"kernel_size": 6000, "stride": 1, "padding": 2000}),
}
VOLUMES = {
    "2/2": ((1, 2, 30, 64, 65), {"kernel_size": 2}),
    "3/1": ((1, 1, 20, 50, 70), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "9/1": ((1, 1, 24, 40, 90), {"kernel_size": 9, "stride": 1, "padding": 4}),
    "uneven": ((2, 1, 17, 33, 129), {"kernel_size": (5, 1, 20), "stride": (1, 2, 3), "padding": (2, 0, 30)}),
}
LARGE_DTYPES = [np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float16), *BFLOAT16]


def check_large(op, nd, shape, options, dtype, layout):
    x = values(shape, dtype, "special" if op in ("max", "min") else "plain")
    inner = 1 if layout == "channels_last" else 0
    spatial = shape[len(shape) - nd - inner : len(shape) - inner]
    axes = reference._regular(
        spatial, **({"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False} | options)
    )
    x5 = x.reshape((-1, *spatial, shape[-1] if inner else 1))
    want, indices = separable(op, x5, axes, include_pad=True)
    fast, _ = function("pool", op, nd)
    options = options | {"data_format": layout}
    message = f"{fast.__name__}({dtype}{list(shape)}, {options})"
    lead = shape[: len(shape) - nd - inner] + tuple(map(len, axes)) + shape[len(shape) - inner :]
    got = fast(x, **options)
    if op == "sum" and not is_float(dtype):
        want = reference._wrap(want, got.dtype)
    with np.errstate(all="ignore"):
        wide, want = want.reshape(lead), want.astype(got.dtype).reshape(lead)
    taps = taps_of(options, nd)
    if op in ("max", "min"):
        check_values(op, got, want, dtype, None, taps, message=message)
        both = fast(x, return_indices=True, **options)
        check_values(op, both[0], want, dtype, None, taps, message=message)
        assert_same(both[1], indices.reshape(lead), message + " indices")
    else:
        magnitude = separable(op, abs(x5.astype(np.float64)), axes, include_pad=True)[0].reshape(lead)
        assert wide.shape == got.shape
        check_values(op, got, want, dtype, magnitude, taps, message=message)


@pytest.mark.parametrize("dtype", LARGE_DTYPES, ids=str)
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
class TestLarge:
    @pytest.mark.parametrize("case", LARGE)
    def test_planes(self, op, case, dtype):
        check_large(op, 2, *LARGE[case], dtype, "channels_first")

    @pytest.mark.parametrize("case", LARGE_LAST)
    def test_channels_last(self, op, case, dtype):
        check_large(op, 2, *LARGE_LAST[case], dtype, "channels_last")

    @pytest.mark.parametrize("case", LONG)
    def test_lines(self, op, case, dtype):
        check_large(op, 1, *LONG[case], dtype, "channels_first")
        shape, options = LONG[case]
        check_large(op, 1, (shape[-1] // 4 + 900, 5), options, dtype, "channels_last")

    @pytest.mark.parametrize("case", VOLUMES)
    def test_volumes(self, op, case, dtype):
        check_large(op, 3, *VOLUMES[case], dtype, "channels_first")
        shape, options = VOLUMES[case]
        check_large(op, 3, (*shape[2:], 3), options, dtype, "channels_last")


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d not in LARGE_DTYPES and d != np.bool_], ids=str)
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
def test_large_in_the_other_dtypes(op, dtype):
    shapes = product(case=["odd rows", "wider than all"]) if dtype.itemsize < 8 else product(case=["ceil"])
    for choice in shapes:
        check_large(op, 2, *LARGE[choice["case"]], dtype, "channels_first")
    check_large(op, 2, *LARGE_LAST["7 channels"], dtype, "channels_last")
    check_large(op, 1, (1, 6000), {"kernel_size": 100, "stride": 1, "padding": 3}, dtype, "channels_first")


# --- zero sizes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (3, 0, 8, 8), (0, 8, 8)])
def test_zero_size_batches(op, shape):
    x = np.zeros(shape, np.float32)
    got = check("pool", op, 2, x, taps=4, kernel_size=2)
    assert got.size == 0 and got.shape[-2:] == (4, 4)
    if op in ("max", "min"):
        check("pool", op, 2, x, taps=4, kernel_size=2, return_indices=True)


def test_zero_channels():
    for op in OPS:
        assert check(
            "pool", op, 2, np.zeros((2, 8, 8, 0)), taps=4, kernel_size=2, data_format="channels_last"
        ).shape == (2, 4, 4, 0)


@pytest.mark.parametrize("shape", [(3, 0), (3, 8, 0), (3, 0, 8)])
def test_zero_size_spatial_axes_are_refused(shape):
    nd = len(shape) - 1
    for op in OPS:
        lead = (2,) if op == "lp" else ()
        for options in {}, {"padding": 2}, {"ceil_mode": True}, {"padding": "same"}:
            with pytest.raises(ValueError):
                function("pool", op, nd)[0](np.zeros(shape), *lead, kernel_size=1, **options)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
@pytest.mark.parametrize("side", [2, 5, 8, 31])
def test_integer_means_round_ties_to_even_for_every_divisor(dtype, side):
    """Sums of 16 and of 32 bits, small and large; divisors: powers of two, odd ones, more than the taps."""
    info = np.iinfo(dtype)
    rng = np.random.default_rng(side)
    x = rng.integers(info.min, info.max, (side, side * 64), dtype, endpoint=True)
    x[:, : side * 16] = rng.integers(0, 4, (side, side * 16))
    x[:, :side], x[:, side : 2 * side] = info.max, info.min
    total = x.astype(np.int64).reshape(side, 64, side).sum(axis=(0, 2))
    for divisor in [*range(1, 131), 250, 256, 961, 1024, 4099, 32768, 65535, 65536, 131071, -3, -4]:
        whole, rest = np.divmod(total * np.sign(divisor), abs(divisor))
        want = whole + (2 * rest > abs(divisor)) + ((2 * rest == abs(divisor)) & (whole % 2 == 1))
        got = cpool.avg_pool2d(x, side, divisor_override=divisor)
        np.testing.assert_array_equal(got[0], want.astype(dtype), err_msg=str(divisor))
        if side == 31:
            got = cpool.avg_pool2d(x, side, stride=1, divisor_override=divisor)
            np.testing.assert_array_equal(got[0, ::side], want.astype(dtype), err_msg=str(divisor))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32], ids=str)
@pytest.mark.parametrize("kernel, stride, padding", [
    (3, 1, 1), (2, 1, 0), ((3, 1, 1), 1, (1, 0, 0)), ((2, 2, 1), 1, 0), ((3, 2, 2), (1, 2, 1), (1, 0, 0)),
    (2, 2, 0),
], ids=str)  # fmt: skip
def test_slices_too_large_to_keep_their_rows(kernel, stride, padding, dtype):
    """Windows over several slices of many rows: the rows of one slice are not those of another."""
    for shape in (2, 127, 2), (3, 128, 3), (4, 129, 5), (3, 256, 33), (5, 300, 2), (3, 130, 1100):
        x = values((2, *shape), dtype, "plain", 1)
        options = {"kernel_size": kernel, "stride": stride, "padding": padding}
        for op in "max", "min":
            pool = getattr(cpool, f"{op}_pool3d")
            want = pool(x, **options)
            got, at = pool(x, **options, return_indices=True)
            assert_same(got, want, f"{shape} {options}")
            assert_same(np.take_along_axis(x.reshape(2, -1), at.reshape(2, -1), 1).reshape(want.shape), want)
