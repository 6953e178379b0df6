"""Kits on the bench: which one, how to hold it, what became of it."""
