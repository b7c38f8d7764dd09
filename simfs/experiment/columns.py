"""Numbers of many futures on disk, laid out so that one metric is read without the others.

The file has no name: it costs nothing but disk while the run lasts, and goes with its owner,
however that ends. The journal holds the same numbers safely; this is only another order of them.
"""

import weakref
from pathlib import Path
from tempfile import TemporaryFile
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from simfs.errors import RunError
from simfs.experiment.files import PART

Number = TypeVar("Number", bound=np.generic)


class ColumnFile(Generic[Number]):
    """A table [arm, future, period, metric] in the order [metric][arm][future, period] on disk.

    Read and written, never mapped: pages of a mapped file count as memory of the process.

    Attributes:
        shape: arms, futures, periods and metrics.
    """

    def __init__(self, folder: Path, shape: tuple[int, int, int, int], kind: type[Number]) -> None:
        self.shape = shape
        self._kind = np.dtype(kind)
        self._row = shape[2] * self._kind.itemsize
        self._file = TemporaryFile(buffering=0, dir=folder, prefix=".", suffix=PART)
        weakref.finalize(self, self._file.close)
        try:
            self._file.truncate(shape[0] * shape[1] * shape[3] * self._row)
        except (OSError, OverflowError) as error:
            raise RunError(f"so many futures do not fit on the disk ({error})") from None

    def put(self, first: int, rows: NDArray[Number]) -> None:
        """Put futures from number `first` in their places; rows [future, arm, period, metric]."""
        columns = np.ascontiguousarray(rows.transpose(3, 1, 0, 2), dtype=self._kind)
        for metric, arms in enumerate(columns):
            for arm, values in enumerate(arms):
                self._seek(arm, metric, first)
                left = memoryview(values.tobytes())
                while left:
                    left = left[self._file.write(left) :]

    def column(self, arm: int, metric: int, futures: slice) -> NDArray[Number]:
        """One metric of one arm by number, [future, period]."""
        first, end, _ = futures.indices(self.shape[1])
        content = bytearray((end - first) * self._row)
        self._seek(arm, metric, first)
        left = memoryview(content)
        while left:
            read = self._file.readinto(left)
            if not read:
                raise RunError("a file of this run was cut short while it was read; run it again")
            left = left[read:]
        return np.frombuffer(content, dtype=self._kind).reshape(-1, self.shape[2])

    def _seek(self, arm: int, metric: int, first: int) -> None:
        self._file.seek(((metric * self.shape[0] + arm) * self.shape[1] + first) * self._row)
