"""What goes where in flash, in the forms that ESP-IDF leaves in a build folder for esptool.

`flasher_args.json` is read by tools; `flash_args` and its sisters by esptool itself: `esptool write-flash @flash_args`,
in the build folder, whose files they name. Source: ESP-IDF v5.1.4, `components/esptool_py/project_include.cmake`,
`flasher_args.json.in`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kitbench.quoting import shell

#: File → image: `idf.py flash` takes the first, `idf.py app-flash` and `bootloader-flash` the others.
_ARGUMENT_FILES: Final = {"flash_app_args": "app", "flash_bootloader_args": "bootloader"}


@dataclass(frozen=True, slots=True)
class FlashArguments:
    """The images of a build.

    Attributes:
        settings: of the flash: `flash_mode`, `flash_freq`, `flash_size`.
        files: offset → file, relative to the build folder.
        parts: which offset `bootloader`, `app` and `partition-table` have.
    """

    settings: Mapping[str, str]
    files: Mapping[int, str]
    parts: Mapping[str, int]

    def argument_files(self) -> dict[str, bytes]:
        """Return every file of arguments by its name."""
        ordered = dict(sorted(self.files.items()))
        only = {file: {self.parts[part]: ordered[self.parts[part]]} for file, part in _ARGUMENT_FILES.items()}
        whole = {"flash_args": ordered, "flash_project_args": ordered}
        return {
            "flasher_args.json": (json.dumps(self._to_json(), indent=4) + "\n").encode(),
            **{name: self._lines(files) for name, files in {**whole, **only}.items()},
        }

    def _lines(self, files: Mapping[int, str]) -> bytes:
        settings = " ".join(f"--{name} {value}" for name, value in self.settings.items())
        return "\n".join(
            [settings, *(f"0x{offset:x} {shell.word(name)}" for offset, name in files.items()), ""]
        ).encode()

    def _to_json(self) -> dict[str, Any]:
        return {
            "write_flash_args": [item for key, value in self.settings.items() for item in (f"--{key}", value)],
            "flash_settings": dict(self.settings),
            "flash_files": {f"0x{offset:x}": file for offset, file in sorted(self.files.items())},
            **{
                part: {"offset": f"0x{offset:x}", "file": self.files[offset], "encrypted": "false"}
                for part, offset in self.parts.items()
            },
            "extra_esptool_args": {"after": "hard_reset", "before": "default_reset", "stub": True, "chip": "esp32"},
        }
