"""What a node knows apart from any case: its profile, the agreements, who is on a corridor's list, who is unavailable.

The node begins with the standing it is given; what its own stream (the entries without a case) tells changes it, entry
by entry (:meth:`Standing.after`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from exchange.agreements import Agreements
from exchange.entries import Entry
from exchange.members import OPERATOR
from exchange.messages import Consignment, ParticipantList, Unavailability, UnavailabilityCancelled
from exchange.validation.grading import OWN_GRADES, RuleConfig
from nodes.booked import BOOKED, Booked, after
from nodes.profile import Profile

if TYPE_CHECKING:
    from nodes.ordering import ListChange


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """A list of participants as it was received last: its version, and who stands on it."""

    version: int
    traders: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which a service, or with ``office`` one office of it, takes no messages.

    ``ends_at`` None: until it is cancelled. ``fallback``: ACCOMPANYING_DOCUMENT or QUEUE.
    """

    service: str
    office: str | None
    begins_at: datetime
    ends_at: datetime | None
    fallback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A time in which this service will not be reached, and since when its ``partners`` are told."""

    begins_at: datetime
    ends_at: datetime
    announced_at: datetime
    partners: tuple[str, ...]


class PlannedChange(NamedTuple):
    """A change of this service's list of participants that is planned for a time (UTC)."""

    at: datetime
    order: ListChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The fold of a node's own stream. ``participants`` are the traders agreed on in advance (party ids).

    ``rules``: grades of rules that differ from their own. ``known_lists`` by (sender, list id) and ``outages`` by the
    id of the message that declared them are what the stream has told.
    """

    profile: Profile
    agreements: Agreements
    participants: frozenset[str]
    carriers: Mapping[str, str]
    """Office → member id of the carrier that files there and is told of releases and write-offs."""
    rules: RuleConfig = OWN_GRADES
    planned: tuple[Planned, ...] = ()
    """When this service will be away itself."""
    list_changes: tuple[PlannedChange, ...] = ()
    """What this service will change in its list of participants."""
    known_lists: Mapping[tuple[str, str], KnownList] = field(default_factory=dict)
    outages: Mapping[str, Outage] = field(default_factory=dict)
    traders: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name and country of traders by their ids, for lists that this service tells of."""

    slots: Mapping[tuple[str, str], tuple[Booked, ...]] = field(default_factory=dict)
    """Times given to vehicles that lie ahead, by (office, presentation), in their order."""
    country: str = field(init=False, repr=False, compare=False)
    """The node's country, which is its member id."""

    def __post_init__(self) -> None:
        """Take the country from the profile once: every message asks for it several times."""
        object.__setattr__(self, "country", self.profile.country)

    def lists(self, consignment: Consignment) -> bool:
        """Return whether consignor and consignee both stand on the corridor's list."""
        return {consignment.consignor.id, consignment.consignee.id} <= self.participants

    def is_post(self, member: str) -> bool:
        """Return whether ``member`` is one of this service's own posts."""
        country, _, who = member.partition(".")
        return country == self.country and who in self.profile.offices

    def is_trader(self, member: str) -> bool:
        """Return whether ``member`` is a trader or carrier of this service."""
        country, _, who = member.partition(".")
        return bool(who) and who != OPERATOR and not (country == self.country and who in self.profile.offices)

    def unavailable(self, partner: str, now: datetime, office: str | None = None) -> Outage | None:
        """Return the outage of ``partner`` (a country code) in effect at ``now``, the one that lasts longest, or None.

        Without ``office`` only outages of the whole service count, with it those of this office too.
        """
        found = [
            outage
            for outage in self.outages.values()
            if outage.service == partner
            and outage.office in (None, office)
            and outage.begins_at <= now
            and (outage.ends_at is None or now < outage.ends_at)
        ]
        return max(found, key=lambda one: (one.ends_at is None, one.ends_at or one.begins_at), default=None)

    def after(self, entry: Entry) -> Standing:
        """Return the standing with one entry of the node's own stream taken into account."""
        message = entry.message
        if entry.kind == "timer-fired":
            return self._as_ordered(entry.data)
        if entry.kind == BOOKED:
            here = (entry.data["office"], entry.data["presentation"])
            return replace(self, slots={**self.slots, here: after(self.slots.get(here, ()), entry.data, entry.at)})
        if entry.kind not in ("received", "resumed") or not entry.data.get("applied", True):
            return self
        if isinstance(message, ParticipantList):
            return self._with_list(message)
        if isinstance(message, Unavailability):
            outage = Outage(
                service=message.header.sender.partition(".")[0],
                office=message.office,
                begins_at=message.begins_at,
                ends_at=message.ends_at,
                fallback=message.fallback,
            )
            return replace(self, outages={**self._lasting(entry.at), message.header.message_id: outage})
        if isinstance(message, UnavailabilityCancelled):
            return self._available(message, entry.at)
        return self

    def _as_ordered(self, data: Mapping[str, Any]) -> Standing:
        """Follow an operator's order (:mod:`nodes.ordering`): who is on the list, or the status of an agreement."""
        if "participants" in data:
            return replace(self, participants=frozenset(data["participants"]))
        if "assumed" in data:
            status = {data["assumed"]["agreement"]: data["assumed"]["status"]}
            return replace(self, agreements=self.agreements.with_statuses(status))
        return self

    def _with_list(self, message: ParticipantList) -> Standing:
        """The full list governs: who is on it takes part, who was on it before or is named as removed does not."""
        key = (message.header.sender, message.list_id)
        listed = frozenset(one.id for one in message.participants)
        known = self.known_lists.get(key)
        gone = frozenset(one.id for one in message.removed) | (known.traders if known else frozenset())
        lists = {**self.known_lists, key: KnownList(version=message.list_version, traders=listed)}
        elsewhere = frozenset().union(*(one.traders for other, one in lists.items() if other != key))
        participants = (self.participants - gone) | listed | (gone & elsewhere)
        return replace(self, participants=participants, known_lists=lists)

    def _lasting(self, now: datetime) -> dict[str, Outage]:
        """Return the outages that are not over: those that are need not be remembered."""
        return {key: one for key, one in self.outages.items() if one.ends_at is None or one.ends_at > now}

    def _available(self, message: UnavailabilityCancelled, now: datetime) -> Standing:
        """End the outage that is cancelled, if it was declared by the service that cancels it."""
        outages = self._lasting(now)
        outage = outages.get(message.unavailability_id)
        if outage is not None and outage.service == message.header.sender.partition(".")[0]:
            if message.available_from <= max(now, outage.begins_at):
                del outages[message.unavailability_id]
            else:
                outages[message.unavailability_id] = replace(outage, ends_at=message.available_from)
        return replace(self, outages=outages)

    def describe(self) -> dict[str, Any]:
        """Return, as plain JSON, what the node's opening entry records of its standing."""
        about: dict[str, Any] = {
            "country": self.country,
            "residual": self.profile.residual,
            "agreements": {a.id: a.in_use for a in self.agreements},
            "participants": sorted(self.participants),
        }
        if self.rules.rules or self.rules.codelists:
            about["rules"] = {**self.rules.rules, **self.rules.codelists}
        return about


__all__ = ["KnownList", "Outage", "Planned", "PlannedChange", "Standing"]
