"""Write the reference: ``python -m scenarios.reference docs/reference``.

Also written: the schema beside the scenario files, and the examples of the API.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scenarios.reference.api import api_page
from scenarios.reference.commands import commands_page
from scenarios.reference.examples import EXAMPLES, examples_text
from scenarios.reference.figures import figure_pages
from scenarios.reference.scenario_files import scenario_page
from scenarios.scenario.schema import SCHEMA, schema_text

WRITTEN = "Written by `python -m scenarios.reference docs/reference` from the code; do not edit."


def pages() -> dict[str, str]:
    """Return file name → Markdown of every page."""
    found = {
        "commands.md": commands_page(WRITTEN),
        "api.md": api_page(WRITTEN),
        "scenario-files.md": scenario_page(WRITTEN),
    }
    return found | figure_pages(WRITTEN)


def main(folder: Path) -> None:
    """Write all pages into ``folder`` and remove those that are no more; write the schema of scenario files and the
    examples of the API."""
    EXAMPLES.write_text(examples_text(), encoding="utf-8")
    (Path(__file__).parents[1] / "files" / SCHEMA).write_text(schema_text(), encoding="utf-8")
    wanted = pages()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
