"""A small service whose staffing is planned: social workers, recovery workers, prices, a claim."""

from datetime import date
from pathlib import Path
from typing import Any

from worlds import Table, date_of, leaving, stay, text_of

from simfs.scenario.config import loads
from simfs.scenario.scenario import Study

READABLE = "reference"
POSTS = "teams.social.posts"


def tables(days: int = 364, **changes: Any) -> Table:
    """Families on a plan for two months; too few workers make them wait, each of whom is paid."""
    whole: Table = {
        "days": days,
        "needs": {"alcohol": {}},
        "counts": {"on_plan": {"label": "On a plan"}, "looked_after": {"label": "In care"}},
        "streams": {"referral": {"to": "plan", "per_year": 100}},
        "teams": {
            "social": {"posts": 4, "caseload": 4, "label": "Social workers"},
            "social_late": {"posts": 2, "caseload": 9, "label": "Later social workers"},
            "recovery": {"kind": "specialist", "serves": "alcohol", "posts": 0, "caseload": 5,
                         "label": "Recovery workers"},
        },
        "stages": {
            "plan": {"team": "social", "stay": stay(60), "counts": ["on_plan"], "opening": 12,
                     "specialists": True, "needs": {"alcohol": 0.5}, "remainder": "out",
                     "routes": leaving(out=0.7, care=0.3)},
            "care": {"team": "social_late", "stay": stay(20), "counts": ["looked_after"],
                     "routes": leaving(out=1)},
        },
        "practice_models": {
            "new": {
                "label": "New practice",
                "go_live": date_of(30),
                "staffing": [{"team": "social", "add": 1, "date": date_of(7)},
                             {"team": "recovery", "posts": 1, "date": date_of(14)}],
                "effects": {
                    "fewer": {"label": "Fewer into care", "kind": "route", "ratio": 0.5,
                              "targets": ["plan.care"], "team_share": 0.5,
                              "reference_dose": 40,
                              "ramp": {"half_months": 1, "ninety_months": 3}},
                },
            }
        },
        "costs": {
            "care_week": {"label": "Care", "basis": "child_week", "applies_to": ["care"],
                          "pounds": 2000, "payer": "council", "ledger": "cashable"},
            "posts": {"label": "Posts", "basis": "post_year", "pounds": 50_000,
                      "applies_to": ["social", "recovery"], "payer": "council",
                      "ledger": "investment"},
        },
        "claims": [{"id": "kept", "words": "Fewer children come into care", "threshold": 3,
                    "metric": "looked_after_starts", "against": "baseline", "aggregate": "sum",
                    "from": "2023/24", "to": "2023/24", "unit": "children",
                    "assumption": "made up"}],
        "arms": {"today": {}, "new": {"practice_model": "new", "label": "New"}},
    }  # fmt: skip
    for path, value in changes.items():
        at = whole
        *above, last = path.split("__")
        for key in above:
            at = at.setdefault(key, {})
        at[last] = value
    return whole


def study(**changes: Any) -> Study:
    return loads(text_of(**tables(**changes)))


def config_of(folder: Path, **changes: Any) -> Path:
    path = folder / "tiny.toml"
    path.write_text(text_of(**tables(**changes)), encoding="utf-8")
    return path


def day_of(study: Study, when: date) -> int:
    return study.arms[0].calendar.day_of(when)
