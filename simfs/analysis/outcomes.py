"""What many futures came to: whole numbers by arm, future, financial year and metric."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.measures import Metric
from simfs.engine.tally import IntArray
from simfs.scenario.scenario import Study


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
        yearly: int64[arm, N, year, metric].
        weekly: float32[arm, n, week, weekly metric] of the first n futures, n at most 2,000.
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
    yearly: IntArray
    weekly: NDArray[np.float32]
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

    def of(self, arm: str, key: str) -> IntArray:
        """One metric of one arm, int64[N, year]; raises KeyError."""
        if arm not in self.arms:
            raise KeyError(f"no arm {arm!r}; arms are {', '.join(self.arms)}")
        for column, metric in enumerate(self.metrics):
            if metric.key == key:
                return self.yearly[self.arms.index(arm), :, :, column]
        raise KeyError(f"no yearly metric {key!r}")

    def has(self, key: str) -> bool:
        """Whether a yearly metric of that key was measured."""
        return any(metric.key == key for metric in self.metrics)
