"""What became of control results that were offered for recognition, in one arm, read from the answers as they pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.demo.told import Passed

OPEN = "open"
"""The fate of a result that is accepted until arrival."""
FATES = ("accepted", "partial", OPEN, "refused", "lapsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A result offered and its last answer. ``of``: who sent it; ``at`` and ``message``: when and by which answer."""

    case: str
    result: str
    of: str
    by: str
    form: str
    fate: str
    reasons: tuple[str, ...]
    at: int
    message: str


class Recognitions:
    """Gathers the answers of one arm; :meth:`take` its messages, all so far, as often as one likes."""

    def __init__(self) -> None:
        self._seen = 0
        self._senders: dict[str, str] = {}
        self._promised: set[tuple[str, str]] = set()
        self.found: dict[tuple[str, str], Recognised] = {}
        """By (service that answered, id of the result), in the order of the first answer."""

    def take(self, messages: Sequence[Passed]) -> None:
        """Add what has passed since the last time; answers that a service between passes back are left out."""
        for one in messages[self._seen :]:
            if one.code == "CTR":
                self._senders[one.id] = one.sender
            if one.answers is not None and one.accepted and not one.answers[1].of:
                self._answered(one)
        self._seen = len(messages)

    def _answered(self, one: Passed) -> None:
        assert one.answers is not None
        result, answer = one.answers
        key = (one.sender, result)
        if answer.stage == "CONDITIONAL" and answer.outcome != "REFUSED":
            self._promised.add(key)
        known = self.found.get(key)
        if known is not None and one.at < known.at:
            return
        fate = answer._replace(promised=key in self._promised).fate
        self.found[key] = Recognised(
            case=one.case,
            result=result,
            of=self._senders.get(result, ""),
            by=one.sender,
            form=answer.form,
            fate=OPEN if answer.stage == "CONDITIONAL" and fate != "refused" else fate,
            reasons=answer.reasons,
            at=one.at,
            message=one.id,
        )


__all__ = ["FATES", "OPEN", "Recognised", "Recognitions"]
