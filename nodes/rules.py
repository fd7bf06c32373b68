"""Which rules of the catalogue the nodes apply, and in which functions.

Rules across messages (X) and against agreements (A) need what a node remembers; what one message shows is the
validator's. The list agrees with the catalogue (:mod:`exchange.validation.catalogue`); a test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange.validation.catalogue import Level, catalogue
from nodes import (
    amending,
    asking,
    comparing,
    correcting,
    decide,
    declaring,
    draft,
    evidence,
    forwarding,
    imaged,
    imaging,
    notices,
    partnering,
    presenting,
    recognition,
    risk,
    slots,
)
from nodes.api.gate import Gate
from nodes.api.intake import Intake

_APPLIED: dict[str, tuple[Callable[..., Any], ...]] = {
    "PIX-001": (Intake._judge,),
    "PIX-002": (asking.unasked, decide._from_partner),
    "PIX-003": (Gate.in_window,),
    "PIX-025": (decide._refusal, declaring._refusal),
    "PIX-027": (declaring._late, partnering.on_record),
    "PIX-028": (presenting._expired, presenting.on_arrival),
    "PIX-029": (amending.on_amendment, amending.on_invalidation),
    "PIX-030": (
        presenting.on_arrival,
        presenting.on_control_result,
        presenting.on_crossing,
        presenting.on_departure,
        partnering.on_record,
        correcting.correct,
        amending.on_amendment,
        amending.on_invalidation,
        slots.on_slot,
        asking.on_movement_matter,
        decide._on_timer,
    ),
    "PIX-031": (risk.compare, evidence.known_seals, presenting._answer_offers),
    "PIX-032": (presenting.on_crossing,),
    "PIX-033": (recognition.agreements_for, recognition.assess),
    "PIX-034": (recognition.assess,),
    "PIX-035": (recognition.assess, recognition.lapsed, evidence.repeated_act, presenting.on_control_result),
    "PIX-036": (
        evidence.image_fault,
        evidence.on_image,
        evidence.on_own_image,
        imaging.duty,
        imaging.waits_for_image,
        imaged.on_fetched,
        imaged.image_overdue,
    ),
    "PIX-037": (risk.compare, presenting._act_fault, recognition.assess),
    "PIX-038": (evidence.image_fault, evidence.on_image, evidence.on_own_image),
    "PIX-040": (presenting.on_arrival, presenting._ask_departure),
    "PIX-041": (
        comparing.out_of_order,
        presenting.on_arrival,
        presenting.on_crossing,
        presenting.on_departure,
        partnering.on_event,
    ),
    "PIX-042": (comparing.too_fast, presenting._irregular),
    "PIX-043": (partnering.on_destination_result, partnering.on_event, partnering.enquire),
    "PIX-044": (
        declaring.offer,
        evidence.on_image,
        forwarding.next_ahead,
        imaging.pass_image_on,
        recognition.assess,
    ),
    "PIX-045": (notices.stale_list, recognition.lapsed),
    "PIX-046": (asking.on_data_response, comparing.mismatches),
    "PIX-049": (asking.on_data_request,),
    "PIX-050": (draft.Draft._issue,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRule:
    """A rule as nodes apply it; ``where``: the functions that do."""

    id: str
    level: Level
    requirement: str
    origin: str
    where: tuple[Callable[..., Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted names of the functions."""
        return tuple(f"{one.__module__}.{one.__qualname__}" for one in self.where)


NODE_RULES: dict[str, NodeRule] = {
    rule.id: NodeRule(
        id=rule.id,
        level=rule.level,
        requirement=rule.requirement,
        origin=rule.origin,
        where=_APPLIED[rule.id],
    )
    for rule in catalogue()
    if rule.id in _APPLIED
}
"""The rules that nodes apply, by id."""

__all__ = ["NODE_RULES", "NodeRule"]
