"""Many callers at a time: Python threads, pools of workers, regions inside regions, changing settings.

Every program ends by itself or is ended by its time limit (`processes.run`).
"""

import os
import signal

import pytest
from processes import parallel_region, run

from cpool import _cpu

needs_openmp = pytest.mark.skipif(not _cpu.openmp(), reason="built without OpenMP: always one thread")

PRELUDE = """
import sys, threading, time
import callers, cpool
import numpy as np
found = callers.calls()
want = callers.expected(found)
"""


def test_64_callers():
    """Other functions, dtypes, sizes and numbers of threads in each, and errors among them."""
    code = PRELUDE + """
print(len(found) > 100, *callers.together(64, lambda n: callers.wrong(found, want, n, share=0.15)))
"""
    assert run(code) == ["True"] + ["[]"] * 64


def test_64_callers_of_one_signature():
    """The same call from everywhere: one prepared kernel, one output each."""
    code = """
import callers, cpool, numpy as np
x = np.random.default_rng(0).standard_normal((2, 16, 64, 64), dtype=np.float32)
want = cpool.max_pool2d(x, 3, 2, 1, return_indices=True)
def task(number):
    out = np.empty_like(want[0]), np.empty_like(want[1])
    for turn in range(20):
        with cpool.num_threads(1 + (number + turn) % 7):
            got = cpool.max_pool2d(x, 3, 2, 1, return_indices=True, out=out if turn % 2 else None)
        if not all(np.array_equal(a, b) for a, b in zip(got, want)):
            return turn
    return "right"
print(*callers.together(64, task))
"""
    assert run(code) == ["right"] * 64


def test_64_callers_at_the_first_call():
    """Nobody has called anything yet: what is loaded or prepared once is, by whoever comes first."""
    code = """
import callers, cpool, numpy as np
x = np.random.default_rng(0).standard_normal((2, 8, 64, 96), dtype=np.float32)
whole = x.reshape(2, 8, 32, 2, 48, 2).astype(float)
def task(number):
    name = ("max", "median", "std", "soft")[number % 4]
    return getattr(cpool, name + "_pool2d")(x, 2)
results = callers.together(64, task)
assert all(np.array_equal(results[i], results[i % 4]) for i in range(64)), results[:4]
np.testing.assert_array_equal(results[0], whole.max((3, 5)))
np.testing.assert_allclose(results[2], whole.std((3, 5)), rtol=1e-6)
print(len(cpool.__all__) > 100)
"""
    assert run(code) == ["True"]


def test_the_setting_changes_while_others_compute():
    code = PRELUDE + """
stop = threading.Event()
seen = set()
def change():
    count = 0
    while not stop.is_set():
        count += 1
        cpool.set_num_threads((1, 7, 2, None, 16, 3)[count % 6])
        seen.add(cpool.get_num_threads())
        time.sleep(0)
changer = threading.Thread(target=change, daemon=True)
changer.start()
print(*callers.together(8, lambda n: callers.wrong(found, want, n, threads=0, share=0.7)))
stop.set()
changer.join()
print(len(seen) > 2 or not cpool._cpu.openmp())
"""
    assert run(code) == ["[]"] * 8 + ["True"]


# ---- workers of others ----


def test_workers_of_concurrent_futures(tmp_path):
    code = PRELUDE + """
import concurrent.futures, functools, multiprocessing
if __name__ == "__main__":
    task = functools.partial(callers.wrong, found, want, share=0.2)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(*pool.map(task, range(16)))
    x = np.random.default_rng(0).standard_normal((4, 16, 64, 64), dtype=np.float32)
    wanted = [cpool.avg_pool2d(x, k) for k in (2, 3, 4, 5)]
    for method in sys.argv[1:]:
        with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
            results = list(pool.map(cpool.avg_pool2d, [x] * 4, (2, 3, 4, 5)))
        print(all(map(np.array_equal, results, wanted)))
"""
    import multiprocessing

    methods = multiprocessing.get_all_start_methods()
    got = run(code, *methods, file=tmp_path / "program.py", PYTHONWARNINGS="ignore::DeprecationWarning")
    assert got == ["[]"] * 16 + ["True"] * len(methods)


# results of max_pool2d(x, k) for k in sizes, from 3 workers of the kind sys.argv[1]
OTHERS = {
    "joblib": """
    with joblib.parallel_config(backend=sys.argv[1], n_jobs=3):
        results = joblib.Parallel()(joblib.delayed(cpool.max_pool2d)(x, k) for k in sizes)
""",
    "dask": """
    tasks = [dask.delayed(cpool.max_pool2d)(x, k) for k in sizes]
    results = dask.compute(*tasks, scheduler=sys.argv[1], num_workers=3)
""",
}


@pytest.mark.parametrize("library, kind", [
    ("joblib", "threading"), ("joblib", "loky"), ("joblib", "multiprocessing"),
    ("dask", "threads"), ("dask", "processes"), ("dask", "sync"),
])  # fmt: skip
def test_workers_of_others(library, kind, tmp_path):
    """cpool inside tasks of other libraries (cpool.dask, which splits arrays, has tests of its own)."""
    pytest.importorskip(library)
    begin = f"""
import sys
import cpool, {library}, numpy as np
sizes = (2, 3, 4, 5) * 4
if __name__ == "__main__":
    x = np.random.default_rng(0).standard_normal((4, 16, 64, 64), dtype=np.float32)
    wanted = [cpool.max_pool2d(x, k) for k in sizes]
"""
    check = """
    print(all(map(np.array_equal, results, wanted)))
"""
    code = begin + (OTHERS[library] + check) * 2        # the second time the workers are there
    got = run(code, kind, file=tmp_path / "program.py", PYTHONWARNINGS="ignore::DeprecationWarning")
    assert got == ["True"] * 2


# ---- what the OpenMP runtime gives instead of what was asked for ----


@needs_openmp
@pytest.mark.parametrize("setting", [
    {"OMP_THREAD_LIMIT": "1"}, {"OMP_THREAD_LIMIT": "2"}, {"OMP_DYNAMIC": "true"}, {"OMP_NUM_THREADS": "5,3"},
    {"OMP_MAX_ACTIVE_LEVELS": "0"}, {"OMP_SCHEDULE": "guided", "OMP_WAIT_POLICY": "active"},
])  # fmt: skip
def test_fewer_threads_than_asked_for(setting):
    """Work is divided among as many as were asked for, and done by as many as there are."""
    code = PRELUDE + "print(callers.wrong(found, want), callers.wrong(found, want, threads=7, share=0.5))"
    assert run(code, **setting) == ["[]", "[]"]


@needs_openmp
@pytest.mark.parametrize("levels", ["1", "2"])
def test_inside_a_parallel_region(levels, tmp_path):
    """A caller is a thread of a region itself; the region inside has one thread or several of its own."""
    code = PRELUDE + """
import ctypes
library = ctypes.CDLL(sys.argv[1])
call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
who = set()
def one(number):
    who.add(threading.get_native_id())
    return 1 if callers.wrong(found, want, number, share=0.2) else 0
print(library.region(call(one), 12, 3), len(who) > 1, callers.wrong(found, want, threads=3))
"""
    library = parallel_region(tmp_path)
    assert run(code, library, OMP_MAX_ACTIVE_LEVELS=levels, OMP_THREAD_LIMIT="64") == ["0", "True", "[]"]


# ---- interrupts ----


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timer signals")
class TestInterrupt:
    def test_in_a_long_call(self):
        """The call ends first, as NumPy's do; then KeyboardInterrupt is raised, and all is as before."""
        code = PRELUDE + """
import os, signal
x = np.random.default_rng(0).standard_normal((1, 4, 700, 700), dtype=np.float32)
out = np.empty((1, 4, 670, 670), np.float32)
signal.signal(signal.SIGINT, signal.default_int_handler)    # which a program in the background does not have
signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
before = cpool.get_num_threads()
for threads in (1, 3):
    caught = False
    try:
        with cpool.num_threads(threads):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            while True:
                cpool.median_pool2d(x, 31, 1, out=out)
    except KeyboardInterrupt:
        caught = True
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(caught, cpool.get_num_threads() == before, callers.wrong(found, want, threads))
"""
        assert run(code) == ["True", "True", "[]"] * 2

    def test_at_any_moment(self):
        """Hundreds of interrupts: in checks, in preparation, in kernels, between them."""
        code = PRELUDE + """
import os, random, signal
signal.signal(signal.SIGALRM, signal.default_int_handler)
rng = random.Random(0)
names = list(found)
caught = right = 0
for turn in range(300):
    name = rng.choice(names)
    if turn % 3 == 0:
        cpool._call.forget()
    try:
        signal.setitimer(signal.ITIMER_REAL, rng.choice((1e-5, 1e-4, 3e-4, 1e-3)))
        found[name]()
        signal.setitimer(signal.ITIMER_REAL, 0)
        right += 1
    except KeyboardInterrupt:
        caught += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
print(caught > 20, callers.wrong(found, want))
"""
        assert run(code) == ["True", "[]"]

    def test_workers_go_on(self):
        """The main thread is interrupted while others compute."""
        code = PRELUDE + """
import os, signal
results = []
def work(number):
    results.append(callers.wrong(found, want, number))
workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
caught = 0
try:
    for worker in workers:
        worker.start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    for worker in workers:
        worker.join()
    time.sleep(30)
except KeyboardInterrupt:
    caught += 1
while len(results) < 4:         # an interrupted join may take a running thread for one that has ended
    time.sleep(0.01)
print(caught, *results, callers.wrong(found, want))
"""
        assert run(code) == ["1"] + ["[]"] * 5


def test_programs_that_hang_are_ended():
    """The helper itself: a deadlock fails, says where, and leaves nobody behind."""
    code = """
import os, threading
if hasattr(os, "fork") and os.fork() == 0:
    threading.Event().wait()        # holds the pipes open
lock = threading.Lock()
lock.acquire()
def stuck_here():
    lock.acquire()
stuck_here()
"""
    with pytest.raises(AssertionError, match="no end after 3 s") as caught:
        run(code, timeout=3)
    if os.name == "posix":
        assert "stuck_here" in str(caught.value)
