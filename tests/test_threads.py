"""How many threads are used, who decides, and that concurrent callers are safe (more: test_threads_*.py)."""

import os
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from processes import run

import cpool
from cpool import _cpu, _omp, _threads

needs_openmp = pytest.mark.skipif(not _cpu.openmp(), reason="built without OpenMP: always one thread")


@pytest.fixture(autouse=True)
def no_setting_left():
    """Start and end every test without a process-wide setting."""
    cpool.set_num_threads(None)
    yield
    cpool.set_num_threads(None)


def picture(seed=0, shape=(4, 16, 96, 96)):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


class TestOrder:
    @needs_openmp
    def test_context_wins_over_process(self):
        cpool.set_num_threads(3)
        assert cpool.get_num_threads() == 3
        with cpool.num_threads(5):
            assert cpool.get_num_threads() == 5
            cpool.set_num_threads(2)
            assert cpool.get_num_threads() == 5
            with cpool.num_threads(1):
                assert cpool.get_num_threads() == 1
            assert cpool.get_num_threads() == 5
        assert cpool.get_num_threads() == 2

    @needs_openmp
    def test_context_ends_with_an_exception(self):
        before = cpool.get_num_threads()
        with pytest.raises(KeyError), cpool.num_threads(7):
            raise KeyError
        assert cpool.get_num_threads() == before

    @needs_openmp
    def test_context_belongs_to_its_python_thread(self):
        with cpool.num_threads(7), ThreadPoolExecutor(1) as pool:
            assert pool.submit(cpool.get_num_threads).result() != 7
            assert cpool.get_num_threads() == 7

    @needs_openmp
    def test_context_decorates(self):
        assert cpool.num_threads(6)(cpool.get_num_threads)() == 6

    @needs_openmp
    def test_environment_after_process(self):
        code = """
            import cpool
            print(cpool.get_num_threads())
            cpool.set_num_threads(2)
            print(cpool.get_num_threads())
            cpool.set_num_threads(None)
            print(cpool.get_num_threads())
        """
        assert run(code, CPOOL_NUM_THREADS="5", OMP_NUM_THREADS="1") == ["5", "2", "5"]

    @needs_openmp
    def test_openmp_setting_is_the_default(self):
        assert run("import cpool; print(cpool.get_num_threads())", OMP_NUM_THREADS="1") == ["1"]

    @needs_openmp
    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity call")
    def test_default_is_capped_by_affinity(self):
        code = """
            import os, cpool
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            print(cpool.get_num_threads())
            cpool.set_num_threads(3)
            print(cpool.get_num_threads())
        """
        assert run(code, OMP_NUM_THREADS="4") == ["1", "3"]

    @needs_openmp
    def test_threadpoolctl_is_heeded(self):
        pytest.importorskip("threadpoolctl")
        code = """
            import cpool, threadpoolctl
            with threadpoolctl.threadpool_limits(1):
                print(cpool.get_num_threads())
            print("openmp" in {each["user_api"] for each in threadpoolctl.threadpool_info()})
        """
        assert run(code) == ["1", "True"]

    def test_small_work_asks_nothing(self):
        """A broken setting shows that nobody looked at it."""
        code = """
            import cpool, numpy as np
            print(cpool.max_pool2d(np.arange(16.0).reshape(4, 4), 2).shape)
        """
        assert run(code, CPOOL_NUM_THREADS="many") == ["(2,", "2)"]

    @needs_openmp
    def test_work_decides_how_many_pay(self):
        with cpool.num_threads(8):
            counts = [_omp.threads_for(work) for work in (0, 1e3, 3e5, 1e12)]
        assert counts[0] == counts[1] == 1
        assert 1 < counts[2] < 8
        assert counts[3] == 8


class TestBadValues:
    @pytest.mark.parametrize("value", [True, 2.0, "2", [2], np.True_, np.float64(2)])
    def test_wrong_kind(self, value):
        for function in (cpool.set_num_threads, cpool.num_threads):
            with pytest.raises(TypeError, match=r"\bn\b.*got"):
                function(value)

    @pytest.mark.parametrize("value", [0, -1, 2**31 - 1, 2**80, -(2**70)])
    def test_wrong_value(self, value):
        for function in (cpool.set_num_threads, cpool.num_threads):
            with pytest.raises(ValueError, match=rf"\bn\b.*got {value}"):
                function(value)

    def test_none_is_for_the_process_only(self):
        with pytest.raises(TypeError):
            cpool.num_threads(None)

    def test_integer_types(self):
        cpool.set_num_threads(np.int8(1))
        assert cpool.get_num_threads() == 1

    def test_a_huge_number_is_harmless(self):
        x = picture()
        with cpool.num_threads(2**31 - 2):
            assert cpool.get_num_threads() < 100_000
            np.testing.assert_array_equal(cpool.max_pool2d(x, 2), x.reshape(4, 16, 48, 2, 48, 2).max((3, 5)))

    @needs_openmp
    @pytest.mark.parametrize("text", ["many", "0", "-1", "2.0", "1e3", "9" * 30, "٣"])
    def test_environment(self, text):
        code = """
            import cpool
            try:
                cpool.get_num_threads()
            except ValueError as error:
                print(error)
            cpool.set_num_threads(2)
            print(cpool.get_num_threads())
        """
        printed = run(code, CPOOL_NUM_THREADS=text, PYTHONIOENCODING="utf-8")
        assert printed[0] == "CPOOL_NUM_THREADS" and printed[-1] == "2"

    @pytest.mark.parametrize("text", ["", "  "])
    def test_empty_environment_is_unset(self, text, monkeypatch):
        monkeypatch.setenv("CPOOL_NUM_THREADS", text)
        assert _threads.environment_threads() == 0


class TestQuota:
    def group(self, folder, lines, files):
        for name, text in files.items():
            path = folder / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "self").write_text(lines)
        return _threads.cgroup_quota(str(folder / "self"), str(folder / "cgroup"))

    def test_version_2(self, tmp_path):
        files = {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "250000 100000\n"}
        assert self.group(tmp_path, "0::/a/b\n", files) == 3

    def test_version_2_inside_a_container(self, tmp_path):
        assert self.group(tmp_path, "0::/../somewhere\n", {"cpu.max": "50000 100000\n"}) == 1

    def test_version_1(self, tmp_path):
        job = "cpu,cpuacct/job/cpu.cfs_"
        files = {job + "quota_us": "400000\n", job + "period_us": "100000\n"}
        assert self.group(tmp_path, "5:memory:/job\n4:cpu,cpuacct:/job\n", files) == 4

    @pytest.mark.parametrize("text", ["max 100000", "", "-1 100000", "200000 0", "text"])
    def test_no_limit(self, tmp_path, text):
        assert self.group(tmp_path, "0::/\n", {"cpu.max": text}) == _threads.NO_LIMIT

    def test_no_files(self, tmp_path):
        assert self.group(tmp_path, "0::/\n", {}) == _threads.NO_LIMIT

    def test_odd_lines_and_no_file(self, tmp_path):
        assert self.group(tmp_path, "nothing\n", {}) == _threads.NO_LIMIT
        assert _threads.cgroup_quota(str(tmp_path / "missing")) == _threads.NO_LIMIT


class TestConcurrency:
    def test_many_python_threads(self):
        """Callers with different inputs and limits get what a single caller gets."""
        inputs = [picture(seed) for seed in range(4)]
        expected = [cpool.max_pool2d(x, 3, 2, 1, return_indices=True) for x in inputs]
        together = threading.Barrier(8)

        def call(number):
            together.wait(60)
            for turn in range(5):
                which = (number + turn) % len(inputs)
                with cpool.num_threads(1 + number % 3):
                    values, indices = cpool.max_pool2d(inputs[which], 3, 2, 1, return_indices=True)
                    assert np.array_equal(values, expected[which][0])
                    assert np.array_equal(indices, expected[which][1])
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(call, range(8), timeout=120))

    def test_one_input_for_all(self):
        x = picture()
        expected = cpool.avg_pool2d(x, 3)
        with ThreadPoolExecutor(4) as pool:
            for result in pool.map(lambda _: cpool.avg_pool2d(x, 3), range(16)):
                assert np.array_equal(result, expected)

    def test_nested_pools_of_python_threads_do_not_leak(self):
        """Threads that come and go leave no OpenMP threads behind for good."""
        if not os.path.isdir("/proc/self/task"):
            pytest.skip("the system does not list threads")
        code = """
            import os, threading, numpy as np, cpool
            x = np.random.default_rng(0).standard_normal((8, 16, 64, 64), dtype=np.float32)
            for _ in range(40):
                worker = threading.Thread(target=cpool.max_pool2d, args=(x, 2))
                worker.start()
                worker.join()
            import time
            time.sleep(0.2)
            print(len(os.listdir("/proc/self/task")))
        """
        assert int(run(code, CPOOL_NUM_THREADS="3", OPENBLAS_NUM_THREADS="1")[0]) < 20


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_same_bits_for_every_thread_count(threads):
    """The wide net is in test_levels.py; this is the first thing to look at when that fails."""
    x = picture(shape=(3, 5, 130, 131))
    calls = [(cpool.max_pool2d, (3, 2, 1)), (cpool.avg_pool2d, (31, 1, 15)), (cpool.sum_pool2d, (5, 3)),
             (cpool.lp_pool2d, (2, 3, 2)), (cpool.global_avg_pool, ())]
    for function, arguments in calls:
        with cpool.num_threads(1):
            expected = function(x, *arguments)
        with cpool.num_threads(threads):
            assert function(x, *arguments).tobytes() == expected.tobytes()


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this Python has its lock always")
def test_no_module_turns_the_lock_on():
    """A compiled module that does not declare itself would turn it on, with a warning."""
    code = """
        import sys, warnings
        warnings.simplefilter("error")
        import cpool
        print(*{getattr(cpool, name) is None for name in cpool.__all__}, sys._is_gil_enabled())
    """
    assert run(code, PYTHON_GIL="") == ["False", "False"]
