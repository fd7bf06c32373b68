"""Sentences remember how they were made, and every one that the validator can say has its Russian and its Chinese."""

from __future__ import annotations

import ast
import pickle
import string
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import exchange
import nodes
import schemas
from exchange.generation import make_sample, mutate_message
from exchange.letters import Answer
from exchange.sentences import Sentence, bare, cut, join, tell
from exchange.validation import document, validate, wording, wording_syntax
from exchange.validation.codelists import meaning
from nodes.api.problems import TITLES
from scenarios import demo
from scenarios.conversation import why
from scenarios.demo.panels.markup import told
from scenarios.demo.words import LANGUAGES, Voice, sentences

TELLING = (
    *sorted(Path(exchange.__file__).parent.glob("validation/**/*.py")),
    *sorted(Path(exchange.__file__).parent.glob("generation/*.py")),
    Path(exchange.__file__).with_name("identifiers.py"),
    Path(nodes.__file__).with_name("reading.py"),
    *sorted(Path(demo.__file__).parent.glob("*.py")),
)
"""Modules whose sentences the page shows."""
NAMED_BY_PATH = {"_pair"}
"""Functions that make a name of the last field of a path."""
TOLD_BY = {"tell", "_matched", "_digit_agrees", "_all_digits"}
"""Functions whose literals become sentences."""
MADE = {"gross mass", "net mass", "red", "green", "{value} or more", "more than {value}", "{value} or less"} | {
    "less than {value}",
    "{text}.",
    *(f"customs office code of {system}" for system in ("EU", "EAEU", "CN")),
    "two letters of the country and six letters or digits",
    "two, five or eight digits",
    "four digits",
}
"""What is told of something else than a literal."""
OTHERS = sorted(set(LANGUAGES) - {"en"})


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _called(node) in TOLD_BY:
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
        elif isinstance(node, ast.Call) and _called(node) == "NotDone":
            assert not any(isinstance(one, ast.Constant | ast.JoinedStr) for one in node.args), ast.unparse(node)
        elif isinstance(node, ast.Call) and _called(node) == "join":
            between = node.args[1] if len(node.args) > 1 else ast.Constant(", ")
            assert isinstance(between, ast.Constant)
            yield str(between.value)
        elif isinstance(node, ast.Call) and _called(node) in NAMED_BY_PATH:
            paths = [one for one in node.args if isinstance(one, ast.Tuple)]
            yield from (
                str(one.elts[-1].value).replace("_", " ") for one in paths if isinstance(one.elts[-1], ast.Constant)
            )
        elif path.name == "identifiers.py" and isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "form":
            assert isinstance(node.value, ast.Constant)
            yield str(node.value.value)


def _simple_types() -> Iterator[ElementTree.Element]:
    """Yield the types of values of the message set."""
    for version in ("1.0", "1.1"):
        folder = resources.files("schemas").joinpath("pix", version)
        for file in (one for one in folder.iterdir() if one.name.endswith(".xsd")):
            yield from ElementTree.fromstring(file.read_text(encoding="utf-8")).iter(
                "{http://www.w3.org/2001/XMLSchema}simpleType"
            )


def _types() -> Iterator[str]:
    """Yield the documentation of the types of the message set, which says what a value should be."""
    for kind in _simple_types():
        text = kind.findtext("{*}annotation/{*}documentation")
        if text:
            yield " ".join(text.split())


def _meanings() -> Iterator[str]:
    """Yield what the values of enumerations in the message set mean, and of code lists that are told in full."""
    for kind in _simple_types():
        for value in kind.iter("{http://www.w3.org/2001/XMLSchema}enumeration"):
            text = value.findtext("{*}annotation/{*}documentation")
            if text:
                yield " ".join(text.split()).rstrip(".")
    yield from map(meaning, schemas.code_list("delivery_terms"))  # the schemas list the values of all others that short


def _refusals() -> Iterator[str]:
    """Yield what is said of refusals of a node and of functional rejections: their kind, code and rule."""
    yield from (f"refused: {code}" for code in TITLES)
    yield from (f"rejected: {code}" for code in ("12", "13", "14", "15", "26", "90", "92", "93"))
    rules = resources.files("exchange.validation").joinpath("catalogue.csv").read_text(encoding="utf-8")
    yield from (f"rule: {line[:7]}" for line in rules.splitlines() if line.startswith("PIX-"))


def _all() -> set[str]:
    literals = {text for path in TELLING for text in _literals(path)}
    syntax = {*wording_syntax._BY_KIND.values(), *wording_syntax._OF_EXPAT.values(), wording_syntax._OTHER}
    identity = {text for _, *texts in wording._IDENTITY for text in texts}
    types = {*_types(), *_meanings()}
    return literals | syntax | identity | {kind for _, kind in document._KINDS} | types | set(_refusals()) | MADE


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _filled(template: str) -> set[str]:
    kinds = {"refused": {"status", "detail"}, "rejected": {"rule", "text"}}
    return kinds.get(template.partition(": ")[0], set()) | _names(template)


def test_every_sentence_of_the_validator_is_there_in_every_language() -> None:
    said = _all()
    assert len(said) > 500
    for language in OTHERS:
        known = sentences(language)
        assert sorted(said - set(known)) == [], f"sentences.yaml has no {language} for these"
        assert sorted(set(known) - said) == [], "sentences.yaml has what nobody says"
        assert [one for one, text in known.items() if not text or _names(text) - _filled(one)] == []


def test_all_that_is_found_in_mutants_can_be_said() -> None:
    mutants = mutate_message(make_sample("RCG", "1.1", kind="minimal", seed=1)).mutants
    assert len(mutants) > 50
    for one in mutants[::4]:
        found = [finding.text for finding in pickle.loads(pickle.dumps(validate(one.data).findings))]
        for voice in map(Voice, OTHERS):
            for english in (one.change, *found):
                text, spoken = voice.told(english)
                assert spoken == voice.language and text != english, english


def test_a_sentence_is_its_english_text_and_knows_how_it_was_made() -> None:
    listed = join([tell("an element"), "A"], " or ")
    said = tell("{name} stands once too often in {parent}.", name="UCR", parent=listed)
    assert said == "UCR stands once too often in an element or A."
    assert said.values["parent"] is listed and listed.items == ("an element", "A")
    again = pickle.loads(pickle.dumps(said))
    assert (again, again.template) == (said, said.template) and isinstance(again.values["parent"], Sentence)
    assert bare(said) == said[:-1] and cut(said, 10) == "UCR stand…"
    assert bare("plain.") == "plain" and cut("plain", 10) == "plain"


def test_numbers_choose_the_words_that_go_with_them() -> None:
    said = [tell("{n} {n:file|files}", n=n) for n in (0, 1, 2, 11, 21)]
    assert said == ["0 files", "1 file", "2 files", "11 files", "21 files"]
    assert tell("{n:05d} {more}", n=7, more=True) == "00007 True"
    voice = Voice("ru")
    found = tell("at most {value} {value:digit|digits}", value=1)
    assert voice.told(found) == ("не более 1 цифры", "ru") and found == "at most 1 digit"


def test_words_of_others_stand_in_a_sentence_as_they_are_and_what_no_language_has_stays_english() -> None:
    voice = Voice("ru")
    found = tell("{name} is no element of {parent}; expected {words}.", name="A", parent="B", words=tell("nobody's"))
    assert voice.told(found) == ("Элемента A в B не бывает; ожидается nobody's.", "ru")
    assert voice.told(tell("nobody's {name}", name="A")) == ("nobody's A", "en")
    assert voice.told("The document is empty.") == ("The document is empty.", "en")
    assert voice.told(bare(tell("The document is empty."))) == ("Документ пуст", "ru")
    assert Voice("en").told(found) == (found, "en")


def test_what_a_node_says_itself_is_marked_as_english_and_cannot_become_markup() -> None:
    answer = Answer(status=401, problem={"type": "urn:corridor:problem:signature", "detail": "<b>\ue000 no key</b>"})
    assert why(answer) == "401: <b>\ue000 no key</b>"
    assert told(Voice("en"), why(answer)) == "401: &lt;b&gt;\ue000 no key&lt;/b&gt;"
    assert told(Voice("ru"), why(answer)).startswith("401: подпись не подтверждена. &lt;b&gt;")
    plain = why(replace(answer, problem={**answer.problem, "detail": "no key"}))
    assert told(Voice("zh"), plain) == '401：签名未通过验证。<span lang="en">no key</span>'
    unknown = why(replace(answer, problem={"type": "about:blank", "detail": "no"}))
    assert told(Voice("ru"), unknown) == '<span lang="en">401: no</span>'
