"""Measure how exact every operator is, and write docs/trust/accuracy.md.

    python .ci/accuracy.py FOLDER           about ten minutes on one core; needs ml_dtypes and 3 GB of memory
    python .ci/accuracy.py FOLDER PART..    only "operators", "places", "windows" or "integers"

What was measured goes to FOLDER; the page is written when all four parts are there.

The right values are those of `cpool.reference` on the same numbers in long double (64 bits of significand on
x86-64), of sums and averages those of integer arithmetic, which is exact.
"""

import json
import math
import platform
import re
import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import everything  # noqa: E402
import numpy as np  # noqa: E402
from compare import FLOATS, INTS, ulp  # noqa: E402
from exact import distance, exact_sums, fixed, totals  # noqa: E402

import cpool  # noqa: E402
from cpool import reference  # noqa: E402

PAGE = ROOT / "docs" / "trust" / "accuracy.md"
WIDE = np.longdouble
quiet = np.errstate(all="ignore")

# --- the right values ------------------------------------------------------------------------------


def oracle(base, nd, action):
    """The function of `cpool.reference` that takes the keywords of a public one, or None."""
    op = re.sub(r"(^adaptive_|^global_|_pool.*)", "", base)
    if op == "stochastic" and (action or base != "stochastic_pool{n}d"):
        return None
    slow = getattr(reference, base.replace("{n}d", "").replace("rank_pool", "quantile_pool") + action, None)

    def run(*arrays, **given):
        given = {k: v for k, v in given.items() if not (k == "empty" and action)}
        if "{n}" in base:
            given["nd"] = nd
        elif "spatial_ndim" in given and not base.startswith("global_"):
            given["nd"] = given.pop("spatial_ndim")
        names = [name for name in ("gate", "gates", "leaves", "rank_weights", "filter") if name in given]
        if names:
            given["tables"] = [np.reshape(given.pop(name), (-1, given_taps(given, nd))) for name in names]
        if "logits" in given:
            given["second"] = given.pop("logits").astype(WIDE)
        if op == "stochastic":
            given["sample"] = given.pop("random_samples")
        return slow(*arrays, **given)

    return run if slow else None


def given_taps(given, nd):
    kernel = given["kernel_size"]
    return kernel**nd if isinstance(kernel, int) else math.prod(kernel)


def wide(found):
    return [a.astype(WIDE) for a in found] if isinstance(found, list) else found.astype(WIDE)


def rounded_ulps(got, want, dtype):
    """Distances in units in the last place of the right values; what is beyond the type may be infinite."""
    got, want = got.astype(WIDE), want.astype(WIDE)
    same = (got == want) | (np.isnan(got) & np.isnan(want)) | (want.astype(dtype).astype(WIDE) == got)
    off = abs(got - want) / ulp(want, dtype)
    return np.where(same, np.where(np.isfinite(off), np.minimum(off, 0.5), 0), off)


class Worst:
    """The largest distance for each name; NaN where one has another."""

    def __init__(self):
        self.found = {}

    def see(self, key, distances):
        distances = np.asarray(distances, float)
        value = float(distances.max(initial=0))
        self.found[key] = max(self.found.get(key, 0), value) if not math.isnan(value) else math.nan
        if math.isnan(self.found[key]):
            print("NaN or infinity in the wrong place:", key, file=sys.stderr)


# --- every operator --------------------------------------------------------------------------------

KINDS = ("positive", "subnormal", "huge", "mixed")
# squares of deviations do not fit at the ends of the type, and log-mean-exp sees no subnormal numbers
SQUARES = "(var|std|detail|lse)_pool|segment|stats"


def numbers(shape, dtype, kind, seed=0):
    """Contents: from 1/4 to 8, subnormal, as large as sums of 256 allow, or of both signs."""
    x = everything.numbers(shape, dtype, seed)
    if kind == "positive":
        return np.maximum(abs(x), np.array(0.25, x.dtype))
    digits, low, top = {
        "float16": (10, -14, 7),
        "bfloat16": (7, -126, 119),
        "float32": (23, -126, 119),
        "float64": (52, -1022, 1015),
    }[np.dtype(dtype).name]
    if kind == "subnormal":
        steps = np.round(abs(x.astype(np.float64)) * 2.0 ** (digits - 4))
        return np.ldexp(steps, low - digits).astype(dtype)
    return np.ldexp(abs(x.astype(np.float64)), top - 3).astype(dtype) if kind == "huge" else x


def stage(kind, dtype):
    """Make `everything` draw that kind of numbers."""
    plain = everything.numbers

    def draw(shape, of, seed=0):
        if np.dtype(of) != dtype or 0 < seed < 20:  # logits and scores stay
            return plain(shape, of, seed)
        everything.numbers = plain
        try:
            # a gradient that comes in is of ordinary size
            return numbers(shape, of, "positive" if seed >= 20 and kind != "mixed" else kind, seed)
        finally:
            everything.numbers = draw

    return plain, draw


@quiet
def operators(worst):
    """Results, gradients and tangents of all operators, for all kinds of numbers."""
    missing = set()
    for base in everything.BASES:
        for dtype in FLOATS:
            for kind in KINDS if not re.search(SQUARES, base) else ("positive", "mixed"):
                plain, everything.numbers = stage(kind, dtype)
                try:
                    for nd, x, given, _ in everything.calls(base, dtype, "small"):
                        one_call(worst, missing, base, nd, x, given, kind)
                finally:
                    everything.numbers = plain
        print(
            base,
            {k[1:]: round(v, 2) for k, v in worst.found.items() if k[0] == base and v > 1},
            file=sys.stderr,
        )
    return missing


def one_call(worst, missing, base, nd, x, given, kind):
    found = everything.call(base, nd, x, given)
    for action, got in found.items():
        if action and kind in ("subnormal", "huge"):
            continue
        slow = oracle(base, nd, action)
        if slow is None:
            missing.add(base + action)
            continue
        y = everything.function(base, nd)(x, **given)
        before = {
            "": [],
            "_backward": [wide(everything._like(y, 20))],
            "_jvp": [wide(everything.numbers(x.shape, x.dtype, 30))],
        }[action]
        want = slow(*before, x.astype(WIDE), **given)
        # of a value and an index the value, of several gradients that of x
        first = isinstance(want, tuple)
        if first or action == "_backward":
            got = got[:1]
        for a, b in zip(got, everything.flat(want[0] if first else want), strict=False):
            if a.dtype.kind in "iu":
                continue
            b = b.astype(WIDE).reshape(a.shape)
            if kind == "mixed" or action:  # where terms may cancel
                largest = abs(np.where(np.isfinite(b), b, 0)).max(initial=0)
                off = np.where(
                    (a == b.astype(a.dtype)) | (np.isnan(a) & np.isnan(b)), 0, abs(a.astype(WIDE) - b)
                )
                worst.see((base, action, x.dtype.name, kind), off / ulp(largest, a.dtype))
            else:
                worst.see((base, action, x.dtype.name, kind), rounded_ulps(a, b, a.dtype))


# --- NaN and infinity in every place ---------------------------------------------------------------


@quiet
def places():
    """One odd element in every place, one plane each: calls, elements compared, elements that differ."""
    found = {}
    for base in everything.BASES:
        if "{n}" not in base and not base.startswith("global_"):
            continue
        if oracle(base, 1, "") is None or "mode_pool" in base or "blur" in base:
            continue  # the reference of blurring multiplies by a matrix, which spreads a NaN
        calls = elements = wrong = 0
        for nd, shape in (1, (13,)), (2, (5, 7)), (3, (4, 4, 5)):
            make, _ = everything._kind(base)
            n = math.prod(shape)
            for dtype in FLOATS:
                for odd in math.nan, math.inf, -math.inf:
                    x = np.broadcast_to(everything.numbers((1, 1, *shape), dtype), (1, n, *shape)).copy()
                    x.reshape(n, n)[np.arange(n), np.arange(n)] = odd
                    for given, _ in list(make(base, nd, x, "small"))[:2]:
                        slow = oracle(base, nd, "")
                        got = everything.flat(everything.function(base, nd)(x, **given))[0]
                        want = slow(x.astype(WIDE), **given)
                        want = everything.flat(want)[0].astype(WIDE)
                        got = got.astype(WIDE)
                        near = abs(got - want) <= 4 * ulp(want, dtype) + 64 * ulp(np.array(8.0), dtype)
                        # where a formula says infinity less infinity cpool has the limit
                        unknown = np.isnan(want) & (not math.isnan(odd))
                        good = (
                            unknown
                            | (got == want)
                            | (np.isnan(got) & np.isnan(want))
                            | (near & np.isfinite(want))
                        )
                        calls, elements, wrong = calls + 1, elements + got.size, wrong + int((~good).sum())
                        if not good.all() and wrong < 50:
                            at = tuple(np.argwhere(~good)[0])
                            print(base, nd, dtype, odd, given.keys(), got[at], want[at], file=sys.stderr)
        found[base] = (calls, elements, wrong)
    return found


# --- windows from 2 to 16 million elements ---------------------------------------------------------

SIZES = [2, 9, 64, 65, 256, 1000, 4096, 65536, 1 << 20, 1 << 24]


@quiet
def windows(worst, sizes):
    for size in sizes:
        for dtype in FLOATS:
            for kind in "positive", "mixed":
                many = max(1, min(64, 65536 // size))
                x, whole, digits = fixed((many, size), dtype, kind)
                sums = [Fraction(s, 1 << digits) for s in exact_sums(whole)]
                sizes_ = [Fraction(s, 1 << digits) for s in exact_sums(abs(whole))]
                for op, by in ("avg", size), ("sum", 1):
                    if op == "sum" and dtype.itemsize == 2 and size > 4096:
                        continue  # beyond the type
                    for got in (
                        getattr(cpool, f"{op}_pool1d")(x, size)[:, 0],
                        getattr(cpool, f"global_{op}_pool")(x, spatial_ndim=1),
                    ):
                        d = [
                            distance(g, s / by, (s if kind == "positive" else t) / by, dtype)
                            for g, s, t in zip(got, sums, sizes_, strict=True)
                        ]
                        worst.see((f"{op}_pool", dtype.name, size, kind), d)
                    g = np.full((many, 1), 3, dtype)  # the gradient of the average
                    back = getattr(cpool, f"{op}_pool1d_backward")(g, x, size)
                    d = [distance(back[i, 0], Fraction(3) / by, Fraction(3) / by, dtype) for i in range(many)]
                    worst.see((f"{op}_pool_backward", dtype.name, size, kind), d)
                if kind == "positive":
                    norms(worst, x, size, dtype)
            tenth = np.full((1, size), 0.1, dtype)  # errors of one sign add up
            got = cpool.global_avg_pool(tenth, spatial_ndim=1)
            right = Fraction(float(tenth[0, 0]))
            worst.see(
                ("avg_pool of 0.1", dtype.name, size, "constant"), [distance(got[0], right, right, dtype)]
            )


def norms(worst, x, size, dtype):
    """What has no exact sum: long double, of which NumPy's sums are pairwise."""
    w = x.astype(WIDE)
    mean = w.mean(-1)
    squares = (w**2).mean(-1)
    spread = ((w - mean[:, None]) ** 2).mean(-1)
    soft = np.exp(w - w.max(-1)[:, None])
    want = {
        "lp_pool p=2": (np.sqrt(squares), {"norm_type": 2, "normalize": True}),
        "var_pool": (spread, {}),
        "std_pool": (np.sqrt(spread), {}),
        "lse_pool": (w.max(-1) + np.log(soft.mean(-1)), {}),
        "soft_pool": ((soft * w).sum(-1) / soft.sum(-1), {}),
        "gem_pool": (np.cbrt((w**3).mean(-1)), {"eps": 0.0}),
    }
    for name, (right, given) in want.items():
        if name == "gem_pool":
            given = {"eps": 1e-30 if dtype.itemsize > 2 else 1e-6}
        f = getattr(cpool, f"global_{name.split()[0]}")
        worst.see(
            (name, dtype.name, size, "positive"), rounded_ulps(f(x, spatial_ndim=1, **given), right, dtype)
        )


# --- integers --------------------------------------------------------------------------------------


def integers(sizes):
    """Averages of integers against rational arithmetic, extremes included: (compared, wrong)."""
    compared = wrong = 0
    for dtype in INTS:
        limits = np.iinfo(dtype)
        for size in sizes:
            many = max(1, min(32, 65536 // size))
            z = everything.words((many, size), 9)
            drawn = everything.numbers((many, size), dtype, 9)
            ends = np.where(z >> np.uint64(63) == 0, np.array(limits.max, dtype), np.array(limits.min, dtype))
            for x in drawn, ends, np.full_like(drawn, limits.max), np.full_like(drawn, limits.min):
                sums = totals(x)
                want = [round(Fraction(total, size)) for total in sums]  # ties to even
                for got in cpool.avg_pool1d(x, size)[:, 0], cpool.global_avg_pool(x, spatial_ndim=1):
                    compared, wrong = (
                        compared + many,
                        wrong + sum(int(g) != w for g, w in zip(got, want, strict=True)),
                    )
                modulus = 1 << 64
                total = cpool.global_sum_pool(x, spatial_ndim=1)
                wrong += sum((int(g) - w) % modulus != 0 for g, w in zip(total, sums, strict=True))
                compared += many
    return compared, wrong


def small_integers():
    """Every operator on the extremes of every integer type, against `cpool.reference`: (compared, wrong)."""
    compared, wrong, plain = 0, 0, everything.numbers
    for base in everything.BASES:
        if not re.search("(^|_)(max|min|avg|sum|median|range|mode|rank)_pool", base):
            continue
        for dtype in INTS:
            limits = [np.array(v, dtype) for v in (np.iinfo(dtype).max, np.iinfo(dtype).min)]

            def draw(shape, of, seed=0, limits=limits):
                return np.where(everything.words(shape, seed) >> np.uint64(63) == 0, *limits).astype(of)

            for numbers_ in plain, draw:
                everything.numbers = numbers_
                try:
                    for nd, x, given, _ in everything.calls(base, dtype, "small"):
                        got = everything.function(base, nd)(x, **given)
                        want = everything.flat(oracle(base, nd, "")(x, **given))[0]
                        compared, wrong = compared + got.size, wrong + int((got != want).sum())
                finally:
                    everything.numbers = plain
    return compared, wrong


# --- the page --------------------------------------------------------------------------------------


PARTS = {
    "operators": lambda worst: {"missing": sorted(operators(worst))},
    "places": lambda worst: {"found": places()},
    "windows": lambda worst: windows(worst, SIZES) or {},
    "integers": lambda worst: {"long": integers(SIZES), "short": small_integers()},
}


def main(folder, *parts):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts or PARTS:
        worst = Worst()
        found = PARTS[part](worst) | {"worst": [[*key, value] for key, value in worst.found.items()]}
        (folder / f"{part}.json").write_text(json.dumps(found))
    found = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    if len(found) == len(PARTS):
        PAGE.write_text(page(found), encoding="utf-8")
    bad = [row for each in found.values() for row in each["worst"] if math.isnan(row[-1])]
    bad += [v for v in found.get("places", {"found": {}})["found"].values() if v[2]]
    bad += [v for k, v in found.get("integers", {}).items() if k != "worst" and v[1]]
    sys.exit(bool(bad))


def figure(values):
    """The largest of some figures, short."""
    values = [v for v in values if v is not None]
    if not values:
        return "-"
    value = max(values)
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def page(found):
    """The text of docs/trust/accuracy.md."""
    names = [d.name for d in FLOATS]
    worst = {tuple(row[:-1]): row[-1] for row in found["operators"]["worst"]}
    bases = [b for b in everything.BASES if any((b, "", d, "positive") in worst for d in names)]
    rows = [
        [
            f"`{base}`",
            *(figure([worst.get((base, "", d, k)) for k in KINDS[:3]]) for d in names),
            *(figure([worst.get((base, "", d, "mixed"))]) for d in names),
        ]
        for base in bases
    ]
    slopes = []
    for base in bases:
        kept = [[worst.get((base, a, d, k)) for a in ("_backward", "_jvp") for k in KINDS] for d in names]
        slopes.append([f"`{base}`", *map(figure, kept)])
    slopes = [row for row in slopes if any(cell != "-" for cell in row[1:])]
    long = {tuple(row[:-1]): row[-1] for row in found["windows"]["worst"]}
    shown = [f"{n:,}" for n in SIZES]
    kinds = dict.fromkeys((k[0], k[3]) for k in long)
    lengths = [
        [
            f"`{name}`" + (", cancelling" if kind == "mixed" else ""),
            d,
            *(figure([long.get((name, d, n, kind))]) for n in SIZES),
        ]
        for name, kind in kinds
        for d in names
    ]
    odd = found["places"]["found"]
    calls, elements, wrong = (sum(v[i] for v in odd.values()) for i in range(3))
    whole, small = found["integers"]["long"], found["integers"]["short"]
    missing = ", ".join(f"`{name}`" for name in found["operators"]["missing"])
    machine = f"{platform.machine()}, level {cpool._dispatch.LEVEL}, NumPy {np.__version__}"
    return TEXT.format(
        machine=machine,
        results=table(["operator", *names, *(f"{d}, both signs" for d in names)], rows),
        slopes=table(["operator", *names], slopes),
        lengths=table(["operator", "dtype", *shown], lengths),
        calls=f"{calls:,}",
        elements=f"{elements:,}",
        wrong=wrong,
        operators=len(odd),
        missing=missing,
        whole=f"{whole[0]:,}",
        whole_wrong=whole[1],
        small=f"{small[0]:,}",
        small_wrong=small[1],
    )


TEXT = """\
# How exact?

Distances from the right values, measured by `.ci/accuracy.py` ({machine}) and not written by hand. The
unit is the *ulp*, the distance of neighbouring numbers of the dtype at the right value: 0.5 is a result
that is rounded as well as can be. The right values are those of `cpool.reference` on the same numbers in
long double, and of sums and averages of long windows those of integer arithmetic, which is exact.

## Every operator, windows of 1 to 1,000 elements

The largest error of results on numbers from 1/4 to 8, on subnormal numbers, and on numbers near the
largest of the dtype (not of var, std, detail and lse, whose squares or exponentials are beyond the type
there: a deviation of float32 above 1e19 overflows, below 1e-23 it counts as 0). In the columns "both
signs" terms may cancel, and the unit is the ulp of the largest result of the call; there and below, what
is rounded as well as can be counts as 0.

{results}

Gradients (with respect to `x`) and tangents, of numbers from 1/4 to 8 and of both signs, are sums in
which terms cancel; the unit is the ulp of the largest element of the array.

{slopes}

Not in the tables, as the reference has no version of them: {missing}.

## Windows from 2 to 16 million elements

One window, windowed and global; sums of 16-bit types only as far as they fit the type. Of "cancelling"
numbers, of both signs, the unit is the ulp of the result on their sizes.

{lengths}

## NaN and infinity in every place

One NaN, +inf or -inf at every place of a signal of 13 elements, a picture of 5 x 7 and a volume of 4 x 4
x 5: {operators} operators, {calls} calls, {elements} results compared with the reference, {wrong} of
them different. Where a formula says infinity less infinity, cpool has the limit; the reference has NaN
there.

## Integers

Averages of 2 to 16,777,216 elements of all integer types (drawn, at both ends of the type, all at one
end) against rational numbers, rounded to nearest and halves to even, and sums against integers: {whole}
results, {whole_wrong} wrong. Maximum, minimum, sum, average, median, quantile, range and mode of every
kind, drawn and at the ends of the type, against the reference: {small} results, {small_wrong} wrong.
"""

if __name__ == "__main__":
    main(*sys.argv[1:])
