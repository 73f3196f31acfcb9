"""Corners that measuring branches has found: nothing in an array, lists for arrays, strided results."""

from types import SimpleNamespace

import numpy as np
import pytest
from cpool._plan import Job

import cpool
from cpool import _dispatch, _geometry, _threads

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


def test_gradients_of_regions_into_memory_that_is_not_aligned():
    out = np.zeros(16 * 8 + 1, np.uint8)[1:].view(np.float64).reshape(1, 4, 4)
    assert not out.flags.aligned
    arguments = [[[[4.0]]]], FEATURES, [[0, 0, 0, 3, 3]], 1
    for mode in "avg", "max":
        cpool.roi_align_backward(*arguments, mode=mode, out=out)
        np.testing.assert_array_equal(out, cpool.roi_align_backward(*arguments, mode=mode))


def test_tangents_where_nan_is_left_out():
    x, tangent = np.array([[1.0, np.nan, 3, 4]]), np.array([[5.0, 6, 7, 9]])
    assert cpool.avg_pool1d_jvp(tangent, x, 2, nan_policy="omit").tolist() == [[5, 8]]
    with pytest.raises(TypeError, match="x must be an array, not a shape"):
        cpool.avg_pool1d_jvp(tangent, (1, 4), 2, nan_policy="omit")
    with pytest.raises(ValueError, match="NaN"):
        cpool.avg_pool1d_jvp(tangent, x, 2, nan_policy="raise")
    assert cpool.avg_pool1d_jvp(tangent[:, 2:], x[:, 2:], 2, nan_policy="raise").tolist() == [[8]]


def test_parameters_by_channel_with_axes_behind_the_windows():
    x, temperature = np.arange(36.0).reshape(6, 2, 3) % 7, np.array([0.5, 1, 2])
    pooled = cpool.softmax_pool1d(x, 2, axis=0, temperature=temperature)
    grad, change = cpool.softmax_pool1d_backward(pooled, x, 2, axis=0, temperature=temperature)
    for i, one in enumerate(temperature):
        alone = cpool.softmax_pool1d(x[..., i], 2, axis=0, temperature=one)
        np.testing.assert_allclose(pooled[..., i], alone)
        alone = cpool.softmax_pool1d_backward(alone, x[..., i], 2, axis=0, temperature=one)
        np.testing.assert_allclose(grad[..., i], alone[0])
        assert change[i] == pytest.approx(alone[1])


def test_nothing_to_differentiate():
    none = np.zeros((0, 4))
    assert cpool.lp_pool1d_jvp(none, none, 3, 2).shape == (0, 2)
    places = np.zeros((0, 4), int)
    assert cpool.max_unpool1d_backward(np.zeros((0, 8)), (0, 4), places, 2).shape == (0, 4)


def test_one_of_two_results_into_memory_of_ones_own():
    x, places = np.array([[1.0, 3, 4, 2]]), np.empty((1, 2), np.int64)
    values, indices = cpool.max_pool1d(x, 2, return_indices=True, out=(None, places))
    assert indices is places and values.tolist() == [[3, 4]] and places.tolist() == [[1, 2]]


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


def test_attention_to_nothing():
    query = np.ones(4)
    assert cpool.attention_pool(np.zeros((0, 3, 4)), query=query).shape == (0, 4)
    x = np.zeros((2, 0, 4))
    gradient, change = cpool.attention_pool_backward(np.ones((2, 4)), x, query=query)
    assert gradient.shape == x.shape and change.tolist() == [0, 0, 0, 0]


def test_gradients_of_segments_into_every_second_element():
    out = np.empty((4, 6))[:, ::2]
    x = np.array([[3.0, 1, 2], [1, 5, 0], [2, 2, 2], [7, 1, 1]])
    arguments = np.ones((2, 3)), x, [0, 2, 4], "max"
    assert cpool.segment_pool_backward(*arguments, out=out) is out
    np.testing.assert_array_equal(out, cpool.segment_pool_backward(*arguments))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"weights": [1.0, 2], "weights_tangent": [[1.0], [2]]}, "weights_tangent must have the shape"),
        ({"weights_tangent": [1.0, 2]}, "weights_tangent must be left out where there are no weights"),
    ],
)
def test_tangents_of_weights(given, says):
    x = np.ones((2, 1))
    with pytest.raises(ValueError, match=says):
        cpool.segment_pool_jvp(x, x, [0, 2], "mean", **given)


@pytest.mark.parametrize(
    ("query", "tangent", "says"),
    [(None, np.ones(4), "where there is no query"), (np.ones(4), np.ones((2, 2)), "must have the shape")],
)
def test_tangents_of_queries(query, tangent, says):
    x = np.ones((1, 3, 4))
    scores = np.ones((1, 3)) if query is None else None
    with pytest.raises(ValueError, match=f"query_tangent .*{says}"):
        cpool.attention_pool_jvp(x, x, query=query, scores=scores, query_tangent=tangent)


def test_masks_over_four_axes():
    x = np.arange(2.0 * 3 * 2 * 2 * 3).reshape(2, 3, 2, 2, 3)
    mask = x % 5 != 0
    expected = [each[there].mean() for each, there in zip(x, mask, strict=True)]
    for kind in (x, x.astype(np.int16)):
        found = cpool.global_avg_pool(kind, spatial_ndim=4, mask=mask, dtype=np.float64)
        np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_masked_means_of_the_largest_integers(dtype):
    top = int(np.iinfo(dtype).max)
    x, mask = np.array([[top, top - 2, 5, top]], dtype), np.array([[True, True, False, True]])
    assert cpool.avg_pool1d(x, 2, mask=mask, dtype=np.float64).tolist() == [[float(top - 1), float(top)]]
    assert cpool.avg_pool1d(x, 2, mask=mask).tolist() == [[top - 1, top]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.uint64])
def test_masked_norms_of_integers_are_rounded_and_held(dtype):
    top = int(np.iinfo(dtype).max)
    x, mask = np.array([[3, 4, 2, 9, top, top]], dtype), np.array([[True, True, True, False, True, True]])
    assert cpool.lp_pool1d(x, 2, 2, mask=mask, normalize=True).tolist() == [[4, 2, top]]


def test_a_kernel_takes_the_arrays_that_it_was_prepared_for():
    x, out, api = np.zeros((8, 1)), np.zeros(4), _dispatch._APIS["wholeaxis"]
    plan = _geometry.global_plan((8,), 1, False, True)
    job = Job(api, plan, [x.nbytes, out.nbytes])
    for arrays, says in (
        ([x], "1 arrays for a kernel of 2"),
        ([x, x], "array of 64 bytes where the kernel needs 32"),
        ([x[::2], out], "not C-contiguous|in one piece|not contiguous"),
    ):
        with pytest.raises(ValueError, match=says):
            job.run(arrays, 1)
    with pytest.raises(ValueError, match="9 arrays for one kernel"):
        Job(api, plan, [8] * 9)


def test_layers_are_asked_for_indices_by_any_truth():
    values, indices = cpool.MaxPool1d(2, return_indices=np.True_)(np.array([1.0, 3.0]))
    assert values.tolist() == [3] and indices.tolist() == [1]


def test_a_child_beside_threads_that_could_not_be_given_back_stays_single(monkeypatch):
    single = []
    monkeypatch.setattr(_threads, "_omp", SimpleNamespace(stay_single=lambda: single.append(True)))
    before = _threads._forking.set((False, False))      # nothing is held, and nothing was given back
    _threads._after_fork_in_child()
    _threads._forking.reset(before)
    assert single == [True]


def test_names_of_a_module_that_are_not_made_yet():
    assert {"max_pool2d", "gem_pool1d_backward"} <= set(dir(cpool.functional))
