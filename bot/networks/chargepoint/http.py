"""One HTTP exchange with ChargePoint, bounded in time and size."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3
import zeep

from chalicelib.edges import NetworkUnavailable

RETRIED = frozenset({429, 502, 503, 504})
LARGEST = 8 * 1024 * 1024  # bytes; a full page of 500 stations has about 2 million


class TooSlow(NetworkUnavailable):
    """The charging network doesn't answer in time."""


class TooMuch(NetworkUnavailable):
    """The charging network's answer is larger than any real one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unread."""

    status: int
    content: bytes = field(repr=False)


class Transport(zeep.Transport):
    """zeep's transport, without what must not happen to a request with a password.

    Redirects are not followed, requests are not logged (zeep's own transport logs them
    whole at DEBUG), and a server that trickles is cut off.
    """

    def __init__(self, timeout: float) -> None:
        super().__init__(  # type: ignore[no-untyped-call] # zeep is typed in parts only
            timeout=timeout, operation_timeout=timeout
        )

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        """Ask; ask once more after a timeout or a status that says "later".

        Raises NetworkUnavailable.
        """
        try:
            answer = self._post(address, message, headers)
        except TooSlow:
            answer = None
        if answer is not None and answer.status not in RETRIED:
            return answer
        time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 — jitter, not a secret
        return self._post(address, message, headers)

    def _post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        deadline = time.monotonic() + self.operation_timeout
        try:
            with self.session.post(
                address,
                data=message,
                headers=headers,
                timeout=self.operation_timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, _read(response.raw, deadline))
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise TooSlow(f"no answer within {self.operation_timeout:g} s") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise NetworkUnavailable(f"can't reach {address}: {_reason(error)}") from error


def _read(body: Any, deadline: float) -> bytes:
    """The whole body. A read timeout alone would let a byte a second pass for ever."""
    parts: list[bytes] = []
    size = 0
    while part := body.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise TooMuch
        if time.monotonic() > deadline:
            raise requests.Timeout
    return b"".join(parts)


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words: urllib3 wraps it several times."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error) or type(error).__name__
