"""What the command line's options mean, and how it says no: the same in every command."""

import difflib
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simfs.errors import (
    EXIT_BAD_INPUT,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_PART_WAY,
    SimfsError,
    UsageError,
)

if TYPE_CHECKING:
    from simfs.experiment.cluster import DaskCluster
    from simfs.experiment.store import Store
    from simfs.scenario.scenario import Study

DEFAULT_REPS = 200
DEFAULT_SEED = 1
MANY_REPS = 100_000  # more than these are estimated first and want --yes
REPS_END = 10**9 + 1
FEW_REPS = 8  # under these there is no interval of the mean
FUTURE_END = 2**63  # a future's number is 64 bits with a sign wherever it is kept

Command = TypeVar("Command", bound=Callable[..., Any])


class Verbs(click.Group):
    """The group of commands, whose refusals are one clear line and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "simfs",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; ends the process unless `standalone_mode` is off."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        for stream in (sys.stdout, sys.stderr):
            # In a locale without £ the words come out poorer, but they come out.
            if stream is not None:  # as it is where the caller closed it
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        try:
            code = super().main(args, prog_name, complete_var, False, **extra)
        except click.exceptions.NoArgsIsHelpError as wanted:
            click.echo(wanted.format_message())
            code = EXIT_BAD_INPUT
        except click.ClickException as refusal:
            click.echo(f"simfs: {refusal.format_message()}", err=True)
            code = EXIT_BAD_INPUT
        except click.Abort:
            click.echo("simfs: interrupted", err=True)
            code = EXIT_INTERRUPTED
        except SimfsError as refusal:
            click.echo(str(refusal) if _has_place(refusal) else f"simfs: {refusal}", err=True)
            code = refusal.exit_code
        except OSError as error:
            click.echo(f"simfs: {fault_of(error)}", err=True)
            code = EXIT_FAILED
        sys.exit(code if isinstance(code, int) else EXIT_DONE)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or name the nearest."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(unknown("command", args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def _has_place(refusal: SimfsError) -> bool:
    """Whether the message already begins with the file it is about."""
    return hasattr(refusal, "problems")


def fault_of(error: OSError) -> str:
    """A fault of the machine in one line: the file, where it is known, and the reason."""
    place = error.filename2 or error.filename
    if place is None and not _output_works():
        place = "standard output"
    reason = error.strerror or str(error)
    return reason if place is None else f"{place}: {reason}"


def _output_works() -> bool:
    """Whether standard output takes what it is given; if not, it is given nothing more."""
    if sys.stdout is None:
        return True
    try:
        sys.stdout.flush()
    except OSError:
        # Python would try again when it ends, and complain in its own words.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return False
    return True


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Answer a request to end (SIGTERM) as Ctrl-C is answered."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def all_or_nothing() -> Iterator[None]:
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


@contextmanager
def resumable(store: "Store", to_go_on: str, finished: int = 0) -> Iterator[Callable[[int], None]]:
    """Say what is kept and how to go on where Ctrl-C or the machine cuts work short.

    Gives what is to be told how many futures are finished, of which there are `finished` already.
    """

    def tell(done: int) -> None:
        nonlocal finished
        finished = done

    try:
        yield tell
    except (KeyboardInterrupt, OSError) as cause:
        if isinstance(cause, OSError):
            event, how, code = "stopped", f"stopped: {fault_of(cause)}", EXIT_PART_WAY
        else:
            event, how, code = "interrupted", "interrupted", EXIT_INTERRUPTED
        click.echo(
            f"simfs: {how}; {finished} of {store.futures} futures are kept in {store.folder}\n"
            f"to go on: {to_go_on}",
            err=True,
        )
        with suppress(OSError):  # the log may be what failed, and the words that matter are out
            store.log(event, futures=finished)
        raise click.exceptions.Exit(code) from None


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """That a name is not known, with the nearest that is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
    return f"no {what} {name!r}; {hint}"


def whole(least: int, end: int) -> Callable[..., int | None]:
    """A check that an option's number is in [least, end)."""

    def check(ctx: click.Context, parameter: click.Parameter, value: int | None) -> int | None:
        if value is not None and not least <= value < end:
            raise click.BadParameter(f"must be a whole number, {least} to {end - 1}, got {value}")
        return value

    return check


def for_an_interval(
    ctx: click.Context, parameter: click.Parameter, value: int | None
) -> int | None:
    """Check that there are futures enough for an interval, and few enough to hold in memory."""
    if value is not None and not FEW_REPS <= value <= MANY_REPS:
        raise click.BadParameter(
            f"must be a whole number, {FEW_REPS} to {MANY_REPS} (under {FEW_REPS} there is no "
            f"interval of the mean), got {value}"
        )
    return value


def _seed(ctx: click.Context, parameter: click.Parameter, value: int | None) -> int | None:
    if value is None:
        return None
    from simfs.experiment.run import SEED_END  # noqa: PLC0415  too heavy for --help

    return whole(0, SEED_END)(ctx, parameter, value)


def _jobs(ctx: click.Context, parameter: click.Parameter, value: str) -> int:
    """The number of worker processes of `N` or `auto`."""
    if value == "auto":
        return processors()
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"must be 1 or more, or auto, got {value!r}")
    return int(value)


def _no_color(ctx: click.Context, parameter: click.Parameter, value: bool) -> bool:
    return value or "NO_COLOR" in os.environ


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _engine(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from simfs.engine import ENGINES  # noqa: PLC0415  too heavy for --help

    if value not in ENGINES:
        raise click.BadParameter(unknown("engine", value, ENGINES))
    return value


def instead_of_default(engine: str, fault: str) -> str:
    """That an engine stands in for the default one, and why."""
    from simfs.engine import ENGINES  # noqa: PLC0415  too heavy for --help

    return f"engine {ENGINES[0]!r} cannot run here ({fault}): using the {engine} engine"


def study_of(
    config: Path, sets: Sequence[str] = (), preset: str | None = None, arms: Sequence[str] = ()
) -> "Study":
    """The study of a scenario file, with what the options change in it."""
    from simfs.scenario.config import load  # noqa: PLC0415  too heavy for --help

    return load(config, sets=sets, preset=preset, arms=arms)


def remark(words: str, quiet: bool = False) -> None:
    """Say something on standard error, unless it is to be quiet."""
    if not quiet:
        click.echo(words, err=True)


def rounded_up(reps: int, quiet: bool) -> int:
    """Futures rounded up to whole draws, and a remark where that is more."""
    from simfs.experiment.run import whole_draws  # noqa: PLC0415  too heavy for --help

    futures = whole_draws(reps)
    if futures != reps:
        remark(f"{reps} futures are rounded up to {futures}: four to a draw", quiet)
    return futures


@contextmanager
def series_told(runs: int, reps: int, *, quiet: bool, colour: bool) -> Iterator[dict[str, Any]]:
    """What a series of runs is given: futures in whole draws, and whom it tells how far it is."""
    from simfs.experiment.progress import progress_of  # noqa: PLC0415  too heavy for --help

    futures = rounded_up(reps, quiet)
    with progress_of(runs * futures, quiet=quiet, colour=colour) as progress:
        yield {
            "reps": futures,
            "told": lambda words, number, of: remark(f"{number} of {of}: {words}", quiet),
            "progress": progress,
        }


def ready_engine(asked: str | None, quiet: bool = False) -> str:
    """The engine that was asked for or can run here, compiled; says so where it is another."""
    from simfs.experiment.future import usable_engine  # noqa: PLC0415  too heavy for --help

    engine, fault = usable_engine(asked)
    if fault is not None:
        remark(instead_of_default(engine, fault), quiet)
    compile_first(engine, quiet)
    return engine


def compile_first(engine: str, quiet: bool = False) -> None:
    """Make an engine ready before its time counts, and say so where it takes a while."""
    from simfs.engine import make_ready, must_be_compiled  # noqa: PLC0415  too heavy for --help

    if must_be_compiled(engine):
        remark(f"engine {engine!r} is compiled first, once: about half a minute", quiet)
        try:
            make_ready(engine)
        except KeyboardInterrupt:
            click.echo(
                "simfs: interrupted before anything was run, so there is nothing to go on with: "
                "give the same command again",
                err=True,
            )
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None


def cluster_of(address: str | None) -> "AbstractContextManager[DaskCluster | None]":
    """The Dask cluster at an address, if one is given."""
    if address is None:
        return nullcontext()
    try:
        from simfs.experiment.cluster import cluster_at  # noqa: PLC0415  too heavy for --help
    except ImportError as error:
        raise UsageError(f"--dask needs distributed; install simfs[dask] ({error})") from None
    return cluster_at(address)


def options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options that belong together."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


config_argument = click.argument("config", type=click.Path(path_type=Path))
arms_option = click.option(
    "--arm", "arms", multiple=True, metavar="NAME", help="Only this and the baseline."
)
set_option = click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change one number."
)
scenario_options = options(
    set_option,
    click.option("--preset", metavar="NAME", help="Which strength of the effects to believe."),
)
seed_option = click.option("--seed", type=int, callback=_seed, help=f"[default: {DEFAULT_SEED}]")
jobs_option = click.option(
    "--jobs", metavar="N|auto", default="auto", callback=_jobs, help="Processes. [default: auto]"
)
engine_option = click.option(
    "--engine", metavar="fast|reference", callback=_engine, help="[default: fast]"
)
dask_option = click.option(
    "--dask", metavar="ADDRESS", help="Work on the Dask cluster there, not in processes here."
)
reps_of_each_option = click.option(
    "--reps", type=int, callback=for_an_interval, help=f"Of each run. [default: {DEFAULT_REPS}]"
)
force_option = click.option("--force", is_flag=True, help="Replace the files in the folder.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say what is done.")
talk_options = options(
    click.option("-q", "--quiet", is_flag=True, help="No progress and no remarks."),
    verbose_option,
    click.option(
        "--no-color", is_flag=True, callback=_no_color, help="No colours; so does NO_COLOR."
    ),
)
