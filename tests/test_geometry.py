"""Sizes and windows against counting by hand, and against PyTorch."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpool import _geometry
from cpool._geometry import (
    Axis,
    Plan,
    adaptive_plan,
    axis_bounds,
    convert_indices,
    global_plan,
    output_shape,
    unpool_plan,
    window_plan,
    windows,
)

TOP = 2**31 - 2  # the largest kernel, stride, padding, dilation and output size


def plan_of(
    shape, nd, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, include=None, divisor=None,
    last=False,
):
    return window_plan(shape, nd, kernel_size, stride, padding, dilation, ceil_mode, include, divisor, last)


def exact(value):
    """Whether a plan holds nothing but exact ints, bools, None and tuples of them."""
    if isinstance(value, tuple):
        return all(map(exact, value))
    return value is None or type(value) in (int, bool)


# ---- windows, by counting ----


def count_windows(n, kernel, stride, lo, hi, dilation, ceil_mode):
    """Number of windows, found by laying them one after the other; 0 if none has room."""
    extent, span = lo + n + hi, dilation * (kernel - 1) + 1
    if not ceil_mode:
        return sum(1 for start in range(0, extent, stride) if start + span <= extent)
    out = 1
    while (out - 1) * stride + span < extent:  # the last window has not reached the end
        out += 1
    return out - ((out - 1) * stride >= n + lo)


def check_taps(axis, n, kernel, stride, lo, hi, dilation):
    assert axis == Axis(n, axis.out, kernel, stride, dilation, lo, hi, False)
    for o in range(axis.out):
        taps = [o * stride - lo + j * dilation for j in range(kernel)]
        real = [tap for tap in taps if 0 <= tap < n]
        first, count, divisor = axis_bounds(axis, o)
        assert [first + j * dilation for j in range(count)] == real
        assert first == (real[0] if real else 0)
        assert divisor == sum(-lo <= tap < n + hi for tap in taps)
        assert exact((first, count, divisor))


small, amount = st.integers(1, 7), st.integers(0, 9)


@given(st.integers(1, 24), small, small, amount, amount, st.integers(1, 4), st.booleans())
def test_regular_windows(n, kernel, stride, lo, hi, dilation, ceil_mode):
    out = count_windows(n, kernel, stride, lo, hi, dilation, ceil_mode)
    arguments = (n,), 1, kernel, stride, ((lo, hi),), dilation, ceil_mode
    if out == 0:
        with pytest.raises(ValueError, match="kernel_size must leave room for a window in spatial axis 0"):
            plan_of(*arguments)
        return
    axis = plan_of(*arguments).axes[2]
    assert axis.out == out
    check_taps(axis, n, kernel, stride, lo, hi, dilation)


@given(st.integers(1, 24), small, small, st.integers(1, 4), st.booleans(), st.booleans())
def test_same(n, kernel, stride, dilation, lower, ceil_mode):
    out = ceil(Fraction(n, stride))
    total = 0  # the least padding with which as many windows have room
    while count_windows(n, kernel, stride, 0, total, dilation, False) < out:
        total += 1
    few, many = total // 2, total - total // 2
    lo, hi = (many, few) if lower else (few, many)
    axis = plan_of((n,), 1, kernel, stride, "same_lower" if lower else "same", dilation, ceil_mode).axes[2]
    assert axis.out == out
    check_taps(axis, n, kernel, stride, lo, hi, dilation)


@given(st.integers(1, 40), st.integers(0, 60))
def test_adaptive_windows(n, out):
    axis = adaptive_plan((n,), 1, out, False).axes[2]
    assert axis == Axis(n, out, 1, 1, 1, 0, 0, True)
    for o in range(out):
        start, stop = floor(Fraction(o * n, out)), ceil(Fraction((o + 1) * n, out))
        assert axis_bounds(axis, o) == (start, stop - start, stop - start)


@pytest.mark.parametrize("axis", [
    Axis(10, 6, 5, 2, 3, 4, 4, False), Axis(3, 9, 2, 1, 1, 4, 4, False), Axis(7, 5, 1, 1, 1, 0, 0, True),
])
def test_bounds_of_arrays(axis):
    columns = axis_bounds(axis, np.arange(axis.out), np.clip)
    assert [tuple(row) for row in np.transpose(columns)] == [axis_bounds(axis, o) for o in range(axis.out)]


def test_bounds_do_not_overflow():
    axis = Axis(2**40, TOP, 1, 1, 1, 0, 0, True)
    first, real, _ = axis_bounds(axis, TOP - 1)
    assert first + real == 2**40
    axis = plan_of((5,), 1, TOP, 1, TOP, 1).axes[2]
    assert axis_bounds(axis, 0) == (0, 0, TOP)
    assert axis_bounds(axis, TOP) == (0, 5, TOP)
    axis = plan_of((5,), 1, TOP - 1, 1, "same", TOP).axes[2]
    assert axis.out == 5 and axis.lo + axis.hi == TOP * (TOP - 2)
    assert axis_bounds(axis, 2) == (2, 1, TOP - 1)


# ---- plans ----


def test_canonical_form():
    one = Axis(1, 1, 1, 1, 1, 0, 0, False)
    plan = plan_of((2, 3, 8, 9), 2, (2, 3), (1, 2), ((1, 0), (0, 1)), (2, 1))
    height, width = Axis(8, 7, 2, 1, 2, 1, 0, False), Axis(9, 4, 3, 2, 1, 0, 1, False)
    assert plan == Plan(2, (2, 3, 8, 9), False, 6, (one, height, width), 1, (2, 3, 7, 4), True, None)
    assert plan.canonical_shape == (6, 1, 8, 9, 1)
    assert plan.canonical_out == (6, 1, 7, 4, 1)

    plan = plan_of((2, 8, 9, 3), 2, (2, 3), (1, 2), ((1, 0), (0, 1)), (2, 1), last=True)
    assert plan == Plan(2, (2, 8, 9, 3), True, 2, (one, height, width), 3, (2, 7, 4, 3), True, None)
    assert plan.canonical_shape == (2, 1, 8, 9, 3)
    assert plan.canonical_out == (2, 1, 7, 4, 3)

    assert plan_of((5,), 1, 2).axes[:2] == (one, one)
    assert plan_of((5,), 1, 2).outer == 1
    assert plan_of((4, 5, 6), 3, 2).canonical_out == (1, 2, 2, 3, 1)
    assert plan_of((4, 5), 1, 2, last=True).canonical_shape == (1, 1, 1, 4, 5)


def test_default_stride_is_the_kernel():
    assert plan_of((9, 9), 2, (2, 3)).axes[1:] == plan_of((9, 9), 2, (2, 3), (2, 3)).axes[1:]


def test_ceil_mode_drops_the_last_window():
    assert plan_of((5,), 1, 2, 2, 1, 1, True).out_shape == (3,)
    assert plan_of((5,), 1, 2, 2, 0, 1, True).out_shape == (3,)
    assert plan_of((1,), 1, 1, 1, ((0, 3),), 1, True).out_shape == (3,)
    assert plan_of((2,), 1, 5, 1, 0, 1, True).out_shape == (1,)  # at least one


def test_words_for_padding():
    assert plan_of((7,), 1, 3, 2, "valid", 1, True).axes == plan_of((7,), 1, 3, 2, 0, 1, True).axes
    assert plan_of((7,), 1, 3, 2, "same", 1, True) == plan_of((7,), 1, 3, 2, "same", 1, False)
    lower, upper = plan_of((7,), 1, 2, 1, "same_lower"), plan_of((7,), 1, 2, 1, "same")
    assert (lower.axes[2].lo, lower.axes[2].hi) == (1, 0)
    assert (upper.axes[2].lo, upper.axes[2].hi) == (0, 1)


def test_divisor():
    def include(padding, value):
        return plan_of((7,), 1, 3, 2, padding, include=value).include_pad

    assert all(include(padding, None) is True for padding in (0, 1, ((1, 2),), "valid"))
    assert all(include(padding, None) is False for padding in ("same", "same_lower"))
    assert include("same", True) is True
    assert include(1, np.False_) is False
    assert plan_of((7,), 1, 3).divisor is None
    assert plan_of((7,), 1, 3, divisor=-5).divisor == -5
    # explicitly padded taps count, what ceil_mode adds does not, and holes of a dilated window neither
    axis = plan_of((5,), 1, 3, 3, ((1, 1),), 1, True).axes[2]
    assert [axis_bounds(axis, o) for o in range(axis.out)] == [(0, 2, 3), (2, 3, 3)]
    axis = plan_of((5,), 1, 3, 2, ((0, 1),), 1, True).axes[2]
    assert [axis_bounds(axis, o) for o in range(axis.out)] == [(0, 3, 3), (2, 3, 3), (4, 1, 2)]
    axis = plan_of((3,), 1, 2, 1, 2, 3).axes[2]
    assert [axis_bounds(axis, o) for o in range(axis.out)] == [(1, 1, 2), (2, 1, 2), (0, 1, 2), (1, 1, 2)]


def test_leading_axes_may_be_empty():
    plan = plan_of((0, 3, 8, 8), 2, 2)
    assert (plan.outer, plan.out_shape) == (0, (0, 3, 4, 4))
    plan = plan_of((2, 8, 8, 0), 2, 2, last=True)
    assert (plan.inner, plan.out_shape) == (0, (2, 4, 4, 0))


@pytest.mark.parametrize("make", [
    lambda shape: plan_of(shape, 2, 2, padding=3),
    lambda shape: adaptive_plan(shape, 2, 0, False),
    lambda shape: global_plan(shape, 2, False, False),
    lambda shape: unpool_plan(shape, 2, 2, None, 0, None, False),
])
def test_spatial_axes_must_not_be_empty(make):
    with pytest.raises(ValueError, match=r"x must have spatial sizes of at least 1; got \(3, 0\) in"):
        make((2, 3, 0))
    with pytest.raises(ValueError, match=r"x must have at least 2 axes .* channels_first .* got .*\(3,\)"):
        make((3,))


def test_adaptive_output_sizes():
    assert adaptive_plan((2, 8, 9), 2, (None, 4), False).out_shape == (2, 8, 4)
    assert adaptive_plan((2, 8, 9), 2, None, False).out_shape == (2, 8, 9)
    assert adaptive_plan((2, 8, 9), 2, [0, 3], False).out_shape == (2, 0, 3)
    assert adaptive_plan((2, 8, 9, 5), 2, 20, True).out_shape == (2, 20, 20, 5)
    plan = adaptive_plan((2, 8, 9), 2, 3, False)
    assert (plan.include_pad, plan.divisor) == (False, None)


def test_global():
    plan = global_plan((2, 3, 8, 9), 2, False, False)
    assert plan.out_shape == (2, 3)
    assert plan.canonical_shape == (6, 1, 8, 9, 1)
    assert plan.canonical_out == (6, 1, 1, 1, 1)
    assert global_plan((2, 3, 8, 9), 2, False, True).out_shape == (2, 3, 1, 1)
    assert global_plan((2, 8, 9, 3), 2, True, False).out_shape == (2, 3)
    plan = global_plan((2, 3, 8, 9), 4, False, False)
    assert (plan.nd, plan.out_shape, plan.canonical_shape) == (3, (), (1, 2, 3, 72, 1))
    plan = global_plan((2, 3, 4, 5, 6, 7), 5, True, True)
    assert (plan.out_shape, plan.canonical_shape) == ((1, 1, 1, 1, 1, 7), (1, 2, 3, 120, 7))


def test_unpool():
    plan = unpool_plan((2, 3, 4, 5), 2, 2, None, 0, None, False)
    assert (plan.out_shape, plan.canonical_shape, plan.canonical_out) == (
        (2, 3, 8, 10), (6, 1, 4, 5, 1), (6, 1, 8, 10, 1))
    assert [(axis.n, axis.out) for axis in plan.axes] == [(1, 1), (8, 4), (10, 5)]
    plan = unpool_plan((2, 4, 5, 3), 2, 3, 2, ((1, 0), (1, 1)), None, True)
    assert (plan.out_shape, plan.canonical_out) == ((2, 8, 9, 3), (2, 1, 8, 9, 3))
    assert unpool_plan((4,), 1, 3, 2, "valid", None, False).out_shape == (9,)
    for size in [(9, 10), (2, 3, 9, 10), [7, 11], np.array([9, 9])]:
        plan = unpool_plan((2, 3, 4, 5), 2, 2, None, 0, size, False)
        assert plan.out_shape == (2, 3, *tuple(size)[-2:])
        assert exact(plan)
    assert unpool_plan((4, 4), 2, 2, None, 0, 9, False).out_shape == (9, 9)
    assert unpool_plan((2, 4, 3), 1, 2, None, 0, (2, 9, 3), True).out_shape == (2, 9, 3)


@pytest.mark.parametrize("size", [
    (6, 10), (8, 12), (9,), (9, 10, 3), (2, 4, 9, 10), (3, 3, 9, 10), 2**31, 10**400, (-8, 10), 0,
])
def test_unpool_refuses_sizes(size):
    with pytest.raises(ValueError, match=r"output_size must be None, 2 ints from \(7, 9\) to \(9, 11\)"):
        unpool_plan((2, 3, 4, 5), 2, 2, None, 0, size, False)


def test_unpool_refuses():
    with pytest.raises(ValueError, match="output_size"):
        unpool_plan((2, 4, 3), 1, 2, None, 0, (2, 9, 4), True)
    with pytest.raises(TypeError, match="output_size"):
        unpool_plan((2, 4, 3), 1, 2, None, 0, (9.0,), False)
    with pytest.raises(ValueError, match=r"padding must be an int, 1 int or 1 .* or 'valid'; got 'same'"):
        unpool_plan((4,), 1, 2, None, "same", None, False)
    with pytest.raises(ValueError, match=r"padding must leave an output .* got an output of \(0,\)"):
        unpool_plan((2,), 1, 2, None, 2, None, False)
    assert unpool_plan((2,), 1, 2, None, 2, 1, False).out_shape == (1,)


def test_plans_are_exact_and_hashable():
    same = [
        plan_of((1, 8, 8), 2, kernel, kernel, padding, 1, False, include=True, divisor=divisor)
        for kernel, padding, divisor in [
            (2, 1, 4), (np.int8(2), np.uint64(1), np.int16(4)), ([2, 2], ((1, 1), (1, 1)), 4),
            (np.array([2, 2]), np.ones((2, 2), int), 4), (np.array(2), [1, np.int32(1)], 4),
        ]
    ]
    assert len(set(same)) == 1
    assert len({id(plan) for plan in same}) == 1  # found in the cache
    for plan in [
        *same, plan_of((1, 8, 8), 2, np.int64(2)), adaptive_plan((8,), 1, np.int64(3), False),
        adaptive_plan((8,), 1, None, np.bool_(False)), global_plan((8, 8), 2, False, np.True_),
    ]:
        assert exact(plan._replace(channels_last=False))
        hash(plan)


@pytest.mark.parametrize("wrong", [2.0, True, "2", None, (2.0, 2), (True, 2)])
def test_a_good_call_does_not_let_an_equal_wrong_one_in(wrong):
    plan_of((8, 8), 2, 2)
    plan_of((8, 8), 2, 1)
    plan_of((8, 8), 2, 2, 1, 1, 1, True)
    with pytest.raises(TypeError, match="kernel_size"):
        plan_of((8, 8), 2, wrong)
    with pytest.raises(TypeError, match="input_shape must be a shape"):
        output_shape((8.0, 8), 2, 2)
    with pytest.raises(TypeError, match="ceil_mode"):
        plan_of((8, 8), 2, 2, 1, 1, 1, 1)
    with pytest.raises(TypeError, match="count_include_pad"):
        plan_of((8, 8), 2, 2, include=1)


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation"])
@pytest.mark.parametrize("value", [2**31 - 1, 2**31, 2**63, 2**64, 10**400, -1, -(2**63)])
def test_sizes_out_of_range(name, value):
    for given_ in (value, (1, value), value**13):  # the last has more digits than Python likes to print
        with pytest.raises(ValueError, match=f"{name} must be an int"):
            plan_of((8, 8), 2, **{"kernel_size": 2, name: given_})


def test_the_largest_sizes_are_legal():
    assert plan_of((8,), 1, 1, TOP, TOP).out_shape == (3,)
    assert plan_of((8,), 1, TOP, 1, TOP).out_shape == (TOP + 9,)
    assert plan_of((8,), 1, TOP, 1, "same", TOP).out_shape == (8,)
    assert adaptive_plan((8,), 1, TOP, False).out_shape == (TOP,)
    assert adaptive_plan((2**40,), 1, None, False).out_shape == (2**40,)
    with pytest.raises(ValueError, match="kernel_size must leave room"):
        plan_of((8,), 1, TOP, 1, TOP, TOP)


# ---- PyTorch ----


@pytest.fixture(scope="module")
def functional():
    torch = pytest.importorskip("torch")
    return torch, torch.nn.functional


@given(data=st.data())
def test_sizes_as_torch(functional, data):
    torch, F = functional
    nd = data.draw(st.integers(1, 3))
    several = st.tuples(*[small] * nd)
    sizes = data.draw(st.tuples(*[st.integers(1, 20)] * nd))
    kernel, stride, dilation = data.draw(several), data.draw(several), data.draw(several)
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)  # PyTorch's limit
    ceil_mode = data.draw(st.booleans())
    shape = (2, 3, *sizes)
    pool = getattr(F, f"max_pool{nd}d")
    try:
        theirs = pool(torch.empty(shape, device="meta"), kernel, stride, padding, dilation, ceil_mode).shape
    except RuntimeError:
        theirs = None  # too small; PyTorch also says so in ceil_mode
    try:
        ours = output_shape(shape, kernel, stride, padding, dilation, ceil_mode)
    except ValueError:
        ours = None
    if theirs is None and ceil_mode:
        spans = [d * (k - 1) + 1 - 2 * p for d, k, p in zip(dilation, kernel, padding, strict=True)]
        assert any(span > n for span, n in zip(spans, sizes, strict=True))
        return
    assert ours == (theirs if theirs is None else tuple(theirs))


@given(st.integers(1, 15), st.integers(1, 25))
def test_adaptive_as_torch(functional, n, out):
    torch, F = functional
    # pooling unit vectors shows which windows an element belongs to
    member = F.adaptive_avg_pool1d(torch.eye(n)[:, None], out)[:, 0].T > 0
    axis = adaptive_plan((n,), 1, out, False).axes[2]
    for o in range(out):
        first, taps, _ = axis_bounds(axis, o)
        assert torch.nonzero(member[o]).ravel().tolist() == list(range(first, first + taps))


@given(data=st.data())
def test_unpool_sizes_as_torch(functional, data):
    torch, F = functional
    nd = data.draw(st.integers(1, 3))
    sizes, kernel, stride = (data.draw(st.tuples(*[st.integers(1, 4)] * nd)) for _ in range(3))
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    wanted = data.draw(st.none() | st.tuples(*[st.integers(1, 20)] * nd))
    full = data.draw(st.booleans())
    shape = (1, 2, *sizes)
    given_ = (1, 2, *wanted) if wanted and full else wanted
    x = torch.zeros(shape)
    assume(all((n - 1) * s + k > 2 * p for n, s, k, p in zip(sizes, stride, kernel, padding, strict=True)))
    try:
        theirs = getattr(F, f"max_unpool{nd}d")(x, x.long(), kernel, stride, padding, given_).shape
    except (ValueError, RuntimeError):
        with pytest.raises(ValueError):
            unpool_plan(shape, nd, kernel, stride, padding, given_, False)
    else:
        assert unpool_plan(shape, nd, kernel, stride, padding, given_, False).out_shape == tuple(theirs)


# ---- output_shape and windows ----


def test_output_shape():
    assert output_shape((224, 224), 2) == (112, 112)
    assert output_shape([1, 64, 224, 224], 2) == (1, 64, 112, 112)
    assert output_shape((7,), 3, 2) == (3,)
    assert output_shape((7, 5), 3, 2, data_format="channels_last") == (3, 5)
    assert output_shape((2, 8, 5), 3, 2, data_format="channels_last") == (2, 3, 5)
    assert output_shape((3, 8, 8), 2, data_format="NCHW") == (3, 4, 4)
    assert output_shape((3, 8, 8), (2, 2)) == (3, 4, 4)
    assert output_shape((3, 8, 8), 2, (1, 1)) == (3, 7, 7)
    assert output_shape((3, 8, 8), 2, padding=((0, 0), (1, 1))) == (3, 4, 5)
    assert output_shape((3, 8, 8), 2, dilation=[1, 2]) == (3, 4, 3)
    assert output_shape((2, 3, 4, 8, 8), 2) == (2, 3, 2, 4, 4)
    assert output_shape((2, 0, 8), 2, ceil_mode=True) == (2, 0, 4)
    assert output_shape((8, 56, 56, 32), 3, 2, "same", data_format="NHWC") == (8, 28, 28, 32)
    assert output_shape((1, 1, 4, 4), 1, 1, 10**6) == (1, 1, 2000004, 2000004)  # nothing is allocated
    assert exact(output_shape(np.array([1, 1, 4, 4]), np.int64(2)))


def test_output_shape_refuses():
    with pytest.raises(TypeError, match="input_shape must be a shape"):
        output_shape(5, 2)
    with pytest.raises(TypeError, match="input_shape must be a shape"):
        output_shape((5.0,), 2)
    with pytest.raises(ValueError, match="input_shape must be a shape"):
        output_shape((-5,), 2)
    with pytest.raises(ValueError, match="input_shape must be a shape"):
        output_shape((2**63,), 2)
    with pytest.raises(ValueError, match="input_shape must have 1 to 3 spatial axes"):
        output_shape((), 2)
    with pytest.raises(ValueError, match="input_shape must have 1 to 3 spatial axes"):
        output_shape((5,), 2, data_format="channels_last")
    with pytest.raises(ValueError, match="input_shape must have 1 to 3 spatial axes"):
        output_shape((1, 2, 3, 4, 5, 6), 2)
    with pytest.raises(ValueError, match="kernel_size must be an int or 1 to 3 entries"):
        output_shape((1, 2, 3, 4, 5, 6), (2, 2, 2, 2))
    with pytest.raises(ValueError, match="stride must be an int or 2 ints"):
        output_shape((1, 2, 3, 4), (2, 2), (1,))
    with pytest.raises(ValueError, match="input_shape must have spatial sizes"):
        output_shape((1, 2, 3, 0), 2)
    with pytest.raises(ValueError, match="data_format"):
        output_shape((1, 2, 3, 4), 2, data_format="NCHWW")
    with pytest.raises(ValueError, match="input_shape must have at least 2 axes"):
        output_shape((4,), 2, data_format="NCHW")


def test_windows():
    height, width = windows((4, 5), (3, 2), (1, 2), ((2, 0), (0, 1)), (2, 1), True)
    assert height.step == 2 and width.step == 1
    assert [a.tolist() for a in (height.first, height.taps, height.divisor)] == [[0, 1], [2, 2], [3, 3]]
    assert [a.tolist() for a in (width.first, width.taps, width.divisor)] == [[0, 2, 4], [2, 2, 1], [2, 2, 2]]
    for array in (height.first, height.taps, height.divisor):
        assert array.dtype == np.int64
    (axis,) = windows((8, 9, 3), 2, data_format="channels_last")
    assert axis.first.tolist() == [0, 2, 4, 6]
    (axis,) = windows((1,), 1, 1, 2)  # windows without a tap
    assert [a.tolist() for a in (axis.first, axis.taps, axis.divisor)] == [[0] * 5, [0, 0, 1, 0, 0], [1] * 5]
    first, taps, step, divisor = windows((5,), 3, 2, "same")[0]
    assert (first.tolist(), taps.tolist(), step, divisor.tolist()) == ([0, 1, 3], [2, 3, 2], 1, [3, 3, 3])


@given(st.integers(1, 24), small, small, amount, amount, st.integers(1, 4))
def test_windows_are_the_bounds(n, kernel, stride, lo, hi, dilation):
    arguments = kernel, stride, ((lo, hi),), dilation, True
    (found,) = windows((n,), *arguments)
    axis = plan_of((n,), 1, *arguments).axes[2]
    assert list(zip(*(a.tolist() for a in (found.first, found.taps, found.divisor)), strict=True)) == [
        axis_bounds(axis, o) for o in range(axis.out)
    ]


def test_windows_of_a_huge_output():
    with pytest.raises(MemoryError, match="the windows' bounds of shape"):
        windows((2**50,), 1, 1)


# ---- convert_indices ----


def planes_of(rng, lead, sizes, out, channels):
    """Random indices in channels-first (leading, spatial) order, a few of them -1."""
    indices = rng.integers(0, np.prod(sizes), (*lead, *channels, *out))
    indices[rng.random(indices.shape) < 0.2] = -1
    return indices


@pytest.mark.parametrize("lead, channels, sizes, out, name", [
    ((2,), (3,), (7,), (4,), ("NCW", "NWC")),
    ((2,), (3,), (5, 7), (2, 3), ("NCHW", "NHWC")),
    ((), (3,), (5, 7), (2, 3), ("NCHW", "NHWC")),
    ((4, 2), (3,), (5, 7), (2, 3), ("NCHW", "NHWC")),
    ((2,), (1,), (3, 5, 7), (2, 3, 4), ("NCDHW", "NDHWC")),
    ((0,), (3,), (5, 7), (2, 3), ("NCHW", "NHWC")),
    ((2,), (0,), (5, 7), (2, 3), ("NCHW", "NHWC")),
])
def test_conversions(lead, channels, sizes, out, name):
    rng = np.random.default_rng(1)
    first = planes_of(rng, lead, sizes, out, channels)
    x = np.arange(np.prod(lead + channels + sizes)).reshape(lead + channels + sizes)  # element k holds k
    image_last = np.moveaxis(np.arange(np.prod(sizes + channels)).reshape(sizes + channels), -1, 0)
    onnx, tensorflow = first.copy(), first.copy()
    for place in np.ndindex(first.shape):
        if first[place] >= 0:
            where = place[: len(lead) + 1]
            onnx[place] = x[where].ravel()[first[place]]
            tensorflow[place] = image_last[where[-1]].ravel()[first[place]]
    known = {"torch": first, "onnx": onnx, "tensorflow": tensorflow}
    for last in (False, True):
        shape = lead + sizes + channels if last else lead + channels + sizes
        for source, theirs in known.items():
            for target, expected in known.items():
                given_ = np.moveaxis(theirs, len(lead), -1) if last else theirs
                got = convert_indices(given_, shape, source=source, target=target, data_format=name[last])
                assert got.dtype == np.int64
                assert got is not given_ and not np.shares_memory(got, given_)
                np.testing.assert_array_equal(np.moveaxis(got, -1, len(lead)) if last else got, expected)


def test_conversion_of_plain_planes():
    indices = np.array([[3, -1]], np.int32)
    for target in ("torch", "onnx", "tensorflow"):
        got = convert_indices(indices, (4, 5), target=target)
        assert got.dtype == np.int64 and got.tolist() == [[3, -1]]
    assert convert_indices([[[1], [1]]], (1, 2, 2)).tolist() == [[[1], [3]]]
    got = convert_indices([[[1, 1]]], (1, 2, 2), target="onnx", data_format="channels_last")
    assert got.tolist() == [[[1, 3]]]


@pytest.mark.parametrize("source, wrong", [
    ("torch", 35), ("torch", -2), ("torch", 2**63 - 1), ("torch", -(2**63)),
    ("onnx", 34), ("onnx", 70), ("onnx", -2), ("onnx", 2**63 - 1), ("onnx", -(2**63)),
    ("tensorflow", 9), ("tensorflow", 105), ("tensorflow", 106), ("tensorflow", -2),
    ("tensorflow", 2**63 - 1), ("tensorflow", -(2**63)),
])
def test_indices_out_of_range(source, wrong):
    indices = np.full((1, 3, 1, 1), -1)
    indices[0, 1] = wrong  # the plane of channel 1 of 3
    with pytest.raises(ValueError, match=rf"indices must be -1 or lie in .*{source}.* got {wrong}"):
        convert_indices(indices, (1, 3, 5, 7), source=source)


def test_convert_indices_refuses():
    indices = np.zeros((2, 3, 1, 1), int)
    with pytest.raises(ValueError, match="source"):
        convert_indices(indices, (2, 3, 5, 7), source="numpy")
    with pytest.raises(TypeError, match="target"):
        convert_indices(indices, (2, 3, 5, 7), target=None)
    with pytest.raises(ValueError, match=r"indices must have the shape \(2, 4, any, any\)"):
        convert_indices(indices, (2, 4, 5, 7))
    with pytest.raises(ValueError, match="indices must have the shape"):
        convert_indices(indices, (2, 3, 5, 7, 1))
    with pytest.raises(ValueError, match=r"indices must have the shape \(2, any, any, 4\)"):
        convert_indices(indices, (2, 3, 5, 4), data_format="NHWC")
    with pytest.raises(TypeError, match="indices"):
        convert_indices(indices.astype(float), (2, 3, 5, 7))
    with pytest.raises(TypeError, match="indices"):
        convert_indices(indices.astype(bool), (2, 3, 5, 7))
    with pytest.raises(ValueError, match="input_shape must be small enough for int64 indices"):
        convert_indices(np.zeros((0, 1, 1), int), (0, 2**40, 2**40), data_format="NCHW")
    with pytest.raises(ValueError, match="input_shape must have spatial sizes"):
        convert_indices(indices, (2, 3, 5, 0))
    with pytest.raises(ValueError, match=r"indices must be below 2\*\*63"):
        convert_indices(np.full((1,), 2**63, np.uint64), (5,))


def test_module_has_one_size_rule():
    """`output_shape` and the plans agree because they are the same call."""
    assert output_shape((2, 3, 9, 9), 3, 2, 1) == plan_of((2, 3, 9, 9), 2, 3, 2, 1).out_shape
    assert _geometry._window_plan.cache_info().maxsize < 10_000


# ---- windows that are drawn or listed ----


def test_listed_plan():
    plan = _geometry.listed_plan((2, 3, 7, 9), 2, (2, 0), (4, 5), False)
    assert plan.out_shape == (2, 3, 4, 5) and (plan.outer, plan.inner) == (6, 1)
    assert [(a.n, a.out, a.kernel) for a in plan.axes] == [(1, 1, 1), (7, 4, 2), (9, 5, 0)]
    assert _geometry.listed_plan((2, 7, 3), 1, (2,), (4,), True).out_shape == (2, 4, 3)


@pytest.mark.parametrize(
    "u, dtype, starts",
    [(0.5, "f8", [0, 2, 4, 5]), (0, "f8", [0, 1, 3, 5]), (1, "f4", [0, 2, 4, 5]), (0.5, "f2", [0, 2, 4, 5])],
)
def test_fractional_starts(u, dtype, starts):
    """7 elements, 4 windows of 2: steps of 5/3."""
    samples = np.array([u, u], dtype)
    assert _geometry.fractional_starts(samples, 7, 2, 4).tolist() == [starts, starts]


def test_fractional_starts_at_the_bounds():
    assert _geometry.fractional_starts(np.array([0.3]), 9, 4, 1).tolist() == [[5]]
    assert _geometry.fractional_starts(np.array([0.3]), 9, 1, 9).tolist() == [list(range(9))]
    # three digits of float16 cannot hold positions near 3000: rounded beyond the last window, held there
    starts = _geometry.fractional_starts(np.array([0.9], np.float16), 3000, 2, 2500)[0]
    assert starts.max() == 2998 and (np.diff(starts) >= 0).all()


def test_strips():
    edges, kept = _geometry.grid_strips(11, 2, 4)
    assert edges.tolist() == [0, 4, 11] and kept == 2
    start, stop = _geometry.strip_cells(edges, kept)
    assert (start.tolist(), stop.tolist()) == ([0, 2, 4, 7], [2, 4, 8, 11])
    start, stop = _geometry.same_windows(np.array([0, 3, 10]), 11, 4)
    assert (start.tolist(), stop.tolist()) == ([0, 2, 9], [3, 6, 11])
