"""Frameworks for neural networks: PyTorch, ONNX Runtime, OpenVINO, JAX, TensorFlow."""

import math
from typing import Any

import numpy as np

from .common import Call, Cannot, channels_first, channels_last, neutral, planes
from .workloads import FIRST, LAST, Workload

Arrays = dict[str, np.ndarray]


# ---- PyTorch ----


def _tensor(array: np.ndarray) -> Any:
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.uint16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def _ready(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)


def _tensor_results(chosen: Workload) -> Any:
    """Return the function that makes arrays of tensors (batch, channels, *spatial)."""

    def array(tensor: Any) -> np.ndarray:
        if tensor.is_mkldnn:
            tensor = tensor.to_dense()
        if str(tensor.dtype) == "torch.bfloat16":
            tensor = tensor.float()
        values = tensor.numpy()
        return np.moveaxis(values, 1, -1) if chosen.layout == LAST else values

    return lambda result: tuple(map(array, result)) if isinstance(result, tuple) else array(result)


def torch(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """torch.nn.functional, and plain reductions where these say the same."""
    _ready(threads)
    x = _tensor(channels_first(chosen, arrays["x"]))
    if "mask" in arrays:
        return Call(_torch_masked(chosen, arrays, x), _tensor_results(chosen))
    if chosen.backward:
        return Call(_torch_backward(chosen, arrays, x), _tensor_results(chosen))
    function = _torch_function(chosen)
    if chosen.kind in ("avg", "sum") and not x.is_floating_point():
        if chosen.kind == "sum":
            raise Cannot("only sums of floats")
        dtype = x.dtype
        return Call(lambda: function(x.float()).round_().to(dtype), _tensor_results(chosen))
    try:
        function(x[:1, :1])
    except RuntimeError as error:
        raise Cannot(str(error).partition("\n")[0]) from error
    return Call(lambda: function(x), _tensor_results(chosen))


def _torch_function(chosen: Workload) -> Any:
    """Return the function of one tensor."""
    import torch
    import torch.nn.functional as F

    dimension = f"{chosen.ndim}d"
    if chosen.family == "global":
        axes = tuple(range(2, 2 + chosen.ndim))
        reduce: Any = {"max": torch.amax, "min": torch.amin, "avg": torch.mean, "sum": torch.sum}.get(
            chosen.kind
        )
        if reduce is None:
            raise Cannot("no such operator")
        return lambda x: reduce(x, axes)
    if chosen.kind == "min" or chosen.op in ("adaptive_sum_pool", "adaptive_lp_pool"):
        raise Cannot("no such operator")
    function = getattr(F, chosen.op.replace("sum", "avg") + dimension)
    kernel, stride, padding = chosen.kernel, chosen.stride, chosen.padding
    if chosen.family == "adaptive":
        return lambda x: function(x, chosen.output_size)
    if chosen.kind == "max":
        return lambda x: function(x, kernel, stride, padding, return_indices=chosen.indices)
    if chosen.kind == "lp":
        if any(padding):
            raise Cannot("no padding of norms")
        return lambda x: function(x, chosen.norm_type, kernel, stride)
    if chosen.kind == "sum":
        if chosen.ndim == 1:
            raise Cannot("no such operator")
        return lambda x: function(x, kernel, stride, padding, divisor_override=1)
    return lambda x: function(x, kernel, stride, padding, count_include_pad=chosen.include_pad)


def _torch_masked(chosen: Workload, arrays: Arrays, x: Any) -> Any:
    """Return the mean of what a mask leaves: sums of what is taken over how many there are."""
    means = chosen.op == "avg_pool" and not chosen.include_pad and not chosen.backward
    if not means or chosen.ndim == 1 or not x.is_floating_point():
        raise Cannot("only masked means of floats that do not count the padding, 2-D and 3-D, forward")
    mask = _tensor(channels_first(chosen, arrays["mask"]))
    total = _torch_function(chosen._replace(op="sum_pool"))
    return lambda: total(x * mask) / total(mask.to(x.dtype))


def _torch_backward(chosen: Workload, arrays: Arrays, x: Any) -> Any:
    import torch

    grad = _tensor(channels_first(chosen, arrays["grad"])) if chosen.family != "global" else None
    kernel, stride, padding, ops = chosen.kernel, chosen.stride, chosen.padding, torch.ops.aten
    if chosen.op == "max_pool" and chosen.ndim in (2, 3):
        indices = _tensor(channels_first(chosen, arrays["indices"]))
        backward = getattr(ops, f"max_pool{chosen.ndim}d_with_indices_backward")
        ones = (1,) * chosen.ndim
        return lambda: backward(grad, x, kernel, stride, padding, ones, False, indices)
    if chosen.op == "avg_pool" and chosen.ndim in (2, 3):
        backward = getattr(ops, f"avg_pool{chosen.ndim}d_backward")
        return lambda: backward(grad, x, kernel, stride, padding, False, chosen.include_pad, None)
    if chosen.op == "adaptive_avg_pool" and chosen.ndim in (2, 3):
        backward = getattr(ops, f"_adaptive_avg_pool{chosen.ndim}d_backward")
        return lambda: backward(grad, x)
    if chosen.op == "global_avg_pool":
        spread = _tensor(planes(chosen, arrays["grad"])).reshape(*x.shape[:2], *(1,) * chosen.ndim)
        last = chosen.layout == LAST and chosen.ndim == 2
        order = torch.channels_last if last else torch.contiguous_format
        taps = math.prod(chosen.spatial)
        return lambda: (spread / taps).expand(x.shape).contiguous(memory_format=order)
    raise Cannot("no operator for this gradient alone")


def torch_onednn(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """PyTorch on tensors in the format of oneDNN."""
    _ready(threads)
    if (
        chosen.op not in ("max_pool", "avg_pool", "adaptive_avg_pool")
        or chosen.ndim == 1
        or chosen.indices
        or chosen.backward
        or chosen.layout != FIRST
        or chosen.dtype not in ("float32", "bfloat16")
    ):
        raise Cannot("only float32 and bfloat16, 2-D and 3-D, channels first, forward, no indices")
    x = _tensor(channels_first(chosen, arrays["x"])).to_mkldnn()
    function = _torch_function(chosen)
    try:
        function(x)
    except RuntimeError as error:
        raise Cannot(str(error).partition("\n")[0]) from error
    return Call(lambda: function(x), _tensor_results(chosen))


# ---- ONNX Runtime ----


def onnxruntime(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """A model of one node, its input and outputs bound beforehand."""
    if chosen.layout != FIRST or chosen.backward:
        raise Cannot("only channels first, forward")
    try:
        from onnx import TensorProto, helper
    except ImportError:
        raise Cannot("needs the package onnx") from None
    import onnxruntime

    attributes: dict[str, Any] = {}
    if chosen.family == "":
        names = {"max": "MaxPool", "avg": "AveragePool", "lp": "LpPool"}
        attributes = {
            "kernel_shape": chosen.kernel,
            "strides": chosen.stride,
            "pads": chosen.padding * 2,
        }
        if chosen.kind == "avg":
            attributes["count_include_pad"] = int(chosen.include_pad)
    elif chosen.family == "global":
        names = {"max": "GlobalMaxPool", "avg": "GlobalAveragePool", "lp": "GlobalLpPool"}
    else:
        names = {}
    if chosen.kind not in names:
        raise Cannot("no such operator")
    if chosen.kind == "lp":
        if chosen.norm_type != int(chosen.norm_type):
            raise Cannot("only whole p")
        attributes["p"] = int(chosen.norm_type)
    types = {
        "float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE",
        "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "uint8": "UINT8",
    }  # fmt: skip
    if chosen.dtype not in types:
        raise Cannot(f"no {chosen.dtype}")
    kind = getattr(TensorProto, types[chosen.dtype])
    x = channels_first(chosen, arrays["x"])
    outputs = ["y", "indices"] if chosen.indices else ["y"]
    graph = helper.make_graph(
        [helper.make_node(names[chosen.kind], ["x"], outputs, **attributes)],
        "pool",
        [helper.make_tensor_value_info("x", kind, x.shape)],
        [
            helper.make_tensor_value_info(name, kind if name == "y" else TensorProto.INT64, None)
            for name in outputs
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise Cannot(f"no {chosen.dtype} {names[chosen.kind]}") from error
    binding = session.io_binding()
    value = onnxruntime.OrtValue.ortvalue_from_numpy(x)
    binding.bind_ortvalue_input("x", value)
    for name in outputs:
        binding.bind_output(name, "cpu")

    def results(_: Any) -> Any:
        arrays = [output.numpy() for output in binding.get_outputs()]
        if len(arrays) == 1:
            return arrays[0]
        return arrays[0], arrays[1] % math.prod(chosen.spatial)  # it counts through the batch and channels

    return Call(lambda: session.run_with_iobinding(binding), results, keep=(x, value))


# ---- OpenVINO ----


def openvino(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """A compiled model of one operator, on memory that NumPy owns."""
    if chosen.backward or chosen.kind in ("min", "sum", "lp"):
        raise Cannot("only max and avg, forward")
    if chosen.dtype in ("bfloat16", "float64", "int64", "uint64"):
        raise Cannot(f"no {chosen.dtype}")  # 64 bits are accepted, and become 32
    import openvino
    from openvino import opset14 as ops

    x = planes(chosen, arrays["x"])
    if chosen.kind == "avg" and x.dtype.kind != "f":
        raise Cannot("only means of floats")
    node = parameter = ops.parameter(list(x.shape), openvino.Type(x.dtype))
    last = chosen.layout == LAST
    nd = chosen.ndim
    if last:
        node = ops.transpose(node, ops.constant(np.array([0, nd + 1, *range(1, nd + 1)])))
    stride, padding, kernel = list(chosen.stride), list(chosen.padding), list(chosen.kernel)
    count = 1
    if chosen.family == "global":
        reduce = {"max": ops.reduce_max, "avg": ops.reduce_mean}[chosen.kind]
        node, last = reduce(node, ops.constant(np.arange(2, nd + 2)), False), False
    elif chosen.family == "adaptive":
        size = ops.constant(np.array(chosen.output_size))
        node = (
            ops.adaptive_avg_pool(node, size) if chosen.kind == "avg" else ops.adaptive_max_pool(node, size)
        )
    elif chosen.kind == "avg":
        node = ops.avg_pool(node, stride, padding, padding, kernel, not chosen.include_pad)
    else:
        node = ops.max_pool(node, stride, [1] * nd, padding, padding, kernel, "floor", None, "i64", 2)
        count = 1 + chosen.indices
    nodes = [node.output(i) for i in range(count)]
    if last:
        back = ops.constant(np.array([0, *range(2, nd + 2), 1]))
        nodes = [ops.transpose(each, back).output(0) for each in nodes]
    hints: dict[str, Any] = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    if chosen.dtype == "float32":
        hints["INFERENCE_PRECISION_HINT"] = "f32"
    try:
        compiled = openvino.Core().compile_model(openvino.Model(nodes, [parameter]), "CPU", hints)
        request = compiled.create_infer_request()
        request.set_input_tensor(0, openvino.Tensor(x, shared_memory=True))
        request.infer()
    except RuntimeError as error:
        raise Cannot("not compiled by this version") from error

    def results(_: Any) -> Any:
        found = tuple(request.get_output_tensor(i).data for i in range(count))
        return found if count > 1 else found[0]

    return Call(request.infer, results, keep=x)


# ---- JAX ----


def jax(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """lax.reduce_window under jit; gradients by vjp."""
    if chosen.indices or chosen.family == "adaptive":
        raise Cannot("no such operator")
    if math.prod(chosen.kernel) > 256:
        raise Cannot("only windows of at most 256 taps: larger ones take seconds")
    import jax
    import jax.numpy as jnp
    from jax import lax

    if chosen.dtype in ("float64", "int64", "uint64") or chosen.kind == "sum":
        jax.config.update("jax_enable_x64", True)
    x = arrays["x"]
    first = len(chosen.leading) - (chosen.layout == LAST)
    after = x.ndim - first - chosen.ndim

    def everywhere(sizes: Any, other: Any) -> tuple[Any, ...]:
        return ((other,) * first) + tuple(sizes) + (other,) * after

    axes = tuple(range(first, first + chosen.ndim))
    p = chosen.norm_type
    if chosen.kind in ("avg", "lp") and x.dtype.kind != "f" and chosen.dtype != "bfloat16":
        raise Cannot("only means and norms of floats")
    if chosen.family == "global":
        reduce: Any = {"max": jnp.max, "min": jnp.min, "avg": jnp.mean, "sum": jnp.sum}.get(chosen.kind)
        if reduce is None:
            raise Cannot("no such operator")

        def pool(x: Any) -> Any:
            return reduce(x, axes)

    else:
        window, stride = everywhere(chosen.kernel, 1), everywhere(chosen.stride, 1)
        padding = everywhere([(n, n) for n in chosen.padding], (0, 0))
        wide = {"i": "int64", "u": "uint64", "b": "int64"}.get(x.dtype.kind, x.dtype)

        def total(x: Any) -> Any:
            return lax.reduce_window(x, np.zeros((), x.dtype), lax.add, window, stride, padding)

        counts: Any = np.asarray(math.prod(chosen.kernel), x.dtype)
        if chosen.kind == "avg" and not chosen.include_pad:
            counts = np.asarray(total(jnp.ones(x.shape, x.dtype)))

        def pool(x: Any) -> Any:
            if chosen.kind in ("max", "min"):
                step = lax.max if chosen.kind == "max" else lax.min
                start = np.asarray(neutral(chosen.kind, arrays["x"].dtype), x.dtype)
                return lax.reduce_window(x, start, step, window, stride, padding)
            if chosen.kind == "lp":
                return jnp.sqrt(total(x * x)) if p == 2 else total(jnp.abs(x) ** p) ** (1 / p)
            return total(x.astype(wide)) if chosen.kind == "sum" else total(x) / counts

    value = jnp.asarray(x)
    if chosen.backward:
        grad = jnp.asarray(arrays["grad"])
        back = jax.jit(lambda x, grad: jax.vjp(pool, x)[1](grad)[0])
        return Call(lambda: back(value, grad).block_until_ready(), np.asarray)
    forward = jax.jit(pool)
    return Call(lambda: forward(value).block_until_ready(), np.asarray)


# ---- TensorFlow ----


def tensorflow(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """tf.nn.max_pool and avg_pool, channels last (all that TensorFlow has on CPUs); tf.reduce_*."""
    if chosen.backward or chosen.indices or chosen.family == "adaptive" or chosen.kind == "lp":
        raise Cannot("only max, min, avg and sum, forward, no indices")
    if chosen.family == "" and chosen.kind not in ("max", "avg"):
        raise Cannot("no such operator")
    if chosen.kind == "avg" and np.dtype(arrays["x"].dtype).kind in "biu":
        raise Cannot("only means of floats")
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    if chosen.family == "global":
        value = tf.constant(arrays["x"])
        names = {"max": "reduce_max", "min": "reduce_min", "avg": "reduce_mean", "sum": "reduce_sum"}
        first = len(chosen.leading) - (chosen.layout == LAST)
        axes = list(range(first, first + chosen.ndim))
        reduce = getattr(tf, names[chosen.kind])
        return Call(lambda: reduce(value, axes), lambda result: result.numpy())
    x = channels_last(chosen, arrays["x"])
    if chosen.layout == FIRST and x.shape[-1] != 1:
        raise Cannot("only channels last")
    if any(chosen.padding) and (chosen.kind == "avg" or chosen.ndim != 2):
        raise Cannot("only numeric padding of 2-D max only")
    padding: Any = "VALID"
    if any(chosen.padding):
        padding = [[0, 0], *([p, p] for p in chosen.padding), [0, 0]]
    value = tf.constant(x)
    function = tf.nn.max_pool if chosen.kind == "max" else tf.nn.avg_pool
    if padding != "VALID":
        function = tf.nn.max_pool2d
    try:
        function(value, chosen.kernel, chosen.stride, padding)
    except Exception as error:
        raise Cannot(f"no {chosen.dtype} {chosen.op}{chosen.ndim}d") from error
    return Call(lambda: function(value, chosen.kernel, chosen.stride, padding), lambda result: result.numpy())
