"""One library in a process of its own, so that no library's threads or settings reach another's turn.

`python worker.py PEER THREADS FOLDER`: reads requests from standard input, one line of JSON each, and answers
each with a line on what was standard output. FOLDER is where the cpool lies that is to be measured.
"""

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

# Under a name of their own: to import the package cpool would load its OpenMP before the library's.
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from _bench import common, peers, workloads


def main(name: str, threads: int, folder: str) -> None:
    # libraries print what they like; answers have a channel of their own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    peer = peers.PEERS[name]
    if name == "cpool":
        sys.path.insert(0, folder)
    try:
        importlib.import_module(peer.module)
    except Exception as error:  # an installation can be broken in any way
        answer({"problem": _line(error)})
        return
    if name == "cpool":
        sys.path.remove(folder)
    answer({"ready": True})

    ready: common.Call | None = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            ready = None
            gc.collect()
            try:
                ready, content = _prepare(peer, request, threads)
            except common.Cannot as reason:
                content = {"cannot": str(reason)}
            except MemoryError:
                content = {"cannot": "not enough memory"}
            except Exception as error:
                content = {"cannot": _line(error)}
            answer(content)
        elif request["do"] == "time" and ready is not None:
            gc.disable()
            answer({"seconds": _timed(ready, request["calls"], request["warm"])})
            gc.enable()


def _prepare(peer: peers.Peer, request: dict[str, Any], threads: int) -> tuple[common.Call, dict[str, Any]]:
    """Make the call, compare its result with the one expected, and guess how long it takes."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in request["workload"].items()}
    chosen = workloads.Workload(**fields)
    arrays = {name: load(path, chosen) for name, path in request["inputs"].items()}
    ready = peer.make(chosen, arrays, threads)
    if ready.timed is not None:
        return ready, {"estimate": min(ready.timed(1) for _ in range(3)), "verdict": ""}
    result = ready.call()
    expected = [load(path, chosen) for path in request["expected"]]
    verdict = common.compare(ready.results(result), expected) if expected else ""
    del result, expected
    estimate = _timed(ready, 1, False)
    if estimate < 0.01:
        estimate = min(estimate, _timed(ready, 3, False) / 3)
    return ready, {"estimate": estimate, "verdict": verdict}


def _timed(ready: common.Call, calls: int, warm: bool) -> float:
    if ready.timed is not None:
        if warm:
            ready.timed(1)
        return ready.timed(calls)
    call = ready.call
    if warm:
        call()
    loop = range(calls)
    start = time.perf_counter()
    for _ in loop:
        call()
    return time.perf_counter() - start


def load(path: str, chosen: workloads.Workload) -> np.ndarray:
    """Read an array that `command` saved; bfloat16 travels as 16-bit integers."""
    array = np.load(path)
    if chosen.dtype == "bfloat16" and array.dtype == np.uint16:
        from ml_dtypes import bfloat16

        array = array.view(bfloat16)
    return array


def _line(error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:160]


if __name__ == "__main__":  # pragma: no branch (a program, which nothing imports)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
