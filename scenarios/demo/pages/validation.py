"""The page for testers: documents pasted, dropped, chosen or made are checked, and what is wrong is shown at its place.

Nothing that a visitor gives is worked on in the page's own process, and nothing of it is shown but as text.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from random import Random

from nicegui import app, events, ui

import schemas
from exchange.sentences import said
from scenarios.demo.desk import Desk
from scenarios.demo.judging import (
    BIGGEST,
    Bench,
    JudgingError,
    Schemas,
    check_documents,
    mutant,
    mutant_names,
    read_schemas,
    sample,
)
from scenarios.demo.panels.findings import Document, Findings, Inbox
from scenarios.demo.panels.markup import told

PASTED = 1_000_000
"""Most bytes of a document that are put into the box to be changed."""
AT_ONCE = 200
"""Most files taken at once."""


@cache
def bench() -> Bench:
    """Return the process that all visitors share."""
    made = Bench()
    app.on_shutdown(made.end)
    return made


def validation(desk: Desk) -> None:
    """Lay the page out."""
    _Validation(desk)


class _Validation:
    def __init__(self, desk: Desk) -> None:
        self._voice = desk.voice
        self._bench = bench()
        self._inbox = Inbox()
        self._schemas: Schemas | None = None
        self._made = 0
        with ui.element("div").classes("c-grid"):
            self._giving()
            self._making()
            self._findings = Findings(desk.voice, self._inbox, self._edit)

    def _giving(self) -> None:
        """Lay out the box, the files and the schemas."""
        voice = self._voice
        with ui.element("section").classes("c-card c-6 c-stack").props(f'aria-label="{voice("check.give")}"') as card:
            ui.html(f"<h2>{voice('check.give')}</h2>", sanitize=False)
            self._box = ui.element("textarea").classes("c-paste").props("spellcheck=false rows=4 data-test=paste")
            self._box.props["aria-label"] = self._box.props["placeholder"] = voice("check.paste")
            with ui.row().classes("items-center gap-2 w-full"):
                check = ui.button(voice("check.check"), icon="fact_check").props("no-caps data-test=check")
                with ui.element("label").classes("c-choose"):
                    ui.icon("upload_file").props("aria-hidden=true")
                    ui.label(voice("check.choose"))
                    choose = ui.element("input").props("type=file multiple data-test=files")
                self._busy = ui.spinner().props(f'role="status" aria-label="{voice("check.busy")}"')
                self._busy.set_visibility(False)
            with ui.row().classes("items-center gap-2 w-full"):
                self._by = ui.html(escape(voice("check.own")), sanitize=False)
                self._by.classes("c-faint").props("data-test=schemas")
                self._own = ui.button(voice("check.back"), on_click=self._ours)
                self._own.props("flat dense no-caps color=inherit data-test=own")
                self._own.set_visibility(False)
        self._upload = ui.upload(
            multiple=True,
            auto_upload=True,
            max_file_size=BIGGEST,
            max_files=AT_ONCE,
            on_multi_upload=self._uploaded,
            on_rejected=lambda: ui.notify(
                voice("check.refused", size=BIGGEST // 1024**2, count=AT_ONCE), type="warning"
            ),
        )
        self._upload.classes("c-away").props("inert aria-hidden=true")
        add = f"getElement({self._upload.id}).$refs.qRef.addFiles"
        box = json.dumps(f"c{self._box.id}")
        pasted = (
            f"() => {{const text = document.getElementById({box}).value;"
            f" if (text) {add}([new File([text], 'pasted.xml')])}}"
        )
        check.on("click", js_handler=pasted)
        self._box.on("keydown.ctrl.enter", js_handler=pasted)
        choose.on("change", js_handler=f"(e) => {{{add}([...e.target.files]); e.target.value = ''}}")
        card.on("dragover", js_handler="(e) => e.preventDefault()")
        dropped = (
            f"(e) => {{if (e.dataTransfer.files.length) {{e.preventDefault(); {add}([...e.dataTransfer.files])}}}}"
        )
        card.on("drop", js_handler=dropped)

    def _making(self) -> None:
        """Lay out samples and mutants."""
        voice = self._voice
        with ui.element("section").classes("c-card c-6 c-stack").props(f'aria-label="{voice("check.make")}"'):
            ui.html(f"<h2>{voice('check.make')}</h2>", sanitize=False)
            with ui.row().classes("items-center gap-2 w-full"):
                names = {code: f"{code} · {voice(f'code.{code}')}" for code in schemas.CODES}
                self._code = _select(names, "AAR", voice("check.message"), "code").classes("grow")
                versions = list(schemas.VERSIONS)
                self._version = _select(versions, versions[-1], voice("check.version"), "version").classes("min-w-24")
                kinds = {kind: voice(f"check.{kind}") for kind in ("minimal", "full", "random")}
                self._kind = _select(kinds, "minimal", voice("check.kind"), "kind").classes("min-w-32")
            for choice in (self._code, self._version, self._kind):
                choice.on_value_change(self._other)
            with ui.row().classes("items-center gap-2 w-full"):
                ui.button(voice("check.sample"), icon="add", on_click=self._sample).props(
                    "outline no-caps color=inherit data-test=sample"
                )
                ui.button(voice("check.mutants"), icon="bug_report", on_click=self._mutants).props(
                    "outline no-caps color=inherit data-test=mutants"
                )
                ui.button(voice("check.any_mutant"), icon="casino", on_click=self._any).props(
                    "outline no-caps color=inherit data-test=any-mutant"
                )
            self._which = _select({}, None, voice("check.which"), "which").classes("w-full")
            self._which.props("use-input input-debounce=0").on_value_change(self._chosen)
            self._which.set_visibility(False)

    def _other(self) -> None:
        """Forget the mutants of another message."""
        self._which.set_options({}, value=None)
        self._which.set_visibility(False)

    @property
    def _wanted(self) -> tuple[str, str, str, int]:
        return str(self._code.value), str(self._version.value), str(self._kind.value), 1

    async def _sample(self) -> None:
        code, version, kind, _ = self._wanted
        self._made += 1
        try:
            with self._working():
                data = await self._bench.do(sample, code, version, kind, self._made)  # type: ignore[arg-type]
                (checked,) = await self._bench.do(check_documents, [(f"{code}-{kind}-{self._made}.xml", data)], None)
        except JudgingError as problem:
            self._complain(problem)
            return
        self._inbox.take([Document(data=data, checked=checked)])
        self._findings.show()

    async def _names(self) -> list[tuple[str, str]]:
        try:
            with self._working():
                names = await self._bench.do(mutant_names, *self._wanted)  # type: ignore[arg-type]
        except JudgingError as problem:
            self._complain(problem)
            return []
        word = self._voice.word
        options = {n: f"{n + 1} · {word('breaks', what)} · {place}" for n, (what, place) in enumerate(names)}
        self._which.set_options(options, value=None)
        self._which.set_visibility(True)
        return names

    async def _mutants(self) -> None:
        if await self._names():
            self._which.run_method("showPopup")

    async def _any(self) -> None:
        names = await self._names()
        if names:
            self._which.value = Random().randrange(len(names))

    async def _chosen(self, event: events.ValueChangeEventArguments[int | None]) -> None:
        if event.value is None:
            return
        number = int(event.value)
        try:
            with self._working():
                made = await self._bench.do(mutant, *self._wanted, number)  # type: ignore[arg-type]
                name = f"{self._wanted[0]}-mutant-{number + 1}.xml"
                (checked,) = await self._bench.do(check_documents, [(name, made.data)], None)
        except JudgingError as problem:
            self._complain(problem)
            return
        self._inbox.take([Document(data=made.data, checked=checked, mutant=made)])
        self._findings.show()

    async def _uploaded(self, event: events.MultiUploadEventArguments) -> None:
        """Check what came, by the schemas among it or those in use."""
        given = [(file.name, await file.read()) for file in event.files[:AT_ONCE] if file.size() <= BIGGEST]
        self._upload.reset()
        foreign = [Schemas(name=name, data=data) for name, data in given if name.lower().endswith((".zip", ".xsd"))]
        documents = [(name, data) for name, data in given if not name.lower().endswith((".zip", ".xsd"))]
        with self._working():
            if foreign:
                await self._use(foreign[-1])
            if documents:
                await self._check(documents)

    async def _use(self, found: Schemas) -> None:
        try:
            notes = await self._bench.do(read_schemas, found)
        except JudgingError as problem:
            self._complain(problem, found.name)
            return
        self._schemas = found
        said = escape(self._voice("check.by", name=found.name, notes="\0")).strip()
        self._by.content = said.replace("\0", " ".join(told(self._voice, note) for note in notes))
        self._own.set_visibility(True)

    def _ours(self) -> None:
        self._schemas = None
        self._by.content = escape(self._voice("check.own"))
        self._own.set_visibility(False)

    async def _check(self, documents: list[tuple[str, bytes]]) -> None:
        found = []
        for name, data in documents:
            try:
                checked = (await self._bench.do(check_documents, [(name, data)], self._schemas))[0]
            except JudgingError as problem:
                self._complain(problem, name)
                continue
            found.append(Document(data=data, checked=checked))
        if found:
            self._inbox.take(found)
            self._findings.show()

    def _edit(self, data: bytes) -> None:
        if len(data) > PASTED:
            ui.notify(self._voice("check.too_long", size=PASTED // 1000), type="warning")
            return
        text = json.dumps(data.decode("utf-8", "replace"))
        place = json.dumps(f"c{self._box.id}")
        ui.run_javascript(f"{{const box = document.getElementById({place}); box.value = {text}; box.focus()}}")

    def _complain(self, problem: JudgingError, of: str = "") -> None:
        text = self._voice.told(said(problem))[0]
        ui.notify(f"{of}: {text}" if of else text, type="negative", multi_line=True, timeout=10_000)

    def _working(self) -> _Busy:
        return _Busy(self._busy)


class _Busy:
    """Shows that something is being done while it is."""

    def __init__(self, sign: ui.spinner) -> None:
        self._sign = sign

    def __enter__(self) -> None:
        self._sign.set_visibility(True)

    def __exit__(self, *_: object) -> None:
        self._sign.set_visibility(False)


def _select(options: object, value: object, label: str, test: str) -> ui.select:
    select = ui.select(options, value=value, label=label)  # type: ignore[arg-type]
    select.props(f"dense outlined options-dense data-test={test}")
    return select


__all__ = ["validation"]
