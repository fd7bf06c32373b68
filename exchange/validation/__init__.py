"""Validation in gates: bytes, well-formedness, schema, code lists, rules."""
