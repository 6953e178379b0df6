"""An ESP32 kit in software: to esptool, pytest-embedded and the firmware it is a kit like any other."""
