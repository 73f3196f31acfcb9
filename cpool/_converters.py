"""Layers of other libraries as layers of cpool, by reading their attributes; part of `layers`.

None of these libraries is imported: what is converted brings its own. A row of a table holds the name of a
class, or of an operator, and which of its attributes become which arguments. What cpool would compute
differently is refused.
"""

from . import layers
from ._arguments import convert_error

_WINDOW = ("kernel_size", "stride", "padding")
_MAX = (*_WINDOW, "dilation", "ceil_mode", "return_indices")
_AVERAGE = (*_WINDOW, "ceil_mode", "count_include_pad")

# class of PyTorch or torchvision: class of cpool, attributes that are arguments of the same name
_TORCH = {
    "RoIPool": ("RoIPool", ("output_size", "spatial_scale")),
    "RoIAlign": ("RoIAlign", ("output_size", "spatial_scale", "sampling_ratio", "aligned")),
    "PSRoIPool": ("PSRoIPool", ("output_size", "spatial_scale")),
    "PSRoIAlign": ("PSRoIAlign", ("output_size", "spatial_scale", "sampling_ratio")),
}
for _n in "123":
    _TORCH |= {
        f"MaxPool{_n}d": (f"MaxPool{_n}d", _MAX),
        f"AvgPool{_n}d": (f"AvgPool{_n}d", _AVERAGE + (() if _n == "1" else ("divisor_override",))),
        f"LPPool{_n}d": (f"LpPool{_n}d", ("norm_type", "kernel_size", "stride", "ceil_mode")),
        f"AdaptiveMaxPool{_n}d": (f"AdaptiveMaxPool{_n}d", ("output_size", "return_indices")),
        f"AdaptiveAvgPool{_n}d": (f"AdaptiveAvgPool{_n}d", ("output_size",)),
        f"MaxUnpool{_n}d": (f"MaxUnpool{_n}d", _WINDOW),
    }

_KERAS: dict[str, tuple] = {}
for _n in "123":
    for _theirs, _ours in (("Max", "Max"), ("Average", "Avg")):
        _KERAS |= {
            f"{_theirs}Pooling{_n}D": (f"{_ours}Pool{_n}d", _n),
            f"Global{_theirs}Pooling{_n}D": (f"Global{_ours}Pool", _n),
            f"Adaptive{_theirs}Pooling{_n}D": (f"Adaptive{_ours}Pool{_n}d", _n),
        }

_AUTO_PAD = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": 0}
_GLOBAL = {
    "GlobalMaxPool": "GlobalMaxPool", "GlobalAveragePool": "GlobalAvgPool", "GlobalLpPool": "GlobalLpPool",
}
_ONNX = ("MaxPool", "AveragePool", "LpPool", *_GLOBAL, "MaxRoiPool", "RoiAlign")


def _row(thing, table, roots, name):
    """The name of the first class of `thing` that is in the table and of one of the packages, and its row."""
    for cls in type(thing).__mro__:
        if cls.__name__ in table and cls.__module__.partition(".")[0] in roots:
            return cls.__name__, table[cls.__name__]
    raise convert_error(TypeError, name, f"a layer of {' or '.join(roots)}: {', '.join(table)}", thing)


def _read(thing, attribute, name):
    """An attribute of a layer or node that has to have it."""
    try:
        return getattr(thing, attribute)
    except AttributeError:
        raise convert_error(TypeError, name, f"an object with the attribute {attribute!r}", thing) from None


def from_torch(module, *, data_format="channels_first"):
    """Give the layer that does what a pooling module of PyTorch or torchvision
    does.

    Parameters
    ----------
    module : torch.nn.Module
        MaxPool, AvgPool, LPPool, AdaptiveMaxPool, AdaptiveAvgPool or MaxUnpool
        in 1, 2 or 3 dimensions, or torchvision's RoIPool, RoIAlign, PSRoIPool
        or PSRoIAlign.
    data_format : str, default "channels_first"
        Layout of the arrays that the layer will be given.

    Returns
    -------
    layer
        A layer of cpool.

    Raises
    ------
    TypeError
        If `module` is anything else.
    ValueError
        If it is an LPPool that PyTorch computes by another rule: with an odd or
        broken `norm_type`, which takes no absolute values there, or with
        `ceil_mode`, which makes clipped windows larger there.

    See Also
    --------
    from_keras, from_onnx

    Notes
    -----
    Only attributes are read; PyTorch is not imported.

    Examples
    --------
    >>> import cpool
    >>> from torch import nn  # doctest: +SKIP
    >>> cpool.from_torch(nn.MaxPool2d(3, stride=2, padding=1))  # doctest: +SKIP
    MaxPool2d(kernel_size=3, stride=2, padding=1)
    """
    found, (name, attributes) = _row(module, _TORCH, ("torch", "torchvision"), "module")
    arguments = {each: _read(module, each, "module") for each in attributes}
    if found.startswith("LPPool"):
        norm, scales = arguments["norm_type"], arguments["ceil_mode"]
        if norm % 2 != 0 or scales:
            accepts = "an LPPool with an even norm_type and without ceil_mode: the others follow another rule"
            raise convert_error(ValueError, "module", accepts, module)
    return getattr(layers, name)(**arguments, data_format=data_format)


def from_keras(layer):
    """Give the layer that does what a pooling layer of Keras does.

    Parameters
    ----------
    layer : keras.layers.Layer
        MaxPooling, AveragePooling, their global forms, or their adaptive forms,
        in 1, 2 or 3 dimensions.

    Returns
    -------
    layer
        A layer of cpool, with the data format of `layer`.

    Raises
    ------
    TypeError
        If `layer` is anything else.

    See Also
    --------
    from_onnx, from_torch

    Notes
    -----
    Only attributes are read; Keras is not imported.

    Examples
    --------
    >>> import cpool
    >>> import keras  # doctest: +SKIP
    >>> layer = keras.layers.GlobalMaxPooling2D()  # doctest: +SKIP
    >>> cpool.from_keras(layer)  # doctest: +SKIP
    GlobalMaxPool(spatial_ndim=2, data_format='channels_last')
    """
    found, (name, nd) = _row(layer, _KERAS, ("keras", "tf_keras", "tensorflow"), "layer")
    arguments = {"data_format": _read(layer, "data_format", "layer")}
    if found.startswith("Global"):
        arguments |= {"spatial_ndim": int(nd), "keepdims": bool(_read(layer, "keepdims", "layer"))}
    elif found.startswith("Adaptive"):
        arguments["output_size"] = _read(layer, "output_size", "layer")
    else:
        for ours, theirs in ("kernel_size", "pool_size"), ("stride", "strides"), ("padding", "padding"):
            arguments[ours] = _read(layer, theirs, "layer")
    return getattr(layers, name)(**arguments)


def from_onnx(node, *, opset=None):
    """Give the layer that does what a pooling node of ONNX does.

    Parameters
    ----------
    node : onnx.NodeProto
        MaxPool, AveragePool, LpPool, GlobalMaxPool, GlobalAveragePool,
        GlobalLpPool, MaxRoiPool or RoiAlign. The layer is called with the
        node's inputs.
    opset : int, optional
        Version of the operators, which matters for a RoiAlign without
        `coordinate_transformation_mode`: before 16 that was
        "output_half_pixel". The newest by default.

    Returns
    -------
    layer
        A layer of cpool. Indices of a MaxPool with two outputs are positions in
        a plane, which `convert_indices` turns into those of ONNX.

    Raises
    ------
    TypeError
        If `node` is anything else.
    ValueError
        If it has an attribute that cpool does otherwise: `storage_order` 1, or
        the `mode` "max" of RoiAlign, which compares weighted pixels and not
        samples.

    See Also
    --------
    convert_indices, from_keras, from_torch

    Notes
    -----
    Only attributes are read; ONNX is not imported.

    Examples
    --------
    >>> import cpool
    >>> from onnx import helper  # doctest: +SKIP
    >>> node = helper.make_node(
    ...     "MaxPool", ["x"], ["y"], kernel_shape=[3, 3])  # doctest: +SKIP
    >>> cpool.from_onnx(node)  # doctest: +SKIP
    MaxPool2d(kernel_size=(3, 3), stride=1)
    """
    operator = getattr(node, "op_type", None)
    if operator not in _ONNX:
        raise convert_error(TypeError, "node", f"a node of ONNX: {', '.join(_ONNX)}", operator or node)
    given = {_read(each, "name", "node"): _value(each) for each in _read(node, "attribute", "node")}
    if operator in _GLOBAL:
        norm = {"norm_type": given.get("p", 2)} if operator == "GlobalLpPool" else {}
        return getattr(layers, _GLOBAL[operator])(**norm, keepdims=True)
    if operator == "MaxRoiPool":
        return layers.RoIPool(_sizes(given, "pooled_shape"), given.get("spatial_scale", 1.0))
    if operator == "RoiAlign":
        return _roi_align(given, opset)
    kernel = _sizes(given, "kernel_shape")
    arguments = {
        "kernel_size": kernel,
        "stride": tuple(given.get("strides", (1,) * len(kernel))),
        "padding": _padding(given, len(kernel)),
        "dilation": tuple(given.get("dilations", (1,) * len(kernel))),
        "ceil_mode": bool(given.get("ceil_mode", 0)),
    }
    if operator == "MaxPool":
        if given.get("storage_order", 0):
            raise convert_error(ValueError, "node", "a MaxPool with storage_order 0", given["storage_order"])
        arguments["return_indices"] = len([name for name in _read(node, "output", "node") if name]) > 1
    elif operator == "AveragePool":
        arguments["count_include_pad"] = bool(given.get("count_include_pad", 0))
    else:
        arguments["norm_type"] = given.get("p", 2)
    name = {"AveragePool": "AvgPool"}.get(operator, operator)
    return getattr(layers, f"{name}{len(kernel)}d")(**arguments)


def _sizes(given, attribute):
    """The ints of an attribute that has to be there: 1 to 3 of them."""
    sizes = tuple(given.get(attribute, ()))
    if not 1 <= len(sizes) <= 3:
        raise convert_error(ValueError, "node", f"a node with 1 to 3 numbers in {attribute}", sizes)
    return sizes


def _roi_align(given, opset):
    if given.get("mode", "avg") != "avg":
        raise convert_error(ValueError, "node", "a RoiAlign with the mode 'avg'", given["mode"])
    usual = "half_pixel" if opset is None or opset >= 16 else "output_half_pixel"
    return layers.RoIAlign(
        (given.get("output_height", 1), given.get("output_width", 1)), given.get("spatial_scale", 1.0),
        given.get("sampling_ratio", 0),
        coordinate_transformation_mode=given.get("coordinate_transformation_mode", usual),
    )


def _value(attribute):
    """What an AttributeProto holds: a number, text, or several numbers."""
    kinds = {1: "f", 2: "i", 3: "s", 6: "floats", 7: "ints"}
    kind = _read(attribute, "type", "node")
    if kind not in kinds:
        raise convert_error(ValueError, "node", "a node whose attributes are numbers or text", attribute)
    value = _read(attribute, kinds[kind], "node")
    return value.decode() if isinstance(value, bytes) else value


def _padding(given, nd):
    """`auto_pad` or `pads`, all starts before all ends."""
    auto = given.get("auto_pad", "NOTSET")
    if auto in _AUTO_PAD:
        return _AUTO_PAD[auto]
    pads = tuple(given.get("pads", (0,) * 2 * nd))
    return tuple(zip(pads[:nd], pads[nd:], strict=True))
