"""The page of the documentation about agreements, written by ``python -m exchange.agreements.page``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from exchange.agreements.agreement import CODES, COVERED, COVERS, MODES, SERVICE_CODES, STATUSES, Agreement, Statement
from exchange.agreements.directory import directory
from exchange.agreements.reading import legal_base, registry
from exchange.agreements.views import named

INTRODUCTION = """# Agreements

Written by `python -m exchange.agreements.page` from `registry.yaml` and `liaison.yaml` beside it; do not edit.

A node sends nothing to another service, and takes nothing from it, that no agreement in force covers. The registry
holds the agreements, projects and laws that the founding documents name (the text of the Federal Customs Service of
Russia of 2016, and the page of the Customs Attaché Club), later partners with their later sources, and the few that
scenarios assume. Every statement has a source and a mark: *verified* in the source named, *recalled* (general
knowledge), or *designed* (ours). Legal facts have changed since: the registry tells those of its sources' dates.

```sh
corridor agreements                              # all, with the last status known
corridor agreements --country RU --country CN    # between two countries
corridor agreements --at 2016 --matrix           # countries against countries, at the end of 2016
corridor agreements --country MN --history       # how it came about
corridor agreements show recognition-ru-cn-mn    # one of them, with all sources
corridor agreements liaison FI                   # whom to ask what machines cannot settle
```

All take `--json`. A date without a day (`2016`, `2016-05`) counts from the end of the year or month.

## How nodes use them

- **Status**: only what is *in force* counts, from its day on, between its parties (some joined later or left).
- **Scope**: goods (prefixes of HS codes, all items of a consignment), transport modes, border points (the way passes
  one of them). Nothing is told of goods beyond the scope, and what a partner tells of them is refused (403,
  `no-agreement`). Recognition also asks for the control form, the result, the age and, where agreed, listed traders.
- **By other means**: some work through systems of their own, on paper or between people. Nodes exchange nothing under
  these, unless a scenario assumes that they do.
- **Order**: where two agreements cover the same, the first in the registry governs, and its schema version is spoken.
- **Passing on**: the registry names the services to which data may be passed on; all others need written consent.
  Under a chain, control results go to the next service only, which passes them on ([recognition](recognition.md)).
- **Terms**: forms, results, the greatest age, listed traders and the share controlled by chance all the same are the
  agreement's. A share that a scenario's policy states goes before the agreement's.
- **Law**: exchange inside the Eurasian Economic Union and inside the European Union goes by union law. It exists in
  every arm of a scenario.

## What a scenario may assume

```yaml
what_if: [recognition-ru-cn-mn]         # a list: the agreements that the arms name
arms:
  baseline: {recognition-ru-cn-mn: signed}
  recognition:
    recognition-ru-cn-mn: {status: in force, from: "2018-03-15"}   # or: in force from 2018-03-15
```

`what_if` may also be a mapping, `{images-ru-mn: in force}`: it holds in every arm that does not name the agreement.
`from` and `until` (the first day on which it no longer holds) go with *in force*; without them it is in force on any
day, or from its real day if it has one. On the command line:

```sh
corridor run SCENARIO --set "what_if.recognition-ru-cn-mn=in force from 2018-03-15"
corridor run SCENARIO --set "arms.recognition.recognition-ru-cn-mn=in force from 2018-03-15"
```

Where a file lists agreements in `what_if`, the first changes the arms that have this one in force, or all but the
baseline if none names it; the second changes one arm.

The report lists what was assumed beyond the real status.
"""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page() -> str:
    """Return the text of ``docs/agreements.md``."""
    return "\n".join([INTRODUCTION, *_covered(), *_overview(), *_details(), *_directory()]) + "\n"


def _covered() -> Iterator[str]:
    yield "## What may be covered\n"
    yield _row("covers", "in words", "messages between services")
    yield _row(*["---"] * 3)
    for what in COVERS:
        codes = sorted(CODES[what] - SERVICE_CODES) + sorted(CODES[what] & SERVICE_CODES)
        yield _row(f"`{what}`", COVERED[what], " ".join(codes))
    yield (
        "\nImages (IMG) go along with recognised results unless the agreement says otherwise. "
        f"Statuses, in their order: {', '.join(STATUSES)}.\n"
    )


def _overview() -> Iterator[str]:
    base = legal_base()
    yield "## The registry\n"
    yield (
        f"{base.mark.capitalize()} ({base.source}): {base.acts} acts with {base.countries} countries, among them "
        f"{base.conventions} conventions, {base.memoranda} memoranda, {base.plans} plans and {base.programmes} "
        f"programme. {base.note}\n"
    )
    yield _row("agreement", "between", "covers", "status", "carried by")
    yield _row(*["---"] * 5)
    for one in registry():
        yield _row(f"[{one.id}](#{one.id})", _between(one), _what(one), _status(one), _carried(one))
    yield ""


def _between(one: Agreement) -> str:
    if all(len(side) == 1 for side in one.sides):
        return " ".join(sorted(one.parties))
    return " – ".join(" ".join(sorted(side)) for side in one.sides)


def _what(one: Agreement) -> str:
    return ", ".join(what for what in COVERS if what in one.covers) or "no messages"


def _status(one: Agreement) -> str:
    return f"{one.status} ({one.history[-1].on or 'assumed'})"


def _carried(one: Agreement) -> str:
    return "other means" if one.carried == "elsewhere" else "nodes" if one.covers else "people"


def _said(text: str, basis: Statement | None) -> str:
    return f"- {text}" + (f" — *{basis.mark}: {basis.source}*" if basis else "")


def _details() -> Iterator[str]:
    yield "## Each with its sources\n"
    for one in registry():
        yield f"### {one.id}\n"
        yield f"**{one.title}** ({one.kind}) — *{one.mark}: {one.source}*\n"
        yield f"- between {', '.join(map(named, sorted(one.parties)))}"
        for word, days in (("joined", one.joined), ("left", one.left)):
            if days:
                yield f"- {word}: {', '.join(f'{named(country)} {day}' for country, day in days)}"
        if (recognition := one.recognition) is not None:
            who = "listed traders only" if recognition.participants_only else "all traders"
            duty = "; a scan or inspection counts only with its image" if recognition.image_duty else ""
            yield _said(
                f"recognised: {', '.join(sorted(recognition.forms))} with result "
                f"{', '.join(sorted(recognition.results))}, at most {recognition.max_age_days} days old, {who}{duty}",
                recognition.basis,
            )
        if limits := list(_limits(one)):
            yield _said(f"scope: {'; '.join(limits)}", one.scope.basis)
        if one.residual is not None:
            yield _said(f"controlled by chance all the same: {one.residual:.0%}", one.residual_basis)
        if one.forwarding:
            way = "; control results go from service to service along the way" if one.chain else ""
            yield _said(f"may be passed on to {' '.join(sorted(one.forwarding))}{way}", one.forwarding_basis)
        for change in one.history:
            yield _said(f"{change.on or 'assumed'}: **{change.status}**", change.basis)
        if one.notes:
            yield f"- {one.notes}"
        yield ""


def _limits(one: Agreement) -> Iterator[str]:
    if one.scope.hs:
        yield f"goods {' '.join(one.scope.hs)}"
    if one.modes:
        yield "by " + ", ".join(name.lower() for name, code in MODES.items() if code in one.modes)
    if one.scope.crossings:
        yield ", ".join(one.scope.crossings)
    if one.scope.border_points:
        yield f"locations {' '.join(one.scope.border_points)}"
    if one.scope.participants:
        yield "listed traders"


def _directory() -> Iterator[str]:
    about = directory()
    yield "## The liaison directory\n"
    yield (
        "What machines cannot settle goes to people: a request for mutual assistance (MAQ) and its answer (MAS). A "
        "node shows with each open request whom to ask in the other service, and how long that takes. Contact points "
        "are synthetic (`example.org`) and name no person.\n"
    )
    for club in about.clubs:
        division = "".join(f", division in {one.city} since {one.since}" for one in club.divisions)
        members = f" {len(club.members)} services: {', '.join(map(named, club.members))}." if club.members else ""
        yield (
            f"- **{club.name}**, founded {club.founded}{division}.{members} {club.notes} — *{club.mark}: {club.source}*"
        )
    low, usual, high = about.answer_days.is_
    yield (
        f"- An answer takes {low} to {high} days, usually {usual} — *{about.answer_days.mark}: "
        f"{about.answer_days.source}*"
    )
    yield f"- Membership in a club is no legal basis for data: agreements are — *{about.mark}: {about.source}*"


if __name__ == "__main__":
    sys.stdout.write(page())

__all__ = ["page"]
