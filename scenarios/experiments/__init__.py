"""Experiments: paired replications of a scenario and of variations of it, and what can be said of the differences."""
