"""How likely each claim is under each preset: a dot and its interval, claims down the side."""

from collections.abc import Sequence
from typing import Any

from simfs.analysis.presets import UnderPreset
from simfs.report.charts import ARM_COLOURS, Caption, Drawing
from simfs.report.figures import render
from simfs.report.presets import by_words
from simfs.report.wording import chance, claimed
from simfs.scenario.claims import Claim
from simfs.scenario.scenario import Study

# Shapes too tell presets apart, for whoever sees no colours.
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
STEP = 0.105  # inches from one preset to the next
GAP = 0.11  # inches between claims
HEADING = 0.20  # inches of a claim's words
AROUND = 1.5  # inches of title, legend, axis and note
LETTERS = 40  # above which a claim's label takes two lines
NOTE = (
    "Dot: share of {futures} simulated futures in which the same families, followed twice, show "
    "what is claimed (coupled).\nLine: its 95% interval. All presets had the same luck."
)
ABSENT = "no coupled chance: the table says why"


def drawings_of(study: Study, found: Sequence[UnderPreset]) -> tuple[Drawing, ...]:
    """A figure for each arm, called presets, and with several arms presets-ARM."""
    arms = found[0].arms
    return tuple(
        dots(study, found, arm, f"presets-{arm}" if len(arms) > 1 else "presets") for arm in arms
    )


def dots(study: Study, found: Sequence[UnderPreset], arm: str, key: str = "presets") -> Drawing:
    """The coupled chance of every claim of an arm, under every preset.

    Args:
        study: under the file's own preset.
        found: every claim under every preset.
        arm: key of the arm.
        key: name of the files without its ending.
    """
    groups = by_words(study.claims)
    tall = len(found) * STEP + GAP
    height = AROUND + len(groups) * HEADING + len(study.claims) * tall
    title = f"{study.arm(arm).label}: how likely each claim is under each preset"

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        at, ticks, labels = 0.0, [], []
        for words, claims in groups:
            _heading(axis, at, words)
            at += HEADING
            for claim in claims:
                _claim(axis, at + GAP / 2, found, arm, claim)
                ticks.append(at + tall / 2)
                said = claimed(found[0].of(arm, claim), found[0].years)
                labels.append(said if len(said) <= LETTERS else said.replace(", ", ",\n"))
                at += tall
        axis.set_yticks(ticks, labels, fontsize=8.5)
        axis.set_ylim(at, 0.0)
        _scale(axis)
        axis.set_title(title, loc="left", x=0.0)
        _legend(figure, axis, found)

    note = NOTE.format(futures=f"{found[0].futures:,}")
    return render(Caption(key, title, alt(study, found, arm)), (10.0, height), draw, note)


def alt(study: Study, found: Sequence[UnderPreset], arm: str) -> str:
    """What the figure shows, for readers who do not see it."""
    told = []
    for claim in study.claims:
        same = [(one.preset.key, one.of(arm, claim)) for one in found]
        chances = ", ".join(f"{name} {chance(verdict.coupled)}" for name, verdict in same)
        told.append(f"{claimed(same[0][1], found[0].years)}: {chances}")
    return f"{study.arm(arm).label}, coupled chance (95% interval) of {'; '.join(told)}."


def _heading(axis: Any, at: float, words: str) -> None:
    """A claim's words across the figure, on a ground of their own."""
    axis.axhspan(at, at + HEADING, color="#eeeeee", linewidth=0)
    axis.text(-0.9, at + 0.56 * HEADING, words, fontsize=8.0, va="center", color="#333333")


def _claim(axis: Any, top: float, found: Sequence[UnderPreset], arm: str, claim: Claim) -> None:
    """A dot and a line for each preset, one below the other."""
    for place, one in enumerate(found):
        p = one.of(arm, claim).coupled
        at = top + (place + 0.5) * STEP
        if p is None:
            if place == 0:
                axis.text(-0.9, at, ABSENT, fontsize=8.0, va="center", color="#555555")
            continue
        colour = _colour(place)
        axis.plot([100 * p.low, 100 * p.high], [at, at], color=colour, linewidth=1.6, alpha=0.75)
        axis.plot(
            [100 * p.value], [at], marker=_shape(place), color=colour, markersize=5.0,
            linestyle="none", clip_on=False,
        )  # fmt: skip


def _scale(axis: Any) -> None:
    """Nought to a hundred per cent, told above and below as the figure is tall."""
    axis.set_xlim(-1.5, 101.5)  # room for dots at the ends
    axis.set_xticks(range(0, 101, 10), [f"{share}%" for share in range(0, 101, 10)])
    axis.tick_params(axis="x", top=True, labeltop=True, length=0)
    axis.tick_params(axis="y", length=0, pad=8)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")


def _legend(figure: Any, axis: Any, found: Sequence[UnderPreset]) -> None:
    """Which mark stands for which preset; empty lines stand for them."""
    for place, one in enumerate(found):
        words = f"{one.preset.key} (the file's own)" if one.is_default else one.preset.key
        axis.plot([], [], marker=_shape(place), color=_colour(place), linewidth=1.6, label=words)
    figure.legend(loc="outside upper left", ncols=min(len(found), 4), fontsize=9.0)


def _colour(place: int) -> str:
    return ARM_COLOURS[place % len(ARM_COLOURS)]


def _shape(place: int) -> str:
    return SHAPES[place % len(SHAPES)]
