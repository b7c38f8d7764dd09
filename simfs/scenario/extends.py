"""A scenario file and the files that it extends, as one set of tables that knows its places.

`extends = "bury.toml"` names a file in the same folder or below it. Its tables come first, and
the file's own are merged over them key by key; an array (`[[claims]]` is one) or a plain value
takes the place of the one below as a whole, so a file with claims of its own has none of the
base's. A table that says where its numbers come from loses what the base said of that (its
source, assumption and note), and `leave_out = ["calibration"]` names what is not taken over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from simfs.errors import ConfigError, Problem
from simfs.scenario import text
from simfs.scenario.locate import Place, locate
from simfs.scenario.sources import dotted
from simfs.scenario.spreads import in_plain_words
from simfs.scenario.text import Table
from simfs.scenario.wording import nearest

EXTENDS, LEAVE_OUT = "extends", "leave_out"
# what a run writes; a scenario that stands on results would change when they are remade
RESULTS = ("config.resolved.toml",)
BESIDE_RESULTS = ("manifest.json", "journal")
ORIGIN = ("source", "assumption")
Places = dict[str, tuple[str, Place]]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as read, what it extends merged in, and the file and place of each dotted key."""

    name: str
    tables: Table
    places: Places


def read(path: Path, above: tuple[Path, ...] = ()) -> SourceFile:
    """A file with the files it extends merged beneath it.

    Raises:
        ConfigError: it cannot be read, or extends what it may not: a file that is not there, that
            lies outside its folder, that is the result of a run, or that extends it in turn.
    """
    source = of_text(text.read(path), str(path))
    base = source.tables.pop(EXTENDS, None)
    left_out = source.tables.pop(LEAVE_OUT, None)
    if base is None and left_out is None:
        return source
    try:
        chain = (*above, path.resolve())
        below = read(_base(path, base, chain), chain)
        return _over(_without(below, left_out), source)
    except _BaseError as wrong:
        raise refusal(source, [wrong.problem]) from None


def of_text(content: str, name: str) -> SourceFile:
    """The tables of a text and where they stand, whatever it says of other files."""
    tables = in_plain_words(text.parse(content.removeprefix("\ufeff"), name))
    places = {dotted(key): (name, place) for key, place in locate(content).items()}
    return SourceFile(name, tables, places)


class _BaseError(Exception):
    """What is wrong with the words about other files."""

    def __init__(self, path: str, message: str) -> None:
        self.problem = Problem(path, message)


def _base(path: Path, base: Any, chain: tuple[Path, ...]) -> Path:
    """The file that is extended; `chain` are those that lead here, this one included."""
    if base is None:
        raise _BaseError(LEAVE_OUT, 'goes with extends, which it names parts of; add extends = "…"')
    if not isinstance(base, str) or not base.strip() or not base.isprintable():
        raise _BaseError(EXTENDS, f'must be a file name in quotes, got {base!r}: "base.toml"')
    home, target = path.parent.resolve(), path.parent / base
    windows = PureWindowsPath(base)
    if (
        windows.anchor
        or PurePosixPath(base).is_absolute()
        or ".." in windows.parts
        or not target.resolve().is_relative_to(home)
    ):
        raise _BaseError(
            EXTENDS,
            f"must be a file in the folder of this one or below it, got {base!r}; put a copy of "
            "it there",
        )
    if target.resolve() in chain:
        names = [p.name for p in (*chain[chain.index(target.resolve()) :], target)]
        raise _BaseError(
            EXTENDS, f"files extend each other: {' → '.join(names)}; take one extends out"
        )
    if not target.is_file():
        near = [p.name for p in target.parent.glob("*.toml")] if target.parent.is_dir() else []
        raise _BaseError(EXTENDS, f"there is no file {base!r}{nearest(target.name, near)}")
    if target.name in RESULTS or any((target.parent / name).exists() for name in BESIDE_RESULTS):
        raise _BaseError(
            EXTENDS,
            f"{base!r} lies with the results of a run, which may be replaced; extend the scenario "
            "file that the run was made from, or put a copy elsewhere",
        )
    return target


def _without(below: SourceFile, left_out: Any) -> SourceFile:
    """The base without the tables and keys that are named."""
    if left_out is None:
        return below
    if not (isinstance(left_out, list) and all(isinstance(each, str) for each in left_out)):
        raise _BaseError(
            LEAVE_OUT, f'must be key paths in quotes, got {left_out!r}: ["calibration"]'
        )
    tables = below.tables
    for number, path in enumerate(left_out):
        tables = _taken_out(tables, path.split("."), f"{LEAVE_OUT}.{number}", below.name)
    return SourceFile(below.name, tables, below.places)


def _taken_out(table: Table, path: Sequence[str], place: str, name: str) -> Table:
    """A copy of a table without what is at a path."""
    first, *rest = path
    if first not in table or (rest and not isinstance(table[first], dict)):
        raise _BaseError(
            place, f"{Path(name).name} has no {first!r} there{nearest(first, list(table))}"
        )
    if rest:
        return {**table, first: _taken_out(table[first], rest, place, name)}
    return {key: value for key, value in table.items() if key != first}


def _over(below: SourceFile, above: SourceFile) -> SourceFile:
    """The tables of a file merged over those of its base, with the places of what is left."""
    gone: list[str] = []
    tables = _merged(below.tables, above.tables, (), gone)
    kept = {
        path: place
        for path, place in below.places.items()
        if not any(path == each or path.startswith(f"{each}.") for each in gone)
    }
    return SourceFile(above.name, tables, {**kept, **above.places})


def _merged(below: Table, above: Table, path: tuple[str, ...], gone: list[str]) -> Table:
    """Tables merged key by key; anything else is replaced, and its path goes into `gone`."""
    stale = {*ORIGIN, "note"} if any(key in above for key in ORIGIN) else set()
    out = {key: value for key, value in below.items() if key not in stale}
    gone += [dotted((*path, key)) for key in stale]
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        if not both:
            gone.append(dotted((*path, key)))
        out[key] = _merged(out[key], value, (*path, key), gone) if both else value
    return out


def refusal(source: SourceFile, problems: Sequence[Problem]) -> ConfigError:
    """The error of all problems, each with its line, in the order of the file."""
    placed: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        place = _place(source, problem.path)
        message = problem.message
        line, column = (problem.line, problem.column)
        if line is None and place is not None:
            file, (line, column) = place
            if file != source.name:
                message += f" (in {file}, line {line})"
                line = column = None
        placed.setdefault(
            (problem.path, problem.message), Problem(problem.path, message, line, column)
        )
    ordered = sorted(placed.values(), key=lambda p: (p.line is None, p.line or 0, p.column or 0))
    return ConfigError(source.name, ordered)


def _place(source: SourceFile, path: str) -> tuple[str, Place] | None:
    """Where a dotted path, or the nearest table above it, stands."""
    while path and path not in source.places:
        path = path.rpartition(".")[0]
    return source.places.get(path)
