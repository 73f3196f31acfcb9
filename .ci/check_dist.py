"""Check what an sdist and a wheel in one folder contain, and how large the wheel is; one may be missing."""

import ast
import sys
import tarfile
import zipfile
from pathlib import Path

LIMIT = 3_000_000       # bytes of a wheel, the libraries that a repair adds included
LEVELS = ("baseline", "v3", "v4")


def wanted_kernels(kernels, wheel):
    """Return the modules that the kernels are compiled to in this wheel, by the table in _dispatch.py."""
    tree = ast.parse(Path("cpool/_dispatch.py").read_text())
    (highest,) = (ast.literal_eval(node.value) for node in tree.body
                  if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HIGHEST")
    best = LEVELS[-1] if wheel.stem.endswith(("x86_64", "amd64")) else "baseline"
    if "-macosx" in wheel.stem:     # pyproject.toml: hardly a Mac has AVX-512
        best = min(best, "v3", key=LEVELS.index)
    return {kernel + ("" if level == "baseline" else f"_{level}") for kernel in kernels
            for level in LEVELS[:min(map(LEVELS.index, (best, highest.get(kernel, best)))) + 1]}


def check_sdist(sdist):
    """Yield what is wrong with a source distribution: a sentence and names."""
    with tarfile.open(sdist) as archive:
        source = {name.partition("/")[2] for name in archive.getnames()}
    tracked = {path.as_posix() for pattern in ("*.py", "*.pyi", "*.pyx", "*.pxd", "*.pxi", "*.h")
               for path in Path("cpool").rglob(pattern) if not path.stem.endswith(LEVELS[1:])}
    tracked |= {path.as_posix() for path in Path("tests").rglob("*.py")}
    tracked |= {path.as_posix() for path in (*Path("docs").glob("*.*"), *Path("docs/gallery").glob("*.*"))}
    yield "not in the sdist", tracked - source
    needed = {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "setup.py"}
    yield "not in the sdist", needed - source
    generated = (".c", ".so", ".pyd", ".pyc", "_v3.pyx", "_v4.pyx")
    yield "generated, in the sdist", {name for name in source if name.endswith(generated)}
    made = ("docs/_build/", "docs/examples/", "docs/reference/")
    yield "built pages, in the sdist", {name for name in source if name.startswith(made)}
    print(f"{sdist.name}: {sdist.stat().st_size / 1e3:.0f} kB, {len(source)} files")


def check_wheel(wheel):
    """Yield what is wrong with a wheel: a sentence and names."""
    with zipfile.ZipFile(wheel) as archive:
        binary = set(archive.namelist())
    kernels = {path.stem for path in Path("cpool/_kernels").glob("*.pyx")
               if not path.stem.endswith(LEVELS[1:])}
    modules = {path.as_posix() for path in Path("cpool").rglob("*.py")}
    yield "source, in the wheel", {name for name in binary
                                   if name.endswith((".pyx", ".pxd", ".pxi", ".c", ".h", ".pyc"))}
    yield "stray, in the wheel", {name for name in binary
                                  if not name.startswith(("cpool/", "cpool-", "cpool.libs/"))}
    yield "not in the wheel", (modules | {"cpool/py.typed", "cpool/__init__.pyi"}) - binary
    built = {Path(name).name.partition(".")[0] for name in binary
             if name.startswith("cpool/_kernels/") and name.endswith((".so", ".pyd"))}
    wanted = wanted_kernels(kernels, wheel)
    yield "kernels not in the wheel", wanted - built
    yield "kernels that should not be in the wheel", built - wanted
    size = wheel.stat().st_size
    yield f"more than {LIMIT} bytes", {f"{size}"} if size > LIMIT else set()
    print(f"{wheel.name}: {size / 1e6:.3f} MB, {len(binary)} files, {len(built)} kernel modules")


def main(folder):
    problems, found = [], 0
    for pattern, check in (("*.tar.gz", check_sdist), ("*.whl", check_wheel)):
        for path in sorted(Path(folder).glob(pattern)):
            found += 1
            problems += [f"{what}: {', '.join(sorted(names))}" for what, names in check(path) if names]
    if not found:
        problems.append(f"neither an sdist nor a wheel in {folder}")
    print(*problems, sep="\n", end="\n" if problems else "")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
