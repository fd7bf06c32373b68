"""Watching over the services of a run that somebody else runs: what they answer, and what they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from exchange.members import Members
from exchange.messages import FunctionalRejection
from nodes.api.problems import Problem
from nodes.patient import PatientClient
from scenarios.live.complaints import SENDS, Complaints
from scenarios.live.watching import WatchingClient
from scenarios.scenario.services import Elsewhere


class Watch:
    """Gathers complaints about ``services``; of none, it watches nobody. ``now`` is node time (UTC)."""

    def __init__(self, services: Mapping[str, Elsewhere], now: Callable[[], datetime]) -> None:
        self.services = services
        self._now = now
        self.complaints = Complaints({country: about.url for country, about in services.items()})

    def client(self, members: Members, *args: Any, **options: Any) -> PatientClient:
        """Return a client that keeps to the services' time limits and notes what is wrong with their answers."""
        if not self.services:
            return PatientClient(members, *args, **options)
        limits = {country: about.time_limit for country, about in self.services.items()}
        return WatchingClient(members, *args, waits=limits, complaints=self.complaints, now=self._now, **options)

    def refused_by_node(self, country: str) -> Callable[[Problem, str], None]:
        """Return what is told of each refusal by our node of ``country``."""

        def refused(problem: Problem, member: str) -> None:
            self._refused(country, problem, member)

        return refused

    def refused_by_post(self, problem: Problem, addressee: str) -> None:
        """Note that a post or trader refused what it was sent: by its own service, which alone speaks to it."""
        if addressee[:2] in self.services:
            self._refused(addressee, problem, addressee[:2])

    def rejected(self, message: FunctionalRejection) -> None:
        """Note that one of our nodes found a message wrong after it had accepted it (NCK)."""
        reasons = "; ".join(f"{one.code} {one.rule_id or ''} {one.text}" for one in message.errors)
        text = f"{message.header.sender} rejected {message.header.correlation_id} on {message.ucr}: {reasons}"
        self.complaints.add(message.header.recipient, SENDS, text, self._now())

    def _refused(self, by: str, problem: Problem, member: str) -> None:
        service = member or (next(iter(self.services)) if len(self.services) == 1 else "")
        if service in self.services:
            text = f"{by} refused what it sent: {problem.status} {problem.code}: {problem.detail}"
            self.complaints.add(service, SENDS, text, self._now())

    def blame(self, error: Exception, check: str) -> str:
        """Return what is said of a run that ``error`` has ended: with the complaint behind it, where there is one."""
        found = self.complaints
        if not self.services:
            return str(error)
        if found.last is None:
            where = ", ".join(f"{country} at {url}" for country, url in found.urls.items())
            return f"{error} (elsewhere: {where}; check '{check}')"
        return f"{found.sentence(found.last)} — the run ended there"


__all__ = ["Watch"]
