"""Remembering what was worked out of things that never change, by their identity.

For models: to hash one, as :func:`functools.lru_cache` would, takes longer than most of what is asked of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple

G = TypeVarTuple("G")
T = TypeVar("T")


def by_identity(most: int) -> Callable[[Callable[[*G], T]], Callable[[*G], T]]:
    """Return a decorator for a function that makes the same of the same things: it is called for these once.

    What it was called with is held, so that no other thing can take its identity; when ``most`` are held, all are let
    go of.
    """

    def remembering(work: Callable[[*G], T]) -> Callable[[*G], T]:
        known: dict[tuple[int, ...], tuple[Any, T]] = {}

        @wraps(work)
        def remembered(*given: *G) -> T:
            key = tuple([id(one) for one in given])
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[key] = given, work(*given)
            return found[1]

        return remembered

    return remembering


__all__ = ["by_identity"]
