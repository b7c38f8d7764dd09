"""Rules about calibration and back-test: numbers and figures that exist, counts to fit them to.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.build_fit import metric_of
from simfs.scenario.drawn import path_of, value_of
from simfs.scenario.fit import Figure
from simfs.scenario.fit_forms import LeverForm, TargetForm
from simfs.scenario.names import Remark, unknown

GRAMMAR = (
    "stock.COUNT, starts.COUNT, ends.COUNT, open.COUNT.FROM-TO (months), entries.STAGE or "
    "exits.EXIT"
)


def fit_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on how the scenario is fitted and tested."""
    if form.calibration is not None:
        first, last = form.calibration.years
        if first > last:
            yield Problem("calibration.years", f"{first} is after {last}; swap them")
        yield from _levers(form, "calibration.free", form.calibration.free)
        for number, target in enumerate(form.calibration.targets):
            yield from _target(form, f"calibration.targets.{number}", target)
    if form.backtest is not None:
        yield from _levers(form, "backtest.levers", form.backtest.levers)
        for number, target in enumerate(form.backtest.match):
            yield from _target(form, f"backtest.match.{number}", target)
            if target.over or target.elsewhere or target.value is not None:
                yield Problem(
                    f"backtest.match.{number}",
                    "takes a series alone, without over, elsewhere or value",
                )
        stocked = {
            target.series
            for target in form.backtest.match
            if target.metric.partition(".")[0] in (Figure.STOCK, Figure.STARTS)
        }
        for series in form.backtest.forecast:
            yield from unknown("backtest.forecast", "stock or starts in match", series, stocked)
        known = [target.series for target in form.backtest.match]
        for series in (*form.backtest.walks, *form.backtest.reversion):
            yield from unknown("backtest", "series in match", series, known)
        for series, walk in form.backtest.walks.items():
            yield from unknown(f"backtest.walks.{series}", "walk", walk, form.drift)


def history_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on what was published: stocks that exist, and one value for a day."""
    seen: set[tuple[str, date]] = set()
    for number, one in enumerate(form.history):
        place = f"history.{number}"
        yield from unknown(f"{place}.count", "count", one.count, form.counts)
        if len(one.dates) != len(one.values):
            yield Problem(
                f"{place}.values",
                f"has {len(one.values)} values for {len(one.dates)} dates; give one for each",
            )
        if any(later <= earlier for earlier, later in pairwise(one.dates)):
            yield Problem(f"{place}.dates", "must rise from day to day; put them in order")
        for when in one.dates:
            if (one.count, when) in seen:
                yield Problem(
                    f"{place}.dates", f"{one.count!r} has a value of {when} already; keep one"
                )
        seen.update((one.count, when) for when in one.dates)


def _levers(form: f.FileForm, place: str, levers: Mapping[str, LeverForm]) -> Iterator[Problem]:
    moved: dict[str, str] = {}
    for key, lever in levers.items():
        if not lever.p10 < 1 < lever.p90:
            yield Problem(
                f"{place}.{key}",
                f"p10 {lever.p10:g} and p90 {lever.p90:g} must lie on both sides of 1, which "
                "leaves the numbers as they stand",
            )
        for number in lever.numbers:
            try:
                value_of(form, path_of(number))
            except (KeyError, IndexError, ValueError, TypeError, AttributeError):
                yield Problem(
                    f"{place}.{key}.numbers",
                    f"there is no single number {number!r}; of several in "
                    "brackets name one, from 0: p.0",
                )
            if number in moved:
                yield Problem(
                    f"{place}.{key}.numbers",
                    f"{number!r} is moved by {moved[number]!r} already; take it out of one",
                )
            moved[number] = key


def _target(form: f.FileForm, place: str, target: TargetForm) -> Iterator[Problem]:
    try:
        metric = metric_of(target.metric)
    except ValueError:
        yield Problem(f"{place}.metric", f"{target.metric!r} is no figure; write {GRAMMAR}")
        return
    known: dict[Figure, tuple[str, Iterable[str]]] = {
        Figure.ENTRIES: ("stage", form.stages),
        Figure.EXITS: ("exit", form.exits),
    }
    counts: tuple[str, Iterable[str]] = ("count", form.counts)
    what, names = known.get(metric.figure, counts)
    yield from unknown(f"{place}.metric", what, metric.of, names)
    if metric.figure is Figure.OPEN:
        for key, stage in form.stages.items():
            own = stage.drawing == "stay_first" and stage.stay and not stage.stay.until_18
            if metric.of in stage.counts and not own:
                yield Problem(
                    f"{place}.metric",
                    f"stage {key!r} of {metric.of!r} has no stay of its own, so nobody knows for "
                    "how long it has been open; use stock, starts or ends",
                )
    if (target.value is None) == (not target.series):
        yield Problem(place, "needs either a series or a value; give one")
    if target.value is not None and target.error is None:
        yield Problem(place, "a value needs its standard error; add error = …")
