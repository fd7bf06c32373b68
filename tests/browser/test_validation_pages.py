"""The pages of ``corridor validate --format html`` and ``corridor schema doc`` in a real browser: they ask nobody for
anything, their scripts make no error, search and filters show what they should, nothing runs out of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import schemas
from scenarios.cli import app

GOOD = schemas.sample("AAR").read_bytes()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "good.xml").write_bytes(GOOD)
    (inbox / "container.xml").write_bytes(GOOD.replace(b"CSQU3054383", b"CSQU3054384"))
    (inbox / "<img src=x onerror=alert(1)>.xml").write_bytes(b"<a>&lt;script&gt;</b>")
    found = {"results": folder / "results.html", "reference": folder / "reference.html"}
    run = CliRunner().invoke
    told = run(app, ["validate", str(inbox), "--format", "html", "--out", str(found["results"]), "--no-progress"])
    assert told.exit_code == 1
    assert run(app, ["schema", "doc", "--set", "pix", "--out", str(found["reference"])]).exit_code == 0
    return found


class Opened:
    """A page, the addresses that it asked for and the errors of its scripts."""

    def __init__(self, browser: Any, path: Path, width: int = 1280) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda one: self.errors.append(one.text) if one.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.goto(path.as_uri())

    def shown(self, selector: str) -> list[str]:
        found = self.page.locator(selector)
        return [found.nth(place).inner_text() for place in range(found.count()) if found.nth(place).is_visible()]

    def done(self) -> None:
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith(("file:", "data:"))] == []
        self.page.close()


def test_results_are_shown_with_their_quotes_and_filtered(browser: Any, pages: dict[str, Path]) -> None:
    one = Opened(browser, pages["results"])
    files = one.shown("details.file > summary")
    assert len(files) == 2
    assert any("<img src=x onerror=alert(1)>.xml" in name for name in files)
    assert any("PIX-007" in item and "CSQU3054384" in item for item in one.shown("details.file li"))
    one.page.fill("input", "check digit")
    assert [("container.xml" in name) for name in one.shown("details.file > summary")] == [True]
    one.page.fill("input", "nothing of the kind")
    assert one.shown("details.file > summary") == []
    one.page.fill("input", "")
    one.page.select_option("select", "PIX-007")
    assert len(one.shown("details.file > summary")) == 1
    one.page.select_option("select", "")
    assert len(one.shown("details.file > summary")) == 2
    one.done()


def test_the_reference_is_searched(browser: Any, pages: dict[str, Path]) -> None:
    one = Opened(browser, pages["reference"])
    everything = one.page.locator("section").count()
    assert everything > len(schemas.CODES)
    one.page.keyboard.press("/")
    one.page.keyboard.type("seal integrity")
    few = "(most) => document.querySelectorAll('section:not([hidden])').length < most"
    one.page.wait_for_function(few, arg=everything / 2)  # not before the last letter has been looked for
    assert "place" in one.page.inner_text("#hits")
    names = one.page.evaluate("[...document.querySelectorAll('section:not([hidden])')].map(part => part.dataset.name)")
    assert "SealIntegrityNotice" in names or any("Seal" in name for name in names)
    assert len(names) < everything / 2
    one.page.fill("#search", "qqqqq")
    one.page.wait_for_function("document.getElementById('hits').textContent === 'Nothing found'")
    one.page.keyboard.press("Escape")
    one.page.wait_for_function("document.getElementById('hits').textContent === ''")
    hidden = one.page.evaluate("document.querySelectorAll('section[hidden]').length")
    assert hidden == 0
    one.done()


def test_links_of_the_reference_lead_somewhere(browser: Any, pages: dict[str, Path]) -> None:
    one = Opened(browser, pages["reference"])
    lost = one.page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => decodeURIComponent(a.hash.slice(1)))"
        ".filter(name => !document.getElementById(name))"
    )
    assert lost == []
    one.done()


@pytest.mark.parametrize("name", ["results", "reference"])
@pytest.mark.parametrize("width", [1280, 700, 400])
def test_nothing_runs_out_of_the_page(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    one = Opened(browser, pages[name], width)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    one.page.screenshot(path=str(pages[name].with_name(f"{name}-{width}.png")))
    one.done()
