"""The report's page in a real browser: complete, quiet, accessible, on a phone and on paper.

Chromium of the system, driven by Playwright; one browser and one made-up run for the module.
"""

import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from plan_examples import factor
from playwright.sync_api import Browser, Page, sync_playwright
from test_plans_report import grid
from test_report import claims, outcomes_of, study
from test_sensitivity import world
from worlds import text_of

from simfs.analysis.headlines import headlines
from simfs.analysis.information import Information
from simfs.analysis.knowing import Known
from simfs.analysis.pilot import Pilot
from simfs.analysis.tornado import Change
from simfs.experiment.run import run
from simfs.experiment.sensitivity import moved_one_by_one
from simfs.report.drawings import drawings
from simfs.report.findings import gather
from simfs.report.html import page_html
from simfs.report.page import report_page
from simfs.report.plans_figures import drawings as plan_drawings
from simfs.report.plans_found import find
from simfs.report.plans_page import staffing_page
from simfs.report.sensitivity import Sensitivity
from simfs.report.sensitivity_page import sensitivity_page
from simfs.report.tornado import drawings_of as tornadoes
from simfs.scenario.config import loads
from simfs.scenario.fit import Published

NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1200, "height": 900}
MM = 96 / 25.4  # pixels of a page on paper
PAPER = {"width": int((210 - 2 * 14) * MM), "height": int((297 - 2 * 12) * MM)}
BAD = '<img src="https://example.org/x.png" onerror="document.title=1">'
APART = ("cashable", "capacity")
BURY = Path(__file__).parents[1] / "configs" / "bury.toml"


def browser_here() -> str:
    """The browser; without one the tests are skipped, but not where they are the last word."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"no browser to look at the report with; install one of {', '.join(NAMES)}")
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on the PATH")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = browser_here()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report as long-worded as Bury's, with names that would be elements and a fetch."""
    said = [
        {"words": one["words"], "reading": one.get("reading", "")}
        for one in tomllib.loads(BURY.read_text(encoding="utf-8"))["claims"]
    ]
    said.sort(key=lambda one: -len(one["words"] + one["reading"]))
    # six leading claims, each of a metric of its own
    asked = [*claims()[1:], *(replace(claims()[0], metric=f"{of}_saving") for of in APART)]
    worded = (
        replace(one, first_year=1, last_year=1, **words)
        for one, words in zip(asked, said, strict=False)
    )
    days = tuple(date(year, 3, 31) for year in range(2018, 2026))
    described = study(
        years=2,
        claims=tuple(worded),
        warnings=(BAD,),
        history=(Published("looked_after", "s251", days, tuple(340.0 + n for n in range(8))),),
    )
    arms = (replace(described.arms[0], label=f"{BAD} As before"), described.arms[1])
    found = gather(outcomes_of(replace(described, arms=arms), 40))
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page_html(report_page(found, drawings(found))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def seen(browser: Browser, file: Path) -> Iterator[SimpleNamespace]:
    """The page, opened once, with what it asked for and complained of."""
    # the page forbids every script; the accessibility checker is one, brought in from outside
    context = browser.new_context(viewport=DESKTOP, bypass_csp=True)
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    page.on("console", lambda one: complaints.append(one.text))
    page.on("pageerror", lambda one: complaints.append(str(one)))
    page.goto(file.as_uri())
    yield SimpleNamespace(page=page, requests=requests, complaints=complaints)
    context.close()


@pytest.fixture(autouse=True)
def as_it_was(seen: SimpleNamespace) -> Iterator[None]:
    yield
    seen.page.emulate_media(media="screen")
    seen.page.set_viewport_size(DESKTOP)


def test_nothing_is_fetched_and_nothing_is_complained_of(seen, file):
    asked = [url for url in seen.requests if not url.startswith("data:image/svg+xml;base64,")]
    assert asked == [file.as_uri()]
    assert seen.complaints == []


def test_names_with_elements_in_them_stay_text(seen):
    page: Page = seen.page
    assert page.locator("img[onerror], [src^=http], [href^=http]").count() == 0
    assert page.title() == "Bury: Family Safeguarding against Signs of Safety"
    assert BAD in page.locator("#warnings").inner_text()
    assert BAD in page.locator("#answer").inner_text()


def test_every_figure_is_drawn_and_has_its_table_and_its_file(seen):
    figures = seen.page.locator("figure")
    assert figures.count() >= 7
    sizes = figures.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert all(sizes)
    for figure in figures.all():
        assert len(figure.locator("img").get_attribute("alt")) > 60
        assert ".csv" in figure.locator("summary").inner_text()
        assert figure.locator("details tbody tr").count() >= 2


def test_the_accessibility_checker_finds_nothing(seen):
    # as narrow as a phone, so that boxes scroll, and with every table open
    seen.page.set_viewport_size(PHONE)
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    results = Axe().run(seen.page)
    assert results.violations_count == 0, results.generate_report()


def test_on_a_phone_nothing_moves_sideways_but_what_has_a_box_of_its_own(seen):
    seen.page.set_viewport_size(PHONE)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    boxes = seen.page.locator(".scroll")
    wide = boxes.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert wide > 0
    for name in ("tabindex", "role", "aria-label"):
        assert all(boxes.evaluate_all(f"all => all.map(one => one.getAttribute('{name}'))"))


def test_the_first_page_fits_one_sheet_and_the_rest_begins_on_the_next(seen):
    seen.page.emulate_media(media="print")
    seen.page.set_viewport_size(PAPER)
    first = seen.page.locator("#answer").bounding_box()
    assert first["y"] + first["height"] <= PAPER["height"]
    after = "getComputedStyle(document.querySelector('#answer')).breakAfter"
    assert seen.page.evaluate(after) == "page"
    # on paper nothing can be moved sideways or opened
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_page_of_plans_is_quiet_accessible_and_fits_a_phone(browser, tmp_path):
    long = "Mental health practitioners who work with parents, in every locality: posts"
    found = find(
        grid(factor(levels=(1, 2, 3), own=2, label=BAD), factor("x.y", (4, 6), 4, label=long)),
        "claim",
    )
    path = tmp_path / "staffing.html"
    drawn = plan_drawings(found, ("unallocated",))
    path.write_text(page_html(staffing_page(found, drawn)), encoding="utf-8")
    must_be_quiet_accessible_and_narrow(browser, path, figures=2)


def test_the_page_of_what_the_answer_hangs_on_is_too(browser, tmp_path):
    whole = world()
    whole["practice_models"]["new"]["label"] = BAD
    few = run(loads(text_of(**whole)), reps=8, engine="reference")
    moved = moved_one_by_one(few)
    by_luck = Information("", 3e5, 1e5, 9e5, 4e5, 3e5)
    worth = tuple(
        Known("new", one, Change(gain, gain - 1e6, gain + 1e6), by_luck,
              tuple({each.kind: by_luck for each in moved.factors}.items()),
              tuple((each, by_luck) for each in moved.factors), by_luck, (("Fewer", 36.0),), 2)
        for one, gain in zip(headlines(few.study), (-8e5, 5e5), strict=False)
    )  # fmt: skip
    found = Sensitivity(few, moved, worth, Pilot(0.2, 6), "", None)
    drawn = tornadoes(few.study, moved, found.named)[:1]
    path = tmp_path / "sensitivity.html"
    path.write_text(page_html(sensitivity_page(found, drawn)), encoding="utf-8")
    must_be_quiet_accessible_and_narrow(browser, path, figures=1)


def must_be_quiet_accessible_and_narrow(browser: Browser, path: Path, figures: int) -> None:
    """Nothing fetched or complained of, no fault on a phone, nothing that moves sideways."""
    context = browser.new_context(viewport=PHONE, bypass_csp=True)
    page, told = context.new_page(), []
    page.on("request", lambda one: told.append(one.url))
    page.on("console", lambda one: told.append(one.text))
    page.goto(path.as_uri())
    assert [one for one in told if not one.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.locator("figure img").count() == figures
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()
