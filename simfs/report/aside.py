"""The figures, drawn beside the tables where a process can be copied, which halves the wait.

A copy begins with all that was found, so nothing has to be sent to it; where processes cannot be
copied (Windows, macOS) the figures are drawn here, when they are asked for.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from simfs.experiment.executors import answer_of, result_of
from simfs.report.charts import Drawing
from simfs.report.drawings import drawings
from simfs.report.findings import Findings

Drawn = Callable[[], tuple[Drawing, ...]]


@contextmanager
def drawn_aside(findings: Findings) -> Iterator[Drawn]:
    """A function that gives the figures; they are being drawn meanwhile."""
    if not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2:
        yield lambda: drawings(findings)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw, args=(theirs, findings), daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda: _received(ours, findings)
    finally:
        process.kill()
        process.join()
        ours.close()


def _draw(pipe: Connection, findings: Findings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.send(answer_of(drawings, findings))


def _received(pipe: Connection, findings: Findings) -> tuple[Drawing, ...]:
    """What the copy drew; drawn here after all if it was lost on the way."""
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        return drawings(findings)
    drawn: tuple[Drawing, ...] = result_of(answer, "figures")
    return drawn
