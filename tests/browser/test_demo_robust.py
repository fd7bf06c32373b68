"""A show under bad conditions: two visitors, a lost connection, an arm whose process is killed, once and again.

All on one show, served by ``corridor demo`` with one difference: an arm is taken over once, not three times.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scenarios.demo.words import Voice
from tests.demo import SOON, Visitor, started

ONE_LIFE = "from scenarios.demo import troupe; troupe.LIVES = 1; from scenarios.cli import main; main()"
OPTIONS = ("china_europe_transit_fi", "--arm", "advance", "--no-browser")
SETS = (
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.consignments=2 consignments",
    "warm_up=0 h",
)
OTHER, PLACE = "facilitated_crossing_ru_ee", "Koidula"
"""A scenario that is soon on, and a place of it that the one before has not."""
VOICE = Voice("en")


class Wire:
    """What lies between a browser and the demo: passes on bytes, until it is cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._ends: list[socket.socket] = []
        self._whole = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._target)) if self._whole else None
                except OSError:
                    far = None
                if far is None:
                    near.close()
                    continue
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Let nothing pass any more."""
        self._whole = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends = []

    def mend(self) -> None:
        """Let what is begun from now on pass again."""
        self._whole = True

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listener.close()


@contextmanager
def _demo() -> Iterator[tuple[int, int]]:
    """Give process id and port of a demo; end it, and the processes of its arms, at last."""
    sets = [part for change in SETS for part in ("--set", change)]
    with started("-c", ONE_LIFE, "demo", *OPTIONS, *sets) as (address, process):
        yield process, int(address.rpartition(":")[2])


def _arm(server: int) -> int:
    """Return the process of the arm."""
    children = (Path("/proc") / str(server) / "task" / str(server) / "children").read_text().split()
    return next(int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())


def _says(page: Any, part: str, text: str) -> None:
    """Wait until a part of a page (data-test) shows ``text``."""
    page.wait_for_selector(f"[data-test={part}]:visible:has-text({text!r})", timeout=SOON)


def _clock(page: Any) -> str:
    return str(page.inner_text("[data-test=clock]"))


def _await_clock(page: Any, text: str) -> None:
    page.wait_for_function(f"document.querySelector('[data-test=clock]').innerText === {text!r}", timeout=SOON)


def test_a_show_goes_on_through_all_that_happens_to_those_who_look_and_to_its_arms(browser: Any) -> None:
    with _demo() as (server, port):
        wire = Wire(port)
        try:
            _look(browser, server, wire, f"http://127.0.0.1:{port}")
        finally:
            wire.close()


def _look(browser: Any, server: int, wire: Wire, address: str) -> None:
    first, second = Visitor(browser, wire.address), Visitor(browser, address)
    for one in (first, second):
        one.go("/")
        _says(one.page, "state", VOICE("state.paused"))
    one, other = first.page, second.page

    # either drives the show, and both see the same
    one.click(f'button[aria-label="{VOICE("step")}"]')
    _await_clock(other, "Day 1, 01:00 UTC")
    other.click(f'button[aria-label="{VOICE("step")}"]')
    _await_clock(one, "Day 1, 02:00 UTC")

    # a connection that is lost is named, and made up for once it is back
    wire.cut()
    one.wait_for_selector("#popup:visible", timeout=SOON)
    assert one.inner_text("#popup").strip() == VOICE("lost")
    other.click(f'button[aria-label="{VOICE("step")}"]')
    _await_clock(other, "Day 1, 03:00 UTC")
    assert _clock(one) == "Day 1, 02:00 UTC"
    wire.mend()
    _await_clock(one, "Day 1, 03:00 UTC")
    one.wait_for_selector("#popup", state="hidden", timeout=SOON)

    # whoever leaves disturbs nobody; an arm that is lost is taken over at the moment at which it stood
    first.errors = [error for error in first.errors if "ERR_" not in error and "WebSocket" not in error]
    first.leave()
    os.kill(_arm(server), signal.SIGKILL)
    other.click(f'button[aria-label="{VOICE("step")}"]')
    _await_clock(other, "Day 1, 04:00 UTC")
    _says(other, "losses", VOICE("loss.back", arm=VOICE("arm.advance"), how="signal 9"))
    _says(other, "state", VOICE("state.paused"))

    # one that is lost too often ends the show: what was shown stays, and it can be put on again
    os.kill(_arm(server), signal.SIGKILL)
    other.click(f'button[aria-label="{VOICE("step")}"]')
    _says(other, "trouble", "the process of the arm advance has ended (signal 9)")
    second.picture("failed")
    assert _clock(other) == "Day 1, 04:00 UTC"
    assert other.locator("[data-test=map] svg").count() == 1
    other.click("[data-test=again]")
    _await_clock(other, "Day 1, 00:00 UTC")
    _says(other, "state", VOICE("state.paused"))
    other.wait_for_selector("[data-test=trouble]", state="hidden", timeout=SOON)

    # and another scenario can be put on in its place
    for hour in (1, 2):
        os.kill(_arm(server), signal.SIGKILL)
        other.click(f'button[aria-label="{VOICE("step")}"]')
        if hour == 1:
            _await_clock(other, "Day 1, 01:00 UTC")
    _says(other, "trouble", "the process of the arm advance has ended (signal 9)")
    other.click("[data-test=scenario]")
    called = VOICE(f"scenario.{OTHER}")
    other.click(f".q-menu .q-item:has-text('{called}')")
    other.click("[data-test=restart]")
    other.wait_for_selector("[data-test=trouble]", state="hidden", timeout=SOON)
    _says(other, "state", VOICE("state.paused"))
    other.wait_for_function(f"document.querySelector('[data-test=map]').textContent.includes({PLACE!r})", timeout=SOON)
    second.leave()
