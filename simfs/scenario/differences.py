"""Where two scenarios differ, and the scenarios between them.

Complete files are compared, so nothing differs that only one of them leaves implicit. What must
move together (shares that sum to one, the keys of one table that come and go) is one assumption;
what no simulation reads (labels, sources, claims, how a file is fitted) is told apart.
"""

import copy
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from simfs.scenario.config import loads
from simfs.scenario.form_parts import is_number
from simfs.scenario.scenario import LedgerEntry, Study
from simfs.scenario.sources import NOTE_KEYS, Path, dotted
from simfs.scenario.text import Table, number_text, value_text, write

MOST = 12  # assumptions that are told one by one; above, those of a table go together

# shares of a whole, and numbers that must keep their order: they move together
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("stages", "*", "routes"),
    ("stages", "*", "stay"),
    ("splits", "*"),
    ("placement_mixes", "*"),
    ("age_mixes", "*"),
    ("practice_models", "*", "effects", "*", "ramp"),
    ("ensemble",),
    ("correlations",),
)
# tables whose keys are names: one more or fewer is no change to the others
NAMED = ("effects", "investments", "set")
# what the pathway is made of: whatever comes or goes here moves together
PATHWAY = (
    "counts", "exits", "splits", "age_mixes", "families", "needs", "streams", "placements",
    "placement_mixes", "teams", "stages",
)  # fmt: skip
# tables of tables with names: a file without any has none of them
TABLES = (*PATHWAY, "workforces", "costs", "practice_models", "drift")
FRAME = ("start", "days", "years", "baseline")
# what no simulation reads; presets are of it too, but the one in force is named by the study
UNREAD = (
    "claims", "calibration", "fit", "backtest", "drift_targets", "history", "published_staffing",
)  # fmt: skip
ASKED = (*UNREAD, "presets")
IN_WORDS = ("label", "title", "unit", *NOTE_KEYS)


class Kind(StrEnum):
    """What a difference is about."""

    SIMULATED = "simulated"
    FRAME = "frame"  # when, for how long, or compared with what: futures cannot be paired
    ARMS = "arms"  # an arm that only one of them has
    ASKED = (
        "asked"  # claims, what was counted, how the file is fitted and tested: asked of the model
    )
    WORDS = "words"


class Missing:
    """Stands for what one of the two has not."""

    def __repr__(self) -> str:
        """For messages."""
        return "nothing"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two complete files differ.

    Attributes:
        path: the keys to it.
        kind: what it is about.
        before: value in the first, or `MISSING`.
        after: value in the second, or `MISSING`.
        source: where both come from, in the words of their ledgers; the first, then the second.
    """

    path: Path
    kind: Kind
    before: object
    after: object
    source: tuple[LedgerEntry | None, LedgerEntry | None] = (None, None)

    @property
    def key(self) -> str:
        """The path for people."""
        return dotted(self.path)

    @property
    def is_one_sided(self) -> bool:
        """Whether only one of the two has anything there."""
        return self.before is MISSING or self.after is MISSING


@dataclass(frozen=True, slots=True)
class Assumption:
    """Differences that are moved together.

    Attributes:
        key: their path, or the table that they are in with ``.*`` after it.
        differences: at least one.
    """

    key: str
    differences: tuple[Difference, ...]


def differences(first: Study, second: Study) -> tuple[Difference, ...]:
    """Every place at which two studies differ, in the order of the first file."""
    ledgers = [{row.path: row for row in study.ledger} for study in (first, second)]
    before, after = (_tables(study) for study in (first, second))
    found = []
    for path, old, new in _unequal(before, after, ()):
        rows = tuple(ledger.get(dotted(path)) for ledger in ledgers)
        source = cast(tuple[LedgerEntry | None, LedgerEntry | None], rows)
        found.append(Difference(path, _kind(path, old, new), old, new, source))
    return tuple(found)


def _tables(study: Study) -> Table:
    """A complete file as tables, its claims by name."""
    tables: Table = {key: {} for key in TABLES} | tomllib.loads(study.resolved)
    if isinstance(tables.get("claims"), list):
        tables["claims"] = {claim["id"]: claim for claim in tables["claims"]}
    return tables


def _unequal(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """The smallest parts of two values that differ; a number with its range is one."""
    if isinstance(old, dict) and isinstance(new, dict) and not _is_quantity(old, new):
        for key in dict.fromkeys((*old, *new)):
            if key != "defaults":
                yield from _unequal(old.get(key, MISSING), new.get(key, MISSING), (*path, key))
    elif _are_tables(old) and _are_tables(new) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from _unequal(*pair, (*path, place))
    elif _is_quantity(old, new) and _bare(old) == _bare(new):
        if old != new:  # notes of its own
            yield (*path, "note"), _noted(old), _noted(new)
    elif old != new:
        yield path, old, new


def _is_quantity(old: Any, new: Any) -> bool:
    """Whether both are numbers, one of them with a range or a source of its own."""
    return all(is_number(_number(each)) for each in (old, new))


def _number(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _bare(value: Any) -> Table:
    """A number with its range, without words."""
    table = value if isinstance(value, dict) else {"value": value}
    return {key: item for key, item in table.items() if key not in IN_WORDS}


def _noted(value: Any) -> str:
    notes = value if isinstance(value, dict) else {}
    return "; ".join(f"{key} {notes[key]}" for key in IN_WORDS if key in notes)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, dict) for x in value)


def _kind(path: Path, old: Any, new: Any) -> Kind:
    if path[0] == "study":
        return Kind.FRAME if path[1] in FRAME else Kind.WORDS
    if path[0] in ASKED:
        return Kind.ASKED
    if path[0] == "sources" or path[-1] in IN_WORDS:
        return Kind.WORDS
    if path[0] == "arms" and len(path) == 2:
        return Kind.ARMS
    return Kind.SIMULATED


def assumptions(found: Iterable[Difference], most: int = MOST) -> tuple[Assumption, ...]:
    """What is simulated and differs, as few enough assumptions that each can be told.

    One by one where that makes no more than `most` of them; else by stage, team, effect and the
    like; else by the part of the file that they stand in.
    """
    moved = [each for each in found if each.kind is Kind.SIMULATED]
    structure = _comes_or_goes(moved)
    groups: dict[Path, list[Difference]] = {}
    for rule in (_finest(moved), _by_table, _by_part):
        groups = {}
        for each in moved:
            whole = structure and each.path[0] in PATHWAY
            groups.setdefault(() if whole else rule(each.path), []).append(each)
        if len(groups) <= most:
            break
    return tuple(Assumption(_name(path, group), tuple(group)) for path, group in groups.items())


def _by_table(path: Path) -> Path:
    return path[:2]


def _by_part(path: Path) -> Path:
    return path[:1]


def _name(path: Path, group: Sequence[Difference]) -> str:
    if not path:
        return "the pathway and its teams"
    return dotted(path) if group[0].path == path else f"{dotted(path)}.*"


def _comes_or_goes(moved: Iterable[Difference]) -> bool:
    """Whether a stage, a team or the like is in one of the two only."""
    return any(
        each.path[0] in PATHWAY and len(each.path) == 2 and each.is_one_sided for each in moved
    )


def _finest(moved: Sequence[Difference]) -> Callable[[Path], Path]:
    """One by one, but for what must move together."""
    unsteady = {
        each.path[:-1]
        for each in moved
        if each.is_one_sided and len(each.path) > 2 and each.path[-2] not in NAMED
    }

    def rule(path: Path) -> Path:
        for pattern in TOGETHER:
            head = path[: len(pattern)]
            if len(head) == len(pattern) and all(
                want in ("*", part) for want, part in zip(pattern, head, strict=True)
            ):
                return head
        above = (path[:depth] for depth in range(2, len(path)))
        return next((table for table in above if table in unsteady), path)

    return rule


def between(first: Study, second: Study, moved: Iterable[Assumption], arms: Sequence[str]) -> Study:
    """The first study with some assumptions of the second, without any claims.

    Args:
        first: what the others are left at.
        second: where the moved ones come from.
        moved: assumptions in which they differ.
        arms: which arms to keep, the baseline among them.

    Raises:
        ConfigError: those numbers do not go together.
    """
    tables = {
        key: value for key, value in tomllib.loads(first.resolved).items() if key not in UNREAD
    }
    tables["arms"] = {key: arm for key, arm in tables["arms"].items() if key in arms}
    for assumption in moved:
        for each in assumption.differences:
            _put(tables, each.path, each.after)
    # a number whose source stands above it in the other file has one here too
    tables.setdefault("assumption", "taken from the other of two scenarios that are compared")
    return loads(write(tables), "between the two scenarios")


def _put(tables: Table, path: Path, value: object) -> None:
    """Set or take out what stands at a path, in place; an arm that is left out has nothing."""
    at: Any = tables
    if path[0] == "arms" and path[1] not in tables["arms"]:
        return
    for part in path[:-1]:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    if value is MISSING:
        at.pop(path[-1], None)
    else:
        at[path[-1]] = copy.deepcopy(value)


def in_words(value: object) -> str:
    """A value as a reader of the file knows it.

    >>> in_words(MISSING), in_words({"value": 1200.0, "p10": 960, "p90": 1560}), in_words(True)
    ('none', '1200 (960 to 1560)', 'true')
    """
    if value is MISSING:
        return "none"
    if isinstance(value, Mapping) and is_number(value.get("value")):
        low, high = (value.get(a, value.get(b)) for a, b in (("p10", "low"), ("p90", "high")))
        spread = f" {value['spread']}" if "spread" in value else ""
        if low is None or high is None:
            return f"{number_text(value['value'])}{spread}"
        ends = f"{number_text(low)} to {number_text(high)}"
        return f"{number_text(value['value'])} ({ends}{spread and ','}{spread})"
    if isinstance(value, Mapping):
        value = {key: item for key, item in value.items() if key != "defaults"}
    return value if isinstance(value, str) else value_text(value)
