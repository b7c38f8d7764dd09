"""Many futures of a study: simulated, journalled and gathered.

A future is a pure function of (study, seed, number), so futures may be run in any order, by any
process, today or after a crash, and fall into their place by number.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

import simfs
from simfs.analysis.measures import weekly_metrics, yearly_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.engine import ENGINES
from simfs.engine.draws import DRAW_SIZE, address_of
from simfs.errors import RunError, UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.future import FutureResult, run_future
from simfs.experiment.journal import WEEKLY_FUTURES, Chunk, Identity
from simfs.experiment.store import Store
from simfs.scenario.scenario import Study

CHUNK = DRAW_SIZE  # futures that are journalled together: one draw, seconds of work
SEED_END = 2**63

Number = TypeVar("Number", bound=np.generic)
RunFuture = Callable[[Study, int, int], FutureResult]
Progress = Callable[[int], None]


def identity_of(study: Study, seed: int) -> Identity:
    """What makes this run itself: scenario, arms, seed, engine and version."""
    return Identity(
        config=hashlib.sha256(study.resolved.encode()).hexdigest(),
        arms=tuple(scenario.arm for scenario in study.arms),
        seed=seed,
        engine=ENGINES[0],
        simfs=simfs.__version__,
    )


def whole_draws(reps: int) -> int:
    """Futures rounded up to whole draws.

    >>> whole_draws(6)
    8
    """
    return -(-reps // DRAW_SIZE) * DRAW_SIZE


def run(
    study: Study,
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    folder: Store | None = None,
    progress: Progress = lambda done: None,
    simulate: RunFuture = run_future,
) -> Outcomes:
    """The outcomes of a study in futures 0 to `reps`, rounded up to whole draws.

    An interrupt may come at any moment: what is in the journal is kept, and a later run with the
    same folder does only the rest.

    Args:
        study: what is run.
        reps: futures of every arm.
        seed: of the run, in [0, 2**63).
        jobs: worker processes; 1 works in this one.
        folder: whose journal keeps finished futures, or None.
        progress: told how many futures are finished, every time there are more.
        simulate: runs one future; must be importable when there is more than one job.

    Raises:
        RunError: a worker process was lost twice on the same futures.
    """
    _check_numbers(reps, seed, jobs)
    futures = whole_draws(reps)
    gathered = _Gathered(futures)
    for chunk in folder.kept() if folder else ():
        gathered.add(chunk)
    progress(gathered.count)
    work = partial(_run_chunk, study, seed, simulate)
    tasks = gathered.missing()
    several = jobs > 1 and len(tasks) > 1
    finished = in_processes(work, tasks, jobs) if several else in_this_process(work, tasks)
    for _, chunk in finished:
        if folder:
            folder.keep(chunk)
        gathered.add(chunk)
        progress(gathered.count)
    return gathered.outcomes(study, seed)


def stored_outcomes(study: Study, store: Store) -> Outcomes:
    """The outcomes that a results folder holds, without running anything.

    Raises:
        RunError: the run in the folder is not finished.
        UsageError: another version of simfs made it.
    """
    if store.identity.simfs != simfs.__version__:
        raise UsageError(
            f"{store.folder} was made by simfs {store.identity.simfs}, and this is "
            f"{simfs.__version__}; run it again with --force, or install that version"
        )
    gathered = _Gathered(store.futures)
    for chunk in store.kept():
        gathered.add(chunk)
    if gathered.count < store.futures:
        raise RunError(
            f"{store.folder} holds {gathered.count} of {store.futures} futures; "
            "finish the run with --resume first"
        )
    return gathered.outcomes(study, store.identity.seed)


def _check_numbers(reps: int, seed: int, jobs: int) -> None:
    if reps < 1:
        raise UsageError(f"the number of futures (--reps) must be 1 or more, got {reps}")
    if not 0 <= seed < SEED_END:
        raise UsageError(f"the seed must be a whole number from 0 to 2^63 - 1, got {seed}")
    if jobs < 1:
        raise UsageError(f"the number of worker processes (--jobs) must be 1 or more, got {jobs}")


@dataclass(frozen=True, slots=True)
class Futures:
    """Futures that are run together, [first, end)."""

    first: int
    end: int

    def __str__(self) -> str:
        return f"futures {self.first} to {self.end - 1}"


def _run_chunk(study: Study, seed: int, simulate: RunFuture, futures: Futures) -> Chunk:
    """Run futures that follow each other."""
    results = [simulate(study, seed, future) for future in range(futures.first, futures.end)]
    weekly = [result[1] for result in results[: max(0, WEEKLY_FUTURES - futures.first)]]
    none_of_these = np.zeros((0, *results[0][1].shape), dtype=np.float32)
    return Chunk(
        futures.first,
        np.stack([result[0] for result in results]),
        np.stack(weekly) if weekly else none_of_these,
    )


class _Gathered:
    """Finished futures falling into their places."""

    def __init__(self, futures: int) -> None:
        self.futures = futures
        self.done = _room((futures,), np.bool_)
        self.yearly: NDArray[np.int64] | None = None
        self.weekly: NDArray[np.float32] | None = None

    @property
    def count(self) -> int:
        """How many futures are finished."""
        return int(self.done.sum())

    def add(self, chunk: Chunk) -> None:
        """Put a chunk in its place; futures beyond the last wanted are left out."""
        if self.yearly is None or self.weekly is None:
            self.yearly, self.weekly = self._room_for(chunk)
        end = min(chunk.end, self.futures)
        wanted = max(0, end - chunk.first)
        self.yearly[:, chunk.first : end] = chunk.yearly[:wanted].swapaxes(0, 1)
        weekly_end = min(end, chunk.first + len(chunk.weekly))
        if weekly_end > chunk.first:
            kept = chunk.weekly[: weekly_end - chunk.first].swapaxes(0, 1)
            self.weekly[:, chunk.first : weekly_end] = kept
        self.done[chunk.first : end] = True

    def _room_for(self, chunk: Chunk) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        _, arms, *yearly = chunk.yearly.shape
        _, _, *weekly = chunk.weekly.shape
        weekly_futures = min(self.futures, WEEKLY_FUTURES)
        return (
            _room((arms, self.futures, *yearly), np.int64),
            _room((arms, weekly_futures, *weekly), np.float32),
        )

    def missing(self) -> tuple["Futures", ...]:
        """Futures still to run, in chunks that end at multiples of `CHUNK`."""
        tasks = []
        for first in range(0, self.futures, CHUNK):
            wanted = np.flatnonzero(~self.done[first : first + CHUNK]) + first
            for row in np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1):
                if len(row):
                    tasks.append(Futures(int(row[0]), int(row[-1]) + 1))
        return tuple(tasks)

    def outcomes(self, study: Study, seed: int) -> Outcomes:
        """All of it, when no future is missing."""
        assert self.yearly is not None
        assert self.weekly is not None
        addresses = [address_of(seed, future) for future in range(self.futures)]
        return Outcomes(
            study=study,
            arms=tuple(scenario.arm for scenario in study.arms),
            seed=seed,
            futures=self.futures,
            draws=np.array([a.draw for a in addresses], dtype=np.int64),
            drifts=np.array([a.drift for a in addresses], dtype=np.int64),
            lucks=np.array([a.luck for a in addresses], dtype=np.int64),
            yearly=self.yearly,
            weekly=self.weekly,
            metrics=yearly_metrics(study),
            weekly_metrics=weekly_metrics(study),
            engine=ENGINES[0],
        )


def _room(shape: tuple[int, ...], kind: type[Number]) -> NDArray[Number]:
    try:
        return np.zeros(shape, dtype=kind)
    except MemoryError as error:
        raise RunError(f"so many futures do not fit in memory ({error})") from None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    Attributes:
        simulations: futures times arms.
        seconds: of all worker processes working at once.
        disk_bytes: journal and tables.
    """

    simulations: int
    seconds: float
    disk_bytes: int


def estimate(
    study: Study, *, reps: int, seed: int, jobs: int, simulate: RunFuture = run_future
) -> Estimate:
    """What a run would take, from running its first future."""
    _check_numbers(reps, seed, jobs)
    futures = whole_draws(reps)
    began = time.perf_counter()
    yearly, weekly = simulate(study, seed, 0)
    seconds = time.perf_counter() - began
    # The tables for readers are about as large again as the journal's yearly numbers.
    disk = 2 * yearly.nbytes * futures + weekly.nbytes * min(futures, WEEKLY_FUTURES)
    return Estimate(futures * len(study.arms), seconds * futures / jobs, disk)
