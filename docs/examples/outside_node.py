"""A customs service of Kazakhstan in one file, against Corridor's HTTP API alone (docs/outside.md).

    python docs/examples/outside_node.py --port 8643 CN=http://127.0.0.1:8641 RU=http://127.0.0.1:8644
    corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1

    python docs/examples/outside_node.py --port 8643 CN=http://127.0.0.1:8479/CN
    corridor conform http://127.0.0.1:8643 --as KZ --level basic        (which plays China, at 8479)

It registers what carriers file, asks for a scan where none was made before, recognises the control results it is
offered, and tells China of arrivals and crossings. Goods that China told nothing of it records for Russia, which lets
them out of the union. Everything is kept in memory, and the keys are the demo keys.
"""

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import errors, jws
from joserfc.jwk import OKPKey
from lxml import etree

ME, OTHERS, NS = "KZ", ("CN", "RU", "FI"), "{urn:corridor:pix:1}"
SENT = {"REG": "RegistrationResult", "CTD": "ControlDecision", "NCK": "FunctionalRejection"}
SENT |= {"RCG": "RecognitionResponse", "ARR": "ArrivalAdvice", "NCF": "NotificationOfCrossing"}
SENT |= {"AAR": "AnticipatedArrivalRecord"}
AGREED = {"RCG": "china-europe-transit-recognition", "AAR": "eaeu-law"}  # what partners are told, and under what
AGREED |= {"ARR": "china-europe-transit-information", "NCF": "china-europe-transit-information"}
ENTRY, EXIT = "99101", "99206010"  # our office, and the one where goods leave the customs union, in Russia
JWS = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)


def key(kid: str) -> OKPKey:
    """Return the demo key of a member. Everybody has it, so it is good on one machine only."""
    secret = sha256(f"corridor demo trust, loopback only: {kid.removeprefix('demo-')}".encode()).digest()
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(secret))


def sign(payload: bytes, **header) -> str:
    header = {"alg": "Ed25519", "kid": f"demo-{ME}"} | header
    return jws.serialize_compact(header, payload, key(ME), registry=JWS)


def verify(token: str, payload: bytes | None = None) -> tuple[str, dict]:
    """Return whose token this is, and what it says: its payload; of a signature over ``payload``, when it was made."""
    try:
        one = jws.deserialize_compact(token, lambda one: key(one.headers()["kid"]), registry=JWS, payload=payload)
        if payload is not None and ".." not in token:
            raise ValueError("the payload stands in the token")
        says = json.loads(one.payload) if payload is None else {"iat": int(one.headers()["iat"])}
        return one.headers()["kid"].removeprefix("demo-"), says
    except (errors.JoseError, KeyError, ValueError) as error:
        raise web.HTTPUnauthorized(reason="signature: it does not hold") from error


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def element(**fields) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


def read(data: bytes) -> dict[str, str]:
    """Return the texts of a message by element: those right below its root, and those of its header."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, encoding="utf-8"))
    if root.getroottree().docinfo.doctype:
        raise ValueError("a DOCTYPE is not allowed")
    found = [*root.iterfind(f"{NS}*"), *root.iterfind(f"{NS}Header/*")]
    texts = {one.tag.removeprefix(NS): one.text for one in found} | {"version": root.get("schemaVersion")}
    goods = [etree.tostring(one, encoding="unicode", with_tail=False) for one in root.iterfind(f"{NS}Consignment")]
    return texts | {"Consignment": "".join(goods)}  # this one whole, as it stands


def movement_number(ucr: str, year: str) -> str:
    """Return a movement reference number: year, country, thirteen characters, and the check digit of ISO 6346."""
    number = f"{year}{ME}{int(sha256(ucr.encode()).hexdigest(), 16) % 10**13:013}"
    values = ({"K": 21, "Z": 38}.get(one) or int(one) for one in number)
    return f"{number}{sum(value << place for place, value in enumerate(values)) % 11 % 10}"


class Node:
    """Its clock is stepped (POST /time), paced (what Pix-Time says, going on) or live (that of this machine)."""

    def __init__(self, partners: dict[str, str], clock: str = "stepped"):
        self.partners, self.stepped, self.paced = partners, clock == "stepped", clock == "paced"
        self.told, self.ahead = datetime.fromtimestamp(0, UTC), timedelta(0)
        self.answers = {}  # (sender, id) → digest and answer, for a sender that did not get it
        self.outbox = []  # [when due, recipient, message], in the order to send
        self.cases = defaultdict(
            lambda: {"filed": set(), "mrn": "", "made": set(), "sides": {}, "goods": "", "ordinal": 0}
        )  # by UCR

    @property
    def now(self) -> datetime:
        return self.told if self.stepped else datetime.now(UTC) + self.ahead

    def hear(self, time: datetime, back: bool = False) -> None:
        self.told = time if back else max(self.told, time)
        self.ahead = self.told - datetime.now(UTC) if self.paced else self.ahead

    def signature(self, message: str) -> str:
        return jws.detach_compact_content(sign(message.encode(), iat=int(self.now.timestamp())))

    def work(self, message: dict[str, str]) -> Iterator[tuple[str, str, str]]:
        """Yield what a message leads to: recipient, code and body of each answer. Your own system goes here."""
        code, sender, case = message["MessageType"], message["Sender"], self.cases[message["UCR"]]
        if code == "ATR":
            case["mrn"] = message["MRN"]
        if code == "CTR" and sender in self.partners:  # a control made before is offered, and recognised
            body = element(ControlResultID=message["MessageID"], ActNumber=message["ActNumber"], Form=message["Form"])
            body += element(Office=ENTRY, Outcome="ACCEPTED", Stage="CONDITIONAL", DecidedAt=text(self.now))
            yield sender, "RCG", body
            case["made"].add(message["Form"])
        if not sender.startswith(f"{ME}.") or code not in ("ADV", "ARR", "CTR", "NCF"):
            return
        office = element(Office=message["Office"])
        if code == "ADV" and office in case["filed"]:
            reason = element(Code="DUPLICATE", Text="These goods have been filed for this office already.")
            yield sender, "REG", element(Result="REFUSED", Reason=reason)
            return
        if code == "ADV":
            number = sha256(f"{message['UCR']} {office}".encode()).hexdigest()[:9].upper()
            yield sender, "REG", element(Result="REGISTERED", PINumber=f"{ME}/{self.now:%d%m%y}/{number}")
            case["filed"].add(office)
            case["goods"] = message["Consignment"]
            return
        side = office + element(Presentation=message["Presentation"])
        movement = element(MRN=case["mrn"])
        required, control = case["sides"].get(side), (message.get("Form"), message.get("Extent"))
        if code == "ARR" and required is None and (case["filed"] or case["mrn"]):
            if case["mrn"]:
                yield "CN", "ARR", movement + side + element(ArrivedAt=message["ArrivedAt"])
            required = case["sides"][side] = [("DOCUMENTARY", "CHECK")]
            required += [] if "SCAN" in case["made"] else [("SCAN", "FULL")]
        elif code == "CTR" and control in (required or []):
            required.remove(control)
            if not required and not case["mrn"]:
                released = element(ReleasedAt=text(self.now), ControlResult="A2") + case["goods"]
                movement = element(MRN=movement_number(message["UCR"], f"{self.now:%y}"))
                yield "RU", "AAR", movement + element(DepartureOffice=ENTRY, DestinationOffice=EXIT) + released
        elif code == "NCF" and required == []:
            if case["mrn"]:
                yield "CN", "NCF", movement + side + element(CrossedAt=message["CrossedAt"])
            return
        else:
            error = element(SequenceNumber=1, ErrorClass=2, Code=90 if required is None and code == "ARR" else 92)
            error += element(Severity="ERROR", Text="This cannot be, as things stand with these goods.")
            yield sender, "NCK", element(FunctionalError=error)
            return
        body = side + element(BeforeArrival="false")
        for number, (form, extent) in enumerate(required, 1):
            body += element(RequiredControl=element(SequenceNumber=number, Form=form, Extent=extent))
        yield sender, "CTD", body

    def write(self, to: str, code: str, body: str, cause: dict[str, str]) -> str:
        """Return a message about the goods of ``cause``, the message that it follows from."""
        ucr, case = cause["UCR"], self.cases[cause["UCR"]]
        case["ordinal"] += 1
        head = element(MessageID=uuid5(NAMESPACE_URL, f"{ME}/{ucr}/{case['ordinal']}"), MessageType=code)
        head += element(CorrelationID=cause["MessageID"], Sender=ME, Recipient=to, SentAt=text(self.now))
        head += element(Ordinal=case["ordinal"])
        head += element(AgreementID=AGREED[code]) if code in AGREED else ""
        whole = element(Header=head, UCR=ucr) + body
        return f'<{SENT[code]} xmlns="urn:corridor:pix:1" schemaVersion="1.0">{whole}</{SENT[code]}>'

    @web.middleware
    async def around(self, request: web.Request, handler) -> web.StreamResponse:
        """Make a problem document of each refusal, and say on every answer when there is something to do."""
        try:
            answer = await handler(request)
        except (web.HTTPException, KeyError, TypeError, ValueError, etree.XMLSyntaxError) as error:
            status = getattr(error, "status", 422 if isinstance(error, KeyError) else 400)  # what is missing; garbage
            why = getattr(error, "reason", f"invalid: {error}")
            problem = {"type": f"urn:corridor:problem:{why.partition(':')[0]}", "title": "Refused", "status": status}
            answer = web.json_response(problem | {"detail": why, "errors": [{"text": why}]}, status=status)
            answer.content_type = "application/problem+json"
            answer.headers.update({"WWW-Authenticate": "Pix", "Allow": getattr(error, "headers", {}).get("Allow", "")})
        answer.headers["Pix-Next-Due"] = text(self.outbox[0][0]) if self.outbox else "none"
        return answer

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "node": ME, "stepped": self.stepped, "now": text(self.now)})

    async def time(self, request: web.Request) -> web.Response:
        """Move the clock as the operator says, and send what is due."""
        if verify(request.headers.get("Authorization", "").removeprefix("Pix "))[0] != f"{ME}.OPERATOR":
            raise web.HTTPForbidden(reason="forbidden: only the operator tells the time")
        asked = await request.json()
        self.hear(datetime.fromisoformat(asked["now"]), back="back" in asked and not self.outbox)  # for a new run
        await self.deliver()
        due = text(self.outbox[0][0]) if self.outbox else None
        return web.json_response({"now": text(self.now), "next_due": due, "partners": {}})

    async def messages(self, request: web.Request) -> web.Response:
        """Take one message in; the order of the refusals is that of docs/conform.md."""
        asked = request.headers
        if any(len(asked.getall(name, ())) > 1 for name in ("Pix-Signature", "Pix-Time")):
            raise ValueError("a header came twice")
        time = datetime.fromisoformat(asked.get("Pix-Time", text(self.told)))
        kind = (request.content_type, request.charset or "utf-8", asked.get("Content-Encoding"))
        if kind != ("application/xml", "utf-8", None):
            raise web.HTTPUnsupportedMediaType(reason="media-type: send application/xml, in UTF-8, as it is")
        data = await request.read()
        sender, signed = verify(asked.get("Pix-Signature", ""), data)
        self.hear(time)
        message, digest = read(data), sha256(data).hexdigest()
        if message["Sender"] != sender:
            raise web.HTTPForbidden(reason=f"sender: the key is {sender}'s")
        known, answer = self.answers.get((sender, message["MessageID"]), (digest, None))
        if known != digest:
            raise web.HTTPConflict(reason="conflict: this id was used for other bytes")
        if answer:
            return web.json_response(answer, status=202, headers={"Pix-Replayed": "true"})
        if abs(signed["iat"] - self.now.timestamp()) > 300:
            raise web.HTTPUnauthorized(reason="window: it was not signed within five minutes of now")
        if message["Recipient"] != ME or message["version"] not in ("1.0", "1.1"):
            raise web.HTTPUnprocessableEntity(reason=f"invalid: it is not for {ME}, or not of version 1.0 or 1.1")
        service, _, name = sender.partition(".")
        if service != ME and (name or service not in OTHERS):
            raise web.HTTPForbidden(reason=f"no-agreement: no agreement links {ME} with {sender}")
        if name == "OPERATOR" or (message["MessageType"] == "ADV") != (service == ME and not name.isdigit()):
            raise web.HTTPForbidden(reason=f"role: {message['MessageType']} is not for {sender} to send")
        replies = []
        for to, code, body in self.work(message):
            one = self.write(to, code, body, message)
            if to == sender and service == ME:
                replies.append({"message": one, "signature": self.signature(one)})
            elif to in self.partners:
                self.outbox.append([self.now + timedelta(seconds=1), to, one])
        receipt = {"message": message["MessageID"], "sender": sender, "sha256": digest, "recipient": ME}
        receipt |= {"time": text(self.now), "position": len(self.answers) + 1, "hash": "0" * 64}
        answer = {"receipt": sign(json.dumps(receipt).encode(), typ="pix-receipt"), "replies": replies}
        self.answers[sender, message["MessageID"]] = digest, answer
        return web.json_response(answer, status=202)

    async def deliver(self) -> None:
        """Send what is due, in order. What a partner does not take now it gets again two seconds later."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while self.outbox and self.outbox[0][0] <= self.now:
                _, to, message = self.outbox[0]
                headers = {"Content-Type": "application/xml", "Pix-Time": text(self.now)}
                headers["Pix-Signature"] = self.signature(message)
                self.outbox[0][0] = self.now + timedelta(seconds=2)
                with suppress(aiohttp.ClientError, TimeoutError, KeyError, ValueError, web.HTTPException):
                    async with session.post(f"{self.partners[to]}/messages", data=message, headers=headers) as answer:
                        done = 400 <= answer.status < 500 and answer.status != 429  # refused for good
                        if answer.status == 202:
                            signer, receipt = verify((await answer.json())["receipt"])
                            done = (signer, receipt["sha256"]) == (to, sha256(message.encode()).hexdigest())
                        self.outbox = self.outbox[done:]

    def app(self) -> web.Application:
        app = web.Application(client_max_size=4 * 1024 * 1024, middlewares=[self.around])
        app.add_routes([web.get("/health", self.health), web.post("/messages", self.messages)])
        app.add_routes([web.post("/time", self.time)] if self.stepped else [])
        return app


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8643)
    parser.add_argument("--clock", choices=("stepped", "paced", "live"), default="stepped", help="who says when it is")
    parser.add_argument("partners", nargs="*", metavar="SERVICE=URL", help="where the other services are")
    given = parser.parse_args()
    node = Node(dict(one.split("=", 1) for one in given.partners), given.clock)
    runner = web.AppRunner(node.app(), access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", given.port).start()
    print(f"{ME} listens at http://127.0.0.1:{given.port}", flush=True)
    while True:
        await asyncio.sleep(0.05)
        if not node.stepped:
            await node.deliver()


if __name__ == "__main__":
    asyncio.run(main())
