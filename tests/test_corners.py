"""Corners that measuring branches has found: nothing in an array, lists for arrays, strided results."""

import numpy as np
import pytest

import cpool

FEATURES = np.arange(16.0).reshape(1, 4, 4)
NONE = np.zeros((0, 5))


def test_a_block_larger_than_the_array():
    x = np.arange(6.0).reshape(2, 3)
    for func in ("sum", lambda blocks, axis: blocks.sum(axis)):
        assert cpool.block_reduce(x, (5, 2), func, edge="partial").tolist() == [[8.0, 7.0]]


def test_gradients_of_regions_into_every_second_element():
    out = np.empty((1, 4, 8))[..., ::2]
    arguments = [[[[4.0]]]], FEATURES, [[0, 0, 0, 3, 3]], 1
    assert cpool.roi_align_backward(*arguments, out=out) is out
    np.testing.assert_array_equal(out, cpool.roi_align_backward(*arguments))
    assert out.sum() == pytest.approx(4)


def test_no_boxes():
    assert cpool.roi_align(FEATURES, NONE, 1, mode="max").shape == (0, 1, 1, 1)
    gradient = cpool.roi_align_backward(np.zeros((0, 1, 1, 1)), FEATURES, NONE, 1, mode="max")
    np.testing.assert_array_equal(gradient, np.zeros_like(FEATURES))
    moved = cpool.prroi_pool_jvp(FEATURES, FEATURES, NONE, 1, boxes_tangent=NONE)
    assert moved.shape == (0, 1, 1, 1)


def test_gradients_of_weights_for_no_planes():
    x, weights = cpool.avg_pool2d_backward(
        np.zeros((0, 2, 2)), np.zeros((0, 4, 4)), 2, weights=np.ones((4, 4)))
    assert x.shape == (0, 4, 4)
    np.testing.assert_array_equal(weights, np.zeros((4, 4)))


def test_tangents_of_values_that_are_not_there():
    empty = np.zeros((0, 2, 2))
    assert cpool.max_unpool2d_jvp(empty, empty, empty.astype(int), 2).shape == (0, 4, 4)


def test_layers_take_lists():
    assert cpool.MaxUnpool1d(2)([1.0, 2.0], np.array([1, 2])).tolist() == [0, 1, 2, 0]
    assert cpool.TokenPool()([[1.0], [3.0]]).tolist() == [2]
    values, indices = cpool.MaxPool1d(2, return_indices=True)([1.0, 3.0, 5.0, 4.0])
    assert values.tolist() == [3, 5] and indices.tolist() == [1, 2]


def test_sequences_without_tokens():
    pooled = cpool.token_pool(np.zeros((2, 0, 3)), np.zeros((2, 0), bool))
    np.testing.assert_array_equal(pooled, cpool.token_pool(np.zeros((2, 0, 3))))


def test_lengths_that_leave_rows_over():
    with pytest.raises(ValueError, match="lengths must add up to 2, the number of rows of x; got 1"):
        cpool.segment_pool([1.0, 2.0], lengths=[1], op="sum")


def test_types_of_integer_sequences():
    with pytest.raises(TypeError, match="float32 or float64 for std pooling of int64; got None"):
        cpool.segment_pool(np.array([1, 2], np.int64), [0, 2], "std")
    with pytest.raises(TypeError, match="float32 or float64 for these modes of int64; got None"):
        cpool.token_pool(np.array([[1], [2]], np.int64), mode="mean_sqrt_len_tokens")
    assert cpool.token_pool(np.array([[1], [2]], np.int16), mode="max").dtype == np.int16


def test_names_of_a_module_that_are_not_made_yet():
    assert {"max_pool2d", "gem_pool1d_backward"} <= set(dir(cpool.functional))
