"""The bench's own MQTT connections: watching, attempting."""
