"""One pooling command over one file, many files, a folder or a pipe."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import cpool
from cpool._cli import _files
from cpool._cli._files import PICTURES, PIPE, SUFFIXES, Problem


def run(options: argparse.Namespace) -> int:
    """Pool every file that `options` names. Return 0, or 2 if any of them failed."""
    from cpool._cli import _large

    if _large.wanted(options):
        return _large.pool(options)
    jobs = _jobs([Path(name) for name in options.files], options.output, options.command)
    threads = cpool.num_threads(options.threads) if options.threads else contextlib.nullcontext()
    failed = clipped = 0
    with threads:
        for source, target in _progress(jobs, options.quiet):
            try:
                clipped += _one(source, target, options, alone=len(jobs) == 1)
            except (Problem, ValueError, TypeError, MemoryError) as error:
                text = str(error) or "not enough memory"
                if not isinstance(error, Problem):
                    text = f"{source}: {text}"
                if len(jobs) == 1:
                    raise Problem(text) from error
                failed += 1
                _say(f"cpool: {text}")
    if clipped and not options.quiet:
        _say(f"cpool: note: {clipped} values were clipped to fit the picture; an .npy output keeps them")
    if len(jobs) > 1 and not options.quiet:
        folder = f" in {jobs[0][1].parent}" if len({target.parent for _, target in jobs}) == 1 else ""
        print(f"{len(jobs) - failed} of {len(jobs)} files pooled{folder}")
    return 2 if failed else 0


def _one(source: Path, target: Path, options: argparse.Namespace, alone: bool) -> int:
    """Pool one file into another. Return how many values had to be clipped to fit a picture."""
    content = _files.read(source)
    if content.note and not options.quiet:
        _say(f"cpool: note: {content.note}")
    if options.key:
        missing = [key for key in options.key if key not in content.arrays]
        if content.kind != "npz" or missing:
            raise Problem(f"{source}: has no array named {missing[0] if missing else options.key[0]!r}")
        content = content._replace(arrays={key: content.arrays[key] for key in options.key})
    pooled = {}
    clipped = 0
    start = time.perf_counter()
    for name, array in content.arrays.items():
        try:
            result = applied(array, content.kind == "picture", options)
        except (ValueError, TypeError) as error:
            if content.kind == "npz":
                raise Problem(f"{source}[{name!r}]: {error}") from error
            raise
        if target.suffix.lower() in PICTURES:
            if content.kind == "picture":
                result, count = _as_pixels(result, array.dtype)
                clipped += count
            elif result.ndim == 3 and not options.channels_last:
                result = np.moveaxis(result, 0, 2)
        pooled[name] = result
    took = time.perf_counter() - start
    _files.write(target, content._replace(arrays=pooled))
    if alone and target != PIPE and not options.quiet:
        before, after = (_summary(arrays) for arrays in (content.arrays, pooled))
        print(f"{source} ({before}) -> {target} ({after}), pooled in {took * 1e3:.3g} ms")
    return clipped


def applied(x: Any, picture: bool, options: argparse.Namespace, library: Any = cpool) -> Any:
    """Call the function of a library that the command and the number of dimensions name."""
    given = (options.kernel, options.stride, options.dilation)
    ndim = options.ndim or max(len(sizes) for sizes in given if sizes is not None)
    if ndim == 1 and not options.ndim:
        ndim = min(2, max(1, x.ndim))
    if picture and ndim != 2:
        raise Problem(f"pictures are pooled in 2 dimensions, not {ndim}")
    channels_last = x.ndim == 3 if picture else options.channels_last
    arguments: dict[str, Any] = {
        "kernel_size": _plain(options.kernel),
        "stride": _plain(options.stride),
        "padding": options.padding,
        "dilation": _plain(options.dilation),
        "ceil_mode": options.ceil,
        "data_format": "channels_last" if channels_last else "channels_first",
    }
    for name in ("norm_type", "normalize", "dtype"):
        if getattr(options, name, None) is not None:
            arguments[name] = getattr(options, name)
    if getattr(options, "exclude_pad", False):
        arguments["count_include_pad"] = False
    if options.command == "lp" and "dtype" not in arguments and x.dtype.kind in "biu":
        arguments["dtype"] = "float32" if x.dtype.itemsize <= 2 else "float64"
    return getattr(library, f"{options.command}_pool{ndim}d")(x, **arguments)


def _plain(values: tuple[int, ...] | None) -> int | tuple[int, ...] | None:
    """Return a lone number by itself: the library spreads it over all axes."""
    return values[0] if values is not None and len(values) == 1 else values


def _as_pixels(result: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, int]:
    """Bring a result back to the sample type of its picture: rounded, clipped to its range."""
    if result.dtype == dtype or dtype.kind == "f":
        return result.astype(dtype, copy=False), 0
    limits = np.iinfo(dtype)
    rounded = np.rint(result) if result.dtype.kind == "f" else result
    clipped = int(np.count_nonzero((rounded < limits.min) | (rounded > limits.max)))
    return np.clip(rounded, limits.min, limits.max).astype(dtype), clipped


def _summary(arrays: dict[str, np.ndarray]) -> str:
    if len(arrays) > 1:
        return f"{len(arrays)} arrays"
    (array,) = arrays.values()
    return f"{' x '.join(map(str, array.shape))} {array.dtype}"


# ---- which file goes where ----


def _jobs(sources: list[Path], output: str | None, command: str) -> list[tuple[Path, Path]]:
    """Return (source, target) for every file to pool; no target is one of the sources."""
    target = None if output is None else Path(output)
    if PIPE in sources or target == PIPE:
        if len(sources) > 1 or sources[0].is_dir():
            raise Problem("'-' carries one array: give exactly one FILE with it")
        jobs = [(sources[0], target or PIPE)]
    elif len(sources) == 1 and sources[0].is_dir():
        folder = sources[0] if sources[0].name not in ("", "..") else sources[0].resolve()
        into = target or folder.with_name(f"{folder.name}-{command}")
        jobs = [(source, into / source.name) for source in _listing(sources[0])]
        _check_folder(into)
    elif len(sources) > 1:
        files = [file for source in sources for file in (_listing(source) if source.is_dir() else [source])]
        jobs = [(file, target / file.name if target else _beside(file, command)) for file in files]
        if target:
            _check_folder(target)
    else:
        (source,) = sources
        if target and (target.is_dir() or (output or "").endswith(("/", os.sep))):
            target = target / source.name
        jobs = [(source, target or _beside(source, command))]
    _check_jobs(jobs)
    return jobs


def _listing(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError as error:
        raise Problem(f"{folder}: {error.strerror}") from error
    if not found:
        raise Problem(f"{folder}: holds no {', '.join(SUFFIXES)} files")
    return sorted(found)


def _beside(source: Path, command: str) -> Path:
    return source.with_name(f"{source.stem}-{command}{source.suffix}")


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Problem(f"{folder}: several files need a folder as --output, and this is a file")


def _check_jobs(jobs: list[tuple[Path, Path]]) -> None:
    sources = {os.path.realpath(source): source for source, _ in jobs}
    targets: dict[str, Path] = {}
    for source, target in jobs:
        suffixes = _files.suffix_of(source), _files.suffix_of(target)
        if suffixes.count(".npz") == 1:
            raise Problem(f"{target}: .npz archives become .npz archives, and nothing else does")
        if source != PIPE and not source.exists():
            number = source.name.replace(",", "").isdigit()
            hint = " (several sizes are written with commas: --kernel 2,3)" if number else ""
            raise Problem(f"{source}: no such file{hint}")
        if target == PIPE:
            continue
        real = os.path.realpath(target)
        if real in sources or (target.exists() and source != PIPE and os.path.samefile(source, target)):
            raise Problem(f"{target}: is an input; it would be overwritten with its own result")
        if real in targets:
            raise Problem(f"{target}: would be written for {targets[real]} and for {source}")
        targets[real] = source


# ---- what is seen while it runs ----


def _progress(jobs: list[tuple[Path, Path]], quiet: bool) -> Iterable[tuple[Path, Path]]:
    """Show a progress bar on standard error when there is more than one file."""
    if len(jobs) == 1 or quiet:
        return jobs
    try:
        from tqdm import tqdm
    except ImportError:
        return jobs
    pace = 0.1 if sys.stderr.isatty() else 10.0  # a log file needs no animation
    return _bar(tqdm(jobs, unit="file", mininterval=pace, file=sys.stderr))


def _bar(bar: Any) -> Iterator[tuple[Path, Path]]:
    with bar:
        yield from bar


def _say(line: str) -> None:
    """Print one line on standard error, above the progress bar if there is one."""
    line = " ".join(line.split())
    if "tqdm" in sys.modules:
        sys.modules["tqdm"].tqdm.write(line, file=sys.stderr)
    else:
        print(line, file=sys.stderr)
