"""Saying what waits on several platforms: each in its order, none in another's way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.concierge import delivery
from chalicelib.core.effects import Undelivered
from chalicelib.core.model import Lane, Pending
from chalicelib.edges import MessengerUnavailable
from chalicelib.values import replace
from tests.fakes import CHANNEL, MONDAY, FakeMessenger, World, site_of, world

ROOM = "hipchat:chat.example-7:42"


class TestTwoPlatforms:
    """A lane is in order for each platform, and one platform's trouble is its own."""

    @pytest.fixture
    def hall(self) -> World:
        hall = world(site_of(CHANNEL, ROOM))
        self.hipchat = FakeMessenger()
        hall.concierge.messengers = {"slack": hall.messenger, "hipchat": self.hipchat}
        return hall

    def wait_at(self, hall: World, *to: str) -> None:
        """A message of its own number waits at each of these addresses, in this order."""
        pending = tuple(
            Pending(n, Lane.CHAT, one, Undelivered(one, str(n)), MONDAY)
            for n, one in enumerate(to)
        )
        hall.store.save(replace(hall.site(), outbox=pending), None)

    def numbers(self, messenger: FakeMessenger) -> list[int]:
        said = [effect for _, effect, _ in messenger.sent if isinstance(effect, Undelivered)]
        return [int(effect.reason) for effect in said]

    def test_in_the_order_of_all(self, hall: World) -> None:
        """While both work, what waited longest is said first, wherever it goes."""
        attempts: list[str] = []
        hall.messenger.attempts = self.hipchat.attempts = attempts
        self.wait_at(hall, ROOM, CHANNEL, CHANNEL, ROOM)
        hall.concierge.deliver("hq")
        assert attempts == [ROOM, CHANNEL, CHANNEL, ROOM]

    @pytest.mark.parametrize("wait", [None, timedelta(seconds=37)], ids=["outage", "429"])
    def test_one_waits(self, hall: World, wait: timedelta | None) -> None:
        """HipChat is out of reach, or asks for a pause: Slack's messages are said, HipChat's
        wait for theirs, each platform's in order.
        """
        self.wait_at(hall, ROOM, CHANNEL, ROOM, CHANNEL)
        self.hipchat.faults = [MessengerUnavailable("not now", wait)]
        hall.concierge.deliver("hq")
        assert self.numbers(hall.messenger) == [1, 3]
        assert self.hipchat.attempts == [ROOM], "the second waits for the first"
        again_at = hall.clock.now() + (wait or timedelta(seconds=2))
        assert hall.store.wake_at() == again_at
        hall.clock.at = again_at
        hall.concierge.deliver("hq")
        assert self.numbers(self.hipchat) == [0, 2]
        assert hall.site().outbox == ()

    def test_the_well_before_the_sick(self, hall: World) -> None:
        """A platform that didn't answer is tried again after the others have been served: its
        next silence may take as long.
        """
        self.wait_at(hall, ROOM)
        self.hipchat.broken[ROOM] = MessengerUnavailable("no answer")
        hall.concierge.deliver("hq")
        waiting = Pending(9, Lane.CHAT, CHANNEL, Undelivered(CHANNEL, "9"), hall.clock.now())
        site = hall.site()
        hall.store.save(replace(site, outbox=(*site.outbox, waiting)), None)
        hall.clock.advance(seconds=2)
        attempts: list[str] = []
        hall.messenger.attempts = self.hipchat.attempts = attempts
        hall.concierge.deliver("hq")
        assert attempts == [CHANNEL, ROOM]

    def test_the_earliest_wakes(self, hall: World) -> None:
        """Both wait: the alarm clock is set for who is due first."""
        self.wait_at(hall, ROOM, CHANNEL)
        self.hipchat.faults = [MessengerUnavailable("not now", timedelta(seconds=37))]
        hall.messenger.faults = [MessengerUnavailable("not now", timedelta(seconds=5))]
        hall.concierge.deliver("hq")
        assert hall.store.wake_at() == hall.clock.now() + timedelta(seconds=5)
        hall.clock.advance(seconds=5)
        hall.concierge.deliver("hq")
        assert (self.numbers(hall.messenger), self.numbers(self.hipchat)) == ([1], [])
        assert hall.store.wake_at() == hall.clock.now() + timedelta(seconds=32)

    def test_one_in_flight_for_each(self, hall: World) -> None:
        """While HipChat's is being sent, another deliverer may say Slack's, and only those."""
        self.wait_at(hall, ROOM, CHANNEL, ROOM)
        self.hipchat.meanwhile = lambda: hall.concierge.deliver("hq")
        hall.concierge.deliver("hq")
        assert self.numbers(hall.messenger) == [1]
        assert self.numbers(self.hipchat) == [0, 2]

    def test_a_dead_deliverer(self, hall: World) -> None:
        """Who died while sending to HipChat holds up HipChat for the claim's time, not Slack."""

        def die() -> None:
            raise KeyboardInterrupt

        self.wait_at(hall, ROOM, CHANNEL)
        self.hipchat.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            hall.concierge.deliver("hq")
        self.hipchat.meanwhile = lambda: None
        hall.concierge.deliver("hq")
        assert (self.numbers(hall.messenger), self.numbers(self.hipchat)) == ([1], [])
        hall.clock.at += delivery.CLAIM
        hall.concierge.deliver("hq")
        assert self.numbers(self.hipchat) == [0]
