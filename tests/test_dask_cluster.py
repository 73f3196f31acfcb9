"""`cpool.dask` and `cpool pyramid` on worker processes, of which some die."""

import logging
import os
import signal
import threading
import time

import numpy as np
import pytest

import cpool
from cpool.__main__ import main

da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
zarr = pytest.importorskip("zarr")
pytest.importorskip("tqdm")

import cpool.dask  # noqa: E402
from cpool._cli import _large  # noqa: E402


@pytest.fixture(scope="module")
def client():
    """Three processes of one thread."""
    with (
        distributed.LocalCluster(
            n_workers=3,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            memory_limit="400MB",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def volume(shape=(30, 40, 50), seed=0):
    return np.random.default_rng(seed).integers(0, 9, shape).astype(np.float32)


def test_several_processes_are_at_work(client):
    """Forward, with indices, backward, with parameters: the same as in memory."""
    x = volume()
    lazy = da.from_array(x, chunks=(7, 13, 50))
    seen = client.run(os.getpid)
    assert len(set(seen.values())) == 3 and os.getpid() not in seen.values()
    values, at = client.compute(list(cpool.dask.max_pool3d(lazy, 3, 2, 1, return_indices=True)), sync=True)
    want = cpool.max_pool3d(x, 3, 2, 1, return_indices=True)
    assert np.array_equal(values, want[0]) and np.array_equal(at, want[1])
    g = np.ones(values.shape, np.float32)
    got = client.compute(cpool.dask.max_pool3d_backward(da.from_array(g, chunks=9), lazy, 3, 2, 1), sync=True)
    np.testing.assert_allclose(got, cpool.max_pool3d_backward(g, x, 3, 2, 1), 1e-6)
    dx, dp = client.compute(
        list(cpool.dask.gem_pool3d_backward(da.from_array(g, chunks=9), abs(lazy), 3, 2, 1, p=2.5)), sync=True
    )
    want = cpool.gem_pool3d_backward(g, abs(x), 3, 2, 1, p=2.5)
    np.testing.assert_allclose(dx, want[0], 1e-5, 1e-6)
    np.testing.assert_allclose(dp, want[1], 1e-9)
    mean = client.compute(cpool.dask.global_avg_pool(lazy, spatial_ndim=3), sync=True)
    assert mean == np.float32(x.mean(dtype=float))


def test_one_thread_each(client):
    """Of cpool, in a worker: whatever the process would use."""

    def threads(block):
        with cpool.num_threads(4):
            return np.full((1,) * block.ndim, cpool.dask.threads())

    assert client.compute(da.ones(3, chunks=1).map_blocks(threads, dtype=int), sync=True).tolist() == [
        1,
        1,
        1,
    ]


class Killer(threading.Thread):
    """Kills a worker as soon as the journal has a few lines; then another."""

    def __init__(self, client, journal, victims=2):
        super().__init__(daemon=True)
        self.client, self.journal, self.victims, self.killed = client, journal, victims, []

    def run(self):
        limit = time.monotonic() + 60
        for number in range(self.victims):
            while time.monotonic() < limit:
                if self.journal.exists() and len(self.journal.read_text().splitlines()) > 3 + 4 * number:
                    break
                time.sleep(0.005)
            pids = [
                pid for pid in self.client.run(os.getpid, on_error="ignore").values() if isinstance(pid, int)
            ]
            alive = [pid for pid in pids if pid not in self.killed]
            if alive:
                os.kill(alive[0], signal.SIGKILL)
                self.killed.append(alive[0])


def test_nothing_is_lost_with_a_worker(client, tmp_path, monkeypatch):
    monkeypatch.setattr(_large, "_LEAST", 1)
    monkeypatch.setattr(_large, "_BLOCK", 1 << 15)
    x = volume((96, 96, 96)).astype(np.uint8)
    zarr.create_array(tmp_path / "x.zarr", data=x, chunks=(16, 16, 32))
    killer = Killer(client, tmp_path / "y.zarr.part.journal")
    killer.start()
    assert (
        main(
            [
                "pyramid",
                str(tmp_path / "x.zarr"),
                "--levels",
                "2",
                "-o",
                str(tmp_path / "y.zarr"),
                "-q",
                "--scheduler",
                client.scheduler.address,
            ]
        )
        == 0
    )
    killer.join()
    assert killer.killed
    for name, want in zip("012", [x, *cpool.pool_pyramid(x, 2, spatial_ndim=3)], strict=True):
        assert np.array_equal(zarr.open_array(tmp_path / "y.zarr", path=name, mode="r")[...], want)


def test_workers_of_its_own(tmp_path, monkeypatch, capsys):
    """The command starts processes, shows a bar, and an error in a worker is one line."""
    monkeypatch.setattr(_large, "_LEAST", 1)
    monkeypatch.setattr(_large, "_BLOCK", 1 << 15)
    x = volume((40, 64, 64))
    np.save(tmp_path / "x.npy", x)
    command = [
        "avg",
        str(tmp_path / "x.npy"),
        "-k",
        "2",
        "--ndim",
        "3",
        "--workers",
        "2",
        "--memory-limit",
        "300MB",
    ]
    assert main([*command, "-o", str(tmp_path / "y.zarr")]) == 0
    assert np.array_equal(zarr.open_array(tmp_path / "y.zarr", mode="r")[...], cpool.avg_pool3d(x, 2))
    out, err = capsys.readouterr()
    assert "block" in err and "(20 x 32 x 32 float32)" in out


def test_an_error_in_a_worker(client, tmp_path, capsys):
    x = volume((4, 64, 64))
    zarr.create_array(tmp_path / "x.zarr", data=x, chunks=(4, 8, 8))
    (tmp_path / "x.zarr" / "c" / "0" / "3" / "3").write_bytes(b"damaged")
    command = ["max", str(tmp_path / "x.zarr"), "-k", "2", "-o", str(tmp_path / "y.npy"), "-q"]
    assert main([*command, "--scheduler", client.scheduler.address]) == 2
    said = capsys.readouterr().err
    assert said.startswith("cpool: ") and said.count("\n") == 1 and "--resume goes on" in said
    zarr.open_array(tmp_path / "x.zarr", mode="r+")[:] = x
    assert main([*command, "--resume"]) == 0  # by threads here, where workers began
    assert np.array_equal(np.load(tmp_path / "y.npy"), cpool.max_pool2d(x, 2))


def test_a_task_that_no_worker_survives(client, tmp_path, capsys, monkeypatch):
    """It kills one worker after the other: given up after a few, with what is done kept."""

    def deadly(writer, start, block):
        os.kill(os.getpid(), signal.SIGKILL)

    x = volume((8, 8, 8))
    np.save(tmp_path / "x.npy", x)
    original = _large._stored

    def stored(levels, writers, done):
        graph, keys = original(levels, writers, done)
        name = next(iter(layer for layer in graph.layers if layer.startswith("write-")))
        graph.layers[name].mapping[keys[0]] = (deadly_task, *graph.layers[name].mapping[keys[0]])
        return graph, keys

    deadly_task = deadly
    monkeypatch.setattr(_large, "_stored", stored)
    assert (
        main(
            [
                "max",
                str(tmp_path / "x.npy"),
                "-k",
                "2",
                "-o",
                str(tmp_path / "y.npy"),
                "-q",
                "--scheduler",
                client.scheduler.address,
            ]
        )
        == 2
    )
    assert "workers in turn died of one task" in capsys.readouterr().err
    assert not (tmp_path / "y.npy").exists()
