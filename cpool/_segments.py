"""Reductions over segments of rows, and their gradients and tangents: the engine behind sequence pooling.

A `Ragged` holds a matrix of rows and says which of them belong together; its methods are the reductions.
Results of one row per segment are small, so what is done to them is plain NumPy in float64; what touches the
rows is a kernel.

Coefficients are matrices (rows, heads): one weight for the whole row, or one for each of `heads` equal parts.
"""

import numpy as np

from . import _dispatch
from ._execute import in_one_piece
from ._omp import threads_for

_F64 = _dispatch.CODES["float64"]


class Ragged:
    """A matrix of rows in segments.

    Attributes
    ----------
    x : ndarray of shape (rows, width) or None
        As a kernel reads it. None if only the shape is known.
    begin, count, rows : ndarray
        As in `Segments`.
    used : ndarray of bool
        Which segments have rows.
    full : bool
        Whether all have.
    """

    def __init__(self, x, segments, shape=None):
        """x: any array whose leading axes make up the rows, the last `shape` given as (rows, width)."""
        self.n, self.width = shape
        self.x = None if x is None else _matrix(x, shape)
        self.segments = segments
        self.begin, self.count, self.rows = segments
        self.used = self.count > 0
        self.full = bool(self.used.all())

    @property
    def each(self):
        """How many rows each segment has, at least 1: the divisor of its mean."""
        return np.maximum(self.count, 1).astype(np.float64)[:, None]

    def _threads(self, factor=1):
        taken = self.n if self.rows is None else len(self.rows)
        return threads_for((taken * self.width * self.x.itemsize + 32 * len(self.count)) * factor)

    def _plan(self):
        return _dispatch.code(self.x), self.begin, self.count, self.rows

    def beside(self, x):
        """The same segments of other rows."""
        return Ragged(x, self.segments, (self.n, self.width))

    def results(self, columns=None):
        """Zeros, one float64 row per segment."""
        return np.zeros((len(self.count), self.width if columns is None else columns))

    # ---- reductions ----

    def reduce(self, *terms, factor=1):
        """Run terms of the kernel: dicts with the operation, the output, and where in its rows results go."""
        if self.x.size and len(self.count):
            terms = [term | {"code": _dispatch.code(term["out"])} for term in terms]
            _dispatch.segments.reduce(self.x, *self._plan(), terms, self._threads(factor))

    def total(self, weights=None):
        """Sums (weighted), as float64."""
        out = self.results()
        self.reduce({"op": SUM, "out": out} | _weights(weights))
        return out

    def statistics(self, weights, divisor, second):
        """Means and standard deviations, as float64 of shape (segments, 2 * width)."""
        out = self.results(2 * self.width)
        self.reduce(stats_term(out, 0, self.width, weights, divisor, second), factor=2)
        return out

    def exponentials(self):
        """What is subtracted from each column, and the sums of the exponentials of the rest, as float64."""
        out = self.results(2 * self.width)
        self.reduce({"op": LSE, "out": out, "other": self.width}, factor=4)
        return np.ascontiguousarray(out[:, : self.width]), out[:, self.width :]

    def products(self, t, *, m=None, b=None, weights=None, exponentials=False):
        """Sums of w (x - m) (t - b), or of w exp(x - m) (t - b)."""
        out = self.results()
        self.reduce(
            {"op": PRODUCT, "out": out, "t": t.x, "m": m, "b": b, "flag": exponentials} | _weights(weights),
            factor=2,
        )
        return out

    def weight_totals(self, weights):
        """Sums of weights over each segment: (segments, heads)."""
        return Ragged(weights, self.segments, weights.shape).total()

    def positions(self, k=1, smallest=False):
        """Rows of the k largest of each column, in order: int64 (segments, k, width), -1 for none."""
        out = np.full((len(self.count), k, self.width), -1)
        if self.x.size and out.size:
            _dispatch.segments.select(self.x, *self._plan(), out, smallest, self._threads(4 * k))
        return out

    def gather(self, positions):
        """The elements at positions; anything at -1."""
        if not self.x.size:
            return np.zeros(positions.shape, self.x.dtype)
        return self.x[positions, np.arange(self.width)]

    def one_position(self, which):
        """The first or the last row of each segment, in the form of `positions`."""
        row = self.segments.first() if which == "first" else self.segments.last()
        row = np.where(self.used, row, -1)
        return np.broadcast_to(row[:, None, None], (len(row), 1, self.width)).astype(np.int64)

    def edge(self, which, out):
        """Copy the first or the last row of each segment into out."""
        row = self.segments.first() if which == "first" else self.segments.last()
        out[self.used] = self.x[row[self.used]]

    # ---- gradients ----

    def spread(self, out, *terms):
        """Write the gradients of the rows into out, (rows, width); rows of no segment get 0."""
        taken = self.n if self.rows is None else len(self.rows)
        if self.rows is not None or int(self.count.sum()) != taken:
            out[...] = 0
        if out.size and len(self.count):
            reads = any(term["op"] in (LINE, EXPONENTIAL) for term in terms)
            threads = threads_for(taken * self.width * out.itemsize * (1 + len(terms)))
            _dispatch.segments.spread(
                out,
                self.x if reads else None,
                _dispatch.code(out),
                self.begin,
                self.count,
                self.rows,
                terms,
                threads,
            )

    def dots(self, heads, a, b=None, m=None):
        """Sums of (a + b u) u over the columns of each head, u = x - m: float64 of shape (rows, heads).

        a: (segments, width), or one row for all.
        """
        out = np.zeros((self.n, heads))
        if self.x.size and len(self.count):
            _dispatch.segments.dots(
                out,
                self.x,
                *self._plan(),
                {"op": LINE, "heads": heads, "a": a, "b": b, "m": m},
                len(a) != len(self.count) or len(a) == 1,
                self._threads(2),
            )
        return out

    def softmax(self, scores):
        """exp(score) over its sum in the segment: (rows, heads), 0 for rows of no segment."""
        owner, taken = self._owners()
        out = np.zeros(scores.shape)
        if len(taken):
            rows = self.beside_heads(scores)
            shift, total = rows.exponentials()
            rows.spread(out, exponential_term(np.ones_like(total), shift))  # np.exp depends on the processor
            with np.errstate(all="ignore"):
                out[taken] /= total[owner]
        return out

    def beside_heads(self, coefficients):
        """The same segments of coefficients."""
        return Ragged(coefficients, self.segments, coefficients.shape)

    def _owners(self):
        """For each row that takes part: its segment and its number."""
        owner = np.repeat(np.arange(len(self.count)), self.count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(self.count) - self.count - self.begin, self.count)
        return owner, place if self.rows is None else self.rows[place]

    def per_row(self, values):
        """(segments, heads) as (rows, heads), 0 for rows of no segment."""
        owner, taken = self._owners()
        out = np.zeros((self.n, values.shape[1]))
        out[taken] = values[owner]
        return out

    def counted(self):
        """1 for the first row of each segment, 2 for the second, ...: (rows, 1)."""
        owner, taken = self._owners()
        out = np.zeros((self.n, 1))
        out[taken, 0] = np.arange(1, len(owner) + 1) - (np.cumsum(self.count) - self.count)[owner]
        return out


# ---- terms ----

_OPS = _dispatch.segments.OPS
SUM, LARGEST, SMALLEST, STATS, LSE, PRODUCT = (
    _OPS[n] for n in ("sum", "max", "min", "stats", "lse", "product")
)
INTEGERS, KEYS = _OPS["integers"], _OPS["keys"]
LINE, EXPONENTIAL, PICKED, CONSTANT = (_OPS[n] for n in ("line", "exponential", "picked", "constant"))


def _weights(weights):
    return {} if weights is None else {"weights": weights, "heads": weights.shape[1]}


def stats_term(out, offset, other, weights, divisor, second):
    """Mean to column `offset` (not wanted: -1) and standard deviation to column `other`."""
    term = {"op": STATS, "out": out, "offset": offset, "other": other, "divisor": divisor, "second": second}
    return term | _weights(weights)


def constant_term(a, weights=None):
    """w a as the gradient of every row."""
    return {"op": CONSTANT, "a": np.ascontiguousarray(a)} | _weights(weights)


def line_term(a, b, m, weights=None):
    """w (a + b (x - m)) as the gradient."""
    a, b, m = map(np.ascontiguousarray, (a, b, m))
    return {"op": LINE, "a": a, "b": b, "m": m} | _weights(weights)


def exponential_term(a, m):
    """a exp(x - m) as the gradient."""
    return {"op": EXPONENTIAL, "a": np.ascontiguousarray(a), "m": np.ascontiguousarray(m)}


def picked_term(a, at):
    """a as the gradient of the row at, column by column."""
    return {"op": PICKED, "a": np.ascontiguousarray(a), "at": np.ascontiguousarray(at)}


def expand(values, width):
    """(segments, heads) as (segments, width)."""
    heads = values.shape[1]
    return values if heads in (1, width) else np.repeat(values, width // heads, axis=1)


def by_head(values, heads):
    """Sums of (segments, width) over the columns of each head."""
    return values.reshape(len(values), heads, -1).sum(2)


def _matrix(x, shape):
    x = x.reshape(shape) if x.flags.c_contiguous else x
    if not (x.flags.c_contiguous and x.flags.aligned and x.dtype.isnative):
        x = in_one_piece(x)
    return x.reshape(shape)
