"""Two messages, or two sets of them, compared field by field, leaving out what must differ.

What a node draws for itself differs between makes: message ids, and the numbers it gives (MRN, preliminary-information
number, act). They are compared as *names*: wherever one side says a name, the other must say the one that stands for
it. The place of a message in its sender's count (``ordinal``) is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from exchange.messages import format_time
from exchange.references import strip_run
from scenarios.traffic.recording import Passed

LEFT_OUT = frozenset({"header.message_id", "header.ordinal", "ucr"})
"""Fields that are never compared; messages of one base UCR are compared, whatever run and arm it is marked with."""
NAMES = frozenset({"mrn", "pi_number", "correlation_id", "control_result_id", "act_number", "previous_mrn"})
"""Last parts of fields that hold names drawn by nodes."""
TIMES = "times"
"""Given as a field to leave out, this leaves out all moments."""
_ABSENT = "–"

Key = tuple[str, str, str]
"""Recipient, base UCR, code: messages of one key are compared in their order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two messages say otherwise: a path as ``consignment.goods_items[1].hs_code``."""

    path: str
    recorded: str
    found: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A recorded message beside what came for it (either may be missing), and how they differ."""

    recorded: Passed | None
    found: Passed | None
    differences: tuple[Difference, ...] = ()

    @property
    def verdict(self) -> str:
        """``same``, ``differs``, ``missing`` (recorded only) or ``extra`` (found only)."""
        if self.recorded is None:
            return "extra"
        if self.found is None:
            return "missing"
        return "differs" if self.differences else "same"

    @property
    def one(self) -> Passed:
        """The recorded message, or the one found where none was recorded."""
        found = self.recorded or self.found
        assert found is not None
        return found


@dataclass(slots=True)
class Names:
    """Which name of the one side stands for which of the other."""

    known: dict[str, str] = field(default_factory=dict)
    _back: dict[str, str] = field(default_factory=dict)

    def same(self, recorded: str, found: str) -> bool:
        """Return whether two names may stand for one another, and remember that they do."""
        if recorded not in self.known and found not in self._back:
            self.known[recorded], self._back[found] = found, recorded
        return self.known.get(recorded) == found

    def renamed(self, data: bytes) -> bytes:
        """Return recorded XML with all names replaced by those that stand for them."""
        for recorded, found in self.known.items():
            if recorded != found:
                data = data.replace(recorded.encode(), found.encode())
        return data


def differences(recorded: Passed, found: Passed, names: Names, ignore: Collection[str] = ()) -> tuple[Difference, ...]:
    """Return how ``found`` differs from ``recorded``; ``ignore``: fields, or last parts of fields, not to compare."""
    names.same(recorded.id, found.id)
    rows = []
    moments = TIMES in ignore
    if "at" not in ignore and not moments and recorded.at != found.at:
        rows.append(Difference("at", format_time(recorded.at), format_time(found.at)))
    if recorded.accepted != found.accepted:
        rows.append(Difference("accepted", _said(recorded.accepted), _said(found.accepted)))
    before, after = dict(_fields(recorded.message)), dict(_fields(found.message))
    for path in dict.fromkeys([*before, *after]):
        last = path.rpartition(".")[2].partition("[")[0]
        if path in LEFT_OUT or path in ignore or last in ignore:
            continue
        one, other = before.get(path), after.get(path)
        if last in NAMES and isinstance(one, str) and isinstance(other, str):
            if names.same(one, other):
                continue
        elif one == other or (moments and isinstance(one, datetime) and isinstance(other, datetime)):
            continue
        rows.append(Difference(path, _said(one), _said(other)))
    return tuple(rows)


def _fields(value: BaseModel, at: str = "") -> Iterator[tuple[str, Any]]:
    for name in type(value).model_fields:
        yield from _parts(getattr(value, name), f"{at}.{name}" if at else name)


def _parts(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        yield from _fields(value, at)
    elif isinstance(value, tuple):
        for number, part in enumerate(value, 1):
            yield from _parts(part, f"{at}[{number}]")
    elif value is not None:
        yield at, value


def _said(value: object) -> str:
    if value is None:
        return _ABSENT
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


class Comparison:
    """Pairs messages of one sender as they come with those recorded. ``recorded``: in their order."""

    def __init__(self, recorded: Iterable[Passed], ignore: Collection[str] = ()) -> None:
        self.names = Names()
        self._ignore = frozenset(ignore)
        self._waiting: dict[Key, list[Passed]] = {}
        for one in recorded:
            self._waiting.setdefault(_key(one), []).append(one)
        self._pairs: list[Pair] = []

    def take(self, found: Passed) -> Pair:
        """Compare a message with the next recorded one of its recipient, case and code."""
        waiting = self._waiting.get(_key(found))
        if not waiting:
            pair = Pair(None, found)
        else:
            recorded = waiting.pop(0)
            pair = Pair(recorded, found, differences(recorded, found, self.names, self._ignore))
        self._pairs.append(pair)
        return pair

    def outstanding(self, until: datetime) -> int:
        """Return how many messages recorded before then have not come."""
        return sum(one.at < until for waiting in self._waiting.values() for one in waiting)

    def pairs(self) -> list[Pair]:
        """Return all pairs, and what was recorded and never came, by time."""
        missing = [Pair(one, None) for waiting in self._waiting.values() for one in waiting]
        return sorted([*self._pairs, *missing], key=lambda pair: (pair.one.at, pair.one.case, pair.one.code))


def counts(pairs: Iterable[Pair]) -> Mapping[str, int]:
    """Return how many pairs are the same, differ, are missing or extra."""
    found = {"same": 0, "differs": 0, "missing": 0, "extra": 0}
    for pair in pairs:
        found[pair.verdict] += 1
    return found


def _key(one: Passed) -> Key:
    return (one.recipient, strip_run(one.case) if one.case else "", one.code)


__all__ = ["LEFT_OUT", "NAMES", "TIMES", "Comparison", "Difference", "Names", "Pair", "counts", "differences"]
