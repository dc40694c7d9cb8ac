"""Processes that die while they drive runs, and what must be true afterwards all the same."""
