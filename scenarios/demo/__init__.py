"""The live page: a scenario played over HTTP at a chosen pace, its arms beside each other."""
