"""Anti-aliased pooling: a binomial filter before the sampling. Part of `functional`.

The filter of `size` taps is `size - 1` averages of two neighbours, one after the other, so the averaging
windows do all of the work: the last of them has the stride. Integers are added up exactly and divided once.
"""

import numpy as np

from . import _arguments, _texts, functional
from ._execute import DEFAULT_FORMAT
from ._scales import _Part, _tangent

_DTYPES = [name for name in _arguments.DTYPES if name not in ("bool", "int64", "uint64")]
_MODES = {"reflect": "reflect", "replicate": "edge", "zero": "constant"}

_TEXT = {
    "x": """x : array_like of shape (..., {sizes})
    Any floating-point dtype, float16 and bfloat16 included, or integers of up to 32 bits. Any number of
    leading axes. With channels last the shape is (..., {sizes}, C).""",
    "floating": """x : array_like of shape (..., {sizes}){or_shape}
    The floating-point array that was pooled{its_shape}.""",
    "arguments": """stride : int or tuple of int, default 2
    Distance from one sample to the next.
{blur}padding : {{"reflect", "replicate", "zero"}}, default "reflect"
    What lies beyond the edges: the array mirrored at its first and last elements, these elements, or 0.
data_format : {{"channels_first", "channels_last"}}, default "channels_first"
    Whether the spatial axes are the last ones, or stand before one last axis of channels.""",
    "tangent": """tangent : array_like
    Tangent of `x`, of its shape and dtype.""",
    "grad": """grad_output : array_like
    Gradient with respect to the result of `{name}`, of its shape and dtype.""",
    "gradient": """Returns
-------
ndarray
    Gradient of the shape and dtype of `x`{as_grad}.""",
    "moved": """Returns
-------
ndarray
    Tangent of the result of `{name}`, of its shape and dtype.""",
    "raises": """Raises
------
TypeError
    If an argument is of the wrong kind: a dtype that is not accepted, a float or a bool for an int.
ValueError
    If an argument has a value that is not accepted, or an axis is too short to be mirrored.
MemoryError
    If the result cannot fit the memory of this machine.""",
    "zhang": """References
----------
.. [1] R. Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019.""",
}


class _Blur:
    """The arguments of one call, and the filter with its gradient."""

    def __init__(self, nd, shape, size, stride, padding, data_format, name="blur_size"):
        self.nd, self.last = nd, _arguments.parse_data_format(data_format, nd)
        _, spatial, _ = _arguments.split_shape(shape, nd, self.last)
        self.size = _arguments.int_value(size, name, 1, 8)
        self.stride = _arguments.int_tuple(stride, nd, "stride", 1)
        self.mode = _MODES[_arguments.parse_choice(padding, tuple(_MODES), "padding")]
        self.before = (self.size - 1) // 2
        self.after = self.size - 1 - self.before
        if self.mode == "reflect" and min(spatial) <= self.after:
            raise ValueError(
                f"x must have spatial sizes above {self.after} to be mirrored for {name} {self.size}; "
                f"got {spatial}"
            )
        self.start = len(shape) - self.last - nd
        self.axes = range(self.start, self.start + nd)
        self.shape = shape
        self.layout = {"data_format": "channels_last" if self.last else "channels_first"}

    def _call(self, name, *args, end="", **more):
        return getattr(functional, f"{name}{self.nd}d{end}")(*args, **more, **self.layout)

    def _work(self, dtype):
        """The type in which the filter runs: float32 for at most 64 taps."""
        name = _arguments.dtype_name(dtype)
        if name not in _arguments.FLOATS:
            return None
        return np.dtype(np.float64 if name == "float64" or self.size**self.nd > 64 else np.float32)

    def forward(self, x):
        work = self._work(x.dtype)
        dtype = x.dtype.newbyteorder("=")
        pads = [(self.before, self.after) if i in self.axes else (0, 0) for i in range(x.ndim)]
        y = np.pad(x if work is None else x.astype(work, copy=False), pads, self.mode)
        if self.size == 1:
            return self._call("max_pool", y, 1, self.stride).astype(dtype, copy=False)
        for _ in range(self.size - 2):
            y = self._call("sum_pool" if work is None else "avg_pool", y, 2, 1)
        divisor = {} if work is not None else {"divisor_override": 2 ** (self.nd * (self.size - 1))}
        return self._call("avg_pool", y, 2, self.stride, **divisor).astype(dtype, copy=False)

    def backward(self, g, dtype):
        work = self._work(dtype)
        sizes = [
            [n + (self.size - 1 - done if i in self.axes else 0) for i, n in enumerate(self.shape)]
            for done in range(max(self.size - 1, 1))
        ]
        g = g.astype(work, copy=False)
        kernel = 2 if self.size > 1 else 1
        g = self._call("avg_pool", g, tuple(sizes[-1]), kernel, self.stride, end="_backward")
        for shape in reversed(sizes[:-1]):
            g = self._call("avg_pool", g, tuple(shape), 2, 1, end="_backward")
        for axis in self.axes:
            g = self._fold(g, axis)
        return np.ascontiguousarray(g.astype(dtype, copy=False))

    def _fold(self, g, axis):
        """Add what lies beyond the edges of an axis to the elements that it repeats."""
        n = self.shape[axis]
        g = np.moveaxis(g, axis, 0)
        inner = g[self.before : self.before + n].copy()
        for i in range(self.before + self.after if self.mode != "constant" else 0):
            beyond = i < self.before
            at = i if beyond else i + n
            place = at - self.before
            if self.mode == "reflect":
                place = -place if beyond else 2 * (n - 1) - place
            else:
                place = 0 if beyond else n - 1
            inner[place] += g[at]
        return np.moveaxis(inner, 0, axis)


def _operands(grad_output, x, values):
    """The gradient, x or None, the shape of x, and its dtype."""
    grad_output = _arguments.as_array(grad_output, "grad_output", _arguments.FLOATS)
    shape = _arguments.as_shape(x)
    if shape is not None:
        if values:
            _arguments.refuse_shape("lp", shape)
        return grad_output, None, shape, grad_output.dtype.newbyteorder("=")
    x = _arguments.as_array(x, "x", _arguments.FLOATS)
    return grad_output, x, x.shape, x.dtype.newbyteorder("=")


def _sampled(blur, shape):
    """Shape of the result for an input of that shape."""
    return tuple(
        -(-n // blur.stride[i - blur.start]) if i in blur.axes else n for i, n in enumerate(shape)
    )


def _family(nd):
    """The functions for `nd` spatial axes."""

    def blur_pool(x, blur_size=4, stride=2, padding="reflect", *, data_format=DEFAULT_FORMAT):
        """Blur an array by a binomial filter and keep every `stride`-th element, in
        {n}-D.

        Parameters
        ----------
        <x>
        blur_size : int, default 4
            Taps of the filter along each axis, 1 to 7: the binomial coefficients, 1
            3 3 1 for 4.
        <arguments>

        Returns
        -------
        ndarray of shape (..., {outs})
            With the dtype of `x`, integers rounded to nearest, ties to even. An
            axis of n elements has ``ceil(n / stride)``.

        <raises>

        See Also
        --------
        blur_pool{n}d_backward, blur_pool{n}d_jvp, max_blur_pool{n}d, avg_pool{n}d

        Notes
        -----
        The anti-aliased sampling of [1]_, with its padding: one more element after
        an array than before it if the filter is even. Its taps over the whole
        window add up to 1.

        <zhang>

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.zeros({shape})
        >>> x[..., 2] = 8
        >>> cpool.blur_pool{n}d(x, 3, 1, "replicate").ravel()
        array([0., 2., 4., 2., 0.])
        """
        x = _arguments.as_array(x, "x", _DTYPES)
        return _Blur(nd, x.shape, blur_size, stride, padding, data_format).forward(x)

    def blur_pool_backward(
        grad_output, x, blur_size=4, stride=2, padding="reflect", *, data_format=DEFAULT_FORMAT
    ):
        """Gradient of `blur_pool{n}d` with respect to its input.

        Parameters
        ----------
        <grad>
        <floating>
        blur_size, stride, padding, data_format
            As in the call of `blur_pool{n}d`.

        <gradient>

        <raises>

        See Also
        --------
        blur_pool{n}d, blur_pool{n}d_jvp

        Notes
        -----
        What falls beyond the edges goes to the elements that the padding repeats.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> g = np.zeros({shape})
        >>> g[..., 2] = 8
        >>> cpool.blur_pool{n}d_backward(g, {shape}, 3, 1, "replicate").ravel()
        array([0., 2., 4., 2., 0.])
        """
        grad_output, _, shape, dtype = _operands(grad_output, x, False)
        blur = _Blur(nd, shape, blur_size, stride, padding, data_format)
        _arguments.check_gradient(grad_output, _sampled(blur, shape), dtype)
        return blur.backward(grad_output, dtype)

    def blur_pool_jvp(
        tangent, x, blur_size=4, stride=2, padding="reflect", *, data_format=DEFAULT_FORMAT
    ):
        """Tangent of `blur_pool{n}d`.

        Parameters
        ----------
        <tangent>
        <floating>
        blur_size, stride, padding, data_format
            As in the call of `blur_pool{n}d`.

        <moved>

        <raises>

        See Also
        --------
        blur_pool{n}d, blur_pool{n}d_backward

        Notes
        -----
        The operator is linear: this is `blur_pool{n}d` of the tangent.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> cpool.blur_pool{n}d_jvp(np.ones({shape}), {shape},
        ...     padding="replicate").ravel()
        array([1., 1., 1.])
        """
        tangent, _ = _tangent(tangent, x, ())
        return _Blur(nd, tangent.shape, blur_size, stride, padding, data_format).forward(tangent)

    def max_blur_pool(
        x, kernel_size=2, stride=2, blur_size=4, padding="reflect", *, data_format=DEFAULT_FORMAT
    ):
        """Take the maximum of every {n}-D window at every place, blur, and keep every
        `stride`-th element.

        Parameters
        ----------
        <x>
        kernel_size : int or tuple of int, default 2
            Size of the windows, which lie next to each other one element apart and
            within the array.
        <arguments>

        Returns
        -------
        ndarray of shape (..., {outs})
            With the dtype of `x`. An axis of n elements has
            ``ceil((n - kernel_size + 1) / stride)``.

        <raises>

        See Also
        --------
        max_blur_pool{n}d_backward, max_blur_pool{n}d_jvp, blur_pool{n}d,
        max_pool{n}d

        Notes
        -----
        `max_pool{n}d` with stride 1 and `blur_pool{n}d` after it, the anti-aliased
        max pooling of [1]_.

        <zhang>

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> cpool.max_blur_pool{n}d(np.ones({large})).shape
        {half}
        """
        x = _arguments.as_array(x, "x", _DTYPES)
        _Blur(nd, (9,) * (nd + 2), blur_size, stride, padding, data_format)  # the arguments before the work
        y = getattr(functional, f"max_pool{nd}d")(x, kernel_size, 1, data_format=data_format)
        return _Blur(nd, y.shape, blur_size, stride, padding, data_format).forward(y)

    def max_blur_pool_backward(
        grad_output, x, kernel_size=2, stride=2, blur_size=4, padding="reflect", *,
        data_format=DEFAULT_FORMAT
    ):
        """Gradient of `max_blur_pool{n}d` with respect to its input.

        Parameters
        ----------
        <grad>
        x : array_like of shape (..., {sizes})
            The floating-point array that was pooled.
        kernel_size, stride, blur_size, padding, data_format
            As in the call of `max_blur_pool{n}d`.

        Returns
        -------
        ndarray
            Gradient of the shape and dtype of `x`.

        <raises>

        See Also
        --------
        max_blur_pool{n}d, max_blur_pool{n}d_jvp

        Notes
        -----
        A maximum passes its gradient to the first of the elements that are one.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.arange({count}.0).reshape({large})
        >>> g = np.ones({half})
        >>> bool(cpool.max_blur_pool{n}d_backward(g, x).sum() == g.size)
        True
        """
        grad_output, x, _, dtype = _operands(grad_output, x, True)
        y, at = getattr(functional, f"max_pool{nd}d")(
            x, kernel_size, 1, return_indices=True, data_format=data_format)
        blur = _Blur(nd, y.shape, blur_size, stride, padding, data_format)
        _arguments.check_gradient(grad_output, _sampled(blur, y.shape), dtype)
        inner = blur.backward(grad_output, dtype)
        return getattr(functional, f"max_pool{nd}d_backward")(
            inner, x, kernel_size, 1, indices=at, data_format=data_format)

    def max_blur_pool_jvp(
        tangent, x, kernel_size=2, stride=2, blur_size=4, padding="reflect", *, data_format=DEFAULT_FORMAT
    ):
        """Tangent of `max_blur_pool{n}d`.

        Parameters
        ----------
        <tangent>
        x : array_like of shape (..., {sizes})
            The floating-point array that is pooled.
        kernel_size, stride, blur_size, padding, data_format
            As in the call of `max_blur_pool{n}d`.

        <moved>

        <raises>

        See Also
        --------
        max_blur_pool{n}d, max_blur_pool{n}d_backward

        Notes
        -----
        `blur_pool{n}d` of the tangent at the maxima.

        Examples
        --------
        >>> import numpy as np
        >>> import cpool
        >>> x = np.arange({count}.0).reshape({large})
        >>> bool((cpool.max_blur_pool{n}d_jvp(np.ones_like(x), x) == 1).all())
        True
        """
        tangent, x = _tangent(tangent, x, ("max",))
        layout = "channels_last" if _arguments.parse_data_format(data_format, nd) else "channels_first"
        y = _Part("max", nd, layout, {"kernel_size": kernel_size, "stride": 1}).jvp(tangent, x)
        return _Blur(nd, y.shape, blur_size, stride, padding, data_format).forward(y)

    words = {
        "n": nd, "sizes": ("W", "H, W", "D, H, W")[nd - 1], "outs": ("OW", "OH, OW", "OD, OH, OW")[nd - 1],
        "shape": {1: (5,), 2: (1, 5), 3: (1, 1, 5)}[nd], "large": (6,) * nd, "half": (3,) * nd, "count":
        6**nd,
    }
    functions = (
        blur_pool, blur_pool_backward, blur_pool_jvp, max_blur_pool, max_blur_pool_backward,
        max_blur_pool_jvp,
    )
    return {function.__name__: function for function in _named(functions, nd, words)}


def _named(functions, nd, words):
    """Give the functions their names and fill their docstrings: <key> stands for a text of `_TEXT`."""
    blur = _texts.docstring(functions[0]).partition("blur_size : ")[2].partition("\n<")[0]
    for function in functions:
        base, _, end = function.__name__.partition("pool")
        largest = base.startswith("max")
        function.__name__ = function.__qualname__ = f"{base}pool{nd}d{end}"
        text = _texts.docstring(function)
        for key, part in _TEXT.items():
            text = text.replace(f"<{key}>", part)
        function.__doc__ = _texts.wrapped(text.format(
            **words, name=f"{base}pool{nd}d", blur=f"blur_size : {blur}\n" if largest else "",
            or_shape="" if largest else ", or tuple of int",
            its_shape="" if largest else ", or its shape",
            as_grad="" if largest else " (the dtype of `grad_output` if `x` is a shape)",
        ))
    return functions


for _nd in (1, 2, 3):
    globals().update(_family(_nd))
