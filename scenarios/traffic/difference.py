"""Two messages, or two sets of them, compared field by field, leaving out what must differ.

What a node draws for itself differs between makes: message ids, and the numbers it gives (MRN, preliminary-information
number, act). They are compared as *names*: wherever one side says a name, the other must say the one that stands for
it. The place of a message in its sender's count (``ordinal``) is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from exchange.messages import format_time
from scenarios.traffic.pairing import Key, Names, counterpart, key
from scenarios.traffic.recording import Passed

LEFT_OUT = frozenset({"header.message_id", "header.ordinal", "ucr"})
"""Fields that are never compared; messages of one base UCR are compared, whatever run and arm it is marked with."""
NAMES = frozenset({"mrn", "pi_number", "correlation_id", "control_result_id", "act_number", "previous_mrn"})
"""Last parts of fields that hold names drawn by nodes."""
TIMES = "times"
"""Given as a field to leave out, this leaves out all moments."""
_ABSENT = "–"


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
    """Pairs messages as they come with those recorded. ``recorded``: in their order; ``ids``: all that is recorded."""

    def __init__(self, recorded: Iterable[Passed], ignore: Collection[str] = (), ids: Collection[str] = ()) -> None:
        self.names = Names()
        self._ignore = frozenset(ignore)
        self._waiting: dict[Key, list[Passed]] = {}
        self._ids = set(ids)
        for one in recorded:
            self._waiting.setdefault(key(one), []).append(one)
            self._ids.add(one.id)
        self._pairs: list[Pair] = []
        self._strays: list[Passed] = []

    def take(self, found: Passed) -> Pair | None:
        """Compare a message with the recorded one that it stands for; None if that cannot be said before the end."""
        waiting = self._waiting.get(key(found), [])
        recorded = counterpart(found, waiting, self.names, self._ids)
        if recorded is None:
            self._strays.append(found)
            return None
        return self._pair(recorded, found)

    def outstanding(self, until: datetime) -> list[Passed]:
        """Return what was recorded before then and has not come."""
        return [one for waiting in self._waiting.values() for one in waiting if one.at < until]

    def pairs(self) -> list[Pair]:
        """Return all pairs, and what was recorded and never came, by time.

        What stands for nothing recorded is paired, in its order, with what is left of its kind, if it answers nothing
        that is known: another make may answer otherwise. Else it is one message too many.
        """
        strays, self._strays = self._strays, []
        for found in strays:
            about = found.message.header.correlation_id
            left = self._waiting.get(key(found), [])
            if left and (about is None or self.names.recorded(about) not in self._ids):
                self._pair(left[0], found)
            else:
                self._pairs.append(Pair(None, found))
        missing = [Pair(one, None) for waiting in self._waiting.values() for one in waiting]
        return sorted([*self._pairs, *missing], key=lambda pair: (pair.one.at, pair.one.case, pair.one.code))

    def _pair(self, recorded: Passed, found: Passed) -> Pair:
        waiting = self._waiting[key(found)]
        waiting[:] = [one for one in waiting if one is not recorded]
        pair = Pair(recorded, found, differences(recorded, found, self.names, self._ignore))
        self._pairs.append(pair)
        return pair


def counts(pairs: Iterable[Pair]) -> Mapping[str, int]:
    """Return how many pairs are the same, differ, are missing or extra."""
    found = {"same": 0, "differs": 0, "missing": 0, "extra": 0}
    for pair in pairs:
        found[pair.verdict] += 1
    return found


__all__ = ["LEFT_OUT", "NAMES", "TIMES", "Comparison", "Difference", "Names", "Pair", "counts", "differences"]
