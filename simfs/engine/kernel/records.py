"""The rows of the kernel's tables: what is fixed by a program, and what moves while it runs.

Rows refer to rows of other tables by number, and NOBODY (−1) is none. `whole` and `numbers` hold
lists of any length (of effects, of chances); a row has the place where its own begin.

A `World` is one row that holds the state of a future and where each table lies in memory, so that
it travels through the kernel as one word; `stage_at(world, number)` is a row of a table, and
`level_cell(world, number).value` a number of a plain one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfs.engine.history import CASE_COLUMNS, EVENT_COLUMNS
from simfs.engine.jit import table
from simfs.engine.roster import ROSTER_COLUMNS

Rows = NDArray[Any]
World = Any  # a row of WORLD; the compiler knows its fields, the type checker does not


def _row(whole: str, **others: str) -> np.dtype[Any]:
    names = whole.split()
    kinds = dict.fromkeys(names, "i8") | others
    return np.dtype(list(kinds.items()), align=True)


STAGE = _row(
    "child team holds route_first shared_stay stay_table until_18 bands edges first_entry_age "
    "first_route end_route cumulative priority crisis_ways crisis_ways_end crisis_ages "
    "specialists thresholds mix mix_edges mix_bands effects effects_end affected wanders remainder "
    "limit counts",
    code="u8",
    stay_mean="f8",
    crisis_mean="f8",
)
ROUTE = _row(
    "stage place ways ways_end stay_table until_18 ages otherwise effects effects_end p walk",
    stay_mean="f8",
    share="f8",
)
WAY = _row("place", reach="f8")
EFFECT = _row("by_day by_dose remainder at_least force", ratio="f8")
ORIGIN = _row("code stage effects effects_end")
MOVEMENT = _row(" ".join(ROSTER_COLUMNS))
NEWCOMER = _row("origin number day size earlier_plan remaining route birth_day first_age")

TEAM = _row(
    "unlimited specialist by_family below_limit continuity handover serves list first_worker "
    "tree leaves limit posts in_post agency longest_wait"
)
WORKER = _row("team number in_post agency load spared first_held")
CASE = _row(
    "number family child origin luck subject row family_row children size birth_day first_age "
    "eighteen known stage last visit request_day wait_start waited bear here active worked_from "
    "worked dose_days left end_day handed_over route stamp ready entered opened waits fresh placed "
    "open next_free",
    stay_u="f8",
    route_u="f8",
    effect_u="f8",
    split_u="f8",
)
# A case's tie to one worker: its own in column 0, the specialist of need n in column 1 + n.
TIE = _row("worker asked day stamp before after")
PLACE = _row("priority day number slot stamp left right")
DATE = _row("slot stamp after")
MOVE = _row("slot place by remaining route")
EVENT = _row(" ".join(EVENT_COLUMNS))
LISTED = _row(" ".join(CASE_COLUMNS))
WHOLE = _row("value")
NUMBER = _row("", value="f8")

# Every table by the name of the field of WORLD that holds its address.
#   stages to origins, whole, numbers, knots, year_of: the program; knots are of quantile tables.
#   roster, force: what happens to posts, in order; what effects are multiplied by, by row and day.
#   drift: what chances are multiplied by, by walk and day.
#   newcomers, needs: who comes, in order of origin and number, and one uniform per need.
#   order: newcomers of streams, in order of day, origin and number.
#   teams, workers, tree: staff; `tree` tells each team's least-loaded worker.
#   cases, visits, ties: everybody in the model by slot; visits by stage, ties by need.
#   lists, places: waiting lists as heaps of places.
#   due, dates: what is due on each day: stays that end, then crises.
#   moves: cases about to come somewhere. ready: slots whose stays start in step 6.
#   sorted: numbers being put in order. had_plan: whether each family has had a plan.
#   waits: of this week's allocations, how many had waited so many days, by team.
#   level: what there is now; by_day, by_week, by_year: what was counted.
#   events, listed: the two tables of a history.
TABLES = {
    "stages": STAGE, "routes": ROUTE, "ways": WAY, "effects": EFFECT, "origins": ORIGIN,
    "roster": MOVEMENT, "force": NUMBER, "drift": NUMBER,
    "whole": WHOLE, "numbers": NUMBER, "knots": NUMBER, "year_of": WHOLE,
    "newcomers": NEWCOMER, "needs": NUMBER, "order": WHOLE,
    "teams": TEAM, "workers": WORKER, "tree": WHOLE,
    "cases": CASE, "visits": WHOLE, "ties": TIE, "lists": WHOLE, "places": PLACE,
    "due": WHOLE, "dates": DATE, "moves": MOVE, "ready": WHOLE, "sorted": WHOLE,
    "had_plan": WHOLE, "waits": WHOLE,
    "level": WHOLE, "by_day": WHOLE, "by_week": WHOLE, "by_year": WHOLE,
    "events": EVENT, "listed": LISTED,
}  # fmt: skip
# Columns of what is counted: of `level` and `by_day`, of `by_week`, of `by_year`.
LEVELS = (
    "stage_children waiting_children team_load team_cases team_posts team_agency needs_wanted "
    "needs_met placement_now"
)
WEEKS = "load_p90 allocated waited_days wait_median wait_p90 handovers breaches"
YEARS = (
    "placement_days route_children crisis_children handover_children starts_children "
    "repeat_starts_children entry_children diverted_children exit_days exit_children "
    "breach_children dose_sum dose_stays"
)
WORLD = _row(
    # The program: how many there are of what, and numbers of its own.
    "days weeks n_stages n_teams n_needs n_counts n_placements longest_route n_roster "
    "earlier_plan_count eighteen specialised drifts served highest year_ends day_width week_width "
    "year_width "
    # The future: who comes, and the room in its tables.
    "n_opening n_newcomers n_order room_cases room_places room_dates room_ready room_events "
    "room_listed "
    # The state: the day, needs asked for and met, and what is used of the tables.
    "today this_year this_week wanted met full arrived rostered used_events used_listed "
    "used_cases free_case used_places free_place used_dates free_date used_moves used_ready "
    f"{LEVELS} {WEEKS} {YEARS} {' '.join(TABLES)}",
    key_0="u8",
    key_1="u8",
)

stage_at = table(WORLD, "stages", STAGE)
route_at = table(WORLD, "routes", ROUTE)
way_at = table(WORLD, "ways", WAY)
effect_at = table(WORLD, "effects", EFFECT)
origin_at = table(WORLD, "origins", ORIGIN)
movement_at = table(WORLD, "roster", MOVEMENT)
force_cell = table(WORLD, "force", NUMBER)
drift_cell = table(WORLD, "drift", NUMBER)
whole_cell = table(WORLD, "whole", WHOLE)
number_cell = table(WORLD, "numbers", NUMBER)
knot_cell = table(WORLD, "knots", NUMBER)
year_of_cell = table(WORLD, "year_of", WHOLE)
newcomer_at = table(WORLD, "newcomers", NEWCOMER)
need_cell = table(WORLD, "needs", NUMBER)
order_cell = table(WORLD, "order", WHOLE)
team_at = table(WORLD, "teams", TEAM)
worker_at = table(WORLD, "workers", WORKER)
tree_cell = table(WORLD, "tree", WHOLE)
case_at = table(WORLD, "cases", CASE)
visit_cell = table(WORLD, "visits", WHOLE)
tie_cell = table(WORLD, "ties", TIE)
list_cell = table(WORLD, "lists", WHOLE)
place_at = table(WORLD, "places", PLACE)
due_cell = table(WORLD, "due", WHOLE)
date_at = table(WORLD, "dates", DATE)
move_at = table(WORLD, "moves", MOVE)
ready_cell = table(WORLD, "ready", WHOLE)
sorted_cell = table(WORLD, "sorted", WHOLE)
waits_cell = table(WORLD, "waits", WHOLE)
had_plan_cell = table(WORLD, "had_plan", WHOLE)
level_cell = table(WORLD, "level", WHOLE)
by_day_cell = table(WORLD, "by_day", WHOLE)
by_week_cell = table(WORLD, "by_week", WHOLE)
by_year_cell = table(WORLD, "by_year", WHOLE)
event_at = table(WORLD, "events", EVENT)
listed_at = table(WORLD, "listed", LISTED)
