"""What speaks for and against believing a run: its back-test, and how well its start fits."""

import math
from collections.abc import Mapping

from simfs.experiment.backtest import digest_of
from simfs.report.html import Cell, Part, Section, Table, Words
from simfs.report.wording import DASH, MINUS, between, listed
from simfs.scenario.fit import Badge, FitRow
from simfs.scenario.scenario import Study

MUCH = 2.0  # standard errors of a count that a fit may miss it by before it is said
SERIES = {  # published series in words
    "cp_plans_at_31_march": "child protection plans",
    "looked_after_at_31_march": "looked-after children",
    "looked_after_started": "children starting in care",
}


def badge_sentence(study: Study) -> str:
    """Whether forecasts like this one have come true elsewhere, in a sentence or two."""
    badge = study.badge
    if badge is None:
        return (
            "Not back-tested: nobody has checked whether forecasts made by this file for other "
            "places or years came true."
        )
    if badge.digest != digest_of(study):
        return (
            "Not back-tested as it stands: the back-test in the file is of other effects, drift or "
            "pathway numbers."
        )
    verdict = "passed" if badge.passed else "failed"
    share = f"{100 * badge.inside / max(badge.points, 1):.0f}%"
    rejected = (
        f" On places whose results it does not itself state, preset {listed(list(badge.rejected))} "
        "fails."
        if badge.rejected
        else ""
    )
    return (
        f"Back-test {verdict} ({badge.cases}): {badge.inside} of {badge.points} later counts lay "
        f"within the 80% bands ({share}), whose upper ends are {badge.width:.1f} times their lower "
        f"ends; on average over places, which may make up for each other, counts came out "
        f"{_leaning(dict(badge.errors))}.{rejected}"
    )


def _leaning(errors: Mapping[str, float]) -> str:
    """Mean log errors as per cent above or below the forecast."""
    told = []
    for series, error in errors.items():
        percent = 100 * math.expm1(error)
        name = SERIES.get(series, series.replace("_", " "))
        told.append(f"{abs(percent):.0f}% {'above' if percent > 0 else 'below'} it for {name}")
    return listed(told)


def trust_section(study: Study) -> Section | None:
    """The back-test and the fit, where there are any."""
    parts: list[Part] = []
    if study.badge is not None and study.badge.digest == digest_of(study):
        parts += [
            Words("Back-test", "heading"),
            Words(badge_sentence(study)),
            _badge_table(study.badge),
        ]
    if study.fit:
        parts += [Words("How well the start fits what was counted", "heading"), _fit_table(study)]
    if not parts:
        return None
    return Section("trust", "How far to trust the start and the forecasts", tuple(parts))


def _badge_table(badge: Badge) -> Table:
    placebo = dict(badge.placebo)
    rows = tuple(
        (
            Cell(SERIES.get(series, series.replace("_", " "))),
            Cell(_signed(error), number=True),
            Cell(_signed(placebo[series]) if series in placebo else DASH, number=True),
        )
        for series, error in badge.errors
    )
    return Table(
        f"Later counts beside forecasts: {badge.cases}",
        (
            Cell("Count"),
            Cell("Counts less forecasts", number=True),
            Cell("If no practice model had been introduced", number=True),
        ),
        rows,
        "Mean difference in logarithms, close to a share: every authority counts alike. A forecast "
        "uses only what was known in its base year.",
        "config.resolved.toml",
    )


def _signed(error: float) -> str:
    percent = 100 * math.expm1(error)
    return f"{'+' if percent > 0 else MINUS}{abs(percent):.0f}%"


def fit_sentence(study: Study) -> str:
    """How well the start fits what was counted, in a sentence."""
    if not study.fit:
        return "The file does not say how well its start fits what was counted."
    far = [row.label for row in study.fit if abs(row.gap) > MUCH]
    missed = (
        f"missed by more than {MUCH:g} standard errors: {listed(far)}"
        if far
        else (f"none is missed by more than {MUCH:g} standard errors")
    )
    return f"The start was fitted to {len(study.fit)} count{'s' * (len(study.fit) > 1)}; {missed}."


def _fit_table(study: Study) -> Table:
    far = [row.label for row in study.fit if abs(row.gap) > MUCH]
    note = "± is one standard error of the count; the last column holds 80% of the fits drawn from."
    if far:
        note += f" Missed by more than {MUCH:g} standard errors: {listed(far)}."
    return Table(
        "Counts, and the scenario at rest",
        (
            Cell("Count"),
            Cell("Counted", number=True),
            Cell("Before the fit", number=True),
            Cell("Fitted and 80% of fits", number=True),
        ),
        tuple(_fit_row(row) for row in study.fit),
        note,
        "config.resolved.toml",
    )


def _fit_row(row: FitRow) -> tuple[Cell, ...]:
    digits = 2 if row.observed < 2 else 1 if row.observed < 100 else 0

    def figure(value: float) -> str:
        return f"{value:,.{digits}f}"

    return (
        Cell(row.label),
        Cell(figure(row.observed), f"± {figure(row.error)}", number=True),
        Cell(figure(row.before), number=True),
        Cell(figure(row.fitted), between(figure(row.low), figure(row.high)), number=True),
    )
