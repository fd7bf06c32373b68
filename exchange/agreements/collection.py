"""The agreements that a node knows, with the statuses in use: those of the registry, or what a run assumes instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from exchange.agreements.agreement import CASE_CODES, IN_FORCE, STATUSES, Agreement, Goods
from exchange.errors import CorridorError

Otherwise = Literal["status", "carried", "dates"]
"""In what an agreement is assumed otherwise than it is: its status, by what means it works, from and until when."""


class UnknownAgreement(CorridorError):
    """An overlay names an agreement, a status or a date that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What a run assumes of an agreement: its status, and from and until (exclusive) when it is in force."""

    status: str
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, given: str | Assumption) -> Assumption:
        """Return the assumption that ``given`` says: "signed", "in force from 2018-01-01 until 2020-01-01".

        Raise :class:`UnknownAgreement` for a status or date that there is not, and for dates without "in force".
        """
        if isinstance(given, Assumption):
            found = given
        else:
            parts = re.fullmatch(r"\s*(.*?)(?:\s+from\s+(\S+))?(?:\s+until\s+(\S+))?\s*", given, re.DOTALL)
            assert parts is not None  # the pattern takes any text
            found = cls(status=parts[1], since=_day(parts[2]), until=_day(parts[3]))
        if found.status not in STATUSES:
            raise UnknownAgreement(f"{found.status!r} is no status; use one of {', '.join(STATUSES)}")
        if found.status != IN_FORCE and (found.since or found.until):
            raise UnknownAgreement(f"dates go with the status {IN_FORCE!r}, not with {found.status!r}: remove them")
        if found.since and found.until and found.until <= found.since:
            raise UnknownAgreement(f"it ends ({found.until}) before it begins ({found.since}): correct the dates")
        return found

    def __str__(self) -> str:
        since = f" from {self.since}" if self.since else ""
        return f"{self.status}{since}{f' until {self.until}' if self.until else ''}"


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnknownAgreement(f"{text!r} is no date: write it as 2018-01-01") from None


class Agreements:
    """Agreements in their order: where two cover the same, the first governs."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        self._all = tuple(agreements)
        self._by_id = {agreement.id: agreement for agreement in self._all}
        self._parties: dict[tuple[str, str], tuple[Agreement, ...]] = {}
        self._applying: dict[tuple[str, str, date], tuple[Agreement, ...]] = {}
        self._found: dict[tuple[str, str, str, date], tuple[tuple[Agreement, ...], bool]] = {}
        self._recognising: dict[tuple[str, str, date], tuple[Agreement, ...]] = {}

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, agreement_id: object) -> bool:
        return agreement_id in self._by_id

    def __getitem__(self, agreement_id: str) -> Agreement:
        """Return the agreement of this id; raise :class:`UnknownAgreement` that names those that are like it."""
        if agreement_id not in self._by_id:
            raise UnknownAgreement(self.no_such(agreement_id))
        return self._by_id[agreement_id]

    def no_such(self, agreement_id: str) -> str:
        """Return a sentence that says that there is no agreement of this id, and which are like it."""
        from difflib import get_close_matches

        like = get_close_matches(agreement_id, self._by_id, n=3, cutoff=0.5)
        known = ", ".join(like or sorted(self._by_id))
        return f"no agreement is called {agreement_id!r}; {'like it are' if like else 'there are'} {known}"

    def with_statuses(self, overlay: Mapping[str, str | Assumption]) -> Agreements:
        """Return the same agreements with what ``overlay`` (agreement id → status, with dates) assumes.

        An agreement assumed in force without a date is so from any date, one that works elsewhere is carried by nodes.
        Raise :class:`UnknownAgreement` for an id, status or date that there is not.
        """
        changed = dict(self._by_id)
        for agreement_id, given in overlay.items():
            found = self[agreement_id]
            try:
                assumed = Assumption.of(given)
            except UnknownAgreement as error:
                raise UnknownAgreement(f"agreement {agreement_id}: {error}") from None
            real = found.real or found
            in_force = assumed.status == real.status == IN_FORCE
            changed[agreement_id] = replace(
                found,
                status=assumed.status,
                since=assumed.since or (real.since if in_force else None),
                until=assumed.until or (real.until if in_force else None),
                carried="nodes",
                real=real,
            )
        return Agreements(changed.values())

    def covering(
        self, code: str, sender: str, recipient: str, on: date, goods: Callable[[], Goods | None] | None = None
    ) -> Agreement | None:
        """Return the agreement under which a service may send ``code`` to another on this day, or None.

        ``sender`` and ``recipient`` are country codes. ``goods`` gives the consignment that the message is about, if
        it is known: an agreement with a scope covers messages about goods within it only. (Whether a control result
        counts is a matter of :meth:`recognising`, which asks more.)
        """
        key = (code, sender, recipient, on)
        known = self._found.get(key)
        if known is None:
            applying = tuple(agreement for agreement in self._between(sender, recipient, on) if code in agreement.codes)
            asks = code in CASE_CODES and any(agreement.limited for agreement in applying)
            known = self._found[key] = applying, asks
        found, asks = known
        if goods is None or not asks:
            return found[0] if found else None
        about = goods()
        return next((a for a in found if about is None or a.admits(about)), None)

    def applies(self, agreement: Agreement, one: str, other: str, on: date) -> bool:
        """Return whether two countries may exchange under one of these agreements on this day."""
        return any(agreement.id == found.id for found in self._between(one, other, on))

    def recognising(self, issuer: str, receiver: str, on: date) -> tuple[Agreement, ...]:
        """Return the agreements under which ``receiver`` recognises control results of ``issuer`` on this day."""
        key = (issuer, receiver, on)
        found = self._recognising.get(key)
        if found is None:
            found = self._recognising[key] = tuple(
                a for a in self._between(issuer, receiver, on) if a.recognition is not None
            )
        return found

    def _between(self, one: str, other: str, on: date) -> tuple[Agreement, ...]:
        """Return the agreements under which the two countries may exchange on this day, whatever they cover."""
        found = self._applying.get((one, other, on))
        if found is None:
            parties = self._with(one, other)
            found = self._applying[one, other, on] = tuple(a for a in parties if a.applies(one, other, on))
        return found

    def _with(self, one: str, other: str) -> tuple[Agreement, ...]:
        """Return the agreements in force, on whatever day, to which both countries are parties."""
        found = self._parties.get((one, other))
        if found is None:
            found = self._parties[one, other] = tuple(
                a for a in self._all if a.status == IN_FORCE and one in a.parties and other in a.parties
            )
        return found

    def assumed(self) -> list[tuple[Agreement, Otherwise]]:
        """Return the agreements that are assumed otherwise than they are, as to being in force, and in what."""
        return [(one, how) for one in self._all if (how := _otherwise(one)) is not None]

    def what_if(self) -> list[str]:
        """Return a sentence for each of :meth:`assumed`."""
        return [_sentence(one, how) for one, how in self.assumed()]


def _otherwise(agreement: Agreement) -> Otherwise | None:
    real = agreement.real
    if real is None or IN_FORCE not in (agreement.status, real.status):
        return None
    if agreement.status != real.status:
        return "status"
    if agreement.carried != real.carried:
        return "carried"
    return "dates" if (agreement.since, agreement.until) != (real.since, real.until) else None


def _sentence(agreement: Agreement, how: Otherwise) -> str:
    real = agreement.real
    assert real is not None
    basis = f"({agreement.mark}: {agreement.source})"
    assumed = Assumption(status=agreement.status, since=agreement.since, until=agreement.until)
    if how == "status":
        return f"{agreement.title}: assumed {assumed}, real status: {real.status} {basis}"
    if how == "carried":
        return f"{agreement.title}: assumed {assumed} between nodes, in reality it works by other means {basis}"
    really = Assumption(status=real.status, since=real.since, until=real.until)
    return f"{agreement.title}: assumed {assumed}, really {really} {basis}"


__all__ = ["Agreements", "Assumption", "Otherwise", "UnknownAgreement"]
