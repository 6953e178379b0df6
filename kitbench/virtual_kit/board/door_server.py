"""The table's side of its door: a loopback port that takes a line of JSON with the token and answers with one."""

import asyncio
import hmac
import json
import secrets
from contextlib import suppress
from typing import Any, Final

from kitbench.board.door import MOST_BYTES, Door
from kitbench.errors import UsageError
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.hardware.lent import LentKit
from kitbench.virtual_kit.listener import stop_listening

_HOST: Final = "127.0.0.1"
#: Who has opened the door and says nothing is sent away.
_SPEAKS_WITHIN_S: Final = 10.0


class DoorServer:
    """Serves one table in the running event loop.

    Args:
        table: the kit's.
        lent: arranges the kit's surroundings for whoever has it; None for a table without a kit.
    """

    def __init__(self, table: Table, lent: LentKit | None = None) -> None:
        self._table = table
        self._lent = lent
        self._token = secrets.token_urlsafe(18)
        self._server: asyncio.Server | None = None
        #: Visitors with their answers on the way.
        self._visits: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> Door:
        """Open a free port; return the door."""
        self._server = await asyncio.start_server(self._admit, _HOST, 0, limit=MOST_BYTES)
        return Door(_HOST, self._server.sockets[0].getsockname()[1], self._token)

    async def close(self) -> None:
        """Close the port, so that nobody connects any more; whoever is there is sent away."""
        if self._server is not None:
            await stop_listening(self._server)
        for writer in self._visits.values():
            writer.transport.abort()

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._visits[visit] = writer
        visit.add_done_callback(self._visits.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A line too long, a client that has gone: nobody waits for an answer.
        with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            line = await asyncio.wait_for(reader.readuntil(), _SPEAKS_WITHIN_S)
            writer.write(json.dumps(self.answer(line)).encode() + b"\n")
            await writer.drain()
        writer.close()

    def answer(self, line: bytes) -> dict[str, Any]:
        """Return what a request is answered: all parts, or what is wrong with it."""
        try:
            request = json.loads(line)
            if not hmac.compare_digest(str(request.get("token", "")).encode(), self._token.encode()):
                return {"error": "the token is not this table's"}
            if self._lent is not None and "gaps_after" in request:
                return self._lent.gaps(int(request["gaps_after"]))
            if self._lent is not None and "access_points" in request:
                self._lent.lend(request["access_points"], request.get("clock_factor", 1.0))
            self._table.set(request.get("set", {}))
        except UsageError as error:
            return {"error": error.message}
        except (ValueError, TypeError, AttributeError):  # no JSON, or JSON of another shape
            return {"error": "a request is an object of JSON"}
        return {"parts": self._table.state()}
