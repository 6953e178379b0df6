"""The bench: kit and cloud opened and put together, a firmware run on the kit, and what became of it."""
