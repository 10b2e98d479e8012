"""A path that can stall: a TCP proxy on loopback that stops forwarding and closes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Self

HOST = "127.0.0.1"


class StallingProxy:
    """Forwards `port` to `to`, while this is entered. All methods from any thread."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self.connections = 0  # taken so far
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._flows.set()
        serve = asyncio.start_server(self._carry, HOST, 0)
        self._server = asyncio.run_coroutine_threadsafe(serve, self._loop).result(5)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._soon(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def stall(self) -> None:
        """From now on nothing gets through; new connections are taken, and then nothing."""
        self._soon(self._flows.clear)

    def heal(self) -> None:
        """What was held back gets through, and everything after it."""
        self._soon(self._flows.set)

    def cut(self) -> None:
        """Reset every connection."""
        self._soon(self._abort)

    def _abort(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def _soon(self, act: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(act)

    async def _close(self) -> None:
        """Whatever is under way ends by itself once nothing holds it."""
        self._server.close()
        self._flows.set()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            self._abort()
            await asyncio.wait(others, timeout=0.05)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            there, back = await asyncio.open_connection(HOST, self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._forward(reader, back), self._forward(there, writer))
        closings = (one.wait_closed() for one in (writer, back))
        await asyncio.gather(*closings, return_exceptions=True)
        self._writers -= {writer, back}

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
            await self._flows.wait()
        except OSError:
            pass
        finally:
            writer.close()
