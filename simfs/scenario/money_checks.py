"""What must hold of money: mixes of placements, blocks of places, discounting and inflation."""

import re
from collections.abc import Iterable, Iterator

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, sums_to_one, unknown
from simfs.scenario.scenario import Calendar

FINANCIAL_YEAR = re.compile(r"(\d{4})-(\d\d)")


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
        if _begins(year) is None:
            yield Problem(place, f'the key is a financial year such as "{years[0]}"')
        if not -0.5 <= growth <= 0.5:
            meant = f"; did you mean {growth / 100:g}?" if abs(growth) / 100 < 0.5 else ""
            yield Problem(place, f"a share a year between -0.5 and 0.5, got {growth:g}{meant}")
    if form.money.inflation and not form.study.price_year:
        yield Problem("money.inflation", 'needs study.price_year, such as "2022-23", to start from')
    yield from _without_a_start(form, years[-1])


def _begins(year: str) -> int | None:
    """The calendar year in which a financial year such as "2022-23" begins; None of other words."""
    found = FINANCIAL_YEAR.fullmatch(year)
    right = found and (int(found[1]) + 1) % 100 == int(found[2])
    return int(found[1]) if found and right else None


def _without_a_start(form: f.FileForm, last: str) -> Iterator[Problem]:
    """Growth is carried on from a year named, so the first after the price year must be."""
    base = _begins(form.study.price_year.replace("/", "-"))
    named = [_begins(year) for year in form.money.inflation]
    if base is None or not named or base >= int(last[:4]) or base + 1 in named:
        return
    yield Problem(
        "money.inflation",
        f"starts after the prices, which are of {form.study.price_year}: add "
        f"{base + 1}-{(base + 2) % 100:02} = …, by how much prices rose to that year",
    )


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
