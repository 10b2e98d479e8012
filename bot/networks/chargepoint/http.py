"""One HTTP exchange with ChargePoint, bounded in time and size."""

from __future__ import annotations

import functools
import http.client
import io
import random
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3
import zeep
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from chalicelib.edges import NetworkUnavailable

RETRIED = frozenset({502, 503, 504})  # these say "in a moment"; 429 doesn't
LARGEST = 64 * 1024 * 1024  # bytes; 10,000 stations on one page are about 40 million
SLOWEST = 1_000_000  # bytes a second: whoever sends much may take longer
CONNECTIONS = 32  # kept open; as many look at once at most
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


class TooSlow(NetworkUnavailable):
    """The charging network doesn't answer in time."""


class NotReached(NetworkUnavailable):
    """The charging network can't be reached: it has not heard what was asked."""


class TooMuch(NetworkUnavailable):
    """The charging network's answer is larger than any real one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unread; `charset` and `retry_after` as the headers have them."""

    status: int
    content: bytes = field(repr=False)
    charset: str = ""
    retry_after: timedelta | None = None


class Transport(zeep.Transport):
    """zeep's transport, without what must not happen to a request with a password.

    Redirects are not followed, requests are not logged (zeep's own transport logs them
    whole at DEBUG), and a server that trickles is cut off.
    """

    def __init__(self, timeout: float) -> None:
        session = requests.Session()
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(pool_maxsize=CONNECTIONS))
        super().__init__(  # type: ignore[no-untyped-call] # zeep is typed in parts only
            session=session, timeout=timeout, operation_timeout=timeout
        )

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        """Ask; ask once more after a timeout or a status that says "in a moment". What isn't a
        question is said once: nobody knows whether it was heard.

        Raises NetworkUnavailable.
        """
        if not is_question(headers):
            return self._post(address, message, headers)
        try:
            answer = self._post(address, message, headers)
        except TooSlow:
            answer = None
        if answer is not None and (answer.status not in RETRIED or answer.retry_after):
            return answer
        time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 — jitter, not a secret
        return self._post(address, message, headers)

    def _post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        try:
            with self.session.post(
                address,
                data=message,
                headers=headers,
                timeout=self.operation_timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return _answer(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _fault(error, address, self.operation_timeout) from error


def is_question(headers: dict[str, str]) -> bool:
    """Whether asking twice does no harm: the operation only gets something."""
    action = headers.get("SOAPAction", "").strip('"').rpartition("/")[2]
    return action.startswith("get")


def _answer(response: requests.Response) -> Answer:
    charset = _CHARSET.search(response.headers.get("Content-Type") or "")
    return Answer(
        response.status_code,
        _read(response.raw),
        charset[1] if charset else "",
        _wait(response.headers.get("Retry-After") or ""),
    )


def _read(body: Any) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := body.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise TooMuch
    return b"".join(parts)


def _wait(text: str) -> timedelta | None:
    """`Retry-After`: seconds, or a date."""
    try:
        if text.isdecimal():
            return timedelta(seconds=int(text[:9]))
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    seconds = at.timestamp() - time.time()
    return timedelta(seconds=max(0.0, min(seconds, 1e9)))


def _fault(error: BaseException, address: str, timeout: float) -> NetworkUnavailable:
    causes = list(_causes(error))
    if any(isinstance(cause, _NEVER_SENT) for cause in causes):
        return NotReached(f"can't reach {address}: {_reason(causes)}")
    if any(isinstance(cause, TimeoutError | requests.Timeout) for cause in causes):
        return TooSlow(f"no answer within {timeout:g} s")
    return NetworkUnavailable(f"can't reach {address}: {_reason(causes)}")


_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.SSLError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.LocationParseError,
    socket.gaierror,
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it: urllib3 wraps it several times."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__context__


def _reason(causes: list[BaseException]) -> str:
    """The innermost cause in a few words."""
    last = causes[-1]
    return getattr(last, "strerror", None) or str(last) or type(last).__name__


# --- one deadline for a whole reply -----------------------------------------------------------


class _Timed(io.RawIOBase):
    """What a socket receives, until it has taken too long in all.

    A timeout for each read would let a byte a second pass for ever, in headers, too. Who
    sends much gets longer.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline + self._received / SLOWEST - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        size = self._raw.readinto(buffer)
        self._received += size or 0
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reply(http.client.HTTPResponse):
    """A reply that is read by a deadline."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        whole = io.BufferedReader(_Timed(sock, deadline))
        self.fp.close()
        self.fp = whole  # type: ignore[assignment] # the stubs know only sockets' own


class _Bounded:
    """A connection with one deadline for each reply: its timeout, from the request on."""

    timeout: Any
    response_class: Any

    def request(self, *args: Any, **more: Any) -> None:
        deadline = time.monotonic() + float(self.timeout)
        self.response_class = functools.partial(_Reply, deadline=deadline)
        super().request(*args, **more)  # type: ignore[misc] # of the connection that this is mixed into


class _Plain(_Bounded, HTTPConnection):
    pass


class _Secure(_Bounded, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """requests' adapter with such connections, also through a proxy."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(*args, **more)
        manager.pool_classes_by_scheme = POOLS
        return manager


POOLS = {"http": _PlainPool, "https": _SecurePool}
