"""Messages made from schemas: valid ones (samples) and ones that break exactly one thing (mutants)."""

from exchange.generation.documents import KINDS, Kind, make_document, roots
from exchange.generation.errors import CannotMake, SchemaRefused
from exchange.generation.mutants import Expected, Mutant, Mutation, NotBroken
from exchange.generation.mutate import killed, mutate_document, mutate_message
from exchange.generation.reading import read_schema, read_set
from exchange.generation.samples import make_sample

__all__ = [
    "KINDS",
    "CannotMake",
    "Expected",
    "Kind",
    "Mutant",
    "Mutation",
    "NotBroken",
    "SchemaRefused",
    "killed",
    "make_document",
    "make_sample",
    "mutate_document",
    "mutate_message",
    "read_schema",
    "read_set",
    "roots",
]
