"""The live page in a real browser: a small scenario plays to its end, with the numbers of a run of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.demo.panels.price import counted
from scenarios.demo.words import Voice
from scenarios.events import PHASES
from scenarios.run import run_scenario
from scenarios.scenario import load_scenario
from tests.demo import SOON, Visitor, served

SCENARIO = "green_corridor_ru_cn"
VOICE = Voice("en")
STATE = "document.querySelector('[data-test=state]').innerText"
SETS = ("flows.0.vehicles.count=1 trains", "flows.1.vehicles.count=6 trucks", "warm_up=0 h")


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what ``corridor run --replications 1`` writes as summary.json of the same."""
    scenario = load_scenario(SCENARIO, SETS)
    outcome = run_scenario(scenario, transport="memory", replications=1, workers=1, out=tmp_path_factory.mktemp("run"))
    return outcome.summary


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(SCENARIO, *(part for change in SETS for part in ("--set", change))) as found:
        yield found


def _shown(page: Any, arm: str) -> dict[str, str]:
    cells = page.query_selector_all(f'[data-test=price] tr[data-arm="{arm}"] td')
    return {cell.get_attribute("data-key"): cell.inner_text().strip() for cell in cells}


def test_the_show_plays_to_its_end_and_its_numbers_are_those_of_a_run(browser: Any, address: str, summary: Any) -> None:
    projector = Visitor(browser, address)
    page = projector.page
    projector.go("/")
    projector.state("paused")
    page.keyboard.press("n")  # to the next border: vehicles are then on the map
    page.wait_for_selector(".c-vehicles > g", state="attached", timeout=SOON)
    page.keyboard.press("+")
    page.keyboard.press(" ")
    projector.state("playing")
    clock = page.inner_text("[data-test=clock]")
    page.wait_for_function(f"document.querySelector('[data-test=clock]').innerText !== {clock!r}", timeout=SOON)
    page.keyboard.press(" ")
    projector.state("paused")
    page.click('button[aria-label="To the end"]')
    projector.state("over")
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length >= 2", timeout=SOON)
    projector.picture("live-over")

    for arm, entry in summary["arms"].items():
        assert _shown(page, arm) == dict(counted(VOICE, entry)), arm
    for arm in ("advance", "recognition"):
        hours = summary["saved"][arm]["border_hours_mean"]
        assert page.inner_text(f"[data-test=mean-{arm}]") == VOICE("each", hours=f"{hours:.2f}")
    through = re.findall(r"\d+", page.inner_text("[data-test=through]"))
    regular = summary["arms"]["baseline"]["consignments"]
    assert through == [str(regular), str(regular)]
    projector.leave()


@pytest.fixture
def over(browser: Any, address: str) -> str:
    """Return where a show is served that is over: it has been played to its end, or is now."""
    visitor = Visitor(browser, address)
    visitor.go("/")
    visitor.page.wait_for_function(f"{STATE} === {VOICE('state.over')!r} || {STATE} === {VOICE('state.paused')!r}")
    if visitor.page.evaluate(STATE) != VOICE("state.over"):
        visitor.page.click('button[aria-label="To the end"]')
        visitor.state("over")
    visitor.leave()
    return address


def test_a_second_visitor_on_a_phone_sees_the_same_show_and_can_look_at_a_border(browser: Any, over: str) -> None:
    phone = Visitor(browser, over, size="phone")
    page = phone.page
    phone.go("/")
    phone.state("over")
    page.wait_for_selector(".js-plotly-plot .barlayer", state="attached", timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth") <= phone.width
    way = "document.querySelector('section:has([data-test=zoom]) .js-plotly-plot')"
    room = "[...document.querySelectorAll('.js-plotly-plot')].map(plot => [plot, plot._fullLayout._size])"
    shares = page.evaluate(f"{room}.map(([plot, size]) => [size.w / plot.clientWidth, size.h / plot.clientHeight])")
    assert all(wide > 0.45 and high > 0.6 for wide, high in shares), shares  # names leave a picture its room
    legend = page.locator("section:has([data-test=zoom]) .c-legend button")
    legend.first.click()
    page.wait_for_function(f"{way}.data.some(trace => trace.visible === false && trace.x.length)")
    legend.first.click()
    assert legend.first.get_attribute("aria-pressed") == "true"
    title = f"{way}.layout.xaxis.title.text.replaceAll('<br>', ' ')"  # where there is little room it is folded
    days, before = page.evaluate(f"[{title}, {way}.layout.xaxis.range]")
    page.click("[data-test=zoom]")
    page.click(".q-menu .q-item:nth-child(2)")
    page.wait_for_function(f"{title} === {VOICE('hours_since_arrival')!r}", timeout=SOON)
    after, bars = page.evaluate(
        f"[{way}.layout.xaxis.range, {way}.data.filter(trace => trace.type === 'bar' && trace.x.length)]"
    )
    assert days == VOICE("days_since")
    assert 0 < after[1] - after[0] < 24 * (before[1] - before[0])
    longest = max(bars, key=lambda trace: max(trace["x"]))["name"]
    assert longest in {VOICE(f"phase.{phase}") for phase in PHASES}
    page.wait_for_selector(f".js-plotly-plot text:has-text({longest!r})", state="attached", timeout=SOON)
    phone.picture("live-border")
    page.click("[data-test=zoom]")
    page.click(".q-menu .q-item:nth-child(4)")  # a side on the road, where no train comes
    page.wait_for_selector(f"[data-test=nothing-there]:has-text({VOICE('not_its_way')!r})", timeout=SOON)
    phone.leave()
