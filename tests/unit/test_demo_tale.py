"""The story of a consignment is cut at the borders of its way, alike in all arms, and nothing is told twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scenarios.demo.show import ArmStory
from scenarios.demo.tale import AFTER, BEFORE, ArmTale, Stage, hours_at, hours_in_all, stages, stops_of
from scenarios.demo.told import Passed
from scenarios.events import Event

START = datetime(2016, 1, 1, tzinfo=UTC)
ENTRY, WAY = Stage("side", "KZ1-entry"), Stage("way", "0")


def _story(*events: tuple[int, str, dict[str, Any]], messages: tuple[int, ...] = ()) -> ArmStory:
    story = ArmStory("baseline")
    story.events = [Event(at, "C1", number, kind, data) for number, (at, kind, data) in enumerate(events)]
    story.messages = [Passed(at, "C1", "AAR", "CN", "KZ", f"m{at}", None, True) for at in messages]
    return story


WHOLE = (
    (100, "lodged", {"office": "CN1"}),
    (200, "departed", {"place": "a", "km": 0.0}),
    (1000, "arrived", {"side": "KZ1-entry", "km": 10.0}),
    (1100, "released", {"side": "KZ1-entry"}),
    (1200, "handled", {"side": "KZ1-entry"}),
    (8200, "crossed", {"side": "KZ1-entry", "km": 10.0}),
    (9200, "delivered", {"place": "b", "km": 20.0}),
)


def _tale(story: ArmStory) -> ArmTale:
    tale = ArmTale("C1")
    tale.take(story)
    return tale


def test_stages_follow_the_way_and_what_ends_one_belongs_to_it() -> None:
    tale = _tale(_story(*WHOLE, messages=(50, 300, 1000, 8500, 9900)))
    assert stages([tale]) == [BEFORE, WAY, ENTRY, Stage("way", "1"), AFTER]
    cells = tale.cells([])
    assert {stage: [e.kind for e in cell.events] for stage, cell in cells.items()} == {
        BEFORE: ["lodged", "departed"],
        WAY: [],
        ENTRY: ["arrived", "released", "crossed"],
        Stage("way", "1"): [],
        AFTER: ["delivered"],
    }
    assert [[m.at for m in cell.messages] for cell in cells.values()] == [[50], [300], [1000], [8500], [9900]]
    assert hours_at(tale, "KZ1-entry") == 2.0
    assert hours_in_all(tale, now=99999) == (2.5, True)


def test_what_happened_in_the_second_of_a_crossing_before_it_belongs_to_the_side() -> None:
    same = [(8200 if kind == "released" else at, kind, data) for at, kind, data in WHOLE]
    assert [e.kind for e in _tale(_story(*same)).cells([])[ENTRY].events] == ["arrived", "released", "crossed"]


def test_a_story_grows_and_other_consignments_are_left_out() -> None:
    story = _story(*WHOLE[:3], messages=(50,))
    tale = _tale(story)
    assert tale.size == 4 and hours_at(tale, "KZ1-entry") is None
    assert hours_in_all(tale, now=3800) == (1.0, False)
    story.events += [Event(1100, "C2", 1, "released", {}), Event(8200, "C1", 9, "crossed", {"side": "KZ1-entry"})]
    story.messages.append(Passed(60, "C2", "AAR", "CN", "KZ", "other", None, True))
    tale.take(story)
    tale.take(story)
    assert tale.size == 5 and hours_at(tale, "KZ1-entry") == 2.0


def test_arms_are_compared_by_what_happened_not_by_when() -> None:
    one = _tale(_story(*WHOLE, messages=(300,)))
    later = _tale(_story(*((at + 50 if at > 1000 else at, kind, data) for at, kind, data in WHOLE), messages=(310,)))
    fewer = _tale(_story(*WHOLE))
    for stage, cell in one.cells([]).items():
        assert cell.essence() == later.cells([])[stage].essence()
    assert one.cells([])[WAY].essence() != fewer.cells([])[WAY].essence()
    assert one.cells([])[ENTRY].essence() == fewer.cells([])[ENTRY].essence()


def test_decisions_stand_at_the_presentation_they_are_about_and_tell_arms_apart() -> None:
    def views(because: str) -> dict[str, Any]:
        told = {
            "office": "KZ1",
            "presentation": "ENTRY",
            "arrived": "2016-01-01T00:16:40Z",
            "controls": [{"form": "SCAN", "because": because}],
            "passed": [],
            "refused": [],
        }
        return {"KZ": {"stops": [told]}, "CN": {"stops": []}}

    tale = _tale(_story(*WHOLE))
    chance, risk = (stops_of(views(because), START) for because in ("RANDOM", "TARGETED"))
    assert [(stop.at, stop.service) for stop in chance] == [(1000, "KZ")]
    cell = tale.cells(chance)[ENTRY]
    assert cell.stops == chance and not cell.empty
    assert cell.essence() != tale.cells(risk)[ENTRY].essence()
