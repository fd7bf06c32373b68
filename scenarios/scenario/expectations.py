"""Whether a run can tell the checks of a scenario: what they need is stated, and what they name is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nodes.reasons import REFUSED_BY
from scenarios.scenario.errors import unknown
from scenarios.scenario.policy import Check

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
Finding = tuple[Location, str]

_NEEDS: dict[str, tuple[str, ...]] = {
    "coverage_kept_under_faults": (),
    "coverage_gain_at_least": ("arm", "limit"),
    "coverage_loss_at_most": ("arm", "limit"),
    "finds_no_fewer": ("arm",),
    "ends_as_without_faults": (),
    "images_repaired": (),
    "nothing_doubled": (),
    "nothing_lost": (),
    "nothing_parked": (),
    "out_of_turn_refused": (),
    "worked_under_fallback": (),
    "utilisation_at_most": ("limit",),
    "delivered_all": (),
    "distance_at_least": ("flow", "length"),
    "recognised_by_chain": (),
    "recognition_refused_for": ("reason",),
    "saved_not_negative": ("arm",),
    "journey_between": ("flow", "band"),
    "side_between": ("side", "band"),
    "last_through_within": ("flow", "other", "hours"),
    "waits_at_home_between": ("flow", "band"),
    "side_saves_at_least": ("side", "arm", "hours"),
    "side_saves_at_most": ("side", "arm", "hours"),
    "export_mass_differs_between": ("shares",),
    "export_unknown_between": ("shares",),
    "settled_between": ("shares",),
    "recovered_between": ("shares",),
    "days_to_settle_between": ("band",),
}
"""Kind of check → the fields that it needs."""
_UNDER_FAULTS = frozenset(
    {
        "coverage_kept_under_faults",
        "ends_as_without_faults",
        "nothing_doubled",
        "nothing_lost",
        "nothing_parked",
        "out_of_turn_refused",
        "worked_under_fallback",
    }
)
_COMPARES = frozenset(
    {
        "coverage_gain_at_least",
        "coverage_loss_at_most",
        "finds_no_fewer",
        "saved_not_negative",
        "side_saves_at_least",
        "side_saves_at_most",
    }
)
"""Kinds that set their arm against the baseline."""
_AT_A_SIDE = frozenset({"side_saves_at_least", "side_saves_at_most"})
"""Kinds that may set their arm against another one than the baseline."""
_OF_EXPORTS = frozenset({"export_mass_differs_between", "export_unknown_between"})
_OF_DISCREPANCIES = frozenset({"settled_between", "recovered_between", "days_to_settle_between"})


def check_problems(scenario: Scenario) -> Iterator[Finding]:
    """Yield the place and the sentence of every check that no run of ``scenario`` could tell."""
    passed = {key for flow in scenario.flows for key in flow.sides}
    flows = {flow.id for flow in scenario.flows}
    for here, check in _checks(scenario):
        for field in _NEEDS[check.kind]:
            if getattr(check, field) is None:
                yield here, f"a check of kind {check.kind} needs {field}: add it"
        yield from ((here, said) for said in _lacking(scenario, check))
        if check.side is not None and check.side not in scenario.sides:
            yield (*here, "side"), unknown("side", check.side, set(scenario.sides))
        elif check.side is not None and check.side not in passed:
            text = f"no flow passes side {check.side!r}, so the check could never be told: name one that a flow passes"
            yield (*here, "side"), text
        for field, flow in (("flow", check.flow), ("other", check.other)):
            if flow is not None and flow not in flows:
                yield (*here, field), unknown("flow", flow, flows)
        if check.arm is not None and check.arm not in scenario.arms:
            yield (*here, "arm"), unknown("arm", check.arm, set(scenario.arms))
        elif check.arm is not None and check.arm == (check.over or "baseline") and check.kind in _COMPARES:
            itself = "the baseline" if check.arm == "baseline" else f"the arm {check.arm}"
            yield (*here, "arm"), f"compares {itself} with itself: name another arm"
        if check.over is not None and check.over not in scenario.arms:
            yield (*here, "over"), unknown("arm", check.over, set(scenario.arms))
        elif check.over is not None and check.kind not in _AT_A_SIDE:
            yield (*here, "over"), f"is not used by a check of kind {check.kind}: remove it"
        if check.reason is not None and check.reason not in REFUSED_BY:
            yield (*here, "reason"), unknown("reason", check.reason, set(REFUSED_BY))
        if check.shares is not None and check.shares[0].value > check.shares[1].value:
            yield (*here, "shares"), "runs backwards, so it could never hold: give the lower share first"


def _checks(scenario: Scenario) -> Iterator[tuple[Location, Check]]:
    """Yield the place and the check of all that there are, those of the variants included."""
    for number, check in enumerate(scenario.checks):
        yield ("checks", number), check
    for name, variant in scenario.variants.items():
        for number, check in enumerate(variant.checks):
            yield ("variants", name, "checks", number), check


def _lacking(scenario: Scenario, check: Check) -> Iterator[str]:
    """Yield what the scenario lacks for a check of this kind."""
    kind = f"a check of kind {check.kind} needs"
    if check.kind in _UNDER_FAULTS and not scenario.faults:
        yield f"{kind} faults: list some, or remove it"
    if check.kind == "images_repaired" and scenario.images is None:
        yield f"{kind} images: say who takes them, or remove it"
    if check.kind in ("last_through_within", "waits_at_home_between") and not scenario.books:
        yield f"{kind} a flow with a booking"
    if check.kind in _OF_EXPORTS and all(flow.declared_ahead is None for flow in scenario.flows):
        yield f"{kind} a flow whose importers declare ahead: add 'declared_ahead' to one, or remove it"
    if check.kind in _OF_DISCREPANCIES and all(flow.differs is None for flow in scenario.flows):
        yield f"{kind} a flow with goods that differ: add 'differs' to one, or remove it"


__all__ = ["check_problems"]
