"""Pooling as a step of a scikit-learn pipeline: rows of features that are
signals, pictures or volumes.
"""

from math import prod

import numpy as np

from . import _arguments, functional
from ._execute import DEFAULT_FORMAT
from ._optional import package

package("sklearn", "sklearn")

from sklearn.base import (  # noqa: E402
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data  # noqa: E402

__all__ = ["Pooling"]

_OPERATORS = ("max", "min", "avg", "sum", "lp")


class Pooling(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Pool every row, which holds the elements of a signal, a picture or a volume.

    Parameters
    ----------
    image_shape : tuple of int, optional
        Shape of what a row holds, in row-major order: (height, width),
        (channels, height, width), ... By default a row is a signal of
        `n_features` elements.
    operator : {"max", "min", "avg", "sum", "lp"}, default "max"
        What is taken of every window.
    kernel_size : int or tuple of int, default 2
        Size of the window, as for ``cpool.max_pool2d``.
    stride : int or tuple of int, optional
        Distance between windows; `kernel_size` by default.
    padding : int, tuple or str, default 0
        Room for windows beyond the edges, "same" or "same_lower". An average
        does not count "same" padding.
    dilation : int or tuple of int, default 1
        Distance between the elements of a window.
    ceil_mode : bool, default False
        Round the number of windows up.
    norm_type : float, default 2
        The p of the p-norm; only for ``operator="lp"``.
    output_size : int or tuple of int, optional
        Pool to this size with windows that follow from it, as
        ``cpool.adaptive_max_pool2d`` does. The five arguments from
        `kernel_size` to `ceil_mode` do not matter then.
    spatial_ndim : int, optional
        How many axes of `image_shape` are spatial, 1 to 3; the others are
        leading ones. By default all, or all but the last with channels last.
    data_format : {"channels_first", "channels_last"}, default "channels_first"
        Whether the last axis of `image_shape` holds channels.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if the input has names.
    input_shape_ : tuple of int
        Shape of what a row holds.
    output_shape_ : tuple of int
        Shape of what a row of the result holds.

    Notes
    -----
    max, min and sum have the dtypes of ``cpool``; avg and lp of integers and
    bool come out as float64. A NaN makes the windows that hold it NaN, and
    infinities pass.

    Examples
    --------
    >>> import numpy as np
    >>> from cpool.sklearn import Pooling
    >>> X = np.arange(32.0).reshape(2, 16)
    >>> pooling = Pooling(image_shape=(4, 4)).fit(X)
    >>> pooling.transform(X)
    array([[ 5.,  7., 13., 15.],
           [21., 23., 29., 31.]])
    >>> pooling.output_shape_
    (2, 2)
    >>> pooling.get_feature_names_out()
    array(['pooling0', 'pooling1', 'pooling2', 'pooling3'], dtype=object)
    """

    def __init__(
        self, image_shape=None, operator="max", kernel_size=2, stride=None, padding=0, dilation=1,
        ceil_mode=False, *, norm_type=2, output_size=None, spatial_ndim=None, data_format="channels_first",
    ):
        self.image_shape = image_shape
        self.operator = operator
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.ceil_mode = ceil_mode
        self.norm_type = norm_type
        self.output_size = output_size
        self.spatial_ndim = spatial_ndim
        self.data_format = data_format

    def fit(self, X, y=None):
        """Check the arguments against the number of features; nothing is learned.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The rows.
        y : object
            Ignored.

        Returns
        -------
        Pooling
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is not accepted, or `image_shape` does not have
            `n_features` elements.
        """
        X = self._validated(X, reset=True)
        if self.image_shape is None:
            shape = (X.shape[1],)
        else:
            shape = _arguments.parse_shape(self.image_shape, "image_shape")
            if prod(shape) != X.shape[1]:
                raise ValueError(
                    f"image_shape must have as many elements as a row has features, {X.shape[1]}; got "
                    f"{shape}, which has {prod(shape)}"
                )
        try:
            pooled = self._pool(X[:0], shape)
        except ValueError as exc:
            raise ValueError(f"{exc} (rows have n_features={X.shape[1]}, image_shape is {shape})") from exc
        self.input_shape_ = shape
        self.output_shape_ = pooled.shape[1:]
        return self

    def transform(self, X):
        """Pool the rows.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            In row-major order of `output_shape_`; what `set_output` asks for
            instead.
        """
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        return self._pool(X, self.input_shape_).reshape(len(X), self._n_features_out)

    def _validated(self, X, reset):
        return validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite=False)

    def _pool(self, X, shape):
        """The rows as they are and come out: of shape (n_samples, *shape)."""
        operator = _arguments.parse_choice(self.operator, _OPERATORS, "operator")
        last = _arguments.parse_data_format(self.data_format)
        most = len(shape) - last
        nd = most if self.spatial_ndim is None else self.spatial_ndim
        nd = _arguments.int_value(nd, "spatial_ndim", 1, below=min(3, most) + 1)
        norm = (self.norm_type,) if operator == "lp" else ()
        options = {"data_format": "channels_last"} if last else {"data_format": DEFAULT_FORMAT}
        if operator in ("avg", "lp") and X.dtype.kind in "biu":
            options["dtype"] = np.float64
        X = X.reshape(len(X), *shape)
        if self.output_size is not None:
            function = getattr(functional, f"adaptive_{operator}_pool{nd}d")
            return function(X, *norm, self.output_size, **options)
        function = getattr(functional, f"{operator}_pool{nd}d")
        return function(
            X, *norm, self.kernel_size, self.stride, padding=self.padding, dilation=self.dilation,
            ceil_mode=self.ceil_mode, **options,
        )

    @property
    def _n_features_out(self):
        return prod(self.output_shape_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
