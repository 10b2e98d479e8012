"""What strangers can do to people who ask: before and after a change, in numbers.

    python -m bench.strangers [--seconds 20] [drip|silent]

`drip`: 2,000 connections send a byte of a request each second. `silent`: sixteen unsigned
offers of HipChat installations, whose server is on the list and says nothing. Meanwhile
somebody asks for /health twice a second; a request that isn't answered in 3 s is lost.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress

try:
    from bot.listener.web_server import WebServer
except ImportError:  # as it was
    from bot.listener.wsgi import WebServer  # type: ignore[attr-defined,no-redef]  # older commits have another server

DRIPPING = 2_000
OFFERS = 16
WITHIN = 3.0  # seconds that Slack waits
OFFER = b'{"oauthId":"a%d","oauthSecret":"s","capabilitiesUrl":"http://127.0.0.1:%d/"}'


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.strangers", description=__doc__)
    parser.add_argument("attack", nargs="*", default=["drip", "silent"])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve()
    for attack in chosen.attack:
        print(f"{attack}: {measure(attack, chosen.seconds)}", flush=True)
    return 0


def serve() -> None:
    from app import app
    from bot.listener.wsgi import wsgi

    server = WebServer(wsgi(app), host="127.0.0.1", port=0)
    server.start()
    print(server.port, flush=True)
    threading.Event().wait()


def measure(attack: str, seconds: float) -> str:
    silent = socket.create_server(("127.0.0.1", 0), backlog=128)
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "EV_STORE": f"sqlite:{folder}/ev.db"}
        environ["HIPCHAT_ALLOWED_HOSTS"] = f"127.0.0.1:{silent.getsockname()[1]}"
        environ["PUBLIC_URL"] = "http://127.0.0.1:1"
        words = [sys.executable, "-m", "bench.strangers", "--serve"]
        served = subprocess.Popen(
            words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        over = threading.Event()
        try:
            assert served.stdout is not None
            port = int(served.stdout.readline())
            ask(port)  # the first one makes the store
            threads = start(attack, port, silent.getsockname()[1], over)
            time.sleep(2)
            return people(port, seconds)
        finally:
            over.set()
            served.kill()
            served.wait()
            for thread in threads:
                thread.join()


def start(attack: str, port: int, silent: int, over: threading.Event) -> list[threading.Thread]:
    if attack == "drip":
        work = [threading.Thread(target=drip, args=(port, over))]
    else:
        work = [
            threading.Thread(target=offer, args=(port, n, silent, over)) for n in range(OFFERS)
        ]
    for thread in work:
        thread.start()
    return work


def drip(port: int, over: threading.Event) -> None:
    """Keeps so many connections, each with a request that never ends."""
    held: list[socket.socket] = []
    while not over.is_set():
        alive = []
        for one in held:
            try:
                one.send(b"x", socket.MSG_DONTWAIT)
                alive.append(one)
            except OSError:
                one.close()
        held = alive
        for _ in range(DRIPPING - len(held)):
            with suppress(OSError):
                one = socket.create_connection(("127.0.0.1", port), 0.2)
                one.send(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX: ")
                held.append(one)
        over.wait(1)
    for one in held:
        one.close()


def offer(port: int, number: int, silent: int, over: threading.Event) -> None:
    """Says again and again that we were installed on the server that is silent."""
    while not over.is_set():
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            body, kind = OFFER % (number, silent), {"Content-Type": "application/json"}
            connection.request("POST", "/hipchat/installed", body, kind)
            connection.getresponse().read()
            connection.close()
        over.wait(0.05)


def people(port: int, seconds: float) -> str:
    took: list[float] = []
    lost = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = ask(port)
        if found is None:
            lost += 1
        else:
            took.append(1000 * found)
            time.sleep(0.5)
    middle = (
        f"median {statistics.median(took):.0f} ms, longest {max(took):.0f} ms" if took else "–"
    )
    return f"{len(took)} answered ({middle}), {lost} lost"


def ask(port: int) -> float | None:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)
    try:
        connection.request("GET", "/health", headers={"Accept": "*/*"})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return time.monotonic() - began if answer.status == 200 else None


if __name__ == "__main__":
    sys.exit(main())
