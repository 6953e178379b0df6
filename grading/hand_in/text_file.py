"""Text files as people really write them: any encoding that Windows or an editor of the last decades leaves."""

import codecs
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark it begins with.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Of a text in Latin letters every other byte is NUL in UTF-16.
_HEAD: Final = 64


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text, and the name of its encoding where that is not UTF-8, else ""."""
    text, encoding = _decoded(content)
    # Line ends of the Macs of old, and of some terminals.
    return text.replace("\r", "\n") if "\n" not in text else text, encoding


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = content[len(mark) :].decode(encoding, "replace")
            return text, "" if encoding == "utf-8" else encoding[:6].upper()
    if b"\0" in content[:_HEAD]:
        # PowerShell's > in some versions, and Notepad's "Unicode", without the mark.
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
        return content.decode(encoding, "replace"), "UTF-16"
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"
