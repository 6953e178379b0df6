"""The pytest plugin: options, fixtures, markers and the run report of on-kit tests."""
