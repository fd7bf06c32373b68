"""Messages, stories and recognitions of a show in a real browser: opened, read, and never taken for markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.demo.words import Voice
from tests.demo import SOON, Visitor, served

SCENARIO = "green_corridor_ru_mn_images"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
SETS = (
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.consignments=2 consignments",
    "warm_up=0 h",
    f"traders.UB001.name='{HOSTILE}'",
)
VOICE = Voice("en")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(
        SCENARIO, "--arm", "baseline", "--arm", "recognition", *(part for change in SETS for part in ("--set", change))
    ) as found:
        yield found


@pytest.fixture(scope="module")
def played(browser: Any, address: str) -> str:
    """Play the show to its end; return where it is served."""
    visitor = Visitor(browser, address)
    visitor.go("/")
    visitor.state("paused")
    visitor.page.click(f'button[aria-label="{VOICE("to_end")}"]')
    visitor.state("over")
    visitor.leave()
    return address


def _of_code(page: Any, code: str) -> Any:
    return page.locator(".c-seq-row", has=page.locator(".c-seq-code", has_text=code)).first


def _letter(page: Any, code: str) -> Any:
    """Wait until a message of this code is shown whole."""
    page.wait_for_selector(f"[data-test=letter] h2:has-text('{code} ·')", timeout=SOON)
    return page.locator("[data-test=letter]")


def test_a_message_is_opened_and_shows_its_proofs_and_hostile_text_as_text(browser: Any, played: str) -> None:
    visitor = Visitor(browser, played)
    page = visitor.page
    visitor.go("/messages")
    page.wait_for_selector(".c-seq-row", timeout=SOON)
    assert 0 < page.locator(".c-seq-row").count() <= 60
    while page.locator(".c-seq-row", has=page.locator(".c-seq-code", has_text="ADV")).count() == 0:
        before = page.inner_text("[data-test=count]")
        page.click(f'button[aria-label="{VOICE("messages.older")}"]')
        page.wait_for_function(f"document.querySelector('[data-test=count]').innerText !== {before!r}", timeout=SOON)
    _of_code(page, "ADV").click()
    letter = _letter(page, "ADV")
    assert letter.locator("[data-test=verdict]").inner_text().splitlines()[-1] == f"✓ {VOICE('letter.valid')}"
    for part in ("signature", "receipt"):
        assert f"✓ {VOICE('letter.verified')}" in letter.locator(f"[data-test={part}]").inner_text()
    assert "Ed25519" in letter.locator("[data-test=signature]").inner_text()
    xml = letter.locator("[data-test=xml]")
    assert xml.inner_text().startswith("<?xml") and xml.locator(".x-tag").count() > 20
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in xml.inner_text()
    assert letter.locator("img, script").count() == 0
    visitor.picture("messages")

    letter.locator("[data-test=links] [data-letter]").first.click()  # what followed from it: its registration
    _letter(page, "REG")
    page.locator("[role=listbox]").focus()
    chosen = page.get_attribute("[role=listbox]", "aria-activedescendant")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        f"document.querySelector('[role=listbox]').getAttribute('aria-activedescendant') !== {chosen!r}", timeout=SOON
    )
    page.wait_for_function("!document.querySelector('[data-test=letter] h2').innerText.startsWith('REG')", timeout=SOON)
    visitor.leave()


def test_a_story_stands_arms_beside_each_other_with_reasons_image_and_messages(browser: Any, played: str) -> None:
    visitor = Visitor(browser, played)
    page = visitor.page
    visitor.go("/recognitions")
    page.wait_for_selector("[data-test=recognitions] tbody a", timeout=SOON)
    accepted = page.locator("[data-test=recognitions] tr", has_text=f"✓ {VOICE('fate.accepted')}")
    case = accepted.first.locator("a").inner_text()
    visitor.picture("recognitions")
    accepted.first.locator("a").click()
    page.wait_for_selector("[data-test=story] .c-tale", timeout=SOON)
    assert page.url.endswith(f"/story?case={case}")
    page.wait_for_function(
        "[...document.querySelectorAll('[data-test=image]')].filter(one => one.naturalWidth > 100).length === 2",
        timeout=SOON,
    )
    last = page.locator("[data-test=story] td[data-arm-of=recognition]")
    first = page.locator("[data-test=story] td[data-arm-of=baseline]")
    assert last.count() == first.count() > 4
    text = "\n".join(last.all_inner_texts())
    answer = VOICE("story.answer", by="RU", of=f"MN ({VOICE('form.SCAN')})", fate=VOICE("fate.accepted"))
    assert answer in text and answer not in "\n".join(first.all_inner_texts())
    assert page.locator("[data-test=story] .c-differs").count() >= 1
    visitor.picture("story")
    last.locator("[data-letter]", has_text="RCG").first.click()
    assert "MN" in _letter(page, "RCG").locator(".c-way-of").inner_text()
    visitor.leave()


def test_a_phone_shows_it_all_without_scrolling_sideways(browser: Any, played: str) -> None:
    phone = Visitor(browser, played, size="phone")
    for path, content in (("messages", ".c-seq-row"), ("story", ".c-tale tbody tr"), ("recognitions", ".c-list tr")):
        phone.go(f"/{path}")
        phone.page.wait_for_selector(content, state="attached", timeout=SOON)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= phone.width, path
        phone.picture(path)
    phone.leave()
