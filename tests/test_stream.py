"""Signals in pieces: what a stream returns, put together, is what the whole signal gives."""

import numpy as np
import pytest
from compare import FLOATS, assert_close, is_float, ulp, values
from hypothesis import given
from hypothesis import strategies as st

import cpool

OPS = ("max", "min", "avg", "sum", "lp")


def offline(op, x, kernel, options):
    lead = (options.pop("norm_type", 2),) if op == "lp" else ()
    return getattr(cpool, f"{op}_pool1d")(x, *lead, kernel, **options)


def in_pieces(stream, x, cuts, axis):
    parts = [stream.push(piece) for piece in np.split(x, cuts, axis)]
    return [*parts, stream.finish()]


def compare(op, got, want, axis):
    got = np.concatenate(got, axis)
    assert got.shape == want.shape and got.dtype == want.dtype
    allowed = ulp(want, want.dtype) if is_float(want.dtype) and op not in ("max", "min") else 0
    assert_close(np.ascontiguousarray(got), np.ascontiguousarray(want), allowed)


@st.composite
def streams(draw):
    op = draw(st.sampled_from(OPS))
    kernel, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    options = {
        "stride": draw(st.sampled_from([None, 1, 2, 3, 7, 20])),
        "dilation": dilation,
        "padding": draw(st.sampled_from([0, 1, 3, [(2, 5)], [(0, 30)], [(17, 0)], "valid"])),
        "ceil_mode": draw(st.booleans()),
    }
    if op in ("max", "min"):
        options["return_indices"] = draw(st.booleans())
    if op == "avg":
        options["count_include_pad"] = draw(st.sampled_from([None, True, False]))
    if op == "lp":
        options["norm_type"] = draw(st.sampled_from([1, 2, np.inf]))
    n = draw(st.integers(1, 60))
    cuts = sorted(draw(st.lists(st.integers(0, n), max_size=8)))
    axis = draw(st.sampled_from([0, 1, -1]))
    shape = (n, 3) if axis == 0 else (2, n)
    dtype = draw(st.sampled_from([*FLOATS, np.dtype(np.int16), np.dtype(np.uint8)]))
    return op, kernel, options, values(shape, dtype, seed=n), cuts, axis


@given(streams())
def test_pieces_make_the_whole(call):
    op, kernel, options, x, cuts, axis = call
    stream = cpool.Pool1dStream(op, kernel, axis=axis, **options)
    try:
        want = offline(op, x, kernel, options | {"axis": axis})
    except ValueError:
        for piece in np.split(x, cuts, axis):
            assert np.size(stream.push(piece)) == 0
        with pytest.raises(ValueError, match="kernel_size"):
            stream.finish()
        return
    got = in_pieces(stream, x, cuts, axis)
    if options.get("return_indices"):
        for i in range(2):
            compare(op, [part[i] for part in got], want[i], axis)
    else:
        compare(op, got, want, axis)


@pytest.mark.parametrize("op", OPS)
def test_results_come_as_soon_as_they_can(op):
    x = values((1, 1000), np.float32)
    stream = cpool.Pool1dStream(op, 4, 2)
    for i in range(1000):
        got = stream.push(x[:, i : i + 1])
        assert got.shape == (1, int(i >= 3 and i % 2 == 1))
        assert stream._tail.shape[1] <= 4
    assert stream.finish().shape == (1, 0)


def test_a_stream_starts_again():
    stream = cpool.Pool1dStream("max", 3, ceil_mode=True, return_indices=True)
    for _ in range(2):
        values_, indices = stream.push([1.0, 4.0, 2.0, 0.0])
        assert values_.tolist() == [4] and indices.tolist() == [1]
        assert stream.push(np.zeros(0))[0].size == 0
        values_, indices = stream.finish()
        assert values_.tolist() == [0] and indices.tolist() == [3]
    stream.push([9.0])
    stream.reset()
    assert stream.push([1.0, 2.0, 3.0])[0].tolist() == [3]


def test_a_piece_is_copied_and_left_alone():
    x = values((2, 9), np.float32)
    before = x.copy()
    x.flags.writeable = False
    stream = cpool.Pool1dStream("avg", 5, 1)
    first = stream.push(x)
    assert not np.shares_memory(stream._tail, x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(first, cpool.avg_pool1d(x, 5, 1))


def test_repr():
    assert repr(cpool.Pool1dStream("max", 3)) == "Pool1dStream('max', kernel_size=3)"
    text = repr(cpool.Pool1dStream("lp", 3, 2, 1, norm_type=3, axis=0))
    assert text == "Pool1dStream('lp', kernel_size=3, stride=2, padding=[(1, 1)], axis=0, norm_type=3)"
    assert repr(eval(text, {"Pool1dStream": cpool.Pool1dStream}).kernel_size) == "3"


@pytest.mark.parametrize(
    "error, word, arguments, options",
    [
        (ValueError, "op", ("mean", 2), {}),
        (TypeError, "op", (3, 2), {}),
        (TypeError, "kernel_size", ("max", 2.0), {}),
        (ValueError, "kernel_size", ("max", 0), {}),
        (ValueError, "stride", ("max", 2, 0), {}),
        (ValueError, "padding", ("max", 2, 1, "same"), {}),
        (ValueError, "padding", ("max", 2, 1, -1), {}),
        (ValueError, "dilation", ("max", 2, 1, 0, 0), {}),
        (TypeError, "ceil_mode", ("max", 2, 1, 0, 1, 1), {}),
        (ValueError, "norm_type", ("max", 2), {"norm_type": 3}),
        (ValueError, "return_indices", ("avg", 2), {"return_indices": True}),
        (ValueError, "dtype", ("min", 2), {"dtype": np.float32}),
        (TypeError, "mask", ("min", 2), {"mask": None}),
    ],
)
def test_refused_arguments(error, word, arguments, options):
    with pytest.raises(error, match=word):
        cpool.Pool1dStream(*arguments, **options)


def test_refused_pieces():
    stream = cpool.Pool1dStream("sum", 2, axis=1)
    with pytest.raises(RuntimeError, match="finish"):
        stream.finish()
    for wrong, error in (
        (np.zeros(3), ValueError),
        (np.zeros((2, 3), complex), TypeError),
        (1.0, ValueError),
        (None, TypeError),
    ):
        with pytest.raises(error, match=r"piece|axis"):
            stream.push(wrong)
    stream.push(np.zeros((2, 3), np.float32))
    for wrong, error in (
        (np.zeros((3, 3), np.float32), ValueError),
        (np.zeros((2, 3)), TypeError),
        (np.zeros((2, 3, 1), np.float32), ValueError),
    ):
        with pytest.raises(error, match="piece"):
            stream.push(wrong)
    assert stream.push(np.ones((2, 1), np.float32)).tolist() == [[1], [1]]
    empty = cpool.Pool1dStream("sum", 2)
    assert empty.push([]).size == 0
    with pytest.raises(ValueError):
        empty.finish()
