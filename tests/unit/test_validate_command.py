"""``corridor validate``: what it finds to check, on how many processes, how it tells, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import schemas
from exchange.validation import Finding, Verdict
from scenarios.cli import app
from scenarios.commands.validate import validate
from scenarios.validation.checking import Checked, Options, judge
from scenarios.validation.files import Input, NothingThere, inputs
from scenarios.validation.formats import FORMATS, Summary, writer
from scenarios.validation.pool import Pool, check_all
from scenarios.validation.quotes import quotes
from scenarios.validation.watching import changes, marks

GOOD = schemas.sample("WRO").read_bytes()
BAD = schemas.sample("AAR").read_bytes().replace(b"CSQU3054383", b"CSQU3054384")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "sub").mkdir(parents=True)
    (folder / "good.xml").write_bytes(GOOD)
    (folder / "sub" / "bad.xml").write_bytes(BAD)
    (folder / "notes.txt").write_text("no message")
    return folder


def names(given: list[Input]) -> list[str]:
    return [one.path.name for one in given]


class TestWhatThereIsToCheck:
    def test_folders_patterns_and_files_each_once(self, inbox: Path) -> None:
        assert names(inputs([inbox])) == ["good.xml", "bad.xml"]
        assert names(inputs([inbox / "**" / "*.xml"])) == ["good.xml", "bad.xml"]
        assert names(inputs([inbox, inbox / "good.xml", inbox / "sub"])) == ["good.xml", "bad.xml"]
        assert names(inputs([inbox / "notes.txt"])) == ["notes.txt"]

    def test_what_is_not_there_is_said(self, inbox: Path) -> None:
        for missing in (inbox / "nothing.xml", inbox / "*.json"):
            with pytest.raises(NothingThere, match="name a"):
                inputs([missing])

    def test_a_file_whose_name_looks_like_a_pattern_is_that_file(self, inbox: Path) -> None:
        odd = inbox / "a[1].xml"
        odd.write_bytes(GOOD)
        assert names(inputs([odd])) == ["a[1].xml"]

    def test_loops_of_links_end(self, inbox: Path) -> None:
        (inbox / "loop").symlink_to(inbox, target_is_directory=True)
        (inbox / "self.xml").symlink_to(inbox / "self.xml")
        checked = {one.file.rpartition("/")[2]: one for one in check_all(inputs([inbox]), Options())}
        assert set(checked) == {"good.xml", "bad.xml", "self.xml"}
        assert checked["self.xml"].findings[0].code == "READ"
        assert checked["good.xml"].valid

    def test_a_pipe_in_a_folder_does_not_block(self, inbox: Path) -> None:
        os.mkfifo(inbox / "pipe.xml")
        checked = {one.file.rpartition("/")[2]: one for one in check_all(inputs([inbox]), Options())}
        assert checked["pipe.xml"].findings[0].code == "READ"
        assert checked["good.xml"].valid

    def test_names_that_are_no_text_are_shown_and_written(self, inbox: Path) -> None:
        odd = os.path.join(os.fsencode(inbox), b"od\xff\x1b[31md.xml")
        with open(odd, "wb") as file:
            file.write(GOOD)
        for form in FORMATS:
            out = inbox / f"report.{form}"
            assert validate([inbox], form=form, out=out) == 1
            assert "\x1b" not in out.read_text("utf-8")


class TestManyProcesses:
    @pytest.fixture
    def many(self, tmp_path: Path) -> list[Input]:
        for number in range(150):
            (tmp_path / f"{number:03}.xml").write_bytes(BAD if number % 50 == 7 else GOOD)
        return inputs([tmp_path])

    def test_results_are_those_of_one_process_in_the_same_order(self, many: list[Input]) -> None:
        options = Options()
        alone = list(check_all(many, options, workers=1))
        assert list(check_all(many, options, workers=3)) == alone
        assert [one.valid for one in alone].count(False) == 3

    def test_a_process_that_dies_takes_only_its_file_with_it(self, many: list[Input]) -> None:
        deadly = b"deadly"
        for number in (3, 70):
            many[number].path.write_bytes(deadly)
        whole = judge(Options())

        def fatal(data: bytes) -> Verdict:
            if data == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(data)

        results = list(Pool(many, Options(), fatal, 2))
        assert [one.file for one in results] == [one.name for one in many]
        crashed = [number for number, one in enumerate(results) if one.findings and one.findings[0].code == "CRASH"]
        assert crashed == [3, 70]
        assert sum(one.valid for one in results) == 150 - 3 - 2
        assert "ended without a verdict" in results[3].findings[0].text

    def test_a_file_that_memory_does_not_suffice_for_is_told_so(self, many: list[Input]) -> None:
        def greedy(data: bytes) -> Verdict:
            raise MemoryError

        [one] = check_all(many[:1], Options(), greedy)
        assert (one.valid, one.findings[0].code) == (False, "CRASH")
        assert "too little memory" in one.findings[0].text


class TestTheCommand:
    def test_exit_codes_and_the_shorthand(self, inbox: Path) -> None:
        run = CliRunner().invoke
        assert run(app, ["validate", str(inbox / "good.xml")]).exit_code == 0
        told = run(app, ["validate", str(inbox), "--json"])
        assert told.exit_code == 1
        assert told.stdout == run(app, ["validate", str(inbox), "--format", "json"]).stdout
        assert json.loads(told.stdout)["summary"] == {"files": 2, "valid": 1, "invalid": 1, "findings": 1}
        assert run(app, ["validate", str(inbox), "--format", "odd"]).exit_code == 2

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"pack": Path("a"), "schema": Path("b")}, "exclude each other"),
            ({"pack": Path("a"), "version": "1.0"}, "--schema-version"),
            ({"version": "0.1"}, "no version 0.1"),
            ({"config": Path("nowhere.yaml")}, "nowhere.yaml"),
            ({"schema": Path("nowhere.xsd")}, "no schema nowhere.xsd"),
            ({"pack": Path("nowhere")}, "no pack nowhere"),
            ({"out": Path("nowhere/report.xml")}, "make it first"),
            ({"watching": True, "form": "json"}, "--watch"),
            ({"form": "odd"}, "no format odd"),
        ],
    )
    def test_wrong_use_is_told_in_one_sentence(
        self, inbox: Path, capsys: pytest.CaptureFixture[str], options: dict[str, object], said: str
    ) -> None:
        assert validate([inbox], **options) == 2  # type: ignore[arg-type]
        captured = capsys.readouterr()
        assert captured.out == ""
        assert said in captured.err
        assert len(captured.err.splitlines()) == 1

    def test_rules_are_left_out_or_graded_anew_when_asked(self, inbox: Path, tmp_path: Path) -> None:
        assert validate([inbox]) == 1
        assert validate([inbox], rules=False) == 0
        config = tmp_path / "grades.yaml"
        config.write_text("rules: {PIX-007: warning}\n")
        assert validate([inbox], config=config) == 0

    def test_a_version_may_be_asked_for(self, inbox: Path) -> None:
        good = inbox / "good.xml"
        good.write_bytes(GOOD.replace(b'schemaVersion="1.0"', b'schemaVersion="7"'))
        assert validate([good]) == 1
        for version in schemas.VERSIONS:
            assert validate([inbox / "sub"], rules=False, version=version) == 0

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD)))
        assert validate([Path("-")]) == 1
        assert capsys.readouterr().out.startswith("<stdin>:")

    def test_a_report_is_replaced_as_a_whole(self, inbox: Path, tmp_path: Path) -> None:
        out = tmp_path / "report.json"
        out.write_text("old")
        assert validate([inbox], form="json", out=out) == 1
        assert json.loads(out.read_text())["summary"]["files"] == 2
        assert not list(tmp_path.glob(".report*"))

    def test_a_bar_when_asked_goes_to_standard_error(self, inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert validate([inbox], form="json", progress=True) == 1
        captured = capsys.readouterr()
        assert json.loads(captured.out)["summary"]["files"] == 2
        assert "checking" in captured.err

    @pytest.mark.parametrize("engine", ["xmlschema", "both"])
    def test_every_engine_gives_the_same_verdict(self, inbox: Path, engine: str) -> None:
        assert validate([inbox / "good.xml"], engine=engine) == 0  # type: ignore[arg-type]
        assert validate([inbox], engine=engine) == 1  # type: ignore[arg-type]


class TestFormats:
    def told(self, inbox: Path, form: str) -> tuple[Summary, str]:
        out = io.StringIO()
        return writer(form)(check_all(inputs([inbox]), Options()), out), out.getvalue()

    def test_all_count_alike(self, inbox: Path) -> None:
        assert {self.told(inbox, form)[0] for form in FORMATS} == {Summary(2, 1, 1)}

    def test_junit_has_a_case_a_file_and_a_failure_for_the_invalid(self, inbox: Path) -> None:
        root = ElementTree.fromstring(self.told(inbox, "junit")[1])
        assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
        cases = {case.get("name", ""): case for case in root.iter("testcase")}
        failures = [name for name, case in cases.items() if case.find("failure") is not None]
        assert [Path(name).name for name in failures] == ["bad.xml"]
        failure = cases[failures[0]].find("failure")
        assert failure is not None
        assert "PIX-007" in (failure.text or "")

    def test_sarif_places_each_finding(self, inbox: Path) -> None:
        log = json.loads(self.told(inbox, "sarif")[1])
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        (result,) = run["results"]
        assert (result["ruleId"], result["level"]) == ("PIX-007", "error")
        location = result["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"].endswith("/sub/bad.xml")
        line = BAD.decode().splitlines()[location["region"]["startLine"] - 1]
        assert line[: location["region"]["startColumn"] - 1].endswith("<ContainerID>")
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["PIX-007"]

    def test_the_page_needs_nothing_else_and_lets_nothing_through(self, inbox: Path) -> None:
        (inbox / "<img src=x>.xml").write_bytes(b"<a>&lt;script&gt;</b>")
        page = self.told(inbox, "html")[1]
        assert "http://" not in page
        assert "https://" not in page
        assert "<img" not in page
        assert "PIX-007" in page
        assert page.count("<script>") == 1

    def test_more_findings_than_are_shown_are_said_in_every_format(self) -> None:
        finding = Finding(gate="schema", code="100", text="Wrong.")
        checked = Checked("a.xml", False, "AAR", "1.0", (finding,), 4321, (None,))
        for form in FORMATS:
            out = io.StringIO()
            writer(form)([checked], out)
            assert "4,321" in out.getvalue() or "4321" in out.getvalue(), form

    def test_there_is_no_other_format(self) -> None:
        with pytest.raises(LookupError, match="the formats are"):
            writer("odd")


def test_a_quote_of_a_long_line_is_cut_around_its_place() -> None:
    data = b"<a>" + b"x" * 5000 + b"<b/></a>\n"
    (quote,) = quotes(data, [Finding(gate="schema", code="107", line=1, column=5004, text="b")])
    assert quote is not None
    assert quote.line[quote.caret :].startswith("<b/>")
    assert len(quote.line) <= 160
    nowhere = Finding(gate="schema", code="107", line=99, column=1, text="b")
    assert quotes(data, [nowhere]) == (None,)


def test_watching_sees_what_is_new_and_what_has_changed(inbox: Path) -> None:
    known = marks(inputs([inbox]))
    edits = iter(
        [
            lambda: None,
            lambda: (inbox / "new.xml").write_bytes(GOOD),
            lambda: (inbox / "good.xml").write_bytes(GOOD + b"\n"),
            lambda: (inbox / "good.xml").unlink(),
            lambda: (inbox / "good.xml").write_bytes(GOOD),
        ]
    )
    seen = changes([inbox], known, sleep=lambda _: next(edits)())  # type: ignore[no-untyped-call]
    assert [names(next(seen)) for _ in range(3)] == [["new.xml"], ["good.xml"], ["good.xml"]]
