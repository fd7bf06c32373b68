"""The parts of the live page."""
