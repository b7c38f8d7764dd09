"""Fitting a scenario to counts: the best fit, the ensemble, the file it is written to, refusals."""

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from worlds import leaving, stay, study_of, text_of

from simfs.analysis.figures_at_rest import OPEN_DAYS, figures_at_rest, open_by_age
from simfs.cli import main
from simfs.engine.compile import values_in_draw
from simfs.errors import ConfigError, UsageError
from simfs.experiment.fitting import Counted, Model, best_fit, counted, ensemble, fit, openings
from simfs.experiment.observed import read_observed
from simfs.scenario.build_fit import metric_of
from simfs.scenario.config import load
from simfs.scenario.drawn import in_draw
from simfs.scenario.fit import Target
from simfs.scenario.quantities import Z90
from simfs.scenario.traffic import stationary

RATE, STAY = 200.0, 100.0
AT_REST = RATE * STAY / 365.25
COUNTS = """authority,year,series,value
world,2020,plans,60
world,2021,plans,64
world,2022,plans,62
"""


def world(**calibration):
    """Children in an even flow who are on a plan for a hundred days."""
    table = {
        "years": [2020, 2022],
        "free": {"flow": {"numbers": ["streams.referral.per_year"], "p10": 0.9, "p90": 1 / 0.9}},
        "targets": [{"metric": "stock.plans", "series": "plans"}],
        "assumption": "made up",
    }
    return {
        "counts": {"plans": {}},
        "streams": {"referral": {"to": "plan", "per_year": RATE}},
        "stages": {"plan": {"stay": stay(STAY), "counts": ["plans"], "opening": 50,
                            "routes": leaving(out=0.9, away=0.1), "remainder": "out"}},
        "exits": {"out": {}, "away": {}},
        "calibration": table | calibration,
    }  # fmt: skip


def model_of(**changes):
    study = study_of(**world(**changes))
    scenario = study.arms[0]
    plan = study.calibration
    return Model(scenario.blueprint.form, scenario.arm, plan.levers, plan.targets), plan


def posterior(value, error):
    """Mean and standard deviation of the lever's score, its figure being nearly linear in it."""
    slope = AT_REST * math.log(1 / 0.9) / Z90
    precision = 1 + (slope / error) ** 2
    return slope * (value - AT_REST) / error**2 / precision, 1 / math.sqrt(precision)


def test_the_best_fit_lies_between_the_counts_and_what_was_believed_before():
    model, _ = model_of()
    value, error = AT_REST + 1.5, 2.0
    scores, _ = best_fit(model, Counted(np.array([value]), np.array([error])))
    assert scores[0] == pytest.approx(posterior(value, error)[0], rel=0.05)


def test_the_ensemble_has_the_mean_and_spread_of_what_is_known_after_the_counts():
    model, _ = model_of()
    value, error, members = AT_REST + 1.5, 2.0, 300
    counts = Counted(np.array([value]), np.array([error]))
    scores, slopes = best_fit(model, counts)
    found = ensemble(model, counts, scores, slopes, seed=1, members=members)[:, 0]
    mean, sd = posterior(value, error)
    assert found.mean() == pytest.approx(mean, abs=4.4 * sd / math.sqrt(members) + 0.03)
    assert found.std() == pytest.approx(sd, rel=4.4 / math.sqrt(2 * members) + 0.03)


def test_a_fit_tells_what_it_gained_and_how_far_it_is_from_each_count():
    model, plan = model_of()
    counts = Counted(np.array([62.0]), np.array([1.0]))
    found = fit(model, counts, ["stock.plans"], seed=1, members=8)
    best, before = found.objective
    assert before == pytest.approx(((AT_REST - 62) / 1.0) ** 2, rel=1e-3)
    assert best < before
    (row,) = found.rows
    assert (row.observed, row.error, row.before) == (62.0, 1.0, pytest.approx(AT_REST, rel=1e-3))
    assert row.low <= row.fitted <= row.high
    assert row.gap == pytest.approx(row.fitted - 62)
    assert plan.years == (2020, 2022)


def test_counts_are_the_mean_of_the_years_and_neighbours_tell_half_as_much(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text(COUNTS + "world,2023,plans,99\nworld,2021,all,128\nworld,2022,all,124\n")
    observed = read_observed(file)
    target = Target("plans", metric_of("stock.plans"), "plans", "", None, None, 0.0)
    found = counted([target], observed, "world", (2020, 2022))
    assert found.value[0] == 62
    assert found.error[0] == pytest.approx(2.0 / math.sqrt(1.5))
    share = Target("share", metric_of("stock.plans"), "plans", "all", None, None, 0.0)
    assert counted([share], observed, "world", (2020, 2022)).value[0] == 0.5
    missing = Target("none", metric_of("stock.plans"), "none", "", None, None, 0.0)
    with pytest.raises(UsageError, match="has no 'none' of 'world' from 2020 to 2022"):
        counted([missing], observed, "world", (2020, 2022))
    with pytest.raises(UsageError, match="--observed"):
        counted([target], None, "world", (2020, 2022))


def test_equal_years_are_no_certainty(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text("authority,year,series,value\nworld,2020,plans,60\nworld,2021,plans,60\n")
    target = Target("plans", metric_of("stock.plans"), "plans", "", None, None, 0.0)
    found = counted([target], read_observed(file), "world", (2020, 2022))
    assert found.error[0] == pytest.approx(0.02 * 60)


def test_what_is_counted_elsewhere_is_added_to_the_figure():
    targets = [{"metric": "stock.plans", "series": "plans", "elsewhere": 10}]
    (alone,), (more,) = (
        model.figures(np.zeros(1))[0] for model, _ in (model_of(), model_of(targets=targets))
    )
    assert more == pytest.approx(alone + 10)


def test_openings_follow_the_fit_and_published_stocks_keep_their_totals():
    model, _ = model_of()
    kept = openings(model, np.array([2.0]))
    assert kept == {("stages", "plan", "opening", "children"): 50.0}
    moved = openings(model, np.array([2.0]), totals={})
    factor = math.exp(2 * math.log(1 / 0.9) / Z90)
    assert moved["stages", "plan", "opening", "children"] == pytest.approx(AT_REST * factor, 1e-3)


def test_an_exponential_stock_is_as_old_as_the_exponential_says():
    scenario = study_of(**world()).arms[0]
    traffic = stationary(scenario)
    open_ = open_by_age(scenario, traffic, "plans")
    assert len(open_) == OPEN_DAYS
    assert open_.sum() / 365.25 == pytest.approx(traffic.counts["plans"], rel=0.01)
    metrics = tuple(map(metric_of, ("open.plans.0-3", "open.plans.3-6", "open.plans.6-")))
    shares, _ = figures_at_rest(scenario, metrics)
    month = 365.25 / 12
    ends = [math.exp(-months * month / STAY) for months in (0, 3, 6)]
    assert shares == pytest.approx([ends[0] - ends[1], ends[1] - ends[2], ends[2]], abs=0.01)


def test_at_rest_as_many_leave_a_stock_as_start():
    scenario = study_of(**world()).arms[0]
    told = ("starts.plans", "ends.plans", "entries.plan", "exits.away")
    figures, _ = figures_at_rest(scenario, tuple(map(metric_of, told)))
    assert figures == pytest.approx([RATE, RATE, RATE, RATE / 10])


# The command


def files(folder, counts=COUNTS, **changes):
    config, observed = folder / "world.toml", folder / "counts.csv"
    config.write_text(text_of(**world(**changes)))
    observed.write_text(counts)
    return config, observed


def calibrate(config, observed, *options):
    return CliRunner().invoke(
        main, ["calibrate", str(config), "--observed", str(observed), *options]
    )


def test_a_calibrated_scenario_is_written_loads_and_draws_from_its_ensemble(tmp_path):
    config, observed = files(tmp_path)
    done = calibrate(config, observed, "--members", "8")
    assert done.exit_code == 0, done.output
    assert "Objective" in done.output
    study = load(tmp_path / "world_calibrated.toml")
    assert study.name == "world_calibrated"
    (row,) = study.fit
    assert row.observed == 62
    assert AT_REST < row.fitted < 62
    arm = study.arms[0]
    rates = {
        in_draw(arm, values_in_draw(arm, 1, draw)).demand.streams[0].per_year[0][1]
        for draw in range(40)
    }
    assert 4 <= len(rates) <= 8
    assert len(arm.ensemble.members) == 8


@pytest.mark.parametrize(
    ("options", "counts", "fragment"),
    [
        ((), COUNTS.replace("world", "elsewhere"), None),
        (("--authority", "wurld"), COUNTS, "did you mean 'world'"),
        (("--out", "other/place.toml"), COUNTS, "must be in the folder"),
        ((), COUNTS.replace("value", "worth"), "missing column"),
        ((), COUNTS.replace("2021", "2020"), "given twice"),
        ((), COUNTS.replace("62", "many"), "must be a number"),
        ((), COUNTS.replace("plans", "plan"), "has no 'plans'"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused_and_writes_nothing(
    tmp_path, options, counts, fragment
):
    config, observed = files(tmp_path, counts)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = calibrate(config, observed, *options)
    if fragment is None:  # the only authority of a file is the one that is meant
        assert done.exit_code == 0
        return
    assert done.exit_code == 2, done.output
    assert fragment in done.output
    assert "Traceback" not in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_existing_file_is_not_replaced_without_force(tmp_path):
    config, observed = files(tmp_path)
    (tmp_path / "world_calibrated.toml").write_text("mine")
    done = calibrate(config, observed)
    assert done.exit_code == 2
    assert "--force" in done.output
    assert (tmp_path / "world_calibrated.toml").read_text() == "mine"


def test_a_scenario_that_says_nothing_of_its_fit_is_refused(tmp_path):
    config, observed = files(tmp_path)
    tables = world()
    del tables["calibration"]
    config.write_text(text_of(**tables))
    done = calibrate(config, observed)
    assert done.exit_code == 2
    assert "has no [calibration]" in done.output


FREE = {"numbers": ["streams.referral.per_year"]}


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"years": [2022, 2020]}, "2022 is after 2020"),
        ({"free": {"a": {"numbers": ["streams.no.per_year"]}}}, "there is no single number"),
        ({"free": {"a": FREE, "b": FREE}}, "moved by 'a' already"),
        ({"free": {"a": FREE | {"p10": 1.1, "p90": 1.2}}}, "both sides of 1"),
        ({"targets": [{"metric": "stock.plan", "value": 1, "error": 1}]}, "did you mean 'plans'"),
        ({"targets": [{"metric": "size.plans", "value": 1, "error": 1}]}, "is no figure"),
        ({"targets": [{"metric": "open.plans.6-3", "value": 1, "error": 1}]}, "is no figure"),
        ({"targets": [{"metric": "stock.plans"}]}, "either a series or a value"),
        ({"targets": [{"metric": "stock.plans", "value": 3}]}, "standard error"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_refused(changes, fragment):
    with pytest.raises(ConfigError) as caught:
        study_of(**world(**changes))
    assert fragment in str(caught.value)


def test_bury_calibrated_is_what_its_command_says_and_keeps_the_start():
    folder = Path(__file__).parents[1] / "configs"
    study = load(folder / "bury_calibrated.toml")
    assert all(abs(row.gap) < 2 for row in study.fit)
    assert len(study.arms[0].ensemble.members) == 32
    arm = study.arms[0]
    published = {"child_protection": 200, "child_in_need": 247, "looked_after": 349}
    for draw in range(4):
        drawn = in_draw(arm, values_in_draw(arm, 1, draw))
        at_rest = stationary(drawn).counts
        for count, start in published.items():
            opening = sum(s.opening for s in drawn.pathway.stages if count in s.counts)
            assert opening == pytest.approx(start, rel=0.002)
            # three standard errors of the start's own target, 1%
            assert at_rest[count] == pytest.approx(start, rel=0.035)
