"""``corridor bench demo``: the live page with 500 consignments under way, looked at by a real browser.

The demo runs as a user starts it; Chromium opens its page through Playwright. Measured are the updates that the page
sees, the processor seconds of the demo (page, arms, nodes) and of the browser, and how long the page takes to open.

An update is counted where the visitor can see it, in the browser: the page shows a later moment of the show than it
did. All panels are drawn with the clock; how often vehicles or borders of the map changed is counted beside it. The
gaps are those between two updates, with what is left before the first and after the last within the window.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from exchange.errors import CorridorError

GOOD, SLOW, WRONG = 0, 1, 2
SCENARIO = "china_europe_transit_fi"
CONSIGNMENTS = 36
"""Consignments of a train: many, so that few trains carry 500."""
SETS = (
    "flows.0.vehicles.count=40 trains",
    "flows.0.vehicles.interval=12 h",
    f"flows.0.vehicles.consignments={CONSIGNMENTS} consignments",
)
UNDER_WAY = 500
"""Consignments that have left and not arrived while it is measured."""
UPDATES = 2.0
"""Updates of the page a second below which the exit code is 1."""
PATIENCE = 600.0
"""Wall seconds until so many must be under way."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
_COUNT = """() => {
  const clock = document.querySelector('[data-test=clock]'), map = document.querySelector('[data-test=map]');
  const seen = window.benchSeen = {begun: performance.now(), updates: [], map: 0};
  let shown = clock.innerText;
  const every = {subtree: true, childList: true, characterData: true};
  new MutationObserver(() => {
    if (clock.innerText === shown) return;
    shown = clock.innerText;
    seen.updates.push(performance.now());
  }).observe(clock, every);
  new MutationObserver(() => { seen.map += 1; }).observe(map, {...every, attributes: true});
}"""
_SEEN = "() => ({...window.benchSeen, ended: performance.now()})"
_VEHICLES = "document.querySelectorAll('.c-vehicle.c-arm-baseline').length"


class BenchError(CorridorError):
    """What is needed to measure is not there, or the demo did not come to what is measured."""


def bench_demo(seconds: float, *, json_output: bool) -> int:
    """Measure for ``seconds`` and print; return 0 if the page kept pace, 1 if it did not, 2 if nothing was measured."""
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        figures = measure(seconds)
    except CorridorError as problem:
        error.print(str(problem), markup=False)
        return WRONG
    if json_output:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>40}  {value}")
    return GOOD if figures["updates_per_s"] >= UPDATES else SLOW


def measure(seconds: float) -> dict[str, Any]:
    """Return the figures, measured over ``seconds`` of a show that plays. Raise :class:`BenchError` if it cannot be."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise BenchError("there is no Chromium to open the page with: install it (Debian: chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BenchError("Playwright is not installed: pip install playwright") from None
    _tell("starting the demo")
    with _demo() as (address, server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            return _looked_at(page, address, server, seconds)
        finally:
            browser.close()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _looked_at(page: Any, address: str, server: int, seconds: float) -> dict[str, Any]:
    wait = PATIENCE * 1000
    page.goto(address)
    page.wait_for_function("document.querySelector('[data-test=state]').innerText === 'Paused'", timeout=wait)
    opened = _opened(page, address)
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press(" ")
    trains = -(-UNDER_WAY // CONSIGNMENTS)
    _tell(f"waiting until {trains} trains are under way")
    page.wait_for_function(f"{_VEHICLES} >= {trains}", timeout=wait, polling=500)
    page.keyboard.press("-")
    page.keyboard.press("-")
    _tell(f"measuring for {seconds:g} s")
    page.wait_for_timeout(3000)
    page.evaluate(_COUNT)
    vehicles = page.evaluate(_VEHICLES)
    clock = page.inner_text("[data-test=clock]")
    before, begun = _processor(server), time.perf_counter()
    page.wait_for_timeout(seconds * 1000)
    spent = time.perf_counter() - begun
    after = _processor(server)
    seen = page.evaluate(_SEEN)
    vehicles = min(vehicles, page.evaluate(_VEHICLES))
    clock += f" to {page.inner_text('[data-test=clock]')}"
    state = page.inner_text("[data-test=state]")
    if state != "Playing":
        raise BenchError(f"the show no longer played while it was measured, but said: {state or 'it has failed'}")
    demo, chrome = (after[name] - before[name] for name in ("demo", "browser"))
    return {
        "consignments_under_way": CONSIGNMENTS * vehicles,
        "seconds": round(spent, 1),
        "shown": clock,
        **updates(seen["begun"], seen["updates"], seen["ended"]),
        "map_changes_per_s": round(seen["map"] / spent, 2),
        "demo_processor_s_per_s": round(demo / spent, 3),
        "browser_processor_s_per_s": round(chrome / spent, 3),
        "page_opens_in_s": round(opened, 2),
        "load_of_machine": round(os.getloadavg()[0], 1),
    }


def updates(begun: float, at: Sequence[float], ended: float) -> dict[str, Any]:
    """Return updates a second and the gaps between them, of updates ``at`` in a window; all in milliseconds."""
    gaps = sorted(later - sooner for sooner, later in pairwise([begun, *at, ended]))
    share = sum(gap for gap in gaps if gap > 1000 / UPDATES) / (ended - begun)
    return {
        "updates_per_s": round(len(at) * 1000 / (ended - begun), 2),
        "gap_median_s": round(median(gaps) / 1000, 2),
        "gap_longest_s": round(gaps[-1] / 1000, 2),
        "share_of_time_in_gaps_over_half_a_second": round(share, 3),
    }


def _opened(page: Any, address: str) -> float:
    """Return the wall seconds from asking for the page until map and first picture are drawn: best of three."""
    best = PATIENCE
    for _ in range(3):
        begun = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("[data-test=map] svg")
        page.wait_for_selector(".js-plotly-plot .main-svg", state="attached")
        best = min(best, time.perf_counter() - begun)
    return best


def _processor(server: int) -> dict[str, float]:
    """Return the processor seconds so far of the demo with its arms, and of the browser, which are our children."""
    demo, ours = _family(server), _family(os.getpid())
    browser = (spent for pid, spent in ours.items() if pid not in demo and pid != os.getpid())
    return {"demo": sum(demo.values()), "browser": sum(browser)}


def _family(ancestor: int) -> dict[int, float]:
    """Return process id → processor seconds of a process and all below it, as Linux tells in /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended in the meantime
        pid = int(entry.parent.name)
        spent[pid] = (int(fields[11]) + int(fields[12])) / ticks
        children.setdefault(int(fields[1]), []).append(pid)
    found: dict[int, float] = {}
    waiting = [ancestor]
    while waiting:
        pid = waiting.pop()
        if pid in spent:
            found[pid] = spent[pid]
            waiting += children.get(pid, [])
    return found


@contextmanager
def _demo() -> Iterator[tuple[str, int]]:
    """Start the demo on a free port; give its address and the id of its process; end it at last."""
    from scenarios.demo.app import free_port

    port = free_port("127.0.0.1", 8600)
    code = "import sys; from scenarios.cli import main; main()"
    changes = [part for change in SETS for part in ("--set", change)]
    command = [sys.executable, "-c", code, "demo", SCENARIO, *changes, "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        address = f"http://127.0.0.1:{port}/"
        _await(address, process)
        yield address, process.pid
    finally:
        signal.signal(signal.SIGTERM, before)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _leave(number: int, _frame: object) -> None:
    """End this process by a signal as by an error, so that the demo is ended too."""
    raise SystemExit(128 + number)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60.0
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError("the demo did not serve its page") from None
            time.sleep(0.2)


__all__ = ["BenchError", "bench_demo", "measure"]
