"""Requests as Slack sends them, for the tests of the door."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from chalicelib.chat.slack.webhook import Reply

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # of the worked example in Slack's documents
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
HOOK = "https://hooks.slack.example/actions/T0HQ/1/not-a-secret"
Knock = Callable[..., Reply]


def to_bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def signed(body: str | bytes, kind: str = FORM, **more: str | None) -> dict[str, str]:
    """The headers; `at` is another timestamp, properly signed."""
    stamp = more.pop("at", None) or str(int(time.time()))
    message = f"v0:{stamp}:".encode() + to_bytes(body)
    digest = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    headers: dict[str, str | None] = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


def command(text: str, **more: str) -> str:
    fields = {
        "command": "/ev",
        "text": text,
        "team_id": "T0HQ",
        "channel_id": "C0EV",
        "user_id": "U0ANA",
        "user_name": "ana",
        "trigger_id": "1.2.abc",
        "response_url": HOOK,
        **more,
    }
    return urlencode(fields)


def click(action: str, value: str, **more: object) -> str:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0HQ"},
        "user": {"id": "U0ANA", "username": "ana"},
        "channel": {"id": "D0ANA"},
        "container": {"type": "message", "is_ephemeral": False},
        "response_url": HOOK,
        "trigger_id": "3.4.def",
        "actions": [{"type": "button", "action_id": action, "value": value}],
        **more,
    }
    return urlencode({"payload": json.dumps(payload)})


def answer(reply: Reply) -> dict[str, Any]:
    """The JSON that a command was answered with."""
    status, _, body = reply
    assert status == 200, reply
    found: dict[str, Any] = json.loads(body)
    return found
