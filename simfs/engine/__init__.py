"""One replication: the rules of a day, and the one method that every engine has.

The rules of a day
==================

The clock is whole days, [0, days). On each day, in this order, each step by case number:

1. **Stays that end.** The stay's dose is settled, its route is drawn (or was, at entry), and the
   case moves. A child's 18th birthday ends any stay, worked or waiting: it is a date.
2. **Crises** of cases still waiting: the day after the waiting days a visit can bear are used up,
   the crisis route is taken.
3. **Posts**: leavers, then starters, by team and post, as the roster has them (simfs.engine.roster:
   who works when does not hang on the families). The cases of a leaver, by case number, keep their
   remaining days, their first day of request and their specialists, and join the list.
4. **Arrivals**, by origin, then number; one that an effect adds comes after the one it is like.
5. **Allocation**: social-work teams, then specialist teams. The list is in order of priority, day
   of request, case number; the least-loaded worker takes the first, lowest number on a tie; a case
   that does not fit stops the list for that day.
6. **Stays are drawn** of the cases that got a worker today or brought one with them.

A move into a stage starts in the step that caused it: without a team, or where the stay runs
whatever the staffing, the stay starts there and then. A stay lasts at least a day, so a day's work
is finite. A case number is family × 8 + child; a family's number is its origin's number ×
10,000,000 + its place there. What the text leaves open, every engine
decides thus:

- A case asks for its specialists the first day a worker has it in a stage where they may join, and
  keeps that place on the list, with the priority of that day, until it leaves such stages.
- When children part from their family for a stage of the same team under continuity, each keeps
  the family's worker. Siblings who stay behind are a smaller case, which asks again.

- What a newly qualified worker is spared counts as held, for who holds least and for the limit.
- An effect's strength is ramp × skill of the staff × what its dose makes of it, cut at one, and
  never less than what a reform gives to every arm; in a service in crisis only the reform's part
  is left.
- A need that a stage has brought out stays with the family when a later stage's chance is lower.
- Where specialists cannot join, the dose that scales an effect is the service's: needs met × 100 ÷
  needs asked for, over all cases, at that moment.
- A team without limit takes a case at once, in the step that asks.

Workers in post on the first day take up their posts, and opening stock is dealt out, before day 0
begins, in case order, least loaded first, over the limit
if need be. Its stays have no least length: one that has less than a day left ends on day 0, or on
the day after it gets a worker.
"""

from simfs.engine.draws import Address
from simfs.engine.history import History
from simfs.engine.program import Program
from simfs.engine.tally import Tally
from simfs.scenario.environment import Environment

# ruff: noqa: PLC0415  each engine's library is imported only when that engine runs

ENGINES = ("fast", "reference")


def simulate(
    program: Program, environment: Environment, address: Address, engine: str = "reference"
) -> History:
    """One future of one arm, event by event, by the engine of that name.

    Args:
        program: the compiled arm, in the draw of `address`.
        environment: the authority's own drift, shared by the arms.
        address: which future; the same address gives the same families in every arm.
        engine: one of ENGINES.

    Returns:
        The events in the order of the rules of a day, and the cases.
    """
    if engine == "fast":
        from simfs.engine import fast

        return fast.simulate(program, environment, address)
    from simfs.engine import reference

    return reference.simulate(program, environment, address)


def count(
    program: Program, environment: Environment, address: Address, engine: str = "reference"
) -> Tally:
    """What `simulate` tells of the same future, counted; the fast engine counts while it runs."""
    if engine == "fast":
        from simfs.engine import fast

        return fast.count(program, environment, address)
    from simfs.engine.counting import tally

    return tally(simulate(program, environment, address, engine), program)


def must_be_compiled(engine: str) -> bool:
    """Whether an engine that can run here has half a minute of compiling before it, this once."""
    if engine == "fast":
        from simfs.engine import fast

        return not fast.is_compiled()
    return False


def make_ready(engine: str) -> None:
    """Have an engine compiled here, so that processes that begin together only load it."""
    if engine == "fast":
        from simfs.engine import fast

        fast.make_ready()


def fault_of(engine: str) -> str | None:
    """Why an engine cannot run here, in words, or None when it can."""
    try:
        if engine == "fast":
            from simfs.engine import fast  # noqa: F401
    except (ImportError, OSError) as error:  # a library that cannot be loaded is an OSError
        return str(error)
    return None
