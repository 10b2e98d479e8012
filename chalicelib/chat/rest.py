"""JSON over HTTP to a chat server: bounded in time and size, following no redirect."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from chalicelib.edges import MessengerUnavailable
from chalicelib.shapes import JSON_OBJECT, Malformed
from chalicelib.values import dataclass

TIMEOUT = 10.0  # seconds for all of it; the claim on a message outlasts it
LARGEST = 1_000_000  # bytes of an answer
LONGEST_WAIT = timedelta(hours=1)
LIMITS = (
    "x-ratelimit",
    "x-floodcontrol",
)  # Mattermost docs: rate limiting; HipChat API v2: rate limits


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """A JSON object. Raises MessengerUnavailable when it is something else."""
        try:
            return JSON_OBJECT.of_json(self.body)
        except Malformed as error:
            raise MessengerUnavailable("the chat server answers nonsense") from error

    @property
    def error(self) -> object:
        """What a refusal calls itself; None when that isn't the server speaking."""
        try:
            return self.json.get("error")
        except MessengerUnavailable:
            return None


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    address: str | None = None,
    seconds: float | None = None,
) -> Answered:
    """One request; `address` is where the host's name has led before, so that it can't change.
    `seconds` is all that it may take, TIMEOUT if it isn't given.

    Raises MessengerUnavailable; nothing secret is in its words.
    """
    limit = seconds or TIMEOUT
    to, until = urlsplit(url), time.monotonic() + limit
    try:
        with opened(to, address or to.hostname or "", limit) as connection:
            path = f"{to.path or '/'}?{to.query}" if to.query else to.path or "/"
            connection.request(method, path, body, dict(headers))
            return answered(connection.getresponse(), until)
    except (OSError, http.client.HTTPException) as error:
        why = f"{to.hostname} can't be reached: {type(error).__name__}"
        raise MessengerUnavailable(why, everywhere=True) from error


def send_json(
    method: str, url: str, token: str, value: object = None, address: str | None = None
) -> Answered:
    """One request with a bearer token. Raises as `call` does."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = None if value is None else msgspec.json.encode(value)
    return call(method, url, headers, body, address)


def send_bytes(
    url: str, body: bytes, kind: str, token: str = "", seconds: float | None = None
) -> Answered:
    """A file, as it is. Raises as `call` does."""
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    return call("POST", url, headers, body, seconds=seconds)


@contextmanager
def opened(to: SplitResult, address: str, limit: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to an address under the name in the URL, hung up after `limit` seconds."""
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.hostname or "", to.port, timeout=limit)
    sock = socket.create_connection((address, connection.port), limit)
    if to.scheme == "https":  # greeted below, where the end is set
        sock = trust().wrap_socket(
            sock, server_hostname=connection.host, do_handshake_on_connect=False
        )
    connection.sock = sock
    end = threading.Timer(limit, hang_up, (sock,))
    end.daemon = True
    end.start()
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        yield connection
    finally:
        end.cancel()
        connection.close()


def hang_up(sock: socket.socket) -> None:
    """A socket's own timeout is for each byte: who sends one now and then would never end."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS has another; it isn't thread-safe


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """Whose certificates we believe: the system's, or what SSL_CERT_FILE names."""
    return ssl.create_default_context()


def answered(response: http.client.HTTPResponse, until: float) -> Answered:
    """Read it all, but not for ever. Raises OSError when it is too much or too slow."""
    body = b""
    while chunk := response.read1(65_536):
        body += chunk
        if len(body) > LARGEST:
            raise OSError("too large")
    if time.monotonic() > until:  # we hung up
        raise TimeoutError
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, headers, body)


def wait_of(headers: Mapping[str, str]) -> timedelta:
    """How long a 429 asks us to wait; a minute when it doesn't say, an hour at most."""
    waits = [seconds(headers.get("retry-after", ""))]
    waits += [
        until_reset(headers, seconds(headers.get(f"{family}-reset", "")))
        for family in LIMITS
        if headers.get(f"{family}-remaining", "0").strip() == "0"
    ]
    longest = max((wait for wait in waits if wait is not None), default=60.0)
    return min(timedelta(seconds=max(longest, 1)), LONGEST_WAIT)


def seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def until_reset(headers: Mapping[str, str], reset: float | None) -> float | None:
    """Seconds until a reset, which is given as such or as seconds since 1970 on their clock."""
    if reset is None or reset < 1e9:
        return reset
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        now = time.time()
    return reset - now
