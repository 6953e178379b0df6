"""What a bench saw of a student's kit, signed by the bench and closed to all but the grader.

Needs neither a kit nor the rest of the bench: `kitbench verify` takes a bundle and public keys, and so does the grader.
"""
