"""Processes that come from one which has pooled in parallel: forked at any point, or by multiprocessing.

Every child has an alarm and every program a time limit: what hangs, fails.
"""

import multiprocessing
import os
import textwrap

import pytest
from processes import parallel_region, run

from cpool import _cpu

needs_openmp = pytest.mark.skipif(not _cpu.openmp(), reason="built without OpenMP: always one thread")

PRELUDE = textwrap.dedent("""
    import contextlib, os, random, signal, sys, threading, time, warnings
    warnings.simplefilter("ignore", DeprecationWarning)     # fork() with threads: the point here
    import numpy as np
    import cpool
    x = np.random.default_rng(0).standard_normal((8, 16, 64, 64), dtype=np.float32)
    pairs = x.reshape(8, 16, 32, 2, 32, 2)

    def tasks():
        return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 0

    def begin(body):
        pid = os.fork()
        if pid == 0:
            signal.alarm(60)        # a hang becomes a failure
            code = 2
            try:
                code = 0 if body() else 1
            finally:
                os._exit(code)
        return pid

    def child(body):
        return os.waitpid(begin(body), 0)[1]

    @contextlib.contextmanager
    def company():      # another thread that computes
        stop = threading.Event()
        def compute():
            while not stop.is_set():
                cpool.max_pool2d(x, 2)
        worker = threading.Thread(target=compute)
        worker.start()
        try:
            yield
        finally:
            stop.set()
            worker.join()

    def right():
        return np.array_equal(cpool.max_pool2d(x, 2), pairs.max((3, 5)))
""")


def program(code):
    return PRELUDE + textwrap.dedent(code)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
class TestFork:
    def test_parallel_call_on_both_sides(self):
        code = program("""
            expected = cpool.max_pool2d(x, 2)
            def body():
                same = np.array_equal(cpool.max_pool2d(x, 2), expected)
                return same and (cpool.get_num_threads() == 1 or tasks() in (0, 3))
            for _ in range(5):
                print(child(body))
                assert np.array_equal(cpool.max_pool2d(x, 2), expected)
            print(cpool.get_num_threads())
        """)
        threads = "3" if _cpu.openmp() else "1"
        assert run(code, CPOOL_NUM_THREADS="3", OPENBLAS_NUM_THREADS="1") == ["0"] * 5 + [threads]

    def test_fork_from_another_thread_while_one_computes(self):
        code = program("""
            expected = cpool.avg_pool2d(x, 2)
            with company():
                for _ in range(10):
                    print(child(lambda: np.array_equal(cpool.avg_pool2d(x, 2), expected)))
        """)
        assert run(code, CPOOL_NUM_THREADS="2") == ["0"] * 10

    def test_child_of_a_child(self):
        code = program("""
            expected = cpool.max_pool2d(x, 2)
            def same():
                return np.array_equal(cpool.max_pool2d(x, 2), expected)
            print(child(lambda: same() and child(same) == 0 and same()))
        """)
        assert run(code, CPOOL_NUM_THREADS="2") == ["0"]

    @needs_openmp
    def test_child_keeps_to_one_thread_if_the_pool_was_not_released(self):
        code = program("""
            from cpool import _omp
            _omp.release_pool = lambda: False
            def single():
                with cpool.num_threads(4):
                    cpool.max_pool2d(x, 2)
                    return cpool.get_num_threads() == 1 and tasks() <= 1
            print(child(single), cpool.get_num_threads())
        """)
        assert run(code, CPOOL_NUM_THREADS="2", OPENBLAS_NUM_THREADS="1") == ["0", "2"]

    def test_before_any_call(self):
        assert run(program("""
            print(child(right), child(right), right(), child(right))
        """), CPOOL_NUM_THREADS="3") == ["0", "0", "True", "0"]

    def test_at_random_moments_while_threads_come_and_go(self):
        """Pools of threads are made, used and given back by some callers, while others fork."""
        code = program("""
            import callers
            found = callers.calls(97)
            want = callers.expected(found)
            stop = threading.Event()
            trouble = []
            def busy(number):
                rng = random.Random(number)
                while not stop.is_set():
                    worker = threading.Thread(target=lambda: trouble.extend(
                        callers.wrong(found, want, rng.random(), share=0.2)))
                    worker.start()
                    worker.join()
            def forker(number):
                rng = random.Random(number)
                return [child(lambda: not callers.wrong(found, want, rng.random(), threads=3, share=0.2))
                        for _ in range(10) if time.sleep(rng.random() / 100) is None]
            busies = [threading.Thread(target=busy, args=(number,), daemon=True) for number in range(3)]
            for each in busies:
                each.start()
            print(*sum(callers.together(3, forker), []))
            stop.set()
            for each in busies:
                each.join()
            print(trouble, callers.wrong(found, want))
        """)
        assert run(code) == ["0"] * 30 + ["[]"] * 2

    def test_from_a_thread_that_computed(self):
        """The only thread of the child is one that had a pool and was not the main one."""
        code = program("""
            import callers
            def task(number):
                return [right(), child(right), right()]
            print(*sum(callers.together(4, task), []), child(right))
        """)
        assert run(code, CPOOL_NUM_THREADS="3") == ["True", "0", "True"] * 4 + ["0"]

    def test_inside_a_setting(self):
        code = program("""
            with cpool.num_threads(3):
                right()
                print(child(lambda: cpool.get_num_threads() == 3 and right() and tasks() in (0, 3)))
            cpool.set_num_threads(2)
            print(child(lambda: cpool.get_num_threads() == 2 and right() and tasks() in (0, 2)))
        """)
        if not _cpu.openmp():
            pytest.skip("built without OpenMP: always one thread")
        assert run(code, OPENBLAS_NUM_THREADS="1") == ["0", "0"]

    def test_many_children_at_once(self):
        code = program("""
            right()
            children = [begin(right) for _ in range(8)]
            print(right(), *(os.waitpid(pid, 0)[1] for pid in children))
        """)
        assert run(code, CPOOL_NUM_THREADS="3") == ["True"] + ["0"] * 8

    def test_while_a_name_is_made(self):
        """Another thread imports what an operator is made of; the child would wait for it for ever."""
        code = program("""
            begun = threading.Event()
            class Slow:
                def find_spec(self, name, path=None, target=None):
                    if name == "cpool._order":
                        begun.set()
                        time.sleep(1)
            sys.meta_path.insert(0, Slow())
            worker = threading.Thread(target=lambda: cpool.median_pool2d)
            worker.start()
            begun.wait()
            print(child(lambda: cpool.median_pool2d(x, 1).shape == x.shape))
            worker.join()
            print(child(lambda: cpool.std_pool2d(x, 2).shape == (8, 16, 32, 32)), right())
        """)
        assert run(code) == ["0", "0", "True"]

    @needs_openmp
    def test_inside_a_parallel_region(self, tmp_path):
        """There is no pool to release: the child keeps to one thread."""
        code = program("""
            import ctypes
            library = ctypes.CDLL(sys.argv[1])
            call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
            statuses = []
            library.region(call(lambda _: statuses.append(child(right)) or 0), 6, 3)
            print(*statuses, right(), child(right))
        """)
        library = parallel_region(tmp_path)
        assert run(code, library, CPOOL_NUM_THREADS="3") == ["0"] * 6 + ["True", "0"]

    def test_a_program_started_while_others_compute(self):
        """With `preexec_fn`, subprocess forks, and runs what was registered for that."""
        code = program("""
            import subprocess
            def before():
                assert right()
            with company():
                print(*(subprocess.call(["true"], preexec_fn=before) for _ in range(5)))
        """)
        assert run(code, CPOOL_NUM_THREADS="2") == ["0"] * 5


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_every_start_method(method, tmp_path):
    """A child's results, from a parent that computes meanwhile, and a module that computes when imported."""
    (tmp_path / "eager.py").write_text(PRELUDE + "assert right()\n")
    code = """
        import multiprocessing, sys
        import numpy as np
        import cpool, eager

        def work(k):
            return cpool.get_num_threads(), cpool.avg_pool2d(eager.x, k), eager.right()

        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[1])
            if sys.argv[1] == "forkserver":
                context.set_forkserver_preload(["eager"])
            with eager.company(), context.Pool(2, maxtasksperchild=2) as pool:
                results = pool.map_async(work, (2, 3, 4, 5), chunksize=1).get(120)
            for k, (count, y, good) in zip((2, 3, 4, 5), results):
                print(count == cpool.get_num_threads(), np.array_equal(y, cpool.avg_pool2d(eager.x, k)), good)
    """
    got = run(code, method, file=tmp_path / "program.py", CPOOL_NUM_THREADS="3",
              PYTHONWARNINGS="ignore::DeprecationWarning")  # fmt: skip
    assert got == ["True"] * 12


def test_the_end_of_a_process_whose_threads_compute():
    """Daemon threads are in the middle of parallel calls when the interpreter goes."""
    code = """
        import threading, time
        import numpy as np
        import cpool
        x = np.random.default_rng(0).standard_normal((8, 16, 64, 64), dtype=np.float32)
        def busy(name):
            while True:
                getattr(cpool, name)(x, 5, 1)
        for name in ("max_pool2d", "median_pool2d", "avg_pool2d"):
            threading.Thread(target=busy, args=(name,), daemon=True).start()
        time.sleep(0.3)
        print("end")
    """
    for _ in range(3):
        assert run(code, CPOOL_NUM_THREADS="3") == ["end"]
