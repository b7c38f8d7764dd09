"""The answer to a question of staffing in sentences, for the terminal and the page."""

from collections.abc import Iterator

from simfs.analysis.frontier import Best
from simfs.analysis.intervals import skew_warning
from simfs.analysis.plan_figures import CASH, CHANCE, WAITING
from simfs.report.plans_found import PlansFound
from simfs.report.plans_words import (
    WAITING_IS_FREE,
    cell,
    chance_with_interval,
    decimals,
    interval,
    is_apart,
    plan_words,
    short,
    told,
    with_interval,
)
from simfs.report.wording import listed
from simfs.scenario.plans import AS_PLANNED

PRAISE = {
    CASH: "Most cash saved, less cost",
    CHANCE: "Best chance of the claim",
    WAITING: "Fewest children without a worker",
}
SIDES = {CHANCE: "cost and the chance of the claim", WAITING: "cost and waiting"}


def answers(found: PlansFound) -> list[str]:
    """The answer, sentence by sentence."""
    return [_own(found), *_bests(found), *_frontiers(found), *_cautions(found)]


def _own(found: PlansFound) -> str:
    """What the file's own plan comes to."""
    table = found.table
    parts = []
    if table.has(table.cost):
        cost = table.amount(table.cost, AS_PLANNED).mean
        side = "more" if cost >= 0 else "less"
        extra = told(abs(cost), "£ a year", 2)
        parts.append(f"its posts cost {extra} a year {side} than the baseline's")
    if table.has(CASH):
        parts.append(f"its cash saving less cost is {with_interval(table, CASH, AS_PLANNED)}")
    if table.has(CHANCE):
        parts.append(f"the chance of the claim is {with_interval(table, CHANCE, AS_PLANNED)}")
    if table.has(WAITING):
        parts.append(
            f"{with_interval(table, WAITING, AS_PLANNED)} children are without a worker on a day"
        )
    return f"The file's own plan: {listed(parts)}."


def _bests(found: PlansFound) -> Iterator[str]:
    """The plans that look best, each with what to expect of a plan chosen so."""
    for key, one in found.bests.items():
        gap = ""
        if not is_apart(found.table, key, one.arm):
            gap = " Luck does not set it apart from the file's own plan."
        yield (
            f"{PRAISE[key]}: {plan_words(found.table, one.arm)}. {_unseen(found, key, one)}"
            f"{_like(found, one)}{gap}"
        )


def _unseen(found: PlansFound, key: str, one: Best) -> str:
    """What to expect of it, since luck helps to choose the best of many."""
    figure = found.table.figure(key)
    looks = cell(found.table, figure, one.arm)
    if key == CHANCE:
        honest = chance_with_interval(one.honest)
    else:
        digits = decimals(found.table, figure)
        ends = interval(one.honest, figure.unit, digits)
        honest = f"{told(one.honest.mean, figure.unit, digits)} ({ends})"
    return f"It shows {looks}; expect {honest} of a plan chosen so."


def _like(found: PlansFound, one: Best) -> str:
    number, others = len(one.like), len(found.table.planned.arms) - 1
    if not others:
        return ""
    if not number:
        return " It is ahead of all others by more than luck."
    return f" Luck may have put it before {number} of the {others} others."


def _frontiers(found: PlansFound) -> Iterator[str]:
    """How many plans are worth looking at, and where the file's own stands."""
    for key, rows in found.standings.items():
        on = sum(one.on_frontier for one in rows)
        behind = sum(one.is_clear for one in rows)
        own = next(one for one in rows if one.arm == AS_PLANNED)
        said = f"By {SIDES[key]}, {on} of {len(rows)} plans {'is' if on == 1 else 'are'} beaten by "
        said += "no other, and "
        said += f"{behind or 'none'} {'is' if behind == 1 else 'are'} beaten by more than luck."
        if own.beaten_by:
            by = plan_words(found.table, own.beaten_by)
            said += (
                f" The file's own is beaten by {by}{'' if own.is_clear else ', perhaps by luck'}."
            )
        yield said


def _cautions(found: PlansFound) -> Iterator[str]:
    table = found.table
    for key in (CASH, WAITING):
        skew = (
            skew_warning(table.by_draw[key][:, table.place(AS_PLANNED)]) if table.has(key) else ""
        )
        if skew:
            yield f"{short(table.figure(key))}, a {skew}: till then it may be too narrow."
    if found.table.has(CASH):
        yield WAITING_IS_FREE
    if not found.table.has(found.table.cost):
        yield "Posts have no price in this file, so no plan has a cost and there is no frontier."
    if not found.effects:
        yield "Not every plan of the grid was run, so effects of what was varied cannot be told."
