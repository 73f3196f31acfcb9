"""The examples that introductions to pooling like to show, with the values they should have shown."""

import numpy as np
import pytest

import cpool

FOUR = np.arange(1, 17).reshape(4, 4)
FIVE = np.arange(1, 26).reshape(5, 5)


def test_four_by_four():
    assert cpool.max_pool2d(FOUR, 2, 2).tolist() == [[6, 8], [14, 16]]
    assert cpool.min_pool2d(FOUR, 2, 2).tolist() == [[1, 3], [9, 11]]
    assert cpool.sum_pool2d(FOUR, 2, 2).tolist() == [[14, 22], [46, 54]]
    assert cpool.avg_pool2d(FOUR.astype(float), 2, 2).tolist() == [[3.5, 5.5], [11.5, 13.5]]
    assert cpool.avg_pool2d(FOUR, 2, 2, dtype=np.float64).tolist() == [[3.5, 5.5], [11.5, 13.5]]
    assert cpool.avg_pool2d(FOUR, 2, 2).tolist() == [[4, 6], [12, 14]]  # ties to the even integer


def test_the_default_stride_is_the_window():
    assert cpool.max_pool2d(FOUR, 2).tolist() == [[6, 8], [14, 16]]


def test_five_by_five_drops_the_rest_unless_asked():
    assert cpool.max_pool2d(FIVE, 2, 2).tolist() == [[7, 9], [17, 19]]
    assert cpool.max_pool2d(FIVE, 2, 2, ceil_mode=True).tolist() == [[7, 9, 10], [17, 19, 20], [22, 24, 25]]


def test_text():
    words = np.arange(1, 11)
    assert cpool.max_pool1d(words, 2, 1).tolist() == list(range(2, 11))
    assert cpool.max_pool1d(words.tolist(), kernel_size=2, stride=1).tolist() == list(range(2, 11))


def test_speech_pools_time_only():
    frames = np.arange(1, 19).reshape(6, 3)
    assert cpool.max_pool2d(frames, (3, 1), (3, 1)).tolist() == [[7, 8, 9], [16, 17, 18]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_an_image_is_halved(dtype):
    image = np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(dtype)
    assert cpool.max_pool2d(image[..., 0], 2, 2).shape == (112, 112)
    colour = cpool.max_pool2d(image, 2, 2, data_format="channels_last")
    assert colour.shape == (112, 112, 3) and colour.dtype == dtype
    assert np.array_equal(colour, image.reshape(112, 2, 112, 2, 3).max(axis=(1, 3)))


def test_overlapping_windows():
    assert cpool.max_pool2d(FIVE, 3, 2).tolist() == [[13, 15], [23, 25]]
    assert cpool.max_pool2d(FIVE, 3, 1).tolist() == [[13, 14, 15], [18, 19, 20], [23, 24, 25]]


def test_nested_lists():
    assert cpool.max_pool2d([[1, 3], [2, 4]], 2).tolist() == [[4]]
    assert cpool.avg_pool2d([[1.0, 3.0], [2.0, 4.0]], 2).tolist() == [[2.5]]


def test_l2_pooling_is_the_root_of_the_mean_square():
    x = [[1.0, 2.0], [3.0, 4.0]]
    assert cpool.lp_pool2d(x, 2, 2, normalize=True)[0, 0] == pytest.approx(np.sqrt(7.5), rel=1e-15)
    assert cpool.lp_pool2d(x, 2, 2)[0, 0] == pytest.approx(np.sqrt(30), rel=1e-15)


def test_global_pooling_is_one_number_for_each_map():
    maps = np.arange(2 * 3 * 4, dtype=np.float32).reshape(1, 2, 3, 4)
    assert cpool.global_avg_pool(maps).tolist() == [[5.5, 17.5]]
    assert cpool.global_max_pool(maps).tolist() == [[11, 23]]


def test_max_over_time():
    sentence = np.array([[0.1, 0.9, 0.3], [0.4, 0.2, 0.8]])  # two features of three words
    assert cpool.global_max_pool(sentence, axis=1).tolist() == [0.9, 0.8]


def test_the_gradient_goes_to_the_winner_or_is_shared():
    y = np.array([[1.0, 2.0], [3.0, 4.0]])
    given = cpool.max_pool2d_backward(y, FOUR.astype(float), 2)
    assert given.tolist() == [[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]]
    shared = cpool.avg_pool2d_backward(y, (4, 4), 2)
    assert shared.tolist() == (np.kron(y, np.ones((2, 2))) / 4).tolist()
