"""Changes to a file's tables before they are checked: `--set`, presets, arms."""

import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simfs.errors import Problem, UsageError
from simfs.scenario.form_parts import is_number
from simfs.scenario.practice_forms import PresetForm
from simfs.scenario.sources import (
    EXEMPT,
    NOTE_KEYS,
    Notes,
    Path,
    note_problems,
    numbers,
    take_notes,
    unsourced,
)
from simfs.scenario.spreads import in_plain_words
from simfs.scenario.text import Table
from simfs.scenario.wording import form_at, keys_of, legal_keys, nearest, problems, takes_any_key

# What is set takes the place of the other way to say it.
INSTEAD = {"vacancy": "recruitment_days", "recruitment_days": "vacancy"}


def change_of(item: str) -> tuple[tuple[str, ...], Any]:
    """Path and value of ``a.b.c=VALUE``; a bare word is text.

    >>> change_of("teams.safeguarding.posts=30")
    (('teams', 'safeguarding', 'posts'), 30)
    """
    key, equals, value = item.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {item}: write it as key.path=value")
    try:
        parsed = tomllib.loads(f"v = {value.strip()}")["v"]
    except (tomllib.TOMLDecodeError, RecursionError):
        parsed = value.strip()
    return tuple(key.strip().split(".")), in_plain_words(parsed)


def put(tables: Table, path: Sequence[str], value: Any, reason: str) -> None:
    """Change one value in place, at a path that exists or is a legal key.

    A number put in place of one with a spread is taken as known, and a way of saying something
    takes the place of the other. Where nothing above has a source, the table gets `reason` as its
    assumption.

    Raises:
        UsageError: no such path; names the nearest.
    """
    at: Any = tables
    for depth, part in enumerate(path):
        if path[0] == "arms" and depth == 3 and path[2] == "set":
            at[".".join(path[3:])] = value
            return
        key = _known_key(at, path, depth)
        if depth == len(path) - 1:
            old = at[key] if isinstance(at, list) else at.get(key)
            at[key] = _in_place_of(old, value)
            if key in INSTEAD and isinstance(at, dict):
                at.pop(INSTEAD[key], None)
            _cover(tables, path, at, value, reason)
        elif isinstance(at, list):
            at = at[int(part)]
        else:
            if is_number(at.get(key)) and "value" in keys_of(form_at(path[: depth + 1])):
                at[key] = {"value": at[key]}
            at = at.setdefault(key, {})


def _known_key(at: Any, path: Sequence[str], depth: int) -> Any:
    """The key or index at this depth of a path; UsageError where there is none."""
    place, part = ".".join(path[:depth]) or "the file", path[depth]
    if not isinstance(at, dict | list):
        raise UsageError(f"{'.'.join(path)}: {place} is no table, but {at!r}; change that first")
    known = legal_keys(path[:depth], at)
    # tables of tables have names below them, and notes are no name that anybody looks for
    names = [key for key in known if depth != 1 or key not in NOTE_KEYS]
    if part not in known and not takes_any_key(path[:depth]):
        raise UsageError(f"{'.'.join(path)}: {place} has no key {part!r}{nearest(part, names)}")
    return int(part) if isinstance(at, list) else part


def _in_place_of(old: Any, value: Any) -> Any:
    """A number keeps the unit and source of the quantity it replaces, and loses its spread."""
    if isinstance(old, dict) and "value" in old and is_number(value):
        kept = {k: old[k] for k in ("unit", "source", "assumption", "grade") if k in old}
        return {"value": value, **kept}
    return value


def _cover(tables: Table, path: Sequence[str], at: Any, value: Any, reason: str) -> None:
    """Give a changed number a reason where nothing at or above it has a source."""
    if path[0] in EXEMPT or not any(numbers(value)) or not isinstance(at, dict):
        return
    step: Any = tables
    for part in (*path, None):
        if isinstance(step, dict) and (step.get("source") or step.get("assumption")):
            return
        if isinstance(step, dict) and part is not None:
            step = step.get(part)
        elif isinstance(step, list) and part is not None:
            step = step[int(part)]
    at["assumption"] = reason


PRESETS = TypeAdapter(dict[str, dict[str, PresetForm]])


def preset_problems(tables: Table) -> list[Problem]:
    """Faults of every preset, those not in force included."""
    presets = tables.get("presets", {})
    around = {k: v for k, v in tables.items() if k in NOTE_KEYS}
    notes: Notes = {}
    bare = take_notes({**around, "presets": presets}, notes)
    sources = tables.get("sources")
    found = [*note_problems(notes, sources if isinstance(sources, dict) else {})]
    found += unsourced(bare, notes)
    try:
        PRESETS.validate_python(bare)
    except ValidationError as error:
        found += problems(error, bare)
    known = sorted(
        {key for m in _tables(tables.get("practice_models")) for key in _keys(m.get("effects"))}
    )
    for name, preset in presets.items() if isinstance(presets, dict) else ():
        for key in _keys(preset.get("effects")) if isinstance(preset, dict) else ():
            if key not in known:
                place = f"presets.{name}.effects.{key}"
                found.append(
                    Problem(place, f"no practice model has this effect{nearest(key, known)}")
                )
    return found


def bake_preset(tables: Table) -> Iterator[Problem]:
    """Move what the preset in force says into the practice models; other presets go.

    Each number takes its own source along, so the ledger names the preset's and not the model's.
    """
    study, presets = tables.get("study"), tables.get("presets", {})
    name = study.get("preset") if isinstance(study, dict) else None
    if not isinstance(name, str) or not isinstance(presets, dict):
        return
    preset = presets.get(name)
    if not isinstance(preset, dict):
        yield Problem("study.preset", f"unknown preset {name!r}{nearest(name, list(presets))}")
        return
    notes: Notes = {}
    take_notes(presets, notes)
    tables["presets"] = {name: {k: v for k, v in preset.items() if k != "effects"}}
    effects = preset.get("effects")
    for key, change in effects.items() if isinstance(effects, dict) else ():
        if isinstance(change, dict):
            cover = _cover_of(notes, (name, "effects", key))
            _bake_effect(_tables(tables.get("practice_models")), key, change, cover)


def _tables(value: Any) -> list[Table]:
    """The tables in a table."""
    items = value.values() if isinstance(value, dict) else ()
    return [item for item in items if isinstance(item, dict)]


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _bake_effect(models: list[Table], key: str, change: Table, cover: Table) -> None:
    """What a preset says of one effect, put into every model that has it."""
    said = {k: _with_cover(v, cover) for k, v in change.items() if k not in cover}
    for model in models:
        effects = model.get("effects")
        effect = effects.get(key) if isinstance(effects, dict) else None
        if isinstance(effect, dict):
            defaults = [k for k in effect.get("defaults", ()) if k not in said]
            kept = {**effect, "defaults": defaults} if "defaults" in effect else effect
            model["effects"][key] = {**kept, **said}


def _cover_of(notes: Notes, path: Path) -> Table:
    """The notes on sources that hold at a path, nearest first."""
    cover: Table = {}
    for depth in range(len(path), -1, -1):
        found = notes.get(path[:depth], {})
        if "source" not in cover and "assumption" not in cover:
            cover |= {k: found[k] for k in ("source", "assumption") if k in found}
        if "grade" not in cover and "grade" in found:
            cover["grade"] = found["grade"]
    return cover


def _with_cover(value: Any, cover: Table) -> Any:
    """A value that carries its own source wherever it goes."""
    if is_number(value):
        return {"value": value, **cover}
    if isinstance(value, dict):
        own = "source" in value or "assumption" in value
        return {**({} if own else cover), **value}
    return value


def keep_arms(tables: Table, keep: Sequence[str]) -> None:
    """Leave only the baseline and the named arms.

    Raises:
        UsageError: an arm that the file does not have.
    """
    arms = tables.get("arms")
    if not keep or not isinstance(arms, dict):
        return
    for key in keep:
        if key not in arms:
            raise UsageError(f"--arm {key}: no such arm{nearest(key, list(arms))}")
    study = tables.get("study")
    baseline = study.get("baseline") if isinstance(study, dict) else None
    kept = {baseline or next(iter(arms)), *keep}
    tables["arms"] = {key: arm for key, arm in arms.items() if key in kept}
