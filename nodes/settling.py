"""Discrepancies between departure and destination, and how they are settled: by records, by people, or not at all.

The service of departure looks into its own acts first: if it found the same mass when the goods left, the declaration
was wrong and the movement can be written off. What its records do not explain waits for a person, who answers by an
order of the operator (:func:`answer`). The service of destination asks for mutual assistance meanwhile (MAQ), if an
agreement covers that. What nobody has explained when the time is over stands, and what is due is recovered.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from exchange.agreements import Agreement, liaison
from exchange.luck import triangular
from exchange.messages import (
    AssistanceAnswer,
    AssistanceRequest,
    ControlResult,
    DiscrepanciesSolved,
    DiscrepancyNotice,
    Message,
)
from exchange.messages.enquiry import Resolution
from exchange.references import strip_run
from nodes.case import Case
from nodes.draft import Draft
from nodes.ending import write_off_own
from nodes.partnering import write_off

SAME = Decimal("0.01")
"""How far two weighings of the same goods may lie apart, as a share of the mass (designed)."""
SIMULATED = "simulated"
"""Who answers where a scenario simulates the people of a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person found out about an open matter.

    ``outcome``: whether the question was answered at all. ``explained``: whether that settles the discrepancy; None
    leaves it open. ``offence``: whether customs law was broken. ``by``: who answers (a member id). ``text`` goes to
    the service that asked.
    """

    by: str
    text: str
    outcome: Literal["ANSWERED", "PARTIAL", "REFUSED"] = "ANSWERED"
    explained: bool | None = None
    offence: bool = False
    may_use_as_evidence: bool = False

    def written(self) -> str:
        """Return the answer as one line of JSON: what the ledger keeps of the order."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Answer:
        """Return the answer that :meth:`written` wrote."""
        return cls(**json.loads(text))


def question(case: Case, matter: str) -> DiscrepancyNotice | AssistanceRequest | None:
    """Return the message of another service that is open under the id ``matter`` and that a person here may answer."""
    if matter not in case.open_matters:
        return None
    for entry in case.timeline:
        message = entry.message
        if message is not None and message.header.message_id == matter and message.header.recipient == case.country:
            return message if isinstance(message, DiscrepancyNotice | AssistanceRequest) else None
    return None


def explain(draft: Draft, case: Case, notice: DiscrepancyNotice) -> None:
    """Answer a notice of discrepancies from the acts of this service, or let it wait for a person until its time is up.

    To be called after the notice is noted.
    """
    movement = case.movements.get(notice.mrn)
    if movement is None or movement.departure_country != draft.country:
        return
    act = _same_mass(case, notice)
    if act is not None:
        text = f"The goods had this mass when they left (act {act.act_number}): the declaration was wrong."
        _solve(draft, case, notice, True, "CORRECTED", text)
    elif notice.answer_by is not None:
        draft.wake(f"unexplained:{notice.header.message_id}", notice.answer_by)


def _same_mass(case: Case, notice: DiscrepancyNotice) -> ControlResult | None:
    """Return an act of an own post that found the mass of which the notice says that it was found at destination."""
    found = {_kilograms(one.found) for one in notice.discrepancies if one.pointer.endswith("GrossMass")} - {None}
    if len(found) != 1 or len(notice.discrepancies) != 1:
        return None
    mass = found.pop()
    assert mass is not None
    for side in case.sides.values():
        for act in side.made:
            if act.found_mass is not None and abs(act.found_mass - mass) <= SAME * mass:
                return act
    return None


def _kilograms(text: str | None) -> Decimal | None:
    try:
        return Decimal((text or "").removesuffix(" kg"))
    except InvalidOperation:
        return None


def unexplained(draft: Draft, case: Case, matter: str) -> None:
    """The time to explain a notice is over: if nobody has, the discrepancy stands (DSS)."""
    notice = question(case, matter)
    draft.note("timer-fired", purpose=f"unexplained:{matter}")
    if isinstance(notice, DiscrepancyNotice):
        _solve(draft, case, notice, False, "UPHELD", "Nobody has explained it within the time given.")


def _solve(draft: Draft, case: Case, notice: DiscrepancyNotice, solved: bool, outcome: str, text: str) -> None:
    """Tell what became of a notice (DSS); write the movement off if it is solved."""
    draft.send(
        DiscrepanciesSolved,
        notice.header.sender,
        to=notice,
        mrn=notice.mrn,
        office=case.movements[notice.mrn].departure_office,
        solved=solved,
        solved_at=draft.now,
        resolutions=tuple(
            Resolution(sequence_number=one.sequence_number, outcome=outcome, text=text) for one in notice.discrepancies
        ),
    )
    if solved:
        write_off(draft, case, case.movements[notice.mrn], "A4", notice)


def on_solved(draft: Draft, case: Case, message: DiscrepanciesSolved) -> None:
    """The service of departure has settled a notice of this one: end the own movement to that office, too.

    To be called after the message is noted.
    """
    movement = case.movements.get(message.mrn)
    if movement is not None and message.solved and movement.destination_country == draft.country:
        write_off_own(draft, case, movement.destination_office, "A4", message)


def people_asked(draft: Draft, request: AssistanceRequest) -> None:
    """Where a scenario simulates the people of this service: let one answer in some days.

    Days are those of the liaison directory, by the luck of the consignment; whether the answer explains the
    discrepancy is luck by the shares of the profile. A live node has no such person: its operator answers.
    """
    person = draft.standing.profile.person
    if person is None:
        return
    luck, entity = draft.standing.profile.luck, strip_run(draft.case.ucr)
    days = triangular(luck.uniform(entity, draft.country, "person-days"), *liaison(draft.country).answer_days)
    draft.wake(f"person:{request.header.message_id}", draft.now + timedelta(minutes=round(days * 24 * 60)))


def person_answers(draft: Draft, case: Case, matter: str) -> None:
    """The simulated person answers, as an operator's order would; nothing if the matter is closed."""
    person = draft.standing.profile.person
    if person is None or question(case, matter) is None:
        draft.note("timer-fired", purpose=f"person:{matter}")
        return
    u = draft.standing.profile.luck.uniform(strip_run(case.ucr), draft.country, "person-finds")
    given: dict[str, Any]
    if u < person.explains:
        given = {"explained": True, "text": "The exporter's books show what was loaded; the declaration was wrong."}
    elif u < person.explains + person.offence:
        given = {"explained": False, "offence": True, "text": "The exporter's books do not show what was found."}
    else:
        given = {"outcome": "PARTIAL", "text": "The exporter could not be found at the address given."}
    answer(draft, case, matter, Answer(by=SIMULATED, **given), f"person:{matter}")


def answer(draft: Draft, case: Case, matter: str, given: Answer, purpose: str) -> None:
    """Send what a person found out: MAS for a request, DSS for a notice, and for a notice that the request is about.

    ``purpose``: the timer or order by which it is given. Nothing is sent if the matter is not open any more.
    """
    asked = question(case, matter)
    draft.note("timer-fired", purpose=purpose, answer=asdict(given), applied=asked is not None)
    notices: list[Message] = [asked] if isinstance(asked, DiscrepancyNotice) else []
    if isinstance(asked, AssistanceRequest):
        draft.send(
            AssistanceAnswer,
            asked.header.sender,
            to=asked,
            under=_agreement(draft, asked),
            reference=asked.reference,
            outcome=given.outcome,
            offence_indicator=given.offence,
            may_use_as_evidence=given.may_use_as_evidence,
            text=given.text,
        )
        open_ones = (question(case, one) for one in case.open_matters)
        notices = [
            one
            for one in open_ones
            if isinstance(one, DiscrepancyNotice) and (one.mrn, one.header.sender) == (asked.mrn, asked.header.sender)
        ]
    for notice in notices:
        assert isinstance(notice, DiscrepancyNotice)
        if given.explained is not None and notice.mrn in case.movements:
            outcome = "EXPLAINED" if given.explained else "UPHELD"
            _solve(draft, case, notice, given.explained, outcome, given.text)


def _agreement(draft: Draft, asked: AssistanceRequest) -> Agreement | None:
    """Return the agreement that a request came under, as long as it is in force."""
    known = next((one for one in draft.standing.agreements if one.id == asked.header.agreement_id), None)
    here, there, today = draft.country, asked.header.sender, draft.now.date()
    return known if known is not None and known.applies(here, there, today) else None


__all__ = ["Answer", "answer", "explain", "on_solved", "people_asked", "person_answers", "question", "unexplained"]
