"""Rules about published staffing: teams that have posts, one kind of them, sums in pounds.

Each rule yields a `Problem`: the file is refused.
"""

from collections.abc import Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.form_parts import QuantityForm
from simfs.scenario.names import unknown
from simfs.scenario.staff_forms import PublishedStaffingForm

FEW = 1_000  # pounds; no post costs less in a year


def published_remarks(form: f.FileForm) -> Iterator[Problem]:
    """Remarks on what papers say that staff cost."""
    seen: set[str] = set()
    for number, one in enumerate(form.published_staffing):
        place = f"published_staffing.{number}"
        if one.id in seen:
            yield Problem(f"{place}.id", f"{one.id!r} is given twice; rename one")
        seen.add(one.id)
        yield from _teams(form, place, one)
        yield from _needs(form, place, one)
        yield from _sums(place, one)
        yield from _above_nothing(f"{place}.caseload", one.caseload, "cases a worker")
        for need, multiple in one.need_multiples.items():
            yield from _above_nothing(f"{place}.need_multiples.{need}", multiple, "a multiple")


def _teams(form: f.FileForm, place: str, one: PublishedStaffingForm) -> Iterator[Problem]:
    for number, key in enumerate(one.teams):
        yield from unknown(f"{place}.teams.{number}", "team", key, form.teams)
        if key in one.teams[:number]:
            yield Problem(f"{place}.teams.{number}", f"{key!r} is given twice; take one out")
        if key in form.teams and form.teams[key].posts == "unlimited":
            yield Problem(
                f"{place}.teams.{number}",
                f"{key!r} is unlimited and costs nothing; give it posts, or leave it out",
            )
    known = [form.teams[key] for key in one.teams if key in form.teams]
    if len({(team.kind, team.unit) for team in known}) > 1:
        yield Problem(
            f"{place}.teams",
            "holds teams of different kinds or caseloads, and one caseload cannot fit both; "
            "give each kind a sum of its own",
        )


def _needs(form: f.FileForm, place: str, one: PublishedStaffingForm) -> Iterator[Problem]:
    found = [form.teams[key].serves for key in one.teams if key in form.teams]
    served = [need for need in found if need is not None]
    for need in one.need_multiples:
        yield from unknown(f"{place}.need_multiples.{need}", "need of these teams", need, served)


def _sums(place: str, one: PublishedStaffingForm) -> Iterator[Problem]:
    if one.pounds < FEW:
        yield Problem(
            f"{place}.pounds",
            f"sums are in pounds, got £{one.pounds:g}; did you mean {one.pounds * 1e6:.10g}?",
        )
    cost = min(one.post_pounds.value, *one.post_pounds.ends)
    if cost < FEW:
        yield Problem(
            f"{place}.post_pounds",
            f"what a post costs is in pounds a year, got £{cost:g}; write £47,000 as 47000",
        )


def _above_nothing(place: str, number: QuantityForm, what: str) -> Iterator[Problem]:
    if min(number.value, *number.ends) <= 0 or number.spread == "normal":
        yield Problem(
            place,
            f"{what} must be above 0 in every draw, got {number.value:g} "
            f"({number.ends[0]:g} to {number.ends[1]:g}, {number.spread or 'lognormal'}); "
            "use lognormal, uniform or triangular with ends above 0",
        )
