"""What a project says of itself: its CMake files, components, PlatformIO, embedded files, workspace."""
