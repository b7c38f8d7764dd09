"""What is wrong with a value, in plain words, and what to write instead.

Pydantic finds that a value does not fit its form; this module says so in the words of the file.
"""

import difflib
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from simfs.errors import Problem
from simfs.scenario.form_parts import is_number
from simfs.scenario.forms import FileForm
from simfs.scenario.practice_forms import EffectForm

NOTE_KEYS = ("note", "source", "assumption", "grade")


def nearest(word: str, known: Sequence[str]) -> str:
    """The way out of a wrong name: the nearest right one, else all of them."""
    near = difflib.get_close_matches(word, list(known), n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(sorted(known)) or 'none'}"


def _members(annotation: Any) -> Iterator[Any]:
    """The types inside an optional, annotated, array or table type."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _members(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _members(part)
    else:
        yield annotation


def _within(annotation: Any, key: str) -> Any:
    """The type of a key, an index or any entry of a type; None where there is none."""
    for kind in _members(annotation):
        origin = typing.get_origin(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, field in kind.model_fields.items():
                if (field.alias or name) == key:
                    return field
            extra = typing.get_type_hints(kind).get("__pydantic_extra__")
            if kind.model_config.get("extra") == "allow" and extra:
                return typing.get_args(extra)[1]
        elif origin is dict:
            return typing.get_args(kind)[1]
        elif origin is list and key.isdigit():
            return typing.get_args(kind)[0]
    return None


def form_at(path: Sequence[str]) -> Any:
    """The field or type that the file's form has at a path; None where it has none."""
    at: Any = FileForm
    for key in path:
        at = _within(at.annotation if isinstance(at, FieldInfo) else at, key)
        if at is None:
            return None
    return at


def keys_of(at: Any) -> list[str]:
    """The keys that a field or type names."""
    annotation = at.annotation if isinstance(at, FieldInfo) else at
    for kind in _members(annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def legal_keys(path: Sequence[str], table: Any) -> list[str]:
    """Keys that may be given at a path: those of the form, and those there already."""
    present = list(table) if isinstance(table, dict) else []
    if isinstance(table, list):
        return [str(index) for index in range(len(table))]
    if list(path) == ["exits"]:
        present.append("eighteen")
    return list(dict.fromkeys([*keys_of(form_at(path)), *present, *NOTE_KEYS]))


def takes_any_key(path: Sequence[str]) -> bool:
    """Whether the table at a path maps free names to plain values, as shares do."""
    at = form_at(path)
    for kind in _members(at.annotation if isinstance(at, FieldInfo) else at):
        if typing.get_origin(kind) is dict:
            (inner,) = _members(typing.get_args(kind)[1])
            return not (isinstance(inner, type) and issubclass(inner, BaseModel))
    return False


def describe(path: Sequence[str]) -> str:
    """What a key is, in the words of the form; empty where it has none."""
    at = form_at(path)
    return (at.description or "") if isinstance(at, FieldInfo) else ""


def number_advice(value: object) -> str:
    """What somebody who wrote this instead of a number should write."""
    if isinstance(value, bool):
        return "; write a number, without true or false"
    if isinstance(value, date):
        return "; write a number, not a date"
    if isinstance(value, list | Mapping):
        return "; write one number, without brackets"
    if not isinstance(value, str):
        return ""
    text = value.strip()
    pounds = re.fullmatch(r"[£$]?\s*([\d.,]+)\s*([kKmM]|bn)?", text)
    if re.fullmatch(r"-?[\d.]+%", text):
        return f"; write {float(text[:-1]) / 100:g}"
    if re.fullmatch(r"-?\d*\.?\d+([eE]-?\d+)?", text):
        plain = re.sub(r"^(-?)\.", r"\g<1>0.", text)
        return f"; write {plain}, without quotes"
    if re.fullmatch(r"[£$]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return f"; write {text.strip('£$').replace(',', '')}, without commas or signs"
    if re.fullmatch(r"-?\d+,\d+", text):
        return f"; write {text.replace(',', '.')}, with a point"
    if pounds and pounds[1].replace(",", "").replace(".", "", 1).isdigit():
        scale = {"k": 1e3, "m": 1e6, "bn": 1e9}.get((pounds[2] or "").lower(), 1)
        return f"; write {float(pounds[1].replace(',', '')) * scale:.10g}, in pounds"
    return "; write digits, with a point for fractions"


def _bound(detail: ErrorDetails) -> str:
    """A broken limit in words."""
    context = detail.get("ctx", {})
    limits = {
        "ge": "must be at least",
        "gt": "must be above",
        "le": "must be at most",
        "lt": "must be below",
    }
    rule = next(f"{word} {context[k]:g}" for k, word in limits.items() if k in context)
    value = detail["input"]
    if context.get("le") == 1 and is_number(value) and 1 < value <= 100:
        rule += f"; did you mean {value / 100:g}?"
    elif context.get("le") == 1 or context.get("ge") == 0 or "gt" in context:
        rule += "; check the sign and the unit"
    else:
        rule += "; write a number in that range"
    return rule.replace("; ", f", got {value!r}; ", 1)


TYPES = {
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a finite number",
    "string_type": "must be words in quotes",
    "bool_type": "must be true or false",
    "date_type": "must be a date such as 2023-04-01, without quotes",
    "date_from_datetime_inexact": "must be a date such as 2023-04-01, without a time",
    "list_type": "must be an array in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "too_short": "must hold at least one value",
    "string_pattern_mismatch": "must be 1 to 64 of a-z, 0-9, _ and -",
}


def _message(detail: ErrorDetails, path: Sequence[str]) -> str:
    """One problem in words: the value, the rule and the way out."""
    kind, value = detail["type"], detail["input"]
    about = describe(path)
    if kind == "missing":
        return f"missing; add {path[-1]} = …" + (f" ({about})" if about else "")
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "literal_error":
        expected = re.findall(r"'([^']*)'", detail.get("ctx", {}).get("expected", ""))
        known = [word for word in expected if word]
        near = nearest(str(value), known)
        return f"{value!r} is not one of {', '.join(known)}" + (near if "mean" in near else "")
    if kind == "value_error":
        return str(detail.get("ctx", {}).get("error", detail["msg"]))
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return _bound(detail)
    rule = TYPES.get(kind, detail["msg"])
    advice = ""
    if kind in ("float_type", "int_type"):
        advice = number_advice(value)
    elif kind in ("list_type", "dict_type", "model_type") and _numeric(path):
        rule, advice = "must be a number", number_advice(value)
    elif kind == "int_from_float":
        advice = f"; write {value:.0f}"
    elif about:
        advice = f" ({about})"
    return f"{rule}, got {_shown(value)}{advice}"


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _numeric(path: Sequence[str]) -> bool:
    """Whether a bare number may stand where a table or an array is another way to write it."""
    return bool(path) and path[-1] in NUMBERS


NUMBERS = (
    "p",
    "per_year",
    "opening",
    "pounds",
    "growth",
    "ratio",
    "published",
    "team_share",
    "reference_dose",
    "dose_power",
    "half_months",
    "ninety_months",
    "half_life_years",
    "turnover",
    "recruitment_days",
    "vacancy",
    "agency_share",
    "agency_days",
    "agency_gap_days",
    "slip_months",
    "reference",
    "sd",
    "half_life_months",
    "returns_to",
)


def _homes(key: str) -> list[str]:
    """Tables of the form that know this key."""
    found: list[str] = []
    for top, field in FileForm.model_fields.items():
        entry = _within(field.annotation, "*") or field
        inner = [(f"[{top}.…]" if entry is not field else f"[{top}]", entry)]
        for name in keys_of(entry):
            deeper = _within(entry.annotation if isinstance(entry, FieldInfo) else entry, name)
            inner.append((f"[{top}.….{name}]", deeper))
            inner.append((f"[{top}.….{name}.…]", _within(getattr(deeper, "annotation", 0), "*")))
        found += [place for place, kind in inner if kind is not None and key in keys_of(kind)]
    found += ["[practice_models.….effects.…]"] if key in EffectForm.model_fields else []
    return list(dict.fromkeys(found))


def _unknown_key(path: Sequence[str]) -> str:
    """An unknown key, with the nearest right one or the table it belongs to."""
    known = [*keys_of(form_at(path[:-1])), *NOTE_KEYS]
    close = difflib.get_close_matches(path[-1], known, n=1)
    if close:
        return f"unknown key {path[-1]!r}; did you mean {close[0]!r}?"
    homes = ["the top of the file"] if path[-1] in FileForm.model_fields else _homes(path[-1])
    if homes:
        return f"{path[-1]!r} does not belong here; it belongs in {' or '.join(homes[:3])}"
    return f"unknown key {path[-1]!r}; known: {', '.join(known)}"


def problems(error: ValidationError, tables: Any) -> Iterator[Problem]:
    """Every fault that pydantic found, as problems of the file."""
    for detail in error.errors():
        path = [str(part) for part in detail["loc"]]
        message = _message(detail, path)
        yield Problem(".".join(_as_written(path, tables)), message)


def _as_written(path: Sequence[str], tables: Any) -> Sequence[str]:
    """The path cut to where the file wrote one number for a whole table."""
    at = tables
    for depth, part in enumerate(path):
        if isinstance(at, dict):
            at = at.get(part)
        elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        elif at is not None:
            return path[:depth]
    return path
