"""Which web server, with the store in: requests that write, and people's commands.

    python -m bench.web [--seconds 5] [--connections 100] [--servers ours,waitress,cheroot]

Each server is a process of its own, and so is who asks: connections that are kept, each with
one request at a time. cheroot is no dependency: install it where this is to compare with it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import waitress
from chalice.app import Chalice, Response

from bot.listener.web_server import CONNECTIONS, THREADS, WebServer
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.stores.database import SQLiteFile
from chalicelib.stores.sqlite import SQLiteStore

from .garage import CHANNEL, garage
from .knocks import SECRET, command

SERVERS = ("ours", "waitress", "cheroot")
WORK = ("nothing", "own connections", "our writer", "status", "add and remove")
TABLE = "CREATE TABLE IF NOT EXISTS readings (slot INTEGER PRIMARY KEY, kw REAL NOT NULL)"
UPSERT = "INSERT INTO readings VALUES (?, ?) ON CONFLICT DO UPDATE SET kw = excluded.kw"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--servers", default="ours,waitress")
    parser.add_argument("--work", default=",".join(WORK))
    parser.add_argument("--serve", nargs=2, metavar=("SERVER", "WORK"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(*chosen.serve)
        return 0
    print("| work | server | requests/s | p50 ms | p99 ms | max ms | not 200 |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for work in chosen.work.split(","):
        for server in chosen.servers.split(","):
            print(row(server, work, chosen.connections, chosen.seconds), flush=True)
    return 0


def row(server: str, work: str, connections: int, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "EV_STORE": f"sqlite:{folder}/ev.db"}
        environ |= {"SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-none"}
        environ["EV_CLOCK"] = f"1@{time.time()}@1772467200"  # a working morning
        words = [sys.executable, "-m", "bench.web", "--serve", server, work]
        served = subprocess.Popen(
            words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert served.stdout is not None
            port = int(served.stdout.readline())
            with ProcessPoolExecutor(1) as pool:
                took, bad = pool.submit(ask, port, work, connections, seconds).result()
        finally:
            served.terminate()
            served.wait()
    took.sort()
    marks = (statistics.median(took), took[int(len(took) * 0.99)], took[-1])
    spread = " | ".join(f"{1000 * one:.1f}" for one in marks)
    return f"| {work} | {server} | {len(took) / seconds:,.0f} | {spread} | {bad} |"


# --- who serves ---------------------------------------------------------------------------------


def serve(server: str, work: str) -> None:
    """Serve until killed; the port is the first line."""
    app = wsgi(readings(work) if work in WORK[:3] else concierge())
    if server == "ours":
        ours = WebServer(app, host="127.0.0.1", port=0)
        ours.start()
        print(ours.port, flush=True)
        threading.Event().wait()
    elif server == "waitress":
        plain = waitress.create_server(
            app, host="127.0.0.1", port=0, threads=THREADS, asyncore_use_poll=True,
            connection_limit=CONNECTIONS, backlog=1024,
        )  # fmt: skip
        print(plain.effective_port, flush=True)
        plain.run()
    else:
        from cheroot.wsgi import Server  # type: ignore[import-not-found]  # not always there

        other = Server(("127.0.0.1", 0), app, numthreads=THREADS, request_queue_size=1024)
        other.keep_alive_conn_limit = CONNECTIONS
        other.prepare()
        print(other.bind_addr[1], flush=True)
        other.serve()


def readings(work: str) -> Chalice:
    """An app that takes a reading a request, and keeps it in one of these ways."""
    path = os.environ["EV_STORE"].removeprefix("sqlite:")
    file, local, numbers = SQLiteFile(path), threading.local(), count()
    file.write(TABLE)

    def own(number: int) -> None:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(path, timeout=1.5, isolation_level=None)
        local.connection.execute(UPSERT, (number % 1000, 3.2))

    keep: dict[str, Callable[[int], object]] = {
        "nothing": lambda _number: None,
        "own connections": own,
        "our writer": lambda number: file.write(UPSERT, number % 1000, 3.2),
    }
    app = Chalice("readings", configure_logs=False)

    @app.route(
        "/slack/events", methods=["POST"], content_types=["application/x-www-form-urlencoded"]
    )
    def take() -> Response:
        try:
            keep[work](next(numbers))
        except sqlite3.OperationalError:
            return Response("locked", status_code=503)
        return Response("taken")

    return app


def concierge() -> Any:
    from app import app

    store = SQLiteStore(os.environ["EV_STORE"].removeprefix("sqlite:"))
    store.save(garage(35), None)
    store.bind(CHANNEL, garage(35).id)
    wiring.endpoints()
    return app


# --- who asks -----------------------------------------------------------------------------------


def ask(port: int, work: str, connections: int, seconds: float) -> tuple[list[float], int]:
    """All answer times in seconds, and how many answers were not 200."""
    return asyncio.run(crowd(port, work, connections, seconds))


async def crowd(port: int, work: str, connections: int, seconds: float) -> tuple[list[float], int]:
    took: list[float] = []
    bad: list[bytes] = []
    until = time.perf_counter() + seconds

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        turns = count()
        while time.perf_counter() < until:
            text = work if work == "status" else ("add", "remove")[next(turns) % 2]
            headers, body = command(text, f"slack:T0HQ:U0{number:05}")
            lines = [f"{name}: {value}" for name, value in headers.items()]
            lines += ["Host: x", f"Content-Length: {len(body)}", "Accept: */*"]
            head = "\r\n".join(["POST /slack/events HTTP/1.1", *lines, "", ""])
            began = time.perf_counter()
            writer.write(head.encode() + body)
            status = await answered(reader)
            took.append(time.perf_counter() - began)
            if status != b"200":
                bad.append(status)
        writer.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
    return took, len(bad)


async def answered(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(one[16:]) for one in lines if one.startswith(b"content-length: "))
    await reader.readexactly(length)
    return lines[0].split()[1]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
