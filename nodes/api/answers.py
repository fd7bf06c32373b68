"""What a person answers to an open matter, as the query of an order says it: the credential signs the query."""

from __future__ import annotations

from collections.abc import Mapping
from re import fullmatch

from exchange.messages import base
from nodes.api.problems import Problem
from nodes.settling import Answer

KEYS = frozenset({"text", "outcome", "explained", "offence", "evidence"})
OUTCOMES = ("ANSWERED", "PARTIAL", "REFUSED")
LONGEST = 512
"""Characters of a text (as the messages have it)."""


def read_answer(query: Mapping[str, str], member: str) -> Answer:
    """Return the answer that ``member`` gives; raise a 400 :class:`Problem` that says what is wrong with the query.

    ``text`` is needed; ``outcome`` (ANSWERED), ``explained`` (open), ``offence`` and ``evidence`` (no) may be left out.
    """
    strange = sorted(set(query) - KEYS)
    if strange:
        raise Problem(400, "bad-query", f"{', '.join(strange)}: unknown; an answer has {', '.join(sorted(KEYS))}")
    text = query.get("text", "")
    if not 1 <= len(text) <= LONGEST or fullmatch(base.TEXT, text) is None:
        raise Problem(400, "bad-query", f"text says what was found out, in 1 to {LONGEST} printable characters")
    outcome = query.get("outcome", "ANSWERED")
    if outcome not in OUTCOMES:
        raise Problem(400, "bad-query", f"outcome is one of {', '.join(OUTCOMES)}")
    explained = query.get("explained")
    return Answer(
        by=member,
        text=text,
        outcome="ANSWERED" if outcome == "ANSWERED" else "PARTIAL" if outcome == "PARTIAL" else "REFUSED",
        explained=None if explained is None else _yes("explained", explained),
        offence=_yes("offence", query.get("offence", "no")),
        may_use_as_evidence=_yes("evidence", query.get("evidence", "no")),
    )


def _yes(name: str, value: str) -> bool:
    if value not in ("yes", "no"):
        raise Problem(400, "bad-query", f"{name} is yes or no")
    return value == "yes"


__all__ = ["read_answer"]
