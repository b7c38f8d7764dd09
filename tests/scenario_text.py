"""A small scenario with one of everything, for tests that break or read a file."""

EVERYTHING = """\
[study]
name = "everything"
title = "One of everything"
start = 2023-04-01
years = 3
baseline = "today"
preset = "hopeful"
price_year = "2022-23"

[sources.returns]
title = "Published returns"
where = "a shelf"

[counts.looked_after]
label = "Looked after"

[exits.closed]
label = "Closed"

[exits.adopted]

[age_mixes.removed]
edges = [0, 1, 10, 18]
shares = [0.3, 0.4, 0.3]
early = 4
assumption = "an example"

[splits.left]
shares = { closed = 0.75, assessment = 0.25 }
assumption = "an example"

[families]
sizes = [0.5, 0.3, 0.2]
earlier_plan = 0.05
source = "returns"

[needs]
correlation = 0.3
assumption = "an example"
[needs.alcohol]
label = "Alcohol"

[placements.foster]
[placements.home]

[placement_mixes.care]
shares = { foster = 0.8, home = 0.2 }
source = "returns"

[streams.referral]
to = "assessment"
per_year = [{ from = 2023-04-01, value = 1000 }, { from = 2024-04-01, value = 1100 }]
source = "returns"

[workforces.social_workers]
turnover = { value = 0.174, p10 = 0.12, p90 = 0.24 }
vacancy = 0.2
recruitment_shape = { gamma = 0.5 }
agency_share = 0.5
agency_days = 270
agency_gap_days = 21
absence = 0.05
newly_qualified = { share = 0.3, caseload = 0.9, months = 12 }
assumption = "an example"

[workforces.practitioners]
turnover = 0.1
recruitment_days = 90
assumption = "an example"

[teams.safeguarding]
posts = 20
caseload = 18
handover_days = 3
workforce = "social_workers"
at_start = { vacant = 3, agency = 4 }
changes = [{ date = 2024-04-01, posts = 22 }]
assumption = "an example"

[teams.recovery]
kind = "specialist"
serves = "alcohol"
posts = 0
caseload = 12
workforce = "practitioners"
assumption = "an example"

[drift.demand]
targets = ["referral", "assessment.care"]
sd = { value = 0.2, p10 = 0.15, p90 = 0.25 }
half_life_months = 12
assumption = "an example"

[[history]]
count = "looked_after"
source = "returns"
dates = [2022-03-31, 2023-03-31, 2024-03-31]
values = [140, 150, 160]

[[drift_targets]]
count = "looked_after"
what = "at_end"
sd = [0.07, 0.11, 0.14]
chances = [{ fall = 0.073, years = 2, chance = 0.15 }]
source = "returns"
grade = "B"

[[drift_targets]]
count = "looked_after"
what = "starts"
sd = [0.21]
assumption = "an example"

[stages.assessment]
team = "safeguarding"
stay = { mean = 40, unit = "days", shape = { lognormal = 0.6 } }
remainder = "done"
specialists = true
limit_days = 45
priority = 3
opening = 90
crisis = { per_day = 0.001, to = "care", ages = "removed" }
source = "returns"

[stages.assessment.needs]
alcohol = 0.4

[stages.assessment.routes]
done = { p = 0.7, to = "left" }
care = { p = 0.3, ages = "removed", share_of_children = 0.8, otherwise = "closed" }

[stages.care]
unit = "child"
drawing = "route_first"
age_bands = [0, 5]
counts = ["looked_after"]
placements = "care"
opening = { children = 349, source = "returns" }
opening_ages = "removed"
assumption = "an example"

[stages.care.routes.adopted]
p = [0.3, 0]
stay = { mean = 20, unit = "months", shape = { gamma = 0.5 } }

[stages.care.routes.home]
p = [0.2, 0.4]
to = "closed"
stay = { percentiles = { p25 = 30, p50 = 90, p75 = 300 }, unit = "days" }

[stages.care.routes.stays]
p = [0.5, 0.6]
to = "eighteen"
stay = { until_18 = true }

[costs.foster_week]
basis = "placement_week"
applies_to = ["foster"]
pounds = { value = 450, p10 = 400, p90 = 520, unit = "£ a week" }
growth = 0.035
ledger = "cashable"
source = "returns"
grade = "A"

[practice_models.together]
go_live = 2023-10-01
slip_months = { value = 0, spread = "triangular", low = -2, high = 6 }
staffing = [{ team = "recovery", posts = 3, date = 2023-03-01 }]
time_freed = { share = 0.1, teams = ["safeguarding"], date = 2023-10-01 }
assumption = "an example"

[practice_models.together.training]
teams = ["safeguarding"]
courses = [{ date = 2023-06-30, seats = 16 }, { date = 2023-12-31, seats = 8 }]
rolling = { every_months = 6, seats = 4 }
skill_first = 0.5
skill_months = 12
reference = 0.8

[practice_models.together.effects.fewer_removed]
kind = "route"
targets = ["assessment.care"]
ramp = { half_months = 6, ninety_months = 24 }

[practice_models.together.effects.retention]
kind = "turnover"
targets = ["social_workers"]
ratio = 0.97
grade = "D"
ramp = { half_months = 6, ninety_months = 24 }

[practice_models.together.investments.training]
pounds = [18000, 5000]

[reform]
practice_model = "together"
date = 2025-04-01
share = { value = 0.25, spread = "uniform", low = 0, high = 0.5 }
half_months = 9
ninety_months = 30
assumption = "an example"

[service_crisis]
per_year = 0.02
ratio = 1.5
months = 24
targets = ["assessment.care"]
assumption = "an example"

[presets.hopeful.effects.fewer_removed]
ratio = { value = 0.8, p10 = 0.7, p90 = 0.9 }
source = "returns"
grade = "B"

[presets.doubtful.effects.fewer_removed]
ratio = 0.95
assumption = "an example"

[arms.today]
[arms.together]
practice_model = "together"
[arms.more_posts]
assumption = "an example"
[arms.more_posts.set]
"teams.safeguarding.posts" = 28

[[claims]]
id = "fewer-children"
words = "Fewer children looked after by the second year"
source = "returns"
metric = "looked_after_at_end"
from = "2024/25"
to = "2024/25"
threshold = 26
unit = "children"
"""
