"""The command line: what is printed where, what is written, and how a run is cut short."""

import gzip
import json
import os
import select
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from scripted import TWO_ARMS, lose_the_fast_engine

import simfs
from simfs import engine, options
from simfs.analysis.outcomes import Outcomes
from simfs.cli import main
from simfs.experiment.progress import progress_of
from simfs.experiment.store import Store
from simfs.report.findings import Findings

READABLE = ("--engine", "reference")
DATA = ("futures.csv.gz", "futures.parquet", "columns.csv", "config.resolved.toml")


@dataclass(frozen=True)
class Found:
    """What was found, as far as a command looks at it."""

    graded: tuple[object, ...] = ()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one scenario file, as the current folder; figures are not drawn."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(TWO_ARMS, encoding="utf-8")

    def write_report(
        outcomes: Outcomes, folder: Path, findings: Findings, drawn: None
    ) -> tuple[Path, ...]:
        (folder / "report.html").write_text(f"<p>{outcomes.futures}", encoding="utf-8")
        return (folder / "report.html",)

    monkeypatch.setattr("simfs.report.write.write_report", write_report)
    monkeypatch.setattr("simfs.report.findings.gather", lambda outcomes: Found())
    monkeypatch.setattr("simfs.report.aside.drawn_aside", lambda findings: nullcontext())
    monkeypatch.setattr("simfs.report.summary.summary_text", lambda none, folder: f"see {folder}")
    return tmp_path


def simfs_says(*words: str) -> Result:
    """What a command that succeeds prints; in this process and readably unless told otherwise."""
    if words[0] == "run" and "--jobs" not in words:
        words += ("--jobs", "1")
    if words[0] in ("run", "trace", "calibrate") and not {"--engine", "--resume"} & set(words):
        words += READABLE
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file that must be equal between equal runs; into what chunks they fell is chance."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("log.jsonl", ".lock") and path.suffix != ".chunk"
    }


def started(desk: Path, *words: str) -> subprocess.Popen[str]:
    """Python at work in a process group of its own, once its first chunk is kept."""
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Tests begun in the background of a shell are deaf to Ctrl-C, and so are their children.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=desk,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(desk.glob("r/journal/*.chunk")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def test_a_run_writes_its_folder_and_says_where(desk):
    result = simfs_says("run", "small.toml", "--reps", "8")
    assert result.stdout == f"see {Path('results') / 'small'}\n"
    folder = desk / "results" / "small"
    assert {p.name for p in folder.iterdir()} == {
        *DATA, "report.html", "manifest.json", "log.jsonl", "journal", ".lock",
    }  # fmt: skip
    rows = gzip.decompress((folder / "futures.csv.gz").read_bytes()).decode().splitlines()
    assert len(rows) == 1 + 2 * 8 * 1
    assert rows[1].startswith("today,0,0,0,0,2023/24,")


def test_the_same_command_writes_the_same_bytes_whatever_the_processes(desk):
    simfs_says("run", "small.toml", "--reps", "16", "--out", "a", "--jobs", "1")
    simfs_says("run", "small.toml", "--reps", "16", "--out", "b", "--jobs", "2")
    assert bytes_of(desk / "a") == bytes_of(desk / "b")


def test_another_seed_is_another_run(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a")
    simfs_says("run", "small.toml", "--reps", "8", "--out", "b", "--seed", "2")
    assert bytes_of(desk / "a")["futures.csv.gz"] != bytes_of(desk / "b")["futures.csv.gz"]


def test_a_run_is_extended_to_the_bytes_of_the_longer_run(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a", "--seed", "5")
    simfs_says("run", "small.toml", "--reps", "24", "--out", "a", "--resume")
    simfs_says("run", "small.toml", "--reps", "24", "--out", "b", "--seed", "5")
    assert bytes_of(desk / "a") == bytes_of(desk / "b")


def test_resuming_with_another_seed_or_number_shows_the_difference(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a")
    before = bytes_of(desk / "a")
    for words, told in [
        (("--seed", "2"), "seed: 1 there, 2 here"),
        (("--set", "teams.social_workers.caseload=17"), "+caseload"),
        (("--arm", "today"), "arms:"),
    ]:
        result = CliRunner().invoke(
            main, ["run", "small.toml", "--out", "a", "--resume", "--reps", "16", *words]
        )
        assert result.exit_code == 2
        assert told in result.stderr
    assert bytes_of(desk / "a") == before


def test_a_folder_with_a_run_is_kept_unless_forced(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a", "--seed", "2")
    result = CliRunner().invoke(main, ["run", "small.toml", "--reps", "8", "--out", "a"])
    assert result.exit_code == 2
    assert "holds a run of 8 futures (seed 2); --resume continues it" in result.stderr
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a", "--force")
    simfs_says("run", "small.toml", "--reps", "8", "--out", "b")
    assert bytes_of(desk / "a") == bytes_of(desk / "b")


def test_a_run_is_not_made_shorter(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a")
    before = bytes_of(desk / "a")
    result = CliRunner().invoke(
        main, ["run", "small.toml", "--reps", "4", "--out", "a", "--resume", "-q"]
    )
    assert result.exit_code == 2
    assert "a holds a run of 8 futures" in result.stderr
    assert "must be 8 or more, got 4" in result.stderr
    assert bytes_of(desk / "a") == before


@pytest.mark.parametrize(
    ("words", "way_on"),
    [
        (
            ("run", "small.toml", "--reps", "8", "--out", "a"),
            "give the same command again with --resume",
        ),
        (
            ("run", "small.toml", "--reps", "8", "--out", "a", "--force"),
            "give the same command again with --resume instead of --force",
        ),
        (("report", "a"), "give it again"),
    ],
)
def test_files_that_cannot_be_written_stop_a_command_that_says_how_to_go_on(
    desk, monkeypatch, words, way_on
):
    if words[0] == "report":
        simfs_says("run", "small.toml", "--reps", "8", "--out", "a")

    def full(outcomes: Outcomes, folder: Path, findings: Findings, drawn: None) -> None:
        raise OSError(28, "No space left on device", "report.html")

    monkeypatch.setattr("simfs.report.write.write_report", full)
    result = CliRunner().invoke(main, [*words, *READABLE[: 2 * (words[0] == "run")]])
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-2:] == [
        "simfs: stopped: report.html: No space left on device; 8 of 8 futures are kept in a",
        f"to go on: {way_on}",
    ]


@pytest.mark.parametrize(
    ("event", "code", "last"),
    [
        ("started", 3, "to go on: give the same command again with --resume"),
        ("interrupted", 130, "to go on: give the same command again with --resume"),
        ("finished", 1, "simfs: log.jsonl: Permission denied"),
    ],
)
def test_a_log_that_cannot_be_written_keeps_no_word_back(desk, monkeypatch, event, code, last):
    def interrupted(*words: object, **options: object) -> None:
        raise KeyboardInterrupt

    def log(store: Store, at: str, **details: object) -> None:
        if at == event:
            raise PermissionError(13, "Permission denied", "log.jsonl")

    monkeypatch.setattr(Store, "log", log)
    if event == "interrupted":
        monkeypatch.setattr("simfs.experiment.run.run", interrupted)
    words = ("run", "small.toml", "--reps", "8", "--out", "a", "--jobs", "1", *READABLE)
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code
    assert result.stderr.splitlines()[-1] == last
    assert (result.stdout == "see a\n") == (event == "finished")


def test_the_engine_of_a_run_is_in_its_manifest_and_kept_by_resuming(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a", "--engine", "reference")
    simfs_says("run", "small.toml", "--reps", "12", "--out", "a", "--resume")
    record = json.loads((desk / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert (record["engine"], record["futures"]) == ("reference", 12)
    result = CliRunner().invoke(
        main, ["run", "small.toml", "--out", "a", "--resume", "--engine", "fast"]
    )
    assert result.exit_code == 2
    assert "engine: reference there, fast here" in result.stderr


def test_a_run_without_the_default_engine_says_so_and_goes_on(desk, monkeypatch):
    lose_the_fast_engine(monkeypatch)
    words = ("run", "small.toml", "--reps", "8", "--jobs", "1", "--out", "a")
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    first = result.stderr.splitlines()[0]
    assert first.startswith("engine 'fast' cannot run here (")
    assert "): using the reference engine, about " in first
    assert first.endswith(" for 8 futures")
    record = json.loads((desk / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert record["engine"] == "reference"


def test_a_trace_and_a_calibration_go_on_without_the_default_engine_too(desk, monkeypatch):
    lose_the_fast_engine(monkeypatch)
    for words in (("trace", "--future", "0", "--out", "t.csv"), ("calibrate", "--reps", "1")):
        result = CliRunner().invoke(main, [words[0], "small.toml", *words[1:]])
        assert result.exit_code == 0, result.output
        assert result.stderr.strip().endswith("): using the reference engine")


def test_a_report_is_written_again_from_the_journal(desk):
    simfs_says("run", "small.toml", "--reps", "8", "--out", "a")
    before = bytes_of(desk / "a")
    for name in ("report.html", "futures.parquet", "manifest.json"):
        (desk / "a" / name).unlink()
    (desk / "small.toml").unlink()
    assert simfs_says("report", "a").stdout == "see a\n"
    assert bytes_of(desk / "a") == before


def test_one_arm_is_run_beside_the_baseline(desk):
    simfs_says("run", "small.toml", "--reps", "4", "--out", "a", "--arm", "more_staff")
    simfs_says("run", "small.toml", "--reps", "4", "--out", "b", "--arm", "today")
    record = json.loads((desk / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert record["arms"] == ["today", "more_staff"]
    assert json.loads((desk / "b" / "manifest.json").read_text(encoding="utf-8"))["arms"] == [
        "today"
    ]


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(desk):
    told = simfs_says("run", "small.toml", "--reps", "1000000", "--jobs", "2", "--dry-run").stdout
    assert "1,000,000 futures of 2 arms, 2,000,000 simulations, seed 1" in told
    assert "GB of disk with 2 worker processes, engine reference" in told
    assert [p.name for p in desk.iterdir()] == ["small.toml"]


def test_few_futures_are_run_with_a_warning(desk):
    told = simfs_says("run", "small.toml", "--reps", "3").stderr
    assert "3 futures are rounded up to 4" in told
    assert "warning: with 4 futures, a single draw, no interval of the mean" in told


def test_progress_is_plain_lines_on_standard_error(desk):
    result = simfs_says("run", "small.toml", "--reps", "80", "--jobs", "1")
    lines = [line for line in result.stderr.splitlines() if " of 80 futures" in line]
    told = [int(line.split(" ")[0]) for line in lines]
    assert told == sorted(set(told))
    assert 5 <= len(told) <= 10
    assert told[-1] == 80
    assert "left" in lines[0]
    assert "left" not in lines[-1]


def test_quiet_prints_the_results_only(desk):
    result = simfs_says("run", "small.toml", "--reps", "4", "-q")
    assert result.stderr == ""
    assert result.stdout.startswith("see ")


def test_lines_come_at_every_tenth_even_when_chunks_are_coarse(capsys):
    with progress_of(20) as told:
        for done in (0, 8, 16, 20):
            told(done)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"{n} of 20 futures" for n in (8, 16, 20)]


def test_check_counts_what_it_found(desk):
    assert simfs_says("check", "small.toml").stdout.splitlines()[-1].startswith("ok: small: 2 arms")


def test_check_tells_every_problem_at_once(desk):
    wrong = TWO_ARMS.replace("posts = 2", "posts = -2").replace("mean = 45", "mean = 0")
    (desk / "small.toml").write_text(wrong, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "small.toml"])
    assert result.exit_code == 2
    assert "teams.social_workers.posts" in result.stderr
    assert "stages.assessment.stay" in result.stderr


def test_show_prints_the_scenario_on_a_page(desk):
    told = simfs_says("show", "small.toml", "--set", "teams.social_workers.caseload=17").stdout
    row = next(line for line in told.splitlines() if line.startswith("Social workers "))
    assert " 17 " in row
    assert "stay 45 days (exponential)" in told


def test_schema_prints_json_with_every_table(desk):
    assert "stages" in json.loads(simfs_says("schema").stdout)["properties"]


def test_calibrate_prints_tables_for_the_scenario_file(desk):
    told = simfs_says("calibrate", "small.toml", "--reps", "2").stdout
    assert "own_work_share" in tomllib.loads(told)["stages"]["assessment"]


def test_doctor_names_versions(desk):
    told = simfs_says("doctor").stdout
    assert f"simfs {simfs.__version__}" in told
    assert "numpy " in told
    assert "numba " in told
    assert "engine fast: " in told
    assert "engine reference: runs" in told


def test_a_trace_is_the_same_events_as_csv_and_parquet(desk):
    words = ("trace", "small.toml", "--future", "7", "--arm", "more_staff")
    simfs_says(*words, "--out", "t.csv")
    simfs_says(*words, "--out", "t.parquet")
    lines = (desk / "t.csv").read_text(encoding="utf-8").splitlines()
    table = pq.read_table(desk / "t.parquet")
    assert lines[0].split(",") == table.column_names
    assert len(lines) - 1 == table.num_rows > 100
    assert lines[1].split(",")[1] == str(table["date"][0])


def test_the_futures_of_a_run_that_is_not_told_how_many_are_whole_draws():
    assert options.DEFAULT_REPS % engine.draws.DRAW_SIZE == 0


@pytest.mark.skipif(os.name != "posix", reason="signals to process groups")
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, "2"), (signal.SIGTERM, "1")])
def test_a_run_that_is_told_to_stop_keeps_its_work_and_says_how_to_go_on(desk, number, jobs):
    words = ("run", "small.toml", "--reps", "240", "--jobs", jobs, "--out", "r", *READABLE)
    process = started(desk, "-m", "simfs", *words)
    # Ctrl-C goes to the whole group; a request to end goes to one process.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == ""
    assert "Traceback" not in stderr
    assert "of 240 futures are kept in r" in stderr
    assert stderr.splitlines()[-1] == "to go on: give the same command again with --resume"
    simfs_says(*words, "--resume")
    simfs_says("run", "small.toml", "--reps", "240", "--out", "b")
    for name in DATA:
        assert (desk / "r" / name).read_bytes() == (desk / "b" / name).read_bytes()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes by descriptor")
def test_a_killed_run_leaves_no_process_behind_even_in_the_middle_of_a_future(desk):
    script = (
        "from test_run import *; from scripted import stuck_from_4;"
        "run(small_study(), reps=32, jobs=2, simulate=stuck_from_4, folder=store_for(Path('r')))"
    )
    process = started(desk, "-c", script)
    children = (
        Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    )
    handles = [os.pidfd_open(int(child)) for child in children]
    assert len(handles) >= 2
    process.kill()
    ended: list[int] = []
    deadline = time.monotonic() + 10
    while len(ended) < len(handles) and time.monotonic() < deadline:
        left = [handle for handle in handles if handle not in ended]
        ended += select.select(left, [], [], 1)[0]
    for handle in set(handles) - set(ended):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    process.communicate()
    for handle in handles:
        os.close(handle)
    assert len(ended) == len(handles)


def test_language_time_zone_and_hash_seed_change_no_byte(desk):
    script = (
        "import sys; from pathlib import Path; from simfs.scenario.config import load;"
        "from simfs.experiment.run import run; from simfs.experiment.tables import write_futures;"
        "folder = Path(sys.argv[1]); folder.mkdir(); study = load(Path('small.toml'));"
        "write_futures(run(study, reps=8, engine='reference'), folder);"
        "(folder / 'resolved').write_bytes(study.resolved.encode())"
    )
    for folder, places in [
        ("a", {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"}),
        ("b", {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "77"}),
    ]:
        subprocess.run(
            [sys.executable, "-c", script, folder],
            cwd=desk,
            env={**os.environ, **places},
            check=True,
        )
    assert bytes_of(desk / "a") == bytes_of(desk / "b")


def test_words_that_the_terminal_cannot_show_do_not_stop_a_command(desk):
    (desk / "small.toml").write_text(
        TWO_ARMS.replace("[study]", '[study]\ntitle = "£ — café"'), encoding="utf-8"
    )
    told = subprocess.run(
        [sys.executable, "-m", "simfs", "show", "small.toml"],
        cwd=desk,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    ).stdout
    assert b"\xa3 ? caf\xe9" in told


def test_a_run_says_that_its_engine_is_compiled_first_and_only_then(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    compiled = False
    monkeypatch.setattr("simfs.engine.fast.is_compiled", lambda: compiled)
    command = ("trace", "small.toml", "--engine", "fast", "--future", "0", "--force", "--out")
    first = simfs_says(*command, "one.csv").stderr
    compiled = True
    second = simfs_says(*command, "one.csv").stderr
    assert "compiled first, once" in first
    assert second == ""
