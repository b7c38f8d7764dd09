"""Small services as various as a scenario file allows, for engines that must agree on all of them.

Most choices are from a short list, so that ties, full workers and several changes on one day are
common; what shrinking leaves is the plainest service that still shows a difference.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from worlds import FIXED, Table, stay, text_of

from simfs.engine.compile import compile_scenario
from simfs.engine.program import Program
from simfs.errors import ConfigError
from simfs.scenario.config import loads

T = TypeVar("T")
Room = dict[tuple[str, str, int], float]  # what a remainder can give, by stage, route and age band

HORIZONS = (60, 100, 30, 150, 40, 7, 1, 400)
# in the second and third run the financial year ends early; in the third February has 29 days
STARTS = (date(2023, 4, 1), date(2023, 3, 20), date(2024, 2, 25))
COUNTS = ("child_protection", "looked_after", "other")
EXITS = ("away", "eighteen", "out")
AGES = {
    "all": ([0, 1, 10, 18], [0.1, 0.4, 0.5]),
    "grown": ([17.7, 18], [1.0]),
    "nearly": ([17.98, 18], [1.0]),
    "babies": ([0, 1], [1.0]),
}
SHORT_STAYS: tuple[Table, ...] = (
    stay(1, FIXED),
    stay(2, FIXED),
    stay(3, FIXED),
    stay(5, FIXED),
    stay(1),
    stay(3),
    {"uniform": [1, 4], "unit": "days"},
)
STAYS: tuple[Table, ...] = (
    *SHORT_STAYS,
    stay(20),
    stay(12, {"lognormal": 0.8}),
    stay(40, {"weibull": 1.6}),
    {"median": 6, "shape": {"gamma": 0.5}, "unit": "days"},
    {"percentiles": {"p25": 1, "p75": 3}, "unit": "weeks"},
    {"histogram": {"edges": [0, 2, 9], "shares": [0.7, 0.3]}, "unit": "days"},
    {"mean": 3, "unit": "years", "shape": "exponential"},
)


def programs_of(tables: Table) -> list[Program]:
    """The arms of a service; one that simfs refuses is no example."""
    try:
        study = loads(text_of(**tables))
    except ConfigError:
        assume(False)
    return [compile_scenario(arm, {}) for arm in study.arms]


@st.composite
def services(draw: st.DrawFn) -> Table:
    """Tables of a service of two to six stages with one to three social-work teams."""
    return _Service(draw).tables()


class _Service:
    """A service while it is drawn: first the names of everything, then each table."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.days = self.pick(HORIZONS)
        self.start = self.pick(STARTS)
        last = self.days - 1
        # changes fall on few days, so that several teams change on the same one
        self.moments = [*draw(st.lists(st.integers(0, self.days), max_size=2)), min(1, last), last]
        units = [self.pick([False, True, False]) for _ in range(self.pick([4, 3, 5, 6, 2]))]
        self.stages = list("abcdef"[: len(units)])
        self.children = {key for key, child in zip(self.stages, units, strict=True) if child}
        self.families = [key for key in self.stages if key not in self.children]
        self.splits = [f"split{n}" for n in range(self.whole(0, 2))]
        self.needs = [f"need{n}" for n in range(self.pick([2, 1, 3, 0]))]
        self.social = [f"social{n}" for n in range(self.whole(1, 3))]
        self.workforces = {f"staff{n}": self.workforce() for n in range(self.pick([1, 2, 0]))}
        self.brief = self.chance()

    # Choices

    def pick(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def seldom(self) -> bool:
        return self.whole(0, 9) == 9

    def some(self, values: Sequence[T]) -> list[T]:
        return [value for value in values if self.chance()]

    def shares(self, count: int) -> list[float]:
        """Shares of which the first is above nought."""
        parts = [self.whole(1, 4), *(self.whole(0, 4) for _ in range(count - 1))]
        return [part / sum(parts) for part in parts]

    def moment(self) -> date:
        return self.on(self.pick(self.moments))

    def on(self, day: int) -> date:
        return self.start + timedelta(days=day)

    # The map

    def tables(self) -> Table:
        stages = {key: self.stage(key) for key in self.stages}
        teams = self.teams()
        streams = {f"stream{n}": self.stream() for n in range(self.whole(1, 3))}
        return {
            "study": {"name": "service", "start": self.start, "days": self.days,
                      "baseline": "today"},
            "families": {"sizes": self.shares(self.pick([3, 5, 2, 1])),
                         "earlier_plan": self.pick([0, 0.3])},
            "needs": {"correlation": self.pick([0, 0.3, 0.9]), **{n: {} for n in self.needs}},
            "age_mixes": {key: {"edges": edges, "shares": shares}
                          for key, (edges, shares) in AGES.items()},
            "placements": {"foster": {}, "home": {}},
            "placement_mixes": {"care": self.homes()},
            "counts": {key: {} for key in COUNTS},
            "exits": {key: {} for key in EXITS},
            "splits": {key: {"shares": self.split()} for key in self.splits},
            "streams": streams,
            "teams": teams,
            "workforces": self.workforces,
            "stages": stages,
            "practice_models": {"new": self.practice(stages, list(streams), teams)},
            "arms": {"today": {}, "new": {"practice_model": "new"}},
        } | self.events(stages) | {"drift": self.drift(stages, list(streams))}  # fmt: skip

    def homes(self) -> Table:
        """One mix of placements, or one for each age."""
        mixes = [dict(zip(["foster", "home"], self.shares(2), strict=True)) for _ in range(3)]
        if self.chance():
            return {"shares": mixes[0]}
        ages = [0, self.pick([1, 5]), 10]
        return {"by_age": [{"from_age": age, "shares": mix}
                           for age, mix in zip(ages, mixes, strict=True)]}  # fmt: skip

    def events(self, stages: dict[str, Table]) -> Table:
        """A reform and a service in crisis, some of the time."""
        tables: Table = {}
        if not self.whole(0, 3):
            tables["reform"] = {"practice_model": "new", "date": self.moment(),
                                "share": self.pick([0.5, 1, 0]), "half_months": 0.05,
                                "ninety_months": self.pick([0.06, 1])}  # fmt: skip
        targets = [
            f"{key}.{route}"
            for key, stage in stages.items()
            for route in stage["routes"]
            if stage.get("remainder", route) != route
        ]
        if targets and not self.whole(0, 3):
            tables["service_crisis"] = {"per_year": 1, "ratio": self.pick([1.2, 0.5]),
                                        "months": self.pick([1, 0.2]),
                                        "targets": [self.pick(targets)]}  # fmt: skip
        return tables

    def drift(self, stages: dict[str, Table], streams: list[str]) -> dict[str, Table]:
        """Up to three walks over streams and routes, each of which only one may move."""
        routes = [
            f"{key}.{route}"
            for key, stage in stages.items()
            for route in stage["routes"]
            if stage.get("remainder", route) != route
        ]
        walks: dict[str, list[str]] = {}
        for target in self.some([*streams, *routes]):
            walks.setdefault(self.pick(["walk0", "walk1", "walk2"]), []).append(target)
        return {
            key: {"targets": targets, "sd": self.pick([0.5, 2, 0]),
                  "half_life_months": self.pick([3, 0.5]), "returns_to": self.pick([1, 0.5, 3])}
            for key, targets in walks.items()
        }  # fmt: skip

    def split(self) -> dict[str, float]:
        places = self.draw(
            st.lists(st.sampled_from([*EXITS, *self.stages]), min_size=1, max_size=3, unique=True)
        )
        return dict(zip(places, self.shares(len(places)), strict=True))

    def stage(self, key: str) -> Table:
        child = key in self.children
        bands = self.pick([[0], [0], [0, 10], [0, 1, 17.9]])
        route_first = self.chance()
        table: Table = {
            "unit": "child" if child else "family",
            "drawing": "route_first" if route_first else "stay_first",
            "age_bands": bands,
            "age_at": self.pick(["entry", "first_entry"]),
            "routes": self.routes(key, len(bands), route_first),
            "priority": self.whole(1, 3),
            "counts": self.some(COUNTS),
            "specialists": self.whole(0, 2) > 0,
            "shared_stay": self.seldom() or (child and self.chance()),
            "own_work_share": self.pick([1, 0.5]),
            "needs": {need: self.pick([0.3, 0.8, 1, 0]) for need in self.needs},
            "opening": self.pick([3, 12, 40, 0, 0.4]),
            "opening_after": self.pick([0, 0, 100, 6500]),
        }
        if not route_first:
            table["stay"] = self.stay(child)
        if self.whole(0, 3):
            table["remainder"] = self.pick(list(table["routes"]))
        if child or self.seldom():
            table["opening_ages"] = self.pick(list(AGES))
        if (child and self.chance()) or self.seldom():
            table["placements"] = "care"
        if self.chance():
            table["limit_days"] = self.whole(1, 20)
        return table | self.staffing()

    def staffing(self) -> Table:
        """Who holds the cases of a stage, and what waiting may do."""
        if not self.whole(0, 4):
            return {}
        table: Table = {"team": self.pick(self.social)}
        if self.chance():
            table["without_worker"] = self.pick(["holds", "runs"])
        if not self.whole(0, 2):
            places = [*self.stages, *EXITS, *self.splits]
            table["crisis"] = {"per_day": self.pick([0.03, 0.2, 1.0, 0]), "to": self.pick(places),
                               "ages": self.pick(list(AGES))}  # fmt: skip
        return table

    def stay(self, child: bool) -> Table:
        if child and not self.whole(0, 3):
            return {"until_18": True}
        return dict(self.pick(SHORT_STAYS if self.brief else STAYS))

    def routes(self, key: str, bands: int, route_first: bool) -> dict[str, Table]:
        """Routes of which the first leads out or to a later stage: no loop is without a way out."""
        later = [other for other in self.families if other > key]
        ends = [self.pick([*EXITS, *later])]
        ends += [
            self.pick([*self.stages, *EXITS, *self.splits]) for _ in range(self.pick([1, 2, 3, 0]))
        ]
        columns = [self.shares(len(ends)) for _ in range(bands)]
        routes = {}
        for number, to in enumerate(ends):
            route: Table = {"to": to, "p": [column[number] for column in columns]}
            if route_first:
                route["stay"] = self.stay(key in self.children)
            if key not in self.children or self.seldom():
                route["ages"] = self.pick(list(AGES))
                route["share_of_children"] = self.pick([0.5, 1, 0.8, 0])
                route["otherwise"] = self.pick([*EXITS, *self.families])
            routes[f"r{number}"] = route
        return routes

    # Who comes

    def stream(self) -> Table:
        """Cases in an even flow, or most of them within a few days."""
        to = self.pick(self.stages)
        level = self.pick([30, 100, 5]) * 365.25 / self.days
        steps: list[Table] = [{"from": self.start, "value": level}]
        if self.chance() and self.days > 1:
            day = self.whole(1, self.days - 1)
            steps.append({"from": self.on(day), "value": self.pick([2000, 8000])})
            steps.append({"from": self.on(day + self.whole(1, 3)), "value": level / 2})
        table: Table = {"to": to, "per_year": steps}
        if (to in self.children) != self.seldom():
            table["ages"] = self.pick(list(AGES))
        return table

    # Who does the work

    def teams(self) -> dict[str, Table]:
        teams = {key: self.team() for key in self.social}
        for team in teams.values():
            by_date = sorted((c for c in team["changes"] if "posts" in c), key=lambda c: c["date"])
            if (by_date and by_date[-1]["posts"] == 0) or (team["posts"] == 0 and not by_date):
                # a team must not end without posts: somebody would wait for ever
                for change in team["changes"]:
                    change["posts"] = change.get("posts") or 1
                team["posts"] = team["posts"] or 1
        for number in range(self.pick([2, 3, 1, 0]) if self.needs else 0):
            # a team's number follows the order of names
            name = self.pick(["adult", "worker"]) + str(number)
            kind = {"kind": "specialist", "serves": self.pick(self.needs)}
            teams[name] = self.team(can_be_unlimited=False) | kind
        self.joined = any(
            team["posts"] for team in teams.values() if team.get("kind") == "specialist"
        )
        return teams

    def team(self, can_be_unlimited: bool = True) -> Table:
        """A team; its posts and its limit change on a few days, down to none and up again."""
        table: Table = {
            "posts": self.pick([1, 2, 3, 1, 2, 0]),
            "caseload": self.whole(1, 6),
            "rule": self.pick(["below_limit", "within_limit"]),
            "continuity": self.chance(),
            "handover_days": self.whole(0, 5),
            "changes": [self.change() for _ in range(self.whole(0, 4))],
        }
        if self.chance():
            table["unit"] = self.pick(["children", "families"])
        if self.seldom() and can_be_unlimited:
            del table["caseload"]
            return table | {"posts": "unlimited", "changes": []}
        if self.workforces and self.whole(0, 3):
            table["workforce"] = self.pick(list(self.workforces))
            agency = self.workforces[table["workforce"]].get("agency_share", 0)
            if table["posts"] and self.chance():
                vacant = self.whole(0, table["posts"])
                held = self.whole(0, table["posts"] - vacant) if agency else 0
                table["at_start"] = {"vacant": vacant, "agency": held}
        return table

    def workforce(self) -> Table:
        """Workers who come and go every few days."""
        table: Table = {
            "turnover": self.pick([5, 3, 0]),
            "tenure_shape": self.pick(["exponential", {"gamma": 0.5}]),
            "recruitment_days": self.pick([1, 3, 20]),
            "recruitment_shape": self.pick([FIXED, "exponential"]),
        }
        if self.whole(0, 3):
            table |= {"agency_share": self.pick([0.9, 1, 0.5]),
                      "agency_days": self.pick([4, 1, 20]),
                      "agency_shape": self.pick([FIXED, "exponential"]),
                      "agency_gap_days": self.pick([1, 4])}  # fmt: skip
        if self.chance():
            table["newly_qualified"] = {"share": self.pick([0.5, 1]), "caseload": 0.5,
                                        "months": self.pick([0.2, 2])}  # fmt: skip
        return table

    def change(self) -> Table:
        table: Table = {"date": self.moment()}
        if limit := self.seldom() or self.seldom():
            table["caseload"] = self.whole(1, 6)
        if not limit or self.chance():
            table["posts"] = self.pick([1, 0, 2, 3])
        return table

    # What changes

    def practice(
        self, stages: dict[str, Table], streams: list[str], teams: dict[str, Table]
    ) -> Table:
        limited = [key for key, team in teams.items() if team["posts"] != "unlimited"]
        model: Table = {"go_live": self.pick([self.start, self.start, self.moment()])}
        if self.whole(0, 1) and limited:
            model["training"] = {
                "teams": limited,
                "courses": [{"date": day, "seats": self.pick([1, 3])}
                            for day in sorted({self.moment() for _ in range(self.whole(1, 3))})],
                "rolling": {"every_months": self.pick([0.1, 1]), "seats": 1},
                "skill_first": self.pick([0.5, 0, 1]),
                "skill_months": self.pick([0.3, 2, 0]),
                "reference": self.pick([1, 0.6]),
            }  # fmt: skip
        if self.seldom():
            model["slip_months"] = self.pick([-0.2, 0.3])
        if limited:
            model["staffing"] = [
                {"team": self.pick(limited), "posts": self.whole(1, 3), "date": self.moment()}
                for _ in range(self.whole(0, 2))
            ]
            model["caseloads"] = [
                {"team": self.pick(limited), "caseload": self.whole(1, 6), "date": self.moment()}
                for _ in range(self.whole(0, 1))
            ]
        model["effects"] = self.effects(stages, streams)
        return model

    def effects(self, stages: dict[str, Table], streams: list[str]) -> dict[str, Table]:
        """Effects; one in two of those on a route follows the one before it to its target."""
        made: dict[str, Table] = {}
        room: Room = {}
        earlier: Table = {}
        for number in range(self.pick([3, 4, 5, 0])):
            kind = self.pick(["route", "route", "route", "stream", "stay"])
            choice = self.routes_to_change(stages, room) if kind == "route" else {}
            if kind == "route" and earlier and self.whole(0, 2):
                below = earlier["ratio"] <= 1
                choice = earlier | {"ratio": self.ratio(stages, room, earlier, below)}
            if kind != "route":
                choice = {"targets": self.some(streams if kind == "stream" else self.stages),
                          "ratio": self.pick([0.4, 0.8, 1.5, 3])}  # fmt: skip
            if choice.get("targets"):
                made[f"effect{number}"] = {"kind": kind} | choice | self.course()
                earlier = choice if kind == "route" else earlier
        for kind in self.some(["turnover", "recruitment", "agency"]):
            if targets := self.some(list(self.workforces)):
                ratio = self.pick([0.5, 0.9] if kind == "agency" else [0.3, 3])
                made[kind] = {"kind": kind, "targets": targets, "ratio": ratio,
                              "ramp": {"half_months": 0.05, "ninety_months": 0.06,
                                       "start_months": self.pick([-3, 0])}}  # fmt: skip
        return made

    def routes_to_change(self, stages: dict[str, Table], room: Room) -> Table:
        """A route and where it sends what it prevents: the stage's remainder, or one it names."""
        stage = self.pick(self.stages)
        routes = list(stages[stage]["routes"])
        target = self.pick(routes)
        named = [key for key in routes if key != target]
        choice: Table = {"targets": [f"{stage}.{target}"]}
        if stages[stage].get("remainder", target) == target or self.seldom():
            if not named:
                return {}
            choice["remainder"] = self.pick(named)
        return choice | {"ratio": self.ratio(stages, room, choice, self.chance())}

    def ratio(self, stages: dict[str, Table], room: Room, choice: Table, below: bool) -> float:
        """A ratio; one above 1 takes three quarters of what the remainder has left to give.

        Each effect alone is within what the remainder has; two on one route may be more together,
        and are then cut.
        """
        if below:
            return self.pick([0.5, 0, 0.8])
        stage, _, target = choice["targets"][0].partition(".")
        routes = stages[stage]["routes"]
        remainder = choice.get("remainder") or stages[stage]["remainder"]
        most = 20.0
        for band, p in enumerate(routes[target]["p"]):
            left = room.setdefault((stage, remainder, band), routes[remainder]["p"][band])
            most = min(most, 1 + 0.75 * left / p) if p > 0 else most
        for band, p in enumerate(routes[target]["p"]):
            room[stage, remainder, band] -= (most - 1) * p
        return most

    def course(self) -> Table:
        """How an effect comes, goes and follows the specialists."""
        table: dict[str, Any] = {
            "ramp": {"half_months": 0.05, "ninety_months": self.pick([0.06, 1]),
                     "start_months": self.pick([-3, -3, 0])},
            "team_share": self.pick([1, 1, 0.5, 0]) if self.joined else 1,
            "reference_dose": self.pick([100, 40, 10]),
            "dose_power": self.pick([1, 0.5, 2]),
        }  # fmt: skip
        if self.seldom():
            table["fade"] = {"start_months": 0, "half_life_years": 0.1}
        return table
