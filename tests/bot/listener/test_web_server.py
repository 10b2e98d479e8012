"""The web server keeps its threads and its places for people who ask something."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.listener import web_server
from bot.listener.web_server import Channel, WebServer
from tests.waiting import within

BEGUN = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Serve = Callable[..., WebServer]


def hello(_environ: object, start: Callable[..., object]) -> list[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that says hello."""
    with ExitStack() as running:

        def begin(**more: int) -> WebServer:
            server = WebServer(hello, host="127.0.0.1", port=0, **more)
            server.start()
            running.callback(server.close)
            return server

        yield begin


def connected(server: WebServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def is_answered(sock: socket.socket) -> bool:
    sock.sendall(WHOLE)
    return sock.recv(1000).startswith(b"HTTP/1.1 200")


def is_hung_up(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_request_that_drips(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is activity, and yet the request as a whole has its time."""
    monkeypatch.setattr(web_server, "RECEIVING", 0.3)
    monkeypatch.setattr(web_server, "SWEEP", 0.05)
    with connected(serve()) as sock, Dripping(sock):
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX: ")
        assert is_hung_up(sock)


class Dripping:
    """Sends a byte of a header every 20 ms, until it is hung up."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip)

    def _drip(self) -> None:
        while not self._over.wait(0.02):
            try:
                self._sock.sendall(b"x")
            except OSError:
                return

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_the_next_request_has_its_own_time(serve: Serve) -> None:
    """A connection that is used again and again is as old as what it does now."""
    server = serve()
    with connected(server) as sock:
        assert is_answered(sock)
        channel = channel_of(server)
        idle = channel.since
        sock.sendall(BEGUN)
        within(10, lambda: channel.request is not None and channel.since > idle)
        begun = channel.since
        assert not channel.is_over(begun + web_server.RECEIVING)
        assert channel.is_over(begun + web_server.RECEIVING + 1)
        sock.sendall(b"23456789" + BEGUN)
        within(10, lambda: channel.since > begun and channel.request is not None)


def channel_of(server: WebServer) -> Channel:
    (channel,) = (one for one in server._map.values() if isinstance(one, Channel))
    return channel


def test_more_connections_than_places(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Who asks is answered, however many others hold a place; one line says that it is full."""
    server = serve(connections=20)
    with ExitStack() as held, caplog.at_level(logging.WARNING):
        idle = [held.enter_context(connected(server)) for _ in range(60)]
        for sock in idle[::2]:
            try:
                sock.sendall(BEGUN)
            except OSError:
                continue  # hung up already
        for _ in range(5):
            assert is_answered(held.enter_context(connected(server)))
        assert sum("connections at once" in one.message for one in caplog.records) == 1


def test_who_is_hung_up_on(serve: Serve) -> None:
    """Those who keep us waiting longest go first."""
    server = serve(connections=3)
    with ExitStack() as held:
        first, *others = [held.enter_context(connected(server)) for _ in range(3)]
        for sock in others:
            assert is_answered(sock)
        assert is_answered(held.enter_context(connected(server)))
        assert is_hung_up(first)


@pytest.mark.parametrize("path", ["/" + "x" * 100_000, "/%00%ff\u00e9", "/" + "%0a" * 1000])
def test_what_is_refused_is_not_written_down(
    serve: Serve, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """Neither a long request nor a strange one leaves a line, however many come."""
    server = serve()
    with caplog.at_level(logging.INFO):
        for head in (f"GET {path} HTTP/9\r\n", f"BREW {path}\r\n", f"\x00{path} HTTP/1.1\r\n"):
            with connected(server) as sock:
                sock.sendall(head.encode("utf-8") + b"A b: c\r\nContent-Length: -1\r\n\r\n")
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
    assert not [one.message[:200] for one in caplog.records]


def test_the_loop_sleeps_while_a_thread_answers() -> None:
    """Between a thread's answer and its end the loop has nothing to do (it would spin)."""
    channel = Channel.__new__(Channel)
    channel.requests, channel.total_outbufs_len = [object()], 100
    channel.adj = type("Adjustments", (), {"outbuf_high_watermark": 1000})
    assert not channel.writable()
    channel.total_outbufs_len = 2000
    assert channel.writable(), "a thread that waits for room is helped"
    channel.requests, channel.total_outbufs_len = [], 100
    assert channel.writable()
