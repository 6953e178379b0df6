import os
from pathlib import Path

import pytest

from grading.roster import LARGEST_ROSTER, Person, RosterEntry, aliases_of, parse_roster, read_roster
from kitbench.errors import UsageError

SHA = "0f" * 32
HEADER = "id,endpoint,certificate_sha256\n"


def test_roster_is_read_as_people_write_it(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    fingerprint = ":".join(["0F"] * 32)
    path.write_text(f"\ufeffname,{HEADER}Somebody,s01, A.example.COM. ,{fingerprint}\n", encoding="utf-8")

    assert read_roster(path) == (RosterEntry("s01", "a.example.com", SHA, person=Person("Somebody")),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "column 'id' is missing"),
        ("id,endpoint\ns01,a.example\n", "column 'certificate_sha256' is missing"),
        (HEADER, "names nobody"),
        (f"{HEADER}s01,a.example,{SHA}\nS01,a.example,{SHA}\n", "'S01' comes twice"),
        (f"{HEADER}../s01,a.example,{SHA}\n", "not a plain name"),
        (f"{HEADER}=1+1,a.example,{SHA}\n", "not a plain name"),
        (f"{HEADER},a.example,{SHA}\n", "not a plain name"),
        (f"{HEADER}{'x' * 65},a.example,{SHA}\n", "not a plain name"),
        (f"{HEADER}s01,a example,{SHA}\n", "not a host name"),
        (f"{HEADER}s01,a.example,12\n", "not 64 hex digits"),
        (f"{HEADER}s01\n", "not a host name"),
        (f'{HEADER}"s01,a.example,{SHA}\n', "unexpected end"),
    ],
)
def test_malformed_roster_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as refusal:
        parse_roster(text)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_unreadable_roster_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roster.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UsageError, match="cannot read"):
        read_roster(path)


def test_huge_roster_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f"{HEADER}s01,a.example,{SHA}\n", encoding="utf-8")
    assert read_roster(path)

    os.truncate(path, LARGEST_ROSTER + 1)

    with pytest.raises(UsageError, match=r"roster\.csv is larger than \d+ MB"):
        read_roster(path)


def test_person_and_platforms_are_read_by_column() -> None:
    text = f"{HEADER.strip()},name,email,blackboard,canvas\ns01,a.example.com,{SHA},Jane\tDoe,j@uni.example,jdoe,71\n"

    [entry] = parse_roster(text)

    assert entry.person == Person("Jane Doe", "j@uni.example", ("71", "jdoe"))
    assert entry.aliases == ("71", "jdoe", "s01", "j@uni.example")


def test_alias_that_two_share_is_nobodys() -> None:
    roster = [
        RosterEntry(name, "a.example.com", SHA, person=Person(email="Lab@uni.example")) for name in ("s01", "s02")
    ]

    assert aliases_of(roster) == {"s01": "s01", "s02": "s02"}
