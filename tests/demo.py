"""A demo for tests in a real browser: ``corridor demo`` in a process of its own on loopback, and its visitors."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scenarios.demo.words import Voice
from tests.ports import free_ports

PATIENCE = 120.0
"""Wall seconds until the page must answer."""
SOON = 120_000
"""Wall milliseconds within which what is waited for must have come; far more than it takes."""
SIZES = {"projector": (1280, 720), "phone": (390, 844)}
OUT = Path(__file__).parent.parent / "out" / "demo"
"""Where screenshots go."""


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Start ``corridor demo`` with ``options``; give its address; end it, and the processes of its arms, at last."""
    with started("-m", "scenarios.cli", "demo", "--no-browser", *options) as (address, _):
        yield address


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, int]]:
    """Start Python with ``arguments``, which make a demo; give its address and process id; end all of it at last."""
    command = [sys.executable, *arguments, "--port", str(free_ports(1))]
    # NiceGUI serves its own test screen where it sees pytest's variable
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=surroundings,
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", told)
        assert found is not None, told + process.stdout.read()
        until_served(found[0], process)
        yield found[0], process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def until_served(address: str, process: subprocess.Popen[str]) -> None:
    """Wait until the demo in ``process`` serves its page."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if process.poll() is not None and process.stdout is not None:
                raise AssertionError(f"corridor demo ended: {process.stdout.read()}") from None
            assert time.monotonic() < until, "corridor demo did not serve its page in time"
            time.sleep(0.1)


class Visitor:
    """A browser of its own: one page, what its scripts complained of, dialogs it opened, other hosts it asked."""

    def __init__(self, browser: Any, address: str, size: str = "projector", **options: Any) -> None:
        width, height = SIZES[size]
        self.address, self.size, self.width = address, size, width
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SOON)
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda one: self.errors.append(one.text) if one.type == "error" else None)
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _dialog(self, dialog: Any) -> None:
        self.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.strangers.append(request.url)

    def go(self, path: str) -> None:
        """Open a page of the demo; wait until it is laid out and connected."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector("main")
        self.page.wait_for_function("window.socket && window.socket.connected")

    def state(self, key: str) -> None:
        """Wait until the show is in this state, ``paused``, ``playing`` or ``over``; the page speaks English."""
        said = Voice("en")(f"state.{key}")
        self.page.wait_for_function(f"document.querySelector('[data-test=state]').innerText === {said!r}", timeout=SOON)

    def picture(self, name: str) -> None:
        """Leave a screenshot of the whole page."""
        OUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(OUT / f"{name}-{self.size}.png"), full_page=True)

    def leave(self) -> None:
        """Close the browser; nothing may have gone wrong."""
        self.context.close()
        assert not self.errors, "\n".join(self.errors)
        assert not self.strangers, "\n".join(self.strangers)


__all__ = ["OUT", "SIZES", "SOON", "Visitor", "served", "until_served"]
