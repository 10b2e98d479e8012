"""What is kept of a car that has left goes out like a message."""

from __future__ import annotations

import pytest

from chalicelib.concierge import Concierge, delivery
from chalicelib.core.effects import (
    Called,
    KeepStay,
)
from chalicelib.core.inputs import Add, Claimed
from chalicelib.core.model import Lane
from tests.contracts.stay_log import ALWAYS
from tests.fakes import (
    ANA,
    World,
    look,
    world,
)


@pytest.fixture
def hall() -> World:
    return world()


def car_leaves(hall: World) -> None:
    """Ana's car is seen on port 1, and then not any more."""
    hall.concierge.handle("hq", look(hall.clock.now(), p1=ANA))
    hall.concierge.handle("hq", look(hall.clock.advance(minutes=1), p1=None))


class TestLog:
    """What is kept of a car that has left goes out like a message."""

    def test_once(self, hall: World) -> None:
        """It is written down when there is something to deliver, and waits no more."""
        car_leaves(hall)
        assert hall.woken[-1] == "hq"
        hall.concierge.deliver("hq")
        hall.concierge.deliver("hq")
        assert [stay.driver for stay in hall.stays.read("hq", *ALWAYS)] == [ANA]
        assert (hall.stays.adds, hall.site().outbox) == (1, ())

    def test_a_log_that_is_down(self, hall: World) -> None:
        """What can't be written waits, and holds up nobody's message; later it is written."""
        hall.stays.down = True
        car_leaves(hall)
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        assert any(isinstance(effect, Called) for effect in hall.messenger.said(ANA))
        assert [pending.lane for pending in hall.site().outbox] == [Lane.LOG]
        hall.stays.down = False
        hall.concierge.wake("hq")
        assert hall.stays.adds == 0  # not before its time
        hall.clock.advance(minutes=1)
        hall.concierge.wake("hq")
        assert hall.stays.adds == 1

    def test_killed_before_the_receipt(self, hall: World) -> None:
        """Whoever takes over finds it written, and writes the same entry."""
        car_leaves(hall)
        (pending,) = hall.site().outbox
        assert isinstance(pending.effect, KeepStay)
        hall.concierge.handle("hq", Claimed(pending.id, hall.clock.now() + delivery.CLAIM))
        hall.stays.add("hq", pending.effect.stay, pending.effect.keep)
        hall.concierge.deliver("hq")
        assert hall.stays.adds == 1
        hall.clock.advance(seconds=31)
        hall.concierge.deliver("hq")
        assert len(hall.stays.read("hq", *ALWAYS)) == 1
        assert hall.site().outbox == ()

    def test_nobody_wants_it(self, hall: World) -> None:
        """Without a log nothing piles up."""
        car_leaves(hall)
        Concierge(hall.store, {"slack": hall.messenger}, hall.clock).deliver("hq")
        assert hall.site().outbox == ()
