"""What must hold of money: mixes of placements, blocks of places, discounting and inflation."""

import re
from collections.abc import Iterable, Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, sums_to_one, unknown
from simfs.scenario.scenario import Calendar

FINANCIAL_YEAR = re.compile(r"\d{4}-\d{2}")


def placement_mix_remarks(
    place: str, mix: f.PlacementMixForm, placements: Iterable[str]
) -> Iterator[Remark]:
    """A mix of placements: one set of shares, or one for each age; they sum to one."""
    if bool(mix.shares) == bool(mix.by_age):
        yield Problem(place, "give shares = { … }, or by_age = [{ from_age = 0, shares = … }, …]")
        return
    ages = [band.from_age for band in mix.by_age]
    if mix.by_age and (ages != sorted(set(ages)) or ages[0] != 0 or ages[-1] >= 18):
        yield Problem(f"{place}.by_age", f"ages must rise from 0 and end under 18, got {ages}")
    tables = {f"{place}.by_age[{i}].shares": band.shares for i, band in enumerate(mix.by_age)}
    for spot, shares in (tables or {f"{place}.shares": mix.shares}).items():
        yield from sums_to_one(spot, shares)
        for name in shares:
            yield from unknown(f"{spot}.{name}", "placement", name, placements)


def money_remarks(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    """Discounting and general inflation: shares a year, not percent."""
    rate = form.money.discount_rate
    if rate is not None and not 0 <= rate < 0.5:
        meant = f"; did you mean {rate / 100:g}?" if 0 < rate / 100 < 0.5 else ""
        yield Problem("money.discount_rate", f"a share a year from 0 to 0.5, got {rate:g}{meant}")
    years = [label.replace("/", "-") for label, _, _ in days.years]
    for year, growth in form.money.inflation.items():
        place = f"money.inflation.{year}"
        if not FINANCIAL_YEAR.fullmatch(year):
            yield Problem(place, f'the key is a financial year such as "{years[0]}"')
        if not -0.5 <= growth <= 0.5:
            meant = f"; did you mean {growth / 100:g}?" if abs(growth) / 100 < 0.5 else ""
            yield Problem(place, f"a share a year between -0.5 and 0.5, got {growth:g}{meant}")
    if form.money.inflation and not form.study.price_year:
        yield Problem("money.inflation", 'needs study.price_year, such as "2022-23", to start from')


def block_remarks(form: f.FileForm) -> Iterator[Remark]:
    """Blocks of places: whole or part places, of placements only."""
    for key, cost in form.costs.items():
        ends = [cost.block_places.value, cost.block_places.p10, cost.block_places.low]
        if min(end for end in ends if end is not None) < 0:
            yield Problem(f"costs.{key}.block_places", "places bought as a block are 0 or more")
        elif cost.basis != "placement_week" and cost.block_places.value:
            yield Problem(
                f"costs.{key}.block_places",
                f'only a placement is bought as a block; the basis is "{cost.basis}"',
            )
