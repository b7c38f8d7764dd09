"""What every column of the tables of a grid of plans is, in plain words, as a table of its own."""

from collections.abc import Iterator, Mapping

from simfs.analysis.plan_table import PlanTable
from simfs.report.tables import Value, csv_file

NAME = "columns.csv"
PER_STEP = "_per_100k"
MARK = "utf-8-sig"
ENDINGS = (
    ("_low", "lower end of the 95% interval of the mean"),
    ("_high", "upper end of the 95% interval of the mean"),
    ("_p10", "one future in ten is below this"),
    ("_p90", "one future in ten is above this"),
    ("_to_plan", "less the same figure of the file's own plan, in the same futures"),
    (PER_STEP, "change for each £100,000 a year that the step costs"),
)
OF_FIGURE = "as the figure of the row"
KNOWN: Mapping[str, tuple[str, str]] = {
    "plan": ("name of the plan, the same in all tables; as_planned is the file's own plan", ""),
    "words": ("the plan, or what is claimed, in words", ""),
    "figure": ("which figure the row is of, named as in plans.csv", ""),
    "part": ("mean of all plans, one factor by itself, or what two do only together", ""),
    "factor": ("what was varied, named as its column in plans.csv", ""),
    "level": ("its level", "as in plans.csv"),
    "other_factor": ("the second factor, where two do something together", ""),
    "other_level": ("its level", "as in plans.csv"),
    "amount": ("how far the level moves the figure from the mean of all plans", OF_FIGURE),
    "share": ("of the variation between plans, luck taken off", "0 to 1"),
    "clear": ("whether it is more than luck", "yes or no"),
    "cost": ("extra cost of the plan's posts, every post filled", "£ a year"),
    "value": ("the figure of the plan", OF_FIGURE),
    "on_frontier": ("whether no plan that costs no more does better", "yes or no"),
    "efficient": ("whether no mixture of two other plans does better either", "yes or no"),
    "beaten_by": ("the plan that beats it most surely", ""),
    "gap": ("that plan's figure less this one's; interval wide enough for all pairs", OF_FIGURE),
    "along": ("which row of plans the step is of: a frontier, or one factor at a time", ""),
    "from": ("the plan where the step begins", ""),
    "to": ("the plan where the step ends", ""),
    "from_words": ("the plan where the step begins, in words", ""),
    "to_words": ("the plan where the step ends, in words", ""),
    "cost_of_whole_step": ("what the second plan's posts cost more than the first's", "£ a year"),
    "claim": ("name of the claim in the file", ""),
    "period": ("financial years of the claim", ""),
    "unit": ("unit of the row's figures", ""),
    "mean": ("mean of what is claimed, over all futures", "as the unit of the row"),
    "p_expected": ("how likely the claim holds once luck is averaged out", "0 to 1"),
    "p_outturn": ("how likely the figure meets the claim, whatever the reason", "0 to 1"),
    "p_coupled": ("how often the same families, followed twice, show what is claimed", "0 to 1"),
    "effective_n": ("independent futures that the chances are worth", "futures"),
    "reason": ("why a chance is not told", ""),
    "id": ("name of the published sum", ""),
    "reading": ("how the paper is read", ""),
    "source": ("the paper", ""),
    "paragraph": ("where in the paper", ""),
    "teams": ("the teams whose posts are meant", ""),
    "demand_of": ("whose work is counted", ""),
    "arm": ("whose futures are counted", ""),
    "what_it_is": ("the figure in words", ""),
    "central": ("the figure at central prices and caseloads", "as the unit of the row"),
    "p10": ("one draw in ten of what is not known is below this", "as the unit of the row"),
    "p90": ("one draw in ten of what is not known is above this", "as the unit of the row"),
    "draws": ("draws of what is not known", "draws"),
}  # fmt: skip


def columns_csv(table: PlanTable, files: Mapping[str, bytes]) -> bytes:
    """A row for every column of every table: where it stands, what it is, and its unit.

    Raises:
        KeyError: a column is described nowhere.
    """
    return csv_file(["file", "column", "what_it_is", "unit"], _rows(table, files))


def _rows(table: PlanTable, files: Mapping[str, bytes]) -> Iterator[list[Value]]:
    for name, content in files.items():
        if name.endswith(".csv"):
            for head in content.decode(MARK).partition("\n")[0].split(","):
                yield [name, head, *described(table, head)]


def described(table: PlanTable, head: str) -> tuple[str, str]:
    """What a column is and its unit; raises KeyError."""
    for factor in table.planned.plans.factors:
        if head == factor.key:
            return f"level of what was varied: {factor.label}", factor.variable.kind.value
    for figure in table.figures:
        if head == figure.key:
            return figure.label, "0 to 1" if figure.unit == "share" else figure.unit
    if head in KNOWN:
        return KNOWN[head]
    for ending, words in ENDINGS:
        if head.endswith(ending):
            what, unit = described(table, head.removesuffix(ending))
            return f"{words}: {what}", unit
    raise KeyError(head)
