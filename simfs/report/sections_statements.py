"""The appendix: what STRESS-DES and the AQuA Book ask to be said, filled from the file and the run.

STRESS-DES: Monks and others, Strengthening the reporting of empirical simulation studies, Journal
of Simulation, 2019. AQuA Book: HM Treasury, guidance on producing quality analysis for government.
"""

import platform

import simfs
from simfs.analysis.grades import by_price
from simfs.report.explanations import CHECKS, GRADES_IN_WORDS, NOT_DONE
from simfs.report.findings import Findings
from simfs.report.html import Cell, Part, Points, Section, Table, Terms, Words
from simfs.report.sections import heads
from simfs.report.trust import badge_sentence, fit_sentence
from simfs.report.wording import DASH, listed, percent
from simfs.scenario.dates import day_in_words

ASSUMPTIONS_SHOWN = 15
ROUND_OFF = 0.005  # of a share: printed as 0% or 1%


def stress_section(findings: Findings) -> Section:
    """What a reader needs to build the model again, under the headings of STRESS-DES."""
    terms = (
        *_objectives(findings),
        *_logic(findings),
        *_data(findings),
        *_experiment(findings),
        *_implementation(findings),
    )
    return Section("stress-des", "Appendix: statement after STRESS-DES", (Terms(terms),))


def _objectives(findings: Findings) -> tuple[tuple[str, str], ...]:
    study, outcomes = findings.outcomes.study, findings.outcomes
    arms = listed([findings.label(arm) for arm in outcomes.arms])
    stocks = listed([count.label.lower() for count in findings.counts]) or "no stock"
    money = ", and what is spent and saved by financial year and payer" if findings.priced else ""
    return (
        (
            "1.1 Purpose",
            f"{study.title or study.name}. To say how likely {_many(len(study.claims), 'claim')} "
            "will come true, and with what range."
            if study.claims
            else f"{study.title or study.name}. To say how many children to expect, with a range.",
        ),
        (
            "1.2 Outputs",
            f"Children in each published stock ({stocks}) by week and year{money}; waiting, "
            "caseloads and posts by team.",
        ),
        (
            "1.3 What is compared",
            f"{arms}, each in the same futures; the baseline is "
            f"{findings.label(outcomes.baseline)}.",
        ),
    )


def _logic(findings: Findings) -> tuple[tuple[str, str], ...]:
    base = findings.scenario(findings.outcomes.baseline)
    limited = [team.label for team in findings.teams()]
    waits = (
        f"{listed(limited)}. A case goes to a worker with room, by priority and then by the day it "
        "was asked for, once a day; the others wait."
        if limited
        else "No team has a limit, so nobody waits."
    )
    return (
        (
            "2.1 Overview",
            f"A network of {_many(len(base.pathway.stages), 'stage')}, with "
            f"{_many(len(base.pathway.exits), 'exit')}. A case enters a stage, waits for a worker "
            "where the stage needs one, stays, and takes one of the stage's routes. The clock "
            "moves in whole days.",
        ),
        (
            "2.2 What differs between the arms",
            _differs(findings),
        ),
        ("2.3 Entities", "Families with their children; in care, single children."),
        ("2.4 Activities", "Stays in stages, with distributions that the file gives."),
        ("2.5 Resources and queues", waits),
        (
            "2.6 Entry and exit",
            f"Arrivals: {listed([s.label for s in base.demand.streams])}. Ways out: "
            f"{listed([one.label for one in base.pathway.exits])}.",
        ),
    )


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _differs(findings: Findings) -> str:
    told = []
    for one in findings.compared:
        practice = findings.scenario(one.arm).practice
        if practice is None:
            told.append(f"{findings.label(one.arm)}: no practice model.")
            continue
        effects = listed([effect.label.lower() for effect in practice.effects]) or "none"
        when = ""
        if practice.go_live is not None:
            day = findings.scenario(one.arm).calendar.date_of(practice.go_live)
            when = f", from {day_in_words(day)}"
        told.append(f"{findings.label(one.arm)}{when}; effects: {effects}.")
    return " ".join(told) or "One arm only; nothing is compared."


def _data(findings: Findings) -> tuple[tuple[str, str], ...]:
    study = findings.outcomes.study
    assumed = sum(bool(row.assumption) for row in study.ledger)
    preset = f" Effects as the preset “{study.preset}” states them." if study.preset else ""
    return (
        (
            "3.1 Sources",
            f"{_many(len(study.sources), 'source')}, listed in this page; every number names its "
            "source or its assumption (inputs.csv).",
        ),
        (
            "3.2 Inputs",
            f"{len(study.ledger):,} numbers, {assumed:,} of them assumed.{preset} All stand in "
            "config.resolved.toml.",
        ),
        ("3.3 Assumptions", "In the table of assumptions of this page, with their grades."),
        ("3.4 Preparation", fit_sentence(study)),
    )


def _experiment(findings: Findings) -> tuple[tuple[str, str], ...]:
    outcomes = findings.outcomes
    base = findings.scenario(outcomes.baseline)
    draws = len(set(outcomes.draws.tolist()))
    return (
        (
            "4.1 Start",
            f"{day_in_words(base.calendar.start)}, with the opening stocks of the file already in "
            "their stages, each with the time that it still has; no warm-up is cut off.",
        ),
        (
            "4.2 Run length",
            f"{base.calendar.days:,} days, {_many(len(outcomes.years), 'financial year')}.",
        ),
        (
            "4.3 Runs",
            f"{outcomes.futures:,} futures of each arm, from {draws:,} draws of the uncertain "
            "numbers. Differences are taken within a future. Intervals of means are t intervals "
            "over the means of draws.",
        ),
    )


def _implementation(findings: Findings) -> tuple[tuple[str, str], ...]:
    outcomes = findings.outcomes
    return (
        (
            "5.1 Software",
            f"simfs {simfs.__version__}, Python {platform.python_version()}; engine "
            f"“{outcomes.engine}”. Other versions stand at the end of this page.",
        ),
        (
            "5.2 Randomness",
            "A counter-based generator (Philox). Each number is a function of the seed "
            f"({outcomes.seed}), the draw, the luck, the family, the visit and the purpose, so it "
            "is the same in every arm and on any number of processors.",
        ),
        (
            "5.3 Order within a day",
            "Fixed and written down; both engines follow the same text.",
        ),
        (
            "6.1 How to run it again",
            "With the command under “What ran”, from the scenario in this folder.",
        ),
    )


def aqua_section(findings: Findings) -> Section:
    """The quality statement: assumptions with quality and impact, checks done and not done."""
    study = findings.outcomes.study
    parts: list[Part] = [
        Words("Assumptions: how good, and how much hangs on them", "heading"),
        *_log(findings),
        Words("Is the program right? (verification)", "heading"),
        Words(
            "What the program's own tests check before each change of it. They are of the program "
            "and of the scenarios that ship with it; they were not run with this page."
        ),
        Points(CHECKS),
        Words("Is it the right model? (validation)", "heading"),
        Words(badge_sentence(study)),
        Words(fit_sentence(study)),
        Words("What was not done", "heading"),
        Points((*NOT_DONE, *_not_done(findings))),
        Words("Signed off by", "heading"),
        Words(
            "Commissioner, analyst and analytical assurer are not recorded by the tool. Whoever "
            "uses this page for a decision names them."
        ),
    ]
    return Section("aqua", "Appendix: quality statement after the AQuA Book", tuple(parts))


def _log(findings: Findings) -> list[Part]:
    if not findings.graded:
        return [
            Words(
                "The assumptions stand in a table of this page with their grades. How much of the "
                "saving hangs on each was not worked out in this run."
            )
        ]
    return [_log_of(findings, index) for index in range(len(findings.graded))]


def _log_of(findings: Findings, index: int) -> Table:
    """Effects and prices of one arm, those that carry most of the saving first."""
    graded = findings.graded[index]
    decides: dict[str, float] = {}
    for one in findings.influences[graded.arm]:
        place = one.quantity.path.rpartition(".")[0]
        decides[place] = decides.get(place, 0.0) + one.share
    found: list[tuple[float, tuple[Cell, ...]]] = []
    for cause, portion in graded.by_cause():
        if cause.key and portion.share is not None:
            ratio = _ratio(findings, graded.arm, cause.key)
            found.append((portion.share, _log_row(cause.label, "effect", cause.grade, portion.share,
                                                  decides.get(ratio))))  # fmt: skip
    for priced in by_price(findings.outcomes, graded.arm):
        if priced.share is not None:
            line = priced.line
            share = decides.get(f"costs.{line.key}")
            found.append((priced.share, _log_row(line.label, "price", line.grade, priced.share,
                                                 share)))  # fmt: skip
    shown = sorted((one for one in found if abs(one[0]) > ROUND_OFF), key=lambda one: -abs(one[0]))
    return Table(
        f"{findings.label(graded.arm)}: what the gross saving hangs on most",
        (
            Cell("Number"),
            Cell("Kind"),
            Cell("Quality (grade)"),
            *heads("", "Impact: share of the saving", "Decides of its spread")[1:],
        ),
        tuple(row for _, row in shown[:ASSUMPTIONS_SHOWN]),
        "Effects and prices are two cuts through one saving: the shares of each kind add up to it, "
        f"those of both do not. A minus is a cost. {DASH}: cannot be told from luck in this run. "
        f"Grades: {GRADES_IN_WORDS}.",
        "grades.csv",
    )


def _ratio(findings: Findings, arm: str, effect: str) -> str:
    """Where the numbers of an effect stand in the file."""
    for one in findings.scenario(arm).effects:
        if one.key == effect:
            return one.ratio.path.rpartition(".")[0]
    return ""


def _log_row(
    label: str, kind: str, grade: str, share: float, decides: float | None
) -> tuple[Cell, ...]:
    spread = DASH if decides is None else percent(100 * decides)
    return (
        Cell(label),
        Cell(kind),
        Cell(grade or DASH),
        Cell(percent(100 * share), number=True),
        Cell(spread, number=True),
    )


def _not_done(findings: Findings) -> list[str]:
    """What this run in particular did without."""
    study, told = findings.outcomes.study, []
    if not findings.outcomes.drift:
        told.append("The authority's own wandering was not switched on: ranges are too narrow.")
    if not study.fit:
        told.append("The file holds no record of a fit of its start to counts.")
    if study.badge is None:
        told.append("No back-test of this file on other places or years.")
    if not study.history:
        told.append("No published counts stand in the file to set the figures beside.")
    if not _drawn(findings):
        told.append("No number of the file was drawn: ranges are luck alone.")
    return told


def _drawn(findings: Findings) -> bool:
    return any(row.low is not None for row in findings.outcomes.study.ledger)
