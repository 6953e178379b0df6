"""The CSV that a project describes its partitions in, read as ESP-IDF's `gen_esp32part.py` reads it.

Source: ESP-IDF, API guides, "Partition Tables", "Creating Custom Tables".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kitbench.flash_format.partition_table import (
    DEFAULT_OFFSET,
    SECTOR_SIZE,
    SUBTYPE_NAMES,
    Partition,
    PartitionTableError,
    PartitionType,
)

_TYPES: Final = {"app": PartitionType.APP, "data": PartitionType.DATA}
_FLAGS: Final = {"encrypted": 1 << 0, "readonly": 1 << 1}
_APP_ALIGNMENT: Final = 0x10000
_DATA_ALIGNMENT: Final = 0x1000
_MULTIPLIERS: Final = {"k": 1024, "m": 1024 * 1024}
_UNDEFINED_SUBTYPE: Final = 0x06
_MAX_ROWS: Final = 95


@dataclass(frozen=True, slots=True)
class _Row:
    """One line; an offset of None follows the partition before, a negative size is an end offset."""

    line: int
    name: str
    kind: int
    subtype: int
    offset: int | None
    size: int
    flags: int


def parse_csv(text: str, *, table_offset: int = DEFAULT_OFFSET) -> tuple[Partition, ...]:
    """Return the partitions in order, with the offsets that the CSV leaves out.

    Raises:
        PartitionTableError: a line cannot be read, partitions overlap or are not aligned; it names the line.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    rows = [_parse_row(line, number) for number, line in lines if line and not line.startswith("#")]
    if len(rows) > _MAX_ROWS:
        raise PartitionTableError(f"{len(rows)} partitions, at most {_MAX_ROWS} fit into a table")
    return _verified(_placed(rows, table_offset + SECTOR_SIZE))


def _parse_row(line: str, number: int) -> _Row:
    name, kind_text, subtype_text, offset, size, flags = [field.strip() for field in f"{line},,,,,".split(",")][:6]
    kind = _number(kind_text, number, {key: int(value) for key, value in _TYPES.items()})
    if subtype_text:
        names = {value: key for key, value in SUBTYPE_NAMES.get(kind, {}).items()}
        subtype = _number(subtype_text, number, names)
    elif kind == PartitionType.APP:
        raise PartitionTableError(f"line {number}: an app partition needs a subtype")
    else:
        subtype = _UNDEFINED_SUBTYPE
    if not size:
        raise PartitionTableError(f"line {number}: partition {name!r} has no size")
    bits = 0
    for flag in filter(None, flags.split(":")):
        if flag not in _FLAGS:
            raise PartitionTableError(f"line {number}: unknown flag {flag!r}")
        bits |= _FLAGS[flag]
    return _Row(number, name, kind, subtype, _number(offset, number) if offset else None, _number(size, number), bits)


def _number(text: str, line: int, names: dict[str, int] | None = None) -> int:
    lowered = text.lower()
    if names and lowered in names:
        return names[lowered]
    factor = _MULTIPLIERS.get(lowered[-1:], 1)
    digits = lowered[:-1] if factor > 1 else lowered
    try:
        value = int(digits, 0) * factor
    except ValueError:
        known = f", known are {', '.join(names)}" if names else ""
        raise PartitionTableError(f"line {line}: cannot read {text[:40]!r}{known}") from None
    if abs(value) >= 1 << 32:
        raise PartitionTableError(f"line {line}: {text[:40]!r} does not fit into 32 bits")
    return value


def _placed(rows: Sequence[_Row], start: int) -> list[Partition]:
    placed: list[Partition] = []
    end = start
    for row in rows:
        alignment = _APP_ALIGNMENT if row.kind == PartitionType.APP else _DATA_ALIGNMENT
        offset = row.offset if row.offset is not None else -(-end // alignment) * alignment
        if offset < end:
            raise PartitionTableError(
                f"line {row.line}: partition {row.name!r} at 0x{offset:x} overlaps what ends at 0x{end:x}"
            )
        if offset % alignment:
            raise PartitionTableError(f"line {row.line}: offset 0x{offset:x} is not aligned to 0x{alignment:x}")
        size = row.size if row.size >= 0 else -row.size - offset
        if size < 0:
            raise PartitionTableError(f"line {row.line}: partition {row.name!r} ends before it begins")
        placed.append(Partition(row.name, row.kind, row.subtype, offset, size, row.flags))
        end = offset + size
    return placed


def _verified(partitions: Sequence[Partition]) -> tuple[Partition, ...]:
    names = [partition.name for partition in partitions]
    for name in names:
        if names.count(name) > 1:
            raise PartitionTableError(f"two partitions have the name {name!r}")
    return tuple(partitions)
