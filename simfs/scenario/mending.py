"""Stand-ins for values that do not fit, so that the rest of a file can still be checked.

A file with a wrong type in one table may break a rule in another; both are to come out at once.
The stand-ins never leave the checks: a file that needed one is refused.
"""

import copy
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from simfs.errors import Problem
from simfs.scenario.forms import FileForm
from simfs.scenario.text import Table
from simfs.scenario.wording import form_at

ROUNDS = 4
CANDIDATES: tuple[Any, ...] = (1, 0.5, "days", "x", True, date(2023, 4, 1), {}, [], [1])
# what a run's dates decide cannot be judged while the study's own table is wrong
DATED = (".from", ".to", ".per_year", ".go_live", ".changes", ".staffing", ".sd")


def mended(tables: Table) -> FileForm | None:
    """The form of tables with stand-ins for what does not fit; None where nothing helps."""
    tables = copy.deepcopy(tables)
    for _ in range(ROUNDS):
        try:
            return FileForm.model_validate(tables)
        except ValidationError as error:
            for detail in error.errors():
                _mend(tables, detail["loc"], detail["type"] == "extra_forbidden")
    return None


def _mend(tables: Table, loc: Sequence[str | int], surplus: bool) -> None:
    at: Any = tables
    for part in loc[:-1]:
        inside = at.get(part) if isinstance(at, dict) else None
        if isinstance(at, list) and isinstance(part, int) and part < len(at):
            inside = at[part]
        if not isinstance(inside, dict | list):
            _put(at, part, None)
            return
        at = inside
    _put(at, loc[-1], None if surplus else next(_stand_ins(loc), None))


def _put(at: Any, key: str | int, value: Any) -> None:
    if isinstance(at, list) and isinstance(key, int) and key < len(at):
        at[key] = value
    elif isinstance(at, dict) and value is None:
        at.pop(key, None)
    elif isinstance(at, dict):
        at[key] = value


def _stand_ins(loc: Sequence[str | int]) -> Iterator[Any]:
    """Values that would fit at a path."""
    at = form_at([str(part) for part in loc])
    kind: Any = at
    if isinstance(at, FieldInfo):
        kind = Annotated[(at.annotation, *at.metadata)] if at.metadata else at.annotation
    if kind is None:
        return
    adapter = TypeAdapter(kind)
    for candidate in CANDIDATES:
        try:
            adapter.validate_python(candidate, strict=True)
        except ValidationError:
            continue
        yield candidate


def independent(found: Sequence[Problem], earlier: Sequence[Problem]) -> list[Problem]:
    """Problems that are not merely the echo of an earlier one in the same table."""
    spoilt = {_table(problem.path) for problem in earlier}
    no_dates = any(place[:1] == ("study",) for place in spoilt)
    return [
        problem
        for problem in found
        if _table(problem.path) not in spoilt and not (no_dates and problem.path.endswith(DATED))
    ]


def _table(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")[:2])
