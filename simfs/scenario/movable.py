"""Which numbers of a scenario may be moved by themselves, and how far each may be tried.

The ledger's numbers are moved, save what is no assumption about the world: the claims themselves,
what drift is sized to, where tables of ages or durations are cut, the order of priorities, limits
set by law or guidance, and what the file leaves at simfs's own default. A number that has no other
value alone is told with the reason.

Possible ranges: a share from 0 to 1, a route to what its stage's remainder can give; an effect's
ratio from 0 (prevents all) to 2 (twice as many); growth of a price from −10% to 20% a year; a price
or a sum to ten times; months of delay as below; any other amount from a quarter to four times. An
end that the file's own rules refuse is drawn in to the last value that they let pass.
"""

import math
from dataclasses import dataclass

from simfs.scenario import forms as f
from simfs.scenario.drawn import at_path
from simfs.scenario.moved import (
    faults,
    form_of,
    is_list,
    number_at,
    place_of,
    reach,
    share_table_of,
)
from simfs.scenario.scenario import LedgerEntry, Study
from simfs.scenario.sources import Path
from simfs.scenario.spreads import limits

DEFAULT = "default of simfs"
LEFT_OUT = {  # by the last key of the path, or the first
    "claims": "a claim, not an assumption",
    "drift_targets": "what drift is sized to, not what it is",
    "published_staffing": "what a paper's sum for staff is held against, not what is simulated",
    "edges": "where a table is cut",
    "age_bands": "where a table is cut",
    "priority": "an order, not an amount",
    "limit_days": "a limit set by law or guidance",
}
SHARES = ("team_share", "agency_share", "vacancy", "share", "reference")
RANGES = {
    "ratio": (0.0, 2.0),
    "published": (0.0, 2.0),
    "growth": (-0.10, 0.20),
    "slip_months": (-12.0, 36.0),
    "start_months": (0.0, 60.0),
    "dose_power": (0.0, 4.0),
    "reference_dose": (1.0, 100.0),
}
TIMES = 4.0
TIMES_OF_MONEY = 10.0
WHOLE_FROM_NONE = 10.0  # what may be had of what there is none of, such as posts
HALVINGS = 8
LEAST_OF_A_SIDE = 0.01  # an end drawn in to less than this of its way is no way at all


@dataclass(frozen=True, slots=True)
class Movable:
    """A number that may be moved by itself.

    Attributes:
        row: its line of the ledger.
        value: as the file has it; 1 where several numbers are moved by a multiple.
        low: the least value that may be tried.
        high: the largest.
        likely_low: p10 of its own range, or NaN where the file gives none.
        likely_high: p90, or NaN.
        whole: whether only whole numbers are possible.
        multiple: whether several numbers are moved together, by a multiple.
    """

    row: LedgerEntry
    value: float
    low: float
    high: float
    likely_low: float
    likely_high: float
    whole: bool
    multiple: bool

    @property
    def path(self) -> str:
        """Its key path."""
        return self.row.path


@dataclass(frozen=True, slots=True)
class Unmoved:
    """A number that is not moved.

    Attributes:
        row: its line of the ledger.
        tried: whether it was an assumption to try; False for what is left out by rule.
        reason: why not, in words.
    """

    row: LedgerEntry
    tried: bool
    reason: str


def movable(study: Study) -> tuple[tuple[Movable, ...], tuple[Unmoved, ...]]:
    """Every number of the ledger: those that may be moved alone, and those that are not."""
    found: list[Movable] = []
    left: list[Unmoved] = []
    for row in study.ledger:
        one = _left_out(row) or _judged(study, row)
        if isinstance(one, Movable):
            found.append(one)
        else:
            left.append(one)
    return tuple(found), tuple(left)


def _left_out(row: LedgerEntry) -> Unmoved | None:
    parts = row.path.split(".")
    reason = LEFT_OUT.get(parts[0]) or LEFT_OUT.get(parts[-1])
    if reason is None and row.assumption == DEFAULT:
        reason = "left at simfs's own default"
    return Unmoved(row, tried=False, reason=reason) if reason else None


def _judged(study: Study, row: LedgerEntry) -> Movable | Unmoved:
    """A number with its possible range, or why it has none."""
    reached = list(reach(study, row.path))
    if not reached:
        return Unmoved(row, tried=True, reason="every arm sets it anew")
    arm, inner = reached[0]
    form = form_of(study.arm(arm))
    path = place_of(form, inner)
    reason = _bound_by_others(study, arm, form, path)
    if reason:
        return Unmoved(row, tried=True, reason=reason)
    several = is_list(form, path)
    number = number_at(form, path)
    value = 1.0 if several else float(number)
    whole = isinstance(number, int)
    low, high = _range(form, path, value, whole)
    if not low < high:
        return Unmoved(row, tried=True, reason="it is 0, and no multiple of it is anything else")
    low, why_low = _allowed(study, row.path, value, min(low, value))
    high, why_high = _allowed(study, row.path, value, max(high, value))
    if whole:
        low, high = float(math.ceil(low)), float(math.floor(high))
    if low == high:
        return Unmoved(row, tried=True, reason=why_low or why_high)
    least, most = row.low, row.high
    if several or least is None or most is None:
        least = most = math.nan
    return Movable(row, value, low, high, least, most, whole, several)


def _bound_by_others(study: Study, arm: str, form: f.FileForm, path: Path) -> str:
    """Why a share has no value of its own, or nothing."""
    entry = (*path, 0) if isinstance(at_path(form, path), list) else path
    if is_list(form, path) and (share_table_of(form, entry) or "histogram" in path):
        if path[-1] != "p":
            return "its entries sum to 1, so none of them, nor all together, is free"
    table = share_table_of(form, path) or share_table_of(form, entry)
    if table is None:
        return ""
    paths, taker, cases = table
    if len(paths) == 1:
        return "it is the only share of its table, so it is 1 whatever else holds"
    scenario = study.arm(arm)
    together = scenario.ensemble.paths if scenario.ensemble else ()
    drawn = {*together, *(one.path for one in scenario.free)}
    others = {".".join(map(str, other)) for other in paths if other != path}
    if cases or (drawn & others and taker is None):
        return "it is drawn together with the other shares of its table"
    return ""


def _range(form: f.FileForm, path: Path, value: float, whole: bool) -> tuple[float, float]:
    """The possible range of a number, before the file's own rules are asked."""
    last = str(path[-1])
    if last == "p" or share_table_of(form, path):
        return 0.0, _most_of_a_share(form, path)
    if last in RANGES:
        return RANGES[last]
    if last in SHARES:
        return 0.0, 1.0
    least, most = limits(path)
    if (least, most) == (0.0, 1.0):
        return least, most
    times = TIMES_OF_MONEY if last == "pounds" else TIMES
    ends = sorted((0.0 if last == "pounds" else value / times, value * times))
    if value == 0 and whole:
        ends = [0.0, WHOLE_FROM_NONE]
    low, high = max(ends[0], least), min(ends[1], most)
    return (float(math.floor(low)), float(math.ceil(high))) if whole else (low, high)


def _most_of_a_share(form: f.FileForm, path: Path) -> float:
    """What a share can rise to: all that its remainder has, or 1; of a list, the multiple."""
    places = (
        [(*path, i) for i in range(len(number_at(form, path)))] if is_list(form, path) else [path]
    )
    most = math.inf
    for place in places:
        own, table = number_at(form, place), share_table_of(form, place)
        taker = table[1] if table else None
        end = 1.0 if taker is None else own + number_at(form, taker)
        if len(places) == 1:
            return float(end)
        most = min(most, end / own if own else math.inf)
    return most


def _allowed(study: Study, path: str, value: float, end: float) -> tuple[float, str]:
    """The end of a range, or the last value towards it that the file's rules let pass, and why."""
    why = faults(study, path, end)
    if not why:
        return end, ""
    good, bad = value, end
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        if faults(study, path, middle):
            bad = middle
        else:
            good = middle
    if abs(good - value) <= LEAST_OF_A_SIDE * abs(end - value):
        return value, why
    return good, why
