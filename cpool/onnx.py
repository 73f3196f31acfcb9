"""The pooling operators of ONNX for its reference evaluator: a model's pooling
runs in cpool.

>>> from onnx.reference import ReferenceEvaluator  # doctest: +SKIP
>>> import cpool.onnx
>>> session = ReferenceEvaluator(
...     "model.onnx", new_ops=cpool.onnx.new_ops)  # doctest: +SKIP
>>> session.run(None, {"x": x})  # doctest: +SKIP

Each class has the name of its operator and takes the attributes of every
version of it. Indices are those of ONNX: positions in the whole tensor.
`MaxUnpool` places the elements in the shape that follows from the
attributes, and that at the start of a larger `output_shape`, as the node
tests of ONNX want it.
"""

import numpy as np

from . import _geometry, functional
from ._optional import package

OpRun = package("onnx.reference.op_run", "onnx").OpRun
_RoiAlign = package("onnx.reference.ops.op_roi_align", "onnx").RoiAlign

__all__ = [
    "AveragePool",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "LpPool",
    "MaxPool",
    "MaxRoiPool",
    "MaxUnpool",
    "RoiAlign",
    "new_ops",
]

_PADDING = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}
_FORMATS = {3: "NCW", 4: "NCHW", 5: "NCDHW"}


def _function(name, x, kernel_shape):
    """The function for windows of as many axes as the kernel has, which must be those of x."""
    nd = len(kernel_shape)
    if not 1 <= nd <= 3:
        raise ValueError(f"kernel_shape must have 1 to 3 entries, one a spatial axis; got {kernel_shape}")
    if x.ndim != nd + 2:
        raise ValueError(
            f"x must have {nd + 2} axes: batch, channels and one for each entry of kernel_shape "
            f"{kernel_shape}; got the shape {x.shape}"
        )
    return getattr(functional, f"{name}{nd}d")


def _pairs(pads, nd):
    """`pads`, all starts before all ends, as one (before, after) pair for each axis."""
    if pads is None:
        return 0
    if len(pads) != 2 * nd:
        raise ValueError(f"pads must have {2 * nd} entries, all starts before all ends; got {pads}")
    return tuple(zip(pads[:nd], pads[nd:], strict=True))


def _windows(kernel_shape, strides, pads, auto_pad, dilations, ceil_mode):
    """The arguments of a node in the words of cpool; strides and dilations are 1 where they are not given."""
    kernel = tuple(kernel_shape)
    if auto_pad in (None, "", "NOTSET"):
        padding = _pairs(pads, len(kernel))
    elif auto_pad in _PADDING:
        padding = _PADDING[auto_pad]
    else:
        accepts = ", ".join(map(repr, ["NOTSET", *_PADDING]))
        raise ValueError(f"auto_pad must be one of {accepts}; got {auto_pad!r}")
    return {
        "kernel_size": kernel,
        "stride": 1 if strides is None else tuple(strides),
        "padding": padding,
        "dilation": 1 if dilations is None else tuple(dilations),
        "ceil_mode": bool(ceil_mode),
    }


class MaxPool(OpRun):
    """MaxPool of opsets 1 to 22, with the indices if the node has a second output."""

    def _run(
        self, x, auto_pad=None, ceil_mode=None, dilations=None, kernel_shape=None, pads=None,
        storage_order=None, strides=None,
    ):
        pool = _function("max_pool", x, kernel_shape)
        arguments = _windows(kernel_shape, strides, pads, auto_pad, dilations, ceil_mode)
        if len(self.output) == 1:
            return (pool(x, **arguments),)
        values, indices = pool(x, **arguments, return_indices=True)
        if storage_order:
            indices = _column_major(indices, x.shape[2:])
        layout = _FORMATS[x.ndim]
        return values, _geometry.convert_indices(indices, x.shape, target="onnx", data_format=layout)


def _column_major(indices, plane):
    """Positions in row-major order of the plane, counted in column-major order; -1 stays."""
    places = np.unravel_index(np.maximum(indices, 0), plane)
    return np.where(indices < 0, -1, np.ravel_multi_index(places, plane, order="F"))


class AveragePool(OpRun):
    """AveragePool of opsets 1 to 22."""

    def _run(
        self, x, auto_pad=None, ceil_mode=None, count_include_pad=None, dilations=None, kernel_shape=None,
        pads=None, strides=None,
    ):
        pool = _function("avg_pool", x, kernel_shape)
        arguments = _windows(kernel_shape, strides, pads, auto_pad, dilations, ceil_mode)
        return (pool(x, **arguments, count_include_pad=bool(count_include_pad)),)


class LpPool(OpRun):
    """LpPool of opsets 1 to 22."""

    def _run(
        self, x, auto_pad=None, ceil_mode=None, dilations=None, kernel_shape=None, p=None, pads=None,
        strides=None,
    ):
        pool = _function("lp_pool", x, kernel_shape)
        arguments = _windows(kernel_shape, strides, pads, auto_pad, dilations, ceil_mode)
        return (pool(x, p, **arguments),)


class GlobalMaxPool(OpRun):
    """GlobalMaxPool of opsets 1 to 22."""

    def _run(self, x):
        return (functional.global_max_pool(x, keepdims=True),)


class GlobalAveragePool(OpRun):
    """GlobalAveragePool of opsets 1 to 22."""

    def _run(self, x):
        return (functional.global_avg_pool(x, keepdims=True),)


class GlobalLpPool(OpRun):
    """GlobalLpPool of opsets 1 to 22."""

    def _run(self, x, p=None):
        return (functional.global_lp_pool(x, p, keepdims=True),)


class MaxUnpool(OpRun):
    """MaxUnpool of opsets 9 to 22."""

    def _run(self, x, indices, output_shape=None, kernel_shape=None, pads=None, strides=None):
        unpool = _function("max_unpool", x, kernel_shape)
        nd = len(kernel_shape)
        stride = (1,) * nd if strides is None else tuple(strides)
        plan = _geometry.unpool_plan(x.shape, nd, tuple(kernel_shape), stride, _pairs(pads, nd), None, False)
        places = _geometry.convert_indices(
            indices, plan.out_shape, source="onnx", target="torch", data_format=_FORMATS[x.ndim]
        )
        result = unpool(x, places, tuple(kernel_shape), stride, _pairs(pads, nd))
        if output_shape is None:
            return (result,)
        shape = tuple(int(n) for n in output_shape)
        if len(shape) != x.ndim or any(n < least for n, least in zip(shape, result.shape, strict=False)):
            raise ValueError(
                f"output_shape must have {x.ndim} entries, none below those of {result.shape}; got {shape}"
            )
        if shape == result.shape:
            return (result,)
        larger = np.zeros(shape, x.dtype)
        larger[tuple(map(slice, result.shape))] = result
        return (larger,)


class MaxRoiPool(OpRun):
    """MaxRoiPool of opsets 1 to 22."""

    def _run(self, x, rois, pooled_shape=None, spatial_scale=None):
        return (functional.roi_pool(x, rois, tuple(pooled_shape), spatial_scale),)


class RoiAlign(_RoiAlign):
    """RoiAlign of opsets 10 to 22; before 16 there was but one
    `coordinate_transformation_mode`.

    With mode "max", where the node tests of ONNX want the largest of the
    weighted pixels around the samples, not the largest sample that ONNX
    describes and `cpool.roi_align` gives, ONNX's own code runs.
    """

    def _run(
        self, x, rois, batch_indices, coordinate_transformation_mode=None, mode=None, output_height=None,
        output_width=None, sampling_ratio=None, spatial_scale=None,
    ):
        if self.run_params["opsets"][""] < 16:
            coordinate_transformation_mode = "output_half_pixel"
        if mode == "max":
            return super()._run(
                x, rois, batch_indices, coordinate_transformation_mode, mode, output_height, output_width,
                sampling_ratio, spatial_scale,
            )
        return (functional.roi_align(
            x, rois, (output_height, output_width), spatial_scale, sampling_ratio or -1, mode=mode,
            batch_indices=batch_indices, coordinate_transformation_mode=coordinate_transformation_mode,
        ),)


new_ops = [
    MaxPool, AveragePool, LpPool, GlobalMaxPool, GlobalAveragePool, GlobalLpPool, MaxUnpool, MaxRoiPool,
    RoiAlign,
]
