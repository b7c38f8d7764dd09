"""Plans of staffing on one screen: the answer, a short table, what money buys, what matters."""

import textwrap
from collections.abc import Iterator, Sequence

from simfs.analysis.frontier import Step
from simfs.analysis.plan_figures import CASH, CHANCE, CHANGES, DAYS, WAITING
from simfs.report.plans_found import NEXT, PlansFound
from simfs.report.plans_say import answers, frontier_words
from simfs.report.plans_words import (
    LUCK,
    NOT_CERTAIN,
    OF_PLANS,
    cell,
    claim_words,
    decimals,
    digits_of,
    effect_words,
    factor_letters,
    factor_words,
    is_apart,
    level,
    now_levels,
    plan_short,
    run_words,
    share_words,
    short,
    signed,
    together_words,
    with_interval,
)
from simfs.report.wording import DASH
from simfs.scenario.plans import AS_PLANNED

WIDTH = 100
ROWS = 12
STEPS = 4
COLUMNS = (CASH, CHANCE, WAITING, DAYS)
HEADS = {CASH: "cash less cost", CHANCE: "chance", WAITING: "waiting", DAYS: "days"}
FILE, NOW = "file", "now"
ROLES = {CASH: "cash", CHANCE: "chance", WAITING: "wait"}
BUYS = {CASH: "cash less cost, £m", CHANCE: "chance, points", WAITING: "children waiting"}
MARK = "*"
COST = "cost"
NOTES = {
    COST: "Extra cost: of posts a year, all filled, beside the baseline's.",
    CASH: "Cash less cost: over the run, before grant.",
    WAITING: "Waiting: children without a worker on a day.",
    DAYS: "Days: to allocation.",
}
NOTE = (
    f"{MARK}: apart from the file's plan by more than luck (95%). First column: the file's own "
    "plan, and the best by cash, chance and waiting; now: nothing changes."
)


def staffing_text(found: PlansFound) -> str:
    """What a strategist reads in the terminal of a grid of plans, at most 100 columns."""
    blocks = [_head(found), _answer(found), _table(found), _next(found), _effects(found)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head(found: PlansFound) -> list[str]:
    table = found.table
    study = table.planned.outcomes.study
    lines = [_clipped(study.title or study.name), *textwrap.wrap(run_words(table), WIDTH)]
    lines += [_clipped(f"  {x}  {factor_words(factor)}") for x, factor in factor_letters(table)]
    if table.claim is not None:
        lines += textwrap.wrap(f"The claim: {claim_words(table)}", WIDTH, break_on_hyphens=False)
    return lines


def _answer(found: PlansFound) -> list[str]:
    lines = ["In short"]
    for words in answers(found):
        lines += textwrap.wrap(
            words, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )
    return lines


def chosen(found: PlansFound, most: int) -> list[str]:
    """Plans for a short table: the file's own, the best, then those of the frontiers; by cost."""
    table = found.table
    wanted = [AS_PLANNED, *(one.arm for one in found.bests.values())]
    wanted += [table.nearest] if table.nearest else []
    for arms in found.efficient.values():
        wanted += arms
    wanted += [one.arm for rows in found.standings.values() for one in rows if one.on_frontier]
    wanted += table.rivals
    kept = [arm for arm in dict.fromkeys(wanted) if arm in table.rivals][:most]
    order = table.planned.outcomes.arms.index
    if table.has(table.cost):
        return sorted(kept, key=lambda arm: (table.amount(table.cost, arm).mean, order(arm)))
    return sorted(kept, key=order)


def _table(found: PlansFound) -> list[str]:
    """A row a plan: levels, cost, and the figures, marked where luck does not make the gap."""
    table = found.table
    keys = [key for key in COLUMNS if table.has(key)]
    costs = [table.cost] if table.has(table.cost) else []
    heads = ["", *(letter for letter, _ in factor_letters(table))]
    heads += [*("extra cost" for _ in costs), *(f"{HEADS[key]} " for key in keys)]
    shown = chosen(found, ROWS)
    arms = [table.planned.outcomes.baseline, *shown]
    rows = [heads, *(_plan(found, arm, costs, keys) for arm in arms)]
    while sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True)) > WIDTH:
        rows = [row[:-1] for row in rows]
    told = [NOTES[COST]] if costs else []
    told += [NOTES[key] for key in keys if f"{HEADS[key]} " in rows[0] and key in NOTES]
    more = len(table.rivals) - len(shown)
    told += [NOTE, f"{more or 'No'} more plans, all figures in plans.csv."]
    title = f"Plans{', by cost' if costs else ''}: mean (95% interval of the mean)"
    return [title, *_grid(rows[0], rows[1:]), *textwrap.wrap(" ".join(told), WIDTH)]


def _plan(found: PlansFound, arm: str, costs: Sequence[str], keys: Sequence[str]) -> list[str]:
    table = found.table
    is_now = arm == table.planned.outcomes.baseline
    at = now_levels(table) if is_now else table.own if arm == AS_PLANNED else table.levels(arm)
    cells = [_role(found, arm), *(DASH if is_now and x is None else level(x) for x in at)]
    cells += [cell(table, table.figure(key), arm) for key in costs]
    for key in keys:
        if is_now and key in OF_PLANS:
            cells.append(f"{DASH} ")
            continue
        if is_now and table.figure(key).unit.startswith("£"):
            cells.append(f"{cell(table, table.figure(key), arm)} ")  # nothing, by definition
            continue
        mark = MARK if is_apart(table, key, arm) else " "
        cells.append(_plain(with_interval(table, key, arm)) + mark)
    return cells


def _plain(words: str) -> str:
    """An interval of money without its unit, which the mean has."""
    mean, bracket, ends = words.partition(" (")
    return mean + bracket + ends.replace("£", "").replace("m", "")


def _role(found: PlansFound, arm: str) -> str:
    if arm == found.table.planned.outcomes.baseline:
        return NOW
    same = arm == AS_PLANNED
    best = [k for k, one in found.bests.items() if one.arm == arm and k not in found.alike]
    words = [FILE] * same + [ROLES[key] for key in best]
    return ",".join(words)


def _next(found: PlansFound) -> list[str]:
    """What the next £100,000 a year buys: along the frontier of waiting, then factor by factor."""
    along, one_by_one = found.steps.get(WAITING, ()), found.steps.get(NEXT, ())
    shown = [*along[:STEPS], *one_by_one]
    if not shown:
        return []
    keys = [key for key in BUYS if all(key in step.bought for step in shown)]
    letters = " · ".join(letter for letter, _ in factor_letters(found.table))
    heads = [f"from {letters}", "to", *(BUYS[key] for key in keys)]
    grid = _grid(heads, [_step(found, step, keys, shown) for step in shown], flush=2)
    rows = len(along[:STEPS]) + 1
    lines = ["The next £100,000 a year of staff buys, in the same futures: mean (95% interval)"]
    lines += grid[:rows]
    if len(along) > STEPS:
        lines.append(f"  and on to {plan_short(found.table, along[-1].end)}, in steps.csv")
    if one_by_one:
        lines += ["  one level up or down from the plan nearest the file's own:", *grid[rows:]]
    for words in frontier_words(found):
        lines += textwrap.wrap(words, WIDTH)
    return lines


def _step(found: PlansFound, step: Step, keys: Sequence[str], shown: Sequence[Step]) -> list[str]:
    cells = [plan_short(found.table, step.start), plan_short(found.table, step.end)]
    for key in keys:
        unit = found.table.figure(key).unit
        digits = digits_of([each.bought[key] for each in shown], unit, 2 if unit == "£" else 1)
        cells.append(signed(step.bought[key], unit, digits))
    return cells


def _effects(found: PlansFound) -> list[str]:
    """How far each factor moves each figure, and how much of its variation that is."""
    keys = [key for key in (*COLUMNS, CHANGES) if key in found.effects]
    if not keys:
        return []
    rows = []
    for key in keys:
        one, figure = found.effects[key], found.table.figure(key)
        digits = decimals(found.table, figure)
        cells = [
            effect_words(effect, figure.unit, digits)
            + (f" ({share_words(effect.share)})" if effect.is_clear else "")
            for effect in one.main
        ]
        if one.pairs:
            words, share = together_words(one.pairs, figure.unit, digits)
            cells.append(words if share is None else f"{words} ({share_words(share)})")
        rows.append([short(figure), *cells])
    heads = ["", *(letter for letter, _ in factor_letters(found.table))]
    heads += ["two together"] if found.effects[keys[0]].pairs else []
    title = "What matters: best less worst level, mean of all else (share of the variation)"
    uncertain = any(NOT_CERTAIN in cell for row in rows for cell in row)
    return [title, *_grid(heads, rows), *(textwrap.wrap(LUCK, WIDTH) if uncertain else ())]


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]], flush: int = 1) -> list[str]:
    """Rows of cells, the first columns flush left; a column as wide as its widest cell."""
    table = [heads, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(heads))]
    return list(_lines(table, widths, flush))


def _lines(table: Sequence[Sequence[str]], widths: Sequence[int], flush: int) -> Iterator[str]:
    for row in table:
        cells = [
            f"{text:<{width}}" if place < flush else f"{text:>{width}}"
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield _clipped(("  " + "  ".join(cells)).rstrip())


def _clipped(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1].rstrip()}…"
