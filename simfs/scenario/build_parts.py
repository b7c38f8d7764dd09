"""Parts that the tables of a file share: dates as days, numbers with a spread, shapes."""

from datetime import date
from typing import TypeVar

from simfs.scenario import durations as d
from simfs.scenario import form_parts as parts
from simfs.scenario import forms as f
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.scenario import Calendar

MONTH_DAYS = parts.UNIT_DAYS["months"]
YEAR_DAYS = parts.UNIT_DAYS["years"]

T = TypeVar("T")


def in_order(items: dict[str, T]) -> list[tuple[str, T]]:
    """The entries of a table in alphabetical order of key."""
    return sorted(items.items())


def calendar(study: f.StudyForm) -> Calendar:
    """The days of the run; `years` runs to the same date, that many years on."""
    if study.days is not None:
        return Calendar(study.start, study.days)
    year = study.start.year + (study.years or 0)
    leap_day = (study.start.month, study.start.day) == (2, 29)
    end = date(year, 3, 1) if leap_day else study.start.replace(year=year)
    return Calendar(study.start, (end - study.start).days)


def quantity(form: parts.QuantityForm, path: str, unit: str = "", scale: float = 1.0) -> Quantity:
    """A quantity of the file, scaled to the unit the model works in."""
    value = form.value * scale
    low, high = (form.low, form.high) if form.spread in parts.BOUNDED else (form.p10, form.p90)
    if low is None or high is None:
        return Quantity(path, value, unit or form.unit or "", Spread.NONE, value, value)
    every = (form.value, low, high)
    spread = form.spread or ("lognormal" if min(every) > 0 else "normal")
    return Quantity(
        path=path,
        value=value,
        unit=unit or form.unit or "",
        spread=Spread(spread),
        low=low * scale,
        high=high * scale,
        group=form.group or "",
        correlation=form.correlation or 0.0,
    )


def shape_of(value: object) -> d.Shape:
    """The shape that the file names."""
    if value == "exponential":
        return d.Exponential()
    if value == "fixed" or not isinstance(value, dict):
        return d.Fixed()
    name, number = next(iter(value.items()))
    match name:
        case "lognormal":
            return d.Lognormal(float(number))
        case "gamma":
            return d.Gamma(float(number))
        case "weibull":
            return d.Weibull(float(number))
        case _:
            return d.Weibull.of_cv(float(number))
