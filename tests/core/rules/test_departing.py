"""Rules 40 and 41: closed accounts leave the line, renamed people are renamed."""

from __future__ import annotations

from chalicelib.core import effects as say
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Introduced,
    Profile,
    Sort,
    Undeliverable,
)
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, Day
from tests.fakes import ANA, BOB, BOSS

STRANGER = "slack:T0HQ:U0ZOE"


class TestRule41Accounts:
    """Whose account is closed leaves the line; the next is called."""

    GONE = Introduced((Profile(ANA, sort=Sort.GONE),), unasked=True)

    def test_while_waiting(self) -> None:
        """The place is gone, and the admins hear of it, once."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.give(self.GONE)
        day.give(self.GONE)
        assert day.line == [BOB]
        assert day.heard(BOSS, say.HasLeft) == [say.HasLeft(ANA)]

    def test_while_called(self) -> None:
        """The turn goes to the next."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.free("p1")
        day.give(self.GONE)
        assert day.called == {BOB: ONE}

    def test_who_was_promised(self) -> None:
        """A promise to who has left is void, not broken."""
        day = Day()
        day.ask(ANA, Add(Need(Unit.KWH, 3), ClockTime(12, exact=True)))
        day.ask(BOB, Add())
        day.free("p1")
        assert day.site.word[-1].made == 1
        day.give(self.GONE)
        day.wait(hours=5)
        assert (day.site.word[-1].void, day.site.word[-1].broken) == (1, 0)

    def test_found_at_the_call(self) -> None:
        """A platform that says so as it refuses the call is believed."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if one.to == ANA]
        day.delivers = True
        day.give(Undeliverable(pending.id, "user_not_found", gone=True))
        assert day.called == {BOB: ONE}
        assert day.line == [BOB]

    def test_with_another_account(self) -> None:
        """Who has the same card elsewhere keeps the turn there."""
        other = "slack:T0HQ:U0ANA2"
        day = Day()
        people = {**day.site.people, other: replace(day.site.people[ANA], name="ana b")}
        day.site = replace(day.site, people=people)
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if one.to == ANA]
        day.delivers = True
        day.give(Undeliverable(pending.id, "user_not_found", gone=True))
        assert day.called == {other: ONE}

    def test_an_admin(self) -> None:
        """They are none any more, but somebody always is."""
        day = Day()
        day.give(Introduced((Profile(BOSS, sort=Sort.GONE),), unasked=True))
        assert day.site.admins == (BOSS,)
        day.site = replace(day.site, admins=(BOSS, BOB))
        day.give(Introduced((Profile(BOSS, sort=Sort.GONE),), unasked=True))
        assert day.site.admins == (BOB,)

    def test_renamed(self) -> None:
        """Who is called otherwise now is, if they are somebody here."""
        day = Day()
        day.give(
            Introduced((Profile(ANA, "Anna", "anna"), Profile(STRANGER, "Zoe")), unasked=True)
        )
        assert day.site.people[ANA].name == "Anna"
        assert STRANGER not in day.site.people
