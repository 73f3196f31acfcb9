"""Regions against torchvision, ONNX Runtime, and the node tests of ONNX, where these are installed."""

import numpy as np
import pytest
from compare import LAYOUTS

import cpool

RNG = np.random.default_rng(0)


def boxes_over(height, width, images, count, wild):
    low, high = (-0.3, 1.3) if wild else (0, 1)
    a, b = RNG.uniform(low, high, (2, count, 2)) * [width, height] * 2
    if not wild:
        a, b = np.minimum(a, b), np.maximum(a, b)
    return np.column_stack([RNG.integers(0, images, count), a, b])


@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("wild", [False, True])
@pytest.mark.parametrize(
    "name, options",
    [
        ("roi_pool", {}),
        ("roi_align", {}),
        ("roi_align", {"sampling_ratio": 2, "aligned": True}),
        ("roi_align", {"aligned": True}),
        ("ps_roi_pool", {}),
        ("ps_roi_align", {"sampling_ratio": 3}),
    ],
)
def test_torchvision(name, options, wild, data_format):
    pytest.importorskip("torchvision")
    import torch
    from torchvision import ops

    if wild and options == {"aligned": True}:
        pytest.skip("torchvision fails on boxes that are turned over")
    for dtype in (np.float32, np.float64):
        for channels in (12, 36):
            x = RNG.standard_normal((2, channels, 17, 23)).astype(dtype)
            boxes = boxes_over(17, 23, 2, 30, wild).astype(dtype)
            t = torch.tensor(x, requires_grad=True)
            y = getattr(ops, name)(t, torch.tensor(boxes), (3, 4), 0.5, **options)
            g = RNG.standard_normal(y.shape).astype(dtype)
            y.backward(torch.tensor(g))
            move = (
                (lambda a: np.ascontiguousarray(np.moveaxis(a, 1, -1)))
                if data_format == "channels_last"
                else np.array
            )
            got = getattr(cpool, name)(move(x), boxes, (3, 4), 0.5, **options, data_format=data_format)
            tolerance = (
                {"rtol": 2e-4, "atol": 2e-5} if dtype is np.float32 else {"rtol": 1e-10, "atol": 1e-11}
            )
            np.testing.assert_allclose(got, move(y.detach().numpy()), **tolerance)
            if name != "ps_roi_pool":  # torchvision's gradient of it has other bins than its result
                got = getattr(cpool, name + "_backward")(
                    move(g), move(x), boxes, (3, 4), 0.5, **options, data_format=data_format
                )
                np.testing.assert_allclose(got, move(t.grad.numpy()), **tolerance)


def run_node(operator, inputs, **attributes):
    """One node in ONNX Runtime."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    helper, types = onnx.helper, onnx.TensorProto
    names = [f"i{i}" for i in range(len(inputs))]
    kinds = {"f": types.FLOAT, "i": types.INT64}
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["y"], **attributes)],
        "g",
        [
            helper.make_tensor_value_info(n, kinds[a.dtype.kind], None)
            for n, a in zip(names, inputs, strict=True)
        ],
        [helper.make_tensor_value_info("y", types.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)])
    model.ir_version = 8
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs, strict=True)))[0]


@pytest.mark.parametrize("coordinates", ["half_pixel", "output_half_pixel"])
@pytest.mark.parametrize("sampling", [0, 1, 3])
def test_onnxruntime_roi_align(coordinates, sampling):
    x = RNG.standard_normal((2, 5, 15, 14)).astype(np.float32)
    boxes = boxes_over(15, 14, 2, 20, False).astype(np.float32)
    corners, batch = np.ascontiguousarray(boxes[:, 1:]), boxes[:, 0].astype(np.int64)
    want = run_node(
        "RoiAlign",
        [x, corners, batch],
        output_height=3,
        output_width=4,
        sampling_ratio=sampling,
        spatial_scale=0.5,
        coordinate_transformation_mode=coordinates,
    )
    got = cpool.roi_align(
        x, corners, (3, 4), 0.5, sampling, coordinate_transformation_mode=coordinates, batch_indices=batch
    )
    np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)


def test_onnxruntime_max_roi_pool():
    x = RNG.standard_normal((2, 5, 15, 14)).astype(np.float32)
    boxes = boxes_over(15, 14, 2, 20, True).astype(np.float32)
    want = run_node("MaxRoiPool", [x, boxes], pooled_shape=[3, 4], spatial_scale=0.5)
    np.testing.assert_array_equal(cpool.roi_pool(x, boxes, (3, 4), 0.5), want)


def test_torch_composition():
    """The mean of `grid_sample` at the samples is RoI align; no torchvision needed."""
    torch = pytest.importorskip("torch")
    height, width, bins, samples = 12, 13, 3, 2
    x = RNG.standard_normal((2, 4, height, width))
    boxes = np.array([[0, 1.2, 2.1, 9.4, 8.3], [1, 3.0, 1.5, 11.2, 10.9]])
    got = cpool.roi_align(x, boxes, bins, sampling_ratio=samples, aligned=True)
    for k, (image, x1, y1, x2, y2) in enumerate(boxes):
        steps = (np.arange(bins * samples) + 0.5) / (bins * samples)
        ys, xs = y1 - 0.5 + (y2 - y1) * steps, x1 - 0.5 + (x2 - x1) * steps
        grid = np.stack(np.meshgrid(2 * xs / (width - 1) - 1, 2 * ys / (height - 1) - 1), -1)[None]
        sampled = torch.nn.functional.grid_sample(
            torch.tensor(x[int(image)][None]), torch.tensor(grid), align_corners=True
        )
        want = torch.nn.functional.avg_pool2d(sampled, samples)[0].numpy()
        np.testing.assert_allclose(got[k], want, rtol=1e-10, atol=1e-12)
