"""Marks in the formats of gradebooks and learning platforms."""
