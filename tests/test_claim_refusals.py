"""Money and claims that cannot be meant: refused at their place, with the way out."""

from pathlib import Path

import pytest
from scenario_text import EVERYTHING
from test_refusals import FOSTER, case, changed, refusal

from simfs.errors import ConfigError
from simfs.scenario.config import load, loads

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"
PRICED = 'price_year = "2022-23"\n'
WITHOUT_PRICES = "".join(
    f"\n[costs.{table}" for table in EVERYTHING.split("\n[costs.")[1:]
).partition("\n[practice_models")[0]
IN_POUNDS = """
[[claims]]
id = "{id}"
words = "a saving"
metric = "gross_saving"
from = "2024/25"
to = "2024/25"
threshold = {threshold}
unit = "£"
assumption = "an example"
"""


@pytest.mark.parametrize(
    ("old", "new", "path", "fragments"),
    [
        case("a cost without a price year", PRICED, "",
             "study.price_year", "costs.foster_week and 1 more have prices", 'price_year = "2022'),
        case("a price year that is no year", '"2022-23"', '"last year"',
             "study.price_year", "'last year'", 'such as "2022-23"'),
        case("a price year of two years", '"2022-23"', '"2022-24"',
             "study.price_year", "'2022-24'", "financial year"),
        case("a price in thousands", "£ a week", "£k a week",
             "costs.foster_week.pounds.unit", "'£k a week'", "450 thousand is 450000"),
        case("a price in words of millions", "£ a week", "million pounds",
             "costs.foster_week.pounds.unit", "'million pounds'", "in full"),
        case("a claim in thousands", 'unit = "children"', 'unit = "£k"',
             "claims.0.unit", "'£k'", "£1.097m is 1097000"),
        case("a claim in millions", 'unit = "children"', 'unit = "£m"',
             "claims.0.unit", "'£m'", 'unit = "£"'),
        case("a claim about an unknown metric", '"looked_after_at_end"', '"gross_savings"',
             "claims.0.metric", "'gross_savings'", "did you mean 'gross_saving'?"),
        case("a claim beyond the run", 'to = "2024/25"', 'to = "2026/27"',
             "claims.0.to", "'2026/27'", "known: 2023/24, 2024/25, 2025/26", "leave the claim out"),
        case("a claim before the run", 'from = "2024/25"', 'from = "2022/23"',
             "claims.0.from", "'2022/23'", "make the run longer"),
    ],
)  # fmt: skip
def test_money_and_claims_that_cannot_be_meant_are_refused(old, new, path, fragments):
    error = refusal((old, new))
    found = {problem.path: problem.message for problem in error.problems}
    for fragment in fragments:
        assert fragment in found[path]


def test_a_file_without_prices_needs_no_price_year():
    text = EVERYTHING.replace(PRICED, "").replace(WITHOUT_PRICES, "")
    text = text.replace("pounds = [18000, 5000]", "pounds = [0]")
    assert loads(text).arms[0].prices.costs == ()
    assert loads(changed((PRICED, ""), (FOSTER, "pounds = 0"), ("[18000, 5000]", "[0]"))).arms


@pytest.mark.parametrize("other", [3291000, -3291000])
def test_a_claim_in_millions_beside_claims_in_pounds_is_refused(other):
    text = EVERYTHING + IN_POUNDS.format(id="a", threshold=1.097)
    with pytest.raises(ConfigError, match=r"claims\.1\.threshold: £1\.097 .*mean 1097000\?"):
        loads(text + IN_POUNDS.format(id="b", threshold=other))


@pytest.mark.parametrize(
    ("threshold", "other"),
    [
        pytest.param(1.097, 2.3, id="all-in-millions"),
        pytest.param(1097, 3291000, id="thousands-may-be-meant"),
    ],
)
def test_a_small_claim_is_doubted_where_it_may_be_meant(threshold, other):
    text = EVERYTHING + IN_POUNDS.format(id="a", threshold=threshold)
    warnings = loads(text + IN_POUNDS.format(id="b", threshold=other)).warnings
    assert f"claims.1.threshold: £{threshold:g} is small for a claim: £ or £k?" in warnings


@pytest.mark.parametrize(
    ("pounds", "words"),
    [
        ("0.45", ("£0.45 a placement week", "£50 to £40,000 is usual: £ or £k?", "may be 450")),
        ("23400000", ("£23,400,000 a placement week", "a week or of a year")),
    ],
)
def test_a_price_a_thousand_times_off_is_doubted(pounds, words):
    (said,) = [
        one for one in loads(changed((FOSTER, f"pounds = {pounds}"))).warnings if "foster" in one
    ]
    for each in words:
        assert each in said


@pytest.mark.parametrize("pounds", ["0", "450", "6100"])
def test_a_usual_price_is_not_doubted(pounds):
    warnings = loads(changed((FOSTER, f"pounds = {pounds}"))).warnings
    assert not any("usual" in one for one in warnings)


def test_a_run_cut_short_names_the_years_that_its_claims_have_lost():
    with pytest.raises(ConfigError) as caught:
        load(BURY, sets=["study.years=3"])
    lost = [one for one in caught.value.problems if one.path.startswith("claims.")]
    assert len(lost) == 7
    assert all("known: 2023/24, 2024/25, 2025/26" in one.message for one in lost)
