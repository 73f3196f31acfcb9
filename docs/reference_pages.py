"""Sphinx extension: the reference, a page for each operator, written from `families` when a build begins.

Names of public functions and layers in ``literals`` become links to the reference, so that pages in Markdown
read the same where nothing renders them.
"""

import ast
import re
from pathlib import Path

import matrix
from docutils import nodes
from families import families, parts
from sphinx import addnodes

import cpool

FOLDER = "reference"
ADAPTERS = ("torch", "jax", "dask", "onnx", "sklearn", "xarray")
DESCRIBED = ("onnx", "sklearn", "xarray")  # these are imported, and their functions listed
OPENED = {"Functions": 1, "Gradients": 0, "Tangents": 0, "Layers": 0}  # how many are shown unfolded


def heading(text, mark):
    return f"{text}\n{mark * (2 * len(text))}\n\n"


def directive(name, what=""):
    """The directive that documents a public name."""
    if name == "__version__":
        return f"{what}.. autodata:: cpool.__version__\n{what}   :no-value:\n\n"
    kind = "autoclass" if isinstance(getattr(cpool, name), type) else "autofunction"
    text = f"{what}.. {kind}:: cpool.{name}\n"
    if kind == "autoclass":
        members = ("backward",) if hasattr(getattr(cpool, name), "backward") else ()
        text += f"{what}   :members: {', '.join(members)}\n{what}   :special-members: __call__\n"
    return text + "\n"


def page(title, name, names):
    """The text of one page of the reference."""
    first = f"{title}: ``{name}``" if name.endswith("pool") or name == "block_reduce" else title
    text = heading(first, "=") + ".. currentmodule:: cpool\n\n"
    found = parts(names)
    for part, each in found.items():
        if len(found) > 1:
            text += heading(part, "-")
        opened = len(each) if len(found) == 1 or len(each) == 1 else OPENED[part]
        for one in each[:opened]:
            text += directive(one)
        for one in each[opened:]:
            text += f".. dropdown:: {one}\n   :class-title: api-name\n\n{directive(one, '   ')}"
    used = " ".join(f"cpool.{each}" for each in names if each != "__version__")
    return text + f".. minigallery:: {used}\n   :add-heading: In the gallery\n   :heading-level: -\n"


def adapters():
    """The page of the modules for other libraries, by their own docstrings."""
    text = heading("Other libraries", "=")
    for name in ADAPTERS:
        path = Path(cpool.__file__).with_name(f"{name}.py")
        if not path.exists():
            continue
        text += heading(f"``cpool.{name}``", "-")
        if name in DESCRIBED:
            text += f".. automodule:: cpool.{name}\n   :members:\n\n"
        else:
            described = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            text += f".. py:module:: cpool.{name}\n\n{described}\n\n"
    return text


def write(app):
    """Write the pages that have changed, and remove those of operators that are gone."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    sections, names = families()
    texts = {}
    index = heading("Reference", "=")
    index += (
        "Every public name of cpool stands on the page of its operator: functions, gradients, tangents and "
        "layers, for one, two and three dimensions. The two-dimensional function is unfolded, a click "
        "unfolds the others.\n\n"
    )
    for section, pages in sections.items():
        index += heading(section, "-")
        index += ".. toctree::\n   :maxdepth: 1\n\n" + "".join(f"   {name}\n" for name in pages) + "\n"
        texts |= {name: page(title, name, names[name]) for name, title in pages.items()}
    index += heading("All together", "-") + ".. toctree::\n   :maxdepth: 1\n\n   matrix\n\n"
    index += heading("Modules", "-") + ".. toctree::\n   :maxdepth: 1\n\n   adapters\n   oracle\n"
    texts["matrix"] = matrix.page()
    texts["adapters"] = adapters()
    texts["oracle"] = (
        heading("The slow, obvious version: ``cpool.reference``", "=")
        + ".. automodule:: cpool.reference\n   :no-members:\n"
    )
    texts["index"] = index
    for path in folder.glob("*.rst"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def link_names(app, doctree):
    """Make links of literals that are public names: ``max_pool2d``, ``max_pool{n}d``, ``MaxPool2d(2)``."""
    for literal in list(doctree.findall(nodes.literal)):
        inside = literal.parent
        if "code" not in literal["classes"] and literal["classes"]:
            continue
        if isinstance(inside, nodes.reference | nodes.title | addnodes.pending_xref):
            continue
        name = re.sub(r"\(.*", "", literal.astext().removeprefix("cpool.")).replace("{n}", "2")
        if name not in cpool.__all__ or name == "__version__":
            continue
        link = addnodes.pending_xref(
            "", refdomain="py", reftype="obj", reftarget=f"cpool.{name}", refexplicit=True, refwarn=True,
            refdoc=app.env.docname,
        )
        inside.replace(literal, link)
        link += literal


def stay_inside(app, docname, source):
    """Links to files of the repository become links to the pages that are made of them."""
    text = re.sub(r"\]\(\.\./((?:\.\./)*)README\.md[^)]*\)", r"](\1index.md)", source[0])
    source[0] = re.sub(r"\]\(((?:\.\./)*)gallery/(plot_\w+)\.py\)", r"](\1examples/\2.rst)", text)


def escape_stars(app, what, name, obj, options, lines):
    """A star before a name, as in (N, C, *spatial), is a star; numpydoc takes the lines after this."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = re.sub(r"(?<=[( ])\*(?=[a-z_]+[,)])", r"\\*", line)


def end_blocks(app, doctree):
    """Code that is taken from a file ends with its last line, not with the blank ones after it."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        if block.rawsource == block.astext() != text:
            block.rawsource = text
            block[:] = [nodes.Text(text)]


def name_language(app, pagename, templatename, context, doctree):
    """The translated pages say which language they are in."""
    if pagename.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app):
    app.connect("builder-inited", write, priority=100)
    app.connect("source-read", stay_inside)
    app.connect("autodoc-process-docstring", escape_stars, priority=400)
    app.connect("doctree-read", link_names)
    app.connect("doctree-read", end_blocks)
    app.connect("html-page-context", name_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
