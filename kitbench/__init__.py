"""A pytest test bench and grader for ESP32 kits on AWS IoT Core."""
