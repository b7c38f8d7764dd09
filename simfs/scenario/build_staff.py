"""Workforces and teams of one arm: posts by day, caseload limits net of absence.

A change that is dated before the start keeps its day: the posts it adds are empty from then on.
Everything here may assume a form that has passed `simfs.scenario.checks`.
"""

from simfs.scenario import forms as f
from simfs.scenario.build_parts import MONTH_DAYS, calendar, in_order, quantity, shape_of
from simfs.scenario.form_parts import QuantityForm
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.published import PublishedStaffing
from simfs.scenario.scenario import Calendar
from simfs.scenario.staff_forms import (
    PublishedStaffingForm,
    StaffingForm,
    TeamForm,
    WorkforceForm,
)
from simfs.scenario.workforce import (
    AllocationRule,
    AtStart,
    CaseloadUnit,
    Establishment,
    NewlyQualified,
    Team,
    TeamKind,
    Workforce,
)

Steps = list[tuple[int, int]]


def workforces(form: f.FileForm) -> dict[str, Workforce]:
    """How workers come and go, by key."""
    return {key: workforce(key, item) for key, item in in_order(form.workforces)}


def workforce(key: str, form: WorkforceForm) -> Workforce:
    """One workforce, in days and shares."""
    path = f"workforces.{key}"
    new = form.newly_qualified

    def days(name: str, given: QuantityForm | None) -> tuple[QuantityForm, str, str]:
        return given or QuantityForm(value=0.0), f"{path}.{name}", "days"

    return Workforce(
        key=key,
        label=form.label,
        turnover=quantity(form.turnover, f"{path}.turnover", "share a year"),
        tenure_shape=shape_of(form.tenure_shape),
        recruitment=quantity(*days("recruitment_days", form.recruitment_days)),
        recruitment_shape=shape_of(form.recruitment_shape),
        vacancy=quantity(form.vacancy, f"{path}.vacancy", "share") if form.vacancy else None,
        agency_share=quantity(form.agency_share, f"{path}.agency_share", "share"),
        agency_tenure=quantity(*days("agency_days", form.agency_days)),
        agency_shape=shape_of(form.agency_shape),
        agency_gap=quantity(*days("agency_gap_days", form.agency_gap_days)),
        agency_gap_shape=shape_of(form.agency_gap_shape),
        newly_qualified=NewlyQualified(new.share, new.caseload, round(new.months * MONTH_DAYS))
        if new
        else None,
    )


def staffing_day(row: StaffingForm, model: PracticeForm, days: Calendar) -> int:
    """The day of the run on which a practice model's posts come, lateness included."""
    return days.day_of(row.date) + round(model.staffing_late_months * MONTH_DAYS)


def posts_by_day(key: str, form: TeamForm, model: PracticeForm | None, days: Calendar) -> Steps:
    """(day, posts from that day), the team's own posts first; the last change of a day wins.

    What a practice model adds comes on top of the team's own posts, whatever these are.
    The first step is of the posts that are there from the beginning: its day is 0, or that of the
    earliest change if that is before the start.
    """
    rows = [row for row in model.staffing if row.team == key] if model else []
    own_changes = [(days.day_of(c.date), c.posts) for c in form.changes if c.posts is not None]
    planned = [(staffing_day(row, model, days), row) for row in rows if model]
    own, added = form.posts, 0
    dated = sorted({day for day, _ in (*own_changes, *planned)})
    steps = [(min([0, *dated]), own)]
    for day in dated:
        own = next((posts for when, posts in reversed(own_changes) if when == day), own)
        for row in (row for when, row in planned if when == day):
            added += row.add or 0
            own = own if row.posts is None else row.posts - added
        steps.append((day, own + added))
    return steps


def limits_by_day(
    key: str, team: TeamForm, model: PracticeForm | None, form: f.FileForm, days: Calendar
) -> Steps:
    """(day, caseload limit from that day), from day 0, net of absence and with time freed.

    The limit is caseload × (1 − absence) × (1 + time freed), rounded.
    """
    changes = [(c.date, c.caseload) for c in team.changes if c.caseload is not None]
    changes += [(c.date, c.caseload) for c in (model.caseloads if model else ()) if c.team == key]
    caseloads = {0: team.caseload or 0}
    for when, caseload in sorted(changes, key=lambda change: change[0]):
        caseloads[max(days.day_of(when), 0)] = caseload
    freed = {0: 0.0}
    if model and model.time_freed and key in model.time_freed.teams:
        freed[max(days.day_of(model.time_freed.date), 0)] = model.time_freed.share
    staff = form.workforces.get(team.workforce or "")
    present = 1 - (staff.absence if staff else 0.0)
    return [
        (day, round(_on(caseloads, day) * present * (1 + _on(freed, day))))
        for day in sorted({*caseloads, *freed})
    ]


def _on(levels: dict[int, float] | dict[int, int], day: int) -> float:
    """The level that holds on a day."""
    return levels[max(start for start in levels if start <= day)]


def team(
    key: str,
    form: TeamForm,
    model: PracticeForm | None,
    whole: f.FileForm,
    staff: dict[str, Workforce],
) -> Team:
    """A team with its own dated changes and those of the arm's practice model.

    Args:
        key: identity.
        form: the team's table.
        model: the practice model of the arm.
        whole: the file.
        staff: every workforce, by key.
    """
    days = calendar(whole.study)
    kind = TeamKind(form.kind)
    family_unit = "families" if kind is TeamKind.SPECIALIST else "children"
    limited = form.posts != "unlimited"
    return Team(
        key=key,
        label=form.label,
        kind=kind,
        unit=CaseloadUnit(form.unit or family_unit),
        establishment=tuple(Establishment(*s) for s in posts_by_day(key, form, model, days))
        if limited
        else (),
        caseload=tuple(limits_by_day(key, form, model, whole, days)) if limited else (),
        rule=AllocationRule(form.rule),
        continuity=form.continuity,
        handover_days=form.handover_days,
        serves=form.serves,
        workforce=staff[form.workforce] if form.workforce else None,
        at_start=AtStart(form.at_start.vacant, form.at_start.agency) if form.at_start else None,
    )


def published_staffing(form: PublishedStaffingForm) -> PublishedStaffing:
    """What a paper says that some staff cost."""
    path = f"published_staffing.{form.id}"  # a name, so that the order of a file moves no draw
    return PublishedStaffing(
        id=form.id,
        words=form.words,
        source=form.source,
        paragraph=form.paragraph,
        reading=form.reading,
        teams=tuple(form.teams),
        pounds=form.pounds,
        post_pounds=quantity(form.post_pounds, f"{path}.post_pounds", "£ a year"),
        caseload=quantity(form.caseload, f"{path}.caseload"),
        need_multiples=tuple(
            (need, quantity(one, f"{path}.need_multiples.{need}", "times"))
            for need, one in in_order(form.need_multiples)
        ),
    )
