"""A consignment as one service knows it: questions that read well, and answers that explain themselves.

A question is answered with a :class:`Finding`, which a failed ``assert`` shows with what it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to a question: true or false, and what it rests on, which a failed ``assert`` shows."""

    holds: bool
    text: str

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return f"<{'yes' if self.holds else 'no'}: {self.text}>"


class Case:
    """One consignment at one service. ``view`` is what ``GET /cases/{ucr}`` shows the service's operator."""

    def __init__(self, country: str, look: Callable[[], Mapping[str, Any] | None]) -> None:
        self.country = country
        self._look = look

    def __repr__(self) -> str:
        view = self.view
        return f"<case {view['ucr']} in {self.country}: {view['state']}>" if view else f"<no case in {self.country}>"

    @property
    def view(self) -> Mapping[str, Any]:
        """The case as plain JSON; empty if the service has never heard of it."""
        return self._look() or {}

    @property
    def state(self) -> str | None:
        """The state of the case (``REGISTERED``, ``IN_TRANSIT`` …), None if the service has never heard of it."""
        return self.view.get("state")

    @property
    def messages(self) -> tuple[str, ...]:
        """The codes of all messages of the case at this service, in their order."""
        return tuple(entry["code"] for entry in self._timeline())

    def is_known(self) -> Finding:
        """Has the service heard of the goods?"""
        return Finding(bool(self.view), f"{self.country} has {self._story()}")

    def is_in(self, state: str) -> Finding:
        """Is the case in ``state``?"""
        return Finding(self.state == state, f"the case in {self.country} is {self.state}; {self._story()}")

    def received(self, code: str, sender: str | None = None) -> Finding:
        """Did a message of this kind come and was it accepted, from ``sender`` or from anybody?"""
        return self._passed(code, "to", "from", sender)

    def sent(self, code: str, recipient: str | None = None) -> Finding:
        """Did the service issue a message of this kind, to ``recipient`` or to anybody?"""
        return self._passed(code, "from", "to", recipient)

    def was_recognised(self, form: str | None = None, issuer: str | None = None) -> Finding:
        """Does this service recognise another's result (of ``form``, of ``issuer``), accepted and not lapsed?"""
        return self._recognition(form, issuer, lambda row: row["outcome"] in ("ACCEPTED", "PARTIAL"))

    def refused(self, form: str | None = None, reason: str | None = None) -> Finding:
        """Did this service refuse a result, or let its recognition lapse (for ``reason``, as ``SEAL``)?"""
        return self._recognition(
            form,
            None,
            lambda row: row["outcome"] not in ("ACCEPTED", "PARTIAL") and reason in (None, *row["reasons"]),
        )

    def was_controlled(self, form: str, office: str | None = None) -> Finding:
        """Was a control of ``form`` made by this service (at ``office``)?"""
        made = [row for row in self.view.get("control_results", ()) if row["form"] == form]
        holds = any(office in (None, row["office"]) for row in made)
        acts = ", ".join(f"{row['form']} at {row['office']} {row['result']}" for row in self._results()) or "none"
        return Finding(holds, f"controls made by {self.country}: {acts}")

    def must_be_controlled(self, office: str) -> tuple[str, ...]:
        """Return the forms of control that the service still demands at ``office``."""
        sides = [side for side in self.view.get("sides", ()) if side["office"] == office]
        return tuple(row["form"] for side in sides for row in side["required"])

    def _recognition(self, form: str | None, issuer: str | None, holds: Callable[[Mapping[str, Any]], bool]) -> Finding:
        rows: Sequence[Mapping[str, Any]] = self.view.get("recognitions", ())
        fit = [row for row in rows if form in (None, row["form"]) and issuer in (None, row["issuer"])]
        told = "; ".join(
            f"{row['form']} of {row['issuer']} {row['outcome']} ({row['stage']})"
            + (f" because {', '.join(row['reasons'])}" if row["reasons"] else "")
            for row in rows
        )
        return Finding(any(map(holds, fit)), f"results offered to {self.country}: {told or 'none'}; {self._story()}")

    def _passed(self, code: str, mine: str, theirs: str, who: str | None) -> Finding:
        found = [
            entry
            for entry in self._timeline()
            if entry["code"] == code and entry[mine] == self.country and who in (None, entry[theirs])
        ]
        return Finding(bool(found), f"{len(found)} such messages; {self._story()}")

    def _timeline(self) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = self.view.get("timeline", ())
        return rows

    def _results(self) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = self.view.get("control_results", ())
        return rows

    def _story(self) -> str:
        rows = self._timeline()
        if not rows:
            return "nothing of this case"
        told = ", ".join(f"{row['code']} {row['from']}→{row['to']}" for row in rows[-12:])
        count = "1 message" if len(rows) == 1 else f"{len(rows)} messages"
        return f"{count} of this case, the last: {told}"


__all__ = ["Case", "Finding"]
