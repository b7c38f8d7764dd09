"""A small service that says how its forecasts are tested, and places to test them on."""

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from worlds import START, Table, leaving, stay, text_of

# at rest: 200 referrals a year, 80 plans started, 65.7 plans, 24 starting in care, 46.0 in care
AT_REST = {"referrals": 200, "cp_plans_started": 80, "cp_plans_at_31_march": 66,
           "looked_after_started": 24, "looked_after_at_31_march": 46}  # fmt: skip
GO_LIVE = date(2019, 10, 1)
LATER = (2020, 2021, 2022)
HEAD = "authority,year,series,value,go_live"


def lever(*numbers: str) -> Table:
    return {"numbers": list(numbers)}


def target(metric: str, series: str, **more: Any) -> Table:
    return {"metric": metric, "series": series, **more}


BACKTEST: Table = {
    "forecast": ["cp_plans_at_31_march", "looked_after_at_31_march"],
    "memory_years": 2,
    "levers": {
        "referrals": lever("streams.referral.per_year"),
        "plans": lever("stages.assess.routes.plan.p"),
        "plan_stay": lever("stages.plan.stay.mean"),
        "care": lever("stages.plan.routes.care.p"),
        "care_stay": lever("stages.care.stay.mean"),
    },
    "match": [
        target("entries.assess", "referrals"),
        target("starts.on_plan", "cp_plans_started"),
        target("stock.on_plan", "cp_plans_at_31_march", label="Plans at 31 March"),
        target("starts.looked_after", "looked_after_started"),
        target("stock.looked_after", "looked_after_at_31_march"),
    ],
    "cases": [{"authority": "Ourtown", "base": 2019}],
    "assumption": "made up",
}


def tables() -> Table:
    """Assessment, plans and care; a practice model that keeps children out of care."""
    fewer = {"kind": "route", "targets": ["plan.care"], "ratio": 1, "team_share": 1,
             "ramp": {"half_months": 1, "ninety_months": 3}}  # fmt: skip
    new = {
        "go_live": START,
        "staffing": [{"team": "team", "date": START + timedelta(days=31), "add": 3}],
        "effects": {"fewer": fewer},
    }
    return {
        "days": 1096,
        "study": {"name": "world", "start": START, "days": 1096, "baseline": "today",
                  "preset": "modest"},
        "counts": {"on_plan": {"label": "On a plan"}, "looked_after": {"label": "In care"}},
        "streams": {"referral": {"to": "assess", "per_year": 200}},
        "teams": {"team": {"posts": 10, "caseload": 20}},
        "stages": {
            "assess": {"stay": stay(30), "remainder": "out", "opening": 16,
                       "routes": leaving(out=0.6, plan=0.4)},
            "plan": {"stay": stay(300), "counts": ["on_plan"], "opening": 66, "remainder": "out",
                     "team": "team", "routes": leaving(out=0.7, care=0.3)},
            "care": {"stay": stay(700), "counts": ["looked_after"], "opening": 46,
                     "routes": leaving(out=1)},
        },
        "practice_models": {"new": new},
        "presets": {
            "modest": {"effects": {"fewer": {"ratio": 0.95, "assumption": "made up"}}},
            "published_claim": {"effects": {"fewer": {"ratio": 0.05, "assumption": "made up"}},
                                "read_from": ["Ourtown"]},
        },
        "arms": {"today": {}, "new": {"practice_model": "new"}},
        "backtest": BACKTEST,
    }  # fmt: skip


def config_of(folder: Path, name: str = "tiny.toml", **changes: Any) -> Path:
    path = folder / name
    path.write_text(text_of(**copy.deepcopy(tables() | changes)), encoding="utf-8")
    return path


def counts_of(
    folder: Path,
    name: str = "observed.csv",
    authority: str = "Ourtown",
    times: float = 1.0,
    later: float = 1.0,
    go_live: str = f"{GO_LIVE}",
    years: tuple[int, ...] = (2018, 2019, *LATER),
) -> Path:
    """Counts of a place `times` as large, of which later ones are `later` times those before."""
    size = {year: times * (later if year in LATER else 1) for year in years}
    rows = [
        f"{authority},{year},{series},{round(n * size[year])},{go_live}"
        for series, n in AT_REST.items()
        for year in years
    ]
    path = folder / name
    path.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    return path
