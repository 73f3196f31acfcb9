"""max_unpool: where values go, which of several wins, and what comes back."""

import numpy as np
import pytest
from compare import DTYPES, FLOATS, LAYOUTS, assert_close, assert_same, is_float, ulp, values
from hypothesis import given
from hypothesis import strategies as st

import cpool
from cpool import reference

SPATIAL = {1: (40,), 2: (6, 21), 3: (4, 5, 9)}


def function(nd, backward=False):
    return getattr(cpool, f"max_unpool{nd}d" + "_backward" * backward)


def shape_of(nd, layout):
    return (2, *SPATIAL[nd], 5) if layout == "channels_last" else (2, 3, *SPATIAL[nd])


def random_indices(shape, plane, dtype, seed=0):
    """Positions with many repeats and a few -1 (nothing there)."""
    rng = np.random.default_rng(seed)
    return rng.integers(-1, max(plane // 2, 1), shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("mode", ["last", "sum"])
def test_grid(nd, layout, dtype, mode):
    for index_dtype in np.int64, np.int32:
        for kernel, stride, padding in (2, None, 0), (3, 2, 1), ((3, 2, 4)[-nd:], 2, (1, 0, 2)[-nd:]):
            x = values(shape_of(nd, layout), dtype, "special" if mode == "last" else "plain")
            sizes = [
                (n - 1) * (stride or kernel) - 2 * p + k
                for n, k, p in zip(
                    SPATIAL[nd], np.broadcast_to(kernel, nd), np.broadcast_to(padding, nd), strict=True
                )
            ]
            indices = random_indices(x.shape, int(np.prod(sizes)), index_dtype)
            before = x.tobytes(), indices.tobytes()
            got = function(nd)(x, indices, kernel, stride, padding, data_format=layout, mode=mode)
            assert (x.tobytes(), indices.tobytes()) == before
            want = reference.max_unpool(
                x, indices, kernel, stride, padding, nd=nd, data_format=layout, mode=mode
            )
            if mode == "sum" and is_float(dtype):
                magnitude = reference.max_unpool(
                    abs(x.astype(float)),
                    indices,
                    kernel,
                    stride,
                    padding,
                    nd=nd,
                    data_format=layout,
                    mode=mode,
                )
                eps = 2.0**-52 if dtype == np.float64 else 2.0**-23
                assert_close(got, want, 4 * ulp(want, dtype) + 8 * eps * magnitude)
            else:
                assert_same(got, want, f"{kernel} {stride} {padding}")


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("mode", ["last", "sum"])
def test_backward(nd, layout, dtype, mode):
    x = values(shape_of(nd, layout), dtype)
    y_shape = reference.max_unpool(x, np.zeros(x.shape, int), 2, nd=nd, data_format=layout).shape
    g = values(y_shape, dtype, "special", 3)
    indices = random_indices(x.shape, int(np.prod(SPATIAL[nd])) * 2**nd, np.int64)
    want = reference.max_unpool_backward(g, x, indices, 2, nd=nd, data_format=layout)
    for first in x, x.shape:
        got = function(nd, True)(g, first, indices, 2, data_format=layout, mode=mode)
        assert_same(got, want)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_sum_is_adjoint_to_its_backward(nd):
    x = values(shape_of(nd, "channels_first"), np.float64)
    indices = random_indices(x.shape, int(np.prod(SPATIAL[nd])), np.int64)
    y = function(nd)(x, indices, 2, mode="sum")
    g = values(y.shape, np.float64, seed=4)
    assert np.vdot(y, g) == pytest.approx(
        np.vdot(x, function(nd, True)(g, x, indices, 2, mode="sum")), rel=1e-12
    )


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_inverts_max_pool(nd, layout):
    x = values(shape_of(nd, layout), np.float32)
    y, indices = getattr(cpool, f"max_pool{nd}d")(x, 2, return_indices=True, data_format=layout)
    for size in x.shape, x.shape[1:-1] if layout == "channels_last" else x.shape[2:]:
        back = function(nd)(y, indices, 2, output_size=size, data_format=layout)
        assert back.shape == x.shape
        assert_same(getattr(cpool, f"max_pool{nd}d")(back, 2, data_format=layout), np.maximum(y, 0))


@given(st.data())
def test_drawn(data):
    nd = data.draw(st.integers(1, 3))
    spatial = data.draw(st.tuples(*[st.integers(1, 4)] * nd))
    shape = tuple(data.draw(st.lists(st.integers(0, 3), max_size=2))) + spatial
    kernel, stride, padding = (data.draw(st.integers(low, 4)) for low in (1, 1, 0))
    default = [(n - 1) * stride - 2 * padding + kernel for n in spatial]
    size = data.draw(st.none() | st.just([n + data.draw(st.integers(-4, 4)) for n in default]))
    plane = int(np.prod(np.maximum(default if size is None else size, 0)))
    x = values(shape, data.draw(st.sampled_from([np.uint8, np.float32])))
    indices = np.random.default_rng(0).integers(-1, max(plane, 1) + data.draw(st.integers(-1, 0)), shape)
    call = {
        "stride": stride,
        "padding": padding,
        "output_size": size,
        "mode": data.draw(st.sampled_from(["last", "sum"])),
    }
    try:
        want = reference.max_unpool(x, indices, kernel, nd=nd, **call)
    except ValueError:
        with pytest.raises(ValueError):
            function(nd)(x, indices, kernel, **call)
        return
    assert_same(function(nd)(x, indices, kernel, **call), want, f"{shape} {kernel} {call}")


def test_large_planes_with_repeats():
    """Every value of a large plane lands in the same few places: the last in row-major order stays."""
    x = np.arange(500 * 600, dtype=np.float32).reshape(1, 500, 600)
    indices = np.random.default_rng(0).integers(0, 50, x.shape)
    want = reference.max_unpool(x, indices, 1, nd=2)
    for threads in 1, 2, 7:
        with cpool.num_threads(threads):
            assert_same(cpool.max_unpool2d(x, indices, 1), want)
            total = cpool.max_unpool2d(x, indices, 1, mode="sum")
    assert total.sum(dtype=float) == pytest.approx(x.sum(dtype=float), rel=1e-5)


@pytest.mark.parametrize(
    "bad",
    [
        {"indices": [[4]]},
        {"indices": [[-2]]},
        {"indices": [[2**40]]},
        {"indices": [4]},
        {"indices": [[0, 0]]},
        {"indices": [[0.0]]},
        {"indices": [[True]]},
        {"indices": "a"},
        {"output_size": (1, 2)[:1]},
        {"output_size": (4, 2)},
        {"output_size": (2.0, 2)},
        {"output_size": (-2, 2)},
        {"output_size": 2**31},
        {"output_size": (0, 2)},
        {"mode": "first"},
        {"mode": None},
        {"padding": 1},
        {"kernel_size": 0},
        {"kernel_size": 2.0},
        {"stride": 0},
        {"stride": (2, 2, 2)},
        {"padding": -1},
        {"data_format": "NCW"},
        {"data_format": "channels_last"},
    ],
    ids=str,
)
def test_bad_arguments(bad):
    arguments = {"indices": np.array([[3]]), "kernel_size": 2} | {
        k: np.array(v) if k == "indices" else v for k, v in bad.items()
    }
    with pytest.raises((TypeError, ValueError)):
        cpool.max_unpool2d(np.ones((1, 1)), **arguments)
    with pytest.raises((TypeError, ValueError)):
        cpool.max_unpool2d_backward(np.ones((2, 2)), np.ones((1, 1)), **arguments)


def test_nothing_is_written_when_an_index_is_out_of_range():
    x, out = np.ones((3, 40, 40)), np.full((3, 80, 80), 5.0)
    indices = np.zeros(x.shape, int)
    for where in (0, 0, 0), (2, 39, 39), (1, 20, 7):
        for wrong in 6400, -2, np.iinfo(np.int64).max, np.iinfo(np.int64).min:
            broken = indices.copy()
            broken[where] = wrong
            with pytest.raises(ValueError, match="indices"):
                cpool.max_unpool2d(x, broken, 2, out=out)
            assert (out == 5).all()
