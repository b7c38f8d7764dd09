"""An auditor of histories: reads the events one by one and objects to what the rules forbid.

It keeps its own account of who is where and with whom, from the events alone, and shares no code
with the engine that wrote them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from worlds import case_rows, rows

from simfs.engine.history import (
    BY_ARRIVAL,
    BY_OPENING,
    FAMILIES_PER_ORIGIN,
    History,
    Kind,
)
from simfs.engine.program import Program

Event = dict[str, int]


@dataclass
class CaseAccount:
    """Where one case stands, from its events."""

    size: int
    stage: int | None = None
    post: tuple[int, int] | None = None
    specialists: dict[int, tuple[int, int]] = field(default_factory=dict)
    left: bool = False
    entered_on: int = 0


class Auditor:
    """Replays a history; `check` raises AssertionError at the first event that cannot be."""

    def __init__(self, history: History, program: Program) -> None:
        self.program = program
        self.events = rows(history)
        listed = case_rows(history)
        self.accounts = {(c["family"], c["child"]): CaseAccount(c["children"]) for c in listed}
        assert len(self.accounts) == len(listed), "a case is listed twice"
        self.loads: Counter[tuple[int, int]] = Counter()
        self.came, self.went = Counter[int](), Counter[int]()
        self.child_days = Counter[int]()

    def check(self) -> None:
        day = 0
        for event in self.events:
            assert day <= event["day"] < self.program.days, f"out of time: {event}"
            day = event["day"]
            account = self.accounts[event["family"], event["child"]]
            getattr(self, f"_{Kind(event['kind']).name.lower()}")(event, account)
        self._close()

    def _enter(self, event: Event, account: CaseAccount) -> None:
        assert account.stage is None, f"in two stages: {event}"
        assert not account.left, f"back after leaving: {event}"
        account.stage, account.entered_on = event["stage"], event["day"]
        self.came[event["stage"]] += account.size

    def _end(self, event: Event, account: CaseAccount) -> None:
        assert account.stage == event["stage"], f"ends what it is not in: {event}"
        account.stage = None
        self.went[event["stage"]] += account.size
        self.child_days[event["stage"]] += account.size * (event["day"] - account.entered_on)

    def _crisis(self, event: Event, account: CaseAccount) -> None:
        assert account.post is None, f"a crisis of a case with a worker: {event}"

    def _exit(self, event: Event, account: CaseAccount) -> None:
        assert account.stage is None, f"leaves without an end: {event}"
        assert account.post is None, f"leaves with a worker: {event}"
        assert not account.specialists, f"leaves with a specialist: {event}"
        account.left = True

    def _split(self, event: Event, account: CaseAccount) -> None:
        account.size -= event["detail"]
        assert account.size >= 0, f"more children than there are: {event}"
        account.left = account.size == 0

    def _worker(self, event: Event, account: CaseAccount) -> None:
        post = (event["team"], event["worker"])
        assert account.post is None, f"two workers: {event}"
        account.post = post
        self._take(event, post, account.size, dealt=self._is_dealt(event, account))

    def _is_dealt(self, event: Event, account: CaseAccount) -> bool:
        """Cases dealt out before day 0, and children who keep their family's worker."""
        opening = self.program.origins[event["family"] // FAMILIES_PER_ORIGIN].opening > 0
        return (event["day"] == 0 and opening) or account.stage is None

    def _take(self, event: Event, post: tuple[int, int], size: int, dealt: bool) -> None:
        team = self.program.teams[post[0]]
        if team.unlimited:
            return
        size = 1 if team.by_family else size
        limit = [caseload for day, caseload in team.limits if day <= event["day"]][-1]
        # A stay ends, and a child takes its family's worker along, before that day's leavers go.
        today = event["day"] - 1 if dealt and event["day"] else event["day"]
        posts = [number for day, number in team.posts if day <= today][-1]
        load = self.loads[post]
        assert post[1] < posts, f"nobody in that post: {event}"
        if not dealt:
            fits = load < limit if team.below_limit else load + size <= limit
            assert fits, f"worker holds {load} of {limit}: {event}"
            others = [self.loads[post[0], n] for n in range(posts)]
            assert load == min(others), f"not the least loaded: {event}"
            assert post[1] == others.index(load), f"not the lowest number: {event}"
        self.loads[post] += size

    def _let_go(self, post: tuple[int, int], size: int) -> None:
        team = self.program.teams[post[0]]
        if not team.unlimited:
            self.loads[post] -= 1 if team.by_family else size
            assert self.loads[post] >= 0

    def _release(self, event: Event, account: CaseAccount) -> None:
        assert account.post == (event["team"], event["worker"]), f"not its worker: {event}"
        self._let_go(account.post, account.size)
        account.post = None

    def _kept(self, event: Event, account: CaseAccount) -> None:
        assert account.post == (event["team"], event["worker"]), f"not its worker: {event}"

    def _join(self, event: Event, account: CaseAccount) -> None:
        need, post = event["detail"], (event["team"], event["worker"])
        assert need not in account.specialists, f"two specialists for a need: {event}"
        assert account.stage is not None, f"joins a case that is nowhere: {event}"
        assert self.program.stages[account.stage].specialists, f"may not join here: {event}"
        account.specialists[need] = post
        self._take(event, post, account.size, dealt=False)

    def _part(self, event: Event, account: CaseAccount) -> None:
        post = account.specialists.pop(event["detail"])
        assert post == (event["team"], event["worker"]), f"not its specialist: {event}"
        self._let_go(post, account.size)

    def _placed(self, event: Event, account: CaseAccount) -> None:
        assert account.stage == event["stage"], f"placed in another stage: {event}"

    def _diverted(self, event: Event, account: CaseAccount) -> None:
        assert 0 <= event["detail"] < len(self.program.effects), f"no such effect: {event}"

    def _cut(self, event: Event, account: CaseAccount) -> None:
        assert 0 <= event["detail"] < len(self.program.routes), f"no such route: {event}"

    _turned_away = _diverted

    def _close(self) -> None:
        """Conservation: who came has gone or is there; whoever is there stays to the end."""
        there = Counter[int]()
        for account in self.accounts.values():
            if account.stage is not None:
                there[account.stage] += account.size
                days = self.program.days - account.entered_on
                self.child_days[account.stage] += account.size * days
        for stage in range(len(self.program.stages)):
            assert self.came[stage] == self.went[stage] + there[stage]


def causes(history: History) -> Iterator[tuple[int, int, int, int]]:
    """(day, step, number, number within) of the events that start something, in order.

    Steps as in the rules of a day: 1 stays that end, 2 crises, 3 posts, 4 arrivals, 5 allocation;
    0 for what is there at the start. What follows from a cause belongs to it.
    """
    crisis: tuple[int, int] | None = None
    latest: tuple[int, int] | None = None
    inside: set[tuple[int, int]] = set()
    for event in rows(history):
        case, kind = (event["family"], event["child"]), Kind(event["kind"])
        day, number = event["day"], 8 * event["family"] + event["child"]
        if kind is Kind.CRISIS:
            crisis = case
            yield day, 2, number, 0
        elif kind is Kind.END:
            if case != crisis:
                yield day, 1, number, 0
            crisis = None
        elif kind is Kind.RELEASE and event["detail"] == 1:
            yield day, 3, event["team"], (event["worker"] << 60) + number
        elif kind is Kind.TURNED_AWAY or (kind is Kind.ENTER and event["detail"] == BY_ARRIVAL):
            yield day, 4, event["family"] // FAMILIES_PER_ORIGIN, event["family"]
        elif kind is Kind.ENTER and event["detail"] == BY_OPENING:
            yield day, 0, event["family"], 0
        elif kind is Kind.JOIN:
            yield day, 5, 1_000 + event["team"], 0
        elif kind is Kind.WORKER and case in inside and case != latest:
            yield day, 5, event["team"], 0
        if kind is Kind.ENTER:
            latest = case
            inside.add(case)
