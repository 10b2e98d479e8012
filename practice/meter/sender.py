"""The building's meter as a device: it posts what it shows, and sends again what wasn't taken."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .building import Building, Power

EVERY = 1.0  # real seconds between two looks at the meter
MOST = 500  # readings of one body
KEPT = 5_000  # readings that wait while nobody takes them


@dataclass
class Faults:
    """What the meter does wrong today."""

    stalled: bool = False  # it sends nothing
    nulls: bool = False  # it measures no amps
    skew_seconds: float = 0.0  # its clock is so much ahead


@dataclass
class Sender:
    """Posts to `POST /meters/{meter}/readings`."""

    building: Building
    url: str
    key: str
    faults: Faults = field(default_factory=Faults)
    refused: str = ""  # the last answer that was no 202
    _waiting: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _last: datetime | None = None

    def remember(self, day: list[Power]) -> None:
        """What it gathered before the run goes out with the first look."""
        self._waiting.extend(self.body_of(one) for one in day)

    def look(self) -> None:
        """Note what the meter shows, and send what waits."""
        power = self.building.now()
        if self.faults.stalled or power.at == self._last:  # the clock may stand still
            return
        self._last = power.at
        self._waiting.append(self.body_of(power))
        batch = [self._waiting[n] for n in range(min(MOST, len(self._waiting)))]
        if self._post(batch):
            for _ in batch:
                self._waiting.popleft()

    def body_of(self, power: Power) -> dict[str, Any]:
        at = power.at + timedelta(seconds=self.faults.skew_seconds)
        found: dict[str, Any] = {"at": at.isoformat(timespec="milliseconds")}
        found |= {"kw": round(power.kw, 3), "kwh": round(power.kwh, 4)}
        return found if self.faults.nulls else found | {"amps": [round(one, 2) for one in power.amps]}  # fmt: skip

    def _post(self, readings: list[dict[str, Any]]) -> bool:
        """Whether they are off our hands: taken, or refused for good."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        body = json.dumps({"readings": readings}).encode()
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310 — our own address
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 — as above
                self.refused = "" if answer.status == 202 else str(answer.status)
                return True
        except urllib.error.HTTPError as error:
            with error:
                self.refused = f"{error.code}: {error.read(300).decode(errors='replace')}"
            return error.code == 400
        except OSError as error:  # the concierge is down: later
            self.refused = str(error)
            return False


@contextmanager
def sending(sender: Sender) -> Iterator[None]:
    """Look every second until this is left."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(EVERY):
            sender.look()

    thread = threading.Thread(target=work, name="meter", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)
