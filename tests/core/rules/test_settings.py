"""Rule 41: what a person has set of how they are told and called."""

from __future__ import annotations

from datetime import time

from chalicelib.core import effects as say
from chalicelib.core.answers import Changed, Settings
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Called
from chalicelib.core.inputs import (
    Add,
    Asked,
    ForgetMe,
    MayUnplug,
    Prefer,
    ShowSettings,
    Told,
    Undeliverable,
)
from chalicelib.core.model import Person, Preferences
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, CHANNEL, CLEO

NINE_TO_TEN = Prefer(hours=(time(9), time(10)))
STRANGER = "slack:T0HQ:U0ZOE"


class TestRule41NotifyHere:
    """Called in the channel, by mention; the rest directly."""

    def test_the_call(self) -> None:
        """It stands in the channel, and its clock runs from there."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.calls(ANA) == []
        (call,) = day.heard(CHANNEL, Called)
        assert call.aloud
        assert day.turn(ANA).deadline is not None

    def test_plugged_in_is_not_said_aloud(self) -> None:
        """Who was called in the channel hears directly that they are off the line."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add(Need(Unit.KWH, 6.0)))
        day.ask(ANA, MayUnplug(ok=True))
        day.free("p1")
        day.see(p1=ANA)
        (word,) = day.heard(ANA, say.PluggedIn)
        assert word.question is None

    def test_by_night(self) -> None:
        """Where the channel sleeps they are called directly."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.wait(hours=11.2)  # 19:12
        day.ask(ANA, Add())
        day.free("p1")
        assert len(day.calls(ANA)) == 1

    def test_a_channel_that_is_gone(self) -> None:
        """A channel that takes nothing costs nobody a call."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Add())
        day.delivers = False
        day.free("p1")
        (pending,) = [one for one in day.site.outbox if isinstance(one.effect, Called)]
        day.delivers = True
        day.give(Undeliverable(pending.id, "is_archived"))
        assert len(day.calls(ANA)) == 1
        assert day.called == {ANA: ONE}

    def test_elsewhere(self) -> None:
        """Said where no channel is, as in a form: the channel that they are in."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in="slack:T0HQ:D0ANA"))
        kept = day.site.people[ANA].preferences
        assert kept is not None
        assert kept.calls_in == CHANNEL

    def test_dm(self) -> None:
        """`notify dm` takes it back, and quiet too: nothing is kept of it."""
        day = Day()
        day.give(Asked(ANA, Prefer(Told.HERE), heard_in=CHANNEL))
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, Prefer(Told.DM))
        assert day.site.people[ANA].preferences is None


class TestRule41Settings:
    """All in one place, each for itself or several at once."""

    def test_several(self) -> None:
        """A form changes what it names, in one go."""
        day = Day()
        wish = Prefer(Told.QUIET, (time(22), time(7)), clock=12)
        changed = (Changed.TOLD, Changed.HOURS, Changed.CLOCK)
        assert day.ask(ANA, wish) == Settings(ANA, changed)
        kept = Preferences(quiet=True, hours=(time(22), time(7)), twelve=True)
        assert day.site.people[ANA].preferences == kept

    def test_all_or_none(self) -> None:
        """Where one part can't be, nothing is changed."""
        day = Day()
        before = day.site
        day.ask(ANA, Prefer(Told.QUIET, (time(0), time(0))))
        assert day.site is before

    def test_show(self) -> None:
        """A stranger has the usual ones, and leaves no trace by asking."""
        day = Day()
        before = day.site
        assert day.ask(STRANGER, ShowSettings()) == Settings(STRANGER)
        assert day.site is before

    def test_forgotten(self) -> None:
        """`forget me` forgets them."""
        day = Day()
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, ForgetMe())
        assert ANA not in day.site.people


def test_preferences_cost_little() -> None:
    """Who never set anything costs nothing, and a preference taken back neither."""
    day = Day()
    assert all(person.preferences is None for person in day.site.people.values())
    day.ask(ANA, NINE_TO_TEN)
    day.ask(ANA, Prefer(no_hours=True))
    assert day.site.people[ANA] == Person("ana", ("7000001",))


def test_a_draft_reads_them() -> None:
    """Who isn't known prefers what everybody does."""
    day = Day()
    d = Draft(day.site, day.now)
    assert d.preferences(STRANGER) == Preferences()
    assert not d.wants_quiet(CLEO)
    assert TWO in day.site.ports
