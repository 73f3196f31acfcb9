"""A fixed set of calls whose results must not depend on threads, CPU level or implementation.

Run as a program it computes all of it and prints one JSON object, name to digest; results of operators
that need pow are not hashed but written to the file given as the first argument.
"""

import functools
import hashlib
import json
import os
import sys

import numpy as np
from compare import BFLOAT16, DTYPES, FLOATS, LAYOUTS, OPS, is_float, values

import cpool

SMALL = {
    "2/2": {"kernel_size": 2},
    "3/2": {"kernel_size": 3, "stride": 2, "padding": 1},
    "3/1 dilated": {"kernel_size": 3, "stride": 1, "dilation": 2, "padding": 2},
    "5/1": {"kernel_size": 5, "stride": 1, "padding": 2},
    "ceil": {"kernel_size": 3, "stride": 3, "ceil_mode": True},
    "same": {"kernel_size": 4, "stride": 2, "padding": "same"},
    "9/1": {"kernel_size": 9, "stride": 1, "padding": 4},
}
LARGE = {
    "image": (2, (1, 1, 300, 901), {"kernel_size": 3, "stride": 2, "padding": 1}),
    "image 2/2": (2, (1, 3, 200, 502), {"kernel_size": 2}),
    "wide": (2, (1, 1, 200, 333), {"kernel_size": 31, "stride": 1, "padding": 15}),
    "batch": (2, (50, 7, 14, 15), {"kernel_size": 3, "stride": 1, "padding": 1}),
    "line": (1, (1, 1, 50000), {"kernel_size": 100, "stride": 7}),
    "volume": (3, (1, 2, 20, 40, 65), {"kernel_size": 3, "stride": 2, "padding": 1}),
}


def digest(*arrays):
    """Bytes, shape and dtype of arrays; every NaN counts as the same."""
    h = hashlib.sha256()
    for a in arrays:
        h.update(f"{a.dtype} {a.shape}".encode())
        if is_float(a.dtype):
            a = np.where(np.isnan(a), np.array(np.nan, a.dtype), a)
        h.update(np.ascontiguousarray(a).tobytes())
    return h.hexdigest()


def call(kind, op, nd, x, **options):
    """Forward with indices where there are any, and backward where there is one: a tuple of arrays."""
    name = f"global_{op}_pool" if kind == "global" else f"{kind}{op}_pool{nd}d"
    lead = (options.pop("norm_type", 2),) if op == "lp" else ()
    if x.dtype == np.bool_ and op in ("avg", "lp"):
        options["dtype"] = np.float32
    y = getattr(cpool, name)(x, *lead, **options)
    results = [y]
    if op in ("max", "min"):
        results += getattr(cpool, name)(x, *lead, **options, return_indices=True)
    if is_float(x.dtype):
        back = getattr(cpool, name + "_backward")
        g = values(y.shape, y.dtype, seed=9)
        results.append(back(g, x, *lead, **options))
        if op in ("max", "min"):
            results.append(back(g, x.shape, *lead, **options, indices=results[2]))
    return tuple(results)


def drawn(nd, x, layout, each):
    """Fractional pooling of 2 windows in 3 elements, and windows that overlap in any way."""
    rng = np.random.default_rng(nd)
    spatial = x.shape[-nd - 1 : -1] if layout == "channels_last" else x.shape[-nd:]
    planes = [n for i, n in enumerate(x.shape) if i not in range(x.ndim - nd, x.ndim)]
    if layout == "channels_last":
        planes = [*x.shape[: -nd - 1], x.shape[-1]]
    out = tuple(max(2 * n // 3, 1) for n in spatial)
    small = {"kernel_size": 2, "output_size": out, "data_format": layout}
    small["random_samples"] = rng.random((*(planes if each else ()), nd))
    start = [np.sort(rng.integers(0, n, n)) for n in spatial]
    pairs = [np.stack([s, np.minimum(s + 3, n)], axis=-1) for s, n in zip(start, spatial, strict=True)]
    listed = {"kernel_size": None, "boundaries": pairs, "data_format": layout}
    results = []
    for given in small, listed:
        for op in "max", "avg":
            pool = getattr(cpool, f"fractional_{op}_pool{nd}d")
            more = {"dtype": np.float32} if x.dtype == np.bool_ and op == "avg" else {}
            results.append(pool(x, **given, **more))
            if op == "max":
                results += pool(x, return_indices=True, **given)
            if is_float(x.dtype):
                g = values(results[-1].shape, x.dtype, seed=9)
                results.append(getattr(cpool, f"fractional_{op}_pool{nd}d_backward")(g, x, **given))
    return tuple(results)


def whole(op, kind, nd, x, **options):
    """The same of an operator that needs its whole window; its second result where it has one."""
    name = f"global_{op}_pool" if kind == "global" else f"{kind}{op}_pool{nd}d"
    y = getattr(cpool, name)(x, **options)
    results = [y]
    if op in ("median", "rank", "mode"):
        flag = "return_counts" if op == "mode" else "return_indices"
        results += getattr(cpool, name)(x, **options, **{flag: True})
    if op != "mode" and is_float(x.dtype):
        g = values(y.shape, y.dtype, seed=9)
        results.append(getattr(cpool, name + "_backward")(g, x, **options))
        results.append(getattr(cpool, name + "_jvp")(x, x, **options))
    return tuple(results)


WHOLE = {
    "median": {}, "rank": {"q": 0.3}, "range": {}, "mode": {}, "var": {"correction": 1}, "std": {},
}


def whole_calls(small, large):
    """The operators that need their whole window, as `calls` has the others."""

    def one(name, *args, **options):
        return name, False, lambda: whole(*args, **options)

    for op, own in WHOLE.items():
        for number, dtype in enumerate(DTYPES):
            if op == "mode" and is_float(dtype):
                continue
            for layout in LAYOUTS:
                for nd, shape in (1, (2, 61)), (2, (2, 9, 37)), (3, (5, 6, 35)):
                    if not small or (number + nd) % 3:
                        continue
                    shape = (*shape, 9) if layout == "channels_last" else (2, *shape)
                    x = values(shape, dtype, "plain", nd)
                    keywords = own | {"data_format": layout}
                    for key in "2/2", "3/2", "3/1 dilated", "5/1", "ceil":
                        name = f"{op} {nd} {dtype} {layout} {key}"
                        yield one(name, op, "", nd, x, **SMALL[key], **keywords)
                    name = f"{op} {nd} {dtype} {layout}"
                    yield one(f"adaptive {name}", op, "adaptive_", nd, x, output_size=4, **keywords)
                    yield one(f"global {name}", op, "global", nd, x, spatial_ndim=nd, **keywords)
            if large and dtype in (np.uint8, np.int64, np.float32):
                for key in "image", "batch", "volume":
                    nd, shape, options = LARGE[key]
                    x = values(shape, dtype, "plain", 4)
                    yield one(f"large {op} {dtype} {key}", op, "", nd, x, **options, **own)


def calls(small=True, large=True):
    """Yield (name, needs pow, function returning a tuple of arrays)."""
    yield from whole_calls(small, large)

    def one(name, *args, **options):
        needs_pow = options.get("norm_type", 2) not in (1, 2, np.inf)
        return name, needs_pow, lambda: call(*args, **options)

    if small:
        for number, dtype in enumerate(DTYPES):
            for layout in LAYOUTS:
                for nd, shape in (1, (2, 61)), (2, (2, 9, 37)), (3, (5, 6, 35)):
                    shape = (*shape, 9) if layout == "channels_last" else (2, *shape)
                    x = values(shape, dtype, "special" if number % 2 else "plain", nd)
                    for each in True, False:
                        yield (
                            f"fractional {nd} {dtype} {layout} {each}",
                            False,
                            functools.partial(drawn, nd, x, layout, each),
                        )
                    for op in OPS:
                        for key, options in SMALL.items():
                            if not (dtype in FLOATS or (number + nd) % 3 == 0):
                                continue
                            yield one(
                                f"{op} {nd} {dtype} {layout} {key}",
                                "",
                                op,
                                nd,
                                x,
                                **options,
                                data_format=layout,
                            )
                        yield one(
                            f"adaptive {op} {nd} {dtype} {layout}",
                            "adaptive_",
                            op,
                            nd,
                            x,
                            output_size=4,
                            data_format=layout,
                        )
                        yield one(
                            f"global {op} {nd} {dtype} {layout}",
                            "global",
                            op,
                            nd,
                            x,
                            spatial_ndim=nd,
                            data_format=layout,
                        )
                    for p in 1, np.inf, 3, 0.5:
                        yield one(
                            f"lp{p} {nd} {dtype} {layout}",
                            "",
                            "lp",
                            nd,
                            x,
                            kernel_size=3,
                            stride=2,
                            norm_type=p,
                            normalize=True,
                            data_format=layout,
                        )
    if large:
        for dtype in [
            np.dtype(np.uint8),
            np.dtype(np.int64),
            np.dtype(np.float32),
            np.dtype(np.float16),
            *BFLOAT16,
            np.dtype(np.float64),
        ]:
            for key, (nd, shape, options) in LARGE.items():
                for layout in LAYOUTS:
                    full = (*shape[-nd:], 5) if layout == "channels_last" else shape
                    x = values(full, dtype, "plain", 4)
                    for op in OPS:
                        yield one(
                            f"large {op} {dtype} {layout} {key}", "", op, nd, x, **options, data_format=layout
                        )
            for key, shape in ("plane", (1, 1, 401, 303)), ("planes", (20, 5, 53, 34)):
                x = values(shape, dtype, "plain", 5)
                run = functools.partial(drawn, 2, x, "channels_first", True)
                yield f"large fractional {dtype} {key}", False, run
            for key, shape in ("plane", (1, 1, 701, 803)), ("planes", (60, 5, 33, 34)):
                x = values(shape, dtype, "plain", 5)
                for op in OPS:
                    yield one(f"large global {op} {dtype} {key}", "global", op, None, x)
                    yield one(
                        f"large global last {op} {dtype} {key}",
                        "global",
                        op,
                        None,
                        np.ascontiguousarray(np.moveaxis(x, 1, -1)),
                        data_format="channels_last",
                    )
                    yield one(f"large adaptive {op} {dtype} {key}", "adaptive_", op, 2, x, output_size=(7, 5))


def sequences():
    """Yield (name, function returning a tuple of arrays) for pooling of tokens and ragged rows."""
    modes = ("cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
    rng = np.random.default_rng(0)
    mask, scores = rng.random((3, 41)) < 0.8, rng.standard_normal((3, 41))
    cuts = np.sort(rng.integers(0, 124, 9))
    offsets = [0, *cuts, 123]

    def call(name, x, *args, **options):
        y = getattr(cpool, name)(x, *args, **options)
        if not is_float(x.dtype):
            return (y,)
        found = getattr(cpool, name + "_backward")(values(y.shape, y.dtype, seed=9), x, *args, **options)
        return (
            y,
            *(found if isinstance(found, tuple) else (found,)),
            getattr(cpool, name + "_jvp")(x, x, *args, **options),
        )

    for dtype in DTYPES:
        options = {} if is_float(dtype) else {"dtype": np.float64}
        for width in (1, 7, 40):
            x = values((3, 41, width), dtype, "plain", width)
            rows = x.reshape(123, width)

            def one(name, *args, about=f"{dtype} {width}", **more):
                return f"{name} {about} {more.get('op', '')}", lambda: call(name, *args, **more)

            yield one("token_pool", x, mask, mode=modes, **options)
            yield one("max_over_time_pool", x, mask)
            yield one("stats_pool", x, mask, **options)
            yield one("attention_pool", x, scores, mask, **options)
            yield one("attentive_stats_pool", x, scores, **options)
            for op in ("sum", "mean", "max", "min", "std", "lse", "first", "last", "kmax"):
                more = {"k": 3} if op == "kmax" else options if op in ("std", "lse", "mean") else {}
                yield one("segment_pool", rows, offsets, op=op, empty=0, **more)


def stop(unraisable):
    """End the program where a kernel met an error that it could not raise, and Python would go on."""
    sys.__unraisablehook__(unraisable)
    os._exit(1)


def main(path):
    digests, with_pow = {}, {}
    for name, needs_pow, run in calls():
        results = run()
        if needs_pow:
            with_pow |= {f"{name} {i}": r.astype(np.float64) for i, r in enumerate(results)}
            digests[name] = [str((r.dtype, r.shape)) for r in results]
        else:
            digests[name] = digest(*results)
    for name, run in sequences():
        digests[name] = digest(*run())
    np.savez(path, **with_pow)
    print(json.dumps({"level": cpool._dispatch.LEVEL, "digests": digests}))


if __name__ == "__main__":
    sys.unraisablehook = stop
    main(sys.argv[1])
