"""Risk analysis: which controls a presentation calls for, and why.

One uniform number per (consignment, office, form), the same in every arm: a random selection is ``u`` below the
office's share, a targeted one ``u`` below the share of a rule that a known fact hits. Of what other services know only
their alerts enter here (:mod:`nodes.alerting`), so all other preliminary information cannot change who is selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.messages import ArrivalAdvice, Consignment
from exchange.references import strip_run
from nodes.case import Case
from nodes.profile import RiskRule, SidePolicy
from nodes.standing import Standing

NO_RATES: Mapping[str, float] = {}
PHYSICAL_FORMS = ("WEIGHING", "SCAN", "PHYSICAL")
"""The forms that are selected for, in the order they are made; documents are worked for every consignment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A form of control a consignment is selected for.

    ``targeted`` if a risk rule hit (named in ``rule``), else at random; ``residual`` if the draw lies below the
    residual rate, so that the control is made even where a recognised result exists.
    """

    form: str
    targeted: bool
    residual: bool
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the post found on arrival: ``seal`` INTACT, DIFFERS or BROKEN; whether the mass differs beyond tolerance."""

    seal: str = "INTACT"
    mass_differs: bool = False


def compare(
    standing: Standing,
    consignment: Consignment | None,
    arrival: ArrivalAdvice,
    seals: frozenset[str] | None = None,
) -> Found:
    """Compare seals and mass (kilograms) as found with those declared; what was not reported counts as in order.

    ``seals``: the numbers last known, where controls or handovers have changed those declared.
    """
    seal = "INTACT"
    states = {found.state for found in arrival.seals_found}
    if "BROKEN" in states or "MISSING" in states:
        seal = "BROKEN"
    elif "REPLACED" in states:
        seal = "DIFFERS"
    elif consignment is not None and arrival.seals_found:
        declared = seals
        if declared is None:
            declared = frozenset(s.id for equipment in consignment.transport_equipment for s in equipment.seals)
        if not declared.issuperset([found.id for found in arrival.seals_found]):
            seal = "DIFFERS"
    differs = False
    if consignment is not None and arrival.found_mass is not None and consignment.gross_mass > 0:
        deviation = abs(arrival.found_mass - consignment.gross_mass) / consignment.gross_mass
        differs = deviation > standing.profile.mass_tolerance
    return Found(seal=seal, mass_differs=differs)


def select(
    standing: Standing,
    case: Case,
    office: str,
    policy: SidePolicy,
    consignment: Consignment | None,
    found: Found,
    residual: Mapping[str, float] = NO_RATES,
) -> list[Selection]:
    """Return the forms of control the consignment is selected for at this office.

    ``residual``: by form, the residual rate where it is not the service's own.
    """
    profile = standing.profile
    entity = strip_run(case.ucr)
    warned = case.warned
    hits = [rule for rule in (*profile.risk_rules, *policy.rules) if _holds(rule, standing, consignment, found, warned)]
    selections = []
    for form in PHYSICAL_FORMS:
        share = policy.shares.get(form, 0.0)
        hit = _strongest(hits, form) if hits else None
        if share <= 0.0 and hit is None:
            continue
        u = profile.luck.uniform(entity, office, f"select-{form}")
        targeted = hit is not None and u < hit.share
        if targeted or u < share:
            selections.append(
                Selection(
                    form=form,
                    targeted=targeted,
                    residual=u < residual.get(form, profile.residual),
                    rule=hit.id if targeted and hit is not None else None,
                )
            )
    return selections


def _strongest(hits: list[RiskRule], form: str) -> RiskRule | None:
    """Return the strongest of the rules for ``form`` among those that a known fact hits."""
    return max((rule for rule in hits if rule.form == form), key=lambda rule: rule.share, default=None)


def _holds(rule: RiskRule, standing: Standing, consignment: Consignment | None, found: Found, warned: bool) -> bool:
    if rule.fact == "alert":
        return warned
    if rule.fact == "seal-broken":
        return found.seal == "BROKEN"
    if rule.fact == "seal-differs":
        return found.seal == "DIFFERS"
    if rule.fact == "mass-differs":
        return found.mass_differs
    if consignment is None:
        return False
    if rule.fact == "goods":
        traders = (consignment.consignor.id, consignment.consignee.id)
        items = consignment.goods_items
        return (
            (not rule.hs or any(item.hs_code.startswith(rule.hs) for item in items))
            and (not rule.origins or any(item.origin_country in rule.origins for item in items))
            and (not rule.traders or any(trader in rule.traders for trader in traders))
        )
    if rule.fact == "unlisted":
        return not standing.lists(consignment)
    return False


__all__ = ["PHYSICAL_FORMS", "Found", "Selection", "compare", "select"]
