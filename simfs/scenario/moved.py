"""One number of a scenario moved by itself: the same study with only that number another.

Everything else stays, as far as it can: shares sum to one, so what a route gains is taken from its
stage's remainder, and without one from the other routes in proportion. A list of chances, one for
each age band, is one number and is moved by a common multiple. Nothing is fitted anew: opening
stocks stay as they are, for both arms alike. A number with a range is then known; the others are
drawn as they were.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from pydantic import ValidationError

from simfs.errors import ConfigError
from simfs.scenario import build, checks, wording
from simfs.scenario import forms as f
from simfs.scenario.drawn import (
    Blueprint,
    at_path,
    closed,
    path_of,
    share_tables,
    value_of,
    with_change,
    with_values,
)
from simfs.scenario.form_parts import Form, QuantityForm, is_number
from simfs.scenario.mechanisms import without
from simfs.scenario.quantities import Ensemble
from simfs.scenario.scenario import Scenario, Study
from simfs.scenario.sources import Path
from simfs.scenario.spreads import INNER


def moved(study: Study, path: str, value: float) -> Study:
    """The study with one number moved, unchecked: `faults` says whether it may be.

    Args:
        study: as loaded.
        path: key path of the ledger; below ``arms.NAME.set`` only that arm changes.
        value: what it is to be; for a list of several numbers, the multiple of all.
    """
    reached = dict(reach(study, path))
    arms = tuple(
        _moved(scenario, reached[scenario.arm], value) if scenario.arm in reached else scenario
        for scenario in study.arms
    )
    return replace(study, arms=arms)


def faults(study: Study, path: str, value: float) -> str:
    """Why a number may not be moved to a value, in words; empty where it may."""
    seen: list[f.FileForm] = []
    for arm, inner in reach(study, path):
        form = form_of(study.arm(arm))
        if any(form is other for other in seen):
            continue
        seen.append(form)
        changed = with_number(form, place_of(form, inner), value)
        try:
            again = f.FileForm.model_validate(changed.model_dump(by_alias=True, exclude_none=True))
        except ValidationError as error:
            first = next(iter(wording.problems(error, {})))
            return f"{first.path}: {first.message}"
        found, _ = checks.check(again, [arm])
        if found:
            return f"{found[0].path}: {found[0].message}"
    return ""


def reach(study: Study, path: str) -> Iterator[tuple[str, str]]:
    """Arms that a number of the ledger reaches, each with the key path in its own form."""
    inside = path.split(".set.", 1)
    if path.startswith("arms.") and len(inside) == 2:
        yield inside[0].removeprefix("arms."), inside[1]
        return
    for scenario in study.arms:
        own = form_of(scenario).arms[scenario.arm].set
        if not any(path == key or path.startswith(f"{key}.") for key in own):
            yield scenario.arm, path


def form_of(scenario: Scenario) -> f.FileForm:
    """The checked form that an arm was built from.

    Raises:
        ConfigError: the scenario was made by hand.
    """
    if scenario.blueprint is None:
        raise ConfigError(scenario.arm, ())
    return cast(Blueprint, scenario.blueprint).form


def place_of(form: f.FileForm, dotted_path: str) -> Path:
    """Where a number of the ledger stands; a bare number may stand for a table with one key."""
    path = path_of(dotted_path)
    at = at_path(form, path)
    if isinstance(at, Form) and not hasattr(at, "value"):
        path = (*path, *INNER[str(path[-1])])
    return path


def is_list(form: f.FileForm, path: Path) -> bool:
    """Whether several numbers stand at a path."""
    at = at_path(form, path)
    return isinstance(at, list) and len(at) > 1


def with_number(form: f.FileForm, path: Path, value: float) -> f.FileForm:
    """A copy of a form with a number known to be another, and shares that sum to one again."""
    at = at_path(form, path)
    if is_list(form, path):
        changes = {(*path, i): value * entry for i, entry in enumerate(at) if is_number(entry)}
    elif isinstance(at, QuantityForm):
        known = QuantityForm(value=value, unit=at.unit)
        return cast(f.FileForm, with_change(form, path, lambda _: known))
    else:
        changes = {path: value}
    return closed(with_values(form, changes), changes)


def share_table_of(
    form: f.FileForm, path: Path
) -> tuple[tuple[Path, ...], Path | None, float] | None:
    """The shares that sum to one with the number at a path, the one that gives way, and its cases.

    The second is None where all others give way in proportion; the third is the cases of their
    Dirichlet distribution, or 0. None where the number is no such share.
    """
    for place, paths, remainder, cases in share_tables(form):
        if path in paths:
            taker = (*place, "routes", remainder)
            found = [other for other in paths if other[:4] == taker and other != path]
            return paths, found[0] if found else None, cases
    return None


def _moved(scenario: Scenario, path: str, value: float) -> Scenario:
    """One arm with a number moved, built again from its form."""
    blueprint = cast(Blueprint, scenario.blueprint)
    form = with_number(blueprint.form, place_of(blueprint.form, path), value)
    built = build.scenario(scenario.arm, form)
    for key, baseline in scenario.off:
        built = without(built, key, baseline)
    paths = {key: place for key, place in blueprint.paths.items() if key != path}
    return replace(
        built,
        free=tuple(one for one in scenario.free if one.path != path),
        # with its pairs, as the scores of the others hang together by way of them
        correlations=scenario.correlations,
        ensemble=_left(scenario.ensemble, path),
        blueprint=Blueprint(form, scenario.arm, paths),
    )


def _left(ensemble: Ensemble | None, path: str) -> Ensemble | None:
    """An ensemble without one of its numbers."""
    if ensemble is None or path not in ensemble.paths:
        return ensemble
    kept = [i for i, other in enumerate(ensemble.paths) if other != path]
    return Ensemble(
        tuple(ensemble.paths[i] for i in kept),
        tuple(tuple(member[i] for i in kept) for member in ensemble.members),
    )


def number_at(form: f.FileForm, path: Path) -> Any:
    """The number at a path, whole where the file's is; the numbers of a list as a list."""
    at = at_path(form, path)
    if isinstance(at, list) and len(at) > 1:
        return [getattr(item, "value", item) for item in at]
    whole = isinstance(at, int) and not isinstance(at, bool)
    return at if whole else value_of(form, path)
