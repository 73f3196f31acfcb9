"""Programs that a test runs in a process of their own, with a time limit that also holds for theirs."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest

TESTS = str(Path(__file__).parent)
REGION = """
#include <omp.h>
typedef int (*call)(int);
int region(call f, int calls, int threads) {
    int sum = 0, i;
    #pragma omp parallel for num_threads(threads) schedule(dynamic, 1) reduction(+:sum)
    for (i = 0; i < calls; i++) sum += f(i);
    return sum;
}
"""
LIMIT = 240     # seconds; the slowest program takes 5 on one core, and sanitizers make it ten times as many


def end(process):
    """End a program and all that it has started; print first what its Python threads were doing."""
    if os.name == "posix":
        os.kill(process.pid, signal.SIGABRT)        # faulthandler's
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    return process.communicate()[1]


def run(code, *arguments, timeout=LIMIT, file=None, **environment):
    """Run `code` in a fresh interpreter and return what it printed, as words.

    With `file`, the code is written there and run as a script, which processes that are spawned need.
    """
    code = textwrap.dedent(code)
    env = {name: value for name, value in os.environ.items()
           if name not in ("CPOOL_NUM_THREADS", "OMP_NUM_THREADS")}
    paths = [TESTS, env.get("PYTHONPATH", "")]
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONFAULTHANDLER": "1"} | environment
    if file is not None:
        file.write_text(code, encoding="utf-8")
        # the folder that -c would look in: where a build in place is found
        env["PYTHONPATH"] += os.pathsep + os.getcwd()
    process = subprocess.Popen(
        [sys.executable, *(("-c", code) if file is None else (str(file),)), *map(str, arguments)], env=env,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=os.name == "posix",
    )  # fmt: skip
    try:
        out, said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        said = end(process)
        raise AssertionError(f"no end after {timeout} s\n{said}") from None
    assert process.returncode == 0, said
    return out.split()


def parallel_region(folder):
    """Compile region(f, calls, threads), which calls f from a parallel region; return its path."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler whose OpenMP is known")
    source, library = folder / "region.c", folder / "region.so"
    source.write_text(REGION)
    command = [compiler, "-fopenmp", "-shared", "-fPIC", source, "-o", library]
    if subprocess.run(command, capture_output=True, timeout=60).returncode:
        pytest.skip("the compiler does not do OpenMP")
    return library
