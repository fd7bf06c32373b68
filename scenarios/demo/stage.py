"""A stage: one arm of one replication with its nodes over HTTP, played up to any moment that is asked for."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.luck import Luck
from exchange.messages import FunctionalRejection
from exchange.references import run_key, run_ucr, strip_run
from exchange.sentences import Sentence, own, tell
from scenarios.conductor import Conductor
from scenarios.demo import proofs
from scenarios.demo.breaking import BreakableTransport
from scenarios.demo.line import LineClient, Lines
from scenarios.demo.told import Line, Opened, Passed, Update
from scenarios.demo.trying import Deed, Hand
from scenarios.faults import faults_of
from scenarios.imaging.gallery import Gallery
from scenarios.measured import measured_run
from scenarios.parties import build_cores, members
from scenarios.run import Job
from scenarios.transport import no_images
from scenarios.world import World

if TYPE_CHECKING:
    from scenarios.metrics.measures import ArmMeasures
    from scenarios.scenario import Scenario
    from scenarios.transport import Exchanged

_SECOND = timedelta(seconds=1)


class StageError(CorridorError):
    """A stage was asked for something it does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a stage plays: replication 0 of one arm of ``scenario``."""

    scenario: Scenario
    arm: str
    seed: int
    run_id: str


class Stage:
    """Plays one part; :meth:`open` first, :meth:`close` last. Everything happens in the caller's event loop."""

    def __init__(self, part: Part) -> None:
        self.part = part
        scenario = part.scenario
        self.luck = Luck(part.seed, 0)
        self._key = key = run_key(part.run_id, 0)
        self.cores = build_cores(scenario, part.arm, self.luck)
        gallery = Gallery(self.luck, shown=True) if scenario.images is not None else None
        self._scratch = tempfile.TemporaryDirectory(prefix=f"corridor-{part.arm}-", ignore_cleanup_errors=True)
        self.lines = Lines(faults_of(scenario, self.luck), self.luck)
        self.transport = BreakableTransport(
            self.cores,
            members(scenario),
            Path(self._scratch.name),
            keep_xml=True,
            faults=self.lines,
            images=no_images if gallery is None else gallery.data,
            speaks=partial(LineClient, self.lines),
        )
        self.conductor = Conductor(scenario.start, self.transport)
        self.world = World(
            scenario,
            luck=self.luck,
            ucr=lambda base: run_ucr(base, key, part.arm),
            ask=lambda message: self.hand.ask(message),
            gallery=gallery,
        )
        self.hand = Hand(self)
        self.now = 0
        self.over = False
        self._told_events = 0
        self._told_messages = 0
        self._told_refused = 0
        self._xml: dict[str, Exchanged] = {}

    async def open(self) -> Opened:
        """Start the nodes. What was started is stopped again if one of them fails."""
        await self.transport.start()
        urls = {country: node.url for country, node in self.transport.nodes.items()}
        return Opened(arm=self.part.arm, consignments=self.world.consignments, urls=urls)

    async def play_to(self, second: float, wall: float = inf) -> Update:
        """Play until ``second`` (``inf``: to the end) and tell what happened since the last update.

        After ``wall`` seconds of this machine it is told how far it came, once the moment that is on has ended.
        """
        until = monotonic() + wall

        def late() -> bool:
            return monotonic() > until

        while (moment := self.hand.next_moment()) is not None and moment <= second:
            await self.conductor.play(self.world, moment, enough=late)
            if late():
                self.now = max(self.now, min(int(self.world.env.now), moment - 1))
                return self.told()
            self.now = moment
            await self.hand.keep_time(moment)
        if not self.over:
            self.over = await self.conductor.play(self.world, second, enough=late) and self.hand.next_moment() is None
        short = second == inf or self.over or late()
        self.now = max(self.now, int(min(self.world.env.now, second) if short else second))
        return self.told()

    def told(self) -> Update:
        """Return what happened since the update before."""
        events, log = self.world.events, self.transport.log
        fresh, passed = tuple(events[self._told_events :]), log[self._told_messages :]
        refused = self.lines.refused[self._told_refused :]
        self._told_events, self._told_messages, self._told_refused = len(events), len(log), len(self.lines.refused)
        seen = sorted([*refused, *passed], key=lambda item: item.at) if refused else passed
        for item in seen:
            self._xml[item.header.message_id] = item
        return Update(
            arm=self.part.arm,
            now=self.now,
            events=fresh,
            messages=tuple(self._passed(item) for item in seen),
            queues={}  # nothing is worked any more, so that whoever waited when it ended would wait for ever
            if self.over
            else {
                key: {
                    name: Line(station.waiting, station.used, station.capacity)
                    for name, station in border.stations.items()
                }
                for key, border in self.world.borders.items()
            },
            doing={vehicle: tuple(sorted(buckets)) for vehicle, buckets in self.world.doing().items()},
            through=self.world.through,
            total=self.world.total,
            over=self.over,
            tried=self.hand.facts(fresh, passed),
        )

    async def do(self, deed: Deed) -> Update:
        """Do something by hand at this moment; see :class:`scenarios.demo.trying.Hand`."""
        await self.hand.do(deed)
        return self.told()

    async def undo(self, number: int) -> Update:
        """Take back what was done by hand."""
        await self.hand.undo(number)
        return self.told()

    async def refuse(self, service: str, case: str, result: str, text: str) -> None:
        """Let an officer of ``service`` refuse the control result ``result`` (message id) that its rules accepted."""
        ucr = quote(run_ucr(case, self._key, self.part.arm), safe="")
        path = f"/cases/{ucr}/offers/{quote(result, safe='')}/refuse?text={quote(text, safe='')}"
        await self.hand.order(service, path)

    def _passed(self, item: Exchanged) -> Passed:
        header = item.header
        return Passed(
            at=(item.at - self.part.scenario.start) // _SECOND,
            case=strip_run(item.ucr) if item.ucr else "",
            code=item.code,
            sender=header.sender,
            recipient=header.recipient,
            id=header.message_id,
            correlation=header.correlation_id,
            accepted=item.accepted,
            reason=item.reason or _rejection(item),
            answers=item.recognition,
        )

    async def xml(self, message_id: str) -> bytes:
        """Return the bytes of a message that passed. Raise :class:`StageError` if none of this id did."""
        item = self._xml.get(message_id)
        if item is None or item.xml is None:
            raise StageError(
                tell("no message {message_id} has passed in the arm {arm}", message_id=message_id, arm=self.part.arm)
            )
        return item.xml

    async def letter(self, message_id: str) -> proofs.Letter:
        """Return what the nodes keep of a message that passed. Raise :class:`StageError` if none of this id did."""
        await self.xml(message_id)
        return await proofs.letter(self.transport, self._xml[message_id])

    async def cases(self, case: str) -> dict[str, dict[str, Any]]:
        """Return by country what each service's node tells its operator of the consignment ``case`` (base UCR)."""
        return await proofs.cases(self.transport, run_ucr(case, self._key, self.part.arm))

    async def image(self, node: str, sha256: str) -> tuple[bytes, str]:
        """Return an inspection image and its media type, as the node of ``node`` gives it to its operator."""
        return await proofs.image(self.transport, node, sha256)

    async def measures(self) -> ArmMeasures:
        """Return what ``corridor run`` would measure of this arm, once it is over."""
        from scenarios.metrics import measure

        if not self.over:
            raise StageError(f"the arm {self.part.arm} is not over: it is measured when its last vehicle is through")
        part = self.part
        job = Job(
            scenario=part.scenario,
            seed=part.seed,
            run_id=part.run_id,
            replication=0,
            arm=part.arm,
            transport="http",
            trace=False,
        )
        return measure(part.scenario, measured_run(job, self.world, self.transport.log, self.cores))

    async def close(self) -> None:
        """Stop the nodes and forget what they stored."""
        with contextlib.suppress(CorridorError):
            await self.transport.stop()
        self.conductor.let_go()
        self._scratch.cleanup()


def _rejection(item: Exchanged) -> str:
    """Return what a functional rejection says, nothing of other messages."""
    message = decode(item.xml) if item.code == FunctionalRejection.CODE and item.xml else None
    if not isinstance(message, FunctionalRejection) or not message.errors:
        return ""
    error = message.errors[0]
    rule = error.rule_id or ""
    values = {"text": own(error.text), "rule": Sentence(rule, f"rule: {rule}", {}) if rule else ""}
    return Sentence(error.text, f"rejected: {error.code}", values)


__all__ = ["Part", "Stage", "StageError"]
