"""Every command and every block of the documentation is run, or held to what it is about.

All command lines go through the real command line; scenarios, their settings and knobs are loaded; what is quickly
done is run; what takes its time is accounted for in test_long_commands.py. Blocks of Python, YAML and JSON are read by
what reads them. The tutorials are run whole elsewhere, and so are the examples of the page on testing.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
import shutil
import zipfile
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from exchange.members import Members
from exchange.validation.grading import rule_config
from exchange.validation.packs.load import load_pack
from nodes.openapi import describe
from scenarios import output
from scenarios.experiments.plan import make_plan
from scenarios.scenario import load_scenario, schema_text
from tests.snippets import (
    LANGUAGES,
    OTHERS,
    SHELL,
    Block,
    UsageError,
    blocks,
    commands,
    mentioned,
    misnamed,
    parsed,
    run,
    typed,
)

QUICK = {
    "agreements",
    "conform --demo-trust",
    "conform --list",
    "image",
    "keys",
    "mutate",
    "new",
    "sample",
    "schema",
    "stub --list",
    "validate",
}
"""Commands that are run here, where the files that they name are there."""
TUTORIALS = "docs/tutorials"
ELSEWHERE = {"scenarios", "schema diff 1.0 1.1", "mutate aar.xml --out mutants"}
"""Run by the tests of the tutorials, of the comparison of schemas, and of mutants."""
EVERY = tuple(commands())
PLACES = {"SCENARIO", "NAME"}
"""What stands for the name of a scenario."""


def test_every_block_says_what_it_is_and_every_line_for_a_shell_is_a_command() -> None:
    for block in blocks():
        assert block.language in LANGUAGES, f"{block.page}:{block.line}: a block is one of {', '.join(LANGUAGES)}"
        for where, line in typed(block) if block.language in SHELL else ():
            first = shlex.split(line)[0]
            assert Path(first).name in ("corridor", *OTHERS), f"{where}: {line}"
        if block.language == "text":
            assert not re.search(r"^(\$ )?corridor [a-z]", block.text, re.MULTILINE), f"{block.page}:{block.line}"


def test_the_command_line_takes_every_command() -> None:
    wrong = []
    for command in EVERY:
        try:
            parsed(command.arguments)
        except UsageError as error:
            wrong.append(f"{command}: {error}")
    assert wrong == []
    assert len(EVERY) > 120


def test_every_command_that_a_sentence_names_is_there() -> None:
    wrong = [
        f"{command}: there is no {', '.join(name)}" for command in mentioned() if (name := misnamed(command.arguments))
    ]
    assert wrong == []


@cache
def _loaded(name: str, sets: tuple[str, ...]) -> None:
    load_scenario(name, sets)


def test_every_scenario_named_is_there_and_every_setting_fits_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run("new", "scenario", "my_corridor")[0] == 0
    settings = 0
    for command in EVERY:
        given = parsed(command.arguments)
        name = given.get("scenario") or given.get("name")
        sets = tuple(one for one in given.get("set_") or given.get("sets") or () if not one.startswith("@"))
        if not isinstance(name, str) or name in PLACES:
            continue
        settings += len(sets)
        if command.where.startswith(TUTORIALS):
            continue
        if command.arguments[0] == "compare":
            make_plan(name, sets=sets, sweeps=[one for one in given["sweep"] or () if one != "all"])
        elif command.arguments[:2] != ("new", "scenario"):
            _loaded(name, sets)
    assert settings > 10


# --- what is quickly done is run ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which examples are run, with the files that they name: a schema called as that of NCTS
    (which is not ours to hand on), a pack of it, messages, keys."""
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new", "ncts", "inbox", "messages", "samples", "out/china_europe_transit_fi"):
        Path(name).mkdir(parents=True)
    for schema in (
        "cc015c.xsd",
        "order.xsd",
        "old.xsd",
        "new.xsd",
        "old/cc015c.xsd",
        "new/cc015c.xsd",
        "ncts/cc015c.xsd",
    ):
        Path(schema).write_text(_SCHEMA, encoding="utf-8")
    with zipfile.ZipFile("ncts-schemas.zip", "w") as pack:
        pack.write("cc015c.xsd")
    for name in ("declaration.xml", "order.xml", "messages/one.xml"):
        _run("sample", "--schema", "cc015c.xsd", "--root", "CC015C", "--out", name)
    for name in ("message.xml", "inbox/reg.xml", "samples/reg.xml", "out/china_europe_transit_fi/reg.xml"):
        _run("sample", "REG", "--kind", "minimal", "--out", name)
    for block in _of("yaml"):
        named = re.match(r"# (\S+\.yaml)\n", block.text)
        if named:
            Path(named[1]).write_text(block.text, encoding="utf-8")
    return tmp_path


_SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="CC015C">
    <xs:complexType><xs:sequence><xs:element name="LRN" type="xs:positiveInteger"/></xs:sequence></xs:complexType>
  </xs:element>
</xs:schema>
"""


def _run(*arguments: str) -> tuple[int, str]:
    return run(arguments, Path("message.xml").read_bytes() if "-" in arguments else None)


def test_what_is_quickly_done_is_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = set()
    for number, command in enumerate(EVERY):
        told = " ".join(command.arguments)
        quick = any(f"{told} ".startswith(f"{one} ") for one in QUICK)
        if not quick or told in done or told in ELSEWHERE or command.where.startswith(TUTORIALS):
            continue
        done.add(told)
        own = folder
        if command.arguments[0] in ("keys", "new"):  # what they make must not be there
            own = folder / str(number)
            own.mkdir()
        monkeypatch.chdir(own)
        for option, name in pairwise(command.arguments):
            if option == "--out" and Path(name).is_dir():  # what another example has filled
                shutil.rmtree(name)
        if command.arguments[:2] in (("keys", "rotate"), ("keys", "show")):
            assert _run("keys", command.arguments[2], "--member", "KZ")[0] == 0
        fewer = ["3" if before == "--count" else word for before, word in pairwise(("", *command.arguments))]
        code, shown = _run(*fewer)
        assert code == 0 or (code == 1 and command.arguments[0] in ("validate", "schema")), f"{command.where}: {shown}"
    assert len(done) > 45


# --- blocks of other languages --------------------------------------------------------------------------------------


def _of(language: str) -> list[Block]:
    return [block for block in blocks() if block.language == language]


def _where(block: Block) -> str:
    return f"{block.page}:{block.line}"


@pytest.mark.parametrize("block", _of("json"), ids=_where)
def test_json_can_be_read(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", [one for one in _of("python") if not one.page.endswith("testing.md")], ids=_where)
def test_python_imports_what_there_is_and_calls_it_as_it_can_be_called(block: Block) -> None:
    tree = ast.parse(block.text)
    compile(block.text, _where(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, Any] = {}
    for part in tree.body:
        if isinstance(part, ast.Import) and part.names[0].name == "pandas":  # which is not needed by Corridor
            written = set(re.findall(r'"(\w+)":', inspect.getsource(output)))
            assert "consignments.csv" in block.text and _columns(tree) <= written, "columns of consignments.csv"
            return
        if isinstance(part, ast.Import | ast.ImportFrom):
            exec(compile(ast.Module([part], []), _where(block), "exec"), names)
    calls = [call for call in ast.walk(tree) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    for call in calls:
        there = inspect.signature(names[call.func.id])  # type: ignore[attr-defined]
        there.bind(*call.args, **{str(one.arg): one.value for one in call.keywords})
    assert names, "it imports something of ours"


def _columns(tree: ast.Module) -> set[str]:
    """Return the columns that a block about a table names, in brackets or as keywords of a pivot."""
    keywords = (word.value for word in ast.walk(tree) if isinstance(word, ast.keyword))
    return {one.value for one in keywords if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _laid_over(name: str) -> Any:
    def check(text: str, folder: Path) -> None:
        (folder / "over.yaml").write_text(text, encoding="utf-8")
        load_scenario(name, [f"@{folder / 'over.yaml'}"])

    return check


def _vehicles(text: str, _: Path) -> None:
    """Hold each key of a part of a flow to the schema of scenario files; … stands for a figure's mark and source."""
    schema = json.loads(schema_text())
    [kind] = [part for part in schema["$defs"].values() if "booking" in part.get("properties", {})]
    for key, value in _read(text.replace("…", "mark: designed, source: somewhere"))["vehicles"].items():
        jsonschema.validate(value, {"$defs": schema["$defs"], **kind["properties"][key]})


def _members(text: str, folder: Path) -> None:
    assert _run("keys", str(folder / "keys"), "--member", "KZ")[0] == 0
    (folder / "KZ").mkdir()
    shutil.copy(folder / "keys" / "KZ" / "tls-cert.pem", folder / "KZ")
    shutil.copy(folder / "keys" / "ca.pem", folder)
    (folder / "members.yaml").write_text(text, encoding="utf-8")
    assert "KZ" in Members.load(folder / "members.yaml")


def _pack(text: str, folder: Path) -> None:
    (folder / "pack.yaml").write_text(text, encoding="utf-8")
    (folder / "lists").mkdir()
    (folder / "lists" / "countries.csv").write_text("code\nKZ\n", encoding="utf-8")
    order = _SCHEMA.replace("CC015C", "Order").replace("<xs:schema ", '<xs:schema targetNamespace="urn:example:a" ', 1)
    (folder / "order.xsd").write_text(order, encoding="utf-8")
    rule = '<rule context="/*"><assert test="*">it holds something</assert></rule>'
    rules = f'<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern>{rule}</pattern></schema>'
    (folder / "rules.sch").write_text(rules, encoding="utf-8")
    assert load_pack(folder).name == "Our messages"


def _read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


YAMLS = {
    "docs/agreements.md": _laid_over("trilateral_cn_mn_ru"),
    "docs/how-to/continuous-integration.md": lambda text, _: rule_config(_read(text)),
    "docs/images.md": _laid_over("green_corridor_ru_mn_images"),
    "docs/outside.md": _laid_over("china_europe_transit_fi"),
    "docs/rules.md": lambda text, _: rule_config(_read(text)),
    "docs/security.md": _members,
    "docs/slots.md": _vehicles,
    "docs/validate.md": _pack,
}
"""What reads the YAML of each page."""


@pytest.mark.parametrize("block", _of("yaml"), ids=_where)
def test_yaml_is_taken_by_what_reads_it(block: Block, tmp_path: Path) -> None:
    YAMLS[block.page](block.text, tmp_path)


def test_addresses_asked_with_curl_are_there() -> None:
    paths = {path for stepped in (True, False) for path in describe("KZ", stepped=stepped)["paths"]}
    asked = [
        (where, path)
        for block in blocks()
        if block.language in SHELL
        for where, line in typed(block)
        for path in re.findall(r"^curl .*https?://[^/\s]+(/[^\s?]*)", line)
    ]
    assert asked and [one for one in asked if one[1] not in paths] == []


def test_little_is_left_that_no_test_reads() -> None:
    counted = Counter(block.language for block in blocks())
    run = sum(counted.values()) - counted["text"] - counted["xml"]
    assert counted["text"] < 20, "what is not run is the exception"
    assert run / sum(counted.values()) > 0.8, dict(counted)
