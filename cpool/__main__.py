"""The command line: `cpool`, or `python -m cpool`.

Exit codes: 0 done; 1 an internal check failed; 2 something about the arguments or files is wrong (one line on
standard error says what); 130 interrupted; 141 the reader of a pipe went away.
"""

import argparse
import contextlib
import os
import re
import sys
from typing import Any, NoReturn

import cpool

_KINDS = {
    "max": ("the largest value of each window", ""),
    "min": ("the smallest value of each window", ""),
    "avg": ("the mean of each window", ""),
    "sum": ("the sum of each window", "In a picture, sums above the largest pixel value are clipped to it. "),
    "lp": (
        "the p-norm of each window",
        "Norms of integers are computed in floating point; in a picture they are rounded, and clipped to the "
        "largest pixel value. ",
    ),
}
_OPERATORS = [
    *("max", "min", "avg", "sum", "lp"),
    *("adaptive_max", "adaptive_min", "adaptive_avg", "adaptive_sum", "adaptive_lp"),
    *("global_max", "global_min", "global_avg", "global_sum", "global_lp"),
]
_DTYPES = [
    *("float16", "bfloat16", "float32", "float64"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
]
_EXAMPLES = """\
examples:
  cpool demo                            every operator, on a photograph
  cpool max photo.jpg -k 2              half as large: photo-max.jpg
  cpool avg scans -k 4,2 -o small       all pictures and arrays of a folder
  cpool pyramid big.zarr --levels 4     an image of several scales
  cpool bench --op max -k 3 -s 2 --shape 8x64x112x112
  cpool max --help                      each command has its own help"""
_EPILOG = (
    "Pictures (.png, .jpg, .tif) keep their sample type: 8 or 16 bits, grey or colour; alpha is pooled as "
    "one more channel, palettes become colours. Arrays (.npy, .npz) are (..., height, width). "
    "Files that exist are replaced, except the inputs."
)


class _Help(argparse.HelpFormatter):
    """One placeholder for both names of an option, as in Python 3.13; indented lines stay as they are."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):  # Python 3.11 forgets that commands are indented
            self._action_max_length += 2

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if sys.version_info >= (3, 13) or not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        parts = (part if part.startswith(" ") else fill(part, width, indent) for part in text.split("\n"))
        return "\n".join(parts)


class _Parser(argparse.ArgumentParser):
    """argparse with one line per error, as for every other mistake."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, formatter_class=_Help)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Do not pass over an output that cannot be written to."""
        file = file or sys.stderr
        if message and file is not None:
            file.write(message)

    def error(self, message: str) -> NoReturn:
        self.exit(2, _line(f"{self.prog}: {message} (try {self.prog} --help)"))


def _line(text: str) -> str:
    text = " ".join(text.split())
    return (text if len(text) <= 500 else text[:497] + "...") + "\n"


def _sizes(text: str) -> tuple[int, ...]:
    """Read "3", "3,2" or "3x2"."""
    try:
        sizes = tuple(int(part) for part in text.lower().replace("x", ",").split(","))
        if len(sizes) > 3:
            raise ValueError
        return sizes
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 2 or 3,2") from None


def _padding(text: str) -> object:
    """Read "1", "1,2", "0:1,2:2", "same", "same_lower" or "valid"."""
    if text in ("same", "same_lower", "valid"):
        return text
    try:
        if ":" in text:
            pairs = [tuple(int(part) for part in pair.split(":")) for pair in text.split(",")]
            if all(len(pair) == 2 for pair in pairs):
                return tuple(pairs)
            raise ValueError
        values = _sizes(text)
        return values[0] if len(values) == 1 else values
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not 1, 1,2, before:after pairs such as 0:1,0:1, same, same_lower or valid"
        ) from None


def _threads(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 4096:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 4096")


def _levels(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 32:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of levels from 1 to 32")


def _bytes(text: str) -> int:
    """Read "2GB", "512 MiB" or "0.5G"."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", text.strip().lower())
    if found:
        power = " kmgt".index(found[2] or " ")
        size = int(float(found[1]) * (1024 if found[3] else 1000) ** power)
        if size >= 1 << 20:
            return size
    raise argparse.ArgumentTypeError(f"{text!r} is not a size of at least 1 MiB such as 2GB or 512MiB")


def _rounds(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1000:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of rounds from 1 to 1000")


def _shape(text: str) -> tuple[int, ...]:
    """Read "8x64x112x112", or the same with commas."""
    parts = text.lower().replace(",", "x").split("x")
    if len(parts) <= 8 and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        shape = tuple(map(int, parts))
        if all(shape):
            return shape
    raise argparse.ArgumentTypeError(f"{text!r} is not a shape such as 8x64x112x112")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    from cpool._cli import _completion

    parser = _Parser(
        prog="cpool",
        description="Fast pooling of pictures and arrays.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"cpool {cpool.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    demo = commands.add_parser(
        "demo",
        help="pool a photograph with every operator, and draw and time it",
        description="Pool the photograph of a cat with every operator, print what each costs, and write a "
        "picture of all results.",
    )
    add = demo.add_argument
    add("-o", "--output", default="cpool-demo.png", metavar="FILE", help="the picture; default: %(default)s")

    for name, (what, note) in _KINDS.items():
        command = commands.add_parser(
            name, help=what, description=f"Write {what} of pictures or arrays.", epilog=note + _EPILOG
        )
        _add_pool_options(command, name)

    pyramid = commands.add_parser(
        "pyramid",
        help="an OME-Zarr image of several scales, of an array that need not fit the memory",
        description="Write an array and smaller versions of it, each level exact, as an OME-Zarr image. The "
        "array may be a Zarr array, an OME-Zarr image, a TIFF or an .npy file of any size.",
        epilog="Example: cpool pyramid big.zarr --levels 4 --op mode --workers 4 --memory-limit 2GB",
    )
    _add_pyramid_options(pyramid)

    bench = commands.add_parser(
        "bench",
        help="time cpool and the libraries that are installed, side by side",
        description="Time cpool and every library that is installed (PyTorch, ONNX Runtime, OpenVINO, JAX, "
        "TensorFlow, OpenCV, SciPy, scikit-image, tinybrain, NumPy) on layers that have a name, or on one "
        "that --shape describes. Each library runs in a process of its own; results are compared.",
        epilog="Example: cpool bench --shape 8x64x112x112 --op max --kernel 3 --stride 2 --padding 1",
    )
    _add_bench_options(bench)

    about = "version, CPU level, OpenMP and threads"
    what = f"Print what a report of an error should say: {about}."
    commands.add_parser("info", help=about, description=what)

    shells = _completion.SHELLS
    places = "\n".join(f"  cpool completion {shell} > {place}" for shell, place in shells.items())
    completion = commands.add_parser(
        "completion",
        help="a script that makes Tab complete these commands",
        description="Print the script with which a shell completes commands, options and file names. Needs "
        'pip install "cpool[completion]".',
        epilog=f"where shells look for it:\n{places}",
    )
    completion.add_argument("shell", choices=tuple(shells), metavar="SHELL", help="bash, zsh or fish")
    return parser


def _add_pool_options(command: argparse.ArgumentParser, name: str) -> None:
    add = command.add_argument
    add("files", nargs="+", metavar="FILE", help=".png .jpg .tif .npy .npz .zarr, a folder, or - for a pipe")
    add("-k", "--kernel", type=_sizes, required=True, metavar="N[,N..]", help="window size, such as 2 or 3,2")
    add("-s", "--stride", type=_sizes, metavar="N[,N..]", help="step between windows; default: the kernel")
    add(
        "-p",
        "--padding",
        type=_padding,
        default=0,
        metavar="N[,N..]",
        help="1, 1,2, before:after pairs such as 0:1,0:1, or same",
    )
    add("-d", "--dilation", type=_sizes, default=(1,), metavar="N[,N..]", help="distance of taps; default: 1")
    add("--ceil", action="store_true", help="keep a last window that sticks out")
    add("--channels-last", action="store_true", help="arrays are (..., height, width, channels)")
    add("--ndim", type=int, choices=(1, 2, 3), help="window dimensions; default: as many as sizes, or 2")
    if name == "avg":
        add("--exclude-pad", action="store_true", help="divide by the number of real elements only")
    if name == "lp":
        add("--norm-type", type=float, default=2.0, metavar="P", help="any p > 0, or inf; default: 2")
        add("--normalize", action="store_true", help="under the root, the mean instead of the sum")
    if name in ("avg", "sum", "lp"):
        add("--dtype", choices=("float32", "float64"), help="of the result")
    add("--key", action="append", metavar="NAME", help="only this array of an .npz (may be repeated)")
    add("-o", "--output", metavar="FILE", help=f"file, folder or -; default: FILE-{name} next to FILE")
    add("--threads", type=_threads, metavar="N", help="default: CPOOL_NUM_THREADS, or what OpenMP says")
    add("-q", "--quiet", action="store_true", help="print errors only")
    _add_large_options(command)


def _add_pyramid_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("file", metavar="FILE", help=".zarr, .tif or .npy")
    add("--levels", type=_levels, default=4, metavar="N", help="smaller versions, 1 to 32; default: 4")
    add("--op", choices=("avg", "mode", "max", "min", "sum"), default="avg",
        help="what a window becomes: avg (default), mode for labels, ...")  # fmt: skip
    add("--factor", type=_sizes, default=(2,), metavar="N[,N..]", help="from level to level; default: 2")
    add("--axes", metavar="NAMES", help="such as tczyx; default: as the file says, or the last of these")
    add("--chunks", type=_shape, metavar="NxN..", help="of the result; default: those of the input")
    add("--skip-base", action="store_true", help="do not copy the input as the first level")
    add("--ome", choices=("0.4", "0.5"), default="0.4", help="version of OME-Zarr; default: 0.4")
    add("--key", metavar="NAME", help="this array of a Zarr group")
    add("-o", "--output", metavar="STORE", help="default: FILE-pyramid.zarr next to FILE")
    add("--threads", type=_threads, metavar="N", help="of cpool in each task; default: 1")
    add("-q", "--quiet", action="store_true", help="print errors only")
    _add_large_options(command)


def _add_large_options(command: argparse.ArgumentParser) -> None:
    large = command.add_argument_group(
        "arrays larger than memory", 'Any of these works on parts. Needs pip install "cpool[dask]".'
    )
    add = large.add_argument
    add("--workers", type=_threads, metavar="N", help="processes; default: threads, one for each processor")
    add("--memory-limit", type=_bytes, metavar="SIZE", help="of each worker process, such as 2GB")
    add("--scheduler", metavar="ADDRESS", help="of a running cluster, such as tcp://host:8786")
    add("--resume", action="store_true", help="go on with what an interrupted run has left in OUTPUT.part")


def _add_bench_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("names", nargs="*", metavar="NAME", help="workload, group or pattern; default: one of each kind")
    add("--list", action="store_true", help="show the workloads and the libraries, measure nothing")
    add("--all", action="store_true", help="every workload")
    add("--threads", type=_threads, metavar="N", help="for every library; default: as many as cpool uses")
    add("--peers", metavar="A,B..", help="only these libraries beside cpool; default: all installed")
    add("--rounds", type=_rounds, default=7, metavar="N", help="turns of each library; default: 7")
    add("--json", metavar="FILE", help="write the figures to this file")
    add("--plot", metavar="FILE", help="draw them: .png, .svg or .pdf; needs matplotlib")

    layer = command.add_argument_group("a layer of your own")
    add = layer.add_argument
    add("--shape", type=_shape, metavar="NxN..", help="of the array as it lies in memory, as 8x64x112x112")
    add("--op", choices=_OPERATORS, metavar="OP", help=f"one of {', '.join(_OPERATORS)}")
    add("-k", "--kernel", type=_sizes, metavar="N[,N..]", help="window size, such as 2 or 3,2")
    add("-s", "--stride", type=_sizes, metavar="N[,N..]", help="step between windows; default: the kernel")
    add("-p", "--padding", type=_sizes, metavar="N[,N..]", help="default: 0")
    add("--output-size", type=_sizes, metavar="N[,N..]", help="for the adaptive operators")
    add("--norm-type", type=float, metavar="P", help="for lp; default: 2")
    add("--dtype", choices=_DTYPES, metavar="TYPE", help=f"one of {', '.join(_DTYPES)}; default: float32")
    add("--layout", choices=("channels_first", "channels_last"), metavar="LAYOUT",
        help="channels_first (default) or channels_last")  # fmt: skip
    add("--ndim", type=int, choices=(1, 2, 3), help="pooled axes; default: as many as sizes, or all but two")
    add("--indices", action="store_true", help="positions too, for max and min")
    add("--exclude-pad", action="store_true", help="avg: divide by the number of real elements only")
    add("--backward", action="store_true", help="the gradient instead")


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.command == "info":
        cpool.show_config()
        return 0
    if options.command == "completion":
        from cpool._cli import _completion

        return _completion.run(parser, options.shell)
    if options.command == "demo":
        from cpool._cli import _demo

        return _demo.run(options)
    if options.command == "pyramid":
        from cpool._cli import _large

        return _large.pyramid(options)
    if options.command == "bench":
        from cpool._cli._bench import command

        return command.run(options)
    from cpool._cli import _pool

    return _pool.run(options)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    from cpool._cli._files import Problem

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # any file name can be printed
    try:
        try:
            parser = build_parser()
            code = _run(parser, parser.parse_args(arguments))
        except SystemExit as stop:  # argparse: help, version, usage errors
            code = stop.code if isinstance(stop.code, int) else 2
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _abandon_output()
        return 141
    except Problem as problem:
        text = str(problem)
    except MemoryError as error:
        text = str(error) or "not enough memory"
    except Exception as error:  # whatever else goes wrong: one line, never a traceback
        text = f"{type(error).__name__}: {error}"
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # nobody can be told
            sys.stderr.write(_line(f"cpool: {text}"))
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        _abandon_output()
    return 2


def _abandon_output() -> None:
    """Let what is left of the output go nowhere: Python flushes once more at exit, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
