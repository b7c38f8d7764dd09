"""Commands that answer a question of their own and keep no journal of futures."""

# ruff: noqa: PLC0415

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.errors import UsageError
from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    FUTURE_END,
    all_or_nothing,
    arms_option,
    config_argument,
    engine_option,
    force_option,
    jobs_option,
    ready_engine,
    remark,
    reps_of_each_option,
    scenario_options,
    seed_option,
    series_told,
    set_option,
    study_of,
    talk_options,
    unknown,
    whole,
)

if TYPE_CHECKING:
    from simfs.analysis.mechanisms import Breakdown
    from simfs.analysis.presets import UnderPreset
    from simfs.experiment.presets import Readings
    from simfs.scenario.scenario import Study


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
    from simfs.experiment.future import trace_future
    from simfs.experiment.tables import write_trace

    name = ready_engine(engine)
    seed = DEFAULT_SEED if seed is None else seed
    history, program = trace_future(study, arm, seed, future, name)
    write_trace(history.table(program), out)
    click.echo(f"{len(history.events):,} events of future {future}, arm {arm}, in {out}")


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
    from simfs.experiment.mechanisms import NAME, must_differ
    from simfs.experiment.together import check_output

    study = study_of(config, sets, preset, arms)
    must_differ(study)
    folder = out or Path("results") / f"{study.name}-mechanisms"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name = ready_engine(engine, quiet)
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    with all_or_nothing():
        found = _carried(study, reps, seed, jobs, name, quiet=quiet, colour=not no_color)
        remark(f"writing table and figures to {folder}", quiet or not verbose)
        _write(study, found, folder)
    from simfs.report.waterfall import mechanisms_text

    click.echo(mechanisms_text(study, found))
    click.echo(f"Table and figures: {folder}")


def _carried(
    study: "Study", reps: int, seed: int, jobs: int, engine: str, *, quiet: bool, colour: bool
) -> tuple["Breakdown", ...]:
    """Run the study as it is and without each mechanism; say which is being run."""
    from simfs.experiment.mechanisms import carried, present

    with series_told(1 + len(present(study)), reps, quiet=quiet, colour=colour) as told:
        return carried(study, seed=seed, jobs=jobs, engine=engine, **told)


def _write(study: "Study", found: tuple["Breakdown", ...], folder: Path) -> None:
    """The table, a figure for each arm, and the scenario that was run."""
    from simfs.experiment.mechanisms import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.charts import files_of
    from simfs.report.waterfall import drawings_of, mechanisms_csv

    files = {"mechanisms.csv": mechanisms_csv(found), RESOLVED: study.resolved.encode()}
    files |= files_of(drawings_of(study, found))
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
    from simfs.experiment.presets import NAME, readings_of
    from simfs.experiment.together import check_output

    readings = readings_of(config, sets=sets, arms=arms)
    folder = out or Path("results") / f"{readings.study.name}-presets"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name = ready_engine(engine, quiet)
    reps, seed = reps or DEFAULT_REPS, DEFAULT_SEED if seed is None else seed
    with all_or_nothing():
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

    with series_told(len(readings.under), reps, quiet=quiet, colour=colour) as told:
        return judged(readings, seed=seed, jobs=jobs, engine=engine, **told)


def _write_presets(study: "Study", found: tuple["UnderPreset", ...], folder: Path) -> None:
    """The table, a figure for each arm, and the scenario under the file's own preset."""
    from simfs.experiment.presets import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.charts import files_of
    from simfs.report.dots import drawings_of
    from simfs.report.presets import presets_csv

    files = {"presets.csv": presets_csv(found), RESOLVED: study.resolved.encode()}
    files |= files_of(drawings_of(study, found))
    write_together(folder, NAME, files)


@click.command()
@config_argument
@click.option("--observed", type=click.Path(path_type=Path), required=True, help="Counts (CSV).")
@click.option("--authority", metavar="NAME", required=True, help="Whose place.")
@click.option(
    "--base", type=int, metavar="YEAR", help="As counted on its 31 March. [default: before go-live]"
)
@click.option(
    "--go-live",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Such as 2024-04-01. [default: as counted]",
)
@click.option("--years", type=int, default=3, callback=whole(1, 100), help="[default: 3]")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A scenario file.")
@click.option("--force", is_flag=True, help="Replace the file.")
def scale(
    *,
    config: Path,
    observed: Path,
    authority: str,
    base: int | None,
    go_live: datetime | None,
    years: int,
    out: Path,
    force: bool,
) -> None:
    """Write a small file that scales a scenario to another authority's counts."""
    from simfs.experiment.backtest import plan_of
    from simfs.experiment.calibrated import check_beside, write_checked
    from simfs.experiment.observed import read_observed
    from simfs.experiment.places import Scaling, base_year
    from simfs.experiment.scaled import place_at_rest, scaled_text
    from simfs.scenario.fit import Case

    check_beside(out, config, force=force)
    study = study_of(config)
    plan, counts = plan_of(study), read_observed(observed)
    case = Case(authority, base or base_year(counts, authority))
    place = place_at_rest(plan, counts, case, go_live.date() if go_live else None)
    remark(f"scaling {study.name} to {authority}, 31 March {case.base}: a few seconds")
    scaling = Scaling(study, plan, place, years)
    write_checked(out, scaled_text(study, scaling, config.name), force)
    gap = max(0.001, *(abs(miss) for miss in scaling.misses.values()))  # none is met exactly
    click.echo(f"{out}: at rest within {100 * gap:.1f}% of the counts; now write its claims there")
