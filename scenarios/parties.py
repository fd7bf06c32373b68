"""From a scenario to its services: the nodes of one arm with their profiles, agreements and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from exchange.agreements import Agreements, registry
from exchange.luck import Luck
from exchange.members import OPERATOR
from exchange.messages import format_time
from nodes.booked import Slots
from nodes.core import NodeCore
from nodes.ordering import ListChange
from nodes.profile import Person, Profile, RiskRule, SidePolicy, country_profile, profile_figures
from nodes.standing import PlannedChange, Standing
from nodes.transfer import ImageLine
from scenarios.faults import planned_outages
from scenarios.scenario.distributions import seconds
from scenarios.scenario.figures import FigureRow

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

DOCUMENTS = {"none": None, "check": "CHECK", "capture_and_check": "CAPTURE_AND_CHECK", "discharge": "DISCHARGE"}
"""Document work of a scenario file as the extent of a control."""
PRESENTATION_OF = {"DEP": "DEPARTURE", "EXT": "EXIT", "ENT": "ENTRY", "DES": "DESTINATION"}
"""Role of an office on the way of goods → as what they are presented there."""
LIST_ID = "corridor"
"""The list of participants that services tell each other of."""
PRESENTATIONS = tuple(PRESENTATION_OF.values())


def agreements_in(scenario: Scenario, arm: str) -> Agreements:
    """Return the registry with the statuses, dates and versions that hold in ``arm``."""
    everywhere = scenario.what_if if isinstance(scenario.what_if, Mapping) else {}
    return _as_assumed(
        registry(), tuple({**everywhere, **scenario.arms[arm]}.items()), tuple(scenario.versions.items())
    )


@lru_cache(maxsize=32)
def _as_assumed(
    real: Agreements, statuses: tuple[tuple[str, Any], ...], versions: tuple[tuple[str, str], ...]
) -> Agreements:
    """Return the ``real`` registry with these statuses and versions.

    Replications share it, and what it has found of whom it covers when: to find that anew took a twentieth of a trial.
    """
    known = real.with_statuses(dict(statuses))
    if not versions:
        return known
    named = dict(versions)
    return Agreements(
        replace(agreement, schema_version=named.get(agreement.id, agreement.schema_version)) for agreement in known
    )


def what_if(scenario: Scenario) -> list[str]:
    """Return a sentence for each agreement that some arm assumes otherwise than it is."""
    sentences = (sentence for arm in scenario.arms for sentence in agreements_in(scenario, arm).what_if())
    return list(dict.fromkeys(sentences))


def participants(scenario: Scenario) -> frozenset[str]:
    """Return the ids of the traders that the services have agreed on."""
    return frozenset(trader for trader, about in scenario.traders.items() if about.on_list)


def list_changes(scenario: Scenario, country: str) -> tuple[PlannedChange, ...]:
    """Return what the service of ``country`` changes in its list of participants, which it tells all the others."""
    partners = tuple(sorted(set(scenario.services) - {country}))
    planned = []
    for change in scenario.list_changes:
        if scenario.traders[change.trader].country != country:
            continue
        at = scenario.start + timedelta(seconds=seconds(change.at.value))
        verb = "Put back on the list" if change.on_list else "Taken off the list"
        order = ListChange(
            list_id=LIST_ID,
            trader=change.trader,
            on=change.on_list,
            to=partners,
            text=f"{verb}, as planned for {format_time(at)}",
            by=f"{country}.{OPERATOR}",
        )
        planned.append(PlannedChange(at, order))
    return tuple(planned)


def profile_rows(countries: Sequence[str]) -> list[FigureRow]:
    """Return the figures of the countries' profiles; those that several share stand once, with all their names."""
    shared: dict[tuple[str, tuple[str, str], str, str], list[str]] = {}
    for country in countries:
        for row in profile_figures(country):
            shared.setdefault(row, []).append(country)
    rows = []
    for (name, value, mark, source), names in shared.items():
        amount, unit = value
        rows.append(FigureRow(f"profiles.{'+'.join(names)}.{name}", amount, unit, mark, source))
    return rows


def members(scenario: Scenario) -> tuple[str, ...]:
    """Return the member ids of all posts and traders, sorted."""
    posts = {scenario.post(office) for office in scenario.offices}
    return tuple(sorted(posts | {scenario.member(trader) for trader in scenario.traders}))


def build_cores(scenario: Scenario, arm: str, luck: Luck) -> dict[str, NodeCore]:
    """Return a node for each service of the scenario, as it stands in ``arm`` of the replication of ``luck``."""
    agreements = agreements_in(scenario, arm)
    listed = participants(scenario)
    carriers = {
        scenario.sides[side].office: scenario.member(trader)
        for flow in scenario.flows
        for side, trader in flow.carriers.items()
    }
    return {
        country: NodeCore(
            Standing(
                profile=_profile(scenario, country, luck),
                agreements=agreements,
                participants=listed,
                carriers=carriers,
                rules=scenario.grades,
                planned=planned_outages(scenario, country),
                traders={trader: (about.name, about.country) for trader, about in scenario.traders.items()},
                list_changes=list_changes(scenario, country),
            )
        )
        for country in scenario.services
    }


def _profile(scenario: Scenario, country: str, luck: Luck) -> Profile:
    profile = country_profile(
        country,
        luck,
        _policies(scenario, country),
        _residual(scenario, country),
        {
            office: timedelta(hours=policy.lead_time)
            for office, policy in scenario.controls.items()
            if policy.lead_time is not None
        },
    )
    profile = replace(profile, slots=_slots(scenario, country))
    if scenario.assistance is not None:
        profile = replace(profile, person=_person(scenario))
    if scenario.images is None:
        return profile
    line = ImageLine(
        bits_per_second=scenario.images.line.value,
        stands_for=round(scenario.images.stands_for.value),
        corrupted=scenario.images.corrupted.value,
    )
    return replace(profile, images=line)


def _slots(scenario: Scenario, country: str) -> dict[tuple[str, str], Slots]:
    """Return the times that the offices of a country give to be booked, as its flows state them."""
    found = {}
    for flow in scenario.flows:
        booking, side = flow.vehicles.booking, scenario.sides[flow.sides[0]]
        if booking is not None and side.country == country:
            presentation = "EXIT" if side.direction == "exit" else "ENTRY"
            early = timedelta(seconds=booking.early.value.seconds(1 - 1e-9))
            found[side.office, presentation] = Slots(spacing=timedelta(seconds=booking.spacing), early=early)
    return found


def _policies(scenario: Scenario, country: str) -> dict[tuple[str, str], SidePolicy]:
    policies: dict[tuple[str, str], SidePolicy] = {}
    for office, about in scenario.offices.items():
        if about.country != country:
            continue
        control = scenario.controls.get(office)
        for presentation in PRESENTATIONS:
            selection = control.presentations.get(presentation) if control is not None else None  # type: ignore[call-overload]
            if control is None or selection is None:
                policies[office, presentation] = SidePolicy()
                continue
            policies[office, presentation] = SidePolicy(
                documentary=DOCUMENTS[selection.documents],
                shares={"SCAN": selection.scan, "WEIGHING": selection.weighing, "PHYSICAL": selection.physical},
                scheme=tuple(selection.scheme),
                rules=tuple(
                    RiskRule(
                        id=rule.id,
                        fact="goods",
                        form=rule.form,
                        share=rule.share,
                        hs=rule.hs,
                        origins=rule.origin,
                        traders=rule.traders,
                    )
                    for rule in control.rules
                ),
            )
    return policies


def _person(scenario: Scenario) -> Person | None:
    """Return the people who answer requests for assistance, where the scenario simulates them."""
    found = scenario.assistance
    return None if found is None else Person(explains=found.explains.value, offence=found.offence.value)


def _residual(scenario: Scenario, country: str) -> float | None:
    """Return the residual rate that the country's offices state, the highest where they differ; None if none does."""
    stated = (p.residual for p in scenario.controls.values() if p.country == country)
    return max((rate for rate in stated if rate is not None), default=None)


__all__ = ["LIST_ID", "agreements_in", "build_cores", "list_changes", "members", "participants", "what_if"]
