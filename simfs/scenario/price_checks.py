"""Rules about prices: pounds of a stated year, in pounds and not in thousands of them.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

import re
from collections.abc import Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark

THOUSAND = 1_000.0
YEAR = re.compile(r"(\d{4})[-/](\d\d)")
IN_THOUSANDS = re.compile(r"£\s?(k|m|bn|000s?)\b|\b(thousands?|millions?|billions?)\b", re.I)
# What one unit may cost, in pounds: wide enough for any place and year, narrower than a thousand
# times from end to end, so that a price in thousands is outside and a thousand times it is inside.
USUAL: dict[str, tuple[float, float]] = {
    "child_week": (10, 9_000),
    "placement_week": (50, 40_000),
    "week_after_exit": (10, 9_000),
    "diversion": (100, 90_000),
    "post_year": (5_000, 500_000),
    "agency_post_year": (1_000, 500_000),
}


def price_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Remarks on the price list and on the sums of practice models."""
    yield from _price_year(form)
    for key, cost in form.costs.items():
        place = f"costs.{key}.pounds"
        if cost.pounds.unit and IN_THOUSANDS.search(cost.pounds.unit):
            yield Problem(
                f"{place}.unit",
                f"prices are in pounds, got {cost.pounds.unit!r}; write the number in full "
                f'({cost.pounds.value:g} thousand is {cost.pounds.value * THOUSAND:g}) and "£ …"',
            )
            continue
        yield from _usual(place, cost)


def _usual(place: str, cost: f.CostForm) -> Iterator[str]:
    """A warning where a price is a thousand times off what such a thing may cost."""
    if cost.basis not in USUAL:
        return
    low, high = USUAL[cost.basis]
    each = abs(cost.pounds.value) / cost.per
    what = cost.basis.replace("_", " ")
    if each < low <= each * THOUSAND <= high:
        yield (
            f"{place}: £{each:g} a {what}, where £{low:,.0f} to £{high:,.0f} is usual: £ or £k? "
            f"In pounds it may be {cost.pounds.value * THOUSAND:g}"
        )
    elif each > high:
        yield (
            f"{place}: £{each:,.0f} a {what}, where £{low:,.0f} to £{high:,.0f} is usual: check "
            "the unit, and whether it is a price of a week or of a year"
        )


def _price_year(form: f.FileForm) -> Iterator[Problem]:
    """Prices are of a year, and the file says of which."""
    year = form.study.price_year
    if year:
        found = YEAR.fullmatch(year)
        if not found or (int(found[1]) + 1) % 100 != int(found[2]):
            yield Problem(
                "study.price_year",
                f'must be a financial year such as "2022-23", got {year!r}; write the year whose '
                "prices these are",
            )
        return
    priced = [f"costs.{key}" for key, cost in form.costs.items() if cost.pounds.value]
    for key, model in form.practice_models.items():
        sums = model.investments.items()
        priced += [f"practice_models.{key}.investments.{k}" for k, s in sums if any(s.pounds)]
    if priced:
        rest = len(priced) - 1
        said = f"{priced[0]} and {rest} more have prices" if rest else f"{priced[0]} has a price"
        yield Problem(
            "study.price_year",
            f"missing, and {said}: pounds of which year? Add "
            'price_year = "2022-23", say, to [study]',
        )
