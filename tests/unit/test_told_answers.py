"""What became of results offered, as the answers tell: refused at once, lapsed at arrival, passed back by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from exchange.messages import Header, RecognitionResponse
from exchange.messages.parts import Reason
from exchange.references import message_id
from scenarios.told import told
from scenarios.transport import Exchanged, recognition_of
from tests.journey import START

RESULT = message_id("CN", "MN", "CTR", "9CNBJ001-T01C1", 1)


def answers(*given: tuple[str, str, str], sender: str = "MN") -> list[Exchanged]:
    """Return answers (office, outcome, stage) of one service on one result, an hour apart."""
    found = []
    for number, (office, outcome, stage) in enumerate(given, 1):
        header = Header(
            message_id=message_id(sender, "CN", "RCG", "9CNBJ001-T01C1", number), message_type="RCG", sender=sender,
            recipient="CN", sent_at=START, ordinal=number,
        )  # fmt: skip
        message = RecognitionResponse(
            header=header, ucr="9CNBJ001-T01C1", control_result_id=RESULT, act_number="9930/1", form="SCAN",
            office=office, outcome=outcome, stage=stage, decided_at=START, reasons=(Reason(code="X"),),
        )  # fmt: skip
        at = START + timedelta(hours=number)
        recognition = recognition_of(message)
        found.append(Exchanged(at=at, ucr=message.ucr, header=header, accepted=True, recognition=recognition))
    return found


@pytest.mark.parametrize(
    ("given", "fate"),
    [
        ([("99301", "REFUSED", "LAPSED")], "refused"),
        ([("99301", "ACCEPTED", "CONDITIONAL"), ("99301", "REFUSED", "LAPSED")], "lapsed"),
        ([("99301", "ACCEPTED", "CONDITIONAL"), ("99301", "ACCEPTED", "CONFIRMED")], "accepted"),
    ],
)
def test_only_what_was_accepted_can_lapse(given: Sequence[tuple[str, str, str]], fate: str) -> None:
    for log in (answers(*given), answers(*given)[::-1]):
        assert [answer.fate for answer in told(log, START).answers.values()] == [fate]


def test_an_answer_that_is_passed_back_is_anothers() -> None:
    heard = told(answers(("99301", "ACCEPTED", "CONFIRMED"), ("99602010", "REFUSED", "LAPSED")), START)
    assert {key[1]: answer.fate for key, answer in heard.answers.items()} == {"MN": "accepted"}
    assert {key[1]: answer.fate for key, answer in heard.passed_back.items()} == {"RU": "refused"}
