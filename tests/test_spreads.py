"""Any number may be a distribution: how it is written, drawn, joined to others, and refused."""

import numpy as np
import pytest
from scenario_text import EVERYTHING
from scipy import stats

from simfs.engine.compile import compile_scenario, values_in_draw
from simfs.engine.draws import CENTRAL
from simfs.errors import ConfigError
from simfs.experiment.future import run_future
from simfs.scenario.config import loads
from simfs.scenario.drawn import in_draw
from simfs.scenario.mechanisms import study_without
from simfs.scenario.quantities import Z90, Quantity, Spread, mass_outside

DRAWS = 1500


def study(*replacements, **options):
    text = EVERYTHING
    for old, new in replacements:
        assert old in text, f"the example no longer holds {old!r}"
        text = text.replace(old, new, 1)
    return loads(text, **options)


def refusals(*replacements, **options):
    with pytest.raises(ConfigError) as caught:
        study(*replacements, **options)
    return [f"{problem.path}: {problem.message}" for problem in caught.value.problems]


EARLIER = ("earlier_plan = 0.05", "earlier_plan = { central = 0.05, p10 = 0.02, p90 = 0.1 }")
STAY = ("stay = { mean = 40,", "stay = { mean = { central = 40, p10 = 30, p90 = 60 },")
HANDOVER = ("handover_days = 3", "handover_days = { central = 3, p10 = 1, p90 = 8 }")
ROUTE = ("done = { p = 0.7,", "done = { p = { central = 0.7, p10 = 0.6, p90 = 0.78 },")
DIRICHLET = ('remainder = "done"\n', 'remainder = "done"\ndirichlet = 50\n')


def drawn(found, draws=DRAWS):
    """Values of the first arm in many draws, by path."""
    values = [values_in_draw(found.arms[0], 1, draw) for draw in range(draws)]
    return {path: np.array([one[path] for one in values]) for path in values[0]}


def test_a_beta_passes_through_its_median_and_both_ends_and_is_a_beta_where_it_can_be():
    q = Quantity("p", 0.62, "", Spread.BETA, 0.5, 0.72)
    assert [q.at(z) for z in (-Z90, 0.0, Z90)] == pytest.approx([0.5, 0.62, 0.72])
    true = stats.beta(4, 9)
    q = Quantity("p", true.median(), "", Spread.BETA, true.ppf(0.1), true.ppf(0.9))
    for u in (0.001, 0.3, 0.7, 0.999):
        assert q.at(stats.norm.ppf(u)) == pytest.approx(true.ppf(u), rel=1e-6)


def test_the_mass_outside_a_range_is_that_of_the_distribution():
    q = Quantity("p", 0.5, "", Spread.NORMAL, 0.2, 0.8)
    assert mass_outside(q, 0, 1) == pytest.approx(2 * stats.norm.sf(Z90 * 0.5 / 0.3), rel=1e-3)
    assert mass_outside(Quantity("p", 0.3, "", Spread.UNIFORM, 0, 0.6), 0, 1) < 1e-12


@pytest.mark.parametrize(
    ("replacement", "path", "median", "p10", "p90"),
    [
        (EARLIER, "families.earlier_plan", 0.05, 0.02, 0.1),
        (STAY, "stages.assessment.stay.mean", 40, 30, 60),
        (HANDOVER, "teams.safeguarding.handover_days", 3, 1, 8),
        (ROUTE, "stages.assessment.routes.done.p", 0.7, 0.6, 0.78),
    ],
)
def test_any_number_may_be_written_with_a_range_and_is_drawn_from_it(
    replacement, path, median, p10, p90
):
    values = drawn(study(replacement))[path]
    error = 4.4 * np.sqrt(0.1 * 0.9 / DRAWS)  # of the share below a quantile, at 1e-5
    for share, end in ((0.1, p10), (0.5, median), (0.9, p90)):
        assert abs((values <= end).mean() - share) < 1.7 * error


def test_a_draw_puts_its_values_into_the_scenario_and_the_compiled_program():
    found = study(EARLIER, STAY, HANDOVER, ROUTE)
    arm = found.arms[0]
    values = values_in_draw(arm, 1, 5)
    scenario = in_draw(arm, values)
    stage = scenario.pathway.stage("assessment")
    assert scenario.demand.earlier_plan == values["families.earlier_plan"]
    assert stage.stay.mean == values["stages.assessment.stay.mean"]
    assert scenario.team("safeguarding").handover_days == round(
        values["teams.safeguarding.handover_days"]
    )
    done = values["stages.assessment.routes.done.p"]
    assert [route.p[0] for route in stage.routes] == pytest.approx([1 - done, done])
    program = compile_scenario(scenario, values)
    assert program.stages[0].cumulative[0][0] == pytest.approx(1 - done)
    assert in_draw(arm, values_in_draw(arm, 1, CENTRAL)) == arm


def test_shares_of_ages_that_a_draw_moves_sum_to_one_again():
    old = "shares = [0.3, 0.4, 0.3]"
    arm = study((old, "shares = [{ central = 0.3, p10 = 0.2, p90 = 0.4 }, 0.4, 0.3]")).arms[0]
    mix = in_draw(arm, values_in_draw(arm, 1, 1)).pathway.age_mixes[0]
    assert mix.shares[0] != 0.3
    assert sum(mix.shares) == pytest.approx(1, abs=1e-12)
    assert mix.shares[1] / mix.shares[2] == pytest.approx(4 / 3)


def test_a_dirichlet_leaves_an_impossible_route_impossible_and_sums_to_one_in_every_band():
    old = 'drawing = "route_first"\nage_bands'
    arm = study(
        (old, 'drawing = "route_first"\ndirichlet = 30\nremainder = "adopted"\nage_bands')
    ).arms[0]
    for draw in range(10):
        routes = in_draw(arm, values_in_draw(arm, 1, draw)).pathway.stage("care").routes
        by_band = np.array([route.p for route in routes])
        assert by_band.sum(axis=0) == pytest.approx([1, 1], abs=1e-12)
        assert next(route.p for route in routes if route.key == "adopted")[1] == 0


def test_a_number_alone_in_brackets_is_the_number_itself():
    old = "care = { p = 0.3,"
    arm = study((old, "care = { p = [{ central = 0.3, p10 = 0.2, p90 = 0.4 }],")).arms[0]
    scenario = in_draw(arm, values_in_draw(arm, 1, 1))
    routes = {route.key: route.p[0] for route in scenario.pathway.stage("assessment").routes}
    assert routes["care"] != 0.3
    assert sum(routes.values()) == pytest.approx(1, abs=1e-12)


def test_routes_drawn_for_some_age_bands_and_not_for_others_are_refused():
    told = refusals(("p = [0.2, 0.4]\n", "p = { central = 0.2, p10 = 0.1, p90 = 0.3 }\n"),
                    ("p = [0.3, 0]\n", "p = [0.3, 0.2]\n"))  # fmt: skip
    assert any("p for every age band" in line or "must sum to 1" in line for line in told), told


def test_arms_share_what_a_draw_takes():
    found = study(EARLIER, STAY)
    one, other = (in_draw(arm, values_in_draw(arm, 1, 3)) for arm in found.arms[:2])
    assert one.demand == other.demand
    assert one.pathway.stage("assessment").stay == other.pathway.stage("assessment").stay


def test_a_mechanism_that_is_off_stays_off_in_every_draw():
    off = study_without(study(STAY), "handovers")
    arm = off.arms[0]
    scenario = in_draw(arm, values_in_draw(arm, 1, 2))
    assert scenario.pathway.stage("assessment").stay.mean != 40
    assert all(team.handover_days == 0 for team in scenario.teams)


def test_a_remainder_that_is_not_drawn_takes_what_drawn_routes_leave():
    care = ("care = { p = 0.3,", "care = { p = { central = 0.3, p10 = 0.2, p90 = 0.4 },")
    arm = study(care).arms[0]
    scenario = in_draw(arm, values_in_draw(arm, 1, 1))
    routes = {route.key: route.p[0] for route in scenario.pathway.stage("assessment").routes}
    assert routes["care"] != 0.3
    assert routes["done"] == pytest.approx(1 - routes["care"])


def test_shares_of_a_dirichlet_have_its_means_and_variances_and_sum_to_one():
    arm = study(DIRICHLET).arms[0]
    shares = []
    for draw in range(400):
        scenario = in_draw(arm, values_in_draw(arm, 1, draw))
        routes = scenario.pathway.stage("assessment").routes
        assert sum(route.p[0] for route in routes) == pytest.approx(1, abs=1e-12)
        shares.append(next(route.p[0] for route in routes if route.key == "done"))
    sd = np.sqrt(0.7 * 0.3 / 51)  # Dirichlet of 50 cases: p (1 - p) / (n + 1)
    assert np.mean(shares) == pytest.approx(0.7, abs=4.4 * sd / 20)
    assert np.std(shares) == pytest.approx(sd, rel=4.4 / np.sqrt(800))


CORRELATED = '\n[[correlations]]\nbetween = ["{0}", "{1}"]\nr = {2}\nassumption = "an example"\n'
FIRST, SECOND, THIRD = (
    "families.earlier_plan",
    "stages.assessment.stay.mean",
    "teams.safeguarding.handover_days",
)


def with_correlations(*pairs):
    more = "".join(CORRELATED.format(*pair) for pair in pairs)
    return loads(study(EARLIER, STAY, HANDOVER).resolved + more)


def test_named_numbers_have_the_correlation_that_is_stated_and_others_none():
    values = drawn(with_correlations((FIRST, SECOND, 0.6)))
    ranks = [stats.rankdata(values[path]) for path in (FIRST, SECOND, THIRD)]
    expected = 6 / np.pi * np.arcsin(0.3)  # rank correlation of a Gaussian copula of 0.6
    found = np.corrcoef(ranks)
    assert found[0, 1] == pytest.approx(expected, abs=4.4 / np.sqrt(DRAWS))
    assert found[0, 2] == pytest.approx(0, abs=4.4 / np.sqrt(DRAWS))
    for path, median in ((FIRST, 0.05), (SECOND, 40)):
        assert np.median(values[path]) == pytest.approx(median, rel=0.06)


ENSEMBLE = '\n[ensemble]\nparameters = [{0}]\nmembers = [{1}]\nassumption = "an example"\n'


def with_ensemble(parameters, members):
    return loads(study().resolved + ENSEMBLE.format(parameters, members))


def test_a_draw_takes_the_numbers_of_an_ensemble_together_each_member_as_often():
    found = with_ensemble(f'"{FIRST}", "{SECOND}"', "[0.02, 30], [0.05, 40], [0.08, 50]")
    pairs = set()
    first = drawn(found)[FIRST]
    for draw in range(20):
        arm = in_draw(found.arms[0], values_in_draw(found.arms[0], 1, draw))
        pairs.add((arm.demand.earlier_plan, arm.pathway.stage("assessment").stay.mean))
    assert pairs == {(0.02, 30), (0.05, 40), (0.08, 50)}
    for value in (0.02, 0.05, 0.08):
        assert abs((first == value).mean() - 1 / 3) < 4.4 * np.sqrt(2 / 9 / DRAWS)


def test_futures_of_two_draws_differ_in_what_is_drawn_and_reload_alike():
    found = study(STAY, EARLIER)
    again = loads(found.resolved)
    assert again == found
    for future in (0, 4):
        one, other = (run_future(s, 1, future)[0] for s in (found, again))
        assert np.array_equal(one, other)


def test_inputs_show_the_range_of_every_number_that_has_one():
    lines = {entry.path: entry for entry in study(EARLIER, ROUTE).ledger}
    assert (lines["families.earlier_plan"].low, lines["families.earlier_plan"].high) == (0.02, 0.1)
    assert lines["stages.assessment.routes.done.p"].high == 0.78


@pytest.mark.parametrize(
    ("old", "new", "fragments"),
    [
        (*EARLIER[:1], "earlier_plan = { central = 0.05, p10 = 0.1, p90 = 0.02 }",
         ("families.earlier_plan", "p10 0.1 is above p90 0.02", "swap")),
        (*EARLIER[:1], "earlier_plan = { central = 0.3, p10 = 0.02, p90 = 0.1 }",
         ("families.earlier_plan", "must lie between")),
        (*EARLIER[:1],
         'earlier_plan = { central = 0.05, p10 = 0.01, p90 = 0.1, family = "normal" }',
         ("families.earlier_plan", "fall outside 0 to 1", "beta")),
        (*STAY[:1], 'stay = { mean = { central = 40, p10 = 5, p90 = 99, family = "beta" },',
         ("stages.assessment.stay.mean", "0 < p10 < value < p90 < 1")),
        (*STAY[:1], 'stay = { mean = { central = 40, p10 = 30, p90 = 60, family = "cauchy" },',
         ("stages.assessment.stay.mean", "'cauchy' is not one of", "beta")),
        (*STAY[:1], "stay = { mean = { central = 40, p10 = 30 },",
         ("stages.assessment.stay.mean", "needs both p10 and p90")),
        (*STAY[:1], 'stay = { mean = { central = 40, p10 = "30", p90 = 60 },',
         ("stages.assessment.stay.mean", "must be a number")),
        ("to = \"assessment\"\nper_year = [{ from = 2023-04-01, value = 1000 }, "
         "{ from = 2024-04-01, value = 1100 }]",
         "to = \"assessment\"\nper_year = { central = 100, p10 = 20, p90 = 180, "
         'family = "normal" }', ("streams.referral.per_year", "fall outside 0 and above")),
        ("years = 3\n", "years = { central = 3, p10 = 2, p90 = 4 }\n",
         ("study.years", "must be a whole number")),
        ("threshold = 26\n", "threshold = { central = 26, p10 = 20, p90 = 30 }\n",
         ("claims.0.threshold", "must be a number")),
        ("remainder = \"done\"\n", "remainder = \"done\"\ndirichlet = 0\n",
         ("stages.assessment.dirichlet", "must be above 0")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_distribution_that_makes_no_sense_is_refused(old, new, fragments):
    told = "\n".join(refusals((old, new)))
    for fragment in fragments:
        assert fragment in told, told


def test_a_share_of_an_effect_whose_draws_would_leave_its_range_is_refused():
    old = 'targets = ["assessment.care"]\nramp'
    wide = 'team_share = { value = 0.5, p10 = 0.1, p90 = 0.9, spread = "normal" }\n'
    told = "\n".join(refusals((old, old.replace("ramp", wide + "ramp"))))
    assert "team_share" in told
    assert "fall outside 0 to 1" in told
    assert 'use family = "beta"' in told


def test_a_share_of_a_dirichlet_with_a_distribution_of_its_own_is_refused():
    assert any("take one of the two out" in line for line in refusals(DIRICHLET, ROUTE))


@pytest.mark.parametrize(
    ("pairs", "fragment"),
    [
        ([(FIRST, SECOND, 0.9), (SECOND, THIRD, 0.9), (FIRST, THIRD, -0.9)], "positive definite"),
        ([(FIRST, "stages.assessment.stay.median", 0.5)], "no number"),
        ([(FIRST, SECOND, 1.5)], "must be below 1"),
        ([(FIRST, SECOND, 0.5), (SECOND, FIRST, 0.5)], "paired twice"),
        ([(FIRST, FIRST, 0.5)], "themselves"),
    ],
)
def test_correlations_that_cannot_hold_are_refused(pairs, fragment):
    with pytest.raises(ConfigError) as caught:
        with_correlations(*pairs)
    assert fragment in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "members", "fragment"),
    [
        ('"families.no"', "[0.1]", "there is no single number 'families.no'"),
        (f'"{FIRST}"', "[0.1, 0.2]", "has 2 values for 1 parameters"),
        (f'"{FIRST}"', "[1.5]", "must be between 0 and 1, got 1.5"),
        ('"stages.care.routes.home.p"', "[0.3]", "of several numbers in brackets name one"),
        (f'"{FIRST}"', "", "at least one"),
        (
            '"practice_models.together.effects.fewer_removed.ramp.half_months"',
            "[6]",
            "takes a range of its own",
        ),
    ],
)
def test_an_ensemble_that_makes_no_sense_is_refused(parameters, members, fragment):
    with pytest.raises(ConfigError) as caught:
        with_ensemble(parameters, members)
    assert fragment in str(caught.value)
