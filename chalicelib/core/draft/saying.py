"""What the rules say: every message goes through the outbox."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.core import ways
from chalicelib.core.boards import has_board
from chalicelib.core.effects import (
    ChannelReminder,
    Effect,
    LogOrder,
    Message,
    NetworkOrder,
    News,
    PleaseMove,
    PortPost,
    Post,
)
from chalicelib.core.model import Lane, Pending, Port, Stay
from chalicelib.values import replace

from .reading import Reading

CALLS = (News.CALLED, News.UNPLUGGABLE)


class Saying(Reading):
    """The verbs that put something into the outbox, or take it back."""

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def send(self, to: str, effect: Effect, asker: str = "") -> None:
        """Put a message for one address at the end of the chat lane, unless it waits there."""
        for one in self.outbox:
            if one.to == to and one.effect == effect and one.claimed_until is None:
                return
        serial = self.next_serial()
        self.outbox.append(Pending(serial, Lane.CHAT, to, effect, self.now, asker=asker))

    def order(self, effect: NetworkOrder) -> None:
        """Put an order for the charging network at the end of its lane."""
        self.outbox.append(Pending(self.next_serial(), Lane.NETWORK, "network", effect, self.now))

    def log(self, effect: LogOrder) -> None:
        """Put an entry for the log of finished stays at the end of its lane."""
        self.outbox.append(Pending(self.next_serial(), Lane.LOG, "log", effect, self.now))

    @property
    def audience(self) -> tuple[str, ...]:
        """The site's channels, each once: one that two workspaces share is bound from both.
        Nobody reads those of platforms that reach people one by one.
        """
        known = {channel_key(one): one for one in reversed(self.channels)}
        return tuple(
            one
            for one in self.channels
            if known[channel_key(one)] == one and not ways.is_one_by_one(one)
        )

    def called_in(self, driver: str) -> str:
        """The channel in which they want to be called (rule 41), while it may be spoken to; "":
        they are called directly.
        """
        wanted = self.preferences(driver).calls_in
        heard = wanted in self.audience and wanted not in self.refused and self.speaks
        return wanted if heard else ""

    def announce(
        self, effect: Message, *, at_night: bool = False, but: Collection[str] = ()
    ) -> None:
        """To every channel of the site (`but` these); outside working hours it is dropped
        (rule 25).
        """
        for channel in self.audience if self.speaks or at_night else ():
            if channel not in but:
                self.send(channel, effect)

    def alarm(self, effect: Message) -> None:
        """To the admins and whoever else wants to hear, by mail where they have it."""
        for who in dict.fromkeys((*self.admins, *self.alarm_to)):
            self.send(ways.mailed_at(self, who), effect)

    def post(self, port_id: str, news: News, driver: str | None = None) -> None:
        """Bring the port's channel post up to date (rule 15).

        Only a call begins one here (a port that became free: `turns.post_free`). It lives
        until the port is told to be free, or called, anew: the next free stretch gets its own,
        and a car that comes before anything was said of one is told of here.
        """
        port = self.ports[port_id]
        if port.post is None or (port.freed and news in CALLS):
            if news not in CALLS or not self.speaks:
                return  # nothing was said, so there is nothing to correct
            port = replace(port, post=self.next_serial(), freed=False)
            self.ports[port_id] = port
        if port.post is not None:
            self.say(PortPost(port.post, port_id, news, driver))

    def plead(self, port: Port, stay: Stay, plea: ChannelReminder) -> None:
        """Bring the channel post of a ladder up to date (rule 16)."""
        if stay.ladder.post is not None:
            self.say(PleaseMove(stay.ladder.post, port.id, stay.id, plea, stay.driver))

    def say(self, effect: Post) -> None:
        """Post, or edit, in each channel for itself: one that waits there to be sent is changed
        in place, so that the channel hears what is true now, once.
        """
        for channel in self.audience:
            if not self._correct(channel, effect) and self._is_aloud(channel, effect):
                self.send(channel, effect)  # an edit makes no sound: at night, too

    def _is_aloud(self, channel: str, effect: Post) -> bool:
        """What a port does stands on the channel's board; who is called there is said besides."""
        if not isinstance(effect, PortPost) or not has_board(self, channel):
            return True
        return effect.news in CALLS or self._is_said(channel, effect)

    def _is_said(self, channel: str, effect: PortPost) -> bool:
        """The post stands in this channel, or is on its way there."""
        return f"{effect.post}@{channel}" in self.posts or any(
            one.to == channel and isinstance(one.effect, Post) and one.effect.post == effect.post
            for one in self.outbox
        )

    def _correct(self, channel: str, effect: Post) -> bool:
        """Change what waits to be sent to this channel; whether there was something."""
        for index, one in enumerate(self.outbox):
            waits = one.to == channel and one.claimed_until is None
            if waits and isinstance(one.effect, Post) and one.effect.post == effect.post:
                self.outbox[index] = replace(one, effect=effect)
                return True
        return False

    def take_back(self, kind: type[Message]) -> set[str]:
        """Messages of a kind that were not sent yet are not sent any more; to whom they were."""
        unsent = {
            one.id: one.to
            for one in self.outbox
            if one.claimed_until is None and isinstance(one.effect, kind)
        }
        self.outbox = [one for one in self.outbox if one.id not in unsent]
        return set(unsent.values())


def channel_key(channel: str) -> str:
    """Which channel that is: Slack's ids are the same in each workspace that shares one."""
    platform, _, rest = channel.partition(":")
    return f"{platform}:{rest.rpartition(':')[2]}" if platform == "slack" else channel
