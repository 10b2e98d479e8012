"""The make-believe workspace: one channel, its people, the bot, and what was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from threading import RLock

from chalicelib.edges import Clock
from practice.common.people import CHANNEL, WORKSPACE, Driver
from practice.common.posts import Feed, Message

from .accounts import Accounts
from .blocks import Block, texts
from .faults import SlackError

BOT_USER = "U0EVBOT"
BOT_ID = "B0EVBOT"
APP_ID = "A0EVAPP"
TEAM_DOMAIN = "practice"
CHANNEL_NAME = "ev-charging"

_BROADCAST = re.compile(r"<!(?:channel|here|everyone|subteam\b)[^>]*>")
_MENTION = re.compile(r"<@(\w+)(?:\|[^>]*)?>")
_BRACKETS = re.compile(r"<[^<>]+>")
_LOUD = re.compile(r"@(?:channel|here|everyone)\b")


class Workspace:
    """Everybody is in the channel at first. Tests turn the public attributes.

    `refusing` maps a user id to the error that a direct message to them gets, such as
    `user_disabled`. `violations` says, in words, what a strict Slack would not forgive.
    """

    def __init__(
        self,
        people: Sequence[Driver],
        clock: Clock,
        team: str = WORKSPACE,
        channel: str = CHANNEL,
    ) -> None:
        self.team = team
        self.channel = channel
        self.clock = clock
        self.lock = RLock()
        self.feed = Feed(clock)
        self.violations: list[str] = []
        self.archived = False
        self.takes_charts = True  # the blocks of 2026 have come here
        self.refusing: dict[str, str] = {}
        self.drivers = {driver.name: driver for driver in people}
        self.names = {driver.slack_id: driver.name for driver in people}
        self.accounts = Accounts(self.names)
        self.members = {BOT_USER, *self.names}
        self._typed: set[str] = set()

    def direct(self, user: str) -> str:
        """The id of the conversation between the bot and one person."""
        return f"D{user[1:]}"

    def seen_in(self, channel: str) -> str:
        """Who sees the posts of a channel id: "channel" or a name. Raises SlackError."""
        if channel == self.channel:
            return "channel"
        for user, name in self.names.items():
            if channel == self.direct(user):
                return name
        raise SlackError("channel_not_found")

    def open_direct(self, user: str) -> str:
        """The conversation with a person who takes messages. Raises SlackError."""
        if user not in self.names:
            raise SlackError("user_not_found")
        if user in self.refusing:
            raise SlackError(self.refusing[user])
        return self.direct(user)

    def check_writable(self) -> None:
        """Raises SlackError when the channel is closed for good."""
        if self.archived:
            raise SlackError("is_archived")

    def typed(self, text: str) -> None:
        """Note what a person typed: markup in it must not come back alive."""
        mentions = {mention.group() for mention in _MENTION.finditer(text)}
        self._typed |= set(_BRACKETS.findall(text)) - mentions

    def record_violation(self, what: str) -> None:
        """Note a breach of Slack's rules."""
        self.violations.append(f"{self.clock.now().isoformat(timespec='seconds')} {what}")

    def show(self, message: Message) -> dict[str, object]:
        """Post what the app says, and look at whom it pings."""
        self._check_pings(message.text, message.blocks)
        return self.feed.post(message)

    def change(self, message: Message, text: str, blocks: list[Block]) -> dict[str, object]:
        """Edit what the app said."""
        self._check_pings(text, blocks)
        return self.feed.edit(message, text, blocks)

    def check_shown(self, blocks: list[Block]) -> None:
        """A view pings nobody, but what people typed must not come alive in it either."""
        self._check_pings("", blocks)

    def check_loud(self, text: str) -> None:
        """Names become pings (`link_names`, `parse: full`): then plain ones ping, too."""
        for found in _LOUD.findall(text):
            self.record_violation(f"pings everybody: {found} with link_names or parse")

    def _check_pings(self, text: str, blocks: list[Block]) -> None:
        for part in {text, *texts(blocks)}:
            for found in _BROADCAST.findall(part):
                self.record_violation(f"pings everybody: {found}")
            for mention in _MENTION.finditer(part):
                if mention.group(1) not in self.names:
                    self.record_violation(f"mentions nobody we know: {mention.group()}")
            for found in set(_BRACKETS.findall(part)) & self._typed:
                self.record_violation(f"shows unescaped what a person typed: {found}")
