"""A fixed set of calls and digests of their results: what every CPU level and thread count has to agree on.

Run as a script it prints one line ``case digest`` per call, for the level in CPOOL_CPU and the threads in
CPOOL_NUM_THREADS; test_levels.py compares the lines. Reducers that need `pow` are held to 2 ulp: their
results are written to the file that the first argument names.
"""

import hashlib
import sys
import zlib

import numpy as np

import cpool

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = None

FLOATS = ["float16", "bfloat16", "float32", "float64"] if bfloat16 else ["float16", "float32", "float64"]
INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]

# Spatial shapes that leave every kind of remainder of a vector, and some with several threads' worth of work
# inside one plane.
SHAPES = {1: (203,), 2: (37, 71), 3: (9, 13, 34)}
LARGE = {1: (400_003,), 2: (700, 613), 3: (40, 96, 101)}
GEOMETRIES = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": 2},
    {"kernel_size": 5, "stride": 3, "padding": 2, "ceil_mode": True},
    {"kernel_size": 9, "stride": 1, "padding": "same"},
]
WIDE = [{"kernel_size": 31, "stride": 1, "padding": 15}, {"kernel_size": 8}, {"kernel_size": 33, "stride": 5}]


def values(shape, dtype, seed, special=True):
    """Reproducible input that holds ties and, for floats, NaN, infinities, both zeros and extreme sizes."""
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype in INTEGERS:
        info = np.iinfo(dtype)
        x = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
        return np.where(rng.random(shape) < 0.3, rng.integers(0, 4, shape), x).astype(dtype)
    x = rng.standard_normal(shape)
    x = np.where(rng.random(shape) < 0.2, np.round(x), x)
    if special:
        where = rng.random(shape)
        x[where < 0.004] = np.nan
        x[(where > 0.5) & (where < 0.503)] = np.inf
        x[where > 0.997] = -0.0
    return x.astype(bfloat16 if dtype == "bfloat16" else dtype)


def digest(*arrays):
    """Hash shapes, dtypes and bits; every NaN counts as the same NaN."""
    sha = hashlib.sha1()
    for array in arrays:
        array = np.ascontiguousarray(array)
        sha.update(f"{array.dtype.name} {array.shape}".encode())
        if array.dtype.kind not in "iub":
            nan = np.isnan(array)
            array = np.where(nan, np.zeros((), array.dtype), array)
            sha.update(np.packbits(nan).tobytes())
        sha.update(array.tobytes())
    return sha.hexdigest()[:20]


def cases():
    """Yield (name, thunk); the thunk returns a tuple of arrays."""
    for nd, shape in SHAPES.items():
        for dtype in ["bool", *INTEGERS, *FLOATS]:
            for layout in ("channels_first", "channels_last"):
                full = (2, 3, *shape) if layout == "channels_first" else (2, *shape, 19)
                x = values(full, dtype, zlib.crc32(f"{nd} {dtype} {layout}".encode()))
                yield from forward(f"{nd}d {dtype} {layout}", x, nd, layout)
    for nd, shape in LARGE.items():
        for dtype in ("float32", "uint8", "bfloat16"):
            for layout in ("channels_first", "channels_last"):
                full = shape if layout == "channels_first" else (*shape, 3)
                x = values(full, dtype, 7)
                yield from large(f"large {nd}d {dtype} {layout}", x, nd, layout)


def forward(name, x, nd, layout):
    """Cases on a small array: every reducer, every geometry, the backward pass for floats."""
    kind = x.dtype.kind
    floating = kind not in "iub"
    options = {"data_format": layout}
    for number, geometry in enumerate(GEOMETRIES):
        sized = geometry | options
        label = f"{name} g{number}"
        for op in ("max", "min"):
            pool = getattr(cpool, f"{op}_pool{nd}d")
            yield f"{label} {op}", lambda p=pool, k=sized: (p(x, **k),)
            yield f"{label} {op} indices", lambda p=pool, k=sized: p(x, return_indices=True, **k)
        yield f"{label} sum", lambda k=sized: (getattr(cpool, f"sum_pool{nd}d")(x, **k),)
        if kind != "b":
            for include in (True, False):
                yield (f"{label} avg {include}", lambda k=sized, i=include:
                       (getattr(cpool, f"avg_pool{nd}d")(x, count_include_pad=i, **k),))
        if floating:
            for p in (1, 2, float("inf")):
                yield f"{label} lp{p}", lambda p=p, k=sized: (getattr(cpool, f"lp_pool{nd}d")(x, p, **k),)
            yield from backward(label, x, nd, sized)
    for op in ("max", "min", "sum", *(["avg"] if kind != "b" else [])):
        adaptive = getattr(cpool, f"adaptive_{op}_pool{nd}d")
        whole = getattr(cpool, f"global_{op}_pool")
        yield f"{name} adaptive {op}", lambda f=adaptive: (f(x, 5, **options),)
        yield f"{name} global {op}", lambda f=whole: (f(x, **options),)


def backward(label, x, nd, sized):
    for op in ("max", "min", "sum", "avg"):
        pool = getattr(cpool, f"{op}_pool{nd}d")
        back = getattr(cpool, f"{op}_pool{nd}d_backward")

        def both(pool=pool, back=back, op=op):
            grad = values(pool(x, **sized).shape, "float64", 11, special=False).astype(x.dtype)
            return (back(grad, x, **sized),)
        yield f"{label} {op} backward", both

    def lp():
        pool, back = getattr(cpool, f"lp_pool{nd}d"), getattr(cpool, f"lp_pool{nd}d_backward")
        grad = values(pool(x, 2, **sized).shape, "float64", 13, special=False).astype(x.dtype)
        return (back(grad, x, 2, **sized),)
    yield f"{label} lp backward", lp

    def unpool():
        plain = {key: sized[key] for key in ("kernel_size", "stride", "data_format") if key in sized}
        pooled, indices = getattr(cpool, f"max_pool{nd}d")(x, return_indices=True, **plain)
        spatial = x.shape[-nd:] if plain["data_format"] == "channels_first" else x.shape[-nd - 1:-1]
        return (getattr(cpool, f"max_unpool{nd}d")(pooled, indices, output_size=spatial, **plain),)
    yield f"{label} unpool", unpool


def large(name, x, nd, layout):
    """Cases whose one plane is worth several threads, wide windows among them."""
    options = {"data_format": layout}
    floating = x.dtype.kind not in "iub"
    for number, geometry in enumerate([*GEOMETRIES[:2], *(WIDE if nd < 3 else WIDE[1:2])]):
        sized = geometry | options
        for op in ("max", "sum", "avg"):
            pool = getattr(cpool, f"{op}_pool{nd}d")
            yield f"{name} g{number} {op}", lambda p=pool, k=sized: (p(x, **k),)
        pool = getattr(cpool, f"max_pool{nd}d")
        yield f"{name} g{number} max indices", lambda p=pool, k=sized: p(x, return_indices=True, **k)
        if floating and x.dtype.itemsize > 2:
            yield from backward(f"{name} g{number}", x, nd, sized)
    for op in ("max", "sum", "avg", *(["lp"] if floating else [])):
        pool = getattr(cpool, f"global_{op}_pool")
        first = (x, 2) if op == "lp" else (x,)
        yield f"{name} global {op}", lambda p=pool, f=first: (p(*f, spatial_ndim=nd, **options),)


def powers():
    """Yield (name, array) of results that go through `pow`."""
    for dtype in ("float32", "float64"):
        x = values((3, 50, 61), dtype, 5, special=False)
        for p in (0.5, 2.5, 3, 7):
            y = cpool.lp_pool2d(x, p, 3, 2)
            yield f"lp {p} {dtype}", y
            yield f"lp {p} {dtype} backward", cpool.lp_pool2d_backward(y, x, p, 3, 2)


if __name__ == "__main__":
    for case, thunk in cases():
        print(case.replace(" ", "_"), digest(*thunk()))
    if len(sys.argv) > 1:
        np.savez(sys.argv[1], **dict(powers()))
