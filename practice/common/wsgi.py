"""The little HTTP that the stand-ins and the practice page need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

LARGEST = 1_000_000  # bytes of a request's body

Headers = Sequence[tuple[str, str]]


class BadRequest(Exception):
    """What was asked can't be done; `status` is a 4xx or 503, the message says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back."""

    status: int
    body: bytes
    content_type: str
    headers: Headers = field(default=())

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI way to say it."""
        status = f"{self.status} {HTTPStatus(self.status).phrase}"
        headers = [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
        ]
        start_response(status, headers)
        return [self.body]


def json_response(value: object, status: int = 200, headers: Headers = ()) -> Response:
    """A value as JSON."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, body, "application/json; charset=utf-8", headers)


def error_response(error: BadRequest) -> Response:
    """`{"error": …}` with the error's status."""
    return json_response({"error": str(error)}, error.status)


def body_of(environ: WSGIEnvironment) -> bytes:
    """The raw body. Raises BadRequest when it is too large."""
    length = int(environ.get("CONTENT_LENGTH") or 0)  # waitress lets only numbers through
    if length > LARGEST:
        raise BadRequest(f"a body has at most {LARGEST} bytes", 413)
    body: bytes = environ["wsgi.input"].read(length)
    return body


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises BadRequest for anything else, and for text that isn't Unicode."""
    try:
        value = json.loads(body)
        body.decode()
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise BadRequest("the body is not a JSON object")
    return value


def check_method(environ: WSGIEnvironment, *methods: str) -> None:
    """Raises BadRequest for any other method."""
    if environ["REQUEST_METHOD"] not in methods:
        raise BadRequest(f"use {methods[0]}", 405)
