"""Which rules of the catalogue the nodes apply, and in which functions.

Rules across messages (X) and against agreements (A) need what a node remembers; what one message shows is the
validator's. The list agrees with the catalogue (:mod:`exchange.validation.catalogue`); a test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exchange.validation.catalogue import Level, catalogue
from nodes import decide, declaring, draft, partnering, presenting, recognition, risk
from nodes.api.gate import Gate
from nodes.api.intake import Intake

_APPLIED: dict[str, tuple[Callable[..., Any], ...]] = {
    "PIX-001": (Intake._judge,),
    "PIX-003": (Gate.in_window,),
    "PIX-025": (decide._refusal, declaring._refusal),
    "PIX-027": (declaring._late, partnering.on_record),
    "PIX-030": (
        presenting.on_arrival,
        presenting.on_control_result,
        presenting.on_crossing,
        presenting.on_departure,
        partnering.on_record,
        decide._on_timer,
    ),
    "PIX-031": (risk.compare, presenting._answer_offers),
    "PIX-033": (recognition.agreements_for, recognition.assess),
    "PIX-034": (recognition.assess,),
    "PIX-035": (recognition.assess, recognition.case_age),
    "PIX-037": (risk.compare,),
    "PIX-043": (partnering.on_destination_result,),
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
