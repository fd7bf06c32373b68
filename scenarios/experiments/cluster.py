"""Trials on a Dask cluster, by the address of its scheduler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any

from exchange.errors import CorridorError

INSTALL = 'pip install "customs-corridor[cluster]"'
PATIENCE = 10.0
"""Wall seconds for the scheduler to answer."""
AHEAD = 3
"""Tasks under way for each thread of the cluster, so that none waits for the next."""


class ClusterError(CorridorError):
    """The cluster cannot be used."""


class ClusterPool:
    """Does ``work`` on the cluster at ``address`` (``tcp://host:8786``); a context manager.

    The cluster replaces workers that die and repeats what they were at; a result is yielded once. Its workers need
    Corridor installed in the same version.
    """

    def __init__(self, work: Callable[[Any], Any], address: str) -> None:
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise ClusterError(f"--cluster needs Dask, which is not installed: {INSTALL}") from error
        self._work = work
        self._address = address
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            text = f"no Dask scheduler answers at {address}: start one ('dask scheduler', then 'dask worker {address}')"
            raise ClusterError(text) from error

    def __enter__(self) -> ClusterPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def run(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """Do ``tasks`` and yield the results as they come; the work's errors are raised here."""
        from distributed import KilledWorker, as_completed

        threads = sum(self._client.nthreads().values())
        if not threads:
            raise ClusterError(f"the cluster at {self._address} has no workers: start some ('dask worker')")
        waiting = iter(tasks)
        under_way = [self._submit(task) for task in islice(waiting, threads * AHEAD)]
        with self._client.as_current():
            done = as_completed(under_way)
        for future in done:
            try:
                result = future.result()
            except KilledWorker as error:
                raise ClusterError(
                    f"workers of the cluster at {self._address} died on the same task: {error}"
                ) from None
            future.release()
            for task in islice(waiting, 1):
                done.add(self._submit(task))
            yield result

    def _submit(self, task: Any) -> Any:
        return self._client.submit(self._work, task, pure=False)


__all__ = ["INSTALL", "ClusterError", "ClusterPool"]
