"""The command that judges claims one by one, and says what one would have to believe."""

# ruff: noqa: PLC0415

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.errors import EXIT_FAILED, UsageError
from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    all_or_nothing,
    arms_option,
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
    from simfs.analysis.claims import Verdict
    from simfs.analysis.outcomes import Outcomes
    from simfs.experiment.run import Progress
    from simfs.scenario.scenario import Study

NAME = "claims"  # of the files beside a scenario file, without their endings
OF_A_RUN = "a results folder holds its run: {} is for scenario files; leave it out"


@click.command()
@click.argument("source", metavar="CONFIG|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--reps",
    type=int,
    callback=for_an_interval,
    help=f"Futures of every arm. [default: {DEFAULT_REPS}]",
)
@seed_option
@jobs_option
@scenario_options
@arms_option
@click.option(
    "--believe", is_flag=True, help="Also: at which value of each number alone a claim turns."
)
@click.option("--strict", is_flag=True, help="Exit 1 when a claim fails: expected under one half.")
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-claims]")
@force_option
@engine_option
@talk_options
def claims(
    *,
    source: Path,
    reps: int | None,
    seed: int | None,
    jobs: int,
    sets: tuple[str, ...],
    preset: str | None,
    arms: tuple[str, ...],
    believe: bool,
    strict: bool,
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Judge each claim: what comes out, what if it is missed, and what it leans on.

    Of a scenario file, futures are run; of a results folder, those that it holds are judged. With
    --believe, every number of the scenario is moved by itself until the claim turns; this takes
    some minutes, and in a results folder the report shows it from then on.
    """
    talk = _Talk(quiet, verbose, colour=not no_color)
    if source.is_dir():
        given = {
            "--reps": reps, "--seed": seed, "--set": sets, "--preset": preset, "--arm": arms,
            "--out": out, "--force": force, "--engine": engine,
        }  # fmt: skip
        for option, value in given.items():
            if value not in (None, (), False):
                raise UsageError(OF_A_RUN.format(option))
        found = _of_folder(source, believe=believe, jobs=jobs, talk=talk)
    else:
        study = study_of(source, sets, preset, arms)
        found = _of_config(
            study,
            source,
            reps=reps or DEFAULT_REPS,
            seed=DEFAULT_SEED if seed is None else seed,
            jobs=jobs,
            out=out,
            force=force,
            engine=engine,
            believe=believe,
            talk=talk,
        )
    failing = [one for one in found if one.fails]
    if strict and failing:
        from simfs.report.claims import failing_words

        remark(f"simfs: {failing_words(found)}")
        raise click.exceptions.Exit(EXIT_FAILED)


@dataclass(frozen=True, slots=True)
class _Talk:
    """How much is said while it works."""

    quiet: bool
    verbose: bool
    colour: bool


def _of_folder(folder: Path, *, believe: bool, jobs: int, talk: _Talk) -> tuple["Verdict", ...]:
    """Judge the claims of a results folder by the futures that it holds."""
    from simfs.experiment.run import must_claim, must_compare, read_outcomes
    from simfs.experiment.store import Store
    from simfs.experiment.switching import NAME as SWITCHING

    with Store.of_results(folder) as store:
        outcomes = read_outcomes(store)
        study = outcomes.study
        must_compare(study)
        must_claim(study, folder)
        found = _told(outcomes)
        if believe:
            ready_engine(outcomes.engine, talk.quiet)
            with all_or_nothing():
                table = _believed(outcomes, jobs, talk)
                store.add(f"{SWITCHING}.csv", table)
            _say_what_to_believe(study, table)
            click.echo(f"\nTable: {folder / SWITCHING}.csv; simfs report {folder} shows it")
    return found


def _of_config(
    study: "Study",
    config: Path,
    *,
    reps: int,
    seed: int,
    jobs: int,
    out: Path | None,
    force: bool,
    engine: str | None,
    believe: bool,
    talk: _Talk,
) -> tuple["Verdict", ...]:
    """Run the futures of a scenario file, judge its claims by them, and write their table."""
    from simfs.experiment.run import must_claim, must_compare
    from simfs.experiment.switching import NAME as SWITCHING
    from simfs.experiment.together import check_output

    must_compare(study)
    must_claim(study, config)
    folder = out or Path("results") / f"{study.name}-claims"
    check_output(folder, NAME, SWITCHING, force=force, new_parent=out is None)
    name = ready_engine(engine, talk.quiet)
    with all_or_nothing():
        outcomes = _run(study, reps, seed, jobs, name, talk)
        table = _believed(outcomes, jobs, talk) if believe else None
        remark(f"writing tables to {folder}", talk.quiet or not talk.verbose)
        _write(outcomes, table, folder)
    found = _told(outcomes)
    if table is not None:
        _say_what_to_believe(study, table)
    click.echo(f"\nTables: {folder}")
    return found


def _run(study: "Study", reps: int, seed: int, jobs: int, engine: str, talk: _Talk) -> "Outcomes":
    """The futures that the claims are judged by."""
    from simfs.experiment.progress import progress_of
    from simfs.experiment.run import run

    futures = rounded_up(reps, talk.quiet)
    with progress_of(futures, quiet=talk.quiet, colour=talk.colour) as told:
        return run(study, reps=futures, seed=seed, jobs=jobs, engine=engine, progress=told)


def _told(outcomes: "Outcomes") -> tuple["Verdict", ...]:
    """Print every claim; the verdicts."""
    from simfs.analysis.claims import verdicts
    from simfs.report.claims import claims_text
    from simfs.report.findings import LEANINGS_SHOWN
    from simfs.report.influences import leanings

    found = verdicts(outcomes)
    click.echo(
        claims_text(
            outcomes, found, leanings(outcomes, LEANINGS_SHOWN), several=len(outcomes.arms) > 2
        )
    )
    return found


def _believed(outcomes: "Outcomes", jobs: int, talk: _Talk) -> bytes:
    """The table of what one would have to believe; says what is run for it."""
    from simfs.experiment.progress import progress_of
    from simfs.experiment.switching import believed
    from simfs.report.switching import switching_csv

    @contextmanager
    def phase(words: str, futures: int) -> Iterator["Progress"]:
        remark(f"{words}: {futures:,} futures", talk.quiet)
        with progress_of(futures, quiet=talk.quiet, colour=talk.colour) as told:
            yield told

    found = believed(outcomes, jobs=jobs, phase=phase)
    remark(
        f"{found.simulated:,} futures were run for it; as things are, figures rest on "
        f"{found.futures:,}, and values of a number on the first {found.paired}",
        talk.quiet,
    )
    return switching_csv(found, outcomes.study)


def _say_what_to_believe(study: "Study", table: bytes) -> None:
    from simfs.report.switching import switching_rows, switching_text

    click.echo(f"\n{switching_text(study, switching_rows(table))}")


def _write(outcomes: "Outcomes", table: bytes | None, folder: Path) -> None:
    """The table of claims, what one would have to believe, and the scenario that was run."""
    from simfs.analysis.claims import verdicts
    from simfs.experiment.switching import NAME as SWITCHING
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.findings import LEANINGS_SHOWN
    from simfs.report.influences import leanings
    from simfs.report.tables import claims_rows, csv_file

    told = leanings(outcomes, LEANINGS_SHOWN)
    files = {
        f"{NAME}.csv": csv_file(*claims_rows(verdicts(outcomes), outcomes, told)),
        RESOLVED: outcomes.study.resolved.encode(),
    }
    if table is not None:
        files[f"{SWITCHING}.csv"] = table
    write_together(folder, NAME, files, SWITCHING)
