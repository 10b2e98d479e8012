"""What somebody hears of their place in line is one message, edited as things go on (ADR 49)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import outbox
from chalicelib.core.effects import MeansToMove, OfPlace
from chalicelib.core.inputs import Add, Delivered, DoneMoving, MovingAt
from chalicelib.core.model import Pending
from tests.core.day import Day
from tests.fakes import ANA, BOB, CLEO


class PlaceDay(Day):
    """What is said of a place is delivered by hand, so that it can be seen where it goes."""

    def of_place(self) -> Pending:
        (pending,) = [one for one in self.site.outbox if isinstance(one.effect, OfPlace)]
        return pending

    def deliver(self, ref: str) -> str | None:
        """The message that it changes; `ref` is where it stands."""
        pending = self.of_place()
        edits = outbox.edits(self.site, pending)
        self.give(Delivered(pending.id, ref))
        return edits


@pytest.fixture
def day() -> PlaceDay:
    """Ana charges at port 1; Bob is called to port 2, so Cleo is next, and was told."""
    day = PlaceDay(p1=ANA)
    day.ask(BOB, Add())
    day.ask(CLEO, Add())
    day.wait(minutes=1)
    day.delivers = False
    day.free("p2")
    return day


def test_other_messages_meanwhile(day: PlaceDay) -> None:
    """Posts about ports come and go; the message of a place isn't forgotten for them."""
    day.deliver("first")
    day.delivers = True
    day.see(p2=BOB)
    day.see(p2="?")
    day.delivers = False
    day.ask(ANA, DoneMoving())
    assert outbox.edits(day.site, day.of_place()) == "first"


def test_a_time_is_a_message_of_its_own(day: PlaceDay) -> None:
    """When somebody means to move changes plans, so it makes a sound."""
    day.deliver("first")
    day.ask(ANA, MovingAt(length=timedelta(minutes=20)))
    assert outbox.edits(day.site, day.of_place()) is None


def test_the_last_word_counts(day: PlaceDay) -> None:
    """Of two edits of that message that wait to be sent only the later is."""
    day.deliver("first")
    day.see(p2=BOB)
    day.ask(ANA, DoneMoving())
    day.ask(BOB, DoneMoving())
    word = day.of_place().effect
    assert isinstance(word, MeansToMove)
    assert word.who == BOB
