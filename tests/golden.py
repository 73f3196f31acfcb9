"""The results of every operator, as they were frozen: what guards against a silent change between versions.

    python tests/golden.py              compare, and name what differs
    python tests/golden.py --write      take the present results as right, into tests/golden.txt

The file has a line for every public function, `{n}` standing for 1, 2 and 3 dimensions, and a column for each
dtype: the first 32 bits of a SHA-256 of all that `everything.py` calls it with (SIZE small), "-" where the
dtype is refused. These results do not depend on the C library, on NumPy's or on the processor's level: the
kernels have their own exp and log. Only norms of other p than 1, 2 and infinity take `pow` of the C library;
of these the file holds weighted sums, which are compared to 1 part in 10,000.
"""

import re
import sys
from pathlib import Path

import everything
import numpy as np
from compare import DTYPES

FILE = Path(__file__).with_name("golden.txt")
BEGINNING = """\
# Results of every public function on fixed inputs, written by `python tests/golden.py --write`. A line may
# change only with a line in CHANGELOG.md that says which values changed, and why.
"""


def hashed(base):
    """Name of the function, to its column entries."""
    found = {}
    for dtype in DTYPES:
        for name, value in everything.digests(base, dtype, "small").items():
            found.setdefault(name, {})[dtype.name] = value[:8]
    return found


def powers(base):
    """The same of norms that need pow: sums of sizes, weighted from 1 to 2."""
    found, own = {}, everything.OWN["lp"]
    everything.OWN["lp"] = everything.POWERS["lp"]
    try:
        for dtype in DTYPES:
            for nd, x, given, flags in everything.calls(base, dtype, "small"):
                for action, arrays in everything.call(base, nd, x, given, flags).items():
                    row = found.setdefault(f"{base}{action}(p)", {})
                    wide = np.concatenate([abs(a.astype(np.float64)).ravel() for a in arrays])
                    row[dtype.name] = row.get(dtype.name, 0) + float(wide @ np.linspace(1, 2, wide.size))
    finally:
        everything.OWN["lp"] = own
    return {name: {d: f"{v:.6e}" for d, v in row.items()} for name, row in found.items()}


def table(bases=None):
    """All lines, of all operators or some."""
    found = {}
    for base in everything.BASES if bases is None else bases:
        found |= hashed(base)
        if re.search("(^|_)lp_pool", base):
            found |= powers(base)
    return found


def read():
    """The lines of the file."""
    lines = [line.split() for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    head = lines[0][1:]
    return {name: {d: v for d, v in zip(head, row, strict=True) if v != "-"} for name, *row in lines[1:]}


def same(got, want):
    """Whether two entries agree."""
    if got is None or want is None or "e" not in want[-4:] or "." not in want:
        return got == want
    return abs(float(got) - float(want)) <= 1e-4 * abs(float(want))


def differences(got, want):
    """Lines that tell what is not as it was."""
    return [f"{name} of {dtype}: {want.get(name, {}).get(dtype)} is now {got.get(name, {}).get(dtype)}"
            for name in sorted({*got, *want})
            for dtype in sorted({*got.get(name, {}), *want.get(name, {})})
            if not same(got.get(name, {}).get(dtype), want.get(name, {}).get(dtype))]


def write(found):
    names = [d.name for d in DTYPES]
    rows = [["function", *names], *([name, *(row.get(d, "-") for d in names)] for name, row in found.items())]
    widths = [max(len(row[i]) for row in rows if i or "(p)" not in row[0]) for i in range(len(names) + 1)]
    text = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    FILE.write_text(BEGINNING + "\n".join(text) + "\n", encoding="utf-8")


def main(*arguments):
    if not any(d.name == "bfloat16" for d in DTYPES):
        sys.exit("golden results hold bfloat16: pip install ml_dtypes")
    found = table()
    if arguments == ("--write",):
        write(found)
        return
    lines = differences(found, read())
    print(*lines, f"{len(found)} functions, {len(lines)} entries differ", sep="\n")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
