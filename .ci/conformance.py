"""Compare cpool with the libraries that are installed, operator by operator, and list what agrees.

    python .ci/conformance.py                   print the table for what is installed here
    python .ci/conformance.py collect FOLDER    keep it in FOLDER, a file for each library
    python .ci/conformance.py render FOLDER     write docs/trust/conformance.md from the files in FOLDER

Libraries that cannot live in one environment are collected one after the other into one folder. A case is a
call of both with the same array: equal where shapes are, and all values, indices and gradients, sums of
floating-point numbers up to rounding. What differs must be explained by name, by one of REASONS, and be
within what that says; else the exit status is 1. A library that is not there is listed as such.
"""

import importlib
import json
import sys
from importlib import metadata
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / ".ci")]

import conformance_cases as cases  # noqa: E402

import cpool  # noqa: E402

PAGE = ROOT / "docs" / "trust" / "conformance.md"
# name: what is imported, what the distribution is called
LIBRARIES = {
    "PyTorch": ("torch", "torch"),
    "TensorFlow": ("tensorflow", "tensorflow_cpu"),
    "Keras": ("keras", "keras"),
    "ONNX Runtime": ("onnxruntime", "onnxruntime"),
    "JAX": ("jax", "jax"),
    "SciPy": ("scipy", "scipy"),
    "scikit-image": ("skimage", "scikit-image"),
    "OpenCV": ("cv2", "opencv-python-headless"),
    "torchvision": ("torchvision", "torchvision"),
}


def close(ours, theirs, exact):
    """Where two arrays agree."""
    if ours.dtype.kind in "biu" or exact:
        return (ours == theirs) | ((ours != ours) & (theirs != theirs))
    wide, other = ours.astype(np.float64), theirs.astype(np.float64)
    finite = abs(wide[np.isfinite(wide)]).max(initial=0)
    bits = {"float16": 10, "bfloat16": 7, "float32": 23}.get(ours.dtype.name, 52)
    allowed = 32 * 2.0**-bits * max(finite, 1e-300)
    return (abs(wide - other) <= allowed) | (wide == other) | ((wide != wide) & (other != other))


def run(case):
    """ "equal", the name of a reason, or what is different and not explained."""
    try:
        ours = [np.asarray(a) for a in case.ours()]
    except Exception as error:
        return f"{case.about}: cpool: {type(error).__name__}: {error}"
    try:
        theirs = [np.asarray(a) for a in case.theirs()]
    except Exception as error:
        refused = [name for name in case.reasons if name in cases.REFUSED]
        return refused[0] if refused else f"{case.about}: {type(error).__name__}: {str(error)[:200]}"
    if [a.shape for a in ours] != [a.shape for a in theirs]:
        shapes = [name for name in case.reasons if name in cases.SHAPES]
        return (
            shapes[0] if shapes else f"{case.about}: {[a.shape for a in ours]}, {[a.shape for a in theirs]}"
        )
    with np.errstate(all="ignore"):
        wrong = [~close(a, b, case.exact) for a, b in zip(ours, theirs, strict=True)]
        if not any(w.any() for w in wrong):
            return "equal"
        for name in case.reasons:
            covers = cases.REASONS[name][1]
            if name not in cases.REFUSED | cases.SHAPES and not any(
                (w & ~covers(i, ours, theirs)).any() for i, w in enumerate(wrong)
            ):
                return name
    i = next(i for i, w in enumerate(wrong) if w.any())
    at = tuple(np.argwhere(wrong[i])[0])
    return f"{case.about}: result {i} at {at}: {ours[i][at]!r}, there {theirs[i][at]!r}"


def collect(library):
    """The version, rows of [operator, cases, equal, {reason: cases}], and what is not explained."""
    module, distribution = LIBRARIES[library]
    try:
        importlib.import_module(module)
        version = metadata.version(distribution).partition("+")[0]
    except Exception:
        return None
    rows, failed = {}, []
    for case in cases.MAKERS[library]():
        row = rows.setdefault(case.operator, [0, 0, {}])
        found = run(case)
        row[0] += 1
        if found == "equal":
            row[1] += 1
        elif found in cases.REASONS:
            row[2][found] = row[2].get(found, 0) + 1
        else:
            failed.append(f"{library}, {case.operator}: {found}")
    return {"version": version, "rows": [[name, *row] for name, row in rows.items()], "failed": failed}


def table(found):
    """A section for each library."""
    parts = []
    for library in LIBRARIES:
        here = found.get(library)
        if here is None:
            parts.append(f"## {library}\n\nNot installed.")
            continue
        lines = [
            f"## {library} {here['version']}",
            "",
            "| operator | cases | equal | different | because |",
            "|---|---|---|---|---|",
        ]
        for name, count, equal, reasons in here["rows"]:
            why = "; ".join(f"{reason} ({n})" for reason, n in sorted(reasons.items()))
            lines.append(f"| {name} | {count} | {equal} | {count - equal} | {why} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def page(found):
    """The text of docs/trust/conformance.md."""
    rows = [row for here in found.values() for row in here["rows"]]
    used = sorted({reason for row in rows for reason in row[3]})
    count, equal = sum(row[1] for row in rows), sum(row[2] for row in rows)
    why = "\n".join(f"- **{name}**: {cases.REASONS[name][0]}" for name in used)
    different = f"{count:,} cases, {equal:,} equal, {count - equal:,} different, each explained by name below"
    return f"""\
# Agreement with other libraries

cpool {cpool.__version__} beside other libraries on the same arrays: {different}.
Written by `.ci/conformance.py`, which says when a case counts as equal, and which fails when a difference
has no explanation.

{table(found)}

## What the names mean

{why}
"""


def main(action="show", folder=""):
    if action == "render":
        found = {path.stem: json.loads(path.read_text()) for path in Path(folder).glob("*.json")}
        PAGE.write_text(page(found), encoding="utf-8")
    else:
        found = {library: here for library in LIBRARIES if (here := collect(library))}
        print(table(found))
        if action == "collect":
            Path(folder).mkdir(parents=True, exist_ok=True)
            for library, here in found.items():
                (Path(folder) / f"{library}.json").write_text(json.dumps(here))
    failed = [line for here in found.values() for line in here["failed"]]
    print(*failed, sep="\n", file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
