"""Speed and memory of cpool over its commits.

From the folder above: ``asv run``, ``asv continuous main HEAD``, ``asv publish``; and for a first look at the
cpool that is installed ``asv run --python=same --quick``. The names of suites, benchmarks and parameters are
what asv files results under: add to them, and change a body only together with its `version`.
"""
