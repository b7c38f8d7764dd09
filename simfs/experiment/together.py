"""Files that a command writes when all its runs are done: all of them or none.

They are NAME.csv, NAME.toml, NAME.html, figures called NAME or NAME-ARM, and the scenario that was
run; some commands write tables of a second name with them. They are written aside first and then
moved into the folder together.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from simfs.errors import StoreError
from simfs.experiment.files import PART, sync_folder, write_whole
from simfs.experiment.store import check_folder

RESOLVED = "config.resolved.toml"


def check_output(
    folder: Path,
    name: str,
    *others: str,
    force: bool = False,
    new_parent: bool = False,
) -> None:
    """Refuse a folder that files of this name may not go to, before anything is run.

    Args:
        folder: where they are to go.
        name: what the files are called, without their endings.
        others: further such names.
        force: replace files of the same name that are there.
        new_parent: the folder above may be made too.

    Raises:
        StoreError: what is wrong with it, and the way out.
    """
    if folder.is_dir() and not folder.is_symlink():
        names = sorted(path.name for path in folder.iterdir() if path.name != _staging(name))
        ours = [each for each in names if _is_ours(each, name, *others)]
        if "journal" in names:
            raise StoreError(f"{folder} holds a run of simfs; give an empty or a new folder")
        if ours and len(ours) == len(names):
            if not force:
                raise StoreError(
                    f"{folder} holds {ours[-1]} and the like; --force replaces them, --out names "
                    "another folder"
                )
        elif names:
            check_folder(folder, new_parent=new_parent)
    else:
        check_folder(folder, new_parent=new_parent)
    _check_writable(folder)


def write_together(folder: Path, name: str, files: Mapping[str, bytes], *others: str) -> None:
    """Write files aside and move them into a folder, in place of those of an earlier time.

    Whatever goes wrong before they are moved leaves the folder as it was, and no folder where
    there was none.

    Args:
        folder: where they go.
        name: what the files are called, without their endings.
        files: contents by full name.
        others: further such names; files of theirs that are there and not written again go too.

    Raises:
        OSError: they could not be written.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    staging = folder / _staging(name)
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        for each, content in files.items():
            write_whole(staging / each, content)
        for left in [path for path in folder.iterdir() if _is_ours(path.name, name, *others)]:
            left.unlink()
        for each in files:
            (staging / each).replace(folder / each)
        sync_folder(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()


def _staging(name: str) -> str:
    """The folder in which files of this name are written aside."""
    return f".{name}{PART}"


def _is_ours(file: str, *names: str) -> bool:
    """Whether a file is one of those that are written together under these names."""
    called = "|".join(map(re.escape, names))
    ours = rf"({called})((-[^/]+)?\.(csv|html|png|svg)|\.toml)|{re.escape(RESOLVED)}"
    return re.fullmatch(ours, file) is not None


def _check_writable(folder: Path) -> None:
    """Refuse before hours of work what the disk would refuse after them."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to ({error.strerror}); use --out") from None
