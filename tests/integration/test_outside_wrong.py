"""Systems elsewhere that hang, lie or answer garbage: reported by name and check, within the time limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from exchange.errors import CorridorError
from tests.outside import checks, example, partners, ports, run, serving, url
from tests.waiting import HANGS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def node(base: int, **changes: Any) -> Any:
    """Return the example as a node, with other methods in place of some of its own."""
    module = example()
    return type("Wrong", (module.Node,), changes)(partners(base))


def answering(path: str, answer: Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]) -> Any:
    """Return a method ``app`` of a node that answers requests to ``path`` otherwise."""

    def app(self: Any) -> web.Application:
        @web.middleware
        async def otherwise(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await (answer(request, handler) if request.path == path else handler(request))

        made: web.Application = example().Node.app(self)
        made.middlewares.append(otherwise)
        return made

    return app


async def hang(_: web.Request, __: Handler) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")


async def garbage(_: web.Request, __: Handler) -> web.StreamResponse:
    return web.Response(status=202, body=b"\xff\xfe{{{", content_type="application/json")


async def ok_garbage(_: web.Request, __: Handler) -> web.StreamResponse:
    return web.Response(status=200, text="[1, 2]", content_type="application/json")


async def refusing(_: web.Request, __: Handler) -> web.StreamResponse:
    problem = {"type": "about:blank", "title": "no", "status": 422, "detail": "I take nothing", "errors": []}
    return web.json_response(problem, status=422)


async def accepting_with_200(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.set_status(200 if response.status == 202 else response.status)
    return response


async def flooding(request: web.Request, _: Handler) -> web.StreamResponse:
    response = web.StreamResponse(status=202)
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" " * 1024 * 1024)
    return response


async def no_http(request: web.Request, _: Handler) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x00\xff lorem ipsum\r\n\r\n")  # type: ignore[attr-defined]
    request.transport.close()
    return web.Response()


async def another_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    assert isinstance(response, web.Response)
    return web.json_response(json.loads(response.text or "") | {"now": "2018-03-05T00:00:00+00:00"})


def changed(change: Callable[[dict[str, Any]], None]) -> Any:
    """Return an ``app`` that answers messages with a changed body."""

    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        body = json.loads(response.text or "")
        change(body)
        return web.json_response(body, status=response.status, headers={"Pix-Next-Due": "none"})

    return answering("/messages", answer)


def other_receipt(body: dict[str, Any]) -> None:
    claims: dict[str, Any] = {"message": "x", "sender": "x", "sha256": "0" * 64, "recipient": "KZ"}
    claims |= {"time": "2018-03-05T00:00:00Z", "position": 1, "hash": "0" * 64}
    body["receipt"] = example().sign(json.dumps(claims).encode(), typ="pix-receipt")


def broken_signature(body: dict[str, Any]) -> None:
    head, payload, _ = body["receipt"].split(".")
    body["receipt"] = f"{head}.{payload}.{'A' * 86}"


def reply(text: str) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        made = example().Node({})
        for one in body["replies"]:
            one["message"] = one["message"].replace(*text.split("|"))
            made.hear(datetime.fromtimestamp(1_520_208_000, UTC))
            one["signature"] = made.signature(one["message"])

    return change


ENDING = {
    "hangs on messages": (answering("/messages", hang), "answers within its time limit"),
    "hangs on time": (answering("/time", hang), "answers within its time limit"),
    "hangs on health": (answering("/health", hang), "answers within its time limit"),
    "garbage for a receipt": (answering("/messages", garbage), "answers as the API says"),
    "hangs up after no HTTP": (answering("/time", no_http), "answers as the API says"),
    "garbage for a time": (answering("/time", ok_garbage), "answers as the API says"),
    "garbage for health": (answering("/health", ok_garbage), "answers as the API says"),
    "another time in health": (answering("/health", another_time), "answers as the API says"),
    "200 for what is accepted": (answering("/messages", accepting_with_200), "answers as the API says"),
    "an answer of 200 MB": (answering("/messages", flooding), "answers as the API says"),
    "a receipt of something else": (changed(other_receipt), "receipts what it was given"),
    "a receipt that nobody signed": (changed(broken_signature), "receipts what it was given"),
    "a reply that is no message": (changed(reply("REGISTERED|PERHAPS")), "replies with valid messages"),
    "a reply to somebody else": (changed(reply(">KZ.STEPPE-RAIL<|>KZ.99101<")), "replies with valid messages"),
    "refuses everything": (answering("/messages", refusing), "accepts what it is sent"),
}


@pytest.mark.parametrize("wrong", ENDING)
async def test_what_cannot_go_on_ends_by_name_and_check(wrong: str, tmp_path: Path) -> None:
    app, check = ENDING[wrong]
    base, limit = ports(), 1 if wrong.startswith("hangs") else 60
    async with serving(node(base, app=app).app(), base):
        with pytest.raises(CorridorError) as found:
            await asyncio.wait_for(run(base, tmp_path, f"services.KZ.time_limit={limit} s"), HANGS)
    assert f"KZ at {url(base, 'KZ')} does not pass the check '{check}'" in str(found.value)


async def test_nobody_there_is_told_by_name_within_the_limit(tmp_path: Path) -> None:
    base = ports()
    with pytest.raises(CorridorError, match=r"KZ at http://\S+ does not pass the check 'is reached'"):
        await asyncio.wait_for(run(base, tmp_path, "services.KZ.time_limit=1 s"), HANGS)


async def test_a_node_that_never_lets_go_ends_with_the_time_limit_of_the_run(tmp_path: Path) -> None:
    base = ports()
    work = example().Node.work

    def never(self: Any, message: dict[str, str]) -> Iterator[tuple[str, str, str]]:
        if message["MessageType"] == "CTR" and message["Sender"] == "KZ.99101":
            for required in self.cases[message["UCR"]]["sides"].values():
                required.append((message["Form"], message["Extent"]))
        yield from work(self, message)

    async with serving(node(base, work=never).app(), base):
        with pytest.raises(CorridorError, match=r"0 of 1 consignments are through after 2 s.*KZ at http"):
            await asyncio.wait_for(run(base, tmp_path, "time_limit=2 s"), HANGS)


async def test_a_node_that_does_not_go_back_for_another_run_is_to_be_started_afresh(tmp_path: Path) -> None:
    base = ports()
    here = node(base)
    here.hear(datetime(2019, 1, 1, tzinfo=UTC))
    hear = type(here).hear
    here.hear = lambda time, back=False: hear(here, time)
    async with serving(here.app(), base):
        with pytest.raises(CorridorError, match=r"KZ at .* its clock stays at 2019-01-01T00:00:00Z.*start it afresh"):
            await asyncio.wait_for(run(base, tmp_path), HANGS)


def smelling(self: Any, to: str, code: str, body: str, cause: dict[str, str]) -> str:
    made: str = example().Node.write(self, to, code, body, cause)
    return made.replace("<Form>SCAN<", "<Form>SMELL<") if code == "RCG" else made


async def forging(self: Any) -> None:
    def signed_by_another(message: str) -> str:
        head, _, signature = example().sign(message.encode(), iat=int(self.now.timestamp()), kid="demo-RU").split(".")
        return f"{head}..{signature}"

    self.signature = signed_by_another
    try:
        await example().Node.deliver(self)
    finally:
        del self.signature


@pytest.mark.parametrize("changes", [{"write": smelling}, {"deliver": forging}])
async def test_what_it_sends_wrongly_does_not_stop_the_run_but_fails_it(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    base = ports()
    wrong = node(base, **changes)
    async with serving(wrong.app(), base):
        outcome = await asyncio.wait_for(run(base, tmp_path), HANGS)
    held = checks(outcome)
    assert held["everything arrives or is seized"]
    assert held["KZ sends what its partners accept"] is False
    [told] = [check["text"] for check in outcome.summary["checks"] if not check["ok"]]
    assert url(base, "KZ") in told and "CN refused what it sent" in told
