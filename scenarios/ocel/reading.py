"""From the folder that ``corridor run`` left to an object-centric event log of one arm of its traced replication.

Objects: ``consignment``, ``vehicle``, ``container`` (as the declarations name them), ``office``, ``service``,
``party`` (posts, traders and carriers that write messages) and ``message``. Events: the kinds of
:mod:`scenarios.events`; controls and messages are told apart by form and code (``control SCAN``, ``message AAR``).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from scenarios.ocel.log import Happening, Log, Related, Thing, Value

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


class OcelError(CorridorError):
    """A folder cannot be made a log."""


def read_run(folder: Path, arm: str | None = None) -> Log:
    """Return the log of ``arm`` (left out: the last that the run has) of the run in ``folder``.

    Raise OcelError if it is no run, or has no such arm.
    """
    from scenarios.scenario import load_scenario

    try:
        with (folder / "events.jsonl").open(encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        with (folder / "consignments.csv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        scenario = load_scenario(folder / "scenario.json")
    except (OSError, ValueError) as error:
        raise OcelError(
            f"{folder} is no folder of a run that can be read ({error}): name one of 'corridor run'"
        ) from None
    arms = [name for name in scenario.arms if any(line["arm"] == name for line in lines)]
    chosen = arm or (arms[-1] if arms else "")
    if chosen not in arms:
        raise OcelError(f"{folder} has no events of the arm {chosen!r}: choose one of {', '.join(arms) or 'none'}")
    reader = _Reader(scenario, folder / "messages" / chosen)
    first = min(int(row["replication"]) for row in table)
    reader.consignments(row for row in table if row["arm"] == chosen and int(row["replication"]) == first)
    for line in lines:
        if line["arm"] == chosen:
            reader.event(line)
    return reader.log


class _Reader:
    def __init__(self, scenario: Scenario, messages: Path) -> None:
        self.log = Log(scenario.start)
        self._scenario = scenario
        self._messages = messages
        self._vehicle: dict[str, str] = {}
        self._contents: dict[str, list[str]] = {}
        for country in scenario.services:
            self.log.add(country, Thing("service"))
        for code, office in scenario.offices.items():
            self.log.add(
                f"office {code}",
                Thing("office", {"title": office.title, "synthetic": office.synthetic}, ((office.country, "of"),)),
            )

    def consignments(self, rows: Iterator[Mapping[str, str]]) -> None:
        for row in rows:
            vehicle = self._vehicle[row["case"]] = self._add_vehicle(row["vehicle"])
            attributes: dict[str, Value] = {
                "flow": row["flow"],
                "containers": int(row["containers"]),
                "on_list": row["on_list"] == "1",
                "irregularity": row["irregularity"] or "none",
            }
            self.log.add(row["case"], Thing("consignment", attributes, ((vehicle, "set out on"),)))
            self._contents[row["case"]] = [
                self.log.add(f"container {container}", Thing("container", {}, ((row["case"], "part of"),)))
                for container in _containers(self._messages / row["case"])
            ]

    def _add_vehicle(self, name: str) -> str:
        return self.log.add(f"vehicle {name}", Thing("vehicle"))

    def _party(self, member: str) -> str:
        country, dot, _ = member.partition(".")
        if not dot:
            return self.log.add(member, Thing("service"))
        return self.log.add(member, Thing("party", {}, ((country, "of"),)))

    def event(self, line: Mapping[str, Any]) -> None:
        """Add one line of ``events.jsonl``."""
        kind, case, data = line["kind"], line["case"], line["data"]
        related: list[Related] = [(case, "about")] if case in self.log.things else []
        if kind == "message":
            self._message(line, related)
            return
        if "vehicle" in data:
            self._vehicle[case] = self._add_vehicle(str(data["vehicle"]))
        if kind not in ("lodged", "control", "alert", "differs") and case in self._vehicle:
            related.append((self._vehicle[case], "on"))
        if kind in ("departed", "crossed", "delivered", "seized"):
            related += [(container, "carries") for container in self._contents.get(case, ())]
        office = data.get("office") or (str(data["side"]).rpartition("-")[0] if data.get("side") else None)
        if office is not None and f"office {office}" in self.log.things:
            related.append((f"office {office}", "at"))
        name = f"control {data['form']}" if kind == "control" else str(kind)
        self._note(line, name, _attributes(data), related)

    def _message(self, line: Mapping[str, Any], related: list[Related]) -> None:
        data = line["data"]
        sender, recipient = self._party(data["sender"]), self._party(data["recipient"])
        about = tuple(related)
        message = self.log.add(
            f"message {data['sender']} {data['id']}", Thing("message", {"code": data["code"]}, about)
        )
        related += [(message, "carries"), (sender, "sender"), (recipient, "recipient")]
        self._note(line, f"message {data['code']}", {"accepted": bool(data["accepted"])}, related)

    def _note(
        self, line: Mapping[str, Any], name: str, attributes: Mapping[str, Value], related: list[Related]
    ) -> None:
        at = self._scenario.start + timedelta(seconds=int(line["at"]))
        self.log.happenings.append(Happening(type=name, at=at, attributes=attributes, related=tuple(related)))


def _attributes(data: Mapping[str, Any]) -> dict[str, Value]:
    """Return what an event says in single values; of a crossing the seconds of each phase of the stay."""
    found: dict[str, Value] = {
        key: value for key, value in data.items() if key != "vehicle" and isinstance(value, str | int | float)
    }
    for phase, begin, end in data.get("segments", ()):
        found[f"seconds_{phase}"] = int(found.get(f"seconds_{phase}", 0)) + int(end) - int(begin)
    return found


def _containers(folder: Path) -> list[str]:
    """Return the containers, wagons or trucks of a consignment, as its first declaration has them; none without one."""
    from exchange.codec import decode

    for path in sorted(folder.glob("*-ADV-*.xml")):
        consignment = getattr(decode(path.read_bytes()), "consignment", None)
        if consignment is not None:
            units = consignment.transport_equipment
            return [str(unit.container_id or unit.means_id) for unit in units if unit.container_id or unit.means_id]
    return []


__all__ = ["OcelError", "read_run"]
