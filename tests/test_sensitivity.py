"""Uncertain numbers moved one by one: what swings each figure, what turns a claim, the command."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from test_presets_command import claim, file_of, tables
from worlds import Table, text_of

from simfs.analysis.factors import Factor, FactorKind, factors_of
from simfs.analysis.headlines import headline_figure, headlines
from simfs.analysis.knowing import Known, counted_in, known, why_unknown
from simfs.analysis.outcomes import Outcomes
from simfs.analysis.pilot import Pilot
from simfs.analysis.tornado import Change, bars, together
from simfs.cli import main
from simfs.engine.draws import DRAW_SIZE
from simfs.experiment.points import Points, only_prices, played
from simfs.experiment.run import run
from simfs.experiment.screening import screening_of
from simfs.experiment.sensitivity import Moved, moved_one_by_one
from simfs.report.factors import LATER, NamedFactor, named_factors
from simfs.report.html import Table as PageTable
from simfs.report.html import Words, page_html
from simfs.report.information import JUDGED, NOTHING_SHOWN, pilot_sentence, sentences
from simfs.report.readings import ONLY_CASH, ONLY_TIME, verdicts
from simfs.report.sensitivity import (
    Sensitivity,
    sensitivity_csv,
    sensitivity_text,
    turn_words,
    turns_csv,
)
from simfs.report.sensitivity import tables as tables_of
from simfs.report.sensitivity_page import sensitivity_page
from simfs.report.tornado import SHOWN, drawings_of
from simfs.report.unmoved import staff_words, unmoved_csv, without_range
from simfs.scenario.config import loads
from simfs.scenario.quantities import Z90
from simfs.scenario.scenario import LedgerEntry, Study

READABLE = {"engine": "reference"}
RATIO = "practice_models.new.effects.fewer.ratio"
HALF = "practice_models.new.effects.fewer.ramp.half_months"
NINETY = "practice_models.new.effects.fewer.ramp.ninety_months"
PRICE, IDLE = "costs.care_week.pounds", "costs.idle.pounds"
CLAIMS = [claim("some", "Money is saved", metric="net_saving", threshold=200_000)]


def spread(value: float, low: float, high: float, **more: Any) -> Table:
    return {"value": value, "p10": low, "p90": high, **more}


def world(**changes: Any) -> Table:
    """An effect that may do half or little, a price, a group of two, a price of nothing."""
    whole = tables() | {"claims": CLAIMS}
    del whole["presets"], whole["study"]["preset"]
    effect = whole["practice_models"]["new"]["effects"]["fewer"]
    effect["ratio"] = spread(0.5, 0.2, 0.9)
    tied = {"group": "ramp", "correlation": 1}
    effect["ramp"] = {"half_months": spread(3, 1, 6, **tied),
                      "ninety_months": spread(8, 7, 12, **tied)}  # fmt: skip
    whole["costs"]["care_week"]["pounds"] = spread(1000, 700, 1400)
    whole["costs"]["idle"] = {"pounds": spread(10, 5, 20), "basis": "child_week",
                              "ledger": "partner", "payer": "police",
                              "applies_to": ["plan"]}  # fmt: skip
    return whole | changes


@pytest.fixture(scope="module")
def study() -> Study:
    return loads(text_of(**world()))


@pytest.fixture(scope="module")
def outcomes(study: Study) -> Outcomes:
    return run(study, reps=32, **READABLE)


@pytest.fixture(scope="module")
def moved(outcomes: Outcomes) -> Moved:
    return moved_one_by_one(outcomes)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def factor(key: str) -> Factor:
    return Factor(key, (key,), FactorKind.OTHER)


# Factors


def test_numbers_that_move_as_one_are_one_factor(study):
    assert [one.paths for one in factors_of(study)] == [
        (PRICE,), (IDLE,), (HALF, NINETY), (RATIO,),
    ]  # fmt: skip


def test_numbers_that_are_half_tied_are_one_factor_for_screening_alone():
    whole = world()
    effect = whole["practice_models"]["new"]["effects"]["fewer"]
    for one in effect["ramp"].values():
        one["correlation"] = 0.5
    half_tied = loads(text_of(**whole))
    assert len(factors_of(half_tied)) == 5
    assert len(factors_of(half_tied, tied=True)) == 4


def test_each_number_is_of_a_kind(study):
    assert [one.kind for one in factors_of(study)] == [
        FactorKind.PRICES, FactorKind.PRICES, FactorKind.TIMING, FactorKind.EFFECTS,
    ]  # fmt: skip


def test_a_price_moves_prices_only_and_an_effect_does_not(study):
    price, _, _, ratio = factors_of(study)
    arm = study.arm("new")
    assert only_prices(arm, price)
    assert not only_prices(arm, ratio)


# Points


@pytest.mark.parametrize("place", [0, 3])
def test_a_point_is_the_run_of_a_study_in_which_the_number_is_known(study, place):
    factors = factors_of(study)
    path = factors[place].key
    at = next(one for one in named_factors(study, factors).values() if one.factor.key == path)
    whole = world()
    table = whole["costs"]["care_week"]
    key = "pounds"
    if path == RATIO:
        table, key = whole["practice_models"]["new"]["effects"]["fewer"], "ratio"
    table[key] = at.ends[2]
    known = run(loads(text_of(**whole)), reps=8, **READABLE)
    futures = (0, 1, 4)
    (rows,) = played(study, factors, 1, "reference", Points((((path, Z90),),), futures))
    for arm, yearly in rows.items():
        assert (yearly == np.asarray(known.yearly)[known.arms.index(arm)][list(futures)]).all()


def test_an_arm_that_a_number_does_not_reach_is_not_run(study):
    factors = factors_of(study)
    (rows,) = played(study, factors, 1, "reference", Points((((RATIO, 0.0),),), (0,)))
    assert set(rows) == {"new"}


def test_a_central_future_has_a_drift_and_a_luck_of_its_own():
    asked = Points((), (0, 1), central=True)
    assert asked.address(7, 1) != asked.address(7, 0)
    assert asked.address(7, 1).draw == asked.address(7, 0).draw


# Tornado


def test_a_saving_swings_with_its_only_price_as_the_price_does(study, moved):
    net = next(one for one in moved.tornadoes if one.headline.key == "net_saving")
    bar = next(one for one in net.bars if one.factor.key == PRICE)
    ends = named_factors(study, moved.factors)[PRICE].ends
    down, up = (end / ends[1] - 1 for end in (ends[0], ends[2]))
    assert bar.at_low.mean / bar.at_high.mean == pytest.approx(down / up, rel=1e-4)
    assert bar.at_low.mean < 0 < bar.at_high.mean


def test_a_number_that_reaches_no_figure_swings_it_by_exactly_nothing(moved):
    for one in moved.tornadoes:
        bar = next(each for each in one.bars if each.factor.key == IDLE)
        assert (bar.swing, bar.beyond_luck) == (0.0, False)


def test_a_strong_effect_is_told_from_luck(moved):
    fewer = next(one for one in moved.tornadoes if one.headline.unit == "children")
    assert fewer.bars[0].factor.key == RATIO
    assert fewer.bars[0].beyond_luck


def test_a_future_of_each_draw_is_taken(moved, outcomes):
    assert moved.paired == outcomes.futures // DRAW_SIZE


def noisy(number: int, rises: Sequence[float], draws: int = 16) -> list[np.ndarray]:
    chance = np.random.default_rng(number)
    return [rise + chance.normal(size=draws) for rise in rises]


def test_of_numbers_that_do_nothing_few_lists_show_any():
    draws = np.arange(16)
    alarms = 0
    for run_ in range(200):
        points = {factor(str(n)): noisy(1000 * run_ + n, (0, 0, 0)) for n in range(10)}
        alarms += any(one.beyond_luck for one in bars(points, draws))
    # 5% of 200 is 10, with a standard error of 3.1: four of these
    assert alarms <= 22


def test_a_number_that_bends_a_figure_both_ways_alike_is_seen_too():
    points = {factor("bent"): noisy(3, (9, 0, 9)), factor("none"): noisy(4, (0, 0, 0))}
    first, second = bars(points, np.arange(16))
    assert (first.factor.key, first.beyond_luck, second.beyond_luck) == ("bent", True, False)
    assert first.swing == pytest.approx(9, abs=1.5)


def test_independent_swings_add_as_their_squares():
    still = np.zeros(4)
    points = {factor("a"): [still, still, still + 3], factor("b"): [still, still, still + 4]}
    assert together(bars(points, np.arange(4))) == pytest.approx(5)


# Headlines


def test_headline_figures_are_money_and_counts_of_the_first_page(study, outcomes):
    found = headlines(study)
    assert [one.key for one in found] == [
        "net_cashable_saving", "net_saving", "gross_saving", "cashable_saving", "looked_after",
    ]  # fmt: skip
    _, net, *_, care = (headline_figure(outcomes, "new", one) for one in found)
    assert (
        100_000 < net.mean() < 2_000_000
    )  # about £1,000 a week for tens of children less, over two years
    assert 0 < care.mean() < 30


# Claims


def test_a_claim_turns_where_its_mean_on_the_curve_is_the_threshold(moved, outcomes):
    mine = {one.factor.key: one.root.value for one in moved.turns}
    net = next(one for one in moved.tornadoes if one.headline.key == "net_saving")
    bar = next(one for one in net.bars if one.factor.key == RATIO)
    # as it is the mean is about 350,000 and falls with the ratio: less is needed only above
    assert net.as_it_is.mean + bar.at_high.mean < 200_000 < net.as_it_is.mean
    assert 0 < mine[RATIO] < Z90


# Words and files


def test_the_table_has_every_figure_with_every_factor(moved, study):
    rows = rows_of(sensitivity_csv(moved, study))
    assert len(rows) == len(moved.tornadoes) * len(moved.factors)
    assert {row["futures"] for row in rows} == {"8"}


def test_a_group_is_told_in_the_words_that_its_numbers_share_and_in_the_unit_of_the_file(
    moved, study
):
    named = named_factors(study, moved.factors)["group ramp"]
    assert named.words.startswith("Time to build up")
    assert named.ends == pytest.approx((1, 3, 6))


def test_numbers_without_a_range_are_counted_and_the_way_to_try_them_told(moved, outcomes):
    text = " ".join(sensitivity_text(moved, outcomes).split())
    assert "5 numbers have a range and were moved, as 4" in text
    assert f"{len(outcomes.study.ledger) - 5} numbers of the file have none" in text
    assert "simfs claims --believe" in text


def test_switching_values_are_in_the_unit_of_the_file(moved, study):
    rows = {row["factor"]: row for row in rows_of(turns_csv(moved, study))}
    assert 0.5 < float(rows[RATIO]["turns_at"]) < 0.9


def test_a_tornado_shows_the_widest_and_tells_them_to_those_who_do_not_see_it(moved, study):
    drawing = drawings_of(study, moved, named_factors(study, moved.factors))[0]
    assert "Change of the mean, widest first: " in drawing.caption.alt
    assert drawing.caption.behind is not None
    assert len(drawing.caption.behind.rows) <= SHOWN


# The command


def sensitivity(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["sensitivity", *map(str, arguments)])


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Any:
    folder = tmp_path_factory.mktemp("desk")
    path = folder / "world.toml"
    path.write_text(text_of(**world()), encoding="utf-8")
    out = folder / "out"
    told = sensitivity(path, "--reps", 8, "--jobs", 1, "--engine", "reference", "--out", out, "-q")
    assert told.exit_code == 0, told.output
    return path, out, told


def test_the_command_writes_tables_and_figures(done):
    _, out, _ = done
    names = {path.name for path in out.iterdir()}
    assert {"sensitivity.csv", "sensitivity-claims.csv", "sensitivity-net_saving.png",
            "sensitivity-net_saving.svg", "sensitivity.html",
            "config.resolved.toml"} <= names  # fmt: skip


def test_files_that_are_there_are_not_replaced_without_force(done):
    path, out, _ = done
    told = sensitivity(path, "--reps", 8, "--out", out)
    assert told.exit_code == 2
    assert "--force" in told.output


def test_a_study_of_one_arm_is_refused():
    told = sensitivity("configs/minimal.toml")
    assert told.exit_code == 2
    assert "nothing to compare" in told.output


def test_a_study_without_any_range_is_refused_with_the_way_out(tmp_path):
    told = sensitivity(file_of(tmp_path))
    assert told.exit_code == 2
    assert "no number with a range" in told.output
    assert "simfs claims --believe" in told.output


@pytest.mark.parametrize(("option", "value"), [("--reps", 4), ("--seed", -1), ("--jobs", 0)])
def test_bad_options_are_refused_in_a_line(option, value):
    told = sensitivity("configs/bury.toml", option, value)
    assert told.exit_code == 2
    assert len(told.output.strip().splitlines()) == 1


# What knowing more is worth


@pytest.fixture(scope="module")
def torn() -> Outcomes:
    """A practice that costs about what it saves, so that knowing more is worth something."""
    whole = world()
    cost = {"payer": "council", "pounds": [200_000, 200_000]}
    whole["practice_models"]["new"]["investments"] = {"staff": cost}
    return run(loads(text_of(**whole)), reps=48, **READABLE)


@pytest.fixture(scope="module")
def worth(torn: Outcomes) -> tuple[Known, ...]:
    return known(torn, Pilot(0.2, 6))


def test_to_know_the_effect_is_worth_most_and_to_know_a_price_of_nothing_is_worth_nothing(worth):
    net = worth[0]
    told = {factor.key: one for factor, one in net.factors}
    assert net.factors[0][0].key == RATIO
    assert told[RATIO].beyond_luck
    assert told[IDLE].pounds < 0.02 * told[RATIO].pounds
    assert net.everything.pounds > 10_000


def test_kinds_are_those_of_the_numbers(worth):
    assert {kind for kind, _ in worth[0].kinds} == {
        FactorKind.EFFECTS, FactorKind.PRICES, FactorKind.TIMING,
    }  # fmt: skip


def test_a_pilot_is_worth_no_more_than_the_effect_that_it_shows_and_more_when_it_is_longer(torn):
    short, wide = (known(torn, Pilot(share, months))[0] for share, months in ((0.05, 1), (0.5, 60)))
    assert short.pilot is not None
    assert wide.pilot is not None
    assert short.pilot.pounds < wide.pilot.pounds <= 1.05 * wide.factors[0][1].pounds


def test_a_pilot_counts_what_an_effect_acts_on_as_it_starts_in_the_baseline(torn):
    (counted,) = counted_in(torn, "new", {}, 3)
    assert counted.per_year == pytest.approx(36)  # 60 referrals a year, six in ten to care
    assert counted.ratio.tolist() == [0.5] * 3


def test_an_effect_on_arrivals_is_counted_by_its_stream(outcomes):
    whole = world()
    effect = whole["practice_models"]["new"]["effects"]["fewer"]
    effect |= {"kind": "stream", "targets": ["referral"]}
    streamed = replace(outcomes, study=loads(text_of(**whole)))
    assert counted_in(streamed, "new", {}, 3)[0].per_year == pytest.approx(60)


def test_with_few_draws_or_without_prices_no_worth_is_told(outcomes, torn):
    assert "8 draws" in why_unknown(outcomes)
    bare = world(costs={})
    assert "price" in why_unknown(replace(torn, study=loads(text_of(**bare))))
    assert why_unknown(torn) == ""


# The page and everything together


@pytest.fixture(scope="module")
def whole_page(torn: Outcomes, worth: tuple[Known, ...]) -> tuple[Sensitivity, str]:
    found = Sensitivity(torn, moved_one_by_one(torn, paired=8), worth, Pilot(0.2, 6), "",
                        screening_of(torn, walks=3, futures=2))  # fmt: skip
    drawings = drawings_of(torn.study, found.moved, found.named)[:1]
    return found, page_html(sensitivity_page(found, drawings))


def test_the_page_is_complete_in_itself_and_tells_figures_to_those_who_do_not_see_them(whole_page):
    _, html = whole_page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', html)
    assert html.count('<img src="data:') == html.count(' alt="') == 1
    assert "<script" not in html


def test_the_page_tells_what_knowing_is_worth_and_that_the_pilot_costs_more(whole_page):
    _, html = whole_page
    assert "In cash: knowing every uncertain number for certain before deciding is worth" in html
    assert "What the pilot costs, and what is lost while the others wait, is not taken off" in html


def test_the_tables_have_all_that_is_told(whole_page):
    found, _ = whole_page
    files = tables_of(found)
    assert set(files) == {"sensitivity.csv", "sensitivity-claims.csv", "sensitivity-unmoved.csv",
                          "information.csv", "screening.csv"}  # fmt: skip
    told = rows_of(files["information.csv"])
    assert [row["what"] for row in told if row["reading"] == "net_saving"] == [
        "everything", *["kind"] * 3, *["number"] * 4, "pilot",
    ]  # fmt: skip
    assert len(rows_of(files["screening.csv"])) == len(headlines(found.outcomes.study)) * 4


def test_a_number_that_does_nothing_is_nothing_in_the_company_of_others(whole_page):
    found, _ = whole_page
    assert found.screened is not None
    for each in found.screened[1]:
        idle = next(one for one in each.factors if one.key == IDLE)
        assert (idle.size, idle.spread, idle.beyond_luck) == (0.0, 0.0, False)


def test_numbers_moved_together_give_the_effect_that_a_run_gives(whole_page):
    found, _ = whole_page
    assert found.screened is not None
    care = found.screened[1][-1]
    ratio = next(one for one in care.factors if one.key == RATIO)
    by_itself = next(bar for bar in found.moved.tornadoes[-1].bars if bar.factor.key == RATIO)
    assert ratio.size == pytest.approx(by_itself.swing, rel=0.5)
    assert ratio.mean < 0


@pytest.mark.parametrize(
    ("option", "value"), [("--pilot-share", 1), ("--pilot-months", 0), ("--screen", "sobol")]
)
def test_bad_questions_are_refused_in_a_line(option, value):
    told = sensitivity("configs/bury.toml", option, value)
    assert told.exit_code == 2
    assert len(told.output.strip().splitlines()) == 1


@pytest.mark.parametrize(("mean", "low", "high", "narrow"), [(5e5, -1e5, 11e5, True),
                                                             (5e5, 2e5, 8e5, False)])  # fmt: skip
def test_a_gain_that_may_be_a_loss_is_called_narrow(study, moved, mean, low, high, narrow):
    told = list(
        verdicts(study, gaining(moved, Change(mean, low, high), Change(5e5, 2e5, 8e5)), "new")
    )
    assert len(told) == 2
    assert "adopting New is best" in told[0]
    assert ("hardly told from even" in told[0]) == narrow


def gaining(moved: Moved, cash: Change, both: Change) -> Moved:
    means = {"net_cashable_saving": cash, "net_saving": both}
    return replace(moved, tornadoes=tuple(
        replace(one, as_it_is=means.get(one.headline.key, one.as_it_is)) for one in moved.tornadoes
    ))  # fmt: skip


GAIN, LOSS = Change(5e5, -1e5, 11e5), Change(-8e5, -19e5, 3e5)


@pytest.mark.parametrize(("cash", "both", "said"), [
    (LOSS, GAIN, ONLY_TIME), (GAIN, LOSS, ONLY_CASH), (GAIN, GAIN, ""), (LOSS, LOSS, ""),
])  # fmt: skip
def test_cash_leads_and_readings_that_disagree_are_said_to(outcomes, moved, cash, both, said):
    found = gaining(moved, cash, both)
    first, second, *rest = verdicts(outcomes.study, found, "new")
    assert first.startswith("Net saving in cash, ")
    assert ("not adopting New is best" in first) == (cash is LOSS)
    assert second.startswith("Net saving, workers' time counted, ")
    assert ("not adopting New is best" in second) == (both is LOSS)
    assert rest == ([said] if said else [])
    assert sensitivity_text(found, outcomes).startswith("Net saving in cash, ")


def test_a_pilot_that_luck_explains_is_not_said_to_be_worth_anything(worth):
    assert worth[0].pilot is not None
    about = replace(worth[0].pilot, pounds=3e4, low=0.0, high=16e4)
    half_a_year = Pilot(0.2, 6)
    by_luck = pilot_sentence(replace(about, luck=5e4), half_a_year)
    assert by_luck.startswith("Not shown to be worth it: a pilot of 6 months")
    assert "£0.03m (95% interval £0.00m to £0.16m), its cost not taken off" in by_luck
    assert "is worth an estimated £0.03m" in pilot_sentence(replace(about, luck=1e4), half_a_year)


def test_where_nothing_is_beyond_luck_it_is_said_in_plain_words(torn, worth):
    dear = replace(worth[0].everything, luck=1e9)
    one = replace(
        worth[0],
        kinds=tuple((kind, dear) for kind, _ in worth[0].kinds),
        factors=tuple((each, dear) for each, _ in worth[0].factors),
    )
    named = named_factors(torn.study, factors_of(torn.study))
    assert NOTHING_SHOWN in list(sentences(torn.study, one, named, Pilot(0.2, 6)))


def test_the_page_tells_a_pilot_beside_the_tables_and_every_column_has_a_head(whole_page):
    found, _ = whole_page
    page = sensitivity_page(found, ())
    section = next(one for one in page.sections if one.id == "information")
    tables = [part for part in section.parts if isinstance(part, PageTable)]
    assert len(tables) == len(found.worth) == 2
    for table in tables:
        assert all(head.text for head in table.heads)
        assert all(cell.text for row in table.rows for cell in row)
        assert not any("pilot" in row[0].text for row in table.rows)
    words = [part.text for part in section.parts if isinstance(part, Words)]
    assert sum("ilot of 6 months" in text for text in words) == 2
    assert JUDGED in words[0]


# What was not moved


def row(path: str, grade: str) -> LedgerEntry:
    return LedgerEntry(path, "15", "", None, None, "", "assumed", grade)


STAFF = (row("teams.a.caseload", "D"), row("teams.a.posts", "D"), row("teams.b.posts", "C"),
         row("practice_models.new.staffing.0.posts", "C"), row("workforces.c.turnover", "A"),
         row("costs.a_posts.pounds", "D"))  # fmt: skip


def test_kinds_of_numbers_about_staff_that_have_no_range_are_told_with_where_to_ask(
    outcomes, moved
):
    study = replace(outcomes.study, ledger=(*outcomes.study.ledger, *STAFF))
    told = staff_words(study)
    kinds = "posts (1 of 3 grade D), caseloads (all grade D) and turnover"
    assert f"these have no range in the file and were not moved: {kinds}. " in told
    assert "simfs staffing CONFIG varies posts" in told
    text = sensitivity_text(moved, replace(outcomes, study=study))
    assert told in " ".join(text.split())


def test_a_number_about_staff_that_is_drawn_is_not_told_as_unmoved(study):
    drawn = row(RATIO, "D")
    both = replace(study, ledger=(drawn, *STAFF[4:5]))
    assert [one.path for one in without_range(both)] == ["workforces.c.turnover"]
    assert staff_words(replace(study, ledger=(drawn,))) == ""


def test_every_number_that_was_not_moved_is_in_a_table_staff_first(study):
    more = replace(study, ledger=(*study.ledger, *STAFF))
    rows = rows_of(unmoved_csv(more))
    assert len(rows) == len(more.ledger) - 5
    told = {each["number"]: each["about"] for each in rows}
    assert [told[one.path] for one in STAFF] == [
        "caseloads", "posts", "posts", "posts", "turnover", "",
    ]  # fmt: skip
    about = [bool(row["about"]) for row in rows]
    assert about == sorted(about, reverse=True)
    assert RATIO not in {row["number"] for row in rows}


# Ends and units


@pytest.mark.parametrize(("low", "high", "said"), [
    (-1.0, 1.0, "95% interval 0."), (None, 1.0, "95% interval below p10 to 0."),
    (-1.0, None, "to above p90)"), (None, None, "(its 95% interval reaches past both ends)"),
])  # fmt: skip
def test_an_interval_that_reaches_past_an_end_says_which(moved, study, low, high, said):
    turn = next(one for one in moved.turns if one.factor.key == RATIO)
    turn = replace(turn, root=replace(turn.root, low=low, high=high))
    text = turn_words(study, turn, named_factors(study, moved.factors)[RATIO])
    assert said in text
    assert "beyond" not in text


@pytest.mark.parametrize(("ends", "unit", "said"), [
    ((0.015, 0.11, 0.16), "share a year", "1.5% to 16% a year"),
    ((0.06, 0.3, 0.54), "share of the effect", "6% to 54%"),
    ((-2.0, 0.5, 3.6), LATER, "2 months earlier to 3.6 months later"),
    ((-31.1, -20.0, -8.9), "£ per week", "−£31.1 to −£8.9 per week"),
    ((0.7, 0.8, 1.0), "ratio", "0.7 to 1"),
])  # fmt: skip
def test_a_range_is_told_as_people_say_it(ends, unit, said):
    assert NamedFactor(factor("a"), "A", unit, "", ends).range_words == said


def test_a_delay_is_told_as_earlier_or_later():
    whole = world()
    whole["practice_models"]["new"]["slip_months"] = spread(0.5, -2, 3)
    late = loads(text_of(**whole))
    name = named_factors(late, factors_of(late))["practice_models.new.slip_months"]
    assert name.words == "New: when it goes live"
    assert name.range_words == "2 months earlier to 3 months later"


def test_a_number_told_to_be_worth_more_than_its_kind_is_said_to_be_luck(torn, worth):
    factor, about = worth[0].factors[0]
    dear = replace(about, pounds=2e6, low=1e6, high=3e6, luck=1e5)
    whole = replace(about, pounds=1e6, low=5e5, high=2e6, luck=1e5)
    named = named_factors(torn.study, factors_of(torn.study))
    for number, said in ((dear, True), (whole, False)):
        one = replace(
            worth[0], everything=dear, kinds=((factor.kind, whole),), factors=((factor, number),)
        )
        text = " ".join(sentences(torn.study, one, named, Pilot(0.2, 6)))
        assert ("Nothing is worth more than a whole that it is part of" in text) == said
