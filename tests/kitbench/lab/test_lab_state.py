"""A lab's state in what labgrid 26.0.1 prints."""

from kitbench.command_line.lab import status_lines
from kitbench.lab.lab_state import Place, Waiting, places_in, queue_in

PLACES = """Place 'blue':
  matches:
  acquired: None
  acquired resources:
  created: 2026-12-01 02:28:21.989928
  changed: 2026-12-01 02:28:21.989929
Place 'red':
  tags: board=esp32, mac=240ac4000001
  comment: the one: by the door
  matches:
    bench-a/kit1/*
    bench-a/kit9/*
  acquired: lab-pc/ada.1
  acquired resources:
    bench-a/kit1/NetworkSerialPort/NetworkSerialPort
  created: 2026-11-30 22:19:10.108680
"""
QUEUE = """Reservation 'LATER':
  owner: lab-pc/eve.3
  token: LATER
  state: waiting
  filters:
    main: board=esp32 flash=4mb
  created: 2026-12-01 02:30:00.000000
  timeout: 2026-12-01 02:31:00.000000
Reservation 'FIRST':
  owner: lab-pc/bob.2
  token: FIRST
  state: acquired
  filters:
    main: board=esp32
  created: 2026-12-01 02:28:24.176220
"""


def test_places_have_their_holders_and_their_kits() -> None:
    there = places_in(PLACES, "bench-a/kit1/NetworkSerialPort\n")
    gone = places_in(PLACES, "bench-a/kit2/NetworkSerialPort\nbench-b/kit1/NetworkSerialPort\n")

    assert there == [Place("blue"), Place("red", "board=esp32, mac=240ac4000001", "lab-pc/ada.1", is_there=True)]
    assert [place.is_there for place in gone] == [False, False]


def test_queue_is_in_the_order_of_coming() -> None:
    assert queue_in(QUEUE) == [
        Waiting("lab-pc/bob.2", "acquired", "board=esp32", "2026-12-01 02:28:24.176220"),
        Waiting("lab-pc/eve.3", "waiting", "board=esp32 flash=4mb", "2026-12-01 02:30:00.000000"),
    ]


def test_nothing_and_nonsense_are_an_empty_lab() -> None:
    assert not places_in("", "")
    assert not queue_in("")
    assert places_in("    deep: line\nPlace 'a'\n  key\n", "a b c") == []


def test_status_tells_holders_and_those_who_wait() -> None:
    lines = status_lines(places_in(PLACES, "bench-a/kit1/NetworkSerialPort"), queue_in(QUEUE))

    assert lines == [
        "blue  free, its kit is not exported",
        "red   held by lab-pc/ada.1  (board=esp32, mac=240ac4000001)",
        "2 places, 1 held, 1 without a kit",
        "1. lab-pc/eve.3 waits for board=esp32 flash=4mb, since 2026-12-01 02:30:00.000000",
    ]
    assert status_lines([], []) == ["no places", "0 places, 0 held, 0 without a kit", "nobody waits"]
