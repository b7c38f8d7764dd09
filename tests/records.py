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
    OF_POSTS,
    History,
    Kind,
)
from simfs.engine.program import NOBODY, Program

NEWLY_QUALIFIED = 2  # the detail of a start

Event = dict[str, int]


@dataclass
class CaseAccount:
    """Where one case stands, from its events."""

    size: int
    stage: int | None = None
    post: tuple[int, int] | None = None
    specialists: dict[int, tuple[int, int]] = field(default_factory=dict)
    wanted: set[int] = field(default_factory=set)
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
        self.filled: dict[tuple[int, int], Event] = {}  # posts, and how their worker came
        self.came, self.went = Counter[int](), Counter[int]()
        self.child_days = Counter[int]()

    def check(self) -> None:
        day = 0
        for event in self.events:
            assert day <= event["day"] < self.program.days, f"out of time: {event}"
            if day < event["day"]:
                self._evening(day)
            day = event["day"]
            act = getattr(self, f"_{Kind(event['kind']).name.lower()}")
            if event["kind"] in OF_POSTS:
                assert (event["family"], event["child"], event["stage"]) == (NOBODY,) * 3
                act(event, (event["team"], event["worker"]))
            else:
                act(event, self.accounts[event["family"], event["child"]])
        self._close()

    def _evening(self, day: int) -> None:
        """At the end of a day nobody is left with a worker who has gone."""
        for post, load in self.loads.items():
            assert post in self.filled or not load, f"day {day}: an empty post holds {load}"

    def _start(self, event: Event, post: tuple[int, int]) -> None:
        team = self.program.teams[post[0]]
        assert not team.unlimited, f"starts in a team without posts: {event}"
        assert 0 <= post[1] < team.most_posts, f"no such post: {event}"
        assert post not in self.filled, f"two workers in a post: {event}"
        assert not self.loads[post], f"starts with cases: {event}"
        self.filled[post] = event

    def _leave(self, event: Event, post: tuple[int, int]) -> None:
        assert post in self.filled, f"leaves a post that is empty: {event}"
        started = self.filled.pop(post)
        assert event["detail"] == started["detail"], f"another than who came: {event}"

    def _spared(self, post: tuple[int, int], day: int) -> int:
        """What is kept from a newly qualified worker; of those there at the start, not known."""
        started, team = self.filled[post], self.program.teams[post[0]]
        if started["detail"] != NEWLY_QUALIFIED:
            return 0
        code = self.program.staff.workforces[team.workforce]
        if day >= started["day"] + code.protected_days:
            return 0
        limit = [caseload for since, caseload in team.limits if since <= started["day"]][-1]
        return round(limit * code.protected_share)

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
        assert not account.wanted, f"leaves on a specialist's list: {event}"
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
        assert post in self.filled, f"nobody in that post: {event}"
        if not dealt:
            others = {
                other: self.loads[other] + self._spared(other, event["day"])
                for other in sorted(self.filled)
                if other[0] == post[0]
            }
            load = others[post]
            fits = load < limit if team.below_limit else load + size <= limit
            assert fits, f"worker holds {load} of {limit}: {event}"
            least = min(others.values())
            assert load == least, f"not the least loaded: {event}"
            first = next(other for other, held in others.items() if held == least)
            assert post == first, f"not the lowest number: {event}"
        self.loads[post] += size

    def _let_go(self, post: tuple[int, int], size: int) -> None:
        team = self.program.teams[post[0]]
        if not team.unlimited:
            self.loads[post] -= 1 if team.by_family else size
            assert self.loads[post] >= 0

    def _release(self, event: Event, account: CaseAccount) -> None:
        assert account.post == (event["team"], event["worker"]), f"not its worker: {event}"
        limited = not self.program.teams[account.post[0]].unlimited
        gone = limited and account.post not in self.filled
        assert event["detail"] == gone, f"who has gone, or has not: {event}"
        self._let_go(account.post, account.size)
        account.post = None

    def _kept(self, event: Event, account: CaseAccount) -> None:
        assert account.post == (event["team"], event["worker"]), f"not its worker: {event}"

    def _join(self, event: Event, account: CaseAccount) -> None:
        need, post = event["detail"], (event["team"], event["worker"])
        assert need not in account.specialists, f"two specialists for a need: {event}"
        assert account.stage is not None, f"joins a case that is nowhere: {event}"
        assert self.program.stages[account.stage].specialists, f"may not join here: {event}"
        assert need in account.wanted, f"joins who did not ask: {event}"
        account.specialists[need] = post
        self._take(event, post, account.size, dealt=False)

    def _ask(self, event: Event, account: CaseAccount) -> None:
        need = event["detail"]
        assert 0 <= need < len(self.program.needs), f"no such need: {event}"
        assert need not in account.wanted, f"asks twice: {event}"
        assert account.stage is not None, f"asks from nowhere: {event}"
        assert account.post is not None, f"asks before it has a worker: {event}"
        assert self.program.stages[account.stage].specialists, f"may not ask here: {event}"
        account.wanted.add(need)

    def _drop(self, event: Event, account: CaseAccount) -> None:
        need = event["detail"]
        assert need in account.wanted, f"drops what it did not ask: {event}"
        assert need not in account.specialists, f"drops a need that is met: {event}"
        account.wanted.remove(need)

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
        self._evening(self.program.days - 1)
        there = Counter[int]()
        for account in self.accounts.values():
            if account.stage is not None:
                there[account.stage] += account.size
                days = self.program.days - account.entered_on
                self.child_days[account.stage] += account.size * days
        for stage in range(len(self.program.stages)):
            assert self.came[stage] == self.went[stage] + there[stage]


STARTERS = 1  # after every leaver of the day


def _place(post: tuple[int, int]) -> int:
    """A number in order of team, then post, with room for cases in between."""
    return ((post[0] << 20) + post[1]) << 60


def causes(history: History) -> Iterator[tuple[int, int, int, int]]:
    """(day, step, number, number within) of the events that start something, in order.

    Steps as in the rules of a day: 1 stays that end, 2 crises, 3 posts, 4 arrivals, 5 allocation;
    0 for who and what is there at the start. What follows from a cause belongs to it.
    """
    gone: set[tuple[int, int]] = set()
    head: tuple[int, int] | None = (NOBODY, NOBODY)
    crisis: tuple[int, int] | None = None
    latest: tuple[int, int] | None = None
    inside: set[tuple[int, int]] = set()
    for event in rows(history):
        case, kind = (event["family"], event["child"]), Kind(event["kind"])
        day, number = event["day"], 8 * event["family"] + event["child"]
        post = (event["team"], event["worker"])
        # Workers there at the start stand first, by team and post.
        at_first = kind is Kind.START and head is not None and day == 0 and post > head
        head = post if at_first else None
        if kind is Kind.START:
            gone.discard(post)
            yield (day, 0, NOBODY, _place(post)) if at_first else (day, 3, STARTERS, _place(post))
        elif kind is Kind.LEAVE:
            gone.add(post)
            yield day, 3, 0, _place(post)
        elif kind is Kind.CRISIS:
            crisis = case
            yield day, 2, number, 0
        elif kind is Kind.END:
            if case != crisis:
                yield day, 1, number, 0
            crisis = None
        elif post in gone and (kind is Kind.PART or (kind is Kind.RELEASE and event["detail"])):
            yield day, 3, 0, _place(post) + 1 + number
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
