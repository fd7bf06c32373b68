"""The live page says the same in all its languages."""

from __future__ import annotations

import string

import pytest

from scenarios.demo.words import LANGUAGES, Language, Voice, words


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_names_to_fill(language: Language) -> None:
    english, theirs = words("en"), words(language)
    assert list(theirs) == list(english)
    assert {key: _names(text) for key, text in theirs.items()} == {key: _names(text) for key, text in english.items()}
    assert all(text.strip() for text in theirs.values())


def test_a_voice_fills_names_and_knows_no_other_keys() -> None:
    voice = Voice("en")
    assert voice("hours", hours="2.5") == "2.5 h"
    with pytest.raises(KeyError):
        voice("no such key")
