"""Children that read what strangers wrote: bounded in time, memory and output, and let near few files."""
