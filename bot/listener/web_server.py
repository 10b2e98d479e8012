"""The web server: waitress, whose connections are bounded in number, in age and in noise.

Any number of strangers may connect, and may be slow, silent or rude: they cost a
connection each for a while, never a thread, and never the place of somebody who asks
something. Why waitress and not another: ADR 22.
"""

from __future__ import annotations

import errno
import logging
import resource
import threading
import time
from typing import Any
from wsgiref.types import WSGIApplication

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

log = logging.getLogger(__name__)

MAX_BODY = 1_000_000  # bytes; Slack's are far smaller
THREADS = 8
CONNECTIONS = 2_000  # at once; beyond that, who has kept us waiting longest is hung up
OTHER_FILES = 200  # that the process may have open besides
MARGIN = 100  # connections that may be accepted in one turn of the loop
BACKLOG = 1024  # who connects at the same moment; the kernel may allow less

# Real seconds, then it is hung up:
SILENCE = 30.0  # between two requests
RECEIVING = 15.0  # from a request's first byte to its last, however they drip
SENDING = 60.0  # from an answer to the last byte that the other side has taken of it
SWEEP = 1.0  # between two looks for those
FULL_TOLD = 60.0  # between two lines about it in the log

# A line for each who waits a moment, and one with the whole path for each who hangs up.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
logging.getLogger("waitress").setLevel(logging.WARNING)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress says nothing of its types
    """One connection, which knows how long it has been in its present state."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.since = time.monotonic()
        self._timed: object = None  # the request whose age is taken
        super().__init__(*args, **kwargs)

    def writable(self) -> bool:
        """Whether the loop has something to do here.

        Not while a thread answers: that sends for itself, and there is nothing the loop may
        do meanwhile. Waitress's own says yes until the thread has finished, so its loop spins,
        and each time takes the interpreter away from a thread that only waited for the disk.
        """
        if self.requests and self.total_outbufs_len <= self.adj.outbuf_high_watermark:
            return bool(self.will_close)
        return bool(self.total_outbufs_len or self.will_close or self.close_when_flushed)

    def received(self, data: bytes) -> bool:
        taken = bool(super().received(data))
        if self.request is not self._timed:
            self._timed = self.request
            self.since = time.monotonic()
        return taken

    def service(self) -> None:
        super().service()
        self.since = time.monotonic()

    @property
    def keeps_us_waiting(self) -> bool:
        """It is the other side's turn."""
        return not self.requests

    def is_over(self, now: float) -> bool:
        """It had its time, whatever it has sent meanwhile."""
        if not self.keeps_us_waiting:
            return False
        if self.total_outbufs_len:
            return now - self.since > SENDING
        return now - self.since > (RECEIVING if self.request is not None else SILENCE)


class WebServer:
    """Serves a WSGI app on a thread of its own until it is closed.

    `where` is `host` and `port`, or listening `sockets`. Raises OSError at once when the
    address is taken, or is none.
    """

    def __init__(
        self,
        app: WSGIApplication,
        threads: int = THREADS,
        largest: int = MAX_BODY,
        connections: int = CONNECTIONS,
        **where: Any,
    ) -> None:
        self._map: dict[int, Any] = {}  # the sockets of the loop
        self._over = threading.Event()
        self._most = room_for(connections)
        self._swept_at = self._told_at = float("-inf")
        try:
            self._server = waitress.create_server(
                app, map=self._map, threads=threads, ident=None, asyncore_use_poll=True,
                max_request_body_size=largest, connection_limit=self._most + MARGIN + OTHER_FILES,
                backlog=BACKLOG, channel_timeout=1_000_000, clear_untrusted_proxy_headers=True,
                log_socket_errors=False, **where,
            )  # fmt: skip
        except ValueError as error:
            raise OSError(errno.EADDRNOTAVAIL, "there is no such address") from error
        for listener in self._map.values():  # localhost may be two
            if isinstance(listener, BaseWSGIServer):
                listener.channel_class = Channel
        self._most += len(self._map)  # the listeners' own
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        several = getattr(self._server, "effective_listen", None)
        self.port = int(several[0][1] if several else self._server.effective_port)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Finish what is being answered, and free the address."""
        self._over.set()
        if self._thread.is_alive():
            self._server.trigger.pull_trigger()  # don't sleep through it
            self._thread.join()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._map)

    def _run(self) -> None:
        """Waitress's loop, but one that ends by itself: closing its sockets under it hurts."""
        while not self._over.is_set():
            wasyncore.loop(timeout=0.5, use_poll=True, map=self._map, count=1)
            self._hang_up(time.monotonic())

    def _hang_up(self, now: float) -> None:
        """On who had their time; and while there are too many, on who waits longest."""
        is_full = len(self._map) > self._most
        if not is_full and now - self._swept_at < SWEEP:
            return
        self._swept_at = now
        channels = [one for one in self._map.values() if isinstance(one, Channel)]
        for channel in channels:
            if channel.is_over(now):
                channel.will_close = True
        if is_full:
            waiting = sorted(
                (one for one in channels if one.keeps_us_waiting), key=lambda one: one.since
            )
            for channel in waiting[: max(len(self._map) - self._most, self._most // 20)]:
                channel.will_close = True
            self._tell(now)

    def _tell(self, now: float) -> None:
        if now - self._told_at > FULL_TOLD:
            self._told_at = now
            log.warning("%d connections at once: hanging up on the idle ones", self._most)


def room_for(wanted: int) -> int:
    """So many connections, or how many fit beside the files that the process needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + MARGIN + OTHER_FILES
    allowed = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return min(wanted, max(allowed - MARGIN - OTHER_FILES, MARGIN))
