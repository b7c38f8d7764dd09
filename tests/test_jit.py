"""What is compiled is kept in the user's cache folder; nothing that lies there can stop a run."""

import os
import pickle
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the fast engine needs numba")

import numba

import simfs
from simfs.engine import jit

PACKAGE = Path(simfs.__file__).parent
TESTS = Path(__file__).parent

# A kernel of one line, compiled in a fraction of a second, and kept as the whole one is.
SMALL = '''
import numpy as np

from simfs.engine.jit import kept


@kept
def double(numbers):
    """Double the first."""
    numbers[0] *= 2


numbers = np.full(1, 21)
double(numbers)
print(numbers[0])
'''
WHOLE = """
from dataclasses import fields
from hashlib import blake2b

from worlds import busy_world, program_of

from simfs.engine import count
from simfs.engine.draws import address_of
from simfs.scenario.environment import STILL

program = program_of(1, **busy_world() | {"days": 400})
counted = count(program, STILL, address_of(1, 0), "ENGINE")
digest = blake2b()
for field in fields(counted):
    digest.update(getattr(counted, field.name).tobytes())
print(digest.hexdigest())
"""


def caches_in(folder: Path) -> dict[str, str]:
    """Settings under which a user's caches are in a folder: on Linux, Windows and macOS."""
    names = ("XDG_CACHE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA", "HOME")
    return dict.fromkeys(names, str(folder))


def said(script: str | Path, cache: Path, **settings: str) -> str:
    """What another Python says, whose user keeps caches in that folder."""
    run = [str(script)] if isinstance(script, Path) else ["-c", script]
    plain = {key: what for key, what in os.environ.items() if not key.startswith("NUMBA_")}
    path = os.pathsep.join([str(PACKAGE.parent), str(TESTS)])
    found = subprocess.run(
        [sys.executable, "-W", "error", *run],
        env=plain
        | caches_in(cache)
        | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    return found.stdout.strip()


def files(folder: Path) -> dict[Path, tuple[int, int]]:
    """Every file below a folder, with its time and size."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def compiled(folder: Path) -> dict[Path, tuple[int, int]]:
    """The files below a folder that hold compiled functions or say which there are."""
    return {path: what for path, what in files(folder).items() if path.suffix in {".nbi", ".nbc"}}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A program with a kernel of its own, in a folder of its own."""
    script = tmp_path / "program" / "small.py"
    script.parent.mkdir()
    script.write_text(SMALL)
    return script


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache folder in which the whole kernel has been kept, and what its first run said."""
    before = files(PACKAGE)
    cache = tmp_path_factory.mktemp("cache")
    found = said(WHOLE.replace("ENGINE", "fast"), cache)
    assert files(PACKAGE) == before
    return cache, found


# Where it is kept


def test_what_is_compiled_is_kept_in_the_cache_folder_alone(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert said(small, cache) == "42"
    assert [path.suffix for path in compiled(cache)] == [".nbc", ".nbi"]
    assert all(path.parts[-3].startswith("kernel-") for path in compiled(cache))
    assert list(files(small.parent)) == [Path("small.py")]


def test_numbas_own_setting_says_where_it_is_kept(small: Path, tmp_path: Path) -> None:
    cache, other = tmp_path / "cache", tmp_path / "other"
    assert said(small, cache, NUMBA_CACHE_DIR=str(other)) == "42"
    assert not compiled(cache)
    assert len(compiled(other)) == 2


def test_a_second_run_loads_what_the_first_has_kept(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    said(small, cache)
    before = compiled(cache)
    assert said(small, cache) == "42"
    assert compiled(cache) == before


def test_the_whole_kernel_is_kept_as_one_function_and_loaded_by_the_next_run(
    whole: tuple[Path, str],
) -> None:
    cache, found = whole
    before = compiled(cache)
    assert len(before) == 2
    assert said(WHOLE.replace("ENGINE", "fast"), cache) == found
    assert compiled(cache) == before
    assert said(WHOLE.replace("ENGINE", "reference"), cache) == found


# What may lie there


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(bytes((37 * at * at + 11) % 251 for at in range(5000)))


def another_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"a": "pickle", "of": ["something", "else"]}))


def another_index(path: Path) -> None:
    """As an index of this very version of Numba, which holds something else."""
    version = pickle.dumps(numba.__version__)
    path.write_bytes(version + pickle.dumps(("a stamp", 3, "and more")))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


GARBAGE = [cut_off, emptied, noise, another_pickle, another_index, a_folder]
spoiled = pytest.mark.parametrize("spoil", GARBAGE, ids=lambda spoil: spoil.__name__)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which this process keeps what it compiles, for as long as a test."""
    folder = tmp_path / "cache"
    for name, value in caches_in(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    jit.cache_folder.cache_clear()
    yield folder
    jit.cache_folder.cache_clear()


@spoiled
@pytest.mark.parametrize("kinds", [(".nbi",), (".nbc",), (".nbi", ".nbc")], ids="+".join)
def test_garbage_in_the_cache_costs_time_and_never_the_run(
    small: Path, cache: Path, spoil: Callable[[Path], None], kinds: tuple[str, ...]
) -> None:
    assert runpy.run_path(str(small))["numbers"][0] == 42
    for path in compiled(cache):
        if path.suffix in kinds:
            spoil(cache / path)
    assert runpy.run_path(str(small))["numbers"][0] == 42
    # The run that found garbage has at most cleared it away, so the next keeps and loads again.
    runpy.run_path(str(small))
    before = compiled(cache)
    assert len(before) == 2
    assert runpy.run_path(str(small))["numbers"][0] == 42
    assert compiled(cache) == before


@pytest.mark.slow
@spoiled
def test_garbage_in_the_cache_of_the_whole_kernel_changes_no_count(
    whole: tuple[Path, str], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    kept, found = whole
    cache = tmp_path / "cache"
    shutil.copytree(kept, cache)
    for path in compiled(cache):
        spoil(cache / path)
    assert said(WHOLE.replace("ENGINE", "fast"), cache) == found


@pytest.mark.parametrize("place", ["", "simfs"], ids=["all caches", "our cache"])
def test_a_cache_folder_that_is_a_file_costs_time_and_never_the_run(
    small: Path, tmp_path: Path, place: str
) -> None:
    cache = tmp_path / "cache"
    (cache / place).parent.mkdir(exist_ok=True)
    (cache / place).write_text("a file")
    assert said(small, cache) == "42"
    assert (cache / place).read_text() == "a file"
    assert not compiled(small.parent)


@pytest.mark.skipif(not Path(os.devnull).is_absolute(), reason="there nothing can be made")
def test_a_cache_folder_that_cannot_be_made_costs_time_and_never_the_run(small: Path) -> None:
    assert said(small, Path(os.devnull) / "cache") == "42"
    assert not compiled(small.parent)


@pytest.mark.slow
def test_the_whole_kernel_runs_without_a_cache_folder(whole: tuple[Path, str]) -> None:
    _, found = whole
    assert said(WHOLE.replace("ENGINE", "fast"), Path(os.devnull) / "cache") == found


def is_read_only(folder: Path) -> bool:
    """Whether nothing can be made in a folder; root may write anywhere, and so may Windows."""
    try:
        (folder / "new").touch()
    except PermissionError:
        return True
    (folder / "new").unlink()
    return False


def test_an_installation_that_cannot_be_written_to_runs_and_keeps_nothing_in_itself(
    small: Path, tmp_path: Path
) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(PACKAGE, installed / "simfs")
    shutil.copy(small, installed)
    script = installed / small.name
    folders = [installed, *(path for path in installed.rglob("*") if path.is_dir())]
    before = files(installed)
    for folder in folders:
        folder.chmod(0o555)
    try:
        if not is_read_only(installed / "simfs"):
            pytest.skip("this user may write to what is read-only")
        for cache in (tmp_path / "cache", Path(os.devnull) / "cache"):
            assert said(script, cache, PYTHONPATH=str(installed)) == "42"
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert files(installed) == before
    assert len(compiled(tmp_path / "cache")) == 2


# For which kernel it is kept


def folder_of(engine: Path) -> str:
    """The name of the cache folder that a copy of the engine would use."""
    spec = spec_from_file_location("a_copy_of_jit", engine / "jit.py")
    assert spec is not None
    assert spec.loader is not None
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    return str(copy.cache_folder().name)


@pytest.mark.parametrize("source", ["kernel/staff.py", "program.py", "jit.py"])
def test_another_state_of_the_sources_has_another_cache_folder(tmp_path: Path, source: str) -> None:
    engine = tmp_path / "engine"
    shutil.copytree(PACKAGE / "engine", engine)
    before = folder_of(engine)
    assert folder_of(engine) == before
    changed = engine / source
    changed.write_text(changed.read_text() + "\n# another line\n")
    assert folder_of(engine) != before


def test_where_the_engine_is_installed_and_when_does_not_change_its_cache_folder(
    tmp_path: Path,
) -> None:
    for place in ("one", "other"):
        shutil.copytree(PACKAGE / "engine", tmp_path / place / "engine")
    for path in (tmp_path / "other").rglob("*.py"):
        os.utime(path, (0, 0))
    one, other = (folder_of(tmp_path / place / "engine") for place in ("one", "other"))
    assert one == other


# Without Numba

FAULT = """
import sys
MISSING
from simfs.engine import fault_of
print(fault_of("fast"))
print(fault_of("reference"))
"""


def test_the_fast_engine_says_that_numba_is_missing_and_the_reference_engine_runs(
    whole: tuple[Path, str], tmp_path: Path
) -> None:
    cache, found = whole
    missing = 'import sys\nsys.modules["numba"] = None\n'
    faults = said(FAULT.replace("MISSING", missing), tmp_path).splitlines()
    assert "numba" in faults[0]
    assert faults[1] == "None"
    assert said(missing + WHOLE.replace("ENGINE", "reference"), cache) == found


def test_the_fast_engine_says_that_compiling_is_switched_off(tmp_path: Path) -> None:
    faults = said(FAULT.replace("MISSING", ""), tmp_path, NUMBA_DISABLE_JIT="1").splitlines()
    assert faults == ["NUMBA_DISABLE_JIT is set", "None"]


def test_the_engine_counts_as_compiled_once_something_compiled_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "cache_folder", lambda: tmp_path / "kept")
    assert not jit.kept.is_there()
    (tmp_path / "kept" / "days").mkdir(parents=True)
    assert not jit.kept.is_there()
    (tmp_path / "kept" / "days" / "run_days.nbi").touch()
    assert jit.kept.is_there()
