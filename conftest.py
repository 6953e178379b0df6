"""The plugin `kitbench.pytest_plugin` is loaded by its entry point; this file marks the root of the tests."""
