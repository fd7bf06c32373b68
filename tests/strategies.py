"""Hypothesis strategies: any message the models allow, built from the facets of their fields.

Text is drawn from the characters that the pattern of free text allows; other patterns are drawn from as
they are.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from hypothesis import strategies as st

from exchange.codec import shapes
from exchange.messages import VERSION, Message, PixModel
from exchange.messages.base import TEXT

_MOST_REPEATS = 3

_blanks = st.sampled_from([" ", "\u00a0", "  "])
_visible = st.characters(
    min_codepoint=0x21,
    exclude_categories=("Cs", "Cc"),
    exclude_characters="\u00a0\ufffe\uffff",
)
_word = st.text(_visible, min_size=1, max_size=12)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Free text of one line of at most ``longest`` characters."""
    several = st.builds(lambda a, gap, b: a + gap + b, _word, _blanks, _word)
    return (_word | several).map(lambda text: text[:longest]).map(lambda text: text.rstrip(" \u00a0"))


def times() -> st.SearchStrategy[datetime]:
    """Times in UTC, in whole seconds."""
    return st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
        lambda value: value.replace(microsecond=0, tzinfo=UTC)
    )


def facets_of(metadata: tuple[Any, ...]) -> dict[str, Any]:
    """Return the facets in a field's metadata by the names pydantic gives them."""
    names = ("min_length", "max_length", "pattern", "ge", "le", "max_digits", "decimal_places")
    found: dict[str, Any] = {}
    pending = list(metadata)
    while pending:
        one = pending.pop()
        pending.extend(getattr(one, "metadata", ()))
        for name in names:
            value = getattr(one, name, None)
            if value is not None:
                found[name] = value
    return found


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return (type, metadata) without optional."""
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    members = [one for one in get_args(annotation) if one is not type(None)]
    if len(members) == 1 and type(None) in get_args(annotation):
        return unwrap(members[0])
    return annotation, ()


def _scalars(kind: Any, facets: dict[str, Any]) -> st.SearchStrategy[Any]:
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(facets["ge"], facets["le"])
    if kind is Decimal:
        places = facets["decimal_places"]
        largest = 10 ** facets["max_digits"] - 1
        return st.integers(0, largest).map(lambda n: Decimal(n).scaleb(-places))
    if kind is datetime:
        return times()
    if kind is date:
        return st.dates()
    if facets["pattern"] == TEXT:
        return texts(facets["max_length"])
    strategy = st.from_regex(facets["pattern"].replace("$", r"\Z"), fullmatch=False)
    longest = facets.get("max_length")
    return strategy if longest is None else strategy.filter(lambda text: len(text) <= longest)


Fields = dict[str, st.SearchStrategy[Any]]


@cache
def _fields(cls: type[PixModel], version: str) -> tuple[Fields, Fields]:
    """Return strategies for the required and for the optional fields that ``cls`` has in ``version``."""
    required: Fields = {}
    optional: Fields = {}
    for shape in shapes(cls, version):
        info = cls.model_fields[shape.name]
        kind, metadata = unwrap(info.annotation)
        facets = facets_of((*metadata, *info.metadata))
        if issubclass(shape.value_type, PixModel):
            one = models(shape.value_type, version)
            if shape.repeats:
                most = min(facets["max_length"], _MOST_REPEATS)
                one = st.lists(one, min_size=facets.get("min_length", 0), max_size=most).map(tuple)
        else:
            one = _scalars(kind, facets)
        (required if info.is_required() else optional)[shape.name] = one
    return required, optional


@cache
def models(cls: type[PixModel], version: str = VERSION) -> st.SearchStrategy[Any]:
    """Instances of ``cls``: every required field, any of the optional ones, up to three of what repeats."""
    required, optional = _fields(cls, version)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: cls(**values))


@cache
def messages(cls: type[Message], version: str = VERSION) -> st.SearchStrategy[Any]:
    """Messages of ``cls`` as ``version`` has them, with the type of the header that belongs to it."""
    required, optional = _fields(cls, version)
    header = required["header"].map(lambda one: one.model_copy(update={"message_type": cls.CODE}))
    return st.fixed_dictionaries({**required, "header": header}, optional=optional).map(lambda values: cls(**values))


__all__ = ["facets_of", "messages", "models", "texts", "times", "unwrap"]
