"""The pages of figures: every figure of every scenario with its mark and source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scenarios.parties import profile_rows
from scenarios.reference.words import table
from scenarios.scenario import load_scenario
from scenarios.scenario.figures import FigureRow
from scenarios.scenario.loader import scenario_names


def figure_pages(written: str) -> dict[str, str]:
    """Return file name → Markdown: an index with counts by mark, and a page for each scenario."""
    pages, rows = {}, list[tuple[object, ...]]()
    for name in scenario_names():
        scenario = load_scenario(name)
        figures = [*scenario.figures(), *profile_rows(scenario.services)]
        marks = Counter(str(row.mark) for row in figures)
        link = f"[{name}](figures/{name}.md)"
        rows.append((link, len(figures), marks["verified"], marks["recalled"], marks["designed"]))
        pages[f"figures/{name}.md"] = (
            f"# Figures of {name}\n\n{written}\n\n{scenario.title}\n\n" + _table(figures) + "\n"
        )
    heads = ("scenario", "figures", "verified", "recalled", "designed")
    text = (
        f"# Figures and their sources\n\n{written}\n\n"
        "**Verified**: in the source named. **Recalled**: general knowledge, no source found. **Designed**: ours.\n\n"
    )
    return {"figures.md": text + table(heads, rows) + "\n"} | pages


def _table(figures: Iterable[FigureRow]) -> str:
    rows: list[tuple[object, ...]] = [
        (f"`{row.path}`", f"{row.value} {row.unit}".strip(), row.mark, row.source) for row in figures
    ]
    return table(("key", "value", "mark", "source"), rows)


__all__ = ["figure_pages"]
