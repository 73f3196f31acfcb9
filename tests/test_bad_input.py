"""Wrong arguments of every kind: one clear exception that names the argument, and nothing written."""

import gc
import inspect

import numpy as np
import pytest
from compare import OPS, function
from hypothesis import given
from hypothesis import strategies as st

import cpool

X = np.arange(48.0).reshape(2, 4, 6)
KINDS = ("pool", "adaptive", "global")
CALLS = [(kind, op, tail) for kind in KINDS for op in OPS for tail in (False, True)]


def bind(kind, op, backward, **changes):
    """The function and a good call of it, with changes."""
    fast, _ = function(kind, op, 2, backward)
    good = {"x": X}
    if kind == "pool":
        good["kernel_size"] = 2
    if kind == "adaptive":
        good["output_size"] = 2
    if kind == "global":
        good["spatial_ndim"] = 2
    if op == "lp":
        good["norm_type"] = 2
    if backward:
        shape = {"pool": (2, 2, 3), "adaptive": (2, 2, 2), "global": (2,)}[kind]
        good["grad_output"] = np.ones(shape)
    return fast, good | changes


@pytest.mark.parametrize(("kind", "op", "backward"), CALLS)
def test_the_good_call_is_good(kind, op, backward):
    fast, good = bind(kind, op, backward)
    assert isinstance(fast(**good), np.ndarray)
    assert np.array_equal(
        fast(**good),
        fast(
            *[good[p] for p in inspect.signature(fast).parameters if p in good and p != "spatial_ndim"],
            **({"spatial_ndim": 2} if kind == "global" else {}),
        ),
    )


class Hostile:
    """Raises whatever it is asked; what it says names every argument, as ours would."""

    def __getattr__(self, name):
        raise ValueError("hostile")

    def __index__(self):
        raise ValueError("kernel_size stride padding dilation divisor_override norm_type data_format dtype")

    def __float__(self):
        raise ValueError("norm_type")


WRONG_X = [
    np.zeros((4, 4), complex),
    np.zeros((4, 4), object),
    np.array([["a", "b"], ["c", "d"]]),
    np.zeros((4, 4), "M8[s]"),
    np.zeros((4, 4), "m8[s]"),
    np.zeros((4, 4), [("a", int)]),
    np.zeros((4, 4), np.longdouble),
    np.zeros((4, 4), "S3"),
    np.ma.masked_array(np.zeros((4, 4))),
    np.zeros((4, 4), np.clongdouble),
    np.zeros((4, 4), "V4"),
    None,
    "text",
    3.0,
    object(),
    {1: 2},
    [[1, 2], [3]],
    [["a", "b"]],
    Hostile(),
    iter([1, 2]),
    b"",
]


@pytest.mark.parametrize(
    "x", WRONG_X, ids=[f"{type(x).__name__}-{x.dtype if isinstance(x, np.ndarray) else ''}" for x in WRONG_X]
)
def test_x(x):
    for kind, op, backward in CALLS:
        fast, call = bind(kind, op, backward, x=x)
        with pytest.raises((TypeError, ValueError)) as caught:
            fast(**call)
        if isinstance(x, np.ndarray) and np.dtype(x.dtype).kind != "V":
            assert isinstance(caught.value, TypeError), caught.value
            if not isinstance(x, np.ma.MaskedArray):
                assert "float32" in str(caught.value) and "x" in str(caught.value)


@pytest.mark.parametrize("shape", [(), (4,), (0, 0), (4, 0), (0, 4)])
def test_shapes_too_small(shape):
    for kind, op, backward in CALLS:
        fast, call = bind(kind, op, backward, x=np.zeros(shape))
        with pytest.raises((TypeError, ValueError)):
            fast(**call)


NOT_INTS = [
    2.0,
    np.float64(2),
    True,
    np.bool_(True),
    "2",
    (2.0, 2),
    (2, True),
    [2, "2"],
    object(),
    {2: 2},
    {2, 3},
    np.array([2.0, 2.0]),
    np.array([True, True]),
    2j,
    Hostile(),
    b"2",
]
WRONG_COUNT = [(), (2,), (2, 2, 2), [[2, 2]], np.array([2]), range(3)]
TOO_LARGE = [2**31 - 1, 2**31, 2**32 + 2, 2**63, 2**64 + 2, 10**40, (2, 2**31), -(2**63) - 5]


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation"])
def test_window_arguments(name):
    low = 0 if name == "padding" else 1
    for op in OPS:
        for backward in False, True:
            for value in NOT_INTS:
                fast, call = bind("pool", op, backward, **{name: value})
                with pytest.raises((TypeError, ValueError), match=name):
                    fast(**call)
            for value in WRONG_COUNT + TOO_LARGE + [low - 1, -5, (low - 1, 2), (2, low - 1)]:
                if name == "padding" and isinstance(value, list):
                    continue
                fast, call = bind("pool", op, backward, **{name: value})
                with pytest.raises(ValueError, match=name):
                    fast(**call)


@pytest.mark.parametrize(
    "padding",
    [
        "SAME",
        "",
        "full",
        "same_upper",
        [(1, 1)],
        [(1, 1)] * 3,
        [(1,), (1,)],
        [(1, 2, 3)] * 2,
        [(1, -1), (0, 0)],
        [(0.5, 1), (0, 0)],
        [("1", 1), (0, 0)],
        None,
        [None, 1],
        [(1, 2**31), (0, 0)],
        [[[1]]],
        {"a": 1},
    ],
)
def test_padding(padding):
    for op in OPS:
        fast, call = bind("pool", op, False, padding=padding)
        with pytest.raises((TypeError, ValueError), match="padding"):
            fast(**call)


def test_floats_are_type_errors():
    for value in 2.0, True, (2.0, 2.0), (True, 2):
        for name in "kernel_size", "stride", "padding", "dilation":
            fast, call = bind("pool", "max", False, **{name: value})
            with pytest.raises(TypeError, match=name):
                fast(**call)


class TestCacheKey:
    """2 == 2.0 == True, and so do their hashes: a cached plan must not let them through."""

    @pytest.mark.parametrize("op", OPS)
    @pytest.mark.parametrize("backward", [False, True])
    def test_numbers(self, op, backward):
        for good, bad in (2, 2.0), ((2, 2), (2.0, 2.0)), ((2, 2), (2, 2.0)), (2, np.float32(2)), (2, 2 + 0j):
            for name in "kernel_size", "stride", "dilation", "padding":
                fast, call = bind("pool", op, backward, **{"stride": 2, name: good})
                if name == "dilation" and backward:
                    call["grad_output"] = np.ones((2, 1, 2))
                if name == "padding" and backward:
                    call["grad_output"] = np.ones((2, 4, 5))
                for _ in range(3):
                    fast(**call)
                with pytest.raises(TypeError, match=name):
                    fast(**call | {name: bad})
                fast(**call)

    @pytest.mark.parametrize("op", OPS)
    def test_bools(self, op):
        for name in "kernel_size", "stride", "dilation", "padding":
            fast, call = bind("pool", op, False, **{name: 1})
            for _ in range(3):
                fast(**call)
            with pytest.raises(TypeError, match=name):
                fast(**call | {name: True})
            with pytest.raises(TypeError, match=name):
                fast(**call | {name: (1, True)})

    @pytest.mark.parametrize("op", OPS)
    def test_sizes(self, op):
        for kind, name in ("adaptive", "output_size"), ("global", "spatial_ndim"):
            fast, call = bind(kind, op, False, **{name: 2})
            for _ in range(3):
                fast(**call)
            for bad in 2.0, np.float64(2), "2":
                with pytest.raises(TypeError, match=name):
                    fast(**call | {name: bad})
            fast, call = bind(kind, op, False, **{name: 1})
            fast(**call)
            with pytest.raises(TypeError, match=name):
                fast(**call | {name: True})

    def test_divisor_and_norm(self):
        cpool.avg_pool2d(X, 2, divisor_override=2)
        with pytest.raises(TypeError, match="divisor_override"):
            cpool.avg_pool2d(X, 2, divisor_override=2.0)
        cpool.avg_pool2d(X, 2, divisor_override=1)
        with pytest.raises(TypeError, match="divisor_override"):
            cpool.avg_pool2d(X, 2, divisor_override=True)
        one = cpool.lp_pool2d(X, 1, 2)
        assert np.array_equal(cpool.lp_pool2d(X, 1.0, 2), one)

    def test_flags(self):
        """True and 1 are one key: whatever a flag may be, an earlier call must not decide."""
        for first, second in (True, 1), (1, True), (False, 0), (0, False):
            outcomes = []
            for value in first, second:
                try:
                    outcomes.append(cpool.max_pool2d(X, (3, 5), ceil_mode=value).shape)
                except TypeError:
                    outcomes.append(TypeError)
            fresh = dict(zip((repr(first), repr(second)), outcomes, strict=True))
            assert len(set(fresh.values())) <= 2
            assert fresh[repr(bool(first))] == ((2, 2, 2) if first else (2, 1, 1))

    def test_arguments_do_not_trade_places(self):
        x = np.arange(400.0).reshape(20, 20)
        shapes = {(3, 2): (9, 9), (2, 3): (7, 7)}
        for _ in range(2):
            for (kernel, stride), shape in shapes.items():
                assert cpool.max_pool2d(x, kernel, stride).shape == shape
        assert cpool.max_pool2d(x, 4, 2, 1).shape == (10, 10)
        assert cpool.max_pool2d(x, 4, 1, 2).shape == (21, 21)
        assert cpool.max_pool2d(x, 4, 1, 1, 2).shape == (16, 16)
        assert cpool.max_pool2d(x, 4, 2, 1).shape == (10, 10)

    def test_dtypes_do_not_trade_places(self):
        for dtype in (
            np.float32,
            np.int32,
            np.uint32,
            np.float32,
            np.float64,
            np.int64,
            np.uint64,
            np.bool_,
            np.uint8,
        ):
            x = np.array([[-1, 2], [0, 1]]).astype(dtype)
            assert cpool.max_pool2d(x, 2)[0, 0] == x.max() and cpool.max_pool2d(x, 2).dtype == dtype


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("data_format", ["NCW", "NCDHW", "NWC", "nchw", "", None, 1, ("NCHW",), b"NCHW", Hostile()]),
        (
            "axis",
            [
                (0,),
                (0, 0),
                (0, 3),
                (-4, 0),
                (0, 1, 2),
                (0.0, 1),
                (True, 2),
                "01",
                (1, -2),
                1,
                [0, None],
                2**70,
            ],
        ),
        ("nan_policy", ["", None, 1, "PROPAGATE", "omit "]),
        ("mask", [np.ones((2, 4, 6, 1, 1, 1), bool), np.zeros(3), "x", np.ones((9, 1), bool)]),
    ],
)
def test_common_options(name, values):
    for kind, op, backward in CALLS:
        if name == "axis" and kind == "global":
            continue
        if name == "data_format" and kind == "global":
            continue
        for value in values:
            fast, call = bind(kind, op, backward, **{name: value})
            with pytest.raises((TypeError, ValueError), match=name):
                fast(**call)


def test_axis_and_data_format_exclude_each_other():
    for kind, op, backward in CALLS:
        fast, call = bind(kind, op, backward, axis=(1, 2), data_format="channels_last")
        call.pop("spatial_ndim", None)
        with pytest.raises(ValueError, match="axis"):
            fast(**call)


@pytest.mark.parametrize(
    ("name", "op", "values"),
    [
        ("divisor_override", "avg", [0, 0.0, 1.5, "2", True, (2,), Hostile(), np.float64(3)]),
        ("norm_type", "lp", [0, -1, -np.inf, np.nan, "2", None, 1j, (2,), Hostile(), [2], -0.0]),
        ("dtype", "sum", ["x", np.float16, bool, complex, object, np.int32, 3, "V3", Hostile()]),
        ("dtype", "avg", ["x", np.float16, np.int64, bool, complex]),
        ("dtype", "lp", ["x", np.float16, np.uint8, bool, complex]),
        ("index_dtype", "max", [np.int16, np.uint64, float, "x", bool, 3, np.float32]),
        ("index_dtype", "min", [np.int8, np.uint32, "int33"]),
        ("weights", "avg", [np.ones((2, 4, 7)), np.ones(3, complex), "1"]),
        ("weights", "sum", [np.ones((2, 4, 6))]),
    ],
)
def test_options_of_one_reducer(name, op, values):
    for kind in KINDS:
        if name == "divisor_override" and kind != "pool":
            continue
        for value in values:
            fast, call = bind(kind, op, False, **{name: value})
            if name == "index_dtype":
                call["return_indices"] = True
            with pytest.raises((TypeError, ValueError), match=name):
                fast(**call)


@pytest.mark.parametrize("op", OPS)
def test_windows_that_do_not_fit(op):
    for changes in (
        {"kernel_size": 5},
        {"kernel_size": (4, 7)},
        {"dilation": 4},
        {"kernel_size": 3, "dilation": (2, 1)},
    ):
        fast, call = bind("pool", op, False, **changes)
        with pytest.raises(ValueError, match=r"\d"):
            fast(**call)


@pytest.mark.parametrize("op", OPS)
def test_results_that_cannot_fit_the_memory(op):
    """A legal but absurd size is a MemoryError before anything is allocated."""
    huge = 2**31 - 2
    for changes in ({"padding": huge, "stride": 1}, {"padding": ((huge, huge), (huge, 0)), "stride": 1}):
        fast, call = bind("pool", op, False, **changes)
        with pytest.raises((MemoryError, ValueError)):
            fast(**call)
    fast, call = bind("adaptive", op, False, output_size=huge)
    with pytest.raises((MemoryError, ValueError)):
        fast(**call)


@pytest.mark.parametrize("op", OPS)
def test_huge_windows_are_no_trouble(op):
    """Sizes just below the limit that lead to small results: no overflow, no long loop."""
    huge = 2**31 - 2
    fast, call = bind("pool", op, False, kernel_size=huge, stride=huge, padding=huge // 2)
    got = fast(**call)
    want = function("global", op, 2)[0](X, *((2,) if op == "lp" else ()), spatial_ndim=2, keepdims=True)
    if op == "avg":
        want = X.sum(axis=(1, 2), keepdims=True) / float(huge) ** 2
    assert got.shape == (2, 1, 1) and np.allclose(got, want, rtol=1e-12)
    fast, call = bind("pool", op, False, kernel_size=1, stride=huge)  # and no scratch in proportion to it
    assert np.allclose(fast(**call)[:, 0, 0], X[:, 0, 0])
    fast, call = bind("pool", op, False, kernel_size=2, dilation=huge, stride=huge, padding=huge)
    assert fast(**call).shape == (2, 1, 1) or fast(**call).shape == (2, 2, 2)
    fast, call = bind("pool", op, False, kernel_size=huge, ceil_mode=True)
    assert fast(**call).shape == (2, 1, 1)


def test_missing_and_unknown_arguments():
    for kind, op, backward in CALLS:
        fast, call = bind(kind, op, backward)
        with pytest.raises(TypeError):
            fast(**call, surprise=1)
        with pytest.raises(TypeError):
            fast()
        with pytest.raises(TypeError):
            fast(*[1] * 30)


def test_bool_needs_a_dtype_for_averages_and_norms():
    x = np.ones((4, 4), bool)
    for kind in KINDS:
        for op in "avg", "lp":
            fast, call = bind(kind, op, False, x=x)
            with pytest.raises(TypeError, match="dtype"):
                fast(**call)


def test_an_index_type_too_small_for_the_plane():
    x = np.broadcast_to(np.zeros((), np.uint8), (2, 2**30 + 1))
    with pytest.raises(ValueError, match="index_dtype"):
        cpool.max_pool2d(x, 2, return_indices=True, index_dtype=np.int32)


def test_messages_stay_short():
    """An argument of a million elements is not printed in full."""
    for value in list(range(10**5)), "x" * 10**6, np.zeros(10**5):
        for name in "kernel_size", "padding", "data_format", "axis":
            with pytest.raises((TypeError, ValueError)) as caught:
                cpool.max_pool2d(X, **{"kernel_size": 2} | {name: value})
            assert len(str(caught.value)) < 1000, name


def test_errors_leave_no_references():
    x = np.zeros((4, 4))
    probe = np.zeros((4, 4), complex)
    import sys

    gc.collect()
    before = sys.getrefcount(x), sys.getrefcount(probe)
    for _ in range(100):
        for call in (
            {"kernel_size": 2.0},
            {"kernel_size": 9},
            {"kernel_size": 2, "out": x},
            {"kernel_size": 2, "axis": 7},
        ):
            with pytest.raises((TypeError, ValueError)):
                cpool.max_pool2d(x, **call)
        with pytest.raises(TypeError):
            cpool.max_pool2d(probe, 2)
        cpool.max_pool2d(x, 2)
        cpool.max_pool2d_backward(np.ones((2, 2)), x, 2)
    gc.collect()
    after = sys.getrefcount(x), sys.getrefcount(probe)
    assert all(b - a < 5 for a, b in zip(before, after, strict=True)), (before, after)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.lists(st.integers(-2, 5), max_size=4),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3)), max_size=3),
    st.complex_numbers(),
    st.just(X),
    st.just(np.array([2, 2])),
    st.builds(object),
    st.just(np.float32),
    st.just(...),
    st.sampled_from(["same", "valid", "same_lower", "channels_last", "NCHW", "float32", "int32"]),
)


@given(kind=st.sampled_from(KINDS), op=st.sampled_from(OPS), backward=st.booleans(), data=st.data())
def test_anything_at_all(kind, op, backward, data):
    """Whatever is passed: a result, or one of the three exceptions; the inputs stay as they were."""
    fast, call = bind(kind, op, backward)
    names = [n for n in inspect.signature(fast).parameters if n not in ("x", "grad_output")]
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        call[name] = data.draw(ANYTHING)
    before = X.copy()
    if call.get("out") is X:
        call["out"] = np.ones((1, 1))
    try:
        got = fast(**call)
    except (TypeError, ValueError, MemoryError):
        pass
    else:
        for y in got if isinstance(got, tuple) else (got,):
            assert isinstance(y, np.ndarray)
    assert np.array_equal(X, before)
