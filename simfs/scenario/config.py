"""From a scenario file to a study: every arm resolved, every number with its source.

The way of a file: text → tables → `extends` → `--preset` and `--set` → notes taken off → strict
forms → rules across tables → scenarios. All problems of a file come out at once. `Study.resolved`
is the same file with nothing left implicit; it loads again to an equal study.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from simfs.errors import Problem, UsageError
from simfs.scenario import build, build_fit, build_staff, checks, wording
from simfs.scenario.build_parts import in_order
from simfs.scenario.changes import bake_preset, change_of, keep_arms, preset_problems, put
from simfs.scenario.complete import complete, edited_defaults, filled, text_and_ledger, value_at
from simfs.scenario.complete import words as in_words
from simfs.scenario.drawn import Blueprint
from simfs.scenario.extends import EXTENDS, LEAVE_OUT, SourceFile, of_text, read, refusal
from simfs.scenario.forms import FileForm
from simfs.scenario.free import NOTHING_FREE, Free, free_numbers
from simfs.scenario.mechanisms import MECHANISMS, without
from simfs.scenario.mending import independent, mended
from simfs.scenario.scenario import Scenario, Source, Study
from simfs.scenario.sources import (
    NOTE_KEYS,
    Notes,
    note_problems,
    take_notes,
    ungraded,
    unsourced,
)
from simfs.scenario.spreads import Spreads, put_back, take_spreads
from simfs.scenario.text import Table

Key = tuple[str | int, ...]
SET_REASON = "set on the command line"


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of beliefs about effects, such as the sceptical one, with words for people."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class _Checked:
    """The tables of one arm (or of the file itself), judged; no form where they do not fit."""

    bare: Table
    notes: Notes
    form: FileForm | None
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    spreads: Spreads = field(default_factory=dict)
    free: Free = NOTHING_FREE


def load(
    path: Path, *, sets: Sequence[str] = (), preset: str | None = None, arms: Sequence[str] = ()
) -> Study:
    """The study of a scenario file.

    Args:
        path: the TOML file.
        sets: changes such as ``teams.safeguarding.posts=30``; the value is read as TOML.
        preset: preset of effects to use instead of the file's own.
        arms: keep the baseline and these; empty keeps all.

    Raises:
        ConfigError: with every problem of the file.
        UsageError: a change, preset or arm that the file does not know.
    """
    source = read(Path(path))
    return _study(source, sets, preset, arms)


def loads(
    content: str,
    name: str = "scenario.toml",
    *,
    sets: Sequence[str] = (),
    preset: str | None = None,
    arms: Sequence[str] = (),
) -> Study:
    """The study of a scenario given as text; it cannot extend another file."""
    source = of_text(content, name)
    for key in (EXTENDS, LEAVE_OUT):
        if key in source.tables:
            raise refusal(source, [Problem(key, "text has no folder to look in; load a file")])
    return _study(source, sets, preset, arms)


def presets_of(path: Path) -> tuple[Preset, ...]:
    """The presets of a scenario file that `load` has passed, in the order of the file."""
    presets = table_of(read(Path(path)).tables, "presets")
    return tuple(Preset(key, each.get("label") or in_words(key)) for key, each in presets.items())


def _study(
    source: SourceFile, sets: Sequence[str], preset: str | None, arms: Sequence[str]
) -> Study:
    """The study of merged tables."""
    tables = copy.deepcopy(source.tables)
    problems = _changed(tables, sets, preset)
    keep_arms(tables, arms)
    own = dict(_arms_with_changes(tables))
    base = _checked(tables, [key for key in table_of(tables, "arms") if key not in own])
    by_arm = dict.fromkeys(table_of(tables, "arms"), base)
    for key, changes in own.items():
        by_arm[key] = _of_arm(tables, key, changes)
    every = {id(checked): checked for checked in (base, *by_arm.values())}.values()
    # what a faulty preset leaves of the effects is no second fault
    spoilt = any(problem.path.startswith("presets.") for problem in problems)
    found = [problem for checked in every for problem in checked.problems]
    problems += [p for p in found if not (spoilt and ".effects" in p.path)]
    if problems or base.form is None:
        raise refusal(source, problems)
    warnings = dict.fromkeys(warning for checked in every for warning in checked.warnings)
    warnings |= dict.fromkeys(_switched_off(by_arm))
    return _assembled(base, by_arm, tuple(warnings))


def _changed(tables: Table, sets: Sequence[str], preset: str | None) -> list[Problem]:
    """Apply the preset and the changes of the command line to the tables, in place."""
    study = tables.get("study")
    if isinstance(study, dict):
        if preset is not None:
            study["preset"] = preset
        if sets:
            earlier = study.get("notes")
            said = earlier if isinstance(earlier, list) else []
            study["notes"] = [*said, f"{SET_REASON}: {', '.join(sets)}"]
    changes = [change_of(item) for item in sets]
    for path, value in changes:
        put(tables, path, value, SET_REASON)
    problems = [*preset_problems(tables), *bake_preset(tables)]
    for path, value in changes:
        if path[0] == "practice_models":
            # once more: what is set outranks what the preset says
            put(tables, path, value, SET_REASON)
    return problems


def _assembled(base: _Checked, by_arm: dict[str, _Checked], warnings: tuple[str, ...]) -> Study:
    """The study of forms that have passed every check."""
    form = base.form
    assert form is not None
    baseline = form.study.baseline or next(iter(form.arms))
    order = [baseline, *sorted(key for key in form.arms if key != baseline)]
    scenarios = _working(
        {key: _built(key, by_arm[key]) for key in order},
        {key: _off(by_arm[key]) for key in order},
    )
    finished = complete(form, base.bare, base.notes)
    put_back(finished, base.spreads, base.notes)
    resolved, ledger = text_and_ledger(finished, base.notes)
    warnings = (*warnings, *ungraded(ledger))
    return Study(
        name=form.study.name,
        title=form.study.title,
        baseline=baseline,
        arms=scenarios,
        claims=tuple(
            build.claim(item, scenarios[0].calendar)
            for item in form.claims
            if item.not_modelled is None
        ),
        preset=form.study.preset or "",
        ledger=ledger,
        sources=tuple(Source(k, s.title, s.where) for k, s in in_order(form.sources)),
        warnings=warnings,
        resolved=resolved,
        notes=tuple(form.study.notes),
        calibration=build_fit.calibration(form),
        fit=build_fit.fit(form),
        history=build_fit.history(form),
        backtest=build_fit.backtest(form),
        badge=build_fit.badge(form),
        read_from=_read_from(form),
        drift_targets=tuple(map(build.drift_target, form.drift_targets)),
        untested=tuple(
            build.untested(item, item.not_modelled) for item in form.claims if item.not_modelled
        ),
        published_staffing=tuple(
            build_staff.published_staffing(item) for item in form.published_staffing
        ),
    )


def _read_from(form: FileForm) -> tuple[str, ...]:
    """Authorities whose own results the preset in force states."""
    preset = form.presets.get(form.study.preset or "")
    return tuple(preset.read_from) if preset else ()


def _built(key: str, checked: _Checked) -> Scenario:
    """The scenario of an arm, with what a draw may move in it."""
    assert checked.form is not None
    free = checked.free
    return replace(
        build.scenario(key, checked.form),
        free=free.quantities,
        correlations=free.correlations,
        ensemble=free.ensemble,
        blueprint=Blueprint(checked.form, key, free.paths),
    )


def _off(checked: _Checked) -> tuple[str, ...]:
    """Keys of the mechanisms that a form switches off."""
    found = checked.form.mechanisms if checked.form else None
    return tuple(key for key in MECHANISMS if found and not getattr(found, key))


def _switched_off(by_arm: dict[str, _Checked]) -> Iterator[str]:
    """Warnings that name what does not work, and in which arms."""
    for key, words in MECHANISMS.items():
        arms = sorted(arm for arm, checked in by_arm.items() if key in _off(checked))
        if arms:
            where = "every arm" if len(arms) == len(by_arm) else ", ".join(arms)
            yield f"mechanisms.{key}: {words}: switched off in {where}"


def _working(arms: dict[str, Scenario], off: dict[str, tuple[str, ...]]) -> tuple[Scenario, ...]:
    """The arms, baseline first, without the mechanisms that each has switched off."""
    baseline = next(iter(arms.values()))
    out: list[Scenario] = []
    for arm, scenario in arms.items():
        for key in off[arm]:
            scenario = without(scenario, key, baseline)  # noqa: PLW2901  folded, key by key
        out.append(scenario)
    return tuple(out)


def table_of(tables: Table, key: str) -> Table:
    """The table of that key; empty where the file has none or something else."""
    value = tables.get(key)
    return value if isinstance(value, dict) else {}


def _arms_with_changes(tables: Table) -> Iterator[tuple[str, Table]]:
    for key, arm in table_of(tables, "arms").items():
        changes = table_of(arm, "set") if isinstance(arm, dict) else {}
        if changes:
            yield key, {k: v for k, v in changes.items() if k not in NOTE_KEYS}


def _of_arm(tables: Table, key: str, changes: Table) -> _Checked:
    """The tables as one arm changes them."""
    changed = copy.deepcopy(tables)
    problems = []
    for path, value in changes.items():
        place = f"arms.{key}.set.{path}"
        if "." not in path:
            example = '"teams.safeguarding.posts" = 28'
            problems.append(Problem(place, f"quote the whole path of the change: {example}"))
            continue
        try:
            put(changed, path.split("."), value, f"changed by arm {key}")
        except UsageError as error:
            problems.append(Problem(place, str(error)))
    checked = _checked(changed, [key])
    moved = [
        Problem(f"arms.{key}.set.{p.path}" if p.path in changes else p.path, p.message)
        for p in checked.problems
    ]
    return replace(checked, problems=(*problems, *moved))


def _checked(tables: Table, arms: Sequence[str]) -> _Checked:
    """Notes taken off, the strict form made, and every rule looked at, for these arms."""
    notes: Notes = {}
    bare = take_notes(tables, notes)
    problems = [*note_problems(notes, table_of(bare, "sources")), *unsourced(bare, notes)]
    spreads: Spreads = {}
    plain = take_spreads(bare, spreads)
    full = filled(plain)
    try:
        form = FileForm.model_validate(full)
    except ValidationError as error:
        problems += wording.problems(error, plain)
        stand_in = mended(full)
        found, warned = checks.check(stand_in, arms) if stand_in else ([], [])
        return _Checked(bare, notes, None, (*problems, *independent(found, problems)), ())
    edited = edited_defaults(tables, notes, complete(form, plain, notes))
    if edited:
        return _checked(_unlisted(tables, edited), arms)
    found, warned = checks.check(form, arms)
    free, wrong = (NOTHING_FREE, []) if found else free_numbers(form, spreads)
    return _Checked(plain, notes, form, (*problems, *found, *wrong), tuple(warned), spreads, free)


def _unlisted(tables: Table, edited: Sequence[tuple[Key, str]]) -> Table:
    """A copy in which these keys are no longer listed as defaults."""
    out = copy.deepcopy(tables)
    for path, key in edited:
        value_at(out, path)["defaults"].remove(key)
    return out
