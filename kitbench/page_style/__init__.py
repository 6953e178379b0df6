"""The look of every page that kitbench writes: one style sheet, light and dark, for any screen and for paper."""

from functools import cache
from importlib.resources import files


@cache
def page_style() -> str:
    """Return the style sheet, to be laid into a page: pages load nothing."""
    return (files(__package__) / "pages.css").read_text(encoding="utf-8")
