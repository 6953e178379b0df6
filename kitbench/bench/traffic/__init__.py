"""Between kit and cloud: what was sent and seen, the rules for it, and the wire that can be led elsewhere."""
