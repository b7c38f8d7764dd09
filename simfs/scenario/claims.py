"""Claims are data: what a document says will happen, in a form that can be checked."""

from dataclasses import dataclass
from enum import StrEnum


class Against(StrEnum):
    """What a claim compares with: the other arm, the arm's own start, or nothing."""

    BASELINE = "baseline"
    START = "start"
    NONE = "none"


class Aggregate(StrEnum):
    """How years are put together: at the end of the last, summed, or averaged."""

    AT = "at"
    SUM = "sum"
    MEAN = "mean"


class Direction(StrEnum):
    """Which side of the threshold is success."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Claim:
    """One published claim.

    Attributes:
        id: identity, such as ``low-gross-year-3``.
        words: the claim in plain words, not a quotation.
        source: key of the source.
        paragraph: where in the source.
        metric: key of a yearly metric (analysis.measures lists them).
        against: what it compares with. The metric of a claim against the baseline or the start is
            the fall: baseline minus arm, start minus arm; for a `*_saving` metric the saving.
        relative: the fall as a share of what it compares with, instead of an amount.
        aggregate: how years are put together.
        first_year: index of the first financial year, from 0.
        last_year: index of the last, inclusive.
        direction: which side is success.
        threshold: pounds, children, or share if `relative`.
        unit: "£", "children" or "share".
        reading: which reading of an ambiguous claim this is; empty if there is one.
        grade: evidence grade of the claim's basis, A to D.
        budget: fixed budget for the outturn probability, pounds, or None (mean baseline cost).
    """

    id: str
    words: str
    source: str
    paragraph: str
    metric: str
    against: Against
    relative: bool
    aggregate: Aggregate
    first_year: int
    last_year: int
    direction: Direction
    threshold: float
    unit: str
    reading: str
    grade: str
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class UntestedClaim:
    """A published claim about something that is not simulated: told, never judged.

    Attributes:
        id: identity, such as ``police-call-outs``.
        words: the claim in plain words, not a quotation.
        source: key of the source.
        paragraph: where in the source.
        threshold: what is claimed: pounds, children or share.
        unit: "£", "children" or "share".
        reading: which reading of an ambiguous claim this is; empty if there is one.
        grade: evidence grade of the claim's basis, A to D.
        why: why nothing in the model can test it.
    """

    id: str
    words: str
    source: str
    paragraph: str
    threshold: float
    unit: str
    reading: str
    grade: str
    why: str

    @property
    def verdict(self) -> str:
        """What stands in the place of a verdict."""
        return f"not simulated: {self.why}"

    @property
    def told(self) -> str:
        """The claim and why it is not judged, in a line."""
        return f"“{self.words}”: {self.verdict}"
