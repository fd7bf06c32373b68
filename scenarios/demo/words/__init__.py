"""The words of the live page in English, Russian and Chinese: one YAML file a language, equal keys in all of them.

Names that stand in the data in English (places, border sides, flows, agreements) have theirs in ``names.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from ruamel.yaml import YAML

Language = Literal["en", "ru", "zh"]
LANGUAGES: Mapping[Language, str] = {"en": "English", "ru": "Русский", "zh": "中文"}
"""Language → its own name."""


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return key → text of ``language``; texts may hold ``{names}`` to be filled."""
    text = resources.files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


@cache
def names(language: Language) -> Mapping[str, str]:
    """Return English name → that of ``language``; English needs none."""
    if language == "en":
        return {}
    text = resources.files(__package__).joinpath("names.yaml").read_text(encoding="utf-8")
    return {name: said[language] for name, said in YAML(typ="safe", pure=True).load(text).items()}


class Voice:
    """Speaks one language: ``voice("key", name=value)`` gives the text, filled."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._words = words(language)
        self._names = names(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of ``key``. Raise KeyError if the page asks for what no language has."""
        text = self._words[key]
        return text.format(**values) if values else text

    def name(self, english: str) -> str:
        """Return what a place, side, flow or agreement is called; one of somebody else's data has its own name only."""
        return self._names.get(english, english)

    def spoken(self, english: str) -> Language:
        """Return the language in which :meth:`name` says ``english``."""
        return self.language if english in self._names else "en"


__all__ = ["LANGUAGES", "Language", "Voice", "names", "words"]
