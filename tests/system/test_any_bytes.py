"""Any bytes on any route: 2xx or 4xx with a short reason, never 500, and nothing changed."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.settings import Settings
from tests.fakes import World, world

SECRET = "a-made-up-secret"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PATHS = ["/slack/events", "/health", "/slack/install", "/"]
# No command that would be obeyed: what people may wish for is another test's.
WORDS = ["list", "status", "help", "fly", "remove", "resume", "suspend 0m", "suspend until 99"]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ids = st.sampled_from(["U0ANA", "C0EV", "D0ANA", "T0HQ"]) | st.text(max_size=6)
NAMES = [
    "command", "text", "team_id", "user_id", "channel_id", "user_name", "trigger_id", "type",
    "response_url", "team", "user", "channel", "container", "message", "view", "actions",
    "event", "enterprise", "authorizations", "is_enterprise_install", "ssl_check", "challenge",
    "payload", "token", "function_data", "bot_access_token", "response_urls", "state",
]  # fmt: skip
TYPES = ["block_actions", "event_callback", "url_verification", "view_submission", "shortcut"]


def dictionaries(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Slack's own field names, with anything in them."""
    return st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)


people = st.fixed_dictionaries({"id": ids}, optional={"username": values, "name": values})
events = st.fixed_dictionaries({"type": st.sampled_from(["message", "app_mention"]) | values})
clicks = st.fixed_dictionaries(
    {
        "type": st.just("block_actions"),
        "user": people | values,
        "team": people | values,
        "response_url": st.sampled_from(["https://h.example/1", "http://[", "x"]) | values,
        "actions": st.lists(
            st.fixed_dictionaries(
                {
                    "action_id": st.sampled_from(["fly", "resume", "pass"]) | values,
                    "value": st.sampled_from(["hq:1", "hq:x", "no:1", ":", "hq:\ud800"]) | values,
                }
            )
            | values,
            max_size=2,
        ),
    },
    optional={"channel": people | values, "container": values, "trigger_id": values},
)
commands = st.fixed_dictionaries(
    {
        "command": st.just("/ev") | st.text(max_size=10),
        "text": st.sampled_from(WORDS) | st.text(max_size=300),
        "team_id": ids,
        "user_id": ids,
        "channel_id": ids,
    },
    optional={"user_name": st.text(), "trigger_id": st.text(), "ssl_check": st.text()},
)
callbacks = st.fixed_dictionaries(
    {"type": st.just("event_callback"), "event": events | dictionaries(values) | values},
    optional={"authorizations": values, "team_id": values, "enterprise": values},
)
objects = (
    clicks
    | callbacks
    | dictionaries(values)
    | st.builds(
        lambda rest, kind: {**rest, "type": kind}, dictionaries(values), st.sampled_from(TYPES)
    )
)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def as_payload(value: object) -> bytes:
    return urlencode({"payload": json.dumps(value)}).encode()


def as_form(fields: dict[str, str]) -> bytes:
    return urlencode(fields, errors="replace").encode()


bodies = (
    st.binary(max_size=300)
    | objects.map(as_json)
    | objects.map(as_payload)
    | values.map(as_json)
    | values.map(as_payload)
    | commands.map(as_form)
)
texts = st.text(st.characters(max_codepoint=255), max_size=30)  # what a server lets through
kinds = st.sampled_from([FORM, JSON, f"{JSON}; charset=utf-8", "", f"text/plain, {FORM}"]) | texts
headers = st.dictionaries(
    st.sampled_from(
        [
            "HTTP_X_SLACK_SIGNATURE",
            "HTTP_X_SLACK_REQUEST_TIMESTAMP",
            "HTTP_ACCEPT",
            "HTTP_COOKIE",
            "HTTP_X_SLACK_BOLT_LAZY_ONLY",
            "HTTP_X_SLACK_BOLT_LAZY_FUNCTION_NAME",
            "HTTP_X_SLACK_RETRY_NUM",
            "HTTP_CONTENT_TYPE",
            "HTTP_X",
            "QUERY_STRING",
        ]
    ),
    texts,
    max_size=4,
)


@pytest.fixture(scope="module")
def hall() -> Iterator[World]:
    """The real app on a fake store; what is told to who clicked goes nowhere."""
    hall = world()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.chat.slack.webhook.respond", lambda *_, **__: None)
        wiring.use(wiring.open_endpoints(Settings(slack_signing_secret=SECRET), hall.concierge))
        yield hall
        wiring.use(None)


def send(method: str, path: str, body: bytes, environ: dict[str, str]) -> tuple[int, bytes]:
    started: list[str] = []
    request: dict[str, Any] = {
        **environ,
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "wsgi.input": io.BytesIO(body),
    }
    content = b"".join(wsgi(app)(request, lambda status, _: started.append(status)))
    return int(started[0].split()[0]), content


def sign(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "HTTP_X_SLACK_REQUEST_TIMESTAMP": stamp,
        "HTTP_X_SLACK_SIGNATURE": f"v0={digest.hexdigest()}",
    }


def check(hall: World, before: object, answer: tuple[int, bytes], method: str = "POST") -> None:
    status, content = answer
    assert 200 <= status < 300 or 400 <= status < 500, answer
    if method == "HEAD":
        assert content == b""
    elif status >= 400:
        assert 0 < len(content) < 300, answer
    assert hall.store.bodies == before


methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]) | texts
paths = st.sampled_from(PATHS) | texts


@given(method=methods, path=paths, body=bodies, kind=kinds, extra=headers)
def test_unsigned(
    hall: World, method: str, path: str, body: bytes, kind: str, extra: dict[str, str]
) -> None:
    """From anybody, on any route."""
    before = dict(hall.store.bodies)
    check(hall, before, send(method, path, body, {**extra, "CONTENT_TYPE": kind}), method)


@given(body=bodies, kind=kinds, extra=headers)
def test_signed(hall: World, body: bytes, kind: str, extra: dict[str, str]) -> None:
    """From Slack, were it to send garbage."""
    before = dict(hall.store.bodies)
    environ = {**extra, "CONTENT_TYPE": kind, **sign(body)}
    check(hall, before, send("POST", "/slack/events", body, environ))


@given(body=commands.map(as_form), extra=headers)
def test_signed_commands(hall: World, body: bytes, extra: dict[str, str]) -> None:
    """What people type, whatever it is: no wish in it that changes the line."""
    before = dict(hall.store.bodies)
    environ = {**extra, "CONTENT_TYPE": FORM, **sign(body)}
    check(hall, before, send("POST", "/slack/events", body, environ))


@given(value=clicks | callbacks, payload=st.booleans())
def test_signed_clicks_and_events(hall: World, value: dict[str, Any], *, payload: bool) -> None:
    """What people press, and what happens in Slack."""
    before = dict(hall.store.bodies)
    body = as_payload(value) if payload else as_json(value)
    environ = {"CONTENT_TYPE": FORM if payload else JSON, **sign(body)}
    status, content = send("POST", "/slack/events", body, environ)
    if status == 200 and hall.store.bodies != before:  # a refusal waits for its response_url
        site = hall.store.site()
        assert (site.queue, site.ports) == ((), {})
        hall.store.bodies = before
    check(hall, before, (status, content))
