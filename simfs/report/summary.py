"""The answer on one screen: plain text that needs no colour, at most 60 lines of 100 columns."""

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from simfs.analysis.claims import Verdict
from simfs.analysis.comparison import Comparison, Summary
from simfs.report.charts import MeanBand
from simfs.report.findings import Findings, level_of, turned
from simfs.report.page import what_ran
from simfs.report.staffing import staff_of
from simfs.report.trust import badge_sentence
from simfs.report.wording import (
    PENCE_IN_MILLION,
    chance,
    claimed,
    one_decimal,
    percent,
    two_decimals,
    whole,
)
from simfs.scenario.workforce import TeamKind

WIDTH = 100
LINES = 60
CLAIM = 45
CHANCE = 15
UNCHANGED = 10
CLAIM_LINES = 8
MATTERS_SHOWN = 5
NOTES_SHOWN = 3
# What is left out, one thing after the other, where the screen is too small.
SHORTER = ((MATTERS_SHOWN, NOTES_SHOWN), (MATTERS_SHOWN, 0), (3, 0), (0, 0))


def summary_text(findings: Findings, folder: Path | None = None) -> str:
    """What a councillor reads in the terminal.

    Args:
        findings: what the run found.
        folder: results folder to name at the end.
    """
    study = findings.outcomes.study
    head = [_clipped(study.title or study.name), *textwrap.wrap(what_ran(findings), WIDTH)]
    end = textwrap.wrap(badge_sentence(study), WIDTH, max_lines=2, placeholder=" …")
    end += [f"Report: {folder / 'report.html'}"] if folder else []
    blocks = [_children(findings)]
    blocks += [_money(findings, one) for one in findings.compared if findings.priced]
    room = LINES - (CLAIM_LINES + 1 if findings.verdicts else 0)
    for matters, sums in SHORTER:
        after = [
            _notes("Claims that are not judged", [one.told for one in study.untested]),
            _staff(findings),
            _notes("Queues that grow without end", findings.queue_words()),
            _matters(findings, matters),
            _notes("Warnings", study.warnings),
            _notes("The claims' own arithmetic", [c.words for c in findings.arithmetic], sums),
        ]
        used = sum(len(block) + 1 for block in (head, *blocks, *after, end) if block)
        if used <= room:
            break
    claims = _claims(findings, LINES - used - 1)
    shown = [block for block in (head, *blocks, claims, *after, end) if block]
    lines = [line for block in shown for line in (*block, "")][:-1]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 2], "(more in report.html)", *(end or [""])]
    return "\n".join(lines) + "\n"


def _children(findings: Findings) -> list[str]:
    """Published stocks at the end of the run, arms side by side."""
    if not findings.counts:
        return []
    year = findings.outcomes.years[-1]
    heads = [findings.label(one.arm) for one in findings.comparisons]
    # With more arms than two there is no room for differences; the page has them.
    compared = findings.compared if len(findings.compared) == 1 else ()
    heads += ["difference" for _ in compared]
    rows = []
    for count in findings.counts:
        key = f"{count.key}_at_end_children"
        cells = [_whole(level_of(one, key, year)) for one in findings.comparisons]
        cells += [_whole(turned(one.fall(key, year))) for one in compared]
        rows.append((count.label, cells))
    return [f"Children at the end of {year}: mean (80% band)", *_grid(heads, rows)]


def _money(findings: Findings, one: Comparison) -> list[str]:
    """Saving by financial year: gross, what of it could be cashed, investment, net."""
    rows = []
    for year in findings.outcomes.years:
        cells = [
            _millions(one.fall("gross_saving_pence", year)),
            _millions(one.fall("cashable_saving_pence", year)),
            _millions(turned(one.fall("spend.investment_pence", year))),
            _millions(one.fall("net_saving_pence", year)),
        ]
        rows.append((year, cells))
    heads = ["gross", "of it cashable", "investment", "net of investment"]
    title = f"Saving of {findings.label(one.arm)} by financial year, £m: mean (80% band)"
    return [_clipped(title), *_grid(heads, rows)]


def _claims(findings: Findings, room: int) -> list[str]:
    """Each claim with its three probabilities, as far as there is room."""
    if not findings.verdicts:
        return []
    lines = [
        f"{'Probability (95% interval) of a claim':<{CLAIM}}{'expected':>{CHANCE}}"
        f"{'outturn':>{CHANCE}}{'no change':>{UNCHANGED}}{'coupled':>{CHANCE}}",
        "  expected: luck averaged out; outturn, no change: against a fixed figure; coupled: twice",
    ]
    several = len(findings.compared) > 1
    room -= 2 + (len(findings.compared) if several else 0)
    shown = _first_readings(findings.verdicts, max(room, 5))
    for arm in findings.compared:
        if several:
            lines.append(_clipped(f"  {findings.label(arm.arm)}"))
        lines += [_claim_line(findings, one) for one in shown if one.arm == arm.arm]
    if len(shown) < len(findings.verdicts):
        lines.append(f"  and {len(findings.verdicts) - len(shown)} more in claims.csv")
    return lines


def _claim_line(findings: Findings, verdict: Verdict) -> str:
    label = _clipped(claimed(verdict, findings.outcomes.years), CLAIM - 3)
    asked = (verdict.expected, verdict.outturn, verdict.unchanged, verdict.coupled)
    first, second, unchanged, last = (chance(p).replace("about ", "~") for p in asked)
    alone = unchanged.partition(" (")[0]
    return (
        f"  {label:<{CLAIM - 2}}{first:>{CHANCE}}{second:>{CHANCE}}{alone:>{UNCHANGED}}"
        f"{last:>{CHANCE}}"
    )


def _first_readings(verdicts: Sequence[Verdict], room: int) -> list[Verdict]:
    """As many as there is room for: a first reading of each claim before second ones."""
    if len(verdicts) <= room:
        return list(verdicts)
    seen: set[tuple[str, str]] = set()
    ranked = []
    for place, one in enumerate(verdicts):
        name = (one.arm, one.claim.words)
        ranked.append((name in seen, place))
        seen.add(name)
    kept = sorted(place for _, place in sorted(ranked)[: room - 1])
    return [verdicts[place] for place in kept]


def _staff(findings: Findings) -> list[str]:
    """Posts over the run, then caseloads, waiting and needs met in its last year, by arm."""
    year = findings.outcomes.years[-1]
    arms = findings.outcomes.arms
    teams = findings.teams(TeamKind.SOCIAL_WORK)
    rows: list[tuple[str, list[str]]] = []

    def row(label: str, team: str, kind: str, words: Callable[[float], str]) -> None:
        told = [findings.staff.get((arm, team), {}).get(kind) for arm in arms]
        if any(told):
            rows.append((label, [_figure(one, words) for one in told]))

    if teams:
        row("Social workers in post, over the run", "", "posts", one_decimal)
        row("  of them agency workers", "", "agency", percent)
        row("  of all posts, empty", "", "empty", percent)
        row("  of all posts, without a permanent worker", "", "not_permanent", percent)
    specialists = _specialists(findings)
    if any(specialists):
        cells = [_figure(one, one_decimal) for one in specialists]
        rows.append(("Adult specialists in post, over the run", cells))
    for team in teams:
        row(f"{team.label}: {team.unit.value} a worker", team.key, "caseload", one_decimal)
    row("Days until a case has a worker", "", "waits", one_decimal)
    row("Workers lost, per case a year", "", "changes", two_decimals)
    row("Children past a limit in the year", "", "breaches", whole)
    cells = [_whole(level_of(one, "unallocated_child_days", year)) for one in findings.comparisons]
    rows.append(("Child-days without a worker", cells))
    for need in findings.scenario(findings.outcomes.baseline).demand.needs:
        doses = [findings.doses_by_need[arm].get(need.key) for arm in arms]
        if any(doses):
            words = f"{need.label}: days with a specialist"
            rows.append((words, [_figure(one, percent) for one in doses]))
    heads = [findings.label(arm) for arm in arms]
    title = f"Staff (in {year} unless over the run): mean (80% band)"
    return [title, *_grid(heads, rows)]


def _specialists(findings: Findings) -> list[MeanBand | None]:
    """Specialists in post over the run, all teams together; None for an arm without posts."""
    teams = findings.teams(TeamKind.SPECIALIST)
    told = [staff_of(findings.outcomes, arm, teams) for arm in findings.outcomes.arms if teams]
    return [one["posts"] if one["established"].mean else None for one in told]


def _figure(told: MeanBand | None, words: Callable[[float], str]) -> str:
    if told is None:
        return "none"
    return f"{words(told.mean)} ({words(told.p10)} to {words(told.p90)})"


def _matters(findings: Findings, most: int) -> list[str]:
    """The uncertain numbers that decide the saving of the first arm compared."""
    arm = findings.compared[0].arm if findings.compared else ""
    influences = findings.influences.get(arm, ())[:most]
    if not influences:
        return []
    lines = ["What decides the saving most (share of its spread)"]
    for one in influences:
        turn = "raises it" if one.rises else "lowers it"
        lines.append(
            f"  {100 * one.share:>3.0f}%  {_clipped(f'{one.words}; more {turn}', WIDTH - 8)}"
        )
    return lines


def _notes(head: str, notes: Sequence[str], most: int = NOTES_SHOWN) -> list[str]:
    """The first notes, at most two lines each."""
    if not notes or not most:
        return []
    lines = [head]
    for note in notes[:most]:
        lines += textwrap.wrap(
            note, WIDTH, initial_indent="  - ", subsequent_indent="    ", max_lines=2,
            placeholder=" …",
        )  # fmt: skip
    if len(notes) > most:
        lines[0] += f" ({most} of {len(notes)}; all in report.html)"
    return lines


def _grid(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Rows of a label and cells, each column as wide as its widest cell, flush right."""
    longest = max(len(label) for label, _ in rows)
    cells_wide = [max(len(cells[i]) for _, cells in rows) for i in range(len(heads))]
    # Two spaces before each column where there is room, or else one.
    gap = 2 if longest + sum(cells_wide) + 2 * (len(heads) + 1) <= WIDTH else 1
    widest = [width + gap for width in cells_wide]
    room = WIDTH - longest - gap - 1
    spare = max(room - sum(widest), 0)
    widths = list(widest)
    # Room for long headings goes to those that need least, so that most are whole.
    for i in sorted(range(len(heads)), key=lambda i: len(heads[i]) - widest[i]):
        extra = min(max(len(heads[i]) + 2 - widest[i], 0), spare)
        spare -= extra
        widths[i] += extra
    first = WIDTH - sum(widths)
    named = [(" " * gap + _clipped(label, first - gap), cells) for label, cells in rows]
    lines = [(" " * first, heads), *named]
    return [
        start.ljust(first)
        + "".join(f"{_clipped(cell, w - 1):>{w}}" for cell, w in zip(cells, widths, strict=True))
        for start, cells in lines
    ]


def _clipped(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _whole(row: MeanBand | Summary, unit: str = "") -> str:
    return f"{whole(row.mean)}{unit} ({whole(row.p10)} to {whole(row.p90)})"


def _millions(row: MeanBand | Summary) -> str:
    mean, low, high = (
        two_decimals(pence / PENCE_IN_MILLION) for pence in (row.mean, row.p10, row.p90)
    )
    return f"{mean} ({low} to {high})"
