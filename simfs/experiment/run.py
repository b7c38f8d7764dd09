"""Many futures of a study: simulated, journalled and gathered.

A future is a pure function of (study, seed, number), so futures may be run in any order, by any
process, today or after a crash, and fall into their place by number.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import simfs
from simfs.analysis.measures import Metric
from simfs.analysis.outcomes import Outcomes
from simfs.engine import ENGINES
from simfs.engine.draws import DRAW_SIZE
from simfs.errors import RunError, StoreError, UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.future import run_future
from simfs.experiment.gathering import Finished, Futures, Gathered, RunFuture, run_chunk
from simfs.experiment.journal import WEEKLY_FUTURES, Identity
from simfs.experiment.store import Store
from simfs.scenario.config import load
from simfs.scenario.plans import AS_PLANNED
from simfs.scenario.scenario import Study

SEED_END = 2**63
ESTIMATE_SECONDS = 1.0  # of trying, at which an estimate begins no further future

Progress = Callable[[int], None]


class Cluster(Protocol):
    """Workers elsewhere that take chunks."""

    @property
    def workers(self) -> int:
        """How many chunks are worked on at once."""
        ...

    def carry_out(
        self, work: Callable[[Futures], Finished], tasks: Iterator[Futures]
    ) -> Iterator[tuple[Futures, Finished]]:
        """Each task with its result as it is finished."""
        ...


def identity_of(study: Study, seed: int, engine: str = ENGINES[0]) -> Identity:
    """What makes this run itself: scenario, arms, seed, engine and version."""
    return Identity(
        config=hashlib.sha256(study.resolved.encode()).hexdigest(),
        arms=tuple(scenario.arm for scenario in study.arms),
        seed=seed,
        engine=engine,
        simfs=simfs.__version__,
    )


def whole_draws(reps: int) -> int:
    """Futures rounded up to whole draws.

    >>> whole_draws(6)
    8
    """
    return -(-reps // DRAW_SIZE) * DRAW_SIZE


def must_compare(study: Study) -> None:
    """Refuse a study of one arm where arms are to be compared, with a UsageError."""
    if len(study.arms) < 2:
        raise UsageError(
            f"{study.name} has one arm, {study.baseline!r}: there is nothing to compare it with; "
            "give a study with two arms or more, and with --arm one that is not the baseline"
        )


def must_claim(study: Study, source: Path) -> None:
    """Refuse a study whose claims are to be judged and that has none, with a UsageError.

    Args:
        study: what would be run.
        source: the file or folder that it is from.
    """
    if study.claims:
        return
    if study.untested:
        told = "".join(f"\n  {claim.told}" for claim in study.untested)
        raise UsageError(f"{source} makes no claim that can be judged:{told}")
    raise UsageError(
        f"{source} makes no claims: there is nothing to judge; write at least one as [[claims]] "
        "(simfs schema says how), or use simfs run"
    )


def run(
    study: Study,
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    folder: Store | None = None,
    progress: Progress = lambda done: None,
    engine: str = ENGINES[0],
    simulate: RunFuture | None = None,
    cluster: Cluster | None = None,
    kept: tuple[Metric, ...] | None = None,
) -> Outcomes:
    """The outcomes of a study in futures 0 to `reps`, rounded up to whole draws.

    An interrupt may come at any moment: what is in the journal is kept, and a later run with the
    same folder does only the rest.

    Args:
        study: what is run.
        reps: futures of every arm.
        seed: of the run, in [0, 2**63).
        jobs: worker processes; 1 works in this one.
        folder: whose journal keeps finished futures and whose disk holds their numbers, so that
            memory does not grow with them; without one all are held in memory.
        progress: told how many futures are finished, every time there are more.
        engine: name of the engine.
        simulate: runs one future in the engine's place; must be importable when there is more
            than one job.
        cluster: works in the place of processes here, or None.
        kept: the yearly metrics that `simulate` gives where it gives only some, and no weeks.

    Raises:
        RunError: a worker process was lost twice on the same futures, or they do not fit.
    """
    _check_numbers(reps, seed, jobs)
    gathered = Gathered(study, whole_draws(reps), folder.scratch if folder else None, kept)
    for chunk in folder.kept() if folder else ():
        gathered.add(chunk)
    progress(gathered.count)
    work = partial(run_chunk, study, seed, simulate or partial(run_future, engine=engine))
    for _, finished in _carried_out(work, gathered, jobs, cluster):
        if folder:
            folder.keep(finished.chunk)
        gathered.finish(finished)
        progress(gathered.count)
    return gathered.outcomes(seed, engine)


def _carried_out(
    work: Callable[[Futures], Finished], gathered: Gathered, jobs: int, cluster: Cluster | None
) -> Iterator[tuple[Futures, Finished]]:
    """What is still missing, done by whoever is to do it."""
    if cluster is not None:
        return cluster.carry_out(work, gathered.tasks(cluster.workers))
    if jobs > 1 and gathered.left > DRAW_SIZE:
        return in_processes(work, gathered.tasks(jobs), jobs)
    return in_this_process(work, gathered.tasks(1))


def read_outcomes(store: Store) -> Outcomes:
    """The outcomes that a results folder holds, with the study that it was made from.

    Raises:
        RunError: the run in the folder is not finished.
        StoreError: its scenario was changed or torn after the run.
        UsageError: another version of simfs made it, or it holds plans of staffing.
    """
    # first of all: another version's scenario need not even be readable
    if store.identity.simfs != simfs.__version__:
        raise UsageError(
            f"{store.folder} was made by simfs {store.identity.simfs}, and this is "
            f"{simfs.__version__}; run it again with --force, or install that version"
        )
    store.check_resolved()
    study = load(store.resolved)
    # a file may call an arm so too
    if AS_PLANNED in store.identity.arms and AS_PLANNED not in {one.arm for one in study.arms}:
        raise UsageError(
            f"{store.folder} holds plans of staffing; the simfs staffing that made it writes its "
            "files again with --resume"
        )
    return stored_outcomes(study, store)


def stored_outcomes(study: Study, store: Store) -> Outcomes:
    """The outcomes of a study that a results folder holds, without running anything.

    Raises:
        RunError: the run in the folder is not finished.
        StoreError: it is of another study.
    """
    if identity_of(study, store.identity.seed, store.identity.engine) != store.identity:
        raise StoreError(
            f"{store.resolved} is not the scenario that the run in {store.folder} was made from: "
            "it was changed or torn since; run it again with --force, or into another folder"
        )
    gathered = Gathered(study, store.futures, store.scratch)
    for chunk in store.kept():
        gathered.add(chunk)
    if gathered.left:
        raise RunError(
            f"{store.folder} holds {gathered.count} of {store.futures} futures; "
            "finish the run with --resume first"
        )
    return gathered.outcomes(store.identity.seed, store.identity.engine)


def _check_numbers(reps: int, seed: int, jobs: int) -> None:
    if reps < 1:
        raise UsageError(f"the number of futures (--reps) must be 1 or more, got {reps}")
    if not 0 <= seed < SEED_END:
        raise UsageError(f"the seed must be a whole number from 0 to 2^63 - 1, got {seed}")
    if jobs < 1:
        raise UsageError(f"the number of worker processes (--jobs) must be 1 or more, got {jobs}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take.

    Attributes:
        simulations: futures times arms.
        seconds: of all worker processes working at once.
        disk_bytes: journal, tables, and the numbers that they are made from.
    """

    simulations: int
    seconds: float
    disk_bytes: int


def estimate(
    study: Study,
    *,
    reps: int,
    seed: int,
    jobs: int,
    engine: str = ENGINES[0],
    simulate: RunFuture | None = None,
) -> Estimate:
    """What a run would take, from running a few futures of it."""
    _check_numbers(reps, seed, jobs)
    futures = whole_draws(reps)
    run_one = simulate or partial(run_future, engine=engine)
    # The first also pays for what is made ready once; a whole draw shares what is made for it.
    yearly, weekly = run_one(study, seed, 0)
    began = time.perf_counter()
    for tried in range(1, DRAW_SIZE + 1):
        run_one(study, seed, DRAW_SIZE + tried - 1)
        seconds = time.perf_counter() - began
        if seconds > ESTIMATE_SECONDS:
            break
    by_year, by_week = yearly.nbytes * futures, weekly.nbytes * min(futures, WEEKLY_FUTURES)
    # The tables for readers are about as large again as the journal's yearly numbers.
    return Estimate(
        futures * len(study.arms), seconds / tried * futures / jobs, 3 * by_year + 2 * by_week
    )
