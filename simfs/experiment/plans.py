"""Plans of staffing run in the same futures: a plan is an arm, so a grid is a study of many arms.

Only what plans are told by is kept of a future, so a hundred plans take no more room than a run.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from simfs.analysis.measures import Metric, weekly_metrics, yearly_metrics
from simfs.analysis.plan_outcomes import (
    Planned,
    Target,
    target_metrics,
    waiting_by_year,
    waiting_metrics,
    weeks_by_year,
)
from simfs.analysis.savings import SUFFIXES
from simfs.engine import ENGINES
from simfs.experiment.future import FutureResult, run_future
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, run
from simfs.experiment.store import Store
from simfs.scenario.costs import Basis
from simfs.scenario.plans import Plans
from simfs.scenario.scenario import Study
from simfs.scenario.workforce import TeamKind

# of the yearly metrics, those whose key begins so are kept
KEPT = (
    "spend.", "posts.", "agency.", "established.", "handovers.", "cases.", "allocated.", "waited.",
    "wanted.", "met.", "dose_", "unallocated_child_days", "crises_children",
)  # fmt: skip
KEPT_OF_COUNTS = ("_at_end_children", "_child_days", "_starts_children")


def kept_metrics(study: Study) -> tuple[Metric, ...]:
    """What plans are told by: some of the yearly metrics, then who waits for which team."""
    return (*_of_a_run(study), *waiting_metrics(study))


def _of_a_run(study: Study) -> tuple[Metric, ...]:
    """The yearly metrics that are kept: money, staff, counts, and what claims are of."""
    claimed = {f"{claim.metric}{suffix}" for claim in study.claims for suffix in SUFFIXES}
    staff = {
        f"{part}.{cost.key}_pence"
        for arm in study.arms
        for cost in arm.prices.costs
        if cost.basis in {Basis.POST_YEAR, Basis.AGENCY_POST_YEAR}
        for part in ("cost", "empty")
    }
    return tuple(
        metric
        for metric in yearly_metrics(study)
        if metric.key.startswith(KEPT)
        or metric.key.endswith(KEPT_OF_COUNTS)
        or metric.key in claimed | staff
    )


def run_planned_future(
    targets: tuple[Target, ...], engine: str, study: Study, seed: int, future: int
) -> FutureResult:
    """What every plan comes to in one future, of what is kept.

    Returns:
        yearly int64[arm, year, metric], in the order of `kept_metrics` and `target_metrics`, and
        no weeks, float32[arm, week, 0].
    """
    yearly, weekly = run_future(study, seed, future, engine)
    every = [metric.key for metric in yearly_metrics(study)]
    columns = [every.index(metric.key) for metric in _of_a_run(study)]
    weeks = {metric.key: place for place, metric in enumerate(weekly_metrics(study))}
    calendar = study.arms[0].calendar
    held = [
        np.stack([weeks_by_year(target, arm[:, weeks[target.metric]], calendar) for arm in weekly])
        for target in targets
    ]
    waiting = [
        waiting_by_year(weekly[:, :, weeks[f"unallocated.{team.key}"]], calendar)[:, :, np.newaxis]
        for team in study.arms[0].teams
        if team.kind is TeamKind.SOCIAL_WORK
    ]
    # [arm, met or counted, year] of each target to [arm, year, column]
    told = [yearly[:, :, columns], *waiting, *(one.swapaxes(1, 2) for one in held)]
    return np.concatenate(told, axis=2), np.zeros((*weekly.shape[:2], 0), dtype=np.float32)


def planned_future(engine: str, targets: tuple[Target, ...] = ()) -> RunFuture:
    """What runs one future of plans in an engine's place."""
    return partial(run_planned_future, targets, engine)


def plans_run(
    plans: Plans,
    numbers: Sequence[int],
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    targets: tuple[Target, ...] = (),
    folder: Store | None = None,
    engine: str = ENGINES[0],
    progress: Progress = lambda done: None,
) -> Planned:
    """Some plans, the baseline and the file's own plan in the same futures.

    Args:
        plans: what is varied.
        numbers: which of the plans.
        reps: futures of every plan, rounded up to whole draws.
        seed: of the run.
        jobs: worker processes.
        targets: that weeks are held against.
        folder: whose journal keeps finished futures, or None.
        engine: name of the engine.
        progress: told how many futures of all plans are finished.

    Raises:
        UsageError: the file's own rules refuse a plan.
        RunError: a worker process was lost twice on the same futures, or they do not fit.
    """
    study = plans.studied(numbers)
    outcomes = run(
        study,
        reps=reps,
        seed=seed,
        jobs=jobs,
        folder=folder,
        progress=progress,
        engine=engine,
        simulate=planned_future(engine, targets),
        kept=(*kept_metrics(study), *target_metrics(targets)),
    )
    return Planned(plans, tuple(numbers), outcomes, targets)
