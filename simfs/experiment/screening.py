"""Every uncertain number moved in the company of others: Morris's screening, planned by SALib.

A number, or a group of numbers that hang together, is a factor; its range goes from p10 to p90 in
steps of equal chance. All points are run in the same few futures, each of a drift and a luck of its
own, with everything that is drawn known. SALib is imported here only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy import special

from simfs.analysis.elementary import Screened, effects, screened
from simfs.analysis.factors import Factor, factors_of
from simfs.analysis.headlines import Headline, headline_figure, headlines
from simfs.analysis.intervals import FloatArray
from simfs.analysis.outcomes import Outcomes
from simfs.errors import UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.points import Points, Scores, played
from simfs.experiment.switching import silent
from simfs.experiment.trying import Phase
from simfs.scenario.scenario import Study

NAME = "screening"  # of the file, without its ending
WALKS = 10
FUTURES = 8
LEVELS = 4
LOWEST, HIGHEST = 0.1, 0.9  # chance below the ends of a range


@dataclass(frozen=True, slots=True)
class Screening:
    """What each factor does to one headline figure of one arm, most first.

    Attributes:
        arm: key of the arm.
        headline: the figure.
        factors: by the size of their effect without noise.
        walks: how many.
        futures: in which each point was run.
    """

    arm: str
    headline: Headline
    factors: tuple[Screened, ...]
    walks: int
    futures: int


def must_have_salib() -> Any:
    """SALib's sampling of walks; a UsageError where it is not installed."""
    try:
        from SALib.sample import morris  # noqa: PLC0415  most commands need no screening
    except ImportError as error:
        raise UsageError(f"--screen needs SALib; install simfs[analysis] ({error})") from None
    return morris


def screening_of(
    outcomes: Outcomes, *, jobs: int = 1, walks: int = WALKS, futures: int = FUTURES,
    phase: Phase = silent,
) -> tuple[tuple[Factor, ...], tuple[Screening, ...]]:  # fmt: skip
    """The factors, and for each arm every headline figure.

    Args:
        outcomes: a run of the study, whose seed and engine are taken.
        jobs: worker processes.
        walks: through the space of the factors.
        futures: in which each point is run.
        phase: told what is done next and how many futures that takes; gives what is told of them.

    Raises:
        UsageError: SALib is not installed.
        RunError: a worker process was lost twice on the same futures.
    """
    study = outcomes.study
    factors = _in_order(study)
    plan = walks_of(len(factors), walks, outcomes.seed)
    scores = special.ndtri(LOWEST + (HIGHEST - LOWEST) * plan)
    tasks = [
        Points(tuple(_point(factors, point) for point in walk), tuple(range(futures)), central=True)
        for walk in scores
    ]
    found = dict(_done(outcomes, factors, tasks, jobs, phase))
    figures = [_figures(outcomes, rows) for rows in (found[task] for task in tasks)]
    told = []
    for arm in outcomes.arms[1:]:
        for headline in headlines(study):
            values = np.stack([each[arm, headline.key] for each in figures])
            tables = effects(plan, values)
            mine = [
                screened(one.key, table, len(factors))
                for one, table in zip(factors, tables, strict=True)
            ]
            mine.sort(key=lambda one: (-one.corrected, one.key))
            told.append(Screening(arm, headline, tuple(mine), walks, futures))
    return factors, tuple(told)


def walks_of(factors: int, walks: int, seed: int) -> FloatArray:
    """Random walks in the unit cube, float64[walk, factor + 1, factor], by SALib."""
    problem = {
        "num_vars": factors,
        "names": [str(n) for n in range(factors)],
        "bounds": [[0.0, 1.0]] * factors,
    }
    found = must_have_salib().sample(problem, walks, num_levels=LEVELS, seed=seed % 2**32)
    return np.asarray(found, dtype=np.float64).reshape(walks, factors + 1, factors)


def _in_order(study: Study) -> tuple[Factor, ...]:
    return factors_of(study, tied=True)


def _point(factors: tuple[Factor, ...], scores: FloatArray) -> Scores:
    return tuple((one.key, float(z)) for one, z in zip(factors, scores, strict=True))


def _done(
    outcomes: Outcomes,
    factors: tuple[Factor, ...],
    tasks: list[Points],
    jobs: int,
    phase: Phase,
) -> Any:
    """Each walk with what its points come to."""
    work = partial(played, outcomes.study, factors, outcomes.seed, outcomes.engine)
    total, done = sum(len(one.points) * len(one.futures) for one in tasks), 0
    with phase("walks through all uncertain numbers together", total) as told:
        told(0)
        several = jobs > 1 and len(tasks) > 1
        for asked, rows in (
            in_processes(work, tasks, jobs) if several else in_this_process(work, tasks)
        ):
            done += len(asked.points) * len(asked.futures)
            told(done)
            yield asked, rows


def _figures(
    outcomes: Outcomes, points: tuple[Mapping[str, Any], ...]
) -> dict[tuple[str, str], FloatArray]:
    """Every headline figure at every point of a walk, float64[point, future] each."""
    found: dict[tuple[str, str], list[FloatArray]] = {}
    for rows in points:
        yearly = np.stack([rows[arm] for arm in outcomes.arms])
        there = replace(outcomes, futures=yearly.shape[1], yearly=yearly)
        for arm in outcomes.arms[1:]:
            for one in headlines(outcomes.study):
                figure = headline_figure(there, arm, one)
                found.setdefault((arm, one.key), []).append(figure)
    return {key: np.stack(each) for key, each in found.items()}
