"""Socket Mode, Slack's end: requests go out on a connection that the app has opened.

As strict as Slack ("Slack docs: using Socket Mode"): tickets are good for one connection,
at most ten of those, and each envelope is acknowledged within three seconds.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from .app import WITHIN, AppFailed, Reply
from .faults import SlackError, TooFast
from .workspace import APP_ID

HOST = "127.0.0.1"
MOST = 10  # connections of one app
TICKET_LIFE = 30.0  # real seconds
MOST_CALLS, WINDOW = 20, 60  # of apps.connections.open, in real seconds; bursts are let through

silent = logging.getLogger(f"{__name__}.websockets")
silent.setLevel(logging.CRITICAL)


class Waiting:
    """An envelope that is not acknowledged yet."""

    def __init__(self, *, takes_payload: bool) -> None:
        self.takes_payload = takes_payload
        self.done = threading.Event()
        self.reply = Reply("", b"")


class Sockets:
    """Serves on a port of its own while it is entered. All methods from any thread.

    Tests turn `enabled` (the switch in the app's settings), `through` (the port that
    tickets lead to, such as a proxy's) and `limit`; `acks` counts what was acknowledged.
    """

    def __init__(self, app_token: str, record_violation: Callable[[str], None]) -> None:
        self.enabled = True
        self.port = 0
        self.through = 0
        self.limit = MOST_CALLS
        self.acks = 0
        self.calls = 0
        self._token = app_token
        self._record_violation = record_violation
        self._lock = threading.Lock()
        self._called: deque[float] = deque()
        self._tickets: dict[str, float] = {}
        self._lines: list[ServerConnection] = []
        self._waiting: dict[str, Waiting] = {}
        self._last: Callable[[], Reply] | None = None

    def __enter__(self) -> Self:
        self._server = serve(
            self._hold, HOST, 0, process_request=self._admit, close_timeout=1, logger=silent
        )
        self.port = int(self._server.socket.getsockname()[1])
        threading.Thread(target=self._server.serve_forever, name="sockets", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        _close(*self.lines)

    @property
    def lines(self) -> list[ServerConnection]:
        """The connections of now, the oldest first."""
        with self._lock:
            return list(self._lines)

    def open(self, token: str) -> dict[str, str]:
        """`apps.connections.open`. Raises SlackError or TooFast."""
        with self._lock:
            self.calls += 1
            if not token:
                raise SlackError("not_authed")
            if not token.startswith("xapp-"):
                raise SlackError("not_allowed_token_type")
            if token != self._token:
                raise SlackError("invalid_auth")
            if not self.enabled:
                raise SlackError("forbidden_team")
            self._count()
            ticket = secrets.token_urlsafe(18)
            self._tickets[ticket] = time.monotonic()
        port = self.through or self.port
        return {"url": f"ws://{HOST}:{port}/link/?ticket={ticket}&app_id={APP_ID}"}

    def command(self, form: dict[str, str]) -> Reply:
        """A slash command; its answer. Raises AppFailed."""
        return self._ask("slash_commands", form, takes_payload=True)

    def click(self, payload: dict[str, Any]) -> Reply:
        """A button. Raises AppFailed."""
        return self._ask("interactive", payload, takes_payload=True)

    def event(self, callback: dict[str, Any], attempt: int) -> Reply:
        """An event, told for the first time or again. Raises AppFailed."""
        more = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return self._ask("events_api", callback, takes_payload=False, **more)

    def again(self) -> Reply:
        """The last request once more, in an envelope of its own. Raises AppFailed."""
        if self._last is None:
            raise LookupError("nothing was sent yet")
        return self._last()

    def part(self, reason: str = "refresh_requested", within: float = 10.0) -> None:
        """Ask the app to leave every connection of now, and close them after a while."""
        lines = self.lines
        for line in lines:
            with suppress(ConnectionClosed):
                line.send(json.dumps({"type": "disconnect", "reason": reason}))
        timer = threading.Timer(within, _close, lines)
        timer.daemon = True
        timer.start()

    def send(self, text: str | bytes) -> None:
        """Anything at all, on every connection."""
        for line in self.lines:
            line.send(text)

    def _count(self) -> None:
        now = time.monotonic()
        while self._called and now - self._called[0] >= WINDOW:
            self._called.popleft()
        if len(self._called) >= self.limit:
            first = self._called[0] if self._called else now
            raise TooFast(max(1, round(first + WINDOW - now)))
        self._called.append(now)

    def _admit(self, line: ServerConnection, request: Request) -> Response | None:
        """Only with a ticket that nobody has used."""
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        with self._lock:
            born = self._tickets.pop(ticket, None)
        if born is None or time.monotonic() - born > TICKET_LIFE:
            self._record_violation("a socket without a good ticket")
            return line.respond(HTTPStatus.FORBIDDEN, "no such ticket\n")
        return None

    def _hold(self, line: ServerConnection) -> None:
        """One connection: hello, and then what the app acknowledges."""
        with self._lock:
            is_one_too_many = len(self._lines) >= MOST
            if not is_one_too_many:
                self._lines.append(line)
            count = len(self._lines)
        if is_one_too_many:
            self._record_violation(f"more than {MOST} sockets")
            line.send(json.dumps({"type": "disconnect", "reason": "too_many_websockets"}))
            return
        try:
            line.send(json.dumps(_hello(count)))
            for text in line:
                self._acknowledged(text)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._lines.remove(line)

    def _acknowledged(self, text: str | bytes) -> None:
        try:
            said = json.loads(text)
            waiting = self._waiting.pop(said["envelope_id"], None)
            payload = said.get("payload")
        except (ValueError, KeyError, TypeError, AttributeError):
            self._record_violation("what came over a socket is no acknowledgement")
            return
        if waiting is None:
            self._record_violation("acknowledged twice, or too late, or what was never sent")
            return
        if payload is not None and not waiting.takes_payload:
            self._record_violation("an event was answered with a payload, which nobody sees")
        if payload is not None:
            waiting.reply = Reply("application/json", json.dumps(payload).encode())
        self.acks += 1
        waiting.done.set()

    def _ask(
        self, kind: str, payload: dict[str, Any], *, takes_payload: bool, **more: object
    ) -> Reply:
        """Any of the connections will do. Raises AppFailed."""
        self._last = partial(self._ask, kind, payload, takes_payload=takes_payload, **more)
        lines = self.lines
        if not lines:
            raise AppFailed("dispatch_failed", "no socket is open", rude=False)
        envelope_id, waiting = secrets.token_hex(16), Waiting(takes_payload=takes_payload)
        self._waiting[envelope_id] = waiting
        envelope = {
            "envelope_id": envelope_id, "type": kind, "payload": payload,
            "accepts_response_payload": takes_payload, **more,
        }  # fmt: skip
        try:
            random.choice(lines).send(json.dumps(envelope))
        except ConnectionClosed as error:
            raise AppFailed("dispatch_failed", "the socket was closed", rude=False) from error
        if not waiting.done.wait(WITHIN):
            self._waiting.pop(envelope_id, None)
            raise AppFailed("operation_timeout", f"no answer within {WITHIN:g} s", rude=True)
        return waiting.reply


def _hello(count: int) -> dict[str, object]:
    return {
        "type": "hello",
        "num_connections": count,
        "debug_info": {"host": "applink-practice", "approximate_connection_time": 18060},
        "connection_info": {"app_id": APP_ID},
    }


def _close(*lines: ServerConnection) -> None:
    for line in lines:
        line.close()
