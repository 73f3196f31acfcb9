"""Elements left out, by a mask or as NaN: forward, gradient and tangent of every operator fit together."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cpool

NAMES = [
    name for name in sorted(n.removesuffix("_jvp") for n in cpool.__all__ if n.endswith("_jvp"))
    if {"mask", "nan_policy"} <= set(inspect.signature(getattr(cpool, name)).parameters)
]
SIDES = {1: (11,), 2: (6, 7), 3: (4, 3, 5)}


def arguments(name, nd, last, shape, rng):
    """What an operator needs: the arguments without a default, and those that say which windows."""
    wanted = inspect.signature(getattr(cpool, name)).parameters
    found = {"data_format": "channels_last" if last else "channels_first"} if "data_format" in wanted else {}
    if "kernel_size" in wanted:
        found |= {"kernel_size": 3, "stride": 2, "padding": 1}
    elif "output_size" in wanted:
        found |= {"output_size": 2}
    elif "spatial_ndim" in wanted:
        found |= {"spatial_ndim": nd}
    window = (3,) * nd
    made = {
        "norm_type": 2.5, "q": 0.3, "k": 3, "logits": rng.standard_normal(shape),
        "gate": rng.standard_normal(window), "gates": rng.standard_normal((3, *window)),
        "leaves": rng.standard_normal((4, *window)), "rank_weights": rng.random(3**nd),
    }
    return found | {key: made[key] for key in made if key in wanted}


def prepared(name, last, rng):
    nd = int(re.search("([123])d", name).group(1)) if re.search("[123]d", name) else 2
    shape = (2, *SIDES[nd], 3) if last else (2, 3, *SIDES[nd])
    x = abs(rng.standard_normal(shape)) + 0.1 if "stochastic" in name else rng.standard_normal(shape)
    return x, arguments(name, nd, last, shape, rng)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), policy=st.sampled_from(["propagate", "omit"]),
    masked=st.sampled_from(["none", "full", "shared"]), share=st.sampled_from([0.0, 0.5, 0.9]),
    last=st.booleans(), weighted=st.booleans(),
)
def test_what_takes_no_part(name, seed, policy, masked, share, last, weighted):
    """The adjoint identity, and nothing depends on what is left out."""
    rng = np.random.default_rng(seed)
    last = last and name != "kmax_pool"
    x, options = prepared(name, last, rng)
    options["nan_policy"] = policy
    valid = np.ones(x.shape, bool)
    if masked != "none":
        mask = rng.random(x.shape if masked == "full" else x.shape[1:]) < share
        options["mask"] = mask
        valid &= mask
    if policy == "omit":
        valid &= rng.random(x.shape) < 0.8
    if weighted and "avg" in name:
        options["weights"] = rng.random(x.shape) + 0.1
    if "stochastic" in name:
        options["random_samples"] = None
        options["rng"] = np.random.default_rng(seed)
        _, options["indices"] = getattr(cpool, name)(
            np.where(valid, x, np.nan if policy == "omit" else 1.0),
            **{k: v for k, v in options.items() if k != "random_samples"}, return_indices=True)
        del options["rng"], options["random_samples"]

    def run(fill):
        y = np.where(valid, x, fill)
        forward = {k: v for k, v in options.items() if k != "indices"}
        values = None if "indices" in options else getattr(cpool, name)(y, **forward)
        along = getattr(cpool, name + "_jvp")(t, y, **options)
        g = np.random.default_rng(seed + 1).standard_normal(along.shape)
        back = getattr(cpool, name + "_backward")(g, y, **options)
        return values, along, g, back[0] if isinstance(back, tuple) else back

    t = rng.standard_normal(x.shape)
    out = np.nan if policy == "omit" else 7.0
    values, along, g, back = run(out)
    assert not back[~valid].any()
    some = np.isfinite(along) & (True if values is None else np.isfinite(values))
    assert np.isfinite(back).all()
    size = (abs(along) * abs(g))[some].sum() + (abs(t) * abs(back)).sum() + 1
    assert abs((along * g)[some].sum() - (t * back).sum()) <= 1e-11 * size
    if masked != "none":
        # under a mask anything may stand
        again = run(np.where(mask, out, np.inf))
        for a, b in zip((values, along, back), (again[0], again[1], again[3]), strict=True):
            assert a is b is None or a.tobytes() == b.tobytes()
