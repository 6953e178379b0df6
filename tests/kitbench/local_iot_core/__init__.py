"""A package, so that `test_policy` and others here are told from modules of the same name elsewhere."""
