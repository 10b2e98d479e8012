"""Mail, going out: a text to the topic for each, for the name that it is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from chalicelib.chat.drawing import NAME as PICTURE, Draw, no_picture
from chalicelib.chat.text.wording import Words, words
from chalicelib.core.effects import Effect, LetGo
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Site
from chalicelib.core.ways import PENDING
from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable

from .letters import Attached, message
from .markup import MailMarkup, written
from .subscribers import NAME, Subscribers

ENDED = "unsubscribed from our mail"


class Topic(Protocol):
    """Takes mail for a name. Raises MessengerUnavailable and MessageRefused."""

    @property
    def sender(self) -> str: ...

    def publish(self, name: str, subject: str, text: str) -> None: ...

    def mail(self, subscription: str, make: Callable[[str], bytes]) -> None: ...


class MailMessenger:
    """Says effects by mail. An address is `mail:topic:NAME`.

    A mail counts as arrived when AWS has taken it. AWS takes mail for nobody, too, so that
    before each it is asked whether the owner has agreed to it.
    """

    def __init__(self, topic: Topic, subscribers: Subscribers, draw: Draw = no_picture) -> None:
        self._topic = topic
        self._subscribers = subscribers
        self._draw = draw
        self._markup = MailMarkup()

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:  # noqa: ARG002 — a mail can't be changed
        """Mail it. There is no ref: nobody can change what was mailed."""
        if to in site.channels:
            return ""  # there is no channel: who wants to hear is told alone
        name = checked(to)
        try:
            if isinstance(effect, LetGo):
                self._subscribers.end(name)
                return ""
            is_confirmed = self._subscribers.is_confirmed(name)
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the names can't be reached") from fault
        if not is_confirmed:
            raise MessageRefused(ENDED if is_confirmed is None else PENDING)
        said = words(effect, site, self._markup, to=to)
        letter = written(said, site, home_of(site, to))
        file = self._file(said, name)
        if file is None:
            self._topic.publish(name, letter.subject, letter.text)
        else:
            subscription, attached = file
            make = partial(message, self._topic.sender, letter, attached)
            self._topic.mail(subscription, make)
        return ""

    def _file(self, said: Words, name: str) -> tuple[str, Attached] | None:
        """The picture or table that goes along, and the subscription of whose mailbox; None:
        there is none, or nobody here can send one.
        """
        if not self._topic.sender or (said.chart is None and said.file is None):
            return None
        try:
            subscription = self._subscribers.subscription(name)
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the names can't be reached") from fault
        if subscription is None:
            return None
        if said.file is not None:
            return subscription, Attached(said.file.name, said.file.text.encode(), "text", "csv")
        picture = self._draw(said.chart) if said.chart is not None else None
        return (
            None if picture is None else (subscription, Attached(PICTURE, picture, "image", "png"))
        )

    def profile(self, driver: str) -> Profile:
        """Nobody: whose mailbox it is only its owner knows."""
        return Profile(driver, sort=Sort.NOBODY)


def checked(to: str) -> str:
    """A name. Raises MessageRefused for anything else."""
    name = to.rpartition(":")[2]
    if not NAME.fullmatch(name):
        raise MessageRefused("no name")
    return name


def home_of(site: Site, address: str) -> str:
    """The platform where its owner can be answered; "": nowhere."""
    way = site.ways.get(address)
    home = way.person.partition(":")[0] if way is not None else ""
    return "" if home == "mail" else home
