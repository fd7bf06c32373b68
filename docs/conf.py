"""The site of this documentation: ``python -m sphinx -W docs out/site`` writes it (extra ``docs``).

The Markdown pages are the documentation, and read well without it. What the site adds comes from ``README.md`` beside
this file: its sections and the pages they link to, in their order, are the tree at the side. Nothing is fetched from
another host, neither while it is built nor when it is read; the search works from files.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Corridor"
project_copyright = ""
html_title = "Corridor"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False

extensions = ["myst_parser"]
root_doc = "README"
source_suffix = {".md": "markdown"}
exclude_patterns = ["examples"]
myst_heading_anchors = 4
# Excerpts of JSON and of scenario files leave things out with an ellipsis, which no lexer takes.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_permalinks_icon = "#"
html_static_path = ["site"]
html_css_files = ["site.css"]


def tree(page: str, text: str) -> str:
    """Return the pages below ``page`` as directives.

    Below the index stand the pages that it links to, in a part for each of its sections; below another page those that
    it links to in a folder of its own name.
    """
    if page == root_doc:
        sections = [part.partition("\n") for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
        parts = [([f":caption: {title}"], re.findall(r"\]\(([\w/-]+)\.md\)", body)) for title, _, body in sections]
    else:
        parts = [([], re.findall(rf"\]\(({Path(page).name}/[\w-]+)\.md\)", text))]
    return "\n\n".join(
        "\n".join(["```{toctree}", ":hidden:", *caption, "", *dict.fromkeys(pages), "```"])
        for caption, pages in parts
        if pages
    )


def _with_tree(_: Sphinx, page: str, content: list[str]) -> None:
    if below := tree(page, content[0]):
        content[0] += f"\n\n{below}\n"


def _with_index(app: Sphinx, failure: Exception | None) -> None:
    """Let the site begin at index.html, too, where browsers and servers look for it."""
    if failure is None and app.builder.format == "html":
        out = Path(app.outdir)
        shutil.copyfile(out / f"{root_doc}.html", out / "index.html")


def setup(app: Sphinx) -> None:
    app.connect("source-read", _with_tree)
    app.connect("build-finished", _with_index)
