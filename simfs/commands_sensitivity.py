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
    whole,
)

if TYPE_CHECKING:
    from simfs.experiment.run import Progress
    from simfs.report.sensitivity import Sensitivity
    from simfs.scenario.scenario import Study

REPS = 800  # two hundred draws
MOST_MONTHS = 60
OTHERS = ("information", "screening")  # further tables, without their endings


def _share(ctx: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 < value < 1:
        raise click.BadParameter(f"must be above 0 and below 1, such as 0.2, got {value}")
    return value


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
@click.option(
    "--screen",
    type=click.Choice(["morris"]),
    help="Also move all numbers together, in Morris's walks (minutes; needs simfs[analysis]).",
)
@click.option(
    "--pilot-share",
    type=float,
    callback=_share,
    default=0.2,
    help="Of all starts, in the pilot's locality. [default: 0.2]",
)
@click.option(
    "--pilot-months",
    type=int,
    callback=whole(1, MOST_MONTHS + 1),
    default=6,
    help="That a pilot lasts. [default: 6]",
)
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
    screen: str | None,
    pilot_share: float,
    pilot_months: int,
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Say which uncertain numbers swing the answer, and what knowing them is worth.

    Every number with a range is put to p10, its middle and p90 by itself, with the same luck, all
    others as they are drawn. What it would be worth in pounds to know numbers before deciding, or
    what a pilot in one locality would show, is told from one run of all.
    """
    from simfs.experiment.run import must_compare
    from simfs.experiment.screening import must_have_salib
    from simfs.experiment.sensitivity import NAME, must_vary
    from simfs.experiment.together import check_output

    study = study_of(config, sets, preset, arms)
    must_compare(study)
    must_vary(study)
    if screen:
        must_have_salib()
    folder = out or Path("results") / f"{study.name}-sensitivity"
    check_output(folder, NAME, *OTHERS, force=force, new_parent=out is None)
    talk = _Talk(quiet, colour=not no_color)
    name = ready_engine(engine, quiet)
    with all_or_nothing():
        found = _found(
            study,
            reps=rounded_up(reps or REPS, quiet),
            seed=DEFAULT_SEED if seed is None else seed,
            jobs=jobs,
            engine=name,
            pilot=(pilot_share, pilot_months),
            screen=bool(screen),
            talk=talk,
        )
        remark(f"writing page, tables and figures to {folder}", quiet or not verbose)
        _write(found, folder)
    _say(found)
    click.echo(f"\nPage, tables and figures: {folder}")


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


def _found(
    study: "Study",
    *,
    reps: int,
    seed: int,
    jobs: int,
    engine: str,
    pilot: tuple[float, int],
    screen: bool,
    talk: _Talk,
) -> "Sensitivity":
    """Run the study as it is, then with its numbers moved; weigh what knowing them is worth."""
    from simfs.analysis.knowing import known, why_unknown
    from simfs.analysis.pilot import Pilot
    from simfs.experiment.run import run
    from simfs.experiment.screening import screening_of
    from simfs.experiment.sensitivity import moved_one_by_one
    from simfs.report.sensitivity import Sensitivity

    with talk.phase("the run as it is", reps) as told:
        outcomes = run(study, reps=reps, seed=seed, jobs=jobs, engine=engine, progress=told)
    moved = moved_one_by_one(outcomes, jobs=jobs, phase=talk.phase)
    screened = screening_of(outcomes, jobs=jobs, phase=talk.phase) if screen else None
    in_locality = Pilot(*pilot)
    why = why_unknown(outcomes)
    if not why:
        remark("weighing what it is worth to know more", talk.quiet)
    worth = () if why else known(outcomes, in_locality)
    return Sensitivity(outcomes, moved, worth, in_locality, why, screened)


def _write(found: "Sensitivity", folder: Path) -> None:
    """Tables, figures and page, and the scenario that was run."""
    from simfs.experiment.sensitivity import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.charts import files_of
    from simfs.report.html import page_html
    from simfs.report.sensitivity import tables
    from simfs.report.sensitivity_page import sensitivity_page
    from simfs.report.tornado import drawings_of

    drawings = drawings_of(found.outcomes.study, found.moved, found.named)
    files = tables(found) | files_of(drawings)
    files[f"{NAME}.html"] = page_html(sensitivity_page(found, drawings)).encode()
    files[RESOLVED] = found.outcomes.study.resolved.encode()
    write_together(folder, NAME, files, *OTHERS)


def _say(found: "Sensitivity") -> None:
    from simfs.report.sensitivity import whole_text

    click.echo(whole_text(found))
