"""The command line and files that are damaged, mislabelled or enormous, and disks that are full or locked."""

import io
import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_cli import Image, noise, png_of_size, python

import cpool
from cpool import __main__ as cli

SUFFIXES = (".npy", ".npz", ".png", ".jpg", ".tif")


def written(suffix, pixels=None):
    """The bytes of a good file."""
    pixels = noise((20, 24, 3)) if pixels is None else pixels
    stream = io.BytesIO()
    if suffix == ".npy":
        np.save(stream, pixels)
    elif suffix == ".npz":
        np.savez_compressed(stream, a=pixels, b=pixels[0])
    else:
        kind = {".png": "PNG", ".jpg": "JPEG", ".tif": "TIFF"}[suffix]
        options = {"compression": "tiff_deflate"} if suffix == ".tif" else {}
        Image.fromarray(pixels).save(stream, format=kind, **options)
    return stream.getvalue()


def output_for(suffix):
    """An output that takes what a file of that kind gives."""
    return "z.npz" if suffix == ".npz" else "z.npy"


def input_for(suffix, folder, pixels):
    """A file from which an output of that kind can be made."""
    name = "x.npz" if suffix == ".npz" else "x.npy"
    (np.savez if suffix == ".npz" else np.save)(folder / name, pixels)
    return name


@pytest.fixture
def one_line(tmp_path, monkeypatch, capfd):
    """Run one command; it must fail with one line, leave no file behind, and return the line."""
    monkeypatch.chdir(tmp_path)

    def one_line(*arguments):
        before = sorted(tmp_path.rglob("*"))
        code = cli.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert (code, out) == (2, ""), (code, out, err)
        assert err.count("\n") == 1 and err.startswith("cpool"), err
        assert "Traceback" not in err
        assert sorted(tmp_path.rglob("*")) == before
        return err

    return one_line


# ---- damage ----

DAMAGE = """
import os, random, sys, traceback
sys.path[:0] = {paths}
from pathlib import Path
import faulthandler
faulthandler.enable()
from cpool.__main__ import main
from test_hostile_files import written
suffix = {suffix!r}
good = written(suffix)
rng = random.Random(0)
folder = Path({folder!r})
os.chdir(folder)
x, z = folder / f"x{{suffix}}", folder / "z.npy"
cuts = [*range(0, min(len(good), 40)), *(rng.randrange(len(good)) for _ in range(25))]
data = [good[:cut] for cut in cuts] + [good[:cut] + bytes(50) for cut in cuts[::4]]
for _ in range(120):
    flipped = bytearray(good)
    for _ in range(rng.choice([1, 1, 3, 20])):
        at = rng.randrange(len(good)) if rng.random() < 0.5 else rng.randrange(min(200, len(good)))
        flipped[at] = rng.choice([0, 255, 127, 128, rng.randrange(256), flipped[at] ^ 1])
    data.append(bytes(flipped))
for each in data:
    x.write_bytes(each)
    sys.stderr = open(folder / "said.txt", "w+")
    code = main(["max", x.name, "-k", "2", "-q", "-o", z.name if suffix != ".npz" else "z.npz"])
    sys.stderr.flush()
    said = (folder / "said.txt").read_text()
    sys.stderr = sys.__stderr__
    left = {{p.name for p in folder.iterdir()}} - {{x.name, "said.txt"}}
    if code == 2:
        assert said.count("\\n") == 1 and said.startswith("cpool: "), said
        assert not left, left
    else:
        assert code == 0 and "Traceback" not in said, (code, said)
        for name in left:
            (folder / name).unlink()
print("all", len(data))
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_cut_and_flipped_files(tmp_path, suffix):
    """In a process of its own, as decoders are not ours: what cannot be read is one line."""
    here = Path(__file__).parent
    code = DAMAGE.format(paths=[str(here.parent), str(here)], suffix=suffix, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert int(done.stdout.split()[-1]) > 150


@pytest.mark.parametrize(("inside", "label"), list(itertools.permutations(SUFFIXES, 2)))
def test_mislabelled_files(one_line, inside, label):
    pictures = {".png", ".jpg", ".tif"}
    Path(f"x{label}").write_bytes(written(inside))
    if {inside, label} <= pictures:  # Pillow looks inside
        assert cli.main(["max", f"x{label}", "-k", "2", "-q", "-o", "z.npy"]) == 0
    else:
        assert f"x{label}" in one_line("max", f"x{label}", "-k", 2, "-o", output_for(label))


@pytest.mark.parametrize("text", [
    b"", b"hello", b"\0" * 4096, b"<svg/>", b"GIF89a", b"%PDF-1.4", b"\x93NUMPY",
])  # fmt: skip
def test_files_that_are_something_else(one_line, text):
    for suffix in SUFFIXES:
        Path(f"x{suffix}").write_bytes(text)
        assert f"x{suffix}" in one_line("max", f"x{suffix}", "-k", 2, "-o", output_for(suffix))


# ---- bombs ----


def jpeg_of_size(width, height):
    data = bytearray(written(".jpg"))
    at = data.index(b"\xff\xc0") + 5
    data[at:at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def tiff_of_size(width, height):
    data = bytearray(written(".tif"))
    (start,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[start:start + 2])
    for i in range(count):
        at = start + 2 + 12 * i
        (tag,) = struct.unpack("<H", data[at:at + 2])
        if tag in (256, 257):
            data[at + 2:at + 12] = struct.pack("<HII", 4, 1, width if tag == 256 else height)
    return bytes(data)


def test_pictures_that_would_fill_the_memory(one_line):
    for suffix, bomb in (".png", png_of_size), (".jpg", jpeg_of_size), (".tif", tiff_of_size):
        Path(f"x{suffix}").write_bytes(bomb(65000, 65000))
        assert "decompression bomb" in one_line("max", f"x{suffix}", "-k", 2, "-o", "z.npy")


def test_archives_that_would_fill_the_memory(one_line):
    import zipfile

    with zipfile.ZipFile("x.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as member:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 4)})
        member.write(header.getvalue() + bytes(10**6))
    assert "memory" in one_line("max", "x.npz", "-k", 2, "-o", "z.npz")


# ---- parts of files that need not fit the memory ----


def large():
    for name in "dask", "zarr", "tifffile", "distributed":
        pytest.importorskip(name)


def test_damaged_files_read_in_parts(one_line):
    large()
    for suffix in ".npy", ".tif":
        good = written(suffix, noise((64, 64)))
        for data in b"", good[:10], good[:len(good) // 2], b"\0" * 500, written(".png"):
            Path(f"x{suffix}").write_bytes(data)
            assert f"x{suffix}" in one_line("pyramid", f"x{suffix}", "--levels", 1, "-o", "y.zarr")


def test_damaged_stores(one_line, capfd):
    large()
    import zarr

    zarr.create_array("good.zarr", shape=(64, 64), chunks=(16, 16), dtype="uint8")[...] = 7
    meta = json.loads(Path("good.zarr/zarr.json").read_text())
    wrong = [
        b"", b"{", b"[]", b"\xff\xfe", json.dumps(meta | {"shape": [-1, 4]}).encode(),
        json.dumps(meta | {"data_type": "complex128"}).encode(), json.dumps(meta | {"shape": "x"}).encode(),
        json.dumps(meta | {"codecs": [{"name": "none"}]}).encode(), json.dumps({"zarr_format": 9}).encode(),
    ]
    for text in wrong:
        shutil.rmtree("x.zarr", ignore_errors=True)
        shutil.copytree("good.zarr", "x.zarr")
        Path("x.zarr/zarr.json").write_bytes(text)
        assert "x.zarr" in one_line("pyramid", "x.zarr", "--levels", 1, "-o", "y.zarr")
    Path("x.zarr/zarr.json").write_text(json.dumps(meta))
    for chunk in Path("x.zarr/c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"rubbish")
    code = cli.main(["pyramid", "x.zarr", "--levels", "1", "-q", "-o", "y.zarr"])
    assert code == 2 and not Path("y.zarr").exists()  # what was begun stays in y.zarr.part, for --resume
    said = capfd.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said and "x.zarr" in said
    Path("w.zarr").write_bytes(b"a file, no folder")
    one_line("pyramid", "w.zarr", "--levels", 1, "-o", "v.zarr")


# ---- disks ----


def limited(size):
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.skipif(os.name == "nt", reason="needs limits of resources")
@pytest.mark.parametrize("suffix", [*SUFFIXES, ".jpeg", ".tiff"])
def test_a_disk_that_fills_up(tmp_path, suffix):
    """A limit on the size of files stands for it: one line, and nothing is left of the output."""
    source = input_for(suffix, tmp_path, noise((300, 300)))
    Path(tmp_path / f"old{suffix}").write_bytes(b"old")
    for target in f"y{suffix}", f"old{suffix}":
        done = python("max", source, "-k", 1, "-q", "-o", target, cwd=tmp_path, preexec_fn=limited(2000),
                      env=os.environ | {"PYTHONPATH": str(Path(cpool.__file__).parents[1])})
        assert done.returncode == 2, done.stderr
        assert done.stderr.count(b"\n") == 1 and b"too large" in done.stderr, done.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == [f"old{suffix}", source]
    assert Path(tmp_path / f"old{suffix}").read_bytes() == b"old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [
    ("max", "x.npy", "-k", "2", "-o", "-"), ("max", "x.npy", "-k", "2"), ("info",), ("--version",),
    ("max", "--help"), ("completion", "bash"),
])  # fmt: skip
def test_an_output_that_is_full(tmp_path, arguments):
    np.save(tmp_path / "x.npy", noise((300, 300)))
    settings = os.environ | {"PYTHONPATH": str(Path(cpool.__file__).parents[1])}
    command = [sys.executable, "-m", "cpool", *arguments]
    with open("/dev/full", "wb") as full:
        for unbuffered in "", "1":
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path,
                                  env=settings | {"PYTHONUNBUFFERED": unbuffered})
            assert done.returncode not in (0, -6, -11) and done.stderr.count(b"\n") == 1, done.stderr
            assert b"No space left" in done.stderr or b"shtab" in done.stderr, done.stderr
        done = subprocess.run([*command[:3], "max"], stderr=full, cwd=tmp_path, env=settings)
        assert done.returncode == 2


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB, where one may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_small_disk(small_disk, one_line, suffix):
    source = input_for(suffix, Path(), noise((600, 600)))
    said = one_line("max", source, "-k", 1, "-o", small_disk / f"y{suffix}")
    assert "No space left on device" in said and not list(small_disk.iterdir())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_that_nobody_can_write_to(one_line, suffix):
    source = input_for(suffix, Path(), noise((8, 8)))
    for folder in "/proc/self", "/proc/cpool/sub", "/dev/null":
        assert folder in one_line("max", source, "-k", 2, "-o", f"{folder}/y{suffix}")
