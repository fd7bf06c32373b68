"""Messages made from schemas: valid ones (samples) and ones that break exactly one thing (mutants)."""

from exchange.generation.documents import KINDS, Kind, make_document, roots
from exchange.generation.errors import CannotMake, SchemaRefused
from exchange.generation.reading import read_schema, read_set
from exchange.generation.samples import make_sample

__all__ = [
    "KINDS",
    "CannotMake",
    "Kind",
    "SchemaRefused",
    "make_document",
    "make_sample",
    "read_schema",
    "read_set",
    "roots",
]
