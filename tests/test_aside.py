"""Figures drawn beside the tables are the figures drawn here, and a lost copy costs only time."""

import os
import signal
import sys

import pytest

from simfs.report import aside
from simfs.report.charts import Caption, Drawing

ONE = (Drawing(Caption("one", "One", "a figure"), b"<svg/>", b"png"),)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="processes are copied on Linux"
)


def test_the_copy_draws_what_would_be_drawn_here(monkeypatch):
    here = os.getpid()
    monkeypatch.setattr(aside, "drawings", lambda findings: (findings, os.getpid()))
    with aside.drawn_aside("found") as drawn:
        findings, where = drawn()
    assert findings == "found"
    assert (where != here) == ((os.cpu_count() or 1) > 1)


def test_a_copy_that_is_lost_is_made_up_for_here(monkeypatch):
    here = os.getpid()

    def draw(findings):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return ONE

    monkeypatch.setattr(aside, "drawings", draw)
    with aside.drawn_aside("found") as drawn:
        assert drawn() == ONE


def test_a_fault_of_ours_in_the_copy_is_not_hidden(monkeypatch):
    monkeypatch.setattr(aside, "drawings", lambda findings: 1 / 0)
    with (
        pytest.raises((RuntimeError, ZeroDivisionError), match="division by zero"),
        aside.drawn_aside("found") as drawn,
    ):
        drawn()
