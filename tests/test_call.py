"""Calls that repeat: answered by the compiled path, and with what the complete path would answer.

An ndarray of a subclass takes the complete path each time, so every call has a twin that is never remembered.
"""

import gc
import itertools
import threading
import weakref

import numpy as np
import pytest

import cpool
from cpool import _geometry

PLANS = ("window_plan", "adaptive_plan", "global_plan", "unpool_plan")
UNIQUE = itertools.count(2)  # a size that no call has had


class Sub(np.ndarray):
    pass


@pytest.fixture
def plans(monkeypatch):
    """A list that grows by one with every plan that is made."""
    made = []

    def counted(original):
        def plan(*arguments, **options):
            made.append(original)
            return original(*arguments, **options)

        return plan

    for name in PLANS:
        monkeypatch.setattr(_geometry, name, counted(getattr(_geometry, name)))
    return made


def values(shape, dtype=np.float32, seed=0):
    return np.random.default_rng([seed, *shape]).integers(-50, 50, shape).astype(dtype)


def channels_first_view(x):
    """The same array with channels-last memory."""
    return np.moveaxis(np.moveaxis(x, 1, -1).copy(), -1, 1)


def backward(name, *arguments, indices=False, **options):
    """A call of a gradient: grad_output follows from the forward pass."""
    forward, function = getattr(cpool, name), getattr(cpool, name + "_backward")

    def call(x, turn=np.asarray):
        if indices:
            y, found = forward(x, *arguments, return_indices=True, **options)
            return function(turn(y + 1), turn(x), *arguments, indices=turn(found), **options)
        return function(turn(forward(x, *arguments, **options) + 1), turn(x), *arguments, **options)

    return call


def forward(name, *arguments, **options):
    return lambda x, turn=np.asarray: getattr(cpool, name)(turn(x), *arguments, **options)


def unpooled(x, turn=np.asarray):
    y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    return cpool.max_unpool2d(turn(y), turn(indices), 2, output_size=x.shape)


def unpooled_backward(x, turn=np.asarray):
    y, indices = cpool.max_pool2d(x, 2, return_indices=True)
    return cpool.max_unpool2d_backward(turn(x), turn(y), turn(indices), 2, output_size=x.shape)


def from_shape(x, turn=np.asarray):
    y = cpool.avg_pool2d(x, 3, 2, 1)
    return cpool.avg_pool2d_backward(turn(y), x.shape, 3, 2, 1)


def labels(x, turn=np.asarray):
    return cpool.mode_pool2d(turn(x.astype(np.int16)), 3, ignore_label=-3, return_counts=True)


def median_jvp(x, turn=np.asarray):
    return cpool.median_pool2d_jvp(turn(x[..., ::-1].copy()), turn(x), 3, 2, 1)


CALLS = {
    "max": forward("max_pool2d", 3, 2, 1),
    "min": forward("min_pool2d", (2, 3)),
    "max list": forward("max_pool2d", [2, 3]),
    "max numpy int": forward("max_pool2d", np.int64(2)),
    "max indices": forward("max_pool2d", 3, 2, 1, return_indices=True),
    "max int32 indices": forward("max_pool2d", 2, return_indices=True, index_dtype=np.int32),
    "max index dtype": forward("max_pool2d", 2, return_indices=True, index_dtype=np.dtype("int32")),
    "max axis": forward("max_pool2d", 2, axis=(1, 2)),
    "max axis swapped": forward("max_pool2d", 2, axis=(3, 2), return_indices=True),
    "max last": forward("max_pool2d", 2, data_format="channels_last"),
    "max same": forward("max_pool2d", 3, 2, "same"),
    "avg": forward("avg_pool2d", 3, 2, ((1, 0), (0, 1)), True, False),
    "avg dtype": forward("avg_pool2d", 2, dtype=np.float64),
    "avg dtype word": forward("avg_pool2d", 2, dtype="float64"),
    "sum": forward("sum_pool2d", 2),
    "lp": forward("lp_pool2d", 2.5, 2),
    "adaptive avg": forward("adaptive_avg_pool2d", (3, 2)),
    "adaptive max": forward("adaptive_max_pool2d", 3, return_indices=True),
    "global avg": forward("global_avg_pool"),
    "global max": forward("global_max_pool", keepdims=True, return_indices=True),
    "global lp": forward("global_lp_pool", 3),
    "max backward": backward("max_pool2d", 3, 2, 1),
    "max backward indices": backward("max_pool2d", 3, 2, 1, indices=True),
    "max backward axis": backward("max_pool2d", 3, axis=(3, 1), indices=True),
    "avg backward": backward("avg_pool2d", 3, 2, 1),
    "avg backward dtype": backward("avg_pool2d", 3, 2, 1, dtype=np.float64),
    "avg backward shape": from_shape,
    "lp backward": backward("lp_pool2d", 2, 2),
    "adaptive avg backward": backward("adaptive_avg_pool2d", 3),
    "adaptive max backward": backward("adaptive_max_pool2d", 3, indices=True),
    "global avg backward": backward("global_avg_pool"),
    "global max backward": backward("global_max_pool", indices=True),
    "median": forward("median_pool2d", 3, 1, 1),
    "median indices": forward("median_pool2d", [2, 3], return_indices=True, index_dtype=np.int32),
    "median axis": forward("median_pool2d", 3, axis=(3, 2)),
    "median dtype": forward("median_pool2d", 2, dtype=np.float64),
    "rank": forward("rank_pool2d", (3, 2), rank=-2),
    "quantile": forward("rank_pool2d", 3, 1, "same", q=0.3, method="higher"),
    "range": forward("range_pool2d", 3, 2, ((1, 0), (0, 1)), data_format="channels_last"),
    "mode": labels,
    "adaptive median": forward("adaptive_median_pool2d", (3, 2)),
    "global quantile": forward("global_rank_pool", q=0.9, keepdims=True),
    "median backward": backward("median_pool2d", 3, 2, 1),
    "global median backward": backward("global_median_pool"),
    "median jvp": median_jvp,
    "unpool": unpooled,
    "unpool backward": unpooled_backward,
}
NOT_KEPT = ("avg backward dtype",)  # more than one kernel


def same(got, expected):
    got, expected = (a if isinstance(a, tuple) else (a,) for a in (got, expected))
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert type(a) is type(b) is np.ndarray
        assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        assert a.flags.c_contiguous and a.flags.owndata


@pytest.mark.parametrize("view", [np.asarray, channels_first_view, np.flip, lambda x: x[:, :, 1:, ::2]],
                         ids=["plain", "channels last", "flipped", "strided"])
@pytest.mark.parametrize("name", CALLS)
def test_repeated_calls(plans, name, view):
    call = CALLS[name]
    shape = (2, next(UNIQUE), 7, 12)
    call(view(values(shape)))
    first = len(plans)
    for seed in range(3):
        x = view(values(shape, seed=seed))
        x.flags.writeable = seed > 0
        before = x.copy()
        plans.clear()
        got = call(x)
        made = len(plans)
        same(got, call(x, lambda a: np.asarray(a).view(Sub)))
        np.testing.assert_array_equal(x, before)
        assert made == (0 if name not in NOT_KEPT else 1)
    assert first in (1, 2)


def test_one_plan_for_each_signature(plans):
    x, y = values((2, next(UNIQUE), 6, 6)), values((3, next(UNIQUE), 6, 6))
    for arguments in itertools.chain.from_iterable(itertools.repeat(((x, 2), (y, 2), (x, 3), (x, 3, 1)), 3)):
        cpool.max_pool2d(*arguments)
    assert len(plans) == 4
    for word in (2, (2, 2), [2, 2], np.int32(2)):  # 2 and np.int32(2) are one
        for _ in range(2):
            cpool.max_pool2d(x, 1, word)
    assert len(plans) == 6


def test_what_lies_otherwise_is_another_signature():
    x = values((2, next(UNIQUE), 8, 8))
    buffer = np.zeros(x.nbytes + 1, np.uint8)
    unaligned = buffer[1:].view(x.dtype).reshape(x.shape)
    unaligned[...] = x
    swapped = x.astype(x.dtype.newbyteorder())
    fortran = np.asfortranarray(x)
    expected = cpool.max_pool2d(x, 3, return_indices=True)
    for _ in range(3):
        for one in (x, unaligned, swapped, fortran, x.tolist(), x.view(Sub), memoryview(x)):
            got = cpool.max_pool2d(one, 3, return_indices=True)
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_array_equal(a, b)
                assert a.dtype.isnative and type(a) is np.ndarray
        with pytest.raises(TypeError, match="masked"):
            cpool.max_pool2d(np.ma.masked_array(x), 3, return_indices=True)
        assert cpool.max_pool2d(x.astype(np.int8), 3).dtype == np.int8
        assert cpool.max_pool2d(x[:, :, 2:], 3).shape == (*x.shape[:2], 2, 2)
        assert cpool.max_pool2d(x[0], 3).shape == (x.shape[1], 2, 2)
        assert cpool.max_pool2d(x[:0], 3).shape == (0, x.shape[1], 2, 2)
        with pytest.raises(ValueError, match="spatial"):
            cpool.max_pool2d(x[..., :0], 3)


def test_an_array_that_changes_its_shape():
    x = values((4, next(UNIQUE), 6, 6))
    for shape in ((4, x.shape[1], 6, 6), (2, x.shape[1], 12, 6), (4, x.shape[1], 6, 6)):
        x.shape = shape
        assert cpool.max_pool2d(x, 2).shape == (*shape[:2], shape[2] // 2, 3)


def test_equal_is_not_the_same():
    """1, True and 1.0 are equal, and so are a dtype and its name."""
    n = next(UNIQUE)
    x, g = values((1, n, 4, 4)), np.ones((1, n, 3, 3), np.float32)
    for _ in range(3):
        cpool.avg_pool2d(x, 2, 1, 0, False, True, 1)
        cpool.avg_pool2d_backward(g, x, 2, 1, 0, False, True, 1)
        cpool.lp_pool2d(x, 1, 2)
        cpool.global_max_pool(x, spatial_ndim=1)
        for wrong in [(2, True), (2, 1.0), (True, 1), (2, 1, False), (2, 1, 0, 0), (2, 1, 0, False, 1),
                      (2, 1, 0, False, True, 1.0), (2, 1, 0, False, True, True), ((2, 2.0), 1),
                      ([2, True], 1)]:
            with pytest.raises(TypeError):
                cpool.avg_pool2d(x, *wrong)
            with pytest.raises(TypeError):
                cpool.avg_pool2d_backward(g, x, *wrong)
        with pytest.raises(TypeError, match="norm_type"):
            cpool.lp_pool2d(x, True, 2)
        with pytest.raises(TypeError, match="spatial_ndim"):
            cpool.global_max_pool(x, spatial_ndim=True)
        with pytest.raises(TypeError, match="keepdims"):
            cpool.global_max_pool(x, spatial_ndim=1, keepdims=0)
        with pytest.raises(TypeError, match="index_dtype"):
            cpool.max_pool2d(x, 2, return_indices=True, index_dtype=np.int16)
        same(cpool.max_pool2d(x, 2, return_indices=True, index_dtype="int32"),
             cpool.max_pool2d(x, 2, return_indices=True, index_dtype=np.int32))


def test_operators_and_their_own_arguments_are_told_apart():
    x = values((1, next(UNIQUE), 6, 6))
    twin = x.view(Sub)
    ranks = ({"rank": 1}, {"rank": 2}, {"q": 1.0}, {"q": 0.5}, {"q": 0.45}, {"q": 0.45, "method": "lower"})
    calls = [(cpool.median_pool2d, {}), (cpool.range_pool2d, {}), (cpool.adaptive_median_pool2d, {})]
    calls += [(cpool.rank_pool2d, own) for own in ranks]
    for _ in range(3):
        for function, own in calls:
            same(function(x, 3, **own), function(twin, 3, **own))
            same(function(x, (3, 2), **own), function(twin, (3, 2), **own))
        for wrong in ({"rank": True}, {"rank": 1.0}, {"q": True}, {}, {"rank": 1, "q": 0.5}):
            with pytest.raises((TypeError, ValueError)):
                cpool.rank_pool2d(x, 3, **wrong)
        with pytest.raises(TypeError, match="kernel_size"):
            cpool.median_pool2d(x, 3.0)
        with pytest.raises(TypeError, match="kernel_size"):
            cpool.median_pool2d(x, (3, True))


def test_a_list_is_read_anew():
    x, size = values((1, next(UNIQUE), 6, 6)), [2, 2]
    pads = ([0, 0], [0, 0])
    for _ in range(2):
        size[0], pads[0][1] = 2, 0
        assert cpool.max_pool2d(x, size, 1, pads).shape[2:] == (5, 5)
        size[0], pads[0][1] = 3, 1
        assert cpool.max_pool2d(x, size, 1, pads).shape[2:] == (5, 5)
        pads[0][1] = 0
        assert cpool.max_pool2d(x, size, 1, pads).shape[2:] == (4, 5)
    size.append(size)  # endless
    with pytest.raises(ValueError, match="kernel_size"):
        cpool.max_pool2d(x, size)


# ---- masks ----

MASKS = {
    "own": lambda shape: shape,
    "planes": lambda shape: (shape[0], 1, *shape[2:]), "plane": lambda shape: shape[2:],
    "channels": lambda shape: (1, *shape[1:]), "pixels": lambda shape: (*shape[:-1], 1),
    "rows": lambda shape: (*shape[:-2], 1, shape[-1]), "one": lambda shape: (1,),
}
REMEMBERED = {
    "channels_first": ("own", "planes", "plane", "channels"), "channels_last": ("own", "pixels", "channels"),
}


@pytest.mark.parametrize("kind", MASKS)
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("policy", ["propagate", "omit"])
def test_masks(plans, kind, data_format, policy):
    """The values of a mask are no part of what is remembered, where it lies and how it broadcasts are."""
    shape = (2, 6, next(UNIQUE), 5) if data_format == "channels_first" else (2, next(UNIQUE), 6, 5)
    more = {"data_format": data_format, "nan_policy": policy}
    for seed in range(4):
        x = values(shape, seed=seed)
        x[0, 1, 1, 1] = np.nan
        mask = values(MASKS[kind](shape), seed=seed) > -20
        before = mask.copy()
        plans.clear()
        got = cpool.avg_pool2d(x, 2, mask=mask, **more)
        made = len(plans)
        same(got, cpool.avg_pool2d(x.view(Sub), 2, mask=before.tolist(), **more))
        out = outputs(got)
        assert cpool.avg_pool2d(x, 2, mask=mask, out=out, **more) is out
        same(out, got)
        np.testing.assert_array_equal(mask, before)
        assert made == (0 if seed and kind in REMEMBERED[data_format] else 1)
    bare = cpool.avg_pool2d(x, 2, **more)
    same(bare, cpool.avg_pool2d(x.view(Sub), 2, **more))
    assert (bare != got).any() or mask.all()


def test_masked_medians(plans):
    shape = (2, next(UNIQUE), 6, 6)
    for seed in range(3):
        x = values(shape, seed=seed)
        x[1, 1, 2, 3] = np.nan
        for mask in (values(shape, seed=seed) > -20, values(shape[2:], seed=seed) > -20):
            for policy in ("propagate", "omit"):
                plans.clear()
                got = cpool.median_pool2d(x, 3, mask=mask, nan_policy=policy)
                assert len(plans) == (seed == 0 or mask.ndim == 2)
                same(got, cpool.median_pool2d(x.view(Sub), 3, mask=mask.tolist(), nan_policy=policy))


def test_omitted_and_raised(plans):
    x = values((2, next(UNIQUE), 6, 6))
    for seed in range(3):
        x = values(x.shape, seed=seed)
        for _ in range(2):
            cpool.avg_pool2d(x, 2, nan_policy="raise")
            cpool.median_pool2d(x, 2, nan_policy="raise")
        x[1, 1, 2, 3] = np.nan
        plans.clear()
        got = cpool.avg_pool2d(x, 2, nan_policy="omit")
        assert len(plans) == (seed == 0)
        assert np.isfinite(got).all()
        mask = np.ones(x.shape, bool)
        for given in ({}, {"mask": mask}):
            for function in (cpool.avg_pool2d, cpool.median_pool2d):
                with pytest.raises(ValueError, match="NaN"):
                    function(x, 2, nan_policy="raise", **given)
        assert np.isnan(cpool.avg_pool2d(x, 2, mask=mask)).sum() == 1


def test_bad_masks_after_good_ones():
    x = values((2, next(UNIQUE), 6, 6))
    mask = values(x.shape) > 0
    expected = cpool.avg_pool2d(x, 2, mask=mask)
    memory = np.ones(x.size, bool)
    inside = memory[: expected.nbytes].view(np.float32).reshape(expected.shape)
    for _ in range(2):
        same(cpool.avg_pool2d(x, 2, mask=mask), expected)
        for wrong, error in ((mask.astype(np.uint8), TypeError), (mask[:, :, :5], ValueError),
                             (mask[None], ValueError), (np.ma.masked_array(mask), TypeError),
                             ([1, 0], TypeError)):
            with pytest.raises(error, match="mask"):
                cpool.avg_pool2d(x, 2, mask=wrong)
        with pytest.raises(ValueError, match="memory"):
            cpool.avg_pool2d(x, 2, mask=memory.reshape(x.shape), out=inside)
        turned = np.flip(mask, 3)                    # the same mask in memory that runs backwards
        same(cpool.avg_pool2d(x, 2, mask=turned), cpool.avg_pool2d(x, 2, mask=turned.copy()))
        wide = np.broadcast_to(mask[:1], x.shape)
        same(cpool.avg_pool2d(x, 2, mask=wide), cpool.avg_pool2d(x, 2, mask=mask[:1]))


# ---- out= ----


def outputs(result):
    return tuple(map(np.full_like, result, (99,) * len(result))) if isinstance(result, tuple) else \
        np.full_like(result, 99)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "median_pool2d"])
def test_out(plans, name):
    x = values((2, next(UNIQUE), 6, 9))
    function = getattr(cpool, name)
    expected = function(x, 3)
    function(x, 3, out=outputs(expected))
    plans.clear()
    for _ in range(2):
        out = outputs(expected)
        assert function(x, 3, out=out) is out
        same(out, expected)
    assert not plans
    wrong = [
        (outputs(expected)[:1], ValueError, "shape"),
        (outputs(expected).astype(np.float64), TypeError, "dtype"),
        (outputs(expected).astype(">f4"), TypeError, "dtype"),
        (expected.tolist(), TypeError, "ndarray"),
        (np.ma.masked_array(expected), TypeError, "ndarray"),
        (np.broadcast_to(expected[:1], expected.shape), ValueError, "writeable"),
        ((expected, expected), TypeError, "ndarray"),
        (x.reshape(-1)[: expected.size].reshape(expected.shape), ValueError, "memory"),
        (x.reshape(-1)[-expected.size :].reshape(expected.shape), ValueError, "memory"),
    ]
    before = x.copy()
    for out, error, word in wrong * 2:
        with pytest.raises(error, match=word):
            function(x, 3, out=out)
        np.testing.assert_array_equal(x, before)
    wide = np.zeros((*expected.shape[:-1], 7), np.float32)
    sub = outputs(expected).view(Sub)
    for out in (wide[..., ::2][..., :3], wide[..., 4::-2], np.asfortranarray(expected), sub):
        for _ in range(2):
            out[...] = 0
            assert function(x, 3, out=out) is out
            np.testing.assert_array_equal(out, expected)


def test_out_between_the_elements_of_x():
    """Memory that interleaves without sharing a byte is the business of the complete path."""
    buffer = values((2, next(UNIQUE), 8, 8))
    x = buffer[..., ::2]
    expected = cpool.max_pool2d(x.copy(), (2, 1))
    out = buffer[:, :, ::2, 1::2]
    for _ in range(3):
        assert cpool.max_pool2d(x, (2, 1), out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_pairs(plans):
    x = values((2, next(UNIQUE), 6, 9))
    expected = cpool.max_pool2d(x, 3, return_indices=True)
    for given in ((0, 1), (0,), (1,), ()):
        for turn in range(3):
            out = tuple(a if i in given else None for i, a in enumerate(outputs(expected)))
            plans.clear()
            got = cpool.max_pool2d(x, 3, return_indices=True, out=out)
            assert len(plans) == (turn == 0)
            assert all(out[i] is got[i] for i in given)
            same(got, expected)
    single = np.empty_like(expected[0])
    for _ in range(2):
        got = cpool.max_pool2d(x, 3, return_indices=True, out=single)
        assert got[0] is single
        same(got, expected)
        buffer = np.empty(3 * expected[0].size, np.int32)
        values_there = buffer[: expected[0].size].view(np.float32).reshape(expected[0].shape)
        overlapping = buffer.view(np.int64)[: expected[0].size].reshape(expected[0].shape)
        for pair in ((values_there, overlapping), expected[::-1], (expected[0],), expected[0][None]):
            with pytest.raises((TypeError, ValueError), match="out"):
                cpool.max_pool2d(x, 3, return_indices=True, out=pair)
        with pytest.raises(TypeError, match="out"):
            cpool.max_pool2d(x, 3, out=(single, None))


def test_wrong_indices_after_right_ones():
    x = values((2, next(UNIQUE), 6, 6))
    y, indices = cpool.max_pool2d(x, 3, return_indices=True)
    out = np.full_like(x, 7)
    for _ in range(2):
        expected = cpool.max_pool2d_backward(y, x, 3, indices=indices)
        same(cpool.max_pool2d_backward(y, x.shape, 3, indices=indices), expected)
        same(cpool.max_pool2d_backward(y, x, 3, indices=indices.astype(np.int32)), expected)
        same(cpool.max_pool2d_backward(y, x, 3, indices=indices.astype(np.uint8)), expected)
        assert cpool.max_pool2d_backward(y, x, 3, indices=indices, out=out) is out
        np.testing.assert_array_equal(out, expected)
        back = cpool.max_unpool2d(y, indices, 3)
        np.testing.assert_array_equal(cpool.max_unpool2d_backward(back, y, indices, 3), y)
        for number in (36, -2, 2**40):
            bad = indices.copy()
            bad.flat[-1] = number
            out[...] = 7
            for options in ({}, {"out": out}):
                with pytest.raises(ValueError, match=f"indices.*{number}"):
                    cpool.max_pool2d_backward(y, x, 3, indices=bad, **options)
                with pytest.raises(ValueError, match=f"indices.*{number}"):
                    cpool.max_unpool2d(y, bad, 3, **options)
            with pytest.raises(ValueError, match=f"indices.*{number}"):
                cpool.max_unpool2d_backward(back, y, bad, 3)
            assert (out == 7).all()
        with pytest.raises(ValueError, match="indices"):
            cpool.max_pool2d_backward(y, x, 3, indices=indices[:1])
        with pytest.raises(TypeError, match="indices"):
            cpool.max_pool2d_backward(y, x, 3, indices=indices.astype(float))
        with pytest.raises(TypeError, match="grad_output"):
            cpool.max_pool2d_backward(y.astype(np.float64), x, 3, indices=indices)
        with pytest.raises(ValueError, match="grad_output"):
            cpool.max_pool2d_backward(y[:1], x, 3, indices=indices)


# ---- what is kept ----


def test_arrays_are_not_kept():
    x = values((2, next(UNIQUE), 6, 6))
    out = np.empty((*x.shape[:2], 3, 3), x.dtype)
    for _ in range(3):
        y, indices = cpool.max_pool2d(x, 2, return_indices=True)
        cpool.max_pool2d(x, 2, out=out)
        grad = cpool.max_pool2d_backward(y, x, 2, indices=indices)
    gone = [weakref.ref(a) for a in (x, out, y, indices, grad)]
    del x, out, y, indices, grad
    gc.collect()
    assert all(one() is None for one in gone)


def test_many_signatures():
    """More than are kept, and more than have a place in the table."""
    x = values((1, next(UNIQUE), 4, 4))
    for i in range(1, 5000):
        assert cpool.avg_pool2d(x, 1, divisor_override=i).flat[0] == np.float32(x.flat[0] / i)
    for i in (1, 2, 4999):
        assert cpool.avg_pool2d(x, 1, divisor_override=i).flat[0] == np.float32(x.flat[0] / i)


def test_threads_share_entries():
    n = next(UNIQUE)
    arrays = [values((1, n, h, w)) for h in range(4, 12) for w in range(4, 12)]
    expected = [cpool.max_pool2d(x.view(Sub), 3, 1, 1, return_indices=True) for x in arrays]
    failed = []

    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for i in rng.integers(0, len(arrays), 2000):
                same(cpool.max_pool2d(arrays[i], 3, 1, 1, return_indices=True), expected[i])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_more_axes_than_are_remembered():
    x = values((1,) * 7 + (next(UNIQUE), 4, 4))
    for _ in range(2):
        same(cpool.max_pool2d(x, 2), cpool.max_pool2d(x.view(Sub), 2))
