"""The kit's serial port on the network: RFC 2217, and the pace of a real line."""
