"""Slash commands as Slack sends them, for the app's WSGI door and for HTTP."""

from __future__ import annotations

import hashlib
import hmac
import time
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import urlencode

from .garage import CHANNEL

SECRET = "bench-signing-secret"
NUMBERS = count()


def command(
    text: str, driver: str, channel: str = CHANNEL, secret: str = SECRET
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a signed `/ev …`, not sent before."""
    _, team, user = driver.split(":")
    number = next(NUMBERS)
    fields = {
        "token": "unused",
        "team_id": team,
        "team_domain": "hq",
        "channel_id": channel.rpartition(":")[2],
        "channel_name": "ev",
        "user_id": user,
        "user_name": "newcomer",
        "command": "/ev",
        "text": text,
        "response_url": f"https://hooks.slack.example/commands/{team}/{number}/bench",
        "trigger_id": f"{number}.{time.time_ns()}.bench",
    }
    body = urlencode(fields)
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }
    return headers, body.encode()


def environ(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The request as a WSGI server hands it over."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return named | {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/slack/events",
        "CONTENT_TYPE": named.pop("HTTP_CONTENT_TYPE"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
