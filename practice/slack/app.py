"""The wire from Slack to the app: signed forms, 3 seconds, no second try."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

WITHIN = 3.0  # real seconds (Slack docs: handling user interaction)
MOST_BYTES = 1_000_000


class AppFailed(Exception):
    """The app did not answer as it must. `error` is what the person sees.

    `rude` tells a breach of the rules (too late, 4xx, 5xx) from an app that is not there.
    """

    def __init__(self, error: str, why: str, *, rude: bool) -> None:
        super().__init__(why)
        self.error = error
        self.rude = rude


@dataclass(frozen=True, slots=True)
class Reply:
    """The app's HTTP answer, a 2xx."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class App:
    """Where the app is, and the secret it shares with Slack."""

    address: str
    secret: str = field(repr=False)

    def command(self, form: dict[str, str]) -> Reply:
        """A slash command; its answer. Raises AppFailed."""
        return self.post(form)

    def click(self, payload: dict[str, Any]) -> Reply:
        """A button. Raises AppFailed."""
        return self.post({"payload": json.dumps(payload)})

    def event(self, callback: dict[str, Any], attempt: int) -> Reply:
        """An event, told for the first time or again. Raises AppFailed."""
        headers = {"Content-Type": "application/json"}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_error"}
        return self._send(json.dumps(callback).encode(), headers)

    def post(self, form: dict[str, str]) -> Reply:
        """Send one form to `/slack/events`. Raises AppFailed."""
        return self._send(urlencode(form).encode(), {})

    def _send(self, body: bytes, headers: dict[str, str]) -> Reply:
        started = time.monotonic()
        try:
            status, reply = self._exchange(body, headers)
        except TimeoutError as error:
            raise _too_late() from error
        except (OSError, http.client.HTTPException) as error:
            why = f"no answer: {type(error).__name__}"
            raise AppFailed("dispatch_failed", why, rude=False) from error
        if time.monotonic() - started > WITHIN:
            raise _too_late()
        if not 200 <= status < 300:
            raise AppFailed("dispatch_failed", f"HTTP {status}", rude=True)
        return reply

    def _exchange(self, body: bytes, headers: dict[str, str]) -> tuple[int, Reply]:
        to = urlsplit(self.address)
        connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=WITHIN)
        try:
            connection.request("POST", "/slack/events", body, sign(body, self.secret) | headers)
            response = connection.getresponse()
            kind = response.getheader("Content-Type", "")
            return response.status, Reply(kind, response.read(MOST_BYTES))
        finally:
            connection.close()


def sign(body: bytes, secret: str, *, at: int | None = None) -> dict[str, str]:
    """The headers of a signed request; `at` is real time, seconds since 1970.

    HMAC-SHA256 over `v0:timestamp:raw body` ("Slack docs: verifying requests").
    """
    stamp = str(int(time.time()) if at is None else at)
    message = b"v0:" + stamp.encode() + b":" + body
    signature = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }


def _too_late() -> AppFailed:
    return AppFailed("operation_timeout", f"no answer within {WITHIN:g} s", rude=True)
