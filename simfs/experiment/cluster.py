"""Chunks of futures on a Dask cluster that is there already.

The cluster only works: the journal, the order of the tasks and the bounded number of them that are
under way stay here, so a lost cluster loses no more than a lost process does.
"""

import pkgutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import distributed
from distributed.client import FutureCancelledError
from distributed.comm.addressing import get_address_host_port
from distributed.scheduler import KilledWorker

import simfs
from simfs.errors import RunError, UsageError
from simfs.experiment.executors import Task, answer_of, result_of

CONNECT_SECONDS = 5
AHEAD = 2  # tasks for each worker that are under way: one in work, one waiting beside it

Result = TypeVar("Result")
DaskFuture = distributed.Future[Any]


class DaskCluster:
    """A cluster of workers that have the same simfs as this process.

    Attributes:
        workers: how many tasks are worked on at once.
    """

    def __init__(self, client: distributed.Client, workers: int) -> None:
        self.workers = workers
        self._client = client

    def carry_out(
        self, work: Callable[[Task], Result], tasks: Iterator[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Each task with its result as it is finished; closing the iterator gives up the rest.

        Raises:
            RunError: the cluster or its workers were lost, or simfs refused a task.
        """
        under_way: dict[DaskFuture, Task] = {}
        # The work holds the whole study: it travels to each worker once, not with each task.
        # Without a hash: equal work that an earlier call is just giving up must not be shared.
        everywhere = self._client.scatter(work, broadcast=True, hash=False)
        finished = distributed.as_completed((), loop=self._client.loop)
        try:
            for task in tasks:
                ahead = self._client.submit(answer_of, everywhere, task, pure=False)
                under_way[ahead] = task
                finished.add(ahead)
                if len(under_way) >= AHEAD * self.workers:
                    yield self._taken(next(finished), under_way)
            while under_way:
                yield self._taken(next(finished), under_way)
        finally:
            self._client.cancel(list(under_way), force=True)

    def _taken(self, future: DaskFuture, under_way: dict[DaskFuture, Task]) -> tuple[Task, Result]:
        task = under_way.pop(future)
        try:
            answer = future.result()
        except (KilledWorker, FutureCancelledError, OSError) as error:
            raise RunError(f"the Dask cluster gave up on {task}: {error}") from None
        result: Result = result_of(answer, task)
        return task, result


@contextmanager
def cluster_at(address: str) -> Iterator[DaskCluster]:
    """The cluster of the scheduler at an address, such as "tcp://10.0.0.1:8786".

    Raises:
        UsageError: nothing answers there, it has no workers, or one has another simfs.
    """
    try:
        # First by hand: a client that fails can lock up the next when it is thrown away.
        with socket.create_connection(get_address_host_port(address), CONNECT_SECONDS):
            pass
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"--dask {address}: no Dask scheduler answers there within {CONNECT_SECONDS} seconds "
            f"({_first_line(error)})"
        ) from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise UsageError(f"--dask {address}: the scheduler has no workers; start one or more")
        _check_versions(client, address)
        yield DaskCluster(client, sum(threads.values()))


def _check_versions(client: distributed.Client, address: str) -> None:
    """Refuse workers that would simulate something else."""
    # Resolved there by name: a worker without simfs could not even read a function of simfs.
    found = client.run(pkgutil.resolve_name, "simfs:__version__", on_error="return")
    for worker, version in sorted(found.items()):
        if version != simfs.__version__:
            what = f"simfs {version}" if isinstance(version, str) else f"no simfs ({version})"
            raise UsageError(
                f"--dask {address}: worker {worker} has {what}, and this is simfs "
                f"{simfs.__version__}; install the same version there"
            )


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
