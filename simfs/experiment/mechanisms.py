"""A study as it is and without each of its mechanisms in turn, with the same luck.

Nothing is kept on the way: the files are written together when all runs are done.
"""

from simfs.analysis.mechanisms import Breakdown, Figure, breakdown, difference, figures_of
from simfs.analysis.outcomes import Outcomes
from simfs.engine import ENGINES
from simfs.engine.tally import IntArray
from simfs.errors import UsageError
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, must_compare
from simfs.experiment.series import Series, Told
from simfs.scenario.mechanisms import MECHANISMS, study_without
from simfs.scenario.scenario import Study

Differences = dict[tuple[str, Figure], IntArray]

NAME = "mechanisms"  # of the files, without their endings


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
    series = Series(1 + len(studies), reps, seed, jobs, engine, simulate, told, progress)
    wanted = figures_of(study)
    outcomes = series.run(study, "as it is")
    whole, draws = _differences(outcomes, wanted), outcomes.draws
    del outcomes  # its tables are the memory of a run, and only the differences are needed
    without = {
        key: _differences(series.run(other, f"without: {MECHANISMS[key]}"), wanted)
        for key, other in studies.items()
    }
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
    must_compare(study)
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
