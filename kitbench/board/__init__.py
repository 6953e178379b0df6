"""What is on the table: parts, the pins they are wired to, what they measure. Knows no kit and no stand-in."""
