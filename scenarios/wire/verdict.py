"""What became of it: the nodes' stores beside what was handed in, what was damaged, and the run without faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange.ledger import BrokenChain
from exchange.store import Store, open_store
from nodes.core import NodeCore
from scenarios.scenario import Scenario
from scenarios.wire.network import Network, clock
from scenarios.wire.reference import Reference, cores_of, essence

Key = tuple[str, str, str]
"""(recipient, sender, message id)"""
ARRIVED = ("received", "parked")
_PAGE = 200


@dataclass(slots=True)
class Verdict:
    """What was found wrong, each as a sentence. ``messages`` is how many different ones services accepted."""

    messages: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    tampered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.tampered or self.broken or self.different)

    @property
    def offenders(self) -> list[str]:
        """All that is wrong."""
        return [*self.lost, *self.doubled, *self.tampered, *self.broken, *self.different]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is judged: nodes that have been stopped.

    ``stores``: their URLs by country. ``handed_in``: digests of what posts and traders have receipts for. ``tampered``:
    digests of bodies that were changed on the wire.
    """

    scenario: Scenario
    seed: int
    stores: Mapping[str, str]
    reference: Reference
    handed_in: Mapping[Key, str]
    tampered: Collection[str]

    @classmethod
    def of(cls, network: Network, seed: int, reference: Reference, handed_in: Mapping[Key, str]) -> Evidence:
        """Return the evidence of a network that has been stopped."""
        return cls(
            scenario=network.scenario,
            seed=seed,
            stores={country: network.store(country) for country in network.nodes},
            reference=reference,
            handed_in=handed_in,
            tampered={sha256 for proxy in network.proxies for sha256 in proxy.tampered},
        )


async def judge(evidence: Evidence) -> Verdict:
    """Return the verdict on ``evidence``."""
    verdict = Verdict()
    reference, stores = evidence.reference, evidence.stores
    cores = cores_of(evidence.scenario, evidence.seed)
    arrived: dict[Key, str] = {}
    sent: dict[Key, str] = dict(evidence.handed_in)
    for country, url in stores.items():
        store = await open_store(url, country, reading=True)
        try:
            await _ledger(country, store, arrived, verdict)
            await _outbox(country, stores, store, sent, verdict)
            await _cases(country, store, cores[country], reference, verdict)
        finally:
            await store.close()
    verdict.messages = len(arrived)
    for key in sorted(reference.accepted | set(sent)):
        if key not in arrived:
            verdict.lost.append(f"{_name(key)}: is not in the recipient's ledger")
    for key, sha256 in sorted(arrived.items()):
        if sha256 in evidence.tampered or sent.get(key, sha256) != sha256:
            verdict.tampered.append(f"{_name(key)}: the ledger holds bytes that its sender did not send")
        if key not in reference.accepted:
            verdict.different.append(f"{_name(key)}: was accepted, and is not there without faults")
    return verdict


async def _ledger(country: str, store: Store, arrived: dict[Key, str], verdict: Verdict) -> None:
    try:
        await store.verify()
    except BrokenChain as error:
        verdict.broken.append(f"{country}: {error}")
    times: Counter[Key] = Counter()
    async for entry in store.ledger():
        if entry.kind in ARRIVED and entry.message is not None:
            key = (country, entry.message.sender, entry.message.id)
            arrived[key] = entry.message.sha256
            times[key] += 1
    verdict.doubled += [
        f"{_name(key)}: stands {count} times in the ledger" for key, count in times.items() if count > 1
    ]


async def _outbox(
    country: str, services: Collection[str], store: Store, sent: dict[Key, str], verdict: Verdict
) -> None:
    rows, now = await store.outbox(), clock()
    for start in range(0, len(rows), _PAGE):
        page = rows[start : start + _PAGE]
        digests = await store.refs((row.sender, row.message_id) for row in page)
        for row in page:
            key = (row.recipient, row.sender, row.message_id)
            if row.state == "pending" and row.due > now:
                continue  # to be sent in days: a check of documents before the goods arrive
            if row.state != "delivered":
                verdict.lost.append(f"{_name(key)}: is {row.state} in the sender's outbox: {row.detail}")
            elif row.recipient in services:
                sent[key] = digests[row.sender, row.message_id]


async def _cases(country: str, store: Store, core: NodeCore, reference: Reference, verdict: Verdict) -> None:
    ucrs = [ucr for node, ucr in reference.cases if node == country]
    for start in range(0, len(ucrs), _PAGE):
        for ucr, entries in (await store.entries_of(ucrs[start : start + _PAGE])).items():
            core.load(ucr, entries)
            view = core.view(ucr)
            assert view is not None
            found, wanted = essence(view), reference.cases[country, ucr]
            wrong = [part for part in wanted if found[part] != wanted[part]]
            core.drop([ucr])
            if wrong:
                verdict.different.append(_difference(country, ucr, wrong[0], found, wanted))


def _difference(country: str, ucr: str, part: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    is_, should = found[part], wanted[part]
    if isinstance(should, list):
        is_, should = [one for one in is_ if one not in should], [one for one in should if one not in is_]
    return f"case {ucr} at {country}: {part} is not that of the run without faults: {is_} instead of {should}"


def _name(key: Key) -> str:
    recipient, sender, message_id = key
    return f"message {message_id} from {sender} to {recipient}"


__all__ = ["Evidence", "Key", "Verdict", "judge"]
