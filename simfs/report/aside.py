"""The figures, drawn beside the tables where a process can be copied, which halves the wait.

A copy begins with all that was found, so nothing has to be sent to it. It takes one figure after
the other; once the tables are written, so does this process, until none is left. Tickets for the
figures lie in a pipe, from which each is taken once, whoever comes to an end. Where processes
cannot be copied (Windows, macOS) the figures are drawn here, when they are asked for.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from simfs.experiment.executors import answer_of, result_of
from simfs.report.charts import Drawing
from simfs.report.drawings import Drawer, drawers
from simfs.report.findings import Findings

Drawn = Callable[[], tuple[Drawing, ...]]
Numbered = list[tuple[int, Drawing]]
TICKET = 2  # bytes of a ticket


@contextmanager
def drawn_aside(findings: Findings) -> Iterator[Drawn]:
    """A function that gives the figures, in their order; they are being drawn meanwhile."""
    todo = drawers(findings)
    if not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2:
        yield lambda: tuple(draw() for draw in todo)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    tickets = _tickets(len(todo))
    process = context.Process(target=_draw_aside, args=(theirs, todo, tickets), daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda: _together(todo, tickets, ours)
    finally:
        process.kill()
        process.join()
        ours.close()
        os.close(tickets)


def _tickets(count: int) -> int:
    """A pipe with a ticket for each place."""
    tickets, filling = os.pipe()
    with os.fdopen(filling, "wb") as stream:
        stream.write(b"".join(place.to_bytes(TICKET) for place in range(count)))
    return tickets


def _draw_aside(pipe: Connection, todo: Sequence[Drawer], tickets: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.send(answer_of(lambda _: _taken_in_turn(todo, tickets), None))


def _taken_in_turn(todo: Sequence[Drawer], tickets: int) -> Numbered:
    """Draw the next figure that nobody has taken, until there is none, with their places."""
    drawn: Numbered = []
    while ticket := os.read(tickets, TICKET):
        place = int.from_bytes(ticket)
        drawn.append((place, todo[place]()))
    return drawn


def _together(todo: Sequence[Drawer], tickets: int, pipe: Connection) -> tuple[Drawing, ...]:
    """What was drawn here and in the copy; drawn here after all if the copy was lost."""
    found = dict(_taken_in_turn(todo, tickets))
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        answer = None
    if answer is not None:
        found |= dict(result_of(answer, "figures"))
    return tuple(found[place] if place in found else draw() for place, draw in enumerate(todo))
