"""The end of a listening port: nobody who is just coming in is left with a socket that no one closes."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server; connections that were accepted meanwhile are handed to their protocols first.

    asyncio makes a connection's transport a step after it accepted it, and fails to where the server was closed in
    between (Python 3.11, `Server._attach`).
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(3):
        await asyncio.sleep(0)
    server.close()
