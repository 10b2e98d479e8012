"""The whole Chalice app behind a production WSGI server: a thin adapter to its handler.

Chalice keeps the request that it works on in an attribute of the app, which is right on
Lambda, where a process has one request at a time. Here there are several, so the app is
given one such attribute for each thread, as Chalice's own local server does.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from chalice.app import Chalice

Start = Callable[..., object]  # WSGI's start_response


class PerThread:
    """The attributes of a Chalice app that belong to one request."""

    _own = threading.local()

    @property
    def current_request(self) -> Any:
        return self._own.request

    @current_request.setter
    def current_request(self, request: Any) -> None:
        self._own.request = request

    @property
    def lambda_context(self) -> Any:
        return getattr(self._own, "context", None)

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._own.context = context


def wsgi(app: Chalice) -> Callable[[WSGIEnvironment, Start], Iterable[bytes]]:
    """The app as WSGI. 404 and 405 for what it has no route for."""
    if not isinstance(app, PerThread):
        app.__class__ = type("ThreadedChalice", (PerThread, type(app)), {})

    def serve(environ: WSGIEnvironment, start: Start) -> Iterable[bytes]:
        status, headers, body = answer(app, environ)
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "?"
        start(f"{status} {phrase}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return serve


def answer(app: Chalice, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for one WSGI request."""
    found = route(app, path_of(environ))
    if found is None:
        return 404, {"Content-Type": "text/plain"}, b"not found"
    pattern, parameters = found
    if environ["REQUEST_METHOD"] not in app.routes[pattern]:
        return 405, {"Content-Type": "text/plain"}, b"method not allowed"
    reply = app(event(environ, pattern, parameters), None)
    body = reply["body"]
    if reply.get("isBase64Encoded"):
        content = base64.b64decode(body)
    else:
        content = body.encode() if isinstance(body, str) else body
    return reply["statusCode"], {str(k): str(v) for k, v in reply["headers"].items()}, content


def route(app: Chalice, path: str) -> tuple[str, dict[str, str]] | None:
    """The app's pattern that fits the path, and what stands in its braces."""
    parts = path.split("/")
    for pattern in app.routes:
        wanted = pattern.split("/")
        if len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(want == part or (want[:1] == "{" and part) for want, part in pairs):
            return pattern, {w.strip("{}"): p for w, p in pairs if w[:1] == "{"}
    return None


def path_of(environ: dict[str, Any]) -> str:
    """The path, unquoted: WSGI hands its bytes over as Latin-1 (PEP 3333)."""
    return str(environ.get("PATH_INFO", "/")).encode("latin-1").decode(errors="replace")


def event(environ: dict[str, Any], pattern: str, parameters: dict[str, str]) -> dict[str, Any]:
    """The request as API Gateway tells Lambda (proxy integration)."""
    headers = {
        name[5:].replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    headers.setdefault("Accept", "*/*")  # whoever doesn't say takes anything; Chalice would not
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return {
        "requestContext": {
            "httpMethod": environ["REQUEST_METHOD"],
            "resourcePath": pattern,
            "path": path_of(environ),
            "identity": {"sourceIp": environ.get("REMOTE_ADDR", "")},
        },
        "headers": headers,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "body": base64.b64encode(environ["wsgi.input"].read()).decode("ascii"),
        "isBase64Encoded": True,
    }
