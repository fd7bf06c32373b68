"""What happened to a consignment, in words of the visitor's language, as markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from exchange.agreements import registry
from scenarios.demo.panels.markup import tag
from scenarios.demo.tale import Cell, Stop
from scenarios.demo.told import Passed
from scenarios.demo.words import Voice
from scenarios.events import Event

_BLANK = {"by": "?", "act": "?", "rule": "?"}


class Teller:
    """Puts cells of one arm into words.

    ``keepers``: SHA-256 of an image → the country whose node gives it; ``places``: place → its name; ``every``: show
    all messages, not only those between services and those refused.
    """

    def __init__(
        self,
        voice: Voice,
        arm: str,
        start: datetime,
        keepers: Mapping[str, str],
        places: Mapping[str, str],
        *,
        every: bool,
    ) -> None:
        self._voice = voice
        self._arm = arm
        self._start = start
        self._keepers = keepers
        self._places = places
        self._every = every

    def cell(self, cell: Cell, known: Mapping[str, Passed]) -> str:
        """Return all that happened in one stage. ``known``: the case's messages by id."""
        lines = [(e.at, 0, e.ordinal, self._event(e)) for e in cell.events]
        lines += [(s.at, 1, 0, "".join(self._stop(s, known))) for s in cell.stops]
        lines += [(m.at, 2, n, self._answer(m, known)) for n, m in enumerate(cell.messages) if m.answers is not None]
        items = [tag("li", *self._dated(at), said) for at, _, _, said in sorted(lines)]
        chips = [self.chip(m) for m in cell.messages if self._every or _between(m) or _refused(m)]
        content = tag("ul", *items) if items else ""
        if chips:
            content += tag(
                "div", tag("span", text=self._voice("story.messages"), class_="c-faint c-small"), " ", *chips
            )
        return content or tag("span", text=self._voice("story.nothing_here"), class_="c-faint")

    def _dated(self, at: int) -> Sequence[str]:
        return tag("time", text=f"{self._start + timedelta(seconds=at):%m-%d %H:%M}"), " "

    def _event(self, event: Event) -> str:
        voice, data = self._voice, event.data
        kind = event.kind
        if kind == "control":
            minutes = round((data["ended"] - data["began"]) / 60)
            form, extent = voice(f"form.{data['form']}"), voice(f"extent.{data['extent']}")
            said = voice("happened.control", form=form, extent=extent, minutes=minutes)
            said += f" ({voice('happened.before_arrival')})" if data.get("before_arrival") else ""
            found = tag("b", text=f" — {voice('happened.found')}", class_="c-bad") if data.get("found") else ""
            return tag("span", text=said, class_="c-control") + found
        if kind == "image":
            return self._image(str(data["sha256"]))
        if kind == "mismatch":
            kind = f"mismatch.{data['what']}"
        said = voice(
            f"happened.{kind}", place=self._places.get(data.get("place", ""), ""), office=data.get("office", "")
        )
        grave = event.kind in ("mismatch", "seized", "differs", "alert", "cut-out")
        return tag("b", text=said, class_="c-bad") if grave else tag("span", text=said)

    def _image(self, sha256: str) -> str:
        node = self._keepers.get(sha256)
        taken = tag("span", text=self._voice("happened.image"))
        if node is None:
            return taken
        said = self._voice("story.image", node=node)
        source = f"/corridor/images/{self._arm}/{node}/{sha256}"
        picture = tag("img", src=source, alt=said, title=sha256, loading="lazy", data_test="image")
        return taken + tag("figure", picture, tag("figcaption", text=f"{said}, SHA-256 {sha256[:16]}…"))

    def _stop(self, stop: Stop, known: Mapping[str, Passed]) -> Iterator[str]:
        voice, told = self._voice, stop.told
        stopped = any(one["form"] != "DOCUMENTARY" for one in told["controls"])
        where = f"{stop.service} {told['office']}, {voice('presentation.' + told['presentation'])}"
        said = f"{where}: {voice('story.stopped' if stopped else 'story.not_stopped')}"
        yield tag("b", text=said, class_="c-stopped" if stopped else "c-passed")
        if not told["controls"] and not told["refused"] and [one["form"] for one in told["passed"]] == ["ANY"]:
            yield tag("span", text=" " + voice("story.unselected"))
            return
        reasons = [
            tag("li", *self._reason(part, one, known))
            for part in ("controls", "passed", "refused", "kept")
            for one in told.get(part, ())
        ]
        yield tag("ul", *reasons, class_="c-why")

    def _reason(self, part: str, one: Mapping[str, Any], known: Mapping[str, Passed]) -> Iterator[str]:
        voice = self._voice
        form = voice(f"form.{one['form']}")
        if one["form"] == "ANY":
            what = voice("story.not_selected")
        elif part == "controls":
            what = voice("story.ordered", form=form)
        elif part == "passed":
            what = voice("story.waived", form=form)
        elif part == "kept":
            what = voice("story.kept", form=form)
        else:
            what = voice("story.not_recognised", form=form, by=one.get("by", "?"))
        mark = {"controls": "●", "passed": "✓", "refused": "✗", "kept": "■"}[part]
        yield tag("span", text=f"{mark} {what}", class_=f"c-told-{part}")
        # a node writes English; in other languages what it means is said
        said = one["text"] if voice.language == "en" else because(voice, one["because"], **{**_BLANK, **_texts(one)})
        yield tag("span", text=f" — {said}")
        if "agreement" in one and "term" in one:
            yield " " + tag("span", text=f"[{self._clause(one)}]", class_="c-faint c-small")
        elif "pix" in one:
            yield " " + tag("span", text=f"[{one['pix']}]", class_="c-faint c-small")
        message = known.get(str(one.get("message")))
        if message is not None:
            yield " " + self.chip(message)

    def _clause(self, one: Mapping[str, Any]) -> str:
        voice, agreement = self._voice, str(one["agreement"])
        if voice.language != "en" and agreement in registry():  # nodes name it by its id, as the English text does
            agreement = voice.name(registry()[agreement].title)
        clause = {"term": voice.word("clause", one["term"]), "agreement": agreement}
        if "pix" in one:
            return self._voice("story.rule", rule=one["pix"], **clause)
        return self._voice("story.clause", **clause)

    def _answer(self, message: Passed, known: Mapping[str, Passed]) -> str:
        voice = self._voice
        assert message.answers is not None
        result, answer = message.answers
        made = known.get(result)
        of = f"{'?' if made is None else made.sender} ({voice('form.' + answer.form)})"
        said = voice("story.answer", by=answer.of or message.sender, of=of, fate=_fate(voice, message, known))
        reasons = ", ".join(because(voice, code) for code in answer.reasons)
        bad = answer.outcome == "REFUSED"
        return tag("span", text=f"{said} — {reasons}" if reasons else said, class_="c-refused" if bad else "c-passed")

    def chip(self, message: Passed) -> str:
        """Return a message as something to click."""
        at = self._start + timedelta(seconds=message.at)
        said = f"{message.code} {message.sender}→{message.recipient}"
        title = f"{at:%Y-%m-%d %H:%M} {self._voice('code.' + message.code)}"
        bad = " c-bad" if _refused(message) else ""
        between = " c-between" if _between(message) else ""
        return tag(
            "button",
            text=f"✗ {said}" if bad else said,
            type_="button",
            class_=f"c-chip{bad}{between}",
            title=title,
            data_arm=self._arm,
            data_letter=message.id,
        )


def because(voice: Voice, code: str, **values: str) -> str:
    """Return what the code of a reason means; codes that somebody else's node has of its own stand as told."""
    try:
        return voice(f"because.{code}", **values)
    except KeyError:
        return code


def _between(message: Passed) -> bool:
    """Say whether a message goes from service to service."""
    return "." not in message.sender + message.recipient


def _refused(message: Passed) -> bool:
    """Say whether a message was refused, or says that another one is rejected."""
    return not message.accepted or message.code == "NCK"


def _fate(voice: Voice, message: Passed, known: Mapping[str, Passed]) -> str:
    """Return what an answer comes to; one that is void at arrival has lapsed only if it had been accepted before."""
    assert message.answers is not None
    result, answer = message.answers
    promised = any(
        other.answers is not None
        and other.at <= message.at
        and (other.answers[0], other.sender) == (result, message.sender)
        and other.answers[1].stage == "CONDITIONAL"
        and other.answers[1].outcome != "REFUSED"
        for other in known.values()
    )
    if answer.stage == "CONDITIONAL" and answer.outcome == "ACCEPTED":
        return voice("recognitions.open")
    return voice(f"fate.{answer._replace(promised=promised).fate}")


def _texts(one: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(one[key]) for key in _BLANK if key in one}


__all__ = ["Teller", "because"]
