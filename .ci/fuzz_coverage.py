"""Coverage-guided fuzzing with atheris of what reads arguments, and of what reads files.

    python .ci/fuzz_coverage.py arguments -max_total_time=300
    python .ci/fuzz_coverage.py png corpus/png -max_total_time=300

The first argument is a target: "arguments" (`cpool/_arguments.py`, `cpool/_geometry.py`), or a kind of file
that the command line reads: npy, npz, png, jpg, tif. The rest goes to libFuzzer: a folder for what is found,
and options. Anything but a refusal (TypeError, ValueError, MemoryError; for files a `Problem`) ends the
run, and the input is kept in a file crash-*, which given as an argument is run again.
"""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

with atheris.instrument_imports(include=["cpool", "PIL", "zipfile", "numpy.lib"]):
    import numpy as np
    from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

    from cpool import _arguments, _geometry
    from cpool._cli import _files

REFUSALS = (TypeError, ValueError, MemoryError)
FILES = {
    "npy": lambda stream: _files._read_npy(stream, "x.npy"),
    "npz": lambda stream: _files._read_npz(stream, Path("x.npz")),
    **dict.fromkeys(("png", "jpg", "tif"), lambda stream: _files._read_picture(stream, Path("x.png"))),
}
WORDS = (
    "valid", "same", "same_lower", "channels_first", "channels_last", "NCW", "NHWC", "NDHWC", "propagate",
    "omit", "raise", "last", "sum", "torch", "onnx", "tensorflow", "linear", "float32", "float64",
    "int32", "",
)
INTS = (
    0, 1, 2, 3, -1, 7, 2**31 - 2, 2**31 - 1, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30,
)
OBJECTS = (
    None, True, False, ..., object(), int, float, np.float32, np.int8, np.bool_(True), np.float64(2),
    np.uint8(3), {}, {1: 2}, {1, 2}, b"2", 2j, np.ma.masked_array([1.0]), np.zeros(()), np.zeros((2, 0)),
    np.zeros(2, object), np.zeros((2, 2), complex), np.zeros(2, "M8[s]"), float("nan"), float("inf"), -0.0,
    1e308, 0.5, 2.0, range(3),
)


class Values:
    """Values of any kind from the bytes of the fuzzer."""

    def __init__(self, data):
        self.data = atheris.FuzzedDataProvider(data)

    def one(self, depth=0):
        kind = self.data.ConsumeIntInRange(0, 7 if depth < 3 else 4)
        if kind == 0:
            return self.pick(INTS)
        if kind == 1:
            return self.data.ConsumeIntInRange(-9, 40)
        if kind == 2:
            return self.pick(OBJECTS)
        if kind == 3:
            return self.pick(WORDS)
        if kind == 4:
            return self.data.ConsumeFloat()
        if kind == 5:
            numbers = [self.data.ConsumeIntInRange(-3, 9) for _ in range(self.data.ConsumeIntInRange(0, 4))]
            return np.array(numbers).astype(self.pick(("i8", "f4", "u1", "f8", "?", "i4", "f2")))
        items = [self.one(depth + 1) for _ in range(self.data.ConsumeIntInRange(0, 4))]
        return tuple(items) if kind == 6 else items

    def pick(self, choices):
        return choices[self.data.ConsumeIntInRange(0, len(choices) - 1)]

    def count(self):
        return self.data.ConsumeIntInRange(1, 3)

    def sizes(self, n):
        return tuple(self.data.ConsumeIntInRange(1, 20) for _ in range(n))


def checks(v):
    """One function of the argument layer with a value of any kind."""
    a, g, nd = _arguments, _geometry, v.count()
    shape, last = v.sizes(nd + v.count()), v.pick((True, False))
    dtype = np.dtype(v.pick(("f4", "i8", "?", "f2")))
    op = v.pick(("max", "avg", "sum", "lp", "range", "var"))
    return {
        "int_value": lambda: a.int_value(v.one(), "k", 1),
        "int_tuple": lambda: a.int_tuple(v.one(), nd, "kernel_size", 1),
        "parse_output_size": lambda: a.parse_output_size(v.one(), shape),
        "parse_unpool_size": lambda: a.parse_unpool_size(v.one(), shape[:nd], v.sizes(nd), shape[nd:], None),
        "parse_padding": lambda: a.parse_padding(v.one(), nd),
        "parse_shape": lambda: a.parse_shape(v.one()),
        "parse_divisor": lambda: a.parse_divisor(v.one()),
        "parse_threads": lambda: a.parse_threads(v.one()),
        "flag": lambda: a.flag(v.one(), "ceil_mode"),
        "parse_norm_type": lambda: a.parse_norm_type(v.one()),
        "parse_rank": lambda: a.parse_rank(v.one(), v.one(), v.one()),
        "parse_correction": lambda: a.parse_correction(v.one()),
        "parse_label": lambda: a.parse_label(v.one(), dtype),
        "parse_data_format": lambda: a.parse_data_format(v.one(), nd),
        "parse_spatial_ndim": lambda: a.parse_spatial_ndim(v.one(), len(shape), v.one()),
        "check_axis": lambda: a.check_axis(v.one(), len(shape), nd),
        "parse_dtype": lambda: a.parse_dtype(op, v.one(), dtype),
        "parse_index_dtype": lambda: a.parse_index_dtype(v.one(), 100),
        "as_array": lambda: a.as_array(v.one()),
        "as_shape": lambda: a.as_shape(v.one()),
        "as_mask": lambda: a.as_mask(v.one(), shape),
        "as_indices": lambda: a.as_indices(v.one(), "indices", shape),
        "as_samples": lambda: a.as_samples(v.one(), shape),
        "as_element": lambda: a.as_element(v.one(), dtype, "cval"),
        "parse_rng": lambda: a.parse_rng(v.one()),
        "split_out": lambda: a.split_out(v.one(), v.pick((True, False))),
        "check_out": lambda: a.check_out(v.one(), shape, dtype),
        "parse_boxes": lambda: a.parse_boxes(v.one(), v.one(), 2),
        "parse_scale": lambda: a.parse_scale(v.one()),
        "parse_sampling": lambda: a.parse_sampling(v.one()),
        "parse_fraction": lambda: a.parse_fraction(v.one(), v.one(), shape[:nd], v.sizes(nd)),
        "parse_grid": lambda: a.parse_grid(v.one(), v.one(), v.sizes(nd), shape[:nd]),
        "parse_positions": lambda: a.parse_positions(v.one(), shape[:nd]),
        "parse_samples": lambda: a.parse_samples(v.one(), shape[nd:], nd, shape[:nd]),
        "parse_boundaries": lambda: a.parse_boundaries(v.one(), shape[nd:], shape[:nd]),
        "as_options": lambda: a.as_options(v.one(), "func_kwargs"),
        "window_plan": lambda: g.window_plan(
            shape, nd, v.one(), v.one(), v.one(), v.one(), v.one(), v.one(), v.one(), last),
        "adaptive_plan": lambda: g.adaptive_plan(shape, nd, v.one(), last),
        "global_plan": lambda: g.global_plan(shape, v.one(), last, v.one()),
        "unpool_plan": lambda: g.unpool_plan(shape, nd, v.one(), v.one(), v.one(), v.one(), last),
        "output_shape": lambda: g.output_shape(
            v.one(), v.one(), v.one(), v.one(), v.one(), v.one(), data_format=v.one()),
        "windows": lambda: g.windows(
            shape, v.one(), v.one(), v.one(), v.one(), v.one(), data_format=v.one()),
        "convert_indices": lambda: g.convert_indices(
            v.one(), v.one(), source=v.one(), target=v.one(), data_format=v.one()),
    }


def arguments(data):
    """Call one function; nothing but a refusal may be raised, and a refusal says something."""
    v = Values(data)
    table = checks(v)
    call = table[v.pick(sorted(table))]
    try:
        call()
    except REFUSALS as error:
        assert str(error), "an exception without a message"


def reader(kind):
    """A function that reads a file of a kind from bytes."""

    def read(data):
        with contextlib.suppress(_files.Problem, MemoryError):
            FILES[kind](io.BytesIO(data))

    return read


def seeds(kind, folder):
    """Good files, to begin with."""
    pixels = np.arange(7 * 9 * 3, dtype=np.uint8).reshape(7, 9, 3)
    floats, swapped = pixels[..., :1].astype(np.float32), np.asfortranarray(pixels).astype(">i2")
    arrays = pixels, pixels[..., 0], floats, swapped
    for number, array in enumerate(arrays):
        path = folder / f"{number}.{kind}"
        if kind == "npy":
            np.save(path, array)
        elif kind == "npz":
            (np.savez_compressed if number % 2 else np.savez)(path, a=array, b=pixels)
        elif array.dtype == np.uint8:
            Image.fromarray(array.squeeze()).save(path)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("arguments", *FILES):
        sys.exit(__doc__)
    kind, options = sys.argv[1], sys.argv[2:]
    options += ["-timeout=60", "-rss_limit_mb=4096", "-malloc_limit_mb=1000000", "-print_final_stats=1"]
    if kind == "arguments":
        atheris.Setup([sys.argv[0], *options], arguments)
    else:
        Image.MAX_IMAGE_PIXELS = 1 << 18  # small pictures are as hard to read, and read faster
        folder = Path(tempfile.mkdtemp(prefix="cpool-seeds-"))
        seeds(kind, folder)
        atheris.Setup([sys.argv[0], *options, str(folder)], reader(kind))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
