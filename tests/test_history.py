"""Histories: what two that differ say about it, and how events read."""

from dataclasses import replace

import numpy as np
import pytest
from records import Auditor
from worlds import busy_world, future, leaving, program_of, rows, stay

from simfs.engine.history import (
    CASE_COLUMNS,
    EVENT_COLUMNS,
    FAMILIES_PER_ORIGIN,
    History,
    Kind,
    describe,
    family_words,
    place_words,
)
from simfs.engine.program import Program


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(
        days=400,
        streams={"referral": {"to": "assess", "per_year": 200}},
        teams={"team": {"posts": 2, "caseload": 9}},
        stages={
            "assess": {"team": "team", "label": "Assessment", "stay": stay(40),
                       "crisis": {"per_day": 0.02, "to": "out"}, "routes": leaving(out=1)}
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def history(program: Program) -> History:
    return future(program)


@pytest.fixture(scope="module")
def busy() -> tuple[History, Program]:
    program = program_of(1, **busy_world())
    return future(program), program


def changed(history: History, row: int, column: str, by: int) -> History:
    events = history.events.copy()
    events[row, EVENT_COLUMNS.index(column)] += by
    return History(events, history.cases)


def first(history: History, kind: Kind) -> int:
    return int(np.nonzero(history.column("kind") == kind)[0][0])


def test_equal_histories_are_equal(history: History, program: Program) -> None:
    history.assert_equal(future(program), program)


def test_one_event_shifted_by_a_day_is_told_in_words(history: History, program: Program) -> None:
    at = first(history, Kind.END)
    day, number = history.column("day")[at], history.column("family")[at]
    with pytest.raises(AssertionError) as failed:
        history.assert_equal(changed(history, at, "day", 1), program)
    assert str(failed.value) == (
        f"day {day}: family referral {number} ends its stay (Assessment) in one history; "
        f"day {day + 1}: family referral {number} ends its stay (Assessment) in the other"
    )


@pytest.mark.parametrize("column", EVENT_COLUMNS)
def test_a_difference_in_any_column_is_seen(
    history: History, program: Program, column: str
) -> None:
    by = {"worker": -1, "stage": -2}.get(column, 1)
    other = changed(history, first(history, Kind.WORKER), column, by)
    with pytest.raises(AssertionError, match="gets a worker"):
        history.assert_equal(other, program)


def test_an_event_too_few_is_told_as_such(history: History, program: Program) -> None:
    shorter = History(history.events[:-1], history.cases)
    with pytest.raises(AssertionError, match="no more in the other"):
        history.assert_equal(shorter, program)
    with pytest.raises(AssertionError, match=r"^no more in one history"):
        shorter.assert_equal(history, program)


def test_cases_that_differ_are_seen(history: History, program: Program) -> None:
    cases = history.cases.copy()
    cases[0, CASE_COLUMNS.index("earlier_plan")] += 1
    with pytest.raises(AssertionError, match="cases differ"):
        history.assert_equal(History(history.events, cases), program)


def test_an_event_reads_as_a_sentence(history: History, program: Program) -> None:
    event = history.events[first(history, Kind.ENTER)]
    day = event[0]
    assert describe(event, program) == f"day {day}: family referral 0 enters Assessment, arrival"
    crisis = history.events[first(history, Kind.CRISIS)]
    waited, number = crisis[-1], crisis[1]
    assert describe(crisis, program) == (
        f"day {crisis[0]}: family referral {number} comes to a crisis while waiting (Assessment), "
        f"after {waited} days"
    )


def test_a_child_of_the_opening_stock_is_named_as_such(busy: tuple[History, Program]) -> None:
    history, program = busy
    care = next(n for n, origin in enumerate(program.origins) if origin.key == "care")
    assert family_words(care * FAMILIES_PER_ORIGIN + 3, program) == "opening care 3"
    row = next(row for row in history.events if row[1] // FAMILIES_PER_ORIGIN == care)
    assert "family opening care 0 child 1" in describe(row, program)


def test_places_below_zero_are_exits(program: Program) -> None:
    assert place_words(0, program) == "Assessment"
    assert place_words(-1 - program.exits.index("out"), program) == "out"


def test_every_event_of_a_busy_service_can_be_told(busy: tuple[History, Program]) -> None:
    history, program = busy
    table = history.table(program)
    assert {len(column) for column in table.values()} == {len(history.events)}
    assert table["date"][0] == "2023-04-01"
    kinds = {row["kind"] for row in rows(history)}
    assert kinds >= set(Kind) - {Kind.CUT}
    for kind in kinds:
        assert describe(history.events[first(history, Kind(kind))], program).startswith("day ")


@pytest.mark.parametrize(
    ("kind", "column", "by"),
    [
        (Kind.END, "stage", 1),
        (Kind.WORKER, "worker", 1),
        (Kind.JOIN, "worker", 1),
        (Kind.RELEASE, "worker", -1),
        (Kind.END, "day", 10_000),
        (Kind.SPLIT, "detail", 5),
        (Kind.RELEASE, "detail", 1),
        (Kind.START, "worker", 1),
        (Kind.LEAVE, "worker", -1),
        (Kind.LEAVE, "detail", 1),
        (Kind.ASK, "detail", 1),
        (Kind.DROP, "detail", -1),
    ],
)
def test_the_auditor_of_the_tests_objects_to_a_history_that_cannot_be(
    busy: tuple[History, Program], kind: Kind, column: str, by: int
) -> None:
    history, program = busy
    Auditor(history, program).check()
    at = np.nonzero(history.column("kind") == kind)[0]
    wrong = changed(history, int(at[len(at) // 2]), column, by)
    with pytest.raises((AssertionError, KeyError)):
        Auditor(wrong, program).check()


def test_the_auditor_of_the_tests_objects_to_a_worker_over_the_limit(
    busy: tuple[History, Program],
) -> None:
    history, program = busy
    lower = replace(program.teams[2], limits=((0, 3),))
    with pytest.raises(AssertionError, match="worker holds"):
        Auditor(history, replace(program, teams=(*program.teams[:2], lower))).check()
