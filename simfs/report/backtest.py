"""Forecasts of other places beside what happened: text, a table for Excel and a badge."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfs.analysis.forecasts import Point, Score
from simfs.experiment.backtest import PLACEBO, YEARS, Result, plan_of, practice_arm
from simfs.experiment.observed import Observed
from simfs.experiment.places import Place, series_of
from simfs.report.tables import Value, csv_file
from simfs.report.trust import SERIES
from simfs.report.wording import DASH, between, in_sentence, listed, whole
from simfs.scenario.dates import day_in_words
from simfs.scenario.fit import Badge, Target
from simfs.scenario.scenario import Study
from simfs.scenario.text import value_text

WIDTH = 100
LABEL = 44
DIGITS = 4  # of a badge's numbers
ROW = "{:<44}{:>8}{:>7}{:>11} | {:<22}{}"
WORDS = (
    "Each forecast uses only what was known in its base year. Eight later counts in ten should lie "
    "in the 80% band; OUT marks those that do not. Start is the count of the base year."
)


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """What is tested.

    Attributes:
        study: with the preset in force.
        others: the same study under other presets, by preset.
        observed: counts.
        places: of the cases, in their order.
    """

    study: Study
    others: dict[str, Study]
    observed: Observed
    places: tuple[Place, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """What forecasts are judged by."""
        return series_of(plan_of(self.study))

    @property
    def own(self) -> str:
        """The arm whose forecasts are the file's own: the practice under the preset in force."""
        return self.study.preset or practice_arm(self.study)


def name_of(target: Target) -> str:
    """A series in words."""
    if not target.label.endswith(f".{target.metric.of}"):
        return target.label
    words = SERIES.get(target.series, target.series.replace("_", " "))
    return words[:1].upper() + words[1:]


def bands(result: Result, case: int, arm: str, series: int) -> NDArray[np.float64]:
    """p10, p50 and p90 of a forecast, float64[3, year]."""
    futures = result.forecasts[case, arm][:, :, series]
    return np.quantile(futures, (0.1, 0.5, 0.9), axis=0)


def backtest_csv(result: Result) -> bytes:
    """Every forecast of every arm beside what happened."""
    heads = [
        "authority", "base", "arm", "series", "years_ahead", "start", "observed", "p10", "p50",
        "p90", "inside", "log_error", "crps", "crps_no_change", "futures",
    ]  # fmt: skip
    return csv_file(heads, (_row(one, result.futures) for one in result.points))


def _row(one: Point, futures: int) -> list[Value]:
    return [
        one.authority, one.base, one.arm, one.series, one.years, one.start, one.observed, one.p10,
        one.p50, one.p90, "yes" if one.is_inside else "no", one.log_error, one.crps,
        one.no_change, futures,
    ]  # fmt: skip


def badge_toml(badge: Badge) -> str:
    """What the back-test gave, as a table of the scenario file."""

    def short(numbers: Sequence[tuple[str, float]]) -> dict[str, float]:
        return {key: round(value, DIGITS) for key, value in numbers}

    values: dict[str, object] = {
        "digest": badge.digest,
        "cases": badge.cases,
        "points": badge.points,
        "inside": badge.inside,
        "width": round(badge.width, DIGITS),
        "errors": short(badge.errors),
        "placebo": short(badge.placebo),
        "passed": badge.passed,
        "rejected": list(badge.rejected),
    }
    lines = [f"{key} = {value_text(value)}" for key, value in values.items()]
    return "\n".join(["[backtest.badge]", *lines, ""])


def backtest_text(tested: Tested, result: Result, config: str) -> str:
    """What a councillor reads in the terminal, at most 100 columns but for the badge.

    Args:
        tested: what was tested.
        result: how it went.
        config: the scenario file, for the words about the badge.
    """
    blocks = [_head(tested, result)]
    blocks += [_case(tested, result, number) for number in range(len(tested.places))]
    blocks += [_summary(tested, one) for one in result.scores.values()]
    blocks.append(_by_place(tested, result))
    blocks.append(_placebo(tested, result.scores[PLACEBO]))
    blocks += [_left_out(tested, arm, study) for arm, study in _studies(tested).items()]
    put = f"To have reports show it, put this in {config} in place of any earlier [backtest.badge]:"
    blocks.append([*_wrapped(put), "", *badge_toml(result.badge).splitlines()])
    return "\n".join(line for block in blocks if block for line in (*block, ""))


def _studies(tested: Tested) -> dict[str, Study]:
    return {tested.own: tested.study} | tested.others


def _head(tested: Tested, result: Result) -> list[str]:
    study = tested.study
    practice = study.arm(practice_arm(study)).label
    under = f", under preset {study.preset}" if study.preset else ""
    places = len(tested.places)
    return [
        *_wrapped(f"Back-test of {study.title or study.name}"),
        *_wrapped(
            f"Forecasts of {practice}{under}: {places} place{'s' * (places > 1)}, "
            f"{result.futures:,} simulated futures of each"
        ),
        "",
        *_wrapped(WORDS),
    ]


def _case(tested: Tested, result: Result, number: int) -> list[str]:
    """One place: every series, year by year."""
    place = tested.places[number]
    case = place.case
    lines = _wrapped(
        f"{case.authority.upper()} from 31 March {case.base}; practice introduced on "
        f"{day_in_words(place.go_live)}"
    )
    lines.append(ROW.format("", "start", "year", "happened", "middle (80% band)", "").rstrip())
    for column, target in enumerate(tested.targets):
        known = tested.observed.series(case.authority, target.series)
        ends = bands(result, number, tested.own, column)
        label = textwrap.shorten(name_of(target), LABEL - 3, placeholder="…")
        for ahead in range(1, YEARS + 1):
            low, middle, high = ends[:, ahead - 1]
            later = known.get(case.base + ahead)
            is_out = later is not None and not low <= later <= high
            told = ROW.format(
                f"  {label}" if ahead == 1 else "",
                whole(place.starts[target.series]) if ahead == 1 else "",
                case.base + ahead,
                DASH if later is None else whole(later),
                f"{whole(middle)} ({between(whole(low), whole(high))})",
                " OUT" if is_out else "",
            )
            lines.append(told.rstrip())
    return lines


def _summary(tested: Tested, score: Score) -> list[str]:
    """How one arm's forecasts did together."""
    inside = f"{score.inside} of {score.points} points"
    share = f"{100 * score.inside / score.points:.0f}%"
    lines = [
        f"{_heading(tested, score.arm)}: {'failed' if score.failures else 'passed'}",
        f"  within the 80% bands: {inside} ({share}); upper ends are {score.width:.2f} times the "
        "lower ends",
    ]
    leaning = [
        f"{in_sentence(name_of(target))} {_percent(score.errors[target.series])} "
        f"{_side(score.errors[target.series])}"
        for target in tested.targets
        if target.series in score.errors
    ]
    lines += _wrapped(f"counts against the forecast, on average: {listed(leaning)}", "  ")
    lines += _wrapped(
        f"typical error (CRPS of logarithms): {score.crps:.3f}; of the forecast that nothing "
        f"changes: {score.no_change:.3f}",
        "  ",
    )
    for failure in score.failures:
        lines += _wrapped(f"failed: {_in_words(failure, tested.targets)}", "  ")
    return lines


def _by_place(tested: Tested, result: Result) -> list[str]:
    """Which way each place leans: means of errors that cancel hide them."""
    names = sorted({one.authority for one in result.points})
    if len(names) < 2:
        return []
    lines = _wrapped(f"Counts against the forecast of {tested.own} by place, on average:")
    for target in tested.targets:
        told = []
        for name in names:
            errors = [
                one.log_error
                for one in result.points
                if (one.arm, one.series, one.authority) == (tested.own, target.series, name)
            ]
            if errors:
                mean = float(np.mean(errors))
                told.append(f"{name} {_percent(mean)} {_side(mean)}")
        lines += _wrapped(f"{in_sentence(name_of(target))}: {', '.join(told) or DASH}", "  ")
    return lines


def _heading(tested: Tested, arm: str) -> str:
    if arm == PLACEBO:
        return "No model introduced (placebo)"
    if arm == tested.own:
        return f"Preset {arm}, in force" if tested.study.preset else f"Arm {arm}"
    return f"Preset {arm}"


def _in_words(failure: str, targets: Sequence[Target]) -> str:
    for target in targets:
        failure = failure.replace(target.series, in_sentence(name_of(target)))
    return failure


def _placebo(tested: Tested, score: Score) -> list[str]:
    """Whether the forecast moves by itself."""
    told = [_change(target, score.change) for target in tested.targets]
    words = listed([each for each in told if each])
    return _wrapped(f"With no model introduced the forecast changes on average: {words}.")


def _change(target: Target, change: Mapping[str, float]) -> str:
    if target.series not in change:
        return ""
    share = 100 * math.expm1(change[target.series])
    return f"{'+' * (round(share) > 0)}{whole(share)}% for {in_sentence(name_of(target))}"


def _left_out(tested: Tested, arm: str, study: Study) -> list[str]:
    """That a preset is not tested on places whose own results it states."""
    names = {place.case.authority for place in tested.places}
    own = [name for name in study.read_from if name in names]
    if not own:
        return []
    if len(own) == len(names):
        return _wrapped(
            f"Preset {arm} states results of {listed(own)}, and no other place is tried: whether "
            "it fits there says little of other places."
        )
    return _wrapped(
        f"Preset {arm} is not tested on {listed(own)}, whose own results it states: its summary "
        "leaves them out."
    )


def _percent(error: float) -> str:
    return f"{abs(100 * math.expm1(error)):.0f}%"


def _side(error: float) -> str:
    return "above" if error > 0 else "below"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  " * bool(indent)
    )
