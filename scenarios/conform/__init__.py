"""Conformance: does a node that somebody else wrote keep the contract of the HTTP API, message by message?

Checks stand in :mod:`scenarios.conform.checks`; each names the requirement it verifies. They see a node as its
partners, posts, traders and operator see it: over HTTP, with signed messages, and in no other way.
"""
