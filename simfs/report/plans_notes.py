"""What must be said beside plans of staffing: who waits, what else comes with them, and time."""

import math
from collections.abc import Iterator

from simfs.analysis.intervals import LEVEL, skew_warning
from simfs.analysis.plan_figures import CASH, CHANCE, WAITING, PlanFigure
from simfs.analysis.plan_given import given, not_changed
from simfs.analysis.plan_table import TIMING, PlanTable
from simfs.report.plans_found import PlansFound
from simfs.report.plans_words import (
    SHORT,
    WAITING_IS_FREE,
    cell,
    decimals,
    interval,
    short,
    signed,
    told,
)
from simfs.report.wording import in_sentence, listed
from simfs.scenario.plans import AS_PLANNED

GO_LIVE = ".go_live"
LATER = (
    "Later posts save because nobody is paid meanwhile; look at the days with a specialist and at "
    "those who wait."
)
LATER_LIVE = (
    "A later go-live leaves the dates of posts and the end of the run as they are, so fewer months "
    "of the run have the change."
)


def who_waits(table: PlanTable) -> Iterator[str]:
    """For which teams children wait that no plan gives more posts to."""
    waiting = []
    for team in not_changed(table.planned):
        key = f"{WAITING}.{team.key}"
        if not table.has(key):
            continue
        amount = table.amount(key, AS_PLANNED)
        if round(amount.mean) >= 1:
            ends = interval(amount, "children", 0)
            waiting.append((amount.mean, f"{amount.mean:.0f} ({ends})", team.label))
    if waiting:
        all_ = table.amount(WAITING, AS_PLANNED).mean
        verbs = ("wait for", *("for" for _ in waiting))
        most_first = zip(sorted(waiting, reverse=True), verbs, strict=False)
        parts = listed([f"{number} {verb} {team}" for (_, number, team), verb in most_first])
        yield (
            f"Of the {all_:.0f} without a worker under the file's plan, {parts}, where no plan "
            "here changes posts."
        )


def other_posts(table: PlanTable) -> Iterator[str]:
    """The posts beside those varied that every plan has and the baseline has not."""
    found = given(table.planned)
    if found.more:
        posts = [
            f"{abs(extra)} {'fewer ' if extra < 0 else ''}{in_sentence(label)}"
            for label, extra in found.more.items()
        ]
        cost = "" if found.pounds is None else f" ({told(found.pounds, '£ a year', 2)} a year)"
        yield f"Every plan also has the file's other new posts: {listed(posts)}{cost}."


def alike_words(found: PlansFound, key: str) -> str:
    """That no plan is clearly better by a figure, with what the plans show and how surely."""
    table, figure = found.table, found.table.figure(key)
    low, high = (
        pick(table.planned.arms, key=lambda arm: table.amount(key, arm).mean) for pick in (min, max)
    )
    ends = [_shown(table, figure, arm) for arm in (low, high)]
    words = f"By the {in_sentence(SHORT[key])} no plan is clearly better than another: "
    if ends[0] == ends[1]:
        return f"{words}all show {ends[0]}."
    level = 1 - (1 - LEVEL) / math.comb(len(table.planned.arms), 2)
    gap = signed(table.difference(key, high, low, level), figure.unit, decimals(table, figure))
    points = " points" if figure.unit == "share" else ""
    return f"{words}{ends[0]} to {ends[1]}, a gap of {gap.removeprefix('+')}{points}."


def _shown(table: PlanTable, figure: PlanFigure, arm: str) -> str:
    """A figure, a chance to the per cent, since its gap stands beside it; never none or certain."""
    percent = round(100 * table.amount(figure.key, arm).mean) if figure.key == CHANCE else 0
    return f"{percent}%" if 1 <= percent <= 99 else cell(table, figure, arm)


def cautions(found: PlansFound) -> Iterator[str]:
    """What a reader must not forget."""
    table = found.table
    for key in (CASH, WAITING):
        own = table.by_draw[key][:, table.place(AS_PLANNED)] if table.has(key) else None
        if own is not None and (skew := skew_warning(own)):
            yield f"{short(table.figure(key))}, a {skew}: till then it may be too narrow."
    if table.has(CASH):
        yield WAITING_IS_FREE
    times = [f.key for f in table.planned.plans.factors if f.variable.kind in TIMING]
    if any(not key.endswith(GO_LIVE) for key in times):
        yield LATER
    if any(key.endswith(GO_LIVE) for key in times):
        yield LATER_LIVE
    if not table.has(table.cost):
        yield "Posts have no price in this file, so no plan has a cost and there is no frontier."
    if not found.effects:
        yield "Not every plan of the grid was run, so effects of what was varied cannot be told."
