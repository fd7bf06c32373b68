"""``corridor stub``: a counterpart that answers as told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence

from rich.table import Table

from exchange.errors import CorridorError
from scenarios.printing import table_console
from scenarios.stub.marks import CATALOGUE, WAIT

GOOD, WRONG = 0, 2


def list_command(*, json_output: bool) -> int:
    """Print the marks that a UCR may have; return the exit code."""
    if json_output:
        json.dump([{"word": m.word, "group": m.group, "text": m.text} for m in CATALOGUE], sys.stdout, indent=1)
        print()
        return GOOD
    print("A UCR that begins with a digit, a country and STUB asks for what stands between its dashes,")
    print("as 7CNSTUB-SCAN-D30S-001 or 7CNSTUB-REFUSED.X1. D30S, D5M, D2H name a delay:")
    print(f"of an answer or a post ({WAIT.total_seconds():g} s if none is named), or else of all messages to partners.")
    table = Table(header_style="bold", pad_edge=False, box=None)
    for title in ("Group", "Mark", "What the stub does"):
        table.add_column(title, overflow="fold")
    last = ""
    for mark in CATALOGUE:
        table.add_row("" if mark.group == last else mark.group, mark.word, mark.text)
        last = mark.group
    table_console().print(table)
    return GOOD


def stub_command(
    country: str,
    *,
    port: int,
    scenario: str | None,
    arm: str,
    partners: Sequence[str],
    stepped: bool,
    json_output: bool,
) -> int:
    """Run a stub of ``country`` until Ctrl-C or SIGTERM; return the exit code: 0 when stopped, 2 if it cannot start."""
    from scenarios.live.demo_trust import DemoMembers
    from scenarios.stub.service import StubError, StubOptions, run_stub, scenario_for

    def tell(url: str) -> None:
        if json_output:
            print(
                json.dumps({"stub": country, "url": url, "pid": os.getpid(), "scenario": options.scenario}), flush=True
            )
            return
        part = f"as in {options.scenario}, arm {arm}" if options.scenario else "by the general profile"
        print(f"{country} answers as told at {url}, {part}; Ctrl-C stops it", flush=True)
        print("  It trusts the demo keys, which everybody has: it listens on this machine only.")
        print("  corridor stub --list                          what a UCR can ask for")
        print(f"  corridor conform {url} --as {country}    check it, or your own node, against the contract")
        print(f"  curl -H 'Content-Type: application/xml' --data-binary @message.xml {url}/stub/send", flush=True)

    try:
        known = dict(_partner(one) for one in partners)
        DemoMembers(known)
        options = StubOptions(
            country=country,
            port=port,
            scenario=scenario or scenario_for(country),
            arm=arm,
            stepped=stepped,
            partners=known,
        )
        if len(country) != 2:
            raise StubError(f"{country} is no service: write its country, as in KZ")

        async def run() -> None:
            ended = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, ended.set)
            await run_stub(options, ended, tell)

        asyncio.run(run())
    except CorridorError as error:
        print(f"corridor stub {country}: {error}", file=sys.stderr)
        return WRONG
    return GOOD


def _partner(text: str) -> tuple[str, str]:
    from scenarios.stub.service import StubError

    member, equals, url = text.partition("=")
    if not equals or not url.startswith("http://"):
        raise StubError(f"--partner {text}: write SERVICE=URL, as RU=http://127.0.0.1:8644")
    return member, url


__all__ = ["list_command", "stub_command"]
