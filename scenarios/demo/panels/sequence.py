"""The sequence picture: who sent what to whom, the newest at the bottom, drawn in the browser from plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.told import Passed


class SequencePicture:
    """See the module. Services are columns, with a thin line beside each for its posts and traders."""

    def __init__(self, desk: Desk) -> None:
        self._voice = desk.voice
        label = desk.voice("messages")
        self._html = ui.element("div").classes("c-sequence w-full").props(f'data-test="sequence" aria-label="{label}"')
        self._sent = ""

    def show(
        self,
        services: Sequence[str],
        messages: Sequence[Passed],
        rejected: Mapping[str, str],
        *,
        arm: str,
        start: datetime,
        chosen: str,
        follow: bool,
    ) -> None:
        """Draw ``messages``. ``follow``: keep the newest in sight.

        ``rejected``: id of a message that was accepted and rejected later → the reason; ``chosen``: id.
        """
        voice = self._voice
        data = {
            "arm": arm,
            "chosen": chosen,
            "follow": follow,
            "services": [[one, voice("messages.service", country=one)] for one in services],
            "posts": [voice("messages.posts", country=one) for one in services],
            "none": voice("messages.none"),
            "rows": [self._row(one, rejected.get(one.id) if one.accepted else one.reason, start) for one in messages],
        }
        text = json.dumps(data)
        if text != self._sent:
            self._sent = text
            self._html.client.run_javascript(f"corridor.sequence({json.dumps(f'c{self._html.id}')}, {text})")

    def _row(self, one: Passed, reason: str | None, start: datetime) -> list[Any]:
        at = start + timedelta(seconds=one.at)
        name = self._voice(f"code.{one.code}")
        said = name
        if one.answers is not None:
            said += ": " + self._voice("fate." + one.answers[1].fate)
        if reason is not None:
            said += f" ✗ {self._voice.told(reason)[0]}"
        title = f"{at:%Y-%m-%d %H:%M} {one.code} {said} · {one.sender} → {one.recipient} · {one.case}"
        return [one.id, f"{at:%m-%d %H:%M}", one.code, one.sender, one.recipient, reason is None, said, one.case, title]


__all__ = ["SequencePicture"]
