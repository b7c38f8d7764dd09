"""How plans of staffing and their figures are told: short names, and digits that luck supports."""

import math
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np

from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_effects import Effect
from simfs.analysis.plan_figures import (
    CASH,
    CHANCE,
    CHANGES,
    DAYS,
    NET,
    STAFF,
    STAFF_OF_RUN,
    WAITING,
    PlanFigure,
)
from simfs.analysis.plan_table import PlanTable, is_clear
from simfs.analysis.probabilities import Probability
from simfs.report.wording import DASH, MILLION, MINUS, between, in_sentence, percent_of
from simfs.scenario.plans import AS_PLANNED, Factor
from simfs.scenario.variable import Kind, Level

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_DECIMALS = {"£": 2, "share": 0, "children": 1, "days": 1, "changes a year": 3}
SHOWN = (CASH, NET, CHANCE, WAITING, DAYS, CHANGES)  # as heat maps
SHORT = {
    CASH: "Cashable saving less cost",
    NET: "Net saving, workers' time counted",
    STAFF: "Extra cost of posts",
    STAFF_OF_RUN: "Extra cost of posts",
    CHANCE: "Chance of the claim",
    WAITING: "Children without a worker",
    DAYS: "Days to allocation",
    CHANGES: "Changes of worker",
}
WAITING_IS_FREE = (
    "No price of waiting is in any saving: a plan may save money by leaving children without a "
    "worker."
)
FLATTERED = (
    "A child who waits takes no worker's time, so the net saving, which counts workers' time as "
    "money, even looks better the longer children wait. Read it beside the children without a "
    "worker."
)
OF_PLANS = (CHANCE,)  # what a baseline cannot have
NOT_CERTAIN = "not certain"
LUCK = (
    f"{NOT_CERTAIN.capitalize()}: no more than luck might show with so many futures; more --reps "
    "would tell."
)
UNITS = {
    "£": "£m over the run",
    "£ a year": "£m a year",
    "share": "%",
    "children": "children",
    "days": "days",
    "changes a year": "per case and year",
}


def short(figure: PlanFigure) -> str:
    """What a figure is, in few words."""
    return SHORT.get(figure.key, figure.label)


def in_unit(value: float, unit: str) -> float:
    """A value in the unit in which it is shown: pounds in millions, shares in per cent."""
    if unit.startswith("£"):
        return value / MILLION
    return 100 * value if unit == "share" else value


@lru_cache(maxsize=64)
def decimals(table: PlanTable, figure: PlanFigure) -> int:
    """Digits after the point that luck supports: as differences to the file's own plan are known.

    One digit more would be smaller than half of the width of most of their 95% intervals.
    """
    most = MOST_DECIMALS.get(figure.unit, MOST_DECIMALS["£"])
    halves = []
    for arm in table.planned.arms:
        gap = table.difference(figure.key, arm)
        if gap.low is not None and gap.high is not None and gap.high > gap.low:
            halves.append(in_unit(gap.high - gap.low, figure.unit) / 2)
    if not halves:
        return most
    supported = math.ceil(-math.log10(float(np.median(halves))))
    # tenths of a million at the least: whole millions would hide every plan from the others
    least = 1 if figure.unit.startswith("£") else 0
    return min(max(supported, least), most)


def written(value: float, unit: str, digits: int) -> str:
    """A value in the unit in which it is shown, without the unit.

    >>> written(-1_240_000.0, "£", 1), written(0.316, "share", 0), written(0.0, "days", 1)
    ('−1.2', '32', '0.0')
    """
    if math.isnan(value):
        return DASH
    rounded = round(in_unit(value, unit), digits)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{digits}f}"


def told(value: float, unit: str, digits: int) -> str:
    """A value with its unit.

    >>> told(-1_240_000.0, "£", 1), told(0.316, "share", 0), told(3.21, "days", 1)
    ('−£1.2m', '32%', '3.2')
    """
    text = written(value, unit, digits)
    if unit.startswith("£"):
        return f"{MINUS if text.startswith(MINUS) else ''}£{text.removeprefix(MINUS)}m"
    return f"{text}%" if unit == "share" else text


def chance_words(amount: Amount) -> str:
    """A chance in as many digits as its interval supports, never certain."""
    if amount.low is None or amount.high is None:
        return "not known"
    return Probability(amount.mean, amount.low, amount.high, 0.0).printed.replace("about ", "~")


def chance_with_interval(amount: Amount) -> str:
    """A chance with its interval, in per cent: ``~80% (58 to 90)``.

    >>> chance_with_interval(Amount(0.8, 0.58, 0.9)), chance_with_interval(Amount(0.0, 0.0, 0.32))
    ('~80% (58 to 90)', '<32%')
    """
    words = chance_words(amount)
    if amount.low is None or amount.high is None or words[0] in "<>n":
        return words  # the end of the interval is in it, or it is not known
    return f"{words} ({percent_of(amount.low)} to {percent_of(amount.high)})"


def with_interval(table: PlanTable, key: str, arm: str) -> str:
    """A figure of a plan with the 95% interval of its mean."""
    amount, figure = table.amount(key, arm), table.figure(key)
    if key == CHANCE:
        return chance_with_interval(amount)
    digits = decimals(table, figure)
    ends = interval(amount, figure.unit, digits)
    return f"{told(amount.mean, figure.unit, digits)} ({ends})"


def cell(table: PlanTable, figure: PlanFigure, arm: str) -> str:
    """A figure of a plan, short."""
    if figure.key == CHANCE:
        return chance_words(table.amount(CHANCE, arm))
    return told(table.amount(figure.key, arm).mean, figure.unit, decimals(table, figure))


def interval(amount: Amount, unit: str, digits: int) -> str:
    """The ends of an interval, or why there is none."""
    if amount.low is None or amount.high is None or math.isnan(amount.mean):
        return "no interval"
    return between(told(amount.low, unit, digits), told(amount.high, unit, digits))


def signed(amount: Amount, unit: str, digits: int) -> str:
    """A difference with its sign and interval, in the unit in which it is shown.

    >>> signed(Amount(0.05, -0.01, 0.11), "share", 0)
    '+5 (−1 to 11)'
    """
    mean = written(amount.mean, unit, digits)
    sign = "+" if in_unit(amount.mean, unit) > 0 and mean.strip("0.,") else ""
    if amount.low is None or amount.high is None:
        return f"{sign}{mean}"
    low, high = (written(end, unit, digits) for end in (amount.low, amount.high))
    return f"{sign}{mean} ({between(low, high)})"


def digits_of(amounts: Sequence[Amount], unit: str, most: int) -> int:
    """Digits after the point that the intervals of some amounts support."""
    halves = [
        in_unit(one.high - one.low, unit) / 2
        for one in amounts
        if one.low is not None and one.high is not None and one.high > one.low
    ]
    if not halves:
        return most
    return min(max(math.ceil(-math.log10(float(np.median(halves)))), 0), most)


def share_words(share: float) -> str:
    """A share of the variation between plans.

    >>> share_words(0.002), share_words(0.42), share_words(0.999)
    ('<1%', '42%', '>99%')
    """
    percent = round(100 * share)
    return "<1%" if percent < 1 else ">99%" if percent > 99 else f"{percent}%"


def span_words(span: float, unit: str, digits: int) -> str:
    """How far a figure is moved: of a share in points, else with its unit.

    >>> span_words(0.56, "share", 0), span_words(0.01, "share", 0), span_words(1_240_000.0, "£", 1)
    ('56 points', '1 point', '£1.2m')
    """
    words = told(span, unit, digits)
    if unit != "share":
        return words
    return f"{words.removesuffix('%')} {'point' if words == '1%' else 'points'}"


def is_apart(table: PlanTable, key: str, arm: str) -> bool:
    """Whether a plan differs from the file's own by more than luck."""
    return is_clear(table.difference(key, arm))


def level(at: Level | None) -> str:
    """A level in letters: a first of a month as month and year.

    >>> level(date(2024, 4, 1)), level(date(2024, 4, 15)), level(34)
    ('Apr 2024', '2024-04-15', '34')
    """
    if isinstance(at, date):
        return f"{at:%b %Y}" if at.day == 1 else at.isoformat()
    return "not given" if at is None else str(at)


def plan_words(table: PlanTable, arm: str) -> str:
    """A plan in words: every factor with its level."""
    if arm == AS_PLANNED:
        return "the file's own plan"
    if arm == table.planned.outcomes.baseline:
        return f"the baseline, {table.planned.outcomes.study.arm(arm).label}"
    return table.planned.plans.words(table.levels(arm))


def plan_short(table: PlanTable, arm: str) -> str:
    """A plan by its levels alone, in the order of the factors."""
    if arm == AS_PLANNED:
        return "file's plan"
    return " · ".join(level(each) for each in table.levels(arm))


def factor_letters(table: PlanTable) -> tuple[tuple[str, Factor], ...]:
    """A letter for every factor."""
    return tuple(zip(LETTERS, table.planned.plans.factors, strict=False))


def factor_words(factor: Factor) -> str:
    """What of a factor was varied, from where to where, and what the file has."""
    low, high = level(factor.levels[0]), level(factor.levels[-1])
    number = len(factor.levels)
    levels = f"{low} to {high}, {number} levels" if number > 1 else f"{low} alone"
    own = factor.variable.value
    file = "the file has none" if own is None else f"the file has {level(own)}"
    return f"{factor.label}, {levels} ({file})"


def is_time(factor: Factor) -> bool:
    """Whether its levels are dates."""
    return factor.variable.kind is Kind.DATE


def now_levels(table: PlanTable) -> tuple[Level | None, ...]:
    """Levels of what was varied as the baseline has them: posts and caseloads of the last day."""
    now = table.planned.outcomes.study.arm(table.planned.outcomes.baseline)
    last = now.calendar.days - 1
    found: list[Level | None] = []
    for factor in table.planned.plans.factors:
        of, _, rest = factor.key.partition(".")
        key, _, what = rest.partition(".")
        team = now.team(key) if of == "teams" and what in ("posts", "caseload") else None
        if team is None:
            found.append(None)
        else:
            found.append(team.posts_on(last) if what == "posts" else team.caseload[-1][1])
    return tuple(found)


def effect_words(effect: Effect, unit: str, digits: int) -> str:
    """How far levels move a figure, and whether that is certain."""
    words = span_words(effect.span, unit, digits)
    if not effect.span:
        return "nothing"
    return words if effect.is_clear else f"{words}, {NOT_CERTAIN}"


def together_words(effects: Sequence[Effect], unit: str, digits: int) -> tuple[str, float | None]:
    """What two factors do only together: the most of any two, and the share of those certain."""
    most = max(effects, key=lambda effect: (effect.is_clear, effect.span))
    shares = [effect.share for effect in effects if effect.is_clear]
    return effect_words(most, unit, digits), sum(shares) if shares else None


def run_words(table: PlanTable) -> str:
    """What was run, in a sentence."""
    outcomes = table.planned.outcomes
    number, whole = len(table.planned.arms), len(table.planned.plans.levels)
    of = "" if number == whole else f" of the {whole} of the grid"
    years = outcomes.years
    period = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    base = outcomes.study.arm(outcomes.baseline).label
    return (
        f"{number} plans{of} of the staffing of {table.planned.plans.arm.label}, {period}, in "
        f"the same {outcomes.futures:,} futures, beside the file's own plan and the baseline "
        f"({base}). Seed {outcomes.seed}."
    )


def claim_words(table: PlanTable) -> str:
    """The claim whose chance is told, in words; empty without one."""
    if table.claim is None:
        return ""
    reading = f", {table.claim.reading}" if table.claim.reading else ""
    return f"“{in_sentence(table.claim.words)}”{reading} ({table.claim.id})"
