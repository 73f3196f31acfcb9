"""Check what an sdist and the wheel built from it contain, and how large the wheel is."""

import ast
import sys
import tarfile
import zipfile
from pathlib import Path

LIMIT = 3_000_000       # bytes of a wheel


def wanted_kernels(kernels):
    """Return the modules that the kernels are compiled to, by the table in _dispatch.py."""
    tree = ast.parse(Path("cpool/_dispatch.py").read_text())
    (highest,) = (ast.literal_eval(node.value) for node in tree.body
                  if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HIGHEST")
    levels = ("baseline", "v3", "v4")
    return {kernel + ("" if level == "baseline" else f"_{level}") for kernel in kernels
            for level in levels[:levels.index(highest.get(kernel, "v4")) + 1]}


def main(folder):
    (sdist,), (wheel,) = Path(folder).glob("*.tar.gz"), Path(folder).glob("*.whl")
    with tarfile.open(sdist) as archive:
        source = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        binary = set(archive.namelist())
    tracked = {path.as_posix() for pattern in ("*.py", "*.pyi", "*.pyx", "*.pxd", "*.pxi", "*.h")
               for path in Path("cpool").rglob(pattern) if not path.stem.endswith(("_v3", "_v4"))}
    tracked |= {path.as_posix() for path in Path("tests").rglob("*.py")}
    tracked |= {path.as_posix() for path in (*Path("docs").glob("*.*"), *Path("docs/gallery").glob("*.*"))}
    kernels = {path.stem for path in Path("cpool/_kernels").glob("*.pyx")
               if not path.stem.endswith(("_v3", "_v4"))}
    levels = {name for name in binary
              if name.startswith("cpool/_kernels/") and name.endswith((".so", ".pyd"))}
    modules = {path.as_posix() for path in Path("cpool").rglob("*.py")}

    problems = []

    def check(names, what):
        if names:
            problems.append(f"{what}: {', '.join(sorted(names))}")

    check(tracked - source, "not in the sdist")
    check({"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "setup.py"} - source, "not in the sdist")
    check({name for name in source if name.endswith((".c", ".so", ".pyd", ".pyc", "_v3.pyx", "_v4.pyx"))},
          "generated, in the sdist")
    made = ("docs/_build/", "docs/examples/", "docs/reference/")
    check({name for name in source if name.startswith(made)}, "built pages, in the sdist")
    check({name for name in binary if name.endswith((".pyx", ".pxd", ".pxi", ".c", ".h", ".pyc"))},
          "source, in the wheel")
    check({name for name in binary if not name.startswith(("cpool/", "cpool-"))}, "stray, in the wheel")
    check((modules | {"cpool/py.typed", "cpool/__init__.pyi"}) - binary, "not in the wheel")
    wanted, built = wanted_kernels(kernels), {Path(name).name.partition(".")[0] for name in levels}
    check(wanted - built, "kernels not in the wheel")
    check(built - wanted, "kernels that should not be in the wheel")
    if wheel.stat().st_size > LIMIT:
        problems.append(f"the wheel has {wheel.stat().st_size} bytes, more than {LIMIT}")
    print(f"{sdist.name}: {sdist.stat().st_size / 1e3:.0f} kB, {len(source)} files")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB, {len(binary)} files, "
          f"{len(levels)} kernel modules")
    print(*problems, sep="\n", end="\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
