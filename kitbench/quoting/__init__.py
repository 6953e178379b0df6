"""How a name or text that a stranger wrote goes into a language: one module for each, which quotes or refuses."""
