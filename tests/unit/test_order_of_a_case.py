"""What a case says to one partner leaves in the order it was said in, though every message takes a time of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from exchange.entries import Entry
from exchange.messages import ArrivalAdvice, NotificationOfCrossing
from nodes.case import Case
from nodes.draft import Draft
from nodes.standing import Standing
from tests.journey import START, UCR, Journey

HELD: dict[str, Any] = {"office": "99101", "presentation": "ENTRY"}


def due(
    case: Case, standing: Standing, at: int, *, crossed: bool, recipient: str = "CN"
) -> tuple[datetime, list[Entry]]:
    """Return when a message of this second leaves, and what it wrote."""
    now = START + timedelta(seconds=at)
    draft = Draft(case, standing, now, None)
    if crossed:
        draft.send(NotificationOfCrossing, recipient, crossed_at=now, **HELD)
    else:
        draft.send(ArrivalAdvice, recipient, arrived_at=now, seals_found=(), **HELD)
    decision = draft.decision()
    return decision.send[0].due, list(decision.entries)


def test_what_a_case_says_later_leaves_no_earlier_also_after_the_node_has_forgotten() -> None:
    standing = Journey("advance", latency_seconds=(1, 60)).cores["KZ"].standing
    overtaking = 0
    for number in range(12):
        ucr = UCR.replace("C1", f"C{number}")
        case, entries, dues = Case(ucr, "KZ"), list[Entry](), list[datetime]()
        for second in (0, 0, 5, 40, 62, 200):
            alone, _ = due(Case(ucr, "KZ"), standing, second, crossed=second != 5)
            leaves, written = due(case, standing, second, crossed=second != 5)
            overtaking += leaves > alone
            folded = Case(ucr, "KZ")
            for entry in entries:
                folded.fold(entry)
            assert due(folded, standing, second, crossed=second != 5)[0] == leaves
            for entry in written:
                case.fold(entry)
            entries += written
            dues.append(leaves)
        assert dues == sorted(dues)
        elsewhere, _ = due(case, standing, 6, crossed=True, recipient="RU")
        assert elsewhere == due(Case(ucr, "KZ"), standing, 6, crossed=True, recipient="RU")[0]
    assert overtaking
