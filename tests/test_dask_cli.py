"""`cpool pyramid`, and the pooling commands in parts: results, interruptions, refusals."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cpool
from cpool.__main__ import main

pytest.importorskip("dask.array")
zarr = pytest.importorskip("zarr")
tifffile = pytest.importorskip("tifffile")
pytest.importorskip("tqdm")

from cpool._cli import _large, _stores  # noqa: E402

SHAPE = (20, 37, 45)


def volume(dtype=np.uint8, shape=SHAPE):
    return np.random.default_rng(0).integers(0, 7, shape).astype(dtype)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Many tasks, although the arrays are small."""
    monkeypatch.setattr(_large, "_LEAST", 1)
    monkeypatch.setattr(_large, "_BLOCK", 1 << 12)


def saved(folder, kind, x):
    """The array in a file of a kind."""
    path = folder / {
        "zarr": "x.zarr",
        "zarr2": "x.zarr",
        "group": "x.zarr",
        "npy": "x.npy",
        "fortran": "x.npy",
    }.get(kind, "x.tif")
    if kind in ("zarr", "zarr2"):
        zarr.create_array(path, data=x, chunks=(8, 16, 10), zarr_format=2 if kind == "zarr2" else 3)
    elif kind == "group":
        zarr.create_array(path, name="inner/only", data=x, chunks=(8, 16, 10))
    elif kind in ("npy", "fortran"):
        np.save(path, np.asfortranarray(x) if kind == "fortran" else x)
    else:
        more = {
            "tiles": {"tile": (16, 16), "compression": "zlib"},
            "strips": {"compression": "zlib"},
            "big": {"byteorder": ">"},
        }.get(kind, {})
        tifffile.imwrite(path, x, metadata={"axes": "ZYX"}, photometric="minisblack", **more)
    return path


def read(path, name=""):
    if path.suffix == ".zarr":
        return zarr.open_array(path, path=name, mode="r")[...]
    return np.load(path) if path.suffix == ".npy" else tifffile.imread(path)


def refused(capsys, *arguments):
    """The one line that says what is wrong."""
    assert main(list(map(str, arguments))) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.split("\n") if line.startswith("cpool")]
    assert len(lines) == 1 and not out, err
    return lines[0]


# ---- results ----


@pytest.mark.parametrize(
    "kind", ["zarr", "zarr2", "group", "npy", "fortran", "tiff", "tiles", "strips", "big"]
)
@pytest.mark.parametrize("op", ["avg", "mode"])
def test_pyramid_of_every_kind_of_file(tmp_path, kind, op):
    x = volume(np.uint16)
    path, more = saved(tmp_path, kind, x), ["--key", "inner/only"] if kind == "group" else []
    assert main(["pyramid", str(path), "--levels", "2", "--op", op, "--quiet", *more]) == 0
    target = tmp_path / "x-pyramid.zarr"
    image = zarr.open_group(target, mode="r").attrs["multiscales"][0]
    assert [axis["name"] for axis in image["axes"]] == ["z", "y", "x"]
    levels = [x, *cpool.pool_pyramid(x, 2, op=op, spatial_ndim=3)]
    assert len(image["datasets"]) == 3
    for dataset, want, factor in zip(image["datasets"], levels, (1, 2, 4), strict=True):
        got = read(target, dataset["path"])
        assert got.dtype == want.dtype and np.array_equal(got, want)
        scale, shift = (each[each["type"]] for each in dataset["coordinateTransformations"])
        assert scale == [factor] * 3 and shift == [(factor - 1) / 2] * 3
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([path.name, target.name])


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_an_image_as_input_keeps_its_scale(tmp_path, version):
    x = volume()
    first = saved(tmp_path, "npy", x)
    assert main(["pyramid", str(first), "--levels", "1", "--ome", version, "-q"]) == 0
    again = [
        "pyramid",
        str(tmp_path / "x-pyramid.zarr"),
        "--levels",
        "2",
        "--ome",
        version,
        "--skip-base",
        "-q",
        "--factor",
        "1,2,2",
        "--chunks",
        "4x8x8",
        "-o",
        str(tmp_path / "b.zarr"),
    ]
    group = zarr.open_group(tmp_path / "x-pyramid.zarr", mode="r+")
    attributes = dict(group.attrs)
    image = attributes.get("ome", attributes)["multiscales"][0]
    image["datasets"][0]["coordinateTransformations"] = [
        {"type": "scale", "scale": [3.0, 0.5, 0.5]},
        {"type": "translation", "translation": [1.0, 0.0, 10.0]},
    ]
    image["axes"][0]["unit"] = "micrometer"
    group.attrs.update(attributes)
    assert main(again) == 0
    group = zarr.open_group(tmp_path / "b.zarr", mode="r")
    assert group.metadata.zarr_format == (2 if version == "0.4" else 3)
    attributes = dict(group.attrs)
    image = attributes.get("ome", attributes)["multiscales"][0]
    assert attributes.get("ome", image)["version"] == version and image["axes"][0]["unit"] == "micrometer"
    assert [each["path"] for each in image["datasets"]] == ["1", "2"]
    assert image["datasets"][1]["coordinateTransformations"] == [
        {"type": "scale", "scale": [3.0, 2.0, 2.0]},
        {"type": "translation", "translation": [1.0, 0.75, 10.75]},
    ]
    for name, want in zip("12", cpool.pool_pyramid(x, 2, (1, 2, 2), spatial_ndim=3), strict=True):
        array = zarr.open_array(tmp_path / "b.zarr", path=name, mode="r")
        assert array.chunks == (4, 8, 8) and np.array_equal(array[...], want)


def test_channels_behind_the_axes_of_space(tmp_path):
    x = volume(np.float32, (30, 40, 3))
    tifffile.imwrite(
        tmp_path / "c.tif", x, metadata={"axes": "YXC"}, photometric="minisblack", planarconfig="contig"
    )
    assert main(["pyramid", str(tmp_path / "c.tif"), "--levels", "1", "-q"]) == 0
    want = cpool.avg_pool2d(x, 2, data_format="channels_last")
    assert np.array_equal(read(tmp_path / "c-pyramid.zarr", "1"), want)


@pytest.mark.parametrize("source", ["zarr", "npy", "tiles"])
@pytest.mark.parametrize("target", [".zarr", ".npy", ".tif"])
def test_windows_from_every_kind_to_every_kind(tmp_path, source, target, capsys):
    x = volume(np.int16)
    path, output = saved(tmp_path, source, x), tmp_path / f"y{target}"
    for _ in range(2):  # the second replaces the first
        assert (
            main(
                [
                    "max",
                    str(path),
                    "-k",
                    "3",
                    "-s",
                    "2",
                    "-p",
                    "1",
                    "--ndim",
                    "3",
                    "-o",
                    str(output),
                    "--resume",
                ]
            )
            == 0
        )
    assert np.array_equal(read(output), cpool.max_pool3d(x, 3, 2, 1))
    assert "blocks in" in capsys.readouterr().out
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([path.name, output.name])


def test_the_same_as_the_plain_command(tmp_path):
    path = saved(tmp_path, "npy", volume(np.float64))
    for command in (
        ["avg", "--exclude-pad", "-p", "1"],
        ["lp", "--norm-type", "3"],
        ["sum", "--dtype", "float32"],
    ):
        given = [command[0], str(path), "-k", "2,3", *command[1:], "-q", "-o"]
        assert main([*given, str(tmp_path / "a.npy")]) == 0
        assert main([*given, str(tmp_path / "b.npy"), "--resume"]) == 0
        np.testing.assert_allclose(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"), 1e-6)


# ---- interruptions ----


class Interrupted:
    """Stands in for `_stores.Writer`: the blocks after the first few are not written."""

    def __init__(self, error, after):
        self.error, self.left, self.original = error, after, _stores.Writer.__call__

    def __get__(self, writer, owner=None):
        def call(start, block):
            if self.left == 0:
                raise self.error
            self.left -= 1
            return self.original(writer, start, block)

        return call


@pytest.mark.parametrize(
    "error, code", [(KeyboardInterrupt(), 130), (OSError(errno.ENOSPC, "No space left"), 2)]
)
@pytest.mark.parametrize("suffix", [".zarr", ".npy"])
def test_what_is_done_is_kept(tmp_path, monkeypatch, capsys, error, code, suffix):
    monkeypatch.setattr(_large, "_processors", lambda: 1)
    x = volume()
    path, target = saved(tmp_path, "npy", x), tmp_path / f"y{suffix}"
    if suffix == ".zarr":
        command = ["pyramid", str(path), "--levels", "2", "--chunks", "4x16x16", "-o", str(target), "-q"]
    else:
        command = ["min", str(path), "-k", "2", "--ndim", "3", "-o", str(target), "-q", "--resume"]
    with monkeypatch.context() as patch:
        patch.setattr(_stores.Writer, "__call__", Interrupted(error, 5))
        assert main(command) == code
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "--resume goes on" in said
    assert not target.exists() and (tmp_path / f"y{suffix}.part").exists()
    journal = tmp_path / f"y{suffix}.part.journal"
    assert len(journal.read_text().splitlines()) == 6
    if suffix == ".zarr":
        assert "--resume goes on with it" in refused(capsys, *command)
        assert "another run" in refused(capsys, *command, "--resume", "--factor", "1")
    with open(journal, "a") as stream:
        stream.write("0 0 0")  # a line that was cut off does not count
    written = []
    original = _stores.Writer.__call__
    monkeypatch.setattr(
        _stores.Writer,
        "__call__",
        lambda w, start, block: (written.append(start), original(w, start, block))[1],
    )
    monkeypatch.setattr(
        _large, "_BLOCK", 1 << 13
    )  # other limits do not matter: sizes are those of the first run
    assert main([*command, "--resume"]) == 0
    if suffix == ".zarr":
        assert np.array_equal(read(target, "0"), x)
        for name, want in zip("12", cpool.pool_pyramid(x, 2, spatial_ndim=3), strict=True):
            assert np.array_equal(read(target, name), want)
    else:
        assert np.array_equal(read(target), cpool.min_pool3d(x, 2))
    capsys.readouterr()
    again = [*command, "--resume"]
    before = len(written)
    assert main(again) == 0 and len(written) > before
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([path.name, target.name])


SLOW = """
import signal
import sys, time
from cpool._cli import _large, _stores
from cpool.__main__ import main
_large._LEAST, _large._BLOCK = 1, 1 << 12
original = _stores.Writer.__call__
written = []
def slowly(writer, start, block):
    time.sleep(0.05 if len(written) < 5 else 1)     # the signal may come late, but not after the end
    written.append(start)
    return original(writer, start, block)
_stores.Writer.__call__ = slowly
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)    # a program in the background has none
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_ended(tmp_path, number):
    x = volume()
    path, target = saved(tmp_path, "zarr", x), tmp_path / "x-pyramid.zarr"
    script, journal = tmp_path / "slow.py", tmp_path / "x-pyramid.zarr.part.journal"
    script.write_text(SLOW)
    command = [sys.executable, str(script), "pyramid", str(path), "--levels", "2"]
    paths = {
        "PYTHONPATH": os.pathsep.join(
            [str(Path(cpool.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        )
    }
    process = subprocess.Popen(command, env=os.environ | paths, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while not (journal.exists() and len(journal.read_text().splitlines()) > 3):
        assert time.monotonic() < limit and process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert ("--resume goes on" in said) == (number == signal.SIGINT) and "Traceback" not in said
    assert not target.exists()
    assert "multiscales" not in zarr.open_group(tmp_path / "x-pyramid.zarr.part", mode="a").attrs
    assert main(["pyramid", str(path), "--levels", "2", "--resume", "-q"]) == 0
    for name, want in zip("012", [x, *cpool.pool_pyramid(x, 2, spatial_ndim=3)], strict=True):
        assert np.array_equal(read(target, name), want)
    assert not journal.exists()


@pytest.mark.parametrize("suffix", [".zarr", ".npy", ".tif"])
def test_a_full_disk(tmp_path, suffix):
    """A limit on the size of files stands for it: the error comes from the same places."""
    resource = pytest.importorskip("resource")
    path = saved(tmp_path, "npy", np.random.default_rng(0).integers(0, 255, (64, 64, 64)).astype(np.uint8))
    target = tmp_path / f"y{suffix}"
    windows = ["-k", "2", "-s", "1", "--ndim", "3", "--resume"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cpool",
            *(["pyramid"] if suffix == ".zarr" else ["max", *windows]),
            path,
            "-o",
            target,
        ],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        cwd=Path(cpool.__file__).parent.parent,
    )
    assert done.returncode == 2 and "File too large" in done.stderr
    assert not [word for word in ("Traceback", "Task was") if word in done.stderr]
    assert not target.exists()
    assert (tmp_path / f"y{suffix}.part").exists() == (suffix == ".zarr")


# ---- what is refused ----


def test_refused_inputs(tmp_path, capsys):
    folder = tmp_path / "folder.zarr"
    folder.mkdir()
    assert "is no Zarr array or group" in refused(capsys, "pyramid", folder)
    (folder / "zarr.json").write_text("{")
    assert "is no Zarr array or group" in refused(capsys, "pyramid", folder)
    assert "no such store" in refused(capsys, "max", tmp_path / "none.zarr", "-k", "2")
    assert "no such file" in refused(capsys, "pyramid", tmp_path / "none.npy")
    assert "must end in" in refused(capsys, "pyramid", tmp_path / "x.png")
    short = saved(tmp_path, "npy", volume())
    assert "input" in refused(capsys, "max", short, "-k", "2", "-o", short, "--resume")
    assert "one at a time" in refused(capsys, "max", short, short, "-k", "2", "--resume")
    short.write_bytes(short.read_bytes()[:1000])
    assert "ends after 1000 of" in refused(capsys, "pyramid", short)
    short.write_bytes(b"nothing of the kind")
    assert "not an .npy array" in refused(capsys, "pyramid", short)
    (tmp_path / "x.tif").write_bytes(b"nothing of the kind")
    assert "not a TIFF file" in refused(capsys, "pyramid", tmp_path / "x.tif")
    np.save(tmp_path / "o.npy", np.array([None]))
    assert "Python objects" in refused(capsys, "pyramid", tmp_path / "o.npy")
    np.save(tmp_path / "e.npy", np.zeros((4, 0)))
    assert "holds no elements" in refused(capsys, "pyramid", tmp_path / "e.npy")


def test_refused_arguments(tmp_path, capsys):
    path = saved(tmp_path, "zarr", volume())
    assert "levels must leave a window" in refused(capsys, "pyramid", path, "--levels", "9")
    assert "--factor has 2 numbers for 3" in refused(capsys, "pyramid", path, "--factor", "2,2")
    assert "--chunks has 2 numbers" in refused(capsys, "pyramid", path, "--chunks", "4x4")
    assert "--axes must name the 3 axes" in refused(capsys, "pyramid", path, "--axes", "yx")
    assert "neighbours" in refused(capsys, "pyramid", path, "--axes", "zcx")
    assert "name ends in .zarr" in refused(capsys, "pyramid", path, "-o", tmp_path / "y.npy")
    assert "is the input" in refused(capsys, "pyramid", path, "-o", path)
    assert "is the input or in it" in refused(capsys, "pyramid", path, "-o", path / "sub.zarr")
    (tmp_path / "plain.zarr").mkdir()
    (tmp_path / "plain.zarr" / "mine.txt").write_text("not to be lost")
    assert "is no Zarr store" in refused(capsys, "pyramid", path, "-o", tmp_path / "plain.zarr")
    assert "no array named 'a'" in refused(capsys, "pyramid", path, "--key", "a")
    floats = saved(tmp_path, "npy", volume(float))
    assert "x must have one of the dtypes" in refused(capsys, "pyramid", floats, "--op", "mode")
    zarr.create_group(tmp_path / "g.zarr")
    assert "--key names the array; it has none" in refused(capsys, "pyramid", tmp_path / "g.zarr")
    broken = zarr.create_group(tmp_path / "b.zarr")
    broken.attrs["multiscales"] = [{"axes": []}]
    assert "metadata is incomplete" in refused(capsys, "pyramid", tmp_path / "b.zarr")
    for wrong in (
        ["--memory-limit", "2 birds"],
        ["--workers", "0"],
        ["--levels", "0"],
        ["--memory-limit", "1k"],
    ):
        assert "cpool pyramid: argument" in refused(capsys, "pyramid", path, *wrong)
    assert not [each for each in tmp_path.iterdir() if "part" in each.name]


def test_no_scheduler(tmp_path, capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(_large, "_PATIENCE", 0.5)
    path = saved(tmp_path, "zarr", volume())
    said = refused(capsys, "pyramid", path, "--scheduler", "tcp://127.0.0.1:9")
    assert "--scheduler tcp://127.0.0.1:9: no scheduler answers there" in said
    assert main(["pyramid", str(path), "--resume", "-q"]) == 0


def test_missing_packages(tmp_path, capsys, monkeypatch):
    path = saved(tmp_path, "npy", volume())
    monkeypatch.setitem(sys.modules, "dask.array", None)
    assert 'this needs dask: pip install "cpool[dask]"' in refused(capsys, "pyramid", path)


def test_the_journal_says_what_is_to_be_done(tmp_path, monkeypatch):
    path = saved(tmp_path, "npy", volume())
    monkeypatch.setattr(_stores.Writer, "__call__", Interrupted(KeyboardInterrupt(), 0))
    assert main(["pyramid", str(path), "--levels", "1", "-q"]) == 130
    head = json.loads((tmp_path / "x-pyramid.zarr.part.journal").read_text().splitlines()[0])
    assert head["source"] == str(path.resolve()) and head["asked"]["levels"] == 1
