"""A scenario file for another authority: what differs there, and the rest by reference.

The place is taken to be at rest at its counts of one 31 March, with no return to its earlier
years, so that what is told of the first years is the practice's doing or luck's.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from simfs.experiment.calibrated import several
from simfs.experiment.observed import Observed
from simfs.experiment.places import Place, Scaling, moved, place_of
from simfs.scenario import forms as f
from simfs.scenario.drawn import Blueprint
from simfs.scenario.fit import Backtest, Case
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.scenario import Study
from simfs.scenario.sources import Path, dotted
from simfs.scenario.staff_forms import CourseForm, RollingForm, TrainingForm
from simfs.scenario.text import Table, write

SOLVED = "scaled from {base} to {place}'s counts of 31 March {year}"
POSTS = (
    "posts: as many times those of {base} as the team holds children at rest; the rest as in {base}"
)
STAFFING = (
    "posts and seats on courses: those of {base}, times the children at rest; dates as far from "
    "go-live as in {base}; time freed and everything else as in {base}"
)
DECIMALS = 10  # shares sum to 1 within a billionth
# what is said of the base alone, and what a place's file would have to say again
LEFT_OUT = (
    "claims",
    "study.days",
    "calibration",
    "fit",
    "history",
    "drift_targets",
    "published_staffing",
    "backtest.badge",
)


def place_at_rest(
    plan: Backtest, observed: Observed, case: Case, go_live: date | None = None
) -> Place:
    """A place that stays where its counts of one year are.

    Args:
        plan: which counts are wanted.
        observed: counts.
        case: authority and year.
        go_live: day on which the practice is introduced; as the counts say if left out.

    Raises:
        UsageError: the counts lack the authority, that day or a count of that year.
    """
    place = place_of(plan, observed, case, go_live)
    return replace(place, expected=place.starts, returns=dict.fromkeys(place.starts, 1.0))


def scaled_text(study: Study, scaling: Scaling, extends: str) -> str:
    """The scenario at a place, as a file that extends the one it was scaled from.

    Args:
        study: whose file is extended.
        scaling: to the place.
        extends: name of that file.
    """
    place, plan = scaling.place, scaling.plan
    form = cast(Blueprint, study.arm(study.baseline).blueprint).form
    base = extends.removesuffix(".toml").replace("_", " ").capitalize()
    words = {"base": base, "place": place.case.authority, "year": place.case.base}
    tables: Table = {}
    for path, value in sorted(scaling.numbers(form).items(), key=lambda item: dotted(item[0])):
        if path[0] == "teams":
            _put(tables, path, round(value), POSTS.format(**words), "D")
        elif path[0] != "practice_models":
            solved: float | list[float] = value
            if isinstance(path[-1], int):  # one of several numbers in brackets: write them all
                path, solved = path[:-1], several(scaling.form, path[:-1])  # noqa: PLW2901
            _put(tables, path, solved, SOLVED.format(**words), "C")
    then = moved(form, place, scaling.years)
    models = {
        key: _practice(model, scaling.growth, words) for key, model in then.practice_models.items()
    }
    name = place.case.authority.lower().replace(" ", "_")
    head: Table = {
        "extends": extends,
        "leave_out": _left_out(form, then),
        "study": {"name": name, "start": then.study.start, "years": scaling.years},
    }
    return _comment(plan, scaling) + write({**head, **tables, "practice_models": models})


def _comment(plan: Backtest, scaling: Scaling) -> str:
    place = scaling.place
    lines = [f"{place.case.authority}, at rest at its counts of 31 March {place.case.base}:"]
    lines += [f"  {target.label}: {place.starts[target.series]:,.0f}" for target in plan.match]
    return "".join(f"# {line}\n" for line in lines)


def _put(tables: Table, path: Path, value: float | list[float], reason: str, grade: str) -> None:
    """A number with its reason beside it, in a table of its own where it stands by itself."""
    at: Any = tables
    for part in path[:-1]:
        at = at.setdefault(str(part), {})
    at[str(path[-1])] = value if isinstance(value, list) else round(value, DECIMALS)
    at["assumption"], at["grade"] = reason, grade


def _left_out(form: f.FileForm, then: f.FileForm) -> list[str]:
    """What the base says of itself, what is off, and a reform that comes after the run."""
    found = [key for key in LEFT_OUT if _has(form, key.split("."))]
    end = then.study.start.year + (then.study.years or 0)
    if form.reform is not None and form.reform.date.year >= end:
        found.append("reform")
    if form.service_crisis is not None and not form.service_crisis.per_year:
        found.append("service_crisis")
    for key, model in form.practice_models.items():
        grants = [name for name, item in model.investments.items() if item.ledger == "grant"]
        found += [f"practice_models.{key}.investments.{name}" for name in grants]
    return found


def _training(training: TrainingForm, times: float) -> Table:
    """Courses on their days, with seats for as many times as many workers."""

    def seats(row: CourseForm | RollingForm) -> Table:
        return row.model_dump() | {"seats": max(round(row.seats * times), 1)}

    found: Table = {"courses": [seats(row) for row in training.courses]}
    if training.rolling:
        found["rolling"] = seats(training.rolling)
    return found


def _has(form: Any, path: list[str]) -> bool:
    for part in path:
        form = getattr(form, part, None)
    return bool(form)


def _practice(model: PracticeForm, growth: Mapping[str, float], words: Mapping[str, Any]) -> Table:
    """The dates, posts and sums of a practice model at the place."""
    found: Table = {}
    if model.go_live:
        found |= {"go_live": model.go_live, "slip_months": 0}
    if model.staffing:
        found["staffing"] = [
            {
                "team": row.team,
                ("add" if row.posts is None else "posts"): max(
                    round((row.add or row.posts or 0) * growth[row.team]), 1
                ),
                "date": row.date,
            }
            for row in model.staffing
        ]
    if model.time_freed:
        found["time_freed"] = model.time_freed.model_dump()
    found |= {"assumption": STAFFING.format(**words), "grade": "D"}
    teams = [growth[row.team] for row in model.staffing] or [1.0]
    times = math.fsum(teams) / len(teams)
    if model.training:
        found["training"] = _training(model.training, times)
    sums = {
        key: {
            "pounds": [round(each * times, -3) for each in item.pounds],
            "assumption": f"that of {words['base']}, times the posts that the practice brings",
            "grade": "D",
        }
        for key, item in model.investments.items()
        if item.ledger != "grant"
    }
    return found | ({"investments": sums} if sums else {})
