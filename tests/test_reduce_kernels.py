"""Every path of the forward kernel, forced in turn, on the same calls against the reference.

What a plan takes by itself depends on its sizes; here small arrays walk the paths of large ones and the
other way round.
"""

import functools
import itertools
import math

import numpy as np
import pytest
from compare import (
    DTYPES,
    LAYOUTS,
    arguments_for,
    assert_same,
    check_values,
    function,
    magnitude_of,
    total_of,
    values,
)

import cpool
from cpool import _call, _dispatch

kernel = _dispatch.kernel("reduce")

DIRECT, WIDE, BOUNDS = 1, 3, 4  # along W
STRAIGHT, STRIP, TALL, BLOCKS = 0, 1, 2, 3  # along H

FORCED = {
    "as planned": {},
    "rows": {"group": -1, "flat": -1},
    "lanes": {"flat": -1},
    "no frames": {"frame": -1},
    "short lines": {"line": 64, "band": 128, "strip": 256, "group": -1, "flat": -1},
    "one column at a time": {"line": 1, "band": 1, "strip": 1, "group": -1, "flat": -1},
    "no prefetch": {"ahead": 0},
    "past the caches": {"stream": 0},
    "past the caches, in rows": {"stream": 0, "group": -1, "flat": -1},
    "past the caches, short lines": {"stream": 0, "line": 64, "band": 128, "strip": 256, "group": -1},
    **{
        f"w {wpath} h {hpath}{' short' if line else ''}": {
            "wpath": wpath,
            "hpath": hpath,
            "group": -1,
            "flat": -1,
            **({"line": line, "strip": 1024} if line else {}),
        }
        for wpath, hpath, line in itertools.product(
            (-1, DIRECT, WIDE, BOUNDS), (STRAIGHT, STRIP, TALL, BLOCKS), (0, 96)
        )
    },
}

# nd, shape, options: windows of every kind, on planes that are small enough for lanes and for one line
CALLS = {
    "2/2": (2, (66, 14, 18), {"kernel_size": 2}),
    "3/1 pad": (2, (17, 13, 21), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "3/2 pad": (2, (65, 13, 21), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "5/1 same": (2, (17, 16, 20), {"kernel_size": 5, "stride": 1, "padding": 2}),
    "3/1 one row": (2, (9, 1, 37), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "3/1 at most 48": (2, (9, 5, 48), {"kernel_size": 3, "stride": 1, "padding": ((1, 1), (0, 2))}),
    "3/1 more than 48": (2, (9, 7, 49), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "5/1 uneven pad": (2, (9, 16, 20), {"kernel_size": 5, "stride": 1, "padding": ((1, 3), (4, 0))}),
    "7/3 dilated": (2, (2, 31, 40), {"kernel_size": (4, 7), "stride": 3, "dilation": (1, 2), "padding": 2}),
    "13/1": (2, (3, 20, 37), {"kernel_size": 13, "stride": 1, "padding": 6}),
    "31/1": (2, (40, 70), {"kernel_size": 31, "stride": 1, "padding": "same"}),
    "8/8": (2, (2, 24, 64), {"kernel_size": 8}),
    "2/2 wide": (2, (3, 13, 1403), {"kernel_size": 2}),
    "4/4 wide": (2, (2, 9, 1404), {"kernel_size": 4}),
    "3/2 wide": (2, (2, 15, 2605), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "3/1 wide": (2, (14, 2605), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "6/4": (2, (2, 24, 64), {"kernel_size": 6, "stride": 4}),
    "1-D 9/2": (1, (5, 150), {"kernel_size": 9, "stride": 2, "padding": 4}),
    "3-D 3/2": (3, (3, 7, 9, 12), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "3-D 2/1": (3, (2, 5, 6, 20), {"kernel_size": (2, 3, 2), "stride": 1, "padding": 1, "ceil_mode": True}),
}


@pytest.fixture
def forced():
    """Force a path; what was prepared before and under it is forgotten."""

    def force(**limits):
        _call.forget()
        kernel.force(**limits)

    yield force
    force()


def options_of(op, x, options):
    options = dict(options)
    if op in ("avg", "lp") and x.dtype == np.bool_:
        options["dtype"] = np.float32
    if op == "avg":
        options["count_include_pad"] = False
    if op == "lp" and "dilation" in options:
        options["norm_type"] = 3
    return options


@functools.cache
def expected(op, name, dtype, layout):
    """The input, the options, what the reference makes of them and how far from it a result may be."""
    nd, shape, options = CALLS[name]
    if layout == "channels_last":
        shape = (2, *shape[1:], 3) if len(shape) > nd else (*shape, 3)
    x = values(shape, dtype, "special" if len(name) % 2 else "plain")
    options = options_of(op, x, options) | {"data_format": layout}
    lead, rest = arguments_for(op, "pool", options)
    slow = function("pool", op, nd)[1]
    total = total_of("pool", op, nd, x, rest) if op in ("avg", "sum") else 0
    return x, lead, rest, slow(x, *lead, **rest), magnitude_of(op, slow, x, lead, rest), total


@pytest.mark.parametrize("path", FORCED)
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "lp"])
def test_forced_path(forced, path, op):
    forced(**FORCED[path])
    for number, (name, (nd, _, options)) in enumerate(CALLS.items()):
        size = options["kernel_size"]
        taps = math.prod(size) if isinstance(size, tuple) else size**nd
        for step, dtype in enumerate(DTYPES):
            layout = LAYOUTS[(number + step) % 2]
            if (number + step // 2) % 3 and dtype not in (np.float32, np.uint8):
                continue
            x, lead, rest, want, magnitude, total = expected(op, name, dtype, layout)
            got = function("pool", op, nd)[0](x, *lead, **rest)
            message = f"{path}: {op} {name} {dtype} {layout}"
            check_values(op, got, want, dtype, magnitude, taps, lead[0] if lead else 2, message, total)


@pytest.mark.parametrize("path", FORCED)
def test_forced_path_gives_the_same_bits_for_any_threads(forced, path):
    forced(**FORCED[path])
    for nd, shape, options in CALLS.values():
        for dtype in (np.float32, np.uint8, np.float16):
            x = values(shape, dtype)
            results = []
            for threads in (1, 2, 7):
                with cpool.num_threads(threads):
                    results.append(getattr(cpool, f"avg_pool{nd}d")(x, **options))
            assert_same(results[1], results[0])
            assert_same(results[2], results[0])


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
def test_uneven_windows_in_registers_give_the_bits_of_lines(forced, op):
    """Rows longer and shorter than vectors, long windows, the last rows of x."""
    rng = np.random.default_rng(0)
    sizes = [
        ((70, 30, 30), (7, 7)),
        ((130, 13, 13), (6, 6)),
        ((60, 8, 8), (3, 4)),
        ((41, 16, 16), (7, 5)),
        ((3, 5, 7), (8, 9)),
        ((2, 70, 130), (9, 40)),
        ((5, 9, 33), (9, 5)),
        ((1, 3, 3), (2, 2)),
        ((2, 4, 200), (3, 11)),
        ((300, 29), (1, 5)),
        ((4, 61, 1), (7, 1)),
        ((2, 16, 600), (8, 550)),
    ]
    for shape, size in sizes:
        for special in (None, np.nan, -np.inf, -0.0 if op in ("avg", "sum") else 0.5):
            x = rng.standard_normal(shape).astype(np.float32)
            if special is not None:
                x[rng.random(shape) < 0.3] = special
            found = {}
            for path, threads in itertools.product(("as planned", "rows", "lanes"), (1, 3)):
                forced(**FORCED[path])
                with cpool.num_threads(threads), np.errstate(all="ignore"):
                    found[path, threads] = getattr(cpool, f"adaptive_{op}_pool2d")(x, size)
            first, *rest = found.values()
            for other in rest:
                assert np.array_equal(other, first, equal_nan=True), (op, shape, size, special)
                assert np.array_equal(np.signbit(other[other == 0]), np.signbit(first[first == 0]))


@pytest.mark.parametrize("op", ["max", "min"])
def test_frames_give_the_bits_of_rows(forced, op):
    """One to four vectors to a row, bands, volumes, windows beyond the edge; zeros of both signs, few NaN."""
    rng = np.random.default_rng(0)
    calls = [
        ((35, 20, 20), 13, 1, 6),
        ((35, 20, 20), 5, 1, 2),
        ((17, 14, 14), 3, 1, 1),
        ((18, 3, 31), (4, 2), 1, (2, 0)),
        ((40, 9, 7), 9, 1, 4),
        ((16, 56, 56), 3, 2, 1),
        ((16, 200, 40), (32, 25), 1, ((0, 31), (20, 2))),
        ((19, 40, 64), (5, 1), (3, 2), 0),
        ((16, 6, 64), 2, 2, 0),
        ((17, 5, 62), 3, 1, 1),
        ((16, 30, 30), 6, 2, (5, 0)),
        ((16, 7, 21, 60), (2, 3, 3), 2, 1),
        ((20, 3, 90, 57), 3, (1, 2, 2), 1),
        ((16, 4, 9, 9), (5, 2, 2), 1, (4, 1, 1)),
    ]
    for shape, size, stride, padding in calls:
        x = np.round(rng.standard_normal(shape)).astype(np.float32)
        x[rng.random(shape) < 0.2] = -np.inf
        x[rng.random(shape) < 0.2] = np.inf
        few = rng.random(shape[0]) < 0.1
        x[few] = np.where(rng.random(x[few].shape) < 0.05, np.nan, x[few])
        for sign in (1, -1):
            y = np.where(sign * x > 0, -x, x)  # zeros of both signs are the extreme, now of max, now of min
            found = []
            for path, threads in itertools.product(("as planned", "rows", "no frames"), (1, 3)):
                forced(**FORCED[path])
                with cpool.num_threads(threads), np.errstate(all="ignore"):
                    pool = getattr(cpool, f"{op}_pool{len(shape) - 1}d")
                    found.append(pool(y, size, stride, padding))
            for other in found[1:]:
                assert np.array_equal(other, found[0], equal_nan=True), (op, shape, size, stride, padding)
                assert np.array_equal(np.signbit(other[other == 0]), np.signbit(found[0][found[0] == 0]))


# along W: kernel, stride, padding
STRAIGHT_FROM_X = [
    {"kernel_size": (th, k), "stride": (2 if th == 2 else 1, stride), "padding": (1, padding)}
    for k, stride, padding in (
        *((2, 2, 0), (2, 2, 1), (3, 2, 0), (3, 2, 1), (3, 2, 2), (3, 1, 1), (4, 2, 1), (5, 2, 2), (5, 1, 0)),
        (1, 1, 0),
    )
    for th in (2, 3)
]
# rows of windows that share a row, and some of padding alone
STRAIGHT_FROM_X += [{"kernel_size": 3, "stride": 2, "padding": (p, 1)} for p in (0, 1, 4)]
STRAIGHT_FROM_X += [{"kernel_size": 2, "padding": (3, 0)}]


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_straight_to_the_output_give_the_bits_of_lines(forced, dtype, op):
    """Outputs anywhere between two lines of the cache, nothing written beside them; low planes."""
    rng = np.random.default_rng(5)
    pool = getattr(cpool, f"{op}_pool2d")
    cases = [
        ((2, 9, 130), 3, 1, {}),
        ((1, 40, 64), 3, 0, {}),
        ((1, 7, 1301), 5, 2, {}),
        ((3, 12, 100), 3, 1, {"ceil_mode": True}),
        ((200, 3, 100), 3, 1, {}),
        ((3, 1, 100), 3, 1, {}),
        ((2, 21, 250), 3, 1, {"stride": 2}),
        ((2, 4, 1401), 3, 1, {"stride": 2, "ceil_mode": True}),
    ]
    for number, (shape, size, pad, options) in enumerate(cases):
        for special, chance in ((None, 0), (np.nan, 0.001), (np.nan, 0.3), (-0.0, 0.5), (-np.inf, 0.3)):
            x = rng.standard_normal(shape).astype(dtype)
            if special is not None:
                x[rng.random(shape) < chance] = special
            arguments = {"kernel_size": size, "stride": 1, "padding": pad} | options
            if op == "avg":
                arguments["count_include_pad"] = number % 2 == 0
            forced(wpath=DIRECT)
            want = pool(x, **arguments)
            for limits in ({}, {"stream": 0}, {"stream": 0, "line": 256, "band": 512}, {"ahead": 0}):
                forced(**limits)
                for start in (0, 16, x.itemsize * (number + 3), 60 + 4 * number + 1):
                    room = np.full(want.nbytes + 256, 7, np.uint8)
                    first = start - room.ctypes.data % 64 + 64
                    out = room[first : first + want.nbytes].view(dtype).reshape(want.shape)
                    pool(x, **arguments, out=out)
                    assert_same(out, want)
                    assert (room[:first] == 7).all() and (room[first + want.nbytes :] == 7).all()


def halves(shape, infinity, seed):
    """Bits of 16-bit floats, NaN of both signs, infinities and zeros among them."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**16, shape, np.uint16)
    few = rng.random(shape) < 0.97
    bits[few & ((bits & 0x7FFF) > infinity)] &= 0xBFFF
    bits[rng.random(shape) < 0.05] &= 0x8000
    bits[rng.random(shape) < 0.02] = infinity | 0x8000
    return bits


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_halves_straight_from_x(forced, name, op):
    """Rows of every width: the bits of the path by way of a strip of keys, and the values of float32."""
    dtype = np.dtype(name) if name == "float16" else pytest.importorskip("ml_dtypes").bfloat16
    pool = getattr(cpool, f"{op}_pool2d")
    for number, options in enumerate(STRAIGHT_FROM_X):
        for width in [*range(5, 80, 3), 127, 130, 1000]:
            x = halves((3, 11, width), 0x7C00 if name == "float16" else 0x7F80, width + number).view(dtype)
            forced(group=-1)
            got = pool(x, **options)
            forced(group=-1, hpath=STRAIGHT)
            assert got.tobytes() == pool(x, **options).tobytes(), (width, options)
            wide = pool(x.astype(np.float32), **options)
            assert np.array_equal(got.astype(np.float32), wide, equal_nan=True), (width, options)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_means_of_pairs_of_bytes(forced, dtype):
    """Windows that do not cut pairs, rows of many widths, against exact sums."""
    rng = np.random.default_rng(3)
    info = np.iinfo(dtype)
    forced(group=-1, flat=-1)
    for kh, kw in ((1, 2), (2, 2), (3, 2), (4, 4), (8, 8), (5, 6), (16, 16), (9, 14)):
        for columns in (1, 2, 7, 16, 33, 150):
            x = rng.integers(info.min, info.max, (2, 3 * kh, columns * kw), dtype, endpoint=True)
            x[:, :kh] = info.max
            x[:, -kh:] = info.min
            total = x.reshape(2, 3, kh, columns, kw).astype(np.int64).sum((2, 4))
            for divisor in (None, 1, 2, 4, 64, 256, 32768, -2, 3):
                got = cpool.avg_pool2d(x, (kh, kw), divisor_override=divisor)
                want = np.rint(total / (kh * kw if divisor is None else divisor)).astype(np.int64)
                assert np.array_equal(got, want.astype(dtype)), (kh, kw, columns, divisor)


@pytest.mark.parametrize("op", ["max", "min", "avg"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_bytes_straight_from_x(forced, dtype, op):
    """Rows of every width, columns without a window, rows of padding alone: the bits of the path by lines."""
    rng = np.random.default_rng(5)
    info = np.iinfo(dtype)
    whole = ((2, 2), (4, 4), (8, 8), (1, 8), (3, 4), (4, 8), (16, 4))
    calls = [(kernel, kernel, 0) for kernel in whole]
    calls += [((4, 8), (2, 8), (2, 0)), ((3, 4), (2, 4), (1, 0)), ((2, 8), (2, 8), (3, 0))]
    calls += [((8, 2), (1, 2), 0)]
    for kernel, stride, padding in calls:
        for width in (8, 17, 39, 64, 100, 300, 517, 1100, 9001):
            x = rng.integers(info.min, info.max, (2, 33, width), dtype, endpoint=True)
            results = []
            for limits in ({}, {"stream": 0}, {"ahead": 0}, {"wpath": DIRECT, "hpath": STRAIGHT}):
                forced(group=-1, **limits)
                got = getattr(cpool, f"{op}_pool2d")(x, kernel, stride, padding)
                pads = (0, padding, padding) if padding == 0 else (0, *padding)
                deep = getattr(cpool, f"{op}_pool3d")(x[None], (2, *kernel), (1, *stride), pads)
                results.append(got.tobytes() + deep.tobytes())
            assert len(set(results)) == 1, (kernel, stride, padding, width)


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e25])
def test_squares_straight_from_x(forced, scale):
    """The bits of the path by way of a strip."""
    rng = np.random.default_rng(4)
    for options in STRAIGHT_FROM_X:
        for width in [*range(5, 60, 5), 127, 1000]:
            x = rng.standard_normal((3, 11, width)) * 10.0 ** rng.integers(-9, 9, (3, 11, width)) * scale
            x = x.astype(np.float32)
            x[0, 3, 1] = np.nan
            x[1, :, ::2] = 0
            forced(group=-1)
            got = cpool.lp_pool2d(x, 2, **options)
            forced(group=-1, hpath=STRAIGHT)
            assert got.tobytes() == cpool.lp_pool2d(x, 2, **options).tobytes(), (width, options)


@pytest.mark.parametrize("op", ["avg", "sum"])
def test_tall_windows_of_doubles(forced, op):
    """Down columns: the bits of doubling by rows."""
    rng = np.random.default_rng(6)
    calls = [((2, 90, 70), k, 1, k // 2) for k in (8, 12, 13, 16, 31, 33, 63, 64)]
    calls += [((2, 90, 70), k, 2, k // 2) for k in (31, 33, 63, 64)]
    for n in (5, 20, 45):
        calls += [((40, n), (k, 3), 1, (k - 1, 1)) for k in (65, 127, 128, 200, 255, 256, 300, 517)]
    calls += [((300, 1200), (31, 9), 1, (15, 4)), ((40, 100), (31, 2), 1, ((30, 30), (1, 0)))]
    for (*lead, h, w), kernel, stride, padding in calls:
        for layout, shape in (("channels_first", (*lead, h, w)), ("channels_last", (h, w, 3))):
            x = rng.standard_normal(shape) * 10.0 ** rng.integers(-9, 9, shape)
            x.flat[x.size // 3] = np.nan
            options = {"stride": stride, "padding": padding, "data_format": layout}
            results = []
            for limits in ({}, {"stream": 0}, {"hpath": TALL}):
                forced(group=-1, **limits)
                results.append(getattr(cpool, f"{op}_pool2d")(x, kernel, **options).tobytes())
            assert results[0] == results[1] == results[2], (shape, kernel, options)


LONG = (5, 8, 9, 16, 17, 31, 33, 40, 48, 56, 63, 64, 71, 72, 100, 130)
LONGER = (101, 127, 128, 129, 200, 255, 256, 257)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int16, np.float16, np.float32])
def test_extremes_of_long_windows_in_registers(forced, dtype):
    """Every number of taps that is done in its own way, in tiles of any width: as tap by tap."""
    for number, k in enumerate(LONG):
        kernel_size = (k, LONG[-1 - number]) if number % 2 else k
        x = values((110, 131 if number % 3 else 700), dtype, "special" if number % 4 else "plain")
        options = {"stride": (1 + number // 9, 1 + number % 5 // 4), "padding": (k // 2, number % 3)}
        for op in ("max", "min"):
            forced(wpath=DIRECT, hpath=STRAIGHT)
            want = getattr(cpool, f"{op}_pool2d")(x, kernel_size, **options)
            for limits in ({}, {"line": 200}):
                forced(**limits)
                got = getattr(cpool, f"{op}_pool2d")(x, kernel_size, **options)
                np.testing.assert_array_equal(got, want, f"{op} {kernel_size} {options} {limits}")


def test_long_sums_of_doubles_in_registers(forced):
    """The bits of doubling by rows, which dilated windows have."""
    forced(group=-1, wpath=WIDE)
    rng = np.random.default_rng(8)
    x = rng.standard_normal((90, 200)) * 10.0 ** rng.integers(-9, 9, (90, 200))
    x[40, 150] = np.inf
    spread = np.zeros((90, 400))
    spread[:, ::2] = x
    for number, k in enumerate(LONG + LONGER):
        stride = 1 + number % 4 // 3
        got = cpool.sum_pool2d(x, (5, k), (1, stride), padding=(2, k // 2))
        lanes = cpool.sum_pool2d(
            np.stack([x, x[::-1], x], axis=-1), (5, k), (1, stride), (2, k // 2), data_format="channels_last"
        )
        options = {"stride": (1, 2 * stride), "padding": (2, k // 2 * 2), "dilation": (1, 2)}
        want = cpool.sum_pool2d(spread, (5, k), **options)[:, : got.shape[1]]
        assert got.tobytes() == want.tobytes(), k
        assert lanes[..., 0].tobytes() == got.tobytes(), k


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_long_sums_of_floats(forced, dtype):
    """Of whole numbers, which any order adds exactly."""
    x = np.random.default_rng(9).integers(-2, 3, (70, 300)).astype(dtype)
    for number, k in enumerate(LONG + LONGER):
        kernel_size = (63 if number % 2 else 3, k)
        options = {"stride": (1, 1 + number % 4 // 3), "padding": (31 if number % 2 else 1, k // 2)}
        forced(wpath=DIRECT, hpath=STRAIGHT)
        want = cpool.sum_pool2d(x, kernel_size, **options)
        forced()
        np.testing.assert_array_equal(cpool.sum_pool2d(x, kernel_size, **options), want, str(k))
