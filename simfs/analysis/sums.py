"""A sum on the claims' own figures, and how such sums are printed."""

from dataclasses import dataclass

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """One sum on the claims' own figures.

    Attributes:
        key: identity, such as ``net-of-low-gross-five-years``.
        words: the sum and what it shows, in a sentence.
        value: its result.
        unit: "£", "times" or "share".
    """

    key: str
    words: str
    value: float
    unit: str


def exact_millions(pounds: float) -> str:
    """Pounds as millions with three digits, a negative sum with its sign before the £.

    >>> exact_millions(1_175_000), exact_millions(-177_000)
    ('£1.175m', '−£0.177m')
    """
    sign = "−" if round(pounds / MILLION, 3) < 0 else ""
    return f"{sign}£{abs(pounds) / MILLION:.3f}m"
