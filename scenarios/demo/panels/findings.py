"""What was found: the documents that a visitor checked, one of them with its findings marked, and the report."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from scenarios.demo.panels.marked import list_of, text_of
from scenarios.demo.words import Voice
from scenarios.validation.formats import FORMATS, writer

if TYPE_CHECKING:
    from exchange.generation import Mutant
    from scenarios.validation.checking import Checked

ENDINGS = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "html": "html"}
"""Format of a report → the ending of its file's name."""
MOST = 200
"""Most documents of one visitor; the oldest goes first."""
MOST_BYTES = 50 * 1024 * 1024
"""Most bytes of all documents of one visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was checked. ``mutant``: what it was made to break, if it was."""

    data: bytes
    checked: Checked
    mutant: Mutant | None = None

    @property
    def as_expected(self) -> bool:
        """Return whether the finding that a mutant must have is among its findings."""
        if self.mutant is None:
            return False
        due = self.mutant.expected
        return any(
            (one.gate, one.code, one.line) == (due.gate, due.code, due.line)
            and (due.rule is None or one.rule == due.rule)
            and (due.column is None or one.column == due.column)
            for one in self.checked.findings
        )


@dataclass(slots=True)
class Inbox:
    """A visitor's documents, the newest first, and the one that is shown."""

    documents: list[Document] = field(default_factory=list)
    shown: Document | None = None

    def take(self, documents: list[Document]) -> None:
        """Add documents and show the first of them that is invalid, else the first."""
        self.documents = [*documents, *self.documents][:MOST]
        while len(self.documents) > 1 and sum(len(one.data) for one in self.documents) > MOST_BYTES:
            self.documents.pop()
        self.shown = next((one for one in documents if not one.checked.valid), documents[0] if documents else None)

    def clear(self) -> None:
        """Forget all."""
        self.documents, self.shown = [], None


class Findings:
    """See the module; ``edit`` is given the text of the document that the visitor wants to change."""

    def __init__(self, voice: Voice, inbox: Inbox, edit: Callable[[bytes], None]) -> None:
        self._voice, self._inbox, self._edit = voice, inbox, edit
        with ui.element("section").classes("c-card c-12").props(f'aria-label="{voice("check.documents")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{escape(voice('check.documents'))}</h2>", sanitize=False)
                self._count = ui.label().classes("c-faint").props('data-test=count role="status" aria-live="polite"')
                ui.space()
                self._form = ui.select(list(FORMATS), value="html", label=voice("check.format"))
                self._form.props("dense outlined options-dense data-test=format").classes("min-w-28")
                ui.button(voice("check.download"), icon="download", on_click=self._download).props(
                    "outline no-caps color=inherit data-test=download"
                )
                ui.button(voice("check.clear"), icon="delete_sweep", on_click=self._clear).props(
                    "flat no-caps color=inherit data-test=clear"
                )
            self._list = ui.element("ul").classes("c-documents")
        with ui.element("section").classes("c-card c-8 c-stack").props(f'aria-label="{voice("check.text")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                self._verdict = ui.html("", sanitize=False).props('data-test=verdict role="status" aria-live="polite"')
                ui.space()
                self._again = ui.button(voice("check.edit"), icon="edit", on_click=self._change)
                self._again.props("flat no-caps color=inherit data-test=edit")
            self._mutant = ui.label().classes("c-note").props("data-test=mutant")
            self._text = ui.html("", sanitize=False).classes("w-full").props("data-test=text")
        with ui.element("section").classes("c-card c-4").props(f'aria-label="{voice("check.findings")}"'):
            ui.html(f"<h2>{escape(voice('check.findings'))}</h2>", sanitize=False)
            self._found = ui.html("", sanitize=False).classes("w-full").props("data-test=findings")
        self.show()

    def show(self) -> None:
        """Show the documents as they are now."""
        voice, inbox = self._voice, self._inbox
        valid = sum(one.checked.valid for one in inbox.documents)
        invalid = len(inbox.documents) - valid
        self._count.text = (
            voice("check.count", valid=valid, invalid=invalid) if inbox.documents else voice("check.none")
        )
        self._list.clear()
        with self._list:
            for document in inbox.documents:
                self._entry(document)
        one = inbox.shown
        self._again.set_visibility(one is not None)
        self._mutant.set_visibility(one is not None and one.mutant is not None)
        if one is None:
            self._verdict.content = f"<h2>{escape(voice('check.text'))}</h2>"
            self._text.content = self._found.content = f'<p class="c-faint">{escape(voice("check.none"))}</p>'
            return
        said = " ".join(filter(None, (one.checked.code, one.checked.version, "·", one.checked.file)))
        self._verdict.content = f"<h2>{_verdict(one, voice)} {escape(said)}</h2>"
        self._text.content = text_of(one.data, one.checked.findings, voice)
        none = f'<p class="c-faint">{escape(voice("check.no_findings"))}</p>'
        self._found.content = list_of(one.checked, voice) if one.checked.findings else none
        if one.mutant is not None:
            due = one.mutant.expected
            expected = " ".join(filter(None, (due.code, due.rule)))
            key = "check.as_expected" if one.as_expected else "check.not_as_expected"
            place = voice("check.place", line=due.line, column=due.column or "–")
            self._mutant.text = voice(
                key,
                change=voice.told(one.mutant.change)[0],
                finding=f"{expected} ({voice('gate.' + due.gate)}, {place})",
            )

    def _entry(self, one: Document) -> None:
        def choose() -> None:
            self._inbox.shown = one
            self.show()

        sign = "✓" if one.checked.valid else "✖"
        with ui.element("li"):
            button = ui.button(f"{sign} {one.checked.file}", on_click=choose)
            current = "true" if one is self._inbox.shown else "false"
            button.props(f'dense flat no-caps color=inherit aria-pressed="{current}" data-test=document')
            button.classes("c-valid" if one.checked.valid else "c-invalid")

    def _change(self) -> None:
        if self._inbox.shown is not None:
            self._edit(self._inbox.shown.data)

    def _clear(self) -> None:
        self._inbox.clear()
        self.show()

    async def _download(self) -> None:
        if not self._inbox.documents:
            ui.notify(self._voice("check.none"))
            return
        form = str(self._form.value)
        out = io.StringIO()
        await asyncio.to_thread(writer(form), [one.checked for one in self._inbox.documents], out)
        ui.download.content(out.getvalue().encode(), f"validation.{ENDINGS[form]}")


def _verdict(one: Document, voice: Voice) -> str:
    kind, sign = ("good", "✓") if one.checked.valid else ("bad", "✖")
    key = "check.valid" if one.checked.valid else "check.invalid"
    return f'<span class="c-{kind}">{sign} {escape(voice(key))}</span>'


__all__ = ["Document", "Findings", "Inbox"]
