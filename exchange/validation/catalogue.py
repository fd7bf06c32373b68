"""The catalogue of business rules, whole: PIX-001 to PIX-050, with where each is applied and what is not.

The list is ``catalogue.csv`` beside this module. Level S is a rule on one message, X one across messages and the
state of a case, A one against agreements and reference data. What is checked in a message stands in
:data:`exchange.validation.rules.REGISTRY`; what nodes check is named here, and ``nodes.rules`` holds the functions.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from exchange.validation.rules import REGISTRY, Rule

Level = Literal["S", "X", "A"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRule:
    """A rule of the catalogue. ``nodes``: dotted names of the functions in which nodes apply it; ``open``: what of it
    is not applied and why, empty if nothing."""

    id: str
    level: Level
    requirement: str
    origin: str
    nodes: tuple[str, ...]
    open: str

    @property
    def in_a_message(self) -> tuple[Rule, ...]:
        """The parts that the validator or the schema keeps, by key."""
        return tuple(REGISTRY[key] for key in sorted(REGISTRY) if REGISTRY[key].id == self.id)

    @property
    def applied(self) -> bool:
        """Whether anything keeps the rule."""
        return bool(self.in_a_message or self.nodes)


@cache
def catalogue() -> tuple[CatalogueRule, ...]:
    """Return the rules of the catalogue in the order of their ids."""
    text = files(__package__).joinpath("catalogue.csv").read_text(encoding="utf-8")
    return tuple(
        CatalogueRule(
            id=row["id"],
            level=cast(Level, row["level"]),
            requirement=row["requirement"],
            origin=row["origin"],
            nodes=tuple(row["nodes"].split()),
            open=row["open"],
        )
        for row in csv.DictReader(text.splitlines())
    )


__all__ = ["CatalogueRule", "Level", "catalogue"]
