"""Rules about the authority's drift: targets that exist, each moved once, numbers that make sense.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

from collections.abc import Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, unknown
from simfs.scenario.practice_forms import DriftTargetForm
from simfs.scenario.scenario import Calendar
from simfs.scenario.staff_checks import within

MOST_SD = 2.0  # of a logarithm; factors are cut at a quarter and at four
SOONEST_BACK, NEVER_BACK = 0.1, 1_200.0  # months
LEVELS = (0.25, 4.0)
WHOLE_YEAR = 365  # days


def drift_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on the walks."""
    moved: dict[str, str] = {}
    for key, walk in form.drift.items():
        place = f"drift.{key}"
        yield from within(f"{place}.sd", walk.sd, 0, MOST_SD)
        yield from within(
            f"{place}.half_life_months", walk.half_life_months, SOONEST_BACK, NEVER_BACK
        )
        yield from within(f"{place}.returns_to", walk.returns_to, *LEVELS)
        for target in walk.targets:
            yield from _target(form, f"{place}.targets", target)
            if target in moved:
                yield Problem(
                    f"{place}.targets",
                    f"{target!r} is moved by walk {moved[target]!r} already; take it out of one",
                )
            moved[target] = key


def _target(form: f.FileForm, place: str, target: str) -> Iterator[Problem]:
    """A stream, or a route whose stage has another route as remainder."""
    routes = [f"{key}.{name}" for key, stage in form.stages.items() for name in stage.routes]
    if "." not in target or target not in routes:
        yield from unknown(place, "stream or stage.route", target, [*form.streams, *routes])
        return
    stage_key, _, name = target.partition(".")
    stage = form.stages[stage_key]
    if stage.remainder not in stage.routes or stage.remainder == name:
        yield Problem(
            place,
            f"{target!r} needs a remainder to take from and give to; add remainder = … to stage "
            f"{stage_key!r}, another of its routes",
        )


def target_remarks(form: f.FileForm, days: Calendar) -> Iterator[Problem]:
    """Remarks on what the walks are sized by."""
    if form.drift_targets and (days.start.month, days.start.day) != (4, 1):
        yield Problem(
            "drift_targets",
            f"published counts are of 31 March, so the run must start on 1 April, got {days.start}",
        )
        return
    years = sum(end - first >= WHOLE_YEAR for _, first, end in days.years)
    seen: set[tuple[str, str]] = set()
    for index, target in enumerate(form.drift_targets):
        place = f"drift_targets.{index}"
        yield from unknown(f"{place}.count", "count", target.count, form.counts)
        if (target.count, target.what) in seen:
            yield Problem(place, f"{target.count!r} {target.what} is given twice; take one out")
        seen.add((target.count, target.what))
        yield from _counted(form, place, target)
        yield from _years(place, target, years)


def _counted(form: f.FileForm, place: str, target: DriftTargetForm) -> Iterator[Problem]:
    """A stock is compared with what it opens at."""
    stocked = any(s.opening.children and target.count in s.counts for s in form.stages.values())
    if target.what == "at_end" and target.count in form.counts and not stocked:
        yield Problem(
            f"{place}.count",
            f"{target.count!r} has no children at the start to compare with; give a stage opening, "
            'or write what = "starts"',
        )


def _years(place: str, target: DriftTargetForm, years: int) -> Iterator[Problem]:
    """As many whole years as are looked at, and one more to compare starts with."""
    wanted = len(target.sd) + (target.what == "starts")
    if wanted > years:
        yield Problem(
            f"{place}.sd",
            f"{len(target.sd)} years of {target.what} need a run of {wanted} whole years, got "
            f"{years}; make the run longer or the list shorter",
        )
    for number, fall in enumerate(target.chances):
        if fall.years > len(target.sd):
            yield Problem(
                f"{place}.chances.{number}.years",
                f"got {fall.years}, but sd has {len(target.sd)}; give sd for that year too",
            )
