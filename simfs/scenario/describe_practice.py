"""Staff who come and go, training, effects and what reaches every arm, in words."""

from collections.abc import Iterable

from simfs.scenario.build_parts import MONTH_DAYS
from simfs.scenario.dates import day_in_short, day_in_words
from simfs.scenario.practice import (
    ON_WORKERS,
    Effect,
    EffectKind,
    PracticeModel,
    Reading,
    Reform,
    ServiceCrisis,
    Training,
)
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.renewal import agency_of_filled, filled, recruitment_days, without_permanent
from simfs.scenario.scenario import DAYS_PER_YEAR, Calendar, Scenario
from simfs.scenario.workforce import Workforce


def workforces(scenario: Scenario) -> list[str]:
    """How workers come and go, and what share of posts that leaves filled in the long run."""
    lines: list[str] = []
    for workforce in scenario.workforces:
        teams = [team.label for team in scenario.teams if team.workforce == workforce]
        lines += _workforce(workforce, teams)
    return lines


def _workforce(workforce: Workforce, teams: list[str]) -> list[str]:
    lines = [
        f"{workforce.label} ({workforce.key}): {', '.join(teams)}",
        f"    {_quantity(workforce.turnover, 0.01)}% of permanent workers leave in a year",
    ]
    if workforce.vacancy is None:
        lines.append(f"    a post is empty for {_quantity(workforce.recruitment)} days")
    else:
        lines.append(
            f"    a post is empty for {recruitment_days(workforce):.3g} days, which leaves "
            f"{_quantity(workforce.vacancy, 0.01)}% of posts empty"
        )
    if workforce.agency_share.value > 0:
        lines.append(
            f"    {_quantity(workforce.agency_share, 0.01)}% of appointments are agency workers, "
            f"who stay {_quantity(workforce.agency_tenure)} days and leave a post empty for "
            f"{_quantity(workforce.agency_gap)}"
        )
    new = workforce.newly_qualified
    if new is not None:
        lines.append(
            f"    {new.share:.0%} of permanent appointments are newly qualified and hold "
            f"{new.caseload:.0%} of a caseload for {new.days / MONTH_DAYS:.2g} months"
        )
    lines.append(
        f"    in the long run {filled(workforce):.1%} of posts are filled, "
        f"{agency_of_filled(workforce):.1%} of those by agency workers; "
        f"{without_permanent(workforce):.1%} have no permanent holder"
    )
    return lines


def every_arm(scenario: Scenario) -> list[str]:
    """A reform and a service in crisis, where there are any."""
    days = scenario.calendar
    reform = _reform(scenario.reform, days) if scenario.reform else []
    return [*reform, *(_crisis(scenario.service_crisis) if scenario.service_crisis else [])]


def _reform(reform: Reform, days: Calendar) -> list[str]:
    half, ninety = (_quantity(q, MONTH_DAYS) for q in (reform.half, reform.ninety))
    return [
        f"national reform from {day_in_words(days.date_of(reform.start))}: "
        f"{_quantity(reform.share, 0.01)}% of the effects at full strength",
        f"    half of that after {half} months, nine tenths after {ninety}; an arm that has more "
        "keeps its own",
        f"    effects: {', '.join(effect.key for effect in reform.effects)}",
    ]


def _crisis(crisis: ServiceCrisis) -> list[str]:
    targets = ", ".join(".".join(target) for target in crisis.targets)
    return [
        f"a service in crisis: {crisis.per_year:.3g} a year, at most once; practice models lose "
        "their effects",
        f"    × {crisis.ratio:.3g} on {targets or 'nothing'} for "
        f"{crisis.days / MONTH_DAYS:.2g} months",
    ]


def slip(model: PracticeModel) -> str:
    """By how many months the effects start later than planned; empty for none."""
    if model.slip.value == 0 and model.slip.spread is Spread.NONE:
        return ""
    return f", effects {_quantity(model.slip, MONTH_DAYS)} months later than that"


def training(form: Training, days: Calendar) -> list[str]:
    """Courses, and how skill grows from there."""
    courses = ", ".join(
        f"{day_in_short(days.date_of(course.day))} {course.seats}" for course in form.courses
    )
    lines = [f"training, seats: {courses}; teams {', '.join(form.teams)}"]
    if form.rolling_days:
        months = form.rolling_days / MONTH_DAYS
        lines.append(f"    then {form.rolling_seats} every {months:.2g} months")
    if form.skill_days:
        lines.append(
            f"    {form.skill_first:.0%} of the practice on the day, all of it after "
            f"{form.skill_days / MONTH_DAYS:.2g} months"
        )
    lines.append(f"    effects are as published at a mean skill of {_quantity(form.reference)}")
    return lines


def by_day(levels: Iterable[tuple[int, int]], days: Calendar) -> str:
    """Levels with the dates from which they hold; the first without."""
    (_, first), *later = levels
    return ", ".join(
        [str(first), *(f"{n} from {day_in_short(days.date_of(day))}" for day, n in later)]
    )


def _quantity(quantity: Quantity, scale: float = 1.0) -> str:
    """A number and its range, both divided by `scale`."""
    text = f"{quantity.value / scale:.3g}"
    if quantity.spread is Spread.NONE:
        return text
    return f"{text} ({quantity.low / scale:.3g} to {quantity.high / scale:.3g})"


def effect_lines(effect: Effect, go_live: int) -> list[str]:
    """One effect: what it multiplies, by how much, and when."""
    on = ", ".join(".".join(part for part in target if part) for target in effect.targets)
    if effect.kind in ON_WORKERS:
        on = f"{effect.kind.value} of {on}"
    ratio = f"× {_quantity(effect.ratio)}"
    if effect.reading is Reading.FLOW:
        ratio += f" on the route, for × {effect.published:.3g} of the flow"
    half = _quantity(effect.ramp.half, MONTH_DAYS)
    ninety = _quantity(effect.ramp.ninety, MONTH_DAYS)
    clock = f"half after {half} months, nine tenths after {ninety}"
    early = (effect.ramp.start - go_live) / MONTH_DAYS
    if abs(early) >= 1:
        clock += (
            f", counted from {abs(early):.0f} months {'before' if early < 0 else 'after'} go-live"
        )
    lines = [f"effect {effect.key}: {effect.label}", f"    {ratio} on {on}", f"    {clock}"]
    if effect.fade is not None:
        after = (effect.fade.start - go_live) / MONTH_DAYS
        half_life = _quantity(effect.fade.half_life, DAYS_PER_YEAR)
        lines.append(
            f"    fades from {after:.0f} months after go-live, halving every {half_life} years"
        )
    if effect.kind is EffectKind.ROUTE and effect.remainder:
        lines.append(f"    what is prevented goes to {effect.remainder}, where the stage has it")
    if effect.kind in ON_WORKERS:
        return lines
    lines.append(
        f"    {_quantity(effect.team_share)} of it without specialists; reference dose "
        f"{_quantity(effect.reference_dose)}%, power {_quantity(effect.dose_power)}"
    )
    return lines
