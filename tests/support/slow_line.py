"""A line on which a page arrives in pieces, so that a browser paints what it has before the rest is there."""

from __future__ import annotations

import asyncio
import threading

PIECE = 4096
"""Bytes that arrive at once."""
GAP_S = 0.03
"""Seconds between two pieces: longer than one frame of a screen."""


class SlowLine:
    """A relay on loopback before a server: pages come in pieces, style sheets and scripts (`/static/`) whole."""

    def __init__(self, host: str, port: str) -> None:
        self._server = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._relay, "127.0.0.1", 0), self._loop)
        self._listening = listening.result(timeout=10)
        self.url = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Stop relaying."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *fields = head.split(b"\r\n")
        kept = [field for field in fields if not field.lower().startswith((b"connection:", b"accept-encoding:"))]
        answering, asking = await asyncio.open_connection(*self._server)
        asking.write(b"\r\n".join([first, b"Connection: close", *kept]))
        await asking.drain()
        answer = await answering.read(-1)
        asking.close()
        piece = len(answer) if b"/static/" in first else PIECE
        for start in range(0, len(answer), piece):
            writer.write(answer[start : start + piece])
            await writer.drain()
            await asyncio.sleep(GAP_S)
        writer.close()
