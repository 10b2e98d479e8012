"""A stand-in for Tibber: GraphQL over HTTP, and its live feed as graphql-transport-ws.

At least as strict as the real one: it wants a User-Agent on the feed, the token in
connection_init, the ack before a subscription, and no more connections than two a token, on
which it hangs up with 4429. It takes what public clients send: JSON with and without a length
(chunked), and forms.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from .building import Power

HOST = "127.0.0.1"
PROTOCOL = Subprotocol("graphql-transport-ws")
MOST_CONNECTIONS = 2
LARGEST = 64 * 1024
HOME = "practice-home"


@dataclass
class TibberFaults:
    """What it does wrong today."""

    nulls: bool = True  # amps at whole ten seconds only, as many meters
    stalled: bool = False  # connected, but not a word
    no_feed: bool = False  # realTimeConsumptionEnabled is false
    too_many: bool = False  # every connection is one too many
    complete_after: int = 0  # so many measurements, then it ends the subscription
    busy: bool = False  # 429
    skew_seconds: float = 0.0


@dataclass
class Tibber:
    """One customer with one home. `power` is what its meter shows now."""

    token: str
    power: Any  # () -> Power
    zone: str = "Europe/Oslo"
    every: float = 2.0  # real seconds between two measurements
    tls: ssl.SSLContext | None = None
    faults: TibberFaults = field(default_factory=TibberFaults)
    violations: list[str] = field(default_factory=list)
    open: int = 0
    opened: int = 0  # connections ever
    url: str = ""
    feed: str = ""
    midnight: tuple[datetime, float] | None = None  # the local day, and its first register
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, token: str, agent: str, query: str) -> tuple[int, dict[str, Any]]:
        """Status and body for one question over HTTP."""
        if self.faults.busy:
            return 429, {"errors": [{"message": "Too many requests"}]}
        if token != f"Bearer {self.token}":
            return 401, {"errors": [{"message": "No valid access token in request"}]}
        if not agent:
            self.violations.append("a question without User-Agent")
        if "viewer" not in query:
            return 400, {"errors": [{"message": "only viewer is known here"}]}
        return 200, {"data": {"viewer": self.viewer()}}

    def viewer(self) -> dict[str, Any]:
        home = {
            "id": HOME, "appNickname": "HQ", "timeZone": self.zone, "size": 1, "type": "HOUSE",
            "features": {"realTimeConsumptionEnabled": not self.faults.no_feed},
            "mainFuseSize": 125, "currentSubscription": {"status": "running", "id": "1"},
            "subscriptions": [{"id": "1", "status": "running"}],
            "address": {"address1": "Practice 1", "city": "Oslo", "country": "NO"},
            "meteringPointData": {"consumptionEan": "1", "estimatedAnnualConsumption": 1},
        }  # fmt: skip
        return {
            "name": "Practice", "userId": "1", "accountType": ["customer"], "homes": [home],
            "websocketSubscriptionUrl": self.feed, "home": home,
        }  # fmt: skip

    def measurement(self) -> dict[str, Any]:
        """What the meter shows now, in Tibber's words: W, and kWh since local midnight."""
        power: Power = self.power()
        local = (power.at + timedelta(seconds=self.faults.skew_seconds)).astimezone(ZoneInfo(self.zone))  # fmt: skip
        begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.midnight is None or self.midnight[0] != begin:
            self.midnight = (begin, power.kwh)
        amps: tuple[float | None, ...] = power.amps
        if self.faults.nulls and local.second % 10:
            amps = (None, None, None)
        return {
            "timestamp": local.isoformat(timespec="milliseconds"), "power": round(power.kw * 1000),
            "powerProduction": 0, "lastMeterConsumption": round(power.kwh),
            "accumulatedConsumption": round(power.kwh - self.midnight[1], 4),
            "accumulatedProduction": 0, "accumulatedCost": None, "currency": "NOK",
            "currentL1": amps[0], "currentL2": amps[1], "currentL3": amps[2],
        }  # fmt: skip

    def talk(self, line: ServerConnection) -> None:
        """One connection of the live feed."""
        self.open += 1
        self.opened += 1
        try:
            if self.faults.too_many or self.open > MOST_CONNECTIONS:
                line.close(4429, f"Too many open connections on this server: {MOST_CONNECTIONS}")
                return
            self._talk(line)
        except ConnectionClosed:
            return
        finally:
            self.open -= 1

    def _talk(self, line: ServerConnection) -> None:
        first = read(line.recv(timeout=5))
        payload = first.get("payload") or {}
        if first.get("type") != "connection_init" or payload.get("token") != self.token:
            self.violations.append("no connection_init with the token")
            line.close(4403, "Forbidden")
            return
        line.send(json.dumps({"type": "connection_ack"}))
        asked = read(line.recv(timeout=30))
        if asked.get("type") != "subscribe" or "liveMeasurement" not in str(asked):
            self.violations.append(f"no subscription but {str(asked)[:60]}")
            line.close(4400, "Bad request")
            return
        self._measure(line, str(asked.get("id")))

    def _measure(self, line: ServerConnection, subscription: str) -> None:
        sent = 0
        while not self.over.is_set():
            if not self.faults.stalled:
                data = {"data": {"liveMeasurement": self.measurement()}}
                line.send(json.dumps({"id": subscription, "type": "next", "payload": data}))
                sent += 1
            if self.faults.complete_after and sent >= self.faults.complete_after:
                line.send(json.dumps({"id": subscription, "type": "complete"}))
                return
            if self._is_done(line):
                return

    def _is_done(self, line: ServerConnection) -> bool:
        """Whether the client ended it; waits as long as it is until the next measurement."""
        try:
            message = read(line.recv(timeout=self.every))
        except TimeoutError:
            return False
        if message.get("type") == "ping":
            line.send(json.dumps({"type": "pong"}))
        return message.get("type") == "complete"

    def admit(self, _line: ServerConnection, request: Request) -> Response | None:
        """Before the handshake."""
        if request.headers.get("User-Agent"):
            return None
        self.violations.append("the feed was opened without User-Agent")
        body = b"User-Agent is missing"
        headers = Headers({"Content-Length": str(len(body))})
        return Response(HTTPStatus.FORBIDDEN, "Forbidden", headers, body)


def read(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def handler_of(tibber: Tibber) -> type[BaseHTTPRequestHandler]:
    """The HTTP side."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            query = query_in(self.headers.get("Content-Type", ""), self._body())
            token, agent = (self.headers.get(name, "") for name in ("Authorization", "User-Agent"))
            status, found = tibber.answer(token, agent, query)
            body = json.dumps(found).encode()
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "120")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                return b"".join(self._chunks())
            return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))

        def _chunks(self) -> Iterator[bytes]:
            while size := int(self.rfile.readline(20).partition(b";")[0] or b"0", 16):
                yield self.rfile.read(min(size, LARGEST))
                self.rfile.readline(4)
            self.rfile.readline(4)

        def log_message(self, *_: object) -> None:
            """Not a line for each request."""

    return Handler


def query_in(kind: str, body: bytes) -> str:
    if kind.startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace")).get("query", [""])[0]
    return str(read(body).get("query", ""))


@contextmanager
def serving(tibber: Tibber) -> Iterator[Tibber]:
    """Both servers on loopback, until this is left; `tibber.url` says where."""
    http = ThreadingHTTPServer((HOST, 0), handler_of(tibber))
    http.daemon_threads = True
    if tibber.tls is not None:
        http.socket = tibber.tls.wrap_socket(http.socket, server_side=True)
    feed: Server = serve(
        tibber.talk, HOST, 0, subprotocols=[PROTOCOL], process_request=tibber.admit,
        ssl=tibber.tls, compression=None, max_size=LARGEST,
    )  # fmt: skip
    safe = "s" if tibber.tls is not None else ""
    tibber.url = f"http{safe}://{HOST}:{http.server_port}/v1-beta/gql"
    tibber.feed = f"ws{safe}://{HOST}:{feed.socket.getsockname()[1]}/v1-beta/gql/subscriptions"
    threads = [threading.Thread(target=one.serve_forever, daemon=True) for one in (http, feed)]
    for thread in threads:
        thread.start()
    try:
        yield tibber
    finally:
        tibber.over.set()
        http.shutdown()
        feed.shutdown()
        http.server_close()
