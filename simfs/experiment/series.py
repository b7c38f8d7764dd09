"""Several runs one after the other, with the same luck, told as one piece of work."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simfs.analysis.outcomes import Outcomes
from simfs.experiment.gathering import RunFuture
from simfs.experiment.run import Progress, run
from simfs.scenario.scenario import Study

Told = Callable[[str, int, int], None]


@dataclass(slots=True)
class Series:
    """Runs of as many futures each, with one seed. It keeps none of their outcomes.

    Attributes:
        runs: how many there will be.
        reps: futures of every arm in every run, rounded up to whole draws.
        seed: of all runs.
        jobs: worker processes.
        engine: name of the engine.
        simulate: runs one future in the engine's place, as in `run`.
        told: told what is run next, the number of this run from 1, and how many there are.
        progress: told how many futures of all runs together are finished.
    """

    runs: int
    reps: int
    seed: int
    jobs: int
    engine: str
    simulate: RunFuture | None
    told: Told
    progress: Progress
    _started: int = field(default=0, init=False)
    _finished: int = field(default=0, init=False)

    def run(self, study: Study, words: str) -> Outcomes:
        """The outcomes of the next run; `words` say what it is of."""
        self._started += 1
        self.told(words, self._started, self.runs)
        outcomes = run(
            study,
            reps=self.reps,
            seed=self.seed,
            jobs=self.jobs,
            engine=self.engine,
            simulate=self.simulate,
            progress=lambda done: self.progress(self._finished + done),
        )
        self._finished += outcomes.futures
        return outcomes
