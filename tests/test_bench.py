"""`cpool bench`: its workloads, how it asks other libraries, what it prints, writes and refuses."""

import importlib.util
import inspect
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cpool
from cpool import __main__ as cli
from cpool._cli._bench import command, measure, peers, table
from cpool._cli._bench.common import Cannot, compare
from cpool._cli._bench.workloads import LAST, USUAL, WORKLOADS, Workload, inputs, workload

TIME = re.compile(r"\d+\.\d\d (us|ms|s)\b")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run `cpool bench` in an empty folder, 80 columns wide; return exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        code = cli.main(["bench", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert all(len(line) <= 80 for line in out.splitlines())
        return code, out, err

    return run


@pytest.fixture
def quick(run):
    """Measure with the fewest rounds, on one thread, beside the NumPy idioms; return the output."""

    def quick(*arguments):
        code, out, err = run(*arguments, "--rounds", 1, "--threads", 1, "--peers", "numpy")
        assert (code, err) == (0, "")
        return out

    return quick


@pytest.fixture
def fails(run, tmp_path):
    """Run `cpool bench` with a mistake in it: exit code 2, one line, no file, nothing measured."""

    def fails(*arguments, says):
        before = sorted(tmp_path.rglob("*"))
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("cpool") and err.endswith("\n") and err.count("\n") == 1
        assert says in err
        assert sorted(tmp_path.rglob("*")) == before

    return fails


# ---- the table of workloads ----


@pytest.mark.parametrize("name", WORKLOADS)
def test_workloads_are_calls_of_the_library(name):
    chosen = WORKLOADS[name]
    function = getattr(cpool, chosen.function)
    given = dict.fromkeys(["grad_output"] if chosen.backward else []) | {"x": None} | chosen.arguments()
    inspect.signature(function).bind(**given)
    if chosen.kernel:
        shape = cpool.output_shape(chosen.shape, chosen.kernel, chosen.stride, chosen.padding)
        assert shape[len(chosen.leading) :] == chosen.output_spatial
    assert chosen.bytes_moved > 0 and chosen.name == name
    assert not (chosen.blocks and chosen.centred)


def test_the_usual_workloads_are_some_of_all():
    assert set(USUAL) < set(WORKLOADS)
    assert len(set(USUAL)) == len(USUAL)
    kinds = {(WORKLOADS[name].kind, WORKLOADS[name].ndim, WORKLOADS[name].dtype) for name in USUAL}
    assert len(kinds) >= 6


def test_bytes():
    assert WORKLOADS["image_block_max/u8_2"].bytes_moved == 4096 * 4096 * 5 // 4
    assert workload("", "max_pool", (1, 1, 4, 4), 2, indices=True).bytes_moved == 4 * (16 + 4) + 8 * 4
    assert workload("", "avg_pool", (1, 1, 4, 4), 2, backward=True, dtype="bfloat16").bytes_moved == 2 * 20
    assert workload("", "max_pool", (1, 1, 4, 4), 2, backward=True).bytes_moved == 4 * 20 + 8 * 4


SMALL = [
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1),
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1, layout=LAST),
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1, indices=True),
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1, indices=True, layout=LAST),
    workload("", "max_pool", (2, 3, 9, 10), 3, 1, 1, dtype="uint8"),
    workload("", "max_pool", (9, 10), 3, 1, 1),
    workload("", "min_pool", (9, 10), 5, 1, 2, dtype="uint8"),
    workload("", "max_pool", (2, 3, 8, 10), 2, dtype="float16"),
    workload("", "max_pool", (2, 3, 8, 10), 2, dtype="bfloat16"),
    workload("", "max_pool", (8, 10), 2, dtype="int64"),
    workload("", "min_pool", (3, 4, 8, 10), 2, layout=LAST),
    workload("", "max_pool", (2, 3, 12), 2, ndim=1),
    workload("", "max_pool", (2, 3, 4, 6, 8), (1, 2, 2), ndim=3),
    workload("", "avg_pool", (2, 3, 8, 10), 2),
    workload("", "avg_pool", (2, 3, 8, 10), 3, 1, 1, include_pad=False),
    workload("", "avg_pool", (2, 3, 8, 10), 3, 2, 1),
    workload("", "avg_pool", (8, 10), 2, dtype="uint8"),
    workload("", "avg_pool", (8, 10), 3, 1, 1),
    workload("", "avg_pool", (16, 64), 4, ndim=1),
    workload("", "sum_pool", (8, 10), 2, dtype="uint8"),
    workload("", "lp_pool", (2, 3, 8, 10), 2),
    workload("", "adaptive_avg_pool", (2, 3, 7, 9), output_size=3),
    workload("", "adaptive_max_pool", (2, 3, 7, 9), output_size=(2, 4)),
    workload("", "global_avg_pool", (2, 3, 7, 9)),
    workload("", "global_max_pool", (2, 3, 7, 9), layout=LAST),
    workload("", "global_min_pool", (2, 3, 7), ndim=1),
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1, backward=True),
    workload("", "max_pool", (2, 3, 9, 10), 3, 2, 1, backward=True, layout=LAST),
    workload("", "min_pool", (2, 3, 6, 9, 10), (1, 2, 2), backward=True, ndim=3),
    workload("", "avg_pool", (2, 3, 8, 10), 2, backward=True),
    workload("", "avg_pool", (2, 3, 8, 10), 3, 1, 1, include_pad=False, backward=True),
    workload("", "adaptive_avg_pool", (2, 3, 7, 9), output_size=3, backward=True),
    workload("", "global_avg_pool", (2, 3, 7, 9), backward=True),
    workload("", "lp_pool", (2, 3, 8, 10), 2, backward=True),
    workload("", "median_pool", (9, 10), 3, 1, dtype="uint8"),
    workload("", "median_pool", (9, 10), 5, 1),
    workload("", "median_pool", (8, 10), 2),
    workload("", "median_pool", (2, 3, 8, 10), 3, 2, 1, backward=True),
    workload("", "rank_pool", (2, 3, 8, 10), 3, options=(("q", 0.9),)),
    workload("", "range_pool", (9, 10), 3, 1, dtype="uint8"),
    workload("", "std_pool", (8, 10), 2),
    workload("", "avg_pool", (2, 3, 8, 10), 3, 2, 1, include_pad=False, values="masked"),
    workload("", "avg_pool", (2, 3, 8, 10), 3, include_pad=False, values="masked", layout="channels_last"),
    workload("", "mode_pool", (8, 10), 2, dtype="uint64", values="labels"),
    workload("", "mode_pool", (4, 8, 10), 2, ndim=3, dtype="uint64", values="labels"),
]


@pytest.mark.parametrize("name", [name for name in peers.PEERS if name not in ("cpool", "copy")])
def test_libraries_that_can_do_it_agree(name):
    peer = peers.PEERS[name]
    pytest.importorskip(peer.module)
    agreed = 0
    for chosen in SMALL:
        if chosen.dtype == "bfloat16":
            pytest.importorskip("ml_dtypes")
        arrays = inputs(chosen)
        ours = peers.PEERS["cpool"].make(chosen, arrays, 1).call()
        try:
            ready = peer.make(chosen, arrays, 1)
        except Cannot:
            continue
        found = ready.results(ready.call())
        verdict = compare(found, list(ours) if isinstance(ours, tuple) else [ours])
        allowed = ["same"] if chosen.kind in ("max", "min") else ["same", "close"]
        assert verdict in allowed, chosen.describe()
        agreed += 1
    assert agreed >= 2
    cpool.set_num_threads(None)


def test_copying_is_timed_on_any_number_of_threads():
    for threads in (1, 2, 3):
        ready = peers.PEERS["copy"].make(WORKLOADS["densenet_transition/f32"], {}, threads)
        assert 0 < ready.timed(2) < 60


def test_verdicts():
    a = np.linspace(-3, 3, 3_000_000, dtype=np.float32)
    close, other = a.copy(), a.copy()
    close[-1] = np.nextafter(close[-1], np.float32(9))
    other[-1] = 4
    assert compare(a, [a]) == "same"
    assert compare(close, [a]) == "close"
    assert compare(other, [a]) == "differs by 1"
    assert compare((a, close), [a, a]) == "close"
    assert compare((other, close), [a, a]) == "differs by 1"
    assert compare(a[:-1], [a]) == "differs: has shape 2999999"
    assert compare(a.reshape(3, -1), [a]) == "same"
    other[-1] = np.nan
    assert compare(other, [a]) == "differs: NaNs elsewhere"
    assert compare(other, [other]) == "same"
    assert compare(np.array([np.inf, -np.inf]), [np.array([np.inf, np.inf])]) == "differs by inf"
    assert compare(np.array([3], np.uint8), [np.array([4], np.uint8)]) == "close"
    assert compare(np.array([3], np.uint8), [np.array([5], np.uint8)]) == "differs by 2"
    assert compare(np.array([3], np.int64), [np.array([4], np.int64)]) != "same"


def test_durations():
    assert table.duration(6.789e-7) == "0.68 us"
    assert table.duration(999.99e-6) == "999.99 us"
    assert table.duration(999.999e-6) == "1.00 ms"
    assert table.duration(0.01234) == "12.34 ms"
    assert table.duration(0.9999999) == "1.00 s"
    assert table.duration(75.5) == "75.50 s"


# ---- what it prints and writes ----


def test_help_fits(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "") and out.startswith("usage: cpool bench")


def test_the_list(run):
    code, out, err = run("--list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    for name in WORKLOADS:
        mark = "*" if name in USUAL else " "
        assert any(line.startswith(f"{mark} {name} ") for line in lines)
    for name in peers.PEERS:
        if name not in ("copy", "cpool"):
            assert sum(line.startswith(f"  {name} ") for line in lines) == 1
    assert f"numpy {np.__version__}" in out


def test_named_workloads(quick):
    out = quick("tiny/max_4x4", "tiny/avg*")
    for name in ("tiny/max_4x4", "tiny/avg_4x4", "tiny/avg_8_1d"):
        assert f"\n{name}: " in out and f"\n{name} " in out
    assert "tiny/global" not in out
    assert out.startswith(f"cpool {cpool.__version__} on 1 thread; ")
    assert f"numpy {np.__version__}" in out
    rows = [line for line in out.splitlines() if line.startswith("  ") and TIME.search(line)]
    assert {line.split()[0] for line in rows} == {"copy", "cpool", "numpy-reshape", "numpy-slices"}
    assert all(line.endswith(("same", "close")) for line in rows if "numpy" in line)
    assert "geometric mean" in out


def test_a_group_and_its_order(quick):
    found = re.findall(r"^(tiny/\w+): ", quick("tiny"), re.MULTILINE)
    assert found == [name for name in WORKLOADS if name.startswith("tiny/")]


def test_what_a_library_cannot_do_is_said(quick):
    out = quick("tiny/max_4x4_indices")
    assert "numpy-reshape: not measured, no indices" in out
    assert re.search(r"^tiny/max_4x4_indices +\S+ \S+ +none$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--shape 2x3x8x8 --op max --kernel 2", "max_pool2d 2x3x8x8 float32, kernel 2\n"),
        ("--shape 2x8x8x3 --op max -k 2 --layout channels_last", "channels last"),
        ("--shape 8x8x3 --op max -k 2,2 --layout channels_last", "max_pool2d 8x8x3 float32, channels last"),
        ("--shape 9x9 --op avg -k 3 -s 2 -p 1 --exclude-pad", "kernel 3, stride 2, padding 1 not counted"),
        ("--shape 8 --op sum -k 2 --dtype int16", "sum_pool1d 8 int16"),
        ("--shape 3,8,8,8 --op max -k 2,2,2", "max_pool3d 3x8x8x8 float32"),
        ("--shape 4x3x8x8 --op lp -k 2 --norm-type 3 --ndim 2", "p = 3"),
        ("--shape 4x3x8x8 --op adaptive_avg --output-size 3", "adaptive_avg_pool2d 4x3x8x8 float32, to 3x3"),
        ("--shape 4x3x8x8 --op global_max --indices", "indices"),
        ("--shape 4x3x8x8 --op avg -k 2 --backward", "avg_pool2d_backward"),
        ("--shape 4x3x9x9 --op min -k 3 -s 1 -p 1 --backward --dtype float64", "min_pool2d_backward"),
        ("--shape 4x3x8x8 --op global_avg --backward", "global_avg_pool_backward"),
    ],
)
def test_a_layer_of_your_own(quick, arguments, says):
    out = quick(*arguments.split())
    assert says in " ".join(out.partition("\n\n")[2].partition("  time")[0].split(" "))
    assert "cpool" in out and not re.search("differs(:| by)", out)


def test_bfloat16(quick):
    pytest.importorskip("ml_dtypes")
    assert "same" in quick("--shape", "4x3x8x8", "--op", "max", "-k", 2, "--dtype", "bfloat16")


def test_the_json_file(quick):
    out = quick("tiny/max_4x4", "tiny/max_4x4_indices", "--json", "figures.json")
    assert out.endswith(f"written: {Path('figures.json').absolute()}\n")
    with open("figures.json") as file:
        report = json.load(file)
    assert report["cpool"] == cpool.__version__ and report["threads"] == report["rounds"] == 1
    assert report["versions"] == {"numpy": np.__version__}
    first, second = report["workloads"]
    assert first["name"] == "tiny/max_4x4" and first["bytes"] == 80
    assert set(first["libraries"]) == {"copy", "cpool", "numpy-reshape", "numpy-slices"}
    for each in first["libraries"].values():
        assert 0 < each["min_s"] <= each["median_s"] < 1 and each["rounds"] == 1 and each["calls"] > 100
    assert first["fastest_other"] in ("numpy-reshape", "numpy-slices")
    times = {name: each["median_s"] for name, each in first["libraries"].items()}
    assert math.isclose(first["faster"], times[first["fastest_other"]] / times["cpool"])
    assert first["over_copy"] is None  # an array this small tells nothing about copying
    assert second["fastest_other"] is None
    assert set(second["not_measured"]) == {"numpy-reshape", "numpy-slices"}


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_plot(quick, suffix):
    pytest.importorskip("matplotlib")
    quick("tiny/max_4x4", "adaptive/max_13to6", "--plot", f"plot.{suffix}")
    content = Path(f"plot.{suffix}").read_bytes()
    assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix])
    if suffix == "svg":
        for text in (b"tiny/max_4x4", b"numpy-reshape", b"copy of the bytes", np.__version__.encode()):
            assert text in content


def test_nothing_is_imported_here_and_no_process_stays(tmp_path):
    code = (
        "import sys; from cpool.__main__ import main; main(['bench', 'tiny/max_4x4', '--rounds', '1']);"
        "from cpool._cli._bench.peers import PEERS;"
        "names = {'matplotlib', *(each.module for each in PEERS.values())} - {'numpy', 'cpool'};"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == "" and done.stdout.endswith("\n[]\n")


def test_an_interrupt_ends_the_processes(run, monkeypatch):
    started = []

    class Worker(measure._Worker):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            started.append(self)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "_Worker", Worker)
    monkeypatch.setattr(measure, "_one", interrupted)
    code, _, err = run("tiny/max_4x4", "--peers", "numpy", "--json", "x.json")
    assert (code, err) == (130, "") and not Path("x.json").exists()
    assert len(started) == 4
    assert all(worker._process.poll() is not None for worker in started)


# ---- libraries that misbehave ----


@pytest.fixture
def impostor(tmp_path, monkeypatch):
    """Put a module in the place of tinybrain."""

    def impostor(text):
        folder = tmp_path / "modules"
        folder.mkdir()
        (folder / "tinybrain.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        monkeypatch.syspath_prepend(str(folder))

    return impostor


CALL = ["--shape", "8x8", "--op", "max", "--kernel", 2, "--peers", "tinybrain,numpy", "--rounds", 1]
REST = "\ndownsample_with_averaging = 0"


def test_a_wrong_result_is_marked_and_does_not_count(run, impostor):
    impostor("def downsample_with_max_pooling(x, f): return [x[::2, ::2] * 0 + 100]" + REST)
    code, out, _ = run(*CALL, "--json", "x.json")
    assert code == 0
    assert re.search(r"^  tinybrain .* differs by \d+", out, re.MULTILINE)
    with open("x.json") as file:
        (row,) = json.load(file)["workloads"]
    assert row["fastest_other"] in ("numpy-reshape", "numpy-slices")
    if importlib.util.find_spec("matplotlib"):
        assert run(*CALL, "--plot", "x.svg")[0] == 0
        assert b"Hollow" in Path("x.svg").read_bytes()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import no_such_module", "left out: tinybrain: ModuleNotFoundError: No module named 'no_such_m"),
        ("import os; os._exit(3)", "left out: tinybrain: its process ended"),
        ("x = 1", "tinybrain: not measured, AttributeError"),
        ("import os, time\nif os.fork() == 0:\n    time.sleep(99)\n    os._exit(0)", "AttributeError"),
        ("def downsample_with_max_pooling(x, f): import os; os._exit(3)" + REST, "its process ended"),
        ("def downsample_with_max_pooling(x, f): raise ValueError('so\\nnot')" + REST, "ValueError: so\n"),
    ],
)
def test_a_broken_library_does_not_stop_the_others(run, impostor, text, says):
    impostor("print('noise on standard output', flush=True)\n" + text)
    code, out, err = run(*CALL)
    assert (code, err) == (0, "")
    assert says in out and "noise" not in out
    assert re.search(r"^  numpy-slices .* same$", out, re.MULTILINE)


# ---- mistakes ----


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("vgg_pool/f32", "no workload is named 'vgg_pool/f32'; did you mean 'vgg_pool1/f32'?"),
        ("qqqq", "no workload is named 'qqqq'; cpool bench --list"),
        ("--all tiny", "--all needs no names"),
        ("tiny --kernel 2", "--kernel describes the layer of --shape, which is missing"),
        ("--indices", "--indices describes the layer of --shape"),
        ("tiny --shape 4x4 --op max -k 2", "names and --shape exclude each other"),
        ("--shape 4x4", "--shape needs --op"),
        ("--shape 4x4 --op max", "--op max needs --kernel"),
        ("--shape 4x4 --op adaptive_max", "--op adaptive_max needs --output-size"),
        ("--shape 4xfour --op max -k 2", "'4xfour' is not a shape such as"),
        ("--shape 4x0 --op max -k 2", "'4x0' is not a shape such as"),
        ("--shape 4x-4 --op max -k 2", "'4x-4' is not a shape such as"),
        ("--shape 1x1x1x1x1x1x1x1x1 --op max -k 2", "is not a shape such as"),
        ("--shape 4x4 --op median -k 2", "invalid choice: 'median'"),
        ("--shape 4x4 --op max -k 5", "--shape 4x4 with --op max: "),
        ("--shape 2x4x4 --op max -k 2,2,2,2", "is not a size such as"),
        ("--shape 4x4 --op max -k 2,2,2", "--shape 4x4 has 2 axes: 3 to pool do not fit"),
        ("--shape 4x4 --op max -k 2,2 --layout channels_last", "3 axes"),
        ("--shape 4x4 --op max -k 2 --layout nhwc", "invalid choice: 'nhwc'"),
        ("--shape 2x3x4x4 --op max -k 2,2 -s 1,2,3", "--stride 1x2x3 has 3 sizes; 2 axes are pooled"),
        ("--shape 4x4 --op max -k 0", "kernel_size"),
        ("--shape 4x4 --op max -k 2 --dtype complex64", "invalid choice: 'complex64'"),
        ("--shape 4x4 --op max -k 2 --norm-type 2", "--norm-type has no meaning for --op max"),
        ("--shape 4x4 --op max -k 2 --exclude-pad", "--exclude-pad has no meaning for --op max"),
        ("--shape 4x4 --op avg -k 2 --indices", "--indices has no meaning for --op avg"),
        ("--shape 4x4 --op global_avg -k 2", "--kernel has no meaning for --op global_avg"),
        ("--shape 4x4 --op max -k 2 --backward --indices", "--indices has no meaning for --backward"),
        ("--shape 4x4 --op max -k 2 --backward --dtype int8", "--backward needs a floating-point --dtype"),
        ("--shape 4x4 --op lp -k 2 --norm-type -1", "norm_type"),
        ("--shape 99999x99999x99999 --op max -k 2", "99999x99999x99999: measuring takes about"),
        ("--rounds 0", "'0' is not a number of rounds"),
        ("--rounds many", "'many' is not a number of rounds"),
        ("--threads 0", "'0' is not a number of threads"),
        ("--peers foo", "--peers: no library 'foo' among numpy-reshape"),
        ("--peers torch,,foo", "--peers: "),
        ("tiny --json missing/x.json", "there is no folder missing"),
        ("tiny --json .", "is a folder"),
        ("tiny --plot x.bmp", "x.bmp: a plot is a .png, .svg or .pdf file"),
    ],
)
def test_mistakes(fails, arguments, says):
    if "channels_last" in arguments:
        says = "--shape 4x4 has 2 axes: 2 to pool and the channels do not fit"
    fails(*arguments.split(), says=says)


def test_libraries_that_are_not_there(fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    fails("tiny", "--peers", "numpy,tensorflow", says="--peers: tensorflow is not installed for ")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    fails("tiny", "--plot", "x.png", says='--plot needs matplotlib: pip install "cpool[bench]"')
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    fails("resnet_stem/bf16", says="bfloat16 arrays need ml_dtypes: pip install ml_dtypes")
    options = cli.build_parser().parse_args(["bench"])
    assert {each.name for each in command._chosen(options)} == set(USUAL) - {"resnet_stem/bf16"}


def test_files_that_cannot_be_written(fails, tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(command.tempfile, "NamedTemporaryFile", refused)
    fails("tiny", "--json", "x.json", says="x.json: Permission denied")


def test_workloads_travel_as_json():
    for each in SMALL:
        fields = json.loads(json.dumps(each._asdict()))
        fields["options"] = [tuple(pair) for pair in fields["options"]]
        assert Workload(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}) == each
