"""What each effect carries of the central gross saving: the same futures again without it.

A pure function of the study and the seed, so a report may be written again from either.
"""

from collections.abc import Callable, Mapping

import numpy as np

from simfs.analysis.grades import Graded, graded_saving, gross_costs
from simfs.analysis.measures import Metric, gross_metrics, yearly_metrics
from simfs.engine import ENGINES, fault_of
from simfs.engine.tally import IntArray
from simfs.experiment.future import central_futures
from simfs.scenario.mechanisms import effects_of, without_effects
from simfs.scenario.scenario import Scenario, Study

FUTURES = 8
FEWEST = 8
SIMULATIONS = 400  # of all scenarios together, while there are futures enough for an error
FUTURES_OF_THE_REFERENCE = 4  # sixty times as slow; the standard errors say what that costs


# Looks whole numbers up by a name, or computes them.
Remembered = Callable[[str, Callable[[], IntArray]], IntArray]


def graded(
    study: Study,
    *,
    seed: int,
    futures: int = FUTURES,
    engine: str = ENGINES[0],
    remembered: Remembered = lambda name, compute: compute(),
) -> tuple[Graded, ...]:
    """The central gross saving of every arm that has effects and prices, by effect and cost line.

    Args:
        study: what is run.
        seed: of all runs.
        futures: at most so many, with the luck of the draw of central values; drift is off.
        engine: name of the engine; where it cannot run here, the readable one does it.
        remembered: where the further futures of this study and seed may have been kept.
    """
    engine = engine if fault_of(engine) is None else ENGINES[-1]
    baseline = study.arm(study.baseline)
    asked = [
        arm
        for arm in study.arms
        if arm.arm != study.baseline and effects_of(arm) and gross_costs(baseline, arm)
    ]
    # arms and what is left of them, each once: many effects do not reach the baseline
    scenarios = list(
        dict.fromkeys(
            without_effects(one, off)
            for arm in asked
            for off in _left_out(arm)
            for one in (baseline, arm)
        )
    )
    if not scenarios:
        return ()
    most = min(max(SIMULATIONS // len(scenarios), FEWEST), FUTURES)
    if engine != ENGINES[0]:
        most = FUTURES_OF_THE_REFERENCE
    metrics = yearly_metrics(study)
    count = min(futures, most)
    totals = remembered(
        f"central-{count}-{engine}",
        lambda: central_futures(scenarios, metrics, seed, count, engine).sum(axis=2),
    )
    pence = dict(zip(scenarios, totals, strict=True))
    return tuple(_shared_out(study, arm, metrics, pence) for arm in asked)


def _left_out(arm: Scenario) -> list[tuple[str, ...]]:
    """No effect, then each effect of an arm, then all of them, by key."""
    keys = tuple(effect.key for effect in effects_of(arm))
    return [(), *((key,) for key in keys), keys]


def _shared_out(
    study: Study,
    arm: Scenario,
    metrics: tuple[Metric, ...],
    pence: Mapping[Scenario, IntArray],
) -> Graded:
    """The saving of one arm as it is, without each of its effects, and without any.

    Args:
        study: what is run.
        arm: one of its arms.
        metrics: the columns of `pence`.
        pence: of every scenario over all years, int64[future, metric].
    """
    baseline = study.arm(study.baseline)
    places = {metric.key: place for place, metric in enumerate(metrics)}
    lines = [[places[key] for key in gross_metrics(cost)] for cost in gross_costs(baseline, arm)]
    # a reform brings effects to the baseline too, which must be without them as well
    saved = {
        off: pence[without_effects(baseline, off)] - pence[without_effects(arm, off)]
        for off in _left_out(arm)
    }
    on_lines = {
        off: np.stack([fall[:, columns].sum(axis=1) for columns in lines], axis=1)
        for off, fall in saved.items()
    }
    *_, every = _left_out(arm)
    singly = {key: on_lines[key,] for key in every}
    return graded_saving(study, arm.arm, on_lines[()], singly, on_lines[every])
