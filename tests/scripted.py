"""Futures that are handed over, not simulated: everything downstream in milliseconds."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from simfs import engine
from simfs.analysis.measures import weekly_metrics, yearly_metrics
from simfs.errors import UsageError
from simfs.experiment.future import FutureResult
from simfs.scenario.config import loads
from simfs.scenario.scenario import Study

needs_kill = pytest.mark.skipif(os.name != "posix", reason="a process is ended by a signal")
needs_links = pytest.mark.skipif(os.name != "posix", reason="links want a privilege elsewhere")

TWO_ARMS = """
[study]
name = "small"
start = 2023-04-01
years = 1
baseline = "today"

[streams.referral]
to = "assessment"
per_year = 60
assumption = "made up"

[teams.social_workers]
posts = 2
caseload = 18
assumption = "made up"

[stages.assessment]
team = "social_workers"
stay = { mean = 45, unit = "days", shape = "exponential" }
routes = { closed = { p = 1 } }
assumption = "made up"

[exits.closed]

[arms.today]

[arms.more_staff]
assumption = "made up"
[arms.more_staff.set]
"teams.social_workers.posts" = 3
"""


def lose_the_fast_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where its library is not installed: the engine's module cannot be imported."""
    monkeypatch.delattr(engine, "fast", raising=False)
    monkeypatch.setitem(sys.modules, "simfs.engine.fast", None)


def small_study(**options: object) -> Study:
    return loads(TWO_ARMS, **options)


def scripted(study: Study, seed: int, future: int) -> FutureResult:
    """Numbers that tell seed, future, arm and place apart."""
    calendar = study.arms[0].calendar
    arms, years = len(study.arms), len(calendar.years)
    yearly = np.arange(arms * years * len(yearly_metrics(study)), dtype=np.int64)
    yearly = yearly.reshape(arms, years, -1) + 10_000 * future + 10**9 * seed
    weekly = np.arange(arms * calendar.weeks * len(weekly_metrics(study)), dtype=np.float32)
    return yearly, weekly.reshape(arms, calendar.weeks, -1) + np.float32(future)


def killed_at_12(study: Study, seed: int, future: int) -> FutureResult:
    """The process dies, as if for want of memory."""
    if future == 12:
        os.kill(os.getpid(), signal.SIGKILL)
    return scripted(study, seed, future)


def killed_once_at_12(study: Study, seed: int, future: int) -> FutureResult:
    """The process dies the first time; a file named by the environment remembers it."""
    marker = Path(os.environ["SIMFS_TEST_MARKER"])
    if future == 12 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return scripted(study, seed, future)


def interrupted_at_20(study: Study, seed: int, future: int) -> FutureResult:
    """Someone presses Ctrl-C."""
    if future == 20:
        signal.raise_signal(signal.SIGINT)
    return scripted(study, seed, future)


def stuck_from_4(study: Study, seed: int, future: int) -> FutureResult:
    """The work does not end."""
    if future >= 4:
        signal.pause()
    return scripted(study, seed, future)


def interrupts_held(task: int) -> bool:
    """Whether this process began with Ctrl-C held back."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def doubled(task: int) -> int:
    """Work of a number."""
    return 2 * task


def refused_at_12(study: Study, seed: int, future: int) -> FutureResult:
    """simfs itself refuses a future."""
    if future == 12:
        raise UsageError("future 12 cannot be")
    return scripted(study, seed, future)


def faulty_at_12(study: Study, seed: int, future: int) -> FutureResult:
    """A fault of our own."""
    if future == 12:
        raise ZeroDivisionError("a fault in future 12")
    return scripted(study, seed, future)


def must_not_run(study: Study, seed: int, future: int) -> FutureResult:
    """Nothing should have been left to do."""
    raise AssertionError(f"future {future} was run again")
