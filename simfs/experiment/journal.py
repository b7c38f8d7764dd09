"""The journal: finished futures on disk, in chunks that prove their own completeness.

A chunk file is a magic line, a header line of JSON, the raw little-endian numbers, and the SHA-256
of all that. A file that is torn, flipped or of another run is recognised and its futures are run
again; one that is sound is never run again. Parquet would not do: its footer comes last.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simfs.experiment.files import write_whole

MAGIC = b"simfs journal 1\n"
WEEKLY_FUTURES = 2000  # weekly tables are kept for these first futures only, so disk stays flat
_NAME = re.compile(r"futures-(\d{10})-(\d{10})\.chunk")
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two runs the same run: their futures may then stand side by side.

    Attributes:
        config: SHA-256 of the resolved scenario.
        arms: keys, baseline first.
        seed: of the run.
        engine: that simulated.
        simfs: version.
    """

    config: str
    arms: tuple[str, ...]
    seed: int
    engine: str
    simfs: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Finished futures that follow each other.

    Attributes:
        first: number of the first future.
        yearly: int64[future, arm, year, metric].
        weekly: float32[future, arm, week, weekly metric]; no futures in it from number
            `WEEKLY_FUTURES` on.
    """

    first: int
    yearly: NDArray[np.int64]
    weekly: NDArray[np.float32]

    @property
    def end(self) -> int:
        """Number of the future after the last."""
        return self.first + len(self.yearly)

    @property
    def name(self) -> str:
        """Name of the chunk's file."""
        return f"futures-{self.first:010d}-{self.end:010d}.chunk"


def encode(chunk: Chunk, identity: Identity) -> bytes:
    """The content of a chunk's file."""
    header = {
        **asdict(identity),
        "first": chunk.first,
        "yearly": chunk.yearly.shape,
        "weekly": chunk.weekly.shape,
    }
    body = b"".join(
        [
            MAGIC,
            json.dumps(header, sort_keys=True).encode(),
            b"\n",
            chunk.yearly.astype("<i8").tobytes(),
            chunk.weekly.astype("<f4").tobytes(),
        ]
    )
    return body + hashlib.sha256(body).digest()


def decode(content: bytes, identity: Identity) -> Chunk | None:
    """The chunk of a file's content, or None if it is not whole or of another run."""
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if not body.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    try:
        return _read(body[len(MAGIC) :], identity)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # whole, but not as this program writes it


def _read(body: bytes, identity: Identity) -> Chunk | None:
    line, _, numbers = body.partition(b"\n")
    header = json.loads(line)
    first, yearly, weekly = header.pop("first"), header.pop("yearly"), header.pop("weekly")
    if header != json.loads(json.dumps(asdict(identity))):
        return None
    split = 8 * int(np.prod(yearly, dtype=np.int64))
    return Chunk(
        first,
        np.frombuffer(numbers[:split], dtype="<i8").astype(np.int64).reshape(yearly),
        np.frombuffer(numbers[split:], dtype="<f4").astype(np.float32).reshape(weekly),
    )


def write_chunk(folder: Path, chunk: Chunk, identity: Identity) -> None:
    """Keep a finished chunk."""
    write_whole(folder / chunk.name, encode(chunk, identity))


def read_chunks(folder: Path, identity: Identity) -> Iterator[tuple[Path, Chunk | None]]:
    """Every chunk file in order of future, with its chunk, or None where it is damaged."""
    for path in sorted(folder.glob("futures-*.chunk")):
        if _NAME.fullmatch(path.name):
            chunk = decode(path.read_bytes(), identity)
            yield path, chunk if chunk is not None and chunk.name == path.name else None
