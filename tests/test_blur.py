"""Anti-aliased pooling: against the plain version, convolutions of PyTorch, and what is refused."""

import math

import numpy as np
import pytest
from compare import DTYPES, FLOATS, LAYOUTS, assert_close, assert_same, is_float, ulp, values
from hypothesis import given
from hypothesis import strategies as st

import cpool
from cpool import reference

SHAPES = {1: (2, 3, 19), 2: (2, 3, 11, 8), 3: (1, 2, 5, 6, 7)}
PADDINGS = ("reflect", "replicate", "zero")
TAKEN = [dtype for dtype in DTYPES if dtype.name not in ("bool", "int64", "uint64")]


def layout(x, data_format):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if data_format == "channels_last" else x


def same(got, want, x):
    """Equal for integers, else as close as averages are promised to be."""
    if not is_float(want.dtype):
        assert_same(got, want)
        return
    eps = 2.0 ** (-52 if x.dtype == np.float64 else -23)
    with np.errstate(all="ignore"):
        scale = abs(x[np.isfinite(x)].astype(np.longdouble)).max(initial=0)
        assert_close(got, want, 4 * ulp(want, want.dtype) + 12 * eps * scale)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_against_the_plain_version(nd, padding, data_format):
    for size, dtype in [(size, dtype) for size in range(1, 8) for dtype in TAKEN]:
        options = {"blur_size": size, "padding": padding, "data_format": data_format}
        for stride in (1, 2) if dtype == np.float32 else (3,):
            x = layout(values(SHAPES[nd], dtype), data_format)
            got = getattr(cpool, f"blur_pool{nd}d")(x, stride=stride, **options)
            assert got.flags.c_contiguous
            same(got, reference.blur_pool(x, stride=stride, nd=nd, **options), x)
    for dtype in TAKEN:
        x = layout(values(SHAPES[nd], dtype, "plain"), data_format)
        options = {"padding": padding, "data_format": data_format}
        got = getattr(cpool, f"max_blur_pool{nd}d")(x, **options)
        same(got, reference.max_blur_pool(x, nd=nd, **options), x)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("nd", [1, 2, 3])
def test_gradients_and_tangents(nd, padding, data_format):
    for dtype in FLOATS:
        for name, options in [
            *(("blur_pool", {"blur_size": size}) for size in range(1, 8)), ("blur_pool", {"stride": 3}),
            ("max_blur_pool", {}), ("max_blur_pool", {"kernel_size": 3, "blur_size": 3, "stride": 1}),
        ]:  # fmt: skip
            options = options | {"padding": padding, "data_format": data_format}
            fast = [getattr(cpool, f"{name}{nd}d{end}") for end in ("", "_backward", "_jvp")]
            plain = [getattr(reference, name + end) for end in ("", "_backward", "_jvp")]
            x = layout(values(SHAPES[nd], dtype), data_format)
            y = fast[0](x, **options)
            g, t = values(y.shape, dtype, seed=3), values(x.shape, dtype, seed=4)
            got, want = fast[1](g, x, **options), plain[1](g, x, nd=nd, **options)
            assert got.dtype == dtype and got.shape == x.shape and got.flags.c_contiguous
            loose = {"rtol": 4 * float(ulp(1.0, dtype)), "atol": 64 * float(ulp(1.0, dtype))}
            np.testing.assert_allclose(got.astype(float), want.astype(float), **loose)
            if name == "blur_pool":
                np.testing.assert_array_equal(fast[1](g, x.shape, **options), got)
            same(fast[2](t, x, **options), plain[2](t, x, nd=nd, **options), t)


@pytest.mark.parametrize("size", range(1, 8))
@pytest.mark.parametrize("padding", PADDINGS)
def test_against_torch(padding, size):
    """The layer of the paper: padding, then a convolution of every channel with the taps' outer product."""
    torch = pytest.importorskip("torch")
    taps = torch.tensor([float(math.comb(size - 1, i)) for i in range(size)]) / 2 ** (size - 1)
    x = values((2, 3, 13, 12), np.float32)
    before = (size - 1) // 2
    pads = (before, size - 1 - before) * 2
    mode = {"reflect": "reflect", "replicate": "replicate", "zero": "constant"}[padding]
    t = torch.nn.functional.pad(torch.tensor(x), pads, mode)
    want = torch.nn.functional.conv2d(t, (taps[:, None] * taps).expand(3, 1, size, size), stride=2, groups=3)
    np.testing.assert_allclose(
        cpool.blur_pool2d(x, size, padding=padding), want.numpy(), rtol=1e-5, atol=1e-5
    )
    largest = torch.nn.functional.max_pool2d(torch.tensor(x), 2, 1)
    t = torch.nn.functional.pad(largest, pads, mode)
    want = torch.nn.functional.conv2d(t, (taps[:, None] * taps).expand(3, 1, size, size), stride=2, groups=3)
    got = cpool.max_blur_pool2d(x, blur_size=size, padding=padding)
    np.testing.assert_allclose(got, want.numpy(), rtol=1e-5, atol=1e-5)


@given(st.data())
def test_any_blur(data):
    """Drawn sizes: the plain version, and an image of one value stays so."""
    nd = data.draw(st.integers(1, 3))
    size = data.draw(st.integers(1, 7))
    padding = data.draw(st.sampled_from(PADDINGS))
    low = size // 2 + 1 if padding == "reflect" else 1
    spatial = [data.draw(st.integers(low, low + 5)) for _ in range(nd)]
    stride = data.draw(st.tuples(*[st.integers(1, 4)] * nd))
    x = values((2, *spatial), data.draw(st.sampled_from([np.uint8, np.int32, np.float64])))
    blur = getattr(cpool, f"blur_pool{nd}d")
    same(blur(x, size, stride, padding), reference.blur_pool(x, size, stride, padding, nd=nd), x)
    if padding != "zero":
        assert (blur(np.full_like(x, 3), size, stride, padding) == 3).all()


def test_threads():
    x = values((4, 16, 130, 121), np.float32)
    for name in ("blur_pool2d", "max_blur_pool2d"):
        found = []
        for threads in (1, 2, 3, 7):
            with cpool.num_threads(threads):
                y = getattr(cpool, name)(x)
                found.append((y.tobytes(), getattr(cpool, name + "_backward")(y, x).tobytes()))
        assert all(each == found[0] for each in found)


def test_nan_stays_where_it_reaches():
    x = np.zeros((1, 9, 9))
    x[0, 4, 4] = np.nan
    y = cpool.blur_pool2d(x, 3, 1)
    assert np.isnan(y[0, 3:6, 3:6]).all() and np.isnan(y).sum() == 9


def test_layers():
    for nd in (1, 2, 3):
        x = values(SHAPES[nd], np.float64)
        for cls, name, options in [
            ("BlurPool", "blur_pool", {"blur_size": 3}),
            ("MaxBlurPool", "max_blur_pool", {}),
        ]:
            layer = getattr(cpool, f"{cls}{nd}d")(**options, padding="replicate")
            y = layer(x)
            function = getattr(cpool, f"{name}{nd}d")
            np.testing.assert_array_equal(y, function(x, **options, padding="replicate"))
            want = getattr(cpool, f"{name}{nd}d_backward")(y, x, **options, padding="replicate")
            np.testing.assert_array_equal(layer.backward(y), want)
            assert repr(eval(repr(layer), vars(cpool))) == repr(layer)


def test_empty_batches():
    for shape in ((0, 3, 8, 8), (2, 0, 8, 8)):
        x = np.zeros(shape)
        for name in ("blur_pool2d", "max_blur_pool2d"):
            y = getattr(cpool, name)(x)
            assert y.shape == (*shape[:2], 4, 4)
            assert getattr(cpool, name + "_backward")(y, x).shape == shape
            assert getattr(cpool, name + "_jvp")(x, x).shape == y.shape


X = np.zeros((2, 3, 8, 8))
Y = np.zeros((2, 3, 4, 4))


@pytest.mark.parametrize(
    "call, error, word",
    [
        (lambda f: f(X, blur_size=0), ValueError, "blur_size"),
        (lambda f: f(X, blur_size=8), ValueError, "blur_size"),
        (lambda f: f(X, blur_size=3.0), TypeError, "blur_size"),
        (lambda f: f(X, stride=0), ValueError, "stride"),
        (lambda f: f(X, stride=(2, 2, 2)), ValueError, "stride"),
        (lambda f: f(X, padding="same"), ValueError, "padding"),
        (lambda f: f(X, padding=1), TypeError, "padding"),
        (lambda f: f(X, data_format="NCW"), ValueError, "data_format"),
        (lambda f: f(X[..., :3], blur_size=7), ValueError, "x must"),
        (lambda f: f(X[..., :0]), ValueError, "x must"),
        (lambda f: f(X > 0), TypeError, "x must"),
        (lambda f: f(X.astype(np.int64)), TypeError, "x must"),
        (lambda f: f(X.astype(complex)), TypeError, "x must"),
        (lambda f: f("text"), TypeError, "x must"),
    ],
)
def test_refusals(call, error, word):
    for function in (cpool.blur_pool2d, cpool.max_blur_pool2d):
        with pytest.raises(error, match=word) as caught:
            call(function)
        assert caught.type is error


def test_other_refusals():
    with pytest.raises(ValueError, match="kernel_size"):
        cpool.max_blur_pool2d(X, 9)
    for name in ("blur_pool2d", "max_blur_pool2d"):
        backward, jvp = getattr(cpool, name + "_backward"), getattr(cpool, name + "_jvp")
        for wrong, error in [
            (Y[:1], ValueError),
            (Y.astype(np.float32), TypeError),
            (Y.astype(int), TypeError),
        ]:
            with pytest.raises(error, match="grad_output"):
                backward(wrong, X)
        for wrong, error in [(X[:1], ValueError), (X.astype(np.float32), TypeError)]:
            with pytest.raises(error, match="tangent"):
                jvp(wrong, X)
    with pytest.raises(TypeError, match="x must be an array"):
        cpool.max_blur_pool2d_backward(Y, X.shape)
