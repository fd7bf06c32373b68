"""Experiments on a Dask cluster: the same results as on this machine, also when a worker dies."""

from __future__ import annotations

import os
import signal
from importlib.util import find_spec

import pytest

from exchange.errors import CorridorError
from scenarios.experiments import cluster as module
from scenarios.experiments.cluster import ClusterPool
from scenarios.experiments.compare import compare
from scenarios.experiments.plan import make_plan
from scenarios.experiments.runner import Settings

SMALL = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")


@pytest.fixture(scope="module")
def cluster():
    if find_spec("distributed") is None:
        pytest.skip("Dask is not installed")
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as running:
        yield running


def where(task: int) -> tuple[int, int]:
    return task, os.getpid()


def test_results_equal_those_on_this_machine(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("scenarios.report.compare.render", lambda *_: "")  # drawn of what is compared here
    plan = make_plan("china_europe_transit_fi", sets=SMALL)
    there = compare(plan, Settings(replications=2, cluster=cluster.scheduler_address), out=tmp_path / "there").summary
    here = compare(plan, Settings(replications=2, workers=1), out=tmp_path / "here").summary
    assert {k: v for k, v in there.items() if k != "run"} == {k: v for k, v in here.items() if k != "run"}


def test_a_worker_that_dies_is_replaced_and_every_task_counted_once(cluster):
    with ClusterPool(where, cluster.scheduler_address) as pool:
        tasks = pool.run(range(40))
        done = [next(tasks)]
        os.kill(done[0][1], signal.SIGKILL)
        done += tasks
    assert sorted(task for task, _ in done) == list(range(40))


def test_without_dask_the_line_that_installs_it_is_told(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CorridorError, match=r"pip install .*cluster"):
        ClusterPool(where, "tcp://127.0.0.1:1")
    assert "cluster" in module.INSTALL
