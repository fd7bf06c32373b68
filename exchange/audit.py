"""Is a ledger what it was when it was written? Every entry, every message's bytes, and what others hold against it.

The chain alone shows changed, removed and moved entries. A missing tail, and a chain rewritten from some point on, it
cannot show: for these there are claims, which are positions and hashes that the node stated to others under its
signature (receipts, checkpoints), and the receipts it keeps itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from exchange.ledger import Head, LedgerEntry, MessageRef, entry_digest, link, mark
from exchange.proofs import unproven
from exchange.signatures import digest
from exchange.store import Store

Kind = Literal["changed", "missing", "moved", "bytes", "receipt", "rewritten", "tail"]

MOST_TRACED = 1000
"""With more entries that do not fit, none is looked for in other places: each would be compared with each."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is not as it was: the position, what kind of fault, and a sentence."""

    position: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """That the node's ledger had ``hash`` at ``position``; ``message`` is what stands there, ``source`` who says so."""

    position: int
    hash: str
    source: str
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """The result: the head found, how many entries and claims were checked, and all faults in order."""

    head: Head
    entries: int
    claims: int
    faults: tuple[Fault, ...] = field(default=())


class _Chain:
    """Follows the chain and goes on behind a fault, so that one fault is told once and hides no other."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.head = Head()
        self.entries = 0
        self._befores: set[bytes] | None = {bytes(32)}
        self._misfits: list[tuple[LedgerEntry, bytes]] = []
        self._hashes: dict[int, bytes] = {}

    def follow(self, entry: LedgerEntry) -> None:
        """Check one entry against the one before it."""
        expected = self.head.position + 1
        if entry.position > expected:
            last = entry.position - 1
            which = f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
            text = f"{which} missing; the content of entry {entry.position} cannot be checked without it"
            self.faults.append(Fault(expected, "missing", text))
            self._befores = None
        hashed, content = _bytes_of(entry)
        computed = set()
        if self._befores is not None:
            if content:
                computed = {link(before, mark(before, entry.case), content) for before in self._befores}
            if hashed not in computed:
                self._misfits.append((entry, content))
                self._hashes[self.head.position] = bytes.fromhex(self.head.hash)
                self._hashes[entry.position] = hashed
        elif len(hashed) != 32:
            self.faults.append(Fault(entry.position, "changed", "the hash is no SHA-256 in hexadecimal"))
        # What follows may rest on the hash that stands here, or on the one that should.
        self._befores = {hashed} if hashed in computed else computed | {hashed}
        self.head = Head(entry.position, hashed.hex())
        self.entries += 1

    def end(self) -> list[Fault]:
        """Say of each entry that did not fit whether it was moved or changed; return all faults."""
        before = {entry.position: self._written_behind(entry, content) for entry, content in self._misfits}
        for entry, _ in self._misfits:
            name = f"the entry ({entry.kind}, case {entry.case or 'none'}, {entry.at:%Y-%m-%dT%H:%M:%SZ})"
            if before[entry.position] is None:
                self.faults.append(Fault(entry.position, "changed", f"{name} does not fit its hash: it was changed"))
                continue
            place = _place(entry.position, before)
            if place != entry.position:
                text = f"{name} was moved: it was written at position {place}"
                self.faults.append(Fault(entry.position, "moved", text))
        return self.faults

    def _written_behind(self, entry: LedgerEntry, content: bytes) -> int | None:
        """Return where the entry now stands that this one was written behind, among those near a fault."""
        if not content or len(self._misfits) > MOST_TRACED:
            return None
        for position, hashed in self._hashes.items():
            if position != entry.position and link(hashed, mark(hashed, entry.case), content).hex() == entry.hash:
                return position
        return None


def _place(position: int, before: Mapping[int, int | None]) -> int:
    """Return where an entry was written: one behind the place of the entry that it was written behind."""
    steps = 0
    while (behind := before.get(position)) is not None and steps <= len(before):
        position, steps = behind, steps + 1
    return position + steps


def _bytes_of(entry: LedgerEntry) -> tuple[bytes, bytes]:
    """Return (hash, digest of the content); nothing for what has not even the form of one."""
    try:
        hashed = bytes.fromhex(entry.hash)
    except (ValueError, TypeError):
        hashed = b""
    try:
        entry.case.encode()
        return hashed, entry_digest(entry.kind, entry.case, entry.at, entry.message, entry.data)
    except (ValueError, TypeError, AttributeError):
        return hashed, b""


async def audit(store: Store, claims: Iterable[Claim] = ()) -> Audit:
    """Check the whole ledger of ``store`` and return every fault, none for a good one.

    ``claims`` are what others hold; the receipts that the node keeps are checked too. Time grows with the ledger,
    memory with the claims and faults alone.
    """
    wanted: dict[int, list[Claim]] = {}
    count = 0
    for claim in claims:
        count += 1
        wanted.setdefault(claim.position, []).append(claim)
    chain = _Chain()
    faults = chain.faults
    page: list[LedgerEntry] = []
    async for entry in store.ledger():
        chain.follow(entry)
        for claim in wanted.pop(entry.position, ()):
            faults.extend(_against(entry, claim))
        page.append(entry)
        if len(page) >= 400:
            faults.extend(await _stored(store, page))
            page.clear()
    faults.extend(await _stored(store, page))
    chain.end()
    for position, missing in wanted.items():
        for claim in missing:
            text = f"{claim.source} names this position; the ledger ends at {chain.head.position}: its tail is missing"
            if 0 < position <= chain.head.position:
                text = f"{claim.source} names this position, and there is no such entry"
            faults.append(Fault(position, "tail", text))
    return Audit(chain.head, chain.entries, count, tuple(sorted(set(faults))))


def _against(entry: LedgerEntry, claim: Claim) -> list[Fault]:
    if claim.hash != entry.hash:
        text = f"{claim.source} names another hash: the ledger was rewritten up to here, or this entry was changed"
        return [Fault(entry.position, "rewritten", text)]
    if claim.message is not None and claim.message != entry.message:
        return [Fault(entry.position, "rewritten", f"{claim.source} is for message {claim.message.id}, not this one")]
    return []


async def _stored(store: Store, entries: Sequence[LedgerEntry]) -> list[Fault]:
    """Check the bytes and the kept receipts of the messages that these entries name."""
    refs = {entry.message for entry in entries if entry.message is not None}
    ids = {ref.id for ref in refs}
    held = {(one.sender, one.id): one.data for one in await store.messages_of(ids)}
    receipts = await store.receipts_given(ids)
    faults = []
    for entry in entries:
        ref = entry.message
        if ref is None:
            continue
        data = held.get((ref.sender, ref.id))
        if data is None:
            faults.append(Fault(entry.position, "bytes", f"the bytes of message {ref.id} of {ref.sender} are missing"))
        elif not isinstance(data, bytes) or digest(data) != ref.sha256:  # SQLite takes text where bytes belong
            text = f"the bytes of message {ref.id} of {ref.sender} were changed: they do not have the entry's digest"
            faults.append(Fault(entry.position, "bytes", text))
        position, token = receipts.get((ref.sender, ref.id), (None, ""))
        if position == entry.position and not _states(token, entry):
            text = f"the receipt kept for message {ref.id} of {ref.sender} states another digest, position or hash"
            faults.append(Fault(entry.position, "receipt", text))
    return faults


def _states(token: str, entry: LedgerEntry) -> bool:
    """Say whether a receipt of our own states this entry. Its signature is for others to check."""
    claims = unproven(token)
    ref = entry.message
    return (
        ref is not None
        and (claims.get("position"), claims.get("hash")) == (entry.position, entry.hash)
        and (claims.get("message"), claims.get("sender"), claims.get("sha256")) == (ref.id, ref.sender, ref.sha256)
    )


__all__ = ["Audit", "Claim", "Fault", "audit"]
