"""TOML as text: read it with kind refusals, and write it so that it is the same every time."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from simfs.errors import ConfigError, Problem

LARGEST_BYTES = 5_000_000
DEEPEST = 20
TOO_DEEP = "tables nested too deeply; no scenario needs more than ten levels"
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_WORD_CHARACTERS = "“”„‘’‚«»–—\u00a0"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
MARK = "  # default"
Table = dict[str, Any]


def _refuse(name: str, message: str, line: int | None = None, column: int | None = None) -> None:
    raise ConfigError(name, [Problem("", message, line, column)])


def read(path: Path) -> str:
    """The text of a scenario or of counts; a byte-order mark and Windows line ends are accepted."""
    name = str(path)
    if "\0" in name:
        _refuse(name.replace("\0", "\\0"), "a file name cannot hold a NUL character; rename it")
    if path.is_dir():
        _refuse(name, "is a folder; give the file in it")
    if not path.exists():
        kind = "csv" if path.suffix == ".csv" else "toml"
        near = sorted(p.name for p in path.parent.glob(f"*.{kind}")) if path.parent.is_dir() else []
        _refuse(name, f"no such file; {kind.upper()} files there: {', '.join(near) or 'none'}")
    try:
        content = path.read_bytes()
    except OSError as error:
        _refuse(name, f"cannot be read ({error.strerror}); check its permissions")
    if len(content) > LARGEST_BYTES:
        _refuse(
            name,
            f"is {len(content):,} bytes; at most {LARGEST_BYTES:,} are read: is this the scenario?",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        _refuse(
            name,
            f"not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8 in your editor",
            line,
            column,
        )
    raise AssertionError("unreachable")


def parse(text: str, name: str) -> Table:
    """The tables of a TOML text; ConfigError with line and column where it is none."""
    if not text.strip():
        _refuse(name, "is empty; start from configs/minimal.toml")
    if "\0" in text:
        before = text[: text.index("\0")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        _refuse(name, "holds a NUL character; save it as plain text", line, column)
    try:
        tables = tomllib.loads(text.replace("\r\n", "\n"))
        if _depth(tables) <= DEEPEST:
            return tables
        _refuse(name, TOO_DEEP)
    except RecursionError:
        _refuse(name, TOO_DEEP)
    except tomllib.TOMLDecodeError as error:
        _refuse(name, *_explained(text.replace("\r\n", "\n"), str(error)))
    raise AssertionError("unreachable")


def _depth(value: object) -> int:
    """Levels of tables and arrays, counted without recursion."""
    level: list[Any] = [value]
    depth = 0
    while level and depth <= DEEPEST:
        inner: list[object] = []
        for item in level:
            inner += item.values() if isinstance(item, dict) else item
        level = [item for item in inner if isinstance(item, dict | list)]
        depth += 1
    return depth


def _explained(text: str, message: str) -> tuple[str, int | None, int | None]:
    """A syntax error in plain words, with the likeliest cause, line and column."""
    found = _PLACE.search(message)
    line = int(found[1]) if found else text.count("\n") + 1
    column = int(found[2]) if found else 1
    said = _PLACE.sub("", message).removesuffix(" (at end of document)")
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    start = text.lstrip()
    if start.startswith("{") or re.match(r'\[\s*[{"\d]', start):
        return "looks like JSON; a scenario is TOML: write key = value", line, column
    if start.startswith("---") or re.match(r"(#.*\n|\s)*[A-Za-z_]+:(\s|$)", start):
        return "looks like YAML; a scenario is TOML: write key = value", line, column
    curly = next(((i, c) for i, c in enumerate(here, 1) if c in _WORD_CHARACTERS), None)
    if curly and not re.match(r"[^\"']*[\"'][^\"']*$", here[: curly[0] - 1]):
        return (
            f"{curly[1]!r} is a typographic character, as Word makes them; "
            f'type a plain " or - instead',
            line,
            curly[0],
        )
    if point := re.search(r"=\s*(-?)(\.\d+)", here):
        return f"TOML wants a digit before the point; write {point[1]}0{point[2]}", line, column
    if "overwrite" in said or "twice" in said:
        key = here.split("=")[0].strip().strip("[]") or "this key"
        return f"{key!r} is given twice ({said}); keep one", line, column
    if re.search(r"=\s*-?[£$]?[\d.,]+[,£$kKmM%]|=\s*[£$]", here):
        return (
            f"not a TOML number in {here.strip()!r}; write digits with a point and no commas, "
            "signs or letters: 0.4, 1200, 1200000",
            line,
            column,
        )
    return f"not TOML: {said.lower()} in {here.strip()!r}", line, column


def number_text(value: float) -> str:
    """A number as short as it can be written without losing anything."""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def key_text(key: str) -> str:
    """A key, quoted where TOML needs it."""
    return key if _BARE_KEY.fullmatch(key) else string_text(key)


def string_text(text: str) -> str:
    """A string as one line of TOML."""
    out = text.replace("\\", "\\\\").replace('"', '\\"')
    out = out.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    out = "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in out)
    return f'"{out}"'


def value_text(value: object) -> str:
    """Any value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key_text(k)} = {value_text(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(value_text(v) for v in value)}]"
    return string_text(str(value))


HEADED = ("routes", "needs", "training", "effects", "investments", "set")
ENTRIES = ("effects", "investments")
ONE_TABLE = ("reform", "service_crisis", "ensemble", "calibration", "backtest")


def write(tables: Table) -> str:
    """Tables as TOML text: headed tables where a reader expects them, the rest on one line.

    The same tables give the same text, in the order of their keys as given.
    """
    lines: list[str] = []
    _write_table(tables, (), False, lines)
    return "\n".join(lines).strip() + "\n"


def _headed(path: tuple[str, ...]) -> bool:
    """Whether the table at a path has a line of its own."""
    if path[0] in ONE_TABLE:
        return len(path) == 1
    if len(path) == 3:
        return path[2] in HEADED
    return len(path) <= 2 or (len(path) == 4 and path[2] in ENTRIES)


def _write_table(table: Table, path: tuple[str, ...], default: bool, lines: list[str]) -> None:
    inner = {k: v for k, v in table.items() if isinstance(v, dict) and _headed((*path, k))}
    arrays = {k: v for k, v in table.items() if not path and _is_tables(v)}
    plain = {k: v for k, v in table.items() if k not in inner and k not in arrays}
    marked = table.get("defaults", ())
    if path and (plain or not inner):
        lines += ["", f"[{'.'.join(map(key_text, path))}]{MARK if default else ''}"]
    for key, value in plain.items():
        mark = MARK if default or key in marked else ""
        lines.append(f"{key_text(key)} = {value_text(value)}{mark}")
    for key, value in inner.items():
        _write_table(value, (*path, key), default or key in marked, lines)
    for key, rows in arrays.items():
        for row in rows:
            marked = row.get("defaults", ())
            lines += ["", f"[[{key_text(key)}]]"]
            for name, value in row.items():
                mark = MARK if name in marked else ""
                lines.append(f"{key_text(name)} = {value_text(value)}{mark}")


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
