"""Do the line, the ports and what was said agree? Looked at after everything that happens.

The concierge knows of a car only after a look, so a disagreement counts once it has
outlasted several looks, and the messages that follow from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core import hours
from chalicelib.core.model import Entry, Site, Status
from practice.carpark import PortNow
from practice.common.posts import Post
from practice.slack.blocks import buttons
from practice.world import address, name_of

from .behaviour import Crowd, Doing
from .scene import Scene

LOOKS = 3  # a disagreement that outlasts so many looks …
GRACE = timedelta(seconds=30)  # … and so much more than two polls and a second look
NEWS = re.compile(
    r"Port (\d+)(?: is free(?:: (\w+) is (called|on the way))?|: (.+) is (charging))\.$"
)
ON_BOARD = re.compile(
    r"^Port (\d+): (?:free(?:, (\w+) is (called|on the way))?|(\w+) since|in use since)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """The channel's last word on a port."""

    at: datetime
    news: str  # "free", "called", "on the way" or "charging"
    name: str = ""


class Agreement:
    """`check` after every event; `broken` is what did not agree and stayed so."""

    def __init__(self, world: Scene, crowd: Crowd, poll: timedelta) -> None:
        self.broken: list[str] = []
        self.checks = 0
        self._world = world
        self._crowd = crowd
        self._poll = poll
        self._told: dict[int, str] = {}  # who was sent the call of each turn
        self._words: dict[str, Word] = {}  # by port label
        self._first: dict[str, tuple[datetime, int]] = {}  # when, and at which look
        self._lasting: set[str] = set()  # those that count, until they end
        self._looked_at: datetime | None = None
        self._looks = 0
        self._sessions: dict[str, int] = {}
        self._left: dict[str, datetime] = {}  # cars whose going the channel should hear of
        self._plugged: dict[str, datetime] = {}  # drivers who should be told they left the line

    @property
    def undecided(self) -> bool:
        """Something doesn't agree, and may yet."""
        return not self._lasting.issuperset(self._first)

    def hear(self, post: Post) -> None:
        """Take in one showing of a message."""
        at = datetime.fromisoformat(post["at"])
        if post["to"] == "channel":
            self._hear_news(post, at)
            return
        for _, button in buttons(post["blocks"]):
            if button["action_id"] == "on_my_way":
                self._told[int(button["value"].rpartition(":")[2])] = post["to"]
        if "took you off the line" in post["text"] and post["to"] in self._plugged:
            plugged_at = self._plugged.pop(post["to"])
            self._crowd.tally.lag("a car plugged in to off the line", at - plugged_at)

    def _hear_news(self, post: Post, at: datetime) -> None:
        if "\nPort " in post["text"] and post["by"] == "bot":
            self._read_board(post["text"], at)
        found = NEWS.fullmatch(post["text"])
        if found is None or post["by"] != "bot":
            return
        label, called, how, charging, _ = found.groups()
        self._words[label] = Word(
            at, how or ("charging" if charging else "free"), (called or charging or "").lower()
        )
        if not charging and not post["edited"] and label in self._left:
            self._crowd.tally.lag("a car gone to told in the channel", at - self._left.pop(label))

    def _read_board(self, text: str, at: datetime) -> None:
        for label, called, how, charging in ON_BOARD.findall(text):
            news = how or ("charging" if charging else "free")
            self._words[label] = Word(at, news, (called or charging).lower())
            if not charging:
                self._left.pop(label, None)

    def check(self, site: Site) -> None:
        """Compare everything; `site` was loaded before the latest messages were heard."""
        self.checks += 1
        now, ports = self._world.clock.now(), self._world.carpark.ports()
        if site.looked_at != self._looked_at:
            self._looked_at, self._looks = site.looked_at, self._looks + 1
        self._watch(site, ports, now)
        self.broken += [f"{now:%a %H:%M} UTC {what}" for what in self._never(site)]
        wrong = set(self._differences(site, ports, now))
        self._first = {what: self._first.get(what, (now, self._looks)) for what in wrong}
        self._lasting &= wrong
        for what, (since, look) in self._first.items():
            lasts = 2 * self._poll + site.policy.confirm + GRACE
            if what not in self._lasting and now - since > lasts and self._looks - look >= LOOKS:
                self.broken.append(f"{since:%a %H:%M} UTC {what}")
                self._lasting.add(what)

    def _watch(self, site: Site, ports: list[PortNow], now: datetime) -> None:
        """Note the cars that came and went, for the lags."""
        for label, port in enumerate(ports, 1):
            before = self._sessions.get(str(label), 0)
            self._sessions[str(label)] = port.session
            if before == port.session:
                continue
            self._left.pop(str(label), None)
            if not port.session and hours.speaks(site, now):
                self._left[str(label)] = now
            if port.driver and any(e.driver == address(port.driver) for e in site.queue):
                self._plugged[port.driver.name] = now

    def _never(self, site: Site) -> Iterator[str]:
        """What may not be for a moment."""
        held = Counter(entry.turn.port for entry in site.queue if entry.turn is not None)
        yield from (
            f"{port} is {count} drivers' turn" for port, count in held.items() if count > 1
        )
        drivers = Counter(entry.driver for entry in site.queue)
        yield from (f"{who} is in line {n} times" for who, n in drivers.items() if n > 1)
        for entry in site.queue:
            turn = entry.turn
            if (
                turn is not None
                and turn.told_at
                and self._told.get(turn.id) != name_of(entry.driver)
            ):
                yield f"{entry.driver} is called (turn {turn.id}), and was sent nothing"

    def _differences(self, site: Site, ports: list[PortNow], now: datetime) -> Iterator[str]:
        """What may not be for long."""
        yield from self._ports(site, ports)
        yield from self._line(site, ports)
        if hours.speaks(site, now) and hours.speaks(site, now - 3 * self._poll):
            yield from self._channel(site, ports)

    @staticmethod
    def _ports(site: Site, ports: list[PortNow]) -> Iterator[str]:
        for port in ports:
            stored = site.ports.get(f"{port.station}/{port.number}")
            stay = stored.stay if stored is not None else None
            known = name_of(stay.driver or "a stranger") if stay is not None else None
            there = port.driver.name if port.driver is not None else None
            if known != there:
                yield f"{port.station}/{port.number} has {there} on it, the notes say {known}"

    def _line(self, site: Site, ports: list[PortNow]) -> Iterator[str]:
        line = {name_of(entry.driver): entry for entry in site.queue}
        for person in self._crowd.people.values():
            waits = person.doing in (Doing.WAITING, Doing.COMING)
            if waits is not (person.name in line) and not person.forgot:
                yield f"{person.name} is {person.doing}, and {'not ' * waits}in line"
        for name, entry in line.items():
            if entry.turn is not None and entry.turn.told_at is None:
                yield f"{name} is called (turn {entry.turn.id}), and not told"
        spoken_for = {entry.turn.port for entry in site.queue if entry.turn is not None}
        for port in ports:
            key = f"{port.station}/{port.number}"
            awaited = any(entry.is_waiting and may_use(site, entry, key) for entry in site.queue)
            if awaited and port.status is Status.AVAILABLE and key not in spoken_for:
                yield f"{key} stands free while somebody waits"

    def _channel(self, site: Site, ports: list[PortNow]) -> Iterator[str]:
        """The last word of today on each port is true."""
        turns = {e.turn.port: e for e in site.queue if e.turn is not None}
        for label, port in enumerate(ports, 1):
            word = self._words.get(str(label))
            if word is None or hours.today(site, word.at) != hours.today(
                site, site.looked_at or word.at
            ):
                continue
            holder = turns.get(f"{port.station}/{port.number}")
            truth = ("free", "")
            if port.driver is not None:
                truth = ("charging", port.driver.name)
            elif holder is not None and holder.turn is not None:
                truth = ("on the way" if holder.turn.coming else "called", name_of(holder.driver))
            if (word.news, word.name) != truth:
                yield f"port {label} is {' '.join(truth)}, the channel says {word.news} {word.name}"


def may_use(site: Site, entry: Entry, port: str) -> bool:
    person = site.people.get(entry.driver)
    return person is None or person.habits is None or port not in person.habits.cannot_use
