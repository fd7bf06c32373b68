"""Sets of schemas for people to read: as a reference, and compared with each other."""

from exchange.schema_sets.changes import Change, Comparison
from exchange.schema_sets.differences import compare
from exchange.schema_sets.reading import SchemaSet, read_schema_set

__all__ = ["Change", "Comparison", "SchemaSet", "compare", "read_schema_set"]
