"""What the service of outside_node.py decides: put your own system here.

It registers what carriers file, asks for a scan only where the service before made none, recognises control results
that are offered to it, and tells arrivals and crossings to the service that the goods came from.
"""

import hashlib
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from lxml import etree

NS = "{urn:corridor:pix:1}"
AGREED = {"CN", "KZ", "RU", "FI"}
INFORMATION, RECOGNITION = "china-europe-transit-information", "china-europe-transit-recognition"
HEADER = ("MessageID", "MessageType", "Sender", "Recipient", "SentAt", "Ordinal")
NEEDED = {"ADV": ("Office", "Kind"), "ARR": ("Office", "Presentation", "ArrivedAt"), "WRO": ("MRN", "Result")}
NEEDED |= {"CTR": ("Office", "Form", "Extent", "Result"), "NCF": ("Office", "CrossedAt")}


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def element(**fields: str) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


@cache
def schema_of(folder: str, version: str, code: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(f"{folder}/{version}/{code}.xsd"))


def faults(me: str, root, head: dict, schemas: str) -> list[str]:
    """Return what is wrong with a message: what this service could not work with, and by the schemas, if there are."""
    wrong = [f"{name} is missing" for name in HEADER if name not in head]
    if not root.tag.startswith(NS) or root.get("schemaVersion") not in ("1.0", "1.1"):
        wrong.append("another message set than urn:corridor:pix:1, versions 1.0 and 1.1")
    elif schemas and head.get("MessageType", "").isalpha():
        schema = schema_of(schemas, root.get("schemaVersion"), head["MessageType"])
        if not schema.validate(root):
            wrong += [f"line {error.line}: {error.message}" for error in schema.error_log]
    wrong += [f"{name} is missing" for name in NEEDED.get(head.get("MessageType"), ()) if not root.findtext(NS + name)]
    return wrong if head.get("Recipient") == me else [*wrong, f"this is {me}, the message is for somebody else"]


@dataclass
class Case:
    filed: set = field(default_factory=set)  # offices at which a carrier has filed
    mrn: str | None = None
    offers: list = field(default_factory=list)  # control results of other services
    sides: dict = field(default_factory=dict)  # (office, presentation) → controls still required
    ordinal: int = 0


class Desk:
    """``now`` tells the time; ``send`` takes a recipient and a message for a partner."""

    def __init__(self, me: str, partners: dict, now, send):
        self.me, self.partners, self.now, self.send = me, partners, now, send
        self.cases: dict = defaultdict(Case)

    def may_not(self, head: dict) -> tuple[str, str] | None:
        """Return why this sender may not send this message; None if it may."""
        service, _, name = head["Sender"].partition(".")
        if service != self.me and (name or service not in AGREED):
            return "no-agreement", f"no agreement links {self.me} with {head['Sender']}"
        trader = service == self.me and not name.isdigit()
        if name == "OPERATOR" or trader != (head["MessageType"] == "ADV"):
            return "role", f"{head['MessageType']} is not for {head['Sender']} to send"
        return None

    def make(self, case: Case, root, head: dict, kind: str, code: str, to: str, body: str, **more: str) -> str:
        case.ordinal += 1
        ucr = root.findtext(f"{NS}UCR")
        of = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.me}/{ucr}/{case.ordinal}")
        header = element(MessageID=str(of), MessageType=code, CorrelationID=head["MessageID"])
        header += element(Sender=self.me, Recipient=to, SentAt=text(self.now()), Ordinal=str(case.ordinal), **more)
        header += element(TestIndicator="true", FallbackIndicator="false")
        start = f'<{kind} xmlns="urn:corridor:pix:1" schemaVersion="1.0">'
        return f"{start}<Header>{header}</Header><UCR>{ucr}</UCR>{body}</{kind}>"

    def work(self, code: str, head: dict, root) -> list[str]:
        """Do what a message asks for; return the immediate replies to a post or trader."""
        case, sender = self.cases[root.findtext(f"{NS}UCR")], head["Sender"]

        def copy(*names: str) -> str:
            return element(**{name: root.findtext(NS + name) or "" for name in names})

        def reply(kind: str, code: str, body: str) -> list[str]:
            return [self.make(case, root, head, kind, code, sender, body)]

        def reject(number: str, why: str) -> list[str]:
            error = element(SequenceNumber="1", ErrorClass="2", Code=number, Severity="ERROR", Text=why)
            return reply("FunctionalRejection", "NCK", element(FunctionalError=error))

        def decide(controls: list) -> list[str]:
            body = copy("Office", "Presentation") + element(NotificationType="0", BeforeArrival="false")
            for number, (form, extent) in enumerate(controls, 1):
                body += element(RequiredControl=element(SequenceNumber=str(number), Form=form, Extent=extent))
            return reply("ControlDecision", "CTD", body)

        def tell(kind: str, code: str, *names: str) -> None:
            if case.mrn is not None and "CN" in self.partners:
                body = element(MRN=case.mrn) + copy(*names)
                self.send("CN", self.make(case, root, head, kind, code, "CN", body, AgreementID=INFORMATION))

        def recognise(offer: dict, stage: str) -> None:
            body = offer["names"] + element(Office="99101", Outcome="ACCEPTED", Stage=stage, DecidedAt=text(self.now()))
            about = {"MessageID": offer["id"]}
            kind = "RecognitionResponse"
            self.send(
                offer["of"], self.make(case, root, about, kind, "RCG", offer["of"], body, AgreementID=RECOGNITION)
            )

        side, office = (root.findtext(f"{NS}Office"), root.findtext(f"{NS}Presentation")), root.findtext(f"{NS}Office")
        if code == "ATR":
            case.mrn = root.findtext(f"{NS}MRN")
        elif code == "CTR" and sender in self.partners:
            names = element(ControlResultID=head["MessageID"]) + copy("ActNumber", "Form")
            offer = {"id": head["MessageID"], "of": sender, "form": root.findtext(f"{NS}Form"), "names": names}
            case.offers.append(offer)
            recognise(offer, "CONDITIONAL")
        elif not sender.startswith(f"{self.me}."):
            return []
        elif code == "ADV" and office in case.filed:
            why = element(Code="DUPLICATE", Text=f"These goods have been filed for office {office} already.")
            return reply("RegistrationResult", "REG", element(Result="REFUSED", Reason=why))
        elif code == "ADV":
            case.filed.add(office)
            of = hashlib.sha256(f"{root.findtext(f'{NS}UCR')}/{office}".encode()).hexdigest()[:9].upper()
            number = f"{self.me}/{self.now():%d%m%y}/{of}"
            return reply("RegistrationResult", "REG", element(Result="REGISTERED", PINumber=number))
        elif code == "ARR" and not case.filed and case.mrn is None:
            return reject("90", "Nobody told of these goods.")
        elif code == "ARR" and side in case.sides:
            return reject("92", "These goods have arrived here already.")
        elif code == "ARR":
            for offer in case.offers:
                recognise(offer, "CONFIRMED")
            tell("ArrivalAdvice", "ARR", "Office", "Presentation", "ArrivedAt")
            case.sides[side] = [("DOCUMENTARY", "CAPTURE_AND_CHECK" if case.mrn is None else "CHECK")]
            if not any(offer["form"] == "SCAN" for offer in case.offers):
                case.sides[side].append(("SCAN", "FULL"))
            return decide(case.sides[side])
        elif code == "CTR":
            control = (root.findtext(f"{NS}Form"), root.findtext(f"{NS}Extent"))
            if control not in case.sides.get(side, ()):
                return reject("92", "This control is not required here.")
            case.sides[side].remove(control)
            return decide(case.sides[side])
        elif code == "NCF" and case.sides.get(side, True):
            return reject("92", "The goods may not leave this office: they are not cleared.")
        elif code == "NCF":
            tell("NotificationOfCrossing", "NCF", "Office", "Presentation", "CrossedAt")
        return []
