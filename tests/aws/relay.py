"""A relay on a loopback address: passes each request on, and may listen in."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

Heard = Callable[[Mapping[str, str], bytes], None]
OWN = {"content-length", "connection", "transfer-encoding", "date", "server"}  # of each hop


@contextmanager
def relay(target: str, heard: Heard = lambda _headers, _body: None) -> Iterator[str]:
    """The address that stands for `target`, a URL with or without a path, until this is left."""
    to = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard(dict(self.headers.items()), body)
            connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=30)
            try:
                headers = dict(self.headers.items())
                connection.request(self.command, to.path + self.path, body, headers)
                answer = connection.getresponse()
                self._pass_back(answer, answer.read())
            finally:
                connection.close()

        do_GET = do_POST  # noqa: N815 — the library's names

        def _pass_back(self, answer: http.client.HTTPResponse, content: bytes) -> None:
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
