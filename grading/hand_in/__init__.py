"""What a student handed in: unpacked, found and read in confined children."""
