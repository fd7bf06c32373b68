"""Event logs as OCEL 2.0: the standard's structure, and the numbers of the run that they were made of."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scenarios.commands.ocel import ocel_command
from scenarios.ocel.log import Happening, Log, Thing
from scenarios.run import run_scenario
from scenarios.scenario import load_scenario

ATTRIBUTE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "value": {"type": ["string", "number", "boolean"]}},
    "required": ["name", "value"],
}
DATED = {
    **ATTRIBUTE,
    "properties": {**ATTRIBUTE["properties"], "time": {"type": "string", "format": "date-time"}},  # type: ignore[dict-item]
    "required": ["name", "value", "time"],
}
RELATED = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
        "required": ["objectId", "qualifier"],
        "additionalProperties": False,
    },
}


def _list(properties: dict[str, Any]) -> dict[str, Any]:
    item = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "array", "items": item}


TEXT = {"type": "string"}
KINDS = {"enum": ["string", "time", "integer", "float", "boolean"]}
TYPES = _list({"name": TEXT, "attributes": _list({"name": TEXT, "type": KINDS})})
SCHEMA = {
    "type": "object",
    "properties": {
        "objectTypes": TYPES,
        "eventTypes": TYPES,
        "objects": _list(
            {"id": TEXT, "type": TEXT, "attributes": {"type": "array", "items": DATED}, "relationships": RELATED}
        ),
        "events": _list(
            {
                "id": TEXT,
                "type": TEXT,
                "time": {"type": "string", "format": "date-time"},
                "attributes": {"type": "array", "items": ATTRIBUTE},
                "relationships": RELATED,
            }
        ),
    },
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "additionalProperties": False,
}
"""The structure that the OCEL 2.0 specification (section on JSON) states."""
VALUES: dict[str, Any] = {"string": str, "integer": int, "float": (int, float), "boolean": bool}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = load_scenario("china_europe_transit_fi", ["flows.0.vehicles.count=1 trains", "warm_up=1 d"])
    out = tmp_path_factory.mktemp("run")
    return run_scenario(scenario, transport="memory", replications=1, arms=("recognition",), out=out, workers=1).folder


@pytest.fixture(scope="module")
def log(run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("log") / "log.json"
    assert ocel_command(run, out=path, arm=None) == 0
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_it_has_the_structure_of_the_standard(log: dict[str, Any]) -> None:
    jsonschema.validate(log, SCHEMA, format_checker=jsonschema.FormatChecker())
    objects, events = (Counter(one["id"] for one in log[part]) for part in ("objects", "events"))
    assert max(objects.values()) == max(events.values()) == 1, "ids are unique"
    for part, types in (("objects", "objectTypes"), ("events", "eventTypes")):
        known = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log[types]}
        assert len(known) == len(log[types])
        for one in log[part]:
            assert {relation["objectId"] for relation in one["relationships"]} <= set(objects)
            for attribute in one["attributes"]:
                assert isinstance(attribute["value"], VALUES[known[one["type"]][attribute["name"]]])


def test_it_tells_what_the_run_did(run: Path, log: dict[str, Any]) -> None:
    lines = [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(log["events"]) == len(lines)
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    types = Counter(one["type"].split()[0] for one in log["events"])
    assert types["message"] == summary["arms"]["recognition"]["messages"]["sent"]
    assert types["delivered"] == summary["arms"]["recognition"]["delivered"]
    objects = Counter(one["type"] for one in log["objects"])
    assert objects["consignment"] == summary["arms"]["recognition"]["consignments"]
    assert {"vehicle", "container", "office", "service", "party", "message"} <= set(objects)
    told = {item["objectId"] for one in log["events"] for item in one["relationships"]}
    unseen = {one["id"] for one in log["objects"] if one["type"] in ("container", "vehicle", "consignment")} - told
    assert not unseen, "an object without an event is left out by process-mining tools"
    (kouvola,) = (one for one in log["objects"] if one["id"] == "office FI542700")
    assert kouvola["relationships"] == [{"objectId": "FI", "qualifier": "of"}]
    held = sum(
        attribute["value"]
        for one in log["events"]
        if one["type"] == "crossed"
        for attribute in one["attributes"]
        if attribute["name"].startswith("seconds_")
    )
    cases = objects["consignment"]
    expected = summary["arms"]["recognition"]["border_hours"]["mean"] * 3600 * cases
    assert held == pytest.approx(expected, rel=1e-6)


def test_the_relational_form_holds_the_same(run: Path, log: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    assert ocel_command(run, out=path, arm="recognition") == 0
    base = sqlite3.connect(path)
    for table, part in (("event", "events"), ("object", "objects")):
        assert base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == len(log[part])
        for name, short in base.execute(f"SELECT * FROM {table}_map_type").fetchall():
            (count,) = base.execute(f'SELECT count(*) FROM "{table}_{short}"').fetchone()
            assert count == sum(one["type"] == name for one in log[part])
    links = {(one["id"], r["objectId"], r["qualifier"]) for one in log["events"] for r in one["relationships"]}
    assert set(base.execute("SELECT * FROM event_object").fetchall()) == links
    base.close()


def test_what_cannot_be_made_is_told(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ocel_command(run, out=tmp_path / "log.xml", arm=None) == 2
    assert ocel_command(run, out=tmp_path / "log.json", arm="baseline") == 2
    assert ocel_command(tmp_path, out=tmp_path / "log.json", arm=None) == 2
    assert not list(tmp_path.iterdir())
    said = capsys.readouterr().err
    for part in ("no kind of log ends in '.xml'", "choose one of recognition", "is no folder of a run"):
        assert part in said


def test_a_relationship_with_nothing_is_refused() -> None:
    log = Log(datetime(2018, 3, 5, tzinfo=UTC))
    log.add("a", Thing("office"))
    log.happenings.append(Happening(type="x", at=log.start, attributes={}, related=(("b", "at"),)))
    with pytest.raises(ValueError, match="'b', which is no object"):
        log.as_json()
