"""What became of results offered for recognition, from the answers as they pass."""

from __future__ import annotations

from scenarios.demo.recognised import OPEN, Recognitions
from scenarios.demo.told import Passed
from scenarios.told import Answer


def _result(name: str, at: int = 0) -> Passed:
    return Passed(at, "C1", "CTR", "CN", "KZ", name, None, True)


def _answer(at: int, result: str, outcome: str, stage: str, *reasons: str, of: str = "", by: str = "KZ") -> Passed:
    answer = Answer("SCAN", outcome, stage, reasons, of)
    return Passed(at, "C1", "RCG", by, "CN", f"{by}-{result}-{at}", result, True, "", (result, answer))


def _fates(messages: list[Passed]) -> dict[str, str]:
    told = Recognitions()
    told.take(messages)
    return {result: one.fate for (_, result), one in told.found.items()}


def test_an_answer_is_open_until_arrival_and_then_what_the_last_one_says() -> None:
    first = [_result("a"), _answer(1, "a", "ACCEPTED", "CONDITIONAL")]
    assert _fates(first) == {"a": OPEN}
    assert _fates([*first, _answer(9, "a", "ACCEPTED", "CONFIRMED")]) == {"a": "accepted"}
    assert _fates([*first, _answer(9, "a", "REFUSED", "LAPSED", "SEAL")]) == {"a": "lapsed"}


def test_what_was_refused_from_the_beginning_has_not_lapsed() -> None:
    assert _fates([_answer(1, "a", "REFUSED", "CONDITIONAL", "LATE")]) == {"a": "refused"}
    both = [_answer(1, "a", "REFUSED", "CONDITIONAL", "LATE"), _answer(2, "a", "REFUSED", "LAPSED", "LATE")]
    assert _fates(both) == {"a": "refused"}


def test_answers_passed_back_and_refused_messages_do_not_count() -> None:
    passed_back = _answer(5, "b", "ACCEPTED", "CONFIRMED", of="RU")
    refused = _answer(5, "c", "ACCEPTED", "CONFIRMED")._replace(accepted=False)
    assert _fates([passed_back, refused]) == {}


def test_it_takes_messages_as_they_come_and_knows_whose_result_it_was() -> None:
    told = Recognitions()
    messages = [_result("a"), _answer(1, "a", "PARTIAL", "CONDITIONAL", "SCOPE")]
    told.take(messages)
    messages.append(_answer(7, "a", "PARTIAL", "CONFIRMED", "SCOPE"))
    told.take(messages)
    told.take(messages)
    (one,) = told.found.values()
    assert (one.of, one.by, one.fate, one.reasons, one.at, one.message) == (
        "CN",
        "KZ",
        "partial",
        ("SCOPE",),
        7,
        "KZ-a-7",
    )
