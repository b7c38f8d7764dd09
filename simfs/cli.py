"""The command line: parse, call, print, exit code.

Results go to standard output, progress and remarks to standard error. A command imports what it
needs when it runs, so `simfs --help` is quick.
"""

# ruff: noqa: PLC0415

import json
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import simfs
from simfs.commands import mechanisms, presets, scale, trace
from simfs.commands_claims import claims
from simfs.commands_compare import compare
from simfs.commands_fit import backtest, calibrate
from simfs.commands_sensitivity import sensitivity
from simfs.commands_staffing import staffing
from simfs.errors import UsageError
from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    FEW_REPS,
    MANY_REPS,
    REPS_END,
    Verbs,
    arms_option,
    cluster_of,
    compile_first,
    config_argument,
    dask_option,
    engine_option,
    instead_of_default,
    jobs_option,
    processors,
    remark,
    resumable,
    scenario_options,
    seed_option,
    study_of,
    talk_options,
    terminated_like_interrupted,
    verbose_option,
    whole,
)

if TYPE_CHECKING:
    from simfs.analysis.grades import Graded
    from simfs.analysis.outcomes import Outcomes
    from simfs.experiment.cluster import DaskCluster
    from simfs.experiment.run import Estimate
    from simfs.experiment.store import Store
    from simfs.scenario.scenario import Study


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(simfs.__version__, prog_name="simfs")
def main() -> None:
    """Simulate a children's safeguarding service, and test what a practice model saves.

    Begin with `simfs check configs/bury.toml`, then `simfs run configs/bury.toml`.
    """


@main.command()
@config_argument
@click.option(
    "--reps",
    type=int,
    callback=whole(1, REPS_END),
    help=f"Futures of every arm. [default: {DEFAULT_REPS}]",
)
@seed_option
@jobs_option
@dask_option
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME]")
@click.option("--resume", is_flag=True, help="Continue or extend the run in the folder.")
@click.option("--force", is_flag=True, help="Replace the run in the folder.")
@scenario_options
@arms_option
@engine_option
@click.option("--dry-run", is_flag=True, help="Say what it would take; write nothing.")
@click.option("--yes", is_flag=True, help=f"More than {MANY_REPS:,} futures are meant.")
@talk_options
def run(
    *,
    config: Path,
    reps: int | None,
    seed: int | None,
    jobs: int,
    dask: str | None,
    out: Path | None,
    resume: bool,
    force: bool,
    sets: tuple[str, ...],
    preset: str | None,
    arms: tuple[str, ...],
    engine: str | None,
    dry_run: bool,
    yes: bool,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Simulate many futures of every arm and write the results folder."""
    from simfs.experiment.future import usable_engine
    from simfs.experiment.run import identity_of, whole_draws
    from simfs.experiment.store import Store, check_folder, stored_run

    study = study_of(config, sets, preset, arms)
    folder = out or Path("results") / study.name
    check_folder(folder, resume=resume, force=force, new_parent=out is None)
    if resume:
        there, futures = stored_run(folder)
        reps, seed = reps or futures, there.seed if seed is None else seed
        engine = engine or there.engine
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    engine, fault = usable_engine(engine)
    with cluster_of(dask) as cluster:
        jobs = cluster.workers if cluster else jobs
        if dry_run or (reps > MANY_REPS and not yes):
            _say_what_it_takes(study, reps, seed, jobs, engine, folder, refuse=not dry_run)
            return
        _remarks_on(study, reps, quiet)
        if not cluster:
            compile_first(engine, quiet)
        if fault is not None and not quiet:
            remark(
                f"{instead_of_default(engine, fault)}, {_expected(study, reps, seed, jobs, engine)}"
            )
        store = Store.for_run(
            folder,
            identity_of(study, seed, engine),
            study.resolved,
            whole_draws(reps),
            resume=resume,
            force=force,
            new_parent=out is None,
        )
        to_go_on = f"give the same command again with --resume{' instead of --force' * force}"
        with store, terminated_like_interrupted():
            outcomes = _worked(
                study, store, jobs, cluster, to_go_on, quiet=quiet, colour=not no_color
            )
            _publish(outcomes, store, to_go_on, verbose=verbose)


def _expected(study: "Study", reps: int, seed: int, jobs: int, engine: str) -> str:
    from simfs.experiment.progress import in_words
    from simfs.experiment.run import estimate, whole_draws

    needs = estimate(study, reps=reps, seed=seed, jobs=jobs, engine=engine)
    return f"about {in_words(needs.seconds)} for {whole_draws(reps):,} futures"


def _say_what_it_takes(
    study: "Study", reps: int, seed: int, jobs: int, engine: str, folder: Path, *, refuse: bool
) -> None:
    from simfs.experiment.progress import in_words
    from simfs.experiment.run import estimate, whole_draws

    needs: Estimate = estimate(study, reps=reps, seed=seed, jobs=jobs, engine=engine)
    takes = f"about {in_words(needs.seconds)} and {needs.disk_bytes / 1e9:,.2f} GB of disk"
    futures = f"{whole_draws(reps):,} futures of {len(study.arms)} arms"
    if refuse:
        raise UsageError(f"{futures} would take {takes}; if they are meant, add --yes")
    click.echo(
        f"{study.name}: {futures}, {needs.simulations:,} simulations, seed {seed}\n"
        f"{takes} with {jobs} worker {'process' if jobs == 1 else 'processes'}, engine {engine}\n"
        f"results would be in {folder}; nothing was written"
    )


def _remarks_on(study: "Study", reps: int, quiet: bool) -> None:
    from simfs.experiment.run import whole_draws

    for warning in study.warnings:
        remark(f"warning: {warning}", quiet)
    futures = whole_draws(reps)
    if futures != reps:
        remark(f"{reps} futures are rounded up to {futures}: four to a draw", quiet)
    if futures < FEW_REPS:
        remark(
            f"warning: with {futures} futures, a single draw, no interval of the mean can be "
            f"given; {FEW_REPS} or more have one",
            quiet,
        )


def _worked(
    study: "Study",
    store: "Store",
    jobs: int,
    cluster: "DaskCluster | None",
    to_go_on: str,
    *,
    quiet: bool,
    colour: bool,
) -> "Outcomes":
    """Run the futures; if that is cut short, say what is kept and how to go on."""
    from simfs.experiment.progress import progress_of
    from simfs.experiment.run import run as run_futures

    seed, futures = store.identity.seed, store.futures
    with resumable(store, to_go_on) as finished:
        store.log("started", futures=futures, jobs=jobs)
        with progress_of(futures, quiet=quiet, colour=colour) as told:

            def progress(done: int) -> None:
                finished(done)
                told(done)

            return run_futures(
                study,
                reps=futures,
                seed=seed,
                jobs=jobs,
                folder=store,
                progress=progress,
                engine=store.identity.engine,
                cluster=cluster,
            )


def _publish(
    outcomes: "Outcomes",
    store: "Store",
    to_go_on: str,
    *,
    verbose: bool,
    switching: bytes | None = None,
) -> None:
    """Write the files for readers and sum up; the journal is safe whatever happens here.

    `switching` is the table of what one would have to believe, where the folder holds one.
    """
    from simfs.experiment.switching import NAME as SWITCHING
    from simfs.experiment.tables import write_futures
    from simfs.report.aside import drawn_aside
    from simfs.report.findings import measured, weighed
    from simfs.report.summary import summary_text
    from simfs.report.switching import switching_rows
    from simfs.report.write import write_report

    remark(f"writing tables, figures and report to {store.folder}", not verbose)
    with resumable(store, to_go_on, outcomes.futures):
        findings = measured(outcomes)
        with drawn_aside(findings) as drawn:
            findings = replace(weighed(findings), graded=_graded(outcomes, store))
            writers = [
                lambda folder: write_futures(outcomes, folder),
                lambda folder: write_report(outcomes, folder, findings, drawn),
            ]
            if switching is not None:
                findings = replace(findings, switching=switching_rows(switching))
                writers.append(lambda folder: (folder / f"{SWITCHING}.csv").write_bytes(switching))
            store.publish(writers)
    click.echo(summary_text(findings, store.folder))
    store.log("finished", futures=outcomes.futures)


def _graded(outcomes: "Outcomes", store: "Store") -> "tuple[Graded, ...]":
    """On which evidence the savings rest, from a few more futures at central values."""
    from simfs.experiment.grades import graded

    seed, engine = outcomes.seed, outcomes.engine
    return graded(
        outcomes.study,
        seed=seed,
        futures=outcomes.futures,
        engine=engine,
        remembered=store.remembered,
    )


@main.command()
@config_argument
@scenario_options
def check(config: Path, sets: tuple[str, ...], preset: str | None) -> None:
    """Validate a scenario file: every problem at once, or `ok`."""
    study = study_of(config, sets, preset)
    for warning in study.warnings:
        click.echo(f"warning: {warning}")
    first = study.arms[0]
    parts = {
        "arm": study.arms,
        "stage": first.pathway.stages,
        "team": first.teams,
        "claim": study.claims,
        "number": study.ledger,
    }
    found = ", ".join(
        f"{len(part)} {name}{'' if len(part) == 1 else 's'}" for name, part in parts.items()
    )
    click.echo(f"ok: {study.name}: {found} with a source or an assumption")
    for claim in study.untested:
        click.echo(claim.told)


@main.command()
@config_argument
@scenario_options
@arms_option
def show(config: Path, sets: tuple[str, ...], preset: str | None, arms: tuple[str, ...]) -> None:
    """Print a scenario on one page, resolved, with its sources."""
    from simfs.scenario.describe import describe

    click.echo(describe(study_of(config, sets, preset, arms)), nl=False)


@main.command()
def schema() -> None:
    """Print the JSON schema of scenario files, with defaults."""
    from simfs.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@verbose_option
def report(folder: Path, verbose: bool) -> None:
    """Write the tables, figures and report of a results folder again."""
    from simfs.experiment.run import read_outcomes
    from simfs.experiment.store import Store
    from simfs.report.switching import stored_switching

    with Store.of_results(folder) as store:
        switching = stored_switching(store)
        _publish(read_outcomes(store), store, "give it again", verbose=verbose, switching=switching)


@main.command()
def doctor() -> None:
    """Say what simfs finds on this machine, for a report of a fault."""
    from importlib.metadata import PackageNotFoundError, version

    from simfs.engine import ENGINES
    from simfs.engine import fault_of as fault_of_engine
    from simfs.experiment.store import LIBRARIES

    click.echo(f"simfs {simfs.__version__}, Python {platform.python_version()}")
    click.echo(f"{platform.system()} {platform.release()}, {platform.machine()}")
    click.echo(f"{processors()} processors, output in {sys.stdout.encoding}")
    for engine in ENGINES:
        fault = fault_of_engine(engine)
        click.echo(f"engine {engine}: {'runs' if fault is None else f'cannot run ({fault})'}")
    missing = []
    for name in (*LIBRARIES, "click", "pydantic", "rich"):
        try:
            click.echo(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        raise UsageError(f"missing: {', '.join(missing)}; pip install them")


COMMANDS = (
    trace,
    calibrate,
    backtest,
    mechanisms,
    presets,
    claims,
    compare,
    scale,
    sensitivity,
    staffing,
)
for command in COMMANDS:
    main.add_command(command)
