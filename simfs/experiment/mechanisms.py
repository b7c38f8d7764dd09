"""A study as it is and without each of its mechanisms in turn, with the same luck.

Nothing is kept on the way: the files are written when all runs are done, aside first, and then
moved into the folder together.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryFile

from simfs.analysis.mechanisms import Breakdown, Figure, breakdown, difference, figures_of
from simfs.analysis.outcomes import Outcomes
from simfs.engine import ENGINES
from simfs.engine.tally import IntArray
from simfs.errors import StoreError, UsageError
from simfs.experiment.files import PART, sync_folder, write_whole
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, run
from simfs.experiment.store import check_folder
from simfs.scenario.mechanisms import MECHANISMS, study_without
from simfs.scenario.scenario import Study

Differences = dict[tuple[str, Figure], IntArray]
Told = Callable[[str, int, int], None]

RESOLVED = "config.resolved.toml"
_STAGING = f".mechanisms{PART}"
_OURS = re.compile(rf"mechanisms(-[^/]+)?\.(csv|png|svg)|{re.escape(RESOLVED)}")


def present(study: Study) -> dict[str, Study]:
    """The study without each mechanism that it has, by the mechanism's key."""
    found = {key: study_without(study, key) for key in MECHANISMS}
    return {key: other for key, other in found.items() if other.arms != study.arms}


def carried(
    study: Study,
    *,
    reps: int,
    seed: int = 1,
    jobs: int = 1,
    engine: str = ENGINES[0],
    simulate: RunFuture | None = None,
    told: Told = lambda words, number, of: None,
    progress: Progress = lambda done: None,
) -> tuple[Breakdown, ...]:
    """What each mechanism carries of each figure, for every arm but the baseline.

    Args:
        study: what is run.
        reps: futures of every arm in every run, rounded up to whole draws.
        seed: of all runs.
        jobs: worker processes.
        engine: name of the engine.
        simulate: runs one future in the engine's place, as in `run`.
        told: told what is run next, the number of this run from 1, and how many there are.
        progress: told how many futures of all runs together are finished.

    Raises:
        UsageError: the study has one arm, or neither costs nor counts to compare arms by.
        RunError: a worker process was lost twice on the same futures, or they do not fit.
    """
    must_differ(study)
    studies = present(study)
    runs = len(studies) + 1
    finished = 0

    def differences_of(other: Study, words: str, number: int) -> tuple[Differences, Outcomes]:
        nonlocal finished
        told(words, number, runs)
        before = finished
        outcomes = run(
            other,
            reps=reps,
            seed=seed,
            jobs=jobs,
            engine=engine,
            simulate=simulate,
            progress=lambda done: progress(before + done),
        )
        finished += outcomes.futures
        return _differences(outcomes, figures_of(study)), outcomes

    whole, outcomes = differences_of(study, "as it is", 1)
    draws = outcomes.draws
    del outcomes  # its tables are the memory of a run, and only the differences are needed
    without: dict[str, Differences] = {}
    for number, (key, other) in enumerate(studies.items(), start=2):
        without[key], _ = differences_of(other, f"without: {MECHANISMS[key]}", number)
    return tuple(
        breakdown(
            arm,
            figure,
            values,
            {key: differences[arm, figure] for key, differences in without.items()},
            draws,
        )
        for (arm, figure), values in whole.items()
    )


def must_differ(study: Study) -> None:
    """Refuse a study in which there is nothing to compare, with a UsageError."""
    if len(study.arms) < 2:
        raise UsageError(
            f"{study.name} has one arm, {study.baseline!r}: there is nothing to compare it with; "
            "give a study with two arms or more, and with --arm one that is not the baseline"
        )
    if not figures_of(study):
        raise UsageError(
            f"{study.name} has neither costs nor a count of looked-after children or child "
            "protection plans: there is no difference to share out"
        )


def _differences(outcomes: Outcomes, figures: tuple[Figure, ...]) -> Differences:
    return {
        (arm, figure): difference(outcomes, arm, figure)
        for arm in outcomes.arms
        if arm != outcomes.baseline
        for figure in figures
    }


def check_output(folder: Path, *, force: bool = False, new_parent: bool = False) -> None:
    """Refuse a folder that these files may not go to, before anything is run.

    Args:
        folder: where they are to go.
        force: replace files of the same kind that are there.
        new_parent: the folder above may be made too.

    Raises:
        StoreError: what is wrong with it, and the way out.
    """
    if folder.is_dir() and not folder.is_symlink():
        names = sorted(path.name for path in folder.iterdir() if path.name != _STAGING)
        ours = [name for name in names if _OURS.fullmatch(name)]
        if "journal" in names:
            raise StoreError(f"{folder} holds a run of simfs; give an empty or a new folder")
        if ours and len(ours) == len(names):
            if not force:
                raise StoreError(
                    f"{folder} holds {ours[-1]} and the like; --force replaces them, --out names "
                    "another folder"
                )
        elif names:
            check_folder(folder, new_parent=new_parent)
    else:
        check_folder(folder, new_parent=new_parent)
    _check_writable(folder)


def _check_writable(folder: Path) -> None:
    """Refuse before hours of work what the disk would refuse after them."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to ({error.strerror}); use --out") from None


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files aside and move them into a folder, in place of those of an earlier time.

    Whatever goes wrong before they are moved leaves the folder as it was, and no folder where
    there was none.

    Raises:
        OSError: they could not be written.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    staging = folder / _STAGING
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        for name, content in files.items():
            write_whole(staging / name, content)
        for left in [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]:
            left.unlink()
        for name in files:
            (staging / name).replace(folder / name)
        sync_folder(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
