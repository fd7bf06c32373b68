"""What a comparison of two sets of schemas says: changes, and whom they break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where (type and element, or a path), what in a word, in a sentence, and whom it breaks.

    ``backward`` is true if old documents stay valid in spite of it, ``forward`` if new ones stay valid for the old
    schemas.
    """

    where: str
    what: str
    text: str
    backward: bool
    forward: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {name: getattr(self, name) for name in ("where", "what", "text", "backward", "forward")}


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from ``old`` to ``new``; ``tried`` counts the documents made to test what the changes say."""

    old: str
    new: str
    changes: tuple[Change, ...]
    tried: int

    @property
    def backward(self) -> bool:
        """Whether documents of the old schemas are valid against the new ones."""
        return all(change.backward for change in self.changes)

    @property
    def forward(self) -> bool:
        """Whether documents of the new schemas are valid against the old ones."""
        return all(change.forward for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "old": self.old,
            "new": self.new,
            "backward": self.backward,
            "forward": self.forward,
            "tried": self.tried,
            "changes": [change.as_json() for change in self.changes],
        }


__all__ = ["Change", "Comparison"]
