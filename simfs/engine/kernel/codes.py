"""The kernel's own copies of the numbers that stand for something, as the compiler wants them."""

from simfs.engine import history, program
from simfs.engine.draws import Purpose
from simfs.engine.jit import constant

NOBODY = constant(program.NOBODY)
COST_BANDS = constant(program.COST_BANDS)

BY_ARRIVAL = constant(history.BY_ARRIVAL)
BY_BIRTHDAY = constant(history.BY_BIRTHDAY)
BY_CRISIS = constant(history.BY_CRISIS)
BY_OPENING = constant(history.BY_OPENING)
BY_SPLIT = constant(history.BY_SPLIT)

STAY = constant(Purpose.STAY)
EFFECT = constant(Purpose.EFFECT)
PLACEMENT = constant(Purpose.PLACEMENT)
CRISIS = constant(Purpose.CRISIS)
AGE = constant(Purpose.AGE)
SHARE = constant(Purpose.SHARE)
EXTRA_ARRIVAL = constant(Purpose.EXTRA_ARRIVAL)

NEVER = constant(1 << 40)  # a day that does not come
NONE, ONE = constant(0), constant(1)
REFERENCE_DOSE = constant(-1)  # no dose of one's own: an effect works at its reference
WAITING_TABLE = constant(0)  # the exponential: every program's first table
POSTS = constant(1 << 24)  # more than a team has
EMPTY = constant(1 << 62)  # a post with nobody in it: never the least loaded
OWN = constant(0)  # column of the tie to a case's own worker
ENDS_DUE, CRISES_DUE = constant(0), constant(1)  # what is due on a day
