"""Money in a scenario file: what is refused, and what mixes, blocks and inflation come to."""

import pytest
from scenario_text import EVERYTHING

from simfs.errors import ConfigError
from simfs.scenario.config import loads

SHARES = "shares = { foster = 0.8, home = 0.2 }"
YOUNG_AND_OLD = """by_age = [
  { from_age = 0, shares = { foster = 0.9, home = 0.1 } },
  { from_age = 10, shares = { foster = 0.5, home = 0.5 } },
]"""
MONEY = """
[money]
discount_rate = { rate }
assumption = "an example"

[money.inflation]
{ year } = { growth }
assumption = "an example"
"""


def text(*replacements, money=""):
    found = EVERYTHING.replace("changes = [{ date = 2024-04-01, posts = 22 }]\n", "")
    for old, new in replacements:
        assert old in found, old
        found = found.replace(old, new, 1)
    return found + money


def with_money(rate="0.035", year="2023-24", growth="0.04", price_year="2022-23"):
    told = MONEY.replace("{ rate }", rate).replace("{ year }", year).replace("{ growth }", growth)
    return text(('price_year = "2022-23"', f'price_year = "{price_year}"'), money=told)


def refused(written):
    with pytest.raises(ConfigError) as caught:
        loads(written)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "place", "words"),
    [
        (with_money(rate="3.5"), "money.discount_rate", "got 3.5; did you mean 0.035?"),
        (with_money(rate="-0.01"), "money.discount_rate", "from 0 to 0.5"),
        (with_money(growth="4"), "money.inflation.2023-24", "got 4; did you mean 0.04?"),
        (with_money(year="2024-25"), "money.inflation", "add 2023-24 = …"),
        (with_money(year="2023-25"), "money.inflation.2023-25", 'such as "20'),
        (with_money(year='"2024"'), "money.inflation.2024", 'such as "20'),
        (with_money(price_year=""), "money.inflation", "needs study.price_year"),
        (
            text((SHARES, f"{SHARES}\n{YOUNG_AND_OLD}")),
            "placement_mixes.care",
            "give shares = { … }, or by_age",
        ),
        (text((SHARES, "by_age = []")), "placement_mixes.care", "give shares"),
        (
            text((SHARES, YOUNG_AND_OLD.replace("from_age = 0", "from_age = 2"))),
            "placement_mixes.care.by_age",
            "must rise from 0",
        ),
        (
            text((SHARES, YOUNG_AND_OLD.replace("home = 0.1", "home = 0.2"))),
            "placement_mixes.care.by_age[0].shares",
            "must sum to 1, got 1.1",
        ),
        (
            text((SHARES, YOUNG_AND_OLD.replace("foster = 0.5", "fostr = 0.5"))),
            "placement_mixes.care.by_age[1].shares.fostr",
            "did you mean 'foster'?",
        ),
        (
            text(("growth = 0.035", "growth = 0.035\nblock_places = -2")),
            "costs.foster_week.block_places",
            "0 or more",
        ),
    ],
)  # fmt: skip
def test_money_that_cannot_be_meant_is_refused_at_its_place(written, place, words):
    told = refused(written)
    assert place in told
    assert words in told


def test_only_a_placement_is_bought_as_a_block():
    week = 'basis = "placement_week"\napplies_to = ["foster"]'
    told = refused(text((week, 'basis = "child_week"\napplies_to = ["care"]\nblock_places = 3')))
    assert 'the basis is "child_week"' in told


def test_a_mix_by_age_a_rate_and_inflation_come_through_and_load_again():
    written = with_money().replace(SHARES, YOUNG_AND_OLD)
    prices = loads(written).arms[0].prices
    assert [age for age, _ in prices.mixes[0].bands] == [0, 10]
    assert prices.discount_rate == 0.035
    assert prices.inflation == (("2023-24", 0.04),)
    again = loads(loads(written).resolved).arms[0].prices
    assert again == prices
