"""What moved which claim between two scenarios: text for the terminal and tables for Excel."""

import textwrap
from collections.abc import Callable, Iterator, Sequence

from simfs.analysis.attribution import Attribution, Share
from simfs.analysis.claims import Verdict
from simfs.analysis.mechanisms import Amount
from simfs.experiment.compare import NAME, Pair
from simfs.report.tables import Value, csv_file
from simfs.report.wording import (
    DASH,
    MILLION,
    MINUS,
    amount,
    between,
    chance,
    claimed,
    listed,
    one_decimal,
)
from simfs.scenario.differences import Difference, Kind, in_words
from simfs.scenario.scenario import LedgerEntry

WIDTH = 80
LABEL = 30
FIRST = 26
SHOWN = 6  # differences of one assumption that the terminal lists; the table has all
LETTERS = 110  # of a source or a reason in the terminal
SMALL = 100_000  # pounds, under which a difference is told to the thousand
TOGETHER = "together"
DIFFERENCES = f"{NAME}-differences.csv"

WORDS = (
    "Claims are judged as A makes them. Mean (80% band): what the arm saves, or by how much it "
    "lowers the count; eight futures in ten lie in the band. Coupled: in how many futures the same "
    "families, followed twice, show the claimed difference, with its 95% interval; ~ is about. "
    "Outturn is told where nothing is compared. B less A, and below it: means over the same "
    "futures with the 95% interval of the mean. First: the assumption is changed alone, all others "
    "as in A. Last: it is changed when all others are as in B already. Together: what the "
    "assumptions do only through each other, so that each column adds up to B less A."
)
UNITS = {"£": "£m", "share": "points"}  # in which a difference is told
SAME = "A and B hold the same numbers: there is nothing to simulate, and no claim moves."


def compare_text(pair: Pair, found: Sequence[Attribution], names: Sequence[str]) -> str:
    """What a finance officer reads in the terminal, at most 80 columns.

    Args:
        pair: what was compared.
        found: what moved each claim.
        names: what A and B were called on the command line.
    """
    blocks = [_head(pair, names), *_unlike(pair), _wrapped(WORDS)]
    for arm in pair.arms[1:]:
        label = pair.first.arm(arm).label
        blocks.append(_wrapped(f"{label.upper()}: each claim in A and in B"))
        blocks += [_claim(pair, one) for one in found if one.first.arm == arm]
    untested = (claim.told for study in (pair.first, pair.second) for claim in study.untested)
    blocks += [_wrapped(told) for told in dict.fromkeys(untested)]
    return "\n".join(line for block in blocks for line in (*block, ""))


def same_text(pair: Pair, names: Sequence[str]) -> str:
    """That nothing which is simulated differs, and what else does."""
    blocks = [_head(pair, names), *_unlike(pair), _wrapped(SAME)]
    return "\n".join(line for block in blocks for line in (*block, "")).rstrip()


def _head(pair: Pair, names: Sequence[str]) -> list[str]:
    return [
        line
        for letter, study, name in zip("AB", (pair.first, pair.second), names, strict=True)
        for line in textwrap.wrap(
            f"{letter}: {study.title or study.name} ({name})", WIDTH, subsequent_indent="   "
        )
    ]


def _unlike(pair: Pair) -> Iterator[list[str]]:
    """All that differs: what is simulated, one assumption after the other, then the rest."""
    if pair.assumptions:
        lines = ["What differs"]
        for number, each in enumerate(pair.assumptions, start=1):
            lines += _wrapped(f"[{number}] {each.key}", "  ")
            alone = len(each.differences) == 1 and each.differences[0].key == each.key
            for one in each.differences[:SHOWN]:
                lines += _values(one, named=not alone)
            if len(each.differences) > SHOWN:
                more = len(each.differences) - SHOWN
                lines.append(f"      and {more} more, in {DIFFERENCES}")
        yield lines
    for kind, words in REST.items():
        rest = [each for each in pair.differences if each.kind is kind]
        if rest:
            lines = _wrapped(f"{words} ({len(rest)})")
            for one in rest[:SHOWN]:
                told = f"{one.key}: {_short(in_words(one.before))} in A, "
                lines += _wrapped(told + f"{_short(in_words(one.after))} in B", "  ")
            if len(rest) > SHOWN:
                lines.append(f"  and {len(rest) - SHOWN} more")
            yield lines


REST = {
    Kind.FRAME: "Not the same years or baseline, so futures cannot be paired: figures stand side "
    "by side, and no assumption's part can be told",
    Kind.ARMS: "Arms that only one of them has, which are left out",
    Kind.ASKED: "Asked of the model, counted in life, or how it is fitted and tested; no "
    "simulation reads it",
    Kind.WORDS: "In words alone: names, labels, sources and notes",
}


def _values(one: Difference, *, named: bool) -> Iterator[str]:
    """A difference: its value in A and in B, and where both come from."""
    if named:
        yield from _wrapped(f"{one.key}:", "      ")
    for letter, value, row in zip("AB", (one.before, one.after), one.source, strict=True):
        unit = f" {row.unit}" if row and row.unit else ""
        told = f"{letter}: {_short(in_words(value))}{unit}{_origin(row)}"
        yield from textwrap.wrap(told, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 9)


def _origin(row: LedgerEntry | None) -> str:
    if row is None:
        return ""
    grade = f", grade {row.grade}" if row.grade else ""
    return f"{grade}; {_short(row.source or f'assumed: {row.assumption}')}"


def _claim(pair: Pair, one: Attribution) -> list[str]:
    """A claim, its figure in both scenarios, and what moved it."""
    claim = one.first.claim
    years = tuple(label for label, _, _ in pair.first.arms[0].calendar.years)
    reading = f" ({claim.reading})" if claim.reading else ""
    lines = _wrapped(f"“{claim.words}”")
    lines += _wrapped(claimed(one.first, years) + reading, "  ")
    lines.append(_line("", "mean (80% band)", "coupled or outturn"))
    lines += [_line(f"  {x}", *_figures(v)) for x, v in (("A", one.first), ("B", one.second))]
    lines += [f"  {v.reason}" for v in (one.first, one.second) if v.expected is None]
    if one.whole is None:
        return lines
    unit = UNITS.get(claim.unit, claim.unit)
    lines.append(_line(f"  B less A, {unit}", _shift(one.whole, claim.unit), ""))
    if len(one.shares) < 2:
        return [*lines, *(f"  all of it is [1] {each.key}" for each in pair.assumptions)]
    lines.append(_line("  of which, when changed", "first", "last"))
    still = []
    for number, (each, share) in enumerate(zip(pair.assumptions, one.shares, strict=True), 1):
        if share.alone and share.last and _is_nothing(share.alone) and _is_nothing(share.last):
            still.append(f"[{number}]")
        else:
            lines.append(_share(f"[{number}] {each.key}", share, claim.unit))
    lines.append(_share(TOGETHER, one.together, claim.unit))
    if still:
        lines += _wrapped(f"moved by exactly nothing: {listed(still)}", "    ")
    return lines


def _figures(verdict: Verdict) -> tuple[str, str]:
    if verdict.expected is None:
        return DASH, DASH
    unit = verdict.claim.unit
    mean, low, high = (amount(end, unit) for end in (verdict.mean, verdict.p10, verdict.p90))
    for sign in ("£", "m", "%"):
        low, high = low.replace(sign, ""), high.replace(sign, "")
    p = verdict.coupled or verdict.outturn
    return f"{mean} ({between(low, high)})", chance(p).replace("about ", "~")


def _share(label: str, share: Share, unit: str) -> str:
    cells = ["not by itself" if x is None else _shift(x, unit) for x in (share.alone, share.last)]
    return _line(f"    {label}", *cells)


def _is_nothing(amount_: Amount) -> bool:
    return amount_.mean == 0 and amount_.low in (0, None) and amount_.high in (0, None)


def _shift(amount_: Amount, unit: str) -> str:
    """A difference and its interval, without the unit of `UNITS`.

    >>> _shift(Amount(-12_345.0, -20_000.0, -4_000.0), "£"), _shift(Amount(0.0, 0.0, 0.0), "£")
    ('−0.012 (−0.020 to −0.004)', 'exactly 0')
    >>> _shift(Amount(0.0123, None, None), "share"), _shift(Amount(3.21, 1.0, 5.0), "children")
    ('1.2', '3.2 (1.0 to 5.0)')
    """
    if _is_nothing(amount_):
        return "exactly 0"
    write = _writer(unit, amount_)
    if amount_.low is None or amount_.high is None:
        return write(amount_.mean)
    return f"{write(amount_.mean)} ({between(write(amount_.low), write(amount_.high))})"


def _writer(unit: str, amount_: Amount) -> Callable[[float], str]:
    if unit == "share":
        return lambda value: one_decimal(100 * value)
    if unit != "£":
        return one_decimal
    ends = [amount_.mean, amount_.low or 0.0, amount_.high or 0.0]
    digits = 3 if max(map(abs, ends)) < SMALL else 2

    def millions(value: float) -> str:
        rounded = round(value / MILLION, digits)
        return f"{MINUS if rounded < 0 else ''}{abs(rounded):.{digits}f}"

    return millions


def _line(label: str, first: str, second: str) -> str:
    return f"{_tail(label, LABEL - 1):<{LABEL}}{first:<{FIRST}}{second}".rstrip()


def _tail(label: str, width: int) -> str:
    """A label cut in its middle, as a path says most at both its ends."""
    if len(label) <= width:
        return label
    head = label[: label.index("]") + 2] if "]" in label else ""
    return f"{head}…{label[len(head) + len(label[len(head) :]) - (width - len(head) - 1) :]}"


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else ""
    )


def compare_csv(pair: Pair, found: Sequence[Attribution]) -> bytes:
    """What moved each claim, in its own unit; a row for the whole, each assumption, the rest."""
    heads = [
        "claim", "words", "reading", "arm", "period", "unit", "part", "first_mean", "first_low",
        "first_high", "last_mean", "last_low", "last_high", "a_mean", "a_p10", "a_p90", "a_p",
        "a_p_low", "a_p_high", "b_mean", "b_p10", "b_p90", "b_p", "b_p_low", "b_p_high",
        "futures", "note",
    ]  # fmt: skip
    return csv_file(heads, (row for one in found for row in _rows(pair, one)))


def _rows(pair: Pair, one: Attribution) -> Iterator[list[Value]]:
    claim = one.first.claim
    head: list[Value] = [
        claim.id, claim.words, claim.reading, one.first.arm, one.first.period, claim.unit,
    ]  # fmt: skip
    ends = [*_ends(one.first), *_ends(one.second), one.first.futures]
    reason = one.first.reason or one.second.reason
    note = reason if pair.is_paired else "not the same years or baseline: nothing is attributed"
    yield [*head, "B less A", *_numbers(one.whole), *_numbers(one.whole), *ends, note]
    parts = [
        *zip((each.key for each in pair.assumptions), one.shares, strict=False),
        *([(TOGETHER, one.together)] if one.shares else []),
    ]
    for key, share in parts:
        refused = None in (share.alone, share.last)
        note = "cannot be changed without others" if refused else ""
        yield [*head, key, *_numbers(share.alone), *_numbers(share.last), *ends, note]


def _ends(verdict: Verdict) -> list[Value]:
    p = verdict.coupled or verdict.outturn
    chances: list[Value] = [None, None, None] if p is None else [p.value, p.low, p.high]
    return [verdict.mean, verdict.p10, verdict.p90, *chances]


def _numbers(amount_: Amount | None) -> list[Value]:
    return [None, None, None] if amount_ is None else [amount_.mean, amount_.low, amount_.high]


def differences_csv(pair: Pair) -> bytes:
    """Every place at which A and B differ, whether it is simulated or not."""
    heads = [
        "assumption", "path", "kind", "a", "b", "unit", "a_source", "a_assumption", "a_grade",
        "b_source", "b_assumption", "b_grade",
    ]  # fmt: skip
    part = {one.path: each.key for each in pair.assumptions for one in each.differences}
    return csv_file(heads, (_difference(one, part.get(one.path, "")) for one in pair.differences))


def _difference(one: Difference, part: str) -> list[Value]:
    row: list[Value] = [part, one.key, one.kind.value, in_words(one.before), in_words(one.after)]
    row.append(next((each.unit for each in one.source if each), ""))
    for each in one.source:
        row += [each.source, each.assumption, each.grade] if each else ["", "", ""]
    return row
