"""What the peers share."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .workloads import LAST, Workload


class Cannot(Exception):
    """The library does not do this; the text says what it does, or what is missing."""


def _itself(result: Any) -> Any:
    return result


class Call(NamedTuple):
    """A call that is ready to be timed.

    Attributes
    ----------
    call : callable
        Runs once, and returns the library's own result.
    results : callable
        Makes of that an array, or a tuple of values and indices, in the workload's memory layout.
    timed : callable or None
        Runs so many calls and returns the seconds they took, for calls that are not a plain loop.
    keep : object
        Memory that the library uses without owning it.
    """

    call: Callable[[], Any]
    results: Callable[[Any], Any] = _itself
    timed: Callable[[int], float] | None = None
    keep: Any = None


def planes(chosen: Workload, array: np.ndarray) -> np.ndarray:
    """Return a view with exactly one axis for the batch and one for the channels."""
    rest = len(chosen.leading) - 1
    if rest < 0:
        return array[None, None]
    batch = int(np.prod(array.shape[:rest], dtype=int))
    return array.reshape(batch, *array.shape[rest:])


def channels_first(chosen: Workload, array: np.ndarray) -> np.ndarray:
    """Return a view (batch, channels, *spatial), whatever lies where in memory."""
    standard = planes(chosen, array)
    return np.moveaxis(standard, -1, 1) if chosen.layout == LAST else standard


def channels_last(chosen: Workload, array: np.ndarray) -> np.ndarray:
    """Return a view (batch, *spatial, channels), whatever lies where in memory."""
    standard = planes(chosen, array)
    return standard if chosen.layout == LAST else np.moveaxis(standard, 1, -1)


def as_picture(chosen: Workload, array: np.ndarray) -> np.ndarray:
    """Return a single picture (rows, columns) or (rows, columns, at most 4 channels)."""
    standard = planes(chosen, array)
    if chosen.ndim != 2 or standard.shape[0] != 1:
        raise Cannot("only single pictures")
    if chosen.layout == LAST and standard.shape[-1] <= 4:
        return standard[0]
    if chosen.layout != LAST and standard.shape[1] == 1:
        return standard[0, 0]
    raise Cannot("only pictures of at most 4 channels, channels last")


def neutral(kind: str, dtype: np.dtype) -> Any:
    """Return what no max (or min) is below (or above)."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min if kind == "max" else np.iinfo(dtype).max
    if dtype.kind == "b":
        return kind == "min"
    return -np.inf if kind == "max" else np.inf


def compare(result: Any, expected: list[np.ndarray]) -> str:
    """Return "same", "close" (equal but for rounding) or what differs."""
    found = list(result) if isinstance(result, tuple) else [result]
    verdicts = {_compare(np.asarray(a), b) for a, b in zip(found, expected, strict=True)}
    return max(verdicts, key=lambda verdict: (verdict not in ("same", "close"), verdict == "close"))


def _compare(a: np.ndarray, b: np.ndarray) -> str:
    if a.size != b.size:
        return f"differs: has shape {'x'.join(map(str, a.shape))}"
    a, b = a.reshape(-1), b.reshape(-1)
    # in units of the larger of 1 and the value: some roundings, and one of the mean of integers
    allowed = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-5, "float64": 1e-12}.get(b.dtype.name, 1.0)
    verdict, worst = "same", 0.0
    for part in range(0, len(b), 1 << 20):
        x, y = (each[part : part + (1 << 20)] for each in (a, b))
        if np.array_equal(x, y):
            continue
        x, y = x.astype(np.float64), y.astype(np.float64)
        nans = np.isnan(y)
        if not np.array_equal(np.isnan(x), nans):
            return "differs: NaNs elsewhere"
        with np.errstate(invalid="ignore"):
            away = np.where((x == y) | nans, 0.0, np.abs(x - y))
        if away.any():
            verdict = "close"
        scale = np.maximum(1.0, np.abs(y)) if b.dtype.kind not in "iub" else 1.0
        if not ((away <= allowed * scale) & np.isfinite(away)).all():
            worst = max(worst, float(away.max()))
    return f"differs by {worst:.3g}" if worst else verdict
