"""The report in a real browser: pictures drawn, no request to any host, another vehicle on choice, no overflow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scenarios.metrics import measure, summarise
from scenarios.report.material import gather, spread_of
from scenarios.report.page import render
from tests.handmade import ARMS, at_real_sides, load_scenario

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = load_scenario("china_europe_transit_fi")
    runs = [at_real_sides(arm, number, held + number, vehicles=4) for number in range(3) for arm, held in ARMS.items()]
    measures = [measure(scenario, made) for made in runs]
    summary = summarise(
        scenario, measures, run_id="r", seed=1, transport="memory", what_if=["an agreement"], wall_seconds=1.0
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(
        render(scenario, summary, gather(scenario, runs[: len(ARMS)], spread_of(measures))), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def opened(browser: Any, report: Path) -> Iterator[tuple[Any, list[str], list[str]]]:
    """Open the report; return page, addresses asked for and errors of its scripts."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(report.as_uri())
    page.wait_for_selector("#plot-controls .main-svg")
    yield page, requests, errors
    page.close()


def test_all_pictures_are_drawn_without_asking_anybody(opened: tuple[Any, list[str], list[str]]) -> None:
    page, requests, errors = opened
    plots = page.locator(".plot")
    assert plots.count() == 7
    for number in range(plots.count()):
        assert plots.nth(number).locator(".main-svg").count() >= 1
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_diagram_shows_all_arms_and_another_vehicle_on_choice(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, errors = opened
    names = page.evaluate("document.getElementById('plot-way1').data.map(trace => trace.name)")
    assert names[1:4] == ["Baseline", "Advance", "Recognition"]
    read = "document.getElementById('plot-way1').data[1].x.at(-1)"
    before = page.evaluate(read)
    page.select_option("#choose1", "T03")
    page.wait_for_function(f"{read} !== {before}")
    assert page.evaluate(read) > before
    assert errors == []


@pytest.mark.parametrize("width", [1280, 700, 400])
def test_nothing_runs_out_of_the_page(browser: Any, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())
    page.wait_for_selector("#plot-controls .main-svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_prints_with_all_figures_open(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    page.wait_for_selector("#plot-controls .main-svg")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.startswith(b"%PDF")
    assert page.evaluate("[...document.querySelectorAll('details')].every(part => part.open)")
    page.close()
