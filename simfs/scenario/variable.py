"""What of an arm's staffing may be varied, and the arm with it varied.

A plan's posts and caseload hold from the day on which the arm's practice model changes the team's
posts: that of the team's own rows of staffing, else the earliest of any team, else go-live, else
the start of the run. All these days are those of the plan, but no team's day moves with another
team's. Where all posts come late, so do those of a plan. From that day they are what the team has
until the end, whatever else the file would change later. Posts that come have to be filled first,
as any new post.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import cast

from simfs.errors import Problem
from simfs.scenario import build, checks
from simfs.scenario import forms as f
from simfs.scenario.build_parts import MONTH_DAYS
from simfs.scenario.drawn import Blueprint
from simfs.scenario.mechanisms import without
from simfs.scenario.moved import form_of
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.scenario import Scenario
from simfs.scenario.staff_forms import CaseloadForm, ChangeForm, StaffingForm

PARTS = ("posts", "caseload", "date")  # of a team
SEATS = "training.rolling.seats"

Level = int | date
Levels = Mapping[str, Level]  # by key


class Kind(StrEnum):
    """What the levels of something varied are."""

    POSTS = "posts"
    CASELOAD = "cases to a worker"
    DATE = "date"
    MONTHS = "months"
    SEATS = "seats"


@dataclass(frozen=True, slots=True)
class Variable:
    """Something of an arm's staffing that may be varied.

    Attributes:
        key: key path, such as ``teams.safeguarding.posts``.
        label: words for people.
        kind: what its levels are.
        value: as the file has it; None where it has none.
        least: the least level that means something; None for a date.
    """

    key: str
    label: str
    kind: Kind
    value: Level | None
    least: int | None = None


def variables(scenario: Scenario) -> tuple[Variable, ...]:
    """All that may be varied in an arm, teams first, in order of key."""
    form = form_of(scenario)
    model = _model(form, scenario.arm)
    limited = [team.key for team in scenario.teams if not team.unlimited]
    found = [one for key in limited for one in _of_team(scenario, key)]
    if model is None:
        return tuple(found)
    place = f"practice_models.{form.arms[scenario.arm].practice_model}"
    if model.go_live is not None:
        found.append(Variable(f"{place}.go_live", "Go-live", Kind.DATE, model.go_live))
    if model.staffing:
        late = model.staffing_late_months
        found.append(
            Variable(
                f"{place}.staffing_late_months",
                "Months by which all posts come late",
                Kind.MONTHS,
                round(late),
                0,
            )
        )
    rolling = model.training.rolling if model.training else None
    if rolling is not None:
        found.append(
            Variable(
                f"{place}.{SEATS}",
                "Seats on each later course",
                Kind.SEATS,
                rolling.seats,
                1,
            )
        )
    return tuple(found)


def _of_team(scenario: Scenario, key: str) -> Iterator[Variable]:
    form, team = form_of(scenario), scenario.team(key)
    model = _model(form, scenario.arm)
    last = scenario.calendar.days - 1
    caseload = form.teams[key].caseload
    rows = model.caseloads if model else ()
    for row in sorted((row for row in rows if row.team == key), key=lambda row: row.date):
        caseload = row.caseload
    place = f"teams.{key}"
    yield Variable(f"{place}.posts", f"{team.label}: posts", Kind.POSTS, team.posts_on(last), 0)
    yield Variable(
        f"{place}.caseload", f"{team.label}: cases to a worker", Kind.CASELOAD, caseload, 1
    )
    yield Variable(
        f"{place}.date", f"{team.label}: posts from", Kind.DATE, _day_of_plan(form, model, key)
    )


def is_moved_by_date(scenario: Scenario, team: str) -> bool:
    """Whether the arm's practice model changes a team's posts, so that a date alone moves them."""
    model = _model(form_of(scenario), scenario.arm)
    return model is not None and any(row.team == team for row in model.staffing)


def varied(scenario: Scenario, levels: Levels) -> tuple[Scenario, list[Problem]]:
    """An arm with some of its staffing at other levels, and what the file's rules say against it.

    Args:
        scenario: as loaded.
        levels: by key of `variables`.
    """
    blueprint = cast(Blueprint, scenario.blueprint)
    form = _with_levels(blueprint.form, scenario.arm, levels)
    # of no arm: a file that plans no specialist forgot them, a plan without any asks what they do
    problems, _ = checks.check(form)
    if problems:
        return scenario, problems
    built = build.scenario(scenario.arm, form)
    for key, baseline in scenario.off:
        built = without(built, key, baseline)
    return (
        replace(
            built,
            free=scenario.free,
            correlations=scenario.correlations,
            ensemble=scenario.ensemble,
            off=scenario.off,
            blueprint=Blueprint(form, scenario.arm, blueprint.paths),
        ),
        [],
    )


def _with_levels(form: f.FileForm, arm: str, levels: Levels) -> f.FileForm:
    """A copy of a form with the levels put where the file would have them."""
    name = form.arms[arm].practice_model
    if name is not None:
        timed = _with_timing(form.practice_models[name], f"practice_models.{name}", levels)
        form = _with_model(form, name, timed)
    teams = dict.fromkeys(key.split(".")[1] for key in levels if key.startswith("teams."))
    # before any team's rows are moved, so that the order in which teams are varied is nothing
    days = {team: _day_of_plan(form, _model(form, arm), team) for team in teams}
    for team in teams:
        own = {what: levels[key] for what in PARTS if (key := f"teams.{team}.{what}") in levels}
        form = _with_team(form, name, team, {"date": days[team], **own})
    return form


def _with_team(form: f.FileForm, name: str | None, key: str, own: Levels) -> f.FileForm:
    """A copy of a form in which a team has these levels from their date."""
    model = form.practice_models[name] if name else None
    day = cast(date, own["date"])
    posts, caseload = cast("int | None", own.get("posts")), cast("int | None", own.get("caseload"))
    team = form.teams[key]
    late = timedelta(days=round(model.staffing_late_months * MONTH_DAYS)) if model else timedelta()
    changes = list(
        _kept(
            team.changes,
            posts_until=date.max if posts is None else day + late,
            caseload_until=date.max if caseload is None else day,
        )
    )
    if model is None:
        if posts is not None or caseload is not None:
            changes.append(ChangeForm(date=day, posts=posts, caseload=caseload))
    else:
        form = _with_model(form, str(name), _with_rows(model, key, day, posts, caseload))
    changes.sort(key=lambda change: change.date)
    team = team.model_copy(update={"changes": changes})
    return form.model_copy(update={"teams": {**form.teams, key: team}})


def _kept(
    changes: Iterable[ChangeForm], *, posts_until: date, caseload_until: date
) -> Iterator[ChangeForm]:
    """A team's own dated changes, until the plan gives its posts and its caseload."""
    for change in changes:
        posts = change.posts if change.date < posts_until else None
        caseload = change.caseload if change.date < caseload_until else None
        if posts is not None or caseload is not None:
            yield change.model_copy(update={"posts": posts, "caseload": caseload})


def _with_rows(
    model: PracticeForm, key: str, day: date, posts: int | None, caseload: int | None
) -> PracticeForm:
    """A copy of a practice model with other rows about a team."""
    ours = [row for row in model.staffing if row.team == key]
    others = [row for row in model.staffing if row.team != key]
    if posts is None:
        moved = [row.model_copy(update={"date": day}) for row in ours]
    else:
        moved = [StaffingForm(team=key, posts=posts, date=day)]
    limits = model.caseloads
    if caseload is not None:
        limits = [row for row in limits if row.team != key]
        limits = [*limits, CaseloadForm(team=key, caseload=caseload, date=day)]
    return model.model_copy(update={"staffing": [*others, *moved], "caseloads": limits})


def _with_timing(model: PracticeForm, place: str, levels: Levels) -> PracticeForm:
    """A copy of a practice model with another go-live, lateness or size of later courses."""
    change: dict[str, object] = {}
    if (day := levels.get(f"{place}.go_live")) is not None:
        change["go_live"] = day
    if (late := levels.get(f"{place}.staffing_late_months")) is not None:
        change["staffing_late_months"] = float(cast(int, late))
    seats, training = levels.get(f"{place}.{SEATS}"), model.training
    if seats is not None and training is not None and training.rolling is not None:
        rolling = training.rolling.model_copy(update={"seats": seats})
        change["training"] = training.model_copy(update={"rolling": rolling})
    return model.model_copy(update=change)


def _with_model(form: f.FileForm, name: str, model: PracticeForm) -> f.FileForm:
    return form.model_copy(update={"practice_models": {**form.practice_models, name: model}})


def _model(form: f.FileForm, arm: str) -> PracticeForm | None:
    """The practice model of an arm."""
    name = form.arms[arm].practice_model
    return form.practice_models[name] if name else None


def _day_of_plan(form: f.FileForm, model: PracticeForm | None, key: str) -> date:
    """From when a team's posts are those of the plan."""
    if model is None:
        return form.study.start
    ours = [row.date for row in model.staffing if row.team == key]
    any_team = [row.date for row in model.staffing]
    return min(ours or any_team or [model.go_live or form.study.start])
