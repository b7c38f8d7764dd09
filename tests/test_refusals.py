"""Bad scenario files: each is refused at its place, with the value, the rule and the way out."""

import pytest
from scenario_text import EVERYTHING

from simfs.errors import ConfigError, UsageError
from simfs.scenario.config import load, loads
from simfs.scenario.text import read

STAY = 'stay = { mean = 40, unit = "days", shape = { lognormal = 0.6 } }'
FOSTER = 'pounds = { value = 450, p10 = 400, p90 = 520, unit = "£ a week" }'


def changed(*replacements):
    text = EVERYTHING.replace("changes = [{ date = 2024-04-01, posts = 22 }]\n", "")
    for old, new in replacements:
        assert old in text, f"the example no longer holds {old!r}"
        text = text.replace(old, new, 1)
    return text


def refusal(*replacements):
    with pytest.raises(ConfigError) as caught:
        loads(changed(*replacements))
    return caught.value


def case(name, old, new, path, *fragments):
    return pytest.param(old, new, path, fragments, id=name.replace(" ", "-"))


TYPES_AND_KEYS = [
    case("text for a number", "caseload = 18", 'caseload = "18"',
         "teams.safeguarding.caseload", "'18'", "whole number", "without quotes"),
    case("a quoted probability", "p = 0.7", 'p = "0.4"',
         "stages.assessment.routes.done.p", "'0.4'", "write 0.4, without quotes"),
    case("true for a number", "earlier_plan = 0.05", "earlier_plan = true",
         "families.earlier_plan", "True", "must be a number"),
    case("a date for a number", "handover_days = 3", "handover_days = 2023-04-01",
         "teams.safeguarding.handover_days", "2023-04-01", "not a date"),
    case("an array for a number", "priority = 3", "priority = [3]",
         "stages.assessment.priority", "[3]", "without brackets"),
    case("a fraction of a post", "posts = 20", "posts = 20.5",
         "teams.safeguarding.posts", "20.5", "whole number", '"unlimited"'),
    case("a decimal comma", FOSTER, 'pounds = "450,50"',
         "costs.foster_week.pounds", "'450,50'", "write 450.50, with a point"),
    case("thousands with a comma", FOSTER, 'pounds = "1,200"',
         "costs.foster_week.pounds", "'1,200'", "write 1200, without commas"),
    case("pounds in millions", FOSTER, 'pounds = "£1.2m"',
         "costs.foster_week.pounds", "'£1.2m'", "write 1200000, in pounds"),
    case("a percentage in quotes", "growth = 0.035", 'growth = "3.5%"',
         "costs.foster_week.growth", "'3.5%'", "write 0.035"),
    case("text for true or false", "specialists = true", 'specialists = "yes"',
         "stages.assessment.specialists", "'yes'", "true or false"),
    case("a quoted date", "start = 2023-04-01", 'start = "2023-04-01"',
         "study.start", "'2023-04-01'", "without quotes"),
    case("a misspelt key", "handover_days = 3", "handover_day = 3",
         "teams.safeguarding.handover_day", "unknown key", "did you mean 'handover_days'?"),
    case("a misspelt table", "[counts.looked_after]", "[count.looked_after]",
         "count", "unknown key", "did you mean 'counts'?"),
    case("a right key in the wrong table", "handover_days = 3", "priority = 3",
         "teams.safeguarding.priority", "does not belong here", "[stages.…]"),
    case("a missing key", 'ledger = "cashable"\n', "",
         "costs.foster_week.ledger", "missing", "add ledger = …"),
    case("a word that is not one of the choices", 'kind = "specialist"', 'kind = "specialst"',
         "teams.recovery.kind", "'specialst'", "did you mean 'specialist'?"),
    case("a number without a source", 'assumption = "an example"\n\n[splits.left]',
         "\n[splits.left]",
         "age_mixes.removed.shares", "no source", 'assumption = "…"'),
    case("a source that is not listed", 'source = "returns"\ngrade = "A"',
         'source = "retruns"\ngrade = "A"',
         "costs.foster_week.source", "unknown source 'retruns'", "[sources.retruns]"),
    case("an unknown grade", 'grade = "A"', 'grade = "E"',
         "costs.foster_week.grade", "'E'", "A, B, C or D"),
    case("a study name that climbs out of its folder", 'name = "everything"', 'name = "../x"',
         "study.name", "'../x'", "choose another"),
    case("a study name with a NUL", 'name = "everything"', 'name = "a\\u0000b"',
         "study.name", "'a\\x00b'", "choose another"),
    case("a study name that is too long", 'name = "everything"', f'name = "{"a" * 65}"',
         "study.name", "a" * 65, "1 to 64"),
    case("a study name that Windows reserves", 'name = "everything"', 'name = "con"',
         "study.name", "'con'", "Windows"),
    case("a key with a slash", "[placements.home]", '[placements."a/b"]',
         "placements.a/b", "'a/b'", "rename it"),
    case("both years and days", "years = 3", "years = 3\ndays = 100",
         "study", "either years or days", "both", "give one"),
    case("a run of no days", "years = 3", "days = 0",
         "study.days", "got 0", "one day to 100 years"),
    case("a run of centuries", "years = 3", "years = 101", "study.years", "got 101", "100 years"),
    case("an unknown baseline", 'baseline = "today"', 'baseline = "tody"',
         "study.baseline", "'tody'", "did you mean 'today'?"),
    case("an unknown preset", 'preset = "hopeful"', 'preset = "hopefull"',
         "study.preset", "'hopefull'", "did you mean 'hopeful'?"),
]  # fmt: skip

PROBABILITIES = [
    case("a probability below nothing", "p = 0.7", "p = -0.1",
         "stages.assessment.routes.done.p", "-0.1", "at least 0"),
    case("a probability in percent", "p = 0.7", "p = 70",
         "stages.assessment.routes.done.p", "70", "at most 1", "did you mean 0.7?"),
    case("a probability that is no number", "p = 0.7", "p = nan",
         "stages.assessment.routes.done.p", "nan", "finite"),
    case("routes that do not sum to one", "p = 0.7", "p = 0.6",
         "stages.assessment.routes", "must sum to 1, got 0.9", "done 0.6", "+0.1"),
    case("an age band that does not sum to one", "p = [0.2, 0.4]", "p = [0.2, 0.3]",
         "stages.care.routes", "age band from 5", "got 0.9", "+0.1"),
    case("too few numbers for the age bands", "age_bands = [0, 5]", "age_bands = [0, 5, 10]",
         "stages.care.routes.adopted.p", "3 age bands", "got 2"),
    case("shares that do not sum to one", "closed = 0.75", "closed = 0.7",
         "splits.left.shares", "got 0.95", "+0.05"),
    case("family sizes that do not sum to one", "sizes = [0.5, 0.3, 0.2]",
         "sizes = [0.5, 0.3, 0.3]", "families.sizes", "got 1.1", "-0.1"),
    case("a family of eight children", "sizes = [0.5, 0.3, 0.2]",
         f"sizes = [{', '.join(['0.125'] * 8)}]",
         "families.sizes", "at most 7 children", "got chances of 8", "larger families"),
    case("a route to an unknown stage", 'done = { p = 0.7, to = "left" }',
         'done = { p = 0.7, to = "lef" }',
         "stages.assessment.routes.done.to", "unknown stage 'lef'", "did you mean 'left'?"),
    case("a stage whose team does not exist", 'team = "safeguarding"', 'team = "safegarding"',
         "stages.assessment.team", "'safegarding'", "did you mean 'safeguarding'?"),
    case("a stage that holds without a team", 'unit = "child"',
         'unit = "child"\nwithout_worker = "holds"',
         "stages.care.without_worker", "has no team", 'use "runs"'),
    case("a stage held by specialists", 'team = "safeguarding"\nstay', 'team = "recovery"\nstay',
         "stages.assessment.team", "'recovery' is a specialist team", "social-work team"),
    case("a need that is not listed", "[stages.assessment.needs]\nalcohol",
         "[stages.assessment.needs]\nalcohl",
         "stages.assessment.needs.alcohl", "unknown need", "did you mean 'alcohol'?"),
    case("a team that serves an unknown need", 'serves = "alcohol"', 'serves = "alcool"',
         "teams.recovery.serves", "unknown need 'alcool'", "did you mean 'alcohol'?"),
    case("a route into care without ages", 'care = { p = 0.3, ages = "removed",',
         "care = { p = 0.3,",
         "stages.assessment.routes.care", "'care'", "add an age mix"),
    case("a crisis into care without ages", 'to = "care", ages = "removed" }', 'to = "care" }',
         "stages.assessment.crisis", "no ages", "add an age mix"),
    case("children at the start without ages", 'opening_ages = "removed"\n', "",
         "stages.care", "need ages", "add opening_ages"),
    case("siblings who go nowhere", ', otherwise = "closed"', "",
         "stages.assessment.routes.care", "0.8", "add otherwise"),
    case("an effect on an unknown route", 'targets = ["assessment.care"]',
         'targets = ["assessment.cares"]',
         "practice_models.together.effects.fewer_removed.targets",
         "'assessment.cares'", "did you mean 'assessment.care'?"),
    case("an effect that needs more than the remainder has",
         "ratio = { value = 0.8, p10 = 0.7, p90 = 0.9 }",
         "ratio = 4",
         "practice_models.together.effects", "0.9", "'done'", "only 0.7", "lower the ratio"),
    case("an effect without a remainder", 'remainder = "done"\n', "",
         "practice_models.together.effects.fewer_removed.targets", "remainder", "known: done"),
    case("an effect without a ratio", 'preset = "hopeful"\n', "",
         "practice_models.together.effects.fewer_removed", "missing ratio", "in a preset"),
    case("a fault in a preset that is not in force", "ratio = 0.95", 'ratio = "0.95"',
         "presets.doubtful.effects.fewer_removed.ratio", "'0.95'", "without quotes"),
    case("a preset not in force without a source", 'ratio = 0.95\nassumption = "an example"',
         "ratio = 0.95",
         "presets.doubtful.effects.fewer_removed.ratio", "no source", 'assumption = "…"'),
    case("a preset for an effect that no model has",
         "[presets.hopeful.effects.fewer_removed]", "[presets.hopeful.effects.fewer_remove]",
         "presets.hopeful.effects.fewer_remove", "no practice model", "'fewer_removed'"),
]  # fmt: skip

STAYS = [
    case("a stay of nothing", "mean = 40", "mean = 0",
         "stages.assessment.stay.mean", "above 0", "got 0"),
    case("a negative stay", "mean = 40", "mean = -3",
         "stages.assessment.stay.mean", "-3", "takes time"),
    case("an endless stay", "mean = 40", "mean = inf",
         "stages.assessment.stay.mean", "inf", "finite"),
    case("a stay of minutes", "mean = 40", "mean = 0.01",
         "stages.assessment.stay", "0.01 days", "check unit"),
    case("a stay of centuries", 'mean = 40, unit = "days"', 'mean = 101, unit = "years"',
         "stages.assessment.stay", "one day to 100 years", "check unit"),
    case("a family that stays until 18", STAY, "stay = { until_18 = true }",
         "stages.assessment.stay", "no birthday", 'unit = "child"'),
    case("a stay without a unit", 'unit = "days", shape = { lognormal = 0.6 }',
         "shape = { lognormal = 0.6 }", "stages.assessment.stay", "missing unit", '"months"'),
    case("a stay written in two ways", "mean = 40", "mean = 40, median = 30",
         "stages.assessment.stay", "mean and median", "keep one"),
    case("a stay without a shape", ", shape = { lognormal = 0.6 }", "",
         "stages.assessment.stay", "missing shape", "exponential"),
    case("an unknown shape", "shape = { lognormal = 0.6 }", 'shape = "normal"',
         "stages.assessment.stay.shape", "'normal'", "lognormal"),
    case("percentiles that fall", "p50 = 90", "p50 = 20",
         "stages.care.routes.home.stay.percentiles", "rising", "'p50': 20"),
    case("a histogram with an edge too few", STAY,
         'stay = { histogram = { edges = [0, 10], shares = [0.5, 0.5] }, unit = "days" }',
         "stages.assessment.stay.histogram.edges", "one more than shares", "2 edges"),
    case("ages whose edges do not rise", "edges = [0, 1, 10, 18]", "edges = [0, 10, 1, 18]",
         "age_mixes.removed.edges", "must rise", "[0, 5, 10, 18]"),
    case("negative arrivals", "value = 1000", "value = -1",
         "streams.referral.per_year.0.value", "-1", "at least 0"),
    case("absurd arrivals", "value = 1000", "value = 1e12",
         "streams.referral.per_year", "about 3,000,684,", "check the unit"),
    case("steps that start after the study", "from = 2023-04-01, value", "from = 2023-05-01, value",
         "streams.referral.per_year", "2023-05-01", "from the study's start"),
    case("a stream into an unknown stage", '[streams.referral]\nto = "assessment"',
         '[streams.referral]\nto = "assesment"',
         "streams.referral.to", "'assesment'", "did you mean 'assessment'?"),
    case("a range that does not hold its value", "p90 = 520", "p90 = 420",
         "costs.foster_week.pounds", "450", "between p10 400 and p90 420"),
]  # fmt: skip

STAFF_AND_MONEY = [
    case("no workers with demand", "posts = 20", "posts = 0\nchanges = []",
         "teams.safeguarding.posts", "no workers", "'assessment'", '"unlimited"'),
    case("a caseload of nothing", "caseload = 18", "caseload = 0",
         "teams.safeguarding.caseload", "at least 1", "got 0"),
    case("a negative caseload", "caseload = 18", "caseload = -4",
         "teams.safeguarding.caseload", "at least 1", "-4"),
    case("a team without a caseload", "caseload = 18\n", "",
         "teams.safeguarding", "missing caseload", "add it"),
    case("more posts than can be", "posts = 20", "posts = 2000000",
         "teams.safeguarding.posts", "at most 100,000 posts", "2,000,000"),
    case("specialists without limit", 'serves = "alcohol"\nposts = 0',
         'serves = "alcohol"\nposts = "unlimited"',
         "teams.recovery.posts", "specialists are never unlimited", "as many posts as"),
    case("staffing for an unknown team", 'staffing = [{ team = "recovery"',
         'staffing = [{ team = "recover"',
         "practice_models.together.staffing.0.team", "'recover'", "did you mean 'recovery'?"),
    case("a negative cost", FOSTER, "pounds = -450",
         "costs.foster_week.pounds", "negative cost -450", "grant"),
    case("growth in percent", "growth = 0.035", "growth = 3.5",
         "costs.foster_week.growth", "3.5", "did you mean 0.035?"),
    case("a cost of an unknown placement", 'applies_to = ["foster"]', 'applies_to = ["fosters"]',
         "costs.foster_week.applies_to", "'fosters'", "did you mean 'foster'?"),
    case("a negative investment", "pounds = [18000, 5000]", "pounds = [-18000]",
         "practice_models.together.investments.training.pounds", "-18000", "grant"),
    case("a claim about an unknown metric", 'metric = "looked_after_at_end"',
         'metric = "looked_after_at_ende"',
         "claims.0.metric", "unknown metric", "did you mean 'looked_after_at_end'?"),
    case("a claim about a year outside the run", 'to = "2024/25"', 'to = "2027/28"',
         "claims.0.to", "'2027/28'", "known: 2023/24, 2024/25, 2025/26"),
    case("a share that is not relative", 'unit = "children"', 'unit = "share"',
         "claims.0.unit", "relative = true", "change one"),
    case("an arm with an unknown practice model", '[arms.together]\npractice_model = "together"',
         '[arms.together]\npractice_model = "togethr"',
         "arms.together.practice_model", "'togethr'", "did you mean 'together'?"),
    case("an arm that changes an unknown key", '"teams.safeguarding.posts" = 28',
         '"teams.safeguarding.post" = 28',
         "arms.more_posts.set.teams.safeguarding.post", "no key 'post'", "did you mean 'posts'?"),
    case("an arm that changes a number to nonsense", '"teams.safeguarding.posts" = 28',
         '"teams.safeguarding.posts" = "many"',
         "arms.more_posts.set.teams.safeguarding.posts", "'many'", "whole number"),
]  # fmt: skip


AGENCY = "agency_share = 0.5\nagency_days = 270\nagency_gap_days = 21\n"
WORKFORCES = [
    case("an unknown workforce", 'workforce = "social_workers"', 'workforce = "social_worker"',
         "teams.safeguarding.workforce", "'social_worker'", "did you mean 'social_workers'?"),
    case("a negative turnover", "turnover = 0.1\n", "turnover = -0.1\n",
         "workforces.practitioners.turnover", "-0.1", "between 0 and 5"),
    case("turnover in percent", "turnover = 0.1\n", "turnover = 40\n",
         "workforces.practitioners.turnover", "between 0 and 5", "did you mean 0.4?"),
    case("turnover whose range leaves its limits", "p10 = 0.12, p90 = 0.24", "p10 = 0, p90 = 5.5",
         "workforces.social_workers.turnover", "5.5 as an end of the range of 0.174"),
    case("a vacancy of every post", "vacancy = 0.2", "vacancy = 1",
         "workforces.social_workers.vacancy", "at most 0.99", "got 1"),
    case("a vacancy in percent", "vacancy = 0.2", "vacancy = 40",
         "workforces.social_workers.vacancy", "at most 0.99", "did you mean 0.4?"),
    case("a negative vacancy", "vacancy = 0.2", "vacancy = -0.1",
         "workforces.social_workers.vacancy", "above 0", "-0.1"),
    case("a vacancy that reaches every post", "vacancy = 0.2",
         'vacancy = { value = 0.2, spread = "uniform", low = 0.1, high = 1 }',
         "workforces.social_workers.vacancy", "at most 0.99", "got 1"),
    case("both a vacancy and recruitment days", "vacancy = 0.2",
         "vacancy = 0.2\nrecruitment_days = 90",
         "workforces.social_workers", "either recruitment_days or vacancy", "both", "give one"),
    case("neither a vacancy nor recruitment days", "vacancy = 0.2\n", "",
         "workforces.social_workers", "either recruitment_days or vacancy", "neither"),
    case("negative recruitment days", "recruitment_days = 90", "recruitment_days = -9",
         "workforces.practitioners.recruitment_days", "at least 0 days", "-9"),
    case("an agency share in percent", "agency_share = 0.5", "agency_share = 70",
         "workforces.social_workers.agency_share", "between 0 and 1", "did you mean 0.7?"),
    case("a negative agency share", "agency_share = 0.5", "agency_share = -0.5",
         "workforces.social_workers.agency_share", "-0.5", "check the sign"),
    case("agency workers of no stated stay", "agency_days = 270\n", "",
         "workforces.social_workers", "no agency_days", "add agency_days = 270"),
    case("agency workers who do not stay", "agency_days = 270", "agency_days = 0",
         "workforces.social_workers.agency_days", "above 0 days"),
    # 0.5 x 21 empty days to 0.5 x 270 + 0.5 x 365.25 / 0.174 filled: 0.0088 of posts
    case("a vacancy that agency gaps alone exceed", "vacancy = 0.2", "vacancy = 0.008",
         "workforces.social_workers.vacancy", "got 0.008", "write more than 0.00879"),
    case("a vacancy among posts that nobody leaves",
         "turnover = { value = 0.174, p10 = 0.12, p90 = 0.24 }", "turnover = 0",
         "workforces.social_workers.vacancy", "turnover 0", "got 0.2", "give recruitment_days"),
    case("a vacancy where all are agency workers", "agency_share = 0.5", "agency_share = 1",
         "workforces.social_workers.vacancy", "agency_share 1", "give recruitment_days"),
    case("newly qualified workers without a caseload", "caseload = 0.9", "caseload = 0",
         "workforces.social_workers.newly_qualified.caseload", "above 0", "got 0"),
    case("newly qualified workers with more than a caseload", "caseload = 0.9", "caseload = 90",
         "workforces.social_workers.newly_qualified.caseload", "at most 1", "did you mean 0.9?"),
    case("absence of everyone", "absence = 0.05", "absence = 1",
         "workforces.social_workers.absence", "below 1", "got 1"),
    case("absence that leaves no caseload", "absence = 0.05", "absence = 0.98",
         "teams.safeguarding.caseload", "rounds to 0", "from 18", "lower absence"),
    case("more empty and agency posts than posts", "vacant = 3, agency = 4",
         "vacant = 17, agency = 4",
         "teams.safeguarding.at_start", "vacant 17 and agency 4", "20 posts"),
    case("agency workers at the start of a workforce without any", AGENCY, "",
         "teams.safeguarding.at_start.agency", "'social_workers' has no agency_share"),
    case("stated posts in a team without a workforce", 'workforce = "social_workers"\n', "",
         "teams.safeguarding.at_start", "needs workforce", "always filled"),
    case("a workforce of an unlimited team", "posts = 20", 'posts = "unlimited"',
         "teams.safeguarding.workforce", "no posts to fill", "give posts"),
    case("a team that loses its last post", "handover_days = 3",
         "handover_days = 3\nchanges = [{ date = 2024-04-01, posts = 0 }]",
         "teams.safeguarding.changes", "'safeguarding' loses its last post on 2024-04-01",
         "'assessment' needs it", "keep a post"),
    case("a practice model that removes the last post", "date = 2023-03-01 }]",
         'date = 2023-03-01 }, { team = "safeguarding", posts = 0, date = 2024-10-01 }]',
         "practice_models.together.staffing", "loses its last post on 2024-10-01", "keep a post"),
]  # fmt: skip

PRACTICE = [
    case("more time freed than there is", "share = 0.1, teams", "share = 5, teams",
         "practice_models.together.time_freed.share", "at most 1", "did you mean 0.05?"),
    case("time freed in an unknown team", 'share = 0.1, teams = ["safeguarding"]',
         'share = 0.1, teams = ["safegarding"]',
         "practice_models.together.time_freed.teams", "did you mean 'safeguarding'?"),
    case("training of an unknown team", '[practice_models.together.training]\n'
         'teams = ["safeguarding"]', '[practice_models.together.training]\nteams = ["safe"]',
         "practice_models.together.training.teams", "unknown team 'safe'"),
    case("a course without seats", "seats = 16", "seats = 0",
         "practice_models.together.training.courses.0.seats", "at least 1", "got 0"),
    case("later courses without seats", "seats = 4 }", "seats = 0 }",
         "practice_models.together.training.rolling.seats", "at least 1"),
    case("a first skill in percent", "skill_first = 0.5", "skill_first = 50",
         "practice_models.together.training.skill_first", "at most 1", "did you mean 0.5?"),
    case("a reference skill of nothing", "reference = 0.8", "reference = 0",
         "practice_models.together.training.reference", "above 0"),
    case("a reference skill in percent", "reference = 0.8", "reference = 80",
         "practice_models.together.training.reference", "between 0 and 1", "did you mean 0.8?"),
    case("cohorts as they were once written", "slip_months = {",
         "trained = []\nslip_months = {",
         "practice_models.together.trained", "did you mean 'training'?"),
    case("pay before a post is filled", "date = 2023-03-01 }",
         "date = 2023-03-01, paid_from = 2023-03-01 }",
         "practice_models.together.staffing.0.paid_from", "unknown key 'paid_from'"),
    case("staffing that comes too early", "slip_months = {",
         "staffing_late_months = -1\nslip_months = {",
         "practice_models.together.staffing_late_months", "at least 0", "-1"),
    case("a triangular slip without its ends", 'spread = "triangular", low = -2, high = 6',
         'spread = "triangular", p10 = -2, p90 = 6',
         "practice_models.together.slip_months", "low and high with uniform or triangular"),
    case("a triangular slip that does not hold its value", "low = -2, high = 6",
         "low = 2, high = 6",
         "practice_models.together.slip_months", "value 0", "between low 2 and high 6"),
    case("an effect on an unknown workforce", 'targets = ["social_workers"]',
         'targets = ["social_work"]',
         "practice_models.together.effects.retention.targets",
         "unknown workforce 'social_work'", "did you mean 'social_workers'?"),
    case("an effect that stops all turnover", "ratio = 0.97", "ratio = 0",
         "practice_models.together.effects.retention.ratio", "cannot be multiplied by 0"),
    case("an effect with more agency workers than appointments",
         'kind = "turnover"\ntargets = ["social_workers"]\nratio = 0.97',
         'kind = "agency"\ntargets = ["social_workers"]\nratio = 2.5',
         "practice_models.together.effects.retention.ratio", "0.5", "1.25", "got 2.5, lower it"),
    case("a reform by an unknown practice model", '[reform]\npractice_model = "together"',
         '[reform]\npractice_model = "togethr"',
         "reform.practice_model", "'togethr'", "did you mean 'together'?"),
    case("a reform with more than the effects", "low = 0, high = 0.5", "low = 0, high = 1.5",
         "reform.share", "between 0 and 1", "1.5 as an end of the range"),
    case("a reform whose months fall", "half_months = 9", "half_months = 31",
         "reform.half_months", "below ninety_months", "31 and 30"),
    case("a crisis on an unknown route", 'months = 24\ntargets = ["assessment.care"]',
         'months = 24\ntargets = ["assessment.cares"]',
         "service_crisis.targets", "'assessment.cares'", "did you mean 'assessment.care'?"),
    case("more than one crisis a year", "per_year = 0.02", "per_year = 2",
         "service_crisis.per_year", "at most 1", "got 2"),
    case("a negative chance of a crisis", "per_year = 0.02", "per_year = -0.1",
         "service_crisis.per_year", "at least 0", "-0.1"),
    case("a crisis that multiplies by nothing", "ratio = 1.5", "ratio = 0",
         "service_crisis.ratio", "above 0", "got 0"),
    case("a crisis that needs more than the remainder has", "ratio = 1.5", "ratio = 4",
         "service_crisis.ratio", "0.9", "'done'", "only 0.7", "lower the ratio"),
    case("an unknown mechanism", "[service_crisis]", "[mechanisms]\nturnovers = false\n\n"
         "[service_crisis]", "mechanisms.turnovers", "did you mean 'turnover'?"),
    case("a mechanism switched off in words", "[service_crisis]",
         '[mechanisms]\nturnover = "off"\n\n[service_crisis]',
         "mechanisms.turnover", "true or false", "'off'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "fragments"),
    [*TYPES_AND_KEYS, *PROBABILITIES, *STAYS, *STAFF_AND_MONEY, *WORKFORCES, *PRACTICE],
)
def test_a_scenario_is_refused_for(old, new, path, fragments):
    error = refusal((old, new))
    messages = {problem.path: problem.message for problem in error.problems}
    assert path in messages, str(error)
    for fragment in fragments:
        assert fragment in messages[path]


DEMANDING = ("half_months = 6, ninety_months = 24 }",
             "half_months = 6, ninety_months = 24 }\nteam_share = 0.4")  # fmt: skip
NO_SPECIALISTS = ('staffing = [{ team = "recovery", posts = 3, date = 2023-03-01 }]\n', "")


def test_specialists_demanded_by_an_arm_that_has_none_are_refused():
    error = refusal(DEMANDING, NO_SPECIALISTS)
    (problem,) = error.problems
    assert problem.path == "practice_models.together"
    assert "specialists demanded by arm 'together'" in problem.message
    assert "effects fewer_removed rest on them; add posts" in problem.message


def test_specialists_who_come_after_the_run_are_none():
    error = refusal(DEMANDING, ("posts = 3, date = 2023-03-01", "posts = 3, date = 2027-03-01"))
    assert "never has a specialist post" in error.problems[0].message


def test_an_arm_may_have_specialists_that_the_file_has_not():
    arm = '[arms.together]\npractice_model = "together"\n'
    posts = arm + 'assumption = "an example"\n[arms.together.set]\n"teams.recovery.posts" = 2\n'
    study = loads(changed(DEMANDING, NO_SPECIALISTS, (arm, posts)))
    assert study.arm("together").team("recovery").establishment[0].posts == 2
    # the arm of the change that makes them none is the one that is named
    other = '[arms.other]\npractice_model = "together"\n[arms.other.set]\n'
    error = refusal(DEMANDING, (arm, arm + other + '"practice_models.together.staffing" = []\n'))
    assert "by arm 'other'" in error.problems[0].message


def test_an_arm_without_a_practice_model_needs_no_specialists():
    arm = '[arms.together]\npractice_model = "together"\n'
    assert loads(changed(DEMANDING, NO_SPECIALISTS, (arm, "[arms.together]\n"))).arms


def staffed(change):
    return changed(("handover_days = 3", f"handover_days = 3\nchanges = [{{ {change} }}]"))


def test_staffing_before_the_start_is_no_fault():
    assert loads(changed()).warnings == ()
    assert loads(staffed("date = 2023-01-01, posts = 22")).warnings == ()


def test_a_loss_of_posts_after_the_run_is_only_a_warning():
    (said,) = loads(staffed("date = 2026-04-01, posts = 0")).warnings
    assert "the change of 2026-04-01 is after the run ends" in said


def test_a_loop_with_no_exit_is_refused_and_its_cycle_printed():
    error = refusal(
        ('done = { p = 0.7, to = "left" }', 'done = { p = 0.7, to = "review" }'),
        ('care = { p = 0.3, ages = "removed", share_of_children = 0.8, otherwise = "closed" }',
         'care = { p = 0.3, to = "review" }'),
        ('crisis = { per_day = 0.001, to = "care", ages = "removed" }\n', ""),
        ("[stages.care]", LOOP + "[stages.care]"),
    )  # fmt: skip
    (problem,) = error.problems
    assert problem.path == "stages.assessment.routes"
    assert "assessment → review → assessment" in problem.message
    assert "give one of them a route to an exit (adopted, closed, eighteen)" in problem.message


LOOP = """\
[stages.review]
stay = { mean = 30, unit = "days", shape = "fixed" }
routes = { assessment = { p = 1 } }
assumption = "an example"

"""


def test_several_errors_come_out_at_once_each_with_its_line():
    error = refusal(
        ("years = 3", "yeers = 3"),
        ("caseload = 18", 'caseload = "18"'),
        ("p = 0.7", "p = 0.6"),
        ('metric = "looked_after_at_end"', 'metric = "looked_after"'),
        ('serves = "alcohol"', 'serves = "alcool"'),
        ("growth = 0.035", "growth = 3.5"),
    )
    lines = error.args[0].splitlines()
    places = {problem.path: problem.line for problem in error.problems}
    wanted = (
        "study.yeers",
        "teams.safeguarding.caseload",
        "teams.recovery.serves",
        "stages.assessment.routes",
        "costs.foster_week.growth",
        "claims.0.metric",
    )
    assert set(wanted) <= set(places)
    text = changed(("years = 3", "yeers = 3"), ("caseload = 18", 'caseload = "18"')).splitlines()
    assert text[places["study.yeers"] - 1] == "yeers = 3"
    assert text[places["teams.safeguarding.caseload"] - 1] == 'caseload = "18"'
    assert text[places["claims.0.metric"] - 1] == 'metric = "looked_after_at_end"'
    assert [places[path] for path in wanted] == sorted(places[path] for path in wanted)
    assert all(line.startswith("scenario.toml:") for line in lines)


def test_a_wrong_value_is_not_followed_by_its_own_echoes():
    error = refusal(("p = 0.7", "p = 70"))
    assert [problem.path for problem in error.problems] == ["stages.assessment.routes.done.p"]


@pytest.mark.parametrize(
    ("text", "line", "column", "fragments"),
    [
        pytest.param("", None, None, ("is empty", "configs/minimal.toml"), id="an-empty-text"),
        pytest.param('{"study": {}}', 1, 1, ("looks like JSON", "key = value"), id="JSON"),
        pytest.param("study:\n  name: x\n", 1, 6, ("looks like YAML",), id="YAML"),
        pytest.param("[study]\nname = “x”\n", 2, 8, ("'“'", "Word"), id="smart-quotes"),
        pytest.param("a = 1\nb = 0,4\n", 2, None, ("'b = 0,4'", "a point"), id="a-decimal-comma"),
        pytest.param("b = .62\n", 1, 5, ("before the point", "write 0.62"), id="a-bare-point"),
        pytest.param("a = £1.2m\n", 1, None, ("£1.2m", "1200000"), id="pounds-in-millions"),
        pytest.param("a = 1,200\n", 1, None, ("1,200", "no commas"), id="thousands"),
        pytest.param("a = 1\na = 2\n", 2, None, ("given twice", "keep one"), id="a-key-twice"),
        pytest.param("[a]\n[b]\n[a]\n", 3, None, ("'a'", "keep one"), id="a-table-twice"),
        pytest.param("a = 1\nb = \n", 2, None, ("not TOML", "'b ='"), id="a-syntax-error"),
        pytest.param("a = \x00", 1, 5, ("NUL", "plain text"), id="a-NUL"),
        pytest.param("[" + "a." * 900 + "b]", None, None, ("too deeply",), id="a-long-header"),
        pytest.param("a = " + "[" * 60 + "]" * 60, None, None, ("too deeply",), id="60-levels"),
        pytest.param("a = " + "[" * 5000, None, None, ("too deeply",), id="deep-nesting"),
    ],
)
def test_a_text_that_is_no_scenario_is_refused_with_its_place(text, line, column, fragments):
    with pytest.raises(ConfigError) as caught:
        loads(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert column is None or problem.column == column
    for fragment in fragments:
        assert fragment in problem.message


def test_a_missing_file_is_refused_and_its_neighbours_named(tmp_path):
    (tmp_path / "bury.toml").write_text(EVERYTHING, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no such file; TOML files there: bury\.toml"):
        load(tmp_path / "burry.toml")
    with pytest.raises(ConfigError, match=r"no such file; CSV files there: none"):
        read(tmp_path / "counts.csv")


def test_a_folder_is_refused_as_a_scenario(tmp_path):
    with pytest.raises(ConfigError, match="is a folder; give the file in it"):
        load(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_with_its_place(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b'[study]\ntitle = "\xa3"\n')
    with pytest.raises(ConfigError, match=r"byte 0xa3.*save it as UTF-8") as caught:
        load(path)
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 10)


def test_a_file_over_five_megabytes_is_refused_unread(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"#" * 5_000_001)
    with pytest.raises(ConfigError, match="5,000,001 bytes; at most 5,000,000"):
        load(path)


def test_a_file_name_with_a_nul_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="NUL"):
        load(tmp_path / "a\0b.toml")


def test_files_that_extend_each_other_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a\.toml → b\.toml → a\.toml; take one extends out"):
        load(tmp_path / "a.toml")


def test_a_problem_in_an_extended_file_names_that_file_and_line(tmp_path):
    base = changed(("caseload = 18", "caseload = 0"))
    (tmp_path / "base.toml").write_text(base, encoding="utf-8")
    (tmp_path / "top.toml").write_text(
        'extends = "base.toml"\n[study]\nname = "top"\n', encoding="utf-8"
    )
    line = base.splitlines().index("caseload = 0") + 1
    with pytest.raises(ConfigError, match=rf"base\.toml, line {line}\)"):
        load(tmp_path / "top.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("teams.safeguarding.postss=3", "teams.safeguarding has no key 'postss'; did you mean"),
        ("teams.safegarding.posts=3", "did you mean 'safeguarding'"),
        ("posts", "write it as key.path=value"),
    ],
)
def test_a_change_to_nowhere_is_refused_with_the_nearest_key(change, message):
    with pytest.raises(UsageError, match=message):
        loads(EVERYTHING, sets=[change])


def test_a_change_to_nonsense_is_refused_like_the_file():
    with pytest.raises(ConfigError, match="write 1200, without commas"):
        loads(EVERYTHING, sets=["costs.foster_week.pounds=1,200"])


def test_an_unknown_arm_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="no such arm; did you mean 'together'"):
        loads(EVERYTHING, arms=["togeter"])


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        pytest.param('mean = 20, unit = "months"', 'mean = 270, unit = "months"',
                     "stages.care.routes.adopted.stay: mean 270 months is 22 years",
                     id="a-stay-of-decades"),
        pytest.param("{ lognormal = 0.6 }", "{ lognormal = 60 }", "in percent?", id="a-cv-of-60"),
        pytest.param("go_live = 2023-10-01", "go_live = 2033-10-01", "outside the run",
                     id="a-go-live-outside-the-run"),
        pytest.param("posts = 3, date = 2023-03-01", "posts = 3, date = 2033-10-01",
                     "the change of 2033-10-01 is after the run ends", id="staffing-too-late"),
        pytest.param("slip_months", "staffing_late_months = 60\nslip_months",
                     "staffing.0: the change of 2028-02-29 is after the run ends",
                     id="staffing-late-by-years"),
        pytest.param("handover_days = 3",
                     "handover_days = 3\nchanges = [{ date = 2026-04-01, posts = 22 }]",
                     "teams.safeguarding.changes.0: the change of 2026-04-01 is after the run ends",
                     id="a-change-after-the-run"),
        pytest.param("low = -2, high = 6", "low = -8, high = 6",
                     "go_live: 2023-10-01, with slip_months 2023-01-30 to 2024-04-01, is outside",
                     id="a-slip-to-before-the-run"),
        pytest.param("low = -2, high = 6", "low = -2, high = 40",
                     "is outside the run", id="a-slip-past-the-run"),
        pytest.param("date = 2023-06-30, seats", "date = 2023-03-31, seats",
                     "courses.0: the course of 2023-03-31 is before the run starts: its seats go "
                     "to those in post on the first day", id="a-course-before-the-run"),
        pytest.param("date = 2023-12-31, seats", "date = 2026-04-01, seats",
                     "courses.1: the course of 2026-04-01 is after the run ends",
                     id="a-course-after-the-run"),
        pytest.param('date = 2023-10-01 }', 'date = 2026-04-01 }',
                     "time_freed: 2026-04-01 is after the run ends", id="time-freed-too-late"),
        pytest.param("date = 2025-04-01", "date = 2026-04-01",
                     "reform.date: 2026-04-01 is after the run ends", id="a-reform-too-late"),
        pytest.param('unit = "children"', 'unit = "£"', "£26 is small for a claim: £ or £k?",
                     id="pounds-or-thousands"),
        pytest.param("[stages.care]", LOOP + "[stages.care]",
                     "stages.review: no stream and no route leads here", id="a-lonely-stage"),
    ],
)  # fmt: skip
def test_a_doubtful_scenario_runs_with_a_warning(old, new, warning):
    assert any(warning in said for said in loads(changed((old, new))).warnings)


def test_a_case_that_comes_back_a_thousand_times_is_warned_of():
    study = loads(
        changed(
            ("closed = 0.75, assessment = 0.25", "closed = 0, assessment = 1"),
            ("p = 0.7", "p = 0.9995"),
            ("p = 0.3", "p = 0.0005"),
            ("ratio = { value = 0.8, p10 = 0.7, p90 = 0.9 }", "ratio = 1"),
        )
    )
    assert any("comes here 2,000 times on average" in said for said in study.warnings)
