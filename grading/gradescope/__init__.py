"""The grader as a Gradescope autograder: the folder that is uploaded, and what runs in its container."""
