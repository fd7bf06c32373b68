"""Discrepancies between departure and destination: settled by records, by people, or by nobody."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.agreements import Agreements, registry
from exchange.messages import ControlResult
from nodes.profile import Person, SidePolicy
from nodes.settling import Answer
from tests.journey import INFORMATION, POLICIES, UCR, Journey

ASSISTANCE = "assistance-ru-ir"
WEIGHED = {
    **POLICIES,
    ("9911", "DEPARTURE"): SidePolicy(shares={"SCAN": 1.0}),
    ("FI999900", "DESTINATION"): SidePolicy(shares={"WEIGHING": 1.0}),
}
UNWEIGHED = {**WEIGHED, ("9911", "DEPARTURE"): SidePolicy()}


def journey_with(assistance: str, policies: Any = UNWEIGHED, **profile: Any) -> Journey:
    """Return a journey under preliminary information, with an agreement on assistance between CN and FI as it says."""
    journey = Journey("advance", policies=policies, **profile)
    found = Agreements(
        replace(a, sides=(frozenset({"CN"}), frozenset({"FI"})), joined=(), left=()) if a.id == ASSISTANCE else a
        for a in registry().with_statuses({INFORMATION: "in force", ASSISTANCE: assistance})
    )
    for core in journey.cores.values():
        core.standing = replace(core.standing, agreements=found)
    return journey


async def weigh(journey: Journey, office: str, presentation: str, result: str, found: int) -> None:
    await journey.tell(
        ControlResult, f"{'CN' if office == '9911' else 'FI'}.{office}", office=office, presentation=presentation,
        form="SCAN" if office == "9911" else "WEIGHING", extent="FULL", act_number=f"{office}/1", result=result,
        began_at=journey.now,
        ended_at=journey.now, offence_indicator=False, declared_mass=Decimal(18000), found_mass=Decimal(found),
    )  # fmt: skip


async def until_disputed(journey: Journey, *, weighed: bool = False) -> None:
    """Bring the goods to their destination, where 1,500 kg more are found than were declared."""
    await journey.declare()
    await journey.arrive("9911", "DEPARTURE")
    if weighed:
        await weigh(journey, "9911", "DEPARTURE", "A4", 19520)
    await journey.wait(minutes=1)
    await journey.depart()
    await journey.wait(days=16)
    await journey.arrive("FI999900", "DESTINATION")
    await weigh(journey, "FI999900", "DESTINATION", "A5", 19500)
    await journey.wait(minutes=5)


def states(journey: Journey, country: str) -> set[str]:
    return {movement["state"] for movement in journey.case(country)["movements"]}


async def test_what_was_weighed_the_same_at_departure_is_settled_by_the_records_at_once() -> None:
    journey = journey_with("drafted", WEIGHED)
    await until_disputed(journey, weighed=True)
    assert journey.codes("FI", "CN")[-1] == "DSC"
    assert journey.codes("CN", "FI")[-2:] == ["DSS", "WRO"]
    assert states(journey, "CN") == states(journey, "FI") == {"WRITTEN_OFF"}
    assert journey.case("CN")["open_matters"] == []


@pytest.mark.parametrize("status", ["drafted", "signed"])
async def test_under_a_draft_nobody_is_asked_and_the_discrepancy_stands_when_its_time_is_over(status: str) -> None:
    journey = journey_with(status, person=Person(explains=1.0, offence=0.0))
    await until_disputed(journey)
    await journey.wait(days=27)
    assert "MAQ" not in journey.codes("FI", "CN")
    assert states(journey, "CN") == {"DISCREPANCY"}
    await journey.wait(days=2)
    assert journey.codes("CN", "FI")[-1] == "DSS"
    assert states(journey, "CN") == states(journey, "FI") == {"RECOVERY"}
    assert journey.case("CN")["open_matters"] == []


@pytest.mark.parametrize(
    ("person", "answers", "end"),
    [
        (Person(explains=1.0, offence=0.0), ["MAS", "DSS", "WRO"], "WRITTEN_OFF"),
        (Person(explains=0.0, offence=1.0), ["MAS", "DSS"], "RECOVERY"),
        (Person(explains=0.0, offence=0.0), ["MAS"], "DISCREPANCY"),
    ],
)
async def test_in_force_a_simulated_person_answers_after_days(person: Person, answers: list[str], end: str) -> None:
    journey = journey_with("in force", person=person)
    await until_disputed(journey)
    before = journey.codes("CN", "FI")
    await journey.wait(days=2, hours=1)
    assert journey.codes("FI", "CN")[-1] == "MAQ"
    asked = next(e for e in journey.cores["CN"].case(UCR).timeline if e.message and e.message.CODE == "MAQ")  # type: ignore[union-attr]
    assert asked.message is not None and asked.message.header.agreement_id == ASSISTANCE
    await journey.wait(days=2, hours=20)
    assert journey.codes("CN", "FI") == before, "nobody answers in less than three days"
    await journey.wait(days=19)
    said = [e.at for e in journey.cores["CN"].case(UCR).timeline if e.message and e.message.CODE == "MAS"]  # type: ignore[union-attr]
    assert journey.codes("CN", "FI")[len(before) :] == answers, said
    assert states(journey, "CN") == states(journey, "FI") == {end}
    await journey.wait(days=12)
    assert states(journey, "FI") == {"RECOVERY" if end == "DISCREPANCY" else end}


async def test_without_a_simulated_person_the_request_waits() -> None:
    journey = journey_with("in force")
    await until_disputed(journey)
    await journey.wait(days=20)
    assert sorted(matter["code"] for matter in journey.case("CN")["open_matters"]) == ["DSC", "MAQ"]
    assert "MAS" not in journey.codes("CN", "FI")


def test_an_answer_is_kept_and_read_again_as_it_was_given() -> None:
    given = Answer(by="RU.OPERATOR", text="Найдено: 12 мест", explained=False, offence=True)
    assert Answer.read(given.written()) == given
