"""Endpoints that a good kit must refuse."""
