"""A network of nodes for a test: the services of a scenario, in memory or over HTTP, with time in the test's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from exchange.luck import Luck
from exchange.messages import Message
from exchange.references import run_key, run_ucr
from exchange.signatures import PrivateKey
from nodes.core import NodeCore
from nodes.profile import SidePolicy
from nodes.risk import PHYSICAL_FORMS
from scenarios.live.demo_trust import demo_key
from scenarios.live.household import PORT_BASE, addresses
from scenarios.live.setting import about_of
from scenarios.live.transport import Outside as OutsideNodes
from scenarios.live.transport import OutsideTransport
from scenarios.parties import build_cores, members
from scenarios.scenario import Scenario, load_scenario
from scenarios.scenario.services import Elsewhere
from scenarios.testing.case import Case
from scenarios.testing.elsewhere import HearingCore, seen, taken
from scenarios.testing.goods import Goods, Refused
from scenarios.testing.switches import Switches
from scenarios.transport import Exchanged, Transport
from scenarios.transport_http import HttpTransport
from scenarios.transport_memory import MemoryTransport
from scenarios.world.cargo import Shipment, vehicles

ROUNDS = 1000
"""More rounds at one moment than this: nodes answer each other without end."""


Look = Callable[[str], Mapping[str, Any] | None]
"""Gives what a service knows of a UCR."""


class Service:
    """One service of the network: ``net["KZ"]``."""

    def __init__(self, core: NodeCore, url: Callable[[], str | None], look: Look | None = None) -> None:
        self.core = core
        self._url = url
        self._look = look or core.view

    @property
    def country(self) -> str:
        """The country code."""
        return self.core.country

    @property
    def url(self) -> str | None:
        """The address of its HTTP API; None in memory."""
        return self._url()

    def case(self, goods: Goods | str) -> Case:
        """Return what the service knows of ``goods`` (or of a UCR); it is looked up anew with every question."""
        ucr = goods if isinstance(goods, str) else goods.ucr
        return Case(self.country, lambda: self._look(ucr))

    def __repr__(self) -> str:
        return f"<service {self.country}{f' at {self.url}' if self.url else ''}>"


class Network:
    """The nodes of one arm of ``scenario`` (a name, a file, or a scenario); an async context manager.

    ``sets``: changes of single keys, as ``corridor run --set`` takes them. ``select``: how often each form of control
    is ordered at every office where it is possible (``{"SCAN": 1.0}``), instead of what the scenario says.
    ``transport``: ``memory``, or ``http``: real services on loopback, signed XML. Time begins two days before the first
    vehicle leaves and moves only by :meth:`wait` and :meth:`until`.

    ``outside``: country → address on this machine of a stepped node of somebody's own that takes its place, with the
    demo trust; the others are then real services at fixed ports behind ``port_base``, in the order of their names
    (docs/outside.md). Of such a service is known what it exchanged with them; switches act on what it is sent.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario,
        *,
        arm: str = "recognition",
        transport: Literal["memory", "http"] = "memory",
        sets: tuple[str, ...] = (),
        select: Mapping[str, float] | None = None,
        seed: int = 1,
        outside: Mapping[str, str] | None = None,
        port_base: int | None = None,
    ) -> None:
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, sets)
        if arm not in self.scenario.arms:
            raise ValueError(f"{self.scenario.id} has no arm {arm!r}; it has {', '.join(self.scenario.arms)}")
        self.arm = arm
        self.faults = Switches(self.scenario.services)
        self.delivered: list[Message] = []
        """What nodes sent to posts and traders, in order."""
        self._luck = Luck(seed, 0)
        self._key = run_key("testing", 0)
        cores = build_cores(self.scenario, arm, self._luck)
        if select is not None:
            _check(select)
            cores = {country: _selecting(core, select) for country, core in cores.items()}
        self._transport: Transport
        self._services: dict[str, Service] = {}
        self._elsewhere: frozenset[str] = frozenset()
        self._http: HttpTransport | None = None
        shipments = [s for v in vehicles(self.scenario, self._luck) for s in v.shipments]
        self._shipments: list[Shipment] = shipments
        self.now = min(s.consignment.itinerary[0].eta for s in shipments) - timedelta(days=2)
        self._heard: dict[str, Exchanged] = {}
        if outside:
            self._transport = self._beside(dict(outside), cores, port_base)
        elif transport == "http":
            self._http = HttpTransport(cores, members(self.scenario), None, keep_xml=True, faults=self.faults)
            self._transport = self._http
            self._services = {c: Service(core, lambda c=c: self._address(c)) for c, core in cores.items()}  # type: ignore[misc]
        else:
            self._transport = MemoryTransport(cores, keep_xml=True, faults=self.faults)
            self._services = {c: Service(core, lambda: None) for c, core in cores.items()}
        self._given: set[str] = set()

    async def __aenter__(self) -> Network:
        await self._transport.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.stop()

    def __getitem__(self, country: str) -> Service:
        try:
            return self._services[country]
        except KeyError:
            known = ", ".join(self._services)
            raise KeyError(f"no service {country} in this network; it has {known}") from None

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services.values())

    def goods(self, flow: str | None = None, *, irregular: bool = False, **changes: Any) -> Goods:
        """Return the next consignment of the scenario (of ``flow``), regular unless asked otherwise.

        ``changes``: fields of the consignment (:class:`exchange.messages.Consignment`) that differ.
        """
        for shipment in self._shipments:
            if shipment.case in self._given or flow not in (None, shipment.flow.id):
                continue
            if (shipment.facts.irregularity is not None) != irregular:
                continue
            self._given.add(shipment.case)
            consignment = shipment.consignment.model_copy(update=changes) if changes else shipment.consignment
            consignment = type(consignment).model_validate(dict(consignment)) if changes else consignment
            carriers = {
                self.scenario.sides[side].office: self.scenario.member(trader)
                for side, trader in shipment.flow.carriers.items()
            }
            ucr = run_ucr(shipment.case, self._key, self.arm)
            return Goods(self, ucr, consignment, self.scenario.member(shipment.consignor), carriers)
        flows = ", ".join(flow.id for flow in self.scenario.flows)
        kind = "irregular" if irregular else "regular"
        raise ValueError(
            f"{self.scenario.id} has no further {kind} consignment of {flow or 'any flow'} (flows: {flows})"
        )

    @property
    def messages(self) -> tuple[Exchanged, ...]:
        """Everything that was handed over or refused so far, with its XML, by time, case and ordinal."""
        known = (*self._transport.log, *self._heard.values())
        return tuple(sorted(known, key=lambda item: (item.at, item.ucr, item.header.ordinal)))

    def key(self, member: str) -> PrivateKey:
        """Return the private key of a service, post, trader or operator (``KZ.OPERATOR``), for a client of one's own.

        Over HTTP only; keys are made for the network and forgotten with it, but beside a system elsewhere they are
        those of the demo trust. Raise ValueError in memory, where nothing is signed, and KeyError for somebody who is
        no member.
        """
        if self._elsewhere:
            return demo_key(member)
        if self._http is None:
            raise ValueError('nothing is signed in memory; make the network with transport="http"')
        return self._http.key(member)

    async def hand_in(self, message: Message) -> tuple[Message, ...]:
        """Hand a post's or trader's message to its node now; return the immediate replies.

        Raise :class:`Refused` if the node does not accept it.
        """
        [replies] = await self._transport.ask(self.now, [message])
        mine = message.header.message_id
        if any(item.header.message_id == mine and not item.accepted for item in self._transport.log):
            raise Refused(
                f"{message.header.recipient} refused {message.CODE} of {message.header.sender} ({message.ucr})"
            )
        await self._settle()
        return replies

    async def wait(self, **duration: float) -> None:
        """Let time pass, as ``timedelta`` takes it (``hours=3``); nodes do what comes due on the way."""
        await self.until(self.now + timedelta(**duration))

    async def until(self, moment: datetime | str) -> None:
        """Let time pass until ``moment`` (UTC; text as ``2018-03-06T00:00:00Z``). Raise ValueError if it is over, or
        without a zone."""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no zone: nodes tell time in UTC, as {at.isoformat()}Z")
        if at < self.now:
            raise ValueError(f"{at:%Y-%m-%dT%H:%M:%SZ} is before now, {self.now:%Y-%m-%dT%H:%M:%SZ}: time goes one way")
        while True:
            dues = [due for due in self._transport.next_due().values() if due is not None]
            if not dues or min(dues) > at:
                break
            self.now = max(self.now, min(dues))
            await self._settle()
        self.now = at

    async def _settle(self) -> None:
        """Let all nodes do what is due now."""
        for _ in range(ROUNDS):
            due = [c for c, at in sorted(self._transport.next_due().items()) if at is not None and at <= self.now]
            if not due:
                return
            for country in due:
                await self._transport.advance(country, self.now)
            self.delivered += self._transport.collect()
        raise RuntimeError(
            f"over {ROUNDS} rounds at {self.now:%Y-%m-%dT%H:%M:%SZ}: nodes answer each other without end"
        )

    def _beside(self, outside: dict[str, str], cores: Mapping[str, NodeCore], port_base: int | None) -> Transport:
        """Return the transport to nodes of which those of ``outside`` are somebody else's."""
        unknown = sorted(set(outside) - set(cores))
        if unknown:
            raise ValueError(f"{self.scenario.id} has no service {', '.join(unknown)}; it has {', '.join(cores)}")
        self._elsewhere = frozenset(outside)

        def heard(message: Message, at: datetime) -> None:
            self._heard.setdefault(message.header.message_id, taken(message, at))

        hearing = {c: HearingCore(core.standing, outside, heard) for c, core in cores.items()}
        services = {country: Elsewhere(url=url, time_limit="10 s") for country, url in outside.items()}
        places = addresses(tuple(sorted(cores)), (), port_base or PORT_BASE, tls=False)
        for country, core in hearing.items():
            at, look = outside.get(country, places[country]), self._seen(country) if country in outside else None
            self._services[country] = Service(core, lambda at=at: at, look)  # type: ignore[misc]
        return OutsideTransport(
            OutsideNodes(services=services, port_base=port_base),
            hearing,
            members(self.scenario),
            self.now,
            about_of(self.scenario, self.arm, self._luck.seed, 0),
            faults=self.faults,
            keep_xml=True,
        )

    def _seen(self, country: str) -> Look:
        return lambda ucr: seen(country, ucr, self.messages)

    def _address(self, country: str) -> str | None:
        node = None if self._http is None else self._http.nodes.get(country)
        return None if node is None else node.url


def _check(select: Mapping[str, float]) -> None:
    """Raise :class:`ValueError` for a form that is not ordered by chance, or a share that is none: a test would pass or
    fail for nothing."""
    for form, share in select.items():
        if form not in PHYSICAL_FORMS:
            forms = ", ".join(PHYSICAL_FORMS)
            raise ValueError(f"select has {form!r}: the forms that are ordered by chance are {forms}")
        if not 0 <= share <= 1:
            raise ValueError(f"select has {share!r} for {form}: give a share from 0 to 1")


def _selecting(core: NodeCore, select: Mapping[str, float]) -> NodeCore:
    """Return a node that orders controls at these shares at every office and presentation with a policy."""
    profile = core.standing.profile
    policies: dict[tuple[str, str], SidePolicy] = {
        key: replace(policy, shares={**policy.shares, **select}) for key, policy in profile.policies.items()
    }
    return NodeCore(replace(core.standing, profile=replace(profile, policies=policies)))


__all__ = ["Network", "Service"]
