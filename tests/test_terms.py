"""Smooth reducers by sums of terms: against the plain loops, and where these sums cannot do."""

import numpy as np
import pytest

pytest.importorskip("cpool._plan")

from test_panel_kernels import near

import cpool
from cpool import _dispatch, _terms, reference

FORMS = {
    "soft": {}, "softmax": {"temperature": 0.6}, "lse": {"r": -1.5}, "gem": {"p": 3.0, "eps": 1e-3},
    "gem 2.7": {"p": 2.7}, "gem 7": {"p": 7.0, "eps": 1e-3}, "gem -0.8": {"p": -0.8, "eps": 0.02}, "lip": {},
}


def pool(name, x, z=None, kernel=3, stride=2, nd=2, function=None, **options):
    lead = (x, z if z is not None else x) if name == "lip" else (x,)
    function = function or getattr(cpool, f"{name.split()[0]}_pool{nd}d")
    return function(*lead, kernel, stride, **FORMS[name], **options)


def plain(name, x, kernel=3, stride=2, **options):
    more = {"second": x} if name == "lip" else {}
    return getattr(reference, f"{name.split()[0]}_pool")(
        x, kernel_size=kernel, stride=stride, nd=2, **more, **FORMS[name], **options)


def gathered(monkeypatch, call):
    """What comes out without terms."""
    with monkeypatch.context() as patch:
        patch.setattr(_dispatch, "_by_terms", lambda: lambda *args: False)
        return call()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_accuracy(name, dtype):
    """Elements of any size for which terms do, next to others, up to where they do not."""
    rng = np.random.default_rng(1)
    for scale in (1e-3, 0.1, 1, 5, 12, 30):
        x = (scale * rng.standard_normal((3, 40, 41))).astype(dtype)
        x[1] += np.array(scale, dtype)
        x[2, ::3, ::3] *= np.array(0.01, dtype)
        for kernel, stride in ((3, 2), (2, 2), ((5, 4), 1), (9, 4)):
            want = plain(name, x, kernel, stride)
            got = pool(name, x, kernel=kernel, stride=stride)
            size = reference.avg_pool(abs(x.astype(float)), kernel, stride, nd=2)
            near(got, want, dtype, size)


@pytest.mark.parametrize("name", FORMS)
def test_a_window_depends_on_its_own_elements_alone(monkeypatch, name):
    """Infinities, NaN and numbers too large for terms change the windows that hold them, as without terms."""
    rng = np.random.default_rng(2)
    for dtype, large in (("float32", 3e3), ("float64", 1e5)):
        x = abs(rng.standard_normal((4, 30, 31))).astype(dtype)
        clean = pool(name, x)
        for value in (np.inf, -np.inf, np.nan, large, -large):
            y = x.copy()
            y[1, 7, 9] = y[2, 12:14, 3] = value
            holds = cpool.max_pool2d((y != x).astype("u1"), 3, 2).astype(bool)
            got = pool(name, y)
            assert got[~holds].tobytes() == clean[~holds].tobytes()
            want = gathered(monkeypatch, lambda y=y: pool(name, y))
            np.testing.assert_allclose(got[holds], want[holds], rtol=2e-6)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("last", [False, True])
def test_pieces_of_any_size_give_the_same_bits(monkeypatch, name, last):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((3, 25, 17, 4) if last else (3, 4, 25, 17)).astype("f4")
    x.ravel()[::300] = 200                      # too large for terms
    mask = rng.random(x.shape) < 0.7
    layout = {"data_format": "channels_last" if last else "channels_first"}
    padded = {"padding": 1, "ceil_mode": True}
    for options in ({}, padded, {"mask": mask}, {"padding": 1, "nan_policy": "omit"}):
        found = set()
        for most in (1 << 20, 1, 700, 5000):
            monkeypatch.setattr(_terms, "_AT_A_TIME", most)
            for threads in (1, 2, 3, 7):
                with cpool.num_threads(threads):
                    found.add(pool(name, x, **options, **layout).tobytes())
        assert len(found) == 1
        want = gathered(monkeypatch, lambda o=options: pool(name, x, **o, **layout))
        np.testing.assert_allclose(pool(name, x, **options, **layout), want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pairs_have_the_bits_of_sums(monkeypatch, name, dtype):
    """Windows of 2 x 2 next to each other: with and without a pass over pieces, in rows short and long."""
    rng = np.random.default_rng(8)
    for shape in ((3, 2, 22, 15), (2, 2, 5, 700), (1, 2, 4, 2500), (1, 2, 2, 1023)):
        for last in (False, True):
            x = np.moveaxis(rng.standard_normal(shape), 1, -1 if last else 1).astype(dtype).copy()
            x.ravel()[::171] = 3e5                      # too large for terms
            layout = {"data_format": "channels_last" if last else "channels_first"}
            found = set()
            for pairs in (True, False):
                with monkeypatch.context() as patch:
                    if not pairs:
                        patch.setattr(_terms, "_in_pairs", lambda plan: False)
                    for threads in (1, 2, 7):
                        with cpool.num_threads(threads):
                            found.add(pool(name, x, kernel=2, stride=2, **layout).tobytes())
            assert len(found) == 1


@pytest.mark.parametrize("name", ["softmax", "lse", "gem"])
@pytest.mark.parametrize("channels", [3, 300])
def test_parameters_of_channels(monkeypatch, name, channels):
    """In planes, and in pixels of fewer and of more channels than loops go over at a time."""
    x = np.random.default_rng(4).standard_normal((2, channels, 9, 10))
    x[1, 1, 4, 4] = 3e3                         # too large for terms
    option = {{"softmax": "temperature", "lse": "r", "gem": "p"}[name]: [0.5, -1.0, 2.0] * (channels // 3)}
    monkeypatch.setitem(FORMS, name, option)
    for kernel in (2, 3):
        want = gathered(monkeypatch, lambda kernel=kernel: pool(name, x, kernel=kernel))
        np.testing.assert_allclose(pool(name, x, kernel=kernel), want, rtol=1e-12, atol=1e-13)
        last = pool(name, np.moveaxis(x, 1, -1).copy(), kernel=kernel, data_format="channels_last")
        np.testing.assert_allclose(np.moveaxis(last, -1, 1), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_that_would_be_lost(dtype):
    """Logits so low, elements so small or large that a weighted element is no normal number."""
    tiny, huge = (1e-30, 1e30) if dtype == "float32" else (1e-250, 1e250)
    low = -40.0 if dtype == "float32" else -200.0
    x = np.array([tiny, tiny, huge, huge, tiny, 0, 3, 3], dtype)
    z = np.array([low, low, -low, -low, low, low, low, low], dtype)
    got = cpool.lip_pool1d(x, z, 2)
    np.testing.assert_allclose(got, [tiny, huge, tiny / 2, 3], rtol=1e-6)


@pytest.mark.parametrize("p", [0.5, 1, 1.3, 2, 5.5, 6, 40, 60, 0.4, -0.5, -3, np.inf])
@pytest.mark.parametrize("eps", [0, 1e-6, 1e-30])
def test_powers(p, eps):
    """Where terms are there in float or in double, and where they are not: all sizes of elements."""
    rng = np.random.default_rng(9)
    x = np.exp2(rng.uniform(-149, 128, (8, 24, 24)))
    x[1] = np.exp2(rng.uniform(-4, 4, x[1].shape))
    x[2] = rng.standard_normal(x[2].shape)
    x[3] = 1 + 1e-6 * x[2]
    x[4] = abs(x[2])
    x[4, ::4] = 0
    for dtype in ("float32", "float64"):
        values = x.astype(dtype)
        for kernel, stride in ((2, 2), (3, 1)):
            got = cpool.gem_pool2d(values, kernel, stride, p=p, eps=eps)
            plain = {"kernel_size": kernel, "stride": stride, "nd": 2, "p": p}
            want = reference.gem_pool(values.astype(float), **plain, eps=float(np.dtype(dtype).type(eps)))
            least, eps_of = (getattr(np.finfo(dtype), name) for name in ("smallest_subnormal", "eps"))
            np.testing.assert_allclose(got, want, rtol=6 * eps_of / min(1, abs(p)), atol=least)


def test_wide_windows():
    """Counts above a byte, sums of more taps than float adds up."""
    x = np.random.default_rng(5).standard_normal((2, 1, 70, 80)).astype("f4")
    mask = np.random.default_rng(6).random(x.shape) < 0.6
    for name in FORMS:
        for options in ({}, {"mask": mask}):
            for kernel, stride in (((20, 30), (20, 25)), ((70, 80), 1)):
                want = plain(name, x, kernel, stride, **options)
                got = pool(name, x, kernel=kernel, stride=stride, **options)
                np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-7)
