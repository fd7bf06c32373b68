"""Systems elsewhere that hang, lie or answer garbage: reported by name and check, within the time limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from exchange.errors import CorridorError
from tests.outside import checks, example, partners, ports, run, serving, url

HANGS = 120
"""Wall seconds after which a run that its own limit does not end is given up."""
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
            one["signature"] = made.detached(one["message"].encode(), 1_520_208_000)

    return change


ENDING = {
    "hangs on messages": (answering("/messages", hang), "answers within its time limit"),
    "hangs on time": (answering("/time", hang), "answers within its time limit"),
    "hangs on health": (answering("/health", hang), "answers within its time limit"),
    "garbage for a receipt": (answering("/messages", garbage), "answers as the API says"),
    "garbage for a time": (answering("/time", ok_garbage), "answers as the API says"),
    "garbage for health": (answering("/health", ok_garbage), "answers as the API says"),
    "a receipt of something else": (changed(other_receipt), "receipts what it was given"),
    "a receipt that nobody signed": (changed(broken_signature), "receipts what it was given"),
    "a reply that is no message": (changed(reply("REGISTERED|PERHAPS")), "replies with valid messages"),
    "a reply to somebody else": (changed(reply(">KZ.STEPPE-RAIL<|>KZ.99101<")), "replies with valid messages"),
    "refuses everything": (answering("/messages", refusing), "accepts what it is sent"),
}


@pytest.mark.parametrize("wrong", ENDING)
async def test_what_cannot_go_on_ends_by_name_and_check(wrong: str, tmp_path: Path) -> None:
    app, check = ENDING[wrong]
    base = ports()
    async with serving(node(base, app=app).app(), base):
        with pytest.raises(CorridorError) as found:
            await asyncio.wait_for(run(base, tmp_path, "services.KZ.time_limit=1 s"), HANGS)
    assert f"KZ at {url(base, 'KZ')} does not pass the check '{check}'" in str(found.value)


async def test_nobody_there_is_told_by_name_within_the_limit(tmp_path: Path) -> None:
    base = ports()
    with pytest.raises(CorridorError, match=r"KZ at http://\S+ does not pass the check 'is reached'"):
        await asyncio.wait_for(run(base, tmp_path, "services.KZ.time_limit=1 s"), HANGS)


async def test_a_node_that_never_lets_go_ends_with_the_time_limit_of_the_run(tmp_path: Path) -> None:
    base = ports()
    work = example().Node.work

    def never(self: Any, code: str, head: dict[str, str], root: Any) -> list[str]:
        if code == "CTR" and head["Sender"] == "KZ.99101":
            control = tuple(root.findtext(f"{{urn:corridor:pix:1}}{name}") for name in ("Form", "Extent"))
            for required in self.desk.cases[root.findtext("{urn:corridor:pix:1}UCR")].sides.values():
                required.append(control)
        made: list[str] = work(self, code, head, root)
        return made

    async with serving(node(base, work=never).app(), base):
        with pytest.raises(CorridorError, match=r"0 of 1 consignments are through after 2 s.*KZ at http"):
            await asyncio.wait_for(run(base, tmp_path, "time_limit=2 s"), HANGS)


def signed_by_another(self: Any, data: bytes, iat: int) -> str:
    head, _, signature = example().sign(data, iat=iat, kid="demo-RU").split(".")
    return f"{head}..{signature}"


def ahead(self: Any, to: str, message: str) -> None:
    self.outbox.append((self.now + timedelta(seconds=1), 0, to, message.replace("<Form>SCAN<", "<Form>SMELL<")))


@pytest.mark.parametrize("changes", [{"send": ahead}, {"detached": signed_by_another}])
async def test_what_it_sends_wrongly_does_not_stop_the_run_but_fails_it(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    base = ports()
    wrong = node(base, **{name: change for name, change in changes.items() if name != "detached"})
    if "detached" in changes:
        right = wrong.detached
        deliver = wrong.deliver

        async def delivering() -> None:
            wrong.detached = lambda data, iat: signed_by_another(wrong, data, iat)
            try:
                await deliver()
            finally:
                wrong.detached = right

        wrong.deliver = delivering
    async with serving(wrong.app(), base):
        outcome = await asyncio.wait_for(run(base, tmp_path), HANGS)
    held = checks(outcome)
    assert held["everything arrives or is seized"]
    assert held["KZ sends what its partners accept"] is False
    [told] = [check["text"] for check in outcome.summary["checks"] if not check["ok"]]
    assert url(base, "KZ") in told and "CN refused what it sent" in told
