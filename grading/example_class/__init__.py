"""A small class to try the grader on: a script and sources; keys, certificates, dumps and roster are made at run time."""
