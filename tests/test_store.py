"""The results folder: one owner, whole files, and a journal that proves itself."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scripted import must_not_run, needs_links, scripted, small_study

from simfs.errors import StoreError
from simfs.experiment import files
from simfs.experiment.files import write_whole
from simfs.experiment.journal import MAGIC, Chunk, Identity, decode, encode
from simfs.experiment.run import identity_of, run
from simfs.experiment.store import Store, check_folder, stored_run
from simfs.experiment.tables import write_futures, write_trace

IDENTITY = Identity("c0ffee", ("today", "more_staff"), 1, "reference", "0.1.0")
CHUNK = Chunk(
    8,
    np.arange(2 * 2 * 1 * 3, dtype=np.int64).reshape(2, 2, 1, 3),
    np.linspace(0, 1, 2 * 2 * 4, dtype=np.float32).reshape(2, 2, 4, 1),
)


def opened(folder: Path, **options: bool) -> Store:
    return Store.for_run(folder, IDENTITY, "seed = 1\n", 16, **options)


def write_words(folder: Path) -> None:
    (folder / "figures").mkdir()
    (folder / "figures" / "one.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "report.html").write_text("<p>", encoding="utf-8")


def test_a_chunk_is_read_as_it_was_written():
    read = decode(encode(CHUNK, IDENTITY), IDENTITY)
    assert read is not None
    assert read.first == 8
    assert read.yearly.tobytes() == CHUNK.yearly.tobytes()
    assert read.weekly.tobytes() == CHUNK.weekly.tobytes()


def test_any_flipped_bit_is_noticed():
    content = encode(CHUNK, IDENTITY)
    for at in range(len(content)):
        flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        assert decode(flipped, IDENTITY) is None, f"byte {at}"


def test_a_chunk_torn_anywhere_is_noticed():
    content = encode(CHUNK, IDENTITY)
    assert all(decode(content[:length], IDENTITY) is None for length in range(len(content)))


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, seed=2),
        replace(IDENTITY, config="decaf"),
        replace(IDENTITY, simfs="0.2.0"),
        replace(IDENTITY, arms=("today",)),
    ],
)
def test_a_chunk_of_another_run_is_not_taken(other):
    assert decode(encode(CHUNK, IDENTITY), other) is None


@pytest.mark.parametrize(
    "header",
    [
        b"no header",
        b"7",
        b"{}",
        b'{"first": 0, "weekly": [], "yearly": [3]}',
        encode(CHUNK, IDENTITY).split(b"\n")[1].replace(b'"yearly": [2,', b'"yearly": [9,'),
        encode(CHUNK, IDENTITY).split(b"\n")[1].replace(b'"yearly": [2,', b'"yearly": ["",'),
    ],
)
def test_a_sound_chunk_with_a_header_of_another_kind_is_not_taken(header):
    body = MAGIC + header + b"\n" + bytes(96)
    assert decode(body + hashlib.sha256(body).digest(), IDENTITY) is None


def test_damaged_chunks_are_run_again_to_the_same_bytes(tmp_path):
    study = small_study()
    with Store.for_run(tmp_path / "r", identity_of(study, 1), study.resolved, 16) as folder:
        whole = run(study, reps=16, simulate=scripted, folder=folder)
        chunks = sorted((tmp_path / "r" / "journal").glob("*.chunk"))
        chunks[1].write_bytes(chunks[1].read_bytes()[:-100])
        flipped = bytearray(chunks[2].read_bytes())
        flipped[500] ^= 64
        chunks[2].write_bytes(flipped)
        assert [chunk.first for chunk in folder.kept()] == [0, 12]
        again = run(study, reps=16, simulate=scripted, folder=folder)
        run(study, reps=16, simulate=must_not_run, folder=folder)
    for metric in whole.metrics:
        assert again.of("today", metric.key).tolist() == whole.of("today", metric.key).tolist()
    assert '"damaged"' in (tmp_path / "r" / "log.jsonl").read_text(encoding="utf-8")


def test_a_chunk_under_another_name_is_not_taken(tmp_path):
    with opened(tmp_path / "r") as store:
        store.keep(CHUNK)
        path = tmp_path / "r" / "journal" / CHUNK.name
        path.rename(path.with_name("futures-0000000000-0000000002.chunk"))
        assert list(store.kept()) == []


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "numbers"
    write_whole(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["numbers"]
    assert path.read_bytes() == b"old"


def test_a_second_run_in_a_folder_is_refused_while_the_first_is_at_work(tmp_path):
    with opened(tmp_path / "r"):
        for options in ({}, {"resume": True}, {"force": True}):
            with pytest.raises(StoreError, match="another run is at work"):
                opened(tmp_path / "r", **options)
    opened(tmp_path / "r", resume=True).close()


def test_the_lock_is_gone_when_its_owner_is_killed(tmp_path):
    script = (
        "import os, signal; from pathlib import Path; from test_store import opened;"
        "store = opened(Path('r')); print('locked', flush=True); os.read(0, 1)"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline().strip() == b"locked"
        with pytest.raises(StoreError, match="another run is at work"):
            opened(tmp_path / "r", resume=True)
        owner.kill()
        owner.wait()
        assert (tmp_path / "r" / ".lock").exists()
        opened(tmp_path / "r", resume=True).close()


def test_a_folder_that_holds_a_run_wants_a_word_about_it(tmp_path):
    opened(tmp_path / "r").close()
    with pytest.raises(StoreError, match=r"holds a run of 16 futures \(seed 1\); --resume"):
        opened(tmp_path / "r")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (replace(IDENTITY, seed=2), "seed: 1 there, 2 here"),
        (replace(IDENTITY, simfs="0.2.0"), "simfs: 0.1.0 there, 0.2.0 here"),
        (replace(IDENTITY, config="decaf"), "-seed = 1\n  \\+seed = 2"),
    ],
)
def test_resuming_another_run_is_refused_with_the_difference(tmp_path, other, words):
    opened(tmp_path / "r").close()
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=words):
        Store.for_run(tmp_path / "r", other, "seed = 2\n", 16, resume=True)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("record", ["{", "[]", "7", "{}"])
def test_resuming_where_the_record_is_damaged_is_refused(tmp_path, record):
    opened(tmp_path / "r").close()
    (tmp_path / "r" / "journal" / "run.json").write_text(record, encoding="utf-8")
    for options in ({}, {"resume": True}):
        with pytest.raises(StoreError, match=r"run\.json is damaged .*; --force starts afresh$"):
            opened(tmp_path / "r", **options)
    opened(tmp_path / "r", force=True).close()


def test_a_record_that_cannot_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    opened(tmp_path / "r").close()

    def denied(path: Path, **options: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", denied)
    for options in ({}, {"resume": True}):
        with pytest.raises(StoreError, match=r"run\.json cannot be read \(Permission denied\)$"):
            opened(tmp_path / "r", **options)


def test_a_run_is_not_made_shorter_by_resuming(tmp_path):
    opened(tmp_path / "r").close()
    with pytest.raises(StoreError, match=r"a run of 16 futures, .* must be 16 or more, got 12"):
        Store.for_run(tmp_path / "r", IDENTITY, "seed = 1\n", 12, resume=True)
    assert stored_run(tmp_path / "r") == (IDENTITY, 16)


def test_force_removes_what_simfs_wrote_and_nothing_else(tmp_path):
    with opened(tmp_path / "r") as store:
        store.keep(CHUNK)
        store.publish([write_words])
    (tmp_path / "r" / "my notes.txt").write_text("mine", encoding="utf-8")
    with opened(tmp_path / "r", force=True) as store:
        assert list(store.kept()) == []
    left = {p.name for p in (tmp_path / "r").iterdir()}
    assert left == {".lock", "journal", "my notes.txt"}


def test_force_does_not_follow_a_manifest_out_of_the_folder(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    opened(tmp_path / "r").close()
    (tmp_path / "r" / "manifest.json").write_text(
        '{"files": {"../precious": "0"}}', encoding="utf-8"
    )
    opened(tmp_path / "r", force=True).close()
    assert precious.read_text(encoding="utf-8") == "mine"


def test_a_folder_of_other_things_is_refused_even_by_force(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    for options in ({}, {"force": True}, {"resume": True}):
        with pytest.raises(StoreError, match=r"not a results folder .* 'thesis\.docx'"):
            check_folder(tmp_path, **options)


@needs_links
def test_a_link_that_leaves_the_folder_is_refused(tmp_path):
    opened(tmp_path / "r").close()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r" / "figures").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="a link that leaves the folder"):
        opened(tmp_path / "r", resume=True)
    with pytest.raises(StoreError, match="a link that leaves the folder"):
        Store.of_results(tmp_path / "r")


@needs_links
def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError, match=r"is a link to .*real; give that folder itself"):
        opened(tmp_path / "link")
    assert list((tmp_path / "real").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["NUL", "con.txt", "a\nb", "a\0b", "x" * 201, "trailing ", "dot.", "-v", "\u202egnp"]
)
def test_a_name_that_some_system_cannot_have_is_refused(tmp_path, name):
    with pytest.raises(StoreError):
        check_folder(tmp_path / name)


def test_the_manifest_vouches_for_every_file(tmp_path):
    with opened(tmp_path / "r") as store:
        store.publish([write_words])
    record = json.loads((tmp_path / "r" / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(record["files"]) == ["config.resolved.toml", "figures/one.svg", "report.html"]
    for name, digest in record["files"].items():
        assert hashlib.sha256((tmp_path / "r" / name).read_bytes()).hexdigest() == digest
    assert (record["seed"], record["futures"], record["engine"]) == (1, 16, "reference")


def test_publishing_again_gives_the_same_bytes_and_leaves_no_stale_file(tmp_path):
    with opened(tmp_path / "r") as store:
        store.publish([write_words])
        first = (tmp_path / "r" / "manifest.json").read_bytes()
        store.publish(
            [write_words, lambda folder: (folder / "old.csv").write_text("1", encoding="utf-8")]
        )
        store.publish([write_words])
    assert (tmp_path / "r" / "manifest.json").read_bytes() == first
    assert not (tmp_path / "r" / "old.csv").exists()


def test_publishing_that_fails_leaves_the_journal_and_nothing_half_written(tmp_path):
    def fails(folder: Path) -> None:
        (folder / "half.csv").write_text("1,", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with opened(tmp_path / "r") as store:
        store.keep(CHUNK)
        with pytest.raises(OSError, match="No space left"):
            store.publish([write_words, fails])
        assert len(list(store.kept())) == 1
    assert {p.name for p in (tmp_path / "r").iterdir()} == {".lock", "journal"}


def test_the_table_of_futures_has_a_row_for_each_arm_future_and_year(tmp_path):
    outcomes = run(small_study(), reps=8, simulate=scripted)
    write_futures(outcomes, tmp_path)
    table = pq.read_table(tmp_path / "futures.parquet").to_pydict()
    lines = gzip.decompress((tmp_path / "futures.csv.gz").read_bytes()).decode().splitlines()
    names = lines[0].split(",")
    assert names[:6] == ["arm", "future", "draw", "drift", "luck", "financial_year"]
    assert names == list(table)
    assert len(lines) - 1 == len(table["arm"]) == 2 * 8 * 1
    assert lines[-1].split(",") == [str(column[-1]) for column in table.values()]
    assert table[names[6]][-1] == outcomes.yearly[1, 7, 0, 0]
    listed = (tmp_path / "columns.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in listed[1:]] == names


def test_the_packed_table_holds_no_time_and_no_name(tmp_path):
    write_futures(run(small_study(), reps=4, simulate=scripted), tmp_path)
    assert (tmp_path / "futures.csv.gz").read_bytes()[3:8] == bytes(5)


def test_a_trace_with_words_and_numbers_in_a_column_is_written(tmp_path):
    columns = {"day": [0, 1], "child": [2, ""]}
    write_trace(columns, tmp_path / "t.parquet")
    write_trace(columns, tmp_path / "t.csv")
    assert pq.read_table(tmp_path / "t.parquet").to_pydict() == {"day": [0, 1], "child": ["2", ""]}
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "day,child\n0,2\n1,\n"


def test_numbers_that_follow_from_a_run_are_computed_once_and_again_when_torn(tmp_path):
    asked = []

    def compute():
        asked.append(1)
        return np.arange(6, dtype=np.int64).reshape(2, 3)

    with opened(tmp_path / "run") as store:
        first = store.remembered("central", compute)
        again = store.remembered("central", compute)
        assert len(asked) == 1
        assert np.array_equal(first, again)
        [kept] = (store.folder / "journal").glob("central*")
        torn = bytearray(kept.read_bytes())
        torn[-1] ^= 1
        kept.write_bytes(bytes(torn))
        assert np.array_equal(store.remembered("central", compute), first)
        assert len(asked) == 2
        store.remembered("central", compute)
        assert len(asked) == 2
