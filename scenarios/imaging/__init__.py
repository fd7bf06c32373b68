"""Inspection images of simulated loads: a model of a cargo scanner, and the pictures that a run's posts take."""
