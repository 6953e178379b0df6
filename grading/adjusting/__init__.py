"""What changes marks after they followed from facts: a person's overrides, and the calendar."""
