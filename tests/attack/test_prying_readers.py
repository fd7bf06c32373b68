"""Readers who want more than theirs: other members' cases and messages, files, and credentials bent to other uses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from exchange.codec import decode, encode
from exchange.messages import Header, StatusAnswer, StatusQuery
from exchange.receipts import credential
from exchange.references import message_id
from exchange.signatures import PrivateKey
from nodes.openapi import describe
from tests.attack.target import KEYS, STEPPED_NOW, STRANGER, Target, arrival, target
from tests.desk import filing

UCR = "8CNXA001-T01C1.ABCDEFGB"
ARRIVAL = arrival(STEPPED_NOW, ucr=UCR)
ID = decode(ARRIVAL).header.message_id
FILING = filing(ucr=UCR)

PATHS = describe("KZ", stepped=True)["paths"]
GETS = sorted(path for path, calls in PATHS.items() if "get" in calls)
OPEN = {"/health", "/openapi.json"}
TRICKS = [
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..\\..\\windows\\win.ini",
    "....//....//etc/passwd",
    "/etc/passwd",
    "%00",
    "a%00b",
    "%ff%fe",
    "%",
    "%zz",
    "*",
    "'%20OR%20'1'='1",
    "%27;DROP%20TABLE%20ledger;--",
    "a" * 4000,
    "%F0%9F%98%80",
    "{id}",
    "file:%2f%2f%2fetc%2fpasswd",
    "a;b=c",
    "%0d%0aX-Injected:%20yes",
    "-1",
    "999999999999999999999999",
]


def raw_get(path: str, header: str) -> bytes:
    time = f"Pix-Time: {STEPPED_NOW:%Y-%m-%dT%H:%M:%SZ}"
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {header}\r\n{time}\r\nConnection: close\r\n\r\n".encode()


def status(got: bytes) -> int:
    return int(got.split(b" ", 2)[1])


def head(sender: str, code: str, ordinal: int = 1) -> Header:
    return Header(
        message_id=message_id(sender, "KZ", code, UCR, ordinal),
        message_type=code,
        sender=sender,
        recipient="KZ",
        sent_at=STEPPED_NOW,
        ordinal=ordinal,
    )


async def a_case(kz: Target) -> None:
    """Let a carrier file and a post tell the arrival of one consignment."""
    assert (await kz.send(encode(FILING), key=KEYS["KZ.KTZ"])).status == 202
    assert (await kz.send(ARRIVAL)).status == 202


@pytest.mark.parametrize("template", [path for path in GETS if "{" in path])
async def test_path_tricks_find_nothing(kz: Target, template: str) -> None:
    await a_case(kz)
    before, _, rest = template.partition("{")
    for trick in TRICKS:
        path = before + trick + rest.partition("}")[2]
        got = await kz.raw(raw_get(path, credential(KEYS["KZ.OPERATOR"], "GET", path, kz.now)))
        assert 400 <= status(got) < 500, (path, got)
        assert b"application/problem+json" in got, (path, got)
        assert b"root:" not in got and b"\r\nX-Injected" not in got
    assert (await kz.get(f"/cases/{UCR}")).status == 200


async def test_path_and_query_tricks_find_nothing_in_postgresql_either(postgres_url: str) -> None:
    async with target(store_url=postgres_url) as kz:
        await a_case(kz)
        paths = [f"/{kind}/{trick}" for kind in ("messages", "cases") for trick in TRICKS]
        paths += [f"/messages/{ID}?sender={trick}" for trick in TRICKS if " " not in trick]
        for path in paths:
            got = await kz.raw(raw_get(path, credential(KEYS["KZ.OPERATOR"], "GET", path, kz.now)))
            assert 400 <= status(got) < 500 and b"application/problem+json" in got, (path, got)
        assert (await kz.get(f"/cases/{UCR}")).status == 200


@pytest.mark.parametrize(
    "path", ["/..", "//cases", "/cases/", "/cases/../cases", "/./cases", "/CASES", "/static/x", "/.git/config"]
)
async def test_paths_that_are_not_there_are_not_there(kz: Target, path: str) -> None:
    got = await kz.raw(raw_get(path, credential(KEYS["KZ.OPERATOR"], "GET", path, kz.now)))
    assert status(got) in (400, 404) and b"application/problem+json" in got


async def test_queries_are_read_strictly(kz: Target) -> None:
    for query in (
        "limit=-1",
        "limit=99999999999",
        "limit=1%00",
        "limit=x",
        "limit=%F0%9F%98%80",
        "limit=1.5",
        "limit=%C2%B2",
    ):
        told = await kz.get(f"/cases?{query}")
        assert told.status == 400, query


@pytest.mark.parametrize("path", sorted(set(GETS) - OPEN))
async def test_nothing_is_read_without_a_credential(kz: Target, path: str) -> None:
    await a_case(kz)
    real = path.replace("{id}", ID).replace("{ucr}", UCR).replace("{sha256}", "0" * 64)
    told = await kz.ask("GET", real)
    if path == "/metrics":
        assert told.status in (200, 401), "open on loopback only"
    else:
        assert (told.status, told.headers["WWW-Authenticate"]) == (401, "Pix")


def bent(path: str) -> dict[str, str]:
    """Return credentials that are not for ``GET path`` at KZ now."""
    key, old = KEYS["KZ.OPERATOR"], timedelta(minutes=6)
    return {
        "another path": credential(key, "GET", "/cases?limit=1", STEPPED_NOW),
        "another method": credential(key, "POST", path, STEPPED_NOW),
        "another node": credential(key, "GET", path, STEPPED_NOW, node="RU"),
        "another body": credential(key, "GET", path, STEPPED_NOW, body=b"x"),
        "stale": credential(key, "GET", path, STEPPED_NOW - old),
        "from the future": credential(key, "GET", path, STEPPED_NOW + old),
        "stranger": credential(STRANGER, "GET", path, STEPPED_NOW),
        "stranger as operator": credential(PrivateKey("KZ.OPERATOR", STRANGER._key), "GET", path, STEPPED_NOW),
        "a receipt": f"Pix {key.sign_claims({'method': 'GET', 'path': path, 'iat': 1}, 'pix-receipt')}",
        "basic": "Basic S1o6S1o=",
        "bearer": credential(key, "GET", path, STEPPED_NOW).replace("Pix", "Bearer"),
        "empty": "Pix ",
        "detached": f"Pix {key.sign_bytes(b'', STEPPED_NOW)}",
        "iat is true": f"Pix {key.sign_claims({'method': 'GET', 'path': path, 'iat': True}, 'pix-read')}",
    }


@pytest.mark.parametrize("kind", bent("/cases"))
async def test_a_credential_is_good_for_one_call_at_one_node_for_a_while(kz: Target, kind: str) -> None:
    sent = {"Pix-Time": f"{STEPPED_NOW:%Y-%m-%dT%H:%M:%SZ}"}
    good = await kz.ask(
        "GET", "/cases", headers=sent | {"Authorization": credential(KEYS["KZ"], "GET", "/cases", kz.now)}
    )
    assert good.status == 200
    told = await kz.ask("GET", "/cases", headers=sent | {"Authorization": bent("/cases")[kind]})
    assert told.status == 401 and told.code in ("signature", "window")


@pytest.mark.parametrize("who", ["KZ.99102", "CN", "RU", "FI", "RU.OPERATOR", "CN.9911"])
async def test_others_cases_and_messages_are_as_if_they_were_not(kz: Target, who: str) -> None:
    await a_case(kz)
    absent: dict[str, Any] = (await kz.get("/cases/8CNNONE", who)).body
    seen = await kz.get(f"/cases/{UCR}", who)
    assert seen.status == 404
    assert seen.body["detail"].replace(UCR, "8CNNONE") == absent["detail"]
    for path in (f"/messages/{ID}", f"/messages/{ID}/receipt", f"/messages/{ID}?sender=KZ.99101"):
        assert (await kz.get(path, who)).status == 404
    assert (await kz.get("/cases", who)).body == {"cases": []}


async def test_a_party_to_a_case_sees_its_own_messages_only(kz: Target) -> None:
    await a_case(kz)
    whole = (await kz.get(f"/cases/{UCR}")).body
    assert {"KZ.99101", "KZ.KTZ"} <= {entry["from"] for entry in whole["timeline"]}
    for who, other in (("KZ.KTZ", "KZ.99101"), ("KZ.99101", "KZ.KTZ")):
        seen = (await kz.get(f"/cases/{UCR}", who)).body
        assert seen["timeline"] and all(who in (entry["from"], entry["to"]) for entry in seen["timeline"])
        assert other not in json.dumps(seen)
        [row] = (await kz.get("/cases", who)).body["cases"]
        assert row["messages"] == len(seen["timeline"]) < whole["messages"]
        theirs = next(entry["id"] for entry in whole["timeline"] if who not in (entry["from"], entry["to"]))
        assert (await kz.get(f"/messages/{theirs}", who)).status == 404
        assert (await kz.get(f"/messages/{theirs}/receipt", who)).status == 404
    carrier, post = (await kz.get(f"/cases/{UCR}", "KZ.KTZ")).body, (await kz.get(f"/cases/{UCR}", "KZ.99101")).body
    assert carrier["sides"] == [] and [side["office"] for side in post["sides"]] == ["99101"]


@pytest.mark.parametrize("who", ["KZ.99101", "KZ.KTZ", "CN", "RU", "RU.OPERATOR"])
async def test_only_the_operator_sets_the_clock_and_the_outbox(kz: Target, who: str) -> None:
    for method, path in (("POST", "/time"), ("POST", "/outbox/x/requeue"), ("GET", "/outbox")):
        if path.replace("/x/", "/{id}/") not in PATHS:
            continue
        body = b'{"now": "2030-01-01T00:00:00Z"}' if path == "/time" else None
        header = credential(KEYS[who], method, path, kz.now)
        told = await kz.ask(method, path, body, headers={"Authorization": header, **kz.time})
        assert told.status == 403, (path, told.body)
    assert kz.node.clock.now() <= STEPPED_NOW


async def test_a_credential_for_one_time_sets_no_other(kz: Target) -> None:
    header = credential(KEYS["KZ.OPERATOR"], "POST", "/time", kz.now, body=b'{"now": "2018-03-12T00:00:00Z"}')
    told = await kz.ask(
        "POST", "/time", b'{"now": "2030-01-01T00:00:00Z"}', headers={"Authorization": header, **kz.time}
    )
    assert (told.status, told.code) == (401, "signature")


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "2200-01-01T00:00:01Z", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("back", [False, True])
async def test_not_even_the_operator_puts_the_clock_where_there_are_no_dates_left(
    kz: Target, time: str, back: bool
) -> None:
    body = json.dumps({"now": time, "back": back}).encode()
    header = credential(KEYS["KZ.OPERATOR"], "POST", "/time", kz.now, body=body)
    before = kz.node.clock.now()
    told = await kz.ask("POST", "/time", body, headers={"Authorization": header, **kz.time})
    assert (told.status, told.code) == (400, "bad-body")
    assert before <= kz.node.clock.now() <= STEPPED_NOW
    assert (await kz.send(ARRIVAL)).status == 202


async def test_nobody_asks_its_way_into_a_case(kz: Target) -> None:
    """Questions, guesses and refused declarations about others' goods make nobody a party to them."""
    await a_case(kz)
    query = StatusQuery(header=head("KZ.STRANGER", "STQ"), ucr=UCR)
    for ordinal in (1, 2):
        asked = query.model_copy(update={"header": head("KZ.STRANGER", "STQ", ordinal)})
        told = await kz.send(encode(asked), key=KEYS["KZ.STRANGER"])
        assert told.status == 202
        [answer] = told.body["replies"]
        assert isinstance(state := decode(answer["message"].encode()), StatusAnswer)
        assert state.state == "UNKNOWN"
    seen = (await kz.get(f"/cases/{UCR}", "KZ.STRANGER")).body
    assert {entry["code"] for entry in seen["timeline"]} == {"STQ", "STS"}
    rest = {name: value for name, value in seen.items() if name not in ("ucr", "messages", "updated", "timeline")}
    assert rest.pop("state") == "UNKNOWN" and not any(rest.values())
    assert (await kz.get("/cases", "KZ.STRANGER")).body["cases"][0]["state"] == "UNKNOWN"
    own = query.model_copy(update={"header": head("KZ.KTZ", "STQ", 3)})
    [answer] = (await kz.send(encode(own), key=KEYS["KZ.KTZ"])).body["replies"]
    assert decode(answer["message"].encode()).state != "UNKNOWN"  # type: ignore[attr-defined]


async def test_a_view_shows_others_nothing_that_is_not_named_for_them(kz: Target) -> None:
    await a_case(kz)
    whole = (await kz.get(f"/cases/{UCR}")).body
    seen = (await kz.get(f"/cases/{UCR}", "KZ.KTZ")).body
    assert not {"irregularities", "open_matters", "export_check", "diverted"} & set(seen)
    assert set(seen) <= set(whole)


@pytest.mark.parametrize("office", ["99101", "11223344"])
async def test_operators_and_strangers_report_nothing_for_a_post(kz: Target, office: str) -> None:
    for who in ("KZ.OPERATOR", "KZ.STRANGER"):
        told = await kz.send(arrival(STEPPED_NOW, sender=who, office=office), key=KEYS[who])
        assert (told.status, told.code) == (403, "role")
    if office != "99101":
        told = await kz.send(arrival(STEPPED_NOW, office=office))
        assert (told.status, told.code) == (403, "office")
    assert await kz.head() == 0
