"""What is counted in a replay, and the table at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from practice.common.posts import Post
from practice.world import TIMEZONE

FROM, UNTIL = time(7), time(19)  # port use is counted in working hours
ZERO = timedelta(0)


@dataclass(slots=True)
class Tally:
    """Counts of a replay. `lags` are in site time, by what they were waited for."""

    arrivals: int = 0
    at_once: int = 0
    waits: list[timedelta] = field(default_factory=list)
    gave_up: int = 0
    walk_ups: int = 0
    calls: set[int] = field(default_factory=set)
    missed: int = 0
    lapses: int = 0
    overstays: int = 0
    heeded: int = 0
    in_use: timedelta = ZERO
    posts: int = 0
    answers: int = 0
    edits: int = 0
    direct: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)  # where, and what
    pings: int = 0  # in the channel
    failed_commands: list[str] = field(default_factory=list)
    lags: dict[str, timedelta] = field(default_factory=dict)

    @property
    def charged(self) -> int:
        return self.at_once + len(self.waits)

    def plugged(self, wait: timedelta, *, waited: bool) -> None:
        """A car is on a port."""
        if waited:
            self.waits.append(wait)
        else:
            self.at_once += 1

    def used(self, since: datetime, until: datetime) -> None:
        """A port was in use; counted in working hours of that day."""
        zone = ZoneInfo(TIMEZONE)
        day = since.astimezone(zone).date()
        begins = max(since, datetime.combine(day, FROM, zone))
        self.in_use += max(ZERO, min(until, datetime.combine(day, UNTIL, zone)) - begins)

    def answered(self, asked_at: datetime, now: datetime, answer: Post) -> None:
        """A command was answered, to the channel or to the person alone."""
        self.lag("a command to its answer", now - asked_at)
        self.answers += answer["to"] == "channel"

    def lag(self, what: str, time_taken: timedelta) -> None:
        """Remember the worst."""
        self.lags[what] = max(self.lags.get(what, ZERO), time_taken)

    def hear(self, post: Post) -> None:
        """Count one showing of a message."""
        if post["by"] != "bot" or post["ephemeral"] or post["deleted"]:
            return
        kind = post.get("kind", "")
        if post["edited"]:
            self.edits += 1
            self.kinds["edit", kind] += 1
        elif post["to"] == "channel":
            self.posts += 1
            self.kinds["post", kind] += 1
            self.pings += post["text"].count("<@")
        else:
            self.direct += 1
            self.kinds["direct", kind] += 1

    def rows(self, ports: int, days: int) -> list[tuple[str, str]]:
        """The table: what, and how much."""
        whole = ports * days * 12 * timedelta(hours=1)
        return [
            ("arrivals", str(self.arrivals)),
            ("charged", f"{self.charged} ({self.at_once} at once, {len(self.waits)} after waiting)"),
            ("gave up by the day's end", str(self.gave_up)),
            ("waits of those who waited", wait_words(self.waits)),
            ("port use, 07:00 to 19:00", f"{self.in_use / whole:.0%}"),
            ("calls", f"{len(self.calls)} ({self.missed} missed, {self.lapses} lapsed)"),
            ("walked up past the line", str(self.walk_ups)),
            ("overstayed", f"{self.overstays} cars stood for over ten minutes, charged; {self.heeded} moved after a note"),
            ("said in the channel", f"{self.posts} ({self.answers} answers to `add`), {self.edits} edits"),
            ("posts per car charged", f"{self.posts / max(1, self.charged):.2f} ({(self.posts - self.answers) / max(1, self.charged):.2f} without the answers)"),
            ("direct messages", str(self.direct)),
            ("commands that failed", str(len(self.failed_commands))),
        ]  # fmt: skip


def wait_words(waits: list[timedelta]) -> str:
    """`median 43 min, p90 118 min, longest 150 min`."""
    if not waits:
        return "nobody waited"
    minutes = [wait.total_seconds() / 60 for wait in waits]
    p90 = quantiles(minutes, n=10, method="inclusive")[-1] if len(minutes) > 1 else minutes[0]
    return f"median {median(minutes):.0f} min, p90 {p90:.0f} min, longest {max(minutes):.0f} min"
