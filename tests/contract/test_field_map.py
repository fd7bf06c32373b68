"""The field map: complete, and honest about who may see what."""

from __future__ import annotations

import re

import pytest

import schemas
from exchange.codec import shapes
from exchange.messages import CATALOGUE, PixModel
from exchange.validation.annotations import NEWEST, VIEWERS, anchor, body, elements, file, seen_by
from exchange.validation.field_map import field_map_page, uses
from exchange.validation.reference import PAGES

TRADERS = {"ADV", "REG", "AMD", "INV", "REL", "WRO", "STQ", "STS", "SLT", "UNA", "UNC", "NCK"}


def _fields(owner: str, cls: type[PixModel], found: dict[tuple[str, str], set[str]], code: str) -> None:
    for shape in shapes(cls):
        found.setdefault((owner, shape.element), set()).add(code)
        if issubclass(shape.value_type, PixModel):
            _fields(shape.value_type.__name__, shape.value_type, found, code)


def test_every_field_of_every_message_is_mapped_with_the_messages_that_carry_it() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for code, cls in CATALOGUE.items():
        _fields(code, cls, found, code)
    mapped = {key: {use.code for use in where} for key, where in uses().items()}
    assert mapped == found


def test_every_field_has_its_row() -> None:
    page = field_map_page()
    sections = dict(re.findall(r"^## (\w+)(?:, [^\n]*)?\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL))
    rows = {(owner, name) for owner, text in sections.items() for name in re.findall(r"^\| \[?`(\w+)`", text, re.M)}
    assert rows == set(uses())
    assert schemas.VERSIONS[-1] == NEWEST
    assert ("Party", "AEONumber") in rows


def test_no_row_leaves_open_whether_there_is_a_counterpart_or_who_may_see_the_field() -> None:
    rows = [line.strip("|").split("|") for line in field_map_page().splitlines() if re.match(r"\| \[?`", line)]
    assert len(rows) == len(uses())
    for name, *counterparts, trader, partner in ([cell.strip() for cell in row] for row in rows):
        assert len(counterparts) == 3, name
        assert all(counterparts), f"{name}: a counterpart that does not exist is a dash"
        assert trader and partner, name


@pytest.mark.parametrize("name", ["messages.md", "field-map.md"])
def test_every_link_within_a_page_leads_to_a_heading(name: str) -> None:
    page = PAGES[name]()
    headings = {anchor(text) for text in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert links
    assert links <= headings


def test_traders_see_the_messages_meant_for_them_and_no_others() -> None:
    assert {code for code in CATALOGUE if "trader" in (seen_by(file(code)) or ())} == TRADERS
    for (owner, element), where in uses().items():
        for use in where:
            assert "own-service" in use.viewers
            assert use.viewers <= set(VIEWERS)
            if "trader" in use.viewers:
                assert use.code in TRADERS, (owner, element)


def test_a_status_answer_does_not_show_a_trader_which_messages_services_exchanged() -> None:
    for name in ("MessageID", "MessageType", "Sender", "SentAt"):
        (use,) = uses()["KnownMessage", name]
        assert use.code == "STS"
        assert "trader" not in use.viewers
    (state,) = uses()["STS", "State"]
    assert "trader" in state.viewers
    row = next(line for line in field_map_page().splitlines() if line.startswith("| [`KnownMessage`]"))
    assert row.endswith("| no | yes |")


def test_what_is_seen_in_a_group_depends_on_the_message_around_it() -> None:
    where = {use.code: use.viewers for use in uses()["GoodsItem", "HSCode"]}
    assert "trader" in where["ADV"]
    assert "partner-services" not in where["ADV"]
    assert "trader" not in where["AAR"]
    assert "partner-services" in where["AAR"]


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_map_reads_the_elements_of_the_schema_in_their_order(code: str) -> None:
    assert [element.get("name") for element in elements(body(code))] == [s.element for s in shapes(CATALOGUE[code])]
