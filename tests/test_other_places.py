"""The files of other places: small, at rest at their own counts, and with their own claims."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tested_world import config_of, counts_of

from simfs.cli import main
from simfs.experiment.observed import read_observed
from simfs.scenario.config import load
from simfs.scenario.traffic import stationary

CONFIGS = Path(__file__).parents[1] / "configs"
SMALL = 350  # lines; a whole pathway has two thousand
COUNTS = {"child_protection": "cp_plans_at_31_march", "looked_after": "looked_after_at_31_march"}
PLACES = {  # authority, year of its counts, claims that are judged, and that are not
    "hertfordshire": ("Hertfordshire", 2015, 8, 1),
    "cambridgeshire": ("Cambridgeshire", 2019, 4, 0),
    "lancashire": ("Lancashire", 2021, 5, 0),
    "peterborough": ("Peterborough", 2017, 0, 1),
    "west_berkshire": ("West Berkshire", 2017, 0, 1),
}


@pytest.fixture(scope="module")
def observed():
    return read_observed(CONFIGS / "observed.csv")


@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_at_rest_at_its_counts_and_makes_its_own_claims(name, observed):
    authority, year, judged, told = PLACES[name]
    path = CONFIGS / f"{name}.toml"
    assert len(path.read_text(encoding="utf-8").splitlines()) < SMALL
    study = load(path)
    assert (len(study.claims), len(study.untested)) == (judged, told)
    base = study.arm(study.baseline)
    traffic = stationary(base)
    published = {
        (one.count, day.year): value
        for one in study.history
        for day, value in zip(one.dates, one.values, strict=True)
    }
    for count, series in COUNTS.items():
        counted = observed.series(authority, series)[year]
        assert published[count, year] == counted
        opening = sum(one.opening for one in base.pathway.stages if count in one.counts)
        assert opening == pytest.approx(counted, rel=0.001)
        assert traffic.counts[count] == pytest.approx(counted, rel=0.01)
    assert study.badge is None
    assert study.calibration is None


@pytest.fixture
def desk(tmp_path, monkeypatch):
    config_of(tmp_path)
    counts_of(tmp_path, times=2)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scaled(*more):
    words = ("scale", "tiny.toml", "--observed", "observed.csv", "--authority", "Ourtown")
    return CliRunner().invoke(main, [*words, *more])


def test_a_file_is_written_that_scales_another_to_an_authority(desk):
    told = scaled("--out", "ours.toml", "--years", "2")
    assert told.exit_code == 0, told.output
    assert "ours.toml: at rest within" in told.stdout
    study = load(desk / "ours.toml")
    base, new = study.arm("today"), study.arm("new")
    assert (base.calendar.start.isoformat(), base.calendar.days) == ("2019-04-01", 731)
    # the place is twice as large, and its practice goes live on its own day
    assert base.team("team").establishment[0].posts == 20
    assert [step.posts for step in new.team("team").establishment] == [20, 26]
    assert new.practice is not None
    assert new.calendar.date_of(new.practice.go_live or 0).isoformat() == "2019-10-01"
    assert new.team("team").establishment[1].day == (new.practice.go_live or 0) + 31
    entry = next(line for line in study.ledger if line.path == "streams.referral.per_year")
    assert entry.assumption == "scaled from Tiny to Ourtown's counts of 31 March 2019"


@pytest.mark.parametrize(
    ("more", "fragments"),
    [
        (("--out", "tiny.toml"), ("tiny.toml exists", "--force")),
        (("--out", "ours.csv"), ("ours.csv: the name of a scenario file must end in .toml",)),
        (("--out", "far/ours.toml"), ("must be in the folder of tiny.toml",)),
        (("--out", "ours.toml", "--base", "2011"), ("no referrals of 2011", "years up to it")),
        (("--out", "ours.toml", "--go-live", "soon"), ("'soon' does not match",)),
    ],
)
def test_a_place_that_cannot_be_scaled_to_is_refused_and_nothing_is_written(desk, more, fragments):
    told = scaled(*more)
    assert told.exit_code == 2
    for fragment in fragments:
        assert fragment in told.output
    assert not (desk / "ours.toml").exists()
