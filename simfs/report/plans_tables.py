"""Plans of staffing as CSV: every figure of every plan, effects of what was varied, the frontier.

A row of `plans.csv` is a plan, with the levels of what was varied as columns. Money is in whole
pounds, a chance or share is between 0 and 1, and the ends of intervals are those of the mean (95%).
"""

import math
from collections.abc import Iterator

from simfs.analysis.frontier import Standing, Step, efficient
from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_effects import Effect, Effects
from simfs.analysis.plan_figures import POUNDS
from simfs.analysis.plan_table import MONEY, PlanTable
from simfs.analysis.probabilities import Probability
from simfs.report.plans_columns import PER_STEP
from simfs.report.plans_words import OF_PLANS, plan_words
from simfs.report.tables import Value, csv_file
from simfs.scenario.plans import AS_PLANNED, Factor

NOTHING: tuple[Value, ...] = (None, None, None)


def plans_csv(table: PlanTable) -> bytes:
    """Every figure of every plan, with its interval and its difference to the file's own plan.

    The baseline and the file's own plan come first; `_to_plan` is the plan less the file's own in
    the same futures.
    """
    factors = [factor.key for factor in table.planned.plans.factors]
    heads = ["plan", "words", *factors]
    for figure in table.figures:
        heads += [f"{figure.key}{end}" for end in ("", "_low", "_high")]
        if figure.key in MONEY:
            heads += [f"{figure.key}_p10", f"{figure.key}_p90"]
        heads += [f"{figure.key}_to_plan{end}" for end in ("", "_low", "_high")]
    return csv_file(heads, (_plan(table, arm) for arm in table.planned.outcomes.arms))


def _plan(table: PlanTable, arm: str) -> list[Value]:
    row: list[Value] = [arm, plan_words(table, arm)]
    if arm == table.planned.outcomes.baseline:
        row += [None] * len(table.own)
    else:
        row += table.own if arm == AS_PLANNED else table.levels(arm)
    for figure in table.figures:
        of_baseline = arm == table.planned.outcomes.baseline and figure.key in OF_PLANS
        row += NOTHING if of_baseline else _ends(table.amount(figure.key, arm), figure.unit)
        if figure.key in MONEY:
            band = table.bands[figure.key][arm]
            row += (None, None) if of_baseline else tuple(round(end) for end in band)
        row += NOTHING if of_baseline else _ends(table.difference(figure.key, arm), figure.unit)
    return row


def _ends(amount: Amount, unit: str) -> tuple[Value, ...]:
    """A mean and its interval; whole pounds, as no run knows pence."""
    found = (amount.mean, amount.low, amount.high)
    if unit.startswith(POUNDS):
        return tuple(each if each is None or math.isnan(each) else round(each) for each in found)
    return found


def plans_claims_csv(table: PlanTable) -> bytes:
    """Every claim of the file for every plan: a row each, with its three chances."""
    heads = ["plan", "words", "claim", "period", "unit", "mean", "mean_low", "mean_high"]
    for kind in ("expected", "outturn", "coupled"):
        heads += [f"p_{kind}", f"p_{kind}_low", f"p_{kind}_high"]
    heads += ["effective_n", "reason"]
    return csv_file(heads, _claims(table))


def _claims(table: PlanTable) -> Iterator[list[Value]]:
    for arm, verdicts in table.verdicts.items():
        for one in verdicts:
            row: list[Value] = [arm, plan_words(table, arm), one.claim.id, one.period]
            mean = Amount(one.mean, one.mean_low, one.mean_high)
            row += [one.claim.unit, *_ends(mean, one.claim.unit)]
            for p in (one.expected, one.outturn, one.coupled):
                row += _chance(p)
            yield [*row, one.effective_n, one.reason]


def _chance(p: Probability | None) -> tuple[Value, ...]:
    return NOTHING if p is None else (p.value, p.low, p.high)


def effects_csv(table: PlanTable, found: tuple[Effects, ...]) -> bytes:
    """What levels do to every figure by themselves, and what two do together beyond that.

    `share` is of the variation of the grid, luck taken off; `clear` says whether luck alone would
    not make any of an effect's amounts. The rows "all plans" are the mean of the grid.
    """
    heads = [
        "figure", "part", "factor", "level", "other_factor", "other_level", "amount",
        "amount_low", "amount_high", "share", "clear",
    ]  # fmt: skip
    return csv_file(heads, (row for one in found for row in _effects(table, one)))


def _effects(table: PlanTable, found: Effects) -> Iterator[list[Value]]:
    unit = table.figure(found.key).unit
    yield [found.key, "all plans", "", "", "", "", *_ends(found.mean, unit), None, ""]
    for name, effects in (("main effect", found.main), ("together", found.pairs)):
        for effect in effects:
            yield from _effect(found.key, name, effect, unit)
    if found.rest:
        rest = "three or more together"
        yield [found.key, rest, "", "", "", "", None, None, None, found.rest, ""]


def _effect(key: str, name: str, effect: Effect, unit: str) -> Iterator[list[Value]]:
    for levels, amount in zip(effect.levels, effect.amounts, strict=True):
        named: list[Value] = []
        pairs: list[tuple[Factor | None, Value]] = [*zip(effect.factors, levels, strict=True)]
        for factor, at in (*pairs, (None, ""))[:2]:
            named += ["" if factor is None else factor.key, at]
        clear = "yes" if effect.is_clear else "no"
        yield [key, name, *named, *_ends(amount, unit), effect.share, clear]


def frontier_csv(table: PlanTable, found: dict[str, tuple[Standing, ...]]) -> bytes:
    """Every plan by cost and each figure of a frontier: whether another beats it, and how surely.

    `gap` is that plan's figure less this one's, with an interval that allows for the number of
    plans it was found among. `efficient`: no mixture of two other plans beats it.
    """
    heads = [
        "figure", "plan", "words", "cost", "value", "value_low", "value_high", "on_frontier",
        "efficient", "beaten_by", "gap", "gap_low", "gap_high", "clear",
    ]  # fmt: skip
    return csv_file(
        heads, (row for key, rows in found.items() for row in _standing(table, key, rows))
    )


def _standing(table: PlanTable, key: str, rows: tuple[Standing, ...]) -> Iterator[list[Value]]:
    kept, unit = efficient(table, key, rows), table.figure(key).unit
    for one in rows:
        yield [
            key, one.arm, plan_words(table, one.arm), round(table.amount(table.cost, one.arm).mean),
            *_ends(table.amount(key, one.arm), unit), _yes(one.on_frontier), _yes(one.arm in kept),
            one.beaten_by or "", *(NOTHING if one.gap is None else _ends(one.gap, unit)),
            "" if one.on_frontier else _yes(one.is_clear),
        ]  # fmt: skip


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def steps_csv(table: PlanTable, found: dict[str, tuple[Step, ...]]) -> bytes:
    """What each £100,000 a year more of staff buys, from one plan to a dearer one.

    The cost is that of the whole step; columns that end in `_per_100k` are for each £100,000.
    """
    keys = list(
        dict.fromkeys(key for rows in found.values() for step in rows for key in step.bought)
    )
    heads = ["along", "from", "to", "from_words", "to_words", "cost_of_whole_step"]
    for key in keys:
        heads += [f"{key}{PER_STEP}{end}" for end in ("", "_low", "_high")]
    return csv_file(
        heads, (_step(table, along, one, keys) for along in found for one in found[along])
    )


def _step(table: PlanTable, along: str, step: Step, keys: list[str]) -> list[Value]:
    words = [plan_words(table, arm) for arm in (step.start, step.end)]
    row: list[Value] = [along, step.start, step.end, *words, round(step.cost)]
    for key in keys:
        row += _ends(step.bought[key], table.figure(key).unit) if key in step.bought else NOTHING
    return row
