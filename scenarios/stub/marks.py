"""Marks: words in a UCR that tell a stub how to answer.

A UCR asks for something if it begins with a digit, a country and ``STUB``: ``7CNSTUB-SCAN-D30S-001``. Between dashes
or dots stand marks of this catalogue; ``D`` with a number and S, M or H is a delay; what is neither is only a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

Group = Literal["declarations", "controls", "recognition", "posts", "answers", "deliveries"]
LONGEST_DELAY = timedelta(hours=24)
WAIT = timedelta(seconds=5)
"""The delay of a mark that needs one where the UCR names none."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word and what it asks for."""

    word: str
    group: Group
    text: str


CATALOGUE: tuple[Mark, ...] = (
    Mark("REGISTERED", "declarations", "a declaration (ADV) is registered, however late it comes"),
    Mark("LATE", "declarations", "a carrier's filing is registered as late (REG LATE)"),
    Mark("REFUSED", "declarations", "a declaration is refused (REG REFUSED)"),
    Mark("PASS", "controls", "an arrival needs no control: the control decision (CTD) is empty"),
    Mark("DOCUMENTS", "controls", "a documentary control is ordered on arrival"),
    Mark("SCAN", "controls", "a scan is ordered on arrival, unless a recognised one stands for it"),
    Mark("WEIGHING", "controls", "weighing is ordered on arrival"),
    Mark("PHYSICAL", "controls", "a physical inspection is ordered on arrival"),
    Mark("DECLINED", "recognition", "a control result that is offered is not recognised (RCG REFUSED)"),
    Mark("ARRIVES", "posts", "after AAR or ATR, the post reports arrival, makes the controls and lets the goods go"),
    Mark("IRREGULAR", "posts", "as ARRIVES, but a physical inspection finds an irregularity (CTR B1)"),
    Mark("SEAL", "posts", "as ARRIVES, but the first seal is found broken"),
    Mark("IMAGE", "posts", "as ARRIVES with a scan, of which there is an inspection image (IMG)"),
    Mark("CORRUPT", "posts", "as IMAGE, but whoever fetches the image gets other bytes"),
    Mark("SLOW", "answers", "the HTTP answer comes after the delay"),
    Mark("SILENT", "answers", "no answer: the connection is closed after the delay, and nothing was accepted"),
    Mark("LOSTANSWER", "answers", "accepted, but the first answer is lost; a retry is answered"),
    Mark("BUSY", "answers", "the first two attempts get 503 with Retry-After, the third is accepted"),
    Mark("INVALID", "answers", "422, as if the message were invalid"),
    Mark("NOAGREEMENT", "answers", "403, as if no agreement covered the message"),
    Mark("WINDOW", "answers", "401, as if the signature were too old"),
    Mark("GARBAGE", "answers", "202 with bytes that are no answer"),
    Mark("FALSERECEIPT", "answers", "202 with a receipt, rightly signed, for other bytes"),
    Mark("DUPLICATE", "deliveries", "every message to partners is delivered twice"),
    Mark("REORDER", "deliveries", "messages to partners of one moment go in the wrong order, the later first"),
    Mark("MUTE", "deliveries", "no message to partners leaves at all"),
)
"""All marks. A delay alone (``D90S``) holds back every message to partners for that long."""
WORDS: Mapping[str, Mark] = {mark.word: mark for mark in CATALOGUE}
_MARKED = re.compile(r"[0-9][A-Z]{2}STUB[-.]([A-Z0-9.-]+)")
_DELAY = re.compile(r"D([0-9]{1,5})([SMH])")
_UNIT = {"S": 1, "M": 60, "H": 3600}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a UCR asks for: ``words`` of the catalogue, and the ``delay`` it names (None: none)."""

    words: frozenset[str] = frozenset()
    delay: timedelta | None = None

    def __bool__(self) -> bool:
        return bool(self.words) or self.delay is not None

    def any(self, *words: str) -> bool:
        """Return whether one of ``words`` is asked for."""
        return not self.words.isdisjoint(words)

    @property
    def wait(self) -> timedelta:
        """Return the delay, or :data:`WAIT` where none is named."""
        return WAIT if self.delay is None else self.delay


NOTHING = Asked()


@lru_cache(maxsize=4096)
def asked(ucr: str) -> Asked:
    """Return what ``ucr`` asks for: nothing, unless it is marked."""
    marked = _MARKED.fullmatch(ucr)
    if marked is None:
        return NOTHING
    delay = None
    words = set()
    for part in re.split(r"[-.]", marked[1]):
        if part in WORDS:
            words.add(part)
        elif named := _DELAY.fullmatch(part):
            delay = min(timedelta(seconds=int(named[1]) * _UNIT[named[2]]), LONGEST_DELAY)
    return Asked(frozenset(words), delay)


__all__ = ["CATALOGUE", "LONGEST_DELAY", "NOTHING", "WAIT", "WORDS", "Asked", "Group", "Mark", "asked"]
