"""The Ciw version in benchmarks/ is the same network of queues as simfs's, and says what it is not.

pip install "ciw>=3,<4"
"""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from simfs.engine import fault_of
from simfs.scenario.config import load
from simfs.scenario.scenario import Study

ROOT = Path(__file__).parents[1]
FUTURES = 20
WARM_YEARS = 2

pytestmark = pytest.mark.slow
pytest.importorskip("ciw")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The modules of the benchmarks, whose folder is not a package."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    names = ("measure", "versions", "ciw_queue", "ciw_network")
    return SimpleNamespace(**{name: import_module(name) for name in names})


def queues() -> Study:
    return load(ROOT / "benchmarks" / "queue.toml")


def test_ciw_has_the_same_families_in_every_queue(bench: SimpleNamespace) -> None:
    engine = "fast" if fault_of("fast") is None else "reference"
    both = (
        bench.versions.by_simfs(queues(), engine, warm_years=WARM_YEARS),
        bench.ciw_queue.by_ciw(queues(), WARM_YEARS),
    )
    ours, ciws = (
        [version.sample(number, version.run(number)) for number in range(FUTURES)]
        for version in both
    )
    rows = bench.measure.compare(ours, ciws)
    # the t quantile at which equal versions would fail once in 1,000 seeds
    assert len(rows) == 7
    assert bench.measure.largest_z(rows) <= bench.measure.allowed(len(rows), FUTURES, FUTURES)


def test_arrivals_keep_their_rate_and_fall_on_whole_days(bench: SimpleNamespace) -> None:
    bench.ciw_network.ciw.seed(7)
    arrivals = bench.ciw_network.Arrivals(6.8)
    gaps = [arrivals.sample() for _ in range(68_000)]
    assert all(gap == int(gap) >= 0 for gap in gaps)
    # the day of the 68,000th: mean 10,000, standard deviation sqrt(68,000) ÷ 6.8 = 38
    assert sum(gaps) == pytest.approx(10_000, abs=4 * 38)


def test_a_mean_counts_the_days_inside_and_the_stays_that_have_not_ended(
    bench: SimpleNamespace,
) -> None:
    (arm,) = queues().arms
    days, stages = arm.calendar.days, [stage.key for stage in arm.pathway.stages]
    care = 1 + stages.index("care")

    def record(kind: str, arrived: int, left: float) -> SimpleNamespace:
        return SimpleNamespace(
            record_type=kind, node=care, arrival_date=float(arrived), exit_date=left
        )

    records = [
        record("service", 0, 100.0),  # before the days that count
        record("service", 700, 740.0),  # ten of them inside
        record("incomplete", days - 6, float("nan")),
    ]
    means = bench.ciw_network.mean_families(arm, records, first_day=730)
    assert means == {key: 16 / (days - 730) if key == "care" else 0.0 for key in stages}


def test_the_ciw_version_refuses_what_it_cannot_express(bench: SimpleNamespace) -> None:
    arm = load(ROOT / "configs" / "bury.toml").arms[1]
    with pytest.raises(ValueError, match="does not express a practice model, several children"):
        bench.ciw_network.network(arm)
    with pytest.raises(ValueError, match="turnover, a national reform"):
        bench.ciw_network.network(arm)
