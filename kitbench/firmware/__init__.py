"""An ESP-IDF project as files: copied safely, laid over with an identity, its sdkconfig read and written."""
