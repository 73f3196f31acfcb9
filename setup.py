"""What to compile: every kernel once per CPU level, everything else once. All metadata is in pyproject.toml.

Environment
-----------
CPOOL_NO_OPENMP=1       build without threads
CPOOL_REQUIRE_OPENMP=1  a compiler without OpenMP is an error, not a warning
CPOOL_LEVELS=a,b        build only these of baseline, v3, v4 (baseline always)
CPOOL_DEBUG=1           bounds, initialisation and None checks in the Cython code
CPOOL_SANITIZE=1        AddressSanitizer and UndefinedBehaviorSanitizer
CPOOL_COVERAGE=1        count which lines of the kernels run, for .ci/coverage
CPOOL_BUILD_JOBS=n      translators and compilers at a time (default: all cores)
"""

import ast
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Level -> flags of gcc and clang, flags of MSVC. The names are the suffixes of the compiled modules.
LEVELS = {
    "baseline": ((), ()),
    "v3": (("-march=x86-64-v3",), ("/arch:AVX2",)),
    "v4": (("-march=x86-64-v4", "-mprefer-vector-width=512"), ("/arch:AVX512",)),
}
KERNELS = Path("cpool", "_kernels")

# A wheel holds every kernel once per level, so size counts. Measured at v4: -O3 makes `reduce` half as
# large again as LEAN (loops peeled and written out) and little faster, once the one loop that has to be
# written out says so. Threaded jumps and scheduled instructions (which compress badly) make it a sixth
# larger, `select` a twentieth, and neither faster; `scatter` gains a tenth by jumps. Beside higher levels
# the baseline is there to run, not to run fast: SMALL.
SHORT = ["--param=vect-epilogues-nomask=0"]
PLAIN = ["-O2", "-ftree-vectorize", "-fvect-cost-model=dynamic", *SHORT]
COMPACT = ["-fno-thread-jumps", "-fno-schedule-insns2"]
LEAN = [*PLAIN, *COMPACT, "-fno-align-jumps", "-fno-align-labels"]
SMALL = ["-Os", "-ftree-vectorize", *COMPACT]
# What -O3 inlines: makes `reduce` smaller by 3 %, everything else larger.
WIDE = [*LEAN, "--param=max-inline-insns-single=200", "--param=max-inline-insns-auto=30",
        "--param=early-inlining-insns=14", "--param=inline-min-speedup=15"]
# panels, ranks and masked are geometry and dispatch for the most part: TIGHT, for size, but for the loops
# between CP_FAST_BEGIN and CP_FAST_END (fast.h). What is no kernel is called once or rarely, but for _call.
TIGHT = ["-Os", *SHORT]
HOT = {"reduce": WIDE, "scatter": PLAIN, "masked": TIGHT, "panels": TIGHT, "ranks": TIGHT,
       "_call": PLAIN, "_cpu": ["-Os"], "_omp": ["-Os"], "_plan": ["-Os"]}
OPENMP_PROGRAM = """
#include <omp.h>
int main(void) {
    int n = 0;
    #pragma omp parallel for reduction(+:n)
    for (int i = 0; i < 8; i++) n += omp_get_num_threads() > 0;
    return n != 8;
}
"""


def wanted(name):
    """Return whether the environment variable `name` is set to something that means yes."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "no", "off", "false")


DEBUG, SANITIZE, COVERAGE = map(wanted, ("CPOOL_DEBUG", "CPOOL_SANITIZE", "CPOOL_COVERAGE"))
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    "cdivision": True,
    "cpow": True,
    "embedsignature": False,
    "freethreading_compatible": True,
    "binding": False,       # what is compiled is called by Python code of this package: builtin functions do
}


def level_suffix(level):
    return "" if level == "baseline" else "_" + level


def is_generated(path):
    return any(path.stem.endswith(level_suffix(level)) for level in LEVELS if level != "baseline")


def asked_levels():
    """Return the levels that CPOOL_LEVELS asks for, all by default."""
    asked = os.environ.get("CPOOL_LEVELS", "").replace(",", " ").split() or list(LEVELS)
    if unknown := set(asked) - set(LEVELS):
        sys.exit(f"CPOOL_LEVELS: {', '.join(sorted(unknown))} not among {', '.join(LEVELS)}")
    return asked


def highest_levels():
    """Return the table in _dispatch.py of kernels that are not compiled for every level."""
    for node in ast.parse(Path("cpool", "_dispatch.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HIGHEST":
            return ast.literal_eval(node.value)
    sys.exit("cpool/_dispatch.py has no table HIGHEST")


def extensions():
    """Return one Extension per module; the level modules name the source that they are to include."""
    # Cython knows which .pxd a module uses; the C compiler is asked again when a header changes.
    headers = [path.as_posix() for path in sorted(KERNELS.glob("*.h"))]
    common = {"include_dirs": [KERNELS.as_posix()], "depends": headers}
    found = []
    for source in sorted(Path("cpool").glob("*.pyx")):
        found.append(Extension(f"cpool.{source.stem}", [source.as_posix()], **common))
    order, highest = list(LEVELS), highest_levels()
    for source in sorted(path for path in KERNELS.glob("*.pyx") if not is_generated(path)):
        for level in order[:order.index(highest.get(source.stem, order[-1])) + 1]:
            name = f"cpool._kernels.{source.stem}{level_suffix(level)}"
            found.append(Extension(name, [source.as_posix()], **common))
    return found


def write_if_changed(path, text):
    """Write `text` to `path`; return whether that changed the file. Keeps the time stamps make needs."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True


class BuildExt(build_ext):
    """build_ext that asks the compiler what it can do, then translates everything in one go."""

    def finalize_options(self):
        super().finalize_options()
        if self.parallel is None or self.parallel is True:
            self.parallel = int(os.environ.get("CPOOL_BUILD_JOBS") or os.cpu_count() or 1)

    def build_extensions(self):
        msvc = self.compiler.compiler_type == "msvc"
        compile_flags, link_flags = self.optimisation(msvc)
        openmp_compile, openmp_link = self.openmp(msvc)
        level_flags = {level: list(flags[msvc]) for level, flags in LEVELS.items()}
        usable = {level for level, flags in level_flags.items() if self.accepts(flags)}
        missing = sorted(set(LEVELS) - usable)
        if missing:
            self.announce(f"cpool: this compiler cannot build CPU level {', '.join(missing)}: left out", 3)

        built = {"baseline", *asked_levels()}
        lowest = "baseline" if usable & built > {"baseline"} else None
        highest = highest_levels()
        tuned = not msvc and all(self.accepts(flags) for flags in (LEAN, SMALL, *HOT.values()))
        kept = []
        for ext in self.extensions:
            level = next((each for each in LEVELS if level_suffix(each) and ext.name.endswith("_" + each)),
                         "baseline")
            if level not in usable & built:
                continue
            if level != "baseline":
                source = Path(ext.sources[0])
                copy = source.with_name(f"{source.stem}_{level}.pyx")
                write_if_changed(copy, f'# Written by setup.py: {source.name} for another CPU level.\n'
                                       f'include "{source.name}"\n')
                ext.sources = [copy.as_posix()]
            kernel = ext.name.rpartition(".")[2].removesuffix(level_suffix(level))
            if not tuned:
                effort = [] if msvc else ["-O3"]
            else:
                effort = HOT.get(kernel, LEAN)
                if level == lowest and "._kernels." in ext.name and highest.get(kernel) != lowest:
                    effort = SMALL
            ext.extra_compile_args = effort + compile_flags + level_flags[level] + openmp_compile
            ext.extra_link_args = link_flags + openmp_link
            if ext.name == "cpool._cpu":
                ext.define_macros = [(f"CPOOL_HAS_{each.upper()}", "1") for each in sorted(usable & built)]
            kept.append(ext)

        # Nobody sees the docstrings of what is compiled, and a wheel would hold them once per level. An
        # option of the whole translator, not a directive: its workers know it where they are forked.
        Options.docstrings = False
        if sys.platform.startswith("linux"):
            multiprocessing.set_start_method("fork", force=True)
        # Translation and objects are stale when the options change, not only when a source does.
        options = repr([*sorted(DIRECTIVES.items()), Options.docstrings])
        translate = write_if_changed(Path("build", "cython-options.txt"), options)
        flags = repr([(ext.name, ext.extra_compile_args, ext.extra_link_args) for ext in kept])
        if write_if_changed(Path(self.build_temp, "compiler-options.txt"), flags):
            self.force = True
        translated = cythonize(kept, nthreads=self.parallel if len(kept) > 1 else 0,
                               compiler_directives=DIRECTIVES, force=translate)
        for ext, new in zip(kept, translated, strict=True):
            ext.sources = new.sources
        kept.sort(key=lambda ext: -os.path.getsize(ext.sources[0]))     # the longest compilation first
        self.extensions = kept
        super().build_extensions()

    def optimisation(self, msvc):
        """Return the flags that every module shares: strict IEEE results, the same bits on every level."""
        if msvc:
            return ["/O2", "/fp:precise"], []
        if SANITIZE:
            san = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
            return ["-O1", "-g", "-fno-omit-frame-pointer", "-ffp-contract=off", *san], san
        if COVERAGE:
            count = ["--coverage", "-fprofile-update=atomic"]
            return ["-O0", "-g0", "-fwrapv", "-ffp-contract=off", *count], ["--coverage"]
        flags = ["-g0", "-fwrapv", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off",
                 "-fvisibility=hidden", "-fno-asynchronous-unwind-tables"]
        if not self.accepts(flags):
            flags = [flag for flag in flags if self.accepts([flag])]
        strip = [flag for flag in ("-Wl,--strip-all", "-Wl,--build-id=none") if self.accepts([], [flag])]
        return flags, strip

    def openmp(self, msvc):
        """Return (compile flags, link flags) for OpenMP, empty where there is none."""
        if wanted("CPOOL_NO_OPENMP"):
            return [], []
        if msvc:
            candidates = [(["/openmp"], [])]
        elif sys.platform == "darwin":
            candidates = [([], []), (["-Xpreprocessor", "-fopenmp"], ["-lomp"]), (["-fopenmp"], ["-fopenmp"])]
        else:
            candidates = [(["-fopenmp"], ["-fopenmp"])]
        for flags in candidates:
            if self.accepts(*flags, program=OPENMP_PROGRAM):
                return flags
        message = "cpool: the compiler does not do OpenMP, cpool will use one thread"
        if wanted("CPOOL_REQUIRE_OPENMP"):
            sys.exit(message + " (CPOOL_REQUIRE_OPENMP is set: stopping)")
        self.warn(message)
        return [], []

    def accepts(self, compile_flags, link_flags=(), program="int main(void) { return 0; }\n"):
        """Return whether `program` compiles and links with these flags (it is not run: cross builds)."""
        if not compile_flags and not link_flags and "omp" not in program:
            return True
        strict = ["-Werror"] if self.compiler.compiler_type != "msvc" else []
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(program)
            stderr = os.dup(2)          # a failing probe is an answer, not news for the user
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder,
                                                extra_postargs=[*compile_flags, *strict])
                if link_flags or "omp" in program:
                    self.compiler.link_executable(objects, "probe", output_dir=folder,
                                                  extra_postargs=[*link_flags])
            except Exception:           # distutils raises several kinds; each means "no"
                return False
            finally:
                os.dup2(stderr, 2)
                os.close(stderr)
                os.close(null)
        return True


if __name__ == "__main__":
    setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExt})
