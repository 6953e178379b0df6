"""Links in a hand-in: copied from what they name in the hand-in itself, never followed on a disk.

A tar that was made of two projects with a file in common names the second one as a link to the first.
"""

import os
from functools import partial
from pathlib import Path
from typing import Final

from .archive import Member
from .member_name import member_parts
from .plain_file import open_plain
from .private_copy import PrivateCopy

#: Links to links.
_LONGEST_CHAIN: Final = 4
_MOST_FOLDERS: Final = 20


def follow(links: list[Member], destination: PrivateCopy, below: str = "") -> None:
    """Copy what the links of an archive, unpacked into the folder `below`, name; list those that name nothing."""
    copied: set[str] = set()
    for _ in range(_LONGEST_CHAIN):
        links = [link for link in links if not _is_copied(link, destination, below, copied)]
    for link in links:
        destination.leave_out(below + link.name, "a link")


def _is_copied(link: Member, destination: PrivateCopy, below: str, copied: set[str]) -> bool:
    place, target = member_parts(link.name), _target(link)
    source = destination.find(below + "/".join(target)) if target and place[: len(target)] != target else None
    if source is None or (source.is_dir() and len(copied) >= _MOST_FOLDERS):
        return False
    if source.is_dir():
        copied.add(link.name)
        _copy_folder(source, below + link.name, destination)
    else:
        destination.add_member(below + link.name, partial(open_plain, source), claimed_size=source.stat().st_size)
    destination.remark(f"a link, copied from what it names: {link.name[:100]!r}")
    return True


def _target(link: Member) -> tuple[str, ...]:
    """Return what a link names, from the top of its archive."""
    if link.link.startswith("/"):
        return member_parts(link.link)
    return member_parts("/".join((*member_parts(link.name)[:-1], link.link.replace("\\", "/"))))


def _copy_folder(source: Path, name: str, destination: PrivateCopy) -> None:
    files = [Path(folder, file) for folder, _, names in os.walk(source) for file in names]
    for file in sorted(files):
        inner = f"{name}/{file.relative_to(source).as_posix()}"
        destination.add_member(inner, partial(open_plain, file), claimed_size=file.stat().st_size)
