"""Any number of a file may be a distribution: where they stand, what they may be, how they join.

A number is written as a table: ``{ central = 0.62, p10 = 0.5, p90 = 0.72, family = "beta" }``.
Where the file's form keeps quantities of its own (effects, prices, workforces) it stays as it is;
from every other place it is taken off here, its central value left behind, and a draw puts its own
value back (`simfs.scenario.drawn`). A table of shares may be a Dirichlet distribution instead.
"""

import math
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from simfs.errors import Problem
from simfs.scenario.build_parts import quantity
from simfs.scenario.form_parts import QuantityForm, is_number
from simfs.scenario.quantities import Quantity, Spread, mass_outside
from simfs.scenario.sources import Path, dotted
from simfs.scenario.text import Table
from simfs.scenario.wording import form_at, keys_of, problems

OTHER_WORDS = {"central": "value", "family": "spread"}
SPREAD_KEYS = ("spread", "p10", "p90", "low", "high", "group", "correlation", "unit")
# what is asked, and how the model is fitted and tested: no number of the model itself
NEVER_DRAWN = (
    "study", "sources", "claims", "arms", "presets", "correlations", "ensemble", "calibration",
    "fit", "backtest", "drift_targets", "history", "published_staffing",
    "mechanisms",
)  # fmt: skip
# where a bare number stands for a table, the key in it whose limits hold
INNER: dict[str, Path] = {
    "per_year": (0, "value"),
    "opening": ("children",),
    "own_work_share": ("share",),
}
MOST_OUTSIDE = 0.001  # share of the draws of a probability that may leave [0, 1]

Spreads = dict[Path, Table]


def in_plain_words(value: Any) -> Any:
    """The tables with `central` and `family` of a number under their other names."""
    if isinstance(value, list):
        return [in_plain_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    number = any(is_number(value.get(key)) for key in ("central", "value"))
    names = OTHER_WORDS if number else {}
    return {names.get(key, key): in_plain_words(item) for key, item in value.items()}


def take_spreads(value: Any, spreads: Spreads, path: Path = ()) -> Any:
    """A copy of tables with plain numbers where the form has them; the rest into `spreads`."""
    if isinstance(value, list):
        return [take_spreads(item, spreads, (*path, i)) for i, item in enumerate(value)]
    if not isinstance(value, dict) or (len(path) == 3 and path[0] == "arms"):
        return value
    if is_number(value.get("value")) and set(value) <= {"value", *SPREAD_KEYS} and _plain(path):
        spreads[path] = value
        return value["value"]
    return {key: take_spreads(item, spreads, (*path, key)) for key, item in value.items()}


def put_back(tables: Table, spreads: Spreads, notes: Mapping[Path, Table]) -> None:
    """Write the distributions into complete tables again, in place, with their notes."""
    for path, table in spreads.items():
        at: Any = tables
        for part in path[:-1]:
            at = at[part]
        kept = {k: v for k, v in notes.get(path, {}).items() if k != "defaults"}
        at[path[-1]] = {**table, **kept}


def _plain(path: Path) -> bool:
    """Whether the form has a plain number at a path that a draw may move, not a quantity."""
    if path[0] in NEVER_DRAWN or "histogram" in path:
        return False
    at = form_at([str(part) for part in path])
    return at is not None and "spread" not in keys_of(at) and "value" not in keys_of(at)


def limits(path: Path) -> tuple[float, float]:
    """What the form allows for the number at a path, both ends included."""
    low, high = -math.inf, math.inf
    if "stay" in path and path[-1] in ("mean", "median"):
        return 0.0, high
    path = (*path, *INNER.get(str(path[-1]), ()))
    for bound in _metadata(form_at([str(part) for part in path])):
        low = max(low, getattr(bound, "ge", None) or -math.inf, getattr(bound, "gt", -math.inf))
        if getattr(bound, "ge", None) == 0:
            low = max(low, 0.0)
        high = min(high, *(getattr(bound, name, math.inf) or math.inf for name in ("le", "lt")))
    return low, high


def _metadata(annotation: Any) -> Iterator[Any]:
    """The bounds that are noted anywhere inside a type."""
    if isinstance(annotation, FieldInfo):
        yield from annotation.metadata
        yield from _metadata(annotation.annotation)
        return
    for part in typing.get_args(annotation):
        yield from _metadata(part)


def quantities(spreads: Spreads) -> tuple[list[Quantity], list[Problem]]:
    """The numbers of `spreads` as quantities, and what is wrong with them."""
    found: list[Quantity] = []
    wrong: list[Problem] = []
    for path, table in spreads.items():
        try:
            form = QuantityForm.model_validate(table)
        except ValidationError as error:
            wrong += [
                Problem(".".join(x for x in (dotted(path), p.path) if x), p.message)
                for p in problems(error, table)
            ]
            continue
        low, high = limits(path)
        if form.spread is None and form.p10 is not None and (low, high) == (0, 1):
            form = form.model_copy(update={"spread": "beta"})
        try:
            one = quantity(QuantityForm.model_validate(form.model_dump()), dotted(path))
        except ValidationError as error:
            wrong += [Problem(dotted(path), p.message) for p in problems(error, table)]
            continue
        wrong += outside(dotted(path), one, low, high)
        if one.spread is not Spread.NONE:
            found.append(one)
    return found, wrong


def outside(place: str, number: Quantity, low: float, high: float) -> Iterator[Problem]:
    """A problem where too much of a distribution lies outside what a number may be."""
    share = mass_outside(number, low, high)
    if share > MOST_OUTSIDE:
        ends = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} and above"
        way_out = 'use family = "beta" or narrow it' if (low, high) == (0, 1) else "narrow it"
        yield Problem(
            place,
            f"{100 * share:.2g}% of the draws about {number.value:g} ({number.spread.value}, "
            f"{number.low:g} to {number.high:g}) fall outside {ends}; {way_out}",
        )
