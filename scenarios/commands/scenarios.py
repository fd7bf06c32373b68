"""``corridor scenarios``: what there is to run."""

from __future__ import annotations

import json
import sys

from rich.table import Table

from scenarios.printing import table_console
from scenarios.scenario import Scenario, load_scenario, scenario_names


def scenarios_command(*, json_output: bool) -> int:
    """Print the list of scenarios; return the exit code."""
    found = [load_scenario(name) for name in scenario_names()]
    if json_output:
        json.dump([_entry(scenario) for scenario in found], sys.stdout, indent=1, ensure_ascii=False)
        print()
        return 0
    console = table_console()
    table = Table(header_style="bold", pad_edge=False, show_lines=True)
    table.add_column("Scenario", no_wrap=True)
    table.add_column("What it is")
    for scenario in found:
        flows = "\n".join(f"· {flow.title}" for flow in scenario.flows)
        also = "".join(f"\n--set variant={name}: {variant.title}" for name, variant in scenario.variants.items())
        table.add_row(scenario.id, f"{scenario.title}\n{scenario.description.strip()}\n{flows}{also}")
    console.print(table)
    if found:
        console.print(f"Run one with: corridor run {found[0].id}", style="bold")
    return 0


def _entry(scenario: Scenario) -> dict[str, object]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "description": scenario.description.strip(),
        "reference_period": scenario.reference_period,
        "services": list(scenario.services),
        "flows": [{"id": flow.id, "title": flow.title, "mode": flow.mode} for flow in scenario.flows],
        "sides": list(scenario.sides),
        "what_if": list(scenario.what_if),
        "variants": {name: variant.title for name, variant in scenario.variants.items()},
        "replications": scenario.replications,
        "seed": scenario.seed,
    }


__all__ = ["scenarios_command"]
