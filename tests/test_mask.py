"""mask=, weights= and nan_policy= of max, min, average, sum and Lp pooling, and of their layers."""

import functools
import itertools

import numpy as np
import pytest

import cpool
from cpool import _masks, reference

ml_dtypes = pytest.importorskip("ml_dtypes")

FLOATS = ("float16", "bfloat16", "float32", "float64")
DTYPES = (*FLOATS, "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
TOLERANCE = {"float16": 3e-3, "bfloat16": 2e-2, "float32": 3e-6, "float64": 1e-13}


def dtype_of(name):
    return np.dtype(getattr(ml_dtypes, name) if name == "bfloat16" else name)


def draw(rng, shape, dtype):
    dtype = dtype_of(dtype)
    if dtype.name in FLOATS:
        return (3 * rng.standard_normal(shape)).astype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    limits = np.iinfo(dtype)
    x = rng.integers(max(limits.min, -50), min(limits.max, 50), shape).astype(dtype)
    x.ravel()[::5], x.ravel()[1::7] = limits.min, limits.max
    return x


def same(got, want, tolerance=0):
    got, want = np.asarray(got), np.asarray(want)
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    if got.dtype.name in FLOATS:
        got, want = got.astype(float), want.astype(float)
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(got, want)


def twin(name):
    """The plain function, told the number of spatial axes."""
    for nd in (1, 2, 3):
        if f"pool{nd}d" in name:
            return functools.partial(getattr(reference, name.replace(f"pool{nd}d", "pool")), nd=nd)
    return getattr(reference, name)


def calls(op, nd):
    """(name, positional arguments, keywords) of the forms of an operator."""
    lead = (2.5,) if op == "lp" else ()
    windows = {"kernel_size": 3, "stride": 2, "padding": 1}
    yield f"{op}_pool{nd}d", lead, windows
    yield f"adaptive_{op}_pool{nd}d", lead, {"output_size": 3}
    yield f"global_{op}_pool", lead, {"spatial_ndim": nd, "keepdims": True}
    if nd == 2:
        yield f"{op}_pool{nd}d", lead, {"kernel_size": (2, 3), "stride": 1, "padding": "same"}
        yield f"{op}_pool{nd}d", lead, {"kernel_size": 2, "stride": 3, "dilation": 2, "ceil_mode": True}


SHAPES = {1: (2, 3, 13), 2: (2, 3, 7, 8), 3: (2, 2, 4, 5, 6)}


def masks(rng, shape, nd, last):
    """Masks that broadcast in different ways, one of them without a single True in places."""
    spatial = shape[1:-1] if last else shape[2:]
    full = rng.random(shape) < 0.5
    full[(slice(None), *(slice(0, 4) for _ in spatial)) if last else
         (..., *(slice(0, 4) for _ in spatial))] = False
    yield full
    one = (shape[0], *spatial, 1) if last else (shape[0], 1, *spatial)
    yield rng.random(one) < 0.5
    yield rng.random((*spatial, 1) if last else spatial) < 0.6
    yield np.zeros((1,), bool)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "lp"])
def test_forward_agrees_with_the_plain_version(op, dtype):
    rng = np.random.default_rng(3)
    for nd, last in ((2, False), (2, True), (1, False), (3, True)):
        shape = SHAPES[nd]
        if last:
            shape = (shape[0], *shape[2:], shape[1])
        x = draw(rng, shape, dtype)
        floating = dtype in FLOATS
        if floating:
            x.ravel()[::9] = np.nan
        for (name, lead, keywords), mask in itertools.product(calls(op, nd), masks(rng, shape, nd, last)):
            keywords = keywords | {"data_format": "channels_last" if last else "channels_first"}
            if dtype == "bool" and op in ("avg", "lp"):
                keywords["dtype"] = "float64"
            for policy in ("propagate", "omit"):
                valid = np.broadcast_to(mask, shape)
                if policy == "omit":
                    valid = valid & (x == x)
                want, index = None, None
                tolerance = TOLERANCE.get(dtype, 1e-13)
                if op in ("max", "min"):
                    want, index = twin(name)(x, *lead, mask=valid, return_indices=True, **keywords)
                    got = getattr(cpool, name)(x, *lead, mask=mask, nan_policy=policy, return_indices=True,
                                               **keywords)
                    same(got[1], index)
                    same(got[0], want)
                    tolerance = 0
                else:
                    want = twin(name)(x, *lead, mask=valid, **keywords)
                got = getattr(cpool, name)(x, *lead, mask=mask, nan_policy=policy, **keywords)
                same(got, want, tolerance)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "lp"])
def test_backward_agrees_with_the_plain_version(op, dtype):
    rng = np.random.default_rng(4)
    for nd, last in ((2, False), (2, True), (1, True), (3, False)):
        shape = SHAPES[nd]
        if last:
            shape = (shape[0], *shape[2:], shape[1])
        for (name, lead, keywords), mask in itertools.product(calls(op, nd), masks(rng, shape, nd, last)):
            keywords = keywords | {"data_format": "channels_last" if last else "channels_first"}
            for policy in ("propagate", "omit"):
                x = draw(rng, shape, dtype)
                valid = np.broadcast_to(mask, shape)
                x[~valid] = np.nan                  # takes no part, so must not matter
                if policy == "omit":
                    x.ravel()[::9] = np.nan
                    valid = valid & (x == x)
                g = draw(rng, twin(name)(x, *lead, mask=valid, **keywords).shape, dtype)
                want = twin(name + "_backward")(g, x, *lead, mask=valid, **keywords)
                backward = getattr(cpool, name + "_backward")
                got = backward(g, x, *lead, mask=mask, nan_policy=policy, **keywords)
                same(got, want, 10 * TOLERANCE[dtype])
                assert not got[~valid].any()
                if op in ("max", "min"):
                    forward = getattr(cpool, name)
                    idx = forward(x, mask=mask, nan_policy=policy, return_indices=True, **keywords)[1]
                    same(backward(g, shape, indices=idx, **keywords), got)


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("p", [0.5, 1, 2, 3, np.inf])
def test_norms(p, normalize):
    rng = np.random.default_rng(5)
    for dtype in ("float32", "float64"):
        x = draw(rng, (3, 9, 10), dtype)
        mask = rng.random((9, 10)) < 0.4
        options = {"stride": 2, "padding": 1, "normalize": normalize, "mask": mask}
        want = twin("lp_pool2d")(x, p, 3, **options)
        same(cpool.lp_pool2d(x, p, 3, **options), want, TOLERANCE[dtype])
        g = draw(rng, want.shape, dtype)
        same(cpool.lp_pool2d_backward(g, x, p, 3, **options),
             twin("lp_pool2d_backward")(g, x, p, 3, **options), 1e3 * TOLERANCE[dtype])


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
def test_omitted_nan_as_numpy_has_it(op):
    rng = np.random.default_rng(6)
    x = draw(rng, (4, 12, 12), "float64")
    x[rng.random(x.shape) < 0.3] = np.nan
    x[0, :3, :3] = np.nan
    blocks = x.reshape(4, 4, 3, 4, 3).transpose(0, 1, 3, 2, 4).reshape(4, 4, 4, 9)
    numpy = {"max": np.nanmax, "min": np.nanmin, "avg": np.nanmean, "sum": np.nansum}[op]
    some = ~np.isnan(blocks).all(axis=-1)
    got = getattr(cpool, f"{op}_pool2d")(x, 3, nan_policy="omit")
    np.testing.assert_allclose(got[some], numpy(blocks[some], axis=-1), rtol=1e-14)
    if op == "max":
        index = cpool.max_pool2d(x, 3, nan_policy="omit", return_indices=True)[1]
        np.testing.assert_array_equal(x.reshape(4, -1)[np.nonzero(some)[0], index[some]], got[some])
        assert (index[~some] == -1).all()
        assert (got[~some] == -np.inf).all()


@pytest.mark.parametrize("dtype", [dtype_of(name) for name in FLOATS], ids=str)
def test_only_nan_is_omitted(dtype):
    """Infinities and the largest numbers are no NaN, in any format."""
    top = np.nextafter(np.array(np.inf, dtype), np.array(0, dtype))
    for value in np.array([np.inf, -np.inf, top, -top, top / 64]).astype(dtype):
        x = np.array([np.nan, value, np.nan, value, np.nan, 0, np.nan, np.nan], np.float64).astype(dtype)
        for op in "max", "min", "sum", "avg":
            got = getattr(cpool, f"{op}_pool1d")(x, 2, nan_policy="omit")
            assert got[:2].tolist() == [value, value] and got[2] == 0, (op, value)


def test_average_counts():
    x = np.arange(1.0, 10).reshape(3, 3)
    mask = np.array([[True, False, False], [False] * 3, [False] * 3])
    nothing = np.zeros((3, 3), bool)
    assert cpool.avg_pool2d(x, 3, mask=mask)[0, 0] == 1
    assert cpool.avg_pool2d(x, 3, mask=mask, divisor_override=4)[0, 0] == 0.25
    assert cpool.avg_pool2d(x, 3, padding=1, mask=mask)[0, 0] == 1 / 6      # 5 places of padding count
    assert cpool.avg_pool2d(x, 3, padding=1, count_include_pad=False, mask=mask)[0, 0] == 1
    assert cpool.avg_pool2d(x, 3, padding=1, mask=nothing)[0, 0] == 0
    assert np.isnan(cpool.avg_pool2d(x, 3, padding=1, count_include_pad=False, mask=nothing)[0, 0])
    assert cpool.avg_pool2d(x.astype(int), 3, mask=nothing)[0, 0] == 0
    assert cpool.sum_pool2d(x, 3, mask=nothing)[0, 0] == 0
    assert cpool.lp_pool2d(x, 2, 3, normalize=True, mask=nothing)[0, 0] == 0


def test_integer_averages_are_exact():
    for dtype, values in (("int64", [2**63 - 1, 2**63 - 2, -2**63]), ("uint64", [2**64 - 1, 2**64 - 2, 0])):
        x = np.array([*values, values[0]], dtype)
        got = cpool.avg_pool1d(x, 4, mask=np.array([True, True, False, True]))
        exact, rest = divmod(values[0] + values[1] + values[0], 3)
        assert got.dtype == x.dtype
        assert int(got[0]) == exact + (2 * rest > 3)
        assert int(cpool.avg_pool1d(x, 4, mask=np.array([False, False, True, False]))[0]) == values[2]
    half = np.array([1, 2, 9, 9], np.uint8)
    assert cpool.avg_pool1d(half, 4, mask=np.array([True, True, False, False]))[0] == 2
    assert cpool.avg_pool1d(half + 1, 4, mask=np.array([True, True, False, False]))[0] == 2


def test_all_equal_to_the_identity():
    """What takes part may be -inf, or the smallest integer: its position is found all the same."""
    mask = np.array([False, True, True, False])
    for x in (np.full(4, -np.inf, np.float32), np.zeros(4, np.uint8), np.zeros(4, bool),
              np.full(4, -128, np.int8)):
        values, index = cpool.max_pool1d(x, 4, mask=mask, return_indices=True)
        assert values[0] == x[0]
        assert index[0] == 1
        assert cpool.max_pool1d(x, 4, mask=np.zeros(4, bool), return_indices=True)[1][0] == -1
    g = np.ones(1)
    grad = cpool.max_pool1d_backward(g, np.full(4, -np.inf), 4, mask=mask)
    np.testing.assert_array_equal(grad, [0, 1, 0, 0])


def test_any_layout_and_out():
    rng = np.random.default_rng(7)
    x = draw(rng, (5, 6, 7, 4), "float32")
    mask = rng.random((1, 6, 7, 1)) < 0.6
    want = cpool.avg_pool2d(x, 2, data_format="channels_last", mask=mask)
    same(cpool.avg_pool2d(x, 2, axis=(1, 2), mask=mask), want, 1e-6)
    same(cpool.avg_pool2d(np.asfortranarray(x), 2, axis=(1, 2), mask=mask), want, 1e-6)
    same(cpool.avg_pool2d(x.astype(">f4"), 2, axis=(1, 2), mask=np.asfortranarray(mask)), want, 1e-6)
    swapped = cpool.max_pool2d(x, 2, axis=(2, 1), mask=mask, return_indices=True)
    turned = (0, 3, 2, 1)
    turned = cpool.max_pool2d(x.transpose(turned), 2, mask=mask.transpose(turned), return_indices=True)
    for a, b in zip(swapped, turned, strict=True):
        np.testing.assert_array_equal(a, b.transpose(0, 3, 2, 1))
    out = np.empty(want.shape, np.float32)[:, ::-1]
    assert cpool.avg_pool2d(x, 2, data_format="channels_last", mask=mask, out=out) is out
    same(out, want)
    assert cpool.avg_pool2d(x[:0], 2, data_format="channels_last", mask=mask).shape == (0, 3, 3, 4)
    shared = np.zeros((8, 8), bool)
    with pytest.raises(ValueError, match="out"):
        cpool.max_pool2d(np.ones((4, 4), bool), 2, mask=shared[:4, :4], out=shared[:2, :2])


@pytest.mark.parametrize("op", ["max", "avg", "sum", "lp"])
def test_threads_give_the_same_bits(op):
    rng = np.random.default_rng(8)
    lead = (3,) if op == "lp" else ()
    for shape, group in (((40, 3, 50, 40), (40, 1, 50, 40)), ((1, 2, 300, 301), (300, 301))):
        x = draw(rng, shape, "float32")
        x[rng.random(shape) < 0.01] = np.nan
        for mask, policy in ((rng.random(shape) < 0.5, "propagate"), (rng.random(group) < 0.5, "omit")):
            found = []
            for threads in (1, 2, 3, 7):
                with cpool.num_threads(threads):
                    y = getattr(cpool, f"{op}_pool2d")(x, *lead, 3, 2, mask=mask, nan_policy=policy)
                    back = getattr(cpool, f"{op}_pool2d_backward")
                    dx = back(np.ones_like(y), x, *lead, 3, 2, mask=mask, nan_policy=policy)
                    found.append(y.tobytes() + dx.tobytes())
            assert len(set(found)) == 1


def test_a_mask_of_true_changes_no_bit():
    rng = np.random.default_rng(9)
    x = draw(rng, (9, 30, 31), "float32")
    for op, lead in (("max", ()), ("min", ()), ("sum", ()), ("lp", (2,))):
        f = getattr(cpool, f"{op}_pool2d")
        np.testing.assert_array_equal(f(x, *lead, 3, 2, mask=np.ones(x.shape, bool)), f(x, *lead, 3, 2))


@pytest.mark.parametrize("last", [False, True])
def test_pieces_of_any_size_give_the_same_bits(monkeypatch, last):
    """Planes that are cut into bands of windows, or pooled many at a time."""
    rng = np.random.default_rng(10)
    forms = [
        ("pool2d", (5, 2, 19, 23), {"kernel_size": (5, 3), "stride": (2, 1), "padding": (2, 1)}),
        ("pool2d", (2, 2, 17, 9), {"kernel_size": (3, 2), "stride": 1, "padding": (4, 0),
                                   "dilation": (4, 1)}),
        ("pool2d", (1, 2, 30, 5), {"kernel_size": (20, 5), "stride": 3, "padding": (10, 0)}),
        ("pool1d", (3, 2, 77), {"kernel_size": 4, "stride": 3, "ceil_mode": True}),
        ("pool3d", (2, 2, 9, 6, 7), {"kernel_size": (4, 3, 3), "stride": 1, "padding": "same"}),
    ]
    for (name, shape, options), dtype in itertools.product(forms, ("float32", "uint16")):
        shape = (shape[0], *shape[2:], shape[1]) if last else shape
        options["data_format"] = "channels_last" if last else "channels_first"
        x = draw(rng, shape, dtype)
        # nothing in some windows, so that positions of nothing are looked up
        mask = rng.random(shape) < 0.3
        for op, extra in itertools.product(("max", "avg", "sum"), ({}, {"return_indices": True})):
            if extra and op != "max":
                continue
            found = []
            for most in (1 << 20, 1, 300, 2000):
                monkeypatch.setattr(_masks, "_AT_A_TIME", most)
                got = getattr(cpool, f"{op}_{name}")(x, mask=mask, **options, **extra)
                found.append(b"".join(a.tobytes() for a in (got if extra else [got])))
            assert len(set(found)) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_averages_of_small_windows(dtype):
    """Rows of any length, that end where the array ends, edges of any width, and divisors that count them."""
    rng = np.random.default_rng(11)
    for n in (1, 2, 3, 15, 16, 17, 63, 64, 65, 130, 1023, 1100):
        x = draw(rng, (2, 3, n), dtype)
        x[rng.random(x.shape) < 0.1] = np.nan
        for kernel, stride, padding, dilation in ((3, 2, 0, 1), (2, 2, 0, 1), (3, 1, 1, 1), (2, 3, 1, 1),
                                                  (3, 5, 2, 2), (3, 2, 70, 70), (1, 2, 0, 1)):
            if (kernel - 1) * dilation + 1 > n + 2 * padding:
                continue
            for mask in (rng.random(x.shape) < 0.5, rng.random((2, 1, n)) < 0.8):
                keywords = {"kernel_size": (2, kernel), "stride": (1, stride),
                            "padding": ((0, 1), (padding,) * 2), "dilation": (1, dilation)}
                for include in (True, False):
                    keywords["count_include_pad"] = include
                    valid = mask & (x == x)
                    want = reference.avg_pool(x, mask=valid, nd=2, **keywords)
                    got = cpool.avg_pool2d(x, mask=mask, nan_policy="omit", **keywords)
                    same(got, want, TOLERANCE[dtype])
                    last = {"data_format": "channels_last", **keywords}
                    moved = cpool.avg_pool2d(np.repeat(x[..., None], 20, -1), mask=mask[..., None],
                                             nan_policy="omit", **last)
                    same(moved, np.repeat(got[..., None], 20, -1), 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("policy", ["propagate", "omit"])
def test_averages_of_small_windows_row_by_row(dtype, policy):
    """Many rows at a time, pairs that run on from row to row, long rows, few channels, and threads."""
    rng = np.random.default_rng(12)
    for shape in ((2, 40, 6), (3, 9, 56), (2, 11, 112), (1, 5, 2050), (1, 4, 3), (2, 5, 4100)):
        x = draw(rng, shape, dtype)
        if policy == "omit":
            x[rng.random(shape) < 0.2] = np.nan
        mask = rng.random(shape) < 0.6
        for kernel, stride, padding in ((2, 2, 0), (3, 2, 1), (3, 1, 1), ((2, 3), (3, 2), (1, 0)),
                                        ((1, 3), (1, 4), (0, 1))):
            options = {"kernel_size": kernel, "stride": stride, "padding": padding}
            for include in (True, False):
                options["count_include_pad"] = include
                valid = mask & (x == x) if policy == "omit" else mask
                want = reference.avg_pool(x, mask=valid, nd=2, **options)
                options["nan_policy"] = policy
                got = cpool.avg_pool2d(x, mask=mask, **options)
                same(got, want, TOLERANCE[dtype])
                for threads in (2, 3, 7):
                    with cpool.num_threads(threads):
                        assert cpool.avg_pool2d(x, mask=mask, **options).tobytes() == got.tobytes()
                y, of_all = np.repeat(x[..., None], 3, -1), np.repeat(mask[..., None], 3, -1)
                moved = cpool.avg_pool2d(y, mask=of_all, data_format="channels_last", **options)
                same(moved, np.repeat(got[..., None], 3, -1), 0)
                del options["nan_policy"]

    for shape, form in (((0, 9, 8), "channels_first"), ((2, 9, 8, 0), "channels_last")):
        x = np.ones(shape, dtype)
        got = cpool.avg_pool2d(x, 2, mask=np.ones(shape, bool), nan_policy=policy, data_format=form)
        assert got.shape == cpool.avg_pool2d(x, 2, data_format=form).shape


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("policy", ["propagate", "omit"])
def test_averages_of_small_windows_of_volumes(dtype, policy):
    """Windows that reach into the padding of any axis, or lie in it; masks of all channels or of each."""
    rng = np.random.default_rng(13)
    windows = (
        (2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 1, 1), ((3, 1, 2), (1, 2, 2), 0, (2, 1, 1)),
        ((2, 3, 2), (3, 2, 2), (1, 1, 0), 1), ((3, 2, 3), 2, ((3, 2), (0, 1), (1, 2)), (2, 1, 1)),
    )
    for shape in ((2, 5, 6, 40), (1, 1, 3, 34), (3, 4, 9, 7)):
        x = draw(rng, shape, dtype)
        if policy == "omit":
            x[rng.random(shape) < 0.2] = np.nan
        mask = rng.random(shape) < 0.6
        valid = mask & (x == x) if policy == "omit" else mask
        for (kernel, stride, padding, dilation), include in itertools.product(windows, (True, False)):
            options = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation,
                       "ceil_mode": True, "count_include_pad": include}
            try:
                want = reference.avg_pool(x, mask=valid, nd=3, **options)
            except ValueError:      # the window is larger than the volume
                continue
            options["nan_policy"] = policy
            got = cpool.avg_pool3d(x, mask=mask, **options)
            same(got, want, TOLERANCE[dtype])
            with cpool.num_threads(3):
                assert cpool.avg_pool3d(x, mask=mask, **options).tobytes() == got.tobytes()
            for channels in (3, 20):
                many = np.repeat(x[..., None], channels, -1)
                for some in (mask[..., None], np.repeat(mask[..., None], channels, -1)):
                    moved = cpool.avg_pool3d(many, mask=some, data_format="channels_last", **options)
                    same(moved, np.repeat(got[..., None], channels, -1), 0)


# ---- weights ----


def weighted(x, w, kernel, stride):
    """sum(w x) / sum(w) over 2-D windows, in double."""
    def windows(a):
        every = np.lib.stride_tricks.sliding_window_view(a, (kernel, kernel), (-2, -1))
        return every[..., ::stride, ::stride, :, :]

    w = np.broadcast_to(w, x.shape).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return windows(w * x.astype(float)).sum(axis=(-1, -2)) / windows(w).sum(axis=(-1, -2))


@pytest.mark.parametrize("dtype", FLOATS)
def test_weighted_averages(dtype):
    rng = np.random.default_rng(10)
    x = draw(rng, (3, 2, 9, 8), dtype)
    for shape in (x.shape, (9, 8), (3, 1, 1, 1), (2, 1, 8)):
        w = rng.random(shape).astype(np.float32) + np.float32(0.1)
        want = weighted(x, w, 3, 2).astype(x.dtype)
        same(cpool.avg_pool2d(x, 3, 2, weights=w), want, TOLERANCE[dtype])
        last = cpool.avg_pool2d(x.transpose(0, 2, 3, 1), 3, 2, data_format="channels_last",
                                weights=np.broadcast_to(w, x.shape).transpose(0, 2, 3, 1))
        same(last.transpose(0, 3, 1, 2), want, TOLERANCE[dtype])
    mask = rng.random(x.shape) < 0.7
    same(cpool.avg_pool2d(x, 3, 2, weights=np.ones(1), mask=mask),
         cpool.avg_pool2d(x, 3, 2, mask=mask), TOLERANCE[dtype])
    same(cpool.avg_pool2d(x, 3, 2, weights=mask), cpool.avg_pool2d(x, 3, 2, mask=mask), TOLERANCE[dtype])
    same(cpool.global_avg_pool(x, weights=mask), cpool.global_avg_pool(x, mask=mask), TOLERANCE[dtype])
    same(cpool.adaptive_avg_pool2d(x, 4, weights=mask), cpool.adaptive_avg_pool2d(x, 4, mask=mask),
         TOLERANCE[dtype])


def test_gradient_of_weights():
    rng = np.random.default_rng(11)
    x = draw(rng, (2, 3, 6, 7), "float64")
    for shape in (x.shape, (6, 7), (3, 1, 1), (1, 7)):
        w = rng.random(shape) + 0.2
        g = draw(rng, cpool.avg_pool2d(x, 3, 2, weights=w).shape, "float64")
        grads = cpool.avg_pool2d_backward(g, x, 3, 2, weights=w)
        for i, a in enumerate((x, w)):
            t = rng.standard_normal(a.shape)
            step = 1e-6
            ends = [[x, w], [x, w]]
            ends[0][i], ends[1][i] = a + step * t, a - step * t
            up, down = (cpool.avg_pool2d(b, 3, 2, weights=v) for b, v in ends)
            assert grads[i].shape == a.shape
            assert grads[i].dtype == a.dtype
            np.testing.assert_allclose((grads[i] * t).sum(), (g * (up - down)).sum() / (2 * step), rtol=1e-6,
                                       atol=1e-8)


def test_odd_weights():
    x = np.array([1.0, 3.0, 5.0, 7.0])
    assert cpool.avg_pool1d(x, 2, weights=[1, -3, 1, 1]).tolist() == [4.0, 6.0]
    assert np.isnan(cpool.avg_pool1d(x, 2, weights=[1, -1, 1, 1])[0])
    assert np.isnan(cpool.avg_pool1d(x, 2, weights=[np.nan, 1, 1, 1])).tolist() == [True, False]
    assert np.isnan(cpool.avg_pool1d(x, 2, weights=[0, 0, 1, 1])).tolist() == [True, False]
    gx, gw = cpool.avg_pool1d_backward([1.0, 1.0], x, 2, weights=np.array([0.0, 0.0, 1.0, 1.0]))
    assert gx.tolist() == [0, 0, 0.5, 0.5]
    assert gw.tolist() == [0, 0, -0.5, 0.5]
    assert cpool.avg_pool1d(np.arange(4), 2, weights=[1, 0, 0, 1], dtype=float).tolist() == [0.0, 3.0]


# ---- layers ----


def test_layers_take_masks_and_weights():
    rng = np.random.default_rng(12)
    x = draw(rng, (2, 6, 6), "float32")
    mask, weights = rng.random((6, 6)) < 0.5, rng.random((6, 6)).astype(np.float32)
    g = np.ones((2, 3, 3), np.float32)
    for layer, backward in ((cpool.MaxPool2d(2), cpool.max_pool2d_backward),
                            (cpool.AvgPool2d(2), cpool.avg_pool2d_backward),
                            (cpool.SumPool2d(2), cpool.sum_pool2d_backward)):
        same(layer(x, mask=mask), layer.forward_function(x, 2, mask=mask))
        same(layer.backward(g), backward(g, x, 2, mask=mask))
    layer = cpool.AvgPool2d(2)
    layer(x, weights=weights)
    for got, want in zip(layer.backward(g), cpool.avg_pool2d_backward(g, x, 2, weights=weights), strict=True):
        same(got, want)
    holes = np.where(mask, x, np.float32(np.nan))
    for layer in (cpool.LpPool2d(2, 2, nan_policy="omit"), cpool.AvgPool2d(2, nan_policy="omit")):
        layer(holes)
        assert not layer.backward(g)[:, ~mask].any()
    layer = cpool.AvgPool2d(2)
    layer(x)
    assert layer.backward(g).shape == x.shape


# ---- bad input ----


@pytest.mark.parametrize(("error", "word", "options"), [
    (TypeError, "mask", {"mask": np.ones((4, 4))}),
    (TypeError, "mask", {"mask": np.ones((4, 4), np.uint8)}),
    (TypeError, "mask", {"mask": "yes"}),
    (ValueError, "mask", {"mask": np.ones((3, 4), bool)}),
    (ValueError, "mask", {"mask": np.ones((2, 4, 4), bool)}),
    (ValueError, "mask", {"mask": np.ones((1, 1, 4, 4), bool)}),
    (TypeError, "weights", {"weights": np.ones((4, 4), complex)}),
    (TypeError, "weights", {"weights": "heavy"}),
    (ValueError, "weights", {"weights": np.ones((2, 2))}),
    (ValueError, "divisor_override", {"weights": np.ones((4, 4)), "divisor_override": 3}),
    (ValueError, "nan_policy", {"nan_policy": "ignore"}),
    (TypeError, "nan_policy", {"nan_policy": None}),
    (TypeError, "nan_policy", {"nan_policy": np.array("omit")}),
    (ValueError, "NaN", {"nan_policy": "raise"}),
    (ValueError, "NaN", {"nan_policy": "raise", "mask": np.ones((4, 4), bool)}),
])
def test_refused(error, word, options):
    x = np.ones((1, 4, 4))
    x[0, 1, 1] = np.nan
    out = np.full((1, 2, 2), 7.0)
    with pytest.raises(error, match=word):
        cpool.avg_pool2d(x, 2, out=out, **options)
    assert (out == 7).all()
    with pytest.raises(error, match=word):
        cpool.avg_pool2d_backward(np.ones((1, 2, 2)), x, 2, **options)


def test_refused_elsewhere():
    x = np.ones((4, 4))
    for name, lead in (("sum_pool2d", ()), ("lp_pool2d", (2,))):
        with pytest.raises(ValueError, match="weights"):
            getattr(cpool, name)(x, *lead, 2, weights=x)
    with pytest.raises(TypeError, match="dtype"):
        cpool.avg_pool2d(np.ones((4, 4), int), 2, weights=x)
    for options in ({"nan_policy": "omit"}, {"weights": x}):
        with pytest.raises(TypeError, match="x must be an array"):
            cpool.avg_pool2d_backward(np.ones((2, 2)), (4, 4), 2, **options)
    assert cpool.avg_pool2d_backward(np.ones((2, 2)), (4, 4), 2, mask=np.eye(4, dtype=bool)).sum() == 2


def test_nan_that_are_not_there_or_do_not_count():
    x = np.ones((4, 4))
    x[0, 0] = np.nan
    mask = np.ones((4, 4), bool)
    mask[0, 0] = False
    same(cpool.avg_pool2d(x, 2, nan_policy="raise", mask=mask), np.ones((2, 2)))
    same(cpool.max_pool2d(np.ones((4, 4), np.uint8), 2, nan_policy="raise"), np.ones((2, 2), np.uint8))


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "lp"])
def test_repeated_calls_look_for_nan_again(op):
    x, lead = np.ones((4, 4)), (2,) if op == "lp" else ()
    bad = x.copy()
    bad[1, 2] = np.nan
    for name, where in [(f"{op}_pool2d", (2,)), (f"adaptive_{op}_pool2d", (2,)), (f"global_{op}_pool", ())]:
        options = {"nan_policy": "raise"} | ({} if where else {"spatial_ndim": 2})
        for _ in range(3):
            y = getattr(cpool, name)(x, *lead, *where, **options)
            getattr(cpool, f"{name}_backward")(y, x, *lead, *where, **options)
        with pytest.raises(ValueError, match="NaN"):
            getattr(cpool, name)(bad, *lead, *where, **options)
        with pytest.raises(ValueError, match="NaN"):
            getattr(cpool, f"{name}_backward")(y, bad, *lead, *where, **options)
    same(cpool.max_pool2d(np.ones((4, 4), np.uint8), 2, nan_policy="omit"), np.ones((2, 2), np.uint8))
