"""Traffic of a run in one file: recorded, replayed against a node of another version or make, compared."""
