"""One future in whole numbers: all that is kept of it when its events are not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

REPEATED = "child_protection"  # the published stock whose repeat starts are counted, if there
HIGH_LOAD = 0.9  # share of workers who hold no more than the 90th percentile of loads
MIDDLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What happened in one future of one arm, counted.

    Every array is int64. Axes: `stage`, `exit` and `count` in the order of the pathway, `route` in
    the order of its stage and padded with zeros to the longest, `team` in the order of the
    scenario, `effect` in the order of the program, `placement` in
    the order of the price list, `band` 0 to 9, `year` the financial years of the calendar, `day`
    [0, days) and `week` [0, weeks), week w being the days [7w, 7w + 7).

    Attributes:
        stage_children: [stage, day] children in each stage at the end of the day.
        waiting_children: [stage, day] of those, children waiting for a worker.
        placement_days: [year, placement, band] child-days of looked-after spells.
        route_children: [year, stage, route] children by the route finally taken; a child drawn to
            one route and diverted to another is counted on the second only.
        crisis_children: [year, stage] children who left a stage by a crisis.
        starts_children: [year, count] children who enter a published count from outside it.
        repeat_starts_children: [year] children starting a child protection plan in a family that
            has had one before.
        entry_children: [year, stage] children entering a stage, from anywhere, arrivals included;
            the opening stock is not.
        diverted_children: [year, effect] children that an effect sent to the remainder.
        exit_days: [year, exit] child-days since leaving by each exit within the run, up to the
            18th birthday where it is known.
        exit_children: [year, exit] children leaving by each exit.
        breach_children: [year, stage] children whose stay passed the stage's limit that year.
        team_load: [team, day] caseload held at the end of the day, in the team's unit.
        team_cases: [team, day] cases that its workers hold at the end of the day.
        team_posts: [team, day] workers in post at the end of the day.
        team_agency: [team, day] of those, agency workers.
        load_p90: [team, week] 90th percentile over workers of the load at the week's end.
        allocated: [team, week] cases first allocated in the week.
        waited_days: [team, week] days that those cases had waited, summed.
        wait_median: [team, week] the median of those days, −1 in a week without any.
        wait_p90: [team, week] their 90th percentile, −1 in a week without any.
        handovers: [team, week] cases that changed worker.
        breaches: [team, week] children whose stay in a stage of the team passed its limit.
        handover_children: [year, stage] children whose case changed worker.
        needs_wanted: [need, day] cases with a need that a specialist may meet, at the end of the
            day; none are counted where no specialist could ever come and no effect asks.
        needs_met: [need, day] of those, with a specialist for it.
        dose_sum: [year] dose (0 to 100) summed over ended stays with a need.
        dose_stays: [year] number of those stays.
    """

    stage_children: IntArray
    waiting_children: IntArray
    placement_days: IntArray
    route_children: IntArray
    crisis_children: IntArray
    starts_children: IntArray
    repeat_starts_children: IntArray
    entry_children: IntArray
    diverted_children: IntArray
    exit_days: IntArray
    exit_children: IntArray
    breach_children: IntArray
    team_load: IntArray
    team_cases: IntArray
    team_posts: IntArray
    team_agency: IntArray
    load_p90: IntArray
    allocated: IntArray
    waited_days: IntArray
    wait_median: IntArray
    wait_p90: IntArray
    handovers: IntArray
    breaches: IntArray
    handover_children: IntArray
    needs_wanted: IntArray
    needs_met: IntArray
    dose_sum: IntArray
    dose_stays: IntArray
