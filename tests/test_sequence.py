"""Token, segment, statistics and attention pooling against the reference and other libraries."""

import itertools

import numpy as np
import pytest
from compare import BFLOAT16, DTYPES, FLOATS, INTS, assert_close, assert_same, is_float, ulp, values
from hypothesis import given
from hypothesis import strategies as st

import cpool
from cpool import reference as ref

MODES = ("cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
OPS = ("sum", "mean", "max", "min", "std", "lse", "first", "last")
WIDTHS = (1, 2, 5, 16, 31, 33, 130)
SHAPES = ((3, 7), (2, 70), (1, 1), (5, 4))
EPS = 2.0**-52


def near(got, want, scale, message=""):
    """`got` is `want` rounded, up to what additions in float64 of numbers of this size may lose."""
    want = np.asarray(want)
    rounded = want.astype(got.dtype)
    allowed = 2 * ulp(rounded, got.dtype) + 64 * EPS * np.asarray(scale, np.longdouble)
    with np.errstate(over="ignore"):
        assert_close(got, rounded, allowed, message)


def masks(b, t, rng):
    """Masks of all kinds: none, padding at the end, at the start, at both ends, holes."""
    n = rng.integers(1, t + 1, b)[:, None]
    at, start = np.arange(t), rng.integers(0, t, b)[:, None]
    yield None
    yield at < n
    yield at >= t - n
    yield (at >= start) & (at < start + n)
    holes = rng.random((b, t)) < 0.6
    holes[:, rng.integers(0, t)] = True
    yield holes


def cases(dtypes, seed=0):
    """x, mask and a message for shapes, widths and dtypes."""
    rng = np.random.default_rng(seed)
    for dtype, (b, t), w in itertools.product(dtypes, SHAPES, WIDTHS):
        for mask in masks(b, t, rng):
            yield values((b, t, w), dtype, seed=int(rng.integers(99))), mask, f"{dtype} {b} {t} {w}"


def size_of(x):
    return np.max(abs(x.astype(np.longdouble)), initial=0) * max(x.shape[-2], 1)


# ---- token pooling ----


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_tokens(dtype):
    for x, mask, message in cases([dtype]):
        before = x.tobytes()
        want = ref.token_pool(x, mask, mode=MODES)
        got = cpool.token_pool(x, mask, mode=MODES)
        assert x.tobytes() == before
        near(got, want, size_of(x), message)
        width = x.shape[-1]
        for i, mode in enumerate(MODES):
            one = cpool.token_pool(x, mask, mode=mode)
            np.testing.assert_array_equal(one, got[:, i * width : (i + 1) * width], f"{mode} {message}")


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_tokens_backward(dtype):
    rng = np.random.default_rng(1)
    for x, mask, message in cases([dtype]):
        g = values((len(x), len(MODES) * x.shape[-1]), dtype, seed=5)
        want = ref.token_pool_backward(g, x, mask, mode=MODES)
        near(cpool.token_pool_backward(g, x, mask, mode=MODES), want, 100, message)
        mode = MODES[rng.integers(6)]
        g = g[:, : x.shape[-1]]
        want = ref.token_pool_backward(g, x, mask, mode=mode)
        got = cpool.token_pool_backward(g, x, mask, mode=mode)
        near(got, want, 100, message)
        if mode != "max":
            assert_same(cpool.token_pool_backward(g, x.shape, mask, mode=mode), got, message)


@pytest.mark.parametrize("dtype", [np.dtype(bool), *INTS], ids=str)
def test_tokens_of_integers(dtype):
    rng = np.random.default_rng(2)
    for (b, t), w in itertools.product(SHAPES, WIDTHS):
        for mask in masks(b, t, rng):
            x = values((b, t, w), dtype, "extreme" if w == 5 else "plain", w)
            taken = np.ones((b, t), bool) if mask is None else mask
            rows = [one[m] for one, m in zip(x, taken, strict=True)]
            assert_same(cpool.token_pool(x, mask, mode="max"), np.array([r.max(0) for r in rows]))
            assert_same(
                cpool.token_pool(x, mask, mode=("lasttoken", "cls")),
                np.array([np.concatenate([r[-1], r[0]]) for r in rows]),
            )
            exact = np.array(
                [ref._divide_to_even(r.astype(object).sum(0), np.array(len(r), object)) for r in rows], object
            )
            if dtype.kind != "b":
                assert_same(cpool.token_pool(x, mask), exact.astype(dtype))
            want = ref.token_pool(x, mask, mode=MODES)
            for out in (np.float32, np.float64):
                near(cpool.token_pool(x, mask, mode=MODES, dtype=out), want, size_of(x))


def test_padding_may_be_anywhere():
    rng = np.random.default_rng(3)
    tokens = rng.standard_normal((5, 24)).astype(np.float32)
    results = []
    for left, right in ((0, 0), (0, 7), (4, 0), (3, 9)):
        x = np.full((1, left + 5 + right, 24), np.nan, np.float32)
        x[0, left : left + 5] = tokens
        mask = ~np.isnan(x[..., 0])
        for kind in (bool, np.int64, np.float32, np.uint8):
            results.append(cpool.token_pool(x, mask.astype(kind), mode=MODES))
        if not left:
            results.append(cpool.token_pool(x, lengths=[5], mode=MODES))
    for other in results:
        assert_same(other, results[0])


def test_leading_axes():
    x = values((2, 3, 4, 5), np.float32)
    mask = np.arange(4) < np.array([[1, 2, 3], [4, 3, 2]])[..., None]
    got = cpool.token_pool(x, mask, mode=MODES)
    assert_same(got, cpool.token_pool(x.reshape(6, 4, 5), mask.reshape(6, 4), mode=MODES).reshape(2, 3, -1))
    assert_same(cpool.token_pool(x, lengths=mask.sum(-1), mode=MODES), got)
    assert_same(cpool.token_pool(x[0, 0]), cpool.token_pool(x)[0, 0])
    assert_same(
        cpool.token_pool(x, mask[0, 0], mode=MODES),
        cpool.token_pool(x, np.tile(mask[0, 0], (2, 3, 1)), mode=MODES),
    )


def test_like_sentence_transformers():
    """The formulas of that library's Pooling module, on tokens padded at the end."""
    torch = pytest.importorskip("torch")
    x = torch.randn(6, 11, 32, generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(11) < torch.tensor([11, 1, 5, 7, 10, 2])[:, None]).to(torch.int64)
    wide = mask.unsqueeze(-1).expand(x.shape).float()
    weights = wide * torch.arange(1, 12)[None, :, None]
    last = x[torch.arange(6), mask.sum(1) - 1]
    total = (x * wide).sum(1)
    count = torch.clamp(wide.sum(1), min=1e-9)
    want = {
        "cls": x[:, 0],
        "mean": total / count,
        "max": torch.where(wide == 0, -1e9, x).max(1)[0],
        "mean_sqrt_len_tokens": total / torch.sqrt(count),
        "weightedmean": (x * weights).sum(1) / torch.clamp(weights.sum(1), min=1e-9),
        "lasttoken": last,
    }
    for mode, expected in want.items():
        got = cpool.token_pool(x.numpy(), mask.numpy(), mode=mode)
        np.testing.assert_allclose(got, expected.numpy(), rtol=2e-6, atol=1e-6, err_msg=mode)


def test_like_einsum():
    x = values((8, 50, 60), np.float64)
    mask = np.random.default_rng(4).random((8, 50)) < 0.7
    want = np.einsum("btw,bt->bw", x, mask.astype(float)) / mask.sum(1, keepdims=True)
    np.testing.assert_allclose(cpool.token_pool(x, mask), want, rtol=1e-12, atol=1e-12)


# ---- segments ----


def ragged(rng, rows, segments, empty=True):
    """Offsets of random segments; some empty if there may be."""
    if empty:
        return np.concatenate([[0], np.sort(rng.integers(0, rows + 1, segments - 1)), [rows]])
    return np.concatenate([[0], np.sort(rng.choice(np.arange(1, rows), segments - 1, replace=False)), [rows]])


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_segments(op, dtype):
    rng = np.random.default_rng(5)
    for n, w in itertools.product((1, 9, 64, 300), WIDTHS):
        x = values((n, w), dtype, seed=n)
        offsets = ragged(rng, n, int(rng.integers(1, 9)))
        want = ref.segment_pool(x, offsets, op)
        got = cpool.segment_pool(x, offsets, op)
        near(got, want, size_of(x), f"{n} {w} {offsets}")
        assert_same(cpool.segment_pool(x, op=op, lengths=np.diff(offsets)), got)
        g = values(got.shape, dtype, seed=7)
        want, _ = ref.segment_pool_backward(g, x, offsets, op)
        scale = 1e3 if op != "std" else 1e3 * size_of(x)
        near(cpool.segment_pool_backward(g, x, offsets, op), want, scale, f"backward {n} {w}")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("flavour", ["plain", "special"])
def test_selections(dtype, flavour):
    rng = np.random.default_rng(6)
    for n, w, k in itertools.product((1, 5, 40), (1, 3, 70), (1, 2, 7)):
        x = values((n, w), dtype, flavour, n + w)
        offsets = ragged(rng, n, int(rng.integers(1, 6)))
        values_, rows = ref.segment_pool(x, offsets, "kmax", k=k, empty=1)
        got, at = cpool.segment_pool(x, offsets, "kmax", k=k, return_indices=True, empty=1)
        assert_same(at, rows)
        assert_same(got, values_.astype(dtype))
        assert_same(cpool.segment_pool(x, offsets, "kmax", k=k, empty=1), got)
        for op in ("max", "min"):
            got, at = cpool.segment_pool(x, offsets, op, return_indices=True, empty=1)
            assert_same(got, ref.segment_pool(x, offsets, op, empty=1).astype(dtype), f"{op} {n} {w}")
            used = at >= 0
            assert (used == (np.diff(offsets) > 0)[:, None]).all()
            again = x[at, np.arange(w)]
            assert ((again == got) | (again != again))[used].all()
            plain = cpool.segment_pool(x, offsets, op, empty=1)
            assert ((plain == got) | ((plain != plain) & (got != got))).all()
            for s, row in np.argwhere(used):
                column = x[offsets[s] : offsets[s + 1], row]
                arg = np.argmax if op == "max" else np.argmin
                assert at[s, row] - offsets[s] == (column.argmax() if op == "max" else arg(column))


@pytest.mark.parametrize("dtype", [np.dtype(bool), *INTS], ids=str)
def test_segments_of_integers(dtype):
    rng = np.random.default_rng(7)
    for n, w in itertools.product((1, 30, 200), (1, 4, 40)):
        for flavour in ("plain", "extreme"):
            x = values((n, w), dtype, flavour, n)
            offsets = ragged(rng, n, min(n, 5), empty=False)
            total = np.add.reduceat(x.astype(object), offsets[:-1], axis=0)
            wide = np.uint64 if dtype.kind == "u" else np.int64
            assert_same(cpool.segment_pool(x, offsets), ref._wrap(total, np.dtype(wide)))
            assert_same(cpool.segment_pool(x, offsets, dtype=np.int16), ref._wrap(total, np.dtype(np.int16)))
            near(cpool.segment_pool(x, offsets, dtype=np.float64), total.astype(np.longdouble), 0)
            if dtype.kind != "b":
                counts = np.diff(offsets)[:, None]
                want = ref._divide_to_even(total, counts.astype(object))
                assert_same(cpool.segment_pool(x, offsets, "mean"), want.astype(dtype))
            for op in OPS:
                if op != "lse" or dtype.itemsize == 1:
                    want = ref.segment_pool(x, offsets, op)
                    if op in ("max", "min", "first", "last"):
                        assert_same(cpool.segment_pool(x, offsets, op), want.astype(dtype))
                    else:
                        near(cpool.segment_pool(x, offsets, op, dtype="float64"), want, size_of(x))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_single_columns(dtype):
    """Lines of any length, many at a time: what the definition makes of them, and what each is alone."""
    rng = np.random.default_rng(7)
    some = [0, 511, 512, 513, 1, 1023, 1025, 3000]
    lengths = np.concatenate([rng.integers(0, 9, 300), some, rng.integers(0, 99, 60)])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    for flavour in ("plain", "special" if is_float(dtype) else "extreme"):
        x = values((int(offsets[-1]),), dtype, flavour)
        for op in ("sum", "max", "min") if dtype == np.bool_ else ("sum", "mean", "max", "min"):
            got = cpool.segment_pool(x, offsets, op, empty=0)
            used = lengths > 0
            with np.errstate(all="ignore"):
                want = ref.segment_pool(x[:, None], offsets, op, empty=0)[used, 0]
            if op in ("sum", "mean") and not is_float(dtype):
                total = np.add.reduceat(x.astype(object), offsets[:-1][used])
                total = total if op == "sum" else ref._divide_to_even(total, lengths[used].astype(object))
                want = ref._wrap(total, got.dtype)
            if op in ("max", "min") or not is_float(dtype):
                assert_same(got[used], want.astype(got.dtype), op)
            else:
                finite = np.abs(x[np.isfinite(x)].astype(float)).max()
                near(got[used], want, finite * lengths[used], op)
            assert not got[~used].any()
            for i in rng.integers(0, len(lengths), 30):
                line = x[offsets[i] : offsets[i + 1]]
                assert_same(cpool.segment_pool(line, [0, len(line)], op, empty=0), got[i : i + 1], op)


def test_like_reduceat():
    rng = np.random.default_rng(8)
    for w in WIDTHS:
        x = rng.integers(-99, 99, (500, w)).astype(np.float32)
        offsets = ragged(rng, 500, 40, empty=False)
        for op, ufunc in (("sum", np.add), ("max", np.maximum), ("min", np.minimum)):
            assert_same(cpool.segment_pool(x, offsets, op), ufunc.reduceat(x, offsets[:-1], axis=0))
        np.testing.assert_allclose(
            cpool.segment_pool(x / 20, offsets, "lse"),
            np.logaddexp.reduceat(x.astype(float) / 20, offsets[:-1], axis=0),
            rtol=1e-6,
        )


@pytest.mark.parametrize("op", ["sum", "mean", "max", "min"])
def test_like_torch(op):
    torch = pytest.importorskip("torch")
    x = torch.randn(
        60, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True
    )
    lengths = np.array([5, 1, 0, 20, 34])
    start = {"max": -np.inf, "min": np.inf}.get(op, 0)
    y = torch.segment_reduce(x, op, lengths=torch.from_numpy(lengths), axis=0, initial=start)
    g = values((5, 7), np.float64)
    y.backward(torch.from_numpy(g))
    got = cpool.segment_pool(x.detach().numpy(), op=op, lengths=lengths, empty=0)
    used = lengths > 0
    np.testing.assert_allclose(got[used], y.detach().numpy()[used], rtol=1e-12)
    np.testing.assert_allclose(
        cpool.segment_pool_backward(g, x.detach().numpy(), op=op, lengths=lengths), x.grad, rtol=1e-12
    )


def test_other_axes_of_rows():
    x = values((20, 3, 4), np.float32)
    for op in OPS:
        got = cpool.segment_pool(x, [0, 7, 7, 20], op)
        assert_same(got, cpool.segment_pool(x.reshape(20, 12), [0, 7, 7, 20], op).reshape(3, 3, 4))
        assert_same(
            cpool.segment_pool(x[:, 0, 0], [0, 7, 7, 20], op),
            cpool.segment_pool(x[:, :1, 0], [0, 7, 7, 20], op)[:, 0],
        )
    got, at = cpool.segment_pool(x, [0, 7, 20], "kmax", k=2, return_indices=True)
    assert got.shape == at.shape == (2, 2, 3, 4)


# ---- weights, statistics, attention ----


def heads_of(width):
    return [h for h in (1, 2, width) if width % h == 0]


@pytest.mark.parametrize("op", ["sum", "mean", "std"])
def test_weights(op):
    rng = np.random.default_rng(9)
    for dtype, n, w in itertools.product(FLOATS, (3, 50), (1, 4, 6, 40)):
        x, offsets = values((n, w), dtype, seed=n), ragged(rng, n, 4)
        for shape in ((n,), *((n, h) for h in heads_of(w))):
            weights = rng.random(shape) + 0.1
            options = {"weights": weights, "correction": 0.01}
            want = ref.segment_pool(x, offsets, op, **options)
            got = cpool.segment_pool(x, offsets, op, **options)
            near(got, want, size_of(x), f"{shape} {w}")
            g = values(got.shape, dtype, seed=3)
            want_x, want_w = ref.segment_pool_backward(g, x, offsets, op, **options)
            grad_x, grad_w = cpool.segment_pool_backward(g, x, offsets, op, **options)
            near(grad_x, want_x, 1e4)
            assert grad_w.shape == weights.shape and grad_w.dtype == np.float64
            np.testing.assert_allclose(grad_w, want_w.astype(float), rtol=1e-9, atol=1e-9 * size_of(x) ** 2)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_statistics(dtype):
    rng = np.random.default_rng(10)
    for x, mask, message in cases([dtype]):
        b, t, w = x.shape
        for weights in (None, rng.random((b, t)) + 0.1, rng.random((b, t, heads_of(w)[-1])) + 0.1):
            options = {"weights": weights, "correction": 0 if weights is not None else int(rng.integers(2))}
            want = ref.stats_pool(x, mask, **options)
            got = cpool.stats_pool(x, mask, **options)
            near(got, want, size_of(x), message)
            g = values(got.shape, dtype, seed=2)
            want_x, want_w = ref.stats_pool_backward(g, x, mask, **options)
            found = cpool.stats_pool_backward(g, x, mask, **options)
            grad_x, grad_w = (found, None) if weights is None else found
            near(grad_x, want_x, 1e4 * size_of(x), message)
            if weights is not None:
                np.testing.assert_allclose(
                    grad_w, want_w.astype(float), rtol=1e-9, atol=1e-9 * float(size_of(x)) ** 2
                )


def test_statistics_like_numpy():
    x = values((4, 60, 9), np.float64)
    for correction in (0, 1):
        want = np.concatenate([x.mean(1), x.std(1, ddof=correction)], 1)
        np.testing.assert_allclose(cpool.stats_pool(x, correction=correction), want, rtol=1e-12)
    np.testing.assert_allclose(
        cpool.segment_pool(x[0], [0, 60], "std", correction=1)[0], x[0].std(0, ddof=1), rtol=1e-12
    )


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_constant_features_have_no_deviation(dtype):
    for value in (0.1, -3e4, 1e-7, 0.0):
        x = np.full((2, 37, 40), value, dtype)
        got = cpool.stats_pool(x)
        assert (got[:, :40] == x[:, 0]).all() and (got[:, 40:] == 0).all()
        g = np.ones_like(got)
        g[:, :40] = 0
        assert (cpool.stats_pool_backward(g, x) == 0).all()
        assert (cpool.stats_pool_jvp(values(x.shape, dtype), x)[:, 40:] == 0).all()
    for correction in (0, 1):
        one = cpool.stats_pool(values((3, 1, 4), dtype), correction=correction)
        assert (one[:, 4:] == 0).all()
        grad = cpool.stats_pool_backward(np.ones_like(one), values((3, 1, 4), dtype), correction=correction)
        assert (grad == 1).all()


def test_few_frames_and_infinities():
    x = np.array([[1.0], [3.0]])
    np.testing.assert_array_equal(cpool.stats_pool(x, correction=2), [2, np.inf])
    x = np.array([[1.0], [np.inf], [2.0]])
    np.testing.assert_array_equal(cpool.stats_pool(x), [np.inf, np.nan])
    np.testing.assert_array_equal(cpool.segment_pool(x, [0, 1, 3], "lse"), [[1], [np.inf]])
    np.testing.assert_array_equal(
        cpool.segment_pool([-np.inf, -np.inf, 1e300], [0, 2, 3], "lse"), [-np.inf, 1e300]
    )
    np.testing.assert_array_equal(cpool.segment_pool([np.nan, 1.0, 2.0], [0, 2, 3], "lse"), [np.nan, 2])
    np.testing.assert_allclose(
        cpool.segment_pool(np.float32([1000, 1000, -1000]), [0, 3], "lse"), 1000 + np.log(2)
    )


@pytest.mark.parametrize("stats", [False, True])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_attention(dtype, stats):
    name = "attentive_stats_pool" if stats else "attention_pool"
    pool, back = getattr(cpool, name), getattr(cpool, name + "_backward")
    slow, slow_back = getattr(ref, name), getattr(ref, name + "_backward")
    rng = np.random.default_rng(11)
    for x, mask, message in cases([dtype]):
        b, t, w = x.shape
        if w > 40:
            continue
        h = heads_of(w)[rng.integers(len(heads_of(w)))]
        scores = rng.standard_normal((b, t, h)) * 3 if rng.random() < 0.7 else rng.standard_normal((b, t))
        query = rng.standard_normal((h, w // h)) * 0.03
        for options in ({"scores": scores}, {"query": query, "scale": 0.5}, {"query": query.reshape(-1)}):
            want, p = slow(x, mask=mask, **options)
            got, weights = pool(x, mask=mask, **options, return_weights=True)
            near(got, want, 10 * size_of(x), message)
            np.testing.assert_allclose(
                weights.reshape(p.shape).astype(float),
                p.astype(float),
                atol=1e-2 if dtype.itemsize == 2 else 1e-6,
            )
            assert_same(pool(x, mask=mask, **options), got)
            g = values(got.shape, dtype, seed=2)
            want_x, want_p = slow_back(g, x, mask=mask, **options)
            grad_x, grad_p = back(g, x, mask=mask, **options)
            assert grad_p.shape == np.shape(next(iter(options.values())))
            near(grad_x, want_x, 1e6 * size_of(x), message)
            np.testing.assert_allclose(
                grad_p, want_p.astype(float), rtol=1e-7, atol=1e-8 * float(size_of(x)) ** 2
            )


def test_attention_like_torch():
    torch = pytest.importorskip("torch")
    x = torch.randn(
        3, 9, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(2), requires_grad=True
    )
    q = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3), requires_grad=True)
    keys = x.reshape(3, 9, 4, 3).permute(0, 2, 1, 3)
    y = torch.nn.functional.scaled_dot_product_attention(
        q[None, :, None].expand(3, 4, 1, 3), keys, keys
    ).reshape(3, 12)
    g = values((3, 12), np.float64)
    y.backward(torch.from_numpy(g))
    options = {"query": q.detach().numpy(), "scale": 3**-0.5}
    np.testing.assert_allclose(
        cpool.attention_pool(x.detach().numpy(), **options), y.detach().numpy(), rtol=1e-10
    )
    grad_x, grad_q = cpool.attention_pool_backward(g, x.detach().numpy(), **options)
    np.testing.assert_allclose(grad_x, x.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(grad_q, q.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_scores_of_any_size():
    x = values((2, 5, 4), np.float64)
    scores = np.array([[1e300, -1e300, 0, 5, 1e300], [-np.inf, 700, 710, -np.inf, 0]])
    y, weights = cpool.attention_pool(x, scores, return_weights=True)
    assert np.isfinite(y).all() and (weights[0] == [0.5, 0, 0, 0, 0.5]).all() and weights[1, 0] == 0
    assert np.isnan(cpool.attention_pool(x, np.full((2, 5), -np.inf))).all()
    assert np.isnan(cpool.attention_pool(x, [[np.nan] * 5, [1.0] * 5])).any(1).tolist() == [True, False]


# ---- maximum over time ----


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("flavour", ["plain", "special"])
def test_max_over_time(dtype, flavour):
    rng = np.random.default_rng(12)
    for (b, t), w in itertools.product(SHAPES, (1, 6, 40)):
        for mask in masks(b, t, rng):
            x = values((b, t, w), dtype, flavour, w)
            want, at = ref.max_over_time_pool(x, mask)
            got, indices = cpool.max_over_time_pool(x, mask, return_indices=True)
            assert_same(got, want.astype(dtype))
            assert_same(indices, at)
            plain = cpool.max_over_time_pool(x, mask)
            assert ((plain == got) | ((plain != plain) & (got != got))).all()
            if is_float(dtype):
                g = values(got.shape, dtype, seed=4)
                grad = cpool.max_over_time_pool_backward(g, x, mask)
                assert_same(grad, cpool.token_pool_backward(g, x, mask, mode="max"))
                assert_same(cpool.max_over_time_pool_backward(g, x.shape, mask, indices=indices), grad)
    assert (
        cpool.max_over_time_pool(np.ones((4, 3, 2)), index_dtype=np.int32, return_indices=True)[1].dtype
        == np.int32
    )


def test_max_over_time_is_a_global_maximum():
    x = values((3, 20, 8), np.float32)
    want = cpool.global_max_pool(x, spatial_ndim=1, data_format="channels_last", return_indices=True)
    for a, b in zip(cpool.max_over_time_pool(x, return_indices=True), want, strict=True):
        assert_same(a, b)


# ---- finite differences, tangents ----


def differences(f, x, g, step=1e-6):
    """Gradient of sum(f(x) * g) by central differences."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        grad[i] = ((f(up) - f(down)) * g).sum() / (2 * step)
    return grad


def learnable():
    """Name, arguments (arrays that are learned first), and how the second of them is called."""
    rng = np.random.default_rng(13)
    x, mask = rng.standard_normal((2, 5, 4)), np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]])
    rows, offsets = rng.standard_normal((9, 4)), [0, 4, 4, 9]
    for mode in (*MODES, MODES):
        yield "token_pool", x, {"mask": mask, "mode": mode}, None
    yield "max_over_time_pool", x, {"mask": mask}, None
    for op in OPS:
        yield "segment_pool", rows, {"offsets": offsets, "op": op, "correction": 1}, None
    yield "segment_pool", rows, {"offsets": offsets, "op": "kmax", "k": 2}, None
    for op, heads in itertools.product(("sum", "mean", "std"), (1, 2, 4)):
        weights = rng.random((9, heads)) + 0.5
        yield "segment_pool", rows, {"offsets": offsets, "op": op, "weights": weights}, "weights"
    yield "stats_pool", x, {"mask": mask, "correction": 0.5}, None
    for shape in ((2, 5), (2, 5, 2), (2, 5, 4)):
        yield "stats_pool", x, {"mask": mask, "weights": rng.random(shape) + 0.5}, "weights"
        for name in ("attention_pool", "attentive_stats_pool"):
            yield name, x, {"mask": mask, "scores": rng.standard_normal(shape)}, "scores"
    for name, shape in itertools.product(("attention_pool", "attentive_stats_pool"), ((4,), (2, 2), (4, 1))):
        yield name, x, {"mask": mask, "query": rng.standard_normal(shape), "scale": 0.7}, "query"


@pytest.mark.parametrize("name, x, options, learned", list(learnable()))
def test_finite_differences_and_tangents(name, x, options, learned):
    rng = np.random.default_rng(14)

    def f(x, other=None):
        y = getattr(cpool, name)(x, **options | ({} if learned is None else {learned: other}))
        return np.nan_to_num(y)

    other = options.get(learned)
    g = rng.standard_normal(f(x, other).shape)
    found = getattr(cpool, name + "_backward")(g, x, **options)
    grads = found if learned else (found,)
    want = [differences(lambda v: f(v, other), x, g)]
    if learned:
        want.append(differences(lambda v: f(x, v), other, g))
    for a, b in zip(grads, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    t = rng.standard_normal(x.shape)
    tangent = getattr(cpool, name + "_jvp")(t, x, **options)
    np.testing.assert_allclose((tangent * g).sum(), (grads[0] * t).sum(), rtol=1e-9, atol=1e-12)
    if learned:
        dw = rng.standard_normal(other.shape)
        tangent = getattr(cpool, name + "_jvp")(t, x, **options, **{learned + "_tangent": dw})
        both = (grads[0] * t).sum() + (grads[1] * dw).sum()
        np.testing.assert_allclose((tangent * g).sum(), both, rtol=1e-9, atol=1e-12)


# ---- the same bits ----


@pytest.mark.parametrize(
    "dtype", [np.dtype(np.float32), np.dtype(np.float64), *BFLOAT16, np.dtype(np.int32)], ids=str
)
def test_threads(dtype):
    rng = np.random.default_rng(15)
    x = values((1, 3000, 300), dtype)
    rows, offsets = values((40000, 9), dtype), ragged(rng, 40000, 3000)
    line = values((300000,), dtype)
    cuts = ragged(rng, 300000, 5000)
    mask = rng.random((1, 3000)) < 0.9
    scores = rng.standard_normal((1, 3000))
    options = {"dtype": np.float64} if dtype.kind == "i" else {}

    def everything():
        yield cpool.token_pool(x, mask, mode=MODES, **options)
        yield cpool.stats_pool(x, mask, **options)
        yield cpool.attention_pool(x, scores, mask, **options)
        yield cpool.attention_pool(x, query=np.linspace(-1, 1, 300) / 100, **options)
        for op in OPS:
            keep = options if op in ("std", "lse") else {}
            yield cpool.segment_pool(rows, offsets, op, empty=0, **keep)
            yield cpool.segment_pool(line, cuts, op, empty=0, **keep)
        yield from cpool.segment_pool(rows, offsets, "kmax", k=3, return_indices=True, empty=0)
        if dtype.kind != "i":
            yield cpool.stats_pool_backward(values((1, 600), dtype), x, mask)
            yield from cpool.attention_pool_backward(values((1, 300), dtype), x, scores, mask)
            yield cpool.token_pool_backward(values((1, 600), dtype), x, mask, mode=("mean", "max"))
            yield cpool.segment_pool_jvp(rows, rows, offsets, "lse")

    with cpool.num_threads(1):
        want = [a.tobytes() for a in everything()]
    for threads in (2, 3, 7):
        with cpool.num_threads(threads):
            assert [a.tobytes() for a in everything()] == want, threads


def test_a_segment_depends_on_its_rows_alone():
    """Whatever stands around a segment, and however many columns there are beside a column."""
    x = values((100, 80), np.float32)
    for op in OPS:
        want = cpool.segment_pool(x[20:90], [0, 70], op)[0]
        assert_same(cpool.segment_pool(x, [0, 20, 90, 100], op)[1], want, op)
        part = np.ascontiguousarray(x[:, 7:60])
        assert_same(cpool.segment_pool(part, [0, 20, 90, 100], op)[1], np.ascontiguousarray(want[7:60]), op)


# ---- any call ----


@st.composite
def segment_calls(draw):
    counts = draw(st.lists(st.integers(0, 12), min_size=1, max_size=6))
    width = draw(st.sampled_from([1, 2, 3, 8, 17, 40]))
    dtype = draw(st.sampled_from(FLOATS))
    x = values(
        (sum(counts), width), dtype, draw(st.sampled_from(["plain", "special"])), draw(st.integers(0, 99))
    )
    return x, np.array(counts), draw(st.sampled_from([op for op in OPS if op != "sum"]))


@given(segment_calls())
def test_any_segments(call):
    x, counts, op = call
    with np.errstate(all="ignore"):
        want = ref.segment_pool(x, op=op, lengths=counts, empty=3).astype(x.dtype)
    got = cpool.segment_pool(x, op=op, lengths=counts, empty=3)
    finite = np.isfinite(x.astype(np.float64))
    scale = np.max(abs(x.astype(np.longdouble)), initial=0, where=finite) * 12
    with np.errstate(all="ignore"):
        assert_close(got, want, 2 * ulp(want, want.dtype) + 64 * EPS * scale)
    g = values(got.shape, x.dtype)
    if finite.all():
        near(
            cpool.segment_pool_backward(g, x, op=op, lengths=counts),
            ref.segment_pool_backward(g, x, op=op, lengths=counts)[0],
            1e6,
        )


@given(st.integers(0, 3), st.integers(0, 5), st.integers(0, 4), st.sampled_from(MODES), st.integers(0, 99))
def test_any_sizes(b, t, w, mode, seed):
    """Zero sizes of any axis, and empty sequences, have results."""
    x = values((b, t, w), np.float32, seed=seed)
    mask = np.random.default_rng(seed).random((b, t)) < 0.5
    got = cpool.token_pool(x, mask, mode=mode, empty=7)
    want = ref.token_pool(x, mask, mode=mode, empty=7) if x.size and t else np.full((b, w), 7.0)
    assert got.shape == (b, w)
    near(got, np.asarray(want).reshape(b, w), size_of(x))
    for pool, width in ((cpool.stats_pool, 2 * w), (cpool.max_over_time_pool, w)):
        assert pool(x, mask).shape == (b, width)
        back = getattr(cpool, pool.__name__ + "_backward")
        assert back(np.ones((b, width), np.float32), x, mask).shape == x.shape
    if w:
        y, weights = cpool.attention_pool(x, np.zeros((b, t)), mask, return_weights=True)
        assert y.shape == (b, w) and weights.shape == (b, t)
        assert np.isnan(y).all(1).tolist() == (~mask.any(1)).tolist()
