"""Holds every answer of ``corridor why`` to what it must name: rule, clause or ground, and a message that exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exchange.messages import Message
from exchange.validation.catalogue import catalogue
from nodes.case import FAILED, Case
from nodes.core import NodeCore
from nodes.reasons import REFUSED_BY, stops
from scenarios.commands.why import sentences

GROUNDS: Mapping[str, frozenset[str]] = {
    "TARGETED": frozenset({"rule", "message"}),
    "RANDOM": frozenset({"message"}),
    "RESIDUAL": frozenset({"agreement", "term", "act", "message"}),
    "SCHEME": frozenset({"message"}),
    "NO_INFORMATION": frozenset({"message"}),
    "LATE_INFORMATION": frozenset({"pix", "agreement", "term", "message"}),
    "CHECK_OPEN": frozenset({"agreement", "term", "message"}),
    "CHECKED_BEFORE": frozenset({"agreement", "term", "message"}),
    "ROUTINE": frozenset({"message"}),
    "RECOGNISED": frozenset({"pix", "agreement", "term", "act", "message"}),
    "NOT_SELECTED": frozenset(),
    **dict.fromkeys(("OFFENCE", "DISCREPANCY"), frozenset({"act", "message"})),
    **dict.fromkeys(REFUSED_BY, frozenset({"pix", "agreement", "act", "message"})),
}
"""Each ground that goods are stopped or let pass on → what its answer names besides."""
RULES = {rule.id for rule in catalogue()}


def faults(nodes: Mapping[str, NodeCore]) -> Iterator[str]:
    """Yield what is wrong with any answer of any service on any consignment."""
    for country, core in nodes.items():
        for row in core.cases():
            case = core.case(row["ucr"])
            assert case is not None
            for fault in _of_case(core, case):
                yield f"{country} {case.ucr}: {fault}"


def _of_case(core: NodeCore, case: Case) -> Iterator[str]:
    known = {entry.message.header.message_id: entry.message for entry in case.timeline if entry.message is not None}
    presented = [side for side in case.sides.values() if side.arrived_at is not None]
    told = stops(case)
    if len(told) != len(presented):
        yield f"{len(told)} answers for {len(presented)} presentations"
    for side, stop in zip(presented, told, strict=False):
        where = f"{stop['office']} {stop['presentation']}"
        if known.get(stop["decision"]) is None or known[stop["decision"]].CODE != "CTD":
            yield f"{where}: the decision {stop['decision']} is no CTD that was issued"
        ordered = {reason["form"] for reason in stop["controls"]}
        made = {act.form for act in side.made if act.form != "DOCUMENTARY"}
        if not made <= ordered:
            yield f"{where}: controls made that no answer explains: {made - ordered}"
        if not stop["controls"] and not stop["passed"]:
            yield f"{where}: says nothing"
        found = {act.act_number for act in side.made if act.result in FAILED}
        if found != {reason["act"] for reason in stop.get("kept", ())}:
            yield f"{where}: goods were kept for {found or 'nothing'}, and the answer says otherwise"
        for part in ("controls", "passed", "refused", "kept"):
            for reason in stop.get(part, ()):
                for fault in _of_reason(core, known, reason):
                    yield f"{where} {part} {reason['form']}: {fault}"
        printed = list(sentences({"service": core.country, "case": case.ucr, **stop}))
        if any("None" in line or "  [" in line or line.rstrip().endswith(":") for line in printed):
            yield f"{where}: cannot be read: {printed}"


def _of_reason(core: NodeCore, known: Mapping[str, Message], reason: Mapping[str, Any]) -> Iterator[str]:
    because = reason["because"]
    if because not in GROUNDS:
        yield f"no ground is called {because}"
        return
    needed = GROUNDS[because]
    if because == "NO_AGREEMENT":
        needed -= {"agreement"}
    if missing := {name for name in needed if not reason.get(name)}:
        yield f"{because} names no {', '.join(sorted(missing))}"
    if "pix" in reason and reason["pix"] not in RULES:
        yield f"there is no rule {reason['pix']}"
    if "agreement" in reason:
        found = core.standing.agreements[reason["agreement"]]
        if core.country not in found.parties:
            yield f"{core.country} is not party to {found.id}"
        kind, _, what = str(reason.get("term", "")).partition(": ")
        if (kind == "covers" and what not in found.covers) or ("recognition" in kind and found.recognition is None):
            yield f"{found.id} has no term {reason['term']}"
    if "message" in reason:
        message = known.get(reason["message"])
        if message is None:
            yield f"the message {reason['message']} does not exist"
        elif (message.CODE, message.header.sender) != (reason["code"], reason["by"]):
            yield f"the message is a {message.CODE} of {message.header.sender}, not a {reason['code']}"


__all__ = ["GROUNDS", "faults"]
