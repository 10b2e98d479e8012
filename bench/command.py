"""A whole `/ev add` or `/ev remove` at 35 in line, beside a bare ack and the store alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any

from app import app
from bot.listener.web_server import WebServer
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.concierge import Concierge
from chalicelib.core.model import Site
from chalicelib.edges import SiteStore
from chalicelib.endpoints import Endpoints
from chalicelib.settings import Settings
from chalicelib.values import replace

from .bare import bare_app
from .figures import Figure
from .garage import FixedClock, garage
from .knocks import SECRET, command, environ
from .measure import Contender, Took, clock, interleave, milliseconds, processor, ratio, timed
from .stores import Stores, raw_dynamodb, raw_sqlite

SECTION = "A command at 35 in line, in this process"
HTTP = "The same over HTTP on loopback"
BARE = "a bare ack"
IN_LINE = 35
ASKER = garage(IN_LINE).queue[-1].driver  # the last in line, who adds and removes in turn

Headers = dict[str, str]
Taken = dict[str, list[Took]]
Webhook = Callable[[Headers, bytes], bytes]  # sends a request and gives the answer


@dataclass(frozen=True)
class Scene:
    """The app on one store, whose site is put back as it was before each command."""

    store: SiteStore
    office: Endpoints

    @classmethod
    def on(cls, store: SiteStore) -> Scene:
        settings = Settings(slack_signing_secret=SECRET)
        scene = cls(store, wiring.open_endpoints(settings, Concierge(store, {}, FixedClock())))
        for channel in garage(0).channels:
            store.bind(channel, "hq")
        return scene

    def set(self, site: Site) -> None:
        """Let `app.app` work here, on this site."""
        wiring.use(self.office)
        there = self.store.load(site.id)
        self.store.save(replace(site, version=there.version if there else 0), None)


def whole_command(scene: Scene, door: Webhook) -> Contender:
    """A signed command, from its headers and bytes to the answer."""
    full = garage(IN_LINE)
    moves = {"add": replace(full, queue=full.queue[:-1]), "remove": full}
    turns = count()

    def move() -> Took:
        text = ("add", "remove")[next(turns) % 2]
        scene.set(moves[text])
        request = command(text, ASKER)
        answers: list[bytes] = []
        took = timed(lambda: answers.append(door(*request)))
        expect(text, answers[0])
        return took

    return move


def expect(text: str, answer: bytes) -> None:
    """Fast is nothing if it is wrong. Raises AssertionError."""
    said = json.loads(answer)
    public = said["response_type"] == "in_channel"
    if public != (text == "add"):
        raise AssertionError(f"{text}: {said}")


def bare_ack(door: Webhook) -> Contender:
    """The same request, only acknowledged."""

    def ack() -> Took:
        request = command("add", ASKER)
        return timed(lambda: door(*request))

    return ack


def in_process(chalice: Any) -> Webhook:
    """Through WSGI and Chalice, no network."""
    serve = wsgi(chalice)

    def knock(headers: Headers, body: bytes) -> bytes:
        status: list[str] = []
        [answer] = serve(environ(headers, body), lambda line, _headers: status.append(line))
        if status != ["200 OK"]:
            raise AssertionError(f"{status}: {answer!r}")
        return answer

    return knock


@contextmanager
def over_http(chalice: Any) -> Iterator[Webhook]:
    """Through a real web server on loopback, over a connection that is kept."""
    server = WebServer(wsgi(chalice), host="127.0.0.1", port=0)
    server.start()
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:

        def knock(headers: Headers, body: bytes) -> bytes:
            connection.request("POST", "/slack/events", body, headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise AssertionError(answer.status)
            return answer.read()

        yield knock
    server.close()


def measure(stores: Stores, rounds: int) -> list[Figure]:
    """The app on both stores, the bare one and the raw calls, in one interleaved run."""
    return in_process_figures(stores, rounds) + http_figures(stores, rounds)


def in_process_figures(stores: Stores, rounds: int) -> list[Figure]:
    ours, bare = in_process(app), in_process(bare_app())
    taken = interleave(
        {
            BARE: bare_ack(bare),
            "SQLite": whole_command(Scene.on(stores.sqlite), ours),
            raw_calls("SQLite"): raw_sqlite(stores.folder, garage(IN_LINE)),
            "DynamoDB": whole_command(Scene.on(stores.dynamodb), ours),
            raw_calls("DynamoDB"): raw_dynamodb(garage(IN_LINE)),
        },
        rounds,
    )
    return [
        *in_milliseconds(SECTION, taken),
        over_bare(SECTION, "SQLite", taken, at_most=3.0),
        over_bare_in_processor_time(SECTION, "SQLite", taken, at_most=3.0),
        less_the_store(SECTION, "SQLite", taken),
        over_bare(SECTION, "DynamoDB", taken),
        less_the_store(SECTION, "DynamoDB", taken),
    ]


def http_figures(stores: Stores, rounds: int) -> list[Figure]:
    with over_http(app) as ours, over_http(bare_app()) as bare:
        taken = interleave(
            {
                BARE: bare_ack(bare),
                "SQLite": whole_command(Scene.on(stores.sqlite), ours),
                "DynamoDB": whole_command(Scene.on(stores.dynamodb), ours),
            },
            rounds,
        )
    return [
        *in_milliseconds(HTTP, taken),
        over_bare(HTTP, "SQLite", taken, at_most=2.0),
        over_bare(HTTP, "DynamoDB", taken),
    ]


def in_milliseconds(section: str, taken: Taken) -> list[Figure]:
    return [Figure(section, name, milliseconds(took), "ms") for name, took in taken.items()]


def over_bare(section: str, store: str, taken: Taken, **goal: float) -> Figure:
    value = ratio(clock(taken[store]), clock(taken[BARE]))
    return Figure(section, f"{store} / {BARE}", value, "×", **goal)


def over_bare_in_processor_time(section: str, store: str, taken: Taken, **goal: float) -> Figure:
    value = ratio(processor(taken[store]), processor(taken[BARE]))
    return Figure(section, f"{store} / {BARE}, processor time", value, "×", **goal)


def less_the_store(section: str, store: str, taken: Taken) -> Figure:
    """What is left of a command without its two calls, in processor time: what a disk or a
    server makes us wait is the store's own.
    """
    raw = median(processor(taken[raw_calls(store)]))
    left = [seconds - raw for seconds in processor(taken[store])]
    name = f"{store} less its two raw calls / {BARE}, processor time"
    return Figure(section, name, ratio(left, processor(taken[BARE])), "×", at_most=2.2)


def raw_calls(store: str) -> str:
    return f"{store}'s two raw calls"
