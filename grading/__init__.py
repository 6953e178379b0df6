"""From results to marks: rubric, roster, submissions, class run, score, feedback, gradebook and report.

`kitbench grade CLASS_FOLDER --output grades`. Students' projects are built and run by the bench in
processes of their own; this package reads what those wrote and imports nothing of the bench.
"""
