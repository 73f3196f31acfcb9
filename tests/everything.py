"""Every public operator with fixed arguments: what the tests of bits, layouts and golden results walk.

`BASES` has each operator once, with `{n}` for its dimensions; `call` computes result, gradient and tangent.
Inputs come from integer arithmetic that is written out here, not from a generator of NumPy that may change.

Run as a program it prints one JSON object: digests of everything for numbers of threads that must agree.

    python tests/everything.py SIZE [THREADS,.. [REPETITIONS [DTYPE,..]]]      SIZE: small or large
"""

import hashlib
import inspect
import json
import math
import re
import sys

import numpy as np
from compare import DTYPES, is_float

import cpool

ACTIONS = ("", "_backward", "_jvp")

# public names that compute nothing from an array of values, or do so through a function that is walked
ELSEWHERE = {
    "Pool1dStream": "the functions in pieces: tests/test_stream.py compares them",
    "convert_indices": "integers from integers: tests/test_geometry.py",
    "dynamic_k": "one integer from four: tests/test_kmax.py",
    "from_keras": "makes layers: tests/test_converters.py",
    "from_onnx": "makes layers: tests/test_converters.py",
    "from_torch": "makes layers: tests/test_converters.py",
    "get_num_threads": "a setting",
    "num_threads": "a setting",
    "output_shape": "integers from integers: tests/test_geometry.py",
    "set_num_threads": "a setting",
    "show_config": "text",
    "windows": "integers from integers: tests/test_geometry.py",
}

SHAPES = {
    "small": {1: (2, 3, 61), 2: (2, 3, 9, 22), 3: (1, 2, 7, 8, 14)},
    "heavy": {1: (1, 2, 9001), 2: (1, 2, 71, 131), 3: (1, 2, 13, 23, 31)},
    "large": {1: (1, 2, 50011), 2: (1, 2, 211, 243), 3: (1, 2, 31, 41, 43)},
}
ROWS = {"small": (3, 17, 6), "large": (4, 260, 60)}  # batch, tokens, features
# these cost much more
HEAVY = "ordinal|learned_norm|detail|lp_|tree|lse|std|var|lip|gem|stochastic|gated|soft|mixed"


# --- numbers ---------------------------------------------------------------------------------------


def words(shape, seed=0):
    """64 mixed bits for every element: splitmix64 of its number and the seed."""
    with np.errstate(over="ignore"):
        z = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) + np.uint64(seed << 40)
        z *= np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in (30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    return z.reshape(shape)


def numbers(shape, dtype, seed=0):
    """All bits of integers; floats of every bit of the significand from -8 to 8, never zero."""
    dtype, z = np.dtype(dtype), words(shape, seed)
    if dtype == np.bool_:
        return (z >> np.uint64(62)) == 0
    if not is_float(dtype):
        return (z >> np.uint64(64 - 8 * dtype.itemsize)).astype(f"u{dtype.itemsize}").view(dtype)
    digits = {"float64": 52, "float32": 23, "float16": 10}.get(dtype.name, 7)
    whole = (z >> np.uint64(63 - digits)).astype(np.int64) - (1 << digits)
    return np.ldexp((whole + (whole >= 0)).astype(np.float64), 3 - digits).astype(dtype)


def unit(shape, seed=0):
    """float64 between 0 and 1, of 20 bits, never at an end."""
    return np.ldexp((words(shape, seed) >> np.uint64(44)).astype(np.float64) + 0.5, -20)


# --- calls -----------------------------------------------------------------------------------------


def _base(name):
    return re.sub(r"[123]d$", "{n}d", re.sub(r"(_backward|_jvp)$", "", name))


BASES = sorted({_base(name) for name in cpool.__all__
                if inspect.isfunction(getattr(cpool, name)) and name not in ELSEWHERE})
WINDOWS = {
    "small": [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 1, "dilation": 2, "padding": 2},
        {"kernel_size": 5, "stride": 3, "padding": 2, "ceil_mode": True},
    ],
    "large": [{"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": 4, "stride": 1}],
}
OWN = {
    "lp": [{"norm_type": p, "normalize": True} for p in (1, 2, math.inf)], "rank": [{"q": 0.3}],
    "var": [{"correction": 1}], "lse": [{"r": 1.75}], "softmax": [{"temperature": 0.5}],
    "gem": [{"p": 3.0, "eps": 0.0625}], "learned_norm": [{"p": 2.25, "c": 0.5}],
    "mixed": [{"alpha": 0.25}], "gated": [{"bias": 0.25}],
    "detail": [{"alpha": 0.5, "lam": 1.25, "eps": 0.125}],
}
POWERS = {"lp": [{"norm_type": p, "normalize": True} for p in (3, 0.5)]}  # through the C library
SEGMENTS = ("sum", "mean", "max", "min", "std", "lse", "first", "last", "kmax")


def _windowed(base, nd, x, size):
    op = re.sub(r"(_pool.*|^adaptive_|^global_)", "", base)
    parameters = inspect.signature(getattr(cpool, base.replace("{n}", str(nd)))).parameters
    if base.startswith("global_"):
        places = [{"spatial_ndim": nd}]
    elif base.startswith("adaptive_"):
        places = [{"output_size": 4}] + [{"output_size": 1}] * (size == "small")
    else:
        places = WINDOWS[size][: 1 if size == "large" and re.search(HEAVY, base) else None]
    flags = [f for f in ("return_indices", "return_counts") if f in parameters]
    for place in places:
        kernel = (place.get("kernel_size", 1),) * nd
        taps = math.prod(kernel)
        more = {
            "lip": {"logits": numbers(x.shape, x.dtype if is_float(x.dtype) else np.float32, 5)},
            "gated": {"gate": unit(kernel, 5) - 0.5},
            "tree": {"gates": (unit((3, *kernel), 5) - 0.5) / taps, "leaves": unit((4, *kernel), 6) / taps},
            "ordinal": {"rank_weights": unit((taps,), 5) / taps},
            "detail": {"filter": unit(kernel, 5) / taps},
        }.get(op, {})
        for own in OWN.get(op, [{}]):
            given = place | more | own
            if op == "stochastic":
                given["random_samples"] = 0.5
                shape = getattr(cpool, base.replace("{n}", str(nd)))(np.ones(x.shape), **given).shape
                given["random_samples"] = unit(shape, 7)
            yield given, flags


def _fractional(base, nd, x, size):
    out = tuple(2 * n // 3 for n in x.shape[2:])
    flags = ["return_indices"] if "max" in base else []
    for samples in (nd,), (*x.shape[:2], nd):
        yield {"kernel_size": 2, "output_size": out, "random_samples": unit(samples, 5)}, flags
    edges = [np.sort((words((n // 2,), 6) % np.uint64(n)).astype(np.int64)) for n in x.shape[2:]]
    pairs = [np.stack([e, np.minimum(e + 3, n)], -1) for e, n in zip(edges, x.shape[2:], strict=True)]
    yield {"kernel_size": None, "boundaries": pairs}, flags


def _s3(base, nd, x, size):
    positions = [np.sort((words((n // 2,), 6) % np.uint64(n)).astype(np.int64)) for n in x.shape[2:]]
    kept = [2 * np.arange(n // 2) + p % 2 for n, p in zip(x.shape[2:], positions, strict=True)]
    yield {"kernel_size": 2, "positions": kept}, ["return_indices"]


def _unpool(base, nd, x, size):
    spatial = x.shape[2:]
    taps = [(np.arange(n) * 2).reshape((n,) + (1,) * (nd - 1 - d)) for d, n in enumerate(spatial)]
    z = words(x.shape, 8)
    flat = 0
    for d, (n, t) in enumerate(zip(spatial, taps, strict=True)):
        flat = flat * 2 * n + t + ((z >> np.uint64(d)) & np.uint64(1)).astype(np.int64)
    yield {"indices": flat, "kernel_size": 2}, []
    yield {"indices": flat // 3, "kernel_size": 2, "mode": "sum"}, []


def _regions(base, nd, x, size):
    count = {"small": 7, "large": 60}[size]
    corner, extent = unit((count, 2), 5), unit((count, 2), 6)
    scale = np.array(x.shape[:1:-1]) * 2.0
    first = corner * scale * 0.8 - 0.5
    boxes = np.concatenate([first, first + extent * scale * 0.7], 1)
    given = {"boxes": boxes, "output_size": (3, 2), "spatial_scale": 0.5,
             "batch_indices": (words((count,), 7) % np.uint64(len(x))).astype(np.int64)}
    yield given, ["return_indices"] if base == "roi_pool" else []
    if base.endswith("roi_align"):
        yield given | {"sampling_ratio": 2}, []
    if base == "roi_align":
        yield given | {"aligned": True, "mode": "max"}, []


def _scales(base, nd, x, size):
    given = {"levels": 2} if base == "pool_pyramid" else {}
    for op in ("avg", "max", "min", "sum")[: 4 if base == "pool_pyramid" else 3]:
        yield given | {"op": op, "spatial_ndim": nd}, []
    if base == "pool_pyramid" and not is_float(x.dtype):
        yield given | {"op": "mode", "spatial_ndim": nd}, []


def _tokens(base, nd, x, size):
    mask = words(x.shape[:2], 5) % np.uint64(5) > 0
    scores = numbers(x.shape[:2], np.float64, 6)
    if base == "token_pool":
        for mode in "cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken":
            yield {"mask": mask, "mode": mode}, []
    elif base.startswith("atten"):
        yield {"mask": mask, "scores": scores}, ["return_weights"]
        if is_float(x.dtype):
            yield {"query": numbers(x.shape[2:], x.dtype, 7), "scale": 0.125}, []
    else:
        yield {"mask": mask}, ["return_indices"] if base == "max_over_time_pool" else []


def _segments(base, nd, x, size):
    cuts = np.sort((words((len(x) // 5,), 5) % np.uint64(len(x))).astype(np.int64))
    for op in SEGMENTS:
        more = {"k": 3} if op == "kmax" else {}
        yield {"offsets": np.array([0, *cuts, len(x)]), "op": op, "empty": 0} | more, []


def _one(base, nd, x, size):
    yield {"kmax_pool": {"k": 3}, "adaptive_concat_pool{n}d": {"output_size": 2}}.get(base, {}), []
    if base == "block_reduce":
        for func in "mean", "max", "min", "median":
            yield {"block_size": 2, "func": func, "edge": "partial"}, []


def _kind(base):
    """How calls of an operator are made, the numbers of its dimensions, and what its shapes are."""
    for pattern, make, dimensions in (
        ("fractional_", _fractional, (1, 2, 3)), ("s3_pool", _s3, (1, 2, 3)),
        ("max_unpool", _unpool, (1, 2, 3)),
        ("(pr|ps_)?roi_", _regions, (2,)), ("pool_pyramid|spatial_pyramid|strip_pool", _scales, (2, 3)),
        ("token|max_over_time|stats|atten", _tokens, ("rows",)), ("segment", _segments, ("segments",)),
        ("kmax|block_reduce|adaptive_concat|blur|max_blur", _one, (1, 2, 3) if "{n}" in base else (2,)),
        ("", _windowed, (1, 2, 3)),
    ):
        if re.match(pattern, base):
            return make, dimensions
    raise AssertionError(base)


def _array(base, nd, dtype, size, seed=0):
    if nd in ("rows", "segments"):
        shape = ROWS[size] if nd == "rows" else (math.prod(ROWS[size][:2]), ROWS[size][2])
    else:
        shape = SHAPES["heavy" if size == "large" and re.search(HEAVY, base) else size][nd]
        if base.startswith("ps_roi"):
            shape = (shape[0], 12, *shape[2:]) if size == "small" else (1, 6, shape[2] // 2, shape[3])
    if size == "large":  # as many bytes of small types, which decide how many threads there are
        shape = (*shape[:-1], shape[-1] * max(4 // dtype.itemsize, 1))
    x = numbers(shape, dtype, seed)
    if "mode_pool" in base and dtype != np.bool_:
        x %= np.array(3, dtype)
    return x


def calls(base, dtype, size):
    """Yield (dimensions, x, keywords, flags) of an operator."""
    make, dimensions = _kind(base)
    for nd in dimensions:
        x = _array(base, nd, dtype, size)
        for given, flags in make(base, nd, x, size):
            yield nd, x, given, flags


def flat(found):
    """A result of any structure as a list of arrays."""
    if isinstance(found, tuple | list):
        return [array for each in found for array in flat(each)]
    return [] if found is None else [np.asarray(found)]


def _like(y, seed):
    return [numbers(a.shape, a.dtype, seed + i) for i, a in enumerate(y)] if isinstance(y, list) \
        else numbers(y.shape, y.dtype, seed)


def function(base, nd, action=""):
    """The public function, or None if there is none."""
    return getattr(cpool, base.replace("{n}", str(nd)) + action, None)


def call(base, nd, x, given, flags=(), actions=ACTIONS):
    """The arrays of result, gradient and tangent; no entry for what is refused or not there."""
    forward = function(base, nd)
    try:
        y = forward(x, **given)
    except TypeError as error:
        if is_float(x.dtype) or "dtype" not in inspect.signature(forward).parameters:
            return {}
        assert "dtype" in str(error), error
        given = given | {"dtype": np.float32}
        y = forward(x, **given)
    found = {}
    if "" in actions:
        found[""] = flat(y) + [a for flag in flags for a in flat(forward(x, **given, **{flag: True}))]
    if is_float(x.dtype):
        if "_backward" in actions and (f := function(base, nd, "_backward")):
            found["_backward"] = flat(f(_like(y, 20), x, **given))
        if "_jvp" in actions and (f := function(base, nd, "_jvp")):
            found["_jvp"] = flat(f(numbers(x.shape, x.dtype, 30), x, **given))
    return found


def digest(arrays, start=b""):
    """Bytes, shapes and dtypes; every NaN counts as the same."""
    h = hashlib.sha256(start)
    for a in arrays:
        h.update(f"{a.dtype.name} {a.shape}".encode())
        if is_float(a.dtype) and (void := np.isnan(a)).any():
            a = np.where(void, np.array(np.nan, a.dtype), a)
        h.update(np.ascontiguousarray(a).tobytes())
    return h.digest()


def digests(base, dtype, size):
    """Name of the function with {n}, to the digest of all its results."""
    found = {}
    for nd, x, given, flags in calls(base, dtype, size):
        for action, arrays in call(base, nd, x, given, flags).items():
            found[base + action] = digest(arrays, found.get(base + action, b""))
    return {name: value.hex()[:16] for name, value in found.items()}


def names():
    """The public functions that the walk reaches."""
    every = {base.replace("{n}", n) + action for base in BASES for n in "123" for action in ACTIONS}
    return every & {*cpool.__all__}


def dtypes_of(size):
    few = ("bool", "uint8", "int64", "float16", "bfloat16", "float32", "float64")
    return [d for d in DTYPES if size == "small" or d.name in few]


def main(size, threads="1", repetitions="1", only=""):
    """Compute everything for each number of threads, as often as asked; print what it is and what differs."""
    found, different = {}, []
    for base in BASES:
        for dtype in [d for d in dtypes_of(size) if not only or d.name in only.split(",")]:
            for n in map(int, threads.split(",")):
                for _ in range(int(repetitions)):
                    with cpool.num_threads(n):
                        for name, value in digests(base, dtype, size).items():
                            if found.setdefault(f"{name} {dtype}", value) != value:
                                different.append(f"{name} {dtype} with {n} threads")
    print(json.dumps({"level": cpool._dispatch.LEVEL, "digests": found, "different": different}))


if __name__ == "__main__":
    main(*sys.argv[1:])
