"""Figures as they are told on the first page, each kept with the value that it was rounded from.

Whatever the first page prints as a figure goes through `Told`, so that `answer.csv` holds every one
of them, in full, with the place in another table where it can be looked up as well.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from simfs.analysis.prices import PENCE_PER_POUND
from simfs.analysis.probabilities import Probability
from simfs.report.wording import MINUS, in_futures, millions, whole
from simfs.scenario.dates import month_in_words


@dataclass(frozen=True, slots=True)
class Place:
    """What a figure is of, and where else it stands.

    Attributes:
        what: words for people.
        arm: key of the arm, or empty.
        period: financial year or years, or empty.
        file: another table of the results folder that holds the value, or empty.
        line: how its row is found there: a claim's id, a metric, a ledger or a grade.
        column: its column there.
    """

    what: str
    arm: str = ""
    period: str = ""
    file: str = ""
    line: str = ""
    column: str = ""

    def at(self, column: str) -> "Place":
        """The same row, another column."""
        return Place(self.what, self.arm, self.period, self.file, self.line, column)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the first page.

    Attributes:
        place: what it is of.
        value: in full, as the other table holds it: a fall is above nothing.
        unit: of the value.
        printed: its letters on the page.
    """

    place: Place
    value: float | str
    unit: str
    printed: str


@dataclass(slots=True)
class Told:
    """What has been told so far, in order."""

    rows: list[Row] = field(default_factory=list)

    def _keep(self, place: Place, value: float | str, unit: str, printed: str) -> str:
        self.rows.append(Row(place, value, unit, printed))
        return printed

    def count(self, place: Place, value: float, unit: str = "") -> str:
        """A whole number, without its sign."""
        return self._keep(place, value, unit, whole(abs(value)))

    def pounds(self, place: Place, value: float) -> str:
        """Pounds in millions, without their sign: ``£1.10m``."""
        return self._keep(place, value, "£", millions(abs(value) * PENCE_PER_POUND))

    def share(self, place: Place, value: float) -> str:
        """A share in per cent, without its sign: ``12%``."""
        return self._keep(place, value, "share", f"{whole(100 * abs(value))}%")

    def percent_of_pounds(self, place: Place, value: float) -> str:
        """A share as pounds of a hundred: ``£56``; a cost with its minus."""
        sign = MINUS if round(100 * value) < 0 else ""
        return self._keep(place, value, "share", f"{sign}£{whole(100 * abs(value))}")

    def futures(self, place: Place, p: Probability) -> str:
        """A chance as a natural frequency: ``about 2 of 10 futures``."""
        text = in_futures(p)
        numbers = re.match(r"(?:\D*)(\d+) of \d+", text)
        if not numbers:
            return text
        # "fewer than 9 of 100" is the end of the interval, rounded away from the estimate
        bound = {"f": ("_high", p.high), "m": ("_low", p.low)}.get(text[0], ("", p.value))
        self._keep(place.at(place.column + bound[0]), bound[1], "share", text.split(" futures")[0])
        return text

    def month(self, place: Place, when: date) -> str:
        """A month of a year: ``June 2027``."""
        return self._keep(place, when.isoformat(), "date", month_in_words(when))

    def amount(self, place: Place, value: float, unit: str) -> str:
        """An amount in the unit of a claim, without its sign."""
        match unit:
            case "£":
                return self.pounds(place, value)
            case "share":
                return self.share(place, value)
            case _:
                return self.count(place, value, unit)


@dataclass(frozen=True, slots=True)
class Sides:
    """Words for either side of nothing, such as "fewer" and "more"."""

    above: str
    below: str

    def of(self, text: str, value: float) -> str:
        """A figure with the word of its side; none where it is printed as nothing."""
        nothing = not re.search(r"[1-9]", text)
        return text if nothing else f"{text} {self.above if value > 0 else self.below}"

    def span(self, low: tuple[str, float], high: tuple[str, float]) -> str:
        """A range, the word once where both ends lie on one side.

        >>> Sides("fewer", "more").span(("7", 7.0), ("41", 41.0))
        'between 7 and 41 fewer'
        >>> Sides("fewer", "more").span(("1", -1.0), ("77", 77.0))
        'between 1 more and 77 fewer'
        """
        ends = [self.of(*low), self.of(*high)]
        for word in (self.above, self.below):
            if all(end.endswith(f" {word}") for end in ends):
                near, far = (low, high) if word == self.above else (high, low)
                return f"between {near[0]} and {far[0]} {word}"
        return f"between {ends[0]} and {ends[1]}"
