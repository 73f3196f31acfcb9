"""What sequence pooling accepts and refuses, where it reads and writes, its layers, and empty input."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from compare import assert_same, values
from test_api import ANYTHING

import cpool

X = values((2, 4, 6), np.float64)
MASK = np.array([[1, 1, 0, 0], [0, 1, 1, 1]])
ROWS, OFFSETS = values((7, 3), np.float64), [0, 3, 3, 7]
SCORES = np.zeros((2, 4))
NAMES = [
    name
    for name in cpool.__all__
    if name.endswith(("token_pool", "over_time_pool", "segment_pool", "stats_pool", "attention_pool"))
]
USUAL = {
    "token_pool": {"x": X, "mask": MASK},
    "max_over_time_pool": {"x": X, "mask": MASK},
    "segment_pool": {"x": ROWS, "offsets": OFFSETS},
    "stats_pool": {"x": X, "mask": MASK},
    "attention_pool": {"x": X, "scores": SCORES, "mask": MASK},
    "attentive_stats_pool": {"x": X, "scores": SCORES, "mask": MASK},
}


def forms(name, **options):
    """The forward, backward and jvp function of an operator, each ready to be called."""
    usual = USUAL[name] | options
    good = getattr(cpool, name)(**USUAL[name])
    x = USUAL[name]["x"]
    yield lambda: getattr(cpool, name)(**usual)
    yield lambda: getattr(cpool, name + "_backward")(np.ones_like(good), **usual)
    yield lambda: getattr(cpool, name + "_jvp")(np.ones_like(x), **usual)


def test_the_list_is_complete():
    assert sorted(NAMES) == sorted(USUAL)


TOKENS = ["token_pool", "max_over_time_pool", "stats_pool", "attention_pool", "attentive_stats_pool"]
REFUSED = [
    (name, *case)
    for name in TOKENS
    for case in [
        (ValueError, "mask", {"mask": np.ones((2, 3))}),
        (ValueError, "mask", {"mask": np.ones((2, 4, 6))}),
        (ValueError, "mask", {"mask": MASK * 2}),
        (ValueError, "mask", {"mask": MASK - 1}),
        (ValueError, "mask", {"mask": MASK * 0.5}),
        (ValueError, "mask", {"mask": np.where(MASK, np.nan, 1)}),
        (TypeError, "mask", {"mask": MASK.astype(complex)}),
        (TypeError, "mask", {"mask": "yes"}),
        (ValueError, "lengths", {"lengths": [1, 2]}),
        (ValueError, "lengths", {"mask": None, "lengths": [1, 5]}),
        (ValueError, "lengths", {"mask": None, "lengths": [-1, 4]}),
        (ValueError, "lengths", {"mask": None, "lengths": [1, 2, 3]}),
        (ValueError, "lengths", {"mask": None, "lengths": 3}),
        (TypeError, "lengths", {"mask": None, "lengths": [0.5, 1.0]}),
        (TypeError, "lengths", {"mask": None, "lengths": [True, False]}),
        (TypeError, "empty", {"empty": "0"}),
        (TypeError, "empty", {"empty": [0]}),
        (TypeError, "empty", {"empty": 1j}),
    ]
]
REFUSED += [
    (name, *case)
    for name in ("token_pool", "stats_pool", "attention_pool", "segment_pool")
    for case in [
        (TypeError, "dtype", {"dtype": np.float16}),
        (TypeError, "dtype", {"dtype": "nothing"}),
    ]
]
REFUSED += [
    ("token_pool", *case)
    for case in [
        (ValueError, "mode", {"mode": "average"}),
        (ValueError, "mode", {"mode": ("mean", "mean")}),
        (ValueError, "mode", {"mode": ()}),
        (ValueError, "mode", {"mode": ["mean", "sum"]}),
        (TypeError, "mode", {"mode": None}),
        (TypeError, "mode", {"mode": ["mean", 1]}),
    ]
]
REFUSED += [
    ("segment_pool", *case)
    for case in [
        (ValueError, "offsets", {"offsets": None}),
        (ValueError, "offsets", {"lengths": [3, 0, 4]}),
        (ValueError, "offsets", {"offsets": [0, 3, 5]}),
        (ValueError, "offsets", {"offsets": [1, 3, 7]}),
        (ValueError, "offsets", {"offsets": [0, 5, 3, 7]}),
        (ValueError, "offsets", {"offsets": [0, 8]}),
        (ValueError, "offsets", {"offsets": [0, -1, 7]}),
        (ValueError, "offsets", {"offsets": [[0, 7]]}),
        (TypeError, "offsets", {"offsets": []}),
        (ValueError, "offsets", {"offsets": np.array([], int)}),
        (TypeError, "offsets", {"offsets": [0.0, 7.0]}),
        (ValueError, "lengths", {"offsets": None, "lengths": [3, 3]}),
        (ValueError, "lengths", {"offsets": None, "lengths": [8, -1]}),
        (ValueError, "op", {"op": "product"}),
        (TypeError, "op", {"op": 1}),
        (TypeError, "k", {"op": "kmax"}),
        (ValueError, "k", {"op": "kmax", "k": 0}),
        (ValueError, "k", {"op": "max", "k": 2}),
        (ValueError, "weights", {"op": "max", "weights": np.ones(7)}),
        (ValueError, "weights", {"weights": np.ones(6)}),
        (ValueError, "weights", {"weights": np.ones((7, 2))}),
        (ValueError, "weights", {"weights": -np.ones(7)}),
        (ValueError, "weights", {"weights": np.full(7, np.nan)}),
        (ValueError, "weights", {"weights": np.full(7, np.inf)}),
        (TypeError, "weights", {"weights": np.ones(7, bool)}),
        (TypeError, "correction", {"correction": "1"}),
        (TypeError, "correction", {"correction": True}),
        (ValueError, "correction", {"correction": np.nan}),
        (TypeError, "return_indices", {"return_indices": 1}),
        (TypeError, "index_dtype", {"index_dtype": np.float32}),
    ]
]
REFUSED += [
    ("stats_pool", *case)
    for case in [
        (ValueError, "weights", {"weights": np.ones((2, 3))}),
        (ValueError, "weights", {"weights": np.ones((2, 4, 4))}),
        (ValueError, "weights", {"weights": -np.ones((2, 4))}),
        (ValueError, "correction", {"correction": np.inf}),
    ]
]
REFUSED += [
    (name, *case)
    for name in ("attention_pool", "attentive_stats_pool")
    for case in [
        (ValueError, "scores", {"scores": None}),
        (ValueError, "scores", {"query": np.ones(6)}),
        (ValueError, "scores", {"scores": np.zeros((2, 4, 4))}),
        (ValueError, "scale", {"scale": 2}),
        (TypeError, "scale", {"scores": None, "query": np.ones(6), "scale": "2"}),
        (ValueError, "query", {"scores": None, "query": np.ones(5)}),
        (ValueError, "query", {"scores": None, "query": np.ones((2, 2))}),
        (TypeError, "query", {"scores": None, "query": np.ones(6, int)}),
        (TypeError, "return_weights", {"return_weights": 0}),
    ]
]


@pytest.mark.parametrize("name, error, word, wrong", REFUSED)
def test_refusals_name_the_argument(name, error, word, wrong):
    for call in forms(name, **wrong):
        with pytest.raises(error, match=word) as caught:
            call()
        assert caught.type is error


@pytest.mark.parametrize("name", NAMES)
def test_refused_arrays(name):
    good = getattr(cpool, name)(**USUAL[name])
    x = USUAL[name]["x"]
    back, jvp = getattr(cpool, name + "_backward"), getattr(cpool, name + "_jvp")
    others = {k: v for k, v in USUAL[name].items() if k != "x"}
    for wrong, error in (
        (x.astype(complex), TypeError),
        (x.astype(object), TypeError),
        (None, TypeError),
        (1.0, ValueError),
        (np.ma.array(x), TypeError),
        ("x", TypeError),
    ):
        with pytest.raises(error, match="x must"):
            getattr(cpool, name)(wrong, **others)
    with pytest.raises(TypeError, match="x must"):
        back(good, x.astype(int), **others)
    with pytest.raises(TypeError, match="grad_output"):
        back(good.astype(np.float32), **USUAL[name])
    with pytest.raises(TypeError, match="grad_output"):
        back(good.astype(int), **USUAL[name])
    with pytest.raises(ValueError, match="grad_output"):
        back(good[:1], **USUAL[name])
    with pytest.raises(ValueError, match="tangent"):
        jvp(x[:1], **USUAL[name])
    with pytest.raises(TypeError, match="tangent"):
        jvp(x.astype(np.float32), **USUAL[name])


def test_shapes_where_values_do_not_matter():
    for call in (
        lambda: cpool.token_pool_backward(np.ones((2, 6)), X.shape, mode="max"),
        lambda: cpool.max_over_time_pool_backward(np.ones((2, 6)), X.shape),
        lambda: cpool.segment_pool_backward(np.ones((3, 3)), ROWS.shape, OFFSETS, "max"),
        lambda: cpool.segment_pool_backward(np.ones((3, 3)), ROWS.shape, OFFSETS, "lse"),
        lambda: cpool.segment_pool_backward(np.ones((3, 3)), ROWS.shape, OFFSETS, weights=np.ones(7)),
        lambda: cpool.stats_pool_backward(np.ones((2, 12)), X.shape),
    ):
        with pytest.raises((TypeError, ValueError), match="x must"):
            call()
    y, at = cpool.segment_pool(ROWS, OFFSETS, "kmax", k=2, return_indices=True)
    g = np.ones_like(y)
    want = cpool.segment_pool_backward(g, ROWS, OFFSETS, "kmax", k=2)
    assert_same(cpool.segment_pool_backward(g, ROWS.shape, OFFSETS, "kmax", k=2, indices=at), want)
    for op in ("sum", "mean", "first", "last"):
        g = np.ones((3, 3))
        assert_same(
            cpool.segment_pool_backward(g, ROWS.shape, OFFSETS, op),
            cpool.segment_pool_backward(g, ROWS, OFFSETS, op),
        )


@pytest.mark.parametrize(
    "wrong", [np.full((3, 3), 7), np.full((3, 3), -2), np.zeros((3, 3), int), np.zeros((2, 3), int)]
)
def test_refused_indices(wrong):
    with pytest.raises(ValueError, match="indices"):
        cpool.segment_pool_backward(np.ones((3, 3)), ROWS, OFFSETS, "max", indices=wrong)
    with pytest.raises(ValueError, match="indices"):
        cpool.segment_pool_backward(np.ones((3, 3)), ROWS, OFFSETS, "mean", indices=np.full((3, 3), -1))
    with pytest.raises(ValueError, match="indices"):
        cpool.max_over_time_pool_backward(np.ones((2, 6)), X, indices=np.full((2, 6), 4))
    with pytest.raises(ValueError, match="indices"):
        cpool.max_over_time_pool_backward(np.ones((2, 6)), X, indices=np.full((2, 6), -2))


def test_indices_minus_one_are_nowhere():
    assert (cpool.max_over_time_pool_backward(np.ones((2, 6)), X, indices=np.full((2, 6), -1)) == 0).all()
    assert (
        cpool.segment_pool_backward(np.ones((3, 3)), ROWS, OFFSETS, "max", indices=np.full((3, 3), -1)) == 0
    ).all()


# ---- empty input ----


@pytest.mark.parametrize("name", TOKENS)
def test_empty_sequences(name):
    mask = np.array([[0, 0, 0, 0], [1, 0, 1, 0]])
    usual = USUAL[name] | {"mask": mask}
    y = getattr(cpool, name)(**usual)
    assert np.isnan(y[0]).all() and np.isfinite(y[1]).all()
    filled = getattr(cpool, name)(**usual, empty=-1)
    assert (filled[0] == -1).all()
    assert_same(filled[1], y[1])
    g = np.ones_like(y)
    g[0] = np.nan
    found = getattr(cpool, name + "_backward")(g, **usual)
    grad = found[0] if isinstance(found, tuple) else found
    assert (grad[0] == 0).all() and np.isfinite(grad).all() and (grad[1, [1, 3]] == 0).all()
    tangent = getattr(cpool, name + "_jvp")(np.ones_like(X), **usual)
    assert (tangent[0] == 0).all()


def test_empty_integers_need_a_value():
    x = np.ones((2, 3, 4), np.int16)
    for pool in (cpool.token_pool, cpool.max_over_time_pool):
        with pytest.raises(ValueError, match="empty"):
            pool(x, lengths=[0, 3])
        assert pool(x, lengths=[0, 3], empty=-5).tolist() == [[-5] * 4, [1] * 4]
        assert pool(x, lengths=[1, 3]).tolist() == [[1] * 4] * 2
        for wrong in (0.5, 2**15, np.nan):
            with pytest.raises((ValueError, TypeError), match="empty"):
                pool(x, lengths=[0, 3], empty=wrong)
    assert cpool.segment_pool(x[0, :, 0], [0, 0, 3]).tolist() == [0, 3]
    with pytest.raises(ValueError, match="empty"):
        cpool.segment_pool(x[0, :, 0], [0, 0, 3], "mean")
    with pytest.raises(ValueError, match="empty"):
        cpool.segment_pool(x[0, :, 0], [0, 3], "kmax", k=4)


@pytest.mark.parametrize("op", ["sum", "mean", "max", "min", "std", "lse", "first", "last", "kmax"])
def test_empty_segments(op):
    options = {"k": 2} if op == "kmax" else {}
    y = cpool.segment_pool(ROWS, OFFSETS, op, **options)
    assert (y[1] == 0).all() if op == "sum" else np.isnan(y[1]).all()
    y = cpool.segment_pool(ROWS, OFFSETS, op, **options, empty=8)
    assert (y[1] == 8).all()
    for rows, offsets in ((ROWS[:0], [0]), (ROWS[:0], [0, 0, 0]), (ROWS[:, :0], OFFSETS)):
        y = cpool.segment_pool(rows, offsets, op, **options)
        assert y.shape[0] == len(offsets) - 1 and y.shape[-1] == rows.shape[1]
        grad = cpool.segment_pool_backward(y, rows, offsets, op, **options)
        assert grad.shape == rows.shape
        assert cpool.segment_pool_jvp(rows, rows, offsets, op, **options).shape == y.shape


def test_weights_of_nothing():
    weights = np.array([1.0, 2, 0, 0, 0, 0, 0])
    for op in ("mean", "std"):
        y = cpool.segment_pool(ROWS, [0, 3, 7], op, weights=weights, empty=4)
        assert (y[1] == 4).all()
        grad, grad_w = cpool.segment_pool_backward(np.ones((2, 3)), ROWS, [0, 3, 7], op, weights=weights)
        assert (grad[3:] == 0).all() and (grad_w[3:] == 0).all()
    assert (cpool.segment_pool(ROWS, [0, 3, 7], "sum", weights=weights)[1] == 0).all()


# ---- where arrays lie ----


def test_any_layout_of_x():
    x = values((3, 5, 8), np.float32)
    mask = np.arange(5) < np.array([[2], [5], [3]])
    other = values((8, 5, 3), np.float32).T
    byteswapped = x.astype(x.dtype.newbyteorder())
    for name in TOKENS:
        args = {"scores": np.zeros((3, 5))} if "att" in name else {}
        pool, back = getattr(cpool, name), getattr(cpool, name + "_backward")
        want = pool(x, mask=mask, **args)
        g = values(want.shape, np.float32)
        for view in (np.asfortranarray(x), x[:, ::-1][:, ::-1], byteswapped, x.tolist()):
            if isinstance(view, list):
                got = pool(view, mask=mask, **args)
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
                continue
            assert_same(pool(view, mask=mask, **args), want)
            found, expected = back(g, view, mask=mask, **args), back(g, x, mask=mask, **args)
            for a, b in zip(
                found if isinstance(found, tuple) else [found],
                expected if isinstance(expected, tuple) else [expected],
                strict=True,
            ):
                assert_same(a, b)
        assert_same(pool(other, mask=np.ones((3, 5)), **args), pool(np.ascontiguousarray(other), **args))


@pytest.mark.parametrize("name", NAMES)
def test_out(name):
    usual = USUAL[name]
    want = getattr(cpool, name)(**usual)
    out = np.full(want.shape, 77.0)
    assert getattr(cpool, name)(**usual, out=out) is out
    np.testing.assert_array_equal(out, want)
    strided = np.full((*want.shape, 2), 77.0)[..., 0]
    assert getattr(cpool, name)(**usual, out=strided) is strided
    np.testing.assert_array_equal(strided, want)
    found = getattr(cpool, name + "_backward")(np.ones_like(want), **usual)
    grad = found[0] if isinstance(found, tuple) else found
    for target in (np.full(grad.shape, 77.0), np.full((*grad.shape, 2), 77.0)[..., 0]):
        back = getattr(cpool, name + "_backward")(np.ones_like(want), **usual, out=target)
        assert (back[0] if isinstance(back, tuple) else back) is target
        np.testing.assert_array_equal(target, grad)
    tangent = getattr(cpool, name + "_jvp")(usual["x"], **usual)
    target = np.full(want.shape, 77.0)
    assert getattr(cpool, name + "_jvp")(usual["x"], **usual, out=target) is target
    np.testing.assert_array_equal(target, tangent)
    for wrong, error in (
        (np.zeros(want.shape, np.float32), TypeError),
        (np.zeros(3), ValueError),
        (want.tolist(), TypeError),
    ):
        with pytest.raises(error, match="out"):
            getattr(cpool, name)(**usual, out=wrong)
    with pytest.raises(ValueError, match="out"):
        getattr(cpool, name + "_backward")(np.ones_like(want), **usual, out=usual["x"])


def test_out_with_indices():
    y, at = np.zeros((3, 3)), np.zeros((3, 3), np.int64)
    found = cpool.segment_pool(ROWS, OFFSETS, "max", return_indices=True, out=(y, at))
    assert found[0] is y and found[1] is at and (at[1] == -1).all()
    y, at = np.zeros((2, 6)), np.zeros((2, 6), np.int32)
    found = cpool.max_over_time_pool(X, return_indices=True, index_dtype="int32", out=(y, at))
    assert found[0] is y and found[1] is at


# ---- layers ----

LAYERS = [
    (cpool.TokenPool(("mean", "max")), "token_pool", {"mode": ("mean", "max")}, {"mask": MASK}),
    (cpool.MaxOverTimePool(empty=3), "max_over_time_pool", {"empty": 3}, {"lengths": [0, 2]}),
    (cpool.SegmentPool("kmax", k=2), "segment_pool", {"op": "kmax", "k": 2}, {"offsets": OFFSETS}),
    (
        cpool.SegmentPool("mean"),
        "segment_pool",
        {"op": "mean"},
        {"offsets": OFFSETS, "weights": np.arange(1.0, 8)},
    ),
    (cpool.StatsPool(correction=1), "stats_pool", {"correction": 1}, {"mask": MASK}),
    (cpool.StatsPool(), "stats_pool", {}, {"weights": np.ones((2, 4))}),
    (
        cpool.AttentionPool(np.ones(6) / 9, scale=0.5),
        "attention_pool",
        {"query": np.ones(6) / 9, "scale": 0.5},
        {"mask": MASK},
    ),
    (cpool.AttentiveStatsPool(), "attentive_stats_pool", {}, {"scores": SCORES, "mask": MASK}),
]


@pytest.mark.parametrize("layer, name, options, arrays", LAYERS)
def test_layer_is_its_function(layer, name, options, arrays):
    x = USUAL[name]["x"]
    for again in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        y = again(x, **arrays)
        assert_same(y, getattr(cpool, name)(x, **options, **arrays))
        g = values(y.shape, y.dtype)
        want = getattr(cpool, name + "_backward")(g, x, **options, **arrays)
        grad = again.backward(g)
        if isinstance(want, tuple):
            learned = (
                "grad_weights"
                if "weights" in arrays
                else "grad_scores"
                if "scores" in arrays
                else "grad_query"
            )
            assert_same(getattr(again, learned), want[1])
            want = want[0]
        assert_same(grad, want)
    assert repr(layer).startswith(type(layer).__name__ + "(")


def test_a_query_is_learned():
    """Attention finds the token that matters: gradient descent on the query."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 6, 8))
    wanted = x[np.arange(64), x[:, :, 3].argmax(1)]
    layer = cpool.AttentionPool(np.zeros(8))
    losses = []
    for _ in range(200):
        error = layer(x) - wanted
        losses.append((error**2).sum(1).mean())
        layer.backward(2 * error / len(x))
        layer.query = layer.query - 0.2 * layer.grad_query
    assert losses[-1] < 0.35 * losses[0] and abs(layer.query).argmax() == 3


# ---- anything for any argument ----


@pytest.mark.parametrize("end", ["", "_backward", "_jvp"])
@pytest.mark.parametrize("name", NAMES)
def test_anything_for_any_argument(name, end):
    """Whatever an argument is, the call works or says why not; nothing else escapes."""
    function = getattr(cpool, name + end)
    good = getattr(cpool, name)(**USUAL[name])
    usual = (
        USUAL[name]
        | {"": {}, "_backward": {"grad_output": np.ones_like(good)}, "_jvp": {"tangent": USUAL[name]["x"]}}[
            end
        ]
    )
    function(**usual)
    for argument in inspect.signature(function).parameters:
        for value in ANYTHING:
            try:
                function(**usual | {argument: value})
            except (TypeError, ValueError, MemoryError) as error:
                assert len(str(error)) < 1000
