"""What can be done to a stage by hand while the show goes on, and what comes of it.

A deed is done in all arms at the same simulated moment. Luck is not touched, nor is the identity of anything that the
deed does not concern. From then on the arm is not the run that ``corridor run`` would make.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

import simpy

from exchange.agreements import IN_FORCE
from exchange.errors import CorridorError
from exchange.faults import Partition
from exchange.http import Undelivered
from exchange.messages import Message
from exchange.references import strip_run
from exchange.sentences import own, tell
from scenarios.demo.line import Bad, Cut
from scenarios.parties import LIST_ID, build_cores

if TYPE_CHECKING:
    from scenarios.demo.stage import Stage
    from scenarios.events import Event
    from scenarios.transport import Exchanged

Kind = Literal["cut", "stop", "corrupt", "seal", "list", "agreement"]
LONGEST = 120.0
"""Hours for which a line may be cut or a node stopped: what was declared must not grow too old meanwhile (30 days)."""
_SECOND = timedelta(seconds=1)


class NotDone(CorridorError):
    """Something cannot be done here and now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something done by hand; ``number`` counts within a show, ``at`` is the second since the scenario's start.

    ``what``: cut, stop: a service; corrupt: a message code; seal: a consignment (base UCR); list: a trader; agreement:
    its id. ``other``: cut: the other service; corrupt: "CN>KZ", sender and recipient. ``hours``: how long a cut or a
    stop lasts. ``on``: the agreement comes into force (else it ends).
    """

    kind: Kind
    what: str
    other: str = ""
    hours: float = 0.0
    on: bool = False
    number: int = 0
    at: int = 0


Facts = Mapping[str, int | str]
"""What came of a deed in one arm so far, by names that the page has words for."""


class Hand:
    """Does deeds to one stage. Times are seconds since the scenario's start."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._deeds: dict[int, Deed] = {}
        self._back: dict[int, int] = {}
        self._held: dict[str, list[tuple[Message, simpy.Event]]] = {}
        self._before: dict[int, str] = {}
        self._facts: dict[int, dict[str, int | str]] = {}

    def ask(self, message: Message) -> simpy.Event:
        """Hand a post's or trader's message to its node; while that is stopped, they wait with it."""
        stage = self._stage
        if message.header.recipient not in stage.transport.stopped:
            return stage.conductor.ask(message)
        event = stage.world.env.event()
        self._held.setdefault(message.header.recipient, []).append((message, event))
        return event

    def next_moment(self) -> int | None:
        """Return when a stopped node is to come back next."""
        return min(self._back.values(), default=None)

    async def keep_time(self, second: int) -> None:
        """Bring back the nodes whose time it is at ``second``."""
        for number in [number for number, at in self._back.items() if at <= second]:
            await self._bring_back(number)

    async def do(self, deed: Deed) -> None:
        """Do ``deed`` now. Raise :class:`NotDone` if it cannot be done in this arm."""
        if self._stage.over:
            raise NotDone(tell("the arm {arm} is over: nothing is under way in it any more", arm=self._stage.part.arm))
        await getattr(self, f"_{deed.kind}")(deed)
        self._deeds[deed.number] = deed
        self._facts.setdefault(deed.number, {})

    async def undo(self, number: int) -> None:
        """Take a deed back as far as it can be. Raise :class:`NotDone` if nothing of it is left to take back."""
        deed = self._deeds.get(number)
        if deed is None:
            raise NotDone(tell("nothing of it was done in this arm"))
        if "undone" in self._facts[number]:
            raise NotDone(tell("it has been taken back already"))
        await getattr(self, f"_un{deed.kind}")(deed)
        self._facts[number]["undone"] = self._stage.now

    # --- deeds ----------------------------------------------------------------------------------------------

    async def _cut(self, deed: Deed) -> None:
        for service in (deed.what, deed.other):
            self._known(service)
        if deed.what == deed.other:
            raise NotDone(tell("a line has two ends: choose two services"))
        self._lasting(deed)
        begins = self._time()
        fault = Partition(
            f"hand-{deed.number}",
            frozenset({deed.what}),
            frozenset({deed.other}),
            begins=begins,
            ends=begins + timedelta(hours=deed.hours),
        )
        self._stage.lines.cuts[deed.number] = Cut(fault)

    async def _uncut(self, deed: Deed) -> None:
        cut = self._stage.lines.cuts[deed.number]
        if cut.fault.ends <= self._time():
            raise NotDone(tell("the line is whole again already"))
        cut.fault = replace(cut.fault, ends=self._time())

    async def _stop(self, deed: Deed) -> None:
        self._known(deed.what)
        self._lasting(deed)
        await self._stage.transport.halt(deed.what)
        self._back[deed.number] = self._stage.now + max(1, round(deed.hours * 3600))

    async def _unstop(self, deed: Deed) -> None:
        if deed.number not in self._back:
            raise NotDone(tell("the node of {what} is back already", what=deed.what))
        await self._bring_back(deed.number)

    async def _bring_back(self, number: int) -> None:
        """Start a node anew from its store, and let its posts and traders hand in what they waited with."""
        stage, deed = self._stage, self._deeds[number]
        del self._back[number]
        core = build_cores(stage.part.scenario, stage.part.arm, stage.luck)[deed.what]
        await stage.transport.resume(deed.what, core, self._time())
        stage.cores[deed.what] = core
        held = self._held.pop(deed.what, [])
        self._facts[number] |= {"back": stage.now, "waited": len(held)}

        def hand_in(_: simpy.Event) -> None:
            for message, event in held:
                self._ask_again(message, event)

        calls = stage.world.env.timeout(max(0, stage.now - int(stage.world.env.now))).callbacks
        assert calls is not None
        calls.append(hand_in)

    def _ask_again(self, message: Message, event: simpy.Event) -> None:
        def answered(inner: simpy.Event) -> None:
            event.succeed(inner.value)

        callbacks = self.ask(message).callbacks
        assert callbacks is not None
        callbacks.append(answered)

    async def _corrupt(self, deed: Deed) -> None:
        sender, _, recipient = deed.other.partition(">")
        for service in filter(None, (sender, recipient)):
            self._known(service)
        self._stage.lines.bad[deed.number] = Bad(deed.what, sender, recipient)

    async def _uncorrupt(self, deed: Deed) -> None:
        if self._stage.lines.bad[deed.number].message:
            raise NotDone(tell("it has happened already; the message is sent again by itself"))
        del self._stage.lines.bad[deed.number]

    async def _seal(self, deed: Deed) -> None:
        if self._stage.world.tamper(deed.what):
            raise NotDone(tell("a seal of {what} is broken already", what=deed.what))

    async def _unseal(self, deed: Deed) -> None:
        if not self._stage.world.tamper(deed.what, broken=False):
            raise NotDone(tell("it has been seen already"))

    async def _list(self, deed: Deed) -> None:
        await self._order_list(deed, "remove", "Taken off the list by hand")

    async def _unlist(self, deed: Deed) -> None:
        await self._order_list(deed, "restore", "Put back on the list by hand")

    async def _order_list(self, deed: Deed, verb: str, text: str) -> None:
        traders = self._stage.part.scenario.traders
        if deed.what not in traders:
            raise NotDone(tell("no trader is called {what}", what=deed.what))
        service = traders[deed.what].country
        others = [country for country in self._stage.cores if country != service]
        query = urlencode({verb: deed.what, "text": text, "to": others}, doseq=True, quote_via=quote)
        await self.order(service, f"/lists/{LIST_ID}?{query}")

    async def _agreement(self, deed: Deed) -> None:
        today, first = self._time().date(), next(iter(self._stage.cores.values()))
        known = first.standing.agreements
        if deed.what not in known:
            raise NotDone(known.no_such(deed.what))
        now = known[deed.what]
        holds = now.status == IN_FORCE and (now.until is None or today < now.until)
        if holds is deed.on and (not holds or now.since is None or now.since <= today):
            raise NotDone(tell("{title}: {in_use} already", title=now.title, in_use=now.in_use))
        ended = "signed" if now.since is not None and now.since >= today else f"{IN_FORCE} until {today}"
        await self._assume(deed.what, f"{IN_FORCE} from {today}" if deed.on else ended)
        self._before[deed.number] = now.in_use

    async def _unagreement(self, deed: Deed) -> None:
        await self._assume(deed.what, self._before[deed.number])

    async def _assume(self, agreement: str, status: str) -> None:
        stopped = sorted(self._stage.transport.stopped)
        if stopped:
            raise NotDone(tell("the node of {stopped} is stopped: bring it back first", stopped=", ".join(stopped)))
        for service in self._stage.cores:
            await self.order(service, f"/agreements/{quote(agreement, safe='')}?{urlencode({'status': status})}")

    # --- what they need -------------------------------------------------------------------------------------

    async def order(self, service: str, path: str) -> dict[str, Any]:
        """Order something of a node as its operator. Raise :class:`NotDone` in the node's own words if it refuses."""
        self._known(service)
        if service in self._stage.transport.stopped:
            raise NotDone(tell("the node of {service} is stopped: bring it back first", service=service))
        try:
            status, body = await self._stage.transport.order(service, path.replace("+", "%20"), self._time())
        except Undelivered as error:
            raise NotDone(str(error)) from error
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            raise NotDone(
                tell("{service}: {detail}", service=service, detail=own(str(answer.get("detail") or status)))
            )
        return answer

    def _time(self) -> datetime:
        return self._stage.part.scenario.start + timedelta(seconds=self._stage.now)

    def _known(self, service: str) -> None:
        if service not in self._stage.cores:
            raise NotDone(
                tell(
                    "no service {service!r} takes part; there are {cores}",
                    service=service,
                    cores=", ".join(self._stage.cores),
                )
            )

    def _lasting(self, deed: Deed) -> None:
        if not 0 < deed.hours <= LONGEST:
            raise NotDone(tell("it lasts more than 0 and at most {longest:g} hours", longest=LONGEST))

    # --- what comes of them ---------------------------------------------------------------------------------

    def facts(self, events: Sequence[Event], messages: Sequence[Exchanged]) -> dict[int, Facts]:
        """Return what came of each deed so far; ``events`` and ``messages`` are those since the last call."""
        for number, deed in self._deeds.items():
            found = self._facts[number]
            for item in messages:
                self._note(deed, found, item)
            for event in events:
                if deed.kind == "seal" and event.case == deed.what and event.at >= deed.at:
                    _seal_event(found, event)
            self._now(deed, found)
        return {number: dict(found) for number, found in self._facts.items()}

    def _note(self, deed: Deed, found: dict[str, int | str], item: Exchanged) -> None:
        header, reasons = item.header, item.recognition[1].reasons if item.recognition else ()
        if deed.kind == "cut" and item.accepted:
            cut = self._stage.lines.cuts[deed.number]
            since = cut.lost.get(header.message_id)
            if since is not None:
                _add(found, "delivered")
                found["latest"] = max(int(found.get("latest", 0)), (item.at - since) // _SECOND)
            elif header.fallback_indicator and {header.sender, header.recipient} == {deed.what, deed.other}:
                _add(found, "fallback")
        elif deed.kind == "corrupt" and deed.number in self._stage.lines.bad:  # it is not once it was taken back
            if item.accepted and header.message_id == self._stage.lines.bad[deed.number].message:
                found["delivered"] = (item.at - self._stage.part.scenario.start) // _SECOND
        elif deed.kind == "seal" and item.ucr and strip_run(item.ucr) == deed.what and "SEAL" in reasons:
            _add(found, "lapsed")
        elif deed.kind == "list":
            if item.code == "LST" and item.accepted:
                _add(found, "told")
            elif "NOT_LISTED" in reasons:
                _add(found, "refused")
        elif deed.kind == "agreement" and header.agreement_id == deed.what and item.accepted:
            _add(found, "messages")
            if item.recognition is not None and item.recognition[1].outcome in ("ACCEPTED", "PARTIAL"):
                _add(found, "recognised" if item.recognition[1].stage == "CONDITIONAL" else "confirmed")

    def _now(self, deed: Deed, found: dict[str, int | str]) -> None:
        lines, start = self._stage.lines, self._stage.part.scenario.start
        if deed.kind == "cut":
            found["held"] = len(lines.cuts[deed.number].lost)
            found["ends"] = (lines.cuts[deed.number].fault.ends - start) // _SECOND
        elif deed.kind == "stop" and deed.number in self._back:
            found |= {"waiting": len(self._held.get(deed.what, ())), "ends": self._back[deed.number]}
        elif deed.kind == "corrupt" and deed.number in lines.bad:
            bad = lines.bad[deed.number]
            if bad.message:
                found |= {"message": bad.message, "status": bad.status, "detail": bad.detail}


def _seal_event(found: dict[str, int | str], event: Event) -> None:
    if event.kind == "mismatch" and event.data["what"] == "seal" and "side" not in found:
        found["side"] = str(event.data["side"])
    elif event.kind == "control" and event.data["side"] == found.get("side") and event.data["form"] == "PHYSICAL":
        _add(found, "controls")


def _add(found: dict[str, int | str], name: str) -> None:
    found[name] = int(found.get(name, 0)) + 1


__all__ = ["LONGEST", "Deed", "Facts", "Hand", "Kind", "NotDone"]
