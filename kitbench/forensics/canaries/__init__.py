"""Planted keys: an audit that misses its own is not believed."""
