"""From facts to points: rubric, requirements, score."""
