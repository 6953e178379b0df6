"""What a run leaves behind: reports, evidence without keys."""
