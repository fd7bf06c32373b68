"""Every call of a node's HTTP API: parameters, body and answers, without examples (:mod:`nodes.openapi.document`)."""

from __future__ import annotations

from typing import Any

from exchange.batches import CONTENT_TYPE
from nodes.openapi.parts import COUNT, DIGEST, DUE, JWS, TEXT, TIME, YES, closed, noted, ref, rows

_PROBLEM = {"$ref": "PROBLEM"}
"""Stands for the problem of a status, which the document puts in its place."""
_CREDENTIAL: list[dict[str, list[str]]] = [{"credential": []}]
_REFUSALS = {
    "400": "not XML, or a DOCTYPE; a header that cannot be read, or is given twice",
    "401": "the signature does not hold, or its iat is outside the window",
    "403": "the sender is not the key's member, nor the certificate's; its role or no agreement covers the message",
    "408": "the body did not come in time",
    "409": "the id was used for other bytes",
    "413": "too large",
    "415": "not application/xml, or any Content-Encoding",
    "422": "the message is invalid; errors lists all findings",
    "429": "too many of this member's messages wait, or come in a second; Retry-After says when to come again",
    "503": "too many messages wait; Retry-After says when to come again",
}


def _path(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}


def _header(name: str, text: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": text, "schema": {"type": "string"}}


def _query(name: str, text: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _read(summary: str, answer: dict[str, Any], *parameters: dict[str, Any], **others: str) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": answer} | dict.fromkeys(("400", "401", "403", "429", "503"), _PROBLEM)
    answers.update({status.removeprefix("s"): _PROBLEM for status in others})
    return {"get": {"summary": summary, "security": _CREDENTIAL, "parameters": list(parameters), "responses": answers}}


def _post_message() -> dict[str, Any]:
    responses: dict[str, Any] = {
        "202": _json("accepted: the signed receipt and the immediate answers", ref("Accepted"))
    }
    responses["202"]["headers"] = {
        "Pix-Replayed": {"description": "true if answered before", "schema": TEXT},
        "Pix-Batches": {"description": "live nodes: how many messages POST /batches takes at once", "schema": TEXT},
    }
    responses |= {status: _PROBLEM | {"description": text} for status, text in _REFUSALS.items()}
    return {
        "post": {
            "summary": "hand in one message",
            "parameters": [
                _header("Pix-Signature", "detached JWS (RFC 7515 appendix F) over the exact bytes", required=True),
                _header("Pix-Attempt", "the number of this attempt, from 2"),
                _header("Pix-Time", "stepped nodes: the time to be at least at"),
                _header("Pix-Batch", "stepped nodes: k/n of a round, which is written as one"),
            ],
            "requestBody": {"required": True, "content": {"application/xml": {"schema": TEXT}}},
            "responses": responses,
        }
    }


def _post_batch() -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": _json(
            "an answer to each message, in order: status, and what POST /messages would have said",
            closed(answers=rows("BatchAnswer")),
        )
    }
    responses |= dict.fromkeys(("400", "408", "413", "415", "429", "503"), _PROBLEM)
    parts = {CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    return {
        "post": {
            "summary": "hand in several messages: for each a line of JSON (signature, size, trace, attempt) and its "
            "bytes; Pix-Batches in the answers of POST /messages tells how many",
            "requestBody": {"required": True, "content": parts},
            "responses": responses,
        }
    }


def _validate() -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _json("the verdict, valid or not", ref("Verdict"))}
    responses |= dict.fromkeys(("400", "401", "403", "408", "413", "415", "429", "503"), _PROBLEM)
    return {
        "post": {
            "summary": "a verdict on any document; nothing is stored; open to callers on the same machine",
            "security": [{}, *_CREDENTIAL],
            "parameters": [_query("rules", "yes (default) or no: whether to apply the business rules")],
            "requestBody": {"required": True, "content": {"application/xml": {"schema": TEXT}}},
            "responses": responses,
        }
    }


def _time() -> dict[str, Any]:
    partner = closed("", ("next_due",), queued=noted(COUNT, "messages that wait for it"), next_due=DUE)
    answer = closed(now=TIME, next_due=DUE, partners={"type": "object", "additionalProperties": partner})
    back = noted(YES, "go back to an earlier time for a new run, if nothing is due")
    told = closed("", ("back",), now=TIME, back=back)
    responses: dict[str, Any] = {"200": _json("done", answer)}
    responses |= dict.fromkeys(("400", "401", "403", "408", "413", "504"), _PROBLEM)
    return {
        "post": {
            "summary": "do what is due: timers, then the outbox; next_due of a partner is there if it answered, and "
            "504 tells that one was not reached for as long as time may stand still",
            "security": _CREDENTIAL,
            "requestBody": {"required": True, "content": {"application/json": {"schema": told}}},
            "responses": responses,
        }
    }


def _health() -> dict[str, Any]:
    status = {"type": "string", "enum": ["ok", "standby"]}
    setting = {"type": "object", "description": "what the node was started with, where that was told"}
    up = closed("", ("setting",), status=status, node=TEXT, stepped=YES, now=TIME, setting=setting)
    responses = {"200": _json("it works", up), "503": _json("it stands by", closed(status=status, node=TEXT))}
    return {"get": {"summary": "is it up", "responses": responses}}


def _requeue(message: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _json("the row as it stands now", ref("OutboxRow"))}
    responses |= dict.fromkeys(("400", "401", "403", "404", "409", "429", "503"), _PROBLEM)
    return {
        "post": {
            "summary": "operators: send again what is dead, rejected or lost",
            "security": _CREDENTIAL,
            "parameters": [message],
            "responses": responses,
        }
    }


def _answer() -> dict[str, Any]:
    """A person's answer to a matter that is open."""
    done = closed(case=TEXT, matter=TEXT, code=TEXT, answered_by=TEXT)
    responses: dict[str, Any] = {"200": _json("the answer is under way", done)}
    responses |= dict.fromkeys(("400", "401", "403", "404", "429", "503"), _PROBLEM)
    return {
        "post": {
            "summary": "operators: answer a request for assistance (MAQ) or a notice of discrepancies (DSC)",
            "security": _CREDENTIAL,
            "parameters": [
                _path("ucr", "UCR"),
                _path("id", "id of the matter, as open_matters of the case has it"),
                _query("text", "what was found out, 512 characters at most; needed"),
                _query("outcome", "ANSWERED (the default), PARTIAL or REFUSED"),
                _query("explained", "yes or no: whether that settles the discrepancy; left out, it stays open"),
                _query("offence", "yes or no (the default): whether customs law was broken"),
                _query("evidence", "yes or no (the default): whether the answer may be used as evidence"),
            ],
            "responses": responses,
        }
    }


def _order(summary: str, done: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """An order of the node's operators."""
    responses: dict[str, Any] = {"200": _json("done", done)}
    responses |= dict.fromkeys(("400", "401", "403", "404", "409", "429", "503"), _PROBLEM)
    call = {"summary": summary, "security": _CREDENTIAL, "parameters": list(parameters), "responses": responses}
    return {"post": call}


def _orders() -> dict[str, Any]:
    return {
        "/cases/{ucr}/offers/{id}/refuse": _order(
            "operators: refuse a control result that the rules accepted, before the goods arrive (RCG)",
            closed(case=TEXT, offer=TEXT, refused_by=TEXT),
            _path("ucr", "UCR"),
            _path("id", "id of the message that offers it (CTR)"),
            _query("text", "the officer's reason, 256 characters at most; needed"),
        ),
        "/lists/{id}": _order(
            "operators: take a trader off the list of participants, or put one back, and tell other services (LST)",
            closed(list=TEXT, trader=TEXT, listed=YES),
            _path("id", "list id"),
            _query("remove", "id of the trader taken off"),
            _query("restore", "or of the one put back"),
            _query("text", "why, 256 characters at most; needed"),
            _query("to", "country code of a service that is told; may be given several times"),
        ),
        "/agreements/{id}": _order(
            "operators: take an agreement as being of another status from now on",
            closed(agreement=TEXT, status=TEXT),
            _path("id", "id of the agreement, as in the registry"),
            _query("status", "as in scenarios: signed, in force, in force from 2018-03-05; needed"),
        ),
    }


def _image() -> dict[str, Any]:
    """Inspection images: read by Range, handed in by posts."""
    picture = {"image/*": {"schema": {"type": "string", "format": "binary"}}}
    headers = {
        "ETag": {"description": "the SHA-256, in quotes", "schema": TEXT},
        "Accept-Ranges": {"description": "bytes", "schema": TEXT},
    }
    ranged = headers | {"Content-Range": {"description": "which bytes, of how many", "schema": TEXT}}
    read = {
        "200": {"description": "the image", "headers": headers, "content": picture},
        "206": {"description": "a range of its bytes", "headers": ranged, "content": picture},
        "304": {"description": "the caller has it already"},
    }
    taken = _json("it is here", closed(sha256=DIGEST, size=COUNT))
    digest = _path("sha256", "SHA-256 of the image, in hexadecimal")
    get = {
        "summary": "an inspection image, for services that were told of it",
        "security": _CREDENTIAL,
        "parameters": [digest, _header("Range", "one range, as bytes=0-1048575")],
        "responses": read | dict.fromkeys(("400", "401", "403", "404", "416", "429", "503"), _PROBLEM),
    }
    put = {
        "summary": "posts: hand in the image of a control that was made, before telling of it (IMG)",
        "security": _CREDENTIAL,
        "parameters": [digest, _query("case", "UCR")],
        "requestBody": {"required": True, "content": picture},
        "responses": {"201": taken, "200": taken}
        | dict.fromkeys(("400", "401", "403", "408", "411", "413", "415", "422", "429", "503"), _PROBLEM),
    }
    return {"get": get, "put": put}


def _metrics() -> dict[str, Any]:
    page = {"description": "Prometheus text format 0.0.4", "content": {"text/plain": {"schema": TEXT}}}
    return {
        "get": {
            "summary": "figures for operators; open to callers on the same machine",
            "security": [{}, *_CREDENTIAL],
            "responses": {"200": page} | dict.fromkeys(("400", "401", "403", "429"), _PROBLEM),
        }
    }


def calls(*, stepped: bool) -> dict[str, Any]:
    """Return path → method → call; ``POST /time`` is there only if it is stepped, ``POST /batches`` only if not."""
    xml = {"description": "the stored bytes", "content": {"application/xml": {"schema": TEXT}}}
    sender = _query("sender", "whose message, where several senders used one id")
    message = _path("id", "message id")
    paths: dict[str, Any] = {
        "/messages": _post_message(),
        "/messages/{id}": _read(
            "a message; its signature, where kept, is in Pix-Signature", xml, message, sender, s404="", s409=""
        ),
        "/messages/{id}/receipt": _read(
            "its receipt", _json("compact JWS", closed(receipt=JWS)), message, sender, s404="", s409=""
        ),
        "/messages/{id}/origin": _read(
            "of a control result passed on, the original; its signature is in Pix-Signature",
            xml,
            message,
            sender,
            s404="",
            s409="",
        ),
        "/cases": _read(
            "cases, latest first",
            _json("short rows", closed(cases=rows("CaseRow"))),
            _query("limit", "how many", "integer"),
            s400="",
        ),
        "/cases/{ucr}": _read("one case", _json("states and timeline", ref("Case")), _path("ucr", "UCR"), s404=""),
        "/images/{sha256}": _image(),
        "/ledger/head": _read("the end of the ledger", _json("position and hash", closed(position=COUNT, hash=DIGEST))),
        "/outbox": _read(
            "operators: messages to partners and how the lanes stand",
            _json("rows in the order (due, case, ordinal)", closed(messages=rows("OutboxRow"), lanes=rows("Lane"))),
            _query("state", "pending, delivered, rejected, lost or dead"),
            _query("partner", "only to this member"),
            _query("limit", "how many", "integer"),
            s400="",
            s403="",
        ),
        "/outbox/{id}/requeue": _requeue(message),
        "/cases/{ucr}/matters/{id}/answer": _answer(),
        **_orders(),
        "/metrics": _metrics(),
        "/validate": _validate(),
        "/health": _health(),
        "/openapi.json": {"get": {"summary": "this", "responses": {"200": _json("this", {"type": "object"})}}},
    }
    if stepped:
        paths["/time"] = _time()
    else:
        paths["/batches"] = _post_batch()
    return paths


__all__ = ["calls"]
