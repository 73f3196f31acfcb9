"""Whole-axis pooling: which axes are reduced, in every dtype and layout."""

import numpy as np
import pytest
from compare import BFLOAT16, DTYPES, FLOATS, OPS, check, check_backward, function, values
from hypothesis import given
from strategies import global_calls

import cpool
from cpool import reference

WHERE = ("axis", "spatial_ndim", "data_format", "keepdims")
SELECTIONS = [
    {},
    {"keepdims": True},
    {"data_format": "channels_last"},
    {"data_format": "channels_last", "keepdims": True},
    {"spatial_ndim": 1},
    {"spatial_ndim": 2, "keepdims": True},
    {"spatial_ndim": 4},
    {"spatial_ndim": 1, "data_format": "channels_last"},
    {"spatial_ndim": 3, "data_format": "channels_last"},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (3, 1)},
    {"axis": (-1, 0, 2)},
    {"axis": (3, 2, 1, 0)},
]


def taps_of(x, options):
    """Elements that one output stands for."""
    return x.size // max(
        reference.global_max_pool(x, **{k: v for k, v in options.items() if k in WHERE}).size, 1
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("options", SELECTIONS, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_grid(op, options, dtype):
    for number, flavour in enumerate(("plain", "special", "extreme")):
        x = values((3, 5, 4, 37), dtype, flavour, number)
        wide = {"dtype": np.float64} if dtype == np.bool_ and op in ("avg", "lp") else {}
        if op in ("max", "min"):
            wide = {"return_indices": bool(number), "index_dtype": np.int32 if number == 2 else None}
        assert check("global", op, None, x, taps=taps_of(x, options), **options, **wide) is not None


@given(global_calls())
def test_drawn(call):
    op, x, options = call
    try:
        taps = taps_of(x, options)
    except ValueError:
        taps = 1  # refused by both
    check("global", op, None, x, taps=taps, **options)


@pytest.mark.parametrize("ndim", [1, 2, 3, 4, 5, 6, 7])
def test_which_axes(ndim):
    x = np.random.default_rng(ndim).random(range(2, 2 + ndim))
    for last in False, True:
        options = {"data_format": "channels_last"} if last else {}
        kept = (0, ndim - 1) if last else (0, 1)
        if ndim < 3:
            with pytest.raises(ValueError, match="spatial_ndim"):
                cpool.global_max_pool(x, **options)
            continue
        axes = tuple(a for a in range(ndim) if a not in kept)
        assert np.array_equal(cpool.global_max_pool(x, **options), x.max(axis=axes))
        for n in range(1, ndim - last + 1):
            axes = tuple(range(ndim - n - last, ndim - last))
            assert np.array_equal(cpool.global_min_pool(x, spatial_ndim=n, **options), x.min(axis=axes))
            assert np.allclose(
                cpool.global_sum_pool(x, spatial_ndim=n, keepdims=True, **options),
                x.sum(axis=axes, keepdims=True),
                rtol=1e-14,
            )


def test_indices_count_in_the_order_of_the_axes():
    x = np.zeros((2, 3, 4, 5))
    x[:, 2, 1, 3] = 7
    assert (cpool.global_max_pool(x, axis=(1, 3), return_indices=True)[1][:, 1] == 2 * 5 + 3).all()
    assert (cpool.global_max_pool(x, axis=(3, 1), return_indices=True)[1][:, 1] == 3 * 3 + 2).all()
    assert (cpool.global_max_pool(x, spatial_ndim=3, return_indices=True)[1] == (2 * 4 + 1) * 5 + 3).all()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize(
    "shape", [(1, 1, 700, 901), (3, 2, 257, 300), (64, 50, 7, 7), (100000, 3, 3)], ids=str
)
def test_large(dtype, shape):
    x = values(shape, dtype)
    wide = x.astype(np.float64)
    for last in False, True:
        options = {"spatial_ndim": 2, "data_format": ("channels_first", "channels_last")[last]}
        if last and x.ndim < 4:
            continue
        axes = (1, 2) if last else (-2, -1)
        eps = {2: 2.0**-23, 4: 2.0**-52, 8: 2.0**-52}[dtype.itemsize]
        scale = 8 * eps * abs(wide).mean(axis=axes)
        got = cpool.global_avg_pool(x, **options, dtype=np.float64)
        narrow = 4 * np.spacing(abs(wide.mean(axis=axes)))
        assert (abs(got - wide.mean(axis=axes, dtype=np.longdouble)) <= scale + narrow).all()
        assert np.array_equal(cpool.global_max_pool(x, **options).astype(float), wide.max(axis=axes))
        y, i = cpool.global_min_pool(x, return_indices=True, **options)
        moved = np.moveaxis(wide, axes, (-2, -1)).reshape(*y.shape, -1)
        assert np.array_equal(i, moved.argmin(axis=-1))


def test_a_long_mean_of_a_tenth():
    tenth = np.float32(0.1)
    x = np.full((1, 1, 2048, 2048), tenth)
    assert cpool.global_avg_pool(x)[0, 0] == tenth
    assert (
        cpool.global_avg_pool(x.reshape(1, 2048 * 1024, 2), data_format="channels_last")[0].tolist()
        == [tenth] * 2
    )
    if BFLOAT16:
        assert cpool.global_avg_pool(np.ones((1, 1, 300, 300), BFLOAT16[0]))[0, 0] == 1


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_extreme_integers(dtype):
    limit = np.iinfo(dtype).max
    x = np.full((1, 1, 100, 70), limit, dtype)
    assert cpool.global_avg_pool(x)[0, 0] == limit
    x[..., 0] = np.iinfo(dtype).min
    total = sum(int(v) for v in x.ravel())
    quotient, rest = divmod(total, x.size)
    assert cpool.global_avg_pool(x)[0, 0] == quotient + (2 * rest > x.size)


def test_zero_sizes():
    for op in OPS:
        f = function("global", op, None)[0]
        lead = (2,) if op == "lp" else ()
        assert f(np.zeros((0, 3, 4, 5)), *lead).shape == (0, 3)
        assert f(np.zeros((2, 4, 5, 0)), *lead, data_format="channels_last", keepdims=True).shape == (
            2,
            1,
            1,
            0,
        )
        with pytest.raises(ValueError):
            f(np.zeros((2, 3, 0, 5)), *lead)


@pytest.mark.parametrize(
    "options",
    [
        {"spatial_ndim": 0},
        {"spatial_ndim": -1},
        {"spatial_ndim": 5},
        {"spatial_ndim": 2.0},
        {"spatial_ndim": True},
        {"axis": 4},
        {"axis": -5},
        {"axis": (1, 1)},
        {"axis": (1, -3)},
        {"axis": ()},
        {"axis": 1.0},
        {"axis": 1, "data_format": "channels_last"},
        {"data_format": "NCHWD"},
        {"data_format": 3},
        {"spatial_ndim": 4, "data_format": "channels_last"},
    ],
    ids=str,
)
def test_bad_selections(options):
    for op in OPS:
        with pytest.raises((TypeError, ValueError), match=next(iter(options))):
            function("global", op, None)[0](np.zeros((2, 3, 4, 5)), *([2] if op == "lp" else []), **options)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("options", SELECTIONS, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_backward(op, options, dtype):
    x = values((3, 5, 4, 37), dtype)
    got = check_backward("global", op, None, x, taps=x.size, **options)
    assert got.dtype == dtype and got.shape == x.shape
