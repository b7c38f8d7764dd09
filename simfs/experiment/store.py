"""A results folder: who may write in it, what it holds, and how it is finished.

The folder is held by a lock of the operating system, which is gone when its owner dies. The
journal keeps finished futures; the files for readers are written aside, renamed into place, and
vouched for by the manifest, which comes last. Times go to the log, so everything else is
byte-equal from run to run.
"""

import difflib
import hashlib
import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from simfs.engine.tally import IntArray
from simfs.errors import StoreError
from simfs.experiment.files import PART, sha256_of, sync_file, sync_folder, write_whole
from simfs.experiment.journal import Chunk, Identity, read_chunks, write_chunk

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SCHEMA = 1
MOST_ARMS = 6  # that are told by name
# that shape the files
LIBRARIES = (
    "jinja2", "matplotlib", "numba", "numpy", "pyarrow", "scipy", "simpy", "xlsxwriter",
)  # fmt: skip
_LOCK, _MANIFEST, _LOG, _RESOLVED = ".lock", "manifest.json", "log.jsonl", "config.resolved.toml"
_JOURNAL, _STAGING, _RUN = "journal", ".staging", "run.json"
_REMEMBERED = ".numbers"
_OURS = {_LOCK, _STAGING, _LOG}
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def check_folder(
    folder: Path, *, resume: bool = False, force: bool = False, new_parent: bool = False
) -> None:
    """Refuse a folder that a run may not use, before anything is written.

    Args:
        folder: where results are to go.
        resume: continue the run that is there.
        force: replace the run that is there.
        new_parent: the folder above may be made too.

    Raises:
        StoreError: what is wrong with it, and the way out.
    """
    if resume and force:
        raise StoreError("--force starts afresh and --resume continues: give one of the two")
    _check_name(folder)
    if folder.resolve() == Path(folder.resolve().anchor):
        raise StoreError(f"{folder} is the root of the disk; give a folder of its own for results")
    if folder.is_symlink():
        raise StoreError(f"{folder} is a link to {folder.resolve()}; give that folder itself")
    if not folder.parent.is_dir() and not new_parent:
        raise StoreError(f"{folder}: there is no folder {folder.parent}; make it first")
    if not folder.exists():
        if resume:
            raise StoreError(f"{folder} holds no run to resume; leave out --resume to start one")
        return
    if not folder.is_dir():
        raise StoreError(f"{folder} is a file; give a folder")
    _check_links(folder)
    _check_content(folder, resume=resume, force=force)


def _check_name(folder: Path) -> None:
    name = folder.name or folder.resolve().name
    odd = [c for c in str(folder) if not c.isprintable()]
    if odd:
        raise StoreError(f"{str(folder)!r}: a folder's name cannot hold {odd[0]!r}")
    if len(name.encode()) > 200:
        raise StoreError(f"{name[:40]}…: a folder's name of {len(name)} letters is too long")
    if _RESERVED.fullmatch(name) or name != name.strip() or (name.endswith(".") and name != ".."):
        raise StoreError(f"{name!r} cannot be a folder's name on every system; choose another")
    if name.startswith("-"):
        raise StoreError(f"{name!r} looks like an option, not a folder; choose another name")


def _check_links(folder: Path) -> None:
    home = folder.resolve()
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise StoreError(f"{path} is a link that leaves the folder; remove it")


def _check_content(folder: Path, *, resume: bool, force: bool) -> None:
    if (folder / _JOURNAL / _RUN).exists():
        if not (resume or force):
            raise StoreError(
                f"{folder} holds {_described(folder)}; --resume continues it, --force replaces it, "
                "--out names another folder"
            )
        return
    foreign = sorted(p.name for p in folder.iterdir() if p.name not in {*_OURS, _JOURNAL})
    if foreign:
        raise StoreError(
            f"{folder} is not empty and not a results folder of simfs (it holds {foreign[0]!r}); "
            "give an empty or a new folder"
        )
    if resume:
        raise StoreError(f"{folder} holds no run to resume; leave out --resume to start one")


def _described(folder: Path) -> str:
    identity, futures = stored_run(folder)
    return f"a run of {futures} futures (seed {identity.seed})"


def stored_run(folder: Path) -> tuple[Identity, int]:
    """Identity and intended number of futures of the run that a folder holds.

    Raises:
        StoreError: there is no run, or its record cannot be read, is damaged or of another form.
    """
    path = folder / _JOURNAL / _RUN
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        schema = record.pop("schema")
        if schema != SCHEMA:
            raise StoreError(
                f"{folder} is a results folder of form {schema}, made by simfs "
                f"{record.get('simfs', 'of another version')}, and this one reads form {SCHEMA}; "
                "run it again with --force, or install that version"
            )
        futures = int(record.pop("futures"))
        return Identity(**{**record, "arms": tuple(record["arms"])}), futures
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"{folder} is not a results folder of simfs") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path} is damaged ({error}); --force starts afresh") from None


class Store:
    """A results folder, held under its lock from opening to closing.

    Attributes:
        folder: the folder.
        identity: of the run that it holds.
        futures: how many that run is to have.
    """

    def __init__(self, folder: Path, identity: Identity, futures: int, lock: IO[bytes]) -> None:
        self.folder = folder
        self.identity = identity
        self.futures = futures
        self._lock = lock

    @classmethod
    def for_run(
        cls,
        folder: Path,
        identity: Identity,
        resolved: str,
        futures: int,
        *,
        resume: bool = False,
        force: bool = False,
        new_parent: bool = False,
    ) -> Self:
        """Take a folder for a run: new, continued or replaced, as `check_folder` says.

        Raises:
            StoreError: the folder cannot be used, or holds another run than the one to resume.
        """
        running = (folder / _LOCK).exists() and not folder.is_symlink()
        if not running:
            check_folder(folder, resume=resume, force=force, new_parent=new_parent)
        lock = _locked(folder)
        try:
            check_folder(folder, resume=resume, force=force)
            if resume:
                _check_same_run(folder, identity, resolved, futures)
            elif force:
                _clear(folder)
            store = cls(folder, identity, futures, lock)
            store._begin(resolved)
        except OSError as error:
            lock.close()
            raise _unwritable(folder, error) from None
        except BaseException:
            lock.close()
            raise
        return store

    @classmethod
    def of_results(cls, folder: Path) -> Self:
        """Take a folder that holds a run, to write its files again."""
        identity, futures = stored_run(folder)
        _check_links(folder)
        return cls(folder, identity, futures, _locked(folder))

    def _begin(self, resolved: str) -> None:
        journal = self.folder / _JOURNAL
        journal.mkdir(exist_ok=True)
        for left in [*self.folder.glob(f".*{PART}"), *journal.glob(f".*{PART}")]:
            left.unlink()
        record = {"schema": SCHEMA, **asdict(self.identity), "futures": self.futures}
        write_whole(journal / _RESOLVED, resolved.encode())
        # The run's record comes last: with it the folder counts as holding a run.
        write_whole(journal / _RUN, _as_json(record))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()

    def check_resolved(self) -> None:
        """Refuse a scenario that is not the one the run was made from.

        Raises:
            StoreError: it was changed or torn since, or is gone.
        """
        try:
            found = sha256_of(self.resolved)
        except OSError as error:
            raise StoreError(f"{self.resolved} cannot be read ({error.strerror})") from None
        if found != self.identity.config:
            raise StoreError(
                f"{self.resolved} is not the scenario that the run in {self.folder} was made from: "
                "it was changed or torn since; run it again with --force, or into another folder"
            )

    @property
    def resolved(self) -> Path:
        """The resolved scenario that the run began with."""
        return self.folder / _JOURNAL / _RESOLVED

    @property
    def scratch(self) -> Path:
        """Where what the run needs on disk only while it lasts may be put."""
        return self.folder / _JOURNAL

    def keep(self, chunk: Chunk) -> None:
        """Put a finished chunk in the journal."""
        write_chunk(self.folder / _JOURNAL, chunk, self.identity)

    def kept(self) -> Iterator[Chunk]:
        """The sound chunks of the journal in order; damaged ones are removed and logged."""
        for path, chunk in read_chunks(self.folder / _JOURNAL, self.identity):
            if chunk is None:
                path.unlink()
                self.log("damaged", file=path.name)
            else:
                yield chunk

    def remembered(self, name: str, compute: Callable[[], IntArray]) -> IntArray:
        """Whole numbers that follow from the run's identity and a name, computed once.

        They stand in the journal behind a checksum; what is torn or missing is computed again.
        """
        path = self.folder / _JOURNAL / f"{name}{_REMEMBERED}"
        with suppress(OSError):
            stored = path.read_bytes()
            seal, content = stored[:32], stored[32:]
            if hashlib.sha256(content).digest() == seal:
                return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
        found = compute()
        packed = io.BytesIO()
        np.save(packed, found, allow_pickle=False)
        content = packed.getvalue()
        write_whole(path, hashlib.sha256(content).digest() + content)
        return found

    def log(self, event: str, **details: object) -> None:
        """Add a line with the time to the log, the one file that differs between equal runs."""
        line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **details}
        with (self.folder / _LOG).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def publish(self, writers: Iterable[Callable[[Path], object]]) -> None:
        """Write the files for readers aside, move them into place, and vouch for them.

        Args:
            writers: each puts its files in the folder that it is given.
        """
        staging = self.folder / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            shutil.copyfile(self.resolved, staging / _RESOLVED)
            for write in writers:
                write(staging)
            self._move_into_place(staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def add(self, name: str, content: bytes) -> None:
        """Put one more file beside those for readers, and have the manifest vouch for it too.

        It stays until the run in the folder changes; whoever writes the others again keeps it.

        Raises:
            StoreError: the folder has no files for readers yet.
        """
        record = self._manifest()
        if record is None:
            raise StoreError(
                f"{self.folder} has no {_MANIFEST} that can be read: give simfs report "
                f"{self.folder} first"
            )
        write_whole(self.folder / name, content)
        record["files"][name] = sha256_of(self.folder / name)
        write_whole(self.folder / _MANIFEST, _as_json(record))

    def added(self, name: str) -> bytes | None:
        """A file that `add` put there, or None where the manifest vouches for none of that name.

        Raises:
            StoreError: it is not what simfs wrote, or is gone.
        """
        record = self._manifest()
        digest = record["files"].get(name) if record else None
        if digest is None:
            return None
        path = self.folder / name
        way_out = f"put it back, or make it again; without it, take {name} out of {_MANIFEST}"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path} cannot be read ({error.strerror}); {way_out}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreError(
                f"{path} is not the file that simfs wrote: its SHA-256 differs from the one in "
                f"{_MANIFEST}; {way_out}"
            )
        return content

    def _manifest(self) -> dict[str, Any] | None:
        """The manifest's record; None where there is none that can be read."""
        try:
            record: dict[str, Any] = json.loads(
                (self.folder / _MANIFEST).read_text(encoding="utf-8")
            )
            return record if isinstance(record["files"], dict) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _move_into_place(self, staging: Path) -> None:
        names = sorted(p.relative_to(staging) for p in staging.rglob("*") if p.is_file())
        manifest = {name.as_posix(): sha256_of(staging / name) for name in names}
        _remove_published(self.folder)
        for name in names:
            sync_file(staging / name)
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(self.folder / name)
        for parent in {(self.folder / name).parent for name in names}:
            sync_folder(parent)
        record = {
            "schema": SCHEMA,
            **asdict(self.identity),
            "futures": self.futures,
            "libraries": _versions(),
            "files": manifest,
        }
        write_whole(self.folder / _MANIFEST, _as_json(record))


def _versions() -> dict[str, str]:
    """Versions of the libraries that are here; without numba the reference engine works alone."""
    found = {}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _as_json(record: object) -> bytes:
    return (json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _check_same_run(folder: Path, identity: Identity, resolved: str, futures: int) -> None:
    """Refuse to put futures of different runs side by side, or to make a run shorter."""
    there, futures_there = stored_run(folder)
    if there == identity:
        if futures < futures_there:
            raise StoreError(
                f"{folder} holds a run of {futures_there} futures, which --resume completes or "
                f"extends: --reps must be {futures_there} or more, got {futures}; --force "
                "replaces it, --out names another folder"
            )
        return
    lines = [
        f"{name}: {_short(getattr(there, name))} there, {_short(getattr(identity, name))} here"
        for name in ("seed", "simfs", "engine", "arms")
        if getattr(there, name) != getattr(identity, name)
    ]
    if there.config != identity.config:
        before = (folder / _JOURNAL / _RESOLVED).read_text(encoding="utf-8").splitlines()
        changes = [
            line
            for line in difflib.unified_diff(before, resolved.splitlines(), lineterm="", n=0)
            if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        lines += ["the scenario differs (- there, + here):", *changes[:12]]
        lines += [f"… and {len(changes) - 12} lines more"] if len(changes) > 12 else []
    raise StoreError(
        f"{folder} holds another run, which cannot be resumed with this one:\n  "
        + "\n  ".join(lines)
        + "\n--force replaces it, --out names another folder"
    )


def _short(value: object) -> object:
    """A value as it is told; of many arms only how many."""
    return f"{len(value)} arms" if isinstance(value, tuple) and len(value) > MOST_ARMS else value


def _remove_published(folder: Path) -> None:
    """Remove the files that the manifest names, the manifest first; nothing else is touched."""
    path = folder / _MANIFEST
    try:
        names = list(json.loads(path.read_text(encoding="utf-8"))["files"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        names = []
    path.unlink(missing_ok=True)
    home = folder.resolve()
    for name in names:
        # A manifest is a file that anyone may edit: it cannot name what lies outside the folder.
        if (folder / name).resolve().is_relative_to(home):
            (folder / name).unlink(missing_ok=True)
            _remove_if_empty((folder / name).parent, home)


def _remove_if_empty(folder: Path, home: Path) -> None:
    if folder.resolve() != home and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _clear(folder: Path) -> None:
    _remove_published(folder)
    journal = folder / _JOURNAL
    chunks, numbers = journal.glob("futures-*.chunk"), journal.glob(f"*{_REMEMBERED}")
    for path in [journal / _RUN, journal / _RESOLVED, *chunks, *numbers]:
        path.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"{folder} cannot be written to ({error.strerror}); use --out")


def _locked(folder: Path) -> IO[bytes]:
    """Hold the folder's lock; it is let go when the file is closed or its owner dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("ab")
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        if sys.platform == "win32":
            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StoreError(f"another run is at work in {folder}; wait for it, or use --out") from None
    return lock
