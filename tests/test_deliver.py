"""Saying what waits: claim, send, clear, in order; and several at once."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from chalicelib.concierge import delivery
from chalicelib.core.effects import (
    Called,
    PortPost,
    Undelivered,
    Unreachable,
)
from chalicelib.core.inputs import Add, Remove
from chalicelib.edges import (
    MessageRefused,
    MessengerUnavailable,
    StoreUnavailable,
)
from tests.fakes import (
    ANA,
    BOB,
    BOSS,
    CHANNEL,
    CLEO,
    World,
    site_of,
    world,
)


@pytest.fixture
def hall() -> World:
    return world()


class TestDeliver:
    """Claim, send, clear, in order."""

    def test_in_order(self, hall: World) -> None:
        """What was wanted said is said in that order, and then nothing waits."""
        for driver in (ANA, BOB, CLEO):
            hall.ask(driver, Add())
        hall.free_ports()
        wanted = [(p.to, type(p.effect)) for p in hall.site().outbox]
        assert len(wanted) >= 4
        hall.concierge.deliver("hq")
        assert [(to, type(effect)) for to, effect, _ in hall.messenger.sent] == wanted
        assert hall.site().outbox == ()

    def test_three_steps(self, hall: World) -> None:
        """One message is claimed in one write and cleared in another."""
        hall.call_ana()
        waiting = len(hall.site().outbox)
        hall.store.take_calls()
        hall.concierge.deliver("hq")
        assert hall.store.take_calls() == ["load", "save"] * 2 * waiting + ["load"]

    def test_claimed_while_it_is_sent(self, hall: World) -> None:
        """During the send nobody else may take the message."""
        hall.call_ana()
        claims = []

        def meanwhile() -> None:
            claims.append(hall.site().outbox[0].claimed_until)
            hall.messenger.meanwhile = lambda: None
            hall.concierge.deliver("hq")  # somebody else comes by

        hall.messenger.meanwhile = meanwhile
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts == [ANA, CHANNEL], "each once; the other address went on"
        assert claims[0] == hall.clock.now() + delivery.CLAIM

    def test_the_clock_of_a_turn(self, hall: World) -> None:
        """The call names a time of day, and the turn's clock starts when it arrived."""
        hall.call_ana()
        hall.clock.advance(minutes=4)
        hall.concierge.deliver("hq")
        (call,) = [effect for effect in hall.messenger.said(ANA) if isinstance(effect, Called)]
        turn = hall.site().queue[0].turn
        assert turn is not None
        assert call.deadline == turn.deadline == hall.clock.now() + timedelta(minutes=15)

    def test_an_edit(self, hall: World) -> None:
        """What became of a free port is told by editing its post."""
        hall.call_ana()
        hall.concierge.deliver("hq")
        (first,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)]
        ref = f"ref{hall.messenger.sent.index(first) + 1}"
        hall.ask(ANA, Remove())
        hall.concierge.deliver("hq")
        (second,) = [one for one in hall.messenger.sent if isinstance(one[1], PortPost)][1:]
        assert (first[2], second[2]) == (None, ref)

    def test_too_fast(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """429: everybody waits for as long as the platform says, on the site's clock."""
        hall.call_ana()
        hall.messenger.faults = [MessengerUnavailable("ratelimited", timedelta(seconds=37))]
        hall.concierge.deliver("hq")
        assert hall.messenger.sent == []
        assert hall.store.wake_at() == hall.clock.now() + timedelta(seconds=37)
        hall.clock.advance(seconds=36.9)
        hall.concierge.deliver("hq")
        assert len(hall.messenger.attempts) == 1
        hall.clock.advance(seconds=0.1)
        hall.concierge.deliver("hq")
        assert len(hall.messenger.sent) == 2
        assert [
            record.getMessage() for record in caplog.records if record.levelno > logging.INFO
        ] == []

    def test_an_outage(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Tried again, later each time, logged once each way, and nothing is lost."""
        hall.call_ana()
        no_route = MessengerUnavailable("no route", everywhere=True)
        hall.messenger.broken = {ANA: no_route, CHANNEL: no_route}
        waits = []
        for _ in range(7):
            before = hall.clock.now()
            hall.concierge.deliver("hq")
            at = hall.store.wake_at()
            assert at is not None
            waits.append((at - before).total_seconds())
            hall.clock.at = at
        assert waits == [2, 4, 8, 15, 30, 60, 60]
        assert len(hall.messenger.attempts) == 7, "one try a time, whoever is first in line"
        hall.messenger.broken.clear()
        hall.concierge.look("hq")
        hall.concierge.deliver("hq")
        assert [record.getMessage() for record in caplog.records] == [
            "slack: lost: no route",
            "slack: back",
        ]
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))

    def test_refused_for_good(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """The admins hear of it once; the messages after it are said."""
        hall.messenger.broken[CHANNEL] = MessageRefused("is_archived")
        for driver in (ANA, BOB):
            hall.ask(driver, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        assert hall.messenger.said(BOSS) == [Undelivered(CHANNEL, "is_archived")]
        assert hall.messenger.attempts.count(CHANNEL) == 2, "two ports, each tried once"
        assert hall.messenger.said(ANA)
        assert hall.messenger.said(BOB)
        assert hall.site().outbox == ()
        assert "is_archived" in caplog.text

    def test_the_turn_of_the_unreachable(self, hall: World) -> None:
        """Whose call nobody takes keeps the place, suspended; the admins hear it once (rule 40)."""
        hall.messenger.broken[ANA] = MessageRefused("user_disabled")
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.site().queue[0].is_suspended
        assert hall.messenger.said(BOSS) == [Unreachable(ANA, "user_disabled")]

    def test_the_admin_is_unreachable_too(self, hall: World) -> None:
        """The message about a message ends there."""
        for address in (ANA, CHANNEL, BOSS):
            hall.messenger.broken[address] = MessageRefused("account_inactive")
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.site().outbox == ()
        assert len(hall.messenger.attempts) == 4, "one call, one post, a word about each"

    def test_an_unknown_platform(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """Where nobody speaks, nothing is tried, and the admins hear of it."""
        hall = world(site_of(CHANNEL, "hipchat:1:7"))
        hall.call_ana()
        hall.concierge.deliver("hq")
        assert hall.messenger.said(BOSS) == [Undelivered("hipchat:1:7", "no such platform")]
        assert "no such platform" in caplog.text

    def test_taken_over(self, hall: World) -> None:
        """Whoever claimed a message and died loses it when the claim has run out."""
        hall.call_ana()

        def die() -> None:
            raise KeyboardInterrupt

        hall.messenger.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.concierge.deliver("hq")
        assert [to for to, _, _ in hall.messenger.sent] == [CHANNEL]
        hall.clock.at += delivery.CLAIM
        hall.concierge.deliver("hq")
        assert [to for to, _, _ in hall.messenger.sent] == [CHANNEL, ANA]

    def test_a_claim_is_of_real_time(self, hall: World) -> None:
        """On a fast clock a claim is as long for the deliverer as on a slow one."""
        hall.clock.speed = 60.0
        hall.call_ana()
        until = []
        hall.messenger.meanwhile = lambda: until.append(hall.site().outbox[0].claimed_until)
        hall.concierge.deliver("hq")
        assert until[0] == hall.clock.now() + 60 * delivery.CLAIM

    def test_busy_when_claiming(self, hall: World) -> None:
        """A race for the claim is tried again; the message is said once."""
        hall.call_ana()
        waiting = len(hall.site().outbox)
        hall.store.before_save.append(lambda: hall.ask(CLEO, Add()))
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts.count(ANA) == 1
        assert len(hall.messenger.sent) >= waiting
        assert [entry.driver for entry in hall.site().queue] == [ANA, CLEO]

    def test_store_fails_after_the_send(self, hall: World) -> None:
        """The one in flight is repeated after its claim, and nothing else."""
        hall.call_ana()

        def fail() -> None:
            hall.store.down = True

        hall.messenger.meanwhile = fail
        with pytest.raises(StoreUnavailable):
            hall.concierge.deliver("hq")
        hall.messenger.meanwhile = lambda: None
        hall.store.down = False
        hall.clock.at += delivery.CLAIM
        hall.concierge.deliver("hq")
        assert hall.messenger.attempts == [ANA, CHANNEL, ANA], "who hasn't failed comes first"

    def test_wake(self, hall: World) -> None:
        """Waking applies the due rules and says what they want said."""
        hall.call_ana()
        hall.ask(BOB, Add())
        hall.clock.advance(minutes=4)
        hall.concierge.wake("hq")
        assert hall.site().blind
        assert hall.site().outbox == ()


def test_nothing_secret_in_the_log(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """Delivering logs neither what is said nor whom it is said to."""
    caplog.set_level(logging.DEBUG)
    hall.call_ana()
    hall.concierge.deliver("hq")
    assert [record.getMessage() for record in caplog.records] == ["delivery"]
