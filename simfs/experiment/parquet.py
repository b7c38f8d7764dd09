"""Tables as files, Parquet and CSV: the one place that knows the library for them."""

from collections.abc import Iterable, Mapping, Sequence
from gzip import GzipFile
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv, parquet

Column = Sequence[object] | NDArray[np.int64]


def write_parquet(path: Path, blocks: Iterable[Mapping[str, Column]]) -> None:
    """Write blocks of rows, a row group each, under the column names of the first.

    A column that mixes numbers and words is written as words. Equal blocks make equal bytes.
    """
    writer: parquet.ParquetWriter | None = None
    try:
        for block in blocks:
            columns = {name: _typed(column) for name, column in block.items()}
            table = pa.table(columns, schema=writer.schema if writer else None)
            if writer is None:
                writer = parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def write_csv(stream: IO[bytes] | GzipFile, blocks: Iterable[Mapping[str, Column]]) -> None:
    """Write blocks of rows as CSV without quotes; a word in them that needs quotes is refused."""
    plain = csv.WriteOptions(include_header=False, quoting_style="none")
    for number, block in enumerate(blocks):
        if number == 0:
            stream.write((",".join(block) + "\n").encode())
        csv.write_csv(pa.table(dict(block)), stream, plain)


def parquet_of_csv(content: bytes) -> bytes:
    """A CSV file's rows as a Parquet file, each column in the type its values have."""
    sink = pa.BufferOutputStream()
    table = csv.read_csv(pa.BufferReader(content))
    parquet.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _typed(column: Column) -> Column:
    if isinstance(column, np.ndarray) or len({type(value) for value in column}) <= 1:
        return column
    return [str(value) for value in column]
