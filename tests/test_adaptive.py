"""Adaptive pooling: windows from an output size, for every reducer, dtype and layout."""

import math

import numpy as np
import pytest
from compare import DTYPES, LAYOUTS, OPS, check, check_backward, function, is_float, values
from hypothesis import given
from strategies import adaptive_calls

import cpool
from cpool import reference

SIZES = {
    1: [1, 2, 5, 17, 40, 100, None, (7,), 0],
    2: [1, 2, 7, (3, 11), (None, 5), (4, None), None, (20, 60), (0, 3), (1, 39)],
    3: [1, 2, (3, 2, 11), (None, 1, 5), (8, 9, 50), None, (2, 0, 3)],
}
SHAPES = {1: (2, 3, 41), 2: (2, 3, 7, 39), 3: (2, 4, 5, 37)}
LAST_SHAPES = {1: (2, 41, 7), 2: (2, 7, 11, 19), 3: (4, 5, 6, 35)}


def fewest_taps(x, nd, options):
    """Elements of the smallest window."""
    if options.get("axis") is not None:
        spatial = [x.shape[a] for a in options["axis"]]
    else:
        last = options.get("data_format") == "channels_last"
        spatial = x.shape[x.ndim - nd - last : x.ndim - last]
    axes = reference._adaptive(spatial, options["output_size"])
    return math.prod(min((n for _, n in axis), default=1) for axis in axes)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_grid(op, nd, layout, dtype):
    for number, size in enumerate(SIZES[nd]):
        x = values(
            (SHAPES if layout == "channels_first" else LAST_SHAPES)[nd],
            dtype,
            ("plain", "special", "extreme")[number % 3],
            number,
        )
        options = {"output_size": size, "data_format": layout}
        if dtype == np.bool_ and op in ("avg", "lp"):
            options["dtype"] = np.float32
        if op in ("max", "min"):
            options["return_indices"] = number % 2 == 0
        assert check("adaptive", op, nd, x, taps=fewest_taps(x, nd, options), **options) is not None


@given(adaptive_calls())
def test_drawn(call):
    op, nd, x, options = call
    check("adaptive", op, nd, x, taps=fewest_taps(x, nd, options), **options)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_the_size_of_the_input_is_the_identity(op, nd):
    x = abs(values(SHAPES[nd], np.float32))
    fast, _ = function("adaptive", op, nd)
    lead = (2,) if op == "lp" else ()
    assert np.array_equal(fast(x, *lead, None), x)
    assert np.array_equal(fast(x, *lead, output_size=x.shape[-nd:]), x)


@pytest.mark.parametrize("op", OPS)
def test_one_window_is_global(op):
    x = values((2, 3, 17, 40), np.float64, "special")
    lead = (2,) if op == "lp" else ()
    got = function("adaptive", op, 2)[0](x, *lead, 1)
    want = function("global", op, 2)[0](x, *lead, keepdims=True)
    assert np.allclose(got, want, rtol=1e-14, equal_nan=True)


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_divisor_of_the_input_is_a_window(op, dtype):
    x = values((2, 3, 30, 120), dtype)
    adaptive, _ = function("adaptive", op, 2)
    windowed, _ = function("pool", op, 2)
    assert np.array_equal(adaptive(x, (10, 40)), windowed(x, 3))
    got, want = adaptive(x, (6, 30)), windowed(x, (5, 4))
    if op in ("avg", "sum") and dtype is not np.uint8:
        # four columns: in order by bounds, in pairs by stride
        close = 8 * np.finfo(dtype).eps
        assert np.allclose(got, want, rtol=close, atol=close * abs(x).max())
    else:
        assert np.array_equal(got, want)


@pytest.mark.parametrize("op", OPS)
def test_large(op):
    """Enough work for threads, with sums too long for a narrow accumulator."""
    for layout, shape in ("channels_first", (1, 2, 301, 503)), ("channels_last", (1, 301, 203, 7)):
        for size in (7, 9), (100, 3), (1, 200):
            check(
                "adaptive", op, 2, values(shape, np.float32), taps=99999, output_size=size, data_format=layout
            )


@pytest.mark.parametrize("op", OPS)
def test_zero_sizes(op):
    got = check("adaptive", op, 2, np.zeros((0, 3, 5, 6)), taps=1, output_size=(2, 3))
    assert got.shape == (0, 3, 2, 3)
    got = check(
        "adaptive", op, 2, np.zeros((2, 5, 6, 0)), taps=1, output_size=(2, 3), data_format="channels_last"
    )
    assert got.shape == (2, 2, 3, 0)
    with pytest.raises(ValueError):
        function("adaptive", op, 2)[0](np.zeros((2, 0, 6)), *([2] if op == "lp" else []), 1)


@pytest.mark.parametrize(
    "size", [2.0, True, "3", -1, (2,), (2, 2, 2), 2**31 - 1, 10**30, (2.5, 2), object()], ids=repr
)
def test_bad_sizes(size):
    for op in OPS:
        for tail in "", "_backward":
            f = getattr(cpool, f"adaptive_{op}_pool2d{tail}")
            lead = [np.zeros((1, 1))] if tail else []
            with pytest.raises((TypeError, ValueError, MemoryError), match="output_size"):
                f(*lead, np.zeros((5, 6)), *([2] if op == "lp" else []), size)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if is_float(d)], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_backward(op, nd, layout, dtype):
    for number, size in enumerate(SIZES[nd]):
        x = values((SHAPES if layout == "channels_first" else LAST_SHAPES)[nd], dtype, "plain", number)
        got = check_backward("adaptive", op, nd, x, taps=x.size, output_size=size, data_format=layout)
        assert got.dtype == dtype and got.shape == x.shape
