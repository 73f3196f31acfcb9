"""Pyramids, strips and several reducers side by side: against the plain versions, and what is refused."""

import numpy as np
import pytest
from compare import DTYPES, FLOATS, LAYOUTS, assert_close, assert_same, is_float, ulp, values
from hypothesis import given
from hypothesis import strategies as st

import cpool
from cpool import _scales, reference

OPS = ("avg", "max", "min", "sum")
SHAPES = {1: (2, 3, 37), 2: (2, 3, 21, 18), 3: (1, 2, 9, 9, 12)}
CASES = {
    "pool_pyramid": {"levels": 3},
    "pool_pyramid 3": {"levels": 2, "factor": 3},
    "spatial_pyramid_pool": {},
    "spatial_pyramid_pool 1": {"levels": (3, 1)},
    "strip_pool": {},
    "adaptive_concat_pool": {},
    "adaptive_concat_pool 3": {"output_size": 3, "ops": ("min", "avg", "max")},
}


def layout(x, data_format):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if data_format == "channels_last" else x


def functions(case, nd, op, data_format):
    """The three functions, their plain versions, and the arguments of both."""
    name, options = case.split()[0], CASES[case] | {"data_format": data_format}
    if "concat" in name:
        fast = [getattr(cpool, f"{name}{nd}d{end}") for end in ("", "_backward", "_jvp")]
    else:
        fast = [getattr(cpool, name + end) for end in ("", "_backward", "_jvp")]
        options["op"] = op
    plain = [getattr(reference, name + end) for end in ("", "_backward", "_jvp")]
    return fast, plain, options, {"nd": nd}


def several(y):
    return y if isinstance(y, list) else [y]


def same(got, want, x):
    """Equal, or for sums of floats as close as they are promised to be."""
    if not is_float(want.dtype):
        assert_same(got, want)
        return
    eps = 2.0 ** (-52 if x.dtype == np.float64 else -23)
    with np.errstate(all="ignore"):
        scale = abs(want.astype(np.longdouble)) + abs(x[np.isfinite(x)].astype(np.longdouble)).max(initial=0)
        assert_close(got, want, np.where(np.isfinite(scale), 4 * ulp(want, want.dtype) + 16 * eps * scale, 0))


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("case", CASES)
def test_against_the_plain_version(case, op, data_format):
    if op == "sum" and "pool_pyramid" not in case.split() and not case.startswith("pool_pyramid"):
        pytest.skip("sums are for pyramids")
    for nd, dtype in [(nd, dtype) for nd in (1, 2, 3) for dtype in DTYPES]:
        (forward, _, _), (plain, _, _), options, more = functions(case, nd, op, data_format)
        if dtype == np.bool_ and (op == "avg" or "concat" in case):
            with pytest.raises(TypeError, match="x must"):
                forward(np.ones(SHAPES[nd], bool), **options)
            continue
        if case == "pool_pyramid" and nd == 3:
            options = options | {"levels": 2}
        for flavour in ("plain", "special", "extreme") if not is_float(dtype) else ("plain", "special"):
            x = layout(values(SHAPES[nd], dtype, flavour), data_format)
            if op == "sum" and flavour == "extreme":
                continue
            got, want = several(forward(x, **options)), several(plain(x, **options, **more))
            assert len(got) == len(want)
            for a, b in zip(got, want, strict=True):
                same(a, b, x)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("case", CASES)
def test_gradients_and_tangents(case, op, data_format):
    if op == "sum" and not case.startswith("pool_pyramid"):
        pytest.skip("sums are for pyramids")
    for nd, dtype in [(nd, dtype) for nd in (1, 2, 3) for dtype in FLOATS]:
        fast, plain, options, more = functions(case, nd, op, data_format)
        if case == "pool_pyramid" and nd == 3:
            options = options | {"levels": 2}
        x = layout(values(SHAPES[nd], dtype), data_format)
        y = fast[0](x, **options)
        g = [values(each.shape, dtype, seed=i) for i, each in enumerate(several(y))]
        g = g if isinstance(y, list) else g[0]
        got, want = fast[1](g, x, **options), plain[1](g, x, **options, **more)
        assert got.dtype == dtype and got.shape == x.shape
        loose = {"rtol": 4 * float(ulp(1.0, dtype)), "atol": 64 * float(ulp(1.0, dtype))}
        np.testing.assert_allclose(got.astype(float), want.astype(float), **loose)
        t = values(x.shape, dtype, seed=9)
        got, want = fast[2](t, x, **options), plain[2](t, x, **options, **more)
        for a, b in zip(several(got), several(want), strict=True):
            same(a, b, t)


@pytest.mark.parametrize("op", OPS)
def test_bands(op, monkeypatch):
    """However a pyramid is cut into bands, its levels are those of the windowed operators."""
    for shape, levels, factor in [
        ((3, 100, 33), 3, 2),
        ((1, 257, 20), 4, (2, 1)),
        ((40, 9, 8), 2, 2),
        ((2, 81, 81), 2, (3, 2)),
    ]:
        for dtype in (np.uint8, np.int64, np.float32, np.float64):
            x = values(shape, dtype)
            if np.dtype(dtype).kind in "iu":
                x = x // 8
            for band in (1, 3000, 1 << 18):
                monkeypatch.setattr(_scales, "_BAND", band)
                for view in (x, np.repeat(x, 2, -1)[..., ::2], x[:, ::-1]):
                    got = cpool.pool_pyramid(view, levels, factor, op, spatial_ndim=2)
                    for level, each in enumerate(got, 1):
                        kernel = tuple(f**level for f in np.broadcast_to(factor, 2).tolist())
                        want = getattr(cpool, f"{op}_pool2d")(np.ascontiguousarray(view), kernel)
                        same(each, want, x)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int8, np.uint16, np.int32, np.uint64])
def test_labels(dtype, monkeypatch):
    """A label is the most frequent of all elements of its window, of several the smallest."""
    rng = np.random.default_rng(3)
    for shape, levels, factor in [((2, 3, 37), 3, 2), ((3, 40, 21), 2, (3, 2)), ((9, 8, 17), 2, (1, 2, 2))]:
        nd = 1 if isinstance(factor, int) else len(factor)
        x = rng.integers(0, 2 if dtype == np.bool_ else 4, shape).astype(dtype)
        for band in (1, 1 << 21):
            monkeypatch.setattr(_scales, "_BAND", band)
            got = cpool.pool_pyramid(x, levels, factor, "mode", spatial_ndim=nd)
            options = {"spatial_ndim": nd, "data_format": "channels_last"}
            last = cpool.pool_pyramid(x[..., None], levels, factor, "mode", **options)
            for level, (each, other) in enumerate(zip(got, last, strict=True), 1):
                kernel = np.broadcast_to(factor, nd) ** level
                windows = np.lib.stride_tricks.sliding_window_view(x, kernel, tuple(range(-nd, 0)))
                windows = windows[(..., *(slice(None, None, k) for k in kernel), *[slice(None)] * nd)]
                votes = np.stack([(windows == n).sum(tuple(range(-nd, 0))) for n in range(4)], -1)
                assert_same(each, votes.argmax(-1).astype(dtype))
                assert_same(other[..., 0], each)


@pytest.mark.parametrize("at_once", [1, 2, 6])
@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != np.bool_])
def test_levels_from_sums(dtype, at_once, monkeypatch):
    """Levels made from the sums of the levels below are those that one window gives, whatever the cuts."""
    monkeypatch.setattr(_scales, "_AT_ONCE", at_once)
    for shape, levels, factor, channels in [
        ((2, 300), 7, (2,), ()), ((2, 70, 150), 6, 2, ()), ((150, 33), 5, 2, (3,)), ((2, 30, 30), 3, 3, ()),
        ((60, 60), 2, (4, 5), (2,)), ((9, 16, 40), 3, (2, 2, 2), ()), ((2, 16, 8, 20), 2, (2, 1, 2), (5,)),
        ((40, 20), 2, (1, 2), ()), ((20, 40), 2, (3, 1), ()), ((21, 21), 1, 20, ()),
        ((17, 5), 4, (2, 1), (9,)),
    ]:
        nd = 2 if isinstance(factor, int) else len(factor)
        last = "channels_last" if channels else "channels_first"
        for flavour in ("plain", "special") if is_float(dtype) else ("plain", "extreme"):
            x = values((*shape, *channels), dtype, flavour)
            for op in ("avg", "sum") if is_float(dtype) else ("avg",):
                got = cpool.pool_pyramid(x, levels, factor, op, spatial_ndim=nd, data_format=last)
                for level, each in enumerate(got, 1):
                    kernel = tuple((np.broadcast_to(factor, nd) ** level).tolist())
                    same(each, getattr(cpool, f"{op}_pool{nd}d")(x, kernel, data_format=last), x)


def test_every_level_is_rounded_once():
    x = np.array([[0, 1], [1, 1]], np.uint8).repeat(2, 0).repeat(2, 1)
    x[0, 0] = 1
    exact = x.mean()
    assert [level.tolist() for level in cpool.pool_pyramid(x, 2, spatial_ndim=2)] == [
        [[0, 1], [1, 1]],
        [[round(exact)]],
    ]
    flat = np.full((64, 64), 0.1, np.float32)
    assert all((level == np.float32(0.1)).all() for level in cpool.pool_pyramid(flat, 6, spatial_ndim=2))
    top = np.full((4, 4), 2**63 - 1)
    assert all((level == 2**63 - 1).all() for level in cpool.pool_pyramid(top, 2, spatial_ndim=2))


@given(st.data())
def test_any_pyramid(data):
    nd = data.draw(st.integers(1, 3))
    factor = data.draw(st.tuples(*[st.integers(1, 3)] * nd))
    levels = data.draw(st.integers(1, 3))
    spatial = [data.draw(st.integers(f**levels, f**levels + 9)) for f in factor]
    op = data.draw(st.sampled_from(OPS))
    x = values(
        (2, *spatial),
        data.draw(st.sampled_from([np.uint8, np.int32, np.float64])),
        seed=data.draw(st.integers(0, 9)),
    )
    for a, b in zip(
        cpool.pool_pyramid(x, levels, factor, op, spatial_ndim=nd),
        reference.pool_pyramid(x, levels, factor, op, nd=nd),
        strict=True,
    ):
        same(a, b, x)


def test_threads():
    x = values((4, 16, 128, 200), np.float32)
    for call in (
        lambda: cpool.pool_pyramid(x, 4),
        lambda: [cpool.spatial_pyramid_pool(x)],
        lambda: cpool.strip_pool(x),
        lambda: [cpool.adaptive_concat_pool2d(x, 5)],
        lambda: [cpool.pool_pyramid_backward(cpool.pool_pyramid(x, 4), x, 4)],
    ):
        found = []
        for threads in (1, 2, 3, 7):
            with cpool.num_threads(threads):
                found.append([a.tobytes() for a in call()])
        assert all(each == found[0] for each in found)


def test_against_torch():
    """SPP-net's vector and fast.ai's concatenation, as PyTorch is used for them."""
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    x = values((2, 5, 13, 17), np.float32)
    t = torch.tensor(x)
    want = torch.cat([F.adaptive_max_pool2d(t, n).flatten(1) for n in (1, 2, 4)], 1)
    np.testing.assert_array_equal(cpool.spatial_pyramid_pool(x), want.numpy())
    want = torch.cat([F.adaptive_max_pool2d(t, 1), F.adaptive_avg_pool2d(t, 1)], 1)
    np.testing.assert_allclose(cpool.adaptive_concat_pool2d(x), want.numpy(), rtol=1e-5, atol=1e-6)
    for got, dim in zip(cpool.strip_pool(x), (3, 2), strict=True):
        np.testing.assert_allclose(got, t.mean(dim, keepdim=True).numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("size", [1, 2])
def test_fused_reducers(size, data_format, monkeypatch):
    """However an array is cut, its reducers side by side are what each of them gives."""
    sets = [("avg", "std"), ("min", "max"), ("std",), ("max", "avg", "std", "min")]
    for nd, dtype in [(nd, dtype) for nd in (1, 2, 3) for dtype in FLOATS]:
        x = layout(values(SHAPES[nd], dtype), data_format)
        axis = -1 if data_format == "channels_last" else -1 - nd
        for ops, band in [(ops, band) for ops in sets for band in (1, 600, 1 << 21)]:
            monkeypatch.setattr(_scales, "_BAND", band)
            monkeypatch.setattr(_scales, "_LONG", band)
            name, options = f"adaptive_concat_pool{nd}d", {"ops": ops, "data_format": data_format}
            got = getattr(cpool, name)(x, size, **options)
            alone = [(f"adaptive_{op}_pool{nd}d", {"data_format": data_format}) for op in ops]
            same(got, np.concatenate([getattr(cpool, n)(x, size, **o) for n, o in alone], axis), x)
        g, t = values(got.shape, dtype, seed=1), values(x.shape, dtype, seed=2)
        moved = np.split(getattr(cpool, name + "_jvp")(t, x, size, **options), len(ops), axis)
        for op, (n, o), part in zip(ops, alone, moved, strict=True):
            if op in ("avg", "std"):
                same(np.ascontiguousarray(part), getattr(cpool, n + "_jvp")(t, x, size, **o), t)
        grads = [
            getattr(cpool, n + "_backward")(part, x, size, **o).astype(float)
            for (n, o), part in zip(alone, np.split(g, len(ops), axis), strict=True)
        ]
        back = getattr(cpool, name + "_backward")(g, x, size, **options)
        eps = float(ulp(1.0, dtype))
        np.testing.assert_allclose(back.astype(float), sum(grads), rtol=8 * eps, atol=16 * eps)


def test_layers():
    x = values((2, 3, 9, 8), np.float64)
    for layer, name, options in [
        (cpool.PoolPyramid(2), "pool_pyramid", {"levels": 2}),
        (cpool.PoolPyramid(2, op="max"), "pool_pyramid", {"levels": 2, "op": "max"}),
        (cpool.SpatialPyramidPool((1, 2)), "spatial_pyramid_pool", {"levels": (1, 2)}),
        (cpool.StripPool("max"), "strip_pool", {"op": "max"}),
        (cpool.AdaptiveConcatPool2d(2), "adaptive_concat_pool2d", {"output_size": 2}),
    ]:
        y = layer(x)
        for a, b in zip(several(y), several(getattr(cpool, name)(x, **options)), strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(layer.backward(y), getattr(cpool, name + "_backward")(y, x, **options))
        assert repr(eval(repr(layer), vars(cpool))) == repr(layer)


X = np.zeros((2, 3, 8, 8))


@pytest.mark.parametrize(
    "call, error, word",
    [
        (lambda: cpool.pool_pyramid(X, 4), ValueError, "levels"),
        (lambda: cpool.pool_pyramid(X, 0), ValueError, "levels"),
        (lambda: cpool.pool_pyramid(X, 1.0), TypeError, "levels"),
        (lambda: cpool.pool_pyramid(X, 62), ValueError, "levels"),
        (lambda: cpool.pool_pyramid(X, 1, 0), ValueError, "factor"),
        (lambda: cpool.pool_pyramid(X, 1, (2, 2, 2)), ValueError, "factor"),
        (lambda: cpool.pool_pyramid(X, 1, op="lp"), ValueError, "op"),
        (lambda: cpool.pool_pyramid(X, 1, op=None), TypeError, "op"),
        (lambda: cpool.pool_pyramid(X > 0, 1), TypeError, "x must"),
        (lambda: cpool.pool_pyramid(X, 1, op="mode"), TypeError, "x must"),
        (lambda: cpool.pool_pyramid_backward([X], X, 1, op="mode"), ValueError, "op"),
        (lambda: cpool.pool_pyramid_jvp(X, X, 1, op="mode"), ValueError, "op"),
        (lambda: cpool.pool_pyramid(X[..., 0, 0], 1), ValueError, "spatial_ndim"),
        (lambda: cpool.pool_pyramid(X, 1, spatial_ndim=4), ValueError, "spatial_ndim"),
        (lambda: cpool.pool_pyramid(X, 1, data_format="NCDHW"), ValueError, "data_format"),
        (lambda: cpool.pool_pyramid(X[:, :, :0], 1), ValueError, "x must"),
        (lambda: cpool.pool_pyramid_backward([X], X, 1), ValueError, "grad_output"),
        (lambda: cpool.pool_pyramid_backward(X, X, 1), ValueError, "grad_output"),
        (lambda: cpool.pool_pyramid_backward([X], X, 2), ValueError, "grad_output"),
        (
            lambda: cpool.pool_pyramid_backward([X[:, :, ::2, ::2]], X.shape, 1, op="max"),
            TypeError,
            "x must be an array",
        ),
        (lambda: cpool.pool_pyramid_jvp(X[:1], X, 1), ValueError, "tangent"),
        (lambda: cpool.pool_pyramid_jvp(X.astype(np.float32), X, 1), TypeError, "tangent"),
        (lambda: cpool.spatial_pyramid_pool(X, ()), ValueError, "levels"),
        (lambda: cpool.spatial_pyramid_pool(X, 2), TypeError, "levels"),
        (lambda: cpool.spatial_pyramid_pool(X, (0,)), ValueError, "levels"),
        (lambda: cpool.spatial_pyramid_pool(X, (1, (2, 2, 2))), ValueError, "levels"),
        (lambda: cpool.spatial_pyramid_pool(X, op="sum"), ValueError, "op"),
        (lambda: cpool.spatial_pyramid_pool(X[0, 0], spatial_ndim=2), ValueError, "channels"),
        (lambda: cpool.spatial_pyramid_pool_backward(np.ones((2, 62)), X), ValueError, "grad_output"),
        (lambda: cpool.strip_pool(X, "sum"), ValueError, "op"),
        (lambda: cpool.strip_pool_backward([X], X), ValueError, "grad_output"),
        (lambda: cpool.adaptive_concat_pool2d(X, ops=()), ValueError, "ops"),
        (lambda: cpool.adaptive_concat_pool2d(X, ops="max"), TypeError, "ops"),
        (lambda: cpool.adaptive_concat_pool2d(X, ops=("max", "sum")), ValueError, "ops"),
        (lambda: cpool.adaptive_concat_pool2d(X.astype(int), ops=("std",)), TypeError, "x must"),
        (lambda: cpool.adaptive_concat_pool2d_backward(X, X.shape, ops=("std",)), TypeError, "x must"),
        (lambda: cpool.adaptive_concat_pool2d(X, -1), ValueError, "output_size"),
        (lambda: cpool.adaptive_concat_pool2d(X[0, 0]), ValueError, "channels"),
        (lambda: cpool.adaptive_concat_pool2d(X, data_format="NCW"), ValueError, "data_format"),
        (lambda: cpool.adaptive_concat_pool2d_backward(np.ones((2, 5, 1, 1)), X), ValueError, "grad_output"),
    ],
)
def test_refusals(call, error, word):
    with pytest.raises(error, match=word) as caught:
        call()
    assert caught.type is error


def test_empty_batches():
    for shape in ((0, 3, 8, 8), (2, 0, 8, 8)):
        x = np.zeros(shape)
        assert [y.shape for y in cpool.pool_pyramid(x, 2)] == [(*shape[:2], 4, 4), (*shape[:2], 2, 2)]
        assert cpool.spatial_pyramid_pool(x, (1, 2)).shape == (shape[0], 5 * shape[1])
        assert cpool.adaptive_concat_pool2d(x, 2).shape == (shape[0], 2 * shape[1], 2, 2)
        assert cpool.strip_pool(x)[0].shape == (*shape[:2], 8, 1)
        ys = cpool.pool_pyramid(x, 2)
        assert cpool.pool_pyramid_backward(ys, x, 2).shape == shape
        assert cpool.pool_pyramid_jvp(x, x, 2, op="max")[1].shape == (*shape[:2], 2, 2)


@pytest.mark.parametrize("op", ["max", "avg"])
def test_results_are_in_the_byte_order_of_the_machine(op):
    x = values((2, 3, 8, 8), np.float32)
    swapped = x.astype(x.dtype.newbyteorder())
    for name, options in ("pool_pyramid", {"levels": 1}), ("strip_pool", {}), ("spatial_pyramid_pool", {}):
        function = getattr(cpool, name + "_jvp")
        got, want = (several(function(t, t, **options, op=op, spatial_ndim=2)) for t in (swapped, x))
        for a, b in zip(got, want, strict=True):
            assert_same(a, b)


@pytest.mark.parametrize("dtype", [dtype for dtype in FLOATS if dtype.itemsize == 2], ids=str)
def test_gradients_of_16_bits_are_rounded_once(dtype):
    x = values((2, 3, 7, 6), dtype)
    g = values((2, 3 * 21), dtype, seed=1)
    got = cpool.spatial_pyramid_pool_backward(g, x, (1, 2, 4), "avg", spatial_ndim=2)
    want = reference.spatial_pyramid_pool_backward(g, x, (1, 2, 4), "avg", nd=2)
    with np.errstate(all="ignore"):
        size = abs(g.astype(float)).sum() * 2.0**-23
        assert_close(got, want, ulp(want, dtype) + size)
