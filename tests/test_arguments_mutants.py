"""Limits, types and corners of `_arguments` that one changed name or number moves: docs/trust/mutation.md."""

import builtins
import io
import sys
import warnings

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import cpool._dlpack
from cpool import _arguments as arguments

LIMIT = 2**31 - 1
INF = float("inf")
BOOL, INT, F32, F64 = map(np.dtype, ("bool", "int64", "float32", "float64"))
SWAPPED = F32.newbyteorder()


def alike(found, want):
    """Equal, and of the same types all the way down."""
    if type(found) is not type(want):
        return False
    if isinstance(want, np.ndarray):
        return found.dtype == want.dtype and found.dtype.isnative and np.array_equal(found, want)
    if isinstance(want, (tuple, list)):
        return len(found) == len(want) and all(map(alike, found, want))
    return found == want and str(found) == str(want)


ACCEPTED = [
    (arguments.int_value, (1, "k", 1, 9), 1),
    (arguments.int_value, (8, "k", 1, 9), 8),
    (arguments.int_tuple, (LIMIT - 1, 2, "stride", 1), (LIMIT - 1,) * 2),
    (arguments.int_tuple, ([1, LIMIT - 1], 2, "stride", 1), (1, LIMIT - 1)),
    (arguments.int_tuple, (np.int8(1), 1, "stride", 1), (1,)),
    (arguments.parse_output_size, (None, (5, 6)), (5, 6)),
    (arguments.parse_output_size, ((0, LIMIT - 1), (5, 6)), (0, LIMIT - 1)),
    (arguments.parse_output_size, ((None, np.uint8(2)), (5, 6)), (5, 2)),
    (arguments.parse_unpool_size, (None, (4, 1), (2, 2), (), ()), (4, 1)),
    (arguments.parse_unpool_size, ((3, 6), (4, 6), (2, 1), (7,), ()), (3, 6)),
    (arguments.parse_unpool_size, ((5, 6), (4, 6), (2, 1), (7,), ()), (5, 6)),
    (arguments.parse_unpool_size, ((7, 5, 6, 8), (4, 6), (2, 1), (7,), (8,)), (5, 6)),
    (arguments.parse_unpool_size, ((8, 7, 3), (3,), (2,), (8, 7), ()), (3,)),
    (arguments.parse_unpool_size, ((4, 4), (4, 4), (2, 2), (), ()), (4, 4)),
    (arguments.parse_unpool_size, (4, (4, 4), (2, 2), (1, 1), ()), (4, 4)),
    (arguments.parse_unpool_size, ((1,), (1,), (3,), (), ()), (1,)),
    (arguments.parse_unpool_size, ((3,), (1,), (3,), (), ()), (3,)),
    (arguments.parse_padding, (0, 2), ((0, 0), (0, 0))),
    (arguments.parse_padding, ("valid", 2), ((0, 0), (0, 0))),
    (arguments.parse_padding, (np.str_("same_lower"), 2), "same_lower"),
    (arguments.parse_padding, ((0, LIMIT - 1), 2), ((0, 0), (LIMIT - 1, LIMIT - 1))),
    (arguments.parse_padding, (((0, LIMIT - 1), [1, 2]), 2), ((0, LIMIT - 1), (1, 2))),
    (arguments.parse_shape, ((2**62, 0),), (2**62, 0)),
    (arguments.parse_shape, ([1] * 64,), (1,) * 64),
    (arguments.parse_divisor, (1,), 1),
    (arguments.parse_divisor, (-1,), -1),
    (arguments.parse_divisor, (1 - 2**63,), 1 - 2**63),
    (arguments.parse_threads, (1,), 1),
    (arguments.flag, (np.False_, "keepdims"), False),
    (arguments.parse_choice, (np.str_("a"), ("a", "b"), "word"), "a"),
    (arguments.real_value, (0, "q", "a number", 0, 1), 0.0),
    (arguments.real_value, (1, "q", "a number", 0, 1), 1.0),
    (arguments.parse_norm_type, (INF,), INF),
    (arguments.parse_rank, (1 - LIMIT, None, "linear"), (1 - LIMIT, None, "linear")),
    (arguments.parse_rank, (LIMIT - 1, None, "linear"), (LIMIT - 1, None, "linear")),
    (arguments.parse_rank, (None, 0, "lower"), (None, 0.0, "lower")),
    (arguments.parse_rank, (None, np.float32(1), "higher"), (None, 1.0, "higher")),
    (arguments.parse_correction, (-1.5,), -1.5),
    (arguments.parse_label, (False, BOOL), 0),
    (arguments.parse_label, (np.True_, BOOL), 1),
    (arguments.parse_label, (255, np.dtype("uint8")), 255),
    (arguments.parse_label, (-128, np.dtype("int8")), -128),
    (arguments.parse_spatial_ndim, (1, 4, "channels_first"), 1),
    (arguments.parse_spatial_ndim, (4, 4, "channels_first"), 4),
    (arguments.parse_spatial_ndim, (3, 4, "channels_last"), 3),
    (arguments.parse_spatial_ndim, (None, 3, "channels_last"), 1),
    (arguments.check_axis, (-4, 4, 1), (0,)),
    (arguments.check_axis, ((3, -4), 4, 2), (3, 0)),
    (arguments.split_shape, ((3, 1, 2), 1, True), ((3,), (1,), (2,))),
    (arguments.result_dtype, ("median", "float64", INT, "same"), F64),
    (arguments.result_dtype, ("median", None, SWAPPED, "same"), F32),
    (arguments.result_dtype, ("median", None, INT, "float64"), F64),
    (arguments.parse_index_dtype, ("int32", 2**31), np.dtype("int32")),
    (arguments.as_weights, ("avg", np.ones(2, "i2"), (2,), F32, None, F32), np.ones(2, "f4")),
    (arguments.as_weights, ("avg", np.ones(2, "i4"), (2,), F32, None, F32), np.ones(2, "f8")),
    (arguments.as_indices, (np.array([2**63 - 1], "u8"), "indices", (1,)), np.array([2**63 - 1])),
    (arguments.split_out, ((1, 2), True), (1, 2)),
    (arguments.split_out, ((1, 2), False), ((1, 2), None)),
    (arguments.count_gates, (np.ones((3, 2)), 1), 3),
    (arguments.check_index_layout, ((1, 2, 9, 9), (1, 2), 2, (), (1, 2, 3, 3)), None),
    (arguments.check_index_layout, ((1, 9, 9, 2), (1,), 2, (2,), (1, 3, 3, 2)), None),
    (arguments.check_index_layout, ((2**63 - 1,), (), 1, (), (2**63 - 1,)), None),
    (arguments.check_index_layout, ((0, 5), (0,), 1, (), (0, 2**62)), None),
    (arguments.check_images, ((1, 2, 1, LIMIT - 1), False), (1, 2, 1, LIMIT - 1)),
    (arguments.check_images, ((LIMIT - 1, 1, 2), True), (1, 2, LIMIT - 1, 1)),
    (arguments.parse_sampling, (2**15 - 1,), 2**15 - 1),
    (arguments.parse_sampling, (-1,), 0),
    (arguments.split_channels, (12, (2, 3)), 2),
    (arguments.parse_fraction, (1, None, (9,), (2,)), (1,)),
    (arguments.parse_fraction, (8, None, (9,), (2,)), (8,)),
    (arguments.parse_fraction, (None, np.array([0.5, 0.25]), (9, 9), (2, 2)), (4, 2)),
    (arguments.parse_grid, (1, 1, (2,), (9,)), ((1,), (1,))),
    (arguments.parse_grid, (3, 9, (2,), (9,)), ((3,), (9,))),
    (arguments.parse_positions, ([3], (9,)), (np.array([3]),)),
    (arguments.parse_positions, ([[0, 4, 4, 8]], (9,)), (np.array([0, 4, 4, 8]),)),
    (arguments.parse_positions, (([0], np.array([1, 2], "u1")), (9, 9)), (np.array([0]), np.array([1, 2]))),
    (arguments.parse_samples, ([0.0, 1.0], (2,), 2, 9), np.array([0.0, 1.0])),
    (arguments.parse_samples, (0.5, (2,), 2, 9), np.array([0.5, 0.5])),
    (arguments.parse_samples, ([[[0.5]]], (2,), 3, 9), np.full(3, 0.5)),
    (arguments.parse_samples, ([[0.5], [0.25]], (2,), 2, 9), np.array([[0.5, 0.5], [0.25, 0.25]])),
    (arguments.parse_samples, (np.array([[0.5], [0.25]], SWAPPED), (2,), 1, 9),
     np.array([[0.5], [0.25]], F32)),
    (arguments.parse_boundaries, ([[0, 3, 5]], (), (9,)), [(np.array([0, 3]), np.array([3, 5]))]),
    (arguments.parse_boundaries, ([[[3, 5], [3, 6], [4, 6]]], (), (9,)),
     [(np.array([3, 3, 4]), np.array([5, 6, 6]))]),
    (arguments.parse_boundaries, ([np.array([[0, 1, 9], [2, 3, 4]], "u1")], (2,), (9,)),
     [(np.array([[0, 1], [2, 3]]), np.array([[1, 9], [3, 4]]))]),
    (arguments.parse_boundaries, ([[[[0, 1]], [[2, 3]]]], (2, 2), (9,)),
     [(np.array([[[0], [0]], [[2], [2]]]), np.array([[[1], [1]], [[3], [3]]]))]),
    (arguments.as_element, (2.0, INT, "cval"), np.array(2)),
]


@pytest.mark.parametrize("function, given, want", ACCEPTED, ids=[
    f"{function.__name__}-{i}" for i, (function, *_) in enumerate(ACCEPTED)])
def test_values(function, given, want):
    found = function(*given)
    assert alike(found, want), found


@pytest.mark.parametrize("several, want", [((1,), 1), ([1, 1, 1], 3), (np.ones(2), 2), (7, 2)])
def test_spatial_axes_by_what_is_given_for_each(several, want):
    assert alike(arguments.infer_nd((1, 2, 3, 4), "channels_first", kernel_size=2, stride=several), want)


@pytest.mark.parametrize("length", [200, 201])
def test_what_was_given_is_shown_in_200_characters(length):
    given = ["a" * 62, "b" * 62, "c" * (length - 136)]
    assert len(repr(given)) == length
    want = repr(given) if length == 200 else repr(given)[:197] + "..."
    assert str(arguments.convert_error(TypeError, "x", "none", given)) == f"x must be none; got {want}"


def test_as_many_sizes_of_a_block_as_axes():
    for check in arguments.check_blocks, arguments.check_whole_blocks:
        with pytest.raises(ValueError):
            check((4, 6), (2,))


def test_boxes():
    corners = [[0.0, 1, 2, 3], [4, 5, 6, 7]]
    for boxes, batch, images, want in [
        ([[[0, 1, 2, 3]], [[4, 5, 6, 7]]], None, 2, [0, 1]),
        ([[0, 1, 2, 3], [4, 5, 6, 7]], None, 1, [0, 0]),
        ([[1, 0, 1, 2, 3], [0, 4, 5, 6, 7]], None, 2, [1, 0]),
        (np.array(corners, "f4"), np.array([1, 0], "u1"), 2, [1, 0]),
    ]:
        found, batch, _ = arguments.parse_boxes(boxes, batch, images)
        assert alike(found, np.array(corners)) and alike(batch, np.array(want))


def test_a_number_that_becomes_infinite_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert arguments.as_element(1e300, F32, "cval") == INF


def test_bfloat16_of_another_library(monkeypatch):
    class Foreign:
        def __dlpack__(self, **kwargs):
            raise BufferError("bfloat16")

        def __repr__(self):
            return "Foreign"

    def missing(given):
        raise ModuleNotFoundError("install it")

    x, found = Foreign(), np.ones(2)
    monkeypatch.setattr(cpool._dlpack, "bfloat16", lambda given: found if given is x else None)
    assert arguments.as_array(x) is found
    monkeypatch.setattr(cpool._dlpack, "bfloat16", missing)
    with pytest.raises(TypeError) as caught:
        arguments.as_array(x, "y", ("int8",))
    what = "y must be array_like with one of the dtypes int8"
    assert str(caught.value) == f"{what}; got Foreign, which does not convert (install it)"


def test_arrays_that_take_long_to_tell_apart(monkeypatch):
    memory = np.zeros(13000, "u1")
    out = as_strided(memory, (5, 4, 4), (151, 34, 351))
    other = as_strided(memory[251:], (3, 3, 2), (1626, 1299, 1825))
    arguments.check_apart(out, [other])
    monkeypatch.setattr(arguments, "_SHARE_WORK", 1)
    with pytest.raises(ValueError, match="too hard to tell"):
        arguments.check_apart(out, [other])


# ---- memory ----


def test_bytes_that_are_needed(monkeypatch):
    monkeypatch.setattr(arguments, "memory_limit", lambda: 2**21)
    for function, given, name, shape, size, limit in [
        (arguments.check_memory, ((2**62, 0, 3), 8), "the output", (2**62, 0, 3), 3 * 2**65, sys.maxsize),
        (arguments.draw, (None, (2**18, 3)), "the array of samples", (2**18, 3), 3 * 2**21, 2**21),
    ]:
        with pytest.raises(MemoryError) as caught:
            function(*given)
        assert str(caught.value) == f"{name} of shape {shape} needs {size} bytes; this machine has {limit}"
    drawn = arguments.draw(np.random.default_rng(1), (2, 3))
    assert alike(drawn, np.random.default_rng(1).random((2, 3)))


@pytest.fixture
def fresh_limit():
    arguments.memory_limit.cache_clear()
    yield
    arguments.memory_limit.cache_clear()


@pytest.mark.parametrize("texts, want", [(["0", "1"], 1), (["12", "0"], 12)])
def test_a_limit_of_nothing_is_none(fresh_limit, monkeypatch, tmp_path, texts, want):
    files = [tmp_path / str(i) for i in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    monkeypatch.setattr(arguments, "_limit_files", lambda: files)
    assert arguments.memory_limit() == want


def test_where_limits_are_looked_for(monkeypatch):
    groups = "5:cpu,memory:/odd:path\n0::/a\n"

    def opened(path, *args, **kwargs):
        return io.StringIO(groups) if path == "/proc/self/cgroup" else builtins.open(path, *args, **kwargs)

    monkeypatch.setattr(arguments, "open", opened, raising=False)
    top, leaf = "/sys/fs/cgroup", "memory.limit_in_bytes"
    assert arguments._limit_files() == [
        f"{top}/memory/{leaf}", f"{top}/memory/odd:path/{leaf}", f"{top}/memory.max", f"{top}/a/memory.max"]
