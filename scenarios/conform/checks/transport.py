"""Transport: how messages are handed in over HTTP, and in which form refusals come."""

from __future__ import annotations

from exchange.codec import encode
from exchange.http import SIGNATURE
from exchange.limits import Limits
from exchange.messages import Message
from scenarios.conform.check import Book, NotApplicable, expect, expect_status
from scenarios.conform.probe import Probe, time_of
from scenarios.conform.requirement import CONTRACT, HTTP, PROBLEM, SECURITY, SEPARATE, requires
from scenarios.conform.wire import Exchange

BOOK = Book("transport", "T")
PROBLEM_JSON = "application/problem+json"


def some(probe: Probe) -> Message:
    """Return a message of the node's own post that is valid in form: goods that nobody has announced arrive."""
    return probe.story().arrival()


@BOOK.check(1, "GET /health says whose node it is and how its time goes", requires(SEPARATE, "One service"))
async def health(probe: Probe) -> None:
    answer = await probe.wire.ask("GET", "/health")
    expect_status(answer, 200)
    told = answer.document()
    expect(told.get("status") == "ok", f"status is {told.get('status')!r}, not 'ok'")
    expect(told.get("node") == probe.cast.country, f"it says it is the node of {told.get('node')!r}")
    expect(isinstance(told.get("stepped"), bool), "stepped is true or false, and tells whether POST /time is there")
    time_of(told.get("now"), "now")


@BOOK.check(2, "a valid message is accepted with 202", requires(CONTRACT, "Handing in a message"))
async def taken(probe: Probe) -> None:
    answer = await probe.send(some(probe))
    if answer.status == 401 and probe.trust.demo:
        expect(False, "was answered 401: does the node know the demo trust? Else give --members and --keys")
    if answer.problem == "role":
        text = f"does not know {probe.cast.post} for its post: does it work by {probe.cast.scenario}? (--scenario)"
        expect(False, f"was answered {answer.status}: the node {text}")
    expect_status(answer, 202)


@BOOK.check(3, "an accepting answer is JSON with receipt and replies", requires(CONTRACT, "Handing in a message"))
async def answered(probe: Probe) -> None:
    answer = await probe.accepted(some(probe))
    expect(answer.media_type == "application/json", f"the answer is {answer.media_type or 'of no type'}")
    told = answer.document()
    expect(isinstance(told.get("receipt"), str), 'the answer has no "receipt": a compact JWS')
    expect(isinstance(told.get("replies"), list), 'the answer has no "replies": a list, which may be empty')


@BOOK.check(4, "another content type is refused with 415", requires(HTTP, "15.5.16"))
async def other_type(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), kind="text/plain"), 415)


@BOOK.check(5, "any Content-Encoding is refused with 415", requires(SECURITY, "Messages"))
async def encoded(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), more=[("Content-Encoding", "gzip")]), 415)


@BOOK.check(6, "another charset than UTF-8 is refused with 415", requires(CONTRACT, "Handing in a message"))
async def other_charset(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), kind="application/xml; charset=utf-16"), 415)


@BOOK.check(7, "a body over 4 MiB is refused with 413", requires(SECURITY, "Messages"))
async def too_large(probe: Probe) -> None:
    data = encode(some(probe))
    data += b" " * (Limits().body_bytes + 1 - len(data))
    expect_status(await probe.send(data, sender=probe.cast.post), 413)


@BOOK.check(8, "a header given twice is refused with 400", requires(SECURITY, "Messages"))
async def twice(probe: Probe) -> None:
    message = some(probe)
    again = probe.trust.key(probe.cast.post).sign_bytes(encode(message), probe.now)
    expect_status(await probe.send(message, more=[(SIGNATURE, again)]), 400)


@BOOK.check(9, "refusals are application/problem+json", requires(PROBLEM, "3"))
async def problem_type(probe: Probe) -> None:
    answer = await refusal(probe)
    expect(answer.media_type == PROBLEM_JSON, f"the refusal is {answer.media_type or 'of no type'}")


@BOOK.check(10, "a problem has type, title, status, detail, and states its own status", requires(PROBLEM, "3.1"))
async def problem_members(probe: Probe) -> None:
    answer = await refusal(probe)
    told = answer.document()
    missing = [name for name in ("type", "title", "status", "detail") if name not in told]
    expect(not missing, f"the problem lacks {', '.join(missing)}")
    expect(told["status"] == answer.status, f"the problem says {told['status']}, the answer is {answer.status}")


@BOOK.check(11, "a problem lists its errors, each with a sentence", requires(CONTRACT, "Refusals"))
async def problem_errors(probe: Probe) -> None:
    errors = (await refusal(probe)).document().get("errors")
    expect(isinstance(errors, list) and len(errors) > 0, 'the problem has no "errors": a list that is not empty')
    assert isinstance(errors, list)
    expect(all(isinstance(one, dict) and one.get("text") for one in errors), 'each error has a "text"')


async def refusal(probe: Probe) -> Exchange:
    """Return the refusal of something that every node should refuse, the first that this one does."""
    answer = await probe.send(some(probe), kind="text/plain")
    if answer.status < 400:
        answer = await probe.send(b"no XML", sender=probe.cast.post)
    if answer.status >= 400:
        return answer
    raise NotApplicable("the node refused nothing, see T04 and V01")


@BOOK.check(12, "an unknown path is answered 404 with a problem", requires(HTTP, "15.5.5"))
async def unknown_path(probe: Probe) -> None:
    answer = await probe.wire.ask("GET", "/conformance-nobody-offers-this")
    expect_status(answer, 404)
    expect(
        answer.document().get("status") == 404, "the answer is no problem document: the framework's own is no excuse"
    )


@BOOK.check(13, "a method that a path does not offer is answered 405 with Allow", requires(HTTP, "15.5.6"))
async def other_method(probe: Probe) -> None:
    answer = await probe.wire.ask("DELETE", "/messages")
    expect_status(answer, 405)
    expect("POST" in (answer.header("Allow") or ""), f"Allow is {answer.header('Allow')!r}: it names POST")


@BOOK.check(14, "a message without a body is refused as the caller's fault", requires(HTTP, "15.5"))
async def empty(probe: Probe) -> None:
    answer = await probe.wire.ask("POST", "/messages", [("Content-Type", "application/xml")])
    expect(400 <= answer.status < 500, f"an empty message was answered {answer.status}")


@BOOK.check(15, "/openapi.json describes POST /messages", requires(CONTRACT, "Reads"))
async def described(probe: Probe) -> None:
    answer = await probe.wire.ask("GET", "/openapi.json")
    if answer.status == 404:
        raise NotApplicable("the node offers no description of itself")
    expect_status(answer, 200)
    told = answer.document()
    expect(str(told.get("openapi", "")).startswith("3."), f"openapi is {told.get('openapi')!r}")
    paths = told.get("paths")
    expect(isinstance(paths, dict) and "post" in paths.get("/messages", {}), "it does not describe POST /messages")


__all__ = ["BOOK", "some"]
