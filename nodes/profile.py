"""A country's profile: what its service controls where, whom it trusts, how fast its messages travel.

Profiles are data (``profiles/<country>.yaml``); a scenario overrides them office by office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from exchange.luck import Luck
from nodes.booked import Slots
from nodes.transfer import REAL_LINE, ImageLine


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    """A rule that selects consignments for one form of control *because of* a fact known in every arm, or of an alert.

    ``fact`` is ``goods`` (HS prefixes in ``hs``, countries of origin in ``origins``, party ids in ``traders``, all
    that are given must hold), ``unlisted`` (a trader is on no list), ``seal-broken``, ``seal-differs``,
    ``mass-differs`` (found at arrival), ``alert`` (another service has warned of the goods). ``share`` is the
    probability that a consignment the rule hits is selected (designed).
    """

    id: str
    fact: str
    form: str
    share: float
    hs: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    traders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePolicy:
    """What an office controls at one presentation.

    ``documentary`` is the extent worked without preliminary information (None: no documentary control). ``shares`` are
    the probabilities of a random selection by form; ``scheme`` names the forms that every consignment gets whose result
    another service would recognise; ``rules`` are the office's own risk rules.
    """

    documentary: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    scheme: tuple[str, ...] = ()
    rules: tuple[RiskRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The people of a service who answer requests for assistance, as a scenario simulates them.

    ``explains`` and ``offence``: shares (0–1) of requests whose answer explains what was found, or tells of an offence.
    The rest could not be found out.
    """

    explains: float
    offence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One service. ``policies`` by (office, presentation); ``residual``: share of recognised controls made anyway;
    ``residual_stated``: that is the service's own policy, and goes before an agreement's.

    ``lead_times`` by office: how long before the expected arrival information must be there to be usable (PIX-027).
    ``check_ahead``: how long before the expected arrival documents known in advance are given to the post to check.
    ``enquiry_after``: how long after arrival a control result at destination is enquired for (PIX-043); None: never,
    as in a run, which ends when the last vehicle is through. ``delivery_terms``: the Incoterms code that this service's
    export declarations state, where they do; PIX declarations do not.
    ``images``: the line over which inspection images come.
    ``latency_seconds``: least and greatest time a message takes to a partner, whole seconds, at least 1.
    """

    country: str
    policies: Mapping[tuple[str, str], SidePolicy]
    luck: Luck
    residual: float = 0.02
    residual_stated: bool = True
    lead_times: Mapping[str, timedelta] = field(default_factory=dict)
    mass_tolerance: Decimal = Decimal("0.10")
    latency_seconds: tuple[int, int] = (1, 3)
    check_ahead: timedelta = timedelta(hours=96)
    risk_rules: tuple[RiskRule, ...] = ()
    enquiry_after: timedelta | None = None
    delivery_terms: str | None = None
    person: Person | None = None
    """People who answer on their own, in a scenario; None in a live node, where the operator answers."""
    images: ImageLine = REAL_LINE
    slots: Mapping[tuple[str, str], Slots] = field(default_factory=dict)
    """Times to be booked, by (office, presentation), where an office gives any."""
    offices: frozenset[str] = field(init=False, repr=False, compare=False)
    """The offices that have a policy: the posts of this service."""

    def __post_init__(self) -> None:
        """Gather the offices once: every message asks whether its sender or recipient is a post."""
        object.__setattr__(self, "offices", frozenset(office for office, _ in self.policies))

    def policy(self, office: str, presentation: str) -> SidePolicy:
        """Return what the office does at this presentation; an office without a policy controls nothing."""
        return self.policies.get((office, presentation), NO_CONTROL)

    def lead_time(self, office: str) -> timedelta:
        """Return the lead time of the office (two hours where none is given, EAEU practice)."""
        return self.lead_times.get(office, timedelta(hours=2))


NO_CONTROL = SidePolicy()
RESULT_DUE = timedelta(days=6)
"""Within what time of arrival the result at destination is due (UCC Implementing Act, Article 310)."""


def country_profile(
    country: str,
    luck: Luck,
    policies: Mapping[tuple[str, str], SidePolicy],
    residual: float | None = None,
    lead_times: Mapping[str, timedelta] | None = None,
) -> Profile:
    """Return the profile of a country from its data file, with the offices' policies of a scenario.

    ``residual`` (0–1) replaces the file's, and any agreement's. A country without a file takes that of ``XX``.
    """
    data = _profile_data(country)
    seconds = data["latency_seconds"]["is"]
    return Profile(
        country=country,
        policies=policies,
        luck=luck,
        residual=data["residual"]["is"] if residual is None else residual,
        residual_stated=residual is not None,
        lead_times=lead_times or {},
        mass_tolerance=Decimal(str(data["mass_tolerance"]["is"])),
        latency_seconds=(seconds[0], seconds[1]),
        check_ahead=timedelta(hours=data["check_ahead_hours"]["is"]),
        delivery_terms=data.get("delivery_terms", {}).get("is"),
        risk_rules=tuple(
            RiskRule(id=rule["id"], fact=rule["fact"], form=rule["form"], share=rule["share"]["is"])
            for rule in data["risk_rules"]
        ),
    )


def profile_figures(country: str) -> list[tuple[str, tuple[str, str], str, str]]:
    """Return the figures of a country's profile as (name, (value, unit), mark, source), for people to read."""
    data = _profile_data(country)
    rows = []
    for name, unit in {"residual": "", "mass_tolerance": "", "latency_seconds": "s", "check_ahead_hours": "h"}.items():
        value = data[name]["is"]
        shown = " to ".join(str(part) for part in value) if isinstance(value, list) else str(value)
        rows.append((name, (shown, unit), data[name]["mark"], data[name]["source"]))
    for rule in data["risk_rules"]:
        share = rule["share"]
        rows.append((f"risk_rules.{rule['id']}.share", (str(share["is"]), ""), share["mark"], share["source"]))
    return rows


def profiles() -> tuple[str, ...]:
    """Return the countries that have a profile of their own, sorted."""
    folder = resources.files("nodes").joinpath("profiles")
    names = (entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name for name in names if name != "XX"))


@lru_cache(maxsize=64)
def _profile_data(country: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    folder = resources.files("nodes").joinpath("profiles")
    general: dict[str, Any] = YAML(typ="safe", pure=True).load(folder.joinpath("XX.yaml").read_text(encoding="utf-8"))
    own = folder.joinpath(f"{country}.yaml")
    if own.is_file():
        general.update(YAML(typ="safe", pure=True).load(own.read_text(encoding="utf-8")) or {})
    return general


UNIONS: Mapping[str, frozenset[str]] = {
    "EAEU": frozenset({"AM", "BY", "KG", "KZ", "RU"}),
    "EU": frozenset(
        {
            "AT",
            "BE",
            "BG",
            "CY",
            "CZ",
            "DE",
            "DK",
            "EE",
            "ES",
            "FI",
            "FR",
            "GR",
            "HR",
            "HU",
            "IE",
            "IT",
            "LT",
            "LU",
            "LV",
            "MT",
            "NL",
            "PL",
            "PT",
            "RO",
            "SE",
            "SI",
            "SK",
        }
    ),
}
"""Customs unions: inside one nothing crosses a customs border."""


@lru_cache(maxsize=512)
def union_of(country: str) -> frozenset[str]:
    """Return the customs territory of a country: its union's members, or itself alone."""
    return next((members for members in UNIONS.values() if country in members), frozenset({country}))


__all__ = [
    "NO_CONTROL",
    "RESULT_DUE",
    "UNIONS",
    "Person",
    "Profile",
    "RiskRule",
    "SidePolicy",
    "country_profile",
    "profile_figures",
    "profiles",
    "union_of",
]
