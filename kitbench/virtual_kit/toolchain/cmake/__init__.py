"""CMake's language as far as project files of ESP-IDF use it: read and followed, never run by CMake itself."""
