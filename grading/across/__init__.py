"""What hand-ins of one class have in common: listed for the instructor, never a point."""
