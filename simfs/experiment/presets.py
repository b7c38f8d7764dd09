"""A study under each of its file's presets in turn, with the same luck.

Of each run only its verdicts are kept: the outcomes of two runs are never held at once. The files
are written together when all runs are done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simfs.analysis.presets import UnderPreset, under_preset
from simfs.engine import ENGINES
from simfs.errors import UsageError
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, must_claim, must_compare
from simfs.experiment.series import Series, Told
from simfs.scenario.config import Preset, load, presets_of
from simfs.scenario.scenario import Study

NAME = "presets"  # of the files, without their endings


@dataclass(frozen=True, slots=True)
class Readings:
    """A scenario file under each of its presets.

    Attributes:
        study: under the file's own preset, or under none where it names none.
        under: the study under every preset, in the order of the file.
    """

    study: Study
    under: tuple[tuple[Preset, Study], ...]


def readings_of(config: Path, *, sets: Sequence[str] = (), arms: Sequence[str] = ()) -> Readings:
    """A scenario file under each of its presets; what cannot be compared is refused.

    Args:
        config: the file.
        sets: changes such as ``teams.safeguarding.posts=30``, made under every preset.
        arms: keep the baseline and these; empty keeps all.

    Raises:
        ConfigError: with every problem of the file.
        UsageError: a change or arm that the file does not know, no presets, no claims, one arm.
    """
    study = load(config, sets=sets, arms=arms)
    presets = presets_of(config)
    if not presets:
        raise UsageError(
            f"{config} has no presets: there is nothing to compare; write at least one, such as "
            "[presets.sceptical.effects.NAME], or use run"
        )
    if any(item.replace(" ", "").startswith("study.preset=") for item in sets):
        raise UsageError("--set study.preset: every preset of the file is run; leave it out")
    must_compare(study)
    must_claim(study, config)
    under = tuple(
        (preset, load(config, sets=sets, preset=preset.key, arms=arms)) for preset in presets
    )
    return Readings(study, under)


def judged(
    readings: Readings,
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    simulate: RunFuture | None = None,
    told: Told = lambda words, number, of: None,
    progress: Progress = lambda done: None,
) -> tuple[UnderPreset, ...]:
    """Every claim under every preset, in the order of the file.

    Args:
        readings: what is run.
        reps: futures of every arm in every run, rounded up to whole draws.
        seed: of all runs.
        jobs: worker processes.
        engine: name of the engine.
        simulate: runs one future in the engine's place, as in `run`.
        told: told under what is run next, the number of this run from 1, and how many there are.
        progress: told how many futures of all runs together are finished.

    Raises:
        RunError: a worker process was lost twice on the same futures, or they do not fit.
    """
    series = Series(len(readings.under), reps, seed, jobs, engine, simulate, told, progress)
    return tuple(
        under_preset(
            series.run(study, f"under preset {preset.key}"),
            preset,
            is_default=preset.key == readings.study.preset,
        )
        for preset, study in readings.under
    )
