"""Corners of the `cpool` command that measuring branches has found: no streams, other systems."""

import os
import sys

import numpy as np
import pytest

from cpool import __main__ as cli
from cpool._cli import _demo, _files, _stores

Image = pytest.importorskip("PIL.Image", reason="pictures need Pillow")


# ---- streams ----


def test_without_streams(monkeypatch):
    """As under pythonw: nobody can be told anything, and the exit code still says it."""
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["info"]) == 0
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["--help"]) == 0
    assert cli.main(["max", "missing.npy", "-k", "2"]) == 2
    assert cli.main(["median", "x.npy"]) == 2


def test_pictures_are_read_without_standard_error(monkeypatch, tmp_path):
    def closed(file):
        raise OSError(9, "Bad file descriptor")

    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(tmp_path / "x.png")
    monkeypatch.setattr(os, "dup", closed)
    (found,) = _files.read(tmp_path / "x.png").arrays.values()
    assert found.tolist() == np.arange(12).reshape(3, 4).tolist()


# ---- systems ----


def test_a_system_that_does_not_tell_its_memory(monkeypatch):
    monkeypatch.delattr(os, "sysconf", raising=False)
    _files._check_memory("x", sys.maxsize)


def test_a_system_that_does_not_reserve_places_on_the_disk(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    _stores.create("npy", str(tmp_path / "x.npy"), "", (5, 7), np.dtype("int32"), None, 3, None)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), np.zeros((5, 7), np.int32))


def test_pillow_without_fonts(monkeypatch):
    from PIL import ImageFont

    real = ImageFont.load_default

    def load_default(*size):
        if size:
            raise ImportError("The _imagingft C module is not installed")
        return real()

    monkeypatch.setattr(ImageFont, "load_default", load_default)
    assert _demo._font(12).getbbox("text")[2] > 4


# ---- pictures ----


@pytest.mark.parametrize(
    ("mode", "channels"), [("PA", 4), ("RGBa", 4), ("La", 2), ("CMYK", 3), ("1", 1), ("P", 3), ("I;16", 1)]
)
def test_modes_of_pictures(mode, channels):
    pixels = _files._pixels(Image.new(mode, (5, 4)))
    assert pixels.shape == ((4, 5) if channels == 1 else (4, 5, channels))
    assert pixels.dtype == (np.uint16 if mode == "I;16" else np.uint8)


def test_what_an_encoder_refuses(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise ValueError("unsupported size")

    np.save(tmp_path / "x.npy", np.zeros((4, 4), np.uint8))
    monkeypatch.setattr(Image.Image, "save", refuse)
    arguments = ["max", str(tmp_path / "x.npy"), "-k", "2", "-o", str(tmp_path / "y.png")]
    assert cli.main(arguments) == 2
    assert "cannot be written as PNG: unsupported size" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["x.npy"]


def test_results_of_another_shape_do_not_agree():
    assert not _demo._agree(np.zeros((2, 2)), np.zeros((2, 3)))
    assert _demo._agree(np.zeros((2, 2)), np.zeros((2, 2)))


# ---- files ----


def refused(capsys, *arguments):
    """The one line that says what is wrong."""
    assert cli.main(list(map(str, arguments))) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1 and not out, err
    return err


def test_a_folder_that_cannot_be_listed(monkeypatch, tmp_path, capsys):
    def iterdir(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "pictures").mkdir()
    monkeypatch.setattr(type(tmp_path), "iterdir", iterdir)
    assert "pictures: Permission denied" in refused(capsys, "max", tmp_path / "pictures", "-k", 2)


def test_a_file_that_is_gone_before_it_is_read(tmp_path):
    with pytest.raises(_files.Problem, match=r"x\.png: No such file"):
        _files.read(tmp_path / "x.png")


def test_an_output_that_fills_up_while_an_error_is_told(monkeypatch, tmp_path):
    """What was printed before is lost, the exit code is not, and Python has nothing left to say at exit."""

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, text):
            return len(text)

        def flush(self):
            raise OSError(28, "No space left on device")

        def fileno(self):
            return self.file.fileno()

    with open(tmp_path / "output", "wb", buffering=0) as file:
        monkeypatch.setattr(sys, "stdout", Full(file))
        assert cli.main(["max", "missing.npy", "-k", "2"]) == 2
        file.write(b"lost")
    assert (tmp_path / "output").read_bytes() == b""


# ---- in parts ----


@pytest.fixture
def zarr():
    pytest.importorskip("dask.array")
    pytest.importorskip("tqdm")
    return pytest.importorskip("zarr")


X = np.arange(4 * 6 * 5, dtype=np.uint8).reshape(4, 6, 5)


def test_axes_by_the_names_of_dimensions(zarr, tmp_path):
    for names, expected in (("Z", "y", "x"), "zyx"), (("z", "row", "x"), ""), (None, ""):
        path = tmp_path / f"{expected or names}.zarr"
        zarr.create_array(path, data=X, dimension_names=names)
        found = _stores.source(path, None)
        assert "".join(each["name"] for each in found.axes) == expected


def test_axes_that_cannot_be_reduced(zarr, tmp_path, capsys):
    np.save(tmp_path / "x.npy", X[None])
    arguments = "pyramid", tmp_path / "x.npy", "-o", tmp_path / "y.zarr", "--axes", "yxct"
    assert "the axes yxct must have at most one axis behind" in refused(capsys, *arguments)
    assert "has no array named 'a'" in refused(capsys, *arguments[:4], "--key", "a")
    assert os.listdir(tmp_path) == ["x.npy"]


def test_results_in_parts_have_a_name_that_says_what_they_are(zarr, tmp_path, capsys):
    zarr.create_array(tmp_path / "x.zarr", data=X)
    said = refused(capsys, "max", tmp_path / "x.zarr", "-k", 2, "-o", tmp_path / "y.png")
    assert "y.png: the name must end in one of " in said


def test_a_journal_that_ended_before_it_began(zarr, tmp_path):
    np.save(tmp_path / "x.npy", X)
    target = tmp_path / "y.zarr"
    (tmp_path / "y.zarr.part").mkdir()
    for begun in ("", "{", "[]", "{}"):
        (tmp_path / "y.zarr.part.journal").write_text(begun)
        arguments = ["pyramid", str(tmp_path / "x.npy"), "-o", str(target), "--levels", "1", "--resume"]
        assert cli.main(arguments) == 0
        assert not list(tmp_path.glob("*.part*"))
        (tmp_path / "y.zarr.part").mkdir()


def test_nothing_stays_of_a_result_that_could_not_be_made(zarr, tmp_path, monkeypatch, capsys):
    def create(kind, path, *_):
        open(path, "w").close()
        raise OSError(28, "No space left on device")

    np.save(tmp_path / "x.npy", X)
    monkeypatch.setattr(_stores, "create", create)
    arguments = "max", tmp_path / "x.npy", "-k", 2, "--ndim", 3, "-o", tmp_path / "y.npy", "--resume"
    assert "y.npy: No space left on device\n" in refused(capsys, *arguments)
    assert os.listdir(tmp_path) == ["x.npy"]


def test_pictures_in_tiles_with_colours(zarr, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pixels = np.arange(40 * 37 * 3, dtype=np.uint8).reshape(40, 37, 3)
    tifffile.imwrite(tmp_path / "x.tif", pixels, photometric="rgb", tile=(16, 32), compression="zlib")
    found = _stores.source(tmp_path / "x.tif", None)
    assert found.chunks == (16, 32, 3) and "".join(each["name"] for each in found.axes) == "yxc"
    tifffile.imwrite(
        tmp_path / "y.tif", X, metadata={"axes": "QYX"}, photometric="minisblack", compression="zlib"
    )
    assert _stores.source(tmp_path / "y.tif", None).axes == []
    tifffile.imwrite(
        tmp_path / "z.tif", X, metadata={"axes": "CTZ"}, photometric="minisblack", compression="zlib"
    )
    found = _stores.source(tmp_path / "z.tif", None)
    assert "".join(each["name"] for each in found.axes) == "ctz"
    np.testing.assert_array_equal(found.reader[1:3, :, 2:], X[1:3, :, 2:])


@pytest.mark.parametrize("page", [b"", b"\x01\0", b"\xff" * 14])
def test_pictures_without_pages(zarr, tmp_path, page):
    pytest.importorskip("tifffile")
    (tmp_path / "x.tif").write_bytes(b"II*\0\x08\0\0\0" + page if page else b"II*\0\0\0\0\0")
    with pytest.raises(_files.Problem, match=r"x\.tif: (cannot be read as|not) a TIFF file"):
        _stores.source(tmp_path / "x.tif", None)


def test_a_folder_with_the_name_of_a_picture(zarr, tmp_path):
    pytest.importorskip("tifffile")
    (tmp_path / "x.tif").mkdir()
    with pytest.raises(_files.Problem, match=r"x\.tif: Is a directory"):
        _stores.source(tmp_path / "x.tif", None)
