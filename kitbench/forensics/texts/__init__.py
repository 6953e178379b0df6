"""Bytes as people and tools write them in text: in sources, pages, listings, records and dumps; each undone."""
