"""The section of the page on what one would have to believe for each claim to come true."""

from collections import Counter
from collections.abc import Sequence

from simfs.report.findings import Findings
from simfs.report.html import Cell, Part, Points, Section, Table, Words
from simfs.report.switching import (
    FIXED,
    HOW,
    IN_STEP,
    LEFT_OUT,
    SHOWN,
    Row,
    in_step_sentence,
    likely_words,
    number_text,
    period_of,
    state_sentence,
    turning,
    turns_words,
    unit_words,
)
from simfs.scenario.claims import Claim


def switching_section(findings: Findings, rows: Sequence[Row]) -> Section | None:
    """The sentence and the switching values of each claim; None where nobody asked for them."""
    if not rows:
        return None
    study = findings.outcomes.study
    parts: list[Part] = [Words(HOW)]
    for claim in study.claims:
        for arm in findings.outcomes.arms[1:]:
            mine = [row for row in rows if (row["claim"], row["arm"]) == (claim.id, arm)]
            if mine:
                parts += _of_claim(findings, claim, arm, mine)
    left = [row for row in rows if row["state"] in (FIXED, LEFT_OUT)]
    reasons = Counter((row["state"], row["reason"]) for row in left)
    told = tuple(
        f"{state[0].upper()}{state[1:]}: {count} number{'s' * (count > 1)}: {reason}."
        for (state, reason), count in reasons.items()
    )
    parts += [Words("What was not moved", "heading"), Points(told)] if told else []
    return Section("believe", "What you would have to believe", tuple(parts))


def _of_claim(findings: Findings, claim: Claim, arm: str, rows: Sequence[Row]) -> list[Part]:
    study = findings.outcomes.study
    reading = f" ({claim.reading})" if claim.reading else ""
    several = f": {findings.label(arm)}" if len(findings.compared) > 1 else ""
    parts: list[Part] = [Words(f"“{claim.words}”{reading}{several}", "heading")]
    parts += [
        Words(in_step_sentence(claim, row, period_of(study, claim)))
        for row in rows
        if row["state"] == IN_STEP
    ]
    parts.append(Words(state_sentence(claim, rows)))
    found = turning(rows)
    if found:
        more = len(found) - SHOWN
        parts.append(
            Table(
                f"Where one number alone turns it: {claim.id}",
                (
                    Cell("Number"),
                    Cell("As it is", number=True),
                    Cell("Turns the claim at, 95% interval", number=True),
                    Cell("Evidence: p10 to p90", number=True),
                    Cell("Grade"),
                ),
                tuple(_row(row) for row in found[:SHOWN]),
                f"And {more} more in switching.csv, which have to move further."
                if more > 0
                else "",
            )
        )
    return parts


def _row(row: Row) -> tuple[Cell, ...]:
    return (
        Cell(f"{row['number']}{unit_words(row)}", row["path"]),
        Cell(number_text(row["as_it_is"]), number=True),
        Cell(turns_words(row), number=True),
        Cell(likely_words(row), number=True),
        Cell(row["grade"]),
    )
