"""`cpool bench` where something goes wrong or is rare: refusals, processes that end, other machines."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import cpool
from cpool import __main__ as cli
from cpool._cli._bench import command, measure, peers
from cpool._cli._bench.common import Cannot
from cpool._cli._bench.workloads import LAST, WORKLOADS, inputs, workload
from cpool._cli._files import Problem

TINY = WORKLOADS["tiny/max_4x4"]
CENTRED = {"kernel": 3, "stride": 1, "padding": 1}


# ---- what libraries refuse ----


@pytest.mark.parametrize(
    ("name", "op", "shape", "arguments", "says"),
    [
        ("cpool", "nosuch_pool", (8, 8), {"kernel": 2}, "no nosuch_pool2d in cpool"),
        ("numpy-reshape", "global_max_pool", (2, 3, 4, 4), {"indices": True}, "no indices"),
        ("numpy-slices", "max_pool", (9, 9), {"kernel": 9}, "only windows of at most 64 taps"),
        ("numpy-slices", "lp_pool", (8, 8), {"kernel": 2, "norm_type": 3.0}, "only p = 2"),
        ("torch", "max_pool", (1, 1, 8, 8), {"kernel": 2, "dtype": "bool"}, "not implemented"),
        ("torch", "global_lp_pool", (1, 1, 8, 8), {}, "no such operator"),
        ("torch", "lp_pool", (1, 1, 8, 8), {"kernel": 2, "padding": 1}, "no padding of norms"),
        ("torch", "sum_pool", (1, 1, 8), {"kernel": 2, "ndim": 1}, "no such operator"),
        ("onnxruntime", "lp_pool", (1, 1, 8, 8), {"kernel": 2, "norm_type": 1.5}, "only whole p"),
        ("openvino", "avg_pool", (8, 8), {"kernel": 2, "dtype": "uint8"}, "only means of floats"),
        ("jax", "max_pool", (1, 1, 20, 20), {"kernel": 17}, "only windows of at most 256 taps"),
        ("jax", "global_lp_pool", (1, 1, 8, 8), {}, "no such operator"),
        ("tensorflow", "avg_pool", (8, 8), {"kernel": 2, "dtype": "uint8"}, "only means of floats"),
        ("tensorflow", "max_pool", (1, 8), {"kernel": 2, "ndim": 1, "padding": 1}, "only numeric padding"),
        ("opencv", "max_pool", (9, 9), CENTRED | {"dtype": "int64"}, "no int64"),
        ("opencv", "avg_pool", (9, 9), CENTRED | {"values": "masked"}, "no masks"),
        ("torch", "max_pool", (9, 9), CENTRED | {"values": "masked"}, "only masked means of floats"),
        ("opencv", "median_pool", (9, 9), {"kernel": 7, "stride": 1}, "only medians of square windows"),
        ("opencv", "max_pool", (8, 8), {"kernel": 2}, "only means of blocks, and filters"),
        ("tensorflow", "max_pool", (8, 8), {"kernel": 2, "dtype": "bool"}, "no bool max_pool2d"),
        ("opencv", "sum_pool", (9, 9), CENTRED, "only means of blocks, and filters"),
        ("opencv", "max_pool", (2, 8, 8), {"kernel": 2}, "only pictures of at most 4 channels"),
        ("opencv", "max_pool", (2, 1, 8, 8), {"kernel": 2}, "only single pictures"),
        ("scipy", "max_pool", (9, 9), CENTRED | {"dtype": "float16"}, "no float16"),
        ("scikit-image", "std_pool", (8, 8), {"kernel": 2, "dtype": "uint8"}, "only medians and deviations"),
        ("tinybrain", "max_pool", (3, 8, 8), {"kernel": 2, "layout": LAST}, "only one channel"),
        ("tinybrain", "max_pool", (9, 9), {"kernel": 2}, "only max, mean and mode of blocks"),
    ],
)
def test_refusals(name, op, shape, arguments, says):
    pytest.importorskip(peers.PEERS[name].module)
    chosen = workload("", op, shape, **arguments)
    with pytest.raises(Cannot, match=says):
        peers.PEERS[name].make(chosen, inputs(chosen), 1)
    cpool.set_num_threads(None)


def test_a_library_without_the_package_that_writes_its_models(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(Cannot, match="needs the package onnx"):
        peers.PEERS["onnxruntime"].make(workload("", "max_pool", (1, 1, 8, 8), 2), {}, 1)


def test_windows_of_padded_truth():
    chosen = workload("", "min_pool", (9, 10), 3, 1, 1, dtype="bool")
    arrays = inputs(chosen)
    assert {False, True} == set(arrays["x"].flat)
    found = peers.PEERS["numpy-slices"].make(chosen, arrays, 1).call()
    np.testing.assert_array_equal(found, cpool.min_pool2d(arrays["x"], 3, 1, 1))


def test_values_of_workloads():
    x = inputs(workload("", "max_pool", (64, 64), 2, values="nan"))["x"]
    assert 10 < np.isnan(x).sum() < 100
    x = inputs(workload("", "max_pool", (64, 64), 2, values="sorted"))["x"]
    assert (np.diff(x.reshape(-1)) >= 0).all() and x[0, 0] < x[-1, -1]


# ---- the command line ----


def chosen_by(*arguments):
    return command._chosen(cli.build_parser().parse_args(["bench", *arguments]))


def test_arrays_too_large_to_be_tried_beforehand():
    (found,) = chosen_by("--shape", "4096x4096", "--op", "max", "--kernel", "2")
    assert found.shape == (4096, 4096) and found.kernel == (2, 2)


def test_libraries_by_name(monkeypatch):
    assert command._peers("cpool,numpy") == ["copy", "cpool", "numpy-reshape", "numpy-slices"]
    monkeypatch.setitem(sys.modules, "tinybrain", ModuleType("tinybrain"))     # without a spec
    with pytest.raises(Problem, match="tinybrain is not installed"):
        command._peers("tinybrain")


# ---- measuring, with processes that answer as they are told ----


class Told:
    """What a process would answer: to the question whether it can, and to every turn."""

    def __init__(self, *turns, estimate=1e-3, **first):
        self.answers = iter([{"estimate": estimate, "verdict": "same", **first}, *turns])

    def ask(self, **request):
        return next(self.answers)


ENDED = {"cannot": "its process ended"}


def test_a_library_that_ends_while_it_is_timed(tmp_path):
    running = {"copy": Told({"seconds": 0.02}), "cpool": Told({"seconds": 0.01}), "numpy-slices": Told(ENDED)}
    row = measure._one(TINY, running, tmp_path, 1)
    assert row["not_measured"] == {"numpy-slices": "its process ended"}
    assert set(row["libraries"]) == {"copy", "cpool"} and row["fastest_other"] is None
    assert not list(tmp_path.iterdir())


def test_slow_calls_get_fewer_rounds(tmp_path):
    turn = {"seconds": 0.1}
    running = {"cpool": Told(turn, turn), "numpy-slices": Told(turn, estimate=2)}
    found = measure._one(TINY, running, tmp_path, 2)["libraries"]
    assert {name: each["rounds"] for name, each in found.items()} == {"cpool": 2, "numpy-slices": 1}


@pytest.mark.parametrize(
    ("told", "says"),
    [(Told(ENDED), "the process of cpool ended"), (Told(cannot="not enough memory"), "not enough memory")],
)
def test_nothing_is_measured_without_cpool(told, says, tmp_path):
    with pytest.raises(Problem, match=f"tiny/max_4x4: {says}"):
        measure._one(TINY, {"cpool": told}, tmp_path, 1)


def test_cpool_that_cannot_be_imported(monkeypatch):
    class Broken:
        about = {"problem": "ImportError: no such file"}     # noqa: RUF012

        def __init__(self, *_):
            pass

        def end(self):
            pass

    monkeypatch.setattr(measure, "_Worker", Broken)
    with pytest.raises(Problem, match="cpool could not be started: ImportError: no such file"):
        next(measure.measure({}, [TINY], ["cpool"], 1, 1))


def test_arrays_that_cannot_be_made_or_kept(tmp_path):
    with pytest.raises(Problem, match="missing: No such file"):
        measure._saved(TINY, tmp_path / "missing")
    with pytest.raises(Problem, match="kernel_size"):
        measure._saved(workload("", "max_pool", (4, 4), 5), tmp_path)


def test_what_is_being_done_is_shown_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with measure._status() as say:
        say("tiny/max_4x4: " + "x" * 100)
        assert terminal.getvalue() == "\r\x1b[Ktiny/max_4x4: " + "x" * 65
    assert terminal.getvalue().endswith("\r\x1b[K")


# ---- processors ----


def files(texts):
    """A stand-in for Path whose files hold these texts."""

    class File:
        def __init__(self, path):
            self.path = path

        def read_text(self):
            if self.path not in texts:
                raise FileNotFoundError(self.path)
            return texts[self.path]

    return File


@pytest.mark.parametrize(("threads", "expected"), [(1, [3]), (2, [3, 1]), (3, [3, 1, 0]), (4, None)])
@pytest.mark.parametrize("allowed", [True, False])
def test_threads_get_a_core_each(threads, expected, allowed, monkeypatch):
    """Processors 0 and 2 are one core; of 1 and 3 the system says nothing."""
    bound = []

    def bind(process, processors):
        bound.append((process, processors))
        if not allowed:
            raise PermissionError

    place = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    monkeypatch.setattr(measure, "Path", files({place.format(i): "0,2\n" for i in (0, 2)}))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", bind, raising=False)
    measure._bind(77, threads)
    assert bound == ([] if expected is None else [(77, expected)])


def test_a_system_that_binds_no_processes_and_tells_nothing(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", None, raising=False)
    measure._bind(77, 1)
    monkeypatch.delattr(os, "sysconf", raising=False)
    with pytest.raises(Problem, match=r"this machine has 17\.2 GB"):
        command._check_memory(workload("", "max_pool", (1 << 16, 1 << 16), 2))


@pytest.mark.parametrize(
    ("text", "name"), [("a\nmodel name\t: Some CPU @ 3 GHz\n", "Some CPU @ 3 GHz"), ("a\n", "other")]
)
def test_the_name_of_the_processor(text, name, monkeypatch):
    monkeypatch.setattr(measure, "Path", files({"/proc/cpuinfo": text}))
    monkeypatch.setattr(measure.platform, "processor", lambda: "other")
    assert measure._machine().startswith(f"{name}, ")


# ---- the processes themselves ----


def test_a_process_that_has_ended(monkeypatch):
    worker = measure._Worker("numpy-slices", 1)
    try:
        assert worker.about == {"ready": True}
        worker._process.kill()
        worker._process.wait()
        assert worker.ask(do="time", calls=1, warm=False) == ENDED
        monkeypatch.delattr(os, "killpg", raising=False)     # nor is there such a call everywhere
    finally:
        worker.end()


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """Ask the program of a library all at once; return what it answers."""

    def answers(name, *requests, module=None):
        if module is not None:
            (tmp_path / "tinybrain.py").write_text(module)
            paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
            monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        done = subprocess.run(
            [sys.executable, "-P", Path(measure.__file__).with_name("worker.py"), name, "1",
             Path(cpool.__file__).parents[1]],
            input="".join(json.dumps(each) + "\n" for each in requests), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return answers


def prepared(chosen, folder):
    found, expected = measure._saved(chosen, folder)
    return {"do": "prepare", "workload": chosen._asdict(), "inputs": found, "expected": expected}


TURNS = [{"do": "time", "calls": 2, "warm": warm} for warm in (True, False)]


@pytest.mark.parametrize("name", ["cpool", "copy", "numpy-reshape"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_answers(name, dtype, answers, tmp_path):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    chosen = workload("", "max_pool", (8, 8), 2, dtype=dtype)
    ready, first, *turns = answers(name, TURNS[0], prepared(chosen, tmp_path), *TURNS)
    assert ready == {"ready": True}
    assert first["verdict"] == ("" if name == "copy" else "same") and 0 < first["estimate"] < 60
    assert len(turns) == 2 and all(0 < each["seconds"] < 60 for each in turns)


@pytest.mark.parametrize(
    ("body", "says"),
    [("raise MemoryError", "not enough memory"), ("raise KeyError", "KeyError: "), ("1 / 0", "division by")],
)
def test_answers_of_a_library_that_fails(body, says, answers, tmp_path):
    request = prepared(workload("", "max_pool", (8, 8), 2), tmp_path)
    module = f"downsample_with_averaging = 0\ndef downsample_with_max_pooling(x, factor): {body}"
    ready, first = answers("tinybrain", request, TURNS[0], module=module)
    assert ready == {"ready": True} and says in first["cannot"]


def test_answers_of_a_library_that_refuses_or_takes_long(answers, tmp_path):
    (tmp_path / "other").mkdir()
    requests = [prepared(workload("", "max_pool", (8, 8), 2), tmp_path),
                prepared(workload("", "max_pool", (9, 9), 2), tmp_path / "other")]
    module = ("import time\ndownsample_with_averaging = 0\n"
              "def downsample_with_max_pooling(x, factor):\n    time.sleep(0.02)\n    return [x[::2, ::2]]")
    _, slow, refused = answers("tinybrain", *requests, module=module)
    assert slow["estimate"] >= 0.02 and slow["verdict"].startswith("differs by")
    assert refused == {"cannot": "only max, mean and mode of blocks"}


def test_a_library_that_cannot_be_imported(answers):
    assert answers("tinybrain", TURNS[0], module="raise OSError('so\\nnot')") == [{"problem": "OSError: so"}]
