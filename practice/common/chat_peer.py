"""What the stand-ins of the smaller chat platforms share: who saw what, and what was wrong."""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from urllib.parse import urlsplit

from chalicelib.edges import Clock

from .posts import Feed, Message, Post

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
    """The make-believe server's memory. `violations` says what it would not forgive;
    `feed` is what people see, the practice page too.
    """

    clock: Clock
    platform: str
    feed: Feed
    shown: list[Shown] = field(default_factory=list)  # an edit is shown again
    violations: list[str] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    typed: set[str] = field(default_factory=set)
    limited: int = 0  # calls that came too fast
    _messages: dict[str, Message] = field(default_factory=dict)  # in the feed, by our id

    def record_violation(self, what: str) -> None:
        self.violations.append(f"{self.clock.now().isoformat(timespec='seconds')} {what}")

    def warn(self, text: str, signs: str) -> None:
        """People typed this: runs of these signs in it must not come back alive."""
        self.typed.update(re.findall(f"[{signs}]{{2,}}", text))

    def show(
        self, message: Shown, *, passing: bool = False, markup: bool = True, **more: object
    ) -> Post:
        """Show a message, or what has become of one. `passing`: it is gone with a reload;
        without `markup` nothing in it is alive; `more` is how it looks.
        """
        typed = self.typed if markup else set()
        for found in sorted(run for run in typed if run in message.text):
            self.record_violation(f"shows unescaped what a person typed: {found}")
        with self.lock:
            self.shown.append(message)
            known = self._messages.get(message.id)
            if known is None:
                new = Message(self.platform, message.to, message.text, ephemeral=passing)
                self._messages[message.id] = new
                new.more = {"platform": self.platform, **more}
                return self.feed.post(new)
            known.more = {"platform": self.platform, **more}
            return self.feed.edit(known, message.text, [])

    def wait(self, calls: list[datetime], most: int, window: timedelta) -> timedelta:
        """How long a call must wait if more than `most` come within a window of site time; zero:
        it is taken, and put down among `calls`.
        """
        now = self.clock.now()
        calls[:] = [at for at in calls if now - at < window]
        if len(calls) < most:
            calls.append(now)
            return timedelta(0)
        self.limited += 1
        return calls[0] + window - now

    def pin(self, message: Shown, *, is_on: bool) -> None:
        """A message is pinned to its channel, or no more."""
        with self.lock:
            self._messages[message.id].pinned = is_on

    def pinned(self) -> list[Shown]:
        """What is pinned, as it stands."""
        found = [one for one, each in self._messages.items() if each.pinned and not each.deleted]
        return [next(one for one in reversed(self.shown) if one.id == each) for each in found]

    def delete(self, message: Shown) -> None:
        """A message is gone."""
        with self.lock:
            self.feed.delete(self._messages[message.id])

    def typed_by(self, name: str, text: str, to: str = "channel", **more: object) -> Post:
        """What a person wrote is read by all, or by the app alone."""
        look = {"platform": self.platform, **more}
        return self.feed.post(Message(self.platform, to, text, by=name, more=look))

    def notice(self, name: str, text: str) -> Post:
        """The server itself tells one person that something failed."""
        look = {"platform": self.platform}
        told = Message(self.platform, name, text, by="system", ephemeral=True, more=look)
        return {**self.feed.post(told), "error": text}

    def message(self, id_: str) -> Message | None:
        """In the feed, by our id."""
        return self._messages.get(id_)

    def find(self, n: int) -> Shown | None:
        """The app's message of which post `n` is one showing, as it stands."""
        message = self.feed.message(n)
        ids = [one for one, each in self._messages.items() if each is message]
        return next((one for one in self.shown if one.id in ids), None)


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
