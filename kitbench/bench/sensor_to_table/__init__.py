"""A reading on its way: from the board's sensor over serial line and message to a row of the student's table."""
