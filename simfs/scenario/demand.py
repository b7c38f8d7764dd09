"""Who arrives: streams of families or children, their sizes and their needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stream:
    """A source of new cases.

    Attributes:
        key: identity.
        label: words for people.
        to: key of the stage that cases enter.
        per_year: (day, families or children a year from that day), the first at day 0; the unit
            is the stage's. A step is a new pair.
        ages: key of the age mix of a child-unit stream, or None.
    """

    key: str
    label: str
    to: str
    per_year: tuple[tuple[int, float], ...]
    ages: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """An adult need that a specialist can work with."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Everything about who comes.

    Attributes:
        streams: in order of key.
        sizes: chance of 1, 2, 3 ... children in a family; sums to 1.
        earlier_plan: chance that a new family has had a child protection plan before.
        needs: in order of key.
        need_correlation: Gaussian-copula correlation between any two needs of a family, [0, 1).
    """

    streams: tuple[Stream, ...]
    sizes: tuple[float, ...] = (1.0,)
    earlier_plan: float = 0.0
    needs: tuple[Need, ...] = ()
    need_correlation: float = 0.0

    @property
    def mean_size(self) -> float:
        """Mean children per family."""
        return sum(children * p for children, p in enumerate(self.sizes, start=1))
