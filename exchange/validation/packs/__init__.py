"""Packs: the message sets of others, as a folder or zip of schemas with what belongs to them.

A pack holds XSDs and, if it likes, Schematron files, code lists and a ``pack.yaml`` that says which schema a root
element belongs to. Without that file every schema that no other takes in is looked at for its root elements.
"""

from exchange.validation.packs.errors import PackError
from exchange.validation.packs.load import load_pack, schema_pack
from exchange.validation.packs.pack import Pack

__all__ = ["Pack", "PackError", "load_pack", "schema_pack"]
