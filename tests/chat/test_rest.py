"""How we call a chat server: only so long, only so much, and only under its own name."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which

import pytest

from chalicelib.chat import rest
from chalicelib.chat.hipchat.hosts import AllowedHosts, read_host
from chalicelib.edges import MessengerUnavailable
from tests.needs import need
from tests.waiting import within

Talk = Callable[[socket.socket], None]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """Somebody who does this with everybody who calls; the number of their port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # until it is closed
            while True:
                talk(listener.accept()[0])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def drip(before: bytes) -> Talk:
    """Says something, and then one byte after the other, for ever."""

    def talk(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.sendall(before)
            while True:
                time.sleep(0.05)
                caller.sendall(b"x")

    return talk


def mute(caller: socket.socket) -> None:
    time.sleep(0.6)
    caller.close()


def polite(caller: socket.socket) -> None:
    with caller:
        caller.recv(65_536)
        caller.sendall(ANSWER)


UNPROVEN = "SSLCertVerificationError"


class TestPatience:
    @pytest.mark.parametrize(
        ("scheme", "before"),
        [
            ("http", b""),
            ("http", b"HTTP/1.1 200 OK\r\nX: "),
            ("http", b"HTTP/1.1 200 OK\r\n\r\n"),
            ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
            ("https", b"\x16\x03\x03\x40\x00"),  # the head of a long TLS record
        ],
        ids=["status", "headers", "body", "announced", "greeting"],
    )
    def test_a_drip(self, monkeypatch: pytest.MonkeyPatch, scheme: str, before: bytes) -> None:
        """Who sends a byte now and then doesn't keep us: not in the TLS greeting either."""
        monkeypatch.setattr(rest, "TIMEOUT", 0.5)
        before_us = set(threading.enumerate())
        with server(drip(before)) as port:
            began = time.monotonic()
            with pytest.raises(MessengerUnavailable):
                rest.call("GET", f"{scheme}://127.0.0.1:{port}/", {})
            assert time.monotonic() - began < 5
        within(5, lambda: set(threading.enumerate()) <= before_us)

    def test_silence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who says nothing at all doesn't either."""
        monkeypatch.setattr(rest, "TIMEOUT", 0.3)
        lost = pytest.raises(MessengerUnavailable, match="can't be reached")
        with server(mute) as port, lost:
            rest.call("GET", f"http://127.0.0.1:{port}/", {})


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and a certificate for chat.example."""
    folder = tmp_path_factory.mktemp("tls")
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=chat.example -addext subjectAltName=DNS:chat.example -keyout key.pem -out cert.pem"
    need("openssl", is_there=which("openssl") is not None)
    subprocess.run(words.split(), cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def secured(folder: Path) -> Iterator[int]:
    """A server behind that certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    def talk(caller: socket.socket) -> None:
        with caller, suppress(OSError), context.wrap_socket(caller, server_side=True) as safe:
            safe.recv(65_536)
            safe.sendall(ANSWER)

    with server(talk) as port:
        yield port


class TestTLS:
    """The name in the URL must be the certificate's, whatever address is called."""

    @pytest.fixture(autouse=True)
    def trust(self, certified: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """As an operator would tell us to believe it."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certified / "cert.pem"))
        rest.trust.cache_clear()
        yield
        rest.trust.cache_clear()

    def test_believed(self, certified: Path) -> None:
        """The right name, at the address that was checked."""
        with secured(certified) as port:
            url = f"https://chat.example:{port}/"
            assert rest.call("GET", url, {}, None, "127.0.0.1").body == b"{}"
            hosts = AllowedHosts([read_host(f"chat.example:{port}=127.0.0.0/8")], lambda *_: ["127.0.0.1"])  # fmt: skip
            assert hosts.call("GET", url, {}).status == 200

    def test_another_name(self, certified: Path) -> None:
        """A certificate for somebody else proves nothing."""
        with secured(certified) as port, pytest.raises(MessengerUnavailable, match=UNPROVEN):
            rest.call("GET", f"https://evil.example:{port}/", {}, None, "127.0.0.1")

    def test_nobody_vouches(self, certified: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A certificate that nobody we believe has signed proves nothing."""
        monkeypatch.delenv("SSL_CERT_FILE")
        rest.trust.cache_clear()
        with secured(certified) as port, pytest.raises(MessengerUnavailable, match=UNPROVEN):
            rest.call("GET", f"https://chat.example:{port}/", {}, None, "127.0.0.1")


def test_a_name_that_changes() -> None:
    """A name that leads elsewhere by the time it is called: it isn't asked a second time."""
    answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    with server(polite) as port:
        entry = f"127.0.0.1:{port}"
        hosts = AllowedHosts([read_host(entry)], lambda *_: answers.pop(0))
        assert hosts.call("GET", f"http://{entry}/", {}).status == 200
    assert len(answers) == 2
