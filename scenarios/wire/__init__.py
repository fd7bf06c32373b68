"""Faults on the wire and in processes: a proxy that damages traffic, nodes that are killed, and the proof of it all."""
