"""Dates in words, the same in every locale and on every system."""

from datetime import date

MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)


def day_in_words(when: date) -> str:
    """A date as people write it.

    >>> day_in_words(date(2023, 10, 1))
    '1 October 2023'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def day_in_short(when: date) -> str:
    """The same with three letters of the month.

    >>> day_in_short(date(2023, 10, 1))
    '1 Oct 2023'
    """
    return f"{when.day} {MONTHS[when.month - 1][:3]} {when.year}"


def month_in_words(when: date) -> str:
    """The month of a date.

    >>> month_in_words(date(2023, 10, 1))
    'October 2023'
    """
    return f"{MONTHS[when.month - 1]} {when.year}"
