"""Many findings side by side: each has its own place, and all are counted."""

from __future__ import annotations

import schemas
from exchange.identifiers import container_id
from exchange.validation import Limits, validate

COUNT = 1200


def crowded() -> bytes:
    """Return a record with many containers, each a line with a seal more than it announces, and no two alike."""
    data = schemas.sample("AAR").read_bytes()
    before, after = data.index(b"<TransportEquipment>"), data.rindex(b"</TransportEquipment>")
    lines = [
        f"<TransportEquipment><SequenceNumber>{number}</SequenceNumber>"
        f"<ContainerID>{container_id('CSQ', 'U', f'{number:06d}')}</ContainerID><NumberOfSeals>0</NumberOfSeals>"
        f"<Seal><SequenceNumber>1</SequenceNumber><ID>S{number}</ID></Seal></TransportEquipment>"
        for number in range(1, COUNT + 1)
    ]
    return data[:before] + "\n".join(lines).encode() + data[after + len(b"</TransportEquipment>") :]


def test_each_of_many_breaks_of_a_rule_has_its_place() -> None:
    data = crowded()
    verdict = validate(data, limits=Limits(findings=COUNT + 100))
    found = [one for one in verdict.findings if " announced, but " in one.text]
    assert len(found) == COUNT
    first = data[: data.index(b"<TransportEquipment>")].count(b"\n") + 1
    for index, one in enumerate(found):
        assert one.line == first + index
        assert one.xpath.startswith(f"/AnticipatedArrivalRecord/Consignment/TransportEquipment[{index + 1}]/")


def test_what_is_not_told_is_counted() -> None:
    verdict = validate(crowded())
    assert len(verdict.findings) == 1000
    assert verdict.total >= COUNT
