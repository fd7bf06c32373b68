"""A stand-in for the nodes of an arm: it decides as the arms' rules say, without ledgers, agreements or messages
between services. With it the world can be run and calibrated by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import simpy

from exchange.identifiers import mrn
from exchange.luck import Luck
from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    Consignment,
    ControlDecision,
    ControlResult,
    Header,
    Message,
    RegistrationResult,
    Release,
    RequiredControl,
)
from exchange.references import message_id, run_key, run_ucr, strip_run
from scenarios.scenario import HOUR, Scenario
from scenarios.world import World

MRN = mrn("18", "CN", "000000000000", "J")
ORDER = ("DOCUMENTARY", "WEIGHING", "SCAN", "PHYSICAL")


@dataclass
class Known:
    """What is known of a consignment."""

    consignment: Consignment
    informed: bool = False
    on_list: bool = True
    made: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)
    required: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)


class StandIn:
    """The nodes of one arm, reduced to their decisions on their own posts.

    ``late_share``: information of that share of rail consignments never comes in time. ``in_scheme``: are traders on
    the list? ``residual`` none: the policies' own.
    """

    def __init__(
        self,
        scenario: Scenario,
        arm: str,
        luck: Luck,
        *,
        late_share: float | None = None,
        in_scheme: bool = True,
        residual: float | None = None,
    ) -> None:
        self.scenario = scenario
        self.arm = arm
        self.luck = luck
        self.late_share = scenario.delivery.late_share.value if late_share is None else late_share
        self.in_scheme = in_scheme
        self.residual = residual
        self.asked: list[Message] = []
        self.known: dict[str, Known] = {}
        self.ordinal = 0
        self.world: World

    def ask(self, message: Message) -> simpy.Event:
        self.asked.append(message)
        event: simpy.Event = self.world.env.event()
        event.succeed(tuple(self.replies(message)))
        return event

    def replies(self, message: Message) -> Sequence[Message]:
        if isinstance(message, AdvanceDeclaration):
            if message.kind == "EXPORT_TRANSIT":
                parties = (message.consignment.consignor.id, message.consignment.consignee.id)
                self.known[message.ucr] = Known(
                    message.consignment, on_list=self.in_scheme and self.scenario.on_list(*parties)
                )
            return [self.make(RegistrationResult, message, result="REGISTERED", mrn=MRN)]
        if isinstance(message, ArrivalAdvice):
            return self.arrived(message)
        if isinstance(message, ControlResult):
            return self.controlled(message)
        return []

    def make(self, kind: type[Message], to: Message, **fields: object) -> Message:
        self.ordinal += 1
        sender = to.header.recipient
        header = Header(
            message_id=message_id(sender, to.header.sender, kind.CODE, to.ucr, self.ordinal),
            message_type=kind.CODE,
            sender=sender,
            recipient=to.header.sender,
            sent_at=self.world.mail.time(),
            ordinal=self.ordinal,
        )
        return kind(header=header, ucr=to.ucr, **fields)

    def decision(self, to: Message, office: str, presentation: str, before_arrival: bool = False) -> Message:
        controls = self.known[to.ucr].required.get((office, presentation), [])
        if before_arrival:
            controls = [("DOCUMENTARY", "CHECK")]
        return self.make(
            ControlDecision,
            to,
            office=office,
            presentation=presentation,
            before_arrival=before_arrival,
            controls=tuple(
                RequiredControl(sequence_number=n, form=form, extent=extent)
                for n, (form, extent) in enumerate(controls, 1)
            ),
        )

    def drawn(self, case: str, place: str, form: str) -> float:
        return self.luck.uniform(case, place, f"select-{form}")

    def arrived(self, message: ArrivalAdvice) -> Sequence[Message]:
        case, known = strip_run(message.ucr), self.known[message.ucr]
        key = (message.office, message.presentation)
        place = f"{message.office}-{message.presentation}"
        policy = self.scenario.controls[message.office]
        selection = policy.presentations[message.presentation]
        chosen = {
            form
            for form, share in (("SCAN", selection.scan), ("PHYSICAL", selection.physical))
            if self.drawn(case, place, form) < share
        }
        if message.presentation == "ENTRY":
            residual = policy.residual if self.residual is None else self.residual
            intact = all(seal.state == "INTACT" for seal in message.seals_found)
            intact = intact and message.found_mass == known.consignment.gross_mass
            if self.arm == "recognition" and known.informed and known.on_list and intact:
                chosen = {f for f in chosen if f not in known.made or self.drawn(case, place, f) < residual}
            if any(seal.state == "BROKEN" for seal in message.seals_found):
                chosen.add("PHYSICAL")
        if self.arm == "recognition" and known.on_list:
            chosen |= set(selection.scheme)
        controls = [(form, "FULL") for form in ORDER if form in chosen]
        if selection.documents == "discharge":
            controls.insert(0, ("DOCUMENTARY", "DISCHARGE"))
        elif selection.documents != "none":
            documents = [selection.documents.upper()]
            if message.office in known.checked:
                documents = ["MATCH"]
            elif message.office in known.asked:
                documents = ["CHECK", "MATCH"]
            controls = [("DOCUMENTARY", extent) for extent in documents] + controls
        known.required[key] = controls
        if not controls and message.presentation == "DEPARTURE":
            self.release(message)
        return [self.decision(message, *key)]

    def controlled(self, message: ControlResult) -> Sequence[Message]:
        known, key = self.known[message.ucr], (message.office, message.presentation)
        if message.offence_indicator:
            return []
        if message.form != "DOCUMENTARY" and message.presentation in ("DEPARTURE", "EXIT"):
            known.made.add(message.form)
        if key not in known.required:
            known.checked.add(message.office)
            return [
                self.make(
                    ControlDecision,
                    message,
                    office=message.office,
                    presentation=message.presentation,
                    before_arrival=True,
                )
            ]
        known.required[key].remove((message.form, message.extent))
        if not known.required[key] and message.presentation == "DEPARTURE":
            self.release(message)
        return [self.decision(message, *key)]

    def release(self, message: Message) -> None:
        world, known = self.world, self.known[message.ucr]
        office = known.consignment.itinerary[0].office
        now = world.mail.time() + timedelta(seconds=2)
        release = self.make(
            Release, message, mrn=MRN, office=office, released_at=now, limit_date=now.date() + timedelta(days=60)
        )
        self.later(2, release)
        if self.arm != "baseline":
            self.inform(message, known)

    def inform(self, message: Message, known: Known) -> None:
        now = self.world.mail.time()
        flow = next(f for f in self.scenario.flows if f.departure_office == known.consignment.itinerary[0].office)
        if flow.vehicles.lead is None:
            case = strip_run(message.ucr)
            if self.luck.uniform(case, "courier", "late") < self.late_share:
                return
        for stop in known.consignment.itinerary:
            if stop.role != "ENT":
                continue
            ahead = (stop.eta - now).total_seconds() / HOUR
            if flow.vehicles.lead is not None and ahead < (self.scenario.controls[stop.office].lead_time or 0):
                continue
            known.informed = True
            known.asked.add(stop.office)
            post = self.scenario.post(stop.office)
            stub = message.model_copy(
                update={"header": message.header.model_copy(update={"sender": post, "recipient": post[:2]})}
            )
            self.later(3 + max(0, round((ahead - 96) * HOUR)), self.decision(stub, stop.office, "ENTRY", True))

    def later(self, wait: int, message: Message) -> None:
        self.world.env.timeout(wait).callbacks.append(lambda _event: self.world.deliver(message))


def run(scenario: Scenario, arm: str = "baseline", replication: int = 0, **rules: object) -> tuple[World, StandIn]:
    """Run one arm of one replication to its end; return the world and the stand-in."""
    luck = Luck(scenario.seed, replication)
    nodes = StandIn(scenario, arm, luck, **rules)  # type: ignore[arg-type]
    key = run_key("stand-in", replication)
    world = World(scenario, luck=luck, ucr=lambda base: run_ucr(base, key, arm), ask=nodes.ask)
    nodes.world = world
    world.env.run(until=world.finished)
    return world, nodes
