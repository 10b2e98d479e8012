"""Tibber's live measurements: one connection, held open, as GraphQL over a WebSocket.

    POST {TIBBER_API_URL}            where the live feed is, and whether the home has one
    wss://…  graphql-transport-ws    connection_init → connection_ack, subscribe → next …

Tibber asks for a User-Agent, and hangs up with 4429 on who opens too many connections: so we
keep one, and after a loss we wait, longer each time. Its documentation names no rates; what is
here is what others were seen to need (https://developer.tibber.com/docs/guides/calling-api).
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from chalicelib import wiring
from chalicelib.edges import Fault, FaultLog, Series
from chalicelib.energy.readings import Reading, phases, whole_milliseconds
from chalicelib.meters.keys import Meters
from chalicelib.settings import Settings

from .register import DayRegister

log = logging.getLogger(__name__)

AGENT = "EV-Concierge/0.1 websockets/17"
PROTOCOL = Subprotocol("graphql-transport-ws")
TOO_MANY = 4429  # close code: too many open connections
PATIENCE = 10.0  # seconds for each answer until the feed flows
SILENCE = 90.0  # seconds without a word: the connection is dead
EVERY = timedelta(seconds=10)  # at most one reading kept in so long
FRESH = timedelta(seconds=30)  # so long a phase's amps are believed
WAITS = (30.0, 60.0, 120.0, 300.0, 600.0)  # seconds after the first loss, the second, …
WAIT_OUT = 600.0  # after TOO_MANY, or a refusal: again at once makes it worse
LARGEST = 64 * 1024  # bytes of a message

HOMES = """{ viewer { websocketSubscriptionUrl
    homes { id timeZone features { realTimeConsumptionEnabled } } } }"""
LIVE = """subscription($home: ID!) { liveMeasurement(homeId: $home) {
    timestamp power powerProduction accumulatedConsumption
    currentL1 currentL2 currentL3 } }"""


METER = "tibber"


def tibber_of(settings: Settings) -> Tibber | None:
    """The client that the settings describe, if they do, and its meter."""
    if not settings.tibber_token:
        return None
    return Tibber(
        settings.tibber_token,
        wiring.series_of(settings),
        DayRegister(wiring.records_of(settings), METER),
        wiring.meters_of(settings),
        settings.tibber_home,
        settings.tibber_api_url,
    )


class TibberLost(Fault):
    """Tibber's feed can't be reached now."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait  # seconds, where we know


class TibberRefused(Fault):
    """Tibber refuses the token, or has no live feed for the home."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home with a live feed, and where that is."""

    id: str
    feed: str
    zone: str


class Amps:
    """The last known amps of each phase: many meters tell them each ten seconds only."""

    def __init__(self) -> None:
        self._known: list[tuple[float, datetime] | None] = [None, None, None]

    def update(self, at: datetime, told: list[float | None]) -> tuple[float | None, ...]:
        for phase, amps in enumerate(told):
            if amps is not None:
                self._known[phase] = (abs(amps), at)
        fresh = (
            one[0] if one is not None and at - one[1] <= FRESH else None for one in self._known
        )
        return phases(*fresh)


class Tibber:
    """Keeps what a home's meter says, as the readings of the meter `tibber`."""

    def __init__(
        self,
        token: str,
        series: Series,
        register: DayRegister,
        meters: Meters,
        home: str,
        url: str,
    ) -> None:
        self._token = token
        self._series = series
        self._register = register
        self._meters = meters
        self._home = home
        self._url = url
        self._amps = Amps()
        self._kept_at: datetime | None = None
        self._losses = 0
        self.over = threading.Event()  # set it, and `turn` ends soon
        self._faults = FaultLog(log)

    def turn(self) -> float:
        """Hold the connection until it is lost; seconds until it should be opened again."""
        try:
            for reading in self.feed():
                self._faults.worked("Tibber")
                self._losses = 0
                self._keep(reading)
        except (TibberLost, TibberRefused) as fault:
            self._faults.failed("Tibber", fault)
            return self._wait(fault)
        return self._wait(TibberLost("the feed has ended"))

    def once(self) -> Reading:
        """Open, take one reading, keep it, and close cleanly: for a schedule.

        Raises TibberLost, TibberRefused, StoreUnavailable.
        """
        feed = self.feed()
        try:
            reading = next(feed, None)
        finally:
            feed.close()
        if reading is None:
            raise TibberLost("the feed ended before it began")
        self._series.keep(METER, [reading])
        return reading

    def ask_home(self) -> Home:
        """The home that was asked for, or the only one. Raises TibberLost, TibberRefused."""
        viewer = self._ask(HOMES).get("viewer") or {}
        homes = [one for one in viewer.get("homes") or [] if self._home in ("", one.get("id"))]
        if len(homes) != 1:
            ids = ", ".join(str(one.get("id")) for one in viewer.get("homes") or []) or "none"
            raise TibberRefused(f"which home? TIBBER_HOME is one of: {ids}")
        home, feed = homes[0], viewer.get("websocketSubscriptionUrl")
        # It says no at times for an hour, and means it: asking for the feed then only costs
        if not (home.get("features") or {}).get("realTimeConsumptionEnabled") or not feed:
            raise TibberRefused(f"home {home.get('id')} has no live feed (no Pulse?)")
        return Home(str(home["id"]), str(feed), str(home.get("timeZone") or "UTC"))

    def feed(self) -> Generator[Reading, None, None]:
        """The readings, as they come; it ends when the connection does. Raises TibberLost,
        TibberRefused.
        """
        home = self.ask_home()
        self._meters.add(METER, home.zone)  # its key is nobody's
        try:
            with connect(
                home.feed, subprotocols=[PROTOCOL], user_agent_header=AGENT, open_timeout=PATIENCE,
                close_timeout=2, max_size=LARGEST, compression=None, proxy=None,
            ) as line:  # fmt: skip
                yield from self._talk(line, home)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd is not None else None
            wait = WAIT_OUT if code == TOO_MANY else None
            raise TibberLost(f"the connection was closed ({code})", wait) from closed
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise TibberLost(f"can't open the feed: {error}") from error

    def _talk(self, line: ClientConnection, home: Home) -> Iterator[Reading]:
        say(line, {"type": "connection_init", "payload": {"token": self._token}})
        if hear(line, PATIENCE).get("type") != "connection_ack":
            raise TibberLost("no connection_ack")
        asked = {"query": LIVE, "variables": {"home": home.id}}
        say(line, {"id": "1", "type": "subscribe", "payload": asked})
        try:
            yield from self._listen(line)
        finally:
            try:
                say(line, {"id": "1", "type": "complete"})
            except ConnectionClosed:
                log.debug("it was closed already")

    def _listen(self, line: ClientConnection) -> Iterator[Reading]:
        heard_at = time.monotonic()
        while not self.over.is_set():
            try:
                message = hear(line, 1.0)
            except TimeoutError as silence:
                if time.monotonic() - heard_at > SILENCE:
                    raise TibberLost(f"not a word for {SILENCE:.0f} s") from silence
                continue
            heard_at = time.monotonic()
            match message.get("type"):
                case "next":
                    reading = self.read(message.get("payload"))
                    if reading is not None:
                        yield reading
                case "ping":
                    say(line, {"type": "pong"})
                case "complete":  # it does that at will: opened again, it goes on
                    raise TibberLost("Tibber ended the subscription")
                case "error":
                    raise TibberLost(f"Tibber refuses the subscription: {str(message)[:200]}")

    def read(self, payload: Any) -> Reading | None:
        """None where it says nothing that we could use."""
        found = ((payload or {}).get("data") or {}).get("liveMeasurement") or {}
        try:
            local = datetime.fromisoformat(str(found["timestamp"]))
            at = whole_milliseconds(local.astimezone(UTC))
            told = [number(found.get(f"currentL{phase}")) for phase in (1, 2, 3)]
            drawn, sent = number(found.get("power")), number(found.get("powerProduction"))
            counted = number(found.get("accumulatedConsumption"))
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            log.debug("not a measurement: %s", error)
            return None
        if local.tzinfo is None or drawn is None:
            return None
        kwh = None if counted is None else self._register.reading(local, counted)
        return Reading(
            at, 0.0 if sent else max(0.0, drawn) / 1000, kwh, self._amps.update(at, told)
        )

    def _keep(self, reading: Reading) -> None:
        """Not each: they come every two seconds, and few need more than one in ten."""
        if self._kept_at is None or not timedelta(0) <= reading.at - self._kept_at < EVERY:
            self._series.keep(METER, [reading])
            self._kept_at = reading.at

    def _wait(self, fault: Fault) -> float:
        """With some chance in it: others lost theirs at the same moment."""
        known = fault.wait if isinstance(fault, TibberLost) else WAIT_OUT
        wait = WAITS[min(self._losses, len(WAITS) - 1)] if known is None else known
        self._losses += 1
        return wait * random.uniform(0.8, 1.2)  # noqa: S311 — no secret

    def _ask(self, query: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "User-Agent": AGENT}
        try:
            answer = requests.post(self._url, json={"query": query}, headers=headers, timeout=PATIENCE)  # fmt: skip
            if answer.status_code in (401, 403):
                raise TibberRefused("Tibber refuses the token: is TIBBER_TOKEN right?")
            if answer.status_code == 429:
                raise TibberLost("too often asked", retry_after(answer))
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise TibberLost(f"can't ask Tibber: {innermost(error)}") from error
        if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
            raise TibberRefused(f"Tibber refuses the question: {str(found)[:200]}")
        return dict(found["data"])


def say(line: ClientConnection, message: dict[str, Any]) -> None:
    line.send(msgspec.json.encode(message).decode())


def hear(line: ClientConnection, seconds: float) -> dict[str, Any]:
    """Raises TimeoutError, ConnectionClosed, TibberLost."""
    text = line.recv(timeout=seconds)
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise TibberLost("Tibber talks nonsense") from error
    return found if isinstance(found, dict) else {}


def number(value: object) -> float | None:
    """Raises ValueError for what is there and is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9:
        raise ValueError(f"{value!r} is no figure")
    return float(value)


def innermost(error: BaseException) -> str:
    """Why there was no answer, in a few words: it is wrapped several times."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def retry_after(answer: requests.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return max(WAITS[0], min(float(text), 3600.0)) if text.isdecimal() else WAIT_OUT
