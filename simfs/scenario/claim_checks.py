"""Rules about claims: a metric that is measured, years that are run, a threshold in its unit.

Each rule yields a `Problem` (the file is refused) or a text (a warning that every report repeats).
"""

from collections.abc import Iterator, Sequence

from simfs.errors import Problem
from simfs.scenario import forms as f
from simfs.scenario.names import Remark, unknown
from simfs.scenario.scenario import Calendar

MONEY_METRICS = (
    "gross_saving",
    "cashable_saving",
    "below_start_saving",
    "avoided_saving",
    "capacity_saving",
    "partner_saving",
    "net_saving",
    "net_cashable_saving",
    "investment",
)
SMALL, FEW = 10_000, 1_000  # pounds
COUNT_METRICS = ("unallocated_child_days", "crises", "repeat_plans")


def claim_metrics(form: f.FileForm) -> tuple[str, ...]:
    """Metrics that a claim may be about."""
    counts = [f"{key}_{what}" for key in form.counts for what in ("at_end", "starts", "child_days")]
    return (*MONEY_METRICS, *COUNT_METRICS, *counts)


def claim_remarks(form: f.FileForm, days: Calendar) -> Iterator[Remark]:
    """Remarks on every claim."""
    seen: set[str] = set()
    for index, claim in enumerate(form.claims):
        place = f"claims.{index}"
        if claim.id in seen:
            yield Problem(f"{place}.id", f"{claim.id!r} is given twice; rename one")
        seen.add(claim.id)
        if claim.not_modelled is not None:
            yield from _untested(place, claim)
            continue
        yield from unknown(f"{place}.metric", "metric", claim.metric, claim_metrics(form))
        yield from _missing(place, claim)
        yield from _years(place, claim, days)
        yield from _threshold(place, claim)
        yield from _in_pounds(place, claim, form.claims)


def _untested(place: str, claim: f.ClaimForm) -> Iterator[Problem]:
    """What is not simulated has no metric and no years, and says why."""
    if not (claim.not_modelled or "").strip():
        yield Problem(f"{place}.not_modelled", "is empty; say why the model cannot test the claim")
    for name, given in (("metric", claim.metric), ("from", claim.from_), ("to", claim.to)):
        if given is not None:
            yield Problem(
                f"{place}.{name}",
                f"{given!r} is what would be simulated, and not_modelled says that nothing is; "
                "take one out",
            )


def _missing(place: str, claim: f.ClaimForm) -> Iterator[Problem]:
    ways = {
        "metric": 'add metric = …, or not_modelled = "why" where the model has no such thing',
        "from": "add from = …, its first financial year",
        "to": "add to = …, its last financial year",
    }
    for name, given in (("metric", claim.metric), ("from", claim.from_), ("to", claim.to)):
        if given is None:
            yield Problem(f"{place}.{name}", f"missing; {ways[name]}")


def _years(place: str, claim: f.ClaimForm, days: Calendar) -> Iterator[Problem]:
    """The years of a claim lie within the run, first before last."""
    labels = [label for label, _, _ in days.years]
    for name, label in (("from", claim.from_), ("to", claim.to)):
        if label is not None and label not in labels:
            yield Problem(
                f"{place}.{name}",
                f"{label!r} is no financial year of the run; known: {', '.join(labels)}; make the "
                "run longer (study.years) or leave the claim out",
            )
    if claim.from_ in labels and claim.to in labels[: labels.index(claim.from_)]:
        yield Problem(f"{place}.to", f"{claim.to} is before from, {claim.from_}; swap them")


def _threshold(place: str, claim: f.ClaimForm) -> Iterator[Remark]:
    if (claim.unit == "share") != claim.relative:
        yield Problem(
            f"{place}.unit",
            f'unit = "share" goes with relative = true, got {claim.unit!r} and '
            f"relative = {str(claim.relative).lower()}; change one",
        )
    if claim.relative and abs(claim.threshold) > 1:
        yield Problem(
            f"{place}.threshold",
            f"a share between -1 and 1, got {claim.threshold:g}; "
            f"did you mean {claim.threshold / 100:g}?",
        )


def _in_pounds(place: str, claim: f.ClaimForm, claims: Sequence[f.ClaimForm]) -> Iterator[Remark]:
    """Pounds in full: a few of them beside claims of many is a figure in millions."""
    if claim.unit != "£" or not 0 < abs(claim.threshold) < SMALL:
        return
    others = [one.threshold for one in claims if one.unit == "£" and abs(one.threshold) >= SMALL]
    if others and abs(claim.threshold) < FEW:
        yield Problem(
            f"{place}.threshold",
            f"£{claim.threshold:g} beside a claim of £{others[0]:,.0f}: thresholds are in pounds; "
            f"did you mean {claim.threshold * 1e6:.10g}?",
        )
    else:
        yield f"{place}.threshold: £{claim.threshold:g} is small for a claim: £ or £k?"
