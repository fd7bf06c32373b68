"""A system of somebody's own in the place of a country: the run, its checks and its report work as before."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from scenarios.conform.run import Options, Report, conform
from scenarios.live.complaints import CHECKS
from scenarios.live.transport import Outside
from scenarios.run import run_scenario
from scenarios.scenario import ScenarioError, load_scenario
from scenarios.stub.marks import asked
from tests.live import SCENARIO, household, nodes, small
from tests.outside import EXAMPLES, PROGRAMS, checks, partners, ports, run, scenario, started, url
from tests.outside import PLACES as SERVICES
from tests.ports import free_ports

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
KINDS = [pytest.param("py"), pytest.param("mjs", marks=NODE)]
SMALL = [pytest.param("minimal"), pytest.param("minimal-mjs", marks=NODE)]
ALL = [*KINDS, *SMALL]


def arguments(base: int) -> list[str]:
    return ["--port", str(base + SERVICES["KZ"]), *(f"{one}={at}" for one, at in partners(base).items())]


@pytest.mark.parametrize("kind", ALL)
async def test_the_examples_take_the_place_of_kazakhstan(kind: str, tmp_path: Path) -> None:
    base = ports()
    async with started(kind, *arguments(base)):
        outcome = await run(base, tmp_path)
    held = checks(outcome)
    assert held["KZ keeps to what is agreed"] and all(held.values()), outcome.summary["checks"]
    assert outcome.summary["transport"] == "members"
    assert "KZ keeps to what is agreed" in (outcome.folder / "report.html").read_text(encoding="utf-8")
    names = {path.stem.split("-", 1)[1] for path in outcome.folder.rglob("*.xml")}
    assert {"ADV-KZ.STEPPE-RAIL-KZ", "REG-KZ-KZ.STEPPE-RAIL", "CTD-KZ-KZ.99101", "ATR-CN-KZ"} <= names
    assert not any(name.startswith("NCK") for name in names)
    told = outcome.summary["arms"]["recognition"]["recognition"]
    if kind.startswith("minimal"):
        assert not any("-KZ-CN" in name for name in names), "it tells its partners nothing"
        assert told["answered"] == 1, "and Finland does"
    else:
        assert {"RCG-KZ-CN", "ARR-KZ-CN", "NCF-KZ-CN"} <= names, "what it sends to partners counts"
        assert told["answered"] == told["accepted"] == 2, "what it recognises is counted, as what Finland does"


async def judged(kind: str, clock: str, *only: str) -> Report:
    """Return what a conformance run of the basic level finds of an example."""
    base, listen = ports(), free_ports(1)
    port, partner = str(base + SERVICES["KZ"]), f"CN=http://127.0.0.1:{listen}/CN"
    async with started(kind, "--port", port, "--clock", clock, partner):
        asked = Options(url=url(base, "KZ"), country="KZ", level="basic", listen=listen, only=only)
        return await conform(asked, loaded=load_scenario(SCENARIO))


def failed(report: Report) -> set[str]:
    return {result.check.number for result in report.results if result.outcome == "failed"}


@pytest.mark.parametrize("kind", SMALL)
async def test_the_page_says_what_a_minimal_node_leaves_out(kind: str) -> None:
    page = (EXAMPLES.parent / "outside.md").read_text(encoding="utf-8")
    listed = page.partition("<!-- minimal fails -->")[2].partition("<!-- end -->")[0]
    told = set(re.findall(r"[A-Z]\d\d", listed))
    report = await judged(kind, "stepped")
    assert failed(report) == told and report.count("passed") > 2 * len(told)
    if kind == "minimal":
        live = await judged(kind, "live", "time", "T02", "S14", "P01")
        assert failed(live) <= told and live.count("passed") >= 6
    source = (EXAMPLES / PROGRAMS[kind][1]).read_text(encoding="utf-8").splitlines()
    assert f"in {len(source)} lines |" in page and len(source) < 180, "it is to be read in one sitting"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clock", ["stepped", "live"])
async def test_the_examples_keep_the_basic_level_whole(kind: str, clock: str) -> None:
    only = () if clock == "stepped" else ("time", "T02", "S14", "P01", "D01", "D06")
    report = await judged(kind, clock, *only)
    assert failed(report) == set()
    assert report.conforms and report.mode == clock
    assert report.count("passed") > (90 if clock == "stepped" else 6)
    idle = {result.check.number for result in report.results if result.outcome == "not applicable"}
    assert idle == {f"C{number:02d}" for number in (range(10, 13) if clock == "stepped" else range(1, 10))}


@pytest.mark.parametrize("kind", ALL)
async def test_the_examples_with_a_clock_of_their_own_take_part_at_a_pace(kind: str, tmp_path: Path) -> None:
    base = ports()
    async with started(kind, *arguments(base), "--clock", "paced"):
        if kind == "py":
            with pytest.raises(Exception, match=r"lives by the wall clock.*states a pace"):
                await run(base, tmp_path)
        outcome = await run(base, tmp_path, "pace=1000000", "time_limit=60 s")
    held = checks(outcome)
    assert held["KZ keeps to what is agreed"] and held["everything arrives or is seized"], outcome.summary["checks"]
    assert outcome.summary["wall_seconds"] > 1.0, "the world was held to its pace"
    recognised = any(path.name.endswith("-RCG-KZ-CN.xml") for path in outcome.folder.rglob("*.xml"))
    assert recognised == (not kind.startswith("minimal"))


async def test_our_own_node_as_a_process_in_that_place_changes_nothing(tmp_path: Path) -> None:
    home = household(tmp_path / "home", small())
    async with nodes(home, only=["KZ"]):
        loaded = load_scenario(SCENARIO, (*small_sets(), f"services.KZ.url={home.members.url('KZ')}"))
        outside = Outside(members=home.members_file, keys=home.folder, services=loaded.elsewhere)
        there = await asyncio.to_thread(
            run_scenario, loaded, replications=1, arms=("recognition",), out=tmp_path / "t", outside=outside, workers=1
        )
    here = await asyncio.to_thread(
        run_scenario, small(), transport="memory", replications=1, arms=("recognition",), out=tmp_path / "h", workers=1
    )

    def kept(folder: Path) -> dict[str, bytes]:
        left_out = ("summary.json", "report.html")
        files = (path for path in folder.rglob("*") if path.is_file() and path.name not in left_out)
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    assert kept(there.folder) == kept(here.folder)
    differ = {key for key in here.summary if here.summary[key] != there.summary[key]}
    assert differ <= {"transport", "wall_seconds", "checks"}
    assert [c for c in there.summary["checks"] if c["kind"] != "elsewhere"] == here.summary["checks"]


def small_sets() -> tuple[str, ...]:
    from tests.live import SETS

    return SETS


def test_where_a_service_runs_does_not_change_what_the_scenario_says(tmp_path: Path) -> None:
    listed = load_scenario(SCENARIO)
    text = (Path(__file__).parents[2] / "scenarios" / "files" / f"{SCENARIO}.yaml").read_text(encoding="utf-8")
    mapping = 'services: {KZ: {url: "https://kz.example/", time_limit: "2 min"}}'
    (tmp_path / "s.yaml").write_text(text.replace("services: [CN, KZ, RU, FI]", mapping), encoding="utf-8")
    (tmp_path / "f.yaml").write_text(mapping, encoding="utf-8")
    written, laid = load_scenario(tmp_path / "s.yaml"), load_scenario(SCENARIO, [f"@{tmp_path / 'f.yaml'}"])
    set_so = scenario(8640, "pace=3600", "time_limit=10 min")
    assert written.digest == laid.digest == listed.digest
    assert set(written.services) == set(laid.services) == set(listed.services)
    assert written.elsewhere == laid.elsewhere
    assert (written.elsewhere["KZ"].url, written.elsewhere["KZ"].time_limit) == ("https://kz.example", 120.0)
    assert (set_so.elsewhere["KZ"].url, set_so.pace, set_so.time_limit) == (url(8640, "KZ"), 3600.0, 600.0)
    assert load_scenario(SCENARIO, ["start=now"]).start > listed.start


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("services.KZ.url=nowhere", "services.KZ.url: 'nowhere' is no address: write it as http"),
        ("services.KZ.time_limit=soon", 'is no span of time: write "10 s"'),
        ("services.KZ.uri=http://127.0.0.1:1", "services.KZ.uri: unknown key"),
        ("services.EE.url=http://127.0.0.1:1", "services.EE: EE has no office here"),
        ("elsewhere={KZ: {url: 'http://127.0.0.1:1'}}", "'services' says where a service runs"),
        ("pace=0", "pace"),
    ],
)
def test_what_is_wrong_about_a_service_elsewhere_is_told_by_place(setting: str, said: str) -> None:
    with pytest.raises(ScenarioError) as found:
        load_scenario(SCENARIO, [setting])
    assert said in str(found.value)


async def test_a_node_that_trusts_the_demo_keys_does_not_listen_beyond_this_machine(tmp_path: Path) -> None:
    from exchange.signatures import PrivateKey
    from scenarios.live.demo_trust import demo_key, demo_members
    from scenarios.live.process import NodeError, NodeOptions, run_node

    members = demo_members(["KZ", "KZ.OPERATOR"], {"KZ": "http://127.0.0.1:8641"})
    members.save(tmp_path / "members.yaml")
    (tmp_path / "KZ").mkdir()
    key: PrivateKey = demo_key("KZ")
    key.save(tmp_path / "KZ" / "signing.pem")
    options = NodeOptions(
        country="KZ", members=tmp_path / "members.yaml", keys=tmp_path, store="sqlite://", host="0.0.0.0", insecure=True
    )
    with pytest.raises(NodeError, match=r"has demo keys \(demo-KZ\), which everybody has"):
        await run_node(options, lambda state, url: pytest.fail(f"{state} at {url}"))


@pytest.mark.parametrize("kind", KINDS)
async def test_goods_that_nobody_told_of_go_on_and_a_stepped_node_is_held_to_a_pace(kind: str, tmp_path: Path) -> None:
    base = ports()
    async with started(kind, *arguments(base)):
        outcome = await run(base, tmp_path, "delivery.late_share=100 %", "pace=3000000", "time_limit=60 s")
    assert all(checks(outcome).values()), outcome.summary["checks"]
    assert any(path.name.endswith("-AAR-KZ-RU.xml") for path in outcome.folder.rglob("*.xml"))
    assert outcome.summary["wall_seconds"] > 0.4, "1.4 million simulated seconds took their time"


def test_the_page_tells_every_check_and_marks_that_there_are() -> None:
    page = (EXAMPLES.parent / "outside.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z]+ [A-Za-z ]+)` \|", page, re.MULTILINE)
    assert set(CHECKS) == set(told)
    ucrs = re.findall(r"^\| `(7CNSTUB-[A-Z0-9-]+)` \|", page, re.MULTILINE)
    assert len(ucrs) == 5 and all(asked(ucr) for ucr in ucrs)
