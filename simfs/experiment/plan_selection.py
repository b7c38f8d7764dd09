"""The best of some plans with a stated probability: draws are spent where plans are close."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from simfs.analysis.intervals import FloatArray
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.savings import SAVING_LABELS, is_priced, saving
from simfs.analysis.selection import Selection, Told, select
from simfs.engine import ENGINES
from simfs.engine.draws import DRAW_SIZE, address_of
from simfs.engine.tally import IntArray
from simfs.errors import UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.plans import kept_metrics, run_planned_future
from simfs.scenario.plans import Plans
from simfs.scenario.scenario import Study
from simfs.scenario.wording import nearest

NAME = "staffing-best"  # of the files, without their endings
WAITING = "unallocated"
DRAWS_AT_A_TIME = 8  # of each worker process


@dataclass(frozen=True, slots=True)
class Aim:
    """What plans are compared by.

    Attributes:
        key: as on the command line.
        label: words for people.
        unit: "£" or "children".
        sign: 1 where more is better, −1 where less is.
    """

    key: str
    label: str
    unit: str
    sign: int


@dataclass(frozen=True, slots=True)
class Picked:
    """The best of some plans.

    Attributes:
        plans: that were compared.
        aim: by what.
        selection: plans in the order of `plans.levels`.
    """

    plans: Plans
    aim: Aim
    selection: Selection


def aims(study: Study) -> tuple[Aim, ...]:
    """All that plans may be compared by."""
    money = [
        Aim(key.removesuffix("_pence"), label.removeprefix("… of it: "), "£", 1)
        for key, label in SAVING_LABELS.items()
        if is_priced(study)
    ]
    return (*money, Aim(WAITING, "Children without a worker, on a day", "children", -1))


def aim_of(study: Study, key: str) -> Aim:
    """The aim of that key.

    Raises:
        UsageError: there is none.
    """
    known = {aim.key: aim for aim in aims(study)}
    if key not in known:
        raise UsageError(
            f"--best {key}: plans cannot be compared by it{nearest(key, list(known))}; possible "
            f"are {', '.join(known)}"
        )
    return known[key]


def best_plan(
    plans: Plans,
    aim: Aim,
    *,
    within: float,
    confidence: float,
    most: int | None = None,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    told: Told = lambda draws, left, latest: None,
) -> Picked:
    """The plan with the best mean, picked with a probability of at least `confidence`.

    Args:
        plans: all are compared.
        aim: by what; money over the whole run.
        within: the least difference that matters, in the aim's unit.
        confidence: as `simfs.analysis.selection` states.
        most: no more draws than this, or None.
        seed: of the run; plans have the same luck.
        jobs: worker processes.
        engine: name of the engine.
        told: as in `select`.

    Raises:
        UsageError: a number cannot be obeyed, or the file's rules refuse a plan.
        RunError: a worker process was lost twice on the same draw.
    """

    def observe(asked: Sequence[int], draws: range) -> FloatArray:
        work = partial(_in_draw, plans.studied(asked), aim, seed, engine)
        several = jobs > 1 and len(draws) > 1
        done = in_processes(work, draws, jobs) if several else in_this_process(work, draws)
        found = dict(done)
        return np.array([found[draw] for draw in draws])

    selection = select(
        observe, len(plans.levels), within, confidence,
        most=most, batch=DRAWS_AT_A_TIME * jobs, told=told,
    )  # fmt: skip
    return Picked(plans, aim, selection)


def _in_draw(study: Study, aim: Aim, seed: int, engine: str, draw: int) -> FloatArray:
    """What each plan comes to in a draw, the mean of its futures; larger is better."""
    futures = range(draw * DRAW_SIZE, (draw + 1) * DRAW_SIZE)
    rows = [run_planned_future((), engine, study, seed, future)[0] for future in futures]
    outcomes = _of_futures(study, seed, engine, futures, np.stack(rows, axis=1))
    return np.array([aim.sign * _figure(outcomes, arm, aim.key) for arm in outcomes.arms[2:]])


def _figure(outcomes: Outcomes, arm: str, key: str) -> float:
    if key == WAITING:
        days = outcomes.study.arms[0].calendar.days
        waited = outcomes.of(arm, "unallocated_child_days").sum(axis=1)
        return float(waited.mean()) / days
    return float(saving(outcomes, arm, f"{key}_pence").sum(axis=1).mean()) / PENCE_PER_POUND


def _of_futures(study: Study, seed: int, engine: str, futures: range, yearly: IntArray) -> Outcomes:
    """The outcomes of some futures that follow each other; yearly int64[arm, future, year, …]."""
    at = [address_of(seed, future) for future in futures]
    weeks = study.arms[0].calendar.weeks
    return Outcomes(
        study=study,
        arms=tuple(scenario.arm for scenario in study.arms),
        seed=seed,
        futures=len(futures),
        draws=np.array([one.draw for one in at]),
        drifts=np.array([one.drift for one in at]),
        lucks=np.array([one.luck for one in at]),
        yearly=yearly,
        weekly=np.zeros((len(study.arms), 0, weeks, 0), dtype=np.float32),
        metrics=kept_metrics(study),
        weekly_metrics=(),
        engine=engine,
    )
