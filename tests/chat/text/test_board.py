"""What a board says: every port and the whole line, and nothing that isn't everybody's."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.chat.text.board import MOST_PEOPLE, board, view_of
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.core.inputs import Add, SayNeed, Suspend
from chalicelib.core.model import Entry, Person
from chalicelib.core.rules.view import Doing
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, Day, PowerDay
from tests.fakes import ANA, BOB, CLEO, TENANT

NEED = SayNeed(Need(Unit.KWH, 6.6))


def text(day: Day) -> str:
    """The board as a terminal shows it."""
    seen = view_of(day.site, day.now)
    assert seen is not None
    speech = Speech(day.site, TerminalMarkup(), day.now)
    return board(speech, seen).text(speech)


class TestBoard:
    def test_all_of_it(self) -> None:
        """Ports with who, kW and when they should be done; the line with its times."""
        day = PowerDay(p1=ANA, p2=None)
        day.ask(ANA, NEED)
        day.wait(minutes=2)
        day.ask(BOB, Add())
        day.ask(CLEO, Add())
        assert text(day).splitlines() == [
            "HQ garage",
            "Port 1: Ana since 08:00, 6.6 kW, done at about 09:00",
            "Port 2: free, Bob is called until 08:17",
            "In line (1):",
            "1. Cleo, about 09:10",
            "As of 08:02. `/ev add` puts you in line.",
        ]

    def test_closed(self) -> None:
        """While the line is closed nobody is sent into it before it opens."""
        day = PowerDay(p1=None, p2=None)
        day.wait(hours=13)
        assert text(day).endswith(" `/ev add` puts you in line from 06:00.")

    def test_overdue_once_the_channel_was_asked(self) -> None:
        """A car past its end is a private matter until the channel was asked."""
        day = PowerDay(p1=ANA, p2="dark")
        day.wait(hours=2, minutes=20)
        day.ask(BOB, Add())
        day.wait(minutes=15)
        assert "time is up" not in text(day)
        day.wait(minutes=10)
        assert "Port 1: Ana since 08:00, 6.6 kW, time is up" in text(day)

    def test_full(self) -> None:
        """A car that was told that it looks full is marked so."""
        day = PowerDay(p1=ANA, p2="?")
        day.wait(minutes=10)
        day.kw = 0.0
        day.wait(minutes=12)
        assert "Port 1: Ana since 08:00, 0 kW, full" in text(day)

    def test_sight(self) -> None:
        """Without sight it says since when, and names no times."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(BOB, Add())
        day.lose()
        assert "I haven't seen the chargers since 08:00; this is how they were:" in text(day)
        assert "about" not in text(day)

    def test_bounded(self) -> None:
        """A long line is cut, and counted."""
        day = Day(p1=ANA, p2="?")
        people = {f"{TENANT}:U{n}": Person(f"n{n}") for n in range(MOST_PEOPLE + 5)}
        queue = tuple(Entry(one, day.now) for one in people)
        day.site = replace(day.site, people=day.site.people | people, queue=queue)
        assert f"In line ({MOST_PEOPLE + 5}):" in text(day)
        assert "… and 5 more." in text(day)
        assert f"{MOST_PEOPLE + 1}. " not in text(day)

    def test_a_break(self) -> None:
        """Who takes a break keeps the place, and it says until when."""
        day = Day(p1=ANA, p2="?")
        day.ask(BOB, Add())
        day.ask(BOB, Suspend(timedelta(minutes=45)))
        assert "1. Bob (suspended until 08:45)" in text(day)


class TestDigest:
    def test_it_changes_with_what_is_shown(self) -> None:
        """A look that shows nothing new leaves it; a car that leaves doesn't."""
        day = PowerDay(p1=ANA, p2="?")
        day.wait(minutes=3)
        before = view_of(day.site, day.now)
        day.see()
        after = view_of(day.site, day.now)
        assert before is not None
        assert after is not None
        assert before.digest == after.digest
        day.see(p1=None)
        left = view_of(day.site, day.now)
        assert left is not None
        assert left.digest != after.digest
        assert {one.id: one.doing for one in left.ports}[ONE] is Doing.FREE

    def test_no_time_in_the_past(self) -> None:
        """It is good until the first time that it shows."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(ANA, NEED)
        seen = view_of(day.site, day.now)
        assert seen is not None
        shown = [one.done_at for one in seen.ports if one.done_at is not None]
        assert seen.good_until == min(shown) > day.now
