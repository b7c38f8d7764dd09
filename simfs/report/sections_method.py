"""The sections of the page that say how it came about: assumptions, method, provenance."""

from itertools import groupby

from simfs.report.explanations import GRADES_IN_WORDS, LEFT_OUT, READING, TABLES
from simfs.report.findings import Findings
from simfs.report.html import Cell, Part, Points, Section, Table, Terms, Words
from simfs.report.wording import between
from simfs.scenario.scenario import LedgerEntry
from simfs.scenario.sources import DEFAULT


def assumptions_section(findings: Findings) -> Section:
    """Every number that rests on an assumption, and everything that was read."""
    study = findings.outcomes.study
    assumed = [row for row in study.ledger if row.assumption]
    sourced = len(study.ledger) - len(assumed)
    parts: list[Part] = [
        Words(
            f"Of {len(study.ledger):,} numbers in the scenario, {sourced:,} have a source and "
            f"{len(assumed):,} are assumptions. All are in inputs.csv. Grades: {GRADES_IN_WORDS}."
        )
    ]
    own = [row for row in assumed if row.assumption == DEFAULT]
    assumed = sorted((row for row in assumed if row.assumption != DEFAULT), key=_reason)
    if own:
        number = f"{len(own):,} of the assumptions are"
        parts.append(Words(f"{number} defaults of simfs; they stand in inputs.csv, not below."))
    if assumed:
        parts.append(
            Table(
                "Assumptions, with the values that rest on each",
                (Cell("Number"), Cell("Why"), Cell("Grade")),
                tuple(_assumed_row(list(rows)) for _, rows in groupby(assumed, _reason)),
                file="inputs.csv",
            )
        )
    if study.sources:
        parts.append(
            Table(
                "Sources",
                (Cell("Key"), Cell("Title"), Cell("Where")),
                tuple((Cell(s.key), Cell(s.title), Cell(s.where)) for s in study.sources),
                file="config.resolved.toml",
            )
        )
    return Section("assumptions", "Assumptions and sources", tuple(parts))


def _reason(row: LedgerEntry) -> tuple[str, str, str]:
    """Numbers in a table of the scenario that share a reason stand in one row."""
    return row.path.split(".")[0], row.assumption, row.grade


def _assumed_row(rows: list[LedgerEntry]) -> tuple[Cell, ...]:
    """Numbers that rest on one reason: their common place, each by its own name, and the reason."""
    parts = [row.path.split(".") for row in rows]
    same = 0
    while all(len(p) > same + 1 and p[same] == parts[0][same] for p in parts):
        same += 1
    told = []
    for row, part in zip(rows, parts, strict=True):
        spread = ""
        if row.low is not None and row.high is not None:
            spread = f" ({between(_end(row.low), _end(row.high))})"
        told.append(f"{'.'.join(part[same:])} {row.value} {row.unit}".rstrip() + spread)
    place = Cell(".".join(parts[0][:same]) or "the scenario", "; ".join(told))
    return place, Cell(rows[0].assumption), Cell(rows[0].grade)


def _end(value: float) -> str:
    """An end of a range in four digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def left_out_section() -> Section:
    """What the model does not have."""
    return Section(
        "left-out",
        "What is not in the model, and which way that may push the answer",
        (Terms(LEFT_OUT),),
    )


def method_section(findings: Findings) -> Section:
    """How the tool works and how its figures are read."""
    drift = findings.outcomes.drift
    steps: tuple[str, ...] = (
        "Every child is followed from stage to stage until the case closes. At every stage the "
        "file says how long stays last and how many go which way.",
        "Workers have caseloads. A family waits while nobody has room for it.",
        "What differs between the ways of working is what the file says of each: a practice model "
        "changes some of these numbers from its first day on, by degrees, and as far as its "
        "specialists are there.",
        "Numbers that are not known exactly are drawn anew for every four futures"
        + (
            ", and referrals and thresholds wander as those of real authorities do."
            if drift
            else "."
        )
        + " Within a future every way of working has the same draw, families and luck.",
    )
    if findings.priced:
        steps += (
            "Weeks of care, plans, events and posts have prices. Savings are what one way of "
            "working costs less than another in the same future.",
        )
    return Section("method", "Method, and how to read the figures", (Points(steps), Terms(READING)))


def reproduce_section(findings: Findings, ran: str) -> Section:
    """What ran, and how to get the same figures again."""
    outcomes = findings.outcomes
    command = (
        f"simfs run config.resolved.toml --reps {outcomes.futures} --seed {outcomes.seed} "
        f"--engine {outcomes.engine}"
    )
    return Section(
        "reproduce",
        "What ran, and how to get the same figures again",
        (
            Words(ran),
            Words("The scenario as it ran is in config.resolved.toml, in the folder of this page."),
            Words(command, "command"),
            Words("Tables for a spreadsheet, beside this page", "heading"),
            Terms(TABLES),
            Words(
                "Every random number has an address, so the same seed gives the same futures on "
                "any number of processors. The versions that computed this page stand below."
            ),
        ),
    )
