"""Names of addresses, from the ELF file that was built beside an app image."""

import io
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from kitbench.errors import UsageError

#: A symbol without a size (`_binary_…_start`) reaches to the next one, but not further than this.
_LONGEST_UNSIZED: Final = 0x10000
#: Functions, data, and the labels that embedded files have.
ALL_TYPES: Final = frozenset(("STT_OBJECT", "STT_FUNC", "STT_NOTYPE"))


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """Symbols with an address, sorted by address and name; `sizes` may be 0."""

    addresses: tuple[int, ...]
    sizes: tuple[int, ...]
    names: tuple[str, ...]

    def at(self, address: int) -> str | None:
        """Return the symbol that covers an address: of several that begin together, the first of `all_at`."""
        return next(iter(self.all_at(address)), None)

    def all_at(self, address: int) -> tuple[str, ...]:
        """Return all names of what covers an address: those with a size first, then by name.

        What ESP-IDF embeds has two labels without a size at one address: `private_pem_key`, and the one that objcopy
        would give, `_binary_private_pem_key_start`.
        """
        last = bisect_right(self.addresses, address) - 1
        if last < 0:
            return ()
        together = range(bisect_left(self.addresses, self.addresses[last]), last + 1)
        distance = address - self.addresses[last]
        covering = [index for index in together if distance < (self.sizes[index] or _LONGEST_UNSIZED)]
        return tuple(self.names[index] for index in sorted(covering, key=lambda index: not self.sizes[index]))


def read_symbols(elf: bytes, *, types: frozenset[str] = ALL_TYPES) -> SymbolTable:
    """Return the symbols of an ELF file, of some types (`STT_…`) only.

    Raises:
        UsageError: the bytes are no ELF file.
    """
    from elftools.common.exceptions import ELFError  # noqa: PLC0415 - slow to load, and every pytest session comes by

    try:
        rows = sorted(_rows(elf, types), key=lambda row: (row[0], row[2]))
    except (ELFError, ValueError, KeyError, UnicodeDecodeError, OverflowError) as error:
        raise UsageError(f"not an ELF file: {error}", stage="elf") from error
    return SymbolTable(tuple(row[0] for row in rows), tuple(row[1] for row in rows), tuple(row[2] for row in rows))


def _rows(elf: bytes, types: frozenset[str]) -> list[tuple[int, int, str]]:
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415
    from elftools.elf.sections import SymbolTableSection  # noqa: PLC0415

    return [
        (int(symbol["st_value"]), int(symbol["st_size"]), str(symbol.name))
        for section in ELFFile(io.BytesIO(elf)).iter_sections()
        if isinstance(section, SymbolTableSection)
        for symbol in section.iter_symbols()
        if symbol["st_value"] and symbol.name and symbol["st_info"]["type"] in types
    ]
