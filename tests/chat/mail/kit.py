"""Mail, for tests: AWS's stand-in at an address, people who type in chat and are told by mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalicelib.chat.mail.markup import MailMarkup, text_of
from chalicelib.chat.speaking import Speaker
from chalicelib.concierge import Concierge
from chalicelib.core.effects import Called, Effect, LetGo
from chalicelib.core.inputs import Profile
from chalicelib.core.model import Site, Way
from chalicelib.edges import Messenger
from chalicelib.settings import Settings
from chalicelib.wiring import mail
from chalicelib.wiring.answering import handler_of
from practice import server
from practice.common.people import DRIVERS
from practice.mail.server import BURST, SENDER, TOPIC, Post, mailbox_of
from tests.contracts.chat_stage import Alone
from tests.contracts.peer_stand import Watched
from tests.fakes import FakeClock

HOME = "terminal"  # where people type


class AtHome:
    """Says at an address in chat what is for the person's mailbox."""

    def __init__(self, stand: MailStand) -> None:
        self._stand = stand

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        if to == self._stand.channel and isinstance(effect, Called):
            to = effect.driver  # who wants to be called there has only mail here
        post = self._stand.messengers["mail"]
        return post.send(self._stand.mailed.get(to, to), effect, site, edits)

    def profile(self, driver: str) -> Profile:
        name = driver.rpartition(":")[2]
        return Profile(driver, name, name)


class MailStand(Watched[Post]):
    """People who type at a terminal, and are told by mail. `api` is where AWS is."""

    channel = f"{HOME}:here:line"  # that nobody reads
    has_buttons = False
    has_channel = False
    unsaid = (LetGo,)  # the subscription ends, and nobody is written to

    def __init__(self, api: AwsStreet, clock: FakeClock, folder: Path) -> None:
        self.server = Post(clock)
        api.post = self.server
        self.settings = Settings(
            store=f"sqlite:{folder / 'records.sqlite'}", mail_topic=TOPIC, mail_from=SENDER
        )
        topic = mail.topic_of(self.settings)
        self.subscribers = mail.subscribers_of(self.settings, topic)
        self.markup = MailMarkup()
        self.messengers: dict[str, Messenger] = {"mail": mail.messenger(self.settings)}
        self.messenger: Messenger = AtHome(self)
        self.reference = Alone(self.markup, lambda words: text_of(words, HOME))
        self.mailed: dict[str, str] = {}
        self.server.burst = 1_000
        for driver in DRIVERS[:9]:
            added = self.subscribers.add(mailbox_of(driver.name), self.address(driver.name))
            self.server.confirm(mailbox_of(driver.name))
            self.mailed[self.address(driver.name)] = f"mail:topic:{added.name}"
        self.server.burst = BURST
        self.ways = {at: Way(person, chosen=True) for person, at in self.mailed.items()}

    def address(self, name: str) -> str:
        return f"{HOME}:here:{name}"

    def open(self, concierge: Concierge) -> None:
        self.handler = handler_of(self.settings, concierge, self.markup)

    def say(self, name: str, text: str) -> None:
        speaker = Speaker(self.address(name), name, self.channel, "")
        answer = text_of(self.handler.on_command(speaker, text).words, HOME)
        self.server.answer(name, answer)


class AwsStreet:
    """AWS at an address, whoever the stand-in of this test is."""

    def __init__(self) -> None:
        self.post: Post | None = None
        self.address = ""

    def __call__(self, environ: Any, start: Any) -> Any:
        assert self.post is not None
        return self.post.api(environ).send(start)


@contextmanager
def aws_street() -> Iterator[AwsStreet]:
    """Served until this is left."""
    street, socket = AwsStreet(), server.listen(0)
    street.address = server.address(socket)
    with server.serving(street, socket, 2):
        yield street
