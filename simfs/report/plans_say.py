"""The answer to a question of staffing in sentences, for the terminal and the page."""

from collections.abc import Iterator

from simfs.analysis.frontier import Best
from simfs.analysis.plan_figures import CASH, CHANCE, WAITING
from simfs.report.plans_found import PlansFound
from simfs.report.plans_notes import alike_words, cautions, other_posts, who_waits
from simfs.report.plans_words import (
    cell,
    chance_with_interval,
    decimals,
    interval,
    is_apart,
    plan_words,
    told,
    with_interval,
)
from simfs.report.wording import listed
from simfs.scenario.plans import AS_PLANNED

PRAISE = {
    CASH: "Most cash saved after costs",
    CHANCE: "Best chance of the claim",
    WAITING: "Fewest children without a worker",
}
SIDES = {CHANCE: "cost and the chance of the claim", WAITING: "cost and waiting"}


def answers(found: PlansFound) -> list[str]:
    """The answer in at most seven points."""
    beside = [*who_waits(found.table), *other_posts(found.table)]
    told_ = [_own(found), *beside, *_bests(found)]
    last = " ".join(cautions(found))
    return [*told_, *([last] if last else [])]


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
        if key in found.alike:
            yield alike_words(found, key)
        else:
            yield f"{PRAISE[key]}: {_named(found, key, one)}{_unseen(found, key, one)}"


def _named(found: PlansFound, key: str, one: Best) -> str:
    """The plan and its figure, and whether it is the file's own or like it."""
    table = found.table
    looks = cell(table, table.figure(key), one.arm)
    words = f"{plan_words(table, one.arm)}, with {looks}"
    if table.levels(one.arm) == table.own:
        return f"{words}; it is the file's own plan."
    if not is_apart(table, key, one.arm):
        return f"{words}; the file's own plan may do as well."
    return f"{words}."


def _unseen(found: PlansFound, key: str, one: Best) -> str:
    """What to expect of it, since luck helps to choose the best of many; and its equals."""
    number = len(found.table.planned.arms)
    if number == 1:
        return ""
    like = len(one.like)
    many = "one other plan" if like == 1 else f"{like} other plans"
    equals = f" {many[:1].upper()}{many[1:]} may do as well." if like else ""
    if key == CHANCE:
        honest = chance_with_interval(one.honest)
    else:
        figure = found.table.figure(key)
        digits = decimals(found.table, figure)
        ends = interval(one.honest, figure.unit, digits)
        honest = f"{told(one.honest.mean, figure.unit, digits)} ({ends})"
    return f" The best of {number} looks better than it is: expect {honest}.{equals}"


def frontier_words(found: PlansFound) -> Iterator[str]:
    """How many plans are worth looking at by cost, and where the file's own stands."""
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
