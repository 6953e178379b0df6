"""Verdicts as pages."""
