"""Why goods were kept: controls of the service's own posts that found something; a part of :mod:`nodes.reasons`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nodes.case import FAILED, Side

FOUND = {
    "A5": ("DISCREPANCY", "found the goods otherwise than declared{}, which is to be settled"),
    "B1": ("OFFENCE", "found an offence{}: the goods may not leave"),
    "B2": ("OFFENCE", "found that this is not the office for the goods{}: they may not leave"),
    "B3": ("OFFENCE", "found an offence at destination{}: the goods may not leave"),
}
"""Result that keeps goods → the reason's code, and what the control found, with room for when."""


def kept(side: Side) -> Iterator[dict[str, Any]]:
    """Yield, as plain JSON, each control at ``side`` for whose result the goods had to stay there."""
    replaced = {act.supersedes for act in side.made}
    for act in side.made:
        if act.result not in FAILED or act.header.message_id in replaced:
            continue
        because, what = FOUND[act.result]
        before = " before they arrived" if side.arrived_at is not None and act.ended_at < side.arrived_at else ""
        yield {
            "form": act.form,
            "extent": act.extent,
            "because": because,
            "text": f"the control (result {act.result}) {what.format(before)}",
            "message": act.header.message_id,
            "code": act.CODE,
            "by": act.header.sender,
            "act": act.act_number,
        }


__all__ = ["FOUND", "kept"]
