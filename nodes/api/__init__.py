"""A node's HTTP API: what comes in, in which order it is refused, and what may be read."""
