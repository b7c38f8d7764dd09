"""The sections of the page about claims, children and what decides the answer."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from simfs.analysis.claims import Verdict
from simfs.analysis.comparison import ALL_YEARS, Summary
from simfs.analysis.decomposition import spreads
from simfs.analysis.probabilities import Probability
from simfs.analysis.savings import SAVING_LABELS
from simfs.report.charts import Drawing, MeanBand
from simfs.report.explanations import PROBABILITIES, WHY_FUTURES_DIFFER
from simfs.report.findings import Findings, level_of, turned
from simfs.report.html import Cell, Part, Points, Section, Table, Terms, Words, picture
from simfs.report.wording import DASH, amount, between, chance, side, threshold, whole

Shown = dict[str, Drawing]


def heads(*words: str) -> tuple[Cell, ...]:
    """Headings of columns: the first of words, the others over figures."""
    return tuple(Cell(word, number=place > 0) for place, word in enumerate(words))


def counted(shown: MeanBand | Summary) -> Cell:
    """A mean of whole children with its band."""
    return Cell(whole(shown.mean), between(whole(shown.p10), whole(shown.p90)), number=True)


def claims_section(findings: Findings) -> Section | None:
    """Each claim with its three probabilities, and what these are."""
    untested = _untested(findings)
    if not findings.verdicts:
        return Section("claims", "Claims", tuple(untested)) if untested else None
    several = len(findings.compared) > 1
    rows = tuple(_claim_row(findings, one, several) for one in findings.verdicts)
    parts: list[Part] = [
        Words(
            "Each claim is asked in three ways, because three people would ask it differently."
            f"{_prices(findings)}"
        ),
        Terms(PROBABILITIES),
        Table(
            "Claims and how likely they are",
            (
                Cell("Claim"),
                Cell("Threshold", number=True),
                Cell("Mean and 80% band", number=True),
                *(Cell(term, number=True) for term, _ in PROBABILITIES),
                Cell("Verdict on the difference"),
            ),
            rows,
            "Under each probability: its 95% interval, from the number of futures. The mean's own "
            "interval is there too.",
            "claims.csv",
        ),
    ]
    parts += [*untested, *_without_change(findings)]
    if findings.arithmetic:
        parts += [
            Words("The claims' own arithmetic", "heading"),
            Points(tuple(one.words for one in findings.arithmetic)),
        ]
    return Section("claims", "Claims", tuple(parts))


def _prices(findings: Findings) -> str:
    """Of which year the pounds of claims are taken to be."""
    price_year = findings.scenario(findings.outcomes.baseline).prices.price_year
    if not price_year or all(one.claim.unit != "£" for one in findings.verdicts):
        return ""
    return (
        f" Pounds are compared at prices of {price_year}. Where a paper means the money of each "
        "year, its claim is somewhat easier to meet: money.csv has the savings so too."
    )


def _untested(findings: Findings) -> list[Part]:
    """Claims about what is not simulated: each with its source, and why it is not judged."""
    told = []
    for one in findings.outcomes.study.untested:
        where = f"{one.source}, {one.paragraph}".strip(", ")
        told.append(f"{one.told}{f' ({where})' if where else ''}.")
    return [Words("Claims that are not judged", "heading"), Points(tuple(told))] if told else []


def _without_change(findings: Findings) -> list[Part]:
    """How often each claim is met by an authority that changes nothing, a line for each."""
    arm = findings.compared[0].arm
    told = [
        f"“{one.claim.words}” ({side(one.claim)} {threshold(one.claim)}, {one.period}"
        f"{', ' + one.claim.reading if one.claim.reading else ''}): an authority that changes "
        f"nothing meets this target in {chance(one.unchanged)} of futures."
        for one in findings.verdicts
        if one.arm == arm and one.unchanged is not None
    ]
    if not told:
        return []
    return [
        Words("With no change of practice", "heading"),
        Words(
            "Counts and costs of an authority wander by themselves. Measured against a fixed "
            "figure (the starting count, the first year's spending, or the mean cost without "
            "change), a target may be met by luck alone; in brackets the 95% interval."
        ),
        Points(tuple(told)),
    ]


def _claim_row(findings: Findings, verdict: Verdict, several: bool) -> tuple[Cell, ...]:
    claim = verdict.claim
    extra = [claim.reading] if claim.reading else []
    extra += [findings.label(verdict.arm)] if several else []
    extra += [f"{claim.source}, {claim.paragraph}".rstrip(", ")] if claim.source else []
    extra += [f"evidence grade {claim.grade}"] if claim.grade else []
    figures = Cell(DASH, number=True)
    if verdict.expected is not None:
        figures = Cell(
            amount(verdict.mean, claim.unit),
            between(amount(verdict.p10, claim.unit), amount(verdict.p90, claim.unit)),
            number=True,
        )
    return (
        Cell(claim.words, "; ".join(extra)),
        Cell(f"{side(claim)} {threshold(claim)}", verdict.period, number=True),
        figures,
        _chance(verdict.expected),
        _beside_unchanged(verdict),
        _chance(verdict.coupled),
        Cell(verdict.words),
    )


def _beside_unchanged(verdict: Verdict) -> Cell:
    """The outturn above its interval and the same chance with no change."""
    cell = _chance(verdict.outturn)
    if verdict.unchanged is None:
        return cell
    without = f"no change: {chance(verdict.unchanged).partition(' (')[0]}"
    return replace(cell, band=f"{cell.band}; {without}" if cell.band else without)


def _chance(p: Probability | None) -> Cell:
    """A probability above its interval."""
    figure, _, interval = chance(p).partition(" (")
    return Cell(figure, interval.rstrip(")") and f"{interval.rstrip(')')}%", number=True)


def children_section(findings: Findings, shown: Shown) -> Section | None:
    """The published stocks by arm, at the end of the run and on the way there."""
    if not findings.counts:
        return None
    year = findings.outcomes.years[-1]
    parts: list[Part] = [
        by_arm(
            findings,
            f"Children at the end of {year}: mean and 80% band",
            [(one.label, f"{one.key}_at_end_children") for one in findings.counts],
        ),
        by_arm(
            findings,
            f"Children who started in {year}: mean and 80% band",
            [(one.label, f"{one.key}_starts_children") for one in findings.counts],
        ),
    ]
    parts += [
        picture(shown[f"stock-{one.key}"]) for one in findings.counts if f"stock-{one.key}" in shown
    ]
    return Section("children", "Children", tuple(parts))


def by_arm(findings: Findings, caption: str, rows: Iterable[tuple[str, str]]) -> Table:
    """Yearly metrics in rows, arms in columns, then the differences in the same futures."""
    year = findings.outcomes.years[-1]
    columns = [findings.label(one.arm) for one in findings.comparisons]
    changes = [f"{findings.label(one.arm)}: difference" for one in findings.compared]
    return Table(
        caption,
        heads("", *columns, *changes),
        tuple(
            (
                Cell(label),
                *(counted(level_of(one, key, year)) for one in findings.comparisons),
                *(counted(turned(one.fall(key, year))) for one in findings.compared),
            )
            for label, key in rows
        ),
        "The difference is taken within each future, between runs with the same luck."
        if changes
        else "",
        "bands.csv",
    )


def matters_section(findings: Findings) -> Section | None:
    """The uncertain numbers that decide the saving."""
    if not any(findings.influences.values()):
        return None
    parts: list[Part] = [
        Words(
            "Numbers that are not known exactly were drawn anew for every four futures. These "
            "decide most of the saving over the run; finding out more about them is worth most."
        )
    ]
    draws = len(set(findings.outcomes.draws.tolist()))
    for arm, influences in findings.influences.items():
        if not influences:
            continue
        rows = tuple(
            (
                Cell(one.words, one.quantity.path),
                Cell(f"{100 * one.share:.0f}%", number=True),
                Cell("rises" if one.rises else "falls"),
                Cell(f"{one.quantity.value:g} {one.quantity.unit}".strip(),
                     between(f"{one.quantity.low:.3g}", f"{one.quantity.high:.3g}"), number=True),
            )
            for one in influences
        )  # fmt: skip
        parts.append(
            Table(
                f"What decides the saving of {findings.label(arm)}",
                (
                    Cell("Number"),
                    Cell("Share of the spread of savings", number=True),
                    Cell("When it rises, the saving"),
                    Cell("Central value and range drawn", number=True),
                ),
                rows,
                f"Share: squared rank correlation with the mean saving of a draw, an estimate from "
                f"{draws:,} draws; shares that cannot be told from luck are left out. Worked "
                "out from futures.csv.gz; the numbers are in inputs.csv.",
            )
        )
    return Section("matters", "What matters most", tuple(parts))


def uncertainty_section(findings: Findings) -> Section | None:
    """Why futures differ: luck, what nobody knows, and the authority's own wandering."""
    rows = tuple(row for one in findings.compared for row in _spread_rows(findings, one.arm))
    if not rows:
        return None
    table = Table(
        "Why futures differ: shares of the spread of the saving",
        heads("Saving", *(term for term, _ in WHY_FUTURES_DIFFER)),
        rows,
        " ".join(f"{term}: {words}" for term, words in WHY_FUTURES_DIFFER)
        + " Under each share: its 95% interval, from the number of draws."
        + ("" if findings.outcomes.drift else " Drift was not switched on.")
        + " Worked out from futures.csv.gz.",
    )
    return Section("uncertain", "Why futures differ", (table,))


def _spread_rows(findings: Findings, arm: str) -> Iterator[tuple[Cell, ...]]:
    """Shares of chance, ignorance and drift in the spread of an arm's saving, by period."""
    outcomes = findings.outcomes
    metric = outcomes.metrics[0]
    key, label = metric.key, metric.label
    if findings.priced:
        key = "gross_saving_pence"
        label = SAVING_LABELS[key]
    for spread in spreads(outcomes, arm, key, ALL_YEARS):
        told = [Cell(f"{findings.label(arm)}: {label}, {spread.period}")]
        for name in ("chance", "ignorance", "drift"):
            off = name == "drift" and not outcomes.drift
            share = f"{100 * getattr(spread.shares, name):.0f}%"
            ends = getattr(spread.intervals, name, None)
            band = between(f"{100 * ends.low:.0f}", f"{100 * ends.high:.0f}%") if ends else ""
            told.append(Cell(DASH if off else share, "" if off else band, number=True))
        yield tuple(told)
