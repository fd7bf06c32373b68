"""The words of the live page in English, Russian and Chinese: one YAML file a language, equal keys in all of them.

Names that stand in the data in English (places, border sides, flows, agreements) have theirs in ``names.yaml``, the
sources of agreements in ``sources.yaml``, the sentences of the validator and the page in ``sentences.yaml``, what the
values of enumerations mean in ``meanings.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from ruamel.yaml import YAML

from exchange.sentences import Sentence, fill

_NUMBER = re.compile(r"[-−+±]?\d+\.\d+( ?%)?")
"""A number as it is put into a text, with decimals and perhaps as a share."""
Language = Literal["en", "ru", "zh"]
LANGUAGES: Mapping[Language, str] = {"en": "English", "ru": "Русский", "zh": "中文"}
"""Language → its own name."""


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return key → text of ``language``; texts may hold ``{names}`` to be filled."""
    return _read(language)


@cache
def _read(name: str) -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


@cache
def names(language: Language) -> Mapping[str, str]:
    """Return English name → that of ``language``; English needs none."""
    if language == "en":
        return {}
    return {name: said[language] for file in ("names", "sources") for name, said in _read(file).items()}


@cache
def sentences(language: Language) -> Mapping[str, str]:
    """Return template (as :func:`exchange.sentences.tell` has it) → that of ``language``; English needs none."""
    if language == "en":
        return {}
    return {one: said[language] for file in ("sentences", "meanings") for one, said in _read(file).items()}


class Voice:
    """Speaks one language: ``voice("key", name=value)`` gives the text, filled."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._words = words(language)
        self._names = names(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of ``key``, filled; whole numbers choose their words (:class:`exchange.sentences.Count`).

        Raise KeyError if the page asks for what no language has.
        """
        text = self._words[key]
        return fill(text, {name: self.figure(value) for name, value in values.items()})

    def figure(self, value: object) -> Any:
        """Return a number with the decimal sign of this language; anything else as it is."""
        if not isinstance(value, str) or _NUMBER.fullmatch(value) is None:
            return value
        return value.replace(".", self._words["plot.decimal"])

    def name(self, english: str) -> str:
        """Return what a place, side, flow or agreement is called; one of somebody else's data has its own name only."""
        return self._names.get(english, english)

    def spoken(self, english: str) -> Language:
        """Return the language in which :meth:`name` says ``english``."""
        return self.language if english in self._names else "en"

    def word(self, kind: str, what: str) -> str:
        """Return the word for ``what`` of a ``kind``; what has none, such as a rule of XML Schema, goes by its name."""
        return self._words.get(f"{kind}.{what}", what)

    def told(self, text: str, english: tuple[str, str] = ("", "")) -> tuple[str, Language]:
        """Return a sentence in this language, and the language it is in: English, if there is no other.

        Only a :class:`exchange.sentences.Sentence` can be said otherwise; words of others that it holds stand in it as
        they are, between the two texts of ``english``.
        """
        if self.language == "en" or not isinstance(text, Sentence) or text.template not in sentences(self.language):
            return str(text), "en"
        return self._retold(text, english), self.language

    def _retold(self, text: object, english: tuple[str, str]) -> Any:
        if not isinstance(text, Sentence):
            return text
        template = sentences(self.language).get(text.template)
        if template is None:
            return str(text).join(english) if text else ""
        said = {name: self._retold(one, english) for name, one in text.values.items()}
        if text.items:
            return template.join(self._retold(one, english) for one in text.items)
        filled = fill(template, said)
        stopped = text.template.endswith(".") and not text.endswith((".", "…"))
        return filled.rstrip(".。") if stopped else filled


__all__ = ["LANGUAGES", "Language", "Voice", "names", "sentences", "words"]
