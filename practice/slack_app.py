"""The wire from Slack to the app: signed forms, 3 seconds, no second try."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import time
from dataclasses import dataclass, field
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

    def post(self, form: dict[str, str]) -> Reply:
        """Send one request to `/slack/events`. Raises AppFailed."""
        body = urlencode(form).encode()
        started = time.monotonic()
        try:
            status, reply = self._exchange(body)
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

    def _exchange(self, body: bytes) -> tuple[int, Reply]:
        to = urlsplit(self.address)
        connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=WITHIN)
        try:
            connection.request("POST", "/slack/events", body, sign(body, self.secret))
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
