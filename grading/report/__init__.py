"""The report of a class run as HTML: a page for the class and one per submission, each a file that stands alone."""
