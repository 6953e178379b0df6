"""A kit's flash and eFuses, read over a serial port."""
