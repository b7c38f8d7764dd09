"""Every unit cost twice as high: every pound that is written is twice as many."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from simfs.experiment.run import run
from simfs.report.findings import Findings, gather
from simfs.report.tables import bands_csv, finance_csv, money_csv
from simfs.scenario.config import load
from simfs.scenario.quantities import Quantity
from simfs.scenario.scenario import Calendar, Scenario, Study

BURY = Path(__file__).parents[1] / "configs" / "bury.toml"
# Pence are whole, once for each line, year, placement and band of price; a pound to a saving.
POUND = 1.01


def twice(price: Quantity) -> Quantity:
    return replace(price, value=2 * price.value, low=2 * price.low, high=2 * price.high)


def doubled(arm: Scenario) -> Scenario:
    costs = tuple(replace(cost, pounds=twice(cost.pounds)) for cost in arm.prices.costs)
    practice = arm.practice and replace(
        arm.practice,
        investments=tuple(
            replace(sum_, pounds=tuple(2 * pounds for pounds in sum_.pounds))
            for sum_ in arm.practice.investments
        ),
    )
    return replace(arm, prices=replace(arm.prices, costs=costs), practice=practice)


def found(study: Study) -> Findings:
    return gather(run(study, reps=8))


@pytest.fixture(scope="module")
def both() -> tuple[Findings, Findings]:
    bury = load(BURY)
    two_years = tuple(replace(arm, calendar=Calendar(arm.calendar.start, 731)) for arm in bury.arms)
    study = replace(bury, arms=two_years, claims=())
    return found(study), found(replace(study, arms=tuple(map(doubled, study.arms))))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (finance_csv, ("mean", "p10", "p50", "p90")),
        (money_csv, ("value", "value_low", "value_high", "p10", "p20", "p50", "p80", "p90")),
        (bands_csv, ("mean", "mean_low", "mean_high", "p02_5", "p10", "p50", "p90", "p97_5")),
    ],
)
def test_doubling_all_unit_costs_doubles_every_pound_in_every_table(both, table, columns):
    once, again = (rows(table(findings)) for findings in both)
    assert len(once) == len(again)
    pounds = 0
    for one, two in zip(once, again, strict=True):
        pence = one.get("metric", "").endswith("_pence")
        doubles = pence or (one.get("unit", "£") == "£" and "metric" not in one)
        for column in columns:
            if not one[column] or one.get("unit") == "date":
                assert one[column] == two[column]
                continue
            factor, room = (2, POUND * (100 if pence else 1)) if doubles else (1, 1e-3)
            assert float(two[column]) == pytest.approx(factor * float(one[column]), abs=room), one
            pounds += doubles and float(one[column]) != 0
    assert pounds > 200
