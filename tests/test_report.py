"""What people read: files, figures and the page, from a small made-up outcome."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from simfs.analysis.claims import verdicts
from simfs.analysis.decomposition import spreads
from simfs.analysis.measures import weekly_metrics, yearly_metrics
from simfs.analysis.outcomes import Outcomes
from simfs.engine.compile import quantities_of
from simfs.engine.draws import draw_values
from simfs.report.charts import Band, Caption, Series
from simfs.report.drawings import drawings
from simfs.report.figures import net_position
from simfs.report.findings import gather
from simfs.report.html import Points, Table, Words, page_html
from simfs.report.influences import named_influences
from simfs.report.page import report_page
from simfs.report.sections import uncertainty_section
from simfs.report.sections_money import money_section
from simfs.report.sections_staff import staff_section
from simfs.report.summary import summary_text
from simfs.report.tables import bands_csv, inputs_csv, staff_csv
from simfs.report.wording import DASH
from simfs.report.write import write_report
from simfs.scenario.claims import Against, Aggregate, Claim, Direction
from simfs.scenario.costs import Basis, Cost, Ledger, PriceList
from simfs.scenario.demand import Demand, Need, Stream
from simfs.scenario.durations import Exponential, Stay
from simfs.scenario.pathway import (
    CaseUnit,
    Count,
    Drawing,
    Exit,
    Pathway,
    Route,
    Stage,
    WithoutWorker,
)
from simfs.scenario.practice import (
    Effect,
    EffectKind,
    Investment,
    PracticeModel,
    Ramp,
    Reading,
)
from simfs.scenario.quantities import Quantity, Spread, exactly
from simfs.scenario.scenario import Calendar, LedgerEntry, Scenario, Source, Study
from simfs.scenario.workforce import AllocationRule, CaseloadUnit, Establishment, Team, TeamKind

START = date(2023, 4, 1)
STOCKS = {
    "child_in_need": (247, 12),
    "child_protection": (200, -34),
    "looked_after": (349, -17),
    "pre_proceedings": (31, -3),
}
LABELS = {
    "child_in_need": "Children in need",
    "child_protection": "Child protection plans",
    "looked_after": "Looked-after children",
    "pre_proceedings": "Pre-proceedings",
}


LABELS_OF_ARMS = ("Signs of Safety", "Family Safeguarding")


def stage(key: str) -> Stage:
    return Stage(
        key=key,
        label=LABELS[key],
        unit=CaseUnit.FAMILY,
        team="safeguarding",
        drawing=Drawing.STAY_FIRST,
        stay=Stay(200.0, Exponential()),
        own_work_share=1.0,
        shared_stay=False,
        age_bands=(0.0,),
        age_at="entry",
        routes=(
            Route("closed", "Closed", "closed", (0.9,)),
            Route("stopped", "Stopped", "closed", (0.1,)),
        ),
        remainder="closed",
        priority=5,
        counts=(key,),
        limit_days=None,
        crisis=None,
        specialists=False,
        without_worker=WithoutWorker.HOLDS,
        needs=(),
        placements=None,
        opening=float(STOCKS[key][0]),
    )


def team(key: str, label: str, kind: TeamKind, serves: str | None = None, posts: int = 20) -> Team:
    unit = CaseloadUnit.CHILDREN if kind is TeamKind.SOCIAL_WORK else CaseloadUnit.FAMILIES
    return Team(
        key=key,
        label=label,
        kind=kind,
        unit=unit,
        establishment=(Establishment(0, posts),),
        caseload=((0, 18),),
        rule=AllocationRule.BELOW_LIMIT,
        continuity=True,
        handover_days=5,
        serves=serves,
    )


def cost(key: str, label: str, payer: str, ledger: Ledger, applies_to: str, price: float) -> Cost:
    pounds = Quantity(
        f"costs.{key}.pounds", price, "£ per week", Spread.LOGNORMAL, 0.8 * price, 1.3 * price
    )
    return Cost(
        key, label, Basis.CHILD_WEEK, (applies_to,), pounds, 1.0, exactly(0.0), payer, ledger
    )


def practice() -> PracticeModel:
    path = "practice_models.family_safeguarding.effects.plans"
    effect = Effect(
        key="plans",
        label="Fewer plans",
        kind=EffectKind.ROUTE,
        targets=(("child_protection", "stopped"),),
        ratio=Quantity(f"{path}.ratio", 0.8, "", Spread.LOGNORMAL, 0.6, 1.0),
        published=0.8,
        reading=Reading.ROUTE,
        ramp=Ramp(183, exactly(100.0), exactly(500.0)),
        fade=None,
        team_share=exactly(0.5),
        reference_dose=exactly(40.0),
        dose_power=exactly(1.0),
    )
    training = Investment(
        "training", "Training", (1.081e6, 0.992e6, 0.992e6), "council", "investment"
    )
    return PracticeModel(
        "family_safeguarding",
        "Family Safeguarding",
        183,
        exactly(0.0),
        (effect,),
        None,
        (training,),
    )


def scenario(
    arm: str, label: str, years: int, model: PracticeModel | None, priced: bool
) -> Scenario:
    days = (date(START.year + years, 4, 1) - START).days
    costs = (
        cost("care", "Care placements", "council", Ledger.CASHABLE, "looked_after", 1200.0),
        cost("plan", "Plan work", "council", Ledger.CAPACITY, "child_protection", 200.0),
        cost("police", "Police call-outs", "police", Ledger.PARTNER, "child_protection", 20.0),
    )
    return Scenario(
        arm=arm,
        label=label,
        calendar=Calendar(START, days),
        pathway=Pathway(
            stages=tuple(stage(key) for key in sorted(STOCKS)),
            exits=(Exit("closed", "Closed"),),
            splits=(),
            counts=tuple(Count(key, LABELS[key]) for key in sorted(STOCKS)),
            age_mixes=(),
        ),
        demand=Demand(
            streams=(Stream("referral", "Referral", "child_in_need", ((0, 1000.0),)),),
            needs=(Need("domestic_abuse", "Domestic abuse"),),
        ),
        teams=(
            team(
                "domestic_abuse_practitioner",
                "Domestic abuse practitioners",
                TeamKind.SPECIALIST,
                "domestic_abuse",
                posts=20 if model else 0,
            ),
            team("safeguarding", "Safeguarding", TeamKind.SOCIAL_WORK),
        ),
        practice=model,
        prices=PriceList(costs=costs if priced else (), price_year="2022-23"),
    )


def claim(id_: str, metric: str, threshold: float, unit: str, words: str, **more: object) -> Claim:
    given = {
        "against": Against.BASELINE,
        "relative": False,
        "aggregate": Aggregate.AT,
        "first_year": 2,
        "last_year": 2,
        "direction": Direction.AT_LEAST,
        "reading": "",
        "grade": "D",
    } | more
    return Claim(
        id=id_,
        words=words,
        source="business-case",
        paragraph="13.1",
        metric=metric,
        threshold=threshold,
        unit=unit,
        **given,
    )


def claims() -> tuple[Claim, ...]:
    return (
        claim("low-gross", "gross_saving", 1.097e6, "£", "Gross saving of £1.097m by year 3"),
        claim("high-gross", "gross_saving", 3.291e6, "£", "Gross saving of £3.291m by year 3"),
        claim("low-net", "net_saving", 0.105e6, "£", "Net saving of £0.105m in year 3"),
        claim(
            "cla-26",
            "looked_after_at_end",
            26.0,
            "children",
            "26 fewer looked-after children from year 2",
            first_year=1,
            last_year=1,
            reading="than otherwise",
        ),
        claim(
            "cp-45",
            "child_protection_at_end",
            0.45,
            "share",
            "45% fewer child protection plans",
            relative=True,
        ),
    )


def study(**changes: object) -> Study:
    years = int(changes.pop("years", 5))
    priced = bool(changes.pop("priced", True))
    arms = (
        scenario("signs_of_safety", "Signs of Safety", years, None, priced),
        scenario("family_safeguarding", "Family Safeguarding", years, practice(), priced),
    )
    given = {
        "name": "bury",
        "title": "Bury: Family Safeguarding against Signs of Safety",
        "baseline": "signs_of_safety",
        "arms": arms,
        "claims": claims(),
        "preset": "sceptical",
        "ledger": (
            LedgerEntry(
                "costs.care.pounds", "1200.0", "£ per week", 960.0, 1560.0, "s251", "", "A"
            ),
            LedgerEntry(
                "teams.safeguarding.posts", "20", "posts", None, None, "", "as planned", "D"
            ),
        ),
        "sources": (
            Source("business-case", "Business case", "Cabinet report"),
            Source("s251", "Section 251 outturn", "Department for Education"),
        ),
        "warnings": ("more work than capacity in team safeguarding: the queue grows by 3 a month",),
        "resolved": '[study]\nname = "bury"\n',
    } | changes
    return Study(**given)


def outcomes_of(described: Study, futures: int = 40) -> Outcomes:
    """Made-up whole numbers: stocks that wander, fewer in the second arm, and what they cost."""
    rng = np.random.default_rng(7)
    calendar = described.arms[0].calendar
    years, weeks = len(calendar.years), calendar.weeks
    metrics, weekly = yearly_metrics(described), weekly_metrics(described)
    yearly = np.zeros((len(described.arms), futures, years, len(metrics)), dtype=np.int64)
    by_week = np.zeros((len(described.arms), futures, weeks, len(weekly)), dtype=np.float32)
    walks = {key: np.cumsum(rng.normal(0, 2, (futures, weeks)), axis=1) for key in STOCKS}
    drawn = [draw_values(quantities_of(described.arms[-1]), 1, n // 4) for n in range(futures)]
    ratio = "practice_models.family_safeguarding.effects.plans.ratio"
    strength = np.array([(1 - one.get(ratio, 1.0)) / 0.2 for one in drawn])
    ends = np.minimum(np.arange(1, years + 1) * weeks // years, weeks) - 1
    columns = {metric.key: i for i, metric in enumerate(metrics)}
    for a, arm in enumerate(described.arms):
        ramp = np.clip((np.arange(weeks) - 26) / 100, 0, 1) * (arm.practice is not None)
        for key, (level, change) in STOCKS.items():
            stock = np.rint(level + walks[key] + change * strength[:, None] * ramp)
            by_week[a, :, :, [m.key for m in weekly].index(f"{key}_children")] = stock
            yearly[a, :, :, columns[f"{key}_at_end_children"]] = stock[:, ends]
            mean = stock[:, : weeks // years * years].reshape(futures, years, -1).mean(axis=2)
            yearly[a, :, :, columns[f"{key}_child_days"]] = np.rint(365 * mean)
        for i, metric in enumerate(weekly):
            if not metric.key.endswith("_children"):
                by_week[a, :, :, i] = rng.gamma(
                    9, 0.5 + 1.5 * ("caseload" in metric.key), (futures, weeks)
                )
        waiting = [metric.key for metric in weekly].index("unallocated_children")
        by_week[a, :, :, waiting] = rng.poisson(8, (futures, weeks))
        yearly[a, :, :, columns["unallocated_child_days"]] = rng.poisson(3000, (futures, years))
        yearly[a, :, :, columns["dose_stays"]] = 100
        if arm.practice:
            yearly[a, :, :, columns["dose_sum"]] = rng.integers(3000, 4500, (futures, years))
        staff(yearly[a], by_week[a], columns, [m.key for m in weekly], arm)
        spend(yearly[a], columns, arm, drawn)
    place = np.arange(futures)
    return Outcomes(
        study=described,
        arms=tuple(arm.arm for arm in described.arms),
        seed=1,
        futures=futures,
        draws=place // 4,
        drifts=place % 4 // 2,
        lucks=place % 4,
        yearly=yearly,
        weekly=by_week,
        metrics=metrics,
        weekly_metrics=weekly,
        engine="reference",
    )


def staff(
    yearly: np.ndarray,
    by_week: np.ndarray,
    columns: dict[str, int],
    weekly: list[str],
    arm: Scenario,
) -> None:
    """Posts, hand-overs, needs met; without the practice model none are, and a queue grows."""
    days = np.array([end - first for _, first, end in arm.calendar.years])
    luck = np.arange(len(yearly))[:, np.newaxis] % 5
    known = {
        "established.safeguarding_days": 20 * days,
        "posts.safeguarding_days": (14 + luck) * days,
        "agency.safeguarding_days": 4 * days,
        "cases.safeguarding_days": 300 * days,
        "handovers.safeguarding_cases": 120 + 10 * luck,
        "allocated.safeguarding_cases": 500,
        "waited.safeguarding_days": 1500,
        "wanted.domestic_abuse_days": 100 * days,
    }
    if arm.practice:
        known |= {
            "established.domestic_abuse_practitioner_days": 20 * days,
            "posts.domestic_abuse_practitioner_days": 15 * days,
            "met.domestic_abuse_days": (30 + 5 * luck) * days,
        }
    else:
        by_week[:, :, weekly.index("dose.domestic_abuse")] = np.nan
        grown = 60 * np.arange(by_week.shape[1]) / 52
        by_week[:, :, weekly.index("unallocated.safeguarding")] += grown.astype(np.float32)
    for key, values in known.items():
        yearly[:, :, columns[key]] = values


def spend(
    table: np.ndarray, columns: dict[str, int], arm: Scenario, drawn: list[dict[str, float]]
) -> None:
    """Pence of every line from child-days, into `table` [future, year, metric]."""
    for line in arm.prices.costs:
        days = table[:, :, columns[f"{line.applies_to[0]}_child_days"]]
        price = np.array([one[line.pounds.path] for one in drawn])
        pence = np.rint(days / 7 * price[:, np.newaxis] * 100).astype(np.int64)
        table[:, :, columns[f"cost.{line.key}_pence"]] = pence
        table[:, :, columns[f"spend.{line.ledger.value}_pence"]] += pence
    for item in arm.practice.investments if arm.practice else ():
        paid = np.zeros(table.shape[1], dtype=np.int64)
        given = item.pounds[: len(paid)]
        paid[: len(given)] = np.rint(100 * np.array(given))
        table[:, :, columns[f"investment.{item.key}_pence"]] = paid
        table[:, :, columns["spend.investment_pence"]] += paid


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return outcomes_of(study())


@pytest.fixture(scope="module")
def folder(outcomes: Outcomes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results") / "bury"
    write_report(outcomes, place)
    return place


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Seen(HTMLParser):
    """Tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_report_has_its_tables_its_figures_and_its_page(folder):
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = {"bands.csv", "claims.csv", "finance.csv", "inputs.csv", "staff.csv"}
    tables |= {"bands.parquet", "dose.csv", "results.xlsx"}
    drawn = {"headline", "staff-safeguarding", "specialists", "saving-family_safeguarding"} | {
        f"stock-{key}" for key in STOCKS
    }
    assert tables | {"report.html", "config.resolved.toml"} <= found
    assert {f"figures/{key}.{end}" for key in drawn for end in ("svg", "png")} <= found
    assert not [name for name in found if name.startswith(".") or name.endswith(".part")]


def test_bands_are_the_same_in_both_kinds_of_file(folder):
    rows = rows_of(folder / "bands.csv")
    table = parquet.read_table(folder / "bands.parquet").to_pydict()
    assert list(table) == list(rows[0])
    assert table["arm"] == [row["arm"] for row in rows]
    assert table["mean"] == [float(row["mean"]) if row["mean"] else None for row in rows]


def test_the_same_outcomes_give_the_same_bytes(outcomes, folder, tmp_path):
    for path in write_report(outcomes, tmp_path):
        assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path.name


def test_tables_start_with_a_byte_order_mark_so_that_excel_shows_pounds(folder):
    for path in folder.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name


def test_text_that_looks_like_a_formula_is_escaped_and_a_negative_number_is_not():
    ledger = (
        LedgerEntry("costs.x", "-5", "£", None, None, "", "=HYPERLINK(1)", "D"),
        LedgerEntry("costs.y", "2", "@sum", -1.5, None, "+s", "", "D"),
    )
    text = inputs_csv(study(ledger=ledger)).decode("utf-8-sig")
    assert text.splitlines()[1:] == [
        "costs.x,-5,£,,,,'=HYPERLINK(1),D",
        "costs.y,2,'@sum,-1.5,,'+s,,D",
    ]


def test_the_difference_in_the_bands_is_baseline_less_arm(folder):
    rows = {
        (row["arm"], row["metric"], row["date"]): float(row["mean"])
        for row in rows_of(folder / "bands.csv")
        if row["metric"] == "looked_after_children" and row["date"] == "2028-03-31"
    }
    key = ("looked_after_children", "2028-03-31")
    fall = rows["signs_of_safety", *key] - rows["family_safeguarding", *key]
    assert rows["signs_of_safety - family_safeguarding", *key] == pytest.approx(fall, abs=1e-4)
    assert fall > 0


def test_every_claim_is_in_its_table_with_three_probabilities(outcomes, folder):
    rows = rows_of(folder / "claims.csv")
    assert [row["id"] for row in rows] == [one.claim.id for one in verdicts(outcomes)]
    for row, verdict in zip(rows, verdicts(outcomes), strict=True):
        for name in ("expected", "outturn", "coupled"):
            probability = getattr(verdict, name)
            assert float(row[f"p_{name}"]) == pytest.approx(probability.value, abs=1e-6)
            assert float(row[f"p_{name}_low"]) <= float(row[f"p_{name}_high"])


def test_staff_are_told_by_arm_team_and_week(outcomes, folder):
    rows = rows_of(folder / "staff.csv")
    weeks = outcomes.weekly.shape[2]
    assert len(rows) == 2 * 2 * weeks
    column = [m.key for m in outcomes.weekly_metrics].index("caseload.safeguarding")
    first = next(row for row in rows if row["team"] == "safeguarding")
    mean = outcomes.weekly[0, :, 0, column].astype(float).mean()
    assert float(first["caseload_mean"]) == pytest.approx(mean, abs=1e-4)
    assert list(first) == [
        "arm", "team", "week", "posts", "agency", "vacancy", "caseload_mean", "caseload_p90",
        "unallocated", "days_to_allocation", "days_to_allocation_median",
        "days_to_allocation_p90", "breaches", "handovers", "changes_per_case",
    ]  # fmt: skip
    specialist = next(row for row in rows if row["team"] == "domestic_abuse_practitioner")
    assert specialist["posts"]
    assert not specialist["unallocated"] + specialist["breaches"] + specialist["handovers"]


def test_needs_met_are_told_by_arm_need_and_week_and_not_of_an_arm_without_specialists(
    outcomes, folder
):
    rows = rows_of(folder / "dose.csv")
    weeks = outcomes.weekly.shape[2]
    assert [row["arm"] for row in rows] == [
        arm for arm in ("signs_of_safety", "family_safeguarding") for _ in range(weeks)
    ]
    assert {row["mean"] + row["p10"] + row["p90"] for row in rows[:weeks]} == {""}
    column = [m.key for m in outcomes.weekly_metrics].index("dose.domestic_abuse")
    mean = outcomes.weekly[1, :, 0, column].astype(float).mean()
    assert float(rows[weeks]["mean"]) == pytest.approx(mean, abs=1e-4)


def table_of(outcomes: Outcomes, words: str) -> Table:
    parts = staff_section(gather(outcomes), {}).parts
    [table] = [part for part in parts if isinstance(part, Table) and words in part.caption]
    return table


def test_a_post_that_an_agency_worker_holds_is_without_a_permanent_worker(outcomes):
    table = table_of(outcomes, "Posts over the whole run")
    heads = [head.text for head in table.heads]
    row = next(row for row in table.rows if row[0].text == "Safeguarding")
    told = dict(zip(heads, [cell.text for cell in row], strict=True))
    # 16 of 20 posts filled on average, 14 to 18 in a future, four of them by agency workers
    assert (told["Posts"], told["In post"], told["Empty"]) == ("20.0", "16.0", "20%")
    assert told["Without a permanent worker"] == "40%"
    share = np.mean([100 * 4 / posts for posts in (14, 15, 16, 17, 18)])
    assert told["Agency, of those in post"] == f"{share:.0f}%"
    assert row[heads.index("In post")].band == "14.0 to 18.0"


def test_work_is_told_of_the_last_year(outcomes):
    table = table_of(outcomes, "Work in the last year")
    row = next(row for row in table.rows if row[0].text == "Safeguarding")
    told = dict(zip((head.text for head in table.heads), row, strict=True))
    # 140 changes among 300 cases held all year, and 120 to 160 in a future
    assert told["Workers lost, per case a year"].text == f"{140 / 300:.2f}"
    assert told["Workers lost, per case a year"].band == "0.40 to 0.53"
    assert told["Days to allocation, mean"].text == "3.0"


def test_needs_met_have_a_dash_where_an_arm_has_no_specialists(outcomes):
    [row] = table_of(outcomes, "Days with a need").rows
    assert [(cell.text, cell.band) for cell in row] == [
        ("Domestic abuse", ""),
        (DASH, ""),
        ("40%", "30% to 50%"),
    ]


def test_an_arm_without_a_team_has_no_row_of_its_posts(outcomes):
    rows = [(row[0].text, row[1].text) for row in table_of(outcomes, "Posts over").rows]
    assert ("Domestic abuse practitioners", "Signs of Safety") not in rows
    assert ("Domestic abuse practitioners", "Family Safeguarding") in rows


def test_an_arm_without_specialists_is_not_said_to_have_them_on_no_day(outcomes):
    told = [part.text for part in staff_section(gather(outcomes), {}).parts if is_of_doses(part)]
    assert [words.split(":")[0] for words in told] == ["Family Safeguarding"]


def is_of_doses(part: object) -> bool:
    return isinstance(part, Words) and "specialists were present" in part.text


def test_the_figure_of_specialists_names_only_arms_that_have_some(folder):
    # letters are drawn as outlines, each word after a comment of what it says
    drawn = {
        key: (folder / "figures" / f"{key}.svg").read_text(encoding="utf-8")
        for key in ("specialists", "staff-safeguarding")
    }
    named = {key: [arm in text for arm in LABELS_OF_ARMS] for key, text in drawn.items()}
    assert named == {"specialists": [False, True], "staff-safeguarding": [True, True]}


def test_a_team_in_which_nobody_works_has_no_caseload_to_tell(outcomes):
    column = [m.key for m in outcomes.weekly_metrics].index("caseload.safeguarding")
    weekly = outcomes.weekly.copy()
    weekly[0, :, :, column] = np.nan
    found = gather(replace(outcomes, weekly=weekly))
    [drawn] = [one for one in drawings(found) if one.caption.key == "staff-safeguarding"]
    base, other = drawn.caption.alt.split("Family Safeguarding:")
    assert "nan" not in drawn.caption.alt
    assert ("a worker" in base, "a worker" in other) == (False, True)
    rows = csv_rows(staff_csv(found))
    assert {row["caseload_mean"] for row in rows if row["team"] == "safeguarding"} >= {""}


def test_the_summary_tells_of_adult_specialists_where_an_arm_has_any(outcomes):
    label = "Adult specialists in post, over the run"
    [line] = [line for line in summary_text(gather(outcomes)).splitlines() if label in line]
    # 15 of 20 posts are filled all the time
    assert line.split(label)[1].split() == ["none", "15.0", "(15.0", "to", "15.0)"]
    alone = replace(study(), arms=study().arms[:1], claims=())
    assert label not in summary_text(gather(outcomes_of(alone, 8)))


def test_what_was_changed_for_a_run_is_told_with_it(outcomes):
    notes = ("set on the command line: run.seed=3, teams.safeguarding.posts=9",)
    changed = gather(replace(outcomes, study=study(notes=notes)))
    words = "Changed for this run: run.seed=3, teams.safeguarding.posts=9."
    assert words in report_page(changed, ()).what_ran
    assert words in " ".join(summary_text(changed).split())
    assert "Changed" not in report_page(gather(outcomes), ()).what_ran
    long = gather(replace(outcomes, study=study(notes=("a.b=1, " * 90,))))
    told = report_page(long, ()).what_ran.split("Changed for this run: ")[1]
    assert len(told) <= 201
    assert told.endswith("….")
    assert len(summary_text(long).splitlines()) <= 60


def test_a_queue_that_grows_is_told_first_and_everywhere(outcomes):
    found = gather(outcomes)
    [words] = found.queue_words()
    # 60 children a year for 200 days each, of 18 to a worker: 1.8 workers
    start = "Signs of Safety, Safeguarding: at least 2 more social workers needed to keep up"
    assert words.startswith(start)
    page = report_page(found, ())
    assert page.warnings[0] == words
    [staff] = [section for section in page.sections if section.id == "staff"]
    assert any(words in part.points for part in staff.parts if isinstance(part, Points))
    assert start in summary_text(found)


def test_the_page_is_complete_in_itself_and_runs_nothing(page):
    for tag, attributes in Seen(page).tags:
        assert tag not in {"script", "link", "iframe", "object", "form"}
        for name in ("href", "src"):
            if name in attributes:
                assert str(attributes[name]).startswith(("#", "data:image/svg+xml;base64,"))
    assert "http://" not in page
    assert "https://" not in page


def test_the_page_can_be_read_without_seeing_it(page):
    tags = Seen(page).tags
    assert ("html", {"lang": "en-GB"}) in tags
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    assert all(attributes.get("scope") for tag, attributes in tags if tag == "th")
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_answer_stands_before_everything_else(page):
    ids = [attributes.get("id") for tag, attributes in Seen(page).tags if tag == "section"]
    assert ids[0] == "answer"
    answer = page[page.index('id="answer"') : page.index('id="claims"')]
    assert "“Gross saving of £1.097m by year 3” comes true in " in answer
    assert "In brackets: where 8 of 10 futures lie." in answer


def test_names_and_words_of_a_scenario_are_escaped():
    bad = '<script>alert("x")</script>'
    described = study(
        years=1,
        title=bad,
        warnings=(bad,),
        claims=(claim("c", "gross_saving", 1e6, "£", bad, reading=bad, first_year=0, last_year=0),),
        sources=(Source("k", bad, bad),),
    )
    arms = (replace(described.arms[0], label=bad), described.arms[1])
    found = gather(outcomes_of(replace(described, arms=arms), 8))
    band = Band(*(np.zeros(1) for _ in range(5)))
    drawn = net_position(Caption("k", bad, bad), ["2023/24"], [Series(bad, band, "#000000")])
    text = page_html(report_page(found, (drawn,)))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert b"<script" not in drawn.svg


def test_a_dollar_sign_in_a_label_is_only_a_dollar_sign():
    described = study(years=1, priced=False, claims=())
    arms = (replace(described.arms[0], label=r"$\frac{$"),)
    assert drawings(gather(outcomes_of(replace(described, arms=arms), 8)))


def test_one_arm_without_claims_or_money_tells_of_stocks_and_staff(tmp_path):
    described = study(years=1, priced=False, claims=(), sources=(), ledger=(), preset="")
    described = replace(described, arms=described.arms[:1])
    outcomes = outcomes_of(described, 8)
    names = {path.name for path in write_report(outcomes, tmp_path)}
    assert {"report.html", "staff.csv", "stock-looked_after.png"} <= names
    assert not {"claims.csv", "finance.csv", "headline.png"} & names
    text = summary_text(gather(outcomes))
    assert "Looked-after children" in text
    assert "£" not in text


def test_the_terminal_shows_the_answer_on_one_screen_however_many_claims_there_are(outcomes):
    many = tuple(replace(one, id=f"{one.id}-{n}") for n in range(8) for one in claims())
    for described in (outcomes, replace(outcomes, study=study(claims=many))):
        lines = summary_text(gather(described), Path("results/bury")).splitlines()
        assert len(lines) <= 60
        assert max(len(line) for line in lines) <= 100
        assert lines[-1].endswith("report.html")
    assert any("more in claims.csv" in line for line in lines)


def test_no_probability_is_ever_printed_as_certain(outcomes, page):
    impossible = (claim("c", "gross_saving", 1e9, "£", "A billion"),)
    found = gather(replace(outcomes, study=study(claims=impossible)))
    text = summary_text(found)
    row = next(line for line in text.splitlines() if "£1000m" in line)
    assert row.count("<") == 4  # no change among them
    assert not re.search(r"\b(0|100)% ?\(", text)


def test_too_few_futures_for_an_interval_are_said_to_be_too_few():
    found = gather(outcomes_of(study(), 4))
    page = report_page(found, ())
    assert any("at least 8 futures" in warning for warning in page.warnings)
    row = csv_rows(bands_csv(found))[0]
    assert (row["mean_low"], row["mean_high"]) == ("", "")
    assert row["mean"]


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_each_share_of_the_spread_of_a_saving_has_its_interval(outcomes):
    [table] = [
        part
        for part in uncertainty_section(gather(outcomes)).parts
        if isinstance(part, Table) and "futures differ" in part.caption
    ]
    assert len(table.rows) == 6  # five years and all together
    told, *shares, drift = table.rows[-1]
    assert told.text.endswith("Gross saving (cashable and capacity), all years")
    assert (drift.text, drift.band) == (DASH, "")
    [both] = [
        one
        for one in spreads(outcomes, "family_safeguarding", "gross_saving_pence", "all years")
        if one.period == "all years"
    ]
    known = both.intervals.chance
    assert shares[0].band == f"{100 * known.low:.0f} to {100 * known.high:.0f}%"
    assert shares[0].text == f"{100 * both.shares.chance:.0f}%"


def test_partners_savings_stand_apart_from_the_councils(outcomes):
    found = gather(outcomes)
    [comparison] = found.compared
    gross, cashable, capacity, partner = (
        comparison.fall(f"{name}_saving_pence", "2025/26").mean
        for name in ("gross", "cashable", "capacity", "partner")
    )
    assert gross == pytest.approx(cashable + capacity)
    assert partner > 0
    section = money_section(found, {})
    captions = [part.caption for part in section.parts if isinstance(part, Table)]
    assert any("who pays and who gains" in caption for caption in captions)


def test_the_number_that_decides_the_saving_is_named(outcomes):
    [first, *_] = named_influences(
        outcomes_of(study(), 200), "family_safeguarding", "gross_saving", 5
    )
    assert first.quantity.path.endswith("effects.plans.ratio")
    assert not first.rises
