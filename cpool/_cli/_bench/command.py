"""`cpool bench`: cpool and the libraries that are installed, side by side on this machine."""

import argparse
import difflib
import fnmatch
import importlib.util
import json
import math
import os
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

import cpool
from cpool._cli import _files
from cpool._cli._bench import table
from cpool._cli._bench.measure import FLOOR, OURS, measure, version
from cpool._cli._bench.peers import PEERS
from cpool._cli._bench.table import WIDTH
from cpool._cli._bench.workloads import FIRST, LAST, USUAL, WORKLOADS, Workload
from cpool._cli._files import Problem


def run(options: argparse.Namespace) -> int:
    """List the workloads, or measure the chosen ones, print the tables and write the files."""
    if options.list:
        _list()
        return 0
    chosen = _chosen(options)
    names = _peers(options.peers)
    for path in (options.json, options.plot):
        if path is not None:
            _check_target(Path(path))
    if options.plot is not None:
        _check_plot(Path(options.plot))
    threads = options.threads or cpool.get_num_threads()
    report: dict[str, Any] = {}
    steps = measure(report, chosen, names, threads, options.rounds)
    table.print_head(next(steps))
    for row in steps:
        table.print_row(row, reasons=options.peers is not None)
    table.print_summary(report["workloads"])
    if options.json is not None:
        with _files.replacing(Path(options.json)) as stream:
            stream.write((json.dumps(report, indent=1) + "\n").encode())
    if options.plot is not None:
        from cpool._cli._bench import plot

        with _files.replacing(Path(options.plot)) as stream:
            plot.draw(report, stream, Path(options.plot).suffix.lower()[1:])
    for path in (options.json, options.plot):
        if path is not None:
            print(f"written: {os.path.abspath(path)}")
    return 0


# ---- what is asked for ----


def _list() -> None:
    print("Workloads; those marked * are measured when none is named.\n")
    for name, each in WORKLOADS.items():
        mark = "*" if name in USUAL else " "
        lines = textwrap.wrap(each.describe(), WIDTH - 31)
        print(f"{mark} {name:<29}{lines[0]}")
        for line in lines[1:]:
            print(" " * 31 + line)
    print("\nLibraries:\n")
    for name, peer in PEERS.items():
        if name not in (FLOOR, OURS):
            found = f"{peer.distribution} {version(name)}" if _installed(name) else "not installed"
            print(f"  {name:<29}{found}")


def _chosen(options: argparse.Namespace) -> list[Workload]:
    """Return the workloads that the arguments name or describe."""
    given = [
        flag
        for flag in (
            "op",
            "kernel",
            "stride",
            "padding",
            "output_size",
            "dtype",
            "layout",
            "ndim",
            "norm_type",
        )
        if getattr(options, flag) is not None
    ] + [flag for flag in ("indices", "backward", "exclude_pad") if getattr(options, flag)]
    if options.shape is None:
        if given:
            raise Problem(f"--{given[0].replace('_', '-')} describes the layer of --shape, which is missing")
        chosen = _named(options.names, options.all)
    elif options.names or options.all:
        raise Problem("names and --shape exclude each other: one run measures the one or the other")
    else:
        chosen = [_described(options)]
    for each in chosen:
        _check_memory(each)
    if importlib.util.find_spec("ml_dtypes") is None:
        able = [each for each in chosen if each.dtype != "bfloat16"]
        if len(able) < len(chosen) and (options.names or options.shape):
            raise Problem("bfloat16 arrays need ml_dtypes: pip install ml_dtypes")
        chosen = able
    return chosen


def _named(patterns: list[str], everything: bool) -> list[Workload]:
    if everything and patterns:
        raise Problem("--all needs no names")
    if not patterns:
        return list(WORKLOADS.values()) if everything else [WORKLOADS[name] for name in USUAL]
    found: dict[str, Workload] = {}
    for pattern in patterns:
        names = [
            name
            for name in WORKLOADS
            if name == pattern or name.partition("/")[0] == pattern or fnmatch.fnmatchcase(name, pattern)
        ]
        if not names:
            groups = {name.partition("/")[0] for name in WORKLOADS}
            near = difflib.get_close_matches(pattern, [*WORKLOADS, *sorted(groups)], 1, 0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise Problem(f"no workload is named {pattern!r}; {hint}cpool bench --list shows them all")
        found |= {name: WORKLOADS[name] for name in names}
    return list(found.values())


def _described(options: argparse.Namespace) -> Workload:
    """Return the layer that --shape and its companions describe, if it is one."""
    if options.op is None:
        raise Problem("--shape needs --op, such as --op max")
    family = options.op.rpartition("_")[0]
    kind = options.op.rpartition("_")[2]
    layout = options.layout or FIRST
    shape = options.shape
    sizes = [
        each
        for each in (options.kernel, options.stride, options.padding, options.output_size)
        if each and len(each) > 1
    ]
    ndim = options.ndim or (
        len(sizes[0]) if sizes else max(1, min(3, len(shape) - 2 if len(shape) > 2 else len(shape)))
    )
    last = layout == LAST
    if len(shape) < ndim + last:
        channels = " and the channels" if last else ""
        raise Problem(f"--shape {_times(shape)} has {len(shape)} axes: {ndim} to pool{channels} do not fit")

    def each(name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        value = getattr(options, name)
        if value is None:
            return default
        if len(value) not in (1, ndim):
            raise Problem(
                f"--{name.replace('_', '-')} {_times(value)} has {len(value)} sizes; {ndim} axes are pooled"
            )
        return value * ndim if len(value) == 1 else value

    windows = family == ""
    flags = {
        "kernel": windows, "stride": windows, "padding": windows, "output_size": family == "adaptive",
        "norm_type": kind == "lp", "exclude_pad": options.op == "avg", "indices": kind in ("max", "min"),
    }  # fmt: skip
    for name, fits in flags.items():
        if not fits and getattr(options, name) not in (None, False):
            raise Problem(f"--{name.replace('_', '-')} has no meaning for --op {options.op}")
    needed = {"": "kernel", "adaptive": "output_size"}.get(family)
    if needed and getattr(options, needed) is None:
        raise Problem(f"--op {options.op} needs --{needed.replace('_', '-')}")
    if options.backward and options.indices:
        raise Problem("--indices has no meaning for --backward")
    dtype = options.dtype or "float32"
    if options.backward and "float" not in dtype:
        raise Problem(f"--backward needs a floating-point --dtype, not {dtype}")
    logical = (*shape[: -ndim - 1], shape[-1], *shape[-ndim - 1 : -1]) if last else shape
    kernel = each("kernel")
    chosen = Workload(
        name=f"{options.op} {_times(shape)}",
        op=f"{options.op}_pool",
        ndim=ndim,
        shape=logical,
        kernel=kernel,
        stride=each("stride", kernel),
        padding=each("padding", (0,) * len(kernel)),
        output_size=each("output_size"),
        dtype=dtype,
        layout=layout,
        include_pad=not options.exclude_pad,
        indices=options.indices,
        norm_type=2.0 if options.norm_type is None else options.norm_type,
        backward=options.backward,
    )
    try:
        if kernel:
            cpool.output_shape(shape, kernel, chosen.stride, chosen.padding, data_format=layout)
        small = [1] * len(chosen.leading) + list(chosen.spatial)
        if math.prod(small) <= 1 << 22:  # the library's own objections, if the array is at hand at once
            arguments = {
                k: v for k, v in chosen.arguments().items() if k not in ("data_format", "return_indices")
            }
            getattr(cpool, chosen.function.removesuffix("_backward"))(
                np.zeros(small, _numpy(dtype)), **arguments
            )
    except (ValueError, TypeError) as error:
        raise Problem(f"--shape {_times(shape)} with --op {options.op}: {error}") from error
    return chosen


def _numpy(name: str) -> Any:
    if name == "bfloat16":
        return np.float32
    return np.dtype(name)


def _times(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


def _check_memory(chosen: Workload) -> None:
    """Refuse what cannot be held several times over: here, in a library, as a result and its comparison."""
    needed = 3 * chosen.bytes_moved + 4 * math.prod(chosen.shape)
    try:
        present = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not a POSIX system
        present = 1 << 34
    if needed > present:
        raise Problem(
            f"{chosen.name}: measuring takes about {needed / 1e9:.3g} GB; "
            f"this machine has {present / 1e9:.3g} GB"
        )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(PEERS[name].module) is not None
    except (ImportError, ValueError):
        return False


def _peers(asked: str | None) -> list[str]:
    """Return the names of the libraries to measure: the floor and cpool first."""
    others = [name for name in PEERS if name not in (FLOOR, OURS)]
    if asked is None:
        return [FLOOR, OURS, *filter(_installed, others)]
    found = []
    for word in filter(None, (part.strip() for part in asked.split(","))):
        names = [name for name in others if word == name or word == name.partition("-")[0]]
        if word == OURS:
            continue
        if not names:
            raise Problem(f"--peers: no library {word!r} among {', '.join(others)}")
        if not _installed(names[0]):
            raise Problem(f"--peers: {word} is not installed for {sys.executable}")
        found += [name for name in names if name not in found]
    return [FLOOR, OURS, *found]


def _check_target(path: Path) -> None:
    """Find out before measuring whether the file can be written."""
    if path.is_dir():
        raise Problem(f"{path}: is a folder")
    folder = path.parent
    if not folder.is_dir():
        raise Problem(f"{path}: there is no folder {folder}")
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".cpool-"):
            pass
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from error


def _check_plot(path: Path) -> None:
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise Problem(f"{path}: a plot is a .png, .svg or .pdf file")
    if importlib.util.find_spec("matplotlib") is None:
        raise Problem('--plot needs matplotlib: pip install "cpool[bench]"')
