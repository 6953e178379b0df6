"""The instructor's desk: a class folder in, marks and what was kept of them out."""
