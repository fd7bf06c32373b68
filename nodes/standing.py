"""What a node knows apart from any case: its profile, the agreements, who is on the corridor's list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange.agreements import Agreements
from exchange.messages import Consignment
from nodes.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The fold of a node's own stream. ``participants`` are the traders agreed on in advance (party ids)."""

    profile: Profile
    agreements: Agreements
    participants: frozenset[str]
    carriers: Mapping[str, str]
    """Office → member id of the carrier that files there and is told of releases and write-offs."""

    @property
    def country(self) -> str:
        """The node's country, which is its member id."""
        return self.profile.country

    def lists(self, consignment: Consignment) -> bool:
        """Return whether consignor and consignee both stand on the corridor's list."""
        return {consignment.consignor.id, consignment.consignee.id} <= self.participants

    def describe(self) -> dict[str, Any]:
        """Return, as plain JSON, what the node's opening entry records of its standing."""
        return {
            "country": self.country,
            "residual": self.profile.residual,
            "agreements": {a.id: a.status for a in self.agreements},
            "participants": sorted(self.participants),
        }


__all__ = ["Standing"]
