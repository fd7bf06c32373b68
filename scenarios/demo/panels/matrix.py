"""Who has agreed on what with whom: countries against countries, what stands between two, one agreement whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from nicegui import events, ui

from exchange.agreements import COVERS, IN_FORCE, registry, statuses
from exchange.agreements.agreement import STATUSES, Agreement
from exchange.agreements.directory import country_names
from exchange.agreements.views import LETTERS, Pair, Standing, as_json, chosen, grid, matrix
from scenarios.demo.panels.markup import named
from scenarios.demo.words import Voice

YEAR = date(2016, 12, 31)
"""The end of the founding text's year."""
FEW = 7
"""So many columns have room for words."""


def country(code: str) -> str:
    """Return a country's name as HTML; the page's script puts the visitor's own language in its place."""
    return f'<span data-country="{escape(code)}">{escape(country_names().get(code, code))}</span>'


def status_words(status: str, voice: Voice) -> str:
    """Return a status in the visitor's language."""
    return voice("standing." + status.replace(" ", "_"))


def in_use_words(agreement: Agreement, voice: Voice) -> str:
    """Return the status in use in the visitor's language, with the dates that a run assumes."""
    dates = (("agree.since", agreement.since), ("agree.until", agreement.until))
    known = [voice(key, day=day) for key, day in dates if day is not None and agreement.real is not None]
    return " ".join([status_words(agreement.status, voice), *known])


class Matrix:
    """See the module. ``services``: whose agreements are shown until the visitor asks for all."""

    def __init__(self, voice: Voice, services: Callable[[], Sequence[str]]) -> None:
        self._voice, self._services = voice, services
        self._pair: tuple[str, str] | None = None
        self._id = ""
        with ui.element("section").classes("c-card c-8 c-stack").props(f'aria-label="{voice("agree.matrix")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{escape(voice('agree.matrix'))}</h2>", sanitize=False)
                ui.space()
                self._who = _select(
                    {"show": voice("agree.of_show"), "all": voice("agree.all")}, voice("agree.who"), "who"
                )
                self._when = _select({"now": voice("agree.last"), "2016": "2016"}, voice("agree.when"), "when")
                self._what = _select(
                    {"": voice("agree.anything")} | {what: voice(f"covers.{what}") for what in COVERS},
                    voice("agree.covers"),
                    "covers",
                )
            self._table = ui.html("", sanitize=False).classes("w-full").props("data-test=matrix")
            self._legend = ui.html("", sanitize=False).classes("c-faint")
        with ui.element("section").classes("c-card c-4 c-stack").props(f'aria-label="{voice("agree.detail")}"'):
            ui.html(f"<h2>{escape(voice('agree.detail'))}</h2>", sanitize=False)
            self._detail = (
                ui.html("", sanitize=False)
                .classes("w-full c-long")
                .props('data-test=detail tabindex=0 role="region" aria-live="polite"')
            )
        for choice in (self._who, self._when, self._what):
            choice.on_value_change(self.show)
        pick = "(e) => {const b = e.target.closest('[data-pick]'); if (b) emit(b.dataset.pick)}"
        self._table.on("click", self._picked, js_handler=pick)
        self._detail.on("click", self._picked, js_handler=pick)

    def show(self) -> None:
        """Show the agreements that are asked for."""
        voice = self._voice
        day = YEAR if self._when.value == "2016" else None
        found = chosen(registry(), covers=[self._what.value] if self._what.value else [], at=day)
        pairs, columns = matrix(found, day), tuple[str, ...]()
        if self._who.value == "show":
            columns = tuple(self._services())
            pairs = [pair for pair in pairs if set(pair.countries) <= set(columns)]
        whole = grid(pairs, columns)
        words = len(whole.columns) <= FEW
        head = "".join(f'<th scope="col">{country(code) if words else _short(code)}</th>' for code in whole.columns)
        seen: set[tuple[str, str]] = set()
        order = list(whole.columns) if words else []
        rows = []
        for countries, row in sorted(whole.rows, key=lambda one: order.index(one[0][0]) if one[0][0] in order else -1):
            cells = [
                self._cell(countries, *one, seen if words else None) for one in zip(whole.columns, row, strict=True)
            ]
            if any("<button" in cell for cell in cells):
                names = ", ".join(map(country, countries))
                rows.append(f'<tr><th scope="row">{names}</th>{"".join(cells)}</tr>')
        caption = escape(voice("agree.caption", day="2016" if day else voice("agree.last")))
        self._table.content = (
            f'<p class="c-faint" id="c-caption">{caption}</p><div class="c-scroll">'
            f'<table class="c-table c-matrix{" c-stacked" if words else ""}" aria-labelledby="c-caption">'
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
        self._legend.content = f"<p>* {escape(voice('agree.elsewhere'))}</p>" if words else self._key()
        self._tell()

    def _cell(self, countries: Sequence[str], column: str, pair: Pair | None, seen: set[tuple[str, str]] | None) -> str:
        """Return a cell: in words, and each pair once, if ``seen`` is given; else in letters."""
        if pair is None or (seen is not None and pair.countries in seen):
            return f'<td class="c-faint">{"—" if column in countries else ""}</td>'
        if seen is not None:
            seen.add(pair.countries)
        lines = []
        for (what, nodes), rank in pair.furthest.items():
            status = STATUSES[rank - 1]
            sign = LETTERS[what] if nodes else LETTERS[what].lower()
            means = "" if nodes else " *"
            in_words = f"{self._covers(what)}: {status_words(status, self._voice)}{means}"
            said = f"{sign}{rank}" if seen is None else in_words
            bold = "c-forced" if status == IN_FORCE else "c-pending"
            lines.append(f'<span class="{bold}">{escape(said)}</span>')
        target = f"{pair.countries[0]}-{pair.countries[1]}"
        label = escape(" – ".join(pair.countries) + ": " + ", ".join(self._in_words(pair)), quote=True)
        attributes = f'type="button" class="c-cell" data-pick="{target}" aria-label="{label}"'
        where = f'<span class="c-with">{country(column)}</span>' if seen is not None else ""
        return f"<td>{where}<button {attributes}>{''.join(lines)}</button></td>"

    def _covers(self, what: str) -> str:
        return self._voice(f"covers.{what}")

    def _in_words(self, pair: Pair) -> Iterator[str]:
        for (what, nodes), rank in pair.furthest.items():
            means = "" if nodes else f" ({self._voice('agree.elsewhere')})"
            yield f"{self._covers(what)}: {status_words(STATUSES[rank - 1], self._voice)}{means}"

    def _key(self) -> str:
        letters = "; ".join(f"<b>{letter}</b> {escape(self._covers(what))}" for what, letter in LETTERS.items())
        numbers = "; ".join(
            f"<b>{number}</b> {escape(status_words(status, self._voice))}"
            for number, status in enumerate(statuses(), 1)
        )
        return f"<p>{letters}. {escape(self._voice('agree.small'))}</p><p>{numbers}</p>"

    def _picked(self, event: events.GenericEventArguments) -> None:
        target = str(event.args)
        if target in {one.id for one in registry()}:
            self._id = target
        else:
            one, _, other = target.partition("-")
            self._pair, self._id = ((one, other) if other else None), ""
        self._tell()

    def pick(self, agreement: str) -> None:
        """Show one agreement whole."""
        self._id = agreement
        self._tell()

    def _tell(self) -> None:
        if self._id:
            self._detail.content = whole_agreement(as_json(_standing(self._id)), self._voice)
        elif self._pair is not None:
            one, other = self._pair
            found = chosen(registry(), countries=self._pair)
            items = "".join(
                f'<li><button type="button" class="c-link" data-pick="{escape(s.agreement.id)}">'
                f"{named(self._voice, s.agreement.title)}</button> "
                f'<span class="c-faint">{escape(status_words(s.status, self._voice))}</span></li>'
                for s in found
            )
            self._detail.content = f"<h3>{country(one)} – {country(other)}</h3><ul class='c-items'>{items}</ul>"
        else:
            self._detail.content = f'<p class="c-faint">{escape(self._voice("agree.pick"))}</p>'
        ui.run_javascript(f"corridor.countries({self._voice.language!r})")


def whole_agreement(one: Mapping[str, Any], voice: Voice) -> str:
    """Return an agreement (as :func:`exchange.agreements.views.as_json` has it) as HTML with its sources."""
    sides = one["sides"]
    between = " – ".join(", ".join(map(country, side)) for side in sides if side)
    since = f" ({voice('agree.since', day=one['since'])})" if one["since"] and one["status"] == IN_FORCE else ""
    rows = [
        (voice("agree.between"), between, one),
        (
            voice("agree.covers"),
            escape(", ".join(voice(f"covers.{what}") for what in one["covers"]) or voice("covers.contact"))
            + ("" if one["carried"] == "nodes" else f" ({escape(voice('agree.elsewhere'))})"),
            None,
        ),
        (voice("agree.status"), escape(status_words(one["status"], voice) + since), None),
        *_terms(one, voice),
    ]
    body = "".join(f"<dt>{escape(name)}</dt><dd>{said}{_source(basis, voice)}</dd>" for name, said, basis in rows)
    history = "".join(
        f"<li><b>{escape(change['on'] or voice('agree.assumed'))}</b> {escape(status_words(change['status'], voice))}"
        f"{_source(change, voice)}</li>"
        for change in one["history"]
    )
    note = f"<p>{named(voice, one['notes'])}</p>" if one["notes"] else ""
    return (
        f'<h3>{named(voice, one["title"])}</h3><code>{escape(one["id"])}</code><dl class="c-terms">{body}</dl>'
        f"{note}<h3>{escape(voice('agree.history'))}</h3><ul class='c-items'>{history}</ul>"
    )


def _terms(one: Mapping[str, Any], voice: Voice) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    recognition, scope = one["recognition"], one["scope"]
    if recognition:
        said = voice(
            "agree.recognised_said",
            forms=", ".join(voice(f"form.{form}") for form in recognition["forms"]),
            results=", ".join(recognition["results"]),
            days=recognition["max_age_days"],
        )
        listed = voice("agree.listed" if recognition["participants_only"] else "agree.every_trader")
        image = voice("agree.image_duty" if recognition["image_duty"] else "agree.no_image_duty")
        yield voice("agree.recognised"), escape(f"{said}; {listed}; {image}"), recognition
    limits = [
        f"HS {' '.join(scope['hs'])}" if scope["hs"] else "",
        ", ".join(voice(f"mode.{mode}") for mode in scope["modes"]),
        ", ".join([*map(voice.name, scope["crossings"]), *scope["border_points"]]),
        voice("agree.listed") if scope["participants"] else "",
    ]
    yield voice("agree.scope"), escape("; ".join(filter(None, limits)) or voice("agree.no_limit")), scope
    if one["residual"]:
        yield voice("agree.residual"), f"{one['residual']['share']:.0%}", one["residual"]
    to = one["forwarding"]["to"]
    nobody = escape(voice("agree.nobody"))
    yield voice("agree.forwarding"), ", ".join(map(country, to)) or nobody, one["forwarding"]


def _source(basis: Mapping[str, Any] | None, voice: Voice) -> str:
    if not basis or not basis.get("source"):
        return ""
    mark = escape(voice(f"mark.{basis['mark']}"))
    return f'<div class="c-faint c-small">{named(voice, basis["source"])} ({mark})</div>'


def _standing(agreement_id: str) -> Standing:
    agreement = registry()[agreement_id]
    return Standing(agreement=agreement, status=agreement.status)


def _short(code: str) -> str:
    name = escape(country_names().get(code, code))
    return f'<abbr data-country-title="{escape(code)}" title="{name}">{escape(code)}</abbr>'


def _select(options: Mapping[str, str], label: str, test: str) -> ui.select:
    select = ui.select(dict(options), value=next(iter(options)), label=label)
    select.props(f"dense outlined options-dense data-test={test}").classes("min-w-36")
    return select


__all__ = ["Matrix", "country", "in_use_words", "status_words", "whole_agreement"]
