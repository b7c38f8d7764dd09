"""A scenario scaled to another place and year, from what was known there then.

Levers scale its demand, its thresholds and its stays until it is at rest at the place's counts of
the base year; staff grow with the children at rest that their teams hold; every date of a practice
model moves with the day on which the place introduced it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import numpy as np

from simfs.errors import UsageError
from simfs.experiment.fitting import Counted, Model, best_fit, openings
from simfs.experiment.observed import Observed
from simfs.scenario import build
from simfs.scenario import forms as f
from simfs.scenario.drawn import Blueprint, share_tables, value_of, with_values
from simfs.scenario.fit import Backtest, Case, Figure, Target
from simfs.scenario.mechanisms import without
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.sources import Path

CLOSE = 0.01  # share of a count that the scaled scenario may miss it by
FLOWS = (Figure.STARTS, Figure.ENDS, Figure.ENTRIES, Figure.EXITS)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What is known of a place on the day of a forecast.

    Attributes:
        case: authority and year.
        go_live: day on which it introduced the practice.
        starts: counts of the base year, by series.
        expected: what its levels are taken to be: flows part of the way back to their own past.
        returns: what stocks are drawn back to, as a multiple of the base year's, by series.
    """

    case: Case
    go_live: date
    starts: Mapping[str, float]
    expected: Mapping[str, float]
    returns: Mapping[str, float]


def place_of(plan: Backtest, observed: Observed, case: Case, go_live: date | None = None) -> Place:
    """What is known of a place in the base year of a case, and nothing later.

    Args:
        plan: which counts are wanted.
        observed: counts.
        case: authority and base year.
        go_live: day on which the practice is introduced; as the counts say if left out.

    Raises:
        UsageError: the file lacks the authority, its day of go-live or a count of the base year.
    """
    observed.check(case.authority)
    go_live = go_live or observed.go_live.get(case.authority)
    if go_live is None:
        raise UsageError(
            f"{observed.name}: {case.authority} has no go_live, so the practice cannot be dated; "
            "add the go_live column, with a day such as 2023-10-01"
        )
    starts, expected, returns = {}, {}, {}
    reversion = dict(plan.reversion)
    for target in plan.match:
        known = observed.series(case.authority, target.series, case.base)
        if case.base not in known:
            years = ", ".join(str(year) for year in known) or "none"
            raise UsageError(
                f"{observed.name}: {case.authority} has no {target.series} of {case.base}, the "
                f"base year; years up to it: {years}"
            )
        now = known[case.base]
        if now <= 0:
            raise UsageError(
                f"{observed.name}: {case.authority}, {target.series} of {case.base} is {now:g}; a "
                "forecast needs a count above 0"
            )
        back = _back(known, case.base, plan.memory) ** reversion.get(target.series, 0.0)
        starts[target.series] = now
        is_flow = target.metric.figure in FLOWS
        expected[target.series] = now * back if is_flow else now
        returns[target.series] = 1.0 if is_flow else back
    return Place(case, go_live, starts, expected, returns)


def _back(known: Mapping[int, float], base: int, memory: int) -> float:
    """A place's own past level, as a multiple of the base year's; 1 without any past."""
    past = [known[y] for y in range(base - memory, base) if known.get(y, 0.0) > 0]
    if not past:
        return 1.0
    return math.exp(float(np.mean(np.log(past)))) / known[base]


def base_year(observed: Observed, authority: str) -> int:
    """The last 31 March before an authority introduced the practice; raises UsageError."""
    observed.check(authority)
    day = observed.go_live.get(authority)
    if day is None:
        raise UsageError(
            f"{observed.name}: {authority} has no go_live, so the practice cannot be dated; add "
            "the go_live column, with a day such as 2023-10-01"
        )
    return day.year if day > date(day.year, 3, 31) else day.year - 1


class Scaling:
    """A study's numbers at a place, solved once for all of its arms and presets.

    Attributes:
        plan: how the study is scaled.
        place: where to.
        years: of the run.
        misses: how far the scaled scenario is from a count of the base year, in logs.
        growth: how many times as many children each team holds.
        form: the checked form at the place, dates, openings and staff apart.
    """

    def __init__(self, study: Study, plan: Backtest, place: Place, years: int) -> None:
        scenario = study.arm(study.baseline)
        form = cast(Blueprint, scenario.blueprint).form
        self.plan, self.place, self.years = plan, place, years
        _check_undated(study.name, form)
        model = Model(form, scenario.arm, plan.levers, plan.match)
        wanted = np.array([place.expected[target.series] for target in plan.match])
        scores, _ = best_fit(model, Counted(wanted, CLOSE * wanted))
        stocks = {
            target.metric.of: place.starts[target.series]
            for target in plan.match
            if target.metric.figure is Figure.STOCK
        }
        figures, after = model.figures(scores)
        _, before = model.figures(np.zeros_like(scores))
        self.misses = dict(
            zip((t.series for t in plan.match), np.log(figures / wanted).tolist(), strict=True)
        )
        self.form = model.form_at(scores)
        self._moved = model.values(scores)
        self._numbers = openings(model, scores, stocks)
        self.growth = _growth(scenario, before.children, after.children)

    def numbers(self, form: f.FileForm) -> dict[Path, float]:
        """Numbers of a form, whole shares among them, that are others at the place."""
        found = self._moved | self._numbers | _staff(form, self.growth)
        for _, paths, _, _ in share_tables(self.form):
            closed = {path: value_of(self.form, path) for path in paths}
            found |= {p: share for p, share in closed.items() if share != value_of(form, p)}
        return found

    def scenario(self, study: Study, arm: str) -> Scenario:
        """An arm of a study at the place."""
        own = cast(Blueprint, study.arm(arm).blueprint).form
        # the practice, its presets and its prices are the arm's; the rest is the place's
        form = self.form.model_copy(
            update={
                name: getattr(own, name) for name in ("practice_models", "costs", "arms", "reform")
            }
        )
        numbers = dict(self._numbers)
        for series, walk in self.plan.walks:
            numbers |= _drawn_back(form, walk, self.place.returns[series])
        numbers |= _staff(form, self.growth)
        form = moved(with_values(form, numbers), self.place, self.years)
        built = build.scenario(arm, form)
        for key, baseline in study.arm(arm).off:
            built = without(built, key, baseline)
        return built


def _check_undated(name: str, form: f.FileForm) -> None:
    """Refuse what is dated and would not move with the place, with a UsageError."""
    dated = [
        f"streams.{key}.per_year" for key, one in form.streams.items() if len(one.per_year) > 1
    ]
    dated += [f"teams.{key}.changes" for key, one in form.teams.items() if one.changes]
    if dated:
        raise UsageError(
            f"{name}: {', '.join(dated)} change by date, which means nothing at another place; "
            "back-test a file without them"
        )


def _growth(
    scenario: Scenario, before: Mapping[str, float], after: Mapping[str, float]
) -> dict[str, float]:
    """How many times as many children each social-work team holds; specialists as their stages."""
    found = {}
    for team in scenario.teams:
        held = [
            stage.key
            for stage in scenario.pathway.stages
            if stage.team == team.key or (team.serves and stage.specialists)
        ]
        was = math.fsum(before[key] for key in held)
        found[team.key] = math.fsum(after[key] for key in held) / was if was else 1.0
    return found


def _staff(form: f.FileForm, growth: Mapping[str, float]) -> dict[Path, float]:
    """Posts as many times as many, at least one where there was one; in whole posts."""
    numbers: dict[Path, float] = {}

    def put(path: Path, posts: object, team: str) -> None:
        if isinstance(posts, int) and posts > 0:
            numbers[path] = max(round(posts * growth[team]), 1)

    for key, team in form.teams.items():
        put(("teams", key, "posts"), team.posts, key)
        for number, change in enumerate(team.changes):
            put(("teams", key, "changes", number, "posts"), change.posts, key)
    for name, model in form.practice_models.items():
        for number, row in enumerate(model.staffing):
            place: Path = ("practice_models", name, "staffing", number)
            put((*place, "posts"), row.posts, row.team)
            put((*place, "add"), row.add, row.team)
    return numbers


def _drawn_back(form: f.FileForm, walk: str, multiple: float) -> dict[Path, float]:
    """The level that a walk returns to, and its range, times a multiple."""
    level = form.drift[walk].returns_to
    names = [name for name in ("value", "p10", "p90", "low", "high") if getattr(level, name)]
    place: Path = ("drift", walk, "returns_to")
    return {(*place, name): getattr(level, name) * multiple for name in names}


def moved(form: f.FileForm, place: Place, years: int) -> f.FileForm:
    """The form from the base year on, every date of its practice models moved with go-live."""
    start = date(place.case.base, 4, 1)
    study = form.study.model_copy(update={"start": start, "years": years, "days": None})
    models = {
        key: _practice_moved(model, place.go_live - model.go_live) if model.go_live else model
        for key, model in form.practice_models.items()
    }
    return form.model_copy(update={"study": study, "practice_models": models})


def _practice_moved(model: PracticeForm, by: timedelta) -> PracticeForm:
    def later(rows: list[Any]) -> list[Any]:
        return [row.model_copy(update={"date": row.date + by}) for row in rows]

    training, freed = model.training, model.time_freed
    return model.model_copy(
        update={
            "go_live": model.go_live and model.go_live + by,
            "staffing": later(model.staffing),
            "caseloads": later(model.caseloads),
            "time_freed": freed and later([freed])[0],
            "training": training
            and training.model_copy(update={"courses": later(training.courses)}),
        }
    )


def series_of(plan: Backtest) -> tuple[Target, ...]:
    """The targets that forecasts are judged by, in the order of the file."""
    return tuple(target for target in plan.match if target.series in plan.forecast)
