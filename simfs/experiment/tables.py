"""The numbers of every future, in full, as tables that other programs read."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from simfs.analysis.outcomes import Outcomes
from simfs.experiment.parquet import Column, write_csv, write_parquet

BLOCK = 1000  # futures of an arm that are held as rows at once
PACKING = 4  # of nine: the default of 6 takes three times as long for a file 4% smaller

_FIRST_COLUMNS = (
    ("arm", "Arm", "key"),
    ("future", "Number of the future, from 0; the same in every arm", "number"),
    ("draw", "Draw of the uncertain parameters", "number"),
    ("drift", "Drift of the authority within the draw", "number"),
    ("luck", "Luck within the draw", "number"),
    ("financial_year", "April to March", "label"),
)


def write_futures(outcomes: Outcomes, folder: Path) -> None:
    """Write futures.parquet, futures.csv.gz and columns.csv.

    A row is one arm, future and financial year; a column is a yearly metric, a whole number.
    """
    write_parquet(folder / "futures.parquet", _blocks(outcomes))
    with (
        (folder / "futures.csv.gz").open("wb") as file,
        # Without name and time in its head, the file depends on its rows alone.
        gzip.GzipFile("", "wb", PACKING, file, mtime=0) as packed,
    ):
        write_csv(packed, _blocks(outcomes))
    with (folder / "columns.csv").open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["column", "label", "unit"])
        writer.writerows(_FIRST_COLUMNS)
        writer.writerows((m.key, m.label, m.unit) for m in outcomes.metrics)


def write_trace(columns: Mapping[str, Sequence[object]], path: Path) -> None:
    """Write the events of one future as Parquet or CSV, by the ending of the name."""
    if path.suffix == ".parquet":
        write_parquet(path, [columns])
        return
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _blocks(outcomes: Outcomes) -> Iterator[dict[str, Column]]:
    years = outcomes.years
    for arm in outcomes.arms:
        for first in range(0, outcomes.futures, BLOCK):
            part = slice(first, min(first + BLOCK, outcomes.futures))
            futures = np.arange(part.start, part.stop, dtype=np.int64)
            block: dict[str, Column] = {
                "arm": [arm] * len(futures) * len(years),
                "future": np.repeat(futures, len(years)),
                "draw": np.repeat(outcomes.draws[part], len(years)),
                "drift": np.repeat(outcomes.drifts[part], len(years)),
                "luck": np.repeat(outcomes.lucks[part], len(years)),
                "financial_year": list(years) * len(futures),
            }
            block |= {m.key: outcomes.of(arm, m.key, part).reshape(-1) for m in outcomes.metrics}
            yield block
