"""The Chalice app behind WSGI: what a request becomes, and that requests don't mix."""

from __future__ import annotations

import io
import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.app import Chalice, Request, Response

from bot.listener.web_server import MAX_BODY, WebServer
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.chat.text import wording
from chalicelib.stores.sqlite import SQLiteStore
from practice.slack.app import sign
from tests.fakes import MONDAY, site_of

JSON = "application/json"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    app: Chalice,
    method: str = "GET",
    path: str = "/",
    body: bytes = b"",
    kind: str = "",
    **environ: str,
) -> Answer:
    """One WSGI request; the path as the server unquoted it."""
    started: list[tuple[str, dict[str, str]]] = []

    def start(
        status: str, headers: list[tuple[str, str]], *_: object
    ) -> Callable[[bytes], object]:
        started.append((status, dict(headers)))
        return lambda _: None

    request: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "wsgi.input": io.BytesIO(body),
        "CONTENT_TYPE": kind,
        **environ,
    }
    content = b"".join(wsgi(app)(request, start))
    ((status, headers),) = started
    assert method == "HEAD" or int(headers["Content-Length"]) == len(content)
    return Answer(int(status.split()[0]), headers, content)


def raw(request: Request) -> bytes:
    body = request.raw_body
    assert isinstance(body, bytes)
    return body


@pytest.fixture
def app() -> Chalice:
    """An app that tells what it was asked."""
    app = Chalice("echo")

    def echo(**parameters: str) -> dict[str, Any]:
        request = app.current_request
        assert request is not None
        return {
            "method": request.method,
            "parameters": parameters,
            "query": dict(request.query_params or {}),
            "headers": dict(request.headers),
            "body": raw(request).decode("latin-1"),
        }

    app.route("/things/{one}/parts/{other}", methods=["GET", "DELETE"])(echo)
    app.route("/echo", methods=["POST"], content_types=[JSON])(echo)
    app.route("/teapot")(lambda: Response("short and stout", {"Content-Type": "text/plain"}, 418))
    app.route("/bytes")(lambda: Response(b"\x00\xff", {"Content-Type": "image/png"}))

    def slow() -> str:
        request = app.current_request
        assert request is not None
        before = raw(request)
        time.sleep(0.02)
        again = app.current_request
        assert again is not None
        assert again.raw_body == before
        return before.decode()

    app.route("/slow", methods=["POST"], content_types=["*/*"])(slow)
    return app


class TestRoutes:
    @pytest.mark.parametrize(
        ("one", "other"), [("1", "2"), ("a b", "ä"), ("%41", "100%"), ("+", ".")]
    )
    def test_parameters(self, app: Chalice, one: str, other: str) -> None:
        """What stands in the braces arrives unquoted, once."""
        found = call(app, path=f"/things/{one}/parts/{other}").json()
        assert found["parameters"] == {"one": one, "other": other}

    @pytest.mark.parametrize(
        "path",
        ["/", "", "//", "/things", "/things//parts/2", "/things/1/parts/2/", "/echo/", "*", "/é"],
    )
    def test_no_route(self, app: Chalice, path: str) -> None:
        """404 for any other path."""
        assert call(app, path=path).status == 404

    @pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS", "BREW", ""])
    def test_no_method(self, app: Chalice, method: str) -> None:
        """405 for any other method."""
        assert call(app, method, "/echo").status == 405

    def test_methods(self, app: Chalice) -> None:
        """One path may have several."""
        assert call(app, "DELETE", "/things/1/parts/2").json()["method"] == "DELETE"

    @pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "a/b", "\x00", "jsön"])
    def test_content_type(self, app: Chalice, kind: str) -> None:
        """415 for a body of a kind that the route doesn't read."""
        assert call(app, "POST", "/echo", b"{}", kind).status == 415

    def test_content_type_with_a_charset(self, app: Chalice) -> None:
        """What follows the kind doesn't matter."""
        assert call(app, "POST", "/echo", b"{}", f"{JSON}; charset=utf-8").status == 200


class TestRequests:
    def test_body(self, app: Chalice) -> None:
        """Every byte arrives."""
        body = bytes(range(256))
        assert call(app, "POST", "/echo", body, JSON).json()["body"] == body.decode("latin-1")

    def test_headers(self, app: Chalice) -> None:
        """Header names arrive in one spelling."""
        found = call(app, "POST", "/echo", b"{}", JSON, HTTP_X_SLACK_SIGNATURE="v0=1").json()
        assert found["headers"]["x-slack-signature"] == "v0=1"
        assert found["headers"]["content-type"] == JSON

    def test_query(self, app: Chalice) -> None:
        """Blank values stay."""
        found = call(app, path="/things/1/parts/2", QUERY_STRING="a=1&b=&a=2&c=%20").json()
        assert found["query"]["b"] == ""
        assert found["query"]["c"] == " "

    def test_text(self, app: Chalice) -> None:
        """A response's status, kind and text go out as they are."""
        answer = call(app, path="/teapot")
        assert (answer.status, answer.body) == (418, b"short and stout")
        assert answer.headers["Content-Type"] == "text/plain"

    def test_bytes(self, app: Chalice) -> None:
        """So do bytes."""
        assert call(app, path="/bytes", HTTP_ACCEPT="image/png").body == b"\x00\xff"

    def test_wrapping_twice(self, app: Chalice) -> None:
        """Asking for the WSGI app again changes nothing."""
        wsgi(app)
        once = type(app)
        wsgi(app)
        assert type(app) is once


@pytest.fixture
def served(app: Chalice) -> Iterator[WebServer]:
    server = WebServer(wsgi(app), host="127.0.0.1", port=0)
    server.start()
    yield server
    server.close()


def send(server: WebServer, method: str, path: str, body: bytes = b"") -> Answer:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": JSON})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


class TestServer:
    def test_requests_do_not_mix(self, served: WebServer) -> None:
        """Sixteen people at once: each gets the answer to their own request."""
        with ThreadPoolExecutor(16) as pool:
            wanted = [f"person {n}".encode() for n in range(160)]
            answers = pool.map(lambda body: send(served, "POST", "/slow", body).body, wanted)
            assert list(answers) == wanted

    def test_quoted(self, served: WebServer) -> None:
        """A quoted path arrives unquoted."""
        found = send(served, "GET", "/things/a%20b/parts/%C3%A4").json()
        assert found["parameters"] == {"one": "a b", "other": "ä"}

    def test_too_large(self, served: WebServer) -> None:
        """413 for a body that nobody needs."""
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
            head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
            raw.sendall(head.encode())
            assert raw.recv(100).split()[1] == b"413"

    @pytest.mark.parametrize(
        "bytes_", [b"\x00\r\n\r\n", b"GET\r\n\r\n", b"\xff / HTTP/1.1\r\n\r\n"]
    )
    def test_no_http(self, served: WebServer, bytes_: bytes) -> None:
        """What isn't HTTP gets a 4xx, and the next one is served."""
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
            raw.sendall(bytes_)
            raw.shutdown(socket.SHUT_WR)
            answer = raw.recv(1000)
        assert answer == b"" or answer.split()[1].startswith(b"4")
        assert send(served, "GET", "/teapot").status == 418

    def test_many_who_say_little(self, served: WebServer) -> None:
        """Two hundred that begin a request and go on thinking keep nobody else out."""
        begun = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"
        with ExitStack() as held:
            for _ in range(200):
                sock = socket.create_connection(("127.0.0.1", served.port), 5)
                held.enter_context(sock).sendall(begun)
            time.sleep(0.5)
            assert send(served, "POST", "/echo", b"{}").status == 200

    def test_taken(self, app: Chalice, served: WebServer) -> None:
        """An address that is taken is an OSError at once."""
        with pytest.raises(OSError, match="Address already in use"):
            WebServer(wsgi(app), host="127.0.0.1", port=served.port)

    def test_no_address(self, app: Chalice) -> None:
        """So is one that isn't there."""
        with pytest.raises(OSError, match="no such address"):
            WebServer(wsgi(app), host="no.such.host.invalid", port=0)

    def test_closing(self, app: Chalice) -> None:
        """Closing takes a moment at most, and then the address is free."""
        server = WebServer(wsgi(app), host="127.0.0.1", port=0)
        server.start()
        send(server, "GET", "/teapot")
        server.close()
        assert not server._thread.is_alive()
        WebServer(wsgi(app), host="127.0.0.1", port=server.port).close()


@pytest.fixture
def slack_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chalice]:
    """`app.app` with Slack set up; the store is the test's to say, in EV_STORE."""
    from app import app

    monkeypatch.setenv("SLACK_SIGNING_SECRET", "a-made-up-secret")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("EV_CLOCK", f"1@{time.time()}@{MONDAY.timestamp()}")  # the line is open
    wiring.use(None)
    yield app
    wiring.use(None)


def say(app: Chalice, text: str) -> tuple[str, float]:
    """What ana is told, and after how many seconds."""
    fields = {"command": "/ev", "text": text, "user_name": "ana", "team_id": "T0HQ"}
    body = urlencode({**fields, "user_id": "U0ANA", "channel_id": "C0EV"}).encode()
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in sign(body, "a-made-up-secret").items()
    }
    began = time.monotonic()
    answer = call(app, "POST", "/slack/events", body, headers["HTTP_CONTENT_TYPE"], **headers)
    assert answer.status == 200
    return str(answer.json()["text"]), time.monotonic() - began


def test_a_locked_store(
    slack_app: Chalice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes for long, the driver is told so in time; then it works."""
    store = SQLiteStore(f"{tmp_path}/ev.db")
    store.save(site_of(), None)
    store.bind("slack:T0HQ:C0EV", "hq")
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/ev.db")
    other = sqlite3.connect(tmp_path / "ev.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "nobody waits" in say(slack_app, "status")[0], "reading still works"
    text, seconds = say(slack_app, "add")
    other.rollback()
    other.close()
    assert text == wording.STORE_DOWN
    assert seconds < 3
    assert "is number 1 in line" in say(slack_app, "add")[0]


def test_a_store_that_is_locked_from_the_start(
    slack_app: Chalice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is one that can't even be opened."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/ev.db")
    other = sqlite3.connect(tmp_path / "ev.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    text, seconds = say(slack_app, "add")
    other.rollback()
    other.close()
    assert text == wording.STORE_DOWN
    assert seconds < 3
    assert "no charging site" in say(slack_app, "add")[0]


def test_a_missing_store(
    slack_app: Chalice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that isn't there is the store's trouble, too; made, it works."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/gone/ev.db")
    text, seconds = say(slack_app, "add")
    assert text == wording.STORE_DOWN
    assert seconds < 3
    (tmp_path / "gone").mkdir()
    assert "no charging site" in say(slack_app, "add")[0]


def test_a_newer_store(
    slack_app: Chalice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site of a newer program: refused clearly, and left as it is."""
    store = SQLiteStore(f"{tmp_path}/ev.db")
    store.save(site_of(), None)
    store.bind("slack:T0HQ:C0EV", "hq")
    medium = sqlite3.connect(tmp_path / "ev.db", isolation_level=None)
    medium.execute("UPDATE sites SET body = ?", [b"\xfaof tomorrow"])
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/ev.db")
    assert say(slack_app, "add")[0] == wording.NEWER
    assert medium.execute("SELECT body FROM sites").fetchall() == [(b"\xfaof tomorrow",)]
    medium.close()


def test_the_real_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`app.app` says whether its store answers, and 404 where Slack isn't set up."""
    from app import app

    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/ev.db")
    monkeypatch.delenv("SLACK_SIGNING_SECRET", raising=False)
    wiring.use(None)
    try:
        health = call(app, path="/health")
        assert (health.status, health.json()) == (200, {"ok": True})
        assert call(app, "POST", "/slack/events", b"{}", JSON).status == 404
        assert call(app, "GET", "/slack/events").status == 405
        asked = call(app, "HEAD", "/health")
        assert (asked.status, asked.body) == (200, b""), "who only asks whether it is there"
        assert asked.headers["Content-Length"] == str(len(health.body))
        assert call(app, "POST", "/slack/events", b"<x/>", "text/xml").status == 415
        monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/none/ev.db")
        wiring.use(None)
        health = call(app, path="/health")
        assert (health.status, health.json()) == (503, {"ok": False})
    finally:
        wiring.use(None)
