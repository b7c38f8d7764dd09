"""The complete file: defaults filled in and marked, as text that loads again, with its ledger.

What was left out is listed under `defaults` in its own table; a key listed there whose value is
still the default is read as left out, so a complete file loads to the study it was written from.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from simfs.scenario.forms import FileForm
from simfs.scenario.scenario import LedgerEntry
from simfs.scenario.sources import EXEMPT, Notes, Path, entry, numbers
from simfs.scenario.text import Table, write

# they say how the model is fitted and tested; nothing is simulated from them
NOT_OF_THE_MODEL = ("presets", "ensemble", "calibration", "fit", "backtest", "history")
LABELLED = (
    ("counts",),
    ("exits",),
    ("needs",),
    ("streams",),
    ("placements",),
    ("workforces",),
    ("teams",),
    ("stages",),
    ("stages", "*", "routes"),
    ("costs",),
    ("practice_models",),
    ("practice_models", "*", "effects"),
    ("practice_models", "*", "investments"),
    ("presets",),
    ("drift",),
    ("calibration", "free"),
    ("backtest", "levers"),
    ("arms",),
)

UNITS: dict[Path, str] = {  # of staff and practice; where a key has two meanings, with its table
    ("turnover",): "share a year",
    ("recruitment_days",): "days",
    ("vacancy",): "share",
    ("agency_share",): "share",
    ("agency_days",): "days",
    ("agency_gap_days",): "days",
    ("absence",): "share",
    ("newly_qualified", "caseload"): "share of a caseload",
    ("months",): "months",
    ("vacant",): "posts",
    ("agency",): "posts",
    ("slip_months",): "months",
    ("staffing_late_months",): "months",
    ("seats",): "seats",
    ("every_months",): "months",
    ("skill_first",): "share",
    ("skill_months",): "months",
    ("reference",): "share",
    ("service_crisis", "per_year"): "chance a year",
    ("half_life_months",): "months",
    ("sd",): "of the logarithm",
    ("fall",): "share",
    ("chance",): "probability",
    ("years",): "years",
    ("returns_to",): "multiple of the opening level",
}


def words(key: str) -> str:
    """A key in words for people.

    >>> words("child_protection")
    'Child protection'
    """
    said = re.sub(r"[_-]+", " ", key).strip()
    return said[:1].upper() + said[1:]


def filled(bare: Table) -> Table:
    """A copy with the defaults that depend on their surroundings written in."""
    out: Table = copy.deepcopy(bare)
    exits = out.setdefault("exits", {})
    if isinstance(exits, dict):
        exits.setdefault("eighteen", {"label": "Turned 18"})
    for pattern in LABELLED:
        for key, table in _tables_at(out, pattern):
            table.setdefault("label", words(key))
    for key, route in _tables_at(out, ("stages", "*", "routes")):
        route.setdefault("to", key)
    for _, stage in _tables_at(out, ("stages",)):
        stage.setdefault("without_worker", "holds" if "team" in stage else "runs")
    for _, team in _tables_at(out, ("teams",)):
        specialist = team.get("kind") == "specialist"
        team.setdefault("unit", "families" if specialist else "children")
    study, arms = out.get("study"), out.get("arms")
    if isinstance(study, dict):
        study.setdefault("title", words(str(study.get("name", ""))))
        if isinstance(arms, dict) and len(arms) == 1:
            study.setdefault("baseline", next(iter(arms)))
    return out


def _tables_at(tables: Any, pattern: Sequence[str]) -> Iterator[tuple[str, Table]]:
    """The sub-tables of a table; `*` stands for any key."""
    if not isinstance(tables, dict):
        return
    if not pattern:
        yield from ((k, v) for k, v in tables.items() if isinstance(v, dict))
    elif pattern[0] == "*":
        for value in tables.values():
            yield from _tables_at(value, pattern[1:])
    else:
        yield from _tables_at(tables.get(pattern[0]), pattern[1:])


def complete(form: FileForm, bare: Table, notes: Notes) -> Table:
    """The file's tables with nothing left implicit."""
    dump = form.model_dump(by_alias=True, exclude_none=True)
    out = _with_notes(dump, bare, notes, ())
    assert isinstance(out, dict)
    return out


def text_and_ledger(tables: Table, notes: Notes) -> tuple[str, tuple[LedgerEntry, ...]]:
    """A complete file as text, and the ledger of its numbers in order of path."""
    used = {k: v for k, v in tables.items() if k not in (*EXEMPT, *NOT_OF_THE_MODEL)}
    lines = [
        entry(path, value, notes, _is_default(tables, path), _enclosing(tables, path))
        for path, value in numbers(used)
    ]
    return write(tables), tuple(sorted(lines, key=lambda line: line.path))


def edited_defaults(tables: Table, notes: Notes, finished: Table) -> list[tuple[Path, str]]:
    """Keys listed as defaults whose value in the file is another: somebody changed it."""
    out: list[tuple[Path, str]] = []
    for path, found in notes.items():
        table, now = value_at(tables, path), value_at(finished, path)
        for key in found.get("defaults", ()):
            if isinstance(table, dict) and key in table:
                default = now.get(key) if isinstance(now, dict) else None
                if table[key] != default:
                    out.append((path, key))
    return out


def value_at(value: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _is_default(tables: Table, path: Path) -> bool:
    """Whether the number, or a table around it, was left out and filled in."""
    at: Any = tables
    for part in path:
        if isinstance(at, dict) and part in at.get("defaults", ()):
            return True
        at = at[part]
    return False


def _enclosing(tables: Table, path: Path) -> str:
    """The unit that the table around a number gives, as stays and claims do."""
    if "stay" in path and "shape" not in path and "shares" not in path:
        return str(value_at(tables, (*path[: path.index("stay") + 1], "unit")) or "")
    if path[0] == "claims":
        return str(value_at(tables, (*path[:2], "unit")) or "")
    said = (UNITS.get(path[-2:]), UNITS.get(path[-1:]))
    return next((unit for unit in said if unit), "")


def _short(value: Any, path: Path) -> Any:
    """The short way to write a value: a number for a table or an array of one number."""
    if isinstance(value, list):
        values = [_short(item, path) for item in value]
        return values[0] if len(values) == 1 and path[-1:] in (("p",), ("per_year",)) else values
    if isinstance(value, dict):
        if list(value) in (["value"], ["children"]):
            return next(iter(value.values()))
        return {k: s for k, v in value.items() if (s := _short(v, (*path, k))) not in ({}, [])}
    return value


def _with_notes(value: Any, given: Any, notes: Notes, path: Path) -> Any:
    """What was given keeps its notes; what was left out is listed under `defaults`."""
    if isinstance(value, list):
        values = [
            _with_notes(item, value_at(given, (i,)), notes, (*path, i))
            for i, item in enumerate(value)
        ]
        single = len(values) == 1 and not isinstance(given, list)
        return values[0] if single and path[-1] in ("p", "per_year") else values
    if not isinstance(value, dict) or (len(path) == 3 and path[0] == "arms"):
        return value
    if not isinstance(given, dict):
        return _short(value, path)
    found = notes.get(path, {})
    out: Table = {}
    left_out: list[str] = []
    for key, item in value.items():
        if key in given:
            out[key] = _with_notes(item, given[key], notes, (*path, key))
        elif (short := _short(item, (*path, key))) not in ({}, []):
            out[key] = short
            left_out.append(key)
    kept = {key: found[key] for key in ("source", "assumption", "grade", "note") if key in found}
    marks = {"defaults": sorted(left_out)} if left_out else {}
    return {**out, **kept, **marks}
