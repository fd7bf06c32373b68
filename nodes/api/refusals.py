"""What a node keeps of the messages it refused.

After authentication a refusal is noted in the store, at most so many a minute for each member; before it,
when nobody knows who sent it, it is a count and a log line, and of those only a few a minute: nobody can
fill the ledger, the disk or the log.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from exchange.limits import Limits
from exchange.store import RefusalNote
from nodes.api.problems import Problem

log = logging.getLogger("corridor.node")
LOG_LINES_A_MINUTE = 10
LONGEST_WORDS = 300
"""Characters of a reason in the log."""


class Refusals:
    """Counts refusals by (status, code), (0, "handshake") for TLS handshakes, and passes notes on to the writer."""

    def __init__(self, note: Callable[[RefusalNote], None], limits: Limits) -> None:
        self.counts: Counter[tuple[int, str]] = Counter()
        self.told: Callable[[Problem, str], None] | None = None
        """Is told of each refusal and whose message it was; of nobody's where that is not known."""
        self._note = note
        self._limits = limits
        self._minute = 0
        self._in_minute: Counter[str] = Counter()

    def _often(self, who: str) -> int:
        """Return how many refusals of ``who`` this wall-clock minute has seen, this one included."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute = minute
            self._in_minute.clear()
        self._in_minute[who] += 1
        return self._in_minute[who]

    def unknown(self, problem: Problem, remote: str | None) -> None:
        """Count a refusal before authentication."""
        self.counts[(problem.status, problem.code)] += 1
        if self.told is not None:
            self.told(problem, "")
        if self._often("") <= LOG_LINES_A_MINUTE:
            log.warning("refused %s from %s: %s", problem.status, remote, _one_line(problem.detail))

    def handshake(self, reason: str) -> None:
        """Count a TLS handshake that failed: a certificate that is missing, unknown, expired or another's."""
        self.counts[(0, "handshake")] += 1
        if self._often("") <= LOG_LINES_A_MINUTE:
            log.warning("refused a TLS handshake: %s", _one_line(reason))

    def known(self, problem: Problem, member: str, sha256: str, at: datetime) -> None:
        """Count and note a refusal of an authenticated member."""
        self.counts[(problem.status, problem.code)] += 1
        if self.told is not None:
            self.told(problem, member)
        if self._often(member) <= self._limits.refusals_a_minute:
            words = _one_line(problem.detail)
            log.info("refused %s %s from %s: %s", problem.status, problem.code, member, words)
            self._note(
                RefusalNote(
                    at=at,
                    member=member,
                    sha256=sha256,
                    status=problem.status,
                    code=problem.code[:50],
                    text=problem.detail[:500],
                )
            )


def _one_line(text: str) -> str:
    """Return ``text``, which may quote what somebody sent, as one line of bounded length that forges no other."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * LONGEST_WORDS])
    return " ".join(shown.split())[:LONGEST_WORDS]


__all__ = ["Refusals"]
