"""Memory after 10,000 calls is what it was: results, errors, `out`, prepared calls, threads and layers.

Three measures: blocks of the interpreter (a leaked object is one at least), bytes that malloc has handed out
(scratch of kernels, data of arrays) and the resident memory of the process.
"""

import ctypes
import gc
import os
import sys
import threading
from contextlib import suppress

import numpy as np
import pytest
from arraylikes import BrokenArray, WithArray

import cpool

if "asan" in os.environ.get("LD_PRELOAD", "") or os.environ.get("PYTHONMALLOC"):
    pytest.skip("the allocator is not the usual one", allow_module_level=True)

CALLS = 10_000
FLAT = {"blocks": 100, "malloc": 100_000, "resident": 1_500_000}     # an ndarray a call: a million bytes


class Heap(ctypes.Structure):
    """glibc's mallinfo2: what the main arena has handed out, and what is mapped."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks",
        "keepcost")]  # fmt: skip


def _mallinfo():
    library = ctypes.CDLL(None) if os.name == "posix" else None
    function = getattr(library, "mallinfo2", None)
    if function is not None:
        function.restype = Heap
    return function


MALLINFO = _mallinfo()


def held():
    """Return what the process holds, by each measure that the system offers."""
    gc.collect()
    found = {"blocks": sys.getallocatedblocks()}
    if MALLINFO is not None:
        heap = MALLINFO()
        found["malloc"] = heap.uordblks + heap.hblkhd
    with suppress(OSError), open("/proc/self/statm") as file:
        found["resident"] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return found


def growth(call, calls=CALLS, warm=300):
    """Return what `calls` calls have left behind, after some that fill what is kept for good."""
    for _ in range(warm):
        call()
    before = held()
    for _ in range(calls):
        call()
    after = held()
    return {name: after[name] - before[name] for name in before}


def assert_flat(call, calls=CALLS, allowed=FLAT):
    left = growth(call, calls)
    if any(left[name] > allowed[name] for name in left):
        left = growth(call, calls)      # once more: what happened once is no leak
    assert all(left[name] <= allowed[name] for name in left), left


# ---- the measures see what they are for ----


def test_a_kept_object_is_seen():
    kept = []
    assert growth(lambda: kept.append(object()))["blocks"] > FLAT["blocks"]


def test_a_kept_array_is_seen():
    kept = []
    left = growth(lambda: kept.append(np.empty(2000)), 1000)
    assert left["blocks"] > FLAT["blocks"] and left.get("malloc", 1e9) > FLAT["malloc"]


@pytest.mark.skipif(MALLINFO is None, reason="the C library does not say what malloc has handed out")
def test_memory_that_is_not_freed_is_seen():
    malloc = ctypes.CDLL(None).malloc
    malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    assert growth(lambda: malloc(64))["malloc"] > FLAT["malloc"]


# ---- single calls, many times ----

RNG = np.random.default_rng(0)
GENERATOR = np.random.default_rng(1)
X = RNG.standard_normal((2, 3, 8, 8), dtype=np.float32)
BYTES = RNG.integers(0, 200, (3, 8, 8), dtype=np.uint8)
HALF = X.astype(np.float16)
LAST = np.moveaxis(X, 1, -1)
Y, INDICES = cpool.max_pool2d(X, 2, return_indices=True)
OUT, OUT_INDICES = np.empty_like(Y), np.empty_like(INDICES)
WRONG = np.full_like(INDICES, 64)
MASK = RNG.random((8, 8)) < 0.8
ROWS = RNG.standard_normal((20, 5))
BOXES = np.array([[0, 1.0, 1.0, 6.0, 6.0], [1, 0.0, 2.0, 5.0, 7.0]], np.float32)


def stream():
    pool = cpool.Pool1dStream("max", 3, axis=0)
    return [pool.push(ROWS[:7]), pool.push(ROWS[7:]), pool.finish()]


LAYER, WHOLE, LEARNED = cpool.MaxPool2d(2, return_indices=True), cpool.MedianPool2d(2), cpool.GemPool2d(2)


def layer():
    y, _ = LAYER(X)
    return LAYER.backward(y)


def whole_layer():
    return WHOLE.backward(WHOLE(X))


def learned_layer():
    return LEARNED.backward(LEARNED(X))


def setting():
    with cpool.num_threads(2):
        return cpool.max_pool2d(X, 2)


RIGHT = {
    "max": lambda: cpool.max_pool2d(X, 2),
    "max with indices": lambda: cpool.max_pool2d(X, 3, 2, 1, return_indices=True),
    "out": lambda: cpool.max_pool2d(X, 2, out=OUT),
    "out of two": lambda: cpool.max_pool2d(X, 2, return_indices=True, out=(OUT, OUT_INDICES)),
    "out in another order": lambda: cpool.max_pool2d(X, 2, out=OUT.transpose(0, 1, 3, 2)),
    "bytes": lambda: cpool.avg_pool2d(BYTES, 2),
    "half": lambda: cpool.avg_pool2d(HALF, 3, 1),
    "channels last": lambda: cpool.max_pool2d(LAST, 2, data_format="channels_last"),
    "another dtype": lambda: cpool.avg_pool2d(X, 2, dtype=np.float64),
    "a list": lambda: cpool.max_pool1d([1.0, 2.0, 3.0, 4.0], 2),
    "converted": lambda: cpool.max_pool2d(WithArray(X), 2),
    "lp": lambda: cpool.lp_pool2d(X, 3, 2),
    "global": lambda: cpool.global_avg_pool(X),
    "adaptive": lambda: cpool.adaptive_max_pool2d(X, 3, return_indices=True),
    "backward": lambda: cpool.max_pool2d_backward(Y, X, 2),
    "backward by indices": lambda: cpool.max_pool2d_backward(Y, X.shape, 2, indices=INDICES),
    "average backward": lambda: cpool.avg_pool2d_backward(Y, X, 2),
    "half backward": lambda: cpool.max_pool2d_backward(Y.astype(np.float16), HALF, 2),
    "tangent": lambda: cpool.max_pool2d_jvp(X, X, 2),
    "unpool": lambda: cpool.max_unpool2d(Y, INDICES, 2),
    "unpool backward": lambda: cpool.max_unpool2d_backward(X, Y, INDICES, 2),
    "mask": lambda: cpool.avg_pool2d(X, 2, mask=MASK),
    "nan left out": lambda: cpool.max_pool2d(X, 2, nan_policy="omit"),
    "median": lambda: cpool.median_pool2d(X, 3, 2, return_indices=True),
    "median backward": lambda: cpool.median_pool2d_backward(Y, X, 2),
    "soft": lambda: cpool.soft_pool2d(X, 2),
    "k largest": lambda: cpool.kmax_pool(ROWS, 2),
    "fractional": lambda: cpool.fractional_max_pool2d(X, 2, output_size=5, rng=GENERATOR),
    "stochastic": lambda: cpool.stochastic_pool2d(abs(X), 2, rng=GENERATOR),
    "regions": lambda: cpool.roi_align(X, BOXES, 2),
    "scales": lambda: cpool.spatial_pyramid_pool(X, (1, 2)),
    "segments": lambda: cpool.segment_pool(ROWS, [0, 3, 3, 20], op="max", empty=0),
    "tokens": lambda: cpool.token_pool(X[0], None, mode="mean"),
    "blocks": lambda: cpool.block_reduce(X, (1, 1, 2, 2), np.max),
    "blur": lambda: cpool.blur_pool2d(X, 3),
    "windows": lambda: cpool.windows((8, 8), 2),
    "stream": stream,
    "layer": layer,
    "layer of a whole window": whole_layer,
    "layer that learns": learned_layer,
    "setting": setting,
}

REFUSED = {
    "argument": lambda: cpool.max_pool2d(X, 9),
    "kind": lambda: cpool.max_pool2d(X, "2"),
    "dtype": lambda: cpool.max_pool2d(X.astype(complex), 2),
    "shape of out": lambda: cpool.max_pool2d(X, 2, out=X),
    "dtype of out": lambda: cpool.max_pool2d(X, 2, out=OUT_INDICES),
    "out that overlaps": lambda: cpool.max_pool2d(OUT, 1, out=OUT),
    "option": lambda: cpool.max_pool2d(X, 2, strid=2),
    "array": lambda: cpool.max_pool2d(BrokenArray(), 2),
    "mask": lambda: cpool.avg_pool2d(X, 2, mask=MASK[1:]),
    "nan": lambda: cpool.median_pool2d(X * np.nan, 2, nan_policy="raise"),
    "indices of unpool": lambda: cpool.max_unpool2d(Y, WRONG, 2),
    "indices of backward": lambda: cpool.max_pool2d_backward(Y, X.shape, 2, indices=WRONG),
    "indices of half": lambda: cpool.max_pool2d_backward(Y.astype(np.float16), X.shape, 2, indices=WRONG),
    "out and indices": lambda: cpool.max_unpool2d(Y, WRONG, 2, out=np.empty_like(X)),
    "threads": lambda: cpool.set_num_threads(0),
    "layer": lambda: LAYER(X[0, 0, 0, 0]),
    "layer of a window too large": lambda: cpool.MaxPool2d(9)(X),
    "segments": lambda: cpool.segment_pool(ROWS, [0, 9, 3], op="max"),
    "boxes": lambda: cpool.roi_align(X, BOXES + 9, 2),
}


@pytest.mark.parametrize("name", RIGHT)
def test_calls(name):
    RIGHT[name]()
    assert_flat(RIGHT[name])


@pytest.mark.parametrize("name", REFUSED)
def test_errors(name):
    function = REFUSED[name]
    with pytest.raises((TypeError, ValueError, RuntimeError)):
        function()

    def call():
        with suppress(TypeError, ValueError, RuntimeError):
            function()

    assert_flat(call)


def test_references():
    """Nobody holds an argument or a result after the call, but the objects by which a call is recognised."""
    x, out = X.copy(), OUT.copy()
    dtype = np.dtype("float32")
    for function in (*RIGHT.values(), *REFUSED.values()):
        with suppress(TypeError, ValueError, RuntimeError):
            function()
    before = sys.getrefcount(x), sys.getrefcount(out), sys.getrefcount(dtype)
    for _ in range(1000):
        cpool.max_pool2d(x, 2, out=out)
        cpool.avg_pool2d_backward(out, x, 2)
        with suppress(ValueError):
            cpool.max_pool2d(x, 9, out=out)
    after = sys.getrefcount(x), sys.getrefcount(out), sys.getrefcount(dtype)
    assert all(abs(b - a) < 10 for a, b in zip(before, after, strict=True)), (before, after)
    assert sys.getrefcount(cpool.max_pool2d(x, 2)) <= 2


# ---- calls that are never the same ----


def test_signatures():
    """What is kept of calls is bounded: after two rounds of all that is kept, a third changes nothing."""
    line = np.zeros(30_000, np.float32)

    def rounds(count):
        for turn in range(count * 4096):
            cpool.max_pool1d(line[: 1000 + turn % 20_011], 3 + turn % 5)

    rounds(2)
    before = held()
    rounds(2)
    after = held()
    # the table holds one signature more or less where a round of collection ends
    assert after["blocks"] - before["blocks"] < 4096, (before, after)
    assert after.get("resident", 0) - before.get("resident", 0) < FLAT["resident"], (before, after)


# ---- threads ----

LARGE = RNG.standard_normal((1, 8, 128, 96), dtype=np.float32)


def test_parallel_calls():
    half, y = LARGE.astype(np.float16), np.ones((1, 8, 64, 48), np.float16)
    found = cpool.max_pool2d(LARGE, 2, return_indices=True)[1]
    with cpool.num_threads(3):
        assert_flat(lambda: cpool.max_pool2d(LARGE, 2), 3000)
        assert_flat(lambda: cpool.avg_pool2d(LARGE, 5, 1, 2), 1000)
        assert_flat(lambda: cpool.max_pool2d_backward(y, half, 2, indices=found), 1000)
        assert_flat(lambda: cpool.median_pool2d(LARGE, 2), 1000)


def test_threads_that_come_and_go():
    """A Python thread that computes in parallel has threads of its own, which end with it."""

    def call():
        worker = threading.Thread(target=cpool.max_pool2d, args=(LARGE, 2))
        worker.start()
        worker.join()

    cpool.set_num_threads(3)
    try:
        assert_flat(call, 1000, FLAT | {"resident": 8_000_000})     # arenas of malloc, one for each thread
    finally:
        cpool.set_num_threads(None)
