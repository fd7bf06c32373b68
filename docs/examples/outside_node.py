"""A small customs service of Kazakhstan, against Corridor's HTTP API alone (docs/outside.md).

    python docs/examples/outside_node.py --port 8643 CN=http://127.0.0.1:8641 RU=http://127.0.0.1:8644
    corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1

It registers what carriers file, asks for a scan only where the service before made none, answers control results that
are offered, and tells arrivals and crossings to the services it knows an address of. It keeps everything in memory, and
trusts the fixed demo keys that are good on one machine only: a real node keeps a ledger and has keys of its own.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from lxml import etree

ME, NS = "KZ", "{urn:corridor:pix:1}"
REGISTRY = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
INFORMATION, RECOGNITION = "china-europe-transit-information", "china-europe-transit-recognition"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key(member: str) -> OKPKey:
    raw = hashlib.sha256(f"corridor demo trust, loopback only: {member}".encode()).digest()
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": b64(raw), "x": b64(public)})


def sign(payload: bytes, **header) -> str:
    return jws.serialize_compact({"alg": "Ed25519", "kid": f"demo-{ME}"} | header, payload, key(ME), registry=REGISTRY)


def verify(token: str, payload: bytes | None = None) -> tuple[str, dict]:
    """Return whose token this is, and its claims: of a compact JWS, or of a detached one over ``payload``."""
    head, body, signature = token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    member = kid.removeprefix("demo-")
    read = jws.deserialize_compact(
        f"{head}.{body if payload is None else b64(payload)}.{signature}", key(member), registry=REGISTRY
    )
    return member, json.loads(read.payload) if payload is None else read.headers()


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


class Node:
    def __init__(self, partners: dict[str, str], stepped: bool = True):
        self.partners, self.stepped = partners, stepped
        self.now = datetime.fromtimestamp(0, UTC) if stepped else datetime.now(UTC)
        self.answers: dict = {}  # (sender, message id) → digest and answer: what a retry gets again
        self.cases: dict = defaultdict(lambda: {"mrn": None, "offers": [], "ordinal": 0})
        self.outbox: list = []  # (due, ordinal, recipient, message)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/health", self.health), web.post("/messages", self.messages)])
        if self.stepped:
            app.add_routes([web.post("/time", self.time)])
        return app

    def answer(self, value: dict, status: int = 200, **headers: str) -> web.Response:
        if self.stepped:
            headers["Pix-Next-Due"] = text(min(self.outbox)[0]) if self.outbox else "none"
        kind = "application/json" if status < 400 else "application/problem+json"
        return web.json_response(value, status=status, headers=headers, content_type=kind)

    def refuse(self, status: int, why: str) -> web.Response:
        return self.answer({"type": "about:blank", "title": why, "status": status, "detail": why, "errors": []}, status)

    async def health(self, _: web.Request) -> web.Response:
        return self.answer({"status": "ok", "node": ME, "stepped": self.stepped, "now": text(self.now)})

    async def messages(self, request: web.Request) -> web.Response:
        data = await request.read()
        if told := request.headers.get("Pix-Time"):
            told_time = datetime.fromisoformat(told)
            self.now = max(self.now, told_time) if self.stepped else told_time
        try:
            member, _ = verify(request.headers.get("Pix-Signature", ""), data)
        except (JoseError, ValueError, KeyError) as error:
            return self.refuse(401, f"the signature does not hold: {error}")
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return self.refuse(400, f"not XML: {error}")
        if root.getroottree().docinfo.doctype:
            return self.refuse(400, "a DOCTYPE is not allowed")
        head = {field.tag.removeprefix(NS): field.text for field in root.find(f"{NS}Header")}
        if head["Sender"] != member:
            return self.refuse(403, f"the key is {member}'s")
        digest, place = hashlib.sha256(data).hexdigest(), (member, head["MessageID"])
        if place in self.answers:
            known, value = self.answers[place]
            if known != digest:
                return self.refuse(409, "this id was used for other bytes")
            return self.answer(value, 202, **{"Pix-Replayed": "true"})
        receipt = {"message": head["MessageID"], "sender": member, "sha256": digest, "recipient": ME}
        receipt |= {"time": text(self.now), "position": len(self.answers) + 1, "hash": "0" * 64}
        replies = [message.encode() for message in self.work(head["MessageType"], head, root)]
        iat = int(self.now.timestamp())
        value = {"receipt": sign(json.dumps(receipt).encode(), typ="pix-receipt")}
        value["replies"] = [{"message": r.decode(), "signature": self.detached(r, iat)} for r in replies]
        self.answers[place] = (digest, value)
        return self.answer(value, 202)

    def work(self, code: str, head: dict, root) -> list[str]:
        """Do what a message asks for; return the immediate replies to a post or trader."""
        ucr, case = root.findtext(f"{NS}UCR"), self.cases[root.findtext(f"{NS}UCR")]

        def get(name: str) -> str:
            return root.findtext(f"{NS}{name}") or ""

        def copy(*names: str) -> str:
            return "".join(f"<{name}>{get(name)}</{name}>" for name in names)

        def make(root: str, kind: str, to: str, body: str, agreement: str = "", on: str = head["MessageID"]) -> str:
            case["ordinal"] += 1
            of = uuid.uuid5(uuid.NAMESPACE_URL, f"{ME}/{ucr}/{case['ordinal']}")
            under = f"<AgreementID>{agreement}</AgreementID>" if agreement else ""
            return (
                f'<{root} xmlns="urn:corridor:pix:1" schemaVersion="1.0"><Header><MessageID>{of}</MessageID>'
                f"<MessageType>{kind}</MessageType><CorrelationID>{on}</CorrelationID>"
                f"<Sender>{ME}</Sender><Recipient>{to}</Recipient><SentAt>{text(self.now)}</SentAt>"
                f"<Ordinal>{case['ordinal']}</Ordinal>{under}<TestIndicator>true</TestIndicator>"
                f"<FallbackIndicator>false</FallbackIndicator></Header><UCR>{ucr}</UCR>{body}</{root}>"
            )

        def recognise(offer: dict, stage: str) -> None:
            body = f"<ControlResultID>{offer['id']}</ControlResultID><ActNumber>{offer['act']}</ActNumber>"
            body += f"<Form>{offer['form']}</Form><Office>99101</Office><Outcome>ACCEPTED</Outcome>"
            body += f"<Stage>{stage}</Stage><DecidedAt>{text(self.now)}</DecidedAt>"
            self.send(make("RecognitionResponse", "RCG", offer["from"], body, RECOGNITION, offer["id"]))

        def decision(*controls: tuple[str, str]) -> str:
            body = copy("Office", "Presentation")
            body += "<NotificationType>0</NotificationType><BeforeArrival>false</BeforeArrival>"
            for number, (form, extent) in enumerate(controls, 1):
                body += f"<RequiredControl><SequenceNumber>{number}</SequenceNumber><Form>{form}</Form>"
                body += f"<Extent>{extent}</Extent></RequiredControl>"
            return make("ControlDecision", "CTD", head["Sender"], body)

        if code == "ADV":
            number = f"{ME}/{self.now:%d%m%y}/{hashlib.sha256(ucr.encode()).hexdigest()[:9].upper()}"
            body = f"<Result>REGISTERED</Result><PINumber>{number}</PINumber>"
            return [make("RegistrationResult", "REG", head["Sender"], body)]
        if code == "ATR":
            case["mrn"] = get("MRN")
        elif code == "CTR" and head["Sender"] in self.partners:
            offer = {"id": head["MessageID"], "act": get("ActNumber"), "form": get("Form"), "from": head["Sender"]}
            case["offers"].append(offer)
            recognise(offer, "CONDITIONAL")
        elif code == "ARR" and head["Sender"].startswith(f"{ME}."):
            for offer in case["offers"]:
                recognise(offer, "CONFIRMED")
            self.tell(case, make, "ArrivalAdvice", "ARR", copy("Office", "Presentation", "ArrivedAt"))
            papers = ("DOCUMENTARY", "CAPTURE_AND_CHECK" if case["mrn"] is None else "CHECK")
            scanned = any(offer["form"] == "SCAN" for offer in case["offers"])
            return [decision(papers) if scanned else decision(papers, ("SCAN", "FULL"))]
        elif code == "CTR":
            return [decision()]
        elif code == "NCF" and head["Sender"].startswith(f"{ME}."):
            self.tell(case, make, "NotificationOfCrossing", "NCF", copy("Office", "Presentation", "CrossedAt"))
        return []

    def tell(self, case: dict, make, root: str, code: str, body: str) -> None:
        if case["mrn"] is not None and "CN" in self.partners:
            self.send(make(root, code, "CN", f"<MRN>{case['mrn']}</MRN>{body}", INFORMATION))

    def send(self, message: str) -> None:
        self.outbox.append((self.now + timedelta(seconds=1), len(self.answers), message))

    def detached(self, data: bytes, iat: int) -> str:
        head, _, signature = sign(data, iat=iat).split(".")
        return f"{head}..{signature}"

    async def time(self, request: web.Request) -> web.Response:
        data = await request.read()
        try:
            _, token = request.headers.get("Authorization", "").split(" ")
            member, claims = verify(token)
            if member != f"{ME}.OPERATOR" or (claims["method"], claims["path"]) != ("POST", "/time"):
                return self.refuse(403, f"{member} does not step this node")
        except (JoseError, ValueError, KeyError) as error:
            return self.refuse(401, f"the credential does not hold: {error}")
        told = json.loads(data)
        now = datetime.fromisoformat(told["now"])
        self.now = now if told.get("back") and not self.outbox else max(self.now, now)
        await self.deliver()
        due = text(min(self.outbox)[0]) if self.outbox else None
        return self.answer({"now": text(self.now), "next_due": due, "partners": {}})

    async def deliver(self) -> None:
        """Send what is due, in order. A partner that does not take it now gets it in a minute, signed anew."""
        due = sorted(row for row in self.outbox if row[0] <= self.now or not self.stepped)
        self.outbox = [row for row in self.outbox if row not in due]
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            for at, number, message in due:
                to = etree.fromstring(message).findtext(f"{NS}Header/{NS}Recipient")
                headers = {"Content-Type": "application/xml", "Pix-Time": text(self.now)}
                headers["Pix-Signature"] = self.detached(message.encode(), int(self.now.timestamp()))
                try:
                    async with session.post(f"{self.partners[to]}/messages", data=message, headers=headers) as answer:
                        if answer.status >= 500 or answer.status == 429:
                            raise aiohttp.ClientError(f"answered {answer.status}")
                        if answer.status != 202:
                            print(f"{to} refused a message of ours: {await answer.text()}", flush=True)
                except (aiohttp.ClientError, TimeoutError):
                    self.outbox.append((at + timedelta(minutes=1), number, message))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8643)
    parser.add_argument("--live", action="store_true", help="send at once; the scenario states a pace")
    parser.add_argument("partners", nargs="*", metavar="SERVICE=URL", help="where the other services are")
    given = parser.parse_args()
    node = Node(dict(one.split("=", 1) for one in given.partners), stepped=not given.live)
    runner = web.AppRunner(node.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", given.port).start()
    print(f"{ME} listens at http://127.0.0.1:{given.port}", flush=True)
    while True:
        await asyncio.sleep(0.05)
        if given.live:
            await node.deliver()


if __name__ == "__main__":
    asyncio.run(main())
