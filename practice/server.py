"""One address for everything make-believe: the page, its control, the chat and ChargePoint."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bot.listener.web_server import WebServer

from .carpark import CarPark
from .common.clock import ClockControl
from .common.room import Room
from .common.wsgi import BadRequest, Response, check_method, error_response
from .faults import ChatFaults, Switches
from .meter.control import MeterControl
from .page.web import Control
from .slack.room import SlackRoom
from .slack.web import SlackWeb
from .slack.workspace_peer import Slack

HOST = "127.0.0.1"
LARGEST = 64_000_000  # bytes; each stand-in sets its own, smaller bound
PAGE = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def build(
    *,
    slack: Slack,
    carpark: CarPark,
    clock: ClockControl,
    chargepoint: WSGIApplication,
    line: Callable[[], list[str]],
    timezone: str = "UTC",
    rooms: Sequence[Room] = (),
    faults: Mapping[str, Switches] | None = None,
    restart: Callable[[], None] | None = None,
    meter: MeterControl | None = None,
    is_open: Callable[[], bool] = lambda: True,
    board: Callable[[], dict[str, Any]] = dict,
    change_board: Callable[[str], dict[str, Any]] | None = None,
) -> WSGIApplication:
    """The whole practice car park as one WSGI app.

    `line` names who stands in line, in order; `timezone` is the site's, for the page;
    `rooms` are the channels, if there are others than Slack's; `faults` can be
    switched on; `restart` opens the car park anew; `meter` is the building's;
    `is_open` says whether the concierge is at work; `board` what stands in the channels.
    """
    rooms = rooms or (SlackRoom(slack, {}),)
    control = Control(
        slack.app,
        slack.workspace.feed,
        rooms,
        carpark,
        clock,
        line,
        timezone,
        faults,
        restart,
        meter,
        is_open,
        board,
        change_board,
    )
    chat = (faults or {}).get("chat")
    slack_web = SlackWeb(slack)

    def answer(path: str, environ: WSGIEnvironment) -> Response:
        _check_ours(environ)
        if isinstance(chat, ChatFaults) and is_asked_of_chat(path):
            wrong = chat.meet()
            if wrong is not None:
                return wrong
        for room in rooms:
            answered = room.web(path, environ)
            if answered is not None:
                return answered
        match path.split("/")[1:]:
            case ["practice", *rest]:
                return control.handle("/".join(rest), environ)
            case ["api", method]:
                return slack_web.api(method, environ)
            case ["upload", "v1", ticket]:
                return slack_web.upload(ticket, environ)
            case ["files", file_id]:
                return slack_web.file(file_id)
            case ["oauth", "v2", "authorize"]:
                return slack_web.authorize(environ)
            case ["hooks", _, team, token]:
                return slack_web.hook(team, token, environ)
            case [""]:
                return _page("index.html", environ)
            case ["page", name]:
                return _page(name, environ)
            case _:
                raise BadRequest("nothing here", 404)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if path.startswith("/webservices/") or path.endswith(".wsdl"):
            return chargepoint(environ, start_response)
        try:
            return answer(path, environ).send(start_response)
        except BadRequest as error:
            return error_response(error).send(start_response)

    return app


def is_asked_of_chat(path: str) -> bool:
    """What the app asks of a platform; the page and its control stay as they are."""
    return path.startswith(("/api/", "/v2/", "/hooks/", "/2010-04-01/"))


def listen(port: int) -> socket.socket:
    """Take an address on this machine only; 0 takes any. Raises OSError when it is taken."""
    return socket.create_server((HOST, port), backlog=128)


def address(listener: socket.socket) -> str:
    """The http address of a listening socket."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


@contextmanager
def serving(app: WSGIApplication, listener: socket.socket, threads: int = 16) -> Iterator[str]:
    """Serve in the background for as long as this is entered; the address."""
    server = WebServer(app, threads, LARGEST, sockets=[listener])
    server.start()
    try:
        yield address(listener)
    finally:
        server.close()


def _check_ours(environ: WSGIEnvironment) -> None:
    """No other site's page may drive this one, nor reach it under a name of its own."""
    host = environ.get("HTTP_HOST", "")
    if _name(f"//{host}") not in {"127.0.0.1", "localhost", "::1"}:
        raise BadRequest("ask for 127.0.0.1 or localhost", 403)
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin != f"http://{host}":
        raise BadRequest("only this page may do that", 403)


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _page(name: str, environ: WSGIEnvironment) -> Response:
    """A file of the page, by its bare name. Raises BadRequest."""
    check_method(environ, "GET", "HEAD")
    files = {file.name: file for file in PAGE.iterdir() if file.suffix in TYPES}
    if name not in files:
        raise BadRequest("nothing here", 404)
    kind = f"{TYPES[files[name].suffix]}; charset=utf-8"
    headers = [("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer")]
    return Response(200, files[name].read_bytes(), kind, headers)
