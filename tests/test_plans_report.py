"""What strategists read of a grid of plans: one screen, tables for Excel, figures and a page."""

import csv
import io
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from analysis_examples import a_claim, a_team
from plan_examples import a_planned, a_table, chances, factor

from simfs.analysis.mechanisms import Amount
from simfs.analysis.plan_figures import CASH, CHANCE, WAITING
from simfs.analysis.plan_given import given
from simfs.report.html import page_html
from simfs.report.plans_columns import described
from simfs.report.plans_figures import drawings, layout
from simfs.report.plans_found import find
from simfs.report.plans_page import staffing_files, staffing_page
from simfs.report.plans_say import answers
from simfs.report.plans_text import staffing_text
from simfs.report.plans_words import chance_words, decimals
from simfs.report.published_plan import HEADS
from simfs.scenario.plans import AS_PLANNED
from simfs.scenario.variable import Kind

N = 40
LUCK = chances(11).normal(0, 1, (N, 2))
BAD = "=Posts <b>&"
MILLION = 100_000_000  # pence


def fill(levels, key):
    """More posts save less and leave fewer children waiting; the second factor does nothing."""
    posts = 0 if levels is None else levels[0]
    noise = chances(100 + hash(levels) % 1000).normal(0, 1, (N, 2)) if levels else 0
    match key:
        case "spend.cashable_pence":
            return (MILLION * (levels is not None) * (LUCK - 0.5 * (4 - posts))).astype(int)
        case "unallocated_child_days":
            waiting = 731 * (30 - 5 * posts + 2 * LUCK + 0.2 * noise)
            return np.clip(waiting, 0, None).astype(int)
        case "waited.safeguarding_days":
            return np.tile([100, 200], (N, 1)) * (5 - posts)
        case "allocated.safeguarding_cases":
            return np.tile([10, 30], (N, 1))
        case "handovers.safeguarding_cases":
            return np.tile([4, 6], (N, 1))
        case "cases.safeguarding_days":
            return np.tile([3_652, 3_653], (N, 1))
    return None


def grid(*factors, first=0, **fields):
    """A grid in which the factor of that number does it all."""
    claims = (a_claim("net_cashable_saving", 300_000.0, words="It saves £0.3m"),)
    return a_planned(
        factors,
        lambda levels, key: fill(levels and levels[first:], key),
        N,
        claims,
        posts=lambda levels: levels[first],
        **fields,
    )


POSTS = factor(levels=(1, 2, 3), own=2, label=BAD)
LATE = factor("practice_models.model.staffing_late_months", (0, 6), 0, Kind.MONTHS, "Late")
SEATS = factor("practice_models.model.training.rolling.seats", (8, 9), 9, Kind.SEATS, "Seats")


@pytest.fixture(scope="module")
def planned():
    return grid(POSTS, LATE)


@pytest.fixture(scope="module")
def found(planned):
    return find(planned, "claim")


@pytest.fixture(scope="module")
def drawn(found):
    return drawings(found)


@pytest.fixture(scope="module")
def files(found, drawn):
    return staffing_files(found, drawn)


def rows_of(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_answer_fits_a_screen(planned):
    lines = staffing_text(find(planned, "claim")).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 65
    text = "\n".join(lines)
    for words in ("In short", "Plans, by cost", "The next £100,000", "What matters", "It saves"):
        assert words in text or words.lower() in text.lower()
    assert not re.search(r"(?<![\d.])(0|100)%", text)


def test_the_answer_names_the_best_plan_and_what_to_expect_of_it(found):
    first, *others = answers(found)
    assert first.startswith("The file's own plan: its posts cost £0.05m a year more")
    cash = next(words for words in others if words.startswith("Most cash saved"))
    assert f"{BAD} 1" in cash
    assert "The best of 6 looks better than it is: expect £" in cash
    assert any("No price of waiting" in words for words in others)


def test_later_posts_are_told_with_a_caution(found):
    said = answers(found)
    assert len(said) <= 7
    assert "Later posts save because nobody is paid meanwhile" in said[-1]
    assert "later go-live" not in said[-1]


def test_staying_as_now_is_a_row_that_saves_nothing(found):
    lines = staffing_text(found).splitlines()
    now = next(line for line in lines if line.startswith("  now"))
    assert now.split()[:4] == ["now", "1", "–", "£0.00m"]
    assert "£0.00m" in now.split("–", 1)[1].split("£0.00m", 1)[1]
    page = page_html(staffing_page(found, ()))
    assert page.count("Now: the baseline") == 3
    assert "by the team they wait for" in page


def test_what_may_be_luck_is_told_with_its_size(found):
    last = staffing_text(found).split("What matters")[1]
    assert re.search(r"Cashable saving less cost +£2\.00m \(>99%\)", last)
    assert re.search(r"Children without a worker .* \d\.\d, not certain\n", last)
    assert last.count("Not certain: no more than luck might show") == 1


def a_grid_of_luck(own=7, **fields):
    """Plans that all save and leave waiting the same, but for luck of each."""

    def of_luck(levels, key):
        if key != "unallocated_child_days" or levels is None:
            return None
        return 731 * chances(levels[0]).integers(20, 30, (N, 2))

    return a_planned((factor(levels=(1, 2, 3), own=own),), of_luck, N, **fields)


def test_where_no_plan_is_better_no_best_is_named():
    found = find(a_grid_of_luck(), None)
    assert WAITING in found.alike
    said = [words for words in answers(found) if "without a worker" in words]
    told = next(words for words in said if words.startswith("By the children without a worker"))
    assert re.search(r"no plan is clearly better than another: \d+ to \d+, a gap of \d+ \(", told)
    assert not any("Fewest" in words for words in said)
    assert not re.search(r"^ +(\w+,)*wait ", staffing_text(found), re.MULTILINE)


def test_a_map_of_plans_that_are_alike_has_one_shade():
    found = replace(find(grid(POSTS, LATE), None), alike=frozenset({WAITING}))
    shades = [
        len(set(re.findall(rb"fill: (#[0-9a-f]{6})", drawings(each, (WAITING,))[0].svg)))
        for each in (found, replace(found, alike=frozenset()))
    ]
    assert shades[0] + 2 <= shades[1]


def test_a_later_go_live_is_told_to_leave_posts_and_the_end_as_they_are():
    dates = (date(2023, 10, 1), date(2024, 4, 1))
    live = factor("practice_models.model.go_live", dates, dates[0], Kind.DATE, "Go-live")
    said = answers(find(grid(POSTS, live), None))[-1]
    assert "A later go-live leaves the dates of posts and the end of the run as they are" in said
    assert "Later posts save" not in said


def test_the_files_own_levels_are_not_told_apart_from_the_files_own_plan():
    found = find(grid(factor(levels=(2, 3, 4), own=2, label="Posts")), None)
    cash = next(words for words in answers(found) if words.startswith("Most cash saved"))
    assert "Posts 2, with" in cash
    assert "it is the file's own plan." in cash
    assert "may do as well" not in cash


def test_few_futures_promise_nothing_of_the_best():
    few = a_planned((POSTS,), lambda levels, key: None, futures=4)
    said = " ".join(answers(find(few, None)))
    assert "expect" not in said
    assert "not known" not in said


def test_teams_that_no_plan_changes_are_told_with_who_waits_for_them():
    care, help_ = a_team("care"), a_team("help")

    def waits(levels, key):
        children = {"waiting.care_weeks": 23, "waiting.help_weeks": 0}.get(key)
        return None if children is None else np.tile([52 * children] * 2, (N, 1))

    said = answers(find(a_planned((POSTS,), waits, N, others=(care, help_)), None))
    told = next(words for words in said if words.startswith("Of the"))
    assert re.search(r"23 \(23 to 23\) wait for Care, where no plan", told)
    assert "Help" not in told


def test_other_new_posts_are_told_once_with_what_they_cost(planned):
    study = planned.outcomes.study
    visits = a_team("visits", posts=((0, 2),))
    none = replace(visits, establishment=(replace(visits.establishment[0], posts=0),))
    arms = [replace(a, teams=(*a.teams, visits if n else none)) for n, a in enumerate(study.arms)]
    other = replace(planned.outcomes, study=replace(study, arms=tuple(arms)))
    found = given(replace(planned, outcomes=other))
    assert found.more == {"Visits": 2}
    assert found.pounds is None
    assert given(planned).more == {}


def test_a_short_table_has_the_files_own_plan_once(found):
    table = staffing_text(found).split("Plans, by cost")[1].split("\n\n")[0]
    rows = [line for line in table.splitlines() if re.match(r" +(\w+(,\w+)* +)?\d  \d ", line)]
    assert len(rows) == 6
    assert sum("file" in row for row in rows) == 1


def test_every_plan_is_a_row_with_its_levels_and_figures(files, found):
    rows = rows_of(files["plans.csv"])
    assert [row["plan"] for row in rows] == list(found.table.planned.outcomes.arms)
    last = rows[-1]
    assert (last["teams.safeguarding.posts"], last[LATE.key]) == ("3", "6")
    assert rows[1]["teams.safeguarding.posts"] == "2"
    assert rows[0]["teams.safeguarding.posts"] == ""
    for figure in found.table.figures:
        told = found.table.amount(figure.key, last["plan"])
        gap = found.table.difference(figure.key, last["plan"])
        for ending, value in (("", told.mean), ("_low", told.low), ("_to_plan", gap.mean)):
            whole = 0.5 if figure.unit.startswith("£") else 1e-6
            assert float(last[figure.key + ending]) == pytest.approx(value, abs=whole)
    assert float(last[f"{CASH}_p10"]) < float(last[CASH]) < float(last[f"{CASH}_p90"])
    assert rows[0][CHANCE] == ""


def test_text_that_a_spreadsheet_would_calculate_is_escaped(files):
    words = rows_of(files["plans.csv"])[2]["words"]
    assert words == f"'{BAD} 1, Late 0"


def test_every_claim_of_every_plan_has_its_three_chances(files, found):
    rows = rows_of(files["plans-claims.csv"])
    assert len(rows) == 7
    own = next(row for row in rows if row["plan"] == AS_PLANNED)
    told = found.table.verdicts[AS_PLANNED][0]
    for kind in ("expected", "outturn", "coupled"):
        p = getattr(told, kind)
        assert float(own[f"p_{kind}"]) == pytest.approx(p.value, abs=1e-6)
        assert float(own[f"p_{kind}_high"]) == pytest.approx(p.high, abs=1e-6)


def test_effects_frontier_and_steps_are_files(files, found):
    effects = rows_of(files["effects.csv"])
    cash = [row for row in effects if row["figure"] == CASH and row["part"] == "main effect"]
    assert [row["level"] for row in cash] == ["1", "2", "3", "0", "6"]
    assert float(cash[0]["amount"]) == pytest.approx(1e6, rel=1e-3)
    assert [row["clear"] for row in cash] == ["yes"] * 3 + ["no"] * 2
    frontier = [row for row in rows_of(files["frontier.csv"]) if row["figure"] == WAITING]
    assert len(frontier) == 6
    steps = rows_of(files["steps.csv"])
    assert {row["along"] for row in steps} >= {WAITING}
    # every post does as much, so one step leads from the fewest to the most
    assert {row["cost_of_whole_step"] for row in steps if row["along"] == WAITING} == {"100000"}
    per = [float(row[f"{WAITING}_per_100k"]) for row in steps if row["along"] == WAITING]
    assert per == pytest.approx([-20], abs=0.5)


def test_money_is_in_whole_pounds(files):
    for row in (*rows_of(files["plans.csv"]), *rows_of(files["steps.csv"])):
        money = [
            text for head, text in row.items() if head.startswith((CASH, "staff_cost", "cost"))
        ]
        assert money
        assert not any("." in text for text in money)
    assert not any(
        "." in row["amount"] for row in rows_of(files["effects.csv"]) if row["figure"] == CASH
    )


def test_every_column_of_every_table_is_explained(files):
    rows = rows_of(files["columns.csv"])
    told = {(row["file"], row["column"]): row for row in rows}
    for name in ("plans.csv", "plans-claims.csv", "effects.csv", "frontier.csv", "steps.csv"):
        for head in rows_of(files[name])[0]:
            assert told[name, head]["what_it_is"], (name, head)
    per = told["steps.csv", f"{WAITING}_per_100k_low"]
    assert per["what_it_is"].startswith("lower end of the 95% interval of the mean: change for")
    assert per["unit"] == "children"


def test_the_columns_of_the_published_plan_are_explained_too(found):
    table = found.table
    assert all(described(table, head)[0] for head in HEADS)


def test_the_page_is_last_and_every_figure_is_a_file_twice(files):
    names = list(files)
    assert names[-1] == "staffing.html"
    for key in (CASH, "net_saving", CHANCE, WAITING, "days_to_allocation", "changes", "frontier"):
        for ending in ("svg", "png"):
            assert f"figures/staffing-{key}.{ending}" in names
    assert files["figures/staffing-frontier.png"].startswith(b"\x89PNG")


def test_the_page_holds_the_answer_and_names_stay_text(files, found):
    page = files["staffing.html"].decode()
    assert page.index("The answer in plain words") < page.index("Plans side by side")
    assert BAD not in page
    assert "=Posts &lt;b&gt;&amp;" in page
    assert not re.search(r"""(src|href)=["']?(http|//)""", page)
    assert page.count("<figure>") == 7
    # heat maps have their titles in the drawing
    assert page.count("<figcaption>") == 1


def test_a_figure_says_what_it_shows_and_has_its_numbers_behind_it(found, drawn):
    drawing = drawn[0]
    assert "Of 6 plans the lowest has" in drawing.caption.alt
    assert "95% interval of the mean" in drawing.caption.alt
    assert len(drawing.caption.behind.rows) == 7
    assert drawings(found, (CASH,))[0].svg == drawing.svg


def test_one_factor_is_drawn_as_a_line_and_three_as_small_maps():
    one = find(grid(POSTS), "claim")
    assert layout(one).down is None
    assert [d.caption.key for d in drawings(one, (WAITING,))] == [
        "staffing-unallocated",
        "staffing-frontier",
    ]
    three = find(grid(LATE, POSTS, SEATS, first=1), "claim")
    assert len(drawings(three, (WAITING,))) == 2
    found = layout(three)
    assert found.across == 1
    assert {found.down, found.maps} == {0, 2}
    assert found.fixed == {}


def test_a_fourth_factor_is_held_at_the_level_nearest_the_files_own():
    care = factor("teams.care.posts", (4, 8), own=7)
    found = layout(find(grid(POSTS, LATE, SEATS, care), None))
    assert found.across == 0
    assert len(found.fixed) == 1
    assert all(at == {1: 0, 2: 9, 3: 8}[place] for place, at in found.fixed.items())


def test_a_grid_with_plans_missing_says_so():
    part = grid(POSTS, LATE, numbers=(0, 2, 3, 5))
    text = staffing_text(find(part, None))
    assert "4 plans of the 6 of the grid" in text
    assert "effects of what was varied cannot be told" in " ".join(text.split())
    assert "What matters" not in text
    assert "effects.csv" not in staffing_files(find(part, None), ())
    assert "Of 4 plans" in drawings(find(part, None), (CASH,))[0].caption.alt


def test_without_a_price_of_posts_there_is_no_frontier(planned):
    study = planned.outcomes.study
    free = replace(
        study,
        arms=tuple(replace(arm, prices=replace(arm.prices, costs=())) for arm in study.arms),
    )
    bare = replace(planned, outcomes=replace(planned.outcomes, study=free))
    text = staffing_text(find(bare, None))
    assert "Posts have no price in this file" in text
    assert "The next £100,000" not in text


def test_no_more_digits_than_luck_supports(found):
    # savings of plans share all their luck, so their differences are known to the pound
    assert decimals(found.table, found.table.figure(CASH)) == 2
    # waiting is known to a tenth of a child
    assert decimals(found.table, found.table.figure(WAITING)) == 1


def test_luck_takes_digits_away():
    values = chances(9).normal(0, 3e6, (10, 6))
    table = a_table({CASH: values})
    assert decimals(table, table.figure(CASH)) == 1


def test_a_chance_says_that_it_is_about_so_much_and_is_never_certain():
    assert chance_words(Amount(0.775, 0.58, 0.9)) == "~80%"
    assert chance_words(Amount(0.0, 0.0, 0.088)) == "<9%"


def test_many_factors_leave_columns_out_and_no_line_is_too_long():
    dates = (date(2023, 10, 1), date(2024, 4, 1))
    live = factor("practice_models.model.go_live", dates, dates[0], Kind.DATE, "Go-live")
    text = staffing_text(find(grid(POSTS, LATE, SEATS, live), "claim"))
    assert "Oct 2023" in text
    assert "Days: to allocation" not in text
    table = text.split("Plans, by cost")[1].split("\n\n")[0]
    assert "…" not in table
    assert max(map(len, text.splitlines())) <= 100


def test_with_too_few_futures_the_text_says_so():
    few = a_planned((POSTS,), lambda levels, key: None, futures=4)
    assert "no interval" in staffing_text(find(few, None))


def test_the_page_can_be_written_without_figures(found):
    assert "<figure>" not in page_html(staffing_page(found, ()))


def test_a_skew_figure_is_said_to_want_more_draws():
    # one draw in ten in which 1,000 children wait: Cochran's rule asks for 25 × 2.67² draws
    def rare(levels, key):
        if key != "unallocated_child_days":
            return fill(levels, key)
        return np.where(np.arange(N)[:, np.newaxis] < 4, 731_000, 7_310).repeat(2, axis=1)

    planned = a_planned([factor()], rare, N)
    assert any(
        "Children without a worker, a skew figure: its interval needs about 178 draws and has 10"
        in words
        for words in answers(find(planned, None))
    )
    assert not any("skew" in words for words in answers(find(grid(factor()), None)))
