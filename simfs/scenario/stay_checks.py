"""Rules for stays: one way to write each, sensible units, one day to a hundred years."""

from collections.abc import Iterator
from itertools import pairwise

from simfs.errors import Problem
from simfs.scenario import form_parts as parts
from simfs.scenario import forms as f
from simfs.scenario.build import stay
from simfs.scenario.names import Remark, sums_to_one
from simfs.scenario.scenario import DAYS_PER_YEAR

LONGEST_DAYS = 36_525
ODD_DAYS = 20 * DAYS_PER_YEAR
WAYS = ("median", "histogram", "percentiles", "uniform", "triangular", "until_18")


def stay_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Every stay of every stage and route."""
    for key, stage in form.stages.items():
        place = f"stages.{key}"
        stays = [(f"{place}.stay", stage.stay)]
        stays += [(f"{place}.routes.{name}.stay", r.stay) for name, r in stage.routes.items()]
        for spot, item in stays:
            if item is not None:
                yield from one_stay(spot, item)
                if item.until_18 and stage.unit == "family":
                    yield Problem(spot, 'a family has no birthday; until_18 needs unit = "child"')
        if stage.drawing == "stay_first":
            if stage.stay is None:
                yield Problem(place, 'missing stay; add stay = { mean = 45, unit = "days", … }')
            for spot, item in stays[1:]:
                if item is not None:
                    yield Problem(spot, 'only in a stage with drawing = "route_first"')
            continue
        if stage.stay is not None:
            yield Problem(f"{place}.stay", 'with drawing = "route_first" each route has its stay')
        for spot, item in stays[1:]:
            if item is None:
                route = spot.removesuffix(".stay")
                yield Problem(route, 'missing stay; drawing = "route_first" needs one per route')


def one_stay(place: str, item: parts.StayForm) -> Iterator[Remark]:
    """One stay: its form first, then its size."""
    form_problems = list(_form(place, item))
    yield from form_problems
    if form_problems or item.until_18:
        return
    try:
        made = stay(item)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        yield Problem(place, f"no distribution has these numbers ({error}); check them")
        return
    if not 1 <= made.mean <= LONGEST_DAYS:
        yield Problem(
            place,
            f"a stay is one day to 100 years long on average, got {made.mean:g} days; check unit",
        )
    elif made.mean > ODD_DAYS:
        written = item.mean or item.median or made.mean
        yield (
            f"{place}: mean {written:g} {item.unit} is {made.mean / DAYS_PER_YEAR:.0f} years: "
            "is the unit right?"
        )
    cv = getattr(made.shape, "cv", 0.0)
    if isinstance(item.shape, dict):
        cv = item.shape.get("weibull_cv", cv)
    if cv > 10:
        yield f"{place}: a coefficient of variation of {cv:g}: is it in percent?"


def _form(place: str, item: parts.StayForm) -> Iterator[Problem]:
    given = [way for way in WAYS if getattr(item, way) not in (None, False)]
    if item.mean is not None and given != ["histogram"]:
        given.insert(0, "mean")
    if len(given) != 1:
        ways = ", ".join(("mean", *WAYS))
        yield Problem(
            place, f"exactly one of {ways}, got {' and '.join(given) or 'none'}; keep one"
        )
        return
    way = given[0]
    if way != "until_18" and item.unit is None:
        yield Problem(place, 'missing unit; add unit = "days", "weeks", "months" or "years"')
    if way in ("mean", "median") and item.shape is None:
        yield Problem(place, 'missing shape; add shape = "exponential" or { lognormal = 0.8 }, say')
    if way not in ("mean", "median") and item.shape is not None:
        yield Problem(f"{place}.shape", f"{way} has its own shape; take shape out")
    for name, value in (("mean", item.mean), ("median", item.median)):
        if value is not None and value <= 0:
            yield Problem(f"{place}.{name}", f"must be above 0, got {value:g}; a stay takes time")
    if isinstance(item.shape, dict) and not 0.02 <= _weibull_cv(item.shape) <= 100:
        yield Problem(f"{place}.shape", "weibull_cv must be between 0.02 and 100; check the unit")
    yield from _points(place, item)


def _weibull_cv(shape: dict[str, float]) -> float:
    return shape.get("weibull_cv", 1.0)


def _points(place: str, item: parts.StayForm) -> Iterator[Problem]:
    """Ways that list several numbers: each list rises."""
    for name, values, n in (("uniform", item.uniform, 2), ("triangular", item.triangular, 3)):
        if values is not None and (
            len(values) != n or values != sorted(values) or values[0] < 0 or values[0] == values[-1]
        ):
            yield Problem(f"{place}.{name}", f"needs {n} rising numbers from 0 on, got {values}")
    if item.percentiles is not None:
        names = item.percentiles
        known = all(k[:1] == "p" and k[1:].isdigit() and 5 <= int(k[1:]) <= 95 for k in names)
        values = [names[k] for k in sorted(names, key=lambda k: int(k[1:]))] if known else []
        if len(values) < 2 or values[0] <= 0 or any(b <= a for a, b in pairwise(values)):
            yield Problem(
                f"{place}.percentiles",
                f"needs two or more of p5 to p95, rising and above 0, got {dict(names)}",
            )
    if item.histogram is not None:
        edges, shares = item.histogram.edges, item.histogram.shares
        yield from sums_to_one(f"{place}.histogram.shares", shares)
        if len(edges) != len(shares) + 1 or any(b <= a for a, b in pairwise(edges)):
            yield Problem(
                f"{place}.histogram.edges",
                f"edges must rise and be one more than shares, got {len(edges)} edges and "
                f"{len(shares)} shares",
            )
