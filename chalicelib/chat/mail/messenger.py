"""Mail, going out: a text to the topic for each, for the name that it is for."""

from __future__ import annotations

from typing import Protocol

from chalicelib.chat.text.wording import words
from chalicelib.core.effects import Effect, LetGo
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Site
from chalicelib.core.ways import PENDING
from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable

from .markup import MailMarkup, written
from .subscribers import NAME, Subscribers

ENDED = "unsubscribed from our mail"


class Topic(Protocol):
    """Takes mail for a name. Raises MessengerUnavailable and MessageRefused."""

    def publish(self, name: str, subject: str, text: str) -> None: ...


class MailMessenger:
    """Says effects by mail. An address is `mail:topic:NAME`.

    A mail counts as arrived when AWS has taken it. AWS takes mail for nobody, too, so that
    before each it is asked whether the owner has agreed to it.
    """

    def __init__(self, topic: Topic, subscribers: Subscribers) -> None:
        self._topic = topic
        self._subscribers = subscribers
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
        letter = written(words(effect, site, self._markup), site, home_of(site, to))
        self._topic.publish(name, letter.subject, letter.text)
        return ""

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
