"""Libraries for pictures and scientific arrays: OpenCV, SciPy, scikit-image, tinybrain."""

import numpy as np

from .common import Call, Cannot, as_picture
from .workloads import LAST, Workload

Arrays = dict[str, np.ndarray]


def _filters_and_blocks(chosen: Workload, *more: str) -> None:
    kinds = ("max", "min", "avg", "sum", *more)
    if chosen.family or chosen.indices or chosen.backward or chosen.kind not in kinds:
        raise Cannot(f"only {', '.join(kinds)} as filters and blocks of pictures, forward, no indices")


def _inner(chosen: Workload, first: int) -> tuple[slice, ...]:
    """Return where the windows of a filter are whole."""
    return (slice(None),) * first + tuple(slice(k // 2, n - k // 2) for k, n in zip(
        chosen.kernel, chosen.spatial, strict=True))


def opencv(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """resize by area, blur, dilate, erode and medianBlur."""
    _filters_and_blocks(chosen, "median")
    import cv2

    cv2.setNumThreads(threads)
    x = as_picture(chosen, arrays["x"])
    if chosen.dtype not in ("uint8", "uint16", "int16", "float32", "float64"):
        raise Cannot(f"no {chosen.dtype}")
    if chosen.kind == "median":
        small = chosen.dtype != "float64" and max(chosen.kernel) <= 5
        if not (chosen.inside and len(set(chosen.kernel)) == 1 and (small or chosen.dtype == "uint8")):
            raise Cannot("only medians of square windows, of 8 bits or at most 5 x 5")
        size, inner = chosen.kernel[0], _inner(chosen, 0)
        return Call(lambda: cv2.medianBlur(x, size), lambda result: np.ascontiguousarray(result[inner]))
    if chosen.kind == "avg" and chosen.blocks:
        size = chosen.output_spatial[::-1]
        return Call(lambda: cv2.resize(x, size, interpolation=cv2.INTER_AREA))
    if chosen.centred:
        kernel = chosen.kernel[::-1]
        if chosen.kind == "avg" and chosen.include_pad:
            return Call(lambda: cv2.blur(x, kernel, borderType=cv2.BORDER_CONSTANT))
        if chosen.kind in ("max", "min"):
            window = cv2.getStructuringElement(cv2.MORPH_RECT, kernel)
            step = cv2.dilate if chosen.kind == "max" else cv2.erode
            return Call(lambda: step(x, window))
    raise Cannot("only means of blocks, and filters")


def scipy(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """ndimage's maximum, minimum, uniform, median and percentile filters."""
    usual = chosen.centred and chosen.kind in ("max", "min", "avg")
    sorting = chosen.inside and chosen.kind in ("median", "range")
    if not (usual or sorting) or chosen.indices or chosen.backward:
        raise Cannot("only filters: a window around every element")
    if chosen.dtype in ("float16", "bfloat16"):
        raise Cannot(f"no {chosen.dtype}")
    from scipy import ndimage

    x = arrays["x"]
    last = chosen.layout == LAST
    size = (1,) * (len(chosen.leading) - last) + chosen.kernel + (1,) * last
    if sorting:
        inner = _inner(chosen, len(chosen.leading) - last)
        step = ndimage.median_filter if chosen.kind == "median" else ndimage.morphological_gradient
        return Call(lambda: step(x, size), lambda result: np.ascontiguousarray(result[inner]))
    if chosen.kind == "avg":
        if not chosen.include_pad or x.dtype.kind != "f":
            raise Cannot("only means of floats that count the padding")
        return Call(lambda: ndimage.uniform_filter(x, size, mode="constant"))
    step = ndimage.maximum_filter if chosen.kind == "max" else ndimage.minimum_filter
    # the nearest element is one of the window, so that this border changes no maximum
    return Call(lambda: step(x, size, mode="nearest"))


def scikit_image(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """block_reduce, and morphology with a footprint that is taken apart."""
    _filters_and_blocks(chosen, "median", "std")
    if chosen.dtype in ("float16", "bfloat16"):
        raise Cannot(f"no {chosen.dtype}")
    if chosen.blocks:
        from skimage import measure

        x = arrays["x"]
        last = chosen.layout == LAST
        block = (1,) * (len(chosen.leading) - last) + chosen.kernel + (1,) * last
        reduce = {"max": np.max, "min": np.min, "avg": np.mean, "sum": np.sum,
                  "median": np.median, "std": np.std}[chosen.kind]
        if chosen.kind in ("median", "std") and x.dtype.kind in "iub":
            raise Cannot("only medians and deviations of floats")
        if chosen.kind == "avg" and x.dtype.kind in "iu":
            return Call(
                lambda: measure.block_reduce(x, block, reduce), lambda mean: np.rint(mean).astype(x.dtype)
            )
        return Call(lambda: measure.block_reduce(x, block, reduce))
    if not chosen.centred or chosen.kind not in ("max", "min") or chosen.layout == LAST:
        raise Cannot("only blocks, and filters for max and min")
    from skimage import morphology

    x = as_picture(chosen, arrays["x"])
    footprint = morphology.footprint_rectangle(chosen.kernel, decomposition="separable")
    step = morphology.dilation if chosen.kind == "max" else morphology.erosion
    return Call(lambda: step(x, footprint, mode="ignore"))


def tinybrain(chosen: Workload, arrays: Arrays, threads: int) -> Call:
    """Downsampling by blocks, of the Fortran-ordered volumes that it is made for."""
    _filters_and_blocks(chosen, "mode")
    if not chosen.blocks or chosen.kind not in ("max", "avg", "mode"):
        raise Cannot("only max, mean and mode of blocks")
    if chosen.kind == "mode" and chosen.ndim == 3 and not chosen.leading:
        import tinybrain

        volume = np.asfortranarray(arrays["x"].T)
        labels, factor = tinybrain.downsample_segmentation, chosen.kernel[::-1]
        return Call(lambda: labels(volume, factor)[0], lambda result: np.ascontiguousarray(result.T))
    x = as_picture(chosen, arrays["x"])
    if x.ndim != 2:
        raise Cannot("only one channel")
    import tinybrain

    volume = np.asfortranarray(x.T[:, :, None])
    factor = (*chosen.kernel[::-1], 1)
    names = {"avg": "with_averaging", "max": "with_max_pooling", "mode": "segmentation"}
    step = getattr(tinybrain, f"downsample_{names[chosen.kind]}")
    return Call(lambda: step(volume, factor)[0], lambda result: np.ascontiguousarray(result[:, :, 0].T))
