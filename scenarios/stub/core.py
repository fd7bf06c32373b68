"""The deciding part of a stub: a node that decides what a UCR asks for, and otherwise as any node does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from exchange.entries import Decision, Input, Timer
from exchange.messages import AdvanceDeclaration, Message, RecognitionResponse, RegistrationResult
from exchange.messages.parts import Reason
from nodes.case import Case
from nodes.core import NodeCore
from nodes.decide import decide
from nodes.draft import Draft
from nodes.profile import Profile, SidePolicy
from nodes.standing import Standing
from scenarios.stub.marks import Asked, asked

M = TypeVar("M", bound=Message)
FORMS = ("SCAN", "WEIGHING", "PHYSICAL")
CONTROLS = ("PASS", "DOCUMENTS", *FORMS)
EVER = timedelta(days=36_500)
WHY = Reason(code="STUB", text="The reference asks for it: this is a stub, not a service.")


class StubCore(NodeCore):
    """Decides as its standing says, but for cases whose UCR asks for something (:mod:`scenarios.stub.marks`)."""

    def judge(self, case: Case, given: Input, now: datetime) -> Decision:
        """Return what is made of ``given``: what its UCR asks for, or what any node would make of it."""
        found = asked(given.case if isinstance(given, Timer) else given.ucr)
        if not found:
            return super().judge(case, given, now)
        if "REFUSED" in found.words and isinstance(given, AdvanceDeclaration) and "." in given.header.sender:
            draft = Draft(case, self.standing, now, given.header.corridor_id)
            draft.note("received", given, applied=False)
            draft.reply(RegistrationResult, given.header.sender, to=given, result="REFUSED", reasons=(WHY,))
            return draft.decision()
        decision = decide(case, told(self.standing, found), given, now)
        return _changed(decision, _declined) if "DECLINED" in found.words else decision


def told(standing: Standing, found: Asked) -> Standing:
    """Return ``standing`` with the policies and lead times that are asked for."""
    profile = standing.profile
    if found.any("LATE", "REGISTERED"):
        lead = EVER if "LATE" in found.words else -EVER
        profile = replace(profile, lead_times=dict.fromkeys(profile.offices, lead))
    words = found.words
    if found.any("IRREGULAR"):
        words |= {"PHYSICAL"}
    if found.any("IMAGE", "CORRUPT"):
        words |= {"SCAN"}
    if not words.isdisjoint(CONTROLS):
        profile = _ordering(profile, words)
    return standing if profile is standing.profile else replace(standing, profile=profile)


def _ordering(profile: Profile, words: frozenset[str]) -> Profile:
    policy = SidePolicy(
        documentary="CHECK" if "DOCUMENTS" in words else None, shares={form: 1.0 for form in FORMS if form in words}
    )
    return replace(profile, policies=dict.fromkeys(profile.policies, policy), residual=0.0, risk_rules=())


def _declined(message: Message) -> Message:
    if not isinstance(message, RecognitionResponse):
        return message
    return message.model_copy(update={"outcome": "REFUSED", "stage": "LAPSED", "reasons": (WHY,)})


def _changed(decision: Decision, change: Callable[[Message], Message]) -> Decision:
    """Return ``decision`` with every message that it issues changed."""
    return decision._replace(
        entries=tuple(
            entry._replace(message=change(entry.message)) if entry.kind == "issued" and entry.message else entry
            for entry in decision.entries
        ),
        send=tuple(one._replace(message=change(one.message)) for one in decision.send),
        reply=tuple(change(message) for message in decision.reply),
    )


__all__ = ["StubCore", "told"]
