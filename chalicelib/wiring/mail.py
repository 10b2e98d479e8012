"""The parts of mail."""

from __future__ import annotations

import logging

from chalicelib.chat.errands import AskForMail
from chalicelib.chat.mail.messenger import MailMessenger
from chalicelib.chat.mail.subscribers import NoMail, Subscribers
from chalicelib.chat.mail.watch import MailWatch
from chalicelib.concierge import Concierge
from chalicelib.core.inputs import MailMe
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.settings import Settings
from chalicelib.stores.aws.topic import Topic

from .answering import pictures_of
from .keeping import clock_of, records_of

log = logging.getLogger(__name__)


def topic_of(settings: Settings) -> Topic:
    return Topic(settings.mail_topic, settings.mail_from)


def subscribers_of(settings: Settings, topic: Topic | None = None) -> Subscribers:
    """Who gets mail."""
    return Subscribers(records_of(settings), topic or topic_of(settings), clock_of(settings))


def messenger(settings: Settings) -> MailMessenger:
    topic = topic_of(settings)
    return MailMessenger(topic, subscribers_of(settings, topic), pictures_of(settings).draw)


def watch_of(settings: Settings, concierge: Concierge) -> MailWatch:
    """Who has agreed to mail meanwhile."""
    return MailWatch(subscribers_of(settings), concierge)


def asks(settings: Settings) -> AskForMail:
    """Hands an address to who keeps it."""
    subscribers = subscribers_of(settings)

    def ask(mailbox: str, person: str) -> MailMe:
        try:
            added = subscribers.add(mailbox, person)
        except NoMail as no:
            return MailMe(why=no.why)
        except (MessengerUnavailable, MessageRefused) as fault:
            log.warning("mail: %s", fault)
            return MailMe(why="away")
        return MailMe(name=added.name, confirmed=added.is_confirmed)

    return ask
