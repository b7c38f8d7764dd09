"""Which numbers a draw moves beside those that the model's own quantities are, and how they join.

Each rule yields a `Problem` (the file is refused).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.drawn import dirichlets, path_of, value_of
from simfs.scenario.form_parts import Form, QuantityForm
from simfs.scenario.quantities import (
    Correlation,
    Ensemble,
    Quantity,
    correlation_matrix,
)
from simfs.scenario.sources import Path, dotted
from simfs.scenario.spreads import Spreads, limits, quantities
from simfs.scenario.wording import form_at, keys_of, nearest


@dataclass(frozen=True, slots=True)
class Free:
    """The numbers of a form that a draw moves, beyond its own quantities.

    Attributes:
        quantities: with distributions of their own, in order of path.
        paths: where they stand, and those of the ensemble, by dotted path.
        correlations: between any numbers that are drawn.
        ensemble: numbers that a draw takes together, or None.
    """

    quantities: tuple[Quantity, ...]
    paths: Mapping[str, Path]
    correlations: tuple[Correlation, ...]
    ensemble: Ensemble | None


NOTHING_FREE = Free((), {}, (), None)


def free_numbers(form: f.FileForm, spreads: Spreads) -> tuple[Free, list[Problem]]:
    """What a draw moves, and what is wrong with how the file says so."""
    own, wrong = quantities({_whole(form, path): table for path, table in spreads.items()})
    shares, overlapping = dirichlets(form, [one.path for one in own])
    wrong += overlapping
    free = sorted((*own, *shares), key=lambda one: one.path)
    paths = {one.path: path_of(one.path) for one in free}
    drawn = dict(_own_quantities(form)) | {one.path: one.group for one in free}
    wrong += _uneven(form, paths)
    wrong += _correlation_problems(form, drawn)
    if form.ensemble is not None:
        wrong += _ensemble_problems(form, form.ensemble, drawn)
        paths |= {path: path_of(path) for path in form.ensemble.parameters}
    return Free(tuple(free), paths, _correlations(form), _ensemble(form)), wrong


def _whole(form: f.FileForm, path: Path) -> Path:
    """The path of a number, without its place in an array that holds nothing else."""
    try:
        value_of(form, path[:-1])
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        return path
    return path[:-1] if path[-1] == 0 else path


def _uneven(form: f.FileForm, paths: Mapping[str, Path]) -> Iterator[Problem]:
    """Stages of which some routes have a chance for each age band and some one for all."""
    for key, stage in form.stages.items():
        chances = [path for path in paths.values() if path[:2] == ("stages", key) and "p" in path]
        drawn = stage.dirichlet or chances
        if drawn and len({len(route.p) for route in stage.routes.values()}) > 1:
            yield Problem(
                f"stages.{key}.routes",
                "some are drawn, so give p for every age band of every route, or one p for all",
            )


def _ensemble(form: f.FileForm) -> Ensemble | None:
    found = form.ensemble
    if found is None:
        return None
    return Ensemble(tuple(found.parameters), tuple(tuple(member) for member in found.members))


def _correlations(form: f.FileForm) -> tuple[Correlation, ...]:
    return tuple(Correlation(one.between[0], one.between[1], one.r) for one in form.correlations)


def _own_quantities(form: f.FileForm) -> Iterator[tuple[str, str]]:
    """(path, group) of the model's own quantities that have a spread."""

    def walk(value: object, path: Path) -> Iterator[tuple[str, str]]:
        if isinstance(value, QuantityForm):
            if value.ends != (value.value, value.value):
                yield dotted(path), value.group or ""
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from walk(item, (*path, key))
        elif isinstance(value, Form):
            for name in type(value).model_fields:
                yield from walk(getattr(value, name), (*path, name))

    for section in ("costs", "practice_models", "workforces", "drift", "reform"):
        yield from walk(getattr(form, section), (section,))


def _correlation_problems(form: f.FileForm, drawn: Mapping[str, str]) -> Iterator[Problem]:
    """Correlations of numbers that are not drawn, are in a group, or cannot hold together."""
    seen: set[frozenset[str]] = set()
    for number, one in enumerate(form.correlations):
        place = f"correlations.{number}.between"
        for path in one.between:
            if path not in drawn:
                yield Problem(
                    place, f"no number {path!r} has a distribution{nearest(path, sorted(drawn))}"
                )
            elif drawn[path]:
                yield Problem(
                    place,
                    f"{path!r} moves with group {drawn[path]!r} already; take it out of the group "
                    "or out of correlations",
                )
        if one.between[0] == one.between[1] or frozenset(one.between) in seen:
            yield Problem(place, f"{' and '.join(one.between)} are paired twice or with themselves")
        seen.add(frozenset(one.between))
    if not form.correlations:
        return
    _, matrix = correlation_matrix(_correlations(form))
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least <= 1e-10:
        yield Problem(
            "correlations",
            f"these correlations cannot hold together (their matrix is not positive definite: "
            f"least eigenvalue {least:.3g}); bring some of them nearer to 0",
        )


def _ensemble_problems(
    form: f.FileForm, ensemble: f.EnsembleForm, drawn: Mapping[str, str]
) -> Iterator[Problem]:
    """Members of the wrong length, numbers that do not exist, or are drawn otherwise."""
    for path in ensemble.parameters:
        try:
            value_of(form, path_of(path))
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            yield Problem(
                "ensemble.parameters",
                f"there is no single number {path!r} in this file; of several "
                "numbers in brackets name one, from 0: p.0",
            )
            continue
        if "spread" in keys_of(form_at(path.split("."))):
            yield Problem(
                "ensemble.parameters",
                f"{path!r} takes a range of its own; give it p10 and p90 there",
            )
        elif path in drawn:
            yield Problem(
                "ensemble.parameters",
                f"{path!r} has a distribution of its own; take one of the two out",
            )
    ends = [limits(path_of(path)) for path in ensemble.parameters]
    for number, member in enumerate(ensemble.members):
        if len(member) != len(ensemble.parameters):
            yield Problem(
                f"ensemble.members.{number}",
                f"has {len(member)} values for {len(ensemble.parameters)} parameters",
            )
            continue
        for path, value, (low, high) in zip(ensemble.parameters, member, ends, strict=True):
            if not (math.isfinite(value) and low <= value <= high):
                yield Problem(
                    f"ensemble.members.{number}",
                    f"{path} must be between {low:g} and {high:g}, got {value:g}",
                )
