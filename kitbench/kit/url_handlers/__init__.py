"""Handlers that pyserial finds by name once this package stands in `serial.protocol_handler_packages`."""
