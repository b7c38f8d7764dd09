"""Small services made of a few tables, and futures of them; what a test leaves out is plain."""

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from simfs.engine import simulate
from simfs.engine.compile import compile_scenario
from simfs.engine.draws import address_of
from simfs.engine.history import CASE_COLUMNS, EVENT_COLUMNS, History
from simfs.engine.program import Program
from simfs.scenario.config import loads
from simfs.scenario.environment import STILL
from simfs.scenario.scenario import Study
from simfs.scenario.text import write

Table = dict[str, Any]

FIXED = "fixed"
PLANS = 200  # on a plan at the start, and starting one in a year, where a threshold wanders

START = date(2023, 4, 1)
NAMED = (
    "streams", "teams", "stages", "splits", "age_mixes", "placement_mixes", "costs",
    "practice_models", "workforces", "drift",
)  # fmt: skip
PLAIN = ("families", "needs", "reform", "service_crisis")


def date_of(day: int) -> date:
    return START + timedelta(days=day)


def text_of(*, days: int = 3650, **tables: Any) -> str:
    """A scenario file; every number in it is an assumption, and `out` is a way out."""
    whole: Table = {
        "study": {"name": "world", "start": START, "days": days, "baseline": "today"},
        "exits": {"out": {}},
        "arms": {"today": {}},
    }
    whole |= copy.deepcopy(tables)
    whole["study"].setdefault("price_year", "2022-23")
    for section in NAMED:
        for table in whole.get(section, {}).values():
            table["assumption"] = "made up"
    for section in PLAIN:
        if section in whole:
            whole[section]["assumption"] = "made up"
    return write(whole)


def study_of(**tables: Any) -> Study:
    return loads(text_of(**tables))


def program_of(arm: int = 0, **tables: Any) -> Program:
    return compile_scenario(study_of(**tables).arms[arm], {})


def future(program: Program, seed: int = 1, number: int = 0) -> History:
    return simulate(program, STILL, address_of(seed, number))


def futures(program: Program, seed: int, count: int) -> Iterator[History]:
    return (future(program, seed, number) for number in range(count))


def rows(history: History) -> list[dict[str, int]]:
    """The events as dictionaries, in order."""
    return [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in history.events.tolist()]


def case_rows(history: History) -> list[dict[str, int]]:
    return [dict(zip(CASE_COLUMNS, row, strict=True)) for row in history.cases.tolist()]


def stay(mean: float, shape: Any = "exponential") -> Table:
    return {"mean": mean, "unit": "days", "shape": shape}


def leaving(**chances: float) -> Table:
    """Routes by destination."""
    return {key: {"p": p} for key, p in chances.items()}


def wandering_world(drift_targets: list[Table], days: int = 1461, **walk: Any) -> Table:
    """Families who are assessed for a day and are on a plan for a year, with staff for all."""
    guess = {"targets": ["assess.plan"], "sd": 0.15, "half_life_months": 8}
    return {
        "days": days,
        "counts": {"on_plan": {"label": "On a plan"}},
        "streams": {"referral": {"to": "assess", "per_year": 4 * PLANS}},
        "stages": {
            "assess": {"stay": stay(1, "fixed"), "remainder": "out",
                       "routes": leaving(out=0.75, plan=0.25)},
            "plan": {"stay": stay(365.25), "counts": ["on_plan"], "opening": PLANS,
                     "routes": leaving(out=1)},
        },
        "drift": {"own": guess | walk},
        "drift_targets": [{"assumption": "made up"} | target for target in drift_targets],
    }  # fmt: skip


def busy_world(**changes: str) -> Table:
    """A service with one of everything, short of staff, for four years."""
    rule, continuity = changes.get("rule", "below_limit"), changes.get("continuity", True)
    in_care = {"in_house": 0.6, "home": 0.4}
    return {
        "days": 1461,
        "families": {"sizes": [0.5, 0.3, 0.2], "earlier_plan": 0.1},
        "needs": {"correlation": 0.3, "alcohol": {}, "violence": {}},
        "age_mixes": {"removed": {"edges": [0, 1, 10, 18], "shares": [0.3, 0.4, 0.3]}},
        "placements": {"in_house": {}, "home": {}},
        "placement_mixes": {"care": {"shares": in_care}},
        "counts": {"child_protection": {}, "looked_after": {}},
        "exits": {"out": {}, "home": {}},
        "streams": {
            "referral": {"to": "assess", "per_year": 250},
            "alone": {"to": "care", "per_year": 8, "ages": "removed"},
        },
        "teams": {
            "social": {"posts": 6, "caseload": 12, "rule": rule, "continuity": continuity,
                       "handover_days": 4,
                       "changes": [{"date": date_of(300), "posts": 4},
                                   {"date": date_of(500), "posts": 7},
                                   {"date": date_of(700), "posts": 7, "caseload": 10}]},
            "recovery": {"kind": "specialist", "serves": "alcohol", "posts": 1, "caseload": 6},
            "safety": {"kind": "specialist", "serves": "violence", "posts": 2, "caseload": 5,
                       "changes": [{"date": date_of(400), "posts": 1}]},
        },
        "stages": {
            "assess": {"team": "social", "stay": stay(35, {"lognormal": 0.7}), "priority": 3,
                       "specialists": True, "needs": {"alcohol": 0.2, "violence": 0.3},
                       "crisis": {"per_day": 0.004, "to": "plan"}, "opening": 30,
                       "remainder": "out", "routes": leaving(out=0.55, plan=0.3, support=0.15)},
            "plan": {"team": "social", "stay": stay(90, {"weibull": 1.6}), "priority": 2,
                     "specialists": True, "needs": {"alcohol": 0.4, "violence": 0.5},
                     "counts": ["child_protection"], "opening": 40, "limit_days": 120,
                     "crisis": {"per_day": 0.004, "to": "care", "ages": "removed"},
                     "remainder": "support",
                     "routes": leaving(support=0.6, out=0.1)
                     | {"care": {"p": 0.3, "ages": "removed", "share_of_children": 0.7,
                                 "otherwise": "support"}}},
            "support": {"team": "social", "stay": stay(70), "priority": 5,
                        "routes": leaving(out=0.8, plan=0.2)},
            "care": {"unit": "child", "team": "social", "without_worker": "runs",
                     "drawing": "route_first", "age_bands": [0, 10], "counts": ["looked_after"],
                     "placements": "care", "opening": 50, "opening_ages": "removed",
                     "routes": {
                         "home": {"p": [0.5, 0.3], "to": "support", "stay": stay(300)},
                         "stays": {"p": [0.5, 0.7], "to": "out", "stay": {"until_18": True}},
                     }},
        },
        "practice_models": {
            "new": {
                "go_live": date_of(200),
                "effects": {
                    "fewer": {"kind": "route", "targets": ["plan.care"], "ratio": 0.5,
                              "ramp": {"half_months": 3, "ninety_months": 9},
                              "team_share": 0.5, "reference_dose": 40},
                    "kept_out": {"kind": "stream", "targets": ["referral"], "ratio": 0.9,
                                 "ramp": {"half_months": 3, "ninety_months": 9}},
                    "shorter": {"kind": "stay", "targets": ["plan"], "ratio": 0.9,
                                "ramp": {"half_months": 3, "ninety_months": 9}},
                },
            }
        },
        "arms": {"today": {}, "new": {"practice_model": "new"}},
    }  # fmt: skip


def cramped_worlds() -> st.SearchStrategy[Table]:
    """Services of two or three stages, cramped and hurried, where much happens on one day."""

    @st.composite
    def build(draw: st.DrawFn) -> Table:
        days = st.sampled_from([1, 2, 5, 20])
        shapes = st.sampled_from([FIXED, "exponential"])
        tables = busy_world(
            rule=draw(st.sampled_from(["below_limit", "within_limit"])),
            continuity=draw(st.booleans()),
        )
        tables["days"] = 120
        tables["families"]["sizes"] = [0.2, 0.2, 0.6]
        social = tables["teams"]["social"]
        social["posts"] = draw(st.integers(1, 3))
        social["caseload"] = draw(st.integers(3, 6))
        social["handover_days"] = draw(st.integers(0, 3))
        # A team may have nobody for long, but not to the end.
        social["changes"] = [
            {"date": date_of(day), "posts": draw(st.integers(0, 3))} for day in (10, 11, 40)
        ] + [{"date": date_of(119), "posts": 1}]
        tables["teams"]["safety"]["changes"] = [
            {"date": date_of(day), "posts": draw(st.integers(0, 2))} for day in (10, 30)
        ]
        if draw(st.booleans()):
            # Nobody newly qualified, since no history tells until when those at the start are.
            tables["workforces"] = {"staff": {
                "turnover": draw(st.sampled_from([2, 5])), "recruitment_days": draw(days),
                "agency_share": draw(st.sampled_from([0, 0.5])), "agency_days": 20,
                "agency_gap_days": draw(days)}}  # fmt: skip
            social["workforce"] = tables["teams"]["safety"]["workforce"] = "staff"
        for stage in ("assess", "plan", "support"):
            tables["stages"][stage]["stay"] = stay(draw(days), draw(shapes))
            tables["stages"][stage]["priority"] = draw(st.integers(1, 3))
        care = tables["stages"]["care"]
        care["without_worker"] = draw(st.sampled_from(["runs", "holds"]))
        care["routes"]["home"]["stay"] = stay(draw(days), draw(shapes))
        for stage in ("assess", "plan", "care"):
            tables["stages"][stage]["opening"] = draw(st.integers(0, 12))
        for stage in ("assess", "plan"):
            tables["stages"][stage]["crisis"]["per_day"] = draw(st.sampled_from([0.02, 0.3, 1.0]))
        tables["age_mixes"]["removed"]["edges"] = [0, 1, 10, draw(st.sampled_from([17.9, 18]))]
        tables["age_mixes"]["removed"]["shares"] = [0.1, 0.1, 0.8]
        return tables

    return build()
