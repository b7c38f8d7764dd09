"""The page as a whole: the answer first, then what it stands on."""

import platform
from importlib.metadata import version

import simfs
from simfs.analysis.claims import Verdict
from simfs.analysis.comparison import ALL_YEARS
from simfs.analysis.savings import SAVINGS
from simfs.report.charts import Drawing
from simfs.report.findings import Findings, level_of, turned
from simfs.report.html import Page
from simfs.report.sections import (
    assumptions_section,
    children_section,
    claims_section,
    matters_section,
    reproduce_section,
    uncertainty_section,
)
from simfs.report.sections_believe import switching_section
from simfs.report.sections_grades import grades_section, grades_sentence
from simfs.report.sections_money import money_section
from simfs.report.sections_staff import staff_section
from simfs.report.trust import badge_sentence, trust_section
from simfs.report.wording import (
    amount,
    between,
    chance,
    listed,
    millions,
    of_hundred,
    threshold,
    whole,
)
from simfs.scenario.claims import Against, Claim, Direction
from simfs.scenario.config import SET_REASON
from simfs.scenario.dates import month_in_words

CLAIMS_IN_THE_ANSWER = 6
CHANGES_SHOWN = 200  # letters of what was changed for a run
LIBRARIES = ("numpy", "scipy", "simpy", "matplotlib")


def report_page(findings: Findings, drawings: tuple[Drawing, ...]) -> Page:
    """Everything that the page says, from what the run found."""
    shown = {drawing.caption.key: drawing for drawing in drawings}
    sections = (
        claims_section(findings),
        switching_section(findings, findings.switching),
        children_section(findings, shown),
        money_section(findings, shown),
        staff_section(findings, shown),
        grades_section(findings),
        matters_section(findings),
        uncertainty_section(findings),
        trust_section(findings.outcomes.study),
        reproduce_section(findings),
        assumptions_section(findings),
    )
    study = findings.outcomes.study
    return Page(
        title=study.title or study.name,
        what_ran=what_ran(findings),
        answer=tuple(_answer(findings)),
        warnings=(*findings.queue_words(), *study.warnings, *_run_warnings(findings)),
        sections=tuple(section for section in sections if section is not None),
        foot=versions(),
    )


def what_ran(findings: Findings) -> str:
    """What was simulated, in a sentence or two."""
    outcomes, study = findings.outcomes, findings.outcomes.study
    arms = listed([findings.label(arm) for arm in outcomes.arms])
    years = outcomes.years
    period = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    preset = f" Effects: preset “{study.preset}”." if study.preset else ""
    drift = "with" if outcomes.drift else "without"
    changed = _clipped(", ".join(note.removeprefix(f"{SET_REASON}: ") for note in study.notes))
    notes = f" Changed for this run: {changed}." if changed else ""
    return (
        f"{arms}, {period}: {outcomes.futures:,} simulated futures of each, {drift} the "
        f"authority's own drift.{preset} Engine: {outcomes.engine}. Seed {outcomes.seed}.{notes}"
    )


def _clipped(text: str) -> str:
    return text if len(text) <= CHANGES_SHOWN else f"{text[: CHANGES_SHOWN - 1].rstrip()}…"


def versions() -> str:
    """What computed it."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"simfs {simfs.__version__}, Python {platform.python_version()}, {libraries}."


def _run_warnings(findings: Findings) -> list[str]:
    """What the run itself says against its own figures."""
    reasons = [one.reason for one in findings.comparisons if one.reason]
    reasons += [f"{v.claim.words}: {v.reason}" for v in findings.verdicts if v.expected is None]
    found = sorted(set(reasons), key=reasons.index)
    skew = [
        f"{findings.label(one.arm)}, {row.metric.label}, {row.period}: {row.warning}"
        for one in findings.compared
        for row in one.falls
        if row.warning and row.metric.key in SAVINGS
    ]
    if len(skew) > 2:
        return [*found, f"{skew[0]}; the same holds for {len(skew) - 1} more savings"]
    return found + skew


def _answer(findings: Findings) -> list[str]:
    """Plain sentences: the claims that matter, then children, then money."""
    told = [claim_sentence(findings, one) for one in _leading(findings)]
    year = findings.outcomes.years[-1]
    for one in findings.compared:
        changes = []
        for count in findings.counts:
            change = turned(one.fall(f"{count.key}_at_end_children", year))
            changes.append(
                f"{count.label.lower()} {whole(change.mean)} "
                f"({between(whole(change.p10), whole(change.p90))})"
            )
        base = findings.label(one.baseline)
        told.append(
            f"Children at the end of {year}, {findings.label(one.arm)} against {base}, mean "
            f"difference and 80% band: {listed(changes)}."
        )
        if findings.priced:
            told.append(_money_sentence(findings, one.arm))
    told += [grades_sentence(findings, graded) for graded in findings.graded]
    told.append(badge_sentence(findings.outcomes.study))
    if not findings.compared:
        told += [_alone(findings, year)]
    return told


def _alone(findings: Findings, year: str) -> str:
    """The stocks of a single arm."""
    only = findings.comparisons[0]
    levels = []
    for count in findings.counts:
        row = level_of(only, f"{count.key}_at_end_children", year)
        levels.append(
            f"{count.label.lower()} {whole(row.mean)} ({between(whole(row.p10), whole(row.p90))})"
        )
    if not levels:
        return f"{findings.label(only.arm)} was simulated by itself; no stock is counted."
    return f"Children at the end of {year}, mean and 80% band: {listed(levels)}."


def _leading(findings: Findings) -> list[Verdict]:
    """The first claim about each thing that is claimed, for each arm, in the order of the file."""
    found: dict[tuple[str, str], Verdict] = {}
    for one in findings.verdicts:
        if one.expected is not None:
            found.setdefault((one.arm, one.claim.metric), one)
    return list(found.values())[:CLAIMS_IN_THE_ANSWER]


def claim_sentence(findings: Findings, verdict: Verdict) -> str:
    """One claim and how it fares, for a councillor."""
    claim = verdict.claim
    reading = f" ({claim.reading})" if claim.reading else ""
    arm = f"{findings.label(verdict.arm)}: " if len(findings.compared) > 1 else ""
    found = verdict.coupled or verdict.outturn
    assert found is not None
    reaches = "reaches" if claim.direction is Direction.AT_LEAST else "stays within"
    when = f"over {verdict.period}" if " to " in verdict.period else f"in {verdict.period}"
    band = between(amount(verdict.p10, claim.unit), amount(verdict.p90, claim.unit))
    return (
        f"{arm}“{claim.words}”{reading}. In {of_hundred(found)} {_noun(claim)} {when} {reaches} "
        f"{threshold(claim)}; its mean is {amount(verdict.mean, claim.unit)} (80% band {band}). "
        f"With luck averaged out, the probability is {chance(verdict.expected)}.{_anyway(verdict)}"
    )


def _anyway(verdict: Verdict) -> str:
    """How often an authority that changes nothing meets a claim, beside the practice."""
    if verdict.unchanged is None or verdict.outturn is None:
        return ""
    return (
        f" Measured against a fixed figure, an authority that changes nothing meets it in "
        f"{chance(verdict.unchanged).partition(' (')[0]} of futures, with the practice in "
        f"{chance(verdict.outturn).partition(' (')[0]}."
    )


def _noun(claim: Claim) -> str:
    """What a claim is about, in a word."""
    if claim.against is Against.NONE:
        return "the figure"
    return "the saving" if claim.unit == "£" else "the fall"


def _money_sentence(findings: Findings, arm: str) -> str:
    """Whether it pays, over the run."""
    one = next(item for item in findings.compared if item.arm == arm)
    parts = []
    for key, words in (
        ("net_cashable_saving_pence", "in cash"),
        ("net_saving_pence", "with workers' time counted as money"),
    ):
        row = one.fall(key, ALL_YEARS)
        band = between(millions(row.p10), millions(row.p90))
        parts.append(f"{words} {millions(row.mean)} ({band})")
    position = findings.cashable_positions[arm]
    paid = (
        f"In cash, the middle future has paid back by {month_in_words(position.break_even)}."
        if position.break_even
        else "In cash, the middle future does not pay back within the run."
    )
    return (
        f"Saving less investment over all years, {findings.label(arm)}, mean and 80% band, before "
        f"any grant: {listed(parts)}. {paid}"
    )
