"""Where each number comes from: taking notes off tables, and the ledger of every number."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simfs.errors import Problem
from simfs.scenario.form_parts import is_number
from simfs.scenario.quantities import Z90, Quantity, Spread
from simfs.scenario.scenario import LedgerEntry
from simfs.scenario.text import Table, number_text

Path = tuple[str | int, ...]
NOTE_KEYS = ("note", "source", "assumption", "grade", "defaults")
Notes = dict[Path, Table]


def dotted(path: Path) -> str:
    """A key path for people."""
    return ".".join(str(part) for part in path)


def _kept(path: Path) -> tuple[str, ...]:
    """Note keys that are the table's own keys there."""
    if path[:1] == ("claims",) and len(path) == 2:
        return ("source", "grade")
    if path[:1] in (("history",), ("published_staffing",)) and len(path) == 2:
        return ("source",)
    return ()


def take_notes(value: Any, notes: Notes, path: Path = ()) -> Any:
    """A copy of a table without the notes of its tables, which are put into `notes` by path."""
    if isinstance(value, list):
        return [take_notes(item, notes, (*path, i)) for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found = {key: value[key] for key in NOTE_KEYS if key in value}
    if found:
        notes[path] = found
    if len(path) == 3 and path[0] == "arms" and path[2] == "set":
        return {key: item for key, item in value.items() if key not in NOTE_KEYS}
    if not _is_list_of_keys(found.get("defaults", [])):
        found["note"] = found.pop("defaults")
    listed = found.get("defaults", ())
    return {
        key: take_notes(item, notes, (*path, key))
        for key, item in value.items()
        if (key not in NOTE_KEYS or key in _kept(path)) and key not in listed
    }


def _is_list_of_keys(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def note_problems(notes: Notes, known: Table) -> Iterator[Problem]:
    """Notes that are not words, grades that do not exist, sources that are not listed."""
    for path, found in notes.items():
        for key, value in found.items():
            place = dotted((*path, key))
            if key == "defaults":
                continue
            if not isinstance(value, str):
                yield Problem(place, f"must be words, got {value!r}; put them in quotes")
            elif key == "grade" and value not in ("A", "B", "C", "D", ""):
                yield Problem(place, f"grade must be A, B, C or D, got {value!r}")
            elif key in ("source", "assumption") and not value and path[:1] != ("claims",):
                yield Problem(place, f"is empty; say which, or leave {key} out")
            elif key == "source" and value and value not in known:
                listed = ", ".join(sorted(known)) or "none"
                yield Problem(
                    place,
                    f"unknown source {value!r}; add [sources.{value}] or use one of: {listed}",
                )


def covering(path: Path, notes: Notes) -> tuple[str, str, str]:
    """Source, assumption and grade of the nearest table at or above `path`."""
    source = assumption = grade = ""
    for depth in range(len(path), -1, -1):
        found = notes.get(path[:depth], {})
        if not (source or assumption):
            source, assumption = str(found.get("source", "")), str(found.get("assumption", ""))
        grade = grade or str(found.get("grade", ""))
    return source, assumption, grade


def numbers(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every number of a table with its path: a quantity is one, an array of numbers is one."""
    if is_number(value):
        yield path, value
    elif isinstance(value, dict):
        if is_number(value.get("value")):
            yield path, value
            return
        for key, item in value.items():
            if key not in NOTE_KEYS:
                yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        if value and all(is_number(item) for item in value):
            yield path, value
        else:
            for index, item in enumerate(value):
                yield from numbers(item, (*path, index))


UNITS = {
    "p": "probability",
    "per_year": "cases a year",
    "per_day": "probability a day",
    "posts": "posts",
    "caseload": "cases a worker",
    "handover_days": "days",
    "limit_days": "days",
    "opening": "children",
    "pounds": "£",
    "post_pounds": "£ a year",
    "need_multiples": "times",
    "growth": "share a year",
    "ratio": "ratio",
    "published": "ratio",
    "half_months": "months",
    "ninety_months": "months",
    "start_months": "months",
    "half_life_years": "years",
    "reference_dose": "percent",
    "share": "share",
    "needs": "probability",
    "early": "power",
    "value": "cases a year",
    "sizes": "probability",
    "earlier_plan": "probability",
    "shares": "share",
    "share_of_children": "share",
    "team_share": "share",
    "edges": "years",
    "age_bands": "years",
}
DEFAULT = "default of simfs"
EXEMPT = ("study", "sources")


def unsourced(tables: Table, notes: Notes) -> Iterator[Problem]:
    """Numbers that neither a source nor an assumption covers."""
    for path, _ in numbers({k: v for k, v in tables.items() if k not in EXEMPT}):
        source, assumption, _ = covering(path, notes)
        if not (source or assumption or _has_note(tables, path)):
            yield Problem(dotted(path), 'no source; add source = "…" or assumption = "…"')


GRADED = re.compile(r"practice_models\.[^.]+\.effects\.[^.]+\.ratio|costs\.[^.]+\.pounds")


def ungraded(ledger: Iterable[LedgerEntry]) -> Iterator[str]:
    """One warning for all effects and prices without a grade of their evidence."""
    found = [row.path for row in ledger if GRADED.fullmatch(row.path) and not row.grade]
    if found:
        others = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield (
            f'{found[0]}{others}: no grade of the evidence; add grade = "A" (published for the '
            'place) to "D" (assumed), or the report cannot say what the saving rests on'
        )


def _has_note(tables: Table, path: Path) -> bool:
    """Whether a table inside an arm's changes carries its own source."""
    value: Any = tables
    for part in path:
        value = value[part]
        if isinstance(value, dict) and (value.get("source") or value.get("assumption")):
            return True
    return False


def _unit(path: Path) -> str:
    """The unit of a number by the name of its key, or of the table it is in."""
    named = (UNITS.get(str(part)) for part in reversed(path[-2:]))
    return next((unit for unit in named if unit), "")


def _likely(table: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """What one draw in ten is below, and above; within the ends where a range has ends."""
    if "p10" in table and "p90" in table:
        return float(table["p10"]), float(table["p90"])
    if table.get("low") is None or table.get("high") is None:
        return None, None
    spread = Spread(table.get("spread", Spread.UNIFORM))
    drawn = Quantity(
        "", float(table["value"]), spread=spread, low=float(table["low"]), high=float(table["high"])
    )
    return drawn.at(-Z90), drawn.at(Z90)


def entry(path: Path, value: Any, notes: Notes, default: bool, unit: str = "") -> LedgerEntry:
    """The ledger's line of one number."""
    source, assumption, grade = covering(path, notes)
    if default:
        source, assumption, grade = "", DEFAULT, ""
    table = value if isinstance(value, dict) else {"value": value}
    number = table["value"]
    listed = number if isinstance(number, list) else [number]
    low, high = _likely(table)
    return LedgerEntry(
        path=dotted(path),
        value=", ".join(number_text(item) for item in listed),
        unit=str(table.get("unit", unit or _unit(path))),
        low=low,
        high=high,
        source=str(table.get("source", source)),
        assumption=str(table.get("assumption", assumption)),
        grade=str(table.get("grade", grade)),
    )
