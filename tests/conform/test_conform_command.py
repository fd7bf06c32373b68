"""The command as a user types it, its forms, and that every requirement stands where its check says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.conform.check import GROUPS
from scenarios.conform.checks import ALL
from scenarios.conform.forms import as_json, as_junit, as_page
from scenarios.conform.run import Report
from scenarios.conform.text import closing, line, plain
from tests.conform.bench import checked, node
from tests.conform.wrong import answers_200

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, str]:
    """Return exit code and output of ``corridor conform``."""
    result = CliRunner().invoke(app, ["conform", *arguments])
    return result.exit_code, result.output


@pytest.fixture
async def report() -> Report:
    """Return the report on a node that answers 200, over two groups."""
    async with node(fault=answers_200) as wrong:
        return await checked(wrong.url, only=("transport", "time"))


def test_there_are_checks_of_every_group_with_names_of_their_own() -> None:
    assert len(ALL) >= 40
    assert len({check.number for check in ALL}) == len({check.title for check in ALL}) == len(ALL)
    assert {check.group for check in ALL} == set(GROUPS)


@pytest.mark.parametrize("document", sorted({check.requirement.document for check in ALL}))
def test_every_requirement_stands_where_the_check_says(document: str) -> None:
    sections = {check.requirement.section for check in ALL if check.requirement.document == document}
    if document.startswith("RFC"):
        assert all(re.fullmatch(r"\d+(\.\d+)*|appendix [A-Z]", section) for section in sections)
        return
    text = (ROOT / document).read_text(encoding="utf-8")
    headings = {found.strip("`") for found in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    rules = set(re.findall(r"PIX-\d{3}", text))
    assert sections <= headings | rules, sections - headings - rules


def test_the_list_needs_no_node() -> None:
    code, text = run("--list")
    assert code == 0 and all(check.number in text for check in ALL)
    code, text = run("--list", "--json")
    assert code == 0 and len(json.loads(text)) == len(ALL)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("http://127.0.0.1:1",),
        ("http://127.0.0.1:1", "--as", "kz"),
        ("http://192.0.2.1:8471", "--as", "KZ"),
        ("http://127.0.0.1:1", "--as", "KZ", "--only", "nothing"),
        ("http://127.0.0.1:1", "--as", "KZ", "--scenario", "no_such_scenario"),
        ("http://127.0.0.1:1", "--as", "BR"),
        ("http://127.0.0.1:1", "--as", "KZ", "--members", "no/such/members.yaml"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(arguments: tuple[str, ...]) -> None:
    code, text = run(*arguments)
    assert code == 2 and "Traceback" not in text


def test_a_node_that_is_not_there_does_not_conform(tmp_path: Path) -> None:
    page, cases = tmp_path / "out" / "page.html", tmp_path / "cases.xml"
    asked = ("http://127.0.0.1:1", "--as", "KZ", "--only", "transport", "--html", str(page), "--junit", str(cases))
    code, text = run(*asked, "--json")
    told = json.loads(text)
    assert code == 1 and told["conforms"] is False and told["checks"][0]["verdict"] == "failed"
    assert "T01" in page.read_text(encoding="utf-8") and cases.exists()


async def test_text_names_what_was_seen_and_what_was_required(report: Report) -> None:
    [failed] = [result for result in report.results if result.outcome == "failed"]
    told = line(failed)
    assert (
        "T02" in told and "expected 202, was answered 200" in told and "docs/conform.md, Handing in a message" in told
    )
    shown = line(failed, verbose=True)
    assert "> POST /messages" in shown and "> Pix-Signature: " in shown and "< 200 in " in shown
    assert "does not conform: T02." in closing(report)


async def test_json_has_the_verdicts_and_what_was_said_where_one_failed(report: Report) -> None:
    told = as_json(report)
    assert (told["failed"], told["conforms"], told["mode"]) == (1, False, "stepped")
    assert told["passed"] + told["failed"] + told["not_applicable"] == len(told["checks"])
    [failed] = [one for one in told["checks"] if one["verdict"] == "failed"]
    assert failed["exchanges"][0]["answer"]["status"] == 200
    assert "<ArrivalAdvice" in failed["exchanges"][0]["request"]["body"]
    verdicts = {(one["document"], one["section"]): one["verdict"] for one in told["requirements"]}
    assert verdicts["docs/conform.md", "Handing in a message"] == "failed"
    assert verdicts["RFC 9457", "3"] == "passed"
    assert sum(len(one["checks"]) for one in told["requirements"]) == len(told["checks"])


async def test_junit_counts_and_skips(report: Report) -> None:
    root = ElementTree.fromstring(as_junit(report))
    cases = root.findall("testsuite/testcase")
    assert len(cases) == len(report.results) == int(root.attrib["tests"])
    assert len(root.findall(".//failure")) == int(root.attrib["failures"]) == 1
    assert len(root.findall(".//skipped")) == int(root.attrib["skipped"]) == 3


async def test_the_page_shows_all_and_trusts_nothing(report: Report) -> None:
    page = as_page(report)
    assert all(f'id="{result.check.number}"' in page for result in report.results)
    assert "&lt;ArrivalAdvice" in page and "<ArrivalAdvice" not in page
    assert not re.search(r'src="|href="[^#]', page) and "<script" not in page
    assert plain("\x1b[2Jred\u202e") == "\ufffd[2Jred\ufffd"


def test_the_demo_trust_can_be_had_as_files(tmp_path: Path) -> None:
    from exchange.members import Members
    from scenarios.live.credentials import Credentials

    code, text = run("--demo-trust", str(tmp_path / "keys"), "--as", "KZ")
    assert code == 0 and "members.yaml" in text
    members = Members.load(tmp_path / "keys" / "members.yaml")
    assert {"KZ", "KZ.OPERATOR", "KZ.99101", "KZ.STEPPE-RAIL", "CN", "BR"} <= {member.id for member in members}
    assert Credentials.load(tmp_path / "keys", "KZ", members).key.kid == "demo-KZ"
    code, text = run("--demo-trust", str(tmp_path / "keys"), "--as", "KZ")
    assert code == 2 and "already" in text
