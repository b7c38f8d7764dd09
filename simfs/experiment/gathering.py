"""Finished futures falling into their places, and what is still to be done, in chunks.

A chunk is some seconds of work: long enough that files and messages cost nothing beside it, short
enough that little is lost with it. How many futures that is shows as the run goes. No result
depends on it: a future has its place by number, whatever it was run with.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import Metric, weekly_metrics, yearly_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.engine.draws import DRAW_SIZE, Address, address_of
from simfs.errors import RunError
from simfs.experiment.columns import ColumnFile
from simfs.experiment.future import FutureResult
from simfs.experiment.journal import WEEKLY_FUTURES, Chunk
from simfs.scenario.scenario import Study

CHUNK_SECONDS = 2.0
CHUNK_MOST = 64  # futures: with their weeks, some megabytes on the way from process to process
PARTS = 8  # of what is left, for each worker: the last chunks are small, so all end together

Number = TypeVar("Number", bound=np.generic)
RunFuture = Callable[[Study, int, int], FutureResult]


@dataclass(frozen=True, slots=True)
class Futures:
    """Futures that are run together, [first, end)."""

    first: int
    end: int

    def __str__(self) -> str:
        return f"futures {self.first} to {self.end - 1}"


@dataclass(frozen=True, slots=True)
class Finished:
    """A chunk, and the seconds that a future of it took."""

    chunk: Chunk
    seconds: float


def run_chunk(study: Study, seed: int, simulate: RunFuture, futures: Futures) -> Finished:
    """Run futures that follow each other."""
    began = time.perf_counter()
    results = [simulate(study, seed, future) for future in range(futures.first, futures.end)]
    seconds = (time.perf_counter() - began) / len(results)
    weekly = [result[1] for result in results[: max(0, WEEKLY_FUTURES - futures.first)]]
    none_of_these = np.zeros((0, *results[0][1].shape), dtype=np.float32)
    yearly = np.stack([result[0] for result in results])
    return Finished(
        Chunk(futures.first, yearly, np.stack(weekly) if weekly else none_of_these), seconds
    )


class Gathered:
    """The outcomes of a study while they come in."""

    def __init__(
        self,
        study: Study,
        futures: int,
        folder: Path | None,
        kept: tuple[Metric, ...] | None = None,
    ) -> None:
        """Make room for so many futures: on the disk of `folder`, or in memory without one.

        With `kept`, these are the yearly metrics, and no weeks are kept.
        """
        self.study = study
        self.metrics = yearly_metrics(study) if kept is None else kept
        self.weekly_metrics = weekly_metrics(study) if kept is None else ()
        self.futures = futures
        self._gaps = [(0, futures)]
        self._quickest: float | None = None
        arms, calendar = len(study.arms), study.arms[0].calendar
        weeks = (min(futures, WEEKLY_FUTURES), calendar.weeks, len(self.weekly_metrics))
        years = (futures, len(calendar.years), len(self.metrics))
        self.yearly = _room(folder, (arms, *years), np.int64)
        self.weekly = _room(folder, (arms, *weeks), np.float32)

    @property
    def left(self) -> int:
        """How many futures are not finished."""
        return sum(end - first for first, end in self._gaps)

    @property
    def count(self) -> int:
        """How many futures are finished."""
        return self.futures - self.left

    def add(self, chunk: Chunk) -> None:
        """Put a chunk in its place; futures beyond the last wanted are left out."""
        wanted = max(0, min(chunk.end, self.futures) - chunk.first)
        _put(self.yearly, chunk.first, chunk.yearly[:wanted])
        with_weeks = max(0, min(wanted, self.weekly.shape[1] - chunk.first))
        _put(self.weekly, chunk.first, chunk.weekly[:with_weeks])
        sides = [
            side
            for first, end in self._gaps
            for side in ((first, min(end, chunk.first)), (max(first, chunk.end), end))
        ]
        self._gaps = [(first, end) for first, end in sides if first < end]

    def finish(self, finished: Finished) -> None:
        """Put a chunk of this run in its place, and learn how long a future takes."""
        self.add(finished.chunk)
        if self._quickest is None or finished.seconds < self._quickest:
            self._quickest = finished.seconds

    def tasks(self, workers: int) -> Iterator[Futures]:
        """Futures still to run, in chunks that end with a draw, each cut when it is asked for."""
        for first, end in tuple(self._gaps):
            at = first
            while at < end:
                upto = (at // DRAW_SIZE + self._draws_in_a_chunk(workers)) * DRAW_SIZE
                yield Futures(at, min(upto, end))
                at = upto

    def _draws_in_a_chunk(self, workers: int) -> int:
        if self._quickest is None:
            return 1
        futures = min(CHUNK_MOST, self.left / (PARTS * workers))
        if self._quickest > 0:
            futures = min(futures, CHUNK_SECONDS / self._quickest)
        return max(1, int(futures / DRAW_SIZE))

    def outcomes(self, seed: int, engine: str) -> Outcomes:
        """All of it, when no future is missing."""
        numbers = ((a.draw, a.drift, a.luck) for a in _addresses(seed, self.futures))
        addresses = np.fromiter(numbers, np.dtype((np.int64, 3)), self.futures)
        draws, drifts, lucks = np.ascontiguousarray(addresses.T)
        return Outcomes(
            study=self.study,
            arms=tuple(scenario.arm for scenario in self.study.arms),
            seed=seed,
            futures=self.futures,
            draws=draws,
            drifts=drifts,
            lucks=lucks,
            yearly=self.yearly,
            weekly=self.weekly,
            metrics=self.metrics,
            weekly_metrics=self.weekly_metrics,
            engine=engine,
            drift=any(scenario.walks for scenario in self.study.arms),
        )


def _addresses(seed: int, futures: int) -> Iterator[Address]:
    return (address_of(seed, future) for future in range(futures))


def _room(
    folder: Path | None, shape: tuple[int, int, int, int], kind: type[Number]
) -> NDArray[Number] | ColumnFile[Number]:
    if folder is not None:
        return ColumnFile(folder, shape, kind)
    try:
        return np.zeros(shape, dtype=kind)
    except (MemoryError, ValueError) as error:  # too large for the machine, or for any
        raise RunError(f"so many futures do not fit in memory ({error})") from None


def _put(table: NDArray[Number] | ColumnFile[Number], first: int, rows: NDArray[Number]) -> None:
    """Put rows [future, arm, period, metric] in a table from number `first`."""
    if isinstance(table, ColumnFile):
        table.put(first, rows)
    else:
        table[:, first : first + len(rows)] = rows.swapaxes(0, 1)
