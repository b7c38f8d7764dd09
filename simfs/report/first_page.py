"""The first page: the answer in words that can be read aloud, with no word of simulation in them.

Every chance is a natural frequency, every range says in how many of ten futures it holds.
"""

from simfs.analysis.claims import Verdict
from simfs.report.findings import Findings, level_of
from simfs.report.first_money import money_parts
from simfs.report.first_trust import change_parts, trust_parts
from simfs.report.html import Part, Points, Section, Words
from simfs.report.tables import Value, csv_file
from simfs.report.told import Place, Sides, Told
from simfs.report.wording import listed
from simfs.scenario.claims import Against
from simfs.scenario.dates import month_in_words

CLAIMS_IN_THE_ANSWER = 6
FEWER = Sides("fewer", "more")
HALF = 0.5
IN_BRACKETS = "In brackets: where 8 of 10 futures lie."


def first_page(findings: Findings) -> tuple[Section, Told]:
    """The page, and the figures on it."""
    told = Told()
    parts: list[Part] = [
        Words("What was asked", "heading"),
        Words(_asked(findings, told)),
        Words("What the tool did", "heading"),
        Words(_did(findings, told)),
    ]
    claims = _claims(findings, told)
    if claims:
        parts += [Words("Do the claims come true?", "heading"), *claims]
    parts += [Words("Children", "heading"), *_children(findings, told)]
    if findings.priced and findings.compared:
        parts += money_parts(findings, told)
    parts += [Words("How sure is this?", "heading"), *trust_parts(findings, told)]
    parts += [Words("What would change the answer?", "heading"), *change_parts(findings, told)]
    return Section("answer", "The answer on one page", tuple(parts)), told


def answer_csv(findings: Findings) -> bytes:
    """Every figure of the first page, in the order of reading, in full and as it is printed there.

    Where another table holds the value too, the last three columns say where.
    """
    heads = ["figure", "arm", "period", "value", "unit", "printed", "file", "row", "column"]
    _, told = first_page(findings)
    rows: list[list[Value]] = [
        [
            row.place.what, row.place.arm, row.place.period, row.value, row.unit, row.printed,
            row.place.file, row.place.line, row.place.column,
        ]
        for row in told.rows
    ]  # fmt: skip
    return csv_file(heads, rows)


def _quoted(findings: Findings) -> tuple[str, str]:
    """The baseline and what is set against it, in words."""
    base = f"“{findings.label(findings.outcomes.baseline)}”"
    return base, listed([f"“{findings.label(one.arm)}”" for one in findings.compared])


def _asked(findings: Findings, told: Told) -> str:
    base, others = _quoted(findings)
    if not findings.compared:
        return (
            f"How many families and children will there be in children's social care with {base}?"
        )
    asked = f"What changes if children's social care works by {others} rather than {base}?"
    number = len(findings.outcomes.study.claims)
    if not number:
        return asked
    papers = told.count(Place("claims that were checked"), number)
    return (
        f"{asked} Papers claim what it will save and how many children will need care or "
        f"protection: {papers} claim{'s' * (number > 1)} in all. How likely are they to come true?"
    )


def _did(findings: Findings, told: Told) -> str:
    outcomes = findings.outcomes
    start, end = findings.scenario(outcomes.baseline).calendar.start, findings.year_ends[-1]
    times = told.count(Place("futures that were played"), outcomes.futures)
    number = len(outcomes.years)
    years = told.count(Place("financial years that were played"), number)
    period = f"{years} year{'s' * (number > 1)}, {month_in_words(start)} to {month_in_words(end)}"
    if not findings.compared:
        return f"It played {period}, {times} times over. Each time is called a future."
    ways = "both ways" if len(outcomes.arms) == 2 else "each of the ways"
    return (
        f"It played {period}, {times} times over, each time with the same families and "
        f"the same good or bad luck under {ways} of working. Each time is called a future. What "
        "then differs within a future is what the way of working does."
    )


def leading(findings: Findings) -> list[Verdict]:
    """The first claim about each thing that is claimed, for each arm, in the order of the file."""
    found: dict[tuple[str, str], Verdict] = {}
    for one in findings.verdicts:
        if one.expected is not None:
            found.setdefault((one.arm, one.claim.metric), one)
    return list(found.values())[:CLAIMS_IN_THE_ANSWER]


def _claims(findings: Findings, told: Told) -> list[Part]:
    shown, parts = leading(findings), list[Part]()
    if shown:
        points = tuple(claim_point(findings, told, one) for one in shown)
        parts += [Words(_tally(told, shown), "strong"), Points(points)]
        judged = [one for one in findings.verdicts if one.expected is not None]
        parts += [Words(_others(told, judged, shown))] if len(judged) > len(shown) else []
        by_luck = _by_luck(told, shown[0])
        parts += [Words(by_luck)] if by_luck else []
    untested = len(findings.outcomes.study.untested)
    if untested:
        number = told.count(Place("claims that cannot be judged"), untested)
        claims, about = ("claim", "it is") if untested == 1 else ("claims", "they are")
        parts.append(
            Words(f"{number} {claims} cannot be judged: what {about} about is not played.")
        )
    return parts


def _tally(told: Told, shown: list[Verdict]) -> str:
    """How many of the leading claims hold in most futures; nobody is counted who is too close."""
    chances = [p for one in shown if (p := one.coupled or one.outturn) is not None]
    most = sum(p.low > HALF for p in chances)
    least = sum(p.high < HALF for p in chances)
    parts = (
        ("come true in most futures", "comes true in most futures", most),
        ("fail in most futures", "fails in most futures", least),
        ("are too close to call", "is too close to call", len(chances) - most - least),
    )
    words = [
        f"{told.count(Place(f'leading claims that {many}'), n)} {one if n == 1 else many}"
        for many, one, n in parts
        if n
    ]
    number = told.count(Place("leading claims"), len(chances))
    if len(chances) == 1:
        return f"The leading claim {words[0].partition(' ')[2]}."
    if len(words) == 1:
        return f"All {number} leading claims {words[0].partition(' ')[2]}."
    return f"Of the {number} leading claims, {listed(words)}."


def _others(told: Told, judged: list[Verdict], shown: list[Verdict]) -> str:
    """How many of the claims that are not told here hold: other readings, years and amounts."""
    left = [one for one in judged if one not in shown]
    chances = [p for one in left if (p := one.coupled or one.outturn) is not None]
    number = told.count(Place("other claims and readings"), len(left))
    most = sum(p.low > HALF for p in chances)
    come = (
        told.count(Place("other claims that come true in most futures"), most) if most else "none"
    )
    verb = "comes" if most < 2 else "come"
    return f"More claims and readings below: {number} in all; {come} {verb} true in most futures."


def claim_point(findings: Findings, told: Told, verdict: Verdict) -> str:
    """One claim, how often it comes true, and what to expect instead."""
    claim = verdict.claim
    arm = f"{findings.label(verdict.arm)}: " if len(findings.compared) > 1 else ""
    reading = f" ({claim.reading})" if claim.reading else ""
    asked = "p_coupled" if verdict.coupled else "p_outturn"
    chance = verdict.coupled or verdict.outturn
    assert chance is not None
    place = Place(claim.words, verdict.arm, verdict.period, "claims.csv", claim.id)
    often = told.futures(place.at(asked), chance)
    when = f"over {verdict.period}" if " to " in verdict.period else f"in {verdict.period}"
    mean, low, high = (
        (told.amount(place.at(column), value, claim.unit), value)
        for column, value in (("mean", verdict.mean), ("p10", verdict.p10), ("p90", verdict.p90))
    )
    sides = _sides(verdict)
    return (
        f"{arm}“{claim.words}”{reading} comes true in {often}. On average {when}: "
        f"{sides.of(*mean)}; in 8 of 10 futures {sides.span(low, high)}."
    )


def _sides(verdict: Verdict) -> Sides:
    """Words for a saving and a loss, for fewer children and more, or for a figure itself."""
    if verdict.claim.against is Against.NONE:
        return Sides("", "below nothing")
    return Sides("saved", "lost") if verdict.claim.unit == "£" else FEWER


def _by_luck(told: Told, verdict: Verdict) -> str:
    """How often the accounts alone would seem to show a claim, with the change and without."""
    if verdict.unchanged is None or verdict.outturn is None:
        return ""
    place = Place(verdict.claim.words, verdict.arm, verdict.period, "claims.csv", verdict.claim.id)
    with_it = told.futures(place.at("p_outturn"), verdict.outturn)
    without = told.futures(place.at("p_unchanged"), verdict.unchanged)
    return (
        "The accounts alone will not show who was right. Set against a fixed budget, the first of "
        f"these claims seems to come true in {with_it} with the change, and in {without} with no "
        "change at all."
    )


def _children(findings: Findings, told: Told) -> list[Part]:
    if not findings.counts:
        return [Words("No number of children is counted in this run.")]
    year, end = findings.outcomes.years[-1], findings.year_ends[-1]
    when = f"At the end of {month_in_words(end)}"
    if not findings.compared:
        return [Words(f"{when}, on average: {_levels(findings, told)}. {IN_BRACKETS}")]
    parts: list[Part] = []
    for one in findings.compared:
        changes = []
        for count in findings.counts:
            row = one.fall(f"{count.key}_at_end_children", year)
            pair = f"{one.baseline} - {one.arm}"
            place = Place(count.label, pair, end.isoformat(), "bands.csv", row.metric.key)
            mean, low, high = (
                (told.count(place.at(column), value, "children"), value)
                for column, value in (("mean", row.mean), ("p10", row.p10), ("p90", row.p90))
            )
            changes.append(f"{count.label.lower()}: {FEWER.of(*mean)} ({FEWER.span(low, high)})")
        parts.append(
            Words(
                f"{when}, with {findings.label(one.arm)} rather than "
                f"{findings.label(one.baseline)}, on average: {'; '.join(changes)}. {IN_BRACKETS}"
            )
        )
    return parts


def _levels(findings: Findings, told: Told) -> str:
    """The stocks of a single arm at the end of the run."""
    only, year = findings.comparisons[0], findings.outcomes.years[-1]
    levels = []
    for count in findings.counts:
        row = level_of(only, f"{count.key}_at_end_children", year)
        end = findings.year_ends[-1].isoformat()
        place = Place(count.label, only.arm, end, "bands.csv", row.metric.key)
        mean, low, high = (
            told.count(place.at(column), getattr(row, column), "children")
            for column in ("mean", "p10", "p90")
        )
        levels.append(f"{count.label.lower()} {mean} ({low} to {high})")
    return "; ".join(levels)
