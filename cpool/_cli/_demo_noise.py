"""Two questions to a photograph: which operators withstand outliers, and how labels are made smaller."""

from typing import NamedTuple

import numpy as np

import cpool

K = 3  # window of the noisy photograph, in pixels
SHARE = 0.05  # of its values that are noise
LABELS = 4  # brightness classes of the label map
CELL = 5  # window of the label map, in pixels
WRONG = 0.1  # of its labels that are wrong
PALETTE = np.array([[38, 70, 83], [42, 157, 143], [233, 196, 106], [231, 111, 81]], np.uint8)


class Tile(NamedTuple):
    """A picture with two lines under it, and by how much it is off where that can be said."""

    pixels: np.ndarray
    name: str
    note: str


class Line(NamedTuple):
    """A line of a table: an operator, and how far off it is, in words."""

    name: str
    note: str
    off: str


def noisy(photo: np.ndarray) -> np.ndarray:
    """Return the photograph with a few of its values black or white: salt and pepper."""
    rng = np.random.default_rng(20260101)
    chance = rng.random(photo.shape)
    result = photo.copy()
    result[chance < SHARE / 2] = 0
    result[(chance >= SHARE / 2) & (chance < SHARE)] = 255
    return result


def noise(photo: np.ndarray) -> tuple[list[Tile], list[Line]]:
    """Pool the photograph and its noisy copy with every operator; say how much they differ."""
    given = noisy(photo)
    arguments = {"kernel_size": K, "data_format": "channels_last"}
    wide = {"dtype": np.float32}

    def float32(function, *first, **more):
        return lambda x: function(x.astype(np.float32), *first, **arguments, **more)

    operators = {
        "median_pool2d": ("", lambda x: cpool.median_pool2d(x, **arguments)),
        "rank_pool2d": ("q = 0.4", lambda x: cpool.rank_pool2d(x, q=0.4, **arguments)),
        "avg_pool2d": ("", lambda x: cpool.avg_pool2d(x, **arguments, **wide)),
        "soft_pool2d": ("of 0 to 1", lambda x: 255 * float32(cpool.soft_pool2d)(x / 255)),
        "lp_pool2d": ("p = 2, mean", lambda x: cpool.lp_pool2d(x, 2, normalize=True, **arguments, **wide)),
        "gem_pool2d": ("p = 3", float32(cpool.gem_pool2d)),
        "lse_pool2d": ("r = 10, of 0 to 1", lambda x: 255 * float32(cpool.lse_pool2d, r=10.0)(x / 255)),
        "max_pool2d": ("", lambda x: cpool.max_pool2d(x, **arguments)),
        "min_pool2d": ("", lambda x: cpool.min_pool2d(x, **arguments)),
        "range_pool2d": ("", lambda x: cpool.range_pool2d(x, **arguments)),
        "stochastic_pool2d": ("drawn", _drawn(arguments)),
    }
    tiles = [Tile(given, "salt and pepper", f"{SHARE:.0%} of the values (detail)")]
    lines = []
    for name, (note, pool) in operators.items():
        clean, got = (np.clip(np.rint(pool(x)), 0, 255).astype(np.uint8) for x in (photo, given))
        away = float(np.abs(clean.astype(float) - got).mean())
        lines.append(Line(name, note, f"{away:6.2f}"))
        tiles.append(Tile(got, name, f"off by {away:.1f}" + (f", {note}" if note else "")))
    order = sorted(range(len(lines)), key=lambda i: float(lines[i].off))
    return [tiles[0], *(tiles[i + 1] for i in order)], [lines[i] for i in order]


def _drawn(arguments):
    def pool(x):
        rng = np.random.default_rng(1)  # the same draws for both photographs
        return cpool.stochastic_pool2d(x.astype(np.float32), **arguments, rng=rng)

    return pool


def label_map(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return classes of brightness, smooth and with wrong labels strewn over them."""
    grey = cpool.median_pool2d(photo.mean(axis=2), 2 * CELL + 1, 1, "same")
    bounds = np.quantile(grey, np.arange(1, LABELS) / LABELS)
    labels = np.searchsorted(bounds, grey).astype(np.uint8)
    rng = np.random.default_rng(20260101)
    wrong = rng.random(labels.shape) < WRONG
    return labels, np.where(wrong, rng.integers(0, LABELS, labels.shape), labels).astype(np.uint8)


def majority(photo: np.ndarray) -> tuple[list[Tile], list[Line]]:
    """Make the label map smaller by majority, by picking and by averaging; say how many labels are wrong."""
    labels, given = label_map(photo)
    true = cpool.mode_pool2d(labels, CELL)
    ways = {
        "mode_pool2d": ("by majority", cpool.mode_pool2d(given, CELL)),
        "median_pool2d": ("the middle label", cpool.median_pool2d(given, CELL)),
        "avg_pool2d": ("the average label", cpool.avg_pool2d(given, CELL)),
        "every fifth": ("picked", given[CELL // 2 :: CELL, CELL // 2 :: CELL]),
    }
    tiles = [
        Tile(PALETTE[given], "labels", f"{WRONG:.0%} drawn at random (detail)"),
        Tile(PALETTE[true], "mode_pool2d", "before that"),
    ]
    lines = []
    for name, (note, got) in ways.items():
        wrong = float((got != true).mean())
        lines.append(Line(name, note, f"{wrong:7.2%}"))
        tiles.append(Tile(PALETTE[got], name, f"{note}, {wrong:.1%} wrong"))
    return tiles, lines
