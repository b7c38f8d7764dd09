"""An audit of event records: every route taken and every stay made, against the compiled scenario.

Stage counts cannot find what the record shows at once (a step-down of 0.40 made 0.37, stays a tenth
longer), so the record itself is judged: routes by an exact binomial test, stays by the
Kolmogorov-Smirnov distance. Only stays that began `WINDOW` days before the end are read, each up to
its `WINDOW`-th day, so what the end of a run cuts off biases nothing.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import theory
from scipy import stats
from worlds import case_rows, rows

from simfs.engine.history import BY_BIRTHDAY, BY_OPENING, BY_SPLIT, History, Kind
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import DAYS_TO_18, NOBODY, Program, RouteCode, StageCode

WINDOW = 730
MOST_IDLE = 180  # days without a worker that a spell may have and still be read to the end
LEAST = 50  # spells below which a group says nothing


@dataclass
class Spell:
    """One stay: where, from which day of work, and how it ended.

    Attributes:
        stage, band: the stage and the age band of its routes.
        start: first day of work, or None before it.
        to_18: days from `start` to the 18th birthday, or None.
        end: day it ended, or None.
        route: route in stage; NOBODY when children parted by a route that takes a share.
        plain: no crisis, not there at the start.
        idle: days without a worker, and days that hand-overs added; no part of the stay as drawn.
        alone: since when it has had no worker, while it waits for another.
    """

    stage: int
    band: int
    start: int | None
    to_18: int | None = None
    end: int | None = None
    route: int | None = None
    plain: bool = True
    idle: int = 0
    alone: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One test of one group: its p value, and what it is about."""

    about: str
    p_value: float
    count: int


class _Reader:
    """Spells of a history, event by event."""

    def __init__(self, history: History, program: Program) -> None:
        self.program = program
        self.spells: list[Spell] = []
        self.here: dict[tuple[int, int], Spell] = {}
        self.ended: dict[tuple[int, int], Spell] = {}
        self.cases = {(c["family"], c["child"]): c for c in case_rows(history)}
        for event in rows(history):
            self._read(event)

    def _read(self, event: dict[str, int]) -> None:
        case, kind = (event["family"], event["child"]), Kind(event["kind"])
        if kind in {Kind.ENTER, Kind.EXIT}:
            self._settle(case, event["detail"])
        if kind is Kind.ENTER:
            self._begin(case, event)
        elif kind in {Kind.WORKER, Kind.KEPT} and case in self.here:
            spell = self.here[case]
            if spell.start is None:
                self._start(case, spell, event["day"])
            elif spell.alone is not None:
                spell.idle += event["day"] - spell.alone
                spell.alone = None
                if event["detail"] == 1:
                    spell.idle += self.program.teams[event["team"]].handover
        elif kind is Kind.RELEASE and event["detail"] == 1 and case in self.here:
            spell = self.here[case]
            if self.program.stages[spell.stage].holds and spell.start is not None:
                spell.alone = event["day"]
        elif kind is Kind.CRISIS:
            self.here[case].plain = False
        elif kind is Kind.END:
            spell = self.here.pop(case)
            spell.end = event["day"]
            self.ended[case] = spell

    def _begin(self, case: tuple[int, int], event: dict[str, int]) -> None:
        stage = self.program.stages[event["stage"]]
        spell = Spell(event["stage"], self._band(case, stage, event["day"]), None)
        spell.plain = event["detail"] != BY_OPENING and spell.band != NOBODY
        if not stage.holds:
            self._start(case, spell, event["day"])
        self.here[case] = spell
        self.spells.append(spell)

    def _start(self, case: tuple[int, int], spell: Spell, day: int) -> None:
        spell.start = day
        birth = self.cases[case]["birth_day"]
        if birth != NO_BIRTHDAY:
            spell.to_18 = birth + DAYS_TO_18 - day

    def _settle(self, case: tuple[int, int], by: int) -> None:
        """What followed the end of a stay tells its route; a child's tells its family's."""
        spell = self.ended.pop(case, None) or self.ended.pop((case[0], 0), None)
        if spell is None:
            return
        if by >= 0:
            route = self.program.routes[by]
            spell.route = route.place if route.share >= 1 else NOBODY
        elif by == BY_SPLIT:
            spell.route = NOBODY
        elif by == BY_BIRTHDAY:
            spell.route = None

    def _band(self, case: tuple[int, int], stage: StageCode, day: int) -> int:
        """Age band of the routes; NOBODY where the record does not tell it."""
        if len(stage.band_edges) == 1:
            return 0
        listed = self.cases[case]
        came_at_start = self.program.origins[listed["origin"]].opening > 0
        if stage.first_entry_age and came_at_start and listed["arrival_day"] == 0:
            return NOBODY
        if not stage.first_entry_age and not stage.route_first:
            return NOBODY
        at = listed["arrival_day"] if stage.first_entry_age else day
        return max(bisect_right(stage.band_edges, at - listed["birth_day"]) - 1, 0)


def _beyond(program: Program, stage: StageCode, route: RouteCode) -> np.ndarray:
    """P(stay > j), j in [0, WINDOW], of those who take a route."""
    source = route if stage.route_first else stage
    if source.until_18:
        return np.ones(WINDOW + 1)
    table = program.tables[source.stay_table]
    return theory.longer_than(table, source.stay_mean, WINDOW + 1)


def _judge_stays(about: str, lengths: np.ndarray, beyond: np.ndarray) -> Finding:
    """Kolmogorov-Smirnov distance up to `WINDOW`, by the bound of Massart (1990)."""
    counts = np.bincount(np.minimum(lengths, WINDOW + 1), minlength=WINDOW + 2)
    found = np.cumsum(counts)[: WINDOW + 1] / len(lengths)
    distance = float(np.abs(found - (1 - beyond)).max())
    p_value = min(1.0, 2 * math.exp(-2 * len(lengths) * distance**2))
    return Finding(f"stays in {about}", p_value, len(lengths))


def audit(histories: Iterable[History], program: Program) -> list[Finding]:
    """Every route and every stay of the histories, group by group."""
    groups: dict[tuple[int, int], list[Spell]] = defaultdict(list)
    for history in histories:
        for spell in _Reader(history, program).spells:
            whole = spell.start is not None and spell.start + WINDOW + MOST_IDLE < program.days
            if whole and spell.plain and (spell.to_18 is None or spell.to_18 > WINDOW):
                groups[spell.stage, spell.band].append(spell)
    findings = []
    for (number, band), spells in sorted(groups.items()):
        if len(spells) >= LEAST:
            findings += _judge(program, number, band, spells)
    return findings


def _worked(spell: Spell) -> int:
    """Days of the stay as it was drawn, beyond `WINDOW` for one that has not ended."""
    if spell.end is None:
        return WINDOW + 1
    return spell.end - (spell.start or 0) - spell.idle


def _judge(program: Program, number: int, band: int, spells: list[Spell]) -> list[Finding]:
    stage = program.stages[number]
    routes = program.routes[stage.routes[0] : stage.routes[1]]
    about = f"{stage.key}, band {band}"
    lengths = np.array([_worked(s) for s in spells])
    chances = [route.p[band] for route in routes]
    each = [_beyond(program, stage, route) for route in routes]
    beyond = sum(p * row for p, row in zip(chances, each, strict=True))
    out = [_judge_stays(about, lengths, np.asarray(beyond))]
    done = [s.route for s, length in zip(spells, lengths, strict=True) if length <= WINDOW]
    shared = [route.share < 1 for route in routes]
    within = [p * (1 - row[-1]) for p, row in zip(chances, each, strict=True)]
    classes = {place: within[place] for place in range(len(routes)) if not shared[place]}
    if any(shared):
        classes[NOBODY] = sum(w for w, is_shared in zip(within, shared, strict=True) if is_shared)
    for place, chance in classes.items():
        name = "a share of the children" if place == NOBODY else routes[place].key
        p_value = stats.binomtest(done.count(place), len(spells), min(chance, 1.0)).pvalue
        out.append(Finding(f"{about} by {name}", float(p_value), len(spells)))
    return out


def alarms(findings: Iterable[Finding], level: float) -> set[str]:
    """What the findings object to."""
    return {finding.about for finding in findings if finding.p_value < level}
