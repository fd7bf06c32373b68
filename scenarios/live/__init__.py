"""Nodes that run as processes of their own: starting them, speaking to them, reading what they exchanged."""
