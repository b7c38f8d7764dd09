"""Commands that fit a scenario to what was counted, and test its forecasts on it."""

# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.errors import UsageError
from simfs.options import (
    DEFAULT_SEED,
    REPS_END,
    all_or_nothing,
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
    from simfs.experiment.backtest import Result
    from simfs.report.backtest import Tested
    from simfs.scenario.scenario import Study

SOLVING_REPS, SIZING_REPS = 40, 400
FEW_TO_SIZE = 20  # futures, for a standard deviation known to a sixth
TESTING_REPS = 400
FEW_TO_TEST = 100  # futures, whose tenths are ten futures


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
    from simfs.experiment.wandering import size

    name = ready_engine(engine)
    seed = DEFAULT_SEED if seed is None else seed
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
        check_beside,
        fit_table,
        fitted,
        write_checked,
    )
    from simfs.experiment.observed import read_observed

    path = out or config.with_name(f"{config.stem}_calibrated.toml")
    check_beside(path, config, force=force)
    counts = read_observed(observed)
    whose = authority_of(study, counts, authority)
    remark(f"fitting to the counts of {whose}: a minute or two")
    model, found = fitted(
        study, counts, whose, seed=DEFAULT_SEED if seed is None else seed, members=members
    )
    write_checked(path, calibrated_text(study, model, found, whose, config.name), force)
    click.echo(fit_table(found))
    click.echo(f"calibrated scenario: {path}")


@click.command()
@config_argument
@click.option(
    "--observed",
    type=click.Path(path_type=Path),
    help="Counts (CSV). [default: observed.csv beside the file]",
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    metavar="NAME",
    help="Forecast this, not the file's cases.",
)
@click.option(
    "--base",
    type=int,
    metavar="YEAR",
    callback=whole(1990, 2101),
    help="From 31 March of this year. [default: the last before go-live]",
)
@click.option(
    "--reps", type=int, callback=for_an_interval, help=f"Of each place. [default: {TESTING_REPS}]"
)
@seed_option
@jobs_option
@scenario_options
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-backtest]")
@force_option
@engine_option
@talk_options
def backtest(
    *,
    config: Path,
    observed: Path | None,
    authorities: tuple[str, ...],
    base: int | None,
    reps: int | None,
    seed: int | None,
    jobs: int,
    sets: tuple[str, ...],
    preset: str | None,
    out: Path | None,
    force: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Test forecasts on other places and years: what was known then against what happened."""
    from simfs.experiment.backtest import NAME
    from simfs.experiment.together import check_output

    study = study_of(config, sets, preset)
    tested = _to_test(study, config, sets, observed, authorities, base)
    folder = out or Path("results") / f"{study.name}-backtest"
    check_output(folder, NAME, force=force, new_parent=out is None)
    name = ready_engine(engine, quiet)
    reps, seed = reps or TESTING_REPS, DEFAULT_SEED if seed is None else seed
    with all_or_nothing():
        found = _tested(tested, reps, seed, jobs, name, quiet=quiet, colour=not no_color)
        remark(f"writing table, badge and figure to {folder}", quiet or not verbose)
        _write(tested, found, folder)
    from simfs.report.backtest import backtest_text

    click.echo(backtest_text(tested, found, config.name))
    click.echo(f"Table, badge and figure: {folder}")


def _to_test(
    study: "Study",
    config: Path,
    sets: tuple[str, ...],
    observed: Path | None,
    authorities: tuple[str, ...],
    base: int | None,
) -> "Tested":
    """What is forecast from what; refused where it cannot be compared with anything."""
    from simfs.experiment.backtest import cases_of, places_of, plan_of, to_be_rejected
    from simfs.experiment.observed import read_observed
    from simfs.report.backtest import Tested

    plan_of(study)
    beside = config.with_name("observed.csv")
    if observed is None and not beside.is_file():
        raise UsageError(
            f"there is no {beside}; name the file of counts with --observed (columns authority, "
            "year, series, value and go_live)"
        )
    counts = read_observed(observed or beside)
    cases = cases_of(study, counts, authorities, base)
    places = places_of(study, counts, cases)
    return Tested(study, to_be_rejected(config, study, sets), counts, tuple(places))


def _tested(
    tested: "Tested", reps: int, seed: int, jobs: int, engine: str, *, quiet: bool, colour: bool
) -> "Result":
    """Forecast every case, and say how far that has come."""
    from simfs.experiment.backtest import run_backtest
    from simfs.experiment.progress import progress_of

    futures = rounded_up(reps, quiet)
    if futures < FEW_TO_TEST:
        remark(
            f"{futures} futures are few: the ends of the bands, and so the badge, are rough", quiet
        )
    total = futures * len(tested.places)
    with progress_of(total, quiet=quiet, colour=colour) as told:
        return run_backtest(
            tested.study,
            tested.others,
            tested.observed,
            [place.case for place in tested.places],
            reps=futures,
            seed=seed,
            jobs=jobs,
            engine=engine,
            told=lambda words: remark(words, quiet),
            progress=told,
        )


def _write(tested: "Tested", found: "Result", folder: Path) -> None:
    """The table, the badge, the figure, and the scenario that was tested."""
    from simfs.experiment.backtest import NAME
    from simfs.experiment.together import RESOLVED, write_together
    from simfs.report.backtest import backtest_csv, badge_toml
    from simfs.report.small_multiples import drawing_of

    drawing = drawing_of(tested, found)
    files = {
        f"{NAME}.csv": backtest_csv(found),
        f"{NAME}.toml": badge_toml(found.badge).encode(),
        f"{NAME}.svg": drawing.svg,
        f"{NAME}.png": drawing.png,
        RESOLVED: tested.study.resolved.encode(),
    }
    write_together(folder, NAME, files)
