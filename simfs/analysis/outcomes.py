"""What many futures came to: whole numbers by arm, future, financial year and metric."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import Metric
from simfs.engine.tally import IntArray
from simfs.scenario.scenario import Study

Number = TypeVar("Number", bound=np.generic)
Kind_co = TypeVar("Kind_co", bound=np.generic, covariant=True)

ALL = slice(None)


class Columns(Protocol[Kind_co]):
    """A table [arm, future, period, metric] too large for memory, read one metric at a time."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Arms, futures, periods and metrics."""
        ...

    def column(self, arm: int, metric: int, futures: slice) -> NDArray[Kind_co]:
        """One metric of one arm by number, [future, period]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """All that the questions are answered from.

    Attributes:
        study: what was run.
        arms: keys of the arms, baseline first.
        seed: seed of the run.
        futures: number of futures of each arm, N.
        draws: draw of each future, int64[N].
        drifts: drift of each future within its draw, int64[N].
        lucks: luck of each future within its draw, int64[N].
        yearly: int64[arm, N, year, metric], in memory or on disk.
        weekly: float32[arm, n, week, weekly metric] of the first n futures, n at most 2,000; in
            memory or on disk.
        metrics: yearly metrics, in order.
        weekly_metrics: weekly metrics, in order.
        engine: name of the engine.
        drift: whether the authority's own wandering was switched on; without it, futures that
            differ in drift differ in luck only.
    """

    study: Study
    arms: tuple[str, ...]
    seed: int
    futures: int
    draws: IntArray
    drifts: IntArray
    lucks: IntArray
    yearly: IntArray | Columns[np.int64]
    weekly: NDArray[np.float32] | Columns[np.float32]
    metrics: tuple[Metric, ...]
    weekly_metrics: tuple[Metric, ...]
    engine: str
    drift: bool = False

    @property
    def baseline(self) -> str:
        """Key of the arm that others are compared with."""
        return self.arms[0]

    @property
    def years(self) -> tuple[str, ...]:
        """Labels of the financial years, such as "2023/24"."""
        return tuple(label for label, _, _ in self.study.arms[0].calendar.years)

    @property
    def weeks(self) -> int:
        """How many weeks were kept of each future."""
        return self.weekly.shape[2]

    def of(self, arm: str, key: str, futures: slice = ALL) -> IntArray:
        """One metric of one arm, int64[N, year], or of some futures; raises KeyError."""
        for column, metric in enumerate(self.metrics):
            if metric.key == key:
                return _column(self.yearly, self._number_of(arm), column, futures)
        raise KeyError(f"no yearly metric {key!r}")

    def weekly_of(self, arm: str, column: int) -> NDArray[np.float32]:
        """One weekly metric of one arm, by its place, float32[n, week]; raises KeyError."""
        return _column(self.weekly, self._number_of(arm), column, ALL)

    def weekly_place(self, key: str) -> int:
        """Where a weekly metric stands; raises KeyError."""
        for column, metric in enumerate(self.weekly_metrics):
            if metric.key == key:
                return column
        raise KeyError(f"no weekly metric {key!r}")

    def has(self, key: str) -> bool:
        """Whether a yearly metric of that key was measured."""
        return any(metric.key == key for metric in self.metrics)

    def _number_of(self, arm: str) -> int:
        if arm not in self.arms:
            raise KeyError(f"no arm {arm!r}; arms are {', '.join(self.arms)}")
        return self.arms.index(arm)


def _column(
    table: NDArray[Number] | Columns[Number], arm: int, metric: int, futures: slice
) -> NDArray[Number]:
    if isinstance(table, np.ndarray):
        return table[arm, futures, :, metric]
    return table.column(arm, metric, futures)
