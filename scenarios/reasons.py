"""Why goods were stopped, or not, in one arm of a run: what the nodes' ledgers say, as lines of ``reasons.jsonl``.

A line is one presentation of one consignment at one office: ``case`` (base UCR), ``service`` (country), and what
:func:`nodes.reasons.stops` says of it. It holds what no trader or partner may know: it is for who runs the simulation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from exchange.references import strip_run
from nodes.reasons import stops

if TYPE_CHECKING:
    from nodes.core import NodeCore

Line = Mapping[str, Any]


def reasons_of(cores: Mapping[str, NodeCore]) -> tuple[Line, ...]:
    """Return the lines of all nodes of one arm, sorted by consignment, time of arrival and office."""
    lines: list[Line] = []
    for country, core in cores.items():
        for row in core.cases():
            case = core.case(row["ucr"])
            if case is not None:
                about = {"case": strip_run(case.ucr), "service": country}
                lines += [{**about, **stop} for stop in stops(case)]
    return in_order(lines)


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return ``lines`` sorted by consignment, time of arrival and office."""
    return tuple(sorted(lines, key=lambda line: (line["case"], line["arrived"], line["office"], line["presentation"])))


__all__ = ["Line", "in_order", "reasons_of"]
