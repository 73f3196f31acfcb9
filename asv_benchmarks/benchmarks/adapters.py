"""What a call costs through each adapter, beside the plain function and PyTorch's own.

Without asv: ``python asv_benchmarks/benchmarks/adapters.py`` prints the medians in microseconds.
"""

import numpy as np


def plain(x):
    import cpool

    return lambda: cpool.max_pool2d(x, 2)


def torch_of(function, gradient=False):
    def prepared(x):
        import torch

        import cpool.torch

        t = torch.from_numpy(x).requires_grad_(gradient)
        if function == "module":
            layer = cpool.torch.MaxPool2d(2)
            return lambda: layer(t)
        pool = torch.nn.functional.max_pool2d if function == "torch" else cpool.torch.max_pool2d
        if not gradient:
            return lambda: pool(t, 2)
        g = torch.ones_like(pool(t, 2))
        return lambda: pool(t, 2).backward(g)
    return prepared


def jax_of(x):
    import jax

    import cpool.jax

    t, pool = jax.numpy.asarray(x), jax.jit(lambda t: cpool.jax.max_pool2d(t, 2))
    return lambda: pool(t).block_until_ready()


def onnx_of(x):
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    import cpool.onnx

    node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2])
    graph = helper.make_graph(
        [node], "one", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    session = ReferenceEvaluator(helper.make_model(graph), new_ops=cpool.onnx.new_ops)
    return lambda: session.run(None, {"x": x})


def xarray_of(x):
    import xarray

    import cpool.xarray

    array = xarray.DataArray(x, dims=("n", "c", "y", "x"))
    return lambda: cpool.xarray.max_pool(array, {"y": 2, "x": 2})


def sklearn_of(x):
    import cpool.sklearn

    rows = x.reshape(1, -1)
    pooling = cpool.sklearn.Pooling(image_shape=x.shape[1:], kernel_size=2, spatial_ndim=2).fit(rows)
    return lambda: pooling.transform(rows)


def dask_of(x):
    import dask.array

    import cpool.dask

    array = dask.array.from_array(x)
    return lambda: cpool.dask.max_pool2d(array, 2).compute(scheduler="sync")


ADAPTERS = {
    "cpool": plain, "torch": torch_of("torch"), "cpool.torch": torch_of("cpool"),
    "cpool.torch module": torch_of("module"), "torch, with gradient": torch_of("torch", True),
    "cpool.torch, with gradient": torch_of("cpool", True), "cpool.jax": jax_of, "cpool.onnx": onnx_of,
    "cpool.xarray": xarray_of, "cpool.sklearn": sklearn_of, "cpool.dask": dask_of,
}
SHAPES = ((1, 1, 4, 4), (1, 16, 14, 14))


class Calls:
    """One call of 2 x 2 maxima."""

    version = "1"
    params = (tuple(ADAPTERS), SHAPES)
    param_names = ("adapter", "shape")

    def setup(self, adapter, shape):
        try:
            self.call = ADAPTERS[adapter](np.random.default_rng(0).random(shape, np.float32))
        except ImportError as error:
            raise NotImplementedError(f"needs {error.name}") from error
        self.call()

    def time_call(self, adapter, shape):
        self.call()


if __name__ == "__main__":
    import statistics
    import timeit

    for adapter in ADAPTERS:
        for shape in SHAPES:
            suite = Calls()
            try:
                suite.setup(adapter, shape)
            except NotImplementedError as missing:
                print(f"{adapter:28} {missing}")
                break
            number = max(1, int(0.02 / timeit.timeit(suite.call, number=3) * 3))
            times = timeit.repeat(suite.call, number=number, repeat=9)
            print(f"{adapter:28} {shape!s:16} {statistics.median(times) / number * 1e6:9.2f}")
