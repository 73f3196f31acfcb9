"""Measuring: every library in a process of its own, which stands still while another is asked."""

import contextlib
import importlib.metadata
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import cpool
from cpool._cli._bench.peers import PEERS
from cpool._cli._bench.workloads import Workload, inputs
from cpool._cli._files import Problem

TURN = 0.02  # seconds that a library's turn lasts, if its calls are short
PATIENCE = 1.0  # seconds: calls longer than this get fewer rounds
TINY = 1 << 16  # bytes: below, a call is all overhead, and copying says nothing about it
FLOOR, OURS = "copy", "cpool"


class _Worker:
    """A library that waits to be asked. It stands still while another is asked: its threads cannot spin."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        values = {
            "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads,
            "CPOOL_NUM_THREADS": threads, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": 3, "OPENCV_LOG_LEVEL": "ERROR", "PYTHONDONTWRITEBYTECODE": 1,
        }  # fmt: skip
        folder = Path(__file__).parents[3]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                str(Path(__file__).with_name("worker.py")),
                name,
                str(threads),
                str(folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {name: str(value) for name, value in values.items()},
            text=True,
            encoding="utf-8",
            process_group=0,
        )
        _bind(self._process.pid, threads)
        self.about = self._read()
        self._stop()

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._go()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            return {"cannot": "its process ended"}
        answer = self._read()
        self._stop()
        return answer

    def end(self) -> None:
        """End the process, and what it has started: such a child would hold the pipes open."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"cannot": "its process ended", "problem": "its process ended"}

    def _stop(self) -> None:
        self._signal("SIGSTOP")

    def _go(self) -> None:
        self._signal("SIGCONT")

    def _signal(self, name: str) -> None:
        if hasattr(signal, name) and self._process.poll() is None:
            self._process.send_signal(getattr(signal, name))


def _bind(process: int, threads: int) -> None:
    """Give every library the same processors, as many as threads: not all of them let themselves be told."""
    if not hasattr(os, "sched_setaffinity"):
        return
    usable = sorted(os.sched_getaffinity(0))
    if threads >= len(usable):
        return
    cores: dict[str, list[int]] = {}
    for processor in usable:
        try:
            path = f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list"
            core = Path(path).read_text()
        except OSError:
            core = str(processor)
        cores.setdefault(core, []).append(processor)
    # one processor of every core before a second one of any; the last cores have fewer interrupts
    order = sorted(usable, key=lambda each: min(v.index(each) for v in cores.values() if each in v))
    firsts = [each for each in reversed(order) if any(v[0] == each for v in cores.values())]
    rest = [each for each in order if each not in firsts]
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process, (firsts + rest)[:threads])


@contextlib.contextmanager
def _workers(names: list[str], threads: int) -> Iterator[dict[str, _Worker]]:
    running: dict[str, _Worker] = {}
    try:
        for name in names:
            running[name] = _Worker(name, threads)
        yield running
    finally:
        for worker in running.values():
            worker.end()


# ---- measuring ----


def version(name: str) -> str:
    module = PEERS[name].module
    for distribution in (
        PEERS[name].distribution,
        *importlib.metadata.packages_distributions().get(module, ()),
    ):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(distribution)
    return "(version unknown)"


def measure(
    report: dict[str, Any], chosen: list[Workload], names: list[str], threads: int, rounds: int
) -> Iterator[dict[str, Any]]:
    """Fill `report`: first yield it with all but the workloads, then every workload as it is measured."""
    with _workers(names, threads) as running, tempfile.TemporaryDirectory(prefix="cpool-bench-") as folder:
        problems = {name: each.about["problem"] for name, each in running.items() if "problem" in each.about}
        if OURS in problems:
            raise Problem(f"cpool could not be started: {problems[OURS]}")
        able = {name: each for name, each in running.items() if name not in problems}
        report |= {
            "cpool": cpool.__version__,
            "machine": _machine(),
            "python": platform.python_version(),
            "threads": threads,
            "rounds": rounds,
            "versions": {PEERS[name].distribution: version(name) for name in able if name != OURS},
            "problems": problems,
            "workloads": [],
        }
        yield report
        for each in chosen:
            report["workloads"].append(_one(each, able, Path(folder), rounds))
            yield report["workloads"][-1]


def _machine() -> str:
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {count(processors or 1, 'processor')}, {platform.system()}"


def count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")


def _one(chosen: Workload, running: dict[str, _Worker], folder: Path, rounds: int) -> dict[str, Any]:
    """Measure one workload: every library prepares, then they take turns."""
    files, expected = _saved(chosen, folder)
    row: dict[str, Any] = {
        "name": chosen.name,
        "what": chosen.describe(),
        "bytes": chosen.bytes_moved,
        "libraries": {},
        "not_measured": {},
    }
    calls: dict[str, int] = {}
    turns: dict[str, int] = {}
    times: dict[str, list[float]] = {}
    with _status() as say:
        for name, worker in running.items():
            say(f"{chosen.name}: {name}")
            answer = worker.ask(do="prepare", workload=chosen._asdict(), inputs=files, expected=expected)
            if "cannot" in answer:
                if name == OURS:
                    raise Problem(f"{chosen.name}: {answer['cannot']}")
                row["not_measured"][name] = answer["cannot"]
                continue
            once = max(answer["estimate"], 1e-8)
            calls[name] = max(1, min(100_000, int(TURN / once)))
            turns[name] = rounds if once < PATIENCE else max(1, min(rounds, int(3 * PATIENCE / once)))
            times[name] = []
            row["libraries"][name] = {"verdict": answer["verdict"]}
        for turn in range(rounds):
            for name in calls:
                if turn < turns[name]:
                    say(f"{chosen.name}: round {turn + 1} of {rounds}, {name}")
                    warm = calls[name] > 1 or turns[name] == rounds
                    answer = running[name].ask(do="time", calls=calls[name], warm=warm)
                    if "seconds" in answer:
                        times[name].append(answer["seconds"] / calls[name])
    for path in folder.iterdir():
        path.unlink()
    for name, taken in times.items():
        if taken:
            more = {
                "median_s": statistics.median(taken),
                "min_s": min(taken),
                "rounds": len(taken),
                "calls": calls[name],
            }
            row["libraries"][name] |= more
        else:
            del row["libraries"][name]
            row["not_measured"][name] = "its process ended"
    if OURS not in row["libraries"]:
        raise Problem(f"{chosen.name}: the process of cpool ended")
    row |= _ratios(row)
    return row


def _saved(chosen: Workload, folder: Path) -> tuple[dict[str, str], list[str]]:
    """Write the inputs and cpool's result where the workers find them."""

    def save(name: str, array: np.ndarray) -> str:
        path = folder / f"{name}.npy"
        np.save(path, array.view(np.uint16) if array.dtype.name == "bfloat16" else array)
        return str(path)

    try:
        arrays = inputs(chosen)
        files = {name: save(name, array) for name, array in arrays.items()}
        result = PEERS[OURS].make(chosen, arrays, cpool.get_num_threads()).call()
        found = result if isinstance(result, tuple) else (result,)
        return files, [save(f"expected-{i}", array) for i, array in enumerate(found)]
    except OSError as error:
        raise Problem(f"{folder}: {error.strerror or error}") from error
    except (ValueError, TypeError) as error:
        raise Problem(f"{chosen.name}: {error}") from error


def agrees(library: dict[str, Any]) -> bool:
    """Return whether a library computed what cpool did, but for rounding."""
    return library["verdict"] in ("same", "close")


def _ratios(row: dict[str, Any]) -> dict[str, Any]:
    found = row["libraries"]
    ours = found[OURS]["median_s"]
    others = {
        name: each["median_s"] for name, each in found.items() if name not in (FLOOR, OURS) and agrees(each)
    }
    fastest = min(others, key=lambda name: others[name]) if others else None
    floor = found[FLOOR]["median_s"] if FLOOR in found else None
    return {
        "fastest_other": fastest,
        "faster": others[fastest] / ours if fastest else None,
        "over_copy": ours / floor if floor and row["bytes"] >= TINY else None,
    }


@contextlib.contextmanager
def _status() -> Iterator[Any]:
    """Show on a terminal what is being done; nothing of it stays."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return

    def say(text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text[:79]}")
        sys.stderr.flush()

    try:
        yield say
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
