"""A counterpart that answers as told: a real node whose UCRs can ask for outcomes, delays and faults (a simulation)."""
