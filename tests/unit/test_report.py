"""Report, console tables, sentences and the folder a run leaves."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from exchange.codec import encode
from exchange.messages import Header, NotificationOfCrossing
from scenarios.metrics import ArmMeasures, measure, summarise
from scenarios.output import FILES, OutputError, check_place, write_messages, write_run
from scenarios.parties import profile_rows
from scenarios.report import words
from scenarios.report.journeys import journeys
from scenarios.report.material import gather, spread_of
from scenarios.report.page import render
from scenarios.report.palette import ARM_LOOKS, INK
from scenarios.report.table import show
from scenarios.transport import Exchanged
from tests.handmade import ARMS, H, Log, at_real_sides, load_scenario, run

FLOW = "xian-kouvola"
PRICES = ["price_hours", "price_coverage", "price_officers"]


@cache
def material(replications: int = 3) -> tuple[dict[str, Any], list[Any], list[ArmMeasures]]:
    scenario = load_scenario("china_europe_transit_fi")
    runs = [
        at_real_sides(arm, number, held + number, vehicles=3)
        for number in range(replications)
        for arm, held in ARMS.items()
    ]
    measures = [measure(scenario, made) for made in runs]
    summary = summarise(
        scenario,
        measures,
        run_id="hand-made",
        seed=1,
        transport="memory",
        what_if=["<b>an agreement</b> & more"],
        wall_seconds=2.0,
    )
    return summary, runs[: len(ARMS)], measures


@cache
def page() -> str:
    summary, runs, measures = material()
    scenario = load_scenario("china_europe_transit_fi")
    return render(scenario, summary, gather(scenario, runs, spread_of(measures)))


class Outline(HTMLParser):
    """Collects what the tests look at: ids, links to the outside, headings, tables without headers."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.labels: list[str] = []
        self.language: str | None = None
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "html":
            self.language = found.get("lang")
        if tag == "label":
            self.labels.append(found.get("for") or "")
        for name in ("src", "href"):
            if found.get(name):
                self.references.append(found[name] or "")


class TestPage:
    def test_the_same_run_gives_the_same_bytes(self) -> None:
        summary, runs, measures = material()
        scenario = load_scenario("china_europe_transit_fi")
        turned = gather(scenario, list(reversed(runs)), spread_of(list(reversed(measures))))
        assert render(scenario, summary, turned) == page()

    def test_it_asks_no_host_and_stays_small(self) -> None:
        outline = Outline()
        outline.feed(page())
        assert all(reference.startswith(("#", "data:")) for reference in outline.references)
        assert "default-src 'none'" in page()
        assert len(page().encode()) < 8_000_000

    def test_ids_are_unique_and_every_choice_has_a_label(self) -> None:
        outline = Outline()
        outline.feed(page())
        assert outline.language == "en"
        assert len(outline.ids) == len(set(outline.ids))
        assert "choose1" in outline.labels
        assert outline.tags.count("h1") == 1

    def test_first_picture_is_the_time_distance_diagram(self) -> None:
        plots = re.findall(r'<div id="plot-(\w+)"', page())
        assert plots == ["way1", "stops1", "phases", "where_saved", "savings", "spread", *PRICES, "controls"]

    def test_text_of_the_run_is_escaped(self) -> None:
        assert "&lt;b&gt;an agreement&lt;/b&gt; &amp; more" in page()
        assert "<b>an agreement" not in page()

    def test_it_says_what_must_be_said(self) -> None:
        text = re.sub(r"\s+", " ", page())
        for needed in (
            "no published band",
            "Wagons of the other gauge are ordered only after customs release",
            "restricted since 2022",
            "Student&#39;s t" if "Student&#39;s t" in text else "Student's t",
            "CAREC CPMM",
            "hand-made",
        ):
            assert needed in text

    def test_every_figure_stands_with_its_mark(self) -> None:
        scenario = load_scenario("china_europe_transit_fi")
        rows = [*scenario.figures(), *profile_rows(scenario.services)]
        assert any(row.path == "profiles.CN+KZ+RU+FI.residual" for row in rows)
        assert page().count("<td>verified</td>") == sum(row.mark == "verified" for row in rows)

    def test_one_arm_alone_makes_a_page(self) -> None:
        scenario = load_scenario("china_europe_transit_fi")
        made = at_real_sides("advance", 0, 5)
        measures = [measure(scenario, made)]
        summary = summarise(scenario, measures, run_id="r", seed=1, transport="memory", what_if=[], wall_seconds=0.0)
        text = render(scenario, summary, gather(scenario, [made], spread_of(measures)))
        assert "nothing is compared" in text
        assert "plot-savings" not in text


class TestJourneys:
    def test_a_vehicle_is_shown_by_its_middle_consignment(self) -> None:
        logs = [
            Log(case).stay("X-exit", ("queue", hours * H)).deliver() for case, hours in (("A", 9), ("B", 1), ("C", 4))
        ]
        (journey,) = journeys("f", [run("baseline", 0, logs)])
        assert (journey.case, journey.border_hours) == ("C", 4.0)

    def test_points_stand_still_while_the_goods_do(self) -> None:
        log = Log("A").stay("X-exit", ("queue", H), ("other", 2 * H))
        (journey,) = journeys("f", [run("baseline", 0, [log.deliver()])])
        line = journey.lines["baseline"]
        assert [(hour, km) for hour, km, *_ in line.points] == [(0, 0), (0, 10), (3, 10), (3, 10)]
        assert line.stops[0].segments == (("queue", 1.0), ("other", 2.0))

    def test_what_did_not_come_through_in_all_arms_is_not_drawn(self) -> None:
        through = Log("A").stay("X-exit", ("queue", H)).deliver()
        stuck = Log("A").stay("X-exit", ("queue", H))
        assert journeys("f", [run("baseline", 0, [through]), run("advance", 0, [stuck])]) == ()


def saving(mean: float, ci95: list[float] | None) -> dict[str, Any]:
    return {"border_hours_mean": mean, "ci95": ci95, "share_of_border_time": mean / 50}


class TestWords:
    def test_hours_and_share(self) -> None:
        text = words.sentence("advance", saving(1.4, [1.2, 1.6]))
        assert text == (
            "Preliminary information saved 1.40 h a consignment, 2.8 % of its border time; "
            "95 % interval 1.20 to 1.60 h."
        )

    def test_chance_is_called_chance(self) -> None:
        assert "told from chance" in words.sentence("advance", saving(0.3, [-0.1, 0.7]))

    def test_a_loss_is_called_a_cost(self) -> None:
        assert "cost 2.00 h" in words.sentence("recognition", saving(-2.0, [-3.0, -1.0]))

    def test_one_replication_says_so(self) -> None:
        assert "one replication: no interval" in words.sentence("advance", saving(1.0, None))

    def test_nothing_is_called_nothing(self) -> None:
        assert "saved nothing" in words.sentence("advance", saving(0.0, [0.0, 0.0]))

    def test_sides_where_nothing_was_saved_are_named(self) -> None:
        def side(title: str, hours: float, ci95: list[float] | None) -> dict[str, Any]:
            return {"title": title, "saved": {"advance": {"hours_mean": hours, "ci95": ci95}}}

        sides = {
            "a": side("Here", 0.01, None),
            "b": side("There", 1.0, [0.5, 1.5]),
            "c": side("Elsewhere", 1.0, [-0.5, 2.5]),
            "d": side("Beyond", -0.5, [-0.7, -0.3]),
        }
        summary = {"saved": {"advance": {}}, "borders": sides}
        nothing = "Nothing was saved that can be told from chance at Here and Elsewhere."
        assert words.nothing_saved(summary) == nothing
        assert words.dearer(summary) == "It took longer at Beyond (advance against baseline: 0.50 h longer)."

    def test_the_price_is_in_the_headline(self) -> None:
        assert any("irregular consignment is found" in text for text in words.headline(material()[0]))


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2.1 of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class TestContrast:
    @pytest.mark.parametrize("look", ARM_LOOKS.values(), ids=ARM_LOOKS)
    def test_white_text_on_the_arms_and_their_lines_on_white(self, look: Any) -> None:
        assert contrast(look.colour, "#ffffff") >= 4.5

    def test_text_colours_of_the_page(self) -> None:
        for colour in (INK, *re.findall(r"--(?:ink|soft|link): (#[0-9a-f]{6})", page())):
            assert contrast(colour, "#f4f6f8") >= 4.5


class TestTables:
    def test_console_shows_arms_sides_and_checks(self) -> None:
        out = io.StringIO()
        show(Console(file=out, width=132), material()[0])
        text = out.getvalue()
        for needed in ("Baseline", "Recognition", "Khorgos, exit from China", "none", "14.0–34.8", "Check passed"):
            assert needed in text

    def test_it_can_be_read_in_80_columns(self) -> None:
        out = io.StringIO()
        show(Console(file=out, width=80), material()[0])
        assert max(map(len, out.getvalue().splitlines())) <= 80


def message(ordinal: int, minute: int, sender: str = "CN.9912") -> Exchanged:
    header = Header.model_validate(
        {
            "message_id": f"00000000-0000-5000-8000-{ordinal:012d}",
            "message_type": "NCF",
            "sender": sender,
            "recipient": "CN",
            "sent_at": f"2018-03-05T00:{minute:02d}:00Z",
            "ordinal": ordinal,
        }
    )
    crossing = NotificationOfCrossing.model_validate(
        {
            "header": header,
            "ucr": "8CNXA001-T03C2.ABCDEFGB",
            "office": "9912",
            "presentation": "EXIT",
            "crossed_at": header.sent_at,
        }
    )
    return Exchanged(at=header.sent_at, ucr=crossing.ucr, header=header, accepted=True, xml=encode(crossing))


class TestOutput:
    def write(self, place: Path, messages: Path | None = None) -> None:
        summary, runs, measures = material()
        write_run(place, load_scenario("china_europe_transit_fi"), summary, runs, messages, measures)

    def test_the_whole_folder_stands(self, tmp_path: Path) -> None:
        write_messages(tmp_path / "m" / "baseline", [message(2, 1), message(1, 0), message(1, 0)])
        self.write(tmp_path / "out" / "run", tmp_path / "m")
        place = tmp_path / "out" / "run"
        assert sorted(item.name for item in place.iterdir()) == sorted([*FILES, "messages"])
        assert [item.name for item in place.parent.iterdir()] == ["run"]
        folder = place / "messages" / "baseline" / "8CNXA001-T03C2"
        names = sorted(item.name for item in folder.iterdir())
        assert names == ["001-NCF-CN.9912-CN.xml", "002-NCF-CN.9912-CN.xml"]
        assert (folder / names[0]).read_bytes() == message(1, 0).xml
        assert json.loads((place / "summary.json").read_text()) == material()[0]

    def test_events_are_sorted_and_consignments_complete(self, tmp_path: Path) -> None:
        self.write(tmp_path / "run")
        events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
        keys = [(event["at"], event["case"], event["ordinal"]) for event in events]
        assert keys == sorted(keys)
        assert {event["arm"] for event in events} == set(ARMS)
        with (tmp_path / "run" / "consignments.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 3 * 3 * 3
        assert rows[0]["border_hours"] == "24.0000"

    def test_again_gives_the_same_bytes_and_replaces_as_a_whole(self, tmp_path: Path) -> None:
        self.write(tmp_path / "run")
        first = {name: (tmp_path / "run" / name).read_bytes() for name in FILES}
        (tmp_path / "run" / "old").write_text("left over")
        self.write(tmp_path / "run")
        assert {name: (tmp_path / "run" / name).read_bytes() for name in FILES} == first
        assert not (tmp_path / "run" / "old").exists()

    def test_a_failure_leaves_the_former_run_untouched(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.write(tmp_path / "run")
        before = (tmp_path / "run" / "summary.json").read_bytes()

        def broken(*_: object) -> str:
            raise KeyboardInterrupt

        monkeypatch.setattr("scenarios.report.page.render", broken)
        with pytest.raises(KeyboardInterrupt):
            self.write(tmp_path / "run")
        assert (tmp_path / "run" / "summary.json").read_bytes() == before
        assert [item.name for item in tmp_path.iterdir()] == ["run"]

    def test_what_is_no_run_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "letters.txt").write_text("dear")
        with pytest.raises(OutputError, match="holds something that is no run"):
            check_place(tmp_path)
        with pytest.raises(OutputError, match="is a file"):
            check_place(tmp_path / "letters.txt")
