"""The relational form of an OCEL 2.0 log: an SQLite file with the tables that the standard names."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

_KINDS = {"integer": "INTEGER", "float": "REAL", "boolean": "INTEGER", "string": "TEXT", "time": "TIMESTAMP"}


def write_sqlite(content: dict[str, Any], path: Path) -> None:
    """Write a log, as :meth:`scenarios.ocel.log.Log.as_json` has it, to a new file; sqlite3.Error if that fails."""
    with sqlite3.connect(path) as base:
        base.executescript(
            """
            CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
            CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
            CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT);
            CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT);
            CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
                PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
            CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
                PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
            """
        )
        _write(base, "event", content["eventTypes"], content["events"])
        _write(base, "object", content["objectTypes"], content["objects"])
    base.close()


def _write(base: sqlite3.Connection, what: str, types: list[dict[str, Any]], items: list[dict[str, Any]]) -> None:
    tables: dict[str, tuple[str, list[str]]] = {}
    for one in types:
        short = re.sub(r"[^A-Za-z0-9]", "", one["name"].title())
        names = [attribute["name"] for attribute in one["attributes"]]
        columns = ["ocel_id TEXT", "ocel_time TIMESTAMP", *(["ocel_changed_field TEXT"] if what == "object" else [])]
        columns += [f'"{attribute["name"]}" {_KINDS[attribute["type"]]}' for attribute in one["attributes"]]
        base.execute(f"INSERT INTO {what}_map_type VALUES (?, ?)", (one["name"], short))
        base.execute(f'CREATE TABLE "{what}_{short}" ({", ".join(columns)})')
        tables[one["name"]] = (f"{what}_{short}", names)
    link = "event_object" if what == "event" else "object_object"
    for item in items:
        table, names = tables[item["type"]]
        values = {attribute["name"]: attribute["value"] for attribute in item["attributes"]}
        base.execute(f"INSERT INTO {what} VALUES (?, ?)", (item["id"], item["type"]))
        time = item["time"] if what == "event" else "1970-01-01 00:00:00"
        row = [item["id"], time, *([None] if what == "object" else []), *(values.get(name) for name in names)]
        base.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(row))})', row)
        base.executemany(
            f"INSERT OR IGNORE INTO {link} VALUES (?, ?, ?)",
            [(item["id"], part["objectId"], part["qualifier"]) for part in item["relationships"]],
        )


__all__ = ["write_sqlite"]
