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
    if got.dtype == object or (op == "sum" and got.dtype.kind != "f"):
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
