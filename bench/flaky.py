"""A DynamoDB that is throttled, slow to answer and breaks off: a proxy before a real one.

It counts what is asked and what is refused, so that a load can say what a command costs.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HANGS = 1.5  # real seconds: longer than the store waits for an answer
THROTTLES = ("ProvisionedThroughputExceededException", "ThrottlingException")
ERROR = "com.amazonaws.dynamodb.v20120810#"


@dataclass
class Flaky:
    """`share` of all requests suffer one of these, each as often:

    throttled (refused, twice as often as the others), lost (never arrives, no answer),
    unanswered (done, and no answer), broken (done, and the connection is cut).
    """

    to: str
    share: float = 0.0
    seed: int = 1
    address: str = ""
    asked: Counter[str] = field(default_factory=Counter)  # by operation
    suffered: Counter[str] = field(default_factory=Counter)
    stale: int = 0  # conditional writes that were refused

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()

    def fate(self) -> str:
        with self._lock:
            if self._dice.random() >= self.share:
                return ""
            return self._dice.choice(["throttled", "throttled", "lost", "unanswered", "broken"])

    def note(self, operation: str, fate: str, answer: bytes) -> None:
        with self._lock:
            self.asked[operation] += 1
            self.stale += b"ConditionalCheckFailed" in answer
            if fate:
                self.suffered[f"{operation} {fate}"] += 1

    def reset(self) -> None:
        with self._lock:
            self.asked, self.suffered, self.stale = Counter(), Counter(), 0


@contextmanager
def flaky(to: str, share: float = 0.0) -> Iterator[Flaky]:
    """A proxy before the DynamoDB at `to`, until this is left."""
    there, proxy = urlsplit(to), Flaky(to, share)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        upstream: http.client.HTTPConnection | None = None

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").partition(".")[2]
            fate = proxy.fate()
            if fate == "throttled":
                kind = THROTTLES[len(body) % len(THROTTLES)]
                content = json.dumps({"__type": f"{ERROR}{kind}", "message": "made-up"}).encode()
                self.answer(400, content)
            elif fate == "lost":
                content = b""
            else:
                status, content = self.ask(body)
                if not fate:
                    self.answer(status, content)
            proxy.note(operation, fate, content)
            if fate in ("lost", "unanswered"):
                time.sleep(HANGS)
            if fate in ("lost", "unanswered", "broken"):
                self.close_connection = True

        def ask(self, body: bytes) -> tuple[int, bytes]:
            if self.upstream is None:
                self.upstream = http.client.HTTPConnection(there.hostname or "", there.port)
            self.upstream.request("POST", "/", body, dict(self.headers.items()))
            answer = self.upstream.getresponse()
            return answer.status, answer.read()

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # it gave up on us

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    proxy.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
