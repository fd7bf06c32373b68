"""The schemas that the description of the API refers to: what a node answers in JSON, each part with its keys.

A key that only some readers see, or some cases have, is not among the required ones. A test holds that nothing a node
answers is left out here.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
DUE: Schema = {"type": ["string", "null"], "format": "date-time"}
MAYBE: Schema = {"type": ["string", "null"]}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
JWS: Schema = {"type": "string", "description": "compact JWS (RFC 7515)"}


def ref(name: str) -> Schema:
    """Return a reference to the schema ``name``."""
    return {"$ref": f"#/components/schemas/{name}"}


def rows(name: str, text: str = "") -> Schema:
    """Return a list of the schema ``name``."""
    found: Schema = {"type": "array", "items": ref(name)}
    return found | ({"description": text} if text else {})


def closed(text: str = "", optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """Return an object of ``properties``; all but the ``optional`` ones are always there."""
    found: Schema = {"type": "object", "properties": properties}
    found["required"] = [name for name in properties if name not in optional]
    return found | ({"description": text} if text else {})


def noted(schema: Schema, text: str) -> Schema:
    """Return ``schema`` with a description."""
    return schema | {"description": text}


_BASIS = {
    "form": noted(TEXT, "of control: DOCUMENTARY, SCAN, WEIGHING, PHYSICAL, …"),
    "extent": noted(TEXT, "of a control that was ordered"),
    "because": noted(TEXT, "a code, as docs/why.md lists them"),
    "text": noted(TEXT, "the same as a sentence"),
    "rule": noted(TEXT, "the service's own risk rule"),
    "pix": noted(TEXT, "a rule of the catalogue"),
    "agreement": TEXT,
    "term": noted(TEXT, "the clause of the agreement"),
    "message": noted(TEXT, "id of the message it rests on"),
    "code": noted(TEXT, "of that message"),
    "by": noted(TEXT, "its sender"),
    "act": noted(TEXT, "number of the control that it tells of"),
}
_VERDICT: dict[str, Schema] = {
    "form": TEXT,
    "outcome": TEXT,
    "stage": TEXT,
    "reasons": {"type": "array", "items": TEXT},
}
"""What a service says to another's control result."""
_OPERATORS = ("irregularities", "diverted", "images", "export_check", "open_matters", "stops")
_ROW: dict[str, Schema] = {
    "ucr": TEXT,
    "state": noted(TEXT, "as this reader may know it"),
    "messages": noted(COUNT, "how many this reader sent or was sent; operators: all"),
    "updated": DUE,
}


def _slot() -> Schema:
    return closed(
        "the time booked for this presentation, and whether the goods came at it",
        number=TEXT,
        not_before=TIME,
        not_after=TIME,
        came={"enum": ["before", "within", "after"]},
        text=TEXT,
        message=TEXT,
        code=TEXT,
        by=TEXT,
    )


def _case_parts() -> dict[str, Schema]:
    place = closed(country=TEXT, office=TEXT)
    entry: dict[str, Schema] = {
        "at": TIME,
        "event": noted(TEXT, "received or issued"),
        "code": noted(TEXT, "of the message"),
        "name": TEXT,
        "id": noted(TEXT, "message id"),
        "from": TEXT,
        "to": TEXT,
        "mrn": TEXT,
        "applied": noted(YES, "false: it came too late to count"),
    }
    return {
        "Movement": closed(
            mrn=TEXT, departure=place, destination=place, state=TEXT, told=DUE, usable=noted(YES, "it came in time")
        ),
        "Side": closed(
            office=TEXT,
            presentation=TEXT,
            arrived=DUE,
            cleared=DUE,
            crossed=DUE,
            required={
                "type": "array",
                "items": closed(form=TEXT, extent=TEXT),
                "description": "controls still demanded",
            },
            seal=MAYBE,
            mass_differs={"type": ["boolean", "null"]},
        ),
        "ControlResult": closed(
            id=TEXT, office=TEXT, presentation=TEXT, form=TEXT, extent=TEXT, result=TEXT, began=TIME, ended=TIME
        ),
        "Recognition": closed(
            "what this service says to a result that another offers",
            control_result=TEXT,
            issuer=TEXT,
            **_VERDICT,
        ),
        "Answer": closed(
            "what another service says to a result of this one",
            control_result=TEXT,
            by=TEXT,
            **_VERDICT,
        ),
        "Slot": closed(
            office=TEXT, presentation=TEXT, number=MAYBE, stage=TEXT, not_before=TIME, not_after=TIME, carrier=TEXT
        ),
        "Reason": closed(
            "one form of control, and what it rests on", tuple(set(_BASIS) - {"form", "because", "text"}), **_BASIS
        ),
        "Stop": closed(
            "why the goods were controlled, or let pass, at one presentation",
            ("kept", "onward", "slot"),
            office=TEXT,
            presentation=TEXT,
            arrived=TIME,
            decision=noted(MAYBE, "id of the control decision (CTD)"),
            controls=rows("Reason", "ordered"),
            passed=rows("Reason", "not ordered though possible"),
            refused=rows("Reason", "results of others that were not recognised"),
            kept=rows("Reason", "own controls that found something, so that the goods had to stay"),
            onward=closed(
                "how the goods went on from there",
                ("mrn", "reloaded"),
                mrn=noted(TEXT, "of the movement that the service opened there"),
                reloaded={
                    "type": "array",
                    "items": closed("", at=TIME, text=TEXT, message=TEXT, code=TEXT, by=TEXT),
                    "description": "what the post told of other means of transport (INC)",
                },
            ),
            slot=_slot(),
        ),
        "Matter": closed(
            "what waits for a person",
            ("liaison",),
            id=TEXT,
            code=TEXT,
            liaison=closed(
                country=TEXT, service=TEXT, channel=TEXT, address=MAYBE, answer_days={"type": "array", "items": COUNT}
            ),
        ),
        "Entry": {
            "type": "object",
            "properties": entry,
            "required": [name for name in entry if name not in ("mrn", "applied")],
        },
    }


def _case() -> dict[str, Schema]:
    image = closed(id=TEXT, act=TEXT, sha256=DIGEST, size=COUNT)
    return {
        "CaseRow": closed("one case in short", **_ROW),
        "Case": closed(
            f"What a partner, trader or post may not know is left out; only operators see {', '.join(_OPERATORS)}.",
            _OPERATORS,
            **_ROW,
            movements=rows("Movement"),
            sides=rows("Side", "presentations at offices of this service"),
            control_results=rows("ControlResult"),
            recognitions=rows("Recognition"),
            recognised_elsewhere=rows("Answer"),
            irregularities={"type": "array", "items": closed(rule=TEXT, text=TEXT)},
            diverted={"type": "array", "items": TEXT},
            images={"type": "array", "items": image},
            slots=rows("Slot"),
            export_check={"type": ["array", "null"], "items": TEXT},
            open_matters=rows("Matter"),
            stops=rows("Stop"),
            parked={"type": "array", "items": TEXT, "description": "messages that wait for others before them"},
            timeline=rows("Entry", "all messages, in their order"),
        ),
    }


def _outbox() -> dict[str, Schema]:
    states = {"enum": ["pending", "delivered", "rejected", "lost", "expired", "dead"]}
    return {
        "OutboxRow": closed(
            message=TEXT,
            partner=TEXT,
            case=TEXT,
            ordinal=COUNT,
            state=states,
            attempts=COUNT,
            since=TIME,
            due=noted(TIME, "next attempt"),
            until=noted(DUE, "given up then"),
            settled=DUE,
            detail=MAYBE,
            trace=noted(MAYBE, "trace id (W3C Trace Context)"),
        ),
        "Lane": closed(
            "the messages to one partner, of which each waits for the one before",
            partner=TEXT,
            messages=COUNT,
            in_flight=COUNT,
            failures=noted(COUNT, "in a row"),
            closed_until=DUE,
            oldest_due=DUE,
        ),
    }


def _told() -> dict[str, Schema]:
    finding = closed(
        "one thing that is wrong, and where",
        gate=noted(TEXT, "at which step it was found"),
        severity={"enum": ["error", "warning"]},
        code=noted(TEXT, "of the fault, as docs/validate.md lists them"),
        rule=noted(MAYBE, "of the catalogue"),
        line=noted(COUNT, "from 1; 0: the document as a whole"),
        column=COUNT,
        xpath=TEXT,
        value=MAYBE,
        expected=MAYBE,
        text=TEXT,
    )
    short = {**finding, "required": ["severity", "code", "text"], "description": "a finding, or the problem itself"}
    reply = closed(message=noted(TEXT, "XML, as it was signed"), signature=noted(TEXT, "detached JWS over its bytes"))
    accepted = closed(receipt=JWS, replies=rows("Reply", "immediate answers"))
    answer = {
        **accepted["properties"],
        **_PROBLEM["properties"],
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "replayed": YES,
        "retry_after": noted(COUNT, "seconds"),
    }
    return {
        "Finding": finding,
        "Fault": short,
        "Problem": _PROBLEM,
        "Reply": reply,
        "Accepted": accepted,
        "BatchAnswer": {
            "type": "object",
            "properties": answer,
            "required": ["status"],
            "description": "202 with receipt and replies, or a problem",
        },
        "Verdict": closed(valid=YES, message=MAYBE, version=MAYBE, findings=rows("Finding"), total=COUNT),
    }


_PROBLEM = closed(
    "RFC 9457",
    type=noted(TEXT, "urn:corridor:problem:<code>"),
    title=TEXT,
    status={"type": "integer", "minimum": 400, "maximum": 599},
    detail=TEXT,
    errors=rows("Fault", "all findings of a validation, or the problem as one"),
)


def schemas() -> dict[str, Schema]:
    """Return name → schema of every part."""
    return {**_told(), **_case(), **_case_parts(), **_outbox()}


__all__ = [
    "COUNT",
    "DIGEST",
    "DUE",
    "JWS",
    "MAYBE",
    "TEXT",
    "TIME",
    "YES",
    "Schema",
    "closed",
    "noted",
    "ref",
    "rows",
    "schemas",
]
