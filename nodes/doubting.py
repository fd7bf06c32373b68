"""A client that does not take every refusal at its word, for live nodes that send over lines which change bytes.

A refusal settles a message only if it shows that the recipient had it as it was sent: its signature held, and what was
found wrong lies in the message. A 401, an unknown path or an unreadable header may be the line's doing, or pass when
the recipient has read its members file anew. Such a message is sent again, a few times; then the refusal stands.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange.gathering import GatheringClient
from exchange.http import Answer, Letter, Undelivered

_ABOUT_THE_MESSAGE = (403, 409, 422)
"""What a recipient answers once it knows who signed, and that the bytes are those that were signed."""
_MOST_DOUBTED = 10_000
"""Messages whose doubtful refusals are counted at once; beyond that the counting begins anew."""


def settles(answer: Answer) -> bool:
    """Return whether ``answer`` says for good what became of the message."""
    if answer.accepted:
        return True
    code = str(answer.problem.get("type", "")).rpartition(":")[2]
    if answer.problem.get("status") != answer.status:
        return False
    return (answer.status in _ABOUT_THE_MESSAGE and code != "certificate") or code == "not-xml"


class DoubtingClient(GatheringClient):
    """See the module. :attr:`Limits.doubted_refusals` is how often a message is sent again."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._doubts: dict[tuple[str, str], int] = {}

    async def post(
        self, letter: Letter, now: datetime, *, batch: tuple[int, int] | None = None, attempt: int = 1
    ) -> Answer:
        """Post as :meth:`GatheringClient.post` does; raise :class:`Undelivered` for a refusal in doubt, too."""
        answer = await super().post(letter, now, batch=batch, attempt=attempt)
        key = (letter.recipient, letter.id)
        if settles(answer):
            self._doubts.pop(key, None)
            return answer
        doubts = self._doubts.pop(key, 0) + 1
        if doubts > self._limits.doubted_refusals:
            return answer
        if len(self._doubts) >= _MOST_DOUBTED:
            self._doubts.clear()
        self._doubts[key] = doubts
        said = answer.problem.get("detail") or "nothing that can be read"
        raise Undelivered(
            f"{letter.recipient}: answered {answer.status}, which does not show that it had {letter.id} as it was "
            f"sent: {said}"
        )


__all__ = ["DoubtingClient", "settles"]
