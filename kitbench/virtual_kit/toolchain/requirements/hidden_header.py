"""Whether a compiled file includes a header of a component that it does not see.

The stand-in's headers are in one folder, so that the compiler finds them all; ESP-IDF would not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.project.vendored_sdk import is_replaced_port
from kitbench.virtual_kit.toolchain.requirements.inclusion import inclusions, lines_of_includes
from kitbench.virtual_kit.toolchain.requirements.visibility import Visibility


@dataclass(frozen=True, slots=True)
class HiddenHeader:
    """A header that ESP-IDF would not have found; `line` of the file includes it."""

    file: Path
    line: int
    text: str


def hidden_header(
    visibility: Visibility, source: Path, own_files: Iterable[Path], listing: Callable[[], str]
) -> HiddenHeader | None:
    """Return the first header that is not seen.

    Args:
        visibility: of the component that is compiled.
        source: the file that is compiled.
        own_files: it, and the project's headers that it has read.
        listing: asks the compiler which file includes which, when a text makes it doubtful: `#if` may leave it out.
    """
    suspects = list(_suspects(visibility, own_files))
    if not suspects:
        return None
    seen = {(includer.resolve(), included) for includer, included in inclusions(listing(), source)}
    for suspect, header in suspects:
        shims = {folder / header for folder in (esp_idf.include_dir(), esp_idf.include_dir_of_4())}
        if any((suspect.file.resolve(), shim) in seen for shim in shims):
            return suspect
    return None


def _suspects(visibility: Visibility, files: Iterable[Path]) -> Iterator[tuple[HiddenHeader, str]]:
    for path in files:
        text = path.read_text("utf-8", "replace")
        if is_replaced_port(path, text):
            continue
        for line, header in lines_of_includes(text):
            if owner := visibility.hidden_of_esp_idf(header):
                yield HiddenHeader(path, line, visibility.refusal(header, owner, path)), header
