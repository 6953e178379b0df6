"""The rehearsal before an evening: each kit is flashed with the bench's own firmware, connects, and is dumped."""
