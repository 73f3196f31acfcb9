"""Measure pooling of arrays larger than memory: beside other libraries, and on a volume of more than 20 GB.

    python .ci/large.py compare [WORKERS]       a table, each line from a process of its own
    python .ci/large.py volume FOLDER [OP..]    21 GB of Zarr (of which the disk holds 0.3 GB), as pyramids

Needs ``pip install "cpool[dask]" scikit-image dask-image xarray tinybrain``.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SHAPE, CHUNKS = (512, 1024, 1024), (128, 256, 256)  # 2.1 GB of float32 in chunks of 34 MB
_tile = None


def made(block_info=None):
    """A chunk: one that was drawn, plus its number, so that making it costs little."""
    global _tile
    if _tile is None:
        _tile = np.random.default_rng(0).random(CHUNKS, np.float32)
    return _tile + np.float32(sum(block_info[None]["chunk-location"]))


def coarsen(x):
    import dask.array as da

    return da.coarsen(np.mean, x, {0: 2, 1: 2, 2: 2})


def xarray_coarsen(x):
    import xarray

    return xarray.DataArray(x, dims=list("zyx")).coarsen(z=2, y=2, x=2).mean().data


def skimage(x):
    from skimage.measure import block_reduce

    return x.map_blocks(
        lambda a: block_reduce(a, 2, np.mean), chunks=tuple(c // 2 for c in CHUNKS), dtype=x.dtype
    )


def tinybrain(x):
    import tinybrain

    def mean(a):
        return np.squeeze(tinybrain.downsample_with_averaging(a[..., None], (2, 2, 2, 1))[0], -1)

    return x.map_blocks(mean, chunks=tuple(c // 2 for c in CHUNKS), dtype=x.dtype)


def dask_image(x):
    from dask_image.ndfilters import maximum_filter

    return maximum_filter(x, size=3, mode="nearest")


def cpool_mean(x):
    import cpool.dask

    return cpool.dask.avg_pool3d(x, 2)


def cpool_block_reduce(x):
    import cpool.dask

    return cpool.dask.block_reduce(x, 2, "mean")


def cpool_max(x):
    import cpool.dask

    return cpool.dask.max_pool3d(x, 3, 1, 1)


def nothing(x):
    return x


KINDS = {
    "making the chunks, no pooling": [nothing],
    "mean of 2 x 2 x 2": [cpool_mean, cpool_block_reduce, coarsen, xarray_coarsen, skimage, tinybrain],
    "maximum of 3 x 3 x 3, stride 1": [cpool_max, dask_image],
}


def one(name, workers):
    """Time, peak memory and tasks of one candidate; the result is looked at chunk by chunk and dropped."""
    import dask
    import dask.array as da

    x = da.map_blocks(
        made,
        chunks=da.core.normalize_chunks(CHUNKS, SHAPE),
        dtype=np.float32,
        meta=np.empty((0, 0, 0), np.float32),
    )
    start = time.perf_counter()
    y = globals()[name](x)
    built = time.perf_counter() - start
    ends = y.map_blocks(
        lambda a: a[-1:, -1:, -1:].copy(), chunks=tuple((1,) * n for n in y.numblocks), dtype=y.dtype
    )
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        last = ends.compute(scheduler="threads", num_workers=workers)
        best = min(best, time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    tasks = len(dict(dask.optimize(y)[0].__dask_graph__()))
    print(name, f"{best + built:.2f}", f"{memory:.2f}", tasks, f"{float(last.mean()):.4f}")


def compare(workers):
    print(f"| {workers} workers (threads) | time | peak memory | tasks |\n|---|---|---|---|")
    for kind, candidates in KINDS.items():
        for candidate in candidates:
            done = subprocess.run(
                [sys.executable, __file__, "one", candidate.__name__, str(workers)],
                capture_output=True,
                text=True,
            )
            found = done.stdout.split()
            line = f"{found[1]} s | {found[2]} GB | {found[3]}" if found else done.stderr.strip()[-80:]
            print(f"| {kind}: {candidate.__name__} | {line} |", flush=True)


def volume(folder, *ops):
    """`cpool pyramid` on a store of 21 GB, of which the chunks are links to a few files."""
    import zarr

    store, chunk = Path(folder) / "big.zarr", (320, 320, 320)
    shape = (2560, 2880, 2880)
    array = zarr.create_array(store, shape=shape, chunks=chunk, dtype=np.uint8, compressors=None)
    rng, kinds = np.random.default_rng(0), []
    for number, index in enumerate(np.ndindex(*(n // c for n, c in zip(shape, chunk, strict=True)))):
        path = store / "c" / "/".join(map(str, index))
        if number < 8:
            array[tuple(slice(i * c, (i + 1) * c) for i, c in zip(index, chunk, strict=True))] = rng.integers(
                0, 255, chunk, np.uint8
            )
            kinds.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(kinds[number * 5 % 8], path)
    for op in ops or ["avg"]:
        target = Path(folder) / f"{op}.zarr"
        start = time.perf_counter()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "cpool",
                "pyramid",
                store,
                "--levels",
                "4",
                "--op",
                op,
                "--skip-base",
                "--chunks",
                "80x80x80",
                "-o",
                target,
            ],
            check=True,
        )
        took = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        print(f"{op}: {np.prod(shape) / 1e9:.1f} GB in {took:.0f} s, peak memory {memory:.2f} GB", flush=True)
        level = zarr.open_array(target, path="4", mode="r")
        print("level 4:", level.shape, "its mean", float(level[...].mean()))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "one":
        one(rest[0], int(rest[1]))
    elif what == "compare":
        compare(int(rest[0]) if rest else 1)
    else:
        volume(*rest)
