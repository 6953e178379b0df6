"""Marks without names: pseudonyms for whoever marks, names again for the export alone."""
