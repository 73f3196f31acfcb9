"""The table of everything that each operator has, made from the code: names, signatures, docstrings.

An operator's independent oracles are the libraries that a line of migrating.md asks for the same thing (the
tests run every such line), and those of ORACLES.
"""

import inspect
import re
from pathlib import Path

from families import PAGES_OF, families, parts

import cpool
from cpool import reference

LEFT_OUT = "Around pooling"  # a family of helpers, of which none is an operator
COLUMNS = (
    "operator", "windows", "to a size", "of all", "backward", "jvp", "layer", "layouts", "mask, NaN, weights",
    "dtypes", "oracles",
)
ORACLES = {  # test file, library: what is compared there without a line in migrating.md
    ("test_smooth.py", "SciPy and NumPy"): ("lse", "soft", "softmax", "lip", "gated", "ordinal"),
    ("test_smooth.py", "PyTorch"): (
        "lse", "soft", "softmax", "lip", "gem", "learned_norm", "mixed", "gated", "tree", "detail", "ordinal",
    ),
    ("test_blur.py", "PyTorch"): ("blur", "max_blur"),
    ("test_scales.py", "PyTorch"): ("spatial_pyramid", "adaptive_concat", "strip"),
    ("test_order.py", "SciPy and NumPy"): ("mode",),
    ("test_sequence.py", "PyTorch"): ("token", "attention"),
    ("test_region_peers.py", "torchvision"): ("roi_pool", "roi_align", "ps_roi_pool", "ps_roi_align"),
    ("test_region_peers.py", "ONNX"): ("roi_pool", "roi_align"),
}
FORMS = {  # how the last part of a name says what an operator goes over
    "windows": r"^(?!adaptive_|global_)\w+?([123])d$",
    "to a size": r"^adaptive_\w+?([123])d$",
    "of all": r"^global_\w+$",
}
OPTIONS = {"mask": "mask", "nan_policy": "NaN", "weights": "weights"}


def functions(names):
    """The functions of a page that pool; a class where there are none."""
    found = parts(names)
    return [name for name in found.get("Functions", []) if name not in PAGES_OF] or found["Layers"]


def has_all(names, suffix):
    """Whether every function (a class is none) that could have it has one with this suffix."""
    found = [f"{name}{suffix}" in cpool.__all__ for name in functions(names)]
    return "yes" if all(found) else "some" if any(found) else "no"


def form(names, pattern):
    """What a family of functions has of a form: its dimensions, or "yes" where a name has none."""
    found = [match for name in functions(names) if (match := re.match(pattern, name))]
    if found and found[0].re.groups:
        return ", ".join(sorted(f"{match[1]}-D" for match in found))
    return "yes" if found else ""


def layouts(name):
    """How a function can be told which axes to go over."""
    known = inspect.signature(getattr(cpool, name)).parameters
    words = ["channels first, last"] * ("data_format" in known) + ["axis="] * ("axis" in known)
    return ", ".join(words) or "its own"


def options(names):
    known = {word for name in functions(names) for word in inspect.signature(getattr(cpool, name)).parameters}
    return ", ".join(short for word, short in OPTIONS.items() if word in known) or ""


def dtypes(name):
    """What the docstring of a function says of the dtype of its first array."""
    text = inspect.getdoc(getattr(cpool, name))
    first = re.search(r"^Parameters\n-+\n[^\n]+\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    said = re.sub(r"\s+", " ", first[1]) if first else ""
    found = re.search(r"\b(?:[Aa]ny) (?:[^.]*?)dtypes?[^.]*?(?=[.:]|, (?:a batch|and any number))", said)
    if found is None:
        return ""
    text = re.sub(r",? float16 and bfloat16 included,?", "", found[0]).replace("  ", " ")
    return re.sub(r"^any ", "", text, flags=re.IGNORECASE)


def oracles(page, names):
    """The libraries that the tests compare an operator with, and the plain version."""
    path = Path(__file__).with_name("migrating.md")
    found = ["reference"] if any(hasattr(reference, name) for name in [*functions(names), page]) else []
    for library in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = library.partition("\n")
        lines = "\n".join(re.findall(r"^\|.*\| (`.*`) \|$", text, re.MULTILINE))
        if set(re.findall(r"cpool\.(\w+)\(", lines)) & set(names):
            found.append(heading)
    own = {page, page.removesuffix("_pool")}
    found += [library for (_, library), ops in ORACLES.items() if own & set(ops)]
    return ", ".join(dict.fromkeys(found))


def row(page, names):
    """The cells of an operator."""
    one = functions(names)[0]
    return {
        "operator": page,
        **{title: form(names, pattern) for title, pattern in FORMS.items()},
        "backward": has_all(names, "_backward"),
        "jvp": has_all(names, "_jvp"),
        "layer": "yes" if parts(names).get("Layers") else "no",
        "layouts": layouts(one),
        "mask, NaN, weights": options(names),
        "dtypes": dtypes(one),
        "oracles": oracles(page, names),
    }


def table():
    """All rows, by family."""
    sections, names = families()
    return {
        section: [row(page, names[page]) for page in pages]
        for section, pages in sections.items()
        if section != LEFT_OUT
    }


def page():
    """The page in reStructuredText."""
    text = "What every operator has\n" + "=" * 46 + "\n\n"
    text += (
        "Made from the code when these pages are. *Windows*, *to a size* and *of all* are the forms of an "
        "operator: ``max_pool2d``, ``adaptive_max_pool2d``, ``global_max_pool``. Floating-point dtypes are "
        "float16, bfloat16, float32 and float64. *Oracles* are what the tests hold the results to: the plain "
        "version in :doc:`cpool.reference <oracle>`, and other libraries. Gradients are held to finite "
        "differences too, and ``_jvp`` to the gradients.\n\n"
    )
    for section, rows in table().items():
        text += f"{section}\n{'-' * (2 * len(section))}\n\n.. list-table::\n   :header-rows: 1\n\n"
        for cells in [dict.fromkeys(COLUMNS), *rows]:
            values = [cells[column] or "" for column in COLUMNS] if any(cells.values()) else list(COLUMNS)
            if any(cells.values()):
                values[0] = f":doc:`{values[0]}`"
            text += "   * - " + "\n     - ".join(values) + "\n"
        text += "\n"
    return text
