"""The JSON Schema of a scenario file, so that an editor can complete keys and show their units."""

from typing import Any

from simfs.scenario.forms import FileForm

NOTES: dict[str, Any] = {
    "note": {"type": "string", "description": "words for whoever reads the file"},
    "source": {
        "type": "string",
        "description": "key of [sources]: where the numbers of this table come from",
    },
    "assumption": {"type": "string", "description": "why, where there is no source"},
    "grade": {"enum": ["A", "B", "C", "D"], "description": "A published for the place … D assumed"},
    "defaults": {
        "type": "array",
        "items": {"type": "string"},
        "description": "keys of this table that were left out and stand at their default",
    },
}
# keys filled in before the strict form sees a table, or that it takes off
NUMBER: dict[str, Any] = {"type": "number"}


def json_schema() -> dict[str, Any]:
    """The schema of a whole file, short forms and notes included."""
    schema = FileForm.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "simfs scenario"
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "another scenario file, beside this one, whose tables this one changes",
    }
    schema["properties"]["leave_out"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "key paths of the extended file that are not taken over",
    }
    for table in (schema, *schema["$defs"].values()):
        _allow_notes(table)
        for key, item in table.get("properties", {}).items():
            _allow_short_form(key, item, table["properties"])
    return schema


def _allow_notes(node: dict[str, Any]) -> None:
    """Let every table, named or free, carry its notes."""
    if node.get("type") == "object":
        node["properties"] = {**NOTES, **node.get("properties", {})}
    for item in list(node.get("properties", {}).values()):
        if item.get("type") == "object" and "properties" not in item:
            item["properties"] = dict(NOTES)
        for part in item.get("anyOf", ()):
            if part.get("type") == "object" and "properties" not in part:
                part["properties"] = dict(NOTES)


def _allow_short_form(key: str, item: dict[str, Any], into: dict[str, Any]) -> None:
    """Let a bare number stand where a quantity, steps, bands or children at the start may."""
    kinds = [item, *item.get("anyOf", ())]
    short = any(k.get("$ref", "").endswith(("/QuantityForm", "/OpeningForm")) for k in kinds)
    if short or (key in ("p", "per_year", "sd") and item.get("type") == "array"):
        about = {k: item.pop(k) for k in ("description", "default", "title") if k in item}
        into[key] = {"anyOf": [NUMBER, item], **about}
