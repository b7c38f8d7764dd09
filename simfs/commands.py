"""Commands that answer a question of their own and keep no journal of futures."""

# ruff: noqa: PLC0415

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.errors import EXIT_INTERRUPTED, UsageError
from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    FEW_REPS,
    FUTURE_END,
    MANY_REPS,
    REPS_END,
    compile_first,
    config_argument,
    engine_option,
    instead_of_default,
    jobs_option,
    remark,
    scenario_options,
    seed_option,
    set_option,
    study_of,
    talk_options,
    terminated_like_interrupted,
    unknown,
    whole,
)

if TYPE_CHECKING:
    from simfs.analysis.mechanisms import Breakdown
    from simfs.analysis.presets import UnderPreset
    from simfs.experiment.presets import Readings
    from simfs.scenario.scenario import Study

SOLVING_REPS, SIZING_REPS = 40, 400
FEW_TO_SIZE = 20  # futures, for a standard deviation known to a sixth


def _check_arm(study: "Study", arm: str) -> None:
    known = [each.arm for each in study.arms]
    if arm not in known:
        raise UsageError(unknown("arm", arm, known))


@click.command()
@config_argument
@click.option("--future", type=int, required=True, callback=whole(0, FUTURE_END), help="From 0.")
@click.option("--arm", metavar="NAME", help="[default: the baseline]")
@click.option("--out", type=click.Path(path_type=Path), required=True, help=".csv or .parquet")
@click.option("--force", is_flag=True, help="Replace the file.")
@seed_option
@scenario_options
@engine_option
def trace(
    *,
    config: Path,
    future: int,
    arm: str | None,
    out: Path,
    force: bool,
    seed: int | None,
    sets: tuple[str, ...],
    preset: str | None,
    engine: str | None,
) -> None:
    """Write every event of one future of one arm, in words."""
    if out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"{out}: the name must end in .csv or .parquet")
    if not out.parent.is_dir():
        raise UsageError(f"{out}: there is no folder {out.parent}; make it first")
    if out.is_dir() or (out.exists() and not force):
        raise UsageError(f"{out} exists; --force replaces a file")
    study = study_of(config, sets, preset)
    arm = arm or study.baseline
    _check_arm(study, arm)
    from simfs.experiment.future import trace_future, usable_engine
    from simfs.experiment.tables import write_trace

    name, fault = usable_engine(engine)
    if fault is not None:
        remark(instead_of_default(name, fault))
    seed = DEFAULT_SEED if seed is None else seed
    compile_first(name)
    history, program = trace_future(study, arm, seed, future, name)
    write_trace(history.table(program), out)
    click.echo(f"{len(history.events):,} events of future {future}, arm {arm}, in {out}")


@click.command()
@config_argument
@scenario_options
@seed_option
@click.option(
    "--reps",
    type=int,
    callback=whole(1, REPS_END),
    help=f"[default: {SOLVING_REPS}; with --drift {SIZING_REPS}]",
)
@click.option("--drift", is_flag=True, help="Size the authority's walks, and nothing else.")
@click.option(
    "--observed",
    type=click.Path(path_type=Path),
    help="Counts (CSV) that the free numbers of [calibration] are fitted to.",
)
@click.option("--authority", metavar="NAME", help="Whose. [default: as the file is named]")
@click.option("--members", type=int, default=32, callback=whole(2, 1000), help="[default: 32]")
@click.option("--out", type=click.Path(path_type=Path), help="[default: NAME_calibrated.toml]")
@click.option("--force", is_flag=True, help="Replace the file.")
@engine_option
def calibrate(
    *,
    config: Path,
    sets: tuple[str, ...],
    preset: str | None,
    seed: int | None,
    reps: int | None,
    drift: bool,
    observed: Path | None,
    authority: str | None,
    members: int,
    out: Path | None,
    force: bool,
    engine: str | None,
) -> None:
    """Solve for what is not published, so that the scenario agrees with what is.

    With --observed: fit the free numbers of [calibration] to published counts, and write a
    calibrated scenario with an ensemble and its fit. With --drift: size the authority's walks.
    Without: print the shares of stays that are work, and the doses and skills of the effects.
    """
    if drift and reps is not None and reps < FEW_TO_SIZE:
        raise UsageError(f"--drift needs --reps {FEW_TO_SIZE} or more, got {reps}")
    if drift and observed is not None:
        raise UsageError("--drift and --observed are two questions; give one")
    study = study_of(config, sets, preset)
    if observed is not None:
        _fit_to_counts(study, config, observed, authority, members, out, seed, force)
        return
    from simfs.experiment.calibration import solve
    from simfs.experiment.future import usable_engine
    from simfs.experiment.wandering import size

    name, fault = usable_engine(engine)
    if fault is not None:
        remark(instead_of_default(name, fault))
    seed = DEFAULT_SEED if seed is None else seed
    compile_first(name)
    if drift:
        futures = reps or SIZING_REPS
        click.echo(size(study, seed=seed, futures=futures, engine=name, told=remark).toml())
    else:
        click.echo(solve(study, seed=seed, futures=reps or SOLVING_REPS, engine=name).toml())


def _fit_to_counts(
    study: "Study",
    config: Path,
    observed: Path,
    authority: str | None,
    members: int,
    out: Path | None,
    seed: int | None,
    force: bool,
) -> None:
    """Fit a scenario to counts, say how well it fits, and write it."""
    from simfs.experiment.calibrated import (
        authority_of,
        calibrated_text,
        fit_table,
        fitted,
        write_checked,
    )
    from simfs.experiment.observed import read_observed

    path = out or config.with_name(f"{config.stem}_calibrated.toml")
    if path.exists() and not force:
        raise UsageError(f"{path} exists; --force replaces it, --out names another file")
    if path.resolve().parent != config.resolve().parent:
        raise UsageError(f"{path}: must be in the folder of {config}, which it extends")
    counts = read_observed(observed)
    whose = authority_of(study, counts, authority)
    remark(f"fitting to the counts of {whose}: a minute or two")
    model, found = fitted(
        study, counts, whose, seed=DEFAULT_SEED if seed is None else seed, members=members
    )
    write_checked(path, calibrated_text(study, model, found, whose, config.name), force)
    click.echo(fit_table(found))
    click.echo(f"calibrated scenario: {path}")


def _for_an_interval(
    ctx: click.Context, parameter: click.Parameter, value: int | None
) -> int | None:
    """Check that there are futures enough for an interval, and few enough to hold in memory."""
    if value is not None and not FEW_REPS <= value <= MANY_REPS:
        raise click.BadParameter(
            f"must be a whole number, {FEW_REPS} to {MANY_REPS} (under {FEW_REPS} there is no "
            f"interval of the mean), got {value}"
        )
    return value


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Answer Ctrl-C by saying that nothing was kept, as the files are written together."""
    try:
        with terminated_like_interrupted():
            yield
    except KeyboardInterrupt:
        click.echo(
            "simfs: interrupted; nothing was kept, as the files are written when all is done",
            err=True,
        )
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None


reps_of_each_option = click.option(
    "--reps", type=int, callback=_for_an_interval, help=f"Of each run. [default: {DEFAULT_REPS}]"
)
arms_option = click.option(
    "--arm", "arms", multiple=True, metavar="NAME", help="Only this and the baseline."
)
force_option = click.option("--force", is_flag=True, help="Replace the files in the folder.")


@click.command()
@config_argument
@reps_of_each_option
@seed_option
@jobs_option
@scenario_options
@arms_option
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-mechanisms]")
@force_option
@engine_option
@talk_options
def mechanisms(
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
    """Tell what carries the answer: run without each mechanism in turn."""
    from simfs.experiment.future import usable_engine
    from simfs.experiment.mechanisms import NAME, must_differ
    from simfs.experiment.together import check_output

    study = study_of(config, sets, preset, arms)
    must_differ(study)
    folder = out or Path("results") / f"{study.name}-mechanisms"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name, fault = usable_engine(engine)
    if fault is not None:
        remark(instead_of_default(name, fault), quiet)
    compile_first(name, quiet)
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    with _all_or_nothing():
        found = _carried(study, reps, seed, jobs, name, quiet=quiet, colour=not no_color)
        remark(f"writing table and figures to {folder}", quiet or not verbose)
        _write(study, found, folder)
    from simfs.report.waterfall import mechanisms_text

    click.echo(mechanisms_text(study, found))
    click.echo(f"Table and figures: {folder}")


def _whole_draws(reps: int, quiet: bool) -> int:
    """Futures rounded up to whole draws, and a remark where that is more."""
    from simfs.experiment.run import whole_draws

    futures = whole_draws(reps)
    if futures != reps:
        remark(f"{reps} futures are rounded up to {futures}: four to a draw", quiet)
    return futures


def _carried(
    study: "Study", reps: int, seed: int, jobs: int, engine: str, *, quiet: bool, colour: bool
) -> tuple["Breakdown", ...]:
    """Run the study as it is and without each mechanism; say which is being run."""
    from simfs.experiment.mechanisms import carried, present
    from simfs.experiment.progress import progress_of

    futures = _whole_draws(reps, quiet)
    total = futures * (1 + len(present(study)))
    with progress_of(total, quiet=quiet, colour=colour and "NO_COLOR" not in os.environ) as told:
        return carried(
            study,
            reps=futures,
            seed=seed,
            jobs=jobs,
            engine=engine,
            told=lambda words, number, of: remark(f"{number} of {of}: {words}", quiet),
            progress=told,
        )


def _write(study: "Study", found: tuple["Breakdown", ...], folder: Path) -> None:
    """The table, a figure for each arm, and the scenario that was run."""
    from simfs.experiment.mechanisms import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.waterfall import drawings_of, mechanisms_csv

    files = {"mechanisms.csv": mechanisms_csv(found), RESOLVED: study.resolved.encode()}
    for drawing in drawings_of(study, found):
        files[f"{drawing.caption.key}.svg"] = drawing.svg
        files[f"{drawing.caption.key}.png"] = drawing.png
    write_together(folder, NAME, files)


@click.command()
@config_argument
@reps_of_each_option
@seed_option
@jobs_option
@set_option
@arms_option
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-presets]")
@force_option
@engine_option
@talk_options
def presets(
    *,
    config: Path,
    reps: int | None,
    seed: int | None,
    jobs: int,
    sets: tuple[str, ...],
    arms: tuple[str, ...],
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Judge every claim under every preset: each reading of the evidence."""
    from simfs.experiment.future import usable_engine
    from simfs.experiment.presets import NAME, readings_of
    from simfs.experiment.together import check_output

    readings = readings_of(config, sets=sets, arms=arms)
    folder = out or Path("results") / f"{readings.study.name}-presets"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name, fault = usable_engine(engine)
    if fault is not None:
        remark(instead_of_default(name, fault), quiet)
    compile_first(name, quiet)
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    with _all_or_nothing():
        found = _judged(readings, reps, seed, jobs, name, quiet=quiet, colour=not no_color)
        remark(f"writing table and figures to {folder}", quiet or not verbose)
        _write_presets(readings.study, found, folder)
    from simfs.report.presets import presets_text

    click.echo(presets_text(readings.study, found))
    click.echo(f"Table and figures: {folder}")


def _judged(
    readings: "Readings", reps: int, seed: int, jobs: int, engine: str, *, quiet: bool, colour: bool
) -> tuple["UnderPreset", ...]:
    """Run the study under each preset; say which is being run."""
    from simfs.experiment.presets import judged
    from simfs.experiment.progress import progress_of

    futures = _whole_draws(reps, quiet)
    total = futures * len(readings.under)
    with progress_of(total, quiet=quiet, colour=colour and "NO_COLOR" not in os.environ) as told:
        return judged(
            readings,
            reps=futures,
            seed=seed,
            jobs=jobs,
            engine=engine,
            told=lambda words, number, of: remark(f"{number} of {of}: {words}", quiet),
            progress=told,
        )


def _write_presets(study: "Study", found: tuple["UnderPreset", ...], folder: Path) -> None:
    """The table, a figure for each arm, and the scenario under the file's own preset."""
    from simfs.experiment.presets import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.dots import drawings_of
    from simfs.report.presets import presets_csv

    files = {"presets.csv": presets_csv(found), RESOLVED: study.resolved.encode()}
    for drawing in drawings_of(study, found):
        files[f"{drawing.caption.key}.svg"] = drawing.svg
        files[f"{drawing.caption.key}.png"] = drawing.png
    write_together(folder, NAME, files)
