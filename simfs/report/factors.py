"""Factors in words: what they are, and from where to where their numbers go."""

from collections.abc import Mapping
from dataclasses import dataclass

from simfs.analysis.factors import Factor, uncertain
from simfs.report.numbers import words_of
from simfs.report.wording import MINUS, between, in_sentence, listed
from simfs.scenario.quantities import Z90, Quantity
from simfs.scenario.scenario import LedgerEntry, Study

MEMBERS = 3  # numbers of a group that are named when no common words fit them
SPLIT = ": "
BUILD_UP = {"time to half the effect", "time to nine tenths of the effect"}
PLAIN = ("", "ratio")
SHARES = ("share", "probability")
A_YEAR = "share a year"
SLIP, LATER = "slip_months", "months later than planned"


@dataclass(frozen=True, slots=True)
class NamedFactor:
    """A factor as people read it.

    Attributes:
        factor: what is moved.
        words: what it is.
        unit: of its first number, as in the file; or empty.
        grade: of the evidence behind its first number, or empty.
        ends: p10, middle and p90 of its first number, in the file's unit.
    """

    factor: Factor
    words: str
    unit: str
    grade: str
    ends: tuple[float, float, float]

    @property
    def range_words(self) -> str:
        """From where to where its first number goes."""
        low, high = self.ends[::2]
        bare, after = in_unit(high, self.unit)
        return between(in_unit(low, self.unit)[0], f"{bare}{after}")

    def value_at(self, number: Quantity, row: LedgerEntry | None, z: float) -> float:
        """Its first number at a score, in the file's unit."""
        return in_file_unit(number, row, number.at(z))


def named_factors(study: Study, factors: tuple[Factor, ...]) -> dict[str, NamedFactor]:
    """Every factor in words, by key."""
    words = words_of(study)
    rows = {row.path: row for row in study.ledger}
    numbers = numbers_of(study)
    found = {}
    for one in factors:
        lead, row = numbers[one.paths[0]], rows.get(one.paths[0])
        ends = tuple(in_file_unit(lead, row, lead.at(z)) for z in (-Z90, 0.0, Z90))
        found[one.key] = NamedFactor(
            one,
            _words(one, words),
            LATER if lead.path.endswith(SLIP) else row.unit if row else lead.unit,
            row.grade if row else "",
            (ends[0], ends[1], ends[2]),
        )
    return found


def numbers_of(study: Study) -> dict[str, Quantity]:
    """Every uncertain number by path, as the last arm that has it describes it."""
    return {one.path: one for arm in study.arms for one in uncertain(arm)}


def in_file_unit(number: Quantity, row: LedgerEntry | None, value: float) -> float:
    """A value as the file would write it: the model keeps months and years as days."""
    if row is None or row.low is None or row.high is None or number.value_is_mean:
        return value
    ours, theirs = number.at(Z90), row.high
    if not ours:
        ours, theirs = number.at(-Z90), row.low
    return value * theirs / ours if ours else value


def in_unit(value: float, unit: str) -> tuple[str, str]:
    """A value in words, and what follows it, which is told once of a range.

    >>> "".join(in_unit(0.16, "share a year")), "".join(in_unit(0.54, "share of the effect"))
    ('16% a year', '54%')
    >>> "".join(in_unit(-1.72, "months later than planned")), "".join(in_unit(-20, "£ per week"))
    ('1.7 months earlier', '−£20 per week')
    """
    if unit == LATER:
        return f"{abs(value):.2g} months {'earlier' if value < 0 else 'later'}", ""
    if unit.startswith("£"):
        return _pounds(short(value)), unit[1:]
    if unit in (*SHARES, A_YEAR) or unit.startswith("share of "):
        return f"{short(100 * value)}%", " a year" if unit == A_YEAR else ""
    plain = unit in PLAIN or unit.startswith("multiple ")
    return short(value), "" if plain else f" {unit}"


def short(value: float) -> str:
    """A number in three digits, or as many as it has before the point.

    >>> short(3.5505), short(-2.0), short(6212.02)
    ('3.55', '−2', '6,212')
    """
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", MINUS)


def _pounds(text: str) -> str:
    return f"{MINUS}£{text[1:]}" if text.startswith(MINUS) else f"£{text}"


def _words(factor: Factor, words: Mapping[str, str]) -> str:
    """A number in its own words; numbers that move together by what they have in common."""
    told = [words.get(path, path) for path in factor.paths]
    if factor.key.endswith(SLIP) and len(told) == 1:
        return f"{told[0].rpartition(SPLIT)[0]}{SPLIT}when it goes live"
    if len(told) == 1:
        return told[0]
    lasts = list(dict.fromkeys(one.rpartition(SPLIT)[2] for one in told))
    owners = list(dict.fromkeys(one.rpartition(SPLIT)[0] for one in told))
    if set(lasts) == BUILD_UP:
        lasts = ["time to build up, to half"]
    if len(lasts) <= 2:
        what = listed(lasts)
        who = listed([in_sentence(one) for one in owners])
        if len(owners) > MEMBERS:
            who = f"{len(owners)} effects together"
        return f"{what[:1].upper()}{what[1:]}: {who}"
    more = f" and {len(told) - MEMBERS} more" if len(told) > MEMBERS else ""
    return f"{', '.join(told[:MEMBERS])}{more}, together"
