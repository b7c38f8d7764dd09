"""A fitted scenario as a file: its best numbers, an ensemble of others, and how well it fits."""

import os
from pathlib import Path
from typing import Any, cast

from simfs.errors import StoreError, UsageError
from simfs.experiment.fitting import Fit, Model, counted, fit, openings
from simfs.experiment.observed import Observed
from simfs.scenario.config import load
from simfs.scenario.drawn import Blueprint, share_tables, value_of
from simfs.scenario.fit import FitRow
from simfs.scenario.forms import FileForm
from simfs.scenario.scenario import Study
from simfs.scenario.sources import Path as KeyPath
from simfs.scenario.sources import dotted
from simfs.scenario.text import Table, write

SHOWN_DIGITS = 4
FITTED = "fitted to published counts of {authority}, {first} to {last}: simfs calibrate"


def fitted(
    study: Study, observed: Observed, authority: str, *, seed: int, members: int
) -> tuple[Model, Fit]:
    """The fit of a study's baseline to the counts of an authority.

    Raises:
        UsageError: the scenario says nothing of how it is fitted, or counts are missing.
    """
    plan = study.calibration
    if plan is None:
        raise UsageError(
            f"{study.name} has no [calibration]: name its free numbers and the counts they are to "
            "reproduce; configs/bury.toml shows how"
        )
    scenario = study.arm(study.baseline)
    form = cast(Blueprint, scenario.blueprint).form
    model = Model(form, scenario.arm, plan.levers, plan.targets)
    counts = counted(plan.targets, observed, authority, plan.years)
    metrics = [] if form.calibration is None else [t.metric for t in form.calibration.targets]
    return model, fit(model, counts, metrics, seed=seed, members=members)


def authority_of(study: Study, observed: Observed, named: str | None) -> str:
    """The authority that a study is about: the one that is named, or that has the study's name.

    Raises:
        UsageError: there is none.
    """
    if named is not None:
        observed.check(named)
        return named
    alike = [one for one in observed.counts if one.lower() == study.name.lower()]
    if len(observed.counts) == 1:
        alike = list(observed.counts)
    if not alike:
        raise UsageError(
            f"{observed.name} has no authority {study.name!r}; say which with --authority: "
            f"{', '.join(sorted(observed.counts))}"
        )
    return alike[0]


def calibrated_text(study: Study, model: Model, found: Fit, authority: str, extends: str) -> str:
    """The calibrated scenario, as a file that extends the one it was fitted from."""
    first, last = study.calibration.years if study.calibration else (0, 0)
    reason = FITTED.format(authority=authority, first=first, last=last)
    best = model.form_at(found.scores)
    numbers = model.values(found.scores) | openings(model, found.scores)
    for _, paths, _, _ in share_tables(best):
        closed = {path: value_of(best, path) for path in paths}
        numbers |= {p: share for p, share in closed.items() if share != value_of(model.form, p)}
    tables: Table = {
        "study": {"name": f"{study.name}_calibrated", "title": f"{study.title}, calibrated"}
    }
    for path, value in sorted(numbers.items(), key=lambda item: dotted(item[0])):
        if isinstance(path[-1], int):  # one of several numbers in brackets: write them all
            _set(tables, path[:-1], several(best, path[:-1]), reason)
        else:
            _set(tables, path, value, reason)
    parameters = [dotted(path) for path in _parameters(model, found)]
    tables["ensemble"] = {
        "parameters": parameters,
        "members": _members(model, found),
        "assumption": f"{reason}; {len(found.members)} fits nearly as good",
        "grade": "C",
    }
    tables["fit"] = [_row(row) | {"assumption": reason} for row in found.rows]
    return f'{_head(found)}extends = "{extends}"\n\n{write(tables)}'


def several(form: FileForm, path: KeyPath) -> list[float]:
    """The numbers in brackets at a path."""
    numbers: list[float] = []
    while True:
        try:
            numbers.append(value_of(form, (*path, len(numbers))))
        except IndexError:
            return numbers


def _head(found: Fit) -> str:
    best, before = found.objective
    return (
        "# Written by simfs calibrate; the scenario below with its free numbers fitted to counts.\n"
        f"# Objective (misfit and distance from what was believed before): {before:.1f} as the\n"
        f"# file stood, {best:.1f} at the best fit, of {len(found.rows)} counts.\n\n"
    )


def _parameters(model: Model, found: Fit) -> list[KeyPath]:
    return [*model.values(found.scores), *openings(model, found.scores)]


def _members(model: Model, found: Fit) -> list[list[float]]:
    paths = _parameters(model, found)
    rows = []
    for scores in found.members:
        values = model.values(scores) | openings(model, scores)
        rows.append([values[path] for path in paths])
    return rows


def _set(tables: Table, path: KeyPath, value: float | list[float], reason: str) -> None:
    at: Any = tables
    for part in path[:-1]:
        at = at.setdefault(str(part), {})
    at[str(path[-1])] = value
    at["assumption"] = reason


def _row(row: FitRow) -> dict[str, Any]:
    numbers = ("observed", "error", "before", "fitted", "low", "high")
    return {"label": row.label, "metric": row.metric} | {
        name: float(f"{getattr(row, name):.{SHOWN_DIGITS}g}") for name in numbers
    }


def fit_table(found: Fit) -> str:
    """How well each count was met, in words and at most 100 columns."""
    lines = [f"{'':48}{'counted':>18}{'before':>9}{'fitted (80% of ensemble)':>25}"]
    for row in found.rows:
        digits = 2 if row.observed < 2 else 1 if row.observed < 100 else 0
        counted_ = f"{row.observed:.{digits}f} ± {row.error:.{digits}f}"
        told = f"{row.fitted:.{digits}f} ({row.low:.{digits}f} to {row.high:.{digits}f})"
        lines.append(f"{row.label[:47]:48}{counted_:>18}{row.before:>9.{digits}f}{told:>25}")
    best, before = found.objective
    lines.append(f"Objective: {before:.1f} as the file stands, {best:.1f} fitted")
    return "\n".join(lines)


def check_beside(path: Path, config: Path, *, force: bool) -> None:
    """Refuse a place where a file that extends another may not stand, before it is worked out.

    Args:
        path: where it is to go.
        config: the file that it will extend.
        force: replace what is there.

    Raises:
        UsageError: what is wrong with it, and the way out.
    """
    if path.suffix != ".toml":
        raise UsageError(f"{path}: the name of a scenario file must end in .toml")
    if path.exists() and not force:
        raise UsageError(f"{path} exists; --force replaces it, --out names another file")
    if path.resolve().parent != config.resolve().parent:
        raise UsageError(f"{path}: must be in the folder of {config}, which it extends")


def write_checked(path: Path, content: str, force: bool) -> None:
    """Write a scenario file that loads, or nothing.

    Raises:
        StoreError: it exists already.
        ConfigError: it does not load.
    """
    if path.exists() and not force:
        raise StoreError(f"{path} exists; --force replaces it, --out names another file")
    # beside the file, where what it extends is found
    trial = path.with_name(f".{path.stem}-{os.getpid()}.toml")
    try:
        trial.write_text(content, encoding="utf-8")
        load(trial)
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)
