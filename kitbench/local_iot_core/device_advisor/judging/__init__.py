"""The one judge of the wire: a function for each test, from what happened so far to a verdict, or None for not yet."""
