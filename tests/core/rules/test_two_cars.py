"""A driver with two cars on two ports (rules 14 and 16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import MoreTime, Moving, NeedNoted, Refusal, Remembered
from chalicelib.core.inputs import (
    Add,
    Broken,
    DoneMoving,
    MoreMinutes,
    MovingAt,
    NoNeed,
    NotMyCar,
    NotYet,
    Out,
    RememberMe,
    SayNeed,
    ShowNeed,
    ShowStatus,
    Wish,
)
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day
from tests.core.mornings import refusal
from tests.fakes import ANA, BOB

EIGHT = Need(Unit.KWH, 8.0)


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

    @pytest.mark.parametrize(
        ("make", "example"),
        [
            (MoreMinutes, "more 1"),
            (DoneMoving, "moving 1 at"),
            (MovingAt, "moving 1 at"),
            (NotYet, "not yet 1"),
            (NotMyCar, "not my car 1"),
            (lambda port="": Out(port), "out 1"),
            (lambda port="": Broken(port), "broken 1"),
            (ShowNeed, "need 12 kWh on 1"),
            (NoNeed, "need 12 kWh on 1"),
            (lambda port="": SayNeed(EIGHT, port=port), "need 12 kWh on 1"),
            (lambda port="": Add(EIGHT), "need 12 kWh on 1"),
        ],
    )
    def test_which(self, day: Day, make: Callable[..., Wish], example: str) -> None:
        """Without a port it is asked which, in a command that can say it."""
        answer = day.ask(BOB, make())
        assert answer is not None
        assert refusal(answer) is Refusal.WHICH_STAY
        assert f"`/ev {example}" in words(answer, day.site, SlackMarkup()).text

    def test_the_need_of_one(self, day: Day) -> None:
        """`need 8 kWh on 2` is of that car, and says so; the other has none."""
        answer = day.ask(BOB, SayNeed(EIGHT, port="2"))
        assert isinstance(answer, NeedNoted)
        said = words(answer, day.site, SlackMarkup()).text
        assert said.startswith("Noted for your car on port 2: 8 kWh.")
        other = day.ask(BOB, ShowNeed("1"))
        assert isinstance(other, NeedNoted)
        assert (other.need, other.port) == (None, ONE)
        assert refusal(day.ask(ANA, SayNeed(EIGHT, port="2"))) is Refusal.NOT_YOURS

    def test_both_cards(self, day: Day) -> None:
        """`remember me` is of both: nothing is to be chosen."""
        day.site = replace(day.site, people={})
        for port in (ONE, TWO):
            stay = day.site.ports[port].stay
            assert stay is not None
            mine = replace(stay, driver=BOB, user=f"card{port[-1]}")
            changed = replace(day.site.ports[port], stay=mine)
            day.site = replace(day.site, ports={**day.site.ports, port: changed})
        assert day.ask(BOB, RememberMe()) == Remembered(BOB)
        assert {"card1", "card2"} <= set(day.site.people[BOB].ids)

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
