"""Names beside a panic's addresses, line by line as the serial line brings them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.kit.backtrace import BACKTRACE, FRAME_LIMIT, LINE_LIMIT, name_of

_HELD: Final = LINE_LIMIT


@dataclass(slots=True)
class BacktraceNames:
    """Reads along.

    Attributes:
        symbols: of the firmware that runs; None gives no names.
    """

    symbols: SymbolTable | None
    _line: str = ""

    def of(self, text: str) -> Iterator[str]:
        """Yield a line for each frame of each backtrace that ends in this text."""
        *whole, rest = (self._line + text).split("\n")
        self._line = rest[-_HELD:]
        for line in whole:
            match = BACKTRACE.search(line[:LINE_LIMIT])
            if match is None or self.symbols is None:
                continue
            for pair in match[1].split()[:FRAME_LIMIT]:
                address = int(pair.split(":")[0], 16)
                yield f"--- 0x{address:08x}: {name_of(address, self.symbols)}"
