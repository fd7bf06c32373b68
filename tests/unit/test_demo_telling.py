"""Every code that a message or a reason can have is said in every language; a stranger's code stands as it was told."""

from __future__ import annotations

import pytest

from exchange.messages import CATALOGUE
from nodes.reasons import REFUSED_BY
from scenarios.demo.panels.telling import because
from scenarios.demo.recognised import FATES, OPEN
from scenarios.demo.words import LANGUAGES, Language, Voice

NODES_OWN = (
    "CHECKED_BEFORE CHECK_OPEN LATE_INFORMATION NO_INFORMATION ROUTINE TARGETED RESIDUAL RANDOM SCHEME RECOGNISED "
    "NOT_SELECTED"
)
"""What nodes.reasons gives as what a control or its waiver rests on."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_codes_have_words(language: Language) -> None:
    voice = Voice(language)
    for code in CATALOGUE:
        assert voice(f"code.{code}")
    for code in (*REFUSED_BY, *NODES_OWN.split()):
        assert because(voice, code, by="CN", act="1", rule="r") != code
    for fate in FATES:
        assert voice("recognitions.open" if fate == OPEN else f"fate.{fate}")


def test_a_code_that_no_language_has_stands_as_it_was_told() -> None:
    assert because(Voice("ru"), "<b>OWN</b>") == "<b>OWN</b>"
