"""Rules that one table cannot know alone: names that must exist, sums, units, staff, effects.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
The rules about the map itself, its loops and its ages, are in `simfs.scenario.map_checks`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from simfs.errors import Problem
from simfs.scenario import form_parts as parts
from simfs.scenario import forms as f
from simfs.scenario.build_parts import MONTH_DAYS, calendar
from simfs.scenario.claim_checks import claim_remarks
from simfs.scenario.drift_checks import drift_remarks, target_remarks
from simfs.scenario.fit_checks import fit_remarks, history_remarks
from simfs.scenario.map_checks import map_remarks
from simfs.scenario.mending import independent
from simfs.scenario.money_checks import block_remarks, money_remarks, placement_mix_remarks
from simfs.scenario.names import Remark, sums_to_one, unknown
from simfs.scenario.practice_checks import effect_remarks, shared_remarks, specialists_missing
from simfs.scenario.practice_forms import PracticeForm
from simfs.scenario.price_checks import price_remarks
from simfs.scenario.published_checks import published_remarks
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar
from simfs.scenario.staff_checks import staff_remarks, team_remarks
from simfs.scenario.stay_checks import stay_remarks

LONGEST_DAYS = 36_525
STAND_IN = Calendar(date(2023, 4, 1), 3653)
MOST_CASES = 4_900_000  # expected; numbers from 5,000,000 on are of arrivals that an effect adds
MOST_CHILDREN = 7  # a case number is family × 8 + child
RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])", re.I)


def check(form: f.FileForm, arms: Iterable[str] = ()) -> tuple[list[Problem], list[str]]:
    """Problems and warnings of a form, which is that of these arms."""
    wrong = list(_study(form))
    remarks: list[Remark] = [*wrong, *_keys(form)]
    days = STAND_IN if wrong else calendar(form.study)
    rules = (
        _streams,
        team_remarks,
        staff_remarks,
        _practice,
        shared_remarks,
        claim_remarks,
        money_remarks,
        target_remarks,
    )
    dated = [item for rule in rules for item in rule(form, days)]
    dated += specialists_missing(form, days, arms)
    if wrong:
        dated = list(independent([item for item in dated if isinstance(item, Problem)], wrong))
    remarks += dated
    for other in (
        _mixes,
        map_remarks,
        stay_remarks,
        _costs,
        block_remarks,
        price_remarks,
        effect_remarks,
        drift_remarks,
        fit_remarks,
        history_remarks,
        published_remarks,
        _arms,
    ):
        remarks += other(form)
    problems = [item for item in remarks if isinstance(item, Problem)]
    return problems, [item for item in remarks if isinstance(item, str)]


def _study(form: f.FileForm) -> Iterator[Problem]:
    study = form.study
    if not re.fullmatch(r"[a-z0-9_-]{1,64}", study.name) or RESERVED.fullmatch(study.name):
        yield Problem(
            "study.name",
            f"names the results folder: 1 to 64 of a-z, 0-9, _ and -, and no name that Windows "
            f"reserves (con, nul, com1 …), got {study.name!r}; choose another, such as 'bury'",
        )
    if (study.years is None) == (study.days is None):
        given = "neither" if study.years is None else "both"
        yield Problem("study", f"needs either years or days, got {given}; give one")
        return
    days = study.days if study.days is not None else (study.years or 0) * 365
    key = "days" if study.days is not None else "years"
    if days < 1 or days > LONGEST_DAYS:
        yield Problem(
            f"study.{key}",
            f"a run is one day to 100 years long, got {getattr(study, key)}; write years = 5, say",
        )
    if not 1900 <= study.start.year <= 2200:
        yield Problem("study.start", f"got {study.start}; write a year from 1900 to 2200")


def _keys(form: f.FileForm) -> Iterator[Remark]:
    """Every name that the file gives to something."""
    tables: list[tuple[str, Iterable[str]]] = [
        (name, table)
        for name in type(form).model_fields
        if isinstance(table := getattr(form, name), dict)
    ]
    tables += [("needs", form.needs.__pydantic_extra__ or {})]
    tables += [(f"stages.{key}.routes", stage.routes) for key, stage in form.stages.items()]
    for key, model in form.practice_models.items():
        tables += [(f"practice_models.{key}.effects", model.effects)]
        tables += [(f"practice_models.{key}.investments", model.investments)]
    for place, names in tables:
        for name in names:
            if not re.fullmatch(parts.KEY_PATTERN, name) or RESERVED.fullmatch(name):
                yield Problem(
                    f"{place}.{name}",
                    f"a key is 1 to 64 of a-z, A-Z, 0-9, _ and -, and no name that Windows "
                    f"reserves, got {name!r}; rename it and put the words in label",
                )


def _streams(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    for key, stream in form.streams.items():
        place = f"streams.{key}"
        yield from unknown(f"{place}.to", "stage", stream.to, form.stages)
        yield from unknown(f"{place}.ages", "age mix", stream.ages, form.age_mixes)
        steps = [step.from_ or days.start for step in stream.per_year]
        if not steps or steps[0] != days.start or steps != sorted(set(steps)):
            yield Problem(
                f"{place}.per_year",
                f"steps must rise in date from the study's start {days.start}; "
                f"got {', '.join(map(str, steps)) or 'none'}",
            )
        most = max((step.value for step in stream.per_year), default=0.0)
        cases = most * days.days / DAYS_PER_YEAR
        if cases > MOST_CASES:
            yield Problem(
                f"{place}.per_year",
                f"{most:g} a year would be about {cases:,.0f} cases in the run; at most "
                f"{MOST_CASES:,} can be simulated: check the unit (cases a year)",
            )


def _mixes(form: f.FileForm) -> Iterator[Remark]:
    yield from sums_to_one("families.sizes", form.families.sizes)
    if len(form.families.sizes) > MOST_CHILDREN:
        yield Problem(
            "families.sizes",
            f"a family has at most {MOST_CHILDREN} children, got chances of "
            f"{len(form.families.sizes)}; add those of larger families to the last",
        )
    for key, split in form.splits.items():
        yield from sums_to_one(f"splits.{key}.shares", split.shares)
    for key, mix in form.placement_mixes.items():
        yield from placement_mix_remarks(f"placement_mixes.{key}", mix, form.placements)
    for key, ages in form.age_mixes.items():
        yield from sums_to_one(f"age_mixes.{key}.shares", ages.shares)
        rising = ages.edges == sorted(set(ages.edges))
        if len(ages.edges) != len(ages.shares) + 1 or not rising or ages.edges[-1] > 18:
            yield Problem(
                f"age_mixes.{key}.edges",
                f"edges must rise, end by 18 and be one more than shares, got {ages.edges} for "
                f"{len(ages.shares)} shares; write [0, 5, 10, 18] for three bands, say",
            )


def _practice(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    for key, model in form.practice_models.items():
        place = f"practice_models.{key}"
        if model.effects and model.go_live is None:
            yield Problem(place, "has effects but no go_live; add go_live = 2023-10-01, say")
        yield from _live(place, model, days)
        for name, item in model.investments.items():
            spot = f"{place}.investments.{name}.pounds"
            if item.ledger != "grant" and min(item.pounds, default=0) < 0:
                yield Problem(
                    spot, f"negative cost {min(item.pounds):g}; money received is a grant"
                )
            if len(item.pounds) > len(days.years):
                yield f"{spot}: {len(item.pounds)} years given, the run has {len(days.years)}"


def _live(place: str, model: PracticeForm, days: Calendar) -> Iterator[str]:
    """A practice that starts, at the earliest or the latest, when nothing is simulated."""
    if model.go_live is None:
        return
    low, high = (round(end * MONTH_DAYS) for end in model.slip_months.ends)
    first, last = days.day_of(model.go_live) + low, days.day_of(model.go_live) + high
    if first < 0 or last >= days.days:
        slipped = ""
        if (low, high) != (0, 0):
            slipped = f", with slip_months {days.date_of(first)} to {days.date_of(last)},"
        yield f"{place}.go_live: {model.go_live}{slipped} is outside the run"


def _costs(form: f.FileForm) -> Iterator[Remark]:
    stages = form.stages
    known: Mapping[str, tuple[str, Iterable[str]]] = {
        "child_week": ("stage", stages),
        "entry": ("stage", stages),
        "route": ("route", [f"{k}.{r}" for k, stage in stages.items() for r in stage.routes]),
        "placement_week": ("placement", form.placements),
        "diversion": (
            "effect",
            {name for model in form.practice_models.values() for name in model.effects},
        ),
        "week_after_exit": ("exit", form.exits),
        "post_year": ("team", form.teams),
        "agency_post_year": ("team", form.teams),
        "met_week": ("need", form.needs.__pydantic_extra__ or {}),
    }
    for key, cost in form.costs.items():
        place = f"costs.{key}"
        what, names = known[cost.basis]
        for name in cost.applies_to:
            yield from unknown(f"{place}.applies_to", what, name, names)
        ends = [e for e in (cost.pounds.value, cost.pounds.p10, cost.pounds.low) if e is not None]
        if min(ends) < 0 and cost.ledger not in {"grant", "partner"}:
            yield Problem(
                f"{place}.pounds",
                f'negative cost {min(ends):g}; give what is paid, or ledger = "grant" for income',
            )
        if abs(cost.growth.value) > 0.5:
            yield Problem(
                f"{place}.growth",
                f"a share a year between -0.5 and 0.5, got {cost.growth.value:g}; "
                f"did you mean {cost.growth.value / 100:g}?",
            )
        if cost.spell_cv > 10:
            yield f"{place}.spell_cv: a cv of {cost.spell_cv:g}: is it in percent?"


def _arms(form: f.FileForm) -> Iterator[Remark]:
    if not form.arms:
        yield Problem("arms", "no arm; add [arms.today]")
    if form.study.baseline is None and len(form.arms) > 1:
        yield Problem("study", f'missing baseline; add baseline = "{next(iter(form.arms))}", say')
    yield from unknown("study.baseline", "arm", form.study.baseline, form.arms)
    for key, arm in form.arms.items():
        yield from unknown(
            f"arms.{key}.practice_model",
            "practice model",
            arm.practice_model,
            form.practice_models,
        )
