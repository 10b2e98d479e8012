"""Slack by Socket Mode: the same requests, over a connection that we open ourselves.

No public address is needed. Nobody can forge what comes in: the connection is the proof.
Only the listener imports this; Lambda has no `websockets` (ADR 17 says why that one).
"""

from __future__ import annotations

import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from chalicelib import telemetry
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.http import Reply, refuse
from chalicelib.edges import FaultLog, MessengerUnavailable
from chalicelib.values import dataclass

from .errors import NONSENSE, TIMEOUT, UNREACHABLE, plainly, reason_of, retry_after, silent
from .installations import Installs
from .payloads import Envelope, Malformed, is_rate_limited, read_envelope, shaped
from .webhook import Desk, build_bolt, dispatch

log = logging.getLogger(__name__)

WHAT = "Slack's socket"
WORKERS = 8  # requests answered at once, as over HTTP
LARGEST = 1_000_000  # bytes; Slack's are far smaller
PASSING = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}


@dataclass(frozen=True, slots=True)
class Pace:
    """Real seconds. A dead connection is noticed within `ping_every` + `answer_within`.

    Between attempts passes half to all of a pause that doubles from `retry_first` to
    `retry_most`; Slack's own Retry-After if it has one, `retry_refused` if it refuses us.
    A connection that Slack wants to end is heard out for `linger`.
    """

    open_within: float = 10.0
    ping_every: float = 10.0
    answer_within: float = 10.0
    retry_first: float = 1.0
    retry_most: float = 30.0
    retry_refused: float = 300.0
    linger: float = 10.0
    glance: float = 0.5  # between two looks whether we are to end


class TokenRefused(MessengerUnavailable):
    """Slack knows no such app-level token, or the app may not use Socket Mode."""


class SlackSocket:
    """Takes turns on a thread of its own; setting `rung` ends the last of them.

    Requests are answered by other threads, so that a slow one holds up nobody.
    """

    def __init__(
        self,
        app_token: str,
        api_url: str,
        handler: CommandHandler,
        pace: Pace | None = None,
        installs: Installs | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.rung = threading.Event()
        self.opened = 0  # connections so far
        self._app_token = app_token
        self._api_url = api_url
        self._pace = pace or Pace()
        self._bolt = build_bolt(handler, installs, desk)
        self._faults = FaultLog(log)
        self._next_pause = self._pace.retry_first
        self._workers = ThreadPoolExecutor(WORKERS, "slack")

    def turn(self) -> float:
        """One connection, from its beginning to its end; real seconds until the next."""
        began = time.monotonic()
        try:
            line = self._open()
            began = time.monotonic()
            self._serve(line)
        except MessengerUnavailable as fault:
            self._faults.failed(WHAT, fault)
            return self._pause(time.monotonic() - began, fault)
        return self._pause(time.monotonic() - began)

    def _open(self) -> ClientConnection:
        """A connection that Slack has said hello on. Raises MessengerUnavailable."""
        url = socket_url(self._app_token, self._api_url)
        pace = self._pace
        try:
            line = connect(
                url, open_timeout=pace.open_within, ping_interval=pace.ping_every,
                ping_timeout=pace.answer_within, close_timeout=1, max_size=LARGEST, logger=silent,
                legacy=True,  # no `with`: at times another thread ends it
            )  # fmt: skip
        except (OSError, ValueError, WebSocketException) as error:
            raise MessengerUnavailable(f"can't be opened: {brief(error)}") from error
        try:
            hello = read_envelope(line.recv(pace.open_within))
        except (TimeoutError, ConnectionClosed, Malformed) as error:
            line.close()
            raise MessengerUnavailable("Slack says no hello") from error
        if hello.type != "hello":
            line.close()
            raise MessengerUnavailable(f"Slack hangs up: {hello.reason or hello.type}")
        if not self.opened:
            log.info("commands come in from Slack by Socket Mode")
        self.opened += 1
        self._faults.worked(WHAT)
        return line

    def _serve(self, line: ClientConnection) -> None:
        """Answer until we are to end, or Slack asks us to take another connection.

        The old one is heard out meanwhile. Raises MessengerUnavailable when it is cut off.
        """
        while not self.rung.is_set():
            text = hear(line, self._pace.glance)
            if text is None:
                continue
            if is_goodbye(text):
                self._workers.submit(self._hear_out, line)
                return
            self._workers.submit(self._answer, line, text)
        self._workers.shutdown()  # what was taken is answered
        line.close()

    def _hear_out(self, line: ClientConnection) -> None:
        """What is still under way on a connection that Slack will end."""
        give_up = time.monotonic() + self._pace.linger
        with line, suppress(MessengerUnavailable):
            while not self.rung.is_set() and time.monotonic() < give_up:
                text = hear(line, self._pace.glance)
                if text is not None and not is_goodbye(text):
                    self._answer(line, text)

    def _answer(self, line: ClientConnection, text: str | bytes) -> None:
        """Have one request done, and acknowledge it with its answer."""
        with telemetry.operation("command"):
            self._answer_one(line, text)

    def _answer_one(self, line: ClientConnection, text: str | bytes) -> None:
        try:
            envelope = read_envelope(text)
            payload = bytes(envelope.payload).decode()
            if is_rate_limited(payload):
                reply: Reply = (200, {}, "")
            else:
                body = shaped(payload, "application/json")
                reply = dispatch(self._bolt, body, envelope.envelope_id)
        except Malformed as what:
            refuse(400, str(what))
        except UnicodeDecodeError:
            refuse(400, "not UTF-8")
        except Exception:  # as behind a web server: one request's bug is not the others'
            log.exception("a bug: a request of Slack's was not answered")
        else:
            if reply[0] == 200:  # else Slack sends an event again, and tells who typed
                with suppress(ConnectionClosed):
                    line.send(acknowledgement(envelope, reply))

    def _pause(self, lived: float, fault: MessengerUnavailable | None = None) -> float:
        """How long to wait, so that nothing that Slack does makes us hammer at it."""
        told = fault.retry_after if fault is not None else None
        if isinstance(fault, TokenRefused):
            told = timedelta(seconds=self._pace.retry_refused)
        if told is not None:
            return told.total_seconds() * random.uniform(1.0, 1.1)  # noqa: S311 — jitter, no secret
        if lived > self._pace.retry_most:
            self._next_pause = self._pace.retry_first
            if fault is None:
                return 0.0
        longest = self._next_pause
        self._next_pause = min(2 * longest, self._pace.retry_most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 — jitter, no secret


def socket_url(app_token: str, api_url: str) -> str:
    """Where to connect, once (Slack docs: apps.connections.open).

    Raises MessengerUnavailable, and TokenRefused, which is one. The address is a secret.
    """
    client = WebClient(base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=silent)
    try:
        url = client.apps_connections_open(app_token=app_token).data["url"]  # type: ignore[call-overload]  # JSON
    except SlackApiError as error:
        reason, status = reason_of(error), error.response.status_code
        if status == 429:
            raise MessengerUnavailable(
                "ratelimited", retry_after(error.response.headers)
            ) from error
        if status == 200 and reason and reason not in PASSING:
            raise TokenRefused(f"Slack refuses SLACK_APP_TOKEN: {reason}") from error
        raise MessengerUnavailable(reason or f"Slack answers HTTP {status}") from error
    except UNREACHABLE as error:
        raise MessengerUnavailable(f"Slack can't be reached: {plainly(error)}") from error
    except NONSENSE as error:
        raise MessengerUnavailable("Slack answers nonsense") from error
    is_plain = api_url.startswith("https:") and not str(url).startswith("wss:")
    if not isinstance(url, str) or is_plain:  # what is said there is believed
        raise MessengerUnavailable("Slack answers nonsense")
    return url


def hear(line: ClientConnection, patience: float) -> str | bytes | None:
    """The next message; None: none yet. Raises MessengerUnavailable when there will be none."""
    try:
        return line.recv(patience)
    except TimeoutError:
        return None
    except ConnectionClosed as error:
        raise MessengerUnavailable(f"cut off: {brief(error)}") from error


def is_goodbye(text: str | bytes) -> bool:
    """Slack will end this connection: it says so seconds before, every few hours."""
    try:
        return read_envelope(text).type == "disconnect"
    except Malformed:
        return False


def acknowledgement(envelope: Envelope, reply: Reply) -> str:
    """The envelope's id, with the answer if there is one (Slack docs: using Socket Mode)."""
    _, headers, body = reply
    said: dict[str, object] = {"envelope_id": envelope.envelope_id}
    if body:
        is_json = headers.get("content-type", "").startswith("application/json")
        said["payload"] = msgspec.Raw(body.encode()) if is_json else {"text": body}
    return msgspec.json.encode(said).decode()


def brief(error: Exception) -> str:
    """What went wrong, without the address, which is a secret."""
    if isinstance(error, InvalidStatus):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, ConnectionClosed):
        return str(error)
    return plainly(error) if isinstance(error, OSError) else type(error).__name__
