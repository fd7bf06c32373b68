"""A node that dies when it is told to, between the two moments that matter: just before, or just after, a commit.

``SIGUSR1`` has the process kill itself (SIGKILL: nothing is tidied up) when its next batch with entries is committed
and no answer has gone out yet; ``SIGUSR2`` when that batch is about to be written. Only for tests: nothing of this is
there unless the process was started with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Literal

from exchange.store import Store, Writes

Moment = Literal["behind the commit", "before the commit"]


class DoomedStore(Store):
    """A store whose process dies at a moment of the next batch that has entries, once it was told to."""

    doom: Moment | None = None

    async def write(self, writes: Writes) -> None:
        """Write one batch as :meth:`Store.write` does, unless the end comes."""
        if self.doom == "before the commit" and writes.entries:
            _die()
        await super().write(writes)
        if self.doom == "behind the commit" and writes.entries:
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doom(store: Store) -> None:
    """Have this process take SIGUSR1 and SIGUSR2 as the module says; ``store`` is the one its node works on."""
    store.__class__ = DoomedStore
    assert isinstance(store, DoomedStore)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, setattr, store, "doom", "behind the commit")
    loop.add_signal_handler(signal.SIGUSR2, setattr, store, "doom", "before the commit")


__all__ = ["DoomedStore", "Moment", "doom"]
