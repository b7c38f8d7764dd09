"""What the answer hangs on: tables for Excel and text for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simfs.analysis.claims import verdict
from simfs.analysis.factors import Factor
from simfs.analysis.knowing import Known
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.pilot import Pilot
from simfs.analysis.tornado import Bar
from simfs.experiment.screening import NAME as SCREENING
from simfs.experiment.screening import Screening
from simfs.experiment.sensitivity import NAME, Moved, Tornado, Turn
from simfs.report.claims import wrapped
from simfs.report.factors import NamedFactor, in_file_unit, in_unit, named_factors, numbers_of
from simfs.report.information import NAME as INFORMATION
from simfs.report.information import information_csv, information_text
from simfs.report.readings import verdicts
from simfs.report.screening import screening_csv, screening_text
from simfs.report.tables import Value, csv_file
from simfs.report.tornado import change_words, interval_words, mean_words
from simfs.report.unmoved import UNMOVED, staff_words, unmoved_csv, unmoved_words
from simfs.report.wording import between, claimed
from simfs.scenario.scenario import Study

SHOWN, SHOWN_OF_OTHERS = 6, 2  # bars in the terminal: of the first figure, and of the others
TURNS_SHOWN = 2
HEADS = (
    "arm", "figure", "words", "unit", "as_it_is", "as_it_is_low",
    "as_it_is_high", "factor", "number", "about", "numbers", "grade",
    "number_unit", "p10", "middle", "p90", "change_at_p10", "change_at_p10_low",
    "change_at_p10_high", "change_at_p90", "change_at_p90_low", "change_at_p90_high", "swing",
    "chance_by_luck", "beyond_luck", "futures",
)  # fmt: skip
TURN_HEADS = (
    "claim", "arm", "threshold", "unit", "factor", "number", "number_unit", "p10", "middle", "p90",
    "turns_at", "turns_low", "turns_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All that was found.

    Attributes:
        outcomes: the run as it is.
        moved: what came of moving every uncertain number by itself.
        worth: of knowing more before deciding; empty where `why` says why.
        pilot: that the worth was asked of.
        why: why no worth is told, or empty.
        screened: factors, and what each does in the company of others; None where nobody asked.
    """

    outcomes: Outcomes
    moved: Moved
    worth: tuple[Known, ...]
    pilot: Pilot
    why: str
    screened: tuple[tuple[Factor, ...], tuple[Screening, ...]] | None

    @property
    def named(self) -> dict[str, NamedFactor]:
        """Every number that was moved by itself, in words."""
        return named_factors(self.outcomes.study, self.moved.factors)


def sensitivity_csv(found: Moved, study: Study) -> bytes:
    """Every headline figure with every factor, widest first."""
    named = named_factors(study, found.factors)
    return csv_file(HEADS, (row for one in found.tornadoes for row in _rows(one, named, found)))


def _rows(one: Tornado, named: Mapping[str, NamedFactor], found: Moved) -> Iterator[list[Value]]:
    headline = one.headline
    for bar in one.bars:
        name = named[bar.factor.key]
        yield [
            one.arm, headline.key, headline.label, headline.unit, one.as_it_is.mean,
            one.as_it_is.low, one.as_it_is.high, bar.factor.key,
            name.words, bar.factor.kind.value, len(bar.factor.paths), name.grade, name.unit,
            *name.ends, bar.at_low.mean, bar.at_low.low, bar.at_low.high, bar.at_high.mean,
            bar.at_high.low, bar.at_high.high, bar.swing, bar.chance,
            "yes" if bar.beyond_luck else "no", found.paired,
        ]  # fmt: skip


def turns_csv(found: Moved, study: Study) -> bytes:
    """Where each factor turns each claim; an end that lies beyond p10 or p90 is empty."""
    named = named_factors(study, found.factors)
    rows: list[list[Value]] = []
    for one in found.turns:
        name, claim = named[one.factor.key], one.claim
        rows.append([
            claim.id, one.arm, claim.threshold, claim.unit, one.factor.key, name.words, name.unit,
            *name.ends, *turn_values(study, one),
        ])  # fmt: skip
    return csv_file(TURN_HEADS, rows)


def turn_values(study: Study, one: Turn) -> tuple[float, float | None, float | None]:
    """Where a factor's first number turns a claim, in the file's unit, and the 95% interval."""
    path = one.factor.paths[0]
    number = numbers_of(study)[path]
    row = next((row for row in study.ledger if row.path == path), None)
    low, high = (
        None if z is None else in_file_unit(number, row, number.at(z))
        for z in (one.root.low, one.root.high)
    )
    return in_file_unit(number, row, number.at(one.root.value)), low, high


def tables(found: Sensitivity) -> dict[str, bytes]:
    """Every table by the name of its file."""
    study = found.outcomes.study
    files = {
        f"{NAME}.csv": sensitivity_csv(found.moved, study),
        f"{NAME}-claims.csv": turns_csv(found.moved, study),
        f"{UNMOVED}.csv": unmoved_csv(study),
    }
    if found.worth:
        files[f"{INFORMATION}.csv"] = information_csv(found.worth, found.named, found.pilot)
    if found.screened is not None:
        files[f"{SCREENING}.csv"] = screening_csv(study, *found.screened)
    return files


# Text


def whole_text(found: Sensitivity) -> str:
    """All that the terminal shows."""
    study = found.outcomes.study
    parts = [sensitivity_text(found.moved, found.outcomes)]
    if found.screened is not None:
        parts.append(screening_text(study, *found.screened))
    if found.worth:
        parts.append(information_text(study, found.worth, found.named, found.pilot))
    else:
        parts.append("\n".join(wrapped(f"What it is worth to know more is not told: {found.why}.")))
    return "\n\n".join(parts)


def sensitivity_text(found: Moved, outcomes: Outcomes) -> str:
    """What a reader sees in the terminal: the widest bars, and what turns the leading claims."""
    study = outcomes.study
    named = named_factors(study, found.factors)
    lines = list(_verdict_lines(found, outcomes))
    for place, one in enumerate(found.tornadoes):
        lines += [*_of_figure(one, named, study, SHOWN_OF_OTHERS if place else SHOWN), ""]
    lines += [*_turn_lines(found, outcomes, named), ""]
    lines += wrapped(unmoved_words(study, found))
    return "\n".join([*lines, *wrapped(staff_words(study))])


def _verdict_lines(found: Moved, outcomes: Outcomes) -> Iterator[str]:
    """What is best on what is known now, before anything is moved."""
    for arm in outcomes.arms[1:]:
        for sentence in verdicts(outcomes.study, found, arm):
            yield from wrapped(sentence)
        yield ""


def _of_figure(
    one: Tornado, named: Mapping[str, NamedFactor], study: Study, most: int
) -> Iterator[str]:
    several = len(study.arms) > 2
    arm = f" [{study.arm(one.arm).label}]" if several else ""
    yield from wrapped(f"{one.headline.label}{arm}: {mean_words(one)}")
    clear = [bar for bar in one.bars if bar.beyond_luck]
    for bar in clear[:most]:
        name = named[bar.factor.key]
        yield from wrapped(f"{name.words}, {name.range_words}: {bar_words(one, bar)}", 2)
    left = len(clear) - most
    more = f"{left} more swing it beyond luck; " if left > 0 else ""
    luck = len(one.bars) - len(clear)
    yield from wrapped(f"{more}{luck} of {len(one.bars)} cannot be told from luck", 2)


def bar_words(one: Tornado, bar: Bar) -> str:
    """Both ends of a bar with their intervals."""
    ends = []
    for where, change in (("p10", bar.at_low), ("p90", bar.at_high)):
        interval = interval_words(one, change)
        ends.append(
            f"{change_words(one, change)} at {where}" + (f" ({interval})" if interval else "")
        )
    return ", ".join(ends)


def _turn_lines(
    found: Moved, outcomes: Outcomes, named: Mapping[str, NamedFactor]
) -> Iterator[str]:
    """The numbers that turn each claim by themselves."""
    study = outcomes.study
    if not study.claims:
        return
    yield from wrapped(
        "Where a number by itself turns the first claim about each thing, between its p10 and p90"
    )
    first = {claim.metric: claim for claim in reversed(study.claims)}
    unturned = []
    for claim in (one for one in study.claims if one is first[one.metric]):
        for arm in outcomes.arms[1:]:
            what = claimed(verdict(outcomes, arm, claim), outcomes.years)
            mine = turning(found.turns, claim.id, arm)
            if not mine:
                unturned.append(what)
                continue
            told = "; ".join(
                f"{named[one.factor.key].words} at {turn_words(study, one, named[one.factor.key])}"
                for one in mine[:TURNS_SHOWN]
            )
            left = len(mine) - TURNS_SHOWN
            yield from wrapped(f"{what}: {told}" + (f"; and {left} more" if left > 0 else ""), 2)
    if unturned:
        yield from wrapped(f"None turns: {'; '.join(unturned)}", 2)


def turning(turns: Sequence[Turn], claim: str, arm: str) -> list[Turn]:
    """The factors that turn a claim, first those that have to move least."""
    mine = [one for one in turns if one.claim.id == claim and one.arm == arm]
    return sorted(mine, key=lambda one: (abs(one.root.value), one.factor.key))


def turn_words(study: Study, one: Turn, named: NamedFactor) -> str:
    """A switching value with its interval."""
    unit = named.unit
    at, low, high = turn_values(study, one)
    told = "".join(in_unit(at, unit))
    if low is None and high is None:
        return f"{told} (its 95% interval reaches past both ends)"
    ends = (
        "below p10" if low is None else in_unit(low, unit)[0],
        "above p90" if high is None else "".join(in_unit(high, unit)),
    )
    return f"{told} (95% interval {between(*ends)})"
