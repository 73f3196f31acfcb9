"""The cases of `conformance.py`: how each library is asked, how cpool is, and why they may differ."""

import itertools
from typing import NamedTuple

import numpy as np

import cpool


class Case(NamedTuple):
    operator: str
    about: str
    ours: object  # both return lists of arrays
    theirs: object
    reasons: tuple = ()  # what may be different here, by name
    exact: bool = False  # values of floats to the bit


def everywhere(i, ours, theirs):
    return np.ones(ours[i].shape, bool)


def at_nan(i, ours, theirs):
    """Where the value is NaN: the value itself and its index; of gradients everything."""
    if i and ours[i].dtype.kind == "f":
        return everywhere(i, ours, theirs)
    return np.isnan(ours[0].astype(np.float64))


def gradients(i, ours, theirs):
    return np.full(ours[i].shape, i > 0)


def by_one(i, ours, theirs):
    return abs(ours[i].astype(np.float64) - theirs[i].astype(np.float64)) <= 1


def in_float32(i, ours, theirs):
    return abs(ours[i] - theirs[i]) <= 2.0**-22 * abs(ours[i]).max()


def void_there(i, ours, theirs):
    return ~np.isfinite(theirs[i].astype(np.float64))


# name: what it means, and which elements of result i it explains
REASONS = {
    "first NaN": (
        "of several NaN in a window cpool gives the index of the first, as `np.argmax` does, and PyTorch "
        "that of the last; gradients follow the index",
        at_nan,
    ),
    "NaN is kept": (
        "a NaN in a window makes the maximum or minimum of it NaN in cpool; the library drops it, or "
        "keeps it or not by where it stands",
        at_nan,
    ),
    "sizes of powers": (
        "the norm is of |x|; PyTorch takes powers of x itself, so that negative numbers cancel or give NaN",
        everywhere,
    ),
    "clipped norms": (
        "windows that reach over the edge (ceil_mode) are sums of the elements that are there; PyTorch "
        "scales them up to the size of a whole window",
        everywhere,
    ),
    "gradient of a norm at 0": (
        "0 in cpool, NaN or infinite there",
        void_there,
    ),
    "truncated mean": (
        "averages of integers are rounded to nearest, halves to even; the library cuts the fraction off, "
        "or sums within the type",
        everywhere,
    ),
    "halves up": (
        "averages of integers are rounded to nearest, halves to even in cpool and up there",
        by_one,
    ),
    "weights of float32": (
        "OpenCV multiplies numbers of float64 by weights of float32",
        in_float32,
    ),
    "padding over half": (
        "cpool takes any padding; the library refuses more than half of the window",
        everywhere,
    ),
    "padding of a window": (
        "cpool takes any padding; the library refuses as much as the window is large",
        everywhere,
    ),
    "last window": (
        "in ceil_mode a window that would start behind the input is left out, as in PyTorch; the library "
        "has it",
        everywhere,
    ),
    "divisor over the edge": (
        "in ceil_mode the part of a window beyond the padding does not count for an average, as in "
        "PyTorch; there it does",
        everywhere,
    ),
    "edge blocks": (
        "blocks that are not whole are pooled from what is there; scikit-image fills them with 0 "
        "(`cpool.block_reduce` does as scikit-image)",
        everywhere,
    ),
    "integer type": (
        "the library has no kernel for this dtype",
        everywhere,
    ),
    "running sum": (
        "the library adds and subtracts along a line, which leaves rounding errors, or spreads a NaN over it",
        everywhere,
    ),
    "empty bins": (
        "the library reads other elements of bins that lie outside the image",
        everywhere,
    ),
    "weighted maximum": (
        "RoI align with mode max compares samples, as the text of ONNX says; ONNX Runtime compares the "
        "four weighted pixels of each sample",
        everywhere,
    ),
    "gradient of its own bins": (
        "torchvision's gradient of ps_roi_pool uses other bins than its result",
        everywhere,
    ),
    "every equal": (
        "the first of several equal maxima gets the gradient; TensorFlow gives it to each of them in 3-D",
        gradients,
    ),
}
REFUSED = {"padding over half", "padding of a window", "integer type"}
SHAPES = {"last window"}

RNG = np.random.default_rng(0)
SPATIAL = {1: (23,), 2: (11, 14), 3: (6, 7, 9)}
GEOMETRIES = [  # kernel, stride, padding, dilation, ceil_mode
    (2, 2, 0, 1, False),
    (3, 2, 1, 1, False),
    (3, 1, 1, 1, False),
    (2, 3, 1, 1, True),
    (3, 2, 1, 1, True),
    (3, 1, 1, 2, False),
    (4, 3, 2, 1, True),
    (2, 1, 2, 1, False),
    (5, 5, 0, 1, True),
]


def array(shape, dtype="float32", kind="plain"):
    """Ties and negative numbers, with NaN if asked for; integers of the whole type."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return RNG.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    x = np.round(RNG.standard_normal(shape) * 4, 1)
    if kind == "distinct":
        x = RNG.permutation(x.size).reshape(shape) / 8.0 - x.size / 16
    if kind == "positive":
        x = abs(x) + 0.5
    if kind == "NaN":
        x[RNG.random(shape) < 0.15] = np.nan
    return x.astype(dtype)


def ours(name, *args, **options):
    found = getattr(cpool, name)(*args, **options)
    return list(found) if isinstance(found, tuple) else [found]


# --- PyTorch ---------------------------------------------------------------------------------------


def torch_cases():
    import torch
    import torch.nn.functional as F

    def theirs(f, x, *args, gradient=True, **options):
        t = torch.from_numpy(x.copy())
        gradient = gradient and t.is_floating_point()
        t.requires_grad_(gradient)
        found = f(t, *args, **options)
        found = list(found) if isinstance(found, tuple) else [found]
        if gradient:
            found[0].backward(torch.ones_like(found[0]))
            found.append(t.grad)
        return [a.detach().numpy() for a in found]

    def mine(name, x, *args, gradient=True, **options):
        found = ours(name, x, *args, **options)
        if gradient and x.dtype.kind == "f":
            found.append(getattr(cpool, name + "_backward")(np.ones_like(found[0]), x, *args, **options))
        return found

    def case(op, nd, x, about, reasons, *args, adaptive=False, **options):
        prefix = "adaptive_" if adaptive else ""
        name = f"{prefix}{op}_pool{nd}d"
        f = getattr(F, name)
        return Case(
            f"{prefix}{op}_pool{{n}}d",
            f"{name} {x.dtype} {about} {args} {options}",
            lambda: mine(name, x, *args, **options),
            lambda: theirs(f, x, *args, **options),
            reasons,
        )

    for nd, (kernel, stride, padding, dilation, ceil) in itertools.product((1, 2, 3), GEOMETRIES):
        shape, over = (2, 3, *SPATIAL[nd]), ("padding over half",) if 2 * padding > kernel else ()
        for dtype, kind in (
            ("float32", "plain"),
            ("float64", "plain"),
            ("float16", "plain"),
            ("float32", "NaN"),
        ):
            x = array(shape, dtype, kind)
            void = ("first NaN",) if kind == "NaN" else ()
            yield case(
                "max", nd, x, kind, over + void, kernel, stride, padding, dilation, ceil, return_indices=True
            )
            if dilation == 1 and not (dtype == "float16" and nd == 3):
                for include in (True, False):
                    yield case("avg", nd, x, kind, over, kernel, stride, padding, ceil, include)
        for dtype in ("uint8", "int16", "int64"):
            x = array(shape, dtype)
            yield case(
                "max",
                nd,
                x,
                "",
                (*over, "integer type"),
                kernel,
                stride,
                padding,
                dilation,
                ceil,
                return_indices=True,
            )
            if dilation == 1:
                yield case(
                    "avg",
                    nd,
                    x // 64,
                    "",
                    (*over, "truncated mean", "integer type"),
                    kernel,
                    stride,
                    padding,
                    ceil,
                )
        if not padding and dilation == 1:
            for p, kind in itertools.product((1, 2, 3), ("positive", "plain")):
                reasons = ("clipped norms",) if ceil else ()
                reasons += ("sizes of powers", "gradient of a norm at 0") if kind == "plain" else ()
                yield case("lp", nd, array(shape, "float32", kind), kind, reasons, p, kernel, stride, ceil)
    for nd, size, kind in itertools.product((1, 2, 3), (1, 2, 3, 5), ("plain", "NaN")):
        x, void = array((2, 3, *SPATIAL[nd]), "float32", kind), ("first NaN",) if kind == "NaN" else ()
        yield case("max", nd, x, kind, void, size, adaptive=True, return_indices=True)
        yield case("avg", nd, x, kind, (), size, adaptive=True)
    for nd in (1, 2, 3):
        x = array((2, 3, *(n // 2 * 2 for n in SPATIAL[nd])), "float32", "distinct")
        y, at = getattr(cpool, f"max_pool{nd}d")(x, 2, return_indices=True)
        f, indices = getattr(F, f"max_unpool{nd}d"), torch.from_numpy(at)
        yield Case(
            "max_unpool{n}d",
            f"{nd}",
            lambda n=nd, y=y, at=at: mine(f"max_unpool{n}d", y, at, 2),
            lambda f=f, y=y, at=indices: theirs(f, y, at, 2),
        )
    for nd, samples in itertools.product((2, 3), range(5)):
        x, out = array((2, 3, *SPATIAL[nd])), tuple(n // 2 + samples % 2 for n in SPATIAL[nd])
        u = RNG.random((2, 3, nd))
        f = getattr(F, f"fractional_max_pool{nd}d")
        yield Case(
            "fractional_max_pool{n}d",
            f"{nd} {out}",
            lambda n=nd, x=x, o=out, u=u: mine(
                f"fractional_max_pool{n}d", x, 2, o, return_indices=True, random_samples=u.astype(np.float32)
            ),
            lambda f=f, x=x, o=out, u=u: theirs(
                f,
                x,
                2,
                output_size=o,
                return_indices=True,
                _random_samples=torch.from_numpy(u.astype(np.float32)),
            ),
        )


# --- TensorFlow, Keras -----------------------------------------------------------------------------


def last(x):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))


def tensorflow_cases():
    import tensorflow as tf

    def theirs(f, x):
        t = tf.constant(x)
        if x.dtype.kind != "f":
            return [f(t).numpy()]
        with tf.GradientTape() as tape:
            tape.watch(t)
            y = f(t)
        return [y.numpy(), tape.gradient(y, t, tf.ones_like(y)).numpy()]

    def mine(name, x, kernel, stride, padding):
        options = {"data_format": "channels_last", "padding": padding}
        y = getattr(cpool, name)(x, kernel, stride, **options)
        if x.dtype.kind != "f":
            return [y]
        return [y, getattr(cpool, name + "_backward")(np.ones_like(y), x, kernel, stride, **options)]

    for nd, (kernel, stride), padding in itertools.product(
        (1, 2, 3), ((2, 2), (3, 2), (3, 1), (2, 3)), ("SAME", "VALID")
    ):
        for dtype, kind in ("float32", "plain"), ("float64", "plain"), ("float32", "NaN"), ("uint8", ""):
            if (dtype == "float64" and nd == 3) or (dtype == "uint8" and nd != 2):
                continue
            x = last(array((2, 3, *SPATIAL[nd]), dtype, kind))
            for op, reasons in ("max", ("NaN is kept",)), ("avg", ()):
                if dtype == "uint8" and op == "avg":
                    continue
                f = getattr(tf.nn, f"{op}_pool{nd}d")
                yield Case(
                    f"{op}_pool{{n}}d",
                    f"{nd} {dtype} {kind} {kernel} {stride} {padding}",
                    lambda o=op, n=nd, x=x, k=kernel, s=stride, p=padding: mine(
                        f"{o}_pool{n}d", x, k, s, p.lower()
                    ),
                    lambda f=f, x=x, k=kernel, s=stride, p=padding: theirs(lambda t: f(t, k, s, p), x),
                    reasons if kind == "NaN" else ("every equal",) if (op, nd) == ("max", 3) else (),
                )
    for kernel, stride, padding in itertools.product((2, 3), (1, 2), ("SAME", "VALID")):
        x = array((2, 11, 14, 3), "float32", "distinct")
        options = {"padding": padding.lower(), "data_format": "channels_last"}

        def indexed(x=x, k=kernel, s=stride, options=options):
            y, at = cpool.max_pool2d(x, k, s, return_indices=True, **options)
            return [y, cpool.convert_indices(at, x.shape, target="tensorflow", data_format="channels_last")]

        yield Case(
            "max_pool_with_argmax",
            f"{kernel} {stride} {padding}",
            indexed,
            lambda x=x, k=kernel, s=stride, p=padding: [
                a.numpy() for a in tf.nn.max_pool_with_argmax(x, k, s, p)
            ],
        )


def keras_cases():
    import keras

    for nd, (kernel, stride), padding, order in itertools.product(
        (1, 2, 3), ((2, 2), (3, 2), (2, 1)), ("same", "valid"), ("channels_last", "channels_first")
    ):
        x = array((2, 3, *SPATIAL[nd]), "float32", "plain")
        x = last(x) if order == "channels_last" else x
        for op, theirs in ("max", "MaxPooling"), ("avg", "AveragePooling"):
            if order == "channels_first" and (nd, op) == (3, "avg"):
                continue  # has no kernel there
            layer = getattr(keras.layers, f"{theirs}{nd}D")(kernel, stride, padding, data_format=order)
            yield Case(
                f"{theirs}{{n}}D",
                f"{nd} {kernel} {stride} {padding} {order}",
                lambda o=op, n=nd, x=x, k=kernel, s=stride, p=padding, d=order: ours(
                    f"{o}_pool{n}d", x, k, s, padding=p, data_format=d
                ),
                lambda layer=layer, x=x: [np.asarray(layer(x))],
            )
    for nd, order, op in itertools.product((1, 2, 3), ("channels_last", "channels_first"), ("max", "avg")):
        x = array((2, 3, *SPATIAL[nd]), "float32", "plain")
        x = last(x) if order == "channels_last" else x
        theirs = {"max": "Max", "avg": "Average"}[op]
        layer = getattr(keras.layers, f"Global{theirs}Pooling{nd}D")(data_format=order)
        yield Case(
            f"Global{theirs}Pooling{{n}}D",
            f"{nd} {order}",
            lambda o=op, x=x, d=order: ours(f"global_{o}_pool", x, data_format=d),
            lambda layer=layer, x=x: [np.asarray(layer(x))],
        )
        layers = getattr(keras.layers, f"Adaptive{theirs}Pooling{nd}D", None)
        # Keras 3.15 divides by zero for a maximum of output size 1, which ends the process
        for size in (2, 3, 5) if layers and op == "max" else (1, 2, 3, 5) if layers else ():
            layer = layers(size, data_format=order)
            yield Case(
                f"Adaptive{theirs}Pooling{{n}}D",
                f"{nd} {order} {size}",
                lambda o=op, n=nd, x=x, d=order, s=size: ours(f"adaptive_{o}_pool{n}d", x, s, data_format=d),
                lambda layer=layer, x=x: [np.asarray(layer(x))],
            )


# --- ONNX Runtime ----------------------------------------------------------------------------------


OPSETS = {"RoiAlign": 16, "MaxRoiPool": 1, "GlobalLpPool": 2}  # the newest that ONNX Runtime has


def onnx_cases():
    import onnxruntime
    from onnx import TensorProto, helper

    types = {
        "float32": TensorProto.FLOAT,
        "float16": TensorProto.FLOAT16,
        "float64": TensorProto.DOUBLE,
        "uint8": TensorProto.UINT8,
        "int8": TensorProto.INT8,
        "int64": TensorProto.INT64,
    }

    def theirs(op, outputs, *arrays, **attributes):
        names = [f"x{i}" for i in range(len(arrays))]
        node = helper.make_node(op, names, [f"y{i}" for i in range(len(outputs))], **attributes)
        graph = helper.make_graph(
            [node],
            "g",
            [
                helper.make_tensor_value_info(n, types[a.dtype.name], a.shape)
                for n, a in zip(names, arrays, strict=True)
            ],
            [helper.make_tensor_value_info(f"y{i}", types[t], None) for i, t in enumerate(outputs)],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSETS.get(op, 22))], ir_version=10
        )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        return session.run(None, dict(zip(names, arrays, strict=True)))

    def indexed(nd, x, *args):
        y, at = getattr(cpool, f"max_pool{nd}d")(x, *args, return_indices=True)
        return [y, cpool.convert_indices(at, x.shape, target="onnx")]

    for nd, (kernel, stride, padding, dilation, ceil) in itertools.product((1, 2, 3), GEOMETRIES):
        attributes = {
            "kernel_shape": [kernel] * nd,
            "strides": [stride] * nd,
            "pads": [padding] * 2 * nd,
            "ceil_mode": int(ceil),
        }
        reasons = ("padding of a window",) if padding >= kernel else ()
        more = ("last window",) if ceil else ()
        for dtype, kind in ("float32", "plain"), ("float64", "distinct"), ("float32", "NaN"), ("uint8", ""):
            x = array((2, 3, *SPATIAL[nd]), dtype, kind)
            void = ("NaN is kept",) if kind == "NaN" else ()
            yield Case(
                "MaxPool",
                f"{nd} {dtype} {kind} {attributes} {dilation}",
                lambda n=nd, x=x, a=(kernel, stride, padding, dilation, ceil), one=kind == "NaN": indexed(
                    n, x, *a
                )[: 1 if one else 2],
                lambda x=x, a=attributes, d=dilation, n=nd, one=kind == "NaN": theirs(
                    "MaxPool", [x.dtype.name] if one else [x.dtype.name, "int64"], x, dilations=[d] * n, **a
                ),
                reasons + more + void,
            )
        for include, kind in itertools.product((False, True), ("plain", "NaN")):
            x = array((2, 3, *SPATIAL[nd]), "float32", kind)
            yield Case(
                "AveragePool",
                f"{nd} {kind} {attributes} {dilation} {include}",
                lambda n=nd, x=x, k=kernel, s=stride, p=padding, c=ceil, i=include, d=dilation: ours(
                    f"avg_pool{n}d", x, k, s, p, c, i, dilation=d
                ),
                lambda x=x, a=attributes, d=dilation, n=nd, i=include: theirs(
                    "AveragePool", ["float32"], x, dilations=[d] * n, count_include_pad=int(i), **a
                ),
                reasons + more + (("divisor over the edge",) if ceil and include else ()),
            )
        for p in (1, 2, 3):
            x = array((2, 3, *SPATIAL[nd]))
            yield Case(
                "LpPool",
                f"{nd} {p} {attributes} {dilation}",
                lambda n=nd, x=x, q=p, k=kernel, s=stride, p=padding, c=ceil, d=dilation: ours(
                    f"lp_pool{n}d", x, q, k, s, c, padding=p, dilation=d
                ),
                lambda x=x, a=attributes, d=dilation, n=nd, q=p: theirs(
                    "LpPool", ["float32"], x, dilations=[d] * n, p=q, **a
                ),
                reasons + more,
            )
    for nd in (1, 2, 3):
        x = array((2, 3, *SPATIAL[nd]))
        for op, name, more in (
            ("max", "GlobalMaxPool", {}),
            ("avg", "GlobalAveragePool", {}),
            ("lp", "GlobalLpPool", {"p": 2}),
        ):
            lead = (2,) if op == "lp" else ()
            yield Case(
                name,
                f"{nd}",
                lambda o=op, x=x, lead=lead: ours(f"global_{o}_pool", x, *lead, keepdims=True),
                lambda x=x, name=name, more=more: theirs(name, ["float32"], x, **more),
            )
        x = array((2, 3, *(n // 2 * 2 for n in SPATIAL[nd])), "float32", "distinct")
        y, at = getattr(cpool, f"max_pool{nd}d")(x, 2, return_indices=True)
        flat = cpool.convert_indices(at, x.shape, target="onnx")
        yield Case(
            "MaxUnpool",
            f"{nd}",
            lambda n=nd, y=y, at=at: ours(f"max_unpool{n}d", y, at, 2),
            lambda n=nd, y=y, at=flat: theirs(
                "MaxUnpool", ["float32"], y, at, kernel_shape=[2] * n, strides=[2] * n
            ),
        )
    x, boxes, images = array((2, 3, 17, 23)), regions(2, 23, 17, 12), RNG.integers(0, 2, 12)
    for aligned, ratio, mode in itertools.product((True, False), (0, 2), ("avg", "max")):
        kind = "half_pixel" if aligned else "output_half_pixel"
        yield Case(
            "RoiAlign",
            f"{kind} {ratio} {mode}",
            lambda a=aligned, r=ratio, m=mode: ours(
                "roi_align", x, boxes[:, 1:], (3, 4), 0.5, r, a, mode=m, batch_indices=images
            ),
            lambda k=kind, r=ratio, m=mode: theirs(
                "RoiAlign",
                ["float32"],
                x,
                boxes[:, 1:].astype(np.float32),
                images.astype(np.int64),
                coordinate_transformation_mode=k,
                output_height=3,
                output_width=4,
                sampling_ratio=r,
                spatial_scale=0.5,
                mode=m,
            ),
            ("weighted maximum",) if mode == "max" else (),
        )
    inside = boxes.astype(np.float32)
    for scale in (0.5, 1.0):
        yield Case(
            "MaxRoiPool",
            f"{scale}",
            lambda s=scale: ours("roi_pool", x, inside, (3, 4), s),
            lambda s=scale: theirs(
                "MaxRoiPool", ["float32"], x, inside, pooled_shape=[3, 4], spatial_scale=s
            ),
            ("empty bins",) if scale == 1 else (),
        )


def regions(images, width, height, count, scale=0.5):
    """Boxes inside the pictures: image, x1, y1, x2, y2."""
    a, b = RNG.random((2, count, 2)) * [width, height] / scale
    return np.column_stack([RNG.integers(0, images, count), np.minimum(a, b), np.maximum(a, b)])


# --- JAX -------------------------------------------------------------------------------------------


def jax_cases():
    import jax

    jax.config.update("jax_enable_x64", True)
    lax = jax.lax
    ops = {"max": (lax.max, -np.inf), "min": (lax.min, np.inf), "sum": (lax.add, 0.0)}

    def theirs(op, x, kernel, stride, padding, dilation, gradient):
        nd = x.ndim - 2

        def f(t):
            start = np.array(
                ops[op][1]
                if x.dtype.kind == "f"
                else {"max": np.iinfo(x.dtype).min, "min": np.iinfo(x.dtype).max}[op],
                x.dtype,
            )
            return lax.reduce_window(
                t,
                start,
                ops[op][0],
                (1, 1, *(kernel,) * nd),
                (1, 1, *(stride,) * nd),
                ((0, 0), (0, 0), *((padding, padding),) * nd),
                None,
                (1, 1, *(dilation,) * nd),
            )

        found = [f(x)]
        if gradient:
            found.append(jax.vjp(f, x)[1](np.ones(found[0].shape, x.dtype))[0])
        return [np.asarray(a) for a in found]

    def mine(op, x, kernel, stride, padding, dilation, gradient):
        name, options = (
            f"{op}_pool{x.ndim - 2}d",
            {"stride": stride, "padding": padding, "dilation": dilation},
        )
        y = getattr(cpool, name)(x, kernel, **options)
        return [y] + (
            [getattr(cpool, name + "_backward")(np.ones_like(y), x, kernel, **options)] if gradient else []
        )

    for nd, (kernel, stride, padding, dilation, ceil) in itertools.product((1, 2, 3), GEOMETRIES):
        if ceil or padding >= kernel:
            continue
        for op, (dtype, kind) in itertools.product(
            ops,
            (
                ("float32", "distinct"),
                ("float64", "distinct"),
                ("float32", "NaN"),
                ("int16", ""),
                ("uint8", ""),
            ),
        ):
            if op == "sum" and dtype in ("int16", "uint8"):
                continue
            x = array((2, 3, *SPATIAL[nd]), dtype, kind)
            args = op, x, kernel, stride, padding, dilation, kind == "distinct" and dilation == 1
            yield Case(
                f"reduce_window({op})",
                f"{nd} {dtype} {kind} {kernel} {stride} {padding} {dilation}",
                lambda a=args: mine(*a),
                lambda a=args: theirs(*a),
            )


# --- SciPy, scikit-image, OpenCV -------------------------------------------------------------------


def inner(y, kernel, n):
    """What of a filter's result are whole windows, of kernel elements each."""
    return y[tuple(slice(kernel // 2, kernel // 2 + size - kernel + 1) for size in n)]


def scipy_cases():
    from scipy import ndimage

    filters = {
        "maximum_filter": ("max", {}),
        "minimum_filter": ("min", {}),
        "uniform_filter": ("avg", {}),
        "median_filter": ("median", {}),
        "percentile_filter": ("rank", {"q": 0.0}),
        "rank_filter": ("rank", {"rank": 2}),
    }
    for nd, kernel, dtype in itertools.product(
        (1, 2, 3), (3, 5), ("float32", "float64", "uint8", "int16", "uint16", "int64")
    ):
        if nd == 3 and kernel == 5:
            kernel = 4
        x = array(SPATIAL[nd], dtype)
        if dtype == "int64":
            x >>= 12
        for name, (op, own) in filters.items():
            if kernel == 4 and op == "median":
                continue  # of an even number of elements SciPy takes the upper one
            lead = {"percentile_filter": (0,), "rank_filter": (2,)}.get(name, ())
            yield Case(
                name,
                f"{nd} {kernel} {dtype}",
                lambda o=op, n=nd, x=x, k=kernel, own=own: ours(f"{o}_pool{n}d", x, k, 1, **own),
                lambda name=name, x=x, k=kernel, lead=lead: [
                    inner(getattr(ndimage, name)(x, *lead, size=k), k, x.shape)
                ],
                ("truncated mean",) if op == "avg" and x.dtype.kind != "f" else (),
            )
        if x.dtype.kind == "f":
            x = array(SPATIAL[nd], dtype, "NaN")
            for name, reason in ("maximum_filter", "NaN is kept"), ("uniform_filter", "running sum"):
                yield Case(
                    name + " of NaN",
                    f"{nd} {kernel} {dtype}",
                    lambda o=filters[name][0], n=nd, x=x, k=kernel: ours(f"{o}_pool{n}d", x, k, 1),
                    lambda name=name, x=x, k=kernel: [inner(getattr(ndimage, name)(x, size=k), k, x.shape)],
                    (reason,),
                )


def skimage_cases():
    from skimage.measure import block_reduce

    functions = {"max": np.max, "min": np.min, "mean": np.mean, "sum": np.sum, "median": np.median}
    for nd, block, dtype, (name, f) in itertools.product(
        (1, 2, 3), (2, 3), ("float32", "float64", "uint8", "int16"), functions.items()
    ):
        x = array(SPATIAL[nd], dtype)
        if dtype == "uint8" and name == "sum":
            x = x // 64
        yield Case(
            f"block_reduce({name})",
            f"{nd} {block} {dtype}",
            lambda x=x, b=block, f=f, n=nd: [np.asarray(cpool.block_reduce(x, (b,) * n, f))],
            lambda x=x, b=block, f=f, n=nd: [np.asarray(block_reduce(x, (b,) * n, f))],
        )
        if dtype == "float64" and name in ("max", "mean"):
            op = {"max": "max", "mean": "avg"}[name]
            yield Case(
                f"block_reduce({name}) beside {op}_pool{{n}}d",
                f"{nd} {block}",
                lambda x=x, b=block, o=op, n=nd: ours(f"{o}_pool{n}d", x, b, ceil_mode=True),
                lambda x=x, b=block, f=f, n=nd: [block_reduce(x, (b,) * n, f)],
                ("edge blocks",) if any(n % block for n in x.shape) else (),
            )


def opencv_cases():
    import cv2

    for kernel, dtype, kind in itertools.product(
        (2, 3, 5), ("uint8", "uint16", "int16", "float32", "float64"), ("plain", "NaN")
    ):
        if kind == "NaN" and dtype not in ("float32", "float64"):
            continue
        x = array((24, 31), dtype, kind)
        box = np.ones((kernel, kernel), np.uint8)
        for name, op in ("dilate", "max"), ("erode", "min"):
            yield Case(
                name,
                f"{kernel} {dtype} {kind}",
                lambda o=op, x=x, k=kernel: ours(f"{o}_pool2d", x, k, 1),
                lambda name=name, x=x, k=kernel, box=box: [inner(getattr(cv2, name)(x, box), k, x.shape)],
                ("NaN is kept",) if kind == "NaN" else (),
            )
        whole = x.dtype.kind != "f"
        if kind == "plain":
            yield Case(
                "blur",
                f"{kernel} {dtype}",
                lambda x=x, k=kernel: ours("avg_pool2d", x, k, 1),
                lambda x=x, k=kernel: [inner(cv2.blur(x, (k, k)), k, x.shape)],
                ("halves up",) if whole else (),
            )
            if x.dtype.kind == "f":
                yield Case(
                    "boxFilter",
                    f"{kernel} {dtype}",
                    lambda x=x, k=kernel: ours("sum_pool2d", x, k, 1),
                    lambda x=x, k=kernel: [inner(cv2.boxFilter(x, -1, (k, k), normalize=False), k, x.shape)],
                )
        if (
            kernel % 2
            and kind == "plain"
            and (kernel == 3 or dtype in ("uint8", "uint16", "float32"))
            and (dtype != "float64")
        ):
            yield Case(
                "medianBlur",
                f"{kernel} {dtype}",
                lambda x=x, k=kernel: ours("median_pool2d", x, k, 1),
                lambda x=x, k=kernel: [inner(cv2.medianBlur(x, k), k, x.shape)],
            )
        y = array((24 // kernel * kernel, 30), dtype)
        yield Case(
            "resize(INTER_AREA)",
            f"{kernel} {dtype}",
            lambda y=y, k=kernel: ours("avg_pool2d", y, k),
            lambda y=y, k=kernel: [
                cv2.resize(y, (y.shape[1] // k, y.shape[0] // k), interpolation=cv2.INTER_AREA)
            ],
            ("halves up",) if whole else ("weights of float32",) if dtype == "float64" else (),
        )


# --- torchvision -----------------------------------------------------------------------------------


def torchvision_cases():
    import torch
    from torchvision import ops

    def theirs(name, x, boxes, options, gradient):
        t = torch.tensor(x, requires_grad=True)
        y = getattr(ops, name)(t, torch.tensor(boxes), (3, 4), 0.5, **options)
        y.backward(torch.ones_like(y))
        return [y.detach().numpy()] + ([t.grad.numpy()] if gradient else [])

    def mine(name, x, boxes, options, gradient):
        y = getattr(cpool, name)(x, boxes, (3, 4), 0.5, **options)
        back = getattr(cpool, name + "_backward")
        return [y] + ([back(np.ones_like(y), x, boxes, (3, 4), 0.5, **options)] if gradient else [])

    sampled = [{}, {"sampling_ratio": 2, "aligned": True}, {"aligned": True}]
    calls = [("roi_align", options) for options in sampled]
    calls += [("roi_pool", {}), ("ps_roi_pool", {}), ("ps_roi_align", {"sampling_ratio": 3})]
    for name, options in calls:
        for dtype, channels in itertools.product(("float32", "float64"), (12, 36)):
            x, boxes = array((2, channels, 17, 23), dtype), regions(2, 23, 17, 20).astype(dtype)
            args = name, x, boxes, options, name != "ps_roi_pool"
            yield Case(
                name, f"{options} {dtype} {channels}", lambda a=args: mine(*a), lambda a=args: theirs(*a)
            )
    for channels in (12, 36):
        x, boxes = array((2, channels, 17, 23), "float64"), regions(2, 23, 17, 20)
        args = "ps_roi_pool", x, boxes, {}, True
        yield Case(
            "ps_roi_pool, gradient",
            f"{channels}",
            lambda a=args: mine(*a),
            lambda a=args: theirs(*a),
            ("gradient of its own bins",),
        )


MAKERS = {
    "PyTorch": torch_cases,
    "TensorFlow": tensorflow_cases,
    "Keras": keras_cases,
    "ONNX Runtime": onnx_cases,
    "JAX": jax_cases,
    "SciPy": scipy_cases,
    "scikit-image": skimage_cases,
    "OpenCV": opencv_cases,
    "torchvision": torchvision_cases,
}
