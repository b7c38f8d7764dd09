"""Calibration and back-test of a checked form, as the tools take them."""

from simfs.scenario import forms as f
from simfs.scenario.build_parts import in_order
from simfs.scenario.fit import (
    Backtest,
    Badge,
    Calibration,
    Case,
    Figure,
    FitRow,
    Lever,
    Metric,
    Published,
    Target,
)
from simfs.scenario.fit_forms import LeverForm, TargetForm


def metric_of(told: str) -> Metric:
    """The figure that the file names.

    >>> metric_of("open.child_protection.0-3").months
    (0.0, 3.0)

    Raises:
        ValueError: it names none.
    """
    figure, _, of = told.partition(".")
    if figure != Figure.OPEN:
        return Metric(Figure(figure), of)
    of, _, span = of.partition(".")
    first, _, last = span.partition("-")
    months = (float(first), float(last or "inf"))
    if not 0 <= months[0] < months[1]:
        raise ValueError(told)
    return Metric(Figure.OPEN, of, months)


def _levers(forms: dict[str, LeverForm]) -> tuple[Lever, ...]:
    return tuple(
        Lever(key, lever.label, tuple(lever.numbers), lever.p10, lever.p90)
        for key, lever in in_order(forms)
    )


def _target(form: TargetForm) -> Target:
    return Target(
        label=form.label or form.metric,
        metric=metric_of(form.metric),
        series=form.series,
        over=form.over,
        value=form.value,
        error=form.error,
        elsewhere=form.elsewhere,
    )


def calibration(form: f.FileForm) -> Calibration | None:
    """How the scenario is fitted."""
    found = form.calibration
    if found is None:
        return None
    return Calibration(
        (found.years[0], found.years[1]), _levers(found.free), tuple(map(_target, found.targets))
    )


def fit(form: f.FileForm) -> tuple[FitRow, ...]:
    """How well it was fitted."""
    return tuple(FitRow(**row.model_dump()) for row in form.fit)


def history(form: f.FileForm) -> tuple[Published, ...]:
    """What was published of the stocks."""
    return tuple(
        Published(one.count, one.source, tuple(one.dates), tuple(one.values))
        for one in form.history
    )


def backtest(form: f.FileForm) -> Backtest | None:
    """How its forecasts are tested."""
    found = form.backtest
    if found is None:
        return None
    return Backtest(
        levers=_levers(found.levers),
        match=tuple(map(_target, found.match)),
        forecast=tuple(found.forecast),
        cases=tuple(Case(one.authority, one.base) for one in found.cases),
        memory=found.memory_years,
        reversion=tuple(in_order(found.reversion)),
        walks=tuple(in_order(found.walks)),
    )


def badge(form: f.FileForm) -> Badge | None:
    """What a back-test gave."""
    found = form.backtest.badge if form.backtest else None
    if found is None:
        return None
    return Badge(
        digest=found.digest,
        cases=found.cases,
        points=found.points,
        inside=found.inside,
        width=found.width,
        errors=tuple(in_order(found.errors)),
        placebo=tuple(in_order(found.placebo)),
        passed=found.passed,
        rejected=tuple(found.rejected),
    )
