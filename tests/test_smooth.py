"""Log-mean-exp, softmax weights, power means, mixtures, gates, trees, weights by detail and by rank."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from compare import DTYPES, FLOATS, LAYOUTS, assert_close, is_float, outcome, ulp, values
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import geometries, shapes
from test_bits import available
from test_window import GEOMETRIES

import cpool
from cpool import reference
from cpool._smooth import OPERATORS

NAMES = {op.name: op for op in OPERATORS}
WINDOWED = [name for name, op in NAMES.items() if op.kinds == ("windowed",)]
ANYWHERE = [name for name in NAMES if name not in WINDOWED]
PLAIN = {
    "lse": {"r": 1.7}, "soft": {}, "softmax": {"temperature": 0.6}, "lip": {},
    "gem": {"p": 3.0, "eps": 0.05}, "learned_norm": {"p": 2.3, "c": 0.4}, "mixed": {"alpha": 0.3},
    "gated": {"bias": 0.2}, "tree": {}, "detail": {"alpha": 0.4, "lam": 1.2, "eps": 0.1}, "ordinal": {},
}  # fmt: skip
MORE = {
    "lse": [{"r": -0.8}, {"r": 0.0}, {"r": math.inf}],
    "softmax": [{"temperature": -2.0}, {"temperature": 0.0}],
    "gem": [{"p": -1.5, "eps": 0.2}, {"p": 0.0, "eps": 0.1}, {"p": 0.3, "eps": 0.01}, {"p": math.inf}],
    "learned_norm": [{"p": 1.0}, {"p": 4.0, "c": -1.0}], "mixed": [{"alpha": 1.0}, {"alpha": -0.5}],
    "detail": [{"alpha": 0.2, "lam": 1.2, "eps": 0.1, "symmetric": False}, {"lam": 0.0}],
}  # fmt: skip
LEARNED = ("r", "temperature", "p", "c", "alpha", "bias", "lam")
SHAPES = {1: (2, 2, 41), 2: (2, 4, 13), 3: (1, 3, 4, 11)}
LAST_SHAPES = {1: (2, 19, 3), 2: (1, 4, 9, 5), 3: (1, 3, 4, 6, 5)}
SHARED = ("stride", "padding", "dilation", "ceil_mode", "data_format", "axis", "dtype", "mask", "keepdims",
          "spatial_ndim", "output_size")  # fmt: skip


class Call:
    """One operator with all its arguments, and the plain version of the same call."""

    def __init__(self, name, kind, nd, x, own=None, *, channels=0, rng=None, **options):
        rng = rng or np.random.default_rng(3)
        self.op, self.kind, self.nd, self.x, self.options = NAMES[name], kind, nd, x, dict(options)
        own = PLAIN[name] if own is None else own
        self.own = {
            k: v * (1 + 0.25 * np.arange(channels)) if channels and k in LEARNED else v
            for k, v in own.items()
        }
        lead, kernel = (channels,) * bool(channels), options.get("kernel_size", ())
        kernel = (kernel,) * nd if isinstance(kernel, int) else tuple(kernel)
        taps = math.prod(kernel)
        self.lead = ()
        if name == "lip":
            self.lead = (rng.standard_normal(x.shape).astype(x.dtype if is_float(x.dtype) else np.float32),)
        elif name == "gated":
            self.lead = (rng.standard_normal(lead + kernel),)
        elif name == "tree":
            self.lead = tuple(rng.standard_normal((*lead, n, *kernel)) / taps for n in (3, 4))
        elif name == "ordinal":
            self.lead = (rng.random((*lead, taps)) / taps,)
        elif name == "detail" and own.get("symmetric", True):
            self.own["filter"] = rng.random(lead + kernel) / taps
        self.where = (channels, taps)

    def function(self, action=""):
        return getattr(cpool, self.op.called(self.kind, self.nd, action))

    @property
    def learned(self):
        """The values of the learnable arguments by name."""
        named = dict(self.op.keywords) | dict(zip(self.op.lead, self.lead, strict=True)) | self.own
        return {name: named.get(name) for name in self.op.learned}

    def __call__(self, *, lead=None, x=None, **own):
        x = self.x if x is None else x
        return self.function()(x, *(lead or self.lead), **self.options | self.own | own)

    def backward(self, g):
        found = self.function("_backward")(g, self.x, *self.lead, **self.options, **self.own)
        return found if isinstance(found, tuple) else (found,)

    def jvp(self, t, **tangents):
        return self.function("_jvp")(t, self.x, *self.lead, **self.options, **self.own, **tangents)

    def twin(self, action=""):
        """The plain version, a function of the arrays before x, and of tangents."""
        name, own = self.op.name, dict(self.own)
        options = {k: v for k, v in self.options.items() if k in SHARED or k == "kernel_size"}
        options["omit_nan"] = self.options.get("nan_policy") == "omit"
        channels, taps = self.where
        if name == "lip":
            options["second"] = np.broadcast_to(self.lead[0], self.x.shape)
        elif self.lead:
            table = (channels, -1, taps) if channels else (-1, taps)
            options["tables"] = [np.reshape(a, table) for a in self.lead]
        if "filter" in own:
            options["tables"] = [own.pop("filter").reshape((channels, 1, taps) if channels else (1, taps))]
        if not own.pop("symmetric", True):
            name = "detail_above"
        if self.kind != "global":
            options["nd"] = self.nd
        prefix = "" if self.kind == "windowed" else f"{self.kind}_"
        slow = getattr(reference, f"{prefix}{name}_pool{action}")
        return lambda *arrays, **more: slow(*arrays, **options, **own, **more)


def near(got, want, x, factor=1.0, message=""):
    """4 ulp, and 16 eps of the accumulator times the largest number that took part."""
    eps = 2.0 ** (-52 if 8 in (x.dtype.itemsize, got.dtype.itemsize) else -23)
    finite = abs(x[np.isfinite(x)].astype(float)).max(initial=0)
    allowed = 4 * ulp(want, want.dtype) + 16 * eps * (finite + abs(want.astype(np.longdouble))) * factor
    assert_close(got, want, np.where(np.isfinite(allowed), allowed, 0), message)


def check(call):
    """Forward, backward and jvp against the plain version."""
    x = call.x
    message = f"{call.op.name} {call.kind} {call.nd} {x.dtype}{x.shape} {call.options} {call.own}"
    before = x.tobytes()
    want, got = outcome(call.twin(), x), outcome(call)
    if isinstance(want, Exception) or isinstance(got, Exception):
        assert isinstance(want, Exception) and isinstance(got, Exception), f"{message}: {got!r}, not {want!r}"
        return None
    assert x.tobytes() == before, message
    near(got, want, x, message=message)
    if not is_float(x.dtype):
        return got
    rng = np.random.default_rng(7)
    g = rng.standard_normal(got.shape).astype(got.dtype)
    wide = x.astype(np.longdouble)
    found, expected = call.backward(g), call.twin("_backward")(g, wide)
    expected = expected[:1] if call.op.name == "soft" else expected  # there with a temperature
    names = (["logits"] if call.op.name == "lip" else []) + list(call.op.learned)
    named = dict(zip((["logits"] if call.op.name == "lip" else []) + order(call), expected[1:], strict=True))
    assert found[0].dtype == x.dtype and found[0].shape == x.shape
    near(found[0], expected[0].astype(x.dtype), g, 8 * max(1, g.size**0.5), message)
    for name, grad in zip(names, found[1:], strict=True):
        if call.learned.get(name) is None and name != "logits":
            assert grad is None
            continue
        like = call.lead[0] if name == "logits" else np.asarray(call.learned[name])
        assert type(grad) is np.ndarray and grad.shape == like.shape
        assert grad.dtype == (like.dtype if name == "logits" else np.float64)
        size = 1 + abs(x[np.isfinite(x)].astype(float)).max(initial=0)
        scale = size * g.size * (1e-9 if name != "logits" else 8 * np.finfo(np.float32).eps)
        if name == "logits" and grad.dtype.itemsize == 2:
            scale += 2.0**-7 * size * g.size
        np.testing.assert_allclose(
            grad.astype(float), np.reshape(named[name], grad.shape).astype(float), rtol=1e-6, atol=scale,
            err_msg=message,
        )  # fmt: skip
    t = rng.standard_normal(x.shape).astype(x.dtype)
    tangents = {n: rng.standard_normal(np.shape(v)) for n, v in call.learned.items() if v is not None}
    own = {f"{n}_tangent": v for n, v in tangents.items()}
    more = {"tangents": {n: v for n, v in tangents.items() if n in LEARNED}}
    channels, taps = call.where
    tables = [v for n, v in tangents.items() if n not in LEARNED]
    if tables:
        table = (channels, -1, taps) if channels else (-1, taps)
        more["tangent_tables"] = [np.reshape(a, table) for a in tables]
    if call.op.name == "lip":
        own["logits_tangent"] = rng.standard_normal(call.lead[0].shape).astype(call.lead[0].dtype)
        more["tangent_second"] = np.broadcast_to(own["logits_tangent"], x.shape)
    along, slow = call.jvp(t, **own), call.twin("_jvp")(t, wide, **more)
    assert along.dtype == got.dtype
    near(along, slow.astype(got.dtype), x, 64, message)
    return got


def order(call):
    """Learnable arguments in the order in which the plain version has their gradients."""
    given = [name for name, value in call.learned.items() if value is not None]
    return [n for n in ("r", "temperature", "p", "c", "alpha", "lam", "bias") if n in given] + [
        n for n in given if n not in LEARNED
    ]


def numbers(shape, dtype, seed=0):
    """Values of moderate size; ties, but no kinks of the operators."""
    rng = np.random.default_rng([seed, *shape])
    if not is_float(dtype):
        return values(shape, dtype, "special", seed)
    return (rng.integers(-40, 60, shape) / 16 + 0.03).astype(dtype)


def shape_of(nd, layout):
    return SHAPES[nd] if layout == "channels_first" else LAST_SHAPES[nd]


# ---- values and gradients ----


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_geometries(name, nd, layout):
    for number, (title, geometry) in enumerate(GEOMETRIES.items()):
        if title == "wider than the input" and nd == 3:
            continue
        options = geometry(nd) | {"data_format": layout}
        x = numbers(shape_of(nd, layout), FLOATS[number % len(FLOATS)], number)
        channels = x.shape[-1 if layout == "channels_last" else -nd - 1] if number % 2 else 0
        assert check(Call(name, "windowed", nd, x, channels=channels, **options)) is not None, title


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_dtypes(name, dtype):
    for number, own in enumerate([PLAIN[name], *MORE.get(name, [])]):
        x = numbers((2, 7, 9), dtype, number)
        options = {"kernel_size": (2, 3), "stride": (1, 2), "padding": 1}
        assert check(Call(name, "windowed", 2, x, own, **options)) is not None
        for wide in np.float32, np.float64:
            assert check(Call(name, "windowed", 2, x, own, **options, dtype=wide)).dtype == wide


@pytest.mark.parametrize("dtype", [d for d in DTYPES if not is_float(d)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_integers(name, dtype):
    x = numbers((3, 6, 9), dtype, 1)
    for wide in np.float32, np.float64:
        assert check(Call(name, "windowed", 2, x, kernel_size=3, dtype=wide)).dtype == wide
    call = Call(name, "windowed", 2, x, kernel_size=3)
    with pytest.raises(TypeError, match=f"dtype must be float32 or float64 for {name} pooling of {dtype}"):
        call()
    with pytest.raises(TypeError, match="x must have one of the dtypes float16"):
        call.backward(np.ones((3, 2, 3)))
    with pytest.raises(TypeError, match="x must have one of the dtypes float16"):
        call.jvp(np.ones(x.shape))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("name", ANYWHERE)
def test_adaptive(name, nd, layout):
    for number, size in enumerate((1, 2, 3, None, 0, tuple(range(2, 2 + nd)))):
        x = numbers(shape_of(nd, layout), FLOATS[number % len(FLOATS)], number)
        channels = x.shape[-1 if layout == "channels_last" else -nd - 1] if number % 2 else 0
        call = Call(name, "adaptive", nd, x, channels=channels, output_size=size, data_format=layout)
        assert check(call) is not None


@pytest.mark.parametrize("options", [
    {}, {"keepdims": True}, {"data_format": "channels_last"}, {"spatial_ndim": 1}, {"spatial_ndim": 4},
    {"axis": 1}, {"axis": (0, 2)}, {"axis": (3, 1), "keepdims": True}, {"axis": (3, 2, 1, 0)},
    {"spatial_ndim": 3, "data_format": "channels_last"},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("name", ANYWHERE)
def test_global(name, options):
    for number, dtype in enumerate(FLOATS):
        x = numbers((3, 2, 4, 5), dtype, number)
        assert check(Call(name, "global", None, x, **options)) is not None


@pytest.mark.parametrize("name", NAMES)
def test_masks_and_policies(name):
    rng = np.random.default_rng(2)
    for number, dtype in enumerate((np.float32, np.float64)):
        x = numbers((2, 3, 7, 8), dtype, number)
        options = {"kernel_size": 3, "stride": 2, "padding": 1}
        for mask in rng.random(x.shape) < 0.6, rng.random((3, 1, 8)) < 0.5, np.zeros((), bool):
            check(Call(name, "windowed", 2, x, **options, mask=mask))
        holes = rng.random(x.shape) < 0.2
        x[holes] = np.nan
        call = Call(name, "windowed", 2, x, **options)
        some = reference.max_pool(holes, 3, 2, 1, nd=2)
        np.testing.assert_array_equal(np.isnan(call()), some)
        check(Call(name, "windowed", 2, x, **options, nan_policy="omit"))
        omitted = Call(name, "windowed", 2, x, **options, nan_policy="omit")
        masked = Call(name, "windowed", 2, x, **options, mask=~holes)
        np.testing.assert_array_equal(omitted(), masked())
        np.testing.assert_array_equal(omitted(nan_policy="raise", mask=~holes), masked())
        with pytest.raises(ValueError, match="x must not hold NaN"):
            omitted(nan_policy="raise")
        grad = omitted.backward(np.ones(masked().shape, dtype))[0]
        assert np.isfinite(grad).all() and not grad[holes].any()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_takes_part(name):
    x = numbers((2, 3, 8), np.float64)
    empty = -np.inf if name == "lse" else np.nan
    call = Call(name, "windowed", 1, x, kernel_size=2, mask=np.zeros(8, bool))
    np.testing.assert_array_equal(call(), np.full((2, 3, 4), empty))
    for grad in call.backward(np.ones((2, 3, 4))):
        assert not grad.any()
    assert not call.jvp(np.ones(x.shape)).any()
    call = Call(name, "windowed", 1, x, kernel_size=2, stride=3, padding=3)
    assert (call()[..., 0] == empty).all() or np.isnan(call()[..., 0]).all()
    assert Call(name, "windowed", 1, x[:0], kernel_size=2)().shape == (0, 3, 4)
    for grad in Call(name, "windowed", 1, x[:0], kernel_size=2).backward(np.ones((0, 3, 4)))[1:]:
        assert not grad.any()


@st.composite
def calls(draw):
    name, nd = draw(st.sampled_from(list(NAMES))), draw(st.integers(1, 3))
    last = draw(st.booleans())
    kind = "windowed" if name in WINDOWED else draw(st.sampled_from(["windowed", "windowed", "adaptive"]))
    shape = draw(shapes(nd, last))
    options = draw(geometries(nd)) if kind == "windowed" else {"output_size": draw(st.integers(0, 6))}
    x = numbers(shape, draw(st.sampled_from(FLOATS)), draw(st.integers(0, 99)))
    leading = x.ndim - nd
    channels = 0
    if last:
        options["data_format"] = "channels_last"
        channels = shape[-1]
    elif leading:
        channels = shape[leading - 1]
        if draw(st.booleans()):
            spatial = draw(st.permutations(range(x.ndim)))[:nd]
            options["axis"] = tuple(spatial)
            channels = [n for i, n in enumerate(shape) if i not in spatial][-1]
    if draw(st.booleans()):
        options["mask"] = np.random.default_rng(draw(st.integers(0, 9))).random(shape) < 0.7
    return Call(name, kind, nd, x, channels=channels if draw(st.booleans()) else 0, **options)


@given(calls())
@settings(max_examples=150)
def test_drawn(call):
    check(call)


# ---- other oracles ----


def blocks(x, kernel, stride):
    """The windows of the last two axes, flat."""
    found = np.lib.stride_tricks.sliding_window_view(x, kernel, (-2, -1))[..., ::stride, ::stride, :, :]
    return found.reshape(*found.shape[:-2], -1)


def test_scipy():
    special = pytest.importorskip("scipy.special")
    x = np.random.default_rng(1).standard_normal((2, 3, 11, 12)) * 4
    z = np.random.default_rng(2).standard_normal(x.shape)
    flat, scores = blocks(x, (3, 4), 2), blocks(z, (3, 4), 2)
    close = {"rtol": 1e-13, "atol": 1e-13}
    for r in 0.7, -3.0, 25.0:
        want = (special.logsumexp(r * flat, axis=-1) - np.log(12)) / r
        np.testing.assert_allclose(cpool.lse_pool2d(x, (3, 4), 2, r=r), want, **close)
        want = (special.softmax(r * flat, axis=-1) * flat).sum(-1)
        np.testing.assert_allclose(cpool.softmax_pool2d(x, (3, 4), 2, temperature=1 / r), want, **close)
    want = (special.softmax(flat, axis=-1) * flat).sum(-1)
    np.testing.assert_allclose(cpool.soft_pool2d(x, (3, 4), 2), want, **close)
    want = (special.softmax(scores, axis=-1) * flat).sum(-1)
    np.testing.assert_allclose(cpool.lip_pool2d(x, z, (3, 4), 2), want, **close)
    gate = np.random.default_rng(3).standard_normal((3, 4))
    alpha = special.expit(flat @ gate.ravel() + 0.3)
    want = alpha * flat.max(-1) + (1 - alpha) * flat.mean(-1)
    np.testing.assert_allclose(cpool.gated_pool2d(x, gate, (3, 4), 2, bias=0.3), want, **close)
    weights = np.random.default_rng(4).random(12)
    want = np.sort(flat, -1)[..., ::-1] @ weights
    np.testing.assert_allclose(cpool.ordinal_pool2d(x, weights, (3, 4), 2), want, **close)


def torch_pools(torch):
    """Each operator as torch code: (windows, parameters as tensors) to values."""

    def tree(v, gates, leaves):
        dots = [v @ g.reshape(-1) for g in gates]
        p, q, r, s = (v @ leaf.reshape(-1) for leaf in leaves)
        a, b = torch.sigmoid(dots[1]), torch.sigmoid(dots[2])
        a, b = a * p + (1 - a) * q, b * r + (1 - b) * s
        top = torch.sigmoid(dots[0])
        return top * a + (1 - top) * b

    def gated(v, gate, bias):
        alpha = torch.sigmoid(v @ gate.reshape(-1) + bias)
        return alpha * v.amax(-1) + (1 - alpha) * v.mean(-1)

    def detail(v, alpha, lam, filter_):
        d = v - (v @ filter_.reshape(-1))[..., None]
        w = alpha + (d**2 + 0.01) ** (lam / 2)
        return (w * v).sum(-1) / w.sum(-1)

    return {
        "lse": lambda v, r: (torch.logsumexp(r * v, -1) - math.log(v.shape[-1])) / r,
        "soft": lambda v: (torch.softmax(v, -1) * v).sum(-1),
        "softmax": lambda v, t: (torch.softmax(v / t, -1) * v).sum(-1),
        "gem": lambda v, p: (v.clamp(min=0.05) ** p).mean(-1) ** (1 / p),
        "learned_norm": lambda v, p, c: ((v - c).abs() ** p).mean(-1) ** (1 / p),
        "mixed": lambda v, a: a * v.amax(-1) + (1 - a) * v.mean(-1),
        "gated": gated, "tree": tree, "detail": detail,
        "ordinal": lambda v, w: (v.sort(-1, descending=True).values * w).sum(-1),
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lip"])
def test_torch(name):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(5).permutation(np.linspace(-2, 3, 2 * 3 * 9 * 8)).reshape(2, 3, 9, 8)
    call = Call(name, "windowed", 2, x, kernel_size=3, stride=2)
    leaf = torch.tensor(x, requires_grad=True)
    windows = leaf.unfold(2, 3, 2).unfold(3, 3, 2).reshape(2, 3, 4, 3, 9)
    given = [torch.tensor(np.asarray(v, float), requires_grad=True) for v in call.learned.values()]
    y = torch_pools(torch)[name](windows, *given)
    np.testing.assert_allclose(call(), y.detach().numpy(), rtol=1e-12, atol=1e-13)
    g = np.random.default_rng(6).standard_normal(y.shape)
    y.backward(torch.from_numpy(g))
    grad, *slopes = call.backward(g)
    np.testing.assert_allclose(grad, leaf.grad.numpy(), rtol=1e-9, atol=1e-12)
    for got, want in zip(slopes, given, strict=True):
        np.testing.assert_allclose(got, want.grad.numpy(), rtol=1e-9, atol=1e-11)


def test_torch_lip():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    x, z = rng.standard_normal((2, 3, 9, 8)), rng.standard_normal((2, 1, 9, 8))
    leaf, logits = (torch.tensor(a, requires_grad=True) for a in (x, z))
    pool = torch.nn.functional.avg_pool2d
    y = pool(leaf * logits.exp(), 3, 2) / pool(logits.exp(), 3, 2)
    np.testing.assert_allclose(cpool.lip_pool2d(x, z, 3, 2), y.detach().numpy(), rtol=1e-12, atol=1e-13)
    g = rng.standard_normal(y.shape)
    y.backward(torch.from_numpy(g))
    grad, grad_logits = cpool.lip_pool2d_backward(g, x, z, 3, 2)
    np.testing.assert_allclose(grad, leaf.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(grad_logits, logits.grad.numpy(), rtol=1e-9, atol=1e-12)


# ---- gradients by differences ----


@pytest.mark.parametrize("name", NAMES)
def test_finite_differences(name):
    rng = np.random.default_rng(8)
    x = rng.permutation(np.linspace(-2.0, 3.0, 3 * 6 * 8)).reshape(3, 6, 8) + 0.01  # no ties
    step = 1e-6
    for channels in 0, 3:
        call = Call(name, "windowed", 2, x, channels=channels, kernel_size=3, stride=2, padding=1)
        g = rng.standard_normal(call().shape)
        grads = call.backward(g)
        t = rng.standard_normal(x.shape)
        slope = (call(x=x + step * t) - call(x=x - step * t)) / (2 * step)
        np.testing.assert_allclose(call.jvp(t), slope, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose((grads[0] * t).sum(), (g * slope).sum(), rtol=1e-6, atol=1e-6)
        names = [*(["logits"] if name == "lip" else []), *call.op.learned]
        for which, grad in zip(names, grads[1:], strict=True):
            t = rng.standard_normal(grad.shape)

            def moved(by, which=which, t=t, call=call):
                if which in call.op.lead:
                    each = zip(call.op.lead, call.lead, strict=True)
                    return call(lead=[a + by * t if n == which else a for n, a in each])
                return call(**{which: call.own[which] + by * t})

            slope = (moved(step) - moved(-step)) / (2 * step)
            along = call.jvp(np.zeros_like(x), **{f"{which}_tangent": t})
            np.testing.assert_allclose(along, slope, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose((grad * t).sum(), (g * slope).sum(), rtol=1e-5, atol=1e-6)


# ---- numbers that are large, small or special ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_large_numbers(name, dtype):
    """1e30 and -1e30 are numbers like others: nothing overflows on the way."""
    rng = np.random.default_rng(1)
    x = (rng.choice([1e30, -1e30, 1.0, 3e29, -2.0], (4, 9, 9)) * rng.random((4, 9, 9))).astype(dtype)
    call = Call(name, "windowed", 2, x, kernel_size=3)
    assert np.isfinite(call()).all()
    assert np.isfinite(call.backward(np.ones((4, 3, 3), dtype))[0]).all()
    near(call(), call.twin()(x), x, 4 if name == "detail" else 1)  # powers of 1e60: 140 eps in the exponent


@pytest.mark.parametrize("name", ["lse", "soft", "softmax"])
def test_infinite_numbers(name):
    inf = np.inf
    x = np.array([inf, 1, 2, -inf, 1, 3, -inf, -inf, -inf, inf, -inf, 0])
    pool = getattr(cpool, f"{name}_pool1d")
    y = pool(x, 3)
    assert y[0] == inf and np.isfinite(y[1]) and y[1] <= 3 and y[2] == -inf and y[3] == inf


@pytest.mark.parametrize("name", NAMES)
def test_one_element_and_equal_elements(name):
    """A window of one element is that element, one of equal elements their value."""
    x = abs(numbers((3, 12), np.float64)) + 0.1
    own = {k: v for k, v in PLAIN[name].items() if k not in ("filter", "c")}
    one = {"logits": x, "gate": np.ones(1), "gates": np.ones((1, 1)), "leaves": np.ones((2, 1)),
           "rank_weights": [1.0]}  # fmt: skip
    lead = [one[n] for n in NAMES[name].lead]
    pool = getattr(cpool, f"{name}_pool1d")
    np.testing.assert_allclose(pool(x, *lead, 1, **own), x, rtol=1e-14)
    same = np.repeat(x, 4, -1)
    four = {"logits": np.zeros(same.shape), "gate": np.ones(4), "gates": np.ones((1, 4)),
            "leaves": np.full((2, 4), 0.25), "rank_weights": [0.1, 0.2, 0.3, 0.4]}  # fmt: skip
    lead = [four[n] for n in NAMES[name].lead]
    np.testing.assert_allclose(pool(same, *lead, 4, **own), x, rtol=1e-14)


def test_limits():
    x = np.array([1.0, 5.0, 2.0, 4.0, 4.0, 1.0])
    inf = np.inf
    top, low, mean = [5.0, 4.0], [1.0, 1.0], [8 / 3, 3.0]
    for name, limits in {
        "lse": [(inf, top), (-inf, low), (0, mean), (1e300, top)],
        "softmax": [(0, top), (-1e-300, low), (inf, mean), (-inf, mean)],
        "gem": [(inf, top), (-inf, low), (1, mean), (0, [10 ** (1 / 3), 16 ** (1 / 3)])],
        "learned_norm": [(inf, top), (1, mean)],
        "mixed": [(1, top), (0, mean)],
    }.items():
        argument = next(iter(NAMES[name].learned))
        for value, want in limits:
            got = getattr(cpool, f"{name}_pool1d")(x, 3, **{argument: value})
            np.testing.assert_allclose(got, want, rtol=1e-14)
    assert cpool.ordinal_pool1d(x, [1, 0, 0], 3).tolist() == top
    np.testing.assert_allclose(cpool.ordinal_pool1d(x, [1 / 3] * 3, 3), mean)
    np.testing.assert_allclose(cpool.detail_pool1d(x, 3, lam=0.0), mean)
    assert cpool.lip_pool1d(x, np.array([0, inf, 0, 0, -inf, 0]), 3).tolist() == [5, 2.5]


def test_missing_scores():
    """A NaN logit spoils the windows in which it takes part, and no others."""
    x, z = np.ones(6), np.zeros(6)
    z[1] = np.nan
    assert np.isnan(cpool.lip_pool1d(x, z, 2)).tolist() == [True, False, False]
    assert cpool.lip_pool1d(x, z, 2, mask=z == z).tolist() == [1, 1, 1]
    assert cpool.lip_pool1d(x, np.full(6, -np.inf), 2).tolist() == [1, 1, 1]


# ---- second inputs and parameters of channels ----


def test_logits_broadcast():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((2, 3, 6, 8)).astype(np.float32)
    g = rng.standard_normal((2, 3, 3, 4)).astype(np.float32)
    for shape in (2, 1, 6, 8), (6, 8), (3, 1, 1), (), (8,), (1, 3, 6, 1), x.shape:
        for dtype in np.float32, np.float64, np.float16:
            z = rng.standard_normal(shape).astype(dtype)
            full = np.broadcast_to(z, x.shape).astype(np.float64)
            y = cpool.lip_pool2d(x, z, 2)
            np.testing.assert_allclose(y, cpool.lip_pool2d(x, full, 2), rtol=1e-5, atol=1e-6)
            grad, grad_z = cpool.lip_pool2d_backward(g, x, z, 2)
            want, want_z = cpool.lip_pool2d_backward(g, x, full, 2)
            np.testing.assert_allclose(grad, want, rtol=1e-5, atol=1e-6)
            assert grad_z.shape == shape and grad_z.dtype == dtype
            summed = want_z.sum(tuple(range(4 - len(shape))))
            for i, n in enumerate(shape):
                summed = summed if n != 1 else summed.sum(i, keepdims=True)
            tolerance = 2e-3 if dtype == np.float16 else 1e-5
            np.testing.assert_allclose(grad_z, summed, rtol=tolerance, atol=tolerance)
            t = rng.standard_normal(shape).astype(dtype)
            along = cpool.lip_pool2d_jvp(np.zeros_like(x), x, z, 2, logits_tangent=t)
            want = cpool.lip_pool2d_jvp(
                np.zeros_like(x), x, full, 2, logits_tangent=np.broadcast_to(t, x.shape).astype(float))
            np.testing.assert_allclose(along, want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, op in NAMES.items() if op.learned])
def test_channels_wherever_they_are(name):
    """Parameters of channels go to the last axis that is not spatial, in every layout and memory order."""
    x = numbers((2, 3, 6, 8), np.float64, 1)
    first = Call(name, "windowed", 2, x, channels=3, kernel_size=2)
    want, g = first(), np.random.default_rng(0).standard_normal((2, 3, 3, 4))
    grads = first.backward(g)
    for channel in range(3):
        alone = Call(name, "windowed", 2, x[:, channel], kernel_size=2)
        alone.own = {k: v[channel] if np.ndim(v) else v for k, v in first.own.items()}
        alone.lead = tuple(a[channel] for a in first.lead)
        np.testing.assert_allclose(alone(), want[:, channel], rtol=1e-14)
        for a, b in zip(grads[1:], alone.backward(g[:, channel])[1:], strict=True):
            np.testing.assert_allclose(a[channel], b, rtol=1e-11, atol=1e-13)
    for order_ in (0, 2, 3, 1), (2, 3, 0, 1), (1, 2, 3, 0), (0, 1, 3, 2), (3, 2, 1, 0):
        memory = np.ascontiguousarray(x.transpose(order_)).transpose(np.argsort(order_))
        again = Call(name, "windowed", 2, memory, channels=3, kernel_size=2)
        np.testing.assert_allclose(again(), want, rtol=1e-14)
        for a, b in zip(again.backward(g), grads, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
    for axis, order_ in {(1, 2): (0, 2, 3, 1), (0, 2): (2, 0, 3, 1), (0, 1): (2, 3, 0, 1)}.items():
        moved = np.ascontiguousarray(x.transpose(order_))
        again = Call(name, "windowed", 2, moved, channels=3, kernel_size=2, axis=axis)
        np.testing.assert_allclose(again(), want.transpose(order_), rtol=1e-14)
        found = again.backward(np.ascontiguousarray(g.transpose(order_)))
        np.testing.assert_allclose(found[0], grads[0].transpose(order_), rtol=1e-12, atol=1e-13)
        for a, b in zip(found[1:], grads[1:], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
        t = np.random.default_rng(1).standard_normal(x.shape)
        own = {f"{n}_tangent": np.ones(np.shape(v)) for n, v in first.learned.items()}
        along = first.jvp(t, **own).transpose(order_)
        np.testing.assert_allclose(again.jvp(t.transpose(order_), **own), along, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_forms_of_arrays(name):
    x = numbers((2, 3, 6, 9), np.float64)
    want = Call(name, "windowed", 2, x, kernel_size=3)()
    for form in (
        np.asfortranarray(x), x.astype(x.dtype.newbyteorder()), np.repeat(x, 2, -1)[..., ::2],
        x[::-1].copy()[::-1],
    ):  # fmt: skip
        call = Call(name, "windowed", 2, form, kernel_size=3)
        call.lead = Call(name, "windowed", 2, x, kernel_size=3).lead
        np.testing.assert_allclose(call(), want, rtol=1e-14)
    call, out = Call(name, "windowed", 2, x, kernel_size=3), np.empty(want.shape, order="F")
    assert call(out=out) is out
    np.testing.assert_array_equal(out, want)
    g, grad = np.ones(want.shape), np.empty(x.shape)
    call.options["out"] = grad
    found = call.backward(g)
    assert found[0] is grad
    call.options["out"] = x
    with pytest.raises(ValueError, match="out"):
        call.backward(g)
    with pytest.raises(ValueError, match="out must have the shape"):
        call()
    if name == "lip":
        logits = np.zeros((4, 4))
        with pytest.raises(ValueError, match="out must not share memory"):
            cpool.lip_pool2d(np.ones((4, 4)), logits, 1, out=logits)


# ---- threads and levels ----


@pytest.mark.parametrize("name", NAMES)
def test_threads(name):
    """The same bits for every number of threads."""
    for shape, layout in ((40, 3, 30, 31), "channels_first"), ((2, 90, 110, 3), "channels_last"):
        x = numbers(shape, np.float32)
        call = Call(name, "windowed", 2, x, channels=3, kernel_size=3, stride=2, data_format=layout)
        results = []
        for threads in 1, 2, 3, 7:
            with cpool.num_threads(threads):
                y = call()
                results.append([y, *call.backward(y), call.jvp(x)])
        for other in results[1:]:
            assert all(a.tobytes() == b.tobytes() for a, b in zip(results[0], other, strict=True))


def results():
    """Values, gradients and derivatives of every operator, by name."""
    found = {}
    for name in NAMES:
        for dtype in np.float16, np.float32, np.float64:
            x = numbers((2, 3, 13, 40), dtype)
            for own in [PLAIN[name], *MORE.get(name, [])]:
                call = Call(name, "windowed", 2, x, own, kernel_size=3, stride=2, padding=1)
                y = call()
                for i, array in enumerate([y, *call.backward(y), call.jvp(x)]):
                    if array is not None:
                        found[f"{name} {dtype.__name__} {own} {i}"] = array
    return found


@pytest.mark.parametrize("level", ["v3", "v4"])
def test_levels(level, tmp_path):
    """Every CPU level gives what the baseline gives, within 2 ulp."""
    if not (available("baseline") and available(level)):
        pytest.skip(f"the levels baseline and {level} are not both available")
    code = "import sys, numpy; sys.path.insert(0, sys.argv[1]); import test_smooth; " \
        "numpy.savez(sys.argv[2], **test_smooth.results())"
    found = []
    for one in "baseline", level:
        path = tmp_path / f"{one}.npz"
        places = [str(Path(cpool.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"CPOOL_CPU": one, "PYTHONPATH": os.pathsep.join(places)}
        words = [sys.executable, "-c", code, str(Path(__file__).parent), str(path)]
        subprocess.run(words, env=environment, check=True, capture_output=True)
        found.append(np.load(path))
    first, other = found
    assert first.files == other.files and len(first.files) > 150
    for name in first.files:
        a, b = other[name], first[name]
        assert_close(a, b, 2 * ulp(b, b.dtype), name)


# ---- what is refused ----

NAN, INF = math.nan, math.inf
REFUSED = [
    ("lse", {"r": NAN}, ValueError, "r must be not NaN"), ("lse", {"r": "1"}, TypeError, "r must"),
    ("lse", {"r": [1.0, 2.0]}, ValueError, r"r must be a number or of shape \(3,\)"),
    ("lse", {"r": None}, TypeError, "r must"), ("lse", {"r": True}, TypeError, "r must"),
    ("lse", {"r": 1j}, TypeError, "r must"), ("lse", {"r": [1.0, NAN, 1.0]}, ValueError, "r must be not NaN"),
    ("softmax", {"temperature": NAN}, ValueError, "temperature must be not NaN"),
    ("gem", {"p": NAN}, ValueError, "p must be not NaN"),
    ("gem", {"eps": -1e-9}, ValueError, "eps must be finite and not negative"),
    ("gem", {"eps": NAN}, ValueError, "eps"), ("gem", {"eps": INF}, ValueError, "eps"),
    ("gem", {"eps": [1e-6, 1e-6, 1e-6]}, ValueError, "eps must be a number"),
    ("learned_norm", {"p": 0}, ValueError, "p must be above 0, or inf"),
    ("learned_norm", {"p": -2.0}, ValueError, "p must be above 0"),
    ("learned_norm", {"p": NAN}, ValueError, "p must be above 0"),
    ("learned_norm", {"c": INF}, ValueError, "c must be finite"),
    ("mixed", {"alpha": NAN}, ValueError, "alpha must be finite"),
    ("mixed", {"alpha": INF}, ValueError, "alpha must be finite"),
    ("mixed", {"alpha": np.ones((3, 1))}, ValueError, "alpha must be a number or of shape"),
    ("gated", {"bias": NAN}, ValueError, "bias must be finite"),
    ("gated", {"gate": np.ones(4)}, ValueError, r"gate must be of shape \(2, 2\) or of shape \(3, 2, 2\)"),
    ("gated", {"gate": np.full((2, 2), NAN)}, ValueError, "gate must be finite"),
    ("gated", {"gate": "gate"}, TypeError, "gate must"),
    ("tree", {"gates": np.ones((2, 2, 2))}, ValueError, "gates must be 1, 3, 7 or 15"),
    ("tree", {"gates": np.ones((2, 2))}, ValueError, "gates must be 1, 3, 7 or 15"),
    ("tree", {"gates": np.ones((31, 2, 2))}, ValueError, "gates must be 1, 3, 7 or 15"),
    ("tree", {"leaves": np.ones((3, 2, 2))}, ValueError, r"leaves must be of shape \(2, 2, 2\)"),
    ("tree", {"leaves": np.ones((3, 2, 2, 2))}, ValueError, "gates and leaves must both"),
    ("detail", {"eps": 0}, ValueError, "eps must be finite and above 0"),
    ("detail", {"alpha": INF}, ValueError, "alpha must be finite"),
    ("detail", {"filter": np.ones((3, 3))}, ValueError, "filter must be of shape"),
    ("detail", {"symmetric": 1}, TypeError, "symmetric must be True or False"),
    ("ordinal", {"rank_weights": np.ones(3)}, ValueError, r"rank_weights must be of shape \(4,\)"),
    ("ordinal", {"rank_weights": [1, 0, 0, INF]}, ValueError, "rank_weights must be finite"),
    ("lip", {"logits": np.ones((3, 4, 5))}, ValueError, "logits must"),
    ("lip", {"logits": np.ones((3, 4, 4), int)}, TypeError, "logits must have one of the dtypes float16"),
    ("lip", {"logits": np.ones((2, 3, 4, 4))}, ValueError, "logits must"),
]  # fmt: skip
USUAL = {"gate": np.ones((2, 2)), "gates": np.ones((1, 2, 2)), "leaves": np.ones((2, 2, 2)),
         "rank_weights": np.ones(4), "logits": np.ones((3, 4, 4))}  # fmt: skip


@pytest.mark.parametrize("name, own, error, message", REFUSED)
def test_refused(name, own, error, message):
    x = np.ones((3, 4, 4))
    usual = {k: USUAL[k] for k in NAMES[name].lead} | own
    for action, first in ("", ()), ("_backward", (np.ones((3, 2, 2)),)), ("_jvp", (x,)):
        with pytest.raises(error, match=message):
            getattr(cpool, f"{name}_pool2d{action}")(*first, x=x, kernel_size=2, **usual)


def test_refused_tangents():
    x = np.ones((3, 4, 4))
    with pytest.raises(ValueError, match="filter_tangent must be None as filter is None"):
        cpool.detail_pool2d_jvp(x, x, 2, filter_tangent=np.ones((2, 2)))
    with pytest.raises(ValueError, match="p_tangent must be a number"):
        cpool.gem_pool2d_jvp(x, x, 2, p_tangent=np.ones(3))
    with pytest.raises(TypeError, match="logits_tangent must have the dtype"):
        cpool.lip_pool2d_jvp(x, x, x, 2, logits_tangent=x.astype(np.float32))


# ---- layers ----


@pytest.mark.parametrize("name", NAMES)
def test_layers(name):
    x = numbers((2, 3, 6, 8), np.float64)
    call = Call(name, "windowed", 2, x, channels=3, kernel_size=2)
    arrays = call.lead if name == "lip" else ()
    title = "".join(part.title() for part in f"{name}_pool2d".split("_")).replace("2D", "2d")
    layer = getattr(cpool, title)(*(() if arrays else call.lead), kernel_size=2, **call.own)
    y = layer(x, *arrays)
    np.testing.assert_array_equal(y, call())
    want = call.backward(y)
    found = layer.backward(y)
    found = found if isinstance(found, tuple) else (found,)
    for got, expected in zip(found, want, strict=False):
        np.testing.assert_array_equal(got, expected)
    for parameter, expected in zip(call.op.learned, want[len(found):], strict=True):
        np.testing.assert_array_equal(getattr(layer, f"grad_{parameter}"), expected)
        value = getattr(layer, parameter)
        setattr(layer, parameter, value - 0.1 * expected)
        assert not np.array_equal(layer(x), y)
        setattr(layer, parameter, value)
