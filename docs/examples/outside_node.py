"""A small customs service of Kazakhstan, against Corridor's HTTP API alone (docs/outside.md).

    python docs/examples/outside_node.py --port 8643 CN=http://127.0.0.1:8479/CN RU=http://127.0.0.1:8479/RU
    corridor conform http://127.0.0.1:8643 --as KZ --level basic      (which plays the partners, at 8479)

    python docs/examples/outside_node.py --port 8643 CN=http://127.0.0.1:8641 RU=http://127.0.0.1:8644
    corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1

This file is the contract: who is believed, receipts, time, sending. What a message means stands in outside_desk.py
beside it. Everything is kept in memory, and the keys are the fixed demo keys that are good on one machine only: a real
node keeps a ledger and has keys of its own.
"""

import argparse
import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lxml import etree
from outside_desk import NS, Desk, faults, text

ME = "KZ"
WINDOW, AGAIN, LONGEST = timedelta(minutes=5), timedelta(seconds=2), 4 * 1024 * 1024


class Refused(Exception):
    def __init__(self, status: int, code: str, *why: str):
        self.status, self.code, self.why = status, code, why


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def key(member: str) -> Ed25519PrivateKey:
    raw = hashlib.sha256(f"corridor demo trust, loopback only: {member}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(raw)


def sign(payload: bytes, **header) -> str:
    """Return a compact JWS (RFC 7515) over ``payload``."""
    head = b64(json.dumps({"alg": "Ed25519", "kid": f"demo-{ME}"} | header).encode())
    return f"{head}.{b64(payload)}.{b64(key(ME).sign(f'{head}.{b64(payload)}'.encode()))}"


def verify(token: str, payload: bytes | None = None) -> tuple[str, dict]:
    """Return whose token this is and what it claims: its payload, or the header of a detached one over ``payload``."""
    try:
        head, body, signature = token.split(".")
        header = json.loads(unb64(head))
        member = header["kid"].removeprefix("demo-")
        if header["alg"] != "Ed25519" or header["kid"] == member or "crit" in header or (body and payload is not None):
            raise ValueError("another algorithm, key or form than agreed")
        signed = f"{head}.{body if payload is None else b64(payload)}".encode()
        key(member).public_key().verify(unb64(signature), signed)
        claims = json.loads(unb64(body)) if payload is None else header
        if payload is not None:
            datetime.fromtimestamp(claims["iat"], UTC)
        return member, claims
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, InvalidSignature) as error:
        raise Refused(401, "signature", f"the signature does not hold: {error or type(error).__name__}") from error


def time_of(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, TypeError) as error:
        raise Refused(400, "bad-time", f"{value!r} is no time: write 2018-03-05T00:00:00Z") from error


class Node:
    """``clock``: stepped (POST /time), paced (what Pix-Time says, going on), or live (the clock of this machine)."""

    def __init__(self, partners: dict[str, str], clock: str = "stepped", schema: str = ""):
        self.partners, self.clock, self.schema = partners, clock, schema
        self.told, self.ahead = datetime.fromtimestamp(0, UTC), timedelta(0)
        self.answers: dict = {}  # (sender, message id) → digest and answer: what a retry gets again
        self.outbox: list = []  # (due, number, recipient, message), in the order to send
        self.closed: dict = {}  # partner that did not take something → when to try again
        self.desk = Desk(ME, partners, lambda: self.now, lambda to, message: self.send(to, message))

    @property
    def now(self) -> datetime:
        return self.told if self.clock == "stepped" else datetime.now(UTC).replace(microsecond=0) + self.ahead

    def hear(self, told: datetime) -> None:
        self.told = max(self.told, told)
        if self.clock == "paced":
            self.ahead = told - datetime.now(UTC).replace(microsecond=0)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LONGEST, middlewares=[self.around])
        app.add_routes([web.get("/health", self.health), web.post("/messages", self.messages)])
        if self.clock == "stepped":
            app.add_routes([web.post("/time", self.time)])
        return app

    @web.middleware
    async def around(self, request: web.Request, handler) -> web.StreamResponse:
        """Make a problem document (RFC 9457) of whatever is refused."""
        try:
            return await handler(request)
        except Refused as error:
            return self.refuse(error.status, error.code, *error.why)
        except web.HTTPException as error:
            return self.refuse(error.status, "http", error.reason, Allow=error.headers.get("Allow", ""))

    def refuse(self, status: int, code: str, *why: str, **headers: str) -> web.Response:
        body = {"type": f"urn:corridor:problem:{code}", "title": code, "status": status, "detail": "; ".join(why)}
        if status == 401:
            headers["WWW-Authenticate"] = "Pix"
        return self.answer(body | {"errors": [{"text": one} for one in why]}, status, **headers)

    def answer(self, value: dict, status: int = 200, **headers: str) -> web.Response:
        if self.clock == "stepped":
            headers["Pix-Next-Due"] = text(self.next_due()) if self.outbox else "none"
        kind = "application/json" if status < 400 else "application/problem+json"
        return web.json_response(value, status=status, headers=headers, content_type=kind)

    async def health(self, _: web.Request) -> web.Response:
        stepped = self.clock == "stepped"
        return self.answer({"status": "ok", "node": ME, "stepped": stepped, "now": text(self.now)})

    async def messages(self, request: web.Request) -> web.Response:
        """Take one message in; the order of the refusals is that of docs/conform.md."""
        asked = request.headers
        if any(len(asked.getall(name, ())) > 1 for name in ("Pix-Signature", "Pix-Time")):
            raise Refused(400, "bad-header", "a header came twice")
        told = time_of(asked["Pix-Time"]) if "Pix-Time" in asked else self.now
        if request.content_type != "application/xml" or (request.charset or "utf-8").lower() != "utf-8":
            raise Refused(415, "media-type", "send application/xml in UTF-8")
        if "Content-Encoding" in asked:
            raise Refused(415, "media-type", "no Content-Encoding is taken")
        data = await request.read()
        member, proof = verify(asked.get("Pix-Signature", ""), data)
        self.hear(told)
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8"))
        except etree.XMLSyntaxError as error:
            raise Refused(400, "not-xml", str(error)) from error
        if root.getroottree().docinfo.doctype:
            raise Refused(400, "not-xml", "a DOCTYPE is not allowed")
        head = {one.tag.removeprefix(NS): one.text for one in root.iterfind(f"{NS}Header/*") if one.text}
        if head.get("Sender", member) != member:
            raise Refused(403, "sender", f"the key is {member}'s")
        digest, place = hashlib.sha256(data).hexdigest(), (member, head.get("MessageID"))
        if place in self.answers:
            known, value = self.answers[place]
            if known != digest:
                raise Refused(409, "conflict", "this id was used for other bytes")
            return self.answer(value, 202, **{"Pix-Replayed": "true"})
        if abs(datetime.fromtimestamp(proof["iat"], UTC) - self.now) > WINDOW:
            raise Refused(401, "window", f"signed at {proof['iat']}, it is {text(self.now)} here")
        if wrong := faults(ME, root, head, self.schema):
            raise Refused(422, "invalid", *wrong)
        if refusal := self.desk.may_not(head):
            raise Refused(403, *refusal)
        receipt = {"message": head["MessageID"], "sender": member, "sha256": digest, "recipient": ME}
        receipt |= {"time": text(self.now), "position": len(self.answers) + 1, "hash": "0" * 64}
        replies, iat = self.work(head["MessageType"], head, root), int(self.now.timestamp())
        value = {"receipt": sign(json.dumps(receipt).encode(), typ="pix-receipt")}
        value["replies"] = [{"message": one, "signature": self.detached(one.encode(), iat)} for one in replies]
        self.answers[place] = (digest, value)
        return self.answer(value, 202)

    def work(self, code: str, head: dict, root) -> list[str]:
        return self.desk.work(code, head, root)

    def detached(self, data: bytes, iat: int) -> str:
        head, _, signature = sign(data, iat=iat).split(".")
        return f"{head}..{signature}"

    async def time(self, request: web.Request) -> web.Response:
        data = await request.read()
        member, claims = verify(request.headers.get("Authorization", "").removeprefix("Pix "))
        if member != f"{ME}.OPERATOR" or (claims.get("method"), claims.get("path")) != ("POST", "/time"):
            raise Refused(403, "forbidden", f"{member} does not step this node")
        try:
            asked = json.loads(data)
            now = time_of(asked["now"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(400, "bad-body", 'write {"now": "2018-03-05T00:00:00Z"}') from error
        self.told = now if asked.get("back") and not self.outbox else max(self.told, now)
        await self.deliver()
        due = text(self.next_due()) if self.outbox else None
        return self.answer({"now": text(self.now), "next_due": due, "partners": {}})

    def send(self, to: str, message: str) -> None:
        self.outbox.append((self.now + timedelta(seconds=1), len(self.outbox), to, message))

    def next_due(self) -> datetime:
        return min(max(due, self.closed.get(to, due)) for due, _, to, _ in self.outbox)

    async def deliver(self) -> None:
        """Send what is due, in order. A partner that does not take it now gets it later, the same bytes signed anew."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            for row in list(self.outbox):
                due, _, to, message = row
                if max(due, self.closed.get(to, due)) > self.now:
                    continue
                try:
                    await self.post(session, to, message.encode())
                    self.outbox.remove(row)
                except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, Refused):
                    self.closed[to] = self.now + AGAIN

    async def post(self, session: aiohttp.ClientSession, to: str, data: bytes) -> None:
        """Return when a message is done with: receipted, or refused for good."""
        headers = {"Content-Type": "application/xml", "Pix-Time": text(self.now)}
        headers["Pix-Signature"] = self.detached(data, int(self.now.timestamp()))
        async with session.post(f"{self.partners[to]}/messages", data=data, headers=headers) as answer:
            if answer.status == 202:
                signer, claims = verify((await answer.json())["receipt"])
                if (signer, claims["sha256"]) != (to, hashlib.sha256(data).hexdigest()):
                    raise ValueError("a receipt of something else")
            elif answer.status >= 500 or answer.status == 429:
                raise ValueError(f"answered {answer.status}")
            else:
                print(f"{to} refused a message of ours: {await answer.text()}", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8643)
    parser.add_argument("--clock", choices=("stepped", "paced", "live"), default="stepped", help="who says when it is")
    parser.add_argument("--schema", default="", help="folder of the schemas to hold messages to, as schemas/pix")
    parser.add_argument("partners", nargs="*", metavar="SERVICE=URL", help="where the other services are")
    given = parser.parse_args()
    node = Node(dict(one.split("=", 1) for one in given.partners), given.clock, given.schema)
    runner = web.AppRunner(node.app(), access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", given.port).start()
    print(f"{ME} listens at http://127.0.0.1:{given.port}", flush=True)
    while True:
        await asyncio.sleep(0.05)
        if given.clock != "stepped":
            await node.deliver()


if __name__ == "__main__":
    asyncio.run(main())
