"""``corridor schema doc``: the page holds the whole set, its links lead somewhere, and it needs nothing else."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from lxml import html
from typer.testing import CliRunner

import schemas
from exchange.generation import read_set
from exchange.messages import CATALOGUE
from exchange.schema_sets import read_schema_set
from exchange.schema_sets.describe import describe
from exchange.schema_sets.page import reference_page
from scenarios.cli import app
from tests.unit.test_sample import ANY_SCHEMA


@pytest.fixture(scope="module")
def page() -> str:
    return reference_page(read_schema_set("pix"))


def test_the_page_holds_every_message_type_and_element(page: str) -> None:
    tree = html.fromstring(page)
    sections = {section.get("data-name"): section for section in tree.iter("section")}
    schema = read_set(schemas.VERSIONS[-1])
    assert {cls.__name__ for cls in CATALOGUE.values()} <= set(sections)
    own = {name for name in schema.types if name.startswith("{urn:") or not name.startswith("{")}
    assert {name.rpartition("}")[2] for name in own} <= set(sections)
    for cls in CATALOGUE.values():
        told = [cell.text_content() for cell in sections[cls.__name__].xpath(".//tr/td[1]")]
        declared = [one.local_name for one in schema.elements[cls.__name__].type.content.iter_elements()]
        assert told == [*declared, "@schemaVersion"]
        assert cls.CODE in sections[cls.__name__].findtext("h3/span")


def test_links_lead_somewhere_and_nothing_is_fetched(page: str) -> None:
    tree = html.fromstring(page)
    ids = {node.get("id") for node in tree.iter() if isinstance(node.tag, str) and node.get("id")}
    targets = {link.get("href") for link in tree.iter("a")}
    assert {target for target in targets if target.removeprefix("#") not in ids} == set()
    assert len(ids) == len(re.findall(r'\sid="', page)), "no id stands twice"
    assert not tree.xpath("//*[@src] | //link | //script[@src]")
    assert "url(" not in page and "@import" not in page and "fetch(" not in page


def test_facets_are_told_in_words_and_lists_in_full(page: str) -> None:
    tree = html.fromstring(page)
    mass = tree.get_element_by_id("Mass").text_content()
    assert "0 or more" in mass and "at most 16 digits" in mass and "at most 3 of them behind the point" in mass
    assert "1 to 35 characters" in tree.get_element_by_id("Text35").text_content()
    result = tree.get_element_by_id("ResultCode")
    assert "A1" in result.text_content() and "nothing was found" in result.text_content()
    codes = {cell.text_content() for cell in tree.get_element_by_id("list-countries").xpath(".//td[1]")}
    assert codes == schemas.codes("countries")


def test_the_same_set_gives_the_same_page_and_a_version_can_be_asked_for(page: str) -> None:
    assert reference_page(read_schema_set("pix")) == page
    assert "<title>PIX 1.0: reference</title>" in reference_page(read_schema_set("1.0"))


def test_groups_choices_and_unnamed_types_of_any_schema_are_told(tmp_path: Path) -> None:
    path = tmp_path / "any.xsd"
    path.write_text(ANY_SCHEMA, encoding="utf-8")
    order = next(one for one in describe(read_schema_set(str(path))) if one.name == "Order")
    rows = [(row.name, row.depth, row.times) for row in order.rows]
    assert rows[1:5] == [("one of", 0, "1–2"), ("Paid", 1, "1"), ("together", 1, "1"), ("Due", 2, "1")]
    assert ("Line", 0, "2–∞") in rows and ("A", 2, "1") in rows and ("together", 0, "0–1") in rows
    either = next(row for row in order.rows if row.name == "Either")
    assert either.facets == ("either duration or Rate",)


def test_words_of_a_schema_are_text_and_not_markup(tmp_path: Path) -> None:
    path = tmp_path / "sly.xsd"
    path.write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="E" type="xs:string">
        <xs:annotation><xs:documentation>&lt;script&gt;alert(1)&lt;/script&gt;</xs:documentation></xs:annotation>
        </xs:element></xs:schema>""",
        encoding="utf-8",
    )
    page = reference_page(read_schema_set(str(path)))
    assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in unescape(page)


def test_the_command_writes_the_page_and_says_what_is_wrong(tmp_path: Path, page: str) -> None:
    out = tmp_path / "pix.html"
    run = CliRunner().invoke
    assert run(app, ["schema", "doc", "--set", "pix", "--out", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8") == page
    both = run(app, ["schema", "doc", "--set", "pix", "--schema", "x.xsd", "--out", str(out)])
    assert (both.exit_code, "not both" in both.stderr) == (2, True)
    none = run(app, ["schema", "doc", "--schema", str(tmp_path / "none.xsd"), "--out", str(out)])
    assert (none.exit_code, "is no file" in none.stderr) == (2, True)
    nowhere = run(app, ["schema", "doc", "--out", str(tmp_path / "no" / "page.html")])
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (2, True)
