"""How files come to be: whole or not at all.

A file is written under a temporary name, pushed to the disk and renamed. A run that is killed at
any moment leaves temporary names behind, never half a file under a final one.
"""

import hashlib
import os
from pathlib import Path

PART = ".part"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name only ever shows the old content or the new, never half."""
    temporary = path.with_name(f".{path.name}{PART}")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Push a written file to the disk, so that a rename cannot overtake its content."""
    # Windows flushes only handles that may write.
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Push a folder's names to the disk; systems that cannot open folders order renames alone."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
