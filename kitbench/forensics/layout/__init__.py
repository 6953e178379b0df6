"""Where things are in a flash: partitions, files, symbols, and the name of a place."""
