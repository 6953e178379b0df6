"""A class in numbers."""
