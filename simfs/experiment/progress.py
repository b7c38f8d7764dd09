"""How far a run has come, told on standard error: a bar to a person, plain lines to a file."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich import progress as rich_progress
from rich.console import Console

Told = Callable[[int], None]
LINES = 10  # plain lines in a run


@contextmanager
def progress_of(
    total: int, what: str = "futures", *, quiet: bool = False, colour: bool = True
) -> Iterator[Told]:
    """Something to tell the number of finished futures to, or of `what` else, while it lasts."""
    if quiet:
        yield lambda done: None
    elif sys.stderr.isatty():
        with _bar(total, what, colour) as told:
            yield told
    else:
        yield _Lines(total, what)


@contextmanager
def _bar(total: int, what: str, colour: bool) -> Iterator[Told]:
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("left"),
        rich_progress.TimeRemainingColumn(elapsed_when_finished=False),
    )
    console = Console(stderr=True, no_color=not colour)
    with rich_progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


class _Lines:
    """A line at every tenth of the work."""

    def __init__(self, total: int, what: str) -> None:
        self.total = total
        self.what = what
        self.began = time.monotonic()
        self.before: int | None = None
        self.told = 0

    def __call__(self, done: int) -> None:
        if self.before is None:
            self.before = done  # finished by an earlier run: no measure of today's speed
            if not done:
                self.began = time.monotonic()  # what came before the first future is no measure
        tenths = LINES * done // self.total
        if tenths <= self.told:
            return
        self.told = tenths
        seconds = time.monotonic() - self.began
        line = f"{done} of {self.total} {self.what}, {in_words(seconds)}"
        if self.before < done < self.total:
            left = seconds / (done - self.before) * (self.total - done)
            line += f", about {in_words(left)} left"
        print(line, file=sys.stderr, flush=True)


def in_words(seconds: float) -> str:
    """A duration for people.

    >>> in_words(0.4), in_words(75), in_words(7200), in_words(360000)
    ('0 s', '1 min 15 s', '2 h 0 min', '4.2 days')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    if seconds < 2 * 86400:
        return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
    return f"{seconds / 86400:.1f} days"
