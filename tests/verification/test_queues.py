"""Teams against queueing theory: one team, exact waits, queues and busy workers.

Stays are tens of days, so that the whole-day clock (arrivals within a day are dealt with together,
stays are rounded) moves a wait by far less than the error that the tests must see; means are those
of the whole-day stays. Families are of one child: a caseload of m is m servers to a worker.
"""

from functools import partial
from typing import Any

import numpy as np
import theory
from efforts import Effort, efforts
from verdicts import confirm
from worlds import futures, leaving, program_of, stay

from simfs.engine.counting import tally
from simfs.engine.program import Program

DAYS = 36_500
WARM = 3_500
YEAR = 365.25


def world(
    rate: float, service: Any, *, posts: int, caseload: int = 1, days: int = DAYS, **stage: Any
) -> Program:
    """One stream into one stage of one team; `rate` is arrivals a day."""
    return program_of(
        days=days,
        streams={"a": {"to": "work", "per_year": rate * YEAR}},
        teams={"team": {"posts": posts, "caseload": caseload}},
        stages={"work": {"team": "team", "stay": service, "routes": leaving(out=1)} | stage},
    )


def steady(program: Program, count: int, seed: int) -> dict[str, np.ndarray]:
    """After the warm-up, by replication: waiting and busy; and arrivals over their mean."""
    found = {"queue": [], "busy": [], "arrivals": []}
    rate = np.diff(program.origins[0].cumulative[:2])[0]
    for history in futures(program, seed, count):
        counted = tally(history, program)
        found["queue"].append(counted.waiting_children[0, WARM:].mean())
        found["busy"].append(counted.team_load[0, WARM:].mean())
        found["arrivals"].append(len(history.cases) / (rate * DAYS))
    return {name: np.array(values) for name, values in found.items()}


@efforts(
    0.3, 0.08, "posts, caseload, load, seed", [(1, 1, 0.5, 11), (2, 1, 1.3, 12), (2, 3, 4.6, 13)]
)
def test_waits_queues_and_busy_workers_are_those_of_erlang_c(
    posts: int, caseload: int, load: float, seed: int, effort: Effort
) -> None:
    servers, mean = posts * caseload, 30.0 * posts * caseload
    program = world(load / mean, stay(mean), posts=posts, caseload=caseload)
    mean, _ = theory.stage_moments(program)
    wait = theory.erlang_c_wait(servers, load / 30 / servers, mean)
    rate = load / 30 / servers
    confirm(
        partial(steady, program, 12 * effort.times),
        {"queue": rate * wait, "busy": rate * mean, "arrivals": 1.0},
        seed,
        {"queue": 1.6 * effort.visible, "busy": effort.visible, "arrivals": effort.visible},
        controls=("busy", "arrivals"),
    )


@efforts(0.3, 0.08, "servers, load, seed", [(1, 0.8, 21), (3, 2.7, 22)])
def test_a_queue_that_starts_empty_fills_as_its_matrix_exponential_says(
    servers: int, load: float, seed: int, effort: Effort
) -> None:
    mean, days = 50.0, (100, 300, 700)
    rate = load / mean
    program = world(rate, stay(mean), posts=servers, days=701)

    def measure(at: int) -> dict[str, np.ndarray]:
        counted = [tally(h, program) for h in futures(program, at, 120 * effort.times)]
        found = {f"busy {d}": np.array([c.team_load[0, d - 1] for c in counted]) for d in days}
        queue = np.array([c.waiting_children[0, :700].mean() for c in counted])
        return found | {"queue": queue}

    # The end of day d is the moment d + 1 of the continuous clock.
    laws = theory.from_empty(rate, mean, servers, 700)
    exact = {f"busy {day}": theory.queue_of(laws[day], servers)[1] for day in days}
    exact["queue"] = float(np.mean([theory.queue_of(law, servers)[0] for law in laws[1:]]))
    wide = {name: effort.visible * (1.5 if name == "queue" else 1) for name in exact}
    confirm(measure, exact, seed, wide)


@efforts(0.3, 0.08, "servers, load, patience, seed", [(1, 1.2, 100.0, 31), (3, 3.3, 60.0, 32)])
def test_crises_while_waiting_are_those_of_erlang_a(
    servers: int, load: float, patience: float, seed: int, effort: Effort
) -> None:
    mean = 60.0 * servers
    rate = load / mean
    crisis = {"per_day": 1 / patience, "to": "out"}
    program = world(rate, stay(mean), posts=servers, crisis=crisis)
    mean, _ = theory.stage_moments(program)
    # A wait ends on the day after the days it can bear, which are rounded as stays are.
    patience, _ = theory.whole_day_moments(program.tables[0], patience)
    deaths = [min(n, servers) / mean + max(n - servers, 0) / patience for n in range(1, 200)]
    law = theory.birth_death(rate, deaths)
    queue, busy = theory.queue_of(law, servers)

    def measure(at: int) -> dict[str, np.ndarray]:
        queues, busies, crises = [], [], []
        for history in futures(program, at, 10 * effort.times):
            counted = tally(history, program)
            queues.append(counted.waiting_children[0, WARM:].mean())
            busies.append(counted.team_load[0, WARM:].mean())
            crises.append(counted.crisis_children[10:].sum())
        return {"queue": np.array(queues), "busy": np.array(busies), "crises": np.array(crises)}

    counted_days = DAYS - program.year_starts[10]
    exact = {"queue": queue, "busy": busy, "crises": queue / patience * counted_days}
    confirm(measure, exact, seed, dict.fromkeys(exact, effort.visible))


@efforts(
    0.3,
    0.08,
    "shape, load, seed",
    [({"lognormal": 1.2}, 0.4, 41), ({"gamma": 0.5}, 0.6, 42), ("fixed", 0.6, 43)],
)
def test_the_wait_for_one_worker_is_that_of_pollaczek_and_khinchine(
    shape: Any, load: float, seed: int, effort: Effort
) -> None:
    program = world(load / 30, stay(30, shape), posts=1)
    first, second = theory.stage_moments(program)
    rate = load / 30
    wait = theory.pollaczek_khinchine(rate, first, second)
    confirm(
        partial(steady, program, 12 * effort.times),
        {"queue": rate * wait, "busy": rate * first, "arrivals": 1.0},
        seed,
        effort.visible,
        controls=("busy", "arrivals"),
    )


@efforts(0.3, 0.08, "urgent, routine, seed", [(0.25, 0.3, 51), (0.35, 0.3, 52)])
def test_waits_by_priority_are_those_of_cobham(
    urgent: float, routine: float, seed: int, effort: Effort
) -> None:
    rates = (urgent / 25, routine / 40)
    program = program_of(
        days=DAYS,
        streams={
            "a": {"to": "first", "per_year": rates[0] * YEAR},
            "b": {"to": "second", "per_year": rates[1] * YEAR},
        },
        teams={"team": {"posts": 1, "caseload": 1, "continuity": False}},
        stages={
            "first": {"team": "team", "priority": 1, "stay": stay(25, {"gamma": 0.7}),
                      "routes": leaving(out=1)},
            "second": {"team": "team", "priority": 6, "stay": stay(40), "routes": leaving(out=1)},
        },
    )  # fmt: skip
    moments = [theory.stage_moments(program, stage) for stage in (0, 1)]
    waits = theory.cobham(rates, moments)

    def measure(at: int) -> dict[str, np.ndarray]:
        counted = [tally(h, program) for h in futures(program, at, 16 * effort.times)]
        queues = np.array([c.waiting_children[:, WARM:].mean(axis=1) for c in counted])
        busy = np.array([c.team_load[0, WARM:].mean() for c in counted])
        return {"urgent": queues[:, 0], "routine": queues[:, 1], "busy": busy}

    exact = {"urgent": rates[0] * waits[0], "routine": rates[1] * waits[1]}
    exact["busy"] = sum(rate * mean for rate, (mean, _) in zip(rates, moments, strict=True))
    confirm(measure, exact, seed, 1.5 * effort.visible, controls=("busy",))


@efforts(0.6, 0.15, "posts, seed", [((1, 1, 1), 61), ((1, 2, 1), 62)])
def test_stages_with_a_team_each_are_an_open_jackson_network(
    posts: tuple[int, ...], seed: int, effort: Effort
) -> None:
    """Step-up, step-down and return: each stage is the M/M/c of its own traffic."""
    moves = np.array([[0.0, 0.4, 0.0], [0.3, 0.0, 0.3], [0.2, 0.3, 0.0]])
    means, into = (30.0, 40.0, 120.0), np.array([0.012, 0.004, 0.0])
    rates = into @ np.linalg.inv(np.eye(3) - moves)
    names = ("assess", "plan", "support")
    program = program_of(
        days=DAYS,
        streams={
            "a": {"to": "assess", "per_year": float(into[0]) * YEAR},
            "b": {"to": "plan", "per_year": float(into[1]) * YEAR},
        },
        teams={
            name: {"posts": number, "caseload": 1, "continuity": False}
            for name, number in zip(names, posts, strict=True)
        },
        stages={
            name: {
                "team": name,
                "stay": stay(mean),
                "routes": leaving(
                    **{to: float(p) for to, p in zip(names, row, strict=True) if p},
                    out=round(1 - float(row.sum()), 12),
                ),
            }
            for name, mean, row in zip(names, means, moves, strict=True)
        },
    )

    def measure(at: int) -> dict[str, np.ndarray]:
        counted = [tally(h, program) for h in futures(program, at, 16 * effort.times)]
        queues = np.array([c.waiting_children[:, WARM:].mean(axis=1) for c in counted])
        busy = np.array([c.team_load[:, WARM:].mean(axis=1) for c in counted])
        return {f"queue {n}": queues[:, i] for i, n in enumerate(names)} | {
            f"busy {n}": busy[:, i] for i, n in enumerate(names)
        }

    assert [stage.key for stage in program.stages] == list(names)
    exact: dict[str, float] = {}
    for i, name in enumerate(names):
        mean, _ = theory.stage_moments(program, i)
        exact[f"queue {name}"] = rates[i] * theory.erlang_c_wait(posts[i], rates[i], mean)
        exact[f"busy {name}"] = rates[i] * mean
    confirm(measure, exact, seed, effort.visible, tuple(f"busy {name}" for name in names))


@efforts(0.3, 0.08)
def test_one_team_that_works_two_stages_is_one_queue_with_the_work_of_both(effort: Effort) -> None:
    """First come, first served with equal exponential stays (BCMP type 1)."""
    rate, again, servers = 0.02, 0.5, 2
    names = ("first", "second")
    program = program_of(
        days=DAYS,
        streams={"a": {"to": "first", "per_year": rate * YEAR}},
        teams={"team": {"posts": servers, "caseload": 1, "continuity": False}},
        stages={
            "first": {"team": "team", "stay": stay(40), "routes": leaving(second=again, out=0.5)},
            "second": {"team": "team", "stay": stay(40), "routes": leaving(out=1)},
        },
    )
    mean, _ = theory.stage_moments(program)
    total = rate * (1 + again)
    wait = theory.erlang_c_wait(servers, total, mean)

    def measure(at: int) -> dict[str, np.ndarray]:
        counted = [tally(h, program) for h in futures(program, at, 12 * effort.times)]
        queues = np.array([c.waiting_children[:, WARM:].mean(axis=1) for c in counted])
        busy = np.array([c.team_load[0, WARM:].mean() for c in counted])
        return {"busy": busy} | {name: queues[:, i] for i, name in enumerate(names)}

    exact = {"first": rate * wait, "second": again * rate * wait, "busy": total * mean}
    confirm(measure, exact, 71, effort.visible, controls=("busy",))
