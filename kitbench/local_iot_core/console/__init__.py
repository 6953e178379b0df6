"""The MQTT test client without an account: a page on the loopback, for whoever types and looks rather than programs."""
