"""The kernels of max and min with indices, their backward pass and unpooling, against brute force.

The oracle gathers every window element by element; it shares nothing with the kernels but the meaning
of an axis.
"""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from cpool._plan import Job

import cpool
from cpool import _dispatch

ml_dtypes = pytest.importorskip("ml_dtypes")
scatter, select = map(_dispatch.kernel, ("scatter", "select"))

DTYPES = [
    np.dtype(t)
    for t in (
        np.uint8,
        np.int8,
        np.uint16,
        np.int16,
        np.uint32,
        np.int32,
        np.uint64,
        np.int64,
        np.float32,
        np.float64,
        np.float16,
        ml_dtypes.bfloat16,
    )
]
FLOATS = DTYPES[8:]


def regular(n, kernel=1, stride=1, dilation=1, lo=0, hi=0, ceil=False):
    room = n + lo + hi - dilation * (kernel - 1) - 1
    out = room // stride + 1
    if ceil and room % stride and out * stride < n + lo:
        out += 1
    return (n, out, kernel, stride, dilation, lo, hi, False)


def adaptive(n, out):
    return (n, out, 1, 1, 1, 0, 0, True)


def positions(axis, o):
    """The real taps of window o."""
    n, out, kernel, stride, dilation, lo, _, is_adaptive = axis
    if is_adaptive:
        return list(range(o * n // out, -((o + 1) * n // -out)))
    start = o * stride - lo
    low = max(0, -(start // dilation))
    high = min(kernel, (n - 1 - start) // dilation + 1)
    return [start + j * dilation for j in range(low, high)]


def plan_of(outer, axes, inner):
    return SimpleNamespace(outer=outer, axes=axes, inner=inner, include_pad=False, divisor=None)


def run(name, plan, *arrays, threads=1, op=0, index=None, **task):
    """Run a kernel; whether it found all indices in range."""
    module = select if name in select.apis else scatter
    arrays = [np.ascontiguousarray(a) for a in arrays]
    job = Job(
        module.apis[name], plan, [a.nbytes for a in arrays], op=op, code=DTYPES.index(arrays[0].dtype),
        index_bytes=0 if index is None else index.itemsize, **task,
    )
    return job.run(arrays, threads)


def identity(dtype, op, boolean):
    if boolean:
        return op
    if dtype in FLOATS:
        return np.inf if op else -np.inf
    info = np.iinfo(dtype)
    return info.max if op else info.min


def expected(op, x, axes, boolean=False):
    outer, _, height, width, inner = x.shape
    outs = [axis[1] for axis in axes]
    value = np.empty((outer, *outs, inner), x.dtype)
    index = np.full((outer, *outs, inner), -1, np.int64)
    value[...] = identity(x.dtype, op, boolean)
    wide = x.astype(np.float64) if x.dtype in FLOATS else x
    flat = wide.reshape(outer, -1, inner)
    taps = [[positions(axis, o) for o in range(axis[1])] for axis in axes]
    for od, ds in enumerate(taps[0]):
        for oh, hs in enumerate(taps[1]):
            for ow, ws in enumerate(taps[2]):
                at = np.array(
                    [(d * height + h) * width + w for d in ds for h in hs for w in ws], dtype=np.int64
                )
                if not len(at):
                    continue
                window = flat[:, at]
                best = np.argmin(window, axis=1) if op else np.argmax(window, axis=1)  # NaN: the first
                index[:, od, oh, ow] = at[best]
    plane = x.reshape(outer, -1, inner)
    chosen = np.take_along_axis(plane, np.maximum(index, 0).reshape(outer, -1, inner), axis=1).reshape(
        value.shape
    )
    return np.where(index >= 0, chosen, value), index


def random_values(rng, dtype, shape, boolean=False):
    """Many ties, extremes, infinities, NaNs and both zeros."""
    if boolean:
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype in FLOATS:
        x = rng.integers(-4, 5, shape).astype(np.float64) / 2
        if rng.integers(2):
            x = rng.standard_normal(shape)
        for special, p in ((np.nan, 0.05), (np.inf, 0.05), (-np.inf, 0.3 * rng.integers(2)), (-0.0, 0.1)):
            x[rng.random(shape) < p * rng.integers(2)] = special
        return x.astype(dtype)
    info = np.iinfo(dtype)
    x = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    if rng.integers(2):
        x = rng.choice(np.array([info.min, info.min + 1, info.max, info.max // 2], dtype=dtype), shape)
    return x


def random_axis(rng, limit):
    n = int(rng.integers(1, limit))
    if rng.random() < 0.25:
        return adaptive(n, int(rng.integers(1, min(n + 4, limit))))
    for _ in range(50):
        kernel = int(rng.integers(1, rng.choice([3, 6, limit + 5])))
        axis = regular(
            n,
            kernel,
            int(rng.integers(1, rng.choice([3, 7]))),
            int(rng.choice([1, 1, 1, 2, 3, 5])),
            int(rng.integers(0, rng.choice([2, 4, 12]))),
            int(rng.integers(0, rng.choice([2, 12]))),
            bool(rng.integers(2)),
        )
        if 1 <= axis[1] < 60:
            return axis
    return regular(n)


def random_case(seed):
    rng = np.random.default_rng(seed)
    nd = int(rng.integers(1, 4))
    limit = (70, 24, 10)[nd - 1]
    axes = [regular(1)] * (3 - nd) + [random_axis(rng, limit) for _ in range(nd)]
    inner = int(rng.choice([1, 1, 2, 3, 16, 19]))
    outer = int(rng.integers(1, 4))
    return rng, outer, axes, inner


def run_argreduce(op, x, axes, threads=1, boolean=False, index_dtype=np.int64):
    outer, inner = x.shape[0], x.shape[-1]
    shape = (outer, *(axis[1] for axis in axes), inner)
    out = np.full(shape, 99, x.dtype)
    idx = np.full(shape, -77, index_dtype)
    plan = plan_of(outer, axes, inner)
    run("argreduce", plan, x, out, idx, op=op, index=idx, threads=threads, boolean=boolean)
    return out, idx


def same_bits(a, b):
    """Equal bit by bit, but any NaN is a NaN."""
    kind = f"u{a.itemsize}"
    nan = (a != a) & (b != b)
    np.testing.assert_array_equal(np.where(nan, 0, a.view(kind)), np.where(nan, 0, b.view(kind)))


def check(op, x, axes, threads=1, boolean=False, index_dtype=np.int64):
    value, index = expected(op, x, axes, boolean)
    out, idx = run_argreduce(op, x, axes, threads, boolean, index_dtype)
    np.testing.assert_array_equal(idx, index)
    same_bits(out, value)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("block", range(4))
def test_argreduce_random(dtype, block):
    for seed in range(25):
        rng, outer, axes, inner = random_case([block, seed, DTYPES.index(dtype)])
        op = seed % 2
        boolean = dtype == np.uint8 and seed % 3 == 0
        shape = (outer, *(axis[0] for axis in axes), inner)
        x = random_values(rng, dtype, shape, boolean)
        check(op, x, axes, int(rng.choice([1, 1, 2, 5])), boolean, rng.choice([np.int32, np.int64]))


def scattered(values, index, plane, dtype):
    """Zeros with values added at the indices in order, in float32 for 16-bit floats, rounded once."""
    outer, inner = values.shape[0], values.shape[-1]
    sums = np.zeros((outer, plane, inner), np.float32 if dtype.itemsize == 2 and dtype in FLOATS else dtype)
    v, at = values.reshape(outer, -1, inner), index.reshape(outer, -1, inner)
    with np.errstate(over="ignore", invalid="ignore"):
        for o in range(outer):
            for i in range(v.shape[1]):
                for c in range(inner):
                    if at[o, i, c] >= 0:
                        sums[o, at[o, i, c], c] += v[o, i, c].astype(sums.dtype)
        return sums.astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("block", range(4))
def test_backward_random(dtype, block):
    for seed in range(15):
        rng, outer, axes, inner = random_case([7, block, seed, DTYPES.index(dtype)])
        op = seed % 2
        x = random_values(rng, dtype, (outer, *(axis[0] for axis in axes), inner))
        _, index = expected(op, x, axes)
        g = rng.standard_normal(index.shape).astype(dtype)
        g[rng.random(g.shape) < 0.2] = -0.0
        plan = plan_of(outer, axes, inner)
        want = scattered(g, index, x[0, ..., 0].size, dtype).reshape(x.shape)
        for threads in (1, int(rng.integers(2, 6))):
            idx = index.astype(rng.choice([np.int32, np.int64]))
            gx = np.full(x.shape, 7, dtype)
            careful = bool(rng.integers(2))
            assert run("select_backward", plan, g, idx, gx, index=idx, threads=threads, careful=careful)
            same_bits(gx, want)
            gx[...] = 7
            run("search_backward", plan, g, x, gx, op=op, threads=threads)
            same_bits(gx, want)


def taken(rng, outer, depth, h, w):
    """The index of a random element for every window; windows begin one element before the first at most."""
    rows, columns = (
        np.maximum(np.arange(a[1])[:, None] * a[3] - a[5] + rng.integers(a[2], size=(a[1], 64)), 0)
        for a in (h, w)
    )
    pick = rng.integers(64, size=(2, outer, depth, h[1], w[1]))
    row = rows[np.arange(h[1])[:, None], pick[0]]
    return (np.arange(depth)[:, None, None] * h[0] + row) * w[0] + columns[np.arange(w[1]), pick[1]]


@pytest.mark.parametrize("kernel, lo", [(2, 0), (3, 0), (3, 1)])
@pytest.mark.parametrize("out", [8, 15, 16, 21, 48, 515, 536])
def test_backward_gathered(kernel, lo, out):
    """Windows of stride 2 whose elements are formed whole: rows of any length, and strays that end that."""
    rng = np.random.default_rng([kernel, lo, out])
    for number in range(6):
        rest = rng.integers(0, 3, 2)
        high = int(rng.integers(1, 4 if out > 100 else 8))
        h, w = (
            (2 * n + kernel - 2 - lo + r, n, kernel, 2, 1, lo, 0, False)
            for n, r in zip((high, out), rest, strict=True)
        )
        outer, depth = ((1, 1), (1, 2), (3, 1))[number % 3]
        x_shape, shape = (outer, depth, h[0], w[0], 1), (outer, depth, high, out, 1)
        plane, plan = depth * h[0] * w[0], plan_of(outer, [regular(depth), h, w], 1)
        g = rng.standard_normal(shape).astype(np.float32)
        g[rng.random(shape) < 0.2] = -0.0
        g.flat[rng.integers(g.size, size=3)] = np.inf, -np.inf, np.nan
        index = taken(rng, outer, depth, h, w).reshape(shape).astype((np.int64, np.int32)[number % 2])
        gx = np.empty(x_shape, np.float32)
        for stray in (None, -1, 0, plane - 1, "before", "above", "below", "end"):
            at = index.copy()
            if isinstance(stray, str):             # beside a window, where the next row or none begins
                row, column = {"before": (-1, 0), "above": (0, 0), "below": (-1, -1), "end": (0, -1)}[stray]
                step = {"before": -1 - lo, "above": -w[0] * kernel, "below": w[0] * kernel, "end": 3}[stray]
                at[-1, -1, row, column, 0] = np.clip(at[-1, -1, row, column, 0] + step, 0, plane - 1)
            elif stray is not None:
                at.flat[rng.integers(at.size)] = stray
            want = scattered(g, at, plane, g.dtype).reshape(x_shape)
            for threads in (1, 3):
                gx[...] = 7
                assert run("select_backward", plan, g, at, gx, index=at, threads=threads)
                same_bits(gx, want)
        for wrong in (plane, -2):
            at = index.copy()
            at.flat[rng.integers(at.size)] = wrong
            assert not run("select_backward", plan, g, at, gx, index=at)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", ["2x2", "3x3", "mixed"])
def test_backward_any_indices(dtype, kind):
    """Indices need not lie in their windows; out of range is found."""
    rng = np.random.default_rng(3)
    axes = {
        "mixed": [regular(1), regular(9, 3, 2, 1, 1, 1), regular(8, 2, 2)],
        "2x2": [regular(1), regular(9, 2, 2), regular(8, 2, 2)],
        "3x3": [regular(1), regular(9, 3, 2, 1, 1, 1), regular(8, 3, 2, 1, 1, 1)],
    }[kind]
    for inner, outer, threads in ((1, 1, 1), (1, 1, 3), (3, 2, 1), (3, 1, 4)):
        shape = (outer, *(axis[1] for axis in axes), inner)
        x_shape = (outer, *(axis[0] for axis in axes), inner)
        plan = plan_of(outer, axes, inner)
        g = rng.standard_normal(shape).astype(dtype)
        index = rng.integers(-1, 72, shape)
        gx = np.empty(x_shape, dtype)
        assert run("select_backward", plan, g, index, gx, index=index, threads=threads)
        same_bits(gx, scattered(g, index, 72, dtype).reshape(x_shape))
        for where in range(0, index.size, 3):  # one stray index among those in their windows
            stray = expected(0, rng.standard_normal(x_shape), axes)[1]
            stray.flat[where] = rng.integers(-1, 72)
            assert run("select_backward", plan, g, stray, gx, index=stray, threads=threads)
            same_bits(gx, scattered(g, stray, 72, dtype).reshape(x_shape))
            stray.flat[where] += 2**32
            assert not run("select_backward", plan, g, stray, gx, index=stray, threads=threads)
        for bad in (72, -2, 2**40):
            index.flat[-1] = bad
            gx[...] = 5
            assert not run("select_backward", plan, g, index, gx, index=index, threads=threads, careful=True)
            assert (gx == 5).all()
            assert not run("select_backward", plan, g, index, gx, index=index, threads=threads)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
def test_unpool(dtype, index_dtype):
    rng = np.random.default_rng(DTYPES.index(dtype))
    for inner, outer, threads in ((1, 3, 1), (1, 1, 3), (5, 2, 1), (4, 1, 5)):
        shape, out_shape = (outer, 2, 3, 5, inner), (outer, 3, 6, 7, inner)
        axes = [(n, out, 1, 1, 1, 0, 0, False) for n, out in zip(out_shape[1:4], shape[1:4], strict=True)]
        plan = plan_of(outer, axes, inner)
        plane = 126
        idx = rng.integers(-1, plane if inner > 1 else 20, shape).astype(index_dtype)
        for boolean in {False, dtype == np.uint8}:
            x = random_values(rng, dtype, shape, boolean)
            if dtype in FLOATS:
                x = rng.standard_normal(shape).astype(dtype)
            out = np.full(out_shape, 9, dtype)
            assert run("unpool", plan, x, idx, out, index=idx, mode=0, threads=threads, boolean=boolean)
            want = np.zeros((outer, plane, inner), dtype)
            for o in range(outer):
                for i, row in enumerate(idx[o].reshape(-1, inner)):
                    for c in range(inner):
                        if row[c] >= 0:
                            want[o, row[c], c] = x[o].reshape(-1, inner)[i, c]
            same_bits(out, want.reshape(out_shape))
            assert run("unpool", plan, x, idx, out, index=idx, mode=1, threads=threads, boolean=boolean)
            want = scattered(x, idx, plane, dtype)
            if boolean:
                want = (scattered(x.astype(np.int64), idx, plane, np.dtype(np.int64)) > 0).astype(dtype)
            same_bits(out, want.reshape(out_shape))
        gx = np.full(shape, 9, dtype)
        g = random_values(rng, dtype, out_shape)
        assert run("unpool_backward", plan, g, idx, gx, index=idx, threads=threads)
        flat = g.reshape(outer, plane, inner)
        want = np.take_along_axis(flat, np.maximum(idx, 0).reshape(outer, -1, inner).astype(np.int64), axis=1)
        same_bits(gx, np.where(idx >= 0, want.reshape(shape), np.zeros((), dtype)))
        idx.flat[3] = plane
        before = out.copy()
        assert not run("unpool", plan, x, idx, out, index=idx, threads=threads)
        assert not run("unpool_backward", plan, g, idx, gx, index=idx, threads=threads)
        same_bits(out, before)


BIG = 2**31 - 2

# what has a loop of its own, long rows (several strips), wide windows, windows larger than the axis,
# huge padding, stride and dilation, many channels
GEOMETRIES = {
    "2x2/s2": ((3, (regular(1), regular(19, 2, 2), regular(70, 2, 2)), 1)),
    "2x2/s2, ceil": (
        (3, (regular(1), regular(19, 2, 2, 1, 0, 0, True), regular(71, 2, 2, 1, 0, 0, True)), 1)
    ),
    "2x2/s2, lanes": ((2, (regular(3), regular(11, 2, 2), regular(9, 2, 2)), 17)),
    "3x3/s2": ((3, (regular(1), regular(18, 3, 2, 1, 1, 1), regular(70, 3, 2, 1, 1, 1)), 1)),
    "3x3/s2, odd": ((3, (regular(2), regular(19, 3, 2, 1, 1, 1), regular(71, 3, 2, 1, 1, 1)), 1)),
    "3x3/s2, lanes": ((2, (regular(1), regular(12, 3, 2, 1, 1, 1), regular(13, 3, 2, 1, 1, 1)), 20)),
    "3x3/s1": ((2, (regular(1), regular(12, 3, 1, 1, 1, 1), regular(45, 3, 1, 1, 1, 1)), 1)),
    "3x3/s3": ((2, (regular(1), regular(12, 3, 3), regular(100, 3, 3, 1, 1, 1)), 1)),
    "3x3/s4, dilated": ((2, (regular(1), regular(30, 3, 4, 3, 3, 3), regular(150, 3, 4, 4, 3, 4)), 1)),
    "strips": ((1, (regular(1), regular(3, 2, 1), regular(2600, 3, 1, 1, 1, 1)), 1)),
    "strips, stride 3": ((1, (regular(1), regular(2), regular(7001, 5, 3, 1, 2, 0, True)), 1)),
    "wide": ((1, (regular(1), regular(40, 31, 1, 1, 15, 15), regular(90, 31, 1, 1, 15, 15)), 1)),
    "wide, stride 2": ((1, (regular(1), regular(40, 31, 2, 1, 15, 15), regular(90, 31, 2, 1, 15, 15)), 1)),
    "wide, lanes": ((1, (regular(1), regular(20, 13, 1, 1, 6, 6), regular(40, 17, 2, 1, 8, 8)), 5)),
    "wide, dilated": ((1, (regular(1), regular(40, 9, 1, 3, 12, 12), regular(70, 9, 1, 2, 8, 8)), 1)),
    "wide, 3-D": (
        (1, (regular(14, 7, 1, 1, 3, 3), regular(15, 7, 1, 1, 3, 3), regular(17, 7, 1, 1, 3, 3)), 1)
    ),
    "larger than the input": (
        (2, (regular(1), regular(8, 30, 1, 1, 29, 29), regular(9, 40, 1, 1, 39, 39)), 1)
    ),
    "larger, lanes": ((2, (regular(1), regular(8, 30, 3, 1, 29, 29), regular(9, 40, 3, 1, 39, 39)), 3)),
    "larger, 3-D": (
        (1, (regular(5, 9, 1, 1, 6, 6), regular(4, 9, 2, 1, 7, 7), regular(6, 9, 1, 1, 5, 5)), 1)
    ),
    "huge kernel": (
        (1, (regular(1), regular(5, BIG, BIG, 1, BIG, BIG), regular(6, BIG, 7, 1, BIG - 2, 3)), 1)
    ),
    "huge padding": (
        (1, (regular(1), regular(5, 3, BIG // 3, 1, BIG, BIG), regular(6, 2, BIG // 4, 1, BIG, BIG)), 2)
    ),
    "huge dilation": (
        (1, (regular(1), regular(5, 2, 1, 5, 5, 5), regular(6, 2, 2, BIG // 2, BIG // 2, 9)), 1)
    ),
    "huge everything": (
        (
            1,
            (
                regular(3, 2, BIG // 2, BIG, BIG, BIG),
                regular(2, 3, BIG, BIG // 2, BIG, BIG),
                regular(6, 4, BIG // 5, BIG // 3, BIG, BIG),
            ),
            1,
        )
    ),
    "stride past the kernel": ((1, (regular(9, 2, 5), regular(30, 2, 13), regular(4000, 3, 700)), 2)),
    "channels": ((1, (regular(1), regular(6, 3, 2, 1, 1, 1), regular(7, 3, 2, 1, 1, 1)), 1300)),
    "channels, wide": ((1, (regular(1), regular(9, 7, 1, 1, 3, 3), regular(11, 8, 1, 1, 3, 3)), 600)),
    "global": ((3, (adaptive(3, 1), adaptive(20, 1), adaptive(70, 1)), 1)),
    "global, lanes": ((3, (adaptive(3, 1), adaptive(9, 1), adaptive(11, 1)), 37)),
    "global rows": ((3, (adaptive(3, 2), adaptive(9, 4), adaptive(900, 1)), 1)),
    "adaptive, more windows than elements": ((2, (adaptive(2, 3), adaptive(5, 7), adaptive(6, 13)), 1)),
    "column": ((3, (regular(1), regular(900, 5, 2, 1, 2, 2), regular(1)), 1)),
    "kernel of the input": ((3, (regular(1), regular(7, 7), regular(9, 9)), 1)),
}


@pytest.mark.parametrize("name", GEOMETRIES)
def test_geometries(name):
    outer, axes, inner = GEOMETRIES[name]
    rng = np.random.default_rng(11)
    for number, (dtype, op) in enumerate(
        ((np.float32, 0), (np.uint8, 1), (np.float64, 1), (np.int64, 0), (np.float16, 0))
    ):
        dtype = np.dtype(dtype)
        x = random_values(rng, dtype, (outer, *(axis[0] for axis in axes), inner))
        value, index = expected(op, x, axes)
        for threads in (1, 3):
            out, idx = run_argreduce(op, x, axes, threads)
            np.testing.assert_array_equal(idx, index)
            same_bits(out, value)
        if dtype in FLOATS and number != 2:
            plan = plan_of(outer, axes, inner)
            g = rng.standard_normal(index.shape).astype(dtype)
            want = scattered(g, index, x[0, ..., 0].size, dtype).reshape(x.shape)
            for threads in (1, 3):
                gx = np.full(x.shape, 7, dtype)
                run("search_backward", plan, g, x, gx, op=op, threads=threads)
                same_bits(gx, want)
                gx[...] = 7
                assert run("select_backward", plan, g, index, gx, index=index, threads=threads)
                same_bits(gx, want)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
def test_one_nan_in_any_column(dtype, index_dtype):
    """Maxima, whose rows are first done as if there were none, against minima of what has the other sign."""
    rng = np.random.default_rng(0)
    for size, padding, width in itertools.product((2, 3), (0, 1), (16, 17, 33, 34, 66)):
        x = rng.integers(-3, 4, (width, 5, 7, width)).astype(dtype)
        for column in range(width):
            x[column, :, column % 7, column] = np.nan
        options = {"stride": 2, "padding": padding, "return_indices": True, "index_dtype": index_dtype}
        top, at = cpool.max_pool2d(x, size, **options)
        low, there = cpool.min_pool2d(-x, size, **options)
        assert np.array_equal(at, there)
        assert np.array_equal(top, -low, equal_nan=True)
        assert np.isnan(top).any(axis=(1, 2, 3)).mean() > 0.8
