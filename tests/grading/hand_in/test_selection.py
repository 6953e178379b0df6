"""Which members are kept where there is not room for all."""

from grading.hand_in.archive import Member
from grading.hand_in.selection import select

SDK = [Member(f"kit/sdk/{number}.h", 1) for number in range(50)]
OWN = [Member("kit/CMakeLists.txt", 10), Member("kit/main/main.c", 10), Member("answers.toml", 10)]


def kept(members: list[Member], *, files: int = 10, size: int = 1 << 20) -> set[str]:
    chosen = select(members, files=files, size=size, largest=32 << 20)
    return {member.name for number, member in enumerate(members) if number in chosen.kept}


def test_what_lies_in_small_folders_comes_first_however_it_is_ordered() -> None:
    for members in ([*SDK, *OWN], [*OWN, *SDK]):
        assert {member.name for member in OWN} <= kept(members)
        assert len(kept(members)) == 10


def test_pictures_and_recordings_come_last() -> None:
    crowd = [Member(f"{number}.dat", 3 << 20) for number in range(4)]

    assert "flash.bin" in kept([*crowd, Member("a.png", 1), Member("flash.bin", 4 << 20)], size=8 << 20)
    assert "a.png" not in kept([Member("a.png", 1), *OWN], files=3)


def test_last_of_a_name_is_kept_and_said() -> None:
    members = [Member("a.toml", 1), Member("b", 1), Member("./a.toml", 2)]

    chosen = select(members, files=10, size=100, largest=100)

    assert chosen.kept == {1, 2}
    assert chosen.repeated == ("a.toml",)


def test_what_is_crowded_out_is_named() -> None:
    chosen = select(SDK, files=48, size=1 << 20, largest=1 << 20)

    assert [why for _, why in chosen.crowded_out] == ["more than 48 files"] * 2


def test_no_room_is_taken_by_what_will_be_left_out() -> None:
    assert "answers.toml" in kept([Member("flash.bin", 1 << 40), *OWN])
