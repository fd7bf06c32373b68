"""The description of a node's HTTP API (OpenAPI 3.1), served as ``/openapi.json``."""

from nodes.openapi.document import EXAMPLES, describe

__all__ = ["EXAMPLES", "describe"]
