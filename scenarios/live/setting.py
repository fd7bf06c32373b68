"""What a node that stands alone decides by: a scenario's assumptions, or the registry as it is.

With a scenario the node is that of one arm and replication, just as a run in one process would make it. Without one it
works by the agreements' real statuses and by a luck that nobody else can foresee.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from exchange.agreements import registry
from exchange.entries import FaultPlan
from exchange.errors import CorridorError
from exchange.luck import Luck
from exchange.signatures import PrivateKey
from nodes.core import NodeCore
from nodes.profile import RESULT_DUE, country_profile, profiles
from nodes.standing import Standing


class SettingError(CorridorError):
    """There is no such node in the scenario, or no such country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Which node of which scenario. ``sets`` are changes of the scenario (KEY=VALUE)."""

    scenario: str
    arm: str = "recognition"
    seed: int | None = None
    replication: int = 0
    sets: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Part:
    """A node's deciding part, what happens to its deliveries, and what it tells of itself."""

    core: NodeCore
    faults: FaultPlan | None = None
    about: dict[str, Any] = field(default_factory=dict)


def part_of(country: str, setting: Setting | None, key: PrivateKey) -> Part:
    """Return the part of the node of ``country``. ``key`` is its signing key, which a live node's luck follows from.

    Raise :class:`SettingError` for a country or service that there is not, and whatever reading a scenario raises.
    """
    if setting is None:
        return Part(_by_itself(country, key))
    from scenarios.faults import faults_of
    from scenarios.parties import build_cores
    from scenarios.scenario import load_scenario

    scenario = load_scenario(setting.scenario, setting.sets)
    if country not in scenario.services:
        raise SettingError(f"{country} is no service of {scenario.id}; it has {', '.join(scenario.services)}")
    if setting.arm not in scenario.arms:
        raise SettingError(f"{scenario.id} has no arm {setting.arm}; it has {', '.join(scenario.arms)}")
    seed = scenario.seed if setting.seed is None else setting.seed
    luck = Luck(seed, setting.replication)
    core = build_cores(scenario, setting.arm, luck)[country]
    return Part(core, faults_of(scenario, luck), about_of(scenario, setting.arm, seed, setting.replication))


def about_of(scenario: Any, arm: str, seed: int, replication: int) -> dict[str, Any]:
    """Return what a node of this arm and replication tells of itself, for a run to compare."""
    setting = {"scenario": scenario.id, "digest": scenario.digest, "arm": arm, "seed": seed}
    return {"setting": setting | {"replication": replication}}


def _by_itself(country: str, key: PrivateKey) -> NodeCore:
    known = profiles()
    if country not in known and not _is_country(country):
        raise SettingError(
            f"{country} is no country (ISO 3166-1 alpha-2); there are profiles for {', '.join(known)}, and every other "
            "country works by the general one"
        )
    seed = int.from_bytes(blake2b(key.pem(), digest_size=8, person=b"corridor luck").digest(), "big")
    profile = replace(country_profile(country, Luck(seed), {}), enquiry_after=RESULT_DUE)
    return NodeCore(Standing(profile=profile, agreements=registry(), participants=frozenset(), carriers={}))


def _is_country(code: str) -> bool:
    from schemas import codes

    return code in codes("countries")


__all__ = ["Part", "Setting", "SettingError", "about_of", "part_of"]
