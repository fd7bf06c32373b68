"""Scenario files: their model, how they are read, and every figure in them with its source."""

from scenarios.scenario.border import Background, Customs, Phase, Resource, Side
from scenarios.scenario.distributions import HOUR, Distribution, seconds
from scenarios.scenario.errors import Problem, ScenarioError
from scenarios.scenario.figures import Figure, FigureRow
from scenarios.scenario.loader import load_scenario, scenario_names
from scenarios.scenario.model import ARMS, Scenario
from scenarios.scenario.policy import Check, ControlPolicy, Detection, Selection, TargetingRule
from scenarios.scenario.schema import schema_text
from scenarios.scenario.traffic import Flow, RoutePoint

__all__ = [
    "ARMS",
    "HOUR",
    "Background",
    "Check",
    "ControlPolicy",
    "Customs",
    "Detection",
    "Distribution",
    "Figure",
    "FigureRow",
    "Flow",
    "Phase",
    "Problem",
    "Resource",
    "RoutePoint",
    "Scenario",
    "ScenarioError",
    "Selection",
    "Side",
    "TargetingRule",
    "load_scenario",
    "scenario_names",
    "schema_text",
    "seconds",
]
