"""Pooling of regions: against the plain version, finite differences, adjoints, and what is refused."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from compare import BFLOAT16, DTYPES, FLOATS, LAYOUTS, assert_close, assert_same, ulp, values
from hypothesis import given
from hypothesis import strategies as st
from test_bits import LEVELS, available

import cpool
from cpool import reference

# operator, arguments
OPERATORS = {
    "roi_pool": ("roi_pool", {}),
    "roi_align": ("roi_align", {}),
    "roi_align aligned": ("roi_align", {"aligned": True}),
    "roi_align 2": ("roi_align", {"sampling_ratio": 2, "coordinate_transformation_mode": "half_pixel"}),
    "roi_align max": ("roi_align", {"sampling_ratio": 2, "mode": "max"}),
    "roi_align max aligned": ("roi_align", {"aligned": True, "mode": "max"}),
    "ps_roi_pool": ("ps_roi_pool", {}),
    "ps_roi_align": ("ps_roi_align", {}),
    "ps_roi_align 3": ("ps_roi_align", {"sampling_ratio": 3}),
    "prroi_pool": ("prroi_pool", {}),
}
BINS = (2, 3)
SCALE = 0.5


def boxes_over(height, width, images, count=7, seed=0, wild=True):
    """Boxes in the units of `SCALE`: inside, beyond the image, turned over, without area, tiny, huge."""
    rng = np.random.default_rng([seed, height, width])
    low, high = (-0.4, 1.4) if wild else (0, 1)
    corners = rng.uniform(low, high, (count, 4)) * [width, height, width, height] / SCALE
    if wild:
        corners[0, 2:] = corners[0, :2]  # no area
        corners[1] = [1, 1, 1.3, 1.2]  # less than a pixel
        corners[2] = [-3 * width, -3 * height, 5 * width, 5 * height]
        corners[3] = [9 * width, 9 * height, 10 * width, 10 * height]  # far away
        corners[4] = [2, 2, 8, 6]  # whole numbers
    else:
        corners = np.concatenate([corners[:, :2].copy(), corners[:, 2:].copy()], 1)
        corners = np.stack(
            [
                np.minimum(corners[:, 0], corners[:, 2]),
                np.minimum(corners[:, 1], corners[:, 3]),
                np.maximum(corners[:, 0], corners[:, 2]),
                np.maximum(corners[:, 1], corners[:, 3]),
            ],
            1,
        )
    return np.column_stack([rng.integers(0, images, count), corners])


def layout(x, data_format):
    """(n, c, h, w) in the layout of a data format."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if data_format == "channels_last" else x


def tolerance(name, x, want):
    """What the sums of a bin may be off: the promise of averages."""
    if name == "roi_pool":
        return 0
    eps = 2.0 ** (-52 if x.dtype == np.float64 else -23)
    finite = x[np.isfinite(x)].astype(np.longdouble)
    return 4 * ulp(want, want.dtype) + 16 * eps * abs(finite).max(initial=0)


def close(got, want, allowed, message=""):
    with np.errstate(all="ignore"):
        assert_close(got, want, allowed, message)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("case", OPERATORS)
def test_against_the_plain_version(case, dtype, data_format):
    name, options = OPERATORS[case]
    options = options | {"data_format": data_format}
    x = layout(values((2, 6, 9, 11), dtype), data_format)
    boxes = boxes_over(9, 11, 2)
    want = getattr(reference, name)(x, boxes, BINS, SCALE, **options)
    got = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
    close(got, want, tolerance(name, x, want), case)
    g = values(want.shape, dtype, seed=4)
    want = getattr(reference, name + "_backward")(g, x, boxes, BINS, SCALE, **options)
    got = getattr(cpool, name + "_backward")(g, x, boxes, BINS, SCALE, **options)
    eps = 2.0 ** (-52 if dtype == np.float64 else -23)
    if name == "prroi_pool":
        corners = got[1]
        assert corners.shape == boxes.shape and corners.dtype == boxes.dtype and not corners[:, 0].any()
        np.testing.assert_allclose(
            corners[:, 1:], np.asarray(want[1], float), rtol=1e-5, atol=1e-3 if eps > 1e-9 else 1e-9
        )
        want, got = want[0], got[0]
    close(got, want, 4 * ulp(want, dtype) + 64 * eps * abs(g.astype(np.longdouble)).max(), case)
    t = values(x.shape, dtype, seed=5)
    want = getattr(reference, name + "_jvp")(t, x, boxes, BINS, SCALE, **options)
    got = getattr(cpool, name + "_jvp")(t, x, boxes, BINS, SCALE, **options)
    close(got, want, tolerance(case, t, want), case)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_largest_pixel_of_any_dtype(dtype, data_format):
    for flavour, channels in itertools.product(("plain", "extreme"), (1, 3, 17, 70)):
        x = layout(values((2, channels, 7, 12), dtype, flavour), data_format)
        boxes = boxes_over(7, 12, 2)
        options = {"return_indices": True, "data_format": data_format}
        want = reference.roi_pool(x, boxes, BINS, SCALE, **options)
        got = cpool.roi_pool(x, boxes, BINS, SCALE, index_dtype=np.int32, **options)
        assert_same(got[0], want[0])
        assert_same(got[1], want[1].astype(np.int32))
        assert_same(cpool.roi_pool(x, boxes, BINS, SCALE, data_format=data_format), want[0])


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("case", OPERATORS)
def test_nan_and_infinity_stay_in_their_bins(case, dtype):
    name, options = OPERATORS[case]
    x = values((1, 6, 8, 9), dtype, "special")
    boxes = boxes_over(8, 9, 1)
    got = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
    want = getattr(reference, name)(x, boxes, BINS, SCALE, **options)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    finite = np.isfinite(want)
    np.testing.assert_array_equal(np.isfinite(got), finite)
    np.testing.assert_allclose(got[finite].astype(float), want[finite].astype(float), rtol=1e-2, atol=1e-2)


def test_of_several_nan_the_first_is_indexed():
    x = np.array([[[1.0, np.nan, 3.0, np.nan]]])
    for row in (x, x.astype(np.float32), np.repeat(x, 20, 0)):
        y, at = cpool.roi_pool(row, [[0, 0, 0, 3, 0]], 1, return_indices=True)
        assert np.isnan(y).all() and (at == 1).all()


@pytest.mark.parametrize("channels", [1, 3, 8, 16, 24, 50, 65])
@pytest.mark.parametrize("name", ["roi_pool", "roi_align", "prroi_pool"])
def test_any_number_of_channels(name, channels):
    for dtype, data_format in itertools.product((np.float32, np.float64), LAYOUTS):
        x = layout(values((2, channels, 10, 9), dtype), data_format)
        boxes = boxes_over(10, 9, 2)
        options = {"data_format": data_format}
        want = getattr(reference, name)(x, boxes, (3, 4), SCALE, **options)
        close(getattr(cpool, name)(x, boxes, (3, 4), SCALE, **options), want, tolerance(name, x, want))
        g = values(want.shape, dtype, seed=2)
        got = getattr(cpool, name + "_backward")(g, x, boxes, (3, 4), SCALE, **options)
        want = getattr(reference, name + "_backward")(g, x, boxes, (3, 4), SCALE, **options)
        got, want = (got[0], want[0]) if name == "prroi_pool" else (got, want)
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("sampling", [-1, 0, 1, 4, 7, 40])
def test_bins_of_many_samples_and_pixels(sampling):
    x = values((1, 5, 40, 37), np.float32)
    boxes = np.array([[0, -5.0, -7.0, 90.0, 85.0], [0, 3.0, 4.0, 60.0, 70.0], [0, -1e6, -1e6, 1e6, 1e6]])
    for name in ("roi_align", "ps_roi_align"):
        bins = 2 if name == "roi_align" else (1, 5)
        want = getattr(reference, name)(x, boxes[:2], bins, SCALE, sampling)
        got = getattr(cpool, name)(x, boxes[:2], bins, SCALE, sampling)
        np.testing.assert_allclose(got, want, rtol=0, atol=4e-6)
        assert np.isfinite(getattr(cpool, name)(x, boxes, bins, SCALE, sampling)).all()


@pytest.mark.parametrize("case", OPERATORS)
def test_finite_differences(case):
    name, options = OPERATORS[case]
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 6, 6, 7))
    boxes = boxes_over(6, 7, 2, wild=False)
    forward = getattr(cpool, name)
    y = forward(x, boxes, BINS, SCALE, **options)
    g, t = rng.standard_normal(y.shape), rng.standard_normal(x.shape)
    step = 1e-6
    slope = (
        forward(x + step * t, boxes, BINS, SCALE, **options)
        - forward(x - step * t, boxes, BINS, SCALE, **options)
    ) / (2 * step)
    tangent = getattr(cpool, name + "_jvp")(t, x, boxes, BINS, SCALE, **options)
    np.testing.assert_allclose(tangent, slope, atol=1e-8)
    gradient = getattr(cpool, name + "_backward")(g, x, boxes, BINS, SCALE, **options)
    gradient = gradient[0] if name == "prroi_pool" else gradient
    np.testing.assert_allclose(np.sum(gradient * t), np.sum(g * tangent), rtol=1e-10)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, *BFLOAT16], ids=str)
def test_gradients_of_boxes(dtype, data_format):
    rng = np.random.default_rng(1)
    x = layout(rng.standard_normal((2, 5, 8, 9)).astype(dtype), data_format)
    wide = x.astype(np.float64)
    boxes = boxes_over(8, 9, 2, wild=False)
    boxes[0, 1:] = [-3.3, -2.2, 9.1, 7.7]
    options = {"data_format": data_format}
    y = cpool.prroi_pool(wide, boxes, BINS, SCALE, **options)
    g = rng.standard_normal(y.shape).astype(dtype)
    _, grad = cpool.prroi_pool_backward(g, x, boxes, BINS, SCALE, **options)
    for k, corner in itertools.product(range(len(boxes)), range(1, 5)):
        move = np.zeros_like(boxes)
        move[k, corner] = 1
        step = 1e-6
        slope = (
            cpool.prroi_pool(wide, boxes + step * move, BINS, SCALE, **options)
            - cpool.prroi_pool(wide, boxes - step * move, BINS, SCALE, **options)
        ) / (2 * step)
        np.testing.assert_allclose(grad[k, corner], np.sum(slope * g), rtol=1e-5, atol=1e-6)
        tangent = cpool.prroi_pool_jvp(0 * x, x, boxes, BINS, SCALE, boxes_tangent=move, **options)
        np.testing.assert_allclose(
            tangent.astype(float),
            slope,
            rtol=1e-2 if BFLOAT16 and dtype in BFLOAT16 else 1e-5,
            atol=1e-2 if x.dtype.itemsize == 2 else 1e-6,
        )


@pytest.mark.parametrize("case", OPERATORS)
def test_boxes_of_any_size(case):
    """Coordinates as far away as numbers go: an answer, and a gradient that is its adjoint."""
    name, options = OPERATORS[case]
    x = np.random.default_rng(0).standard_normal((1, 6, 5, 7))
    far = [1e9, 1e15, 1e30, 1.7e308]
    boxes = np.array([[0, -a, -a, b, b] for a in far for b in far] + [[0, a, a, -a, -a] for a in far])
    for scale in (1.0, 1e-8, 1e300):
        y = getattr(cpool, name)(x, boxes, BINS, scale, **options)
        assert np.isfinite(y).all()
        tangent = getattr(cpool, name + "_jvp")(x, x, boxes, BINS, scale, **options)
        grad = getattr(cpool, name + "_backward")(np.ones_like(y), x, boxes, BINS, scale, **options)
        grad = grad[0] if name == "prroi_pool" else grad
        np.testing.assert_allclose(np.sum(grad * x), np.sum(tangent), atol=1e-9)


def test_boxes_without_area_have_no_gradient():
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 5))
    boxes = np.array([[0.0, 2, 2, 2, 4], [0, 3, 3, 1, 1]])
    grad_x, grad = cpool.prroi_pool_backward(np.ones((2, 2, 2, 2)), x, boxes, 2)
    assert not grad_x.any() and not grad.any()
    assert not cpool.prroi_pool(x, boxes, 2).any()


def test_forms_of_boxes():
    x = values((2, 4, 7, 8), np.float64)
    boxes = boxes_over(7, 8, 2)
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    parts = [boxes[boxes[:, 0] == i, 1:] for i in range(2)]
    want = cpool.prroi_pool(x, boxes, 2, SCALE)
    batch = boxes[:, 0].astype(np.int8)
    for form, more in [
        (boxes.astype(np.float32), {}),
        (boxes.tolist(), {}),
        (parts, {}),
        (tuple(parts), {}),
        (boxes[:, 1:], {"batch_indices": batch}),
        ([p.tolist() for p in parts], {}),
        (np.asfortranarray(boxes), {}),
    ]:
        np.testing.assert_allclose(cpool.prroi_pool(x, form, 2, SCALE, **more), want, rtol=1e-5, atol=1e-5)
    grads = cpool.prroi_pool_backward(want, x, parts, 2, SCALE)[1]
    assert [g.shape for g in grads] == [p.shape for p in parts]
    np.testing.assert_allclose(
        np.concatenate(grads), cpool.prroi_pool_backward(want, x, boxes, 2, SCALE)[1][:, 1:]
    )
    moves = [np.ones_like(p) for p in parts]
    tangent = cpool.prroi_pool_jvp(x, x, parts, 2, SCALE, boxes_tangent=moves)
    every = np.column_stack([0 * batch, np.ones((len(boxes), 4))])
    np.testing.assert_allclose(tangent, cpool.prroi_pool_jvp(x, x, boxes, 2, SCALE, boxes_tangent=every))
    whole = np.round(boxes).astype(np.int64)
    grad = cpool.prroi_pool_backward(want, x, whole, 2, SCALE)[1]
    assert grad.dtype == np.float64
    one = cpool.roi_pool(x[0], boxes[:3, 1:], 2)
    np.testing.assert_array_equal(one, cpool.roi_pool(x[:1], boxes[:3, 1:], 2))
    np.testing.assert_array_equal(cpool.roi_pool(x, [parts[0], []], 1), cpool.roi_pool(x[:1], parts[0], 1))


FORMS = {
    "Fortran": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, -1)[..., ::2],
    "negative strides": lambda x: x[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
    "channels-last memory": lambda x: np.moveaxis(np.moveaxis(x, 1, -1).copy(), -1, 1),
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "unaligned": lambda x: np.frombuffer(b"0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "list": lambda x: x.tolist(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", OPERATORS)
def test_every_form_of_array(case, form):
    name, options = OPERATORS[case]
    x = np.random.default_rng(0).standard_normal((2, 6, 8, 9))
    boxes = boxes_over(8, 9, 2)
    want = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
    given_x = FORMS[form](x)
    got = getattr(cpool, name)(given_x, boxes, BINS, SCALE, **options)
    assert (
        type(got) is np.ndarray and got.flags.c_contiguous and got.dtype == want.dtype and got.dtype.isnative
    )
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    g = FORMS[form](want)
    gradient = getattr(cpool, name + "_backward")(g, given_x, boxes, BINS, SCALE, **options)
    expected = getattr(cpool, name + "_backward")(want, x, boxes, BINS, SCALE, **options)
    for a, b in (
        zip(*map(np.atleast_1d, (gradient, expected)), strict=True)
        if name != "prroi_pool"
        else zip(gradient, expected, strict=True)
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        getattr(cpool, name + "_jvp")(given_x, given_x, boxes, BINS, SCALE, **options),
        getattr(cpool, name + "_jvp")(x, x, boxes, BINS, SCALE, **options),
        rtol=1e-12,
        atol=1e-14,
    )


@pytest.mark.parametrize("case", OPERATORS)
def test_out(case):
    name, options = OPERATORS[case]
    for dtype in FLOATS:
        x = values((2, 6, 8, 9), dtype)
        boxes = boxes_over(8, 9, 2)
        want = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
        out = np.full(want.shape, 7, dtype)
        assert getattr(cpool, name)(x, boxes, BINS, SCALE, **options, out=out) is out
        np.testing.assert_array_equal(out, want)
        strided = np.full((*want.shape[:-1], 2 * want.shape[-1]), 7, dtype)[..., ::2]
        assert getattr(cpool, name)(x, boxes, BINS, SCALE, **options, out=strided) is strided
        np.testing.assert_array_equal(strided, want)
        backward = getattr(cpool, name + "_backward")
        expected = backward(want, x, boxes, BINS, SCALE, **options)
        for space in (np.full(x.shape, 7, dtype), np.full((*x.shape, 2), 7, dtype)[..., 0]):
            got = backward(want, x, boxes, BINS, SCALE, **options, out=space)
            got, wanted = (got[0], expected[0]) if name == "prroi_pool" else (got, expected)
            assert got is space
            np.testing.assert_array_equal(got, wanted)
        tangent = np.full(want.shape, 7, dtype)
        assert getattr(cpool, name + "_jvp")(x, x, boxes, BINS, SCALE, **options, out=tangent) is tangent
        np.testing.assert_array_equal(
            tangent, getattr(cpool, name + "_jvp")(x, x, boxes, BINS, SCALE, **options)
        )
        for wrong, error in [
            (np.zeros((1,), dtype), ValueError),
            (np.zeros(want.shape, np.int16), TypeError),
        ]:
            with pytest.raises(error, match="out"):
                getattr(cpool, name)(x, boxes, BINS, SCALE, **options, out=wrong)
        with pytest.raises(ValueError, match="share"):
            backward(want, x, boxes, BINS, SCALE, **options, out=x)


def test_out_of_values_and_indices():
    x = values((2, 3, 8, 9), np.float32)
    boxes = boxes_over(8, 9, 2)
    want = cpool.roi_pool(x, boxes, 2, return_indices=True)
    for index_dtype in (np.int32, np.int64):
        pair = np.zeros(want[0].shape, np.float32), np.zeros(want[0].shape, index_dtype)
        got = cpool.roi_pool(x, boxes, 2, return_indices=True, index_dtype=index_dtype, out=pair)
        assert got[0] is pair[0] and got[1] is pair[1]
        np.testing.assert_array_equal(got[0], want[0])
        np.testing.assert_array_equal(got[1], want[1])
    with pytest.raises(ValueError, match=r"out\[1\]"):
        cpool.roi_pool(x, boxes, 2, return_indices=True, out=(pair[0], pair[1][:1]))


@pytest.mark.parametrize("case", OPERATORS)
def test_nothing_in_nothing_out(case):
    name, options = OPERATORS[case]
    for shape, boxes in [
        ((2, 6, 5, 5), np.zeros((0, 5))),
        ((0, 6, 5, 5), np.zeros((0, 5))),
        ((2, 0, 5, 5), np.array([[0, 1, 1, 3, 3]])),
        ((1, 6, 5, 5), []),
    ]:
        x = np.ones(shape)
        y = getattr(cpool, name)(x, boxes, BINS, **options)
        own = 6 if "ps" in name else 1
        assert y.shape == (len(boxes), shape[1] // own, *BINS)
        grad = getattr(cpool, name + "_backward")(y, x, boxes, BINS, **options)
        grad = grad[0] if name == "prroi_pool" else grad
        assert grad.shape == shape and not grad.any()
        assert getattr(cpool, name + "_jvp")(x, x, boxes, BINS, **options).shape == y.shape


def test_indices():
    x = values((2, 3, 8, 9), np.float32)
    boxes = boxes_over(8, 9, 2)
    y, at = cpool.roi_pool(x, boxes, 2, SCALE, True)
    want = cpool.roi_pool_backward(y, x, boxes, 2, SCALE)
    for kind in (np.int32, np.int64, np.int16):
        got = cpool.roi_pool_backward(y, x.shape, boxes, 2, SCALE, indices=at.astype(kind))
        np.testing.assert_array_equal(got, want)
    t = values(x.shape, np.float32, seed=3)
    np.testing.assert_array_equal(
        cpool.roi_pool_jvp(t, x.shape, boxes, 2, SCALE, indices=at), cpool.roi_pool_jvp(t, x, boxes, 2, SCALE)
    )
    # indices outside their boxes are the caller's business, those outside the image are not
    anywhere = np.random.default_rng(0).integers(0, 72, at.shape)
    got = cpool.roi_pool_backward(y, x.shape, boxes, 2, SCALE, indices=anywhere)
    np.testing.assert_allclose(
        got, reference.roi_pool_backward(y, x.shape, boxes, 2, SCALE, indices=anywhere), rtol=1e-6
    )
    for wrong in (at + 72, at - 72, at[:1], at.astype(float)):
        with pytest.raises((ValueError, TypeError), match="indices"):
            cpool.roi_pool_backward(y, x, boxes, 2, SCALE, indices=wrong)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("case", OPERATORS)
def test_threads(case, data_format):
    """Large enough for threads, few images and many, tiles of rows and of columns."""
    name, options = OPERATORS[case]
    options = options | {"data_format": data_format}
    for shape, dtype in [
        ((2, 66, 30, 31), np.float32),
        ((1, 6, 300, 130), np.float64),
        ((1, 6, 40, 2100), np.float32),
    ]:
        x = layout(values(shape, dtype), data_format)
        boxes = boxes_over(*shape[2:], shape[0], 60)
        t = values(x.shape, dtype, seed=1)
        found = []
        for threads in (1, 2, 3, 7):
            with cpool.num_threads(threads):
                y = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
                grad = getattr(cpool, name + "_backward")(y, x, boxes, BINS, SCALE, **options)
                tangent = getattr(cpool, name + "_jvp")(t, x, boxes, BINS, SCALE, **options)
                found.append([a.tobytes() for a in (y, *(grad if name == "prroi_pool" else [grad]), tangent)])
        assert all(each == found[0] for each in found[1:]), (shape, dtype)


PROGRAM = """
import hashlib, itertools
import numpy as np, cpool
from test_regions import BINS, OPERATORS, SCALE, boxes_over, layout
from compare import FLOATS, LAYOUTS, values
for (name, options), dtype, data_format in itertools.product(OPERATORS.values(), FLOATS, LAYOUTS):
    x = layout(values((2, 42, 19, 21), dtype), data_format)
    boxes = boxes_over(19, 21, 2, 12)
    options = options | {"data_format": data_format}
    y = getattr(cpool, name)(x, boxes, BINS, SCALE, **options)
    grad = getattr(cpool, name + "_backward")(y, x, boxes, BINS, SCALE, **options)
    tangent = getattr(cpool, name + "_jvp")(x, x, boxes, BINS, SCALE, **options)
    for a in (y, *(grad if name == "prroi_pool" else [grad]), tangent):
        print(hashlib.sha256(a.tobytes()).hexdigest())
"""


def test_levels():
    levels = [level for level in LEVELS if available(level)]
    if len(levels) < 2:
        pytest.skip("one CPU level only")
    said = {}
    for level in levels:
        paths = [str(Path(cpool.__file__).parents[1]), str(Path(__file__).parent)]
        environment = os.environ | {"CPOOL_CPU": level, "PYTHONPATH": os.pathsep.join(paths)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        said[level] = done.stdout.split()
    assert len(said[levels[0]]) > 100
    assert all(said[level] == said[levels[0]] for level in levels)


@given(st.data())
def test_any_boxes(data):
    """Drawn boxes, sizes and arguments against the plain version; a constant image stays constant inside."""
    height, width, channels = data.draw(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([6, 18]))
    )
    number = st.one_of(st.integers(-20, 40).map(lambda i: i / 2), st.floats(-30, 60, width=16))
    boxes = np.array(
        data.draw(st.lists(st.tuples(st.integers(0, 1), *[number] * 4), min_size=1, max_size=4)), float
    )
    name, options = OPERATORS[data.draw(st.sampled_from(sorted(OPERATORS)))]
    scale = data.draw(st.sampled_from([1.0, 0.5, 0.37, 2]))
    x = values((2, channels, height, width), np.float64)
    want = getattr(reference, name)(x, boxes, BINS, scale, **options)
    got = getattr(cpool, name)(x, boxes, BINS, scale, **options)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
    g = values(want.shape, np.float64, seed=1)
    grad = getattr(cpool, name + "_backward")(g, x, boxes, BINS, scale, **options)
    plain = getattr(reference, name + "_backward")(g, x, boxes, BINS, scale, **options)
    grad, plain = (grad[0], plain[0]) if name == "prroi_pool" else (grad, plain)
    np.testing.assert_allclose(grad, plain, rtol=1e-9, atol=1e-9)
    flat = getattr(cpool, name)(np.full_like(x, 3), boxes, BINS, scale, **options)
    assert (flat <= 3 + 1e-12).all() and (flat >= -1e-12).all()


IMAGE = np.zeros((2, 6, 5, 5))
GOOD = np.array([[0.0, 1, 1, 3, 3], [1, 0, 0, 4, 4]])


@pytest.mark.parametrize("name", ["roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool"])
@pytest.mark.parametrize(
    "error, word, wrong",
    [
        (ValueError, "boxes", {"boxes": GOOD[:, :3]}),
        (ValueError, "boxes", {"boxes": GOOD[0]}),
        (ValueError, "boxes", {"boxes": GOOD[:, 1:]}),
        (ValueError, "boxes", {"boxes": GOOD[None]}),
        (ValueError, "boxes", {"boxes": [GOOD[:, 1:]]}),
        (ValueError, "boxes", {"boxes": [GOOD, GOOD]}),
        (ValueError, "boxes", {"boxes": [[1, 2], [3]]}),
        (TypeError, "boxes", {"boxes": GOOD.astype(complex)}),
        (TypeError, "boxes", {"boxes": GOOD.astype(bool)}),
        (TypeError, "boxes", {"boxes": None}),
        (TypeError, "boxes", {"boxes": "text"}),
        (ValueError, "boxes.*finite", {"boxes": GOOD * np.nan}),
        (ValueError, "boxes.*finite", {"boxes": [[0, 0, 0, np.inf, 1]]}),
        (ValueError, "boxes.*images", {"boxes": [[2, 0, 0, 1, 1]]}),
        (ValueError, "boxes.*images", {"boxes": [[-1, 0, 0, 1, 1]]}),
        (ValueError, "boxes.*images", {"boxes": [[0.5, 0, 0, 1, 1]]}),
        (ValueError, "boxes.*images", {"boxes": [[np.nan, 0, 0, 1, 1]]}),
        (ValueError, "batch_indices", {"boxes": GOOD[:, 1:], "batch_indices": [0, 2]}),
        (ValueError, "batch_indices", {"boxes": GOOD[:, 1:], "batch_indices": [0, -1]}),
        (ValueError, "batch_indices", {"boxes": GOOD[:, 1:], "batch_indices": [0]}),
        (TypeError, "batch_indices", {"boxes": GOOD[:, 1:], "batch_indices": [0.0, 1.0]}),
        (ValueError, "boxes", {"batch_indices": [0, 1]}),
        (ValueError, "output_size", {"output_size": 0}),
        (ValueError, "output_size", {"output_size": (1, 2, 3)}),
        (TypeError, "output_size", {"output_size": 2.0}),
        (TypeError, "output_size", {"output_size": None}),
        (ValueError, "spatial_scale", {"spatial_scale": 0}),
        (ValueError, "spatial_scale", {"spatial_scale": -1.0}),
        (ValueError, "spatial_scale", {"spatial_scale": np.nan}),
        (ValueError, "spatial_scale", {"spatial_scale": np.inf}),
        (ValueError, "spatial_scale", {"spatial_scale": 10**400}),
        (TypeError, "spatial_scale", {"spatial_scale": "1"}),
        (TypeError, "spatial_scale", {"spatial_scale": True}),
        (ValueError, "data_format", {"data_format": "NCW"}),
        (TypeError, "data_format", {"data_format": None}),
        (ValueError, "x must", {"x": IMAGE[0, 0]}),
        (ValueError, "x must", {"x": IMAGE[None]}),
        (ValueError, "x must", {"x": IMAGE[:, :, :0]}),
        (TypeError, "x must", {"x": IMAGE.astype(complex)}),
    ],
)
def test_refusals_name_the_argument(name, error, word, wrong):
    usual = {"x": IMAGE, "boxes": GOOD, "output_size": (1, 2)} | wrong
    out = np.full((2, 6, 1, 2), 77.0)
    with pytest.raises(error, match=word) as caught:
        getattr(cpool, name)(**usual, out=out)
    assert caught.type is error and (out == 77).all()
    more = {"grad_output": out}
    if not wrong.keys() & {"x"}:
        with pytest.raises(error, match=word):
            getattr(cpool, name + "_backward")(**usual, **more)
        with pytest.raises(error, match=word):
            getattr(cpool, name + "_jvp")(tangent=usual["x"], **usual)


@pytest.mark.parametrize("name", ["roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool"])
def test_integers_are_refused_where_there_are_averages(name):
    with pytest.raises(TypeError, match="x must have one of the dtypes float16"):
        getattr(cpool, name)(IMAGE.astype(int), GOOD, 1)


def test_other_refusals():
    with pytest.raises(ValueError, match="output_size"):
        cpool.ps_roi_pool(IMAGE, GOOD, 2)
    for wrong, error in [(2.0, TypeError), (-2, ValueError), (2**15, ValueError), (None, TypeError)]:
        for name in ("roi_align", "ps_roi_align"):
            with pytest.raises(error, match="sampling_ratio"):
                getattr(cpool, name)(IMAGE, GOOD, 1, sampling_ratio=wrong)
    for wrong, error, word in [
        ({"aligned": 1}, TypeError, "aligned"),
        ({"mode": "mean"}, ValueError, "mode"),
        ({"mode": None}, TypeError, "mode"),
        ({"coordinate_transformation_mode": "asymmetric"}, ValueError, "coordinate_transformation_mode"),
        (
            {"coordinate_transformation_mode": "output_half_pixel", "aligned": True},
            ValueError,
            "coordinate_tr",
        ),
    ]:
        with pytest.raises(error, match=word):
            cpool.roi_align(IMAGE, GOOD, 1, **wrong)
    y = np.ones((2, 6, 1, 1))
    for name in ("roi_pool", "prroi_pool"):
        with pytest.raises(TypeError, match="x must be an array"):
            getattr(cpool, name + "_backward")(y, IMAGE.shape, GOOD, 1)
    with pytest.raises(TypeError, match="x must be an array"):
        cpool.roi_align_backward(y, IMAGE.shape, GOOD, 1, mode="max")
    with pytest.raises(TypeError, match="x must be an array"):
        cpool.roi_align_jvp(IMAGE, IMAGE.shape, GOOD, 1, mode="max")
    for wrong, error in [(y[:1], ValueError), (y.astype(np.float32), TypeError), (y.astype(int), TypeError)]:
        for name in ("roi_pool", "roi_align", "prroi_pool"):
            with pytest.raises(error, match="grad_output"):
                getattr(cpool, name + "_backward")(wrong, IMAGE, GOOD, 1)
    for wrong, error in [(IMAGE[:1], ValueError), (IMAGE.astype(np.float32), TypeError)]:
        with pytest.raises(error, match="tangent"):
            cpool.roi_align_jvp(wrong, IMAGE, GOOD, 1)
    for wrong, error in [(GOOD[:1], ValueError), ([GOOD], ValueError), ("text", TypeError)]:
        with pytest.raises(error, match="boxes_tangent"):
            cpool.prroi_pool_jvp(IMAGE, IMAGE, GOOD, 1, boxes_tangent=wrong)
    with pytest.raises(ValueError, match="boxes_tangent"):
        cpool.prroi_pool_jvp(IMAGE, IMAGE, [GOOD[:, 1:], GOOD[:, 1:]], 1, boxes_tangent=[GOOD[:, 1:]])
    with pytest.raises(MemoryError, match="output"):
        cpool.roi_pool(IMAGE, GOOD, 2**24)
    with pytest.raises(ValueError, match="height"):
        cpool.roi_align(np.broadcast_to(np.float32(0), (1, 1, 2, 2**31)), GOOD[:1], 1)


def test_layers():
    x = values((2, 6, 7, 8), np.float64)
    boxes = boxes_over(7, 8, 2)
    for cls, name, options in [
        ("RoIPool", "roi_pool", {}),
        ("RoIAlign", "roi_align", {"aligned": True}),
        ("RoIAlign", "roi_align", {"mode": "max", "sampling_ratio": 2}),
        ("PSRoIPool", "ps_roi_pool", {}),
        ("PSRoIAlign", "ps_roi_align", {"sampling_ratio": 1}),
        ("PrRoIPool", "prroi_pool", {}),
    ]:
        for data_format in LAYOUTS:
            layer = getattr(cpool, cls)(BINS, SCALE, **options, data_format=data_format)
            z = layout(x, data_format)
            y = layer(z, boxes)
            np.testing.assert_array_equal(
                y, getattr(cpool, name)(z, boxes, BINS, SCALE, **options, data_format=data_format)
            )
            got = layer.backward(y)
            want = getattr(cpool, name + "_backward")(
                y, z, boxes, BINS, SCALE, **options, data_format=data_format
            )
            for a, b in zip(got, want, strict=True):
                np.testing.assert_array_equal(a, b)
            again = layer(z, boxes[:, 1:], boxes[:, 0].astype(int))
            np.testing.assert_array_equal(again, y)
            layer.backward(again)
            assert repr(eval(repr(layer), {cls: getattr(cpool, cls)})) == repr(layer)
    _, indices = cpool.RoIPool(2, return_indices=True)(x, boxes)
    np.testing.assert_array_equal(indices, cpool.roi_pool(x, boxes, 2, return_indices=True)[1])
    assert cpool.RoIAlign(2, mode="max")._kept(x) is x and cpool.RoIAlign(2)._kept(x) == (x.shape, x.dtype)
