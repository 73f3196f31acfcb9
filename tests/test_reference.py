"""The reference against values worked out by hand, against PyTorch, and against the second oracle."""

import functools

import numpy as np
import pytest
from compare import FLOATS, INTS, LAYOUTS, separable, values
from hypothesis import given
from hypothesis import strategies as st
from strategies import window_calls

from cpool import reference as ref

NAN, INF = np.nan, np.inf


# --- worked by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "options", "expected"),
    [
        (5, {"kernel_size": 2}, [(0, 1), (2, 3)]),
        (5, {"kernel_size": 2, "ceil_mode": True}, [(0, 1), (2, 3), (4,)]),
        (
            5,
            {"kernel_size": 2, "padding": 1, "ceil_mode": True},
            [(0,), (1, 2), (3, 4)],
        ),  # a fourth would start at 5 + 1
        (5, {"kernel_size": 2, "padding": [(0, 1)]}, [(0, 1), (2, 3), (4,)]),
        (5, {"kernel_size": 3, "dilation": 2}, [(0, 2, 4)]),
        (5, {"kernel_size": 3, "dilation": 2, "padding": 2, "stride": 2}, [(0, 2), (0, 2, 4), (2, 4)]),
        (3, {"kernel_size": 2, "stride": 1, "padding": 2}, [(), (0,), (0, 1), (1, 2), (2,), ()]),
        (
            2,
            {"kernel_size": 2, "dilation": 3, "padding": 1, "stride": 1},
            [()],
        ),  # the taps jump over the input
        (5, {"kernel_size": 3, "stride": 2, "padding": "same"}, [(0, 1), (1, 2, 3), (3, 4)]),
        (4, {"kernel_size": 3, "stride": 2, "padding": "same"}, [(0, 1, 2), (2, 3)]),
        (4, {"kernel_size": 3, "stride": 2, "padding": "same_lower"}, [(0, 1), (1, 2, 3)]),
        (
            4,
            {"kernel_size": 1, "stride": 3, "padding": "same"},
            [(0,), (3,)],
        ),  # nothing to pad: never negative
        (2, {"kernel_size": 5, "stride": 1, "ceil_mode": True}, [(0, 1)]),
    ],
)
def test_windows_of_one_axis(n, options, expected):
    options = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False} | options
    (axis,) = ref._regular((n,), **options)
    assert [tuple(taps) for taps, _ in axis] == expected


@pytest.mark.parametrize(
    ("n", "options"),
    [
        (0, {"kernel_size": 1, "padding": 3}),
        (4, {"kernel_size": 5}),
        (4, {"kernel_size": 3, "dilation": 2}),
        (4, {"kernel_size": 0}),
        (4, {"kernel_size": -1}),
        (4, {"kernel_size": 2, "stride": 0}),
        (4, {"kernel_size": 2, "padding": -1}),
        (4, {"kernel_size": 2, "dilation": 0}),
        (4, {"kernel_size": 2**31 - 1}),
        (4, {"kernel_size": (2, 2)}),
        (4, {"kernel_size": 2, "padding": "Same"}),
    ],
)
def test_windows_that_do_not_exist(n, options):
    with pytest.raises(ValueError):
        ref.max_pool(np.zeros(n), nd=1, **options)


def test_adaptive_windows():
    assert [(int(t[0]), int(t[-1]), n) for t, n in ref._adaptive_axis(5, 3)] == [
        (0, 1, 2),
        (1, 3, 3),
        (3, 4, 2),
    ]
    assert [(int(t[0]), int(t[-1]), n) for t, n in ref._adaptive_axis(2, 3)] == [
        (0, 0, 1),
        (0, 1, 2),
        (1, 1, 1),
    ]
    assert ref._adaptive((4, 6), (None, 0))[1] == []


def test_the_first_of_equals_and_the_first_nan_win():
    y, i = ref.max_pool([3, 5, 5, 1], 4, nd=1, return_indices=True)
    assert (y, i) == (5, 1)
    y, i = ref.min_pool([3, 1, 5, 1], 4, nd=1, return_indices=True)
    assert (y, i) == (1, 1)
    for pool in ref.max_pool, ref.min_pool:
        y, i = pool([9.0, NAN, INF, NAN, -INF], 5, nd=1, return_indices=True)
        assert np.isnan(y) and i == 1
    y, i = ref.max_pool(np.full((2, 2), -INF), 2, nd=2, return_indices=True)
    assert y == -INF and i == 0
    y, i = ref.max_pool(np.array([[1, 2], [3, 0]]), 2, 1, 1, nd=2, return_indices=True)
    assert i.tolist() == [[0, 1, 1], [2, 2, 1], [2, 2, 3]]


def test_empty_windows():
    x = np.array([1.0, 2.0], np.float32)
    far = {"kernel_size": 1, "stride": 1, "padding": 1, "nd": 1}
    assert ref.max_pool(x, return_indices=True, **far)[0].tolist() == [-INF, 1, 2, -INF]
    assert ref.max_pool(x, return_indices=True, **far)[1].tolist() == [-1, 0, 1, -1]
    assert ref.min_pool(x, **far).tolist() == [INF, 1, 2, INF]
    assert ref.min_pool(x.astype(np.uint8), **far).tolist() == [255, 1, 2, 255]
    assert ref.max_pool(x.astype(np.int8), **far).tolist() == [-128, 1, 2, -128]
    assert ref.max_pool(x.astype(bool), **far).tolist() == [False, True, True, False]
    assert ref.min_pool(x.astype(bool), **far).tolist() == [True, True, True, True]
    assert ref.sum_pool(x, **far).tolist() == [0, 1, 2, 0]
    assert ref.lp_pool(x, 2, **far).tolist() == [0, 1, 2, 0]
    assert ref.avg_pool(x, **far).tolist() == [0, 1, 2, 0]
    assert np.array_equal(ref.avg_pool(x, count_include_pad=False, **far), [NAN, 1, 2, NAN], equal_nan=True)
    assert ref.avg_pool(x.astype(int), count_include_pad=False, **far).tolist() == [0, 1, 2, 0]
    g = np.ones(4, np.float32)
    assert ref.max_pool_backward(g, x, **far).tolist() == [1, 1]
    assert ref.avg_pool_backward(g, x, count_include_pad=False, **far).tolist() == [1, 1]


def test_average_divisors():
    x = np.arange(1.0, 6.0)
    assert ref.avg_pool(x, 2, padding=1, nd=1).tolist() == [0.5, 2.5, 4.5]
    assert ref.avg_pool(x, 2, padding=1, count_include_pad=False, nd=1).tolist() == [1, 2.5, 4.5]
    assert ref.avg_pool(x, 2, ceil_mode=True, nd=1).tolist() == [1.5, 3.5, 5]  # the overhang never counts
    assert ref.avg_pool(x, 2, ceil_mode=True, padding=[(0, 1)], nd=1).tolist() == [1.5, 3.5, 2.5]
    assert ref.avg_pool(x, 3, 2, padding="same", nd=1).tolist() == [1.5, 3, 4.5]
    assert ref.avg_pool(x, 3, 2, padding="same", count_include_pad=True, nd=1).tolist() == [1, 3, 3]
    assert ref.avg_pool(x, 2, divisor_override=-4, nd=1).tolist() == [-0.75, -1.75]
    assert ref.avg_pool(x, 3, 1, padding=2, dilation=2, nd=1).tolist() == [4 / 3, 2, 3, 2, 8 / 3]
    with pytest.raises(ValueError):
        ref.avg_pool(x, 2, divisor_override=0, nd=1)


def test_integer_averages_are_exact_and_round_half_to_even():
    assert ref.avg_pool([0, 1, 1, 2, -1, 0, -1, -2], 2, nd=1).tolist() == [0, 2, 0, -2]
    big = np.array([2**63 - 1, 2**63 - 1, -(2**63), -(2**63), -(2**63), 2**63 - 1])
    assert ref.avg_pool(big, 2, nd=1).tolist() == [2**63 - 1, -(2**63), 0]
    big = np.array([2**64 - 1, 2**64 - 1, 2**64 - 1, 0], np.uint64)
    assert ref.avg_pool(big, 2, nd=1).tolist() == [2**64 - 1, 2**63]
    assert ref.avg_pool(np.array([255, 254, 255], np.uint8), 3, nd=1).tolist() == [255]
    assert ref.avg_pool(np.array([1, 2]), 2, dtype=np.float32, nd=1) == np.float32(1.5)
    assert ref.avg_pool(np.array([True, False]), 2, dtype=np.float64, nd=1) == 0.5
    with pytest.raises(TypeError):
        ref.avg_pool(np.array([True, False]), 2, nd=1)


def test_sums_widen_and_wrap_as_numpy():
    for dtype in [np.dtype(bool), *INTS]:
        x = values((3, 64), dtype, "extreme")
        got = ref.sum_pool(x, 64, nd=1)[:, 0]
        assert got.dtype == x.sum(axis=1).dtype and np.array_equal(got, x.sum(axis=1)), dtype
    assert ref.sum_pool(np.array([200, 100], np.uint8), 2, dtype=np.uint8, nd=1) == 44
    exact = ref.sum_pool(np.array([2**62 + 1, 2**62 + 2**39]), 2, dtype=np.float32, nd=1)
    assert exact == np.float32(2.0**63 * (1 + 2**-23))  # a tie in double precision, above it in truth


def test_norms():
    assert ref.lp_pool([3.0, -4.0], 2, 2, nd=1) == 5
    assert ref.lp_pool([3.0, -4.0], 1, 2, nd=1) == 7
    assert ref.lp_pool([3.0, -4.0], INF, 2, nd=1) == 4
    assert ref.lp_pool([3.0, -4.0], 2, 2, nd=1, normalize=True) == np.sqrt(12.5)
    assert ref.lp_pool([1.0, 4.0], 0.5, 2, nd=1) == 9
    assert ref.lp_pool([1.0, 2.0, 2.0], 2, 2, nd=1, ceil_mode=True).tolist() == [np.sqrt(5), 2]
    assert ref.lp_pool(np.float32([1e30, 1e30]), 2, 2, nd=1) == np.float32(np.sqrt(2) * 1e30)
    assert ref.lp_pool(np.float32([1e-30, 1e-30]), 3, 2, nd=1) > 0
    assert ref.lp_pool([INF, 1.0], 3, 2, nd=1) == INF and np.isnan(ref.lp_pool([INF, NAN], 3, 2, nd=1))
    for p in 0, -1, NAN:
        with pytest.raises(ValueError):
            ref.lp_pool([1.0, 2.0], p, 2, nd=1)


def test_gradients_by_hand():
    x = np.array([[1.0, 5.0], [5.0, 2.0]])
    assert ref.max_pool_backward([[3.0]], x, 2, nd=2).tolist() == [[0, 3], [0, 0]]
    assert ref.max_pool_backward([[3.0]], (2, 2), 2, nd=2, indices=[[3]]).tolist() == [[0, 0], [0, 3]]
    assert ref.avg_pool_backward([[4.0]], (2, 2), 2, nd=2).tolist() == [[1, 1], [1, 1]]
    assert ref.sum_pool_backward([1.0, 10.0], (3,), 2, 1, nd=1).tolist() == [1, 11, 10]
    assert ref.lp_pool_backward([5.0], [3.0, -4.0], 2, 2, nd=1).tolist() == [3, -4]
    assert ref.lp_pool_backward([5.0], [0.0, 0.0], 2, 2, nd=1).tolist() == [0, 0]
    assert ref.lp_pool_backward([5.0], [0.0, 2.0], 0.5, 2, nd=1).tolist() == [0, 5]
    assert ref.lp_pool_backward([5.0], [-3.0, 3.0], INF, 2, nd=1).tolist() == [-5, 0]
    assert ref.global_avg_pool_backward([[3.0]], (1, 1, 3)).tolist() == [[[1, 1, 1]]]
    with pytest.raises(TypeError):
        ref.avg_pool_backward(np.array([1]), np.array([1, 2]), 2, nd=1)
    with pytest.raises(ValueError):
        ref.max_pool_backward([3.0], (2,), 2, nd=1, indices=[2])
    with pytest.raises(ValueError):
        ref.avg_pool_backward([3.0, 1.0], (2,), 2, nd=1)


def test_unpooling_by_hand():
    assert ref.max_unpool([7, 8], [1, 2], 2, nd=1).tolist() == [0, 7, 8, 0]
    assert ref.max_unpool([7, 8], [1, 1], 2, nd=1).tolist() == [0, 8, 0, 0]
    assert ref.max_unpool([7, 8], [1, 1], 2, nd=1, mode="sum").tolist() == [0, 15, 0, 0]
    assert ref.max_unpool([7, 8], [-1, 4], 2, nd=1, output_size=[5]).tolist() == [0, 0, 0, 0, 8]
    assert ref.max_unpool_backward([1.0, 2, 3, 4], (2,), [3, -1], 2, nd=1).tolist() == [4, 0]
    for bad in {"output_size": [6]}, {"output_size": [2]}, {"mode": "first"}:
        with pytest.raises(ValueError):
            ref.max_unpool([7, 8], [0, 1], 2, nd=1, **bad)
    with pytest.raises(ValueError):
        ref.max_unpool([7, 8], [0, 4], 2, nd=1)


def test_layouts_and_axes():
    x = values((2, 5, 6, 3), np.float32)
    first = ref.max_pool(np.moveaxis(x, -1, 1), 2, nd=2)
    assert np.array_equal(ref.max_pool(x, 2, nd=2, data_format="NHWC"), np.moveaxis(first, 1, -1))
    assert np.array_equal(ref.max_pool(x, 2, nd=2, axis=(1, 2)), np.moveaxis(first, 1, -1))
    flipped, i = ref.max_pool(x[0, ..., 0], 5, nd=2, axis=(1, 0), return_indices=True)
    assert flipped.shape == (1, 1) and x[0, ..., 0].T.ravel()[i[0, 0]] == flipped[0, 0]
    assert ref.global_avg_pool(x).shape == (2, 5) and ref.global_avg_pool(x, data_format="NHWC").shape == (
        2,
        3,
    )
    assert ref.global_avg_pool(x, axis=(0, 3), keepdims=True).shape == (1, 5, 6, 1)
    with pytest.raises(ValueError):
        ref.global_avg_pool(np.zeros((3, 4)))


def test_masked_taps_take_no_part():
    x, mask = np.array([5.0, 1.0, 3.0, 9.0]), np.array([0, 1, 1, 0], bool)
    assert ref.max_pool(x, 2, nd=1, mask=mask, return_indices=True)[1].tolist() == [1, 2]
    assert ref.avg_pool(x, 4, nd=1, mask=mask) == 2 and ref.sum_pool(x, 4, nd=1, mask=mask) == 4
    assert ref.lp_pool(x, 2, 2, nd=1, normalize=True, mask=mask).tolist() == [1, 3]
    assert ref.avg_pool(x, 4, padding=1, stride=2, nd=1, mask=mask).tolist() == [4 / 3, 4 / 3]
    assert ref.max_pool(x, 4, nd=1, mask=~mask & mask, return_indices=True)[1] == -1
    assert ref.avg_pool_backward([1.0], x, 4, nd=1, mask=mask).tolist() == [0, 0.5, 0.5, 0]


def test_arguments_of_the_wrong_kind():
    for bad in 2.0, True, "2", None, [2.0]:
        with pytest.raises(TypeError):
            ref.max_pool(np.zeros(4), bad, nd=1)
    with pytest.raises(TypeError):
        ref.sum_pool(np.zeros(4), 2, nd=1, dtype=np.int32)
    with pytest.raises(TypeError):
        ref.lp_pool_backward([1.0], (2,), 2, 2, nd=1)
    with pytest.raises(TypeError):
        ref.max_unpool([7, 8], [0.0, 1.0], 2, nd=1)
    with pytest.raises(ValueError):
        ref.max_unpool([7, 8], [0], 2, nd=1)
    with pytest.raises(ValueError):
        ref.max_pool(np.zeros(4), 2, nd=2)


# --- the second oracle -----------------------------------------------------------------------------


@given(call=window_calls(), data=st.data())
def test_separable_oracle_agrees(call, data):
    op, nd, x, options = call
    if op == "lp" or "axis" in options or "dtype" in options:
        return
    channels_last = "data_format" in options
    try:
        want, indices = (
            ref.max_pool(x, **_windows_only(options), nd=nd, return_indices=True)
            if op == "max"
            else (
                getattr(ref, f"{op}_pool")(x, **{k: v for k, v in options.items() if "ind" not in k}, nd=nd),
                None,
            )
        )
    except (ValueError, TypeError):
        return
    geometry = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False} | {
        k: v for k, v in options.items() if k in ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    }
    x5 = x if channels_last else x[..., None]
    x5 = x5.reshape((-1 if x5.size else 0, *x5.shape[-nd - 1 :]))
    axes = ref._regular(x5.shape[1:-1], **geometry)
    include = options.get("count_include_pad")
    include = geometry["padding"] not in ("same", "same_lower") if include is None else include
    got, got_indices = separable(op, x5, axes, include_pad=include, override=options.get("divisor_override"))
    got = got.reshape(want.shape)
    if got.dtype == object or (op in ("avg", "sum") and got.dtype.kind != "f"):   # with a divisor, too
        got = ref._wrap(got, want.dtype)
    assert (
        np.allclose(
            got.astype(np.float64),
            want.astype(np.float64),
            rtol=1e-2 if want.dtype.itemsize == 2 else 1e-5,
            atol=1e-6,
            equal_nan=True,
        )
        or np.abs(x.astype(np.float64)).max() > 1e4
    )
    if indices is not None:
        assert np.array_equal(got_indices.reshape(indices.shape), indices)


def _windows_only(options):
    return {k: v for k, v in options.items() if k not in ("return_indices", "index_dtype", "dtype")}


# --- PyTorch, where it has the operator ---------------------------------------------------------------

CASES = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "padding": 1, "ceil_mode": True},
]
SPATIAL = {1: (9,), 2: (7, 8), 3: (5, 6, 7)}


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("options", CASES, ids=str)
def test_like_torch(nd, options):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    x = values((2, 3, *SPATIAL[nd]), np.float64)
    t = torch.tensor(x, requires_grad=True)
    for dilation in (1, 2) if "ceil_mode" not in options else (1,):
        want, indices = getattr(functional, f"max_pool{nd}d")(
            t, **options, dilation=dilation, return_indices=True
        )
        got = ref.max_pool(x, **options, dilation=dilation, nd=nd, return_indices=True)
        assert np.array_equal(got[0], want.detach()) and np.array_equal(got[1], indices)
        g = values(got[0].shape, np.float64, seed=5)
        (grad,) = torch.autograd.grad(want, t, torch.tensor(g))
        assert np.allclose(ref.max_pool_backward(g, x, **options, dilation=dilation, nd=nd), grad)
    for include in True, False:
        want = getattr(functional, f"avg_pool{nd}d")(t, **options, count_include_pad=include)
        got = ref.avg_pool(x, **options, count_include_pad=include, nd=nd)
        assert got.shape == tuple(want.shape) and np.allclose(got, want.detach())
        (grad,) = torch.autograd.grad(want, t, torch.tensor(g := values(got.shape, np.float64, seed=6)))
        assert np.allclose(ref.avg_pool_backward(g, x, **options, count_include_pad=include, nd=nd), grad)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 11])
def test_adaptive_like_torch(nd, size):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    x = values((2, 3, *SPATIAL[nd]), np.float64)
    t = torch.tensor(x, requires_grad=True)
    want, indices = getattr(functional, f"adaptive_max_pool{nd}d")(t, size, return_indices=True)
    got = ref.adaptive_max_pool(x, size, nd=nd, return_indices=True)
    assert np.array_equal(got[0], want.detach()) and np.array_equal(got[1], indices)
    want = getattr(functional, f"adaptive_avg_pool{nd}d")(t, size)
    assert np.allclose(ref.adaptive_avg_pool(x, size, nd=nd), want.detach())
    (grad,) = torch.autograd.grad(want, t, torch.tensor(g := values(want.shape, np.float64, seed=6)))
    assert np.allclose(ref.adaptive_avg_pool_backward(g, x, size, nd=nd), grad)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("p", [1, 2, 3.5])
def test_norm_like_torch(nd, p):
    torch = pytest.importorskip("torch")
    x = abs(values((2, 3, *SPATIAL[nd]), np.float64)) + 0.1
    t = torch.tensor(x, requires_grad=True)
    want = getattr(torch.nn.functional, f"lp_pool{nd}d")(t, p, 2, 2)
    assert np.allclose(ref.lp_pool(x, p, 2, 2, nd=nd), want.detach())
    (grad,) = torch.autograd.grad(want, t, torch.tensor(g := values(want.shape, np.float64, seed=6)))
    assert np.allclose(ref.lp_pool_backward(g, x, p, 2, 2, nd=nd), grad)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_unpool_like_torch(nd):
    torch = pytest.importorskip("torch")
    spatial = (6, 8, 4)[:nd]
    x = values((2, 3, *spatial), np.float64)
    y, i = ref.max_pool(x, 2, nd=nd, return_indices=True)
    t = torch.tensor(y)
    for size in None, [n + 1 for n in spatial], (2, 3, *spatial):
        want = getattr(torch.nn.functional, f"max_unpool{nd}d")(t, torch.tensor(i), 2, output_size=size)
        assert np.array_equal(ref.max_unpool(y, i, 2, output_size=size, nd=nd), want)


def test_every_dtype_and_layout_keeps_its_dtype():
    for layout in LAYOUTS:
        pool = functools.partial(ref.avg_pool, kernel_size=2, nd=2, data_format=layout)
        for dtype in [*INTS, *FLOATS]:
            x = values((3, 4, 5), dtype)
            assert pool(x).dtype == dtype and ref.min_pool(x, 2, nd=2, data_format=layout).dtype == dtype
            assert ref.lp_pool(x, 2, 2, nd=2, data_format=layout).dtype == dtype
        for dtype in FLOATS:
            x = values((3, 4, 5), dtype)
            assert ref.avg_pool_backward(pool(x), x, 2, nd=2, data_format=layout).dtype == dtype


def raises(error, call, *arguments, **options):
    with pytest.raises(error):
        call(*arguments, **options)


def test_refusals():
    """The oracle is to raise where the library must, so its own checks are tested too."""
    image = np.arange(12.0).reshape(1, 1, 3, 4)
    raises(ValueError, ref.max_pool, image, 2, padding=[(0, 0)], nd=2)
    raises(ValueError, ref.max_pool, image, 2, return_indices=True, index_dtype=np.int16, nd=2)
    raises(ValueError, ref.adaptive_max_pool, image[:, :, :0], 2, nd=2)
    gradient = np.ones((1, 1, 1, 2))
    raises(TypeError, ref.max_pool_backward, gradient, image.shape, 2, nd=2)
    raises(TypeError, ref.max_pool_backward, gradient.astype(np.float32), image, 2, nd=2)


def test_adaptive_average():
    """Windows of an adaptive average hold real elements only, so their number divides."""
    got = ref.adaptive_avg_pool(np.arange(5.0).reshape(1, 1, 5), 2, nd=1)
    assert got.tolist() == [[[1.0, 3.0]]]


def test_averages_beyond_64_bits():
    """A divisor that needs Python's integers."""
    x = np.full((1, 1, 4), 2**62, np.int64)
    assert ref.avg_pool(x, 4, nd=1).tolist() == [[[2**62]]]
    got = ref._divide_to_even(np.array([3 * 2**62, 5]), np.array([2**63, 2], object))
    assert got.tolist() == [2, 2]


def test_unpooling_refusals():
    x, indices = np.array([[[5.0]]]), np.zeros((1, 1, 1), np.int64)
    assert ref.max_unpool(x, indices, 2, output_size=(1, 1, 3), nd=1).shape == (1, 1, 3)
    raises(ValueError, ref.max_unpool, x, indices, 1, padding=1, nd=1)
    raises(TypeError, ref.max_unpool_backward, np.ones((1, 1, 2), int), x, indices, 2, nd=1)
    raises(ValueError, ref.max_unpool_backward, np.ones((1, 1, 3)), x, indices, 2, nd=1)


# --- regions --------------------------------------------------------------------------------------

GRID = np.arange(36.0).reshape(1, 1, 6, 6)


def test_whole_pixel_bins():
    assert ref._whole_pixels(1, 4, 6, 2, False) == [(1, 3), (3, 5)]
    assert ref._whole_pixels(1, 5, 6, 3, False) == [(1, 3), (2, 5), (4, 6)]  # 5 pixels in 3 bins
    assert ref._whole_pixels(0.5, 1.49, 6, 1, False) == [(1, 2)]  # halves away from zero
    assert ref._whole_pixels(-2.5, 20, 6, 1, False) == [(0, 6)]
    assert ref._whole_pixels(4, 1, 6, 1, False) == [(4, 5)]  # turned over: one pixel
    assert ref._whole_pixels(0, 6, 6, 2, True) == [(0, 3), (3, 5)]  # the last one never takes part
    assert ref._whole_pixels(8, 9, 6, 1, True) == [(5, 5)]


def test_samples_of_an_axis():
    assert ref._samples(1, 3, 6, 2, 1, False) == [[(1, 0.5)], [(2, 0.5)]]
    assert ref._samples(1, 3, 6, 1, -1, True) == [[(1, 0.0), (2, 0.0)]]
    assert ref._samples(-4, 0, 6, 1, 4, False) == [
        [None, None, None, (0, 0.0)]
    ]  # -0.5 is the pixel at the edge
    assert ref._samples(5, 7, 6, 1, 2, False) == [[(5, 0.0), None]]
    assert ref._samples(3, 2, 6, 1, 0, True) == [[]]
    assert ref._samples(3, 3.2, 6, 1, 1, False) == [[(3, 0.5)]]  # one pixel at least


def test_exact_integrals():
    (row,) = ref._cut("area", 1, 2, 4, 1, 0, False)
    np.testing.assert_allclose(row.astype(float), [0, 0.5, 0.5, 0])
    (row,) = ref._cut("area", -1, 0, 4, 1, 0, False)
    np.testing.assert_allclose(row.astype(float), [0.5, 0, 0, 0])  # falls to 0 within a pixel
    assert not ref._cut("area", 2, 2, 4, 2, 0, False).any()
    assert not ref._cut("area", 3, 1, 4, 2, 0, False).any()


def test_forms_of_boxes():
    corners = np.array([[1.0, 1, 4, 4], [0, 0, 5, 5], [2, 1, 3, 4]])
    batch = np.array([0, 0, 1])
    for boxes, more in [
        (np.column_stack([batch, corners]), None),
        (corners, batch),
        ([corners[:2], corners[2:]], None),
    ]:
        found = ref._boxes(boxes, more, 2)
        np.testing.assert_array_equal(found[0], corners)
        np.testing.assert_array_equal(found[1], batch)
    assert ref._boxes(corners, None, 1)[1].tolist() == [0, 0, 0]
    with pytest.raises(ValueError):
        ref._boxes([corners], None, 2)


def test_regions_by_hand():
    boxes = [[0, 1, 1, 4, 4]]
    y, at = ref.roi_pool(GRID, boxes, 2, return_indices=True)
    assert y.tolist() == [[[[14, 16], [26, 28]]]] and at.tolist() == y.tolist()
    assert ref.roi_pool(GRID, [[0, 9, 9, 10, 10]], 1, return_indices=True)[1].tolist() == [[[[-1]]]]
    assert ref.roi_align(GRID, boxes, 2, aligned=True).tolist() == [[[[8.75, 10.25], [17.75, 19.25]]]]
    assert ref.roi_align(GRID, boxes, 1, sampling_ratio=2, mode="max").tolist() == [[[[22.75]]]]
    assert ref.roi_align(-1 - GRID, [[0, -8, -8, 1, 1]], 1, mode="max").tolist() == [
        [[[0]]]
    ]  # the outside is 0
    assert ref.roi_align(GRID, [[0, 3, 3, 2, 2]], 1, mode="max", aligned=True).tolist() == [[[[0]]]]
    assert ref.prroi_pool(GRID, boxes, 2).tolist() == [[[[12.25, 13.75], [21.25, 22.75]]]]
    four = np.arange(4.0).reshape(1, 4, 1, 1) * np.ones((5, 5))
    assert ref.ps_roi_pool(four, [[0, 0, 0, 4, 4]], 2).tolist() == [[[[0, 1], [2, 3]]]]
    assert ref.ps_roi_align(four, [[0, 0.5, 0.5, 3, 3]], 2).tolist() == [[[[0, 1], [2, 3]]]]
    nan = np.array([[[[1.0, NAN, 3.0, NAN]]]])
    assert ref.roi_pool(nan, [[0, 0, 0, 3, 0]], 1, return_indices=True)[1].item() == 1
    assert np.isnan(ref.roi_align(nan, [[0, 0, 0, 3, 0]], 1, sampling_ratio=3, mode="max")).all()


REGIONS = {
    "roi_pool": {},
    "roi_align": {},
    "roi_align max": {"mode": "max", "sampling_ratio": 2},
    "roi_align half": {"coordinate_transformation_mode": "half_pixel"},
    "ps_roi_pool": {},
    "ps_roi_align": {},
    "prroi_pool": {},
}


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("case", REGIONS)
def test_gradients_and_tangents_of_regions(case, data_format):
    """Finite differences, and the gradient is the adjoint of the tangent."""
    name, options = case.split()[0], REGIONS[case] | {"data_format": data_format}
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 4, 5, 6))
    x = np.moveaxis(x, 1, -1) if data_format == "channels_last" else x
    boxes = np.array(
        [[0, 0.7, 0.4, 6.9, 7.8], [1, -2.2, 1.1, 5.5, 13.3], [1, 1.2, 3.4, 1.5, 3.9], [0, 30, 30, 40, 40]]
    )
    forward, backward, jvp = (getattr(ref, name + end) for end in ("", "_backward", "_jvp"))
    y = forward(x, boxes, 2, 0.5, **options)
    t, g, step = rng.standard_normal(x.shape), rng.standard_normal(y.shape), 1e-6
    tangent = jvp(t, x, boxes, 2, 0.5, **options)
    slope = (
        forward(x + step * t, boxes, 2, 0.5, **options) - forward(x - step * t, boxes, 2, 0.5, **options)
    ) / (2 * step)
    np.testing.assert_allclose(tangent, slope, atol=1e-8)
    gradient = backward(g, x, boxes, 2, 0.5, **options)
    if name == "prroi_pool":
        gradient, corners = gradient
        for k, corner in np.ndindex(4, 4):
            move = np.zeros((4, 4))
            move[k, corner] = 1
            wide = np.column_stack([np.zeros(4), move]) * step
            slope = (
                forward(x, boxes + wide, 2, 0.5, **options) - forward(x, boxes - wide, 2, 0.5, **options)
            ) / (2 * step)
            np.testing.assert_allclose(float(corners[k, corner]), np.sum(slope * g), atol=1e-7)
            moved = jvp(0 * x, x, boxes, 2, 0.5, boxes_tangent=move, **options)
            np.testing.assert_allclose(moved, slope, atol=1e-7)
        flat = np.array([[0, 2.0, 2, 2, 4]])
        assert not ref.prroi_pool_backward(g[:1], x, flat, 2, **options)[1].any()
    np.testing.assert_allclose(np.sum(gradient * t), np.sum(g * tangent), rtol=1e-10)
    if name != "prroi_pool" and "mode" not in options:
        more = {}
        if name == "roi_pool":
            more = {"indices": forward(x, boxes, 2, 0.5, True, **options)[1]}
            np.testing.assert_array_equal(jvp(t, x, boxes, 2, 0.5, **options, **more), tangent)
        np.testing.assert_array_equal(backward(g, x.shape, boxes, 2, 0.5, **options, **more), gradient)


def test_one_image():
    np.testing.assert_array_equal(
        ref.roi_pool(GRID[0], [[1, 1, 4, 4]], 2), ref.roi_pool(GRID, [[1, 1, 4, 4]], 2)
    )


# --- several scales -------------------------------------------------------------------------------

SCALES = {
    "pool_pyramid": {"levels": 2},
    "spatial_pyramid_pool": {"levels": (1, 2)},
    "strip_pool": {},
    "adaptive_concat_pool": {"output_size": 2},
}


def test_scales_by_hand():
    levels = ref.pool_pyramid(GRID[0, 0, :4, :4], 2, nd=2)
    assert [level.tolist() for level in levels] == [[[3.5, 5.5], [15.5, 17.5]], [[10.5]]]
    assert ref.pool_pyramid(np.arange(7), 1, 3, "sum", nd=1)[0].tolist() == [3, 12]
    x = GRID[0, :, :4, :4]
    assert ref.spatial_pyramid_pool(x, (1, 2), nd=2).tolist() == [21, 7, 9, 19, 21]
    rows, columns = ref.strip_pool(x, nd=2)
    assert rows.tolist() == [[[1.5], [7.5], [13.5], [19.5]]] and columns.tolist() == [[[9, 10, 11, 12]]]
    assert ref.adaptive_concat_pool(x, nd=2).tolist() == [[[21]], [[10.5]]]
    last = np.moveaxis(np.repeat(x, 2, 0), 0, -1)
    assert ref.adaptive_concat_pool(last, nd=2, data_format="channels_last").tolist() == [
        [[21, 21, 10.5, 10.5]]
    ]
    assert ref.spatial_pyramid_pool(last, (1,), nd=2, data_format="channels_last").tolist() == [21, 21]


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("op", ["avg", "max"])
@pytest.mark.parametrize("name", SCALES)
def test_gradients_and_tangents_of_scales(name, op, data_format):
    rng = np.random.default_rng(0)
    ops = {"ops": (op, "min")} if "concat" in name else {"op": op}
    options = SCALES[name] | ops | {"nd": 2, "data_format": data_format}
    forward, backward, jvp = (getattr(ref, name + end) for end in ("", "_backward", "_jvp"))
    x, t = rng.standard_normal((2, 2, 5, 6, 4))
    y, step = forward(x, **options), 1e-6
    many = isinstance(y, list)
    ys = y if many else [y]
    gs = [rng.standard_normal(each.shape) for each in ys]
    tangents = jvp(t, x, **options)
    above, below = forward(x + step * t, **options), forward(x - step * t, **options)
    triples = zip(tangents, above, below, strict=True) if many else [(tangents, above, below)]
    for tangent, a, b in triples:
        np.testing.assert_allclose(tangent, (a - b) / (2 * step), atol=1e-8)
    gradient = backward(gs if many else gs[0], x, **options)
    pairs = zip(gs, tangents if many else [tangents], strict=True)
    np.testing.assert_allclose(np.sum(gradient * t), sum(np.sum(g * each) for g, each in pairs), rtol=1e-10)
    if op == "avg" and "concat" not in name:
        np.testing.assert_array_equal(backward(gs if many else gs[0], x.shape, **options), gradient)


# --- anti-aliased ---------------------------------------------------------------------------------


def test_blur_by_hand():
    spike = np.array([0.0, 0, 8, 0, 0])
    assert ref.blur_pool(spike, 3, 1, nd=1).tolist() == [0, 2, 4, 2, 0]
    assert ref.blur_pool(spike, 4, 1, nd=1).tolist() == [1, 3, 3, 1, 1]
    assert ref.blur_pool(spike, 1, 2, nd=1).tolist() == [0, 8, 0]
    line = np.array([8.0, 0, 0])
    assert ref.blur_pool(line, 3, 1, "zero", nd=1).tolist() == [4, 2, 0]
    assert ref.blur_pool(line, 3, 1, "replicate", nd=1).tolist() == [6, 2, 0]
    assert ref.blur_pool(line, 3, 1, "reflect", nd=1).tolist() == [4, 2, 0]
    assert ref.blur_pool(np.array([0, 8.0, 0]), 3, 1, nd=1).tolist() == [4, 4, 4]
    assert ref.blur_pool(np.array([1, 2, 2, 1], np.uint8), 2, 1, nd=1).tolist() == [2, 2, 2, 2]
    assert ref.max_blur_pool(np.array([0.0, 4, 0, 0, 0]), blur_size=2, nd=1).tolist() == [4, 0]
    for wrong in ({"blur_size": 0}, {"blur_size": 8}, {"padding": "wrap"}, {"blur_size": 7}):
        with pytest.raises(ValueError):
            ref.blur_pool(line, **wrong, nd=1)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("padding", ["reflect", "replicate", "zero"])
@pytest.mark.parametrize("name", ["blur_pool", "max_blur_pool"])
def test_gradients_and_tangents_of_blurs(name, padding, data_format):
    rng = np.random.default_rng(0)
    options = {"blur_size": 4, "padding": padding, "nd": 2, "data_format": data_format}
    forward, backward, jvp = (getattr(ref, name + end) for end in ("", "_backward", "_jvp"))
    x, t = rng.standard_normal((2, 2, 5, 6, 7))
    y, step = forward(x, **options), 1e-6
    g = rng.standard_normal(y.shape)
    tangent, gradient = jvp(t, x, **options), backward(g, x, **options)
    slope = (forward(x + step * t, **options) - forward(x - step * t, **options)) / (2 * step)
    np.testing.assert_allclose(tangent, slope, atol=1e-8)
    np.testing.assert_allclose(np.sum(gradient * t), np.sum(g * tangent), rtol=1e-10)
    if name == "blur_pool":
        np.testing.assert_array_equal(backward(g, x.shape, **options), gradient)


def test_derivatives_by_hand():
    x, t = np.array([[[1.0, 3.0, 0.0, -4.0]]]), np.array([[[10.0, 20.0, 30.0, 40.0]]])
    assert ref.max_pool_jvp(t, x, 2, nd=1).tolist() == [[[20.0, 30.0]]]
    assert ref.min_pool_jvp(t, x, 2, nd=1, indices=np.array([[[1, -1]]])).tolist() == [[[20.0, 0.0]]]
    assert ref.avg_pool_jvp(t, x, 2, nd=1).tolist() == [[[15.0, 35.0]]]
    assert ref.lp_pool_jvp(t, x, 2, 4, nd=1) == pytest.approx((10 + 60 - 160) / np.sqrt(26))
    assert ref.lp_pool_jvp(t, x, 1, 2, padding=2, nd=1).tolist() == [[[0.0, 30.0, -40.0, 0.0]]]
    assert ref.adaptive_sum_pool_jvp(t, x, 1, nd=1).tolist() == [[[100.0]]]
    assert ref.global_max_pool_jvp(t, x, indices=np.array([[3]])).tolist() == [[40.0]]
    nothing = ref.avg_pool_jvp(t, x, 2, padding=2, count_include_pad=False, nd=1)
    assert nothing.tolist() == [[[0.0, 15.0, 35.0, 0.0]]]  # what holds no element does not change
    assert ref.max_unpool_jvp(np.array([[[7.0]]]), x, np.array([[[1]]]), 2, nd=1).tolist() == [[[0.0, 7.0]]]


def test_fractional_by_hand():
    """Steps of 5/3: starts 0, 2, 4 and the last window for a sample of a half, 0, 1, 3 and the last for 0."""
    x = np.array([1.0, 5.0, 2.0, 4.0, 3.0, 0.0, 6.0])
    samples = np.array([0.5])
    y, at = ref.fractional_max_pool(x, 2, 4, return_indices=True, nd=1, random_samples=samples)
    assert (y.tolist(), at.tolist()) == ([5, 4, 3, 6], [1, 3, 4, 6])
    assert ref.fractional_max_pool(x, 2, 4, nd=1, random_samples=np.zeros(1)).tolist() == [5, 5, 4, 6]
    means = ref.fractional_avg_pool(x, 2, output_ratio=0.6, nd=1, random_samples=samples)
    assert means.tolist() == [3, 3, 1.5, 3]
    g = np.array([1.0, 2.0, 3.0, 4.0])
    back = ref.fractional_max_pool_backward(g, x, 2, 4, nd=1, random_samples=samples)
    assert back.tolist() == [0, 1, 0, 2, 3, 0, 4]
    back = ref.fractional_avg_pool_backward(g, x, 2, 4, nd=1, random_samples=samples)
    assert back.tolist() == [0.5, 0.5, 1, 1, 1.5, 3.5, 2]
    assert ref.fractional_avg_pool_jvp(x, x, 2, 4, nd=1, random_samples=samples).tolist() == [3, 3, 1.5, 3]
    raises(ValueError, ref.fractional_max_pool, x, 2, 7, nd=1, random_samples=samples)

    planes = np.stack([x, x[::-1]], axis=-1)  # channels last: one sample for each
    got = ref.fractional_max_pool(
        planes, 2, 4, nd=1, random_samples=np.array([[0.5], [0.0]]), data_format="channels_last")
    assert got.T.tolist() == [[5, 4, 3, 6], [6, 3, 4, 5]]
    image = x.reshape(1, 7)  # (W, H) in two dimensions
    got = ref.fractional_max_pool(image, (1, 2), (1, 4), nd=2, random_samples=np.array([0.5, 0.0]))
    assert got.tolist() == [[5, 4, 3, 6]]
    got = ref.fractional_max_pool(
        image.T, (1, 2), (1, 4), nd=2, random_samples=np.array([0.5, 0.0]), axis=(1, 0))
    assert got.tolist() == [[5], [4], [3], [6]]


def test_listed_windows_by_hand():
    x = np.array([[1.0, 5.0, 2.0], [7.0, 3.0, 4.0]])
    assert ref.fractional_avg_pool(x, nd=1, boundaries=[[0, 1, 3]]).tolist() == [[1.0, 3.5], [7.0, 3.5]]
    pairs = [[[0, 2], [1, 3]]]
    assert ref.fractional_max_pool(x, nd=1, boundaries=pairs).tolist() == [[5.0, 5.0], [7.0, 4.0]]
    each = [[[[0, 1]], [[1, 3]]]]
    assert ref.fractional_max_pool(x, nd=1, boundaries=each).tolist() == [[1.0], [4.0]]
    raises(ValueError, ref.fractional_max_pool, x, nd=1, boundaries=[[0, 4]])


def test_s3_by_hand():
    x = np.array([1.0, 5.0, 2.0, 3.0])  # maxima at stride 1: 5, 5, 3, 3
    y, at = ref.s3_pool(x, 2, grid_size=4, return_indices=True, nd=1, positions=[[0, 2]])
    assert (y.tolist(), at.tolist()) == ([5, 3], [1, 3])
    assert ref.s3_pool(x, 2, 1, nd=1, positions=[[0, 1, 2, 3]]).tolist() == [5, 5, 3, 3]
    assert ref.s3_pool(x, 2, nd=1, training=False).tolist() == [5, 3]
    g = np.array([1.0, 2.0])
    assert ref.s3_pool_backward(g, x, 2, nd=1, positions=[[0, 1]]).tolist() == [0, 3, 0, 0]
    assert ref.s3_pool_backward(g, x, 2, nd=1, training=False).tolist() == [0, 1, 0, 2]
    assert ref.s3_pool_jvp(x, x, 2, nd=1, positions=[[0, 1]]).tolist() == [5, 5]
    assert ref.s3_pool_jvp(x, x, 2, nd=1, training=False).tolist() == [5, 3]
    raises(ValueError, ref.s3_pool, x, 2, 2, 3, nd=1, positions=[[0]])


# --- sequences -------------------------------------------------------------------------------------


def test_tokens_by_hand():
    x = np.array([[[1.0, 4.0], [3.0, 0.0], [9.0, 9.0]], [[5.0, 6.0], [9.0, 9.0], [9.0, 9.0]]])
    mask = [[1, 1, 0], [1, 0, 0]]
    modes = {
        "cls": [[1, 4], [5, 6]],
        "lasttoken": [[3, 0], [5, 6]],
        "mean": [[2, 2], [5, 6]],
        "max": [[3, 4], [5, 6]],
        "mean_sqrt_len_tokens": [[4 / 2**0.5, 4 / 2**0.5], [5, 6]],
        "weightedmean": [[7 / 3, 4 / 3], [5, 6]],
    }
    for mode, want in modes.items():
        np.testing.assert_allclose(ref.token_pool(x, mask, mode=mode).astype(float), want)
        np.testing.assert_allclose(ref.token_pool(x, lengths=[2, 1], mode=mode).astype(float), want)
    assert ref.token_pool(x, mask, mode=("max", "cls")).tolist() == [[3, 4, 1, 4], [5, 6, 5, 6]]
    assert ref.token_pool(x, [[0, 0, 0], [1, 0, 0]], empty=7).tolist() == [[7, 7], [5, 6]]
    g = [[1.0, 2.0], [3.0, 4.0]]
    assert ref.token_pool_backward(g, x, mask).tolist() == [
        [[0.5, 1], [0.5, 1], [0, 0]],
        [[3, 4], [0, 0], [0, 0]],
    ]
    assert ref.token_pool_backward(g, x, [[0, 0, 0], [0, 1, 0]], mode="max")[0].tolist() == [[0, 0]] * 3
    roots = ref.token_pool_backward([[2.0]], np.zeros((1, 4, 1)), mode="mean_sqrt_len_tokens")
    assert roots.tolist() == [[[1]] * 4]
    values_, at = ref.max_over_time_pool(x, [[1, 1, 0], [0, 0, 0]], empty=0)
    assert values_.tolist() == [[3, 4], [0, 0]] and at.tolist() == [[1, 0], [-1, -1]]


def test_segments_by_hand():
    x, offsets = np.array([3.0, 1.0, 2.0, 8.0, 8.0]), [0, 3, 3, 5]
    modes = {
        "sum": [6, 0, 16],
        "mean": [2, NAN, 8],
        "max": [3, NAN, 8],
        "min": [1, NAN, 8],
        "first": [3, NAN, 8],
        "last": [2, NAN, 8],
        "std": [(2 / 3) ** 0.5, NAN, 0],
        "lse": [np.log(np.exp(x[:3]).sum()), NAN, 8 + np.log(2)],
    }
    for op, want in modes.items():
        np.testing.assert_allclose(ref.segment_pool(x, offsets, op).astype(float), want)
        np.testing.assert_array_equal(
            ref.segment_pool(x, op=op, lengths=[3, 0, 2]), ref.segment_pool(x, offsets, op)
        )
    values_, at = ref.segment_pool(x, offsets, "kmax", k=2, empty=-1)
    assert values_.tolist() == [[3, 2], [-1, -1], [8, 8]] and at.tolist() == [[0, 2], [-1, -1], [3, 4]]
    gradients = {
        "sum": [1, 1, 1, 3, 3],
        "mean": [1 / 3, 1 / 3, 1 / 3, 1.5, 1.5],
        "max": [1, 0, 0, 3, 0],
        "min": [0, 1, 0, 3, 0],
        "first": [1, 0, 0, 3, 0],
        "last": [0, 0, 1, 0, 3],
        "std": [1.5**0.5 / 3, -(1.5**0.5) / 3, 0, 0, 0],
        "lse": [*np.exp(x[:3]) / np.exp(x[:3]).sum(), 1.5, 1.5],
    }
    for op, want in gradients.items():
        np.testing.assert_allclose(
            ref.segment_pool_backward([1, 2, 3], x, offsets, op)[0].astype(float), want, atol=1e-15
        )
    g = np.arange(6.0).reshape(3, 2)
    assert ref.segment_pool_backward(g, x, offsets, "kmax", k=2)[0].tolist() == [0, 0, 1, 4, 5]
    np.testing.assert_array_equal(ref.segment_pool([NAN, 5.0, NAN], [0, 3], "kmax", k=2)[1], [[0, 2]])
    assert ref.segment_pool([1.0, 3.0], [0, 2], "mean", weights=[3, 1]).tolist() == [1.5]
    grad, grad_w = ref.segment_pool_backward([1.0], [5.0, 7.0], [0, 2], "mean", weights=[3.0, 1.0])
    assert grad.tolist() == [0.75, 0.25] and grad_w.tolist() == [-0.125, 0.375]
    grad, grad_w = ref.segment_pool_backward([1.0], [5.0, 7.0], [0, 2], "sum", weights=[3.0, 1.0])
    assert grad.tolist() == [3, 1] and grad_w.tolist() == [5, 7]
    for wrong in ([1, 5], [0, 4], [0, 4, 2, 5]):
        with pytest.raises(ValueError):
            ref.segment_pool(x, wrong)


def test_statistics_and_attention_by_hand():
    x = np.array([[[1.0], [3.0], [9.0]], [[2.0], [9.0], [9.0]]])
    assert ref.stats_pool(x, lengths=[2, 1]).tolist() == [[2, 1], [2, 0]]
    assert ref.stats_pool(x, lengths=[2, 0], correction=1, empty=5).tolist() == [
        [2, np.sqrt(np.longdouble(2))],
        [5, 5],
    ]
    grad, none = ref.stats_pool_backward([[1.0, 2.0], [1, 1]], x, lengths=[2, 0])
    assert grad[..., 0].tolist() == [[-0.5, 1.5, 0], [0, 0, 0]] and none is None
    grad, grad_w = ref.stats_pool_backward([[1.0, 0.0], [0, 0]], x, lengths=[2, 1], weights=np.ones((2, 3)))
    assert grad_w.tolist() == [[-0.5, 0.5, 0], [0, 0, 0]]
    y, p = ref.attention_pool(x, np.zeros((2, 3)), lengths=[2, 0], empty=4)
    assert y.tolist() == [[2], [4]] and p[:, 0].tolist() == [0.5, 0.5, 0, 0, 0, 0]
    grad, slope = ref.attention_pool_backward([[4.0], [0.0]], x, np.zeros((2, 3)), lengths=[2, 1])
    assert grad[0, :, 0].tolist() == [2, 2, 0] and slope[0].tolist() == [-2, 2, 0]
    y, p = ref.attentive_stats_pool(x[0], query=[0.0])
    np.testing.assert_allclose(p[:, 0].astype(float), 1 / 3)
    grad, slope = ref.attention_pool_backward([1.0], x[0], query=[0.0])
    np.testing.assert_allclose(slope.astype(float), [x[0].var()])
    two, _ = ref.attention_pool(np.arange(4.0).reshape(2, 2), query=np.zeros((2, 1)))
    assert two.tolist() == [1, 2]


def test_reference_leaves_nan_out_of_whole_windows():
    x = np.array([1.0, np.nan, 3.0, 2.0])
    log_mean_exp = [1.0, np.log((np.exp(3.0) + np.exp(2.0)) / 2)]
    np.testing.assert_allclose(ref.lse_pool(x, 2, nd=1, omit_nan=True), log_mean_exp)
    values, indices = ref.stochastic_pool(x, np.array([0.5, 0.0]), 2, nd=1, omit_nan=True)
    assert (values.tolist(), indices.tolist()) == ([1.0, 3.0], [0, 2])
    values, indices = ref.range_pool(np.array([1, 5, 2, 2], np.int16), 2, nd=1, dtype=np.float32)
    assert (values.dtype, values.tolist()) == (np.dtype(np.float32), [4.0, 0.0])
