"""Every example in docs/testing.md is run, as it stands there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def _examples() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        names: dict[str, Any] = {}
        exec(compile(block, str(PAGE), "exec"), names)
        found |= {name: value for name, value in names.items() if name.startswith("test_")}
    return found


EXAMPLES = _examples()


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_of_the_page_runs(name: str, corridor_network: Any, corridor_message: Any) -> None:
    example = EXAMPLES[name]
    fixtures = {"corridor_network": corridor_network, "corridor_message": corridor_message}
    result = example(**{name: fixtures[name] for name in inspect.signature(example).parameters})
    if inspect.isawaitable(result):
        await result
