"""Trust on the first page: what the answer rests on, how it was tested, what would change it."""

from simfs.analysis.grades import GRADES, NOT_GRADED, Graded
from simfs.experiment.backtest import digest_of
from simfs.report.explanations import LEFT_OUT
from simfs.report.findings import Findings
from simfs.report.html import Part, Points
from simfs.report.influences import LEFT_AT_STRENGTH, NamedInfluence
from simfs.report.told import Place, Told
from simfs.report.wording import in_sentence, listed
from simfs.scenario.fit import Badge

PLAIN_GRADES = {
    "D": "figures that somebody assumed",
    "C": "figures at second hand or worked out",
    "B": "figures published for a wider area",
    "A": "figures published for the place itself",
    NOT_GRADED: "figures that nobody graded",
    "": "no graded figure",
}
assert set(PLAIN_GRADES) >= set(GRADES)
INFLUENCES_TOLD = 3


def trust_parts(findings: Findings, told: Told) -> list[Part]:
    """What the saving rests on, whether forecasts came true, and what more futures would do."""
    points = [_rests(findings, told, graded) for graded in findings.graded]
    points += [_tested(findings, told), _futures(findings, told)]
    return [Points(tuple(points))]


def _rests(findings: Findings, told: Told, graded: Graded) -> str:
    label = findings.label(graded.arm)
    if graded.whole.share is None:
        return (
            f"What the saving of {label} rests on cannot be said: it is not clearly above nothing."
        )
    shares = []
    for grade, portion in graded.by_grade():
        share = portion.share or 0.0
        if round(100 * share):
            place = Place("share of the saving by grade", graded.arm, "", "grades.csv", grade)
            pounds = told.percent_of_pounds(place.at("share"), share)
            shares.append(f"about {pounds} on {PLAIN_GRADES[grade]}")
    return (
        f"Of every £100 that {label} is expected to save, "
        f"{listed(shares).replace(' on ', ' rest on ', 1)}."
    )


def _tested(findings: Findings, told: Told) -> str:
    study = findings.outcomes.study
    badge = study.badge
    if badge is None:
        return (
            "Not tested on the past: nobody has checked whether such forecasts for other places or "
            "years came true."
        )
    if badge.digest != digest_of(study):
        return (
            "Not tested on the past as it stands: figures were changed since the test that the "
            "file tells of."
        )
    return _test_words(told, badge)


def _test_words(told: Told, badge: Badge) -> str:
    inside = told.count(Place("later counts within the range"), badge.inside)
    points = told.count(Place("later counts compared"), badge.points)
    words = (
        f"The tool was tried on the past ({badge.cases}). Of {points} later counts, {inside} lay "
        "in the range that it gives for 8 of 10. "
        f"It {'passed' if badge.passed else 'failed'} that test."
    )
    if badge.rejected:
        names = listed([f"“{name.replace('_', ' ')}”" for name in badge.rejected])
        words += f" The strength of effect called {names} fails it."
    return words


def _futures(findings: Findings, told: Told) -> str:
    number = told.count(Place("futures that were played"), findings.outcomes.futures)
    return (
        f"{number} futures were played. With more, a count that says “about” could still move a "
        "little. The ranges would not become narrower: they are luck, and what nobody knows."
    )


def change_parts(findings: Findings, told: Told) -> list[Part]:
    """What decides the saving, what the tool leaves out, and what the run warns of."""
    points = [
        words
        for arm, found in findings.influences.items()
        if (words := _most(findings, arm, found))
    ]
    if findings.compared and not points:
        points = ["So few futures cannot tell which of the uncertain figures matter most."]
    points.append(f"Left out: {listed([in_sentence(term) for term, _ in LEFT_OUT])}.")
    points += [
        f"{findings.label(one.arm)}: the queue of {one.label} grows without end, and more workers "
        "would be needed. See the warnings."
        for one in findings.queues
    ]
    return [Points(tuple(points))]


def _most(findings: Findings, arm: str, found: tuple[NamedInfluence, ...]) -> str:
    """The figures that matter most, and which way."""
    if not found:
        return ""
    whose = f" of {findings.label(arm)}" if len(findings.influences) > 1 else ""
    told = [_influence(one) for one in found[:INFLUENCES_TOLD]]
    return f"What decides most of the saving{whose}: {'; '.join(told)}."


def _influence(one: NamedInfluence) -> str:
    """A figure, and which way the saving goes with it."""
    if one.words.endswith(LEFT_AT_STRENGTH):
        effect = in_sentence(one.words.removesuffix(LEFT_AT_STRENGTH))
        return f"how strong “{effect}” is (the stronger, the {_more(not one.rises)} is saved)"
    return f"{in_sentence(one.words)} (the higher, the {_more(one.rises)} is saved)"


def _more(rises: bool) -> str:
    return "more" if rises else "less"
