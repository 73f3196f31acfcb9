"""Answers that a change of one sign, name or number in `_geometry` would change: docs/trust/mutation.md."""

import re

import numpy as np
import pytest

from cpool import _geometry
from cpool._geometry import Axis, convert_indices

SHAPE = (2, 3, 8)


def window(kernel=2, ceil_mode=False, include=None):
    return _geometry.window_plan(SHAPE, 1, kernel, None, 0, 1, ceil_mode, include, None, False)


@pytest.mark.parametrize("words, call", [
    ("ceil_mode", lambda: window(ceil_mode=2)),
    ("count_include_pad", lambda: window(include=2)),
    ("keepdims", lambda: _geometry.global_plan(SHAPE, 1, False, 2)),
    ("y", lambda: _geometry.adaptive_plan((), 1, 1, False, "y")),
    ("y", lambda: _geometry.global_plan((), 1, False, False, "y")),
    ("y", lambda: _geometry.unpool_plan((), 1, 2, None, 0, None, False, "y")),
    ("y", lambda: _geometry.listed_plan((), 1, (1,), (1,), False, "y")),
    ("x", lambda: _geometry.listed_plan((), 1, (1,), (1,), False)),
    ("kernel_size", lambda: _geometry.unpool_plan(SHAPE, 1, 0, None, 0, None, False)),
    ("stride", lambda: _geometry.unpool_plan(SHAPE, 1, 2, 0, 0, None, False)),
    ("source", lambda: convert_indices(np.zeros(SHAPE, np.int64), SHAPE, source="no")),
    ("target", lambda: convert_indices(np.zeros(SHAPE, np.int64), SHAPE, target="no")),
])
def test_a_message_begins_with_its_argument(words, call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert re.match(rf"{words}\b", str(caught.value)), caught.value


def test_a_window_that_is_too_large_says_all_sizes():
    with pytest.raises(ValueError, match="kernel_size") as caught:
        _geometry.window_plan((1, 1, 9), 1, 30, 1, ((3, 4),), 1, False, None, None, False)
    assert {"9", "30", "3", "4"} <= set(re.findall(r"\d+", str(caught.value)))


@pytest.mark.parametrize("last", [False, True])
def test_plans_hold_what_they_were_given(last):
    shape = (2, 8, 3) if last else SHAPE
    out = (2, 1, 3) if last else (2, 3, 1)
    for plan, want in (
        (_geometry.adaptive_plan(shape, 1, 1, last), out),
        (_geometry.listed_plan(shape, 1, (2,), (1,), last), out),
        (_geometry.unpool_plan(shape, 1, 2, None, 0, None, last), (2, 16, 3) if last else (2, 3, 16)),
    ):
        assert (plan.nd, plan.shape, plan.out_shape, plan.channels_last) == (1, shape, want, last)
    plan = _geometry.global_plan(shape, 1, last, True)
    assert (plan.nd, plan.shape, plan.out_shape, plan.channels_last) == (1, shape, out, last)


def test_global_windows_over_four_axes():
    plan = _geometry.global_plan((1, 1, 2, 3, 4, 5), 4, False, False)
    assert [axis.n for axis in plan.axes] == [2, 3, 20] and plan.nd == 3


def test_listed_windows_have_no_stride_of_their_own():
    plan = _geometry.listed_plan(SHAPE, 1, (2,), (4,), False)
    assert plan.axes[-1] == Axis(8, 4, 2, 1, 1, 0, 0, False)
    for kernels, outs in (((2, 2), (4,)), ((2,), (4, 4))):
        with pytest.raises(ValueError):
            _geometry.listed_plan(SHAPE, 1, kernels, outs, False)


def test_unpooling_by_one():
    plan = _geometry.unpool_plan(SHAPE, 1, 1, 1, 0, None, False)
    assert plan.out_shape == SHAPE


def test_starts_of_fractional_windows():
    for dtype in (np.float32, np.float64):
        found = _geometry.fractional_starts(np.array([0.25, 0.9], dtype), 9, 3, 2)
        assert found.dtype == np.int64 and found.tolist() == [[0, 6], [0, 6]]
        assert _geometry.fractional_starts(np.array([0.5], dtype), 9, 3, 1).tolist() == [[6]]
    # in short floats a window would begin past the last one
    starts = _geometry.fractional_starts(np.linspace(0, 1, 999, dtype=np.float16), 3000, 2, 2998)
    assert starts.max() == 2998 and starts.dtype == np.int64


def test_strips():
    edges, kept = _geometry.grid_strips(11, 2, 4)
    assert edges.tolist() == [0, 4, 11] and edges.dtype == np.int64 and (kept, type(kept)) == (2, int)
    edges, kept = _geometry.grid_strips(8, 1, 1)
    assert edges.tolist() == list(range(9)) and kept == 1


@pytest.mark.parametrize("kernel", range(1, 9))
def test_windows_of_the_same_size(kernel):
    n, at = 12, np.arange(12)
    start, stop = _geometry.same_windows(at, n, kernel)
    for i in range(n):
        taps = [j for j in range(i - (kernel - 1) // 2, i - (kernel - 1) // 2 + kernel) if 0 <= j < n]
        assert (start[i], stop[i]) == (taps[0], taps[-1] + 1)


def test_windows_are_in_64_bits():
    (axis,) = _geometry.windows((7,), 2)
    assert axis.first.dtype == axis.taps.dtype == axis.divisor.dtype == np.int64
