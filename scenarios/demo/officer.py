"""Playing the officer: a further stage of the arm with recognition, in which a visitor decides for one service.

The rules of the service accept a result that is offered, conditionally, as in the arm beside it. The visitor lets that
stand or refuses it before the goods arrive; a refusal is an operator's order to the node, which tells the service that
gave the result (RCG) with the officer's reason. What the decisions cost is the difference to the arm in which the rules
decide: the same luck, at the same moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange.errors import CorridorError
from exchange.sentences import said, tell
from scenarios.demo.actor import Actor
from scenarios.demo.stage import Part
from scenarios.demo.told import Passed, Update
from scenarios.demo.trying import NotDone
from scenarios.events import ArmRun, Event
from scenarios.scenario import HOUR

if TYPE_CHECKING:
    from scenarios.demo.show import Show
    from scenarios.metrics.measures import ConsignmentMeasures

ARM = "recognition"
"""The arm that the officer's stage plays, and that it is compared with."""
_KEPT = ("ACCEPTED", "PARTIAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A control result of ``issuer`` that the rules of the service accepted for now: ``result`` is its message's id."""

    case: str
    result: str
    form: str
    issuer: str
    outcome: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the visitor made of an offer, and when. ``reason``: why it was refused."""

    offer: Offer
    accepted: bool
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the officer's decisions come to against the rules', for what is through in both stages.

    ``hours``: held longer at borders, all regular consignments together (goods that are seized are held no longer);
    ``here``: those of them at the entry posts of the officer's service. Whoever comes later meets another queue, so
    that hours may be saved. ``coverage`` (0–1): the officer's, and the rules'; ``controls``: scans, weighings and
    inspections made more; ``officer_hours``: work more; ``found``: irregular more.
    """

    through: int
    hours: float
    here: float
    coverage: tuple[float, float]
    controls: int
    officer_hours: float
    found: int


class OfficerPlay:
    """The officer of ``service`` in ``show``. :meth:`open` it within the show's move, then :meth:`move` it along."""

    def __init__(self, show: Show, service: str) -> None:
        self._show = show
        self.service = service
        self.now = 0
        self.over = False
        self.trouble = ""
        self.asks = True
        self.choices: list[Choice] = []
        self.cost: Cost | None = None
        self.messages: list[Passed] = []
        self._events: list[Event] = []
        self._offers: dict[tuple[str, str], Offer] = {}
        self._arrived: set[str] = set()
        self._entries = {
            key
            for key, side in show.scenario.sides.items()
            if side.direction == "entry" and show.scenario.offices[side.office].country == service
        }
        self._counted = 0
        self._counting: asyncio.Task[None] | None = None
        self._actor: Actor | None = None

    async def open(self) -> None:
        """Start the stage and bring it to where the show stands, with all that was done by hand on the way."""
        show = self._show
        self._actor = Actor(Part(scenario=show.scenario, arm=ARM, seed=show.seed, run_id=show.run_id))
        await self._actor.call("open")
        for at, method, what, _ in show.trials.history:
            await self.move(at)
            await self.by_hand(method, what)
        await self.move(show.now)

    async def move(self, second: float) -> bool:
        """Play to ``second``; return whether there is a new offer to decide on. What goes wrong stands in trouble."""
        if self._actor is None or self.trouble:
            return False
        before = len(self.pending)
        try:
            self._take(await self._actor.call("play_to", second))
        except CorridorError as problem:
            self.trouble = said(problem)
            return False
        return self.asks and len(self.pending) > before

    async def by_hand(self, method: str, what: object) -> None:
        """Do to this stage what was done to the others; where it cannot be done, nothing is."""
        if self._actor is not None and not self.trouble:
            with contextlib.suppress(CorridorError):
                self._take(await self._actor.call(method, what))

    def _take(self, update: Update) -> None:
        self._events.extend(update.events)
        self.now, self.over = update.now, update.over
        self._arrived.update(
            event.case for event in update.events if event.kind == "arrived" and event.data["side"] in self._entries
        )
        self.messages.extend(update.messages)
        for message in update.messages:
            self._offered(message)

    def _offered(self, message: Passed) -> None:
        if message.answers is None or message.sender != self.service or not message.accepted:
            return
        result, answer = message.answers
        if answer.of:
            return
        key = (message.case, result)
        if answer.stage == "CONDITIONAL" and answer.outcome in _KEPT:
            self._offers[key] = Offer(
                case=message.case,
                result=result,
                form=answer.form,
                issuer=message.recipient,
                outcome=answer.outcome,
                at=message.at,
            )
        else:
            self._offers.pop(key, None)

    @property
    def pending(self) -> Sequence[Offer]:
        """The offers that wait for the visitor: accepted by the rules, the goods not there yet, not decided on."""
        decided = {(choice.offer.case, choice.offer.result) for choice in self.choices}
        return [offer for key, offer in self._offers.items() if key not in decided and offer.case not in self._arrived]

    async def decide(self, offer: Offer, accept: bool, reason: str = "") -> None:
        """Let the rules' answer stand, or refuse. Raise :class:`NotDone` if that is too late, or cannot be done."""
        if self._actor is None or self.trouble:
            raise NotDone(self.trouble or tell("the officer's stage has ended"))
        if offer not in self.pending:
            raise NotDone(
                tell(
                    "nothing of {case} waits for a decision: the goods have arrived, or it was decided", case=offer.case
                )
            )
        if not accept:
            text = " ".join(reason.split())[:200] or "Refused by the officer"
            await self._actor.call("refuse", self.service, offer.case, offer.result, text)
            reason = text
        self.choices.append(Choice(offer=offer, accepted=accept, at=self.now, reason="" if accept else reason))

    # --- what it costs --------------------------------------------------------------------------------------

    def count(self) -> None:
        """Count anew, in a thread, if something more is through; the show is told when that is done."""
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count())

    async def _count(self) -> None:
        """Count until nothing more has come through meanwhile: nobody asks again once the show is over."""
        while True:
            mine, theirs = tuple(self._events), tuple(self._show.stories[ARM].events)
            through = _through(mine) & _through(theirs)
            if len(through) <= self._counted:
                return
            self._counted = len(through)
            self.cost = await asyncio.to_thread(self._compared, through, mine, theirs)
            self._show.tell()

    def _compared(self, through: set[str], mine: tuple[Event, ...], theirs: tuple[Event, ...]) -> Cost:
        officer, rules = self._measured(through, mine), self._measured(through, theirs)
        pairs = [(officer[case], rules[case]) for case in sorted(through)]
        regular = [pair for pair in pairs if pair[0].irregularity is None]
        return Cost(
            through=len(pairs),
            hours=sum(one.border_seconds - other.border_seconds for one, other in regular) / HOUR,
            here=sum(self._here(one) - self._here(other) for one, other in regular) / HOUR,
            coverage=(_mean(one.coverage for one, _ in pairs), _mean(other.coverage for _, other in pairs)),
            controls=sum(_made(one) - _made(other) for one, other in pairs),
            officer_hours=sum(one.officer_seconds - other.officer_seconds for one, other in pairs) / HOUR,
            found=sum(one.found - other.found for one, other in pairs),
        )

    def _here(self, one: ConsignmentMeasures) -> int:
        return sum(stay.seconds for side, stay in one.stays.items() if side in self._entries)

    def _measured(self, through: set[str], events: tuple[Event, ...]) -> Mapping[str, ConsignmentMeasures]:
        from scenarios.metrics import measure

        opened = self._show.stories[ARM].opened
        assert opened is not None
        facts = tuple(one for one in opened.consignments if one.case in through)
        run = ArmRun(arm=ARM, replication=0, consignments=facts, events=events, utilisation={}, messages={})
        return {one.case: one for one in measure(self._show.scenario, run).consignments}

    async def close(self) -> None:
        """End the stage."""
        if self._counting is not None:
            self._counting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._counting
        if self._actor is not None:
            await self._actor.end()
            self._actor = None


def _through(events: Iterable[Event]) -> set[str]:
    return {event.case for event in events if event.kind in ("delivered", "seized")}


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _made(one: ConsignmentMeasures) -> int:
    return sum(form != "documentary" for _, form in one.controls)


__all__ = ["ARM", "Choice", "Cost", "Offer", "OfficerPlay"]
