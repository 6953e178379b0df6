"""Which versions of ESP-IDF the virtual kit stands for, as `--idf` takes them wherever a project is built."""

from typing import Final

from kitbench.errors import UsageError

#: Oldest first.
STOOD_FOR: Final = ("4.4", "5.1")


def checked_version(text: str) -> str:
    """Return a version that is stood for, or "" for what a project says itself.

    Raises:
        UsageError: nothing stands for it.
    """
    if text and text not in STOOD_FOR:
        raise UsageError(
            f"--idf {text[:20]}: the virtual kit stands for ESP-IDF {' and '.join(STOOD_FOR)}", stage="options"
        )
    return text
