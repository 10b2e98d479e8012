"""What the stand-ins of the smaller chat platforms share: who saw what, and what was wrong."""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass, field
from threading import RLock
from urllib.parse import urlsplit

from chalicelib.edges import Clock

MOST_BYTES = 1_000_000


@dataclass(slots=True)
class Shown:
    """A message of the app as it stands; `to` is "channel" or a name."""

    id: str
    to: str
    text: str
    pings: tuple[str, ...] = ()
    more: dict[str, object] = field(default_factory=dict)


class AppRude(Exception):
    """The app answered too late, or with an error; the person sees a failure."""


@dataclass
class Peer:
    """The make-believe server's memory. `violations` says what it would not forgive."""

    clock: Clock
    shown: list[Shown] = field(default_factory=list)  # an edit is shown again
    violations: list[str] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    typed: set[str] = field(default_factory=set)

    def accuse(self, what: str) -> None:
        self.violations.append(f"{self.clock.now().isoformat(timespec='seconds')} {what}")

    def warn(self, text: str, signs: str) -> None:
        """People typed this: runs of these signs in it must not come back alive."""
        self.typed.update(re.findall(f"[{signs}]{{2,}}", text))

    def show(self, message: Shown) -> None:
        for found in sorted(run for run in self.typed if run in message.text):
            self.accuse(f"shows unescaped what a person typed: {found}")
        self.shown.append(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """The app's HTTP answer."""

    status: int
    content_type: str
    body: bytes


def send(
    url: str, body: bytes, headers: dict[str, str], within: float, method: str = "POST"
) -> Answer:
    """One request to the app. Raises AppRude when it takes longer than `within`."""
    to, started = urlsplit(url), time.monotonic()
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=within)
    try:
        path = f"{to.path}?{to.query}" if to.query else to.path
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        kind = response.getheader("Content-Type", "")
        answer = Answer(response.status, kind, response.read(MOST_BYTES))
    except (OSError, http.client.HTTPException) as error:
        raise AppRude(f"no answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if time.monotonic() - started > within:
        raise AppRude(f"no answer within {within:g} s")
    return answer
