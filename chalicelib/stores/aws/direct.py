"""AWS's JSON services asked directly: one signed POST, over a connection that is kept (ADR 51)."""

from __future__ import annotations

import json
import os
import random
import select
import ssl
import time
import zlib
from base64 import b64decode
from collections import deque
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib import VERSION

from .asking import Refused, Service, Unreached
from .sigv4 import Keys, signed

KEPT = 50  # idle connections at most
PAUSE = 0.05  # seconds at most, before the second of two attempts


class Direct:
    """Asks one service, with the credentials and at the address that the environment names."""

    def __init__(self, service: Service, region: str) -> None:
        given = os.environ
        self._service = service
        self._region = region
        key, secret = given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]
        self._keys = Keys(key, secret, given.get("AWS_SESSION_TOKEN", ""))
        self._url = urlsplit(address_of(service.name, region))
        self._idle: deque[HTTPConnection] = deque(maxlen=KEPT)

    def __call__(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer. Whatever is without one, or fails there, is asked once more: a write that
        is repeated must know itself. Raises Refused and Unreached.
        """
        body = msgspec.json.encode(request)
        try:
            status, found = self._exchange(operation, body, self._kept() or self._opened())
            if status < 500:
                return self._read(status, found)
        except (OSError, HTTPException):
            pass  # on a new connection it may go better
        time.sleep(random.uniform(0, PAUSE))  # noqa: S311 — no secret
        try:
            return self._read(*self._exchange(operation, body, self._opened()))
        except (OSError, HTTPException) as error:
            raise Unreached(f"{self._url.netloc}: {error or type(error).__name__}") from error

    def _exchange(
        self, operation: str, body: bytes, connection: HTTPConnection
    ) -> tuple[int, bytes]:
        """Send it and take in the answer. Raises OSError and HTTPException."""
        try:
            headers = self._headers(operation, body)
            connection.request("POST", self._url.path or "/", body, headers)
            answer = connection.getresponse()
            found = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        check = answer.getheader("x-amz-crc32")
        if check is not None and check != str(zlib.crc32(found)):
            raise HTTPException("the answer was damaged on its way")
        return answer.status, found

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        service = self._service
        headers = {
            "content-type": f"application/x-amz-json-{service.version}",
            "host": self._url.netloc,
            "x-amz-target": f"{service.target}.{operation}",
        }
        path = self._url.path or "/"
        signature = signed(self._keys, self._region, service.name, path, headers, body)
        return {**headers, **signature, "user-agent": f"ev-concierge/{VERSION}"}

    def _read(self, status: int, found: bytes) -> dict[str, Any]:
        try:
            said = json.loads(found, object_hook=with_bytes) if found else {}
        except ValueError as error:
            raise Unreached(f"{self._url.netloc}: {status}, and no JSON") from error
        if not isinstance(said, dict):
            raise Unreached(f"{self._url.netloc}: {status}, and no object")
        if status == 200:
            return said
        code = str(said.get("__type") or status).rpartition("#")[2].partition(":")[0]
        raise Refused(code, str(said.get("message") or said.get("Message") or status), said)

    def _kept(self) -> HTTPConnection | None:
        """A connection that was kept and is still open."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if not is_dropped(kept):
                return kept
            kept.close()
        return None

    def _opened(self) -> HTTPConnection:
        """A new one. Raises OSError."""
        host, port, patience = self._url.hostname or "", self._url.port, self._service
        if self._url.scheme == "https":
            made: HTTPConnection = HTTPSConnection(host, port, timeout=patience.connect, context=trust())  # fmt: skip
        else:
            made = HTTPConnection(host, port, timeout=patience.connect)
        made.connect()
        made.sock.settimeout(patience.read)
        return made


def address_of(service: str, region: str) -> str:
    """As boto3 reads the environment, and without it AWS's own."""
    names = (f"AWS_ENDPOINT_URL_{service.upper()}".replace("SECRETSMANAGER", "SECRETS_MANAGER"), "AWS_ENDPOINT_URL")  # fmt: skip
    given = next((text for name in names if (text := os.environ.get(name, "").strip())), "")
    china = ".cn" if region.startswith("cn-") else ""
    return given.rstrip("/") or f"https://{service}.{region}.amazonaws.com{china}"


def is_dropped(connection: HTTPConnection) -> bool:
    """The other side has closed it, or said something that nobody asked for."""
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


@cache
def trust() -> ssl.SSLContext:
    """Whom this machine trusts: reading it takes longer than a request."""
    return ssl.create_default_context()


def with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's bytes are base64 in JSON, as the only value of something called B."""
    if len(found) == 1 and isinstance(text := found.get("B"), str):
        return {"B": b64decode(text)}
    return found
