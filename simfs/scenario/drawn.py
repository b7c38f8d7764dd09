"""A scenario in one draw: the numbers that a draw moves, put back where the file has them.

A draw changes numbers of the checked form, closes the shares that must sum to one, and has the
scenario built again from it; so whatever the file may hold, a draw may move.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
from pydantic import BaseModel

from simfs.errors import Problem
from simfs.scenario import build
from simfs.scenario import forms as f
from simfs.scenario.mechanisms import without
from simfs.scenario.quantities import Quantity, Spread
from simfs.scenario.scenario import Scenario
from simfs.scenario.sources import Path, dotted
from simfs.scenario.spreads import limits


@dataclass(frozen=True, slots=True, eq=False)
class Blueprint:
    """What a scenario is built from again when a draw moves its numbers.

    Attributes:
        form: the checked form of the arm, with central values.
        arm: key of the arm.
        paths: where the numbers stand that a draw may move, by dotted path.
    """

    form: f.FileForm
    arm: str
    paths: Mapping[str, Path]

    def scenario(
        self, values: Mapping[str, float], off: tuple[tuple[str, Scenario], ...] = ()
    ) -> Scenario:
        """The scenario with these values, by dotted path, and without these mechanisms."""
        moved = {
            path: float(np.clip(values[key], *limits(path)))
            for key, path in self.paths.items()
            if key in values
        }
        form = closed(with_values(self.form, moved), moved)
        built = build.scenario(self.arm, form)
        for key, baseline in off:
            built = without(built, key, baseline)
        return built


def in_draw(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario in a draw; the same one where the draw moves none of its own numbers.

    Raises:
        RuntimeError: the scenario was changed after it was loaded, so it cannot be built again.
    """
    blueprint = cast("Blueprint | None", scenario.blueprint)
    if blueprint is None or not _moves(scenario, values):
        return scenario
    if not _is_as_built(scenario):
        raise RuntimeError(f"arm {scenario.arm!r} was changed by hand and has numbers to draw")
    drawn = blueprint.scenario(values, scenario.off)
    return replace(drawn, arm=scenario.arm, label=scenario.label)


def _moves(scenario: Scenario, values: Mapping[str, float]) -> bool:
    """Whether a draw moves anything: the central one moves nothing."""
    together = scenario.ensemble.paths if scenario.ensemble else ()
    return any(path in values for path in together) or any(
        values.get(one.path, one.value) != one.value for one in scenario.free
    )


@lru_cache(maxsize=512)  # more than the plans of most grids, whose draws ask for each in turn
def _is_as_built(scenario: Scenario) -> bool:
    built = cast(Blueprint, scenario.blueprint).scenario({}, scenario.off)
    return _bare(built) == _bare(scenario)


def _bare(scenario: Scenario) -> Scenario:
    """A scenario without its name and what only a loaded one knows, for comparison."""
    return replace(scenario, arm="", label="", free=(), correlations=(), ensemble=None)


# Shares that sum to one


def share_tables(form: f.FileForm) -> Iterator[tuple[Path, tuple[Path, ...], str | None, float]]:
    """Every set of numbers that sums to one.

    Yields the table's path, the paths of its shares, which of them (by its key) takes what the
    drawn ones leave, or None for all others in proportion, and the cases of its Dirichlet
    distribution, or 0.
    """
    for key, stage in form.stages.items():
        place: Path = ("stages", key)
        banded = any(len(route.p) > 1 for route in stage.routes.values())
        for band in range(len(stage.age_bands) if banded else 1):
            paths = tuple(
                (*place, "routes", name, "p", *((band,) if len(route.p) > 1 else ()))
                for name, route in stage.routes.items()
            )
            yield place, paths, stage.remainder, stage.dirichlet or 0.0
    for key, split in form.splits.items():
        place = ("splits", key)
        yield place, tuple((*place, "shares", n) for n in split.shares), None, split.dirichlet or 0
    for key, homes in form.placement_mixes.items():
        place = ("placement_mixes", key)
        bands: list[tuple[Path, Iterable[str]]] = [
            ((*place, "by_age", i, "shares"), band.shares) for i, band in enumerate(homes.by_age)
        ]
        for at, shares in bands or [((*place, "shares"), homes.shares)]:
            yield place, tuple((*at, name) for name in shares), None, homes.dirichlet or 0.0
    for key, mix in form.age_mixes.items():
        place = ("age_mixes", key)
        yield place, tuple((*place, "shares", i) for i in range(len(mix.shares))), None, 0.0
    sizes = tuple(("families", "sizes", i) for i in range(len(form.families.sizes)))
    yield ("families",), sizes, None, form.families.dirichlet or 0.0


def dirichlets(form: f.FileForm, taken: Iterable[str]) -> tuple[list[Quantity], list[Problem]]:
    """The shares of Dirichlet distributions as quantities, each set divided by its sum later."""
    found: list[Quantity] = []
    wrong: list[Problem] = []
    spread_already = set(taken)
    for place, paths, _, cases in share_tables(form):
        if not cases:
            continue
        for path in paths:
            share = value_of(form, path)
            if dotted(path) in spread_already:
                wrong.append(
                    Problem(
                        dotted(path),
                        f"has a distribution of its own beside the dirichlet of {dotted(place)}; "
                        "take one of the two out",
                    )
                )
            elif share > 0:
                found.append(
                    Quantity(
                        dotted(path), share, "probability", Spread.GAMMA, share, share, cases=cases
                    )
                )
    return found, wrong


def value_of(form: f.FileForm, path: Sequence[str | int]) -> float:
    """The number of a form at a path; a number that stands for a list of one is that one.

    Raises:
        KeyError, IndexError, AttributeError, TypeError, ValueError: there is no single number.
    """
    at = at_path(form, path)
    if isinstance(at, list):
        if len(at) != 1:
            raise ValueError(f"{dotted(tuple(path))} is a list of {len(at)} numbers")
        at = at[0]
    return float(getattr(at, "value", at))


def at_path(form: f.FileForm, path: Sequence[str | int]) -> Any:
    """What stands at a path of a form.

    Raises:
        KeyError, IndexError, AttributeError, TypeError, ValueError: there is nothing.
    """
    at: Any = form
    for part in path:
        if isinstance(at, list):
            at = at[int(part)]
        elif isinstance(at, dict):
            at = at[str(part)]
        else:
            at = getattr(at, _field(at, str(part)))
    return at


def path_of(dotted_path: str) -> Path:
    """The path of a dotted one; whole numbers count the entries of an array."""
    return tuple(int(part) if part.isdigit() else part for part in dotted_path.split("."))


def _field(form: BaseModel, key: str) -> str:
    """The attribute of a form that a key of the file is."""
    for name, field in type(form).model_fields.items():
        if (field.alias or name) == key:
            return name
    raise KeyError(key)


def with_values(form: f.FileForm, values: Mapping[Path, float]) -> f.FileForm:
    """A copy of a form with other numbers at some paths; whole numbers stay whole."""
    out: Any = form
    for path, value in values.items():
        out = with_change(out, path, partial(_instead_of, value=value))
    return cast(f.FileForm, out)


def with_change(at: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """A copy of a form, a list or a table with what stands at a path changed."""
    if not path:
        return change(at)
    part, rest = path[0], path[1:]
    if isinstance(at, list):
        items = list(at)
        items[int(part)] = with_change(at[int(part)], rest, change)
        return items
    if isinstance(at, dict):
        return {**at, str(part): with_change(at[str(part)], rest, change)}
    name = _field(at, str(part))
    return at.model_copy(update={name: with_change(getattr(at, name), rest, change)})


def _instead_of(at: Any, value: float) -> Any:
    if isinstance(at, list):
        return [_instead_of(at[0], value)]
    if hasattr(at, "value"):
        return at.model_copy(update={"value": value})
    return round(value) if isinstance(at, int) and not isinstance(at, bool) else value


def closed(form: f.FileForm, drawn: Mapping[Path, float]) -> f.FileForm:
    """A form whose shares sum to one again after some of them were drawn.

    The stage's remainder takes what the drawn routes leave; elsewhere, and where the remainder was
    drawn itself, all that was not drawn does, in proportion. Drawn shares that are more than one
    together are divided by their sum.
    """
    changes: dict[Path, float] = {}
    for place, paths, remainder, cases in share_tables(form):
        moved = [path for path in paths if path in drawn]
        if not moved:
            continue
        total = math.fsum(value_of(form, path) for path in moved)
        others = [path for path in paths if path not in drawn]
        taker = () if cases else (*place, "routes", remainder)  # a Dirichlet has no remainder
        takes_all = [path for path in others if path[:4] == taker]
        changes |= _left(form, moved, others, takes_all, total)
    return with_values(form, changes)


def _left(
    form: f.FileForm, moved: list[Path], others: list[Path], takes_all: list[Path], total: float
) -> dict[Path, float]:
    """What each share is so that all sum to one."""
    rest = math.fsum(value_of(form, path) for path in others)
    fixed = rest - math.fsum(value_of(form, path) for path in takes_all)
    if takes_all and total + fixed <= 1:
        return dict.fromkeys(takes_all, 1 - total - fixed)
    if rest > 0 and total < 1:
        return {path: value_of(form, path) * (1 - total) / rest for path in others}
    gone = dict.fromkeys(others, 0.0)
    return gone | {path: value_of(form, path) / total for path in moved}
