"""What students check before they hand in: the grader's own checks, in their own folder, by the rubric they were given.

Nothing of it is evidence: it ran on the student's machine.
"""
