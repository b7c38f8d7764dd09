"""The command that says what the answer hangs on, and what it would be worth to know more."""

# ruff: noqa: PLC0415

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.options import (
    DEFAULT_SEED,
    all_or_nothing,
    arms_option,
    config_argument,
    engine_option,
    for_an_interval,
    force_option,
    jobs_option,
    ready_engine,
    remark,
    rounded_up,
    scenario_options,
    seed_option,
    study_of,
    talk_options,
)

if TYPE_CHECKING:
    from simfs.analysis.outcomes import Outcomes
    from simfs.experiment.run import Progress
    from simfs.experiment.sensitivity import Moved
    from simfs.scenario.scenario import Study

REPS = 800  # two hundred draws


@click.command()
@config_argument
@click.option(
    "--reps",
    type=int,
    callback=for_an_interval,
    help=f"Futures of the run as it is. [default: {REPS}]",
)
@seed_option
@jobs_option
@scenario_options
@arms_option
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-sensitivity]")
@force_option
@engine_option
@talk_options
def sensitivity(
    *,
    config: Path,
    reps: int | None,
    seed: int | None,
    jobs: int,
    sets: tuple[str, ...],
    preset: str | None,
    arms: tuple[str, ...],
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Say which uncertain numbers swing each headline figure, and turn each claim.

    Every number with a range is put to p10, its middle and p90 by itself, with the same luck, all
    others as they are drawn.
    """
    from simfs.experiment.run import must_compare
    from simfs.experiment.sensitivity import NAME, must_vary
    from simfs.experiment.together import check_output

    study = study_of(config, sets, preset, arms)
    must_compare(study)
    must_vary(study)
    folder = out or Path("results") / f"{study.name}-sensitivity"
    check_output(folder, NAME, force=force, new_parent=out is None)
    talk = _Talk(quiet, colour=not no_color)
    name = ready_engine(engine, quiet)
    with all_or_nothing():
        found = _found(
            study,
            reps=rounded_up(reps or REPS, quiet),
            seed=DEFAULT_SEED if seed is None else seed,
            jobs=jobs,
            engine=name,
            talk=talk,
        )
        remark(f"writing tables and figures to {folder}", quiet or not verbose)
        _write(found, folder)
    _say(found)
    click.echo(f"\nTables and figures: {folder}")


@dataclass(frozen=True, slots=True)
class _Talk:
    """How much is said while it works."""

    quiet: bool
    colour: bool

    @contextmanager
    def phase(self, words: str, futures: int) -> "Iterator[Progress]":
        """Say what is done next, and how far it is."""
        from simfs.experiment.progress import progress_of

        remark(f"{words}: {futures:,} futures", self.quiet)
        with progress_of(futures, quiet=self.quiet, colour=self.colour) as told:
            yield told


@dataclass(frozen=True, slots=True)
class _Found:
    """All that was found."""

    outcomes: "Outcomes"
    moved: "Moved"


def _found(study: "Study", *, reps: int, seed: int, jobs: int, engine: str, talk: _Talk) -> _Found:
    """Run the study as it is, then with its numbers moved."""
    from simfs.experiment.run import run
    from simfs.experiment.sensitivity import moved_one_by_one

    with talk.phase("the run as it is", reps) as told:
        outcomes = run(study, reps=reps, seed=seed, jobs=jobs, engine=engine, progress=told)
    moved = moved_one_by_one(outcomes, jobs=jobs, phase=talk.phase)
    return _Found(outcomes, moved)


def _write(found: _Found, folder: Path) -> None:
    """Tables and figures, and the scenario that was run."""
    from simfs.experiment.sensitivity import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.charts import files_of
    from simfs.report.factors import named_factors
    from simfs.report.sensitivity import sensitivity_csv, turns_csv
    from simfs.report.tornado import drawings_of

    study = found.outcomes.study
    named = named_factors(study, found.moved.factors)
    files = {
        f"{NAME}.csv": sensitivity_csv(found.moved, study),
        f"{NAME}-claims.csv": turns_csv(found.moved, study),
        RESOLVED: study.resolved.encode(),
    } | files_of(drawings_of(study, found.moved, named))
    write_together(folder, NAME, files)


def _say(found: _Found) -> None:
    from simfs.report.sensitivity import sensitivity_text

    click.echo(sensitivity_text(found.moved, found.outcomes))
