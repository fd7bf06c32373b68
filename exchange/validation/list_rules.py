"""The rules PIX-041 on intervals and PIX-045 on lists of participants, as far as one message shows them."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.messages import Message, ParticipantList
from exchange.sentences import tell
from exchange.validation.reach import having
from exchange.validation.rules import Break, register

INTERVALS = (("not_before", "not_after"), ("begins_at", "ends_at"), ("ended_at", "valid_until"))
"""Fields of messages that begin and end an interval."""


@register("PIX-041a", having(*(end for _, end in INTERVALS)), "an interval ends after it begins", "logic")
def intervals(message: Message) -> Iterator[Break]:
    values = message.__dict__
    for begin, end in INTERVALS:
        first, last = values.get(begin), values.get(end)
        if first is not None and last is not None and last <= first:
            began = f"{first:%Y-%m-%dT%H:%M:%SZ}"
            text = tell("The interval is said to end no later than it begins ({began}).", began=began)
            yield Break((end,), f"{last:%Y-%m-%dT%H:%M:%SZ}", tell("later than {began}", began=began), text)


@register("PIX-045", "LST", "a list has a higher version than the one before", "RU-CN arrangement")
def rising_version(message: ParticipantList) -> Iterator[Break]:
    before = message.previous_version
    if before is not None and message.list_version <= before:
        text = tell(
            "Version {list_version} of the list is said to follow version {before}.",
            list_version=message.list_version,
            before=before,
        )
        yield Break(("list_version",), str(message.list_version), tell("more than {before}", before=before), text)


@register("PIX-045a", "LST", "who is added stands on the list, who is removed does not", "RU-CN arrangement")
def changes_agree_with_the_list(message: ParticipantList) -> Iterator[Break]:
    listed = {one.id for one in message.participants}
    for index, added in enumerate(message.added):
        if added.id not in listed:
            text = tell("{id} is said to be added, but does not stand on the list.", id=added.id)
            yield Break(("added", index, "id"), added.id, tell("a participant of the full list"), text)
    for index, removed in enumerate(message.removed):
        if removed.id in listed:
            text = tell("{id} is said to be removed, but stands on the list.", id=removed.id)
            yield Break(("removed", index, "id"), removed.id, tell("a trader who is no longer on the list"), text)


__all__ = ["INTERVALS"]
