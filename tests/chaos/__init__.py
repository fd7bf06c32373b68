"""Nodes amid bad lines, kills, full disks and wrong clocks."""
