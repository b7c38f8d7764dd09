"""What the search for a plan has found, the cheapest for a target or the best: text and tables."""

import textwrap
from collections.abc import Iterator, Sequence

from simfs.analysis.erlang import fewest_posts
from simfs.analysis.plan_outcomes import Service
from simfs.analysis.staff_cost import without_price
from simfs.experiment.plan_search import Found, Tried
from simfs.experiment.plan_selection import Picked
from simfs.report.tables import Value, csv_file
from simfs.report.wording import MINUS, listed, one_decimal, whole
from simfs.scenario.plans import Plans
from simfs.scenario.variable import Level
from simfs.scenario.workforce import TeamKind

WIDTH = 80
SHOWN = 8  # plans that the terminal lists; the table has all
FEW_WAIT = 0.5  # children on a day, below which a team is not said to keep any waiting

CAUTION = (
    "A plan meets a target if the mean share of weeks over all futures reaches it (95% interval "
    "of the mean in brackets); in a single future it may not. Which plan is cheapest is decided "
    "by the means alone, so luck may have helped it. Whether less waiting is worth its price is no "
    "question of this table."
)
UNORDERED = (
    "More posts in one team do not help here throughout: what one team takes on sooner waits for "
    "the next. A cheaper plan among those that were not run may meet the target too; run the grid "
    "without --target to see all."
)


def found_text(found: Found) -> str:
    """What a strategist reads of the cheapest plan that meets some targets, at most 80 columns."""
    asked = listed([target.words for target in found.targets])
    blocks = [_wrapped(line) for line in (_answer(found, asked), *_bounds(found), *_waits(found))]
    blocks += [_wrapped(line) for line in _unpriced(found.plans)]
    blocks += [_wrapped(UNORDERED)] if not found.runs_in_order else []
    blocks += [_tried(found), _wrapped(CAUTION)]
    return "\n".join(line for block in blocks for line in (*block, "")).rstrip()


def _answer(found: Found, asked: str) -> str:
    ran = f"{len(found.tried)} of {len(found.plans.levels):,} plans were run"
    if found.best is None:
        most = found.tried[-1]
        return (
            f"No plan in these ranges meets {asked}: with the most posts of all, "
            f"{_plan(found.plans, most.number)}, {_met(most.service)}. {ran}."
        )
    best = found.best
    return (
        f"The cheapest plan for {asked}: {_plan(found.plans, best.number)}, "
        f"{_pounds(best.cost)} a year against the baseline's posts, all filled; "
        f"{_met(best.service)}. {ran}.{_unsure(found)}"
    )


def _unsure(found: Found) -> str:
    """Whether luck may have decided which plan is the cheapest: of it, or of one a step below."""
    assert found.best is not None
    more = any(
        one.low < target.share
        for target, one in zip(found.targets, found.best.service, strict=True)
    )
    fewer = any(
        all(
            one.high >= target.share
            for target, one in zip(found.targets, below.service, strict=True)
        )
        for below in found.neighbours
    )
    if not (more or fewer):
        return ""
    which = "more or fewer posts" if more and fewer else "more posts" if more else "fewer posts"
    return f" Luck leaves it open: {which} may be right, and more --reps would tell."


def _unpriced(plans: Plans) -> Iterator[str]:
    """Which of the varied posts have no price, so that more of them seem to cost nothing."""
    varied = {factor.key.split(".")[1] for factor in plans.factors}
    free = varied & {*without_price(plans.arm)}
    if free == varied:
        yield "Posts have no price in this file: the plan with the fewest posts counts as cheapest."
    elif free:
        labels = listed([team.label for team in plans.arm.teams if team.key in free])
        yield f"Posts without a price in this file, which count as costing nothing: {labels}."


def _met(service: Sequence[Service]) -> str:
    """In which share of weeks targets are met."""
    return listed(
        [
            f"{_percent(one.share)} of weeks meet it ({_percent(one.low)} to {_percent(one.high)})"
            for one in service
        ]
    )


def _bounds(found: Found) -> Iterator[str]:
    """What closed forms ask for, of each varied team that a target about waiting is about."""
    scenario = found.plans.arm
    varied = {factor.key.split(".")[1] for factor in found.plans.factors}
    for target in found.targets:
        of_team = target.metric.removeprefix("unallocated.")
        if target.metric == "unallocated_children":
            wanted = varied
        elif of_team != target.metric:
            wanted = {of_team}
        else:
            continue
        if target.sign not in {"<", "<="} or target.amount <= 0:
            continue
        for team in scenario.teams:
            if team.key in wanted and team.kind is TeamKind.SOCIAL_WORK and not team.unlimited:
                yield fewest_posts(team, scenario, target.amount, target.share).words


def _waits(found: Found) -> Iterator[str]:
    """Where children wait with the plan that was found."""
    waits = {team: n for team, n in found.waiting.items() if n >= FEW_WAIT}
    which = "it" if found.best else "the most posts of all"
    if not waits:
        yield f"With {which}, hardly any child waits in any team."
        return
    told = listed([f"{whole(number)} for {team}" for team, number in waits.items()])
    yield (
        f"With {which}, on a mean day of the run children wait: {told}. In weeks that miss a "
        "target many may wait at once, so a mean can be above it."
    )
    varied = {factor.key.split(".")[1] for factor in found.plans.factors}
    labels = {team.label: team.key for team in found.plans.arm.teams}
    longest = max(waits, key=lambda team: waits[team])
    if found.best is None and labels[longest] not in varied:
        yield (
            f"Most wait for {longest}, whose posts do not change here: add --vary "
            f"teams.{labels[longest]}.posts=…, or aim at one team, as in unallocated.TEAM."
        )


def _tried(found: Found) -> list[str]:
    """The plans nearest to the answer in cost, one a line."""
    centre = found.tried.index(found.best) if found.best else len(found.tried) - 1
    first = max(0, min(centre - SHOWN // 2, len(found.tried) - SHOWN))
    rows = found.tried[first : first + SHOWN]
    lines = ["Plans that were run, by cost a year against the baseline:"]
    for each in rows:
        mark = "  <- cheapest" if each is found.best else ""
        shares = ", ".join(_percent(one.share) for one in each.service)
        verdict = "meets" if each.met else "fails"
        lines.append(
            f"  {_pounds(each.cost):>9}  {shares:>7} {verdict}  "
            f"{_plan(found.plans, each.number)}{mark}"
        )
    if len(rows) < len(found.tried):
        lines.append(f"  … {len(found.tried) - len(rows)} more in the table")
    return lines


def found_csv(found: Found) -> bytes:
    """Every plan that was run for a target, by cost."""
    heads = [
        "plan",
        *(factor.key for factor in found.plans.factors),
        "pounds_a_year_against_baseline",
        *(head for number, _ in enumerate(found.targets, 1) for head in _heads(number)),
        "futures",
        "meets_targets",
        "cheapest",
    ]
    return csv_file(heads, (_row(found, each) for each in found.tried))


def _heads(number: int) -> tuple[str, ...]:
    return tuple(f"target_{number}{part}" for part in ("", "_share", "_share_low", "_share_high"))


def _row(found: Found, each: Tried) -> list[Value]:
    told: list[Value] = []
    for target, one in zip(found.targets, each.service, strict=True):
        told += [target.words, one.share, one.low, one.high]
    levels = found.plans.levels[each.number]
    return [
        each.number + 1,
        *map(_level, levels),
        each.cost,
        *told,
        each.service[0].futures,
        "yes" if each.met else "no",
        "yes" if each is found.best else "no",
    ]


def picked_text(picked: Picked) -> str:
    """What a strategist reads of the best plan and how sure that is, at most 80 columns."""
    selection, plans = picked.selection, picked.plans
    leader = _plan(plans, selection.leader)
    head = (
        f"Best by {picked.aim.label}: {leader}."
        if selection.settled
        else f"Not settled; ahead so far by {picked.aim.label}: {leader}."
    )
    words = (
        f"In these draws: {selection.reason} ({picked.aim.unit}). A draw is four futures; draws of "
        "all plans have the same luck. The probability is proven for figures that vary normally; "
        "where rare draws are very bad, as often of waiting, it may be lower."
    )
    blocks = [_wrapped(line) for line in (head, words, *_spent(picked), *_to_settle(picked))]
    blocks.append(_standing(picked))
    return "\n".join(line for block in blocks for line in (*block, "")).rstrip()


def _spent(picked: Picked) -> Iterator[str]:
    """How many draws were spared."""
    draws = picked.selection.draws
    spent, full = sum(draws), max(draws) * len(draws)
    if spent < full:
        yield f"{spent:,} draws were run; as many of every plan would have been {full:,}."


def _to_settle(picked: Picked) -> Iterator[str]:
    """What to do where draws ran out before one plan was left."""
    selection = picked.selection
    if selection.settled:
        return
    left = [_plan(picked.plans, plan) for plan in selection.survivors]
    yield (
        f"Left are {listed(left)}. Run it again with more --reps, or with a larger --within if so "
        "small a difference would not decide; if they stay this close, choose by something else, "
        "such as who waits."
    )


def _standing(picked: Picked) -> list[str]:
    """The plans that held out longest."""
    selection = picked.selection
    order = sorted(
        range(len(selection.draws)),
        key=lambda plan: (-selection.draws[plan], -float(selection.means.mean[plan])),
    )
    lines = [
        "Longest in the race: mean, its 95% interval (draws stop when a plan is ahead, so the",
        "leader looks a little better than it is), draws:",
    ]
    for plan in order[:SHOWN]:
        lines.append(
            f"  {_mean(picked, plan):>34}  {selection.draws[plan]:>5}  {_plan(picked.plans, plan)}"
        )
    return lines


def _mean(picked: Picked, plan: int) -> str:
    means, sign = picked.selection.means, picked.aim.sign
    ends = sorted(sign * float(end[plan]) for end in (means.low, means.high) if end is not None)
    told = [_amount(picked, each) for each in (sign * float(means.mean[plan]), *ends)]
    return told[0] if len(told) < 3 else f"{told[0]} ({told[1]} to {told[2]})"


def _amount(picked: Picked, value: float) -> str:
    return _pounds(value) if picked.aim.unit == "£" else one_decimal(value)


def picked_csv(picked: Picked) -> bytes:
    """Every plan with what it came to and when it fell behind."""
    selection, sign = picked.selection, picked.aim.sign
    heads = [
        "plan",
        *(factor.key for factor in picked.plans.factors),
        "figure", "mean", "mean_low", "mean_high", "draws", "out_after_draws", "best",
    ]  # fmt: skip

    def row(plan: int) -> list[Value]:
        means, out = selection.means, selection.eliminated_at[plan]
        ends = sorted(
            sign * float(end[plan]) + 0.0 for end in (means.low, means.high) if end is not None
        )
        return [
            plan + 1,
            *map(_level, picked.plans.levels[plan]),
            picked.aim.key,
            sign * float(means.mean[plan]) + 0.0,  # no negative nought
            *((None, None) if not ends else ends),
            selection.draws[plan],
            "" if out is None else out,
            "yes" if plan == selection.best else "no",
        ]

    return csv_file(heads, map(row, range(len(selection.draws))))


def _plan(plans: Plans, number: int) -> str:
    return plans.words(plans.levels[number])


def _level(level: Level) -> Value:
    return level if isinstance(level, int) else level.isoformat()


def _percent(share: float) -> str:
    """A share of weeks to the tenth, never quite none or all.

    >>> _percent(0.9514), _percent(1.0), _percent(-0.01)
    ('95.1%', '>99.9%', '<0.1%')
    """
    tenths = round(1000 * share)
    return "<0.1%" if tenths < 1 else ">99.9%" if tenths > 999 else f"{tenths / 10:.1f}%"


def _pounds(value: float) -> str:
    """Pounds in thousands, from a million on in millions.

    >>> _pounds(-1_240_000.0), _pounds(49_600.0), _pounds(-300.0)
    ('−£1.24m', '£50k', '£0k')
    """
    thousands = round(value / 1e3)
    sign = MINUS if thousands < 0 else ""
    if abs(thousands) >= 1000:
        return f"{sign}£{abs(value) / 1e6:.2f}m"
    return f"{sign}£{abs(thousands):,}k"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
