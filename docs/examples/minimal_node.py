"""The least that takes Kazakhstan's place in a run, against Corridor's HTTP API alone (docs/outside.md).

    python docs/examples/minimal_node.py --port 8643
    corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1 \\
        --set "delivery.late_share=0 %"

It registers what carriers file, and asks for a scan where China made none. It tells its partners nothing, so that all
goods must be told of by China (the last line). outside_node.py does the rest.
"""

import argparse
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import errors, jws
from joserfc.jwk import OKPKey
from lxml import etree

NS, JWS = "{urn:corridor:pix:1}", jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--port", type=int, default=8643)
parser.add_argument("--clock", choices=("stepped", "paced", "live"), default="stepped", help="who says when it is")


def key(kid: str) -> OKPKey:
    """Return the demo key of a member. Everybody has it, so it is good on one machine only."""
    secret = sha256(f"corridor demo trust, loopback only: {kid.removeprefix('demo-')}".encode()).digest()
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(secret))


def sign(payload: str, **header) -> str:
    header |= {"alg": "Ed25519", "kid": "demo-KZ"}
    return jws.serialize_compact(header, payload.encode(), key("KZ"), registry=JWS)


def verify(token: str, payload: bytes | None = None) -> tuple[str, dict]:
    """Return who signed a token, and its header. With ``payload`` the token is detached, and over that."""
    try:
        one = jws.deserialize_compact(token, lambda one: key(one.headers()["kid"]), registry=JWS, payload=payload)
        return one.headers()["kid"].removeprefix("demo-"), one.headers()
    except (errors.JoseError, KeyError, ValueError) as error:
        raise web.HTTPUnauthorized(reason="the signature does not hold") from error


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def element(**fields) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


@web.middleware
async def around(request: web.Request, handler) -> web.StreamResponse:
    """Make a problem document (RFC 9457) of each refusal. Pix-Next-Due says when a node has something to send."""
    try:
        answer = await handler(request)
    except (web.HTTPException, KeyError, ValueError, etree.XMLSyntaxError) as error:
        status = getattr(error, "status", 422 if isinstance(error, KeyError) else 400)  # what is missing; garbage
        problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": str(error)}
        answer = web.json_response(problem | {"errors": [{"text": repr(error)}]}, status=status)
        answer.headers.update({"Content-Type": "application/problem+json", "WWW-Authenticate": "Pix"})
    answer.headers["Pix-Next-Due"] = "none"
    return answer


class Node:
    """Its clock is stepped (POST /time), paced (what Pix-Time says, going on) or live (that of this machine)."""

    def __init__(self, clock: str):
        self.stepped, self.paced, self.ahead = clock == "stepped", clock == "paced", timedelta(0)
        self.told = datetime.fromtimestamp(0, UTC)
        self.answers = {}  # (sender, message id) → digest and answer, for a sender that did not get it
        self.cases = defaultdict(lambda: {"made": set(), "left": [], "ordinal": 0})  # by UCR

    @property
    def now(self) -> datetime:
        return self.told if self.stepped else datetime.now(UTC) + self.ahead

    def hear(self, time: str) -> None:
        self.told = max(self.told, datetime.fromisoformat(time))
        self.ahead = self.told - datetime.now(UTC) if self.paced else self.ahead

    def work(self, message: dict[str, str]) -> tuple[str, str, str] | None:
        """Return the answer to a post or a trader: code, kind and body. Your own system goes here."""
        code, case = message["MessageType"], self.cases[message["UCR"]]
        if not message["Sender"].startswith("KZ."):  # a partner tells, among other things, of controls it made
            case["made"].add(message.get("Form"))
            return None
        if code == "ADV":
            number = sha256(message["UCR"].encode()).hexdigest()[:9].upper()
            return "REG", "RegistrationResult", element(Result="REGISTERED", PINumber=f"KZ/{self.now:%d%m%y}/{number}")
        if code not in ("ARR", "CTR"):
            return None
        if code == "ARR":
            case["left"] = ["DOCUMENTARY"] if "SCAN" in case["made"] else ["DOCUMENTARY", "SCAN"]
        elif message["Form"] in case["left"]:
            case["left"].remove(message["Form"])
        body = element(Office=message["Office"], Presentation=message["Presentation"], BeforeArrival="false")
        for number, form in enumerate(case["left"], 1):
            extent = "CHECK" if form == "DOCUMENTARY" else "FULL"
            body += element(RequiredControl=element(SequenceNumber=number, Form=form, Extent=extent))
        return "CTD", "ControlDecision", body

    def reply(self, cause: dict[str, str], code: str, kind: str, body: str) -> dict[str, str]:
        """Return a signed message to the sender of ``cause``, about its goods."""
        ucr, case = cause["UCR"], self.cases[cause["UCR"]]
        case["ordinal"] += 1
        head = element(MessageID=uuid5(NAMESPACE_URL, f"KZ/{ucr}/{case['ordinal']}"), MessageType=code)
        head += element(CorrelationID=cause["MessageID"], Sender="KZ", Recipient=cause["Sender"])
        head += element(SentAt=text(self.now), Ordinal=case["ordinal"])
        whole = element(Header=head, UCR=ucr) + body
        message = f'<{kind} xmlns="urn:corridor:pix:1" schemaVersion="1.0">{whole}</{kind}>'
        token = sign(message, iat=int(self.now.timestamp()))
        return {"message": message, "signature": jws.detach_compact_content(token)}

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "node": "KZ", "stepped": self.stepped, "now": text(self.now)})

    async def time(self, request: web.Request) -> web.Response:
        """Move the clock as the operator says. A node that sends by itself would send what is due."""
        if verify(request.headers.get("Authorization", "").removeprefix("Pix "))[0] != "KZ.OPERATOR":
            raise web.HTTPForbidden(reason="only the operator tells the time")
        self.hear((await request.json())["now"])
        return web.json_response({"now": text(self.now), "next_due": None, "partners": {}})

    async def messages(self, request: web.Request) -> web.Response:
        """Take one message in: believe its signature, read it, receipt it, and answer it."""
        data = await request.read()
        sender, signed = verify(request.headers.get("Pix-Signature", ""), data)
        self.hear(request.headers.get("Pix-Time", text(self.told)))
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, encoding="utf-8"))
        if root.getroottree().docinfo.doctype:
            raise ValueError("a DOCTYPE is not allowed")
        elements = [*root.iterfind(f"{NS}*"), *root.iterfind(f"{NS}Header/*")]
        texts = {one.tag.removeprefix(NS): one.text for one in elements}
        if (texts["Sender"], texts["Recipient"]) != (sender, "KZ"):
            raise web.HTTPForbidden(reason=f"it is not from {sender} to KZ")
        digest, place = sha256(data).hexdigest(), (sender, texts["MessageID"])
        known, answer = self.answers.get(place, (digest, None))
        if known != digest:
            raise web.HTTPConflict(reason="this id was used for other bytes")
        if answer:
            return web.json_response(answer, status=202, headers={"Pix-Replayed": "true"})
        if abs(signed.get("iat", 0) - self.now.timestamp()) > 300:
            raise web.HTTPUnauthorized(reason="it was not signed within five minutes of now")
        receipt = {"message": texts["MessageID"], "sender": sender, "sha256": digest, "recipient": "KZ"}
        receipt |= {"time": text(self.now), "position": len(self.answers) + 1, "hash": "0" * 64}
        replies = [self.reply(texts, *found)] if (found := self.work(texts)) else []
        answer = {"receipt": sign(json.dumps(receipt), typ="pix-receipt"), "replies": replies}
        self.answers[place] = digest, answer
        return web.json_response(answer, status=202)


if __name__ == "__main__":
    given = parser.parse_args()
    node = Node(given.clock)
    app = web.Application(client_max_size=4 * 1024 * 1024, middlewares=[around])
    app.add_routes([web.get("/health", node.health), web.post("/messages", node.messages)])
    app.add_routes([web.post("/time", node.time)] if given.clock == "stepped" else [])
    web.run_app(app, host="127.0.0.1", port=given.port)
