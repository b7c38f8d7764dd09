"""What one would have to believe, claim by claim: a table for Excel, and text for the terminal.

The table is all there is: text and report are told from its rows, as they come from a run or out of
a results folder.
"""

import csv
import io
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from simfs.errors import StoreError
from simfs.experiment.store import Store
from simfs.experiment.switching import NAME, Believed, InStep, Switch
from simfs.report.claims import WIDTH, wrapped
from simfs.report.numbers import words_of
from simfs.report.tables import FORMULA_STARTS, Value, csv_file
from simfs.report.wording import amount, between, one_decimal, side, threshold
from simfs.scenario.claims import Claim
from simfs.scenario.scenario import Study

TURNS, NOWHERE, NOT_SETTLED = "turns", "nowhere", "not looked at further"
FIXED, LEFT_OUT, IN_STEP = "cannot be moved alone", "not tried", "all effects in step"
SHOWN = 6  # numbers that turn a claim, in the text and on the page

HEADS = (
    "claim", "arm", "threshold", "unit", "expected", "state", "path", "number", "as_it_is",
    "number_unit", "p10", "p90", "grade", "turns_at", "turns_low", "turns_high", "tried_from",
    "tried_to", "expected_at_from", "expected_at_to", "futures", "fewer_needed",
    "fewer_needed_low", "fewer_needed_high", "fewer_as_it_is", "fewer_p10", "fewer_p90",
    "fewer_at_most", "reason",
)  # fmt: skip

Row = Mapping[str, str]

HOW = (
    "Each number is moved by itself, all others as they are: drawn, where they are uncertain. It "
    "turns the claim where the mean over futures equals the threshold. “1.3 times” is a multiple "
    "of several numbers. The 95% interval holds the values at which the claim lies within the "
    "interval of that mean; “beyond” says that it reaches past the values that were tried. p10 to "
    "p90 is what the evidence gives, where it gives a range. A number whose ends leave the claim "
    "out of reach in a few futures is tried no further; switching.csv says in how many."
)


def switching_csv(found: Believed, study: Study) -> bytes:
    """Every claim with every number, then the effects in step, then what was not moved, and why."""
    words = words_of(study)
    rows: list[list[Value]] = [_switch_row(one, words) for one in found.switches]
    rows += [_in_step_row(one) for one in found.in_step]
    nothing: list[Value] = [None] * len(HEADS)
    for left in found.unmoved:
        row = list(nothing)
        told = {
            "state": FIXED if left.tried else LEFT_OUT, "path": left.row.path,
            "number": words[left.row.path], "as_it_is": left.row.value,
            "number_unit": left.row.unit, "grade": left.row.grade, "reason": left.reason,
        }  # fmt: skip
        for head, value in told.items():
            row[HEADS.index(head)] = value
        rows.append(row)
    return csv_file(HEADS, rows)


def _switch_row(one: Switch, words: dict[str, str]) -> list[Value]:
    number, row, root = one.number, one.number.row, one.root
    state = TURNS if root else NOWHERE if one.settled else NOT_SETTLED
    return [
        one.claim.id, one.arm, one.claim.threshold, one.claim.unit, one.as_it_is, state, row.path,
        words[row.path], number.value, "times" if number.multiple else row.unit,
        _known(number.likely_low), _known(number.likely_high), row.grade,
        root.value if root else None, root.low if root else None, root.high if root else None,
        number.low, number.high, one.at_low, one.at_high, one.futures,
        None, None, None, None, None, None, None, "",
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _in_step_row(one: InStep) -> list[Value]:
    found = one.needed
    amounts: list[Value] = [None, None, None]
    if found:
        amounts = [found.amount, found.low, found.high]
    return [
        one.claim.id, one.arm, one.claim.threshold, one.claim.unit, one.as_it_is, IN_STEP, "", "",
        0.0, "-1 none, 1 all prevented", None, None, "", found.at if found else None, None, None,
        -1.0, 1.0, one.at_none, one.at_most, None, *amounts, *one.evidence, one.most, "",
    ]  # fmt: skip


def switching_rows(content: bytes) -> tuple[Row, ...]:
    """The rows of a table as they were written; raises ValueError where it is another table."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    if tuple(reader.fieldnames or ()) != HEADS:
        raise ValueError("its columns are not those of this version")
    return tuple({key: _unescaped(text) for key, text in row.items()} for row in reader)


def stored_switching(store: Store) -> bytes | None:
    """The table that a results folder holds, or None where it holds none that it vouches for.

    Raises:
        StoreError: it was changed since it was written, or by another version.
    """
    content = store.added(f"{NAME}.csv")
    if content is not None:
        try:
            switching_rows(content)
        except ValueError as error:
            raise StoreError(
                f"{store.folder / NAME}.csv: {error}; give simfs claims {store.folder} --believe "
                "again"
            ) from None
    return content


def _unescaped(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


# Sentences


def in_step_sentence(claim: Claim, row: Row, period: str) -> str:
    """What a claim needs in children, beside what the evidence supports."""
    what = threshold(claim)
    if claim.unit != "£" or side(claim) == "at most":
        what = f"{side(claim)} {what}".capitalize()
    has = _fewer(row, "fewer_as_it_is")
    band = between(one_decimal(float(row["fewer_p10"])), one_decimal(float(row["fewer_p90"])))
    supports = f"the evidence supports {has} (80% band {band})"
    if row["fewer_needed"]:
        ends = between(
            one_decimal(float(row["fewer_needed_low"])),
            one_decimal(float(row["fewer_needed_high"])),
        )
        need = _fewer(row, "fewer_needed")
        return (
            f"{what} {period} needs {need} fewer children entering care a year (95% interval "
            f"{ends}), the effects on routes strengthened or weakened in step; {supports}."
        )
    most = _fewer(row, "fewer_at_most")
    at_most, none = float(row["expected_at_to"]), float(row["expected_at_from"])
    reached = (float(row["expected"]) >= claim.threshold) == (side(claim) == "at least")
    if reached:
        return (
            f"{what} {period} is reached even with no effect on routes at all (expected "
            f"{amount(none, claim.unit)}); {supports} fewer children entering care a year."
        )
    return (
        f"{what} {period} is out of reach even if every effect on routes, at full strength, "
        f"prevented all that it acts on: {most} fewer children entering care a year, expected "
        f"{amount(at_most, claim.unit)}; {supports}."
    )


def _fewer(row: Row, key: str) -> str:
    return one_decimal(float(row[key]))


def period_of(study: Study, claim: Claim) -> str:
    """The years of a claim, in a sentence."""
    labels = [label for label, _, _ in study.arms[0].calendar.years]
    last = labels[claim.last_year]
    at_once = claim.aggregate == "at" or claim.first_year == claim.last_year
    return f"in {last}" if at_once else f"over {labels[claim.first_year]} to {last}"


def turning(rows: Sequence[Row]) -> list[Row]:
    """Rows of numbers that turn a claim, first those that have to move least.

    By how much of the way to the end of its own range a number has to go; of one without a range,
    a quarter of its value counts as that way.
    """
    return sorted((row for row in rows if row["state"] == TURNS), key=_way)


def _way(row: Row) -> float:
    here, root = float(row["as_it_is"]), float(row["turns_at"])
    end = row["p90"] if root > here else row["p10"]
    whole = abs(float(end) - here) if end else abs(here) / 4
    return abs(root - here) / whole if whole else math.inf


def is_within(row: Row) -> bool:
    """Whether a claim turns within what the evidence gives for a number."""
    return bool(row["p10"]) and float(row["p10"]) <= float(row["turns_at"]) <= float(row["p90"])


def number_text(text: str) -> str:
    """A number in four digits.

    >>> number_text("0.870000"), number_text("1238.5"), number_text("655000")
    ('0.87', '1,238', '655,000')
    """
    value = float(text)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def turns_words(row: Row) -> str:
    """Where a number turns a claim, with its interval."""
    ends = [number_text(row[key]) if row[key] else "beyond" for key in ("turns_low", "turns_high")]
    return f"{number_text(row['turns_at'])} ({between(*ends)})"


def likely_words(row: Row) -> str:
    """What the evidence gives for a number."""
    if not row["p10"]:
        return "no range given"
    return between(number_text(row["p10"]), number_text(row["p90"]))


def unit_words(row: Row) -> str:
    """The unit of a number, unless its words say it already."""
    unit = row["number_unit"]
    said = unit in ("", "probability", "ratio", "share") or unit in row["number"]
    return "" if said else f", {unit}"


# Text


def switching_text(study: Study, rows: Sequence[Row]) -> str:
    """What one would have to believe for each claim, and what was left aside."""
    lines = ["What you would have to believe", *wrapped(HOW), ""]
    claims = {claim.id: claim for claim in study.claims}
    about = [row for row in rows if row["claim"]]
    for (key, arm), group in groupby(
        sorted(about, key=lambda row: (list(claims).index(row["claim"]), row["arm"])),
        key=lambda row: (row["claim"], row["arm"]),
    ):
        several = len(study.arms) > 2
        lines += [*_of_claim(study, claims[key], arm if several else "", list(group)), ""]
    return "\n".join([*lines, *_left(rows)])


def _of_claim(study: Study, claim: Claim, arm: str, rows: Sequence[Row]) -> Iterator[str]:
    reading = f" ({claim.reading})" if claim.reading else ""
    label = f" [{study.arm(arm).label}]" if arm else ""
    yield from wrapped(f"“{claim.words}”{reading}{label}")
    for row in rows:
        if row["state"] == IN_STEP:
            yield from wrapped(in_step_sentence(claim, row, period_of(study, claim)), 2)
    yield from wrapped(f"{state_sentence(claim, rows)}", 2)
    found = turning(rows)
    if found:
        yield f"    {'by itself':<47}{'as it is':>10}{'turns at (95% interval)':>35}"
    for row in found[:SHOWN]:
        *above, last = textwrap.wrap(
            f"{row['number']}{unit_words(row)}, grade {row['grade'] or 'none'}, "
            f"{'p10 to p90 ' if row['p10'] else ''}{likely_words(row)}",
            46, initial_indent="    ", subsequent_indent="      ",
        )  # fmt: skip
        yield from above
        yield f"{last:<51}{number_text(row['as_it_is']):>10}{turns_words(row):>35}"
    if len(found) > SHOWN:
        yield f"    and {len(found) - SHOWN} numbers more, which have to move further"


def state_sentence(claim: Claim, rows: Sequence[Row]) -> str:
    """How a claim stands as it is, and how many numbers turn it by themselves."""
    numbers = [row for row in rows if row["state"] in (TURNS, NOWHERE, NOT_SETTLED)]
    if not numbers:
        return "No number of the scenario can be moved by itself."
    expected = float(numbers[0]["expected"])
    reached = (expected >= claim.threshold) == (side(claim) == "at least")
    turns = [row for row in numbers if row["state"] == TURNS]
    within = sum(map(is_within, turns))
    unsettled = sum(row["state"] == NOT_SETTLED for row in numbers)
    verb = "would undo it" if reached or expected == claim.threshold else "would bring it about"
    stands = "reached" if reached else "not reached"
    more = f"; {unsettled} more might, and were not looked at further" if unsettled else ""
    return (
        f"As things are it is {stands} (expected {amount(expected, claim.unit)}). Of "
        f"{len(numbers)} numbers moved alone, {len(turns)} {verb} somewhere in their possible "
        f"range, {within} of them within p10 to p90{more}."
    )


def _left(rows: Sequence[Row]) -> list[str]:
    """What could not be moved alone, and what was not tried, by reason."""
    lines: list[str] = []
    for state, head in ((FIXED, "Cannot be moved alone"), (LEFT_OUT, "Not tried")):
        found = [row for row in rows if row["state"] == state]
        by_reason: dict[str, list[str]] = {}
        for row in found:
            by_reason.setdefault(row["reason"], []).append(row["path"])
        for reason, paths in by_reason.items():
            told = ", ".join(paths[:2]) + (f" and {len(paths) - 2} more" if len(paths) > 2 else "")
            lines += textwrap.wrap(f"{head}: {told}: {reason}", WIDTH, subsequent_indent="  ")
    return [*lines, "Every claim and every number are in switching.csv."]
