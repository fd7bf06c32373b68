"""A message whole: its XML, the verdict on it, signature, receipt, what it follows from and what followed from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from exchange.errors import CorridorError
from exchange.sentences import said
from scenarios.demo.desk import Desk
from scenarios.demo.panels.markup import LONGEST, coloured, tag, told
from scenarios.demo.panels.telling import because
from scenarios.demo.told import Passed
from scenarios.demo.words import Voice

if TYPE_CHECKING:
    from exchange.validation import Finding, Verdict
    from scenarios.demo.proofs import Letter as Kept
    from scenarios.demo.proofs import Proof

MOST = 12
"""Messages that are named as what followed from one."""
SHOWN_FINDINGS = 50


class Letter:
    """Shows one message of one arm; :meth:`show` names it, :meth:`refresh` adds what followed from it meanwhile."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._html = ui.html("", sanitize=False).classes("w-full c-letter").props('data-test="letter"')
        self._chosen: tuple[str, str] | None = None
        self._kept: tuple[Kept, Verdict] | None = None
        self._told = ""
        self._empty()

    def _empty(self) -> None:
        self._say(tag("p", text=self._desk.voice("letter.pick"), class_="c-faint"))

    def _say(self, content: str) -> None:
        if content != self._told:
            self._told = content
            self._html.content = content

    def show(self, arm: str, message_id: str) -> None:
        """Show the message of this id in this arm; one that has not passed there is left out."""
        if self._chosen != (arm, message_id):
            self._chosen, self._kept = (arm, message_id), None
            background_tasks.create(self._read(arm, message_id))

    async def _read(self, arm: str, message_id: str) -> None:
        from exchange.validation import validate

        show = self._desk.theatre.show
        if show is None:
            return
        try:
            kept: Kept = await show.ask(arm, "letter", message_id)
            verdict = await asyncio.to_thread(validate, kept.data)
        except (CorridorError, KeyError) as problem:
            self._say(tag("p", _with(self._desk.voice, "letter.failed", said(problem)), role="alert"))
            return
        if self._chosen == (arm, message_id):
            self._kept = kept, verdict
            self.refresh()

    def refresh(self) -> None:
        """Draw the message again; it is sent only if something about it has changed."""
        show = self._desk.theatre.show
        if show is None or self._chosen is None or self._kept is None:
            return
        arm, message_id = self._chosen
        messages = show.stories[arm].messages if arm in show.stories else []
        passed = next((one for one in messages if one.id == message_id), None)
        if passed is None:
            self._chosen = self._kept = None
            self._empty()
            return
        kept, verdict = self._kept
        self._say("".join(_page(self._desk.voice, arm, passed, kept, verdict, messages)))


def _page(
    voice: Voice, arm: str, passed: Passed, kept: Kept, verdict: Verdict, messages: Sequence[Passed]
) -> Iterator[str]:
    name = f"{passed.code} · {voice('code.' + passed.code)}"
    yield tag("h2", text=name)
    yield tag("p", text=f"{passed.sender} → {passed.recipient}", class_="c-way-of")
    for attempt in messages:
        if attempt.id == passed.id and not attempt.accepted:
            yield tag("p", _with(voice, "letter.refused", attempt.reason, by=attempt.recipient), class_="c-bad")
    for other in messages:
        if other.code == "NCK" and other.correlation == passed.id:
            yield tag("p", _with(voice, "letter.rejected", other.reason, by=other.sender), class_="c-bad")
    if passed.answers is not None:
        answer = passed.answers[1]
        reasons = ", ".join(because(voice, code) for code in answer.reasons)
        said = f"{voice('form.' + answer.form)}: {voice('fate.' + answer.fate)}"
        yield tag("p", text=f"{said} — {reasons}" if reasons else said, class_="c-said")
    yield _section(voice("letter.verdict"), "verdict", "".join(_verdict(voice, verdict)))
    yield _section(voice("letter.signature"), "signature", _proof(voice, kept.signature, "letter.no_signature"))
    yield _section(voice("letter.receipt"), "receipt", _proof(voice, kept.receipt, "letter.no_receipt"))
    causes = [one for one in messages if one.id == passed.correlation]
    effects = [one for one in messages if one.correlation == passed.id][:MOST]
    for key, found in (("letter.answers_to", causes), ("letter.answered_by", effects)):
        if found:
            yield _section(voice(key), "links", "".join(_links(voice, arm, found)))
    if passed.case:
        target = "/story?" + urlencode({"case": passed.case})
        yield tag("p", tag("a", text=voice("letter.story"), href=target, data_test="to-story"))
    content, whole = coloured(kept.data)
    facts = {"size": len(kept.data), "sha256": kept.sha256}
    said = voice("letter.kept", node=kept.kept_by, **facts) if kept.kept_by else voice("letter.not_kept", **facts)
    yield tag("h3", text="XML")
    yield tag("pre", content, class_="c-xml", tabindex="0", data_test="xml")
    if not whole:
        yield tag("p", text=voice("letter.cut", count=LONGEST))
    yield tag("p", text=said, class_="c-small c-faint")


def _with(voice: Voice, key: str, text: str, **values: str) -> str:
    """Return the words of ``key`` as markup, with ``text`` in the visitor's language where it can be said so."""
    return escape(voice(key, text="\0", **values)).replace("\0", told(voice, text))


def _section(title: str, name: str, content: str) -> str:
    return tag("section", tag("h3", text=title), content, data_test=name)


def _verdict(voice: Voice, verdict: Verdict) -> Iterator[str]:
    if verdict.valid:
        said = voice("letter.warned", count=verdict.total) if verdict.total else voice("letter.valid")
        yield tag("p", text=f"✓ {said}", class_="c-good")
    else:
        yield tag("p", text=f"✗ {voice('letter.invalid', count=verdict.total)}", class_="c-bad")
    if verdict.findings:
        yield tag("ul", *(_finding(voice, finding) for finding in verdict.findings[:SHOWN_FINDINGS]))


def _finding(voice: Voice, finding: Finding) -> str:
    place = f"{finding.line}:{finding.column} " if finding.line else ""
    rule = f" [{finding.rule}]" if finding.rule else ""
    return tag("li", told(voice, finding.text), text=f"{place}{finding.code}{rule}: ")


def _proof(voice: Voice, proof: Proof, none: str) -> str:
    if proof.state == "none":
        return tag("p", text=voice(none), class_="c-faint")
    good = proof.state == "verified"
    said = escape(f"✓ {voice('letter.verified')}") if good else f"✗ {_with(voice, 'letter.broken', proof.text)}"
    rows = "".join(
        tag("dt", text=voice(f"fact.{key}")) + tag("dd", text=value) for key, value in proof.facts.items() if value
    )
    token = tag("details", tag("summary", text=voice("letter.token")), tag("code", text=proof.token))
    return tag("p", said, class_="c-good" if good else "c-bad") + tag("dl", rows) + token


def _links(voice: Voice, arm: str, found: Iterable[Passed]) -> Iterator[str]:
    for one in found:
        said = f"{one.code} {voice('code.' + one.code)}, {one.sender} → {one.recipient}"
        yield tag("button", text=said, type_="button", class_="c-chip", data_arm=arm, data_letter=one.id)


__all__ = ["Letter"]
