"""The whole app behind its WSGI adapter, with a meter, and the clock in our hands."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.concierge import Concierge
from chalicelib.edges import Series
from chalicelib.endpoints import Endpoints, Webhook
from chalicelib.meters.events import Sensors
from chalicelib.meters.keys import Meters
from chalicelib.meters.pace import Pace
from chalicelib.meters.webhook import MeterWebhook
from chalicelib.settings import read
from chalicelib.stores.series import KEPT, open_series
from tests.fakes import FakeClock


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Stage:
    """A client's view of the app."""

    clock: FakeClock
    meters: Meters
    series: Series
    key: str  # of the meter hq
    pace: Pace
    content_type: str = "application/json"

    def ask(
        self, method: str, path: str, body: bytes = b"", key: str | None = "", **headers: str
    ) -> Answer:
        """With hq's key, another one, or none (None)."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.content_type if body else "",
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{name.upper()}": text for name, text in headers.items()},
        }
        if key is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {key or self.key}"
        told: list[Any] = []
        found = wsgi(app)(environ, lambda status, headers: told.extend([status, headers]))
        return Answer(int(told[0][:3]), dict(told[1]), b"".join(found))

    def send(self, *readings: object, meter: str = "hq", key: str | None = "") -> Answer:
        body = json.dumps({"readings": readings}).encode()
        return self.ask("POST", f"/meters/{meter}/readings", body, key)

    def get(self, key: str | None = "", **query: str) -> Answer:
        named = {name.rstrip("_"): text for name, text in {"meter": "hq", **query}.items()}
        return self.ask("GET", f"/energy?{urlencode(named)}", key=key)


def replace_clock(concierge: Concierge, clock: FakeClock) -> Concierge:
    """The same, in our time."""
    return Concierge(concierge.store, concierge.messengers, clock)


@contextmanager
def stage(folder: Path, now: datetime) -> Iterator[Stage]:
    """On a file, until this is left."""
    clock = FakeClock(now)
    settings = read({"EV_STORE": f"sqlite:{folder / 'ev.sqlite'}"})
    meters, series = wiring.meters_of(settings), open_series(settings.store, clock.now)
    key = meters.add("hq", "Europe/Oslo")
    assert key
    pace = Pace(now=lambda: clock.now().timestamp())
    concierge = replace_clock(wiring.build(settings), clock)
    door = MeterWebhook(meters, series, clock, KEPT.slots, pace, Sensors(concierge))
    doors: dict[str, Webhook] = {"/meters/{meter}/readings": door.readings, "/energy": door.energy}
    wiring.use(Endpoints(concierge, doors, wiring.records_of(settings)))
    try:
        yield Stage(clock, meters, series, key, pace)
    finally:
        wiring.use(None)
