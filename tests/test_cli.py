"""The `cpool` command: what it writes, and that nothing wrong ends in a traceback or in half a file."""

import io
import os
import signal
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

import cpool
from cpool import __main__ as cli
from cpool._cli import _files, _pool

Image = pytest.importorskip("PIL.Image", reason="pictures need Pillow")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run one command line in this process; return its exit code, standard output and standard error."""

    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def fails(run, here):
    """Run one command line that must fail: exit code 2, one line, no new file."""

    def fails(*arguments, says):
        before = sorted(here.rglob("*"))
        code, out, err = run(*arguments)
        assert code == 2
        assert err.count("\n") == 1 and err.endswith("\n") and err.startswith("cpool")
        assert says in err
        assert out == ""
        assert sorted(here.rglob("*")) == before
        return err

    return fails


def noise(shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def picture(path, pixels, **options):
    Image.fromarray(pixels).save(path, **options)
    return pixels


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image)


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "cpool", *map(str, arguments)], capture_output=True, **options
    )


# ---- pictures ----


def test_the_command_of_the_readme(here, run):
    pixels = picture("photo.png", noise((9, 12, 3)))
    Image.fromarray(pixels).save("photo.jpg", quality=95)
    code, out, err = run("max", "photo.jpg", "--kernel", 2, "--stride", 2, "--output", "pooled.png")
    assert (code, err) == (0, "")
    assert out.startswith("photo.jpg (9 x 12 x 3 uint8) -> pooled.png (4 x 6 x 3 uint8)")
    expected = cpool.max_pool2d(pixels_of("photo.jpg"), 2, data_format="channels_last")
    np.testing.assert_array_equal(pixels_of("pooled.png"), expected)
    assert sorted(os.listdir()) == ["photo.jpg", "photo.png", "pooled.png"]


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 2), (9, 12, 3), (9, 12, 4)])
@pytest.mark.parametrize("name", ["max", "min", "avg"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_pictures_keep_their_channels(here, run, name, shape, suffix):
    x = picture("x.png", noise(shape))
    output = f"y{suffix}"
    assert run(name, "x.png", "-k", "3,2", "-s", "2", "-p", "1", "--ceil", "-o", output)[0] == 0
    layout = "channels_last" if len(shape) == 3 else "channels_first"
    function = getattr(cpool, f"{name}_pool2d")
    np.testing.assert_array_equal(
        pixels_of(output), function(x, (3, 2), 2, 1, ceil_mode=True, data_format=layout)
    )


@pytest.mark.parametrize("name", ["max", "min", "avg", "sum", "lp"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_stay_sixteen(here, run, name, suffix):
    x = picture(f"x{suffix}", noise((8, 9), np.uint16) // 4)
    assert run(name, f"x{suffix}", "-k", 2, "-o", f"y{suffix}")[0] == 0
    result = pixels_of(f"y{suffix}")
    assert result.dtype == np.uint16
    if name == "lp":
        expected = np.rint(cpool.lp_pool2d(x, 2, 2, dtype=np.float64))
        assert np.abs(result - expected).max() <= 1
    else:
        expected = getattr(cpool, f"{name}_pool2d")(x, 2)
        np.testing.assert_array_equal(result, np.minimum(expected, 65535))


def test_sums_are_clipped_and_said_so(here, run):
    x = picture("x.png", np.array([[10, 20, 200, 90], [30, 40, 1, 2]], np.uint8))
    code, _, err = run("sum", "x.png", "-k", 2, "-o", "y.png")
    assert code == 0
    assert err == "cpool: note: 1 values were clipped to fit the picture; an .npy output keeps them\n"
    np.testing.assert_array_equal(pixels_of("y.png"), [[100, 255]])
    assert run("sum", "x.png", "-k", 2, "-o", "y.npy")[2] == ""
    np.testing.assert_array_equal(np.load("y.npy"), cpool.sum_pool2d(x, 2))


def test_norms_are_rounded(here, run):
    picture("x.png", np.array([[3, 4], [0, 0]], np.uint8))
    assert run("lp", "x.png", "-k", 2, "-o", "y.png")[0] == 0
    assert pixels_of("y.png") == [[5]]
    assert run("lp", "x.png", "-k", 2, "--norm-type", 1, "-o", "y.png")[0] == 0
    assert pixels_of("y.png") == [[7]]
    assert run("lp", "x.png", "-k", 2, "--normalize", "-o", "y.npy")[0] == 0
    np.testing.assert_allclose(np.load("y.npy"), [[2.5]])
    assert run("lp", "x.png", "-k", 2, "--norm-type", "inf", "-o", "y.npy", "--dtype", "float64")[0] == 0
    assert np.load("y.npy").dtype == np.float64


def test_float_pictures_stay_float(here, run):
    x = picture("x.tif", noise((6, 6), np.float32))
    assert run("avg", "x.tif", "-k", 2, "-o", "y.tif")[0] == 0
    np.testing.assert_array_equal(pixels_of("y.tif"), cpool.avg_pool2d(x, 2))


def test_palettes_bilevel_and_other_spaces_become_grey_or_colour(here, run):
    grey = Image.fromarray(noise((8, 8)))
    colour = Image.fromarray(noise((8, 8, 3)))
    colour.convert("P").save("palette.png")
    grey.convert("1").save("bilevel.png")
    colour.convert("CMYK").save("cmyk.tif")
    colour.convert("P").save("see-through.png", transparency=0)
    grey.save("see-through-grey.png", transparency=0)
    shapes = {"palette.png": (4, 4, 3), "bilevel.png": (4, 4), "cmyk.tif": (4, 4, 3)}
    shapes |= {"see-through.png": (4, 4, 4), "see-through-grey.png": (4, 4, 2)}
    for name, shape in shapes.items():
        assert run("min", name, "-k", 2, "-o", "y.png")[0] == 0
        assert pixels_of("y.png").shape == shape


def test_a_turned_photograph_is_pooled_upright(here, run):
    x = noise((4, 6, 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.fromarray(x).save("x.png", exif=exif)
    assert run("max", "x.png", "-k", "2,1", "-o", "y.npy")[0] == 0
    expected = cpool.max_pool2d(np.rot90(x, -1), (2, 1), data_format="channels_last")
    np.testing.assert_array_equal(np.load("y.npy"), expected)


def test_a_colour_profile_is_kept(here, run):
    Image.fromarray(noise((4, 4, 3))).save("x.png", icc_profile=b"not really a profile")
    for output in ("y.png", "y.jpg", "y.tif"):
        assert run("max", "x.png", "-k", 2, "-o", output)[0] == 0
        with Image.open(output) as image:
            assert image.info["icc_profile"] == b"not really a profile"


def test_every_page_of_a_tif(here, run, fails):
    pages = [noise((4, 6), seed=i) for i in range(3)]
    first, *rest = [Image.fromarray(page) for page in pages]
    first.save("x.tif", save_all=True, append_images=rest)
    assert run("max", "x.tif", "-k", 2, "-o", "y.tif")[0] == 0
    with Image.open("y.tif") as image:
        assert image.n_frames == 3
        for i, page in enumerate(pages):
            image.seek(i)
            np.testing.assert_array_equal(np.asarray(image), cpool.max_pool2d(page, 2))
    fails("max", "x.tif", "-k", 2, "-o", "z.png", says="3 pages need a .tif")
    fails("max", "x.tif", "-k", 2, "-o", "z.npy", says="3 pages cannot be written as one array")
    first.save("x.png", save_all=True, append_images=rest)
    fails("max", "x.png", "-k", 2, "-o", "z.png", says="an animation of 3 frames")


def test_arrays_become_pictures_if_a_picture_can_hold_them(here, run, fails):
    for shape, seen in {(6, 8): (3, 4), (3, 6, 8): (3, 4, 3), (1, 6, 8): (3, 4)}.items():
        x = noise(shape)
        np.save("x.npy", x)
        assert run("max", "x.npy", "-k", 2, "-o", "y.png")[0] == 0
        assert pixels_of("y.png").shape == seen
    np.save("x.npy", noise((6, 8, 3)))
    assert run("max", "x.npy", "-k", 2, "--channels-last", "-o", "y.png")[0] == 0
    assert pixels_of("y.png").shape == (3, 4, 3)
    np.save("x.npy", noise((6, 8)) > 100)
    assert run("max", "x.npy", "-k", 2, "-o", "y.png")[0] == 0
    assert set(np.unique(pixels_of("y.png"))) <= {0, 255}
    for x in (noise((6, 8), np.float64), noise((2, 3, 6, 8)), noise((7, 6, 8)), noise((6, 8), np.int16)):
        np.save("x.npy", x)
        fails("max", "x.npy", "-k", 2, "-o", "z.png", says="cannot hold")
    picture("x.png", noise((6, 8, 4)))
    fails("max", "x.png", "-k", 2, "-o", "z.jpg", says="JPEG has no alpha channel; write a .png")
    np.save("x.npy", noise((0, 6, 8)))
    fails("max", "x.npy", "-k", 2, "-o", "z.png", says="cannot hold")
    np.save("x.npy", np.zeros((1, 70000), np.uint8))
    fails("max", "x.npy", "-k", 1, "-o", "z.jpg", says="z.jpg")


# ---- arrays ----


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float16, np.float64, ">f4", bool])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays(here, run, dtype, order):
    x = np.asarray(noise((2, 3, 9, 10), np.int8), dtype, order=order)
    np.save("x.npy", x)
    arguments = ("-k", 3, "-s", "2,1", "-p", "1:0,2:1", "-d", 2, "-o", "y.npy")
    assert run("max", "x.npy", *arguments)[0] == 0
    expected = cpool.max_pool2d(x, 3, (2, 1), ((1, 0), (2, 1)), 2)
    result = np.load("y.npy")
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == expected.dtype


def test_dimensions_and_layouts(here, run):
    x = noise((2, 5, 6, 7), np.float32)
    np.save("x.npy", x)
    for options, expected in {
        ("-k", "2"): cpool.max_pool2d(x, 2),
        ("-k", "2", "--ndim", "1"): cpool.max_pool1d(x, 2),
        ("-k", "2,1,2"): cpool.max_pool3d(x, (2, 1, 2)),
        ("-k", "2x1x2"): cpool.max_pool3d(x, (2, 1, 2)),
        ("-k", "2", "--ndim", "3"): cpool.max_pool3d(x, 2),
        ("-k", "2", "-s", "1,2,3"): cpool.max_pool3d(x, 2, (1, 2, 3)),
        ("-k", "2", "--channels-last"): cpool.max_pool2d(x, 2, data_format="channels_last"),
        ("-k", "3", "-s", "2", "-p", "same_lower"): cpool.max_pool2d(x, 3, 2, "same_lower"),
    }.items():
        assert run("max", "x.npy", *options, "-o", "y.npy")[0] == 0
        np.testing.assert_array_equal(np.load("y.npy"), expected)
    np.save("x.npy", x[0, 0, 0])
    assert run("max", "x.npy", "-k", 2, "-o", "y.npy")[0] == 0
    np.testing.assert_array_equal(np.load("y.npy"), cpool.max_pool1d(x[0, 0, 0], 2))


def test_average_options(here, run):
    x = noise((5, 5), np.int16)
    np.save("x.npy", x)
    assert run("avg", "x.npy", "-k", 3, "-p", 1, "--exclude-pad", "-o", "y.npy")[0] == 0
    np.testing.assert_array_equal(np.load("y.npy"), cpool.avg_pool2d(x, 3, 3, 1, count_include_pad=False))
    assert run("avg", "x.npy", "-k", 3, "--dtype", "float64", "-o", "y.npy")[0] == 0
    assert np.load("y.npy").dtype == np.float64


def test_norms_of_integers_are_floating_point(here, run):
    np.save("x.npy", np.array([[3, 4]], np.int64))
    assert run("lp", "x.npy", "-k", "1,2", "-o", "y.npy", "--threads", 1)[0] == 0
    result = np.load("y.npy")
    assert result.dtype == np.float64 and result == [[5.0]]


def test_archives(here, run, fails):
    arrays = {"a": noise((4, 4)), "file": noise((2, 6, 6), np.float32), "labels": noise((0,))}
    np.savez_compressed("x.npz", a=arrays["a"], labels=arrays["labels"])
    fails("max", "x.npz", "-k", 2, "-o", "z.npz", says="x.npz['labels']")
    with zipfile.ZipFile("x.npz", "a") as archive, archive.open("file.npy", "w") as member:
        np.save(member, arrays["file"])
    assert run("max", "x.npz", "-k", 2, "-o", "y.npz", "--key", "a", "--key", "file")[0] == 0
    with np.load("y.npz") as result:
        assert sorted(result) == ["a", "file"]
        for name in result:
            np.testing.assert_array_equal(result[name], cpool.max_pool2d(arrays[name], 2))
    fails("max", "x.npz", "-k", 2, "--key", "b", "-o", "z.npz", says="no array named 'b'")
    fails("max", "x.npz", "-k", 2, "-o", "z.npy", says="z.npy")
    np.save("x.npy", arrays["a"])
    fails("max", "x.npy", "-k", 2, "--key", "a", "-o", "z.npy", says="no array named 'a'")
    fails("max", "x.npy", "-k", 2, "-o", "z.npz", says=".npz archives become .npz archives")


# ---- names, folders, many files ----


def test_default_names(here, run):
    np.save("x.npy", noise((4, 4)))
    code, out, _ = run("min", "x.npy", "-k", 2)
    assert code == 0 and "x-min.npy" in out
    assert sorted(os.listdir()) == ["x-min.npy", "x.npy"]
    Path("into").mkdir()
    assert run("min", "x.npy", "-k", 2, "-o", "into")[0] == 0
    assert run("min", "x.npy", "-k", 2, "-o", "new/")[0] == 0
    assert Path("into/x.npy").exists() and Path("new/x.npy").exists()


def test_a_folder(here, run):
    Path("photos").mkdir()
    for i in range(3):
        picture(f"photos/{i}.png", noise((4, 6, 3), seed=i))
    Path("photos/notes.txt").write_text("not a picture")
    np.save("photos/3.npy", noise((4, 6)))
    code, out, err = run("max", "photos", "-k", 2, "-o", "pooled")
    assert (code, out) == (0, "4 of 4 files pooled in pooled\n")
    assert "4/4" in err
    assert sorted(os.listdir("pooled")) == ["0.png", "1.png", "2.png", "3.npy"]
    expected = cpool.max_pool2d(pixels_of("photos/1.png"), 2, data_format="channels_last")
    np.testing.assert_array_equal(pixels_of("pooled/1.png"), expected)
    assert run("max", "photos", "-k", 2, "--quiet") == (0, "", "")
    assert sorted(os.listdir("photos-max")) == sorted(os.listdir("pooled"))


def test_a_bad_file_does_not_stop_the_others(here, run):
    Path("mixed").mkdir()
    Path("mixed/0.png").write_bytes(b"no picture")
    picture("mixed/1.png", noise((4, 4)))
    code, out, err = run("max", "mixed", "-k", 2)
    assert (code, out) == (2, "1 of 2 files pooled in mixed-max\n")
    assert "cpool: mixed/0.png: not a PNG" in err.replace(os.sep, "/")
    assert os.listdir("mixed-max") == ["1.png"]


def test_several_files(here, run, fails, monkeypatch):
    for folder in ("a", "b"):
        Path(folder).mkdir()
        np.save(f"{folder}/x.npy", noise((4, 4)))
    np.save("b/y.npy", noise((4, 4)))
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    assert run("max", "a/x.npy", "b/y.npy", "-k", 2, "-o", "c")[0] == 0
    assert sorted(os.listdir("c")) == ["x.npy", "y.npy"]
    assert run("max", "a", "b", "-k", 2)[0] == 0
    assert Path("a/x-max.npy").exists() and Path("b/y-max.npy").exists()
    fails("max", "a", "b", "-k", 2, "-o", "c", says="would be written for")
    fails("max", "a", "b/y.npy", "-k", 2, "-o", "a/x.npy", says="need a folder")
    fails("max", "b", "-k", 2, "-o", "a/x.npy", says="need a folder")
    fails("max", "a/x.npy", "-", "-k", 2, says="'-' carries one array")


def test_inputs_are_never_overwritten(here, fails):
    np.save("x.npy", noise((4, 4)))
    before = Path("x.npy").read_bytes()
    Path("again.npy").symlink_to("x.npy")
    os.link("x.npy", "hard.npy")
    for output in ("x.npy", "./x.npy", "again.npy", "hard.npy", "."):
        fails("max", "x.npy", "-k", 2, "-o", output, says="is an input")
    Path("in").mkdir()
    np.save("in/x.npy", noise((4, 4)))
    fails("max", "in", "-k", 2, "-o", "in", says="is an input")
    assert Path("x.npy").read_bytes() == before


def test_existing_outputs_are_replaced_whole(here, run, fails, monkeypatch):
    np.save("x.npy", noise((64, 64)))
    Path("y.npy").write_bytes(b"old")
    Path("link.npy").symlink_to("y.npy")

    def breaks(stream, array):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(_files, "_write_npy", breaks)
        fails("max", "x.npy", "-k", 2, "-o", "y.npy", says="y.npy: No space left on device")
    assert Path("y.npy").read_bytes() == b"old"
    assert run("max", "x.npy", "-k", 2, "-o", "link.npy")[0] == 0
    assert Path("link.npy").is_symlink() and np.load("y.npy").shape == (32, 32)
    umask = os.umask(0)
    os.umask(umask)
    assert os.stat("y.npy").st_mode & 0o777 == 0o666 & ~umask


# ---- pipes ----


def test_pipes(here):
    x = noise((3, 8, 8), np.float32)
    data = io.BytesIO()
    np.save(data, x)
    once = python("max", "-", "--kernel", "2", input=data.getvalue())
    assert (once.returncode, once.stderr) == (0, b"")
    twice = python("avg", "-", "--kernel", "2", input=once.stdout)
    np.testing.assert_array_equal(
        np.load(io.BytesIO(twice.stdout)), cpool.avg_pool2d(cpool.max_pool2d(x, 2), 2)
    )
    assert python("max", "-", "-k", "2", "-o", "y.npy", input=data.getvalue()).returncode == 0
    np.testing.assert_array_equal(np.load("y.npy"), cpool.max_pool2d(x, 2))
    again = python("max", "y.npy", "-k", "2", "-o", "-")
    assert np.load(io.BytesIO(again.stdout)).shape == (3, 2, 2)
    for bad_data in (b"", b"\x93NUMPY", b"hello", data.getvalue()[:-5]):
        bad = python("max", "-", "-k", "2", input=bad_data)
        assert bad.returncode == 2 and bad.stdout == b""
        assert bad.stderr.startswith(b"cpool: standard input: ") and bad.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="no such pipes")
def test_a_reader_that_leaves(here):
    np.save("x.npy", np.zeros((1024, 1024)))
    for arguments in (["max", "x.npy", "-k", "1", "-o", "-"], ["info"]):
        read, write = os.pipe()
        os.close(read)
        process = subprocess.run(
            [sys.executable, "-m", "cpool", *arguments], stdout=write, stderr=subprocess.PIPE
        )
        os.close(write)
        assert (process.returncode, process.stderr) == (141, b"")


def test_terminals_are_not_for_arrays(here, fails, monkeypatch):
    np.save("x.npy", noise((4, 4)))
    for name in ("stdin", "stdout"):
        with monkeypatch.context() as patch:
            patch.setattr(getattr(sys, name), "isatty", lambda: True, raising=False)
            file = "-" if name == "stdin" else "x.npy"
            fails(
                "max", file, "-k", 2, "-o", "-", says="nothing is piped in" if name == "stdin" else "terminal"
            )


def test_interrupted(run, monkeypatch, here):
    np.save("x.npy", noise((4, 4)))

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_files, "_write_npy", interrupt)
    assert run("max", "x.npy", "-k", 2) == (130, "", "")
    assert os.listdir() == ["x.npy"]


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_control_c(here):
    data = io.BytesIO()
    np.save(data, np.zeros((1024, 1024)))
    code = (  # whoever runs the tests may have made this signal one to ignore
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from cpool.__main__ import main; sys.exit(main(['max', '-', '-k', '2', '-o', 'y.npy']))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(data.getvalue()[: 1 << 22])  # more than a pipe holds: it has begun to read
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""
    assert os.listdir() == []


# ---- what can be wrong ----


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "COMMAND"),
        (["median", "x.npy"], "median"),
        (["max", "-k", "2"], "FILE"),
        (["max", "x.npy"], "--kernel"),
        (["max", "x.npy", "-k", "two"], "'two' is not a size"),
        (["max", "x.npy", "-k", "2.0"], "'2.0' is not a size"),
        (["max", "x.npy", "-k", ""], "'' is not a size"),
        (["max", "x.npy", "-k", "0"], "kernel"),
        (["max", "x.npy", "-k", "-1"], "kernel"),
        (["max", "x.npy", "-k", "9" * 30], "kernel"),
        (["max", "x.npy", "-k", "9" * 6000], "kernel"),
        (["max", "x.npy", "-k", "2147483647"], "kernel"),
        (["max", "x.npy", "-k", "2,2,2,2"], "is not a size"),
        (["max", "x.npy", "-k", "2,2,2"], "3"),
        (["max", "x.npy", "-k", "2,2", "-s", "1,1,1"], "3"),
        (["max", "x.npy", "-k", "9"], "x.npy: "),
        (["max", "x.npy", "-k", "2", "-s", "0"], "stride"),
        (["max", "x.npy", "-k", "2", "-d", "0"], "dilation"),
        (["max", "x.npy", "-k", "2", "-p", "-1"], "padding"),
        (["max", "x.npy", "-k", "2", "-p", "full"], "'full' is not 1"),
        (["max", "x.npy", "-k", "2", "-p", "1:2:3,1:1"], "is not 1"),
        (["max", "x.npy", "-k", "2", "-p", "1:1"], "padding"),
        (["max", "x.npy", "-k", "2", "--ndim", "4"], "--ndim"),
        (["max", "x.npy", "-k", "2", "--threads", "0"], "--threads"),
        (["max", "x.npy", "-k", "2", "--norm-type", "2"], "--norm-type"),
        (["lp", "x.npy", "-k", "2", "--norm-type", "0"], "norm_type"),
        (["lp", "x.npy", "-k", "2", "--norm-type", "nan"], "norm_type"),
        (["max", "absent.npy", "-k", "2"], "absent.npy: no such file"),
        (["max", "x.npy", "3", "-k", "2"], "3"),
        (["max", "x.npy", "-k", "2", "-o", "y.txt"], "y.txt: the name must end in"),
        (["max", "x.npy", "-k", "2", "-o", "y"], "y: the name must end in"),
        (["max", "x.npy", "-k", "2", "-o", "x.npy/y.npy"], "x.npy/y.npy"),
        (["max", "empty", "-k", "2"], "empty: holds no"),
        (["max", "empty", "-", "-k", "2"], "'-' carries one array"),
        (["max", "x\0.npy", "-k", "2"], "cpool: "),
        (["info", "extra"], "extra"),
        (["demo", "--output", "demo.npy"], "demo.npy: the demo writes a picture"),
        (["demo", "--output", "demo"], "demo: the name must end in"),
    ],
)
def test_one_line_for_every_mistake(here, fails, arguments, says):
    np.save("x.npy", noise((5, 5)))
    Path("empty").mkdir()
    fails(*arguments, says=says)


def header(text, version=(1, 0)):
    text = text.encode().ljust(116) + b"\n"
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H" if version == (1, 0) else "<I", len(text)) + text


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "not an .npy array"),
        (b"\x93NUMPY\x01", "not an .npy array"),
        (b"\x93NUMPX" + bytes(100), "not an .npy array"),
        (b"\x93NUMPY\x09\x00" + bytes(100), "format version 9.0"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4)}"), "ends after 0 of 64 bytes"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4)}", (2, 0)), "ends after 0 of 64"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 4)}"), "not an .npy array"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4,"), "not an .npy array"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (2**60,)}"), "not an .npy array"),
        (header(f"{{'descr': '<f4', 'fortran_order': True, 'shape': ({2**40}, {2**40})}}"), "memory"),
        (header(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**90},)}}"), "memory"),
        (
            header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + b"cos\nsystem\n",
            "Python objects",
        ),
        (header("{'descr': '|V0', 'fortran_order': False, 'shape': (4, 4)}"), "not an .npy array"),
        (header("{'descr': '<U1', 'fortran_order': False, 'shape': (4, 4)}") + bytes(64), "dtype"),
        (header("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (4, 4)}") + bytes(64), "dtype"),
        (header("{'descr': '<c8', 'fortran_order': False, 'shape': (4, 4)}") + bytes(128), "dtype"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': ()}") + bytes(4), "x"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 0)}"), "0"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535, "not an .npy array"),
    ],
)
def test_damaged_and_hostile_arrays(here, fails, data, says):
    Path("x.npy").write_bytes(data)
    fails("max", "x.npy", "-k", 2, "-o", "z.npy", says=says)
    with zipfile.ZipFile("y.npz", "w") as archive:
        archive.writestr("a.npy", data)
    fails("max", "y.npz", "-k", 2, "-o", "z.npz", says=says)


def test_damaged_archives(here, fails):
    np.savez_compressed("good.npz", a=noise((64, 64)))
    good = Path("good.npz").read_bytes()
    for data in (b"", b"PK", good[:-30], good[:40] + bytes(200) + good[240:]):
        Path("x.npz").write_bytes(data)
        fails("max", "x.npz", "-k", 2, "-o", "z.npz", says="x.npz")
    with zipfile.ZipFile("x.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    fails("max", "x.npz", "-k", 2, "-o", "z.npz", says="'readme.txt' is not an array")
    with zipfile.ZipFile("x.npz", "w"):
        pass
    fails("max", "x.npz", "-k", 2, "-o", "z.npz", says="holds no arrays")
    with zipfile.ZipFile("x.npz", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            archive.writestr("a.npy", b"")
    fails("max", "x.npz", "-k", 2, "-o", "z.npz", says="x.npz")


def png_of_size(width, height, bits=8, colour=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b"")


def test_lost_bits_are_said(here, run):
    Path("x.png").write_bytes(png_of_size(4, 4, 16, 2))
    code, _, err = run("max", "x.png", "-k", 2)
    assert (code, err) == (0, "cpool: note: x.png: has 16 bits per colour, of which Pillow reads 8\n")


def test_damaged_and_hostile_pictures(here, fails):
    for suffix in (".png", ".jpg", ".tif"):
        picture(f"good{suffix}", noise((64, 64, 3)))
        good = Path(f"good{suffix}").read_bytes()
        for data in (b"", b"GIF89a", good[: len(good) // 2], good[:20] + bytes(40) + good[60:]):
            Path(f"x{suffix}").write_bytes(data)
            fails("max", f"x{suffix}", "-k", 2, "-o", "z.npy", says=f"x{suffix}: ")
    Image.fromarray(noise((64, 64, 3))).save("x.tif", compression="tiff_deflate")
    data = bytearray(Path("x.tif").read_bytes())
    data[len(data) // 2] ^= 255
    Path("x.tif").write_bytes(data)
    done = python("max", "x.tif", "-k", 2, "-o", "z.npy")  # libtiff has a voice of its own
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    Path("x.png").write_bytes(png_of_size(100_000, 100_000))
    fails("max", "x.png", "-k", 2, "-o", "z.npy", says="decompression bomb")
    Path("x.png").write_bytes(png_of_size(0, 7))
    fails("max", "x.png", "-k", 2, "-o", "z.npy", says="x.png: ")
    picture("x.png", noise((5, 5)))
    fails("max", "x.png", "-k", "2,2,2", "-o", "z.npy", says="pictures are pooled in 2 dimensions")
    fails("max", "x.png", "-k", "6", "-o", "z.png", says="x.png: ")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_folders_that_cannot_be_written(here, run, fails, monkeypatch):
    np.save("x.npy", noise((4, 4)))
    Path("locked").mkdir(mode=0o500)
    if os.geteuid() == 0:                           # permissions do not bind the superuser: be somebody else
        run("max", "x.npy", "-k", 2, "-o", "y.npy")     # imports what may lie where nobody else reads
        here.chmod(0o755)

        def unprivileged(arguments, main=cli.main):
            os.seteuid(65534)
            try:
                return main(arguments)
            finally:
                os.seteuid(0)

        monkeypatch.setattr(cli, "main", unprivileged)
    fails("max", "x.npy", "-k", 2, "-o", "locked/y.npy", says="Permission denied")


def test_outputs_that_are_no_files(here, fails):
    np.save("x.npy", noise((4, 4)))
    os.mkfifo("pipe.npy")
    fails("max", "x.npy", "-k", 2, "-o", "pipe.npy", says="not a regular file")
    Path("y.npy").mkdir()
    Path("y.npy/x.npy").mkdir()
    fails("max", "x.npy", "-k", 2, "-o", "y.npy", says="not a regular file")


def test_without_pillow(here, fails, run, monkeypatch):
    picture("x.png", noise((4, 4)))
    np.save("x.npy", noise((4, 4)))
    monkeypatch.setitem(sys.modules, "PIL", None)
    says = 'pictures need Pillow: pip install "cpool[image]"'
    fails("max", "x.png", "-k", 2, "-o", "y.npy", says=says)
    fails("max", "x.npy", "-k", 2, "-o", "y.png", says=says)
    fails("demo", says=says)
    assert run("max", "x.npy", "-k", 2)[0] == 0


def test_out_of_memory_and_the_unforeseen(here, fails, monkeypatch):
    np.save("x.npy", noise((4, 4)))

    def raising(error):
        def raises(*_):
            raise error

        return raises

    for error, says in [
        (MemoryError(), "x.npy: not enough memory"),
        (RuntimeError("first\nsecond"), "RuntimeError: first second"),
        (ValueError("x" * 9999), "..."),
    ]:
        monkeypatch.setattr(_pool, "applied", raising(error))
        fails("max", "x.npy", "-k", 2, says=says)
    monkeypatch.setattr(_pool, "run", raising(MemoryError()))
    fails("max", "x.npy", "-k", 2, says="cpool: not enough memory")


# ---- info, help, demo ----


def test_info(run):
    code, out, err = run("info")
    assert (code, err) == (0, "")
    assert cpool.__version__ in out
    for word in ("CPU", "OpenMP", "hreads"):
        assert word in out


def test_help_and_version(run):
    assert run("--version") == (0, f"cpool {cpool.__version__}\n", "")
    for command in ([], ["max"], ["min"], ["avg"], ["sum"], ["lp"], ["demo"], ["bench"], ["info"]):
        code, out, err = run(*command, "--help")
        assert (code, err) == (0, "") and out.startswith("usage: cpool")


def test_nothing_heavy_is_imported_for_arrays(here):
    np.save("x.npy", noise((4, 4)))
    code = (
        "import sys; from cpool.__main__ import main; main(['max', 'x.npy', '-k', '2', '-q']);"
        "print([name for name in ('PIL', 'tqdm', 'torch', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("target", ["cpool-demo.png", "sheet.jpg"])
def test_demo(here, run, target):
    code, out, err = run("demo", *([] if target == "cpool-demo.png" else ["--output", target]))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == f"picture: {here / target}"
    assert "DIFFER" not in out
    names = {line.split()[0] for line in lines if " ms" in line}
    for name in ("max", "min", "avg", "sum", "lp"):
        for operator in ("{}_pool1d", "{}_pool2d", "{}_pool3d", "{}_pool2d_backward", "adaptive_{}_pool2d"):
            assert operator.format(name) in names
        assert f"global_{name}_pool" in names
    assert {"max_unpool1d", "max_unpool2d", "max_unpool3d"} <= names
    assert {"roi_pool", "roi_align", "pool_pyramid", "strip_pool"} <= names
    with Image.open(target) as image:
        assert image.size == (1524, 2372)
    assert {"median_pool2d", "rank_pool2d", "mode_pool2d"} <= {line.split()[0] for line in lines if line}
    assert os.listdir() == [target]


def test_the_photograph_is_small():
    photo = Path(cpool.__file__).parent / "data" / "cat.jpg"
    assert photo.stat().st_size < 100_000
    assert pixels_of(photo).shape == (300, 400, 3)
