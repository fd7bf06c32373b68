"""Reports in a real browser: pictures drawn, no request to any host, another vehicle on choice, whole on A4 paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.reports import write_reports

PRICES = ["price_hours", "price_coverage", "price_officers"]
PICTURES = {
    "run": ["way1", "stops1", "phases", "spread", "savings", "where_saved", *PRICES, "controls"],
    "compare": [
        *("savings", "spread", "ranking", "sweep1", "frontier", "changes"),
        *("way1", "stops1", "phases", "where_saved", *PRICES, "controls"),
    ],
}
CUT = """[...document.querySelectorAll('.plot text')].filter(text => {
    const box = text.getBoundingClientRect(), plot = text.closest('.plot').getBoundingClientRect();
    return box.width && text.textContent.trim() && (box.left < plot.left - 1 || box.right > plot.right + 1);
}).map(text => text.closest('.plot').id + ': ' + text.textContent)"""
"""Words of pictures that reach beyond their picture's edges."""
A4 = (695, 1024)
"""CSS pixels of an A4 page within margins of 13 mm."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_reports(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module", params=["run", "compare"])
def opened(request: pytest.FixtureRequest, browser: Any, reports: dict[str, Path]) -> Iterator[tuple[str, Any, Any]]:
    """Open a report from disk; return its kind, the page, and the addresses asked for and errors of its scripts."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    seen: dict[str, list[str]] = {"asked": [], "errors": []}
    page.on("request", lambda one: seen["asked"].append(one.url))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.on("console", lambda message: seen["errors"].append(message.text) if message.type == "error" else None)
    page.goto(reports[request.param].as_uri())
    page.wait_for_selector("#plot-controls .main-svg")
    yield request.param, page, seen
    page.close()


def test_all_pictures_are_drawn_without_asking_anybody(opened: tuple[str, Any, Any]) -> None:
    kind, page, seen = opened
    drawn = page.evaluate(
        "[...document.querySelectorAll('.plot')].filter(plot => plot.querySelector('.main-svg')).map(plot => plot.id)"
    )
    assert sorted(drawn) == sorted(f"plot-{name}" for name in PICTURES[kind])
    assert page.locator("#map circle.c-hours").count() >= 2
    assert seen["errors"] == []
    assert [url for url in seen["asked"] if not url.startswith(("file:", "data:", "blob:"))] == []
    buttons = set(page.locator(".modebar-btn").evaluate_all("all => all.map(one => one.dataset.title)"))
    assert "Zoom in" in buttons
    assert not [name for name in buttons if "share" in name.lower() or "cloud" in name.lower()]


def test_without_scripts_all_but_the_pictures_is_there(browser: Any, reports: dict[str, Path]) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(reports["compare"].as_uri())
        assert page.locator("noscript .note").inner_text().startswith("The pictures need JavaScript")
        assert page.locator(".headline p").count() >= 3
        assert page.locator("#map circle.c-hours").count() >= 2
        assert page.locator("table:visible").count() > 10
        assert page.locator("select:visible, .plot:visible").count() == 0


def test_the_diagram_shows_all_arms_and_another_vehicle_on_choice(opened: tuple[str, Any, Any]) -> None:
    _, page, seen = opened
    names = page.evaluate("document.getElementById('plot-way1').data.map(trace => trace.name)")
    assert names[1:4] == ["Baseline", "Advance", "Recognition"]
    last = "document.getElementById('plot-way1').data[1].x.at(-1)"
    before = page.evaluate(last)
    page.select_option("#choose1", "T03")
    page.wait_for_function(f"{last} !== {before}")
    assert page.evaluate(last) > before
    assert seen["errors"] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_out_of_the_page(opened: tuple[str, Any, Any], width: int) -> None:
    _, page, _ = opened
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(f"document.documentElement.scrollWidth <= {width}")
    page.wait_for_function(
        f"[...document.querySelectorAll('.plot .main-svg')].every(svg => svg.clientWidth <= {width})"
    )
    assert page.evaluate(CUT) == []


def test_on_a_phone_a_table_scrolls_beside_its_first_column(opened: tuple[str, Any, Any]) -> None:
    _, page, _ = opened
    page.set_viewport_size({"width": 390, "height": 844})
    table = page.locator("#where ~ .scroll").first
    first = table.locator("tbody th").first
    before = first.bounding_box()["x"]
    assert table.evaluate("box => { box.scrollLeft = 300; return box.scrollLeft; }") > 100
    assert first.bounding_box()["x"] == before
    assert page.evaluate("Math.max(...[...document.querySelectorAll('tr')].map(row => row.clientHeight))") < 230
    cards = page.evaluate("[...document.querySelectorAll('.sourced')].map(one => [one.scrollWidth, one.clientWidth])")
    assert len(cards) >= 3 and all(inside <= seen for inside, seen in cards), cards  # read without scrolling sideways


def test_a_picture_of_one_phase_alone_names_it(opened: tuple[str, Any, Any]) -> None:
    _, page, seen = opened
    kept = page.evaluate("pictures.phases.data.map(trace => trace.x.length ? 1 : 0).indexOf(1)")
    page.evaluate(
        f"""(() => {{ const all = pictures.phases.data; pictures.phases.data = all.map((trace, number) =>
            number === {kept} ? trace : {{...trace, x: [], y: [], base: []}});
            onScreen('phases'); pictures.phases.data = all; }})()"""
    )
    assert page.locator("#plot-phases .legendtext").all_text_contents() == [
        page.evaluate(f"pictures.phases.data[{kept}].name")
    ]
    page.evaluate("onScreen('phases')")
    assert seen["errors"] == []


def test_a_picture_of_many_groups_stands_on_paper_in_parts(opened: tuple[str, Any, Any]) -> None:
    """None of its bars is lost, all parts have one scale, and on the screen it is one picture again."""
    _, page, seen = opened
    page.evaluate("PAPER.groups = 2; dispatchEvent(new Event('beforeprint'))")
    figure = "document.getElementById('plot-phases').closest('figure')"
    parts = f"[...{figure}.querySelectorAll('.js-plotly-plot')]"
    bars, scales, rows = page.evaluate(
        f"""[{parts}.map(part => part.data.reduce((sum, trace) => sum + trace.x.length, 0)),
             {parts}.map(part => String(part._fullLayout.xaxis.range)),
             pictures.phases.data.reduce((sum, trace) => sum + trace.x.length, 0)]"""
    )
    assert len(bars) == 2 and all(bars) and sum(bars) == rows
    assert len(set(scales)) == 1
    page.evaluate("dispatchEvent(new Event('afterprint')); PAPER.groups = 5")
    assert page.evaluate(f"{parts}.length") == 1
    assert seen["errors"] == []


def test_it_prints_whole_on_a4(opened: tuple[str, Any, Any]) -> None:
    """Every table fits the width of the page, no row or picture is cut, and what is folded away is printed too."""
    _, page, seen = opened
    page.set_viewport_size({"width": A4[0], "height": A4[1]})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(
        "[...document.querySelectorAll('.plot .main-svg')].every(plot => plot.getBoundingClientRect().width <= 700)"
    )
    cut = page.evaluate(
        """([width, height]) => [...document.querySelectorAll('table, figure, tr')].filter(part => {
            const box = part.getBoundingClientRect(), style = getComputedStyle(part);
            const whole = part.tagName === 'TABLE' || (style.breakInside === 'avoid' && box.height <= height);
            return box.right > width + 1 || !whole;
        }).map(part => part.tagName + ' ' + part.textContent.slice(0, 60))""",
        list(A4),
    )
    assert cut == []
    split = page.evaluate(
        """height => [...document.querySelectorAll('.scroll:not(.long)')].filter(part =>
            getComputedStyle(part).breakInside !== 'avoid' || part.getBoundingClientRect().height > height)
            .map(part => part.textContent.trim().slice(0, 60))""",
        A4[1],
    )
    assert split == []
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="screen")
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pdf.startswith(b"%PDF") and sheets >= 5
    assert {tuple(map(round, map(float, box))) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)} == {
        (595, 842)
    }
    assert page.evaluate("[...document.querySelectorAll('details')].every(part => part.open)")
    assert seen["errors"] == []
