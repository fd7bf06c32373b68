"""Breaking something and playing the officer on the live page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.demo.words import Voice
from tests.demo import SOON, Visitor, served

SETS = (
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.consignments=2 consignments",
    "assumptions.scan_share_at_entry.share=100 %",
    "warm_up=0 h",
)
VOICE = Voice("en")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    changes = (part for change in SETS for part in ("--set", change))
    with served("china_europe_transit_fi", "--arm", "recognition", *changes) as found:
        yield found


def test_a_visitor_breaks_something_and_plays_the_officer(browser: Any, address: str) -> None:
    visitor = Visitor(browser, address)
    page = visitor.page
    visitor.go("/")
    visitor.state("paused")

    page.click("[data-test=open-try]")
    page.click("[data-test=try-kind]")
    page.click(f".q-menu .q-item:has-text('{VOICE('try.kind.corrupt')}')")
    page.click("[data-test=try-do]")
    page.wait_for_selector(f"[data-test=trials] :text('{VOICE('try.came.corrupt_open')}')", timeout=SOON)
    page.wait_for_selector("[data-test=changed]:has-text('corrupted')", timeout=SOON)
    page.click("[data-test=try-kind]")
    page.click(f".q-menu .q-item:has-text('{VOICE('try.kind.agreement')}')")
    page.click("[data-test=try-do]")
    page.wait_for_selector("[data-test=try-trouble]:has-text('one arm only')", timeout=SOON)
    page.click("[data-test=try-kind]")
    page.wait_for_selector(".q-menu .q-item")
    page.keyboard.press("Escape")
    page.wait_for_selector(".q-menu", state="detached")
    assert page.is_visible("[data-test=tryit]"), "Escape closed the list of choices alone"
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-test=tryit]", state="hidden")
    page.click("[data-test=open-try]")
    page.click("[data-test=try-kind]")
    page.click(f".q-menu .q-item:has-text('{VOICE('try.kind.seal')}')")
    page.click("[data-test=try-case]")
    page.click(".q-menu .q-item:nth-child(1)")
    case = page.input_value("[data-test=try-case]")
    page.click("[data-test=try-do]")
    page.wait_for_selector(f"[data-test=trials] :text('{VOICE('try.came.seal_open')}')", timeout=SOON)

    page.click("[data-test=open-officer]")  # beside the window that is open, in whose place its own comes
    page.wait_for_selector("[data-test=tryit]", state="hidden")
    page.click("[data-test=officer-service]")
    page.click(".q-menu .q-item:has-text('KZ')")
    page.click("[data-test=officer-take]")
    page.wait_for_selector(f"[data-test=officer-waiting]:has-text('{VOICE('officer.none')}')", timeout=SOON)
    page.wait_for_function("document.activeElement.dataset.test === 'officer-waiting'")  # the button has gone
    page.click(f"button[aria-label='{VOICE('play')}']")
    page.wait_for_selector("[data-test=officer-refuse]", timeout=SOON)
    visitor.picture("officer")
    page.click("[data-test=officer-refuse_all]")
    page.wait_for_selector("[data-test=officer-refuse]", state="detached", timeout=SOON)
    page.click(f"button[aria-label='{VOICE('to_end')}']")
    page.wait_for_selector("[data-test=cost-controls]", timeout=SOON)
    visitor.state("over")
    page.wait_for_function("+document.querySelector('[data-test=cost-controls]').innerText > 0", timeout=SOON)

    page.click(f"[data-test=officer] [aria-label={VOICE('try.close')}]")
    page.click("[data-test=open-try]")
    page.wait_for_selector("[data-test=trials] :text('(401:')", timeout=SOON)
    visitor.picture("tryit")
    assert VOICE("try.came.seal_lapsed", lapsed=1) in page.inner_text("[data-test=trials]")
    visitor.go(f"/story?case={case}")
    found = page.locator("[data-test=story]", has_text=VOICE("happened.mismatch.seal"))
    found.filter(has_text=VOICE("because.SEAL")).wait_for()
    visitor.leave()
