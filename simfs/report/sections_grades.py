"""The section of the page about the evidence behind the saving, and its one sentence."""

import math

from simfs.analysis.grades import GRADES, NOT_GRADED, Graded, Portion, PricedLine, by_price
from simfs.analysis.prices import PENCE_PER_POUND
from simfs.report.explanations import GRADES_IN_WORDS
from simfs.report.findings import Findings
from simfs.report.html import Cell, Part, Section, Table, Words
from simfs.report.sections import heads
from simfs.report.wording import DASH, MINUS, listed, millions, percent

IN_WORDS = {
    "D": "numbers that are assumed (grade D)",
    "C": "grade C",
    "B": "grade B",
    "A": "grade A",
    NOT_GRADED: "numbers without a grade",
    "": "no graded number",
}


def grades_section(findings: Findings) -> Section | None:
    """What the saving rests on: prices over the run, then effects and both at central values."""
    if not findings.graded:
        return None
    parts: list[Part] = [
        Words(
            f"Every effect and every price has a grade: {GRADES_IN_WORDS}. A pound that is saved "
            "rests on both, and is no better known than the weaker of them."
        )
    ]
    for graded in findings.graded:
        parts += [
            Words(grades_sentence(findings, graded)),
            _by_price(findings, graded.arm),
            _by_effect(findings, graded),
            _by_grade(findings, graded),
        ]
    return Section("grades", "What the saving rests on", tuple(parts))


def grades_sentence(findings: Findings, graded: Graded) -> str:
    """Shares of the central gross saving by the weaker grade, weakest first."""
    whole = graded.whole
    amount = (
        f"the central gross saving of {findings.label(graded.arm)} "
        f"({_pounds(whole.pounds)} over all years)"
    )
    if whole.share is None:
        return f"On which evidence {amount} rests cannot be said: it is not clearly above nothing."
    shares = [
        f"{_share(portion)} on {IN_WORDS[grade]}"
        for grade, portion in graded.by_grade()
        if _share(portion) != "0%"
    ]
    first, *others = shares
    told = listed([first.replace(" on ", " rests on ", 1), *others])
    costs = " A minus is a cost." if any(MINUS in share for share in shares) else ""
    return (
        f"Of {amount}, {told}, counting each pound by the weaker of its effect and its price."
        f"{costs}"
    )


def _by_price(findings: Findings, arm: str) -> Table:
    lines = by_price(findings.outcomes, arm)
    rows = tuple(
        (
            Cell(one.line.label, one.line.key),
            Cell(one.line.grade),
            Cell(_pounds(one.pounds), number=True),
            Cell(_of_whole(one.share), number=True),
        )
        for one in lines
        if one.pounds
    )
    return Table(
        f"{findings.label(arm)}: gross saving of all years by the grade of its prices",
        (Cell("Cost line"), Cell("Grade"), *heads("", "Saving, mean", "Share")[1:]),
        rows,
        "Means of all futures of the run, which add up to the gross saving. A minus is a cost. By "
        f"grade: {_totals(lines)}. Year by year in finance.csv.",
    )


def _totals(lines: tuple[PricedLine, ...]) -> str:
    """What is saved at prices of each grade, weakest first."""
    grades = [grade for grade in reversed(GRADES) if any(grade == o.line.grade for o in lines)]
    told = []
    for grade in grades:
        of_grade = [one for one in lines if one.line.grade == grade]
        pounds = _pounds(sum(one.pounds for one in of_grade))
        shares = [one.share for one in of_grade if one.share is not None]
        told.append(f"{grade} {pounds}" + (f" ({percent(100 * sum(shares))})" if shares else ""))
    return listed(told)


def _by_effect(findings: Findings, graded: Graded) -> Table:
    rows = tuple(
        (Cell(cause.label, cause.key), Cell(cause.grade or DASH), *_portion(portion))
        for cause, portion in graded.by_cause()
    )
    off = " Drift is off." if findings.outcomes.drift else ""
    return Table(
        f"{findings.label(graded.arm)}: what each effect carries of the central gross saving",
        (Cell("Effect"), Cell("Grade"), *heads("", "Saving", "Share")[1:]),
        rows,
        f"All numbers at their central values, {graded.futures} futures: the saving less what it "
        f"is in the same futures without the effect, in the baseline too where a reform brings it."
        f"{off} Under each figure: its standard error.",
        "grades.csv",
    )


def _by_grade(findings: Findings, graded: Graded) -> Table:
    rows = tuple((Cell(grade or DASH), *_portion(portion)) for grade, portion in graded.by_grade())
    return Table(
        f"{findings.label(graded.arm)}: the central gross saving by the weaker of both grades",
        (Cell("Grade"), *heads("", "Saving", "Share")[1:]),
        rows,
        "The table of effects by cost lines stands behind it.",
        "grades.csv",
    )


def _portion(portion: Portion) -> tuple[Cell, Cell]:
    """Pounds and their share, each above its standard error."""
    error, unsure = portion.standard_error, portion.share_error
    return (
        Cell(
            _pounds(portion.pounds), "" if math.isnan(error) else f"± {_pounds(error)}", number=True
        ),
        Cell(
            _of_whole(portion.share),
            "" if unsure is None or math.isnan(unsure) else f"± {percent(100 * unsure)}",
            number=True,
        ),
    )


def _pounds(value: float) -> str:
    return millions(PENCE_PER_POUND * value)


def _share(portion: Portion) -> str:
    return _of_whole(portion.share)


def _of_whole(share: float | None) -> str:
    return DASH if share is None else percent(100 * share)
