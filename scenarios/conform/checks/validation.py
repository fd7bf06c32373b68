"""Validation: gate by gate, with all findings, and never at the node's expense."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from exchange.codec import encode
from exchange.messages import Message, PixModel
from scenarios.conform.check import Book, NotApplicable, accepted, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import MESSAGES, RULES, SECURITY, VALIDATE, requires
from scenarios.conform.wire import Exchange

BOOK = Book("validation", "V")
DEEP = 5_000
_LAUGH = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "&#98;&#98;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]><a>&e;</a>"""


async def post(probe: Probe, data: bytes) -> Exchange:
    """Post bytes as the node's own post, properly signed."""
    return await probe.send(data, sender=probe.cast.post)


def changed(probe: Probe, *changes: tuple[bytes, bytes]) -> bytes:
    """Return an arrival's bytes with each pattern replaced."""
    data = encode(some(probe))
    for pattern, by in changes:
        data, count = re.subn(pattern, by, data)
        assert count, pattern
    return data


def errors_of(answer: Exchange) -> list[dict[str, Any]]:
    """Return the errors that a refusal lists."""
    found = answer.document().get("errors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def with_goods(probe: Probe, **changes: Any) -> Message:
    """Return a message that tells of goods, with ``changes`` in them."""
    message = probe.goods_message(probe.story())
    goods: PixModel = message.consignment  # type: ignore[attr-defined]
    return message.model_copy(update={"consignment": goods.model_copy(update=changes)})


@BOOK.check(1, "what is not XML is refused with 400", requires(SECURITY, "Messages"))
async def not_xml(probe: Probe) -> None:
    expect_status(await post(probe, b"this is no XML"), 400)


@BOOK.check(2, "XML that does not end is refused with 400", requires(VALIDATE, "The gates"))
async def cut_off(probe: Probe) -> None:
    expect_status(await post(probe, encode(some(probe))[:-10]), 400)


@BOOK.check(3, "bytes that are no UTF-8 are refused with 400", requires(VALIDATE, "The gates"))
async def not_utf8(probe: Probe) -> None:
    expect_status(await post(probe, changed(probe, (rb"<Office>", b"<Office><!-- \xff\xfe -->"))), 400)


@BOOK.check(4, "any DOCTYPE is refused with 400", requires(SECURITY, "Messages"))
async def doctype(probe: Probe) -> None:
    data = encode(some(probe))
    head, mark, rest = data.partition(b"?>")
    expect_status(
        await post(
            probe,
            head + mark + b"<!DOCTYPE ArrivalAdvice>" + rest if mark else b"",
        ),
        400,
    )


@BOOK.check(5, "entities that grow without end are refused with 400", requires(SECURITY, "Messages"))
async def laughs(probe: Probe) -> None:
    expect_status(await post(probe, _LAUGH), 400)


@BOOK.check(6, "elements nested without end are refused with 400", requires(SECURITY, "Messages"))
async def deep(probe: Probe) -> None:
    expect_status(await post(probe, b"<a>" * DEEP + b"</a>" * DEEP), 400)


@BOOK.check(7, "a message without a required element is refused with 422", requires(MESSAGES, "ARR, Arrival advice"))
async def missing(probe: Probe) -> None:
    expect_status(await post(probe, changed(probe, (rb"<Office>.*?</Office>", b""))), 422)


@BOOK.check(8, "422 lists all that is wrong, each in a sentence", requires(SECURITY, "Messages"))
async def all_findings(probe: Probe) -> None:
    data = changed(
        probe,
        (rb"<Office>.*?</Office>", b"<Office>???</Office>"),
        (rb"<Presentation>.*?</Presentation>", b"<Presentation>SIDEWAYS</Presentation>"),
    )
    answer = await post(probe, data)
    if answer.status < 400:
        raise NotApplicable(f"an invalid message was answered {answer.status}, see V07")
    found = errors_of(answer)
    expect(len(found) >= 2, f"two elements are wrong, {len(found)} errors are listed")
    expect(all(one.get("text") for one in found), 'an error has no "text"')


@BOOK.check(9, "findings say where: a line from 1", requires(VALIDATE, "JSON"))
async def placed(probe: Probe) -> None:
    answer = await post(
        probe, changed(probe, (rb"<Presentation>.*?</Presentation>", b"<Presentation>X</Presentation>"))
    )
    if answer.status != 422:
        raise NotApplicable(f"an invalid message was answered {answer.status}, see V07")
    lines = [one.get("line") for one in errors_of(answer)]
    known = bool(lines) and all(isinstance(line, int) and line >= 1 for line in lines)
    expect(known, f"the errors name the lines {lines}")


@BOOK.check(
    10, "an unknown version of the message set is refused with 422", requires(MESSAGES, "The messages of PIX 1.1")
)
async def version(probe: Probe) -> None:
    expect_status(await post(probe, changed(probe, (rb'schemaVersion="[^"]*"', b'schemaVersion="9.9"'))), 422)


@BOOK.check(11, "a message of version 1.0 is taken", requires(MESSAGES, "The messages of PIX 1.1"))
async def older(probe: Probe) -> None:
    answer = await post(probe, encode(some(probe), "1.0"))
    expect(accepted(answer), f"a valid message of version 1.0 was answered {answer.status}")


@BOOK.check(12, "another namespace is refused with 422", requires(MESSAGES, "The messages of PIX 1.1"))
async def namespace(probe: Probe) -> None:
    expect_status(await post(probe, changed(probe, (rb"urn:corridor:pix:1", b"urn:example:other:1"))), 422)


@BOOK.check(13, "a country that is on no code list is refused with 422", requires(RULES, "Code lists"))
async def code_list(probe: Probe) -> None:
    expect_status(await probe.send(with_goods(probe, country_of_destination="QQ")), 422)


@BOOK.check(14, "goods heavier than their consignment are refused with 422", requires(RULES, "PIX-014"))
async def masses(probe: Probe) -> None:
    expect_status(await probe.send(with_goods(probe, gross_mass=Decimal(1))), 422)


@BOOK.check(15, "the refusal names the rule that is broken", requires(RULES, "PIX-014"))
async def rule_named(probe: Probe) -> None:
    answer = await probe.send(with_goods(probe, gross_mass=Decimal(1)))
    if answer.status < 400:
        raise NotApplicable(f"the message was answered {answer.status}, see V14")
    rules = [one.get("rule") for one in errors_of(answer)]
    expect("PIX-014" in rules, f"the errors name the rules {rules}")


@BOOK.check(16, "a message for another node is refused with 422", requires(SECURITY, "Messages"))
async def other_node(probe: Probe) -> None:
    other = probe.cast.partner or "XK"
    expect_status(await probe.send(probe.story().arrival(recipient=other)), 422)


@BOOK.check(17, "an old signature of an invalid message is refused for its age first", requires(SECURITY, "Messages"))
async def window_first(probe: Probe) -> None:
    from datetime import timedelta

    data = changed(probe, (rb"<Office>.*?</Office>", b""))
    answer = await probe.send(data, sender=probe.cast.post, iat=probe.now - timedelta(minutes=10))
    expect_status(answer, 401)


@BOOK.check(18, "POST /validate finds a valid message valid", requires(VALIDATE, "Over HTTP"))
async def judged_valid(probe: Probe) -> None:
    answer = await _judged(probe, encode(some(probe)))
    expect(answer.document().get("valid") is True, f"valid is {answer.document().get('valid')!r}")


@BOOK.check(19, "POST /validate finds an invalid one invalid, with findings", requires(VALIDATE, "Over HTTP"))
async def judged_invalid(probe: Probe) -> None:
    answer = await _judged(probe, changed(probe, (rb"<Office>.*?</Office>", b"")))
    told = answer.document()
    expect(told.get("valid") is False, f"valid is {told.get('valid')!r}")
    expect(isinstance(told.get("findings"), list) and len(told["findings"]) > 0, "findings are missing")


@BOOK.check(20, "POST /validate stores nothing", requires(VALIDATE, "Over HTTP"))
async def not_stored(probe: Probe) -> None:
    message = some(probe)
    await _judged(probe, encode(message))
    expect_status(await probe.read(f"/messages/{message.header.message_id}", probe.cast.post), 404)


async def _judged(probe: Probe, data: bytes) -> Exchange:
    answer = await probe.wire.ask("POST", "/validate", [("Content-Type", "application/xml")], data)
    if answer.status in (401, 403, 404):
        raise NotApplicable(f"the node judges no documents of strangers: POST /validate was answered {answer.status}")
    expect_status(answer, 200)
    return answer


__all__ = ["BOOK"]
