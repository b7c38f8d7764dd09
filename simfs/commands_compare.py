"""The command that holds two scenarios against each other."""

# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    all_or_nothing,
    engine_option,
    force_option,
    jobs_option,
    ready_engine,
    remark,
    reps_of_each_option,
    seed_option,
    series_told,
    talk_options,
)

if TYPE_CHECKING:
    from simfs.analysis.attribution import Attribution
    from simfs.experiment.compare import Pair


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@reps_of_each_option
@seed_option
@jobs_option
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-compare]")
@force_option
@engine_option
@talk_options
def compare(
    *,
    first: Path,
    second: Path,
    reps: int | None,
    seed: int | None,
    jobs: int,
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Tell which assumption moved which claim from A to B: files or results.

    Of a results folder the scenario is taken; futures are run anew, the same for both.
    """
    from simfs.experiment.compare import NAME, must_meet, pair_of, study_at
    from simfs.experiment.together import check_output
    from simfs.report.compare import compare_text, same_text

    names = (str(first), str(second))
    pair = pair_of(study_at(first), study_at(second))
    if pair.is_paired and not pair.assumptions:
        click.echo(same_text(pair, names))
        return
    must_meet(pair)
    folder = out or Path("results") / f"{pair.first.name}-compare"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name = ready_engine(engine, quiet)
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    with all_or_nothing():
        found = _found(pair, reps, seed, jobs, name, quiet=quiet, colour=not no_color)
        remark(f"writing tables to {folder}", quiet or not verbose)
        _write(pair, found, folder)
    click.echo(compare_text(pair, found, names))
    click.echo(f"Tables: {folder}")


def _found(
    pair: "Pair", reps: int, seed: int, jobs: int, engine: str, *, quiet: bool, colour: bool
) -> tuple["Attribution", ...]:
    """Run both scenarios and those between them; say which is being run."""
    from simfs.experiment.compare import compared

    with series_told(pair.runs, reps, quiet=quiet, colour=colour) as told:
        return compared(pair, seed=seed, jobs=jobs, engine=engine, **told)


def _write(pair: "Pair", found: tuple["Attribution", ...], folder: Path) -> None:
    """What moved each claim, and every place at which the two differ."""
    from simfs.experiment.compare import NAME
    from simfs.experiment.together import write_together
    from simfs.report.compare import DIFFERENCES, compare_csv, differences_csv

    files = {f"{NAME}.csv": compare_csv(pair, found), DIFFERENCES: differences_csv(pair)}
    write_together(folder, NAME, files)
