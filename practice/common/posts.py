"""What was said in the channel, in order, as its people see it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from chalicelib.edges import Clock

Post = dict[str, Any]
Block = dict[str, Any]  # of Block Kit
LONGEST_TEXT = 40_000  # Slack docs: chat.postMessage truncates what is longer


class NoSuchButton(Exception):
    """The message has no such button (any more)."""


class NoSuchMessage(Exception):
    """This driver sees no message of that number."""


def nothing(driver: str) -> Post:
    """What they see of it when the app acknowledged and said nothing."""
    return {"n": None, "to": driver, "text": "", "blocks": [], "at": None, "edited": None}


@dataclass(slots=True)
class Message:
    """One message as it stands now, after its edits.

    `to` is "channel" or the name of the only driver who sees it; `by` is "bot",
    "slackbot" (elsewhere "system") or the name of the driver who typed it. `more` is what
    a post of another platform than Slack tells besides.
    """

    channel: str
    to: str
    text: str
    blocks: list[Block] = field(default_factory=list)
    by: str = "bot"
    ephemeral: bool = False
    ts: str = ""  # given when posted
    first: int = 0  # its number, given when posted
    deleted: bool = False
    pinned: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def seen_by(self, driver: str) -> bool:
        """Whether this driver has it on their screen."""
        return not self.deleted and self.to in ("channel", driver)


class Feed:
    """Every message under its number; an edit appears once more, under a new number.

    `watchers` are told of each post, on the thread of whoever posts.
    """

    def __init__(self, clock: Clock) -> None:
        self.watchers: list[Callable[[Post], None]] = []
        self._clock = clock
        self._posts: list[Post] = []
        self._messages: dict[int, Message] = {}  # by each of their numbers
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._last_micros = 0
        self._lock = RLock()  # platforms share a feed

    def post(self, message: Message) -> Post:
        """Show a new message."""
        with self._lock:
            message.ts = self._stamp()
            message.first = len(self._posts) + 1
            self._by_ts[message.channel, message.ts] = message
            return self._show(message)

    def edit(self, message: Message, text: str, blocks: list[Block]) -> Post:
        """Show other words in the place of a message."""
        with self._lock:
            message.text, message.blocks = text, blocks
            return self._show(message)

    def pinned(self, channel: str) -> list[Message]:
        """What is pinned in a channel, the latest last."""
        every = self._by_ts.values()
        return [one for one in every if one.channel == channel and one.pinned and not one.deleted]

    def delete(self, message: Message) -> Post:
        """Take a message away; its last post has `deleted` true."""
        message.deleted = True
        return self.edit(message, "", [])

    def after(self, n: int) -> list[Post]:
        """The posts numbered above `n`, in order."""
        return self._posts[n:]

    def message(self, n: int) -> Message | None:
        """The message of which post `n` is one showing."""
        return self._messages.get(n)

    def seen(self, n: int, driver: str) -> Message:
        """The same, on this driver's screen. Raises NoSuchMessage."""
        message = self.message(n)
        if message is None or not message.seen_by(driver):
            raise NoSuchMessage(f"{driver} sees no message {n}")
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        """The message that Slack's own key of one names."""
        return self._by_ts.get((channel, ts))

    @property
    def last(self) -> int:
        """The number of the latest post; 0 before the first."""
        return len(self._posts)

    def _show(self, message: Message) -> Post:
        n = len(self._posts) + 1
        message.text = message.text[:LONGEST_TEXT]
        post = {
            "n": n,
            "to": message.to,
            "text": message.text,
            "blocks": copy.deepcopy(message.blocks),
            "at": self._clock.now().isoformat(timespec="milliseconds"),
            "edited": message.first if n != message.first else None,
            "by": message.by,
            "ephemeral": message.ephemeral,
            "deleted": message.deleted,
            **copy.deepcopy(message.more),
        }
        self._messages[n] = message
        self._posts.append(post)
        for watcher in self.watchers:
            watcher(post)
        return post

    def _stamp(self) -> str:
        """Slack's `ts`: seconds.micros, never the same twice."""
        micros = int(self._clock.now().timestamp() * 1_000_000)
        self._last_micros = max(micros, self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"
