"""The page of what the answer hangs on: complete in itself, like that of a run."""

from collections.abc import Sequence

from simfs.analysis.information import Information
from simfs.analysis.knowing import Known
from simfs.experiment.sensitivity import NAME
from simfs.report.charts import Drawing
from simfs.report.factors import named_factors
from simfs.report.html import Cell, Page, Part, Points, Section, Table, Words, picture
from simfs.report.information import NAME as INFORMATION
from simfs.report.information import assumed, gain_words, pilot_sentence, sentences
from simfs.report.page import versions
from simfs.report.readings import verdicts
from simfs.report.screening import HOW, size_words
from simfs.report.sensitivity import (
    Sensitivity,
    bar_words,
    turn_words,
    turning,
)
from simfs.report.tornado import mean_words
from simfs.report.unmoved import staff_words, unmoved_words
from simfs.report.wording import between, listed, millions, threshold
from simfs.scenario.claims import Claim

SWINGS = (
    "Most of all it swings with these, each moved by itself to p10 (one draw in ten is below) and "
    "p90 (one in ten is above):"
)
FIRST = 5  # bars on the first page
PENCE = 100.0
NUMBERS_SHOWN = 8


def sensitivity_page(found: Sensitivity, drawings: Sequence[Drawing]) -> Page:
    """Everything that the page says."""
    study = found.outcomes.study
    sections = (
        _tornado_section(drawings),
        _claims_section(found),
        _information_section(found),
        _screening_section(found),
        _method_section(found),
    )
    return Page(
        title=f"{study.title or study.name}: what the answer hangs on",
        what_ran="",
        first=_first(found),
        warnings=(),
        sections=tuple(one for one in sections if one is not None),
        foot=versions(),
    )


def _first(found: Sensitivity) -> Section:
    """The widest swings of the first figure, and what it is worth to know more."""
    outcomes, study = found.outcomes, found.outcomes.study
    parts: list[Part] = []
    for arm in outcomes.arms[1:]:
        one = next(each for each in found.moved.tornadoes if each.arm == arm)
        label = f"{study.arm(arm).label}: {one.headline.label}"
        clear = [bar for bar in one.bars if bar.beyond_luck]
        said = [Words(text, "strong") for text in verdicts(study, found.moved, arm)]
        mean = "" if said else f": {mean_words(one)}"  # which the verdict tells already
        parts += [*said, Words(f"{label}{mean}", "heading")]
        points = [
            f"{found.named[bar.factor.key].words}, {found.named[bar.factor.key].range_words}: "
            f"{bar_words(one, bar)}."
            for bar in clear[:FIRST]
        ]
        parts += [Words(SWINGS, "strong"), Points(tuple(points))]
        luck = len(one.bars) - len(clear)
        parts.append(
            Words(f"{luck} of {len(one.bars)} uncertain numbers cannot be told from luck.")
        )
    staff = staff_words(study)
    if staff:
        parts += [Words("How many staff?", "heading"), Words(staff)]
    parts.append(Words("What would it be worth to know more?", "heading"))
    if not found.worth:
        parts.append(Words(f"Not told: {found.why}."))
    for known in found.worth:
        parts += [Words(text) for text in sentences(study, known, found.named, found.pilot)]
    return Section("answer", "The answer on one page", tuple(parts))


def _tornado_section(drawings: Sequence[Drawing]) -> Section:
    words = Words(
        "Each number is moved by itself, from p10 to p90 of its range; all others stay as each "
        "draw has them, and the luck is the same. Orange, hatched: at p10. Blue: at p90."
    )
    pictures = tuple(picture(one) for one in drawings)
    return Section("swings", "What swings each headline figure", (words, *pictures))


def _claims_section(found: Sensitivity) -> Section | None:
    """Switching values within p10 and p90, claim by claim."""
    study = found.outcomes.study
    rows = []
    for claim in study.claims:
        for arm in found.outcomes.arms[1:]:
            for turn in turning(found.moved.turns, claim.id, arm)[:FIRST]:
                name = found.named[turn.factor.key]
                rows.append((
                    Cell(_claim(claim)), Cell(name.words, name.range_words),
                    Cell(turn_words(study, turn, name), number=True),
                ))  # fmt: skip
    if not study.claims:
        return None
    if not rows:
        return Section(
            "claims", "What turns a claim",
            (Words("No number by itself turns any claim between its p10 and p90."),),
        )  # fmt: skip
    heads = (Cell("Claim"), Cell("Number (p10 to p90)"), Cell("Turns it at", number=True))
    note = (
        "Where the mean over futures is what is claimed, on the curve through p10, middle and p90; "
        "for each claim those that have to move least. No interval is followed past p10 or p90. "
        "simfs claims --believe tries every number over its possible range."
    )
    table = Table("Numbers that turn a claim by themselves", heads, tuple(rows), note,
                  f"{NAME}-claims.csv")  # fmt: skip
    return Section("claims", "What turns a claim", (table,))


def _claim(claim: Claim) -> str:
    reading = f" ({claim.reading})" if claim.reading else ""
    return f"“{claim.words}”{reading}: {threshold(claim)}"


def _information_section(found: Sensitivity) -> Section | None:
    """What everything, each kind and each number is worth at most, and the pilot."""
    if not found.worth:
        return None
    parts: list[Part] = [Words(assumed(found.worth, found.pilot))]
    for one in found.worth:
        parts.append(_worth_table(found, one))
        if one.pilot is not None:  # an estimate, where the table tells the most that is to be had
            parts.append(Words(pilot_sentence(one.pilot, found.pilot)))
    return Section("information", "What knowing more is worth", tuple(parts))


def _worth_table(found: Sensitivity, one: Known) -> Table:
    rows = [("Every uncertain number", one.everything)]
    rows += [(f"All about {kind.value}", worth) for kind, worth in one.kinds]
    rows += [
        (found.named[factor.key].words, worth) for factor, worth in one.factors[:NUMBERS_SHOWN]
    ]
    heads = (
        Cell("Known before deciding"), Cell("Worth", number=True),
        Cell("Luck would show", number=True), Cell("Is it more?"),
    )  # fmt: skip
    label = found.outcomes.study.arm(one.arm).label
    note = (
        "Pounds over the run, with the 95% interval; beside it what luck alone shows 1 time in 20 "
        "in the greatest of its list. No study is worth more than the upper end of the interval."
    )
    return Table(
        f"{label}: {one.headline.label}, {gain_words(one)}",
        heads,
        tuple(_worth_row(words, worth) for words, worth in rows),
        note,
        f"{INFORMATION}.csv",
    )


def _worth_row(words: str, worth: Information) -> tuple[Cell, ...]:
    low, high, pounds, luck = (
        millions(value * PENCE) for value in (worth.low, worth.high, worth.pounds, worth.luck)
    )
    return (
        Cell(words),
        Cell(pounds, between(low, high), number=True),
        Cell(luck, number=True),
        Cell("yes" if worth.beyond_luck else "no more than luck"),
    )


def _screening_section(found: Sensitivity) -> Section | None:
    if found.screened is None:
        return None
    factors, screenings = found.screened
    named = named_factors(found.outcomes.study, factors)
    parts: list[Part] = [Words(HOW)]
    for each in screenings:
        clear = [one for one in each.factors if one.beyond_luck]
        told = [f"{named[one.key].words}: {size_words(each, one)}" for one in clear]
        parts.append(Words(each.headline.label, "heading"))
        luck = f"{len(each.factors) - len(clear)} of {len(each.factors)} cannot be told from luck."
        parts += [Points((*told, luck))]
    return Section("screening", "Numbers moved together", tuple(parts))


def _method_section(found: Sensitivity) -> Section:
    outcomes = found.outcomes
    arms = listed([outcomes.study.arm(arm).label for arm in outcomes.arms])
    ran = (
        f"{arms}: {outcomes.futures:,} futures as they are, and {found.moved.simulated:,} with "
        f"numbers moved. Engine: {outcomes.engine}. Seed {outcomes.seed}."
    )
    return Section(
        "method", "How it was done", (Words(ran), Words(unmoved_words(outcomes.study, found.moved)))
    )
