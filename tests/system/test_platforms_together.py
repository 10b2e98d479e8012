"""One car park with a channel on two platforms: one line, and nobody is written to twice."""

from __future__ import annotations

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.hipchat.markup import HipChatHtml
from chalicelib.chat.mattermost.markup import MattermostMarkup
from chalicelib.chat.speaking import Heard, Speaker
from chalicelib.concierge import Concierge
from chalicelib.core import answers, effects as say
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Person, Status
from chalicelib.values import replace
from tests.fakes import STATION, FakeClock, FakeMessenger, FakeStore, site_of

ROOM, TEAM = "hipchat:chat.example-7:42", "mattermost:mm.example:town"
ANA, BOB = "hipchat:chat.example-7:1", "mattermost:mm.example:bob"


class Town:
    """Ana is in the HipChat room, Bob in the Mattermost channel."""

    def __init__(self) -> None:
        self.store, self.clock = FakeStore(), FakeClock()
        self.hipchat, self.mattermost = FakeMessenger(), FakeMessenger()
        messengers = {"hipchat": self.hipchat, "mattermost": self.mattermost}
        self.concierge = Concierge(self.store, messengers, self.clock)
        people = {ANA: Person("ana", ("7000001",)), BOB: Person("bob", ("7000002",))}
        self.store.put(replace(site_of(ROOM, TEAM), people=people))
        self.room = CommandHandler(self.concierge, HipChatHtml())
        self.town = CommandHandler(self.concierge, MattermostMarkup())

    def ana(self, text: str) -> None:
        self.room.on_message(Speaker(ANA, "ana", ROOM, ""), text, Heard.ADDRESSED)
        self.concierge.deliver("hq")

    def bob(self, text: str) -> str:
        said = self.town.on_command(Speaker(BOB, "bob", TEAM, ""), text).words.text
        self.concierge.deliver("hq")
        return said

    def free(self, seconds: int = 21) -> None:
        """Both looks see port 1 free."""
        for _ in range(2):
            seen = PortSeen(STATION, "1", Status.AVAILABLE, 0.0)
            self.clock.advance(seconds=seconds)
            self.concierge.handle("hq", Observed(self.clock.now(), (seen,)))
        self.concierge.deliver("hq")


@pytest.fixture
def town() -> Town:
    return Town()


def test_one_line(town: Town) -> None:
    """Whoever adds where, they stand in one line, under their names on both."""
    town.ana("add")
    assert "number 2" in town.bob("add")
    assert "1. Ana" in town.bob("list")


def test_a_call(town: Town) -> None:
    """The called one is written to where they are; both channels hear of it once."""
    town.ana("add")
    town.bob("add")
    town.free()
    assert [type(one) for one in town.hipchat.said(ANA)] == [say.Called]
    assert [type(one) for one in town.mattermost.said(BOB)] == [say.NextUp]
    for channel, platform in ((ROOM, town.hipchat), (TEAM, town.mattermost)):
        posts = [one for one in platform.said(channel) if isinstance(one, say.PortPost)]
        assert [post.news for post in posts] == [say.News.CALLED]
    assert {to for to, _, _ in town.hipchat.sent} <= {ANA, ROOM}
    assert {to for to, _, _ in town.mattermost.sent} <= {BOB, TEAM}


def test_what_all_may_hear(town: Town) -> None:
    """Who adds in one channel is heard of in the other, once in each."""
    town.ana("add")
    for platform, channel in ((town.hipchat, ROOM), (town.mattermost, TEAM)):
        added = [one for one in platform.said(channel) if isinstance(one, answers.Added)]
        assert [one.driver for one in added] == [ANA]
    town.bob("add")
    heard = [one.driver for one in town.hipchat.said(ROOM) if isinstance(one, answers.Added)]
    assert heard == [ANA, BOB]
    heard = [one.driver for one in town.mattermost.said(TEAM) if isinstance(one, answers.Added)]
    assert heard == [ANA]  # Bob's was in the reply to him, which his channel saw
