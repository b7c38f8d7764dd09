"""Every claim under every preset: a table for Excel and text for the terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from simfs.analysis.claims import Verdict
from simfs.analysis.presets import UnderPreset
from simfs.analysis.probabilities import Probability
from simfs.report.tables import Value, csv_file
from simfs.report.wording import amount, between, chance, claimed
from simfs.scenario.claims import Claim
from simfs.scenario.scenario import Study

WIDTH = 100
CHANCE = 14
NO_CHANGE = 11
BAND = 25
LABEL = 44  # least room for the words of a row at a glance
OWN = "*"

WORDS = (
    "Mean (80% band): what the arm saves, or by how much it lowers the count; eight futures in ten "
    "lie in the band. In brackets after a chance: its 95% interval; ~ is about. Expected: the "
    "chance that the claim holds once luck is averaged out. Outturn: the chance that the arm stays "
    "within a fixed budget less the claim. No change: the same chance for an authority that "
    "changes nothing. Coupled: how often the same families, followed twice, show the claimed "
    "difference."
)
NET_WORDS = (
    "Chance of a net saving (gross saving less investment, before grant) over {period}: coupled, "
    "with its 95% interval"
)


def presets_csv(found: Sequence[UnderPreset]) -> bytes:
    """Every claim, then the net saving, for each arm under each preset; money in pounds."""
    heads = [
        "claim", "words", "reading", "source", "arm", "preset", "default", "period", "threshold",
        "unit", "mean", "mean_low", "mean_high", "p10", "p90", "p_expected", "p_expected_low",
        "p_expected_high", "p_outturn", "p_outturn_low", "p_outturn_high", "p_unchanged",
        "p_unchanged_low", "p_unchanged_high", "p_coupled", "p_coupled_low", "p_coupled_high",
        "effective_n", "n", "reason",
    ]  # fmt: skip
    return csv_file(heads, _rows(found))


def _rows(found: Sequence[UnderPreset]) -> Iterator[list[Value]]:
    """Presets of the same claim and arm stand together."""
    by_preset = [(*one.verdicts, *one.net) for one in found]
    for same in zip(*by_preset, strict=True):
        for one, verdict in zip(found, same, strict=True):
            yield _row(one, verdict)


def _row(under: UnderPreset, verdict: Verdict) -> list[Value]:
    claim = verdict.claim
    row: list[Value] = [
        claim.id, claim.words, claim.reading, claim.source, verdict.arm, under.preset.key,
        "yes" if under.is_default else "no", verdict.period, claim.threshold, claim.unit,
        verdict.mean, verdict.mean_low, verdict.mean_high, verdict.p10, verdict.p90,
    ]  # fmt: skip
    for p in (verdict.expected, verdict.outturn, verdict.unchanged, verdict.coupled):
        row += [None, None, None] if p is None else [p.value, p.low, p.high]
    return [*row, verdict.effective_n, verdict.futures, verdict.reason]


def presets_text(study: Study, found: Sequence[UnderPreset]) -> str:
    """What a councillor reads in the terminal, at most 100 columns: each claim, then a glance.

    Args:
        study: under the file's own preset.
        found: every claim under every preset.
    """
    blocks = [_head(study, found), _legend(found), _wrapped(WORDS)]
    for arm in found[0].arms:
        blocks.append(_wrapped(f"{study.arm(arm).label.upper()}: every claim, one preset a line"))
        blocks += [_claim(found, arm, *said) for said in by_words(study.claims)]
    blocks += [_wrapped(one.told) for one in study.untested]
    blocks += [_glance(study, found, arm) for arm in found[0].arms]
    if found[0].net:
        blocks.append(_net(study, found))
    return "\n".join(line for block in blocks for line in (*block, ""))


def by_words(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    """The readings of the same words together, in the order of the file."""
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.words, []).append(claim)
    return list(found.items())


def _head(study: Study, found: Sequence[UnderPreset]) -> list[str]:
    one = found[0]
    arms = " against ".join((study.arm(study.baseline).label, _arms_in_words(study, one.arms)))
    return [
        *_wrapped(study.title or study.name),
        *_wrapped(
            f"{arms}, {_period(one.years)}: {one.futures:,} simulated futures of each under each "
            f"preset, with the same luck. Engine: {one.engine}. Seed {one.seed}."
        ),
    ]


def _arms_in_words(study: Study, arms: Sequence[str]) -> str:
    return ", ".join(study.arm(arm).label for arm in arms)


def _period(years: Sequence[str]) -> str:
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _legend(found: Sequence[UnderPreset]) -> list[str]:
    """What each preset stands for, and which is the file's own."""
    lines = ["Presets: which strength of the effects to believe"]
    widest = min(max(len(_name(one)) for one in found), 30)
    for one in found:
        start = f"  {_clipped(_name(one), widest):<{widest}}  "
        lines += textwrap.wrap(
            one.preset.label, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
        )
    own = any(one.is_default for one in found)
    return [*lines, f"  {OWN} the file's own" if own else "  The file names none as its own."]


def _name(under: UnderPreset) -> str:
    return under.preset.key + OWN * under.is_default


def _claim(
    found: Sequence[UnderPreset], arm: str, words: str, claims: Sequence[Claim]
) -> list[str]:
    """A claim as it was published, then each of its readings under every preset."""
    lines = _wrapped(f"“{words}”")
    for number, claim in enumerate(claims):
        same = [one.of(arm, claim) for one in found]
        reading = f" ({claim.reading})" if claim.reading else ""
        said = claimed(same[0], found[0].years) + reading
        lines += textwrap.wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    ")
        if same[0].expected is None:
            lines.append(f"    {same[0].reason}")
            continue
        figures = [_figures(verdict) for verdict in same]
        band = max(BAND, *(len(row[0]) + 2 for row in figures))
        if number == 0:
            lines.append(_line("", band, HEADS))
        lines += [
            _line(f"    {_name(one)}", band, row) for one, row in zip(found, figures, strict=True)
        ]
    return lines


HEADS = ("mean (80% band)", "expected", "outturn", "no change", "coupled")


def _figures(verdict: Verdict) -> tuple[str, ...]:
    """What is claimed, and how likely it is, in the order of `HEADS`."""
    unit = verdict.claim.unit
    mean, low, high = (amount(end, unit) for end in (verdict.mean, verdict.p10, verdict.p90))
    for sign in ("£", "m", "%"):
        low, high = low.replace(sign, ""), high.replace(sign, "")
    unchanged = _chance(verdict.unchanged).partition(" (")[0]
    return (
        f"{mean} ({between(low, high)})",
        _chance(verdict.expected),
        _chance(verdict.outturn),
        unchanged,
        _chance(verdict.coupled),
    )


def _chance(p: Probability | None) -> str:
    return chance(p).replace("about ", "~")


def _line(label: str, band: int, cells: Sequence[str]) -> str:
    widths = (band, CHANCE, CHANCE, NO_CHANGE, CHANCE)
    room = WIDTH - sum(widths)
    told = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{_clipped(label, room):<{room}}{told}"


def _glance(study: Study, found: Sequence[UnderPreset], arm: str) -> list[str]:
    """One line a claim, one column a preset: the coupled chance alone."""
    title = f"{study.arm(arm).label}, at a glance: coupled chance of each claim under each preset"
    years = found[0].years
    rows = []
    for claim in study.claims:
        same = [one.of(arm, claim) for one in found]
        cells = [_chance(verdict.coupled).partition(" (")[0] for verdict in same]
        rows.append((claimed(same[0], years), cells))
    return [*_wrapped(title), *_matrix([_name(one) for one in found], rows)]


def _net(study: Study, found: Sequence[UnderPreset]) -> list[str]:
    """One line a preset, one column an arm: the chance of a net saving over all years."""
    title = NET_WORDS.format(period=_period(found[0].years))
    rows = [(_name(one), [_chance(verdict.coupled) for verdict in one.net]) for one in found]
    heads = [study.arm(verdict.arm).label for verdict in found[0].net]
    return [*_wrapped(title), *_matrix(heads, rows)]


def _matrix(heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Rows under headings of several lines; columns that do not fit follow below."""
    width = max(12, *(len(cell) + 2 for _, cells in rows for cell in cells))
    most = max((WIDTH - LABEL) // width, 1)
    lines: list[str] = []
    for first in range(0, len(heads), most):
        shown = heads[first : first + most]
        room = WIDTH - len(shown) * width
        stacks = [_stack(head, width - 1) for head in shown]
        high = max(map(len, stacks))
        for level in range(high):
            line = [stack[level - high] if level >= high - len(stack) else "" for stack in stacks]
            lines.append(" " * room + "".join(f"{words:>{width}}" for words in line))
        for label, cells in rows:
            *above, last = textwrap.wrap(
                label, room - 1, initial_indent="  ", subsequent_indent="    "
            )
            told = "".join(f"{cell:>{width}}" for cell in cells[first : first + most])
            lines += [*above, f"{last:<{room}}{told}"]
    return lines


def _stack(head: str, width: int) -> list[str]:
    """A heading over several lines, broken after a space, an underline or a hyphen."""
    parts = head.replace("_", "_ ").split(" ")
    lines = [""]
    for part in parts:
        gap = " " if lines[-1] and not lines[-1].endswith("_") else ""
        if lines[-1] and len(lines[-1]) + len(gap) + len(part) > width:
            lines.append(part)
        else:
            lines[-1] += gap + part
    return [_clipped(line, width) for line in lines]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
