"""All modules of rules: to import this is to enter every rule into the registry."""

from exchange.validation import (
    audience_rules,
    condition_rules,
    content_rules,
    control_rules,
    equipment_rules,
    list_rules,
    number_rules,
    way_rules,
)

MODULES = (
    number_rules,
    equipment_rules,
    content_rules,
    way_rules,
    control_rules,
    list_rules,
    condition_rules,
    audience_rules,
)
"""In the order of the rules' ids."""

__all__ = ["MODULES"]
