"""Pooling of arrays that need not fit the memory: `cpool pyramid`, and the pooling commands on Zarr.

a) A result is written beside its place, under a name with ``.part``, and takes its place when it is whole.
   A journal, ``.part.journal``, has what is to be done in its first line and then a line for each block that
   has been written: with it `--resume` goes on, also in other processes and with other limits.
b) Blocks of a result are whole chunks of its file, so that no two tasks write one. Everything else is one
   graph of dask, run by threads here, by worker processes of its own (`--workers`, `--memory-limit`), or on a
   cluster (`--scheduler`), of which the workers see the same files.
"""

import argparse
import contextlib
import json
import logging
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import cpool
from cpool._cli import _pool, _stores
from cpool._cli._files import PIPE, Problem
from cpool._cli._stores import SPACE, Source

_BLOCK = 1 << 26  # bytes of x that a task reads, if the memory allows
_SHARE = 16  # which part of a worker's memory that may be
_EACH = 4  # tasks for each worker, at least, unless that makes them smaller than this:
_LEAST = 1 << 20
_PATIENCE = 10  # seconds in which a scheduler is to answer
_EDGE = {1: 1 << 18, 2: 512, 3: 64}  # of chunks, where x has none, by the number of axes that are pooled


class Level(NamedTuple):
    """One array of the result: its name in the store, its values, and how it is stored."""

    name: str
    array: Any
    chunks: tuple[int, ...]


def wanted(options: argparse.Namespace) -> bool:
    """Whether a pooling command is one for these functions: by its files, or by its options."""
    names = [*options.files, *([options.output] if options.output else [])]
    if any(name != str(PIPE) and _stores.kind_of(Path(name)) == "zarr" for name in names):
        return True
    return bool(options.workers or options.memory_limit or options.scheduler or options.resume)


def pool(options: argparse.Namespace) -> int:
    """Run a pooling command on one array."""
    if len(options.files) != 1 or (options.key and len(options.key) > 1):
        raise Problem(
            "stores, and files with --workers, --memory-limit, --scheduler or --resume: one at a time"
        )
    path = Path(options.files[0])
    suffix = ".zarr" if _stores.kind_of(path) == "zarr" else path.suffix
    target = Path(options.output or path.with_name(f"{path.stem}-{options.command}{suffix}"))
    found = _stores.source(path, options.key[0] if options.key else None)
    shape = found.reader.shape
    chunks = found.chunks or _chunks_for(shape, range(max(0, len(shape) - 2), len(shape)))
    blocks = _grown(shape, chunks, (1,) * len(shape), found.reader.dtype.itemsize, options)

    def levels(x: Any) -> list[Level]:
        result = _pool.applied(x, False, options, _adapter())
        sizes = tuple(min(c, n) for c, n in zip(chunks, result.shape, strict=True))
        return [Level("", result, sizes)]

    names = [each["name"] for each in found.axes] or None
    return _Job(options, path, target, found, blocks, levels, 3, names, None).run()


def pyramid(options: argparse.Namespace) -> int:
    """Write an OME-Zarr image of several levels."""
    path = Path(options.file)
    target = Path(options.output or path.with_name(f"{path.stem}-pyramid.zarr"))
    if target.suffix.lower() != ".zarr":
        raise Problem(f"{target}: a pyramid is written as a Zarr store, whose name ends in .zarr")
    found = _stores.source(path, options.key)
    shape, axes = found.reader.shape, _axes(path, found, options.axes)
    spatial = [i for i, each in enumerate(axes) if each["type"] == "space"]
    if not 1 <= len(spatial) <= 3 or spatial != list(range(spatial[0], spatial[-1] + 1)):
        raise Problem(f"{path}: the axes {_letters(axes)} must have 1 to 3 neighbours out of z, y and x")
    if len(axes) - 1 - spatial[-1] > 1:
        raise Problem(f"{path}: the axes {_letters(axes)} must have at most one axis behind those of space")
    factor = options.factor if len(options.factor) > 1 else options.factor * len(spatial)
    if len(factor) != len(spatial):
        raise Problem(f"--factor has {len(factor)} numbers for {len(spatial)} axes of space")
    last = spatial[-1] < len(axes) - 1
    chunks = options.chunks or found.chunks or _chunks_for(shape, spatial)
    if len(chunks) != len(shape):
        raise Problem(f"--chunks has {len(chunks)} numbers for an array of {len(shape)} axes")
    steps = [1] * len(shape)
    for i, f in zip(spatial, factor, strict=True):
        steps[i] = f**options.levels
    blocks = _grown(shape, chunks, steps, found.reader.dtype.itemsize, options)

    def levels(x: Any) -> list[Level]:
        arrays = _adapter().pool_pyramid(
            x,
            options.levels,
            tuple(factor),
            options.op,
            spatial_ndim=len(spatial),
            data_format="channels_last" if last else "channels_first",
        )
        every = [(str(i), a) for i, a in enumerate([x, *arrays])]
        return [Level(name, a, tuple(map(min, chunks, a.shape))) for name, a in every[options.skip_base :]]

    scales = [
        [1.0 if i not in spatial else float(factor[spatial.index(i)]) ** level for i in range(len(shape))]
        for level in range(options.levels + 1)
    ]
    attributes = _ome(path, found, axes, scales, options)
    version = 2 if options.ome == "0.4" else 3
    names = [each["name"] for each in axes]
    return _Job(options, path, target, found, blocks, levels, version, names, attributes).run()


def _dask() -> Any:
    """The package, with those of its modules that are used here."""
    for name in ("dask.array", "dask.callbacks", "dask.threaded"):
        _stores.module(name)
    return _stores.module("dask")


def _adapter() -> Any:
    _dask()
    return __import__("cpool.dask", fromlist=["dask"])


def _letters(axes: list[dict[str, str]]) -> str:
    return "".join(each["name"] for each in axes)


def _axes(path: Path, found: Source, given: str | None) -> list[dict[str, str]]:
    """The axes of an image: as given, as its file says, or the usual ones of so many."""
    ndim = found.reader.ndim
    if given is None and found.axes:
        return found.axes
    names = given or (
        "tczyx"[-ndim:] if ndim in (2, 3, 5) else "czyx" if ndim == 4 else "x" if ndim == 1 else ""
    )
    if len(names) != ndim or len(set(names)) != ndim or any(name not in ("t", "c", *SPACE) for name in names):
        raise Problem(f"{path}: --axes must name the {ndim} axes, such as tczyx; got {names or 'none'}")
    return [_stores.axis(name) for name in names]


def _ome(
    path: Path,
    found: Source,
    axes: list[dict[str, str]],
    scales: list[list[float]],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """The attributes of an OME-Zarr image; elements lie in the middle of those that they are made of."""
    base = found.scale or [1.0] * len(axes)
    shift = found.shift or [0.0] * len(axes)
    datasets = []
    for level, factors in enumerate(scales):
        transforms = [
            {"type": "scale", "scale": [b * f for b, f in zip(base, factors, strict=True)]},
            {
                "type": "translation",
                "translation": [s + b * (f - 1) / 2 for s, b, f in zip(shift, base, factors, strict=True)],
            },
        ]
        datasets.append({"path": str(level), "coordinateTransformations": transforms})
    image = {
        "axes": axes,
        "datasets": datasets[options.skip_base :],
        "name": path.stem,
        "type": options.op,
        "metadata": {"method": f"cpool.pool_pyramid(op={options.op!r})", "version": cpool.__version__},
    }
    if options.ome == "0.4":
        return {"multiscales": [{"version": "0.4", **image}]}
    return {"ome": {"version": options.ome, "multiscales": [image]}}


# ---- sizes ----


def _chunks_for(shape: tuple[int, ...], pooled: Iterable[int]) -> tuple[int, ...]:
    """Chunks for an array that has none: cubes along the axes that are pooled, 1 along the others."""
    pooled = list(pooled)
    return tuple(min(_EDGE[len(pooled)], n) if i in pooled else 1 for i, n in enumerate(shape))


def _grown(
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    steps: Iterable[int],
    itemsize: int,
    options: argparse.Namespace,
) -> tuple[int, ...]:
    """What a task reads: whole chunks, and whole windows of the last level, if that is not much."""
    limit = _BLOCK if options.memory_limit is None else min(_BLOCK, options.memory_limit // _SHARE)
    several = _EACH * (options.workers or _processors())
    limit = min(limit, max(math.prod(shape) * itemsize // several, _LEAST))
    sizes = list(chunks)
    for i, step in enumerate(steps):
        whole = math.lcm(chunks[i], step)
        if math.prod(sizes) // sizes[i] * min(whole, shape[i]) * itemsize <= limit:
            sizes[i] = whole
    while True:
        short = [i for i, n in enumerate(shape) if sizes[i] < n]
        if not short or 2 * math.prod(map(min, sizes, shape)) * itemsize > limit:
            return tuple(map(min, sizes, shape))
        sizes[min(reversed(short), key=sizes.__getitem__)] *= 2


# ---- the run ----


class _Job:
    """One result, from its first block to the moment when it takes its place."""

    def __init__(
        self,
        options: argparse.Namespace,
        path: Path,
        target: Path,
        found: Source,
        blocks: tuple[int, ...],
        levels: Callable[[Any], list[Level]],
        version: int,
        names: list[str] | None,
        attributes: dict[str, Any] | None,
    ) -> None:
        self.options, self.path, self.target, self.found = options, path, target, found
        self.levels, self.version, self.names, self.attributes = levels, version, names, attributes
        self.kind = _stores.kind_of(target)
        if self.kind is None:
            raise Problem(f"{target}: the name must end in one of {', '.join(_stores.SUFFIXES)}")
        real, mine = os.path.realpath(path), os.path.realpath(target)
        if mine == real or mine.startswith(real + os.sep) or real.startswith(mine + os.sep):
            raise Problem(f"{target}: is the input or in it; it would be overwritten with its own result")
        stores = "zarr.json", ".zarray", ".zgroup"
        if target.is_dir() and not (self.kind == "zarr" and any((target / name).exists() for name in stores)):
            raise Problem(f"{target}: exists and is no {'Zarr store' if self.kind == 'zarr' else 'file'}")
        self.part = target.with_name(f"{target.name}.part")
        self.journal = target.with_name(f"{target.name}.part.journal")
        machine = (
            "workers",
            "memory_limit",
            "scheduler",
            "resume",
            "quiet",
            "output",
            "files",
            "file",
            "threads",
        )
        asked = {name: value for name, value in vars(options).items() if name not in machine}
        self.asked = json.loads(
            json.dumps(
                {"source": real, "stamp": found.stamp, "asked": asked, "version": cpool.__version__},
                default=str,
            )
        )
        self.blocks = list(blocks)
        self.where: list[Any] | None = None  # of the arrays in the file, if there are any yet

    def run(self) -> int:
        """Compute and write all that is not there yet."""
        _quiet_zarr()
        start = time.perf_counter()
        done = self._begun()
        dask = _dask()
        x = dask.array.from_array(
            self.found.reader,
            chunks=tuple(self.blocks),
            name=self._token(dask),
            asarray=True,
            meta=np.empty((0,) * self.found.reader.ndim, self.found.reader.dtype),
        )
        native = self.found.reader.dtype.newbyteorder("=")
        if native != x.dtype:
            x = x.astype(native)
        try:
            levels = self.levels(x)
        except (ValueError, TypeError, MemoryError) as error:
            raise Problem(f"{self.path}: {error}") from error
        try:
            with contextlib.ExitStack() as stack:
                writers = self._writers(levels)
                self._lines = stack.enter_context(open(self.journal, "a", encoding="utf-8"))
                stack.enter_context(dask.config.set({"cpool.num-threads": self.options.threads or 1}))
                graph, keys = _stored(levels, writers, done)
                total = sum(math.prod(map(len, blocked.chunks)) for blocked in map(_blocked, levels))
                self._finish(stack, dask, graph, keys, total)
            self._take_place()
        except OSError as error:
            raise Problem(f"{self.target}: {error.strerror or error}{self._hint()}") from error
        if not self.options.quiet:
            for level in levels:
                sizes = " x ".join(map(str, level.array.shape))
                print(
                    f"{self.path} -> {self.target / level.name if level.name else self.target} "
                    f"({sizes} {level.array.dtype})"
                )
            print(f"{total - len(done)} blocks in {time.perf_counter() - start:.1f} s")
        return 0

    def _token(self, dask: Any) -> str:
        return "read-" + dask.base.tokenize(self.asked, self.blocks)

    def _hint(self) -> str:
        return "; what is done is kept, and --resume goes on" if self.journal.exists() else ""

    # -- what is there already --

    def _begun(self) -> set[tuple[int, ...]]:
        """The blocks that an earlier run has written; its sizes are taken over."""
        there = self.journal.exists() and self.part.exists()
        if not self.options.resume:
            if there:
                raise Problem(
                    f"{self.part}: is of a run that did not end; --resume goes on with it, or remove it"
                )
            _remove(self.part)
            _remove(self.journal)
            return set()
        if not there:
            return set()
        first, *lines = self.journal.read_text(encoding="utf-8").split("\n")
        try:
            begun = json.loads(first)
            sizes, self.where = begun.pop("blocks"), begun.pop("where")
        except (ValueError, KeyError, AttributeError, TypeError):
            return set()  # it ended before it began
        if begun != self.asked:
            raise Problem(
                f"{self.part}: is of another run (another input, version or option); remove it to begin anew"
            )
        self.blocks = sizes
        return {tuple(map(int, line.split())) for line in lines[:-1]}  # the last line may be cut off

    def _writers(self, levels: list[Level]) -> list[Any]:
        """What writes the levels, into arrays that are there if an earlier run has made them."""
        kind, path = self.kind if self.kind == "zarr" else "raw", str(self.part)
        if self.where is not None:
            return [
                _stores.Writer(kind, path, where, level.array.shape, level.array.dtype)
                for level, where in zip(levels, self.where, strict=True)
            ]
        _remove(self.part)
        _remove(self.journal)
        self.target.parent.mkdir(parents=True, exist_ok=True)
        try:
            writers = [
                _stores.create(
                    self.kind,
                    path,
                    level.name,
                    level.array.shape,
                    level.array.dtype,
                    level.chunks,
                    self.version,
                    self.names,
                )
                for level in levels
            ]
            head = self.asked | {"blocks": self.blocks, "where": [each.where for each in writers]}
            self.journal.write_text(json.dumps(head) + "\n", encoding="utf-8")
        except BaseException:
            _remove(self.part)
            raise
        return writers

    def _take_place(self) -> None:
        """The result is whole: give it its name. What had the name before goes last."""
        if self.attributes is not None:  # the store is an image from here on
            group = _stores.module("zarr").open_group(str(self.part), mode="a", zarr_format=self.version)
            group.attrs.update(self.attributes)
        if self.part.is_file():
            with open(self.part, "rb") as stream:
                os.fsync(stream.fileno())
        old = self.target.with_name(f"{self.target.name}.old-{os.urandom(4).hex()}")
        if self.target.is_dir():
            os.replace(self.target, old)
        os.replace(self.part, self.target)
        _remove(old)
        _remove(self.journal)

    # -- blocks --

    def _finish(
        self, stack: contextlib.ExitStack, dask: Any, graph: Any, keys: list[Any], total: int
    ) -> None:
        bar = stack.enter_context(_progress(total, total - len(keys), self.options.quiet))

        def written(key: Any) -> None:
            self._lines.write(" ".join(map(str, key[1:])) + "\n")
            self._lines.flush()
            bar.update()

        options = self.options
        try:
            if options.scheduler or options.workers or options.memory_limit:
                _on_cluster(stack, graph, keys, written, options)
            else:
                _by_threads(dask, graph, keys, written)
        except KeyboardInterrupt:
            bar.close()
            sys.stderr.write(f"cpool: interrupted{self._hint()}\n")
            raise
        except OSError:
            raise
        except Exception as error:
            text = str(error) or type(error).__name__
            raise Problem(f"{self.path}: {text}{self._hint()}") from error


def _quiet_zarr() -> None:
    """What its event loop says of writes that have not ended, after one of them has failed."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _blocked(level: Level) -> Any:
    """The values in blocks that are whole chunks of the file: of about the size that they have."""
    sizes = []
    for size, parts, n in zip(level.chunks, level.array.chunks, level.array.shape, strict=True):
        sizes.append(min(n, max(size, max(parts) // size * size)))
    return level.array.rechunk(tuple(sizes))


def _stored(levels: list[Level], writers: list[Any], done: set[tuple[int, ...]]) -> tuple[Any, list[Any]]:
    """A graph that writes, and the keys of the blocks that are to be written: (name, level, *index)."""
    graph, keys, depends = {}, [], []
    for number, (level, writer) in enumerate(zip(levels, writers, strict=True)):
        array = _blocked(level)
        depends.append(array)
        starts = [[0, *np.cumsum(sizes)[:-1].tolist()] for sizes in array.chunks]
        for index in np.ndindex(*array.numblocks):
            if (number, *index) not in done:
                keys.append((f"write-{array.name}", number, *index))
                start = tuple(each[i] for each, i in zip(starts, index, strict=True))
                graph[keys[-1]] = (writer, start, (array.name, *index))
    dask = _dask()
    name = f"write-{dask.base.tokenize(*(each.name for each in depends))}"
    return dask.highlevelgraph.HighLevelGraph.from_collections(name, graph, dependencies=depends), keys


def _by_threads(dask: Any, graph: Any, keys: list[Any], written: Callable[[Any], None]) -> None:
    wanted = set(keys)

    def after(key: Any, *_: Any) -> None:
        if key in wanted:
            written(key)

    with dask.callbacks.Callback(posttask=after):
        dask.threaded.get(graph.cull(keys), keys, num_workers=_processors())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _on_cluster(
    stack: contextlib.ExitStack,
    graph: Any,
    keys: list[Any],
    written: Callable[[Any], None],
    options: argparse.Namespace,
) -> None:
    distributed = _stores.module("distributed")
    if options.scheduler:
        try:
            client = distributed.Client(options.scheduler, timeout=_PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise Problem(f"--scheduler {options.scheduler}: no scheduler answers there") from error
    else:
        client = distributed.Client(
            stack.enter_context(
                distributed.LocalCluster(
                    n_workers=options.workers or _processors(),
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    memory_limit=options.memory_limit or "auto",
                    silence_logs=logging.CRITICAL,
                )
            )
        )
    stack.enter_context(client)
    if not options.scheduler:

        class Deaf(distributed.WorkerPlugin):
            """Ctrl-C in a terminal goes to all processes; it is for the one that ends the others."""

            def setup(self, worker: Any) -> None:
                _quiet_zarr()
                signal.signal(signal.SIGINT, signal.SIG_IGN)

        client.register_plugin(Deaf())
    futures = client.get(graph, keys, sync=False)
    try:
        for future in distributed.as_completed(futures, raise_errors=False):
            if future.status == "finished":
                written(future.key)
                future.release()
                continue
            error = future.exception() if future.status == "error" else None
            if isinstance(error, distributed.scheduler.KilledWorker):
                count = error.allowed_failures + 1
                raise Problem(f"{count} workers in turn died of one task: they may need more --memory-limit")
            raise error or Problem("the cluster has given up a task")
    finally:
        client.cancel(futures)


@contextlib.contextmanager
def _progress(total: int, done: int, quiet: bool) -> Iterator[Any]:
    """A bar with the time that is left, on standard error."""
    tqdm = None if quiet else _stores.module("tqdm").tqdm
    bar = argparse.Namespace(update=lambda: None, close=lambda: None)
    if tqdm:
        pace = 0.1 if sys.stderr.isatty() else 10.0  # a log file needs no animation
        bar = tqdm(total=total, initial=done, unit="block", mininterval=pace, file=sys.stderr)
    try:
        yield bar
    finally:
        bar.close()
