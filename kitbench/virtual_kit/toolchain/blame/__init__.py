"""Whose fault a refusal is: the project's, or a gap of the virtual kit."""
