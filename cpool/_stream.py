"""Pooling of a signal that arrives in pieces."""

import numpy as np

from . import _arguments, functional
from ._geometry import output_shape

# operators, and which of their own arguments go with them
_OPTIONS = {
    "max": {"return_indices": False, "index_dtype": None},
    "min": {"return_indices": False, "index_dtype": None},
    "avg": {"count_include_pad": None, "divisor_override": None, "dtype": None},
    "sum": {"dtype": None},
    "lp": {"norm_type": 2, "normalize": False, "dtype": None},
}


class Pool1dStream:
    """Pool a live 1-D signal in pieces: the same result as pooling all of it at
    once.

    Parameters
    ----------
    op : {"max", "min", "avg", "sum", "lp"}
        The operator: that of `max_pool1d`, `min_pool1d`, ...
    kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool1d`; the padding in numbers or "valid", as "same" depends
        on a length that a stream does not know.
    axis : int, default -1
        The axis along which the pieces follow one another.
    return_indices, index_dtype
        Of "max" and "min".
    count_include_pad, divisor_override
        Of "avg".
    norm_type, normalize
        Of "lp", whose norm_type is 2 by default.
    dtype
        Of "avg", "sum" and "lp".

    Raises
    ------
    TypeError, ValueError
        As the operator does, when the first piece arrives.

    See Also
    --------
    max_pool1d, avg_pool1d, stats_pool

    Notes
    -----
    Between calls the stream keeps the end of the signal that windows to come
    need, at most one window. Maxima, minima, sums of integers and indices are
    those of the whole signal; sums of floating-point numbers are within 1 ulp.

    Examples
    --------
    >>> from cpool import Pool1dStream
    >>> stream = Pool1dStream("max", 3, 2)
    >>> stream.push([1.0, 5.0])
    array([], dtype=float64)
    >>> stream.push([2.0, 0.0, 7.0, 1.0, 1.0])
    array([5., 7., 7.])
    >>> stream.finish()
    array([], dtype=float64)
    """

    def __init__(
        self, op, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *, axis=-1,
        return_indices=False, index_dtype=None, count_include_pad=None, divisor_override=None, norm_type=2,
        normalize=False, dtype=None,
    ):
        given = {
            "return_indices": return_indices, "index_dtype": index_dtype, "dtype": dtype,
            "count_include_pad": count_include_pad, "divisor_override": divisor_override,
            "norm_type": norm_type, "normalize": normalize,
        }
        self.op = _arguments.parse_choice(op, tuple(_OPTIONS), "op")
        usual = {name: value for options in _OPTIONS.values() for name, value in options.items()}
        for name, value in given.items():
            if name not in _OPTIONS[op] and value is not usual[name]:
                raise ValueError(f"{name} must be left out for op {op!r}; got {_arguments._show(value)}")
        self.kernel_size = _arguments.int_tuple(kernel_size, 1, "kernel_size", 1)[0]
        self.stride = self.kernel_size if stride is None else _arguments.int_tuple(stride, 1, "stride", 1)[0]
        (self.padding,) = _arguments.parse_padding(padding, 1, ("valid",))
        self.dilation = _arguments.int_tuple(dilation, 1, "dilation", 1)[0]
        self.ceil_mode = _arguments.flag(ceil_mode, "ceil_mode")
        self.axis, self.options = axis, {name: given[name] for name in _OPTIONS[op]}
        self._pool = getattr(functional, f"{op}_pool1d")
        self.reset()

    def reset(self):
        """Forget the signal: the next piece starts a new one."""
        self._tail = None  # the end of the signal, from `_start` on
        self._start = 0
        self._next = -self.padding[0]  # where the next window starts
        self._length = 0  # of the signal so far

    def push(self, piece):
        """Take the next piece of the signal.

        Parameters
        ----------
        piece : array_like
            Of the same shape as those before but for `axis`, along which it may be
            empty; of the same dtype.

        Returns
        -------
        ndarray, or (values, indices)
            The results of all windows that are complete now, none at all as the
            case may be. Indices count from the start of the signal.
        """
        piece = _arguments.as_array(piece, "piece")
        if piece.ndim == 0:
            raise ValueError("piece must have at least 1 axis; got a number")
        (axis,) = _arguments.check_axis(self.axis, piece.ndim, 1)
        tail = piece[(slice(None),) * axis + (slice(0),)] if self._tail is None else self._tail
        if piece.dtype != tail.dtype:
            raise TypeError(
                f"piece must have the dtype of the pieces before it, {tail.dtype}; got {piece.dtype}"
            )
        if piece.ndim != tail.ndim or any(
            n != m for i, (n, m) in enumerate(zip(piece.shape, tail.shape, strict=True)) if i != axis
        ):
            expected = ", ".join("any" if i == axis else str(n) for i, n in enumerate(tail.shape))
            raise ValueError(f"piece must have the shape ({expected}), as those before it; got {piece.shape}")
        signal = np.concatenate([tail, piece], axis=axis) if tail.shape[axis] else piece
        length = self._length + piece.shape[axis]
        span = self.dilation * (self.kernel_size - 1) + 1
        count = max((length - span - self._next) // self.stride + 1, 0) if length else 0
        stop = max(self._next + (count - 1) * self.stride + span, 1)
        result = self._run(signal, axis, count, stop, 0, False)
        self._advance(signal, axis, count, length)
        return result

    def finish(self):
        """Return the results of the windows that the end of the signal completes, and
        reset the stream.

        Returns
        -------
        ndarray, or (values, indices)
            What is left: windows that reach into the padding, or that `ceil_mode`
            adds.

        Raises
        ------
        RuntimeError
            If nothing has been pushed.
        ValueError
            If the whole signal is too short for a window.
        """
        if self._tail is None:
            raise RuntimeError("Pool1dStream.finish needs a signal: nothing has been pushed")
        (axis,) = _arguments.check_axis(self.axis, self._tail.ndim, 1)
        total = output_shape(
            (self._length,), self.kernel_size, self.stride, [self.padding], self.dilation, self.ceil_mode
        )[0]
        done = (self._next + self.padding[0]) // self.stride
        after, ceil_mode = self.padding[1], self.ceil_mode
        result = self._run(self._tail, axis, total - done, self._length, after, ceil_mode)
        self.reset()
        return result

    def _advance(self, signal, axis, count, length):
        self._next += count * self.stride
        keep = max(min(max(self._next, self._start), length - 1), 0)  # one element stays for `finish`
        self._tail = signal[(slice(None),) * axis + (slice(keep - self._start, None),)].copy()
        self._start, self._length = keep, length

    def _run(self, signal, axis, count, stop, after, ceil_mode):
        """Pool `count` windows from `_next` on; the signal counts up to `stop`, with padding behind it."""
        options = dict(self.options)
        if count <= 0:
            return self._nothing(signal, axis, options)
        first = min(max(self._next, 0), stop - 1)
        gap = max(
            self._next - first, 0
        )  # a window that starts behind the last element: some before it are dropped
        extra = -(-gap // self.stride)
        before = extra * self.stride - gap if gap else max(-self._next, 0)
        lead = (slice(None),) * axis
        piece = signal[(*lead, slice(first - self._start, stop - self._start))]
        args = (options.pop("norm_type"),) if self.op == "lp" else ()
        result = self._pool(
            piece,
            *args,
            self.kernel_size,
            stride=self.stride,
            padding=[(before, after)],
            dilation=self.dilation,
            ceil_mode=ceil_mode,
            axis=axis,
            **options,
        )
        wanted = (*lead, slice(extra, extra + count))
        if not isinstance(result, tuple):
            return result[wanted] if extra else result
        values, indices = (part[wanted] for part in result)
        return values, np.where(indices >= 0, indices + first, indices).astype(indices.dtype)

    def _nothing(self, signal, axis, options):
        """An empty result of the dtype that others have; wrong options are refused here too."""
        args = (options.pop("norm_type"),) if self.op == "lp" else ()
        shape = list(signal.shape)
        shape[axis] = 1
        result = self._pool(np.zeros(shape, signal.dtype), *args, 1, axis=axis, **options)
        none = (slice(None),) * axis + (slice(0),)
        return tuple(part[none] for part in result) if isinstance(result, tuple) else result[none]

    def __repr__(self):
        shown = {"dilation": 1, "ceil_mode": False, "axis": -1}
        parts = [repr(self.op), f"kernel_size={self.kernel_size}"]
        if self.stride != self.kernel_size:
            parts.append(f"stride={self.stride}")
        if self.padding != (0, 0):
            parts.append(f"padding=[{self.padding}]")
        parts += [
            f"{name}={getattr(self, name)!r}" for name, usual in shown.items() if getattr(self, name) != usual
        ]
        parts += [
            f"{name}={value!r}" for name, value in self.options.items()
            if value is not _OPTIONS[self.op][name]
        ]
        return f"Pool1dStream({', '.join(parts)})"
