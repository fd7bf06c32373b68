"""The live page says the same in all its languages."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from importlib import resources

import pytest
from ruamel.yaml import YAML

from exchange.agreements import registry
from exchange.agreements.directory import directory
from exchange.agreements.views import Standing, as_json
from scenarios.demo.panels.markup import named
from scenarios.demo.words import LANGUAGES, Language, Voice, names, sentences, words
from scenarios.report.map import SOURCE
from scenarios.scenario import scenario_names


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_names_to_fill(language: Language) -> None:
    english, theirs = words("en"), words(language)
    assert list(theirs) == list(english)
    assert {key: _names(text) for key, text in theirs.items()} == {key: _names(text) for key, text in english.items()}
    assert all(text.strip() or text == "\u00a0" for text in theirs.values())


def test_a_voice_fills_names_and_knows_no_other_keys() -> None:
    voice = Voice("en")
    assert voice("hours", hours="2.5") == "2.5 h"
    with pytest.raises(KeyError):
        voice("no such key")


def test_words_that_go_with_a_number_have_as_many_forms_as_their_language() -> None:
    forms = {"en": 2, "ru": 3}
    for language in LANGUAGES:
        for text in (*words(language).values(), *sentences(language).values()):
            chosen = [spec for _, _, spec, _ in string.Formatter().parse(text) if spec and "|" in spec]
            assert all(spec.count("|") + 1 == forms.get(language) for spec in chosen), text
    english, russian = Voice("en"), Voice("ru")
    assert english("passages", count=1) == "at 1 border passage of a vehicle"
    assert english("passages", count=0) == "at 0 border passages of vehicles"
    told = [russian("passages", count=count).partition(" границы")[0] for count in (0, 1, 3, 5, 11, 21, 22, 111, 112)]
    assert " ".join(one.removeprefix("пересечени") for one in " ".join(told).split()[1::2]) == "й е я й й е я й й"
    assert russian("through", through=1, total=21) == "Прошла 1 из 21 партии"


def test_numbers_have_the_decimal_sign_of_their_language_and_nothing_else_changes() -> None:
    russian = Voice("ru")
    assert russian("hours", hours="-2.5") == "-2,5 ч" and russian.figure("74.3 %") == "74,3 %"
    assert russian("hours", hours="1.1.2") == "1.1.2 ч" and russian.figure("PIX-001.5") == "PIX-001.5"
    assert Voice("zh").figure("2.50") == "2.50" and russian.figure(3) == 3


def _sources(told: object) -> Iterator[str]:
    """Yield what all that is told of an agreement rests on."""
    if isinstance(told, Mapping):
        for name, value in told.items():
            yield from (value,) if name == "source" and value else _sources(value)
    elif isinstance(told, list | tuple):
        for one in told:
            yield from _sources(one)


def _shipped() -> Iterator[str]:
    """Yield all names that the page shows of what is shipped, in English."""
    yield SOURCE
    for known in scenario_names():
        text = resources.files("scenarios").joinpath("files", f"{known}.yaml").read_text(encoding="utf-8")
        scenario = YAML(typ="safe").load(text)  # to load them as scenarios takes too long for three names of each
        yield scenario["title"]
        yield from (place["name"] for place in scenario["places"].values())
        yield from (side["title"] for side in scenario["sides"].values())
        yield from (flow["title"] for flow in scenario["flows"])
    for agreement in registry():
        yield agreement.title
        yield from agreement.scope.crossings
        if agreement.notes:
            yield agreement.notes
        yield from _sources(as_json(Standing(agreement=agreement, status=agreement.status)))
    for club in directory().clubs:
        yield club.name
        yield club.city
        yield club.source


def test_every_place_border_scenario_and_agreement_has_a_name_in_every_language() -> None:
    shipped = set(_shipped())
    for language in set(LANGUAGES) - {"en"}:
        known = names(language)
        assert sorted(shipped - set(known)) == [], f"names.yaml or sources.yaml has no {language} for these"
        assert sorted(set(known) - shipped) == [], "names.yaml names what is not shipped any more"
        assert [english for english, said in known.items() if not said.strip()] == []
        Voice(language)(f"scenario.{next(iter(scenario_names()))}")
    assert {f"scenario.{known}" for known in scenario_names()} == {k for k in words("en") if k.startswith("scenario.")}


def test_a_name_that_no_language_knows_is_shown_as_it_is_and_marked_as_english() -> None:
    voice = Voice("ru")
    assert named(voice, "Khorgos") == "Хоргос"
    assert named(voice, "My <own> border") == '<span lang="en">My &lt;own&gt; border</span>'
    assert named(Voice("en"), "Khorgos") == "Khorgos"
