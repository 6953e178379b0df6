"""Marks in the formats of gradebooks."""
