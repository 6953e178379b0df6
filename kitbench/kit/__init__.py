"""A kit on a serial port: finding it, talking to it fast, and parking it where it sends nothing."""
