"""What the tests of the practice car park share: a car park, Slack, and an app to talk to."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from practice import server
from practice.carpark import CarPark
from practice.common.clock import ClockControl
from practice.common.people import CHANNEL
from practice.slack.workspace_peer import Slack

SECRET, TOKEN = "a-made-up-secret", "xoxb-made-up"
MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
JSON = "application/json"


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def request(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """One HTTP request, headers exactly as given."""
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=10)
    path = to.path + (f"?{to.query}" if to.query else "")
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def post_json(url: str, value: object, **headers: str) -> Answer:
    """One POST of a JSON value."""
    return request("POST", url, json.dumps(value).encode(), {"Content-Type": JSON, **headers})


@dataclass
class FakeApp:
    """The app behind Slack. `answer` is a text, a JSON value, (status, text), or a function
    of the request's fields that gives one of them; None is an empty 200.
    """

    answer: object = None
    requests: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
        assert environ.get("HTTP_X_SLACK_SIGNATURE") == f"v0={signed.hexdigest()}"
        if environ["CONTENT_TYPE"] == JSON:
            fields = {"event": body.decode()}
        else:
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self.requests.append(fields)
        given = self.answer(fields) if callable(self.answer) else self.answer
        status, given = given if isinstance(given, tuple) else (200, given)
        plain = given is None or isinstance(given, str)
        kind = "text/plain" if plain else JSON
        start(f"{status} Whatever", [("Content-Type", kind)])
        return [str(given or "").encode() if plain else json.dumps(given).encode()]

    @property
    def action(self) -> dict[str, Any]:
        """The payload of the last button."""
        payload: dict[str, Any] = json.loads(self.requests[-1]["payload"])
        return payload


@dataclass
class World:
    """Everything on one address, as `make run` has it."""

    url: str
    app: FakeApp
    slack: Slack
    carpark: CarPark
    clock: ClockControl
    line: list[str]

    def api(self, method: str, token: str = TOKEN, /, **args: object) -> dict[str, Any]:
        """A Web API call in JSON; its answer."""
        answer = self.raw_api(method, token, **args)
        assert answer.status == 200
        found: dict[str, Any] = answer.json()
        return found

    def raw_api(self, method: str, token: str = TOKEN, /, **args: object) -> Answer:
        """A Web API call in JSON, with its HTTP."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return post_json(f"{self.url}/api/{method}", args, **headers)

    def form_api(self, method: str, **args: str) -> dict[str, Any]:
        """A Web API call as a form, the token among its fields."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"token": TOKEN, **args}).encode()
        found: dict[str, Any] = request("POST", f"{self.url}/api/{method}", body, kind).json()
        return found

    def post(self, text: str = "hello", channel: str = CHANNEL, **args: object) -> dict[str, Any]:
        """chat.postMessage, after waiting long enough not to be too fast."""
        self.clock.advance(1)
        return self.api("chat.postMessage", channel=channel, text=text, **args)

    def control(self, path: str, value: object = None) -> Answer:
        """POST to the control API."""
        return post_json(f"{self.url}/practice/{path}", {} if value is None else value)

    def get(self, path: str) -> Any:
        """GET from the control API."""
        return request("GET", f"{self.url}/practice/{path}").json()

    def say(self, driver: str, text: str) -> dict[str, Any]:
        """A driver types; what they see."""
        answer = self.control("say", {"driver": driver, "text": text})
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json()
        return found

    def press(self, driver: str, n: int, action: str) -> dict[str, Any]:
        """A driver presses; what they see."""
        answer = self.control("press", {"driver": driver, "n": n, "action": action})
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json()
        return found

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        """The posts after a number."""
        found: list[dict[str, Any]] = self.get(f"messages?after={after}")
        return found

    def last_url(self) -> str:
        """The response_url of the last request to the app."""
        fields = self.app.requests[-1]
        return (
            fields["response_url"] if "response_url" in fields else self.app.action["response_url"]
        )

    def respond(self, **payload: object) -> Answer:
        """The app answers later, by the last response_url."""
        return post_json(self.last_url(), payload)


@contextmanager
def practice_world(folder: Path, app: FakeApp, speed: float = 1.0) -> Iterator[World]:
    """A world with its clock in `folder`, served on free addresses."""
    clock = ClockControl(folder / "clock", speed, MONDAY)
    carpark = CarPark(clock, ramp=timedelta(0))
    line: list[str] = []
    there, here = server.listen(0), server.listen(0)
    slack = Slack(
        clock,
        signing_secret=SECRET,
        bot_token=TOKEN,
        app=server.address(there),
        url=server.address(here),
    )

    def chargepoint(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"chargepoint at {environ['PATH_INFO']}".encode()]

    whole = server.build(
        slack=slack, carpark=carpark, clock=clock, chargepoint=chargepoint, line=lambda: line
    )
    with server.serving(app, there, threads=4), server.serving(whole, here) as url:
        try:
            yield World(url, app, slack, carpark, clock, line)
        finally:
            slack.api.over.set()


def buttons(*labels: str, **more: object) -> list[dict[str, object]]:
    """An actions block; each action_id is its label in small letters with underscores."""
    return [
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": label.lower().replace(" ", "_"),
                    "text": {"type": "plain_text", "text": label},
                    **more,
                }
                for label in labels
            ],
        }
    ]


def section(text: str = "hello") -> dict[str, object]:
    """A section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
