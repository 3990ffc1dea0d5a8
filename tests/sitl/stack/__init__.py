"""Whole stacks of real processes, at real time."""
