"""The command that tests staffing: a grid of plans, the cheapest for a target, or the best."""

# ruff: noqa: PLC0415

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simfs.errors import UsageError
from simfs.options import (
    DEFAULT_REPS,
    DEFAULT_SEED,
    MANY_REPS,
    all_or_nothing,
    config_argument,
    engine_option,
    for_an_interval,
    force_option,
    jobs_option,
    ready_engine,
    remark,
    resumable,
    rounded_up,
    scenario_options,
    seed_option,
    study_of,
    talk_options,
    terminated_like_interrupted,
    unknown,
)

if TYPE_CHECKING:
    from simfs.analysis.plan_outcomes import Planned
    from simfs.experiment.store import Store
    from simfs.scenario.plans import Plans
    from simfs.scenario.scenario import Study

DEFAULT_CONFIDENCE = 0.95
SECONDS = 0.02  # of one processor, for a plan's future of a place of Bury's size


@click.command()
@config_argument
@click.option(
    "--vary",
    "items",
    multiple=True,
    metavar="KEY=LEVELS",
    help="What is varied: KEY=24:40:2, KEY=24,30 or dates; once for each key.",
)
@click.option("--arm", metavar="NAME", help="Whose staffing. [default: the only one compared]")
@click.option(
    "--claim",
    metavar="ID",
    help="The claim whose chance is told. [default: the first that counts no workers' time]",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="WORDS",
    help='Find the cheapest plan: "unallocated<5 in 95% of weeks".',
)
@click.option(
    "--best", metavar="FIGURE", help="Find the best plan by a figure, such as net_cashable_saving."
)
@click.option("--within", type=float, help="With --best: the least difference that matters.")
@click.option(
    "--confidence",
    type=float,
    help=f"With --best: how sure it is to be. [default: {DEFAULT_CONFIDENCE}]",
)
@click.option("--reps", type=int, callback=for_an_interval, help=f"[default: {DEFAULT_REPS}]")
@seed_option
@jobs_option
@scenario_options
@click.option("--out", type=click.Path(path_type=Path), help="[default: results/NAME-staffing]")
@click.option("--resume", is_flag=True, help="Go on with the grid in the folder, or extend it.")
@force_option
@click.option("--dry-run", is_flag=True, help="Say what the grid takes and run nothing.")
@click.option("--yes", is_flag=True, help=f"Run more than {MANY_REPS:,} simulations.")
@engine_option
@talk_options
def staffing(
    *,
    config: Path,
    items: tuple[str, ...],
    arm: str | None,
    claim: str | None,
    targets: tuple[str, ...],
    best: str | None,
    within: float | None,
    confidence: float | None,
    reps: int | None,
    seed: int | None,
    jobs: int,
    sets: tuple[str, ...],
    preset: str | None,
    out: Path | None,
    resume: bool,
    force: bool,
    dry_run: bool,
    yes: bool,
    engine: str | None,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> None:
    """Test staffing: how many of whom, what that is worth, and who waits.

    Without --target or --best every plan is run in the same futures. Posts and caseloads hold from
    the day on which the practice model changes the team's posts; the baseline keeps its own.
    Without --vary: the staffing that was published, re-derived, and what can be varied.
    """
    study = study_of(config, sets, preset)
    _check_ways(items, targets, best, within, of_a_grid=resume or dry_run)
    _check_alone(targets, best, claim, confidence)
    if not items:
        click.echo(_unvaried(study, arm, DEFAULT_SEED if seed is None else seed))
        return
    from simfs.scenario.plans import plans_of

    plans = plans_of(study, items, arm)
    way = "-target" if targets else "-best" if best else ""
    folder = out or Path("results") / f"{study.name}-staffing{way}"
    asked = _Asked(plans, folder, out is None, seed, jobs, engine, quiet, not no_color)
    if best is not None:
        sure = DEFAULT_CONFIDENCE if confidence is None else confidence
        _pick(asked, best, within, sure, reps, force)
    elif targets:
        _seek(asked, targets, reps, force)
    else:
        _grid(asked, claim, reps, resume=resume, force=force, dry_run=dry_run, yes=yes)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every way of testing staffing is given."""

    plans: "Plans"
    folder: Path
    new_parent: bool
    given_seed: int | None
    jobs: int
    engine: str | None
    quiet: bool
    colour: bool

    @property
    def seed(self) -> int:
        """Of a run that goes on with none."""
        return DEFAULT_SEED if self.given_seed is None else self.given_seed


def _check_ways(
    items: Sequence[str],
    targets: Sequence[str],
    best: str | None,
    within: float | None,
    *,
    of_a_grid: bool,
) -> None:
    """Refuse options that do not go together."""
    if not items and (targets or best or of_a_grid):
        raise UsageError(
            "nothing is varied: give --vary KEY=LEVELS, such as teams.NAME.posts=24:40"
        )
    if targets and best:
        raise UsageError(
            "--target finds the cheapest plan and --best the best: give one of the two"
        )
    if (best is None) != (within is None):
        raise UsageError(
            "--best FIGURE and --within AMOUNT go together: the least difference that matters "
            "decides how many futures are needed"
        )
    if of_a_grid and (targets or best):
        raise UsageError(
            "--resume and --dry-run are of a grid: a search keeps nothing to go on with, and how "
            "much it runs shows on the way"
        )


def _check_alone(
    targets: Sequence[str], best: str | None, claim: str | None, confidence: float | None
) -> None:
    """Refuse options that the way asked for would not heed."""
    if claim is not None and (targets or best):
        raise UsageError(
            "--claim names the claim whose chance a grid tells; a search with --target or --best "
            "tells of none"
        )
    if confidence is not None and best is None:
        raise UsageError("--confidence goes with --best and --within: it says how sure to be")


def _unvaried(study: "Study", arm: str | None, seed: int) -> str:
    """The published staffing, re-derived, and what can be varied."""
    from simfs.analysis.posts_needed import posts_needed
    from simfs.report.published_plan import published_plan_text
    from simfs.scenario.plans import arm_of, told_variables

    published = published_plan_text(study, posts_needed(study, seed))
    known = "\n".join(
        ["What can be varied (--vary KEY=LEVELS):", *told_variables(arm_of(study, arm))]
    )
    return "\n\n".join(part for part in (published, known) if part)


def _seek(asked: _Asked, texts: Sequence[str], reps: int | None, force: bool) -> None:
    """Find the cheapest plan that meets some targets."""
    from simfs.analysis.measures import weekly_metrics
    from simfs.analysis.plan_outcomes import target_of
    from simfs.experiment.plan_search import NAME, cheapest, must_be_posts
    from simfs.experiment.progress import progress_of
    from simfs.experiment.together import check_output
    from simfs.report.plans_sought import found_csv, found_text

    first = asked.plans.study.arms[0]
    targets = tuple(target_of(text, weekly_metrics(first), first.calendar) for text in texts)
    must_be_posts(asked.plans)
    check_output(asked.folder, NAME, force=force, new_parent=asked.new_parent)
    engine = ready_engine(asked.engine, asked.quiet)
    futures = rounded_up(reps or DEFAULT_REPS, asked.quiet)
    with all_or_nothing():
        plans = len(asked.plans.levels)
        with progress_of(plans, "plans decided", quiet=asked.quiet, colour=asked.colour) as told:
            found = cheapest(
                asked.plans,
                targets,
                reps=futures,
                seed=asked.seed,
                jobs=asked.jobs,
                engine=engine,
                progress=told,
            )
        _write(asked, NAME, found_csv(found))
    click.echo(found_text(found))
    click.echo(f"\nTable: {asked.folder}")


def _pick(
    asked: _Asked,
    figure: str,
    within: float | None,
    confidence: float,
    reps: int | None,
    force: bool,
) -> None:
    """Find the best plan with a stated probability."""
    from simfs.analysis.selection import FIRST_DRAWS
    from simfs.engine.draws import DRAW_SIZE
    from simfs.experiment.plan_selection import NAME, aim_of, best_plan
    from simfs.experiment.together import check_output
    from simfs.report.plans_sought import picked_csv, picked_text

    assert within is not None
    if reps is not None and reps < FIRST_DRAWS * DRAW_SIZE:
        raise UsageError(
            f"--best sees every plan in {FIRST_DRAWS} draws of {DRAW_SIZE} futures first: --reps "
            f"must be {FIRST_DRAWS * DRAW_SIZE} or more, got {reps}; without it as many are run as "
            "it takes"
        )
    aim = aim_of(asked.plans.study, figure)
    check_output(asked.folder, NAME, force=force, new_parent=asked.new_parent)
    engine = ready_engine(asked.engine, asked.quiet)

    def told(draws: int, left: Sequence[int], latest: int) -> None:
        words = f"{len(left)} of {len(asked.plans.levels)} plans left after {draws} draws"
        remark(f"{words}, {latest} at the most" if len(left) > 1 else words, asked.quiet)

    with all_or_nothing():
        picked = best_plan(
            asked.plans,
            aim,
            within=within,
            confidence=confidence,
            most=None if reps is None else -(-reps // DRAW_SIZE),
            seed=asked.seed,
            jobs=asked.jobs,
            engine=engine,
            told=told,
        )
        _write(asked, NAME, picked_csv(picked))
    click.echo(picked_text(picked))
    click.echo(f"\nTable: {asked.folder}")


def _write(asked: _Asked, name: str, table: bytes) -> None:
    """One table, and the scenario whose staffing was varied."""
    from simfs.experiment.together import RESOLVED, write_together

    resolved = asked.plans.studied(()).resolved.encode()
    write_together(asked.folder, name, {f"{name}.csv": table, RESOLVED: resolved})


def _grid(
    asked: _Asked,
    claim: str | None,
    reps: int | None,
    *,
    resume: bool,
    force: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Run every plan in the same futures."""
    from simfs.experiment.plans import plans_run
    from simfs.experiment.progress import progress_of
    from simfs.experiment.run import identity_of
    from simfs.experiment.store import Store, check_folder, stored_run

    plans = asked.plans
    _check_claim(plans.study, claim)
    check_folder(asked.folder, resume=resume, force=force, new_parent=asked.new_parent)
    seed = asked.seed
    if resume:
        there, stored = stored_run(asked.folder)
        reps, seed = reps or stored, there.seed if asked.given_seed is None else seed
    futures = rounded_up(reps or DEFAULT_REPS, asked.quiet)
    _check_size(plans, futures, yes or dry_run)
    study = plans.studied(range(len(plans.levels)))
    engine = ready_engine(asked.engine, asked.quiet)
    if dry_run:
        _say_what_it_takes(asked, study, futures, seed, engine)
        return
    store = Store.for_run(
        asked.folder,
        identity_of(study, seed, engine),
        study.resolved,
        futures,
        resume=resume,
        force=force,
        new_parent=asked.new_parent,
    )
    to_go_on = f"give the same command again with --resume{' instead of --force' * force}"
    with store, terminated_like_interrupted():
        with (
            resumable(store, to_go_on) as finished,
            progress_of(futures, quiet=asked.quiet, colour=asked.colour) as told,
        ):

            def progress(done: int) -> None:
                finished(done)
                told(done)

            planned = plans_run(
                plans,
                range(len(plans.levels)),
                reps=futures,
                seed=seed,
                jobs=asked.jobs,
                folder=store,
                engine=engine,
                progress=progress,
            )
        with resumable(store, to_go_on, futures):
            _publish(planned, claim, store)


def _say_what_it_takes(asked: _Asked, study: "Study", futures: int, seed: int, engine: str) -> None:
    """Time and disk of a grid, from running a few futures of all its plans."""
    from simfs.experiment.plans import planned_future
    from simfs.experiment.progress import in_words
    from simfs.experiment.run import estimate

    needs = estimate(
        study,
        reps=futures,
        seed=seed,
        jobs=asked.jobs,
        engine=engine,
        simulate=planned_future(engine),
    )
    click.echo(
        f"{study.name}: {len(asked.plans.levels):,} plans, the file's own and the baseline, "
        f"{futures:,} futures each: {needs.simulations:,} simulations, seed {seed}\n"
        f"about {in_words(needs.seconds)} and {needs.disk_bytes / 1e9:,.2f} GB of disk with "
        f"{asked.jobs} worker {'process' if asked.jobs == 1 else 'processes'}, engine {engine}\n"
        f"results would be in {asked.folder}; nothing was written"
    )


def _check_claim(study: "Study", claim: str | None) -> None:
    known = [each.id for each in study.claims]
    if claim is not None and claim not in known:
        raise UsageError(f"--claim {claim}: {unknown('claim', claim, known)}")


def _check_size(plans: "Plans", futures: int, yes: bool) -> None:
    """Refuse more simulations than somebody may have meant."""
    simulations = (len(plans.levels) + 2) * futures
    if simulations > MANY_REPS and not yes:
        raise UsageError(
            f"{len(plans.levels):,} plans in {futures:,} futures are {simulations:,} simulations, "
            f"about {simulations * SECONDS / 3600 / 2:,.1f} hours on two processors; if they are "
            "meant, add --yes, or vary less, or use --target or --best, which run fewer"
        )


def _publish(planned: "Planned", claim: str | None, store: "Store") -> None:
    """Write what is told of a grid, and say it in short."""
    from simfs.analysis.posts_needed import posts_needed
    from simfs.analysis.savings import default_claim
    from simfs.report.plans_figures import drawings
    from simfs.report.plans_found import find
    from simfs.report.plans_page import staffing_files
    from simfs.report.plans_text import staffing_text
    from simfs.report.published_plan import NAME as PUBLISHED

    study = planned.plans.study
    found = find(planned, claim or default_claim(study))
    published = posts_needed(study, planned.outcomes.seed)
    files = staffing_files(found, drawings(found), published)

    def write(folder: Path) -> None:
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)

    store.publish([write])
    click.echo(staffing_text(found))
    if published:
        click.echo(f"The published staffing, re-derived: simfs staffing CONFIG, {PUBLISHED}.csv")
    click.echo(f"Tables, figures and page: {store.folder}")
