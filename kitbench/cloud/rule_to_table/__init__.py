"""A rule and a table as they were handed in, made under the run's own names, and removed like its things."""
