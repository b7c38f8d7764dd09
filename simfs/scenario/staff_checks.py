"""Rules about staff: how workers come and go, posts and their changes, training, time freed.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.build_parts import MONTH_DAYS, quantity
from simfs.scenario.build_staff import limits_by_day, posts_by_day
from simfs.scenario.form_parts import QuantityForm
from simfs.scenario.names import Remark, unknown
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.renewal import MOST_VACANT, gap_for, least_vacancy
from simfs.scenario.scenario import Calendar
from simfs.scenario.spreads import outside
from simfs.scenario.staff_forms import (
    CaseloadForm,
    ChangeForm,
    StaffingForm,
    TeamForm,
    TrainingForm,
    WorkforceForm,
)

MOST_POSTS = 100_000
MOST_TURNOVER = 5.0


def within(place: str, number: QuantityForm | None, low: float, high: float) -> Iterator[Problem]:
    """A problem where a number or an end of its range is not between two limits."""
    if number is None:
        return
    for value in dict.fromkeys((number.value, *number.ends)):
        if not low <= value <= high:
            of = "" if value == number.value else f" as an end of the range of {number.value:g}"
            meant = high < value <= 100 * high
            yield Problem(
                place,
                f"must be between {low:g} and {high:g}, got {value:g}{of}; "
                + (f"did you mean {value / 100:g}?" if meant else "check the sign and the unit"),
            )
            return
    yield from outside(place, quantity(number, place), low, high)


def staff_remarks(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    """Remarks on workforces, and on the staff and training of practice models."""
    for key, workforce in form.workforces.items():
        yield from _workforce(f"workforces.{key}", workforce)
    for key, model in form.practice_models.items():
        place = f"practice_models.{key}"
        late = timedelta(days=round(model.staffing_late_months * MONTH_DAYS))
        yield from _dated(f"{place}.staffing", model.staffing, days, late)
        yield from _dated(f"{place}.caseloads", model.caseloads, days)
        named = [(f"staffing.{i}.team", row.team) for i, row in enumerate(model.staffing)]
        named += [(f"caseloads.{i}.team", row.team) for i, row in enumerate(model.caseloads)]
        freed, training = model.time_freed, model.training
        named += [("time_freed.teams", team) for team in (freed.teams if freed else ())]
        named += [("training.teams", team) for team in (training.teams if training else ())]
        for where, name in named:
            yield from unknown(f"{place}.{where}", "team", name, form.teams)
            if name in form.teams and form.teams[name].posts == "unlimited":
                yield Problem(
                    f"{place}.{where}", f"team {name!r} is unlimited; give it posts first"
                )
        if freed and days.day_of(freed.date) >= days.days:
            yield f"{place}.time_freed: {freed.date} is after the run ends"
        if training:
            yield from _training(f"{place}.training", training, days)


def _workforce(place: str, form: WorkforceForm) -> Iterator[Problem]:
    """Numbers of a workforce within what they mean, and its gaps stated in one way."""
    wrong = list(_workforce_numbers(place, form))
    yield from wrong
    if (form.vacancy is None) == (form.recruitment_days is None):
        given = "neither" if form.vacancy is None else "both"
        yield Problem(place, f"needs either recruitment_days or vacancy, got {given}; give one")
    elif form.vacancy is not None and not wrong:
        yield from _vacancy(place, form, form.vacancy)


def _workforce_numbers(place: str, form: WorkforceForm) -> Iterator[Problem]:
    yield from within(f"{place}.turnover", form.turnover, 0, MOST_TURNOVER)
    yield from within(f"{place}.agency_share", form.agency_share, 0, 1)
    for name in ("recruitment_days", "agency_days", "agency_gap_days"):
        number = getattr(form, name)
        if number is not None and (least := min(number.value, *number.ends)) < 0:
            yield Problem(f"{place}.{name}", f"must be at least 0 days, got {least:g}")
    if max(form.agency_share.value, *form.agency_share.ends) > 0:
        stay = form.agency_days
        if stay is None:
            yield Problem(
                place,
                f"agency_share is {form.agency_share.value:g}, but no agency_days says how long "
                "agency workers stay; add agency_days = 270, say",
            )
        elif min(stay.value, *stay.ends) <= 0:
            yield Problem(f"{place}.agency_days", "must be above 0 days; an agency worker stays")


def _vacancy(place: str, form: WorkforceForm, vacancy: QuantityForm) -> Iterator[Problem]:
    """A vacancy that some mean gap after permanent workers gives."""
    spot = f"{place}.vacancy"
    most, least = max(vacancy.value, *vacancy.ends), min(vacancy.value, *vacancy.ends)
    if most > MOST_VACANT or least <= 0:
        value = most if most > MOST_VACANT else least
        meant = f"; did you mean {value / 100:g}?" if 1 < value < 100 else ""
        yield Problem(spot, f"must be above 0 and at most {MOST_VACANT:g}, got {value:g}{meant}")
        return
    turnover, agency = form.turnover, form.agency_share
    if min(turnover.value, *turnover.ends) == 0:
        yield Problem(
            spot,
            f"posts that nobody leaves (turnover 0) are never empty, got {vacancy.value:g}; "
            "give recruitment_days instead",
        )
        return
    if max(agency.value, *agency.ends) == 1:
        yield Problem(
            spot,
            "where every appointment is an agency worker (agency_share 1), agency_days and "
            "agency_gap_days decide it; give recruitment_days instead",
        )
        return
    tenure = form.agency_days.value if form.agency_days else 0.0
    rest = (turnover.value, agency.value, tenure, form.agency_gap_days.value)
    if gap_for(least, *rest) <= 0:
        yield Problem(
            spot,
            f"cannot be met: gaps after agency workers alone leave {least_vacancy(*rest):.3g} of "
            f"posts empty, got {least:g}; write more than {least_vacancy(*rest):.3g}",
        )


def team_remarks(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    """Remarks on teams, their posts by date and their workforce."""
    needs = form.needs.__pydantic_extra__ or {}
    users = {stage.team: key for key, stage in form.stages.items() if stage.team}
    for key, team in form.teams.items():
        place = f"teams.{key}"
        yield from unknown(f"{place}.workforce", "workforce", team.workforce, form.workforces)
        yield from _dated(f"{place}.changes", team.changes, days)
        if team.kind == "specialist":
            if team.serves is None:
                yield Problem(place, 'a specialist team needs serves = "…", the need it works with')
            yield from unknown(f"{place}.serves", "need", team.serves, needs)
        elif team.serves is not None:
            yield Problem(
                f"{place}.serves", 'only a specialist team serves; add kind = "specialist"'
            )
        if team.posts == "unlimited":
            yield from _unlimited(place, team)
            continue
        if team.caseload is None:
            yield Problem(
                place,
                'missing caseload, the cases a worker may hold; add it, or posts = "unlimited"',
            )
        else:
            yield from _limits(place, key, team, form, days)
        user = None if team.kind == "specialist" else users.get(key)
        yield from _posts(place, key, team, user, form, days)
        yield from _at_start(f"{place}.at_start", team, form)


def _unlimited(place: str, team: TeamForm) -> Iterator[Problem]:
    """What an unlimited team cannot have."""
    if team.kind == "specialist":
        yield Problem(
            f"{place}.posts",
            "specialists are never unlimited; give as many posts as could be needed",
        )
    if team.changes:
        yield Problem(f"{place}.changes", "an unlimited team cannot change; give posts")
    for name in ("workforce", "at_start"):
        if getattr(team, name) is not None:
            yield Problem(f"{place}.{name}", "an unlimited team has no posts to fill; give posts")


def _limits(
    place: str, key: str, team: TeamForm, form: f.FileForm, days: Calendar
) -> Iterator[Problem]:
    """A caseload of which absence leaves nothing."""
    for model in (None, *form.practice_models.values()):
        for _, limit in limits_by_day(key, team, model, form, days):
            if limit < 1:
                yield Problem(
                    f"{place}.caseload",
                    f"net of absence the limit rounds to 0, from {team.caseload}; raise caseload "
                    "or lower absence",
                )
                return


def _posts(
    place: str, key: str, team: TeamForm, user: str | None, form: f.FileForm, days: Calendar
) -> Iterator[Remark]:
    """Too many posts, or none for a stage that needs them."""
    ever = max([team.posts, *(c.posts or 0 for c in team.changes)])
    models: list[tuple[str, PracticeForm | None]] = [(f"{place}.changes", None)]
    models += [
        (f"practice_models.{name}.staffing", model)
        for name, model in form.practice_models.items()
        if any(row.team == key for row in model.staffing)
    ]
    plans = [(spot, posts_by_day(key, team, model, days)) for spot, model in models]
    most = max(posts for _, steps in plans for _, posts in steps)
    if most > MOST_POSTS:
        yield Problem(
            f"{place}.posts", f"at most {MOST_POSTS:,} posts can be simulated, got {most:,}"
        )
    if user is None:
        yield from _specialists_gone(key, plans, days)
        return
    if ever == 0:
        yield Problem(
            f"{place}.posts",
            f"no workers: posts is 0 and stage {user!r} needs this team; give posts, "
            f'or posts = "unlimited"',
        )
    elif team.posts == 0:
        yield f"{place}.posts: no workers until the first change, and {user!r} needs them"
    for spot, steps in plans:
        for lost, back in _without_posts(steps, days):
            when = f"team {key!r} loses its last post on {days.date_of(lost)}"
            if back is None:
                yield Problem(spot, f"{when} and stage {user!r} needs it; keep a post")
                return
            yield f"{spot}: {when} and has none until {days.date_of(back)}; {user!r} needs it"


def _specialists_gone(
    key: str, plans: Iterable[tuple[str, Iterable[tuple[int, int]]]], days: Calendar
) -> Iterator[str]:
    """Specialist teams that end: effects go on with less dose."""
    for spot, steps in plans:
        for lost, back in _without_posts(steps, days):
            until = "the end" if back is None else days.date_of(back)
            yield f"{spot}: team {key!r} has no post from {days.date_of(lost)} to {until}"


def _without_posts(
    steps: Iterable[tuple[int, int]], days: Calendar
) -> Iterator[tuple[int, int | None]]:
    """Days within the run on which the last post goes, and on which there is one again, if any."""
    before, lost = 0, None
    for dated, posts in steps:
        day = max(dated, 0)
        if day >= days.days:
            break
        if posts and lost is not None:
            yield lost, day
            lost = None
        elif not posts and before:
            lost = day
        before = posts
    if lost is not None:
        yield lost, None


def _at_start(place: str, team: TeamForm, form: f.FileForm) -> Iterator[Problem]:
    """Posts at the start that the team and its workforce can have."""
    stated = team.at_start
    if stated is None:
        return
    if team.workforce is None:
        yield Problem(place, 'needs workforce = "…"; without one every post is always filled')
    if stated.vacant + stated.agency > team.posts:
        yield Problem(
            place,
            f"vacant {stated.vacant} and agency {stated.agency} are more than the team's "
            f"{team.posts} posts; lower one",
        )
    staff = form.workforces.get(team.workforce or "")
    if staff is not None and stated.agency > 0 and staff.agency_share.value == 0:
        yield Problem(
            f"{place}.agency",
            f"{stated.agency} agency workers, but workforce {team.workforce!r} has no "
            "agency_share; add it, or leave agency out",
        )


def _dated(
    place: str,
    changes: Iterable[ChangeForm | StaffingForm | CaseloadForm],
    days: Calendar,
    late: timedelta = timedelta(0),
) -> Iterator[Remark]:
    """Changes that do nothing, or nothing within the run."""
    for index, change in enumerate(changes):
        when = change.date + late
        if isinstance(change, ChangeForm) and change.posts is None and change.caseload is None:
            yield Problem(f"{place}.{index}", "changes nothing; add posts = … or caseload = …")
        if days.day_of(when) >= days.days:
            yield f"{place}.{index}: the change of {when} is after the run ends"
        elif days.day_of(when) < 0 and isinstance(change, CaseloadForm):
            yield f"{place}.{index}: the change of {when} is before the run starts"


def _training(place: str, form: TrainingForm, days: Calendar) -> Iterator[Remark]:
    for index, course in enumerate(form.courses):
        day = days.day_of(course.date)
        spot = f"{place}.courses.{index}"
        if day < 0:
            yield (
                f"{spot}: the course of {course.date} is before the run starts: its seats go to "
                "those in post on the first day"
            )
        elif day >= days.days:
            yield f"{spot}: the course of {course.date} is after the run ends"
    reference = form.reference
    yield from within(f"{place}.reference", reference, 0, 1)
    if min(reference.value, *reference.ends) == 0:
        yield Problem(f"{place}.reference", "must be above 0, got 0; effects are divided by it")
