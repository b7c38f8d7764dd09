"""Any number of a scenario in the words of people, from where it stands in the file."""

from simfs.report.influences import number_words
from simfs.scenario.complete import words as in_words
from simfs.scenario.scenario import Scenario, Study

LAST = {
    "mean": "mean stay",
    "median": "median stay",
    "lognormal": "spread of stays",
    "weibull": "shape of stays",
    "gamma": "shape",
    "p": "chance",
    "per_day": "chance of a crisis, a day of waiting",
    "opening": "children at the start",
    "opening_after": "days before it of those who are there at the start",
    "share": "share",
    "per_year": "cases a year",
    "posts": "posts",
    "add": "posts added",
    "caseload": "cases a worker",
    "handover_days": "days that a new worker takes",
    "pounds": "sum",
    "growth": "growth of the price",
    "per": "units that share the price",
    "spell_cv": "spread of the price between children",
    "returns_to": "level that it is drawn to",
    "sd": "how far it wanders",
    "half_life_months": "how long it wanders",
    "half_months": "time to half of it",
    "ninety_months": "time to nine tenths of it",
    "start_months": "delay of its start",
    "slip_months": "months that go-live comes later",
    "seats": "seats",
    "early": "how early in the first band",
    "needs": "chance of a need",
}


def words_of(study: Study) -> dict[str, str]:
    """Every number of the ledger in words, by key path; the same words may fit several."""
    known: dict[str, str] = {}
    for arm in study.arms:
        known |= number_words(arm)
    labels = _labels(study.arms)
    return {row.path: known.get(row.path) or _words(row.path, labels) for row in study.ledger}


def _words(path: str, labels: dict[tuple[str, ...], str]) -> str:
    """The labels of the tables above a number, then what it is."""
    parts = path.split(".")
    told: list[str] = []
    for depth in range(1, len(parts)):
        label = labels.get(tuple(parts[:depth]))
        if label:
            told.append(label)
    rest = [part for part in parts[1:-1] if part in ("crisis", "training", "time_freed", "needs")]
    last = LAST.get(parts[-1], in_words(parts[-1]).lower())
    if parts[0] in ("placement_mixes", "splits", "age_mixes", "families", "needs", "reform"):
        told = [in_words(parts[0]), *(in_words(p).lower() for p in parts[1:-1] if p != "shares")]
    place = ", ".join([*(told or [in_words(parts[0])]), *(in_words(part).lower() for part in rest)])
    return f"{place}: {last}"


def _labels(arms: tuple[Scenario, ...]) -> dict[tuple[str, ...], str]:
    """Labels by the path of their table."""
    found: dict[tuple[str, ...], str] = {}
    for arm in arms:
        for stage in arm.pathway.stages:
            found["stages", stage.key] = stage.label
            for route in stage.routes:
                found["stages", stage.key, "routes", route.key] = f"to “{route.label}”"
        for team in arm.teams:
            found["teams", team.key] = team.label
        for workforce in arm.workforces:
            found["workforces", workforce.key] = workforce.label
        for stream in arm.demand.streams:
            found["streams", stream.key] = stream.label
        for cost in arm.prices.costs:
            found["costs", cost.key] = cost.label
        for walk in arm.walks:
            found["drift", walk.key] = walk.label
        practice = arm.practice
        if practice is not None:
            place = ("practice_models", practice.key)
            found[place] = practice.label
            for effect in practice.effects:
                found[*place, "effects", effect.key] = effect.label
            for item in practice.investments:
                found[*place, "investments", item.key] = item.label
    return found
