"""A scenario's figures at rest, by the traffic equations: what counts are compared with."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from simfs.engine.tables import EDGES, stay_table
from simfs.scenario.durations import Stay
from simfs.scenario.fit import Figure, Metric
from simfs.scenario.pathway import Stage
from simfs.scenario.scenario import DAYS_PER_YEAR, Scenario
from simfs.scenario.traffic import Traffic, stationary

FloatArray = NDArray[np.float64]

MONTH = DAYS_PER_YEAR / 12
OPEN_DAYS = 3653  # ten years; what is open for longer counts as open for ten
FOLLOWED_TO = 0.01  # children a year: far below what any count can tell
ROUNDS = 6  # times that a case may come back within one stock


def figures_at_rest(scenario: Scenario, metrics: tuple[Metric, ...]) -> tuple[FloatArray, Traffic]:
    """The figures in the order of `metrics`, and the traffic that they were read from.

    Raises:
        ValueError: the span of a stock whose stages draw the route first.
    """
    traffic = stationary(scenario, FOLLOWED_TO)
    return np.array([_figure(scenario, traffic, metric) for metric in metrics]), traffic


def _figure(scenario: Scenario, traffic: Traffic, metric: Metric) -> float:
    match metric.figure:
        case Figure.STOCK:
            return traffic.counts[metric.of]
        case Figure.STARTS | Figure.ENDS:
            return traffic.starts[metric.of]
        case Figure.ENTRIES:
            return traffic.entries[metric.of]
        case Figure.EXITS:
            return traffic.exits[metric.of]
        case Figure.OPEN:
            open_ = open_by_age(scenario, traffic, metric.of)
            first, last = (min(months * MONTH, OPEN_DAYS) for months in metric.months)
            return float(open_[round(first) : round(last)].sum() / open_.sum())


def open_by_age(scenario: Scenario, traffic: Traffic, count: str) -> FloatArray:
    """Children of a stock by days since they entered it, float64[3,653].

    Each stage's entries by day since the stock was entered are followed through the stages of the
    stock: those from outside enter at once, those from within when their stay there ends.

    Raises:
        ValueError: a stage of the stock draws the route first, so it has no stay of its own.
    """
    stages = {stage.key: stage for stage in scenario.pathway.stages if count in stage.counts}
    inside = {
        (one, to): traffic.moves.get((one, to), 0.0) / max(traffic.entries[one], 1e-12)
        for one in stages
        for to in stages
    }
    coming = {
        key: traffic.entries[key] - sum(inside[one, key] * traffic.entries[one] for one in stages)
        for key in stages
    }
    ends = {key: _ends(stage) for key, stage in stages.items()}
    open_ = np.zeros(OPEN_DAYS)
    entering = {key: np.eye(1, OPEN_DAYS)[0] * flow for key, flow in coming.items()}
    for _ in range(ROUNDS):
        leaving = {
            key: signal.fftconvolve(flow, ends[key])[:OPEN_DAYS] for key, flow in entering.items()
        }
        for key, flow in entering.items():
            open_ += np.cumsum(flow - leaving[key])
        entering = {
            to: np.sum([inside[one, to] * leaving[one] for one in stages], axis=0) for to in stages
        }
    return np.maximum(open_, 0.0)


def _ends(stage: Stage) -> FloatArray:
    """Chance that a stay ends on each day."""
    stay: Stay | None = stage.stay
    if stay is None or stay.until_18:
        raise ValueError(f"stage {stage.key!r} has no stay of its own")
    below = np.interp(np.arange(OPEN_DAYS + 1), stay.mean * stay_table(stay.shape), EDGES)
    return np.diff(below)
