"""A small class for the rubric `course_2024`, generated at run time."""
