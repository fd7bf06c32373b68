"""Messages made from schemas: valid ones (samples) and ones that break exactly one thing (mutants)."""

from exchange.generation.documents import KINDS, Kind, make_document, roots
from exchange.generation.errors import CannotMake, SchemaRefused
from exchange.generation.mutants import Expected, Mutant, Mutation, NotBroken
from exchange.generation.mutate import killed, mutate_document, mutate_message, refused
from exchange.generation.packed import make_pack_document, mutate_with_pack
from exchange.generation.reading import read_pack, read_schema, read_set, root_of
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
    "make_pack_document",
    "make_sample",
    "mutate_document",
    "mutate_message",
    "mutate_with_pack",
    "read_pack",
    "read_schema",
    "read_set",
    "refused",
    "root_of",
    "roots",
]
