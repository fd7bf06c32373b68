"""Commands of the documentation that take their time: one story of them is run small, the others say who runs them.

What is run are the lines as they stand on the pages, in one folder, with a scenario made small and ports that are free.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import aiohttp
import pytest

from exchange.keyring import make
from scenarios.live.children import Children
from tests.contract.test_snippets import EVERY, QUICK
from tests.outside import SETS
from tests.ports import free_ports
from tests.snippets import run

ROOT = Path(__file__).parents[2]
HERE = {"diff", "ledger", "node", "outbox", "record", "replay"}
"""Run by the tests of this file."""
ELSEWHERE = {
    "bench": ("tests/unit/test_bench.py", "scenarios.commands import bench", "measures a machine for minutes"),
    "calibrate": ("tests/unit/test_calibrate.py", '"calibrate"', "needs a study of releases"),
    "compare": ("tests/unit/test_experiments_compare.py", "compare_command", "runs a scenario dozens of times"),
    "conform": ("tests/conform/test_conform_command.py", '"conform"', "needs a node"),
    "demo": ("tests/demo.py", '"demo"', "serves a page, which the tests in a browser look at"),
    "evidence": ("tests/integration/test_proof_commands.py", '"evidence"', "needs a case that is through"),
    "ocel": ("tests/unit/test_ocel.py", "ocel_command", "needs a run"),
    "report": ("tests/unit/test_report_again.py", '"report"', "needs a run"),
    "run": ("tests/unit/test_cli.py", '"run"', "takes seconds of a processor with the report that it writes"),
    "stub": ("tests/integration/test_stub.py", '"stub"', "serves until it is ended"),
    "up": ("tests/integration/test_up.py", '"up"', "starts as many processes as there are services"),
    "validator": ("tests/integration/test_validate_http.py", '"validator"', "serves until it is ended"),
    "why": ("tests/unit/test_why.py", "why_command", "needs a case that was stopped"),
}
"""Command → the test that runs it, what of it that test names, and why it is not run here."""


def shown(page: str, *beginning: str) -> list[str]:
    """Return the words of the command on a page that begins so."""
    found = [c.arguments for c in EVERY if c.where.startswith(page) and c.arguments[: len(beginning)] == beginning]
    assert found, f"{page} no longer shows 'corridor {' '.join(beginning)}'"
    return list(found[0])


def smaller(words: list[str]) -> list[str]:
    """Return a command about a scenario with one train, and little else on the line."""
    return [*words, *(word for change in SETS for word in ("--set", change))]


def test_every_long_command_is_run_somewhere() -> None:
    quick = {one.partition(" ")[0] for one in QUICK} | {"scenarios", "--version"}
    assert {command.arguments[0] for command in EVERY} - quick == HERE | set(ELSEWHERE) - quick
    for name, (file, named, why) in ELSEWHERE.items():
        assert why and named in (ROOT / file).read_text(encoding="utf-8"), f"{file} does not run 'corridor {name}'"


def test_traffic_is_recorded_told_again_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (smaller(shown("docs/traffic.md", "record")), shown("docs/traffic.md", "replay")):
        code, told = run(words)
        assert code == 0, told
    for name in ("before", "after"):
        shutil.copy("kz.traffic.gz", f"{name}.traffic.gz")
    code, told = run(shown("docs/traffic.md", "diff"))
    assert code == 0 and "0 different" in told, told


async def test_a_node_is_started_asked_and_ended_and_its_store_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_ports(1)
    make(tmp_path / "keys", {"KZ": f"http://127.0.0.1:{port}", "KZ.OPERATOR": None, "RU": "http://127.0.0.1:1"})
    shutil.copy("keys/members.yaml", "members.yaml")
    words = shown("docs/separate-nodes.md", "node")
    children = Children({"KZ": words[1:]}, {"KZ": tmp_path / "log"})
    await children.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health") as answer:
            told = await answer.json()
    finally:
        await children.stop()
    assert (told["status"], told["node"], told["stepped"]) == ("ok", "KZ", False)
    for beginning in (("ledger", "verify"), ("ledger", "show"), ("ledger", "checkpoint")):
        words = [word.replace("ru", "kz").replace("RU", "KZ") for word in shown("docs/reference", *beginning)]
        code, said = await asyncio.to_thread(run, words)
        assert code == 0, said
    assert (await asyncio.to_thread(Path("kz.checkpoint").read_text)).count(".") == 2
    code, said = await asyncio.to_thread(run, [*shown("docs/operations.md", "outbox", "list", "kz.sqlite"), "--json"])
    assert code == 0, said
