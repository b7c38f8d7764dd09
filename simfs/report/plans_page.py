"""Plans of staffing as a page of its own: the answer first, then plans, figures and how to read."""

import math
from collections.abc import Iterator, Mapping, Sequence

from simfs.analysis.frontier import Step
from simfs.analysis.plan_figures import CASH, CHANCE, NET, POUNDS, POUNDS_A_YEAR, WAITING
from simfs.analysis.posts_needed import PostsNeeded
from simfs.report.charts import Drawing, files_of
from simfs.report.html import (
    Cell,
    Page,
    Part,
    Points,
    Section,
    Table,
    Terms,
    Words,
    page_html,
    picture,
)
from simfs.report.page import versions
from simfs.report.plans_columns import NAME as COLUMNS
from simfs.report.plans_columns import columns_csv
from simfs.report.plans_found import NEXT, PlansFound
from simfs.report.plans_say import answers, frontier_words
from simfs.report.plans_tables import (
    effects_csv,
    frontier_csv,
    plans_claims_csv,
    plans_csv,
    steps_csv,
)
from simfs.report.plans_text import chosen
from simfs.report.plans_words import (
    FLATTERED,
    LUCK,
    NOT_CERTAIN,
    UNITS,
    claim_words,
    decimals,
    digits_of,
    effect_words,
    factor_words,
    interval,
    is_apart,
    plan_words,
    run_words,
    share_words,
    short,
    signed,
    together_words,
    told,
)
from simfs.report.published_plan import HOW, TITLE, published_plan_csv, published_plan_terms
from simfs.report.published_plan import NAME as PUBLISHED
from simfs.report.wording import DASH, chance

NAME = "staffing"
WAITING_CAPTION = "Children without a worker on a day, by the team they wait for"
CHANCES = ("Coupled", "Expected", "Outturn")
ROWS = 30  # plans in a table of the page; all stand in the files
TERMS = (
    (
        "Plan",
        "The arm with some of its staffing at other levels. Every plan is run in the same futures: "
        "the same families, the same prices, the same luck.",
    ),
    (
        "Interval of the mean",
        "How exactly so many futures know a mean (95%). More futures make it narrower. Differences "
        "between plans are known better than either plan, since both share their luck.",
    ),
    (
        "More than luck",
        "The 95% interval of the difference in the same futures has no nought in it. Of twenty "
        "plans that do not differ, one is so marked by luck.",
    ),
    (
        "Expect",
        "The best of many plans looks better than it is, because luck helped to choose it. Here "
        "each fifth of the draws tells of the plan that the other four choose.",
    ),
    (
        "Beaten",
        "Another plan costs no more and does better. By more than luck: the interval of the "
        "difference allows for all pairs of plans.",
    ),
    (
        "Extra cost of posts",
        "What the plan's posts cost a year beyond the baseline's with every post filled, at the "
        "central price, in the last full year of the run, or as a mean of the run where dates are "
        "varied. What empty posts save, and workers who stay on when their post has ended, are in "
        "the savings.",
    ),
    (
        "Chance of the claim",
        "The coupled one of the three below, wherever one chance is told. The three "
        "chances of every claim of the file are in plans-claims.csv. What each column of a table "
        "for Excel is, columns.csv says.",
    ),
    (
        "Coupled",
        "How often the same families, followed twice, with the plan and without any change, show "
        "the claimed difference.",
    ),
    (
        "Expected",
        "How likely it is, given what we do not know, that the claim holds once luck is averaged "
        "out.",
    ),
    (
        "Outturn",
        "How likely the plan's cost stays within a fixed budget less the claim, whatever the "
        "reason.",
    ),
    (
        "Days to allocation, changes of worker",
        "Days that families had waited when they got a worker, so those who still wait are not "
        "in it; changes because a worker left, in a year of a case held.",
    ),
)


def staffing_files(
    found: PlansFound, drawn: Sequence[Drawing], published: Sequence[PostsNeeded] = ()
) -> Mapping[str, bytes]:
    """Everything that people read about a grid of plans, by file name; the page is the last.

    Args:
        found: what the plans came to.
        drawn: its figures.
        published: staffing that was published, re-derived.
    """
    table = found.table
    files = {"plans.csv": plans_csv(table)}
    if table.planned.outcomes.study.claims:
        files["plans-claims.csv"] = plans_claims_csv(table)
    if found.effects:
        files["effects.csv"] = effects_csv(table, tuple(found.effects.values()))
    if found.standings:
        files["frontier.csv"] = frontier_csv(table, found.standings)
        files["steps.csv"] = steps_csv(table, found.steps)
    if published:
        files[f"{PUBLISHED}.csv"] = published_plan_csv(published)
    files[COLUMNS] = columns_csv(table, files)
    files |= {f"figures/{name}": content for name, content in files_of(drawn).items()}
    return files | {f"{NAME}.html": page_html(staffing_page(found, drawn, published)).encode()}


def staffing_page(
    found: PlansFound, drawn: Sequence[Drawing], published: Sequence[PostsNeeded] = ()
) -> Page:
    """Everything that the page says."""
    study = found.table.planned.outcomes.study
    maps = [picture(one, headed=False) for one in drawn if not one.caption.key.endswith("frontier")]
    fronts = [picture(one) for one in drawn if one.caption.key.endswith("frontier")]
    sections = [
        Section("plans", "Plans side by side", tuple(_plans(found))),
        Section("figures", "What each plan comes to", (Words(FLATTERED), *maps)),
    ]
    if fronts:
        said = Points(tuple(frontier_words(found)))
        sections.append(Section("frontier", "What money buys", (*fronts, said, *_steps(found))))
    if found.effects:
        sections.append(Section("effects", "What matters", tuple(_effects(found))))
    if published:
        terms = Terms(published_plan_terms(study, published))
        sections.append(Section("published", TITLE, (terms, Words(HOW))))
    sections.append(Section("reading", "How to read this", (Terms(TERMS),)))
    if study.warnings:
        sections.append(Section("warnings", "Warnings", (Points(study.warnings),)))
    return Page(
        title=f"{study.title or study.name}: staffing",
        what_ran=run_words(found.table),
        first=_first(found),
        warnings=study.warnings,
        sections=tuple(sections),
        foot=versions(),
    )


def _first(found: PlansFound) -> Section:
    """The answer in plain words."""
    table = found.table
    parts: list[Part] = [
        Words("What was asked", "heading"),
        Words(
            f"How many of whom should work in {table.planned.plans.arm.label}, and what is it "
            "worth? Varied were:"
        ),
        Points(tuple(factor_words(factor) for factor in table.planned.plans.factors)),
        Words("What the tool did", "heading"),
        Words(f"It ran {run_words(table)}"),
    ]
    if table.claim is not None:
        parts.append(Words(f"The claim that is told of: {claim_words(table)}."))
    parts += [Words("The answer", "heading"), Points(tuple(answers(found)))]
    parts += [Words("In brackets: the 95% interval of a mean, from this number of futures.")]
    return Section("answer", "The answer in plain words", tuple(parts))


def _plans(found: PlansFound) -> Iterator[Part]:
    """Tables of the same plans: money and chances, who waits, and other service."""
    table, shown = found.table, chosen(found, ROWS)
    money = [key for key in (CASH, NET) if table.has(key)]
    service = [
        figure.key
        for figure in table.figures
        if figure.key not in (CASH, NET, CHANCE) and not figure.unit.startswith("£")
    ]
    more = len(table.rivals) - len(shown)
    note = "Mean, and below it the 95% interval of the mean. *: apart from the file's own plan by "
    note += "more than luck."
    note += f" {more} more plans are in the file." if more else ""
    heads = [Cell("Plan")]
    heads += [Cell("Extra cost of posts a year", number=True)] if table.has(table.cost) else []
    heads += [Cell(f"{short(table.figure(key))}, £m", number=True) for key in money]
    if table.has(CHANCE):
        heads += [Cell(kind, number=True) for kind in CHANCES]
    shown = [table.planned.outcomes.baseline, *shown]
    rows = tuple(_money_row(found, arm, money) for arm in shown)
    if len(heads) > 1:
        caption = "Money, and three chances of the claim" if table.has(CHANCE) else "Money"
        yield Table(caption, tuple(heads), rows, note, "plans.csv")
    # two tables of service, or the last columns would stand beyond the edge of the page
    waiting = {key: _waited_for(table.figure(key).label) for key in service if _is_waiting(key)}
    others = {key: table.figure(key).label for key in service if key not in waiting}
    for caption, columns in ((WAITING_CAPTION, waiting), ("Service", others)):
        if columns:
            heads = [Cell("Plan"), *(Cell(words, number=True) for words in columns.values())]
            rows = tuple(
                (Cell(_plan_words(found, arm)), *(_figure(found, key, arm) for key in columns))
                for arm in shown
            )
            yield Table(caption, tuple(heads), rows, note, "plans.csv")


def _is_waiting(key: str) -> bool:
    return key.partition(".")[0] == WAITING


def _waited_for(label: str) -> str:
    """The team of a figure of waiting."""
    _, _, team = label.partition(": ")
    return team or "All teams"


def _money_row(found: PlansFound, arm: str, money: Sequence[str]) -> tuple[Cell, ...]:
    table = found.table
    cells = [Cell(_plan_words(found, arm))]
    if table.has(table.cost):
        cost = table.amount(table.cost, arm).mean
        cells.append(Cell(told(cost, "£ a year", 2), number=True))
    cells += [_figure(found, key, arm) for key in money]
    if not table.has(CHANCE):
        return tuple(cells)
    if arm == table.planned.outcomes.baseline:
        return (*cells, *(Cell(DASH, number=True) for _ in CHANCES))
    one = next(each for each in table.verdicts[arm] if each.claim == table.claim)
    mark = " *" if is_apart(table, CHANCE, arm) else ""
    for p, sign in ((one.coupled, mark), (one.expected, ""), (one.outturn, "")):
        mean, _, ends = chance(p).partition(" (")
        cells.append(Cell(mean + sign, ends.rstrip(")"), number=True))
    return tuple(cells)


def _plan_words(found: PlansFound, arm: str) -> str:
    words = plan_words(found.table, arm)
    return f"Now: {words}" if arm == found.table.planned.outcomes.baseline else words


def _share(share: float | None) -> str:
    return "" if share is None else f"{share_words(share)} of the variation"


def _figure(found: PlansFound, key: str, arm: str) -> Cell:
    table = found.table
    figure = table.figure(key)
    amount = table.amount(key, arm)
    if not table.has(key) or math.isnan(amount.mean):
        return Cell(DASH, number=True)
    mark = " *" if is_apart(table, key, arm) else ""
    digits = decimals(table, figure)
    text = told(amount.mean, figure.unit, digits)
    if arm == table.planned.outcomes.baseline and figure.unit == POUNDS:
        return Cell(text, number=True)  # nothing, by definition
    return Cell(text + mark, interval(amount, figure.unit, digits), number=True)


def _steps(found: PlansFound) -> Iterator[Part]:
    """What the next £100,000 a year buys, along each frontier and factor by factor."""
    titles = {
        CHANCE: "Along the frontier of cost and the chance of the claim",
        WAITING: "Along the frontier of cost and waiting",
        NEXT: "One level of one factor, from the plan nearest the file's own",
    }
    yield Words("The next £100,000 a year of staff buys", "heading")
    for along, rows in found.steps.items():
        if rows:
            yield _steps_table(found, titles[along], rows)
        elif along != NEXT:
            yield Words(f"{titles[along]}: no dearer plan does better than the cheapest on it.")


def _steps_table(found: PlansFound, title: str, rows: Sequence[Step]) -> Table:
    table = found.table
    keys = [key for key in (CASH, NET, CHANCE, WAITING) if all(key in row.bought for row in rows)]
    units = {key: table.figure(key).unit for key in keys}
    digits = {
        key: digits_of([row.bought[key] for row in rows], units[key], 2 if units[key] == "£" else 1)
        for key in keys
    }
    heads = [Cell("From"), Cell("To"), Cell("Costs more a year", number=True)]
    for key in keys:
        unit = "points" if units[key] == "share" else UNITS[units[key]]
        heads.append(Cell(f"{short(table.figure(key))}, {unit}", number=True))
    body = []
    for row in rows:
        cells = [Cell(plan_words(table, row.start)), Cell(plan_words(table, row.end))]
        cells.append(Cell(told(row.cost, "£ a year", 2), number=True))
        for key in keys:
            mean, _, ends = signed(row.bought[key], units[key], digits[key]).partition(" (")
            cells.append(Cell(mean, ends.rstrip(")"), number=True))
        body.append(tuple(cells))
    note = "Change for each £100,000 a year, with its 95% interval in the same futures."
    return Table(title, tuple(heads), tuple(body), note, "steps.csv")


def _effects(found: PlansFound) -> Iterator[Part]:
    """How far each factor moves each figure, and how much of its variation that is."""
    table = found.table
    heads = [Cell("Figure"), *(Cell(f.label, number=True) for f in table.planned.plans.factors)]
    pairs = len(table.planned.plans.factors) > 1
    heads += [Cell("Two together", number=True)] if pairs else []
    rows = []
    for key, one in found.effects.items():
        figure = table.figure(key)
        if figure.unit == POUNDS_A_YEAR:
            continue  # posts times price: nothing to find out
        digits = decimals(table, figure)
        cells = [Cell(figure.label)]
        for effect in one.main:
            words = effect_words(effect, figure.unit, digits)
            cells.append(Cell(words, _share(effect.share if effect.is_clear else None), True))
        if pairs:
            words, share = together_words(one.pairs, figure.unit, digits)
            cells.append(Cell(words, _share(share), True))
        rows.append(tuple(cells))
    note = (
        "Highest less lowest mean of a factor's levels, all other factors averaged over, and its "
        "share of the variation between plans, luck taken off. Two together: what the factors do "
        "only in combination, at the most."
    )
    if any(NOT_CERTAIN in cell.text for row in rows for cell in row):
        note += f" {LUCK}"
    yield Table("What was varied, figure by figure", tuple(heads), tuple(rows), note, "effects.csv")
