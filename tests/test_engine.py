"""The rules of a day, on small services whose events can be told beforehand or audited after."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import Auditor, causes
from scipy import stats
from worlds import (
    FIXED,
    Table,
    busy_world,
    case_rows,
    cramped_worlds,
    date_of,
    future,
    futures,
    leaving,
    program_of,
    rows,
    stay,
    study_of,
    text_of,
)

from simfs.engine import simulate
from simfs.engine.compile import compile_scenario
from simfs.engine.counting import tally
from simfs.engine.draws import address_of
from simfs.engine.history import BY_BIRTHDAY, BY_CRISIS, BY_OPENING, History, Kind
from simfs.engine.program import DAYS_TO_18, Program
from simfs.engine.reference import Future
from simfs.engine.tables import look_up
from simfs.scenario.config import loads
from simfs.scenario.environment import STILL

VARIANTS = [
    {"rule": "below_limit", "continuity": True},
    {"rule": "below_limit", "continuity": False},
    {"rule": "within_limit", "continuity": True},
    {"rule": "within_limit", "continuity": False},
]
variants = pytest.mark.parametrize(
    "variant", VARIANTS, ids=lambda v: f"{v['rule']}-{'keeps' if v['continuity'] else 'releases'}"
)


# Every history


@variants
@pytest.mark.parametrize("arm", [0, 1])
def test_no_history_of_a_busy_service_breaks_a_rule(variant: Table, arm: int) -> None:
    program = program_of(arm, **busy_world(**variant))
    for history in futures(program, 3, 2):
        Auditor(history, program).check()


@variants
def test_events_stand_in_the_order_of_the_rules_of_a_day(variant: Table) -> None:
    found = list(causes(future(program_of(1, **busy_world(**variant)))))
    assert {step for _, step, _, _ in found} == {0, 1, 2, 3, 4, 5}
    for before, after in pairwise(found):
        assert before <= after


@variants
def test_child_days_of_cases_are_the_child_days_of_days(variant: Table) -> None:
    """Little's law as an identity: what cases stay is what days count."""
    program = program_of(1, **busy_world(**variant))
    history = future(program)
    auditor = Auditor(history, program)
    auditor.check()
    by_day = tally(history, program).stage_children.sum(axis=1)
    assert by_day.tolist() == [auditor.child_days[stage] for stage in range(len(by_day))]


@given(cramped_worlds(), st.integers(0, 1), st.integers(0, 1000))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_history_of_a_cramped_service_breaks_a_rule(tables: Table, arm: int, seed: int) -> None:
    program = program_of(arm, **tables)
    history = future(program, seed)
    Auditor(history, program).check()
    found = list(causes(history))
    assert found == sorted(found)
    tally(history, program)


# The same future


def test_a_future_alone_is_the_future_of_a_thousand() -> None:
    program = program_of(1, **busy_world())
    alone = simulate(program, STILL, address_of(5, 731))
    for number in (0, 730, 732):
        simulate(program, STILL, address_of(5, number))
    program = program_of(1, **busy_world())
    alone.assert_equal(simulate(program, STILL, address_of(5, 731)), program)


def test_the_order_of_the_file_and_its_labels_change_nothing() -> None:
    tables = busy_world()

    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return value

    other = turned(tables)
    assert isinstance(other, dict)
    for stage in other["stages"].values():
        stage["label"] = "Another name"
    one = compile_scenario(loads(text_of(**tables)).arms[0], {})
    two = compile_scenario(loads(text_of(**other)).arms[0], {})
    future(one).assert_equal(future(two), one)


def test_a_long_run_cut_short_is_the_short_run() -> None:
    long, short = busy_world(), busy_world()
    short["days"] = 900
    one, two = (future(program_of(1, **tables)) for tables in (long, short))
    early = one.column("day") < 900
    assert np.array_equal(one.events[early], two.events)


def test_an_arm_that_changes_nothing_has_the_same_history() -> None:
    tables = busy_world()
    tables["practice_models"]["none"] = {}
    tables["arms"]["same"] = {"practice_model": "none"}
    study = study_of(**tables)
    one, two = (compile_scenario(study.arm(arm), {}) for arm in ("today", "same"))
    future(one).assert_equal(future(two), one)


def test_an_effect_that_has_not_begun_changes_nothing() -> None:
    tables = busy_world()
    study = study_of(**tables)
    one, two = (future(compile_scenario(arm, {})) for arm in study.arms)
    early = [history.events[history.column("day") <= 200] for history in (one, two)]
    assert np.array_equal(*early)
    assert not np.array_equal(one.events, two.events)


# By hand


def kinds(history: History, *wanted: Kind) -> list[tuple[int, int, Kind]]:
    """(day, family, kind) of the wanted kinds of event."""
    return [
        (row["day"], row["family"] % 10_000_000, Kind(row["kind"]))
        for row in rows(history)
        if row["kind"] in wanted
    ]


def one_stage(posts: int, caseload: int, days: int = 60, **more: Table | int) -> Program:
    """A team and a stage of five fixed days that opens with `opening` families of one child."""
    stage = {"team": "team", "stay": stay(5, FIXED), "routes": leaving(out=1)} | more.get(
        "stage", {}
    )
    team = {"posts": posts, "caseload": caseload} | more.get("team", {})
    return program_of(
        days=days,
        streams={"a": {"to": "work", "per_year": more.get("per_year", 365.25)}},
        teams={"team": team},
        stages={"work": stage},
        **more.get("tables", {}),
    )


def by_hand(arrivals: list[int], stays: int, workers: int) -> list[tuple[int, int, int]]:
    """(arrival, worker's day, end) of first come, first served with a fixed stay."""
    free = [0] * workers
    out = []
    for day in arrivals:
        first = min(range(workers), key=lambda n: (free[n], n))
        start = max(day, free[first])
        free[first] = start + stays
        out.append((day, start, start + stays))
    return out


def test_a_stay_is_rounded_to_the_nearest_day_and_lasts_at_least_one() -> None:
    program = program_of(
        days=2000,
        streams={"a": {"to": "work", "per_year": 1000}},
        teams={"team": {"posts": "unlimited"}},
        stages={"work": {"team": "team", "stay": {"uniform": [0.2, 3.2], "unit": "days"},
                         "routes": leaving(out=1)}},
    )  # fmt: skip
    begun: dict[int, int] = {}
    lengths = []
    for day, family, kind in kinds(future(program), Kind.ENTER, Kind.END):
        if kind is Kind.ENTER:
            begun[family] = day
        elif begun[family] < 1990:
            lengths.append(day - begun[family])
    counts = np.bincount(lengths)
    assert counts[0] == 0
    shares = np.array([1.3, 1.0, 0.7]) / 3
    assert stats.chisquare(counts[1:], shares * len(lengths)).pvalue > 1e-4


def test_an_engine_reads_its_tables_as_arrays_are_read() -> None:
    tables = busy_world()
    program = program_of(**tables)
    running = Future(program, STILL, address_of(1, 0))
    u = np.concatenate([np.linspace(0.0005, 0.9995, 997), 1 - 2.0 ** -np.arange(8, 53)])
    for number, table in enumerate(program.tables):
        one_by_one = [running.choices._value(number, float(value)) for value in u]
        assert one_by_one == look_up(table, u).tolist()


@pytest.mark.parametrize("posts", [1, 3])
def test_fixed_stays_are_served_in_turn_day_by_day(posts: int) -> None:
    program = one_stage(posts, 1, days=200, per_year=365.25 * posts / 6)
    found: dict[int, list[int]] = {}
    for day, family, _ in kinds(future(program), Kind.ENTER, Kind.WORKER, Kind.END):
        found.setdefault(family, []).append(day)
    arrivals = [days[0] for days in found.values()]
    expected = by_hand(arrivals, 5, posts)
    for days, (arrival, start, end) in zip(found.values(), expected, strict=True):
        assert days == [day for day in (arrival, start, end) if day < 200]


def test_the_first_arrivals_come_on_the_days_their_gaps_add_up_to() -> None:
    program = one_stage(1, 1, per_year=365.25 / 4)
    days = [row["arrival_day"] for row in case_rows(future(program))]
    gaps = np.array(days) / 4
    assert days == sorted(days)
    assert len(gaps) == pytest.approx(15, abs=12)


def test_a_crisis_comes_on_the_day_after_the_waiting_days_that_can_be_borne() -> None:
    program = one_stage(
        0, 1, days=400, stage={"crisis": {"per_day": 0.05, "to": "out"}},
        team={"changes": [{"date": date_of(399), "posts": 1}]},
    )  # fmt: skip
    entered = {family: day for day, family, _ in kinds(future(program), Kind.ENTER)}
    waits = []
    for row in rows(future(program)):
        if row["kind"] == Kind.CRISIS:
            waited = row["day"] - entered[row["family"] % 10_000_000]
            assert row["detail"] == waited
            waits.append(waited)
    assert min(waits) >= 1
    # Exponential of mean 20 in whole days; cut at the end for the last to come.
    early = [w for w in waits if w < 100]
    assert np.mean(early) == pytest.approx(20, rel=4 / np.sqrt(len(early)))


def test_waiting_before_and_between_workers_adds_up_to_the_crisis() -> None:
    """Posts go on day 75 and never return: what had been waited before counts."""
    program = one_stage(
        2, 3, days=300,
        stage={"stay": stay(50, FIXED), "crisis": {"per_day": 0.01, "to": "out"}},
        team={"changes": [{"date": date_of(75), "posts": 0}, {"date": date_of(299), "posts": 1}]},
    )  # fmt: skip
    history = future(program)
    waited: dict[int, int] = {}
    since: dict[int, int] = {}
    resumed, twice = 0, 0
    for row in rows(history):
        family, day = row["family"], row["day"]
        if row["kind"] == Kind.ENTER or (row["kind"] == Kind.RELEASE and row["detail"]):
            resumed += row["kind"] == Kind.RELEASE
            since[family] = day
        elif row["kind"] == Kind.WORKER:
            waited[family] = waited.get(family, 0) + day - since.pop(family)
        elif row["kind"] == Kind.CRISIS:
            assert row["detail"] == waited.get(family, 0) + day - since[family]
            twice += waited.get(family, 0) > 0
    assert resumed == 6
    assert twice > 2


def test_a_handed_over_case_stays_its_remaining_days_and_the_handover() -> None:
    """Stay 50; the second post goes on day 10 and comes back on day 20; handover 4."""
    program = one_stage(
        2, 1, days=200, per_year=365.25 * 2,
        stage={"stay": stay(50, FIXED)},
        team={"handover_days": 4,
              "changes": [{"date": date_of(10), "posts": 1}, {"date": date_of(20), "posts": 2}]},
    )  # fmt: skip
    found = kinds(future(program), Kind.WORKER, Kind.RELEASE, Kind.END)
    start = {family: day for day, family, kind in found[:2]}
    lost = next(family for day, family, kind in found if kind is Kind.RELEASE and day == 10)
    of_lost = [(day, kind) for day, family, kind in found if family == lost]
    end = 20 + (50 - (10 - start[lost])) + 4
    assert of_lost == [
        (start[lost], Kind.WORKER), (10, Kind.RELEASE), (20, Kind.WORKER), (end, Kind.END),
        (end, Kind.RELEASE),
    ]  # fmt: skip


def specialist_world(posts: int, **changes: object) -> Program:
    """Three families of one child, each with the need, dealt out on day 0; one stage of 20 days."""
    return program_of(
        days=100,
        needs={"alcohol": {}},
        streams={"none": {"to": "work", "per_year": 0.0}},
        teams={
            "social": {"posts": 1, "caseload": 9},
            "recovery": {"kind": "specialist", "serves": "alcohol", "posts": posts, "caseload": 1}
            | changes,
        },
        stages={
            "start": {"stay": stay(3, FIXED), "opening": 3, "routes": leaving(work=1)},
            "work": {"team": "social", "stay": stay(20, FIXED), "specialists": True,
                     "needs": {"alcohol": 1.0}, "routes": leaving(out=1)},
        },
    )  # fmt: skip


def test_a_specialist_joins_stays_and_parts_and_the_dose_is_the_share_of_days() -> None:
    history = future(specialist_world(1))
    work = [row for row in rows(history) if row["stage"] != 0]
    begun = {r["family"]: r["day"] for r in work if r["kind"] == Kind.WORKER}
    joined = {r["family"]: r["day"] for r in work if r["kind"] == Kind.JOIN}
    ended = {r["family"]: (r["day"], r["detail"]) for r in work if r["kind"] == Kind.END}
    order = sorted(begun, key=lambda family: (begun[family], family))
    free = begun[order[0]]
    for family in order:
        end, detail = ended[family]
        assert end == begun[family] + 20
        joins = max(free, begun[family])
        if joins < end:
            assert joined[family] == joins
            assert detail == 1000 + (end - joins) * 100 // 20
            free = end
        else:
            assert family not in joined
            assert detail == 1000
    parted = [r["day"] for r in work if r["kind"] == Kind.PART]
    assert parted == [ended[family][0] for family in order if family in joined]


def test_a_specialist_who_leaves_takes_the_rest_of_the_dose_along() -> None:
    history = future(specialist_world(3, changes=[{"date": date_of(10), "posts": 0}]))
    ends = [row for row in rows(history) if row["kind"] == Kind.END and row["stage"] == 1]
    starts = {
        row["family"]: row["day"]
        for row in rows(history)
        if row["kind"] == Kind.WORKER and row["stage"] == 1
    }
    assert len(ends) == 3
    for row in ends:
        assert row["detail"] == 1000 + (10 - starts[row["family"]]) * 100 // 20


def care_world(days: int, edges: list[float], **stage: object) -> Program:
    """Children who arrive in care by themselves, between two ages."""
    care = {"unit": "child", "team": "team", "stay": stay(4000, FIXED), "routes": leaving(out=1)}
    return program_of(
        days=days,
        age_mixes={"old": {"edges": edges, "shares": [1.0]}},
        streams={"alone": {"to": "care", "per_year": 60, "ages": "old"}},
        teams={"team": {"posts": 0, "caseload": 1, "changes": [
            {"date": date_of(days - 1), "posts": 1}]}},
        stages={"care": care | stage},
    )  # fmt: skip


@pytest.mark.parametrize("without_worker", ["holds", "runs"])
def test_an_18th_birthday_ends_any_stay_on_the_day(without_worker: str) -> None:
    program = care_world(900, [17.0, 18.0], without_worker=without_worker)
    history = future(program)
    born = {row["family"]: row["birth_day"] for row in case_rows(history)}
    left = [row for row in rows(history) if row["kind"] == Kind.EXIT]
    assert len(left) > 60
    for row in left:
        assert row["day"] == born[row["family"]] + DAYS_TO_18
        assert row["detail"] == BY_BIRTHDAY
        assert row["stage"] == program.eighteen
    gone = {row["family"] for row in left}
    assert all(birth + DAYS_TO_18 >= 900 for family, birth in born.items() if family not in gone)


def share_world(otherwise: str) -> Program:
    return program_of(
        days=400,
        families={"sizes": [0.0, 0.0, 1.0]},
        age_mixes={"young": {"edges": [0, 5], "shares": [1.0]}},
        exits={"out": {}, "home": {}},
        streams={"a": {"to": "plan", "per_year": 3000}},
        teams={"team": {"posts": "unlimited"}},
        stages={
            "plan": {"team": "team", "stay": stay(10, FIXED), "routes": {
                "care": {"p": 1.0, "ages": "young", "share_of_children": 0.6,
                         "otherwise": otherwise}}},
            "care": {"unit": "child", "stay": stay(30, FIXED), "routes": leaving(home=1)},
        },
    )  # fmt: skip


def test_a_route_takes_its_share_of_the_children_and_the_others_go_the_other_way() -> None:
    program = share_world("out")
    history = future(program)
    Auditor(history, program).check()
    ended = [r for r in rows(history) if r["kind"] == Kind.END and r["stage"] == 1]
    parted = [r["detail"] for r in rows(history) if r["kind"] == Kind.SPLIT]
    assert stats.binomtest(sum(parted), 3 * len(ended), 0.6).pvalue > 1e-4
    # A family all of whose children are taken is gone; one that keeps some leaves as a family.
    families_out = sum(r["kind"] == Kind.EXIT and r["child"] == 0 for r in rows(history))
    assert families_out == len(ended) - parted.count(3)
    others = 3 * len(ended) - sum(parted)
    out = program.exits.index("out")
    assert tally(history, program).exit_children[:, out].sum() == others


def return_world() -> Program:
    """Children go to and fro between home and care, each with a plan at home in between."""
    return program_of(
        days=1500,
        families={"sizes": [0.0, 1.0]},
        age_mixes={"young": {"edges": [5, 10], "shares": [1.0]}},
        streams={"a": {"to": "plan", "per_year": 20}},
        teams={"team": {"posts": "unlimited"}},
        stages={
            "plan": {"team": "team", "stay": stay(30), "routes": {
                "care": {"p": 0.9, "ages": "young"}, "out": {"p": 0.1}}},
            "care": {"unit": "child", "stay": stay(60), "routes": {
                "home": {"p": 0.8, "to": "plan"}, "out": {"p": 0.2}}},
        },
    )  # fmt: skip


def test_a_child_that_returns_to_care_is_the_same_child_with_new_luck() -> None:
    program = return_world()
    history = future(program)
    Auditor(history, program).check()
    lengths: dict[tuple[int, int], list[int]] = {}
    for row in rows(history):
        if row["stage"] == 0 and row["kind"] in {Kind.ENTER, Kind.END}:
            sign = 1 if row["kind"] == Kind.END else -1
            lengths.setdefault((row["family"], row["child"]), []).append(sign * row["day"])
    stays = [[b + a for a, b in zip(d[::2], d[1::2], strict=False)] for d in lengths.values()]
    repeated = [found[0] == found[1] for found in stays if len(found) > 1]
    assert len(repeated) > 50
    assert np.mean(repeated) < 0.1


def continuity_world(continuity: bool) -> Program:
    return program_of(
        days=300,
        streams={"a": {"to": "first", "per_year": 50}},
        teams={"team": {"posts": 2, "caseload": 3, "continuity": continuity}},
        stages={
            "first": {"team": "team", "stay": stay(10, FIXED), "routes": leaving(second=1)},
            "second": {"team": "team", "stay": stay(10, FIXED), "routes": leaving(out=1)},
        },
    )


@pytest.mark.parametrize("continuity", [True, False])
def test_a_worker_is_kept_or_released_at_a_change_of_stage_as_the_team_says(
    continuity: bool,
) -> None:
    history = future(continuity_world(continuity))
    at: dict[int, list[int]] = {}
    for row in rows(history):
        if row["stage"] == 1:
            at.setdefault(row["family"], []).append(row["kind"])
    first = [found[1] for found in at.values()]
    assert set(first) == {Kind.KEPT if continuity else Kind.RELEASE}


def rule_world(rule: str, caseload: int) -> Program:
    """Families of three children on a list, and one worker."""
    return program_of(
        days=50,
        families={"sizes": [0.0, 0.0, 1.0]},
        streams={"a": {"to": "work", "per_year": 365.25 * 4}},
        teams={"team": {"posts": 1, "caseload": caseload, "rule": rule}},
        stages={"work": {"team": "team", "stay": stay(500, FIXED), "routes": leaving(out=1)}},
    )


@pytest.mark.parametrize(
    ("rule", "caseload", "families"),
    [("below_limit", 5, 2), ("below_limit", 6, 2), ("within_limit", 5, 1), ("within_limit", 6, 2)],
)
def test_below_limit_takes_a_family_that_does_not_fit_and_within_limit_does_not(
    rule: str, caseload: int, families: int
) -> None:
    assert len(kinds(future(rule_world(rule, caseload)), Kind.WORKER)) == families


def test_the_opening_stock_is_dealt_out_evenly_and_over_the_limit() -> None:
    program = one_stage(3, 2, stage={"opening": 20, "stay": stay(40, "exponential")})
    dealt = [
        row["worker"]
        for row in rows(future(program))
        if row["kind"] == Kind.WORKER and row["day"] == 0
    ]
    assert dealt[:20] == [n % 3 for n in range(20)]


def test_more_workers_never_raise_the_mean_wait() -> None:
    """Exact for one stage under below_limit: the stays of cases do not depend on the staff."""
    for seed in range(4):
        waits = []
        for posts in (2, 3, 4, 6):
            program = one_stage(
                posts, 2, days=1500, per_year=120, stage={"stay": stay(12, {"lognormal": 1.0})}
            )
            history = future(program, seed)
            waits.append(int(tally(history, program).waiting_children.sum()))
        assert waits == sorted(waits, reverse=True)
        assert waits[0] > waits[-1]


# Effects


def effect_world(ratio: float, kind: str, target: str) -> Program:
    """An effect at full strength from the first day."""
    at_once = {"half_months": 0.01, "ninety_months": 0.02, "start_months": -600}
    return program_of(
        1,
        days=1500,
        streams={"a": {"to": "work", "per_year": 2500}},
        exits={"out": {}, "care": {}, "plan": {}},
        teams={"team": {"posts": "unlimited"}},
        stages={"work": {"team": "team", "stay": stay(40), "remainder": "out",
                         "routes": leaving(out=0.5, plan=0.3, care=0.2)}},
        practice_models={"new": {"go_live": date_of(0), "effects": {
            "one": {"kind": kind, "targets": [target], "ratio": ratio, "ramp": at_once}}}},
        arms={"today": {}, "new": {"practice_model": "new"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.6, {"care": 0.12, "out": 0.58, "plan": 0.3}),
        (1.5, {"care": 0.3, "out": 0.4, "plan": 0.3}),
    ],
)
def test_an_effect_on_a_route_moves_cases_to_or_from_the_remainder_alone(
    ratio: float, expected: dict[str, float]
) -> None:
    program = effect_world(ratio, "route", "work.care")
    history = future(program)
    left = history.column("stage")[history.column("kind") == Kind.EXIT]
    for key, share in expected.items():
        count = int((left == -1 - program.exits.index(key)).sum())
        assert stats.binomtest(count, len(left), share).pvalue > 1e-4
    if ratio < 1:
        diverted = int((history.column("kind") == Kind.DIVERTED).sum())
        assert stats.binomtest(diverted, len(left), 0.2 * (1 - ratio)).pvalue > 1e-4


@pytest.mark.parametrize("ratio", [0.7, 1.25])
def test_an_effect_on_a_stream_thins_it_or_adds_to_it(ratio: float) -> None:
    program = effect_world(ratio, "stream", "a")
    history = future(program)
    came = int((history.column("kind") == Kind.ENTER).sum())
    turned = int((history.column("kind") == Kind.TURNED_AWAY).sum())
    expected = float(program.origins[0].cumulative[-1])
    assert stats.poisson.cdf(came, ratio * expected) == pytest.approx(0.5, abs=0.5 - 5e-5)
    assert len(history.cases) == came + turned
    if ratio < 1:
        assert stats.binomtest(turned, came + turned, 1 - ratio).pvalue > 1e-4
    else:
        assert turned == 0


def test_an_effect_on_a_stay_multiplies_its_mean() -> None:
    before, after = (effect_world(ratio, "stay", "work") for ratio in (1.0, 0.5))
    lengths = []
    for program in (before, after):
        history = future(program)
        day = {r["family"]: r["day"] for r in rows(history) if r["kind"] == Kind.ENTER}
        lengths.append(
            {r["family"]: r["day"] - day[r["family"]] for r in rows(history)
             if r["kind"] == Kind.END}
        )  # fmt: skip
    long, short = lengths
    both = [(long[family], short[family]) for family in long if family in short]
    assert len(both) > 8_000
    # Each is rounded to the nearest day and is at least one.
    assert all(abs(b - a / 2) <= 0.75 or b == 1 for a, b in both)


def test_opening_cases_are_marked_as_such_and_crises_too() -> None:
    program = program_of(0, **busy_world())
    details = {row["detail"] for row in rows(future(program)) if row["kind"] == Kind.ENTER}
    assert {BY_OPENING, BY_CRISIS} <= details
