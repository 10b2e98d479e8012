"""A driver with two cars on two ports (rules 14 and 16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import MoreTime, Moving, Refusal
from chalicelib.core.inputs import DoneMoving, MoreMinutes, Out, ShowStatus, Wish
from tests.core.day import ONE, TWO, Day
from tests.core.rules.test_admin import refusal
from tests.fakes import ANA, BOB


class TestTwoCars:
    """A driver with two cars on two ports: a family, or a pool car."""

    @pytest.fixture
    def day(self) -> Day:
        """Bob's two cars charge."""
        day = Day()
        day.see(p1=BOB, p2=BOB)
        day.wait(minutes=140)
        return day

    def test_both_are_seen(self, day: Day) -> None:
        """`status` names both ports."""
        answer = day.ask(BOB, ShowStatus())
        assert answer is not None
        assert (
            "You're charging on port 1 and port 2" in words(answer, day.site, SlackMarkup()).text
        )

    @pytest.mark.parametrize("make", [MoreMinutes, DoneMoving, lambda port="": Out(port)])
    def test_which(self, day: Day, make: Callable[..., Wish]) -> None:
        """Without a port it is asked which; with another's or none, said whose it isn't."""
        assert refusal(day.ask(BOB, make())) is Refusal.WHICH_STAY

    def test_the_one_that_is_named(self, day: Day) -> None:
        """`more 2` is about the car on port 2, and so is `moving 2`."""
        more = day.ask(BOB, MoreMinutes(port="2"))
        assert isinstance(more, MoreTime)
        assert more.port == TWO
        moving = day.ask(BOB, DoneMoving(port="1"))
        assert isinstance(moving, Moving)
        assert moving.port == ONE

    def test_not_theirs(self, day: Day) -> None:
        """Another's car, or a port that isn't there, is refused as what it is."""
        assert refusal(day.ask(ANA, MoreMinutes(port="2"))) is Refusal.NOT_YOURS
        assert refusal(day.ask(ANA, MoreMinutes(port="9"))) is Refusal.NO_SUCH_PORT
        day.see(p1=None, p2=BOB)
        assert refusal(day.ask(ANA, MoreMinutes(port="1"))) is Refusal.EMPTY_PORT

    def test_so_much_and_no_other(self, day: Day) -> None:
        """Who asks for more than the house gives is told what it gives."""
        wish = MoreMinutes(port="2", length=timedelta(minutes=45))
        assert refusal(day.ask(BOB, wish)) is Refusal.EXTENSION
        assert isinstance(day.ask(BOB, replace(wish, length=timedelta(minutes=20))), MoreTime)
