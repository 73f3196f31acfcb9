"""The public names of cpool by family: what the pages of the reference are, and in which order.

A page is an operator with all its functions and layers, which follow from its name. An operator that is not
listed here gets a page under "More".
"""

import inspect
import re

import cpool

FAMILIES = {
    "Extremes, means, sums and norms": {
        "max_pool": "Maximum",
        "min_pool": "Minimum",
        "avg_pool": "Average",
        "sum_pool": "Sum",
        "lp_pool": "Lp norm, L2 pooling",
        "max_unpool": "Unpooling",
    },
    "Order and spread": {
        "median_pool": "Median",
        "rank_pool": "Rank and quantile",
        "range_pool": "Range",
        "var_pool": "Variance",
        "std_pool": "Standard deviation",
        "mode_pool": "Majority of labels",
        "kmax_pool": "The k largest",
        "block_reduce": "Blocks of an array",
    },
    "Smooth and learned": {
        "lse_pool": "Log of the mean of exponentials",
        "soft_pool": "SoftPool",
        "softmax_pool": "Softmax at a temperature",
        "lip_pool": "Local importance (LIP)",
        "gem_pool": "Generalised mean (GeM)",
        "learned_norm_pool": "Learned norm",
        "mixed_pool": "Mixed",
        "gated_pool": "Gated",
        "tree_pool": "Tree",
        "detail_pool": "Detail-preserving (DPP)",
        "ordinal_pool": "Ordinal",
    },
    "Drawn at random": {
        "stochastic_pool": "Stochastic",
        "fractional_max_pool": "Fractional maximum",
        "fractional_avg_pool": "Fractional average",
        "s3_pool": "S3Pool",
    },
    "Regions of interest": {
        "roi_pool": "RoI pooling",
        "roi_align": "RoI align",
        "ps_roi_pool": "Position-sensitive RoI pooling",
        "ps_roi_align": "Position-sensitive RoI align",
        "prroi_pool": "Precise RoI pooling",
    },
    "Scales and anti-aliasing": {
        "pool_pyramid": "Pyramid of scales",
        "spatial_pyramid_pool": "Spatial pyramid",
        "strip_pool": "Strips",
        "adaptive_concat_pool": "Several reducers together",
        "blur_pool": "Blur",
        "max_blur_pool": "Maximum, then blur",
    },
    "Sequences": {
        "token_pool": "Tokens to a sentence vector",
        "max_over_time_pool": "Maximum over time",
        "segment_pool": "Segments",
        "stats_pool": "Mean and deviation over time",
        "attention_pool": "Attention",
        "attentive_stats_pool": "Attentive statistics",
        "pool1d_stream": "A live signal",
    },
    "Around pooling": {
        "sizes": "Sizes, windows, indices",
        "converters": "Layers of other libraries",
        "threads": "Threads and build",
    },
}
PAGES_OF = {
    **dict.fromkeys(("output_shape", "windows", "convert_indices"), "sizes"),
    **dict.fromkeys(("from_torch", "from_onnx", "from_keras"), "converters"),
    **dict.fromkeys(
        ("num_threads", "set_num_threads", "get_num_threads", "show_config", "__version__"), "threads"
    ),
    "dynamic_k": "kmax_pool",
    "Pool1dStream": "pool1d_stream",
}


def plain(name):
    """A name without underscores, capitals and dimensions, by which a layer is told from its function."""
    return re.sub(r"_|(?<=pool)[123]d$", "", name.lower())


def page_of(name, known):
    """The page that a public name stands on."""
    if name in PAGES_OF:
        return PAGES_OF[name]
    bare = plain(re.sub(r"_(backward|jvp)$", "", name))
    pages = {plain(page): page for page in known}
    whole = re.sub(r"^(adaptive|global)", "", bare)
    return pages.get(bare) or pages.get(whole) or whole


def families():
    """Sections, their pages with titles, and the public names of each page."""
    listed = {page: title for pages in FAMILIES.values() for page, title in pages.items()}
    names = {page: [] for page in listed}
    for name in cpool.__all__:
        names.setdefault(page_of(name, listed), []).append(name)
    sections = {section: dict(pages) for section, pages in FAMILIES.items()}
    if more := {page: page for page in names if page not in listed}:
        sections["More"] = more
    return sections, names


def sort_key(name):
    """2-D before 1-D before 3-D, windows before given sizes before everything, and helpers last."""
    form = 2 if name.lower().startswith("global") else name.lower().startswith("adaptive")
    number = re.search(r"pool([123])d", name.lower())
    return name in PAGES_OF, form, "213".index(number[1]) if number else 0


def parts(names):
    """The names of a page by what they are: functions, gradients, tangents, layers."""
    found = {"Functions": [], "Gradients": [], "Tangents": [], "Layers": []}
    for name in sorted(names, key=sort_key):
        if inspect.isclass(getattr(cpool, name)):
            found["Layers"].append(name)
        elif name.endswith("_backward"):
            found["Gradients"].append(name)
        elif name.endswith("_jvp"):
            found["Tangents"].append(name)
        else:
            found["Functions"].append(name)
    return {title: each for title, each in found.items() if each}
