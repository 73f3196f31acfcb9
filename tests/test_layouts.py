"""Arrays of every kind as input, every layout, and results written into `out`."""

import array

import numpy as np
import pytest
from arraylikes import Subclass, WithArray, WithDLPack, read_only, swapped, unaligned
from compare import (
    DTYPES,
    FLOATS,
    LAYOUTS,
    OPS,
    assert_close,
    assert_same,
    function,
    is_float,
    ulp,
    values,
)
from hypothesis import given
from hypothesis import strategies as st

import cpool

KINDS = ("pool", "adaptive", "global")


def arguments(kind, op):
    lead = (2,) if op == "lp" else ()
    return (*lead, 3, 2) if kind == "pool" else (*lead, (4, 5)) if kind == "adaptive" else lead


def wide(op, dtype):
    return {"dtype": np.float32} if np.dtype(dtype) == np.bool_ and op in ("avg", "lp") else {}


# --- views of all kinds ------------------------------------------------------------------------------


def spaced(x):
    y = np.zeros(tuple(3 * n for n in x.shape), x.dtype)
    y[::3, 1::3, 2::3, ::3] = x
    return y[::3, 1::3, 2::3, ::3]


def mapped(x, path):
    y = np.memmap(path, x.dtype, "w+", shape=x.shape)
    y[...] = x
    y.flush()
    return np.memmap(path, x.dtype, "r", shape=x.shape)


VIEWS = {
    "byte-swapped": swapped,
    "unaligned": unaligned,
    "read-only": read_only,
    "spaced": spaced,
    "Fortran": np.asfortranarray,
    "reversed": lambda x: x[::-1, ::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1, ::-1],
    "reversed rows": lambda x: x[..., ::-1].copy()[..., ::-1],
    "transposed": lambda x: np.ascontiguousarray(x.transpose(3, 1, 0, 2)).transpose(2, 1, 3, 0),
    "channels inside": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
    "channels outside": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1),
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
    "cropped": lambda x: np.pad(x, [(0, 0), (0, 0), (1, 2), (3, 1)])[:, :, 1:-2, 3:-1],
    "subclass": lambda x: x.view(Subclass),
    "memoryview": lambda x: memoryview(x) if x.dtype.name not in ("bfloat16",) else x,
    "__array__": WithArray,
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_views(kind, dtype, view):
    x = values((2, 9, 14, 11), dtype)
    if view == "repeated":
        x = np.broadcast_to(x[:1], x.shape).copy()
    y = VIEWS[view](x)
    for op in OPS:
        for layout in LAYOUTS:
            fast, _ = function(kind, op, 2)
            options = {"data_format": layout} | wide(op, dtype)
            before = np.asarray(y).tobytes()
            assert_same(fast(y, *arguments(kind, op), **options), fast(x, *arguments(kind, op), **options))
            assert np.asarray(y).tobytes() == before
            if op in ("max", "min"):
                got = fast(y, *arguments(kind, op), **options, return_indices=True)
                want = fast(x, *arguments(kind, op), **options, return_indices=True)
                assert_same(got[0], want[0])
                assert_same(got[1], want[1])


@pytest.mark.parametrize("view", [v for v in VIEWS if v not in ("memoryview", "__array__")])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_views_in_backward(op, dtype, view):
    x = values((2, 9, 14, 11), dtype)
    if view == "repeated":
        x = np.broadcast_to(x[:1], x.shape).copy()
    back, _ = function("pool", op, 2, backward=True)
    fast, _ = function("pool", op, 2)
    for layout in LAYOUTS:
        y = fast(x, *arguments("pool", op), data_format=layout)
        g = values(y.shape, y.dtype, seed=2)
        if view == "repeated":
            g = np.broadcast_to(g[:1], g.shape).copy()
        want = back(g, x, *arguments("pool", op), data_format=layout)
        assert_same(back(VIEWS[view](g), VIEWS[view](x), *arguments("pool", op), data_format=layout), want)
        if op in ("max", "min"):
            indices = fast(x, *arguments("pool", op), data_format=layout, return_indices=True)[1]
            if view != "repeated":
                indices = VIEWS[view](indices)
            assert_same(back(g, x, *arguments("pool", op), data_format=layout, indices=indices), want)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d.name not in ("bfloat16", "bool")], ids=str)
def test_dlpack(dtype):
    x = values((3, 8, 9), dtype)
    assert_same(cpool.max_pool2d(WithDLPack(x), 2), cpool.max_pool2d(x, 2))
    assert_same(cpool.sum_pool2d(WithDLPack(x[:, ::2, ::-1]), 2), cpool.sum_pool2d(x[:, ::2, ::-1].copy(), 2))


def test_dlpack_of_torch():
    torch = pytest.importorskip("torch")
    t = torch.arange(24.0).reshape(2, 3, 4)
    assert_same(cpool.max_pool2d(t, 2), cpool.max_pool2d(t.numpy(), 2))
    assert_same(
        cpool.max_pool2d(t.transpose(1, 2), 2), cpool.max_pool2d(t.numpy().transpose(0, 2, 1).copy(), 2)
    )


def test_buffers_and_lists():
    x = np.arange(20, dtype=np.int32)
    want = cpool.max_pool1d(x, 3)
    assert_same(cpool.max_pool1d(array.array("i", x.tolist()), 3), want)
    assert_same(cpool.max_pool1d(memoryview(x), 3), want)
    assert_same(
        cpool.max_pool1d(x.astype(np.uint8).tobytes() and bytearray(range(20)), 3), want.astype(np.uint8)
    )
    assert cpool.max_pool1d(x.tolist(), 3).tolist() == want.tolist()
    assert cpool.max_pool1d(tuple(x.tolist()), 3).tolist() == want.tolist()
    assert cpool.avg_pool2d([[True, False], [True, True]], 2, dtype=np.float64).tolist() == [[0.75]]


def test_mapped_files(tmp_path):
    x = values((4, 300, 201), np.float32)
    y = mapped(x, tmp_path / "x.bin")
    for op in OPS:
        fast, _ = function("pool", op, 2)
        assert_same(fast(y, *arguments("pool", op)), fast(x, *arguments("pool", op)))
    out = np.memmap(tmp_path / "out.bin", np.float32, "w+", shape=(4, 149, 100))
    assert cpool.max_pool2d(y, 3, 2, out=out) is out
    assert np.array_equal(out, cpool.max_pool2d(x, 3, 2))


@given(st.data())
def test_any_strides(data):
    """Slices, reversals and permutations of a larger array."""
    dtype = data.draw(st.sampled_from(DTYPES))
    base = values((5, 6, 7, 8), dtype)
    steps = [data.draw(st.sampled_from([1, 2, -1, -2])) for _ in range(4)]
    order = data.draw(st.permutations(range(4)))
    y = base[tuple(slice(None, None, s) for s in steps)].transpose(order)
    op, nd = data.draw(st.sampled_from(OPS)), data.draw(st.integers(1, 3))
    layout = data.draw(st.sampled_from(LAYOUTS))
    fast, _ = function("pool", op, nd)
    options = {"kernel_size": 2, "stride": 1, "data_format": layout} | wide(op, dtype)
    lead = (2,) if op == "lp" else ()
    assert_same(fast(y, *lead, **options), fast(np.ascontiguousarray(y), *lead, **options))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_leading_axes(nd, dtype):
    """Any number of leading axes, none included."""
    x = values((2, 3, 2, 5, 6, 7)[:3] + (5, 6, 7)[-nd:], dtype)
    for op in OPS:
        fast, _ = function("pool", op, nd)
        lead = (2,) if op == "lp" else ()
        whole = fast(x, *lead, 2, **wide(op, dtype))
        for n in 1, 2, 3:
            at = (1,) * n
            assert_same(fast(x[at], *lead, 2, **wide(op, dtype)), np.ascontiguousarray(whole[at]))
        last = np.moveaxis(x, 2, -1)
        got = fast(last, *lead, 2, data_format="channels_last", **wide(op, dtype))
        want = np.ascontiguousarray(np.moveaxis(whole, 2, -1))
        if op in ("max", "min") or not is_float(got.dtype):
            assert_same(got, want)
        else:
            assert_close(got, want, ulp(want, want.dtype))
        no_outer = fast(last[0, 1], *lead, 2, data_format="channels_last", **wide(op, dtype))
        assert_same(no_outer, np.ascontiguousarray(got[0, 1]))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("kernel", [2, 3, 9])
def test_both_layouts_agree(nd, dtype, kernel):
    """Equal for max, min, integers and indices; within one ulp for float sums."""
    x = values((2, 5, *(12, 13, 44)[-nd:]), dtype, "special" if is_float(dtype) and kernel == 2 else "plain")
    last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    options = {"stride": 2, "padding": kernel // 2}
    for op in OPS:
        fast, _ = function("pool", op, nd)
        lead = (2,) if op == "lp" else ()
        more = wide(op, dtype)
        want = np.ascontiguousarray(np.moveaxis(fast(x, *lead, kernel, **options, **more), 1, -1))
        for alias in "channels_last", {1: "NWC", 2: "NHWC", 3: "NDHWC"}[nd]:
            got = fast(last, *lead, kernel, **options, data_format=alias, **more)
            if op in ("max", "min") or not is_float(got.dtype):
                assert_same(got, want, op)
            else:
                assert_close(got, want, ulp(want, want.dtype), op)
        if op in ("max", "min"):
            first = fast(x, kernel, **options, return_indices=True)[1]
            got = fast(last, kernel, **options, data_format="channels_last", return_indices=True)[1]
            assert_same(got, np.ascontiguousarray(np.moveaxis(first, 1, -1)))


def test_axis_is_moveaxis():
    x = values((4, 9, 3, 10), np.float32)
    for axes in (1, 3), (3, 1), (-1, 0), (0, 2):
        for op in OPS:
            fast, _ = function("pool", op, 2)
            lead = (2,) if op == "lp" else ()
            moved = np.ascontiguousarray(np.moveaxis(x, axes, (-2, -1)))
            want = fast(moved, *lead, (2, 3), 1)
            assert_same(
                fast(x, *lead, (2, 3), 1, axis=axes), np.ascontiguousarray(np.moveaxis(want, (-2, -1), axes))
            )
    y, i = cpool.max_pool2d(x, 2, axis=(3, 1), return_indices=True)
    moved = np.moveaxis(x, (3, 1), (-2, -1))
    taken = np.take_along_axis(moved.reshape(4, 3, -1), np.moveaxis(i, (3, 1), (-2, -1)).reshape(4, 3, -1), 2)
    assert np.array_equal(np.moveaxis(y, (3, 1), (-2, -1)).ravel(), taken.ravel())


# --- out ---------------------------------------------------------------------------------------------


def with_strides(shape, dtype):
    """Places to write to: contiguous, Fortran, spaced, reversed, offset."""
    yield np.empty(shape, dtype)
    yield np.asfortranarray(np.empty(shape, dtype))
    yield np.empty(tuple(2 * n for n in shape), dtype)[tuple(slice(None, None, 2) for _ in shape)]
    yield np.empty(shape, dtype)[..., ::-1]
    yield np.empty(shape, dtype).T.copy().T


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_out(kind, dtype):
    x = values((2, 3, 14, 11), dtype)
    for op in OPS:
        for layout in LAYOUTS:
            fast, _ = function(kind, op, 2)
            options = {"data_format": layout} | wide(op, dtype)
            want = fast(x, *arguments(kind, op), **options)
            for out in with_strides(want.shape, want.dtype):
                out[...] = 1
                assert fast(x, *arguments(kind, op), **options, out=out) is out
                assert_same(np.ascontiguousarray(out), want)
            if op in ("max", "min"):
                values_, indices = fast(x, *arguments(kind, op), **options, return_indices=True)
                for out, index in zip(
                    with_strides(want.shape, want.dtype), with_strides(want.shape, np.int64), strict=True
                ):
                    got = fast(x, *arguments(kind, op), **options, return_indices=True, out=(out, index))
                    assert got[0] is out and got[1] is index
                    assert_same(np.ascontiguousarray(out), values_)
                    assert_same(np.ascontiguousarray(index), indices)
                out = np.empty_like(want)
                got = fast(x, *arguments(kind, op), **options, return_indices=True, out=out)
                assert got[0] is out
                assert_same(got[1], indices)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_out_of_backward(op, dtype):
    x = values((2, 3, 14, 11), dtype)
    for layout in LAYOUTS:
        y = function("pool", op, 2)[0](x, *arguments("pool", op), data_format=layout)
        back, _ = function("pool", op, 2, backward=True)
        g = values(y.shape, dtype, seed=2)
        want = back(g, x, *arguments("pool", op), data_format=layout)
        for out in with_strides(x.shape, dtype):
            out[...] = 3
            assert back(g, x, *arguments("pool", op), data_format=layout, out=out) is out
            assert_same(np.ascontiguousarray(out), want)


def wrong_outs(shape, dtype):
    dtype = np.dtype(dtype)
    yield np.full((*shape[:-1], shape[-1] + 1), 1, dtype)
    yield np.full((1, *shape), 1, dtype)
    yield np.full(math_prod(shape), 1, dtype)
    yield np.full(shape, 1, np.float64 if dtype != np.float64 else np.float32)
    yield np.full(shape, 1, dtype.newbyteorder())
    yield read_only(np.full(shape, 1, dtype))
    yield [[1.0]]
    yield "out"
    yield np.ma.masked_array(np.full(shape, 1, dtype))
    yield np.broadcast_to(np.array(1, dtype), shape)


def math_prod(shape):
    return int(np.prod(shape))


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_out_is_refused_and_left_alone(kind, op):
    x = values((2, 3, 14, 11), np.float32)
    fast, _ = function(kind, op, 2)
    want = fast(x, *arguments(kind, op))
    for out in wrong_outs(want.shape, np.float32):
        before = out.tobytes() if isinstance(out, np.ndarray) else repr(out)
        with pytest.raises((TypeError, ValueError), match="out"):
            fast(x, *arguments(kind, op), out=out)
        assert (out.tobytes() if isinstance(out, np.ndarray) else repr(out)) == before
    if op in ("max", "min"):
        good, index = np.ones_like(want), np.ones(want.shape, np.int64)
        for pair in (
            (good, index.astype(np.int32)),
            (index, good),
            (good,),
            (good, index, index),
            (good, None, 1),
            (good, index[..., :1]),
            (good, good),
        ):
            with pytest.raises((TypeError, ValueError), match="out"):
                fast(x, *arguments(kind, op), return_indices=True, out=pair)
            assert (good == 1).all() and (index == 1).all()


@pytest.mark.parametrize("op", OPS)
def test_overlapping_out_is_refused(op):
    base = values((2, 3, 40, 40), np.float32).copy()
    x = base[:, :, :20, :20]
    fast, _ = function("pool", op, 2)
    lead = (2,) if op == "lp" else ()
    before = base.tobytes()
    for out in (
        base[:, :, 5:15, 5:15],
        base[:, :, :10, :10],
        base[:, :, 19:29, 19:29],
        base[..., ::-1, ::-1][:, :, 20:30, 20:30],
    ):
        with pytest.raises(ValueError, match="out"):
            fast(x, *lead, 2, out=out)
        assert base.tobytes() == before
    apart = base[:, :, 20:30, 20:30]  # interleaved in memory, but no element in common
    want = fast(x.copy(), *lead, 2)
    assert fast(x, *lead, 2, out=apart) is apart
    assert np.array_equal(apart, want)


def test_overlap_in_place_and_among_outputs():
    x = values((4, 8), np.float32)
    with pytest.raises(ValueError, match="out"):
        cpool.max_pool1d(x, 1, out=x)
    with pytest.raises(ValueError, match="out"):
        cpool.max_pool1d(x, 3, 1, 1, out=x)
    raw = np.zeros(200, np.uint8)
    value, index = raw[:64].view(np.float32).reshape(4, 4), raw[32:160].view(np.int64).reshape(4, 4)
    with pytest.raises(ValueError, match="out"):
        cpool.max_pool1d(x, 2, return_indices=True, out=(value, index))
    g = np.ones((4, 4), np.float32)
    indices = np.zeros((4, 8), np.int64)
    for bad in (indices.view(np.float32)[:, :8],):
        with pytest.raises(ValueError, match="out"):
            cpool.max_pool1d_backward(g, (4, 8), 2, indices=indices[:, :4], out=bad)
    with pytest.raises(ValueError, match="out"):
        cpool.avg_pool1d_backward(g, x, 2, out=x)
    big = np.ones((4, 8), np.float32)
    with pytest.raises(ValueError, match="out"):
        cpool.avg_pool1d_backward(big[:, :4], (4, 8), 2, out=big)
    with pytest.raises(ValueError, match="out"):
        cpool.max_unpool1d(big[:, :4], np.zeros((4, 4), int), 2, out=big)


def test_the_result_is_new():
    x = values((3, 8, 8), np.float32)
    for op in OPS:
        lead = (1,) if op == "lp" else ()
        fast, _ = function("pool", op, 2)
        y = fast(x, *lead, 1)
        assert not np.shares_memory(x, y) and y.flags.owndata and y.flags.writeable
    back = cpool.avg_pool2d_backward(x, x, 1)
    assert not np.shares_memory(x, back)
