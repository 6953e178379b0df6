"""What a student hands in: files as content, projects as folders."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.example_class.course_cloud import Registered


@dataclass(frozen=True, slots=True)
class HandIn:
    """The files of a submission: small ones as content, projects as folders to copy."""

    registered: Registered
    files: Mapping[str, bytes] = field(repr=False)
    projects: Mapping[str, Path]
    key_offset: int

    def write(self, folder: Path) -> None:
        """Write files and projects into a new folder."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        for name, project in self.projects.items():
            shutil.copytree(project, folder / name)


#: What whoever has no words of his own answers.
USUAL_ANSWER = """Flash is read over the serial line by whoever holds the kit for a minute; the secure element
signs with its key and never gives it out."""


def answers(endpoint: str, offset: int, answer: str = USUAL_ANSWER) -> bytes:
    """Return the text of answers.toml for an endpoint and a key's offset."""
    return f'endpoint = "{endpoint}"\nanswer = """{answer}"""\n\n[key]\noffset = {offset:#x}\n'.encode()
