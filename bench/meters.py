"""770 meters at once: what is acknowledged is kept, once, and how long it takes.

    python -m bench.meters [--store sqlite|dynamodb] [--seconds 120] [--meters 770]

Meters send to `python -m bot run` over loopback, each on a connection of its own: each every
five seconds, then all in the same moment, then a hundred as fast as they can, while the
server is killed three times. Beside it the same write by a bare WSGI app on the same server,
and by the store itself. All share this machine's processors.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from bot.listener.web_server import WebServer
from chalicelib import wiring
from chalicelib.edges import Series
from chalicelib.energy.readings import Reading, whole_milliseconds
from chalicelib.settings import read
from chalicelib.stores.dynamodb import create_table
from practice.common.free_port import free_port
from practice.ministack import AWS, ministack

HOST = "127.0.0.1"
INTERVAL = 5.0  # seconds between two readings of a meter at the steady pace
CROWD = 100  # connections of the closed loop
TABLE = "metered"
PATIENCE = 30.0  # seconds until a server must be up


@dataclass
class Load:
    """The meters, where they send, and what they were told."""

    port: int
    keys: dict[str, str]
    acknowledged: dict[str, list[Reading]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)  # seconds from the request to its answer
    other: dict[int, int] = field(default_factory=dict)  # answers that were no 202
    resent: int = 0
    serial: int = 0

    def reading(self) -> Reading:
        """A new one: no two have the same moment and power."""
        self.serial += 1
        return Reading(whole_milliseconds(datetime.fromtimestamp(time.time(), UTC)), self.serial / 8)  # fmt: skip

    async def steady(self, seconds: float) -> None:
        """Every meter each five seconds, spread over them."""
        names = list(self.keys)
        end = time.monotonic() + seconds

        async def one(name: str, delay: float) -> None:
            line = Line(self, name)
            at = time.monotonic() + delay
            while at < end:
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                await line.send()
                at += INTERVAL
            line.close()

        tasks = (one(name, INTERVAL * n / len(names)) for n, name in enumerate(names))
        await asyncio.gather(*tasks)

    async def at_once(self) -> None:
        """All have connected; all send in the same moment."""
        lines = [Line(self, name) for name in self.keys]
        await asyncio.gather(*(line.open() for line in lines))
        await asyncio.gather(*(line.send() for line in lines))
        for line in lines:
            line.close()

    async def closed_loop(self, seconds: float, meanwhile: Awaitable[None] | None = None) -> float:
        """A hundred meters, each as fast as it is answered; answers a second."""
        end, before = time.monotonic() + seconds, len(self.waits)

        async def one(name: str) -> None:
            line = Line(self, name)
            while time.monotonic() < end:
                await line.send()
            line.close()

        began = time.monotonic()
        loops = [one(name) for name in list(self.keys)[:CROWD]]
        await asyncio.gather(*loops, *([meanwhile] if meanwhile is not None else []))
        return (len(self.waits) - before) / (time.monotonic() - began)

    def lost_and_doubled(self, series: Series) -> tuple[int, int]:
        """Of all that was acknowledged: how many aren't kept as they were, how many are twice
        or were never sent.
        """
        lost = doubled = 0
        begin, end = (datetime.fromtimestamp(time.time() + one, UTC) for one in (-86_400, 600))
        for name in self.keys:
            wanted = self.acknowledged.get(name, [])
            found = list(series.readings(name, begin, end))
            by_time = {one.at: one for one in found}
            latest = {one.at: one for one in wanted}  # two of the same moment: the later counts
            lost += sum(by_time.get(at) != one for at, one in latest.items())
            doubled += len(found) - len(by_time) + len(by_time.keys() - latest.keys())
        return lost, doubled

    def milliseconds(self, since: int = 0) -> tuple[float, float, float]:
        """The median, the 99th of a hundred, the longest."""
        waits = sorted(1000 * one for one in self.waits[since:])
        return statistics.median(waits), waits[int(len(waits) * 0.99)], waits[-1]


class Line:
    """The connection of one meter, which it opens anew when it is lost, and sends again."""

    def __init__(self, load: Load, name: str) -> None:
        self._load = load
        self._name = name
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(HOST, self._load.port)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = None

    async def send(self) -> None:
        """One reading, until it is acknowledged."""
        reading = self._load.reading()
        while reading.at <= self._at:  # one a millisecond, so that each is to be found again
            await asyncio.sleep(0.001)
            reading = self._load.reading()
        self._at = reading.at
        body = f'{{"readings":[{{"at":"{reading.at.isoformat()}","kw":{reading.kw}}}]}}'
        head = (
            f"POST /meters/{self._name}/readings HTTP/1.1\r\nHost: {HOST}\r\n"
            f"Authorization: Bearer {self._load.keys[self._name]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        while True:
            began = time.monotonic()
            try:
                await self.open()
                status = await self._ask((head + body).encode())
            except (OSError, asyncio.IncompleteReadError):
                self.close()
                self._load.resent += 1
                await asyncio.sleep(0.05)
                continue
            if status == 202:
                self._load.waits.append(time.monotonic() - began)
                self._load.acknowledged.setdefault(self._name, []).append(reading)
                return
            self._load.other[status] = self._load.other.get(status, 0) + 1
            await asyncio.sleep(0.05)

    async def _ask(self, request: bytes) -> int:
        if self._reader is None or self._writer is None:
            raise OSError("not connected")
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return int(head.split(b" ", 2)[1])


class Server:
    """`python -m bot run` on loopback, to be killed and started again."""

    def __init__(self, environ: dict[str, str], port: int, log: Path) -> None:
        self._environ = environ | {"EV_HTTP": f"{HOST}:{port}"}
        self._port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "run"]
            self._process = subprocess.Popen(command, env=self._environ, stdout=log, stderr=log)
        wait_for(self._port, self._process)

    def kill(self) -> None:
        """As a power cut would, but for what the system still holds in its memory."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    async def kill_and_start(self, times: int, every: float) -> None:
        for _ in range(times):
            await asyncio.sleep(every)
            await asyncio.to_thread(self.kill)
            await asyncio.to_thread(self.start)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server isn't up (exit {process.poll()})")


@contextmanager
def stage(kind: str, meters: int, folder: Path) -> Iterator[tuple[Load, Server, Series]]:
    """A store with so many meters, and a server on it; both are gone when this is left."""
    with ExitStack() as stack:
        environ = {"PATH": os.environ["PATH"], "EV_DELIVER": "pump"}
        environ |= {"SLACK_SIGNING_SECRET": "bench", "SLACK_BOT_TOKEN": "xoxb-bench"}
        environ["EV_STORE"] = f"sqlite:{folder / 'bench.sqlite'}"
        if kind == "dynamodb":
            address = stack.enter_context(ministack())
            environ |= AWS | {
                "AWS_ENDPOINT_URL_DYNAMODB": address,
                "EV_STORE": f"dynamodb:{TABLE}",
            }
            os.environ.update(AWS, AWS_ENDPOINT_URL_DYNAMODB=address)
            create_table(boto3.Session().client("dynamodb"), TABLE)
        settings = read(environ)
        known = wiring.meters_of(settings)
        keys = {f"m{n}": known.add(f"m{n}", "UTC") or "" for n in range(meters)}
        port = free_port()
        server = Server(environ, port, folder / "log")
        stack.callback(server.kill)
        server.start()
        yield Load(port, keys), server, wiring.series_of(settings)


def serve_bare(port: int) -> int:
    """The same write by nothing but WSGI on the same server, until it is killed."""
    series = wiring.series_of(read(os.environ))

    def app(environ: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        meter = environ["PATH_INFO"].split("/")[2]
        environ["wsgi.input"].read()
        now = whole_milliseconds(datetime.fromtimestamp(time.time(), UTC))
        series.keep(meter, [Reading(now, 3.2)])
        start("202 Accepted", [("Content-Type", "application/json"), ("Content-Length", "11")])
        return [b'{"taken":1}']

    WebServer(app, host=HOST, port=port).start()
    signal.pause()
    return 0


def raw(series: Series, threads: int, seconds: float) -> float:
    """Writes a second by the store itself, from so many threads."""
    end, counts = time.monotonic() + seconds, [0] * threads

    def write(thread: int) -> None:
        while time.monotonic() < end:
            now = whole_milliseconds(datetime.fromtimestamp(time.time(), UTC))
            series.keep(f"raw{thread}", [Reading(now, 3.2)])
            counts[thread] += 1

    workers = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    return sum(counts) / seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.meters", description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "dynamodb"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--meters", type=int, default=770)
    parser.add_argument("--loop", type=float, default=10.0, help="seconds of each closed loop")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        return serve_bare(chosen.bare)
    with (
        tempfile.TemporaryDirectory(prefix="ev-meters-") as name,
        stage(chosen.store, chosen.meters, Path(name)) as (load, server, series),
    ):
        show("each 5 s", load, 0, lambda: asyncio.run(load.steady(chosen.seconds)))
        show("all at once", load, len(load.waits), lambda: asyncio.run(load.at_once()))
        rate = asyncio.run(load.closed_loop(chosen.loop))
        print(f"closed loop of {CROWD}: {rate:.0f}/s")
        killing = server.kill_and_start(3, chosen.loop / 3)
        asyncio.run(load.closed_loop(2 * chosen.loop, killing))
        told = sum(map(len, load.acknowledged.values()))
        lost, doubled = load.lost_and_doubled(series)
        print(f"killed 3 times: {told} acknowledged in all, {lost} lost, {doubled} doubled, {load.resent} sent again, other answers {load.other}")  # fmt: skip
        server.kill()
        os.environ["EV_STORE"] = f"sqlite:{name}/bare.sqlite" if chosen.store == "sqlite" else f"dynamodb:{TABLE}"  # fmt: skip
        print(f"bare WSGI: {bare_rate(load, chosen.loop):.0f}/s")
        for threads in (1, 8, CROWD):
            print(f"raw writes, {threads} threads: {raw(series, threads, chosen.loop / 2):.0f}/s")
    return 0


def bare_rate(load: Load, seconds: float) -> float:
    """The same clients, and a process of its own for the server, as before."""
    port = free_port()
    command = [sys.executable, "-m", "bench.meters", "--bare", str(port)]
    process = subprocess.Popen(command)
    try:
        wait_for(port, process)
        return asyncio.run(Load(port, load.keys).closed_loop(seconds))
    finally:
        process.kill()
        process.wait()


def show(what: str, load: Load, since: int, act: Callable[[], object]) -> None:
    began = time.monotonic()
    act()
    p50, p99, most = load.milliseconds(since)
    rate = (len(load.waits) - since) / (time.monotonic() - began)
    print(f"{what}: {len(load.waits) - since} answers, {rate:.0f}/s, p50 {p50:.1f} p99 {p99:.1f} max {most:.0f} ms", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
