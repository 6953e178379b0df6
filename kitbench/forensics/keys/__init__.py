"""Keys as such: their formats, what is looked for, and what a stretch of bytes yields."""
