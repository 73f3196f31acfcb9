"""A real photograph pooled with every operator: timed, checked against NumPy, drawn side by side."""

import argparse
import os
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import cpool
from cpool._cli import _demo_learning, _demo_noise, _files

TILE = (240, 180)
GAP = 12
NAME_SIZE, NOTE_SIZE = 18, 14
DETAIL = (slice(70, 160), slice(90, 210))  # the eye: what is shown of results as large as the photograph

K = 5  # window, in pixels
ROW = 10  # window along a row, in pixels
CELLS = (45, 60)  # output of the adaptive operators
P = 2.0  # norm type of the lp operators: with the mean, the root mean square


class Case(NamedTuple):
    """One operator of the demo.

    Attributes
    ----------
    name : str
        The public function.
    note : str
        What it was asked to do, in a few words.
    call, plain : callable
        The function with its arguments, and the same in plain NumPy.
    white : float or None
        The value that is drawn as white; None takes the largest one.
    """

    name: str
    note: str
    call: Callable[[], np.ndarray]
    plain: Callable[[], np.ndarray]
    white: float | None = 255.0


def run(options: argparse.Namespace) -> int:
    """Pool the photograph, print a line per operator, write the picture. Return 1 if NumPy disagrees."""
    target = Path(options.output)
    if _files.suffix_of(target) not in _files.PICTURES:
        raise _files.Problem(f"{target}: the demo writes a picture: .png, .jpg or .tif")
    _files.pillow()
    with resources.as_file(resources.files("cpool.data") / "cat.jpg") as path:
        (photo,) = _files.read(path).arrays.values()
    height, width, _ = photo.shape
    print(f"cpool {cpool.__version__} and NumPy {np.__version__}, both on one thread")
    print(f"photograph: {width} x {height}, 8-bit RGB (Chelsea the cat, by Stefan van der Walt, CC0)")
    print()
    print(f"{'operator':<22}{'what':<30}{'cpool':>12}{'NumPy':>12}{'speed-up':>10}")
    tiles = [(_to_pixels(photo, 255.0), "the photograph", f"{width} x {height}")]
    differ = 0
    for case in _cases(photo):
        with cpool.num_threads(1):
            result, took = _timed(case.call)
        expected, plain_took = _timed(case.plain)
        same = _agree(result, expected)
        differ += not same
        verdict = f"{plain_took / took:8.1f} x" if same else "  VALUES DIFFER"
        times = f"{took * 1e3:9.3f} ms{plain_took * 1e3:9.3f} ms"
        print(f"{case.name:<22}{case.note:<30}{times}{verdict}", flush=True)
        tiles.append((_to_pixels(result, case.white), case.name, case.note))
    print()
    print("Best of several runs. NumPy: one array operation per element of a window, axis by axis.")
    tiles += _robustness(photo)
    _learning(photo)
    _files.write(target, _files.Content("picture", {"0": _sheet(tiles)}))
    print()
    print(f"picture: {os.path.abspath(target)}")
    return 1 if differ else 0


def _learning(photo: np.ndarray) -> None:
    """Print what layers learn from the photograph."""
    print()
    dead = f"{_demo_learning.SHARE:.0%} dead pixels"
    print(f"layers that learn from {dead} what the averages were without: off by, of 255")
    print(f"{'layer':<22}{'what it learned':<30}{'before':>12}{'after':>12}")
    for line in _demo_learning.learn(photo):
        print(f"{line.name:<22}{line.note:<30}{line.before:12.1f}{line.after:12.1f}")


def _robustness(photo: np.ndarray) -> list[tuple[np.ndarray, str, str]]:
    """Print what withstands noise, and how labels are best made smaller; return the pictures of it."""
    shown, lines = _demo_noise.noise(photo)
    print()
    print(f"salt and pepper on {_demo_noise.SHARE:.0%} of the values: how far they move what comes out of "
          f"{_demo_noise.K} x {_demo_noise.K} windows")
    print(f"{'operator':<22}{'what':<30}{'off by, of 255':>16}")
    for line in lines:
        print(f"{line.name:<22}{line.note:<30}{line.off:>16}")
    labels, lines = _demo_noise.majority(photo)
    print()
    print(f"a label map of which {_demo_noise.WRONG:.0%} is random, to one label for {_demo_noise.CELL} x "
          f"{_demo_noise.CELL}")
    print(f"{'operator':<22}{'what':<30}{'wrong':>16}")
    for line in lines:
        print(f"{line.name:<22}{line.note:<30}{line.off:>16}")
    return [tuple(tile) for tile in (*shown, *labels)]


def _timed(call: Callable[[], np.ndarray], budget: float = 0.03) -> tuple[np.ndarray, float]:
    """Return the result of `call` and the shortest of its times within the budget of seconds."""
    result = call()
    best = float("inf")
    spent, runs = 0.0, 0
    while runs < 2 or (spent < budget and runs < 100):
        start = time.perf_counter()
        result = call()
        took = time.perf_counter() - start
        best = min(best, took)
        spent += took
        runs += 1
    return result, best


def _agree(result: np.ndarray, expected: np.ndarray) -> bool:
    if result.shape != expected.shape:
        return False
    if result.dtype.kind == "f":
        return bool(np.allclose(result, expected, rtol=1e-5, atol=1e-6))
    return bool(np.array_equal(result, expected))


# ---- the operators, each with its plain NumPy twin ----


def _cases(photo: np.ndarray) -> list[Case]:
    """Return the operators in rows of six, the order in which they are drawn; the photograph comes before."""
    volume = np.ascontiguousarray(np.moveaxis(photo, 2, 0))  # three planes of one colour
    rows = [
        _window_cases(photo, "2d", (K, K, 1), f"{K} x {K} windows"),
        [_unpool_case(photo, "2d", (K, K, 1)), *_backward_cases(photo)],
        [
            _unpool_case(photo, "1d", (1, ROW, 1)),
            *_window_cases(photo, "1d", (1, ROW, 1), f"1 x {ROW} windows"),
        ],
        [
            _unpool_case(volume, "3d", (3, K, K)),
            *_window_cases(volume, "3d", (3, K, K), f"3 x {K} x {K} windows"),
        ],
        [_dilated_case(photo), *_adaptive_cases(photo)],
        [_smooth_case(photo), *_global_cases(photo)],
        [*_region_cases(photo), *_scale_cases(photo)],
    ]
    return [case for row in rows for case in row]


def _arguments(ndim: str, window: tuple[int, ...]) -> dict[str, Any]:
    """Return the arguments that lay `window`, with one size for each axis, over the photograph."""
    if ndim == "3d":
        return {"kernel_size": window}  # a volume, without channels
    kernel = window[1] if ndim == "1d" else window[:2]
    return {"kernel_size": kernel, "data_format": "channels_last"}


def _window_cases(photo: np.ndarray, ndim: str, window: tuple[int, ...], note: str) -> list[Case]:
    arguments = _arguments(ndim, window)
    taps = int(np.prod(window))

    def reducer(name: str, *first: float, **more: Any) -> Callable[[], np.ndarray]:
        function = getattr(cpool, f"{name}_pool{ndim}")
        return lambda: function(photo, *first, **arguments, **more)

    size = note.removesuffix(" windows")
    return [
        Case(f"max_pool{ndim}", note, reducer("max"), lambda: _fold(np.maximum, photo, window)),
        Case(f"min_pool{ndim}", note, reducer("min"), lambda: _fold(np.minimum, photo, window)),
        Case(
            f"avg_pool{ndim}", note, reducer("avg"), lambda: _mean(_fold(np.add, _wide(photo), window), taps)
        ),
        Case(
            f"sum_pool{ndim}",
            f"{note}, scaled",
            reducer("sum"),
            lambda: _fold(np.add, _wide(photo), window).astype(np.uint64),
            255.0 * taps,
        ),
        Case(
            f"lp_pool{ndim}",
            f"p = {P:g}, mean, {size}",
            reducer("lp", P, normalize=True, dtype=np.float32),
            lambda: _norm(_fold(np.add, _powers(photo), window), taps),
        ),
    ]


def _unpool_case(photo: np.ndarray, ndim: str, window: tuple[int, ...]) -> Case:
    arguments = _arguments(ndim, window)
    values, indices = getattr(cpool, f"max_pool{ndim}")(photo, **arguments, return_indices=True)
    function = getattr(cpool, f"max_unpool{ndim}")

    def plain() -> np.ndarray:
        restored = np.zeros_like(photo)
        if ndim == "3d":
            restored.reshape(-1)[indices] = values
        elif ndim == "2d":
            restored.reshape(-1, 3)[indices, np.arange(3)] = values
        else:
            np.put_along_axis(restored, indices, values, axis=1)
        return restored

    return Case(
        f"max_unpool{ndim}", "values put back (detail)", lambda: function(values, indices, **arguments), plain
    )


def _backward_cases(photo: np.ndarray) -> list[Case]:
    """Return the gradients of the 2-D operators, with the pooled values as the gradient that comes in."""
    window = (K, K, 1)
    arguments = _arguments("2d", window)
    x = photo.astype(np.float32)
    g = cpool.avg_pool2d(x, **arguments)
    cases = []
    for name, first in {"max": (), "min": (), "avg": (), "sum": (), "lp": (P,)}.items():
        more = {"normalize": True} if name == "lp" else {}

        def call(
            name: str = name, first: tuple[float, ...] = first, more: dict[str, Any] = more
        ) -> np.ndarray:
            return getattr(cpool, f"{name}_pool2d_backward")(g, x, *first, **arguments, **more)

        def plain(name: str = name) -> np.ndarray:
            if name in ("max", "min"):
                return _to_extreme(g, x if name == "max" else -x)
            if name == "lp":
                norm = _norm(_fold(np.add, _powers(x), window), K * K)
                return _spread(g / norm / (K * K)) * x
            return _spread(g / (K * K) if name == "avg" else g)

        cases.append(Case(f"{name}_pool2d_backward", "gradient (detail)", call, plain, None))
    return cases


def _dilated_case(photo: np.ndarray) -> Case:
    """A window with holes, at every position: nine taps, three pixels apart."""
    step, size = 3, 3

    def plain() -> np.ndarray:
        reach = step * (size - 1) // 2
        padded = np.pad(photo, ((reach, reach), (reach, reach), (0, 0)))
        for axis in (0, 1):
            n = padded.shape[axis] - 2 * reach
            padded = _tallest([np.take(padded, range(i * step, i * step + n), axis) for i in range(size)])
        return padded

    return Case(
        "max_pool2d",
        "stride 1, dilation 3 (detail)",
        lambda: cpool.max_pool2d(photo, size, 1, step * (size - 1) // 2, step, data_format="channels_last"),
        plain,
    )


def _smooth_case(photo: np.ndarray) -> Case:
    """An average at every position, divided by the real elements at the borders."""
    reach = 4
    size = 2 * reach + 1

    def sums(x: np.ndarray) -> np.ndarray:
        for axis in (0, 1):
            ends = np.pad(np.cumsum(x, axis), [(1, 0) if a == axis else (0, 0) for a in range(x.ndim)])
            stop = np.minimum(np.arange(x.shape[axis]) + reach + 1, x.shape[axis])
            start = np.maximum(np.arange(x.shape[axis]) - reach, 0)
            x = np.take(ends, stop, axis) - np.take(ends, start, axis)
        return x

    return Case(
        "avg_pool2d",
        'stride 1, "same" (detail)',
        lambda: cpool.avg_pool2d(photo, size, 1, "same", data_format="channels_last"),
        lambda: _mean(sums(photo.astype(np.int64)), sums(np.ones(photo.shape, np.int64))),
    )


def _adaptive_cases(photo: np.ndarray) -> list[Case]:
    note = f"to {CELLS[1]} x {CELLS[0]}"
    rows, columns = photo.shape[:2]
    taps = np.multiply.outer(_cell_sizes(rows, CELLS[0]), _cell_sizes(columns, CELLS[1]))[:, :, None]
    white = 255.0 * float(taps.max())

    def call(name: str, *first: Any, **more: Any) -> Callable[[], np.ndarray]:
        function = getattr(cpool, f"adaptive_{name}_pool2d")
        return lambda: function(photo, *first, CELLS, data_format="channels_last", **more)

    return [
        Case("adaptive_max_pool2d", note, call("max"), lambda: _cells(np.maximum, photo)),
        Case("adaptive_min_pool2d", note, call("min"), lambda: _cells(np.minimum, photo)),
        Case("adaptive_avg_pool2d", note, call("avg"), lambda: _mean(_cells(np.add, _wide(photo)), taps)),
        Case(
            "adaptive_sum_pool2d",
            f"{note}, scaled",
            call("sum"),
            lambda: _cells(np.add, _wide(photo)).astype(np.uint64),
            white,
        ),
        Case(
            "adaptive_lp_pool2d",
            f"p = {P:g}, mean, {note}",
            call("lp", P, normalize=True, dtype=np.float32),
            lambda: _norm(_cells(np.add, _powers(photo)), taps),
        ),
    ]


def _global_cases(photo: np.ndarray) -> list[Case]:
    note = "to one colour"
    taps = photo.shape[0] * photo.shape[1]

    def call(name: str, *first: Any, **more: Any) -> Callable[[], np.ndarray]:
        function = getattr(cpool, f"global_{name}_pool")
        return lambda: function(photo, *first, spatial_ndim=2, data_format="channels_last", **more)

    return [
        Case("global_max_pool", note, call("max"), lambda: photo.max(axis=(0, 1))),
        Case("global_min_pool", note, call("min"), lambda: photo.min(axis=(0, 1))),
        Case("global_avg_pool", note, call("avg"), lambda: np.rint(photo.mean(axis=(0, 1))).astype(np.uint8)),
        Case(
            "global_sum_pool",
            f"{note}, scaled",
            call("sum"),
            lambda: photo.sum(axis=(0, 1), dtype=np.uint64),
            255.0 * taps,
        ),
        Case(
            "global_lp_pool",
            f"p = {P:g}, mean, {note}",
            call("lp", P, normalize=True, dtype=np.float32),
            lambda: _norm(_powers(photo).astype(np.float64).sum(axis=(0, 1)), taps),
        ),
    ]


EYES = (95.0, 75.0, 265.0, 160.0)  # a box: left, top, right and bottom


def _region_cases(photo: np.ndarray) -> list[Case]:
    """Return the operators over a box, the eyes: the largest pixel of every bin, and one sample of it."""
    x1, y1, x2, y2 = EYES
    one = np.array([EYES])
    wide = photo.astype(np.float32)
    arguments = {"data_format": "channels_last"}

    def largest() -> np.ndarray:
        box = photo[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1]
        return _cells(np.maximum, box)

    def samples() -> np.ndarray:
        rows = y1 - 0.5 + (np.arange(CELLS[0]) + 0.5) * (y2 - y1) / CELLS[0]
        columns = x1 - 0.5 + (np.arange(CELLS[1]) + 0.5) * (x2 - x1) / CELLS[1]
        r, c = rows.astype(int), columns.astype(int)
        v, u = (rows - r)[:, None, None], (columns - c)[:, None]
        above = wide[r][:, c] * (1 - u) + wide[r][:, c + 1] * u
        below = wide[r + 1][:, c] * (1 - u) + wide[r + 1][:, c + 1] * u
        return (above * (1 - v) + below * v).astype(np.float32)

    return [
        Case(
            "roi_pool",
            "a box, largest pixels",
            lambda: cpool.roi_pool(photo, one, CELLS, **arguments)[0],
            largest,
        ),
        Case(
            "roi_align",
            "a box, one sample a bin",
            lambda: cpool.roi_align(wide, one, CELLS, sampling_ratio=1, aligned=True, **arguments)[0],
            samples,
        ),
    ]


def _scale_cases(photo: np.ndarray) -> list[Case]:
    """Return the pyramids of the photograph and of its labels, level under level, and rows beside columns."""
    levels = 4
    rows, columns = photo.shape[:2]
    arguments: dict[str, Any] = {"spatial_ndim": 2, "data_format": "channels_last"}
    _, given = _demo_noise.label_map(photo)
    palette = _demo_noise.PALETTE

    def stacked(pyramid: list[np.ndarray]) -> np.ndarray:
        sheet = np.full((rows, columns // 2, 3), 255, np.uint8)
        top = 0
        for level in pyramid:
            sheet[top : top + level.shape[0], : level.shape[1]] = level
            top += level.shape[0]
        return sheet

    def sums(x: np.ndarray) -> list[tuple[int, np.ndarray]]:
        sizes = [2**level for level in range(1, levels + 1)]
        whole = [x[: rows // k * k, : columns // k * k] for k in sizes]
        return [(k, _fold(np.add, _wide(x), (k, k, 1))) for k, x in zip(sizes, whole, strict=True)]

    def means() -> list[np.ndarray]:
        return [_mean(each, k * k) for k, each in sums(photo)]

    def majorities() -> list[np.ndarray]:
        votes = given[..., None] == np.arange(_demo_noise.LABELS)
        return [each.argmax(-1) for _, each in sums(votes)]

    return [
        Case(
            "pool_pyramid",
            f"{levels} levels",
            lambda: stacked(cpool.pool_pyramid(photo, levels, **arguments)),
            lambda: stacked(means()),
        ),
        Case(
            "pool_pyramid",
            f"{levels} levels of labels, by majority",
            lambda: stacked(
                [palette[each] for each in cpool.pool_pyramid(given, levels, op="mode", spatial_ndim=2)]
            ),
            lambda: stacked([palette[each] for each in majorities()]),
        ),
        Case(
            "strip_pool",
            "rows and columns",
            lambda: np.add(*(strip / 2 for strip in cpool.strip_pool(photo, **arguments))),
            lambda: (np.rint(photo.mean(1, keepdims=True)) + np.rint(photo.mean(0, keepdims=True))) / 2,
        ),
    ]


def _fold(step: np.ufunc, x: np.ndarray, window: tuple[int, ...]) -> np.ndarray:
    """Reduce windows that do not overlap, one axis after the other."""
    for axis, size in enumerate(window):
        if size > 1:
            split = x.reshape(*x.shape[:axis], x.shape[axis] // size, size, *x.shape[axis + 1 :])
            taps = [split[(slice(None),) * (axis + 1) + (i,)] for i in range(size)]
            x = taps[0].copy()
            for tap in taps[1:]:
                step(x, tap, out=x)
    return x


def _cells(step: np.ufunc, x: np.ndarray) -> np.ndarray:
    """Reduce the adaptive windows, which may overlap, one axis after the other."""
    for axis, out in enumerate(CELLS):
        n = x.shape[axis]
        bounds = [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]
        x = np.stack([step.reduce(np.take(x, range(*b), axis), axis) for b in bounds], axis)
    return x


def _cell_sizes(n: int, out: int) -> np.ndarray:
    i = np.arange(out)
    return -(-(i + 1) * n // out) - i * n // out


def _tallest(arrays: list[np.ndarray]) -> np.ndarray:
    result = arrays[0]
    for array in arrays[1:]:
        np.maximum(result, array, out=result)
    return result


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.uint32)


def _powers(x: np.ndarray) -> np.ndarray:
    return np.square(x.astype(np.float32))


def _norm(sums: np.ndarray, taps: Any) -> np.ndarray:
    return np.sqrt(sums / taps).astype(np.float32)


def _mean(sums: np.ndarray, taps: Any) -> np.ndarray:
    return np.rint(sums / taps).astype(np.uint8)


def _spread(g: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(g, K, axis=0), K, axis=1)


def _to_extreme(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Send each gradient to the first of the largest elements of its window."""
    rows, columns, channels = g.shape
    windows = x.reshape(rows, K, columns, K, channels).transpose(0, 2, 4, 1, 3)
    windows = windows.reshape(rows, columns, channels, K * K)
    spread = np.zeros_like(windows)
    np.put_along_axis(spread, windows.argmax(-1)[..., None], g[..., None], axis=-1)
    return spread.reshape(rows, columns, channels, K, K).transpose(0, 3, 1, 4, 2).reshape(x.shape)


# ---- the picture ----


def _to_pixels(result: np.ndarray, white: float | None) -> np.ndarray:
    """Return 8-bit pixels (rows, columns, 3) of any result."""
    scale = 255.0 / (white or float(np.abs(result).max()) or 1.0)
    pixels = np.clip(np.rint(result * scale), 0, 255).astype(np.uint8)
    if pixels.ndim == 1:
        pixels = pixels[None, None]
    elif pixels.shape[2] > 3:
        pixels = np.moveaxis(pixels, 0, 2)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _sheet(tiles: list[tuple[np.ndarray, str, str]]) -> np.ndarray:
    """Lay the tiles out in rows of six, each with its name and note under it."""
    from PIL import Image, ImageDraw

    columns = 6
    cell = (TILE[0] + GAP, TILE[1] + NAME_SIZE + NOTE_SIZE + 2 * GAP)
    sheet = Image.new("RGB", (columns * cell[0] + GAP, -(-len(tiles) // columns) * cell[1] + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (pixels, name, note) in enumerate(tiles):
        left, top = GAP + i % columns * cell[0], GAP + i // columns * cell[1]
        sheet.paste(_tile(pixels, i == 0), (left, top))
        top += TILE[1] + 3
        draw.text((left, top), name, fill="black", font=_font(NAME_SIZE))
        draw.text((left, top + NAME_SIZE + 2), note, fill="#606060", font=_font(NOTE_SIZE))
    return np.asarray(sheet)


def _tile(pixels: np.ndarray, whole: bool) -> Any:
    """Enlarge small results in blocks, so that their pixels show; of large ones show the detail."""
    from PIL import Image

    rows, columns = pixels.shape[:2]
    if rows > TILE[1] and columns > TILE[0] and not whole:
        pixels = pixels[DETAIL]
        rows, columns = pixels.shape[:2]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image = image.resize((max(columns, TILE[0]), max(rows, TILE[1])), Image.Resampling.NEAREST)
    return image.resize(TILE, Image.Resampling.BOX if not whole else Image.Resampling.LANCZOS)


def _font(size: int) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError, OSError):  # Pillow before 10.1, or built without FreeType
        return ImageFont.load_default()
