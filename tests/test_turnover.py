"""Workers who come and go: what becomes of their cases, and how many there are."""

import math
from collections import Counter

import numpy as np
import pytest
from records import NEWLY_QUALIFIED, Auditor, Event
from scipy import stats
from worlds import FIXED, case_rows, leaving, program_of, rows, stay

from simfs.engine import count, simulate
from simfs.engine.draws import address_of
from simfs.engine.history import OF_POSTS, History, Kind
from simfs.engine.population import NO_BIRTHDAY
from simfs.engine.program import DAYS_TO_18, Program
from simfs.engine.tally import Tally
from simfs.scenario.environment import STILL

LEVEL = 1e-4  # chance that a right engine fails one test
YEAR = 365.25

Case = tuple[int, int]


@pytest.fixture(params=["fast", "reference"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn; the fast one where its library is there."""
    if request.param == "fast":
        pytest.importorskip("numba", reason="the fast engine needs numba")
    return str(request.param)


def told(program: Program, engine: str, number: int = 0) -> History:
    return simulate(program, STILL, address_of(1, number), engine)


def counts(program: Program, engine: str, futures: int) -> list[Tally]:
    """The counts of some futures, as that engine finds them."""
    return [count(program, STILL, address_of(1, number), engine) for number in range(futures)]


# Cases of those who leave

SOCIAL, CASELOAD, HANDOVER = "social", 8, 3
STAYS = {"assess": 30, "plan": 60, "care": 120}


def restless_world(continuity: bool) -> Program:
    """Workers who stay for some months, stays of fixed length, and specialists who never leave."""
    return program_of(
        days=1461,
        families={"sizes": [0.5, 0.3, 0.2]},
        needs={"alcohol": {}},
        age_mixes={"old": {"edges": [17.6, 18], "shares": [1.0]}},
        streams={"a": {"to": "assess", "per_year": 95},
                 "alone": {"to": "care", "per_year": 60, "ages": "old"}},
        workforces={"staff": {"turnover": 1.5, "recruitment_days": 40, "agency_share": 0.4,
                              "agency_days": 60, "agency_gap_days": 5}},
        teams={
            SOCIAL: {"posts": 5, "caseload": CASELOAD, "handover_days": HANDOVER,
                     "continuity": continuity, "workforce": "staff"},
            "recovery": {"kind": "specialist", "serves": "alcohol", "posts": 3, "caseload": 6},
        },
        stages={
            "assess": {"team": SOCIAL, "stay": stay(STAYS["assess"], FIXED), "priority": 3,
                       "specialists": True, "needs": {"alcohol": 0.6},
                       "crisis": {"per_day": 0.005, "to": "plan"},
                       "routes": leaving(plan=0.4, out=0.6)},
            "plan": {"team": SOCIAL, "stay": stay(STAYS["plan"], FIXED), "priority": 3,
                     "specialists": True, "routes": leaving(out=1)},
            "care": {"unit": "child", "team": SOCIAL, "stay": stay(STAYS["care"], FIXED),
                     "priority": 3, "routes": leaving(out=1)},
        },
    )  # fmt: skip


class Desk:
    """One team's list, its workers and their cases, replayed from the events alone."""

    def __init__(self, program: Program, history: History) -> None:
        self.program = program
        self.team = next(n for n, team in enumerate(program.teams) if team.key == SOCIAL)
        self.cases = {(c["family"], c["child"]): c for c in case_rows(history)}
        self.filled: set[int] = set()
        self.loads = Counter[int]()
        self.waiting: dict[Case, tuple[int, int, int]] = {}  # priority, day of request, number
        self.requested: dict[Case, int] = {}
        self.asked_before: dict[Case, int] = {}
        self.left_alone: set[Case] = set()  # their worker has left and there is no other yet
        self.lost_on: dict[Case, int] = {}
        self.joined = Counter[Case]()
        self.since: dict[Case, int] = {}
        self.worked, self.changes = Counter[Case](), Counter[Case]()
        self.in_crisis: set[Case] = set()
        self.seen = Counter[str]()

    def replay(self, history: History) -> None:
        day = 0
        for event in rows(history):
            if event["day"] > day:
                self._evening(day)
            day = event["day"]
            kind = Kind(event["kind"])
            if kind not in OF_POSTS:
                act = getattr(self, f"_{kind.name.lower()}", None)
                if act is not None:
                    act(event, (event["family"], event["child"]))
            elif event["team"] == self.team and kind is Kind.START:
                self.filled.add(event["worker"])
            elif event["team"] == self.team:
                self.filled.remove(event["worker"])
        self._evening(self.program.days - 1)

    def _evening(self, day: int) -> None:
        """Nobody waits while a worker in post is under the limit; an empty post holds nothing."""
        assert all(worker in self.filled for worker, load in self.loads.items() if load)
        if self.waiting:
            least = min((self.loads[worker] for worker in self.filled), default=CASELOAD)
            assert least >= CASELOAD, f"day {day}: somebody waits for a worker with room"

    def _wait(self, event: Event, case: Case) -> None:
        stage = self.program.stages[event["stage"]]
        number = 8 * case[0] + case[1]
        self.waiting[case] = (stage.priority, self.requested[case], number)

    def _enter(self, event: Event, case: Case) -> None:
        self.asked_before[case] = self.requested.get(case, event["day"])
        self.requested[case] = event["day"]
        self.worked[case] = self.changes[case] = 0
        self._wait(event, case)

    def _kept(self, event: Event, case: Case) -> None:
        del self.waiting[case]
        self.requested[case] = self.asked_before[case]
        self.since[case] = event["day"]

    def _worker(self, event: Event, case: Case) -> None:
        place = self.waiting.pop(case)
        assert place == min([place, *self.waiting.values()]), f"out of turn: {event}"
        assert event["worker"] in self.filled
        self.loads[event["worker"]] += self.cases[case]["children"]
        self.since[case] = event["day"]
        self.changes[case] += event["detail"]
        if case in self.left_alone:
            self.left_alone.remove(case)
            self.seen["handed over"] += 1
            self.seen["with a specialist"] += self.joined[case] > 0
            # Before somebody who stood on the list when the worker left.
            self.seen["at an old place"] += any(
                place < other and other[1] < self.lost_on[case] for other in self.waiting.values()
            )

    def _release(self, event: Event, case: Case) -> None:
        self.loads[event["worker"]] -= self.cases[case]["children"]
        if event["detail"]:
            assert event["worker"] not in self.filled
            self.worked[case] += event["day"] - self.since.pop(case)
            self._wait(event, case)
            self.left_alone.add(case)
            self.lost_on[case] = event["day"]

    def _join(self, _: Event, case: Case) -> None:
        self.joined[case] += 1

    def _part(self, event: Event, case: Case) -> None:
        assert case not in self.left_alone, f"the specialist left with the worker: {event}"
        self.joined[case] -= 1

    def _crisis(self, _: Event, case: Case) -> None:
        assert case in self.waiting
        self.in_crisis.add(case)

    def _end(self, event: Event, case: Case) -> None:
        birth = self.cases[case]["birth_day"]
        birthday = birth != NO_BIRTHDAY and event["day"] == birth + DAYS_TO_18
        if case in self.waiting:
            del self.waiting[case]
            assert birthday or case in self.in_crisis, f"an end while it waits: {event}"
            self.seen["birthday" if birthday else "crisis"] += case in self.left_alone
            self.left_alone.discard(case)
        else:
            self.worked[case] += event["day"] - self.since.pop(case)
            if not birthday:
                fixed = STAYS[self.program.stages[event["stage"]].key]
                assert self.worked[case] == fixed + HANDOVER * self.changes[case], f"{event}"
                self.seen[f"{min(self.changes[case], 2)} changes"] += 1
        self.in_crisis.discard(case)


@pytest.mark.parametrize("continuity", [True, False], ids=["keeps", "releases"])
def test_a_worker_who_leaves_loses_no_family_and_no_day_of_work_already_done(
    continuity: bool, engine: str
) -> None:
    program = restless_world(continuity)
    history = told(program, engine)
    Auditor(history, program).check()
    desk = Desk(program, history)
    desk.replay(history)
    assert desk.left_alone <= set(desk.waiting)
    assert min(desk.seen[f"{changes} changes"] for changes in range(3)) > 5
    for fate in ("handed over", "with a specialist", "at an old place", "crisis", "birthday"):
        assert desk.seen[fate] > 0, fate
    lost = sum(e["kind"] == Kind.RELEASE and e["detail"] for e in rows(history))
    fates = ("handed over", "crisis", "birthday")
    assert lost == sum(desk.seen[fate] for fate in fates) + len(desk.left_alone)


# The newly qualified


def learners_world() -> Program:
    """Nobody in post at the start, and half of those who come newly qualified."""
    return program_of(
        days=1461,
        families={"sizes": [0.4, 0.3, 0.3]},
        streams={"a": {"to": "work", "per_year": 250}},
        workforces={"staff": {"turnover": 0.8, "recruitment_days": 30,
                              "newly_qualified": {"share": 0.5, "caseload": 0.6, "months": 6}}},
        teams={SOCIAL: {"posts": 6, "caseload": 10, "rule": "within_limit", "workforce": "staff",
                        "at_start": {"vacant": 6}}},
        stages={"work": {"team": SOCIAL, "stay": stay(60), "routes": leaving(out=1),
                         "crisis": {"per_day": 0.01, "to": "out"}}},
    )  # fmt: skip


def test_the_newly_qualified_hold_their_protected_caseload_and_later_a_full_one(
    engine: str,
) -> None:
    program = learners_world()
    history = told(program, engine)
    # Holds every allocation to the least of what is held and spared, and to the limit.
    Auditor(history, program).check()
    protected = program.staff.workforces[0].protected_days
    size = {(c["family"], c["child"]): c["children"] for c in case_rows(history)}
    newly: dict[int, int] = {}
    held = Counter[int]()
    highest = {"protected": 0, "later": 0, "others": 0}
    passed_over = 0
    for event in rows(history):
        worker, kind = event["worker"], event["kind"]
        if kind == Kind.START:
            newly.pop(worker, None)
            if event["detail"] == NEWLY_QUALIFIED:
                newly[worker] = event["day"]
        elif kind in {Kind.WORKER, Kind.RELEASE}:
            sign = 1 if kind == Kind.WORKER else -1
            least = min((held[other], other) for other in range(6))
            held[worker] += sign * size[event["family"], event["child"]]
            if kind == Kind.WORKER:
                spared = {n for n, since in newly.items() if event["day"] < since + protected}
                who = "protected" if worker in spared else "later" if worker in newly else "others"
                highest[who] = max(highest[who], held[worker])
                passed_over += worker != least[1] and least[1] in spared
    assert highest == {"protected": 6, "later": 10, "others": 10}
    # Whoever holds least is not asked while what is spared makes it more than another holds.
    assert passed_over > 20


# Less turnover


def with_turnover(turnover: float) -> Program:
    """A service whose workers have little to spare: some 113 children for up to 120."""
    return program_of(
        days=1461,
        families={"sizes": [0.5, 0.3, 0.2]},
        streams={"a": {"to": "work", "per_year": 540}},
        workforces={"staff": {"turnover": turnover, "recruitment_days": 90}},
        teams={SOCIAL: {"posts": 10, "caseload": 12, "handover_days": 5, "workforce": "staff"}},
        stages={"work": {"team": SOCIAL, "stay": stay(45, {"lognormal": 0.7}),
                         "routes": leaving(out=1)}},
    )  # fmt: skip


def test_half_the_turnover_is_fewer_changes_of_worker_and_shorter_waits(engine: str) -> None:
    futures = 15
    often, seldom = (counts(with_turnover(turnover), engine, futures) for turnover in (0.6, 0.3))
    for name in ("handovers", "waiting_children"):
        less = np.array([
            getattr(one, name).sum() - getattr(other, name).sum()
            for one, other in zip(often, seldom, strict=True)
        ])  # fmt: skip
        # The lower end of the interval of the mean difference, futures paired by their luck.
        error = less.std(ddof=1) / math.sqrt(futures)
        assert less.mean() - stats.t.isf(LEVEL, futures - 1) * error > 0, name


# How many are in post

POSTS = 150
PERMANENT, AGENCY, RECRUITMENT, AGENCY_GAP = YEAR / 0.9, 120.0, 80.0, 10.0
AGENCY_SHARE = 0.4


def posts_alone() -> Program:
    """Posts that fill and empty, and no families."""
    return program_of(
        days=730,
        streams={},
        workforces={"staff": {"turnover": YEAR / PERMANENT, "recruitment_days": RECRUITMENT,
                              "agency_share": AGENCY_SHARE, "agency_days": AGENCY,
                              "agency_gap_days": AGENCY_GAP}},
        teams={SOCIAL: {"posts": POSTS, "caseload": 1, "workforce": "staff"}},
        stages={"work": {"team": SOCIAL, "stay": stay(5), "routes": leaving(out=1)}},
    )  # fmt: skip


def whole(mean: float) -> float:
    """Mean of an exponential time in whole days, to the nearest and at least one.

    1 + the sum over k ≥ 1 of P(time ≥ k + 1/2).
    """
    return 1 + math.exp(-1.5 / mean) / (1 - math.exp(-1 / mean))


def test_the_share_of_posts_filled_is_that_of_renewal_theory(engine: str) -> None:
    """Mean tenure ÷ mean cycle: the renewal-reward theorem (Ross, Stochastic Processes, §3.6)."""
    futures = 40
    found = counts(posts_alone(), engine, futures)
    permanent, agency = (1 - AGENCY_SHARE) * whole(PERMANENT), AGENCY_SHARE * whole(AGENCY)
    empty = (1 - AGENCY_SHARE) * whole(RECRUITMENT) + AGENCY_SHARE * whole(AGENCY_GAP)
    cycle = permanent + agency + empty
    for name, expected in (("team_posts", 1 - empty / cycle), ("team_agency", agency / cycle)):
        shares = np.array([getattr(one, name).mean() / POSTS for one in found])
        error = shares.std(ddof=1) / math.sqrt(futures)
        assert error < 0.004
        assert abs(shares.mean() - expected) < stats.t.isf(LEVEL / 4, futures - 1) * error, name
