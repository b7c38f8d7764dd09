"""What was published of a stock: read, kept in the complete file, and never simulated from."""

from datetime import date

import pytest
from scenario_text import EVERYTHING

from simfs.errors import ConfigError
from simfs.experiment.backtest import digest_of
from simfs.scenario.config import loads
from simfs.scenario.fit import Published

BEFORE, HISTORY_AND_REST = EVERYTHING.split("[[history]]")
WITHOUT = BEFORE + "[[drift_targets]]" + HISTORY_AND_REST.split("[[drift_targets]]", 1)[1]


def test_published_counts_are_read_and_stand_in_the_complete_file():
    study = loads(EVERYTHING)
    days = tuple(date(year, 3, 31) for year in (2022, 2023, 2024))
    assert study.history == (Published("looked_after", "returns", days, (140, 150, 160)),)
    assert loads(study.resolved).history == study.history


def test_published_counts_change_nothing_that_is_simulated_and_no_badge():
    study, without = loads(EVERYTHING), loads(WITHOUT)
    assert study.history
    assert not without.history
    assert (study.arms, study.ledger) == (without.arms, without.ledger)
    assert digest_of(study) == digest_of(without)


@pytest.mark.parametrize(
    ("old", "new", "path", "fragment"),
    [
        ('count = "looked_after"\nsource', 'count = "cared"\nsource', "count", "unknown count"),
        ('source = "returns"\ndates', 'source = "return"\ndates', "source", "unknown source"),
        ('source = "returns"\ndates', "dates", "source", "missing"),
        ("values = [140, 150, 160]", "values = [140, 150]", "values", "2 values for 3 dates"),
        ("values = [140, 150, 160]", "values = [140, -1, 160]", "values.1", "at least 0"),
        ("2022-03-31, 2023-03-31", "2023-03-31, 2022-03-31", "dates", "must rise"),
        ("2022-03-31, 2023-03-31", "2023-03-31, 2023-03-31", "dates", "must rise"),
    ],
)
def test_published_counts_that_make_no_sense_are_refused(old, new, path, fragment):
    assert EVERYTHING.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        loads(EVERYTHING.replace(old, new))
    found = [(p.path, p.message) for p in caught.value.problems]
    assert any(p == f"history.0.{path}" and fragment in m for p, m in found), found


def test_a_day_is_counted_once_however_many_tables_a_stock_has():
    again = '[[history]]\ncount = "looked_after"\nsource = "returns"\n'
    later, twice = (
        f"{again}dates = [{day}]\nvalues = [1]\n" for day in ("2025-03-31", "2024-03-31")
    )
    assert len(loads(EVERYTHING + later).history) == 2
    with pytest.raises(ConfigError, match="already; keep one"):
        loads(EVERYTHING + twice)
