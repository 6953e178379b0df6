"""What a dump proves: structure, project, coverage, and the verdict of all of it."""
