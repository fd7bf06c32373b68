"""Worker processes: results, reports, errors, and processes that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exchange.errors import CorridorError
from scenarios.workers import ATTEMPTS, Pool, WorkerError, processors


def double(task: int, report) -> int:
    report(("at", task))
    return 2 * task


def refuse(task: int, report) -> int:
    if task == 3:
        raise CorridorError(f"task {task} cannot be done")
    return task


def die_once(task: tuple[int, str], report) -> int:
    """Kill the process at task 2, the first time only."""
    number, mark = task
    if number == 2 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(task: int, report) -> int:
    if task == 1:
        os._exit(7)
    return task


def linger(task: int, report) -> int:
    time.sleep(30)
    return task


@pytest.mark.parametrize("count", [1, 2])
def test_results_and_reports_of_every_task_come_once(count):
    seen = []
    with Pool(double, count, seen.append) as pool:
        assert sorted(pool.run(range(7))) == [0, 2, 4, 6, 8, 10, 12]
        assert sorted(pool.run([10])) == [20], "the processes stay for more"
    assert sorted(seen) == [("at", n) for n in [*range(7), 10]]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_the_work_is_raised_here(count):
    with Pool(refuse, count) as pool, pytest.raises(CorridorError, match="task 3 cannot be done"):
        list(pool.run(range(10)))


def test_a_process_that_dies_is_replaced_and_its_task_done_once(tmp_path, caplog):
    with Pool(die_once, 2) as pool:
        tasks = [(number, str(tmp_path / "died")) for number in range(6)]
        assert sorted(pool.run(tasks)) == list(range(6))
        assert len(pool.processes) == 2
    assert (tmp_path / "died").exists()
    assert [record.getMessage() for record in caplog.records] == [
        "a worker process ended (exit code -9): another repeats what it was at"
    ]


def test_a_task_that_kills_every_process_is_given_up_with_what_to_do():
    with Pool(die_always, 2) as pool, pytest.raises(WorkerError, match=rf"{ATTEMPTS} worker processes died.*--workers"):
        list(pool.run(range(4)))


def killed_always(task: int, report) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_of_processes_that_were_killed_the_signal_is_said():
    with Pool(killed_always, 2) as pool, pytest.raises(WorkerError, match=r"killed by signal 9.*fewer --workers"):
        list(pool.run([1]))


def test_of_processes_that_cannot_import_the_main_module_no_want_of_memory_is_said(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys\nfrom scenarios.workers import Pool, WorkerError\n"
        "if __name__ != '__main__':\n    sys.exit('not anew')\n"
        "try:\n    with Pool(print, 2) as pool:\n        list(pool.run([1]))\n"
        "except WorkerError as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "before they could begin (exit code 1" in said
    assert "__name__ == '__main__'" in said
    assert "memory" not in said


def test_an_idle_process_that_was_killed_is_replaced():
    with Pool(double, 2) as pool:
        assert sorted(pool.run([1, 2])) == [2, 4]
        os.kill(pool.processes[0], signal.SIGKILL)
        assert sorted(pool.run([3, 4, 5])) == [6, 8, 10]


def interrupted(pool):
    """Run tasks until a Ctrl-C comes."""
    with pool:
        next(pool.run(iter_then_interrupt()))


def test_leaving_by_an_exception_leaves_no_process_behind():
    pool = Pool(linger, 2)
    with pytest.raises(KeyboardInterrupt):
        interrupted(pool)
    assert pool.processes == []


def iter_then_interrupt():
    """Yield two tasks, then be interrupted as by Ctrl-C."""
    yield 1
    raise KeyboardInterrupt


def test_there_is_a_processor():
    assert processors() >= 1
