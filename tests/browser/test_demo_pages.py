"""All pages of the live demo in a real browser: they fit the projector and the phone, ask no other host, can be used
by keyboard and with a screen reader; testers' messages are checked and shown as text, whatever they hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import schemas
from scenarios.demo.words import Voice
from tests.demo import SIZES, SOON, Visitor, served

UNNAMED = """() => {
  const said = (e) => (e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.innerText || e.title
    || [...(e.labels || [])].map(l => l.innerText).join('') || '').trim();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, [role=button], [role=combobox]')]
    .filter(e => e.getClientRects().length && !e.closest('[inert], [aria-hidden=true]') && !said(e))
    .map(e => e.outerHTML.slice(0, 200));
}"""
"""What can be used and has no name that a screen reader could say."""
HEADINGS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1])"
REACHED = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const field = e.closest('.q-field--focused');
  return [e.dataset.test || e.closest('[data-test]')?.dataset.test || e.innerText || e.tagName,
    parseFloat(s.outlineWidth) > 0 && s.outlineStyle !== 'none' || s.boxShadow !== 'none' || !!field];
}"""
ENGLISH = """() => {
  const prose = /[A-Za-z]{3,},? [a-z]{3,}/, own = 'script, style, pre, code, textarea, [lang^=en]', left = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (prose.test(text.nodeValue) && !text.parentElement.closest(own)) left.push(text.nodeValue);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const e of document.querySelectorAll(`[${name}]`))
      if (prose.test(e.getAttribute(name)) && !e.closest(own)) left.push(e.getAttribute(name));
  return left;
}"""
"""What is English and not marked so: two words, the second in small letters, beside each other."""
CUT = """() => [...document.querySelectorAll('main .q-field, main p, main th, main .c-cell')]
  .filter(e => !e.closest('details:not([open])') && e.getClientRects().length)
  .filter(e => e.getBoundingClientRect().right > innerWidth)
  .map(e => e.outerHTML.slice(0, 200))"""
"""What is to be read or used and stands out of the page at its right."""
HOSTILE = (
    '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]>\n'
    '<a onload="alert(1)"><script>alert(2)</script><img src=x onerror="alert(3)">&c;&d;\u202e</a>'
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served("--set", "flows.0.vehicles.count=2 trains", "--set", "warm_up=0 h") as found:
        yield found


def _pages(one: Visitor) -> list[str]:
    one.go("/")
    return [str(path) for path in one.page.eval_on_selector_all("nav a", "all => all.map(a => a.getAttribute('href'))")]


@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_is_in_order(browser: Any, address: str, size: str) -> None:
    one = Visitor(browser, address, size)
    pages = _pages(one)
    assert {"/", "/validate", "/agreements"} <= set(pages)
    for path in pages:
        one.go(path)
        one.page.wait_for_timeout(200)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= one.width, path
        assert one.page.evaluate(UNNAMED) == [], path
        levels = one.page.evaluate(HEADINGS)
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        one.picture(f"page-{path.strip('/') or 'live'}")
    one.leave()


def _speak(one: Visitor, name: str, code: str) -> None:
    """Choose the language of this name at the switch."""
    one.page.click("label:has([data-test=language]), [data-test=language]")
    one.page.click(f".q-item:has-text({name!r})")
    one.page.wait_for_function(f"document.documentElement?.lang === {code!r}")  # none while the page is loaded anew
    one.page.wait_for_function("window.socket && window.socket.connected")


def _only_its_language(one: Visitor, *paths: str) -> None:
    """Look at the page that is open, with a message checked, and at others: nothing may be English unmarked."""
    one.page.fill("[data-test=paste]", "<Nobody/>")
    one.page.click("[data-test=check]")
    one.page.wait_for_selector("[data-test=findings] li")
    assert one.page.evaluate(ENGLISH) == []
    for path in paths:
        one.go(path)
        one.page.wait_for_selector("[data-test=matrix] table, [data-test=map] svg")
        assert one.page.evaluate(ENGLISH) == [], path


def test_every_visitor_has_a_language_and_colours_of_their_own(browser: Any, address: str) -> None:
    one, other = Visitor(browser, address), Visitor(browser, address)
    one.go("/validate")
    _speak(one, "Русский", "ru")
    assert Voice("ru")("check.give") in one.page.inner_text("main")
    one.page.wait_for_function(f"document.querySelector('#popup')?.textContent.trim() === {Voice('ru')('lost')!r}")
    one.page.click("[data-test=dark]")
    one.page.wait_for_selector("body.body--dark")
    _only_its_language(one, "/", "/agreements")
    one.page.wait_for_selector("body.body--dark [data-test=matrix] table")
    one.page.wait_for_selector("[data-test=matrix]:has-text('Финляндия')")  # the browser names countries itself
    one.picture("page-agreements-dark-ru")
    one.page.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})
    for path in ("/agreements", "/validate"):  # long words: Russian ones
        one.go(path)
        one.page.wait_for_selector("[data-test=matrix] table, [data-test=code]")
        assert one.page.evaluate(CUT) == [], path
    other.go("/validate")
    assert Voice("en")("check.give") in other.page.inner_text("main")
    assert other.page.query_selector("body.body--dark") is None
    _speak(other, "中文", "zh-CN")
    _only_its_language(other, "/")
    one.leave()
    other.leave()


def test_a_sample_is_valid_and_the_finding_of_a_mutant_is_marked(browser: Any, address: str, tmp_path: Path) -> None:
    one = Visitor(browser, address)
    one.go("/validate")
    one.page.click("[data-test=sample]")
    one.page.wait_for_selector("[data-test=verdict]:has-text('VALID AAR')")
    one.page.click("[data-test=any-mutant]")
    one.page.wait_for_selector("[data-test=findings] li")
    one.page.wait_for_selector("[data-test=mutant]:has-text('as it must be')")
    one.page.wait_for_selector("[data-test=count]:text-is('1 valid, 1 invalid')")
    one.page.click("[data-test=mutants]")  # a certain one: not every mutant's finding has a place in the text
    one.page.click(".q-menu .q-item:has-text('1 ·')")
    one.page.wait_for_selector("[data-test=count]:text-is('1 valid, 2 invalid')")
    one.page.click("[data-test=findings] li a")
    assert one.page.evaluate("location.hash") == "#place-1"
    one.page.wait_for_function(
        "(() => {const r = document.querySelector('#place-1:target').getBoundingClientRect();"
        " return r.top > 0 && r.bottom < innerHeight})()"
    )
    assert one.page.locator("mark:has(+ #place-1)").count() == 1
    one.picture("page-validate-mutant")
    one.page.click("label:has([data-test=format]), [data-test=format]")
    one.page.click(".q-item:has-text('json')")
    with one.page.expect_download() as download:
        one.page.click("[data-test=download]")
    report = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert report["summary"] == {"files": 3, "valid": 1, "invalid": 2, "findings": report["summary"]["findings"]}
    one.leave()


def test_hostile_messages_are_shown_as_text_and_harm_nobody(browser: Any, address: str) -> None:
    one = Visitor(browser, address)
    one.go("/validate")
    one.page.fill("[data-test=paste]", HOSTILE)
    one.page.click("[data-test=check]")
    one.page.wait_for_selector("[data-test=findings] li:has-text('DOCTYPE')")
    shown = one.page.inner_text("[data-test=text]")
    assert "<script>alert(2)</script>" in shown and 'onerror="alert(3)"' in shown and "\u202e" not in shown
    assert one.page.locator("main script, main img, [data-test=text] [onload]").count() == 0
    given = {
        "deep.xml": b"<a>" * 500_000,
        "long.xml": b"<a>" + b"&lt;script>" * 100_000 + b"</a>",
        "<img src=x onerror=alert(4)>.xml": b"\x00\xff\xfe",
        "good.xml": schemas.sample("AAR").read_bytes(),
    }
    files = [{"name": name, "mimeType": "text/xml", "buffer": data} for name, data in given.items()]
    one.page.set_input_files("[data-test=files]", files)
    one.page.wait_for_selector(f"[data-test=count]:has-text('1 valid, {len(given)} invalid')")
    assert "<img src=x onerror=alert(4)>.xml" in one.page.inner_text("main")
    one.page.click("[data-test=document]:has-text('good.xml')")
    one.page.wait_for_selector("[data-test=verdict] .c-good")
    one.leave()


def test_everything_is_reached_by_keyboard_and_seen_when_reached(browser: Any, address: str) -> None:
    one = Visitor(browser, address)
    one.go("/validate")
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.innerText") == Voice("en")("skip")
    seen: dict[str, bool] = {}
    for _ in range(40):
        one.page.keyboard.press("Tab")
        name, visible = one.page.evaluate(REACHED)
        seen.setdefault(name, visible)
    wanted = {"language", "dark", "paste", "check", "files", "code", "version", "kind", "sample", "mutants", "format"}
    assert wanted | {"Agreements", "any-mutant", "download", "clear"} <= set(seen)
    assert [name for name in wanted if not seen[name]] == []

    one.go("/")
    one.page.wait_for_function("!document.querySelector('[data-test=play]').disabled")
    seen = {}
    for _ in range(40):
        one.page.keyboard.press("Tab")
        name, visible = one.page.evaluate(REACHED)
        seen.setdefault(name, visible)
    keys = ("step", "slower", "faster", "next_border", "to_end", "restart")
    wanted = {"play", *keys, "scenario", "seed", "open-try", "open-officer", "price", "vehicle", "zoom", "map"}
    assert wanted - set(seen) == {"map"}  # a picture: nothing on it can be used
    assert [name for name in wanted & set(seen) if not seen[name]] == []
    one.leave()


def test_an_agreement_is_told_with_its_sources_and_statuses_can_be_supposed(browser: Any, address: str) -> None:
    one = Visitor(browser, address)
    one.go("/agreements")
    one.page.click("[data-test=matrix] button[data-pick='CN-RU']")
    one.page.click("[data-test=detail] button[data-pick='recognition-ru-cn']")
    one.page.wait_for_selector("[data-test=detail] dl")
    told = one.page.inner_text("[data-test=detail]")
    assert "2014" in told and Voice("en")("agree.history") in told
    one.page.click("label:has([data-test=who]), [data-test=who]")
    one.page.click(".q-item:has-text('all')")
    one.page.wait_for_selector("[data-test=matrix] button[data-pick='IL-RU']")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= one.width
    assert "in preparation" in one.page.inner_text("[data-test=assumed]")
    one.leave()


def test_a_status_that_was_supposed_is_put_on_or_it_is_said_why_not(browser: Any, address: str) -> None:
    """The last of this file: the show is another one afterwards."""
    one = Visitor(browser, address)
    one.go("/agreements")
    one.page.click("[data-test=put-on]")  # the first: without it, one arm would be as the baseline
    one.page.wait_for_selector("[data-test=trouble]:visible:has-text('no agreement is in force here')")
    one.page.click("label:has([data-test=agreement]), [data-test=agreement]")
    one.page.click(".q-item:has-text('mutual recognition of customs control results')")
    before = one.page.inner_text("[data-test=assumed]")
    one.page.click("[data-test=put-on]")
    one.page.wait_for_selector("[data-test=trouble]", state="hidden")
    one.page.wait_for_function(f"document.querySelector('[data-test=assumed]').innerText !== {before!r}")
    one.go("/")
    said = Voice("en")("state.paused")
    one.page.wait_for_function(f"document.querySelector('[data-test=state]').innerText === {said!r}", timeout=SOON)
    assert "mutual recognition" not in one.page.inner_text("[data-test=assumed]")
    one.leave()
