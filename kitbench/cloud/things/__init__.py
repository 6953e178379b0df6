"""Ephemeral things: made, written down first, taken away."""
