"""The report's first page: plain words, and every figure on it in a table of the results folder."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import chain

import numpy as np
import pytest
from test_report import claim, outcomes_of, study

from simfs.analysis.grades import Graded, Rated
from simfs.experiment.backtest import digest_of
from simfs.report.findings import Findings, gather
from simfs.report.first_page import answer_csv, first_page
from simfs.report.html import Points, Words, page_html
from simfs.report.page import report_page
from simfs.report.tables import bands_csv, claims_csv, grades_csv
from simfs.scenario.fit import Backtest, Badge, Published

ARM = "family_safeguarding"
# what holds by definition: where the band lies, how sure the reserve is, the hundred of a share
BY_DEFINITION = ("in 8 of 10 futures", "where 8 of 10 futures lie", "for 8 of 10", "£100",
                 "in about 8 of 10 futures", "in 19 of 20", "in about 19 of 20",
                 "best 1 in 10")  # fmt: skip
JARGON = ("80%", "band", "paired", "coupled", "outturn", "preset", "seed", "simulat", "arm",
          "interval", "probabilit", "percentile", "cashable", "metric", "baseline")  # fmt: skip
NUMBER = re.compile(r"£?\d[\d,]*(?:\.\d+)?(?:m\b|%)?")


def graded() -> Graded:
    """Two effects and two prices of grades A to D, in eight futures."""
    pence = np.zeros((8, 3, 2), dtype=np.int64)
    pence[:, 0, 0], pence[:, 1, 1], pence[:, 2, 0] = 400_000_000, 90_000_000, 10_000_000
    causes = (Rated("plans", "Fewer plans", "C"), Rated("entry", "Fewer entries", "B"))
    alone = Rated("", "Without any effect", "")
    lines = (Rated("care", "Care placements", "D"), Rated("plan", "Plan work", "A"))
    return Graded(ARM, (*causes, alone), lines, pence)


@pytest.fixture(scope="module")
def findings() -> Findings:
    days = tuple(date(year, 3, 31) for year in range(2016, 2026))
    counted = Published("looked_after", "s251", days, tuple(300.0 + n for n in range(10)))
    described = study(
        claims=(*study().claims, claim("none", "gross_saving", 0, "£", "It saves something")),
        history=(counted,),
        backtest=Backtest((), (), (), (), 4, (), ()),
    )
    badge = Badge(
        digest_of(described), "Ourtown from 2019", 33, 31, 1.86, (), (), True, ("published_claim",)
    )
    return gather(outcomes_of(replace(described, badge=badge), 80), (graded(),))


@pytest.fixture(scope="module")
def told(findings: Findings) -> str:
    """The words of the first page as the file has them."""
    page = page_html(report_page(findings, ()))
    start = page.index('id="answer"')
    words = re.sub(r"<[^>]*>", " ", page[page.index(">", start) : page.index("</section>", start)])
    return " ".join(unescape(words).replace("\N{WORD JOINER}", "").split())


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def of_the_config(findings: Findings) -> Iterator[str]:
    """Words of the scenario that the page repeats."""
    described = findings.outcomes.study
    for one in described.claims:
        yield from (f"“{one.words}”", f"({one.reading})")
    yield from (f"({described.badge.cases})", findings.scenario(ARM).prices.price_year)
    yield "April 2023"
    yield from ("March 2028", *(f"over {a} to {b}" for a, b in [("2023/24", "2027/28")]))
    yield from findings.outcomes.years


def test_every_figure_of_the_first_page_stands_in_its_table_and_no_other(findings, told):
    left = told
    rows = rows_of(answer_csv(findings))
    months = [row["printed"] for row in rows if row["unit"] == "date"]
    for words in chain(BY_DEFINITION, months, of_the_config(findings)):
        left = left.replace(words, " ")
    figures = Counter(NUMBER.findall(left))
    kept = Counter(chain.from_iterable(
        NUMBER.findall(row["printed"]) for row in rows if row["unit"] != "date"
    ))  # fmt: skip
    assert len(figures) > 30
    # claims that hold, fail or are too close may all be one number, told once as "all"
    tallied = Counter(row["printed"] for row in rows if "leading claims" in row["figure"])
    assert not figures - kept
    assert not kept - figures - tallied


def value_elsewhere(row: dict[str, str], tables: dict[str, list[dict[str, str]]]) -> float:
    """The figure where its row says that it stands too."""
    match row["file"]:
        case "claims.csv":
            [found] = [r for r in tables["claims.csv"] if (r["id"], r["arm"]) == (row["row"], ARM)]
        case "bands.csv":
            place = (row["arm"], row["row"], row["period"])
            bands = tables["bands.csv"]
            [found] = [r for r in bands if (r["arm"], r["metric"], r["date"]) == place]
        case "grades.csv":
            shares = (r for r in tables["grades.csv"] if r["grade"] == row["row"])
            return sum(float(r["share"]) for r in shares)
    return float(found[row["column"]])


def test_every_figure_that_has_another_table_stands_in_it_with_the_same_value(findings):
    tables = {
        "claims.csv": rows_of(claims_csv(findings)),
        "bands.csv": rows_of(bands_csv(findings)),
        "grades.csv": rows_of(grades_csv(findings)),
    }
    seen = Counter(row["file"] for row in rows_of(answer_csv(findings)))
    assert set(seen) == {"", *tables}
    for row in rows_of(answer_csv(findings)):
        if row["file"]:
            assert float(row["value"]) == pytest.approx(value_elsewhere(row, tables), abs=2e-6), row


def test_every_printed_figure_is_its_value_rounded(findings):
    for row in rows_of(answer_csv(findings)):
        if row["unit"] == "date":
            continue
        value, printed = abs(float(row["value"])), row["printed"]
        if "of 10" in printed:
            many, of = (int(n) for n in re.findall(r"\d+", printed))
            near = {10: 0.05, 100: 0.025, 200: 0.005}[of]
            assert many / of == pytest.approx(value, abs=near + 1e-9), row
        elif row["unit"] == "£":
            assert float(printed.strip("£m")) == pytest.approx(value / 1e6, abs=0.005001), row
        elif row["unit"] == "share":
            assert float(printed.strip("−£%")) == pytest.approx(100 * value, abs=0.5), row
        else:
            assert float(printed.replace(",", "")) == pytest.approx(value, abs=0.5), row


def test_what_to_put_aside_says_at_which_prices_and_until_when(told, findings):
    prices = findings.scenario(ARM).prices.price_year
    assert f"put aside at the start, at prices of {prices}, the money lasts to every year" in told


def test_the_first_page_has_no_word_of_the_trade(told, findings):
    left = told.lower()
    for words in of_the_config(findings):
        left = left.replace(words.lower(), " ")
    assert [word for word in JARGON if re.search(rf"\b{word}", left)] == []


def test_no_sentence_of_the_first_page_takes_a_long_breath(told):
    for sentence in re.split(r"(?<=[.?]) (?=[A-Z“])|; ", told):
        assert len(sentence.split()) <= 45, sentence


def test_a_claim_that_may_go_either_way_is_in_neither_count(findings):
    page, _ = first_page(findings)
    [tally] = [
        part.text for part in page.parts if isinstance(part, Words) and part.kind == "strong"
    ]
    shown = {one.claim.metric: one for one in reversed(findings.verdicts)}.values()
    close = sum(one.coupled.low <= 0.5 <= one.coupled.high for one in shown)
    assert close > 0
    assert f"{close} {'are' if close > 1 else 'is'} too close to call" in tally


def test_a_claim_that_comes_true_is_not_hidden_behind_the_leading_one_of_its_metric(findings):
    verdicts = findings.verdicts
    [sure] = [one for one in verdicts if one.claim.id == "none"]
    low = replace(sure.coupled, value=0.9, low=0.8, high=0.95)
    first = replace(sure, claim=replace(sure.claim, id="first"))
    told = replace(findings, verdicts=(first, replace(sure, coupled=low)))
    page, _ = first_page(told)
    texts = [part.text for part in page.parts if isinstance(part, Words)]
    assert "More claims and readings below: 1 in all; 1 comes true in most futures." in texts
    page, _ = first_page(replace(findings, verdicts=(first,)))
    texts = [part.text for part in page.parts if isinstance(part, Words)]
    assert not any("More claims" in text for text in texts)


def test_one_arm_by_itself_is_told_in_children_alone():
    described = study(years=1, priced=False, claims=())
    alone = replace(described, arms=described.arms[:1])
    found = gather(outcomes_of(alone, 8))
    page, _ = first_page(found)
    texts = [part.text for part in page.parts if isinstance(part, Words)]
    points = [point for part in page.parts if isinstance(part, Points) for point in part.points]
    assert not {"Money", "Do the claims come true?"} & set(texts)
    assert not any("£" in text or "claim" in text for text in (*texts, *points))
    [children] = [text for text in texts if text.startswith("At the end of March 2024")]
    tables = {"bands.csv": rows_of(bands_csv(found))}
    rows = [row for row in rows_of(answer_csv(found)) if row["file"]]
    assert len(rows) == 12
    for row in rows:
        assert row["printed"] in children
        assert float(row["value"]) == pytest.approx(value_elsewhere(row, tables), abs=2e-6), row


def test_a_test_that_failed_or_was_of_another_file_is_not_told_as_passed(findings):
    described = findings.outcomes.study
    for badge, words in (
        (replace(described.badge, passed=False), "It failed that test."),
        (replace(described.badge, digest="another"), "Not tested on the past as it stands"),
        (None, "Not tested on the past: nobody has checked"),
    ):
        outcomes = replace(findings.outcomes, study=replace(described, badge=badge))
        page, _ = first_page(replace(findings, outcomes=outcomes))
        said = " ".join(p for part in page.parts if isinstance(part, Points) for p in part.points)
        assert words in said
        assert "passed" not in said
