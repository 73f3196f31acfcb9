"""Arrays in every form in which a function may get them, and values that are no argument of anything.

`Dressed` holds an array and how it is passed; `ANYTHING` draws ints of any size, arrays that lie, objects
that raise, text, types and the words that arguments take.
"""

import numpy as np
from arraylikes import BrokenArray, Subclass, WithArray, WithDLPack, read_only, swapped, unaligned
from hypothesis import strategies as st

# ---- arrays ----


def _every_second(a):
    found = np.empty((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)[..., ::2]
    found[...] = a
    return found


WEAR = {
    "as it is": lambda a: a,
    "fortran": lambda a: np.array(a, order="F"),
    "turned": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1] if a.ndim else a,
    "upside down": lambda a: np.ascontiguousarray(a[::-1])[::-1] if a.ndim else a,
    "every second": lambda a: _every_second(a) if a.ndim else a,
    "channels inside": lambda a: (
        np.ascontiguousarray(np.moveaxis(a, 1, -1)).transpose(0, -1, *range(1, a.ndim - 1))
        if a.ndim > 2 else a),
    "swapped": swapped,
    "unaligned": unaligned,
    "locked": read_only,
    "list": lambda a: a.tolist() if a.dtype in (np.bool_, np.int64, np.float64) and a.size else a,
    "array interface": WithArray,
    "memoryview": lambda a: memoryview(a) if a.dtype.name not in ("bfloat16", "float16") else a,
    "dlpack": lambda a: WithDLPack(a) if a.dtype.name != "bfloat16" else a,
    "subclass": lambda a: a.view(Subclass),
}


class Dressed:
    """An array and the form in which a function gets it."""

    def __init__(self, core, how="as it is"):
        self.core, self.how = np.asarray(core), how

    def worn(self):
        return WEAR[self.how](self.core)

    def __repr__(self):
        a = self.core
        numbers = str(a.tolist()) if a.size < 400 else "..."
        return f"{a.dtype}{list(a.shape)} {self.how} {numbers}"


# ---- anything at all ----


class Hostile:
    """Raises ValueError whatever it is asked."""

    def __getattr__(self, name):
        raise ValueError("hostile")

    def __index__(self):
        raise ValueError("hostile")

    __float__ = __len__ = __iter__ = __bool__ = __eq__ = __index__
    __hash__ = None


class RubbishArray:
    """An ``__array__`` that returns no array."""

    def __array__(self, *_, **__):
        return "rubbish"


class Lying(np.ndarray):
    """A subclass that says another shape, dtype and size than it has."""

    shape = property(lambda self: (1000, 1000, 1000))
    ndim = property(lambda self: 3)
    size = property(lambda self: 10**9)
    strides = property(lambda self: (8, 8, 8))
    dtype = property(lambda self: np.dtype(np.float64))


class LyingInterface:
    """An ``__array_interface__`` whose shape and bytes do not fit each other."""

    def __init__(self):
        self.__array_interface__ = {
            "shape": (1 << 20, 4), "typestr": "<f8", "version": 3, "data": b"12345678"}


INTS = st.one_of(
    st.integers(-3, 9), st.integers(),
    st.sampled_from([
        2**31 - 2, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30, 65536,
    ]),
)
ARRAYS = st.sampled_from([
    lambda: np.zeros(()), lambda: np.zeros((4, 4), complex), lambda: np.zeros((2, 3, 4), object),
    lambda: np.array([["a", "b"]]), lambda: np.zeros((3, 3), "M8[s]"),
    lambda: np.zeros((3, 3), [("a", int)]), lambda: np.zeros((3, 3), np.longdouble),
    lambda: np.zeros((3, 4), "V4"), lambda: np.ma.masked_array(np.zeros((4, 4)), np.eye(4)),
    lambda: np.zeros((0, 0)), lambda: np.zeros((4, 0)), lambda: np.zeros((1,) * 40),
    lambda: np.arange(24.0).reshape(2, 3, 4).view(Lying), lambda: LyingInterface(), lambda: BrokenArray(),
    lambda: RubbishArray(), lambda: np.matrix([[1.0, 2.0], [3.0, 4.0]]),
    lambda: np.broadcast_to(np.float32(1), (2, 3, 8)), lambda: np.arange(48.0).reshape(2, 4, 6),
    lambda: np.arange(48).reshape(2, 4, 6), lambda: np.full((2, 4, 6), np.nan),
    lambda: np.ones((2, 4, 6), bool), lambda: np.arange(48, dtype=np.int64).reshape(2, 4, 6) - 24,
    lambda: np.full((2, 4, 6), 2**62), lambda: np.full((2, 4, 6), np.inf, np.float16),
    lambda: np.recarray((2, 2), [("x", float)]), lambda: np.arange(6), lambda: np.arange(6)[::-1],
    lambda: np.array([0, 3, 2, 6]), lambda: np.array(["x"]), lambda: memoryview(b"12345678"),
    lambda: bytearray(16), lambda: [[1.0, 2.0], [3.0]], lambda: [[[1]], [2]], lambda: [[np.nan] * 4] * 4,
    lambda: iter([1, 2]), lambda: (i for i in range(3)), lambda: Hostile(), lambda: object(),
    lambda: [np.zeros((2, 2)), np.zeros(3)], lambda: [object()] * 3, lambda: (2, 4, 6), lambda: (2, -4),
    lambda: (2**40, 2**40), lambda: (), lambda: [[]], lambda: np.float32(3), lambda: np.int8(2),
    lambda: np.zeros((4, 4)).T[::-1], lambda: np.random.default_rng(0), lambda: range(5),
])


ANYTHING = st.one_of(
    st.none(), st.booleans(), INTS, st.floats(), st.text(max_size=5), st.binary(max_size=3),
    st.lists(INTS, max_size=4), st.tuples(INTS, INTS), st.lists(st.tuples(INTS, INTS), max_size=3),
    st.complex_numbers(), ARRAYS.map(lambda make: make()),
    st.sampled_from([
        np.float32, np.int8, np.float16, "float32", "f8", "int32", "O", "V", np.dtype("f4").newbyteorder(),
        ..., int, dict, {"a": 1}, {1, 2}, {2: 2}, len, np.max, np.bool_(True), np.float64(2), np.uint8(2),
        "same", "valid", "same_lower", "channels_last", "channels_first", "NCHW", "NWC", "omit", "raise",
        "reflect", "zero", "max", "sum", "kmax", "std", "lse", "mean", "mode", "lower", "half_pixel",
        "tensorflow", "pad",
    ]),
)
