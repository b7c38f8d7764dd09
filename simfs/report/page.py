"""The page as a whole: the answer first, then what it stands on, then how it came about."""

import platform
from importlib.metadata import version

import simfs
from simfs.analysis.savings import SAVINGS
from simfs.report.charts import Drawing
from simfs.report.findings import Findings
from simfs.report.first_page import first_page
from simfs.report.html import Page, Points, Section
from simfs.report.sections import (
    children_section,
    claims_section,
    matters_section,
    uncertainty_section,
)
from simfs.report.sections_believe import switching_section
from simfs.report.sections_grades import grades_section
from simfs.report.sections_method import (
    assumptions_section,
    left_out_section,
    method_section,
    reproduce_section,
)
from simfs.report.sections_money import money_section
from simfs.report.sections_staff import staff_section
from simfs.report.sections_statements import aqua_section, stress_section
from simfs.report.trust import trust_section
from simfs.report.wording import listed
from simfs.scenario.config import SET_REASON

CHANGES_SHOWN = 200  # letters of what was changed for a run
LIBRARIES = ("numpy", "scipy", "simpy", "matplotlib")


def report_page(findings: Findings, drawings: tuple[Drawing, ...]) -> Page:
    """Everything that the page says, from what the run found."""
    shown = {drawing.caption.key: drawing for drawing in drawings}
    study = findings.outcomes.study
    warnings = warnings_of(findings)
    ran = what_ran(findings)
    sections = (
        claims_section(findings),
        switching_section(findings, findings.switching),
        children_section(findings, shown),
        money_section(findings, shown),
        staff_section(findings, shown),
        matters_section(findings),
        uncertainty_section(findings),
        grades_section(findings),
        trust_section(study),
        assumptions_section(findings),
        left_out_section(),
        method_section(findings),
        Section("warnings", "Warnings", (Points(warnings),)) if warnings else None,
        reproduce_section(findings, ran),
        stress_section(findings),
        aqua_section(findings),
    )
    return Page(
        title=study.title or study.name,
        what_ran=ran,
        first=first_page(findings)[0],
        warnings=warnings,
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


def warnings_of(findings: Findings) -> tuple[str, ...]:
    """All that a reader must know before trusting a figure."""
    study = findings.outcomes.study
    return (*findings.queue_words(), *study.warnings, *_run_warnings(findings))


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
