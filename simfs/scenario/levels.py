"""The levels that a text names: whole numbers or dates, as a list or as steps.

``24:40:2`` is from, to and step, 1 where it is left out; ``24,30,34`` a list; the step between
dates, ``2023-04-01:2024-04-01:6m``, is in whole months.
"""

import re
from datetime import date

from simfs.scenario.variable import Kind, Level, Variable

MOST_LEVELS = 1000  # of one factor

_STEPS = re.compile(r"(?P<low>[^:]+):(?P<high>[^:]+?)(:(?P<step>[^:]+))?")


def levels_of(variable: Variable, text: str) -> tuple[Level, ...]:
    """The levels of a variable that a text names, rising, each once.

    Raises:
        ValueError: it names none, or too many; says which part is wrong.
    """
    return _stepped(variable, text) if ":" in text else _listed(variable, text)


def _listed(variable: Variable, text: str) -> tuple[Level, ...]:
    found = sorted({_level(variable, part) for part in text.split(",")})
    return tuple(found)


def _stepped(variable: Variable, text: str) -> tuple[Level, ...]:
    parts = _STEPS.fullmatch(text)
    if parts is None:
        raise ValueError("write a range as low:high or low:high:step")
    low, high = (_level(variable, parts[end]) for end in ("low", "high"))
    if low > high:  # type: ignore[operator]
        raise ValueError(f"an empty range: {low} is above {high}")
    if isinstance(low, date) and isinstance(high, date):
        found = _months(low, high, parts["step"])
    else:
        step = 1 if parts["step"] is None else _whole(parts["step"])
        if step < 1:
            raise ValueError(f"a step must be 1 or more, got {step}")
        found = tuple(range(int(low), int(high) + 1, step))  # type: ignore[arg-type]
    if len(found) > MOST_LEVELS:
        raise ValueError(f"{len(found):,} levels; at most {MOST_LEVELS:,} of one key are possible")
    return found


def _level(variable: Variable, text: str) -> Level:
    """One level.

    Raises:
        ValueError: it is none.
    """
    if variable.kind is not Kind.DATE:
        return _whole(text)
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"a date such as 2024-04-01 is needed, got {text.strip()!r}") from None


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*-?\d{1,9}\s*", text):
        raise ValueError(
            f"a whole number is needed, or a range such as 24:40, got {text.strip()!r}"
        )
    return int(text)


def _months(low: date, high: date, step: str | None) -> tuple[date, ...]:
    """Dates some months apart."""
    match = re.fullmatch(r"\s*(\d{1,4})\s*m\s*", step or "1m")
    if match is None or int(match[1]) < 1:
        raise ValueError(f"the step between dates is in months, such as 6m, got {step!r}")
    if low.day > 28:
        raise ValueError(f"dates some months apart begin on day 1 to 28 of a month, got {low}")
    found, months = [low], int(match[1])
    while True:
        ahead = low.month - 1 + months * len(found)
        following = low.replace(year=low.year + ahead // 12, month=ahead % 12 + 1)
        if following > high:
            return tuple(found)
        found.append(following)
