"""Input made to break things: an error or a right answer, nothing written, never the end of the process."""

import inspect
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from arraylikes import BrokenArray, WithArray, WithDLPack
from fuzz_calls import FUNCTIONS
from fuzz_values import Lying, LyingInterface, RubbishArray

import cpool

REFUSALS = (TypeError, ValueError, MemoryError)
X = np.random.default_rng(0).standard_normal((2, 8, 8, 8))
BOXES = np.array([[0.0, 1, 1, 6, 6], [1, 0, 2, 7, 5]])
OFFSETS = [0, 1, 2]


def usual(name, x=X):
    """Arguments that make a good call of a function, by name; x has four axes."""
    wanted = inspect.signature(getattr(cpool, name)).parameters
    nd = int((re.search("([123])d", name) or "2")[1]) if re.search("[123]d", name) else 2
    window = (2,) * nd
    made = {
        "x": x, "kernel_size": 2, "output_size": 2, "norm_type": 2, "k": 2, "boxes": BOXES,
        "offsets": OFFSETS, "op": "max",
        "logits": np.zeros(x.shape), "gate": np.zeros(window), "gates": np.zeros((3, *window)),
        "leaves": np.zeros((4, *window)), "rank_weights": np.full(2**nd, 0.1), "levels": 2,
        "scores": np.zeros(x.shape[:-1]), "indices": np.zeros(x.shape, int), "q": 0.5, "spatial_ndim": nd,
    }
    needed = {n for n, p in wanted.items() if p.default is p.empty} | ({"q", "spatial_ndim"} & set(wanted))
    needed |= ({"scores", "offsets"} & set(wanted)) | ({"op"} if name == "segment_pool" else set())
    if "fractional" in name:
        made["random_samples"], needed = 0.5 * np.ones(nd), needed | {"random_samples", "output_size"}
    if name.startswith(("ps_", "spatial_pyramid")):
        made |= {"output_size": 1, "levels": (1, 2)}
    if "stochastic" in name:
        made["x"], needed = abs(x), needed | {"random_samples"}
        made["random_samples"] = 0.5
    if name.startswith("mode_") or "_mode_" in name:
        made["x"] = (10 * x).astype(np.int8)
    if "s3_" in name:
        made["positions"], needed = [np.arange(0, 8, 2)] * nd, needed | {"positions"}
    return {n: made[n] for n in wanted if n in needed and n in made}


FORWARD = [n for n in FUNCTIONS if "x" in inspect.signature(getattr(cpool, n)).parameters
           and not n.endswith(("_backward", "_jvp"))]


@pytest.mark.parametrize("name", FORWARD)
def test_the_usual_call_is_good(name):
    result = getattr(cpool, name)(**usual(name))
    assert isinstance(result, (np.ndarray, list, tuple))


# ---- arrays that are not what they say ----


class Array(np.ndarray):
    """A subclass whose operators lie."""

    def __getitem__(self, at):
        raise RuntimeError("not for sale")

    def __array_finalize__(self, other):
        pass

    def __array_ufunc__(self, *_, **__):
        raise RuntimeError("no ufuncs")

    def __array_function__(self, *_, **__):
        raise RuntimeError("no functions")


class WrongShape:
    """An ``__array_interface__`` with a length below zero."""

    def __init__(self):
        self.__array_interface__ = {"shape": (-1, 4), "typestr": "<f8", "version": 3, "data": (0, False)}


class Endless:
    """A sequence that never ends."""

    def __len__(self):
        return 2**62

    def __getitem__(self, at):
        return self


class Nested:
    """A list that holds itself."""

    def __new__(cls):
        found = []
        found.append(found)
        return found


STRANGE = [
    np.zeros(()), np.zeros((4, 4), complex), np.zeros((2, 3, 4, 4), object), np.zeros((3, 3), [("a", int)]),
    np.zeros((3, 3), "M8[s]"), np.zeros((4, 4), "V0"), np.zeros((4, 4), "S0"), np.ma.masked_array(X, X > 0),
    np.ma.masked_array(X), np.recarray((4, 4), [("x", float)]), LyingInterface(), WrongShape(),
    BrokenArray(), RubbishArray(), [[1.0, 2.0], [3.0]], [[[1]], [2, 3]], [[1, "2"]], {1, 2}, Endless(),
    Nested(), np.array([np.zeros(2), None], object), memoryview(b"abcd").cast("c"), "text", b"bytes", None,
    object(), type, lambda: X, np.float64, np.dtype("f8"),
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda s: type(s).__name__)
def test_what_is_no_array_of_numbers(strange):
    """As any array of any function: one of three exceptions; and where there is a result, it is one."""
    for name in FORWARD:
        call = usual(name)
        for argument in set(call) & {"x", "indices", "logits", "boxes", "scores", "offsets"}:
            try:
                result = getattr(cpool, name)(**call | {argument: strange})
            except REFUSALS as error:
                assert str(error)
            else:
                assert isinstance(result, (np.ndarray, list, tuple)), (name, argument)


@pytest.mark.parametrize("name", FORWARD)
def test_subclasses_are_read_as_what_they_are(name):
    """What a subclass says of its shape, of its items or of its operators is not asked."""
    call = usual(name)
    want = getattr(cpool, name)(**call)
    for cls in Lying, Array:
        got = getattr(cpool, name)(**call | {"x": np.array(call["x"]).view(cls)})
        for a, b in zip(*[r if isinstance(r, (list, tuple)) else [r] for r in (got, want)], strict=True):
            assert type(a) is np.ndarray and np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("name", FORWARD)
def test_no_elements_and_one_element(name):
    for shape in (), (0,), (1,), (0, 0), (0, 3, 0, 0), (1, 1, 1, 1), (0, 3, 8, 8), (2, 0, 8, 8), (2, 3, 8, 0):
        x = np.zeros(shape, usual(name)["x"].dtype)
        try:
            result = getattr(cpool, name)(**usual(name) | {"x": x})
        except REFUSALS as error:
            assert str(error)
        else:
            assert isinstance(result, (np.ndarray, list, tuple))


@pytest.mark.parametrize("name", FORWARD)
def test_any_memory_is_read_right(name):
    """Strides of 0 and below it, no alignment, the other byte order, no right to write."""
    call = usual(name)
    x = call["x"]

    def run(y):
        found = getattr(cpool, name)(**call | {"x": y})
        return found if isinstance(found, (list, tuple)) else [found]

    raw = np.zeros(x.nbytes + 1, np.uint8)
    unaligned = np.ndarray(x.shape, x.dtype, raw.data, 1)
    unaligned[...] = x
    locked = x.copy()
    locked.flags.writeable = False
    flat = np.broadcast_to(x[:1, :1, :1, :1], x.shape)
    for view, same in [
        (unaligned, x), (locked, x), (x.astype(x.dtype.newbyteorder()), x), (flat, flat.copy()),
        (x[::-1, :, ::-1, ::-1], x[::-1, :, ::-1, ::-1].copy()), (WithArray(x), x), (WithDLPack(x), x),
        (x.transpose(0, 1, 3, 2), x.transpose(0, 1, 3, 2).copy()),
    ]:
        for a, b in zip(run(view), run(same), strict=True):
            assert np.array_equal(a, b, equal_nan=True)


def test_a_capsule_is_used_once():
    """The object gives a capsule for each call; a capsule that has been taken is no array."""
    class Once:
        def __init__(self):
            self.capsule = X.__dlpack__()

        def __dlpack__(self, **_):
            return self.capsule

        def __dlpack_device__(self):
            return (1, 0)

    once = Once()
    want = cpool.max_pool2d(X, 2)
    assert np.array_equal(cpool.max_pool2d(once, 2), want)
    for _ in range(3):
        with pytest.raises(REFUSALS):
            cpool.max_pool2d(once, 2)
    again = WithDLPack(X)
    for _ in range(3):
        assert np.array_equal(cpool.max_pool2d(again, 2), want)
    with pytest.raises(REFUSALS):
        cpool.max_pool2d(X.__dlpack__(), 2)  # the capsule itself


# ---- numbers that do not fit ----

HUGE = """
import resource, sys
import numpy as np
limit = 8 << 30
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.path[:0] = {paths}
import inspect, faulthandler
import cpool
from test_hostile import FORWARD, usual
faulthandler.dump_traceback_later(100, exit=True)
big = [2**31 - 2, 2**31 - 1, 2**31, 2**32 + 2, 2**62, 2**63 - 1, 2**63, 2**64 + 2, 10**40, -1, -2**63, -2**70]
words = ("kernel_size", "stride", "padding", "dilation", "output_size", "k", "levels", "factor", "blur_size",
         "grid_size", "sampling_ratio", "spatial_ndim", "axis", "divisor_override", "correction", "rank",
         "block_size", "spatial_scale", "norm_type", "output_ratio")
print("starts")
for name in FORWARD:
    call = usual(name)
    for word in words:
        if word not in inspect.signature(getattr(cpool, name)).parameters:
            continue
        for value in big:
            for given in (value, (value, 1), (1, value), ((value, value), (0, value))):
                if isinstance(given, tuple) and (word not in words[:5] or "2d" not in name):
                    continue
                try:
                    getattr(cpool, name)(**call | {{word: given}})
                except (TypeError, ValueError, MemoryError) as error:
                    assert str(error), (name, word, given)
                except BaseException as error:
                    raise AssertionError((name, word, given)) from error
    for shape in ((0, 2**20, 2**20, 2**20), (2**40, 0, 2, 2), (0, 2**40, 2**20), (0, 2**61), (2**40, 0, 3)):
        try:
            x = np.empty(shape, call["x"].dtype)
        except ValueError:
            continue
        try:
            getattr(cpool, name)(**call | {{"x": x}})
        except (TypeError, ValueError, MemoryError) as error:
            assert str(error), (name, shape)
        except BaseException as error:
            raise AssertionError((name, shape)) from error
print("ends")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs limits of resources")
def test_sizes_beyond_64_bits():
    """Arguments, and shapes without elements, whose products overflow: in a process with little memory."""
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", HUGE.format(paths=[str(here), str(here.parent)])], capture_output=True,
        text=True, timeout=150, env=os.environ | {"OMP_NUM_THREADS": "2"},
    )
    assert done.stdout.split() == ["starts", "ends"], done.stderr[-3000:]


def test_shapes_beyond_64_bits():
    g = np.ones((1, 1, 2, 2))
    shapes = (2**62, 2**62), (2**31, 2**31, 2**31), (10**30, 4, 4), (1, 2**63, 4, 4), (2**40, 1, 2**40, 4)
    for shape in shapes:
        for name in "avg_pool2d_backward", "sum_pool2d_backward", "blur_pool2d_backward":
            args = () if "blur" in name else (2,)
            with pytest.raises(REFUSALS):
                getattr(cpool, name)(g, shape, *args)
        with pytest.raises(REFUSALS):
            cpool.max_pool2d_backward(g, shape, 2, indices=np.zeros(g.shape, int))
        with pytest.raises(REFUSALS):
            cpool.max_unpool2d_backward(g, shape, np.zeros(g.shape, int), 2)
        for function in cpool.output_shape, cpool.windows:
            try:
                function(shape, 2, data_format="NCW")
            except REFUSALS as error:
                assert str(error)
        try:
            cpool.convert_indices(np.zeros((1, 1), int), shape, data_format="NCW")
        except REFUSALS as error:
            assert str(error)
    with pytest.raises(REFUSALS):
        cpool.max_unpool2d(X, np.zeros(X.shape, int), 2**31 - 2)
    with pytest.raises(REFUSALS):
        cpool.max_pool2d(np.empty((0, 2**20, 2**20)), 1, return_indices=True, index_dtype=np.int32)


def test_boxes_of_any_size_end_in_time():
    """Samples per bin grow with a box unless their number is given: far away there is nothing to sample."""
    far = np.array([[0, -1e300, -1e300, 1e300, 1e300], [0, 1e15, 1e15, 1e18, 1e18], [0, 0, 0, 1e9, 1e9]])
    for name in "roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool":
        for scale in 1e-300, 1.0, 1e300:
            for row in far:
                try:
                    y = getattr(cpool, name)(X, row[None], 1, scale)
                except REFUSALS as error:
                    assert str(error)
                else:
                    assert y.shape[0] == 1


# ---- positions and samples ----

INDEXED = [n for n in FUNCTIONS if {"indices", "return_indices"} <= set(inspect.signature(
    getattr(cpool, n)).parameters)]


@pytest.mark.parametrize("name", INDEXED)
def test_indices_out_of_range(name):
    """A position outside the plane is a ValueError, wherever positions are taken."""
    forward = name.removesuffix("_backward").removesuffix("_jvp")
    call = usual(forward)
    y, at = getattr(cpool, forward)(**call, return_indices=True)
    rest = {k: v for k, v in call.items() if k not in ("random_samples", "positions")}
    if name.endswith("_backward"):
        rest["grad_output"] = np.ones(y.shape)
    if name.endswith("_jvp"):
        rest["tangent"] = np.ones(X.shape)
    function = getattr(cpool, name)
    good = function(**rest, indices=at)
    assert isinstance(good, (np.ndarray, tuple))
    nd = int((re.search("([123])d", name) or "2")[1]) if re.search("[123]d", name) else 2
    plane = {"kmax_pool": 8, "max_over_time_pool": 8, "segment_pool": 2}.get(forward, 8**nd)
    for value in plane, plane + 1, 2**31, 2**62, 2**63 - 1, -2, -(2**31), -(2**63):
        for place in (0,) * at.ndim, (-1,) * at.ndim:
            bad = at.copy()
            bad[place] = value
            out = np.full(X.shape if "grad_output" in rest else y.shape, 7.0)
            with pytest.raises(ValueError, match="ind"):
                function(**rest, indices=bad, out=out)
            assert (out == 7).all(), "written in spite of the refusal"
    for bad in at.astype(float), at[..., :0], at[None], at.astype(complex), at == 0, "x":
        with pytest.raises((TypeError, ValueError), match="ind"):
            function(**rest, indices=bad)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_indices_of_unpool_out_of_range(nd):
    x = np.ones((2, *(4,) * nd))
    for value in 8**nd, 2**40, -2, 2**63 - 1, -(2**63):
        indices = np.zeros(x.shape, int)
        indices[(1,) * (nd + 1)] = value
        calls = {
            "": {"x": x}, "_backward": {"grad_output": np.ones((2, *(8,) * nd)), "x": x},
            "_jvp": {"tangent": x, "x": x},
        }
        for action, given in calls.items():
            with pytest.raises(ValueError, match="indices"):
                getattr(cpool, f"max_unpool{nd}d{action}")(**given, indices=indices, kernel_size=2)


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_samples_that_are_none(op, nd):
    pool = getattr(cpool, f"fractional_{op}_pool{nd}d")
    for value in np.nan, np.inf, -np.inf, -1e-9, 1.000001, 1e308, -5.0:
        last = np.where(np.arange(nd) == nd - 1, value, 0.5)
        for samples in np.full(nd, value), np.full((2, nd), value), last:
            with pytest.raises(ValueError, match="random_samples"):
                pool(np.ones((2, *(8,) * nd)), 2, 3, random_samples=samples)
    for bad in np.zeros(nd, complex), np.zeros(nd, object), ["x"] * nd, np.zeros((5, 5, nd)), {}:
        with pytest.raises((TypeError, ValueError), match="random_samples"):
            pool(np.ones((2, *(8,) * nd)), 2, 3, random_samples=bad)
    for edges in [0, 99], [0, -1, 8], [3, 2, 8], [0.5, 8], [], [2**63, 8], [0, np.nan], 3, None:
        bounds = [edges] * nd
        with pytest.raises((TypeError, ValueError), match="boundaries"):
            pool(np.ones((2, *(8,) * nd)), None, boundaries=bounds)


# ---- memory that moves ----


def test_arrays_cannot_be_resized_during_a_call():
    """A call holds what it reads: `resize` refuses while it lasts, and a buffer that is exported cannot move.

    (``resize(refcheck=False)`` of an ndarray asks for no such thing, and frees what a call still reads: as
    everywhere in NumPy, that is up to the caller.)
    """
    data = bytearray(8 * 64 * 64)
    inside = []

    class Peeking:
        def __array__(self, dtype=None, copy=None):
            inside.append(True)
            return np.frombuffer(data).reshape(64, 64)

    assert not cpool.max_pool2d(Peeking(), 2).any() and inside
    stop = threading.Event()
    refused, changed = [], []

    def resize():
        while not stop.is_set():
            try:
                data.extend(b"x")
                changed.append(True)
                del data[-1:]
            except BufferError:
                refused.append(True)

    thread = threading.Thread(target=resize)
    thread.start()
    try:
        for _ in range(200):
            view = memoryview(data)[:8 * 64 * 64]           # there may be a byte more just now
            assert not cpool.max_pool2d(view.cast("d", (64, 64)), 3, 1).any()
            del view
    finally:
        stop.set()
        thread.join()
    assert refused or changed
    data.clear()  # and afterwards nobody holds it


def test_arrays_that_others_write_are_read_once_or_twice_but_never_beyond():
    """A thread that writes x, its mask and its indices all the while: any answer, or a ValueError."""
    x = np.zeros((4, 64, 64), np.float32)
    y, at = cpool.max_pool2d(x, 2, return_indices=True)
    mask = np.ones(x.shape, bool)
    stop = threading.Event()

    def write():
        rng = np.random.default_rng(0)
        while not stop.is_set():
            x[...] = rng.standard_normal(x.shape)
            mask[...] = rng.random(x.shape) < 0.5
            at[0, 0, 0] = 2**40 if rng.random() < 0.5 else 0

    thread = threading.Thread(target=write)
    thread.start()
    refused = 0
    try:
        for _ in range(150):
            cpool.max_pool2d(x, 3, 2, 1, return_indices=True)
            cpool.avg_pool2d(x, 3, 2, 1, mask=mask)
            cpool.median_pool2d(x, 3, 2, 1, mask=mask)
            try:
                # a copy: of an index that changes behind the check nobody can promise anything
                cpool.max_pool2d_backward(y, x.shape, 2, indices=at.copy())
            except ValueError:
                refused += 1
    finally:
        stop.set()
        thread.join()
    assert 0 <= refused <= 150


def test_arguments_that_change_when_they_are_looked_at():
    """Sizes are read once: what was checked is what is used."""
    class Growing:
        def __init__(self):
            self.now = 0

        def __index__(self):
            self.now += 1
            return 2 if self.now == 1 else 10**6

    class Shifting(list):
        def __iter__(self):
            found = list(super().__iter__())
            self.append(10**6)
            return iter(found)

    want = cpool.max_pool2d(X, 2)
    for _ in range(3):
        assert np.array_equal(cpool.max_pool2d(X, Growing()), want)
        with suppress(ValueError):
            assert np.array_equal(cpool.max_pool2d(X, Shifting([2, 2])), want)


# ---- outputs ----


def test_outs_that_overlap_in_every_way():
    """Every start of an out in the memory of x, forwards and backwards: refused, or apart and right."""
    raw = np.zeros(64)
    for op in "max", "avg", "median", "softmax":
        pool = getattr(cpool, f"{op}_pool1d")
        raw[...] = np.arange(64) % 7
        x = raw[16:32]
        want = pool(x.copy(), 2)
        for start in range(0, 57):
            for out in raw[start:start + 8], raw[start:start + 8][::-1], raw[start % 50::2][:8]:
                if out.shape != (8,):
                    continue
                raw[...] = np.arange(64) % 7
                if np.shares_memory(x, out):
                    with pytest.raises(ValueError, match="out"):
                        pool(x, 2, out=out)
                    assert np.array_equal(raw, np.arange(64) % 7)
                else:
                    assert pool(x, 2, out=out) is out and np.array_equal(out, want)


@pytest.mark.parametrize("name", ["roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align", "prroi_pool"])
def test_tangents_of_regions_in_the_memory_of_x(name):
    """What a tangent does not read is not written either."""
    x, tangent, boxes = np.ones((1, 4, 4, 4)), np.ones((1, 4, 4, 4)), np.array([[0, 1, 1, 2, 2.0]])
    out = x.reshape(-1)[:4].reshape(1, 4, 1, 1)
    with pytest.raises(ValueError, match="out must not share memory"):
        getattr(cpool, f"{name}_jvp")(tangent, x, boxes, 1, out=out)
    assert np.array_equal(x, np.ones_like(x))
