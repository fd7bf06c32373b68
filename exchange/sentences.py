"""Sentences for people that remember how they were made, so that whoever reads in another language can have them so.

A :class:`Sentence` is the English text wherever text is wanted: in JSON, in a log, on the command line. Beside that it
keeps the template it was made of and the values put in, which may be sentences themselves; a page looks the template up
in the visitor's language and fills that. Templates are given to :func:`tell` as literals, so that a test can list them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self


class Count(int):
    """A number that knows the form of a word that goes with it: ``{n} {n:file|files}`` gives "1 file" and "5 files".

    Of two forms the first is for one alone, as in English; of three the first is for 1, 21, 31 …, the second for 2 to
    4, 22 to 24 …, the third for the others, as in Russian.
    """

    def __format__(self, spec: str) -> str:
        """Return the form of a word if ``spec`` gives some, else the number in the format ``spec``."""
        forms = spec.split("|")
        if len(forms) == 2:
            return forms[self != 1]
        if len(forms) == 3:
            last, teen = abs(self) % 10, 10 < abs(self) % 100 < 20
            return forms[2 if teen or last in (0, *range(5, 10)) else last != 1]
        return super().__format__(spec)


def fill(template: str, values: Mapping[str, object]) -> str:
    """Return ``template`` filled, as :meth:`str.format` does; whole numbers choose their words (:class:`Count`)."""
    if not values:
        return template
    return template.format(**{name: Count(one) if type(one) is int else one for name, one in values.items()})


class Sentence(str):
    """See the module. ``template`` is as :meth:`str.format` takes it, with ``values`` by name.

    One that joins others has what stands between them as its template, and them as its only value, ``items``.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, english: str, template: str, values: Mapping[str, object]) -> Self:
        """Make a sentence; ``english`` is what ``template`` comes to."""
        made = super().__new__(cls, english)
        made.template, made.values = template, values
        return made

    @property
    def items(self) -> tuple[str, ...]:
        """The sentences that this one joins; none if it joins none."""
        found = self.values.get("items", ())
        return found if isinstance(found, tuple) else ()

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, object]]:  # type: ignore[override]
        """Return what it is made of, so that it travels between processes."""
        return str(self), self.template, self.values


def tell(template: str, /, **values: object) -> Sentence:
    """Return the sentence of ``template`` filled with ``values``; one without values stands as it is."""
    return Sentence(fill(template, values), template, values)


def join(items: Sequence[str], between: str = ", ") -> Sentence:
    """Return ``items`` as one text with ``between`` them (", ", " or ", " and ")."""
    return Sentence(between.join(items), between, {"items": tuple(items)})


def own(text: str) -> Sentence:
    """Return somebody's own words, such as a partner's: a part of a sentence that no other language has."""
    return Sentence(text, "", {})


def said(error: Exception) -> str:
    """Return what ``error`` says, the sentence itself where it was raised with one."""
    told = error.args[0] if error.args else None
    return told if isinstance(told, Sentence) else str(error)


def bare(said: str) -> str:
    """Return ``said`` without the full stop at its end, to be put into another sentence."""
    english = said.rstrip(".")
    return Sentence(english, said.template, said.values) if isinstance(said, Sentence) else english


def cut(said: str, longest: int) -> str:
    """Return ``said``, its English cut to ``longest`` characters."""
    if len(said) <= longest:
        return said
    english = said[: longest - 1] + "…"
    return Sentence(english, said.template, said.values) if isinstance(said, Sentence) else english


__all__ = ["Count", "Sentence", "bare", "cut", "fill", "join", "own", "said", "tell"]
