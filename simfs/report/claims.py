"""Every claim by itself, for the terminal: how it fares, what if it is missed, what it leans on."""

import textwrap
from collections.abc import Iterator, Sequence

from simfs.analysis.claims import Verdict
from simfs.analysis.decomposition import DRAWS_FOR_SHARES
from simfs.analysis.outcomes import Outcomes
from simfs.report.tables import Leanings
from simfs.report.wording import amount, between, chance, listed, side, threshold
from simfs.scenario.claims import Against, Aggregate, Claim, Direction
from simfs.scenario.scenario import Study

WIDTH = 96
LABEL = 12

WORDS = (
    "Expected: the mean over futures, the 95% interval of that mean (how well so many futures know "
    "it), and the 80% band in which eight futures in ten lie. Chances, with their 95% intervals: "
    "expected, that the claim holds once luck is averaged out; outturn, that the arm stays within "
    "a fixed budget less the claim, and the same for an authority that changes nothing; coupled, "
    "that the same families, followed twice, show the claimed difference. If missed: by how much "
    "the futures that miss the claim miss it. Leans on: the uncertain numbers that decide the "
    "figure most, each with the grade of its evidence (A published for the place, D assumed) and "
    "its share of the spread between draws. A claim fails where its expected chance is under one "
    "half."
)


def claims_text(
    outcomes: Outcomes, found: Sequence[Verdict], leanings: Leanings, *, several: bool = False
) -> str:
    """Every claim of a run, a paragraph each, then those not judged, then how many fail.

    Args:
        outcomes: the run.
        found: the verdicts, in the order to be told.
        leanings: what each claim leans on.
        several: whether each claim names its arm.
    """
    study = outcomes.study
    draws = len(set(outcomes.draws.tolist()))
    lines = [*wrapped(study.title or study.name), *wrapped(_run(outcomes)), ""]
    for number, one in enumerate(found, start=1):
        lines += [*_claim(study, one, number, leanings, draws, several=several), ""]
    for claim in study.untested:
        lines += [*wrapped(claim.told), ""]
    return "\n".join([*lines, *wrapped(failing_words(found)), "", *wrapped(WORDS)])


def failing_words(found: Sequence[Verdict]) -> str:
    """How many claims fail, and which."""
    failing = list(dict.fromkeys(one.claim.id for one in found if one.fails))
    claims = len({one.claim.id for one in found})
    if not failing:
        return f"None of {claims} claims fails: each is as likely as not, or likelier."
    fail = "fails" if len(failing) == 1 else "fail"
    return (
        f"{len(failing)} of {claims} claims {fail} (expected chance under one half, or not "
        f"checked): {listed(failing)}."
    )


def wrapped(text: str, indent: int = 0) -> list[str]:
    """Text in lines of the terminal's width."""
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)


def _run(outcomes: Outcomes) -> str:
    study, years = outcomes.study, outcomes.years
    arms = " against ".join(study.arm(arm).label for arm in (*outcomes.arms[1:], outcomes.arms[0]))
    period = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    preset = f" Effects: preset “{study.preset}”." if study.preset else ""
    return (
        f"{arms}, {period}: {outcomes.futures:,} simulated futures of each.{preset} Engine: "
        f"{outcomes.engine}. Seed {outcomes.seed}."
    )


def _claim(
    study: Study, one: Verdict, number: int, leanings: Leanings, draws: int, *, several: bool
) -> Iterator[str]:
    claim = one.claim
    reading = f" ({claim.reading})" if claim.reading else ""
    arm = f" [{study.arm(one.arm).label}]" if several else ""
    yield from textwrap.wrap(
        f"“{claim.words}”{reading}{arm}", WIDTH, initial_indent=f"{number}. ",
        subsequent_indent=" " * len(f"{number}. "),
    )  # fmt: skip
    yield from _line("Claimed", f"{claimed_words(one)}; {_basis(study, claim)}")
    if one.expected is None:
        yield from _line("Verdict", f"{one.reason}: it fails")
        return
    yield from _line("Expected", _expected(one))
    yield from _line("Chances", _chances(one))
    yield from _line("If missed", shortfall_words(one))
    yield from _line("Leans on", leaning_words(leanings, one, draws))
    yield from _line("Verdict", f"{one.words}{'; it fails' if one.fails else ''}")


def claimed_words(one: Verdict) -> str:
    """The figure that is claimed, its threshold and its years: ``gross saving at least £1m, …``."""
    claim = one.claim
    what = claim.metric.removesuffix("_pence").replace("_", " ")
    against = {
        Against.BASELINE: " fewer than with no change",
        Against.START: " fewer than at the start",
        Against.NONE: "",
    }[claim.against]
    if claim.unit == "£":
        against = " less than at the start" if claim.against is Against.START else ""
    together = {Aggregate.AT: "", Aggregate.SUM: " in all", Aggregate.MEAN: " a year on average"}
    how = "" if claim.first_year == claim.last_year else together[claim.aggregate]
    when = one.period or "beyond the run"
    return f"{what}, {when}{how}: {side(claim)} {threshold(claim)}{against}"


def _basis(study: Study, claim: Claim) -> str:
    """Where a claim is made, and how good its own basis is."""
    titles = {source.key: source.title for source in study.sources}
    where = claim.source or "no source"
    if claim.source in titles:
        where = textwrap.shorten(titles[claim.source], 60, placeholder="…")
    paragraph = f", {claim.paragraph}" if claim.paragraph else ""
    grade = f"; grade {claim.grade}" if claim.grade else ""
    return f"{where}{paragraph}{grade}"


def _expected(one: Verdict) -> str:
    unit = one.claim.unit
    interval = "no interval: too few futures"
    if one.mean_low is not None and one.mean_high is not None:
        ends = between(amount(one.mean_low, unit), amount(one.mean_high, unit))
        interval = f"95% interval {ends}"
    band = between(amount(one.p10, unit), amount(one.p90, unit))
    return f"{amount(one.mean, unit)} ({interval}); 80% band {band}"


def _chances(one: Verdict) -> str:
    told = [f"expected {chance(one.expected)}", f"outturn {chance(one.outturn)}"]
    if one.unchanged is not None:
        told[-1] += f", with no change {chance(one.unchanged)}"
    if one.coupled is not None:
        told.append(f"coupled {chance(one.coupled)}")
    return "; ".join(told)


def shortfall_words(one: Verdict) -> str:
    """By how much the futures that miss a claim miss it, and how many they are."""
    short, unit = one.shortfall, one.claim.unit
    if short is None:
        return f"none of {one.futures:,} futures misses it, so nothing can be said of a shortfall"
    way = "short" if one.claim.direction is Direction.AT_LEAST else "over"
    band = "too few for a band"
    if short.p10 is not None and short.p90 is not None:
        band = f"80% band {between(amount(short.p10, unit), amount(short.p90, unit))}"
    misses = "that misses" if short.futures == 1 else "that miss"
    return (
        f"{amount(short.mean, unit)} {way} on average ({band}), over the {short.futures:,} of "
        f"{one.futures:,} futures {misses} it"
    )


def leaning_words(leanings: Leanings, one: Verdict, draws: int) -> str:
    """The uncertain numbers that decide a claim's figure, or why none is named."""
    if draws < DRAWS_FOR_SHARES:
        return (
            f"not told: {draws} draws of the uncertain numbers are too few, chance alone would "
            f"name some; {4 * DRAWS_FOR_SHARES} futures or more tell"
        )
    found = leanings.get((one.claim.id, one.arm), ())
    if not found:
        return f"no single number stands out from luck in {draws} draws"
    return "; ".join(
        f"{item.words} (grade {item.grade or 'none'}, {100 * item.share:.0f}%)" for item in found
    )


def _line(label: str, words: str) -> list[str]:
    """A labelled line, wrapped under itself."""
    indent = " " * (3 + LABEL)
    return textwrap.wrap(
        words, WIDTH, initial_indent=f"   {label:<{LABEL}}", subsequent_indent=indent
    )
