"""Forecasts of other places and years, from what was known then, against what happened.

Each case is run in three arms with the same families and the same drift: nothing changed (the
placebo), the practice under the preset in force, and the practice under the preset that is to be
seen to fail.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.forecasts import Point, Score, point, score
from simfs.engine import ENGINES, count
from simfs.engine.compile import compile_scenario, values_in_draw
from simfs.engine.draws import DRAW_SIZE, address_of
from simfs.engine.drift import environment_of
from simfs.engine.program import Program
from simfs.errors import UsageError
from simfs.experiment.executors import in_processes, in_this_process
from simfs.experiment.observed import Observed
from simfs.experiment.places import Place, Scaling, base_year, place_of, series_of
from simfs.experiment.run import whole_draws
from simfs.scenario.config import load, presets_of
from simfs.scenario.fit import Backtest, Badge, Case, Figure, Target
from simfs.scenario.scenario import Scenario, Study

FloatArray = NDArray[np.float64]

NAME = "backtest"  # of the files, without their endings
YEARS = 3  # ahead
CHUNK = 40  # futures
PLACEBO = "placebo"
TO_BE_REJECTED = "published_claim"

Progress = Callable[[int], None]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Some futures of one case."""

    case: int
    first: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One case, ready to run: an arm's scenario by its name in the results."""

    place: Place
    arms: tuple[tuple[str, Scenario], ...]
    targets: tuple[Target, ...]
    misses: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A back-test.

    Attributes:
        points: every forecast and what happened.
        forecasts: float64[future, year, series] by case, then arm.
        scores: by arm, in the order of the arms.
        cases: as they were run.
        misses: by case, how far the scaled scenario is from a count of the base year, in logs.
        badge: for reports.
        futures: of every case.
    """

    points: tuple[Point, ...]
    forecasts: dict[tuple[int, str], FloatArray]
    scores: dict[str, Score]
    cases: tuple[Case, ...]
    misses: tuple[dict[str, float], ...]
    badge: Badge
    futures: int


def plan_of(study: Study) -> Backtest:
    """How a study is back-tested; raises UsageError where its file does not say."""
    if study.backtest is None:
        raise UsageError(
            f"{study.name} has no [backtest]: say what is scaled to a place and which counts it is "
            "to meet; configs/bury.toml shows how"
        )
    return study.backtest


def cases_of(
    study: Study, observed: Observed, authorities: Sequence[str] = (), base: int | None = None
) -> tuple[Case, ...]:
    """What is forecast: the file's own cases, or those of the authorities that are named.

    Args:
        study: whose file may have cases.
        observed: counts, which say when an authority introduced the practice.
        authorities: named; empty takes the file's own cases.
        base: year of the 31 March from which they are forecast, or None: the last before go-live.

    Raises:
        UsageError: there is none, or an authority or its day of go-live is not known.
    """
    plan = plan_of(study)
    if authorities:
        years = {name: base_year(observed, name) for name in authorities}
        return tuple(Case(name, base or year) for name, year in years.items())
    if base is not None:
        raise UsageError("--base goes with --authority; name the authority it is the year of")
    if not plan.cases:
        raise UsageError(
            f"{study.name} has no cases in [backtest]; add some, or name one with --authority"
        )
    return plan.cases


def to_be_rejected(config: Path, study: Study, sets: Sequence[str] = ()) -> dict[str, Study]:
    """The study under the preset that is to be seen to fail, where the file has it besides."""
    known = [preset.key for preset in presets_of(config)]
    if study.preset == TO_BE_REJECTED or TO_BE_REJECTED not in known:
        return {}
    kept = [item for item in sets if not item.replace(" ", "").startswith("study.preset=")]
    return {TO_BE_REJECTED: load(config, sets=kept, preset=TO_BE_REJECTED)}


def places_of(study: Study, observed: Observed, cases: Sequence[Case]) -> list[Place]:
    """What is known of each case's place; raises UsageError where a forecast cannot be judged."""
    plan = plan_of(study)
    if (study.preset or practice_arm(study)) == PLACEBO:
        raise UsageError(f"{PLACEBO!r} is what a back-test calls no change; rename it in the file")
    practice_arm(study)
    places = [place_of(plan, observed, case) for case in cases]
    if not any(_is_counted_later(plan, observed, case) for case in cases):
        raise UsageError(
            f"{observed.name} has no count after the base years "
            f"({', '.join(sorted({str(case.base) for case in cases}))}) to compare with"
        )
    return places


def _is_counted_later(plan: Backtest, observed: Observed, case: Case) -> bool:
    years = range(case.base + 1, case.base + YEARS + 1)
    return any(
        year in observed.series(case.authority, target.series)
        for target in series_of(plan)
        for year in years
    )


def prepare(
    study: Study,
    others: dict[str, Study],
    observed: Observed,
    cases: Sequence[Case],
    jobs: int = 1,
) -> list[Prepared]:
    """The cases, each scaled to its place.

    Args:
        study: with the preset in force; its baseline is the placebo, its first other arm the
            practice.
        others: the same study under other presets, by preset.
        observed: counts; nothing after a case's base year is looked at here.
        cases: authorities and years.
        jobs: worker processes.

    Raises:
        UsageError: the file or the counts lack something; nothing was scaled.
    """
    places = places_of(study, observed, cases)
    work = partial(_scaled, study, others, places)
    numbers = range(len(places))
    done = in_processes(work, numbers, jobs) if jobs > 1 else in_this_process(work, numbers)
    found = dict(done)
    return [found[number] for number in numbers]


def _scaled(
    study: Study, others: dict[str, Study], places: Sequence[Place], number: int
) -> Prepared:
    """One case, scaled to its place."""
    plan, arm = plan_of(study), practice_arm(study)
    scaling = Scaling(study, plan, places[number], YEARS)
    arms = [(PLACEBO, scaling.scenario(study, study.baseline))]
    arms.append((study.preset or arm, scaling.scenario(study, arm)))
    arms += [(name, scaling.scenario(other, arm)) for name, other in others.items()]
    return Prepared(places[number], tuple(arms), series_of(plan), scaling.misses)


def practice_arm(study: Study) -> str:
    """The first arm that introduces a practice model; raises UsageError."""
    for scenario in study.arms:
        if scenario.practice is not None and scenario.practice.go_live is not None:
            return scenario.arm
    raise UsageError(f"{study.name} has no arm with a practice model that goes live")


def run_backtest(
    study: Study,
    others: dict[str, Study],
    observed: Observed,
    cases: Sequence[Case],
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    told: Told = lambda words: None,
    progress: Progress = lambda done: None,
) -> Result:
    """Forecast every case and compare it with what happened.

    Args:
        study: with the preset in force.
        others: the same study under other presets, by preset.
        observed: counts.
        cases: authorities and years.
        reps: futures of every case, rounded up to whole draws.
        seed: of all cases.
        jobs: worker processes.
        engine: name of the engine.
        told: told what is done before futures are run.
        progress: told how many futures of all cases together are finished.

    Raises:
        UsageError: the file or the counts lack something; nothing was run.
    """
    places = f"{len(cases)} place{'s' * (len(cases) > 1)}"
    told(f"scaling the scenario to {places}")
    prepared = prepare(study, others, observed, cases, jobs)
    futures = whole_draws(reps)
    tasks = [
        Task(case, first, min(first + CHUNK, futures))
        for case in range(len(prepared))
        for first in range(0, futures, CHUNK)
    ]
    work = partial(_carry_out, prepared, seed, engine)
    done = in_processes(work, tasks, jobs) if jobs > 1 else in_this_process(work, tasks)
    progress(0)
    forecasts = _gathered(done, progress)
    return _compared(study, others, observed, prepared, forecasts)


def _compared(
    study: Study,
    others: dict[str, Study],
    observed: Observed,
    prepared: Sequence[Prepared],
    forecasts: dict[tuple[int, str], FloatArray],
) -> Result:
    """Forecasts beside what happened."""
    points = tuple(_points(prepared, forecasts, observed))
    arms = [name for name, _ in prepared[0].arms]
    own = {study.preset or practice_arm(study): study.read_from}
    own |= {name: other.read_from for name, other in others.items()}
    scores = {arm: _fair_score(points, arm, own.get(arm, ())) for arm in arms}
    cases = tuple(one.place.case for one in prepared)
    met = {(one.authority, one.base) for one in points}
    tested = [case for case in cases if (case.authority, case.base) in met]
    return Result(
        points=points,
        forecasts=forecasts,
        scores=scores,
        cases=cases,
        misses=tuple(one.misses for one in prepared),
        badge=_badge(study, scores, tested, list(others)),
        futures=len(next(iter(forecasts.values()))),
    )


def _gathered(
    done: Iterable[tuple[Task, dict[str, FloatArray]]], progress: Progress
) -> dict[tuple[int, str], FloatArray]:
    """Forecasts by case and arm, their futures in order whichever were finished first."""
    parts: dict[tuple[int, str], dict[int, FloatArray]] = {}
    finished = 0
    for task, found in done:
        for arm, values in found.items():
            parts.setdefault((task.case, arm), {})[task.first] = values
        finished += task.end - task.first
        progress(finished)
    return {
        key: np.concatenate([rows[first] for first in sorted(rows)]) for key, rows in parts.items()
    }


def _fair_score(points: Sequence[Point], arm: str, read_from: Sequence[str]) -> Score:
    """An arm's score, on places whose results it does not itself state.

    A figure that was read from one place fits that place whatever it is worth elsewhere; where no
    other place is tried, all are taken.
    """
    all_ = [one for one in points if one.arm == arm]
    return score([one for one in all_ if one.authority not in read_from] or all_)


def _carry_out(
    prepared: Sequence[Prepared], seed: int, engine: str, task: Task
) -> dict[str, FloatArray]:
    """Forecasts of some futures of a case, float64[future, year, series] by arm."""
    case = prepared[task.case]
    found: dict[str, list[FloatArray]] = {name: [] for name, _ in case.arms}
    # the futures of a draw share its programs, and the arms of a future its families
    for draw in range(task.first // DRAW_SIZE, -(-task.end // DRAW_SIZE)):
        programs = {
            name: compile_scenario(scenario, values_in_draw(scenario, seed, draw))
            for name, scenario in case.arms
        }
        for number in range(draw * DRAW_SIZE, (draw + 1) * DRAW_SIZE):
            for name, program in programs.items():
                found[name].append(_future(program, case.targets, seed, number, engine))
    return {name: np.array(rows) for name, rows in found.items()}


def _future(
    program: Program, targets: Sequence[Target], seed: int, number: int, engine: str
) -> FloatArray:
    """What would be counted at the end of each year, float64[year, series]."""
    address = address_of(seed, number)
    tally = count(program, environment_of(program, address), address, engine)
    last_days = np.array(program.year_starts[1:]) - 1
    columns = []
    for target in targets:
        number_of = program.counts.index(target.metric.of)
        if target.metric.figure is Figure.STOCK:
            inside = _stages(program, number_of)
            columns.append(tally.stage_children[inside][:, last_days].sum(axis=0))
        else:
            columns.append(tally.starts_children[:, number_of])
    return np.array(columns, dtype=np.float64).T


def _stages(program: Program, count_number: int) -> list[int]:
    return [n for n, stage in enumerate(program.stages) if count_number in stage.counts]


def _points(
    prepared: Sequence[Prepared],
    forecasts: dict[tuple[int, str], FloatArray],
    observed: Observed,
) -> list[Point]:
    points = []
    for number, case in enumerate(prepared):
        authority, base = case.place.case.authority, case.place.case.base
        for column, target in enumerate(case.targets):
            known = observed.series(authority, target.series)
            for ahead in range(1, YEARS + 1):
                if base + ahead not in known:
                    continue
                points += [
                    point(
                        authority,
                        base,
                        arm,
                        target.series,
                        ahead,
                        case.place.starts[target.series],
                        known[base + ahead],
                        forecasts[number, arm][:, ahead - 1, column],
                    )
                    for arm, _ in case.arms
                ]
    return points


def digest_of(study: Study) -> str:
    """What a back-test depends on: map, who comes, drift, practice in force, and how it is done."""
    parts = [repr(study.backtest)]
    parts += [
        repr((one.pathway, one.demand.streams, one.walks, one.practice and one.practice.effects))
        for one in study.arms
        if one.arm in (study.baseline, *_practising(study))
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _practising(study: Study) -> tuple[str, ...]:
    return tuple(one.arm for one in study.arms if one.practice is not None)[:1]


def _badge(
    study: Study, scores: dict[str, Score], cases: Sequence[Case], others: Sequence[str]
) -> Badge:
    own = scores[study.preset or practice_arm(study)]
    return Badge(
        digest=digest_of(study),
        cases="; ".join(f"{case.authority} from {case.base}" for case in cases),
        points=own.points,
        inside=own.inside,
        width=own.width,
        errors=tuple(sorted(own.errors.items())),
        placebo=tuple(sorted(scores[PLACEBO].errors.items())),
        passed=not own.failures,
        rejected=tuple(name for name in others if scores[name].failures),
    )
