"""The words of the live page in English, Russian and Chinese: one YAML file a language, equal keys in all of them."""

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


class Voice:
    """Speaks one language: ``voice("key", name=value)`` gives the text, filled."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._words = words(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of ``key``. Raise KeyError if the page asks for what no language has."""
        text = self._words[key]
        return text.format(**values) if values else text


__all__ = ["LANGUAGES", "Language", "Voice", "words"]
