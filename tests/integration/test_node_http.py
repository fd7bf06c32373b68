"""A node over HTTP: what it accepts, and every refusal in the order promised."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from exchange.codec import encode
from exchange.http import Client
from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.messages import AdvanceDeclaration, ArrivalAdvice, Header, Message, SealFound, format_time
from exchange.receipts import credential, verify_receipt
from exchange.references import message_id
from exchange.signatures import PrivateKey, digest, verify_bytes
from exchange.store import Store
from nodes.service import NodeService, ServiceError, listen, url_of
from tests.journey import START, UCR, Journey, consignment

NOW = START + timedelta(days=6)
WHO = ("KZ", "CN", "RU", "KZ.OPERATOR", "KZ.99101", "KZ.KTZ", "KZ.STRANGER", "CN.9911", "FI")
KEYS = {member: PrivateKey.generate(member) for member in WHO}
STRANGER = PrivateKey.generate("nobody")


def arrival(ordinal: int = 1, sender: str = "KZ.99101", recipient: str = "KZ", ucr: str = UCR, **body: Any) -> Message:
    header = Header(
        message_id=message_id(sender, recipient, "ARR", ucr, ordinal),
        message_type="ARR",
        sender=sender,
        recipient=recipient,
        sent_at=NOW,
        ordinal=ordinal,
    )
    seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
    values: dict[str, Any] = {"office": "99101", "presentation": "ENTRY", "arrived_at": NOW, "seals_found": seals}
    return ArrivalAdvice(header=header, ucr=ucr, **(values | body))


def filing(ordinal: int = 1, ucr: str = UCR) -> Message:
    header = Header(
        message_id=message_id("KZ.KTZ", "KZ", "ADV", ucr, ordinal),
        message_type="ADV",
        sender="KZ.KTZ",
        recipient="KZ",
        sent_at=NOW,
        ordinal=ordinal,
    )
    return AdvanceDeclaration(header=header, ucr=ucr, kind="CARRIER_FILING", office="99101", consignment=consignment())


class Desk:
    """A node of Kazakhstan and somebody who can send it anything."""

    def __init__(self, node: NodeService, store: Store, members: Members, session: aiohttp.ClientSession) -> None:
        self.node, self.store, self.members, self.session = node, store, members, session

    async def send(
        self, data: bytes, *, key: PrivateKey | None = KEYS["KZ.99101"], iat: datetime = NOW, **headers: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Post ``data``; return status, JSON and headers of the answer."""
        sent = {"Content-Type": "application/xml", "Pix-Time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if key is not None:
            sent["Pix-Signature"] = key.sign_bytes(data, iat)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(f"{self.node.url}/messages", data=data, headers=sent) as answer:
            kind = answer.content_type
            body = json.loads(await answer.read())
            if answer.status != 202:
                assert kind == "application/problem+json"
                assert {"type", "title", "status", "detail", "errors"} <= set(body)
                assert body["status"] == answer.status
                assert all("text" in error for error in body["errors"])
            return answer.status, body, dict(answer.headers)

    async def get(self, path: str, who: str = "KZ.OPERATOR", now: datetime = NOW) -> tuple[int, bytes]:
        """Read ``path`` as ``who``."""
        headers = {"Authorization": credential(KEYS[who], "GET", path, now)}
        async with self.session.get(self.node.url + path, headers=headers) as answer:
            return answer.status, await answer.read()


async def desk(
    limits: Limits | None = None, *, stepped: bool = True, patience: float = 60, arm: str = "baseline"
) -> AsyncIterator[Desk]:
    sock = listen("127.0.0.1", 0)
    urls = {"KZ": url_of(sock)}
    members = Members(Member.of(who, urls.get(who), key.public) for who, key in KEYS.items())
    store = await Store.open(None, "KZ", threaded=False)
    core = Journey(arm).cores["KZ"]
    timeouts = Timeouts(gather=0.2, shutdown=1, request=patience)
    try:
        async with (
            NodeService(
                core, store, KEYS["KZ"], members, sock, stepped=stepped, limits=limits, timeouts=timeouts
            ) as node,
            aiohttp.ClientSession(auto_decompress=False) as session,
        ):
            yield Desk(node, store, members, session)
    finally:
        await store.close()


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    async for one in desk():
        yield one


async def test_a_message_is_answered_with_a_receipt_and_the_nodes_replies(kz: Desk) -> None:
    assert (await kz.send(encode(filing()), key=KEYS["KZ.KTZ"]))[0] == 202
    data = encode(arrival())
    status, body, headers = await kz.send(data)
    assert status == 202
    receipt = verify_receipt(
        body["receipt"],
        kz.members,
        message=arrival().header.message_id,
        sender="KZ.99101",
        sha256=digest(data),
        recipient="KZ",
        now=NOW,
    )
    assert receipt.time == NOW
    chain = [entry async for entry in kz.store.ledger()]
    assert chain[receipt.position - 1].hash == receipt.hash
    [reply] = body["replies"]
    assert "<ControlDecision" in reply["message"]
    assert verify_bytes(reply["signature"], reply["message"].encode(), kz.members.finder(NOW)).kid == "KZ"
    due = kz.node.next_due()
    assert headers["Pix-Next-Due"] == ("none" if due is None else format_time(due))


async def test_the_same_bytes_get_the_same_answer_whenever_they_come(kz: Desk) -> None:
    data = encode(arrival())
    _, first, headers = await kz.send(data)
    assert "Pix-Replayed" not in headers
    head = await kz.store.head()
    for late in (timedelta(0), timedelta(days=30)):
        status, again, headers = await kz.send(data, iat=NOW - late)
        assert (status, again, headers["Pix-Replayed"]) == (202, first, "true")
    assert await kz.store.head() == head


async def test_other_bytes_under_a_used_id_are_a_conflict_even_if_late_or_invalid(kz: Desk) -> None:
    data = encode(arrival())
    await kz.send(data)
    for other in (encode(arrival(arrived_at=NOW - timedelta(hours=1))), data.replace(b"ENTRY", b"SIDEWAYS")):
        for iat in (NOW, NOW - timedelta(days=1)):
            status, _, _ = await kz.send(other, iat=iat)
            assert status == 409


async def test_two_senders_may_use_one_id(kz: Desk) -> None:
    one = arrival()
    other = filing()
    other = other.model_copy(update={"header": other.header.model_copy(update={"message_id": one.header.message_id})})
    assert (await kz.send(encode(one)))[0] == 202
    assert (await kz.send(encode(other), key=KEYS["KZ.KTZ"]))[0] == 202
    path = f"/messages/{one.header.message_id}"
    assert (await kz.get(path))[0] == 409
    assert await kz.get(f"{path}?sender=KZ.99101") == (200, encode(one))
    assert await kz.get(f"{path}?sender=KZ.KTZ") == (200, encode(other))
    assert (await kz.get(f"{path}?sender=KZ.STRANGER"))[0] == 404


FAULTS = ("type", "size", "signature", "xml", "sender", "conflict", "window", "invalid", "agreement")
STATUS = dict(zip(FAULTS, (415, 413, 401, 400, 403, 409, 401, 422, 403), strict=True))
CODE = dict(
    zip(
        FAULTS,
        (
            "unsupported-type",
            "too-large",
            "signature",
            "not-xml",
            "sender",
            "conflict",
            "window",
            "invalid",
            "no-agreement",
        ),
        strict=True,
    )
)


def faulty(faults: set[str]) -> tuple[bytes, PrivateKey, datetime, dict[str, str]]:
    """Return (bytes, key, iat, headers) of a message that has all these faults.

    What no agreement covers is an arrival told by Finland in the arm without exchange.
    """
    sender = "FI" if "agreement" in faults else "KZ.99101"
    data = encode(arrival(2, sender=sender))
    if "conflict" in faults:
        data = data.replace(arrival(2).header.message_id.encode(), arrival(1).header.message_id.encode())
    if "invalid" in faults:
        data = data.replace(b"ENTRY", b"SIDEWAYS")
    if "xml" in faults:
        data = data.replace(b"</ArrivalAdvice>", b"</Nonsense>")
    if "size" in faults:
        data += b" " * 20_000
    key = KEYS[sender]
    if "sender" in faults:
        key = KEYS["CN"]
    if "signature" in faults:
        key = STRANGER
    headers = {"Content_Type": "text/plain"} if "type" in faults else {}
    return data, key, NOW - timedelta(days=1) if "window" in faults else NOW, headers


@pytest.mark.parametrize("first", range(len(FAULTS)))
async def test_of_several_faults_the_first_in_the_table_is_told(first: int) -> None:
    """A message with the fault number ``first`` and all that follow it (where they can meet in one message)."""
    async for kz in desk(Limits(body_bytes=10_000)):
        await kz.send(encode(arrival()))
        head = await kz.store.head()
        for last in range(first, len(FAULTS)):
            faults = set(FAULTS[first : last + 1])
            if {"conflict", "agreement"} <= faults:
                faults.discard("agreement")
            data, key, iat, headers = faulty(faults)
            status, body, _ = await kz.send(data, key=key, iat=iat, **headers)
            assert (status, body["type"].rpartition(":")[2]) == (STATUS[FAULTS[first]], CODE[FAULTS[first]]), faults
        assert await kz.store.head() == head
        assert (await kz.send(encode(arrival(2))))[0] == 202


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Encoding": "identity"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Type": "application/xml; charset=utf-16"}, 415),
        ({"Content_Type": "application/xml; charset=UTF-8"}, 202),
        ({"Content_Type": "text/xml"}, 202),
        ({"Pix_Time": "yesterday"}, 400),
        ({"Pix_Batch": "2/1"}, 400),
        ({"Pix_Batch": "1/100000"}, 400),
        ({"Pix_Signature": "x..y"}, 401),
    ],
)
async def test_headers_are_read_strictly(kz: Desk, headers: dict[str, str], status: int) -> None:
    assert (await kz.send(encode(arrival()), **headers))[0] == status


async def test_a_signature_counts_for_the_exact_bytes(kz: Desk) -> None:
    data = encode(arrival())
    token = KEYS["KZ.99101"].sign_bytes(data, NOW)
    assert (await kz.send(data + b"\n", Pix_Signature=token))[0] == 401
    assert (await kz.send(data, key=None))[0] == 401


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"<a", b"not xml", b"<!DOCTYPE a><a/>", b"\xff\xfe<\x00a\x00/\x00>\x00"]
)
async def test_what_is_not_xml_is_told_so(kz: Desk, data: bytes) -> None:
    assert (await kz.send(data))[0] == 400


async def test_an_invalid_message_gets_all_its_findings(kz: Desk) -> None:
    data = encode(arrival()).replace(b"ENTRY", b"SIDEWAYS").replace(b"INTACT", b"SOUND")
    status, body, _ = await kz.send(data)
    assert status == 422
    assert {error["value"] for error in body["errors"]} >= {"SIDEWAYS", "SOUND"}
    assert all(error["line"] > 0 and error["xpath"] for error in body["errors"])


async def test_xml_that_is_no_message_is_invalid(kz: Desk) -> None:
    assert (await kz.send(b"<a/>"))[0] == 422


async def test_a_message_for_another_node_is_invalid_here(kz: Desk) -> None:
    assert (await kz.send(encode(arrival(recipient="RU"))))[0] == 422


async def test_another_services_post_is_not_heard(kz: Desk) -> None:
    status, body, _ = await kz.send(encode(arrival(sender="CN.9911")), key=KEYS["CN.9911"])
    assert (status, body["type"]) == (403, "urn:corridor:problem:no-agreement")


async def test_the_frameworks_own_errors_are_problems_too(kz: Desk) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/messages", 405),
        ("GET", "/messages", 405),
        ("POST", "/ledger/head", 405),
        ("GET", "/images/" + "0" * 64, 404),
    ):
        async with kz.session.request(method, kz.node.url + path) as answer:
            assert (answer.status, answer.content_type) == (status, "application/problem+json")
            assert (await answer.json(content_type=None))["errors"]
            assert "Pix-Next-Due" in answer.headers


async def test_a_body_without_length_is_cut_off_at_the_limit() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1000

    async for kz in desk(Limits(body_bytes=10_000)):
        headers = {"Content-Type": "application/xml"}
        async with kz.session.post(f"{kz.node.url}/messages", data=endless(), headers=headers) as answer:
            assert (answer.status, answer.content_type) == (413, "application/problem+json")


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"<"
        await asyncio.sleep(5)

    async for kz in desk(patience=0.2):
        headers = {"Content-Type": "application/xml"}
        async with kz.session.post(f"{kz.node.url}/messages", data=slow(), headers=headers) as answer:
            assert (answer.status, answer.content_type) == (408, "application/problem+json")
        assert (await kz.send(encode(arrival())))[0] == 202


async def test_refusals_are_noted_after_authentication_and_counted_before(kz: Desk) -> None:
    bad = encode(arrival()).replace(b"ENTRY", b"SIDEWAYS")
    await kz.send(bad, key=STRANGER)
    await kz.send(bad)
    await kz.get("/health")
    await kz.node.writer.look([], lambda core: None)
    [note] = await kz.store.refusals()
    assert (note.member, note.status, note.code, note.sha256) == ("KZ.99101", 422, "invalid", digest(bad))
    assert kz.node.refusals.counts[(401, "signature")] == 1
    assert (await kz.store.head()).position == 0


async def test_nobody_fills_the_store_with_refusals() -> None:
    async for kz in desk(Limits(refusals_a_minute=3)):
        for number in range(6):
            await kz.send(encode(arrival(arrived_at=NOW - timedelta(seconds=number))).replace(b"ENTRY", b"X"))
        await kz.node.writer.look([], lambda core: None)
        assert 3 <= len(await kz.store.refusals()) <= 6
        assert kz.node.refusals.counts[(422, "invalid")] == 6


async def test_a_full_queue_says_when_to_come_again() -> None:
    async for kz in desk(Limits(queued_messages=0)):
        status, _, headers = await kz.send(encode(arrival()))
        assert (status, headers["Retry-After"]) == (503, "2")


async def test_reads_need_a_credential_and_show_each_what_is_theirs(kz: Desk) -> None:
    data, one = encode(arrival()), arrival()
    await kz.send(data)
    path = f"/messages/{one.header.message_id}"
    for who, status in (("KZ.OPERATOR", 200), ("KZ.99101", 200), ("KZ", 200), ("KZ.STRANGER", 404), ("FI", 404)):
        assert (await kz.get(path, who))[0] == status, who
        assert (await kz.get(f"/cases/{UCR}", who))[0] == status, who
        found, body = await kz.get("/cases", who)
        assert found == 200
        assert [row["ucr"] for row in json.loads(body)["cases"]] == ([UCR] if status == 200 else [])
    assert await kz.get(path) == (200, data)
    assert "receipt" in json.loads((await kz.get(f"{path}/receipt"))[1])
    head = json.loads((await kz.get("/ledger/head"))[1])
    assert head == {"position": (await kz.store.head()).position, "hash": (await kz.store.head()).hash}
    for bare in (path, "/cases", f"/cases/{UCR}", "/ledger/head"):
        async with kz.session.get(kz.node.url + bare) as answer:
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Pix")
    assert (await kz.get(path, now=NOW - timedelta(days=1)))[0] == 401
    assert (await kz.get("/cases?limit=0"))[0] == 400
    assert (await kz.get("/cases/8CNNONE"))[0] == 404


async def test_health_and_description_are_open(kz: Desk) -> None:
    async with kz.session.get(f"{kz.node.url}/health") as answer:
        assert (await answer.json())["node"] == "KZ"
    async with kz.session.get(f"{kz.node.url}/openapi.json") as answer:
        paths = (await answer.json())["paths"]
    routes = {resource.canonical for resource in kz.node._app().router.resources()}
    assert set(paths) == routes


async def test_a_live_node_has_no_time_to_set() -> None:
    async for kz in desk(stepped=False):
        async with kz.session.post(f"{kz.node.url}/time", json={"now": "2026-01-01T00:00:00Z"}) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
            assert "Pix-Next-Due" not in answer.headers


async def test_only_the_operator_steps_a_node(kz: Desk) -> None:
    async with Client(kz.members, KEYS.__getitem__) as client:
        answer = await client.set_time("KZ", "KZ.OPERATOR", NOW)
        assert answer == {"now": "2018-03-11T00:00:00Z", "next_due": None, "partners": {}}
        answer = await client.set_time("KZ", "KZ.OPERATOR", NOW - timedelta(minutes=1))
        assert answer["now"] == "2018-03-11T00:00:00Z"
        for who in ("KZ.99101", "RU"):
            with pytest.raises(Exception, match="403"):
                await client.set_time("KZ", who, NOW)
    headers = {"Authorization": credential(KEYS["KZ.OPERATOR"], "POST", "/time", NOW)}
    for data, status in ((b"{}", 400), (b"[]", 400), (b'{"now": "soon"}', 400), (b" " * 2000, 413)):
        async with kz.session.post(f"{kz.node.url}/time", data=data, headers=headers) as answer:
            assert answer.status == status


async def test_a_round_is_sorted_and_written_as_one(kz: Desk) -> None:
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(6)]
    writes = []
    write = kz.store.write

    async def counted(given: Any) -> None:
        writes.append(given)
        await write(given)

    kz.store.write = counted  # type: ignore[method-assign]
    numbered = [(4, 1), (2, 2), (5, 3), (0, 4), (3, 5), (1, 6)]
    answers = await asyncio.gather(*(kz.send(encode(messages[n]), Pix_Batch=f"{k}/6") for n, k in numbered))
    assert [status for status, _, _ in answers] == [202] * 6
    assert len(writes) == 1
    assert [entry.case for entry in writes[0].entries if entry.kind == "received"] == [m.ucr for m in messages]


async def test_a_refused_message_does_not_keep_its_round_waiting(kz: Desk) -> None:
    good, bad = encode(arrival()), encode(arrival(2)).replace(b"ENTRY", b"SIDEWAYS")
    answers = await asyncio.gather(kz.send(bad, Pix_Batch="1/2"), kz.send(good, Pix_Batch="2/2"))
    assert [status for status, _, _ in answers] == [422, 202]
    assert answers[0][2]["Pix-Next-Due"] == answers[1][2]["Pix-Next-Due"]


async def test_a_round_that_stays_incomplete_is_worked_as_far_as_it_came(kz: Desk) -> None:
    assert (await kz.send(encode(arrival()), Pix_Batch="1/2"))[0] == 202


async def test_the_same_message_twice_in_one_round_is_one(kz: Desk) -> None:
    data = encode(arrival())
    answers = await asyncio.gather(kz.send(data, Pix_Batch="1/2"), kz.send(data, Pix_Batch="2/2"))
    assert [status for status, _, _ in answers] == [202, 202]
    assert answers[0][1] == answers[1][1]
    assert sorted("Pix-Replayed" in headers for _, _, headers in answers) == [False, True]


async def test_a_batch_that_fails_is_split_and_takes_no_other_with_it(
    kz: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    poison = "8CNXA001-T01C3.ABCDEFGB"
    write = kz.store.write

    async def failing(given: Any) -> None:
        if any(entry.case == poison for entry in given.entries):
            raise OSError("the disk says no")
        await write(given)

    kz.store.write = failing  # type: ignore[method-assign]
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(6)]
    answers = await asyncio.gather(
        *(kz.send(encode(message), Pix_Batch=f"{k}/6") for k, message in enumerate(messages, 1))
    )
    assert [status for status, _, _ in answers] == [202, 202, 202, 500, 202, 202]
    kz.store.write = write  # type: ignore[method-assign]
    assert "the disk says no" in caplog.text
    status, _, headers = await kz.send(encode(messages[3]))
    assert (status, "Pix-Replayed" in headers) == (202, False)
    assert (await kz.store.verify()).position > 0
    case = json.loads((await kz.get(f"/cases/{poison}"))[1])
    assert case["messages"] == len([e async for e in kz.store.ledger() if e.case == poison])


async def test_little_memory_changes_no_answer() -> None:
    """Ids, cases and folds that are no longer held are looked up in the store."""
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(5)]
    small = Limits(remembered_ids=1, remembered_cases=1, folded_cases=1, outbox_bytes_rows=0)
    answers: list[list[Any]] = []
    for limits in (Limits(), small):
        async for kz in desk(limits):
            seen: list[Any] = []
            for message in messages:
                assert (await kz.send(encode(message)))[0] == 202
            for message in messages:
                status, _, headers = await kz.send(encode(message))
                assert (status, headers.get("Pix-Replayed")) == (202, "true")
                changed = message.model_copy(update={"arrived_at": NOW - timedelta(hours=1)})
                assert (await kz.send(encode(changed)))[0] == 409
                seen.append(json.loads((await kz.get(f"/cases/{message.ucr}"))[1]))
            second = message.model_copy(
                update={"header": arrival(2).header.model_copy(update={"ordinal": 2}), "ucr": messages[0].ucr}
            )
            assert (await kz.send(encode(second)))[0] == 202
            seen.append(json.loads((await kz.get(f"/cases/{messages[0].ucr}"))[1]))
            answers.append(seen)
    assert answers[0] == answers[1]


def test_a_node_listens_on_loopback_only_and_says_what_is_wrong() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::"):
        with pytest.raises(ServiceError, match="TLS"):
            listen(host, 0)
    with pytest.raises(ServiceError, match="no IP address"):
        listen("customs.example", 0)
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port}: the port is in use"):
            listen("127.0.0.1", port)
    with pytest.raises(ServiceError, match="port 99999"):
        listen("127.0.0.1", 99999)
