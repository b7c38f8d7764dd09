"""Figures drawn by two hands are the figures drawn by one, and a lost copy costs only time."""

import os
import signal
import sys
import time
from functools import partial

import pytest

from simfs.report import aside
from simfs.report.charts import Caption, Drawing

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2,
    reason="processes are copied on Linux, where there are two processors",
)


def a_figure(key: str) -> Drawing:
    return Drawing(Caption(key, key, "a figure"), b"<svg/>", str(os.getpid()).encode())


def keys(drawn) -> list[str]:
    return [one.caption.key for one in drawn]


@pytest.fixture
def figures(monkeypatch):
    """Six figures to draw, by another function than usual."""

    def ask(draw):
        todo = tuple(partial(draw, key) for key in "abcdef")
        monkeypatch.setattr(aside, "drawers", lambda findings: todo)

    return ask


def test_all_figures_come_in_order_and_the_copy_draws_some(figures):
    figures(a_figure)
    with aside.drawn_aside(None) as drawn:
        time.sleep(0.5)  # as long as the tables take
        found = drawn()
    assert keys(found) == list("abcdef")
    assert {one.png for one in found} != {str(os.getpid()).encode()}


def test_this_process_helps_once_it_is_free(figures):
    def draw(key):
        time.sleep(0.2)
        return a_figure(key)

    figures(draw)
    with aside.drawn_aside(None) as drawn:
        found = drawn()
    assert keys(found) == list("abcdef")
    assert len({one.png for one in found}) == 2


def test_a_copy_that_is_lost_is_made_up_for_here(figures):
    here = os.getpid()

    def draw(key):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return a_figure(key)

    figures(draw)
    with aside.drawn_aside(None) as drawn:
        time.sleep(0.2)
        found = drawn()
    assert keys(found) == list("abcdef")
    assert {one.png for one in found} == {str(here).encode()}


def test_a_fault_of_ours_in_the_copy_is_not_hidden(figures):
    figures(lambda key: 1 / 0)
    with aside.drawn_aside(None) as drawn:
        time.sleep(0.2)  # the copy takes the first figure
        with pytest.raises((RuntimeError, ZeroDivisionError), match="division by zero"):
            drawn()
